"""Compile the kernel ahead of its first use: ``python -m ecogeo.kernel.ahead``, once after installing."""

from __future__ import annotations

import numpy as np
import shapely

from ecogeo.kernel import Lines, Polygons, ZoneIndex, area_m2, covers, length_m, overlap_area, overlap_length
from ecogeo.kernel.near import near, near_in_pairs
from ecogeo.kernel.runs import EdgeTree, runs_of


def compile_ahead() -> None:
    """Run everything that is compiled on a handful of squares; compiled code is kept on disk."""
    squares = np.array([shapely.box(109.0, 24.0, 109.2, 24.2), shapely.box(109.1, 24.0, 109.3, 24.2)], dtype=object)
    bow = shapely.Polygon([(109.0, 24.0), (109.2, 24.2), (109.2, 24.0), (109.0, 24.2)])
    zones = Polygons.from_wkb(*_wkb(squares))
    index = ZoneIndex.build(zones)
    touching, large = shapely.box(109.3, 24.0, 109.4, 24.2), shapely.box(108, 23, 110, 25)
    overlap_area(Polygons.of(np.array([*squares, bow, touching, large], dtype=object)), index)
    lines = Lines.of(np.array([shapely.boundary(squares[0]), shapely.boundary(bow)], dtype=object))
    overlap_length(lines, index)
    length_m(lines)
    area_m2(zones)
    covers(np.array([[109.1, 24.1], [109.3, 24.1]]), index)
    runs, each = runs_of(squares), np.arange(len(squares))
    near(runs, EdgeTree.of(squares), np.full(len(squares), np.inf), is_nearest=True)
    near_in_pairs(runs, runs, each, each)


def _wkb(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shapes as the buffers of a column of well-known binary."""
    blobs = shapely.to_wkb(shapes)
    offsets = np.cumsum([0, *map(len, blobs)]).astype(np.int64)
    return np.frombuffer(b"".join(blobs), dtype=np.uint8), offsets, np.zeros(len(blobs), dtype=bool)


if __name__ == "__main__":
    compile_ahead()
