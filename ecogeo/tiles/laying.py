"""Lay a large layer out on disk: block by block, or, of a kind that is read whole, by a process that ends with it."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from pathlib import Path

from ecogeo.catalog import LayerDeclaration
from ecogeo.errors import EcogeoError
from ecogeo.formats.blocks import can_stream
from ecogeo.layer import read_layer
from ecogeo.tiles.places import files_of, known_digest, pack_folder
from ecogeo.tiles.rows import RowStore, keep_rows, kept_rows, row_store
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

LARGE_BYTES = 64 << 20
"""About what 100,000 parcels take in a shapefile."""

_LAYING = threading.Lock()
_DIED = Text(
    "读取这个图层的进程意外结束（可能内存不足），请先转换为 GeoPackage 或 GeoParquet",
    "the process that read the layer ended unexpectedly (memory?): convert it to GeoPackage or GeoParquet first",
)


def is_read_apart(path: Path) -> bool:
    """Tell whether a file is of a kind that is read whole, and so large that a server should not hold it.

    Raises
    ------
    UnusableFileError
        Where it is of no known kind.
    """
    return sum(one.stat().st_size for one in files_of(path)) > LARGE_BYTES and not can_stream(path)


def laid_out(workspace: Workspace, name: str) -> RowStore:
    """Return the rows of a layer on disk, laid out if they are not there.

    Raises
    ------
    EcogeoError
        Where the layer cannot be used.
    """
    declared = workspace.catalog.layers[name]
    path = workspace.layer_folder / declared.path
    folder, sha256 = pack_folder(workspace).parent / "rows", known_digest(path)
    if (kept := kept_rows(declared, folder, sha256)) is not None:
        return kept
    with _LAYING:  # whoever waited for another finds what it laid out
        if can_stream(path):
            return row_store(path, declared, folder, sha256)
        return kept_rows(declared, folder, sha256) or _laid_apart(workspace, name, folder, sha256)


def _laid_apart(workspace: Workspace, name: str, folder: Path, sha256: str) -> RowStore:
    """Have a process of its own read a layer whole and lay it out."""
    declared = workspace.catalog.layers[name]
    asked = pickle.dumps((name, declared, workspace.layer_folder.absolute(), folder.absolute()))
    ended = subprocess.run(  # noqa: S603  this very interpreter on this very module
        [sys.executable, "-c", f"from {__name__} import answer; answer()"],
        input=asked,
        stdout=subprocess.PIPE,
        check=False,
    )
    problems: tuple[Text, ...] = pickle.loads(ended.stdout) if ended.returncode == 0 else (_DIED,)  # noqa: S301  ours
    if problems:
        raise EcogeoError(problems)
    if (made := kept_rows(declared, folder, sha256)) is None:
        raise EcogeoError(Text(f"{declared.shown_path}：没有写完整", f"{declared.shown_path}: not written whole"))
    return made


def answer() -> None:
    """Read the layer asked for on the standard input and lay it out; answer what is wrong with it."""
    name, declared, layers, folder = pickle.load(sys.stdin.buffer)  # noqa: S301  our parent's
    problems: tuple[Text, ...] = ()
    try:
        _lay(name, declared, layers, folder)
    except EcogeoError as error:
        problems = error.problems
    pickle.dump(problems, sys.stdout.buffer)


def _lay(name: str, declared: LayerDeclaration, layers: Path, folder: Path) -> None:
    keep_rows(read_layer(name, declared, layers), folder)
