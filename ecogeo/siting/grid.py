"""The cells a search is made on: a grid of metres over the ground searched, gone through window by window."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio.features
import shapely
from affine import Affine
from rasterio.crs import CRS
from shapely.geometry.base import BaseGeometry

from ecogeo.geodesy import Floats, Geometries
from ecogeo.raster import Window

Flags = npt.NDArray[np.bool_]

_WINDOW_CELLS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Square cells of a plane.

    Parameters
    ----------
    crs
        The plane, in metres.
    west_m, north_m
        Its north-west corner, on whole cells.
    rows, columns
        Its size.
    cell_m
        Side of a cell.
    """

    crs: pyproj.CRS
    west_m: float
    north_m: float
    rows: int
    columns: int
    cell_m: float

    @classmethod
    def over(cls, ground: BaseGeometry, crs: pyproj.CRS, cell_m: float) -> Grid:
        """Return the grid that covers some ground of a plane, its corner on whole cells."""
        west, south, east, north = ground.bounds
        left, top = math.floor(west / cell_m) * cell_m, math.ceil(north / cell_m) * cell_m
        rows, columns = math.ceil((top - south) / cell_m), math.ceil((east - left) / cell_m)
        return cls(crs, left, top, max(rows, 1), max(columns, 1), cell_m)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def transform(self) -> Affine:
        """From column and row to the plane."""
        return Affine(self.cell_m, 0.0, self.west_m, 0.0, -self.cell_m, self.north_m)

    @property
    def raster_crs(self) -> CRS:
        """The plane, as rasterio has it."""
        return CRS.from_wkt(self.crs.to_wkt())

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in the plane."""
        return self.box_of(Window(0, self.rows, 0, self.columns))

    def transform_of(self, window: Window) -> Affine:
        """From column and row of a window to the plane."""
        west, _, _, north = self.box_of(window)
        return Affine(self.cell_m, 0.0, west, 0.0, -self.cell_m, north)

    def box_of(self, window: Window) -> tuple[float, float, float, float]:
        """West, south, east, north of a window in the plane."""
        return (
            self.west_m + window.left * self.cell_m,
            self.north_m - window.bottom * self.cell_m,
            self.west_m + window.right * self.cell_m,
            self.north_m - window.top * self.cell_m,
        )

    def windows(self) -> Iterator[Window]:
        """Yield windows that make up the grid, row by row."""
        for top in range(0, self.rows, _WINDOW_CELLS):
            for left in range(0, self.columns, _WINDOW_CELLS):
                yield Window(top, min(top + _WINDOW_CELLS, self.rows), left, min(left + _WINDOW_CELLS, self.columns))

    def cells_of(self, flags: Flags, window: Window) -> BaseGeometry:
        """Return the ground of some cells of a window, as polygons of the plane."""
        outlines = rasterio.features.shapes(flags.astype(np.uint8), mask=flags, transform=self.transform_of(window))
        return shapely.union_all([shapely.geometry.shape(outline) for outline, _ in outlines])

    def centres_in(self, shape: BaseGeometry, window: Window) -> Flags:
        """Tell which cells of a window have their centre in a shape."""
        return burnt(np.array([shape], dtype=object), self.transform_of(window), window.shape)

    def middle_of(self, row: int, column: int) -> Floats:
        """Return the centre of a cell in the plane."""
        return np.array([self.west_m + (column + 0.5) * self.cell_m, self.north_m - (row + 0.5) * self.cell_m])


def burnt(shapes: Geometries, transform: Affine, size: tuple[int, int], *, all_touched: bool = False) -> Flags:
    """Tell which cells have their centre in any of some shapes, or are touched by one."""
    kept = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(kept):
        return np.zeros(size, dtype=bool)
    burn: Flags = rasterio.features.rasterize(
        kept, out_shape=size, transform=transform, all_touched=all_touched, dtype=np.uint8
    ).astype(bool)
    return burn


class Shelf:
    """Shapes of a plane, found by window.

    Parameters
    ----------
    shapes
        Shape (n,), in the plane.
    """

    def __init__(self, shapes: Geometries) -> None:
        self._shapes = shapes
        self._tree = shapely.STRtree(shapes)

    def within(self, box: tuple[float, float, float, float]) -> Geometries:
        """Return the shapes whose boxes meet a box, cut to it."""
        found = self._shapes[np.sort(self._tree.query(shapely.box(*box)))]
        cut: Geometries = shapely.clip_by_rect(shapely.make_valid(found), *box) if len(found) else found
        return cut
