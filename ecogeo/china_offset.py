"""The offsets of Chinese web maps (GCJ-02, BD-09), recognised and, on request only, undone.

The shift is the one public implementations agree on; no authority publishes it, so it is **unverified** and what it
gives is approximate, to some metres. Nothing measured on such coordinates may go into a form.
"""

from __future__ import annotations

import numpy as np
import shapely

from ecogeo import geodesy

_A = 6378245.0
_EE = 0.00669342162296594323
_BD_PI = np.pi * 3000.0 / 180.0

_ALIKE = 0.8
"""A layer that has less than this in common with the county, of all ground of both, tells nothing of a shift."""


def wgs84_to_gcj02(lonlat: geodesy.Floats) -> geodesy.Floats:
    """Shift WGS 84 coordinates the way Chinese web maps do.

    Parameters
    ----------
    lonlat
        Shape (n, 2), degrees, inside China.

    Examples
    --------
    In 柳江 the shift is about half a kilometre:

    >>> moved = wgs84_to_gcj02(np.array([[109.33, 24.26]]))
    >>> 300 < geodesy.GEOD.inv(109.33, 24.26, *moved[0])[2] < 700
    True
    """
    lon, lat = np.asarray(lonlat, dtype=float).T
    x, y = lon - 105.0, lat - 35.0
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + waves
    d_lat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + waves
    d_lon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    w2 = 1.0 - _EE * np.sin(phi) ** 2
    d_lat = np.degrees(d_lat * w2 * np.sqrt(w2) / (_A * (1.0 - _EE)))
    d_lon = np.degrees(d_lon * np.sqrt(w2) / (_A * np.cos(phi)))
    return np.column_stack([lon + d_lon, lat + d_lat])


def gcj02_to_wgs84(lonlat: geodesy.Floats) -> geodesy.Floats:
    """Undo the shift of GCJ-02 by iteration.

    Parameters
    ----------
    lonlat
        Shape (n, 2), degrees, inside China.
    """
    given = np.asarray(lonlat, dtype=float)
    found = given.copy()
    for _ in range(6):
        found += given - wgs84_to_gcj02(found)
    return found


def bd09_to_wgs84(lonlat: geodesy.Floats) -> geodesy.Floats:
    """Undo the shift of BD-09, which lies on top of GCJ-02.

    Parameters
    ----------
    lonlat
        Shape (n, 2), degrees, inside China.
    """
    x, y = np.asarray(lonlat, dtype=float).T - np.array([[0.0065], [0.006]])
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * _BD_PI)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * _BD_PI)
    return gcj02_to_wgs84(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))


def likely_offset(lonlat: geodesy.Geometries, county: shapely.Geometry | None) -> str:
    """Tell whether polygons match the county's outline better once a web map's shift is undone.

    Parameters
    ----------
    lonlat
        Shape (n,), longitude and latitude in degrees.
    county
        The county's outline; None where nobody knows.

    Returns
    -------
    ``GCJ-02`` or ``BD-09``, or ``""`` where there is no evidence: only a layer that fills nearly the whole county
    (its outline, its towns, its land use) shows a shift; a single site never does.
    """
    polygons = lonlat[shapely.get_dimensions(lonlat) == 2]
    if county is None or not len(polygons) or _at_most(polygons) < _ALIKE * shapely.area(county):
        return ""
    ground = shapely.union_all(shapely.make_valid(polygons))
    plain = _likeness(ground, county)
    if plain < _ALIKE:
        return ""
    undone = {
        "GCJ-02": _likeness(shapely.transform(ground, gcj02_to_wgs84), county),
        "BD-09": _likeness(shapely.transform(ground, bd09_to_wgs84), county),
    }
    best = max(undone, key=lambda name: undone[name])
    return best if 1.0 - undone[best] < 0.5 * (1.0 - plain) else ""


def _at_most(polygons: geodesy.Geometries) -> float:
    """Return what polygons may cover together, in square degrees: no less than they do, and quickly told."""
    west, south, east, north = shapely.bounds(polygons).T
    area = np.where(shapely.is_valid(polygons), shapely.area(polygons), (east - west) * (north - south))
    return float(area.sum()) * (1.0 + 1e-9)


def _likeness(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """Return the share of common ground in all ground, 0 to 1."""
    whole = shapely.area(shapely.union(one, other))
    return float(shapely.area(shapely.intersection(one, other)) / whole) if whole else 0.0
