"""The nearest place to which a site can be moved, without turning it, so that it is clear of what blocks it.

A site A moved by s meets blocked ground B if and only if s lies in the Minkowski sum of B and −A. Its outline is made
of sums of one edge of each, parallelograms; with a corner of each part of either, for parts that lie wholly in one
another, they make up the sum itself. The nearest point outside it is the least move.

Source: the configuration space of T. Lozano-Pérez, “Spatial planning: a configuration space approach”, IEEE
Transactions on Computers C-32 (1983).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.geodesy import Geometries
from ecogeo.siting.cutting import GRID_M, joined, overlap, widened, without

_FIRST_LOOK_M = 25.0
_STEP_M = 0.01
"""Moves are told to the centimetre."""

_CRACK_M = 0.002
"""Narrower gaps between obstacles are cracks of the calculation."""

_TOUCH_M2 = 1e-3

_MOST_EDGES = 80
_MOST_PAIRS = 120_000
"""More edges than this are first drawn with fewer, outwards, so that no move found is too short."""

_STAY = shapely.Point(0, 0)

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shift:
    """A move of a site in the plane.

    Parameters
    ----------
    dx_m, dy_m
        East and north, metres.
    """

    dx_m: float
    dy_m: float

    @property
    def distance_m(self) -> float:
        """Length of the move."""
        return math.hypot(self.dx_m, self.dy_m)


def nearest_shift(site: BaseGeometry, blocked: BaseGeometry, *, margin_m: float, limit_m: float) -> Shift | None:
    """Find the shortest move that brings a site clear of blocked ground.

    Parameters
    ----------
    site, blocked
        Polygons of a plane in metres.
    margin_m
        Distance to be kept from blocked ground.
    limit_m
        Longest move.

    Returns
    -------
    The move, to the centimetre; None where there is none within the limit. No move at all where nothing blocks.
    Outlines of very many corners are drawn with fewer, outwards, so that the move may be longer than need be by a few
    metres, never shorter.

    Examples
    --------
    A square of 10 m whose western 3 m are blocked moves 4 m east to keep 1 m off:

    >>> nearest_shift(shapely.box(0, 0, 10, 10), shapely.box(-5, -50, 3, 60), margin_m=1.0, limit_m=50)
    Shift(dx_m=4.0, dy_m=0.0)
    """
    near = widened(blocked, margin_m)
    if near.is_empty or not _overlap(site, near):
        return Shift(0.0, 0.0)
    outline = _with_few_corners(site, _MOST_EDGES)
    look = _FIRST_LOOK_M
    while limit_m > 0:
        reach = min(look, limit_m)
        around = _box_about(outline, reach)
        obstacles = _with_few_corners(overlap(near, around), _MOST_PAIRS // _corner_count(outline))
        disc = shapely.buffer(_STAY, reach, quad_segs=64)
        free = shapely.buffer(without(disc, _collisions(outline, obstacles, reach)), -_CRACK_M)
        if not free.is_empty:
            found = _told(shapely.get_coordinates(shapely.shortest_line(_STAY, free))[1], site, near)
            return found if found.distance_m <= limit_m else None
        if reach >= limit_m:
            break
        look *= 2
    return None


def _collisions(site: BaseGeometry, obstacles: BaseGeometry, reach_m: float) -> BaseGeometry:
    """Return the moves, up to a distance, that bring a site onto obstacles."""
    p, q = _edges(obstacles)
    a, b = _edges(site)
    corners = np.stack(
        [p[:, None] - a[None], q[:, None] - a[None], q[:, None] - b[None], p[:, None] - b[None]], axis=2
    ).reshape(-1, 4, 2)
    low, high = corners.min(axis=1), corners.max(axis=1)
    corners = corners[((low <= reach_m) & (high >= -reach_m)).all(axis=1)]
    swept: Geometries = np.asarray(shapely.polygons(np.concatenate([corners, corners[:, :1]], axis=1)), dtype=object)
    swept = swept[shapely.area(swept) > 0]
    inside = [_moved(obstacles, -xy) for xy in _first_corners(site)]
    around = [_moved(shapely.affinity.scale(site, -1, -1, origin=(0, 0)), xy) for xy in _first_corners(obstacles)]
    disc = shapely.box(-reach_m, -reach_m, reach_m, reach_m)
    parts = [*_clipped(swept, disc), *_clipped(np.array([*inside, *around], dtype=object), disc)]
    return joined(parts)


def _clipped(shapes: Geometries, box: BaseGeometry) -> Geometries:
    cut = shapely.intersection(shapes, box, grid_size=GRID_M)
    return cut[shapely.area(cut) > 0]


def _edges(shape: BaseGeometry) -> tuple[_Floats, _Floats]:
    """Return start and end of every edge, each of shape (n, 2)."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    is_edge = ring[1:] == ring[:-1]
    return xy[:-1][is_edge], xy[1:][is_edge]


def _first_corners(shape: BaseGeometry) -> _Floats:
    """Return one corner of each polygon of a shape."""
    return np.array([shapely.get_coordinates(part)[0] for part in shapely.get_parts(shape)]).reshape(-1, 2)


def _moved(shape: BaseGeometry, by: _Floats) -> BaseGeometry:
    return shapely.transform(shape, lambda xy: xy + by)


def _overlap(a: BaseGeometry, b: BaseGeometry) -> bool:
    return overlap(a, b).area > 0


def _box_about(site: BaseGeometry, reach_m: float) -> BaseGeometry:
    west, south, east, north = site.bounds
    return shapely.box(west - reach_m, south - reach_m, east + reach_m, north + reach_m)


def _corner_count(shape: BaseGeometry) -> int:
    return int(shapely.get_num_coordinates(shape))


def _with_few_corners(shape: BaseGeometry, most: int) -> BaseGeometry:
    """Return a shape that holds another and has no more corners than so many, as near to it as can be."""
    step = 0.05
    drawn = shape
    while _corner_count(drawn) > most and step < 1000.0:
        drawn = shapely.simplify(widened(shape, step), step)
        step *= 2
    return drawn


def _told(xy: _Floats, site: BaseGeometry, near: BaseGeometry) -> Shift:
    """Return the shortest of the moves to the centimetre around one that stays clear."""
    steps = np.arange(-3, 4) * _STEP_M
    tried = np.round(xy + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2), 2) + 0.0
    tried = tried[np.argsort(np.hypot(*tried.T), kind="stable")]
    met = [overlap(_moved(site, by), near).area for by in tried]
    dx_m, dy_m = tried[int(np.argmax(np.array(met) < _TOUCH_M2))]
    return Shift(float(dx_m), float(dy_m))
