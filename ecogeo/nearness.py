"""How near sites lie to zones, anywhere on the ellipsoid: candidates by latitude and longitude, distances in metres.

Who lies within a distance of whom is asked for by `ecogeo.overlay.within_distance`, which is `within_distance` here.

No plane is true to scale over a whole country. Zones are therefore sought in boxes of longitude and latitude that
surely hold all that is within reach, cut to the box, and measured in a plane of their own place (within 0.5° of its
meridian, scale error below 4e-5, and far less where sites are small).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.cgcs2000 import Positions

LEAST_DEGREE_M = 110_574.0
"""The shortest degree of latitude on the ellipsoid, metres: at the equator."""

_PART_DEG = 1.0
_SLACK = 1.01


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
    (geodesic between the nearest points; 0 where they touch, NaN for none). A site so near the 180th meridian that its
    nearest zone may lie across it has none.

    Examples
    --------
    A degree of longitude on the equator is 6378137 · π ÷ 180 = 111319.49 m:

    >>> found = nearest(shapely.points([[100.0, 0.0]]), shapely.points([[102.0, 0.0], [101.0, 0.0]]))
    >>> found["zone"].tolist(), found["distance_m"].round(2).tolist()
    ([1], [111319.49])
    """
    zone, distance = np.full(len(sites), -1), np.full(len(sites), np.nan)
    result = pd.DataFrame({"zone": zone, "distance_m": distance})
    rows = np.flatnonzero(~(shapely.is_missing(sites) | shapely.is_empty(sites)))
    if not len(rows) or not len(zones):
        return result
    met, meets = touching(sites[rows], zones)
    firsts = pd.Series(meets, index=rows[met]).groupby(level=0).min()
    result.loc[firsts.index, ["zone", "distance_m"]] = np.column_stack([firsts, np.zeros(len(firsts))])
    rows = np.setdiff1d(rows, firsts.index)
    found, guess = shapely.STRtree(shapely.envelope(zones)).query_nearest(
        shapely.envelope(sites[rows]), all_matches=False
    )
    rows = rows[found]
    enough_m = geodesy.length_m(shapely.shortest_line(sites[rows], zones[guess])) * _SLACK + 1.0
    is_within = ~crosses_180(around(sites[rows], enough_m))
    rows, enough_m = rows[is_within], enough_m[is_within]
    pairs = within_distance(sites[rows], zones, enough_m).sort_values(["site", "distance_m", "zone"])
    best = pairs.drop_duplicates("site")
    result.loc[rows[best["site"]], ["zone", "distance_m"]] = best[["zone", "distance_m"]].to_numpy()
    return result.astype({"zone": int})


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
        Shape (m,), likewise; across the 180th meridian nothing is found (`crosses_180`).
    distance_m
        Metres, for all sites or one for each; sites with NaN are near nothing.

    Returns
    -------
    One row per pair, by site, then zone: positions ``site`` and ``zone``, and ``distance_m`` (0 where they touch).

    Notes
    -----
    Zones are sought in a box of longitude and latitude round each site that surely holds the distance, 1 % more of it
    at the shortest degree of latitude there is and at the narrower parallel. The nearest points of a pair are found in
    a transverse Mercator plane of the site's own place, the distance between them is the geodesic. The points are off
    the true nearest ones by the plane's change of scale across the gap, below 4e-5, which moves the distance by a still
    smaller share of it.

    Examples
    --------
    A hundredth of a degree of the meridian is 1108 m here:

    >>> points = shapely.points([[109.0, 24.0], [109.0, 24.01], [109.0, 24.03]])
    >>> pairs = within_distance(points[:1], points, 1_200.0)
    >>> pairs["zone"].tolist(), pairs["distance_m"].round(0).tolist()
    ([0, 1], [0.0, 1108.0])
    """
    reach_m = np.broadcast_to(np.asarray(distance_m, dtype=np.float64), (len(sites),))
    rows = np.flatnonzero(~shapely.is_missing(sites) & np.isfinite(reach_m))
    parts, owner = in_parts(sites[rows])
    owner = rows[owner]
    boxes = around(parts, reach_m[owner])
    pieces, zone_of = shapely.get_parts(zones, return_index=True)
    part, piece = touching(boxes, pieces)
    cut = clipped(pieces[piece], boxes[part])
    distance_m = geodesy.distance_m(parts[part], cut)
    pairs = pd.DataFrame({"site": owner[part], "zone": zone_of[piece], "distance_m": distance_m})
    pairs = pairs[pairs["distance_m"] <= reach_m[pairs["site"]]]
    return pairs.groupby(["site", "zone"], sort=True)["distance_m"].min().reset_index()


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
    farthest = np.minimum(np.maximum(np.abs(south), np.abs(north)) + latitude_deg, 89.9)
    longitude_deg = latitude_deg / np.cos(np.radians(farthest))
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
    site, zone = shapely.STRtree(zones).query(sites, predicate="intersects")
    order = np.lexsort((zone, site))
    return site[order], zone[order]
