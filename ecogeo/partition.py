"""A large layer parted by where its features lie, so that each part needs only the zones of its own neighbourhood.

The features are put along a Hilbert curve by the middle of their boxes and cut into parts of an even number. Each keeps
the number it had, its fields and its geometry to the byte, so that whatever is worked out of the parts can be put back
into the order of the file.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from ecogeo.errors import UnusableFileError
from ecogeo.formats.blocks import MANIFEST, PARTITION, ROW, ROWS, WKB, Blocks, open_blocks
from ecogeo.layer import digest
from ecogeo.wording import Text

ROWS_PER_PART = 100_000

_LEVEL = 16
"""The curve has 2^16 steps along each side of the box of all features: of a country, one every 80 m."""

_GATHERED_ROWS = 1 << 19
_GEOMETRY = "geometry"
_GROUP_ROWS = 1 << 14

Codes = npt.NDArray[np.uint32]


def partition_file(
    path: Path,
    folder: Path,
    *,
    layer: str = "",
    rows_per_part: int = ROWS_PER_PART,
    progress: Callable[[str, int, int], None] = lambda _name, _done, _of: None,
) -> tuple[Path, ...]:
    """Part a layer into GeoParquet files of features that lie near one another.

    Parameters
    ----------
    path
        A GeoParquet file or a GeoPackage.
    folder
        Where to; parts of an earlier partition are replaced once the new ones are whole.
    layer
        The layer inside it; empty takes the only one.
    rows_per_part
        Features in a part.
    progress
        Called with the name of the pass, how many blocks are done, and of how many.

    Returns
    -------
    The parts and the manifest, which names the file, its digest and that of each part. Beside the fields of the file,
    each feature has its number there as ``ecogeo_row``. The same file gives the same bytes. The file is read twice;
    some 12 bytes a feature are held, and half a million features at a time.

    Raises
    ------
    UnusableFileError
        Where the file cannot be read in blocks (see `ecogeo.formats.blocks.open_blocks`), holds no feature, or has a
        field of the name ``ecogeo_row``; where the folder holds something else.
    """
    blocks = open_blocks(path, layer, rows=ROWS)
    _require_partable(path, blocks, folder)
    count = max(1, ceil(blocks.features / ROWS))
    boxes = [_boxes(block.table) for block in _followed(blocks, "1/2", progress, count)]
    codes = hilbert_codes(np.concatenate(boxes))
    order = np.lexsort((np.arange(len(codes)), codes))
    part_of = np.empty(len(codes), dtype=np.int32)
    part_of[order] = np.arange(len(codes)) // rows_per_part
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="parting-") as held:
        tables = (block.table for block in _followed(blocks, "2/2", progress, count))
        runs = _spread(tables, part_of, Path(held))
        entries = []
        for number in range(int(part_of.max()) + 1):
            part = Path(held) / f"part-{number:05d}.parquet"
            rows = pa.concat_tables(_rows_of_part(run, number) for run in runs)
            place = np.argsort(codes[rows.column(ROW).to_numpy() - 1], kind="stable")
            entries.append(_write_part(rows.take(pa.array(place)), part, blocks))
        return _put_in_place(Path(held), folder, entries, _manifest(path, blocks, entries, rows_per_part))


def hilbert_codes(boxes: npt.NDArray[np.float64]) -> Codes:
    """Return where the middle of each box lies along a Hilbert curve through all of them.

    Parameters
    ----------
    boxes
        Shape (n, 4): west, south, east, north, in any plane coordinates; NaN where a feature has no geometry.

    Returns
    -------
    Shape (n,): places along the curve, neighbours near one another; the last place for what has no box.

    Examples
    --------
    The four quarters of a square, in the order of the curve:

    >>> corners = [(0, 0), (0, 1), (1, 1), (1, 0)]
    >>> codes = hilbert_codes(np.array([(x, y, x, y) for x, y in corners], dtype=float))
    >>> [int(code) >> 30 for code in codes]
    [0, 1, 2, 3]
    """
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    is_known = np.isfinite(middle).all(axis=1)
    codes: Codes = np.full(len(boxes), (1 << 32) - 1, dtype=np.uint32)
    if not is_known.any():
        return codes
    low, high = middle[is_known].min(axis=0), middle[is_known].max(axis=0)
    room = np.where(high > low, high - low, 1.0)
    steps = np.minimum((middle[is_known] - low) / room * (1 << _LEVEL), (1 << _LEVEL) - 1).astype(np.uint32)
    codes[is_known] = _along_curve(steps[:, 0], steps[:, 1])
    return codes


def _along_curve(x: Codes, y: Codes) -> Codes:
    """Turn steps along two sides into steps along the curve, from the largest square to the smallest."""
    x, y = x.copy(), y.copy()
    code = np.zeros(len(x), dtype=np.uint32)
    for level in range(_LEVEL - 1, -1, -1):
        side = np.uint32(1 << level)
        right, upper = (x & side) > 0, (y & side) > 0
        code = (code << np.uint32(2)) | np.select([right & upper, right, upper], [2, 3, 1], 0).astype(np.uint32)
        x, y = x & (side - np.uint32(1)), y & (side - np.uint32(1))
        last = side - np.uint32(1)
        is_mirrored, is_turned = right & ~upper, ~upper
        x, y = np.where(is_mirrored, last - x, x), np.where(is_mirrored, last - y, y)
        x, y = np.where(is_turned, y, x), np.where(is_turned, x, y)
    return code


def _require_partable(path: Path, blocks: Blocks, folder: Path) -> None:
    problems = []
    if path.is_dir():
        problems.append(Text("已经是分块数据", "it is parted already"))
    if not blocks.features:
        problems.append(Text("没有任何要素", "it holds no feature"))
    if taken := [name for name in (ROW, WKB, _GEOMETRY) if name in blocks.schema.names]:
        problems.append(Text(f"字段名 {taken[0]} 已被占用", f"a field of it bears the name {taken[0]}"))
    if problems:
        raise UnusableFileError(path.name, problems)
    strangers = [one for one in folder.iterdir() if not _is_own(one)] if folder.is_dir() else []
    if strangers:
        problem = Text("不是空文件夹，也不是分块数据", "it is neither empty nor a parted dataset")
        raise UnusableFileError(folder.name, problem)


def _is_own(path: Path) -> bool:
    return path.name == MANIFEST or path.match("part-*.parquet") or path.match("parting-*")


def _followed(blocks: Blocks, name: str, progress: Callable[[str, int, int], None], of: int) -> Iterator[Any]:
    for done, block in enumerate(blocks):
        progress(name, done, of)
        yield block
    if name == "2/2":
        progress("", of, of)


def _boxes(table: pa.Table) -> npt.NDArray[np.float64]:
    boxes: npt.NDArray[np.float64] = shapely.bounds(
        shapely.from_wkb(table.column(WKB).to_numpy(), on_invalid="ignore")
    ).reshape(-1, 4)
    return boxes


def _spread(tables: Iterator[pa.Table], part_of: npt.NDArray[np.int32], held: Path) -> list[Path]:
    """Write the features in runs, each sorted by part: one batch for each part that is in it."""
    runs: list[Path] = []
    gathered: list[pa.Table] = []

    def flush() -> None:
        table = pa.concat_tables(gathered)
        parts = part_of[table.column(ROW).to_numpy() - 1]
        order = np.argsort(parts, kind="stable")
        table, parts = table.take(pa.array(order)), parts[order]
        starts = np.flatnonzero(np.diff(parts, prepend=-1))
        run = held / f"run-{len(runs):05d}.arrow"
        listed = json.dumps(parts[starts].tolist())
        schema = table.schema.with_metadata({b"parts": listed})
        with pa.ipc.new_file(run, schema) as writer:
            for start, stop in zip(starts, [*starts[1:], len(parts)], strict=True):
                (batch,) = table.slice(int(start), int(stop - start)).combine_chunks().to_batches()
                writer.write_batch(batch)
        runs.append(run)
        gathered.clear()

    for table in tables:
        gathered.append(table)
        if sum(map(len, gathered)) >= _GATHERED_ROWS:
            flush()
    if gathered:
        flush()
    return runs


def _rows_of_part(run: Path, part: int) -> pa.Table:
    with pa.memory_map(str(run)) as source:
        reader = pa.ipc.open_file(source)
        parts = json.loads(reader.schema.metadata[b"parts"])
        batches = [reader.get_batch(parts.index(part))] if part in parts else []
        return pa.Table.from_batches(batches, reader.schema.remove_metadata())


def _write_part(rows: pa.Table, path: Path, blocks: Blocks) -> dict[str, Any]:
    """Write one part as GeoParquet; return its entry in the manifest."""
    shapes = rows.column(WKB)
    table = rows.drop_columns([WKB]).append_column(_GEOMETRY, shapes)
    boxes = _boxes(rows)
    is_known = np.isfinite(boxes).all(axis=1)
    known = boxes[is_known]
    box = [*known[:, :2].min(axis=0).tolist(), *known[:, 2:].max(axis=0).tolist()] if len(known) else None
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": []}
    column["crs"] = None if blocks.crs is None else json.loads(blocks.crs.to_json())
    if box is not None:
        column["bbox"] = box
    geo = {"version": "1.0.0", "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}
    schema = table.schema.with_metadata({b"geo": json.dumps(geo).encode()})
    pq.write_table(table.cast(schema), path, compression="zstd", row_group_size=_GROUP_ROWS)
    return {"path": path.name, "features": len(rows), "box": box, "sha256": digest(path)}


def _manifest(path: Path, blocks: Blocks, entries: list[dict[str, Any]], rows_per_part: int) -> dict[str, Any]:
    return {
        "format": PARTITION,
        "source": path.name,
        "sha256": digest(path),
        "driver": blocks.driver,
        "layer": blocks.layer,
        "features": blocks.features,
        "rows_per_part": rows_per_part,
        "parts": entries,
    }


def _put_in_place(
    held: Path, folder: Path, entries: list[dict[str, Any]], manifest: dict[str, Any]
) -> tuple[Path, ...]:
    """Move whole parts into the folder; while they are moved it is no dataset."""
    (folder / MANIFEST).unlink(missing_ok=True)
    for old in folder.glob("part-*.parquet"):
        old.unlink()
    written = []
    for entry in entries:
        shutil.move(held / entry["path"], folder / entry["path"])
        written.append(folder / entry["path"])
    home = folder / MANIFEST
    home.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8", newline="\n")
    return (*written, home)
