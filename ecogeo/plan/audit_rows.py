"""The rows of a plan's tables held against themselves: units, dates, years, names, numbers, owners and places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import isfinite
from typing import Any

import pandas as pd

from ecogeo.finding import Severity
from ecogeo.plan.audit_finding import AuditFinding, TableName
from ecogeo.plan.cells import head_word
from ecogeo.plan.columns import later_years
from ecogeo.plan.measures import conversion
from ecogeo.plan.standing import units_clash
from ecogeo.plan.tables import PlanTables
from ecogeo.plan.targets import parse_target
from ecogeo.wording import Text, list_en, list_zh

_REPORTED = {"是": "met", "达标": "met", "已达标": "met", "否": "not_met", "未达标": "not_met", "不达标": "not_met"}
_GROWS = re.compile("增长|提高|增加|增幅|倍|下降|降低")
_SHARE = re.compile("率|比例|占比|比重|覆盖度$")
_INDEX = re.compile(
    r"(?<!生产总值)(?<!增加值)(?<!产值)(?<!价格)指数(?!.*(?:率|比例|占比|比重|幅|增长|提高|增加|下降|降低))"
)
_YEAR = re.compile(r"20[0-9]{2}(?=年|-|/|\.|$)")
_CONTENT_INVEST = re.compile(r"总投资(?:约|为|额|概算|估算)*(?P<value>[0-9]+(?:\.[0-9]+)?)(?P<unit>亿元|万元)")
_PLACE = re.compile(r"[一-鿿]{1,8}?(?:[市县区镇乡村屯江河湖湾岛]|社区|街道|水库|流域|园区|林场|农场)")
_TABLES: dict[TableName, Text] = {
    "indicators": Text("指标表", "the indicator table"),
    "projects": Text("项目表", "the project table"),
    "tasks": Text("任务表", "the task table"),
}
_CLOSE = Decimal("0.005")


def indicator_findings(tables: PlanTables) -> Iterator[AuditFinding]:
    """Yield what is wrong in the rows of the indicator table.

    Parameters
    ----------
    tables
        The tables.
    """
    frame = tables.indicators
    whole = frame[frame["sub_no"] == ""]
    yield from _number_findings("indicators", whole["indicator_no"])
    yield from _twice_findings("indicators", whole, "indicator_no")
    yield from _owner_findings("indicators", whole, "indicator_no")
    years = later_years(list(frame.columns))
    has_kinds = (whole["kind"] != "").any()
    for row in frame.to_dict("records"):
        key = f"{row['indicator_no']}-{row['sub_no']}".removesuffix("-")
        yield from _unit_findings(row, key, years)
        yield from _later_findings(row, key, years)
        yield from _status_findings(row, key)
        yield from _deadline_findings("indicators", row, key, tables)
        if has_kinds and not row["kind"] and not row["sub_no"]:
            message = Text(
                f"指标 {key}“{row['name']}”没有属性（约束性、参考性或预期性）",
                f"indicator {key} ({row['name']}) has no kind (binding, reference or expected)",
            )
            yield AuditFinding("kind_missing", Severity.WARNING, "indicators", key, message)


def project_findings(tables: PlanTables) -> Iterator[AuditFinding]:
    """Yield what is wrong in the rows of the project table.

    A place counts as named where the gazetteer found it; in a plan it was never asked for, where the words hold the
    name of any town, village, river or the like.

    Parameters
    ----------
    tables
        The tables.
    """
    frame = tables.projects
    yield from _twice_findings("projects", frame, "project_id")
    yield from _owner_findings("projects", frame, "project_id")
    is_located = (frame["location_basis"] != "none").any()
    for row in frame.to_dict("records"):
        yield from _year_findings(row, tables)
        yield from _invest_findings(row)
        words = f"{row['name']}{row['content']}"
        if row["location_basis"] == "none" and (is_located or not _PLACE.search(words)):
            key = row["project_id"]
            message = Text(
                f"项目 {key}“{row['name']}”的文字没有写明地点", f"project {key} ({row['name']}) names no place"
            )
            yield AuditFinding("names_no_place", Severity.NOTE, "projects", key, message)


def task_findings(tables: PlanTables) -> Iterator[AuditFinding]:
    """Yield what is wrong in the rows of the task table.

    Parameters
    ----------
    tables
        The tables.
    """
    yield from _number_findings("tasks", tables.tasks["task_no"])
    yield from _twice_findings("tasks", tables.tasks, "task_no")
    yield from _owner_findings("tasks", tables.tasks, "task_no")
    for row in tables.tasks.to_dict("records"):
        yield from _deadline_findings("tasks", row, row["task_no"], tables)


def _number_findings(table: TableName, numbers: pd.Series) -> Iterator[AuditFinding]:
    """Find gaps in plain numbering."""
    if not len(numbers) or not numbers.str.fullmatch("[0-9]+").all():
        return
    present = {int(number) for number in numbers}
    if missing := sorted(set(range(1, max(present) + 1)) - present):
        message = Text(f"编号缺 {list_zh(missing)}", f"the numbers {list_en(missing)} are missing")
        yield AuditFinding("number_missing", Severity.WARNING, table, "", message)


def _twice_findings(table: TableName, frame: pd.DataFrame, key: str) -> Iterator[AuditFinding]:
    """Find rows of the same name; of indicators of one domain."""
    groups = ["_name"] + ["domain"] * ("domain" in frame.columns)
    named = frame.assign(_name=frame["name"].map(head_word))
    for _, rows in named[named["_name"] != ""].groupby(groups, sort=False):
        if len(rows) > 1:
            keys, name = list(rows[key]), rows["name"].iloc[0]
            message = Text(f"{list_zh(keys)} 名称相同：“{name}”", f"{list_en(keys)} have the same name: “{name}”")
            yield AuditFinding("name_twice", Severity.WARNING, table, keys[-1], message)


def _owner_findings(table: TableName, frame: pd.DataFrame, key: str) -> Iterator[AuditFinding]:
    """Find rows without anyone responsible; a table that names nobody at all is told once."""
    without = frame[frame["departments"].str.strip() == ""]
    if len(without) and len(without) == len(frame):
        what = _TABLES[table]
        message = Text(f"{what.zh}没有写明任何责任单位", f"{what.en} names nobody responsible")
        yield AuditFinding("owner_missing", Severity.NOTE, table, "", message)
        return
    for row in without.to_dict("records"):
        message = Text(f"{row[key]}“{row['name']}”没有责任单位", f"{row[key]} ({row['name']}) has nobody responsible")
        yield AuditFinding("owner_missing", Severity.WARNING, table, row[key], message)


def _unit_findings(row: dict[Any, Any], key: str, years: Sequence[int]) -> Iterator[AuditFinding]:
    """Find units that do not convert, an index in percent, and a share above 100 %."""
    yield from _clash_findings(row, key)
    texts = [row["target_text"], row["current_text"], *(row[f"target_text_{year}"] for year in years)]
    signed = [head_word(text) for text in texts if "%" in head_word(text)]
    is_percent = "%" in head_word(row["unit"]) or bool(signed)
    if _INDEX.search(head_word(row["name"])) and is_percent:
        shown = signed[0] if signed else head_word(row["unit"])
        message = Text(
            f"指标 {key}“{row['name']}”是无量纲指数，却写作“{shown}”",
            f"indicator {key} ({row['name']}) is an index without unit, yet it is written “{shown}”",
        )
        yield AuditFinding("index_in_percent", Severity.FAULT, "indicators", key, message)
    values = [row["target_value"], row["current_value"], *(row[f"target_value_{year}"] for year in years)]
    over = [value for value in values if value > 100]
    if over and is_percent and _SHARE.search(row["name"]) and not _GROWS.search(row["name"]):
        message = Text(
            f"指标 {key}“{row['name']}”是百分比，却有 {over[0]:g}%",
            f"indicator {key} ({row['name']}) is a share, yet it has {over[0]:g} %",
        )
        yield AuditFinding("percentage_over_100", Severity.FAULT, "indicators", key, message)


def _clash_findings(row: dict[Any, Any], key: str) -> Iterator[AuditFinding]:
    """Find a target and a value whose units do not convert, so that they cannot be compared."""
    if units_clash(parse_target(row["target_text"]), row["current_text"], row["unit"]):
        unit = row["unit"]
        message = Text(
            f"指标 {key}“{row['name']}”的目标“{row['target_text']}”与现状“{row['current_text']}”（单位“{unit}”）"
            "单位不一致或无法判断，不能比较，须人工核对",
            f"indicator {key} ({row['name']}): its target “{row['target_text']}” and value “{row['current_text']}” "
            f"(unit “{unit}”) have units that differ or are in doubt; somebody must compare them",
        )
        yield AuditFinding("units_differ", Severity.WARNING, "indicators", key, message)


def _later_findings(row: dict[Any, Any], key: str, years: Sequence[int]) -> Iterator[AuditFinding]:
    """Find a target that asks for less than an earlier one."""
    sign = {">=": 1, ">": 1, "<=": -1, "<": -1}.get(row["comparator"], 0)
    targets = [(row["target_text"], row["target_value"])]
    targets += [(row[f"target_text_{year}"], row[f"target_value_{year}"]) for year in years]
    dated = [(text, value) for text, value in targets if isfinite(value)]
    for (before, earlier), (after, later) in pairwise(dated):
        factor = conversion(parse_target(after).unit or row["unit"], parse_target(before).unit or row["unit"])
        if factor is not None and sign * (Fraction(repr(later)) * factor - Fraction(repr(earlier))) < 0:
            message = Text(
                f"指标 {key}“{row['name']}”的目标由“{before}”降为“{after}”",
                f"indicator {key} ({row['name']}): the target falls from “{before}” to “{after}”",
            )
            yield AuditFinding("later_target_weaker", Severity.WARNING, "indicators", key, message)


def _status_findings(row: dict[Any, Any], key: str) -> Iterator[AuditFinding]:
    """Find a status reported otherwise than the figures say."""
    reported = _REPORTED.get(head_word(row["status_reported"]))
    if reported and row["status"] in ("met", "not_met") and reported != row["status"]:
        message = Text(
            f"指标 {key}“{row['name']}”报告为“{row['status_reported']}”，按目标“{row['target_text']}”与"
            f"现状“{row['current_text']}”应为{'达标' if row['status'] == 'met' else '未达标'}",
            f"indicator {key} ({row['name']}) is reported “{row['status_reported']}”; by its target "
            f"“{row['target_text']}” and value “{row['current_text']}” it is {row['status'].replace('_', ' ')}",
        )
        yield AuditFinding("status_differs", Severity.FAULT, "indicators", key, message)


def _deadline_findings(table: TableName, row: dict[Any, Any], key: str, tables: PlanTables) -> Iterator[AuditFinding]:
    """Find a deadline outside the years of the plan."""
    period = _period(tables)
    years = [int(year) for year in _YEAR.findall(row["deadline"])]
    if period and any(not period[0] <= year <= period[1] for year in years):
        message = Text(
            f"{key}“{row['name']}”的期限“{row['deadline']}”不在规划期 {period[0]}-{period[1]} 年内",
            f"{key} ({row['name']}): its deadline {row['deadline']} is outside the plan's {period[0]}-{period[1]}",
        )
        yield AuditFinding("years_outside_plan", Severity.WARNING, table, key, message)


def _year_findings(row: dict[Any, Any], tables: PlanTables) -> Iterator[AuditFinding]:
    """Find a project that ends before it starts, or lies wholly outside the years of the plan."""
    if pd.isna(row["start_year"]) or pd.isna(row["end_year"]):
        return
    key, start, end, period = row["project_id"], int(row["start_year"]), int(row["end_year"]), _period(tables)
    if end < start:
        message = Text(
            f"项目 {key}“{row['name']}”{start} 年开始、{end} 年结束", f"project {key} runs from {start} to {end}"
        )
        yield AuditFinding("ends_before_it_starts", Severity.FAULT, "projects", key, message)
    elif period and (end < period[0] or start > period[1]):
        message = Text(
            f"项目 {key}“{row['name']}”的年限 {start}-{end} 全部在规划期 {period[0]}-{period[1]} 年之外",
            f"project {key} ({row['name']}) runs {start}-{end}, wholly outside the plan's {period[0]}-{period[1]}",
        )
        yield AuditFinding("years_outside_plan", Severity.WARNING, "projects", key, message)


def _invest_findings(row: dict[Any, Any]) -> Iterator[AuditFinding]:
    """Find a total investment in a project's words that is not the one of its cell."""
    found = _CONTENT_INVEST.findall(head_word(row["content"]))
    if len(found) != 1 or pd.isna(row["invest_wan_yuan"]):
        return
    value, unit = found[0]
    said, cell = (
        Decimal(value) * (10_000 if unit == "亿元" else 1),
        Decimal(repr(float(row["invest_wan_yuan"]))).normalize(),
    )
    step = Decimal(1).scaleb(-len(value.partition(".")[2])) * (10_000 if unit == "亿元" else 1)
    if abs(said - cell) > max(step / 2, _CLOSE):
        message = Text(
            f"项目 {row['project_id']}“{row['name']}”内容写总投资 {value}{unit}，投资栏为 {cell:f} 万元",
            f"project {row['project_id']} ({row['name']}): its content says {value} {unit}, its cell {cell:f} 万元",
        )
        yield AuditFinding("invest_differs_from_content", Severity.WARNING, "projects", row["project_id"], message)


def _period(tables: PlanTables) -> tuple[int, int] | None:
    """Return the years of the plan, where the document tells them."""
    period = tables.plan.get("period")
    return (period[0], period[1]) if isinstance(period, tuple) and len(period) == 2 else None
