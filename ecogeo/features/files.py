"""A collection as a file: a table, GeoJSON, or a GeoPackage. The same features give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.errors import UsageError
from ecogeo.features.asking import MOST_FEATURES, places_in_turn
from ecogeo.features.collections import Collection
from ecogeo.features.speaking import GEOJSON, feature_objects
from ecogeo.formats.geopackage import write_geopackage
from ecogeo.report.cells import write_csv
from ecogeo.wording import Text


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file.

    Parameters
    ----------
    title
        What it is called.
    kind
        Its media type.
    write
        Writes a collection to a path.
    """

    title: str
    kind: str
    write: Callable[[Collection, Path], None]


def render_file(held: Collection, ending: str, scratch: Path) -> bytes:
    """Return a collection as a file.

    Parameters
    ----------
    held
        The collection.
    ending
        One of `FILE_KINDS`.
    scratch
        An empty folder to write in.

    Raises
    ------
    UsageError
        Where it has too many features for a file made while somebody waits.
    """
    if held.rows is not None:
        raise UsageError(
            Text(
                f"共 {held.count} 个要素，太多，不能当场生成文件；请分页取（/ogc）、用瓦片，或直接取资料夹里的原文件",
                f"{held.count} features are too many for a file made at once: take them in pages (/ogc), as tiles, or "
                "take the file itself from the county's folder",
            )
        )
    path = scratch / f"made.{ending}"
    FILE_KINDS[ending].write(held, path)
    return path.read_bytes()


def _write_table(held: Collection, path: Path) -> None:
    """Write properties with where each feature lies and how large it is, ellipsoidal; shapes are in the other kinds."""
    shapes = held.shapes
    is_drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    places = np.full(len(shapes), None, dtype=object)
    places[is_drawn] = shapely.point_on_surface(shapes[is_drawn])
    frame = pd.DataFrame(held.frame.drop(columns=held.frame.geometry.name))
    added: dict[str, geodesy.Floats] = {"lon": shapely.get_x(places), "lat": shapely.get_y(places)}
    dimension = shapely.get_dimensions(shapes)
    if (dimension == 2).any():
        added["area_m2"] = _measured(shapes, dimension == 2, geodesy.area_m2)
    if (dimension == 1).any():
        added["length_m"] = _measured(shapes, dimension == 1, geodesy.length_m)
    for name, values in added.items():
        shown = [f"{value:.8f}" if np.isfinite(value) else "" for value in values] if name in {"lon", "lat"} else values
        frame[name if name not in frame.columns else f"{name}_measured" if "_" in name else f"{name}_deg"] = shown
    write_csv(frame, path)


def _measured(
    shapes: geodesy.Geometries,
    chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    measure: Callable[..., geodesy.Floats],
) -> geodesy.Floats:
    values = np.full(len(shapes), np.nan)
    values[chosen] = measure(shapes[chosen])
    return values


def _write_geojson(held: Collection, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write('{"type": "FeatureCollection", "features": [\n')
        is_first = True
        for places in places_in_turn(held, MOST_FEATURES):
            for feature in feature_objects(held, places):
                stream.write(("" if is_first else ",\n") + json.dumps(feature, ensure_ascii=False))
                is_first = False
        stream.write("\n]}\n")


def _write_package(held: Collection, path: Path) -> None:
    write_geopackage(held.frame, path, held.name)


FILE_KINDS: Mapping[str, FileKind] = {
    "csv": FileKind("CSV", "text/csv", _write_table),
    "geojson": FileKind("GeoJSON", GEOJSON, _write_geojson),
    "gpkg": FileKind("GeoPackage", "application/geopackage+sqlite3", _write_package),
}
