"""The open lines of a reach put in order: parts that follow one another are one strand, two side by side are banks.

Source: the builders' choice; how much of two lines must lie side by side, and what is the same line drawn twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy

Lines = tuple[shapely.LineString, ...]

_LOOKS = 50
"""From how many places of a line the other one is looked for."""

_LEAST_BESIDE = 0.5
"""Two lines lie side by side where half of the shorter has the other beside it; so for the lengths of two banks."""

_SAME_LINE_M = 0.1

_MOST_APART = 0.25
"""Banks that meet at one end lie apart by less than a quarter of the shorter: a wider fork is no water."""

_WIDER = 1.5
"""Banks that meet lie apart by at most this many times the stated width: else they may be a hairpin."""


@dataclass(frozen=True, slots=True)
class Strands:
    """The open lines of a reach.

    Parameters
    ----------
    one
        The parts of the strand the first line belongs to; none where the lines cannot be put in order.
    other
        The parts of the strand that lies beside it; none where no line does.
    gap_m
        The widest gap between parts that follow one another in a single strand, metres.
    """

    one: Lines = ()
    other: Lines = ()
    gap_m: float = 0.0


def strands_of(lines: geodesy.Geometries, width_m: float = float("nan")) -> Strands:
    """Put open lines in order.

    Parameters
    ----------
    lines
        Shape (n,), open lines, longitude and latitude in degrees.
    width_m
        Full width of the water as the reach states it, metres; NaN where it states none.

    Returns
    -------
    Two strands where every line lies beside one of the other strand; one where the lines follow one another and none
    lies beside another; none where neither is so: forks, lines far from each other, a line drawn twice, a bank less
    than half as long as the other. Banks may meet at one end (a source) or at both: lines that make one are parted at
    the end of a part where both halves lie side by side. That might be a hairpin drawn as a centre line, too: they are
    banks only where they lie near each other for their length, and no farther apart than a stated width allows.

    Examples
    --------
    >>> lines = [shapely.LineString(ends) for ends in ([(109, 24), (109.01, 24)], [(109.01, 24), (109.02, 24)])]
    >>> strands = strands_of(np.array(lines))
    >>> len(strands.one), len(strands.other), strands.gap_m
    (1, 0, 0.0)
    """
    joined = _joined(lines)
    if not len(joined) or (len(joined) > 1 and shapely.is_closed(joined).any()):
        return Strands()
    plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(joined[0]))))
    if len(joined) == 1:
        is_unclear = shapely.is_closed(joined[0]) or (len(lines) == 2 and _is_beside(*plane.to_plane(lines)))
        single = Strands() if is_unclear else Strands((joined[0],))
        return _parted(lines, joined[0], plane, width_m) or single
    flat = plane.to_plane(joined)
    beside = np.zeros((len(flat), len(flat)), dtype=bool)
    for one, other in combinations(range(len(flat)), 2):
        beside[one, other] = beside[other, one] = _is_beside(flat[one], flat[other])
    if not beside.any():
        gap_m = _widest_gap_m(flat)
        return Strands() if gap_m is None else Strands(tuple(joined), (), gap_m)
    is_other = _halves(beside)
    if is_other is None:
        return Strands()
    length_m = shapely.length(flat)
    drawn_m = [float(length_m[~is_other].sum()), float(length_m[is_other].sum())]
    if min(drawn_m) < _LEAST_BESIDE * max(drawn_m):
        return Strands()
    return Strands(tuple(joined[~is_other]), tuple(joined[is_other]))


def _parted(
    lines: geodesy.Geometries, joined: shapely.LineString, plane: geodesy.Plane, width_m: float
) -> Strands | None:
    """Part lines that make one into two banks that meet; None where they are none.

    Of the places where parts meet, the one is chosen at which the halves lie nearest to each other.
    """
    coords = shapely.get_coordinates(joined)
    ends = {tuple(line.coords[at]) for line in lines for at in (0, -1)}
    at = [place for place in range(len(coords)) if tuple(coords[place]) in ends]
    is_ring = bool(shapely.is_closed(joined))
    if is_ring:
        cuts = [
            (coords[one : other + 1], np.vstack([coords[other:-1], coords[: one + 1]]))
            for one, other in combinations(at[:-1], 2)
        ]
    else:
        cuts = [(coords[: place + 1], coords[place:]) for place in at[1:-1]]
    best, least_m = None, np.inf
    for pair in cuts:
        halves = np.array([shapely.LineString(half) for half in pair], dtype=object)
        flat = plane.to_plane(halves)
        short, long = sorted(shapely.length(flat).tolist())
        if short < _LEAST_BESIDE * long or not _is_beside(*flat):
            continue
        apart_m = _apart_m(*flat)
        may_be = is_ring or apart_m <= _MOST_APART * short
        if may_be and not apart_m > _WIDER * width_m and apart_m < least_m:
            best, least_m = halves, apart_m
    if best is None:
        return None
    first = shapely.get_coordinates(lines[0])[:2]
    own = int(np.argmin(shapely.distance(best, shapely.Point(first.mean(axis=0)))))
    start, then = shapely.line_locate_point(best[own], shapely.points(first))
    one = best[own] if start <= then else best[own].reverse()
    return Strands((one,), (best[1 - own],))


def _apart_m(one: shapely.LineString, other: shapely.LineString) -> float:
    """Return how far apart two lines of a plane lie at most places, metres."""
    points = shapely.line_interpolate_point(one, np.linspace(0.0, 1.0, _LOOKS), normalized=True)
    return float(np.median(shapely.distance(other, points)))


def in_order(lines: Lines, beside: Lines) -> geodesy.Floats:
    """Return the vertices of lines, shape (n, 2), in the order they come along the longest line beside them."""
    if len(lines) == 1:
        vertices: geodesy.Floats = shapely.get_coordinates(lines[0])
        return vertices
    along = max(beside, key=lambda line: line.length)
    placed = []
    for line in lines:
        start, end = shapely.line_locate_point(along, shapely.points([line.coords[0], line.coords[-1]]))
        placed.append((start + end, shapely.get_coordinates(line if start <= end else line.reverse())))
    return np.vstack([vertices for _, vertices in sorted(placed, key=lambda one: float(one[0]))])


def _joined(lines: geodesy.Geometries) -> geodesy.Geometries:
    """Join parts that meet end to end, in the direction they are drawn where that is possible; the first part first."""
    if len(lines) < 2:
        return lines
    whole = shapely.MultiLineString(list(lines))
    directed, free = (shapely.get_parts(shapely.line_merge(whole, directed=way)) for way in (True, False))
    joined: geodesy.Geometries = directed if len(directed) == len(free) else free
    start = shapely.get_point(lines[0], 0)
    order = np.argsort(shapely.distance(joined, start), kind="stable")
    return joined[order]


def _is_beside(one: shapely.LineString, other: shapely.LineString) -> bool:
    """Tell whether two lines of a plane lie side by side, and are not one line drawn twice."""
    short, long = sorted((one, other), key=lambda line: float(line.length))
    points = shapely.line_interpolate_point(short, np.linspace(0.0, 1.0, _LOOKS), normalized=True)
    along = shapely.line_locate_point(long, points)
    is_same = float(np.median(shapely.distance(long, points))) < _SAME_LINE_M
    return not is_same and float(np.ptp(along)) >= _LEAST_BESIDE * float(short.length)


def _halves(beside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_] | None:
    """Part lines in two so that those side by side are in different halves; None where that is not possible one way."""
    half = np.full(len(beside), -1)
    half[0] = 0
    queue = [0]
    while queue:
        line = queue.pop()
        for near in np.flatnonzero(beside[line]).tolist():
            if half[near] == half[line]:
                return None
            if half[near] < 0:
                half[near] = 1 - half[line]
                queue.append(near)
    return None if (half < 0).any() else half == 1


def _widest_gap_m(lines: geodesy.Geometries) -> float | None:
    """Return the widest gap of lines that follow one another, metres in their plane; None where they do not."""
    ends = np.array([[line.coords[0], line.coords[-1]] for line in lines]).reshape(-1, 2)
    line = np.repeat(np.arange(len(lines)), 2)
    apart = np.hypot(*(ends[:, None, :] - ends[None, :, :]).transpose(2, 0, 1))
    apart[line[:, None] == line[None, :]] = np.inf
    chain, free, widest_m = line.copy(), np.ones(len(ends), dtype=bool), 0.0
    for _ in range(len(lines) - 1):
        is_open = free[:, None] & free[None, :] & (chain[:, None] != chain[None, :])
        reach = np.where(is_open, apart, np.inf)
        one, other = np.unravel_index(int(np.argmin(reach)), reach.shape)
        widest_m = max(widest_m, float(reach[one, other]))
        free[[one, other]] = False
        chain[chain == chain[other]] = chain[one]
    rivals = np.where(free[:, None] | free[None, :], apart, np.inf)
    return None if float(rivals.min()) <= widest_m else widest_m
