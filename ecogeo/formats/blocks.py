"""A large layer in blocks, so that it is never held whole: GeoParquet, GeoPackage, and datasets parted by ecogeo."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely

from ecogeo.errors import UnusableFileError
from ecogeo.formats.geopackage import guarded_layers
from ecogeo.formats.geoparquet import attribute_frame, geometry_column, refuse_bomb, stated_crs
from ecogeo.formats.ogr import ARC_STEP_DEG, local_source, not_understood, only_layer, reason_not_built
from ecogeo.formats.reading import Reading
from ecogeo.formats.refusing import refused_when_damaged
from ecogeo.formats.sniffing import sniff_kind
from ecogeo.wording import Text

ROWS = 20_000
"""Features a block holds unless another number is asked for."""

ROW, WKB = "ecogeo_row", "ecogeo_wkb"
"""Columns every block has: the number of a feature in its file, from 1, and its geometry as written there."""

MANIFEST = "partition.json"
PARTITION = "ecogeo partition 1"
"""Name and first entry of the file that makes a folder a parted dataset."""

_BATCH_ROWS = 1 << 13

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some features of a layer, as the file holds them; it can be sent to another process.

    Parameters
    ----------
    number
        Which block it is, from 0.
    table
        Its features: the attributes, `ROW` and `WKB`.
    driver, layer
        Format and layer they came from.
    crs
        The CRS the file states.
    """

    number: int
    table: pa.Table
    driver: str
    layer: str
    crs: pyproj.CRS | None

    @property
    def rows(self) -> Numbers:
        """Number of each feature in the file, from 1."""
        return np.asarray(self.table.column(ROW).to_numpy(), dtype=np.int64)

    def reading(self) -> Reading:
        """Build its geometries; features none can be built of are set aside under their number in the file."""
        blobs = self.table.column(WKB).to_numpy()
        built = shapely.from_wkb(blobs, on_invalid="ignore")
        unbuilt = np.flatnonzero(shapely.is_missing(built) & pd.notna(blobs))
        rows = self.rows
        frame = gpd.GeoDataFrame(
            attribute_frame(self.table.drop_columns([ROW, WKB])), geometry=gpd.GeoSeries(built, crs=self.crs)
        )
        set_aside = tuple((str(rows[at]), reason_not_built(blobs[at])) for at in unbuilt)
        return Reading(frame, self.driver, self.layer, "UTF-8", set_aside=set_aside)


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """A layer that is read block by block.

    Parameters
    ----------
    file
        Name of the file the features come from; of a parted dataset, of the file that was parted.
    driver, layer
        Format and layer.
    features
        How many there are.
    crs
        The CRS the file states; None where it states none.
    doubts
        What was inferred when it was opened.
    schema
        The attributes.
    rows
        Features in a block.
    sha256
        Digest of the file that was parted; empty where the file itself is read.
    tables
        Starts reading; each table has the attributes, `ROW` and `WKB`, and may be of any length.
    """

    file: str
    driver: str
    layer: str
    features: int
    crs: pyproj.CRS | None
    doubts: tuple[Text, ...]
    schema: pa.Schema
    rows: int
    sha256: str
    tables: Callable[[], Iterator[pa.Table]]

    def __iter__(self) -> Iterator[Block]:
        """Read the layer from its start, one block at a time."""
        for number, table in zip(count(), _cut(self.tables(), self.rows), strict=False):
            yield Block(number, table, self.driver, self.layer, self.crs)


def can_stream(path: Path) -> bool:
    """Tell whether a file or folder is of a kind `open_blocks` takes.

    Raises
    ------
    UnusableFileError
        Where it is of no known kind.
    """
    if path.is_dir():
        return is_partition(path)
    with refused_when_damaged(path):
        return sniff_kind(path) in ("GeoParquet", "GeoPackage")


def is_partition(path: Path) -> bool:
    """Tell whether a folder holds a dataset parted by ecogeo."""
    return (path / MANIFEST).is_file()


def open_blocks(path: Path, layer: str = "", *, rows: int = ROWS) -> Blocks:
    """Open a layer to be read block by block; what is held at a time does not grow with the file.

    Parameters
    ----------
    path
        A GeoParquet file with its shapes as WKB, a GeoPackage, or a folder made by ``ecogeo partition``.
    layer
        The layer inside it; empty takes the only one.
    rows
        Features in a block.

    Returns
    -------
    The layer. The features and their order are those of `ecogeo.formats.read_features`; those of a parted dataset
    come in the order of its parts, with the number each had in the file that was parted.

    Raises
    ------
    UnusableFileError
        Where the whole reader would refuse it, where it is of another kind, or where it can only be read whole.
    """
    if not path.exists():
        raise UnusableFileError(path.name, Text("文件不存在", "the file does not exist"))
    if not can_stream(path):
        problem = Text(
            "只有 GeoParquet、GeoPackage 和 ecogeo partition 的结果可以分块读取",
            "only GeoParquet, GeoPackage and what `ecogeo partition` made can be read in blocks",
        )
        raise UnusableFileError(path.name, problem)
    with refused_when_damaged(path):
        if path.is_dir():
            return _open_partition(path, rows)
        if sniff_kind(path) == "GeoParquet":
            return _open_parquet(path, layer, rows)
        return _open_geopackage(path, layer, rows)


def _open_parquet(path: Path, layer: str, rows: int) -> Blocks:
    with pq.ParquetFile(path) as file:
        refuse_bomb(path, file.metadata)
        column, described = geometry_column(path, file)
        if described.get("encoding") != "WKB":
            problem = Text("图形不是 WKB 编码，只能整体读取", "its shapes are not held as WKB: it must be read whole")
            raise UnusableFileError(path.name, problem)
        schema = file.schema_arrow.remove(file.schema_arrow.get_field_index(column)).remove_metadata()
        features = file.metadata.num_rows
    crs, doubts = _crs_of(described)

    def tables() -> Iterator[pa.Table]:
        first = 1
        with refused_when_damaged(path), pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=min(rows, _BATCH_ROWS)):
                yield _numbered(batch.drop_columns([column]), first, batch.column(column).cast(pa.binary()))
                first += len(batch)

    return Blocks(path.name, "GeoParquet", layer or path.stem, features, crs, doubts, schema, rows, "", tables)


def _crs_of(described: dict[str, Any]) -> tuple[pyproj.CRS | None, tuple[Text, ...]]:
    try:
        return stated_crs(described), ()
    except pyproj.exceptions.CRSError as error:
        return None, (not_understood(error),)


def _numbered(attributes: pa.RecordBatch | pa.Table, first: int, shapes: pa.Array) -> pa.Table:
    """Return a table of attributes with the running number and the shape of each feature."""
    columns = {name: attributes.column(name) for name in attributes.schema.names}  # none at all: a table of no rows
    numbers = pa.array(np.arange(first, first + len(shapes), dtype=np.int64))
    return pa.table({**columns, ROW: numbers, WKB: shapes})


def _open_geopackage(path: Path, layer: str, rows: int) -> Blocks:
    chosen = only_layer(path, guarded_layers(path), layer)
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        columns = database.execute("SELECT name, type, pk FROM pragma_table_info(?)", (chosen,)).fetchall()
        keys = [name for name, kind, key in columns if key and str(kind).upper() == "INTEGER"]
        if len(keys) != 1:
            problem = Text("图层没有整数主键，只能整体读取", "the layer has no integer key: it must be read whole")
            raise UnusableFileError(path.name, problem)
        features = int(database.execute(f"SELECT count(*) FROM {_quoted(chosen)}").fetchone()[0])  # noqa: S608 (quoted)
    source, key = local_source(path, prefix="GPKG"), _quoted(keys[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        meta, empty = pyogrio.raw.read_arrow(source, layer=chosen, read_geometry=False, max_features=1)
    doubts: tuple[Text, ...] = ()
    try:
        crs = pyproj.CRS.from_user_input(meta["crs"]) if meta["crs"] else None
    except pyproj.exceptions.CRSError as error:
        crs, doubts = None, (not_understood(error),)

    def tables() -> Iterator[pa.Table]:
        first = 1
        with refused_when_damaged(path):
            for low, high in _key_ranges(path, chosen, key, rows):
                table = _features_between(source, chosen, f"{key} > {low} AND {key} <= {high}", first)
                yield table
                first += len(table)

    return Blocks(path.name, "GPKG", chosen, features, crs, doubts, empty.schema.remove_metadata(), rows, "", tables)


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _key_ranges(path: Path, layer: str, key: str, rows: int) -> Iterator[tuple[int, int]]:
    """Yield the keys between which each run of features lies: above the first, up to the second."""
    page = f"SELECT max(k) FROM (SELECT {key} AS k FROM {_quoted(layer)} WHERE k > ? ORDER BY k LIMIT ?)"  # noqa: S608
    low = -(1 << 63)
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        while (high := database.execute(page, (low, rows)).fetchone()[0]) is not None:
            yield low, int(high)
            low = int(high)


def _features_between(source: str, layer: str, where: str, first: int) -> pa.Table:
    """Read the features that fulfil a condition on their key; arcs are stroked as the whole reader strokes them."""
    before = pyogrio.get_gdal_config_option("OGR_ARC_STEPSIZE")
    pyogrio.set_gdal_config_options({"OGR_ARC_STEPSIZE": ARC_STEP_DEG})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, attributes = pyogrio.raw.read_arrow(source, layer=layer, where=where, read_geometry=False)
            *_, blobs, _ = pyogrio.raw.read(source, layer=layer, where=where, columns=[])
    finally:
        pyogrio.set_gdal_config_options({"OGR_ARC_STEPSIZE": before})
    return _numbered(attributes.replace_schema_metadata(), first, pa.array(blobs, pa.binary()))


def _open_partition(path: Path, rows: int) -> Blocks:
    manifest = json.loads((path / MANIFEST).read_text("utf-8"))
    if not isinstance(manifest, dict) or manifest.get("format") != PARTITION:
        problem = Text(f"{MANIFEST} 不是本版本 ecogeo partition 的结果", f"{MANIFEST} is not of this ecogeo partition")
        raise UnusableFileError(path.name, problem)
    parts = [(path / Path(part["path"]).name, str(part["sha256"])) for part in manifest["parts"]]
    if missing := [part.name for part, _ in parts if not part.is_file()]:
        problem = Text(f"缺少 {len(missing)} 个分块：{missing[0]} 等", f"{len(missing)} parts are gone: {missing[0]} …")
        raise UnusableFileError(path.name, problem)
    with pq.ParquetFile(parts[0][0]) as file:
        column, described = geometry_column(path, file)
        fields = [field for field in file.schema_arrow if field.name not in (column, ROW)]
    crs, doubts = _crs_of(described)

    def tables() -> Iterator[pa.Table]:
        for part, sha256 in parts:
            _require_unchanged(part, sha256)
            with refused_when_damaged(part), pq.ParquetFile(part) as file:
                for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                    table = pa.table(batch)
                    names = [name for name in table.column_names if name not in (column, ROW)]
                    columns = {name: table.column(name) for name in (*names, ROW)}
                    yield pa.table({**columns, WKB: table.column(column)})

    return Blocks(
        file=str(manifest["source"]),
        driver=str(manifest["driver"]),
        layer=str(manifest["layer"]),
        features=int(manifest["features"]),
        crs=crs,
        doubts=doubts,
        schema=pa.schema(fields),
        rows=rows,
        sha256=str(manifest["sha256"]),
        tables=tables,
    )


def _require_unchanged(part: Path, sha256: str) -> None:
    with part.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        problem = Text(
            "与分块时的内容不同，请重新运行 ecogeo partition",
            "its content is not what it was when the file was parted: run `ecogeo partition` again",
        )
        raise UnusableFileError(part.name, problem)


def _cut(tables: Iterator[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Yield the same rows in tables of an even length."""
    held: list[pa.Table] = []
    length = 0
    for table in tables:
        held.append(table)
        length += len(table)
        while length >= rows:
            joined = pa.concat_tables(held)
            yield joined.slice(0, rows).combine_chunks()
            held, length = [joined.slice(rows)], length - rows
    if length:
        yield pa.concat_tables(held).combine_chunks()
