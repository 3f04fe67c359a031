"""Files made to do harm: archives that lie, documents that would fetch or run something."""

from __future__ import annotations

import io
import sqlite3
import struct
import time
import zipfile
from pathlib import Path

import pyogrio
import pytest
from format_samples import (
    copy_of,
    dxf_pairs,
    dxf_text,
    gpx_text,
    kml_text,
    parcels,
    polyline,
    write_every_format,
    write_shapefile,
    zip_of,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.formats import archive, read_features
from ecogeo.formats.dxf_blocks import count_expanded
from ecogeo.formats.reading import Reading


def refusal(path: Path, content: bytes | str) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UnusableFileError) as refused:
        read_features(path)
    return refused.value.say("en")


VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{}/a.json</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
)
WFS = "<OGRWFSDataSource><URL>{}/wfs</URL></OGRWFSDataSource>"
GML = (
    '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="x" '
    'xsi:schemaLocation="{0}/a.xsd {0}/a.xsd">'
    '<gml:featureMember xlink:href="{0}/a.gml"/></gml:FeatureCollection>'
)
GDALG = '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline read {}/a.json"}}'


@pytest.mark.parametrize("suffix", ["kml", "geojson", "gml", "vrt", "dxf", "gpx", "json"])
@pytest.mark.parametrize("template", [VRT, WFS, GML, GDALG])
def test_documents_that_point_elsewhere_call_nobody(
    tmp_path: Path, calls: tuple[str, list[str]], template: str, suffix: str
) -> None:
    address, asked = calls
    assert "not one of the supported formats" in refusal(tmp_path / f"a.{suffix}", template.format(address))
    assert asked == []


def test_kml_that_points_elsewhere_is_read_without_a_call(tmp_path: Path, calls: tuple[str, list[str]]) -> None:
    address, asked = calls
    link = f"<NetworkLink><Link><href>{address}/a.kml</href></Link></NetworkLink><GroundOverlay/>"
    path = tmp_path / "a.kml"
    path.write_text(kml_text(extra=link), "utf-8")
    assert len(read_features(path).frame) == 1
    assert asked == []


def test_drawing_whose_comment_is_a_command_is_only_a_drawing(tmp_path: Path, calls: tuple[str, list[str]]) -> None:
    address, asked = calls
    secret = tmp_path / "secret.gpkg"
    parcels().to_file(secret)
    corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
    for target in (VRT.replace("{}/a.json", str(secret)), VRT.format(address), WFS.format(address)):
        path = tmp_path / "a.dxf"
        path.write_text(f"999\n{target}\n" + dxf_text(polyline(corners, layer="a", is_closed=True)))
        reading = read_features(path)
        assert (reading.driver, reading.frame["Layer"].tolist()) == ("DXF", ["a"])
    assert asked == []


def test_flatgeobuf_whose_head_is_a_command_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.gpkg"
    parcels().to_file(secret)
    command = VRT.replace("{}/a.json", str(secret)).encode()
    assert "not one of the supported formats" in refusal(tmp_path / "a.fgb", b"fgb\x03fgb\x01" + command)


@pytest.mark.parametrize("text", [kml_text(), gpx_text()])
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE a [<!ENTITY x "aaaa"><!ENTITY y "&x;&x;&x;&x;">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
    ],
)
def test_doctype_is_refused_unread(tmp_path: Path, text: str, doctype: str) -> None:
    head, _, body = text.partition("?>")
    for before in ("", "<!-- x -->", " " * 4000):
        assert "DOCTYPE" in refusal(tmp_path / "a.kml", f"{head}?>{before}{doctype}{body}")


def test_deeply_nested_xml_is_refused(tmp_path: Path) -> None:
    deep = "<MultiGeometry>" * 100_000 + "</MultiGeometry>" * 100_000
    assert "nested deeper" in refusal(tmp_path / "a.kml", kml_text(extra=f"<Placemark>{deep}</Placemark>"))


@pytest.mark.parametrize(
    "content",
    [
        '{"type":"FeatureCollection","features":' + "[" * 200_000,
        '{"type":"FeatureCollection","features":[{"a":' + "[1," * 200_000,
        '{"a' + '\\"' * 200_000,
        "<?xml" * 200_000,
        "<" * 500_000,
        "999\n" * 200_000,
        kml_text().replace("<coordinates>", "<coordinates>" + " " * 1_000_000).replace("109.2,", "109.2 ; "),
    ],
)
def test_text_made_to_be_slow_is_refused_at_once(tmp_path: Path, content: str) -> None:
    started = time.monotonic()
    refusal(tmp_path / "a.json", content) if "kml" not in content else read_with(tmp_path / "a.kml", content)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("rows", [0, 100_000])
def test_blocks_that_multiply_are_refused_at_once(tmp_path: Path, rows: int) -> None:
    head = dxf_pairs((0, "SECTION"), (2, "HEADER"), (0, "ENDSEC"), (0, "SECTION"), (2, "BLOCKS"))
    inside = dxf_pairs((0, "LINE"), (8, "0"), (10, 0), (20, 0), (11, 1), (21, 1))
    for level in range(10):
        head += dxf_pairs((0, "BLOCK"), (8, "0"), (2, f"B{level}")) + inside + dxf_pairs((0, "ENDBLK"))
        one = ((0, "INSERT"), (8, "0"), (2, f"b{level}"), (10, 0), (20, 0), (70, max(rows, 1)), (71, max(rows, 1)))
        inside = dxf_pairs(*one) * 10
    drawing = dxf_text(inside if not rows else dxf_pairs(*one), head=head + dxf_pairs((0, "ENDSEC")))
    assert "with its blocks taken apart it holds more than 1000000 entities" in refusal(tmp_path / "a.dxf", drawing)


def test_blocks_that_hold_each_other_end() -> None:
    block = "0\nBLOCK\n2\n{}\n0\nINSERT\n2\n{}\n0\nENDBLK\n"
    lines = (block.format("a", "b") + block.format("b", "a") + "0\nINSERT\n2\na\n").encode().splitlines()
    assert count_expanded(lines, most=1000) < 10


def read_with(path: Path, content: str) -> None:
    path.write_text(content, "utf-8")
    assert read_features(path).set_aside


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE VIEW v AS SELECT * FROM a", "v (view)"),
        ("CREATE VIRTUAL TABLE t USING fts3(x)", "t (virtual)"),
        ("CREATE TABLE c (x INTEGER, y TEXT GENERATED ALWAYS AS (upper(x)) VIRTUAL)", "c (computed)"),
    ],
)
def test_geopackage_that_could_run_something_is_refused(tmp_path: Path, statement: str, said: str) -> None:
    path = tmp_path / "a.gpkg"
    parcels().to_file(path)
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()
    with pytest.raises(UnusableFileError) as refused:
        read_features(path)
    assert said in refused.value.say("en")


def test_other_sqlite_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE a (x)")
    database.close()
    with pytest.raises(UnusableFileError, match="an SQLite database but no GeoPackage"):
        read_features(path)


def test_paths_never_reach_gdal_as_anything_but_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "/vsicurl/http://127.0.0.1:9/a.json",
        "http://127.0.0.1:9/a.json",
        "/vsizip/a.zip/a.shp",
        "PG:dbname=x",
    ):
        with pytest.raises(UnusableFileError, match="does not exist"):
            read_features(Path(name))
    folder = tmp_path / "GeoJSON:x"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    write_shapefile(folder, "a")
    assert len(read_features(Path("GeoJSON:x") / "a.shp").frame) == 1
    odd = tmp_path / "项目!"
    odd.mkdir()
    with pytest.raises(UnusableFileError, match="move or rename it"):
        read_features(copy_of(folder / "a.shp", odd / "a.shp"))


def shapefile_members(tmp_path: Path, stem: str = "红线", inside: str = "资料/") -> dict[str, bytes]:
    path = write_shapefile(tmp_path, stem)
    return {f"{inside}{stem}{s}": path.with_suffix(s).read_bytes() for s in (".shp", ".shx", ".dbf", ".prj")}


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", None])
def test_member_names_in_any_encoding(tmp_path: Path, encoding: str | None) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of(shapefile_members(tmp_path), encoding=encoding))
    reading = read_features(path)
    assert (reading.layer, reading.driver, reading.encoding) == ("红线", "ESRI Shapefile", "GB18030")
    assert reading.frame["名称"].tolist() == ["水源河红线"]


def test_names_garbled_before_they_were_marked_as_utf8(tmp_path: Path) -> None:
    members = {name.encode("gbk").decode("cp437"): content for name, content in shapefile_members(tmp_path).items()}
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of(members))
    assert read_features(path).layer == "红线"


def test_several_datasets_want_a_name(tmp_path: Path) -> None:
    members = shapefile_members(tmp_path, "甲") | shapefile_members(tmp_path, "乙", "另/") | {"说明.txt": b"-"}
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of(members))
    with pytest.raises(UnusableFileError, match=r"the archive holds 2 datasets \(另/乙, 资料/甲\)"):
        read_features(path)
    reading = read_features(path, "乙")
    assert reading.layer == "乙"
    assert "the archive also holds 资料/甲.shp, 说明.txt, which was not read" in reading.doubts[0].en


def test_layer_inside_a_dataset_of_several(tmp_path: Path) -> None:
    for name in ("one", "two"):
        parcels().to_file(tmp_path / "a.gpkg", layer=name)
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of({"a.gpkg": (tmp_path / "a.gpkg").read_bytes(), "b.kml": kml_text().encode()}))
    assert read_features(path, "a/two").layer == "two"
    with pytest.raises(UnusableFileError, match=r"a\.zip/a\.gpkg: it holds 2 layers"):
        read_features(path, "a")


def test_what_is_wrong_inside_is_named_by_its_own_name(tmp_path: Path) -> None:
    members = shapefile_members(tmp_path)
    del members["资料/红线.shx"]
    message = refusal(tmp_path / "a.zip", zip_of(members))
    assert message == "a.zip/资料/红线.shp: its companion .shx is missing"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../a.kml", "an unsafe path"),
        ("x/../../a.kml", "an unsafe path"),
        ("/a.kml", "an unsafe path"),
        ("C:/a.kml", "an unsafe path"),
        ("..\\a.kml", "an unsafe path"),
        ("CON.kml", "an unsafe path"),
        ("x/lpt1", "an unsafe path"),
        ("inner.zip", "an archive in the archive"),
        ("inner.kmz", "an archive in the archive"),
    ],
)
def test_suspect_members_are_refused(tmp_path: Path, name: str, said: str) -> None:
    assert said in refusal(tmp_path / "a.zip", zip_of({"a.kml": kml_text().encode(), name: b"x"}))


def test_everything_suspect_is_named_at_once(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as writer:
        link = zipfile.ZipInfo("link.kml")
        link.external_attr = 0o120777 << 16
        writer.writestr(link, "/etc/hostname")
        writer.writestr("A.kml", "x")
        writer.writestr("a.kml", "x")
        for number in range(200):
            writer.writestr(f"{number}.txt", "")
    message = refusal(tmp_path / "a.zip", packed.getvalue())
    assert "a link: link.kml" in message
    assert "a name twice: a.kml" in message
    assert "it holds 203 files, at most 200" in message


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    content = bytearray(zip_of({"a.kml": kml_text().encode()}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    assert "encrypted: a.kml" in refusal(tmp_path / "a.zip", bytes(content))


def test_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    bomb = zip_of({"a.kml": b"\0" * (archive.SMALL_BYTES + 1)})
    assert "it is packed more than 100-fold" in refusal(tmp_path / "a.zip", bomb)
    content = bytearray(zip_of({"a.kml": kml_text().encode()}))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 400 << 20)
    assert "it unpacks to 400 MB, at most 300 MB" in refusal(tmp_path / "a.zip", bytes(content))


def test_bomb_that_lies_about_its_size_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(zip_of({"a.kml": b"\0" * 200_000}))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 100)
    assert refusal(tmp_path / "a.zip", bytes(content)), "what is declared is all that is unpacked, and its sum is wrong"
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    monkeypatch.setattr(archive, "_size_problems", lambda _: [])
    assert "more comes out of it than it declares" in refusal(tmp_path / "a.zip", zip_of({"a.kml": b"\0" * 200_000}))


def test_archive_dressed_up_as_data_is_not_followed(tmp_path: Path) -> None:
    inner = zip_of({"a.kml": kml_text().encode()})
    assert "an archive in the archive" in refusal(tmp_path / "a.zip", zip_of({"a.kml": inner}))


def test_archive_without_data(tmp_path: Path) -> None:
    assert "no data that can be read" in refusal(tmp_path / "a.zip", zip_of({"a.png": b"-"}))
    assert "no data that can be read" in refusal(tmp_path / "b.zip", zip_of({}))


def test_unpacked_folder_is_removed(tmp_path: Path) -> None:
    path = write_every_format(tmp_path, parcels())["zip"]
    with archive.unpacked(path) as unzipped:
        assert sorted(child.name for child in unzipped.path.parent.iterdir()) == [
            "dataset.dbf",
            "dataset.prj",
            "dataset.shp",
            "dataset.shx",
        ]
    assert not unzipped.path.parent.exists()


@pytest.mark.parametrize("suffix", ["kml", "gpx", "json", "dxf", "gpkg", "shp", "fgb", "parquet", "zip"])
@given(
    content=st.binary(max_size=200),
    head=st.sampled_from([b"", b"<kml>", b"<gpx>", b"{", b"[{", b"0\nSECTION\n", b"PK\3\4"]),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_read_or_refused(tmp_path: Path, suffix: str, content: bytes, head: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(head + content)
    try:
        found: object = read_features(path)
    except EcogeoError as error:
        found = error
    assert isinstance(found, Reading | EcogeoError)


def test_drivers_that_need_no_prefix_are_asked_who_they_are(tmp_path: Path) -> None:
    """Each kind that GDAL opens by plain path is opened by the driver its first bytes promise."""
    paths = write_every_format(tmp_path, parcels())
    for kind, driver in (("shp", "ESRI Shapefile"), ("fgb", "FlatGeobuf"), ("gdb", "OpenFileGDB")):
        assert pyogrio.read_info(paths[kind])["driver"] == driver
        assert read_features(paths[kind]).driver == driver
