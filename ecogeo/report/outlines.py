"""Outlines of sites as their file has them: what is measured has points added along its edges, a survey has not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.gauss import CGCS2000, home_plane, plane_of
from ecogeo.layer import Layer, as_text

_STEP_M = 70.0
"""Longest edge of what was put from a plane into degrees: longer ones were parted evenly (`ecogeo.geodesy`)."""

_SAME_M = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The outline of a site.

    Parameters
    ----------
    shape
        Metres in the plane, east before north.
    crs
        The plane: that of the file where it is a Gauss plane of CGCS2000, else the 3-degree zone the site lies in.
    """

    shape: shapely.Geometry
    crs: pyproj.CRS


def outlines_of(sites: Layer) -> dict[str, Outline]:
    """Return the outlines of the sound sites, by key.

    Parameters
    ----------
    sites
        The sites. Of a file in a plane every vertex is taken as it is. Of one in degrees every vertex is put into the
        3-degree zone of the site; where such a layer was made of a file in a plane, points that part an edge of more
        than 70 m evenly were added on the way, and are left out again.
    """
    crs = sites.frame.crs
    plane = None if crs is None else plane_of(pyproj.CRS.from_user_input(crs))
    is_own_plane = plane is not None and plane[2] == CGCS2000
    keys = as_text(sites.frame[sites.declaration.key])
    raw = dict(zip(keys, np.asarray(sites.frame.geometry.array, dtype=object), strict=True))
    found: dict[str, Outline] = {}
    for key, lonlat in zip(sites.ids, sites.geometries, strict=True):
        if is_own_plane and raw.get(key) is not None:
            found[key] = Outline(shapely.force_2d(raw[key]), pyproj.CRS.from_user_input(crs))
            continue
        west, _, east, _ = shapely.bounds(lonlat)
        home = home_plane(float(west + east) / 2)
        found[key] = Outline(without_added_points(_in_plane(lonlat, home)), home)
    return found


def without_added_points(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape without the points that part its longer edges evenly into pieces of 35 m to 70 m.

    Parameters
    ----------
    shape
        Metres in the plane.

    Examples
    --------
    >>> parted = shapely.segmentize(shapely.box(0, 0, 100, 10), 70)
    >>> [int(shapely.get_num_coordinates(one)) for one in (parted, without_added_points(parted))]
    [7, 5]
    """
    if int(shapely.get_dimensions(shape)) == 0:
        return shape
    if int(shapely.get_num_geometries(shape)) == 1:
        return _thinned(shapely.get_parts(shape)[0])
    parts = np.array([without_added_points(part) for part in shapely.get_parts(shape)], dtype=object)
    return _together(parts, is_ground=int(shapely.get_dimensions(shape)) == 2)


def _together(parts: geodesy.Geometries, *, is_ground: bool) -> shapely.Geometry:
    alike = shapely.multipolygons(parts) if is_ground else shapely.multilinestrings(parts)
    return cast(shapely.Geometry, alike)


def _thinned(shape: shapely.Geometry) -> shapely.Geometry:
    if int(shapely.get_dimensions(shape)) == 2:
        rings = [shapely.get_exterior_ring(shape)]
        rings += [shapely.get_interior_ring(shape, hole) for hole in range(int(shapely.get_num_interior_rings(shape)))]
        shell, *holes = (_kept(shapely.get_coordinates(ring), is_closed=True) for ring in rings)
        return shapely.Polygon(shell, holes)
    return shapely.LineString(_kept(shapely.get_coordinates(shape), is_closed=False))


def _kept(xy: geodesy.Floats, *, is_closed: bool) -> geodesy.Floats:
    """Return the points of a path that are not in the middle between both neighbours, 35 m to 70 m from each."""
    before, after = (np.roll(xy[:-1], 1, axis=0), np.roll(xy[:-1], -1, axis=0)) if is_closed else (xy[:-2], xy[2:])
    inner = xy[:-1] if is_closed else xy[1:-1]
    off_m = np.hypot(*(inner - (before + after) / 2).T)
    step_m = np.hypot(*(after - inner).T)
    is_added = (off_m < _SAME_M) & (step_m > _STEP_M / 2 - _SAME_M) & (step_m <= _STEP_M + _SAME_M)
    if is_closed:
        kept = xy[:-1][~is_added]
        return xy if len(kept) < 3 else np.vstack([kept, kept[:1]])
    return np.vstack([xy[:1], xy[1:-1][~is_added], xy[-1:]])


def _in_plane(shape: shapely.Geometry, plane: pyproj.CRS) -> shapely.Geometry:
    transformer = pyproj.Transformer.from_crs(geodesy.LONLAT, plane, always_xy=True)
    return shapely.transform(
        shape, lambda coordinates: np.column_stack(transformer.transform(coordinates[:, 0], coordinates[:, 1]))
    )
