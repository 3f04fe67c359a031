"""Running text put together again: paragraphs that an export broke over lines or pages, free of formula signs.

A line goes on in the next where it is about as long as the document's lines are, is no chapter's heading and no caption
and does not end as a sentence does, and the next does not begin as a heading or a list item.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ecogeo.formats.document import Paragraph
from ecogeo.plan.cells import one_line
from ecogeo.plan.facts import is_title
from ecogeo.plan.plain_text import FORMULA

_ENDS = re.compile(r"[。！？：；:;!?]$|[。；][”）)]$|(?:单位|部门)：.*[）)]$")
_BEGINS = re.compile(
    r"第[一二三四五六七八九十]+[章节]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]"
    r"|[0-9]{1,2}[.．、](?![0-9])|[（(][0-9]{1,2}[）)]|专栏|附?[表件]\s*[0-9一二三四五六七八九十]|——|注[：:]|[①-⑳]|\t|<p>"
)
_MARKDOWN = re.compile(r"^\s*#{1,6}\s+")
_PAGE_NUMBER = re.compile(r"[-—–－]*\s*[0-9]{1,4}\s*[-—–－]+|[-—–－]+\s*[0-9]{1,4}")
_HEADS = re.compile(r"第[一二三四五六七八九十]+[章节]|专栏|附?[表件]\s*[0-9一二三四五六七八九十]")
_SHARE, _SHORT, _FULL, _COVER = 0.75, 16, 30, 16


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph of running text, and where it begins and ends."""

    line: int
    last_line: int
    text: str


def passages_of(paragraphs: Sequence[Paragraph], *, is_wrapped: bool = True) -> tuple[Passage, ...]:
    """Put running text together.

    Parameters
    ----------
    paragraphs
        The lines outside tables.
    is_wrapped
        Whether a paragraph may have been broken over lines; in a workbook it is not.

    Examples
    --------
    >>> lines = ["一、目标", "确保生态保护红线面积不减少、城镇生活污水得到有效治理、城镇污水处", "理率达到95%。"]
    >>> [item.text for item in passages_of([Paragraph(n, text) for n, text in enumerate(lines)])][1]
    '确保生态保护红线面积不减少、城镇生活污水得到有效治理、城镇污水处理率达到95%。'
    """
    lines = [item for item in paragraphs if item.text.strip() and not _PAGE_NUMBER.fullmatch(item.text.strip())]
    usual = median(len(item.text.strip()) for item in lines) if lines else 0
    full = max(_SHORT, min(_FULL, _SHARE * usual))
    joined: list[list[Paragraph]] = []
    for item in lines:
        before = _MARKDOWN.sub("", joined[-1][-1].text).strip() if joined else ""
        is_cover = len(joined) <= _COVER and is_title(before)
        is_whole = not is_wrapped or is_cover or len(before) < full or _ENDS.search(before) or _HEADS.match(before)
        goes_on = not is_whole and not _BEGINS.match(item.text.strip(" "))
        if joined and goes_on:
            joined[-1].append(item)
        else:
            joined.append([item])
    return tuple(
        Passage(group[0].line, group[-1].line, plain_prose(" ".join(item.text for item in group))) for group in joined
    )


def plain_prose(text: str) -> str:
    r"""Return a text without odd spacing, emphasis and formula signs.

    Examples
    --------
    >>> plain_prose("治理率 $\\geq 50\\%$ ，达到**80%**以上")
    '治理率≥50%，达到80%以上'
    """
    text = _MARKDOWN.sub("", text)
    for written, meant in FORMULA.items():
        text = text.replace(written, meant)
    return re.sub(r"\s*([≥≤＞＜﹥﹤])\s*", r"\1", one_line(text))
