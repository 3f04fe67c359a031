"""Declare a check, find the checks there are, and run a set of them on a county.

A check is one file in ``ecogeo/checks/`` and one function of the same name. It is handed the layers whose roles its
parameters name (``earlier_redlines``: the version before); a keyword-only parameter is a threshold, which the county
may set in layers.toml (``[checks.<name>]``). It yields findings and tables of results.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ecogeo.catalog import RASTER_ROLES, ROLES
from ecogeo.errors import EcogeoError, UnusableCatalogError, UsageError
from ecogeo.finding import CheckRun, Finding, Report, ResultTable, SourceFile
from ecogeo.formats.addresses import is_postgis
from ecogeo.hits import Cases
from ecogeo.landuse.book import BOOK_FILES
from ecogeo.law import Law
from ecogeo.layer import digest
from ecogeo.rules.distances import DISTANCES_FILE, LawDistance, read_distances
from ecogeo.wording import Text, list_en, list_zh
from ecogeo.workspace import Workspace

Outcome = Iterator[Finding | ResultTable]
Progress = Callable[[str, int, int], None]
EARLIER = "earlier_"
"""A parameter of this beginning and a role's name is handed the version before that of the role's layer."""

_Ran = tuple[CheckRun, tuple[ResultTable, ...]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that can be wrong or be measured.

    Parameters
    ----------
    name
        The function's name; it says what is wrong or what is measured.
    family
        Group it is shown under.
    title
        Its name for people.
    function
        What does it.
    """

    name: str
    family: str
    title: Text
    function: Callable[..., Outcome]

    @property
    def needs(self) -> tuple[str, ...]:
        """What it cannot do without: roles, or a whole: ``layers``, ``plans``, ``projects``, ``joins``, ``cases``."""
        return tuple(name for name, parameter in _inputs(self.function).items() if parameter.default is parameter.empty)

    @property
    def uses(self) -> tuple[str, ...]:
        """All it is handed, also where the county has none."""
        return tuple(_inputs(self.function))

    @property
    def thresholds(self) -> Mapping[str, Any]:
        """Its thresholds by name, with their defaults."""
        parameters = inspect.signature(self.function).parameters
        return {
            name: parameter.default
            for name, parameter in parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY
        }


def check(*, family: str, title: Text) -> Callable[[Callable[..., Outcome]], Check]:
    """Declare a function as a check.

    Parameters
    ----------
    family
        Group it is shown under: ``screening``, ``water``, ``data`` …
    title
        Its name for people.
    """

    def declare(function: Callable[..., Outcome]) -> Check:
        return Check(function.__name__, family, title, function)

    return declare


def find_checks() -> tuple[Check, ...]:
    """Return every check of the folder, sorted by name: each file holds one of the file's own name."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent / "checks")]))
    return tuple(getattr(importlib.import_module(f"ecogeo.checks.{name}"), name) for name in names)


def choose_checks(names: Sequence[str]) -> tuple[Check, ...]:
    """Return the checks of these names, or all where none is named.

    Raises
    ------
    UsageError
        Where a name is unknown.
    """
    known = {found.name: found for found in find_checks()}
    if unknown := [name for name in names if name not in known]:
        raise UsageError(
            Text(
                f"没有检查 {list_zh(unknown)}；已有：{list_zh(known, most=50)}",
                f"there is no check {list_en(unknown)}; there are {list_en(known, most=50)}",
            )
        )
    return tuple(known[name] for name in dict.fromkeys(names)) if names else tuple(known.values())


def run_checks(
    workspace: Workspace,
    chosen: Sequence[Check] | None = None,
    *,
    law: Law | None = None,
    jobs: int = 1,
    progress: Progress = lambda _name, _done, _of: None,
) -> Report:
    """Run checks on a county.

    Parameters
    ----------
    workspace
        The county; nothing in it is changed.
    chosen
        The checks; None for all.
    law
        What hits are judged by; None leaves every verdict to a person.
    jobs
        How many checks may run side by side; the report is the same for any number.
    progress
        Called with the name of the check waited for, how many before it are done, and of how many; from one thread.

    Returns
    -------
    The report. A check whose layer the county does not have is listed as not run, with the reason; one that breaks is
    noted and the others go on.

    Raises
    ------
    EcogeoError
        With everything that is unusable among the inputs of the chosen checks, before any of them runs; thresholds of
        layers.toml that no check has are among it.
    UsageError
        Where `jobs` is less than 1.
    """
    if jobs < 1:
        raise UsageError(Text(f"并行数应至少为 1，不能是 {jobs}", f"at least 1 job is needed, not {jobs}"))
    chosen = find_checks() if chosen is None else chosen
    require_thresholds(workspace)
    wanted = {use for one in chosen for use in one.uses}
    if "cases" in wanted:
        wanted |= {"project_sites", "projects", "towns"}
    roles = sorted(wanted & set(ROLES))
    played = [name for role in roles if (name := workspace.catalog.of_role(role)) is not None]
    rasters = [name for name in played if workspace.catalog.layers[name].is_raster]
    names = [name for name in played if name not in rasters]
    if "layers" in wanted:
        names = list(workspace.vector_names)
    tasks: list[Callable[[], object]] = [partial(workspace.layer, name) for name in names]
    tasks += [partial(workspace.raster, name) for name in rasters]
    earlier = sorted(name.removeprefix(EARLIER) for name in wanted if name.startswith(EARLIER))
    tasks += [partial(workspace.earlier_of_role, role) for role in earlier]
    tasks += [workspace.projects] if wanted & {"projects", "plans"} else []
    tasks += [workspace.land_book] if "land_book" in wanted else []
    tasks += [partial(_law_distances, workspace, law)] if "law_distances" in wanted else []
    tasks += [partial(workspace.matching, name) for name in workspace.catalog.joins] if "joins" in wanted else []
    if "layers" in wanted:
        unread = [name for name in workspace.raster_names if name not in rasters]
        tasks += [partial(workspace.require_raster, name) for name in unread]
        rasters += unread
    workspace.require(tasks)
    runs: list[CheckRun] = []
    tables: dict[str, list[pd.DataFrame]] = {}
    outcomes = _outcomes(chosen, workspace, law, jobs)
    for done, one in enumerate(chosen):
        progress(one.name, done, len(chosen))
        run, found = next(outcomes)
        runs.append(run)
        for table in found:
            tables.setdefault(table.name, []).append(table.frame)
    progress("", len(chosen), len(chosen))
    sources = [
        *_layer_sources(workspace, names),
        *_raster_sources(workspace, rasters),
        *_earlier_sources(workspace, earlier),
        *_file_sources(workspace, wanted),
    ]
    if law is not None:
        sources += law.sources
    return Report(
        judged_on="" if law is None or law.on is None else law.on.isoformat(),
        runs=tuple(runs),
        tables={name: pd.concat(frames, ignore_index=True) for name, frames in sorted(tables.items())},
        sources=tuple(sorted(sources, key=lambda source: source.path)),
        notice=workspace.county.mark,
        rounding=workspace.county.rounding,
    )


def require_thresholds(workspace: Workspace) -> None:
    """Refuse thresholds of layers.toml that no check has.

    Raises
    ------
    UnusableCatalogError
        With every unknown check and threshold.
    """
    declared = workspace.catalog.checks
    if not declared:
        return
    known = {one.name: one.thresholds for one in find_checks()}
    problems = [
        Text(
            f"layers/layers.toml：checks.{name}：没有这项检查；已有：{list_zh(known, most=60)}",
            f"layers/layers.toml: checks.{name}: there is no such check; there are {list_en(known, most=60)}",
        )
        for name in sorted(set(declared) - set(known))
    ]
    problems += [
        Text(
            f"layers/layers.toml：checks.{name}.{threshold}：该检查没有这个阈值；"
            f"可用：{list_zh(known[name], most=20) or '无'}",
            f"layers/layers.toml: checks.{name}.{threshold}: the check has no such threshold; "
            f"it has {list_en(known[name], most=20) or 'none'}",
        )
        for name in sorted(set(declared) & set(known))
        for threshold in sorted(set(declared[name]) - set(known[name]))
    ]
    if problems:
        raise UnusableCatalogError(problems)


def _outcomes(chosen: Sequence[Check], workspace: Workspace, law: Law | None, jobs: int) -> Iterator[_Ran]:
    """Yield what each check did, in their order, whichever of them ends first."""
    run = partial(_run, workspace=workspace, law=law)
    if jobs == 1:
        yield from map(run, chosen)
        return
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(run, chosen)


def _run(one: Check, workspace: Workspace, law: Law | None) -> _Ran:
    """Run one check and take what it yields apart; a broken check leaves no half tables behind."""
    inputs = _bound(one, workspace, law)
    own = workspace.catalog.checks.get(one.name, {})
    absent = [_as_declared(need) for need in one.needs if inputs[need] is None]
    if absent:
        reason = Text(f"本县没有图层：{list_zh(absent)}", f"the county has no layer for {list_en(absent)}")
        return CheckRun(one.name, one.family, one.title, not_run=reason), ()
    findings: list[Finding] = []
    found: list[ResultTable] = []
    try:
        for outcome in one.function(**inputs, **own):
            if isinstance(outcome, Finding):
                findings.append(outcome)
            else:
                found.append(outcome)
    except EcogeoError as error:
        return CheckRun(one.name, one.family, one.title, crash=Text(error.say("zh"), error.say("en"))), ()
    except Exception as error:  # noqa: BLE001  a broken check is noted, the others go on
        where = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        crash = Text(
            f"检查内部出错，请把此信息转给维护者：{what}", f"the check itself broke, tell the maintainers: {what}"
        )
        return CheckRun(one.name, one.family, one.title, crash=crash), ()
    return CheckRun(one.name, one.family, one.title, findings=tuple(findings)), tuple(found)


def _as_declared(need: str) -> str:
    """Name an input that is missing as layers.toml would: ``redlines.earlier`` for the version before."""
    if need.startswith(EARLIER):
        return f"{need.removeprefix(EARLIER)}.earlier"
    return "project_sites" if need == "cases" else need


def _bound(one: Check, workspace: Workspace, law: Law | None) -> Mapping[str, Any]:
    """Return what each parameter is handed; None for a role the county has no layer of."""
    whole: dict[str, Callable[[], Any]] = {
        "layers": lambda: {name: workspace.layer(name) for name in workspace.vector_names},
        "projects": workspace.projects,
        "plans": lambda: {name: workspace.plan(name) for name in workspace.catalog.plans},
        "land_book": workspace.land_book,
        "cases": lambda: _cases(workspace, law),
        "joins": lambda: {name: workspace.matching(name) for name in workspace.catalog.joins},
        "law_distances": lambda: _law_distances(workspace, law),
        "rounding": lambda: workspace.county.rounding,
    }

    def handed(name: str) -> Any:  # noqa: ANN401  a layer, a raster, or a whole
        if name in whole:
            return whole[name]()
        if name.startswith(EARLIER):
            return workspace.earlier_of_role(name.removeprefix(EARLIER))
        return workspace.raster_of_role(name) if name in RASTER_ROLES else workspace.of_role(name)

    return {name: handed(name) for name in one.uses}


def _law_distances(workspace: Workspace, law: Law | None) -> tuple[LawDistance, ...]:
    """Return the distances in force on the day of the law."""
    return read_distances(workspace.data_folder, on=None if law is None else law.on)


def _cases(workspace: Workspace, law: Law | None) -> Cases | None:
    """Return what is screened; None where the county has no sites."""
    sites = workspace.of_role("project_sites")
    return (
        None
        if sites is None
        else Cases(sites, workspace.projects(), law, workspace.of_role("towns"), workspace.county.rounding)
    )


def _inputs(function: Callable[..., Outcome]) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(function).parameters
    return {name: parameter for name, parameter in parameters.items() if parameter.kind is not parameter.KEYWORD_ONLY}


def _layer_sources(workspace: Workspace, names: Iterable[str]) -> Iterator[SourceFile]:
    for name in names:
        layer = workspace.layer(name)
        declared = layer.declaration
        shown = declared.shown_path if is_postgis(declared.path) else f"layers/{declared.path}"
        yield SourceFile(name, shown, layer.sha256, declared.version, declared.date)


def _raster_sources(workspace: Workspace, names: Iterable[str]) -> Iterator[SourceFile]:
    for name in names:
        declared = workspace.catalog.layers[name]
        sha256 = digest(workspace.layer_folder / declared.path)
        yield SourceFile(name, f"layers/{declared.path}", sha256, declared.version, declared.date)


def _earlier_sources(workspace: Workspace, roles: Iterable[str]) -> Iterator[SourceFile]:
    for role in roles:
        if (layer := workspace.earlier_of_role(role)) is not None:
            declared = layer.declaration
            shown = declared.shown_path if is_postgis(declared.path) else f"layers/{declared.path}"
            yield SourceFile(layer.name, shown, layer.sha256, declared.version, declared.date)


def _file_sources(workspace: Workspace, wanted: set[str]) -> Iterator[SourceFile]:
    """Return the declarations, and the files behind plans, joins and coverages, each with its digest."""
    catalog = workspace.catalog
    paths = [workspace.layer_folder / "layers.toml", workspace.data_folder / "tables.toml"]
    paths += [workspace.layer_folder / one.coverage for one in catalog.layers.values() if "." in one.coverage]
    if wanted & {"projects", "plans", "joins"}:
        paths += [path for name in catalog.plans for path in workspace.plan_files(name)]
    if "joins" in wanted:
        tables = {table for join in catalog.joins.values() for table in (join.table, join.aliases)}
        paths += [workspace.data_folder / catalog.tables[name].path for name in sorted(tables & set(catalog.tables))]
    paths += [workspace.data_folder / name for name in BOOK_FILES] if "land_book" in wanted else []
    paths += [workspace.data_folder / DISTANCES_FILE] if "law_distances" in wanted else []
    for path in dict.fromkeys(paths):
        if path.is_file():
            shown = path.relative_to(workspace.root).as_posix()
            yield SourceFile(shown.rpartition(".")[0], shown, digest(path))
