"""Units of measure as tables print them, and what turns a number of one into a number of another.

Known are lengths, areas, volumes, masses, money, shares and counts, each with 万 or 亿 in front, and rates of two of
them (微克/立方米). Units of different dimensions do not convert, nor do units that are not known.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ecogeo.plan.plain_text import is_blank, plain_form

_COUNTS = ("天", "人次", "场次", "人", "户", "个", "项", "处", "座", "家", "件", "辆", "次")
_SIZES: dict[str, tuple[str, Fraction]] = {
    "米": ("length", Fraction(1)),
    "m": ("length", Fraction(1)),
    "公里": ("length", Fraction(1000)),
    "千米": ("length", Fraction(1000)),
    "km": ("length", Fraction(1000)),
    "平方米": ("area", Fraction(1)),
    "m2": ("area", Fraction(1)),
    "亩": ("area", Fraction(2000, 3)),
    "公顷": ("area", Fraction(10_000)),
    "ha": ("area", Fraction(10_000)),
    "平方公里": ("area", Fraction(1_000_000)),
    "平方千米": ("area", Fraction(1_000_000)),
    "km2": ("area", Fraction(1_000_000)),
    "立方米": ("volume", Fraction(1)),
    "m3": ("volume", Fraction(1)),
    "微克": ("mass", Fraction(1, 1_000_000)),
    "μg": ("mass", Fraction(1, 1_000_000)),
    "毫克": ("mass", Fraction(1, 1000)),
    "mg": ("mass", Fraction(1, 1000)),
    "克": ("mass", Fraction(1)),
    "公斤": ("mass", Fraction(1000)),
    "千克": ("mass", Fraction(1000)),
    "kg": ("mass", Fraction(1000)),
    "吨": ("mass", Fraction(1_000_000)),
    "t": ("mass", Fraction(1_000_000)),
    "%": ("share", Fraction(1, 100)),
    "‰": ("share", Fraction(1, 1000)),
    "吨标准煤": ("standard coal", Fraction(1)),
    "吨标煤": ("standard coal", Fraction(1)),
    "千瓦时": ("electricity", Fraction(1)),
    "元": ("money", Fraction(1)),
} | {count: (count, Fraction(1)) for count in _COUNTS}
_PREFIXES = {"": 1, "万": 10_000, "亿": 100_000_000, "万亿": 1_000_000_000_000}
_PREFIXED = re.compile(r"(?P<prefix>万亿|[万亿]|)(?P<base>.+)")


def conversion(unit: str, into: str) -> Fraction | None:
    """Return what a number of one unit is multiplied by to be one of another; ``None`` where nothing is known.

    A unit that is not written is taken to be the other one; so is a longer wording that is not known and holds the
    other (个/年, or the units of several sub-items in one cell).

    Parameters
    ----------
    unit, into
        The units as written.

    Examples
    --------
    >>> conversion("公顷", "万公顷"), conversion("平方公里", "公顷"), conversion("%", "公顷")
    (Fraction(1, 10000), Fraction(100, 1), None)
    """
    before, after = plain_form(unit), plain_form(into)
    if before == after or is_blank(before) or is_blank(after):
        return Fraction(1)
    first, second = _size(before), _size(after)
    if first and second:
        return first[1] / second[1] if first[0] == second[0] else None
    is_within = (first and before in after) or (second and after in before)
    return Fraction(1) if is_within else None


def dimensions(unit: str) -> tuple[str, ...]:
    """Return what a unit measures, of a rate both sides; nothing for a unit that is not known.

    Examples
    --------
    >>> dimensions("万公顷"), dimensions("平方米/人"), dimensions("—")
    (('area',), ('area', '人'), ())
    """
    found = _size(plain_form(unit))
    return found[0] if found else ()


def _size(unit: str) -> tuple[tuple[str, ...], Fraction] | None:
    """Return the dimensions of a unit (of a rate, two) and its size in the smallest of them."""
    parts = [_simple_size(part) for part in unit.split("/")]
    known = [part for part in parts if part]
    if len(known) != len(parts) or len(known) > 2:
        return None
    size = known[0][1] / known[1][1] if len(known) == 2 else known[0][1]
    return tuple(dimension for dimension, _ in known), size


def _simple_size(unit: str) -> tuple[str, Fraction] | None:
    """Return the dimension and size of a unit that is no rate."""
    found = _PREFIXED.fullmatch(unit)
    if not found or found["base"] not in _SIZES:
        return None
    dimension, size = _SIZES[found["base"]]
    return dimension, size * _PREFIXES[found["prefix"]]
