"""A whole layer of lines as flat arrays, and the metres along an edge.

A short edge of dφ by dλ runs at the speed of its middle: with w = 1 − e² sin²φ there, the radii of the meridian and of
the parallel are a(1 − e²) w^(−3/2) and a w^(−½) cos φ, and with v = 1/w

    metres² = a² v ((1 − e²)² v² dφ² + cos²φ dλ²)

which needs a cosine and one square root. The cosine is its series up to φ¹⁶; what is left out is below φ¹⁸/18!, 4e-16
at the 60° it is used to. v is a series in z = cos²φ − ½, from −½ to ½: v = Σ (−e² z)ᵏ/(1 − e²/2)ᵏ⁺¹, and past z⁵ there
is below 2e-15. So an edge is a few sums and products without a branch or a table, and depends on its own ends alone.

That the speed is not even along the edge is 5e-11 of its length at 0.002°, the most this is used for, and the geodesic
between its ends is as long to 1.2e-10. Up to 0.1° an edge straight in longitude and latitude runs at the mean of two
Gauss points (to 1e-14), and a geodesic is measured by Gauss' series about the middle latitude with its terms of second
order, to 3e-11. What is longer, or beyond 60°, goes the long way one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from ecogeo import cgcs2000
from ecogeo.kernel.compiled import Floats, Ints, compiled, lean
from ecogeo.kernel.ellipsoid import added
from ecogeo.kernel.polygons import VERTICES_AT_ONCE, blocks_of, starts_of

_RHO = math.pi / 180.0
_UNIT_M = _RHO * cgcs2000.SEMI_MAJOR_M
_EDGES_AT_ONCE = 1024

_FLAT = 1.0 - cgcs2000.E2
_E2P = cgcs2000.E2 / _FLAT

_SHORT_DEG = 0.002
_MIDDLING_DEG = 0.1
_MOST_NORTH_DEG = 60.0
_C0, _C1, _C2, _C3, _C4, _C5, _C6, _C7, _C8 = [
    (-1) ** k / math.factorial(2 * k) * (_RHO / 2.0) ** (2 * k) for k in range(9)
]
"""cos φ in powers of (2φ)², φ in degrees."""
_V0, _V1, _V2, _V3, _V4, _V5 = [(-cgcs2000.E2) ** k / (1.0 - cgcs2000.E2 / 2.0) ** (k + 1) for k in range(6)]
"""1/w in powers of z."""


@dataclass(frozen=True)
class Lines:
    """Lines and multilines of one layer.

    Parameters
    ----------
    lonlat
        Shape (vertices, 2), longitude and latitude in degrees on CGCS2000.
    part_start
        Shape (parts + 1,), int64: where each part begins in `lonlat`.
    feature_start
        Shape (features + 1,), int64: where each feature begins among the parts. A feature that is missing, empty or no
        line has no part.
    """

    lonlat: Floats
    part_start: Ints
    feature_start: Ints

    @classmethod
    def of(cls, geometries: cgcs2000.Geometries) -> Lines:
        """Lay out shapely geometries; polygons, points, empty and missing ones become features without a part.

        Parameters
        ----------
        geometries
            Shape (n,), longitude and latitude in degrees. Z and M are left behind.
        """
        atoms, part_start, feature_start = _parts_of(geometries)
        return cls(shapely.get_coordinates(atoms), part_start, feature_start)

    def __len__(self) -> int:
        return len(self.feature_start) - 1

    def shapes(self, rows: Ints) -> cgcs2000.Geometries:
        """Build shapely multilines of some features, in the order asked for.

        Parameters
        ----------
        rows
            Positions of features.
        """
        starts, parts = self.part_start, self.feature_start
        return np.array(
            [
                shapely.MultiLineString(
                    [self.lonlat[starts[part] : starts[part + 1]] for part in range(parts[row], parts[row + 1])]
                )
                for row in rows
            ],
            dtype=object,
        )


@lean
def _metres_per_step(latitude: float, d_lon: float, d_lat: float) -> float:
    """Return how fast an edge runs at a latitude: metres for a step of so many degrees."""
    sine = math.sin(latitude * _RHO)
    w = 1.0 - cgcs2000.E2 * sine * sine
    normal = cgcs2000.SEMI_MAJOR_M / math.sqrt(w)
    meridian = normal * (1.0 - cgcs2000.E2) / w
    return _RHO * math.hypot(meridian * d_lat, normal * math.cos(latitude * _RHO) * d_lon)


@lean
def pace(x1: float, y1: float, x2: float, y2: float) -> tuple[float, float, float]:
    """Return p, q, r so that the first share t of an edge is p t + q t² + r t³ metres.

    The edge is straight in longitude and latitude. Its speed is the parabola through its values at both ends and in the
    middle. Against the geodesic between the ends an edge of 1 km is longer by 2e-9 of its length, one of 10 km by 2e-7.
    """
    d_lon, d_lat = x2 - x1, y2 - y1
    start = _metres_per_step(y1, d_lon, d_lat)
    middle = _metres_per_step((y1 + y2) / 2.0, d_lon, d_lat)
    end = _metres_per_step(y2, d_lon, d_lat)
    return start, (4.0 * middle - 3.0 * start - end) / 2.0, (2.0 * start - 4.0 * middle + 2.0 * end) / 3.0


def length_m(lines: Lines) -> Floats:
    """Measure every feature of a layer along its edges, straight in longitude and latitude.

    Parameters
    ----------
    lines
        The layer; a stretch that is run twice counts twice.

    Returns
    -------
    Metres, shape (n,); 0 for a feature without a part.

    Examples
    --------
    A hundredth of a degree of the meridian north of 24°:

    >>> line = shapely.LineString([(109.3, 24.0), (109.3, 24.01)])
    >>> round(float(length_m(Lines.of(np.array([line])))[0]), 3)
    1107.583
    """
    metres = np.empty(len(lines.part_start) - 1)
    _short_parts(lines.lonlat, lines.part_start, metres)
    _other_parts(lines.lonlat, lines.part_start, np.flatnonzero(np.isnan(metres)), metres, False)
    return _by_feature(metres, lines.feature_start)


def lengths_m(geometries: cgcs2000.Geometries, long_m: Callable[[Floats, Floats], Floats]) -> Floats:
    """Measure the lines among shapely geometries, vertex to vertex along the geodesic; see `geodesy.length_m`.

    Parameters
    ----------
    geometries
        Shape (n,), longitude and latitude in degrees.
    long_m
        Given where edges start and where they end, each of shape (m, 2), it returns their metres. It is asked for every
        edge longer than 0.1° in longitude or latitude, or with its middle beyond 60° south or north; shorter ones are
        the geodesic to 1.2e-10 of their length.

    Returns
    -------
    Metres, shape (n,).
    """
    atoms, part_start, feature_start = _parts_of(geometries)
    metres = np.empty(len(atoms))
    for first, last in blocks_of(part_start, VERTICES_AT_ONCE):
        lonlat, starts = shapely.get_coordinates(atoms[first:last]), part_start[first : last + 1] - part_start[first]
        block = metres[first:last]
        _short_parts(lonlat, starts, block)
        others = np.flatnonzero(np.isnan(block))
        if len(others):
            edge, part = _other_parts(lonlat, starts, others, block, True)
            np.add.at(block, part, long_m(lonlat[edge], lonlat[edge + 1]))
    return _by_feature(metres, feature_start)


def _parts_of(geometries: cgcs2000.Geometries) -> tuple[cgcs2000.Geometries, Ints, Ints]:
    """Return the lines that are not empty, where each begins among their vertices, and the first of each feature."""
    atoms, owner = cgcs2000.atoms_of(geometries)
    kinds, vertices = shapely.get_type_id(atoms), shapely.get_num_coordinates(atoms)
    is_line = (kinds == shapely.GeometryType.LINESTRING) | (kinds == shapely.GeometryType.LINEARRING)
    keep = is_line & (vertices > 0)
    feature_start = starts_of(np.bincount(owner[keep], minlength=len(geometries)))
    return atoms[keep], starts_of(vertices[keep]), feature_start


def _by_feature(metres: Floats, feature_start: Ints) -> Floats:
    number = len(feature_start) - 1
    owner = np.repeat(np.arange(number), np.diff(feature_start))
    return np.bincount(owner, weights=metres, minlength=number).astype(np.float64)


@lean
def _at(twice: float) -> tuple[float, float]:
    """Return cos²φ and v at a latitude, of which twice the degrees are given (see the module)."""
    u = twice * twice
    cosine = _C0 + u * (_C1 + u * (_C2 + u * (_C3 + u * (_C4 + u * (_C5 + u * (_C6 + u * (_C7 + u * _C8)))))))
    square = cosine * cosine
    z = square - 0.5
    return square, _V0 + z * (_V1 + z * (_V2 + z * (_V3 + z * (_V4 + z * _V5))))


@lean
def _metres(square: float, v: float, d_lon: float, d_lat: float) -> float:
    """Return the metres of a step of so many degrees."""
    north = _FLAT * v * d_lat
    return _UNIT_M * math.sqrt(v * (square * d_lon * d_lon + north * north))


@lean
def _is_up_to(most_deg: float, d_lon: float, d_lat: float, twice: float) -> bool:
    return (abs(d_lon) <= most_deg) & (abs(d_lat) <= most_deg) & (abs(twice) <= 2.0 * _MOST_NORTH_DEG)


@lean
def _short(d_lon: float, d_lat: float, twice: float) -> float:
    """Return the metres of an edge by the radii of curvature at its middle."""
    square, v = _at(twice)
    return _metres(square, v, d_lon, d_lat)


@lean
def _straight(d_lon: float, d_lat: float, twice: float) -> float:
    """Return the metres along an edge by its speed at two Gauss points: to 1e-14 of them at 0.1°."""
    reach = d_lat * math.sqrt(1.0 / 3.0)
    square, v = _at(twice - reach)
    start = _metres(square, v, d_lon, d_lat)
    square, v = _at(twice + reach)
    return 0.5 * (start + _metres(square, v, d_lon, d_lat))


@lean
def _geodesic(d_lon: float, d_lat: float, twice: float) -> float:
    """Return the metres of the geodesic between an edge's ends by Gauss' series at its middle: to 3e-11 at 0.1°."""
    square, v = _at(twice)
    lon2, lat2 = (_RHO * d_lon) ** 2, (_RHO * _FLAT * v * d_lat) ** 2
    east = 1.0 - (1.0 - square) * lon2 / 24.0 + (1.0 + _E2P * (10.0 * square - 9.0)) * lat2 / 24.0
    north = 1.0 - lon2 / 8.0 + (1.0 - 2.0 * _E2P * square) * square * lon2 / 24.0
    north += _E2P * (2.0 * square - 1.0) * lat2 / 8.0
    return _metres(square, v, d_lon * east, d_lat * north)


@lean
def _fetch(flat: Floats, first: int, vertices: int, lon: Floats, lat: Floats) -> None:
    """Copy vertices next to one another: read two by two the loops below wait up to three times as long for memory.

    Places are unsigned here and there: a signed one is first asked whether it counts from the end.
    """
    for k in range(vertices):
        i = np.uint64(2 * (first + k))
        lon[np.uint64(k)], lat[np.uint64(k)] = flat[i], flat[i + np.uint64(1)]


@lean
def _write_short(lon: Floats, lat: Floats, edges: int, metres: Floats) -> None:
    """Write the metres of short edges that follow one another, NaN for others.

    No round of the loop depends on another, so it is compiled to several edges at a time.
    """
    for k in range(edges):
        i, j = np.uint64(k), np.uint64(k + 1)
        d_lon, d_lat, twice = lon[j] - lon[i], lat[j] - lat[i], lat[i] + lat[j]
        short = _short(d_lon, d_lat, twice)
        metres[i] = short if _is_up_to(_SHORT_DEG, d_lon, d_lat, twice) else np.nan


@lean
def _write_straight(lon: Floats, lat: Floats, edges: int, metres: Floats) -> None:
    """Write the metres along edges that follow one another, NaN for long ones; see `_write_short`."""
    for k in range(edges):
        i, j = np.uint64(k), np.uint64(k + 1)
        d_lon, d_lat, twice = lon[j] - lon[i], lat[j] - lat[i], lat[i] + lat[j]
        short, middling = _short(d_lon, d_lat, twice), _straight(d_lon, d_lat, twice)
        known = short if _is_up_to(_SHORT_DEG, d_lon, d_lat, twice) else middling
        metres[i] = known if _is_up_to(_MIDDLING_DEG, d_lon, d_lat, twice) else np.nan


@lean
def _write_geodesics(lon: Floats, lat: Floats, edges: int, metres: Floats) -> None:
    """Write the geodesics of edges that follow one another, NaN for long ones; see `_write_short`."""
    for k in range(edges):
        i, j = np.uint64(k), np.uint64(k + 1)
        d_lon, d_lat, twice = lon[j] - lon[i], lat[j] - lat[i], lat[i] + lat[j]
        short, middling = _short(d_lon, d_lat, twice), _geodesic(d_lon, d_lat, twice)
        known = short if _is_up_to(_SHORT_DEG, d_lon, d_lat, twice) else middling
        metres[i] = known if _is_up_to(_MIDDLING_DEG, d_lon, d_lat, twice) else np.nan


@compiled
def _short_parts(lonlat: Floats, part_start: Ints, metres: Floats) -> None:
    """Write the metres of every part with short edges only, NaN for the others.

    Parts go through the loop together, as many as there is room for, with what lies between the end of one and the
    beginning of the next, which is not added up.
    """
    flat, edges = lonlat.reshape(-1), np.empty(_EDGES_AT_ONCE)
    lon, lat = np.empty(_EDGES_AT_ONCE + 1), np.empty(_EDGES_AT_ONCE + 1)
    part = 0
    while part < len(metres):
        first, after = part_start[part], part + 1
        if part_start[after] - first <= _EDGES_AT_ONCE:
            while after < len(metres) and part_start[after + 1] - first <= _EDGES_AT_ONCE:
                after += 1
            _fetch(flat, first, part_start[after] - first, lon, lat)
            _write_short(lon, lat, part_start[after] - 1 - first, edges)
            for k in range(part, after):
                metres[k] = added(0.0, edges, part_start[k] - first, part_start[k + 1] - 1 - first)
        else:
            total, last = 0.0, part_start[after] - 1
            for begin in range(first, last, _EDGES_AT_ONCE):
                count = min(_EDGES_AT_ONCE, last - begin)
                _fetch(flat, begin, count + 1, lon, lat)
                _write_short(lon, lat, count, edges)
                total = added(total, edges, 0, count)
            metres[part] = total
        part = after


@compiled
def _other_parts(lonlat: Floats, part_start: Ints, parts: Ints, metres: Floats, is_geodesic: bool) -> tuple[Ints, Ints]:
    """Write the metres of some parts, along edges or geodesics.

    A long edge has the metres of its `pace`; of a long geodesic there are none yet: returned are its first vertex and
    its part.
    """
    flat, edges, room = lonlat.reshape(-1), np.empty(_EDGES_AT_ONCE), 0
    lon, lat = np.empty(_EDGES_AT_ONCE + 1), np.empty(_EDGES_AT_ONCE + 1)
    if is_geodesic:
        for part in parts:
            room += part_start[part + 1] - part_start[part]
    edge, owner, used = np.empty(room, np.int64), np.empty(room, np.int64), 0
    for part in parts:
        total, last = 0.0, part_start[part + 1] - 1
        for begin in range(part_start[part], last, _EDGES_AT_ONCE):
            count = min(_EDGES_AT_ONCE, last - begin)
            _fetch(flat, begin, count + 1, lon, lat)
            if is_geodesic:
                _write_geodesics(lon, lat, count, edges)
            else:
                _write_straight(lon, lat, count, edges)
            if math.isnan(added(0.0, edges, 0, count)):
                for k in range(count):
                    i = begin + k
                    if not math.isnan(edges[k]):
                        continue
                    if is_geodesic:
                        edges[k], edge[used], owner[used] = 0.0, i, part
                        used += 1
                    else:
                        rate = pace(lonlat[i, 0], lonlat[i, 1], lonlat[i + 1, 0], lonlat[i + 1, 1])
                        edges[k] = rate[0] + rate[1] + rate[2]
            total = added(total, edges, 0, count)
        metres[part] = total
    return edge[:used].copy(), owner[:used].copy()
