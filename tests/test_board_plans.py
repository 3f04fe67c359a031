"""The board of a plan: standings to targets, charts, evidence, sheets, what was measured."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from conftest import INDICATOR_HEAD
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.board.charts import bullet, trend
from ecogeo.board.elsewhere import plan_records
from ecogeo.board.evidence import evidence_files
from ecogeo.board.indicators import by_domain, indicator_list, milestone_counts, units_behind
from ecogeo.board.plans import PlanBoard, measured_rows, plan_board, plan_boards, units_of
from ecogeo.board.sheets import board_sheets
from ecogeo.board.standings import Reading, milestone
from ecogeo.errors import UnusableFileError
from ecogeo.formats.workbooks import render_workbook
from ecogeo.plan import read_plan
from ecogeo.plan.values import ReportedValue, append_values
from ecogeo.workspace import open_workspace

HEAD = f"{INDICATOR_HEAD},target_text_2027,target_value_2027,target_text_2030,target_value_2030"


def plan(folder: Path, *rows: str) -> PlanBoard:
    """Return the board of the small county's plan with other indicators."""
    home = folder / "data" / "plan"
    (home / "indicators.csv").write_text("\n".join([HEAD, *rows]) + "\n", "utf-8-sig")
    return plan_board("plan", home, read_plan(home), is_own=True)


def reported(number: str, year: int, text: str, sub_no: str = "") -> ReportedValue:
    return ReportedValue(number, sub_no, year, float(text), text, "公报", "张三", "2026-01-05", "年报")


ROWS = (
    "1,,空间,任务,甲,%,≥40,>=,40,30,30,2022,否,not_met,reference,甲局、各县（市、区）,,≥50,50,≥60,60",
    "2,,空间,任务,乙,%,不降低,no_decrease,,10,10,2022,,text,binding,乙局,,不降低,,不降低,",
    "3,,经济,任务,丙,,,,,,,,,no_data,binding,乙局,,,,,",
    "3,1,经济,任务,丙一,%,≥90,>=,90,95,95,2022,,met,binding,乙局,,≥90,90,≥96,96",
    "3,2,经济,任务,丙二,%,≥80,>=,80,70,70,2022,,not_met,binding,乙局,,≥80,80,≥80,80",
)


@pytest.fixture
def board(county_folder: Path) -> PlanBoard:
    return plan(county_folder, *ROWS)


def test_later_values_move_an_indicator_towards_its_targets(board: PlanBoard) -> None:
    # From 30 to 45: three quarters of the way to 50, half of the way to 60; 40 is reached.
    values = [reported("1", 2024, "38"), reported("1", 2025, "45"), reported("2", 2025, "9")]
    first, second, _ = indicator_list(board.tables.indicators, values)
    assert [(one.year, one.status, one.gap, one.progress) for one in first.head.milestones] == [
        (None, "met", None, 1.0),
        (2027, "not_met", 5.0, 0.75),
        (2030, "not_met", 15.0, 0.5),
    ]
    assert first.head.status == "met"
    assert [one.year for one in first.head.readings] == [2022, 2024, 2025]
    assert second.head.status == "not_met", "it must not fall below 10"


def test_without_later_values_the_table_stands(board: PlanBoard) -> None:
    first, second, third = board.indicators
    assert (first.head.status, second.head.status) == ("not_met", "no_data")
    assert first.head.milestones[1].progress is None, "one value is no way"
    assert third.head.milestones[2].status == "not_met", "the worst of its sub-items"
    assert milestone_counts(board.indicators)[2030]["not_met"] == 2


def test_a_sub_item_changes_its_indicator(board: PlanBoard) -> None:
    third = indicator_list(board.tables.indicators, [reported("3", 2025, "85", "2")])[2]
    assert third.head.status == "met"
    assert third.head.milestones[2].status == "not_met", "95 is short of 96"


def test_a_value_for_the_plans_own_year_takes_its_place(board: PlanBoard) -> None:
    first = indicator_list(board.tables.indicators, [reported("1", 2022, "41")])[0]
    assert [one.text for one in first.head.readings] == ["41"]


def test_numbers_alone_are_a_target(county_folder: Path) -> None:
    only = plan(county_folder, "1,,空间,任务,甲,%,,>=,40,,30,2022,,,binding,某局,,,50,,").indicators[0]
    assert [(one.text, one.gap) for one in only.head.milestones] == [("≥40", 10.0), ("≥50", 20.0), ("", None)]


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_progress_is_a_share(first: float, last: float, target: float) -> None:
    readings = [Reading(2020, f"{first:.4f}", round(first, 4)), Reading(2024, f"{last:.4f}", round(last, 4))]
    found = milestone(2030, f"≥{target:.4f}", readings, "%")
    assert found.progress is None or 0 <= found.progress <= 1
    assert (found.status == "met") == (round(last, 4) >= round(target, 4))


def test_binding_indicators_come_first(board: PlanBoard) -> None:
    assert {name: [one.head.indicator_no for one in ones] for name, ones in by_domain(board.indicators).items()} == {
        "空间": ["2", "1"],
        "经济": ["3"],
    }


def test_departments_are_split_outside_brackets(board: PlanBoard) -> None:
    assert units_of(board.indicators) == ("甲局", "各县（市、区）", "乙局")


def test_who_is_behind_is_told(board: PlanBoard) -> None:
    found = units_behind(indicator_list(board.tables.indicators, [reported("2", 2025, "9")]))
    assert {unit: (counts["not_met"], sum(counts.values())) for unit, counts in found.items()} == {
        "甲局": (1, 1),
        "各县（市、区）": (1, 1),
        "乙局": (2, 2),
    }


def test_a_bullet_shows_value_and_targets_on_one_scale(board: PlanBoard) -> None:
    drawn = bullet(board.indicators[0].head)
    assert drawn is not None
    assert (drawn.value_x, drawn.marks) == (30.0, (40.0, 50.0, 60.0)), "per cent fill the scale to 100"
    assert bullet(board.indicators[1].head) is None, "words are no place on a scale"


def test_a_trend_needs_two_values(board: PlanBoard) -> None:
    assert trend(board.indicators[0].head) is None
    drawn = trend(indicator_list(board.tables.indicators, [reported("1", 2026, "45")])[0].head)
    assert drawn is not None
    assert drawn.years == (2022, 2026, 2027, 2030)
    assert drawn.values == (30.0, 45.0, None, None)
    assert drawn.targets == (None, None, 50.0, 60.0)


def test_every_plan_of_the_folder_is_shown(county_folder: Path) -> None:
    other = county_folder / "data" / "other"
    other.mkdir()
    for path in (county_folder / "data" / "plan").iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    (county_folder / "data" / "broken").mkdir()
    (county_folder / "data" / "broken" / "plan.toml").write_text("", "utf-8")
    plans, broken = plan_boards(open_workspace(county_folder))
    assert [(one.name, one.is_own) for one in plans] == [("plan", True), ("other", False)]
    assert [one.name for one in broken] == ["broken"]
    assert len(broken[0].problems) == 3


def test_broken_values_of_the_countys_own_plan_are_an_error(county_folder: Path) -> None:
    (county_folder / "data" / "plan" / "values.csv").write_text("nothing\n", "utf-8-sig")
    with pytest.raises(UnusableFileError):
        plan_boards(open_workspace(county_folder))


def test_evidence_is_what_lies_in_the_folder_of_the_indicator(board: PlanBoard, tmp_path: Path) -> None:
    home = board.folder / "evidence" / "1"
    (home / "sub").mkdir(parents=True)
    for name in ("b.pdf", "a.jpg", ".hidden"):
        (home / name).write_text("x", "utf-8")
    (tmp_path / "secret").write_text("x", "utf-8")
    (home / "link").symlink_to(tmp_path / "secret")
    assert [path.name for path in evidence_files(board.folder, "1")] == ["a.jpg", "b.pdf"]
    assert evidence_files(board.folder, "2") == ()


@pytest.mark.parametrize("number", ["..", ".", "", "../plan", "a/b", "a\\b", "c:", "a\0b"])
def test_a_number_is_no_way_out_of_the_folder(board: PlanBoard, number: str) -> None:
    (board.folder / "evidence").mkdir()
    assert evidence_files(board.folder, number) == ()


def test_what_was_measured_is_told_by_number() -> None:
    columns = ["plan", "indicator_no", "sub_no", "definition", "measured_value", "unit"]
    rows = [
        ("plan", "1", "", "图层", 31.5, "%"),
        ("plan", "2", "", "", None, "%"),
        ("other", "1", "", "图层", 1.0, "%"),
    ]
    table = pd.DataFrame(rows, columns=columns)
    assert [one["measured_value"] for one in measured_rows(table, "plan")["1", ""]] == [31.5]
    assert measured_rows(None, "plan") == measured_rows(table.drop(columns="unit"), "plan") == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sheets_hold_the_board(board: PlanBoard, lang: str) -> None:
    append_values(board.folder, [reported("1", 2025, "45")], board.tables.indicators)
    anew = plan_board("plan", board.folder, board.tables, is_own=True)
    sheets = board_sheets(anew, {("1", ""): ({"definition": "图层", "measured_value": 31.5},)}, lang)  # type: ignore[arg-type]
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(sheets)))
    assert len(book.sheetnames) == 3
    first = [cell.value for cell in book.worksheets[0][2]]
    assert first[:8] == ["1", None, "空间", "甲", "参考性" if lang == "zh" else "reference", "%", 2025, "45"]
    assert 31.5 in first
    assert [row[2].value for row in book.worksheets[1].iter_rows(min_row=2)] == [2025]
    assert render_workbook(sheets) == render_workbook(sheets)


def test_a_milestone_is_reached_in_any_unit() -> None:
    # 4.5 of 万公顷 are 45000 公顷: 2800 short of 47800, or 0.28 万公顷; from 4.0 it is 0.5 of 0.78.
    readings = [Reading(2020, "4万公顷", 4.0), Reading(2025, "45000公顷", 45000.0)]
    found = milestone(2030, "≥47800公顷", readings, "万公顷")
    assert (found.status, found.gap, found.aim, found.elapsed) == ("not_met", 0.28, 4.78, 0.5)
    assert found.progress == pytest.approx(0.5 / 0.78)
    met = milestone(2030, "≥450平方公里", readings, "万公顷")
    assert (met.status, met.progress, met.gap) == ("met", 1.0, None)


def test_a_change_is_counted_from_the_first_reading_or_the_year_it_names() -> None:
    readings = [Reading(2019, "0.5", 0.5), Reading(2020, "0.4", 0.4), Reading(2024, "0.37", 0.37)]
    # 0.4 less 10 % is 0.36; 0.37 is 0.01 above it.
    named = milestone(2025, "较2020年下降10%", readings, "吨/万元")
    assert (named.status, named.aim, named.gap) == ("not_met", 0.36, -0.01)
    # 0.5 less 10 % is 0.45, and 0.37 is below.
    assert milestone(2025, "下降10%", readings, "吨/万元").status == "met"
    alone = milestone(2025, "下降10%", readings[:1], "吨/万元")
    assert (alone.status, alone.gap, alone.aim) == ("no_data", None, None), "without a base nobody can tell"


def test_a_span_tells_how_far_it_is_off_on_either_side() -> None:
    low = milestone(2030, "40-50", [Reading(2024, "38", 38.0)], "")
    high = milestone(2030, "40-50", [Reading(2024, "53", 53.0)], "")
    assert (low.status, low.gap, high.status, high.gap) == ("not_met", 2.0, "not_met", -3.0)


def test_a_projects_own_plan_has_words_alone(board: PlanBoard) -> None:
    records = plan_records(board)
    assert [record.record_id for record in records] == list(board.tables.projects["project_id"])
    assert all(record.in_plan and not record.sites and not record.answers for record in records)
    assert {record.undertaking.plan for record in records} == {"plan"}
