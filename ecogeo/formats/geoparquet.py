"""GeoParquet: columns with geometry, for large layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from ecogeo.errors import UnusableFileError
from ecogeo.formats.ogr import exact_integers, not_understood, reason_not_built
from ecogeo.formats.reading import Reading
from ecogeo.wording import Text

_ROWS_A_BATCH = 1 << 16
_INDEX_PREFIX = "__index_level_"
_UNPACKED_MOST = 4 << 30
_UNPACKED_RATIO = 200


def read_geoparquet(path: Path, layer: str = "") -> Reading:
    """Read a GeoParquet file batch by batch, so that its bytes and its shapes are never held whole at a time.

    Parameters
    ----------
    path
        The file.
    layer
        Only kept: a GeoParquet file holds one layer.

    Raises
    ------
    UnusableFileError
        Where it is a Parquet file without geometry, names none of its columns, or unpacks out of all proportion.
    """
    with pq.ParquetFile(path) as file:
        refuse_bomb(path, file.metadata)
        column, described = geometry_column(path, file)
        if described.get("encoding") != "WKB":
            frame = gpd.read_parquet(path).reset_index(drop=True)
            return Reading(frame, "GeoParquet", layer or path.stem, "UTF-8")
        tables, shapes, set_aside = [], [], []
        row = 0
        for batch in file.iter_batches(batch_size=_ROWS_A_BATCH):
            blobs = batch.column(column).to_numpy(zero_copy_only=False)
            built = shapely.from_wkb(blobs, on_invalid="ignore")
            unbuilt = np.flatnonzero(shapely.is_missing(built) & pd.notna(blobs))
            set_aside += [(str(row + int(at) + 1), reason_not_built(blobs[at])) for at in unbuilt]
            shapes.append(built)
            tables.append(batch.drop_columns([column]))
            row += len(built)
        names = [name for name in file.schema_arrow.names if name != column]
        attributes = _attributes(tables, file.schema_arrow, names)
    geometries = np.concatenate(shapes) if shapes else np.array([], dtype=object)
    doubts: tuple[Text, ...] = ()
    try:
        crs = stated_crs(described)
    except pyproj.exceptions.CRSError as error:
        crs, doubts = None, (not_understood(error),)
    frame = gpd.GeoDataFrame(attributes, geometry=gpd.GeoSeries(geometries, crs=crs))
    if described.get("edges", "planar") != "planar":
        straight = Text("文件声明边为球面大圆弧，按直线读取", "it says its edges are great circles; read as straight")
        doubts = (*doubts, straight)
    return Reading(frame, "GeoParquet", layer or path.stem, "UTF-8", doubts, set_aside=tuple(set_aside))


def refuse_bomb(path: Path, metadata: pq.FileMetaData) -> None:
    """Refuse a file that declares far more than it holds."""
    unpacked = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    if unpacked > _UNPACKED_MOST and unpacked > _UNPACKED_RATIO * path.stat().st_size:
        gigabytes = unpacked / (1 << 30)
        problem = Text(
            f"解压后约 {gigabytes:.0f} GB，远大于文件本身，不予读取",
            f"it would unpack to some {gigabytes:.0f} GB, out of all proportion to its size, and is not read",
        )
        raise UnusableFileError(path.name, problem)


def geometry_column(path: Path, file: pq.ParquetFile) -> tuple[str, dict[str, Any]]:
    """Return the name of the main geometry column and what is said of it."""
    raw = (file.schema_arrow.metadata or {}).get(b"geo")
    geo = json.loads(raw) if raw else {}
    column = geo.get("primary_column", "") if isinstance(geo, dict) else ""
    described = geo.get("columns", {}).get(column) if column else None
    if column not in file.schema_arrow.names or not isinstance(described, dict):
        problem = Text(
            "是 Parquet 文件，但没有 GeoParquet 图形列", "it is a Parquet file without a GeoParquet geometry"
        )
        raise UnusableFileError(path.name, problem)
    return column, described


def _attributes(batches: list[pa.RecordBatch], schema: pa.Schema, names: list[str]) -> pd.DataFrame:
    """Return the columns without geometry."""
    return attribute_frame(pa.Table.from_batches(batches, pa.schema([schema.field(name) for name in names])))


def attribute_frame(table: pa.Table) -> pd.DataFrame:
    """Return a table of attributes as a frame; whole numbers stay exact, an unnamed row number is left out."""
    table = table.drop_columns([name for name in table.column_names if name.startswith(_INDEX_PREFIX)])
    attributes: pd.DataFrame = table.to_pandas(ignore_metadata=True, integer_object_nulls=True)
    for field in table.schema:
        if pa.types.is_integer(field.type) and attributes[field.name].dtype == object:
            attributes[field.name] = exact_integers(attributes[field.name])
    return attributes


def stated_crs(described: dict[str, Any]) -> pyproj.CRS | None:
    """Return the CRS of a geometry column: longitude and latitude on WGS 84 where nothing is said."""
    stated = described.get("crs", "OGC:CRS84")
    return pyproj.CRS.from_user_input(stated) if stated is not None else None
