"""How a current value stands to its target.

A status is one of

- ``met``, ``not_met``: the numbers say so, or the value is worded as the target is, or as not begun (未开展);
- ``set_from_above``: the target is whatever the higher level assigns, so the document alone cannot tell;
- ``no_data``: no target, no value, one not counted yet (尚未统计), or a change is wanted and there is no base to count
  it from;
- ``text``: nobody can tell from what is written: only words stand against each other, and they differ; a bare number is
  not hit, and nothing says which way is good (`ecogeo.plan.directions`); a number that is only about missed; a share
  that is to rise by 5 % (points or of itself); or the units of the numbers do not convert (`units_clash`).

A target and a value that name their units are compared in one unit: ≥47800公顷 with 4.78 of a table in 万公顷.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Literal

from ecogeo.plan.directions import Way, direction_of
from ecogeo.plan.measures import conversion
from ecogeo.plan.plain_text import is_blank, plain_form
from ecogeo.plan.target_words import CHANGES
from ecogeo.plan.targets import Target, is_change, parse_change, parse_target, parse_value, unit_of_value

Status = Literal["met", "not_met", "set_from_above", "no_data", "text"]

_NOT_BEGUN = re.compile(r"(?:尚?未|没有)(?:开展|制定|建立|实施|编制|推行|完成|启动)")
_NOT_COUNTED = re.compile(r"(?:尚?未|没有|无|暂无)(?:统计|监测|数据|核算|核定|公布|出)")
_REPORTED_MET = re.compile(
    r"是|√|✓|✔|☑|Y(?:es)?|(?:已经?|均已?|全部)?(?:达标|达到|达成|完成|合格|实现)(?:目标|要求|标准)?|符合(?:要求)?"
)
_REPORTED_MISSED = re.compile(
    r"否|×|✗|✘|X|N(?:o)?|(?:尚?未|不|没有?)(?:能|全部|完全)?(?:达标|达到|达成|完成|合格|实现|符合)(?:目标|要求|标准)?"
)
_NAMED_CHANGE = re.compile(
    "(?P<fall>下降|降低|减少|削减|减排)|(?P<rise>增长|提高|增加|上升|提升|新增)|(?P<fallen>降幅)|(?P<risen>增幅|增速|涨幅)"
)
_DONE = re.compile("^(?:均?已经?|均)")
_SHARE = 10
_POINTS = {"个百分点", "百分点"}
_WORST_FIRST: tuple[Status, ...] = ("not_met", "no_data", "text", "set_from_above", "met")


@dataclass(frozen=True, slots=True)
class Base:
    """An earlier value that a change is counted from.

    Parameters
    ----------
    text
        The value as written.
    year
        Its year; ``None`` where nothing says it.
    """

    text: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A target and a value with all that is known of them; see `judge`."""

    target: Target
    text: str
    value: float | None
    unit: str
    name: str
    base: Base | None
    year: int | None

    @property
    def way(self) -> Way | None:
        """Which way is good, where the name tells it."""
        found = direction_of(self.name) if self.name else None
        return found.way if found else None

    @property
    def missed(self) -> Status:
        """What a target that is not reached is: of one that is only about, nobody can tell."""
        return "text" if self.target.is_about else "not_met"


def judge(
    target: Target,
    current_text: str,
    unit: str = "",
    *,
    name: str = "",
    base: Base | None = None,
    year: int | None = None,
) -> Status:
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
    name
        Name of the indicator: it tells which way is good of a bare number, and whether the value is itself a change.
    base
        The earlier value a change is counted from.
    year
        The year of the current value.
    """
    case = _Case(target, current_text, parse_value(current_text), unit, name, base, year)
    current = plain_form(current_text)
    if _NOT_BEGUN.search(current) and (case.value is None or target.value is None):
        return "not_met"
    if is_blank(current_text) or (_NOT_COUNTED.search(current) and case.value is None) or not target.comparator:
        return "no_data"
    if is_change(target):
        return _judge_change(case)
    if target.value is not None and case.value is not None:
        return "text" if units_clash(target, current_text, unit) else _judge_number(case)
    return "set_from_above" if target.comparator == "assigned" else _judge_words(case)


def aim_of(target: Target, unit: str, *, base: Base | None = None, year: int | None = None) -> Fraction | None:
    """Return the number a target asks for, in the unit of the indicator; of two the smaller.

    Parameters
    ----------
    target
        The target.
    unit
        The unit of the indicator, which is also that of a number that names none.
    base, year
        The value a change is counted from, and the year it is counted to.

    Returns
    -------
    ``None`` where it is worded, its unit does not convert, or a change has no base or could be meant in two ways.
    """
    if target.value is None or not isfinite(target.value):
        return None
    if not is_change(target):
        return in_unit(target.value, target.unit, unit)
    aims = _changed(target, unit, base, year) if base is not None else ()
    return aims[0] if len(set(aims)) == 1 else None


def in_unit(value: float, written: str, unit: str) -> Fraction | None:
    """Return a number in the unit of its indicator; ``None`` where the unit written with it does not convert.

    Examples
    --------
    >>> in_unit(47800, "公顷", "万公顷"), in_unit(5, "", "%")
    (Fraction(239, 50), Fraction(5, 1))
    """
    factor = conversion(written or unit, unit or written)
    return None if factor is None or not isfinite(value) else Fraction(repr(float(value))) * factor


def reported_status(text: str) -> Literal["met", "not_met"] | None:
    """Read a status as an office wrote it; ``None`` where it says neither.

    Examples
    --------
    >>> reported_status("√"), reported_status("未达标"), reported_status("正在推进")
    ('met', 'not_met', None)
    """
    plain = plain_form(text)
    if _REPORTED_MISSED.fullmatch(plain):
        return "not_met"
    return "met" if _REPORTED_MET.fullmatch(plain) else None


def units_clash(target: Target, current_text: str, unit: str) -> bool:
    """Whether a target and a value are numbers that cannot be compared, as their units do not convert.

    So it is, too, with a value below 1 where at least 10 % are wanted: it may be a share of one or a per cent. Of a
    change the units are those of the change, not of the value.

    Parameters
    ----------
    target, current_text
        The target and the current value.
    unit
        The unit of the one that names none.
    """
    value = parse_value(current_text)
    if target.value is None or value is None or is_change(target):
        return False
    wanted_unit, value_unit = target.unit or unit, unit_of_value(current_text)
    if conversion(wanted_unit, value_unit or unit) is None or not all(
        map(isfinite, (target.value, target.upper or 0, value))
    ):
        return True
    is_least_share = target.comparator in (">=", ">") and plain_form(wanted_unit) == "%" and target.value >= _SHARE
    return is_least_share and not value_unit and 0 < value < 1


def bases_differ(target: Target, current_text: str) -> bool:
    """Whether a wanted change and one that was made are counted from different years, so that neither tells the other.

    Examples
    --------
    >>> bases_differ(parse_target("较2020年下降14%"), "较2015年下降18%")
    True
    """
    said = parse_target(current_text)
    is_told = target.base_year is not None and said.base_year is not None
    return is_told and is_change(target) and is_change(said) and target.base_year != said.base_year


def worst(statuses: Sequence[Status]) -> Status:
    """Return the status of a whole from those of its parts: missed before unknown before met.

    Examples
    --------
    >>> worst(["met", "no_data", "not_met"])
    'not_met'
    """
    return min(statuses, key=_WORST_FIRST.index)


def _judge_number(case: _Case) -> Status:
    """Compare two numbers."""
    target, way = case.target, case.way
    factor = conversion(target.unit or case.unit, unit_of_value(case.text) or case.unit) or Fraction(1)
    wanted, value = Fraction(repr(target.value)) * factor, Fraction(repr(case.value))
    if target.comparator in ("=", "about"):
        return _judge_bare(case, wanted, value)
    upper = Fraction(repr(target.upper)) * factor if target.upper is not None else wanted
    holds = {
        ">=": value >= wanted,
        "<=": value <= wanted,
        ">": value > wanted,
        "<": value < wanted,
        "between": wanted <= value <= upper or (value > upper and way == "more") or (value < wanted and way == "less"),
    }[target.comparator]
    return "met" if holds else case.missed


def _judge_bare(case: _Case, wanted: Fraction, value: Fraction) -> Status:
    """Compare with a number that has no sign, by the way that is known to be good."""
    is_share = "%" in plain_form(case.unit + case.target.text)
    if value == wanted:
        return "met"
    if case.way is not None:
        return "met" if (value > wanted) == (case.way == "more") else case.missed
    is_end = is_share and wanted in (0, 100) and 0 <= value <= 100
    return "not_met" if is_end and not case.target.is_about else "text"


def _judge_words(case: _Case) -> Status:
    """Compare where at least one of the two is worded."""
    target = case.target
    wanted, said = plain_form(target.text), _DONE.sub("", plain_form(case.text))
    if said == _DONE.sub("", wanted) and target.value is None:
        return "met"
    if target.comparator == "in_place":
        return reported_status(case.text) or "text"
    if target.comparator in {"no_decrease", "no_increase", "steady_or_better"} and case.value is not None:
        return _judge_kept(case)
    is_said = target.comparator == "steady_or_better" and said in re.split("[或;,]", wanted)
    return "met" if is_said else "text"


def _judge_kept(case: _Case) -> Status:
    """Compare a value with the earlier one it must keep or better."""
    target, base = case.target, case.base
    before = _number_of(base.text, case.unit) if base is not None else None
    now = _number_of(case.text, case.unit)
    if base is None or before is None or now is None or target.base_year not in (None, base.year):
        return "no_data"
    if target.comparator == "steady_or_better":
        is_better = case.way is not None and now != before and (now > before) == (case.way == "more")
        return "met" if is_better or now == before else "text"
    is_kept = now >= before if target.comparator == "no_decrease" else now <= before
    return "met" if is_kept else "not_met"


def _judge_change(case: _Case) -> Status:
    """Compare with a wanted change: a value worded as one, one that is one by its name, or a value with its base."""
    target, said, named = case.target, parse_change(case.text), _NAMED_CHANGE.search(plain_form(case.name))
    if target.value is None or not isfinite(target.value):
        return "no_data"
    sense = CHANGES[target.comparator]
    if bases_differ(target, case.text):
        return "text"
    if said is not None:
        is_alike = said.comparator.endswith("yearly") == target.comparator.endswith("yearly")
        done = in_unit(said.value * CHANGES[said.comparator] * sense, said.unit, target.unit) if is_alike else None
        return _as_wanted(case, done)
    if case.value is not None and named is not None:
        is_alike = bool(named["fall"] or named["fallen"]) == (sense < 0) and case.value >= 0
        written = unit_of_value(case.text) or case.unit
        return _as_wanted(case, in_unit(case.value, written, target.unit or written) if is_alike else None)
    now = _number_of(case.text, case.unit)
    aims = _changed(target, case.unit, case.base, case.year)
    if now is None or not aims:
        return "no_data" if case.value is not None else "text"
    held = {(now - aim) * sense >= 0 for aim in aims}
    return "text" if len(held) > 1 else "met" if held.pop() else case.missed


def _as_wanted(case: _Case, done: Fraction | None) -> Status:
    """Tell whether a change that was made is as large as the one that is wanted."""
    if done is None:
        return "text"
    return "met" if done >= Fraction(repr(case.target.value)) else case.missed


def _changed(target: Target, unit: str, base: Base | None, year: int | None) -> tuple[Fraction, ...]:
    """Return what a value must have become by a wanted change: two numbers where it could be meant in two ways."""
    before = _number_of(base.text, unit) if base is not None else None
    if base is None or before is None or target.value is None or target.base_year not in (None, base.year):
        return ()
    wanted, sense = Fraction(repr(target.value)), CHANGES[target.comparator]
    years = year - base.year if year is not None and base.year is not None else None
    is_yearly = target.comparator.endswith("yearly")
    if is_yearly and (years is None or not 0 < years < 200):
        return ()
    times = years if is_yearly and years is not None else 1
    by_points = before + sense * wanted * times
    by_itself = before * (1 + sense * wanted / 100) ** times
    is_share, written = plain_form(unit) == "%", plain_form(target.unit)
    if written in _POINTS:
        return (by_points,) if is_share else ()
    if written == "%":
        return (by_itself, by_points) if is_share else (by_itself,)
    if written == "倍":
        return (before * (1 + sense * wanted),) if not is_yearly else ()
    amount = in_unit(target.value, target.unit, unit)
    return () if amount is None else (before + sense * amount * times,)


def _number_of(text: str, unit: str) -> Fraction | None:
    """Return the number of a value in the unit of its indicator."""
    value = parse_value(text)
    return None if value is None else in_unit(value, unit_of_value(text), unit)
