"""Sheets of a workbook that is handed in: text that stays text, live formulas with their values, ready to print.

The same sheets give the same bytes: no clock, and zip entries without times.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from ecogeo.errors import UsageError
from ecogeo.wording import Lang, Text

Kind = Literal["text", "wrapped", "m2", "ha", "mu", "m", "coordinate", "share", "int", "number"]
Paper = Literal["A4", "A3"]

_NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "wrapped": "@",
    "m2": "#,##0.00",
    "ha": "#,##0.0000",
    "mu": "#,##0.0000",
    "m": "#,##0.00",
    "coordinate": "0.000",
    "share": "0.00%",
    "int": "0",
    "number": "General",
}
_PAPERS = {"A4": 9, "A3": 8}
_MOST_ROWS = 1_000_000
_MOST_CHARACTERS = 32_767
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001  a fixed day, so that the same inputs give the same bytes
_BODY, _HEADING = "宋体", "黑体"

HEAD_ROW = 3
"""Rows above the first row of data: title, remark, head; row numbers of formulas begin at ``HEAD_ROW + 1``."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A live formula, without the equals sign, with the value it comes to."""

    text: str
    value: float | str


Cell = str | float | int | None | Formula


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet.

    Parameters
    ----------
    head
        Its head.
    width
        In characters of the body's size.
    kind
        What its cells are: it decides number format and alignment.
    """

    head: Text
    width: float
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet.

    Parameters
    ----------
    name
        Of the tab, at most 31 characters.
    title
        The heading above the table.
    columns, rows
        The table; text cells are written as text whatever they begin with.
    remark
        What stands between heading and table; None for nothing.
    paper
        It is printed on, across, all columns on one page's width.
    frozen
        Columns that stay in sight.
    is_upright
        Printed upright.
    """

    name: Text
    title: Text
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    remark: Text | None = None
    paper: Paper = "A4"
    frozen: int = 0
    is_upright: bool = False


def column_letter(position: int) -> str:
    """Return the letters of a column by its position from 0.

    Examples
    --------
    >>> column_letter(0), column_letter(26)
    ('A', 'AA')
    """
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def render_workbook(sheets: Sequence[Sheet], *, title: Text, mark: Text, lang: Lang) -> bytes:
    """Render sheets as an ``.xlsx``.

    Parameters
    ----------
    sheets
        At least one, in order.
    title
        Of the document.
    mark
        What stands at the head of every page, such as that the data are schematic; empty for nothing.
    lang
        Language of heads and titles; words of the data are as they are.

    Raises
    ------
    UsageError
        Where a sheet has more rows than a workbook can hold.
    """
    if large := [sheet.name for sheet in sheets if len(sheet.rows) > _MOST_ROWS]:
        zh, en = "、".join(name.zh for name in large), ", ".join(name.en for name in large)
        raise UsageError(
            Text(
                f"工作表 {zh} 超过 {_MOST_ROWS} 行，放不进工作簿：请分批（按项目编号）输出",
                f"the sheets {en} have more than {_MOST_ROWS} rows: write fewer projects at a time",
            )
        )
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title.say(lang), "created": _CREATED, "author": "ecogeo"})
    book.set_calc_mode("auto")
    formats = _Formats.of(book)
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name.say(lang)), sheet, formats, mark.say(lang), lang)
    book.close()
    return content.getvalue()


@dataclass(frozen=True, slots=True)
class _Formats:
    title: Format
    remark: Format
    head: Format
    cells: dict[Kind, Format]

    @classmethod
    def of(cls, book: xlsxwriter.Workbook) -> _Formats:
        body = {"font_name": _BODY, "font_size": 10, "border": 1, "border_color": "#9CA3AF", "valign": "vcenter"}
        cells = {
            kind: book.add_format(
                {
                    **body,
                    "num_format": code,
                    "align": "left" if code == "@" else "right",
                    "text_wrap": kind == "wrapped",
                }
            )
            for kind, code in _NUMBER_FORMATS.items()
        }
        head = {
            **body,
            "font_name": _HEADING,
            "bold": True,
            "bg_color": "#E5E7EB",
            "align": "center",
            "text_wrap": True,
        }
        return cls(
            title=book.add_format({"font_name": _HEADING, "font_size": 16, "valign": "vcenter"}),
            remark=book.add_format(
                {"font_name": _BODY, "font_size": 9, "font_color": "#4B5563", "text_wrap": True, "valign": "top"}
            ),
            head=book.add_format(head),
            cells=cells,
        )


def _write(page: Worksheet, sheet: Sheet, formats: _Formats, mark: str, lang: Lang) -> None:
    last_column, last_row = len(sheet.columns) - 1, HEAD_ROW + len(sheet.rows) - 1
    width = sum(column.width for column in sheet.columns)
    page.set_row(0, 28)
    page.write_string(0, 0, sheet.title.say(lang), formats.title)
    remark = "" if sheet.remark is None else sheet.remark.say(lang)
    lines = sum(max(1, math.ceil(_breadth(line) / (width * 1.05))) for line in remark.split("\n"))
    page.set_row(1, 13.5 * lines + 3)
    page.merge_range(1, 0, 1, max(last_column, 1), "", formats.remark)
    page.write_string(1, 0, remark, formats.remark)
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, column.width)
        page.write_string(HEAD_ROW - 1, position, column.head.say(lang), formats.head)
    tallest = max(math.ceil(_breadth(one.head.say(lang)) / max(one.width - 1, 1)) for one in sheet.columns)
    page.set_row(HEAD_ROW - 1, max(20, 14 * tallest + 4))
    for row, cells in enumerate(sheet.rows, start=HEAD_ROW):
        for position, (cell, column) in enumerate(zip(cells, sheet.columns, strict=True)):
            _write_cell(page, row, position, cell, formats.cells[column.kind])
        wrapped = [
            math.ceil(_breadth(cell) / max(column.width - 1, 1))
            for cell, column in zip(cells, sheet.columns, strict=True)
            if column.kind == "wrapped" and isinstance(cell, str)
        ]
        if max(wrapped, default=1) > 1:
            page.set_row(row, min(13.5 * max(wrapped) + 3, 400))
    page.freeze_panes(HEAD_ROW, sheet.frozen)
    if sheet.rows:
        page.autofilter(HEAD_ROW - 1, 0, last_row, last_column)
    page.set_paper(_PAPERS[sheet.paper])
    if not sheet.is_upright:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEAD_ROW - 1)
    page.print_area(0, 0, max(last_row, HEAD_ROW - 1), max(last_column, 1))
    page.set_margins(left=0.6, right=0.5, top=0.8, bottom=0.7)
    page.center_horizontally()
    shown = mark.replace("&", "&&")
    page.set_header(f"&R&9{shown}" if shown else "")
    pages = Text("第 &P 页，共 &N 页", "page &P of &N").say(lang)
    page.set_footer(f"&L&9{sheet.title.say(lang).replace('&', '&&')[:100]}&R&9{pages}")


def _write_cell(page: Worksheet, row: int, column: int, cell: Cell, style: Format) -> None:
    if isinstance(cell, Formula):
        page.write_formula(row, column, f"={cell.text}", style, cell.value)
    elif isinstance(cell, str):
        cut = cell if len(cell) <= _MOST_CHARACTERS else f"{cell[: _MOST_CHARACTERS - 8]}…（已截断）"
        page.write_string(row, column, cut, style) if cut else page.write_blank(row, column, None, style)
    elif cell is None or not math.isfinite(cell):
        page.write_blank(row, column, None, style)
    else:
        page.write_number(row, column, cell, style)


def _breadth(text: str) -> float:
    """Estimate how many characters wide a text is: those of Chinese count two."""
    return sum(2.0 if ord(one) > 0x2E7F else 1.05 for one in text)
