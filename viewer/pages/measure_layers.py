"""The measures as layers of the county map: made when somebody switches one on, and kept."""

from __future__ import annotations

import threading
from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, jsonify, url_for

from ecogeo.board.measures import MEASURE_LAYERS, MeasureLayer, Picture, Shapes, as_geojson, measure_layer
from ecogeo.board.vocabulary import vocabulary
from ecogeo.errors import EcogeoError
from ecogeo.finding import Report
from ecogeo.mappaths import line_options, path_options
from viewer.languages import current_lang
from viewer.prepared import board, prepared

pages = Blueprint("measure_layers", __name__)

_KEPT = "ecogeo_measure_layers"
_PICTURE_Z, _SHAPES_Z = 350, 450


class Kept:
    """What was drawn of one report; a new report draws anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._report: Report | None = None
        self._drawn: dict[str, Shapes | Picture] = {}

    def drawn(self, layer: MeasureLayer) -> Shapes | Picture:
        """Return what a layer draws, made by whoever asks first while the others wait.

        Raises
        ------
        EcogeoError
            Where a layer it is measured on cannot be used.
        """
        report = board().report
        with self._lock:
            if self._report is not report:
                self._report, self._drawn = report, {}
            if layer.name not in self._drawn:
                self._drawn[layer.name] = layer.draw(prepared().workspace, report)
            return self._drawn[layer.name]


@pages.get("/api/measures/<name>.json")
def shapes(name: str) -> Response:
    """Return a measure as GeoJSON, or where its picture is and what it covers."""
    drawn = _drawn(name)
    if isinstance(drawn, Picture):
        west, south, east, north = drawn.bounds
        return jsonify(picture=url_for("measure_layers.picture", name=name), bounds=[[south, west], [north, east]])
    return jsonify(as_geojson(drawn, current_lang(), vocabulary(prepared().workspace.land_book())))


@pages.get("/api/measures/<name>.png")
def picture(name: str) -> Response:
    """Return the picture of a measure in cells."""
    drawn = _drawn(name)
    if not isinstance(drawn, Picture):
        abort(404)
    return Response(drawn.png, mimetype="image/png")


def there() -> tuple[MeasureLayer, ...]:
    """Return the measures that were taken in this county."""
    report = board().report
    return tuple(one for one in MEASURE_LAYERS if one.is_there(report))


def map_layers() -> list[dict[str, Any]]:
    """Return the measures as the map's script takes layers; all are off at first."""
    lang = current_lang()
    return [
        {
            "role": one.role,
            "name": one.role,
            "title": one.title.say(lang),
            "source": "",
            "pane": f"pane-{one.role}",
            "z": _PICTURE_Z if one.is_picture else _SHAPES_Z,
            "on": False,
            "variable": None,
            "records": None,
            "url": url_for("measure_layers.shapes", name=one.name),
            "tiles": None,
            "bounds": None,
            "canvas": False,
            "paints": [path_options(entry.paint) for entry in one.classes],
            "linePaints": [line_options(entry.paint) for entry in one.classes],
        }
        for one in there()
    ]


def _drawn(name: str) -> Shapes | Picture:
    layer = measure_layer(name)
    if layer is None or not layer.is_there(board().report):
        abort(404)
    kept = cast(Kept, current_app.extensions.setdefault(_KEPT, Kept()))
    try:
        return kept.drawn(layer)
    except (EcogeoError, LookupError):
        abort(404)
