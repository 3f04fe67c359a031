"""Sites walked over the grid of zones, cell by cell.

A cell without an entry is passed over after one look-up. Where no zone's edge enters the box of a small site, each zone
covers all of the site or nothing of it (`_covered_evenly`). Any other small site is cut to each of its cells from its
whole outline. A large one is first spread over the grid as the zones were: then only the cells its outline enters are
cut, and a cell that lies wholly inside it costs one addition per zone there, once the zone's area in it is known.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ecogeo.kernel.arrays import Cells, Outlines, vertices_of
from ecogeo.kernel.compiled import Floats, Ints, Ints32, compiled, lean
from ecogeo.kernel.ellipsoid import TERMS, mean_depth, shifted
from ecogeo.kernel.grid import Grid, box_of, cells_of_box, node_x, node_y, spread
from ecogeo.kernel.pieces import Rectangle, pieces_in, scratch
from ecogeo.kernel.sums import common_ground, error_m2, ground

_FEW_CELLS = 12
"""A site in no more cells than this is small."""

_EVEN_ZONES = 8
"""A site evenly covered by more zones than this is cut like any other."""

_FEW_ZONES = 32
"""So many numbers are sorted by moving each down to its place."""


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
    """Room for pieces of a site and a zone, sloping and floor, for a strip, and for zones and how often they cover."""

    site: Floats
    site_floor: Floats
    zone: Floats
    zone_floor: Floats
    strip: Floats
    even_zone: Ints
    even_times: Floats


Found = tuple[Ints, Ints, Floats, Floats]


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
        most_vertices = max(most_vertices, vertices_of(sites, feature)[1] - vertices_of(sites, feature)[0])
    site_pieces, site_floor = scratch(most_vertices)
    zone_pieces, zone_floor = scratch(cells.most_edges)
    even = np.empty(_EVEN_ZONES, np.int64), np.empty(_EVEN_ZONES)
    room = Room(site_pieces, site_floor, zone_pieces, zone_floor, np.empty(TERMS + 1), even[0], even[1])
    edges = np.empty(most_vertices, np.int32)
    for feature in range(len(sites.feature_start) - 1):
        box = box_of(sites.lonlat, *vertices_of(sites, feature))
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
    """Measure a site whole where it is covered evenly, else cut its whole outline to each of its cells."""
    even = _covered_evenly(grid, cells, zones, box, span, room)
    if even >= 0:
        area, error = _whole(grid, cells, sites, feature, box, span, room)
        for k in range(even):
            times = room.even_times[k]
            _add(tally, room.even_zone[k], times * area, abs(times) * error)
        return
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


@lean
def _covered_evenly(
    grid: Grid, cells: Cells, zones: Outlines, box: Rectangle, span: tuple[int, int, int, int], room: Room
) -> int:
    """Write which zones cover a box and how many times each; return how many do, −1 where it is not the same all over.

    Compared cell by cell: a zone may end where a cell does.
    """
    if box[0] < node_x(grid, span[0]) or box[2] > node_x(grid, span[2] + 1):
        return -1
    if box[1] < node_y(grid, span[1]) or box[3] > node_y(grid, span[3] + 1):
        return -1
    number = -1
    for row in range(span[1], span[3] + 1):
        for column in range(span[0], span[2] + 1):
            rectangle = _part_of(grid, column, row, box)
            if not (rectangle[0] < rectangle[2] and rectangle[1] < rectangle[3]):
                continue
            found = _covering(grid, cells, zones, column, row, rectangle, room, number)
            if found < 0 or (number >= 0 and found != number):
                return -1
            number = found
    return number


@lean
def _covering(
    grid: Grid, cells: Cells, zones: Outlines, column: int, row: int, rectangle: Rectangle, room: Room, known: int
) -> int:
    """Count the zones that cover a part of a cell evenly; −1 where one does not, or not as in the cells before.

    The zones are written down where `known` is −1, for the first cell, and else compared with what stands there.
    """
    node, cell, number = (node_x(grid, column), node_y(grid, row)), row * grid.columns + column, 0
    for e in range(cells.start[cell], cells.start[cell + 1]):
        held = cells.entries[e]
        edges = cells.edges[held.edge_start : held.edge_start + held.edge_count]
        slopes, floors, _, _ = pieces_in(zones.lonlat, edges, held.winding, node, rectangle, room.zone, room.zone_floor)
        if slopes > 0:
            return -1
        times = _times_covered(room.zone_floor, floors, rectangle[2] - rectangle[0])
        if times == 0.0:
            continue
        if known < 0:
            if number == _EVEN_ZONES:
                return -1
            room.even_zone[number], room.even_times[number] = held.zone, times
        elif number >= known or room.even_zone[number] != held.zone or room.even_times[number] != times:
            return -1
        number += 1
    return number


@lean
def _whole(
    grid: Grid,
    cells: Cells,
    sites: Outlines,
    feature: int,
    box: Rectangle,
    span: tuple[int, int, int, int],
    room: Room,
) -> tuple[float, float]:
    """Return the ground a site winds around, as it winds, and a bound on its error."""
    c, north = room.strip, box[3]
    shifted(cells.strips[span[3]], node_y(grid, span[3] + 1) - north, c)
    total, edges = 0.0, 0
    for ring in range(sites.feature_start[feature], sites.feature_start[feature + 1]):
        for i in range(sites.ring_start[ring], sites.ring_start[ring + 1] - 1):
            width = sites.lonlat[i + 1, 0] - sites.lonlat[i, 0]
            total += width * mean_depth(c, north - sites.lonlat[i, 1], north - sites.lonlat[i + 1, 1])
            edges += 1
    across, deep = box[2] - box[0], north - box[1]
    return total, error_m2(edges, across, deep, across, deep, c)


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
                        area, error = _entry_area(grid, cells, zones, column, row, e, room)
                        _add(tally, cells.entries[e].zone, winding[k] * area, abs(winding[k]) * error)
                continue
            rectangle = _part_of(grid, column, row, box)
            if rectangle[0] < rectangle[2] and rectangle[1] < rectangle[3]:
                node, within = (node_x(grid, column), node_y(grid, row)), edges[start[k] : start[k + 1]]
                part = Part(sites.lonlat, within, winding[k], node, rectangle)
                _share(grid, cells, zones, column, row, part, room, tally)


@lean
def _entry_area(
    grid: Grid, cells: Cells, zones: Outlines, column: int, row: int, e: int, room: Room
) -> tuple[float, float]:
    """Return a zone's area in a cell and a bound on its error; worked out when it is first asked for."""
    area, error = cells.known_m2[e, 0], cells.known_m2[e, 1]
    if np.isnan(area) or np.isnan(error):
        held, west, south = cells.entries[e], node_x(grid, column), node_y(grid, row)
        rectangle = (west, south, node_x(grid, column + 1), node_y(grid, row + 1))
        edges = cells.edges[held.edge_start : held.edge_start + held.edge_count]
        slopes, floors, reach_x, reach_y = pieces_in(
            zones.lonlat, edges, held.winding, (west, south), rectangle, room.zone, room.zone_floor
        )
        c, width, depth = cells.strips[row], rectangle[2] - west, rectangle[3] - south
        area = ground(room.zone, slopes, room.zone_floor, floors, depth, c)
        error = error_m2(slopes + floors, width, depth, reach_x, reach_y, c)
        cells.known_m2[e, 0], cells.known_m2[e, 1] = area, error
    return area, error


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
            shifted(cells.strips[row], node_y(grid, row + 1) - rectangle[3], c)
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
