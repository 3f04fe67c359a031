"""Layers of any size: their tiles, what lies under a click, what is called so, and their features as a table."""

from __future__ import annotations

import math

from flask import Blueprint, Response, abort, jsonify, render_template, request

from ecogeo.mapdata import DrawnLayer
from ecogeo.maptiles import asked_at, drawn_png, hit_data, search, table_rows, vector_tile
from ecogeo.tiles.grid import MOST_ZOOM, Tile
from viewer.languages import current_lang
from viewer.prepared import board, prepared

pages = Blueprint("tiles", __name__)

_ROWS = 200
_MOST_WORDS = 200
_YEAR_S = 365 * 24 * 3600
_MVT = "application/vnd.mapbox-vector-tile"


@pages.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.png")
def picture(layer: str, z: int, x: int, y: int) -> Response:
    """Return a tile of a layer as a picture."""
    drawn, tile = _asked(layer, z, x, y)
    data = drawn_png(drawn, tile, prepared().shelf)
    if not data:
        return _kept(Response(status=204), drawn)
    return _kept(Response(data, mimetype="image/png"), drawn)


@pages.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt")
def vector(layer: str, z: int, x: int, y: int) -> Response:
    """Return a tile of a layer for other programs; a header says how many features are too small for it."""
    drawn, tile = _asked(layer, z, x, y)
    data, left_out = vector_tile(drawn, tile, prepared().shelf)
    response = Response(data, mimetype=_MVT) if data else Response(status=204)
    response.headers["X-Left-Out"] = str(left_out)
    return _kept(response, drawn)


@pages.get("/api/identify")
def identify() -> Response:
    """Return the features of server-drawn layers under a click: ``lon``, ``lat``, ``zoom`` and ``layers``."""
    lon, lat, zoom = (request.args.get(name, math.nan, type=float) for name in ("lon", "lat", "zoom"))
    if not (abs(lon) <= 180 and abs(lat) <= 90 and 0 <= zoom <= MOST_ZOOM + 1):
        abort(400)
    wanted = request.args.get("layers")
    layers = [layer for layer in _tiled() if wanted is None or layer.name in wanted.split(",")]
    lang = current_lang()
    return jsonify([hit_data(layer, hit, lang) for layer, hits in asked_at(layers, lon, lat, zoom) for hit in hits])


@pages.get("/api/search")
def find() -> Response:
    """Return features by words of their key or name: ``q``."""
    found, total = search(board().county.layers, request.args.get("q", "")[:_MOST_WORDS], current_lang())
    return jsonify(
        total=total,
        found=[
            {
                "layer": one.layer,
                "role": one.role,
                "kind": one.kind,
                "key": one.key,
                "name": one.name,
                "point": [one.lat, one.lon],
            }
            for one in found
        ],
    )


@pages.get("/layers/<name>")
def table(name: str) -> str:
    """Show the features of a layer as a table, some at a time."""
    layer = board().county.drawn(name)
    if layer is None:
        abort(404)
    last = max(1, math.ceil(layer.count / _ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    heads, rows = table_rows(layer, (page - 1) * _ROWS, _ROWS, current_lang())
    return render_template(
        "layer.html", layer=layer, heads=heads, rows=rows, page=page, last=last, first_row=(page - 1) * _ROWS
    )


def _tiled() -> list[DrawnLayer]:
    county = board().county
    return [layer for layer in (*county.layers, *county.earlier) if layer.drawing == "tiles"]


def _asked(name: str, z: int, x: int, y: int) -> tuple[DrawnLayer, Tile]:
    """Return the layer and tile of an address; there may be none such."""
    tile = Tile(z, x, y)
    layer = board().county.drawn(name) if tile.is_there else None
    if layer is None:
        abort(404)
    return prepared().packed(layer), tile


def _kept(response: Response, layer: DrawnLayer) -> Response:
    """Let a browser keep a tile whose address names what it was drawn from; others it asks for anew."""
    if request.args.get("v") == layer.drawn_from:
        response.cache_control.private = True
        response.cache_control.max_age = _YEAR_S
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    return response
