"""Uploads made to call, to blow up or to lie: workbooks, word files, companions, pictures and packed layers."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from format_samples import parcels, zip_of

from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.formats import read_features
from ecogeo.formats.document import read_document

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
