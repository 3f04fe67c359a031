"""Rings into shapes: what is a part and what a hole is decided by containment, never by 圈号."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.formats.boundary.file import Corner, Parcel, is_closed, places, positions, rings_of
from ecogeo.formats.coordinates import Floats
from ecogeo.wording import Text, list_en, list_zh

_LEAST_POINTS = {"点": 1, "线": 2, "面": 3}
_MOST_REASONS = 50
_SLIP_SHARE = 0.05
"""A last point that bears the first one's name and lies this near to it, as a share of the ring's extent, was meant
to close the ring."""


def build_geometry(parcel: Parcel) -> tuple[BaseGeometry | None, tuple[Text, ...]]:
    """Build the shape of a parcel exactly as drawn.

    Parameters
    ----------
    parcel
        The parcel; a ring inside another is a hole, a ring inside a hole is a part again.

    Returns
    -------
    The shape, east before north, in the unit of the file, with what looks odd; or None with every reason why there
    is none. Self-crossing rings are kept.
    """
    faults = _faults(parcel)
    if faults:
        return None, tuple(faults)
    rings = rings_of(parcel)
    drawn = [positions(ring) for ring in rings]
    if parcel.shape == "点":
        points = [shapely.Point(xy) for ring in drawn for xy in ring]
        return (points[0] if len(points) == 1 else shapely.MultiPoint(points)), ()
    if parcel.shape == "线":
        lines = [shapely.LineString(xy) for xy in drawn]
        return (lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)), ()
    shape, doubts = polygons_of(drawn)
    return shape, (*_closing_doubts(rings, drawn), *_same_number_doubts(rings), *doubts)


def build_shapes(
    parcels: Sequence[Parcel],
) -> tuple[list[Parcel], list[BaseGeometry], list[tuple[str, Text]], list[Text]]:
    """Build every parcel.

    Parameters
    ----------
    parcels
        The parcels.

    Returns
    -------
    The parcels with a shape; their shapes; the others by name, with each reason; and what looks odd.
    """
    kept: list[Parcel] = []
    shapes: list[BaseGeometry] = []
    set_aside: list[tuple[str, Text]] = []
    doubts: list[Text] = []
    for parcel in parcels:
        shape, sentences = build_geometry(parcel)
        if shape is None:
            set_aside += [(parcel.label, sentence) for sentence in sentences]
            continue
        kept.append(parcel)
        shapes.append(shape)
        doubts += [
            Text(f"地块“{parcel.label}”：{sentence.zh}", f"parcel “{parcel.label}”: {sentence.en}")
            for sentence in sentences
        ]
    return kept, shapes, set_aside, doubts


def refusals(set_aside: Sequence[tuple[str, Text]]) -> list[Text]:
    """Put into words why no parcel at all could be built, the first 50 reasons and how many there are.

    Parameters
    ----------
    set_aside
        Name and reason.
    """
    problems = [
        Text(f"地块“{label}”：{reason.zh}", f"parcel “{label}”: {reason.en}")
        for label, reason in set_aside[:_MOST_REASONS]
    ]
    if len(set_aside) > _MOST_REASONS:
        problems.append(Text(f"共 {len(set_aside)} 处", f"{len(set_aside)} faults in all"))
    return problems


def _faults(parcel: Parcel) -> list[Text]:
    unread = [corner.line for corner in parcel.corners if not corner.is_read and not corner.is_remark]
    if unread:
        return [Text(f"第 {list_zh(unread)} 行读不出坐标", f"no coordinates can be read on line {list_en(unread)}")]
    rings = rings_of(parcel)
    if not rings:
        return [Text("没有界址点", "it has no points")]
    least = _LEAST_POINTS[parcel.shape]
    faults = []
    for ring in rings:
        count = len(np.unique(places(positions(ring))))
        if count < least:
            faults.append(
                Text(
                    f"从第 {ring[0].line} 行起的一圈只有 {count} 个不同的点，“{parcel.shape}”至少要 {least} 个",
                    f"the ring from line {ring[0].line} has {count} different points; this shape needs {least}",
                )
            )
    return faults


def polygons_of(rings: list[Floats]) -> tuple[BaseGeometry, tuple[Text, ...]]:
    """Sort rings into parts and holes.

    Parameters
    ----------
    rings
        Coordinates of each ring, shape (n, 2), n ≥ 3, closed or not.

    Returns
    -------
    A Polygon, or a MultiPolygon in the order of the parts' first points; and a doubt where rings cross each other.

    Examples
    --------
    >>> square = np.array([(0.0, 0.0), (0.0, 9.0), (9.0, 9.0), (9.0, 0.0)])
    >>> polygons_of([square, square / 3 + 1])[0].area
    72.0
    """
    lines = np.array([shapely.LinearRing(_closed(ring)) for ring in rings], dtype=object)
    discs = np.array([shapely.Polygon(line) for line in lines], dtype=object)
    tree = shapely.STRtree(discs)
    inner, outer = tree.query(lines, predicate="covered_by")
    areas = np.abs(shapely.area(discs))
    is_inside = areas[inner] < areas[outer]
    inner, outer = inner[is_inside], outer[is_inside]
    depth = np.bincount(inner, minlength=len(rings))
    parents = _parents(inner, outer, depth, areas)
    is_hole = (depth % 2 == 1) & (parents >= 0)
    holes: dict[int, list[int]] = {int(part): [] for part in np.flatnonzero(~is_hole)}
    for hole in np.flatnonzero(is_hole):
        holes[int(parents[hole])].append(int(hole))
    parts = [shapely.Polygon(lines[part], [lines[hole] for hole in inside]) for part, inside in holes.items()]
    shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    crossing = np.unique(tree.query(lines, predicate="crosses"), axis=1)
    if not (crossing[0] != crossing[1]).any():
        return shape, ()
    return shape, (Text("同一地块的圈互相交叉，按原样保留", "rings of one parcel cross each other; kept as drawn"),)


def _closed(ring: Floats) -> Floats:
    return ring if np.array_equal(ring[0], ring[-1]) and len(ring) > 3 else np.vstack([ring, ring[:1]])


def _parents(
    inner: npt.NDArray[np.intp], outer: npt.NDArray[np.intp], depth: npt.NDArray[np.intp], areas: Floats
) -> npt.NDArray[np.intp]:
    """Return for each ring the smallest ring around it that is a part; -1 where it lies in none."""
    parents = np.full(len(depth), -1, dtype=np.intp)
    is_part = depth[outer] % 2 == 0
    for child, around in sorted(zip(inner[is_part], outer[is_part], strict=True), key=lambda pair: -areas[pair[1]]):
        parents[child] = around
    return parents


def _closing_doubts(rings: tuple[tuple[Corner, ...], ...], drawn: list[Floats]) -> list[Text]:
    """Tell of last points that bear the name of the first without standing there."""
    doubts = []
    for ring, xy in zip(rings, drawn, strict=True):
        if len(ring) < 4 or not ring[0].name or ring[-1].name != ring[0].name or is_closed(ring):
            continue
        gap = float(np.hypot(*(xy[-1] - xy[0])))
        if gap < _SLIP_SHARE * float(np.ptp(xy, axis=0).max()):
            doubts.append(
                Text(
                    f"第 {ring[-1].line} 行的终点与起点同名“{ring[0].name}”，坐标却相差 {gap:.3f}，按原样保留",
                    f"the last point on line {ring[-1].line} bears the first one's name “{ring[0].name}” but lies "
                    f"{gap:.3f} away; kept as drawn",
                )
            )
    return doubts


def _same_number_doubts(rings: tuple[tuple[Corner, ...], ...]) -> list[Text]:
    """Tell of rings that bear the same 圈号."""
    numbers = [ring[0].ring for ring in rings if ring[0].ring]
    if len(set(numbers)) == len(numbers):
        return []
    return [
        Text(
            f"圈号相同而有 {len(rings)} 个闭合的圈，按闭合处分开",
            f"{len(rings)} closed rings bear the same number; they were parted where each closes",
        )
    ]
