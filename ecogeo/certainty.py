"""How surely a site lies in a layer: whether the layer covers the ground, and what holds wherever the site really is.

With an accuracy of r metres a site may really lie anywhere within r of where it is drawn. Whether *every* placement
overlaps the zones is exact for points. For lines and polygons it is decided by a sufficient condition: some point of
the site stays in a zone however it is moved (the site meets the zones shrunk by r), or some point of a zone stays in
the site (the zones meet the site shrunk by r).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.nearness import around, clipped, crosses_180, in_parts
from ecogeo.overlay import touching, within_distance

Words = npt.NDArray[np.object_]

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
    edge: geodesy.Geometries = np.array([shapely.boundary(_closed(coverage, _COORDINATE_STEP_DEG))], dtype=object)
    near_edge = within_distance(sites[rows], edge, np.where(reach > 0, reach, np.nan))
    is_near_edge = np.isin(np.arange(len(rows)), near_edge["site"])
    is_inside = shapely.covers(shapely.buffer(coverage, _COORDINATE_STEP_DEG), sites[rows])
    is_full = is_inside & ~is_near_edge & ~crosses_180(around(sites[rows], reach))
    meets = shapely.intersects(coverage, sites[rows]) | is_near_edge
    state[rows] = np.select([is_full, meets], ["full", "partial"], "none")
    return state


def stays(sites: geodesy.Geometries, accuracy_m: geodesy.Floats, zones: geodesy.Geometries) -> npt.NDArray[np.bool_]:
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
    grounds = clipped(zones[zone], boxes[part])
    starts = np.searchsorted(part, np.arange(len(parts) + 1))
    for row, site in enumerate(owner):
        if not is_sure[site]:
            ground = shapely.union_all(grounds[starts[row] : starts[row + 1]])
            is_sure[site] = _part_stays(parts[row], float(accuracy_m[site]), ground)
    return is_sure


def _closed(ground: shapely.Geometry, width: float) -> shapely.Geometry:
    """Close gaps between neighbours narrower than a width: each was drawn, or bent, by itself; none is a boundary."""
    grown = shapely.buffer(ground, width / 2, join_style="mitre")
    return shapely.buffer(grown, -width / 2, join_style="mitre")


def _part_stays(part: shapely.Geometry, reach_m: float, ground: shapely.Geometry) -> bool:
    """Tell whether one part overlaps the ground in every placement, in the plane through its middle."""
    west, _, east, _ = shapely.bounds(part)
    plane = geodesy.local_plane(float(west + east) / 2)
    site, area = plane.to_plane(np.array([part, ground], dtype=object))
    area = _closed(area, geodesy.COORDINATE_STEP_M)
    if shapely.get_dimensions(site) == 0:
        points = shapely.get_parts(site)
        is_deep = shapely.distance(points, shapely.boundary(area)) >= reach_m
        return bool((shapely.covers(area, points) & is_deep).any())
    core = shapely.buffer(area, -reach_m * _SAFE_SHRINK, quad_segs=16)
    heart = shapely.buffer(site, -reach_m * _SAFE_SHRINK, quad_segs=16)
    return bool(shapely.intersects(site, core) or shapely.intersects(heart, area))
