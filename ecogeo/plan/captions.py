"""Captions of tables that were not read: they are listed, never passed over."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ecogeo.formats.document import Paragraph
from ecogeo.formats.text_tables import RawTable, caption_of
from ecogeo.plan.cells import head_word
from ecogeo.plan.heads import Section
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

_TABLE_CAPTION = re.compile(
    r"附?表[0-9一二三四五六七八九十]+(?:[-–—.][0-9]+)?(?![0-9所中])[^0-9].*(?:[表单划系](?:\(.*\))?|情况|目标|指标|工程|项目)$"
)
_LEADER = re.compile(r"[.…·\s]*[0-9]{1,4}$")
_CAPTION_NUMBER = re.compile(r"附?表[0-9一二三四五六七八九十]+(?:[-–—.][0-9]+)?")
_SHORTEST = 8
"""A line between a caption and its table that is no paragraph: 附表, 单位：万元."""


def unread_captions(
    paragraphs: Sequence[Paragraph], tables: Sequence[RawTable], sections: Sequence[Section]
) -> list[Unused]:
    """List the captions of numbered tables under which no table was found; a list of tables at the top is passed over.

    Parameters
    ----------
    paragraphs
        The lines outside tables.
    tables, sections
        The tables that were found, and the rows under their heads.
    """
    known = {head_word(title) for title in (*(one.title for one in tables), *(one.title for one in sections))}
    numbers = {one[0] for title in known if (one := _CAPTION_NUMBER.match(title))}
    begins = sorted(table.first_line for table in tables)
    between = [
        (item.line, bool(_CAPTION_NUMBER.match(head_word(item.text))) or len(item.text.strip()) > _SHORTEST)
        for item in paragraphs
        if item.text.strip()
    ]
    found: list[Unused] = []
    below = _lines_below(paragraphs, tables)
    for item in paragraphs:
        if item.line in below:
            continue
        caption = caption_of(item.text)
        words = _LEADER.sub("", head_word(caption))
        if not _TABLE_CAPTION.match(words) or _LEADER.search(head_word(caption)) or words in known:
            continue
        known.add(words)
        number = _CAPTION_NUMBER.match(words)
        begun = next((line for line in begins if line > item.line), 0)
        is_above = begun and not any(is_other for line, is_other in between if item.line < line < begun)
        if is_above or (number and any(re.match(rf"{number[0]}[-–—.][0-9]", other) for other in numbers)):
            continue
        reason = Text(f"表题下没有读出表格：{caption}", f"no table was read under the caption {caption}")
        found.append(Unused(caption, item.line, item.line, reason, is_loss=True))
    return found


def _lines_below(paragraphs: Sequence[Paragraph], tables: Sequence[RawTable]) -> frozenset[int]:
    """Return the lines right below tables, where a document sets its captions there: its first table has none above."""
    ordered = sorted(tables, key=lambda table: table.first_line)
    lines = sorted(item.line for item in paragraphs if item.text.strip())
    first = [next((line for line in lines if line > table.last_line), 0) for table in ordered]
    return frozenset(first) if ordered and not ordered[0].title else frozenset()
