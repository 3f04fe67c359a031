"""The 勘测定界界址点 text: every dialect read without options, written back to the byte, never a silent loss."""

from __future__ import annotations

import random
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from fuzz_boundary_txt import SAMPLE, run
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.formats.boundary.file import BoundaryFile, Dialect
from ecogeo.formats.boundary.from_frame import boundary_from_frame
from ecogeo.formats.boundary.writing import write_boundary
from ecogeo.formats.boundary_txt import boundary_reading, read_boundary_file, read_boundary_txt

HEAD, POINTS = SAMPLE.split("10,1.9600")
POINTS = "10,1.9600" + POINTS
ATTRIBUTES, OUTER, INNER = POINTS[: POINTS.index("\n") + 1], POINTS[POINTS.index("J1") : POINTS.index("J5")], ""
INNER = POINTS[POINTS.index("J5") :]


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8")


def columns(text: str, cells: list[int]) -> str:
    """Keep some cells of every line of a point, in another order."""
    lines = [line.split(",") for line in text.splitlines()]
    return "".join(",".join(line[cell] for cell in cells) + "\n" for line in lines)


def full_width(text: str) -> str:
    return text.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789.,[]"})


def in_degrees(text: str, *, lon_first: bool = False) -> str:
    to_lonlat = pyproj.Transformer.from_crs(4524, 4490, always_xy=True)
    lines = []
    for name, ring, north, east in (line.split(",") for line in text.splitlines()):
        lon, lat = to_lonlat.transform(float(east), float(north))
        pair = [f"{lon:.9f}", f"{lat:.9f}"] if lon_first else [f"{lat:.9f}", f"{lon:.9f}"]
        lines.append(",".join([name, ring, *pair]) + "\n")
    return "".join(lines)


NINE = ATTRIBUTES.replace(",@", "图斑,@")
TWELVE = ATTRIBUTES.replace(",@", "0601,旱地,5,,@")
THIRTEEN = ATTRIBUTES.replace(",@", "0601,旱地,5,6,备注,@")
WITH_VILLAGE = "10,1.9600,450206,某村,DK01,示例地块,面,,公用设施用地,,@\n"

# Dialects that are regular in themselves: what is read is written back to the byte.
REGULAR = {
    "standard, CRLF": crlf(SAMPLE),
    "LF": SAMPLE.encode(),
    "CR": SAMPLE.replace("\n", "\r").encode(),
    "GBK": SAMPLE.encode("gbk"),
    "UTF-8 with BOM": SAMPLE.encode("utf-8-sig"),
    "UTF-16 LE with BOM": b"\xff\xfe" + SAMPLE.encode("utf-16-le"),
    "UTF-16 BE with BOM": b"\xfe\xff" + SAMPLE.encode("utf-16-be"),
    "UTF-16 LE without BOM": SAMPLE.encode("utf-16-le"),
    "no line end at the end": SAMPLE.rstrip("\n").encode(),
    "brackets 【】": crlf(SAMPLE.replace("[", "【").replace("]", "】")),
    "full-width brackets and commas": crlf(HEAD.replace("[", "［").replace("]", "］") + POINTS.replace(",", "，")),
    "9 attributes": crlf(HEAD + NINE + OUTER + INNER),
    "12 attributes": crlf(HEAD + TWELVE + OUTER + INNER),
    "13 attributes": crlf(HEAD + THIRTEEN + OUTER + INNER),
    "county and village in front of the number": crlf(HEAD + WITH_VILLAGE + OUTER + INNER),
    "no end mark": crlf(HEAD + ATTRIBUTES.replace(",@", "") + OUTER + INNER),
    "end mark glued": crlf(HEAD + ATTRIBUTES.replace(",,@", ",0601@") + OUTER + INNER),
    "no zone in Y": crlf(SAMPLE.replace(",366", ",6")),
    "header zone empty": crlf(SAMPLE.replace("带号=36", "带号=")),
    "header zone missing": crlf(SAMPLE.replace("带号=36\n", "")),
    "X and Y exchanged": crlf(HEAD + ATTRIBUTES + columns(OUTER + INNER, [0, 1, 3, 2])),
    "closing point absent": crlf(
        HEAD + ATTRIBUTES + "".join(line + "\n" for line in [*OUTER.split("\n")[:4], *INNER.split("\n")[:4]])
    ),
    "closing point renamed": crlf(
        HEAD
        + ATTRIBUTES
        + OUTER.replace("J4", "J4x").replace("J1,1,2684701.721,36632017.749\nJ2", "J0,1,2684701.721,36632017.749\nJ2")
        + INNER.replace("J8", "J8x").replace("J5,2,2684740.000,36632100.000\nJ6", "J4,2,2684740.000,36632100.000\nJ6")
    ),
    "numbers restart": crlf(
        HEAD
        + ATTRIBUTES
        + OUTER
        + "".join(f"J{at},{line[3:]}\n" for at, line in zip("12341", INNER.splitlines(), strict=True))
    ),
    "numbers without letter": crlf(SAMPLE.replace("J", "")),
    "no 圈号": crlf(HEAD + ATTRIBUTES + columns(OUTER + INNER, [0, 2, 3])),
    "one 圈号 for both rings": crlf(HEAD + ATTRIBUTES + OUTER + INNER.replace(",2,", ",1,")),
    "coordinates only": crlf(OUTER + INNER),
    "coordinates only, no 圈号": crlf(columns(OUTER + INNER, [0, 2, 3])),
    "coordinates only, X,Y": crlf(columns(OUTER + INNER, [2, 3])),
    "tabs between the cells of points": crlf(HEAD + ATTRIBUTES + (OUTER + INNER).replace(",", "\t")),
    "blanks between the cells of points": crlf(HEAD + ATTRIBUTES + (OUTER + INNER).replace(",", " ")),
    "tabs throughout": crlf(HEAD + POINTS.replace(",", "\t")),
    "further section": crlf("[扩展信息]\n项目名称=示例,1\n@备注\n" + SAMPLE),
    "no head": crlf("[地块坐标]\n" + POINTS),
    "section name of the parcels missing": crlf(SAMPLE.replace("[地块坐标]\n", "")),
    "heights": crlf(HEAD + ATTRIBUTES + (OUTER + INNER).replace("\n", ",95.20\n")),
    "degrees": crlf(HEAD + ATTRIBUTES + in_degrees(OUTER + INNER)),
    "degrees, longitude first": crlf(HEAD + ATTRIBUTES + in_degrees(OUTER + INNER, lon_first=True)),
}

# Dialects that are not: writing makes them regular once, and leaves them so.
SLOPPY = {
    "blank lines": crlf(SAMPLE.replace("\n", "\n\n")),
    "blanks around cells": crlf(HEAD + ATTRIBUTES + (OUTER + INNER).replace(",", " , ").replace("\n", "　\n")),
    "full-width digits and dots": crlf(HEAD + ATTRIBUTES + full_width(OUTER + INNER)),
    "units behind coordinates": crlf(HEAD + ATTRIBUTES + (OUTER + INNER).replace("\n", "米\n")),
    "remark among the points": crlf(SAMPLE.replace("J5,2", "以下内圈\nJ5,2", 1)),
    "one ring closed, one not": crlf(HEAD + ATTRIBUTES + OUTER + "".join(INNER.splitlines(keepends=True)[:4])),
    "mixed line ends": SAMPLE.replace("\n", "\r\n", 5).encode(),
    "keys with colons": crlf(SAMPLE.replace("=", "：")),
    "end of file mark": crlf(SAMPLE) + b"\x1a",
}


def reading(content: bytes):
    return boundary_reading(read_boundary_file(content, "a.txt"), "a.txt", "a")


def area_m2(frame: gpd.GeoDataFrame) -> float:
    shapes = frame.geometry.to_numpy()
    x = float(shapely.get_coordinates(shapes)[0, 0])
    crs = pyproj.CRS.from_epsg(4490 if x < 360 else 4524 if x > 1e7 else 4545)
    return float(geodesy.area_m2(geodesy.to_lonlat(shapes, crs)).sum())


@pytest.mark.parametrize("dialect", [*REGULAR, *SLOPPY])
def test_every_dialect_gives_the_same_parcel(dialect):
    result = reading((REGULAR | SLOPPY)[dialect])
    (shape,) = result.frame.geometry
    assert shape.is_valid
    assert len(shape.interiors) == 1
    assert area_m2(result.frame) == pytest.approx(19591.555, abs=0.01)
    assert not result.set_aside
    if dialect in ("degrees", "degrees, longitude first"):
        return
    assert shape.area == pytest.approx(19600.0, abs=1e-6)
    east = shape.exterior.coords[0][0]
    assert east == (632017.749 if dialect == "no zone in Y" else 36632017.749)
    if "coordinates only" not in dialect:
        row = result.frame.iloc[0]
        assert (row["parcel_no"], row["parcel_name"], row["shape"]) == ("DK01", "示例地块", "面")
        assert (row["purpose"], row["stated_area_ha"], row["stated_points"]) == ("公用设施用地", 1.96, 10)
        assert result.stated_area_ha == 1.96


@pytest.mark.parametrize("dialect", REGULAR)
def test_regular_dialects_come_back_to_the_byte(dialect):
    assert write_boundary(read_boundary_file(REGULAR[dialect], "a.txt")) == REGULAR[dialect]


@pytest.mark.parametrize("dialect", SLOPPY)
def test_sloppy_dialects_become_regular_once(dialect):
    file = read_boundary_file(SLOPPY[dialect], "a.txt")
    once = write_boundary(file)
    again = read_boundary_file(once, "a.txt")
    assert write_boundary(again) == once
    assert again.head == file.head
    assert [parcel.fields for parcel in again.parcels] == [parcel.fields for parcel in file.parcels]


def test_the_sample_has_the_area_of_the_specification(tmp_path):
    path = tmp_path / "sample.txt"
    path.write_bytes(REGULAR["GBK"])
    result = read_boundary_txt(path)
    assert result.frame.area.sum() == pytest.approx(19600.0, abs=1e-6)
    assert round(area_m2(result.frame), 2) == 19591.55
    assert (result.hint.datum, result.hint.zone_width, result.hint.zone) == ("2000国家大地坐标系", 3, 36)
    assert (result.driver, result.layer, result.encoding) == ("勘测定界 TXT", "sample", "GB18030")
    assert result.doubts == ()
    assert result.frame.crs is None


def test_what_is_inferred_is_said():
    def said(name: str) -> str:
        return "".join(doubt.zh for doubt in reading(REGULAR[name]).doubts)

    assert "颠倒" in said("X and Y exchanged")
    assert "经纬度" in said("degrees")
    assert "没有地块属性行" in said("coordinates only, X,Y")
    assert "圈号相同" in said("one 圈号 for both rings")
    assert "其他列" in said("heights")
    assert "第 19 行" in "".join(doubt.zh for doubt in reading(SLOPPY["remark among the points"]).doubts)


def test_head_that_contradicts_the_coordinates_is_a_doubt():
    result = reading(crlf(SAMPLE.replace("带号=36", "带号=37")))
    assert result.hint.zone == 37
    assert any("37" in doubt.zh and "36" in doubt.zh for doubt in result.doubts)
    result = reading(crlf(SAMPLE.replace("带号=36", "带号=108")))
    assert result.hint.zone is None
    assert any("108" in doubt.zh for doubt in result.doubts)
    result = reading(crlf(SAMPLE.replace("带号=36", "带号=19").replace(",366", ",6")))
    assert any("6 度带" in doubt.zh for doubt in result.doubts)


def test_datum_is_found_without_a_key():
    assert reading(crlf("界址点坐标（1980西安坐标系）\n" + OUTER)).hint.datum == "1980西安坐标系"


SQUARE = "J1,{ring},{n0},{e0}\nJ2,{ring},{n0},{e1}\nJ3,{ring},{n1},{e1}\nJ4,{ring},{n1},{e0}\n"


def square(ring: int, low: int, size: int) -> str:
    return SQUARE.format(ring=ring, n0=2684000 + low, n1=2684000 + low + size, e0=632000 + low, e1=632000 + low + size)


def test_ring_2_is_a_part_where_it_lies_outside():
    shape = reading(crlf(ATTRIBUTES + square(1, 0, 10) + square(2, 20, 10))).frame.geometry[0]
    assert (shape.geom_type, shape.area) == ("MultiPolygon", 200.0)


def test_a_ring_inside_a_hole_is_a_part_again_in_whatever_order():
    rings = {1: square(1, 0, 100), 2: square(2, 10, 80), 3: square(3, 20, 10), 4: square(4, 200, 10)}
    for order in ((1, 2, 3, 4), (3, 4, 2, 1), (2, 1, 4, 3)):
        shape = reading(crlf(ATTRIBUTES + "".join(rings[ring] for ring in order))).frame.geometry[0]
        assert shape.is_valid
        assert shape.area == 100**2 - 80**2 + 10**2 + 10**2


def test_a_hole_that_touches_its_shell_is_a_hole_and_a_neighbour_in_a_notch_is_a_part():
    touching = "J1,2,2684000,632002\nJ2,2,2684005,632002\nJ3,2,2684005,632008\n"
    shape = reading(crlf(ATTRIBUTES + square(1, 0, 10) + touching)).frame.geometry[0]
    assert shape.geom_type == "Polygon"
    assert shape.area == 100 - 15
    u_shape = [(0, 0), (0, 9), (3, 9), (3, 3), (6, 3), (6, 9), (9, 9), (9, 0)]
    text = "".join(f"J{at},1,{2684000 + n},{632000 + e}\n" for at, (e, n) in enumerate(u_shape))
    filling = "J1,2,2684003,632003\nJ2,2,2684009,632003\nJ3,2,2684009,632006\nJ4,2,2684003,632006\n"
    shape = reading(crlf(ATTRIBUTES + text + filling)).frame.geometry[0]
    assert (shape.geom_type, shape.area) == ("MultiPolygon", 63.0 + 18.0)


def test_crossing_rings_and_crossing_edges_stay_as_drawn():
    result = reading(crlf(ATTRIBUTES + square(1, 0, 10) + square(2, 5, 10)))
    assert any("交叉" in doubt.zh for doubt in result.doubts)
    bow_tie = "J1,1,2684000,632000\nJ2,1,2684010,632010\nJ3,1,2684000,632010\nJ4,1,2684010,632000\n"
    shape = reading(crlf(ATTRIBUTES + bow_tie)).frame.geometry[0]
    assert not shape.is_valid
    assert len(shape.exterior.coords) == 5


def test_points_and_lines_and_several_parcels():
    text = (
        "1,0,A1,井,点,,,,@\nJ1,1,2684000,632000\n"
        "3,0,A2,渠,线,,,,@\nJ1,1,2684000,632000\nJ2,1,2684003,632004\nJ3,1,2684003,632010\n"
        "4,0.01,A3,块,面,,,,@\n" + square(1, 0, 10)
    )
    frame = reading(crlf(text)).frame
    assert list(frame["shape"]) == ["点", "线", "面"]
    assert list(frame.geom_type) == ["Point", "LineString", "Polygon"]
    assert list(frame.length.round(6)) == [0.0, 11.0, 40.0]
    assert list(frame["parcel_no"]) == ["A1", "A2", "A3"]


def test_unreliable_counts_are_doubts_and_counts_without_closing_points_are_not():
    assert not reading(crlf(SAMPLE.replace("10,1.96", "8,1.96"))).doubts
    (doubt,) = reading(crlf(SAMPLE.replace("10,1.96", "9,1.96"))).doubts
    assert "界址点数 9" in doubt.zh


def test_area_in_another_unit_is_converted_and_said():
    for written in ("19600.0", "29.4", "19600平方米", "29.4亩"):
        result = reading(crlf(SAMPLE.replace("1.9600", written)))
        assert result.stated_area_ha == pytest.approx(1.96)
        assert bool(result.doubts) == written.replace(".", "").isdecimal()


def test_a_point_off_by_a_factor_of_ten_is_named_and_left():
    result = reading(crlf(SAMPLE.replace("J3,1,2684801.721", "J3,1,268480.1721")))
    assert any("J3（第 16 行）" in doubt.zh for doubt in result.doubts)
    assert result.frame.geometry[0].bounds[1] == 268480.1721


def test_closing_point_that_misses_the_first_is_a_doubt():
    broken = OUTER.splitlines()
    broken[-1] = "J1,1,2684701.743,36632017.782"
    result = reading(crlf(HEAD + ATTRIBUTES + "\n".join(broken) + "\n"))
    assert any("相差 0.040" in doubt.zh for doubt in result.doubts)
    assert len(result.frame.geometry[0].exterior.coords) == 6


def test_a_parcel_that_cannot_be_built_is_set_aside_and_the_rest_goes_on():
    second = "4,0.01,DK02,坏,面,,,,@\n" + square(1, 300, 10).replace("632310", "63x310", 1).replace("6320", "366320")
    third = "2,0.01,DK03,短,面,,,,@\nJ1,1,2684000,36632000\nJ2,1,2684001,36632000\n"
    file = crlf(SAMPLE + second + third + "0,0,DK04,空,面,,,,@\n")
    result = reading(file)
    assert list(result.frame["parcel_name"]) == ["示例地块"]
    assert [name for name, _ in result.set_aside] == ["坏", "短", "空"]
    assert "第 26 行读不出坐标" in result.set_aside[0][1].zh
    assert "只有 2 个不同的点" in result.set_aside[1][1].zh
    assert write_boundary(read_boundary_file(file, "a.txt")) == file


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "没有界址点坐标"),
        (b"hello, world\n1,2\n", "没有界址点坐标"),
        ("序号,名称\n1,甲县\n".encode(), "没有界址点坐标"),
        (b"\xff\xff\xfe\x80", "字节无法识别"),
        (b"PK\x03\x04\0\0\0\0\x01", "零字节"),
        (crlf(ATTRIBUTES + "J1,1,1091800.00,241536.00\nJ2,1,1091810,241536\nJ3,1,1091810,241546\n"), "度分秒"),
        (crlf(SAMPLE + SAMPLE.replace("带号=36", "带号=37")), "“带号”出现 2 个不同的值"),
        (crlf(ATTRIBUTES + "J1,1,2684000,632000\nJ2,1,2684001,632000\nJ3,1,268x,632001\n"), "第 4 行读不出坐标"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_error(content, expected):
    with pytest.raises(UnusableFileError) as error:
        reading(content)
    assert expected in error.value.say("zh")
    assert "a.txt" in error.value.say("zh")


def test_all_parcels_that_fail_are_named_at_once():
    text = "".join(f"3,1,P{at},地块{at},面,,,,@\nJ1,1,2684000,63200x\n" for at in range(60))
    text += "J1,1,2684000,632000\n"
    with pytest.raises(UnusableFileError) as error:
        reading(crlf(text))
    assert len(error.value.problems) == 51
    assert "共 60 处" in error.value.say("zh")


def test_transformation_parameters_are_kept_and_never_shown():
    parameters = "-12.345,67.89,0.123,1.11,2.22,3.33,0.000045"
    for text in (
        SAMPLE.replace("转换参数=,,,,,,", f"转换参数={parameters}"),
        f"[保密]\n{parameters}\n" + SAMPLE,
        SAMPLE + f"转换参数={parameters}\n",
        SAMPLE.replace("[属性描述]\n", "").replace("转换参数=,,,,,,", f"转换参数：{parameters}"),
    ):
        file = read_boundary_file(crlf(text), "a.txt")
        result = reading(crlf(text))
        shown = repr(file) + repr(result) + "".join(doubt.zh + doubt.en for doubt in result.doubts)
        assert "12.345" not in shown
        assert "0.000045" not in shown
        assert parameters in write_boundary(file).decode()
        assert len(result.frame) == 1


def test_a_file_joined_from_two_says_so_and_keeps_both():
    result = reading(crlf(SAMPLE + SAMPLE.replace("DK01", "DK02")))
    assert list(result.frame["parcel_no"]) == ["DK01", "DK02"]
    assert any("再次出现" in doubt.zh for doubt in result.doubts)


# --- writing in another dialect -------------------------------------------------------------------------------------

DIALECTS = st.builds(
    Dialect,
    encoding=st.sampled_from(["UTF-8", "GB18030", "UTF-16LE", "UTF-16BE"]),
    has_bom=st.just(True),
    newline=st.sampled_from(["\r\n", "\n", "\r"]),
    ends_with_newline=st.booleans(),
    brackets=st.sampled_from(["[]", "【】", "［］"]),
    separator=st.sampled_from([",", "，", "\t", ";"]),
    point_separator=st.sampled_from([",", "，", "\t", " ", ";"]),
    attribute_count=st.integers(8, 14),
    trailing_mark=st.sampled_from(["own cell", "glued", "absent"]),
    has_ring_column=st.just(True),
    closing=st.sampled_from(["first name", "new name", "absent"]),
    numbering=st.sampled_from(["running", "per ring", "other"]),
    decimals=st.integers(3, 6),
    is_east_first=st.booleans(),
    zone_prefix=st.sampled_from([None, 36]),
)
WORDS = st.text("一二三地块AbZ09-（）", min_size=1, max_size=8)


@st.composite
def parcels(draw) -> list[shapely.Geometry]:
    """Draw 面 with holes and parts, 线 and 点 in zone 36, each in a cell of its own, on whole millimetres."""
    shapes = []
    for cell in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["面", "多部分", "线", "点"]))
        corner = np.array([36600000.0 + 500 * cell, 2600000.0])

        def place(limit: float = 90.0) -> np.ndarray:
            return np.array([draw(st.integers(1, int(limit * 1000))), draw(st.integers(1, int(limit * 1000)))]) / 1000

        if kind == "点":
            shapes.append(shapely.Point(corner + place()))
        elif kind == "线":
            shapes.append(shapely.LineString([corner + place(), corner + np.array([100, 0]), corner + 100 + place()]))
        else:
            outer = shapely.box(*corner, *(corner + 100 + place()))
            hole = shapely.box(*(corner + 1), *(corner + 2 + place()))
            parts = [outer.difference(hole)]
            if kind == "多部分":
                parts.append(shapely.box(*(corner + 250), *(corner + 251 + place())))
                parts.append(shapely.box(*(corner + 1.25), *(corner + 1.75)))
            shapes.append(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))
    return shapes


def same_ground(first: shapely.Geometry, second: shapely.Geometry) -> bool:
    return shapely.normalize(shapely.set_precision(first, 0)).equals_exact(shapely.normalize(second), 1e-9)


@settings(max_examples=150, deadline=None)
@given(shapes=parcels(), dialect=DIALECTS, names=st.lists(WORDS, min_size=3, max_size=3))
def test_random_parcels_come_out_of_random_dialects(shapes, dialect, names):
    frame = gpd.GeoDataFrame(
        {
            "parcel_no": [f"P{at}" for at in range(len(shapes))],
            "parcel_name": names[: len(shapes)],
            "stated_area_ha": [1.5] * len(shapes),
            "land_class": ["0601"] * len(shapes),
        },
        geometry=shapes,
    )
    file = boundary_from_frame(frame, [("坐标系", "2000国家大地坐标系"), ("带号", "36")])
    content = write_boundary(file, dialect)
    back = read_boundary_file(content, "a.txt")
    result = boundary_reading(back, "a.txt", "a")
    assert write_boundary(back) == content
    assert not result.set_aside
    assert list(result.frame["parcel_name"]) == names[: len(shapes)]
    assert list(result.frame["land_class"]) == ["0601"] * len(shapes)
    assert back.head == file.head
    for drawn, came in zip(shapes, result.frame.geometry, strict=True):
        moved = came if dialect.zone_prefix else shapely.transform(came, lambda xy: xy + np.array([36e6, 0]))
        assert same_ground(drawn, moved), (drawn.wkt, moved.wkt)


def test_dialects_recognise_what_they_were_told():
    file = read_boundary_file(crlf(SAMPLE), "a.txt")
    wanted = Dialect(
        encoding="GB18030",
        newline="\n",
        brackets="【】",
        separator="，",
        point_separator="\t",
        attribute_count=12,
        closing="absent",
        numbering="per ring",
        is_east_first=True,
        decimals=4,
    )
    assert read_boundary_file(write_boundary(file, wanted), "a.txt").dialect == wanted


def test_columns_left_out_come_back_numbered():
    file = read_boundary_file(crlf(SAMPLE), "a.txt")
    bare = read_boundary_file(
        write_boundary(file, replace(file.dialect, has_name_column=False, has_ring_column=False)), "a.txt"
    )
    assert not bare.dialect.has_name_column
    full = read_boundary_file(write_boundary(bare, file.dialect), "a.txt")
    assert full.parcels == file.parcels


def test_what_a_dialect_cannot_hold_is_refused_all_at_once():
    file = read_boundary_file(crlf(SAMPLE + "1,0,DK02,a，b,面,,,,@\n" + square(1, 0, 10)), "a.txt")
    with pytest.raises(UsageError) as error:
        write_boundary(file, replace(file.dialect, separator="，", has_ring_column=False, closing="absent"))
    assert "a，b" in error.value.say("zh")
    assert "2 圈" in error.value.say("zh")
    with pytest.raises(UsageError, match="not of zone 37"):
        write_boundary(read_boundary_file(crlf(SAMPLE), "a.txt"), Dialect(zone_prefix=37))
    with pytest.raises(UsageError, match="has no sign"):
        write_boundary(file, replace(file.dialect, encoding="GBK", brackets="⟦⟧"))


def test_sites_are_exported_with_their_ellipsoidal_area():
    square_1km = shapely.box(632017.749, 2684701.721, 633017.749, 2685701.721)
    frame = gpd.GeoDataFrame({"parcel_no": ["S1"], "extra": ["a,b"]}, geometry=[square_1km], crs="EPSG:4545")
    file = boundary_from_frame(frame, [("带号", "36")])
    assert file.parcels[0].fields == ("5", "99.9567", "S1", "", "面", "", "", "", "a", "b")
    assert [corner.name for corner in file.parcels[0].corners] == ["J1", "J2", "J3", "J4", "J1"]
    with pytest.raises(UsageError, match="without a CRS"):
        boundary_from_frame(frame.set_crs(None, allow_override=True), [])
    with pytest.raises(UsageError, match="feature 1 is empty"):
        boundary_from_frame(frame.set_geometry([shapely.Polygon()]), [])


# --- robustness -----------------------------------------------------------------------------------------------------


def test_5000_mutations_are_read_or_refused():
    counts = run(5_000, seed=1)  # more of them is `fuzz_boundary_txt.py`'s own business
    assert counts.read + counts.refused == 5_000
    assert counts.read > 250
    assert counts.refused > 250


def test_many_rings_do_not_hang():
    nested = "".join(square(ring, ring, 4000 - 2 * ring) for ring in range(1, 1001))
    shape = reading(crlf(ATTRIBUTES + nested)).frame.geometry[0]
    assert len(shape.geoms) == 500
    same_place = "J1,1,2684000,632000\nJ2,1,2684001,632000\n" + "J1,1,2684000,632000\n" * 20_000
    with pytest.raises(UnusableFileError):
        reading(crlf(ATTRIBUTES + same_place))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    try:
        result = reading(content)
    except UnusableFileError:
        return
    assert len(result.frame)


def test_random_lines_never_break_the_way_back():
    chance = random.Random(5)  # noqa: S311
    pieces = [*SAMPLE.splitlines(), "", "J9,1,2684701,36632017", "J9 1 2684701 36632017", "@", "1,2,点,,@", "[x]", "面"]
    for _ in range(300):
        text = "\n".join(chance.choices(pieces, k=chance.randint(1, 25)))
        file: BoundaryFile = read_boundary_file(text.encode(), "a.txt")
        once = write_boundary(file)
        assert write_boundary(read_boundary_file(once, "a.txt")) == once, text
