"""What is known of each project, and ways to choose among them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import INDICATOR_HEAD, PROJECT_HEAD, block, point, write_layer
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.board.choosing import NONE, Wanted, answer_counts, chosen_projects, project_choices
from ecogeo.board.indicators import (
    WantedIndicators,
    chosen_indicators,
    indicator_list,
    kind_counts,
    status_counts,
)
from ecogeo.board.projects import project_records
from ecogeo.board.records import ProjectRecord, gravest
from ecogeo.check import run_checks
from ecogeo.finding import Answer, Report
from ecogeo.workspace import open_workspace

Records = dict[str, ProjectRecord]


@pytest.fixture
def records(square_county: Path, square_report: Report) -> Records:
    return {record.record_id: record for record in project_records(open_workspace(square_county), square_report)}


@given(st.lists(st.sampled_from(list(Answer))))
def test_an_open_question_is_never_shown_as_clear(answers: list[Answer]) -> None:
    outcome = gravest(answers)
    assert outcome is not Answer.CLEAR or set(answers) == {Answer.CLEAR}
    assert (outcome is Answer.INVOLVED) == (Answer.INVOLVED in answers)


def test_projects_come_first_then_sites_of_none(records: Records) -> None:
    assert list(records)[:2] == ["P1", "P2"]
    assert list(records)[2:] == sorted(list(records)[2:])
    assert "inside" not in records, "the site of P1 is shown under P1"
    assert [record.in_plan for record in records.values()] == [True, True] + [False] * 10


def test_a_project_is_told_with_its_site_and_answer(records: Records) -> None:
    first = records["P1"]
    assert first.answer is Answer.INVOLVED
    assert first.towns == ("西镇",)
    assert first.overlap_ha == pytest.approx(1.0, rel=1e-3)
    assert (first.undertaking.invest_wan_yuan, first.undertaking.start_year) == (100.5, 2024)
    assert [site.site_id for site in first.sites] == ["inside"]
    assert first.accuracy_m == 0.0, "what was judged with, not the plan's 500 m"
    assert len(first.findings) == 1


def test_a_project_without_a_site_says_why(records: Records) -> None:
    second = records["P2"]
    assert second.answer is Answer.UNDETERMINED
    assert second.sites == ()
    assert second.why_open is not None
    assert "没有用地图形" in second.why_open.zh


def test_towns_are_where_the_ground_is(records: Records) -> None:
    assert records["outside"].towns == ("东镇",)
    assert records["astride"].towns == ("东镇",), "half of it lies in no town"
    assert records["abroad"].towns == ()
    assert records["touching"].towns == ("西镇",)


def test_what_is_not_covered_is_open_with_the_reason(records: Records) -> None:
    assert records["abroad"].why_open is not None
    assert "未覆盖" in records["abroad"].why_open.zh
    assert records["astride"].why_open is not None
    assert "一部分" in records["astride"].why_open.zh
    assert records["outside"].why_open is None


def test_without_a_screening_nothing_is_clear(county_folder: Path) -> None:
    found = project_records(open_workspace(county_folder), Report("", ()))
    assert {record.answer for record in found} == {Answer.UNDETERMINED}
    assert all(record.why_open is not None for record in found)


def test_a_site_set_aside_is_known_of_and_open(county_folder: Path) -> None:
    write_layer(
        county_folder,
        "sites.gpkg",
        {"site_id": ["a", "b"], "name": ["甲", "乙"], "accuracy_m": [0.0, 0.0], "project_id": ["P1", "P1"]},
        [block(8000, 8000, 100, 100), None],
    )
    county = open_workspace(county_folder)
    first = project_records(county, run_checks(county))[0]
    assert [(site.site_id, site.answer, site.aside is None) for site in first.sites] == [
        ("a", Answer.CLEAR, True),
        ("b", Answer.UNDETERMINED, False),
    ]
    assert first.accuracy_m is None


def test_a_project_takes_the_gravest_of_its_sites(county_folder: Path) -> None:
    write_layer(
        county_folder,
        "sites.gpkg",
        {"site_id": ["a", "b"], "name": ["甲", "乙"], "accuracy_m": [0.0, 50.0], "project_id": ["P1", "P1"]},
        [block(8000, 8000, 100, 100), point(1500, 1500)],
    )
    county = open_workspace(county_folder)
    first = project_records(county, run_checks(county))[0]
    assert first.answer is Answer.INVOLVED
    assert first.towns == ("西镇", "东镇")
    assert first.accuracy_m == 50.0


def test_the_same_number_in_two_plans_keeps_two_addresses(county_folder: Path) -> None:
    plan = county_folder / "data" / "plan"
    second = county_folder / "data" / "second"
    second.mkdir()
    for path in plan.iterdir():
        (second / path.name).write_bytes(path.read_bytes())
    tables = county_folder / "data" / "tables.toml"
    tables.write_text(tables.read_text("utf-8") + '\n[plans.second]\npath = "second"\n', "utf-8")
    county = open_workspace(county_folder)
    found = [record.record_id for record in project_records(county, run_checks(county))]
    assert found[:4] == ["P1", "P2", "P1~2", "P2~2"]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), 12),
        (Wanted(town="东镇"), 2),
        (Wanted(department="某局"), 2),
        (Wanted(department=NONE), 10),
        (Wanted(system="甲系统", answer="undetermined"), 1),
        (Wanted(words="红线内 p1"), 1),
        (Wanted(words="SLIVER"), 1),
        (Wanted(words="没有这个词"), 0),
        (Wanted(answer="no such answer"), 0),
    ],
)
def test_projects_are_chosen_by_every_part(records: Records, wanted: Wanted, expected: int) -> None:
    assert len(chosen_projects(records.values(), wanted)) == expected


def test_choices_count_what_they_lead_to(records: Records) -> None:
    every = list(records.values())
    choices = project_choices(every)
    for choice in choices.towns:
        assert len(chosen_projects(every, Wanted(town=choice.value))) == choice.count
    for choice in choices.answers:
        assert len(chosen_projects(every, Wanted(answer=choice.value))) == choice.count
    assert sum(answer_counts(every).values()) == 12
    assert choices.departments[-1].value == NONE


def test_departments_are_told_apart(county_folder: Path) -> None:
    row = "P1,甲系统,1,项目,新建,内容,2024,2024,,自筹,甲局、乙局,none,,"
    (county_folder / "data" / "plan" / "projects.csv").write_text(f"{PROJECT_HEAD}\n{row}\n", "utf-8-sig")
    county = open_workspace(county_folder)
    told = project_records(county, run_checks(county))[0].undertaking
    assert told.departments == ("甲局", "乙局")
    assert told.invest_wan_yuan is None


def indicators(*rows: str) -> pd.DataFrame:
    """Return the frame of an indicator table with targets for 2027."""
    head = f"{INDICATOR_HEAD},target_text_2027".split(",")
    return pd.DataFrame([dict(zip(head, row.split("|"), strict=True)) for row in rows])


FRAME = indicators(
    "1||空间|任务|甲|%|≥20|>=|20|25|25|2022|是|met|binding|某局||≥22",
    "2||空间|任务|乙|%|||||||否|not_met|reference|某局、他局||",
    "2|1|空间|任务|乙一|%|≥95|>=|95|90|90|2022||not_met|reference|某局、他局||≥96",
    "2|2|空间|任务|乙二|%|≥80|>=|80|90|90|2022||met|reference|某局、他局||",
)


def test_sub_items_stand_under_their_indicator() -> None:
    found = indicator_list(FRAME)
    assert [(entry.head.indicator_no, [part.sub_no for part in entry.parts]) for entry in found] == [
        ("1", []),
        ("2", ["1", "2"]),
    ]
    assert [(one.year, one.text) for one in found[0].head.milestones] == [(None, "≥20"), (2027, "≥22")]
    assert found[1].head.departments == ("某局", "他局")


def test_indicators_are_counted_once_each() -> None:
    found = indicator_list(FRAME)
    assert status_counts(found) == {"not_met": 1, "met": 1, "set_from_above": 0, "no_data": 0, "text": 0}
    assert kind_counts(found) == {"binding": 1, "reference": 1}
    assert [e.head.name for e in chosen_indicators(found, WantedIndicators(department="他局"))] == ["乙"]
    assert chosen_indicators(found, WantedIndicators(status="met", kind="reference")) == ()
