"""By how much sites overlap zones: areas and lengths on the ellipsoid, and the pieces for those who want to see them.

Which polygons share ground, and how much, is decided in one place for every check: the kernel (`ecogeo.kernel`), which
builds no overlay. Pieces are built of those pairs alone.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy, kernel

Positions = npt.NDArray[np.intp]

_NOTHING_M2 = 1e-6
"""What lies outside by less is rounding: a coordinate of 1e-12° is 1e-7 m."""


def overlap_pieces(
    sites: geodesy.Geometries, zones: geodesy.Geometries, *, folder: Path | None = None
) -> gpd.GeoDataFrame:
    """Cut sites by zones and measure every connected piece.

    Parameters
    ----------
    sites
        Shape (n,), valid, longitude and latitude in degrees on CGCS2000: polygons, lines or points.
    zones
        Shape (m,), valid polygons or lines, likewise. They may overlap one another: a piece is then listed under each.
    folder
        Where a large index of the zones is kept from run to run; None for nowhere.

    Returns
    -------
    One row per piece, by site, then zone: positions ``site`` and ``zone``; ``area_m2`` (pieces of polygons),
    ``length_m`` (pieces of lines), ``width_m`` (mean width of an area: twice it over its perimeter) and the piece.
    A piece has the lesser dimension of the two: a polygon that only shares an edge or a corner with another has none, a
    polygon on a line has the stretch inside it. Two lines that cross have a piece of length 0, the crossing.

    Examples
    --------
    >>> square = shapely.box(109.0, 24.0, 109.2, 24.2)
    >>> pieces = overlap_pieces(np.array([square]), np.array([shapely.box(109.1, 24.0, 109.3, 24.2)]))
    >>> round(float(pieces.area_m2[0]) / float(geodesy.area_m2(np.array([square]))[0]), 9)
    0.5
    """
    site, zone, cut, kernel_m2 = _cut(sites, zones, folder)
    wanted = np.minimum(shapely.get_dimensions(sites[site]), shapely.get_dimensions(zones[zone]))
    both_lines = (shapely.get_dimensions(sites[site]) == 1) & (shapely.get_dimensions(zones[zone]) == 1)
    wanted[both_lines] = shapely.get_dimensions(cut[both_lines])
    pieces, owner = shapely.get_parts(cut, return_index=True)
    pieces, inner = shapely.get_parts(pieces, return_index=True)
    owner = owner[inner]
    keep = (shapely.get_dimensions(pieces) == wanted[owner]) & ~shapely.is_empty(pieces)
    pieces, owner = pieces[keep], owner[keep]
    is_whole = np.bincount(owner, minlength=len(cut))[owner] == 1
    area = np.where(is_whole, kernel_m2[owner], 0.0)
    measured = ~is_whole & (kernel_m2[owner] > 0)
    area[measured] = geodesy.area_m2(pieces[measured])
    perimeter = geodesy.length_m(shapely.boundary(pieces))
    return gpd.GeoDataFrame(
        {
            "site": site[owner],
            "zone": zone[owner],
            "area_m2": area,
            "length_m": geodesy.length_m(pieces),
            "width_m": np.divide(2.0 * area, perimeter, out=np.zeros_like(area), where=perimeter > 0),
        },
        geometry=gpd.GeoSeries(pieces, crs=geodesy.LONLAT),
    )


def overlap_area(
    sites: geodesy.Geometries, zones: geodesy.Geometries, *, threads: int = 1, folder: Path | None = None
) -> pd.DataFrame:
    """Measure by how much polygons overlap, without building the overlaps.

    Parameters
    ----------
    sites, zones
        Shapes (n,) and (m,), longitude and latitude in degrees on CGCS2000; what is no polygon is in no pair. Zones are
        valid; they may overlap one another, and are indexed once however often they are asked for.
    threads
        How many work at it; the result is the same to the last bit for any number.
    folder
        Where a large index of the zones is kept from run to run; None for nowhere.

    Returns
    -------
    Positions ``site`` and ``zone``, and ``area_m2``, by site, then zone: every pair that shares ground.

    Examples
    --------
    >>> squares = shapely.box([109.0, 109.1], 24.0, [109.2, 109.3], 24.2)
    >>> pairs = overlap_area(squares[:1], squares)
    >>> pairs["zone"].tolist(), round(float(pairs["area_m2"][1] / pairs["area_m2"][0]), 9)
    ([0, 1], 0.5)
    """
    index = _index(_Hashed.of(kernel.Polygons.of(zones)), folder)
    pairs = kernel.overlap_area(kernel.Polygons.of(sites), index, threads=threads)
    return pd.DataFrame({"site": pairs.site, "zone": pairs.zone, "area_m2": pairs.area_m2})


@dataclass(frozen=True, slots=True)
class _Hashed:
    """Polygons known by the digest of their coordinates."""

    digest: bytes
    polygons: kernel.Polygons = field(compare=False)

    @classmethod
    def of(cls, polygons: kernel.Polygons) -> Self:
        digest = hashlib.sha256()
        for array in (polygons.lonlat, polygons.ring_start, polygons.feature_start):
            digest.update(array.data)
        return cls(digest.digest(), polygons)


@functools.lru_cache(maxsize=16)
def _index(hashed: _Hashed, folder: Path | None) -> kernel.ZoneIndex:
    if folder is None or len(hashed.polygons.lonlat) < kernel.LEAST_VERTICES:
        return kernel.ZoneIndex.build(hashed.polygons)
    return kernel.kept_index(hashed.polygons, folder, hashed.digest.hex())


def _cut(
    sites: geodesy.Geometries, zones: geodesy.Geometries, folder: Path | None
) -> tuple[Positions, Positions, geodesy.Geometries, geodesy.Floats]:
    """Return every pair that may have a piece, by site, then zone, what they share, and of polygons how much.

    Of polygons the kernel tells which pairs share ground, and how much; what lies whole in the other is not cut.
    """
    pairs = overlap_area(sites, zones, folder=folder)
    site, zone, shared_m2 = pairs["site"].to_numpy(), pairs["zone"].to_numpy(), pairs["area_m2"].to_numpy()
    is_site_inside = geodesy.area_m2(sites)[site] - shared_m2 <= _NOTHING_M2
    is_zone_inside = ~is_site_inside & (geodesy.area_m2(zones)[zone] - shared_m2 <= _NOTHING_M2)
    crosses = ~is_site_inside & ~is_zone_inside
    cut: geodesy.Geometries = np.array(zones[zone], dtype=object)
    cut[is_site_inside] = sites[site[is_site_inside]]
    cut[crosses] = shapely.intersection(sites[site[crosses]], zones[zone[crosses]])

    other_site, other_zone = _other_pairs(sites, zones, folder)
    other = shapely.intersection(sites[other_site], zones[other_zone])
    site, zone = np.concatenate([site, other_site]), np.concatenate([zone, other_zone])
    order = np.lexsort((zone, site))
    areas = np.concatenate([shared_m2, np.zeros(len(other))])
    return site[order], zone[order], np.concatenate([cut, other])[order], areas[order]


def _other_pairs(
    sites: geodesy.Geometries, zones: geodesy.Geometries, folder: Path | None
) -> tuple[Positions, Positions]:
    """Return the pairs that may have a piece and of which at least one is no polygon."""
    is_zone_ground = shapely.get_dimensions(zones) == 2
    lines = overlap_length(sites, zones, folder=folder)
    points = covering(sites, zones, folder=folder)
    thin_zone, there = np.flatnonzero(~is_zone_ground), np.flatnonzero(~shapely.is_missing(sites))
    site, zone = touching(sites[there], zones[thin_zone])
    return (
        np.concatenate([lines["site"], points["site"], there[site]]),
        np.concatenate([lines["zone"], points["zone"], thin_zone[zone]]),
    )


def overlap_length(
    lines: geodesy.Geometries, zones: geodesy.Geometries, *, threads: int = 1, folder: Path | None = None
) -> pd.DataFrame:
    """Measure by how much lines run inside polygons.

    Parameters
    ----------
    lines
        Shape (n,), longitude and latitude in degrees on CGCS2000; what is no line is in no pair.
    zones, threads, folder
        As in `overlap_area`.

    Returns
    -------
    Positions ``site`` and ``zone``, and ``length_m``, by site, then zone: every line and polygon that share length,
    along the boundary too. Edges are measured straight in longitude and latitude; the geodesic between the ends of an
    edge of 10 km is shorter by 2e-7 of it.

    Examples
    --------
    >>> line = shapely.LineString([(109.0, 24.1), (109.4, 24.1)])
    >>> pairs = overlap_length(np.array([line]), np.array([shapely.box(109.0, 24.0, 109.1, 24.2)]))
    >>> round(float(pairs["length_m"][0] / geodesy.length_m(np.array([line]))[0]), 4)
    0.25
    """
    index = _index(_Hashed.of(kernel.Polygons.of(zones)), folder)
    found = kernel.overlap_length(kernel.Lines.of(lines), index, threads=threads)
    return pd.DataFrame({"site": found.line, "zone": found.zone, "length_m": found.length_m})


def covering(points: geodesy.Geometries, zones: geodesy.Geometries, *, folder: Path | None = None) -> pd.DataFrame:
    """Find the polygons that points lie in, their boundary included.

    Parameters
    ----------
    points
        Shape (n,), longitude and latitude in degrees on CGCS2000: points and multipoints; others lie in nothing.
    zones, folder
        As in `overlap_area`.

    Returns
    -------
    Positions ``site`` and ``zone``, by site, then zone: a multipoint is there if one of its points is.
    """
    rows = np.flatnonzero(shapely.get_dimensions(points) == 0)
    lonlat, owner = shapely.get_coordinates(points[rows], return_index=True)
    place, zone = kernel.covers(lonlat, _index(_Hashed.of(kernel.Polygons.of(zones)), folder))
    pairs = pd.DataFrame({"site": rows[owner[place]], "zone": zone})
    return pairs.drop_duplicates().sort_values(["site", "zone"], ignore_index=True)


def merged_pieces(pieces: gpd.GeoDataFrame, sites: geodesy.Geometries, zones: geodesy.Geometries) -> geodesy.Geometries:
    """Join the pieces of each site, so that ground or line under two zones counts once.

    Parameters
    ----------
    pieces
        Rows with ``site``, ``zone`` (positions in the next two) and a geometry.
    sites, zones
        What the pieces were cut from.

    Returns
    -------
    Shape of the sites; None where a site has no piece. Areas are the union of their pieces. Lines are cut anew by the
    zones together: pieces of one line, cut apart, end a rounding error off it and would count twice.
    """
    joined: geodesy.Geometries = np.full(len(sites), None, dtype=object)
    shapes = np.asarray(pieces.geometry.array, dtype=object)
    site, zone = pieces["site"].to_numpy(), pieces["zone"].to_numpy()
    is_alone = np.bincount(site, minlength=len(sites))[site] == 1
    joined[site[is_alone]] = shapes[is_alone]
    several = np.flatnonzero(~is_alone)
    for position, own in groups_of(site[several]):
        rows = several[own]
        if shapely.get_dimensions(shapes[rows]).max() == 2:
            joined[position] = shapely.union_all(shapes[rows])
        else:
            joined[position] = shapely.intersection(sites[position], shapely.union_all(zones[np.unique(zone[rows])]))
    return joined


def groups_of(numbers: Positions) -> Iterator[tuple[int, Positions]]:
    """Yield every number there is, in order, with the places where it stands."""
    order = np.argsort(numbers, kind="stable")
    unique, starts = np.unique(numbers[order], return_index=True)
    yield from zip(unique.tolist(), np.split(order, starts)[1:], strict=True)


def crossed_m(lines: geodesy.Geometries, pieces: pd.DataFrame, zones: geodesy.Geometries) -> geodesy.Floats:
    """Measure how much of each line lies in the zones it is in a pair with, ground under several zones once.

    Parameters
    ----------
    lines
        Shape (n,), longitude and latitude in degrees; what is no line measures 0.
    pieces
        Rows with positions ``site`` (of a line) and ``zone``, such as the pieces of the lines' corridors.
    zones
        Polygons.

    Returns
    -------
    Metres, shape (n,).
    """
    metres: geodesy.Floats = np.zeros(len(lines))
    is_of_line = (shapely.get_dimensions(lines) == 1)[pieces["site"]]
    site, zone = pieces["site"].to_numpy()[is_of_line], pieces["zone"].to_numpy()[is_of_line]
    for line, places in groups_of(site):
        inside = shapely.intersection(lines[line], shapely.union_all(zones[np.unique(zone[places])]))
        metres[line] = geodesy.length_m(np.array([inside], dtype=object))[0]
    return metres


def touching(sites: geodesy.Geometries, zones: geodesy.Geometries) -> tuple[Positions, Positions]:
    """Return the positions of every site and zone that share at least a point, by site, then zone.

    Parameters
    ----------
    sites, zones
        Longitude and latitude in degrees; missing geometries touch nothing.
    """
    if not len(sites) or not len(zones):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    site, zone = shapely.STRtree(zones).query(sites, predicate="intersects")
    order = np.lexsort((zone, site))
    return site[order], zone[order]
