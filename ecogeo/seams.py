"""Borders between two features drawn anew: slivers left open between them are survey noise, a strip cut out is not."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.nearness import around, clipped

_TOUCH_M = 0.02
"""Features nearer than this touch."""

_MOST_OPEN, _PARALLEL, _LOOKS = 0.9, 0.15, 200
"""Sides that lie apart along more than nine tenths of their border, by a width that varies by less than 15 % (standard
deviation over mean, at so many places), are those of a strip cut out. The builders' choice."""


def seams_of(pieces: geodesy.Geometries, shapes: geodesy.Geometries, width_m: float) -> list[shapely.LineString]:
    """Return the lines along which two features were parted with gaps that nobody meant.

    Where a unit is split anew, the two sides of the cut are two surveys of one line: they touch here, overlap there and
    leave slivers between. Sides that run parallel, apart from end to end, bound a strip that was cut out.

    Parameters
    ----------
    pieces
        Where seams are looked for: ground that was lost; longitude and latitude in degrees.
    shapes
        The features of the version in force, likewise.
    width_m
        How far the two sides lie apart at most, metres.

    Examples
    --------
    Two halves of a square: a wedge 2 m wide at one end lies between them; then a strip of 2 m.

    >>> plane = geodesy.local_plane(109.0)
    >>> left = shapely.box(0, 0, 500, 1000)
    >>> for far in (500, 502):
    ...     right = shapely.Polygon([(far, 0), (1000, 0), (1000, 1000), (502, 1000)])
    ...     gap = shapely.box(0, 0, 1000, 1000).difference(left).difference(right)
    ...     shapes = plane.to_lonlat(np.array([left, right, gap]))
    ...     print(len(seams_of(shapes[2:], shapes[:2], 5.0)))
    2
    0
    """
    grounds = shapes[shapely.get_dimensions(shapes) == 2]
    if len(grounds) < 2 or not len(pieces):
        return []
    boxes = around(pieces, np.full(len(pieces), width_m))
    piece, near = shapely.STRtree(grounds).query(boxes, predicate="intersects")
    together = {
        pair for row in np.unique(piece) for pair in combinations(sorted(int(one) for one in near[piece == row]), 2)
    }
    seams: list[shapely.LineString] = []
    for one, other in sorted(together):
        seams += _seam(grounds[one], grounds[other], width_m)
    return seams


def _seam(one: shapely.Geometry, other: shapely.Geometry, width_m: float) -> list[shapely.LineString]:
    """Return both sides of the border of two features; nothing where they bound a strip, or have no border."""
    pair = np.array([one, other], dtype=object)
    boxes = around(pair, np.full(2, 2.0 * width_m))
    edges = clipped(shapely.boundary(pair), boxes[::-1])
    grounds = clipped(pair, boxes[::-1])
    if shapely.is_empty(edges).any() or shapely.is_empty(grounds).any():
        return []
    plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(edges[0]))))
    edges, grounds = plane.to_plane(edges), shapely.make_valid(plane.to_plane(grounds))
    sides = _lines(shapely.intersection(edges, shapely.buffer(grounds[::-1], width_m)))
    if shapely.is_empty(sides).any() or _is_strip(sides, grounds[::-1]):
        return []
    return list(shapely.get_parts(plane.to_lonlat(sides)))


def _lines(shapes: geodesy.Geometries) -> geodesy.Geometries:
    """Return the lines of shapes, joined where they meet."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    is_line = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(parts)
    held: geodesy.Geometries = np.empty(len(shapes), dtype=object)
    held[:] = [shapely.MultiLineString(list(parts[is_line & (owner == row)])) for row in range(len(shapes))]
    merged: geodesy.Geometries = shapely.line_merge(held)
    return merged


def _is_strip(sides: geodesy.Geometries, opposite: geodesy.Geometries) -> bool:
    """Tell whether two sides lie apart from end to end, and parallel."""
    length_m = float(shapely.length(sides).sum())
    open_m = float(shapely.length(shapely.difference(sides, shapely.buffer(opposite, _TOUCH_M))).sum())
    if open_m <= _MOST_OPEN * length_m:
        return False
    apart = []
    for side, far in zip(sides, opposite, strict=True):
        along = np.linspace(0.0, 1.0, _LOOKS)
        lines = shapely.get_parts(side)
        longest = lines[shapely.length(lines).argmax()]
        apart.append(shapely.distance(shapely.line_interpolate_point(longest, along, normalized=True), far))
    width_m = np.concatenate(apart)
    return bool(width_m.std() < _PARALLEL * width_m.mean())
