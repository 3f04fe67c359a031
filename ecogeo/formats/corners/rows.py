"""Sheets of XLSX, CSV and TSV files as rows of text, read without running or trusting anything in them."""

from __future__ import annotations

import csv
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from ecogeo.errors import UnusableFileError
from ecogeo.formats.plain_text import decode_text
from ecogeo.formats.xml_events import DOCTYPE_REFUSED, has_doctype
from ecogeo.wording import Text

Row = tuple[str, ...]

_MOST_MEMBERS = 200
_MOST_BYTES = 100 * 1024 * 1024
_MOST_COLUMNS = 100
_MOST_ROWS = 200_000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_DELIMITERS = (",", "\t", ";", "，", "|")
_XLSX_FAULTS = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError, RuntimeError, struct.error),
    *(zipfile.BadZipFile, zlib.error, SyntaxError, AssertionError, OverflowError, ArithmeticError),
)
"""What openpyxl raises on a damaged workbook; either of the XML parsers it may use raises a SyntaxError."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Parameters
    ----------
    name
        Its name; the file's stem for CSV.
    rows
        Every row from the first as text, blank ones included; cells to the right that are empty may be missing.
    encoding
        Encoding of the text; empty where the format fixes it.
    """

    name: str
    rows: tuple[Row, ...]
    encoding: str = ""


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Read all sheets of a file, told apart by its first bytes.

    Parameters
    ----------
    path
        An .xlsx, .csv or .tsv file. Of a sheet the first 200,000 rows and 100 columns are read.

    Raises
    ------
    UnusableFileError
        Where it is an old or encrypted Excel file, declares more than 100 MB or 200 members, is damaged, or its text
        is in no known encoding.
    """
    content = path.read_bytes()
    if content.startswith(_OLD_EXCEL):
        problem = Text(
            "是旧版 .xls 或加密的 Excel 文件；请在 Excel 中去掉密码并另存为 .xlsx",
            "it is an old .xls or an encrypted Excel file; remove the password and save it as .xlsx",
        )
        raise UnusableFileError(path.name, problem)
    if content.startswith(_ZIP):
        return _xlsx_sheets(path.name, content)
    return (_text_sheet(path, content),)


def formula_cells(path: Path, sheet: str) -> frozenset[tuple[int, int]]:
    """Return row and column, both from 1, of the cells of an .xlsx sheet that hold formulas."""
    try:
        with _workbook(path.read_bytes(), has_values=False) as book:
            return frozenset(
                (row, column)
                for row, cells in enumerate(_cells(book[sheet], path.name), start=1)
                for column, value in enumerate(cells, start=1)
                if isinstance(value, str) and value.startswith("=")
            )
    except _XLSX_FAULTS:
        return frozenset()


def _xlsx_sheets(name: str, content: bytes) -> tuple[Sheet, ...]:
    try:
        _refuse_bomb(name, content)
        with _workbook(content, has_values=True) as book:
            return tuple(
                Sheet(sheet.title, tuple(tuple(map(_text, cells)) for cells in _cells(sheet, name)))
                for sheet in book.worksheets
            )
    except _XLSX_FAULTS as error:
        cause = type(error).__name__
        problem = Text(
            f"不是可读的 .xlsx 文件，可能被截断或损坏（{cause}）",
            f"it is no readable .xlsx file and may be truncated or damaged ({cause})",
        )
        raise UnusableFileError(name, problem) from error


def _refuse_bomb(name: str, content: bytes) -> None:
    """Refuse an archive by what its directory declares, and XML that declares entities; unpacking never exceeds it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        declared = sum(member.file_size for member in members)
        if len(members) > _MOST_MEMBERS or declared > _MOST_BYTES:
            problem = Text(
                f"解压后有 {len(members)} 个部件、{declared / 1e6:.0f} MB，超过 {_MOST_MEMBERS} 个或 100 MB 的限度",
                f"it unpacks to {len(members)} members of {declared / 1e6:.0f} MB; at most {_MOST_MEMBERS} and 100 MB "
                "are read",
            )
            raise UnusableFileError(name, problem)
        for member in members:  # any name may hold a part that is read
            with archive.open(member) as stream:
                if has_doctype(stream):
                    raise UnusableFileError(name, DOCTYPE_REFUSED)


def _workbook(content: bytes, *, has_values: bool) -> closing[openpyxl.Workbook]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions it does not know are of no account here
        return closing(openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=has_values))


def _cells(sheet: ReadOnlyWorksheet, name: str) -> Iterator[tuple[object, ...]]:
    sheet.reset_dimensions()  # what the file says of its own size is not believed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True), start=1):
            if number <= _MOST_ROWS:
                yield cells
            elif any(cell is not None for cell in cells):
                problem = Text(
                    f"工作表“{sheet.title}”超过 {_MOST_ROWS} 行，请拆分后再读",
                    f"the sheet “{sheet.title}” has more than {_MOST_ROWS} rows: split it",
                )
                raise UnusableFileError(name, problem)


def _text(value: object) -> str:
    """Return a cell as text: numbers in full and without noise, everything else as it prints."""
    if value is None:
        return ""
    if isinstance(value, float):
        return np.format_float_positional(value, trim="-") if np.isfinite(value) else ""
    return str(value).strip()


def _text_sheet(path: Path, content: bytes) -> Sheet:
    decoded = decode_text(content, path.name)
    lines = decoded.text.splitlines()[:50]
    counts = {delimiter: sum(line.count(delimiter) for line in lines) for delimiter in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda sign: counts[sign])
    try:
        reader = csv.reader(io.StringIO(decoded.text, newline=""), delimiter=delimiter)
        rows = tuple(tuple(cell.strip() for cell in row) for row in reader)
    except csv.Error as error:
        problem = Text(f"不是可读的表格文本（{error}）", f"it is no readable table ({error})")
        raise UnusableFileError(path.name, problem) from error
    return Sheet(path.stem, rows, decoded.encoding)
