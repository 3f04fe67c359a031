"""Judge anew after people answered a question or chose a type: what lies where is not measured again for all.

An answer changes what the rules say of a hit, never the hit itself. So only the sites it is about are screened again,
and their rows and findings take the places of the old ones; the outcome is that of a whole new run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ecogeo.check import Check, find_checks, run_checks
from ecogeo.finding import CheckRun, Report
from ecogeo.law import Law, projects_of
from ecogeo.layer import Layer
from ecogeo.questions import EVERY_PROJECT, GivenAnswer
from ecogeo.tiles.nearby import county_near
from ecogeo.workspace import Workspace

_SCREENING = "screening"
_JUDGED_TABLES = ("judgements", "screening")
"""Tables with a verdict in them; the others tell only what was measured."""


def rejudged(workspace: Workspace, report: Report, *, before: Law, law: Law) -> Report:
    """Return what a whole run by the new law would, from the outcome of a run by the law before.

    Parameters
    ----------
    workspace
        The county; its layers are those of the run.
    report
        What `ecogeo.check.run_checks` gave by the law before.
    before, law
        The two laws; they differ in answers and chosen types alone.
    """
    sites = workspace.of_role("project_sites")
    if sites is None:
        return _with_sources(report, before, law)
    ran = {run.name for run in report.runs if run.status == "run"}
    judging = [one for one in find_checks() if one.name in ran and "cases" in one.uses]
    touched = concerned_sites(sites, before, law)
    runs, tables = {run.name: run for run in report.runs}, dict(report.tables)
    others = [one for one in judging if one.family != _SCREENING]
    runs |= {run.name: run for run in run_checks(workspace, others, law=law).runs}
    if touched:
        again = _screened_again(workspace, sites, touched, [one for one in judging if one.family == _SCREENING], law)
        if not _fits(report, again, touched):
            return run_checks(workspace, [one for one in find_checks() if one.name in runs], law=law)
        runs |= {run.name: _merged_run(runs[run.name], run, touched) for run in again.runs}
        tables |= {
            name: _merged_rows(tables[name], again.tables[name], touched)
            for name in _JUDGED_TABLES
            if name in tables and name in again.tables
        }
    return _with_sources(replace(report, runs=tuple(runs.values()), tables=tables), before, law)


def concerned_sites(sites: Layer, before: Law, law: Law) -> frozenset[str]:
    """Return the sites whose type or answers differ between two laws.

    Parameters
    ----------
    sites
        The sites of the county.
    before, law
        The two laws.
    """
    answered, answered_before = _by_subject(law.answers.given), _by_subject(before.answers.given)
    changed = {one for one in {*answered, *answered_before} if answered.get(one) != answered_before.get(one)}
    changed |= {one for one in {*law.types, *before.types} if law.types.get(one) != before.types.get(one)}
    pairs = zip(sites.ids, projects_of(sites), strict=True)
    return frozenset(
        site_id for site_id, project_id in pairs if EVERY_PROJECT in changed or {site_id, project_id} & changed
    )


def _by_subject(given: Sequence[GivenAnswer]) -> dict[str, list[GivenAnswer]]:
    """Return answers by the project or site they are about, in the order they were given."""
    found: dict[str, list[GivenAnswer]] = defaultdict(list)
    for one in given:
        found[one.project_id or one.site_id].append(one)
    return found


def _screened_again(
    workspace: Workspace, sites: Layer, touched: frozenset[str], checks: Sequence[Check], law: Law
) -> Report:
    """Run screening checks on some of the sites alone."""
    is_touched = sites.ids.isin(touched).to_numpy()
    few = replace(sites, frame=sites.sound[is_touched], sound=sites.sound[is_touched], set_aside=())
    return run_checks(county_near(workspace, few).with_sites(few), checks, law=law)


def _fits(report: Report, again: Report, touched: frozenset[str]) -> bool:
    """Whether some sites have as many rows and findings anew as before, so that each has a place to take."""
    findings = {run.name: sum(one.feature_id in touched for one in run.findings) for run in report.runs}
    return all(
        findings[run.name] == sum(one.feature_id in touched for one in run.findings) for run in again.runs
    ) and all(
        report.tables[name]["site_id"].isin(touched).sum() == again.tables[name]["site_id"].isin(touched).sum()
        for name in _JUDGED_TABLES
        if name in report.tables and name in again.tables
    )


def _merged_run(old: CheckRun, new: CheckRun, touched: frozenset[str]) -> CheckRun:
    """Put the new findings about some sites into the places of the old ones."""
    fresh = iter([finding for finding in new.findings if finding.feature_id in touched])
    findings = tuple(next(fresh) if finding.feature_id in touched else finding for finding in old.findings)
    return replace(old, findings=findings)


def _merged_rows(old: pd.DataFrame, new: pd.DataFrame, touched: frozenset[str]) -> pd.DataFrame:
    """Put the new rows about some sites into the places of the old ones."""
    is_old = old["site_id"].isin(touched).to_numpy()
    places = np.arange(len(old))
    kept = old[~is_old].set_axis(places[~is_old], axis=0)
    fresh = new[new["site_id"].isin(touched)].set_axis(places[is_old], axis=0)
    return pd.concat([kept, fresh]).sort_index()


def _with_sources(report: Report, before: Law, law: Law) -> Report:
    """Return a report whose inputs name the files of the new law."""
    gone = {source.path for source in before.sources}
    kept = [source for source in report.sources if source.path not in gone]
    return replace(report, sources=tuple(sorted([*kept, *law.sources], key=lambda source: source.path)))
