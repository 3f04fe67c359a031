"""Programmes in boxes (专栏): a caption, then paragraphs that each name a programme and, behind a colon, what it does.

A box stands in a text between its caption and the next heading, or in a Word document as a table of one column. Its
title is the system of its projects, the box's number theirs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecogeo.formats.document import Document, Paragraph
from ecogeo.formats.text_tables import RawTable
from ecogeo.plan.cells import head_word
from ecogeo.plan.passages import Passage, passages_of

_CAPTION = re.compile(
    r"专栏\s*(?P<number>[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})[\s：:、.]*(?P<title>[^。；：]{2,40})"
)
_HEADING = re.compile(
    r"第[一二三四五六七八九十]+[章节]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|附[表件]"
)
_ITEM = re.compile(r"(?:[0-9]{1,2}[.．、]|[（(][0-9]{1,2}[）)])?(?P<name>[^：。；，]{2,40})：(?P<content>.+)")


@dataclass(frozen=True, slots=True)
class Programme:
    """One programme of a box.

    Parameters
    ----------
    line
        Where it stands.
    box_number, box_title
        The box.
    name, content
        What it is called, and what it does.
    """

    line: int
    box_number: str
    box_title: str
    name: str
    content: str


def split_boxes(document: Document) -> tuple[tuple[Programme, ...], tuple[RawTable, ...], tuple[Passage, ...]]:
    """Find the programmes of all boxes.

    Parameters
    ----------
    document
        The document.

    Returns
    -------
    The programmes; the tables that are no boxes; and the paragraphs inside boxes that name no programme.
    """
    boxes = [table for table in document.tables if _is_box(table)]
    inside = [
        Paragraph(line, line_text)
        for table in boxes
        for line, row in zip(table.row_lines, table.rows, strict=True)
        for line_text in "\n".join(row).split("\n")
    ]
    tables = tuple(table for table in document.tables if table not in boxes)
    lines = sorted((*document.paragraphs, *inside), key=lambda item: item.line)
    starts = {table.first_line for table in tables}
    programmes: list[Programme] = []
    left: list[Passage] = []
    caption: re.Match[str] | None = None
    before: int = 0
    for passage in passages_of(lines):
        begun = _CAPTION.fullmatch(passage.text)
        if begun or _HEADING.match(passage.text) or any(before < start < passage.line for start in starts):
            caption = begun
        elif caption and (found := _ITEM.fullmatch(passage.text)):
            number, title = head_word(caption["number"]), caption["title"].strip()
            programmes.append(Programme(passage.line, number, title, found["name"], found["content"]))
        elif caption:
            left.append(passage)
        before = passage.last_line
    return tuple(programmes), tables, tuple(left)


def _is_box(table: RawTable) -> bool:
    """Whether a table is the frame around a box: one column, below the caption of one."""
    return table.title.startswith("专栏") and all(sum(map(bool, row)) <= 1 for row in table.rows)
