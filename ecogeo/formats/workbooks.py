"""Workbooks (.xlsx) written so that the same sheets give the same bytes, and no text is taken for a formula."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DAY = dt.datetime(2000, 1, 1)  # noqa: DTZ001  a workbook holds no zone
_ENTRY_DAY = (1980, 1, 1, 0, 0, 0)
_CORE = "docProps/core.xml"
_HEAD_FILL = PatternFill("solid", start_color="FFE7EDEE")
_OPEN_FILL = PatternFill("solid", start_color="FFFFF8DC")
_WRAPPED = Alignment(wrap_text=True, vertical="top")

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook.

    Parameters
    ----------
    title
        Its name; at most 31 letters.
    head
        The words of its first row.
    rows
        What is below; text stays text, whatever it begins with.
    widths
        Width of each column, in letters.
    open_columns
        Places of the columns that are to be filled in, marked by a colour; 0 is the first.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int] = ()
    open_columns: Sequence[int] = field(default=())


def render_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return sheets as a workbook; the same sheets give the same bytes.

    Parameters
    ----------
    sheets
        At least one. The first row of each stays in view.
    """
    book = openpyxl.Workbook(write_only=True)
    book.properties.creator = "ecogeo"
    book.properties.created = _DAY
    for sheet in sheets:
        page = book.create_sheet(sheet.title)
        page.freeze_panes = "A2"
        for place, width in enumerate(sheet.widths, start=1):
            page.column_dimensions[get_column_letter(place)].width = width
        page.append([_head_cell(page, word) for word in sheet.head])
        for row in sheet.rows:
            page.append([_cell(page, value, is_open=at in sheet.open_columns) for at, value in enumerate(row)])
    written = io.BytesIO()
    book.save(written)
    return _without_clock(written.getvalue())


def _head_cell(page: object, word: str) -> WriteOnlyCell:
    cell = _cell(page, word, is_open=False)
    cell.font, cell.fill = Font(bold=True), _HEAD_FILL
    return cell


def _cell(page: object, value: Cell, *, is_open: bool) -> WriteOnlyCell:
    """Return a cell; text keeps the type of text, also where it begins as a formula does."""
    cell = WriteOnlyCell(page, value=None if isinstance(value, str) else value)
    if isinstance(value, str):
        cell._value, cell.data_type = _printable(value), "s"
        cell.number_format = "@"
    cell.alignment = _WRAPPED
    if is_open:
        cell.fill, cell.number_format = _OPEN_FILL, "@"
    return cell


def _printable(text: str) -> str:
    """Return a text without the signs no workbook may hold."""
    return "".join(one if one.isprintable() or one in "\n\t" else " " for one in text)[:32_767]


def _without_clock(content: bytes) -> bytes:
    """Return a workbook packed anew: no entry and no property tells when it was made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            data = source.read(name)
            if name == _CORE:
                data = _with_fixed_days(data)
            entry = zipfile.ZipInfo(name, _ENTRY_DAY)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            target.writestr(entry, data)
    return packed.getvalue()


def _with_fixed_days(core: bytes) -> bytes:
    """Return the properties of a workbook with the day of its last change set to that of its making."""
    head, opened, rest = core.partition(b"<dcterms:modified")
    attributes, closed, tail = rest.partition(b">")
    after = tail.partition(b"</dcterms:modified>")[2]
    day = f"{_DAY:%Y-%m-%dT%H:%M:%SZ}".encode()
    return head + opened + attributes + closed + day + b"</dcterms:modified>" + after if opened else core
