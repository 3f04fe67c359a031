"""Single manners of real planning documents, one each: heads, units, dates, counts, merges, titles."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_documents import Cell, docx, paragraph, table, xlsx

from ecogeo.errors import UnusableFileError
from ecogeo.formats.document import read_document
from ecogeo.plan import import_plan
from ecogeo.plan.facts import read_facts
from ecogeo.plan.passages import Passage
from ecogeo.plan.places import locate
from ecogeo.plan.projects import parse_years
from ecogeo.plan.prose_targets import find_targets
from ecogeo.plan.stated import read_statements
from ecogeo.plan.tables import PlanTables
from ecogeo.plan.vocabulary import read_head

DOWN = Cell(down="continue")
PROJECTS = ["序号", "项目名称", "建设内容", "建设年限", "总投资", "责任单位"]


def top(text: str) -> Cell:
    return Cell(text, down="restart")


def imported(folder: Path, content: bytes | str, name: str = "a.docx") -> PlanTables:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_plan(path)


def said(tables: PlanTables) -> list[str]:
    return [item.message.zh for item in tables.unused]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2023.01-2026.12", (2023, 2026)),
        ("2023年1月—2026年12月", (2023, 2026)),
        ("2023/1", (2023, 2023)),
        ("2023/1-2025/6", (2023, 2025)),
        ("202301-202412", (2023, 2024)),
        ("２０２３～２０２５年", (2023, 2025)),
        ("2024年3-10月", (2024, 2024)),
        ("2024年第三季度", (2024, 2024)),
        ("2023年—2025年底", (2023, 2025)),
        ("2025年12月31日前完成", (None, 2025)),
        ("2024年1月起", (2024, None)),
        ("“十五五”期间", (2026, 2030)),
        ("近期", None),
        ("2年", None),
        ("20235", None),
    ],
)
def test_spans_of_years(text, years):
    assert parse_years(text) == years


@given(st.integers(2000, 2099), st.integers(2000, 2099), st.integers(1, 12), st.sampled_from("-—~～至"))
def test_months_and_dashes_change_no_year(start, end, month, dash):
    forms = (
        f"{start}年{month}月{dash}{end}年{month}月",
        f"{start}.{month:02}{dash}{end}.{month:02}",
        f"{start}{dash}{end}",
    )
    assert [parse_years(form) for form in forms] == [(start, end)] * 3


INDICATORS = pd.DataFrame(
    {
        "indicator_no": ["1", "2"],
        "name": ["甲", "乙"],
        "domain": ["生态制度", "生态安全"],
        "kind": ["binding", "reference"],
        "current_year": pd.Series([2022, 2022], dtype="Int64"),
    }
)
SYSTEMS = pd.DataFrame({"system": ["生态安全", "生态经济"]})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("共设置9项指标", {("indicators", "", 9)}),
        ("由十五项指标组成", {("indicators", "", 15)}),
        ("表1共列出18项指标", {("indicators", "", 18)}),
        ("指标总数为35个", {("indicators", "", 35)}),
        ("本规划设定指标三十五项", {("indicators", "", 35)}),
        ("指标体系包括六大领域35项指标", {("indicators", "", 35)}),
        ("从生态制度、生态安全两个方面共设置35项指标", {("indicators", "", 35)}),
        ("生态制度领域共设置6项指标，包括3项约束性指标", {("indicators", "生态制度", 6), ("indicators", "binding", 3)}),
        ("设约束性指标九项、参考性指标1项", {("indicators", "binding", 9), ("indicators", "reference", 1)}),
        ("本规划重点工程共6大类58项", {("projects", "", 58)}),
        ("规划共实施重点工程58项，其中生态安全类6项", {("projects", "", 58), ("projects", "生态安全", 6)}),
        ("2023年全县共争取项目15个", set()),
        ("生态安全体系建设项目4项", {("projects", "生态安全", 4)}),
    ],
)
def test_counts_however_they_are_worded(text, found):
    statements = read_statements([Passage(1, 1, text)], INDICATORS, SYSTEMS)
    assert {(item.about, item.subject, item.value) for item in statements if item.measure == "count"} == found


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "甲县国家生态文明建设示范县\n建设规划\n（2023—2030年）\n甲县人民政府\n二〇二三年六月\n前言",
            {
                "title": "甲县国家生态文明建设示范县建设规划（2023—2030年）",
                "issuer": "甲县人民政府",
                "area": "甲县",
                "period": (2023, 2030),
            },
        ),
        (
            "甲政办发〔2024〕3号\n甲县人民政府办公室\n关于印发甲县“十四五”保护规划的通知\n各乡镇人民政府：\n正文",
            {"title": "甲县“十四五”保护规划", "issuer": "甲县人民政府办公室", "area": "甲县", "period": (2021, 2025)},
        ),
        (
            "乙市丙区保护“十五五”规划（征求意见稿）\n正文，展望到2035年。规划基准年：2025年。",
            {
                "title": "乙市丙区保护“十五五”规划（征求意见稿）",
                "area": "丙区",
                "period": (2026, 2030),
                "base_year": 2025,
            },
        ),
        (
            "中共甲县委员会 甲县人民政府关于打好攻坚战的实施意见\n为了",
            {
                "title": "中共甲县委员会甲县人民政府关于打好攻坚战的实施意见",
                "issuer": "中共甲县委员会、甲县人民政府",
                "area": "甲县",
            },
        ),
        (
            "《甲县行动计划（2024—2026年）》\n编制单位：甲县水利局、某设计院",
            {"title": "甲县行动计划（2024—2026年）", "issuer": "甲县水利局", "area": "甲县", "period": (2024, 2026)},
        ),
        (
            "甲县2025年工作要点\n为了\n甲县生态环境局\n2025年3月1日",
            {"title": "甲县2025年工作要点", "issuer": "甲县生态环境局", "area": "甲县", "period": (2025, 2025)},
        ),
        (
            "规划期限为2021年-2030年。以2020年为基准年。规划范围为甲县行政区域，国土面积2100平方千米。",
            {"area": "甲县", "area_km2": 2100.0, "period": (2021, 2030), "base_year": 2020},
        ),
        ("前言\n甲县国家生态文明建设示范县规划（2019-2025年）实施以来，成效显著。", {}),
    ],
)
def test_title_issuer_and_years_however_they_are_set(text, facts):
    assert read_facts(text, "a") == facts | {"source_file": "a"}


@pytest.mark.parametrize(
    ("text", "since", "found"),
    [
        ("优良天数比例不低于94%，PM2.5浓度控制在30微克/立方米以内", 0, ["优良天数比例", "PM2.5浓度"]),
        ("2024年，森林覆盖率达到48%", 2025, []),
        ("目前，森林覆盖率达到48%", 0, []),
        ("森林覆盖率较上年提高了2%", 0, []),
        ("至“十三五”期末，水质优良比例为100%", 2023, []),
        ("能耗较2020年下降6%；绿色出行比例≥70%", 2025, ["能耗", "绿色出行比例"]),
        ("大气质量持续改善", 0, []),
    ],
)
def test_targets_that_no_word_asks_for(text, since, found):
    assert [item.subject for item in find_targets(text, is_asked=True, since=since)] == found
    assert find_targets("森林覆盖率达到48%") == ()


@pytest.mark.parametrize(
    ("above", "head", "amount", "wan_yuan"),
    [
        ("单位：万元", "总投资", "1,200.5", 1200.5),
        ("（金额单位：亿元）", "总投资", "１.２", 12000),
        ("", "投资额（亿元）①", "1.2", 12000),
        ("", "投资额", "1.2亿元", 12000),
        ("", "总投资（千元）", "50", 5),
        ("", "估算总投资", "50", None),
        ("单位：公顷", "总投资", "50", None),
        ("", "计划投资/万元", "50", 50),
    ],
)
def test_unit_of_money_wherever_it_is_written(tmp_path, above, head, amount, wan_yuan):
    rows = [[head if word == "总投资" else word for word in PROJECTS], ["1", "甲", "乙", "2024", amount, "丙局"]]
    blocks = [paragraph("表2 工程"), *([paragraph(above)] if above else []), table(rows)]
    result = imported(tmp_path, docx(blocks))
    found = result.projects["invest_wan_yuan"].iloc[0]
    assert (None if pd.isna(found) else found) == wan_yuan
    assert any("没有写明单位" in one for one in said(result)) == (wan_yuan is None)


def test_head_of_two_rows_over_money_and_years(tmp_path):
    rows = [
        ["项目编号", "项目名称", "建设地点", Cell("建设年限", 2), Cell("投资额（亿元）", 3), "牵头科室"],
        ["", "", "", "开工年", "完工年", "中央", "县级", "合计", ""],
        ["A-1", "甲", "乙镇", "2024", "2026", "0.2", "0.3", "0.5", "水科"],
    ]
    result = imported(tmp_path, docx([table(rows)]))
    row = result.projects.iloc[0]
    assert (row["project_no"], row["place"], row["start_year"], row["end_year"]) == ("A-1", "乙镇", 2024, 2026)
    assert (row["invest_wan_yuan"], row["lead_departments"]) == (5000, "水科")
    assert [one.split("：")[-1] for one in said(result)] == ["投资额(亿元)中央", "投资额(亿元)县级"]


def test_parts_of_an_indicator_whose_number_is_merged(tmp_path):
    rows = [
        ["序号", "指标名称", "指标值", "指标属性", "责任主体"],
        [top("7"), "优良天数比例（%）", "≥95", top("约束性"), top("甲局")],
        [DOWN, "PM2.5浓度（微克/立方米）", "≤28", DOWN, DOWN],
        ["8", "水质\n①断面达标率\n②劣五类比例", "①100%②0", "约束性", "乙局"],
    ]
    frame = imported(tmp_path, docx([table(rows)])).indicators
    cells = frame[["indicator_no", "sub_no", "name", "unit", "target_text", "departments"]].to_numpy().tolist()
    assert cells == [
        ["7", "", "优良天数比例、PM2.5浓度", "", "优良天数比例：≥95\nPM2.5浓度：≤28", "甲局"],
        ["7", "1", "优良天数比例", "%", "≥95", "甲局"],
        ["7", "2", "PM2.5浓度", "微克/立方米", "≤28", "甲局"],
        ["8", "", "水质", "", "①100%②0", "乙局"],
        ["8", "1", "断面达标率", "%", "100%", "乙局"],
        ["8", "2", "劣五类比例", "", "0", "乙局"],
    ]


def test_rows_that_word_numbers_itself_are_counted_and_told(tmp_path):
    rows = [
        PROJECTS,
        ["", "甲", "a", "2024", "1亿元", "局"],
        ["", "乙", "b", "2025", "2亿元", "局"],
        ["合计", "", "", "", "3亿元", ""],
    ]
    result = imported(tmp_path, docx([table(rows)]))
    assert result.projects["project_id"].tolist() == ["P0-01", "P0-02"]
    assert result.stated[["measure", "value", "unit"]].to_numpy().tolist() == [["invest", 3.0, "亿元"]]
    assert ["序号列是空的" in one for one in said(result)] == [True]


def test_a_table_cut_by_pages_is_one(tmp_path):
    head, rows = PROJECTS, [[str(n), f"甲{n}", "a", "2024", "1万元", "局"] for n in range(1, 5)]
    blocks = [
        paragraph("表1 工程"),
        table([head, [Cell("一、水", 6)], rows[0], head, rows[1]]),
        paragraph("续表1"),
        table([head, rows[2]]),
        paragraph(""),
        table([rows[3]]),
    ]
    result = imported(tmp_path, docx(blocks))
    assert result.projects["project_id"].tolist() == ["P1-01", "P1-02", "P1-03", "P1-04"]
    assert set(result.projects["system"]) == {"水"}
    assert ["接上表" in one for one in said(result)] == [True]


def test_a_head_without_targets_stops_nothing_but_is_told(tmp_path):
    bad = table([["序号", "指标名称", "单位", "2020年现状值"], ["1", "甲", "%", "3"]])
    good = table([["序号", "任务名称", "完成时限"], ["1", "做甲", "2024年"]])
    result = imported(tmp_path, docx([bad, paragraph("中间。"), good]))
    assert result.tasks["name"].tolist() == ["做甲"]
    assert ["缺少列 指标值" in one for one in said(result)] == [True]
    with pytest.raises(UnusableFileError, match="指标值"):
        imported(tmp_path, docx([bad]))


def test_a_caption_without_a_table_is_told(tmp_path):
    good = table([["序号", "任务名称", "完成时限"], ["1", "做甲", "2024年"]])
    result = imported(
        tmp_path,
        docx(
            [paragraph("表1 任务表 3"), paragraph("表2 乙县项目表"), paragraph("图片"), paragraph("表1 任务表"), good]
        ),
    )
    assert [one for one in said(result) if "没有读出表格" in one] == [
        "第 2 段（表2 乙县项目表）：表题下没有读出表格：表2 乙县项目表"
    ]


def test_revisions_frames_and_tabs_of_word(tmp_path):
    inner = table([["序号", "指标名称", "目标值"], ["1", "率", "5"]])
    gone = "<w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p><w:r><w:delText>2</w:delText></w:r></w:p></w:tc></w:tr>"
    inner = inner.replace("</w:tbl>", f"{gone}</w:tbl>")
    frame = table([["壳"]]).replace(paragraph("壳"), paragraph("表1 甲") + inner + "<w:p/>")
    moved = (
        "<w:p><w:moveFrom><w:r><w:t>旧处</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>新处</w:t></w:r></w:moveTo></w:p>"
    )
    aligned = [
        f"<w:p><w:r>{'<w:tab/>'.join(f'<w:t>{word}</w:t>' for word in row)}</w:r></w:p>"
        for row in (["序号", "任务名称", "时限"], ["1", "做乙", "2024年"])
    ]
    path = tmp_path / "a.docx"
    path.write_bytes(docx([moved, frame, *aligned]))
    document = read_document(path)
    assert [item.text for item in document.paragraphs] == ["新处", "表1 甲"]
    assert [one.rows for one in document.tables] == [
        (("序号", "指标名称", "目标值"), ("1", "率", "5")),
        (("序号", "任务名称", "时限"), ("1", "做乙", "2024年")),
    ]
    assert [remark.zh for remark in document.remarks] == [
        "文件中有 3 处未接受的修订：按全部接受读取（删去的不读，插入的读入）"
    ]


def test_two_tables_on_one_sheet_and_who_filled_it_in(tmp_path):
    rows = [
        ["己县重点工程项目表"],
        ["填报单位：己县发改局", None, None, None, "单位：万元"],
        PROJECTS,
        [1, "甲", "a", "2024", " 1 200 ", "局"],
        [],
        ["附表2 任务清单"],
        ["序号", "任务", "措施", "时限", "责任单位"],
        [1, "乙", "b", "2024年", "局"],
    ]
    result = imported(tmp_path, xlsx({"表": rows}), "a.xlsx")
    assert result.projects["invest_wan_yuan"].tolist() == [1200]
    assert result.tasks["name"].tolist() == ["乙"]
    assert (result.plan["issuer"], result.plan["area"]) == ("己县发改局", "己县")
    assert result.unused == ()


@pytest.mark.parametrize("content", [b"{\\rtf1\\ansi}", b"<html><table></table></html>", b"MIME-Version: 1.0\n"])
def test_rtf_and_pages_are_refused_with_what_to_do(tmp_path, content):
    with pytest.raises(UnusableFileError, match=r"save it as \.docx"):
        imported(tmp_path, content, "a.doc")


def test_offices_on_lines_of_their_own_are_several(tmp_path):
    rows = [
        ["序号", "任务名称", "完成时限", "责任单位"],
        ["1", "做", "2024年", "县水利局\n各乡镇"],
        ["2", "建", "2024年", "县自然\n资源局\n县委\n办公室"],
    ]
    tasks = imported(tmp_path, docx([table(rows)])).tasks
    assert tasks["departments"].tolist() == ["县水利局、各乡镇", "县自然资源局、县委办公室"]


def test_the_place_of_a_column_counts_as_one_of_the_project(tmp_path):
    from ecogeo.plan import read_gazetteer

    gazetteer = read_gazetteer(Path(__file__).parents[1] / "data" / "liujiang")
    frame = pd.DataFrame(
        {"project_id": ["1", "2"], "name": ["厂", "站"], "content": ["", ""], "place": ["三都镇", "某某乡"]}
    )
    found = locate(frame, gazetteer)
    assert found[["location_basis", "place"]].to_numpy().tolist() == [["town", "三都镇"], ["none", "某某乡"]]


OWNED = """甲市2024年工作方案

一、工作目标

到2024年底，优良天数比例达到95%以上，优良水体比例保持100%。

二、重点任务

（一）蓝天

1.治扬尘。工地达标率达到100%。

责任单位：市住建局、市城管局，各县（市、区）人民政府

2.禁焚烧。秸秆综合利用率不低于88%。
牵头单位：市农业农村局
配合单位：市生态环境局
完成时限：2024年10月底前

（二）碧水

3.整排口。整治完成率达80%。[市生态环境局牵头，市水利局、市住建局配合]

4.保水源。水源地水质达标率100%。（市生态环境局、市水利局按职责分工负责）

5.护岸线。责任单位：市水利局。
"""


def test_units_of_tasks_wherever_they_stand(tmp_path):
    result = imported(tmp_path, OWNED, "a.txt")
    assert result.tasks[["task_no", "name", "deadline", "departments", "lead_departments"]].to_numpy().tolist() == [
        ["1.1", "治扬尘", "", "市住建局、市城管局，各县（市、区）人民政府", ""],
        ["1.2", "禁焚烧", "2024年10月底前", "市农业农村局、市生态环境局", "市农业农村局"],
        ["2.3", "整排口", "", "市生态环境局、市水利局、市住建局", "市生态环境局"],
        ["2.4", "保水源", "", "市生态环境局、市水利局", ""],
        ["2.5", "护岸线", "", "市水利局", ""],
    ]
    assert result.indicators[["name", "target_value", "departments"]].to_numpy().tolist() == [
        ["优良天数比例", 95, ""],
        ["优良水体比例", 100, ""],
        ["工地达标率", 100, "市住建局、市城管局，各县（市、区）人民政府"],
        ["秸秆综合利用率", 88, "市农业农村局、市生态环境局"],
        ["整治完成率", 80, "市生态环境局、市水利局、市住建局"],
        ["水源地水质达标率", 100, "市生态环境局、市水利局"],
    ]
    assert result.unused == ()


def test_tables_of_html_with_spans(tmp_path):
    text = """# 丙县“十五五”规划

表1 工程（单位：万元）
<table><thead><tr><th rowspan="2">序号</th><th rowspan="2">项目名称</th><th colspan="2">建设年限</th>
<th rowspan="2">投资</th></tr><tr><th>开工年</th><th>完工年</th></tr></thead>
<tr><td colspan="5">一、水环境（1项）</td></tr>
<tr><td>1</td><td>甲&amp;乙<br>治理</td><td>2026</td><td>2028</td><td>12</td></tr>
</table>
"""
    result = imported(tmp_path, text, "a.md")
    columns = ["system", "name", "start_year", "end_year", "invest_wan_yuan"]
    assert result.projects[columns].to_numpy().tolist() == [["水环境", "甲&乙 治理".replace(" ", ""), 2026, 2028, 12]]
    assert result.stated[["subject", "value"]].to_numpy().tolist() == [["水环境", 1]]
    assert result.unused == ()


def test_years_before_the_target_are_history(tmp_path):
    rows = [["序号", "指标名称", "2021年", "2023年", "2024年", "2025年目标"], ["1", "率", 60, 61, 62, "≥62.5"]]
    result = imported(tmp_path, xlsx({"表": rows}), "a.xlsx")
    row = result.indicators.iloc[0]
    assert (row["current_value"], row["current_year"], row["target_value"]) == (62, 2024, 62.5)
    assert [one.split("：")[-1] for one in said(result)] == ["2021年", "2023年"]
    assert "target_value_2023" not in result.indicators.columns


@given(st.text(st.sampled_from("<>/table trd=\"2'colspan甲1\n"), max_size=200))
def test_no_html_breaks_the_reader(text):
    from ecogeo.formats.html_tables import split_html

    for table_found in split_html(f"<table>{text}</table>"):
        assert len({len(row) for row in table_found.rows}) == 1
        assert len(table_found.rows) == len(table_found.row_lines)


@pytest.mark.parametrize(
    "word",
    [
        "“十四五”目标（2025年）",
        "“十四五”期末（2025年）",
        "2025年（末）",
        "到2025年",
        "“十四五”时期目标",
        "2025年目标（％）",
        "2025年目标[注]",
    ],
)
def test_a_later_column_is_the_target_and_the_base_year_is_not(word):
    head = read_head(["序号", "指标", "单位", "2020年", word, "指标性质"], before=2020)
    assert head.places["target"] == head.places["target_2025"] == (4,)
    assert head.places["current"] == (3,)
    assert head.years == {"current": 2020, "target_2025": 2025}


@pytest.mark.parametrize("first", ["2020年", "2020年指标值"])
def test_a_base_year_is_no_target_beside_a_later_column_that_is_not_known(first):
    head = read_head(["序号", "指标", "单位", first, "2025年分工", "指标性质"], before=2020)
    assert "target" not in head.places
    assert head.missing == ("指标值",)
    assert head.years == {"current": 2020}


def test_a_later_year_that_was_not_read_is_a_loss(tmp_path):
    head = ["序号", "指标名称", "单位", "2020年", "2025年目标", "2030年分工"]
    found = read_lines(tmp_path, "表1 指标", head, ["1", "森林覆盖率", "%", "75", "76", "78"])
    assert [item.message.zh for item in found.unused if item.is_loss] == [
        "第 2 行（表1 指标）：不认识或重复的列：2030年分工"
    ]


def test_a_cell_of_several_values_has_none(tmp_path):
    head = ["序号", "指标名称", "单位", "2020年", "2025年", "属性"]
    found = read_lines(tmp_path, "表1 指标", head, ["1", "甲率", "%", "91.2、68.6", "≥90", "约束性"])
    assert found.indicators["current_value"].isna().all()
    assert found.indicators["status"].tolist() != ["met"]
    assert ["91.2、68.6" in item.message.zh for item in found.unused if item.is_loss] == [True]


def test_a_yearly_rate_is_no_sum_and_a_value_keeps_its_own_year(tmp_path):
    head = ["指标名称", "单位", "2020年", "2025年", "年均/〔累计〕", "属性"]
    rate, total = (
        ["产值", "亿元", "120", "", "6.5", "预期性"],
        ["林地", "亩", "75.2（2019年）", "", "〔6.5〕", "预期性"],
    )
    frame = read_lines(tmp_path, "表1 指标", head, rate, total).indicators
    assert frame["target_text"].tolist() == ["年均6.5", "〔6.5〕"]
    assert frame["target_value"].fillna(-1).tolist() == [-1, 6.5]
    assert frame["current_year"].tolist() == [2020, 2019]


def test_kinds_in_columns_of_their_own_and_units_behind_a_mark(tmp_path):
    head = ["序号", "指标名称", "2020年", "2025年", "约束性", "预期性"]
    rows = [["1", "治理率（%）①", "31", "60", "√", ""], ["2", "排放量（吨）*", "8", "7", "", "√"]]
    frame = read_lines(tmp_path, "表1 指标", head, *rows).indicators
    assert frame["kind"].tolist() == ["binding", "expected"]
    assert list(zip(frame["name"], frame["unit"], strict=True)) == [("治理率", "%"), ("排放量", "吨")]


def test_rows_of_a_task_without_a_name_are_not_lost(tmp_path):
    head = ["序号", "重点任务", "具体措施", "牵头单位", "配合单位", "完成时限"]
    rows = [
        ["1", "产业结构", "甲", "工信局", "—", "2023年"],
        ["", "", "乙", "环保局", "/", "2024年"],
        ["2", "", "丙", "住建局", "无", "2025年"],
    ]
    frame = read_lines(tmp_path, "表1 任务分解表", head, *rows).tasks
    assert frame["task_no"].tolist() == ["1", "1.2", "2"]
    assert frame["name"].tolist() == ["产业结构"] * 3
    assert frame["departments"].tolist() == ["工信局", "环保局", "住建局"]
    assert frame["deadline"].tolist() == ["2023年", "2024年", "2025年"]


def test_a_unit_in_the_second_row_of_a_head_and_parts_in_brackets(tmp_path):
    head = [
        ["序号", "项目名称", "建设内容", "建设年限", "投资估算", "责任单位"],
        ["", "", "", "", "（万元）", ""],
    ]
    rows = [
        ["1", "污水厂", "建厂", "2021-2023", "1200（含中央资金800）", "水务局"],
        ["2", "管网", "建管网", "2022-2023", "0.5亿元", "水务局"],
    ]
    frame = read_lines(tmp_path, "表2 重点工程", *head, *rows).projects
    assert frame["invest_wan_yuan"].tolist() == [1200, 5000]
    assert frame["funding"].tolist() == ["含中央资金800", ""]


def test_projects_of_a_land_plan_have_a_scale_and_no_content(tmp_path):
    head = ["序号", "项目类型", "项目名称", "建设性质", "建设年限", "用地规模（公顷）", "所在区域", "备注"]
    found = read_lines(
        tmp_path, "附表2 重点建设项目安排表", head, ["1", "交通", "某路", "新建", "2021-2025", "12.5", "甲镇", ""]
    )
    (project,) = found.projects.to_dict("records")
    wanted = {"system": "交通", "content": "用地规模12.5公顷", "place": "甲镇", "start_year": 2021, "end_year": 2025}
    assert {name: project[name] for name in wanted} == wanted


def test_a_span_and_a_group_broken_over_lines_of_a_pdf(tmp_path):
    lines = (
        "表1 重点工程\n工程类别 序号 项目名称 建设内容 建设期限 投资估算\n（亿元）\n牵头单位\n"
        "水环境治\n理\n1 武水河南\n岭段水环\n境综合治\n理\n河道清淤\n12.6 公\n里\n2021—\n2023 年\n1.35 县水务局\n"
        "固废处置 2 县生活垃\n圾焚烧发\n电项目\n日处理能\n力 400 吨\n2021—\n2022 年\n2.1 县城管局\n合计 3.45\n"
    )
    path = tmp_path / "plan.txt"
    path.write_text(lines, encoding="utf-8")
    found = import_plan(path)
    spans = zip(found.projects["start_year"], found.projects["end_year"], strict=True)
    assert list(spans) == [(2021, 2023), (2021, 2022)]
    assert found.projects["system"].tolist() == ["水环境治理", "固废处置"]
    assert found.stated["value"].tolist() == [3.45]


def test_targets_of_running_text_keep_their_years(tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text(
        "甲省河湖保护意见\n\n到2025年，水土保持率达到83.2%以上。\n到2030年，水土保持率达到85%以上。\n", encoding="utf-8"
    )
    (row,) = import_plan(path).indicators.to_dict("records")
    assert (row["target_value"], row["deadline"], row["target_value_2030"]) == (83.2, "2025年", 85)


def test_captions_below_tables_are_no_losses_and_a_workbook_may_be_named_docx(tmp_path):
    head = ["序号", "指标名称", "单位", "2020年", "2025年", "属性"]
    rows = [head, ["1", "森林覆盖率", "%", "75.8", "76.3", "约束性"]]
    below = tmp_path / "below.docx"
    below.write_bytes(docx([table(rows), paragraph("表1 主要指标")]))
    assert [item for item in import_plan(below).unused if item.is_loss] == []
    book = tmp_path / "book.docx"
    book.write_bytes(xlsx({"指标": rows}))
    assert import_plan(book).indicators["target_value"].tolist() == [76.3]


def read_lines(tmp_path, caption, *rows):
    path = tmp_path / "plan.txt"
    path.write_text(caption + "\n" + "".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return import_plan(path)
