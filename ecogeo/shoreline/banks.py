"""The banks of river reaches: drawn as two lines, the outline of the water, or set off from a centre line."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.polygon import orient

from ecogeo import geodesy
from ecogeo.overlay import Positions
from ecogeo.shoreline.bends import QUAD_SEGS, Arc, Axis, outer_arcs
from ecogeo.shoreline.braids import braid_of
from ecogeo.shoreline.strands import Lines, Strands, in_order, strands_of
from ecogeo.wording import Text

_LOOKS = 50
"""From how many places of a bank the other one is looked for."""

_LEAST_BANK = 0.5
"""A bank set off that is less than half as long as its centre line was swallowed by the bends of that line."""

_SAME_PLACE_DEG = 1e-7
"""About a centimetre."""


class Side(enum.StrEnum):
    """Which bank a line is, seen downstream, the way the reach's first line is drawn."""

    LEFT = "left"
    RIGHT = "right"
    SHORE = "shore"
    ISLAND = "island"

    @property
    def text(self) -> Text:
        """The side as officers say it."""
        return _SIDES[self]


_SIDES = {
    Side.LEFT: Text("左岸", "left bank"),
    Side.RIGHT: Text("右岸", "right bank"),
    Side.SHORE: Text("岸线", "shore"),
    Side.ISLAND: Text("岛岸", "island"),
}


class Drawn(enum.StrEnum):
    """How a reach is drawn, and so where its banks come from."""

    BANKS = "banks"
    OUTLINE = "outline"
    CENTRE_LINE = "centre line"
    UNUSABLE = "unusable"

    @property
    def text(self) -> Text:
        """The origin of the banks in words."""
        return _ORIGINS[self]


_ORIGINS = {
    Drawn.BANKS: Text("左右岸线", "two drawn banks"),
    Drawn.OUTLINE: Text("水面轮廓", "the outline of the water"),
    Drawn.CENTRE_LINE: Text("中心线加宽度", "a centre line and its width"),
    Drawn.UNUSABLE: Text("不可用", "unusable"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Banks:
    """The banks of many reaches.

    Parameters
    ----------
    lines
        Shape (m,), single lines, longitude and latitude in degrees.
    reach
        Shape (m,), position of the reach of each.
    side
        Shape (m,), a `Side` of each.
    part
        Shape (m,), the part of an outline each is a ring of; 0 for other banks.
    drawn
        Shape (n,), how each reach is drawn.
    water
        Shape (n,), the water between a reach's banks; None where the banks do not enclose any.
    is_swallowed
        Shape (n,), reaches drawn as a centre line one of whose banks has no room, or room for less than half of the
        line: the stated width is too large for its bends.
    is_braided
        Shape (n,), reaches drawn as a centre line that parts around islands (`ecogeo.shoreline.braids`).
    """

    lines: geodesy.Geometries
    reach: Positions
    side: npt.NDArray[np.object_]
    part: Positions
    drawn: npt.NDArray[np.object_]
    water: geodesy.Geometries
    is_swallowed: npt.NDArray[np.bool_]
    is_braided: npt.NDArray[np.bool_]


def banks_of(reaches: geodesy.Geometries, width_m: geodesy.Floats) -> Banks:
    """Tell the banks of reaches.

    Parameters
    ----------
    reaches
        Shape (n,), longitude and latitude in degrees. Open lines that lie side by side are the banks, each in one part
        or in several (see `ecogeo.shoreline.strands`); closed lines beside them are islands. Open lines that follow
        one another are one centre line, if there is a width and no gap between them is wider than that; gaps are not
        filled; where they part around an island and meet again, every arm is that wide; where the centre lines of two
        reaches meet at a bend, the arc of the outer bank is added, half to each. A polygon is the water: its outer ring
        is shore (which side of it is left, it does not tell), its holes are islands. Anything else is unusable.
    width_m
        Shape (n,), full width of the water; used for centre lines alone.

    Returns
    -------
    The banks, by reach; none of a reach that is `Drawn.UNUSABLE`.

    Examples
    --------
    >>> river = shapely.MultiLineString([[(109, 24), (109.01, 24)], [(109, 23.999), (109.01, 23.999)]])
    >>> banks_of(np.array([river]), np.array([np.nan])).side.tolist()
    [<Side.LEFT: 'left'>, <Side.RIGHT: 'right'>]
    """
    lines: list[shapely.LineString] = []
    reach: list[int] = []
    sides: list[Side] = []
    parts: list[int] = []
    axes: list[Axis] = []
    drawn = np.full(len(reaches), Drawn.UNUSABLE, dtype=object)
    water: geodesy.Geometries = np.full(len(reaches), None, dtype=object)
    is_swallowed, is_braided = np.zeros(len(reaches), dtype=bool), np.zeros(len(reaches), dtype=bool)
    for row, shape in enumerate(reaches):
        found = _banks(shape, float(width_m[row]))
        drawn[row], water[row] = found.drawn, found.water
        is_swallowed[row], is_braided[row] = found.is_swallowed, found.is_braided
        lines += [line for _, line in found.lines]
        sides += [side for side, _ in found.lines]
        reach += [row] * len(found.lines)
        shores = np.cumsum([side is Side.SHORE for side, _ in found.lines])
        parts += np.maximum(shores - 1, 0).tolist()
        axes += [Axis(row, axis, float(width_m[row])) for axis in found.centre if axis.length > 0]
    for arc in outer_arcs(axes):
        _add_arc(arc, lines, sides, reach)
        water[arc.reach] = shapely.union(water[arc.reach], arc.water)
    held: geodesy.Geometries = np.empty(len(lines), dtype=object)
    held[:] = lines
    side: npt.NDArray[np.object_] = np.empty(len(sides), dtype=object)
    side[:] = sides
    part = np.array([*parts, *[0] * (len(lines) - len(parts))], dtype=np.intp)
    return Banks(held, np.array(reach, dtype=np.intp), side, part, drawn, water, is_swallowed, is_braided)


def _add_arc(arc: Arc, lines: list[shapely.LineString], sides: list[Side], reach: list[int]) -> None:
    """Lengthen the bank an arc runs on from; where there is none, the arc is a bank of its own."""
    side = Side.LEFT if arc.is_left else Side.RIGHT
    start = shapely.get_point(arc.line, 0)
    points = shapely.get_coordinates(arc.line)
    for number, line in enumerate(lines):
        if reach[number] != arc.reach or sides[number] is not side:
            continue
        own = shapely.get_coordinates(line)
        if shapely.dwithin(shapely.Point(own[-1]), start, _SAME_PLACE_DEG):
            lines[number] = shapely.LineString(np.vstack([own, points[1:]]))
            return
        if shapely.dwithin(shapely.Point(own[0]), start, _SAME_PLACE_DEG):
            lines[number] = shapely.LineString(np.vstack([points[:0:-1], own]))
            return
    lines.append(arc.line)
    sides.append(side)
    reach.append(arc.reach)


_Sides = list[tuple[Side, shapely.LineString]]


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """How one reach is drawn, its banks, its water, and the centre line they were set off from."""

    drawn: Drawn
    lines: _Sides
    water: shapely.Geometry | None = None
    centre: Lines = ()
    is_swallowed: bool = False
    is_braided: bool = False


def _banks(shape: shapely.Geometry, width_m: float) -> _Found:
    """Return how one reach is drawn, its banks and its water."""
    parts = shapely.get_parts(shape)
    if (shapely.get_dimensions(parts) == 2).all() and len(parts):
        return _Found(Drawn.OUTLINE, _outline(parts), shape)
    if not (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING).all():
        return _Found(Drawn.UNUSABLE, [])
    is_closed = shapely.is_closed(parts)
    islands = [(Side.ISLAND, line) for line in parts[is_closed]]
    strands = strands_of(parts[~is_closed], width_m)
    if strands.other:
        return _Found(Drawn.BANKS, [*_told_apart(strands.one, strands.other), *islands], _water(strands))
    if strands.one and width_m > 0 and strands.gap_m <= width_m:
        found, water = _set_off(strands.one, width_m)
        is_swallowed = _is_swallowed(strands.one, found)
        return _Found(Drawn.CENTRE_LINE, [*found, *islands], water, strands.one, is_swallowed)
    braid = None if strands.one or strands.other else braid_of(parts[~is_closed], width_m)
    if braid is not None:
        banks = [(Side.LEFT, braid.left), (Side.RIGHT, braid.right), *((Side.ISLAND, ring) for ring in braid.islands)]
        lines = tuple(parts[~is_closed])
        return _Found(Drawn.CENTRE_LINE, [*banks, *islands], braid.water, lines, braid.is_swallowed, is_braided=True)
    return _Found(Drawn.UNUSABLE, [])


def _is_swallowed(centre: Lines, banks: _Sides) -> bool:
    """Tell whether a side of a centre line has no bank, or one less than half as long as the line."""
    least = _LEAST_BANK * sum(line.length for line in centre)
    return any(sum(line.length for side, line in banks if side is wanted) < least for wanted in (Side.LEFT, Side.RIGHT))


def _told_apart(one: Lines, other: Lines) -> _Sides:
    """Tell left from right: downstream is the way the first line is drawn."""
    ways = np.diff(shapely.get_coordinates(one[0]), axis=0)
    middles = shapely.get_coordinates(one[0])[:-1] + ways / 2
    some = np.unique(np.linspace(0, len(ways) - 1, _LOOKS).astype(int))
    ways, middles = ways[some], middles[some]
    opposite = shapely.MultiLineString(list(other))
    across = shapely.get_coordinates(shapely.shortest_line(shapely.points(middles), opposite)).reshape(-1, 2, 2)
    over = across[:, 1] - across[:, 0]
    is_left_of_first = float((ways[:, 0] * over[:, 1] - ways[:, 1] * over[:, 0]).sum()) > 0
    sides = (Side.RIGHT, Side.LEFT) if is_left_of_first else (Side.LEFT, Side.RIGHT)
    return [(side, line) for side, lines in zip(sides, (one, other), strict=True) for line in lines]


def _water(strands: Strands) -> shapely.Geometry | None:
    """Return the ground between two banks, mouths closed, or None where they enclose none that is valid."""
    first, second = in_order(strands.one, strands.other), in_order(strands.other, strands.one)
    for back in (second[::-1], second):
        between = shapely.Polygon(np.vstack([first, back]))
        if between.is_valid:
            return between
    return None


def _outline(parts: geodesy.Geometries) -> _Sides:
    """Return the rings of water surfaces, the water to their left: outer ones are shore, holes are islands."""
    rings: _Sides = []
    for part in parts:
        turned = orient(part)
        rings.append((Side.SHORE, shapely.LineString(turned.exterior.coords)))
        rings += [(Side.ISLAND, shapely.LineString(hole.coords)) for hole in turned.interiors]
    return rings


def _set_off(centre: Lines, width_m: float) -> tuple[_Sides, shapely.Geometry | None]:
    """Return the banks half a width to the left and to the right of a centre line, and the water between them."""
    plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(centre[0]))))
    found = []
    axes = plane.to_plane(np.array(centre, dtype=object))
    for axis in axes:
        for side, off_m in ((Side.LEFT, width_m / 2), (Side.RIGHT, -width_m / 2)):
            bank = plane.to_lonlat(shapely.get_parts(shapely.offset_curve(axis, off_m, quad_segs=QUAD_SEGS)))
            found += [(side, line) for line in bank if not line.is_empty]
    surface = shapely.union_all(shapely.buffer(axes, width_m / 2, cap_style="flat", quad_segs=QUAD_SEGS))
    return found, plane.to_lonlat(np.array([surface], dtype=object))[0]
