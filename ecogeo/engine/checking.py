"""The checks of a county shared out among workers: one check, one task."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from ecogeo.check import Progress, choose_checks, run_checks
from ecogeo.decisions import DecisionFiles
from ecogeo.engine.crew import Crew, work
from ecogeo.finding import Report, SourceFile
from ecogeo.judging import completed
from ecogeo.law import Law, read_law
from ecogeo.reviews import read_reviews
from ecogeo.rounding import Rounding
from ecogeo.workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class _Task:
    """One check on one county, by the law of a day and by what people decided."""

    root: Path
    name: str
    on: dt.date | None
    files: DecisionFiles
    run: str


def check_in_pieces(
    root: Path,
    names: Sequence[str] = (),
    *,
    on: dt.date | None = None,
    decisions: DecisionFiles | None = None,
    rounding: Rounding | None = None,
    crew: Crew | None = None,
    progress: Progress = lambda _name, _done, _of: None,
) -> Report:
    """Run checks on a county as `ecogeo.judging.judge_county` does, each wherever a worker is free.

    Parameters
    ----------
    root
        The county folder; workers find it under the same path.
    names
        The checks; none for all.
    on
        The day whose law is applied.
    decisions
        Files of answers, project types and reviews.
    rounding
        How figures are rounded; None for the county's own law.
    crew
        Who does the work; None for this process alone. The report is the same for any crew.
    progress
        Called with the name of each check that is done, how many are, and of how many.

    Raises
    ------
    EcogeoError
        With everything that is unusable among the inputs of a check.
    """
    crew, files = crew or Crew(), decisions or DecisionFiles(None, None, None)
    county = open_workspace(root).with_rounding(rounding)
    chosen = [one.name for one in choose_checks(names)]
    law = _law(county, on, files)
    run = uuid.uuid4().hex  # tells workers that serve many runs to read the county anew
    found: dict[str, Report] = {}
    for name, report in work(crew, _check, [_Task(root.absolute(), name, on, files, run) for name in chosen]):
        progress(name, len(found), len(chosen))
        found[name] = report
    progress("", len(chosen), len(chosen))
    reviews = None if files.reviews is None else read_reviews(files.reviews)
    return completed(_joined([found[name] for name in chosen]), county, law=law, reviews=reviews)


def _law(county: Workspace, on: dt.date | None, files: DecisionFiles) -> Law | None:
    return read_law(county, on=on, answers=files.answers, types=files.types)


def _check(task: _Task) -> tuple[str, Report]:
    county = _opened(task.root, task.run)
    return task.name, run_checks(county, choose_checks([task.name]), law=_law(county, task.on, task.files))


@lru_cache(maxsize=1)
def _opened(root: Path, run: str) -> Workspace:
    """Open a county once per process and run."""
    del run
    return open_workspace(root)


def _joined(reports: Sequence[Report]) -> Report:
    """Return the reports of single checks as the one report of all of them, in their order."""
    frames: dict[str, list[pd.DataFrame]] = {}
    for report in reports:
        for name, frame in report.tables.items():
            frames.setdefault(name, []).append(frame)
    sources = dict.fromkeys(source for report in reports for source in report.sources)
    return Report(
        judged_on=reports[0].judged_on,
        runs=tuple(run for report in reports for run in report.runs),
        tables={name: pd.concat(some, ignore_index=True) for name, some in sorted(frames.items())},
        sources=tuple(sorted(sources, key=_layers_first)),
        notice=reports[0].notice,
    )


def _layers_first(source: SourceFile) -> tuple[str, bool]:
    """Order sources by path; one file may be a layer and the coverage of others, which bears its path as a name."""
    return source.path, source.name == source.path.rpartition(".")[0]
