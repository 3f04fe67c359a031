"""The paragraphs and tables of a Word document (.docx), in order.

The main part alone is read, as a stream, with nothing in it that could expand or fetch. Tables come as full grids: a
cell merged to the right is followed by empty cells, one merged downwards has empty cells below. Text that was deleted
under revision is left out, inserted text kept; a table inside a cell becomes paragraphs of that cell.
"""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from ecogeo.errors import UnusableFileError
from ecogeo.formats.archive import list_members
from ecogeo.formats.xml_events import local_name, read_xml
from ecogeo.wording import Text

_MAIN = "word/document.xml"
_MOST_COLUMNS = 200
_TOO_WIDE = Text(f"表格超过 {_MOST_COLUMNS} 列", f"a table has more than {_MOST_COLUMNS} columns")
_SIGNS = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-"}


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table as a grid; the places count paragraphs; ``merged`` are row and column of cells merged into their left."""

    rows: tuple[tuple[str, ...], ...]
    row_lines: tuple[int, ...]
    last_line: int
    merged: frozenset[tuple[int, int]]


@dataclass(slots=True)
class _Cell:
    """A cell that is being read."""

    span: int = 1
    is_continued: bool = False
    paragraphs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Grid:
    """A table that is being read."""

    rows: list[list[str]] = field(default_factory=list)
    row_lines: list[int] = field(default_factory=list)
    cells: list[_Cell] = field(default_factory=list)
    merged: set[tuple[int, int]] = field(default_factory=set)


def read_docx(path: Path, archive: zipfile.ZipFile) -> list[tuple[int, str | TableBlock]]:
    """Read the main part of a Word document.

    Parameters
    ----------
    path
        The file, for messages.
    archive
        The same file, open.

    Returns
    -------
    Each paragraph outside tables (its manual line breaks as line feeds) and each table, with the number of its first
    paragraph.

    Raises
    ------
    UnusableFileError
        Where the archive is suspect, or its XML broken, nested absurdly deep, or with a DOCTYPE.
    """
    entry = list_members(path, archive)[_MAIN]
    blocks = _Blocks(path.name)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(archive.read(entry))
        read_xml(copy, blocks.begin, blocks.end)
    return blocks.found


class _Blocks:
    """Turns the events of the main part into blocks."""

    def __init__(self, name: str) -> None:
        self.found: list[tuple[int, str | TableBlock]] = []
        self._name = name
        self._number = 0
        self._open: list[str] = []
        self._texts: list[list[str]] = []
        self._grids: list[_Grid] = []
        self._skipped = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        if name == "Fallback" or self._skipped:
            self._skipped += 1
        elif name == "p" and parent != "pict":
            self._number += 1
            self._texts.append([])
        elif name in _SIGNS and parent == "r" and self._texts:
            self._texts[-1].append(_SIGNS[name])
        elif name == "tbl":
            self._grids.append(_Grid())
        elif self._grids:
            self._begin_in_table(name, {local_name(key): value for key, value in attributes.items()}.get("val", ""))

    def _begin_in_table(self, name: str, value: str) -> None:
        """Take the beginning of an element of a table."""
        grid = self._grids[-1]
        if name == "tr":
            grid.rows.append([])
            grid.row_lines.append(self._number + 1)
        elif name == "gridBefore" and grid.rows:
            grid.rows[-1] += [""] * self._count(value)
        elif name == "tc":
            grid.cells.append(_Cell())
        elif name == "gridSpan" and grid.cells:
            grid.cells[-1].span = self._count(value)
        elif name == "vMerge" and grid.cells:
            grid.cells[-1].is_continued = value != "restart"

    def end(self, name: str, text: str) -> None:
        """Take the end of an element."""
        self._open.pop()
        if self._skipped:
            self._skipped -= 1
        elif name == "t" and self._texts:
            self._texts[-1].append(text)
        elif name == "p" and self._texts:
            self._end_paragraph("".join(self._texts.pop()))
        elif name == "tc" and self._grids and self._grids[-1].cells:
            grid = self._grids[-1]
            cell = grid.cells.pop()
            text = "" if cell.is_continued else "\n".join(cell.paragraphs).strip()
            at = len(grid.rows[-1])
            grid.merged |= {(len(grid.rows) - 1, column) for column in range(at + 1, at + cell.span)}
            grid.rows[-1] += [text, *[""] * (cell.span - 1)]
            if len(grid.rows[-1]) > _MOST_COLUMNS:
                raise UnusableFileError(self._name, _TOO_WIDE)
        elif name == "tbl" and self._grids:
            self._end_table(self._grids.pop())

    def _end_paragraph(self, text: str) -> None:
        """Hand a paragraph to the cell it stands in, or to the document."""
        if self._grids and self._grids[-1].cells:
            self._grids[-1].cells[-1].paragraphs += [line.strip() for line in text.split("\n")]
        else:
            self.found.append((self._number, text))

    def _end_table(self, grid: _Grid) -> None:
        """Hand a table to the document, or its text to the cell it stands in."""
        rows = tuple(tuple(row) for row in grid.rows)
        if self._grids and self._grids[-1].cells:
            self._grids[-1].cells[-1].paragraphs += [" ".join(filter(None, row)) for row in rows]
        elif rows:
            self.found.append(
                (grid.row_lines[0], TableBlock(rows, tuple(grid.row_lines), self._number, frozenset(grid.merged)))
            )

    def _count(self, value: str) -> int:
        """Read a number of grid columns."""
        if value.isdecimal() and 0 < int(value) <= _MOST_COLUMNS:
            return int(value)
        raise UnusableFileError(self._name, _TOO_WIDE)
