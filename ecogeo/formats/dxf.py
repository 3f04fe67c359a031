"""DXF: drawings of CAD, without a CRS; closed polylines are taken as polygons."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely

from ecogeo.errors import UnusableFileError
from ecogeo.formats.dbf_encoding import ASCII, UTF8, Decoding, bytes_of, decode_column, judge_encoding, known_encoding
from ecogeo.formats.dxf_blocks import count_expanded
from ecogeo.formats.ogr import STROKED, OgrLayer, read_ogr
from ecogeo.formats.reading import Reading
from ecogeo.formats.refusing import refused_when_damaged
from ecogeo.formats.vertices import has_stroked_arcs
from ecogeo.wording import Text, list_en, list_zh

_HEAD_BYTES = 1 << 14
MOST_ENTITIES = 1_000_000
"""Entities of a drawing once its blocks are taken apart."""

_CODE_PAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+([\w.-]+)")
_VERSION = re.compile(rb"\$ACADVER\s+1\s+AC(\d+)")
_FIRST_UTF8_VERSION = 1021
_SETTINGS = {"DXF_ENCODING": "ISO-8859-1", "DXF_MERGE_BLOCK_GEOMETRIES": "NO"}
_SHIELD = b"999\necogeo\n" * 16384
"""Comment lines longer than what any driver looks at to tell whether a file is its own."""

_FAULTY_LINE = re.compile(r"line (\d+)")
_CLOSING_SHARE = 1e-9
_NEARLY_CLOSED_SHARE = 0.01
_LEAST_VERTICES = 4
_MOST_COMPARED = 500

Geometries = npt.NDArray[np.object_]


def read_dxf(path: Path, layer: str = "") -> Reading:
    """Read the entities of a DXF drawing; CAD layer and text are fields, blocks are taken apart, arcs stroked.

    A line whose ends coincide becomes a polygon; every other stays a line. Drivers of other formats never see the
    drawing's own first lines, which may hold a comment that they would obey.

    Parameters
    ----------
    path
        The file.
    layer
        Name of the CAD layer to keep; empty keeps all.

    Raises
    ------
    UnusableFileError
        Where it holds no such CAD layer, no entity that can be read, or blocks that multiply without measure.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "drawing.dxf"
        stated = _write_shielded(path, copy)
        with refused_when_damaged(path, copy=copy):
            read = _read_shielded(path, copy)
    if read.frame.empty:
        raise UnusableFileError(path.name, Text("图中没有可读取的图元", "the drawing holds no entity that can be read"))
    attributes = pd.DataFrame(read.frame.drop(columns=read.frame.geometry.name)).dropna(axis=1, how="all")
    decoding = _decode(attributes, stated)
    geometries, doubts = _closed(np.asarray(read.frame.geometry.array, dtype=object))
    frame = gpd.GeoDataFrame(attributes, geometry=gpd.GeoSeries(geometries))
    if layer:
        frame = _of_layer(path, frame, layer)
    encoding = UTF8 if decoding.encoding == ASCII else decoding.encoding
    if decoding.encoding not in (ASCII, stated):
        doubts.insert(0, Text(f"图中文字按 {encoding} 读取", f"the drawing's text was read as {encoding}"))
    return Reading(
        frame.reset_index(drop=True),
        "DXF",
        layer or path.stem,
        encoding,
        (*doubts, *decoding.doubts, *read.doubts),
        set_aside=read.set_aside,
    )


def _stated_encoding(head: bytes) -> str:
    """Return the encoding the head of a drawing states; empty where it states none."""
    version, code_page = _VERSION.search(head), _CODE_PAGE.search(head)
    if version and int(version[1]) >= _FIRST_UTF8_VERSION:
        return UTF8
    return known_encoding(code_page[1].decode("ascii")) if code_page else ""


def _write_shielded(path: Path, copy: Path) -> str:
    """Copy a drawing behind comments, so that its own first lines decide no driver; return its stated encoding."""
    with path.open("rb") as source, copy.open("wb") as target:
        head = source.read(_HEAD_BYTES)
        source.seek(0)
        target.write(_SHIELD)
        if count_expanded(_copied(path, source, target), MOST_ENTITIES) == MOST_ENTITIES:
            problem = Text(
                f"图块展开后图元超过 {MOST_ENTITIES} 个，不予读取",
                f"with its blocks taken apart it holds more than {MOST_ENTITIES} entities, and is not read",
            )
            raise UnusableFileError(path.name, problem)
    return _stated_encoding(head)


def _copied(path: Path, source: BinaryIO, target: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a drawing while they are copied."""
    for line in source:
        if b"\0" in line:
            problem = Text("文本 DXF 中有二进制内容，文件已损坏", "binary content inside a text DXF: it is damaged")
            raise UnusableFileError(path.name, problem)
        target.write(line)
        yield line


def _read_shielded(path: Path, copy: Path) -> OgrLayer:
    """Read the copy of a drawing; a fault is named by its line in the drawing."""
    try:
        return read_ogr(copy, settings=_SETTINGS)
    except pyogrio.errors.FeatureError as error:
        at = _FAULTY_LINE.search(str(error))
        line = int(at[1]) - _SHIELD.count(b"\n") if at else 0
        problem = Text(
            f"第 {line} 行附近有误，图形可能被截断或损坏，请重新导出",
            f"it is wrong near line {line} and may be truncated or damaged: export it again",
        )
        raise UnusableFileError(path.name, problem) from error


def _decode(attributes: pd.DataFrame, stated: str) -> Decoding:
    """Decode the texts of a frame in place, which were read byte by byte."""
    texts = [name for name in attributes.columns if attributes[name].map(lambda value: isinstance(value, str)).any()]
    values = [(bytes_of(value), 0) for name in texts for value in attributes[name].dropna().unique()]
    decoding = Decoding(judge_encoding(values, stated))
    for name in texts:
        attributes[name] = decode_column(attributes[name], 0, decoding, name)
    return decoding


def _closed(geometries: Geometries) -> tuple[Geometries, list[Text]]:
    """Return lines whose ends coincide as polygons, and what that leaves to doubt."""
    doubts = [STROKED] if has_stroked_arcs(geometries) else []
    lines = shapely.get_type_id(geometries) == shapely.GeometryType.LINESTRING
    first, last = shapely.get_point(geometries, 0), shapely.get_point(geometries, -1)
    gap, length = shapely.distance(first, last), shapely.length(geometries)
    reach = np.abs(shapely.bounds(geometries)).max(axis=1)
    many = shapely.get_num_points(geometries) >= _LEAST_VERTICES
    closed = lines & many & (length > 0) & (gap <= _CLOSING_SHARE * reach)
    nearly = int((lines & many & ~closed & (gap <= _NEARLY_CLOSED_SHARE * length)).sum())
    polygons = geometries.copy()
    polygons[closed] = [_polygon(line) for line in geometries[closed]]
    if nearly:
        doubts.append(
            Text(
                f"{nearly} 条折线首尾相距不到周长的 1%，未闭合，仍按线处理",
                f"{nearly} lines end within 1 % of their length from where they begin; they stay lines",
            )
        )
    if not (shapely.get_dimensions(polygons) == 2).any():
        doubts.append(Text("没有闭合的多段线，只有线或点", "it holds no closed polyline, only lines or points"))
    elif inner := _count_inside(polygons[closed]):
        doubts.append(
            Text(
                f"{inner} 个闭合图形位于另一个之内，可能是孔洞；均按独立的面处理",
                f"{inner} closed shapes lie inside another and may be meant as holes; each is a polygon of its own",
            )
        )
    return polygons, doubts


def _polygon(line: shapely.LineString) -> shapely.Polygon:
    """Return the polygon of a line whose ends coincide, its last vertex put exactly on the first."""
    vertices = shapely.get_coordinates(line, include_z=line.has_z)
    vertices[-1] = vertices[0]
    return shapely.Polygon(vertices)


def _count_inside(polygons: Geometries) -> int:
    """Return how many different polygons lie inside another one; of more than a parcel plan has, none are compared."""
    sound = polygons[shapely.is_valid(polygons)]
    _, first = np.unique(shapely.to_wkb(sound, hex=True), return_index=True)
    if len(first) > _MOST_COMPARED:
        return 0
    inner, _ = shapely.STRtree(sound[first]).query(sound[first], predicate="within")
    return int((np.bincount(inner, minlength=len(first)) > 1).sum())


def _of_layer(path: Path, frame: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Return the entities of one CAD layer."""
    names = sorted(frame["Layer"].dropna().unique()) if "Layer" in frame.columns else []
    if layer not in names:
        problem = Text(
            f"没有图层“{layer}”，只有 {list_zh(names)}", f"there is no layer “{layer}”, only {list_en(names)}"
        )
        raise UnusableFileError(path.name, problem)
    return frame[frame["Layer"] == layer]
