"""GPX: waypoints, routes and tracks of a GPS receiver, longitude and latitude on WGS 84."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.formats.ogr import only_layer
from ecogeo.formats.reading import Reading
from ecogeo.formats.vertices import collected, read_vertices
from ecogeo.formats.xml_events import read_xml
from ecogeo.wording import Text, list_en, list_zh

_LAYERS = {"wpt": "waypoints", "rte": "routes", "trk": "tracks"}
_FIXES = ("wpt", "rtept", "trkpt")
_FIELDS = ("name", "desc", "cmt", "type", "sym", "src", "number", "time")


class _GpxWalk:
    """What has been read of a GPX document so far, by layer."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, str]]] = {layer: [] for layer in _LAYERS.values()}
        self.geometries: dict[str, list[BaseGeometry | None]] = {layer: [] for layer in _LAYERS.values()}
        self.set_aside: dict[str, list[tuple[str, Text]]] = {layer: [] for layer in _LAYERS.values()}
        self._path: list[str] = []
        self._row: dict[str, str] = {}
        self._fixes: list[list[str]] = []
        self._segments: list[list[str]] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        self._path.append(name)
        if name in _LAYERS:
            self._row, self._segments = {}, []
        if name in (*_LAYERS, "trkseg"):
            self._segments.append([])
        if name in _FIXES and self._segments:
            self._segments[-1].append(f"{attributes.get('lon', '')},{attributes.get('lat', '')}")

    def end(self, name: str, text: str) -> None:
        """Take the end of an element, with the text directly inside it."""
        self._path.pop()
        parent = self._path[-1] if self._path else ""
        if name in _LAYERS:
            self._close(_LAYERS[name])
        elif parent in _LAYERS and name in (*_FIELDS, "ele"):
            self._row[name] = text.strip()

    def _close(self, layer: str) -> None:
        """Keep the feature that ends."""
        self.rows[layer].append(self._row)
        shape: BaseGeometry | None = None
        try:
            segments = [read_vertices(" ".join(fixes)) for fixes in self._segments if fixes]
            if layer == "waypoints":
                shape = shapely.Point(segments[0][0])
            else:
                shape = collected([shapely.LineString(segment) for segment in segments])
        except (ValueError, IndexError, shapely.errors.ShapelyError) as error:
            label = self._row.get("name") or str(len(self.rows[layer]))
            self.set_aside[layer].append((label, Text(f"坐标有误（{error}）", f"its coordinates are wrong ({error})")))
        self.geometries[layer].append(shape)


def read_gpx(path: Path, layer: str = "") -> Reading:
    """Read the waypoints, routes or tracks of a GPX file; a track of several segments is one multipart line.

    Parameters
    ----------
    path
        The file.
    layer
        ``waypoints``, ``routes`` or ``tracks``; empty takes the tracks, else the routes, else the waypoints, and names
        what was left unread: handhelds save all of them in one file.

    Raises
    ------
    UnusableFileError
        Where the XML is broken or defines entities, or the layer named is not there.
    """
    walk = _GpxWalk()
    encoding = read_xml(path, walk.begin, walk.end)
    counts = {name: len(walk.rows[name]) for name in ("tracks", "routes", "waypoints")}
    present = [name for name, count in counts.items() if count]
    chosen = only_layer(path, counts, layer or (present[0] if present else ""))
    unread = [] if layer else present[1:]
    doubts = (
        (
            Text(
                f"读取了 {chosen}，未读 {list_zh(unread)}（可用 --layer 指定）",
                f"{chosen} were read, {list_en(unread)} were not (--layer names them)",
            ),
        )
        if unread
        else ()
    )
    rows = walk.rows[chosen]
    columns = [name for name in (*_FIELDS, "ele") if any(name in row for row in rows)]
    geometries = np.array([*walk.geometries[chosen], None], dtype=object)[:-1]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=columns, dtype="str"), geometry=gpd.GeoSeries(geometries, crs="EPSG:4326")
    )
    return Reading(frame, "GPX", chosen, encoding, doubts, set_aside=tuple(walk.set_aside[chosen]))
