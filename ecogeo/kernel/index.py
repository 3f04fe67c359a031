"""Zones indexed once: a uniform grid that says, per cell, which zones cover it and with which edges."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecogeo.kernel.compiled import Floats, Ints, Ints32, compiled
from ecogeo.kernel.ellipsoid import MOST_DEGREES
from ecogeo.kernel.grid import Grid, box_of, cells_of_box, spread
from ecogeo.kernel.order import ordered
from ecogeo.kernel.polygons import Polygons, blocks_of

_EDGES_PER_CELL = 16
"""Fewer make more entries, which cost time and memory; with more, a site looks at more edges that are far from it."""
_CELLS_PER_VERTEX = 2
"""Zones that lie far apart leave most cells empty: more of those make the others smaller, but each takes room."""
_MOST_CELLS = 16_000_000
_MOST_VISITS = 40_000_000
_VERTICES_PER_BLOCK = 1 << 17
_MOST_VERTICES = 2**31 - 1


ENTRY = np.dtype(
    [
        ("zone", np.int32),
        ("winding", np.int32),
        ("edge_start", np.int32),
        ("edge_count", np.int32),
    ]
)
"""One zone in one cell: the zone's position, its winding number at the cell's node, and where its edges are among all
edges."""


@dataclass(frozen=True)
class ZoneIndex:
    """Zones and the grid over them.

    Parameters
    ----------
    zones
        The zones: valid polygons, which may overlap one another.
    grid
        The cells, numbered row by row from the south-west.
    cell_start
        Shape (cells + 1,): where each cell's entries begin.
    entries
        What the cells hold, by cell, then zone (`ENTRY`).
    edges
        Edges of the entries, each known by its first vertex in the zones.
    known_m2
        Shape (entries, 2): the area of an entry and a bound on its error, no number until a large site asked for it.
        Threads that ask at once write the same.
    """

    zones: Polygons
    grid: Grid
    cell_start: Ints
    entries: npt.NDArray[np.void]
    edges: Ints32
    known_m2: Floats

    @classmethod
    def build(cls, zones: Polygons, *, threads: int = 1) -> ZoneIndex:
        """Index zones.

        Parameters
        ----------
        zones
            Valid polygons in degrees; a zone without a ring, or with a coordinate that is no number, is in no cell.
        threads
            How many work at it; the index is the same for any number.

        Raises
        ------
        ValueError
            If the zones have more than 2³¹ − 1 vertices.
        """
        if len(zones.lonlat) > _MOST_VERTICES:
            raise ValueError(
                f"{len(zones.lonlat)} vertices are more than an index holds: build one per part of the zones"
            )
        boxes = np.empty((len(zones), 4))
        _boxes(zones.lonlat, zones.ring_start, zones.feature_start, boxes)
        grid = _grid_over(boxes, len(zones.lonlat))
        with ThreadPoolExecutor(threads) as pool:
            rows = blocks_of(zones.vertex_start, _VERTICES_PER_BLOCK)
            blocks = list(pool.map(lambda some: _block(zones, grid, boxes, *some), rows))
        return cls._with(zones, grid, *_merged(grid, blocks))

    @classmethod
    def _with(
        cls, zones: Polygons, grid: Grid, cell_start: Ints, entries: npt.NDArray[np.void], edges: Ints32
    ) -> ZoneIndex:
        return cls(zones, grid, cell_start, entries, edges, np.full((len(entries), 2), np.nan))

    def save(self, path: Path) -> None:
        """Write the index and its zones to one file of numpy arrays, the same bytes for the same zones."""
        arrays = {
            **{f"zones_{name}": array for name, array in vars(self.zones).items()},
            "grid": np.array(self.grid, dtype=np.float64),
            "cell_start": self.cell_start,
            "entries": self.entries,
            "edges": self.edges,
        }
        with path.open("wb") as file:
            for array in arrays.values():
                np.save(file, array, allow_pickle=False)

    @classmethod
    def load(cls, path: Path) -> ZoneIndex:
        """Read an index that `save` wrote.

        Raises
        ------
        OSError, ValueError
            If there is no such file, or it is not whole: build the index anew.
        """
        with path.open("rb") as file:
            arrays = [np.load(file, allow_pickle=False) for _ in range(8)]
        west, south, width, height, columns, rows = arrays[4].tolist()
        grid = Grid(west, south, width, height, int(columns), int(rows))
        cell_start, entries, edges = arrays[5:]
        if entries.dtype != ENTRY:
            raise ValueError("an index of another make")
        return cls._with(Polygons(*arrays[:4]), grid, cell_start, entries, edges)


def _grid_over(boxes: Floats, vertices: int) -> Grid:
    """Choose cells that are about square on the ground and hold few edges each."""
    known = boxes[boxes[:, 0] <= boxes[:, 2]]
    if not len(known):
        return Grid(0.0, 0.0, 1.0, 1.0, 1, 1)
    west, south = known[:, 0].min(), known[:, 1].min()
    extent_x = max(known[:, 2].max() - west, 1e-6) * (1 + 1e-9)
    extent_y = max(known[:, 3].max() - south, 1e-6) * (1 + 1e-9)
    widths, heights = known[:, 2] - known[:, 0], known[:, 3] - known[:, 1]
    squeeze = max(math.cos(math.radians(min(abs(south + extent_y / 2), 85.0))), 0.05)
    covered = min(float(np.sum(widths * heights)) / (extent_x * extent_y), 1.0)
    wanted = min(vertices / _EDGES_PER_CELL / max(covered, 1e-9), _CELLS_PER_VERTEX * vertices)
    cells = min(max(wanted, 1024), _MOST_CELLS)
    while True:
        side = max(math.sqrt(extent_x * squeeze * extent_y / cells), 1e-6, extent_y / cells, extent_x * squeeze / cells)
        columns = max(1, math.ceil(extent_x * squeeze / side))
        rows = max(1, math.ceil(extent_y / min(side, MOST_DEGREES)))
        visits = float(np.sum((widths * columns / extent_x + 2) * (heights * rows / extent_y + 2)))
        if visits <= max(_MOST_VISITS, 16 * len(known)):
            return Grid(float(west), float(south), extent_x / columns, extent_y / rows, columns, rows)
        cells /= 2


@compiled
def _boxes(lonlat: Floats, ring_start: Ints, feature_start: Ints, boxes: Floats) -> None:
    for feature in range(len(feature_start) - 1):
        box = box_of(lonlat, ring_start[feature_start[feature]], ring_start[feature_start[feature + 1]])
        boxes[feature, 0], boxes[feature, 1], boxes[feature, 2], boxes[feature, 3] = box


_Block = tuple[Ints, npt.NDArray[np.void], Ints32]
"""Cell of each entry, the entries, and their edges."""


def _block(zones: Polygons, grid: Grid, boxes: Floats, first: int, last: int) -> _Block:
    room = np.empty(1024, ENTRY)
    return _entries_of(grid, zones.lonlat, zones.ring_start, zones.feature_start, boxes, first, last, room)


@compiled
def _entries_of(
    grid: Grid,
    lonlat: Floats,
    ring_start: Ints,
    feature_start: Ints,
    boxes: Floats,
    first: int,
    last: int,
    entries: npt.NDArray[np.void],
) -> _Block:
    """Return the entries of some zones, zone by zone; `entries` is room to begin with."""
    cell, edges = np.empty(len(entries), np.int64), np.empty(1024, np.int32)
    used, edges_used = 0, 0
    for zone in range(first, last):
        span = cells_of_box(grid, (boxes[zone, 0], boxes[zone, 1], boxes[zone, 2], boxes[zone, 3]))
        if span[2] < span[0]:
            continue
        first_ring, last_ring = feature_start[zone], feature_start[zone + 1]
        winding, start, found = spread(grid, span, lonlat, ring_start, first_ring, last_ring)
        entries, cell = _grown(entries, used + len(winding)), _grown(cell, used + len(winding))
        edges = _grown(edges, edges_used + len(found))
        edges[edges_used : edges_used + len(found)] = found
        across = span[2] - span[0] + 1
        for k in range(len(winding)):
            count = start[k + 1] - start[k]
            if winding[k] == 0 and count == 0:
                continue
            column, row = span[0] + k % across, span[1] + k // across
            entry = entries[used]
            entry.zone, entry.winding = zone, winding[k]
            entry.edge_start, entry.edge_count = edges_used + start[k], count
            cell[used] = row * grid.columns + column
            used += 1
        edges_used += len(found)
    return cell[:used], entries[:used], edges[:edges_used]


@compiled
def _grown(array: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    """Return an array with room for so many, the same one if it has."""
    if room <= len(array):
        return array
    larger = np.empty(room + len(array), array.dtype)
    larger[: len(array)] = array
    return larger


def _merged(grid: Grid, blocks: list[_Block]) -> tuple[Ints, npt.NDArray[np.void], Ints32]:
    """Put the entries of all blocks in order of cell, then zone."""
    begins = np.cumsum([0, *(len(edges) for _, _, edges in blocks)])
    for begin, (_, entries, _) in zip(begins, blocks, strict=False):
        entries["edge_start"] += begin
    cell = np.concatenate([np.empty(0, np.int64), *(cell for cell, _, _ in blocks)])
    entries = np.concatenate([np.empty(0, ENTRY), *(entries for _, entries, _ in blocks)])
    edges = np.concatenate([np.empty(0, np.int32), *(edges for _, _, edges in blocks)])
    start, order = ordered(cell, grid.columns * grid.rows)
    return start, entries[order], edges
