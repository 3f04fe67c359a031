"""Shapefile: geometry in .shp, text in .dbf, often without .prj or .cpg."""

from __future__ import annotations

import codecs
import shutil
import struct
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ecogeo.errors import UnusableFileError
from ecogeo.formats.dbf import NAME_BYTES, DbfTable, count_deleted, read_dbf, sample_texts
from ecogeo.formats.dbf_encoding import (
    ASCII,
    UTF8,
    Decoding,
    bytes_of,
    decode_column,
    decode_value,
    judge_encoding,
    known_encoding,
    language_encoding,
)
from ecogeo.formats.ogr import OgrLayer, read_ogr, require_driver
from ecogeo.formats.reading import Reading
from ecogeo.formats.refusing import refused_when_damaged
from ecogeo.wording import Text

_NEEDED = (".shx", ".dbf")
_HEAD_BYTES = 100
_RECORD_BYTES = 8
_BYTE_BY_BYTE = "ISO-8859-1"


def read_shapefile(path: Path, layer: str = "") -> Reading:
    """Read a shapefile; the encoding of its text is judged from the text, whatever a .cpg says.

    Parameters
    ----------
    path
        The .shp file.
    layer
        Only kept: a shapefile holds one layer.

    Raises
    ------
    UnusableFileError
        Where a companion file is missing, or one is cut short: features or rows would be lost.
    """
    companions = find_companions(path)
    missing = [suffix for suffix in _NEEDED if suffix not in companions]
    if missing:
        problem = Text(f"缺少配套文件 {'、'.join(missing)}", f"its companion {', '.join(missing)} is missing")
        raise UnusableFileError(path.name, problem)
    table = read_dbf(companions[".dbf"])
    records = (companions[".shx"].stat().st_size - _HEAD_BYTES) // _RECORD_BYTES
    problems = _cut_short(path, companions[".shx"]) or _beyond_end(path, companions[".shx"])
    problems += _rows_missing(table, records)
    if problems:
        raise UnusableFileError(path.name, problems)
    stated = known_encoding(_stated(companions))
    encoding = judge_encoding(sample_texts(table), stated or language_encoding(table.language_byte))
    read = _read_byte_by_byte(path, companions)
    decoding = Decoding(encoding)
    frame = _decoded(read.frame, table, decoding)
    doubts = (
        *_encoding_doubts(encoding, companions, stated),
        *decoding.doubts,
        *_count_doubts(len(frame), records, table),
        *_projection_doubts(frame, companions),
        *read.doubts,
    )
    return Reading(
        frame,
        "ESRI Shapefile",
        layer or path.stem,
        UTF8 if encoding == ASCII else encoding,
        doubts,
        set_aside=read.set_aside,
    )


def find_companions(path: Path) -> dict[str, Path]:
    """Return the files that belong to a .shp by their suffix in small letters.

    Parameters
    ----------
    path
        The .shp file; companions may spell their suffix in capitals.
    """
    return {child.suffix.lower(): child for child in sorted(path.parent.iterdir()) if child.stem == path.stem}


def _cut_short(shp: Path, shx: Path) -> list[Text]:
    """Tell which of the geometry files is shorter than it says, or does not reach what the index points at."""
    problems = []
    for part in (shp, shx):
        size = part.stat().st_size
        with part.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
        said = 2 * struct.unpack_from(">I", head, 24)[0] if len(head) == _HEAD_BYTES else _HEAD_BYTES
        if size < said:
            problems.append(
                Text(
                    f"{part.suffix} 应有 {said} 字节，只有 {size} 字节：文件被截断，请重新拷贝",
                    f"its {part.suffix} should have {said} bytes and has {size}: it is truncated, copy it again",
                )
            )
    return problems


def _beyond_end(shp: Path, shx: Path) -> list[Text]:
    """Tell how many shapes the index seeks beyond the end of the geometry file."""
    with shx.open("rb") as stream:
        stream.seek(_HEAD_BYTES)
        entries = stream.read()
    index = np.frombuffer(entries[: len(entries) // _RECORD_BYTES * _RECORD_BYTES], dtype=">i4")
    start, length = index.reshape(-1, 2).astype(np.int64).T * 2
    beyond = int(((start < 0) | (length < 0) | (start + length + _RECORD_BYTES > shp.stat().st_size)).sum())
    if not beyond:
        return []
    return [
        Text(
            f".shx 指向的 {beyond} 个图形超出 .shp 末尾，文件不完整或不配套，请重新拷贝",
            f"its .shx points at {beyond} shapes beyond the end of the .shp: copy both again, they do not match",
        )
    ]


def _rows_missing(table: DbfTable, records: int) -> list[Text]:
    """Tell whether the attribute table holds fewer rows than it says, or than there are shapes."""
    if table.rows_present >= table.rows >= records:
        return []
    if table.rows_present >= table.rows:
        return [
            Text(
                f".shx 有 {records} 个图形，.dbf 只有 {table.rows} 行，文件不配套，请重新拷贝",
                f"its .shx has {records} shapes and its .dbf only {table.rows} rows: they do not match",
            )
        ]
    return [
        Text(
            f".dbf 应有 {table.rows} 行，只有 {table.rows_present} 行：文件被截断，请重新拷贝",
            f"its .dbf should have {table.rows} rows and has {table.rows_present}: it is truncated, copy it again",
        )
    ]


def _stated(companions: dict[str, Path]) -> str:
    """Return what the .cpg says; empty where there is none."""
    if ".cpg" not in companions:
        return ""
    with companions[".cpg"].open("rb") as stream:
        return stream.read(64).decode("ascii", errors="ignore").strip()


def _read_byte_by_byte(path: Path, companions: dict[str, Path]) -> OgrLayer:
    """Read a shapefile with its text as bytes; a .prj that is not plain UTF-8 is put into it in a copy."""
    projection = companions[".prj"].read_bytes() if ".prj" in companions else b""
    if _is_plain_utf8(projection):
        require_driver(path, "ESRI Shapefile", encoding=_BYTE_BY_BYTE)
        return read_ogr(path, encoding=_BYTE_BY_BYTE)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        for suffix in (".shp", *_NEEDED):
            shutil.copy(companions[suffix], copy.with_suffix(suffix))
        copy.with_suffix(".prj").write_text(_projection_text(projection), "utf-8")
        with refused_when_damaged(copy):
            require_driver(copy, "ESRI Shapefile", encoding=_BYTE_BY_BYTE)
            return read_ogr(copy, encoding=_BYTE_BY_BYTE)


def _is_plain_utf8(text: bytes) -> bool:
    """Whether a text is UTF-8 without a byte-order mark."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not text.startswith(codecs.BOM_UTF8)


def _projection_text(projection: bytes) -> str:
    """Return the text of a .prj in whatever encoding it is."""
    if projection.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return projection.decode("utf-16", errors="replace")
    if projection.startswith(codecs.BOM_UTF8):
        return projection.decode("utf-8-sig", errors="replace")
    return projection.decode("gb18030", errors="replace")


def _decoded(frame: gpd.GeoDataFrame, table: DbfTable, decoding: Decoding) -> gpd.GeoDataFrame:
    """Return the frame with names and texts decoded that were read byte by byte."""
    columns: dict[str, pd.Series] = {}
    for index, name in enumerate(frame.columns.drop(frame.geometry.name)):
        is_of_table = index < len(table.fields)
        title = decode_value(bytes_of(str(name)), NAME_BYTES, decoding, "字段名 field names")
        while title in columns or title == frame.geometry.name:
            title += "_"
        column = frame[name]
        if pd.api.types.is_string_dtype(column.dtype):
            column = decode_column(column, table.width(index) if is_of_table else 0, decoding, title)
        columns[title] = column
    return gpd.GeoDataFrame(pd.DataFrame(columns, index=frame.index), geometry=frame.geometry, crs=frame.crs)


def _encoding_doubts(encoding: str, companions: dict[str, Path], stated: str) -> list[Text]:
    """Tell how the encoding was found, where the file does not rightly say it."""
    if encoding in (ASCII, stated):
        return []
    if ".cpg" not in companions:
        return [Text(f"没有 .cpg，文字按 {encoding} 读取", f"there is no .cpg; its text was read as {encoding}")]
    said = _stated(companions) or "（空 empty）"
    return [
        Text(
            f".cpg 写的是 {said}，与内容不符，文字按 {encoding} 读取",
            f"its .cpg says {said}, which its content contradicts; its text was read as {encoding}",
        )
    ]


def _count_doubts(features: int, records: int, table: DbfTable) -> list[Text]:
    """Tell where geometry, rows and features differ in number."""
    doubts = []
    deleted = count_deleted(table)
    if records != table.rows:
        doubts.append(
            Text(
                f".shx 只有 {records} 个图形，.dbf 有 {table.rows} 行，数量不一致，可能错位",
                f"its .shx has {records} shapes and its .dbf {table.rows} rows: they may not belong together",
            )
        )
    if deleted:
        doubts.append(
            Text(
                f".dbf 中有 {deleted} 行带删除标记，未读取",
                f"{deleted} rows of its .dbf are marked as deleted and were left out",
            )
        )
    if features != max(records, table.rows) - deleted:
        doubts.append(
            Text(
                f"读到 {features} 个要素，应为 {max(records, table.rows) - deleted} 个",
                f"{features} features were read where {max(records, table.rows) - deleted} were expected",
            )
        )
    return doubts


def _projection_doubts(frame: gpd.GeoDataFrame, companions: dict[str, Path]) -> list[Text]:
    """Tell where there is a .prj that could not be understood."""
    if ".prj" not in companions or frame.crs is not None:
        return []
    return [Text(".prj 无法识别", "its .prj could not be understood")]
