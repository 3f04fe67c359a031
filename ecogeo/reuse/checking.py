"""Run the checks whose inputs changed since their outcome was kept; the others are as they were."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ecogeo.board.rejudging import concerned_sites, rejudged
from ecogeo.check import Check, find_checks, require_thresholds, run_checks
from ecogeo.decisions import Kind, decision_files, decision_path
from ecogeo.errors import EcogeoError, merged
from ecogeo.finding import Report
from ecogeo.law import Law, read_law
from ecogeo.reuse.inputs import county_inputs, inputs_of, named, program_digest
from ecogeo.reuse.written import NotWritableError, read_report, read_told, write_report
from ecogeo.tiles.apart import ended_unexpectedly, has_large_layers, joined_reports, reports_apart
from ecogeo.wording import Text, list_en, list_zh
from ecogeo.workspace import Workspace

FORMAT = "ecogeo checked 1"

_LAWFUL = frozenset({"cases", "law_distances"})
"""What of a check's inputs holds the law of a day."""

_MOST_REJUDGED = 200
"""Sites of a large county that are judged anew in the server itself; for more, their checks run again beside it."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a county, and under which names."""

    folder: Path | None
    inputs: Mapping[str, str]
    day: str
    decided: str

    def key(self, one: Check, workspace: Workspace) -> str:
        """Return what names the outcome of a check: anything it hangs on that is another gives another."""
        own = inputs_of(one, workspace, self.inputs)
        day = self.day if _LAWFUL & set(one.uses) else ""
        decided = self.decided if _is_judged(one) else ""
        return named(FORMAT, program_digest(), one.name, own, day, decided)


def checked(workspace: Workspace, law: Law | None, *, tell: Callable[[Text], None] = lambda _text: None) -> Report:
    """Return what all checks say of a county, run only where something they hang on changed since they last ran.

    Parameters
    ----------
    workspace
        The county; what its checks said is kept beside its layers, in ``layers/.index/checked``, where that can be
        written.
    law
        The rules of a day with what people decided; None where the county has none.
    tell
        Called with what was found: which results stand, and which inputs changed.

    Returns
    -------
    What `ecogeo.check.run_checks` gives. Other bytes of a layer, table, rule or declaration, another day of the law
    or another program make the checks run again that hang on it; a check that broke, or whose process was ended, runs
    every time. One that takes more than a server may spend stays listed as not run. Where people decided something
    since, only what it concerns is judged anew (`ecogeo.board.rejudging`).

    Raises
    ------
    EcogeoError
        With everything that is unusable among the inputs of the checks that run.
    """
    require_thresholds(workspace)
    folder, inputs = _folder(workspace), county_inputs(workspace)
    if "?" in inputs.values():
        folder = None
    day = "" if law is None or law.on is None else law.on.isoformat()
    base = _base_law(workspace, law, folder)
    held = _Kept(folder, inputs, day, _decided(base))
    found = _found(held, workspace)
    if base is not law and not _is_worth(workspace, base, law, found):
        base, held = law, replace(held, decided=_decided(law))
        found = _found(held, workspace)
    _tell(held, workspace, found, tell)
    left = {one.name: one for one in find_checks() if one.name not in found}
    if folder is not None and left and base is law:
        _keep_law(law, workspace, folder)
    for report in _run(workspace, base, list(left.values()), lambda report: _keep(held, workspace, left, report, base)):
        found[report.runs[0].name] = report
    report = joined_reports(workspace, base, [found[one.name] for one in find_checks()])
    if base is not None:
        own = dict.fromkeys([*report.sources, *base.sources])
        report = replace(report, sources=tuple(sorted(own, key=lambda source: source.path)))
    if base is law or base is None or law is None:
        return report
    return rejudged(workspace, report, before=base, law=law)


def _run(
    workspace: Workspace, law: Law | None, checks: Sequence[Check], ended: Callable[[Report], None]
) -> list[Report]:
    """Run checks one by one: beside this process where layers are so large that it would have to hold them after."""
    if not checks:
        return []
    if has_large_layers(workspace):
        return reports_apart(workspace, law, names=[one.name for one in checks], ended=ended)
    reports, errors = [], []
    for one in checks:
        try:
            reports.append(run_checks(workspace, [one], law=law))
            ended(reports[-1])
        except EcogeoError as error:
            errors.append(error)
    if errors:
        raise merged(errors)
    return reports


def _folder(workspace: Workspace) -> Path | None:
    """Return where outcomes are kept; None where nothing can be."""
    folder = workspace.layer_folder / ".index" / "checked"
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(there, os.W_OK):
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder


def _found(held: _Kept, workspace: Workspace) -> dict[str, Report]:
    """Return the outcomes that still stand, by check."""
    found: dict[str, Report] = {}
    if held.folder is None:
        return found
    for one in find_checks():
        told = read_told(held.folder / f"{one.name}.json.gz")
        if told is not None and told.get("key") == held.key(one, workspace) and (report := read_report(told)):
            found[one.name] = report
    return found


def _keep(held: _Kept, workspace: Workspace, checks: Mapping[str, Check], report: Report, law: Law | None) -> None:
    """Keep what a check said as soon as it ended, unless it broke; the law's own files are named anew by each run."""
    if held.folder is None or any(run.crash is not None or ended_unexpectedly(run) for run in report.runs):
        return
    one = checks[report.runs[0].name]
    told = {"key": held.key(one, workspace), "inputs": inputs_of(one, workspace, held.inputs)}
    lawful = () if law is None else law.sources
    own = replace(report, sources=tuple(source for source in report.sources if source not in lawful))
    try:
        write_report(held.folder / f"{one.name}.json.gz", own, told)
    except (NotWritableError, OSError):
        (held.folder / f"{one.name}.json.gz").unlink(missing_ok=True)  # it runs again next time


def _tell(held: _Kept, workspace: Workspace, found: Mapping[str, Report], tell: Callable[[Text], None]) -> None:
    """Say which outcomes stand, and what changed for the others."""
    every = find_checks()
    left = [one for one in every if one.name not in found]
    if held.folder is None:
        return
    if not left:
        text = f"自上次以来数据、规则和程序都没有变化，沿用 {len(every)} 项检查的结果"
        tell(Text(text, f"neither data, rules nor program changed: the results of {len(every)} checks stand"))
        return
    changed: dict[str, None] = {}
    for one in left:
        told = read_told(held.folder / f"{one.name}.json.gz") or {}
        if isinstance(before := told.get("inputs"), dict):
            now = inputs_of(one, workspace, held.inputs)
            changed |= dict.fromkeys(shown for shown in sorted({*before, *now}) if before.get(shown) != now.get(shown))
    why_zh = f"（有变化：{list_zh(changed)}）" if changed else ""
    why_en = f" (changed: {list_en(changed)})" if changed else ""
    tell(
        Text(
            f"正在运行 {len(left)} 项检查{why_zh}，沿用 {len(found)} 项的结果",
            f"running {len(left)} checks{why_en}; the results of {len(found)} stand",
        )
    )


def _is_judged(one: Check) -> bool:
    return "cases" in one.uses


def _decided(law: Law | None) -> str:
    return "" if law is None else named(law.answers.sha256, law.choices.sha256)


def _is_worth(workspace: Workspace, base: Law | None, law: Law | None, found: Mapping[str, Report]) -> bool:
    """Tell whether outcomes by an earlier law are of use: judged anew where people decided something since."""
    if base is None or law is None or not any(_is_judged(one) and one.name in found for one in find_checks()):
        return False
    sites = workspace.of_role("project_sites")
    if sites is None or not has_large_layers(workspace):
        return True
    return len(concerned_sites(sites, base, law)) <= _MOST_REJUDGED


def _base_law(workspace: Workspace, law: Law | None, folder: Path | None) -> Law | None:
    """Return the law that kept outcomes were judged by: that of the decisions kept beside them, else the present."""
    if law is None or folder is None:
        return law
    files = decision_files(folder / "data")
    try:
        base = read_law(workspace, on=law.on, answers=files.answers, types=files.types)
    except (EcogeoError, OSError):
        return law
    return law if base is None or _decided(base) == _decided(law) else base


def _keep_law(law: Law | None, workspace: Workspace, folder: Path) -> None:
    """Keep the decisions that outcomes are judged by beside them, as far as they are still those on the disk."""
    files = decision_files(workspace.data_folder)
    told: list[tuple[Kind, Path | None, str]] = [
        ("answers", files.answers, "" if law is None else law.answers.sha256),
        ("types", files.types, "" if law is None else law.choices.sha256),
    ]
    for kind, path, sha256 in told:
        place = decision_path(folder / "data", kind)
        try:
            content = path.read_bytes() if path is not None else b""
            if sha256 and hashlib.sha256(content).hexdigest() == sha256:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            else:
                place.unlink(missing_ok=True)
        except OSError:
            return  # other decisions then lie beside the outcomes: they run again next time
