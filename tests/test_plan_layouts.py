"""Layouts of tables that lead astray: cells that must not be put together, heads of any words, boxes, history."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from plan_documents import WORD, Cell, docx, paragraph, table

from ecogeo.plan import import_plan
from ecogeo.plan.tables import PlanTables
from ecogeo.plan.vocabulary import read_head
from ecogeo.plan.years import parse_years

DOWN = Cell(down="continue")
HEAD = ["序号", "指标名称", "单位", "2022年现状值", "2025年目标值", "属性", "责任部门"]
FOREST = ["1", "森林覆盖率", "%", "61", "62", "约束性", "林业局"]


def top(text: str) -> Cell:
    return Cell(text, 1, "restart")


def read(tmp_path, content: bytes | str, name: str = "plan.docx") -> PlanTables:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_plan(path)


def plan(*blocks: str, title: str = "辰县生态文明建设规划（2022-2030年）") -> bytes:
    return docx([paragraph(title), paragraph("表1 辰县规划表"), *blocks])


def losses(tables: PlanTables) -> str:
    return "\n".join(item.message.zh for item in tables.unused if item.is_loss)


def seen(tables: PlanTables) -> str:
    return "\n".join(item.message.zh for item in tables.unused)


def test_parts_of_an_investment_are_never_one_number(tmp_path):
    head = [
        [top("序号"), top("项目名称"), top("建设内容"), Cell("投资（万元）", 2), top("责任单位")],
        [DOWN, DOWN, DOWN, "上级补助", "本级配套", DOWN],
    ]
    found = read(tmp_path, plan(table([*head, ["1", "甲河治理", "治理3公里", "800", "400", "水利局"]])))
    assert found.projects["invest_wan_yuan"].isna().all(), "neither 800400 nor a sum nobody printed"
    assert found.projects["funding"].tolist() == ["上级补助800万元、本级配套400万元"]


def test_two_figures_under_one_head_of_a_text_are_refused_and_listed(tmp_path):
    text = (
        "附表1 重点项目\n\n序号\t项目名称\t建设内容\t总投资（万元）\t\t责任单位\n"
        "1\t甲河治理\t治理3公里\t800\t\t水利局\n2\t乙河治理\t治理5公里\t300\t20\t水利局\n"
    )
    found = read(tmp_path, text, "plan.txt")
    assert list(found.projects["name"]) == ["甲河治理", "乙河治理"]
    assert found.projects["invest_wan_yuan"].isna().all()
    assert "“总投资(万元)”下有 2 列，没有写明各是什么，没有读入；例如 300、20" in losses(found)


def test_lower_heads_are_known_by_merged_cells_not_by_their_words(tmp_path):
    head = [
        [top("序号"), top("指标名称"), top("单位"), Cell("指标值", 3), top("属性"), top("责任部门")],
        [DOWN, DOWN, DOWN, "基期", "中期", "末期", DOWN, DOWN],
        [DOWN, DOWN, DOWN, "2021年", "2025年", "2030年", DOWN, DOWN],
    ]
    found = read(tmp_path, plan(table([*head, ["1", "森林覆盖率", "%", "61", "62", "63", "约束性", "林业局"]])))
    row = found.indicators.iloc[0]
    assert (row["current_value"], row["current_year"], row["target_value_2025"], row["target_value_2030"]) == (
        61.0,
        2021,
        62.0,
        63.0,
    )
    assert row["target_value"] == 62.0
    assert not found.unused


def test_value_and_status_under_one_year_stay_apart(tmp_path):
    head = [
        [top("序号"), top("指标名称"), top("单位"), Cell("2022年", 2), top("目标值"), top("属性")],
        [DOWN, DOWN, DOWN, "现状值", "达标情况", DOWN, DOWN],
    ]
    row = read(
        tmp_path, plan(table([*head, ["1", "林草覆盖率", "%", "74.15", "达标", "≥60", "参考性"]]))
    ).indicators.iloc[0]
    assert (row["current_value"], row["current_year"], row["status_reported"]) == (74.15, 2022, "达标")


@pytest.mark.parametrize(
    ("years", "period", "expected"),
    [
        (["2019年", "2020年", "2021年", "2025年", "2030年"], "2022-2030", 2021),
        (["2020年", "2025年", "2035年"], "2021-2035", 2020),
        (["2020年", "2021年", "2022年", "2023年"], "2021-2023", 2020),
    ],
)
def test_years_before_the_plan_are_no_targets(tmp_path, years, period, expected):
    rows = [
        ["序号", "指标名称", "单位", *years, "属性"],
        ["1", "森林覆盖率", "%", *map(str, range(60, 60 + len(years))), "约束性"],
    ]
    row = read(tmp_path, plan(table(rows), title=f"辰县生态文明建设规划（{period}年）")).indicators.iloc[0]
    at = years.index(f"{expected}年")
    assert (row["current_year"], row["current_value"], row["target_value"]) == (expected, 60.0 + at, 61.0 + at)
    assert not {f"target_value_{year[:4]}" for year in years[: at + 1]} & set(row.index)


def test_figures_on_several_lines_are_no_single_number(tmp_path):
    rows = [HEAD, ["1", "饮用水达标率", "%", "96\n81", "100\n≥95", "约束性", "住建局"], ["2", *FOREST[1:]]]
    found = read(tmp_path, plan(table(rows)))
    first = found.indicators.iloc[0]
    assert (first["comparator"], first["target_text"]) == ("wording", "100\n≥95")
    assert first[["target_value", "target_value_2025", "current_value"]].isna().all()
    assert "指标 1 一格中有几个数" in losses(found)
    assert "96 / 81" in losses(found)


def _runs(text: str, *runs: str) -> str:
    return text.replace('<w:t xml:space="preserve">@</w:t>', "</w:r>" + "".join(runs) + "<w:r>")


def _run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


@pytest.mark.parametrize(
    ("runs", "value", "said"),
    [
        ([_run("62"), _run("1", '<w:vertAlign w:val="superscript"/>')], 62.0, ""),
        ([_run("62"), _run("注2", '<w:vertAlign w:val="superscript"/>')], 62.0, ""),
        ([_run("≥30", "<w:strike/>"), _run("≥33")], 33.0, "“≥30”"),
        ([_run("99", "<w:vanish/>"), _run("95")], 95.0, "“99”"),
        ([_run("9", '<w:strike w:val="0"/>'), _run("5")], 95.0, ""),
    ],
)
def test_runs_of_a_word_document(tmp_path, runs, value, said):
    found = read(tmp_path, _runs_document(runs))
    assert found.indicators["target_value"].iloc[0] == value
    assert said in seen(found)
    assert bool(said) == ("没有读入" in seen(found))


def _runs_document(runs: list[str]) -> bytes:
    content = plan(table([HEAD, [*FOREST[:4], "@", *FOREST[5:]]]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            target.writestr(name, _runs(text, *runs) if name.startswith("word") else text)
    assert WORD in text
    return out.getvalue()


@pytest.mark.parametrize(
    ("symbol", "comparator", "value"),
    [
        ('<w:sym w:font="Symbol" w:char="F0B3"/>', ">=", 33.0),
        ('<w:sym w:font="Symbol" w:char="F0A3"/>', "<=", 33.0),
        ('<w:sym w:font="Webdings" w:char="F0B3"/>', "wording", None),
    ],
)
def test_signs_of_symbol_fonts(tmp_path, symbol, comparator, value):
    found = read(tmp_path, _runs_document([f"<w:r>{symbol}<w:t>33</w:t></w:r>"]))
    row = found.indicators.iloc[0]
    assert row["comparator"] == comparator
    assert row["target_value"] == value if value else row["target_value"] != row["target_value"]
    assert ("不认识的符号" in seen(found)) == (value is None)


def test_rich_cells_and_formulas_of_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "指标"
    for row in (HEAD, FOREST, ["2", "湿地保护率", "%", 31, None, "预期性", "林业局"], ["3", *FOREST[1:]]):
        sheet.append(row)
    sheet["E2"] = CellRichText("62", TextBlock(InlineFont(vertAlign="superscript"), "1"))
    sheet["E3"] = "=30+3"
    sheet["D4"].font = Font(strike=True)
    book.save(tmp_path / "plan.xlsx")
    found = import_plan(tmp_path / "plan.xlsx")
    assert list(found.indicators["target_value"].fillna(-1)) == [62.0, -1.0, 62.0]
    assert found.indicators["current_value"].isna().tolist() == [False, False, True]
    assert "有公式而没有保存计算结果的单元格，没有读入：E3" in losses(found)
    assert "指标!D4" in seen(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-26", (2024, 2026)),
        ("2024～26年", (2024, 2026)),
        ("2023-5", None),
        ("2023-05", (2023, 2023)),
        ("2021-12", (2021, 2021)),
        ("2024年13月", None),
        ("2023.1-12", (2023, 2023)),
    ],
)
def test_short_spans_of_years(text, expected):
    assert parse_years(text) == expected


def test_boxes_hold_items_of_any_numbering(tmp_path):
    text = (
        "辰县生态环境保护“十四五”规划\n\n专栏2 水环境治理工程\n（一）污水处理提质工程\n改造管网38公里，投资5000万元。\n"
        "（二）农村污水治理工程\n完成46个村治理。\n专栏3 大气工程\n1.炉窑治理工程。完成12家整治。\n2.移动源治理工程。\n"
        "（一）加强组织领导\n各部门要高度重视。\n"
    )
    found = read(tmp_path, text, "plan.txt")
    assert list(found.projects["project_id"]) == ["B2-01", "B2-02", "B3-01", "B3-02"]
    assert found.projects["content"].tolist() == [
        "改造管网38公里，投资5000万元。",
        "完成46个村治理。",
        "完成12家整治。",
        "",
    ]
    assert found.projects["invest_wan_yuan"].fillna(0).tolist() == [5000.0, 0.0, 0.0, 0.0]
    assert found.projects["name"].iloc[3] == "移动源治理工程", "a heading of the text behind a box is none of its items"


def test_projects_of_running_text_are_read_where_no_table_has_any(tmp_path):
    told = "1.甲河治理工程：治理3公里，投资1.2亿元，2022—2024年实施，由县水利局负责。"
    vague = "2.乙厂扩建项目：投资约800万元，其中中央投资300万元。"
    rows = table([HEAD, FOREST])
    found = read(tmp_path, plan(rows, paragraph("三、重点工程"), paragraph(told), paragraph(vague)))
    columns = ["project_id", "system", "name", "start_year", "end_year", "departments"]
    assert found.projects[columns].iloc[0].tolist() == ["T1-01", "重点工程", "甲河治理工程", 2022, 2024, "县水利局"]
    assert found.projects["invest_wan_yuan"].fillna(0).tolist() == [12000.0, 0.0]
    assert "项目“乙厂扩建项目”的投资有几个数或只是约数，没有读入" in losses(found)


def test_what_was_done_and_what_is_no_project_are_not_made_projects(tmp_path):
    rows = table([HEAD, FOREST])
    done = "（一）林业生态建设：累计完成投资1.2亿元，造林3万亩。"
    duty = "1.加强资金保障：投资1.2亿元用于保护。"
    found = read(tmp_path, plan(rows, paragraph(done), paragraph(duty)))
    assert found.projects.empty
    assert losses(found).count("像是项目而没有读出的段落") == 2


def test_a_paragraph_like_a_project_is_listed_beside_a_table_of_projects(tmp_path):
    rows = table([PROJECTS, _project("1", "乙河治理")])
    found = read(tmp_path, plan(rows, paragraph("1.甲河治理工程：治理3公里，投资1.2亿元，由县水利局负责。")))
    assert found.projects["name"].tolist() == ["乙河治理"]
    assert "像是项目而没有读出的段落：1.甲河治理工程" in losses(found)


PROJECTS = ["序号", "项目名称", "建设内容", "建设年限", "投资（万元）", "责任单位"]


def _project(number: str, name: str) -> list[str]:
    return [number, name, "治理", "2023-2024", "100", "水利局"]


@pytest.mark.parametrize(
    ("group", "system"),
    [
        ([Cell("大气环境治理类", 6)], "大气环境治理类"),
        (["二", "水污染防治工程（1个）", "", "", "100", ""], "水污染防治工程"),
        ([Cell("本部分由市局安排，详见批复。", 6)], ""),
    ],
)
def test_a_group_row_ends_the_group_above(tmp_path, group, system):
    rows = [PROJECTS, [Cell("一、水环境治理", 6)], _project("1", "甲河治理"), group, _project("2", "乙厂改造")]
    found = read(tmp_path, plan(table(rows)))
    assert found.projects["system"].tolist() == ["水环境治理", system]


def test_rows_numbered_below_an_indicator_are_its_sub_items(tmp_path):
    rows = [
        HEAD,
        ["7", "环境空气质量", "", "", "", top("约束性"), top("环境局")],
        ["7.1", "优良天数比例", "%", "96", "97", DOWN, DOWN],
        ["7.2", "PM2.5浓度", "微克/立方米", "28", "≤27", DOWN, DOWN],
        ["8", *FOREST[1:]],
    ]
    found = read(tmp_path, plan(table(rows))).indicators
    assert list(zip(found["indicator_no"], found["sub_no"], found["name"], strict=True)) == [
        ("7", "", "环境空气质量"),
        ("7", "1", "优良天数比例"),
        ("7", "2", "PM2.5浓度"),
        ("8", "", "森林覆盖率"),
    ]
    assert found["departments"].tolist() == ["环境局"] * 3 + ["林业局"]
    assert set(found["kind"]) == {"binding"}


@pytest.mark.parametrize(
    "head",
    [
        ["序号", "指标（单位）", "2022年现状", "2025年目标", "属性", "责任部门"],
        ["序号", "名称", "2022年\n（基准年）", "2025年\n（目标年）", "约束性/参考性", "牵头责任单位"],
        ["序号", "考核指标", "2022年底现状值", "2025年考核目标", "指标类型", "相关部门"],
    ],
)
def test_heads_in_other_words(tmp_path, head):
    rows = [head, ["1", "森林覆盖率（%）", "61", "62", "约束性", "林业局"]]
    row = read(tmp_path, plan(table(rows))).indicators.iloc[0]
    assert (row["name"], row["unit"], row["current_value"], row["target_value"]) == ("森林覆盖率", "%", 61.0, 62.0)
    assert (row["kind"], row["departments"]) == ("binding", "林业局")


def test_projects_under_a_merged_programme(tmp_path):
    head = ["重点工程", "序号", "子项目名称", "建设任务", "实施时序", "资金估算（亿元）", "组织实施单位"]
    rows = [
        head,
        [top("水源工程"), "1", "甲项目", "造林", "2021-2025", "1.2", "林业局"],
        [DOWN, "2", "乙项目", "护岸", "2022-2030", "0.3", "水利局"],
    ]
    found = read(tmp_path, plan(table(rows))).projects
    assert found[["system", "name", "start_year", "invest_wan_yuan"]].to_numpy().tolist() == [
        ["水源工程", "甲项目", 2021, 12000.0],
        ["水源工程", "乙项目", 2022, 3000.0],
    ]


def test_who_leads_is_read_from_one_cell(tmp_path):
    rows = [
        HEAD,
        [*FOREST[:6], "县林业局（牵头）、县财政局"],
        ["2", *FOREST[1:6], "牵头：县水利局；配合：县住建局"],
        ["3", *FOREST[1:6], "县住建局 县环境局"],
    ]
    found = read(tmp_path, plan(table(rows))).indicators
    assert found["departments"].tolist() == ["县林业局、县财政局", "县水利局、县住建局", "县住建局、县环境局"]
    assert found["lead_departments"].tolist() == ["县林业局", "县水利局", ""]


def test_a_deadline_beside_the_units_is_no_unit(tmp_path):
    text = (
        "午县2024年工作方案\n\n一、重点任务\n（一）制度\n1.强化考核。占比不低于20%。（责任单位：县委组织部。完成时限：2024年12月）\n"
        "2.公开信息。公开率100%。（牵头单位：县环境局；完成时限：2024年10月）\n各项指标达到国家考核要求。\n"
    )
    found = read(tmp_path, text, "plan.txt")
    assert found.tasks["departments"].tolist() == ["县委组织部", "县环境局"]
    assert found.tasks["deadline"].tolist() == ["2024年12月", "2024年10月"]
    assert found.indicators["name"].tolist() == ["占比", "公开率"], "各项指标 is no indicator"


def test_a_caption_over_captions_is_no_lost_table(tmp_path):
    blocks = [
        paragraph("附表2 辰县重点工程项目表"),
        paragraph("附表2-1 制度类项目表"),
        table([PROJECTS, _project("1", "甲")]),
        paragraph("附表2-2 安全类项目表"),
        table([PROJECTS, _project("1", "乙")]),
        paragraph("附表3 辰县任务清单表"),
    ]
    found = read(tmp_path, docx([paragraph("辰县生态文明建设规划（2022-2030年）"), *blocks]))
    assert "附表2 " not in losses(found)
    assert "表题下没有读出表格：附表3" in losses(found)


def test_a_summary_takes_its_unit_from_its_caption(tmp_path):
    summary = [
        ["工程名称", "项目数量", "总投资", "近期投资"],
        ["水环境治理", "1", "100", "60"],
        ["合计", "1", "100", "60"],
    ]
    blocks = [
        paragraph("表2 投资汇总（单位：万元）"),
        table(summary),
        paragraph("附表3 重点项目表"),
        table([PROJECTS, [Cell("一、水环境治理", 6)], _project("1", "甲河治理")]),
    ]
    found = read(tmp_path, docx([paragraph("辰县生态文明建设规划（2022-2030年）"), *blocks]))
    money = found.stated[found.stated["measure"] == "invest"]
    assert set(zip(money["subject"], money["value"], money["unit"], strict=True)) == {
        ("水环境治理", 100.0, "万元"),
        ("", 100.0, "万元"),
    }
    assert "近期投资" in seen(found)


def test_pieces_of_cells_of_a_pdf_are_listed_and_never_typed(tmp_path):
    text = (
        "庚县生态文明建设规划（2022-2030年）\n\n序号 指标名称 单位 2022年现状值 2025年目标值 指标属性 责任部门\n"
        "1 森林覆盖率 % 61 62 约束性 县林业局\n2 湿地保护率 % 31 33 预期性 县林业局\n\n表2 重点项目表\n"
        "序号 项目名称 建设内容 建设地点 建设年限 总投资（万元） 责任单位\n"
        "1 甲河护岸工程\n建设生态\n护岸 18.6\n公里，清\n淤疏浚\n9.2 公里\n城关镇\n2021-\n2025\n12860 县水利局\n"
        "2 湿地项目\n新建尾水\n湿地 2 处\n江口镇 2022-\n2024\n3250.5 县环境局\n"
    )
    found = read(tmp_path, text, "plan.txt")
    spans = found.projects[["start_year", "end_year"]].dropna().to_numpy().tolist()
    assert all(span in ([2021, 2025], [2022, 2024]) for span in spans), "2021-2025 is never 2025 alone"
    assert len(found.projects) == 2 or "表格未能读取" in losses(found)
    assert found.projects["place"].str.contains("[0-9]").sum() == 0


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            "目标 序号 指标名称 单位 2022年 2025年 属性",
            {"domain": "目标", "current": "2022年", "target_2025": "2025年"},
        ),
        ("序号 任务 指标 单位 2021年值 2025年 2030年", {"current": "2021年值", "target": "2025年"}),
        ("一级指标 二级指标 单位 现状值 目标值", {"domain": "一级指标", "name": "二级指标"}),
        ("序号 指标名称 现状水平年2020 近期水平年2025", {"current": "现状水平年2020", "target_2025": "近期水平年2025"}),
        ("序号 指标名称 2020年指标值 2025年指标值", {"current": "2020年指标值", "target": "2025年指标值"}),
        ("重点任务 序号 具体任务 主要内容 牵头单位", {"category": "重点任务", "name": "具体任务"}),
        ("序号 治理区域 项目名称 治理措施 治理面积 投资（万元）", {"place": "治理区域", "content": "治理措施"}),
        ("序号 矿山名称 治理方式 治理时限 投资（万元）", {"name": "矿山名称", "years": "治理时限"}),
    ],
)
def test_head_words_by_what_stands_beside_them(head, expected):
    columns = read_head(head.split(), before=2020)
    assert columns is not None
    assert {name: columns.words[columns.places[name][0]] for name in expected} == {
        name: word.replace("（", "(").replace("）", ")") for name, word in expected.items()
    }


def test_a_year_that_is_not_known_leaves_the_first_bare_year_a_target():
    columns = read_head(["序号", "指标名称", "2021年普查数", "2025年", "2030年"])
    assert columns is not None
    assert ("current" in columns.places, columns.years["target_2025"]) == (False, 2025)


def test_what_is_counted_over_the_period_is_a_target_where_there_is_no_other(tmp_path):
    rows = [
        ["序号", "指标名称", "2020年", "2025年", "［累计］", "属性"],
        ["1", "碳排放下降（%）", "—", "—", "〔18〕", "约束性"],
        ["2", "森林覆盖率（%）", "61", "62", "—", "约束性"],
    ]
    found = read(tmp_path, plan(table(rows))).indicators
    assert found["target_text"].tolist() == ["〔18〕", "62"]
    assert found["target_value_2025"].tolist() == [18.0, 62.0]


def test_a_target_merged_over_the_parts_of_an_indicator_is_that_of_all(tmp_path):
    rows = [
        ["序号", Cell("指标名称", 2), "单位", "目标值", "现状值"],
        [top("1"), top("空气质量"), "优良率", "%", top("完成上级任务"), "96"],
        [DOWN, DOWN, "下降幅度", "%", DOWN, "3"],
        ["2", Cell("林草覆盖率（公顷）", 2), "—", "≥60", "68"],
    ]
    found = read(tmp_path, plan(table(rows))).indicators
    assert found["target_text"].tolist() == ["完成上级任务"] * 3 + ["≥60"]
    assert found["unit"].tolist()[-1] == "公顷", "a dash is no unit where the name has one in brackets"


def test_an_investment_of_two_figures_is_no_number(tmp_path):
    rows = [PROJECTS, ["1", "甲河治理", "治理", "2023-2024", "1200\n800", "水利局"]]
    found = read(tmp_path, plan(table(rows)))
    assert found.projects["invest_wan_yuan"].isna().all(), "not 1200800"
    assert "项目 1 的投资不是数字" in losses(found)
