"""Uploads made to call, to blow up or to lie: workbooks, word files, companions, pictures and packed layers."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import fiona
import numpy as np
import openpyxl
import pyogrio
import pytest
import rasterio
from format_samples import parcels, zip_of

from ecogeo.cli import main
from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.formats import read_features
from ecogeo.formats.document import read_document
from ecogeo.formats.json_crs import LEADS_ELSEWHERE, crs_names
from ecogeo.inspection import inspect_file, page

Calls = tuple[str, list[str]]
ROWS = (("点号", "X", "Y"), ("1", 24.20, 109.30), ("2", 24.20, 109.31), ("3", 24.21, 109.31), ("1", 24.20, 109.30))

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {one} "{f"&{before};" * 10}">' for before, one in zip("abcdefgh", "bcdefghi", strict=True)
)
"""A billion of them, where anybody counts."""


def workbook() -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in ROWS:
        sheet.append(row)
    book.save(stream)
    return stream.getvalue()


def word_file() -> bytes:
    document, stream = docx.Document(), io.BytesIO()
    document.add_paragraph("柳州市柳南区")
    document.save(stream)
    return stream.getvalue()


def changed(packed: bytes, change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None) -> bytes:
    """Return an archive with its members changed, and some more."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
        for name, content in (more or {}).items():
            target.writestr(name, content)
    return stream.getvalue()


def with_doctype(content: bytes, doctype: str, word: str) -> bytes:
    """Put a document type after the head of an XML, and a reference to its entity into its first text."""
    head, end, rest = content.partition(b"?>") if content.startswith(b"<?xml") else (b"", b"", content)
    opening, close, inner = rest.partition(b">")
    return head + end + doctype.encode() + opening + close + f"&{word};".encode() + inner


PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "_rels/.rels")


def in_utf16(content: bytes) -> bytes:
    text = content.decode().partition("?>")[2] if content.startswith(b"<?xml") else content.decode()
    return f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")


@pytest.mark.parametrize("part", PARTS)
def test_a_workbook_with_entities_is_refused_at_once(tmp_path: Path, calls: Calls, part: str) -> None:
    address, asked = calls
    path = tmp_path / "a.xlsx"
    fetching = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{address}/e">]>'
    far_behind = f"<!--{'x' * 9000}-->{fetching}"
    for doctype, word, is_wide in (
        (f"{LAUGHS}]>", "i", False),
        (fetching, "e", False),
        (far_behind, "e", False),
        (fetching, "e", True),
    ):

        def poison(name: str, content: bytes, told: tuple[str, str, bool] = (doctype, word, is_wide)) -> bytes:
            poisoned = with_doctype(content, told[0], told[1]) if name == part else content
            return in_utf16(poisoned) if name == part and told[2] else poisoned

        path.write_bytes(changed(workbook(), poison))
        for read in (read_features, read_document):
            began = time.process_time()
            with pytest.raises(UnusableFileError, match="DOCTYPE"):
                read(path)
            assert time.process_time() - began < 5
    assert asked == []


def test_a_workbook_that_points_elsewhere_is_read_without_a_call(tmp_path: Path, calls: Calls) -> None:
    address, asked = calls
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}/x" '
        'TargetMode="External"/></Relationships>'
    )
    more = {
        "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": relation.format("externalLinkPath", address).encode(),
        "xl/worksheets/_rels/sheet1.xml.rels": relation.format("hyperlink", address).encode(),
    }

    def web(name: str, content: bytes) -> bytes:
        formula = f'<c r="D2"><f>WEBSERVICE("{address}/f")</f><v>1</v></c></row>'.encode()
        return content.replace(b"</row>", formula, 1) if name == "xl/worksheets/sheet1.xml" else content

    path = tmp_path / "a.xlsx"
    path.write_bytes(changed(workbook(), web, more))
    assert len(read_features(path).frame) == 1
    assert asked == []


def test_a_word_file_with_entities_or_a_template_elsewhere_calls_nobody(tmp_path: Path, calls: Calls) -> None:
    address, asked = calls
    path = tmp_path / "a.docx"

    def attached(name: str, content: bytes) -> bytes:
        link = (
            f'<Relationship Id="rId99" TargetMode="External" Target="{address}/t.dotx" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/>'
        )
        return (
            content.replace(b"</Relationships>", f"{link}</Relationships>".encode()) if "_rels/doc" in name else content
        )

    path.write_bytes(changed(word_file(), attached))
    assert "柳南区" in str(read_document(path))
    for doctype, word in ((f"{LAUGHS}]>", "i"), (f'<!DOCTYPE x [<!ENTITY e SYSTEM "{address}/e">]>', "e")):

        def poison(name: str, content: bytes, doctype: str = doctype, word: str = word) -> bytes:
            return with_doctype(content, doctype, word) if name == "word/document.xml" else content

        path.write_bytes(changed(word_file(), poison))
        try:
            said = str(read_document(path))
        except EcogeoError:
            said = ""
        assert len(said) < 100_000
        assert "hahaha" not in said
    assert asked == []


@pytest.mark.parametrize("companion", [".cpg", ".prj", ".qpj", ".shp.xml", ".qix"])
def test_the_companions_of_a_shapefile_call_nobody(tmp_path: Path, calls: Calls, companion: str) -> None:
    address, asked = calls
    parcels().to_file(tmp_path / "a.shp", encoding="utf-8")
    for said in (
        f"/vsicurl/{address}/a",
        f"{address}/a.prj",
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{address}/e">]><x>&e;</x>',
        f"urn:ogc:def:crs:{address}",
        f"+proj=longlat +nadgrids={address}/a.gsb",
        f"@{address}/x",
    ):
        (tmp_path / f"a{companion}").write_text(said, "utf-8")
        try:
            count = len(read_features(tmp_path / "a.shp").frame)
        except UnusableFileError:
            count = 0
        assert count in {0, len(parcels())}
    assert asked == []


@pytest.mark.parametrize("name", ["a.svg", "a.kml", "a.xml", "a.png"])
def test_a_picture_is_no_layer(tmp_path: Path, calls: Calls, name: str) -> None:
    address, asked = calls
    path = tmp_path / name
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><image href="{address}/a.png"/><script>x()</script>'
        "</svg>",
        "utf-8",
    )
    with pytest.raises(UnusableFileError):
        read_features(path)
    assert asked == []


@pytest.mark.parametrize("count", [0, 1, 2**31, 2**40, 2**63])
def test_a_flatgeobuf_that_lies_about_its_count_is_read_or_refused_at_once(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.fgb"
    frame = parcels()
    frame.to_file(path, driver="FlatGeobuf", engine="pyogrio", SPATIAL_INDEX="NO")
    content, true = path.read_bytes(), struct.pack("<Q", len(frame))
    at = content.index(true)
    path.write_bytes(content[:at] + struct.pack("<Q", count) + content[at + 8 :])
    began = time.process_time()
    try:
        found = len(read_features(path).frame)
    except UnusableFileError:
        found = 0
    assert found <= len(frame)
    assert time.process_time() - began < 5


def test_members_that_share_their_bytes_are_counted_each(tmp_path: Path) -> None:
    """A bomb of overlapping members: every entry of the directory names the same packed bytes."""
    packed = zip_of({"a.kml": b"0" * (40 << 20)})
    start = packed.index(b"PK\x01\x02")
    end = packed.index(b"PK\x05\x06")
    entry, closing = packed[start:end], bytearray(packed[end:])
    many = b"".join(entry.replace(b"a.kml", f"{number:05d}"[:5].encode()) for number in range(150))
    closing[8:12] = struct.pack("<HH", 150, 150)
    closing[12:16] = struct.pack("<I", len(many))
    path = tmp_path / "a.zip"
    path.write_bytes(packed[:start] + many + bytes(closing))
    with pytest.raises(UnusableFileError, match=r"unpacks to 6000 MB, at most|packed more than"):
        read_features(path)


# JSON whose CRS is an address --------------------------------------------------------------------------------------

RING = [[109.30, 24.28], [109.31, 24.28], [109.31, 24.29], [109.30, 24.28]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}


def collection(crs: object) -> str:
    feature = {"type": "Feature", "properties": {"name": "甲"}, "geometry": SQUARE}
    return json.dumps({"type": "FeatureCollection", "features": [feature], "crs": crs})


def leading(address: str) -> dict[str, str]:
    """Return files that have GDAL ask an address, by what is particular about them."""
    link = {"type": "link", "properties": {"href": f"{address}/link"}}
    url = {"type": "url", "properties": {"url": f"{address}/url"}}
    feature = {"type": "Feature", "properties": {}, "geometry": SQUARE}
    topology = {"type": "Topology", "objects": {"a": {"type": "Polygon", "arcs": [[0]]}}, "arcs": [RING]}
    return {
        "link": collection(link),
        "url": collection(url),
        "URL": collection({**url, "type": "URL"}),
        "said twice": collection(link).replace('"type": "link"', '"type": "link", "type": "name"'),
        "name": collection({"type": "name", "properties": {"name": f"{address}/name"}}),
        "OGC": collection({"type": "OGC", "properties": {"urn": f"{address}/ogc"}}),
        "escaped": collection(link).replace('"crs"', r'"\u0063Rs"'),
        "comment": collection(link).replace('"crs":', '"crs" /* x */ : // y\n'),
        "apostrophes": collection(link).replace('"', "'"),
        "in a geometry": json.dumps(
            {"type": "FeatureCollection", "features": [{**feature, "geometry": {**SQUARE, "crs": link}}]}
        ),
        "of a feature": json.dumps({"crs": link, **feature}),
        "of a geometry": json.dumps({**SQUARE, "crs": url}),
        "array": json.dumps([{**feature, "crs": link}]),
        "sequence": json.dumps({**feature, "crs": link}) + "\n" + json.dumps(feature),
        "topology": json.dumps({**topology, "crs": link}),
        "late": collection(link).replace('"name"', f'"note": "{"长" * 3_000_000}", "name"'),
        "far from its key": collection(link).replace('"crs":', f'"crs":{" " * 70_000}'),
    }


@pytest.mark.parametrize("kind", leading(""))
def test_a_json_whose_crs_is_an_address_is_refused_without_a_call(tmp_path: Path, calls: Calls, kind: str) -> None:
    address, asked = calls
    path = tmp_path / "a.geojson"
    path.write_text(leading(address)[kind], "utf-8")
    with pytest.raises(UnusableFileError) as refused:
        read_features(path)
    assert asked == []
    if kind not in {"apostrophes", "far from its key"}:
        assert LEADS_ELSEWHERE.zh in refused.value.say("zh")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "gb18030"])
def test_an_address_in_another_encoding_is_refused_too(tmp_path: Path, calls: Calls, encoding: str) -> None:
    address, asked = calls
    path = tmp_path / "a.json"
    path.write_bytes(leading(address)["link"].replace("\\u7532", "甲地块").encode(encoding))
    with pytest.raises(UnusableFileError, match="another address"):
        read_features(path)
    path.write_bytes(zip_of({"a.geojson": leading(address)["url"].encode()}))
    with pytest.raises(UnusableFileError, match="another address"):
        read_features(path)
    assert asked == []


def test_the_command_refuses_it_and_says_why(tmp_path: Path, calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    address, asked = calls
    path = tmp_path / "a.geojson"
    path.write_text(leading(address)["link"], "utf-8")
    with pytest.raises(SystemExit) as left:
        main(["inspect", str(path)])
    assert left.value.code == 2
    assert LEADS_ELSEWHERE.zh in capsys.readouterr().err
    assert asked == []


def test_gdal_itself_reaches_nobody(tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a file ever get past our eyes: every copy of GDAL there is asks a proxy that is not there."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    address, asked = calls
    path = tmp_path / "a.geojson"
    path.write_text(leading(address)["link"], "utf-8")
    assert pyogrio.read_info(path)["features"] == 1
    with fiona.open(path) as stream:
        assert len(stream) == 1
    with pytest.raises(rasterio.errors.RasterioIOError):
        rasterio.open(f"/vsicurl/{address}/a.tif")
    assert asked == []


def test_a_raster_and_a_geopackage_that_point_elsewhere_call_nobody(tmp_path: Path, calls: Calls) -> None:
    address, asked = calls
    place = rasterio.Affine(0.1, 0.0, 109.3, 0.0, -0.1, 24.3)
    path = tmp_path / "a.tif"
    with rasterio.open(path, "w", driver="GTiff", height=1, width=1, count=1, dtype="uint8", transform=place) as made:
        made.write(np.ones((1, 1, 1), dtype="uint8"))
    (tmp_path / "a.tif.aux.xml").write_text(f"<PAMDataset><SRS>{address}/srs</SRS></PAMDataset>", "utf-8")
    with rasterio.open(path, driver="GTiff") as source:
        assert source.read().tolist() == [[[1]]]
    layers = tmp_path / "a.gpkg"
    parcels().to_file(layers, driver="GPKG")
    with contextlib.closing(sqlite3.connect(layers)) as database, database:
        database.execute("UPDATE gpkg_spatial_ref_sys SET definition = ?, organization = 'x'", (f"{address}/srs",))
    assert len(read_features(layers).frame) == len(parcels())
    assert asked == []


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "name", "properties": {"name": "nonsense"}},
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}},
        {"type": "name"},
        {"type": "proj4"},
        "EPSG:4490",
        ["EPSG:4490"],
    ],
)
def test_a_crs_nobody_understands_is_a_doubt_and_not_wgs_84(tmp_path: Path, crs: object) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(collection(crs), "utf-8")
    reading = read_features(path)
    assert reading.frame.crs is None
    assert any("文件写的坐标系无法识别" in doubt.zh for doubt in reading.doubts)
    assert "推断" in page(inspect_file(path))[1].zh


@pytest.mark.parametrize(
    ("crs", "code"),
    [
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, 4326),
        ({"type": "name", "properties": {"name": "EPSG:4326"}}, 4326),
        ({"type": "name", "properties": {"name": "http://www.opengis.net/def/crs/EPSG/0/4490"}}, 4490),
        ({"type": "EPSG", "properties": {"code": 4490}}, 4490),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}, 4490),
    ],
)
def test_a_crs_by_its_name_is_taken_at_its_word(tmp_path: Path, crs: object, code: int) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(collection(crs), "utf-8")
    reading = read_features(path)
    assert reading.frame.crs is not None
    assert (reading.frame.crs.to_epsg(), reading.doubts) == (code, ())


def test_an_attribute_called_crs_is_an_attribute(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    feature = {"type": "Feature", "properties": {"crs": "http://example/4490", "more": '"crs": {'}, "geometry": SQUARE}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature] * 3}), "utf-8")
    reading = read_features(path)
    assert (list(reading.frame["crs"]), reading.doubts) == (["http://example/4490"] * 3, ())


def test_two_different_crs_in_one_file_are_no_crs(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    inner = {"type": "name", "properties": {"name": "EPSG:4545"}}
    path.write_text(
        collection({"type": "name", "properties": {"name": "EPSG:4490"}}).replace(
            '"type": "Polygon"', f'"type": "Polygon", "crs": {json.dumps(inner)}'
        ),
        "utf-8",
    )
    reading = read_features(path)
    assert reading.frame.crs is None
    assert any("2 种坐标系" in doubt.zh for doubt in reading.doubts)


@pytest.mark.parametrize("start", [4 << 20, (4 << 20) + 17, (4 << 20) + 33])
def test_a_crs_across_the_blocks_that_are_read_is_seen(tmp_path: Path, start: int) -> None:
    path = tmp_path / "a.geojson"
    for behind in (0, 64 << 10, 70 << 10):
        head = '{"type":"FeatureCollection","note":"'
        link = ',"crs":{"type":"link","properties":{"href":"x"}},"features":[]}'
        path.write_text(head + "x" * (start - len(head) - 20 - behind) + '"' + link, "utf-8")
        with pytest.raises(UnusableFileError, match="another address"):
            crs_names(path)
