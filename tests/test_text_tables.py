"""Tables in the plain-text export of a document: cells begin with a TAB, an empty line ends a row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.errors import UnusableFileError
from ecogeo.formats.text_tables import read_text, read_text_tables, split_tables

TWO_TABLES = (
    "说明\n"
    "表1   甲县  指标\n"
    "\t序号\n\t名称\n\t属性\n\n"
    "\t1\n\t空气质量\n（1）优良天数\n（2）颗粒物\n\t约束性\n\n"
    "\t\n\t\n\t参考性\n\n"
    "\n"
    "正文一段。\n"
    "附表2 项目\n\n"
    "\t序号\n\t名称\n\n"
    "\t1\n\t林道\n\n"
)


def test_cells_rows_titles_and_lines():
    first, second = split_tables(TWO_TABLES)
    assert first.title == "表1 甲县 指标"
    assert first.rows == (
        ("序号", "名称", "属性"),
        ("1", "空气质量\n（1）优良天数\n（2）颗粒物", "约束性"),
        ("", "", "参考性"),
    )
    assert (first.first_line, first.row_lines, first.last_line) == (3, (3, 7, 13), 15)
    assert second.title == "附表2 项目"
    assert second.rows == (("序号", "名称"), ("1", "林道"))


def test_prose_in_front_of_a_table_is_no_title():
    assert split_tables("本县共有项目三个。\n\t序号\n\t名称\n\n")[0].title == ""


def test_blank_and_tab_begin_a_new_table():
    tables = split_tables("\t合计\n\t60\n一段正文。\n又一段正文。\n \t序号\n\t名称\n\n")
    assert [table.rows for table in tables] == [(("合计", "60"),), (("序号", "名称"),)]
    assert [table.last_line for table in tables] == [2, 6]


@pytest.mark.parametrize("heading", ["一、组织领导", " （一）生态效益", "第三章 保障", "表2 投资"])
def test_heading_ends_a_last_row_without_its_empty_line(heading):
    (table,) = split_tables(f"\t序号\n\t数\n\n\t合计\n\t60\n{heading}\n正文\n\n")
    assert table.rows[-1] == ("合计", "60")


def test_row_is_resumed_behind_empty_paragraphs_of_a_cell():
    (table,) = split_tables("\t序号\n\t名称\n\t值\n\n\t1\n\t利用率\n\n（1）化肥\n\t≥41\n\n")
    assert table.rows[1:] == (("1", "利用率\n（1）化肥", "≥41"),)


def test_short_row_stays_short_where_nothing_makes_it_whole():
    (first, second) = split_tables("\t甲\n\t乙\n\t丙\n\n\t合计\n\t6\n\n正文。\n\t丁\n\t戊\n\n")
    assert first.rows[-1] == ("合计", "6")
    assert second.rows == (("丁", "戊"),)


def test_bookmarks_are_dropped_and_line_ends_made_one(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("[bookmark: _Toc1][bookmark: _GoBack]前言\r\n\t序号[bookmark: x]\r\n\r\n".encode())
    assert read_text(path) == "前言\n\t序号\n\n"
    assert read_text_tables(path)[0].rows == (("序号",),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "a.txt"
    path.write_bytes(TWO_TABLES.encode(encoding))
    assert read_text_tables(path) == split_tables(TWO_TABLES)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"\xff\xff\xff\xff", "UTF-8、GB18030 或 UTF-16"),
        (b"PK\x03\x04\x00\x00\x00\x00", "另存为纯文本"),
        ("只有正文。\n".encode(), "没有表格"),
    ],
)
def test_unusable_files(tmp_path, content, said):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError) as caught:
        read_text_tables(path)
    assert said in caught.value.say("zh")
    assert str(tmp_path) not in caught.value.say("en")


def test_missing_file(tmp_path):
    with pytest.raises(UnusableFileError, match="does not exist"):
        read_text_tables(tmp_path / "none.txt")


CELL = st.text(st.characters(categories=["L", "N"]), max_size=6)


@given(st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1)))
def test_any_table_of_words_reads_back(rows):
    text = "".join("".join(f"\t{cell}\n" for cell in row) + "\n" for row in rows)
    (table,) = split_tables(text)
    assert table.rows == tuple(tuple(cell.strip() for cell in row) for row in rows)
