"""Rows of a table that is set with blanks: which lines belong together, by where the cells of a row begin.

Cells stand at the top of their row, or in its middle. Of the first kind every cell has text on the line of the row's
number; of the second its lines lie evenly above and below that line. Where the lines fit both, and to different rows,
cells break where they are as wide as their columns, and names end as names do; where that does not settle it, or they
fit neither, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ecogeo.plan.cells import has_several, one_line
from ecogeo.plan.spaced_columns import in_widths

Cells = Mapping[int, str]
Place = Literal["top", "middle", "any"]
"""Where the cells of a row stand; ``any`` where every row has one line."""
_LINE = 1.2
_CLEARLY = 3
_SENSE = 2
_OFF = 0.3


@dataclass(frozen=True, slots=True)
class Extent:
    """The lines of a row: the first, the line of its number, and the last."""

    first: int
    anchor: int
    last: int


def extents_of(
    lines: Sequence[Cells],
    anchors: Sequence[int],
    pages: Sequence[int],
    loose: Set[int],
    sense: Callable[[Sequence[Extent]], int] = len,
) -> tuple[tuple[Extent, ...], Place] | None:
    """Tell which lines each row takes; ``None`` where that is not certain.

    Parameters
    ----------
    lines
        The cells of every line by column.
    anchors
        The lines on which rows have their number.
    pages
        The lines on which pages begin, the first of all included.
    loose
        Columns whose cells may be merged over several rows.
    sense
        How many rows read as they should.

    Examples
    --------
    >>> at_top = [{0: "1", 1: "甲"}, {1: "乙"}, {0: "2", 1: "丙"}]
    >>> rows, place = extents_of(at_top, [0, 2], [0], set())
    >>> [(row.first, row.last) for row in rows], place
    ([(0, 1), (2, 2)], 'top')
    >>> in_middle = [{1: "甲"}, {0: "1"}, {1: "乙"}, {0: "2", 1: "丙"}]
    >>> rows, place = extents_of(in_middle, [1, 3], [0], set())
    >>> [(row.first, row.last) for row in rows], place
    ([(0, 2), (3, 3)], 'middle')
    """
    if not anchors:
        return None
    at_top, in_middle = _at_top(lines, anchors, loose), _in_middle(lines, anchors, pages, loose)
    if at_top and in_middle and at_top != in_middle:
        odds = [_slack(lines, rows) - _SENSE * sense(rows) for rows in (at_top, in_middle)]
        if min(odds) + _CLEARLY > max(odds):
            return None
        return (at_top, "top") if odds[0] < odds[1] else (in_middle, "middle")
    if at_top and in_middle:
        return at_top, "any"
    if at_top:
        return at_top, "top"
    return (in_middle, "middle") if in_middle else None


def _slack(lines: Sequence[Cells], rows: Sequence[Extent]) -> int:
    """Return how far the lines of cells that go on in a next line are from reaching the width of their columns."""
    widths: dict[int, int] = {}
    for line in lines:
        for column, text in line.items():
            widths[column] = max(widths.get(column, 0), in_widths(text))
    slack = 0
    for row in rows:
        open_cells: dict[int, str] = {}
        for line in lines[row.first : row.last + 1]:
            ended = [widths[column] - in_widths(open_cells[column]) for column in line.keys() & open_cells.keys()]
            slack += sum(max(short - 1, 0) for short in ended)
            open_cells |= line
    return slack


def _at_top(lines: Sequence[Cells], anchors: Sequence[int], loose: Set[int]) -> tuple[Extent, ...] | None:
    """Let every row begin with the line of its number; ``None`` where a cell begins below it."""
    if anchors[0] != 0 and set().union(*lines[: anchors[0]]) - loose:
        return None
    ends = [*anchors[1:], len(lines)]
    rows = tuple(Extent(anchor, anchor, end - 1) for anchor, end in zip(anchors, ends, strict=True))
    for row in rows:
        below = set().union(*lines[row.first + 1 : row.last + 1]) - loose
        if not below <= lines[row.anchor].keys():
            return None
    return rows


def _in_middle(
    lines: Sequence[Cells], anchors: Sequence[int], pages: Sequence[int], loose: Set[int]
) -> tuple[Extent, ...] | None:
    """Let every row reach as far below the line of its number as above it; ``None`` where its cells do not."""
    rows: list[Extent] = []
    first = 0
    for anchor in anchors:
        first = max([first, *(page for page in pages if page <= anchor)])
        last = 2 * anchor - first
        is_within = last < len(lines) and not any(first < page <= last for page in pages)
        if (rows and first != rows[-1].last + 1) or not is_within:
            return None
        rows.append(Extent(first, anchor, last))
        first = last + 1
    if first != len(lines):
        return None
    for row in rows:
        for column in set().union(*lines[row.first : row.last + 1]) - loose:
            filled = {at - row.anchor for at in range(row.first, row.last + 1) if column in lines[at]}
            if filled != {-at for at in filled}:
                return None
    return tuple(rows)


def owners_of(column: int, lines: Sequence[Cells], rows: Sequence[Extent], place: Place) -> dict[int, str] | None:
    """Tell with which row each text of a column begins whose cells are merged over rows; ``None`` where unclear.

    Such a text stands at the top of its rows, in the middle of the first, or in the middle of them all.

    Parameters
    ----------
    column
        The column.
    lines
        The cells of every line by column.
    rows
        The rows.
    place
        Where the cells of a row stand.

    Returns
    -------
    The texts by the row they begin with.

    Examples
    --------
    >>> lines = [{0: "1"}, {0: "2", 1: "甲"}, {0: "3"}, {0: "4", 1: "乙"}]
    >>> owners_of(1, lines, [Extent(at, at, at) for at in range(4)], "any")
    {0: '甲', 3: '乙'}
    """
    heights = _heights(column, lines, rows)
    runs: list[list[int]] = []
    for at in (at for at, cells in enumerate(lines) if column in cells):
        if runs and heights[at] - heights[runs[-1][-1]] <= _LINE:
            runs[-1].append(at)
        else:
            runs.append([at])
    anchors = {row.anchor for row in rows}
    if any(len(run) > 1 and anchors.issuperset(run) for run in runs):
        return None
    found = {
        tuple(owners)
        for owners in (
            _at_tops(runs, rows) if place != "middle" else None,
            _in_first_rows(runs, rows, heights) if place != "top" else None,
            _blocks(runs, rows, heights) if place != "top" else None,
        )
        if owners is not None
    }
    if not runs:
        return {}
    texts = [one_line("".join(lines[at][column] for at in run)) for run in runs]
    return dict(zip(found.pop(), texts, strict=True)) if len(found) == 1 else None


def _heights(column: int, lines: Sequence[Cells], rows: Sequence[Extent]) -> list[float]:
    """Return how far down each line stands, in lines of a cell: a row is as high as its highest cell.

    A line that holds the column alone stands in the middle between its neighbours.
    """
    heights: dict[int, float] = {}
    top = 0.0
    for row in rows:
        places = [at for at in range(row.first, row.last + 1) if lines[at].keys() - {column}]
        columns = set().union(*(lines[at] for at in places)) - {column}
        high = max((sum(other in lines[at] for at in places) for other in columns), default=1)
        heights |= {at: top + high * (number + 0.5) / len(places) for number, at in enumerate(places)}
        top += high
    known = np.array(sorted(heights))
    return list(np.interp(np.arange(len(lines)), known, [heights[at] for at in known.tolist()]))


def _ends(rows: Sequence[Extent], heights: Sequence[float]) -> list[float]:
    """Return how far down each row ends."""
    ends: list[float] = []
    for row in rows:
        begin = ends[-1] if ends else 0.0
        ends.append(begin + 2 * ((heights[row.first] + heights[row.last]) / 2 - begin))
    return ends


def _at_tops(runs: Sequence[Sequence[int]], rows: Sequence[Extent]) -> list[int] | None:
    """Return the row on whose first line each run begins; ``None`` where one begins elsewhere."""
    begins = {row.first: at for at, row in enumerate(rows)}
    is_so = bool(runs) and runs[0][0] == rows[0].first and all(run[0] in begins for run in runs)
    return [begins[run[0]] for run in runs] if is_so else None


def _in_first_rows(runs: Sequence[Sequence[int]], rows: Sequence[Extent], heights: Sequence[float]) -> list[int] | None:
    """Return the row in whose middle each run stands; ``None`` where one stands elsewhere."""
    owners: list[int] = []
    for run in runs:
        middle = (heights[run[0]] + heights[run[-1]]) / 2
        own = [at for at, row in enumerate(rows) if abs((heights[row.first] + heights[row.last]) / 2 - middle) < _OFF]
        owners += own[:1]
    return owners if len(owners) == len(runs) and owners[:1] == [0] else None


def _blocks(runs: Sequence[Sequence[int]], rows: Sequence[Extent], heights: Sequence[float]) -> list[int] | None:
    """Return the first row of each run of lines that stands in the middle of its rows; ``None`` where one does not."""
    ends = _ends(rows, heights)
    owners: list[int] = []
    begin, top = 0, 0.0
    for run in runs:
        bottom = heights[run[0]] + heights[run[-1]] - top
        end = next((at for at in range(begin, len(rows)) if abs(ends[at] - bottom) <= 2 * _OFF), None)
        if end is None:
            return None
        owners.append(begin)
        begin, top = end + 1, ends[end]
    return owners if begin == len(rows) else None


_TIGHT = re.compile(r"[-—–~～/、，（(.·]$")
_OPENS = re.compile(r"^[-—–~～/、，）).·]")


def cell_text(parts: Sequence[str], *, is_value: bool) -> str:
    r"""Put the lines of a cell together; those of a value stay apart where each may be a figure of its own.

    Examples
    --------
    >>> cell_text(["以上级", "下达为准"], is_value=True), cell_text(["≥412.3", "5"], is_value=True)
    ('以上级下达为准', '≥412.3\n5')
    >>> cell_text(["护岸 18.6", "公里"], is_value=False), cell_text(["2021-", "2025"], is_value=False)
    ('护岸18.6公里', '2021-2025')
    """
    whole = "\n".join(parts)
    if is_value:
        return whole if has_several(whole) else "".join(parts)
    text = ""
    for part in parts:
        is_tight = not text or _TIGHT.search(text) or _OPENS.search(part)
        text += part if is_tight else f" {part}"
    return one_line(text)
