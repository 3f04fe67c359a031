"""Where what is worked out of a county's layers is kept, and what names a layer's content."""

from __future__ import annotations

import os
import tempfile
from functools import cache, lru_cache
from glob import escape
from pathlib import Path

from ecogeo.layer import digest
from ecogeo.workspace import Workspace

Stamps = tuple[tuple[str, int, int, int], ...]


def pack_folder(workspace: Workspace) -> Path:
    """Return where a county's packs and tiles are kept: beside its layers, or for this run only where it is closed."""
    beside = workspace.layer_folder / ".index" / "tiles"
    there = next(path for path in (beside, *beside.parents) if path.exists())
    return beside if os.access(there, os.W_OK) else _for_this_run(workspace.layer_folder)


def known_digest(path: Path) -> str:
    """Return the digest of a file as `ecogeo.layer.digest` does, worked out once for as long as nobody writes to it.

    Who wrote to it is told by size, number and time of last change of all the files it is made of.
    """
    return _digest_of(path.absolute(), stamps_of(path))


def stamps_of(path: Path) -> Stamps:
    """Return what tells whether somebody wrote to a layer: name, size, time of last change and number of its files."""
    return tuple((one.name, *_stamp(one)) for one in files_of(path))


def files_of(path: Path) -> list[Path]:
    """Return the files a layer is made of: those of a folder, a shapefile with its companions, else the file itself."""
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.is_file())
    return sorted(path.parent.glob(f"{escape(path.stem)}.*")) if path.suffix.lower() == ".shp" else [path]


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


@lru_cache(maxsize=256)
def _digest_of(path: Path, _stamps: Stamps) -> str:
    return digest(path)


@cache
def _for_this_run(folder: Path) -> Path:
    """Return a folder of this run's own: nobody else can have put anything there."""
    del folder
    return Path(tempfile.mkdtemp(prefix="ecogeo-tiles-"))
