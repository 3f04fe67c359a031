"""Where on the map something is to be looked at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import shapely

from ecogeo.board.measures.drawn import Bounds
from ecogeo.layer import Layer

_WIDTH_PX, _HEIGHT_PX = 700.0, 460.0
_TILE_PX = 256.0
_NEAREST, _FARTHEST = 17.0, 8.0


def feature_bounds(layer: Layer | None, *, by_name: bool = False) -> Mapping[str, Bounds]:
    """Return west, south, east and north of each feature by its key or name, degrees; of several with one the whole."""
    if layer is None:
        return {}
    found: dict[str, Bounds] = {}
    for key, box in zip(layer.names if by_name else layer.ids, shapely.bounds(layer.geometries).tolist(), strict=True):
        if not np.isnan(box).any():
            found[key] = around([found[key], tuple(box)] if key in found else [tuple(box)])
    return found


def around(boxes: Iterable[Bounds]) -> Bounds:
    """Return the box around boxes.

    Examples
    --------
    >>> around([(0, 0, 1, 1), (2, -1, 3, 0)])
    (0, -1, 3, 1)
    """
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def view_of(box: Bounds) -> str:
    """Return the view that shows a box, as links of the map have it: latitude, longitude, zoom.

    Examples
    --------
    >>> view_of((109.0, 24.0, 109.2, 24.1))
    '24.05000,109.10000,12.25'
    """
    west, south, east, north = box
    middle = (south + north) / 2
    wide = max(east - west, 1e-9) / 360.0 * _TILE_PX
    high = max(north - south, 1e-9) / 360.0 * _TILE_PX / math.cos(math.radians(middle))
    zoom = min(math.log2(_WIDTH_PX / wide), math.log2(_HEIGHT_PX / high))
    kept = math.floor(max(_FARTHEST, min(_NEAREST, zoom)) * 4) / 4
    return f"{middle:.5f},{(west + east) / 2:.5f},{kept:g}"
