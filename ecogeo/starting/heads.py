"""What the head of a geographic file tells of each layer in it; no file is read as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pyogrio
import rasterio
from rasterio.windows import Window

from ecogeo.errors import UnusableFileError
from ecogeo.recognise import RasterHead
from ecogeo.wording import Text

FEATURES_LOOKED_AT = 50
_BLOCK_CELLS = 256
_BLOCKS_A_SIDE = 3
_GEOJSON_BYTES = 1 << 20
_GEOJSON_MOST_BYTES = 1 << 26
_MAGIC = {
    ".shp": (b"\x00\x00\x27\x0a",),
    ".gpkg": (b"SQLite format 3\x00",),
    ".fgb": (b"fgb\x03",),
    ".parquet": (b"PAR1",),
    ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
}
_DRIVERS = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".gdb": "OpenFileGDB"}
_ALIASES = {".tiff": ".tif", ".json": ".geojson", ".geoparquet": ".parquet"}

Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class LayerHead:
    """One layer as its file announces it.

    Parameters
    ----------
    path
        The file, or the folder of a FileGDB.
    name
        Name of the layer; of the file where it holds but one.
    layer
        What names it inside a file of several layers; empty in a file of one.
    fields
        Names of its fields.
    values
        The first features' values by field, as text.
    geometry_type
        As GDAL names it; empty for a table without geometry.
    features
        Number of features; None where only a whole reading would tell.
    crs
        Its CRS, as ``EPSG:4545`` or by name; empty where the file names none.
    raster
        What its cells look like; None for features.
    """

    path: Path
    name: str
    layer: str = ""
    fields: tuple[str, ...] = ()
    values: Values = field(default_factory=dict)
    geometry_type: str = ""
    features: int | None = None
    crs: str = ""
    raster: RasterHead | None = None


def read_heads(path: Path) -> tuple[LayerHead, ...]:
    """Read the head of every layer of a file.

    Parameters
    ----------
    path
        A file, or the folder of a FileGDB, of one of the kinds of `is_layer_file`.

    Raises
    ------
    UnusableFileError
        Where its content is not what its name says, or damaged.
    """
    suffix = _suffix(path)
    wanted = _MAGIC.get(suffix)
    try:
        if wanted and not _first_bytes(path).startswith(wanted):
            problem = Text(f"内容不是 {suffix} 文件，或已损坏", f"its content is no {suffix} file, or damaged")
            raise UnusableFileError(path.name, problem)
        return _READERS[suffix](path)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        cause = str(error).replace(str(path), path.name).splitlines()[:1]
        problem = Text(
            f"无法读取，可能被截断或损坏（{''.join(cause)[:160]}）",
            f"it cannot be read and may be truncated or damaged ({''.join(cause)[:160]})",
        )
        raise UnusableFileError(path.name, problem) from error


def is_layer_file(path: Path) -> bool:
    """Tell whether a file, or the folder of a FileGDB, is of a kind that holds a county's layers."""
    suffix = _suffix(path)
    return suffix in _READERS and (path.is_dir() if suffix == ".gdb" else path.is_file())


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return _ALIASES.get(suffix, suffix)


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(16)


def _read_gdal(path: Path) -> tuple[LayerHead, ...]:
    """Read the heads of the layers of a GeoPackage, FileGDB or FlatGeobuf."""
    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    return tuple(_gdal_head(path, name, is_only=len(names) == 1) for name in names)


def _gdal_head(path: Path, layer: str, *, is_only: bool) -> LayerHead:
    name = path.stem if is_only and layer.lower() == path.stem.lower() else layer
    return _head(path, name, pyogrio.read_info(path, layer=layer), _values(path, layer=layer), "" if is_only else layer)


def _read_shapefile(path: Path) -> tuple[LayerHead, ...]:
    """Read the head of a shapefile; without a .cpg its text is taken as UTF-8, else as GB18030."""
    companions = {child.suffix.lower() for child in path.parent.iterdir() if child.stem == path.stem}
    if missing := [suffix for suffix in (".shx", ".dbf") if suffix not in companions]:
        problem = Text(f"缺少配套文件 {'、'.join(missing)}", f"its companion {', '.join(missing)} is missing")
        raise UnusableFileError(path.name, problem)
    for encoding in ("UTF-8", "GB18030"):
        try:
            info = pyogrio.read_info(path, encoding=encoding)
            return (_head(path, path.stem, info, _values(path, encoding=encoding)),)
        except UnicodeDecodeError:
            continue
    return (_head(path, path.stem, pyogrio.read_info(path, encoding="ISO-8859-1"), {}),)


def _head(path: Path, name: str, info: Mapping[str, Any], values: Values, layer: str = "") -> LayerHead:
    driver, expected = info["driver"], _DRIVERS[_suffix(path)]
    if driver != expected:
        problem = Text(f"内容是 {driver}，不是 {expected}", f"its content is {driver}, not {expected}")
        raise UnusableFileError(path.name, problem)
    return LayerHead(
        path=path,
        name=name,
        layer=layer,
        fields=tuple(str(column) for column in info["fields"]),
        values=values,
        geometry_type=info["geometry_type"] or "",
        features=None if info["features"] < 0 else int(info["features"]),
        crs=_short_crs(info["crs"]),
    )


def _values(path: Path, **options: str) -> Values:
    frame = pyogrio.read_dataframe(path, max_features=FEATURES_LOOKED_AT, read_geometry=False, **options)
    return {str(column): tuple(_cell(value) for value in frame[column]) for column in frame.columns}


def _read_geojson(path: Path) -> tuple[LayerHead, ...]:
    """Read the first features of a GeoJSON file from its first megabyte, or as much as one feature takes."""
    features: list[Mapping[str, Any]] = []
    size = _GEOJSON_BYTES
    while not features and size <= _GEOJSON_MOST_BYTES:
        with path.open("rb") as stream:
            content = stream.read(size)
        features = list(islice(_features(content.decode("utf-8-sig", errors="replace")), FEATURES_LOOKED_AT))
        if len(content) < size:
            break
        size *= 8
    if not features:
        problem = Text("开头没有找到 GeoJSON 要素", "no GeoJSON feature was found at its start")
        raise UnusableFileError(path.name, problem)
    rows = [feature.get("properties") or {} for feature in features]
    fields = tuple(dict.fromkeys(str(column) for row in rows for column in row))
    kinds = {str((feature.get("geometry") or {}).get("type", "")) for feature in features} - {""}
    return (
        LayerHead(
            path=path,
            name=path.stem,
            fields=fields,
            values={column: tuple(_cell(row.get(column)) for row in rows) for column in fields},
            geometry_type=_common_kind(kinds),
            crs="OGC:CRS84",
        ),
    )


def _features(text: str) -> Iterable[Mapping[str, Any]]:
    """Yield the features at the start of a GeoJSON text that may be cut off anywhere."""
    decoder = json.JSONDecoder()
    start = text.find('"features"')
    place = text.find("[", max(start, 0))
    while place >= 0:
        place = text.find("{", place)
        if place < 0:
            return
        try:
            feature, place = decoder.raw_decode(text, place)
        except ValueError:
            return
        if feature.get("type") == "Feature":
            yield feature


def _read_parquet(path: Path) -> tuple[LayerHead, ...]:
    """Read the schema and the first rows of a GeoParquet file."""
    with pq.ParquetFile(path) as file:
        schema, count = file.schema_arrow, file.metadata.num_rows
        described = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
        geometries = described.get("columns", {})
        fields = [column for column in schema.names if column not in geometries]
        batches = file.iter_batches(batch_size=FEATURES_LOOKED_AT, columns=fields)
        columns = next(batches).to_pydict() if count and fields else {}
    main = geometries.get(described.get("primary_column"), {})
    return (
        LayerHead(
            path=path,
            name=path.stem,
            fields=tuple(fields),
            values={column: tuple(_cell(value) for value in cells) for column, cells in columns.items()},
            geometry_type=_common_kind(set(main.get("geometry_types", []))) or ("Unknown" if main else ""),
            features=count,
            crs=_parquet_crs(main),
        ),
    )


def _parquet_crs(column: Mapping[str, Any]) -> str:
    """Return the CRS of a GeoParquet column: an absent one means longitude and latitude, null means unknown."""
    if "crs" not in column:
        return "OGC:CRS84" if column else ""
    crs = column["crs"] or {}
    code = crs.get("id", {})
    return f"{code['authority']}:{code['code']}" if code else str(crs.get("name", ""))


def _read_raster(path: Path) -> tuple[LayerHead, ...]:
    """Look at a few blocks spread over a GeoTIFF."""
    with rasterio.open(path, driver="GTiff") as source:
        seen = [
            source.read(1, window=Window(left, top, _BLOCK_CELLS, _BLOCK_CELLS), masked=True).compressed()
            for top in _block_starts(source.height)
            for left in _block_starts(source.width)
        ]
        cells = np.unique(np.concatenate(seen))
        cells = cells[np.isfinite(cells)]
        crs = _short_crs(source.crs.to_string() if source.crs else None)
        dtype, bands = str(source.dtypes[0]), int(source.count)
    head = RasterHead(
        dtype=dtype,
        bands=bands,
        least=float(cells[0]) if len(cells) else None,
        most=float(cells[-1]) if len(cells) else None,
        distinct=len(cells),
        is_whole=bool(np.all(cells == np.round(cells))),
    )
    return (LayerHead(path=path, name=path.stem, crs=crs, raster=head),)


def _block_starts(cells: int) -> list[int]:
    """Return where along a side the blocks begin: at both ends and between."""
    last = max(cells - _BLOCK_CELLS, 0)
    return sorted({last * place // (_BLOCKS_A_SIDE - 1) for place in range(_BLOCKS_A_SIDE)})


def _common_kind(kinds: set[str]) -> str:
    """Return the kind of geometry all have, single or multiple alike; Unknown where they differ, empty for none."""
    plain = {kind.removesuffix(" Z").removeprefix("Multi") for kind in kinds}
    return plain.pop() if len(plain) == 1 else ("Unknown" if plain else "")


def _short_crs(crs: str | None) -> str:
    """Return the code of a CRS, or its name where it has none."""
    if not crs:
        return ""
    return crs if ":" in crs and len(crs) < 20 else crs.partition('["')[2].partition('"')[0] or crs[:40]


def _cell(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()  # noqa: PLR0124  NaN differs from itself


_READERS: dict[str, Callable[[Path], tuple[LayerHead, ...]]] = {
    ".shp": _read_shapefile,
    ".gpkg": _read_gdal,
    ".fgb": _read_gdal,
    ".gdb": _read_gdal,
    ".geojson": _read_geojson,
    ".parquet": _read_parquet,
    ".tif": _read_raster,
}
