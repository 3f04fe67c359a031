"""How near sites lie to zones, anywhere on the ellipsoid, and the boxes that surely hold what is within reach.

Who lies within a distance of whom is asked for by `ecogeo.overlay.within_distance`, which is `within_distance` here.
The nearest points are found by the kernel (`ecogeo.kernel.near`), which holds edge against edge and projects nothing as
a whole: no plane is true to scale over a whole country. Whether two shapes touch is shapely's to decide wherever
rounding has a say.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.cgcs2000 import Positions, atoms_of
from ecogeo.kernel.apart import CROSSING, DOUBTFUL
from ecogeo.kernel.near import Nearby, near, near_in_pairs
from ecogeo.kernel.runs import EdgeTree, runs_of
from ecogeo.soundness import without_empty_parts

LEAST_DEGREE_M = 110_574.0
"""The shortest degree of latitude on the ellipsoid, metres: at the equator."""

_PART_DEG = 1.0
_SLACK = 1.01

_POLAR_DEG = 89.9
"""Beyond, what is near may lie in any direction."""

_FEW_SITES = 256

SAME_M = 1e-6
"""What differs by no more is equally near: distances are right to less than that."""


def nearest(sites: geodesy.Geometries, zones: geodesy.Geometries) -> pd.DataFrame:
    """Find the nearest zone of each site.

    Parameters
    ----------
    sites
        Shape (n,), longitude and latitude in degrees; missing ones have no nearest zone.
    zones
        Shape (m,), likewise.

    Returns
    -------
    Index 0…n-1, columns ``zone`` (position, -1 for none; the first of several equally near) and ``distance_m``
    (geodesic between the nearest points; 0 where they touch, NaN for none); what differs by 1e-6 m is equally near. A
    site whose box of that distance (`around`) reaches over the 180th meridian has none: its nearest may lie across it.

    Examples
    --------
    A degree of longitude on the equator is 6378137 · π ÷ 180 = 111319.49 m:

    >>> found = nearest(shapely.points([[100.0, 0.0]]), shapely.points([[102.0, 0.0], [101.0, 0.0]]))
    >>> found["zone"].tolist(), found["distance_m"].round(2).tolist()
    ([1], [111319.49])
    """
    result = pd.DataFrame({"zone": np.full(len(sites), -1), "distance_m": np.full(len(sites), np.nan)})
    rows = np.flatnonzero(~(shapely.is_missing(sites) | shapely.is_empty(sites)))
    there = np.flatnonzero(~(shapely.is_missing(zones) | shapely.is_empty(zones)))
    if not len(rows) or not len(there):
        return result
    pairs = _pairs(sites[rows], zones, _enough_m(sites[rows], zones[there]), is_nearest=True)
    least_m = pairs.groupby("site")["distance_m"].transform("min")
    best = pairs[pairs["distance_m"] <= least_m + SAME_M].drop_duplicates("site")
    own = rows[best["site"]]
    is_within = (best["distance_m"] == 0.0).to_numpy() | ~crosses_180(around(sites[own], best["distance_m"].to_numpy()))
    result.loc[own[is_within], ["zone", "distance_m"]] = best.loc[is_within, ["zone", "distance_m"]].to_numpy()
    return result.astype({"zone": int})


def _enough_m(sites: geodesy.Geometries, zones: geodesy.Geometries) -> geodesy.Floats:
    """Return metres within which each site surely has a zone: of a few sites, so that far zones need not be looked at.

    Many sites lie near every zone there is: infinite.
    """
    if len(sites) > _FEW_SITES:
        return np.full(len(sites), np.inf)
    enough_m: geodesy.Floats = np.full(len(sites), np.inf)
    site, guess = shapely.STRtree(shapely.envelope(zones)).query_nearest(shapely.envelope(sites), all_matches=False)
    ends = _first_corners(sites)[site], _first_corners(zones)[guess]
    enough_m[site] = geodesy.GEOD.inv(*np.hstack(ends).T)[2] * _SLACK + 1.0
    return enough_m


def within_distance(
    sites: geodesy.Geometries, zones: geodesy.Geometries, distance_m: geodesy.Floats | float
) -> pd.DataFrame:
    """List every zone within a distance of each site.

    Parameters
    ----------
    sites
        Shape (n,), longitude and latitude in degrees on CGCS2000: points, lines or polygons; missing ones are near
        nothing.
    zones
        Shape (m,), likewise. Across the 180th meridian distances are measured, but nothing is seen to touch
        (`crosses_180`).
    distance_m
        Metres, for all sites or one for each, infinite for anywhere; sites with NaN are near nothing. What is farther
        by 1e-6 m is within it: distances are not surer than that.

    Returns
    -------
    One row per pair, by site, then zone: positions ``site`` and ``zone``, and ``distance_m`` (0 where they touch).

    Notes
    -----
    Edges are straight in longitude and latitude. The nearest points are those whose chord through space is the shortest
    (`ecogeo.kernel.near`), the distance between them is the geodesic: 100 km away another pair of points may be nearer
    by 6 mm, 1,000 km away by 0.2 m.

    Examples
    --------
    A hundredth of a degree of the meridian is 1108 m here:

    >>> points = shapely.points([[109.0, 24.0], [109.0, 24.01], [109.0, 24.03]])
    >>> pairs = within_distance(points[:1], points, 1_200.0)
    >>> pairs["zone"].tolist(), pairs["distance_m"].round(0).tolist()
    ([0, 1], [0.0, 1108.0])
    """
    reach_m = np.broadcast_to(np.asarray(distance_m, dtype=np.float64), (len(sites),))
    rows = np.flatnonzero(~(shapely.is_missing(sites) | shapely.is_empty(sites)) & (reach_m >= 0))
    pairs = _pairs(sites[rows], zones, reach_m[rows] + SAME_M, is_nearest=False)
    pairs["site"] = rows[pairs["site"]]
    return pairs[pairs["distance_m"].to_numpy() <= reach_m[pairs["site"]] + SAME_M].reset_index(drop=True)


def _pairs(
    sites: geodesy.Geometries, zones: geodesy.Geometries, reach_m: geodesy.Floats, *, is_nearest: bool
) -> pd.DataFrame:
    """List the zones near sites, by site, then zone: within reach, or those that may be the nearest within it."""
    chosen = np.flatnonzero(~shapely.is_missing(zones))
    if np.isfinite(reach_m).all():
        chosen = np.unique(shapely.STRtree(zones).query(around(sites, reach_m))[1])
    sites, shapes = without_empty_parts(sites), without_empty_parts(zones[chosen])
    is_enclosed, enclosing = _begin_inside(sites, shapes)
    encloses, is_inside = _begin_inside(shapes, sites)[::-1]
    if is_nearest:
        reach_m = reach_m.copy()
        reach_m[is_enclosed] = reach_m[encloses] = 0.0  # at no distance already: what else touches is all that is left
    found = near(runs_of(sites), EdgeTree.of(shapes), reach_m, is_nearest=is_nearest)
    site = np.concatenate([found.site, is_enclosed, encloses])
    zone = np.concatenate([found.zone, enclosing, is_inside])
    distance_m = np.concatenate([_metres(found, sites, shapes), np.zeros(len(is_enclosed) + len(encloses))])
    pairs = pd.DataFrame({"site": site, "zone": chosen[zone], "distance_m": distance_m})
    return pairs.groupby(["site", "zone"], sort=True)["distance_m"].min().reset_index()


def _metres(found: Nearby, sites: geodesy.Geometries, zones: geodesy.Geometries) -> geodesy.Floats:
    """Return the distances of pairs that were found: 0 where they touch, NaN where no coordinate is a number."""
    metres: geodesy.Floats = np.full(len(found.site), np.nan)
    known = np.flatnonzero(np.isfinite(found.chord_m) & (found.state != CROSSING))
    metres[known] = geodesy.GEOD.inv(*found.ends[known].T)[2]
    touches = found.state == CROSSING
    doubtful = np.flatnonzero(found.state == DOUBTFUL)
    touches[doubtful] = shapely.intersects(sites[found.site[doubtful]], zones[found.zone[doubtful]])
    metres[touches] = 0.0
    return metres


def _begin_inside(shapes: geodesy.Geometries, grounds: geodesy.Geometries) -> tuple[Positions, Positions]:
    """Return which shapes have a part that begins in which ground: so all do that lie in it and keep off its edge."""
    atoms, owner = atoms_of(shapes)
    is_there = ~shapely.is_empty(atoms)
    atoms, owner = atoms[is_there], owner[is_there]
    corners: geodesy.Geometries = np.array(shapely.points(_first_corners(atoms)), dtype=object)
    polygons = np.flatnonzero(shapely.get_dimensions(grounds) == 2)
    ground, corner = shapely.STRtree(corners).query(grounds[polygons], predicate="intersects")
    return owner[corner], polygons[ground]


def _first_corners(shapes: geodesy.Geometries) -> geodesy.Floats:
    """Return the first corner of each shape, none of which is empty."""
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    corners: geodesy.Floats = coordinates[np.searchsorted(owner, np.arange(len(shapes)))]
    return corners


def distance_m(a: geodesy.Geometries, b: geodesy.Geometries) -> geodesy.Floats:
    """Measure the shortest distance between pairs of geometries.

    Parameters
    ----------
    a, b
        Shape (n,), longitude and latitude in degrees on CGCS2000.

    Returns
    -------
    Metres, shape (n,): the geodesic between the nearest points, found as by `within_distance`; 0 where they touch, NaN
    where one is missing or empty.
    """
    result: geodesy.Floats = np.full(len(a), np.nan)
    a, b = without_empty_parts(a), without_empty_parts(b)
    (own, own_of), (other, other_of) = _each_once(a), _each_once(b)
    found = near_in_pairs(runs_of(own), runs_of(other), own_of, other_of)
    result[found.site] = _metres(found, a, b)
    result[shapely.intersects(a, b)] = 0.0
    return result


def _each_once(shapes: geodesy.Geometries) -> tuple[geodesy.Geometries, npt.NDArray[np.int64]]:
    """Return every shape once, and which of them stands at each place."""
    places: dict[int, int] = {}
    of = np.array([places.setdefault(id(shape), len(places)) for shape in shapes], dtype=np.int64)
    _, first = np.unique(of, return_index=True)
    return shapes[first], of


def around(shapes: geodesy.Geometries, reach_m: geodesy.Floats) -> geodesy.Geometries:
    """Return boxes of longitude and latitude that hold everything within reach of each shape.

    Parameters
    ----------
    shapes
        Shape (n,), longitude and latitude in degrees.
    reach_m
        Shape (n,), metres.

    Returns
    -------
    Boxes, a little too large; they may go beyond 180° and 90°.

    Examples
    --------
    >>> box = around(np.array([shapely.Point(0, 60)]), np.array([1000.0]))[0]
    >>> [round(edge, 3) for edge in box.bounds]
    [-0.018, 59.991, 0.018, 60.009]
    """
    west, south, east, north = shapely.bounds(shapes).T
    latitude_deg = reach_m * _SLACK / LEAST_DEGREE_M
    farthest = np.maximum(np.abs(south), np.abs(north)) + latitude_deg
    narrower = np.cos(np.radians(np.minimum(farthest, _POLAR_DEG)))
    longitude_deg = np.where(farthest < _POLAR_DEG, latitude_deg / narrower, 360.0)
    boxes: geodesy.Geometries = shapely.box(
        west - longitude_deg, south - latitude_deg, east + longitude_deg, north + latitude_deg
    )
    return boxes


def crosses_180(shapes: geodesy.Geometries) -> npt.NDArray[np.bool_]:
    """Tell which shapes reach over the 180th meridian, where longitudes jump and neighbours are not found."""
    west, _, east, _ = shapely.bounds(shapes).T
    crosses: npt.NDArray[np.bool_] = (west < -180.0) | (east > 180.0) | (east - west > 180.0)
    return crosses


def clipped(shapes: geodesy.Geometries, boxes: geodesy.Geometries) -> geodesy.Geometries:
    """Cut shapes to boxes, pair by pair; what lies whole in its box is left as it is.

    Where ground is cut, an edge or a corner that only touches the box is left out.
    """
    cut: geodesy.Geometries = np.array(shapes, dtype=object)
    west, south, east, north = shapely.bounds(shapes).T
    box_west, box_south, box_east, box_north = shapely.bounds(boxes).T
    sticks_out = (west < box_west) | (south < box_south) | (east > box_east) | (north > box_north)
    cut[sticks_out] = shapely.intersection(cut[sticks_out], boxes[sticks_out])
    for row in np.flatnonzero(shapely.get_type_id(cut) == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(cut[row])
        dimensions = shapely.get_dimensions(parts)
        cut[row] = shapely.union_all(parts[dimensions == dimensions.max(initial=-1)])
    return cut


def in_parts(shapes: geodesy.Geometries, *, part_deg: float = _PART_DEG) -> tuple[geodesy.Geometries, Positions]:
    """Cut shapes that are wide in longitude into parts small enough for a plane of their own.

    Parameters
    ----------
    shapes
        Shape (n,), longitude and latitude in degrees; missing ones have no part.
    part_deg
        The widest part, degrees of longitude; wider shapes are cut at its multiples.

    Returns
    -------
    The parts, and the position each came from, in order.
    """
    west, south, east, north = shapely.bounds(shapes).T
    whole = np.flatnonzero(east - west <= part_deg)
    parts, owners = [shapes[whole]], [whole]
    for row in np.flatnonzero(east - west > part_deg):
        edges = np.arange(np.floor(west[row] / part_deg), np.ceil(east[row] / part_deg) + 1) * part_deg
        columns = shapely.box(edges[:-1], south[row], edges[1:], north[row])
        cut = shapely.intersection(shapes[row], columns)
        cut = cut[~shapely.is_empty(cut)]
        parts.append(cut)
        owners.append(np.full(len(cut), row))
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    return np.concatenate(parts)[order], owner[order]


def touching(sites: geodesy.Geometries, zones: geodesy.Geometries) -> tuple[Positions, Positions]:
    """Return the positions of every site and zone that share at least a point, by site, then zone.

    Parameters
    ----------
    sites, zones
        Longitude and latitude in degrees; missing geometries touch nothing.
    """
    if not len(sites) or not len(zones):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    site, zone = shapely.STRtree(without_empty_parts(zones)).query(without_empty_parts(sites), predicate="intersects")
    order = np.lexsort((zone, site))
    return site[order], zone[order]
