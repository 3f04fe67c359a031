"""GeoJSON and TopoJSON: features as text, by default longitude and latitude on WGS 84."""

from __future__ import annotations

import codecs
import io
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import geopandas as gpd
import numpy as np
import pyproj

from ecogeo.errors import UnusableFileError
from ecogeo.formats.dbf_encoding import ASCII, CHINESE, UTF8, judge_encoding
from ecogeo.formats.json_crs import are_one, crs_names, is_understood, not_understood_name, several_named
from ecogeo.formats.ogr import OgrLayer, layers_with_geometry, only_layer, read_ogr
from ecogeo.formats.reading import Reading
from ecogeo.formats.refusing import refused_when_damaged, renamed
from ecogeo.wording import Text

_HEAD_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 20
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\]:,]', re.DOTALL)
_SAMPLES = 8
_COUNTED_BYTES = 32 << 20
_TYPES = (
    *("FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint", "LineString", "MultiLineString"),
    *("Polygon", "MultiPolygon"),
)
_TOPOLOGY = "Topology"
_MEMBERS = ("features", "geometry", "coordinates", "geometries", "arcs")


def read_geojson(path: Path, layer: str = "") -> Reading:
    """Read a feature collection, one feature, a bare geometry, a bare array of features, or a TopoJSON.

    A stated ``crs`` is honoured where it is a name; one that cannot be understood is a doubt, and the CRS left open. So
    it is where none is stated and the coordinates are no degrees.

    Parameters
    ----------
    path
        The file.
    layer
        Name of an object of a TopoJSON; only kept for GeoJSON, which holds one layer.

    Raises
    ------
    UnusableFileError
        Where its JSON is of another kind, broken, in an encoding that is not known, or where its ``crs`` is an address.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        encoding = _encoding(head, stream)
    text = head.decode(encoding, errors="ignore").lstrip("\ufeff \t\r\n")
    is_array = text.startswith("[")
    kind = _TYPES[0] if is_array else _kind(path, text)
    if not is_array and encoding in ("ascii", "utf-8"):
        return _read(path, path.stem, layer, kind, encoding)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.json"
        _rewrite(path, copy, encoding, is_array=is_array)
        try:
            with refused_when_damaged(copy):
                reading = _read(copy, path.stem, layer, kind, encoding)
        except UnusableFileError as error:
            raise renamed(error, copy.name, path.name) from error
    if encoding == "gb18030":
        doubt = Text(f"文字按 {CHINESE} 读取，标准应为 UTF-8", f"its text was read as {CHINESE}; the standard is UTF-8")
        return replace(reading, encoding=CHINESE, doubts=(doubt, *reading.doubts))
    return reading


def _read(path: Path, stem: str, layer: str, kind: str, encoding: str) -> Reading:
    """Read a file in UTF-8 whose top level is an object; GDAL is not asked before its CRS was looked at."""
    names = crs_names(path)
    if kind == _TOPOLOGY:
        chosen = only_layer(path, layers_with_geometry(path, prefix="TopoJSON"), layer)
        read = read_ogr(path, prefix="TopoJSON", layer=chosen)
    else:
        chosen = layer or stem
        read = read_ogr(path, prefix="GeoJSON")
    collection = _whole(path)
    frame, doubts = _as_named(read.frame, (*_words_for_crs(collection), *names))
    if not doubts:
        frame, doubts = _with_crs(frame, is_stated=kind != _TOPOLOGY)
    frame = _with_ids(frame, read)
    driver = "TopoJSON" if kind == _TOPOLOGY else "GeoJSON"
    name = encoding.upper() if encoding.startswith("utf") else UTF8
    passed_over = _passed_over(collection) if driver == "GeoJSON" else ()
    return Reading(frame, driver, chosen, name, (*doubts, *read.doubts), set_aside=(*passed_over, *read.set_aside))


def _encoding(head: bytes, stream: BinaryIO) -> str:
    """Return the codec of a JSON text by its first bytes and some blocks further on."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    blocks = [head.removeprefix(codecs.BOM_UTF8)]
    size = stream.seek(0, io.SEEK_END)
    for at in range(1, _SAMPLES) if size > 2 * _HEAD_BYTES else ():
        stream.seek(_HEAD_BYTES + (size - 2 * _HEAD_BYTES) * at // _SAMPLES)
        blocks.append(stream.read(_HEAD_BYTES // _SAMPLES).partition(b'"')[2].rpartition(b'"')[0])
    strings = [(text, 0) for block in blocks for text in block.split(b'"') if not text.isascii()]
    return {ASCII: "ascii", UTF8: "utf-8"}.get(judge_encoding(strings), "gb18030")


def _kind(path: Path, text: str) -> str:
    """Return the type of the object a JSON text begins with, refusing what is no GeoJSON."""
    depth, key, before, members = 0, "", "", []
    for match in _TOKEN.finditer(text):
        sign, before_sign = match[0], before
        before = sign
        depth += (sign in "{[") - (sign in "}]")
        if depth == 1 and sign == ":" and before_sign.startswith('"'):
            key = before_sign.strip('"')
            members.append(key)
        elif depth == 1 and key == "type" and sign.startswith('"') and before_sign == ":":
            kind = sign.strip('"')
            if kind in (*_TYPES, _TOPOLOGY):
                return kind
            raise _other_json(path, f"type = {kind[:40]}")
    if not set(members) & set(_MEMBERS):
        raise _other_json(path, "—")
    return _TOPOLOGY if "arcs" in members else _TYPES[0]


def _other_json(path: Path, found: str) -> UnusableFileError:
    """Return the refusal of a JSON that is no GeoJSON."""
    return UnusableFileError(
        path.name,
        Text(
            f"是 JSON，但不是 GeoJSON 或 TopoJSON（{found}），不属于支持的格式",
            f"it is JSON, but neither GeoJSON nor TopoJSON ({found}): not one of the supported formats",
        ),
    )


def _rewrite(path: Path, copy: Path, encoding: str, *, is_array: bool) -> None:
    """Write a copy in UTF-8, a bare array of features wrapped into a collection."""
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding in ("ascii", "utf-8") else encoding)()
    with path.open("rb") as source, copy.open("w", encoding="utf-8", newline="") as target:
        if is_array:
            target.write('{"type":"FeatureCollection","features":')
        while block := source.read(_BLOCK_BYTES):
            target.write(decoder.decode(block))
        target.write(decoder.decode(b"", final=True))
        if is_array:
            target.write("}")


def _whole(path: Path) -> Mapping[str, object]:
    """Return what the top level of a file holds; nothing of a very large one."""
    held = json.loads(path.read_bytes()) if path.stat().st_size <= _COUNTED_BYTES else None
    return held if isinstance(held, dict) else {}


def _words_for_crs(collection: Mapping[str, object]) -> tuple[str, ...]:
    """Return what stands as the CRS where it is neither an object of a type nor nothing, which GDAL passes over."""
    crs = collection.get("crs")
    if crs is None or (isinstance(crs, dict) and any(key.lower() == "type" for key in crs)):
        return ()
    return (crs if isinstance(crs, str) else json.dumps(crs, ensure_ascii=False)[:80],)


def _passed_over(collection: Mapping[str, object]) -> tuple[tuple[str, Text], ...]:
    """Name the members of a collection that are no features, which GDAL passes over."""
    members = collection.get("features", [])
    if not isinstance(members, list):
        return ()
    strange = [at for at, one in enumerate(members, 1) if not isinstance(one, dict) or one.get("type") != "Feature"]
    return tuple((str(at), Text("不是 Feature，未读取", "it is no Feature and was not read")) for at in strange)


def _as_named(frame: gpd.GeoDataFrame, names: Sequence[str]) -> tuple[gpd.GeoDataFrame, list[Text]]:
    """Return the frame without a CRS where what the file states cannot be understood, or is not one, and why."""
    if not names:
        return frame, []
    crs = None if frame.crs is None else pyproj.CRS.from_user_input(frame.crs)
    if not are_one(names):
        doubt = several_named(names)
    elif not is_understood(names[0], crs):
        doubt = not_understood_name(names)
    else:
        return frame, []
    return frame.set_crs(None, allow_override=True), [doubt]


def _with_crs(frame: gpd.GeoDataFrame, *, is_stated: bool) -> tuple[gpd.GeoDataFrame, list[Text]]:
    """Return the frame with the CRS its coordinates allow, and what was inferred."""
    west, south, east, north = frame.total_bounds
    is_known = bool(np.isfinite([west, south, east, north]).all())
    are_degrees = not is_known or (-360 <= west <= east <= 360 and -90 <= south <= north <= 90)
    if frame.crs is None and not is_stated and are_degrees:
        wgs84 = Text("TopoJSON 没有坐标系，按 WGS 84 经纬度处理", "TopoJSON names no CRS: taken as WGS 84 degrees")
        return frame.set_crs("EPSG:4326"), [wgs84]
    if frame.crs is not None and frame.crs.is_geographic and not are_degrees:
        unknown = Text(
            "坐标不是经纬度，文件也没有写明坐标系，坐标系待定",
            "its coordinates are no degrees and it names no CRS that fits: the CRS is left open",
        )
        return frame.set_crs(None, allow_override=True), [unknown]
    return frame, []


def _with_ids(frame: gpd.GeoDataFrame, read: OgrLayer) -> gpd.GeoDataFrame:
    """Return the frame with the numbers its features have as ``id``, where they are more than a count."""
    ids = read.feature_ids
    if "id" not in frame.columns and not np.array_equal(ids, np.arange(len(ids))):
        frame.insert(0, "id", ids)
    return frame
