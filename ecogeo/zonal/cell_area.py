"""The ground that cells of a raster cover, on the ellipsoid."""

from __future__ import annotations

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.raster import Raster, Window

BLOCK_CELLS = 64
"""Between cells this far apart the ground a cell covers is taken as linear."""

_MOST_BLOCK_M = 2_000.0
"""… but no farther than this: along 2 km of a Gauss-Krüger zone that is right to 3e-8."""


def block_cells(raster: Raster) -> int:
    """Return how many cells a block is wide and high: fewer where cells are large."""
    if raster.crs.is_geographic:
        return BLOCK_CELLS
    size_m = max(abs(raster.transform.a), abs(raster.transform.e)) * raster.crs.axis_info[0].unit_conversion_factor
    return int(np.clip(_MOST_BLOCK_M / size_m, 1, BLOCK_CELLS))


def cell_areas_m2(raster: Raster, window: Window) -> geodesy.Floats:
    """Measure the ground cells cover, row by row, at the west edge of every block of columns.

    Parameters
    ----------
    raster
        The raster, its cells in degrees or in a plane.
    window
        Cells inside it.

    Returns
    -------
    Square metres, shape (rows, blocks + 1), for cells centred on the edges of blocks. Of cells in degrees the area of
    each row itself; in a plane the area on the ellipsoid is measured every `block_cells` and taken as linear between.
    """
    step = block_cells(raster)
    height, width = window.shape
    columns = window.left + np.arange(-(-width // step) + 1) * step
    rows = np.arange(window.top, window.bottom, dtype=np.float64) + 0.5
    if raster.crs.is_geographic:
        areas: geodesy.Floats = np.repeat(
            _measured(raster, rows, columns[:1].astype(float))[:, :1], len(columns), axis=1
        )
        return areas
    nodes = window.top + np.arange(-(-height // step) + 1) * step
    lattice = _measured(raster, nodes.astype(float), columns.astype(float))
    block = (np.arange(height) + 0.5) / step
    above = block.astype(np.intp)
    beyond = (block - above)[:, None]
    blended: geodesy.Floats = lattice[above] * (1 - beyond) + lattice[above + 1] * beyond
    return blended


def _measured(raster: Raster, rows: geodesy.Floats, columns: geodesy.Floats) -> geodesy.Floats:
    """Measure cells centred on rows and columns, shape (rows, columns)."""
    row, column = np.meshgrid(rows, columns, indexing="ij")
    corners = np.array([(-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5), (-0.5, -0.5)])
    x = raster.transform.c + (column.ravel()[:, None] + corners[:, 0]) * raster.transform.a
    y = raster.transform.f + (row.ravel()[:, None] + corners[:, 1]) * raster.transform.e
    to_lonlat = geodesy.transformer_to_lonlat(raster.crs)
    lon, lat = (x, y) if to_lonlat is None else to_lonlat.transform(x, y)
    cells: geodesy.Geometries = np.asarray(shapely.polygons(np.stack([lon, lat], axis=-1)), dtype=object)
    areas: geodesy.Floats = geodesy.area_m2(cells).reshape(row.shape)
    return areas
