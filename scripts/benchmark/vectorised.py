"""Areas and lengths as an expert measures them with numpy and pyproj: what the programs in Python are given.

They are not lent the kernel's compiled loops: a program that is compared with the kernel would then be part kernel.
"""

from __future__ import annotations

import numpy as np
import shapely

from ecogeo.cgcs2000 import Floats, Geometries, atoms_of, zone_area_m2_per_rad

_NODES = np.array([0.5 - np.sqrt(0.15), 0.5, 0.5 + np.sqrt(0.15)])
_WEIGHTS = np.array([5.0, 8.0, 5.0]) / 18.0
"""Of Gauss' quadrature on a unit edge."""


def measured(pieces: Geometries, measure: str) -> Floats:
    """Measure pieces on the ellipsoid of CGCS2000, all at once: many times quicker than a loop over Geod.

    Parameters
    ----------
    pieces
        Shape (n,), longitude and latitude in degrees.
    measure
        ``area_m2`` or ``length_m``.
    """
    return _areas_m2(pieces) if measure == "area_m2" else _lengths_m(pieces)


def _areas_m2(pieces: Geometries) -> Floats:
    """Integrate the zone function along every edge, straight in longitude and latitude."""
    total: Floats = np.zeros(len(pieces))
    atoms, owner = atoms_of(pieces)
    polygons = shapely.get_type_id(atoms) == shapely.GeometryType.POLYGON
    rings, ring_owner = shapely.get_rings(atoms[polygons], return_index=True)
    if not len(rings):
        return total
    coordinates, of_ring = shapely.get_coordinates(rings, return_index=True)
    lon, lat = np.radians(coordinates).T
    within = of_ring[1:] == of_ring[:-1]
    ring = of_ring[:-1][within]
    d_lon, d_lat, start = np.diff(lon)[within], np.diff(lat)[within], lat[:-1][within]
    first_lat = lat[np.searchsorted(of_ring, np.arange(len(rings)))]
    above_base = -zone_area_m2_per_rad(first_lat)[ring]
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        above_base += weight * zone_area_m2_per_rad(start + node * d_lat)
    area = np.abs(np.bincount(ring, weights=d_lon * above_base, minlength=len(rings)))
    is_hole = np.zeros(len(rings), dtype=bool)
    is_hole[1:] = ring_owner[1:] == ring_owner[:-1]
    np.add.at(total, owner[polygons][ring_owner], np.where(is_hole, -area, area))
    return total


def _lengths_m(pieces: Geometries) -> Floats:
    """Ask Geod for every edge at once."""
    from ecogeo.geodesy import GEOD  # noqa: PLC0415  PROJ is slow to wake up, and areas do without

    total: Floats = np.zeros(len(pieces))
    atoms, owner = atoms_of(pieces)
    lines = np.isin(shapely.get_type_id(atoms), (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING))
    coordinates, line = shapely.get_coordinates(atoms[lines], return_index=True)
    within = line[1:] == line[:-1]
    start, end = coordinates[:-1][within], coordinates[1:][within]
    metres = GEOD.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2]
    np.add.at(total, owner[lines][line[:-1][within]], metres)
    return total
