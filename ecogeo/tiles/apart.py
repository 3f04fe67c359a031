"""Run a county's checks in a process of their own: what they hold of large layers goes when they are done.

A check that would take more memory or time than a server may spend is stopped and listed as not run, with the reason;
the others go on in a fresh process.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecogeo.check import choose_checks, find_checks, run_checks
from ecogeo.errors import EcogeoError
from ecogeo.finding import CheckRun, Report
from ecogeo.law import Law
from ecogeo.tiles.opening import features_declared
from ecogeo.wording import Text
from ecogeo.workspace import Workspace, open_workspace

LARGE_FEATURES = 100_000
"""A layer of more takes over 200 MB in memory."""

_STATM = Path("/proc/self/statm")
_TOO_LARGE, _TOO_LONG = 77, 78
_LOOK_EVERY_S = 0.2
_ENDED = "the process of this check ended unexpectedly"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one check may take.

    Parameters
    ----------
    most_bytes
        Memory of the process; watched where the system tells it (Linux).
    most_s
        Seconds from the end of the check before.
    """

    most_bytes: int = 4 << 30
    most_s: float = 180.0


def has_large_layers(workspace: Workspace) -> bool:
    """Tell whether any layer of a county is so large that a server should not hold it."""
    return any((features_declared(workspace, name) or 0) > LARGE_FEATURES for name in workspace.catalog.layers)


def checked_apart(
    workspace: Workspace, law: Law | None, *, names: Sequence[str] = (), bounds: Bounds | None = None
) -> Report:
    """Run checks on a county in another process and return their outcome.

    Parameters
    ----------
    workspace
        The county, read anew there.
    law
        The rules of a day with what people decided; None where the county has none.
    names
        The checks; none for all.
    bounds
        What a check may take; one that would take more is listed as not run. None for the usual.

    Raises
    ------
    EcogeoError
        With everything that is unusable among the inputs of the checks.
    """
    return joined_reports(workspace, law, reports_apart(workspace, law, names=names, bounds=bounds))


def reports_apart(
    workspace: Workspace,
    law: Law | None,
    *,
    names: Sequence[str] = (),
    bounds: Bounds | None = None,
    ended: Callable[[Report], None] = lambda _report: None,
) -> list[Report]:
    """Run checks on a county in another process and return the report of each, in their order; as `checked_apart`.

    Parameters
    ----------
    workspace, law, names, bounds
        As of `checked_apart`.
    ended
        Called with the report of each check as soon as it ended.

    Raises
    ------
    EcogeoError
        With everything that is unusable among the inputs of the checks.
    """
    bounds = bounds or Bounds()
    chosen = {one.name: one for one in (choose_checks(names) if names else find_checks())}
    left = list(chosen)
    reports: list[Report] = []
    problems: list[Text] = []
    while left:
        count = 0
        code = 0
        for outcome in _outcomes(workspace, law, left, bounds):
            if isinstance(outcome, int):
                code = outcome
            elif isinstance(outcome, Report):
                reports.append(outcome)
                ended(outcome)
                count += 1
            else:
                problems += outcome
                count += 1
        if count < len(left):
            one = chosen[left[count]]
            run = CheckRun(one.name, one.family, one.title, not_run=_why_stopped(one.name, code, bounds))
            reports.append(Report("", (run,)))
            ended(reports[-1])
            count += 1
        left = left[count:]
    if problems:
        raise EcogeoError(list(dict.fromkeys(problems)))
    return reports


def ended_unexpectedly(run: CheckRun) -> bool:
    """Tell whether the process of a check was ended by something else than the check's own size."""
    return run.not_run is not None and run.not_run.en.startswith(_ENDED)


def answer() -> None:
    """Run the checks asked for on the standard input, and answer on the standard output as each of them ends."""
    asked: tuple[Path, Law | None, Sequence[str], Bounds] = pickle.load(sys.stdin.buffer)  # noqa: S301  our parent's
    root, law, names, bounds = asked
    since = [time.monotonic()]
    threading.Thread(target=_watch, args=(bounds, since), daemon=True).start()
    county = open_workspace(root)
    for one in choose_checks(names):
        try:
            outcome: Report | tuple[Text, ...] = run_checks(county, [one], law=law)
        except EcogeoError as error:
            outcome = error.problems
        pickle.dump(outcome, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        since[0] = time.monotonic()


def _outcomes(
    workspace: Workspace, law: Law | None, names: Sequence[str], bounds: Bounds
) -> Iterator[Report | tuple[Text, ...] | int]:
    """Yield the report of each check, or what is unusable for it, as far as the process comes; then how it ended."""
    asked = pickle.dumps((workspace.root.absolute(), law, tuple(names), bounds))
    with subprocess.Popen(  # noqa: S603  this very interpreter on this very module
        [sys.executable, "-c", f"from {__name__} import answer; answer()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        process.stdin.write(asked)
        process.stdin.close()
        try:
            while True:
                yield pickle.load(process.stdout)  # noqa: S301  written by `answer` alone
        except (EOFError, pickle.UnpicklingError):
            yield process.wait()
        finally:
            if process.poll() is None:
                process.kill()


def _watch(bounds: Bounds, since: Sequence[float]) -> None:
    """End this process where a check takes too much; a report cut short by it is not read."""
    page = os.sysconf("SC_PAGE_SIZE") if _STATM.exists() else 0
    while True:
        if page and int(_STATM.read_text("ascii").split()[1]) * page > bounds.most_bytes:
            os._exit(_TOO_LARGE)
        if time.monotonic() - since[0] > bounds.most_s:
            os._exit(_TOO_LONG)
        time.sleep(min(_LOOK_EVERY_S, bounds.most_s))


def _why_stopped(name: str, code: int, bounds: Bounds) -> Text:
    """Say why a check came to no end."""
    gib, seconds = f"{bounds.most_bytes / 2**30:.3g}", f"{bounds.most_s:.3g}"
    reason = {
        _TOO_LARGE: Text(
            f"图层太大，这项检查在浏览服务中要用的内存超过 {gib} GB",
            f"the layers are so large that this check takes more than the {gib} GB of memory the viewer gives it",
        ),
        _TOO_LONG: Text(
            f"图层太大，这项检查在浏览服务中 {seconds} 秒内算不完",
            f"the layers are so large that this check does not end within the {seconds} seconds the viewer gives it",
        ),
    }.get(
        code,
        Text(f"这项检查的进程意外结束（{code}）", f"{_ENDED} ({code})"),
    )
    return Text(
        f"{reason.zh}，没有运行；请在命令行运行 ecogeo check {name}",
        f"{reason.en}; not run here: run ecogeo check {name} from the command line",
    )


def joined_reports(workspace: Workspace, law: Law | None, reports: Sequence[Report]) -> Report:
    """Return the reports of single checks as the one report of all of them, in their order.

    Parameters
    ----------
    workspace
        The county.
    law
        What they judged by; None for nothing.
    reports
        One for each check.
    """
    frames: dict[str, list[pd.DataFrame]] = {}
    for report in reports:
        for name, frame in report.tables.items():
            frames.setdefault(name, []).append(frame)
    tables: Mapping[str, pd.DataFrame] = {
        name: pd.concat(some, ignore_index=True) for name, some in sorted(frames.items())
    }
    sources = dict.fromkeys(source for report in reports for source in report.sources)
    return Report(
        judged_on="" if law is None or law.on is None else law.on.isoformat(),
        runs=tuple(run for report in reports for run in report.runs),
        tables=tables,
        sources=tuple(sorted(sources, key=lambda source: source.path)),
        notice=workspace.county.mark,
        rounding=workspace.county.rounding,
    )
