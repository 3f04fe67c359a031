"""Two versions of a layer: ground taken out, ground put in, and what only the survey moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.guarded import joined, shared, without
from ecogeo.nearness import around, clipped
from ecogeo.overlay import overlap_area
from ecogeo.seams import seams_of

REMOVED, ADDED = "removed", "added"
CHANGE, NOISE = "change", "survey noise"
_GRIDS_M = (1e-5, 1e-4)
_LOST_M2, _LOST_SHARE = 0.01, 1e-9
"""A piece and its parts may differ by this much, or this share of it; else GEOS lost ground, and parts it on a grid."""

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
    a change, however narrow, and so is a feature that is gone while no new ground lies beside it; slivers between two
    features of the version in force are noise (`ecogeo.seams`): a unit was split anew. Slivers that hang on
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
    lost, won = without(held([before, after]), held([after, before]))
    gone = held([_gone(earlier, after, won, noise_width_m)])
    frames = [_frame(_pieces(shared(held([lost]), gone)), REMOVED, CHANGE)]
    for kind, differing in ((REMOVED, without(held([lost]), gone)[0]), (ADDED, won)):
        changed, noise = told_apart(_pieces(held([differing])), outline, noise_width_m)
        if kind == REMOVED:
            changed, noise = _without_seams(changed, noise, now, noise_width_m)
        frames += [_frame(changed, kind, CHANGE), _frame(noise, kind, NOISE)]
    pieces = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=geodesy.LONLAT)
    order = np.lexsort((-pieces["area_m2"], pieces["kind"] == ADDED, pieces["reason"] == NOISE))
    return VersionChange(before, after, pieces.iloc[order].reset_index(drop=True))


def _without_seams(
    changed: geodesy.Geometries, noise: geodesy.Geometries, now: geodesy.Geometries, width_m: float
) -> tuple[geodesy.Geometries, geodesy.Geometries]:
    """Move the slivers along borders between two features drawn anew from the changes to the noise."""
    is_narrow = geodesy.area_m2(changed) * 2.0 < width_m * geodesy.length_m(shapely.boundary(changed))
    seams = seams_of(changed[is_narrow], now, width_m)
    if not seams:
        return changed, noise
    kept, slivers = told_apart(changed[is_narrow], shapely.MultiLineString(seams), width_m)
    return np.concatenate([changed[~is_narrow], kept]), np.concatenate([noise, slivers])


def _ground(shapes: geodesy.Geometries) -> shapely.Geometry:
    return joined(shapes[shapely.get_dimensions(shapes) == 2])


def held(shapes: Sequence[shapely.Geometry]) -> geodesy.Geometries:
    """Return shapes as an array."""
    array: geodesy.Geometries = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def _gone(
    earlier: geodesy.Geometries, after: shapely.Geometry, won: shapely.Geometry, width_m: float
) -> shapely.Geometry:
    """Return the ground of the features of which nothing is left, and which did not only move by less than a width."""
    shapes = earlier[shapely.get_dimensions(earlier) == 2]
    pairs = overlap_area(shapes, held([after]))
    left_m2 = np.bincount(pairs["site"], weights=pairs["area_m2"], minlength=len(shapes))
    shapes = shapes[left_m2 < _NOTHING_LEFT * geodesy.area_m2(shapes)]
    gone = []
    for shape in shapes:
        plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(shape))))
        own, new = plane.to_plane(np.array([shape, won], dtype=object))
        beside = shapely.intersection(shapely.make_valid(new), shapely.buffer(own, width_m))
        if beside.area < _MOVED * own.area:
            gone.append(shape)
    return joined(held(gone))


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
        change, rest = _parted(flat, shapely.union(wide, shapely.difference(flat, alongside)))
        changed.append(_pieces(_valid(plane.to_lonlat(change))))
        noise += [own[is_noise], _pieces(_valid(plane.to_lonlat(rest)))]
    none: geodesy.Geometries = np.empty(0, dtype=object)
    return np.concatenate([none, *changed]), np.concatenate([none, *noise])


def _parted(flat: geodesy.Geometries, change: geodesy.Geometries) -> tuple[geodesy.Geometries, geodesy.Geometries]:
    """Return what of pieces of a plane is a change, and the rest of them; together they have the pieces' area."""
    rest = shapely.difference(flat, change)
    for grid_m in _GRIDS_M:
        whole = shapely.area(flat)
        off = np.abs(shapely.area(change) + shapely.area(rest) - whole)
        lost = np.flatnonzero(off > np.maximum(_LOST_M2, _LOST_SHARE * whole))
        if not len(lost):
            break
        change[lost] = shapely.intersection(flat[lost], change[lost], grid_size=grid_m)
        rest[lost] = shapely.difference(flat[lost], change[lost], grid_size=grid_m)
    return change, rest


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
