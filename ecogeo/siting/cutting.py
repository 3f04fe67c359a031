"""Shapes of a plane cut and joined on a grid of a hundredth of a millimetre.

Without a grid GEOS 3.14 may leave a shape uncut whose edges run along those of the other, as the parts of one site do;
on a grid it does not. Corners written to a tenth of a millimetre or coarser stay where they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.geodesy import Geometries

GRID_M = 1e-5


def overlap(a: BaseGeometry, b: BaseGeometry) -> BaseGeometry:
    """Return the ground two shapes share; what only touches is none."""
    return _ground(shapely.intersection(a, b, grid_size=GRID_M))


def without(a: BaseGeometry, b: BaseGeometry) -> BaseGeometry:
    """Return the ground of one shape outside another.

    Examples
    --------
    >>> without(shapely.box(0, 0, 3, 1), shapely.box(1, 0, 2, 1)).area
    2.0
    """
    return _ground(shapely.difference(a, b, grid_size=GRID_M))


def joined(shapes: Geometries | Sequence[BaseGeometry]) -> BaseGeometry:
    """Return the ground of several shapes."""
    return _ground(shapely.union_all(shapes, grid_size=GRID_M))


def widened(shape: BaseGeometry, by_m: float) -> BaseGeometry:
    """Return a shape with a border of so many metres, its corners kept sharp; none where it is less than the grid."""
    if by_m <= GRID_M:
        return shape
    wide: BaseGeometry = shapely.buffer(shape, by_m, join_style="mitre", mitre_limit=2.0)
    return wide


def _ground(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a shape alone."""
    parts = shapely.get_parts(shape)
    polygons = parts[shapely.get_dimensions(parts) == 2]
    if len(polygons) == 1:
        only: BaseGeometry = polygons[0]
        return only
    return shapely.multipolygons(polygons) if len(polygons) else shapely.Polygon()
