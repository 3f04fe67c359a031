"""Which layers of a county are too large for a page, and their packs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ecogeo.errors import EcogeoError
from ecogeo.formats.addresses import is_postgis
from ecogeo.formats.blocks import can_stream, open_blocks
from ecogeo.layer import Layer
from ecogeo.style import LayerStyle
from ecogeo.tiles.keeping import TileShelf
from ecogeo.tiles.laying import is_read_apart, laid_out
from ecogeo.tiles.pack import TilePack
from ecogeo.tiles.packing import pack_blocks, pack_layer, pack_rows
from ecogeo.tiles.places import Stamps, known_digest, pack_folder, stamps_of
from ecogeo.workspace import Workspace


def county_shelf(workspace: Workspace) -> TileShelf:
    """Return where a county's tiles are kept."""
    return TileShelf(pack_folder(workspace) / "tiles.sqlite")


def features_declared(workspace: Workspace, name: str) -> int | None:
    """Return how many features the file of a layer holds, without holding them; None where only that would tell.

    A large file of a kind that cannot be read in blocks is laid out on disk first, by a process of its own.

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
        if can_stream(path):
            return _features(path.absolute(), declared.layer, stamps_of(path))
        return len(laid_out(workspace, name)) if is_read_apart(path) else None
    except EcogeoError:
        return None  # reading it whole says what is wrong


@lru_cache(maxsize=256)
def _features(path: Path, layer: str, _stamps: Stamps) -> int:
    """Return how many features a file holds, counted once for as long as nobody writes to it."""
    return open_blocks(path, layer).features


def streamed_pack(workspace: Workspace, name: str, style: LayerStyle) -> TilePack:
    """Return the pack of a layer that is read block by block, or was laid out on disk.

    Raises
    ------
    UnusableFileError
        Where the file cannot be used.
    """
    declared = workspace.catalog.layers[name]
    path = workspace.layer_folder / declared.path
    if not can_stream(path):
        return pack_rows(laid_out(workspace, name), declared, style, pack_folder(workspace), known_digest(path))
    return pack_blocks(path, declared, style, pack_folder(workspace), known_digest(path))


def held_pack(workspace: Workspace, layer: Layer, style: LayerStyle) -> TilePack:
    """Return the pack of a layer that is in memory."""
    return pack_layer(layer, style, pack_folder(workspace))
