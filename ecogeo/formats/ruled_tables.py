r"""Tables inside a text whose cells are set apart by TABs, or stand between upright bars as in Markdown.

A row of the first kind has a TAB between its cells; a line that begins with one has an empty first cell. Short lines
without a TAB between two such rows are the row of a single cell, blank lines between rows are passed over. In a row
between bars ``<br>`` begins a new paragraph, ``**`` around words is dropped, ``\|`` is a bar, and the row of dashes
under a head is no row.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ecogeo.formats.text_tables import RawTable, caption_above, caption_of

_LEAST_CELLS = 3
_LONGEST_CELL = 30
_GAP_MOST = 3
_BARS = re.compile(r"\s*\|.*\|\s*")
_RULE = re.compile(r"[\s|:+-]*")
_BAR = re.compile(r"(?<!\\)\|")
_EMPHASIS = re.compile(r"(\*\*|__)(\S(?:.*?\S)?)\1")
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)

Row = tuple[int, tuple[str, ...]]


def split_ruled(text: str) -> tuple[RawTable, ...]:
    r"""Find the tables of both kinds in a text.

    Parameters
    ----------
    text
        A whole document, lines ended by a line feed.

    Examples
    --------
    >>> split_ruled("| 序号 | 名称 |\n|---|---|\n| 1 | 河长制 |\n")[0].rows
    (('序号', '名称'), ('1', '河长制'))
    """
    lines = text.split("\n")
    tables: list[RawTable] = []
    rows: list[Row] = []
    split: Callable[[str], tuple[str, ...]] = _tab_cells
    for number, line in enumerate([*lines, ""]):
        is_inside = bool(rows) and split is _tab_cells
        kind = (
            _tab_cells
            if _has_tabs(line) or (is_inside and _is_indented(line))
            else _bar_cells
            if _BARS.fullmatch(line)
            else None
        )
        if rows and ((kind is not None and kind is not split) or (kind is None and not _goes_on(lines, number, split))):
            tables.append(_table(lines, rows))
            rows = []
        if kind is not None and (rows or len(kind(line)) >= (_LEAST_CELLS if kind is _tab_cells else 2)):
            split = kind
            if not (kind is _bar_cells and _RULE.fullmatch(line)):
                rows.append((number + 1, kind(line)))
        elif rows and line.strip():
            rows.append((number + 1, (line.strip(),)))
    return tuple(tables)


def _has_tabs(line: str) -> bool:
    """Whether a TAB stands between two cells of a line."""
    return "\t" in line.strip(" ").lstrip("\t") and bool(line.strip())


def _is_indented(line: str) -> bool:
    """Whether a line has but one cell, behind several empty ones."""
    return line.startswith("\t\t") and bool(line.strip())


def _tab_cells(line: str) -> tuple[str, ...]:
    """Split a line at its TABs."""
    return tuple(cell.strip() for cell in line.split("\t"))


def _bar_cells(line: str) -> tuple[str, ...]:
    """Split a line at its bars."""
    inner = line.strip()[1:-1]
    cells = (_EMPHASIS.sub(r"\2", cell.strip()) for cell in _BAR.split(inner))
    return tuple(_BREAK.sub("\n", cell).replace("\\|", "|") for cell in cells)


def _goes_on(lines: list[str], number: int, split: Callable[[str], tuple[str, ...]]) -> bool:
    """Whether a table of cells between TABs goes on behind a line that has none."""
    if split is not _tab_cells:
        return False
    for line in lines[number : number + _GAP_MOST]:
        if _has_tabs(line) or _is_indented(line):
            return True
        if len(line) > _LONGEST_CELL or caption_of(line):
            return False
    return False


def _table(lines: list[str], rows: list[Row]) -> RawTable:
    """Close a table."""
    title, unit = caption_above(reversed(lines[: rows[0][0] - 1]))
    grid = tuple(cells for _, cells in rows)
    return RawTable(title, grid, tuple(line for line, _ in rows), rows[-1][0], money_unit=unit)
