"""GeoPackage: an SQLite file that may hold several layers."""

from __future__ import annotations

import re
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import pyogrio

from ecogeo.errors import UnusableFileError
from ecogeo.formats.ogr import STROKED, empty_layers, only_layer, read_ogr
from ecogeo.formats.reading import Reading
from ecogeo.formats.refusing import whole_or_nothing
from ecogeo.wording import Text, list_en, list_zh

_GEOMETRY_COLUMNS = "gpkg_geometry_columns"
_LAYER_NAMES = "SELECT table_name FROM gpkg_geometry_columns"
_VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL\s+TABLE", re.IGNORECASE)
_RTREE = re.compile(
    _VIRTUAL.pattern + r"""\s+(?:"(?:[^"]|"")*"|\[[^]]*\]|`[^`]*`|'[^']*'|\w+)\s+USING\s+"?rtree"?\s*\(""",
    re.IGNORECASE,
)
_ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_CHANGE_COUNTERS = (24, 92)
"""Where SQLite counts the transactions a file was written in: GDAL makes one of every batch."""
_WRITTEN_AT_ONCE = (11).to_bytes(4, "big")
_CURVES = (8, 9, 10, 11, 12, 13, 14)


def read_geopackage(path: Path, layer: str = "") -> Reading:
    """Read one layer of a GeoPackage, after making sure that its schema runs nothing.

    Parameters
    ----------
    path
        An existing file.
    layer
        The layer's name; empty takes the only one with features.

    Raises
    ------
    UnusableFileError
        Where it is an SQLite file of another kind, holds views, virtual tables or computed columns, where there is no
        such layer, or several and none was named.
    """
    features = guarded_layers(path)
    chosen = only_layer(path, features, layer)
    read = read_ogr(path, prefix="GPKG", layer=chosen)
    stroked = (STROKED,) if _has_curves(path, chosen) else ()
    doubts = (*stroked, *empty_layers(features, chosen), *read.doubts)
    return Reading(read.frame, "GPKG", chosen, doubts=doubts, set_aside=read.set_aside)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading only, trusting nothing in its schema."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.text_factory = _lenient
            database.execute("PRAGMA trusted_schema = OFF")
            yield database
    except sqlite3.Error as error:
        problem = Text(
            f"无法读取，文件可能被截断或损坏，请重新拷贝（{error}）",
            f"it cannot be read and may be truncated or damaged: copy it again ({error})",
        )
        raise UnusableFileError(path.name, problem) from error


def _lenient(raw: bytes) -> str:
    """Decode a text of the database, marking bytes that are not UTF-8."""
    return raw.decode("utf-8", errors="replace")


def guarded_layers(path: Path) -> dict[str, int]:
    """Return the number of features of each layer with geometry, or refuse a schema that could run something."""
    with _opened(path) as database:
        schema = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
        tables = [name for kind, name, sql in schema if kind == "table" and not _VIRTUAL.match(sql)]
        if _GEOMETRY_COLUMNS not in tables:
            problem = Text("是 SQLite 数据库，但不是 GeoPackage", "it is an SQLite database but no GeoPackage")
            raise UnusableFileError(path.name, problem)
        unsafe = [f"{name} (view)" for kind, name, _ in schema if kind == "view"]
        unsafe += [f"{name} (virtual)" for _, name, sql in schema if _VIRTUAL.match(sql) and not _RTREE.match(sql)]
        unsafe += [f"{table} (computed)" for table in tables if _has_computed_column(database, table)]
        if unsafe:
            problem = Text(
                f"含有视图、虚拟表或计算列，可能执行或读取其他内容，不予打开：{list_zh(unsafe)}；请导出为普通图层",
                f"it holds views, virtual tables or computed columns, which may run or read other things: "
                f"{list_en(unsafe)}; export the layer as a plain table",
            )
            raise UnusableFileError(path.name, problem)
        named = [name for (name,) in database.execute(_LAYER_NAMES) if name in tables]
        return {name: _count(database, name) for name in named}


def _has_computed_column(database: sqlite3.Connection, table: str) -> bool:
    """Whether a table has a column that is computed when it is read."""
    columns = database.execute("SELECT hidden FROM pragma_table_xinfo(?)", (table,))
    return any(hidden in (2, 3) for (hidden,) in columns)


def _count(database: sqlite3.Connection, table: str) -> int:
    """Return 1 where a table has rows, else 0: whether it does is all that is asked."""
    return len(database.execute(f"SELECT 1 FROM {_quoted(table)} LIMIT 1").fetchall())  # noqa: S608 (quoted)


def _has_curves(path: Path, layer: str) -> bool:
    """Whether any geometry of a layer is written with arcs, told from the head of each."""
    with _opened(path) as database:
        (column,) = database.execute(
            f"SELECT column_name FROM {_GEOMETRY_COLUMNS} WHERE table_name = ?",  # noqa: S608 (constant)
            (layer,),
        ).fetchone()
        source, blob = _quoted(layer), _quoted(column)
        for (flags,) in database.execute(f"SELECT DISTINCT substr({blob}, 4, 1) FROM {source}").fetchall():  # noqa: S608 (quoted)
            if not isinstance(flags, bytes) or not flags:
                continue
            start = 9 + _ENVELOPE_BYTES.get(flags[0] >> 1 & 7, 0)
            heads = database.execute(
                f"SELECT DISTINCT substr({blob}, ?, 5) FROM {source} WHERE substr({blob}, 4, 1) = ?",  # noqa: S608 (quoted)
                (start, flags),
            )
            if any(_is_curve(head) for (head,) in heads if isinstance(head, bytes) and len(head) == 5):
                return True
    return False


def _is_curve(head: bytes) -> bool:
    """Whether the head of a well-known binary names a type with arcs."""
    code: int = struct.unpack("<I" if head[0] else ">I", head[1:])[0]
    return code % 1000 in _CURVES


def _quoted(name: str) -> str:
    """Return a name as SQL wants it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def write_geopackage(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    """Write a frame as the only layer of a new GeoPackage whose bytes depend on nothing but the frame.

    Parameters
    ----------
    frame
        Features to write; an existing file is replaced.
    path
        The file.
    layer
        The layer's name.
    """
    with whole_or_nothing(path) as part, _without_clock():
        pyogrio.write_dataframe(frame, part, layer=layer, driver="GPKG", geometry_type="Unknown")


def write_geopackage_batches(batches: pa.RecordBatchReader, path: Path, layer: str, *, geometry: str) -> None:
    """Write a stream of batches as the only layer of a new GeoPackage, with the bytes it would have in one piece.

    Parameters
    ----------
    batches
        Features on EPSG:4490, their geometry as WKB.
    path
        The file; an existing one is replaced.
    layer
        The layer's name.
    geometry
        Name of the column with the geometry.
    """
    with whole_or_nothing(path) as part:
        with _without_clock():
            pyogrio.write_arrow(
                batches,
                part,
                layer=layer,
                driver="GPKG",
                geometry_name=geometry,
                geometry_type="Unknown",
                crs="EPSG:4490",
            )
        with part.open("r+b") as file:
            for place in _CHANGE_COUNTERS:
                file.seek(place)
                file.write(_WRITTEN_AT_ONCE)


@contextmanager
def _without_clock() -> Iterator[None]:
    """Have GDAL stamp the file with a fixed time instead of the time of writing."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "1970-01-01T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
