"""How good ground is, cell by cell: where nothing blocks, where something does, and where nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import rasterio.warp
import scipy.ndimage
import shapely
from affine import Affine
from rasterio.crs import CRS
from rasterio.enums import Resampling
from shapely.geometry.base import BaseGeometry

from ecogeo.catalog import RASTER_ROLES, ROLES, ZONING_ROLES
from ecogeo.certainty import can_clear
from ecogeo.errors import UsageError
from ecogeo.finding import Verdict
from ecogeo.geodesy import Floats
from ecogeo.inspection import inspect_file
from ecogeo.law import Law, zone_values
from ecogeo.layer import Layer
from ecogeo.raster import Raster, Window, read_cells
from ecogeo.setback import enlarged
from ecogeo.siting.blocked import screening_checks
from ecogeo.siting.criteria import Criterion
from ecogeo.siting.grid import Flags, Grid, Shelf, burnt
from ecogeo.siting.ground import in_plane
from ecogeo.terrain import read_slope_deg
from ecogeo.wording import Text, list_en, list_zh
from ecogeo.workspace import Workspace

UNKNOWN, BLOCKED, FREE, OUTSIDE = 0, 1, 2, 3
LEVELS = 250
NO_LEVEL = 255
_STEEP_DEG = 25.0
"""The threshold of the check `ecogeo.checks.site_on_steep_slope`, which has the last word."""

_STRIP_ROWS = 512

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Scores and states of the cells of a grid.

    Parameters
    ----------
    grid
        The cells.
    state
        Shape of the grid: `UNKNOWN`, `BLOCKED` or `FREE`; `OUTSIDE` where the ground was not to be searched.
    criteria
        What was scored.
    levels
        Shape (criteria, rows, columns): scores in 250 steps from 0 to 1, 255 where unknown.
    blind
        Layers that can clear no ground, and were left out of `state` because the user said so.
    unmeasured
        Criteria that count nothing here (weight 0 in `criteria`), because the county has nothing to measure them by.
    """

    grid: Grid
    state: npt.NDArray[np.uint8]
    criteria: tuple[Criterion, ...]
    levels: npt.NDArray[np.uint8]
    blind: tuple[Text, ...]
    unmeasured: tuple[Criterion, ...] = ()

    def scores(self, weights: Sequence[float] | None = None) -> npt.NDArray[np.float32]:
        """Return the weighted score of every cell, NaN where it is unknown or not free.

        Parameters
        ----------
        weights
            One of each criterion; None takes its own.
        """
        chosen = [one.weight for one in self.criteria] if weights is None else weights
        total: npt.NDArray[np.float32] = np.zeros(self.grid.shape, dtype=np.float32)
        whole = sum(chosen)
        for level, weight in zip(self.levels, chosen, strict=True):
            if weight > 0:
                steps = np.arange(NO_LEVEL + 1, dtype=np.float32) * np.float32(weight / whole / LEVELS)
                steps[NO_LEVEL] = np.nan
                for rows in _strips(self.grid.rows):
                    total[rows] += steps[level[rows]]
        for rows in _strips(self.grid.rows):
            total[rows][self.state[rows] != FREE] = np.nan
        return total

    def parts_at(self, cells: Flags, window: Window) -> Floats:
        """Return the mean score of each criterion over some cells of a window; NaN where none of them has one."""
        levels = self.levels[:, window.top : window.bottom, window.left : window.right][:, cells]
        is_known = levels != NO_LEVEL
        counts = is_known.sum(axis=1)
        sums = np.where(is_known, levels, 0).sum(axis=1, dtype=np.float64)
        means: Floats = np.full(len(counts), np.nan)
        np.divide(sums, counts * LEVELS, out=means, where=counts > 0)
        return means

    def unvalued(self, window: Window) -> Flags:
        """Tell which cells of a window lack the value of a criterion that counts."""
        counted = [at for at, one in enumerate(self.criteria) if one.weight > 0]
        levels = self.levels[counted, window.top : window.bottom, window.left : window.right]
        lacking: Flags = (levels == NO_LEVEL).any(axis=0)
        return lacking


def _strips(rows: int) -> Iterator[slice]:
    """Yield rows in strips, so that what is worked out of a large surface at a time stays small."""
    for top in range(0, rows, _STRIP_ROWS):
        yield slice(top, top + _STRIP_ROWS)


@dataclass(frozen=True, slots=True, eq=False)
class _Constraint:
    """A layer in the plane: what of it blocks, and where it is complete."""

    blocking: Shelf
    coverage: BaseGeometry


def build_surface(
    county: Workspace,
    ground: BaseGeometry,
    grid: Grid,
    law: Law | None,
    criteria: Sequence[Criterion],
    *,
    allowed: Collection[Verdict] = (),
    left_out: Collection[str] = (),
    progress: Progress = lambda _name, _done, _of: None,
) -> Surface:
    """Score the ground of a county.

    Parameters
    ----------
    county
        The county; features beyond its line count.
    ground
        The ground searched, in the plane of the grid.
    grid
        The cells.
    law
        What tells the verdict of each zone for the project's type; None where every zone blocks.
    criteria
        What makes ground good.
    allowed
        Verdicts that do not block; such ground is never clear, and the screening of a candidate says so.
    left_out
        Roles of layers that are not asked.
    progress
        Told the step, the windows done and their number.

    Returns
    -------
    The surface. A cell is free where its centre lies in the ground, in no zone that blocks, on no slope above 25°, and
    in the coverage of every layer; unknown where a layer does not cover it or a criterion that counts has no value.
    """
    constraints, blind = _constraints(county, grid, law, allowed, left_out)
    criteria, unmeasured = _measurable(county, criteria)
    near = {
        one.source: _near(county, one.source, grid)
        for one in criteria
        if one.measure == "distance_m" and _is_there(county, one.source)
    }
    dem = None if "dem" in left_out else county.raster_of_role("dem")
    state = np.full(grid.shape, OUTSIDE, dtype=np.uint8)
    levels = np.full((len(criteria), *grid.shape), NO_LEVEL, dtype=np.uint8)
    windows = list(grid.windows())
    for number, window in enumerate(windows):
        progress("surface", number, len(windows))
        place = (slice(window.top, window.bottom), slice(window.left, window.right))
        rasters = _Sampled(county, grid, window)
        state[place] = _state(grid, window, ground, constraints, rasters.slope_deg() if dem is not None else None)
        for at, criterion in enumerate(criteria):
            score = criterion.score(_values(criterion, grid, window, near, rasters))
            quantised = np.where(np.isnan(score), NO_LEVEL, np.round(score * LEVELS))
            levels[(at, *place)] = quantised.astype(np.uint8)
            if criterion.weight > 0:
                state[place][(levels[(at, *place)] == NO_LEVEL) & (state[place] == FREE)] = UNKNOWN
    progress("", len(windows), len(windows))
    return Surface(grid, state, criteria, levels, blind, unmeasured)


def constraint_layers(county: Workspace) -> Iterator[tuple[Layer, Layer]]:
    """Yield the layers that constrain sites, each as declared and with the distance its check keeps."""
    roles = set(ROLES) - RASTER_ROLES - ZONING_ROLES
    for check in screening_checks():
        for role in check.uses:
            layer = county.of_role(role) if role in roles else None
            if layer is not None:
                within_m = layer.declaration.buffer_m
                within_m = float(check.thresholds.get("buffer_m", 0.0)) if within_m is None else within_m
                yield layer, enlarged(layer, within_m) if within_m > 0 else layer


def _constraints(
    county: Workspace, grid: Grid, law: Law | None, allowed: Collection[Verdict], left_out: Collection[str]
) -> tuple[list[_Constraint], tuple[Text, ...]]:
    """Bring what blocks of every constraint layer into the plane, and where each is complete."""
    found, blind = [], []
    for layer, zones in constraint_layers(county):
        if layer.declaration.role in left_out:
            blind.append(layer.title)
            continue
        shapes = in_plane(zones.geometries[blocking_zones(layer, law, allowed)], grid.crs)
        coverage = layer.coverage if layer.coverage is not None and can_clear(layer) else shapely.Polygon()
        found.append(_Constraint(Shelf(shapes), in_plane(np.array([coverage], dtype=object), grid.crs)[0]))
    return found, tuple(blind)


def blocking_zones(layer: Layer, law: Law | None, allowed: Collection[Verdict]) -> Flags:
    """Tell which zones of a layer block a project of the law's type: all but those of an allowed verdict."""
    if law is None or not allowed:
        return np.ones(len(layer.sound), dtype=bool)
    values = zone_values(layer)
    role = layer.declaration.role
    verdicts = {
        value: law.judge(role=role, zone=value, site_id="", project_id="").verdict for value in dict.fromkeys(values)
    }
    return np.array([verdicts[value] not in allowed for value in values], dtype=bool)


def _state(
    grid: Grid, window: Window, ground: BaseGeometry, constraints: Sequence[_Constraint], slope: Floats | None
) -> npt.NDArray[np.uint8]:
    transform, box = grid.transform_of(window), grid.box_of(window)
    is_ours = grid.centres_in(shapely.clip_by_rect(ground, *box), window)
    is_known, is_blocked = is_ours.copy(), np.zeros(window.shape, dtype=bool)
    for one in constraints:
        is_blocked |= burnt(one.blocking.within(box), transform, window.shape)
        is_known &= grid.centres_in(shapely.clip_by_rect(one.coverage, *box), window)
    if slope is not None:
        is_blocked |= slope > _STEEP_DEG
        is_known &= ~np.isnan(slope)
    state = np.where(is_blocked, BLOCKED, np.where(is_known, FREE, UNKNOWN)).astype(np.uint8)
    state[~is_ours] = OUTSIDE
    return state


def _measurable(
    county: Workspace, criteria: Sequence[Criterion]
) -> tuple[tuple[Criterion, ...], tuple[Criterion, ...]]:
    """Return the criteria, those the county has nothing to measure by without weight; and which those are.

    Raises
    ------
    UsageError
        Where none is left that counts.
    """
    kept, aside = [], []
    for one in criteria:
        is_there = _is_there(county, one.source)
        kept.append(one if is_there or one.weight == 0 else replace(one, weight=0.0))
        if not is_there and one.weight > 0:
            aside.append(one)
    if not any(one.weight > 0 for one in kept):
        names = [one.title for one in aside]
        raise UsageError(
            Text(
                f"没有可用的准则：本县没有{list_zh([one.zh for one in names])}所需的图层",
                f"no criterion can be measured: the county lacks the layers of {list_en([one.en for one in names])}",
            )
        )
    return tuple(kept), tuple(aside)


def _role_of(county: Workspace, source: str) -> str | None:
    return county.catalog.of_role(source) if source in ROLES else None


def _is_there(county: Workspace, source: str) -> bool:
    """Tell whether the county has a source of a criterion: a layer of a role, or a file beside its layers."""
    return _role_of(county, source) is not None or ("." in source and (county.layer_folder / source).is_file())


@dataclass(frozen=True, slots=True, eq=False)
class _Near:
    """The features a distance is taken to, and where their layer is complete; None where nobody says."""

    shelf: Shelf
    coverage: BaseGeometry | None


def _near(county: Workspace, source: str, grid: Grid) -> _Near:
    """Return the features of a role, or of a file in the county's folder of layers, in the plane."""
    if _role_of(county, source) is None:
        outline = county.of_role("county")
        box, ground = (None, None) if outline is None else (outline.box, outline.coverage)
        found = inspect_file(county.layer_folder / source, county=box, outline=ground, is_whole=True)
        lonlat, coverage = found.sound.geometries, None
    else:
        layer = county.of_role(source)
        lonlat, coverage = (np.array([], dtype=object), None) if layer is None else (layer.geometries, layer.coverage)
    shapes = in_plane(lonlat[~shapely.is_missing(lonlat)], grid.crs)
    whole = None if coverage is None else in_plane(np.array([coverage], dtype=object), grid.crs)[0]
    return _Near(Shelf(shapes), whole)


def _values(criterion: Criterion, grid: Grid, window: Window, near: dict[str, _Near], rasters: _Sampled) -> Floats:
    """Return what a criterion measures in each cell of a window; NaN where nobody knows."""
    if criterion.measure == "slope_deg":
        return rasters.slope_deg()
    if criterion.measure == "height_m":
        return rasters.height_m()
    if criterion.measure == "class":
        return rasters.land_class()
    beside = near.get(criterion.source)
    if beside is None:
        return np.full(window.shape, np.nan)
    distance = _distance_m(criterion, grid, window, beside.shelf)
    if beside.coverage is not None:
        part = shapely.clip_by_rect(beside.coverage, *grid.box_of(window))
        distance[~grid.centres_in(part, window)] = np.nan
    return distance


def _distance_m(criterion: Criterion, grid: Grid, window: Window, shelf: Shelf) -> Floats:
    """Return the distance of each cell's centre to the nearest cell that holds a feature; no more than matters."""
    reach_m = max(criterion.worst, criterion.best)
    rim = int(np.ceil(reach_m / grid.cell_m)) + 1
    wide = Window(window.top - rim, window.bottom + rim, window.left - rim, window.right + rim)
    found = burnt(shelf.within(grid.box_of(wide)), grid.transform_of(wide), wide.shape, all_touched=True)
    if not found.any():
        return np.full(window.shape, reach_m)
    distance: Floats = scipy.ndimage.distance_transform_edt(~found, sampling=grid.cell_m)
    return np.minimum(distance[rim:-rim, rim:-rim], reach_m)


class _Sampled:
    """Rasters of a county on the cells of one window, each read once.

    Parameters
    ----------
    county, grid, window
        Whose rasters, and which cells.
    """

    def __init__(self, county: Workspace, grid: Grid, window: Window) -> None:
        self._county, self._grid, self._window = county, grid, window
        self._slope: Floats | None = None

    def slope_deg(self) -> Floats:
        """Return the slope of each cell, that of the terrain's own cells averaged; NaN without terrain."""
        if self._slope is None:
            self._slope = self._warped("dem", lambda raster, part: read_slope_deg(raster, part)[0], Resampling.average)
        return self._slope

    def height_m(self) -> Floats:
        """Return the height of each cell, metres."""
        return self._warped("dem", read_cells, Resampling.average)

    def land_class(self) -> Floats:
        """Return the land cover's code at the centre of each cell."""
        return self._warped("landcover", read_cells, Resampling.nearest)

    def _warped(self, role: str, read: Callable[[Raster, Window], Floats], how: Resampling) -> Floats:
        grid, window = self._grid, self._window
        values: Floats = np.full(window.shape, np.nan)
        raster = self._county.raster_of_role(role)
        if raster is None:
            return values
        crs = CRS.from_wkt(raster.crs.to_wkt())
        part = _part_under(raster, crs, grid, window)
        if part is None:
            return values
        source = read(raster, part).astype(np.float64)
        rasterio.warp.reproject(
            source,
            values,
            src_transform=_moved_to(raster.transform, part),
            src_crs=crs,
            dst_transform=grid.transform_of(window),
            dst_crs=grid.raster_crs,
            src_nodata=np.nan,
            dst_nodata=np.nan,
            resampling=how,
        )
        return values


def _part_under(raster: Raster, crs: CRS, grid: Grid, window: Window) -> Window | None:
    """Return the cells of a raster that lie under a window, with a rim; None where there are none."""
    box = grid.box_of(window)
    west, south, east, north = rasterio.warp.transform_bounds(grid.raster_crs, crs, *box, densify_pts=21)
    cells = raster.transform
    columns = [(edge - cells.c) / cells.a for edge in (west, east)]
    rows = [(edge - cells.f) / cells.e for edge in (south, north)]
    top, bottom = max(int(min(rows)) - 2, 0), min(int(max(rows)) + 3, raster.shape[0])
    left, right = max(int(min(columns)) - 2, 0), min(int(max(columns)) + 3, raster.shape[1])
    return Window(top, bottom, left, right) if top < bottom and left < right else None


def _moved_to(cells: Affine, part: Window) -> Affine:
    """Return what leads from column and row of a part to the coordinates of a raster without rotation."""
    return Affine(cells.a, 0.0, cells.c + part.left * cells.a, 0.0, cells.e, cells.f + part.top * cells.e)
