"""Sites that wind around some ground twice or backwards, and their ground by the non-zero rule.

The sum over pieces weighs ground by its winding number. That is the area where every number is 0 or 1, as on any valid
polygon, and also with spikes, necks without width and rings that touch. A bow-tie has a lobe wound backwards, an
outline that overlaps itself has ground wound twice: their outline is cut where it meets itself, and every face with a
winding number other than 0 is kept.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import shapely

from ecogeo.kernel.compiled import Flags, Floats, Ints, compiled
from ecogeo.kernel.doubt import are_apart, side, winding_at
from ecogeo.kernel.ellipsoid import ring_areas
from ecogeo.kernel.polygons import Polygons, blocks_of

_VERTICES_PER_BLOCK = 1 << 17
_LEAST_CHANGE = 1e-9
"""A share of the area; what the non-zero rule changes by less is rounding where the outline was cut."""


def area_m2(polygons: Polygons) -> Floats:
    """Measure every feature of a layer on the ellipsoid.

    Parameters
    ----------
    polygons
        The layer. Ground that an outline winds around twice counts twice, as in `geodesy.area_m2`.

    Returns
    -------
    Square metres, shape (n,); 0 for a feature without a ring.

    Examples
    --------
    One map sheet of 3′45″ × 2′30″ north of 24°15′:

    >>> sheet = shapely.box(109.25, 24.25, 109.25 + 3.75 / 60, 24.25 + 2.5 / 60)
    >>> round(float(area_m2(Polygons.of(np.array([sheet])))[0]), 2)
    29287846.23
    """
    rings = np.empty(len(polygons.ring_is_hole))
    ring_areas(polygons.lonlat, polygons.ring_start, rings)
    owner = np.repeat(np.arange(len(polygons)), np.diff(polygons.feature_start))
    return np.bincount(owner, weights=rings, minlength=len(polygons)).astype(np.float64)


def simplified(polygons: Polygons, *, threads: int = 1) -> tuple[Ints, Polygons]:
    """Find the features that wind around ground twice or backwards, and return them with their ground counted once.

    Parameters
    ----------
    polygons
        The layer.
    threads
        How many work at it.

    Returns
    -------
    Their positions, and as many features: the ground they wind around at all.
    """

    def block(rows: tuple[int, int]) -> Ints:
        suspect = _may_wind(polygons.lonlat, polygons.ring_start, polygons.ring_is_hole, polygons.feature_start, *rows)
        return rows[0] + np.flatnonzero(suspect)

    with ThreadPoolExecutor(threads) as pool:
        blocks = list(pool.map(block, blocks_of(polygons.vertex_start, _VERTICES_PER_BLOCK)))
    suspects = np.concatenate([np.empty(0, np.int64), *blocks]).astype(np.int64)
    if len(suspects):
        suspects = suspects[~shapely.is_valid(polygons.shapes(suspects))]
    drawn = polygons.take(suspects)
    wound = Polygons.of(np.array([_ground_of(drawn, row) for row in range(len(drawn))], dtype=object))
    was, now = area_m2(drawn), area_m2(wound)
    changed = np.flatnonzero(np.abs(was - now) > _LEAST_CHANGE * np.maximum(np.abs(was), now))
    return suspects[changed], wound.take(changed)


def _ground_of(polygons: Polygons, row: int) -> shapely.Geometry:
    """Return the ground one feature winds around at all; a face is judged where it is widest, not in a sliver."""
    first, last = polygons.feature_start[row], polygons.feature_start[row + 1]
    starts = polygons.ring_start[first : last + 1]
    outline = [shapely.LineString(polygons.lonlat[a:b]) for a, b in pairwise(starts)]
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union(outline)]))
    inner = shapely.get_coordinates(shapely.get_point(shapely.maximum_inscribed_circle(faces), 0))
    keep = [winding_at(x, y, polygons.lonlat, polygons.ring_start, first, last) != 0 for x, y in inner]
    return shapely.union_all(faces[np.array(keep, dtype=bool)])


@compiled
def _may_wind(
    lonlat: Floats, ring_start: Ints, ring_is_hole: Flags, feature_start: Ints, first: int, last: int
) -> Flags:
    """Tell which features may wind around ground other than once; False is sure."""
    suspect = np.zeros(last - first, np.bool_)
    edges, owner, west = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64)
    for feature in range(first, last):
        first_ring, last_ring = feature_start[feature], feature_start[feature + 1]
        room = ring_start[last_ring] - ring_start[first_ring]
        if room > len(edges):
            edges, owner, west = np.empty(2 * room, np.int64), np.empty(2 * room, np.int64), np.empty(2 * room)
        if last_ring - first_ring == 1 and _is_star(lonlat, ring_start[first_ring], ring_start[last_ring] - 1):
            continue
        number = _distinct_edges(lonlat, ring_start, first_ring, last_ring, edges, owner, west)
        suspect[feature - first] = _meets_itself(
            lonlat, edges[:number], owner[:number], west[:number]
        ) or _is_badly_nested(lonlat, ring_start, ring_is_hole, first_ring, last_ring)
    return suspect


@compiled
def _is_star(lonlat: Floats, first: int, last: int) -> bool:
    """Tell whether a closed ring surely runs once, and always to the left, round the middle of its vertices."""
    x, y = 0.0, 0.0
    for i in range(first, last):
        x, y = x + lonlat[i, 0], y + lonlat[i, 1]
    x, y = x / (last - first), y / (last - first)
    turns = 0
    for i in range(first, last):
        x1, y1, x2, y2 = lonlat[i, 0], lonlat[i, 1], lonlat[i + 1, 0], lonlat[i + 1, 1]
        if side(x, y, x1, y1, x2, y2) != 1:
            return False
        turns += 1 if y1 > y >= y2 else 0
    return turns == 1


@compiled
def _distinct_edges(
    lonlat: Floats, ring_start: Ints, first_ring: int, last_ring: int, edges: Ints, owner: Ints, west: Floats
) -> int:
    """Write the first vertex, the ring and the west end of every edge that has a length; return how many."""
    number = 0
    for ring in range(first_ring, last_ring):
        for i in range(ring_start[ring], ring_start[ring + 1] - 1):
            if lonlat[i, 0] != lonlat[i + 1, 0] or lonlat[i, 1] != lonlat[i + 1, 1]:
                edges[number], owner[number] = i, ring
                west[number] = min(lonlat[i, 0], lonlat[i + 1, 0])
                number += 1
    return number


@compiled
def _meets_itself(lonlat: Floats, edges: Ints, owner: Ints, west: Floats) -> bool:
    """Tell whether two edges that do not follow one another may share a point: a sweep from west to east."""
    number = len(edges)
    if number <= 48:
        for p in range(number):
            for q in range(p + 1, number):
                if _may_touch(lonlat, edges, owner, p, q):
                    return True
        return False
    order = np.argsort(west, kind="mergesort")
    for k in range(number):
        p = order[k]
        east = max(lonlat[edges[p], 0], lonlat[edges[p] + 1, 0])
        later = k + 1
        while later < number and west[order[later]] <= east:
            q = order[later]
            if _may_touch(lonlat, edges, owner, min(p, q), max(p, q)):
                return True
            later += 1
    return False


@compiled
def _may_touch(lonlat: Floats, edges: Ints, owner: Ints, p: int, q: int) -> bool:
    """Tell whether edges p < q may share a point other than the vertex between neighbours in a ring."""
    i, j = edges[p], edges[q]
    if are_apart(
        lonlat[i, 0], lonlat[i, 1], lonlat[i + 1, 0], lonlat[i + 1, 1],
        lonlat[j, 0], lonlat[j, 1], lonlat[j + 1, 0], lonlat[j + 1, 1],
    ):  # fmt: skip
        return False
    if owner[p] != owner[q]:
        return True
    is_next = q == p + 1
    closes = (p == 0 or owner[p - 1] != owner[p]) and (q + 1 == len(edges) or owner[q + 1] != owner[q])
    return not (is_next or closes)


@compiled
def _is_badly_nested(lonlat: Floats, ring_start: Ints, ring_is_hole: Flags, first_ring: int, last_ring: int) -> bool:
    """Tell whether a shell may lie within another, or a hole outside of its shell or within another hole."""
    if last_ring - first_ring < 2:
        return last_ring > first_ring and ring_is_hole[first_ring]
    for ring in range(first_ring, last_ring):
        x, y = lonlat[ring_start[ring], 0], lonlat[ring_start[ring], 1]
        others = winding_at(x, y, lonlat, ring_start, first_ring, ring)
        others += winding_at(x, y, lonlat, ring_start, ring + 1, last_ring)
        if others != (1 if ring_is_hole[ring] else 0):
            return True
    return False
