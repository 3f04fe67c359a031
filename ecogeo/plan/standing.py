"""How a current value stands to its target.

A status is one of

- ``met``, ``not_met``: the numbers say so, or the value is worded as the target is, or as not begun (未开展);
- ``set_from_above``: the target is whatever the higher level assigns, so the document alone cannot tell;
- ``no_data``: no target, no value, or one not counted yet (尚未统计);
- ``text``: only words stand against each other, and they differ; or a bare number is not hit, and nothing says which
  way is good.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from ecogeo.plan.targets import Comparator, Target, is_blank, parse_value, plain_form

Status = Literal["met", "not_met", "set_from_above", "no_data", "text"]

_NOT_BEGUN = re.compile(r"(?:尚?未|没有)(?:开展|制定|建立|实施|编制|推行|完成|启动)")
_NOT_COUNTED = re.compile(r"(?:尚?未|没有|无|暂无)(?:统计|监测|数据|核算|核定|公布|出)")
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
        The unit of both; a share cannot exceed a target of 100 % nor fall below one of 0 %: any other misses it.
    """
    current, value = plain_form(current_text), parse_value(current_text)
    if target.value is not None and value is not None:
        return _judge_number(target.comparator, target.value, value, is_share="%" in plain_form(unit + target.text))
    if _NOT_BEGUN.search(current):
        return "not_met"
    if is_blank(current_text) or _NOT_COUNTED.search(current) or not target.comparator:
        return "no_data"
    if target.comparator == "assigned":
        return "set_from_above"
    wanted = plain_form(target.text)
    is_said = current == wanted or (target.comparator == "steady_or_better" and current in re.split("[或;,]", wanted))
    return "met" if is_said and target.value is None else "text"


def worst(statuses: Sequence[Status]) -> Status:
    """Return the status of a whole from those of its parts: missed before unknown before met.

    Examples
    --------
    >>> worst(["met", "no_data", "not_met"])
    'not_met'
    """
    return min(statuses, key=_WORST_FIRST.index)


def _judge_number(comparator: Comparator, target: float, value: float, *, is_share: bool) -> Status:
    """Compare two numbers."""
    if comparator == "=":
        if value == target:
            return "met"
        return "not_met" if is_share and target in (0, 100) and 0 <= value <= 100 else "text"
    holds = {">=": value >= target, "<=": value <= target, ">": value > target, "<": value < target}[comparator]
    return "met" if holds else "not_met"
