"""Make a pack of a layer: of one held in memory, or block by block of a file too large to hold."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.errors import UnusableFileError
from ecogeo.formats.blocks import open_blocks
from ecogeo.layer import Layer, as_text
from ecogeo.soundness import make_sound
from ecogeo.style import LayerStyle
from ecogeo.tiles.grid import to_units
from ecogeo.tiles.pack import CLASS, FORMAT, KEY, LINE, NAME, POINT, RING, TilePack, open_pack
from ecogeo.tiles.rows import RowStore
from ecogeo.wording import Text, list_zh

_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which fields of a layer a pack keeps."""

    key: str
    name: str
    kind: str
    facts: tuple[tuple[str, Text], ...]

    @classmethod
    def of(cls, declaration: LayerDeclaration, style: LayerStyle, present: Iterable[str]) -> _Columns:
        """Choose the fields by what the county declares, the style shows and the file has."""
        there = set(present)

        def field_of(meaning: str) -> str:
            name = declaration.fields.get(meaning, meaning)
            return name if name in there else ""

        facts = tuple((name, label) for meaning, label in style.facts if (name := field_of(meaning)))
        return cls(declaration.key, declaration.name or declaration.key, field_of(style.class_by), facts)


def pack_layer(layer: Layer, style: LayerStyle, folder: Path) -> TilePack:
    """Make a pack of a layer that is in memory, or open the one made before.

    Parameters
    ----------
    layer
        The layer.
    style
        How its role is drawn: which field tells classes apart, which are shown.
    folder
        Where packs are kept; made when needed.
    """
    columns = _Columns.of(layer.declaration, style, layer.sound.columns)
    digest = _digest(layer.sha256 or _content(layer), columns, style)
    if (kept := open_pack(folder / digest)) is not None:
        return kept
    with _Writer(folder, digest, columns) as writer:
        for start in range(0, len(layer.sound), _ROWS):
            part = layer.sound.iloc[start : start + _ROWS]
            writer.add(np.asarray(part.geometry.array, dtype=object), part)
        writer.aside, writer.repaired = len(layer.set_aside), len(layer.repairs)
    return writer.finished()


def pack_blocks(path: Path, declaration: LayerDeclaration, style: LayerStyle, folder: Path, sha256: str) -> TilePack:
    """Make a pack of a file block by block, never holding the layer whole, or open the one made before.

    Parameters
    ----------
    path
        A file `ecogeo.formats.blocks` can read.
    declaration
        What the county declares of it.
    style
        How its role is drawn.
    folder
        Where packs are kept; made when needed.
    sha256
        Digest of the file.

    Raises
    ------
    UnusableFileError
        Where a declared field or the CRS is missing, or the file cannot be read.
    """
    blocks = open_blocks(path, declaration.layer, rows=_ROWS)
    columns = _Columns.of(declaration, style, blocks.schema.names)
    digest = _digest(sha256, columns, style)
    if (kept := open_pack(folder / digest)) is not None:
        return kept
    crs = blocks.crs or (pyproj.CRS.from_user_input(declaration.crs) if declaration.crs else None)
    wanted = [columns.key, columns.name, *declaration.fields.values()]
    missing = [name for name in dict.fromkeys(wanted) if name not in blocks.schema.names]
    problems = [Text(f"缺少字段 {list_zh(missing)}", f"the fields {', '.join(missing)} are missing")] if missing else []
    if crs is None:
        problems.append(Text("文件没有坐标系", "it has no CRS"))
    if problems or crs is None:
        raise UnusableFileError(declaration.shown_path, problems)
    with _Writer(folder, digest, columns) as writer:
        for block in blocks:
            reading = block.reading()
            keys = reading.frame[columns.key].astype(str).to_numpy()
            made = make_sound(geodesy.to_lonlat(np.asarray(reading.frame.geometry.array, dtype=object), crs), keys)
            kept_rows = np.flatnonzero(~shapely.is_missing(made.geometries))
            writer.add(made.geometries[kept_rows], reading.frame.iloc[kept_rows])
            writer.aside += len(reading.frame) - len(kept_rows)
            writer.repaired += len(made.repairs)
    return writer.finished()


def pack_rows(rows: RowStore, declaration: LayerDeclaration, style: LayerStyle, folder: Path, sha256: str) -> TilePack:
    """Make a pack of a layer that was laid out on disk, or open the one made before; parameters as of `pack_blocks`."""
    columns = _Columns.of(declaration, style, rows.take(np.arange(min(1, len(rows)))).columns)
    digest = _digest(sha256, columns, style)
    if (kept := open_pack(folder / digest)) is not None:
        return kept
    with _Writer(folder, digest, columns) as writer:
        for start in range(0, len(rows), _ROWS):
            part = rows.take(np.arange(start, min(start + _ROWS, len(rows))))
            part = part[part.geometry.notna()]
            writer.add(np.asarray(part.geometry.array, dtype=object), part)
        writer.aside, writer.repaired = len(rows.set_aside), len(rows.repairs)
    return writer.finished()


def flat_parts(
    shapes: geodesy.Geometries,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Lay out shapes as coordinates, starts of parts, kinds of parts and starts of features.

    Parameters
    ----------
    shapes
        Shape (n,), any mixture of points, lines, areas and collections; none missing.
    """
    atoms, owner = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(atoms) > shapely.GeometryType.POLYGON).any():  # collections within collections
        atoms, inner = shapely.get_parts(atoms, return_index=True)
        owner = owner[inner]
    is_area = shapely.get_type_id(atoms) == shapely.GeometryType.POLYGON
    atoms[is_area] = shapely.orient_polygons(atoms[is_area])
    rings, ring_of = shapely.get_rings(atoms[is_area], return_index=True)
    order = np.concatenate([np.flatnonzero(~is_area), np.flatnonzero(is_area)[ring_of]])
    lines = np.concatenate([atoms[~is_area], rings])
    kinds = np.where(is_area[order], RING, np.where(shapely.get_dimensions(lines) == 0, POINT, LINE)).astype(np.uint8)
    place = np.argsort(order, kind="stable")
    lines, kinds, owners = lines[place], kinds[place], owner[order[place]]
    coordinates = shapely.get_coordinates(lines)
    starts = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(lines))]).astype(np.int64)
    return coordinates, starts, kinds, np.searchsorted(owners, np.arange(len(shapes) + 1)).astype(np.int64)


@dataclass(slots=True)
class _Writer:
    """Writes a pack beside its place, and puts it there when it is whole; an interrupted one leaves nothing behind."""

    folder: Path
    digest: str
    columns: _Columns
    aside: int = 0
    repaired: int = 0
    _part: Path = field(default_factory=Path)
    _xy: BinaryIO | None = None
    _vertices: int = 0
    _starts: list[npt.NDArray[np.int64]] = field(default_factory=list)
    _kinds: list[npt.NDArray[np.uint8]] = field(default_factory=list)
    _features: list[npt.NDArray[np.int64]] = field(default_factory=list)
    _boxes: list[npt.NDArray[np.int32]] = field(default_factory=list)
    _areas: list[npt.NDArray[np.float32]] = field(default_factory=list)
    _classes: list[npt.NDArray[np.int32]] = field(default_factory=list)
    _values: dict[str, int] = field(default_factory=dict)
    _words: pa.ipc.RecordBatchFileWriter | None = None

    def __enter__(self) -> _Writer:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._part = Path(tempfile.mkdtemp(prefix=f"{self.digest}.", suffix=".part", dir=self.folder))
        self._xy = (self._part / "xy.raw").open("wb")
        self._words = pa.ipc.new_file(str(self._part / "words.arrow"), self._schema)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._xy is not None:
            self._xy.close()
        if self._words is not None:
            self._words.close()
        if kind is not None:
            shutil.rmtree(self._part, ignore_errors=True)

    @property
    def _schema(self) -> pa.Schema:
        facts = [f"fact{place}" for place in range(len(self.columns.facts))]
        return pa.schema([(name, pa.string()) for name in (KEY, NAME, CLASS, *facts)])

    def add(self, shapes: geodesy.Geometries, frame: gpd.GeoDataFrame) -> None:
        """Append features, longitude and latitude, and their words."""
        if not len(shapes) or self._xy is None or self._words is None:
            return
        lonlat, starts, kinds, features = flat_parts(shapes)
        units = to_units(lonlat)
        units.tofile(self._xy)
        parts = sum(map(len, self._kinds))
        self._starts.append(starts[:-1] + self._vertices)
        self._kinds.append(kinds)
        self._features.append(features[:-1] + parts)
        self._vertices += len(units)
        first = starts[features[:-1]]
        low, high = np.minimum.reduceat(units, first), np.maximum.reduceat(units, first)
        self._boxes.append(np.concatenate([low, high], axis=1))
        narrow = np.cos(np.radians(shapely.bounds(shapes)[:, [1, 3]].mean(axis=1)))
        square = (2.0**31 / 360.0) ** 2 / np.where(narrow > 0, narrow, 1.0)
        self._areas.append((shapely.area(shapes) * square).astype(np.float32))
        key, name = (as_text(frame[field]) for field in (self.columns.key, self.columns.name))
        values = as_text(frame[self.columns.kind]).str.strip().to_numpy() if self.columns.kind else [""] * len(frame)
        known = self._values
        self._classes.append(np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int32))
        facts = [shown(frame[field]) for field, _ in self.columns.facts]
        arrays = [pa.array(list(column), pa.string()) for column in (key, name, values, *facts)]
        self._words.write_batch(pa.record_batch(arrays, schema=self._schema))

    def finished(self) -> TilePack:
        """Write what is left and put the pack in its place."""
        if self._vertices:
            raw = np.memmap(self._part / "xy.raw", np.int32, "r", shape=(self._vertices, 2))
            whole = np.lib.format.open_memmap(self._part / "xy.npy", "w+", np.int32, (self._vertices, 2))
            for start in range(0, self._vertices, 1 << 20):
                whole[start : start + (1 << 20)] = raw[start : start + (1 << 20)]
            whole.flush()
            del raw, whole
        else:
            np.save(self._part / "xy.npy", np.empty((0, 2), np.int32))
        (self._part / "xy.raw").unlink()
        parts = sum(map(len, self._kinds))
        ends = ([np.array([self._vertices])], [np.array([parts])])
        arrays: dict[str, Sequence[npt.NDArray[np.generic]]] = {
            "part_start": [*self._starts, *ends[0]],
            "part_kind": [np.empty(0, np.uint8), *self._kinds],
            "feature_start": [*self._features, *ends[1]],
            "boxes": [np.empty((0, 4), np.int32), *self._boxes],
            "areas": [np.empty(0, np.float32), *self._areas],
            "class_of": [np.empty(0, np.int32), *self._classes],
        }
        for name, chunks in arrays.items():
            np.save(self._part / f"{name}.npy", np.concatenate(chunks))
        told = {
            "format": FORMAT,
            "digest": self.digest,
            "features": sum(map(len, self._boxes)),
            "class_values": list(self._values),
            "labels": [[label.zh, label.en] for _, label in self.columns.facts],
            "aside": self.aside,
            "repaired": self.repaired,
        }
        (self._part / "pack.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        place = self.folder / self.digest
        if place.exists():  # not whole, else it would have been opened; or made by another process meanwhile
            if (other := open_pack(place)) is not None:
                shutil.rmtree(self._part, ignore_errors=True)
                return other
            shutil.rmtree(place)
        self._part.replace(place)
        made = open_pack(place)
        if made is None:
            raise UnusableFileError(place.name, Text("瓦片数据没有写完整", "the tiles' data were not written whole"))
        return made


def shown(column: Iterable[object]) -> Iterator[str]:
    """Yield cells as people read them: no noise behind the point, nothing for a missing value."""
    for value in column:
        if value is None or value != value:  # noqa: PLR0124  NaN and NaT differ from themselves
            yield ""
        elif isinstance(value, bool | np.bool_):
            yield "✓" if value else ""
        else:
            yield f"{value:.12g}" if isinstance(value, float | np.floating) else str(value).strip()


def _digest(sha256: str, columns: _Columns, style: LayerStyle) -> str:
    told = [FORMAT, sha256, columns.key, columns.name, columns.kind, style.role, *(name for name, _ in columns.facts)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:24]


def _content(layer: Layer) -> str:
    """Return a digest of a layer that comes from no file."""
    content = hashlib.sha256()
    for blob, *words in zip(shapely.to_wkb(layer.geometries), layer.ids, layer.names, strict=True):
        content.update(blob)
        content.update("\0".join(words).encode())
    return content.hexdigest()
