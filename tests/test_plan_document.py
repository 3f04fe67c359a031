"""A planning document, in the form of its plain-text export, into typed tables."""

from __future__ import annotations

import pandas as pd
import pytest

from ecogeo.errors import UnusableFileError
from ecogeo.plan import import_plan
from ecogeo.plan.cells import numeral_value, one_line, paragraphs
from ecogeo.plan.columns import INDICATOR_COLUMNS, PROJECT_COLUMNS, TASK_COLUMNS
from ecogeo.plan.facts import read_facts
from ecogeo.plan.projects import parse_years

INDICATOR_HEAD = (
    "领域", "任务", "序号", "指标名称", "单位", "指标值", "2021年现状值", "是否达标",
    "近期（2026年）\n指标值", "远期末（2031年）指标值", "指标\n属性", "责任部门",
)  # fmt: skip
PROJECT_HEAD = (
    "序号", "项目名称", "项目性质", "主要建设内容及规模", "建设起止年限", "计划总投资（万元）", "资金来源", "责任单位",
)  # fmt: skip


def printed(*rows):
    return "".join("".join(f"\t{cell}\n" for cell in row) + "\n" for row in rows)


def imported(tmp_path, text):
    path = tmp_path / "plan.txt"
    path.write_text(text, encoding="utf-8")
    return import_plan(path)


def indicators_of(tmp_path, *rows):
    return imported(tmp_path, "表1 指标\n" + printed(INDICATOR_HEAD, *rows))


def projects_of(tmp_path, *rows, head=PROJECT_HEAD):
    return imported(tmp_path, printed(head, *rows))


def test_one_indicator(tmp_path):
    row = (
        "生态安全",
        "（一）水",
        "9",
        "污水治理率",
        "%",
        "≥50",
        "34.8",
        "否",
        "≥50",
        "≥62.5",
        "参考性",
        "甲局、\n乙局",
    )
    frame = indicators_of(tmp_path, row).indicators
    later = ("target_text_2026", "target_value_2026", "target_text_2031", "target_value_2031")
    assert tuple(frame.columns) == (*INDICATOR_COLUMNS, *later)
    assert frame.iloc[0].drop("current_year").to_dict() == {
        "indicator_no": "9",
        "sub_no": "",
        "domain": "生态安全",
        "task": "（一）水",
        "name": "污水治理率",
        "unit": "%",
        "target_text": "≥50",
        "comparator": ">=",
        "target_value": 50.0,
        "current_text": "34.8",
        "current_value": 34.8,
        "status_reported": "否",
        "status": "not_met",
        "kind": "reference",
        "departments": "甲局、乙局",
        "deadline": "",
        "target_text_2026": "≥50",
        "target_value_2026": 50.0,
        "target_text_2031": "≥62.5",
        "target_value_2031": 62.5,
    }
    assert frame["current_year"].tolist() == [2021]


def test_sub_items_take_what_the_document_splits_and_nothing_else(tmp_path):
    name = "利用率\n（1）秸秆\n（2）粪污"
    row = (
        "生态经济",
        "循环",
        "21",
        name,
        "%",
        "≥43",
        "（1）90.27\n（2）34.67",
        "否",
        "（1）≥90（2）≥75",
        "≥80",
        "参考性",
        "甲局",
    )
    frame = indicators_of(tmp_path, row).indicators
    assert frame["sub_no"].tolist() == ["", "1", "2"]
    assert frame["name"].tolist() == ["利用率", "秸秆", "粪污"]
    assert frame["unit"].tolist() == ["%", "", ""]
    assert frame["target_text"].tolist() == ["≥43", "", ""]
    assert frame["target_value"].fillna(-1).tolist() == [43.0, -1, -1]
    assert frame["current_text"].tolist() == ["（1）90.27\n（2）34.67", "90.27", "34.67"]
    assert frame["current_value"].fillna(-1).tolist() == [-1, 90.27, 34.67]
    assert frame["target_value_2026"].fillna(-1).tolist() == [-1, 90.0, 75.0]
    assert frame["target_value_2031"].fillna(-1).tolist() == [80.0, -1, -1]
    assert frame["status"].tolist() == ["not_met", "met", "not_met"]
    assert frame["status_reported"].tolist() == ["否", "", ""]
    assert frame["departments"].tolist() == ["甲局"] * 3


def test_merged_cells_are_filled_down(tmp_path):
    first = ("生态制度", "（一）制度", "1", "规划", "—", "制定实施", "制定实施", "是", "实施", "实施", "约束性", "甲局")
    second = ("", "", "2", "河长制", "—", "全面推行", "未开展", "否", "全面推行", "全面推行", "约束性", "乙局")
    third = ("", "（二）\n空\n间", "3", "岸线", "%", "完成上级管控目标", "—", "否", "", "", "参考性", "丙局")
    frame = indicators_of(tmp_path, first, second, third).indicators
    assert frame["domain"].tolist() == ["生态制度"] * 3
    assert frame["task"].tolist() == ["（一）制度", "（一）制度", "（二）空间"]
    assert frame["status"].tolist() == ["met", "not_met", "no_data"]
    assert frame["target_text_2031"].tolist() == ["实施", "全面推行", ""]


def test_projects_under_their_systems(tmp_path):
    result = projects_of(
        tmp_path,
        ("一、", "安全体系", "", "", "", "", "", ""),
        ("1", "河道\n整治", "新建", "1.清淤，  10 公里；\n2. 绿化", "2023-2024", "12234.59 ", "上级\n资金", "水利局"),
        ("二、文化体系",),
        ("1", "展馆", "续建", "一座", "2025", "1,000", "待定", "文旅局"),
    )
    frame = result.projects
    assert tuple(frame.columns) == PROJECT_COLUMNS
    assert frame["project_id"].tolist() == ["P1-01", "P2-01"]
    assert frame["system"].tolist() == ["安全体系", "文化体系"]
    assert frame["name"].tolist() == ["河道整治", "展馆"]
    assert frame["content"].tolist() == ["1.清淤，10公里；\n2.绿化", "一座"]
    assert frame["start_year"].tolist() == [2023, 2025]
    assert frame["end_year"].tolist() == [2024, 2025]
    assert frame["invest_wan_yuan"].tolist() == [12234.59, 1000.0]
    assert frame["funding"].tolist() == ["上级资金", "待定"]
    assert frame["location_basis"].tolist() == ["none", "none"]
    assert frame["accuracy_m"].isna().all()
    assert result.unused == ()
    assert tuple(result.tasks.columns) == TASK_COLUMNS
    assert len(result.tasks) == len(result.indicators) == 0


@pytest.mark.parametrize(("unit", "wan_yuan"), [("亿元", 123_400.0), ("万元", 12.34), ("元", 0.001234)])
def test_investment_in_the_unit_of_the_head(tmp_path, unit, wan_yuan):
    head = [word.replace("万元", unit) for word in PROJECT_HEAD]
    frame = projects_of(tmp_path, ("1", "林道", "新建", "", "2023", "12.34", "", ""), head=head).projects
    assert frame["invest_wan_yuan"].tolist() == [wan_yuan]
    assert frame["project_id"].tolist() == ["P0-01"]


def test_what_does_not_fit_is_listed_with_its_line(tmp_path):
    text = (
        "表1 汇总\n"
        + printed(("类别", "数量"), ("安全", "6"))
        + "\n表2 项目\n"
        + printed(
            PROJECT_HEAD,
            ("1", "甲项目", "新建", "", "近期", "若干", "", ""),
            ("合计", "", "", "", "", "60", "", ""),
            ("备注", "见附件"),
        )
    )
    result = imported(tmp_path, text)
    assert [(item.title, item.first_line, item.last_line) for item in result.unused] == [
        ("表1 汇总", 2, 6),
        ("表2 项目", 19, 19),
        ("表2 项目", 19, 19),
        ("表2 项目", 37, 38),
    ]
    assert result.unused[0].message.zh == "第 2-6 行（表1 汇总）：表头不是指标表、项目表或任务表：类别、数量"
    assert result.stated[["measure", "value", "unit", "place", "line"]].to_numpy().tolist() == [
        ["invest", 60.0, "万元", "表2 项目", 28]
    ]
    reasons = " ".join(item.reason.zh for item in result.unused)
    assert all(word in reasons for word in ("类别", "近期", "若干", "备注"))
    assert result.projects["invest_wan_yuan"].isna().tolist() == [True]
    assert result.projects["start_year"].isna().tolist() == [True]


def test_unknown_kind_column_and_numberless_row_are_listed(tmp_path):
    head = (*INDICATOR_HEAD, "备注")
    good = ("域", "务", "1", "率", "%", "1", "1", "是", "1", "1", "指导性", "甲局", "注")
    note = ("", "", "注", "说明", "", "", "", "", "", "", "", "", "")
    result = imported(tmp_path, printed(head, good, note))
    assert result.indicators["kind"].tolist() == [""]
    reasons = [item.reason.zh for item in result.unused]
    assert len(reasons) == 3
    assert all(word in " ".join(reasons) for word in ("备注", "指导性", "说明"))


def test_rows_above_the_head_and_a_repeated_head(tmp_path):
    row = ("1", "甲项目", "新建", "", "2023", "1", "", "")
    after = ("2", "乙项目", "新建", "", "2023", "2", "", "")
    result = imported(tmp_path, printed(("项目一览",), PROJECT_HEAD, row, PROJECT_HEAD, after))
    assert result.projects["name"].tolist() == ["甲项目", "乙项目"]
    assert [item.reason.zh for item in result.unused] == ["表头以上的行：项目一览"]


def test_all_missing_columns_of_all_tables_are_named_at_once(tmp_path):
    indicators = printed([word for word in INDICATOR_HEAD if "指标值" not in word])
    projects = printed([word for word in PROJECT_HEAD if word not in ("主要建设内容及规模", "计划总投资（万元）")])
    with pytest.raises(UnusableFileError) as caught:
        imported(tmp_path, indicators + "\n正文\n" + projects)
    message = caught.value.say("zh")
    assert all(f"缺少列 {word}；" in message for word in ("指标值", "主要建设内容及规模"))
    assert len(caught.value.problems) == 2


def test_columns_that_are_not_there_stay_empty(tmp_path):
    head = [word for word in PROJECT_HEAD if word not in ("资金来源", "建设起止年限", "责任单位")]
    result = projects_of(tmp_path, ("1", "甲项目", "新建", "一座", "28"), head=head)
    assert result.projects.loc[0, ["funding", "departments"]].tolist() == ["", ""]
    assert result.projects["start_year"].isna().all()
    assert result.unused == ()


def test_numbers_that_occur_twice_are_told_apart_and_named(tmp_path):
    row = ("1", "甲项目", "新建", "", "2023", "1", "", "")
    result = projects_of(tmp_path, row, row)
    assert result.projects["project_id"].tolist() == ["P0-01", "P0-01.2"]
    assert [item.message.zh for item in result.unused] == ["编号在文件中重复，改记为 P0-01.2"]


def test_indicators_numbered_anew_keep_their_sub_items(tmp_path):
    row = ("域", "务", "1", "率（1）甲（2）乙", "%", "（1）≥1（2）≥2", "", "", "", "", "约束性", "")
    frame = indicators_of(tmp_path, row, row).indicators
    assert (frame["indicator_no"] + "-" + frame["sub_no"]).tolist() == ["1-", "1-1", "1-2", "1.2-", "1.2-1", "1.2-2"]


def test_document_without_a_known_table(tmp_path):
    with pytest.raises(UnusableFileError, match="指标名称") as caught:
        imported(tmp_path, printed(("类别", "数量"), ("安全", "6")))
    assert "类别 数量" in caught.value.say("zh")


def test_facts_are_taken_only_from_their_phrases():
    text = (
        "为此，某某县人民政府组织编制了《某某县示范规划（2024-2031年）》。\n"
        "本次规划范围为某某县行政区所辖范围，土地总面积1773.5km2。\n"
        "规划基准年为2023年，规划期为2024—2031年，其中近期为2024-2027年。"
    )
    assert read_facts(text, "a.txt") == {
        "title": "某某县示范规划（2024-2031年）",
        "issuer": "某某县人民政府",
        "area": "某某县",
        "area_km2": 1773.5,
        "period": (2024, 2031),
        "base_year": 2023,
        "source_file": "a.txt",
    }
    assert read_facts("总面积100平方公里。", "a.txt") == {"source_file": "a.txt"}


def test_spacing_goes_and_words_stay():
    assert paragraphs("年出栏仔猪\u00a05.04万头、  20  MW\n\n\u3000二 期") == "年出栏仔猪5.04万头、20 MW\n二期"
    assert one_line("人居环境\n改善 ") == "人居环境改善"
    assert one_line("LNG\nstation") == "LNG station"


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2022-2023", (2022, 2023)),
        ("2021年～2025年", (2021, 2025)),
        ("2021至\n2025年", (2021, 2025)),
        ("2024年", (2024, 2024)),
        ("近期", None),
        ("20212025", None),
    ],
)
def test_years(text, years):
    assert parse_years(text) == years


def test_numerals():
    assert [numeral_value(word) for word in ("一", "九", "十", "十一", "二十", "三十五")] == [1, 9, 10, 11, 20, 35]


def test_missing_numbers_are_na_and_missing_text_is_empty(tmp_path):
    row = ("域", "务", "1", "制度", "—", "建立", "建立", "", "", "", "约束性", "")
    frame = indicators_of(tmp_path, row).indicators
    assert pd.isna(frame.loc[0, "target_value"])
    assert frame.loc[0, "status_reported"] == ""
