"""Text without a stated encoding, or with a wrong one, comes out right."""

from __future__ import annotations

import struct
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from format_samples import PARCEL, parcels, write_shapefile
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.errors import UnusableFileError
from ecogeo.formats import read_features
from ecogeo.formats.dbf_encoding import Decoding, decode_column, decode_value, judge_encoding, known_encoding
from ecogeo.formats.reading import Reading

PLACES = ["水源河", "洛维垌", "百朋镇", "鹿寨县中渡镇", "生态保护红线"]
common = st.text(
    st.sampled_from("柳江区水源涵养生态保护红线河流域镇村屯山林地项目用地保护区功能一二三四五"), min_size=2
)


def doubts(reading: Reading) -> str:
    return "\n".join(doubt.en for doubt in reading.doubts)


def rewritten_dbf(path: Path, change: dict[bytes, bytes]) -> None:
    """Replace bytes of a table by as many others."""
    table = path.with_suffix(".dbf")
    content = table.read_bytes()
    for before, after in change.items():
        assert before in content
        assert len(before) == len(after)
        content = content.replace(before, after)
    table.write_bytes(content)


def hand_written(folder: Path, texts: list[bytes], *, width: int, name: bytes = b"NAME", language: int = 0) -> Path:
    """Write a shapefile whose table is made byte by byte."""
    frame = gpd.GeoDataFrame({"a": range(len(texts))}, geometry=gpd.GeoSeries([PARCEL] * len(texts), crs="EPSG:4490"))
    path = write_shapefile(folder, "hand", frame=frame)
    rows = b"".join(b" " + text.ljust(width) for text in texts)
    head = struct.pack("<4BIHH17xB2x", 3, 124, 1, 1, len(texts), 65, width + 1, language)
    field = struct.pack("<11sc4xBB14x", name, b"C", width, 0)
    path.with_suffix(".dbf").write_bytes(head + field + b"\r" + rows + b"\x1a")
    return path


@pytest.mark.parametrize(("encoding", "read_as"), [("GBK", "GB18030"), ("UTF-8", "UTF-8")])
def test_names_and_values_without_cpg(tmp_path: Path, encoding: str, read_as: str) -> None:
    reading = read_features(write_shapefile(tmp_path, "地块", encoding=encoding))
    assert list(reading.frame.columns) == ["名称", "BSM", "MJ", "geometry"]
    assert reading.frame["名称"].tolist() == ["水源河红线"]
    assert reading.frame["BSM"].tolist() == ["450221000000000123"]
    assert reading.encoding == read_as
    assert doubts(reading) == f"there is no .cpg; its text was read as {read_as}"


@pytest.mark.parametrize(
    ("encoding", "cpg", "read_as"),
    [
        ("GBK", "UTF-8", "GB18030"),
        ("GBK", "ISO-8859-1", "GB18030"),
        ("UTF-8", "GBK", "UTF-8"),
        ("UTF-8", "1252", "UTF-8"),
    ],
)
def test_wrong_cpg_is_outvoted_and_said(tmp_path: Path, encoding: str, cpg: str, read_as: str) -> None:
    reading = read_features(write_shapefile(tmp_path, "地块", encoding=encoding, cpg=cpg))
    assert reading.frame["名称"].tolist() == ["水源河红线"]
    assert doubts(reading) == f"its .cpg says {cpg}, which its content contradicts; its text was read as {read_as}"


@pytest.mark.parametrize(("encoding", "cpg"), [("GBK", "936"), ("GBK", "GB2312"), ("UTF-8", "utf8")])
def test_right_cpg_raises_no_doubt(tmp_path: Path, encoding: str, cpg: str) -> None:
    reading = read_features(write_shapefile(tmp_path, "地块", encoding=encoding, cpg=cpg))
    assert reading.frame["名称"].tolist() == ["水源河红线"]
    assert reading.doubts == ()


def test_plain_ascii_needs_no_encoding(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": ["x"]}, geometry=gpd.GeoSeries([PARCEL], crs="EPSG:4490"))
    assert read_features(write_shapefile(tmp_path, "plain", frame=frame)).doubts == ()


@pytest.mark.parametrize(("encoding", "text", "cut_text"), [("gbk", "水源河", "水源"), ("utf-8", "水源河", "水源")])
def test_text_cut_in_mid_character_loses_the_half(tmp_path: Path, encoding: str, text: str, cut_text: str) -> None:
    raw = text.encode(encoding)[:-1]
    reading = read_features(hand_written(tmp_path, [raw, "百朋".encode(encoding)], width=len(raw)))
    assert reading.frame["NAME"].tolist() == [cut_text, "百朋"]
    assert "1 texts were cut in mid-character at the field's width; the half was left off (NAME)" in doubts(reading)


def test_half_a_character_short_of_the_width_is_damage_not_a_cut(tmp_path: Path) -> None:
    reading = read_features(hand_written(tmp_path, ["水源".encode("gbk"), "河".encode("gbk") + b"\xb5"], width=20))
    assert reading.frame["NAME"].tolist() == ["水源", "河�"]
    assert "1 texts hold bytes in no known encoding" in doubts(reading)


def test_mixed_rows_are_judged_one_by_one(tmp_path: Path) -> None:
    texts = [place.encode("gbk") for place in PLACES] + ["大桥河".encode()]
    reading = read_features(hand_written(tmp_path, texts, width=30))
    assert reading.frame["NAME"].tolist() == [*PLACES, "大桥河"]
    assert "1 texts are not GB18030 and were judged one by one (NAME)" in doubts(reading)


def test_field_name_cut_at_ten_bytes(tmp_path: Path) -> None:
    name = "a生态保护区".encode("gbk")[:10]
    reading = read_features(hand_written(tmp_path, ["水源河".encode("gbk")], width=10, name=name))
    assert list(reading.frame.columns) == ["a生态保护", "geometry"]
    assert "field names" in doubts(reading)


def test_language_byte_is_only_a_hint(tmp_path: Path) -> None:
    big5 = [text.encode("big5") for text in ("臺北市中正區", "國土規劃", "生態保護")]
    assert read_features(hand_written(tmp_path, big5, width=20, language=0x78)).frame["NAME"][0] == "臺北市中正區"
    gbk = [text.encode("gbk") for text in PLACES]
    reading = read_features(hand_written(tmp_path, gbk, width=20, language=0x57))
    assert reading.frame["NAME"].tolist() == PLACES


def test_accents_are_not_taken_for_chinese() -> None:
    words = ("São Paulo", "Besançon", "Zürich")
    assert judge_encoding([(word.encode(), 0) for word in words]) == "UTF-8"
    assert judge_encoding([(word.encode("cp1252"), 0) for word in words], "CP1252") == "CP1252"


def test_utf8_by_chance_is_seen_through() -> None:
    raw = "水源".encode("gbk")
    assert raw.decode("utf-8") == "ˮԴ", "two common characters of GBK that happen to be UTF-8"
    assert judge_encoding([(raw, 0)]) == "GB18030"


@given(
    st.lists(common, min_size=3, max_size=8), st.sampled_from(["gbk", "utf-8"]), st.sampled_from(["", "CP1252", "BIG5"])
)
def test_any_common_chinese_is_read_back(texts: list[str], encoding: str, stated: str) -> None:
    found = judge_encoding([(text.encode(encoding), 0) for text in texts], stated)
    decoding = Decoding(found)
    assert [decode_value(text.encode(encoding), 0, decoding, "a") for text in texts] == texts
    assert decoding.doubts == ()


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(0, 20))
def test_no_bytes_break_the_judgement(texts: list[bytes], width: int) -> None:
    decoding = Decoding(judge_encoding([(text, width) for text in texts]))
    for text in texts:
        assert isinstance(decode_value(text, width, decoding, "a"), str)


def test_column_counts_rows_not_values() -> None:
    decoding = Decoding("GB18030")
    half = ("水源".encode("gbk") + b"\xba").decode("latin-1")
    column = decode_column(pd.Series([half, half, None, "x"]), 5, decoding, "名称")
    assert column.tolist()[:2] == ["水源", "水源"]
    assert column.isna().tolist() == [False, False, True, False]
    assert decoding.cut == {"名称": 2}


@pytest.mark.parametrize("stated", ["", "OEM", "nonsense", "base64", "999999"])
def test_unknown_code_pages_are_none(stated: str) -> None:
    assert known_encoding(stated) == ""


def test_deleted_rows_are_said(tmp_path: Path) -> None:
    frame = pd.concat([parcels(), parcels()], ignore_index=True)
    path = write_shapefile(tmp_path, "地块", frame=frame)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    head, row = struct.unpack_from("<HH", table, 8)
    table[head + row] = ord("*")
    path.with_suffix(".dbf").write_bytes(table)
    reading = read_features(path)
    assert len(reading.frame) == 1
    assert "1 rows of its .dbf are marked as deleted and were left out" in doubts(reading)


def test_table_of_another_shapefile_is_refused_or_said(tmp_path: Path) -> None:
    two = write_shapefile(tmp_path, "two", frame=pd.concat([parcels(), parcels()], ignore_index=True))
    one = write_shapefile(tmp_path, "one")
    rows_of_two, rows_of_one = two.with_suffix(".dbf").read_bytes(), one.with_suffix(".dbf").read_bytes()
    two.with_suffix(".dbf").write_bytes(rows_of_one)
    with pytest.raises(UnusableFileError, match=r"its \.shx has 2 shapes and its \.dbf only 1 rows"):
        read_features(two)
    one.with_suffix(".dbf").write_bytes(rows_of_two)
    assert "its .shx has 1 shapes and its .dbf 2 rows: they may not belong together" in doubts(read_features(one))


@pytest.mark.parametrize(("suffix", "said"), [(".dbf", "rows"), (".shp", "bytes"), (".shx", "bytes")])
def test_truncated_parts_are_refused(tmp_path: Path, suffix: str, said: str) -> None:
    path = write_shapefile(tmp_path, "地块")
    part = path.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(UnusableFileError, match=rf"its \{suffix} should have \d+ {said} and has \d+: it is truncated"):
        read_features(path)


def test_every_missing_or_broken_part_is_named_at_once(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, "地块")
    for suffix in (".shp", ".dbf"):
        part = path.with_suffix(suffix)
        part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(UnusableFileError) as refused:
        read_features(path)
    assert len(refused.value.problems) == 2
    path.with_suffix(".dbf").unlink()
    path.with_suffix(".shx").unlink()
    with pytest.raises(UnusableFileError, match=r"its companion \.shx, \.dbf is missing"):
        read_features(path)


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8-sig"])
def test_projection_file_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = write_shapefile(tmp_path, "地块")
    prj = path.with_suffix(".prj")
    prj.write_text(prj.read_text().replace("GCS_China_Geodetic_Coordinate_System_2000", "国家2000"), encoding)
    reading = read_features(path)
    assert reading.frame.crs is not None
    assert reading.frame.crs.is_geographic


def test_nonsense_projection_leaves_the_crs_open(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, "地块")
    path.with_suffix(".prj").write_text("国家2000 三度带", "utf-8")
    reading = read_features(path)
    assert reading.frame.crs is None
    assert len(reading.frame) == 1
    assert ".prj could not be understood" in doubts(reading) or "CRS it states could not be" in doubts(reading)


def test_capital_suffixes_and_names_like_patterns(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, "a")
    for suffix in ("shp", "shx", "dbf", "prj"):
        path.with_suffix(f".{suffix}").rename(tmp_path / f"地块[1].{suffix.upper()}")
    assert read_features(tmp_path / "地块[1].SHP").frame["名称"].tolist() == ["水源河红线"]


@pytest.mark.parametrize("stated", ["BIG5", "BIG5HKSCS"])
def test_a_big5_cpg_over_simplified_text_is_outvoted(stated: str) -> None:
    simplified = [(text.encode("gbk"), 0) for text in ("地块名称", "编号", "水源河示例地块")]
    assert judge_encoding(simplified, stated) == "GB18030"
    traditional = [(text.encode("big5"), 0) for text in ("縣市鄉鎮", "土地使用分區", "國有財產署")]
    assert judge_encoding(traditional, stated) == stated
