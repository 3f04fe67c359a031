"""The ledger: every run on record, what superseded it, and what differs between two."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext as _

from ecogeo.errors import UsageError
from ecogeo.finding import Answer, Verdict
from ecogeo.ledger import Entry, Ledger, chain_problems, entries, entry_of, ledger_of, lines_of, why_closed
from ecogeo.report.cells import write_csv
from ecogeo.runs import (
    DIFF_COLUMNS,
    RUN,
    Change,
    Difference,
    changes_since,
    compare_runs,
    is_superseded,
    look,
    superseded_layers,
)
from viewer.prepared import prepared

pages = Blueprint("runs", __name__)

PER_PAGE = 50
MOST_SHOWN = 500
"""More differences than anybody reads on a page; the table that is handed out has them all."""


_NO_NUMBER = 1 << 31
"""No entry has so high a number, and no database is asked for one."""


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run as the page tells it.

    Parameters
    ----------
    entry
        As recorded.
    at
        When, by the server's clock.
    command
        What was asked for, in words.
    counts
        How many answers of each kind.
    changes
        What changed since.
    """

    entry: Entry
    at: str
    command: str
    counts: dict[Answer, int]
    changes: tuple[Change, ...]

    @property
    def is_superseded(self) -> bool:
        """Whether it has to be run anew."""
        return is_superseded(self.changes)


@pages.get("/runs")
def table() -> str:
    """Show the runs on record, the newest first; ``?page=`` from 1."""
    ledger = ledger_of(prepared().workspace.data_folder)
    if ledger is None:
        return _page([], 0, 1)
    kept = entries(ledger, RUN)
    page = request.args.get("page", 1, type=int)
    newest = list(reversed(kept))[max(page - 1, 0) * PER_PAGE :][:PER_PAGE]
    if page < 1 or (not newest and page > 1):
        abort(404)
    now = look(prepared().workspace)
    shown = [_shown(run, changes_since(run, now, kept)) for run in newest]
    return _page(shown, len(kept), page, problems=chain_problems(ledger, with_lines=False), ledger=ledger)


@pages.get("/runs/<int:number>")
def one(number: int) -> str:
    """Show one run in full."""
    ledger = _ledger()
    run = _run(ledger, number)
    workspace = prepared().workspace
    changes = changes_since(run, look(workspace), entries(ledger, RUN))
    layers = [
        (workspace.catalog.answer_title(layer), {answer: counts.get(str(answer), 0) for answer in Answer}, layer)
        for layer, counts in run.body["answers"].items()
    ]
    return render_template(
        "run.html",
        run=_shown(run, changes),
        body=run.body,
        layers=layers,
        old=superseded_layers(run, changes),
        told={name: value for name, value in sorted(run.body["parameters"].items()) if value},
        verdicts={verdict: run.body["verdicts"].get(str(verdict), 0) for verdict in Verdict},
    )


@pages.get("/runs/diff")
def diff() -> str:
    """Show what two runs answer differently: ``?a=`` the earlier and ``?b=`` the later."""
    before, after, found = _compared()
    workspace = prepared().workspace
    titles = {layer: workspace.catalog.answer_title(layer) for layer in {_row(one)["layer"] for one in found}}
    counts: Counter[str] = Counter(one.kind for one in found)
    return render_template(
        "run_diff.html",
        before=_shown(before, ()),
        after=_shown(after, ()),
        found=found[:MOST_SHOWN],
        total=len(found),
        counts=[(words, counts[kind]) for kind, words in _kind_words().items() if counts[kind]],
        kind_words=_kind_words(),
        titles=titles,
        row_of=_row,
        moved=_moved,
        answer_words={str(answer): answer.text for answer in Answer},
        verdict_words={str(verdict): verdict.text for verdict in Verdict},
    )


@pages.get("/runs/diff.csv")
def diff_csv() -> Response:
    """Hand out the differences as ``ecogeo diff -o`` writes them."""
    _before, _after, found = _compared()
    frame = pd.DataFrame([one.cells() for one in found], columns=list(DIFF_COLUMNS), dtype=str)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "diff.csv"
        write_csv(frame, path)
        content = path.read_bytes()
    answer = Response(content, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="diff.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _page(
    shown: Sequence[ShownRun], total: int, page: int, problems: Sequence[Any] = (), ledger: Ledger | None = None
) -> str:
    return render_template(
        "runs.html",
        runs=shown,
        total=total,
        page=page,
        pages=-(-total // PER_PAGE),
        problems=problems,
        is_off=ledger is None,
        closed=None if ledger is None else why_closed(ledger),
    )


def _compared() -> tuple[Entry, Entry, tuple[Difference, ...]]:
    ledger = _ledger()
    numbers = sorted(request.args.get(name, 0, type=int) for name in ("a", "b"))
    before, after = (_run(ledger, number) for number in numbers)
    rows = [list(lines_of(ledger, run.seq)) for run in (before, after)]
    return before, after, compare_runs(before, after, *rows)


def _row(one: Difference) -> Any:  # noqa: ANN401  a recorded row
    return one.after or one.before


def _moved(one: Difference) -> list[tuple[str, str, str]]:
    """Return the other figures that differ: in words, before and after; a dash where a run has none."""
    words = {
        "length_m": _("长度（米）"),
        "share": _("占比"),
        "distance_m": _("距离（米）"),
        "coverage": _("图层覆盖"),
        "zones": _("所在分区"),
    }
    if not one.before or not one.after:
        return []
    pairs = [(text, str(one.before[name]), str(one.after[name])) for name, text in words.items()]
    return [(text, before or "—", after or "—") for text, before, after in pairs if before != after]


def _ledger() -> Ledger:
    ledger = ledger_of(prepared().workspace.data_folder)
    if ledger is None:
        abort(404)
    return ledger


def _run(ledger: Ledger, number: int) -> Entry:
    if not 0 < number < _NO_NUMBER:
        abort(404)
    try:
        run = entry_of(ledger, number)
    except UsageError:
        abort(404)
    if run.kind != RUN:
        abort(404)
    return run


def _shown(run: Entry, changes: tuple[Change, ...]) -> ShownRun:
    counts: Counter[str] = Counter()
    for of_layer in run.body["answers"].values():
        counts.update(of_layer)
    words = {"check": _("全县检查"), "screen": _("用地核查"), "demo": _("演示")}
    return ShownRun(
        run,
        dt.datetime.fromisoformat(run.at).astimezone().strftime("%Y-%m-%d %H:%M"),
        words.get(run.body["command"], run.body["command"]),
        {answer: counts[str(answer)] for answer in Answer},
        changes,
    )


def _kind_words() -> dict[str, str]:
    return {
        "answer": _("答案改变"),
        "added": _("新增"),
        "gone": _("不再有"),
        "verdict": _("结论或规则改变"),
        "figure": _("数值改变"),
        "review": _("复核改变"),
    }
