"""The auditor: what contradicts itself is found, what is right is left alone."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from ecogeo.finding import Severity
from ecogeo.plan import PlanTables, audit_frame, audit_plan, import_plan, read_plan, render_csv, write_plan
from ecogeo.plan.audit_rows import number_findings
from ecogeo.plan.scope import Scope, is_of_others

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
安全体系2项，投资150.5万元。一大类工程建设项目共计2项。
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
        ("投资150.5万元。一", "投资150.5元。一", "stated_sum_differs"),
        ("总投资150.5万元", "总投资1.505亿元", "stated_sum_differs"),
        ("一大类", "六大类", "stated_groups_differ"),
    ],
)
def test_text_against_table(tmp_path, right, wrong, check):
    assert right in RIGHT_TEXT
    assert found(tmp_path, projects(*TWO, text=RIGHT_TEXT.replace(right, wrong))) == [(check, "")]


def test_amounts_in_other_units_are_the_same_money(tmp_path):
    text = RIGHT_TEXT.replace("总投资150.5万元", "总投资0.01505亿元").replace("投资150.5万元。一", "投资1505000元。一")
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
        (project(years="2029-2031"), "years_outside_plan"),
        (project(years="2021-2024"), "starts_before_plan"),
        (project(content="在穿山镇，中央资金60万元，地方配套30万元。"), "funding_does_not_add_up"),
        (project(content="在穿山镇，占地10公顷，其中厂区12公顷。"), "parts_do_not_add_up"),
        (project(content="在穿山镇，占地12.4公顷（合286亩）。"), "conversion_differs"),
        (project(content="在穿山镇治河，投资120万元。"), "invest_differs_from_content"),
        (project(content="在穿山镇，2023年9月-2023年3月施工。"), "date_impossible"),
        (project(content="在穿山镇，2024年13月开工。"), "date_impossible"),
        (project(content="在穿山镇，2月30日前完成。"), "date_impossible"),
        (project(content="在穿山镇，2023年2月29日前完成。"), "date_impossible"),
        (project(invest="340000000"), "invest_out_of_line"),
    ],
)
def test_project_rows(tmp_path, row, check):
    assert found(tmp_path, projects(row, project("2", name="百朋镇林道"))) == [(check, "P1-01")]


@pytest.mark.parametrize(
    "row",
    [
        project(content="在穿山镇，占地12.4公顷（合186亩）。"),
        project(content="在穿山镇，占地186亩（约合12公顷）。"),
        project(content="在穿山镇，占地12.4公顷，其中耕地5.2公顷、林地7.2公顷，植树25公顷。"),
        project(content="在穿山镇，上一规划结转项目。", years="2021-2024"),
        project(content="在穿山镇，2023年9月-2024年3月施工，其中投资20万元用于造林。"),
    ],
)
def test_right_project_rows_raise_no_alarm(tmp_path, row):
    assert found(tmp_path, projects(row, project("2", name="百朋镇林道"))) == []


@pytest.mark.parametrize(
    ("funding", "checks"),
    [
        ("中央60万元、县级40万元（含债券30万元）", []),
        ("上级60万元（其中中央50万元、省级10万元）、县级40万元", []),
        ("中央60万元、县级40万元（含债券50万元）", ["parts_do_not_add_up"]),
        ("中央60万元、县级30万元（含债券10万元）", ["funding_does_not_add_up"]),
    ],
)
def test_amounts_in_brackets_are_parts_of_the_one_before(tmp_path, funding, checks):
    row = (*project()[:6], funding, "水利局")
    assert [check for check, _ in found(tmp_path, projects(row, project("2", name="百朋镇林道")))] == checks


@pytest.mark.parametrize(
    ("title", "text", "checks"),
    [
        ("2023—2030", "规划期为2023-2030年，基准年为2022年。", []),
        ("2023—2030", "规划期为2021-2035年，基准年为2022年。", ["period_differs"]),
        ("2023—2030", "规划期为2023-2030年，基准年为2019年。", ["base_year_differs"]),
    ],
)
def test_period_and_base_year_are_held_to_title_and_values(tmp_path, title, text, checks):
    said = f"甲县生态文明建设规划（{title}年）\n{text}\n表1 指标\n{printed(INDICATORS, indicator())}"
    assert [check for check, _ in found(tmp_path, said)] == checks


@pytest.mark.parametrize(
    ("second", "checks"),
    [
        ("2026—2030年投资50.5万元", []),
        ("2026-2030年计划投资0.0051亿元", []),
        ("2026—2030年投资60.5万元", ["stated_sum_differs"]),
        ("2027—2030年投资60.5万元", []),
    ],
)
def test_the_stages_of_a_plan_cost_what_its_projects_do(tmp_path, second, checks):
    text = f"规划期为2023-2030年。\n2023—2025年投资100万元，{second}。\n"
    assert [check for check, _ in found(tmp_path, projects(*TWO, text=text))] == checks


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
        (indicator(是否达标="×"), "status_differs"),
        (indicator(是否达标="未完成"), "status_differs"),
        (indicator(**{"2022年现状值": "40"}, 是否达标="√"), "status_differs"),
        (indicator("森林覆盖率", 单位="公顷", 目标值="≥50", **{"2022年现状值": "60"}), "unit_unfit"),
        (indicator("湿地面积", 单位="公里"), "unit_unfit"),
        (indicator("岸线长度", 单位="公顷"), "unit_unfit"),
        (
            indicator("氨氮排放总量", 单位="吨", 目标值="≤25.6", **{"2022年现状值": "20", "2027年目标值": "≤30"}),
            "later_target_weaker",
        ),
        (indicator("森林覆盖率", 目标值="62.6", **{"2022年现状值": "63", "2027年目标值": "62"}), "later_target_weaker"),
        (
            indicator(
                "单位地区生产总值能耗",
                单位="吨标准煤/万元",
                目标值="≤0.38",
                **{"2022年现状值": "0.3", "2027年目标值": "≤0.5"},
            ),
            "later_target_weaker",
        ),
        (
            indicator(
                "碳排放强度",
                单位="%",
                目标值="较2020年下降14",
                **{"2022年现状值": "较2015年下降18", "2027年目标值": "较2020年下降16"},
            ),
            "bases_differ",
        ),
        (indicator("公众满意度", 单位="公里"), "unit_unfit"),
        (indicator(责任部门=""), "owner_missing"),
        (
            indicator("管网建设", 单位="", 目标值="2024年13月底前建成", **{"2022年现状值": "", "2027年目标值": "建成"}),
            "date_impossible",
        ),
        (
            indicator(
                "万元产值用水量", 单位="立方米/万元", 目标值="≤60", **{"2022年现状值": "50", "2027年目标值": "≤45%"}
            ),
            "units_differ",
        ),
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
    # Seven projects called new (新建) were to start before 2023, counted with a pencil in the attached table.
    notes = Counter(item.check for item in findings if item.severity == Severity.NOTE)
    assert notes == {"names_no_place": 23, "starts_before_plan": 7}


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


RIGHT_PROJECTS = (
    project(),
    project("2", name="穿山镇续建水库", years="2019-2025"),
    project("3", name="百朋镇改造提升工程", years="2021-2024"),
    project(
        "4", name="进德镇治河", content="在进德镇，总投资0.01亿元，治理河道10公里，其中护岸（两岸）16公里、清淤10公里。"
    ),
    project("5", name="三都镇污水厂", content="在三都镇，中央资金60万元，地方配套40万元。"),
    project("6", name="成团镇林场", content="在成团镇造林1500亩（其中公益林60公顷、经济林30公顷）。"),
    project("7", name="拉堡镇公园", content="在拉堡镇，占地2641公顷，其中中心区100公顷。"),
    project("8", name="土博镇电站", content="在土博镇，总投资100万元，其中银行贷款20万元。"),
    project(
        "9",
        name="里高镇道路",
        content="在里高镇，2024年2月29日立项，12月31日前完工，2015年投资30万元修建的道路改线。",
        invest="1,234.5",
    ),
)
RIGHT_ROWS = (
    ("森林覆盖率", "%", "62.6", "62.5", "62.6", "否"),
    ("湿地面积", "公顷", "≥26平方公里", "3.96万亩", "≥2700", ""),
    ("生态环境状况指数", "—", "≥60", "84.71", "不降低", "是"),
    ("单位地区生产总值能耗", "吨标准煤/万元", "下降13.5%", "0.335", "—", "是"),
    ("地区生产总值增长率", "%", "年均增长6%", "106", "6左右", ""),
    ("人均公园绿地面积", "平方米/人", "≥15", "16", "≥15", "是"),
    ("任务完成率", "%", "100", "104", "100", "是"),
    ("受污染耕地安全利用率", "%", "93%左右", "93.8", "≥95", "已达标"),
    ("土地产出率", "万元/亩", "3-5", "4", "5以上", "√"),
    ("劳动生产率", "万元/人", "≥20", "21", "≥25", "是"),
    ("河长制", "—", "全面推行", "已全面推行", "全面推行", "完成"),
    ("细颗粒物（PM2.5）浓度", "微克/立方米", "≤35", "28", "≤30", "合格"),
    ("黑臭水体消除比例", "%", "全覆盖", "100", "100", "达到"),
    ("用水总量", "亿立方米", "控制在1.5亿立方米以内", "1.2", "1.6以内", "是"),
    ("国土开发强度", "%", "≤7.5", "7.1", "≤7.8", "是"),
    ("建设用地总规模", "平方公里", "≤58", "56", "≤60", "是"),
    ("城镇污水处理率", "%", "力争达到95%", "94", "稳中有升", "×"),
)
RIGHT_INDICATORS = tuple(
    ("安全", str(number), name, unit, target, current, reported, later, "约束性", "甲局")
    for number, (name, unit, target, current, later, reported) in enumerate(RIGHT_ROWS, start=1)
)
RIGHT_PROSE = """全国森林覆盖率达到24.02%，我国治理率为10%。
2015年，森林覆盖率达到58%；“十三五”期间，黑臭水体消除比例为80%。
柳州市森林覆盖率达到67%，穿山镇森林覆盖率达到71%。
2022年全县森林覆盖率达到62.5%，湿地面积39615亩，人均公园绿地面积为16平方米/人。
到2027年，森林覆盖率达到62.6%，湿地面积达到27平方公里。
到2040年，森林覆盖率达到70%。
上年森林覆盖率为62.1%。
"""


def test_right_tables_and_right_prose_raise_no_alarm_at_all(tmp_path):
    title = "柳北县生态建设规划（2023-2030年）\n规划期为2023-2030年。\n"
    summary = (("1", "安全体系", "9", "2034.5", "100"), ("合计", "9", "2034.5", "100"))
    total = "本规划共有9个项目，总投资2034.5万元。穿山镇河道整治总投资0.01亿元。\n"
    text = f"{title}{RIGHT_PROSE}{total}表0 指标\n{printed(INDICATORS, *RIGHT_INDICATORS)}"
    assert found(tmp_path, text + projects(*RIGHT_PROJECTS, text="", summary=summary)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "row"),
    [
        ("2022年全县森林覆盖率达到62.5%", "2022年全县森林覆盖率达到61.5%", "1"),
        ("湿地面积39615亩", "湿地面积3961亩", "2"),
        ("湿地面积达到27平方公里", "湿地面积达到29平方公里", "2"),
        ("人均公园绿地面积为16平方米/人", "人均公园绿地面积为18平方米/人", "6"),
        ("穿山镇河道整治总投资0.01亿元", "穿山镇河道整治总投资0.02亿元", "P1-01"),
    ],
)
def test_prose_of_the_plans_own_area_and_years_is_compared_in_any_unit(tmp_path, right, wrong, row):
    title = "柳北县生态建设规划（2023-2030年）\n规划期为2023-2030年。\n穿山镇河道整治总投资0.01亿元。\n"
    text = f"{title}{RIGHT_PROSE}表0 指标\n{printed(INDICATORS, *RIGHT_INDICATORS)}"
    text += projects(*RIGHT_PROJECTS, text="")
    assert right in text
    assert found(tmp_path, text) == []
    assert found(tmp_path, text.replace(right, wrong)) == [("stated_figure_differs", row)]


def numbered(table, numbers, **more):
    return [(item.check, item.message.zh) for item in number_findings(table, numbers, **more)]


@pytest.mark.parametrize(
    ("numbers", "groups", "found_checks"),
    [
        (["1", "2", "3"], (), []),
        (["1", "2", "4"], (), ["number_missing"]),
        (["1", "2", "2"], (), ["number_twice"]),
        (["1", "2", "2.2", "3"], (), ["number_twice"]),
        (["1.1", "1.2", "2.1", "3"], (), []),
        (["1.1", "1.3", "2.1"], (), ["number_missing"]),
        (["1", "2", "1.2", "2.2"], ("甲", "甲", "乙", "乙"), []),
        (["1", "2", "1.2", "3"], ("甲", "甲", "乙", "乙"), ["number_missing"]),
        (["一", "2"], (), []),
        (["2019001", "2023005"], (), []),
    ],
)
def test_numbering_is_held_to_itself(numbers, groups, found_checks):
    assert [check for check, _ in numbered("tasks", numbers, groups=groups)] == found_checks


def test_projects_may_begin_anywhere_but_leave_no_gap(tmp_path):
    rows = (project("4"), project("6", name="百朋镇林道"))
    assert found(tmp_path, projects(*rows)) == [("number_missing", "安全体系")]
    assert found(tmp_path, projects(project("4"), project("5", name="百朋镇林道"))) == []


def test_a_total_with_a_project_that_states_no_amount_cannot_be_told(tmp_path):
    rows = (project(), project("2", name="百朋镇林道", invest="待定"))
    text = projects(*rows, text="规划期为2023-2030年。\n本规划共有2个项目，总投资150.5万元。\n")
    assert found(tmp_path, text) == [("stated_sum_open", "")]
    assert found(tmp_path, text.replace("150.5万元", "90万元")) == [("stated_sum_differs", "")], "100 alone are more"


PAYERS = (
    "序号",
    "项目名称",
    "主要建设内容",
    "建设起止年限",
    "总投资（万元）",
    "中央资金（万元）",
    "地方配套",
    "近期投资",
    "责任单位",
)


@pytest.mark.parametrize(
    ("cells", "funding", "checks"),
    [
        (("1200", "800", "400"), "中央资金800万元、地方配套400万元", []),
        (("1200", "800", "300"), "中央资金800万元、地方配套300万元", [("funding_does_not_add_up", "P1-01")]),
        (("1200", "0.12亿元", "—"), "中央资金0.12亿元", []),
        (("1200", "800", "待定"), "中央资金800万元、地方配套待定", []),
    ],
)
def test_columns_of_payers_are_added_up(tmp_path, cells, funding, checks):
    row = ("1", "穿山镇河道整治", "在穿山镇。", "2023-2024", *cells, "600", "水利局")
    text = f"规划期为2023-2030年。\n表2 项目（单位：万元）\n{printed(PAYERS, ('一、安全体系',), row)}"
    assert found(tmp_path, text) == checks
    tables = import_plan(tmp_path / "plan.txt")
    assert tables.projects["funding"].tolist() == [funding]
    assert [item.reason.zh for item in tables.unused] == ["不认识或重复的列：近期投资"]


@pytest.mark.parametrize(
    ("invest", "value", "said"),
    [
        ("约560", 560.0, "项目 1 的投资“约560”是约数，按 560 读入"),
        ("1.2亿", 12000.0, ""),
        ("560万左右", 560.0, "项目 1 的投资“560万左右”是约数，按 560 读入"),
        ("500-600", None, "项目 1 的投资不是数字：“500-600”"),
    ],
)
def test_rough_amounts_are_taken_over_and_told(tmp_path, invest, value, said):
    path = tmp_path / "plan.txt"
    path.write_text(projects(project(invest=invest)), encoding="utf-8")
    tables = import_plan(path)
    assert tables.projects["invest_wan_yuan"].tolist() == pytest.approx([value or float("nan")], nan_ok=True)
    assert [item.reason.zh for item in tables.unused] == [said] * bool(said)


def test_programmes_of_boxes_need_no_owner():
    full = read_plan(DATA / "liujiang")
    boxed = full.projects.head(2).assign(project_id=["B1-01", "B1-02"], departments="")
    tables = PlanTables(full.plan, full.indicators, pd.concat([full.projects, boxed]), full.tasks)
    owners = [item for item in audit_plan(tables) if item.check == "owner_missing"]
    assert [(item.severity, item.row) for item in owners] == [(Severity.NOTE, "")]


@pytest.mark.parametrize(
    "said",
    [
        "“十三五”期间，全县共实施重点项目86个，总投资12.5亿元。",
        "2022年，全县共实施生态环保项目20个，总投资5亿元。",
        "近年来，全县累计实施重点项目30个，总投资8.6亿元。",
        "上一轮规划共设置38项指标，全部完成。",
        "国家指标体系包括六大领域35项指标。",
        "上级下达约束性指标6项。",
        "江口镇实施项目2个，总投资800万元。",
        "中央预算内投资项目共2个，总投资1200万元。",
        "近期实施项目2个，总投资2000万元；远期实施项目1个，总投资2000万元。",
    ],
)
@pytest.mark.parametrize("scope", [Scope("甲县", frozenset({2022, 2027}), False), Scope("甲县", frozenset(), False)])
def test_counts_of_others_say_nothing_of_the_plan(said, scope):
    figures = [found.start() for found in re.finditer(r"(?<![0-9“十])[0-9]+(?=[项个])", said)]
    assert figures
    assert all(is_of_others(said, at, scope) for at in figures)


@pytest.mark.parametrize(
    "said",
    [
        "本规划共设置35项建设指标。",
        "我县建设内容涉及六大领域共35项建设指标，其中约束性指标19项。",
        "根据《国家生态文明建设示范区建设指标》（2021年修订版），甲县共设置了35项建设指标。",
        "规划6大工程，58个项目，总投资498.86亿元。",
    ],
)
def test_counts_of_the_plan_itself_are_kept(said):
    scope = Scope("甲县", frozenset({2022, 2027}), False)
    assert not any(is_of_others(said, found.start(), scope) for found in re.finditer(r"[0-9]+(?=[项个])", said))
