"""Cells of several items: numbered （1）（2）, ①②, ⑴⑵, 1.2. or 1）2）, on lines of their own, or between signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ecogeo.plan.plain_text import plain_form
from ecogeo.plan.target_words import ALSO
from ecogeo.plan.targets import parse_target

_MARKS = re.compile(r"[（(]\s*([0-9０-９]{1,2})\s*[）)]")
_CIRCLED = re.compile(r"[①-⑨](?=\s*[^\s①-⑨，。；、)）])")
_IN_ONE_SIGN = re.compile(r"[⑴-⑼](?=\s*\S)")
_BEHIND = re.compile(r"(?:(?<=\n)|(?<=[；;])|^)\s*([1-9１-９])(?:[)）]|[.．、](?![0-9０-９]))(?=\s*\S)")
_GAP = re.compile(r"\n|[ \t\u00a0\u3000]{2,}")
_SIGNS = ("；", ";", "、", "，", "/", "／")
_ENDS = "；;。"


def split_items(text: str, count: int) -> tuple[str, ...] | None:
    """Split a cell into the texts of an indicator's sub-items, or return ``None`` where it is one text for all.

    It is split where it numbers them, without a gap and as many as there are sub-items; where it has exactly as many
    paragraphs, or parts set apart by two blanks and more; or where one sign (；、，/) sets exactly as many apart and a
    figure stands in each.

    Parameters
    ----------
    text
        The cell; its paragraphs joined by a line feed.
    count
        How many sub-items there are.

    Examples
    --------
    >>> split_items("（1）≥90（2）≥95（3）≥80", 3), split_items("①≥90②≥95", 2), split_items("≥90/≥75", 2)
    (('≥90', '≥95', '≥80'), ('≥90', '≥95'), ('≥90', '≥75'))
    >>> split_items("≥43", 2) is None, split_items("0.335，持续改善", 2) is None, split_items("≥80，力争90", 2) is None
    (True, True, True)
    """
    lead, items = split_numbered(in_brackets(text))
    if items:
        return items if len(items) == count and not lead else None
    if count < 2:
        return None
    parts = tuple(_item(part) for part in _GAP.split(text) if part.strip())
    if len(parts) == count:
        return parts
    for sign in _SIGNS:
        parts = tuple(_item(part) for part in text.strip().rstrip(_ENDS).split(sign))
        if len(parts) == count and all(map(_is_one, parts)):
            return parts
    return None


def _is_one(part: str) -> bool:
    """Whether a part is the figure of an item, and no aim beyond that of another, nor one for another year."""
    target = parse_target(part)
    return target.value is not None and target.year is None and not ALSO.fullmatch(plain_form(part))


def split_numbered(text: str) -> tuple[str, tuple[str, ...]]:
    """Split a text at （1）（2）… into what stands in front and the numbered items.

    The numbers must run 1, 2, 3 … from the first on; otherwise the text is left whole.

    Examples
    --------
    >>> split_numbered("环境空气质量（1）优良天数比例（2）PM2.5浓度下降幅度")
    ('环境空气质量', ('优良天数比例', 'PM2.5浓度下降幅度'))
    """
    marks = list(_MARKS.finditer(text))
    if not marks or [int(mark[1]) for mark in marks] != list(range(1, len(marks) + 1)):
        return text.strip(), ()
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    items = tuple(_item(text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True))
    return text[: marks[0].start()].strip(), items


def in_brackets(text: str) -> str:
    """Return a text whose numbers of items, ①, ⑴, 1） or 1., are written （1）; others stay as they are.

    Examples
    --------
    >>> in_brackets("①优良天数比例②浓度"), in_brackets("95.2①"), in_brackets("1.优良率；2.浓度")
    ('（1）优良天数比例（2）浓度', '95.2①', '（1）优良率；（2）浓度')
    """
    for marks in (_CIRCLED, _IN_ONE_SIGN, _BEHIND):
        changed, numbers = _bracketed(text, marks)
        if len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1)):
            return changed
    return text


def _bracketed(text: str, marks: re.Pattern[str]) -> tuple[str, Sequence[int]]:
    """Return a text with marks of one kind written （1）, and their numbers."""
    numbers: list[int] = []

    def bracket(found: re.Match[str]) -> str:
        plain = unicodedata.normalize("NFKC", found[1] if found.re.groups else found[0])
        numbers.append(int(plain.strip("()")))
        return f"（{numbers[-1]}）"

    return marks.sub(bracket, text), numbers


def _item(text: str) -> str:
    """Return the text of an item without what sets it apart from the next."""
    return text.strip().rstrip(_ENDS).rstrip()
