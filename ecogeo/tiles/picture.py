"""Draw a tile of a layer as a picture, by the same style as the page and its legend."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from ecogeo.style import LayerClass, Paint
from ecogeo.tiles.grid import TILE_PX, WORLD_BITS, Tile
from ecogeo.tiles.pack import TilePack
from ecogeo.tiles.painting import paint

_MARGIN_PX = 16
"""Ground drawn around a tile, so that lines, points and hatches meet those of the next."""

_HATCH_PERIOD_PX = 9.0
_HATCH_HALF_PX = 0.65
_HATCH_OPACITY = 0.75

Plane = npt.NDArray[np.float64]


def tile_png(pack: TilePack, classes: Sequence[LayerClass], class_of: npt.NDArray[np.int64], tile: Tile) -> bytes:
    """Draw a tile.

    Parameters
    ----------
    pack
        The layer.
    classes
        The classes of its legend, what is drawn on top first.
    class_of
        Shape (features,): place of each feature's class; -1 leaves it out.
    tile
        Which tile.

    Returns
    -------
    A PNG of 256 by 256 pixels, clear where nothing lies; empty bytes where nothing lies at all.
    """
    margin = _MARGIN_PX / TILE_PX
    rows = pack.rows_in(tile.box(margin))
    kinds = class_of[rows]
    rows, kinds = rows[kinds >= 0], kinds[kinds >= 0]
    if not len(rows):
        return b""
    size = TILE_PX + 2 * _MARGIN_PX
    fill = np.zeros((len(classes), size, size + 1))
    edge = np.zeros((len(classes), size, size), dtype=np.float32)
    paints = [entry.paint for entry in classes]
    scale = 2.0 ** (tile.z + 8 - WORLD_BITS)
    paint(
        pack.xy,
        pack.part_start,
        pack.part_kind,
        pack.feature_start,
        pack.boxes,
        pack.areas,
        rows,
        kinds.astype(np.int64),
        tile.x * tile.units - _MARGIN_PX / scale,
        tile.y * tile.units - _MARGIN_PX / scale,
        scale,
        np.array([one.edge_px / 2 for one in paints]),
        np.array([(one.line_px or one.edge_px) / 2 for one in paints]),
        np.array([one.radius_px for one in paints]),
        _dashes(paints),
        fill,
        edge,
    )
    inner = slice(_MARGIN_PX, _MARGIN_PX + TILE_PX)
    cover = np.clip(np.cumsum(fill, axis=2), 0.0, 1.0)[:, inner, inner]
    return _png(_composed(paints, cover, edge[:, inner, inner].astype(float), tile))


def _composed(paints: Sequence[Paint], fills: Plane, edges: Plane, tile: Tile) -> npt.NDArray[np.uint8]:
    """Lay fills, hatches and edges over one another, the last class lowest."""
    colour = np.zeros((TILE_PX, TILE_PX, 3))
    alpha = np.zeros((TILE_PX, TILE_PX))
    for place in range(len(paints) - 1, -1, -1):
        one, fill, edge = paints[place], fills[place], edges[place]
        if one.fill_opacity > 0:
            _over(colour, alpha, one.fill, fill * one.fill_opacity)
        if one.hatch:
            _over(colour, alpha, one.edge, fill * _hatch(one.hatch, tile) * _HATCH_OPACITY)
        _over(colour, alpha, one.edge, edge)
    shown = np.divide(colour, alpha[..., None], out=np.zeros_like(colour), where=alpha[..., None] > 0)
    return np.round(np.concatenate([shown, alpha[..., None] * 255.0], axis=2)).astype(np.uint8)


def _over(colour: Plane, alpha: Plane, hue: str, cover: Plane) -> None:
    """Lay a colour over what is there; `colour` is held multiplied by its opacity."""
    value = np.array([int(hue[at : at + 2], 16) for at in (1, 3, 5)], dtype=float)
    colour *= (1.0 - cover)[..., None]
    colour += cover[..., None] * value
    alpha *= 1.0 - cover
    alpha += cover


def _hatch(kind: str, tile: Tile) -> Plane:
    """Return where the lines of a hatch run; they meet those of the next tile."""
    column = np.arange(TILE_PX) + 0.5 + tile.x * TILE_PX
    row = np.arange(TILE_PX)[:, None] + 0.5 + tile.y * TILE_PX
    rising, falling = (column + row) / np.sqrt(2.0), (column - row) / np.sqrt(2.0)
    lines = {"rising": [rising], "falling": [falling], "cross": [rising, falling]}[kind]
    shown = np.zeros((TILE_PX, TILE_PX))
    for across in lines:
        off = np.abs(across % _HATCH_PERIOD_PX - _HATCH_PERIOD_PX / 2)
        shown = np.maximum(shown, np.clip(_HATCH_HALF_PX + 0.5 - off, 0.0, 1.0))
    return shown


def _dashes(paints: Sequence[Paint]) -> Plane:
    """Return the dashes of each class, padded by zeros; lines of an odd number of lengths are not in use."""
    lengths = [[float(part) for part in one.dash.split()] for one in paints]
    padded = np.zeros((len(paints), max(2, *(len(some) for some in lengths)) if lengths else 2))
    for place, some in enumerate(lengths):
        padded[place, : len(some)] = some
    return padded


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "PNG", compress_level=6)
    return held.getvalue()
