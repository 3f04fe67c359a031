"""One line of a 勘测定界界址点 file: what kind it is, and its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ecogeo.formats.boundary.file import Mark, shape_position
from ecogeo.formats.coordinates import clean, is_coordinate_pair, numeral

SEPARATORS = (",", "，", "\t", ";", "；")
"""The signs an attribute line may be parted by, in the order they are tried."""

MOST_COLUMNS_BEFORE = 2
"""点号 and 地块圈号 stand before the coordinates."""

_HALF_WIDTH_SEPARATOR = re.compile(r"\s*[,;]\s*|\s+")
_SHAPE_SIGN = re.compile("[点线面]")
_SAMPLE_LINES = 200


def stripped(line: str) -> str:
    """Return a line without the blanks, of any width, and the marks of file ends around it."""
    return line.strip(" \u3000\t\xa0\ufeff\x1a")


def split_attributes(line: str) -> tuple[tuple[str, ...], Mark]:
    """Take an attribute line apart.

    Parameters
    ----------
    line
        The line; the separator that isolates 点, 线 or 面 is the separator, so that others may stand inside a name.

    Returns
    -------
    The attributes without the end mark, and how that mark is written.

    Examples
    --------
    >>> split_attributes("4,1.0,DK01,一期，二期,面,,,0101,@")[0][3]
    '一期，二期'
    """
    separator = attribute_separator(line)
    cells = [cell.strip() for cell in line.split(separator)] if separator else _point_cells(line)
    if cells[-1] == "@":
        return tuple(cells[:-1]), "own cell"
    if cells[-1].endswith("@"):
        return (*cells[:-1], cells[-1][:-1].rstrip()), "glued"
    return tuple(cells), "absent"


def attribute_separator(line: str) -> str:
    """Return the sign between the attributes of a line; empty where none isolates the kind of shape."""
    for separator in SEPARATORS:
        if shape_position([cell.strip() for cell in line.rstrip("@").split(separator)]) is not None:
            return separator
    return "," if "," in line else ""


def is_attribute_line(line: str) -> bool:
    """Whether a line describes a parcel: it holds the kind of shape, or ends in the end mark and is no point."""
    if _SHAPE_SIGN.search(line) and shape_position(split_attributes(line)[0]) is not None:
        return True
    return line.endswith("@") and len(split_attributes(line)[0]) > 2 and coordinate_column([line]) is None


def split_point(line: str) -> list[str]:
    """Take the line of a point apart at commas, semicolons, tabs and blanks, half or full width."""
    return _point_cells(line.rstrip("@ ,，;；\t\u3000"))


def _point_cells(line: str) -> list[str]:
    return _HALF_WIDTH_SEPARATOR.split(clean(line).replace("、", ",")) if line else [""]


def coordinate_column(lines: Sequence[str]) -> int | None:
    """Return where in the lines of points the first coordinate stands; None where no line holds a point.

    Most lines whose neighbouring cells look like a point in China decide; where there is none (local coordinates), the
    number of cells of most lines that end in two numerals.
    """
    known: Counter[int] = Counter()
    counted: Counter[int] = Counter()
    for line in lines[:_SAMPLE_LINES]:
        cells = split_point(line)
        expected = min(len(cells) - 2, MOST_COLUMNS_BEFORE)
        if expected < 0 or "=" in line:
            continue
        others = [at for at in range(min(len(cells) - 1, MOST_COLUMNS_BEFORE + 1)) if at != expected]
        found = next((at for at in (expected, *others) if is_coordinate_pair(cells[at], cells[at + 1])), None)
        if found is not None:
            known[found] += 1
        elif len(cells) == 4 and numeral(cells[2]) and numeral(cells[3]):
            counted[2] += 1
    ranked = (known or counted).most_common(1)
    return ranked[0][0] if ranked else None
