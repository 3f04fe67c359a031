"""The tiles of a map: drawn when they are asked for, kept, and those of low zooms drawn ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecogeo.mapdata import DrawnLayer
from ecogeo.mapsigns import anchors
from ecogeo.tiles.asking import Hit, features_at, features_named
from ecogeo.tiles.grid import Tile, tiles_over
from ecogeo.tiles.keeping import TileShelf
from ecogeo.tiles.opening import held_pack
from ecogeo.tiles.picture import tile_png
from ecogeo.tiles.vector import tile_mvt
from ecogeo.wording import Lang
from ecogeo.workspace import Workspace

AHEAD_TILES = 64
"""Tiles drawn ahead for each layer: every zoom that takes no more, which are the slow ones."""

_MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A feature a search found.

    Parameters
    ----------
    layer
        Name of its layer.
    role
        The role the layer plays.
    kind
        The layer's title.
    key, name
        Key and name of the feature.
    lon, lat
        A point of it, degrees.
    """

    layer: str
    role: str
    kind: str
    key: str
    name: str
    lon: float
    lat: float


def packed_layer(workspace: Workspace, drawn: DrawnLayer) -> DrawnLayer:
    """Return a layer that pages draw themselves as the server draws it.

    Parameters
    ----------
    workspace
        The county.
    drawn
        The layer.
    """
    earlier = workspace.earlier_of_role(drawn.style.role)
    layer = earlier if earlier is not None and earlier.name == drawn.name else workspace.layer(drawn.name)
    kinds = dict(zip(drawn.ids, drawn.class_of, strict=True))
    pack = held_pack(workspace, layer, drawn.style)
    class_of = np.array([kinds.get(key, -1) for key in layer.ids], dtype=np.intp)
    return replace(drawn, pack=pack, class_of=class_of)


def drawn_png(layer: DrawnLayer, tile: Tile, shelf: TileShelf) -> bytes:
    """Return a tile of a layer as a picture, see `ecogeo.tiles.picture.tile_png`; empty bytes where nothing lies."""
    pack = layer.pack
    if pack is None:
        return b""
    classes = [drawn.entry for drawn in layer.classes]
    return shelf.tile(layer.drawn_from, "png", tile, lambda: tile_png(pack, classes, layer.class_of, tile))


def vector_tile(layer: DrawnLayer, tile: Tile, shelf: TileShelf) -> tuple[bytes, int]:
    """Return a tile of a layer for other programs, and how many features it leaves out."""
    pack = layer.pack
    if pack is None:
        return b"", 0

    def draw() -> bytes:
        data, left_out = tile_mvt(pack, layer.name, tile)
        return left_out.to_bytes(4, "big") + data

    kept = shelf.tile(pack.digest, "mvt", tile, draw)
    return kept[4:], int.from_bytes(kept[:4], "big")


def draw_ahead(layers: Sequence[DrawnLayer], shelf: TileShelf) -> int:
    """Draw the tiles of low zooms; return how many."""
    done = 0
    for layer in layers:
        for tile in _low_tiles(layer):
            drawn_png(layer, tile, shelf)
            done += 1
    return done


def _low_tiles(layer: DrawnLayer) -> Iterator[Tile]:
    box = None if layer.pack is None else layer.pack.box
    for zoom in range(6, 14):
        if box is None or len(tiles := tiles_over(box, zoom)) > AHEAD_TILES:
            return
        yield from tiles


def asked_at(
    layers: Sequence[DrawnLayer], lon: float, lat: float, zoom: float
) -> Iterator[tuple[DrawnLayer, tuple[Hit, ...]]]:
    """Yield the features of server-drawn layers that lie under a click, layer by layer as they are drawn, top first."""
    for layer in layers:
        if layer.pack is not None and (found := features_at(layer.pack, lon, lat, zoom)):
            yield layer, found


def hit_data(layer: DrawnLayer, hit: Hit, lang: Lang) -> dict[str, object]:
    """Return a hit as the page's script shows it."""
    facts = [[label.say(lang), value] for label, value in hit.facts]
    return {"layer": layer.name, "role": layer.style.role, "key": hit.key, "name": hit.name, "facts": facts}


def search(layers: Sequence[DrawnLayer], words: str, lang: Lang) -> tuple[tuple[Found, ...], int]:
    """Return the features whose key or name holds every word, and how many there are in all; exact ones first.

    Parameters
    ----------
    layers
        Where to look.
    words
        Words parted by blanks.
    lang
        Language of the layers' titles.
    """
    wanted = words.casefold().split()
    if not wanted:
        return (), 0
    found: list[Found] = []
    total = 0
    for layer in layers:
        title, role = layer.title.say(lang), layer.style.role
        if layer.pack is not None:
            hits, count = features_named(layer.pack, words, most=_MOST_FOUND)
            found += [Found(layer.name, role, title, hit.key, hit.name, hit.lon, hit.lat) for hit in hits]
            total += count
            continue
        for row, (key, name) in enumerate(zip(layer.ids, layer.names, strict=True)):
            said = f"{key} {name}".casefold()
            if all(word in said for word in wanted):
                total += 1
                lon, lat = anchors(layer.shapes[row])[0]
                found.append(Found(layer.name, role, title, key, name, lon, lat))
    whole = words.casefold().strip()
    found.sort(key=lambda one: whole not in (one.key.casefold(), one.name.casefold()))
    return tuple(found[:_MOST_FOUND]), total


def table_rows(layer: DrawnLayer, start: int, most: int, lang: Lang) -> tuple[list[str], list[list[str]]]:
    """Return the heads and some rows of a layer as a table: key, name, class and facts.

    Parameters
    ----------
    layer
        The layer.
    start, most
        First row and number of rows.
    lang
        Language of heads and classes.
    """
    kinds = [layer.classes[kind].entry.label.say(lang) for kind in layer.class_of[start : start + most]]
    if layer.pack is not None:
        heads = [label.say(lang) for label in layer.pack.labels]
        held = layer.pack.words().slice(start, most).to_pylist()
        rows = [[one["key"], one["name"], *(one[f"fact{place}"] for place in range(len(heads)))] for one in held]
    else:
        heads = [label.say(lang) for label, _ in layer.facts]
        columns = [values[start : start + most] for _, values in layer.facts]
        ids, names = layer.ids[start : start + most], layer.names[start : start + most]
        rows = [[key, name, *facts] for key, name, *facts in zip(ids, names, *columns, strict=True)]
    return heads, [[key, name, kind, *facts] for (key, name, *facts), kind in zip(rows, kinds, strict=True)]
