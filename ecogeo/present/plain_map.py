"""A map as plain data for a page's own script: shapes as small whole numbers, every sentence in both languages.

Nothing of it is markup or script, so that one block of JSON serves the meeting page and the file that asks nobody.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.board.records import GRAVEST_FIRST
from ecogeo.mapdata import DrawnLayer
from ecogeo.mappaths import hatch_id, line_options, path_options
from ecogeo.mapsigns import SiteSign
from ecogeo.palette import ANSWER_MARKS, draw_order
from ecogeo.relief import Relief
from ecogeo.style import Paint
from ecogeo.webmap import WebMap
from ecogeo.wording import Text

STEP_DEG = 1e-5
"""Whole numbers count this, about a metre: shapes were made light to as much before."""

_SITES = "project_sites"

Pair = str | list[str]


def pair(text: Text) -> Pair:
    """Return a sentence for the page: both languages, or one text where they are the same."""
    return text.zh if text.zh == text.en else [text.zh, text.en]


def plain_map(
    web_map: WebMap,
    *,
    relief: Relief | None,
    with_words: bool,
    layer_url: Callable[[DrawnLayer], str] | None = None,
    tile_url: Callable[[DrawnLayer], str] | None = None,
    is_needed: Callable[[DrawnLayer], bool] = lambda _layer: True,
) -> dict[str, Any]:
    """Return a map as data.

    Parameters
    ----------
    web_map
        The map.
    relief
        The shade of the terrain; None leaves it out.
    with_words
        Whether names and facts of features come with them, to be shown on a click.
    layer_url
        Address of a layer's shapes (see `plain_shapes`) where the page may fetch those that are not needed at once;
        None puts every layer into the data.
    tile_url
        Address of the tiles of a layer the server draws; None where there is no server.
    is_needed
        Which layers come with the data even where others may be fetched.
    """
    themes = {role: title for sign in web_map.signs for role, title, _ in sign.by_layer}
    layers = []
    for layer in (*web_map.layers, *web_map.earlier):
        if layer.pack is not None and tile_url is None:
            continue
        told = _layer(layer)
        if layer.pack is not None and tile_url is not None:
            told["tiles"] = tile_url(layer)
        elif layer_url is None or is_needed(layer):
            told |= plain_shapes(layer, with_words=with_words)
        else:
            told["url"] = layer_url(layer)
        layers.append(told)
    return {
        "bounds": web_map.bounds,
        "layers": layers,
        "hatches": [_hatch(name, paint) for name, paint in _hatches(web_map)],
        "signs": [
            {
                "id": sign.record_id,
                "site": sign.site_id,
                "name": sign.name,
                "answer": str(sign.answer),
                "at": [sign.lat, sign.lon],
                "accuracy": sign.accuracy_m,
                "isVague": sign.is_vague,
                "to": _letters(sign, themes),
            }
            for sign in web_map.signs
        ],
        "themes": [[role, pair(title)] for role, title in themes.items()],
        "answers": answer_marks(),
        "gravestFirst": [str(answer) for answer in GRAVEST_FIRST],
        "labels": [[name, lat, lon] for name, lon, lat in web_map.labels],
        "relief": None
        if relief is None
        else {
            "url": f"data:image/png;base64,{base64.b64encode(relief.png).decode('ascii')}",
            "bounds": list(relief.bounds),
        },
    }


def answer_marks() -> dict[str, Any]:
    """Return how each answer is shown: its words, sign and colour, the gravest first."""
    return {
        str(answer): {
            "text": pair(answer.text),
            "sign": ANSWER_MARKS[answer].sign,
            "colour": ANSWER_MARKS[answer].colour,
        }
        for answer in GRAVEST_FIRST
    }


def plain_shapes(layer: DrawnLayer, *, with_words: bool) -> dict[str, Any]:
    """Return the shapes of a layer, their classes and, if wanted, their words.

    Each feature is a list of parts: ``[0, [x, y, …]]`` points, ``[1, [line, …]]``, ``[2, [[ring, …], …]]``. A line or
    ring holds its first point in steps of `STEP_DEG` and every further one as the difference to the one before.
    """
    told: dict[str, Any] = {
        "shapes": [_shape(shape) for shape in layer.shapes],
        "classOf": [int(kind) for kind in layer.class_of],
    }
    if with_words:
        told |= {
            "keys": list(layer.ids),
            "names": list(layer.names),
            "facts": [[pair(label), list(values)] for label, values in layer.facts],
        }
    elif layer.style.role == _SITES:
        told["keys"] = list(layer.ids)
    return told


def _letters(sign: SiteSign, themes: Iterable[str]) -> str:
    """Return a site's answer to each theme as a digit, its place among `GRAVEST_FIRST`; ``-`` where there is none."""
    held = sign.answers
    return "".join(str(GRAVEST_FIRST.index(held[role])) if role in held else "-" for role in themes)


def _layer(layer: DrawnLayer) -> dict[str, Any]:
    role = layer.style.role
    told = {} if role != _SITES else {"answerPaints": _answer_paints(layer)}
    return {
        **told,
        "name": layer.name,
        "role": role,
        "title": pair(layer.title),
        "source": layer.source,
        "on": layer.style.is_on,
        "order": draw_order(role),
        "dimension": layer.dimension,
        "canvas": layer.drawing == "canvas",
        "count": layer.count,
        "aside": layer.aside,
        "classes": [
            {
                "label": pair(drawn.entry.label),
                "count": drawn.count,
                "values": list(drawn.entry.values),
                "paint": path_options(drawn.entry.paint, "" if layer.drawing == "canvas" else hatch_id(role, place)),
                "line": line_options(drawn.entry.paint),
            }
            for place, drawn in enumerate(layer.classes)
        ],
    }


def _answer_paints(layer: DrawnLayer) -> dict[str, Any]:
    """Return how a site of each answer is painted, for steps about one layer."""
    style = layer.style
    return {str(answer): path_options(style.classes[style.class_of(str(answer))].paint) for answer in GRAVEST_FIRST}


def _hatches(web_map: WebMap) -> Iterable[tuple[str, Paint]]:
    """Return the patterns of all layers, each once; an earlier version is hatched like the present one."""
    found = dict(web_map.hatches)
    for layer in web_map.earlier:
        for place, drawn in enumerate(layer.classes):
            if drawn.entry.paint.hatch:
                found.setdefault(hatch_id(layer.style.role, place), drawn.entry.paint)
    return found.items()


def _hatch(name: str, paint: Paint) -> dict[str, Any]:
    return {
        "id": name,
        "fill": paint.fill,
        "opacity": paint.fill_opacity,
        "edge": paint.edge,
        "kind": paint.hatch,
    }


def _shape(shape: shapely.Geometry) -> list[list[Any]]:
    parts = shapely.get_parts(shapely.get_parts(shape))
    dimensions = shapely.get_dimensions(parts)
    told: list[list[Any]] = []
    points = parts[dimensions == 0]
    if len(points):
        told.append([0, _steps(shapely.get_coordinates(points)).ravel().tolist()])
    lines = parts[dimensions == 1]
    if len(lines):
        told.append([1, [_run(line) for line in lines]])
    areas = parts[dimensions == 2]
    if len(areas):
        told.append([2, [_rings(area) for area in areas]])
    return told


def _rings(area: shapely.Geometry) -> list[list[int]]:
    """Return the rings of a polygon, the outer one first."""
    holes = range(int(shapely.get_num_interior_rings(area)))
    rings = [shapely.get_exterior_ring(area), *(shapely.get_interior_ring(area, hole) for hole in holes)]
    return [_run(ring) for ring in rings if ring is not None]


def _run(line: shapely.Geometry) -> list[int]:
    steps = _steps(shapely.get_coordinates(line))
    moved = np.vstack([steps[:1], np.diff(steps, axis=0)])
    is_still = (moved == 0).all(axis=1)
    is_still[0] = False
    kept: list[int] = moved[~is_still].ravel().tolist()
    return kept


def _steps(coordinates: geodesy.Floats) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.rint(coordinates / STEP_DEG).astype(np.int64)
