"""A whole layer of lines as flat arrays, and the metres along an edge."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from ecogeo import cgcs2000
from ecogeo.kernel.compiled import Floats, Ints, compiled, lean

_RHO = math.pi / 180.0

_SHORT_DEG = 0.002
_BAND_DEG = 0.02


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
        atoms, owner = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
        while (shapely.get_type_id(atoms) > shapely.GeometryType.POLYGON).any():
            atoms, inner = shapely.get_parts(atoms, return_index=True)
            owner = owner[inner]
        kinds = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)
        keep = np.isin(shapely.get_type_id(atoms), kinds) & ~shapely.is_empty(atoms)
        lonlat, part = shapely.get_coordinates(atoms[keep], return_index=True)
        part_start = np.searchsorted(part, np.arange(np.count_nonzero(keep) + 1))
        feature_start = np.searchsorted(owner[keep], np.arange(len(geometries) + 1))
        return cls(np.ascontiguousarray(lonlat), part_start.astype(np.int64), feature_start.astype(np.int64))

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
    parts = np.empty(len(lines.part_start) - 1)
    _part_lengths(lines.lonlat, lines.part_start, parts)
    owner = np.repeat(np.arange(len(lines)), np.diff(lines.feature_start))
    return np.bincount(owner, weights=parts, minlength=len(lines)).astype(np.float64)


@compiled
def _part_lengths(lonlat: Floats, part_start: Ints, metres: Floats) -> None:
    """Write the metres along every part.

    A short edge runs at the speed of its middle, of which 5e-11 is left out. The radii of the meridian and the parallel
    there are parabolas through their values at both ends and in the middle of a band of latitude: off by 1e-11.
    """
    first_band, bands = _bands(lonlat)
    for part in range(len(metres)):
        total = 0.0
        x1, y1 = 0.0, 0.0
        for i in range(part_start[part], part_start[part + 1]):
            x2, y2 = lonlat[i, 0], lonlat[i, 1]
            if i > part_start[part]:
                d_lon, d_lat = x2 - x1, y2 - y1
                if len(bands) > 0 and abs(d_lon) <= _SHORT_DEG and abs(d_lat) <= _SHORT_DEG:
                    where = (y1 + y2) * (0.5 / _BAND_DEG) - first_band
                    k = int(where)
                    t = where - k
                    north = (bands[k, 0] + t * (bands[k, 1] + t * bands[k, 2])) * d_lat
                    east = (bands[k, 3] + t * (bands[k, 4] + t * bands[k, 5])) * d_lon
                    total += math.sqrt(north * north + east * east)
                else:
                    rate = pace(x1, y1, x2, y2)
                    total += rate[0] + rate[1] + rate[2]
            x1, y1 = x2, y2
        metres[part] = total


@compiled
def _bands(lonlat: Floats) -> tuple[float, Floats]:
    """Return the first band of latitude of a layer, and per band a, b, c of meridian and parallel: metres a degree.

    There is none for a layer that reaches over more than the Earth, or has a latitude that is no number.
    """
    low, high = np.inf, -np.inf
    for i in range(len(lonlat)):
        low, high = min(low, lonlat[i, 1]), max(high, lonlat[i, 1])
    if not high - low <= 180.0:
        return 0.0, np.empty((0, 6))
    first = math.floor(low / _BAND_DEG)
    bands = np.empty((int(math.floor(high / _BAND_DEG) - first) + 2, 6))
    for k in range(len(bands)):
        south = (first + k) * _BAND_DEG
        for axis in range(2):
            step = (0.0, 1.0) if axis == 0 else (1.0, 0.0)
            bands[k, 3 * axis], bands[k, 3 * axis + 1], bands[k, 3 * axis + 2] = _parabola(
                _metres_per_step(south, step[0], step[1]),
                _metres_per_step(south + 0.5 * _BAND_DEG, step[0], step[1]),
                _metres_per_step(south + _BAND_DEG, step[0], step[1]),
            )
    return float(first), bands


@lean
def _parabola(start: float, middle: float, end: float) -> tuple[float, float, float]:
    """Return a, b, c of a + b t + c t² through values at t = 0, ½ and 1."""
    return start, 4.0 * middle - 3.0 * start - end, 2.0 * (start + end) - 4.0 * middle
