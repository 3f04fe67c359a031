"""The paragraphs and tables of a Word document (.docx), in order.

The main part alone is read, as a stream, with nothing in it that could expand or fetch. Tables come as full grids: a
cell merged to the right is followed by empty cells, one merged downwards has empty cells below. Text that was deleted
or moved away under revision is left out, inserted text kept; a table inside a cell becomes paragraphs of that cell; the
text of a box stands at its anchor; text struck through or hidden is left out, and said; a superscript keeps off the
figure it stands behind (62¹); signs of symbol fonts become the signs they show; a list that Word numbers itself comes
without its numbers.
"""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from ecogeo.errors import UnusableFileError
from ecogeo.formats.archive import list_members
from ecogeo.formats.runs import UNKNOWN, Run, left_out, raised, symbol
from ecogeo.formats.xml_events import local_name, read_xml
from ecogeo.wording import Text, list_en, list_zh

_MAIN = "word/document.xml"
_MOST_COLUMNS = 200
_TOO_WIDE = Text(f"表格超过 {_MOST_COLUMNS} 列", f"a table has more than {_MOST_COLUMNS} columns")
_LEFT_OUT = {"Fallback", "del", "moveFrom"}
_REVISED = {"del", "moveFrom", "ins", "moveTo"}
_SIGNS = {"ptab": "\t", "softHyphen": "", "br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-"}


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table as a grid; the places count paragraphs.

    Parameters
    ----------
    rows, row_lines, last_line
        The grid, and where each row begins and the last ends.
    merged, below
        Row and column of cells merged into the one on their left, or above.
    """

    rows: tuple[tuple[str, ...], ...]
    row_lines: tuple[int, ...]
    last_line: int
    merged: frozenset[tuple[int, int]]
    below: frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class WordText:
    """The main part of a Word document.

    Parameters
    ----------
    blocks
        Each paragraph outside tables (its manual line breaks as line feeds) and each table, with the number of its
        first paragraph.
    revisions
        How many pieces of text are deleted, moved or inserted under revision and not yet accepted.
    remarks
        What text is struck through or hidden and left out, and which signs are not known.
    """

    blocks: tuple[tuple[int, str | TableBlock], ...]
    revisions: int
    remarks: tuple[Text, ...] = ()


@dataclass(slots=True)
class _Cell:
    """A cell that is being read."""

    span: int = 1
    is_continued: bool = False
    is_widened: bool = False
    paragraphs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Grid:
    """A table that is being read."""

    rows: list[list[str]] = field(default_factory=list)
    row_lines: list[int] = field(default_factory=list)
    cells: list[_Cell] = field(default_factory=list)
    merged: set[tuple[int, int]] = field(default_factory=set)
    below: set[tuple[int, int]] = field(default_factory=set)
    is_deleted: bool = False
    nested: list[tuple[int, str | TableBlock]] = field(default_factory=list)


def read_docx(path: Path, archive: zipfile.ZipFile) -> WordText:
    """Read the main part of a Word document.

    Parameters
    ----------
    path
        The file, for messages.
    archive
        The same file, open.

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
    return WordText(tuple(blocks.found), blocks.revisions, blocks.remarks())


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
        self._run = Run()
        self._out: list[tuple[str, str]] = []
        self._unknown: list[str] = []
        self.revisions = 0

    def remarks(self) -> tuple[Text, ...]:
        """Say what was left out, and which signs are not known."""
        places = list(dict.fromkeys(self._unknown))
        signs = Text(
            f"不认识的符号字体字符，读作“{UNKNOWN}”：第 {list_zh(places, most=20)} 段",
            f'signs of symbol fonts that are not known, read as "{UNKNOWN}": paragraphs {list_en(places, most=20)}',
        )
        return (*left_out(self._out, of_book=False), *((signs,) if places else ()))

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        if not self._skipped:
            self.revisions += name in _REVISED and parent != "rPr"
            if name == "del" and parent == "trPr" and self._grids:
                self._grids[-1].is_deleted = True
        if name in _LEFT_OUT or self._skipped:
            self._skipped += 1
            return
        if name == "r":
            self._run = Run()
        if parent == "rPr" and self._open[-3:-2] == ["r"]:
            self._run.take(name, _value(attributes, "val"))
        if name == "p" and parent != "pict":
            self._number += 1
            self._texts.append([])
        elif name == "sym" and self._texts and not self._run.is_out:
            sign = symbol(_value(attributes, "font"), _value(attributes, "char"))
            self._unknown += [str(self._number)] if sign == UNKNOWN else []
            self._texts[-1].append(raised(sign) if self._run.is_raised else sign)
        elif name in _SIGNS and parent == "r" and self._texts:
            self._texts[-1].append(_SIGNS[name])
        elif name == "tbl":
            self._grids.append(_Grid())
        elif self._grids:
            self._begin_in_table(name, _value(attributes, "val"))

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
        elif name == "hMerge" and grid.cells:
            grid.cells[-1].is_widened = value != "restart"

    def end(self, name: str, text: str) -> None:
        """Take the end of an element."""
        self._open.pop()
        if self._skipped:
            self._skipped -= 1
        elif name == "t" and self._texts and self._run.is_out:
            self._out += [(str(self._number), text)] if text.strip() else []
        elif name == "t" and self._texts:
            self._texts[-1].append(raised(text) if self._run.is_raised else text)
        elif name == "p" and self._texts:
            self._end_paragraph("".join(self._texts.pop()))
        elif name == "tc" and self._grids and self._grids[-1].cells:
            grid = self._grids[-1]
            cell = grid.cells.pop()
            text = "" if cell.is_continued or cell.is_widened else "\n".join(cell.paragraphs).strip()
            at = len(grid.rows[-1])
            grid.merged |= {(len(grid.rows) - 1, column) for column in range(at + 1, at + cell.span)}
            if cell.is_continued:
                grid.below |= {(len(grid.rows) - 1, column) for column in range(at, at + cell.span)}
            if cell.is_widened:
                grid.merged.add((len(grid.rows) - 1, at))
            grid.rows[-1] += [text, *[""] * (cell.span - 1)]
            if len(grid.rows[-1]) > _MOST_COLUMNS:
                raise UnusableFileError(self._name, _TOO_WIDE)
        elif name == "tr" and self._grids and self._grids[-1].is_deleted:
            self._drop_row(self._grids[-1])
        elif name == "tbl" and self._grids:
            self._end_table(self._grids.pop())

    def _end_paragraph(self, text: str) -> None:
        """Hand a paragraph to the cell it stands in, or to the document."""
        if self._grids and self._grids[-1].cells:
            lines = [line.strip() for line in text.split("\n")]
            self._grids[-1].cells[-1].paragraphs += lines
            self._grids[-1].nested += [(self._number, line) for line in lines if line]
        else:
            self.found.append((self._number, text))

    def _drop_row(self, grid: _Grid) -> None:
        """Take the row just read off a table: it is deleted under revision."""
        grid.rows.pop()
        grid.row_lines.pop()
        grid.is_deleted = False
        grid.merged = {cell for cell in grid.merged if cell[0] < len(grid.rows)}
        grid.below = {cell for cell in grid.below if cell[0] < len(grid.rows)}

    def _end_table(self, grid: _Grid) -> None:
        """Hand a table to the document, or its text to the cell it stands in.

        A table of one column around other tables is but their frame: what it holds is handed over piece by piece.
        """
        rows = tuple(tuple(row) for row in grid.rows)
        if not rows:
            return
        lines, merged, below = tuple(grid.row_lines), frozenset(grid.merged), frozenset(grid.below)
        whole: tuple[int, str | TableBlock] = (lines[0], TableBlock(rows, lines, self._number, merged, below))
        is_frame = all(len(row) == 1 for row in rows) and any(not isinstance(item, str) for _, item in grid.nested)
        found = grid.nested if is_frame else [whole]
        if self._grids and self._grids[-1].cells:
            self._grids[-1].cells[-1].paragraphs += ["\t".join(filter(None, row)) for row in rows]
            self._grids[-1].nested += found
        else:
            self.found += found

    def _count(self, value: str) -> int:
        """Read a number of grid columns."""
        if value.isdecimal() and 0 < int(value) <= _MOST_COLUMNS:
            return int(value)
        raise UnusableFileError(self._name, _TOO_WIDE)


def _value(attributes: dict[str, str], name: str) -> str:
    """Return an attribute by its name without prefix; empty where it is not there."""
    return next((value for key, value in attributes.items() if local_name(key) == name), "")
