"""Outcomes kept from start to start: they stand as long as nothing they hang on changed, and never longer."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from two_rules import write_rules

from ecogeo.check import Check, find_checks, run_checks
from ecogeo.errors import EcogeoError
from ecogeo.finding import CheckRun, Finding, Report, ResultTable, Severity, SourceFile, Verdict
from ecogeo.law import read_law
from ecogeo.reuse import checked, checking
from ecogeo.reuse.inputs import county_inputs, file_stamps, inputs_of
from ecogeo.reuse.written import NotWritableError, read_report, read_told, write_report
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace

NAMES = ("geometry_not_valid", "site_in_redline", "site_on_shoreline")
TEXT = Text("甲", "a")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have three checks stand for all, and note which of them run."""
    chosen = tuple(one for one in find_checks() if one.name in NAMES)
    names: list[str] = []

    def noted(county: object, checks: Sequence[Check], **told: object) -> Report:
        names.extend(one.name for one in checks)
        return run_checks(county, checks, **told)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "find_checks", lambda: chosen)
    monkeypatch.setattr(checking, "run_checks", noted)
    return names


def told_of(root: Path, on: dt.date | None = None, *, is_held: bool = True) -> tuple[Report, list[str]]:
    """Check a county as at a start; return what came of it, held to a whole run, and what people were told."""
    county, told = open_workspace(root), []
    answers = root / "data" / "decisions" / "answers.csv"
    law = read_law(county, on=on, answers=answers if answers.is_file() else None)
    report = checked(county, law, tell=lambda text: told.append(text.en))
    if not is_held:
        return report, told
    whole = run_checks(open_workspace(root), [one for one in find_checks() if one.name in NAMES], law=law)
    assert same(report, whole), "what stands is what a whole run would say"
    return report, told


def same(one: Report, other: Report) -> bool:
    """Whether two reports say the same to the last bit."""
    assert one.tables.keys() == other.tables.keys()
    for name, frame in one.tables.items():
        pd.testing.assert_frame_equal(frame, other.tables[name], check_exact=True, check_index_type=False)
    places = [
        (finding.geometry, there.geometry)
        for (_, finding), (_, there) in zip(one.findings, other.findings, strict=True)
    ]
    assert all(a is b or a.equals_exact(b, 0.0) for a, b in places if a is not None and b is not None)
    return [replace(run, findings=()) for run in one.runs] == [replace(run, findings=()) for run in other.runs] and (
        [replace(finding, geometry=None) for _, finding in one.findings],
        one.sources,
        one.judged_on,
        one.notice,
    ) == (
        [replace(finding, geometry=None) for _, finding in other.findings],
        other.sources,
        other.judged_on,
        other.notice,
    )


def grow(path: Path) -> None:
    """Change a GeoPackage in a place that no check reads, the user version of SQLite: its bytes are others."""
    content = bytearray(path.read_bytes())
    content[60:64] = b"\0\0\0\7"
    path.write_bytes(bytes(content))


def written_on(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def test_the_second_start_runs_nothing_and_says_the_same(county_folder: Path, ran: list[str]) -> None:
    write_rules(county_folder)
    _, told = told_of(county_folder)
    assert sorted(ran) == sorted(NAMES)
    assert told == ["running 3 checks; the results of 0 stand"]
    ran.clear()
    _, told = told_of(county_folder)
    assert ran == []
    assert told == ["neither data, rules nor program changed: the results of 3 checks stand"]


def test_a_layer_that_was_replaced_is_told_and_its_checks_run(county_folder: Path, ran: list[str]) -> None:
    write_rules(county_folder)
    told_of(county_folder)
    ran.clear()
    grow(county_folder / "layers" / "shorelines.gpkg")
    _, told = told_of(county_folder)
    assert sorted(ran) == ["geometry_not_valid", "site_on_shoreline"], "the red lines are as they were"
    assert told == ["running 2 checks (changed: layers/shorelines.gpkg); the results of 1 stand"]


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (lambda root: written_on(root / "layers" / "layers.toml", "\n# other\n"), NAMES),
        (lambda root: (root / "data" / "rules" / "new.md").write_text("x"), ("site_in_redline", "site_on_shoreline")),
        (lambda root: os.utime(root / "layers" / "redlines.gpkg"), ()),
        (lambda root: (root / "data" / "present").mkdir(), ()),
        (lambda root: (root / "layers" / "other.csv").write_text("nobody declares it"), ()),
    ],
)
def test_what_a_check_hangs_on_and_what_not(
    county_folder: Path, ran: list[str], change: Callable[[Path], object], again: Sequence[str]
) -> None:
    write_rules(county_folder)
    told_of(county_folder, is_held=False)
    ran.clear()
    change(county_folder)
    told_of(county_folder, is_held=False)
    assert sorted(ran) == sorted(again)


def test_another_day_another_program_and_a_broken_file_run_anew(
    county_folder: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rules(county_folder)
    told_of(county_folder, is_held=False)
    ran.clear()
    told_of(county_folder, dt.date(2026, 11, 22), is_held=False)
    assert sorted(ran) == ["site_in_redline", "site_on_shoreline"], "geometry knows no law"
    ran.clear()
    kept = county_folder / "layers" / ".index" / "checked" / "geometry_not_valid.json.gz"
    kept.write_bytes(kept.read_bytes()[:-9])
    told_of(county_folder, dt.date(2026, 11, 22), is_held=False)
    assert ran == ["geometry_not_valid"]
    ran.clear()
    monkeypatch.setattr(checking, "program_digest", lambda: "another")
    told_of(county_folder, dt.date(2026, 11, 22), is_held=False)
    assert sorted(ran) == sorted(NAMES)


def test_what_people_decided_since_is_judged_anew_and_nothing_else_runs(county_folder: Path, ran: list[str]) -> None:
    write_rules(county_folder)
    before, _ = told_of(county_folder)
    ran.clear()
    answers = county_folder / "data" / "decisions" / "answers.csv"
    answers.parent.mkdir()
    answers.write_text(
        "project_id,site_id,question_id,answer,by,on,reason\nP1,,is_temporary,否,张三,2026-11-22,看过\n", "utf-8"
    )
    after, _ = told_of(county_folder)
    assert ran == []
    assert not before.tables["screening"].equals(after.tables["screening"]), "the answer changed a verdict"
    answers.unlink()
    back, _ = told_of(county_folder)
    assert ran == []
    assert back.tables["screening"].equals(before.tables["screening"])


def test_a_check_that_broke_runs_every_time(county_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = [one for one in find_checks() if one.name == "site_in_redline"]

    def breaks(cases: object) -> Iterator[Finding | ResultTable]:
        raise OSError("no memory today")

    monkeypatch.setattr(checking, "find_checks", lambda: [replace(chosen[0], function=breaks)])
    monkeypatch.setattr(checking, "inputs_of", lambda *_: {})
    county = open_workspace(county_folder)
    for _ in range(2):
        told: list[str] = []
        assert checked(county, None, tell=lambda text, told=told: told.append(text.en)).has_crashed
        assert told == ["running 1 checks; the results of 0 stand"]


def test_a_folder_that_cannot_be_written_keeps_nothing_and_unusable_files_are_named(
    county_folder: Path, ran: list[str]
) -> None:
    (county_folder / "layers" / ".index").write_text("in the way")
    told_of(county_folder)
    told_of(county_folder)
    assert len(ran) == 2 * len(NAMES)
    for name in ("redlines", "shorelines"):
        (county_folder / "layers" / f"{name}.gpkg").write_bytes(b"none")
    with pytest.raises(EcogeoError) as refused:
        checked(open_workspace(county_folder), None)
    told = [problem.en for problem in refused.value.problems]
    assert len(told) == len(set(told))
    assert all(any(f"{name}.gpkg" in one for one in told) for name in ("redlines", "shorelines"))


def test_every_input_of_a_check_is_known(county_folder: Path) -> None:
    county = open_workspace(county_folder)
    inputs = county_inputs(county)
    assert {"layers/redlines.gpkg", "layers/layers.toml", "data/tables.toml", "book"} <= inputs.keys()
    by_name = {one.name: inputs_of(one, county, inputs) for one in find_checks()}
    assert "layers/redlines.gpkg" in by_name["site_in_redline"]
    assert "layers/county.gpkg" in by_name["site_in_redline"], "the red lines are complete where the county lies"
    assert "layers/shorelines.gpkg" not in by_name["site_in_redline"]
    assert by_name["geometry_not_valid"].keys() >= {shown for shown in inputs if shown.endswith(".gpkg")}
    assert {path.name for path in file_stamps(county)} >= {"layers.toml", "tables.toml", "redlines.gpkg"}


WORDS = st.text(max_size=5)
FLOATS = st.floats()
FINDINGS = st.builds(
    Finding,
    message=st.builds(Text, WORDS, WORDS),
    severity=st.sampled_from(Severity),
    layer=WORDS,
    value=st.none() | FLOATS | st.integers(-9, 9),
    verdict=st.none() | st.sampled_from(Verdict),
    geometry=st.none() | st.builds(shapely.Point, st.floats(-180, 180), st.floats(-90, 90)),
)
COLUMNS = {
    "words": st.lists(WORDS | st.just(np.nan), min_size=2, max_size=2).map(lambda cells: pd.Series(cells, dtype="str")),
    "mixed": st.lists(WORDS | st.none() | st.booleans() | st.integers() | FLOATS, min_size=2, max_size=2).map(
        lambda cells: pd.Series(cells, dtype=object)
    ),
    "floats": st.lists(FLOATS, min_size=2, max_size=2).map(lambda cells: pd.Series(cells, dtype=np.float64)),
    "whole": st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2, max_size=2).map(
        lambda cells: pd.Series(cells, dtype=np.int64)
    ),
}


@given(st.lists(FINDINGS, max_size=3), st.fixed_dictionaries(COLUMNS))
def test_a_report_comes_back_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, findings: list[Finding], columns: dict[str, pd.Series]
) -> None:
    path = tmp_path_factory.getbasetemp() / "report.json.gz"
    run = CheckRun("c", "f", TEXT, tuple(findings), None, None)
    source = SourceFile("n", "p", "s", "v", "d")
    report = Report("2026-11-22", (run,), {"t": pd.DataFrame(columns)}, (source,), TEXT, "half-even")
    write_report(path, report, {"key": "k"})
    told = read_told(path)
    assert told is not None
    back = read_report(told)
    assert back is not None
    assert repr(back.runs) == repr(report.runs)
    assert (back.sources, back.notice, back.rounding, back.judged_on) == (
        report.sources,
        report.notice,
        report.rounding,
        report.judged_on,
    )
    for name, column in report.tables["t"].items():
        got = back.tables["t"][name]
        assert got.dtype == column.dtype
        assert [(type(one), repr(one)) for one in got] == [(type(one), repr(one)) for one in column]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1.0]}, index=[7]),
        pd.DataFrame({"a": [dt.date(2026, 1, 1)]}),
        pd.DataFrame({"a": np.array([1], dtype=np.int8)}),
    ],
)
def test_what_would_not_come_back_is_not_written(tmp_path: Path, frame: pd.DataFrame) -> None:
    with pytest.raises(NotWritableError):
        write_report(tmp_path / "r.gz", Report("", (), {"t": frame}), {})
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_kind_is_none(tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    assert read_told(path) is None
    path.write_bytes(gzip.compress(json.dumps({"report": {"runs": 3}}).encode()))
    told = read_told(path)
    assert told is not None
    assert read_report(told) is None
