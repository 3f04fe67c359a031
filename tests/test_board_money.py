"""Money and time of projects, and figures by town: sums that can be checked in the head."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import PROJECT_HEAD

from ecogeo.board.choosing import NONE
from ecogeo.board.elsewhere import plan_records
from ecogeo.board.money import Money, money_by, timeline
from ecogeo.board.plans import PlanBoard
from ecogeo.board.projects import project_records
from ecogeo.board.records import ProjectRecord
from ecogeo.board.towns import WIDTH, class_of, town_classes, town_figures, town_shapes
from ecogeo.check import run_checks
from ecogeo.finding import Report
from ecogeo.plan import PlanTables
from ecogeo.workspace import Workspace, open_workspace

ROWS = (
    "A,甲系统,1,一,新建,内容,2024,2026,100,自筹,甲局、乙局,town,西镇,500",
    "B,甲系统,2,二,新建,内容,2025,2025,50,自筹,甲局,town,东镇,500",
    "C,乙系统,3,三,新建,内容,2027,2030,30,自筹,乙局,none,,",
    "D,,4,四,新建,内容,,,,自筹,,none,,",
)


@pytest.fixture
def county(county_folder: Path) -> Workspace:
    path = county_folder / "data" / "plan" / "projects.csv"
    path.write_text("\n".join([PROJECT_HEAD, *ROWS]) + "\n", "utf-8-sig")
    return open_workspace(county_folder)


@pytest.fixture
def records(county: Workspace) -> tuple[ProjectRecord, ...]:
    return project_records(county, Report("", ()))


def totals(money: Money) -> dict[str, float]:
    return {bar.label: bar.total for bar in money.bars}


def test_money_by_system_is_stacked_by_the_year_of_start(records: tuple[ProjectRecord, ...]) -> None:
    money = money_by(records, "system")
    assert totals(money) == {"甲系统": 150.0, "乙系统": 30.0, NONE: 0.0}
    assert money.series == ("2024", "2025", "2027", NONE)
    assert money.bars[0].sizes == {"2024": 100.0, "2025": 50.0}
    assert (money.total, money.unpriced) == (180.0, 1)


def test_a_shared_project_counts_in_full_with_each(records: tuple[ProjectRecord, ...]) -> None:
    assert totals(money_by(records, "department")) == {"甲局": 150.0, "乙局": 130.0, NONE: 0.0}
    assert money_by(records, "department").total == 180.0, "but once in all"
    assert totals(money_by(records, "town")) == {"西镇": 100.0, "东镇": 50.0, NONE: 30.0}


def test_money_by_year_is_in_order(records: tuple[ProjectRecord, ...]) -> None:
    assert list(totals(money_by(records, "year")).items())[-3:] == [("2024", 100.0), ("2025", 50.0), ("2027", 30.0)]


def test_the_timeline_spans_all_years(records: tuple[ProjectRecord, ...]) -> None:
    found = timeline(records, 2026)
    assert found.years == tuple(range(2024, 2031))
    assert [(span.record.record_id, span.phase) for span in found.spans] == [
        ("A", "during"),
        ("B", "after"),
        ("C", "before"),
    ]
    assert [(span.first_year, span.last_year) for span in found.spans] == [(2024, 2026), (2025, 2025), (2027, 2030)]
    assert [record.record_id for record in found.undated] == ["D"]
    assert found.counts == {"during": 1, "before": 1, "after": 1, "reversed": 0, "unknown": 1}


def test_a_project_that_ends_before_it_starts_is_not_drawn(county_folder: Path) -> None:
    path = county_folder / "data" / "plan" / "projects.csv"
    path.write_text("\n".join([PROJECT_HEAD, ROWS[1], ROWS[0].replace("2024,2026", "2030,2022")]) + "\n", "utf-8-sig")
    records = project_records(open_workspace(county_folder), Report("", ()))
    found = timeline(records, 2026)
    assert found.years == (2025,)
    assert [record.record_id for record in found.reversed] == ["A"]
    assert found.undated == ()
    assert found.counts == {"during": 0, "before": 0, "after": 1, "reversed": 1, "unknown": 0}
    assert totals(money_by(records, "year")) == {"2025": 50.0, NONE: 100.0}


def test_towns_of_another_areas_plan_are_those_its_own_words_name() -> None:
    columns = {"start_year": [2024, None], "end_year": [2025, None], "invest_wan_yuan": [100.0, 20.0]}
    words = {name: ["", ""] for name in ("departments", "project_no", "system", "nature", "content", "funding")}
    frame = pd.DataFrame(
        {"project_id": ["A", "B"], "name": ["甲", "乙"], "location_basis": ["none"] * 2, "accuracy_m": [None] * 2}
        | {"place": ["甲县白沙镇、庚江乡坡脚村", "县城"]}
        | columns
        | words
    )
    empty = frame.iloc[:0]
    plan = PlanBoard("other", Path(), False, PlanTables({}, empty, frame, empty), (), (), ())
    assert totals(money_by(plan_records(plan), "town")) == {"白沙镇": 100.0, "庚江乡": 100.0, NONE: 20.0}


def test_nothing_to_show_is_no_error() -> None:
    assert money_by((), "year").bars == ()
    assert timeline((), 2026).years == ()


def test_figures_by_town(county: Workspace, records: tuple[ProjectRecord, ...]) -> None:
    cover = [
        ("town", "西镇", "林草覆盖率", "口径", 0.5),
        ("county", "方县", "林草覆盖率", "口径", 0.4),
        ("town", "西镇", "林地", "", 0.3),
    ]
    columns = ["unit_kind", "unit_name", "class_name", "definition", "share"]
    tables = {
        "landcover": pd.DataFrame(cover, columns=columns),
        "slope": pd.DataFrame({"unit_kind": ["town"]}),
    }
    found = {one.figure_id: one for one in town_figures(county, Report("", (), tables), records)}
    assert dict(found["projects.count"].values) == {"西镇": 1.0, "东镇": 1.0}
    assert dict(found["projects.invest"].values) == {"西镇": 100.0, "东镇": 50.0}
    assert dict(found["landcover.林草覆盖率.口径"].values) == {"西镇": 50.0}
    assert dict(found["projects.overlap"].values) == {"西镇": 0.0, "东镇": 0.0}
    assert len(found) == 4, "a table without the columns is passed over"


def test_mines_and_shores_are_figures_by_town(county: Workspace) -> None:
    mines = {"town": ["西镇", "西镇", "东镇", ""], "to_restore_ha": [10.0, 30.0, 5.0, 9.0]}
    tables = {
        "mines": pd.DataFrame(mines | {"restored_ha": [4.0, 6.0, 5.0, 9.0]}),
        "shoreline_totals": pd.DataFrame(
            {"level": ["town", "river", "town"], "name": ["西镇", "甲河", "东镇"], "protection_pct": [62.5, 70.0, None]}
        ),
    }
    found = {one.figure_id: dict(one.values) for one in town_figures(county, Report("", (), tables), ())}
    assert found["mines.to_restore"] == {"西镇": 40.0, "东镇": 5.0}
    assert found["mines.restored"] == {"西镇": 25.0, "东镇": 100.0}, "10 of 40, 5 of 5"
    assert found["shoreline.protection"] == {"西镇": 62.5}


def test_numbers_of_a_joined_table_are_figures(county: Workspace) -> None:
    data = county.data_folder
    (data / "towns.csv").write_text("code,人口,note\nw,1200,有\ne,,无\n", "utf-8-sig")
    joined = (
        '\n[tables.towns]\npath = "towns.csv"\nkey = "code"\ntitle = "乡镇表"\n[joins.t]\nlayer = "towns"\n'
        'table = "towns"\nlayer_code = "code"\ntable_code = "code"\n'
    )
    catalogue = data / "tables.toml"
    catalogue.write_text(catalogue.read_text("utf-8") + joined, "utf-8")
    found = town_figures(open_workspace(county.root), Report("", ()), ())
    assert [(one.figure_id, dict(one.values), one.source.zh) for one in found] == [
        ("towns.人口", {"西镇": 1200.0}, "乡镇表")
    ]


def test_towns_are_drawn_to_scale(county: Workspace) -> None:
    shapes, height = town_shapes(county.of_role("towns"))
    assert [shape.name for shape in shapes] == ["西镇", "东镇"]
    assert height == pytest.approx(WIDTH, rel=0.01), "ten by ten kilometres"
    assert shapes[0].label_x == pytest.approx(WIDTH / 4, rel=0.05)
    assert shapes[0].path.startswith("M")
    assert town_shapes(None) == ((), 0.0)


def test_equal_values_share_a_class() -> None:
    classes = town_classes([1.0, 1.0, 2.0, 9.0])
    assert [class_of(value, classes) for value in (1.0, 2.0, 9.0)] == [0, 1, 2]
    assert town_classes([]) == ()


def test_the_sample_has_figures_for_every_town() -> None:
    county = open_workspace(Path(__file__).parent.parent)
    records = project_records(county, Report("", ()))
    found = {one.figure_id: one for one in town_figures(county, Report("", ()), records)}
    assert sum(found["towns.villages"].values.values()) == 93
    assert len(found["towns.recorded_area_km2"].values) == 2, "others are not on record"


def test_run_tables_of_the_small_county_are_tolerated(county: Workspace) -> None:
    report = run_checks(county)
    assert town_figures(county, report, ()) is not None
