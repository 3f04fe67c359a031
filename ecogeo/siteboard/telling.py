"""What was found as plain values: a page shows them, weighs them anew, and hands candidates on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy
from ecogeo.catalog import ZONING_ROLES
from ecogeo.finding import Answer, Report, Verdict
from ecogeo.law import Law
from ecogeo.rounding import rounded
from ecogeo.siteboard.overlay import Overlay
from ecogeo.siteboard.wanted import corners_of
from ecogeo.siting import Candidate, Criterion, Route, Search
from ecogeo.siting.searching import state_areas_ha
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

DECIMALS = 9
"""Degrees to a tenth of a millimetre: less than the margin candidates keep from what blocks."""

Told = dict[str, Any]


def told_search(search: Search, county: Workspace, law: Law | None, overlay: Overlay) -> Told:
    """Tell a search.

    Parameters
    ----------
    search
        What was found.
    county, law
        Where, and what judged.
    overlay
        The picture of its surface.

    Returns
    -------
    What JSON can hold: ``criteria``, ``candidates`` with ``parts`` in the order of the criteria, ``rules``,
    ``questions`` and ``geometry``, ``sensitivity``, ``notes``, ``areas_ha`` and ``overlay``. Texts are pairs of Chinese
    and English.
    """
    surface = search.surface
    free, blocked, unknown = state_areas_ha(surface)
    rules = _rules(search.screening, county)
    questions = _questions(search.judgements, law)
    aside = {one.criterion for one in surface.unmeasured}
    return {
        "mode": "sites",
        "cell_m": surface.grid.cell_m,
        "criteria": [_criterion(one, is_measured=one.criterion not in aside) for one in surface.criteria],
        "candidates": [_candidate(one, rules, questions) for one in search.candidates],
        "not_run": _not_run(search.report),
        "sensitivity": _plain(search.sensitivity),
        "notes": [_pair(note) for note in search.notes],
        "areas_ha": {"free": round(free, 1), "blocked": round(blocked, 1), "unknown": round(unknown, 1)},
        "overlay": {"bounds": list(overlay.bounds), "classes": list(overlay.classes)},
    }


def told_candidates(search: Search) -> list[Told]:
    """Return the candidates alone, by rank: where they lie, their score, and its parts."""
    names = ("id", "score", "area_m2", "parts", "geometry")
    return [{name: _candidate(one, {}, {})[name] for name in names} for one in search.candidates]


def told_route(route: Route, county: Workspace, law: Law | None) -> Told:
    """Tell a route, as `told_search` tells a search: its one candidate is the line."""
    crossings = [
        {
            **{str(name): _native(value) for name, value in row.items()},
            "title": _pair(county.catalog.answer_title(str(row["layer"]))),
        }
        for row in route.crossings.round({"crossed_m": 2}).to_dict("records")
    ]
    line = _shown(route.line)
    return {
        "mode": "route",
        "length_m": rounded(route.length_m, 2),
        "straight_m": rounded(route.straight_m, 2),
        "crossings": crossings,
        "geometry": _geojson(line),
        "corners": corners_of(line, DECIMALS),
        "rules": _rules(route.screening, county).get("L1", []),
        "questions": _questions(route.report.tables.get("judgements", pd.DataFrame()), law).get("L1", []),
        "not_run": _not_run(route.report),
        "notes": [],
    }


def _criterion(one: Criterion, *, is_measured: bool) -> Told:
    return {
        "criterion": one.criterion,
        "title": _pair(one.title),
        "weight": one.weight,
        "is_measured": is_measured,
    }


def _candidate(one: Candidate, rules: dict[str, list[Told]], questions: dict[str, list[list[str]]]) -> Told:
    shape = _shown(one.site)
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(shape))[0].tolist()
    hectares = geodesy.hectares(one.area_m2)
    return {
        "id": one.site_id,
        "score": round(one.score, 6),
        "area_m2": rounded(one.area_m2, 2),
        "area_ha": hectares,
        "area_mu": geodesy.mu(one.area_m2),
        "compactness": round(one.compactness, 4),
        "lon": round(lon, 6),
        "lat": round(lat, 6),
        "parts": [None if np.isnan(part) else round(part, 6) for part in one.parts],
        "geometry": _geojson(shape),
        "corners": corners_of(shape, DECIMALS),
        "rules": rules.get(one.site_id, []),
        "questions": questions.get(one.site_id, []),
    }


def _shown(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape with its coordinates to a tenth of a millimetre."""
    moved: BaseGeometry = shapely.transform(shape, lambda xy: np.round(xy, DECIMALS))
    return moved


def _rules(rows: pd.DataFrame, county: Workspace) -> dict[str, list[Told]]:
    """Return by candidate what each layer answers, and what the rules say of it."""
    found: dict[str, list[Told]] = {}
    for row in rows.to_dict("records"):
        verdict = str(row["verdict"] or "")
        found.setdefault(str(row["site_id"]), []).append(
            {
                "layer": str(row["layer"]),
                "title": _pair(county.catalog.answer_title(str(row["layer"]))),
                "is_zoning": str(row["layer"]) in ZONING_ROLES,
                "answer": str(row["answer"]),
                "answer_text": _pair(Answer(str(row["answer"])).text),
                "verdict": verdict,
                "verdict_text": _pair(Verdict(verdict).text) if verdict else ["", ""],
                "clause": str(row["clause"] or ""),
                "next_step": str(row["next_step"] or ""),
                "distance_m": None if pd.isna(row["distance_m"]) else float(row["distance_m"]),
                "overlap_ha": None if pd.isna(row["overlap_ha"]) else float(row["overlap_ha"]),
                "version": str(row["layer_version"] or ""),
            }
        )
    return found


def _questions(rows: pd.DataFrame, law: Law | None) -> dict[str, list[list[str]]]:
    """Return by candidate the questions its rules still ask."""
    known = {} if law is None else {one.text.zh: one.text for one in law.pack.questions}
    found: dict[str, dict[str, list[str]]] = {}
    for row in rows.to_dict("records"):
        for question in str(row.get("open_questions") or "").split("；"):
            if question:
                text = known.get(question, Text(question, question))
                found.setdefault(str(row["site_id"]), {})[question] = _pair(text)
    return {site_id: list(asked.values()) for site_id, asked in found.items()}


def _not_run(report: Report | None) -> list[list[str]]:
    """Return the screening checks that did not run: what they would say of the candidates is open."""
    runs: Iterator[Any] = iter(()) if report is None else (run for run in report.runs if run.status != "run")
    return [_pair(run.title) for run in runs]


def _plain(rows: pd.DataFrame) -> list[Told]:
    """Return the rows of a table as JSON can hold them."""
    return [
        {
            str(name): None if isinstance(value, float) and np.isnan(value) else _native(value)
            for name, value in row.items()
        }
        for row in rows.to_dict("records")
    ]


def _native(value: Any) -> Any:  # noqa: ANN401  a cell of any type
    return value.item() if isinstance(value, np.generic) else value


def _geojson(shape: BaseGeometry) -> Any:  # noqa: ANN401  a GeoJSON object
    return json.loads(shapely.to_geojson(shape))


def _pair(text: Text) -> list[str]:
    return [text.zh, text.en]


def texts(pairs: Sequence[Sequence[str]]) -> list[Text]:
    """Return sentences that were told as pairs."""
    return [Text(str(zh), str(en)) for zh, en in pairs]
