"""Bends between reaches drawn as centre lines: the arc of the outer bank that square ends would leave out.

Source: the builders' choice, after what a buffer with round joins draws about one centre line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import shapely

from ecogeo import geodesy

QUAD_SEGS = 16
"""Chords of a quarter circle: an arc falls short by less than 0.05 %."""

_MEET_DEG = 1e-5
"""Ends nearer than this, about a metre, are one place."""

_MOST_TURN = np.radians(150.0)
"""A sharper turn is none of a river that flows on: its two reaches lie side by side."""


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """A centre line of a reach.

    Parameters
    ----------
    reach
        Position of the reach.
    line
        Longitude and latitude in degrees.
    width_m
        Full width of the water.
    """

    reach: int
    line: shapely.LineString
    width_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Arc:
    """The half of an outer bend that belongs to one reach.

    Parameters
    ----------
    reach
        Position of the reach.
    is_left
        Whether it is of the left bank, by the way the centre line is drawn.
    line
        From the end of the bank to the middle of the bend, longitude and latitude.
    water
        The sector between it and the place where the centre lines meet.
    """

    reach: int
    is_left: bool
    line: shapely.LineString
    water: shapely.Polygon


def outer_arcs(axes: Sequence[Axis]) -> Iterator[Arc]:
    """Yield the arcs of outer banks where two reaches meet at a bend, half of each bend to either reach.

    Parameters
    ----------
    axes
        Centre lines. Where more than two ends meet, the two that run straightest on are the bend; the others come in
        from the side.

    Examples
    --------
    Two reaches 40 m wide that meet at a right angle: each has an eighth of a circle of 20 m, 15.71 m.

    >>> plane = geodesy.local_plane(109.0)
    >>> lines = [shapely.LineString(ends) for ends in ([(0, 0), (900, 0)], [(900, 0), (900, 900)])]
    >>> axes = [Axis(row, line, 40.0) for row, line in enumerate(plane.to_lonlat(np.array(lines)))]
    >>> [(arc.is_left, round(float(geodesy.length_m(np.array([arc.line]))[0]), 2)) for arc in outer_arcs(axes)]
    [(False, 15.7), (False, 15.7)]
    """
    ends: list[tuple[int, bool]] = [(number, is_last) for number in range(len(axes)) for is_last in (False, True)]
    if len(axes) < 2:
        return
    places = shapely.points([axes[number].line.coords[-1 if is_last else 0] for number, is_last in ends])
    tree = shapely.STRtree(places)
    one, other = tree.query(places, predicate="dwithin", distance=_MEET_DEG)
    near: dict[int, set[int]] = {}
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        near.setdefault(a, set()).add(b)
    done: set[int] = set()
    for end, together in sorted(near.items()):
        if end in done or len(together) < 2:
            continue
        done |= together
        reach = {member: axes[ends[member][0]].reach for member in together}
        pairs = [(a, b) for a, b in combinations(sorted(together), 2) if reach[a] != reach[b]]
        if not pairs:
            continue
        first, second = min(pairs, key=lambda pair: abs(_turn(axes, ends[pair[0]], ends[pair[1]])))
        for own, next_end in ((ends[first], ends[second]), (ends[second], ends[first])):
            arc = _arc(axes, own, next_end)
            if arc is not None:
                yield arc


def _way(axis: Axis, is_last: bool, plane: geodesy.Plane) -> tuple[geodesy.Floats, float]:
    """Return the end of a centre line in a plane and the bearing with which it arrives there, radians."""
    coords = shapely.get_coordinates(plane.to_plane(np.array([axis.line], dtype=object))[0])
    coords = coords if is_last else coords[::-1]
    step = coords[-1] - coords[:-1]
    before = step[np.hypot(*step.T) > 0][-1]
    return coords[-1], float(np.arctan2(before[1], before[0]))


def _turn(axes: Sequence[Axis], own: tuple[int, bool], next_end: tuple[int, bool]) -> float:
    """Return the angle by which the way turns from one reach into the next, radians, to the left positive."""
    plane = geodesy.local_plane(float(axes[own[0]].line.coords[0][0]))
    arriving = _way(axes[own[0]], own[1], plane)[1]
    leaving = _way(axes[next_end[0]], next_end[1], plane)[1] + np.pi
    return float((leaving - arriving + np.pi) % (2 * np.pi) - np.pi)


def _arc(axes: Sequence[Axis], own: tuple[int, bool], next_end: tuple[int, bool]) -> Arc | None:
    """Return the arc of a reach at one of its ends; None where the way runs straight on, or back."""
    turn = _turn(axes, own, next_end)
    if abs(turn) < 1e-6 or abs(turn) > _MOST_TURN:
        return None
    axis, other = axes[own[0]], axes[next_end[0]]
    plane = geodesy.local_plane(float(axis.line.coords[0][0]))
    place, arriving = _way(axis, own[1], plane)
    is_left = turn < 0
    steps = np.linspace(0.0, 1.0, int(np.ceil(abs(turn) / np.pi * QUAD_SEGS)) + 1)
    angle = arriving + (np.pi / 2 if is_left else -np.pi / 2) + steps * turn / 2
    radius = (axis.width_m * (1 - steps / 2) + other.width_m * steps / 2) / 2
    points = place + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    drawn = plane.to_lonlat(
        np.array([shapely.LineString(points), shapely.Polygon(np.vstack([place, points]))], dtype=object)
    )
    return Arc(axis.reach, is_left == own[1], drawn[0], drawn[1])
