"""Slope from a terrain model, and the ground steeper than a limit as polygons.

The slope is that of Horn (1981): the gradient from the eight neighbours of a cell, those that share an edge counting
twice. A cell without all of them, at the edge of the raster or beside cells without data, has no slope: it is unknown
ground, never flat ground.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.raster import Raster, Window, cell_size_m, read_cells
from ecogeo.raster_outlines import ground_of, outlines
from ecogeo.raster_windows import windows_about
from ecogeo.screening import Screened

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""No ground lies lower or higher: such a value stands for no data without saying so (-9999, 32767 …)."""


@dataclass(frozen=True, slots=True, eq=False)
class SteepGround:
    """The ground about some sites that is steeper than a limit.

    Parameters
    ----------
    steep
        Outlines of the cells steeper than the limit, longitude and latitude; empty where there are none.
    known
        Outlines of all cells that have a slope.
    impossible_cells
        How many cells hold a value that no ground has; they were taken for cells without data.
    cell_m
        Width and height of a cell, metres.
    """

    steep: shapely.Geometry
    known: shapely.Geometry
    impossible_cells: int
    cell_m: tuple[float, float]


def slope_deg(heights_m: geodesy.Floats, width_m: geodesy.Floats, height_m: geodesy.Floats) -> geodesy.Floats:
    """Return the slope of each cell that has neighbours on all sides.

    Parameters
    ----------
    heights_m
        Shape (rows + 2, columns + 2): the cells and a rim of one cell about them; NaN where unknown.
    width_m, height_m
        Shape (rows,), the size of the cells of each row.

    Returns
    -------
    Degrees from the horizontal, shape (rows, columns); NaN where the cell or one of its neighbours is unknown.

    Notes
    -----
    Source: B. K. P. Horn, Hill shading and the reflectance map, Proceedings of the IEEE 69(1), 1981, with the true size
    of the cells.

    Examples
    --------
    A plane that rises by 30 m on 30 m to the east:

    >>> plane = np.array([[0.0, 30.0, 60.0]] * 3)
    >>> round(float(slope_deg(plane, np.array([30.0]), np.array([30.0]))[0, 0]), 6)
    45.0
    """
    z = heights_m
    west, east = z[:-2, :-2] + 2 * z[1:-1, :-2] + z[2:, :-2], z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:]
    top, bottom = z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:], z[2:, :-2] + 2 * z[2:, 1:-1] + z[2:, 2:]
    rise = np.hypot((east - west) / (8 * width_m[:, None]), (bottom - top) / (8 * height_m[:, None]))
    slope: geodesy.Floats = np.degrees(np.arctan(rise))
    slope[np.isnan(z[1:-1, 1:-1])] = np.nan
    return slope


def steep_ground(dem: Raster, sites: geodesy.Geometries, reach_m: geodesy.Floats, *, over_deg: float) -> SteepGround:
    """Find the ground about sites that is steeper than a limit.

    Parameters
    ----------
    dem
        Heights in metres.
    sites
        Shape (n,), longitude and latitude in degrees; nothing is read for a missing one.
    reach_m
        Shape (n,), how far about each site the ground must be known, metres.
    over_deg
        The limit, degrees: a cell of exactly this slope is not steep.

    Returns
    -------
    The steep and the known ground, at least within reach of every site. Only the windows this needs are read, one tile
    at a time.

    Raises
    ------
    UnusableFileError
        Where the file is damaged.
    """
    steep: list[geodesy.Geometries] = []
    known: list[geodesy.Geometries] = []
    impossible = 0
    for window in windows_about(dem, sites, reach_m):
        slope, cells = read_slope_deg(dem, window)
        impossible += cells
        steep.append(outlines(slope > over_deg, window))
        known.append(outlines(np.isfinite(slope), window))
    none: geodesy.Geometries = np.empty(0, dtype=object)
    middle = dem.shape[0] // 2
    width, height = cell_size_m(dem, Window(middle, middle + 1, 0, 1))
    return SteepGround(
        ground_of(dem, np.concatenate([none, *steep])),
        ground_of(dem, np.concatenate([none, *known])),
        impossible,
        (float(width[0]), float(height[0])),
    )


def read_slope_deg(dem: Raster, window: Window) -> tuple[geodesy.Floats, int]:
    """Read the slope of the cells of a window.

    Parameters
    ----------
    dem
        Heights in metres.
    window
        Cells; a rim of one cell about them is read too.

    Returns
    -------
    Degrees, shape of the window, NaN where unknown; and how many of its cells hold a height that no
    ground has: they were taken for cells without data.
    """
    heights = read_cells(dem, Window(window.top - 1, window.bottom + 1, window.left - 1, window.right + 1))
    is_impossible = (heights < LOWEST_M) | (heights > HIGHEST_M)
    heights[is_impossible] = np.nan
    return slope_deg(heights, *cell_size_m(dem, window)), int(is_impossible[1:-1, 1:-1].sum())


def steep_layer(dem: Raster, ground: SteepGround, *, over_deg: float) -> Layer:
    """Return steep ground as a layer of at most one zone, complete where the slope is known.

    Parameters
    ----------
    dem
        The terrain model; where the county declares a coverage of it, the layer is not complete beyond.
    ground
        The steep and the known ground.
    over_deg
        The limit, degrees; ``zone`` is ``slope>25`` for 25.
    """
    known = ground.known if dem.coverage is None else shapely.intersection(ground.known, dem.coverage)
    zone = f"slope>{over_deg:g}"
    patches = [] if shapely.is_empty(ground.steep) else [ground.steep]
    frame = gpd.GeoDataFrame(
        {"zone": [zone] * len(patches), "shown_name": [f"坡度大于{over_deg:g}°的地块"] * len(patches)},
        geometry=gpd.GeoSeries(patches, crs=geodesy.LONLAT),
    )
    told = {
        "key": "zone",
        "name": "shown_name",
        "fields": {},
        "title": f"坡度大于{over_deg:g}°的地块",
        "title_en": f"ground steeper than {over_deg:g}°",
    }
    declaration = dem.declaration.model_copy(update=told)
    return Layer(dem.name, declaration, frame, frame, coverage=known)


def distance_as_seen(screened: Screened, *, search_m: float) -> Screened:
    """Leave out distances to steep ground beyond where terrain was read: nearer ground may lie between.

    Parameters
    ----------
    screened
        Sites against a `steep_layer`.
    search_m
        How far beyond its accuracy the terrain about each site was read, metres.
    """
    rows = screened.rows
    seen_m = rows["certainty_m"].fillna(0.0) + search_m
    return replace(screened, rows=rows.assign(distance_m=rows["distance_m"].where(rows["distance_m"] <= seen_m)))
