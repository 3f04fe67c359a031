"""Plans as Word documents and workbooks: real tables, merged cells, nested heads; and files of strangers."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from plan_documents import Cell, docx, merged_down, paragraph, table, xlsx

from ecogeo.errors import UnusableFileError
from ecogeo.formats.document import Document, read_document
from ecogeo.plan import import_plan
from ecogeo.plan.flowed_tables import split_flowed
from ecogeo.plan.tables import PlanTables

HEAD = ["领域", "任务", "序号", "指标名称", "2025年指标值", "指标属性", "牵头部门", "配合部门"]
ROWS = [
    ["生态\n安全", "（一）水", "1", "利用率\n（1）秸秆\n（2）粪污", "≥90%\n≥80%", "参考性", "甲局", "乙局、丙局"],
    ["", "", "2", "污水处理率", "不低于95%", "约束性", "甲局", ""],
    ["", "（二）土", "3", "名录", "建立", "约束性", "丙局", ""],
]


def written(tmp_path: Path, content: bytes, name: str) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def tabbed(rows: list[list[str]]) -> str:
    return "".join("".join(f"\t{cell}\n" for cell in row) + "\n" for row in rows)


def assert_same(one: PlanTables, other: PlanTables) -> None:
    for name in ("indicators", "projects", "tasks"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    kept = [column for column in one.stated.columns if column != "line"]
    pd.testing.assert_frame_equal(one.stated[kept], other.stated[kept])
    assert {**one.plan, "source_file": ""} == {**other.plan, "source_file": ""}
    assert [item.reason for item in one.unused] == [item.reason for item in other.unused]


def test_word_workbook_and_text_of_one_table_give_the_same(tmp_path):
    caption = "表1 甲县指标体系"
    text = written(tmp_path, f"前言\n{caption}\n{tabbed([HEAD, *ROWS])}".encode(), "a.txt")
    word = written(
        tmp_path,
        docx([paragraph("前言"), paragraph(caption), table(merged_down([HEAD, *ROWS], (0, 1)))]),
        "a.docx",
    )
    sheet = written(tmp_path, xlsx({"指标": [[caption], HEAD, *ROWS]}, {"指标": ["A1:H1", "A3:A5", "B3:B4"]}), "a.xlsx")
    expected = import_plan(text)
    assert expected.indicators["indicator_no"].tolist() == ["1", "1", "1", "2", "3"]
    assert expected.indicators["target_value_2025"].fillna(-1).tolist() == [-1, 90, 80, 95, -1]
    assert expected.indicators["departments"].tolist() == ["甲局、乙局、丙局"] * 3 + ["甲局", "丙局"]
    assert expected.indicators["lead_departments"].tolist() == ["甲局"] * 4 + ["丙局"]
    assert expected.plan["area"] == "甲县"
    barred = "".join("| " + " | ".join(cell.replace("\n", "<br>") for cell in row) + " |\n" for row in [HEAD, *ROWS])
    bars = written(tmp_path, f"前言\n\n{caption}\n\n{barred}".encode(), "b.txt")
    assert_same(import_plan(word), expected)
    assert_same(import_plan(sheet), expected)
    assert_same(import_plan(bars), expected)


def test_nested_head_over_years(tmp_path):
    rows = [
        ["序号", "指标", Cell("现状值", 2), Cell("目标值", 2), "指标属性"],
        [Cell(down="continue"), "", "2020年", "2022年", "2025年", "2030年", ""],
        ["1", "森林覆盖率（%）", "62", "62.5", "63", "≥64", "约束性"],
    ]
    result = import_plan(written(tmp_path, docx([table(rows)]), "a.docx"))
    row = result.indicators.iloc[0]
    assert (row["name"], row["unit"], row["current_value"], row["current_year"]) == ("森林覆盖率", "%", 62, 2020)
    assert (row["target_value_2025"], row["target_value_2030"], row["target_text_2030"]) == (63, 64, "≥64")
    assert [item.message.zh for item in result.unused] == ["第 1 段：不认识或重复的列：现状值2022年"]


def test_nested_head_whose_upper_cell_says_nothing(tmp_path):
    rows = [
        ["序号", "工作任务", "工作内容", Cell("责任分工", 2), Cell("完成时限", down="restart")],
        [Cell(down="continue"), "", "", "牵头单位", "配合单位", Cell(down="continue")],
        ["1", "巡河", "开展巡河", "水利局", "各乡镇", Cell("2024年12月", down="restart")],
        ["2", "清障", "清理", "水利局", "", Cell(down="continue")],
    ]
    result = import_plan(written(tmp_path, docx([table(rows)]), "a.docx"))
    assert result.tasks[["departments", "lead_departments", "deadline"]].to_numpy().tolist() == [
        ["水利局、各乡镇", "水利局", "2024年12月"],
        ["水利局", "水利局", "2024年12月"],
    ]
    assert result.unused == ()


def test_projects_of_a_workbook_with_systems_in_a_column_and_a_total(tmp_path):
    head = ["序号", "项目类别", "项目名称", "建设性质", "建设内容", "建设年限", "总投资（亿元）", "责任单位"]
    rows = [
        ["丙县“十四五”重点工程项目表"],
        head,
        [1, "水环境", "丙河整治", "新建", "5公里", "2021-2023", 1.25, "水利局"],
        [2, None, "污水厂", "续建", "扩容", "2021-2025", 0.8, "住建局"],
        [3, "大气", "锅炉改造", "改建", "10台", "2022", 0.05, "环保局"],
        [None, "合计", None, None, None, None, 2.1, None],
    ]
    result = import_plan(written(tmp_path, xlsx({"表": rows}, {"表": ["A1:H1", "B3:B4"]}), "a.xlsx"))
    columns = ["project_id", "system", "start_year", "invest_wan_yuan"]
    assert result.projects[columns].to_numpy().tolist() == [
        ["P1-01", "水环境", 2021, 12500.0],
        ["P1-02", "水环境", 2021, 8000.0],
        ["P2-03", "大气", 2022, 500.0],
    ]
    assert result.plan == {"area": "丙县", "period": (2021, 2025), "source_file": "a.xlsx"}
    assert result.stated[["measure", "value", "unit"]].to_numpy().tolist() == [["invest", 2.1, "亿元"]]
    assert result.unused == ()


def test_a_value_merged_over_two_years_holds_for_both(tmp_path):
    rows = [
        ["类别", "序号", "指标", "2020年", "2025年", "2030年", "属性"],
        ["生态", "1", "红线面积", "8470.93", Cell("不减少", 2), "预期性"],
    ]
    row = import_plan(written(tmp_path, docx([table(rows)]), "a.docx")).indicators.iloc[0]
    assert (row["target_text_2025"], row["target_text_2030"], row["comparator"]) == ("不减少", "不减少", "no_decrease")


def test_nested_head_of_a_text_whose_upper_cells_are_merged(tmp_path):
    rows = [["序号", "指标", "目标值", "指标属性"], ["", "", "2025年", "2030年", ""], ["1", "率", "1", "2", "约束性"]]
    row = import_plan(written(tmp_path, tabbed(rows).encode(), "a.txt")).indicators.iloc[0]
    assert (row["target_value"], row["target_value_2025"], row["target_value_2030"]) == (1, 1, 2)


def test_indicator_split_by_labels(tmp_path):
    rows = [
        ["类别", Cell("指标", 2), "2020年", "2025年", "指标属性"],
        ["水", Cell("1. 达标率（%）", down="restart"), "设区城市", "97.3", "以国家下达指标为准", "约束性"],
        [Cell(down="continue"), Cell(down="continue"), "县级", "90.6", "90", "约束性"],
        ["", Cell("2. 治理率（%）", 2), "11", "不低于35", "预期性"],
    ]
    frame = import_plan(written(tmp_path, docx([table(rows)]), "a.docx")).indicators
    assert frame["name"].tolist() == ["达标率", "设区城市", "县级", "治理率"]
    assert frame["sub_no"].tolist() == ["", "1", "2", ""]
    assert frame["comparator"].tolist() == ["", "assigned", "=", ">="]
    assert frame["current_value"].fillna(-1).tolist() == [-1, 97.3, 90.6, 11]
    assert frame["unit"].tolist() == ["%", "", "", "%"]


def test_box_as_a_frame_in_word(tmp_path):
    blocks = [
        paragraph("专栏 2 大气工程"),
        table([["锅炉整治：完成锅炉改造。\n扬尘整治：开展治理。"]]),
        paragraph("第六章 水"),
    ]
    result = import_plan(written(tmp_path, docx(blocks), "a.docx"))
    assert result.projects[["project_id", "system", "name", "content"]].to_numpy().tolist() == [
        ["B2-01", "大气工程", "锅炉整治", "完成锅炉改造。"],
        ["B2-02", "大气工程", "扬尘整治", "开展治理。"],
    ]


def test_deleted_text_tabs_and_nested_tables(tmp_path):
    inner = table([["甲", "乙"]])
    rows = table([["序号", "任务名称", "主要内容"], ["1", "名", "内"]]).replace(
        "内</w:t>", "内</w:t><w:tab/><w:t>容</w:t>"
    )
    rows = rows.replace("</w:tc></w:tr></w:tbl>", f"{inner}</w:tc></w:tr></w:tbl>")
    deleted = "<w:p><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:ins><w:r><w:t>新</w:t></w:r></w:ins></w:p>"
    document = read_document(written(tmp_path, docx([deleted, rows]), "a.docx"))
    assert [item.text for item in document.paragraphs] == ["新"]
    assert document.tables[0].rows[1] == ("1", "名", "内\t容\n甲\t乙")


def test_workbook_values_as_they_print(tmp_path):
    book = written(
        tmp_path, xlsx({"表": [["序号", "指标名称", "目标值"], [1, "率", 0.95], [2, "量", 1234.5]]}), "a.xlsx"
    )
    import openpyxl

    changed = openpyxl.load_workbook(book)
    changed["表"]["C2"].number_format = "0%"
    changed.save(book)
    frame = import_plan(book).indicators
    assert frame["target_text"].tolist() == ["95%", "1234.5"]
    assert frame["unit"].tolist() == ["%", ""]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"%PDF-1.7\n", "a.pdf", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "旧版"),
        (docx([paragraph("只有正文。")]), "a.docx", "没有指标表"),
        (docx([paragraph("正文")])[:200], "a.docx", "损坏"),
        (docx([paragraph("&a;")], head='<!DOCTYPE a [<!ENTITY a "b">]>'), "a.docx", "DOCTYPE"),
        (docx([table([[Cell("序号", 9_999)]])]), "a.docx", "超过 200 列"),
        (docx([table([[Cell("序号", 150), Cell("名称", 150)]])]), "a.docx", "超过 200 列"),
        (docx(["<w:p>"]), "a.docx", "XML"),
        (xlsx({"空": []}), "a.xlsx", "没有指标表"),
    ],
)
def test_unusable_files_say_what_to_do(tmp_path, content, name, said):
    with pytest.raises(UnusableFileError) as caught:
        import_plan(written(tmp_path, content, name))
    assert said in caught.value.say("zh")
    assert str(tmp_path) not in caught.value.say("en")


def test_bombs_are_refused(tmp_path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (20 << 20))
    with pytest.raises(UnusableFileError, match="bombs"):
        read_document(path)


def test_another_archive_is_refused(tmp_path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnusableFileError, match=r"no \.docx"):
        read_document(path)


@pytest.fixture
def seeds() -> Path:
    if not (folder := os.environ.get("ECOGEO_SEEDS")):
        pytest.skip("ECOGEO_SEEDS does not point to the folder with the planning documents")
    return Path(folder)


def word_of(document: Document, tables: dict[int, str]) -> bytes:
    """Make a Word document of a text: its paragraphs, and tables by the line each stands on."""
    inside = {line for item in document.tables for line in range(item.first_line, item.last_line + 1)}
    blocks = {item.line: paragraph(item.text) for item in document.paragraphs if item.line not in inside}
    return docx(block for _, block in sorted({**blocks, **tables}.items()))


@pytest.mark.parametrize("name", ["000", "001", "003"])
def test_word_made_of_a_seed_gives_the_same(tmp_path, seeds, name):
    (text,) = seeds.glob(f"{name}_*.txt")
    document = read_document(text)
    tables = {}
    for item in document.tables:
        width = len(item.rows[0])
        rows = [[Cell(cell, width if len(row) == 1 else 1) for cell in row] for row in item.rows]
        if "领域" in item.rows[0]:
            rows = merged_down(item.rows, (0, 1))
        tables[item.first_line] = table(rows)
    word = written(tmp_path, word_of(document, tables), "a.docx")
    assert_same(import_plan(word), import_plan(text))


def test_word_made_of_the_pdf_text_gives_the_same(tmp_path, seeds):
    (text,) = seeds.glob("004_*.txt")
    document = read_document(text)
    ((flowed,), _) = split_flowed(document.paragraphs)
    head = [
        [*flowed.rows[0][:3], "2020年现状值", Cell("规划值", 2), "指标属性"],
        [Cell(down="continue"), Cell(down="continue"), "", "", "2025年", "2035年", ""],
    ]
    left = Document(
        tuple(item for item in document.paragraphs if not flowed.first_line <= item.line <= flowed.last_line), ()
    )
    rows = [*head, *merged_down(flowed.rows, (0,))[1:]]
    word = written(tmp_path, word_of(left, {flowed.first_line: table(rows)}), "a.docx")
    assert_same(import_plan(word), import_plan(text))


def test_word_made_of_the_text_with_a_split_indicator_gives_the_same(tmp_path, seeds):
    (text,) = seeds.glob("002_*.txt")
    document = read_document(text)
    (only,) = document.tables
    rows: list[list[Cell | str]] = []
    for domain, name, *values in only.rows:
        if domain == "县级":
            rows.append([Cell(), Cell(down="continue"), "县级", *values])
        elif values[0] == "设区":
            rows.append([Cell(domain), Cell(name, down="restart"), "设区城市", *values[1:], ""])
        elif name:
            rows.append([Cell(domain), Cell(name, 2), *values])
    notes = {only.last_line: paragraph(only.rows[-1][0])}
    word = written(tmp_path, word_of(document, {only.first_line: table(rows), **notes}), "a.docx")
    assert_same(import_plan(word), import_plan(text))
