"""The text of a 勘测定界界址点 file into a `BoundaryFile`, whatever its dialect.

The grammar is that of the exchange text asked for in 用地报批: 属性描述 (keys and values), 地块坐标 (for each parcel
a line of attributes that ends in ``,@``, then its points 点号,圈号,X,Y with X to the north). There is no published
standard, and every part of it varies, so nothing is expected but what the file itself shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ecogeo.formats.boundary.dialect import most_common, recognise_dialect
from ecogeo.formats.boundary.file import HEAD_SECTION, PARCEL_SECTION, BoundaryFile, Corner, Parcel, positions
from ecogeo.formats.boundary.lines import (
    MOST_COLUMNS_BEFORE,
    coordinate_column,
    is_attribute_line,
    split_attributes,
    split_point,
    stripped,
)
from ecogeo.formats.coordinates import numeral, recognise_axes
from ecogeo.wording import Text

_LINE_END = re.compile(r"\r\n|\r|\n")
_SECTION = re.compile(r"([\[［【〔])\s*([^\[\]［］【】〔〕]+?)\s*([\]］】〕])")
_PAIR = re.compile(r"([^=＝,，\t]+?)\s*[=＝]\s*(.*)")
_KNOWN_PAIR = re.compile(
    r"(格式版本号|数据产生单位|数据产生日期|坐标系|几度分带|分带|投影类型|计量单位|带号|精度|转换参数)\s*[=＝:：]\s*(.*)"
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the file that is not blank.

    Parameters
    ----------
    number
        From 1.
    text
        Without blanks around it.
    is_after_blank
        Whether a blank line stands in front.
    """

    number: int
    text: str
    is_after_blank: bool


@dataclass(frozen=True, slots=True)
class _Parts:
    """The lines of a file by where they belong."""

    head: list[tuple[str, str]]
    sections: list[tuple[str, list[str]]]
    body: list[_Line]
    brackets: list[str]
    notes: list[Text]


def parse_boundary(text: str) -> BoundaryFile:
    """Take the text of a file apart and recognise its dialect; never fails, and leaves nothing out.

    A parcel that cannot be built is still there, with the lines that could not be read; what holds no point at all
    has no parcels.

    Parameters
    ----------
    text
        The whole text, without byte-order mark.
    """
    lines = _lines(text)
    parts = _sorted_out(lines)
    order = coordinate_column([line.text for line in parts.body])
    parcels = _read_parcels(parts, order)
    parcels, is_east_first = _turned(parcels)
    dialect = replace(
        recognise_dialect([line.text for line in parts.body], parts.brackets, parcels, order),
        newline=most_common(_LINE_END.findall(text), "\r\n"),
        ends_with_newline=text.endswith(("\n", "\r")),
        is_east_first=is_east_first,
    )
    sections = tuple((name, tuple(kept)) for name, kept in parts.sections)
    return BoundaryFile(tuple(parts.head), sections, parcels, dialect, tuple(parts.notes))


def _lines(text: str) -> list[_Line]:
    found: list[_Line] = []
    is_after_blank = False
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        line = stripped(raw)
        if line:
            found.append(_Line(number, line, is_after_blank))
        is_after_blank = not line
    return found


def _sorted_out(lines: Iterable[_Line]) -> _Parts:
    """Give every line to the head, to another section, or to the body of parcels."""
    parts = _Parts([], [], [], [], [])
    current = ""
    for line in lines:
        marker = _SECTION.fullmatch(line.text)
        if marker:
            current = _opened(parts, marker, line.number)
        elif current not in ("", HEAD_SECTION, PARCEL_SECTION):
            parts.sections[-1][1].append(line.text)
        elif pair := _pair(line.text, is_in_body=current == PARCEL_SECTION):
            parts.head.append(pair)
        elif current == PARCEL_SECTION:
            parts.body.append(line)
        elif is_attribute_line(line.text) or coordinate_column([line.text]) is not None:
            parts.body.append(line)
            current = PARCEL_SECTION
        elif current == HEAD_SECTION:
            parts.head.append(("", line.text))
        else:
            _preamble(parts).append(line.text)
    return parts


def _opened(parts: _Parts, marker: re.Match[str], number: int) -> str:
    """Begin a section; one of the two known ones that comes again is noted and not opened twice."""
    name = marker[2]
    parts.brackets.append(marker[1] + marker[3])
    if name not in (HEAD_SECTION, PARCEL_SECTION) or not _has(parts, name):
        parts.sections.append((name, []))
        return name
    parts.notes.append(
        Text(
            f"第 {number} 行再次出现 [{name}]，可能由多个文件拼接而成，请核对各段坐标系是否一致",
            f"[{name}] comes again on line {number}: several files may have been joined; check that they share one CRS",
        )
    )
    return name


def _pair(line: str, *, is_in_body: bool) -> tuple[str, str] | None:
    """Return key and value of a line of the head; a colon parts them, or the body holds them, only by a known key."""
    match = _KNOWN_PAIR.fullmatch(line) or (None if is_in_body else _PAIR.fullmatch(line))
    return (match[1], match[2]) if match else None


def _has(parts: _Parts, name: str) -> bool:
    return any(known == name for known, _ in parts.sections)


def _before_parcels(parts: _Parts) -> list[str]:
    """Return the lines in front of the first parcel: those of its section, if it has one."""
    if not _has(parts, PARCEL_SECTION):
        return _preamble(parts)
    return next(kept for name, kept in parts.sections if name == PARCEL_SECTION)


def _preamble(parts: _Parts) -> list[str]:
    """Return the lines in front of all sections."""
    if not _has(parts, ""):
        parts.sections.insert(0, ("", []))
    return next(kept for name, kept in parts.sections if name == "")


def _read_parcels(parts: _Parts, column: int | None) -> tuple[Parcel, ...]:
    """Group the lines of the body into parcels."""
    parcels: list[Parcel] = []
    fields: tuple[str, ...] = ()
    corners: list[Corner] = []
    first_line = 0
    may_part = column is not None and _blank_lines_part(parts.body, column)
    for line in parts.body:
        is_attributes = is_attribute_line(line.text)
        if is_attributes or (may_part and line.is_after_blank):
            if fields or corners:
                parcels.append(Parcel(fields, tuple(corners), first_line))
            fields, corners, first_line = (split_attributes(line.text)[0] if is_attributes else ()), [], line.number
        if is_attributes:
            continue
        corner = _read_corner(line, column)
        if not (fields or corners or parcels) and not corner.is_read:
            _before_parcels(parts).append(line.text)
            continue
        first_line = first_line or line.number
        corners.append(corner)
    if fields or corners:
        parcels.append(Parcel(fields, tuple(corners), first_line))
    return tuple(parcels)


def _blank_lines_part(body: Sequence[_Line], column: int) -> bool:
    """Whether blank lines separate parcels: no attribute lines, no 圈号, and three points or more between them."""
    if column >= MOST_COLUMNS_BEFORE or any(is_attribute_line(line.text) for line in body):
        return False
    sizes, size = [], 0
    for line in body:
        if line.is_after_blank and size:
            sizes.append(size)
            size = 0
        size += _read_corner(line, column).is_read
    return all(count >= 3 for count in (*sizes, size))


def _read_corner(line: _Line, column: int | None) -> Corner:
    cells = split_point(line.text)
    if column is None or len(cells) < column + 2:
        return Corner(line.text, "", "", "", line=line.number)
    first, second = numeral(cells[column]), numeral(cells[column + 1])
    if first is None or second is None:
        return Corner(line.text, "", "", "", line=line.number)
    return Corner(
        name=cells[0] if column > 0 else "",
        ring=cells[1] if column > 1 else "",
        north=first,
        east=second,
        rest=tuple(cells[column + 2 :]),
        line=line.number,
    )


def _turned(parcels: tuple[Parcel, ...]) -> tuple[tuple[Parcel, ...], bool]:
    """Put the north coordinate into its place where the columns of the file are exchanged."""
    xy = positions([corner for parcel in parcels for corner in parcel.corners if corner.is_read])
    if not len(xy) or not recognise_axes(xy[:, 1], xy[:, 0]).is_east_first:
        return parcels, False
    return tuple(
        replace(
            parcel,
            corners=tuple(replace(corner, north=corner.east, east=corner.north) for corner in parcel.corners),
        )
        for parcel in parcels
    ), True
