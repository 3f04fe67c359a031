"""The figures a document's text gives for indicators, projects and tasks, held against their rows.

A figure told for a year is held to the numbers of its indicator for that year, a target without a year counting for the
last of the plan; one told for no year is right where its row, or one of its sub-items', has that number anywhere; in
whatever unit (公顷 and 亩, 亿元 and 万元), to the last digit printed. A rise or fall is held to targets and values that
are one. For a year the row has nothing for, nothing is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any

import pandas as pd

from ecogeo.finding import Severity
from ecogeo.plan.audit_finding import AuditFinding, TableName
from ecogeo.plan.audit_rows import period_of
from ecogeo.plan.cells import head_word
from ecogeo.plan.columns import later_years
from ecogeo.plan.measures import conversion
from ecogeo.plan.plain_text import is_blank
from ecogeo.plan.stated import figures_of
from ecogeo.plan.statements import Statement
from ecogeo.plan.tables import PlanTables
from ecogeo.plan.target_words import NUMBER
from ecogeo.plan.targets import is_change, parse_change, parse_target, unit_of_value
from ecogeo.wording import Text, list_en, list_zh

_NAMES: dict[TableName, Text] = {
    "indicators": Text("指标", "indicator"),
    "projects": Text("项目", "project"),
    "tasks": Text("任务", "task"),
}


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of a row: its unit, the year it is of (``None`` where nothing says so), and whether it is a change."""

    value: float
    unit: str
    year: int | None
    is_change: bool = False


def figure_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare a figure the text gives for an indicator, a project or a task.

    Parameters
    ----------
    tables
        The tables.
    stated
        A statement that is a figure or a change.
    """
    if stated.about == "tasks":
        contents = tables.tasks.loc[tables.tasks["task_no"] == stated.subject, "content"]
        found = [value for text in contents for value, words in figures_of(text) if words == stated.unit]
        shown, is_borne_out = [f"{value:g}{stated.unit}" for value in dict.fromkeys(found)], stated.value in found
    else:
        figures = _invested_figure(tables, stated) if stated.about == "projects" else _of_year(tables, stated)
        is_borne_out = any(_bears_out(figure, stated) for figure in figures)
        shown = [f"{one.value:g}{'' if is_blank(one.unit) else one.unit}" for one in dict.fromkeys(figures)]
    if not shown or is_borne_out:
        return
    table = table_of(stated)
    year = stated.stated_year if stated.about == "indicators" else None
    of_year = Text(f" {year} 年" if year else "", f" for {year}" if year else "")
    told = Text(f"（{year} 年）" if year else "", of_year.en)
    what, numbers = _NAMES[table], list(dict.fromkeys(shown))
    message = Text(
        f"{where(stated).zh}写“{stated.wording}”{told.zh}；"
        f"{what.zh} {stated.subject} 的表格中{of_year.zh}为 {list_zh(numbers)}",
        f"{where(stated).en} states “{stated.wording}”{told.en}; the table has {list_en(numbers)}{of_year.en} "
        f"({what.en} {stated.subject})",
    )
    yield AuditFinding("stated_figure_differs", Severity.WARNING, table, stated.subject, message)


def _of_year(tables: PlanTables, stated: Statement) -> list[_Number]:
    """Return the numbers a figure of the text is held to: of its year and kind, else of any year where it has none."""
    numbers = [one for one in _numbers_of(tables, stated.subject) if one.is_change == (stated.measure == "change")]
    if stated.stated_year is None:
        return numbers
    return [one for one in numbers if one.year == stated.stated_year]


def _numbers_of(tables: PlanTables, subject: str) -> Iterator[_Number]:
    """Yield every number of an indicator and its sub-items, or of the one sub-item a subject names (20-1)."""
    frame = tables.indicators
    keys = (frame["indicator_no"] + "-" + frame["sub_no"]).str.removesuffix("-")
    rows: list[dict[Any, Any]] = frame[(frame["indicator_no"] == subject) | (keys == subject)].to_dict("records")
    years = later_years([str(column) for column in frame.columns])
    heads: list[dict[Any, Any]] = frame[frame["sub_no"] == ""].to_dict("records")
    units = {row["indicator_no"]: row["unit"] for row in heads}
    for row in rows:
        unit, of = row["unit"] or units.get(row["indicator_no"], ""), _years(row, years, tables)
        for column, year in of.items():
            text = row[column.replace("value", "text")]
            value, target = row[column], parse_target(text)
            if column == "current_value":
                said = parse_change(text)
                if said is not None:
                    yield _Number(said.value, said.unit, year, is_change=True)
                elif not pd.isna(value) and isfinite(value):
                    yield _Number(float(value), unit_of_value(text) or unit, year)
                continue
            for number in (value, target.upper):
                if number is not None and not pd.isna(number) and isfinite(number):
                    yield _Number(float(number), target.unit or unit, year, is_change=is_change(target))


def _years(row: dict[Any, Any], years: Sequence[int], tables: PlanTables) -> dict[str, int | None]:
    """Return the year of each number of a row; of an undated target that of a dated one that is worded like it.

    An undated target of a row without any dated is that of the plan's last year.
    """
    same = [year for year in years if row[f"target_text_{year}"] == row["target_text"]]
    dated = [year for year in years if row[f"target_text_{year}"]]
    period, base = period_of(tables), tables.plan.get("base_year")
    last = period[1] if period and not dated else None
    current = base if pd.isna(row["current_year"]) else int(row["current_year"])
    return {
        "current_value": current if isinstance(current, int) else None,
        "target_value": same[0] if same else last,
    } | {f"target_value_{year}": year for year in years}


def _invested_figure(tables: PlanTables, stated: Statement) -> list[_Number]:
    """Return the investment of a project; of what is no money the numbers of its content that are of that unit."""
    if "元" not in stated.unit:
        contents = tables.projects.loc[tables.projects["project_id"] == stated.subject, "content"]
        pattern = re.compile(rf"(?<![0-9.])({NUMBER}){re.escape(stated.unit)}")
        told = [number for text in contents for number in pattern.findall(head_word(text))]
        return [_Number(float(number.replace(",", "")), stated.unit, None) for number in told]
    money = tables.projects.loc[tables.projects["project_id"] == stated.subject, "invest_wan_yuan"].dropna()
    return [_Number(float(value), "万元", None) for value in money]


def _bears_out(figure: _Number, stated: Statement) -> bool:
    """Whether a figure of the table is what the text states, to the last digit printed; of two units, of either.

    A figure of which nothing tells that it is of the same measure proves nothing.
    """
    factor = conversion(figure.unit, stated.unit)
    if factor is None:
        return True
    number = Decimal(repr(figure.value)).normalize()
    step = Fraction(step_of(stated))
    if factor != 1:
        step = max(step, Fraction(Decimal(1).scaleb(int(number.as_tuple().exponent))) * factor)
    return abs(Fraction(number) * factor - Fraction(printed(stated))) <= step / 2


def printed(stated: Statement) -> Decimal:
    """Return a number as printed."""
    return Decimal(repr(stated.value or 0.0)).normalize()


def step_of(stated: Statement) -> Decimal:
    """Return one unit of the last digit printed."""
    told = [number.replace(",", "") for number in re.findall(r"[0-9][0-9,]*(?:\.[0-9]+)?", stated.wording)]
    same = [number for number in told if stated.value is not None and float(number) == stated.value] or told[-1:]
    return Decimal(1).scaleb(-len(same[-1].partition(".")[2])) if same else Decimal(1)


def where(stated: Statement) -> Text:
    """Return where a statement stands, in words."""
    if stated.place == "text":
        return Text(f"正文（第 {stated.line} 行）", f"the text (line {stated.line})")
    return Text(f"{stated.place}（第 {stated.line} 行）", f"{stated.place} (line {stated.line})")


def table_of(stated: Statement) -> TableName:
    """Return the table a statement speaks of."""
    return "tasks" if stated.about == "tasks" else "projects" if stated.about == "projects" else "indicators"
