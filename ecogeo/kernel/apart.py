"""How far two runs of edges lie apart, and whether they touch.

*The distance* of two edges that do not cross is that of a corner of one from the other. Which corner and which point of
the edge is found in a plane laid at the place itself (longitude and latitude, scaled at the latitude between the two
runs, so that edges stay straight). Every pair that the plane finds near enough is then measured in space: the point of
the edge, straight in longitude and latitude, whose chord to the corner is the shortest, by Gauss–Newton steps on the
ellipsoid. The chord grows with the geodesic, but not quite: of points 100 km away another may be nearer by 6 mm, of
those 1,000 km away by 0.2 m.

*What is passed over* surely is farther than what is asked for. Two points whose latitudes differ by at least δ and
whose longitudes differ by at least λ are no nearer in space than the root of

    (2 a (1 − e²) sin δ/2)² + (2 p sin λ/2)²

with p = a cos φ at the latitude φ farthest from the equator: the square of a chord is (z₁ − z₂)² + (r₁ − r₂)² +
4 r₁ r₂ sin² λ/2, with r the distance from the axis, which is at least a cos φ; the first two terms are a chord of the
meridian, whose radius of curvature nowhere is below a (1 − e²).

*Touching* is not decided here where rounding has a say: pairs nearer than 0.01 mm, and edges whose orientations are
within their rounding error, are told as doubtful (`DOUBTFUL`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ecogeo import cgcs2000
from ecogeo.kernel.compiled import Floats, Ints, compiled, lean
from ecogeo.kernel.doubt import are_apart, side
from ecogeo.kernel.runs import FAN, Runs

APART, DOUBTFUL, CROSSING = 0, 1, 2
"""Two shapes surely share no point of their outlines; they may; they do."""

DOUBTFUL_M = 1e-5

_TIE = 1.0 + 1e-9
"""What is longer by less is equally near."""

_RHO = math.pi / 180.0
_MOST_SLACK = 0.3
"""Where a plane may be off by more, it is not asked."""

_STEPS, _STEP_M = 60, 1e-6
"""Most steps along an edge towards its nearest point, and the step that is the last; mostly there are two or three."""

_ROOM_M = 1e-6


class Tally(NamedTuple):
    """The best known of each zone for the site at hand, which zones are known, how many, and how far off matters.

    Where the nearest alone is wanted, what matters shrinks to the best that is known, and what is equally near.
    """

    chord_m: Floats
    ends: Floats
    state: Ints
    met: Ints
    number: Ints
    limit_m: Floats
    is_nearest: bool


class Plane(NamedTuple):
    """Room for the corners of a run of a site and of one of a zone, in metres from the middle of a plane."""

    site: Floats
    zone: Floats


@compiled
def nothing_known(features: int, is_nearest: bool) -> Tally:
    """Return a tally of so many zones, of which nothing is known."""
    return Tally(
        np.full(features, np.inf),
        np.empty((features, 4)),
        np.zeros(features, np.int64),
        np.empty(features, np.int64),
        np.zeros(1, np.int64),
        np.empty(1),
        is_nearest,
    )


@compiled
def plane() -> Plane:
    """Return room for two runs."""
    return Plane(np.empty((FAN + 1, 2)), np.empty((FAN + 1, 2)))


@lean
def begin(tally: Tally, reach_m: float) -> None:
    """Turn to a site that looks so far, with nothing known of any zone."""
    tally.number[0], tally.limit_m[0] = 0, max(reach_m, DOUBTFUL_M)


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
def compare(sites: Runs, run: int, zones: Runs, other: int, zone: int, tally: Tally, room: Plane) -> None:
    """Hold every edge of one run against every one of another, which is of a zone, and note what that tells of it."""
    a, b = sites.boxes[run], zones.boxes[other]
    turn = 360.0 * math.floor(((b[0] + b[2]) - (a[0] + a[2])) / 720.0 + 0.5)
    lon, lat = (a[0] + a[2]) / 2.0, (a[1] + a[3] + b[1] + b[3]) / 4.0
    scale_x, scale_y = _scales(lat)
    corners = _lay(sites, run, lon, lat, scale_x, scale_y, room.site)
    others = _lay(zones, other, lon + turn, lat, scale_x, scale_y, room.zone)
    slack = _slack(a, b, turn, lat)
    if tally.state[zone] != CROSSING and not _boxes_apart(a, b):
        _touch(sites, run, zones, other, zone, tally)
    _hold(sites, run, room.site, corners, zones, other, room.zone, others, zone, slack, tally, False)
    _hold(zones, other, room.zone, others, sites, run, room.site, corners, zone, slack, tally, True)


@lean
def _hold(
    a: Runs,
    run: int,
    corners: Floats,
    number: int,
    b: Runs,
    other: int,
    ends: Floats,
    others: int,
    zone: int,
    slack: float,
    tally: Tally,
    is_of_zone: bool,
) -> None:
    """Hold every corner of one run against every edge of another; both lie in the plane as well."""
    for i in range(number):
        limit = _limit_in_plane(tally, zone, slack)
        if _beside(corners[i], ends, others) > limit * limit:
            continue
        for j in range(max(others - 1, 1)):
            k = min(j + 1, others - 1)
            share, squared = _foot(corners[i], ends[j], ends[k])
            if squared <= limit * limit:
                first = b.first[other]
                _measure(a.lonlat, a.first[run] + i, b.lonlat, first + j, first + k, share, zone, tally, is_of_zone)
                limit = _limit_in_plane(tally, zone, slack)


@lean
def _limit_in_plane(tally: Tally, zone: int, slack: float) -> float:
    """Return how far off a point of a zone may seem in the plane and still be nearer than what is known of it."""
    known: float = min(tally.limit_m[0], tally.chord_m[zone])
    return (known + _ROOM_M) * slack


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
def _touch(sites: Runs, run: int, zones: Runs, other: int, zone: int, tally: Tally) -> None:
    """Note whether an edge of one run crosses one of the other, or may."""
    a, b = sites.lonlat, zones.lonlat
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
    tally: Tally,
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
        if abs(moved - share) * math.sqrt(length) <= _STEP_M:
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
def _note(tally: Tally, zone: int, chord_m: float, state: int) -> None:
    """Keep the shorter chord and the graver state of a zone."""
    if tally.chord_m[zone] == math.inf and tally.state[zone] == APART:
        tally.met[tally.number[0]] = zone
        tally.number[0] += 1
    tally.chord_m[zone] = min(tally.chord_m[zone], chord_m)
    tally.state[zone] = max(tally.state[zone], state)
    if tally.is_nearest:
        tally.limit_m[0] = min(tally.limit_m[0], max(tally.chord_m[zone] * _TIE, DOUBTFUL_M))


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
