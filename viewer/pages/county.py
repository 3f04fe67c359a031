"""The map of the county."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for

from ecogeo.basemap import Basemap
from ecogeo.board.choosing import answer_counts
from ecogeo.classing import METHODS
from ecogeo.errors import EcogeoError
from ecogeo.style_file import style_note
from ecogeo.webmap import WebMap
from viewer.languages import current_lang
from viewer.mapping import atlas_data, filter_choices, map_data
from viewer.pages.cells import cells_data
from viewer.pages.measure_layers import map_layers, there
from viewer.pages.measuring import current_basemap
from viewer.prepared import board, prepared

pages = Blueprint("county", __name__)


@pages.get("/")
def show() -> str:
    """Show the county with every layer, its legend, and the projects by answer."""
    shown = board()
    basemap, problem = _basemap()
    data, cells = map_data(shown.county, project_url=url_for("projects.one", record_id="__id__")), cells_data()
    data["layers"] += map_layers()
    return render_template(
        "county.html",
        web_map=shown.county,
        map_data={**data, **{name: [*data[name], *cells[name]] for name in cells}},
        cells=cells["layers"],
        compared=compared_layers(shown.county, cells["earlier"]),
        measure_layers=there(),
        atlas_data=atlas_data(shown, basemap),
        counts=answer_counts(shown.records),
        total=len(shown.records),
        records=shown.records,
        choices=filter_choices(shown.records),
        figures=prepared().town_figures() if shown.county.labels else (),
        methods=METHODS,
        basemap=basemap,
        basemap_problem=problem,
        style_note=style_note(prepared().workspace.layer_folder),
    )


def compared_layers(county: WebMap, cells: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the role and name of every layer of which two versions can be held against one another."""
    lang = current_lang()
    found = [(layer.style.role, layer.title.say(lang), layer.source) for layer in county.earlier]
    found += [(told["role"], told["title"], told["source"]) for told in cells]
    return [(role, f"{title} · {source}" if source else title) for role, title, source in found]


def _basemap() -> tuple[Basemap | None, str]:
    """Return the online basemap, or why the one in the settings is refused."""
    try:
        return current_basemap(), ""
    except EcogeoError as error:
        return None, error.say(current_lang())
