"""A 勘测定界界址点 file as a value: its head, its parcels with their corners, and the dialect it is written in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from ecogeo.formats.coordinates import Floats, coordinates
from ecogeo.wording import Text

Closing = Literal["first name", "new name", "absent"]
Mark = Literal["own cell", "glued", "absent"]
Numbering = Literal["running", "per ring", "other"]

HEAD_SECTION = "属性描述"
PARCEL_SECTION = "地块坐标"

SHAPES = {"点": "点", "线": "线", "面": "面", "点状": "点", "线状": "线", "面状": "面"}
"""How the kind of a parcel's shape is written, and its standard word."""

_SHAPE_AT = 4
_LEAST_TO_SPLIT = 7
"""Three points, the first one again, and three more."""

_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Corner:
    """One 界址点, or a line among them that is none.

    Parameters
    ----------
    name
        点号; the whole line where no point could be read.
    ring
        地块圈号 as written; empty where the file has no such column.
    north, east
        The numerals as written: metres, decimal degrees or angles; both empty where no point could be read.
    rest
        What follows the two coordinates, such as a height.
    line
        The line (or row of a sheet) it stands on, from 1.
    """

    name: str
    ring: str
    north: str
    east: str
    rest: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)

    @property
    def is_read(self) -> bool:
        """Whether it is a point with both coordinates."""
        return bool(self.north)

    @property
    def is_remark(self) -> bool:
        """Whether it is a line without any figure, and so no point that went wrong."""
        return not self.is_read and not any(sign.isdigit() for sign in self.name)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One 地块 as written.

    Parameters
    ----------
    fields
        Its attributes in the order of the file, without the end mark ``@``; empty where it has no attribute line.
    corners
        Its points in the order of the file, closing points included.
    line
        The line it begins on, from 1.
    """

    fields: tuple[str, ...]
    corners: tuple[Corner, ...]
    line: int = field(default=0, compare=False)

    @property
    def shape_at(self) -> int | None:
        """Where among the attributes the kind of shape stands; None where it is missing."""
        return shape_position(self.fields)

    @property
    def shape(self) -> str:
        """点, 线 or 面; 面 where it is not stated."""
        at = self.shape_at
        return "面" if at is None else SHAPES[self.fields[at]]

    @property
    def parcel_no(self) -> str:
        """地块编号, two places before the kind of shape."""
        return self._before_shape(2)

    @property
    def parcel_name(self) -> str:
        """地块名称, in front of the kind of shape."""
        return self._before_shape(1)

    @property
    def label(self) -> str:
        """What a person would call it: name, number, or the line it begins on."""
        return self.parcel_name or self.parcel_no or f"{self.line}"

    def after_shape(self, places: int) -> str:
        """Return the attribute some places behind the kind of shape: 1 图幅号, 2 地块用途, 3 地类编码."""
        at = self._place() + places
        return self.fields[at] if at < len(self.fields) else ""

    @property
    def further(self) -> tuple[str, ...]:
        """The attributes the standard has no place for, in the order of the file."""
        at = self._place()
        return self.fields[2 : max(at - 2, 2)] + self.fields[at + 4 :]

    @property
    def stated_points(self) -> str:
        """界址点数 as written; empty where the attribute line begins with the area."""
        return self.fields[0] if self.fields and self._place() >= _SHAPE_AT else ""

    @property
    def stated_area(self) -> str:
        """地块面积 as written, with its unit if it has one."""
        at = 1 if self._place() >= _SHAPE_AT else 0
        return self.fields[at] if at < len(self.fields) and self._place() > at + 1 else ""

    def _place(self) -> int:
        at = self.shape_at
        return _SHAPE_AT if at is None else at

    def _before_shape(self, places: int) -> str:
        at = self._place() - places
        return self.fields[at] if 0 <= at < len(self.fields) else ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written; all of it is recognised, and any of it can be chosen for writing.

    Parameters
    ----------
    encoding
        ``UTF-8``, ``GB18030`` (which holds GBK), ``UTF-16LE`` or ``UTF-16BE``.
    has_bom
        Whether a byte-order mark stands in front.
    newline
        The line end.
    ends_with_newline
        Whether the last line has one.
    brackets
        The two signs around the name of a section: ``[]``, ``【】`` or ``［］``.
    separator
        Between attributes.
    point_separator
        Between the cells of a point.
    attribute_count
        Attributes of a parcel without the end mark: 8 by the standard; 9, 12 and 13 exist.
    trailing_mark
        Whether an attribute line ends in ``@``, as a cell of its own or glued to the last attribute.
    has_name_column, has_ring_column
        Whether a point begins with 点号, and then 地块圈号; the latter stands only behind the former.
    closing
        Whether the first point of a ring is repeated at its end, and under which name.
    numbering
        Whether numbers of points run on from ring to ring, or restart with each.
    decimals
        Decimals of the coordinates; None where they differ.
    is_east_first
        Whether the columns of coordinates are exchanged.
    zone_prefix
        The zone's number in front of the east coordinate; None where there is none.
    """

    encoding: str = "UTF-8"
    has_bom: bool = False
    newline: str = "\r\n"
    ends_with_newline: bool = True
    brackets: str = "[]"
    separator: str = ","
    point_separator: str = ","
    attribute_count: int = 8
    trailing_mark: Mark = "own cell"
    has_name_column: bool = True
    has_ring_column: bool = True
    closing: Closing = "first name"
    numbering: Numbering = "running"
    decimals: int | None = 3
    is_east_first: bool = False
    zone_prefix: int | None = None


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """A whole file, nothing left out.

    The head and the other sections may hold transformation parameters, which can be classified: neither is shown by
    `repr`, and no message quotes them.

    Parameters
    ----------
    head
        Keys and values of 属性描述 in order; a line that is no pair comes with an empty key.
    sections
        Every section in the order of the file with its lines; 属性描述 stands there without lines, 地块坐标 with what
        precedes its first parcel. Lines in front of all sections have the name "".
    parcels
        The parcels in order.
    dialect
        How it is written.
    notes
        What was met while reading that no other part of this value shows.
    """

    head: tuple[tuple[str, str], ...] = field(repr=False)
    sections: tuple[tuple[str, tuple[str, ...]], ...] = field(repr=False)
    parcels: tuple[Parcel, ...]
    dialect: Dialect
    notes: tuple[Text, ...] = field(default=(), compare=False)

    def stated(self, *keys: str) -> str:
        """Return the first value of the head that is not empty, under any of some keys; empty where there is none."""
        return next((value for key, value in self.head if key in keys and value), "")


def shape_position(fields: Sequence[str]) -> int | None:
    """Return where 点, 线 or 面 stands among attributes: the fifth place, else the first fit behind the second."""
    if len(fields) > _SHAPE_AT and fields[_SHAPE_AT] in SHAPES:
        return _SHAPE_AT
    return next((at for at, value in enumerate(fields) if at >= 2 and value in SHAPES), None)


def positions(corners: Sequence[Corner]) -> Floats:
    """Return the coordinates of points as east, north; shape (n, 2)."""
    east = coordinates([corner.east for corner in corners])
    north = coordinates([corner.north for corner in corners])
    return np.column_stack([east, north]) if len(corners) else np.zeros((0, 2))


def places(xy: Floats) -> npt.NDArray[np.complex128]:
    """Return points as single numbers, equal where the points are; shape (n,)."""
    single: npt.NDArray[np.complex128] = xy[:, 0] + 1j * xy[:, 1]
    return single


def rings_of(parcel: Parcel) -> tuple[tuple[Corner, ...], ...]:
    """Take the points of a parcel apart into rings (lines, for a 线).

    A ring ends where 圈号 changes, and, for a 面, where the first point returns and at least three more follow: some
    files give every ring the same 圈号, or none. Lines that are no points are passed over.

    Parameters
    ----------
    parcel
        The parcel.
    """
    runs: list[list[Corner]] = []
    for corner in parcel.corners:
        if not corner.is_read:
            continue
        if runs and runs[-1][-1].ring == corner.ring:
            runs[-1].append(corner)
        else:
            runs.append([corner])
    if parcel.shape != "面":
        return tuple(tuple(run) for run in runs)
    return tuple(ring for run in runs for ring in _split_where_closed(tuple(run)))


def _split_where_closed(run: tuple[Corner, ...]) -> list[tuple[Corner, ...]]:
    if len(run) < _LEAST_TO_SPLIT:
        return [run]
    _, first_seen, place = np.unique(places(positions(run)), return_index=True, return_inverse=True)
    elsewhere = np.flatnonzero(place != place[-1])
    tail = int(elsewhere[-1]) + 1 if len(elsewhere) else 0
    rings: list[tuple[Corner, ...]] = []
    start = 0
    for position in np.setdiff1d(np.arange(len(run)), first_seen).tolist():
        end = tail if place[start] == place[-1] else len(run)
        if place[position] == place[start] and position >= start + 3 and end - position > 3:
            rings.append(run[start : position + 1])
            start = position + 1
    return [*rings, run[start:]]


def is_closed(ring: Sequence[Corner]) -> bool:
    """Whether the last point of a ring stands where the first does."""
    if len(ring) < 4:
        return False
    ends = positions((ring[0], ring[-1]))
    return bool(np.array_equal(ends[0], ends[1]))


def number_of(name: str) -> int | None:
    """Return the number at the end of a point's name, None where there is none.

    Examples
    --------
    >>> number_of("J12"), number_of("")
    (12, None)
    """
    found = _NUMBER.findall(name[-12:])
    return int(found[-1]) if found else None
