"""Rasters of land cover for the county map: what each class is painted, and the picture itself."""

from __future__ import annotations

import threading
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, url_for

from ecogeo.cells import CellLayer, CellPicture, cell_layers, draw_cells
from ecogeo.errors import EcogeoError
from ecogeo.workspace import Workspace
from viewer.languages import current_lang
from viewer.prepared import prepared

pages = Blueprint("cells", __name__)

_HELD = "ecogeo_cells"
_HOUR_S = 3600


class _Pictures:
    """Pictures of a county's rasters, each drawn by whoever asks first while the others wait."""

    def __init__(self) -> None:
        self._drawn: dict[str, CellPicture] = {}
        self._county: Workspace | None = None
        self._lock = threading.Lock()

    def of(self, county: Workspace, layer: CellLayer) -> CellPicture:
        """Return the picture of a raster; a county that was read anew has its own."""
        with self._lock:
            if self._county is not county:
                self._county, self._drawn = county, {}
            if layer.name not in self._drawn:
                self._drawn[layer.name] = draw_cells(county, layer)
            return self._drawn[layer.name]


@pages.record_once
def _registered(state: Any) -> None:  # noqa: ANN401  Flask's own
    state.app.extensions[_HELD] = _Pictures()


@pages.get("/api/cells/<name>")
def told(name: str) -> tuple[Response, int] | Response:
    """Return where the picture of a raster lies, and its classes."""
    try:
        picture = drawn_picture(name)
    except EcogeoError as error:
        return jsonify(error=error.say(current_lang())), 409
    west, south, east, north = picture.bounds
    return jsonify(
        url=url_for("cells.picture", name=name),
        bounds=[[south, west], [north, east]],
        classes=[{"label": one.label.say(current_lang()), "colour": one.colour} for one in picture.classes],
        pixelM=picture.pixel_m,
        cellM=picture.cell_m,
    )


@pages.get("/api/cells/<name>.png")
def picture(name: str) -> Response:
    """Return a raster as a picture."""
    try:
        made = drawn_picture(name)
    except EcogeoError:
        abort(409)
    response = Response(made.png, mimetype="image/png")
    response.cache_control.private = True
    response.cache_control.max_age = _HOUR_S
    return response


def drawn_picture(name: str) -> CellPicture:
    """Return the picture of a raster by its name; there is no page for one the county has not.

    Raises
    ------
    EcogeoError
        Where it cannot be drawn.
    """
    layer = next((one for one in cell_layers(prepared().workspace) if one.name == name), None)
    if layer is None:
        abort(404)
    held: _Pictures = current_app.extensions[_HELD]
    return held.of(prepared().workspace, layer)


def cells_data() -> dict[str, list[dict[str, Any]]]:
    """Return the rasters as the map's script takes layers: those of now, and earlier versions."""
    found = [(layer, _as_layer(layer)) for layer in cell_layers(prepared().workspace)]
    return {
        "layers": [told for layer, told in found if not layer.name.endswith(".earlier")],
        "earlier": [told for layer, told in found if layer.name.endswith(".earlier")],
    }


def _as_layer(layer: CellLayer) -> dict[str, Any]:
    suffix = "-earlier" if layer.name.endswith(".earlier") else ""
    return {
        "role": layer.role,
        "name": layer.name,
        "title": layer.title.say(current_lang()),
        "source": layer.source,
        "pane": f"pane-{layer.role}{suffix}",
        "on": False,
        "variable": None,
        "records": None,
        "url": None,
        "tiles": None,
        "bounds": None,
        "canvas": False,
        "paints": [],
        "linePaints": [],
        "cells": url_for("cells.told", name=layer.name),
    }
