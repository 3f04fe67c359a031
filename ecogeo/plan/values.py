"""Values of later years: kept beside a plan in ``values.csv``, each with its source, who reported it, when and why.

The table is only ever appended to. The last row of an indicator and year counts, the earlier ones stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from decimal import Decimal
from pathlib import Path

import pandas as pd

from ecogeo.errors import UsageError
from ecogeo.handkept import (
    at,
    column_problems,
    is_day,
    latest,
    numbered,
    one_who_writes,
    read_decisions,
    refuse,
    safe_text,
    write_whole,
)
from ecogeo.plan.targets import parse_value
from ecogeo.plan.value_rules import ValueRule, value_rules
from ecogeo.table import read_cells
from ecogeo.wording import Text

VALUES_FILE = "values.csv"
VALUE_COLUMNS = ("indicator_no", "sub_no", "year", "value", "text", "source", "by", "on", "why")
MOST_LETTERS = {"text": 200, "source": 200, "by": 40, "why": 400}
"""Longest wording, source, name and reason."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_LABELS = {
    "text": Text("实际值", "value"),
    "source": Text("数据来源", "source"),
    "by": Text("填报人", "reported by"),
    "why": Text("说明", "reason"),
}

Key = tuple[str, str]
"""Number of an indicator, and of its sub-item; the latter empty for the indicator as a whole."""


@dataclass(frozen=True, slots=True)
class ReportedValue:
    """What somebody reported of one indicator for one year.

    Parameters
    ----------
    indicator_no, sub_no
        The indicator, or its sub-item.
    year
        The year it is about.
    value
        The number, in the unit of the indicator; None where words alone were reported.
    text
        The value as it was written.
    source, by, on, why
        Where it comes from, who reported it, on which day (ISO), and why.
    """

    indicator_no: str
    sub_no: str
    year: int
    value: float | None
    text: str
    source: str
    by: str
    on: str
    why: str

    @property
    def key(self) -> Key:
        """The indicator it is about."""
        return self.indicator_no, self.sub_no


def indicator_keys(indicators: pd.DataFrame) -> frozenset[Key]:
    """Return the keys of a plan's indicators and sub-items."""
    return frozenset(zip(indicators["indicator_no"], indicators["sub_no"], strict=True))


def read_values(folder: Path, indicators: pd.DataFrame) -> tuple[ReportedValue, ...]:
    """Read what was reported of a plan, in the order in which it was reported.

    Parameters
    ----------
    folder
        The plan's folder; without a ``values.csv`` nothing was reported yet.
    indicators
        The plan's indicators.

    Raises
    ------
    UnusableFileError
        With everything that is wrong, by row.
    """
    path = folder / VALUES_FILE
    if not path.is_file():
        return ()
    cells = read_decisions(path)
    refuse(path.name, column_problems(cells, VALUE_COLUMNS))
    rules = value_rules(indicators)
    refuse(path.name, [at(row, problem) for row, one in numbered(cells) for problem in _problems(one, rules)])
    return tuple(_value(one) for _, one in numbered(cells))


def by_indicator(given: Sequence[ReportedValue]) -> dict[Key, tuple[ReportedValue, ...]]:
    """Return the values that count, of each indicator by year."""
    found: dict[Key, list[ReportedValue]] = {}
    for one in latest(given, lambda one: (one.key, one.year)).values():
        found.setdefault(one.key, []).append(one)
    return {key: tuple(sorted(values, key=lambda one: one.year)) for key, values in found.items()}


def append_values(folder: Path, values: Sequence[ReportedValue], indicators: pd.DataFrame) -> None:
    """Append values to those of a plan, all of them or none.

    Parameters
    ----------
    folder
        The plan's folder.
    values
        What was reported. What a spreadsheet would take for a formula gets an apostrophe in front.
    indicators
        The plan's indicators.

    Raises
    ------
    UsageError
        With everything that is wrong with the values; nothing is written then.
    UnusableFileError
        Where the table that is there cannot be used.
    """
    rows = [_cells(one) for one in values]
    rules = value_rules(indicators)
    if problems := [problem for row in rows for problem in _problems(row, rules)]:
        raise UsageError(problems)
    path = folder / VALUES_FILE
    with one_who_writes(path):
        read_values(folder, indicators)
        before = read_cells(path) if path.is_file() else pd.DataFrame(columns=list(VALUE_COLUMNS), dtype=str)
        added = pd.DataFrame([{name: safe_text(cell) for name, cell in row.items()} for row in rows])
        write_whole(path, pd.concat([before, added], ignore_index=True).fillna(""))


def year_problem(year: str) -> Text | None:
    """Say what is wrong with a year, if anything is."""
    if _YEAR.fullmatch(year):
        return None
    return Text(f"年份“{year}”应为四位数字，如 2025", f"the year “{year}” must have four digits, as 2025")


def length_problems(cells: Mapping[str, str]) -> Iterator[Text]:
    """Yield which of a value's wording, source, name and reason are too long."""
    for name, most in MOST_LETTERS.items():
        if len(cells[name]) > most:
            zh, en = _LABELS[name].zh, _LABELS[name].en
            yield Text(f"{zh}超过 {most} 个字", f"{en}: more than {most} letters")


def _problems(cells: Mapping[str, str], rules: Mapping[Key, ValueRule]) -> Iterator[Text]:
    """Yield everything that is wrong with a row."""
    number, sub_no, value, text = (cells[name] for name in ("indicator_no", "sub_no", "value", "text"))
    rule = rules.get((number, sub_no))
    if rule is None:
        shown = f"{number}-{sub_no}".removesuffix("-")
        yield Text(f"规划中没有指标 {shown or '（空）'}", f"the plan has no indicator {shown or '(empty)'}")
    if (problem := year_problem(cells["year"])) is not None:
        yield problem
    if not value and not text:
        yield Text("value 和 text 都是空的", "value and text are both empty")
    elif value and not _NUMBER.fullmatch(value):
        yield Text(f"value“{value}”应为数字", f"value “{value}” must be a number")
    elif value and text and (said := parse_value(text)) is not None and said != float(value):
        yield Text(f"value 为 {value}，text 却写“{text}”", f"value is {value}, yet text says “{text}”")
    elif rule is not None:
        column = "text" if text else "value"
        yield from (Text(f"{column}：{one.zh}", f"{column}: {one.en}") for one in rule.problems(text or value))
    if not is_day(cells["on"]):
        yield Text(f"on“{cells['on']}”应为日期，如 2026-03-01", f"on “{cells['on']}” must be a day, as 2026-03-01")
    for name in ("by", "why"):
        if not cells[name]:
            yield Text(f"{name}（{_LABELS[name].zh}）不能为空", f"{name} must not be empty")
    yield from length_problems(cells)


def _value(cells: Mapping[str, str]) -> ReportedValue:
    """Make a value of a sound row; a number may stand in either column."""
    text = cells["text"] or cells["value"]
    value = float(cells["value"]) if cells["value"] else parse_value(text)
    told = (cells[name] for name in ("source", "by", "on", "why"))
    return ReportedValue(cells["indicator_no"], cells["sub_no"], int(cells["year"]), value, text, *told)


def _cells(one: ReportedValue) -> dict[str, str]:
    """Return a value as the cells of its row, each on one line."""
    cells = dict(zip(VALUE_COLUMNS, map(str, astuple(one)), strict=True))
    cells["value"] = "" if one.value is None else f"{Decimal(repr(one.value)).normalize():f}"
    return {name: " ".join(cell.split()) for name, cell in cells.items()}
