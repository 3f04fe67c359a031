"""One case: what is screened or checked, and how; run twice it gives the same files."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pydantic

from ecogeo.check import Progress, choose_checks, find_checks
from ecogeo.county_file import inspect_for_county
from ecogeo.crs import read_assumption
from ecogeo.decisions import DecisionFiles, Kind, decision_path
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.finding import Report
from ecogeo.handkept import read_decisions, safe_text
from ecogeo.inspection import Inspection
from ecogeo.judging import DOUBTED, judge_county
from ecogeo.law import projects_of, read_law
from ecogeo.layer import Layer, as_text, digest
from ecogeo.report.run_files import write_inspection, write_run
from ecogeo.reviews import read_reviews
from ecogeo.rounding import Rounding
from ecogeo.sites import SiteBlock, sites_of
from ecogeo.wording import Lang, Text, list_en, list_zh
from ecogeo.workspace import Workspace

KINDS: tuple[Kind, ...] = ("answers", "types", "reviews")
_SUBJECTS = ("site_id", "project_id", "id")
_EVERY = "*"


@dataclass(frozen=True, slots=True)
class Case:
    """What a bundle is evidence of.

    Parameters
    ----------
    ids
        Projects and sites of the county it is about; none for the whole county, or where a file is screened.
    file_name
        Name of the file of sites that is screened; empty where the county's own are judged.
    layer, assume, kind, accuracy_m, corridor_m
        Of a screened file: the layer inside it, what is assumed of its coordinates, the project type of every site,
        how surely it lies (metres), the width of lines (metres; None for lines without a corridor).
    checks
        Names of the checks of the county; none for all.
    on
        The day whose law is applied, ISO; empty for none.
    rounding
        How figures are rounded.
    lang
        Language of the messages.
    without_coordinates
        Whether everything that tells where things lie is left out, for people outside the office.
    """

    ids: tuple[str, ...] = ()
    file_name: str = ""
    layer: str = ""
    assume: str = ""
    kind: str = ""
    accuracy_m: float = 0.0
    corridor_m: float | None = None
    checks: tuple[str, ...] = ()
    on: str = ""
    rounding: Rounding = "half-up"
    lang: Lang = "zh"
    without_coordinates: bool = False

    @property
    def day(self) -> dt.date | None:
        """The day whose law is applied."""
        return dt.date.fromisoformat(self.on) if self.on else None


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """A file of sites that was read before, perhaps by a process of its own: it is not read again.

    Parameters
    ----------
    inspection
        How it was read: with the layer and assumption the case names, and the county's outline.
    sha256
        Digest of the file.
    file
        Its bytes, to be carried; they are copied and never read as data. None where nobody has them any more: who
        verifies the bundle names the file then.
    """

    inspection: Inspection
    sha256: str
    file: Path | None = None


def run_case(
    workspace: Workspace,
    case: Case,
    out: Path,
    *,
    file: Path | Sent | None,
    decisions: DecisionFiles,
    is_county_sure: bool,
    progress: Progress = lambda _name, _done, _of: None,
) -> Report:
    """Judge a case and write its files.

    Parameters
    ----------
    workspace
        The county.
    case
        The case.
    out
        Where to.
    file
        The file of sites, where one is screened, or how it was read before.
    decisions
        What people decided, as `decisions_of` left it.
    is_county_sure
        Whether somebody said that the sites lie in this county.
    progress
        As `ecogeo.check.run_checks` calls it.

    Raises
    ------
    EcogeoError
        With everything that is unusable among the inputs, or where the county has no such project or site.
    """
    county = workspace.with_rounding(case.rounding)
    found = None
    chosen = choose_checks(case.checks)
    if file is not None:
        sent = file if isinstance(file, Sent) else _read(county, case, file, is_county_sure=is_county_sure)
        found = sent.inspection
        count = len(found.sound.geometries)
        sites = sites_of(
            found,
            Path(found.file),
            accuracy_m=case.accuracy_m,
            corridor_width_m=case.corridor_m,
            block=SiteBlock(np.arange(1, count + 1, dtype=np.int64), count, sent.sha256),
        )
        if not len(sites.sound):
            raise UnusableFileError(found.file, _nothing(found))
        county = county.with_sites(sites)
    elif case.ids:
        county = _narrowed(county, case.ids)
    if file is not None or case.ids:
        chosen = tuple(one for one in find_checks() if one.family == "screening")
    law = read_law(county, on=case.day, answers=decisions.answers, types=decisions.types, chosen_type=case.kind)
    reviews = None if decisions.reviews is None else read_reviews(decisions.reviews)
    report = judge_county(county, chosen, law=law, reviews=reviews, progress=progress)
    if case.ids:
        report = _about(report, subjects_of(workspace, case.ids))
    write_run(report, out, case.lang)
    if found is not None:
        write_inspection(found, out, case.lang)
    return report


def _read(county: Workspace, case: Case, file: Path, *, is_county_sure: bool) -> Sent:
    assumption = read_assumption(case.assume)
    found = inspect_for_county(county, file, layer=case.layer, is_county_sure=is_county_sure, assumption=assumption)
    return Sent(found, digest(file), file)


def _nothing(found: Inspection) -> list[Text]:
    """Say that a file holds nothing to be judged, and why."""
    reasons = [Text(f"第 {key} 个要素：{why.zh}", f"feature {key}: {why.en}") for key, why in found.set_aside]
    return [Text("没有一个可用的图形", "it holds no usable geometry"), *reasons[:20]]


def subjects_of(workspace: Workspace, ids: Iterable[str]) -> frozenset[str]:
    """Return projects and sites that belong to any of these, by id.

    Raises
    ------
    UsageError
        Where the county has no such project or site.
    """
    wanted = set(ids)
    sites = workspace.of_role("project_sites")
    projects = {str(one) for one in workspace.projects()["project_id"]}
    pairs: list[tuple[str, str]] = []
    aside: set[str] = set()
    if sites is not None:
        pairs = list(zip(sites.ids, projects_of(sites), strict=True))
        aside = {key for key, _ in sites.set_aside}
    known = projects | {site for site, _ in pairs} | aside
    if strange := sorted(wanted - known):
        raise UsageError(
            Text(f"本县没有项目或用地 {list_zh(strange)}", f"the county has no project or site {list_en(strange)}")
        )
    sites_of_them = {site for site, project in pairs if site in wanted or project in wanted}
    projects_of_them = {project for site, project in pairs if site in wanted and project}
    return frozenset(wanted | sites_of_them | projects_of_them)


def _narrowed(county: Workspace, ids: Iterable[str]) -> Workspace:
    """Return a county whose sites are those of the case alone, its projects still known."""
    wanted = subjects_of(county, ids)
    sites = county.of_role("project_sites")
    if sites is None:
        return county
    key = sites.declaration.key
    kept: Layer = replace(
        sites,
        frame=sites.frame[np.isin(as_text(sites.frame[key]).to_numpy(dtype=str), sorted(wanted))],
        sound=sites.sound[np.isin(sites.ids.to_numpy(dtype=str), sorted(wanted))],
        set_aside=tuple(one for one in sites.set_aside if one[0] in wanted),
        repairs=tuple(one for one in sites.repairs if one.feature_id in wanted),
        folder=None,
    )
    return county.with_layer(kept)


def _about(report: Report, subjects: frozenset[str]) -> Report:
    """Return what a report says of some projects and sites alone."""
    tables = {name: _rows_about(frame, subjects) for name, frame in report.tables.items()}
    runs = tuple(
        replace(run, findings=tuple(one for one in run.findings if one.feature_id in subjects))
        for run in report.runs
        if run.name != DOUBTED
    )
    return replace(report, tables=tables, runs=runs)


def _rows_about(frame: pd.DataFrame, subjects: frozenset[str]) -> pd.DataFrame:
    columns = [column for column in _SUBJECTS if column in frame.columns]
    if not columns:
        return frame.iloc[:0]
    mask = frame[columns].isin(subjects).any(axis=1)
    return frame[mask].reset_index(drop=True)


def decisions_of(files: DecisionFiles, folder: Path, subjects: frozenset[str] | None) -> DecisionFiles:
    """Copy the decisions a case takes into a folder of its own: of a few sites, only what concerns them.

    Parameters
    ----------
    files
        What people decided.
    folder
        A county's root, where the copies stand in the place of its own.
    subjects
        Projects and sites; None takes the files whole.
    """
    copies: dict[Kind, Path | None] = dict.fromkeys(KINDS)
    given: dict[Kind, Path | None] = {"answers": files.answers, "types": files.types, "reviews": files.reviews}
    for kind in KINDS:
        path = given[kind]
        if path is None:
            continue
        content = path.read_bytes() if subjects is None else _extract(path, subjects)
        if content is not None:
            target = decision_path(folder / "data", kind)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            copies[kind] = target
    return DecisionFiles(copies["answers"], copies["types"], copies["reviews"])


def _extract(path: Path, subjects: frozenset[str]) -> bytes | None:
    """Return the rows of a table of decisions that concern some projects and sites; None where none does."""
    cells = read_decisions(path)
    columns = [column for column in _SUBJECTS if column in cells.columns]
    concerned = cells[columns].isin(subjects | {_EVERY}).any(axis=1) if columns else cells.index == cells.index
    if not bool(np.any(concerned)):
        return None
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(cells.columns)
    writer.writerows(map(safe_text, row) for row in cells[concerned].itertuples(index=False))
    return stream.getvalue().encode("utf-8-sig")


def as_object(case: Case) -> dict[str, Any]:
    """Return a case as JSON holds it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in _fields(case).items()}


def from_object(told: Mapping[str, Any]) -> Case:
    """Return the case that `as_object` gave.

    Raises
    ------
    ValueError
        Where it is no case.
    """
    case: Case = pydantic.TypeAdapter(Case).validate_python(dict(told))
    if case.on:
        dt.date.fromisoformat(case.on)
    return case


def _fields(case: Case) -> dict[str, Any]:
    return {one.name: getattr(case, one.name) for one in fields(case)}
