"""The auditor: what contradicts itself is found, what is right is left alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ecogeo.finding import Severity
from ecogeo.plan import PlanTables, audit_frame, audit_plan, import_plan, read_plan, render_csv, write_plan

DATA = Path(__file__).parents[1] / "data"
HEAD = (
    "序号",
    "项目名称",
    "项目性质",
    "主要建设内容及规模",
    "建设起止年限",
    "计划总投资（万元）",
    "资金来源",
    "责任单位",
)
SUMMARY = ("序号", "工程类别", "项目数量", "投资（万元）", "投资比例（%）")
INDICATORS = (
    "领域",
    "序号",
    "指标名称",
    "单位",
    "目标值",
    "2022年现状值",
    "是否达标",
    "2027年目标值",
    "指标属性",
    "责任部门",
)


def printed(*rows):
    return "".join("".join(f"\t{cell}\n" for cell in row) + "\n" for row in rows)


def projects(*rows, text="规划期为2023-2030年。\n", summary=()):
    title = "一、安全体系"
    tables = printed(HEAD, (title,), *rows)
    return text + (f"表1 汇总\n{printed(SUMMARY, *summary)}\n" if summary else "") + f"表2 项目\n{tables}"


def project(
    number="1", *, name="穿山镇河道整治", content="在穿山镇。", years="2023-2024", invest="100", owner="水利局"
):
    return (number, name, "新建", content, years, invest, "财政", owner)


def indicator(name="治理率", **changed):
    row = dict(zip(INDICATORS, ("安全", "1", name, "%", "≥50", "60", "是", "≥60", "约束性", "甲局"), strict=True))
    return tuple((row | changed).values())


def found(tmp_path, text):
    path = tmp_path / "plan.txt"
    path.write_text(text, encoding="utf-8")
    tables = import_plan(path)
    again = read_plan(write_plan(tables, tmp_path / "plan")[0].parent)
    assert audit_plan(again) == audit_plan(tables)
    return [(item.check, item.row) for item in audit_plan(tables)]


RIGHT_TEXT = """规划期为2023-2030年。
本规划共有2个项目，总投资150.5万元。
安全体系2项，投资150.5万元。六大类工程建设项目共计2项。
"""
TWO = (project(), project("2", name="百朋镇林道", invest="50.5"))


def test_right_tables_raise_no_alarm(tmp_path):
    summary = (("1", "安全体系", "2", "150.5", "100"), ("合计", "2", "150.5", "100"))
    assert found(tmp_path, projects(*TWO, text=RIGHT_TEXT, summary=summary)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "check"),
    [
        ("共有2个项目", "共有3个项目", "stated_count_differs"),
        ("项目共计2项", "项目共计4项", "stated_count_differs"),
        ("安全体系2项", "安全体系1项", "stated_count_differs"),
        ("总投资150.5万元", "总投资151.5万元", "stated_sum_differs"),
        ("投资150.5万元。六", "投资150.5元。六", "stated_sum_differs"),
        ("总投资150.5万元", "总投资1.505亿元", "stated_sum_differs"),
    ],
)
def test_text_against_table(tmp_path, right, wrong, check):
    assert right in RIGHT_TEXT
    assert found(tmp_path, projects(*TWO, text=RIGHT_TEXT.replace(right, wrong))) == [(check, "")]


def test_amounts_in_other_units_are_the_same_money(tmp_path):
    text = RIGHT_TEXT.replace("总投资150.5万元", "总投资0.01505亿元").replace("投资150.5万元。六", "投资1505000元。六")
    assert found(tmp_path, projects(*TWO, text=text)) == []


@pytest.mark.parametrize(
    ("summary", "checks"),
    [
        ((("1", "安全体系", "3", "150.5", "100"), ("合计", "2", "150.5", "100")), ["stated_count_differs"]),
        ((("1", "安全体系", "2", "150", "100"), ("合计", "2", "150.5", "100")), ["stated_sum_differs"]),
        (
            (("1", "安全体系", "2", "150.5", "90.5"), ("合计", "2", "150.5", "100")),
            ["stated_share_differs", "shares_do_not_add_up"],
        ),
    ],
)
def test_summary_against_table(tmp_path, summary, checks):
    assert [check for check, _ in found(tmp_path, projects(*TWO, summary=summary))] == checks


@pytest.mark.parametrize(
    ("row", "check"),
    [
        (project(years="2025-2024"), "ends_before_it_starts"),
        (project(years="2019-2021"), "years_outside_plan"),
        (project(years="2031-2033"), "years_outside_plan"),
        (project(owner=""), "owner_missing"),
        (project(content="在穿山镇，总投资120万元。"), "invest_differs_from_content"),
        (project(name="光伏发电", content="装机一批。"), "names_no_place"),
    ],
)
def test_project_rows(tmp_path, row, check):
    assert found(tmp_path, projects(row, project("2", name="百朋镇林道"))) == [(check, "P1-01")]


def test_project_named_twice(tmp_path):
    assert found(tmp_path, projects(project(), project("2"))) == [("name_twice", "P1-02")]


@pytest.mark.parametrize(
    ("row", "check"),
    [
        (
            indicator("生态环境状况指数", 单位="", 目标值="≥82%", **{"2022年现状值": "90", "2027年目标值": "≥85%"}),
            "index_in_percent",
        ),
        (indicator("生态环境状况指数（湿润地区）"), "index_in_percent"),
        (indicator(目标值="≥26平方公里", **{"2027年目标值": "≥27平方公里"}, 是否达标=""), "units_differ"),
        (indicator(**{"2022年现状值": "0.55"}, 是否达标=""), "units_differ"),
        (indicator(**{"2022年现状值": "160"}), "percentage_over_100"),
        (indicator(**{"2027年目标值": "≥45"}), "later_target_weaker"),
        (indicator(是否达标="否"), "status_differs"),
        (indicator(**{"2022年现状值": "40"}), "status_differs"),
        (indicator(指标属性=""), "kind_missing"),
        (indicator(责任部门=""), "owner_missing"),
    ],
)
def test_indicator_rows(tmp_path, row, check):
    text = f"表1 指标\n{printed(INDICATORS, row, indicator('覆盖率', 序号='2'))}"
    assert found(tmp_path, text) == [(check, "1")]


@pytest.mark.parametrize(("later", "checks"), [("≥0.3万公顷", []), ("≥0.2万公顷", [("later_target_weaker", "1")])])
def test_later_targets_are_compared_in_one_unit(tmp_path, later, checks):
    row = indicator("湿地面积", 单位="公顷", 目标值="≥26平方公里", **{"2022年现状值": "2641", "2027年目标值": later})
    text = f"表1 指标\n{printed(INDICATORS, row, indicator('覆盖率', 序号='2'))}"
    assert found(tmp_path, text) == checks


@pytest.mark.parametrize("name", ["地区生产总值指数", "居民消费价格指数", "水质指数达标率"])
def test_some_indices_are_per_cent(tmp_path, name):
    text = f"表1 指标\n{printed(INDICATORS, indicator(name), indicator('覆盖率', 序号='2'))}"
    assert found(tmp_path, text) == []


def test_headings_that_count_their_projects_are_checked(tmp_path):
    heading = ("一", "水环境治理工程（2个）", "", "", "", "300", "", "")
    rows = (heading, project(), project("2", name="进德镇治河", content="在进德镇。", invest="200"))
    text = f"规划期为2023-2030年。\n表2 项目\n{printed(HEAD, *rows)}"
    assert found(tmp_path, text) == []
    assert found(tmp_path, text.replace("2个", "3个")) == [("stated_count_differs", "")]
    assert found(tmp_path, text.replace("\t300", "\t301")) == [("stated_sum_differs", "")]


def test_indicator_numbers_names_and_figures_of_the_text(tmp_path):
    rows = (indicator("城镇污水处理率"), indicator("城镇污水处理率", 序号="3"))
    text = f"本规划共设3项指标，其中约束性指标2项。\n表1 指标\n{printed(INDICATORS, *rows)}"
    assert found(tmp_path, text) == [("stated_count_differs", ""), ("number_missing", ""), ("name_twice", "3")]
    figure = f"城镇污水处理率达到61%。\n表1 指标\n{printed(INDICATORS, rows[0])}"
    assert found(tmp_path, figure) == [("stated_figure_differs", "1")]
    assert found(tmp_path, figure.replace("61%", "60%")) == []


def test_tasks_of_text_and_table(tmp_path):
    head = ("序号", "任务名称", "主要内容", "完成时限", "责任单位")
    prose = "（一）收集材料。在2023年6月前上传至平台。（责任单位：甲局、乙局）\n附表2 2023年任务清单\n"
    right = printed(head, ("1", "收集材料", "在2023年6月前上传至平台。", "2023年12月", "乙局、甲局"))
    assert found(tmp_path, prose + right) == []
    assert found(tmp_path, prose + right.replace("6月前", "5月前")) == [("stated_figure_differs", "1")]
    assert found(tmp_path, prose + right.replace("乙局、", "")) == [("stated_departments_differ", "1")]
    assert found(tmp_path, prose + right.replace("2023年12月", "2024年12月")) == [("years_outside_plan", "1")]


def test_liujiang_has_its_three_contradictions_an_index_in_percent_and_a_sum_in_a_cell():
    findings = audit_plan(read_plan(DATA / "liujiang"))
    faults = [item.message.zh for item in findings if item.severity == Severity.FAULT]
    assert len(faults) == 4
    assert all(
        word in " ".join(faults)
        for word in ("无量纲指数", "296098.93元", "246098.93 万元", "共计59项", "“60”", "58 个")
    )
    assert [(item.check, item.row) for item in findings if item.severity == Severity.WARNING] == [
        ("invest_differs_from_content", "P4-31")
    ]
    assert Counter(item.check for item in findings if item.severity == Severity.NOTE) == {"names_no_place": 26}


@pytest.mark.parametrize(
    ("plan", "grave"),
    [
        ("luzhai", ["stated_figure_differs", "stated_departments_differ", "index_in_percent"]),
        ("guangxi", ["kind_missing"]),
        ("guigang", []),
        ("guilin", []),
    ],
)
def test_the_other_plans(plan, grave):
    findings = audit_plan(read_plan(DATA / plan))
    assert [item.check for item in findings if item.severity != Severity.NOTE] == grave


def test_audit_as_a_file_is_text_in_both_languages():
    findings = audit_plan(read_plan(DATA / "luzhai"))
    frame = audit_frame(findings)
    assert render_csv(frame).startswith("\ufeffcheck,severity,table,row,message,message_en\n")
    assert len(frame) == len(findings)
    assert frame["severity"].tolist() == ["warning", "warning", "fault"]


def test_an_empty_plan_has_nothing_to_say():
    full = read_plan(DATA / "guilin")
    empty = PlanTables(full.plan, full.indicators.iloc[:0], full.projects, full.tasks)
    assert audit_plan(empty) == ()
    assert list(audit_frame(()).columns) == list(audit_frame(audit_plan(full)).columns)
