"""Sites walked over the grid of zones, cell by cell.

A cell without an entry is passed over after one look-up. A small site is cut to each of its cells from its whole
outline. A large one is first spread over the grid as the zones were: then only the cells its outline enters are cut,
and a cell that lies wholly inside it costs one addition per zone there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ecogeo.kernel.compiled import Floats, Ints, Ints32, compiled, lean
from ecogeo.kernel.ellipsoid import TERMS, strip
from ecogeo.kernel.grid import Grid, box_of, cells_of_box, node_x, node_y, spread
from ecogeo.kernel.index import ZoneIndex
from ecogeo.kernel.pieces import Rectangle, pieces_in, scratch
from ecogeo.kernel.polygons import Polygons
from ecogeo.kernel.sums import common_ground, error_m2, ground

_FEW_CELLS = 12
"""A site in no more cells than this is small."""


_FEW_ZONES = 32
"""So many numbers are sorted by moving each down to its place."""


class Cells(NamedTuple):
    """What the cells of a `ZoneIndex` hold, and the most edges of an entry."""

    start: Ints
    entries: npt.NDArray[np.void]
    edges: Ints32
    most_edges: int


class Outlines(NamedTuple):
    """The arrays of `Polygons` that the walk needs."""

    lonlat: Floats
    ring_start: Ints
    feature_start: Ints


class Part(NamedTuple):
    """What of a site is in one cell: its edges there, the winding number at a node, and the rectangle looked at."""

    lonlat: Floats
    edges: Ints32
    winding: int
    node: tuple[float, float]
    rectangle: Rectangle


class Tally(NamedTuple):
    """Area and its error per zone for the site at hand, which zones they are, and how many."""

    area_m2: Floats
    error_m2: Floats
    is_met: Ints32
    met: Ints
    number: Ints


class Room(NamedTuple):
    """Room for the pieces of a site and of a zone, sloping and floor, and for a strip's coefficients."""

    site: Floats
    site_floor: Floats
    zone: Floats
    zone_floor: Floats
    strip: Floats
    strip_room: Floats


Found = tuple[Ints, Ints, Floats, Floats]


def cells_of(index: ZoneIndex) -> Cells:
    """Return what the cells of an index hold, for compiled functions."""
    most_edges = int(index.entries["edge_count"].max(initial=0))
    return Cells(index.cell_start, index.entries, index.edges, most_edges)


def outlines_of(polygons: Polygons) -> Outlines:
    """Return the arrays of polygons, for compiled functions."""
    return Outlines(polygons.lonlat, polygons.ring_start, polygons.feature_start)


@compiled
def gathered(outlines: Outlines, features: Ints) -> Outlines:
    """Copy some features next to one another: read at once, they do not keep the walk waiting for memory one by one.

    Parameters
    ----------
    outlines
        Of a whole layer.
    features
        Which of them, in the order wanted.
    """
    feature_start = np.zeros(len(features) + 1, np.int64)
    for k in range(len(features)):
        feature_start[k + 1] = outlines.feature_start[features[k] + 1] - outlines.feature_start[features[k]]
    feature_start[:] = np.cumsum(feature_start)
    ring_start = np.zeros(feature_start[-1] + 1, np.int64)
    ring = 0
    for feature in features:
        for k in range(outlines.feature_start[feature], outlines.feature_start[feature + 1]):
            ring_start[ring + 1] = ring_start[ring] + outlines.ring_start[k + 1] - outlines.ring_start[k]
            ring += 1
    lonlat = np.empty((ring_start[-1], 2))
    vertex = 0
    for feature in features:
        first, last = _vertices(outlines, feature)
        for i in range(first, last):
            lonlat[vertex, 0], lonlat[vertex, 1] = outlines.lonlat[i, 0], outlines.lonlat[i, 1]
            vertex += 1
    return Outlines(lonlat, ring_start, feature_start)


@compiled
def walk(grid: Grid, cells: Cells, zones: Outlines, sites: Outlines) -> Found:
    """Sum up the ground that each site shares with each zone.

    Parameters
    ----------
    grid, cells, zones
        Of a `ZoneIndex`.
    sites
        The sites; neighbours one after another find the zones' cells at hand.

    Returns
    -------
    Site, zone, area in m² and a bound on its error, by site, then zone. What is exactly 0 is left
    out; what is within its error of 0 is yet to be decided.
    """
    size, used = 1024, 0
    site, zone, area, error = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size), np.empty(size)
    number = len(zones.feature_start) - 1
    tally = Tally(
        np.zeros(number),
        np.zeros(number),
        np.zeros(number, np.int32),
        np.empty(number, np.int64),
        np.zeros(1, np.int64),
    )
    most_vertices = 0
    for feature in range(len(sites.feature_start) - 1):
        most_vertices = max(most_vertices, _vertices(sites, feature)[1] - _vertices(sites, feature)[0])
    site_pieces, site_floor = scratch(most_vertices)
    zone_pieces, zone_floor = scratch(cells.most_edges)
    room = Room(site_pieces, site_floor, zone_pieces, zone_floor, np.empty(TERMS + 1), np.empty((4, TERMS + 1)))
    edges = np.empty(most_vertices, np.int32)
    for feature in range(len(sites.feature_start) - 1):
        box = box_of(sites.lonlat, *_vertices(sites, feature))
        span = cells_of_box(grid, box)
        if not _has_entries(grid, cells.start, span):
            continue
        if (span[2] - span[0] + 1) * (span[3] - span[1] + 1) <= _FEW_CELLS:
            _walk_small(grid, cells, zones, sites, feature, box, span, edges, room, tally)
        else:
            _walk_large(grid, cells, zones, sites, feature, box, span, room, tally)
        met = tally.met[: tally.number[0]]
        if len(met) > _FEW_ZONES:
            met.sort()
        else:
            _sort(met)
        tally.number[0] = 0
        if used + len(met) > size:
            size = 2 * size + len(met)
            site, zone, area, error = _grown(site, size), _grown(zone, size), _grown(area, size), _grown(error, size)
        for k in met:
            site[used], zone[used], area[used], error[used] = feature, k, tally.area_m2[k], tally.error_m2[k]
            tally.area_m2[k], tally.error_m2[k], tally.is_met[k] = 0.0, 0.0, 0
            used += 1
    return site[:used], zone[:used], area[:used], error[:used]


@lean
def _sort(numbers: Ints) -> None:
    """Sort numbers in place; mostly there are one or two, in order already but for the last."""
    for k in range(1, len(numbers)):
        number, at = numbers[k], k
        while at > 0 and numbers[at - 1] > number:
            numbers[at] = numbers[at - 1]
            at -= 1
        numbers[at] = number


@lean
def _vertices(outlines: Outlines, feature: int) -> tuple[int, int]:
    """Return a feature's first vertex and the one after its last."""
    starts = outlines.feature_start
    return outlines.ring_start[starts[feature]], outlines.ring_start[starts[feature + 1]]


@lean
def _has_entries(grid: Grid, cell_start: Ints, span: tuple[int, int, int, int]) -> bool:
    """Tell whether any cell of a span holds an entry; a span without a cell does not."""
    if span[2] < span[0]:
        return False
    for row in range(span[1], span[3] + 1):
        if cell_start[row * grid.columns + span[0]] != cell_start[row * grid.columns + span[2] + 1]:
            return True
    return False


@lean
def _add(tally: Tally, zone: int, area: float, error: float) -> None:
    if tally.is_met[zone] == 0:
        tally.is_met[zone] = 1
        tally.met[tally.number[0]] = zone
        tally.number[0] += 1
    tally.area_m2[zone] += area
    tally.error_m2[zone] += error


@lean
def _walk_small(
    grid: Grid,
    cells: Cells,
    zones: Outlines,
    sites: Outlines,
    feature: int,
    box: Rectangle,
    span: tuple[int, int, int, int],
    edges: Ints32,
    room: Room,
    tally: Tally,
) -> None:
    """Cut a site's whole outline to each of its cells."""
    number = 0
    for ring in range(sites.feature_start[feature], sites.feature_start[feature + 1]):
        for i in range(sites.ring_start[ring], sites.ring_start[ring + 1] - 1):
            edges[number] = i
            number += 1
    outside = (box[0] - 1.0, box[1] - 1.0)
    for row in range(span[1], span[3] + 1):
        for column in range(span[0], span[2] + 1):
            cell = row * grid.columns + column
            if cells.start[cell] == cells.start[cell + 1]:
                continue
            rectangle = _part_of(grid, column, row, box)
            if rectangle[0] < rectangle[2] and rectangle[1] < rectangle[3]:
                part = Part(sites.lonlat, edges[:number], 0, outside, rectangle)
                _share(grid, cells, zones, column, row, part, room, tally)


@compiled
def _walk_large(
    grid: Grid,
    cells: Cells,
    zones: Outlines,
    sites: Outlines,
    feature: int,
    box: Rectangle,
    span: tuple[int, int, int, int],
    room: Room,
    tally: Tally,
) -> None:
    """Spread a site over its cells, cut those its outline enters, and add up those inside."""
    first_ring, last_ring = sites.feature_start[feature], sites.feature_start[feature + 1]
    winding, start, edges = spread(grid, span, sites.lonlat, sites.ring_start, first_ring, last_ring)
    k = -1
    for row in range(span[1], span[3] + 1):
        for column in range(span[0], span[2] + 1):
            k += 1
            cell = row * grid.columns + column
            if cells.start[cell] == cells.start[cell + 1]:
                continue
            if start[k] == start[k + 1]:
                if winding[k] != 0:
                    for e in range(cells.start[cell], cells.start[cell + 1]):
                        held = cells.entries[e]
                        _add(tally, held.zone, winding[k] * held.area_m2, abs(winding[k]) * held.error_m2)
                continue
            rectangle = _part_of(grid, column, row, box)
            if rectangle[0] < rectangle[2] and rectangle[1] < rectangle[3]:
                node, within = (node_x(grid, column), node_y(grid, row)), edges[start[k] : start[k + 1]]
                part = Part(sites.lonlat, within, winding[k], node, rectangle)
                _share(grid, cells, zones, column, row, part, room, tally)


@lean
def _part_of(grid: Grid, column: int, row: int, box: Rectangle) -> Rectangle:
    """Return what a cell and a box have in common; east may be west of west."""
    return (
        max(box[0], node_x(grid, column)),
        max(box[1], node_y(grid, row)),
        min(box[2], node_x(grid, column + 1)),
        min(box[3], node_y(grid, row + 1)),
    )


@lean
def _share(
    grid: Grid, cells: Cells, zones: Outlines, column: int, row: int, part: Part, room: Room, tally: Tally
) -> None:
    """Add the ground that a part of a site in one cell shares with every zone there; it is cut once a zone is met."""
    rectangle, c = part.rectangle, room.strip
    width, depth = rectangle[2] - rectangle[0], rectangle[3] - rectangle[1]
    node, cell = (node_x(grid, column), node_y(grid, row)), row * grid.columns + column
    is_cut, slopes, floors, reach_x, reach_y, whole = False, 0, 0, 0.0, 0.0, 0.0
    for e in range(cells.start[cell], cells.start[cell + 1]):
        held = cells.entries[e]
        edges = cells.edges[held.edge_start : held.edge_start + held.edge_count]
        z_slopes, z_floors, z_reach_x, z_reach_y = pieces_in(
            zones.lonlat, edges, held.winding, node, rectangle, room.zone, room.zone_floor
        )
        if z_slopes + z_floors == 0:
            continue
        if not is_cut:
            slopes, floors, reach_x, reach_y = pieces_in(
                part.lonlat, part.edges, part.winding, part.node, rectangle, room.site, room.site_floor
            )
            strip(rectangle[3], c, room.strip_room)
            whole = ground(room.site, slopes, room.site_floor, floors, depth, c)
            is_cut = True
        if z_slopes > 0:
            terms = (slopes + floors) * (z_slopes + z_floors)
            area = common_ground(
                room.site, slopes, room.site_floor, floors, room.zone, z_slopes, room.zone_floor, z_floors, depth, c
            )
        else:
            terms = slopes + floors
            area = whole * _times_covered(room.zone_floor, z_floors, width)
        if area != 0.0:
            error = error_m2(terms, width, depth, max(reach_x, z_reach_x), max(reach_y, z_reach_y), c)
            _add(tally, held.zone, area, error)


@lean
def _times_covered(floor: Floats, floors: int, width: float) -> float:
    """Return how many times a zone that has no edge in a rectangle covers it: a whole number."""
    covered = 0.0
    for k in range(floors):
        covered += floor[k, 2] * (floor[k, 1] - floor[k, 0])
    times: float = np.round(covered / width)
    return times


@compiled
def _grown(array: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    larger = np.empty(room, array.dtype)
    larger[: len(array)] = array
    return larger
