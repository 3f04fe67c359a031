"""Which zones points lie in."""

from __future__ import annotations

import numpy as np
import shapely

from ecogeo.kernel.arrays import Cells, Outlines, cells_of, outlines_of
from ecogeo.kernel.compiled import Floats, Ints, compiled
from ecogeo.kernel.doubt import ON_EDGE, winding_at
from ecogeo.kernel.grid import Grid, cell_at
from ecogeo.kernel.index import ZoneIndex


def covers(points: Floats, index: ZoneIndex) -> tuple[Ints, Ints]:
    """Find the zones that points lie in.

    Parameters
    ----------
    points
        Shape (n, 2), longitude and latitude in degrees; what is no number lies nowhere.
    index
        The zones, valid. A point on the boundary lies in the zone.

    Returns
    -------
    Positions of point and zone, by point, then zone.

    Examples
    --------
    >>> from ecogeo.kernel.polygons import Polygons
    >>> square = Polygons.of(np.array([shapely.box(109, 24, 110, 25)]))
    >>> point, zone = covers(np.array([[109.5, 24.5], [110.0, 24.5], [111.0, 24.5]]), ZoneIndex.build(square))
    >>> point.tolist(), zone.tolist()
    ([0, 1], [0, 0])
    """
    cells, zones = cells_of(index), outlines_of(index.zones)
    lonlat = np.ascontiguousarray(points, dtype=np.float64)
    point, zone, winding = _look_up(index.grid, cells, zones, lonlat)
    near = np.flatnonzero(winding == ON_EDGE)
    inside = winding != 0
    if len(near):
        inside[near] = shapely.intersects(index.zones.shapes(zone[near]), shapely.points(lonlat[point[near]]))
    return point[inside], zone[inside]


@compiled
def _look_up(grid: Grid, cells: Cells, zones: Outlines, points: Floats) -> tuple[Ints, Ints, Ints]:
    """Return point, zone and winding number there for every entry in the cells of points (see `winding_at`)."""
    size, used = 1024, 0
    point, zone, winding = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64)
    for i in range(len(points)):
        x, y = points[i, 0], points[i, 1]
        cell = cell_at(grid, x, y)
        if cell < 0:
            continue
        for e in range(cells.start[cell], cells.start[cell + 1]):
            held = cells.entries[e]
            if used == size:
                size *= 2
                point, zone, winding = _grown(point, size), _grown(zone, size), _grown(winding, size)
            point[used], zone[used], winding[used] = i, held.zone, held.winding
            if held.edge_count > 0:
                rings = zones.feature_start[held.zone], zones.feature_start[held.zone + 1]
                winding[used] = winding_at(x, y, zones.lonlat, zones.ring_start, rings[0], rings[1])
            used += 1
    return point[:used], zone[:used], winding[:used]


@compiled
def _grown(array: Ints, room: int) -> Ints:
    larger = np.empty(room, array.dtype)
    larger[: len(array)] = array
    return larger
