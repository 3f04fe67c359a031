"""The same parcel in every format, whatever the file is called."""

from __future__ import annotations

import json
import sqlite3
import struct
import tempfile
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from format_samples import (
    PARCEL,
    RING,
    copy_of,
    dxf_pairs,
    dxf_text,
    kml_text,
    mixed,
    parcels,
    polyline,
    topology_text,
    vertices_of,
    write_every_format,
)

from ecogeo import geodesy
from ecogeo.errors import UnusableFileError
from ecogeo.formats import read_features
from ecogeo.formats.reading import Reading

AREA_M2 = float(geodesy.area_m2(np.array([PARCEL], dtype=object))[0])
SQUARE = [(620_000.0, 2_680_000.0), (620_100.0, 2_680_000.0), (620_100.0, 2_680_100.0), (620_000.0, 2_680_100.0)]


def area_m2(reading: Reading) -> float:
    crs = reading.frame.crs if reading.frame.crs is not None else "EPSG:4490"
    shapes = np.asarray(reading.frame.geometry.array, dtype=object)
    return float(geodesy.area_m2(geodesy.to_lonlat(shapes, gpd.GeoSeries([], crs=crs).crs)).sum())


def doubts(reading: Reading) -> str:
    return "\n".join(doubt.en for doubt in reading.doubts)


def drawing(tmp_path: Path, *entities: str, head: str = "", encoding: str = "utf-8") -> Path:
    path = tmp_path / "a.dxf"
    path.write_bytes(dxf_text(*entities, head=head).encode(encoding))
    return path


@pytest.mark.parametrize(
    "kind", ["shp", "zip", "gpkg", "parquet", "fgb", "gdb", "gdb_zip", "geojson", "array", "topojson", "kml", "kmz"]
)
def test_same_parcel_same_area(tmp_path: Path, kind: str) -> None:
    reading = read_features(write_every_format(tmp_path, parcels())[kind])
    assert len(reading.frame) == 1
    assert area_m2(reading) == pytest.approx(AREA_M2, abs=0.01)
    assert list(reading.frame.index) == [0]
    assert "水源河红线" in reading.frame.iloc[0].tolist()
    assert reading.driver
    assert reading.layer


def test_same_parcel_in_a_drawing(tmp_path: Path) -> None:
    path = drawing(tmp_path, polyline(vertices_of(PARCEL)[:-1], layer="红线", is_closed=True))
    assert area_m2(read_features(path)) == pytest.approx(AREA_M2, abs=0.01)


def test_features_with_holes_parts_and_gaps(tmp_path: Path) -> None:
    frame = mixed()
    whole = float(geodesy.area_m2(np.asarray(frame.geometry.array, dtype=object)).sum())
    paths = write_every_format(tmp_path, frame)
    for kind in ("shp", "zip", "gpkg", "parquet", "gdb", "geojson", "array"):
        reading = read_features(paths[kind])
        assert area_m2(reading) == pytest.approx(whole, abs=0.01), kind
        assert len(reading.frame) == 4, kind
        assert reading.frame.geometry.isna().tolist() == [False, False, False, True], kind
        assert reading.frame["名称"].isna().tolist() == [False, True, False, False], kind
        assert reading.frame["面积"][2] == 3.25, kind
        assert reading.set_aside == (), kind


@pytest.mark.parametrize(
    ("kind", "called", "said"),
    [
        ("kml", "a.geojson", "its name ends in .geojson, its content is KML: read as KML"),
        ("geojson", "a.txt", "its content is GeoJSON"),
        ("gpkg", "a.dat", "its content is GeoPackage"),
        ("zip", "a.shp", "its content is ZIP"),
        ("dxf", "a", "its name ends in nothing, its content is DXF"),
        ("parquet", "a.csv", "its content is GeoParquet"),
    ],
)
def test_content_decides_and_the_name_is_doubted(tmp_path: Path, kind: str, called: str, said: str) -> None:
    (tmp_path / "out").mkdir()
    path = copy_of(write_every_format(tmp_path, parcels())[kind], tmp_path / "out" / called)
    assert said in doubts(read_features(path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Rar!\x1a\x07\0", "RAR archive: unpack it first"),
        (b"7z\xbc\xaf\x27\x1c", "7z archive"),
        (b"AC1027\0\0", "DWG drawing: save it as DXF"),
        (b"AutoCAD Binary DXF\r\n\x1a\0", "binary DXF"),
        (b"\xd0\xcf\x11\xe0", "old Office file"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "image"),
        (b"<OGRVRTDataSource></OGRVRTDataSource>", "<OGRVRTDataSource>"),
        (b'<?xml version="1.0"?><!-- x --><gml:FeatureCollection/>', "<FeatureCollection>"),
        (b'{"type": "gdal_streamed_alg"}', "neither GeoJSON nor TopoJSON (type = gdal_streamed_alg)"),
        (b'{"a": {"type": "Feature"}}', "neither GeoJSON nor TopoJSON"),
        (b"hello", "its content is not known"),
    ],
)
def test_other_kinds_are_refused_by_name(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError) as refused:
        read_features(path)
    assert said in refused.value.say("en")
    assert refused.value.say("zh") != refused.value.say("en")


def test_missing_empty_and_odd_files(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as refused:
        read_features(tmp_path / "none.vrt")
    assert len(refused.value.problems) == 2
    (tmp_path / "empty.kml").touch()
    with pytest.raises(UnusableFileError, match="the file is empty"):
        read_features(tmp_path / "empty.kml")
    with pytest.raises(UnusableFileError, match="no file geodatabase"):
        read_features(tmp_path)
    (tmp_path / "a.gdb").mkdir()
    with pytest.raises(UnusableFileError, match="no file geodatabase"):
        read_features(tmp_path / "a.gdb")


def test_shapefile_is_chosen_by_its_shp(tmp_path: Path) -> None:
    path = write_every_format(tmp_path, parcels())["shp"]
    with pytest.raises(UnusableFileError, match=r"choose its \.shp"):
        read_features(path.with_suffix(".shx"))
    with pytest.raises(UnusableFileError, match=r"choose the \.shp"):
        read_features(path.with_suffix(".dbf"))


@pytest.mark.parametrize("kind", ["gpkg", "gdb"])
def test_the_only_filled_layer_is_taken(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    driver = {"gpkg": "GPKG", "gdb": "OpenFileGDB"}[kind]
    for name, frame in (("空", parcels().iloc[:0]), ("红线", parcels())):
        pyogrio.write_dataframe(
            frame, path, layer=name, driver=driver, geometry_type="MultiPolygon", promote_to_multi=True
        )
    reading = read_features(path)
    assert (reading.layer, len(reading.frame)) == ("红线", 1)
    assert "layers without any feature: 空" in doubts(reading)
    assert "it holds no feature" in doubts(read_features(path, "空"))
    pyogrio.write_dataframe(parcels(), path, layer="农田", driver=driver, promote_to_multi=True)
    with pytest.raises(UnusableFileError, match="it holds 2 layers"):
        read_features(path)
    assert read_features(path, "农田").layer == "农田"


def test_long_whole_numbers_with_gaps_stay_exact(tmp_path: Path) -> None:
    long = 450221000000000123
    frame = parcels().drop(columns="BSM").loc[[0, 0]].reset_index(drop=True)
    frame["BSM"] = pd.array([long, None], dtype="Int64")
    frame["n"] = pd.array([1, None], dtype="Int64")
    frame.to_file(tmp_path / "a.gpkg")
    frame.to_parquet(tmp_path / "a.parquet")
    for name in ("a.gpkg", "a.parquet"):
        read = read_features(tmp_path / name).frame
        assert read["BSM"][0] == long
        assert read["BSM"].isna().tolist() == [False, True]
        assert read["n"].dtype == np.float64


def test_geojson_crs_is_honoured_and_a_false_default_is_not(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [[*SQUARE, SQUARE[0]]]},
    }
    collection = {"type": "FeatureCollection", "features": [feature]}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection))
    reading = read_features(path)
    assert reading.frame.crs is None
    assert "coordinates are no degrees" in doubts(reading)
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4545"}}
    path.write_text(json.dumps({"features": [feature], "crs": crs, "type": "FeatureCollection"}))
    assert read_features(path).frame.crs.to_epsg() == 4545


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
@pytest.mark.parametrize("is_array", [False, True])
def test_geojson_in_any_encoding(tmp_path: Path, encoding: str, is_array: bool) -> None:
    collection = json.loads(parcels("EPSG:4326").to_json(ensure_ascii=False))
    path = tmp_path / "a.json"
    path.write_text(json.dumps(collection["features"] if is_array else collection, ensure_ascii=False), encoding)
    reading = read_features(path)
    assert reading.frame["名称"].tolist() == ["水源河红线"]
    assert ("read as GB18030" in doubts(reading)) == (encoding == "gbk")


@pytest.mark.parametrize("level", ["geometry", "feature"])
def test_geojson_of_one_feature_or_shape(tmp_path: Path, level: str) -> None:
    feature = json.loads(parcels("EPSG:4326").to_json())["features"][0]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(feature["geometry"] if level == "geometry" else feature))
    assert area_m2(read_features(path)) == pytest.approx(AREA_M2, abs=0.01)


def test_geojson_numbers_nested_values_and_strangers(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [109.2, 24.2]}
    features = [
        {"type": "Feature", "id": 7, "properties": {"list": ["甲", 1]}, "geometry": point},
        {"type": "feature", "id": 8, "properties": {}, "geometry": point},
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    reading = read_features(path)
    assert reading.frame["id"].tolist() == [7]
    assert reading.frame["list"].tolist() == ['["甲", 1]']
    assert [(number, reason.en) for number, reason in reading.set_aside] == [("2", "it is no Feature and was not read")]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated_text_is_refused(tmp_path: Path, share: float) -> None:
    paths = write_every_format(tmp_path, pd.concat([parcels()] * 5, ignore_index=True))
    for kind in ("geojson", "array", "topojson", "kml", "gpx", "dxf", "fgb", "parquet", "zip", "kmz"):
        content = paths[kind].read_bytes()
        paths[kind].write_bytes(content[: int(len(content) * share)])
        with pytest.raises(UnusableFileError) as refused:
            read_features(paths[kind])
        assert str(tmp_path) not in refused.value.say("en"), kind
        assert tempfile.gettempdir() not in refused.value.say("zh"), kind


def test_topojson_with_two_objects_wants_a_name(tmp_path: Path) -> None:
    topology = json.loads(topology_text())
    topology["objects"]["另一"] = topology["objects"]["地块"]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(topology))
    with pytest.raises(UnusableFileError, match="it holds 2 layers"):
        read_features(path)
    assert read_features(path, "另一").frame.crs.to_epsg() == 4326


def test_kml_folders_fields_and_what_is_left_out(tmp_path: Path) -> None:
    extra = (
        "<Placemark><name>点</name><Point><coordinates>109.2, 24.2</coordinates></Point></Placemark>"
        "<Placemark><name>坏</name><Point><coordinates>109.2,north</coordinates></Point></Placemark>"
        "<Placemark><name>开口</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        "109.2,24.2 109.3,24.2 109.3,24.3</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        "<Placemark><name>两段</name><MultiGeometry><MultiGeometry><Point><coordinates>109,24</coordinates></Point>"
        "</MultiGeometry><Point><coordinates>110,24</coordinates></Point></MultiGeometry></Placemark>"
        '<gx:Track xmlns:gx="x"/><NetworkLink><Link><href>http://127.0.0.1/a.kml</href></Link></NetworkLink>'
    )
    path = tmp_path / "a.kml"
    path.write_text(kml_text("名<![CDATA[<b>]]>", extra), "utf-8")
    reading = read_features(path)
    assert reading.frame["name"].tolist() == ["名<b>", "点", "坏", "开口", "两段"]
    assert reading.frame["description"][0] == "说明 <b>"
    assert reading.frame["BSM"][0] == "450221000000000123"
    assert set(reading.frame["folder"]) == {"红线"}
    assert reading.frame.geometry.isna().tolist() == [False, False, True, False, False]
    assert reading.frame.geometry[4].geom_type == "MultiPoint"
    assert [name for name, _ in reading.set_aside] == ["坏"]
    assert "1 network links (nothing is fetched) were not read" in doubts(reading)
    assert "1 rings were not closed and have been closed" in doubts(reading)
    assert len(read_features(path, "红线").frame) == 5
    with pytest.raises(UnusableFileError, match="no folder “农田”, only 红线"):
        read_features(path, "农田")


@pytest.mark.parametrize("declared", ["GB2312", "UTF-8"])
def test_kml_in_gbk(tmp_path: Path, declared: str) -> None:
    path = tmp_path / "a.kml"
    path.write_bytes(kml_text().replace("UTF-8", declared).encode("gbk"))
    reading = read_features(path)
    assert reading.frame["name"].tolist() == ["水源河红线"]
    assert "its text was read as GB18030" in doubts(reading)


def test_gpx_takes_the_tracks_and_names_what_it_left(tmp_path: Path) -> None:
    fix = '<{0} lat="24.2" lon="109.2"><name>点</name></{0}>'
    track = "<trk><name>线</name><trkseg>" + fix.format("trkpt") * 2 + "</trkseg></trk>"
    path = tmp_path / "a.gpx"
    path.write_text(f"<gpx>{track}</gpx>", "utf-8")
    assert read_features(path).frame.geometry.geom_type.tolist() == ["LineString"]
    path.write_text(f"<gpx>{fix.format('wpt')}{track}</gpx>", "utf-8")
    both = read_features(path)
    assert both.frame.geometry.geom_type.tolist() == ["LineString"]
    assert any("waypoints were not" in doubt.en for doubt in both.doubts)
    assert read_features(path, "waypoints").frame["name"].tolist() == ["点"]
    path.write_text('<gpx><wpt lat="x" lon="109"/></gpx>', "utf-8")
    assert [number for number, _ in read_features(path).set_aside] == ["1"]


def test_drawing_closed_open_and_nearly_closed_lines(tmp_path: Path) -> None:
    nearly = [*SQUARE, (620_000.0, 2_680_000.5)]
    inner = [
        (x + 10, y + 10) for x, y in [(620_000.0, 2_680_000.0), (620_010.0, 2_680_000.0), (620_010.0, 2_680_010.0)]
    ]
    path = drawing(
        tmp_path,
        polyline(SQUARE, layer="闭合", is_closed=True),
        polyline([*SQUARE, SQUARE[0]], layer="首尾重合", is_closed=False),
        polyline(SQUARE, layer="开口", is_closed=False),
        polyline(nearly, layer="将近", is_closed=False),
        polyline(inner, layer="内部", is_closed=True),
    )
    reading = read_features(path)
    kinds = dict(zip(reading.frame["Layer"], reading.frame.geometry.geom_type, strict=True))
    assert kinds == {
        "闭合": "Polygon",
        "首尾重合": "Polygon",
        "开口": "LineString",
        "将近": "LineString",
        "内部": "Polygon",
    }
    assert reading.frame.geometry.area.tolist()[:2] == [10_000.0, 10_000.0]
    assert "1 lines end within 1 % of their length from where they begin" in doubts(reading)
    assert "closed shapes lie inside another" in doubts(reading)
    assert reading.frame.crs is None
    assert read_features(path, "开口").frame["Layer"].tolist() == ["开口"]
    with pytest.raises(UnusableFileError, match="there is no layer “无”"):
        read_features(path, "无")


def test_drawing_arcs_are_stroked_finely_and_said(tmp_path: Path) -> None:
    circle = dxf_pairs((0, "CIRCLE"), (8, "圆"), (10, 0.0), (20, 0.0), (40, 100.0))
    half_discs = polyline([(0.0, 0.0), (200.0, 0.0)], layer="弧", is_closed=True, bulge=1.0)
    reading = read_features(drawing(tmp_path, circle, half_discs))
    assert reading.frame.geometry.area.tolist() == pytest.approx([np.pi * 1e4] * 2, rel=2e-5)
    assert "it holds arcs, stroked into pieces of 0.5°" in doubts(reading)


@pytest.mark.parametrize(
    ("code_page", "encoding"), [("ANSI_936", "gbk"), ("ANSI_1252", "gbk"), ("", "gbk"), ("", "utf-8")]
)
def test_drawing_text_in_any_encoding(tmp_path: Path, code_page: str, encoding: str) -> None:
    pairs = ((0, "SECTION"), (2, "HEADER"), (9, "$DWGCODEPAGE"), (3, code_page), (0, "ENDSEC"))
    note = dxf_pairs((0, "TEXT"), (8, "注记"), (10, 1.0), (20, 1.0), (40, 2.5), (1, "水源河地块"))
    path = drawing(tmp_path, note, head=dxf_pairs(*pairs) if code_page else "", encoding=encoding)
    reading = read_features(path)
    assert reading.frame[["Layer", "Text"]].iloc[0].tolist() == ["注记", "水源河地块"]
    assert "it holds no closed polyline" in doubts(reading)


def test_drawing_blocks_are_taken_apart(tmp_path: Path) -> None:
    unit = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    block = dxf_pairs((0, "BLOCK"), (8, "0"), (2, "BOX"), (10, 0), (20, 0)) + polyline(unit, layer="0", is_closed=True)
    head = dxf_pairs((0, "SECTION"), (2, "HEADER"), (0, "ENDSEC"), (0, "SECTION"), (2, "BLOCKS"))
    head += block + dxf_pairs((0, "ENDBLK"), (0, "ENDSEC"))
    insert = dxf_pairs((0, "INSERT"), (8, "界址"), (2, "BOX"), (10, 5.0), (20, 5.0), (41, 10.0), (42, 10.0))
    reading = read_features(drawing(tmp_path, insert, head=head))
    assert reading.frame.geometry.iloc[0].equals(shapely.box(5, 5, 15, 15))


def test_drawing_with_a_fault_names_its_line(tmp_path: Path) -> None:
    path = drawing(tmp_path, polyline(SQUARE, layer="a", is_closed=True))
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:30]))
    with pytest.raises(UnusableFileError, match=r"it is wrong near line \d\d and may be truncated"):
        read_features(path)
    path.write_bytes(path.read_bytes() + b"\0\0")
    with pytest.raises(UnusableFileError, match="binary content inside a text DXF"):
        read_features(path)


def geopackage_with(folder: Path, blob: bytes) -> Path:
    """Write a GeoPackage and put a well-known binary into its only feature."""
    path = folder / "a.gpkg"
    pyogrio.write_dataframe(parcels(), path, layer="a", geometry_type="Unknown", SPATIAL_INDEX="NO")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE a SET geom = ?", (b"GP\0\1" + struct.pack("<i", 4490) + blob,))
    database.close()
    return path


def points(*xy: tuple[float, float]) -> bytes:
    return struct.pack("<I", len(xy)) + b"".join(struct.pack("<dd", *pair) for pair in xy)


def test_curves_are_stroked_and_said(tmp_path: Path) -> None:
    arc = struct.pack("<BI", 1, 8) + points((0, 0), (1, 1), (2, 0), (1, -1), (0, 0))
    reading = read_features(geopackage_with(tmp_path, struct.pack("<BII", 1, 10, 1) + arc))
    assert shapely.area(reading.frame.geometry[0]) == pytest.approx(np.pi, rel=2e-5)
    assert "it holds arcs" in doubts(reading)


def test_rings_that_cannot_be_built_are_set_aside_with_the_reason(tmp_path: Path) -> None:
    ring = points((0, 0), (1, 0), (1, 1), (0, 1))
    blob = struct.pack("<BII", 1, 3, 1) + ring
    reading = read_features(geopackage_with(tmp_path, blob))
    assert reading.frame.geometry.isna().tolist() == [True]
    assert [(number, reason.en) for number, reason in reading.set_aside] == [
        ("1", "no geometry can be built of it (Points of LinearRing do not form a closed linestring)")
    ]
    frame = parcels()
    frame.to_parquet(tmp_path / "a.parquet", compression=None)
    content = (tmp_path / "a.parquet").read_bytes()
    assert shapely.to_wkb(PARCEL) in content
    spoilt = shapely.to_wkb(PARCEL)[:-8] + struct.pack("<d", 50.0)
    (tmp_path / "a.parquet").write_bytes(content.replace(shapely.to_wkb(PARCEL), spoilt))
    assert [number for number, _ in read_features(tmp_path / "a.parquet").set_aside] == ["1"]


def test_settings_of_gdal_are_put_back(tmp_path: Path) -> None:
    before = {name: pyogrio.get_gdal_config_option(name) for name in ("OGR_ARC_STEPSIZE", "DXF_ENCODING")}
    read_features(drawing(tmp_path, polyline(SQUARE, layer="a", is_closed=True)))
    assert {name: pyogrio.get_gdal_config_option(name) for name in before} == before


def test_reading_writes_nothing_beside_the_file(tmp_path: Path) -> None:
    paths = write_every_format(tmp_path, parcels())
    before = {child: child.stat().st_mtime_ns for child in tmp_path.rglob("*") if child.is_file()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in paths.values():
            read_features(path, "tracks" if path.suffix == ".gpx" else "")
    assert {child: child.stat().st_mtime_ns for child in tmp_path.rglob("*") if child.is_file()} == before


def test_no_geometry_is_repaired(tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(109, 24), (109.01, 24.01), (109.01, 24), (109, 24.01)])
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=gpd.GeoSeries([bow_tie, RING], crs="EPSG:4490"))
    frame.to_file(tmp_path / "a.gpkg")
    assert read_features(tmp_path / "a.gpkg").frame.geometry.is_valid.tolist() == [False, True]
