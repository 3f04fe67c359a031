"""What people decide, as the files of a county hold it: read with the law, appended, and whether they may be."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import ecogeo
from ecogeo.decisions import Kind, decision_files, decision_path, shown_decisions
from ecogeo.finding import Report, SourceFile
from ecogeo.judging import completed
from ecogeo.law import Law, read_law
from ecogeo.ledger import Entry, entries, ledger_of
from ecogeo.project_types import TypeChoice, append_type
from ecogeo.questions import GivenAnswer, append_answer
from ecogeo.reviews import Review, Reviews, append_review, read_reviews
from ecogeo.wording import Text
from ecogeo.workspace import Workspace
from viewer.forms import Decided

_KINDS: Mapping[type[Decided], Kind] = {GivenAnswer: "answers", TypeChoice: "types", Review: "reviews"}

_PACKAGE = Path(ecogeo.__file__).resolve().parent

SAMPLE_IS_CLOSED = Text(
    "这是随软件安装的样例县，不能保存意见；用 ecogeo init 建立本县的资料夹后即可填写",
    "this is the sample county that came with the software: nothing is saved in it; make a folder for your own county "
    "by ecogeo init",
)
FOLDER_IS_CLOSED = Text(
    "县域资料夹不可写，不能保存意见；请让管理员开放 data/decisions 的写入权限",
    "the county's folder cannot be written, so nothing can be saved: have data/decisions opened for writing",
)


def why_closed(workspace: Workspace) -> Text | None:
    """Return why nothing can be saved in a county's folder; None where it can."""
    if _PACKAGE in workspace.root.resolve().parents:
        return SAMPLE_IS_CLOSED
    folder = decision_path(workspace.data_folder, "answers").parent
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return None if os.access(there, os.W_OK) else FOLDER_IS_CLOSED


def stamps_of(workspace: Workspace) -> tuple[tuple[int, int] | None, ...]:
    """Return what would change if a table of decisions were written."""
    told: list[tuple[int, int] | None] = []
    for kind in _KINDS.values():
        try:
            found = decision_path(workspace.data_folder, kind).stat()
            told.append((found.st_mtime_ns, found.st_size))
        except OSError:
            told.append(None)
    return tuple(told)


def read_decided(workspace: Workspace, on: dt.date | None) -> tuple[Law | None, Reviews]:
    """Return the law of a day with the answers and types people gave, and what reviewers answered."""
    files = decision_files(workspace.data_folder)
    law = read_law(workspace, on=on, answers=files.answers, types=files.types)
    return law, Reviews() if files.reviews is None else read_reviews(files.reviews)


def with_reviews(checked: Report, workspace: Workspace, law: Law | None, reviews: Reviews) -> Report:
    """Return a run with the reviews beside its answers and their file among its inputs, as `judge_county` does."""
    if not reviews.sha256:
        return completed(checked, workspace, law=law, reviews=None)
    report = completed(checked, workspace, law=law, reviews=reviews)
    path = decision_path(workspace.data_folder, "reviews")
    source = SourceFile("reviews", shown_decisions(path, "reviews"), reviews.sha256)
    return replace(report, sources=tuple(sorted([*report.sources, source], key=lambda one: one.path)))


def in_ledger(workspace: Workspace, one: Decided) -> tuple[Entry, ...]:
    """Return what a county's ledger holds of the kind of a decision; nothing where it has none."""
    ledger = ledger_of(workspace.data_folder)
    return () if ledger is None else entries(ledger, _KINDS[type(one)])


def append(workspace: Workspace, one: Decided, law: Law | None) -> None:
    """Append a decision to its table, and to the ledger before it.

    Raises
    ------
    EcogeoError
        Where the decision, or the table as somebody left it, cannot be used.
    OSError
        Where a file cannot be written.
    """
    folder = workspace.data_folder
    if isinstance(one, GivenAnswer):
        append_answer(decision_path(folder, "answers"), one, law.pack.questions if law else ())
    elif isinstance(one, TypeChoice):
        append_type(decision_path(folder, "types"), one, law.pack.types if law else ())
    else:
        append_review(decision_path(folder, "reviews"), one)
