"""Overlays of polygons that lose no ground: every result of GEOS is held against the area the kernel tells.

GEOS 3.14 may leave out whole parts of what two shapes share whose edges run along one another, as those of two versions
of one layer do. On a grid of 0.01 mm it does not. The kernel (`ecogeo.overlay.overlap_area`) measures what two shapes
share without building it, so that a lost part shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy
from ecogeo.errors import LostGroundError
from ecogeo.overlay import overlap_area
from ecogeo.wording import Text

_LOST_M2, _LOST_SHARE = 0.01, 1e-9
"""What a result and the kernel may differ by: this much of it, or so much of the larger ground."""

_GRIDS_DEG = (1e-10, 1e-9)


def shared_m2(a: geodesy.Geometries, b: geodesy.Geometries) -> geodesy.Floats:
    """Measure what pairs of polygons share on the ellipsoid, by the kernel.

    Parameters
    ----------
    a, b
        Shape (n,), longitude and latitude in degrees; what is no polygon shares nothing.
    """
    areas = np.zeros(len(a))
    same: dict[int, list[int]] = {}
    for row, other in enumerate(b):
        same.setdefault(id(other), []).append(row)
    for rows in same.values():
        pairs = overlap_area(a[rows], b[rows[:1]])
        areas[rows] = np.bincount(pairs["site"], weights=pairs["area_m2"], minlength=len(rows))
    return areas


def shared(a: geodesy.Geometries, b: geodesy.Geometries) -> geodesy.Geometries:
    """Return the ground that pairs of polygons share, without the lines and points.

    Raises
    ------
    LostGroundError
        Where no way of overlaying keeps all of it.

    Examples
    --------
    >>> squares = shapely.box([109.0, 109.1], 24.0, [109.2, 109.3], 24.2)
    >>> shared(squares[:1], squares[1:])[0].bounds
    (109.1, 24.0, 109.2, 24.2)
    """
    return _guarded(shapely.intersection, a, b, shared_m2(a, b))


def without(a: geodesy.Geometries, b: geodesy.Geometries) -> geodesy.Geometries:
    """Return the ground of each first polygon that the second leaves, without the lines and points.

    Raises
    ------
    LostGroundError
        As `shared` does.

    Examples
    --------
    >>> squares = shapely.box([109.0, 109.1], 24.0, [109.2, 109.3], 24.2)
    >>> without(squares[:1], squares[1:])[0].bounds
    (109.0, 24.0, 109.1, 24.2)
    """
    return _guarded(shapely.difference, a, b, geodesy.area_m2(a) - shared_m2(a, b))


def joined(shapes: geodesy.Geometries) -> shapely.Geometry:
    """Return polygons as one; an empty one of none.

    The union must share with every polygon all of that polygon's ground; where it does not, it is built on a grid.

    Raises
    ------
    LostGroundError
        As `shared` does.
    """
    grounds = shapes[(shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes)]
    if len(grounds) < 2:
        return grounds[0] if len(grounds) else shapely.Polygon()
    true_m2 = geodesy.area_m2(grounds)
    for grid in (None, *_GRIDS_DEG):
        whole = shapely.union_all(grounds) if grid is None else shapely.union_all(grounds, grid_size=grid)
        pairs = overlap_area(grounds, np.array([whole], dtype=object))
        kept_m2 = np.bincount(pairs["site"], weights=pairs["area_m2"], minlength=len(grounds)).astype(float)
        if not _differs(kept_m2, true_m2, true_m2).any():
            return whole
    raise LostGroundError(_LOST)


def _guarded(
    overlay: Callable[..., Any], a: geodesy.Geometries, b: geodesy.Geometries, true_m2: geodesy.Floats
) -> geodesy.Geometries:
    """Overlay pairs; those whose area is not the true one again, on grids."""
    whole_m2 = geodesy.area_m2(a)
    cut = _grounds(overlay(a, b))
    for grid in _GRIDS_DEG:
        lost = np.flatnonzero(_differs(geodesy.area_m2(cut), true_m2, whole_m2))
        if not len(lost):
            return cut
        cut[lost] = _grounds(overlay(a[lost], b[lost], grid_size=grid))
    if _differs(geodesy.area_m2(cut), true_m2, whole_m2).any():
        raise LostGroundError(_LOST)
    return cut


def _differs(found_m2: geodesy.Floats, true_m2: geodesy.Floats, whole_m2: geodesy.Floats) -> npt.NDArray[np.bool_]:
    differs: npt.NDArray[np.bool_] = np.abs(found_m2 - true_m2) > np.maximum(_LOST_M2, _LOST_SHARE * whole_m2)
    return differs


def _grounds(shapes: geodesy.Geometries) -> geodesy.Geometries:
    """Return shapes without their lines and points."""
    grounds: geodesy.Geometries = np.array(shapes, dtype=object)
    kinds = shapely.get_type_id(grounds)
    polygonal = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    for row in np.flatnonzero(~np.isin(kinds, polygonal)):
        parts = shapely.get_parts(shapely.get_parts(grounds[row]))
        grounds[row] = shapely.MultiPolygon(
            [part for part in parts if isinstance(part, shapely.Polygon) and not part.is_empty]
        )
    return grounds


_LOST = Text(
    "叠加运算丢失了地块（几何库的缺陷），不给出可能错误的面积",
    "an overlay lost ground (a defect of the geometry library): no area is told that may be wrong",
)
