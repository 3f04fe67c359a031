"""Slope from a terrain model, and the ground steeper than a limit as polygons.

The slope is that of Horn (1981): the gradient from the eight neighbours of a cell, those that share an edge counting
twice. A cell without all of them, at the edge of the raster or beside cells without data, has no slope: it is unknown
ground, never flat ground.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.raster import Raster, Window, cell_size_m, is_true_to_scale, read_cells
from ecogeo.raster_outlines import ground_of, outlines
from ecogeo.raster_windows import windows_about
from ecogeo.screening import Screened

Cells = npt.NDArray[np.intp]

_STEP_CELLS = 32
"""Between cells so far apart the size of cells of a plane changes in a straight line, to 1e-6 of it at 30 m."""

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


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """How far on the ground it is from each cell to the next column and to the next row.

    Parameters
    ----------
    column_east_m, column_north_m, row_east_m, row_north_m
        Shape (rows, columns), metres.
    """

    column_east_m: geodesy.Floats
    column_north_m: geodesy.Floats
    row_east_m: geodesy.Floats
    row_north_m: geodesy.Floats


def steps_m(raster: Raster, window: Window) -> Steps:
    """Return the steps between the cells of any plane, by where their centres lie on the ellipsoid.

    They are worked out at every `_STEP_CELLS`th cell and go in a straight line between.

    Parameters
    ----------
    raster
        Cells of a plane, however it stretches or turns the ground.
    window
        Cells.
    """
    rows = _nodes(window.top, window.bottom)
    columns = _nodes(window.left, window.right)
    at = np.stack(np.meshgrid(rows + 0.5, columns + 0.5, indexing="ij"), axis=-1).reshape(-1, 2)
    to_column, to_row = np.array([0.0, 1.0]), np.array([1.0, 0.0])
    parts: list[geodesy.Floats] = []
    for step in (to_column, to_row):
        lon_to, lat_to = _lonlat(raster, at + step / 2)
        lon_from, lat_from = _lonlat(raster, at - step / 2)
        azimuth, _, metres = geodesy.GEOD.inv(lon_from, lat_from, lon_to, lat_to)
        parts += [metres * np.sin(np.radians(azimuth)), metres * np.cos(np.radians(azimuth))]
    shape = (len(rows), len(columns))
    wanted = np.arange(window.top, window.bottom), np.arange(window.left, window.right)
    return Steps(*(_between(part.reshape(shape), rows, columns, wanted) for part in parts))


def slope_of_steps_deg(heights_m: geodesy.Floats, steps: Steps) -> geodesy.Floats:
    """Return the slope of cells that are no squares on the ground: as `slope_deg`, along their own two directions.

    Parameters
    ----------
    heights_m
        Shape (rows + 2, columns + 2): the cells and a rim of one cell about them; NaN where unknown.
    steps
        The steps between the cells.

    Examples
    --------
    Cells of 10 m whose columns run to the north-east; the ground rises by 10 m on 10 m to the east:

    >>> one = np.ones((1, 1))
    >>> turned = Steps(10 * one, 10 * one, 10 * one, -10 * one)
    >>> ground = np.array([[10.0 * (column + row) for column in range(3)] for row in range(3)])
    >>> round(float(slope_of_steps_deg(ground, turned)[0, 0]), 6)
    45.0
    """
    z = heights_m
    left, right = z[:-2, :-2] + 2 * z[1:-1, :-2] + z[2:, :-2], z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:]
    top, bottom = z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:], z[2:, :-2] + 2 * z[2:, 1:-1] + z[2:, 2:]
    per_column, per_row = (right - left) / 8, (bottom - top) / 8
    turn = steps.column_east_m * steps.row_north_m - steps.column_north_m * steps.row_east_m
    to_east = (per_column * steps.row_north_m - per_row * steps.column_north_m) / turn
    to_north = (per_row * steps.column_east_m - per_column * steps.row_east_m) / turn
    slope: geodesy.Floats = np.degrees(np.arctan(np.hypot(to_east, to_north)))
    slope[np.isnan(z[1:-1, 1:-1])] = np.nan
    return slope


def _nodes(start: int, stop: int) -> geodesy.Floats:
    """Return every so many cells from the first to the last, at least two."""
    nodes: geodesy.Floats = np.arange(start, stop + _STEP_CELLS, _STEP_CELLS, dtype=float)
    return nodes if len(nodes) > 1 else np.array([start, start + 1.0])


def _lonlat(raster: Raster, places: geodesy.Floats) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Return longitude and latitude of places given as row and column."""
    cells = raster.transform
    x, y = cells.c + places[:, 1] * cells.a, cells.f + places[:, 0] * cells.e
    to_lonlat = geodesy.transformer_to_lonlat(raster.crs)
    return (x, y) if to_lonlat is None else to_lonlat.transform(x, y)


def _between(
    values: geodesy.Floats, rows: geodesy.Floats, columns: geodesy.Floats, wanted: tuple[Cells, Cells]
) -> geodesy.Floats:
    """Return values at nodes as they are between them, straight lines along both axes."""
    along = np.stack([np.interp(wanted[1], columns, line) for line in values])
    row = np.clip(np.searchsorted(rows, wanted[0], side="right") - 1, 0, len(rows) - 2)
    share = ((wanted[0] - rows[row]) / (rows[row + 1] - rows[row]))[:, None]
    mixed: geodesy.Floats = along[row] * (1 - share) + along[row + 1] * share
    return mixed


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
    is_plain = dem.crs.is_geographic or is_true_to_scale(dem)
    if is_plain:
        slope = slope_deg(heights, *cell_size_m(dem, window))
    else:
        slope = slope_of_steps_deg(heights, steps_m(dem, window))
    return slope, int(is_impossible[1:-1, 1:-1].sum())


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
