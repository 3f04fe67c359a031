"""A `BoundaryFile` back into bytes: in its own dialect to the byte, in another with the same shapes and attributes."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product

from ecogeo.errors import UsageError
from ecogeo.formats.boundary.file import (
    HEAD_SECTION,
    PARCEL_SECTION,
    BoundaryFile,
    Closing,
    Corner,
    Dialect,
    Parcel,
    is_closed,
    number_of,
    rings_of,
)
from ecogeo.formats.boundary.lines import SEPARATORS, is_attribute_line, split_attributes, split_point, stripped
from ecogeo.formats.coordinates import coordinates, decimals_of, is_angle, zones_of
from ecogeo.wording import Text

_MARKS = {"UTF-8": codecs.BOM_UTF8, "UTF-16LE": codecs.BOM_UTF16_LE, "UTF-16BE": codecs.BOM_UTF16_BE}
_ZONE_DIGITS = 6

Ring = tuple[Corner, ...]


def write_boundary(file: BoundaryFile, dialect: Dialect | None = None) -> bytes:
    """Write a file in its own dialect or another.

    Reading what was written gives the same shapes and attributes; in its own dialect a regular file comes back byte
    for byte. Blank lines and blanks around cells are not kept. Decimals are padded, never cut; attributes with content
    are never cut; points are renumbered only where another numbering is asked for.

    Parameters
    ----------
    file
        The file; parcels that could not be read are written line for line.
    dialect
        How to write it; empty takes the file's own.

    Raises
    ------
    UsageError
        Where the dialect cannot hold it: an attribute that contains the separator, an encoding without its signs,
        several open rings without 圈号, a zone's number nobody stated. All such places are named.
    """
    chosen = dialect or file.dialect
    problems: list[Text] = []
    lines: list[str] = []
    for name, kept, has_marker in _blocks(file):
        if has_marker:
            lines.append(f"{chosen.brackets[0]}{name}{chosen.brackets[1]}")
        lines += kept
        if name == HEAD_SECTION:
            lines += [f"{key}={value}" if key else value for key, value in file.head]
        if name == PARCEL_SECTION:
            lines += _parcel_lines(file, chosen, problems, is_own=dialect is None)
    text = chosen.newline.join(lines) + (chosen.newline if chosen.ends_with_newline and lines else "")
    content = b""
    try:
        content = text.encode(chosen.encoding)
    except UnicodeEncodeError as error:
        sign = f"U+{ord(text[error.start]):04X}"
        problems.append(
            Text(f"编码 {chosen.encoding} 没有字符 {sign}", f"the encoding {chosen.encoding} has no sign {sign}")
        )
    if problems:
        raise UsageError(problems)
    return _MARKS.get(chosen.encoding, b"") + content if chosen.has_bom else content


def _blocks(file: BoundaryFile) -> list[tuple[str, tuple[str, ...], bool]]:
    """Return the sections in order, each with whether its name is written; head and parcels are always among them."""
    blocks = [(name, kept, bool(name)) for name, kept in file.sections]
    names = [name for name, _ in file.sections]
    if HEAD_SECTION not in names:
        at = 1 if names[:1] == [""] else 0
        blocks.insert(at, (HEAD_SECTION, (), False))
        names.insert(at, HEAD_SECTION)
    if PARCEL_SECTION not in names:
        blocks.insert(names.index(HEAD_SECTION) + 1, (PARCEL_SECTION, (), False))
    return blocks


def _parcel_lines(file: BoundaryFile, chosen: Dialect, problems: list[Text], *, is_own: bool) -> list[str]:
    lines: list[str] = []
    bare = [parcel for parcel in file.parcels if not parcel.fields]
    if len(bare) > 1 and chosen.has_ring_column:
        problems.append(
            Text(
                "多个没有属性行的地块不能写成带圈号的格式，请先补地块属性",
                "several parcels without attributes cannot be written with ring numbers; give them attributes first",
            )
        )
    for order, parcel in enumerate(file.parcels):
        if parcel.fields:
            lines.append(_attribute_line(parcel, chosen, problems, is_own=is_own))
        elif order:
            lines.append("")
        lines += [
            _point_line(corner, file.dialect, chosen, problems)
            for corner in _corners(parcel, file.dialect, chosen, problems)
        ]
    return lines


def _attribute_line(parcel: Parcel, chosen: Dialect, problems: list[Text], *, is_own: bool) -> str:
    """Return the attributes with the chosen count.

    An end mark that would be lost behind an empty attribute becomes a cell of its own, and a line of the file's own
    dialect falls back to a separator that holds it.
    """
    fields = list(parcel.fields) + [""] * (chosen.attribute_count - len(parcel.fields))
    while len(fields) > chosen.attribute_count and not fields[-1]:
        fields.pop()
    separators: list[str] = [chosen.separator, *(SEPARATORS if is_own else ())]
    for separator, mark in product(separators, (chosen.trailing_mark, "own cell")):
        line = separator.join(fields) + {"own cell": f"{separator}@", "glued": "@", "absent": ""}[mark]
        if split_attributes(stripped(line))[0] == tuple(fields) and is_attribute_line(stripped(line)):
            return line
    problems.append(
        Text(
            f"地块“{parcel.label}”的属性不能以“{chosen.separator}”分隔写出：其中含有分隔符、换行或行末的 @",
            f"the attributes of parcel “{parcel.label}” cannot be written between “{chosen.separator}”: one holds the "
            "separator, a line end or a final @",
        )
    )
    return ""


def _corners(parcel: Parcel, own: Dialect, chosen: Dialect, problems: list[Text]) -> Sequence[Corner]:
    """Return the points closed, numbered and grouped as chosen; untouched where they already are so."""
    if any(not corner.is_read and not corner.is_remark for corner in parcel.corners):
        return parcel.corners
    rings: list[Ring] = list(rings_of(parcel))
    if parcel.shape == "面":
        rings = [_closed_as(ring, chosen.closing) for ring in rings]
    is_unnumbered = chosen.has_name_column and not own.has_name_column
    if is_unnumbered or chosen.numbering not in (own.numbering, "other"):
        rings = _renumbered(rings, chosen)
    numbers = [ring[0].ring for ring in rings]
    if chosen.has_ring_column and (not own.has_ring_column or _would_merge(numbers, chosen)):
        rings = [tuple(replace(corner, ring=str(at)) for corner in ring) for at, ring in enumerate(rings, start=1)]
    is_ambiguous = parcel.shape == "线" or chosen.closing == "absent"
    if len(rings) > 1 and not chosen.has_ring_column and is_ambiguous and parcel.shape != "点":
        problems.append(
            Text(
                f"地块“{parcel.label}”有 {len(rings)} 圈，不写圈号又不闭合就无法区分",
                f"parcel “{parcel.label}” has {len(rings)} rings, which cannot be told apart open and without numbers",
            )
        )
    written = [corner for ring in rings for corner in ring]
    if written == [corner for corner in parcel.corners if corner.is_read]:
        return parcel.corners
    return [*(corner for corner in parcel.corners if not corner.is_read), *written]


def _would_merge(numbers: Sequence[str], chosen: Dialect) -> bool:
    return chosen.closing == "absent" and any(before == behind for before, behind in pairwise(numbers))


def _closed_as(ring: Ring, closing: Closing) -> Ring:
    if len(ring) < 3:
        return ring
    if closing == "absent":
        while is_closed(ring):
            ring = ring[:-1]
        return ring
    opened = ring[:-1] if is_closed(ring) else ring
    if closing == "first name":
        return (*opened, replace(ring[-1] if is_closed(ring) else ring[0], name=ring[0].name))
    if is_closed(ring) and ring[-1].name != ring[0].name:
        return ring
    return (*opened, replace(ring[0], name=_next_name(opened[-1].name)))


def _next_name(name: str) -> str:
    number = number_of(name)
    return f"{name}+1" if number is None else f"{_prefix(name)}{number + 1}"


def _prefix(name: str) -> str:
    return name.rstrip("0123456789")


def _renumbered(rings: Sequence[Ring], chosen: Dialect) -> list[Ring]:
    """Number the points anew, from 1, under the letter they have; a closing point as the dialect wants it."""
    renumbered: list[Ring] = []
    number = 0
    for ring in rings:
        prefix = (_prefix(ring[0].name) if ring[0].name else "J") or ""
        number = 0 if chosen.numbering == "per ring" else number
        first = number + 1
        named = []
        for at, corner in enumerate(ring):
            if at == len(ring) - 1 and is_closed(ring) and chosen.closing == "first name":
                named.append(replace(corner, name=f"{prefix}{first}"))
                continue
            number += 1
            named.append(replace(corner, name=f"{prefix}{number}"))
        renumbered.append(tuple(named))
    return renumbered


def _point_line(corner: Corner, own: Dialect, chosen: Dialect, problems: list[Text]) -> str:
    """Return a point's cells between the chosen separator, or commas where an empty cell could not be read back."""
    if not corner.is_read:
        return corner.name
    east = _zoned(corner.east, own, chosen, problems)
    pair = [_with_decimals(corner.north, chosen.decimals), _with_decimals(east, chosen.decimals)]
    if chosen.is_east_first:
        pair.reverse()
    cells = [*pair, *corner.rest]
    if chosen.has_ring_column:
        cells = [corner.name, corner.ring, *cells]
    elif chosen.has_name_column:
        cells = [corner.name, *cells]
    line = chosen.point_separator.join(cells)
    return line if split_point(stripped(line)) == cells else ",".join(cells)


def _with_decimals(text: str, decimals: int | None) -> str:
    """Return a numeral with at least so many decimals; none that says something is cut."""
    if decimals is None or is_angle(text) or "e" in text.lower() or decimals_of(text) == decimals:
        return text
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(decimals, "0")
    return f"{whole}.{fraction}" if fraction else whole


def _zoned(east: str, own: Dialect, chosen: Dialect, problems: list[Text]) -> str:
    """Return an east coordinate with or without the zone's number in front; the place on the ground stays."""
    if own.zone_prefix == chosen.zone_prefix:
        return east
    zone = int(zones_of(coordinates([east]))[0])
    if zone and chosen.zone_prefix is None:
        return east.lstrip("+")[2:]
    whole, dot, fraction = east.partition(".")
    if not zone and whole.isdigit() and len(whole) <= _ZONE_DIGITS and chosen.zone_prefix is not None:
        return f"{chosen.zone_prefix}{whole.zfill(_ZONE_DIGITS)}{dot}{fraction}"
    problem = Text(
        f"坐标的带号与要写的带号 {chosen.zone_prefix} 不一致；换带要重新投影，不能只改数字",
        f"the coordinates are not of zone {chosen.zone_prefix}; changing zones takes a projection, not other digits",
    )
    if problem not in problems:
        problems.append(problem)
    return east
