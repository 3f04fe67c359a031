"""How surely a site lies in a layer: whether the layer covers the ground, and what holds wherever the site really is.

With an accuracy of r metres a site may really lie anywhere within r of where it is drawn. Whether *every* placement
overlaps the zones is exact for points. For lines and polygons it is decided by a sufficient condition: some point of
the site stays in a zone however it is moved (the site meets the zones shrunk by r), or some point of a zone stays in
the site (the zones meet the site shrunk by r).
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.nearness import around, clipped, crosses_180, in_parts
from ecogeo.overlay import touching, within_distance

Words = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]

# A polygonal buffer of 64 sides lies inside the true circle by at most 0.121 %, and a plane is long by at most 4e-5:
# shrinking by a little more is safe.
_SAFE_SHRINK = 1.0013

_ROOM = 1.1
_COORDINATE_STEP_DEG = geodesy.COORDINATE_STEP_M / 111_000


def can_clear(zones: Layer) -> bool:
    """Tell whether a layer's declared coverage can be believed, so that the layer may clear a site.

    Not where features of it could not be measured, nor where it declares to cover ground that none of its features
    comes near: who knows where they really lie? A layer without any feature may clear: the county declares to have none
    (``has_none``), or it was derived, from a terrain model without steep ground, say.
    """
    if zones.set_aside or zones.coverage is None:
        return False
    return not len(zones.sound) or bool(shapely.intersects(zones.coverage, zones.geometries).any())


def covered(sites: geodesy.Geometries, accuracy_m: geodesy.Floats, coverage: shapely.Geometry | None) -> Words:
    """Tell whether a layer is complete over each site enlarged by its accuracy.

    Parameters
    ----------
    sites
        Shape (n,), longitude and latitude in degrees; missing ones are ``unknown``.
    accuracy_m
        Shape (n,), metres; NaN counts as 0.
    coverage
        Where the layer is complete; None where nobody knows.

    Returns
    -------
    ``full``, ``partial``, ``none`` or ``unknown`` for each. What reaches over the 180th meridian is never ``full``.
    """
    state: Words = np.full(len(sites), "unknown", dtype=object)
    if coverage is None or shapely.is_empty(coverage):
        return state
    rows = np.flatnonzero(~shapely.is_missing(sites))
    reach = np.nan_to_num(accuracy_m[rows], nan=0.0)
    is_near_edge = np.zeros(len(rows), dtype=bool)
    if (reach > 0).any():
        edge: geodesy.Geometries = np.array([_edge(coverage)], dtype=object)
        is_near_edge[within_distance(sites[rows], edge, np.where(reach > 0, reach, np.nan))["site"]] = True
    inside = shapely.buffer(coverage, _COORDINATE_STEP_DEG)
    shapely.prepare(inside)
    is_full = shapely.covers(inside, sites[rows]) & ~is_near_edge
    full = np.flatnonzero(is_full)
    is_full[full] = ~crosses_180(around(sites[rows[full]], reach[full]))
    other = np.flatnonzero(~is_full)
    ground = shapely.from_wkb(shapely.to_wkb(coverage))  # prepared, a geometry is for one thread alone
    shapely.prepare(ground)
    meets = is_full.copy()
    meets[other] = shapely.intersects(ground, sites[rows[other]]) | is_near_edge[other]
    state[rows] = np.select([is_full, meets], ["full", "partial"], "none")
    return state


@functools.lru_cache(maxsize=16)
def _edge(coverage: shapely.Geometry) -> shapely.Geometry:
    """Return where a layer stops being complete."""
    edge: shapely.Geometry = shapely.boundary(_closed(np.array([coverage], dtype=object), _COORDINATE_STEP_DEG))[0]
    return edge


def stays(sites: geodesy.Geometries, accuracy_m: geodesy.Floats, zones: geodesy.Geometries) -> Flags:
    """Tell which sites overlap the zones in every placement within their accuracy (see the module's rule).

    Parameters
    ----------
    sites
        Shape (n,), none missing, longitude and latitude in degrees. Wide ones are looked at in parts: it is enough
        that one part stays.
    accuracy_m
        Shape (n,), metres, above 0.
    zones
        Shape (m,), likewise.
    """
    is_sure = np.zeros(len(sites), dtype=bool)
    parts, owner = in_parts(sites)
    boxes = around(parts, accuracy_m[owner] * _ROOM + 1.0)
    part, zone = touching(boxes, zones)
    near = clipped(zones[zone], boxes[part])
    held, starts = np.unique(part, return_index=True)
    grounds = np.array([shapely.union_all(some) for some in np.split(near, starts[1:])][: len(held)], dtype=object)
    is_sure[owner[held[_parts_stay(parts[held], accuracy_m[owner[held]], grounds)]]] = True
    return is_sure


def _closed(ground: geodesy.Geometries, width: float) -> geodesy.Geometries:
    """Close gaps between neighbours narrower than a width: each was drawn, or bent, by itself; none is a boundary."""
    grown = shapely.buffer(ground, width / 2, join_style="mitre")
    closed: geodesy.Geometries = shapely.buffer(grown, -width / 2, join_style="mitre")
    return closed


def _parts_stay(parts: geodesy.Geometries, reach_m: geodesy.Floats, grounds: geodesy.Geometries) -> Flags:
    """Tell which parts overlap their ground in every placement, each in a plane through its middle."""
    west, _, east, _ = shapely.bounds(parts).T
    planes = [geodesy.local_plane(middle) for middle in ((west + east) / 2).tolist()]
    meridian = np.array([plane.central_meridian for plane in planes])
    stay = np.zeros(len(parts), dtype=bool)
    for longitude in np.unique(meridian):
        rows = np.flatnonzero(meridian == longitude)
        plane = planes[rows[0]]
        areas = _closed(plane.to_plane(grounds[rows]), geodesy.COORDINATE_STEP_M)
        stay[rows] = _stay(plane.to_plane(parts[rows]), reach_m[rows], areas)
    return stay


def _stay(parts: geodesy.Geometries, reach_m: geodesy.Floats, areas: geodesy.Geometries) -> Flags:
    """Tell which parts overlap their area in every placement, in a plane (see the module's rule)."""
    stay = np.zeros(len(parts), dtype=bool)
    is_point = shapely.get_dimensions(parts) == 0
    points, of_part = shapely.get_parts(parts[is_point], return_index=True)
    rows = np.flatnonzero(is_point)[of_part]
    is_deep = shapely.distance(points, shapely.boundary(areas[is_point])[of_part]) >= reach_m[rows]
    stay[rows[shapely.covers(areas[rows], points) & is_deep]] = True
    wide = np.flatnonzero(~is_point)
    shrunk_m = -reach_m[wide] * _SAFE_SHRINK
    core, heart = (shapely.buffer(shapes[wide], shrunk_m, quad_segs=16) for shapes in (areas, parts))
    stay[wide] = shapely.intersects(parts[wide], core) | shapely.intersects(heart, areas[wide])
    return stay
