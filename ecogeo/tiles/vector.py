"""Write a tile of a layer as a Mapbox Vector Tile.

Source: the Mapbox Vector Tile specification 2.1 (commands, zigzag numbers, winding order), and its protobuf schema.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from ecogeo.tiles.grid import Tile
from ecogeo.tiles.pack import CLASS, KEY, NAME, POINT, RING, TilePack

EXTENT = 4096
_BUFFER = 64
MOST_FEATURES = 10_000
"""A tile of more keeps the largest: no reader draws more, and what is left out is counted."""

_POINTS, _LINES, _POLYGONS = 1, 2, 3

Whole = npt.NDArray[np.int64]


def tile_mvt(pack: TilePack, layer: str, tile: Tile) -> tuple[bytes, int]:
    """Write a tile; every feature carries its key, name, class and place in the layer.

    Parameters
    ----------
    pack
        The layer.
    layer
        Its name inside the tile.
    tile
        Which tile.

    Returns
    -------
    The tile, and how many features that lie in it are left out: smaller than its grid of 4096 by 4096 shows, or the
    smallest of more than `MOST_FEATURES`.
    """
    rows = pack.rows_in(tile.box(_BUFFER / EXTENT))
    if not len(rows):
        return b"", 0
    there = len(rows)
    if there > MOST_FEATURES:
        sizes = np.asarray(pack.areas)[rows]
        rows = np.sort(rows[np.argsort(-sizes, kind="stable")[:MOST_FEATURES]])
    bounds = np.array([-_BUFFER, -_BUFFER, EXTENT + _BUFFER, EXTENT + _BUFFER], dtype=float)
    edges = np.asarray(pack.boxes[rows], dtype=np.int64)
    west, north, east, south = tile.box(_BUFFER / EXTENT)
    is_whole = np.all(edges[:, :2] >= (west, north), axis=1) & np.all(edges[:, 2:] <= (east, south), axis=1)
    words = pack.words().select([KEY, NAME, CLASS]).take(pa.array(rows)).to_pydict()
    values: dict[str | int, int] = {}
    features: list[bytes] = []
    for place, row in enumerate(rows.tolist()):
        kind, commands = _geometry(pack, row, tile, bounds, is_whole=bool(is_whole[place]))
        if not commands:
            continue
        tags: list[int] = []
        for field, column in enumerate((KEY, NAME, CLASS)):
            if text := words[column][place]:
                tags += [field, values.setdefault(text, len(values))]
        tags += [3, values.setdefault(row, len(values))]
        features.append(_number(1, row) + _packed(2, tags) + _number(3, kind) + _packed(4, commands))
    body = _bytes(1, layer.encode()) + b"".join(_bytes(2, feature) for feature in features)
    body += b"".join(_bytes(3, field.encode()) for field in (KEY, NAME, CLASS, "row"))
    for value in values:
        told = _bytes(1, value.encode()) if isinstance(value, str) else _number(5, value)
        body += _bytes(4, told)
    body += _number(5, EXTENT) + _number(15, 2)
    return (_bytes(3, body) if features else b""), there - len(features)


def _geometry(
    pack: TilePack, row: int, tile: Tile, bounds: npt.NDArray[np.float64], *, is_whole: bool
) -> tuple[int, list[int]]:
    """Return the kind and commands of a feature: cut at the tile's edges, on its grid, in its winding order."""
    start, end = int(pack.feature_start[row]), int(pack.feature_start[row + 1])
    kinds = pack.part_kind[start:end]
    origin = (tile.x * tile.units, tile.y * tile.units)
    parts = [
        (pack.xy[pack.part_start[part] : pack.part_start[part + 1]].astype(float) - origin) * (EXTENT / tile.units)
        for part in range(start, end)
    ]
    cursor = [0, 0]
    if RING in kinds:
        rings = [part for part, kind in zip(parts, kinds, strict=True) if kind == RING]
        commands: list[int] = []
        for ring in _whole_rings(rings) if is_whole else _cut_rings(rings, bounds):
            commands += _ring(ring, cursor)
        return _POLYGONS, commands
    if POINT in kinds:
        points = np.round(np.concatenate(parts)).astype(np.int64)
        inside = points[(points >= bounds[0]).all(axis=1) & (points < bounds[2]).all(axis=1)]
        if not len(inside):
            return _POINTS, []
        return _POINTS, [len(inside) << 3 | 1, *_steps(inside, cursor)]
    lines = shapely.clip_by_rect(_as_lines(parts), *bounds)
    commands = []
    for line in shapely.get_parts(lines):
        points = _distinct(np.round(shapely.get_coordinates(line)).astype(np.int64))
        if len(points) >= 2:
            commands += [9, *_steps(points[:1], cursor), (len(points) - 1) << 3 | 2, *_steps(points[1:], cursor)]
    return _LINES, commands


def _as_lines(parts: list[npt.NDArray[np.float64]]) -> shapely.Geometry:
    return shapely.MultiLineString([shapely.LineString(part) for part in parts])


def _whole_rings(rings: list[npt.NDArray[np.float64]]) -> list[Whole]:
    """Return the rings of a polygon the tile holds whole, on the grid; a shell that vanishes takes its holes along."""
    found: list[Whole] = []
    is_kept = True
    for ring in rings:
        is_shell = _doubled_area(ring) < 0  # packs hold shells against the clock
        points = _distinct(np.round(ring).astype(np.int64))[::-1]
        area = _doubled_area(points)
        is_drawn = len(points) >= 4 and area != 0 and (area > 0) == is_shell
        if is_shell:
            is_kept = is_drawn
        if is_kept and is_drawn:
            found.append(points)
    return found


def _cut_rings(rings: list[npt.NDArray[np.float64]], bounds: npt.NDArray[np.float64]) -> list[Whole]:
    """Return the rings of the polygon the tile holds of some rings, on the grid; shells run clockwise on screen."""
    shape = shapely.build_area(_as_lines(rings))
    shape = shapely.clip_by_rect(shape, *bounds)
    found: list[Whole] = []
    for polygon in shapely.get_parts(shape):
        if shapely.get_type_id(polygon) != shapely.GeometryType.POLYGON:
            continue
        for place, ring in enumerate(shapely.get_rings(polygon)):
            points = _distinct(np.round(shapely.get_coordinates(ring)).astype(np.int64))
            area = _doubled_area(points)
            if len(points) < 4 or area == 0:
                if place == 0:
                    break
                continue
            is_shell = place == 0
            found.append(points if (area > 0) == is_shell else points[::-1])
    return found


def _ring(points: Whole, cursor: list[int]) -> list[int]:
    inner = points[1:-1]
    return [9, *_steps(points[:1], cursor), len(inner) << 3 | 2, *_steps(inner, cursor), 15]


def _steps(points: Whole, cursor: list[int]) -> list[int]:
    """Return points as zigzag steps from the cursor, which goes with them."""
    moved = np.diff(np.concatenate([np.array([cursor], dtype=np.int64), points]), axis=0)
    cursor[:] = points[-1].tolist()
    steps: list[int] = ((moved << 1) ^ (moved >> 63)).ravel().tolist()
    return steps


def _distinct(points: Whole) -> Whole:
    """Return points without repetitions of the one before."""
    if len(points) < 2:
        return points
    moved: npt.NDArray[np.bool_] = (np.diff(points, axis=0) != 0).any(axis=1)
    kept: Whole = points[np.concatenate([[True], moved])]
    return kept


def _doubled_area(ring: Whole | npt.NDArray[np.float64]) -> float:
    """Return twice the area of a closed ring; the second axis runs down, so clockwise on screen is positive."""
    x, y = ring[:, 0], ring[:, 1]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _packed(field: int, values: list[int]) -> bytes:
    return _bytes(field, b"".join(map(_varint, values)))
