"""The language in which officials write targets and values.

A target becomes a `Target`: a comparator, and a number where one is given.

- ``>=``, ``<=``, ``>``, ``<`` with a number: ≥20, 不低于35, 不得少于35, ≮35, ﹥50, 不超过30, ≯30, 80以上, 30以内.
- ``=`` with a number: a bare 100 or 62.60; which way is good is not said. 全覆盖 is 100 %.
- ``between`` with two numbers: 40-50, 40～50, 40%至50%.
- ``about`` with a number: 20左右, 约20; how far off it may be is not said.
- ``rise``, ``fall`` with a number: a change against a base (提高5个百分点, 较2020年下降13.5%, 翻一番); ``rise_yearly``,
  ``fall_yearly``: the same in the mean of the years (年均增长6%).
- A number in square brackets (``[13.5]``, ``≤[486]``), as tables mark what is counted over the whole period, is that
  number; so is one times a power of ten (``3.0×10³``). Several figures in a row (91.2、68.6) are no number.
- Words behind a number that only ask to keep or improve it (``≥80，持续改善``), brackets that tell what it counts
  (``100（国控断面）``), what it counts in front of it (完成率100%), and the year by which (到2025年≥90), leave it what
  it is.
- ``no_decrease``: 不降低, 不减少, 不下降, 不退化, 只增不减, 不低于2020年水平.
- ``no_increase``: 不增加, 不上升, 不突破, 只减不增, 零增长.
- ``steady_or_better``: 保持稳定, 持续改善, 稳中有升, 保持稳定或持续改善, 稳步提高, 逐年下降.
- ``assigned``: 完成上级…, 达到自治区考核要求, 达到国家标准, 以国家下达指标为准, 双控. Of wordings joined in one target
  (``完成上级规定的考核任务；保持稳定或持续改善``) it is enough that one is of this class.
- ``in_place``: 制定实施, 有效开展, 全面推行, 建立, 完成年度计划, 基本消除, 达标: a thing is done or it is not.
- ``wording``: any other words, also a list of different wordings (``面积不减少，性质不改变，功能不降低``).
- empty: nothing is written, or a dash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from ecogeo.plan.plain_text import CUMULATIVE, is_blank, plain_form, unbracketed
from ecogeo.plan.target_words import (
    ABOUT,
    AFTER,
    ALSO,
    AROUND,
    ASSIGNED,
    BETWEEN,
    BY_YEAR,
    CEILING,
    CHANGE,
    CHANGES,
    DOUBLED,
    FLOOR,
    FULL,
    IN_PLACE,
    MOVED,
    NEUTRAL,
    NUMBER,
    POLLUTANT,
    SIGNED,
    SIGNS,
    STEADY,
    UNIT,
    Comparator,
    meaning,
)

_SEVERAL = re.compile(
    rf"(?:约|[≥≤><])*-?{NUMBER}{UNIT}(?:(?:[、;/]|,(?![0-9]{{3}}(?![0-9])))(?:约|[≥≤><])*-?{NUMBER}{UNIT})+[。;]?"
)
_LEADING_VALUE = re.compile(rf"(?:约|达到?|为)?(?P<number>-?{NUMBER})(?P<unit>{UNIT})(?:$|[,;。(、]|左右|以上|以下)")
_YEARS = (1900, 2100)
_PLAN_ENDS = {"二": 2015, "三": 2020, "四": 2025, "五": 2030}
_TIMES = {"一": 100.0, "两": 300.0, "二": 300.0, "三": 700.0}
_BRACKETED_UNIT = re.compile(
    r"(?P<name>.+?)\s*[（(](?P<unit>[^（）()]+)[）)]\s*(?:\^?[①-⑳]|\[[0-9]{1,2}\]|[*＊¹²³⁰⁴-⁹])*\s*", re.DOTALL
)
_SIGNED_SHARE = re.compile(rf"(?P<sign>[-+])(?P<number>{NUMBER})(?P<unit>%?)")
_JOINT = re.compile(r"[;,](?![0-9]{3}(?![0-9]))[并且]?|[且并](?=[^0-9])")


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached.

    Parameters
    ----------
    comparator
        How a value stands to it; see the module's table.
    value
        The number, in the unit of its indicator; of two the smaller; ``None`` where words alone are given.
    text
        The original wording.
    unit
        The unit written behind the number; empty where there is none.
    upper
        The larger of two numbers.
    base_year
        The year a change is counted from, or whose level is to be kept; ``None`` where it is not named.
    year
        The year by which, where the wording names it.
    is_about
        Whether the number is only about (左右, 约).
    """

    comparator: Comparator
    value: float | None
    text: str
    unit: str = ""
    upper: float | None = None
    base_year: int | None = None
    year: int | None = None
    is_about: bool = False


class Change(NamedTuple):
    """A change somebody wrote down: ``rise`` or ``fall`` (yearly or not), by how much, of which unit."""

    comparator: Comparator
    value: float
    unit: str


def parse_target(text: str, *, labelled: bool = True) -> Target:
    """Read a target as an official wrote it.

    Parameters
    ----------
    text
        The wording of one target; numbered lists are split first (`ecogeo.plan.item_lists`).
    labelled
        Whether what a number counts may stand in front of it (完成率100%).

    Examples
    --------
    >>> parse_target("不低于35").comparator, parse_target("40～50").upper, parse_target("较2020年下降13.5%").base_year
    ('>=', 50.0, 2020)
    >>> parse_target("完成上级规定的考核任务；保持稳定或持续改善").comparator
    'assigned'
    """
    plain = _as_change(text, POLLUTANT.sub("", unbracketed(text).rstrip("。;,")))
    if is_blank(plain):
        return Target("", None, text)
    by = BY_YEAR.match(plain)
    year = int(by["year"]) if by and by.end() < len(plain) else None
    wording = plain[by.end() :] if by and year is not None else plain
    figure, *rest = _JOINT.split(wording, maxsplit=1)
    is_kept = all(STEADY.fullmatch(words) or ALSO.fullmatch(words) for words in rest)
    found = _change_target(wording, text, labelled=labelled)
    if found is None and is_kept:
        found = _change_target(figure, text, labelled=labelled) or _number_target(figure, text, labelled=labelled)
    if found is not None:
        return replace(found, year=year)
    if len(rest) == 1 and _change_target(figure, text, labelled=labelled) is not None:
        found = _number_target(rest[0], text, labelled=labelled)  # 比2020年提高3个百分点，达到85%
        if found is not None:
            return replace(found, year=year)
    level = FLOOR.fullmatch(wording) or CEILING.fullmatch(wording)
    base = int(level["base"]) if level and level["base"] else None
    comparator = _comparator_of_words(wording)
    return Target(comparator, None, text, base_year=base, year=None if comparator == "wording" else year)


def _as_change(text: str, plain: str) -> str:
    """Return a signed share in words: 〔-18〕 and -18% ask for a fall, +5% for a rise."""
    signed = _SIGNED_SHARE.fullmatch(plain)
    if signed is None or not (signed["unit"] or CUMULATIVE.fullmatch(plain_form(text))):
        return plain
    return f"{'下降' if signed['sign'] == '-' else '提高'}{signed['number']}%"


def parse_change(text: str) -> Change | None:
    """Read a value that is worded as a change (下降12%, 提高3个百分点); ``None`` for any other.

    Examples
    --------
    >>> parse_change("下降12%")
    Change(comparator='fall', value=12.0, unit='%')
    """
    found = _change_target(unbracketed(text).rstrip("。;,"), text, labelled=True)
    return Change(found.comparator, found.value, found.unit) if found is not None and found.value is not None else None


def parse_value(text: str) -> float | None:
    """Read the number a current value begins with; ``None`` where it begins with words or is several figures.

    Examples
    --------
    >>> parse_value("0.335，持续改善")
    0.335
    >>> parse_value("2024年底完成治理") is None
    True
    """
    found = _LEADING_VALUE.match(unbracketed(text))
    return _number(found["number"]) if found and not lists_figures(text) else None


def unit_of_value(text: str) -> str:
    """Return the unit written behind the number a current value begins with; empty where there is none.

    Examples
    --------
    >>> unit_of_value("4.78万公顷，持续增加"), unit_of_value("70")
    ('万公顷', '')
    """
    found = _LEADING_VALUE.match(unbracketed(text))
    return found["unit"] if found else ""


def unit_of(name: str) -> tuple[str, str]:
    r"""Split a name from the unit in brackets behind it; the unit is empty where the brackets hold something else.

    Examples
    --------
    >>> unit_of("生态保护红线面积\n（平方公里）"), unit_of("水质（Ⅲ类）")
    (('生态保护红线面积', '平方公里'), ('水质（Ⅲ类）', ''))
    """
    found = _BRACKETED_UNIT.fullmatch(name)
    unit = plain_form(found["unit"]) if found else ""
    return (found["name"], unit) if found and re.fullmatch(UNIT, unit) else (name, "")


def is_figure(text: str) -> bool:
    """Whether a text reads as a value or a target: a number, a dash, or one of the fixed wordings.

    Examples
    --------
    >>> is_figure("﹥50"), is_figure("以国家下达指标为准"), is_figure("县级")
    (True, True, False)
    """
    target = parse_target(text, labelled=False)
    return bool(text.strip()) and (target.comparator != "wording" or parse_value(text) is not None)


def lists_figures(text: str) -> bool:
    """Whether a text is nothing but several figures in a row, of which none is the value.

    Examples
    --------
    >>> [lists_figures(text) for text in ("91.2、68.6", "≥90/≥85", "1,250", "0.335，持续改善", "10，力争12")]
    [True, True, False, False, False]
    """
    return bool(_SEVERAL.fullmatch(plain_form(text)))


def _number_target(figure: str, text: str, *, labelled: bool) -> Target | None:
    """Read a target that is a number or two, with what stands around them."""
    if FULL.fullmatch(figure):
        return Target("=", 100.0, text, "%")
    if (levels := _levels_target(figure, text)) is not None:
        return levels
    between = BETWEEN.fullmatch(figure)
    if between is not None and (labelled or not between["label"]):
        least, most = _number(between["least"]), _number(between["most"])
        is_span = least < most and not all(
            _YEARS[0] <= bound < _YEARS[1] and not between["unit"] for bound in (least, most)
        )
        is_one_unit = between["first"] in {"", between["unit"]}
        return Target("between", least, text, between["unit"], upper=most) if is_span and is_one_unit else None
    signed = SIGNED.fullmatch(figure)
    if signed is None or (signed["label"] and not labelled):
        return None
    sign, after = meaning(signed["sign"], SIGNS), meaning(signed["after"], AFTER)
    neutral = meaning(signed["neutral"], NEUTRAL)
    is_clash = bool(sign and after and sign[0] != after[0] and after != "=")
    is_about = bool(signed["about"] or re.fullmatch(ABOUT, signed["after"]))
    if is_clash:
        return None
    comparator: Comparator = (
        sign or (after if after in (">=", "<=") else "") or ("about" if is_about else neutral or "=")
    )
    number, unit = _number(signed["number"]), signed["unit"]
    if after == "=" and not sign:
        comparator = "="
    return Target(comparator, number, text, unit, is_about=is_about)


def _levels_target(figure: str, text: str) -> Target | None:
    """Read a target told by two levels (由62%提高到65%) or a level and a tolerance (50±5)."""
    if (moved := MOVED.fullmatch(figure)) and moved["first"] in {"", moved["unit"]}:
        return Target(">=" if moved["rise"] else "<=", _number(moved["to"]), text, moved["unit"])
    if around := AROUND.fullmatch(figure):
        middle, by = _number(around["middle"]), _number(around["by"])
        return Target("between", middle - by, text, around["unit"], upper=middle + by)
    return None


def _change_target(wording: str, text: str, *, labelled: bool) -> Target | None:
    """Read a target that asks for a change."""
    if doubled := DOUBLED.fullmatch(wording):
        return Target("rise", _TIMES[doubled["times"]], text, "%", base_year=_year(doubled["base"]))
    found = CHANGE.fullmatch(wording)
    if found is None or (found["label"] and not labelled):
        return None
    comparator: Comparator = "rise" if found["rise"] else "fall"
    if found["yearly"]:
        comparator = "rise_yearly" if found["rise"] else "fall_yearly"
    is_about = bool(found["about"]) or found["after"] in ("左右", "上下")
    base = _year(found["base"]) or _PLAN_ENDS.get(found["plan"] or "")
    upper = _number(found["upper"]) if found["upper"] else None
    number = _number(found["number"])
    if upper is not None and upper <= number:
        return None
    return Target(comparator, number, text, found["unit"], upper=upper, base_year=base, is_about=is_about)


def is_change(target: Target) -> bool:
    """Whether a target asks for a change against a base."""
    return target.comparator in CHANGES


def _year(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _comparator_of_words(plain: str) -> Comparator:
    """Class a target without a number."""
    if FLOOR.fullmatch(plain):
        return "no_decrease"
    if CEILING.fullmatch(plain):
        return "no_increase"
    if ASSIGNED.search(plain):
        return "assigned"
    if STEADY.fullmatch(plain):
        return "steady_or_better"
    return "in_place" if IN_PLACE.fullmatch(plain) else "wording"


def _number(digits: str) -> float:
    """Read a number with or without thousands separators."""
    return float(digits.replace(",", ""))
