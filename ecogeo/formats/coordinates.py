"""Coordinates as people write them: numerals, angles, and what their magnitude tells of the axes.

In a Gauss plane of China (18–54°N) the north coordinate has seven integer digits, 1.9 to 6.0 million metres; the east
coordinate has six, or eight with the zone's number in front. The two never overlap, nor do longitude (73–136°) and
latitude (3–54°), so columns that were exchanged are recognised.

Source: zone numbers and false easting of the 3° and 6° zones of CGCS2000 (EPSG:4491–4554).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ecogeo.wording import Text, list_en, list_zh

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Kind = Literal["plane", "degrees", "packed", "unknown"]

_NUMERAL = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)\s*(?:m|M|米|度|°)?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_ANGLE = re.compile(
    r"(?:东经|北纬|[EN])?\s*([0-9]{1,3})\s*(?:°|度|-)\s*([0-9]{1,2})\s*(?:['′’分]|-)\s*"
    r"([0-9]{1,2}(?:\.[0-9]*)?)\s*(?:\"|″|”|''|′′|’’|秒)?\s*[EN]?"
)
_LONGEST = 40
_LARGEST = 1e9

NORTH_M = (1.9e6, 6.0e6)
EAST_M = (1.0e5, 9.0e5)
ZONED_EAST_M = (13.1e6, 45.9e6)
LONGITUDE_DEG = (73.0, 136.0)
LATITUDE_DEG = (3.0, 54.0)
METRES_PER_ZONE = 1_000_000


@dataclass(frozen=True, slots=True)
class Axes:
    """What the magnitude of two columns of coordinates tells.

    Parameters
    ----------
    kind
        ``plane`` metres, ``degrees``, ``packed`` (DDDMMSS written as one number), or ``unknown``.
    is_east_first
        Whether the first column is the east coordinate or the longitude.
    fits
        Per point, whether it is of this kind; shape (n,).
    """

    kind: Kind
    is_east_first: bool
    fits: Flags


def clean(text: str) -> str:
    """Return a cell in half-width signs without blanks around it.

    Examples
    --------
    >>> clean("　２６８４７０１．７２１ ")
    '2684701.721'
    """
    text = text.strip()
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.replace("º", "°").replace("。", ".")).strip()


def numeral(text: str) -> str | None:
    """Return the numeral a coordinate is written with, in half-width digits, without unit and thousands separators.

    Parameters
    ----------
    text
        One cell, such as ``2684701.721``, ``２６８４７０１．７２１米``, ``2,684,701.721`` or ``109°18′00″``; the last
        kind is returned as it stands.

    Returns
    -------
    The numeral; None where the cell is no coordinate.

    Examples
    --------
    >>> numeral("36,632,017.749 m"), numeral("109-18-36"), numeral("J1")
    ('36632017.749', '109-18-36', None)
    """
    cell = clean(text)
    if not cell or len(cell) > _LONGEST:
        return None
    bare = cell.rstrip("mM米 ")
    if _THOUSANDS.fullmatch(bare):
        cell = bare.replace(",", "")
    match = _NUMERAL.fullmatch(cell)
    if match:
        return match[1] if abs(float(match[1])) < _LARGEST else None
    angle = _ANGLE.fullmatch(cell)
    return cell if angle and float(angle[2]) < 60 and float(angle[3]) < 60 else None


def coordinate(text: str) -> float:
    """Return the value of a numeral: metres or degrees; angles of degrees, minutes and seconds as decimal degrees.

    Parameters
    ----------
    text
        A numeral as `numeral` returns it.

    Examples
    --------
    >>> coordinate("109°18′36″")
    109.31
    """
    angle = _ANGLE.fullmatch(text)
    if angle:
        return int(angle[1]) + int(angle[2]) / 60 + float(angle[3]) / 3600
    return float(text)


def coordinates(texts: Sequence[str]) -> Floats:
    """Return the values of many numerals, shape (n,)."""
    try:
        return np.array(texts, dtype=np.float64)
    except ValueError:
        return np.array([coordinate(text) for text in texts], dtype=np.float64)


def is_angle(text: str) -> bool:
    """Whether a numeral is written in degrees, minutes and seconds."""
    return _ANGLE.fullmatch(text) is not None


def decimals_of(text: str) -> int:
    """Return how many decimals a numeral is written with.

    Examples
    --------
    >>> decimals_of("36632017.740")
    3
    """
    return len(text.partition(".")[2])


def recognise_axes(first: Floats, second: Floats) -> Axes:
    """Tell by magnitude which column is north and which east.

    Parameters
    ----------
    first, second
        The two columns as written, shape (n,).

    Returns
    -------
    The reading that fits the most points; the surveyor's order, north first, where none fits or two fit alike.

    Examples
    --------
    >>> recognise_axes(np.array([36632017.7]), np.array([2684701.7])).is_east_first
    True
    """
    readings: list[tuple[Kind, bool, Flags]] = [
        ("plane", False, _is_north(first) & _is_plane_east(second)),
        ("plane", True, _is_plane_east(first) & _is_north(second)),
        ("degrees", False, _within(first, LATITUDE_DEG) & _within(second, LONGITUDE_DEG)),
        ("degrees", True, _within(first, LONGITUDE_DEG) & _within(second, LATITUDE_DEG)),
    ]
    if not any(fits.any() for _, _, fits in readings):
        readings = [
            ("packed", False, _is_packed(first, LATITUDE_DEG) & _is_packed(second, LONGITUDE_DEG)),
            ("packed", True, _is_packed(first, LONGITUDE_DEG) & _is_packed(second, LATITUDE_DEG)),
        ]
    kind, is_east_first, fits = max(readings, key=lambda reading: int(reading[2].sum()))
    if not fits.any():
        return Axes("unknown", False, np.ones(len(first), dtype=bool))
    return Axes(kind, is_east_first, fits)


def zones_of(east: Floats) -> npt.NDArray[np.intp]:
    """Return the zone's number in front of each east coordinate, 0 where there is none; shape (n,)."""
    return np.where(_within(east, ZONED_EAST_M), east // METRES_PER_ZONE, 0).astype(np.intp)


def odd_magnitudes(north: Floats, east: Floats, axes: Axes) -> npt.NDArray[np.intp]:
    """Return the points whose number of integer digits, or range, is not that of the others.

    Parameters
    ----------
    north, east
        Metres or degrees, shape (n,).
    axes
        What they were recognised as.
    """
    odd = ~axes.fits
    if axes.kind == "plane":
        for column in (north, east):
            digits = np.floor(np.log10(np.maximum(np.abs(column), 1.0)))
            values, counts = np.unique(digits, return_counts=True)
            odd |= digits != values[counts.argmax()]
    return np.flatnonzero(odd)


def magnitude_doubts(axes: Axes, odd: Sequence[tuple[str, int]]) -> list[Text]:
    """Put into words what the magnitudes told.

    Parameters
    ----------
    axes
        What the columns were recognised as.
    odd
        Name and line of the points that do not fit.
    """
    doubts = []
    if axes.kind == "degrees":
        doubts.append(Text("坐标是经纬度，按度读取", "the coordinates are longitude and latitude, read as degrees"))
    if axes.kind == "unknown":
        doubts.append(
            Text(
                "坐标的数值不在中国范围内的平面坐标或经纬度之列，按 X 为北、Y 为东读取；请核对坐标系",
                "the coordinates are of no magnitude known in China; X was read as north and Y as east: check the CRS",
            )
        )
    if odd:
        places_zh = list_zh(f"{name}（第 {line} 行）" for name, line in odd)
        places_en = list_en(f"{name} (line {line})" for name, line in odd)
        doubts.append(
            Text(
                f"点 {places_zh}的坐标位数或范围与其余各点不同，疑为录入错误，未作改动",
                f"point {places_en} differs from the others in its number of digits or its range; it may be a slip "
                "and was left as it is",
            )
        )
    return doubts


def packed_problem() -> Text:
    """Say that coordinates packed as DDDMMSS are not guessed at."""
    return Text(
        "坐标写成“度分秒”连写的数字（如 1091800.00），不能当作米或度使用；请改为十进制度或 109°18′00″ 的写法",
        "its coordinates are degrees, minutes and seconds packed into one number (DDDMMSS), neither metres nor "
        "degrees; write decimal degrees or 109°18′00″",
    )


def is_coordinate_pair(first: str, second: str) -> bool:
    """Whether two neighbouring cells look like one point: by magnitude, degrees with at least three decimals."""
    texts = numeral(first), numeral(second)
    if texts[0] is None or texts[1] is None:
        return False
    values = coordinates([texts[0], texts[1]])
    kind = recognise_axes(values[:1], values[1:]).kind
    if kind != "degrees":
        return kind != "unknown"
    return all(is_angle(text) or decimals_of(text) >= 3 for text in texts if text is not None)


def _within(values: Floats, limits: tuple[float, float]) -> Flags:
    return (values >= limits[0]) & (values <= limits[1])


def _is_north(values: Floats) -> Flags:
    return _within(values, NORTH_M)


def _is_plane_east(values: Floats) -> Flags:
    return _within(values, EAST_M) | (_within(values, ZONED_EAST_M) & _within(np.mod(values, METRES_PER_ZONE), EAST_M))


def _is_packed(values: Floats, limits: tuple[float, float]) -> Flags:
    whole_degrees, rest = values // 10_000, np.mod(values, 10_000)
    return _within(whole_degrees, limits) & (rest // 100 < 60) & (np.mod(rest, 100) < 60)
