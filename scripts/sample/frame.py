"""The drawing plane and its grids.

Everything is drawn in metres on one plane, CGCS2000 / 3-degree Gauss-Kruger CM 108E (EPSG:4545), which the rasters are
delivered in. Figures that facts give (areas, lengths) are met on the ellipsoid, not on the plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.enums import TransformDirection
from rasterio import Affine
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]
Shape = BaseGeometry

PLANE_EPSG = 4545
LONLAT_EPSG = 4490
_TO_PLANE = pyproj.Transformer.from_crs(LONLAT_EPSG, PLANE_EPSG, always_xy=True)


def to_plane(shapes: Shapes) -> Shapes:
    """Put longitudes and latitudes on the plane, vertex by vertex."""
    return _moved(shapes, TransformDirection.FORWARD)


def to_lonlat(shapes: Shapes) -> Shapes:
    """Put plane coordinates into longitude and latitude, vertex by vertex, so that shared vertices stay shared."""
    return _moved(shapes, TransformDirection.INVERSE)


def _moved(shapes: Shapes, direction: TransformDirection) -> Shapes:
    """Return shapes with every vertex put on the plane, or back."""
    x, y = shapely.get_coordinates(shapes).T
    columns = _TO_PLANE.transform(x, y, direction=direction)
    moved: Shapes = shapely.set_coordinates(shapes.copy(), np.column_stack(columns))
    return moved


def plane_point(lonlat: tuple[float, float]) -> Floats:
    """Return one place as (x, y) in metres on the plane."""
    return np.array(_TO_PLANE.transform(*lonlat))


def plane_points(lonlats: tuple[tuple[float, float], ...]) -> Floats:
    """Return places as rows (x, y) in metres on the plane."""
    return np.array([plane_point(lonlat) for lonlat in lonlats])


def shapes_of(shapes: list[Shape]) -> Shapes:
    """Return a list of shapes as an array, whatever their kinds."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def ellipsoidal_m2(shapes: Shapes) -> Floats:
    """Measure plane polygons on the ellipsoid, in square metres."""
    measured: Floats = geodesy.area_m2(to_lonlat(shapes))
    return measured


def ellipsoidal_length_m(lines: Shapes) -> Floats:
    """Measure plane lines on the ellipsoid, in metres."""
    return np.array([geodesy.GEOD.geometry_length(line) for line in to_lonlat(lines)])


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells on the plane, rows from north to south."""

    west_m: float
    north_m: float
    cell_m: float
    rows: int
    columns: int

    @classmethod
    def around(cls, bounds: tuple[float, float, float, float], cell_m: float, margin_m: float) -> Grid:
        """Return the grid that covers bounds and a margin, its lines at whole multiples of the cell."""
        west, south, east, north = bounds
        west_m = np.floor((west - margin_m) / cell_m) * cell_m
        north_m = np.ceil((north + margin_m) / cell_m) * cell_m
        rows = int(np.ceil((north_m - south + margin_m) / cell_m))
        columns = int(np.ceil((east + margin_m - west_m) / cell_m))
        return cls(float(west_m), float(north_m), cell_m, rows, columns)

    @property
    def affine(self) -> Affine:
        """The transform from (column, row) to (x, y)."""
        return Affine(self.cell_m, 0.0, self.west_m, 0.0, -self.cell_m, self.north_m)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    def draft(self) -> Grid:
        """Return the grid of cells twice as wide from the same corner, for fields without fine detail."""
        return Grid(self.west_m, self.north_m, 2 * self.cell_m, -(-self.rows // 2), -(-self.columns // 2))

    def centres(self) -> tuple[Floats, Floats]:
        """Return x as a row and y as a column, so that they broadcast to the grid."""
        x = self.west_m + (np.arange(self.columns) + 0.5) * self.cell_m
        y = self.north_m - (np.arange(self.rows) + 0.5) * self.cell_m
        return x[np.newaxis, :].astype(np.float64), y[:, np.newaxis].astype(np.float64)

    def cells_at(self, points: Shapes) -> tuple[Ints, Ints]:
        """Return row and column of the cells that points lie in, the nearest border cell for those outside."""
        x, y = shapely.get_coordinates(points).T
        row = np.clip(np.floor((self.north_m - y) / self.cell_m), 0, self.rows - 1).astype(np.int32)
        column = np.clip(np.floor((x - self.west_m) / self.cell_m), 0, self.columns - 1).astype(np.int32)
        return row, column
