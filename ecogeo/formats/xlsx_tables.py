"""The sheets of a workbook (.xlsx) as tables of text.

Numbers come without noise and percentages as they print (0.95 shown as 95% is 95%), dates as the cell shows day, month
or year; of merged cells the first has the text. Blank rows are left out. Rows at the top that fill one cell alone are
headings: they come as paragraphs, and the first of them titles the table, else the sheet's name does. A row of one cell
behind a blank row that reads as a caption begins the next table of the sheet. Sheets that are hidden are left out and
rows that are hidden are read, and both are said; so is text struck through, which is left out, and every cell with a
formula whose value the file does not hold. A superscript keeps off the figure it stands behind (62¹).
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
import warnings
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from ecogeo.errors import UnusableFileError
from ecogeo.formats.archive import list_members
from ecogeo.formats.rich_cells import SheetMarks, read_fonts, read_strings
from ecogeo.formats.runs import left_out
from ecogeo.formats.text_tables import RawTable, caption_of, money_unit
from ecogeo.formats.xml_events import DOCTYPE_REFUSED, has_doctype
from ecogeo.wording import Text, list_en, list_zh

_MOST_ROWS = 50_000
_MOST_COLUMNS = 200
_DIGITS = 12
_FAULTS = (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError)
_UNIT = re.compile(r"[（(]?[一-鿿]{0,4}单位\s*[：:]")

Row = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Book:
    """What a workbook holds.

    Parameters
    ----------
    tables
        The tables of its sheets, in order.
    headings
        The rows above them, with their numbers.
    remarks
        What of it is hidden, or struck through and left out.
    losses
        The cells that have a formula and no value.
    """

    tables: tuple[RawTable, ...]
    headings: tuple[tuple[int, str], ...]
    remarks: tuple[Text, ...] = ()
    losses: tuple[Text, ...] = ()


def read_xlsx(path: Path, archive: zipfile.ZipFile) -> tuple[tuple[RawTable, ...], tuple[tuple[int, str], ...]]:
    """Read every visible sheet of a workbook as `read_book` does.

    Parameters
    ----------
    path
        The file.
    archive
        The same file, open.

    Returns
    -------
    The tables, and the headings with their rows.
    """
    book = read_book(path, archive)
    return book.tables, book.headings


def read_book(path: Path, archive: zipfile.ZipFile) -> Book:
    """Read every visible sheet of a workbook.

    Parameters
    ----------
    path
        The file.
    archive
        The same file, open.

    Raises
    ------
    UnusableFileError
        Where the archive is suspect, its XML holds a DOCTYPE, a sheet has more than 50,000 rows, or it is damaged.
    """
    members = list_members(path, archive)
    for entry in members.values():  # any name may hold a part that is read
        with archive.open(entry) as member:
            if has_doctype(member):
                raise UnusableFileError(path.name, DOCTYPE_REFUSED)
    tables: list[RawTable] = []
    headings: list[tuple[int, str]] = []
    remarks: list[Text] = []
    losses: list[Text] = []
    try:
        with path.open("rb") as stream, warnings.catch_warnings():  # whatever its name says it is
            warnings.simplefilter("ignore")  # styles and extensions it does not know are of no account here
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            try:
                strings = _read(path, archive, members, "xl/sharedStrings.xml", read_strings)
                struck = _read(path, archive, members, "xl/styles.xml", read_fonts)
                for sheet in book.worksheets:
                    marks = SheetMarks(strings or {}, struck or frozenset())
                    part = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
                    _read(path, archive, members, part, marks.read)
                    rows = _rows(path, sheet, marks)
                    if sheet.sheet_state != "visible":
                        remarks += [_hidden_sheet(sheet.title, len(rows))] if rows else []
                        continue
                    for block in _blocks(rows):
                        table, above = _table(sheet.title, block, marks)
                        tables += [table] if table else []
                        headings += above
                    remarks += left_out([(f"{sheet.title}!{at}", text) for at, text in marks.out], of_book=True)
                    losses += _without_value(sheet.title, marks.without_value)
                    remarks += _hidden_rows(sheet.title, [line for line, _ in rows if line in marks.hidden])
            finally:
                book.close()
    except _FAULTS as error:
        cause = type(error).__name__
        problem = Text(f"不是可读的 .xlsx 文件（{cause}）", f"it is no readable .xlsx file ({cause})")
        raise UnusableFileError(path.name, problem) from error
    return Book(tuple(tables), tuple(headings), tuple(remarks), tuple(losses))


def _hidden_sheet(title: str, rows: int) -> Text:
    """Say that a sheet was left out."""
    return Text(
        f"隐藏的工作表“{title}”（{rows} 行有内容）没有读取；需要时取消隐藏后再读",
        f'the hidden sheet "{title}" ({rows} rows with content) was not read; unhide it where it belongs to the plan',
    )


def _hidden_rows(title: str, lines: Sequence[int]) -> list[Text]:
    """Say that hidden rows were read as others."""
    if not lines:
        return []
    return [
        Text(
            f"工作表“{title}”中隐藏的行已照常读入：第 {list_zh(lines, most=20)} 行",
            f'hidden rows of the sheet "{title}" were read as the others: {list_en(lines, most=20)}',
        )
    ]


def _without_value(title: str, cells: Sequence[str]) -> list[Text]:
    """Say which cells have a formula and no value."""
    if not cells:
        return []
    return [
        Text(
            f"工作表“{title}”中有公式而没有保存计算结果的单元格，没有读入：{list_zh(cells, most=20)}；"
            "请用 Excel 或 WPS 打开并保存后再读",
            f'cells of the sheet "{title}" hold a formula and no value and were not read: {list_en(cells, most=20)}; '
            "open the file in Excel or WPS, save it, and read it again",
        )
    ]


_Found = TypeVar("_Found")


def _read(
    path: Path,
    archive: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    name: str,
    read: Callable[[Path], _Found],
) -> _Found | None:
    """Read a part of a workbook from a copy of it; ``None`` where the workbook has no such part."""
    if name not in members:
        return None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(archive.read(members[name]))
        return read(copy)


def _rows(path: Path, sheet: Worksheet | ReadOnlyWorksheet, marks: SheetMarks) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows of a sheet that hold anything, with their numbers."""
    if isinstance(sheet, ReadOnlyWorksheet):
        sheet.reset_dimensions()  # what the file says of its own size is not believed
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), start=1):
        words = tuple(_word(cell) for cell in cells)
        if number in marks.words:
            changed = marks.words[number]
            words = tuple(changed.get(at, word) for at, word in enumerate(words))
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


def _blocks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Split a sheet where a caption stands alone in a row behind a blank one: the next table begins there."""
    block: list[Row] = []
    for line, words in rows:
        filled = [word for word in words if word]
        if block and line > block[-1][0] + 1 and len(filled) == 1 and caption_of(filled[0]):
            yield block
            block = []
        block.append((line, words))
    if block:
        yield block


def _table(title: str, rows: list[Row], marks: SheetMarks) -> tuple[RawTable | None, list[tuple[int, str]]]:
    """Make a table of a block of rows, the headings in front of it taken off; none of headings alone."""
    filled = [sum(map(bool, words)) for _, words in rows]
    most = max(filled)
    first = next(
        at
        for at, count in enumerate(filled)
        if (count > 1 and not (count < most and _is_unit_row(rows[at][1]))) or count == most
    )
    above = [(line, "\t".join(filter(None, words))) for line, words in rows[:first]]
    body = rows[first:]
    columns = max(at for _, words in body for at, word in enumerate(words, start=1) if word)
    grid = tuple((*words[:columns], *[""] * (columns - len(words))) for _, words in body)
    titles = [text for _, text in above if not _UNIT.match(text)]
    unit = next((found for _, text in above if (found := money_unit(text))), "")
    merged, below = _merged(marks, {line: at for at, (line, _) in enumerate(body)}, columns)
    lines = tuple(line for line, _ in body)
    caption = titles[0] if titles else title
    return RawTable(caption, grid, lines, body[-1][0], merged, below, unit), above


def _is_unit_row(words: Sequence[str]) -> bool:
    """Whether a row only says who filled the sheet in, when, or in which unit."""
    return any(_UNIT.match(word) for word in words)


def _merged(
    marks: SheetMarks, rows: dict[int, int], columns: int
) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    """Return the cells of a table merged into the one on their left, and into the one above."""
    left: set[tuple[int, int]] = set()
    above: set[tuple[int, int]] = set()
    lines = sorted(rows)
    room = _MOST_ROWS + 2 * len(rows) * max(columns, 1)
    for text in marks.ranges:
        first_column, first_row, last_column, last_row = range_boundaries(text)
        if None in (first_column, first_row, last_column, last_row):
            continue
        places = range(first_column - 1, min(last_column, columns))
        covered = lines[bisect_left(lines, first_row) : bisect_right(lines, last_row)]
        room -= len(covered) * max(len(places), 1) + 1
        if room < 0:
            raise ValueError  # merged ranges do not overlap; these cover more than there is
        for line in covered:
            left |= {(rows[line], place) for place in places[1:]}
            above |= {(rows[line], place) for place in places} if line > first_row else set()
    return frozenset(left), frozenset(above)


def _word(cell: Cell | MergedCell | ReadOnlyCell | EmptyCell) -> str:
    """Return a cell as it reads: numbers without noise, dates as 2023-12-31."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, dt.datetime | dt.date):
        return _day(value, str(cell.number_format))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "\n".join(line.strip() for line in str(value).split("\n")).strip()
    number = Decimal(repr(value))
    is_percentage = "%" in str(cell.number_format)
    return f"{round(number * 100, _DIGITS).normalize():f}%" if is_percentage else f"{number.normalize():f}"


def _day(value: dt.date, shown_as: str) -> str:
    """Return a date as far as its cell shows it: 2023-12-31, 2023年12月 or 2023年."""
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]', "", shown_as).lower()
    if "y" not in shown or "d" in shown:
        return f"{value:%Y-%m-%d}"
    return f"{value.year}年{value.month}月" if "m" in shown else f"{value.year}年"
