"""Values of later years: read with every fault named, appended whole or not at all, filled in by a sheet."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.formats.workbooks import Sheet, render_workbook
from ecogeo.plan.columns import INDICATOR_COLUMNS, typed_frame
from ecogeo.plan.value_rules import doubt_of, value_rules
from ecogeo.plan.value_sheet import SHEET, Signed, changes, read_value_sheet, value_sheet
from ecogeo.plan.values import VALUES_FILE, ReportedValue, append_values, by_indicator, read_values

INDICATORS = typed_frame(
    [
        {"indicator_no": "1", "sub_no": "", "name": "甲", "unit": "%", "target_text": "≥50", "current_text": "30"}
        | {"current_year": 2022},
        {"indicator_no": "2", "sub_no": "", "name": "乙"},
        {"indicator_no": "2", "sub_no": "1", "name": "乙一", "target_text": "≥95"},
    ],
    INDICATOR_COLUMNS,
)
SIGNED = Signed("张三", "2026-01-05", "统计公报", "年度填报")


def reported(text: str = "35", year: int = 2024, number: str = "1", sub_no: str = "") -> ReportedValue:
    value = float(text) if text.replace(".", "").isdigit() else None
    return ReportedValue(number, sub_no, year, value, text, "公报", "张三", "2026-01-05", "年度填报")


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    assert read_values(tmp_path, INDICATORS) == ()
    first = [reported(), reported("尚未统计", number="2", sub_no="1")]
    append_values(tmp_path, first, INDICATORS)
    append_values(tmp_path, [reported("36")], INDICATORS)
    found = read_values(tmp_path, INDICATORS)
    assert found == (*first, reported("36"))
    assert [one.text for one in by_indicator(found)["1", ""]] == ["36"], "the last row of a year counts"
    content = (tmp_path / VALUES_FILE).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content


def test_values_stand_by_year(tmp_path: Path) -> None:
    append_values(tmp_path, [reported("45", 2025), reported("40", 2024)], INDICATORS)
    assert [one.year for one in by_indicator(read_values(tmp_path, INDICATORS))["1", ""]] == [2024, 2025]


def test_nothing_is_appended_where_one_is_wrong(tmp_path: Path) -> None:
    wrong = ReportedValue("9", "", 12, None, "", "", "", "yesterday", "")
    with pytest.raises(UsageError) as caught:
        append_values(tmp_path, [reported(), wrong], INDICATORS)
    assert len(caught.value.problems) == 6, "indicator, year, no value, day, name and reason"
    assert not (tmp_path / VALUES_FILE).exists()


def test_a_table_kept_by_hand_names_all_its_faults(tmp_path: Path) -> None:
    head = "indicator_no,sub_no,year,value,text,source,by,on,why"
    rows = ["1,,2024,40,,公报,张三,2026-01-05,年报", "7,,24,x,,,,x,", "1,,2025,40,45,,李四,2026-01-05,更正"]
    (tmp_path / VALUES_FILE).write_text("\n".join([head, *rows]) + "\n", "utf-8-sig")
    with pytest.raises(UnusableFileError) as caught:
        read_values(tmp_path, INDICATORS)
    message = caught.value.say("zh")
    assert "第 2 行" not in message
    assert message.count("第 3 行") == 6
    assert "第 4 行：value 为 40，text 却写“45”" in message
    (tmp_path / VALUES_FILE).write_text(f"{head}\n{rows[0]}\n", "utf-8-sig")
    assert read_values(tmp_path, INDICATORS)[0].text == "40", "a number alone is enough"


def test_missing_columns_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / VALUES_FILE).write_text("indicator_no,year\n1,2024\n", "utf-8-sig")
    with pytest.raises(UnusableFileError, match="sub_no, value, text, source, by, on, why"):
        read_values(tmp_path, INDICATORS)


def test_formulas_are_kept_from_spreadsheets(tmp_path: Path) -> None:
    evil = ReportedValue("2", "", 2024, None, "=1+1", "@x", "张三", "2026-01-05", "+cmd")
    append_values(tmp_path, [evil], INDICATORS)
    assert "'=1+1,'@x" in (tmp_path / VALUES_FILE).read_text("utf-8-sig")
    assert read_values(tmp_path, INDICATORS) == (evil,)


@given(st.floats(0, 1e9, allow_nan=False).map(lambda number: round(number, 4)), st.integers(1990, 2050))
def test_any_number_survives_the_table(tmp_path_factory: pytest.TempPathFactory, number: float, year: int) -> None:
    folder = tmp_path_factory.mktemp("plan")
    one = ReportedValue("1", "", year, number, "", "", "张三", "2026-01-05", "年报")
    append_values(folder, [one], INDICATORS)
    assert read_values(folder, INDICATORS)[0].value == number


def filled(tmp_path: Path, cells: dict[str, object], given: tuple[ReportedValue, ...] = ()) -> Path:
    """Return the sheet of 2024 with some cells filled in, as an office would save it."""
    book = openpyxl.load_workbook(io.BytesIO(render_workbook([value_sheet(INDICATORS, given, 2024)])))
    for place, value in cells.items():
        book[SHEET][place] = value
    path = tmp_path / "filled.xlsx"
    book.save(path)
    return path


def test_the_sheet_lists_every_indicator_with_its_last_value() -> None:
    sheet = value_sheet(INDICATORS, (reported("33", 2023), reported("35")), 2024)
    assert [row[:2] for row in sheet.rows] == [("1", ""), ("2", ""), ("2", "1")]
    assert sheet.rows[0][4:8] == ("≥50", "33（2023）", 2024, "35")
    assert value_sheet(INDICATORS, (), 2024).rows[0][5] == "30（2022）"


def test_the_same_sheet_is_the_same_bytes() -> None:
    sheet = value_sheet(INDICATORS, (), 2024)
    first, second = render_workbook([sheet]), render_workbook([sheet])
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z</dcterms:modified>" in archive.read("docProps/core.xml")


@pytest.mark.parametrize(
    ("text", "unit", "others", "doubt"),
    [
        ("0.629", "%", ["62.5", "≥62.6"], "是不是 62.9%"),
        ("0.629", "%", ["5.2"], ""),
        ("62.9", "%", ["62.5", "≥62.6"], ""),
        ("47800", "万公顷", ["4.78"], "相差 100 倍以上"),
        ("47800公顷", "万公顷", ["4.78"], ""),
        ("0.02", "吨", ["3"], "相差 100 倍以上"),
        ("0", "%", ["62.5"], ""),
        ("尚未统计", "%", ["62.5"], ""),
        ("13.6", "%", ["下降13.5%"], ""),
    ],
)
def test_a_value_far_from_all_others_is_doubted(text: str, unit: str, others: list[str], doubt: str) -> None:
    found = doubt_of(text, unit, others)
    assert (doubt in found.zh) if doubt and found else (found is None and not doubt)


def test_text_is_never_a_formula() -> None:
    content = render_workbook([Sheet("一", ["=1+1"], [["=HYPERLINK(1)", "+1", 3.5]])])
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert page is not None
    assert [cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None] == [
        "s",
        "s",
        "s",
        "n",
    ]


def test_a_filled_sheet_is_read(tmp_path: Path) -> None:
    path = filled(tmp_path, {"H2": 36.5, "I2": "环保局", "J2": "核实", "H4": "96（预计）"})
    found = read_value_sheet(path, INDICATORS, SIGNED)
    assert [(one.key, one.year, one.text, one.source, one.why) for one in found] == [
        (("1", ""), 2024, "36.5", "环保局", "核实"),
        (("2", "1"), 2024, "96（预计）", "统计公报", "年度填报"),
    ]
    assert found[0].value == 36.5


def test_only_what_differs_is_a_change(tmp_path: Path) -> None:
    before = (reported("35"),)
    path = filled(tmp_path, {"H3": "60"}, before)
    found = read_value_sheet(path, INDICATORS, SIGNED)
    assert [one.text for one in found] == ["35", "60"]
    assert [one.text for one in changes(found, before)] == ["60"]


def test_every_fault_of_a_sheet_is_named_by_row_and_column(tmp_path: Path) -> None:
    path = filled(tmp_path, {"H2": "36", "G2": "明年", "A3": "77", "H3": "x" * 201, "H4": "90", "B3": ""})
    with pytest.raises(UnusableFileError) as caught:
        read_value_sheet(path, INDICATORS, SIGNED)
    message = caught.value.say("zh")
    assert "工作表“填报”第 2 行 G 列（年份）：年份“明年”" in message
    assert "第 3 行 A 列（序号）：规划中没有指标“77”" in message
    assert "第 3 行 H 列（实际值）：实际值超过 200 个字" in message
    assert len(caught.value.problems) == 3


def test_a_formula_without_its_result_is_named(tmp_path: Path) -> None:
    path = filled(tmp_path, {"H2": "=80+5", "H3": "=1/0"})
    with pytest.raises(UnusableFileError) as caught:
        read_value_sheet(path, INDICATORS, SIGNED)
    message = caught.value.say("zh")
    assert "填报" in message
    assert "H2、H3" in message


def test_one_indicator_twice_is_refused(tmp_path: Path) -> None:
    path = filled(tmp_path, {"H2": "36", "A3": "1", "H3": "37"})
    with pytest.raises(UnusableFileError, match="row 2 is about the same indicator and year"):
        read_value_sheet(path, INDICATORS, SIGNED)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"no workbook at all"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "values.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError):
        read_value_sheet(path, INDICATORS, SIGNED)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "values.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (64 << 20))
    with pytest.raises(UnusableFileError):
        read_value_sheet(path, INDICATORS, SIGNED)


def test_a_workbook_without_the_columns_says_which(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    path.write_bytes(render_workbook([Sheet("别的", ["序号", "数"], [["1", 2]])]))
    with pytest.raises(UnusableFileError, match="sheet “别的” row 1 lacks sub-item, year, value"):
        read_value_sheet(path, INDICATORS, SIGNED)


def test_the_frame_is_not_changed(tmp_path: Path) -> None:
    before = INDICATORS.copy()
    read_value_sheet(filled(tmp_path, {"H2": "36"}), INDICATORS, SIGNED)
    pd.testing.assert_frame_equal(INDICATORS, before)


SCHOOLED = typed_frame(
    [
        {"indicator_no": "1", "sub_no": "", "name": "城镇污水处理率", "unit": "%", "target_text": "≥85"},
        {"indicator_no": "2", "sub_no": "", "name": "湿地面积", "unit": "公顷", "target_text": "不减少"}
        | {"current_text": "2641", "current_value": 2641.0, "current_year": 2022},
        {"indicator_no": "3", "sub_no": "", "name": "河长制", "unit": "—", "target_text": "全面推行"},
        {"indicator_no": "4", "sub_no": "", "name": "农业废弃物综合利用率", "unit": "%", "target_text": "≥90\n≥75"},
        {"indicator_no": "4", "sub_no": "1", "name": "秸秆综合利用率", "target_text": "≥90"},
        {"indicator_no": "5", "sub_no": "", "name": "地区生产总值增长率", "unit": "%", "target_text": "年均增长6%"},
        {"indicator_no": "6", "sub_no": "", "name": "任务完成率", "unit": "%", "target_text": "100"},
    ],
    INDICATOR_COLUMNS,
)


@pytest.mark.parametrize(
    ("number", "sub_no", "text", "wrong"),
    [
        ("1", "", "92.5", ""),
        ("1", "", "92.5%", ""),
        ("1", "", "尚未统计", ""),
        ("1", "", "—", ""),
        ("1", "", "较好", "不是数字"),
        ("1", "", "2025年底达到90", "不是数字"),
        ("1", "", "-5", "不会是负数"),
        ("1", "", "120", "超过 100%"),
        ("1", "", "1200‰", "超过 100%"),
        ("1", "", "36公顷", "不能换算"),
        ("1", "", "#REF!", "出错的公式"),
        ("2", "", "2700", ""),
        ("2", "", "27平方公里", ""),
        ("2", "", "4万亩", ""),
        ("2", "", "-1", "不会是负数"),
        ("2", "", "很大", "不是数字"),
        ("2", "", "21,5", "不是千分位"),
        ("2", "", "2，7001", "不是千分位"),
        ("2", "", "12,700.5", ""),
        ("3", "", "全面推行", ""),
        ("3", "", "已落实", ""),
        ("4", "1", "101", "超过 100%"),
        ("4", "", "（1）90（2）80", ""),
        ("5", "", "-1.5", ""),
        ("5", "", "120", ""),
        ("6", "", "104", ""),
    ],
)
def test_what_a_value_must_be(number, sub_no, text, wrong):
    problems = list(value_rules(SCHOOLED)[number, sub_no].problems(text))
    assert len(problems) == bool(wrong)
    assert all(wrong in problem.zh and problem.en for problem in problems)


def test_a_sheet_with_words_negatives_and_too_much_names_every_cell(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(render_workbook([value_sheet(SCHOOLED, (), 2024)])))
    for place, value in {"H2": "较好", "H3": -5, "H6": 120, "H7": 3, "G7": 2031}.items():
        book[SHEET][place] = value
    path = tmp_path / "filled.xlsx"
    book.save(path)
    with pytest.raises(UnusableFileError) as caught:
        read_value_sheet(path, SCHOOLED, SIGNED)
    lines = [problem.zh for problem in caught.value.problems]
    assert [line.split("（")[0] for line in lines] == [
        "filled.xlsx：工作表“填报”第 2 行 H 列",
        "filled.xlsx：工作表“填报”第 3 行 H 列",
        "filled.xlsx：工作表“填报”第 6 行 H 列",
        "filled.xlsx：工作表“填报”第 7 行 G 列",
    ]
    assert "2031 还没有到" in lines[3]


def test_a_table_kept_by_hand_is_held_to_the_same_rules(tmp_path: Path) -> None:
    head = "indicator_no,sub_no,year,value,text,source,by,on,why"
    rows = ["1,,2024,120,,公报,张三,2026-01-05,年报", "2,,2024,,很大,公报,张三,2026-01-05,年报"]
    (tmp_path / VALUES_FILE).write_text("\n".join([head, *rows]) + "\n", "utf-8-sig")
    with pytest.raises(UnusableFileError) as caught:
        read_values(tmp_path, SCHOOLED)
    told = [problem.zh.split("：")[1:3] for problem in caught.value.problems]
    assert told == [["第 2 行", "value"], ["第 3 行", "text"]]


def test_the_sheet_speaks_english_and_is_read_back(tmp_path: Path) -> None:
    sheet = value_sheet(SCHOOLED, (), 2024, "en")
    assert (sheet.title, sheet.head[6:8]) == ("values", ["year", "value"])
    book = openpyxl.load_workbook(io.BytesIO(render_workbook([sheet])))
    book["values"]["H2"] = 92.5
    book.save(tmp_path / "filled.xlsx")
    (found,) = read_value_sheet(tmp_path / "filled.xlsx", SCHOOLED, SIGNED)
    assert (found.key, found.value) == (("1", ""), 92.5)
