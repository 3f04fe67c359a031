"""Which layers of a county are too large for a page, and their packs."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from ecogeo.errors import EcogeoError
from ecogeo.formats.addresses import is_postgis
from ecogeo.formats.blocks import can_stream, open_blocks
from ecogeo.layer import Layer, digest
from ecogeo.style import LayerStyle
from ecogeo.tiles.keeping import TileShelf
from ecogeo.tiles.pack import TilePack
from ecogeo.tiles.packing import pack_blocks, pack_layer
from ecogeo.workspace import Workspace


def pack_folder(workspace: Workspace) -> Path:
    """Return where a county's packs and tiles are kept: beside its layers, or for this run only where it is closed."""
    beside = workspace.layer_folder / ".index" / "tiles"
    there = next(path for path in (beside, *beside.parents) if path.exists())
    return beside if os.access(there, os.W_OK) else _for_this_run(workspace.layer_folder)


def county_shelf(workspace: Workspace) -> TileShelf:
    """Return where a county's tiles are kept."""
    return TileShelf(pack_folder(workspace) / "tiles.sqlite")


def features_declared(workspace: Workspace, name: str) -> int | None:
    """Return how many features the file of a layer holds, without reading them; None where only reading tells.

    Parameters
    ----------
    workspace
        The county.
    name
        The layer's declared name.
    """
    declared = workspace.catalog.layers[name]
    path = workspace.layer_folder / declared.path
    if is_postgis(declared.path) or not path.exists():
        return None
    try:
        return open_blocks(path, declared.layer).features if can_stream(path) else None
    except EcogeoError:
        return None  # reading it whole says what is wrong


def streamed_pack(workspace: Workspace, name: str, style: LayerStyle) -> TilePack:
    """Return the pack of a layer that is read block by block.

    Raises
    ------
    UnusableFileError
        Where the file cannot be used.
    """
    declared = workspace.catalog.layers[name]
    path = workspace.layer_folder / declared.path
    return pack_blocks(path, declared, style, pack_folder(workspace), digest(path))


def held_pack(workspace: Workspace, layer: Layer, style: LayerStyle) -> TilePack:
    """Return the pack of a layer that is in memory."""
    return pack_layer(layer, style, pack_folder(workspace))


@cache
def _for_this_run(folder: Path) -> Path:
    """Return a folder of this run's own: nobody else can have put anything there."""
    del folder
    return Path(tempfile.mkdtemp(prefix="ecogeo-tiles-"))
