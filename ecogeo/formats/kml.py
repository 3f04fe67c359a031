"""KML: placemarks in folders, longitude and latitude on WGS 84; read as text, nothing in it is ever fetched."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.errors import UnusableFileError
from ecogeo.formats.reading import Reading
from ecogeo.formats.vertices import collected, read_vertices, ring
from ecogeo.formats.xml_events import read_xml
from ecogeo.wording import Text, list_en, list_zh

_NOT_READ = {
    "NetworkLink": Text("网络链接（不会联网获取）", "network links (nothing is fetched)"),
    "GroundOverlay": Text("地面叠加图像", "ground overlays"),
    "ScreenOverlay": Text("屏幕叠加图像", "screen overlays"),
    "PhotoOverlay": Text("照片叠加", "photo overlays"),
    "Model": Text("三维模型", "3D models"),
}
_OWN_FIELDS = ("name", "description")
_RESERVED = ("folder", "geometry")
_CONTAINERS = ("Folder", "Document")


class _KmlWalk:
    """What has been read of a KML document so far."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []
        self.geometries: list[BaseGeometry | None] = []
        self.set_aside: list[tuple[str, Text]] = []
        self.not_read: Counter[str] = Counter()
        self.unclosed = 0
        self._path: list[str] = []
        self._folders: list[str] = []
        self._row: dict[str, str] | None = None
        self._parts: list[BaseGeometry] = []
        self._outer: shapely.LinearRing | None = None
        self._inner: list[shapely.LinearRing] = []
        self._fixes: list[str] = []
        self._broken = ""
        self._data_name = ""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        self._path.append(name)
        if name in _CONTAINERS:
            self._folders.append("")
        elif name == "Placemark":
            self._row, self._parts, self._broken = {}, [], ""
        elif name == "Polygon":
            self._outer, self._inner = None, []
        elif name == "Track":
            self._fixes = []
        elif name in ("Data", "SimpleData"):
            self._data_name = attributes.get("name", "")
        if name in _NOT_READ:
            self.not_read[name] += 1

    def end(self, name: str, text: str) -> None:
        """Take the end of an element, with the text directly inside it."""
        self._path.pop()
        parent = self._path[-1] if self._path else ""
        if name in _CONTAINERS:
            self._folders.pop()
        elif name == "name" and parent in _CONTAINERS and self._folders:
            self._folders[-1] = text.strip()
        elif self._row is None:
            return
        elif name in _OWN_FIELDS and parent == "Placemark":
            self._keep(name, text)
        elif name == "SimpleData" or (name == "value" and parent == "Data"):
            self._keep(self._data_name or "value", text)
        elif name == "coord":
            self._fixes.append(text)
        elif name == "coordinates":
            self._add(parent, text)
        elif name == "Polygon":
            self._add_polygon()
        elif name == "Track" and self._fixes:
            self._add(name, " ".join(",".join(fix.split()) for fix in self._fixes))
        elif name == "Placemark":
            self._close_placemark()

    def _keep(self, field: str, text: str) -> None:
        """Keep an attribute of the placemark, under a longer name where its own is taken."""
        row = self._row if self._row is not None else {}
        while field in _RESERVED or row.get(field, text.strip()) != text.strip():
            field += "_"
        row[field] = text.strip()

    def _add_polygon(self) -> None:
        """Build a polygon of the rings read since it began."""
        if self._outer is None:
            self._broken = self._broken or "Polygon"
            return
        self._parts.append(shapely.Polygon(self._outer, self._inner))

    def _add(self, kind: str, text: str) -> None:
        """Build one shape of coordinates, or note why it cannot be built."""
        try:
            vertices = read_vertices(text)
            if kind == "LinearRing":
                edge, was_closed = ring(vertices)
                self.unclosed += not was_closed
                if "innerBoundaryIs" in self._path:
                    self._inner.append(edge)
                elif "Polygon" in self._path:
                    self._outer = edge
                else:
                    self._parts.append(shapely.LineString(edge))
                return
            shape = shapely.Point(vertices[0]) if kind == "Point" else shapely.LineString(vertices)
        except (ValueError, IndexError, shapely.errors.ShapelyError) as error:
            self._broken = str(error) or kind
            return
        self._parts.append(shape)

    def _close_placemark(self) -> None:
        """Keep the placemark that ends."""
        row = self._row or {}
        row["folder"] = "/".join(folder for folder in self._folders if folder)
        self.rows.append(row)
        if self._broken:
            label = row.get("name") or str(len(self.rows))
            self.set_aside.append(
                (label, Text(f"坐标有误（{self._broken}）", f"its coordinates are wrong ({self._broken})"))
            )
        self.geometries.append(None if self._broken else collected(self._parts))
        self._row = None


def read_kml(path: Path, layer: str = "") -> Reading:
    """Read the placemarks of every folder of a KML document; all attributes are text.

    Network links, overlays and 3D models are counted and left out. A ring that is not closed is closed, and said.

    Parameters
    ----------
    path
        The file.
    layer
        Name of one folder to keep; empty keeps all.

    Raises
    ------
    UnusableFileError
        Where the XML is broken or defines entities, or there is no such folder.
    """
    walk = _KmlWalk()
    encoding = read_xml(path, walk.begin, walk.end)
    frame = pd.DataFrame(walk.rows, columns=_column_names(walk.rows), dtype="str")
    folders = [str(folder) for folder in frame["folder"].unique()]
    if layer and layer not in {layer for folder in folders for layer in (folder, folder.rpartition("/")[2])}:
        problem = Text(
            f"没有文件夹“{layer}”，只有 {list_zh(folders)}", f"there is no folder “{layer}”, only {list_en(folders)}"
        )
        raise UnusableFileError(path.name, problem)
    geometries = np.array([*walk.geometries, None], dtype=object)[:-1]
    features = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometries, crs="EPSG:4326"))
    if layer:
        features = features[frame["folder"].eq(layer) | frame["folder"].str.endswith(f"/{layer}")]
    return Reading(
        features.reset_index(drop=True),
        "KML",
        layer or path.stem,
        encoding,
        tuple(_doubts(walk, encoding)),
        set_aside=tuple(walk.set_aside),
    )


def _column_names(rows: list[dict[str, str]]) -> list[str]:
    """Return the names of all attributes in the order they first occur, the placemark's own first."""
    return list(dict.fromkeys(["name", "description", "folder", *(name for row in rows for name in row)]))


def _doubts(walk: _KmlWalk, encoding: str) -> list[Text]:
    """Tell what was inferred, closed or left out."""
    doubts = [
        Text(f"{count} 个{_NOT_READ[name].zh}未读取", f"{count} {_NOT_READ[name].en} were not read")
        for name, count in sorted(walk.not_read.items())
    ]
    if walk.unclosed:
        doubts.append(
            Text(
                f"{walk.unclosed} 个环首尾不闭合，已闭合", f"{walk.unclosed} rings were not closed and have been closed"
            )
        )
    if encoding != "UTF-8":
        doubts.append(Text(f"文字按 {encoding} 读取", f"its text was read as {encoding}"))
    return doubts
