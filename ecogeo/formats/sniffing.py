"""What kind a file is, told from its first bytes; its name is only a hint."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path

from ecogeo.errors import UnusableFileError
from ecogeo.formats.xml_events import DOCTYPE_REFUSED, encoding_of_xml, local_name
from ecogeo.wording import Text

SUFFIXES: dict[str, tuple[str, ...]] = {
    "Shapefile": (".shp",),
    "GeoPackage": (".gpkg",),
    "GeoParquet": (".parquet", ".geoparquet"),
    "FlatGeobuf": (".fgb",),
    "FileGDB": (".gdb",),
    "GeoJSON": (".geojson", ".json", ".topojson"),
    "KML": (".kml",),
    "GPX": (".gpx",),
    "DXF": (".dxf",),
    "ZIP": (".zip", ".kmz"),
    "XLSX": (".xlsx", ".xlsm"),
    "CSV": (".csv", ".tsv"),
    "TXT": (".txt",),
}
"""Every kind that can be read, with the suffixes it usually has."""

_HEAD_BYTES = 1 << 14
_MAGIC = (
    (b"SQLite format 3\0", "GeoPackage"),
    (b"PAR1", "GeoParquet"),
    (b"\x00\x00\x27\x0a", "Shapefile"),
    (b"fgb\x03", "FlatGeobuf"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
)
_FOREIGN_MAGIC = (
    (b"Rar!", Text("RAR 压缩包，请先解压", "a RAR archive: unpack it first")),
    (b"7z\xbc\xaf", Text("7z 压缩包，请先解压", "a 7z archive: unpack it first")),
    (b"\x1f\x8b", Text("gzip 压缩包，请先解压", "a gzip archive: unpack it first")),
    (b"AC10", Text("DWG 图形，请在 CAD 中另存为 DXF", "a DWG drawing: save it as DXF in CAD")),
    (b"AutoCAD Binary DXF", Text("二进制 DXF，请另存为文本 DXF", "a binary DXF: save it as a text DXF")),
    (b"\xd0\xcf\x11\xe0", Text("旧版 Office 文件，请另存为 .xlsx", "an old Office file: save it as .xlsx")),
    (b"%PDF", Text("PDF 文档", "a PDF document")),
    (b"\x89PNG", Text("图像", "an image")),
    (b"\xff\xd8\xff", Text("图像", "an image")),
    (b"II*\0", Text("TIFF 图像", "a TIFF image")),
    (b"MM\0*", Text("TIFF 图像", "a TIFF image")),
)
_DXF = re.compile(rb"(?:\s*999[ \t]*\r?\n[^\n]*\n)*\s*0[ \t]*\r?\n\s*SECTION\b")
_BOUNDARY_HEADS = ("[属性描述]", "【属性描述】", "[地块坐标]", "【地块坐标】")
_XML_ROOTS = {"kml": "KML", "gpx": "GPX"}
_XML_SKIPPED = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_XML_ROOT = re.compile(r"<([^\s<>/!?]+)")


def sniff_kind(path: Path) -> str:
    """Return the kind of a file, one of `SUFFIXES`, from its content.

    Parameters
    ----------
    path
        An existing file that is not empty, or a folder.

    Raises
    ------
    UnusableFileError
        Where it is not one of the kinds that can be read, with the name of the kind it is where that is known.
    """
    if path.is_dir():
        return "FileGDB"
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    for magic, foreign in _FOREIGN_MAGIC:
        if head.startswith(magic):
            raise not_supported(path, foreign)
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    if kind == "ZIP":
        return _kind_of_zip(path)
    if kind:
        return _checked(path, kind, head)
    return _kind_of_text(path, head)


def not_supported(path: Path, found: Text) -> UnusableFileError:
    """Return the refusal of a file of a kind that is not read.

    Parameters
    ----------
    path
        The file.
    found
        What it is.
    """
    kinds = " ".join(SUFFIXES)
    problem = Text(
        f"不属于支持的格式（{found.zh}）；可用：{kinds}",
        f"it is not one of the supported formats ({found.en}); use {kinds}",
    )
    return UnusableFileError(path.name, problem)


def _checked(path: Path, kind: str, head: bytes) -> str:
    """Refuse binary files whose first bytes could also be read as text, and the index beside a shapefile."""
    if kind == "FlatGeobuf" and 0 not in head[7:12]:
        raise not_supported(path, Text("不是 FlatGeobuf", "no FlatGeobuf"))
    if kind == "Shapefile" and path.suffix.lower() != ".shp":
        hint = Text("Shapefile 的一部分，请选择其中的 .shp", "a part of a shapefile: choose its .shp")
        raise not_supported(path, hint)
    return kind


def _kind_of_zip(path: Path) -> str:
    """Return whether a ZIP is a workbook or an archive of data."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        problem = Text(
            f"压缩包不完整或已损坏，请重新拷贝（{error}）",
            f"the archive is truncated or damaged: copy it again ({error})",
        )
        raise UnusableFileError(path.name, problem) from error
    if "[Content_Types].xml" not in names:
        return "ZIP"
    if any(name.startswith("xl/") for name in names):
        return "XLSX"
    raise not_supported(path, Text("Word 或其他 Office 文档", "a Word or other Office document"))


def _kind_of_text(path: Path, head: bytes) -> str:
    """Return the kind of a file that begins with text."""
    if _DXF.match(head):
        return "DXF"
    text = _as_text(head)
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(("{", "[{", "[\n", "[\r", "[ ")):
        return "GeoJSON"
    if start.startswith("<"):
        return _kind_of_xml(path, start)
    if any(mark in text for mark in _BOUNDARY_HEADS) or path.suffix.lower() == ".txt":
        return "TXT"
    if path.suffix.lower() in SUFFIXES["CSV"]:
        return "CSV"
    if path.suffix.lower() == ".dbf":
        raise not_supported(path, Text("属性表，请选择 .shp", "an attribute table: choose the .shp"))
    named = next((kind for kind, suffixes in SUFFIXES.items() if path.suffix.lower() in suffixes), "")
    if not named:
        raise not_supported(path, Text("内容无法识别", "its content is not known"))
    problem = Text(
        f"无法读取，内容不是 {named}，文件可能被截断或损坏，请重新拷贝",
        f"it cannot be read: its content is no {named}; it may be truncated or damaged, copy it again",
    )
    raise UnusableFileError(path.name, problem)


def _as_text(head: bytes) -> str:
    """Return the first bytes of a text as characters, as well as that can be told from them."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", errors="ignore")
    encoding = "utf-8" if head.lstrip()[:1] in (b"{", b"[") else encoding_of_xml(head)
    try:
        return head.decode(encoding, errors="ignore")
    except LookupError:
        return head.decode("latin-1")


def _kind_of_xml(path: Path, start: str) -> str:
    """Return the kind of an XML document by its root."""
    at = 0
    while skipped := _XML_SKIPPED.match(start, at):
        at = skipped.end()
    if start.startswith("<!", at):
        raise UnusableFileError(path.name, DOCTYPE_REFUSED)
    root = _XML_ROOT.match(start, at)
    name = local_name(root[1]) if root else "?"
    if name not in _XML_ROOTS:
        raise not_supported(path, Text(f"XML 文档 <{name[:40]}>", f"an XML document <{name[:40]}>"))
    return _XML_ROOTS[name]
