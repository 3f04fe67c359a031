"""The table of projects, and the page of one."""

from __future__ import annotations

import math

from flask import Blueprint, abort, render_template, request

from ecogeo.board.choosing import NONE, Wanted, answer_counts, chosen_projects, project_choices
from viewer.mapping import map_data
from viewer.prepared import board, prepared

pages = Blueprint("projects", __name__)


@pages.get("/projects")
def table() -> str:
    """Show the projects that meet the query: ``town, department, system, answer, words``."""
    records = board().records
    parts = ("town", "department", "system", "answer", "words")
    wanted = Wanted(**{part: request.args.get(part, "").strip() for part in parts})
    chosen = chosen_projects(records, wanted)
    invested = [money for record in chosen if (money := record.undertaking.invest_wan_yuan) is not None]
    return render_template(
        "projects.html",
        records=chosen,
        total=len(records),
        planned=sum(record.in_plan for record in chosen),
        invested=math.fsum(invested),
        wanted=wanted,
        choices=project_choices(records),
        counts=answer_counts(chosen),
        without=NONE,
    )


@pages.get("/projects/<path:record_id>")
def one(record_id: str) -> str:
    """Show one project, or a site that belongs to none: by its own number or by a site's key."""
    record = board().by_id.get(record_id)
    if record is None:
        abort(404)
    web_map = prepared().project_map(record)
    data = None if web_map is None else map_data(web_map, project_url=None)
    return render_template("project.html", record=record, web_map=web_map, map_data=data)
