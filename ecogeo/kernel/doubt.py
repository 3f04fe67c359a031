"""Pairs whose sum is within its own error of nothing, and whether they share ground or only come near or touch.

First the sure ones: where no edge of the site comes near an edge of the zone, by orientations that are larger than
their rounding error, and no outline lies within the other, they share nothing. What remains, pairs that touch for the
most part, is put to shapely, whose relation of interiors is exact.
"""

from __future__ import annotations

import numpy as np
import shapely

from ecogeo import cgcs2000
from ecogeo.kernel.arrays import Cells, Outlines
from ecogeo.kernel.compiled import Flags, Floats, Ints, compiled
from ecogeo.kernel.grid import Grid, box_of, cells_of_box
from ecogeo.kernel.polygons import Polygons, areas_m2

_ORIENTATION_ERROR = 4.0 * 2.0**-52
_INTERIORS_MEET = "T********"

ON_EDGE = -1000
"""In place of a winding number: the point may lie on an edge."""


@compiled
def side(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> int:
    """Return 1 or −1 as a point lies left or right of a line, 0 where rounding leaves it open."""
    left, right = (x2 - x1) * (y - y1), (y2 - y1) * (x - x1)
    det = left - right
    if abs(det) <= _ORIENTATION_ERROR * (abs(left) + abs(right)):
        return 0
    return 1 if det > 0.0 else -1


@compiled
def are_apart(ax1: float, ay1: float, ax2: float, ay2: float, bx1: float, by1: float, bx2: float, by2: float) -> bool:
    """Tell whether two edges surely share no point."""
    if max(ax1, ax2) < min(bx1, bx2) or max(bx1, bx2) < min(ax1, ax2):
        return True
    if max(ay1, ay2) < min(by1, by2) or max(by1, by2) < min(ay1, ay2):
        return True
    start = side(bx1, by1, ax1, ay1, ax2, ay2)
    if start != 0 and start == side(bx2, by2, ax1, ay1, ax2, ay2):
        return True
    start = side(ax1, ay1, bx1, by1, bx2, by2)
    return start != 0 and start == side(ax2, ay2, bx1, by1, bx2, by2)


@compiled
def winding_at(x: float, y: float, lonlat: Floats, ring_start: Ints, first_ring: int, last_ring: int) -> int:
    """Return a feature's winding number at a point, or `ON_EDGE`."""
    winding = 0
    for ring in range(first_ring, last_ring):
        for i in range(ring_start[ring], ring_start[ring + 1] - 1):
            x1, y1, x2, y2 = lonlat[i, 0], lonlat[i, 1], lonlat[i + 1, 0], lonlat[i + 1, 1]
            if y < min(y1, y2) or y > max(y1, y2) or x < min(x1, x2):
                continue
            if x <= max(x1, x2):
                where = side(x, y, x1, y1, x2, y2)
                if where == 0:
                    return ON_EDGE
                if (y1 <= y) != (y2 <= y) and (where < 0) == (y2 > y1):
                    winding += -1 if y2 > y1 else 1
            elif (y1 <= y) != (y2 <= y):
                winding += -1 if y2 > y1 else 1
    return winding


@compiled
def may_meet(grid: Grid, cells: Cells, zones: Outlines, sites: Outlines, site: Ints, zone: Ints) -> Flags:
    """Tell of each pair whether it may share ground; False is sure."""
    open_ = np.ones(len(site), np.bool_)
    for k in range(len(site)):
        open_[k] = _may_meet(grid, cells, zones, sites, site[k], zone[k])
    return open_


@compiled
def _may_meet(grid: Grid, cells: Cells, zones: Outlines, sites: Outlines, site: int, zone: int) -> bool:
    a, a_rings, a_features = sites
    b, b_rings, b_features = zones
    first_ring, last_ring = a_features[site], a_features[site + 1]
    box = box_of(a, a_rings[first_ring], a_rings[last_ring])
    span = cells_of_box(grid, box)
    for row in range(span[1], span[3] + 1):
        for column in range(span[0], span[2] + 1):
            cell = row * grid.columns + column
            for e in range(cells.start[cell], cells.start[cell + 1]):
                held = cells.entries[e]
                if held.zone != zone:
                    continue
                for k in range(held.edge_start, held.edge_start + held.edge_count):
                    i = cells.edges[k]
                    x1, y1, x2, y2 = b[i, 0], b[i, 1], b[i + 1, 0], b[i + 1, 1]
                    if max(x1, x2) < box[0] or min(x1, x2) > box[2] or max(y1, y2) < box[1] or min(y1, y2) > box[3]:
                        continue
                    for ring in range(first_ring, last_ring):
                        for j in range(a_rings[ring], a_rings[ring + 1] - 1):
                            if not are_apart(a[j, 0], a[j, 1], a[j + 1, 0], a[j + 1, 1], x1, y1, x2, y2):
                                return True
                    if winding_at(x1, y1, a, a_rings, first_ring, last_ring) != 0:
                        return True
    for ring in range(first_ring, last_ring):
        i = a_rings[ring]
        if winding_at(a[i, 0], a[i, 1], b, b_rings, b_features[zone], b_features[zone + 1]) != 0:
            return True
    return False


def shared_m2(sites: Polygons, zones: Polygons, site: Ints, zone: Ints) -> Floats:
    """Return what pairs share, 0 where their interiors do not meet, by shapely's exact relation and its overlay.

    Where the interiors meet in less than coordinates can tell, so that the overlay comes out empty, it is the least
    positive number: the pair is there, and of no size.
    """
    rows, site_at = np.unique(site, return_inverse=True)
    columns, zone_at = np.unique(zone, return_inverse=True)
    site_shapes, zone_shapes = _valid(sites.shapes(rows)), _valid(zones.shapes(columns))
    shapely.prepare(zone_shapes)
    area = np.zeros(len(site))
    meets = shapely.relate_pattern(zone_shapes[zone_at], site_shapes[site_at], _INTERIORS_MEET)
    pieces = shapely.intersection(site_shapes[site_at[meets]], zone_shapes[zone_at[meets]])
    area[meets] = np.maximum(areas_m2(pieces), np.finfo(np.float64).tiny)
    return area


def _valid(shapes: cgcs2000.Geometries) -> cgcs2000.Geometries:
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure")
    return shapes
