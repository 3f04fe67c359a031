"""What a map's page needs beside what Folium built: words, signs and styles, as data and never as markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecogeo.board.records import GRAVEST_FIRST
from ecogeo.mapdata import DrawnLayer
from ecogeo.mappaths import hatch_id, line_options, pane_of, path_options
from ecogeo.palette import ANSWER_MARKS
from ecogeo.webmap import WebMap
from ecogeo.wording import Lang


def page_data(
    web_map: WebMap,
    lang: Lang,
    layer_url: Callable[[str], str],
    *,
    tile_url: Callable[[DrawnLayer], str] | None = None,
) -> dict[str, Any]:
    """Return what the page's script needs beside what Folium built: words, signs and styles, as data.

    Parameters
    ----------
    web_map
        The map.
    lang
        Language of labels; words of the data are not translated.
    layer_url
        Address of a layer's features by its declared name, for layers that are fetched.
    tile_url
        Address of the tiles of a layer, with ``{z}``, ``{x}`` and ``{y}``; None where no layer is drawn by the server.
    """
    return {
        "map": web_map.map_name,
        "layers": [_layer(layer, lang, layer_url, tile_url) for layer in web_map.layers],
        "earlier": [
            {**_layer(layer, lang, layer_url, tile_url), "pane": f"{pane_of(layer.style.role)}-earlier"}
            for layer in web_map.earlier
        ],
        "places": [{"name": name, "point": [lat, lon]} for name, lon, lat in web_map.places],
        "signs": [
            {
                "id": sign.record_id,
                "site": sign.site_id,
                "name": sign.name,
                "answer": str(sign.answer),
                "point": [sign.lat, sign.lon],
                "accuracy": sign.accuracy_m,
                "isPoint": sign.is_point,
                "isVague": sign.is_vague,
                "why": "" if sign.why_open is None else sign.why_open.say(lang),
                "overlapHa": sign.overlap_ha,
            }
            for sign in web_map.signs
        ],
        "answers": {
            str(answer): {"text": answer.text.say(lang), "sign": mark.sign, "colour": mark.colour}
            for answer, mark in ANSWER_MARKS.items()
        },
        "gravestFirst": [str(answer) for answer in GRAVEST_FIRST],
        "labels": [{"name": name, "point": [lat, lon]} for name, lon, lat in web_map.labels],
    }


def _layer(
    layer: DrawnLayer,
    lang: Lang,
    layer_url: Callable[[str], str],
    tile_url: Callable[[DrawnLayer], str] | None,
) -> dict[str, Any]:
    """Return what the script needs of one layer."""
    role = layer.style.role
    is_tiled = layer.drawing == "tiles"
    bounds = layer.bounds if is_tiled else None
    return {
        "role": role,
        "name": layer.name,
        "title": layer.title.say(lang),
        "source": layer.source,
        "pane": pane_of(role),
        "on": layer.style.is_on,
        "variable": f"geo_json_{role}" if layer.is_inline else None,
        "records": layer.records(lang) if layer.is_inline else None,
        "url": None if layer.is_inline or is_tiled else layer_url(layer.name),
        "tiles": tile_url(layer) if is_tiled and tile_url is not None else None,
        "bounds": None if bounds is None else [[bounds[1], bounds[0]], [bounds[3], bounds[2]]],
        "canvas": layer.is_canvas,
        "paints": [
            path_options(drawn.entry.paint, "" if layer.is_canvas else hatch_id(role, place))
            for place, drawn in enumerate(layer.classes)
        ],
        "linePaints": [line_options(drawn.entry.paint) for drawn in layer.classes],
    }


def layer_geojson(layer: DrawnLayer, lang: Lang) -> dict[str, Any]:
    """Return a layer as GeoJSON with its words, for a page that fetches it; shapes are simplified for display."""
    features = layer.features()
    for feature, words in zip(features, layer.records(lang), strict=True):
        feature["properties"] |= words
    return {"type": "FeatureCollection", "features": features}
