"""Strips of land along banks (河道缓冲带), on the landward side."""

from __future__ import annotations

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.corridor import corridors
from ecogeo.guarded import joined, without
from ecogeo.shoreline.banks import Banks, Side


def river_strips(banks: Banks, width_m: geodesy.Floats) -> geodesy.Geometries:
    """Return the land within a distance of the banks of each reach.

    Parameters
    ----------
    banks
        The banks; islands have no strip.
    width_m
        Shape (n,) of the reaches, how far the strip reaches from the bank, metres.

    Returns
    -------
    Shape (n,), longitude and latitude; empty for a reach without banks. The water of every reach is left out; of a
    reach whose banks enclose none, the strip lies on both sides of its banks. Strips end square where banks end.

    Examples
    --------
    Two banks of 1000 m, 100 m apart, and strips of 20 m: 4 ha.

    >>> from ecogeo.shoreline.banks import banks_of
    >>> plane = geodesy.local_plane(109.0)
    >>> river = shapely.MultiLineString([[(0, 0), (1000, 0)], [(0, 100), (1000, 100)]])
    >>> banks = banks_of(plane.to_lonlat(np.array([river])), np.array([np.nan]))
    >>> round(float(geodesy.area_m2(river_strips(banks, np.array([20.0])))[0]), -1)
    40000.0
    """
    is_bank = np.array([side is not Side.ISLAND for side in banks.side], dtype=bool)
    lines, reach = banks.lines[is_bank], banks.reach[is_bank]
    along = shapely.make_valid(corridors(lines, 2.0 * width_m[reach]), method="structure", keep_collapsed=False)
    waters = shapely.make_valid(banks.water[~shapely.is_missing(banks.water)], method="structure", keep_collapsed=False)
    water = np.array([joined(waters)], dtype=object)
    strips: geodesy.Geometries = np.full(len(banks.drawn), shapely.Polygon(), dtype=object)
    for row in np.unique(reach):
        strips[row] = without(np.array([joined(along[reach == row])], dtype=object), water)[0]
    return strips
