"""Whether one place can be seen from another over a terrain model."""

from __future__ import annotations

import numpy as np
import pyproj

from ecogeo import geodesy
from ecogeo.raster import Raster, Window, read_cells

EYE_M = 1.7
"""Height of an observer's eye above the ground."""

_EARTH_M = 6_371_000.0
_REFRACTION = 0.13
"""Share of the curvature that refraction takes back, the surveyor's usual value for the air near the ground."""


def is_seen(dem: Raster, eye: tuple[float, float], target: tuple[float, float], *, step_m: float = 30.0) -> bool | None:
    """Tell whether a place on the ground can be seen from an eye above another place.

    Parameters
    ----------
    dem
        Heights of the bare ground in metres; houses and trees hide more.
    eye, target
        Longitude and latitude, degrees.
    step_m
        How densely the terrain between them is looked at, metres.

    Returns
    -------
    True where no ground between them rises above the line of sight; None where the terrain is not known all the way.

    Notes
    -----
    Source: a line of sight over a terrain profile, the profile lowered by curvature less refraction, (1 - k) d² / 2R.
    """
    _, _, metres = geodesy.GEOD.inv(*eye, *target)
    count = max(int(np.ceil(metres / step_m)), 1)
    share = np.linspace(0.0, 1.0, count + 1)
    heights = _heights(dem, np.outer(1 - share, eye) + np.outer(share, target))
    if np.isnan(heights).any():
        return None
    return is_clear(heights, share * metres)


def is_clear(heights_m: geodesy.Floats, along_m: geodesy.Floats) -> bool:
    """Tell whether the last place of a terrain profile is seen from an eye above the first.

    Parameters
    ----------
    heights_m
        Shape (n,), heights of the ground.
    along_m
        Shape (n,), distances from the eye, from 0.

    Examples
    --------
    A target 20 m up and 200 m off is hidden by a wall of 15 m half-way, and not by one of 10 m: the line of sight from
    1.7 m passes at 10.85 m.

    >>> [is_clear(np.array([0.0, wall, 20.0]), np.array([0.0, 100.0, 200.0])) for wall in (15.0, 10.0)]
    [False, True]

    Level ground 10 km off is below the horizon: it has sunk by 0.87 · 10000² ÷ (2 · 6371000) = 6.83 m and is looked for
    0.85 ‰ below level, while the ground at 5 km, sunk by 1.71 m, stands at 0.68 ‰ below it.

    >>> is_clear(np.zeros(3), np.array([0.0, 5000.0, 10_000.0]))
    False
    """
    lowered = heights_m - (1 - _REFRACTION) * along_m**2 / (2 * _EARTH_M)
    slope = (lowered[1:] - lowered[0] - EYE_M) / np.maximum(along_m[1:], 1e-9)
    return bool((slope[:-1] <= slope[-1]).all())


def _heights(dem: Raster, places: geodesy.Floats) -> geodesy.Floats:
    """Return the heights of places, between the middles of the four cells about them; NaN where they are unknown.

    A place one of whose four cells has no height has that of its own cell.
    """
    to_cells = pyproj.Transformer.from_crs(geodesy.LONLAT, dem.crs, always_xy=True)
    x, y = to_cells.transform(places[:, 0], places[:, 1])
    column, row = (x - dem.transform.c) / dem.transform.a - 0.5, (y - dem.transform.f) / dem.transform.e - 0.5
    left, top = np.floor(column).astype(int), np.floor(row).astype(int)
    window = Window(int(top.min()), int(top.max()) + 2, int(left.min()), int(left.max()) + 2)
    cells = read_cells(dem, window)
    rows, columns = top - window.top, left - window.left
    down, right = row - top, column - left
    heights: geodesy.Floats = np.zeros(len(places))
    for below, beside in ((0, 0), (0, 1), (1, 0), (1, 1)):
        weight = (down if below else 1 - down) * (right if beside else 1 - right)
        heights += np.where(weight > 0, weight * cells[rows + below, columns + beside], 0.0)
    own = cells[rows + np.round(down).astype(int), columns + np.round(right).astype(int)]
    found: geodesy.Floats = np.where(np.isnan(heights), own, heights)
    return found
