"""A raster of classes among the layers of a map told as plain data: one picture, and what its colours mean."""

from __future__ import annotations

import base64
from typing import Any

from ecogeo.cells import CellLayer, CellPicture
from ecogeo.present.plain_map import pair


def plain_cells(layer: CellLayer) -> dict[str, Any]:
    """Return a raster as a layer of the map, below all others and off at first; its picture comes with `drawn_cells`.

    Parameters
    ----------
    layer
        The raster.
    """
    return {
        "name": layer.name,
        "role": layer.role,
        "title": pair(layer.title),
        "source": layer.source,
        "on": False,
        "order": -1,
        "dimension": 2,
        "canvas": False,
        "count": None,
        "aside": 0,
        "classes": [],
    }


def drawn_cells(picture: CellPicture, url: str = "") -> dict[str, Any]:
    """Return the picture of a raster and its classes.

    Parameters
    ----------
    picture
        The picture.
    url
        Where it lies; empty puts it into the data itself.
    """
    held = url or f"data:image/png;base64,{base64.b64encode(picture.png).decode('ascii')}"
    west, south, east, north = picture.bounds
    return {
        "image": {"url": held, "bounds": [[south, west], [north, east]]},
        "classes": [
            {
                "label": pair(one.label),
                "count": None,
                "values": [],
                "paint": {"color": "#4a5763", "weight": 1, "fill": True, "fillColor": one.colour, "fillOpacity": 1},
                "line": {},
            }
            for one in picture.classes
        ],
    }
