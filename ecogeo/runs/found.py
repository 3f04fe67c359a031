"""Searches and changes of sites on record: what was found is kept beside what the screening said of it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely

from ecogeo.catalog import RASTER_ROLES, ROLES
from ecogeo.decisions import DecisionFiles
from ecogeo.finding import Report, SourceFile
from ecogeo.formats.addresses import is_postgis
from ecogeo.layer import Layer, digest
from ecogeo.ledger import Entry, Ledger
from ecogeo.report.run_files import write_run
from ecogeo.runs.recording import Asked, record_run
from ecogeo.siteboard.comparing import Moved, compare_found
from ecogeo.siteboard.telling import told_candidates
from ecogeo.siting import Avoidance, Criterion, Route, Search
from ecogeo.workspace import Workspace

Row = Mapping[str, str]


def record_search(
    ledger: Ledger,
    county: Workspace,
    search: Search,
    asked: Mapping[str, Any],
    table: Path,
    *,
    at: str,
    answers: Path | None = None,
) -> Entry | None:
    """Record a search for sites with its candidates; None where it found none, for then nothing was judged.

    Parameters
    ----------
    ledger
        Where to.
    county
        Where was searched.
    search
        What was found.
    asked
        How: every value that could change it.
    table
        The table of criteria.
    at
        When, ISO 8601.
    answers
        The file of answers it took.

    Raises
    ------
    EcogeoError
        Where the ledger cannot be written; nothing is recorded then.
    """
    if search.report is None or search.sites is None:
        return None
    criteria = search.surface.criteria
    weights = {one.criterion: one.weight for one in criteria}
    found = {"weights": weights, "candidates": told_candidates(search)}
    sources = [*_sources(county, criteria), *_table_source(county, table)]
    return _record(
        ledger, county, search.report, search.sites, ("siting", asked, found, sources), at=at, answers=answers
    )


def record_route(
    ledger: Ledger,
    county: Workspace,
    route: Route,
    asked: Mapping[str, Any],
    table: Path,
    *,
    at: str,
    answers: Path | None = None,
) -> Entry | None:
    """Record a route; as `record_search` does."""
    found = {
        "route": shapely.to_wkt(route.line, rounding_precision=9),
        "length_m": round(route.length_m, 2),
        "crossings": {str(row["layer"]): row["crossings"] for row in route.crossings.to_dict("records")},
    }
    sources = _table_source(county, table)
    return _record(ledger, county, route.report, route.sites, ("siting", asked, found, sources), at=at, answers=answers)


def record_avoidance(
    ledger: Ledger, county: Workspace, avoidance: Avoidance, asked: Mapping[str, Any], *, at: str, answers: Path | None
) -> Entry | None:
    """Record what was proposed for the sites of a file, beside the answers on them as they were drawn."""
    rows = avoidance.sites.astype(object).where(avoidance.sites.notna(), None).to_dict("records")
    found = {"sites": [{str(name): value for name, value in row.items()} for row in rows]}
    return _record(
        ledger, county, avoidance.report, avoidance.drawn, ("avoid", asked, found, []), at=at, answers=answers
    )


def ranks_moved(a: Entry, b: Entry) -> tuple[Moved, ...] | None:
    """Compare the candidates of two recorded searches; None where one of the runs is no search for sites."""
    before, after = (one.body["parameters"].get("found", {}).get("candidates") for one in (a, b))
    return None if before is None or after is None else compare_found(before, after)


def same_ground(a: Entry, b: Entry, rows_a: Sequence[Row], rows_b: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the answers of two runs that can be held against each other.

    Those of two searches are on the ground both found, under the ids of the earlier one: a candidate's id is its rank,
    and says nothing of where it lies. Of any other runs all.
    """
    moved = ranks_moved(a, b)
    if moved is None:
        return list(rows_a), list(rows_b)
    known = {one.after: one.before for one in moved if one.ranks_moved is not None}
    before = [row for row in rows_a if row["site_id"] in set(known.values())]
    named: list[Row] = [
        {**row, "site_id": known[row["site_id"]], "site_name": known[row["site_id"]]}
        for row in rows_b
        if row["site_id"] in known
    ]
    return before, named


def weights_of(run: Entry) -> dict[str, float]:
    """Return the weights of a recorded search; none of a run that is no search."""
    found = run.body["parameters"].get("found", {}).get("weights", {})
    return {str(name): float(weight) for name, weight in found.items()}


def _record(
    ledger: Ledger,
    county: Workspace,
    report: Report,
    sites: Layer,
    told: tuple[str, Mapping[str, Any], Mapping[str, Any], Sequence[SourceFile]],
    *,
    at: str,
    answers: Path | None,
) -> Entry:
    command, asked, found, more = told
    own = [one for one in report.sources if one.name != "project_sites" or command == "avoid"]
    known = {one.path for one in own}
    sources = tuple(sorted([*own, *(one for one in more if one.path not in known)], key=lambda one: one.path))
    parameters = {**asked, "found": found}
    decisions = DecisionFiles(answers, None, None)
    with tempfile.TemporaryDirectory() as folder:
        write_run(replace(report, sources=sources), Path(folder), "zh")
        place = county.with_sites(sites)
        return record_run(ledger, place, Path(folder), Asked(command, parameters, decisions), at=at, sites=sites)


def _sources(county: Workspace, criteria: Sequence[Criterion]) -> list[SourceFile]:
    """Return the layers and rasters that scored ground."""
    found = []
    for one in criteria:
        if one.weight <= 0:
            continue
        name = county.catalog.of_role(one.source) if one.source in ROLES else None
        declared = None if name is None else county.catalog.layers[name]
        path = county.layer_folder / (one.source if declared is None else declared.path)
        if name is None or declared is None:
            if path.is_file():
                found.append(SourceFile(one.source.rpartition(".")[0], f"layers/{one.source}", digest(path)))
        elif is_postgis(declared.path) or one.source not in RASTER_ROLES:
            layer = county.layer(name)
            shown = declared.shown_path if is_postgis(declared.path) else f"layers/{declared.path}"
            found.append(SourceFile(name, shown, layer.sha256, declared.version, declared.date))
        else:
            found.append(SourceFile(name, f"layers/{declared.path}", digest(path), declared.version, declared.date))
    return list({one.path: one for one in found}.values())


def _table_source(county: Workspace, table: Path) -> list[SourceFile]:
    """Return the table of criteria as an input: by its place in the county, else by its name."""
    is_own = table.resolve().is_relative_to(county.root.resolve())
    shown = table.resolve().relative_to(county.root.resolve()).as_posix() if is_own else table.name
    return [SourceFile("criteria", shown, digest(table))]
