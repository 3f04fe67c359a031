"""The attribute table of a shapefile as bytes: its fields, its rows, and what is missing of it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecogeo.errors import UnusableFileError
from ecogeo.formats.dbf_encoding import Value
from ecogeo.wording import Text

NAME_BYTES = 10
_HEAD_BYTES = 32
_FIELD_END = (0x0D, 0x00)
_DELETED = ord("*")
_SAMPLE_BLOCKS = 16
_SAMPLE_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class DbfField:
    """One field.

    Parameters
    ----------
    name
        Its name as bytes.
    kind
        ``C`` text, ``N`` and ``F`` numbers, ``D`` date, ``L`` logical.
    start, width
        Where in a row it begins and how many bytes it takes.
    """

    name: bytes
    kind: str
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class DbfTable:
    """An attribute table, its rows still on disk.

    Parameters
    ----------
    path
        The .dbf file.
    rows
        Number of rows it states.
    rows_present
        Number of whole rows it holds.
    head_bytes, row_bytes
        Length of its head and of one row.
    language_byte
        What it hints of its encoding; 0 for nothing.
    fields
        In the order of the file.
    """

    path: Path
    rows: int
    rows_present: int
    head_bytes: int
    row_bytes: int
    language_byte: int
    fields: tuple[DbfField, ...]

    def width(self, index: int) -> int:
        """Return the width in bytes of a text field, 0 for any other."""
        return self.fields[index].width if self.fields[index].kind == "C" else 0


def read_dbf(path: Path) -> DbfTable:
    """Read the head of a DBF.

    Parameters
    ----------
    path
        The .dbf file.

    Raises
    ------
    UnusableFileError
        Where its head is cut short or contradicts itself.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        if len(head) < _HEAD_BYTES:
            raise _damaged(path)
        rows, head_bytes, row_bytes = struct.unpack_from("<IHH", head, 4)
        descriptors = stream.read(max(head_bytes - _HEAD_BYTES, 0))
    fields = tuple(_fields(descriptors))
    least_row_bytes = 1 + sum(field.width for field in fields)
    if len(descriptors) < head_bytes - _HEAD_BYTES or head_bytes <= _HEAD_BYTES or row_bytes < least_row_bytes:
        raise _damaged(path)
    present = (path.stat().st_size - head_bytes) // row_bytes
    return DbfTable(path, rows, min(rows, present), head_bytes, row_bytes, head[29], fields)


def count_deleted(table: DbfTable) -> int:
    """Return the number of rows that are marked as deleted."""
    if not table.rows_present:
        return 0
    rows = np.memmap(
        table.path, dtype=np.uint8, mode="r", offset=table.head_bytes, shape=(table.rows_present, table.row_bytes)
    )
    return int((rows[:, 0] == _DELETED).sum())


def sample_texts(table: DbfTable) -> list[Value]:
    """Return names and texts from blocks spread over the table, at most some megabytes of it."""
    values: list[Value] = [(field.name, NAME_BYTES) for field in table.fields]
    texts = [field for field in table.fields if field.kind == "C"]
    rows_a_block = max(_SAMPLE_BYTES // _SAMPLE_BLOCKS // table.row_bytes, 1)
    firsts = np.unique(np.linspace(0, max(table.rows_present - rows_a_block, 0), _SAMPLE_BLOCKS).astype(int))
    with table.path.open("rb") as stream:
        for first in firsts:
            count = min(rows_a_block, table.rows_present - int(first))
            stream.seek(table.head_bytes + int(first) * table.row_bytes)
            block = np.frombuffer(stream.read(count * table.row_bytes), dtype=np.uint8).reshape(-1, table.row_bytes)
            for field in texts:
                column = np.ascontiguousarray(block[:, field.start : field.start + field.width])
                distinct = np.unique(column.view(f"S{field.width}"))
                values += [(bytes(value).rstrip(b" \0"), field.width) for value in distinct]
    return values


def _fields(descriptors: bytes) -> Iterator[DbfField]:
    """Yield the fields of a DBF head."""
    start = 1
    for at in range(0, len(descriptors) - 31, 32):
        if descriptors[at] in _FIELD_END:
            return
        name = descriptors[at : at + 11].split(b"\0")[0]
        kind = chr(descriptors[at + 11])
        width = descriptors[at + 16]
        if kind == "C":
            width += descriptors[at + 17] << 8
        yield DbfField(name, kind, start, width)
        start += width


def _damaged(path: Path) -> UnusableFileError:
    """Return the refusal of a DBF whose head makes no sense."""
    return UnusableFileError(
        path.name,
        Text(
            "表头不完整或自相矛盾，文件可能被截断或损坏，请重新拷贝",
            "its head is incomplete or contradicts itself; it may be truncated or damaged: copy it again",
        ),
    )
