"""Centre lines that part around islands and meet again: two outer banks, and a shore around every island.

Source: the builders' choice. Every arm is as wide as the reach states: the water is what lies within half a width of
any of the lines, its outline the two banks, its holes the islands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.polygon import orient

from ecogeo import geodesy
from ecogeo.shoreline.bends import QUAD_SEGS

_SAME_PLACE_M = 0.01
_CAP_M = 1e-3
"""How far the end of a centre line may lie from the outline of the water about it: rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Braid:
    """The banks of a centre line with arms.

    Parameters
    ----------
    left, right
        Single lines, longitude and latitude in degrees, seen downstream: the way the first line is drawn.
    islands
        Closed lines.
    water
        The water between them.
    is_swallowed
        Whether the width leaves one of the islands no room.
    """

    left: shapely.LineString
    right: shapely.LineString
    islands: tuple[shapely.LineString, ...]
    water: shapely.Geometry
    is_swallowed: bool


def braid_of(lines: geodesy.Geometries, width_m: float) -> Braid | None:
    """Set off the banks of a centre line that parts around islands.

    Parameters
    ----------
    lines
        Shape (n,), open lines, longitude and latitude in degrees.
    width_m
        Full width of every arm, metres.

    Returns
    -------
    The banks; None where the lines are no such centre line: not all connected, without a ring, or with more or fewer
    than the two ends of a river that flows in and out.

    Examples
    --------
    A river of 40 m that parts into two arms, 100 m to either side, for 1000 m:

    >>> plane = geodesy.local_plane(109.0)
    >>> arm = [(0, 0), (100, 100), (900, 100), (1000, 0)]
    >>> lines = [[(-500, 0), (0, 0)], arm, [(x, -y) for x, y in arm], [(1000, 0), (1500, 0)]]
    >>> shapes = plane.to_lonlat(np.array([shapely.LineString(line) for line in lines]))
    >>> braid = braid_of(shapes, 40.0)
    >>> len(braid.islands), braid.is_swallowed
    (1, False)
    >>> bool(braid.left.centroid.y > braid.right.centroid.y)
    True
    """
    if not width_m > 0 or len(lines) < 2:
        return None
    plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(lines[0]))))
    flat = plane.to_plane(lines)
    arms = shapely.get_parts(shapely.line_merge(shapely.union_all(flat)))
    nodes = _nodes(arms)
    ends = [place for place, number in _counted(nodes).items() if number == 1]
    rings = len(arms) - len(set(nodes.values())) + 1
    if len(ends) != 2 or rings < 1 or not _is_connected(arms, nodes):
        return None
    disks = [shapely.Point(place).buffer(width_m / 2, quad_segs=QUAD_SEGS) for place in set(nodes.values()) - set(ends)]
    wide = shapely.buffer(arms, width_m / 2, cap_style="flat", quad_segs=QUAD_SEGS)
    water = shapely.union_all([*wide, *disks])
    if not isinstance(water, shapely.Polygon):
        return None
    sides = _sides(orient(water), *_downstream(flat[0], arms, nodes, ends), width_m)
    if sides is None:
        return None
    islands = [shapely.LineString(hole.coords) for hole in water.interiors]
    left, right, surface, *shores = plane.to_lonlat(np.array([*sides, water, *islands], dtype=object))
    return Braid(left, right, tuple(shores), surface, len(islands) < rings)


_Place = tuple[float, float]


def _nodes(arms: geodesy.Geometries) -> Mapping[tuple[int, int], _Place]:
    """Return the place of both ends of every line, ends that meet at one place."""
    places: list[_Place] = []
    nodes: dict[tuple[int, int], _Place] = {}
    for number, arm in enumerate(arms):
        for end in (0, -1):
            x, y = arm.coords[end][:2]
            near = next((one for one in places if np.hypot(one[0] - x, one[1] - y) <= _SAME_PLACE_M), None)
            if near is None:
                near = (float(x), float(y))
                places.append(near)
            nodes[number, end] = near
    return nodes


def _counted(nodes: Mapping[tuple[int, int], _Place]) -> dict[_Place, int]:
    return {place: sum(one == place for one in nodes.values()) for place in dict.fromkeys(nodes.values())}


def _is_connected(arms: geodesy.Geometries, nodes: Mapping[tuple[int, int], _Place]) -> bool:
    """Tell whether one can go from any line to any other."""
    return all(np.isfinite(way_m) for way_m in _ways_m(arms, nodes, nodes[0, 0]).values())


def _ways_m(arms: geodesy.Geometries, nodes: Mapping[tuple[int, int], _Place], start: _Place) -> dict[_Place, float]:
    """Return how far every place is from one, along the lines."""
    way_m = dict.fromkeys(nodes.values(), np.inf) | {start: 0.0}
    for _ in range(len(way_m)):
        for number, arm in enumerate(arms):
            one, other = nodes[number, 0], nodes[number, -1]
            way_m[one] = min(way_m[one], way_m[other] + arm.length)
            way_m[other] = min(way_m[other], way_m[one] + arm.length)
    return way_m


def _downstream(
    first: shapely.LineString,
    arms: geodesy.Geometries,
    nodes: Mapping[tuple[int, int], _Place],
    ends: list[_Place],
) -> tuple[shapely.Point, shapely.Point]:
    """Return the two ends of the river, the upper one first: the first line is drawn away from it."""
    way_m = _ways_m(arms, nodes, ends[0])
    places = list(way_m)
    from_m, to_m = (
        min(abs(way_m[place]) + np.hypot(place[0] - at[0], place[1] - at[1]) * 1e6 for place in places)
        for at in (first.coords[0], first.coords[-1])
    )
    upper, lower = ends if from_m <= to_m else ends[::-1]
    return shapely.Point(upper), shapely.Point(lower)


def _sides(
    water: shapely.Polygon, upper: shapely.Point, lower: shapely.Point, width_m: float
) -> tuple[shapely.LineString, shapely.LineString] | None:
    """Cut the outline, the water to its left, at the two ends of the river: the left and the right bank, downstream."""
    ring = shapely.LineString(water.exterior.coords)
    if max(ring.distance(upper), ring.distance(lower)) > _CAP_M:
        return None
    at_upper, at_lower = ring.project(upper), ring.project(lower)
    right = _stretch(ring, at_upper + width_m / 2, at_lower - width_m / 2)
    left = _stretch(ring, at_lower + width_m / 2, at_upper - width_m / 2)
    return left.reverse(), right


def _stretch(ring: shapely.LineString, start_m: float, end_m: float) -> shapely.LineString:
    """Return a stretch of a closed line, over its start where need be."""
    coords = np.vstack([ring.coords, np.asarray(ring.coords)[1:]])
    start_m %= ring.length
    length_m = (end_m - start_m) % ring.length
    twice = shapely.LineString(coords)
    before, after = start_m, start_m + length_m
    at_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(coords, axis=0).T))])
    inner = coords[(at_m > before + _CAP_M) & (at_m < after - _CAP_M)]
    ends = [twice.interpolate(one).coords[0] for one in (before, after)]
    return shapely.LineString(np.vstack([ends[0], inner.reshape(-1, 2), ends[1]]))
