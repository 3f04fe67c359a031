"""By how much sites overlap zones: areas and lengths on the ellipsoid, and the pieces for those who want to see them.

Four questions, each answered with a table of pairs by site, then zone: `overlap_area`, `overlap_length`, `covers` and
`within_distance`. Which polygons share ground, and how much, is decided in one place for every check: the kernel
(`ecogeo.kernel`), which builds no overlay. Pieces (`overlap_pieces`) are built of those pairs alone.

Long edges. An edge is straight in longitude and latitude. One that was drawn straight in a Gauss plane bulges from
that, which is why the survey rule divides edges at 70 m before they are measured; `geodesy.to_lonlat` does so for every
layer in a plane. Left out, it would cost a square of 10 km 4 m² of its area at 24° and 15 m² at 41° of latitude, and
one of 1 km less than 0.002 m²: it grows as the fourth power of the side. Of coordinates that come in degrees nobody
knows in which plane their edges were straight: they are taken as they are. Against a geodesic between the same ends an
edge of 10 km bulges by up to 1 m.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy, kernel
from ecogeo.cgcs2000 import Positions
from ecogeo.nearness import touching, within_distance

__all__ = [
    "Positions",
    "covers",
    "crossed_m",
    "groups_of",
    "merged_pieces",
    "overlap_area",
    "overlap_length",
    "overlap_pieces",
    "touching",
    "within_distance",
]

_NOTHING_M2 = 1e-6
"""What lies outside by less is rounding: a coordinate of 1e-12° is 1e-7 m."""

_NOTHING_OF_AREA = 1e-12
"""What lies outside by no more of a large site is rounding as well."""

_NOTHING_M, _NOTHING_SHARE = 1e-6, 1e-9

_LOST_M2, _LOST_SHARE = 0.01, 1e-6
"""What a cut and the kernel may differ by: this much of it, or so much."""

_GRID_DEG = 1e-10


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
    """Measure by how much polygons overlap on the ellipsoid, without building the overlaps.

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
    Positions ``site`` and ``zone``, and ``area_m2``, by site, then zone: every pair that shares ground. Touching is not
    sharing. Ground that a site's outline winds around twice, or backwards, counts once.

    Notes
    -----
    *The formula.* Let q(φ) be the ellipsoid's area between the equator and latitude φ per unit of longitude, the zone
    function of 国土调查办发〔2008〕32号. The ground below an edge a, down to a parallel φ₀, has the area
    ∫ (q(φ_a(λ)) − q(φ₀)) dλ over the edge's longitudes. An outline run anticlockwise is the sum of the grounds below
    its edges, each with the sign s_a = −1 where the edge goes east and +1 where it goes west (as indicator functions:
    below the outline every edge that goes west is undone by one that goes east). The indicator of A ∩ B is the product
    of both sums, so

        area(A ∩ B) = Σ_a Σ_b s_a s_b ∫ (q(min(φ_a(λ), φ_b(λ))) − q(φ₀)) dλ,

    over the longitudes that a and b share. The integrand follows one edge up to where the two cross and the other
    beyond. Along an edge the latitude is linear in the longitude, so that with q as its own Taylor polynomial the
    integral is a closed form (`ecogeo.kernel.ellipsoid`). Nothing in it depends on topology: edges that cross, touch or
    are the same are all alike. A grid over the zones keeps the sum short: in each cell only the edges there take part,
    φ₀ is the cell's edge, and the winding number at its corner stands for all the rest (`ecogeo.kernel.pieces`); a cell
    that lies inside the site adds the zones' area in it, known beforehand.

    *The error.* The polynomial ends after six terms: 4e-13 of the area in a cell 2° high, the largest there is, and
    nothing in a smaller one. A term of the sum is wrong by rounding by less than 32 ε w max(1, R / h), with w the area
    of the part of the cell looked at, h its extent, R that of the longest edge cut there and ε = 2⁻⁵²; the sum, whose
    own rounding is compensated, by no more than that times the number of terms. With the site's and the zone's
    coordinates as given, that is 3e-8 m² for a site of 100 m with 10 edges among 40 of a zone
    (`ecogeo.kernel.sums`). The bound is summed up beside every area; a pair whose area is within it is decided by
    shapely's exact relation.

    Source: 国土调查办发〔2008〕32号 for the zone function.

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
    concerned, of_concerned = np.unique(site, return_inverse=True)
    is_site_inside = geodesy.area_m2(sites[concerned])[of_concerned] - shared_m2 <= _NOTHING_M2
    is_zone_inside = ~is_site_inside & (geodesy.area_m2(zones)[zone] - shared_m2 <= _NOTHING_M2)
    crosses = ~is_site_inside & ~is_zone_inside
    cut: geodesy.Geometries = np.array(zones[zone], dtype=object)
    cut[is_site_inside] = sites[site[is_site_inside]]
    cut[crosses] = _intersection(sites[site[crosses]], zones[zone[crosses]], shared_m2[crosses])

    other_site, other_zone = _other_pairs(sites, zones, folder)
    other = shapely.intersection(sites[other_site], zones[other_zone])
    site, zone = np.concatenate([site, other_site]), np.concatenate([zone, other_zone])
    order = np.lexsort((zone, site))
    areas = np.concatenate([shared_m2, np.zeros(len(other))])
    return site[order], zone[order], np.concatenate([cut, other])[order], areas[order]


def _intersection(a: geodesy.Geometries, b: geodesy.Geometries, shared_m2: geodesy.Floats) -> geodesy.Geometries:
    """Return what pairs of polygons share; where GEOS loses ground the kernel has found, on a grid of 0.01 mm.

    GEOS 3.14 may leave out whole parts of what two shapes share whose edges run along one another, as those of a site
    drawn along a red line do. On a grid it does not.
    """
    cut: geodesy.Geometries = shapely.intersection(a, b)
    lost = np.flatnonzero(_differs(geodesy.area_m2(cut), shared_m2))
    cut[lost] = shapely.intersection(a[lost], b[lost], grid_size=_GRID_DEG)
    return cut


def _unions(groups: Sequence[geodesy.Geometries]) -> geodesy.Geometries:
    """Return the polygons of each group joined; where GEOS loses ground by it, on a grid of 0.01 mm."""
    plain: geodesy.Geometries = np.array([shapely.union_all(shapes) for shapes in groups], dtype=object)
    on_grid = np.array([shapely.union_all(shapes, grid_size=_GRID_DEG) for shapes in groups], dtype=object)
    lost = _differs(geodesy.area_m2(plain), geodesy.area_m2(on_grid))
    plain[lost] = on_grid[lost]
    return plain


def _differs(found_m2: geodesy.Floats, true_m2: geodesy.Floats) -> npt.NDArray[np.bool_]:
    """Tell which areas differ by more than rounding."""
    differs: npt.NDArray[np.bool_] = np.abs(found_m2 - true_m2) > np.maximum(_LOST_M2, _LOST_SHARE * true_m2)
    return differs


def _other_pairs(
    sites: geodesy.Geometries, zones: geodesy.Geometries, folder: Path | None
) -> tuple[Positions, Positions]:
    """Return the pairs that may have a piece and of which at least one is no polygon."""
    is_zone_ground, dimension = shapely.get_dimensions(zones) == 2, shapely.get_dimensions(sites)
    thin_zone, there = np.flatnonzero(~is_zone_ground), np.flatnonzero(~shapely.is_missing(sites))
    site, zone = touching(sites[there], zones[thin_zone])
    pairs = [(there[site], thin_zone[zone])]
    if ((dimension == 1) | (shapely.get_type_id(sites) == shapely.GeometryType.GEOMETRYCOLLECTION)).any():
        lines = overlap_length(sites, zones, folder=folder)
        pairs.append((lines["site"].to_numpy(), lines["zone"].to_numpy()))
    if (dimension == 0).any():
        points = _points_inside(sites, zones, folder)
        pairs.append((points["site"].to_numpy(), points["zone"].to_numpy()))
    return np.concatenate([one for one, _ in pairs]), np.concatenate([other for _, other in pairs])


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
    along the boundary too. A stretch that is run twice counts twice.

    Notes
    -----
    With the indicator of a zone as a sum over its edges, as in `overlap_area`, the part of a line inside it is a sum
    over pairs of edges again: s_b times the part of the line's edge that lies below the zone's edge b. Where that part
    begins and ends is where a linear function of the share t of the edge changes its sign. The metres up to t are a
    cubic in t, from the speed of the edge at both ends and in the middle (Simpson's rule), so that stretches of an edge
    add up to it exactly. Edges are straight in longitude and latitude: the geodesic between the same ends is shorter by
    2e-9 of an edge of 1 km and by 2e-7 of one of 10 km. Where an edge of the line and one of the zone are the same
    within rounding (1e-8 m), the pair is cut by shapely, whose pieces are measured alike.

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


def covers(sites: geodesy.Geometries, zones: geodesy.Geometries, *, folder: Path | None = None) -> pd.DataFrame:
    """Find the polygons that sites lie wholly in, their boundary included.

    Parameters
    ----------
    sites
        Shape (n,), longitude and latitude in degrees on CGCS2000: polygons, lines or points; empty and missing ones lie
        in nothing. Of a collection its parts of the highest dimension count.
    zones, folder
        As in `overlap_area`. A site that only several zones together cover is in no pair.

    Returns
    -------
    Positions ``site`` and ``zone``, by site, then zone.

    Notes
    -----
    A polygon lies in a zone if all but 1e-6 m² and 1e-12 of it is shared, a line if all but 1e-6 m and 1e-9 of it is,
    which is rounding. Points are told exactly.

    Examples
    --------
    >>> square = shapely.box(109.0, 24.0, 109.2, 24.2)
    >>> sites = [shapely.Point(109.2, 24.1), shapely.box(109.0, 24.0, 109.1, 24.1), shapely.box(109.1, 24, 109.3, 24.1)]
    >>> covers(np.array(sites), np.array([square]))["site"].tolist()
    [0, 1]
    """
    dimension = shapely.get_dimensions(sites)
    area, length = overlap_area(sites, zones, folder=folder), overlap_length(sites, zones, folder=folder)
    whole_m2 = kernel.area_m2(kernel.Polygons.of(sites))[area["site"]]
    spare_m2 = whole_m2 - area["area_m2"] - _NOTHING_OF_AREA * whole_m2
    whole_m = kernel.length_m(kernel.Lines.of(sites))[length["site"]]
    spare_m = whole_m - length["length_m"] - _NOTHING_SHARE * whole_m
    points = _points_inside(sites, zones, folder)
    told = pd.concat(
        [
            area[(dimension[area["site"]] == 2) & (spare_m2 <= _NOTHING_M2)],
            length[(dimension[length["site"]] == 1) & (spare_m <= _NOTHING_M)],
            points[points["points"] == shapely.get_num_coordinates(sites)[points["site"]]],
        ]
    )
    pairs: pd.DataFrame = told[["site", "zone"]].sort_values(["site", "zone"], ignore_index=True)
    return pairs


def _points_inside(sites: geodesy.Geometries, zones: geodesy.Geometries, folder: Path | None) -> pd.DataFrame:
    """Return of points and multipoints how many of their points lie in each zone, by site, then zone."""
    rows = np.flatnonzero(shapely.get_dimensions(sites) == 0)
    lonlat, owner = shapely.get_coordinates(sites[rows], return_index=True)
    place, zone = kernel.covers(lonlat, _index(_Hashed.of(kernel.Polygons.of(zones)), folder))
    pairs = pd.DataFrame({"site": rows[owner[place]], "zone": zone})
    counted: pd.DataFrame = pairs.assign(points=1).groupby(["site", "zone"], sort=True)["points"].sum().reset_index()
    return counted


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
    is_ground = shapely.get_dimensions(shapes) == 2
    groups = [(position, several[own]) for position, own in groups_of(site[several])]
    grounds = [(position, rows) for position, rows in groups if is_ground[rows].any()]
    joined[[position for position, _ in grounds]] = _unions([shapes[rows] for _, rows in grounds])
    for position, rows in groups:
        if not is_ground[rows].any():
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
