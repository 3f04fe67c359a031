"""What a value of an indicator must be: a number where the plan has numbers, of a unit that fits, within its bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

import pandas as pd

from ecogeo.plan.columns import later_years
from ecogeo.plan.measures import conversion, dimensions
from ecogeo.plan.plain_text import is_blank, plain_form
from ecogeo.plan.standing import in_unit
from ecogeo.plan.targets import is_change, parse_change, parse_target, parse_value, unit_of_value
from ecogeo.wording import Text, list_en

_SHARE = re.compile("率|比例|占比|比重|覆盖度$|满意度$|参与度$")
_BEYOND = re.compile(
    "增长|提高|增加|增幅|增速|变化|倍|下降|降低|减少|完成率|自给率|贡献率|负债率|产销率|发展速度|指数|溢价"
)
_SIGNED = re.compile("增长|提高|增加|增幅|增速|变化|下降|降低|减少|盈亏|温度|净|差|指数")
_NOT_COUNTED = re.compile("(?:尚?未|没有|无|暂无|暂未)(?:统计|监测|数据|核算|核定|公布|开展|出)?")

_GROUPED = re.compile(r"[^0-9]{0,3}(?P<number>[0-9]+(?:,[0-9]+)+)")
_THOUSANDS = re.compile("[0-9]{1,3}(?:,[0-9]{3})+")
_SHARE_OF_ONE, _FAR = 10, 100


def is_bounded_share(name: str) -> bool:
    """Whether an indicator is a share that cannot exceed 100 %, by its name.

    Examples
    --------
    >>> is_bounded_share("城镇污水处理率"), is_bounded_share("任务完成率"), is_bounded_share("产值增长率")
    (True, False, False)
    """
    return bool(_SHARE.search(name)) and not _BEYOND.search(name)


@dataclass(frozen=True, slots=True)
class ValueRule:
    """What holds for the values of one indicator or sub-item.

    Parameters
    ----------
    name, unit
        The indicator and its unit.
    is_number
        Whether the plan gives numbers for it, so that a value must be one.
    """

    name: str
    unit: str
    is_number: bool

    def problems(self, text: str) -> Iterator[Text]:
        """Yield what is wrong with a value as it was written; one that says there is none yet is right."""
        if text.startswith("#"):
            yield Text(f"是出错的公式“{text}”", f"it is a formula that failed: “{text}”")
            return
        grouped = _GROUPED.match(plain_form(text))
        if self.is_number and grouped is not None and not _THOUSANDS.fullmatch(grouped["number"]):
            yield Text(
                f"“{text}”中的逗号不是千分位：小数点请写“.”，多个数值请分行填报",
                f"the comma in “{text}” sets no thousands apart: write a decimal point, or a row for each number",
            )
            return
        value = parse_value(text)
        if value is None:
            is_open = is_blank(text) or _NOT_COUNTED.fullmatch(plain_form(text)) or parse_change(text) is not None
            if self.is_number and not is_open:
                yield Text(
                    f"“{text}”不是数字；“{self.name}”应填数字，还没有数据的填“尚未统计”",
                    f"“{text}” is no number; “{self.name}” wants one, or 尚未统计 where it is not counted yet",
                )
            return
        written = unit_of_value(text)
        if not isfinite(value) or conversion(written, self.unit) is None:
            yield Text(
                f"“{text}”的单位与指标单位“{self.unit}”不能换算",
                f"the unit of “{text}” does not convert to that of the indicator, “{self.unit}”",
            )
            return
        is_share = dimensions(written or self.unit) == ("share",) and bool(_SHARE.search(self.name))
        number = in_unit(value, written, "%") if is_share else None
        if number is not None and number > 100 and is_bounded_share(self.name):
            yield Text(
                f"“{text}”超过 100%，“{self.name}”是百分比",
                f"“{text}” is more than 100 %, yet “{self.name}” is a share",
            )
        is_counted = bool(is_share or dimensions(written or self.unit))
        if value < 0 and is_counted and not _SIGNED.search(self.name):
            yield Text(f"“{text}”小于 0，“{self.name}”不会是负数", f"“{text}” is below 0; “{self.name}” cannot be")


def doubt_of(text: str, unit: str, others: Sequence[str]) -> Text | None:
    """Say where a value is far from every other number of its indicator, so that its unit may be wrong.

    Parameters
    ----------
    text, unit
        The value as written, and the unit of the indicator.
    others
        Earlier values and targets as written.

    Examples
    --------
    >>> doubt_of("0.629", "%", ["62.5", "≥62.6"]).zh
    '“0.629”是不是 62.9%？其他数值是“62.5”“≥62.6”'
    >>> doubt_of("63", "%", ["62.5"]) is None
    True
    """
    value = parse_value(text)
    number = in_unit(value, unit_of_value(text), unit) if value else None
    known = [(other, found) for other in others if (found := _level(other, unit))]
    if not number or not known:
        return None
    sizes = [abs(float(found)) for _, found in known]
    shown = Text("".join(f"“{other}”" for other, _ in known), list_en(f"“{other}”" for other, _ in known))
    if plain_form(unit) == "%" and 0 < number < 1 and min(sizes) >= _SHARE_OF_ONE:
        return Text(
            f"“{text}”是不是 {float(number * 100):g}%？其他数值是{shown.zh}",
            f"is “{text}” {float(number * 100):g} %? Its other numbers are {shown.en}",
        )
    if abs(float(number)) >= _FAR * max(sizes) or abs(float(number)) * _FAR <= min(sizes):
        return Text(
            f"“{text}”与其他数值{shown.zh}相差 {_FAR} 倍以上，单位是否有误？",
            f"“{text}” is {_FAR} times or more away from its other numbers, {shown.en}: is the unit right?",
        )
    return None


def _level(text: str, unit: str) -> Fraction | None:
    """Return the number of a value or target that is no change, in the unit of its indicator; never 0."""
    target = parse_target(text)
    if target.value is None or not isfinite(target.value) or is_change(target):
        return None
    return in_unit(target.value, target.unit, unit) or None


def value_rules(indicators: pd.DataFrame) -> dict[tuple[str, str], ValueRule]:
    """Return what holds for the values of a plan's indicators and sub-items, by number and sub-item.

    Parameters
    ----------
    indicators
        The plan's indicators. A sub-item without a unit or target of its own has those of its indicator.
    """
    rows: list[dict[Any, Any]] = indicators.to_dict("records")
    heads = {row["indicator_no"]: row for row in rows if not row["sub_no"]}
    years = later_years([str(column) for column in indicators.columns])
    return {(row["indicator_no"], row["sub_no"]): _rule(row, heads, years) for row in rows}


def _rule(row: Mapping[Any, Any], heads: Mapping[str, Mapping[Any, Any]], years: tuple[int, ...]) -> ValueRule:
    """Make the rule of one row."""
    head = heads.get(row["indicator_no"], row)
    targets = [row[f"target_text{suffix}"] for suffix in ("", *(f"_{year}" for year in years))]
    if row["sub_no"] and not any(targets):
        targets = [head["target_text"]]
    is_number = any(parse_target(text).value is not None for text in targets) or not pd.isna(row["current_value"])
    name = row["name"] if row["name"] else head["name"]
    return ValueRule(name, row["unit"] or head["unit"], is_number)
