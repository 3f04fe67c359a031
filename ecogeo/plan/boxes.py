"""Programmes in boxes (专栏): a caption, then paragraphs that each name a programme and, behind a colon, what it does.

A numbered paragraph (1. （1） ①) names a programme up to its first stop, and what stands below a name alone is what it
does. Paragraphs numbered （一） belong to a box where the first stands right behind its caption, as long as they are
numbered on. A box stands in a text between its caption and the next heading, or in a Word document as a table of one
column. Its title is the system of its projects, the box's number theirs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ecogeo.formats.document import Document, Paragraph
from ecogeo.formats.text_tables import RawTable
from ecogeo.plan.cells import head_word, numeral_value
from ecogeo.plan.passages import Passage, passages_of

_CHINESE = re.compile("[一-鿿]{2}")
_CAPTION = re.compile(
    r"专栏\s*(?P<number>[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3})[\s：:、.]*(?P<title>[^。；：]{2,40})"
)
_HEADING = re.compile(
    r"第[一二三四五六七八九十]+[章节]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|附[表件]"
)
_ITEM = re.compile(r"(?:——?|[0-9]{1,2}[.．、]|[（(][0-9]{1,2}[）)])?\s*(?P<name>[^：。；，]{2,40})：(?P<content>.+)")
_NUMBERED = re.compile(
    r"(?:[0-9]{1,2}[.．、]|[（(][0-9]{1,2}[）)]|[①-⑳])\s*(?P<name>[^：。；，]{2,40})(?:[。；，]+(?P<content>.*))?"
)
_LETTERED = re.compile(
    r"[（(](?P<numeral>[一二三四五六七八九十]{1,3})[）)]\s*(?P<name>[^：。；，]{2,40})(?:[。：](?P<content>.*))?"
)


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
    before, numeral, is_open = 0, 0, False
    for passage in passages_of(lines):
        begun = _CAPTION.fullmatch(passage.text)
        is_next = caption is not None and _numeral(passage.text) == numeral + 1 and (numeral > 0 or is_open)
        is_past_table = any(before < start < passage.line for start in starts)
        if begun or (_HEADING.match(passage.text) and not is_next) or is_past_table:
            caption, numeral, is_open = begun, 0, begun is not None
        elif caption:
            found = (is_next and _LETTERED.fullmatch(passage.text)) or _item(passage.text)
            if found:
                number, title = head_word(caption["number"]), caption["title"].strip()
                programmes.append(Programme(passage.line, number, title, found["name"], found["content"] or ""))
                numeral += is_next
            elif programmes and not is_open and (numeral or not programmes[-1].content):
                last = programmes[-1]
                programmes[-1] = replace(last, content="\n".join(filter(None, (last.content, passage.text))))
            else:
                left.append(passage)
            is_open = False
        before = passage.last_line
    return tuple(programmes), tables, tuple(left)


def _item(text: str) -> re.Match[str] | None:
    """Return a paragraph as the name of a programme and what it does; ``None`` where it names none."""
    found = _ITEM.fullmatch(text) or _NUMBERED.fullmatch(text)
    return found if found and _CHINESE.search(found["name"]) else None


def _numeral(text: str) -> int:
    """Return the number of a paragraph numbered （一）; 0 for any other."""
    found = _LETTERED.fullmatch(text)
    return numeral_value(found["numeral"]) if found else 0


def _is_box(table: RawTable) -> bool:
    """Whether a table is the frame around a box: one column, below the caption of one or with it at its top."""
    is_alone = all(sum(map(bool, row)) <= 1 for row in table.rows)
    own = next((cell for row in table.rows for cell in row if cell.strip()), "").split("\n")[0]
    return is_alone and (table.title.startswith("专栏") or bool(_CAPTION.fullmatch(own.strip())))
