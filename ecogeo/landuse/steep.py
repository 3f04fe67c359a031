"""How much of each ground is steep, and how much of its cropland."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj.enums import TransformDirection

from ecogeo import geodesy
from ecogeo.guarded import shared
from ecogeo.landuse.book import NOTHING, LandBook
from ecogeo.landuse.cover import meanings_of
from ecogeo.landuse.units import UNIT_COLUMNS, Units
from ecogeo.overlay import touching
from ecogeo.raster import Raster, Window
from ecogeo.raster_classes import NO_CODE, read_codes
from ecogeo.terrain import read_slope_deg
from ecogeo.zonal import class_areas

COLUMNS = (
    *(*UNIT_COLUMNS, "area_m2", "steep_m2", "steep_share", "unknown_share", "cropland_source", "cropland_m2"),
    *("steep_cropland_m2", "steep_cropland_share", "cropland_unknown_m2"),
)
_CLIFF_DEG = 45.0
_GENTLE, _STEEP, _UNKNOWN = 0, 1, 2
_ELSE, _CROPLAND, _UNCLEAR = 0, 1, 2

CroplandOf = Callable[[Window], npt.NDArray[np.int32]]


@dataclass(slots=True)
class SlopeCells:
    """What gives the cells of a terrain model a code: its slope class three times over, and what grows there.

    Parameters
    ----------
    dem
        Heights in metres.
    over_deg
        Ground is steep above this slope, degrees.
    cropland
        What tells of the cells of a window whether they are cropland; None where nothing does.
    impossible
        Cells met by window that hold a height no ground has.
    cliffs
        Cells met by window that are steeper than 45°, and those with a slope.
    """

    dem: Raster
    over_deg: float
    cropland: CroplandOf | None = None
    impossible: dict[Window, int] = field(default_factory=dict)
    cliffs: dict[Window, tuple[int, int]] = field(default_factory=dict)

    def __call__(self, window: Window) -> npt.NDArray[np.int32]:
        """Return the code of each cell of a window."""
        slope, self.impossible[window] = read_slope_deg(self.dem, window)
        self.cliffs[window] = int((slope > _CLIFF_DEG).sum()), int(np.isfinite(slope).sum())
        steepness = np.where(np.isnan(slope), _UNKNOWN, np.where(slope > self.over_deg, _STEEP, _GENTLE))
        grown = 0 if self.cropland is None else self.cropland(window)
        codes: npt.NDArray[np.int32] = (3 * steepness + grown).astype(np.int32)
        return codes


@dataclass(frozen=True, slots=True, eq=False)
class SteepShares:
    """Steep ground and steep cropland.

    Parameters
    ----------
    rows
        One row per ground and source of cropland: `COLUMNS`.
    impossible_cells
        How many cells hold a height no ground has; they count as unknown.
    cliff_share
        Share of the cells with a slope that are steeper than 45°; 0 where none has one.
    """

    rows: pd.DataFrame
    impossible_cells: int
    cliff_share: float = 0.0


def steep_shares(
    units: Units,
    dem: Raster,
    *,
    over_deg: float,
    landcover: Raster | None = None,
    book: LandBook | None = None,
    cropland: geodesy.Geometries | None = None,
) -> SteepShares:
    """Measure the steep ground of grounds, and the cropland on it.

    Parameters
    ----------
    units
        The grounds.
    dem
        Heights in metres; the slope of each cell is that of Horn (`ecogeo.terrain.slope_deg`), by the cell's true size.
    over_deg
        The limit, degrees: a cell of exactly this slope is not steep.
    landcover, book
        Cropland by class of land cover; where its cells are others than those of the terrain, by the class at the
        middle of each terrain cell.
    cropland
        Cropland by patches: polygons, longitude and latitude in degrees, not overlapping.

    Returns
    -------
    Cells weighted by the fraction covered. ``steep_share`` is of the whole ground, unknown ground
    included; ``steep_cropland_share`` of the cropland. One row per source of cropland (``landcover``, ``landuse``),
    one with empty figures where there is none. ``cropland_unknown_m2`` is, for ``landcover``, ground of no known
    class; for ``landuse``, cropland without a slope.

    Raises
    ------
    UnusableFileError
        Where a file is damaged.
    """
    grown = None if landcover is None or book is None else _CoverCells(dem, landcover, _cropland_codes(landcover, book))
    cells = SlopeCells(dem, over_deg, grown)
    sums = _by_code(units.shapes, dem, cells)
    ground = _ground_rows(units, sums)
    rows = []
    if grown is not None:
        is_crop = sums[:, _CROPLAND::3]
        rows.append(_with_cropland(ground, "landcover", is_crop, sums[:, _UNCLEAR::3].sum(axis=1)))
    if cropland is not None:
        by_slope = _patches_by_slope(units, cropland, dem, SlopeCells(dem, over_deg))
        rows.append(_with_cropland(ground, "landuse", by_slope, by_slope[:, _UNKNOWN]))
    if not rows:
        rows.append(_with_cropland(ground, "", np.full((len(ground), 3), np.nan), np.full(len(ground), np.nan)))
    cliffs, known = (sum(counted) for counted in zip(*cells.cliffs.values(), strict=True)) if cells.cliffs else (0, 0)
    share = cliffs / known if known else 0.0
    return SteepShares(pd.concat(rows, ignore_index=True), sum(cells.impossible.values()), share)


@dataclass(frozen=True, slots=True)
class _CoverCells:
    """Tells of the cells of a terrain model whether land cover calls them cropland.

    Parameters
    ----------
    dem, landcover
        The two rasters.
    grown
        What each value of land cover counts as; a value not in it is unclear.
    """

    dem: Raster
    landcover: Raster
    grown: dict[int, int]

    def __call__(self, window: Window) -> npt.NDArray[np.int32]:
        """Return `_CROPLAND`, `_ELSE` or `_UNCLEAR` for each cell of a window of the terrain model."""
        codes = _codes_at(self.landcover, self.dem, window)
        found = np.full(window.shape, _UNCLEAR, dtype=np.int32)
        for code, grown in self.grown.items():
            found[codes == code] = grown
        return found


def _cropland_codes(landcover: Raster, book: LandBook) -> dict[int, int]:
    kinds = {code: one.kind for code, one in meanings_of(landcover, book).items()}
    return {
        code: _CROPLAND if kind == "cropland" else _ELSE for code, kind in kinds.items() if kind not in {"", NOTHING}
    }


def _codes_at(landcover: Raster, dem: Raster, window: Window) -> npt.NDArray[np.int32]:
    """Return the class of land cover at the middle of each cell of a window of the terrain model."""
    is_same = landcover.crs == dem.crs and landcover.shape == dem.shape
    if is_same and landcover.transform.almost_equals(dem.transform, 1e-9):
        return read_codes(landcover, window)
    row, column = np.mgrid[window.top : window.bottom, window.left : window.right] + 0.5
    x, y = dem.transform.c + column * dem.transform.a, dem.transform.f + row * dem.transform.e
    if dem.crs != landcover.crs:
        out, back = geodesy.transformer_to_lonlat(dem.crs), geodesy.transformer_to_lonlat(landcover.crs)
        x, y = (x, y) if out is None else out.transform(x, y)
        x, y = (x, y) if back is None else back.transform(x, y, direction=TransformDirection.INVERSE)
    at = landcover.transform
    rows, columns = np.floor((y - at.f) / at.e).astype(np.int64), np.floor((x - at.c) / at.a).astype(np.int64)
    tall, wide = landcover.shape
    is_inside = (rows >= 0) & (rows < tall) & (columns >= 0) & (columns < wide)
    codes = np.full(window.shape, NO_CODE, dtype=np.int32)
    if is_inside.any():
        top, left = int(rows[is_inside].min()), int(columns[is_inside].min())
        held = Window(top, int(rows[is_inside].max()) + 1, left, int(columns[is_inside].max()) + 1)
        codes[is_inside] = read_codes(landcover, held)[rows[is_inside] - top, columns[is_inside] - left]
    return codes


def _by_code(shapes: geodesy.Geometries, dem: Raster, cells: SlopeCells) -> geodesy.Floats:
    """Measure ground by code, shape (n, 9); what lies beyond the terrain model has an unknown slope."""
    measured = class_areas(shapes, dem, cells)
    code = (
        measured["code"].fillna(3 * _UNKNOWN + (_ELSE if cells.cropland is None else _UNCLEAR)).to_numpy(dtype=np.intp)
    )
    sums = np.zeros((len(shapes), 9))
    np.add.at(sums, (measured["position"].to_numpy(), code), measured["area_m2"].to_numpy())
    return sums


def _ground_rows(units: Units, sums: geodesy.Floats) -> pd.DataFrame:
    """Add up what is steep, and what nobody knows of, as shares of the whole ground.

    Examples
    --------
    A ground of 10 ha: 6 gentle, 3 steep of which 1 cropland, 1 without a slope.

    >>> whole = Units(pd.DataFrame({"unit_id": ["1"]}), np.array([None]), np.array([1e5]))
    >>> gentle, steep, unknown = [6e4, 0.0, 0.0], [2e4, 1e4, 0.0], [1e4, 0.0, 0.0]
    >>> rows = _ground_rows(whole, np.array([[*gentle, *steep, *unknown]]))
    >>> rows[["steep_m2", "steep_share", "unknown_share"]].to_numpy().tolist()
    [[30000.0, 0.3, 0.1]]
    """
    by_slope = sums.reshape(-1, 3, 3).sum(axis=2)
    return units.names.assign(
        area_m2=units.area_m2,
        steep_m2=by_slope[:, _STEEP],
        steep_share=by_slope[:, _STEEP] / units.area_m2,
        unknown_share=by_slope[:, _UNKNOWN] / units.area_m2,
    )


def _with_cropland(
    ground: pd.DataFrame, source: str, by_slope: geodesy.Floats, unknown_m2: geodesy.Floats
) -> pd.DataFrame:
    """Add cropland by slope class, shape (n, 3), from one source."""
    whole, steep = by_slope.sum(axis=1), by_slope[:, _STEEP]
    return ground.assign(
        cropland_source=source,
        cropland_m2=whole,
        steep_cropland_m2=steep,
        steep_cropland_share=np.divide(steep, whole, out=np.full(len(whole), np.nan), where=whole > 0),
        cropland_unknown_m2=unknown_m2,
    )[list(COLUMNS)]


def _patches_by_slope(units: Units, cropland: geodesy.Geometries, dem: Raster, cells: SlopeCells) -> geodesy.Floats:
    """Measure patches of cropland within grounds by slope class, shape (n, 3)."""
    patch, unit = touching(cropland, units.shapes)
    pieces = cropland[patch]
    is_cut = ~shapely.covers(units.shapes[unit], pieces)
    pieces[is_cut] = shared(pieces[is_cut], units.shapes[unit[is_cut]])
    by_piece = _by_code(pieces, dem, cells).reshape(-1, 3, 3).sum(axis=2)
    sums = np.zeros((len(units.shapes), 3))
    np.add.at(sums, unit, by_piece)
    return sums
