"""The arrays of zones, their cells and of sites, as compiled functions are handed them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ecogeo.kernel.compiled import Floats, Ints, Ints32, compiled, lean
from ecogeo.kernel.ellipsoid import TERMS, strip
from ecogeo.kernel.grid import Grid, node_y
from ecogeo.kernel.index import ZoneIndex
from ecogeo.kernel.polygons import Polygons


class Cells(NamedTuple):
    """What the cells of a `ZoneIndex` hold, the most edges of an entry, and every row's `strip` below its north end."""

    start: Ints
    entries: npt.NDArray[np.void]
    edges: Ints32
    known_m2: Floats
    most_edges: int
    strips: Floats


class Outlines(NamedTuple):
    """The arrays of `Polygons` that the walk needs."""

    lonlat: Floats
    ring_start: Ints
    feature_start: Ints


def cells_of(index: ZoneIndex) -> Cells:
    """Return what the cells of an index hold, for compiled functions."""
    most_edges = int(index.entries["edge_count"].max(initial=0))
    return Cells(index.cell_start, index.entries, index.edges, index.known_m2, most_edges, _strips(index.grid))


@compiled
def _strips(grid: Grid) -> Floats:
    strips, room = np.empty((grid.rows, TERMS + 1)), np.empty((4, TERMS + 1))
    for row in range(grid.rows):
        strip(node_y(grid, row + 1), strips[row], room)
    return strips


def outlines_of(polygons: Polygons) -> Outlines:
    """Return the arrays of polygons, for compiled functions."""
    return Outlines(polygons.lonlat, polygons.ring_start, polygons.feature_start)


@compiled
def gathered(outlines: Outlines, features: Ints) -> Outlines:
    """Copy some features next to one another: read at once, they do not keep the walk waiting for memory one by one.

    Parameters
    ----------
    outlines
        Of a whole layer.
    features
        Which of them, in the order wanted.
    """
    feature_start = np.zeros(len(features) + 1, np.int64)
    for k in range(len(features)):
        feature_start[k + 1] = outlines.feature_start[features[k] + 1] - outlines.feature_start[features[k]]
    feature_start[:] = np.cumsum(feature_start)
    ring_start = np.zeros(feature_start[-1] + 1, np.int64)
    ring = 0
    for feature in features:
        for k in range(outlines.feature_start[feature], outlines.feature_start[feature + 1]):
            ring_start[ring + 1] = ring_start[ring] + outlines.ring_start[k + 1] - outlines.ring_start[k]
            ring += 1
    lonlat = np.empty((ring_start[-1], 2))
    vertex = 0
    for feature in features:
        first, last = vertices_of(outlines, feature)
        for i in range(first, last):
            lonlat[vertex, 0], lonlat[vertex, 1] = outlines.lonlat[i, 0], outlines.lonlat[i, 1]
            vertex += 1
    return Outlines(lonlat, ring_start, feature_start)


@lean
def vertices_of(outlines: Outlines, feature: int) -> tuple[int, int]:
    """Return a feature's first vertex and the one after its last."""
    starts = outlines.feature_start
    return outlines.ring_start[starts[feature]], outlines.ring_start[starts[feature + 1]]
