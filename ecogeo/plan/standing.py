"""How a current value stands to its target.

A status is one of

- ``met``, ``not_met``: the numbers say so, or the value is worded as the target is, or as not begun (未开展);
- ``set_from_above``: the target is whatever the higher level assigns, so the document alone cannot tell;
- ``no_data``: no target, no value, or one not counted yet (尚未统计);
- ``text``: only words stand against each other, and they differ; or a bare number is not hit, and nothing says which
  way is good; or the numbers are of units that do not convert (`units_clash`).

A target and a value that name their units are compared in one unit: ≥47800公顷 with 4.78 of a table in 万公顷.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from typing import Literal

from ecogeo.plan.measures import conversion
from ecogeo.plan.targets import Comparator, Target, is_blank, parse_value, plain_form, unit_of_value

Status = Literal["met", "not_met", "set_from_above", "no_data", "text"]

_NOT_BEGUN = re.compile(r"(?:尚?未|没有)(?:开展|制定|建立|实施|编制|推行|完成|启动)")
_NOT_COUNTED = re.compile(r"(?:尚?未|没有|无|暂无)(?:统计|监测|数据|核算|核定|公布|出)")
_SHARE = 10
_WORST_FIRST: tuple[Status, ...] = ("not_met", "no_data", "text", "set_from_above", "met")


def judge(target: Target, current_text: str, unit: str = "") -> Status:
    """Compare a current value with its target.

    Parameters
    ----------
    target
        The target.
    current_text
        The current value as written.
    unit
        The unit of the one that names none; a share cannot exceed a target of 100 % nor fall below one of 0 %:
        any other misses it.
    """
    current, value = plain_form(current_text), parse_value(current_text)
    if target.value is not None and value is not None:
        if units_clash(target, current_text, unit):
            return "text"
        factor = conversion(target.unit or unit, unit_of_value(current_text) or unit) or Fraction(1)
        wanted_value, reached = Fraction(repr(target.value)) * factor, Fraction(repr(value))
        return _judge_number(target.comparator, wanted_value, reached, is_share="%" in plain_form(unit + target.text))
    if _NOT_BEGUN.search(current):
        return "not_met"
    if is_blank(current_text) or _NOT_COUNTED.search(current) or not target.comparator:
        return "no_data"
    if target.comparator == "assigned":
        return "set_from_above"
    wanted = plain_form(target.text)
    is_said = current == wanted or (target.comparator == "steady_or_better" and current in re.split("[或;,]", wanted))
    return "met" if is_said and target.value is None else "text"


def units_clash(target: Target, current_text: str, unit: str) -> bool:
    """Whether a target and a value are numbers that cannot be compared, as their units do not convert.

    So it is, too, with a value below 1 where at least 10 % are wanted: it may be a share of one or a per cent.

    Parameters
    ----------
    target, current_text
        The target and the current value.
    unit
        The unit of the one that names none.
    """
    value = parse_value(current_text)
    if target.value is None or value is None:
        return False
    wanted_unit, value_unit = target.unit or unit, unit_of_value(current_text)
    if conversion(wanted_unit, value_unit or unit) is None or not isfinite(target.value) or not isfinite(value):
        return True
    is_least_share = target.comparator in (">=", ">") and plain_form(wanted_unit) == "%" and target.value >= _SHARE
    return is_least_share and not value_unit and 0 < value < 1


def worst(statuses: Sequence[Status]) -> Status:
    """Return the status of a whole from those of its parts: missed before unknown before met.

    Examples
    --------
    >>> worst(["met", "no_data", "not_met"])
    'not_met'
    """
    return min(statuses, key=_WORST_FIRST.index)


def _judge_number(comparator: Comparator, target: Fraction, value: Fraction, *, is_share: bool) -> Status:
    """Compare two numbers."""
    if comparator == "=":
        if value == target:
            return "met"
        return "not_met" if is_share and target in (0, 100) and 0 <= value <= 100 else "text"
    holds = {">=": value >= target, "<=": value <= target, ">": value > target, "<": value < target}[comparator]
    return "met" if holds else "not_met"
