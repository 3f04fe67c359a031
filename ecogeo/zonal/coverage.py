"""The exact fraction of each cell that a polygon covers, added up by class.

Every edge of an outline leaves two numbers in each cell it passes: the area to its right within the cell, and its
height, which all cells further right share. A running sum along a row of cells then gives the covered fraction of each,
exactly: the edges of a shell and of its holes cancel where they should. No cell is sampled, and no polygon is cut.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ecogeo.kernel.compiled import Floats, Ints, compiled
from ecogeo.raster_classes import NO_CODE

Codes = npt.NDArray[np.int32]
Slots = npt.NDArray[np.int32]

_LEAST_FRACTION = 1e-9
"""A smaller fraction of a cell is the rounding error of a running sum."""


class Outlines(NamedTuple):
    """Polygons in columns and rows of a raster.

    Parameters
    ----------
    cells
        Shape (vertices, 2): column and row.
    ring_start, feature_start
        Where rings begin among the vertices, and features among the rings.
    boxes
        Shape (features, 4): least and greatest column, least and greatest row.
    """

    cells: Floats
    ring_start: Ints
    feature_start: Ints
    boxes: Floats


class Ground(NamedTuple):
    """The cells of a window.

    Parameters
    ----------
    row, column
        Its first cell.
    codes
        Shape of the window: the class of each cell, `NO_CODE` without data.
    low, slots, no_slot
        A code c is added up in slot ``slots[c - low]``, no data in `no_slot`.
    area_m2
        Shape (rows, blocks + 1): ground of a cell at the west edge of every block of `step` columns; linear between.
    step
        Columns of a block.
    """

    row: int
    column: int
    codes: Codes
    low: int
    slots: Slots
    no_slot: int
    area_m2: Floats
    step: int


@compiled
def _add_span(row: Floats, x0: float, x1: float, height: float) -> None:
    """Add the part of an edge that lies in one row of cells; `row` has one place more than there are cells."""
    columns = len(row) - 1
    low, high = min(x0, x1), max(x0, x1)
    if low >= columns:
        return
    if high <= 0.0:
        row[0] += height
        return
    column = int(max(low, 0.0))
    if low >= 0.0 and high <= column + 1.0:
        aside = 0.5 * (low + high) - column
        row[column] += height * (1.0 - aside)
        row[column + 1] += height * aside
        return
    per_column = height / (high - low)
    if low < 0.0:
        row[0] += per_column * -low
        low = 0.0
    high = min(high, float(columns))
    while low < high:
        end = min(column + 1.0, high)
        part, aside = per_column * (end - low), 0.5 * (low + end) - column
        row[column] += part * (1.0 - aside)
        row[column + 1] += part * aside
        low, column = end, column + 1


@compiled
def _add_edge(rows: Floats, x0: float, y0: float, x1: float, y1: float) -> None:
    """Add one edge, in columns and rows from the corner of `rows`, which has one column more than there are cells."""
    count = rows.shape[0]
    way = 1.0
    if y0 > y1:
        x0, y0, x1, y1, way = x1, y1, x0, y0, -1.0
    if y0 == y1 or y1 <= 0.0 or y0 >= count:
        return
    slope = (x1 - x0) / (y1 - y0)
    y, last = max(y0, 0.0), min(y1, float(count))
    x = x0 if y == y0 else x0 + (y - y0) * slope
    row = int(y)
    while y < last:
        y_end = min(row + 1.0, last)
        x_end = x1 if y_end == y1 else x0 + (y_end - y0) * slope
        _add_span(rows[row], x, x_end, way * (y_end - y))
        x, y, row = x_end, y_end, row + 1


@compiled
def add_window(outlines: Outlines, chosen: Ints, way: float, ground: Ground, sums_m2: Floats) -> None:
    """Add the covered ground of polygons by class, over one window of a raster.

    Parameters
    ----------
    outlines
        The polygons.
    chosen
        Positions of those that reach into the window.
    way
        1 where shells run anticlockwise with rows counted southwards, -1 where the axes are mirrored.
    ground
        The window.
    sums_m2
        Added to, shape (len(chosen), slots).
    """
    height, width = ground.codes.shape
    room = np.zeros((height, width + 1))
    cells = outlines.cells
    for at in range(len(chosen)):
        feature = chosen[at]
        box = outlines.boxes[feature]
        left, right = max(0, math.floor(box[0]) - ground.column), min(width, math.ceil(box[1]) - ground.column)
        top, bottom = max(0, math.floor(box[2]) - ground.row), min(height, math.ceil(box[3]) - ground.row)
        if left >= right or top >= bottom:
            continue
        rows = room[: bottom - top, : right - left + 1]
        rows[:, :] = 0.0
        west, north = left + ground.column, top + ground.row
        for ring in range(outlines.feature_start[feature], outlines.feature_start[feature + 1]):
            for i in range(outlines.ring_start[ring], outlines.ring_start[ring + 1] - 1):
                x0, x1 = cells[i, 0] - west, cells[i + 1, 0] - west
                _add_edge(rows, x0, cells[i, 1] - north, x1, cells[i + 1, 1] - north)
        for row in range(bottom - top):
            _add_row(rows[row], top + row, left, way, ground, sums_m2[at])


@compiled
def _add_row(steps: Floats, row: int, left: int, way: float, ground: Ground, sums_m2: Floats) -> None:  # noqa: PLR0917
    """Add one row of covered cells, block by block of columns, by class."""
    covered, column, right = 0.0, left, left + len(steps) - 1
    while column < right:
        block = column // ground.step
        first, end = block * ground.step, min(right, (block + 1) * ground.step)
        west = ground.area_m2[row, block]
        rise = (ground.area_m2[row, block + 1] - west) / ground.step
        for c in range(column, end):
            covered += steps[c - left]
            fraction = covered * way
            if fraction > _LEAST_FRACTION:
                code = ground.codes[row, c]
                slot = ground.no_slot if code == NO_CODE else ground.slots[code - ground.low]
                sums_m2[slot] += fraction * (west + rise * (c + 0.5 - first))
        column = end


@compiled
def code_range(codes: Codes) -> tuple[int, int]:
    """Return the least and the greatest code; the least above the greatest where no cell has data."""
    low, high = 2**31, NO_CODE
    for row in range(codes.shape[0]):
        for column in range(codes.shape[1]):
            code = codes[row, column]
            if code != NO_CODE:
                low, high = min(low, code), max(high, code)
    return low, high


@compiled
def mark_codes(codes: Codes, low: int, is_met: npt.NDArray[np.bool_]) -> None:
    """Mark which codes occur; `is_met` begins at the code `low`."""
    for row in range(codes.shape[0]):
        for column in range(codes.shape[1]):
            code = codes[row, column]
            if code != NO_CODE:
                is_met[code - low] = True
