"""Polygons straight from well-known binary, as GeoParquet and GeoPackage hold them, without an object per feature.

Read are polygons, multipolygons and collections of them, nested, of either byte order, with Z, M and SRID in the ISO
form (1000 a dimension) and the extended one (high bits). Lines and points have no ground and are passed over. Two
passes: one counts, one fills.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecogeo.kernel.compiled import Flags, Ints, compiled

Bytes = npt.NDArray[np.uint8]

_HAS_Z, _HAS_M, _HAS_SRID, _KIND = 0x80000000, 0x40000000, 0x20000000, 0x1FFFFFFF
_POINT, _LINE, _POLYGON, _LAST_COLLECTION = 1, 2, 3, 7


@compiled
def _number(data: Bytes, at: int, is_little: bool) -> int:
    """Return the unsigned 32-bit number at a place."""
    number = 0
    for byte in range(4):
        number = number << 8 | data[at + (3 - byte if is_little else byte)]
    return number


@compiled
def _copy_points(data: Bytes, at: int, points: int, axes: int, is_little: bool, out: Bytes, vertex: int) -> None:
    """Copy longitude and latitude of points as this machine orders them (little end first)."""
    if is_little and axes == 2:
        out[vertex * 16 : (vertex + points) * 16] = data[at : at + points * 16]
        return
    for k in range(points):
        source, target = at + k * axes * 8, (vertex + k) * 16
        for byte in range(16):
            place = byte if is_little else byte // 8 * 8 + 7 - byte % 8
            out[target + byte] = data[source + place]


@compiled
def _kind_at(data: Bytes, at: int, end: int) -> tuple[int, int, int, bool]:
    """Read the head of a geometry: kind, number of axes, where its body begins, byte order; kind −1 is not whole."""
    if at + 5 > end:
        return -1, 2, at, True
    is_little = data[at] == 1
    code = _number(data, at + 1, is_little)
    body = at + 5 + (4 if code & _HAS_SRID else 0)
    plain = code & _KIND
    axes = 2 + (1 if code & _HAS_Z else 0) + (1 if code & _HAS_M else 0)
    thousand = plain // 1000
    if thousand in (1, 2):
        axes += 1
    elif thousand == 3:
        axes += 2
    return plain % 1000, axes, body, is_little


@compiled
def scan(
    data: Bytes, first: int, end: int, lonlat: Bytes, ring_end: Ints, is_hole: Flags, vertex: int, ring: int
) -> tuple[int, int]:
    """Read one geometry, or count it only, where `ring_end` is empty.

    Parameters
    ----------
    data
        The bytes of a column.
    first, end
        Where the geometry begins and ends in them.
    lonlat
        Written to: the bytes of float64 pairs.
    ring_end, is_hole
        Written to: the vertex after each ring's last, and whether it is a hole.
    vertex, ring
        How many there are already.

    Returns
    -------
    How many vertices and rings there are now; −1 and the offset of the fault where the bytes are not a whole geometry.
    """
    left = np.ones(32, np.int64)
    depth, at = 0, first
    fills = len(ring_end) > 0
    while depth >= 0:
        if left[depth] == 0:
            depth -= 1
            continue
        left[depth] -= 1
        kind, axes, body, is_little = _kind_at(data, at, end)
        if kind == _POINT:
            at = body + axes * 8
        elif kind >= 0 and body + 4 > end:
            return -1, at
        elif kind == _LINE:
            at = body + 4 + _number(data, body, is_little) * axes * 8
        elif kind == _POLYGON:
            rings = _number(data, body, is_little)
            at = body + 4
            for number in range(rings):
                if at + 4 > end:
                    return -1, at
                points = _number(data, at, is_little)
                at += 4
                if at + points * axes * 8 > end:
                    return -1, at
                if points > 0:
                    if fills:
                        _copy_points(data, at, points, axes, is_little, lonlat, vertex)
                        ring_end[ring], is_hole[ring] = vertex + points, number > 0
                    vertex, ring = vertex + points, ring + 1
                at += points * axes * 8
        elif kind > _POLYGON and kind <= _LAST_COLLECTION and depth < 31:
            depth += 1
            left[depth] = _number(data, body, is_little)
            at = body + 4
        else:
            return -1, at
        if at > end:
            return -1, at
    return vertex, ring


@compiled
def read_all(data: Bytes, offsets: Ints, is_missing: Flags) -> tuple[Bytes, Ints, Flags, Ints, int]:
    """Read every geometry of a column.

    Parameters
    ----------
    data
        The bytes.
    offsets
        Shape (n + 1,): where each geometry begins.
    is_missing
        Shape (n,).

    Returns
    -------
    The bytes of longitude and latitude, where each ring begins, which are holes, where each feature begins among the
    rings; and the first row that is no whole geometry, or −1.
    """
    rows = len(offsets) - 1
    feature_start = np.zeros(rows + 1, np.int64)
    nothing, no_rings, no_holes = np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.bool_)
    vertices, rings, broken = 0, 0, -1
    for row in range(rows):
        if not is_missing[row]:
            now, rings_now = scan(data, offsets[row], offsets[row + 1], nothing, no_rings, no_holes, vertices, rings)
            if now < 0:
                broken = row
                break
            vertices, rings = now, rings_now
        feature_start[row + 1] = rings
    if broken >= 0:
        return nothing, no_rings, no_holes, feature_start, broken
    lonlat = np.empty(vertices * 16, np.uint8)
    ring_start, is_hole = np.zeros(rings + 1, np.int64), np.empty(rings, np.bool_)
    vertex, ring = 0, 0
    for row in range(rows):
        if not is_missing[row] and rings > 0:
            vertex, ring = scan(data, offsets[row], offsets[row + 1], lonlat, ring_start[1:], is_hole, vertex, ring)
    return lonlat, ring_start, is_hole, feature_start, broken
