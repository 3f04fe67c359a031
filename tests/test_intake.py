"""Uploads: read in a process apart under names of our own, within limits, and nothing of them stays behind."""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from format_samples import (
    PARCEL,
    dxf_text,
    kml_text,
    parcels,
    polyline,
    write_every_format,
    write_shapefile,
    zip_of,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.inspection import inspect_file
from ecogeo.intake import MOST_PARTS, Part, Reader, Wanted, shown_name, typed_part
from ecogeo.intake.folder import PREFIX, OwnFolder, sweep
from ecogeo.intake.parts import OWN_STEM, lay_down
from ecogeo.intake.passing import packed, unpacked
from ecogeo.intake.reader import DRIVERS, _environment
from ecogeo.layer import digest

COUNTY = (109.0, 24.0, 109.6, 24.6)
WANTED = Wanted(county=COUNTY)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def reader(home: Path) -> Iterator[Reader]:
    opened = Reader(hands=1, home=home)
    yield opened
    opened.close()
    assert list(home.iterdir()) == []


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_every_format(tmp_path_factory.mktemp("samples"), parcels())


def part_of(path: Path) -> Part:
    return Part(path.name, path.read_bytes())


def refusal(reader: Reader, *parts: Part, wanted: Wanted = WANTED) -> str:
    with pytest.raises(EcogeoError) as refused:
        reader.read(parts, wanted)
    return refused.value.say("en")


KINDS = ("gpkg", "fgb", "geojson", "parquet", "zip", "gdb_zip", "kml", "gpx", "array", "topojson", "kmz")


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_is_read_as_on_the_command_line(reader: Reader, samples: dict[str, Path], kind: str) -> None:
    path = samples[kind]
    got = reader.read([part_of(path)], WANTED)
    here = inspect_file(path, county=COUNTY, is_whole=True)
    assert got.sha256 == digest(path)
    assert got.inspection.file == path.name
    assert np.array_equal(got.inspection.area_m2, here.area_m2)
    assert np.array_equal(got.inspection.planar_area_m2, here.planar_area_m2)
    assert shapely.equals_exact(got.inspection.sound.geometries, here.sound.geometries).all()
    assert got.inspection.fields == here.fields
    assert got.inspection.reading.driver == here.reading.driver
    assert got.inspection.reading.layer == here.reading.layer or kind == "gdb_zip"
    assert got.inspection.placement.crs == here.placement.crs
    assert got.inspection.set_aside == here.set_aside
    assert [doubt.zh for doubt in got.inspection.doubts] == [doubt.zh for doubt in here.doubts]


SHEET = "点号,X,Y\nJ1,2678000.5,36630000\nJ2,2679000,36630000\nJ3,2679000,36631000\n"
TRIANGLE_M2 = 999.5 * 1000 / 2


def workbook_of(text: str) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for number, line in enumerate(text.splitlines()):
        cells = line.split(",")
        sheet.append(cells if number == 0 else [cells[0], *map(float, cells[1:])])
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "dxf"])
def test_corners_and_drawings_are_read(reader: Reader, kind: str) -> None:
    corners = [(630_000.0, 2_678_000.5), (630_000.0, 2_679_000.0), (631_000.0, 2_679_000.0)]
    drawing = dxf_text(polyline(corners, layer="红线", is_closed=True))
    content = {"csv": SHEET.encode("gbk"), "xlsx": workbook_of(SHEET), "dxf": drawing.encode()}[kind]
    inspection = reader.read([Part(f"界址点.{kind}", content)], WANTED).inspection
    assert inspection.features == 1
    assert float(inspection.planar_area_m2.sum()) == pytest.approx(TRIANGLE_M2, abs=1e-3)
    assert inspection.placement.source == "inferred"


@pytest.mark.parametrize(
    "statement",
    ["CREATE VIEW v AS SELECT 1", "CREATE VIRTUAL TABLE t USING fts5(a)"],
)
def test_a_geopackage_that_could_run_something_is_refused(
    reader: Reader, samples: dict[str, Path], tmp_path: Path, statement: str
) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(samples["gpkg"].read_bytes())
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(statement)
        database.commit()
    assert "views, virtual tables or computed columns" in refusal(reader, part_of(path))


HEADS = [
    b"",
    b"PK\x03\x04",
    b"SQLite format 3\0",
    b"\x00\x00\x27\x0a",
    b"<kml>",
    b'{"type":"Feature"',
    b"PAR1",
    b"fgb\x03fgb\x00",
]


@given(
    st.sampled_from(HEADS), st.binary(max_size=300), st.sampled_from(["zip", "shp", "kml", "json", "txt", "csv", "fgb"])
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(reader: Reader, head: bytes, tail: bytes, suffix: str) -> None:
    try:
        found = reader.read([Part(f"a.{suffix}", head + tail)], WANTED).inspection.file
    except EcogeoError as error:
        found = error.say("en")
    assert found.startswith("a.")


def test_the_loose_parts_of_a_gbk_shapefile_are_one_file(reader: Reader, tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, "地块", frame=parcels().to_crs("EPSG:4545"))
    parts = [
        Part(f"C:\\fakepath\\地块{suffix}", path.with_suffix(suffix).read_bytes())
        for suffix in (".dbf", ".shx", ".shp")
    ]
    got = reader.read([*parts, Part("地块.sbn", b"x")], WANTED)
    assert got.inspection.file == "地块.shp"
    assert got.inspection.reading.frame["名称"].tolist() == ["水源河红线"]
    assert got.inspection.placement.source == "inferred"
    assert got.inspection.placement.crs.to_epsg() == 4545
    assert float(got.inspection.area_m2.sum()) == pytest.approx(float(geodesy.area_m2(np.array([PARCEL]))[0]), rel=1e-8)
    assert [doubt.en for doubt in got.doubts] == ["sent with it and not read: 地块.sbn"]


def test_another_crs_can_be_told(reader: Reader, samples: dict[str, Path]) -> None:
    got = reader.read([part_of(samples["geojson"])], Wanted(assume="EPSG:4490", county=COUNTY))
    assert got.inspection.placement.source == "assumed"
    assert "does not know" in refusal(reader, part_of(samples["geojson"]), wanted=Wanted(assume="nonsense"))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "no file was received"),
        (["a.shp", "b.shp"], "have one .shp; there are 2"),
        (["a.dbf", "a.shx"], "have one .shp; there are 0"),
        (["a.shp", "b.dbf"], "another name: b.dbf"),
        (["a.shp", "a.dbf", "A.DBF"], "more than one of a kind: .dbf"),
        (["a.kml", "b.kml"], "one dataset at a time; 2 files came (a.kml, b.kml)"),
        (["a.shp", "a.txt"], "one dataset at a time"),
        ([f"{number}.kml" for number in range(MOST_PARTS + 1)], "at most 20 files, not 21"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(tmp_path: Path, names: list[str], said: str) -> None:
    with pytest.raises(UnusableFileError) as refused:
        lay_down([Part(name, b"x") for name in names], tmp_path)
    assert said in refused.value.say("en")
    assert list(tmp_path.iterdir()) == []


def test_too_much_is_refused_before_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as refused:
        lay_down([Part("a.kml", bytes(51 << 20))], tmp_path)
    assert refused.value.say("en") == "a.kml: 51 MB in all, at most 50 MB"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.kml", "C:\\windows\\con.kml", "a\0b.kml", "/vsicurl/http:__x.kml", "x" * 500 + ".kml", ""],
)
def test_no_name_of_a_user_reaches_the_disk(tmp_path: Path, name: str) -> None:
    laid = lay_down([Part(name, kml_text().encode())], tmp_path)
    assert [path.stem for path in tmp_path.iterdir()] == [OWN_STEM]
    assert laid.path.parent == tmp_path
    assert not set(laid.shown) & set("/\\\0")


@given(st.text(max_size=300))
def test_any_name_can_be_shown(name: str) -> None:
    shown = shown_name(name)
    assert 0 < len(shown) <= 101
    assert shown_name(shown) == shown
    assert not set(shown) & {"/", "\\", "\0", "\n", "\u202e", "\u200b"}


# What would fetch or run something --------------------------------------------------------------------------------

VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{}/a.json</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
)
GML = (
    '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="x" xsi:schemaLocation="{0}/a.xsd '
    '{0}/a.xsd"><gml:featureMember xlink:href="{0}/a.gml"/></gml:FeatureCollection>'
)
GDALG = '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline read {}/a.json"}}'
ENTITY = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "{}/x">]><kml>&x;</kml>'


@pytest.mark.parametrize(
    "template", [VRT, GML, GDALG, ENTITY, "<OGRWFSDataSource><URL>{}/wfs</URL></OGRWFSDataSource>"]
)
@pytest.mark.parametrize("suffix", ["kml", "geojson", "gml", "vrt", "zip", ""])
def test_what_points_elsewhere_calls_nobody(
    reader: Reader, calls: tuple[str, list[str]], template: str, suffix: str
) -> None:
    address, asked = calls
    said = refusal(reader, Part(f"a.{suffix}", template.format(address).encode()))
    assert "not one of the supported formats" in said or "DOCTYPE" in said
    assert asked == []


def test_what_points_elsewhere_inside_an_archive_calls_nobody(reader: Reader, calls: tuple[str, list[str]]) -> None:
    address, asked = calls
    for name in ("a.kml", "a.vrt", "a.geojson", "a.gml"):
        assert refusal(reader, Part("a.zip", zip_of({name: VRT.format(address).encode()})))
    link = kml_text(extra=f"<NetworkLink><Link><href>{address}/a.kml</href></Link></NetworkLink>")
    assert reader.read([Part("a.kml", link.encode())], WANTED).inspection.features == 1
    assert asked == []


def test_a_bomb_is_refused_before_it_is_unpacked(reader: Reader) -> None:
    assert "bombs" in refusal(reader, Part("a.zip", zip_of({"a.kml": bytes(60 << 20)})))


def test_only_the_drivers_that_are_asked_for_are_on(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    assert {"OGR_VRT", "GML", "WFS", "HTTP", "SQLite", "GDALG", "OAPIF"} <= set(environment["OGR_SKIP"].split(","))
    ask = "import pyogrio; print(sorted(pyogrio.list_drivers()))"
    said = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(sorted(set(DRIVERS) & set(pyogrio.list_drivers())))


def given_up(tmp_path: Path, deed: str) -> str:
    """Do something in a process that gave everything up; return how it ended."""
    script = (
        "import socket, subprocess, os, sys\nfrom pathlib import Path\nfrom ecogeo.intake.worker import _give_up\n"
        f"_give_up(Path(sys.argv[1]))\ntry:\n    {deed}\nexcept BaseException as error:\n"
        "    print(type(error).__name__)\nelse:\n    print('done')\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env={**_environment(tmp_path), "ECOGEO_TEST": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.strip()


@pytest.mark.parametrize(
    ("deed", "ended"),
    [
        ("socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
        ("subprocess.run(['true'])", "PermissionError"),
        ("os.system('true')", "PermissionError"),
        ("open(sys.argv[1] + '/../outside', 'w')", "PermissionError"),
        ("os.open(sys.argv[1] + '/../outside', os.O_CREAT | os.O_WRONLY)", "PermissionError"),
        ("open(sys.argv[1] + '/inside', 'w').write('x')", "done"),
        ("bytearray(4 << 30)", "done" if sys.platform in {"win32", "darwin"} else "MemoryError"),
    ],
)
def test_the_reading_process_gave_up_what_it_does_not_need(tmp_path: Path, deed: str, ended: str) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    assert given_up(folder, deed) == ended
    assert not (tmp_path / "outside").exists()


# Time, crashes and traces -----------------------------------------------------------------------------------------


def slow_file() -> Part:
    """Return a ring that crosses itself so often that nobody can make it valid in a second."""
    turns = np.arange(6001) * math.pi * (math.sqrt(5) - 1)
    ring = np.column_stack([109.3 + 0.1 * np.cos(turns), 24.3 + 0.1 * np.sin(turns)])
    ring[-1] = ring[0]
    shape = {"type": "Polygon", "coordinates": [ring.tolist()]}
    return Part("慢.geojson", json.dumps(shape).encode())


def test_a_file_that_lasts_is_stopped_and_the_next_one_is_read(tmp_path: Path, samples: dict[str, Path]) -> None:
    reader = Reader(hands=1, seconds=1.0, home=tmp_path)
    try:
        assert "was not read within 1 s" in refusal(reader, slow_file())
        assert [path.name for path in reader.folder.path.iterdir()] == ["in-use"]
        assert reader.read([part_of(samples["kml"])], WANTED).inspection.features == 1
        assert [path.name for path in reader.folder.path.iterdir()] == ["in-use"]
    finally:
        reader.close()
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_dies_is_started_again(tmp_path: Path, samples: dict[str, Path]) -> None:
    reader = Reader(hands=1, home=tmp_path)
    try:
        reader.warm_up()
        (hand,) = reader._hands
        assert hand._process is not None
        hand._process.kill()
        hand._process.wait()
        assert reader.read([part_of(samples["kml"])], WANTED).inspection.features == 1
    finally:
        reader.close()


def test_what_a_crashed_program_left_is_removed_and_what_a_living_one_holds_is_not(tmp_path: Path) -> None:
    crash = (
        "import os, sys\nfrom pathlib import Path\nfrom ecogeo.intake.folder import OwnFolder\n"
        "own = OwnFolder(Path(sys.argv[1]))\n(own.new() / 'left').write_text('x')\nprint(own.path.name)\n"
        "sys.stdout.flush()\nos._exit(1)\n"
    )
    died = subprocess.run([sys.executable, "-c", crash, str(tmp_path)], capture_output=True, text=True, check=False)
    left = died.stdout.strip()
    assert left.startswith(PREFIX)
    assert [path.name for path in tmp_path.iterdir()] == [left]
    alive = OwnFolder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [alive.path.name]
    assert sweep(tmp_path) == ()
    assert alive.path.is_dir()
    assert os.name == "nt" or alive.path.stat().st_mode & 0o077 == 0
    alive.close()
    assert list(tmp_path.iterdir()) == []


def test_too_many_features_are_refused(reader: Reader) -> None:
    lonlat = [[109.3 + number * 1e-5, 24.3] for number in range(5001)]
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": at}} for at in lonlat
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    assert "5001 features, at most 5000" in refusal(reader, Part("多.geojson", content))


def test_what_is_refused_bears_the_users_own_name(reader: Reader) -> None:
    said = refusal(reader, Part("我的地块.zip", zip_of({"里面.kml": b"<kml>"})))
    assert "我的地块.zip" in said
    assert OWN_STEM not in said


# Between the processes --------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
@settings(max_examples=40)
def test_nonsense_from_a_reader_is_one_error(message: bytes) -> None:
    with pytest.raises(EcogeoError):
        unpacked(message)


def test_half_a_message_is_one_error(samples: dict[str, Path]) -> None:
    message = packed(inspect_file(samples["gpkg"], county=COUNTY, is_whole=True))
    assert unpacked(message).features == 1
    for cut in (1, len(message) // 2, len(message) - 1):
        with pytest.raises(EcogeoError):
            unpacked(message[:cut])


# Corners by hand --------------------------------------------------------------------------------------------------


def shape_of(part: Part) -> shapely.Geometry:
    (feature,) = json.loads(part.content)["features"]
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def test_typed_corners_become_an_area_with_its_holes() -> None:
    outer = "J1, 109.30, 24.20\nJ2, 109.34, 24.20\nJ3, 109.34, 24.24\nJ4, 109.30, 24.24\nJ1, 109.30, 24.20"
    hole = "109.31 24.21\n109.32 24.21\n109.32 24.22\n109.31 24.22"
    island = "109.313 24.213\n109.317 24.213\n109.315 24.217"
    shape = shape_of(typed_part(f"{outer}\n\n{hole}\n\n{island}\n", "polygon", name="地"))
    assert shapely.get_num_geometries(shape) == 2
    assert shapely.area(shape) == pytest.approx(0.04 * 0.04 - 0.01 * 0.01 + 0.004 * 0.004 / 2)


@pytest.mark.parametrize(
    ("text", "is_stated"),
    [
        ("109.3,24.2\n109.31,24.2\n109.31,24.21", True),
        ("24.2,109.3\n24.2,109.31\n24.21,109.31", False),
        ("2678000.5 36630000\n2679000 36630000\n2679000 36631000", False),
        ("109°18′00″，24°12′00″\n109-18-36，24-12-00\n109°18′36″，24°12′36″", True),
    ],
)
def test_typed_corners_land_in_the_county(reader: Reader, text: str, is_stated: bool) -> None:
    inspection = reader.read([typed_part(text, "polygon", name="地")], WANTED).inspection
    assert (inspection.placement.source == "stated") is is_stated
    west, south, east, north = shapely.total_bounds(inspection.sound.geometries)
    assert COUNTY[0] < west < east < COUNTY[2]
    assert COUNTY[1] < south < north < COUNTY[3]


@pytest.mark.parametrize(
    ("text", "shape", "said"),
    [
        ("", "polygon", "no coordinates"),
        ("109.3,24.2\n109.31,24.2", "polygon", "at least 3"),
        ("109.3,24.2", "line", "at least 2"),
        ("109.3,24.2\nabc\n1,2,3,4", "points", "line 2 holds no two coordinates: abc"),
        ("0,0\n1,1\n1,0\n0,1\n\n5,5\n6,5\n6,6", "polygon", "crosses itself"),
        ("0,0\n2,0\n2,2\n0,2\n\n1,1\n3,1\n3,3\n1,3", "polygon", "rings 1 and 2 cross"),
    ],
)
def test_corners_that_make_no_shape_are_refused(text: str, shape: str, said: str) -> None:
    with pytest.raises(UnusableFileError) as refused:
        typed_part(text, shape, name="地")  # type: ignore[arg-type]
    assert said in refused.value.say("en")


@given(st.text(alphabet="0123456789., -\n\t°′″EN;；abc|", max_size=200), st.sampled_from(["polygon", "line", "points"]))
def test_any_text_is_a_shape_or_refused(text: str, shape: str) -> None:
    part = None
    with contextlib.suppress(UnusableFileError):
        part = typed_part(text, shape, name="地")  # type: ignore[arg-type]
    assert part is None or not shapely.is_empty(shape_of(part))
