"""Ask a pack: what lies under a click, and what is called so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ecogeo.tiles.grid import WORLD_BITS, to_lonlat, to_units
from ecogeo.tiles.pack import KEY, NAME, POINT, RING, TilePack
from ecogeo.wording import Text

NEAR_PX = 6.0
"""How far a click may be from a line or a point: a finger is not a needle."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A feature that was asked for.

    Parameters
    ----------
    row
        Its place in the layer.
    key, name
        Its key and name.
    facts
        Labels and values that are not empty.
    lon, lat
        A point of it, degrees.
    bounds
        West, south, east, north in degrees.
    """

    row: int
    key: str
    name: str
    facts: tuple[tuple[Text, str], ...]
    lon: float
    lat: float
    bounds: tuple[float, float, float, float]


def features_at(pack: TilePack, lon: float, lat: float, zoom: float, *, most: int = 10) -> tuple[Hit, ...]:
    """Return the features under a click: areas around it, lines and points near it.

    Parameters
    ----------
    pack
        The layer.
    lon, lat
        Where, degrees.
    zoom
        The zoom of the map, which says how much ground a pixel is.
    most
        How many are returned at most, in the order of the layer.
    """
    x, y = (int(value) for value in to_units(np.array([[lon, lat]]))[0])
    reach = int(np.ceil(NEAR_PX * 2.0 ** (WORLD_BITS - 8 - zoom)))
    rows = pack.rows_in((x - reach, y - reach, x + reach, y + reach))
    found = [int(row) for row in rows if _is_hit(pack, int(row), x, y, reach)]
    return hits(pack, found[:most])


def features_named(pack: TilePack, words: str, *, most: int = 20) -> tuple[tuple[Hit, ...], int]:
    """Return the features whose key or name holds every word, whatever its case, and how many there are in all.

    Parameters
    ----------
    pack
        The layer.
    words
        Words parted by blanks; none finds nothing.
    most
        How many are returned at most; those called exactly so come first.
    """
    wanted = words.split()
    if not wanted:
        return (), 0
    table = pack.words()
    has_all = None
    for word in wanted:
        has_word = pc.or_(
            pc.match_substring(table[KEY], word, ignore_case=True),
            pc.match_substring(table[NAME], word, ignore_case=True),
        )
        has_all = has_word if has_all is None else pc.and_(has_all, has_word)
    rows = np.flatnonzero(np.asarray(has_all))
    first = rows[: most * 50]
    called = {words.casefold().strip()}
    keys, names = (table[column].take(pa.array(first)).to_pylist() for column in (KEY, NAME))
    exact = [key.casefold() in called or name.casefold() in called for key, name in zip(keys, names, strict=True)]
    order = np.argsort(~np.array(exact, dtype=bool), kind="stable")
    return hits(pack, [int(row) for row in first[order][:most]]), len(rows)


def hits(pack: TilePack, rows: Sequence[int]) -> tuple[Hit, ...]:
    """Return features with their words, by their places in the layer."""
    if not rows:
        return ()
    table = pack.words().take(pa.array(rows)).to_pylist()
    made = []
    for row, words in zip(rows, table, strict=True):
        west, north, east, south = (int(edge) for edge in pack.boxes[row])
        corners = to_lonlat(np.array([[west, north], [east, south]], dtype=np.int32)).round(7)
        lon, lat = to_lonlat(_inside(pack, row)).round(7)[0]
        facts = tuple((label, value) for place, label in enumerate(pack.labels) if (value := words[f"fact{place}"]))
        bounds = (float(corners[0, 0]), float(corners[1, 1]), float(corners[1, 0]), float(corners[0, 1]))
        made.append(Hit(row, words[KEY], words[NAME], facts, float(lon), float(lat), bounds))
    return tuple(made)


def shapes_within(pack: TilePack, window: shapely.Geometry) -> tuple[list[int], npt.NDArray[np.object_]]:
    """Return the features that meet a window: their places in the layer, and their shapes in longitude and latitude.

    Parameters
    ----------
    pack
        The layer.
    window
        Longitude and latitude.
    """
    west, south, east, north = shapely.bounds(window)
    (left, top), (right, bottom) = to_units(np.array([[west, north], [east, south]])).tolist()
    rows = [int(row) for row in pack.rows_in((left, top, right, bottom))]
    shapes = np.array([_shape(pack, row) for row in rows], dtype=object)
    is_met = shapely.intersects(shapes, window) if rows else np.empty(0, dtype=bool)
    return [row for row, met in zip(rows, is_met, strict=True) if met], shapes[is_met]


def _shape(pack: TilePack, row: int) -> shapely.Geometry:
    """Return a feature's shape, longitude and latitude."""
    start, end = int(pack.feature_start[row]), int(pack.feature_start[row + 1])
    parts = [to_lonlat(np.asarray(pack.xy[pack.part_start[at] : pack.part_start[at + 1]])) for at in range(start, end)]
    kind = int(pack.part_kind[start:end].max())
    made: shapely.Geometry
    if kind == RING:
        made = shapely.build_area(shapely.MultiLineString([shapely.LineString(part) for part in parts]))
    elif kind == POINT:
        made = shapely.MultiPoint(np.concatenate(parts))
    else:
        made = shapely.MultiLineString([shapely.LineString(part) for part in parts])
    return made


def _inside(pack: TilePack, row: int) -> npt.NDArray[np.int32]:
    """Return a point of a feature, shape (1, 2), in units."""
    start = int(pack.feature_start[row])
    first, last = int(pack.part_start[start]), int(pack.part_start[start + 1])
    if pack.part_kind[start] != RING:
        return np.asarray(pack.xy[(first + last) // 2][None], dtype=np.int32)
    ring = shapely.make_valid(shapely.polygons(np.asarray(pack.xy[first:last], dtype=float)))
    return np.round(shapely.get_coordinates(shapely.point_on_surface(ring))[:1]).astype(np.int32)


def _is_hit(pack: TilePack, row: int, x: int, y: int, reach: int) -> bool:
    start, end = int(pack.feature_start[row]), int(pack.feature_start[row + 1])
    crossings = 0
    for part in range(start, end):
        points = np.asarray(pack.xy[pack.part_start[part] : pack.part_start[part + 1]], dtype=float) - (x, y)
        if pack.part_kind[part] == RING:
            crossings += _crossings(points)
        elif pack.part_kind[part] == POINT:
            if (np.hypot(points[:, 0], points[:, 1]) <= reach).any():
                return True
        elif shapely.distance(shapely.linestrings(points), shapely.Point(0.0, 0.0)) <= reach:
            return True
    return crossings % 2 == 1


def _crossings(points: npt.NDArray[np.float64]) -> int:
    """Return how often a ring crosses the ray from the origin to the east."""
    x0, y0, x1, y1 = points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1]
    is_crossed = (y0 > 0) != (y1 > 0)
    at = x0[is_crossed] - y0[is_crossed] * (x1[is_crossed] - x0[is_crossed]) / (y1[is_crossed] - y0[is_crossed])
    return int((at > 0).sum())
