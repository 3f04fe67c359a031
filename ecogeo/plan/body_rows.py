"""Rows under a head: as wide as it, or filled up; cells by logical column, merged ones taken from above and beside.

What fits nowhere is listed as not understood, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecogeo.formats.text_tables import RawTable
from ecogeo.plan.cells import head_word, one_line, unnumbered
from ecogeo.plan.table_notes import is_note, note
from ecogeo.plan.unused import Unused
from ecogeo.plan.vocabulary import Columns
from ecogeo.wording import Text, list_en, list_zh

TOTAL = re.compile(r".{0,12}(?:合计|总计|小计|共计)(?:[(:（：].*)?$|总投资(?:合计)?$")
_GROUP = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}(?:[)）、.]|$)")
_VALUES = ("current", "target")
_FIGURES = ("current", "target", "invest", "years", "start", "end")
_FILLED = (
    "departments", "lead_departments", "other_departments", "deadline", "kind", "unit", "nature", "funding", "place",
    "years", "start", "end", "category", "status_reported",
)  # fmt: skip
_SHORT_BY = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One row under a head.

    Parameters
    ----------
    line
        Where it begins.
    cells
        Its text by logical column; of a column with several places, joined.
    raw
        Its cells as printed.
    """

    line: int
    cells: dict[str, str]
    raw: tuple[str, ...]


def rows_under(table: RawTable, places: range, columns: Columns) -> tuple[tuple[Row, ...], list[Unused]]:
    """Take the rows as wide as their head, and narrower ones that head a group (一、); list the others."""
    rows: list[Row] = []
    misfits: list[Unused] = []
    width = len(columns.words)
    open_columns, refused = _not_one(table, places, columns)
    misfits += refused
    for at in places:
        cells = table.rows[at]
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) == 1 and is_note(filled[0]):
            misfits.append(note(table.title, table.row_lines[at], filled[0]))
        elif len(cells) == width or (len(cells) < width and cells and _is_short(cells, columns)):
            whole = (*cells, *[""] * (width - len(cells)))
            row = {name: cell_of(name, [whole[place] for place in where]) for name, where in columns.places.items()}
            row |= _spread_values(table, at, columns) | _filled_down(table, at, columns)
            row = {name: cell for name, cell in row.items() if name not in open_columns}
            rows.append(Row(table.row_lines[at], row, whole))
            if len(cells) < width and not _GROUP.match(cells[0]) and not TOTAL.match(head_word(cells[0])):
                misfits.append(_padded(table, at, width))
        elif filled:
            misfits.append(_misfit(table, at, width))
    return tuple(rows), misfits


def cell_of(name: str, cells: Sequence[str]) -> str:
    """Return the cells under a head that spans several as one; units are set apart, figures are never put together.

    Examples
    --------
    >>> cell_of("name", ["甲", "乙"]), cell_of("departments", ["甲局", "乙局"]), cell_of("invest", ["", "8"])
    ('甲乙', '甲局、乙局', '8')
    """
    filled = [cell for cell in cells if cell.strip()]
    if name.endswith("departments"):
        return "、".join(filled)
    if name == "content":
        return "\n".join(filled)
    return "".join(dict.fromkeys(filled) if name.startswith(_FIGURES) else filled)


def _not_one(table: RawTable, places: range, columns: Columns) -> tuple[frozenset[str], list[Unused]]:
    """Name the columns of figures under whose one head word several cells of a row are filled, and list them."""
    refused: dict[str, Unused] = {}
    wide = {name: where for name, where in columns.places.items() if len(where) > 1 and name.startswith(_FIGURES)}
    for at in places:
        for name, where in wide.items():
            row = table.rows[at]
            cells = [one_line(row[place]) for place in where if place < len(row) and row[place].strip()]
            if name in refused or len(set(cells)) < 2:
                continue
            word = columns.words[where[0]]
            reason = Text(
                f"表头“{word}”下有 {len(where)} 列，没有写明各是什么，没有读入；例如 {list_zh(cells)}",
                f'{len(where)} columns stand under the head "{word}" and nothing says what each is: they were not '
                f"taken over; as {list_en(cells)}",
            )
            refused[name] = Unused(table.title, table.row_lines[at], table.last_line, reason, is_loss=True)
    return frozenset(refused), list(refused.values())


def _is_short(cells: Sequence[str], columns: Columns) -> bool:
    """Whether a row lacks but empty cells at its end: a group's heading, a total, or a row whose number is there."""
    numbers = [columns.places[name][0] for name in ("indicator_no", "project_no", "task_no") if name in columns.places]
    is_numbered = bool(numbers) and numbers[0] < len(cells) and bool(unnumbered(cells[numbers[0]]))
    is_little = len(columns.words) - len(cells) <= _SHORT_BY and columns.places["name"][0] < len(cells)
    return bool(_GROUP.match(cells[0]) or TOTAL.match(head_word(cells[0]))) or (is_numbered and is_little)


def _padded(table: RawTable, at: int, width: int) -> Unused:
    """Ask to look at a row that was filled up with empty cells."""
    count = len(table.rows[at])
    reason = Text(
        f"这一行只有 {count} 个单元格，表头有 {width} 个：末尾按空格补齐，请核对",
        f"the row has only {count} cells where the head has {width}: empty ones were added at its end, please check",
    )
    return Unused(table.title, table.row_lines[at], table.row_lines[at], reason, is_loss=True)


def _filled_down(table: RawTable, at: int, columns: Columns) -> dict[str, str]:
    """Return the cells merged into those above that hold for each row; values only of a row with a name of its own."""
    found: dict[str, str] = {}
    row = table.rows[at]
    has_name = any(row[place].strip() for place in columns.places["name"] if place < len(row))
    for name, where in columns.places.items():
        if not (name in _FILLED or (has_name and name.startswith(_VALUES))) or (at, where[0]) not in table.below:
            continue
        above = at
        while (above, where[0]) in table.below:
            above -= 1
        if above >= 0:
            found[name] = cell_of(name, [table.rows[above][place] for place in where])
    return found


def _spread_values(table: RawTable, at: int, columns: Columns) -> dict[str, str]:
    """Return the cells of values and targets that one cell, merged to the right, gives for several columns."""
    found: dict[str, str] = {}
    for name, where in columns.places.items():
        place = where[0]
        while (at, place) in table.merged:
            place -= 1
        if place != where[0] and name.startswith(_VALUES):
            found[name] = table.rows[at][place]
    return found


def _misfit(table: RawTable, at: int, width: int) -> Unused:
    """Describe a row that is not as wide as its head."""
    words = [head_word(cell) for cell in table.rows[at] if cell.strip()]
    end = table.row_lines[at + 1] - 1 if at + 1 < len(table.rows) else table.last_line
    reason = Text(
        f"这一行有 {len(table.rows[at])} 个单元格，表头有 {width} 个：{list_zh(words)}",
        f"the row has {len(table.rows[at])} cells where the head has {width}: {list_en(words)}",
    )
    return Unused(table.title, table.row_lines[at], end, reason, is_loss=True)
