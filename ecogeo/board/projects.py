"""Every project, and every site that belongs to none: the plan's words, its ground and the checks' answers together."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from ecogeo.board.records import LayerAnswer, ProjectRecord, Site, Undertaking, overall
from ecogeo.catalog import ROLES
from ecogeo.check import find_checks
from ecogeo.finding import Answer, Finding, Report, Verdict
from ecogeo.layer import Layer
from ecogeo.overlay import touching
from ecogeo.plan import split_units
from ecogeo.reviews import Review, Reviews
from ecogeo.workspace import Workspace


def project_records(workspace: Workspace, report: Report, reviews: Reviews | None = None) -> tuple[ProjectRecord, ...]:
    """Put together what is known of every project and every site.

    Parameters
    ----------
    workspace
        The county.
    report
        The answers; without a screening every project is undetermined.
    reviews
        What reviewers answered; it is shown beside the computed answers.

    Returns
    -------
    Projects in the order of the plans, then the sites that belong to none, by key.

    Raises
    ------
    EcogeoError
        Where a layer or plan cannot be used.
    """
    answers = _answers(report, workspace, reviews)
    unplaced = _needing_geometry(report)
    towns = workspace.of_role("towns")
    layer = workspace.of_role("project_sites")
    owned = [] if layer is None else [*_sound_sites(layer, answers), *_aside_sites(layer)]
    town_of = _towns_by_site([site for _, site in owned], towns)
    findings = _findings(report)
    town_names = () if towns is None else tuple(dict.fromkeys(towns.names))
    records = []
    for row in workspace.projects().to_dict("records"):
        project_id = _text(row["project_id"])
        sites = tuple(site for owner, site in owned if owner == project_id)
        owned = [pair for pair in owned if pair[0] != project_id]
        own = _of_sites(sites, answers) or tuple(answers.get(project_id, ()))
        place = _text(row["location_basis"]), _text(row["place"])
        inside = {town for site in sites for town in town_of.get(site.site_id, ())}
        records.append(
            ProjectRecord(
                record_id=project_id,
                subject_id=project_id,
                name=_text(row["name"]),
                undertaking=_undertaking(row),
                basis=place[0],
                place=place[1],
                accuracy_m=_judged_within_m(sites) if sites else _number(row["accuracy_m"]),
                towns=tuple(town for town in town_names if town in inside or town in place[1]),
                sites=sites,
                answers=own,
                answer=overall(own),
                findings=tuple(found for site in sites for found in findings.get(site.site_id, ())),
                in_plan=True,
                needs_geometry=project_id in unplaced,
            )
        )
    for _, site in sorted(owned, key=lambda pair: pair[1].site_id):
        own = _of_sites((site,), answers)
        records.append(
            ProjectRecord(
                record_id=site.site_id,
                subject_id=site.site_id,
                name=site.name,
                undertaking=Undertaking(),
                basis=site.basis,
                place=site.place,
                accuracy_m=site.accuracy_m,
                towns=town_of.get(site.site_id, ()),
                sites=(site,),
                answers=own,
                answer=overall(own),
                findings=tuple(findings.get(site.site_id, ())),
                in_plan=False,
                needs_geometry=site.site_id in unplaced,
            )
        )
    return _with_own_ids(records)


def _judged_within_m(sites: Sequence[Site]) -> float | None:
    """Return the accuracy, in metres, of the site placed least surely; None where one is not known."""
    known = [site.accuracy_m for site in sites if site.accuracy_m is not None]
    return max(known) if len(known) == len(sites) else None


def _with_own_ids(records: Sequence[ProjectRecord]) -> tuple[ProjectRecord, ...]:
    """Give the second and later records of one number, such as of two plans, an address of their own."""
    seen: Counter[str] = Counter()
    own = []
    for record in records:
        seen[record.record_id] += 1
        times = seen[record.record_id]
        own.append(record if times == 1 else replace(record, record_id=f"{record.record_id}~{times}"))
    return tuple(own)


def _needing_geometry(report: Report) -> frozenset[str]:
    """Return the projects and single sites nobody can judge for want of a place."""
    listed = report.tables.get("needs_geometry")
    return frozenset() if listed is None else frozenset(map(_text, listed["id"]))


def _answers(report: Report, workspace: Workspace, reviews: Reviews | None) -> dict[str, list[LayerAnswer]]:
    """Return the screening by site, each answer with what a reviewer said of it last."""
    rows: dict[str, list[LayerAnswer]] = {}
    reviewed = {} if reviews is None else reviews.current
    for row in report.tables.get("screening", pd.DataFrame()).to_dict("records"):
        role = _text(row["layer"])
        entry = LayerAnswer(
            site_id=_text(row["site_id"]),
            site_name=_text(row["site_name"]),
            layer=role,
            title=workspace.catalog.answer_title(role),
            answer=Answer(_text(row["answer"])),
            coverage=_text(row["coverage"]),
            layer_version=_text(row["layer_version"]),
            verdict=Verdict(verdict) if (verdict := _text(row["verdict"])) else None,
            clause=_text(row["clause"]),
            next_step=_text(row["next_step"]),
            review=reviewed.get((_text(row["site_id"]), role)),
            **{figure: _number(row[figure]) for figure in _FIGURES},
        )
        rows.setdefault(entry.site_id, []).append(entry)
    for role in _unjudged(report, workspace):
        for site_id, entries in rows.items():
            if all(entry.layer != role for entry in entries):
                entries.append(_unjudged_answer(site_id, entries[0].site_name, role, workspace, reviewed))
    return rows


def _unjudged(report: Report, workspace: Workspace) -> list[str]:
    """Return the roles of layers the county has, but whose screening broke or was stopped: nobody can tell then."""
    ended = {run.name for run in report.runs if run.family == "screening" and run.status != "run"}
    needed = {need for one in find_checks() if one.name in ended for need in one.needs if need in ROLES}
    return sorted(role for role in needed - {"project_sites"} if workspace.catalog.of_role(role) is not None)


def _unjudged_answer(
    site_id: str, site_name: str, role: str, workspace: Workspace, reviewed: Mapping[tuple[str, str], Review]
) -> LayerAnswer:
    """Return the answer for a site and a layer it was not screened against."""
    return LayerAnswer(
        site_id=site_id,
        site_name=site_name,
        layer=role,
        title=workspace.catalog.answer_title(role),
        answer=Answer.UNDETERMINED,
        overlap_m2=None,
        overlap_ha=None,
        length_m=None,
        share=None,
        distance_m=None,
        certainty_m=None,
        coverage="",
        layer_version="",
        verdict=None,
        clause="",
        next_step="",
        review=reviewed.get((site_id, role)),
    )


_FIGURES = ("overlap_m2", "overlap_ha", "length_m", "share", "distance_m", "certainty_m")


def _of_sites(sites: Iterable[Site], answers: Mapping[str, Sequence[LayerAnswer]]) -> tuple[LayerAnswer, ...]:
    return tuple(entry for site in sites for entry in answers.get(site.site_id, ()))


def _sound_sites(layer: Layer, answers: Mapping[str, Sequence[LayerAnswer]]) -> list[tuple[str, Site]]:
    """Return the sites that can be measured, each with the number of its project."""
    words = {meaning: _column(layer, layer.sound, meaning) for meaning in _SITE_FIELDS}
    figures = pd.to_numeric(pd.Series(words["accuracy_m"]), errors="coerce")
    return [
        (
            words["project_id"][row],
            Site(
                site_id=site_id,
                name=name,
                project_id=words["project_id"][row],
                basis=words["location_basis"][row],
                place=words["place"][row],
                purpose=words["purpose"][row],
                accuracy_m=_number(figures[row]),
                geometry=layer.geometries[row],
                aside=None,
                answer=overall(answers.get(site_id, ())),
            ),
        )
        for row, (site_id, name) in enumerate(zip(layer.ids, layer.names, strict=True))
    ]


def _aside_sites(layer: Layer) -> list[tuple[str, Site]]:
    """Return the sites that were set aside when the layer was read: they are known of, and undetermined."""
    reasons = dict(layer.set_aside)
    frame = layer.frame[layer.frame[layer.declaration.key].astype(str).isin(list(reasons))]
    words = {meaning: _column(layer, frame, meaning) for meaning in _SITE_FIELDS}
    names = frame[layer.declaration.name or layer.declaration.key].map(_text)
    return [
        (
            words["project_id"][row],
            Site(
                site_id=site_id,
                name=name,
                project_id=words["project_id"][row],
                basis=words["location_basis"][row],
                place=words["place"][row],
                purpose=words["purpose"][row],
                accuracy_m=None,
                geometry=None,
                aside=reasons[site_id],
                answer=Answer.UNDETERMINED,
            ),
        )
        for row, (site_id, name) in enumerate(zip(frame[layer.declaration.key].astype(str), names, strict=True))
    ]


_SITE_FIELDS = ("project_id", "location_basis", "place", "purpose", "accuracy_m")


def _column(layer: Layer, frame: pd.DataFrame, meaning: str) -> list[str]:
    """Return a field by its meaning as text; empty where the layer has no such field."""
    field = layer.declaration.fields.get(meaning, meaning)
    return [_text(value) for value in frame[field]] if field in frame.columns else [""] * len(frame)


def _towns_by_site(sites: Sequence[Site], towns: Layer | None) -> dict[str, tuple[str, ...]]:
    """Return the towns each site lies in, in the towns' order; a shared border does not count."""
    placed = [site for site in sites if site.geometry is not None]
    if towns is None or not placed:
        return {}
    shapes = np.array([site.geometry for site in placed], dtype=object)
    site, town = touching(shapes, towns.geometries)
    shared = shapely.intersection(shapes[site], towns.geometries[town])
    is_inside = shapely.get_dimensions(shared) == shapely.get_dimensions(shapes[site])
    names = towns.names.to_numpy()
    found: dict[str, list[str]] = {}
    for place, within in sorted(zip(site[is_inside].tolist(), town[is_inside].tolist(), strict=True)):
        found.setdefault(placed[place].site_id, []).append(str(names[within]))
    return {site_id: tuple(dict.fromkeys(inside)) for site_id, inside in found.items()}


def _findings(report: Report) -> dict[str, list[Finding]]:
    """Return what the checks say of each site."""
    by_site: dict[str, list[Finding]] = {}
    for run in report.runs:
        for finding in run.findings:
            if run.family == "screening" or finding.layer == "project_sites":
                by_site.setdefault(finding.feature_id, []).append(finding)
    return by_site


def _undertaking(row: Mapping[Hashable, object]) -> Undertaking:
    departments = split_units(_text(row["departments"]))
    start, end = _number(row["start_year"]), _number(row["end_year"])
    return Undertaking(
        **{column: _text(row[column]) for column in ("plan", "project_no", "system", "nature", "content", "funding")},
        departments=tuple(dict.fromkeys(departments)),
        start_year=None if start is None else int(start),
        end_year=None if end is None else int(end),
        invest_wan_yuan=_number(row["invest_wan_yuan"]),
    )


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()  # noqa: PLR0124  NaN


def _number(value: object) -> float | None:
    number = float(pd.to_numeric(_text(value), errors="coerce"))
    return None if math.isnan(number) else number
