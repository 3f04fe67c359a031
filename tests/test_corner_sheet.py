"""Sheets of corner points: any order of columns, X and Y as the figures have them, parcels or places."""

from __future__ import annotations

import io
import random
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.errors import UnusableFileError
from ecogeo.formats.corner_sheet import read_corner_sheet
from ecogeo.formats.corners.columns import role_of
from ecogeo.formats.reading import Reading

SQUARE = [(2684700.5, 632000.25), (2684700.5, 632100.25), (2684800.5, 632100.25), (2684800.5, 632000.25)]
HOLE = [(2684720.5, 632020.25), (2684740.5, 632020.25), (2684740.5, 632040.25), (2684720.5, 632040.25)]


def said(result) -> str:
    return "".join(doubt.zh for doubt in result.doubts)


@pytest.fixture
def read(tmp_path):
    def reading(*rows, kind: str = "xlsx", encoding: str = "utf-8-sig", layer: str = "", **sheets):
        path = tmp_path / f"界址点.{kind}"
        if kind == "xlsx":
            book = openpyxl.Workbook()
            book.active.title = "坐标"
            for row in rows:
                book.active.append(row)
            for title, more in sheets.items():
                sheet = book.create_sheet(title)
                for row in more:
                    sheet.append(row)
            book.save(path)
        else:
            sign = "\t" if kind == "tsv" else ","
            path.write_bytes("\r\n".join(sign.join(map(str, row)) for row in rows).encode(encoding))
        return read_corner_sheet(path, layer)

    return reading


def numbered(points, ring=None):
    return [(f"J{at}", *([ring] if ring else []), *point) for at, point in enumerate(points, start=1)]


@pytest.mark.parametrize("kind", ["xlsx", "csv", "tsv"])
@pytest.mark.parametrize(
    ("head", "order"),
    [
        (("点号", "X", "Y"), (0, 1, 2)),
        (("点号", "X坐标(m)", "Y坐标(m)"), (0, 1, 2)),
        (("界址点号", "纵坐标（米）", "横坐标（米）"), (0, 1, 2)),
        (("界址点号", "横坐标Y", "纵坐标X"), (0, 2, 1)),
        (("序号", "北坐标", "东坐标"), (0, 1, 2)),
        (("Northing", "Easting", "点号"), (1, 2, 0)),
        (("点号", "X", "Y"), (0, 2, 1)),
        (("点号", "POINT_X", "POINT_Y"), (0, 2, 1)),
        (("点号", "纵坐标", "横坐标"), (0, 2, 1)),
    ],
)
def test_heads_in_any_order(read, kind, head, order):
    result = read(head, *(tuple(row[at] for at in order) for row in numbered(SQUARE)), kind=kind)
    (shape,) = result.frame.geometry
    assert shape.bounds == (632000.25, 2684700.5, 632100.25, 2684800.5)
    assert result.encoding == ("" if kind == "xlsx" else "UTF-8")
    is_turned = order == (0, 2, 1) and "横坐标Y" not in head
    assert ("按数值" in said(result)) == is_turned
    assert result.frame.crs is None


def test_csv_in_gbk(read):
    result = read(("点号", "X", "Y"), *numbered(SQUARE), kind="csv", encoding="gbk")
    assert (result.encoding, result.driver) == ("GB18030", "CSV")


@pytest.mark.parametrize(
    "rows",
    [
        numbered(SQUARE),
        [row[1:] for row in numbered(SQUARE)],
        [(name, 1, x, y) for name, x, y in numbered(SQUARE)],
        [(at, y, x) for at, (x, y) in enumerate(SQUARE, start=1)],
        [(f"{x:,.3f}", f"{y:,.3f}") for x, y in SQUARE],
    ],
)
def test_no_head_at_all(read, rows):
    result = read(*rows)
    assert result.frame.geometry[0].area == pytest.approx(10_000.0)
    assert "没有表头" in said(result)


def test_rings_parcels_and_merged_cells(read):
    rows = [(None, None, *row) for row in numbered(SQUARE, 1) + numbered(HOLE, 2)]
    rows[0] = ("DK01", "甲地", *rows[0][2:])
    more = [("DK02", "乙地", *row) for row in numbered([(x + 500, y) for x, y in SQUARE], 1)]
    result = read(("界址点成果表（1980西安坐标系）",), ("地块编号", "地块名称", "点号", "圈号", "X", "Y"), *rows, *more)
    assert list(result.frame["parcel_no"]) == ["DK01", "DK02"]
    assert list(result.frame["parcel_name"]) == ["甲地", "乙地"]
    assert list(result.frame.area) == pytest.approx([9600.0, 10_000.0])
    assert "合并单元格" in said(result)
    assert result.hint.datum == "1980西安坐标系"


def test_head_of_two_rows(read):
    result = read(("点号", "坐标", None), (None, "X", "Y"), *numbered(SQUARE))
    assert result.frame.geometry[0].area == pytest.approx(10_000.0)


def test_blank_rows_part_parcels_and_remarks_are_passed_over(read):
    rows = [*numbered(SQUARE), (), *numbered(HOLE), ("合计", None, None), ("制表：某某",)]
    result = read(("点号", "X", "Y"), *rows)
    assert list(result.frame.area) == pytest.approx([10_000.0, 400.0])
    assert "第 11、12 行没有坐标" in said(result)


def test_angles_become_decimal_degrees(read):
    rows = [
        ("J1", "109°18′00″", "24°15′36″"),
        ("J2", "109°18′36″", "24-15-36"),
        ("J3", "109度18分36秒", "24°16'12\""),
        ("J4", "E109°18′00.0″", "24°16′12″N"),
    ]
    result = read(("点号", "经度", "纬度"), *rows)
    assert result.frame.geometry[0].bounds == pytest.approx((109.3, 24.26, 109.31, 24.27))
    assert "度分秒" in said(result)


def test_rows_with_names_are_places(read):
    rows = [("甲矿", 109.3012, 24.2612, "采石"), ("乙矿", 109.4012, 24.3612, None), ("丙矿", None, None, "停产")]
    result = read(("名称", "lon", "lat", "备注"), *rows)
    assert list(result.frame.geom_type) == ["Point", "Point"]
    assert list(result.frame["名称"]) == ["甲矿", "乙矿"]
    assert list(result.frame["备注"]) == ["采石", ""]
    assert result.frame.geometry[0].coords[0] == (109.3012, 24.2612)
    assert [name for name, _ in result.set_aside] == ["丙矿"]
    assert "每行作为一个点" in said(result)


def test_numbers_that_do_not_run_on_are_places_and_those_that_do_are_corners(read):
    far = [(4501, 109.3012, 24.2612), (17, 109.4012, 24.3612), (902, 109.5012, 24.4612)]
    assert list(read(("编号", "经度", "纬度"), *far).frame.geom_type) == ["Point"] * 3
    near = [(at, *row[1:]) for at, row in enumerate(far, start=1)]
    assert list(read(("序号", "经度", "纬度"), *near).frame.geom_type) == ["Polygon"]
    assert list(read(("经度", "纬度"), *(row[1:] for row in far[:2])).frame.geom_type) == ["Point"] * 2


def test_unreadable_rows_set_their_parcel_aside(read):
    rows = [("A", *row) for row in numbered(SQUARE)] + [("B", *row) for row in numbered(HOLE)]
    rows[5] = ("B", "J2", "26847四〇.5", 632020.25)
    rows[6] = ("B", "J3", None, 632040.25)
    result = read(("地块编号", "点号", "X", "Y"), *rows)
    assert list(result.frame["parcel_no"]) == ["A"]
    ((label, reason),) = result.set_aside
    assert label == "B"
    assert "第 7、8 行" in reason.zh


def test_formulas_without_results_are_said(read):
    rows = [("A", *row) for row in numbered(SQUARE)] + [("B", *row) for row in numbered(HOLE)]
    rows[5] = ("B", "J2", "=C2+1", 632020.25)
    result = read(("地块编号", "点号", "X", "Y"), *rows)
    assert any("公式" in reason.zh for _, reason in result.set_aside)


def test_other_sheets_are_named_and_can_be_chosen(read):
    sheets = {"说明": [("项目", "甲")], "第二": [("点号", "X", "Y"), *numbered(HOLE)]}
    result = read(("点号", "X", "Y"), *numbered(SQUARE), **sheets)
    assert result.layer == "坐标"
    assert "说明、第二" in said(result)
    result = read(("点号", "X", "Y"), *numbered(SQUARE), layer="第二", **sheets)
    assert result.frame.area[0] == pytest.approx(400.0)
    with pytest.raises(UnusableFileError, match="no sheet “没有”"):
        read(("点号", "X", "Y"), layer="没有")


def test_a_slip_of_a_digit_is_named(read):
    rows = numbered(SQUARE)
    rows[2] = ("J3", 268480.05, 632100.25)
    assert "J3（第 4 行）" in said(read(("点号", "X", "Y"), *rows))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("项目", "投资"), ("甲", 12)], "没有可用的坐标行"),
        ([("点号", "X", "Y")], "没有可用的坐标行"),
        ([("点号", "X", "Y"), ("J1", 1.0, 2.0), ("J2", "x1", 2.0)], "第 3 行读不出坐标"),
        ([("点号", "经度", "纬度"), *[(f"J{at}", 1091800 + at, 241500 + at) for at in range(4)]], "度分秒"),
    ],
)
def test_what_cannot_be_used_is_refused(read, rows, expected):
    with pytest.raises(UnusableFileError) as error:
        read(*rows)
    assert expected in error.value.say("zh")


def archive(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "旧版 .xls 或加密"),
        (b"PK\x03\x04 not a zip", "截断或损坏"),
        (archive({"a.bin": bytes(101 * 1024 * 1024)}), "100 MB"),
        (archive({f"{at}.xml": b"<a/>" for at in range(201)}), "201 个部件"),
        (archive({"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "DOCTYPE"),
        (archive({"xl/a.txt": b""}), "截断或损坏"),
        (b"\xff\xff\xff", "字节无法识别"),
    ],
)
def test_dangerous_and_damaged_files_are_refused(tmp_path, content, expected):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError) as error:
        read_corner_sheet(path)
    assert expected in error.value.say("zh")


def test_a_sheet_that_lies_about_its_size_is_read(tmp_path, read):
    read(("点号", "X", "Y"), *numbered(SQUARE))
    path = tmp_path / "界址点.xlsx"
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet].replace(b'ref="A1:C5"', b'ref="A1:XFD1048576"')
    assert b"XFD1048576" in members[sheet]
    path.write_bytes(archive(members))
    assert len(read_corner_sheet(path).frame) == 1


def test_mutated_workbooks_are_read_or_refused(tmp_path, read):
    read(("地块编号", "点号", "X", "Y"), *(("A", *row) for row in numbered(SQUARE)))
    path = tmp_path / "界址点.xlsx"
    original = path.read_bytes()
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    chance = random.Random(3)  # noqa: S311
    outcomes: list[type] = []
    for turn in range(400):
        if turn % 2:
            content = bytearray(original)
        else:
            name = chance.choice(sorted(members))
            changed = bytearray(members[name])
            at = chance.randrange(len(changed))
            changed[at : at + chance.randint(0, 9)] = chance.choice([b"", b"9" * 9, b"<", b"&lol;", b'r="ZZ99"'])
            content = bytearray(archive({**members, name: bytes(changed)}))
        if turn % 2:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(content))
        try:
            outcomes.append(type(read_corner_sheet(path)))
        except UnusableFileError:
            outcomes.append(UnusableFileError)
    assert len(outcomes) == 400
    assert set(outcomes) == {Reading, UnusableFileError}


@given(st.lists(st.lists(st.one_of(st.text(max_size=6), st.sampled_from(["X", "Y", "2684700.5", "632000", "J1"])))))
def test_any_table_is_read_or_refused(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_bytes("\n".join(",".join(row) for row in rows).encode("utf-8", "ignore"))
    try:
        result = read_corner_sheet(path)
    except UnusableFileError:
        return
    assert len(result.frame)


def test_words_of_heads():
    words = {
        "X": "x",
        "Ｙ坐标": "y",
        "横坐标X": "east",
        "X（纵坐标）": "north",
        "东经(°)": "east",
        "纬度": "north",
        "lng": "east",
        "点号": "corner",
        "拐点编号": "corner",
        "地块圈号": "ring",
        "宗地号": "parcel_no",
        "地块名称": "parcel_name",
        "项目名称": "name",
        "No.": "id",
        "备注": None,
        "边长(m)": None,
    }
    assert {word: role_of(word) for word in words} == words


def test_a_column_that_names_an_old_datum_is_heard(tmp_path):
    path = tmp_path / "a.csv"
    rows = ["点号,X,Y,坐标系", *(f"{n},{x},{y},1980西安坐标系" for n, x, y in numbered(SQUARE))]
    path.write_text("\n".join(rows), "utf-8")
    assert read_corner_sheet(path).hint.datum == "1980西安坐标系"


def test_a_meridian_in_the_title_is_a_zone(tmp_path):
    path = tmp_path / "a.csv"
    rows = [
        "界址点成果表 2000国家大地坐标系 中央子午线：111°",
        "点号,X,Y",
        *(f"J{n},{x},{y}" for n, x, y in numbered(SQUARE)),
    ]
    path.write_text("\n".join(rows), "utf-8")
    hint = read_corner_sheet(path).hint
    assert (hint.zone_width, hint.zone) == (3, 37)


def test_footers_and_sums_are_passed_over_and_told(tmp_path):
    path = tmp_path / "a.csv"
    rows = [
        "点号,X,Y",
        *(f"{n},{x},{y}" for n, x, y in numbered(SQUARE)),
        "合计,20000,30",
        "面积(m2),20000,",
        "制表：张三,,2026-01-15",
    ]
    path.write_text("\n".join(rows), "utf-8")
    reading = read_corner_sheet(path)
    assert len(reading.frame) == 1
    assert reading.set_aside == ()
    assert any("6" in doubt.en and "8" in doubt.en for doubt in reading.doubts)


def test_rows_many_kilometres_apart_are_doubted_as_one_parcel(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("编号,经度,纬度\n1,109.1,24.1\n2,109.4,24.2\n3,109.3,24.35\n", "utf-8")
    assert any("more than 10 km apart" in doubt.en for doubt in read_corner_sheet(path).doubts)
    path.write_text("编号,经度,纬度\n1,109.1,24.1\n2,109.101,24.1\n3,109.1,24.101\n", "utf-8")
    assert not any("more than 10 km apart" in doubt.en for doubt in read_corner_sheet(path).doubts)
