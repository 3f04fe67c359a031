"""A layer on disk in flat arrays that are mapped, not read: a million parcels take no more memory than a tile needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ecogeo.tiles.grid import Box, Units, to_lonlat
from ecogeo.wording import Text

POINT, LINE, RING = 0, 1, 2
"""Kinds of parts."""

FORMAT = "ecogeo tiles 1"
KEY, NAME, CLASS = "key", "name", "class"
"""The first columns of the words."""


@dataclass(frozen=True, slots=True, eq=False)
class TilePack:
    """A layer ready for tiles, its features in the order of the file.

    Parameters
    ----------
    folder
        Where it lies.
    digest
        What names the content: same features and words, same digest.
    xy
        Shape (vertices, 2), int32, see `ecogeo.tiles.grid`.
    part_start
        Shape (parts + 1,), int64: where each part begins in `xy`.
    part_kind
        Shape (parts,), uint8: `POINT`, `LINE` or `RING`. Shells and holes run against each other; rings are closed.
    feature_start
        Shape (features + 1,), int64: where each feature begins among the parts.
    boxes
        Shape (features, 4), int32: west, north, east, south.
    areas
        Shape (features,), float32: area in square units, for features smaller than a pixel.
    class_of
        Shape (features,), int32: place of its value in `class_values`.
    class_values
        The values that tell classes apart.
    labels
        Names of the facts, as people read them.
    aside
        How many features cannot be drawn.
    repaired
        How many were made valid to be drawn.
    """

    folder: Path
    digest: str
    xy: Units
    part_start: npt.NDArray[np.int64]
    part_kind: npt.NDArray[np.uint8]
    feature_start: npt.NDArray[np.int64]
    boxes: Units
    areas: npt.NDArray[np.float32]
    class_of: npt.NDArray[np.int32]
    class_values: tuple[str, ...]
    labels: tuple[Text, ...]
    aside: int
    repaired: int

    @property
    def count(self) -> int:
        """How many features it has."""
        return len(self.boxes)

    @property
    def dimension(self) -> int:
        """0 for points, 1 for lines, 2 for areas: the highest that occurs."""
        return int(self.part_kind.max(initial=0))

    @property
    def box(self) -> Box | None:
        """What it covers; None where it has no feature."""
        if not self.count:
            return None
        west, north = (int(edge) for edge in self.boxes[:, :2].min(axis=0))
        east, south = (int(edge) for edge in self.boxes[:, 2:].max(axis=0))
        return west, north, east, south

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north in degrees; None where it has no feature."""
        if (box := self.box) is None:
            return None
        (west, north), (east, south) = to_lonlat(np.array([box[:2], box[2:]], dtype=np.int32)).tolist()
        return west, south, east, north

    def words(self) -> pa.Table:
        """Return the words of every feature, mapped from the disk: `KEY`, `NAME`, `CLASS`, then one column a fact."""
        return _mapped_words(self.folder / "words.arrow")

    def rows_in(self, box: Box) -> npt.NDArray[np.int64]:
        """Return the features whose boxes touch a box: four comparisons for each feature, in the order of the file."""
        west, north, east, south = box
        edges = self.boxes
        found = (edges[:, 0] <= east) & (edges[:, 2] >= west) & (edges[:, 1] <= south) & (edges[:, 3] >= north)
        return np.flatnonzero(found)


def _mapped_words(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def open_pack(folder: Path) -> TilePack | None:
    """Open a pack, or return None where there is none, or none that is whole."""
    try:
        told: dict[str, Any] = json.loads((folder / "pack.json").read_text("utf-8"))
        if told.get("format") != FORMAT:
            return None
        arrays = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in ("xy", "part_start", "part_kind", "feature_start", "boxes", "areas", "class_of")
        }
        words = _mapped_words(folder / "words.arrow").num_rows
    except (OSError, EOFError, ValueError, KeyError, TypeError, pa.ArrowException):  # none, or not whole
        return None
    if not len(arrays["boxes"]) == words == told["features"] == len(arrays["feature_start"]) - 1:
        return None
    return TilePack(
        folder=folder,
        digest=told["digest"],
        class_values=tuple(told["class_values"]),
        labels=tuple(Text(zh, en) for zh, en in told["labels"]),
        aside=int(told["aside"]),
        repaired=int(told["repaired"]),
        **arrays,
    )
