"""Two versions of a layer: ground taken out, ground put in, and what only the survey moved."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.nearness import around, clipped

REMOVED, ADDED = "removed", "added"
CHANGE, NOISE = "change", "survey noise"
_LEAST_PIECE_M2 = 0.005
"""Less is 0.00 m² once it is written: rounding of coordinates, no change."""

_NOTHING_LEFT, _MOVED = 0.01, 0.5
"""A feature of which less than a hundredth is left is gone, unless new ground half as large lies beside it."""


@dataclass(frozen=True, slots=True, eq=False)
class VersionChange:
    """What differs between two versions.

    Parameters
    ----------
    earlier, now
        The ground each version covers, longitude and latitude; what several features cover is there once.
    pieces
        One row per connected piece in one version only: ``kind`` (`REMOVED` or `ADDED`), ``reason`` (`CHANGE` or
        `NOISE`), ``area_m2``, ``width_m`` (mean width: twice the area over the perimeter) and the piece. Changes come
        first, the largest first. Earlier - removed + added = now.
    """

    earlier: shapely.Geometry
    now: shapely.Geometry
    pieces: gpd.GeoDataFrame


def compare_versions(earlier: geodesy.Geometries, now: geodesy.Geometries, *, noise_width_m: float) -> VersionChange:
    """Tell what ground was removed and added between two versions, and what differs by survey noise alone.

    A piece of the difference is noise where no circle of `noise_width_m` across fits into it and all of it lies within
    that distance of the earlier outline of a feature, the border between two of them too: two surveys of one line. If
    every vertex was moved by less than half of that width, everything is noise. A narrow strip cut out of the middle is
    a change, however narrow, and so is a feature that is gone while no new ground lies beside it. Slivers that hang on
    a change are cut off it where they are a width away, and are noise of their own. A piece whose area rounds to no
    hundredth of a square metre is noise wherever it lies.

    Parameters
    ----------
    earlier, now
        Shapes (n,) and (m,), valid polygons, longitude and latitude in degrees; other features cover no ground.
    noise_width_m
        The width, metres.

    Examples
    --------
    A square of a kilometre, redrawn 2 m farther east: two strips of 2 m, both noise.

    >>> plane = geodesy.local_plane(109.0)
    >>> squares = plane.to_lonlat(np.array([shapely.box(0, 0, 1000, 1000), shapely.box(2, 0, 1002, 1000)]))
    >>> pieces = compare_versions(squares[:1], squares[1:], noise_width_m=5.0).pieces
    >>> [(row.kind, row.reason, round(row.area_m2, -2)) for row in pieces.itertuples() if row.area_m2 > 1]
    [('removed', 'survey noise', 2000.0), ('added', 'survey noise', 2000.0)]
    """
    before, after = _ground(earlier), _ground(now)
    outline = outlines_of(earlier)
    lost, won = (polygonal(shapely.difference(*pair)) for pair in ((before, after), (after, before)))
    gone = _gone(earlier, after, won, noise_width_m)
    frames = [_frame(_pieces(np.array([shapely.intersection(lost, gone)], dtype=object)), REMOVED, CHANGE)]
    for kind, differing in ((REMOVED, polygonal(shapely.difference(lost, gone))), (ADDED, won)):
        changed, noise = told_apart(shapely.get_parts(differing), outline, noise_width_m)
        frames += [_frame(changed, kind, CHANGE), _frame(noise, kind, NOISE)]
    pieces = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=geodesy.LONLAT)
    order = np.lexsort((-pieces["area_m2"], pieces["kind"] == ADDED, pieces["reason"] == NOISE))
    return VersionChange(before, after, pieces.iloc[order].reset_index(drop=True))


def _ground(shapes: geodesy.Geometries) -> shapely.Geometry:
    ground: shapely.Geometry = shapely.union_all(shapes[shapely.get_dimensions(shapes) == 2])
    return ground


def _gone(
    earlier: geodesy.Geometries, after: shapely.Geometry, won: shapely.Geometry, width_m: float
) -> shapely.Geometry:
    """Return the ground of the features of which nothing is left, and which did not only move by less than a width."""
    shapes = earlier[shapely.get_dimensions(earlier) == 2]
    left = shapely.area(shapely.intersection(shapes, after))
    shapes = shapes[left < _NOTHING_LEFT * shapely.area(shapes)]
    gone = []
    for shape in shapes:
        plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(shape))))
        own, new = plane.to_plane(np.array([shape, won], dtype=object))
        beside = shapely.intersection(shapely.make_valid(new), shapely.buffer(own, width_m))
        if beside.area < _MOVED * own.area:
            gone.append(shape)
    ground: shapely.Geometry = shapely.union_all(gone) if gone else shapely.Polygon()
    return ground


def outlines_of(shapes: geodesy.Geometries) -> shapely.Geometry:
    """Return the outlines of all features as one, those between neighbours included."""
    lines = shapely.get_parts(shapely.boundary(shapes[shapely.get_dimensions(shapes) == 2]))
    return shapely.MultiLineString(list(lines))


def polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a shape as one, without its lines and points."""
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]))


def told_apart(
    parts: geodesy.Geometries, outline: shapely.Geometry, width_m: float
) -> tuple[geodesy.Geometries, geodesy.Geometries]:
    """Divide pieces into what is a change and what is noise along an earlier outline.

    Parameters
    ----------
    parts
        Polygons, longitude and latitude in degrees.
    outline
        The lines that were surveyed before.
    width_m
        See `compare_versions`, metres.

    Returns
    -------
    The changed pieces and the noise, each connected.
    """
    changed: list[geodesy.Geometries] = []
    noise: list[geodesy.Geometries] = []
    meridian = np.round(shapely.get_x(shapely.centroid(parts)), 1)
    for longitude in np.unique(meridian):
        own = parts[meridian == longitude]
        plane = geodesy.local_plane(float(longitude))
        flat = _valid(plane.to_plane(own))
        alongside = shapely.buffer(plane.to_plane(_near(outline, own, width_m)), width_m)[0]
        shapely.prepare(alongside)
        core = shapely.buffer(flat, -width_m / 2)
        is_noise = shapely.is_empty(core) & shapely.covers(alongside, flat)
        flat, core = flat[~is_noise], core[~is_noise]
        wide = shapely.intersection(flat, shapely.buffer(core, width_m * 1.5))
        change = shapely.union(wide, shapely.difference(flat, alongside))
        changed.append(_pieces(_valid(plane.to_lonlat(change))))
        noise += [own[is_noise], _pieces(_valid(plane.to_lonlat(shapely.difference(flat, change))))]
    none: geodesy.Geometries = np.empty(0, dtype=object)
    return np.concatenate([none, *changed]), np.concatenate([none, *noise])


def _valid(shapes: geodesy.Geometries) -> geodesy.Geometries:
    """Return polygons made valid: a sliver's outline may touch itself once it is projected."""
    valid: geodesy.Geometries = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    return valid


def _near(outline: shapely.Geometry, parts: geodesy.Geometries, width_m: float) -> geodesy.Geometries:
    """Return what of an outline may lie within a width of some pieces, as an array of one."""
    boxes = around(np.array([shapely.box(*shapely.total_bounds(parts))], dtype=object), np.array([2.0 * width_m]))
    return clipped(np.array([outline], dtype=object), boxes)


def _pieces(shapes: geodesy.Geometries) -> geodesy.Geometries:
    """Return the connected polygons of shapes."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    pieces: geodesy.Geometries = parts[
        (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    ]
    return pieces


def _frame(pieces: geodesy.Geometries, kind: str, reason: str) -> gpd.GeoDataFrame:
    """Measure pieces."""
    area = geodesy.area_m2(pieces)
    perimeter = geodesy.length_m(shapely.boundary(pieces))
    width = np.divide(2.0 * area, perimeter, out=np.zeros_like(area), where=perimeter > 0)
    return gpd.GeoDataFrame(
        {
            "kind": kind,
            "reason": np.where(area < _LEAST_PIECE_M2, NOISE, reason),
            "area_m2": area,
            "width_m": width,
        },
        geometry=gpd.GeoSeries(pieces, crs=geodesy.LONLAT),
    )
