"""What is the same for the rows of every table of a plan: numbers, names, owners and deadlines; and its tasks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ecogeo.finding import Severity
from ecogeo.plan.audit_finding import AuditFinding, TableName
from ecogeo.plan.cells import head_word
from ecogeo.plan.tables import PlanTables
from ecogeo.plan.years import impossible_dates
from ecogeo.wording import Text, list_en, list_zh

_YEAR = re.compile(r"20[0-9]{2}(?=年|-|/|\.|$)")
_NESTED = re.compile(r"(?P<stem>(?:[0-9]+[.．])*)(?P<last>[0-9]+)")
_LEVEL = re.compile("[0-9]+")
_MOST_GAP = 999
"""Numbers further apart are codes, not a count."""

BOXED = r"B[0-9]+-[0-9.]+"
"""Numbers of the programmes that a document lists in boxes (专栏), where nobody is ever named."""

_TABLES: dict[TableName, Text] = {
    "indicators": Text("指标表", "the indicator table"),
    "projects": Text("项目表", "the project table"),
    "tasks": Text("任务表", "the task table"),
}


def task_findings(tables: PlanTables) -> Iterator[AuditFinding]:
    """Yield what is wrong in the rows of the task table.

    Parameters
    ----------
    tables
        The tables.
    """
    yield from number_findings("tasks", list(tables.tasks["task_no"]))
    yield from twice_findings("tasks", tables.tasks, "task_no")
    yield from owner_findings("tasks", tables.tasks, "task_no")
    for row in tables.tasks.to_dict("records"):
        yield from deadline_findings("tasks", row, row["task_no"], tables)
        words = "\n".join((row["name"], row["content"], row["deadline"]))
        yield from date_findings("tasks", row["task_no"], row["name"], words)


def number_findings(
    table: TableName, numbers: Sequence[str], groups: Sequence[str] = (), *, within: str = "", first: int | None = 1
) -> Iterator[AuditFinding]:
    """Find gaps in numbering (1, 2, 4), also on lower levels (3.1, 3.3), and numbers given twice.

    Parameters
    ----------
    table
        The table.
    numbers
        The numbers as they stand; where any is something else, nothing is told.
    groups
        The domain or system of each: numbers may begin anew with each.
    within
        What they are numbered within, as an indicator of its sub-items.
    first
        The number each level begins with; ``None`` for any.
    """
    plain = [head_word(number) for number in numbers]
    if not plain or not all(_NESTED.fullmatch(number) for number in plain):
        return
    printed = _printed_numbers(plain)
    if len(groups) == len(printed) and (first is None or _begins_anew(printed, groups)):
        for group in dict.fromkeys(groups):
            of_group = [number for number, one in zip(printed, groups, strict=True) if one == group]
            yield from _gaps(table, of_group, within or group, first)
    else:
        yield from _gaps(table, printed, within, first)


def _printed_numbers(numbers: Sequence[str]) -> list[str]:
    """Return numbers as the document had them: one that came twice was marked 5.2 when it was read."""
    known, printed = set(numbers), []
    for place, number in enumerate(numbers):
        stem, _, last = number.rpartition(".")
        is_marked = stem in numbers[:place] and f"{stem}.1" not in known and last.isdigit() and int(last) > 1
        printed.append(stem if is_marked else number)
    return printed


def _begins_anew(numbers: Sequence[str], groups: Sequence[str]) -> bool:
    """Whether some number comes in several groups, and in none of them twice."""
    pairs = list(zip(groups, numbers, strict=True))
    return len(set(numbers)) < len(numbers) and len(set(pairs)) == len(pairs)


def _goes_on(stem: str, places: Sequence[tuple[str, int]]) -> bool:
    """Whether the numbers of a group begin where those of the group before ended: 1.2 is followed by 2.3."""
    level = stem.count(".")
    alike = [(one, last) for one, last in places if one.count(".") == level]
    begin = next(place for place, (one, _) in enumerate(alike) if one == stem)
    return begin > 0 and alike[begin][1] == alike[begin - 1][1] + 1


def _gaps(table: TableName, numbers: Sequence[str], within: str, first: int | None) -> Iterator[AuditFinding]:
    """Find what is missing or twice in one run of numbers."""
    found = [match for number in numbers if (match := _NESTED.fullmatch(number))]
    places = [(one["stem"], int(one["last"])) for one in found]
    shown = Text(f"{within}：" if within else "", f"{within}: " if within else "")
    for stem in dict.fromkeys(stem for stem, _ in places):
        present = [last for one, last in places if one == stem]
        deeper = {int(head[0]) for one, _ in places if one.startswith(stem) and (head := _LEVEL.match(one, len(stem)))}
        start = min(present) if first is None or _goes_on(stem, places) else first
        if max(present) - start > _MOST_GAP:
            continue
        if missing := [f"{stem}{last}" for last in range(start, max(present)) if last not in {*present, *deeper}]:
            message = Text(
                f"{shown.zh}编号缺 {list_zh(missing)}", f"{shown.en}the numbers {list_en(missing)} are missing"
            )
            yield AuditFinding("number_missing", Severity.WARNING, table, within, message)
        if twice := [f"{stem}{last}" for last, count in sorted(Counter(present).items()) if count > 1]:
            message = Text(
                f"{shown.zh}编号重复：{list_zh(twice)}", f"{shown.en}the numbers {list_en(twice)} occur twice"
            )
            yield AuditFinding("number_twice", Severity.WARNING, table, within, message)


def twice_findings(table: TableName, frame: pd.DataFrame, key: str) -> Iterator[AuditFinding]:
    """Find rows of the same name; of indicators of one domain."""
    groups = ["_name"] + ["domain"] * ("domain" in frame.columns)
    named = frame.assign(_name=frame["name"].map(head_word))
    for _, rows in named[named["_name"] != ""].groupby(groups, sort=False):
        if len(rows) > 1:
            keys, name = list(rows[key]), rows["name"].iloc[0]
            message = Text(f"{list_zh(keys)} 名称相同：“{name}”", f"{list_en(keys)} have the same name: “{name}”")
            yield AuditFinding("name_twice", Severity.WARNING, table, keys[-1], message)


def owner_findings(table: TableName, frame: pd.DataFrame, key: str) -> Iterator[AuditFinding]:
    """Find rows without anyone responsible; what names nobody at all is told once."""
    without = frame[frame["departments"].str.strip() == ""]
    if len(without) and len(without) == len(frame):
        what = _TABLES[table]
        message = Text(f"{what.zh}没有写明任何责任单位", f"{what.en} names nobody responsible")
        yield AuditFinding("owner_missing", Severity.NOTE, table, "", message)
        return
    is_boxed = without[key].str.fullmatch(BOXED)
    if is_boxed.any():
        count = int(is_boxed.sum())
        message = Text(
            f"专栏中的 {count} 个项目没有写明责任单位", f"{count} programmes of boxes name nobody responsible"
        )
        yield AuditFinding("owner_missing", Severity.NOTE, table, "", message)
    for row in without[~is_boxed].to_dict("records"):
        message = Text(f"{row[key]}“{row['name']}”没有责任单位", f"{row[key]} ({row['name']}) has nobody responsible")
        yield AuditFinding("owner_missing", Severity.WARNING, table, row[key], message)


def deadline_findings(table: TableName, row: Mapping[Any, Any], key: str, tables: PlanTables) -> Iterator[AuditFinding]:
    """Find a deadline outside the years of the plan."""
    period = period_of(tables)
    years = [int(year) for year in _YEAR.findall(row["deadline"])]
    if period and any(not period[0] <= year <= period[1] for year in years):
        message = Text(
            f"{key}“{row['name']}”的期限“{row['deadline']}”不在规划期 {period[0]}-{period[1]} 年内",
            f"{key} ({row['name']}): its deadline {row['deadline']} is outside the plan's {period[0]}-{period[1]}",
        )
        yield AuditFinding("years_outside_plan", Severity.WARNING, table, key, message)


def date_findings(table: TableName, key: str, name: str, words: str) -> Iterator[AuditFinding]:
    """Find dates that no calendar has: 2024年13月, 2月30日.

    Parameters
    ----------
    table, key, name
        The row.
    words
        Its cells, set apart by line feeds.
    """
    wrong = impossible_dates(words.replace("\n", "；"))
    if wrong:
        message = Text(
            f"{key}“{name}”写有不存在的日期：{list_zh(wrong)}",
            f"{key} ({name}) has dates that do not exist: {list_en(wrong)}",
        )
        yield AuditFinding("date_impossible", Severity.FAULT, table, key, message)


def period_of(tables: PlanTables) -> tuple[int, int] | None:
    """Return the years of the plan, where the document tells them."""
    period = tables.plan.get("period")
    return (period[0], period[1]) if isinstance(period, tuple) and len(period) == 2 else None
