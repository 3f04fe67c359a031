"""A layer on disk by rows, read once and never held whole: its features are taken from there as they are needed."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.errors import DatumError, UnusableFileError
from ecogeo.formats.blocks import ROW, WKB, Block, open_blocks
from ecogeo.formats.geoparquet import attribute_frame
from ecogeo.layer import Layer, as_text, crs_problems, field_problems
from ecogeo.soundness import Repair, make_sound
from ecogeo.wording import Text

FORMAT = "ecogeo rows 1"
NO_GEOMETRY = 255
_ROWS = 10_000
_ARRAYS = ("boxes", "dimensions")

Rows = npt.NDArray[np.int64]
_Told = tuple[Sequence[tuple[str, Text]], Sequence[Repair], Sequence[Text]]


@dataclass(frozen=True, slots=True, eq=False)
class RowStore:
    """The features of a layer, in the order of the file; those that cannot be measured without their geometry.

    Parameters
    ----------
    folder
        Where it lies.
    boxes
        Shape (n, 4): west, south, east, north of each, degrees; NaN without geometry.
    dimensions
        Shape (n,), uint8: 0 points, 1 lines, 2 areas, `NO_GEOMETRY`.
    set_aside, repairs, doubts
        As of `ecogeo.layer.Layer`.
    """

    folder: Path
    boxes: geodesy.Floats
    dimensions: npt.NDArray[np.uint8]
    set_aside: tuple[tuple[str, Text], ...]
    repairs: tuple[Repair, ...]
    doubts: tuple[Text, ...]

    def __len__(self) -> int:
        """How many features it has."""
        return len(self.boxes)

    def take(self, rows: Rows) -> gpd.GeoDataFrame:
        """Return features by their places, longitude and latitude, with their words.

        Parameters
        ----------
        rows
            Sorted.

        Returns
        -------
        The features under the numbers they have in the file, from 0.
        """
        with pa.memory_map(str(self.folder / "rows.arrow")) as source:
            reader = pa.ipc.open_file(source)
            wanted = np.split(rows, np.searchsorted(rows, np.arange(1, reader.num_record_batches) * _ROWS))
            parts = [
                reader.get_batch(number).take(pa.array(own - number * _ROWS))
                for number, own in enumerate(wanted)
                if len(own)
            ]
            table = pa.Table.from_batches(parts, schema=reader.schema)
        words = attribute_frame(table.drop_columns([ROW, WKB]))
        words.index = pd.Index(table.column(ROW).to_numpy() - 1)
        shapes = shapely.from_wkb(table.column(WKB).to_numpy(zero_copy_only=False))
        return gpd.GeoDataFrame(words, geometry=gpd.GeoSeries(shapes, index=words.index, crs=geodesy.LONLAT))

    def fields(self) -> tuple[str, ...]:
        """Return the names of the words."""
        with pa.memory_map(str(self.folder / "rows.arrow")) as source:
            return tuple(name for name in pa.ipc.open_file(source).schema.names if name not in (ROW, WKB))

    def having(self, equal: Mapping[str, str]) -> npt.NDArray[np.bool_]:
        """Tell which features have certain words, compared as text.

        Parameters
        ----------
        equal
            The word wanted by field.
        """
        has_all = np.ones(len(self), dtype=bool)
        with pa.memory_map(str(self.folder / "rows.arrow")) as source:
            reader = pa.ipc.open_file(source)
            for number in range(reader.num_record_batches if equal else 0):
                words = attribute_frame(pa.table(reader.get_batch(number)).select(list(equal)))
                own = slice(number * _ROWS, number * _ROWS + len(words))
                for name, value in equal.items():
                    has_all[own] &= (as_text(words[name]) == value).to_numpy(dtype=bool)
        return has_all

    def meeting(self, west: float, south: float, east: float, north: float) -> npt.NDArray[np.bool_]:
        """Tell which features touch a box, degrees; only those it cuts are looked at closely."""
        boxes = self.boxes
        meets = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        is_inside = (boxes[:, 0] >= west) & (boxes[:, 2] <= east) & (boxes[:, 1] >= south) & (boxes[:, 3] <= north)
        cut, window = np.flatnonzero(meets & ~is_inside), shapely.box(west, south, east, north)
        shapely.prepare(window)
        for start in range(0, len(cut), _ROWS):
            some = cut[start : start + _ROWS]
            meets[some] = shapely.intersects(window, np.asarray(self.take(some).geometry.array, dtype=object))
        return np.asarray(meets)


def row_store(path: Path, declaration: LayerDeclaration, folder: Path, sha256: str) -> RowStore:
    """Return the store of a file, made block by block if it was not kept.

    Parameters
    ----------
    path
        A file `ecogeo.formats.blocks` can read.
    declaration
        What the county declares of it.
    folder
        Where stores are kept; made when needed.
    sha256
        Digest of the file.

    Raises
    ------
    UnusableFileError
        Where `ecogeo.layer.read_layer` would refuse the layer, with everything that is wrong with it.
    """
    if (kept := kept_rows(declaration, folder, sha256)) is not None:
        return kept
    return _made(declaration, folder, sha256, lambda part: _write(path, declaration, part))


def kept_rows(declaration: LayerDeclaration, folder: Path, sha256: str) -> RowStore | None:
    """Return the store of a file if it was kept, else None; parameters as of `row_store`."""
    return _opened(_place(declaration, folder, sha256))


def keep_rows(layer: Layer, folder: Path) -> RowStore:
    """Keep the rows of a layer that is in memory.

    Parameters
    ----------
    layer
        The layer as it was read.
    folder
        Where stores are kept; made when needed.
    """
    return _made(layer.declaration, folder, layer.sha256, lambda part: _write_layer(layer, part))


def _place(declaration: LayerDeclaration, folder: Path, sha256: str) -> Path:
    told = [FORMAT, sha256, declaration.layer, declaration.key, declaration.name, declaration.crs, declaration.role]
    return folder / hashlib.sha256("\0".join([*told, *sorted(declaration.fields.values())]).encode()).hexdigest()[:24]


def _made(declaration: LayerDeclaration, folder: Path, sha256: str, write: Callable[[Path], None]) -> RowStore:
    """Have a store written beside its place and put there when it is whole."""
    place = _place(declaration, folder, sha256)
    folder.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f"{place.name}.", suffix=".part", dir=folder))
    try:
        write(part)
        if place.exists() and _opened(place) is None:
            shutil.rmtree(place)
        if not place.exists():
            part.replace(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    made = _opened(place)
    if made is None:
        raise UnusableFileError(place.name, Text("图层索引没有写完整", "the layer's index was not written whole"))
    return made


@dataclass(slots=True)
class _Gathered:
    """What is gathered over the blocks of a file."""

    keys: list[pd.Series[Any]] = field(default_factory=list)
    boxes: list[geodesy.Floats] = field(default_factory=list)
    dimensions: list[npt.NDArray[np.uint8]] = field(default_factory=list)
    aside: list[tuple[str, Text]] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    held: list[pa.Table] = field(default_factory=list)


def _write(path: Path, declaration: LayerDeclaration, part: Path) -> None:
    """Read a file from its start and write its features, their boxes, and what became of those that are not sound."""
    blocks = open_blocks(path, declaration.layer, rows=_ROWS)
    empty = gpd.GeoDataFrame(blocks.schema.empty_table().to_pandas(), geometry=gpd.GeoSeries([], crs=blocks.crs))
    problems = [*field_problems(empty, declaration), *crs_problems(empty, declaration)]
    if problems:
        raise UnusableFileError(declaration.shown_path, problems)
    crs = blocks.crs or pyproj.CRS.from_user_input(declaration.crs)
    found = _Gathered()
    schema = pa.schema([*blocks.schema, pa.field(ROW, pa.int64()), pa.field(WKB, pa.binary())])
    doubts: tuple[Text, ...] = blocks.doubts
    with pa.ipc.new_file(str(part / "rows.arrow"), schema) as writer:
        for block in blocks:
            found.held.append(_sound(block, declaration, crs, found).cast(schema))
            _flush(writer, found, is_last=False)
            if doubt := geodesy.datum_doubt(crs, shapely.from_wkb(found.held[-1].column(WKB).to_numpy())):
                doubts = tuple(dict.fromkeys((*doubts, doubt)))
        _flush(writer, found, is_last=True)
    keys = pd.DataFrame({declaration.key: pd.concat(found.keys) if found.keys else []})
    problems = field_problems(gpd.GeoDataFrame(keys.reindex(columns=list(blocks.schema.names))), declaration)
    if all(np.isnan(some).all() for some in found.boxes):
        problems.append(Text("没有一个可用的图形", "it holds no usable geometry"))
    if problems:
        raise UnusableFileError(declaration.shown_path, problems)
    _finish(part, np.concatenate(found.boxes), np.concatenate(found.dimensions), (found.aside, found.repairs, doubts))


def _write_layer(layer: Layer, part: Path) -> None:
    """Write the features of a layer that is in memory."""
    shapes = np.asarray(layer.sound.geometry.reindex(layer.frame.index).array, dtype=object)
    words = pd.DataFrame(layer.frame.drop(columns=layer.frame.geometry.name))
    try:
        table = pa.Table.from_pandas(words, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # cells of several types in one column: as text
        table = pa.Table.from_pandas(words.apply(as_text), preserve_index=False)
    numbers = pa.array(layer.frame.index.to_numpy(dtype=np.int64) + 1)
    table = table.append_column(ROW, numbers).append_column(WKB, pa.array(shapely.to_wkb(shapes), pa.binary()))
    with pa.ipc.new_file(str(part / "rows.arrow"), table.schema) as writer:
        _flush(writer, _Gathered(held=[table]), is_last=True)
    _finish(part, _boxes(shapes), _dimensions(shapes), (layer.set_aside, layer.repairs, layer.doubts))


def _boxes(shapes: geodesy.Geometries) -> geodesy.Floats:
    return np.asarray(shapely.bounds(shapes), dtype=np.float64).reshape(-1, 4)


def _dimensions(shapes: geodesy.Geometries) -> npt.NDArray[np.uint8]:
    """Return the dimension of each shape; that of none at all is `NO_GEOMETRY`."""
    found = shapely.get_dimensions(shapes)
    dimensions: npt.NDArray[np.uint8] = np.where(found < 0, NO_GEOMETRY, found).astype(np.uint8)
    return dimensions


def _finish(part: Path, boxes: geodesy.Floats, dimensions: npt.NDArray[np.uint8], told: _Told) -> None:
    """Write what is told of the rows; with this a store is whole."""
    set_aside, repairs, doubts = told
    np.save(part / "boxes.npy", boxes)
    np.save(part / "dimensions.npy", dimensions)
    words = {
        "format": FORMAT,
        "set_aside": [[key, why.zh, why.en] for key, why in set_aside],
        "repairs": [[one.feature_id, one.reason, one.area_before_m2, one.area_after_m2] for one in repairs],
        "doubts": [[doubt.zh, doubt.en] for doubt in doubts],
    }
    (part / "told.json").write_text(json.dumps(words, ensure_ascii=False), "utf-8")


def _sound(block: Block, declaration: LayerDeclaration, crs: pyproj.CRS, found: _Gathered) -> pa.Table:
    """Return the features of a block with sound geometries, and note what is to be told of them."""
    reading = block.reading()
    frame = reading.frame
    try:
        lonlat = geodesy.to_lonlat(np.asarray(frame.geometry.array, dtype=object), crs)
    except DatumError as error:
        raise UnusableFileError(declaration.shown_path, error.problems) from error
    made = make_sound(lonlat, frame[declaration.key].astype(str).to_numpy())
    named = {key for key, _ in reading.set_aside}
    found.aside += [*reading.set_aside, *(entry for entry in made.set_aside if entry[0] not in named)]
    found.repairs += made.repairs
    found.keys.append(frame[declaration.key])
    shapes = made.geometries
    found.boxes.append(_boxes(shapes))
    found.dimensions.append(_dimensions(shapes))
    place = block.table.schema.get_field_index(WKB)
    return block.table.set_column(place, WKB, pa.array(shapely.to_wkb(shapes), pa.binary()))


def _flush(writer: pa.ipc.RecordBatchFileWriter, found: _Gathered, *, is_last: bool) -> None:
    """Write what is gathered in batches of one length, so that a feature's batch is known by its place."""
    table = pa.concat_tables(found.held)
    while len(table) >= _ROWS or (is_last and len(table)):
        (batch,) = table.slice(0, _ROWS).combine_chunks().to_batches()
        writer.write_batch(batch)
        table = table.slice(_ROWS)
    found.held = [table]


def _opened(place: Path) -> RowStore | None:
    """Open a store, or return None where there is none, or none that is whole."""
    try:
        told: dict[str, Any] = json.loads((place / "told.json").read_text("utf-8"))
        if told.get("format") != FORMAT:
            return None
        boxes, dimensions = (np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS)
        with pa.memory_map(str(place / "rows.arrow")) as source:
            pa.ipc.open_file(source)
        texts: Sequence[Sequence[str]] = told["set_aside"]
        return RowStore(
            place,
            boxes,
            dimensions,
            tuple((key, Text(zh, en)) for key, zh, en in texts),
            tuple(Repair(*one) for one in told["repairs"]),
            tuple(Text(zh, en) for zh, en in told["doubts"]),
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, pa.ArrowException):  # none, or not whole
        return None
