"""What criteria measure in the cells of a grid: distance, slope, height, land cover; and which can be measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.ndimage
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.catalog import ROLES
from ecogeo.county_file import inspect_for_county
from ecogeo.errors import UsageError
from ecogeo.geodesy import Floats
from ecogeo.raster import Window
from ecogeo.siting.criteria import Criterion
from ecogeo.siting.grid import Grid, Shelf, burnt
from ecogeo.siting.ground import in_plane
from ecogeo.siting.sampled import Sampled
from ecogeo.wording import Text, list_en, list_zh
from ecogeo.workspace import Workspace


def measurable(county: Workspace, criteria: Sequence[Criterion]) -> tuple[tuple[Criterion, ...], tuple[Criterion, ...]]:
    """Return the criteria, those the county has nothing to measure by without weight; and which those are.

    Raises
    ------
    UsageError
        Where none is left that counts.
    """
    kept, aside = [], []
    for one in criteria:
        is_there = has_source(county, one.source)
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


def has_source(county: Workspace, source: str) -> bool:
    """Tell whether the county has a source of a criterion: a layer of a role, or a file beside its layers."""
    return _role_of(county, source) is not None or ("." in source and (county.layer_folder / source).is_file())


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """The features a distance is taken to, and where their layer is complete; None where nobody says."""

    shelf: Shelf
    coverage: BaseGeometry | None


def near_features(county: Workspace, source: str, grid: Grid) -> Near:
    """Return the features of a role, or of a file in the county's folder of layers, in the plane."""
    if _role_of(county, source) is None:
        found = inspect_for_county(county, county.layer_folder / source)
        lonlat, coverage = found.sound.geometries, None
    else:
        layer = county.of_role(source)
        lonlat, coverage = (np.array([], dtype=object), None) if layer is None else (layer.geometries, layer.coverage)
    shapes = in_plane(lonlat[~shapely.is_missing(lonlat)], grid.crs)
    whole = None if coverage is None else in_plane(np.array([coverage], dtype=object), grid.crs)[0]
    return Near(Shelf(shapes), whole)


def measured(criterion: Criterion, grid: Grid, window: Window, near: dict[str, Near], rasters: Sampled) -> Floats:
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
