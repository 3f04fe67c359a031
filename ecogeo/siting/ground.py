"""Sites in the plane they are drawn in, in metres: there they are trimmed, moved, and written back corner by corner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyproj
import shapely
from pyproj.enums import TransformDirection
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy
from ecogeo.gauss import home_plane
from ecogeo.inspection import Inspection

STRIP_M = 0.05
"""Half the width of the strip a line takes: enough to part a site along it."""

_STEP_DEG = 0.001
"""Edges in degrees are bent after some 100 m; between, a straight line of the plane is off by less than 0.3 mm."""


def plane_of(inspection: Inspection) -> pyproj.CRS:
    """Return the plane sites are worked in: the file's own if it is in metres, else the 3-degree plane it lies in."""
    crs = inspection.placement.crs
    if crs.is_projected and all(axis.unit_name == "metre" for axis in crs.axis_info):
        return crs
    west, _, east, _ = shapely.total_bounds(inspection.sound.geometries)
    return home_plane(float(west + east) / 2)


def in_plane(lonlat: geodesy.Geometries, crs: pyproj.CRS) -> geodesy.Geometries:
    """Bring longitude and latitude into a plane (metres)."""
    bent = shapely.segmentize(lonlat, _STEP_DEG)
    transformer = geodesy.transformer_to_lonlat(crs)
    if transformer is None:
        return bent

    def move(xy: geodesy.Floats) -> geodesy.Floats:
        x, y = transformer.transform(xy[:, 0], xy[:, 1], direction=TransformDirection.INVERSE)
        return np.column_stack([x, y])

    return shapely.transform(bent, move)


def as_drawn(inspection: Inspection, crs: pyproj.CRS) -> geodesy.Geometries:
    """Return the sites in the plane, corner by corner as the file has them where it is in that plane and valid.

    Parameters
    ----------
    inspection
        How the file was read.
    crs
        The plane.

    Returns
    -------
    Shape (n,), polygons and whatever else the file holds; None for features set aside.
    """
    sound = inspection.sound.geometries
    worked = in_plane(sound, crs)
    if crs != inspection.placement.crs or inspection.placement.source == "assumed":
        return worked
    drawn = shapely.force_2d(np.asarray(inspection.reading.frame.geometry.array, dtype=object))
    if inspection.placement.is_swapped:
        drawn = shapely.transform(drawn, lambda xy: xy[:, ::-1])
    is_kept = ~shapely.is_missing(sound) & shapely.is_valid(drawn) & (shapely.get_dimensions(drawn) == 2)
    worked[is_kept] = drawn[is_kept]
    return worked


def blocked_ground(grounds: Sequence[BaseGeometry], crs: pyproj.CRS) -> geodesy.Geometries:
    """Return what blocks as ground of the plane: a line, such as a shoreline, as a strip along it."""
    shapes = in_plane(np.array(grounds, dtype=object), crs)
    is_line = shapely.get_dimensions(shapes) < 2
    shapes[is_line] = shapely.buffer(shapes[is_line], STRIP_M, cap_style="square")
    return shapes
