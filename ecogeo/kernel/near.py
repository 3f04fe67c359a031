"""How far shapes lie from one another: the nearest points of edges, found in a tree of short runs of edges.

*The distance* of two edges that do not cross is that of a corner of one from the other. Which corner and which point of
the edge is found in a plane laid at the place itself (longitude and latitude, scaled at the latitude between the two
runs, so that edges stay straight). Every pair that the plane finds near enough is then measured in space: the point of
the edge, straight in longitude and latitude, whose chord to the corner is the shortest, by Gauss–Newton steps on the
ellipsoid. The chord grows with the geodesic: over 100 km their order can differ by 1e-8 of the distance.

*What is passed over* surely is farther than what is asked for. Two points whose latitudes differ by at least δ and
whose longitudes differ by at least λ are no nearer in space than the root of

    (2 a (1 − e²) sin δ/2)² + (2 p sin λ/2)²

with p = a cos φ at the latitude φ farthest from the equator: the square of a chord is (z₁ − z₂)² + (r₁ − r₂)² +
4 r₁ r₂ sin² λ/2, with r the distance from the axis, which is at least a cos φ; the first two terms are a chord of the
meridian, whose radius of curvature nowhere is below a (1 − e²).

*Touching* is not decided here where rounding has a say: pairs nearer than 0.01 mm, and edges whose orientations are
within their rounding error, are told as doubtful (`DOUBTFUL`). A shape that lies inside another without coming near its
outline is found by its corners (`ecogeo.kernel.covers`), not here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ecogeo import cgcs2000
from ecogeo.kernel.compiled import Floats, Ints, compiled, lean
from ecogeo.kernel.doubt import are_apart, side
from ecogeo.kernel.runs import FAN, EdgeTree, Runs, Tree

APART, DOUBTFUL, CROSSING = 0, 1, 2
"""Two shapes surely share no point of their outlines; they may; they do."""

DOUBTFUL_M = 1e-5

_RHO = math.pi / 180.0
_MOST_SLACK = 0.3
"""Where a plane may be off by more, it is not asked."""
_STEPS = 4
_ROOM_M = 1e-6
_TIE = 1.0 + 1e-9


@dataclass(frozen=True)
class Nearby:
    """Shapes and what is near them, by shape, then by the other.

    Parameters
    ----------
    site, zone
        Positions, shape (pairs,).
    ends
        Shape (pairs, 4): longitude and latitude of the point of the site and of that of the zone, nearest to each
        other; without meaning where outlines cross.
    chord_m
        Shape (pairs,): the straight line through space between the two, metres; 0 where outlines cross.
    state
        Shape (pairs,): `APART`, `DOUBTFUL` or `CROSSING`.
    """

    site: Ints
    zone: Ints
    ends: Floats
    chord_m: Floats
    state: Ints


class _Tally(NamedTuple):
    """The best known of each zone for the site at hand, which zones are known, how many, and the best of all."""

    chord_m: Floats
    ends: Floats
    state: Ints
    met: Ints
    number: Ints
    best_m: Floats


class _Room(NamedTuple):
    """Corners of a run of the site and of one of the zones in the plane, and boxes yet to be looked at."""

    site: Floats
    zone: Floats
    box: Ints
    level: Ints
    least_m: Floats


def near(sites: Runs, zones: EdgeTree, reach_m: Floats, *, is_nearest: bool) -> Nearby:
    """Find the zones near sites.

    Parameters
    ----------
    sites
        Runs, feature by feature, as `runs_of` makes them.
    zones
        The zones.
    reach_m
        Shape (sites,), metres: how far to look, infinite for anywhere; nothing is found for NaN.
    is_nearest
        Whether the nearest zones of each site alone are wanted (several where they are equally near, and every one that
        crosses it or may), or all within reach.

    Returns
    -------
    Pairs whose chord is within reach; the geodesic is longer by a hair, for the caller to see to.
    """
    starts = np.searchsorted(sites.feature, np.arange(len(reach_m) + 1)).astype(np.int64)
    found = _walk(sites, starts, zones.runs, zones.tree, zones.features, np.asarray(reach_m, np.float64), is_nearest)
    return Nearby(*found)


@compiled
def _walk(
    sites: Runs, starts: Ints, zones: Runs, tree: Tree, features: int, reach_m: Floats, is_nearest: bool
) -> tuple[Ints, Ints, Floats, Floats, Ints]:
    """Look from each run of each site; see `near`."""
    size, used = 1024, 0
    site, zone, state = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64)
    ends, chord = np.empty((size, 4)), np.empty(size)
    levels = len(tree.level_start) - 1
    tally = _Tally(
        np.full(features, np.inf),
        np.empty((features, 4)),
        np.zeros(features, np.int64),
        np.empty(features, np.int64),
        np.zeros(1, np.int64),
        np.empty(1),
    )
    waiting = levels * FAN + 1
    room = _Room(
        np.empty((FAN + 1, 2)),
        np.empty((FAN + 1, 2)),
        np.empty(waiting, np.int64),
        np.empty(waiting, np.int64),
        np.empty(waiting),
    )
    for feature in range(len(reach_m)):
        if not reach_m[feature] >= 0.0:
            continue
        tally.best_m[0] = reach_m[feature]
        for run in range(starts[feature], starts[feature + 1]):
            _look_around(sites, run, zones, tree, tally, room, reach_m[feature], is_nearest)
        met = tally.met[: tally.number[0]]
        met.sort()
        tally.number[0] = 0
        if used + len(met) > size:
            size = 2 * size + len(met)
            site, zone, state = _longer(site, size), _longer(zone, size), _longer(state, size)
            ends, chord = _longer_rows(ends, size), _longer_floats(chord, size)
        limit = max(tally.best_m[0] * _TIE, DOUBTFUL_M) if is_nearest else reach_m[feature]
        for k in met:
            if tally.chord_m[k] <= limit or tally.state[k] != APART:
                site[used], zone[used], state[used], chord[used] = feature, k, tally.state[k], tally.chord_m[k]
                ends[used] = tally.ends[k]
                used += 1
            tally.chord_m[k], tally.state[k] = np.inf, APART
    return site[:used], zone[:used], ends[:used], chord[:used], state[:used]


@lean
def _look_around(
    sites: Runs, run: int, zones: Runs, tree: Tree, tally: _Tally, room: _Room, reach_m: float, is_nearest: bool
) -> None:
    """Go down the tree from one run of a site, nearer boxes first, past all that surely is too far."""
    waiting = 0
    if len(zones.first):
        top = len(tree.level_start) - 2
        room.box[0], room.level[0] = 0, top
        room.least_m[0] = least_m(sites.boxes[run], tree.boxes[tree.level_start[top]])
        waiting = 1
    while waiting > 0:
        waiting -= 1
        box, level = room.box[waiting], room.level[waiting]
        if room.least_m[waiting] > _limit(tally, reach_m, is_nearest):
            continue
        if level == 0:
            _compare(sites, run, zones, box, tally, room, reach_m, is_nearest)
            continue
        begin, below = waiting, tree.level_start[level - 1]
        for child in range(FAN * box, min(FAN * (box + 1), tree.level_start[level] - below)):
            distance = least_m(sites.boxes[run], tree.boxes[below + child])
            if distance > _limit(tally, reach_m, is_nearest):
                continue
            at = waiting
            while at > begin and room.least_m[at - 1] < distance:
                room.box[at], room.level[at], room.least_m[at] = room.box[at - 1], level - 1, room.least_m[at - 1]
                at -= 1
            room.box[at], room.level[at], room.least_m[at] = child, level - 1, distance
            waiting += 1


@lean
def _limit(tally: _Tally, reach_m: float, is_nearest: bool) -> float:
    """Return how far off something may be that still matters."""
    limit: float = tally.best_m[0] * _TIE if is_nearest else reach_m
    return max(limit, DOUBTFUL_M)


@lean
def least_m(a: Floats, b: Floats) -> float:
    """Return what two points of two boxes are at least apart, through space (see the module)."""
    north_deg = max(b[1] - a[3], a[1] - b[3], 0.0)
    east_deg = max(b[0] - a[2], a[0] - b[2], 0.0)
    if north_deg == 0.0 and east_deg == 0.0:
        return 0.0
    if east_deg > 0.0:
        round_deg = 360.0 - (max(a[2], b[2]) - min(a[0], b[0]))
        east_deg = max(min(east_deg, round_deg), 0.0)
    farthest = min(max(abs(a[1]), abs(a[3]), abs(b[1]), abs(b[3])), 90.0)
    across = 2.0 * cgcs2000.SEMI_MAJOR_M * math.cos(farthest * _RHO) * math.sin(east_deg * _RHO / 2.0)
    along = 2.0 * cgcs2000.SEMI_MAJOR_M * (1.0 - cgcs2000.E2) * math.sin(min(north_deg, 180.0) * _RHO / 2.0)
    return math.sqrt(along * along + across * across)


@lean
def _compare(
    sites: Runs, run: int, zones: Runs, other: int, tally: _Tally, room: _Room, reach_m: float, is_nearest: bool
) -> None:
    """Hold every edge of one run against every one of another."""
    zone, a, b = zones.feature[other], sites.boxes[run], zones.boxes[other]
    turn = 360.0 * math.floor(((b[0] + b[2]) - (a[0] + a[2])) / 720.0 + 0.5)
    lon, lat = (a[0] + a[2]) / 2.0, (a[1] + a[3] + b[1] + b[3]) / 4.0
    scale_x, scale_y = _scales(lat)
    corners = _lay(sites, run, lon, lat, scale_x, scale_y, room.site)
    others = _lay(zones, other, lon + turn, lat, scale_x, scale_y, room.zone)
    slack = _slack(a, b, turn, lat)
    if tally.state[zone] != CROSSING and not _boxes_apart(a, b):
        _touch(sites, run, zones, other, tally)
    for i in range(corners):
        limit = _limit_in_plane(tally, zone, reach_m, is_nearest, slack)
        if _beside(room.site[i], room.zone, others) > limit * limit:
            continue
        for j in range(max(others - 1, 1)):
            nearest, squared = _foot(room.site[i], room.zone[j], room.zone[min(j + 1, others - 1)])
            if squared <= limit * limit:
                first, second = zones.first[other] + j, min(zones.first[other] + j + 1, zones.last[other])
                _measure(sites.lonlat, sites.first[run] + i, zones.lonlat, first, second, nearest, zone, tally, False)
                limit = _limit_in_plane(tally, zone, reach_m, is_nearest, slack)
    for j in range(others):
        limit = _limit_in_plane(tally, zone, reach_m, is_nearest, slack)
        if _beside(room.zone[j], room.site, corners) > limit * limit:
            continue
        for i in range(max(corners - 1, 1)):
            nearest, squared = _foot(room.zone[j], room.site[i], room.site[min(i + 1, corners - 1)])
            if squared <= limit * limit:
                first, second = sites.first[run] + i, min(sites.first[run] + i + 1, sites.last[run])
                _measure(zones.lonlat, zones.first[other] + j, sites.lonlat, first, second, nearest, zone, tally, True)
                limit = _limit_in_plane(tally, zone, reach_m, is_nearest, slack)


@lean
def _limit_in_plane(tally: _Tally, zone: int, reach_m: float, is_nearest: bool, slack: float) -> float:
    """Return how far off a point of a zone may seem in the plane and still be nearer than what is known of it."""
    known: float = tally.chord_m[zone]
    return (min(_limit(tally, reach_m, is_nearest), known) + _ROOM_M) * slack


@lean
def _beside(corner: Floats, others: Floats, number: int) -> float:
    """Return the square of how far a corner is from the box round others."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for k in range(number):
        west, east = min(west, others[k, 0]), max(east, others[k, 0])
        south, north = min(south, others[k, 1]), max(north, others[k, 1])
    x: float = max(west - corner[0], corner[0] - east, 0.0)
    y: float = max(south - corner[1], corner[1] - north, 0.0)
    return x * x + y * y


@lean
def _scales(latitude: float) -> tuple[float, float]:
    """Return metres per degree of longitude and of latitude."""
    sine = math.sin(latitude * _RHO)
    w = 1.0 - cgcs2000.E2 * sine * sine
    normal = cgcs2000.SEMI_MAJOR_M / math.sqrt(w)
    return _RHO * normal * math.cos(latitude * _RHO), _RHO * normal * (1.0 - cgcs2000.E2) / w


@lean
def _slack(a: Floats, b: Floats, turn: float, latitude: float) -> float:
    """Return by what factor the plane laid between two boxes may show too long a distance; infinite for any."""
    high = max(abs(a[1]), abs(a[3]), abs(b[1]), abs(b[3])) * _RHO
    up = max(a[3], b[3], latitude) - min(a[1], b[1], latitude)
    across = max(a[2], b[2] - turn) - min(a[0], b[0] - turn)
    if up > 30.0 or across > 30.0 or high > 1.5:
        return math.inf
    up, across = up * _RHO, across * _RHO
    off = 1e-9 + 2.0 * up * math.tan(high) + up * up + across * across
    return 1.0 + off if off < _MOST_SLACK else math.inf


@lean
def _lay(runs: Runs, run: int, lon: float, lat: float, scale_x: float, scale_y: float, out: Floats) -> int:
    """Write a run's corners in the plane, metres from its origin, and return how many."""
    number = 0
    for i in range(runs.first[run], runs.last[run] + 1):
        out[number, 0], out[number, 1] = (runs.lonlat[i, 0] - lon) * scale_x, (runs.lonlat[i, 1] - lat) * scale_y
        number += 1
    return number


@lean
def _foot(corner: Floats, start: Floats, end: Floats) -> tuple[float, float]:
    """Return the share of an edge at which it is nearest to a corner, and the square of how near."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    to_x, to_y = corner[0] - start[0], corner[1] - start[1]
    length, share = along_x * along_x + along_y * along_y, 0.0
    if length > 0.0:
        share = min(max((to_x * along_x + to_y * along_y) / length, 0.0), 1.0)
    x, y = to_x - share * along_x, to_y - share * along_y
    return share, x * x + y * y


@lean
def _boxes_apart(a: Floats, b: Floats) -> bool:
    return bool(a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1])


@lean
def _touch(sites: Runs, run: int, zones: Runs, other: int, tally: _Tally) -> None:
    """Note whether an edge of one run crosses one of the other, or may."""
    zone, a, b = zones.feature[other], sites.lonlat, zones.lonlat
    for i in range(sites.first[run], max(sites.last[run], sites.first[run] + 1)):
        k = min(i + 1, sites.last[run])
        for j in range(zones.first[other], max(zones.last[other], zones.first[other] + 1)):
            m = min(j + 1, zones.last[other])
            if are_apart(a[i, 0], a[i, 1], a[k, 0], a[k, 1], b[j, 0], b[j, 1], b[m, 0], b[m, 1]):
                continue
            starts = side(b[j, 0], b[j, 1], a[i, 0], a[i, 1], a[k, 0], a[k, 1])
            ends = side(b[m, 0], b[m, 1], a[i, 0], a[i, 1], a[k, 0], a[k, 1])
            others = side(a[i, 0], a[i, 1], b[j, 0], b[j, 1], b[m, 0], b[m, 1])
            is_sure = starts * ends < 0 and others * side(a[k, 0], a[k, 1], b[j, 0], b[j, 1], b[m, 0], b[m, 1]) < 0
            _note(tally, zone, 0.0 if is_sure else tally.chord_m[zone], CROSSING if is_sure else DOUBTFUL)
            if is_sure:
                return


@lean
def _measure(
    corners: Floats,
    corner: int,
    edges: Floats,
    first: int,
    second: int,
    share: float,
    zone: int,
    tally: _Tally,
    is_of_zone: bool,
) -> None:
    """Measure through space how far a corner is from an edge, and note it if nothing nearer is known of that zone."""
    x1, y1, x2, y2 = edges[first, 0], edges[first, 1], edges[second, 0], edges[second, 1]
    to_x, to_y, to_z = _in_space(corners[corner, 0], corners[corner, 1])
    chord = math.inf
    for step in range(_STEPS):
        lon, lat = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
        x, y, z = _in_space(lon, lat)
        off_x, off_y, off_z = to_x - x, to_y - y, to_z - z
        squared = off_x * off_x + off_y * off_y + off_z * off_z
        if squared < chord * chord:
            chord = math.sqrt(squared)
            best_lon, best_lat = lon, lat
        if step == _STEPS - 1 or first == second:
            break
        scale_x, scale_y = _scales(lat)
        ahead_x, ahead_y, ahead_z = _ahead(lon, lat, scale_x * (x2 - x1), scale_y * (y2 - y1))
        length = ahead_x * ahead_x + ahead_y * ahead_y + ahead_z * ahead_z
        if not length > 0.0:
            break
        moved = share + (off_x * ahead_x + off_y * ahead_y + off_z * ahead_z) / length
        moved = min(max(moved, 0.0), 1.0)
        if moved == share:
            break
        share = moved
    if chord >= tally.chord_m[zone]:
        return
    ends = tally.ends[zone]
    here, there = (2, 0) if is_of_zone else (0, 2)
    ends[here], ends[here + 1] = corners[corner, 0], corners[corner, 1]
    ends[there], ends[there + 1] = best_lon, best_lat
    _note(tally, zone, chord, DOUBTFUL if chord <= DOUBTFUL_M else APART)


@lean
def _note(tally: _Tally, zone: int, chord_m: float, state: int) -> None:
    """Keep the shorter chord and the graver state of a zone."""
    if tally.chord_m[zone] == math.inf and tally.state[zone] == APART:
        tally.met[tally.number[0]] = zone
        tally.number[0] += 1
    tally.chord_m[zone] = min(tally.chord_m[zone], chord_m)
    tally.state[zone] = max(tally.state[zone], state)
    tally.best_m[0] = min(tally.best_m[0], tally.chord_m[zone])


@lean
def _in_space(lon: float, lat: float) -> tuple[float, float, float]:
    """Return a point of the ellipsoid in space, metres from its centre."""
    sine, cosine = math.sin(lat * _RHO), math.cos(lat * _RHO)
    normal = cgcs2000.SEMI_MAJOR_M / math.sqrt(1.0 - cgcs2000.E2 * sine * sine)
    out = normal * cosine
    return out * math.cos(lon * _RHO), out * math.sin(lon * _RHO), normal * (1.0 - cgcs2000.E2) * sine


@lean
def _ahead(lon: float, lat: float, east: float, north: float) -> tuple[float, float, float]:
    """Return in space the way that leads so many metres east and north."""
    sin_lat, cos_lat = math.sin(lat * _RHO), math.cos(lat * _RHO)
    sin_lon, cos_lon = math.sin(lon * _RHO), math.cos(lon * _RHO)
    return (
        -sin_lon * east - sin_lat * cos_lon * north,
        cos_lon * east - sin_lat * sin_lon * north,
        cos_lat * north,
    )


@compiled
def _longer(array: Ints, room: int) -> Ints:
    larger = np.empty(room, np.int64)
    larger[: len(array)] = array
    return larger


@compiled
def _longer_floats(array: Floats, room: int) -> Floats:
    larger = np.empty(room)
    larger[: len(array)] = array
    return larger


@compiled
def _longer_rows(array: Floats, room: int) -> Floats:
    larger = np.empty((room, 4))
    larger[: len(array)] = array
    return larger
