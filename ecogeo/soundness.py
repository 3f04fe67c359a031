"""Geometry fit to measure: what is unusable is set aside and named, what is invalid is made valid and said so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import cgcs2000, geodesy
from ecogeo.wording import Text


@dataclass(frozen=True, slots=True)
class Repair:
    """A feature whose geometry was not valid, measured before and after it was made so.

    Parameters
    ----------
    feature_id
        Key of the feature.
    reason
        What was wrong, as GEOS words it.
    area_before_m2, area_after_m2
        Ellipsoidal area of the rings as drawn and of the valid shape; of a self-crossing ring the first is not
        a real area.
    """

    feature_id: str
    reason: str
    area_before_m2: float
    area_after_m2: float


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Geometries fit to measure, and what was done to make them so.

    Parameters
    ----------
    geometries
        Shape (n,), longitude and latitude, 2D, valid; None where a feature was set aside.
    set_aside
        Key and reason of each feature that cannot be measured, in their order.
    repairs
        Features that were made valid.
    """

    geometries: geodesy.Geometries
    set_aside: tuple[tuple[str, Text], ...]
    repairs: tuple[Repair, ...]


def make_sound(lonlat: geodesy.Geometries, keys: npt.NDArray[np.object_]) -> Sound:
    """Set aside what cannot be measured and make the rest valid, keeping each feature's dimension.

    Parameters
    ----------
    lonlat
        Shape (n,), longitude and latitude in degrees; not changed.
    keys
        Shape (n,), what to call each feature.
    """
    sound = without_empty_parts(lonlat)
    sound = sound.copy() if sound is lonlat else sound
    reasons: dict[int, Text] = {}

    def put_aside(rows: npt.NDArray[np.intp], reason: Text) -> None:
        reasons.update({int(row): reason for row in rows})
        sound[rows] = None

    put_aside(np.flatnonzero(shapely.is_missing(sound)), Text("没有图形", "no geometry"))
    put_aside(np.flatnonzero(shapely.is_empty(sound)), Text("图形为空", "empty geometry"))
    bounds = shapely.bounds(sound)
    present = ~shapely.is_missing(sound)
    outside = present & ~(
        (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
    )
    put_aside(np.flatnonzero(outside), Text("坐标不在经纬度范围内", "coordinates beyond longitude and latitude"))

    broken = np.flatnonzero(~shapely.is_missing(sound) & ~shapely.is_valid(sound))
    before, why = sound[broken], shapely.is_valid_reason(sound[broken])
    after = shapely.make_valid(before)
    same = np.array(
        [_of_dimension(shape, int(shapely.get_dimensions(old))) for shape, old in zip(after, before, strict=True)]
    )
    sound[broken] = same if len(same) else sound[broken]
    areas = zip(geodesy.area_m2(before), geodesy.area_m2(sound[broken]), strict=True)
    repairs = tuple(
        Repair(str(keys[row]), str(reason), float(was), float(now))
        for row, reason, (was, now) in zip(broken, why, areas, strict=True)
        if not shapely.is_empty(sound[row])
    )
    put_aside(
        np.flatnonzero(shapely.is_empty(sound)), Text("图形退化，没有面积或长度", "degenerate: no area or length")
    )
    return Sound(sound, tuple((str(keys[row]), reasons[row]) for row in sorted(reasons)), repairs)


def without_empty_parts(geometries: geodesy.Geometries) -> geodesy.Geometries:
    """Leave out the empty parts of collections, which hold no point: GEOS 3.14 crashes on some that have them.

    Parameters
    ----------
    geometries
        Shape (n,); what is no collection, or has no empty part, stays the same object. Collections within others are
        taken apart where there is one.
    """
    collections = np.flatnonzero(shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION)
    if not len(collections):
        return geometries
    kept = geometries.copy()
    for row in collections:
        atoms, _ = cgcs2000.atoms_of(geometries[row : row + 1])
        if shapely.is_empty(atoms).any():
            kept[row] = shapely.geometrycollections(atoms[~shapely.is_empty(atoms)])
    return kept


def _of_dimension(geometry: shapely.Geometry, dimension: int) -> shapely.Geometry:
    """Return the parts of a geometry that have a dimension, such as the polygons of a collection."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == dimension])


def oddities(geometries: geodesy.Geometries) -> tuple[Text, ...]:
    """Tell what is odd about geometries as drawn, though it does not hinder measuring.

    Parameters
    ----------
    geometries
        Shape (n,), as the file holds them.

    Returns
    -------
    Sentences on heights and measures left behind, mixed kinds of geometry, vertices written twice, and spikes: vertices
    where the boundary turns back on itself by less than a tenth of a degree.
    """
    present = geometries[~(shapely.is_missing(geometries) | shapely.is_empty(geometries))]
    found: list[Text] = []
    if heights := int(shapely.has_z(present).sum()):
        found.append(
            Text(f"{heights} 个要素带高程（Z），量算时舍去", f"{heights} features have heights (Z), left behind")
        )
    if measures := int(shapely.has_m(present).sum()):
        found.append(Text(f"{measures} 个要素带 M 值，量算时舍去", f"{measures} features have M values, left behind"))
    dimensions = set(shapely.get_dimensions(present).tolist())
    if len(dimensions) > 1:
        found.append(Text("点、线、面混在一起", "points, lines and polygons are mixed"))
    rings = shapely.get_rings(shapely.get_parts(present))
    if len(rings):
        coordinates, ring = shapely.get_coordinates(rings, return_index=True)
        step = np.diff(coordinates, axis=0)
        within = ring[1:] == ring[:-1]
        if twice := int((within & (step == 0).all(axis=1)).sum()):
            found.append(Text(f"{twice} 个相邻顶点重复", f"{twice} vertices are written twice in a row"))
        if spikes := int(_is_spike(step, within).sum()):
            found.append(
                Text(f"{spikes} 处尖刺（边界原路折返）", f"{spikes} spikes: the boundary turns back on itself")
            )
    return tuple(found)


def _is_spike(step: geodesy.Floats, within: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Tell where an edge turns back on the one before it, both in one ring."""
    before, after = step[:-1], step[1:]
    length = np.hypot(*before.T) * np.hypot(*after.T)
    cosine = np.divide((before * after).sum(axis=1), length, out=np.ones(len(before)), where=length > 0)
    turned: npt.NDArray[np.bool_] = within[:-1] & within[1:] & (cosine < np.cos(np.radians(179.9)))
    return turned
