"""A whole layer of lines as flat arrays, and the metres along an edge."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.kernel.compiled import Floats, Ints, compiled

_RHO = math.pi / 180.0


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
    def of(cls, geometries: geodesy.Geometries) -> Lines:
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

    def shapes(self, rows: Ints) -> geodesy.Geometries:
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


@compiled
def _metres_per_step(latitude: float, d_lon: float, d_lat: float) -> float:
    """Return how fast an edge runs at a latitude: metres for a step of so many degrees."""
    sine = math.sin(latitude * _RHO)
    w = 1.0 - geodesy.E2 * sine * sine
    normal = geodesy.SEMI_MAJOR_M / math.sqrt(w)
    meridian = normal * (1.0 - geodesy.E2) / w
    return _RHO * math.hypot(meridian * d_lat, normal * math.cos(latitude * _RHO) * d_lon)


@compiled
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
