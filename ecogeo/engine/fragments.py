"""Rows of the files of a run, rendered block by block, kept on disk, and put in order without being held whole.

A fragment holds the rows one block adds to one file, each as the very text that file will hold, with its place in it:
first its section (such as the check that measured it), then the number of the site it is of. Blocks may come in any
order and hold any sites: what is written does not depend on how the sites were cut into blocks.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ecogeo.report.text_columns import TEXT, csv_head, csv_lines, text_bytes

Places = npt.NDArray[np.int64]

BEFORE_SITES, AFTER_SITES = -1, 1 << 62
"""Places of rows that are of no site: every block may bring them, and they are written once."""

SET_ASIDE = AFTER_SITES
"""Added to the number of a site set aside, where its rows come after those of all others."""

_LAYOUT = b"layout"
_GATHERED_ROWS = 1 << 17


def render_fragment(
    cells: pa.Table, section: Places, site: Places, extra: Mapping[str, pa.Array] | None = None
) -> bytes:
    """Render the rows a block adds to a file, as bytes that can be sent and kept.

    Parameters
    ----------
    cells
        Every cell as text, none null (`ecogeo.report.cells.as_cells`).
    section, site
        Shape (n,), where each row stands; rows of one place keep their order.
    extra
        Further columns to keep beside the text.
    """
    keys = {"section": pa.array(section, pa.int64()), "site": pa.array(site, pa.int64())}
    table = pa.table({**keys, "line": csv_lines(cells), **(extra or {})})
    order = np.lexsort((site, section))
    if (np.diff(order) != 1).any():
        table = table.take(pa.array(order))
    stretches = _stretches(section[order], site[order])
    layout = {
        "columns": cells.column_names,
        "stretches": [_described(section[order][a:b], site[order][a:b]) for a, b in stretches],
    }
    schema = table.schema.with_metadata({_LAYOUT: json.dumps(layout, ensure_ascii=False)})
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        for a, b in stretches:
            for batch in table.slice(a, b - a).combine_chunks().to_batches():
                writer.write_batch(batch)
    return sink.getvalue()


def _described(section: Places, site: Places) -> list[int]:
    """Return section, first and last site, and length of a run of sorted rows."""
    return [int(section[0]), int(site[0]), int(site[-1]), len(site)]


def _stretches(section: Places, site: Places) -> list[tuple[int, int]]:
    """Return the runs of sorted rows of one section, those of no site and of sites set aside apart."""
    if not len(section):
        return []
    kind = np.select([site < 0, site < AFTER_SITES, site == AFTER_SITES], [0, 1, 2], 3)
    cuts = np.flatnonzero((np.diff(section) != 0) | (np.diff(kind) != 0)) + 1
    return list(pairwise([0, *cuts.tolist(), len(section)]))


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """Sorted rows of one section in one fragment."""

    section: int
    first: int
    last: int
    length: int
    batch: int
    path: Path
    columns: tuple[str, ...]

    def rows(self, columns: tuple[str, ...]) -> pa.Table:
        """Read the rows, their text with an empty cell for each column this block did not know."""
        with pa.memory_map(str(self.path)) as source:
            rows = pa.Table.from_batches([pa.ipc.open_file(source).get_batch(self.batch)])
        if self.columns == columns:
            return rows
        text = b"".join(rows.column("line").to_pylist()).decode()
        cells = zip(*csv.reader(io.StringIO(text, newline="")), strict=True)
        known = {name: pa.array(column, TEXT) for name, column in zip(self.columns, cells, strict=True)}
        nothing = pc.fill_null(pa.nulls(len(rows), TEXT), "")
        lines = csv_lines(pa.table({name: known.get(name, nothing) for name in columns}))
        return rows.set_column(rows.schema.get_field_index("line"), "line", lines)


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """One file, put together from its fragments.

    Parameters
    ----------
    columns
        All columns the blocks know, in the order they appear.
    stretches
        Where the rows are.
    """

    columns: tuple[str, ...]
    stretches: tuple[_Stretch, ...]

    def tables(self) -> Iterator[pa.Table]:
        """Yield the rows in their order, some at a time."""
        for _, group in groupby(self.stretches, key=lambda one: (one.section, _kind(one.first))):
            yield from _in_order(list(group), self.columns)

    def write_csv(self, path: Path) -> None:
        """Write the file: UTF-8 with BOM, replaced only once it is whole."""
        part = path.with_name(f"{path.name}.part")
        with part.open("wb") as sink:
            sink.write(csv_head(self.columns))
            for lines in (chunk for table in self.tables() for chunk in table.column("line").chunks):
                sink.write(text_bytes(lines))
        part.replace(path)


def merge_fragments(paths: Sequence[Path], *, without: frozenset[int] = frozenset()) -> Merged:
    """Put the fragments of one file together.

    Parameters
    ----------
    paths
        The fragments, in the order of the blocks.
    without
        Sections to leave out.
    """
    columns: dict[str, None] = {}
    found: list[_Stretch] = []
    for path in paths:
        with pa.memory_map(str(path)) as source:
            layout = json.loads(pa.ipc.open_file(source).schema.metadata[_LAYOUT])
        own = tuple(layout["columns"])
        columns |= dict.fromkeys(own)
        found += [
            _Stretch(section, first, last, length, batch, path, own)
            for batch, (section, first, last, length) in enumerate(layout["stretches"])
            if section not in without
        ]
    found.sort(key=lambda one: (one.section, _kind(one.first), one.first))
    return Merged(tuple(columns), tuple(found))


def _kind(site: int) -> int:
    """Return 0 for rows before all sites, 1 for those of sites, 2 for rows after them, 3 for sites set aside."""
    return 0 if site < 0 else 1 if site < AFTER_SITES else 2 if site == AFTER_SITES else 3


def _in_order(stretches: list[_Stretch], columns: tuple[str, ...]) -> Iterator[pa.Table]:
    """Yield the rows of one section by site; those of no site once."""
    if _kind(stretches[0].first) in (0, 2):
        yield _once(pa.concat_tables(one.rows(columns) for one in stretches))
    elif all(before.last < after.first for before, after in pairwise(stretches)):
        for one in stretches:
            yield one.rows(columns)
    else:
        yield from _woven(stretches, columns)


def _once(rows: pa.Table) -> pa.Table:
    first: dict[bytes, int] = {}
    for row, line in enumerate(rows.column("line").to_pylist()):
        first.setdefault(line, row)
    return rows.take(list(first.values()))


def _woven(stretches: list[_Stretch], columns: tuple[str, ...]) -> Iterator[pa.Table]:
    """Yield rows of fragments whose sites lie among each other: gathered by ranges of sites, each range sorted."""
    low, high = min(one.first for one in stretches), max(one.last for one in stretches)
    length = sum(one.length for one in stretches)
    edges = np.linspace(low, high + 1, 2 + length // _GATHERED_ROWS).astype(np.int64)
    for start, stop in pairwise(edges.tolist()):
        near = [one for one in stretches if one.first < stop and one.last >= start]
        gathered = pa.concat_tables(_between(one.rows(columns), start, stop) for one in near)
        sites = gathered.column("site").to_numpy()
        yield gathered.take(pa.array(np.argsort(sites, kind="stable")))


def _between(rows: pa.Table, start: int, stop: int) -> pa.Table:
    a, b = np.searchsorted(rows.column("site").to_numpy(), [start, stop])
    return rows.slice(int(a), int(b - a))
