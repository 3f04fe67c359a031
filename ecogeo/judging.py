"""A whole run: the checks, what reviewers answered beside them, and all projects against all layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pandas as pd

from ecogeo.check import Check, Progress, run_checks
from ecogeo.finding import CheckRun, DecisionCount, Finding, Report, Severity, SourceFile
from ecogeo.law import Law
from ecogeo.layer import as_text
from ecogeo.matrix import list_subjects, matrix_rows, needs_geometry_rows
from ecogeo.project_types import TypeChoices
from ecogeo.questions import Answers
from ecogeo.reviews import Reviews, beside_computed, review_findings
from ecogeo.wording import Text, list_en, list_zh
from ecogeo.workspace import Workspace

REVIEWED = "answer_reviewed"
DOUBTED = "decision_in_doubt"
"""Names of what a run says of its own decisions; no checks one could ask for."""


def judge_county(
    workspace: Workspace,
    chosen: Sequence[Check] | None = None,
    *,
    law: Law | None,
    reviews: Reviews | None = None,
    jobs: int = 1,
    progress: Progress = lambda _name, _done, _of: None,
) -> Report:
    """Run checks on a county and complete what they say.

    Parameters
    ----------
    workspace
        The county; nothing in it is changed.
    chosen
        The checks; None for all.
    law
        What hits are judged by; None leaves every verdict to a person.
    reviews
        What reviewers answered; None where nothing was reviewed.
    jobs
        How many checks may run side by side.
    progress
        As `ecogeo.check.run_checks` calls it.

    Raises
    ------
    EcogeoError
        With everything that is unusable among the inputs, before any check runs.
    """
    report = run_checks(workspace, chosen, law=law, jobs=jobs, progress=progress)
    return completed(report, workspace, law=law, reviews=reviews)


def completed(report: Report, workspace: Workspace, *, law: Law | None, reviews: Reviews | None) -> Report:
    """Return what checks said, with reviews beside the computed answers and all projects against all layers.

    Parameters
    ----------
    report
        What the checks said.
    workspace
        The county.
    law
        What they judged by.
    reviews
        What reviewers answered; None where nothing was reviewed.

    Returns
    -------
    The report with the tables ``matrix`` and ``needs_geometry`` where sites were screened; with the columns of
    `ecogeo.reviews.REVIEW_COLUMNS_ADDED` and findings where there are reviews; with findings on decisions that concern
    nothing of the run, or are dated before the ones they supersede. No computed answer is changed.
    """
    tables, runs = dict(report.tables), list(report.runs)
    screening = tables.get("screening")
    if screening is not None:
        subjects = list_subjects(workspace.projects(), workspace.of_role("project_sites"))
        tables["matrix"] = matrix_rows(screening, subjects, law, reviews)
        tables["needs_geometry"] = needs_geometry_rows(subjects, law)
    if reviews is not None:
        answers = pd.DataFrame(columns=["site_id", "site_name", "layer", "answer"]) if screening is None else screening
        found = tuple(review_findings(answers, reviews, workspace.catalog.answer_title))
        runs.append(CheckRun(REVIEWED, "decisions", Text("复核意见与计算结果", "reviews beside the answers"), found))
        shown = [name for name in ("judgements", "screening") if name in tables]
        tables |= {name: beside_computed(tables[name], reviews) for name in shown}
    if counts := tuple(_counts(law, reviews)):
        doubts = tuple(_doubts(workspace, law, reviews))
        runs.append(CheckRun(DOUBTED, "decisions", Text("人工意见的疑点", "doubts about people's decisions"), doubts))
    sources = [*report.sources, *([] if reviews is None else [SourceFile("reviews", reviews.shown, reviews.sha256)])]
    return replace(
        report,
        tables=dict(sorted(tables.items())),
        runs=tuple(runs),
        sources=tuple(sorted(sources, key=lambda one: one.path)),
        decisions=counts,
    )


def _counts(law: Law | None, reviews: Reviews | None) -> Iterator[DecisionCount]:
    """Count the decisions of every file that was given."""
    given: list[tuple[str, Answers | TypeChoices | Reviews]] = []
    if law is not None:
        given += [("answers", law.answers), ("types", law.choices)]
    if reviews is not None:
        given.append(("reviews", reviews))
    for kind, kept in given:
        if kept.sha256:
            yield DecisionCount(kind, len(kept.given), len(kept.superseded))


def _doubts(workspace: Workspace, law: Law | None, reviews: Reviews | None) -> Iterator[Finding]:
    """Yield the decisions that concern nothing of the run, and those dated before the ones they supersede."""
    projects = [str(one) for one in workspace.projects()["project_id"]]
    layer = workspace.of_role("project_sites")
    sites = [] if layer is None else list(as_text(layer.frame[layer.declaration.key]))
    if law is not None:
        yield from _strange("answers", law.answers.strangers(projects, sites))
        yield from _strange("types", law.choices.strangers([*projects, *sites]))
        yield from _backdated(
            "answers", [(" ".join(filter(None, one.subject)), one.on) for one in law.answers.backdated]
        )
        yield from _backdated("types", [(one.project_id, one.on) for one in law.choices.backdated])
    if reviews is not None:
        yield from _strange("reviews", reviews.strangers([*projects, *sites]))
        yield from _backdated("reviews", [(" ".join(one.subject), one.on) for one in reviews.backdated])


def _strange(kind: str, names: Sequence[str]) -> Iterator[Finding]:
    if names:
        yield Finding(
            Text(
                f"{kind} 中有 {len(names)} 项与本次的项目、用地或图层都不对应，没有起作用：{list_zh(names)}",
                f"{kind}: {len(names)} that concern nothing of this run and had no effect: {list_en(names)}",
            ),
            Severity.WARNING,
            value=float(len(names)),
            unit="count",
        )


def _backdated(kind: str, rows: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    for subject, day in rows:
        yield Finding(
            Text(
                f"{kind} 中 {subject} 的后一条记录日期 {day} 早于前一条；以文件中最后一条为准，请核对",
                f"{kind}: a later row on {subject} is dated {day}, before the one it follows; the last row counts, "
                "check it",
            ),
            Severity.WARNING,
        )
