"""The map of the county."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from ecogeo.board.choosing import answer_counts
from viewer.mapping import map_data
from viewer.prepared import board

pages = Blueprint("county", __name__)


@pages.get("/")
def show() -> str:
    """Show the county with every layer, its legend, and the projects by answer."""
    shown = board()
    data = map_data(shown.county, project_url=url_for("projects.one", record_id="__id__"))
    return render_template(
        "county.html",
        web_map=shown.county,
        map_data=data,
        counts=answer_counts(shown.records),
        total=len(shown.records),
    )
