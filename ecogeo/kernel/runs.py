"""Shapes of any kind as short runs of edges, and a tree of boxes over them, for whoever asks what is near.

A run is a few edges of one line or ring one after another, or a single point: its box is small, whatever shape it is
of. The tree is packed: runs are put in an order that keeps neighbours together (sorted into columns by longitude, in
each by latitude), every eight of them share a box, every eight of those, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from ecogeo import cgcs2000
from ecogeo.kernel.compiled import Floats, Ints

FAN = 8
"""So many boxes share the next larger one."""

_EDGES_PER_RUN = 8

_MOST_DEG = 1.0
"""Longer edges are cut: far from the equator one that is straight in longitude and latitude bends in space."""


class Runs(NamedTuple):
    """Runs of edges of some shapes, feature by feature.

    Parameters
    ----------
    lonlat
        Shape (vertices, 2), longitude and latitude in degrees.
    first, last
        Shape (runs,): first and last vertex of each run; the same for a point.
    feature
        Shape (runs,): the shape each run is of.
    boxes
        Shape (runs, 4): west, south, east, north.
    """

    lonlat: Floats
    first: Ints
    last: Ints
    feature: Ints
    boxes: Floats


class Tree(NamedTuple):
    """Boxes over runs, level by level from the runs themselves up to one box round all.

    Parameters
    ----------
    boxes
        Shape (boxes, 4).
    level_start
        Shape (levels + 1,): where each level begins. Box k of a level holds boxes 8 k … 8 k + 7 of the one below.
    """

    boxes: Floats
    level_start: Ints


@dataclass(frozen=True)
class EdgeTree:
    """Shapes that others are held against.

    Parameters
    ----------
    runs
        Their runs, in the order of the tree.
    tree
        The boxes.
    features
        How many shapes there are.
    """

    runs: Runs
    tree: Tree
    features: int

    @classmethod
    def of(cls, geometries: cgcs2000.Geometries) -> EdgeTree:
        """Lay out shapes and build the tree.

        Parameters
        ----------
        geometries
            Shape (n,), longitude and latitude in degrees: points, lines, polygons or collections of them; missing and
            empty ones have no run.
        """
        runs = runs_of(geometries)
        order = _packed(runs.boxes)
        runs = Runs(runs.lonlat, runs.first[order], runs.last[order], runs.feature[order], runs.boxes[order])
        levels = [runs.boxes]
        while len(levels[-1]) > 1:
            levels.append(_joined(levels[-1]))
        starts = np.cumsum([0, *map(len, levels)]).astype(np.int64)
        return cls(runs, Tree(np.concatenate(levels), starts), len(geometries))


def runs_of(geometries: cgcs2000.Geometries) -> Runs:
    """Cut the outlines, lines and points of shapes into runs of up to eight edges.

    Parameters
    ----------
    geometries
        As for `EdgeTree.of`.

    Examples
    --------
    A square is one run, a circle of 32 edges is four:

    >>> shapes = np.array([shapely.box(109, 24, 110, 25), shapely.Point(109, 24).buffer(1, quad_segs=8)])
    >>> runs_of(shapes).feature.tolist()
    [0, 1, 1, 1, 1]
    """
    atoms, owner = cgcs2000.atoms_of(geometries)
    atoms = _with_short_edges(atoms)
    is_ground = shapely.get_type_id(atoms) == shapely.GeometryType.POLYGON
    rings, ring_of = shapely.get_rings(atoms[is_ground], return_index=True)
    parts = np.concatenate([rings, atoms[~is_ground]])
    feature = np.concatenate([owner[is_ground][ring_of], owner[~is_ground]]).astype(np.int64)
    order = np.argsort(feature, kind="stable")
    lonlat, part = shapely.get_coordinates(parts[order], return_index=True)
    start = np.searchsorted(part, np.arange(len(parts) + 1))
    edges = np.maximum(np.diff(start) - 1, 0)
    is_there = np.diff(start) > 0
    count = np.where(is_there, np.maximum(-(-edges // _EDGES_PER_RUN), 1), 0)
    of_part = np.repeat(np.arange(len(parts)), count)
    turn = np.arange(len(of_part)) - np.repeat(np.cumsum(count) - count, count)
    first = start[of_part] + turn * _EDGES_PER_RUN
    last = np.minimum(first + _EDGES_PER_RUN, start[of_part + 1] - 1)
    lonlat = np.ascontiguousarray(lonlat, dtype=np.float64)
    whole = feature[order][of_part]
    return Runs(lonlat, first.astype(np.int64), last.astype(np.int64), whole, _boxes(lonlat, first, last))


def _with_short_edges(atoms: cgcs2000.Geometries) -> cgcs2000.Geometries:
    """Cut edges of more than `_MOST_DEG`; what has a coordinate that is no number stays as it is."""
    west, south, east, north = shapely.bounds(atoms).T
    wide = np.flatnonzero((east - west > _MOST_DEG) | (north - south > _MOST_DEG))
    lonlat, owner = shapely.get_coordinates(atoms[wide], return_index=True)
    is_known = np.bincount(owner, weights=np.isnan(lonlat).any(axis=1), minlength=len(wide)) == 0
    cut = atoms.copy()
    cut[wide[is_known]] = shapely.segmentize(atoms[wide[is_known]], _MOST_DEG)
    return cut


def _boxes(lonlat: Floats, first: Ints, last: Ints) -> Floats:
    """Return the box of each run, whose vertices may be shared with the next."""
    if not len(first):
        return np.empty((0, 4))
    places = np.column_stack([first, last + 1]).ravel()
    padded = np.concatenate([lonlat, lonlat[-1:]])  # the last run may end with the last vertex
    low, high = np.minimum.reduceat(padded, places)[::2], np.maximum.reduceat(padded, places)[::2]
    return np.column_stack([low, high])


def _packed(boxes: Floats) -> Ints:
    """Return an order of boxes in which every eight next to one another lie close together."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    across = max(1, int(np.ceil(np.sqrt(len(boxes) / FAN))))
    by_longitude = np.argsort(middle[:, 0], kind="stable")
    column = np.empty(len(boxes), dtype=np.int64)
    column[by_longitude] = np.arange(len(boxes)) * across // max(len(boxes), 1)
    return np.lexsort((middle[:, 1], column)).astype(np.int64)


def _joined(boxes: Floats) -> Floats:
    """Return the boxes round every eight."""
    places = np.arange(0, len(boxes), FAN)
    low, high = np.minimum.reduceat(boxes[:, :2], places), np.maximum.reduceat(boxes[:, 2:], places)
    return np.column_stack([low, high])
