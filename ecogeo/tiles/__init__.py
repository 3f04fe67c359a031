"""Layers of any size as tiles: kept on disk in flat arrays, drawn by the server, asked by a click or a word."""

from ecogeo.tiles.asking import Hit, features_at, features_named
from ecogeo.tiles.keeping import TileShelf
from ecogeo.tiles.pack import TilePack
from ecogeo.tiles.packing import pack_blocks, pack_layer
from ecogeo.tiles.picture import tile_png
from ecogeo.tiles.vector import tile_mvt

__all__ = [
    "Hit",
    "TilePack",
    "TileShelf",
    "features_at",
    "features_named",
    "pack_blocks",
    "pack_layer",
    "tile_mvt",
    "tile_png",
]
