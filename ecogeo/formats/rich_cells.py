"""What a sheet's XML says beyond the values of its cells: merged ranges, hidden rows, superscripts, struck text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

from ecogeo.formats.runs import Run, raised
from ecogeo.formats.xml_events import read_xml


@dataclass(frozen=True, slots=True)
class Rich:
    """A text of several runs: what is read of it, and what is struck through."""

    text: str
    struck: str


@dataclass(slots=True)
class _Runs:
    """Gathers the runs of one text."""

    kept: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    run: Run = field(default_factory=Run)
    is_rich: bool = False

    def begin(self, name: str, parent: str, value: str) -> None:
        """Take the beginning of an element inside the text."""
        if name == "r":
            self.run = Run()
        elif parent == "rPr":
            self.run.take(name, value)
            self.is_rich = self.is_rich or self.run.is_raised or self.run.is_struck

    def add(self, text: str) -> None:
        """Take the text of a run."""
        if self.run.is_struck:
            self.struck.append(text)
        else:
            self.kept.append(raised(text) if self.run.is_raised else text)

    def rich(self) -> Rich:
        """Return the whole."""
        return Rich("".join(self.kept).strip(), "".join(self.struck).strip())


@dataclass(slots=True)
class SheetMarks:
    """Takes the events of a sheet's XML.

    Parameters
    ----------
    strings
        The shared texts with superscripts or struck text, by number.
    struck_styles
        The numbers of the cell styles whose font is struck through.
    ranges
        The ranges of merged cells.
    hidden
        The rows that are hidden.
    words
        By row, counted from 1, and column, from 0: cells that read otherwise than their plain value.
    out
        Cells with text struck through, and that text.
    without_value
        Cells with a formula and no value.
    """

    strings: dict[int, Rich]
    struck_styles: frozenset[int]
    ranges: list[str] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    words: dict[int, dict[int, str]] = field(default_factory=dict)
    out: list[tuple[str, str]] = field(default_factory=list)
    without_value: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _cell: dict[str, str] = field(default_factory=dict)
    _value: str = ""
    _has_formula: bool = False
    _runs: _Runs = field(default_factory=_Runs)

    def read(self, path: Path) -> None:
        """Read the XML of the sheet."""
        read_xml(path, self.begin, self.end)

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        if name == "mergeCell":
            self.ranges.append(attributes.get("ref", ""))
        elif name == "row" and attributes.get("hidden") in ("1", "true") and attributes.get("r", "").isdecimal():
            self.hidden.add(int(attributes["r"]))
        elif name == "c":
            self._cell, self._value, self._has_formula, self._runs = attributes, "", False, _Runs()
        elif name == "f":
            self._has_formula = True
        elif "is" in self._open:
            self._runs.begin(name, parent, attributes.get("val", ""))

    def end(self, name: str, text: str) -> None:
        """Take the end of an element."""
        self._open.pop()
        if name == "v":
            self._value = text
        elif name == "t" and "is" in self._open:
            self._runs.add(text)
        elif name == "c" and "r" in self._cell:
            self._end_cell(self._cell["r"])

    def _end_cell(self, at: str) -> None:
        """Keep what a cell says beyond its value."""
        if self._has_formula and not self._value and self._cell.get("t") != "str":
            self.without_value.append(at)
        shared = self._cell.get("t") == "s" and self._value.strip().isdecimal()
        rich = self.strings.get(int(self._value)) if shared else self._runs.rich() if self._runs.is_rich else None
        style = self._cell.get("s", "")
        if style.isdecimal() and int(style) in self.struck_styles and (self._value or self._runs.kept):
            rich = Rich("", "".join(self._runs.kept) if self._runs.kept else "" if shared else self._value)
        if rich is None:
            return
        column, row = coordinate_from_string(at)
        self.words.setdefault(row, {})[column_index_from_string(column) - 1] = rich.text
        if rich.struck or not rich.text:
            self.out.append((at, rich.struck))


def read_strings(path: Path) -> dict[int, Rich]:
    """Read the shared texts of a workbook that have superscripts or struck text, by their number.

    Parameters
    ----------
    path
        The part of the workbook.
    """
    found: dict[int, Rich] = {}
    opened: list[str] = []
    count = 0
    runs = _Runs()

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal runs
        parent = opened[-1] if opened else ""
        opened.append(name)
        if name == "si":
            runs = _Runs()
        else:
            runs.begin(name, parent, attributes.get("val", ""))

    def end(name: str, text: str) -> None:
        nonlocal count
        opened.pop()
        if name == "t" and "rPh" not in opened:
            runs.add(text)
        elif name == "si":
            if runs.is_rich:
                found[count] = runs.rich()
            count += 1

    read_xml(path, begin, end)
    return found


def read_fonts(path: Path) -> frozenset[int]:
    """Return the numbers of the cell styles whose font is struck through.

    Parameters
    ----------
    path
        The part of the workbook with its styles.
    """
    struck: list[bool] = []
    styles: list[int] = []
    opened: list[str] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        parent = opened[-1] if opened else ""
        opened.append(name)
        if name == "font" and parent == "fonts":
            struck.append(False)
        elif name == "strike" and opened[-3:-1] == ["fonts", "font"]:
            struck[-1] = attributes.get("val", "1") not in ("0", "false")
        elif name == "xf" and parent == "cellXfs":
            font = attributes.get("fontId", "0")
            styles.append(int(font) if font.isdecimal() else 0)

    read_xml(path, begin, lambda *_: opened.__delitem__(-1))
    return frozenset(at for at, font in enumerate(styles) if font < len(struck) and struck[font])
