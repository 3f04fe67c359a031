"""Runs on record: what supersedes them, and which input made which answer flip."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from conftest import block, write_layer
from two_rules import write_rules

from ecogeo.check import choose_checks
from ecogeo.decisions import DecisionFiles
from ecogeo.judging import judge_county
from ecogeo.ledger import entries, ledger_of
from ecogeo.runs import Asked, past_answers, record_report
from ecogeo.workspace import open_workspace

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def county(county_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ECOGEO_LEDGER", raising=False)
    return county_folder


def check(run: Run, county: Path, out: Path, *words: str | Path) -> None:
    status, _, error = run("check", "site_in_redline", "-w", county, "-o", out, "-q", "--exit-zero", *words)
    assert (status, error) == (0, "")


def diff(run: Run, county: Path, a: int, b: int) -> dict[tuple[str, str], dict[str, object]]:
    status, output, _ = run("diff", a, b, "-w", county, "--json", "--lang", "en")
    assert status == 0
    return {(one["site_id"], one["layer"]): one for one in json.loads(output)["differences"]}


def listed(run: Run, county: Path) -> list[dict[str, object]]:
    status, output, _ = run("runs", "-w", county, "--json", "--lang", "en")
    assert status == 0
    return json.loads(output)


def shrink_redline(county: Path) -> None:
    """Draw the red line A half as wide: 500 m × 1000 m from (1000, 1000), and B as a square without a hole."""
    shapes = [block(1000, 1000, 500, 1000), block(4000, 4000, 1000, 1000)]
    write_layer(county, "redlines.gpkg", {"redline_id": ["A", "B"], "name": ["甲", "乙"]}, shapes)


def test_a_run_is_recorded_with_all_it_judged_by(county: Path, tmp_path: Path, run: Run) -> None:
    check(run, county, tmp_path / "out")
    status, output, _ = run("runs", 1, "-w", county, "--json")
    told = json.loads(output)
    assert status == 0
    assert (told["run"], told["command"], told["superseded"], told["changes"]) == (1, "check", False, [])
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert {one["path"]: one["sha256"] for one in told["inputs"]} == {
        one["path"]: one["sha256"] for one in summary["inputs"]
    }
    assert told["answers"] == summary["answers"]
    assert told["lines"] == sum(
        1 for _ in csv.DictReader((tmp_path / "out" / "screening.csv").open("r", encoding="utf-8-sig"))
    )
    assert set(told["files"]) >= {"screening.csv", "summary.json", "findings.gpkg"}
    assert told["parameters"] == {"checks": ["site_in_redline"], "rounding": "half-up"}


def test_the_same_run_twice_has_no_difference(county: Path, tmp_path: Path, run: Run) -> None:
    for name in ("a", "b"):
        check(run, county, tmp_path / name)
    assert diff(run, county, 1, 2) == {}
    assert [one["superseded"] for one in listed(run, county)] == [False, False]


def test_a_replaced_layer_supersedes_and_explains(county: Path, tmp_path: Path, run: Run) -> None:
    check(run, county, tmp_path / "a")
    shrink_redline(county)
    first = listed(run, county)[0]
    assert first["superseded"] is True
    assert first["superseded_layers"] == ["redlines"]
    assert first["changes"][0]["kind"] == "layer"
    assert "layers/redlines.gpkg" in first["changes"][0]["message"]
    check(run, county, tmp_path / "b")
    assert [one["superseded"] for one in listed(run, county)] == [True, False]
    found = diff(run, county, 1, 2)
    half = found["half", "redlines"]
    assert (half["kind"], half["answer_before"], half["answer_after"]) == ("answer", "involved", "clear")
    assert half["difference_m2"] == pytest.approx(-10_000, rel=1e-3)  # 100 m × 100 m lay in the half that is gone
    assert [cause["kind"] for cause in half["because"]] == ["layer"]
    hole = found["in_hole", "redlines"]
    assert (hole["answer_before"], hole["answer_after"]) == ("clear", "involved")
    assert hole["difference_m2"] == pytest.approx(10_000, rel=1e-3)
    assert ("inside", "redlines") not in found  # 1200–1300 m is in both
    status, output, _ = run("diff", 1, 2, "-w", county, "--lang", "en", "-o", tmp_path / "diff.csv")
    assert status == 0
    assert "half 用地 half · Red lines: involved → clear" in output
    rows = list(csv.DictReader((tmp_path / "diff.csv").open("r", encoding="utf-8-sig")))
    assert len(rows) == len(found)
    assert rows[0]["kind"] == "answer"


def test_a_project_knows_what_was_answered_before(county: Path, tmp_path: Path, run: Run) -> None:
    check(run, county, tmp_path / "a")
    shrink_redline(county)
    check(run, county, tmp_path / "b")
    ledger = ledger_of(county / "data")
    assert ledger is not None
    told = past_answers(ledger, open_workspace(county), ["half"])
    assert [(one.run, one.layer, str(one.answer), one.is_superseded, one.layer_version) for one in told] == [
        (2, "redlines", "clear", False, "v1"),
        (1, "redlines", "involved", True, "v1"),
    ]
    assert past_answers(ledger, open_workspace(county), []) == ()


def test_a_report_without_files_is_recorded_alike(county: Path, tmp_path: Path, run: Run) -> None:
    check(run, county, tmp_path / "a")
    workspace, ledger = open_workspace(county), ledger_of(county / "data")
    assert ledger is not None
    report = judge_county(workspace, choose_checks(["site_in_redline"]), law=None)
    asked = Asked("check", {"checks": ["site_in_redline"]}, DecisionFiles(None, None, None))
    record_report(ledger, workspace, report, asked, at="2026-05-06", sites=workspace.of_role("project_sites"))
    first, second = entries(ledger)
    assert {**second.body} == {**first.body}
    assert diff(run, county, 1, 2) == {}


def test_a_moved_boundary_explains_its_own_rows_alone(county: Path, tmp_path: Path, run: Run) -> None:
    check(run, county, tmp_path / "a")
    names = ["inside", "outside"]
    columns = {"site_id": names, "name": [f"用地 {name}" for name in names], "project_id": ["P1", ""]}
    columns |= {"accuracy_m": [0.0, 0.0], "location_basis": ["drawn polygon"] * 2}
    write_layer(county, "sites.gpkg", columns, [block(1200, 1200, 100, 50), block(8000, 8000, 100, 100)])
    assert [one["kind"] for one in listed(run, county)[0]["changes"]] == ["boundary"]
    check(run, county, tmp_path / "b")
    found = diff(run, county, 1, 2)
    inside = found["inside", "redlines"]
    assert (inside["kind"], [one["kind"] for one in inside["because"]]) == ("figure", ["boundary"])
    assert inside["difference_m2"] == pytest.approx(-5000, rel=1e-3)
    assert ("outside", "redlines") not in found
    gone = found["half", "redlines"]
    assert (gone["kind"], gone["because"][0]["message"], gone["difference_m2"]) == ("gone", "the site is gone", None)


def test_a_sites_accuracy_is_told_from_its_outline(county: Path, tmp_path: Path, run: Run) -> None:
    check(run, county, tmp_path / "a")
    frame = gpd.read_file(county / "layers" / "sites.gpkg")
    frame.loc[frame["site_id"] == "outside", "accuracy_m"] = 9000.0
    frame.to_file(county / "layers" / "sites.gpkg")
    check(run, county, tmp_path / "b")
    (one,) = diff(run, county, 1, 2).values()
    assert (one["site_id"], one["answer_before"], one["answer_after"]) == ("outside", "clear", "possible")
    assert "fields of the sites changed, their outline did not" in one["because"][0]["message"]


def test_rules_day_type_and_answers_are_told_apart(county: Path, tmp_path: Path, run: Run) -> None:
    write_rules(county)
    kept = county / "data" / "decisions"
    kept.mkdir()
    head = "site_id,question_id,answer,by,on,reason\n"
    (kept / "answers.csv").write_text(f"{head}inside,is_temporary,否,张三,2026-05-06,图\n", "utf-8-sig")
    words = ("check", "site_in_redline", "-w", county, "-q", "--exit-zero")

    def judge(name: str, *more: str) -> int:
        assert run(*words, "-o", tmp_path / name, *more)[0] == 0
        status, output, _ = run("runs", "-w", county, "--json")
        assert status == 0
        return int(json.loads(output)[-1]["run"])

    def because(a: int, b: int) -> tuple[str, str, list[str]]:
        one = diff(run, county, a, b)["inside", "redlines"]
        return str(one["verdict_before"]), str(one["verdict_after"]), [cause["kind"] for cause in one["because"]]

    before, after = judge("a", "--on", "2019-06-01"), judge("b", "--on", "2025-06-01")  # both rules hold from 2020
    assert because(before, after) == ("undetermined", "prohibited", ["date"])
    with (kept / "answers.csv").open("a", encoding="utf-8") as stream:
        stream.write("inside,is_temporary,是,李四,2026-05-07,批文\n")
    answered = judge("c", "--on", "2025-06-01")
    assert because(after, answered) == ("prohibited", "conditional", ["answers"])
    rules = county / "data" / "rules" / "national.csv"
    rules.write_text(rules.read_text("utf-8-sig").replace("conditional", "restricted"), "utf-8-sig")
    last = listed(run, county)[-1]
    assert (last["superseded"], [one["kind"] for one in last["changes"]]) == (True, ["rules"])
    restricted = judge("d", "--on", "2025-06-01")
    assert because(answered, restricted) == ("conditional", "restricted", ["rules"])
    (kept / "types.csv").write_text("project_id,project_type,by,on,reason\nP1,road,张三,2026-05-06,可研\n", "utf-8-sig")
    rules.write_text(rules.read_text("utf-8-sig").replace("R1,redlines,*,*", "R1,redlines,*,works"), "utf-8-sig")
    both = judge("e", "--on", "2025-06-01")
    assert because(restricted, both) == ("restricted", "undetermined", ["type", "rules"])


def test_a_review_supersedes_nothing_and_is_told(county: Path, tmp_path: Path, run: Run) -> None:
    check(run, county, tmp_path / "a")
    decisions = county / "data" / "decisions"
    head = "site_id,layer,answer,reason,by,on,computed_answer,outcome\n"
    row = "half,redlines,clear,界桩在外,张三,2026-05-06,involved,误报\n"
    (decisions / "reviews.csv").write_text(head + row, "utf-8-sig")
    status, _, error = run(
        "check", "site_in_redline", "-w", county, "-o", tmp_path / "b", "-q", "--exit-zero", "--lang", "en"
    )
    assert status == 0
    assert error == "data/decisions/reviews.csv: 1 rows taken into the ledger, 0 put back from it\n"
    assert [one["superseded"] for one in listed(run, county)] == [False, False]
    found = diff(run, county, 1, 3)
    assert list(found) == [("half", "redlines")]
    assert (found["half", "redlines"]["kind"], found["half", "redlines"]["difference_m2"]) == ("review", 0.0)
    with (tmp_path / "b" / "screening.csv").open(encoding="utf-8-sig") as stream:
        half = next(one for one in csv.DictReader(stream) if one["site_id"] == "half" and one["layer"] == "redlines")
    assert (half["reviewed_answer"], half["review_outcome"]) == ("clear", "false_hit")
    status, _, error = run("diff", 1, 2, "-w", county, "--lang", "en")
    assert (status, error) == (2, "error: entry 2 is no run; the runs are 1, 3\n")


def test_a_file_screened_again_with_other_contents_is_superseded(county: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "layers").mkdir()
    for width in (100, 60):
        write_layer(tmp_path, "sent.gpkg", {"name": ["送审"]}, [block(1950, 1500, width, 100)])
        words = ("-w", county, "-o", tmp_path / f"o{width}", "-q", "--exit-zero")
        assert run("screen", tmp_path / "layers" / "sent.gpkg", *words)[0] == 0
    told = listed(run, county)
    assert [one["superseded"] for one in told] == [True, False]
    assert told[0]["changes"][0]["kind"] == "boundary"
    found = diff(run, county, 1, 2)["S1", "redlines"]
    assert [one["kind"] for one in found["because"]] == ["boundary"]
    assert found["difference_m2"] is None or found["difference_m2"] == pytest.approx(0, abs=1)


def test_a_changed_declaration_supersedes_its_layer(county: Path, tmp_path: Path, run: Run) -> None:
    check(run, county, tmp_path / "a")
    toml = county / "layers" / "layers.toml"
    text = toml.read_text("utf-8")
    toml.write_text("# a remark changes nothing\n" + text, "utf-8")
    assert listed(run, county)[0]["superseded"] is False
    toml.write_text(text.replace('title = "生态保护红线"', 'title = "生态保护红线"\nbuffer_m = 30.0'), "utf-8")
    first = listed(run, county)[0]
    assert (first["superseded"], first["superseded_layers"]) == (True, ["redlines"])
    check(run, county, tmp_path / "b")
    found = diff(run, county, 1, 2)
    assert ("touching", "redlines") in found
    assert {cause["kind"] for one in found.values() for cause in one["because"]} == {"declaration"}


def test_a_run_that_cannot_be_recorded_still_writes_its_files(
    county: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = county / "data" / "decisions" / "ledger.sqlite"
    ledger.parent.mkdir()
    ledger.write_bytes(b"x" * 4096)
    words = ("check", "site_in_redline", "-w", county, "-o", tmp_path / "out", "-q", "--lang", "en")
    status, _, error = run(*words)
    assert status == 2
    assert "ledger.sqlite: the file is damaged or no ledger" in error
    assert "Traceback" not in error
    monkeypatch.setenv("ECOGEO_LEDGER", "off")
    assert run(*words, "--exit-zero")[0] == 0
    status, _, error = run("runs", "-w", county, "--lang", "en")
    assert (status, error) == (2, "error: the ledger is turned off (environment: ECOGEO_LEDGER=off)\n")
