"""Compact sites grown on a surface of suitability, the best first."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.ndimage

from ecogeo.raster import Window
from ecogeo.siting.grid import Flags
from ecogeo.siting.surface import FREE, Surface

Scores = npt.NDArray[np.float32]
_Places = npt.NDArray[np.intp]

_ROUND = 0.5
"""How much a compact outline weighs against the score of a cell: at the distance of a circle's rim, so much."""


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """A site of cells.

    Parameters
    ----------
    window
        The part of the grid it was grown in.
    cells
        Shape of the window: the cells it holds.
    score
        Mean score of its cells.
    """

    window: Window
    cells: Flags
    score: float


def grow_sites(surface: Surface, scores: Scores, area_m2: float, taken: Flags) -> Iterator[Grown]:
    """Grow sites of an area from the best places on, each clear of those taken before.

    A place is as good as the free ground around it, in a square of that area; from it a site grows cell by cell, the
    better and nearer first, so that it stays round where it can and fits between what blocks where it must.

    Parameters
    ----------
    surface
        The surface.
    scores
        Shape of the grid: the score of each cell, NaN where it is not free.
    area_m2
        Least area of a site.
    taken
        Shape of the grid: cells that belong to a site already. It is read anew before each site, and what was tried
        without success is not tried again.
    """
    cell_m2 = surface.grid.cell_m**2
    count = max(math.ceil(area_m2 / cell_m2), 1)
    side = max(round(math.sqrt(count)), 1)
    rows, columns, worth = _peaks(surface, scores, count, side)
    order = np.argsort(-worth, kind="stable")
    tried = np.zeros_like(taken)
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if taken[row, column] or tried[row, column]:
            continue
        grown = _grown_from((row, column), scores, taken, count, side)
        place = (slice(grown.window.top, grown.window.bottom), slice(grown.window.left, grown.window.right))
        tried[place] |= grown.cells
        if grown.cells.sum() >= count:
            yield grown


def _peaks(surface: Surface, scores: Scores, count: int, side: int) -> tuple[_Places, _Places, Scores]:
    """Return row, column and worth of the cells to begin at: the best of their surroundings, on free ground enough."""
    is_wide = _in_wide_parts(surface.state == FREE, count)
    worth = np.where(is_wide, scores, np.float32(0.0))
    np.nan_to_num(worth, copy=False)
    around = scipy.ndimage.uniform_filter(worth, size=side, mode="constant", output=np.float32)
    highest = scipy.ndimage.maximum_filter(around, size=max(side // 2, 3), output=worth)
    is_wide &= around == highest
    rows, columns = np.nonzero(is_wide)
    return rows, columns, around[rows, columns]


def _in_wide_parts(is_free: Flags, count: int) -> Flags:
    """Tell which cells lie in a connected part of at least so many free cells: in no other can a site grow."""
    parts, _ = scipy.ndimage.label(is_free, output=np.int32)
    is_enough = np.bincount(parts.ravel()) >= count
    is_enough[0] = False
    wide: Flags = is_enough[parts]
    return wide


def _grown_from(seed: tuple[int, int], scores: Scores, taken: Flags, count: int, side: int) -> Grown:
    """Grow a site from a cell until it has so many, or nothing free is left beside it."""
    reach = 2 * side + 3
    top, left = max(seed[0] - reach, 0), max(seed[1] - reach, 0)
    bottom, right = min(seed[0] + reach + 1, scores.shape[0]), min(seed[1] + reach + 1, scores.shape[1])
    part = scores[top:bottom, left:right]
    is_open = ~np.isnan(part) & ~taken[top:bottom, left:right]
    cells = np.zeros(part.shape, dtype=bool)
    rim_2 = count / math.pi
    start = (seed[0] - top, seed[1] - left)
    waiting: list[tuple[float, int, int]] = [(0.0, *start)]
    is_open[start] = False
    held, total = 0, 0.0
    while waiting and held < count:
        _, row, column = heapq.heappop(waiting)
        cells[row, column] = True
        held, total = held + 1, total + float(part[row, column])
        for beside in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if 0 <= beside[0] < part.shape[0] and 0 <= beside[1] < part.shape[1] and is_open[beside]:
                is_open[beside] = False
                far_2 = (beside[0] - start[0]) ** 2 + (beside[1] - start[1]) ** 2
                heapq.heappush(waiting, (_ROUND * far_2 / rim_2 - float(part[beside]), *beside))
    return Grown(Window(top, bottom, left, right), cells, total / held)
