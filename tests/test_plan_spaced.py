"""Tables in the text of a PDF: set with blanks as `pdftotext -layout` writes them, or cell by cell as ``-raw`` does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogeo.errors import UnusableFileError
from ecogeo.formats.document import Paragraph
from ecogeo.plan.document import import_plan
from ecogeo.plan.spaced_tables import split_spaced

FRONT = "壬县生态保护规划（2021—2035年）\n表1 规划指标表\n\n"


def laid(starts: tuple[int, ...], *lines: str) -> str:
    """Set cells, between bars, at their places; an empty cell leaves its place blank."""
    text = ""
    for line in lines:
        row = ""
        for start, cell in zip(starts, line.split("|"), strict=False):
            row = row.ljust(start) + cell if cell else row
        text += f"{row}\n"
    return text


AT_TOP = laid(
    (0, 6, 15, 22, 31, 40, 47, 53),
    "序号|指标名称|单位|2020 年|  目标值||属性|责任单位",
    "|||现状值|2025年|2035年",
    "1|水土保持率|%|86.2|87.5|88.9|预期性|县水利局",
    "2|新增水土流|平方公|—|[68.5]|[152]|预期性|县水利局、",
    "|失治理面积|里|||||县林业局",
    "3|林地 面积|公顷|412|不减少|不减少|约束性|县林业局",
    "",
    "注：方括号内为累计数。",
)
IN_MIDDLE = laid(
    (0, 6, 16, 22, 30, 38),
    "序号|指标名称|单位|2020年|2025年|属性",
    "",
    "|新增水土流",
    "1||公顷|12|≥15|预期性",
    "|失治理面积",
    "2|森林覆盖率|%|61.8|62.5|约束性",
    "|农村生活污",
    "3|水治理率（含|%|30|45|预期性",
    "|资源化）",
)
OVER_PAGES = """序号   项目名称      建设内容        建设年限        总投资      责任单位
                                         （万元）
一、水生态修复工程
1     甲河护岸      建设护岸 18.6  2021-       12860    县水利局
      工程        公里          2025
— 3 —
\f2    乙湿地   新建湿地 2    2022-2024   3250.5   县林业局
     工程     处
合计                              16110.5
"""
IN_WIDTHS = """序号  任务名称        工作内容          牵头单位      完成时限
1     巡河行动        开展巡河          县水利局      2023年12月
2     农村生活污水    新建治理设施      县环境局      2025年12月
      治理            32 座
"""


def lines_of(text: str) -> list[Paragraph]:
    return [Paragraph(number, line) for number, line in enumerate(text.split("\n"), start=1)]


def rows_of(text: str) -> tuple[tuple[str, ...], ...]:
    ((table,), doubts) = split_spaced(lines_of(text))
    assert doubts == ()
    return table.rows[1:]


def test_cells_at_the_top_of_their_rows_below_a_head_of_two_rows(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(FRONT + AT_TOP, "utf-8")
    found = import_plan(path).indicators
    assert found["name"].tolist() == ["水土保持率", "新增水土流失治理面积", "林地面积"]
    assert found["unit"].tolist() == ["%", "平方公里", "公顷"]
    assert found["current_text"].tolist() == ["86.2", "—", "412"]
    assert found["current_year"].tolist() == [2020] * 3
    assert found["target_text_2025"].tolist() == ["87.5", "[68.5]", "不减少"]
    assert found["target_value_2035"].fillna(0).tolist() == [88.9, 152.0, 0.0]
    assert found["departments"].tolist() == ["县水利局", "县水利局、县林业局", "县林业局"]
    assert found["kind"].tolist() == ["expected", "expected", "binding"]


def test_cells_in_the_middle_of_their_rows():
    assert rows_of(IN_MIDDLE) == (
        ("1", "新增水土流失治理面积", "公顷", "12", "≥15", "预期性"),
        ("2", "森林覆盖率", "%", "61.8", "62.5", "约束性"),
        ("3", "农村生活污水治理率（含资源化）", "%", "30", "45", "预期性"),
    )


def test_a_table_that_goes_on_over_a_page_at_other_places(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(FRONT + OVER_PAGES, "utf-8")
    result = import_plan(path)
    found = result.projects
    assert found["name"].tolist() == ["甲河护岸工程", "乙湿地工程"]
    assert found["content"].tolist() == ["建设护岸18.6公里", "新建湿地2处"]
    assert found[["start_year", "end_year"]].to_numpy().tolist() == [[2021, 2025], [2022, 2024]]
    assert found["invest_wan_yuan"].tolist() == [12860.0, 3250.5]
    assert found["system"].tolist() == ["水生态修复工程"] * 2
    assert result.stated[["measure", "value"]].to_numpy().tolist() == [["invest", 16110.5]]


def test_places_counted_in_the_widths_of_a_terminal():
    assert rows_of(IN_WIDTHS) == (
        ("1", "巡河行动", "开展巡河", "县水利局", "2023年12月"),
        ("2", "农村生活污水治理", "新建治理设施32座", "县环境局", "2025年12月"),
    )


def test_domains_merged_over_rows_stand_in_their_middle():
    text = """领域    序号   指标名称   单位   目标值   属性
       1    甲率     %    ≥10   约束性
生态安全   2    乙率     %    ≥20   约束性
       3    丙率     %    ≥30   约束性
生态经济   4    丁率     %    ≥40   约束性
"""
    assert [row[0] for row in rows_of(text)] == ["生态安全", "", "", "生态经济"]


def test_two_domains_on_neighbouring_lines_are_not_made_one():
    text = """领域    序号   指标名称   单位   目标值   属性
生态    1    甲率     %    ≥10   约束性
安全    2    乙率     %    ≥20   约束性
"""
    ((table,), (doubt,)) = split_spaced(lines_of(text))
    assert [row[0] for row in table.rows[1:]] == ["", ""]
    assert doubt.is_loss
    assert "“领域”一列的文字不能确定属于哪些行" in doubt.message.zh


def test_rows_that_may_be_shared_out_in_two_ways_are_refused():
    text = """序号  指标名称   单位   目标值
1     甲乙     %    ≥10
      丙丁
2     戊己     %    ≥20
      庚辛
3     壬癸     %    ≥30
"""
    tables, (refused,) = split_spaced(lines_of(text))
    assert tables == ()
    assert (refused.first_line, refused.last_line, refused.is_loss) == (1, 6, True)
    assert "行或列不能确定，没有读入" in refused.message.zh


def test_a_refused_table_is_told_and_not_read_as_something_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(
        FRONT
        + "序号  指标名称   单位   目标值\n1     甲乙     %    ≥10\n   丙丁戊己庚辛    公顷\n2     壬癸     %    ≥30\n",
        "utf-8",
    )
    with pytest.raises(UnusableFileError) as error:
        import_plan(path)
    assert "用空格排列的指标表：行或列不能确定，没有读入" in "".join(reason.zh for reason in error.value.reasons)


WORDS = st.text("甲乙丙丁戊己庚辛", min_size=1, max_size=14)
ROWS = st.lists(st.tuples(WORDS, st.decimals(0, 999, places=1), WORDS), min_size=2, max_size=7)


@settings(max_examples=25)
@given(ROWS)
def test_any_rows_come_out_as_they_were_set_or_not_at_all(rows):
    widths = (4, 6, 8, 8)
    lines = ["序号    指标名称    目标值     责任单位"]
    for number, (name, value, unit) in enumerate(rows, start=1):
        cells = [[str(number)], wrapped(name, 6), [str(value)], wrapped(unit, 8)]
        for at in range(max(map(len, cells))):
            line = ""
            for column, cell in enumerate(cells):
                start = sum(widths[:column]) + 2 * column
                line = line.ljust(start) + (cell[at] if at < len(cell) else "")
            lines.append(line)
    tables, doubts = split_spaced(lines_of("\n".join(lines)))
    if tables:
        assert tables[0].rows[1:] == tuple(
            (str(number), name, str(value), unit) for number, (name, value, unit) in enumerate(rows, start=1)
        )
    else:
        assert [item.is_loss for item in doubts] == [True]


def wrapped(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)]


FLOWED = """壬县国土空间总体规划（2021—2035年）
表1 规划指标体系表
序号
指标
单位
2020年基期值
2025年
2035年
指标属性
一、空间底线
1
生态保护红线面积
平方千米
312.65
≥312.65
≥312.65
约束性
2
用水总量
亿立方米
1.85
≤1.92
≤2.05
约束性
"""
RAW = """辰县三年行动方案
序号 任务名称 工作内容 牵头单位 配合单位 完成时限
1 完善河湖长制
县乡村三级河长按月
巡河，整改率达到
100%。
县水利局 各乡镇人民政府 2023 年 12 月
2
推进农村生活污水治
理
新建治理设施 32 座，
治理率提高到 45%。
辰县生态环境局
县农业农村局、各乡
镇人民政府
2025 年 12 月
第三章 保障
"""
GROUPED = """项目类别
序号
项目名称
主要建设内容
实施期限
估算投资（亿元）
实施主体
水污染防治
1
县城污水处理厂扩建
新增2万吨/日
2022—2024年
1.25
县住建局
大气污染防治 2
炉窑治理
改造2条线
2023年
0.5
县生态环境局
"""


def imported(tmp_path, text: str):
    path = tmp_path / "a.txt"
    path.write_text(text, "utf-8")
    return import_plan(path)


def test_a_year_stays_with_the_word_of_its_own_line(tmp_path):
    found = imported(tmp_path, FLOWED).indicators
    assert found["current_year"].tolist() == [2020, 2020], "not 基期值 of 2025"
    assert found["current_value"].tolist() == [312.65, 1.85]
    assert found["target_value_2025"].tolist() == [312.65, 1.92]
    assert found["target_value_2035"].tolist() == [312.65, 2.05]


def test_cells_on_one_line_and_over_several(tmp_path):
    found = imported(tmp_path, RAW).tasks
    assert found["name"].tolist() == ["完善河湖长制", "推进农村生活污水治理"]
    assert found["content"].tolist() == [
        "县乡村三级河长按月巡河，整改率达到100%。",
        "新建治理设施32座，治理率提高到45%。",
    ]
    assert found["lead_departments"].tolist() == ["县水利局", "辰县生态环境局"]
    assert found["departments"].tolist() == ["县水利局、各乡镇人民政府", "辰县生态环境局、县农业农村局、各乡镇人民政府"]
    assert found["deadline"].tolist() == ["2023年12月", "2025年12月"]


def test_systems_between_the_rows_of_a_project_table(tmp_path):
    found = imported(tmp_path, GROUPED).projects
    assert found["system"].tolist() == ["水污染防治", "大气污染防治"]
    assert found["name"].tolist() == ["县城污水处理厂扩建", "炉窑治理"]
    assert found["invest_wan_yuan"].tolist() == [12500.0, 5000.0]
    assert found["departments"].tolist() == ["县住建局", "县生态环境局"]


def test_one_word_between_two_rows_is_the_next_task_of_the_same_domain(tmp_path):
    head = "领域\n任务\n序号\n指标名称\n单位\n目标值\n属性\n"
    rows = "生态安全\n质量改善\n1\n甲率\n%\n≥20\n约束性\n系统保护\n2\n乙率\n%\n≥60\n参考性\n"
    result = imported(tmp_path, head + rows)
    assert result.indicators["domain"].tolist() == ["生态安全"] * 2
    assert result.indicators["task"].tolist() == ["质量改善", "系统保护"]
    assert ["领域和任务的单元格没有分隔" in item.message.zh for item in result.unused] == [True]


def test_a_head_without_numbers_below_is_told(tmp_path):
    text = f"{RAW}类别\n指标名称\n单位\n2020年\n2025年\n属性\n资源\n采矿权数量\n个\n42\n≤35\n预期性\n"
    told = [item.message.zh for item in imported(tmp_path, text).unused if item.is_loss]
    assert any("像是表头（类别、指标名称、单位、2020年、2025年、属性）" in one for one in told)
