"""The rows of a plan's indicator table held against themselves: units, targets, statuses, kinds and parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import isfinite
from typing import Any

from ecogeo.finding import Severity
from ecogeo.plan.audit_finding import AuditFinding
from ecogeo.plan.audit_rows import date_findings, deadline_findings, number_findings, owner_findings, twice_findings
from ecogeo.plan.cells import head_word
from ecogeo.plan.columns import later_years
from ecogeo.plan.directions import direction_of, judged_name
from ecogeo.plan.measures import conversion, dimensions
from ecogeo.plan.standing import Status, bases_differ, in_unit, judge, reported_status, units_clash, worst
from ecogeo.plan.tables import PlanTables
from ecogeo.plan.targets import Target, is_change, parse_target, parse_value, unit_of_value
from ecogeo.plan.value_rules import is_bounded_share
from ecogeo.wording import Text

Row = dict[Any, Any]

_INDEX = re.compile(
    r"(?<!生产总值)(?<!增加值)(?<!产值)(?<!价格)指数(?!.*(?:率|比例|占比|比重|幅|增长|提高|增加|下降|降低))"
)
_FITS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "(?:覆盖|处理|处置|利用|治理|达标|合格|普及|公开|保护|保有|回收|完成|绿化|城镇化|修复|优良|收集|消除|满意)率|比例|比重|占比|满意度",
        frozenset({"share"}),
    ),
    ("(?:面积|建设用地(?:总|控制)?规模)", frozenset({"area"})),
    ("(?:长度|里程|岸线长)", frozenset({"length"})),
)
_MAY_GROW = re.compile(
    "^(?!.*(?:单位|万元|强度)).*(?:用水|耗水|取水|能源消费|能耗|耗煤|用地|开发边界|人口|开采|占用|建设|消费|供水)(?!.*下降).*(?:总量|规模|面积|量|边界|$)"
)
_MAY_GROW_AS_SHARE = re.compile("开发强度|建设用地(?:占比|比例|比重)")
"""Ceilings on the use of a resource, which later stages of a plan may set higher: 用水总量 ≤2.2, then ≤2.25.

What is used per unit of something (单位地区生产总值能耗) is none of them."""

_ADDED = frozenset({"area", "mass", "money", "volume"})
_INDEX_UNITS = frozenset({"share", "area", "length", "volume", "mass", "money"})
_MEASURES = {
    "share": Text("百分比", "a share"),
    "area": Text("面积", "an area"),
    "length": Text("长度", "a length"),
}


def indicator_findings(tables: PlanTables) -> Iterator[AuditFinding]:
    """Yield what is wrong in the rows of the indicator table.

    Parameters
    ----------
    tables
        The tables.
    """
    frame = tables.indicators
    whole = frame[frame["sub_no"] == ""]
    yield from number_findings("indicators", list(whole["indicator_no"]), list(whole["domain"]))
    yield from twice_findings("indicators", whole, "indicator_no")
    yield from owner_findings("indicators", whole, "indicator_no")
    years = later_years([str(column) for column in frame.columns])
    has_kinds = (whole["kind"] != "").any()
    groups: dict[str, list[Row]] = {}
    for row in frame.to_dict("records"):
        groups.setdefault(row["indicator_no"], []).append(row)
    for number, rows in groups.items():
        head = rows[0]
        yield from number_findings("indicators", [row["sub_no"] for row in rows if row["sub_no"]], within=number)
        for row in rows:
            key = f"{row['indicator_no']}-{row['sub_no']}".removesuffix("-")
            yield from _unit_findings(row, key, years)
            yield from _later_findings(row, key, years)
            yield from deadline_findings("indicators", row, key, tables)
            told = "\n".join((*_texts(row, years), row["current_text"], row["deadline"]))
            yield from date_findings("indicators", key, row["name"], told)
            if has_kinds and not row["kind"] and not row["sub_no"]:
                message = Text(
                    f"指标 {key}“{row['name']}”没有属性（约束性、参考性或预期性）",
                    f"indicator {key} ({row['name']}) has no kind (binding, reference or expected)",
                )
                yield AuditFinding("kind_missing", Severity.WARNING, "indicators", key, message)
        yield from _part_findings(rows)
        yield from _status_findings(head, rows)


def _shown(key: str, row: Row) -> Text:
    return Text(f"指标 {key}“{row['name']}”", f"indicator {key} ({row['name']})")


def _texts(row: Row, years: Sequence[int]) -> list[str]:
    """Return the wordings of a row's targets, the undated one first."""
    return [row["target_text"], *(row[f"target_text_{year}"] for year in years)]


def _unit_findings(row: Row, key: str, years: Sequence[int]) -> Iterator[AuditFinding]:
    """Find units that do not convert, units that cannot be of such a name, an index in percent, a share above 100 %."""
    clashes = list(_clash_findings(row, key, years))
    yield from clashes
    texts = [*_texts(row, years), row["current_text"]]
    signed = [head_word(text) for text in texts if re.search("[0-9.]%", head_word(text))]
    name, unit = head_word(row["name"]), head_word(row["unit"])
    is_index = bool(_INDEX.search(name))
    subject = _shown(key, row)
    if is_index and ("%" in unit or signed):
        shown = signed[0] if signed else unit
        message = Text(
            f"{subject.zh}是无量纲指数，却写作“{shown}”",
            f"{subject.en} is an index without unit, yet it is written “{shown}”",
        )
        yield AuditFinding("index_in_percent", Severity.FAULT, "indicators", key, message)
    elif not clashes and (unfit := _unfit_unit(row, texts, is_index=is_index)) is not None:
        wanted, written = unfit
        message = Text(
            f"{subject.zh}按名称应是{wanted.zh}，单位却是“{written}”",
            f"{subject.en} must be {wanted.en} by its name, yet its unit is “{written}”",
        )
        yield AuditFinding("unit_unfit", Severity.FAULT, "indicators", key, message)
    shares = [value for text in texts for value in _percents(text, unit)]
    over = [value for value in shares if value > 100]
    if over and is_bounded_share(row["name"]):
        message = Text(f"{subject.zh}是百分比，却有 {over[0]:g}%", f"{subject.en} is a share, yet it has {over[0]:g} %")
        yield AuditFinding("percentage_over_100", Severity.FAULT, "indicators", key, message)


def _percents(text: str, unit: str) -> Iterator[float]:
    """Yield the numbers of a target or value as per cents; those of other units and changes are none."""
    target = parse_target(text)
    pairs = [(target.value, target.unit), (target.upper, target.unit), (parse_value(text), unit_of_value(text))]
    for value, written in pairs:
        if value is None or is_change(target) or "%" not in head_word(written or unit):
            continue
        if (number := in_unit(value, written, "%")) is not None:
            yield float(number)


def _unfit_unit(row: Row, texts: Sequence[str], *, is_index: bool) -> tuple[Text, str] | None:
    """Return what an indicator must be by its name, and a unit it has that is something else.

    Only a unit of a known measure is judged, those of targets and values where the row has none; of a rate (平方米/人)
    what stands above the line.
    """
    name = re.sub(r"\([^()]*\)$", "", head_word(row["name"]))
    fits = next((dimension for pattern, dimension in _FITS if re.search(f"(?:{pattern})$", name)), None)
    own = [unit_of_value(text) or parse_target(text).unit for text in texts if not is_change(parse_target(text))]
    for unit in [row["unit"]] if dimensions(row["unit"]) else own:
        measure = dimensions(unit)
        if not measure:
            continue
        if is_index and measure[0] in _INDEX_UNITS:
            return Text("无量纲指数", "an index without unit"), unit
        if fits is not None and measure[0] not in fits and (len(measure) == 1 or "share" not in fits):
            return _MEASURES[next(iter(fits))], unit
    return None


def _clash_findings(row: Row, key: str, years: Sequence[int]) -> Iterator[AuditFinding]:
    """Find a target and a value, or two targets, whose units do not convert, so that they cannot be compared."""
    if units_clash(parse_target(row["target_text"]), row["current_text"], row["unit"]):
        unit = row["unit"]
        message = Text(
            f"指标 {key}“{row['name']}”的目标“{row['target_text']}”与现状“{row['current_text']}”（单位“{unit}”）"
            "单位不一致或无法判断，不能比较，须人工核对",
            f"indicator {key} ({row['name']}): its target “{row['target_text']}” and value “{row['current_text']}” "
            f"(unit “{unit}”) have units that differ or are in doubt; somebody must compare them",
        )
        yield AuditFinding("units_differ", Severity.WARNING, "indicators", key, message)
    for text in dict.fromkeys(_texts(row, years)):
        if bases_differ(parse_target(text), row["current_text"]):
            subject = _shown(key, row)
            message = Text(
                f"{subject.zh}的目标“{text}”与现状“{row['current_text']}”不是与同一年相比，不能判断是否达标",
                f"{subject.en}: its target “{text}” and value “{row['current_text']}” are counted from different "
                "years, so nobody can tell whether it is met",
            )
            yield AuditFinding("bases_differ", Severity.WARNING, "indicators", key, message)
            break

    targets = [parse_target(text) for text in _texts(row, years)]
    levels = [target for target in targets if target.value is not None and not is_change(target)]
    known = [target for target in levels if dimensions(target.unit or row["unit"])]
    for before, after in pairwise(known):
        if conversion(after.unit or row["unit"], before.unit or row["unit"]) is None:
            subject = _shown(key, row)
            message = Text(
                f"{subject.zh}的目标“{before.text}”与“{after.text}”（单位“{row['unit']}”）不是同一计量单位，须人工核对",
                f"{subject.en}: its targets “{before.text}” and “{after.text}” (unit “{row['unit']}”) are of different "
                "measures; somebody must look",
            )
            yield AuditFinding("units_differ", Severity.WARNING, "indicators", key, message)
            return


def _part_findings(rows: Sequence[Row]) -> Iterator[AuditFinding]:
    """Find sub-items that are more than their whole, of what can be added up: areas, masses, money, volumes."""
    head, parts = rows[0], rows[1:]
    measure = dimensions(head["unit"])
    if len(parts) < 2 or len(measure) != 1 or measure[0] not in _ADDED:
        return
    for column, title in (("current_value", Text("现状", "value")), ("target_value", Text("目标", "target"))):
        whole, sizes = head[column], [part[column] for part in parts]
        is_one_unit = all(conversion(part["unit"], head["unit"]) == 1 for part in parts)
        if is_one_unit and isfinite(whole) and all(map(isfinite, sizes)):
            added, said = sum(map(_exact, sizes), Decimal(0)), _exact(whole)
            step = max(Decimal(1).scaleb(int(size.as_tuple().exponent)) for size in map(_exact, [whole, *sizes]))
            if added - said > step * len(parts) / 2:
                subject, key = _shown(head["indicator_no"], head), head["indicator_no"]
                message = Text(
                    f"{subject.zh}{title.zh} {said:f} {head['unit']}，各分项之和 {added:f} 更多",
                    f"{subject.en}: its {title.en} is {said:f} {head['unit']}, its sub-items add up to {added:f}",
                )
                yield AuditFinding("parts_do_not_add_up", Severity.WARNING, "indicators", key, message)


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value))).normalize()


def _later_findings(row: Row, key: str, years: Sequence[int]) -> Iterator[AuditFinding]:
    """Find a target that asks for less than an earlier one; a ceiling on what grows with people and trade may rise."""
    targets = [parse_target(text) for text in _texts(row, years)]
    dated = [target for target in targets if target.value is not None and isfinite(target.value)]
    for before, after in pairwise(dated):
        sign = _sense(before, row["name"])
        factor = conversion(after.unit or row["unit"], before.unit or row["unit"])
        is_share = dimensions(row["unit"] or after.unit) == ("share",)
        if sign < 0 and (_MAY_GROW_AS_SHARE if is_share else _MAY_GROW).search(row["name"]):
            continue
        if sign == 0 or sign != _sense(after, row["name"]) or factor is None:
            continue
        if sign * (Fraction(repr(after.value)) * factor - Fraction(repr(before.value))) < 0:
            word = "降为" if sign > 0 else "放宽为"
            message = Text(
                f"指标 {key}“{row['name']}”的目标由“{before.text}”{word}“{after.text}”",
                f"indicator {key} ({row['name']}): the target is relaxed from “{before.text}” to “{after.text}”",
            )
            yield AuditFinding("later_target_weaker", Severity.WARNING, "indicators", key, message)


def _sense(target: Target, name: str) -> int:
    """Return 1 where more is asked by a larger number, −1 by a smaller one, 0 where nothing says so."""
    signed = {">=": 1, ">": 1, "<=": -1, "<": -1}.get(target.comparator, 0)
    if signed or target.comparator != "=":
        return signed
    found = direction_of(name)
    return 0 if found is None else 1 if found.way == "more" else -1


def _status_findings(head: Row, rows: Sequence[Row]) -> Iterator[AuditFinding]:
    """Find a status reported otherwise than the figures say, of an indicator by its sub-items where it has some."""
    judged = rows[1:] or rows
    statuses = [_status(row, head) for row in judged]
    for row, status in zip(judged, statuses, strict=True):
        if row is not head and row["status_reported"]:
            yield from _differing(row, status, row)
    missed = next((row for row, status in zip(judged, statuses, strict=True) if status == "not_met"), judged[0])
    yield from _differing(head, worst(statuses), missed)


def _differing(row: Row, status: Status, because: Row) -> Iterator[AuditFinding]:
    reported = reported_status(row["status_reported"])
    if reported is None or status not in ("met", "not_met") or reported == status:
        return
    key = f"{row['indicator_no']}-{row['sub_no']}".removesuffix("-")
    target, current = because["target_text"] or row["target_text"], because["current_text"] or row["current_text"]
    message = Text(
        f"指标 {key}“{row['name']}”报告为“{row['status_reported']}”，按目标“{target}”与"
        f"现状“{current}”应为{'达标' if status == 'met' else '未达标'}",
        f"indicator {key} ({row['name']}) is reported “{row['status_reported']}”; by its target "
        f"“{target}” and value “{current}” it is {status.replace('_', ' ')}",
    )
    yield AuditFinding("status_differs", Severity.FAULT, "indicators", key, message)


def _status(row: Row, head: Row) -> Status:
    """Judge a row by its own target, value and unit, else by those of its indicator."""
    target, current, unit = (row[field] or head[field] for field in ("target_text", "current_text", "unit"))
    return judge(parse_target(target), current, unit, name=judged_name(row["name"], head["name"]))
