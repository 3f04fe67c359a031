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
    along_m = share * metres
    lowered = heights - (1 - _REFRACTION) * along_m**2 / (2 * _EARTH_M)
    slope = (lowered[1:] - lowered[0] - EYE_M) / np.maximum(along_m[1:], 1e-9)
    return bool((slope[:-1] <= slope[-1]).all())


def _heights(dem: Raster, places: geodesy.Floats) -> geodesy.Floats:
    """Return the heights of the cells that places lie in; NaN where they are unknown."""
    to_cells = pyproj.Transformer.from_crs(geodesy.LONLAT, dem.crs, always_xy=True)
    x, y = to_cells.transform(places[:, 0], places[:, 1])
    columns = np.floor((x - dem.transform.c) / dem.transform.a).astype(int)
    rows = np.floor((y - dem.transform.f) / dem.transform.e).astype(int)
    top, left = int(rows.min()), int(columns.min())
    cells = read_cells(dem, Window(top, int(rows.max()) + 1, left, int(columns.max()) + 1))
    heights: geodesy.Floats = cells[rows - top, columns - left]
    return heights
