"""Polygons of a GeoParquet file as flat arrays, read in batches: the file is never in memory beside its own arrays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from ecogeo.kernel.polygons import Polygons

_BATCH_BYTES = 1 << 23
_BUFFER_BYTES = 1 << 20
_VERTEX_BYTES = 16


def read_polygons(path: Path, column: str = "geometry") -> Polygons:
    """Read a column of well-known binary, longitude and latitude in degrees on CGCS2000.

    Parameters
    ----------
    path
        A Parquet file. Its CRS is not looked at.
    column
        Which of its columns.

    Raises
    ------
    OSError, ValueError
        If it is no Parquet file, has no such column, or a row of it is no whole geometry.
    """
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES) as file:
        if column not in file.schema_arrow.names:
            raise ValueError(f"there is no column {column}")
        held_bytes = _bytes_of(file.metadata, column)
        rows = 1 + file.metadata.num_rows * _BATCH_BYTES // max(held_bytes, _BATCH_BYTES)
        batches = file.iter_batches(rows, columns=[column])
        return Polygons.from_batches(batches, vertices=held_bytes // _VERTEX_BYTES)


def polygon_blocks(path: Path, column: str = "geometry", *, block_bytes: int = 1 << 26) -> Iterator[Polygons]:
    """Read a column as `read_polygons` does, block by block: of a file of any size one block is held.

    Parameters
    ----------
    path, column
        As in `read_polygons`.
    block_bytes
        About how much of the column is in a block.

    Raises
    ------
    OSError, ValueError
        As `read_polygons`.
    """
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES) as file:
        if column not in file.schema_arrow.names:
            raise ValueError(f"there is no column {column}")
        rows = 1 + file.metadata.num_rows * block_bytes // max(_bytes_of(file.metadata, column), block_bytes)
        first = 0
        for batch in file.iter_batches(rows, columns=[column]):
            yield Polygons.from_arrow(batch.column(0), first_row=first)
            first += len(batch)


def _bytes_of(metadata: pq.FileMetaData, column: str) -> int:
    """Return how many bytes a column has when it is unpacked."""
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    chunks = [group.column(place) for group in groups for place in range(group.num_columns)]
    return sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema == column)
