"""By how much lines run inside zones: the sum over pieces again, along an edge.

With 1_B the sum of signed grounds of pieces (``pieces``), the length of an edge inside B is the sum of the signed
lengths of its stretches inside each ground, and such a stretch is where two linear functions of the edge's share t are
positive. A line that runs along a zone's boundary is inside (zones are closed): where an edge and a piece are one
within rounding, the pair is put to shapely.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo.kernel.arrays import Cells, Outlines, cells_of, outlines_of
from ecogeo.kernel.compiled import Flags, Floats, Ints, compiled, lean
from ecogeo.kernel.grid import Grid, cells_of_box, node_x, node_y
from ecogeo.kernel.index import ZoneIndex
from ecogeo.kernel.lines import Lines, length_m, pace
from ecogeo.kernel.pieces import Rectangle, pieces_in, scratch
from ecogeo.kernel.polygons import Polygons

_LINES_PER_BLOCK = 256
_SAME_DEG = 2.0**-43
"""Four units in the last place of a longitude, 1e-8 m: what is nearer is the same line."""

_LEAST_M = 1e-7
"""Metres; what is less is rounding, or a point."""

_MORE = 1e-3
"""Share of a cell."""

_Rows = tuple[Ints, Ints, Floats, Flags]


@dataclass(frozen=True)
class Stretches:
    """Every line and zone that share length, by line, then zone.

    Parameters
    ----------
    line, zone
        Positions, shape (pairs,), int64.
    length_m
        How much of the line runs in the zone or along its boundary, in metres, always above 0.
    """

    line: Ints
    zone: Ints
    length_m: Floats


def overlap_length(lines: Lines, index: ZoneIndex, *, threads: int = 1) -> Stretches:
    """Measure by how much lines run inside zones.

    Parameters
    ----------
    lines
        Lines in degrees; a stretch that is run twice counts twice.
    index
        The zones, valid; they may overlap one another.
    threads
        How many work at it; the result is the same to the last bit for any number.

    Returns
    -------
    The pairs. Metres along edges as drawn, straight in longitude and latitude (see `lines.pace`).
    """
    cells, zones = cells_of(index), outlines_of(index.zones)
    drawn = Outlines(lines.lonlat, lines.part_start, lines.feature_start)

    def block(first: int) -> _Rows:
        return _run(index.grid, cells, zones, drawn, first, min(first + _LINES_PER_BLOCK, len(lines)))

    with ThreadPoolExecutor(threads) as pool:
        blocks = list(pool.map(block, range(0, len(lines), _LINES_PER_BLOCK)))
    if not blocks:
        return Stretches(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    line, zone, length, is_along = (np.concatenate(column) for column in zip(*blocks, strict=True))
    along = np.flatnonzero(is_along)
    if len(along):
        length[along] = _cut_m(lines, index.zones, line[along], zone[along])
    keep = length > _LEAST_M
    return Stretches(line[keep], zone[keep], length[keep])


def _cut_m(lines: Lines, zones: Polygons, line: Ints, zone: Ints) -> Floats:
    """Return the metres of lines inside zones, pair by pair, by shapely's overlay.

    An overlay keeps what is run twice once: a line that meets itself is cut edge by edge.
    """
    drawn, grounds = lines.shapes(line), zones.shapes(zone)
    metres = length_m(Lines.of(shapely.intersection(drawn, grounds)))
    for pair in np.flatnonzero(~shapely.is_simple(drawn)):
        edges = shapely.linestrings(_edges_of(drawn[pair]))
        metres[pair] = length_m(Lines.of(shapely.intersection(edges, grounds[pair]))).sum()
    return metres


def _edges_of(line: shapely.Geometry) -> Floats:
    """Return both ends of every edge of a line that has a length, shape (edges, 2, 2)."""
    lonlat, part = shapely.get_coordinates(shapely.get_parts(line), return_index=True)
    is_edge = (part[1:] == part[:-1]) & (lonlat[1:] != lonlat[:-1]).any(axis=1)
    return np.stack([lonlat[:-1][is_edge], lonlat[1:][is_edge]], axis=1)


class _Tally(NamedTuple):
    """Metres per zone for the line at hand, whether it may run along the zone's boundary, and which zones it met."""

    metres: Floats
    is_along: Flags
    is_met: Flags


@compiled
def _run(grid: Grid, cells: Cells, zones: Outlines, lines: Outlines, first: int, last: int) -> _Rows:
    """Return line, zone, metres inside, and whether the line may run along the boundary, by line, then zone."""
    size, used = 1024, 0
    line, zone = np.empty(size, np.int64), np.empty(size, np.int64)
    length, is_along = np.empty(size), np.empty(size, np.bool_)
    number = len(zones.feature_start) - 1
    tally = _Tally(np.zeros(number), np.zeros(number, np.bool_), np.zeros(number, np.bool_))
    sloping, floor = scratch(cells.most_edges)
    for feature in range(first, last):
        for part in range(lines.feature_start[feature], lines.feature_start[feature + 1]):
            for i in range(lines.ring_start[part], lines.ring_start[part + 1] - 1):
                _follow(grid, cells, zones, lines.lonlat[i], lines.lonlat[i + 1], sloping, floor, tally)
        met = np.flatnonzero(tally.is_met)
        if used + len(met) > size:
            size = 2 * size + len(met)
            line, zone, length = _grown(line, size), _grown(zone, size), _grown(length, size)
            is_along = _grown(is_along, size)
        for k in met:
            line[used], zone[used], length[used], is_along[used] = feature, k, tally.metres[k], tally.is_along[k]
            tally.metres[k], tally.is_along[k], tally.is_met[k] = 0.0, False, False
            used += 1
    return line[:used], zone[:used], length[:used], is_along[:used]


@lean
def _follow(
    grid: Grid,
    cells: Cells,
    zones: Outlines,
    begin: Floats,
    finish: Floats,
    sloping: Floats,
    floor: Floats,
    tally: _Tally,
) -> None:
    """Follow one edge through the cells it enters and add its metres inside each zone there."""
    x1, y1, x2, y2 = begin[0], begin[1], finish[0], finish[1]
    rate, is_paced = (0.0, 0.0, 0.0), False
    span = cells_of_box(grid, (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
    for row in range(span[1], span[3] + 1):
        low, high = _within(node_y(grid, row), node_y(grid, row + 1), y1, y2)
        for column in range(span[0], span[2] + 1):
            cell = row * grid.columns + column
            if cells.start[cell] == cells.start[cell + 1]:
                continue
            start, end = _within(node_x(grid, column), node_x(grid, column + 1), x1, x2)
            start, end = max(start, low), min(end, high)
            if start >= end:
                continue
            if not is_paced:
                rate, is_paced = pace(x1, y1, x2, y2), True
            node, rectangle = (node_x(grid, column), node_y(grid, row)), _around(grid, column, row, x1, y1, x2, y2)
            edge = (x1 - rectangle[0], x2 - x1, rectangle[3] - y1, y1 - y2)
            for e in range(cells.start[cell], cells.start[cell + 1]):
                held = cells.entries[e]
                edges = cells.edges[held.edge_start : held.edge_start + held.edge_count]
                cut = pieces_in(zones.lonlat, edges, held.winding, node, rectangle, sloping, floor)
                if cut[0] + cut[1] > 0:
                    metres, is_along = _inside(edge, start, end, rate, sloping, floor, cut)
                    tally.metres[held.zone] += metres
                    tally.is_along[held.zone] |= is_along
                    tally.is_met[held.zone] = True


@lean
def _around(grid: Grid, column: int, row: int, x1: float, y1: float, x2: float, y2: float) -> Rectangle:
    """Return the part of a cell about an edge, a little generous, so that it has an extent round an edge due north."""
    more_x, more_y = _MORE * grid.width, _MORE * grid.height
    return (
        max(node_x(grid, column), min(x1, x2) - more_x),
        max(node_y(grid, row), min(y1, y2) - more_y),
        min(node_x(grid, column + 1), max(x1, x2) + more_x),
        min(node_y(grid, row + 1), max(y1, y2) + more_y),
    )


@compiled
def _grown(array: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    larger = np.empty(room, array.dtype)
    larger[: len(array)] = array
    return larger


@lean
def _metres(rate: tuple[float, float, float], t: float) -> float:
    return t * (rate[0] + t * (rate[1] + t * rate[2]))


@lean
def _within(low: float, high: float, start: float, end: float) -> tuple[float, float]:
    """Return the shares of an edge between which it is from low to high, high excluded; 1 and 0 where it is not."""
    if start == end:
        return (0.0, 1.0) if low <= start < high else (1.0, 0.0)
    at_low, at_high = (low - start) / (end - start), (high - start) / (end - start)
    return max(0.0, min(at_low, at_high)), min(1.0, max(at_low, at_high))


@lean
def _inside(
    edge: tuple[float, float, float, float],
    start: float,
    end: float,
    rate: tuple[float, float, float],
    sloping: Floats,
    floor: Floats,
    cut: tuple[int, int, float, float],
) -> tuple[float, bool]:
    """Return the metres of an edge, from share to share, inside a zone's pieces, and whether it may run along one.

    ``edge`` is u and du, v and dv of the edge in the rectangle of the pieces.
    """
    u, du, v, dv = edge
    total, is_along = 0.0, False
    for k in range(cut[1]):
        t1, t2 = _within(floor[k, 0], floor[k, 1], u, u + du)
        t1, t2 = max(t1, start), min(t2, end)
        if t1 < t2:
            total += floor[k, 2] * (_metres(rate, t2) - _metres(rate, t1))
    for k in range(cut[0]):
        u1, u2, v1, v2 = sloping[k, 0], sloping[k, 1], sloping[k, 2], sloping[k, 3]
        is_along |= _is_along(edge, u1, u2, v1, v2, max(cut[2], abs(du)), max(cut[3], abs(dv)))
        t1, t2 = _within(u1, u2, u, u + du)
        t1, t2 = max(t1, start), min(t2, end)
        if t1 >= t2:
            continue
        slope = (v2 - v1) / (u2 - u1)
        d1 = v + t1 * dv - (v1 + (u + t1 * du - u1) * slope)
        d2 = v + t2 * dv - (v1 + (u + t2 * du - u1) * slope)
        if d1 >= 0.0 and d2 >= 0.0:
            continue
        if d1 > 0.0:
            t1 += (t2 - t1) * (d1 / (d1 - d2))
        elif d2 > 0.0:
            t2 = t1 + (t2 - t1) * (d1 / (d1 - d2))
        total += sloping[k, 4] * (_metres(rate, t2) - _metres(rate, t1))
    return total, is_along


@lean
def _is_along(
    edge: tuple[float, float, float, float],
    u1: float,
    u2: float,
    v1: float,
    v2: float,
    reach_x: float,
    reach_y: float,
) -> bool:
    """Tell whether both ends of a piece lie on an edge's line within rounding, and the two boxes meet."""
    u, du, v, dv = edge
    error = _SAME_DEG * max(abs(du), abs(dv)) * (1.0 + reach_x + reach_y)
    if abs(du * (v1 - v) - dv * (u1 - u)) > error or abs(du * (v2 - v) - dv * (u2 - u)) > error:
        return False
    if max(u1, min(u, u + du)) > min(u2, max(u, u + du)):
        return False
    return max(min(v1, v2), min(v, v + dv)) <= min(max(v1, v2), max(v, v + dv))
