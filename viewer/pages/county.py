"""The map of the county."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from ecogeo.basemap import Basemap
from ecogeo.board.choosing import answer_counts
from ecogeo.classing import METHODS
from ecogeo.errors import EcogeoError
from ecogeo.style_file import style_note
from viewer.languages import current_lang
from viewer.mapping import atlas_data, filter_choices, map_data
from viewer.pages.measuring import current_basemap
from viewer.prepared import board, prepared

pages = Blueprint("county", __name__)


@pages.get("/")
def show() -> str:
    """Show the county with every layer, its legend, and the projects by answer."""
    shown = board()
    basemap, problem = _basemap()
    return render_template(
        "county.html",
        web_map=shown.county,
        map_data=map_data(shown.county, project_url=url_for("projects.one", record_id="__id__")),
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


def _basemap() -> tuple[Basemap | None, str]:
    """Return the online basemap, or why the one in the settings is refused."""
    try:
        return current_basemap(), ""
    except EcogeoError as error:
        return None, error.say(current_lang())
