"""An index of zones kept on disk beside their data, found again by the digest of the zones."""

from __future__ import annotations

import os
from pathlib import Path

from ecogeo.kernel.index import ZoneIndex
from ecogeo.kernel.polygons import Polygons

LEAST_VERTICES = 200_000
"""Fewer are indexed in less time than a file is opened in."""


def kept_index(zones: Polygons, folder: Path, digest: str) -> ZoneIndex:
    """Return the index of zones, from the disk if it was kept there, else built and kept.

    Parameters
    ----------
    zones
        Valid polygons in degrees.
    folder
        Where indexes are kept; made when the first is. A folder that cannot be written to keeps none.
    digest
        What names these very zones: other zones have another.
    """
    path = folder / f"{digest}.index"
    try:
        return ZoneIndex.load(path)
    except (OSError, ValueError, EOFError):
        index = ZoneIndex.build(zones)  # none was kept, or not whole
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        folder.mkdir(exist_ok=True)
        index.save(part)
        part.replace(path)
    except OSError:
        if folder.is_dir():
            part.unlink(missing_ok=True)
    return index
