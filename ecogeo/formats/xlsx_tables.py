"""The sheets of a workbook (.xlsx) as tables of text, one per sheet.

Numbers come without noise and percentages as they print (0.95 shown as 95% is 95%); of merged cells the first has the
text. Blank rows are left out. Rows at the top that fill one cell alone are headings: they come as paragraphs, and the
first of them titles the table, else the sheet's name does.
"""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from ecogeo.errors import UnusableFileError
from ecogeo.formats.archive import list_members
from ecogeo.formats.text_tables import RawTable
from ecogeo.formats.xml_events import DOCTYPE_REFUSED
from ecogeo.wording import Text

_MOST_ROWS = 50_000
_MOST_COLUMNS = 200
_DIGITS = 12
_FAULTS = (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError)


def read_xlsx(path: Path, archive: zipfile.ZipFile) -> tuple[tuple[RawTable, ...], tuple[tuple[int, str], ...]]:
    """Read every sheet of a workbook.

    Parameters
    ----------
    path
        The file.
    archive
        The same file, open.

    Returns
    -------
    A table per sheet that holds one, and the headings with their rows.

    Raises
    ------
    UnusableFileError
        Where the archive is suspect, its XML holds a DOCTYPE, a sheet has more than 50,000 rows, or it is damaged.
    """
    for name, entry in list_members(path, archive).items():
        if name.endswith((".xml", ".rels")):
            with archive.open(entry) as member:
                if b"<!DOCTYPE" in member.read(4096):
                    raise UnusableFileError(path.name, DOCTYPE_REFUSED)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions it does not know are of no account here
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                sheets = [(sheet.title, _rows(path, sheet)) for sheet in book.worksheets]
            finally:
                book.close()
    except _FAULTS as error:
        cause = type(error).__name__
        problem = Text(f"不是可读的 .xlsx 文件（{cause}）", f"it is no readable .xlsx file ({cause})")
        raise UnusableFileError(path.name, problem) from error
    found = [_table(title, rows) for title, rows in sheets if rows]
    return tuple(table for table, _ in found), tuple(heading for _, headings in found for heading in headings)


def _rows(path: Path, sheet: Worksheet | ReadOnlyWorksheet) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows of a sheet that hold anything, with their numbers."""
    if isinstance(sheet, ReadOnlyWorksheet):
        sheet.reset_dimensions()  # what the file says of its own size is not believed
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), start=1):
        words = tuple(_word(cell) for cell in cells)
        if not any(words):
            continue
        if number > _MOST_ROWS:
            problem = Text(
                f"工作表“{sheet.title}”超过 {_MOST_ROWS} 行，请拆分后再读",
                f"the sheet “{sheet.title}” has more than {_MOST_ROWS} rows: split it",
            )
            raise UnusableFileError(path.name, problem)
        rows.append((number, words))
    return rows


def _table(title: str, rows: list[tuple[int, tuple[str, ...]]]) -> tuple[RawTable, list[tuple[int, str]]]:
    """Make a table of a sheet's rows, the headings in front of it taken off."""
    filled = [sum(map(bool, words)) for _, words in rows]
    first = next(at for at, count in enumerate(filled) if count > 1 or count == max(filled))
    headings = [(line, "".join(words)) for line, words in rows[:first]]
    body = rows[first:]
    columns = max(at for _, words in body for at, word in enumerate(words, start=1) if word)
    grid = tuple((*words[:columns], *[""] * (columns - len(words))) for _, words in body)
    caption = headings[0][1] if headings else title
    return RawTable(caption, grid, tuple(line for line, _ in body), body[-1][0]), headings


def _word(cell: Cell | MergedCell | ReadOnlyCell | EmptyCell) -> str:
    """Return a cell as it reads: numbers without noise, dates as 2023-12-31."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "\n".join(line.strip() for line in str(value).split("\n")).strip()
    number = Decimal(repr(value))
    is_percentage = "%" in str(cell.number_format)
    return f"{round(number * 100, _DIGITS).normalize():f}%" if is_percentage else f"{number.normalize():f}"
