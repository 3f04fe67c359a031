"""Plans without marked cells: running text with units in brackets, the text of a PDF, boxes, runs of TABs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogeo.formats.document import Paragraph, parse_text
from ecogeo.formats.ruled_tables import split_ruled
from ecogeo.plan import import_plan
from ecogeo.plan.boxes import split_boxes
from ecogeo.plan.departments import split_units, units_of_words
from ecogeo.plan.facts import read_facts
from ecogeo.plan.flowed_tables import split_flowed
from ecogeo.plan.passages import passages_of
from ecogeo.plan.prose_targets import find_targets
from ecogeo.plan.prose_tasks import find_prose_tasks

PROSE = """甲市 2024 年生态创建工作方案

二、重点任务

（一）改善水环境

1. 治理污水。加强管网建设，做好雨污分流和排水许可等各项工作，健全运行维护管理的长效机制并加以落实，

确保城镇污水处理率 $\\geq 95\\%$ ，农村生活污水治理率达到**50%**以上。（牵头单位：市城管局；责任单位：市水利局，

各县（市、区）人民政府）

2. 保护岸线。确保河湖岸线保护率完成上级下达目标任务，保持稳定或持续改善。（责任单位：市水利局）

（二）普及生态文明观念

在2024年6月前开展培训，使干部参加培训的人数比例达到 100%。（责任单位：市委组织部）

三、工作要求

（一）加强领导。各单位要落实责任。
"""


def lines_of(text):
    return parse_text(text).paragraphs


def imported(tmp_path, text):
    path = tmp_path / "plan.txt"
    path.write_text(text, encoding="utf-8")
    return import_plan(path)


def test_tasks_and_targets_of_running_text(tmp_path):
    result = imported(tmp_path, PROSE)
    assert result.tasks[["task_no", "name", "departments", "lead_departments", "deadline"]].to_numpy().tolist() == [
        ["1.1", "治理污水", "市城管局、市水利局，各县（市、区）人民政府", "市城管局", ""],
        ["1.2", "保护岸线", "市水利局", "", ""],
        ["2", "普及生态文明观念", "市委组织部", "", "2024年6月前"],
    ]
    columns = ["indicator_no", "domain", "name", "target_text", "comparator", "unit", "lead_departments"]
    assert result.indicators[columns].to_numpy().tolist() == [
        ["1", "改善水环境", "城镇污水处理率", "≥95%", ">=", "%", "市城管局"],
        ["2", "改善水环境", "农村生活污水治理率", "达到50%以上", ">=", "%", "市城管局"],
        ["3", "改善水环境", "河湖岸线保护率", "完成上级下达目标任务，保持稳定或持续改善", "assigned", "", ""],
        ["4", "普及生态文明观念", "干部参加培训的人数比例", "达到100%", ">=", "%", ""],
    ]
    assert result.plan == {
        "title": "甲市2024年生态创建工作方案", "area": "甲市", "period": (2024, 2024), "source_file": "plan.txt",
    }  # fmt: skip
    assert result.unused == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("争取城镇人均公园绿地面积≥15平方米/人", [("城镇人均公园绿地面积", "≥15平方米/人")]),
        ("争取家电占有率高于50%，节水型器具占比达到100%", [("家电占有率", "高于50%"), ("节水型器具占比", "达到100%")]),
        ("确保完成上级下达的优良天数比例及PM2.5浓度下降幅度的考核任务", [
            ("优良天数比例", "完成上级下达的优良天数比例及PM2.5浓度下降幅度的考核任务"),
            ("PM2.5浓度下降幅度", "完成上级下达的优良天数比例及PM2.5浓度下降幅度的考核任务"),
        ]),
        ("确保红线面积不减少，性质不改变，功能不降低", [("红线", "面积不减少，性质不改变，功能不降低")]),
        ("确保处置率达100%、利用率超过88%", [("处置率", "达100%"), ("利用率", "超过88%")]),
        ("确保甲达100%、利用率超过88%", []),
        ("使干部参加培训的人数比例达到100%", [("干部参加培训的人数比例", "达到100%")]),
        ("确保外来物种入侵不明显", [("外来物种入侵", "不明显")]),
        ("使利用率提高幅度保持稳定或持续改善", [("利用率提高幅度", "保持稳定或持续改善")]),
        ("确保审核比例完成年度审核计划", [("审核比例", "完成年度审核计划")]),
        ("力争年底前黑臭水体消除比例达到100%", [("黑臭水体消除比例", "达到100%")]),
        ("到2025年，优良天数比率稳定在95%以上，森林覆盖率提高", [("优良天数比率", "稳定在95%以上")]),
        ("2020年优良天数比例达到96.4%", []),
        ("确保污水达标排放", []),
        ("确保在2023年年底前完成编制工作", []),
        ("确保污水达标排放，新建21个行政村的设施，覆盖率达到50%", []),
    ],
)  # fmt: skip
def test_targets_in_clauses(text, found):
    assert [(item.subject, item.text) for item in find_targets(f"加强管理，{text}。其他。")] == found


def test_sentences_with_figures_that_were_not_read_are_listed(tmp_path):
    text = "甲县规划\n确保甲率达到90%，乙率≥35%。积极推进，丙率达到97%以上；丁类建设2处。\n"
    result = imported(tmp_path, text)
    assert list(result.indicators["name"]) == ["甲率", "乙率"]
    assert [(item.first_line, item.is_loss) for item in result.unused] == [(2, True)]
    assert result.unused[0].reason.zh.endswith("：积极推进，丙率达到97%以上")


def test_a_number_of_its_own_and_headings_in_between():
    passages = passages_of(
        lines_of("（三）建制度。甲内容。（责任单位：甲局）\n一、另一部分\n乙任务。（牵头单位：乙局）\n")
    )
    assert [(task.number, task.name, task.heading) for task in find_prose_tasks(passages)] == [
        ("3", "建制度", ""),
        ("2", "乙任务", ""),
    ]


def test_parts_that_number_their_headings_anew_stand_in_front():
    text = "一、水\n（一）甲。内容。〔责任单位：甲局〕\n二、气\n（一）乙。内容。（责任领导：张三；责任单位：乙局）\n"
    tasks = find_prose_tasks(passages_of(lines_of(text)))
    assert [(task.number, task.heading, task.units.departments) for task in tasks] == [
        ("1.1", "水", "甲局"),
        ("2.1", "气", "乙局"),
    ]


def test_targets_of_a_text_that_names_nobody(tmp_path):
    frame = imported(tmp_path, "丙县规划\n到2025年，森林覆盖率达到62.6%，湿地保护率≥35%。\n").indicators
    assert frame[["name", "target_value", "departments"]].to_numpy().tolist() == [
        ["森林覆盖率", 62.6, ""],
        ["湿地保护率", 35, ""],
    ]


def test_units_in_brackets():
    units = units_of_words("牵头单位：甲局、乙委，责任单位：丙局，各县（市、区）人民政府")
    assert (units.lead, split_units(units.departments)) == (
        "甲局、乙委",
        ("甲局", "乙委", "丙局", "各县（市、区）人民政府"),
    )


PDF = """到 2035 年全面建成。

指标体系表

类

别

序

号
指标

2020年

现状值

2025年

规划值

指标

属性

环

境

1
地表水质量达到或优

于 III类水体比例（%）

100（国控、

省控断面）

达到自治

区考核要

求
约束性

2 蓝绿空间占比 —— ﹥50 预期性

— 12 —

生

态

3
红线面积

（平方公里）
8470.93 不减少 约束性

第三章 样本
 3 蓝绿空间占比 —— ﹥50 预期性
"""


def test_table_in_the_text_of_a_pdf(tmp_path):
    ((table,), doubts) = split_flowed(lines_of(PDF))
    assert (table.title, doubts) == ("指标体系表", ())
    assert table.rows == (
        ("类别", "序号", "指标", "2020年现状值", "2025年规划值", "指标属性"),
        (
            "环境",
            "1",
            "地表水质量达到或优于III类水体比例（%）",
            "100（国控、省控断面）",
            "达到自治区考核要求",
            "约束性",
        ),
        ("", "2", "蓝绿空间占比", "——", "﹥50", "预期性"),
        ("生态", "3", "红线面积（平方公里）", "8470.93", "不减少", "约束性"),
    )
    frame = imported(tmp_path, PDF).indicators
    assert frame["domain"].tolist() == ["环境", "环境", "生态"]
    assert frame["unit"].tolist() == ["%", "", "平方公里"]
    assert frame["current_year"].tolist() == [2020] * 3


def test_table_in_the_text_of_a_pdf_without_kinds_but_with_units_and_departments():
    head = "序号\n指标名称\n单位\n目标值\n责任部门\n\n"
    text = f"{head}1\n污水\n处理率\n%\n≥95\n城管\n局\n2 绿地 公顷 1,200 甲局\n\n下一段。\n"
    ((table,), _) = split_flowed(lines_of(text))
    assert table.rows[1:] == (("1", "污水处理率", "%", "≥95", "城管局"), ("2", "绿地", "公顷", "1,200", "甲局"))


def test_pdf_rows_that_break_off_and_heads_that_return(tmp_path):
    head = "序号\n指标\n2020年\n2025年\n指标属性\n"
    text = (
        f"{head}1 甲率 1 2 约束性\n{head}2 乙率 3 4 约束\n\n性\n另注\n3 丙率 5 6 预期性\n5 戊率 7 8 预期性\n\n正文。\n"
    )
    result = imported(tmp_path, text)
    assert result.indicators["name"].tolist() == ["甲率", "乙率", "丙率"]
    assert result.indicators["kind"].tolist() == ["binding", "binding", "expected"]
    assert [item.message.zh for item in result.unused] == [
        "第 15 行：这一行有 1 个单元格，表头有 5 个：另注",
        "第 17 行：这一行有 1 个单元格，表头有 5 个：5戊率78预期性",
    ]
    assert all(item.is_loss for item in result.unused)


def test_rows_of_a_pdf_that_end_with_departments_and_some_that_cannot_be_told_apart(tmp_path):
    head = "领域\n任务\n序号\n指标名称\n目标值\n指标属性\n责任部门\n完成时限\n"
    rows = (
        "生态安全\n（一）水\n环境\n1\n污水处\n理率\n≥95%\n约束性\n甲局、\n乙局\n2023年12月\n"
        "（二）土\n2\n名录\n建立\n参考性\n甲局\n2023年12月\n"
        "生态\n经济\n（三）田\n3\n利用率\n（1）甲\n（2）乙\n≥41%\n≥43%\n≥45%\n参考性\n乙局\n2023年12月\n"
        "4\n一项制度\n无所谓\n参考性\n乙局\n2023年12月\n一、正文\n"
    )
    result = imported(tmp_path, head + rows)
    columns = ["indicator_no", "domain", "task", "name", "target_text", "departments", "deadline"]
    assert result.indicators[columns].to_numpy().tolist() == [
        ["1", "生态安全", "（一）水环境", "污水处理率", "≥95%", "甲局、乙局", "2023年12月"],
        ["2", "生态安全", "（二）土", "名录", "建立", "甲局", "2023年12月"],
        ["4", "生态经济", "（三）田", "一项制度", "无所谓", "乙局", "2023年12月"],
    ]
    assert [item.is_loss for item in result.unused] == [True, True]
    assert "3利用率" in result.unused[0].reason.en
    assert "指标 4 的单元格没有分隔" in result.unused[1].reason.zh


def test_task_table_of_a_pdf_is_read(tmp_path):
    text = f"{PDF}\n序号\n\n任务名称\n主要内容\n责任\n\n单位\n1\n巡河行动\n开展巡河\n甲局\n"
    result = imported(tmp_path, text)
    assert result.tasks[["task_no", "name", "content", "departments"]].to_numpy().tolist() == [
        ["1", "巡河行动", "开展巡河", "甲局"]
    ]
    assert not any(item.is_loss for item in result.unused)


def test_head_of_a_pdf_without_numbered_rows_is_told(tmp_path):
    text = f"{PDF}\n序号\n\n任务名称\n主要内容\n责任\n\n单位\n巡河行动\n开展巡河\n甲局\n"
    (unread,) = imported(tmp_path, text).unused
    assert unread.is_loss
    assert "像是表头（序号、任务名称、主要内容、责任单位）" in unread.message.zh


PROJECTS_OF_A_PDF = """壬县规划（2023-2027年）

附表2 重点工程项目表
单位：万元
序
号
项目名称
建设性质
建设内容及规模
建设年限
总投资
责任单位
一、生态安全体系
1
白沙河综合整
治工程
新建
治理河道12公里，
新建护岸8公里。
2023-2025
3200
县水利局
2
城区污水管网改造
改建
改造管网25公里
2024-2026
5800.5
县住建局、县
城管局
- 31 -
二、生态经济体系
1
林下经济示范基地
新建
建设基地500亩
2023-2024
900
县林业局

第六章 保障措施
"""


def test_project_table_of_a_pdf_with_headings_wraps_and_a_unit_above(tmp_path):
    result = imported(tmp_path, PROJECTS_OF_A_PDF)
    columns = ["project_id", "system", "name", "content", "start_year", "end_year", "invest_wan_yuan", "departments"]
    assert result.projects[columns].to_numpy().tolist() == [
        [
            "P1-01",
            "生态安全体系",
            "白沙河综合整治工程",
            "治理河道12公里，新建护岸8公里。",
            2023,
            2025,
            3200.0,
            "县水利局",
        ],
        ["P1-02", "生态安全体系", "城区污水管网改造", "改造管网25公里", 2024, 2026, 5800.5, "县住建局、县城管局"],
        ["P2-01", "生态经济体系", "林下经济示范基地", "建设基地500亩", 2023, 2024, 900.0, "县林业局"],
    ]
    assert result.unused == ()


def test_lines_that_head_nothing_are_no_table():
    assert split_flowed(lines_of("指标\n单位\n目标\n任务\n一段正文。\n")) == ((), ())


VALUE = st.sampled_from(["≥95", "62.60", "——", "不低于35", "达到自治区考核要求", "不减少"])
NAME = st.text(st.characters(min_codepoint=0x6C34, max_codepoint=0x6D77), min_size=2, max_size=12).map(
    lambda w: f"{w}率（%）"
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(NAME, VALUE, VALUE, st.sampled_from(["约束性", "预期性"])), min_size=1, max_size=4),
    st.integers(3, 7),
)
def test_any_pdf_table_reads_back_however_its_cells_are_broken(rows, width):
    def broken(cell):
        step = len(cell) if re.search("[0-9]", cell) else width
        return "\n\n".join(cell[at : at + step] for at in range(0, len(cell), step))

    cells = "\n".join("\n".join((str(number), broken(name), broken(one), broken(two), kind))
                      for number, (name, one, two, kind) in enumerate(rows, start=1))  # fmt: skip
    ((table,), _) = split_flowed(lines_of(f"序号\n指标\n2020年\n2025年\n指标属性\n\n{cells}\n"))
    assert table.rows[1:] == tuple((str(number), *row) for number, row in enumerate(rows, start=1))


def test_boxes_end_at_the_next_heading():
    text = "专栏 3 水工程\n水源：实施项目。\n第五节 其他\n大气：不是。\n"
    text += "专栏十 空气工程\n1.锅炉：改造。\n没有名称的一段。\n"
    programmes, tables, left = split_boxes(parse_text(text))
    assert [(item.box_number, item.box_title, item.name, item.content) for item in programmes] == [
        ("3", "水工程", "水源", "实施项目。"),
        ("十", "空气工程", "锅炉", "改造。"),
    ]
    assert (tables, [item.text for item in left]) == ((), ["没有名称的一段。"])


def test_runs_of_tabs_with_blank_lines_and_lone_words():
    text = f"序号\t指标\t值\n1\t率\t5\n\t\t6\n续\n\n2\t量\t7\n\n{'很长的正文' * 7}。\n"
    (table,) = split_ruled(text)
    assert table.rows == (("序号", "指标", "值"), ("1", "率", "5"), ("", "", "6"), ("续",), ("2", "量", "7"))
    assert (table.first_line, table.last_line) == (1, 6)


def test_footnotes_below_a_table_are_listed(tmp_path):
    text = "类别\t指标\t2020年\t2025年\n水\t1. 率③ (%)\t95.2①\t90^②\n注：①不可比。\n②只供参考。\n\n正文。\n"
    result = imported(tmp_path, text)
    row = result.indicators.iloc[0]
    assert (row["name"], row["unit"], row["current_value"], row["current_text"]) == ("率", "%", 95.2, "95.2①")
    assert (row["target_value_2025"], row["target_text"]) == (90, "90^②")
    assert [item.message.zh for item in result.unused] == [
        "第 3 行：表下的注：注：①不可比。…",
        "第 4 行：表下的注：②只供参考。…",
    ]


def test_facts_of_a_notice_and_of_captions():
    text = "某某省人民政府办公厅关于 印发某某省保护“十五五”规划的通 知\n"
    assert read_facts(text, "a") == {
        "title": "某某省保护“十五五”规划",
        "issuer": "某某省人民政府办公厅",
        "area": "某某省",
        "period": (2026, 2030),
        "source_file": "a",
    }
    facts = read_facts("正文。", "a", captions=["附表1 乙县任务分解表", "附表2 2023年清单"], current_years=[2022, 2022])
    assert facts == {
        "title": "乙县任务分解表",
        "area": "乙县",
        "period": (2023, 2023),
        "base_year": 2022,
        "source_file": "a",
    }


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_no_text_breaks_the_readers(text):
    document = parse_text(text)
    passages = passages_of(document.paragraphs)
    find_prose_tasks(passages)
    split_flowed(document.paragraphs)
    split_boxes(document)
    assert sum(len(item.text) for item in passages) <= len(text) + len(passages)


@pytest.mark.parametrize(
    ("said", "area_km2"),
    [
        ("甲县位于北部，国土面积1320平方公里。", 1320.0),
        ("甲县国土面积1320平方公里，辖12个乡镇。", 1320.0),
        ("全县总面积0.132万平方公里。", 1320.0),
        ("县域行政区域面积约1320km2。", 1320.0),
        ("全省国土面积23.76万平方公里。", None),
        ("全县森林总面积800平方公里。", None),
        ("甲县是林业大县，森林面积800平方公里。", None),
    ],
)
def test_the_size_of_the_area_is_read_where_its_own_words_tell_it(said, area_km2):
    assert read_facts(f"甲县生态规划（2022-2030年）\n{said}\n", "a").get("area_km2") == area_km2


def test_wrapped_lines_become_one_paragraph():
    words = "环境质量持续改善，" * 12
    wrapped = [Paragraph(at, words[at : at + 27]) for at in range(0, len(words), 27)]
    assert [item.text for item in passages_of(wrapped)] == [words]
