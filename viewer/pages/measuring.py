"""Figures for the map: what was drawn measured, classes of a figure by town, and the tiles of an online basemap."""

from __future__ import annotations

import os

from flask import Blueprint, Response, abort, jsonify, request

from ecogeo.basemap import KEY_SETTING, KIND_SETTING, Basemap, basemap_tile, read_basemap
from ecogeo.board.choosing import Wanted, chosen_projects
from ecogeo.board.choropleth import Choropleth, choropleth
from ecogeo.board.towns import project_figures
from ecogeo.errors import EcogeoError, UsageError
from ecogeo.geodesy import hectares, mu
from ecogeo.measuring import measured
from ecogeo.rounding import rounded
from ecogeo.tiles.grid import Tile
from ecogeo.wording import Text
from viewer.languages import current_lang
from viewer.prepared import board, prepared
from viewer.security import require_same_origin

pages = Blueprint("measuring", __name__)

_MOST_BYTES = 256 * 1024


@pages.post("/api/measure")
def measure() -> tuple[Response, int] | Response:
    """Measure a line or an area on the ellipsoid: ``{"kind": "line" | "area", "points": [[lon, lat], …]}``."""
    request.max_content_length = _MOST_BYTES
    require_same_origin()
    asked = request.get_json(silent=True)
    kind = asked.get("kind") if isinstance(asked, dict) else None
    points = asked.get("points") if isinstance(asked, dict) else None
    try:
        if kind not in {"line", "area"} or not _are_points(points):
            raise UsageError(Text("需要 kind（line 或 area）和 points", "kind (line or area) and points are needed"))
        found = measured("line" if kind == "line" else "area", points or [])
    except EcogeoError as error:
        return _refused(error)
    area = found.area_m2
    return jsonify(
        length_m=round(found.length_m, 2),
        area_m2=None if area is None else round(area, 2),
        area_ha=None if area is None else rounded(hectares(area), 4),
        area_mu=None if area is None else rounded(mu(area), 4),
        note="" if found.note is None else found.note.say(current_lang()),
    )


@pages.get("/api/choropleth")
def classes() -> tuple[Response, int] | Response:
    """Return the towns by a figure: ``figure``, ``method``, ``classes`` and, for own breaks, ``breaks``.

    Figures of projects are those of the projects the map is filtered by: ``town``, ``department``, ``system``,
    ``year``, ``answer`` and ``verdict``.
    """
    records = board().records
    of_projects = project_figures(chosen_projects(records, _filtered()), records)
    figures = {one.figure_id: one for one in (*prepared().town_figures(), *of_projects)}
    figure = figures.get(request.args.get("figure", ""))
    if figure is None:
        abort(404)
    try:
        made = choropleth(
            figure,
            method=request.args.get("method", "quantile"),
            classes=request.args.get("classes", 5, type=int),
            own=request.args.get("breaks", ""),
        )
    except EcogeoError as error:
        return _refused(error)
    return jsonify(choropleth_data(made) | {"isFiltered": figure in of_projects})


def _filtered() -> Wanted:
    """Return what the map's projects are filtered by."""
    told = {name: request.args.get(name, "") for name in ("town", "department", "system", "answer", "verdict")}
    return Wanted(**told, year=request.args.get("year", None, type=int))


def choropleth_data(made: Choropleth) -> dict[str, object]:
    """Return towns by a figure as the page's script shows them."""
    lang = current_lang()
    return {
        "title": made.figure.title.say(lang),
        "unit": made.figure.unit_words.say(lang),
        "source": made.figure.source.say(lang),
        "breaks": list(made.breaks),
        "classes": [
            {"label": label, "colour": colour, "count": band.count}
            for label, colour, band in zip(made.labels, made.colours, made.bands, strict=True)
        ],
        "towns": {name: {"class": place, "text": text.say(lang)} for name, (place, text) in made.towns.items()},
    }


@pages.get("/basemap/<sheet>/<int:z>/<int:x>/<int:y>")
def basemap(sheet: str, z: int, x: int, y: int) -> Response:
    """Return a tile of the online basemap, fetched with the office's key; there is none unless it was switched on."""
    chosen = current_basemap()
    if chosen is None or sheet not in chosen.sheets:
        abort(404)
    found = basemap_tile(chosen, sheet, Tile(z, x, y))
    if found is None:
        abort(502)
    kind, data = found
    response = Response(data, mimetype=kind)
    response.cache_control.private = True
    response.cache_control.max_age = 24 * 3600
    return response


def current_basemap() -> Basemap | None:
    """Return the basemap the server's settings switch on.

    Raises
    ------
    UsageError
        Where they name a shifted or unknown one.
    """
    return read_basemap({name: os.environ.get(name, "") for name in (KIND_SETTING, KEY_SETTING)})


def _are_points(points: object) -> bool:
    return isinstance(points, list) and all(
        isinstance(point, list) and all(isinstance(part, int | float) and not isinstance(part, bool) for part in point)
        for point in points
    )


def _refused(error: EcogeoError) -> tuple[Response, int]:
    lang = current_lang()
    return jsonify(error=error.say(lang), problems=[problem.say(lang) for problem in error.problems]), 400
