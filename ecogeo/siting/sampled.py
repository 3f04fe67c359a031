"""Rasters of a county on the cells of a grid: slope, height and land cover, a window at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import rasterio.warp
from affine import Affine
from rasterio.crs import CRS
from rasterio.enums import Resampling

from ecogeo.geodesy import Floats
from ecogeo.raster import Raster, Window, read_cells
from ecogeo.siting.grid import Grid
from ecogeo.terrain import read_slope_deg
from ecogeo.workspace import Workspace


class Sampled:
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
