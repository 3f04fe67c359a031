"""The first features of a large file, streamed, so that looking at it does not read it all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import fiona
import geopandas as gpd
import pyarrow.parquet as pq
import pyproj
import shapely

from ecogeo.formats.dbf import read_dbf, sample_texts
from ecogeo.formats.dbf_encoding import ASCII, judge_encoding
from ecogeo.formats.geopackage import guarded_layers
from ecogeo.formats.geoparquet import geometry_column, stated_crs
from ecogeo.formats.ogr import only_layer
from ecogeo.formats.reading import Reading
from ecogeo.formats.refusing import refused_when_damaged
from ecogeo.formats.shapefile import find_companions
from ecogeo.formats.sniffing import sniff_kind

_DRIVERS = {"GeoPackage": "GPKG", "FlatGeobuf": "FlatGeobuf", "Shapefile": "ESRI Shapefile"}
STREAMED = frozenset({*_DRIVERS, "GeoParquet"})
"""Kinds whose first features can be had without the rest."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first features of a file.

    Parameters
    ----------
    reading
        As `ecogeo.formats.read_features` gives it, but for the features left out.
    features
        How many features the file says it holds.
    """

    reading: Reading
    features: int


def read_head(path: Path, layer: str = "", *, most: int) -> Head | None:
    """Read the first features of a file.

    Parameters
    ----------
    path
        An existing file.
    layer
        The layer inside it; empty takes the only one.
    most
        How many features to read.

    Returns
    -------
    None where files of its kind can only be read whole.

    Raises
    ------
    UnusableFileError
        Where it cannot be read, or holds no such layer.
    """
    with refused_when_damaged(path):
        kind = sniff_kind(path)
        if kind == "GeoParquet":
            return _head_of_parquet(path, layer, most)
        return _head_by_driver(path, layer, kind, most) if kind in _DRIVERS else None


def _head_by_driver(path: Path, layer: str, kind: str, most: int) -> Head:
    """Stream features through the one driver the content calls for."""
    chosen = only_layer(path, guarded_layers(path), layer) if kind == "GeoPackage" else None
    encoding = ""
    if kind == "Shapefile":
        encoding = judge_encoding(sample_texts(read_dbf(find_companions(path)[".dbf"]))).replace(ASCII, "UTF-8")
    with fiona.open(path, layer=chosen, enabled_drivers=[_DRIVERS[kind]], encoding=encoding or None) as stream:
        crs = pyproj.CRS.from_wkt(stream.crs_wkt) if stream.crs_wkt else None
        names = list(stream.schema["properties"])
        features = list(islice(stream, most))
        total = len(stream)
    shapes = [shapely.geometry.shape(one.geometry) if one.geometry is not None else None for one in features]
    columns = {name: [one.properties[name] for one in features] for name in names}
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=crs))
    return Head(Reading(frame, _DRIVERS[kind], chosen or path.stem, encoding), total)


def _head_of_parquet(path: Path, layer: str, most: int) -> Head | None:
    """Read the first batch of a GeoParquet file; None where its shapes are not held as WKB."""
    with pq.ParquetFile(path) as file:
        column, described = geometry_column(path, file)
        if described.get("encoding") != "WKB":
            return None
        batch = next(file.iter_batches(batch_size=most), None)
        total = file.metadata.num_rows
    blobs = [] if batch is None else batch.column(column).to_pylist()
    attributes = {} if batch is None else batch.drop_columns([column]).to_pandas()
    shapes: list[object] = list(shapely.from_wkb(blobs, on_invalid="ignore"))
    frame = gpd.GeoDataFrame(attributes, geometry=gpd.GeoSeries(shapes, crs=stated_crs(described)))
    return Head(Reading(frame, "GeoParquet", layer or path.stem, "UTF-8"), total)
