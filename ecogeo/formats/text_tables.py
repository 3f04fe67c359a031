"""Tables inside the plain-text export of an office document.

In such an export every table cell is a paragraph that begins with a TAB; its further paragraphs follow without one, and
an empty line ends the row. A cell that was merged downwards comes as an empty cell. A page or section break leaves one
blank in front of the next paragraph, so a blank and a TAB begin a new table. ``[bookmark: …]`` marks are dropped.

A cell may itself hold empty paragraphs. A row that ends short of the table's first row is therefore resumed behind
them, if what follows there makes it exactly as wide; otherwise it stays short.

The last row of a table may lack its empty line. It then ends where a paragraph reads as a heading (一、 （一） 第一章
表1), or where a break begins the next table; in that case the paragraphs after its last TAB are prose, and only the
first of them is kept as the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ecogeo.errors import UnusableFileError
from ecogeo.formats.plain_text import decode_text
from ecogeo.wording import Text

_BOOKMARK = re.compile(r"\[bookmark:[^\]]*\]")
_CAPTION = re.compile(r"(?:续?表|附表|附件|专栏)\s*[0-9０-９一二三四五六七八九十]")
_HEADING = re.compile(
    r"\s*(?:[（(][一二三四五六七八九十]+[）)]|[一二三四五六七八九十]+、|第[一二三四五六七八九十]+[章节]|"
    + _CAPTION.pattern
    + ")"
)
_CAPTION_MOST = 60
_SENTENCE = re.compile(r"[，。；：]")
_TABLE_END = re.compile(r"[表册](?:[（(][^（）()]*[）)])?$|清单$|(?:指标|项目|工程)(?:体系|库)$")
_MARKDOWN = re.compile(r"^\s*#{1,6}\s+|\*\*|__")
_MONEY = re.compile(r"(?:金额|投资|计量|资金)?单位\s*[：:]\s*(?P<unit>(?:人民币)?(?:亿元|[百千]?万元|千元|元))")
_UNIT_LINE = re.compile(r"[（(]?(?:[一-鿿]{0,4}单位)\s*[：:]\s*[^，。；]{1,12}[）)]?")
_BREAK = " \t"


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as printed, before anyone knows what it means.

    Parameters
    ----------
    title
        The caption in front of it; empty where there is none.
    rows
        Rows of cells; the paragraphs of a cell are joined by a line feed. Rows may differ in length.
    row_lines
        The line of the file on which each row begins, counted from 1.
    last_line
        The last line that belongs to the table.
    merged
        Row and column, from 0, of cells that are merged into the cell on their left; a text does not tell.
    below
        Row and column of cells that are merged into the cell above; a text does not tell.
    money_unit
        The unit of money written above the table (``单位：万元``); empty where none is.
    is_apart
        Whether anything stands between the table before and this one.
    """

    title: str
    rows: tuple[tuple[str, ...], ...]
    row_lines: tuple[int, ...]
    last_line: int
    merged: frozenset[tuple[int, int]] = frozenset()
    below: frozenset[tuple[int, int]] = frozenset()
    money_unit: str = ""
    is_apart: bool = True

    @property
    def first_line(self) -> int:
        """The line on which its first row begins."""
        return self.row_lines[0]


@dataclass(slots=True)
class _Row:
    """A row that is being read."""

    line: int
    cells: list[list[str]]


def read_text(path: Path) -> str:
    """Read a text file strictly (`ecogeo.formats.plain_text`); bookmarks dropped, line ends made one.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    UnusableFileError
        Where it is missing, empty, or no text.
    """
    if not path.is_file():
        raise UnusableFileError(path.name, Text("文件不存在", "the file does not exist"))
    content = path.read_bytes()
    if not content.strip():
        raise UnusableFileError(path.name, Text("文件是空的", "the file is empty"))
    try:
        text = decode_text(content, path.name).text
    except UnusableFileError as error:
        advice = Text("请从 Word 另存为纯文本（.txt）", "save it from Word as plain text (.txt)")
        raise UnusableFileError(path.name, [*error.reasons, advice]) from error
    return _BOOKMARK.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def read_text_tables(path: Path) -> tuple[RawTable, ...]:
    """Read every table of a plain-text export.

    Parameters
    ----------
    path
        The file, in UTF-8 or GB18030.

    Raises
    ------
    UnusableFileError
        Where it cannot be read, or holds no table at all.
    """
    tables = split_tables(read_text(path))
    if not tables:
        problem = Text(
            "文件中没有表格；应为 Word 文档另存的纯文本，表格的每个单元格以制表符（Tab）开头，每行以空行结束",
            "it holds no table; expected the plain-text export of a Word document, in which each table cell begins "
            "with a TAB and an empty line ends each row",
        )
        raise UnusableFileError(path.name, problem)
    return tables


def split_tables(text: str) -> tuple[RawTable, ...]:
    r"""Find the tables in a text.

    Parameters
    ----------
    text
        A whole document, lines ended by a line feed.

    Examples
    --------
    >>> split_tables("表1 甲\n\t序号\n\t名称\n\n\t1\n\t河长制\n全面推行\n\n")[0].rows
    (('序号', '名称'), ('1', '河长制\n全面推行'))
    """
    lines = text.split("\n")
    tables: list[RawTable] = []
    rows: list[_Row] = []
    number, end = 0, 0
    while number < len(lines):
        if not _begins_cell(lines[number]):
            number += 1
            continue
        if rows and (lines[number].startswith(_BREAK) or number - end > 1):
            tables.append(_table(lines, rows, end))
            rows = []
        row, end = _read_row(lines, number, width=len(rows[0].cells) if rows else 0)
        rows.append(row)
        number = end
    if rows:
        tables.append(_table(lines, rows, end))
    return tuple(tables)


def _begins_cell(line: str) -> bool:
    """Whether a line begins a table cell."""
    return line.startswith(("\t", _BREAK))


def _read_row(lines: list[str], start: int, *, width: int) -> tuple[_Row, int]:
    """Read the row that begins on a line; return it with the number of the first line after it."""
    row = _Row(start, [[lines[start].lstrip(" ")[1:]]])
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if line.startswith(_BREAK):
            prose = len(row.cells[-1]) - 1
            del row.cells[-1][1:]
            return row, number - prose
        if line.startswith("\t"):
            row.cells.append([line[1:]])
        elif _HEADING.match(line):
            return row, number
        elif line.strip():
            row.cells[-1].append(line)
        else:
            return _resumed(lines, row, number, missing=width - len(row.cells))
    return row, len(lines)


def _resumed(lines: list[str], row: _Row, end: int, *, missing: int) -> tuple[_Row, int]:
    """Return a short row resumed behind the empty lines on which it seems to end, if that makes it whole."""
    behind = end
    while behind < len(lines) and not _begins_cell(lines[behind]) and not _is_prose(lines[behind]):
        behind += 1
    paragraphs = [line for line in lines[end:behind] if line.strip()]
    if missing <= 0 or not paragraphs or behind == len(lines) or not lines[behind].startswith("\t"):
        return row, end
    rest, end_of_rest = _read_row(lines, behind, width=missing)
    if len(rest.cells) != missing:
        return row, end
    row.cells[-1] += paragraphs
    row.cells += rest.cells
    return row, end_of_rest


def _is_prose(line: str) -> bool:
    """Whether a paragraph is a heading or running text, and so no part of a cell."""
    return bool(_HEADING.match(line)) or len(line) > _CAPTION_MOST


def _table(lines: list[str], rows: list[_Row], end: int) -> RawTable:
    """Close a table."""
    cells = tuple(tuple("\n".join(part.strip() for part in cell).strip() for cell in row.cells) for row in rows)
    title, unit = caption_above(reversed(lines[: rows[0].line]))
    return RawTable(title, cells, tuple(row.line + 1 for row in rows), end, money_unit=unit)


def caption_above(paragraphs: Iterable[str]) -> tuple[str, str]:
    """Return the caption of a table and the unit of money above it; empty where they are not there.

    Parameters
    ----------
    paragraphs
        What stands in front of the table, the nearest first. A line of units (``单位：万元``) between the caption and
        the table is passed over.

    Examples
    --------
    >>> caption_above(["", "（单位：亿元）", "表2 重点工程"]), caption_above(["表3 投资表（单位：万元）"])
    (('表2 重点工程', '亿元'), ('表3 投资表（单位：万元）', '万元'))
    """
    unit = ""
    for paragraph in (text.strip() for text in paragraphs if text.strip()):
        money = _MONEY.search(paragraph) if len(paragraph) <= _CAPTION_MOST else None
        unit = unit or (money["unit"].removeprefix("人民币") if money else "")
        if not _UNIT_LINE.fullmatch(paragraph):
            title = caption_of(paragraph)
            return title, unit if title or not money or _MONEY.match(paragraph) else ""
    return "", unit


def money_unit(text: str) -> str:
    """Return the unit of money that a caption or a row above a head names; empty where it names none.

    Examples
    --------
    >>> money_unit("单位：万元"), money_unit("填报单位：县局")
    ('万元', '')
    """
    found = _MONEY.search(text)
    return found["unit"].removeprefix("人民币") if found else ""


def caption_of(paragraph: str) -> str:
    """Return a paragraph as the caption of the table behind it; empty where it reads as none.

    Examples
    --------
    >>> caption_of(" 表1   甲县  指标"), caption_of("规划指标体系表"), caption_of("详见下表。")
    ('表1 甲县 指标', '规划指标体系表', '')
    """
    words = " ".join(_MARKDOWN.sub("", paragraph).split())
    is_caption = _CAPTION.match(words) or (_TABLE_END.search(words) and not _SENTENCE.search(words))
    return words if is_caption and len(words) <= _CAPTION_MOST else ""
