"""The committed tables of 柳江区, held to figures worked out or typed independently."""

from __future__ import annotations

import csv
import os
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from ecogeo.plan import import_plan, read_gazetteer, read_plan, write_plan

FOLDER = Path(__file__).parents[1] / "data" / "liujiang"


def cells(name):
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def indicators():
    return cells("indicators.csv")


@pytest.fixture(scope="module")
def projects():
    return cells("projects.csv")


@pytest.fixture(scope="module")
def whole(indicators):
    return {row["indicator_no"]: row for row in indicators if not row["sub_no"]}


def test_35_indicators_19_binding_16_reference(whole):
    assert list(whole) == [str(number) for number in range(1, 36)]
    assert Counter(row["kind"] for row in whole.values()) == {"binding": 19, "reference": 16}


def test_sub_items(indicators):
    counts = Counter(row["indicator_no"] for row in indicators if row["sub_no"])
    assert counts == {"7": 2, "8": 3, "11": 3, "15": 2, "20": 2, "21": 3}


# number: comparator, target, current value, targets for 2027 and 2030; typed from the printed tables, not from the code
THRESHOLDS = {
    "3": (">=", "20", "20", "20", "20"),
    "5": ("=", "100", "100", "100", "100"),
    "9": (">=", "60", "84.71", "", ""),
    "10": (">=", "40", "62.52", "", ""),
    "12": ("=", "100", "95.1", "100", "100"),
    "17": ("assigned", "", "0.335", "", ""),
    "19": (">=", "4.5", "3.48", "4.5", "4.5"),
    "20": (">=", "43", "", "43", "43"),
    "24": ("=", "100", "91.43", "100", "100"),
    "25": (">=", "85", "99.7", "100", "100"),
    "26": (">=", "50", "34.8", "50", "60"),
    "27": (">=", "80", "100", "100", "100"),
    "30": (">=", "50", "100", "100", "100"),
    "32": (">=", "80", "99.97", "95", "95"),
    "34": (">=", "80", "81.79", "80", "80"),
    "35": (">=", "80", "90", "80", "80"),
}


@pytest.mark.parametrize("number", THRESHOLDS)
def test_thresholds(whole, number):
    row = whole[number]
    columns = ("comparator", "target_value", "current_value", "target_value_2027", "target_value_2030")
    assert tuple(row[column] for column in columns) == THRESHOLDS[number]


def test_thresholds_of_sub_items(indicators):
    found = {
        (row["indicator_no"], row["sub_no"]): (row["target_value"], row["current_value"], row["target_value_2030"])
        for row in indicators
        if row["sub_no"]
    }
    assert found["21", "1"] == ("90", "90.27", "90")
    assert found["21", "2"] == ("75", "94.3", "95")
    assert found["21", "3"] == ("80", "34.67", "80")
    assert found["20", "1"] == ("", "40", "")
    assert found["11", "1"] == ("95", "90", "95")


def test_recomputed_status_agrees_with_the_reported_one(whole):
    missed = {"11", "12", "16", "19", "20", "21", "24", "26"}
    assert {number for number, row in whole.items() if row["status"] == "not_met"} == missed
    assert {number for number, row in whole.items() if row["status_reported"] == "否"} == missed
    from_above = {number for number, row in whole.items() if row["status"] == "set_from_above"}
    assert from_above == {"7", "8", "17", "18", "29"}
    assert {number for number, row in whole.items() if row["status"] == "text"} == {"13"}


def test_58_projects_in_six_systems(projects):
    systems = Counter(row["project_id"].split("-")[0] for row in projects)
    assert systems == {"P1": 1, "P2": 6, "P3": 2, "P4": 33, "P5": 12, "P6": 4}
    assert len({row["project_id"] for row in projects}) == 58
    assert list(Counter(row["system"] for row in projects).values()) == [1, 6, 2, 33, 12, 4]


def test_investments_sum_to_the_total_and_by_system(projects):
    sums = Counter()
    for row in projects:
        sums[row["project_id"][:2]] += Decimal(row["invest_wan_yuan"])
    assert sums == {
        "P1": Decimal("28"),
        "P2": Decimal("121017.29"),
        "P3": Decimal("50000"),
        "P4": Decimal("4567390.85"),
        "P5": Decimal("246098.93"),
        "P6": Decimal("4020"),
    }
    assert sum(sums.values()) == Decimal("4988555.07")


def test_every_project_has_years_owner_and_nature(projects):
    assert all(2019 <= int(row["start_year"]) <= int(row["end_year"]) <= 2030 for row in projects)
    assert all(row["departments"] and row["nature"] and row["funding"] for row in projects)


def test_places_read_by_eye(projects):
    places = {row["project_id"]: (row["location_basis"], row["place"]) for row in projects}
    assert Counter(basis for basis, _ in places.values()) == {
        "line": 3,
        "village": 5,
        "town": 19,
        "county": 5,
        "none": 26,
    }
    assert places["P2-05"] == ("line", "保村河;进德河")
    assert places["P4-09"] == ("village", "成团镇六道村")
    assert places["P4-32"] == ("village", "穿山镇板塘村")
    assert places["P5-08"] == ("village", "进德镇乐山村;进德镇白山村;百朋镇琴屯村;百朋镇根林村")
    assert places["P4-19"] == ("town", "土博镇;三都镇;成团镇;百朋镇;穿山镇;里高镇")
    assert places["P5-03"] == ("town", "三都镇;里高镇;土博镇")
    assert places["P4-21"] == places["P5-04"] == places["P5-07"] == ("none", "")
    assert len(places["P3-01"][1].split(";")) == 8


def test_files_are_as_the_program_writes_them(tmp_path):
    for path in write_plan(read_plan(FOLDER), tmp_path):
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()


def test_plan_toml_says_what_the_document_says():
    plan = tomllib.loads((FOLDER / "plan.toml").read_text(encoding="utf-8"))
    assert (plan["area"], plan["area_km2"], plan["base_year"], plan["period"]) == ("柳江区", 1773.0, 2022, [2023, 2030])
    assert "not_understood" not in plan
    assert cells("tasks.csv") == []


def test_names_on_record():
    gazetteer = read_gazetteer(FOLDER)
    assert len(gazetteer.villages) == 118
    assert len(gazetteer.towns) == 8
    assert gazetteer.county == "柳江区"
    assert Counter(gazetteer.rivers["basin"]) == {"红水河": 2, "柳江": 6}


def test_the_document_gives_the_committed_tables(tmp_path):
    seeds = os.environ.get("ECOGEO_SEEDS")
    if not seeds:
        pytest.skip("ECOGEO_SEEDS does not point to the folder with the planning documents")
    (document,) = Path(seeds).glob("000_*.txt")
    for path in write_plan(import_plan(document, read_gazetteer(FOLDER)), tmp_path):
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()
