"""Cells of a raster as polygons: outlines of chosen cells, and the ground they cover."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.features import shapes
from shapely.geometry import shape

from ecogeo import geodesy
from ecogeo.raster import Raster, Window


def outlines(chosen: npt.NDArray[np.bool_], window: Window) -> geodesy.Geometries:
    """Return the outlines of the chosen cells of a window, one polygon for each patch of cells that share edges.

    Parameters
    ----------
    chosen
        Shape of the window.
    window
        Where the cells lie.

    Returns
    -------
    Valid polygons in columns and rows of the raster: whole numbers, so that those of neighbouring windows fit exactly.

    Examples
    --------
    >>> outlines(np.array([[True, True], [False, True]]), Window(10, 12, 20, 22))[0].area
    3.0
    """
    found = shapes(
        chosen.astype(np.uint8), mask=chosen, connectivity=4, transform=Affine.translation(window.left, window.top)
    )
    patches: geodesy.Geometries = np.array([shape(outline) for outline, _ in found], dtype=object)
    return shapely.make_valid(patches)


def ground_of(raster: Raster, patches: geodesy.Geometries) -> shapely.Geometry:
    """Join outlines in columns and rows, and bring them to longitude and latitude on CGCS2000.

    Parameters
    ----------
    raster
        The raster they belong to.
    patches
        Shape (n,), as of `outlines`. Edges are divided at every cell, in a plane at least every 70 m, so that they bend
        as they should, however the raster was cut into windows.
    """
    joined = shapely.segmentize(shapely.union_all(patches), 1.0)
    a, _, c, _, e, f = raster.transform[:6]
    placed = shapely.transform(joined, lambda cells: np.rint(cells) * (a, e) + (c, f))
    ground: shapely.Geometry = geodesy.to_lonlat(np.array([placed], dtype=object), raster.crs)[0]
    return ground
