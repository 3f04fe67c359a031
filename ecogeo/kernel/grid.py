"""A uniform grid of cells in longitude and latitude, and which cell an outline's edges and winding numbers fall in.

A cell is known by its node, the south-west corner. Every question about a node and an edge is answered by one function
of the two, `is_right_of`, computed the same way each time. An edge may thus be seen a rounding error off its place, but
it is seen in the same place by all, so winding numbers that are carried from node to node and along edges always agree.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ecogeo.kernel.compiled import Floats, Ints, Ints32, compiled, lean


class Grid(NamedTuple):
    """West and south end in degrees, size of a cell in degrees, and number of cells."""

    west: float
    south: float
    width: float
    height: float
    columns: int
    rows: int


@lean
def node_x(grid: Grid, column: int) -> float:
    """Return the longitude of a column's nodes."""
    return grid.west + column * grid.width


@lean
def node_y(grid: Grid, row: int) -> float:
    """Return the latitude of a row's nodes."""
    return grid.south + row * grid.height


@lean
def column_of(grid: Grid, x: float) -> int:
    """Return the column a longitude lies in, which may be outside the grid; a node belongs to the cell east of it."""
    column = math.floor((x - grid.west) / grid.width)
    while x < node_x(grid, column):
        column -= 1
    while x >= node_x(grid, column + 1):
        column += 1
    return column


@lean
def row_of(grid: Grid, y: float) -> int:
    """Return the row a latitude lies in, which may be outside the grid; a node belongs to the cell north of it."""
    row = math.floor((y - grid.south) / grid.height)
    while y < node_y(grid, row):
        row -= 1
    while y >= node_y(grid, row + 1):
        row += 1
    return row


@lean
def cell_at(grid: Grid, x: float, y: float) -> int:
    """Return the cell of a point, −1 outside of the grid."""
    if not (abs(x - grid.west) <= 1e6 and abs(y - grid.south) <= 1e6):
        return -1
    column, row = column_of(grid, x), row_of(grid, y)
    if column < 0 or row < 0 or column >= grid.columns or row >= grid.rows:
        return -1
    return row * grid.columns + column


@lean
def is_right_of(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> bool:
    """Tell whether a point lies east of an edge, or on it; the edge spans the point's latitude, y1 is not y2."""
    if y1 > y2:
        x1, y1, x2, y2 = x2, y2, x1, y1
    return (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) <= 0.0


@lean
def crosses_parallel(y: float, y1: float, y2: float) -> bool:
    """Tell whether an edge crosses a parallel; an end on the parallel counts as south of it."""
    return (y1 <= y) != (y2 <= y)


@lean
def box_of(lonlat: Floats, first: int, last: int) -> tuple[float, float, float, float]:
    """Return west, south, east and north end of vertices first … last − 1."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for i in range(first, last):
        x, y = lonlat[i, 0], lonlat[i, 1]
        west, east = min(west, x), max(east, x)
        south, north = min(south, y), max(north, y)
    return west, south, east, north


@lean
def cells_of_box(grid: Grid, box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """Return first and last column and row, a hair generous and within the grid; last < first where there are none."""
    hair_x, hair_y = _hair(grid)
    west, south, east, north = box
    if not (west <= east and south <= north):
        return 0, 0, -1, -1
    if east < grid.west or north < grid.south:
        return 0, 0, -1, -1
    if west > node_x(grid, grid.columns) or south > node_y(grid, grid.rows):
        return 0, 0, -1, -1
    return (
        max(0, column_of(grid, max(west, grid.west) - hair_x)),
        max(0, row_of(grid, max(south, grid.south) - hair_y)),
        min(grid.columns - 1, column_of(grid, min(east, node_x(grid, grid.columns)) + hair_x)),
        min(grid.rows - 1, row_of(grid, min(north, node_y(grid, grid.rows)) + hair_y)),
    )


@lean
def _hair(grid: Grid) -> tuple[float, float]:
    """Return how far beyond its cell an edge is still listed: far above rounding errors, far below a cell."""
    return grid.width * 1e-6, grid.height * 1e-6


@lean
def _edge_cells(
    grid: Grid, span: tuple[int, int, int, int], x1: float, y1: float, x2: float, y2: float, out: Ints32
) -> int:
    """Write the cells of `span` that an edge may enter, numbered row by row within it, and return how many."""
    hair_x, hair_y = _hair(grid)
    first_column, first_row, last_column, last_row = span
    across = last_column - first_column + 1
    if y1 > y2:
        x1, y1, x2, y2 = x2, y2, x1, y1
    low = max(first_row, math.floor((y1 - hair_y - grid.south) / grid.height))
    high = min(last_row, math.floor((y2 + hair_y - grid.south) / grid.height))
    found = 0
    for row in range(low, high + 1):
        west, east = min(x1, x2), max(x1, x2)
        if high > low:
            below, above = node_y(grid, row) - hair_y, node_y(grid, row + 1) + hair_y
            start = x1 if below <= y1 else x1 + (x2 - x1) * ((below - y1) / (y2 - y1))
            end = x2 if above >= y2 else x1 + (x2 - x1) * ((above - y1) / (y2 - y1))
            west, east = min(start, end), max(start, end)
        left = max(first_column, math.floor((west - hair_x - grid.west) / grid.width))
        right = min(last_column, math.floor((east + hair_x - grid.west) / grid.width))
        for column in range(left, right + 1):
            out[found] = (row - first_row) * across + column - first_column
            found += 1
    return found


@lean
def _mark_turns(
    grid: Grid, span: tuple[int, int, int, int], x1: float, y1: float, x2: float, y2: float, turns: Ints32
) -> None:
    """Add what an edge does to the winding number at the first node east of it, on every row of nodes it crosses."""
    first_column, first_row, last_column, last_row = span
    across = last_column - first_column + 1
    turn = -1 if y2 > y1 else 1
    low = max(first_row, math.floor((min(y1, y2) - grid.south) / grid.height))
    high = min(last_row, math.floor((max(y1, y2) - grid.south) / grid.height) + 1)
    for row in range(low, high + 1):
        y = node_y(grid, row)
        if not crosses_parallel(y, y1, y2):
            continue
        x = x1 + (x2 - x1) * ((y - y1) / (y2 - y1))
        column = max(first_column, min(last_column + 1, math.floor((x - grid.west) / grid.width)))
        while column > first_column and is_right_of(node_x(grid, column - 1), y, x1, y1, x2, y2):
            column -= 1
        while column <= last_column and not is_right_of(node_x(grid, column), y, x1, y1, x2, y2):
            column += 1
        if column <= last_column:
            turns[(row - first_row) * across + column - first_column] += turn


@compiled
def spread(
    grid: Grid, span: tuple[int, int, int, int], lonlat: Floats, ring_start: Ints, first_ring: int, last_ring: int
) -> tuple[Ints32, Ints32, Ints32]:
    """Spread one feature over the cells of its box.

    Parameters
    ----------
    grid
        The grid.
    span
        First column, first row, last column, last row of the feature's box.
    lonlat, ring_start
        See `Polygons`.
    first_ring, last_ring
        The feature's rings, the last one exclusive.

    Returns
    -------
    Winding number at the node of each cell, row by row; where the edges of each cell begin, one longer; and the edges,
    each known by its first vertex.
    """
    first_column, first_row, last_column, last_row = span
    across, up = last_column - first_column + 1, last_row - first_row + 1
    cells = across * up
    winding = np.zeros(cells, np.int32)
    start = np.zeros(cells + 1, np.int32)
    found = np.empty(2 * across + 4 * up + 8, np.int32)
    base = ring_start[first_ring]
    alone = np.full(ring_start[last_ring] - base, -1, np.int32)
    for ring in range(first_ring, last_ring):
        for i in range(ring_start[ring], ring_start[ring + 1] - 1):
            x1, y1, x2, y2 = lonlat[i, 0], lonlat[i, 1], lonlat[i + 1, 0], lonlat[i + 1, 1]
            number = _edge_cells(grid, span, x1, y1, x2, y2, found)
            for k in range(number):
                start[found[k] + 1] += 1
            if number == 1:
                alone[i - base] = found[0]
            _mark_turns(grid, span, x1, y1, x2, y2, winding)
    for row in range(up):
        for column in range(1, across):
            winding[row * across + column] += winding[row * across + column - 1]
    for cell in range(cells):
        start[cell + 1] += start[cell]
    filled = start[:-1].copy()
    edges = np.empty(start[cells], np.int32)
    for ring in range(first_ring, last_ring):
        for i in range(ring_start[ring], ring_start[ring + 1] - 1):
            number = 1
            if alone[i - base] >= 0:
                found[0] = alone[i - base]
            else:
                number = _edge_cells(grid, span, lonlat[i, 0], lonlat[i, 1], lonlat[i + 1, 0], lonlat[i + 1, 1], found)
            for k in range(number):
                edges[filled[found[k]]] = i
                filled[found[k]] += 1
    return winding, start, edges
