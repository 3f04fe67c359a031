"""A search for ground, or a route, as a job: its files, its surface as a picture, and what a page shows of it."""

from __future__ import annotations

import datetime as dt
import json

from ecogeo.jobs.task import Made, Task
from ecogeo.law import read_law
from ecogeo.ledger import ledger_of, why_closed
from ecogeo.report.search_files import write_route, write_search
from ecogeo.runs.found import record_route, record_search
from ecogeo.siteboard import (
    Wanted,
    criteria_table,
    parameters_of,
    read_wanted,
    require_cells,
    surface_overlay,
    told_route,
    told_search,
    weighted_criteria,
)
from ecogeo.siting import find_route, search_sites
from ecogeo.wording import Text
from ecogeo.workspace import Workspace, open_workspace

TOLD, SURFACE = "told.json", "surface.png"
_STEPS = {
    "surface": Text("逐格评分", "scoring cells"),
    "candidates": Text("圈定并核查备选地块", "cutting and screening candidates"),
    "route": Text("计算线路", "finding the route"),
    "": Text("写出结果", "writing"),
}


def find_ground(task: Task) -> Made:
    """Search for sites or a route, as a job.

    Parameters
    ----------
    task
        With ``wanted`` (`ecogeo.siteboard.parameters_of`) and ``at``, when it was ordered, among its parameters.

    Returns
    -------
    Figures for lists; what the page shows is in ``told.json`` and ``surface.png`` beside the files of the command.

    Raises
    ------
    EcogeoError
        Where the county's files cannot be used, or nothing can be searched.
    """
    wanted, at = read_wanted(task.parameters["wanted"]), str(task.parameters["at"])
    county = open_workspace(task.root)
    require_cells(county, wanted)
    if wanted.mode == "route":
        told, count = _route(task, county, wanted, at), 1
    else:
        told, count = _sites(task, county, wanted, at)
    (task.folder / TOLD).write_text(json.dumps(told, ensure_ascii=False), "utf-8", newline="\n")
    return Made(facts={"mode": wanted.mode, "candidates": count})


def _sites(task: Task, county: Workspace, wanted: Wanted, at: str) -> tuple[dict[str, object], int]:
    """Search, write the files, record what was found, and return what a page shows, and how many were found."""
    criteria = weighted_criteria(county, wanted.weights)
    law = read_law(county, on=_day(wanted), chosen_type=wanted.type_id)

    def tell(step: str, done: int, of: int) -> None:
        task.tell(_STEPS[step], done, of)

    search = search_sites(county, law, criteria, wanted.options, within=wanted.ground, progress=tell)
    tell("", 0, 1)
    overlay = surface_overlay(search.surface)
    (task.folder / SURFACE).write_bytes(overlay.png)
    write_search(search, task.folder, county.county.rounding)
    if (ledger := ledger_of(county.data_folder)) is not None and why_closed(ledger) is None:
        record_search(ledger, county, search, parameters_of(wanted), criteria_table(county), at=at)
    return told_search(search, county, law, overlay), len(search.candidates)


def _route(task: Task, county: Workspace, wanted: Wanted, at: str) -> dict[str, object]:
    """Find a route, write its files, record it, and return what a page shows of it."""
    criteria = weighted_criteria(county, wanted.weights)
    law = read_law(county, on=_day(wanted), chosen_type=wanted.type_id)
    task.tell(_STEPS["route"], 0, 1)
    first, last = wanted.ends
    route = find_route(
        county, law, criteria, (first, last), cell_m=wanted.cell_m, through_unknown=wanted.through_unknown
    )
    write_route(route, task.folder, county.county.rounding)
    if (ledger := ledger_of(county.data_folder)) is not None and why_closed(ledger) is None:
        record_route(ledger, county, route, parameters_of(wanted), criteria_table(county), at=at)
    return told_route(route, county, law)


def _day(wanted: Wanted) -> dt.date | None:
    return dt.date.fromisoformat(wanted.on) if wanted.on else None
