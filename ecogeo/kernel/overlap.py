"""By how much sites overlap zones, on the ellipsoid: every pair that shares ground, and its area.

No overlay is built. The area of A ∩ B is a sum over pairs of pieces of A and B (``sums``) in each cell of a grid
(``grid``), with winding numbers where an outline does not enter (``pieces``), on the ellipsoid's own area element
(``ellipsoid``). The sum needs no topology: nothing can fail on a shared edge, a spike, a repeated point.

Edges are straight in longitude and latitude, as in ``ecogeo.geodesy`` and in the survey rule after its densifying. A
layer in a plane CRS has edges straight in that plane, and is densified on its way here (`geodesy.to_lonlat`); what that
is worth is told in ``ecogeo.overlay``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ecogeo.kernel.arrays import Outlines, cells_of, gathered, outlines_of
from ecogeo.kernel.compiled import Floats, Ints, compiled
from ecogeo.kernel.doubt import may_meet, shared_m2
from ecogeo.kernel.grid import Grid, cell_at
from ecogeo.kernel.index import ZoneIndex
from ecogeo.kernel.order import ordered
from ecogeo.kernel.polygons import Polygons, blocks_of
from ecogeo.kernel.simple import simplified
from ecogeo.kernel.walk import Found, walk

_VERTICES_PER_BLOCK = 1 << 15


@dataclass(frozen=True)
class Pairs:
    """Every site and zone that share ground, by site, then zone.

    Parameters
    ----------
    site, zone
        Positions, shape (pairs,), int64.
    area_m2
        What they share, always above 0; touching is not sharing.
    crossed
        Positions of the sites whose outline crosses or overlaps itself: their ground is what it winds around at all
        (the non-zero rule).
    """

    site: Ints
    zone: Ints
    area_m2: Floats
    crossed: Ints


def overlap_area(sites: Polygons, index: ZoneIndex, *, threads: int = 1) -> Pairs:
    """Measure by how much sites overlap zones.

    Parameters
    ----------
    sites
        Polygons in degrees, simple or not; one without a ring has no pair.
    index
        The zones, valid; they may overlap one another, a site is then measured against each.
    threads
        How many work at it; the result is the same to the last bit for any number.

    Returns
    -------
    The pairs. Areas are right to 1e-11 of the site's box in a cell, see ``sums``; pairs that could be a rounding error
    are decided exactly.
    """
    found = _walked(sites, index, threads)
    crossed, simple = simplified(sites, threads=threads)
    if len(crossed):
        keep = ~np.isin(found.site, crossed)
        again = _walked(simple, index, threads)
        found = Pairs(
            np.concatenate([found.site[keep], crossed[again.site]]),
            np.concatenate([found.zone[keep], again.zone]),
            np.concatenate([found.area_m2[keep], again.area_m2]),
            crossed,
        )
        order = np.lexsort((found.zone, found.site))
        found = Pairs(found.site[order], found.zone[order], found.area_m2[order], crossed)
    return found


def _walked(sites: Polygons, index: ZoneIndex, threads: int) -> Pairs:
    """Measure sites as they are wound, neighbours one after another, and decide the pairs in doubt."""
    cells, zone_lines, site_lines = cells_of(index), outlines_of(index.zones), outlines_of(sites)
    _, order = ordered(_cells(index.grid, site_lines) + 1, index.grid.columns * index.grid.rows + 1)
    vertex_start = np.concatenate([[0], np.cumsum(np.diff(sites.vertex_start)[order])])

    def block(rows: tuple[int, int]) -> Found:
        chosen = order[slice(*rows)]
        near = gathered(site_lines, chosen)
        site, zone, area, error = walk(index.grid, cells, zone_lines, near)
        is_open = np.abs(area) <= error
        open_at = np.flatnonzero(is_open)
        is_open[open_at] = may_meet(index.grid, cells, zone_lines, near, site[open_at], zone[open_at])
        keep = is_open | (np.abs(area) > error)
        return chosen[site[keep]], zone[keep], area[keep], error[keep]

    with ThreadPoolExecutor(threads) as pool:
        blocks = list(pool.map(block, blocks_of(vertex_start, _VERTICES_PER_BLOCK)))
    if not blocks:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
    site, zone, area, error = (np.concatenate(column) for column in zip(*blocks, strict=True))
    _, by_site = ordered(site, len(sites))
    site, zone, area, error = site[by_site], zone[by_site], area[by_site], error[by_site]
    doubtful = np.flatnonzero(np.abs(area) <= error)
    if len(doubtful):
        area[doubtful] = shared_m2(sites, index.zones, site[doubtful], zone[doubtful])
    keep = area > 0.0
    return Pairs(site[keep], zone[keep], area[keep], np.empty(0, np.int64))


@compiled
def _cells(grid: Grid, sites: Outlines) -> Ints:
    """Return the cell that each site begins in, −1 where it does not begin in one."""
    cells = np.full(len(sites.feature_start) - 1, -1, np.int64)
    for site in range(len(cells)):
        ring = sites.feature_start[site]
        if ring < sites.feature_start[site + 1]:
            start = sites.ring_start[ring]
            cells[site] = cell_at(grid, sites.lonlat[start, 0], sites.lonlat[start, 1])
    return cells
