"""The committed tables of four other places, held to counts and sums worked out by hand.

The figures were read off the printed tables with a pencil: rows counted, numeric targets written one below the other
and added, each figure typed here from the page and not from the program.
"""

from __future__ import annotations

import csv
import os
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from ecogeo.plan import import_plan, read_gazetteer, read_plan, write_plan

DATA = Path(__file__).parents[1] / "data"
SEEDS = {"luzhai": "001", "guangxi": "002", "guigang": "003", "guilin": "004"}


def cells(plan, name):
    with (DATA / plan / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def whole(plan):
    return {row["indicator_no"]: row for row in cells(plan, "indicators.csv") if not row["sub_no"]}


def sums(plan, column):
    numbers = [Decimal(row[column]) for row in cells(plan, "indicators.csv") if row[column]]
    return len(numbers), sum(numbers)


def facts(plan):
    return tomllib.loads((DATA / plan / "plan.toml").read_text("utf-8"))


def test_luzhai_has_35_indicators_and_14_tasks():
    rows = whole("luzhai")
    assert list(rows) == [str(number) for number in range(1, 36)]
    assert Counter(row["kind"] for row in rows.values()) == {"binding": 19, "reference": 16}
    assert Counter(row["domain"] for row in rows.values()) == {
        "生态制度": 6, "生态安全": 8, "生态空间": 2, "生态经济": 6, "生态生活": 10, "生态文化": 3,
    }  # fmt: skip
    parts = Counter(row["indicator_no"] for row in cells("luzhai", "indicators.csv") if row["sub_no"])
    assert parts == {"7": 2, "8": 3, "11": 3, "15": 2, "20": 2, "21": 3}
    assert {row["deadline"] for row in rows.values()} == {"2023年12月"}
    assert all(row["lead_departments"] for row in rows.values())
    assert rows["17"]["lead_departments"] == "县发改局、县统计局"
    assert [row["task_no"] for row in cells("luzhai", "tasks.csv")] == [str(number) for number in range(1, 15)]
    assert cells("luzhai", "tasks.csv")[11]["departments"] == "县委督查绩效办"


def test_luzhai_targets_of_2023_add_up():
    assert sums("luzhai", "target_value_2023") == (23, Decimal("1813.5"))
    assert sums("luzhai", "target_value") == (23, Decimal("1813.5"))
    rows = whole("luzhai")
    assert (rows["9"]["target_text_2023"], rows["10"]["target_value"], rows["34"]["target_value"]) == (
        "≥82%",
        "69",
        "97",
    )
    assert (facts("luzhai")["area"], facts("luzhai")["period"]) == ("鹿寨县", [2023, 2023])


def test_guangxi_has_19_indicators_and_42_programmes_in_8_boxes():
    rows = whole("guangxi")
    assert list(rows) == [str(number) for number in range(1, 20)]
    assert Counter(row["kind"] for row in rows.values()) == {"binding": 11, "expected": 7, "": 1}
    assert [row["name"] for row in cells("guangxi", "indicators.csv") if row["sub_no"]] == ["设区城市", "县级"]
    assert sums("guangxi", "current_value") == (12, Decimal("742.26"))
    assert sums("guangxi", "target_value_2025") == (4, Decimal("187.6"))
    boxes = Counter(row["project_id"].split("-")[0] for row in cells("guangxi", "projects.csv"))
    assert boxes == {"B2": 5, "B3": 7, "B4": 2, "B5": 6, "B6": 7, "B7": 3, "B8": 7, "B9": 5}
    assert facts("guangxi")["title"] == "广西生态环境保护“十四五”规划"
    assert (facts("guangxi")["period"], facts("guangxi")["base_year"]) == ([2021, 2025], 2020)


def test_guigang_has_33_targets_in_29_tasks():
    rows = whole("guigang")
    assert len(rows) == 33
    assert sums("guigang", "target_value") == (18, Decimal("1284.5"))
    assert Counter(row["comparator"] for row in rows.values())["assigned"] == 10
    park = next(row for row in rows.values() if row["name"] == "城镇人均公园绿地面积")
    assert (park["target_text"], park["unit"], park["lead_departments"]) == (
        "≥15平方米/人",
        "平方米/人",
        "市城市管理局",
    )
    tasks = Counter(row["task_no"].split(".")[0] for row in cells("guigang", "tasks.csv"))
    assert list(tasks.values()) == [4, 2, 2, 3, 2, 5, 6, 3, 1, 1]
    assert [row["task_no"] for row in cells("guigang", "tasks.csv") if not row["lead_departments"]] == [
        "7.2",
        "9",
        "10",
    ]


def test_guilin_has_11_indicators_over_three_years():
    rows = whole("guilin")
    assert len(rows) == 11
    assert list(Counter(row["domain"] for row in rows.values()).items()) == [
        ("生态友好", 6),
        ("生态保护", 3),
        ("产业融合", 2),
    ]
    assert Counter(row["kind"] for row in rows.values()) == {"binding": 4, "expected": 7}
    assert sums("guilin", "current_value") == (7, Decimal("8937.78"))
    assert sums("guilin", "target_value_2025") == (8, Decimal("332.18"))
    assert sums("guilin", "target_value_2035") == (8, Decimal("350.68"))
    assert (rows["5"]["target_text_2025"], rows["5"]["comparator"], rows["9"]["comparator"]) == (
        "﹥50",
        ">",
        "no_decrease",
    )
    assert facts("guilin")["period"] == [2022, 2035]


@pytest.mark.parametrize("plan", SEEDS)
def test_files_are_as_the_program_writes_them(tmp_path, plan):
    for path in write_plan(read_plan(DATA / plan), tmp_path):
        assert path.read_bytes() == (DATA / plan / path.name).read_bytes()


@pytest.mark.parametrize("plan", SEEDS)
def test_the_document_gives_the_committed_tables(tmp_path, plan):
    if not (seeds := os.environ.get("ECOGEO_SEEDS")):
        pytest.skip("ECOGEO_SEEDS does not point to the folder with the planning documents")
    (document,) = Path(seeds).glob(f"{SEEDS[plan]}_*.txt")
    tables = import_plan(document, read_gazetteer(DATA / "liujiang"))
    if plan == "guigang":
        assert tables.tasks["content"].str.len().min() > 20
        tables.tasks["content"] = ""
    for path in write_plan(tables, tmp_path):
        assert path.read_bytes() == (DATA / plan / path.name).read_bytes()
