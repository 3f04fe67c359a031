"""A plan's folder: the same tables give the same bytes, and everything wrong is named at once."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.plan import PlanTables, read_plan, write_plan
from ecogeo.plan.columns import (
    INDICATOR_COLUMNS,
    PROJECT_COLUMNS,
    TASK_COLUMNS,
    later_columns,
    later_years,
    typed_frame,
)
from ecogeo.plan.tables import render_csv
from ecogeo.plan.unused import Unused
from ecogeo.plan.vocabulary import read_head
from ecogeo.wording import Text


def small_plan():
    indicators = [
        {"indicator_no": "1", "sub_no": "", "name": "率", "target_value": 62.6, "current_year": 2022},
        {"indicator_no": "1", "sub_no": "1", "name": "子项", "target_text": "≥95\n不明显", "target_value_2027": 0.335},
    ]
    projects = [
        {"project_id": "P1-01", "project_no": "01", "name": '甲,"乙"', "invest_wan_yuan": 12234.59, "start_year": 2023},
        {"project_id": "P1-02", "project_no": "02", "name": "<img src=x onerror=alert(1)>", "accuracy_m": 1500.0},
    ]
    return PlanTables(
        plan={"title": '甲"县\\规划', "area_km2": 1773.0, "period": (2023, 2030), "base_year": 2022},
        indicators=typed_frame(indicators, [*INDICATOR_COLUMNS, *later_columns([2027])]),
        projects=typed_frame(projects, PROJECT_COLUMNS),
        tasks=typed_frame([], TASK_COLUMNS),
        unused=(Unused("表2", 3, 9, Text("看不懂", "not understood")),),
    )


def test_what_is_written_reads_back(tmp_path):
    plan = small_plan()
    written = write_plan(plan, tmp_path / "plan")
    assert [path.name for path in written] == ["plan.toml", "indicators.csv", "projects.csv", "tasks.csv", "stated.csv"]
    again = read_plan(tmp_path / "plan")
    assert again.plan == plan.plan
    assert again.unused == plan.unused
    pd.testing.assert_frame_equal(again.indicators, plan.indicators)
    pd.testing.assert_frame_equal(again.projects, plan.projects)
    pd.testing.assert_frame_equal(again.tasks, plan.tasks)


def test_same_tables_same_bytes(tmp_path):
    first, second = (write_plan(small_plan(), tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in first[1:])
    assert all(b"\r" not in path.read_bytes() for path in first)


def test_numbers_are_written_without_noise(tmp_path):
    frame = typed_frame(
        [{"a": "x", "invest_wan_yuan": number} for number in (28.0, 0.1, 1e-7, 1660000.0, None)], ["invest_wan_yuan"]
    )
    assert render_csv(frame) == '\ufeffinvest_wan_yuan\n28\n0.1\n0.0000001\n1660000\n""\n'


def test_ids_keep_their_zeros(tmp_path):
    write_plan(small_plan(), tmp_path)
    assert read_plan(tmp_path).projects["project_no"].tolist() == ["01", "02"]


def test_extra_columns_are_kept(tmp_path):
    write_plan(small_plan(), tmp_path)
    path = tmp_path / "tasks.csv"
    path.write_text("\ufeff" + ",".join((*TASK_COLUMNS, "note")) + "\n1,a,b,c,d,e\n", encoding="utf-8")
    assert read_plan(tmp_path).tasks.iloc[0].tolist() == ["1", "a", "b", "c", "d", "e"]


def test_all_missing_columns_of_all_tables_at_once(tmp_path):
    write_plan(small_plan(), tmp_path)
    for name, lost in (("indicators.csv", ["unit", "target_value_2027"]), ("projects.csv", ["funding", "place"])):
        frame = pd.read_csv(tmp_path / name, dtype=str, encoding="utf-8-sig").drop(columns=lost)
        frame.to_csv(tmp_path / name, index=False)
    (tmp_path / "tasks.csv").unlink()
    with pytest.raises(EcogeoError) as caught:
        read_plan(tmp_path)
    message = caught.value.say("en")
    assert all(word in message for word in ("unit", "target_value_2027", "funding", "place", "tasks.csv"))
    assert str(tmp_path) not in message


def test_keys_and_numbers_are_checked(tmp_path):
    write_plan(small_plan(), tmp_path)
    rows = [dict.fromkeys(PROJECT_COLUMNS, "") for _ in range(4)]
    for row, key in zip(rows, ("P1-01", "P1-01", "", "P1-03"), strict=True):
        row["project_id"] = key
    rows[1]["invest_wan_yuan"] = "待定"
    rows[3]["start_year"] = "2023.5"
    pd.DataFrame(rows).to_csv(tmp_path / "projects.csv", index=False)
    with pytest.raises(UnusableFileError) as caught:
        read_plan(tmp_path)
    message = caught.value.say("zh")
    assert "重复：P1-01" in message
    assert "第 4 行没有 project_id" in message
    assert "invest_wan_yuan 应为数字：第 3 行“待定”" in message
    assert "start_year 应为数字：第 5 行“2023.5”" in message


def test_an_indicator_twice_is_named(tmp_path):
    plan = small_plan()
    twice = PlanTables(plan.plan, pd.concat([plan.indicators, plan.indicators]), plan.projects, plan.tasks)
    write_plan(twice, tmp_path)
    with pytest.raises(UnusableFileError, match="1, 1-1"):
        read_plan(tmp_path)


@pytest.mark.parametrize("content", ["title = ", "not_understood = [1]", '[[not_understood]]\ntitle = "a"\n'])
def test_broken_plan_toml(tmp_path, content):
    write_plan(small_plan(), tmp_path)
    (tmp_path / "plan.toml").write_text(content, encoding="utf-8")
    with pytest.raises(UnusableFileError, match=r"plan\.toml"):
        read_plan(tmp_path)


def test_no_folder_at_all_names_all_four_files(tmp_path):
    with pytest.raises(EcogeoError) as caught:
        read_plan(tmp_path / "none")
    assert len(caught.value.problems) == 4


def test_years_of_later_targets():
    assert later_years(["target_text_2030", "target_value_2027", "target_text", "name"]) == (2027, 2030)


PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip)


@given(PRINTABLE, PRINTABLE, st.floats(0, 1e9, allow_nan=False))
def test_any_words_and_number_read_back(tmp_path_factory, title, name, amount):
    folder = tmp_path_factory.mktemp("plan")
    rows = [{"project_id": "P1-01", "name": name, "invest_wan_yuan": amount}]
    plan = PlanTables(
        {"title": title},
        typed_frame([], INDICATOR_COLUMNS),
        typed_frame(rows, PROJECT_COLUMNS),
        typed_frame([], TASK_COLUMNS),
    )
    write_plan(plan, folder)
    again = read_plan(folder)
    assert again.plan == {"title": title}
    assert again.projects.loc[0, ["name", "invest_wan_yuan"]].tolist() == [name, amount]


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        (("2022年", "近期（2025年）", "远期（2035年）"), ("current", "target_2025", "target_2035")),
        (("2022年", "2025年（近期）", "2035年（远期）"), ("current", "target_2025", "target_2035")),
        (("2020年基期", "“十四五”目标"), ("current", "target_2025")),
        (("2021年现状值", "近期目标（2025年）", "远期目标（2030年）"), ("current", "target_2025", "target_2030")),
        (("2022年", "中期2030年目标值"), ("current", "target_2030")),
    ],
)
def test_base_years_are_values_and_terms_are_targets(head, columns):
    found = read_head(("序号", "指标名称", "单位", *head))
    assert found is not None
    places = {place: name for name, (place, *_) in found.places.items() if name != "target"}
    assert tuple(places[at] for at in range(3, 3 + len(head))) == columns
    assert found.places["target"] == found.places[columns[1]]
    assert found.unknown == ()
