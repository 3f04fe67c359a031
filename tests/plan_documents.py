"""Word documents and workbooks made for the tests, with merged cells, by hand: no library that the readers use."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import openpyxl

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@dataclass(frozen=True)
class Cell:
    """A cell of a Word table; ``down`` is ``restart`` where a cell merged downwards begins, ``continue`` below."""

    text: str = ""
    span: int = 1
    down: str = ""


def paragraph(text: str) -> str:
    runs = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in text.split("\v"))
    return f"<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr><w:r>{runs}</w:r></w:p>"


def table(rows: Iterable[Sequence[Cell | str]]) -> str:
    return f"<w:tbl><w:tblPr/>{''.join(_row(row) for row in rows)}</w:tbl>"


def _row(cells: Sequence[Cell | str]) -> str:
    return f"<w:tr>{''.join(_cell(cell if isinstance(cell, Cell) else Cell(cell)) for cell in cells)}</w:tr>"


def _cell(cell: Cell) -> str:
    span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
    down = {"restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>"}.get(cell.down, "")
    words = "".join(paragraph(line) for line in cell.text.split("\n"))
    return f"<w:tc><w:tcPr>{span}{down}</w:tcPr>{words}</w:tc>"


def docx(blocks: Iterable[str], *, head: str = "") -> bytes:
    """Pack blocks, each the XML of a paragraph or a table, into a Word document."""
    body = f"<w:document {WORD}><w:body>{''.join(blocks)}</w:body></w:document>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<?xml version="1.0" encoding="UTF-8"?>{head}{body}')
    return out.getvalue()


def merged_down(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> list[list[Cell]]:
    """Turn the empty cells of some columns into cells merged with the one above."""
    cells = [[Cell(text) for text in row] for row in rows]
    for column in columns:
        for at in range(1, len(rows)):
            if rows[at][column]:
                continue
            cells[at][column] = Cell(down="continue")
            if not cells[at - 1][column].down and at > 1:
                cells[at - 1][column] = Cell(rows[at - 1][column], down="restart")
    return cells


def xlsx(sheets: dict[str, Sequence[Sequence[object]]], merges: dict[str, Sequence[str]] | None = None) -> bytes:
    """Make a workbook; merges are ranges such as A2:A5."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for span in (merges or {}).get(name, ()):
            sheet.merge_cells(span)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
