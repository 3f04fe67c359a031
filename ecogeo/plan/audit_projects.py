"""The rows of a plan's project table held against themselves: years, money, its parts, and places.

What a cell says of its parts is added up only where it is plain that they are all of it: a cell of funding that is
nothing but sources with amounts, or a central part beside a local one. A list that begins with 其中 may leave something
out, so it is told only where it holds more than the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import isfinite, isnan
from typing import Any

import pandas as pd

from ecogeo.finding import Severity
from ecogeo.plan.audit_finding import AuditFinding
from ecogeo.plan.audit_rows import date_findings, number_findings, owner_findings, period_of, twice_findings
from ecogeo.plan.cells import head_word
from ecogeo.plan.measures import conversion, dimensions
from ecogeo.plan.tables import PlanTables
from ecogeo.plan.target_words import NUMBER, UNIT
from ecogeo.wording import Text

Row = dict[Any, Any]

_CONTENT_INVEST = re.compile(
    r"(?:总投资|(?<![^,。;:()])(?:本?项目|工程)?(?:估算|计划|概算|预计)?投资)(?:约|为|额|概算|估算)*(?P<value>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)(?P<unit>亿元|万元|元)"
)
_PLACE = re.compile(r"[一-鿿]{1,8}?(?:[市县区镇乡村屯江河湖湾岛]|社区|街道|水库|流域|园区|林场|农场)")
_UNDER_WAY = re.compile("续建|在建|扩建|改建|改造|提升|技改|改扩建|迁建|规划")
_CARRIED_OVER = re.compile("续建|在建|结转|接续|延续|跨期|已(?:经)?(?:开工|启动|动工)")
_SOURCES = (
    "中央|国家|自治区|省级?|市级?|县级?|区级?|镇级?|本级|地方|上级|业主|群众|政府债券|财政|预算内|专项|债券|银行|贷款"
    "|社会|企业|自筹|配套|其他"
)
_SOURCE = re.compile(
    rf"(?P<name>(?:{_SOURCES})[一-鿿]{{0,12}}?)(?:为|约|共|投入|:)*(?P<value>{NUMBER})(?P<unit>亿元|万元|元)"
)
_CENTRAL, _LOCAL = re.compile("中央|国家|上级"), re.compile("地方|自筹|配套|其他|本级")
_BETWEEN = re.compile("[,;、。和及与:()]|其中|包括|资金|来源|投资|为|共")
_OF_AMOUNT = re.compile(r"(?<=元)\([^()]*\)")
"""What stands in brackets behind an amount is part of it: 县级1000万元（含债券800万元）."""

_PART_WORD = "(?:其中|包括|含|分别为)"
_WHOLE = re.compile(rf"(?P<value>{NUMBER})(?P<unit>{UNIT})\(?[,，:：]?{_PART_WORD}[:：]?(?P<parts>[^。;；()]+)")
_PART = re.compile(rf"(?<![0-9.])(?P<value>{NUMBER})(?P<unit>{UNIT})")
_CONVERTED = re.compile(
    rf"(?<![0-9.])(?P<value>{NUMBER})(?P<unit>{UNIT})[,(](?:约?合|折合|折|即|相当于)约?(?P<other>{NUMBER})(?P<other_unit>{UNIT})"
)
_CLOSE = Decimal("0.005")
_TIMES_THE_NEXT, _LARGE_WAN_YUAN, _FEWEST = 1000, 1_000_000, 2
_MOST_WAN_YUAN = 50_000_000
"""5000 亿元 for one project: beyond anything a county plans, a bound of what is plausible and no rule."""

_WAN_YUAN = {"亿元": Decimal(10_000), "万元": Decimal(1), "元": Decimal("0.0001")}


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
    yield from number_findings("projects", list(frame["project_no"]), list(frame["system"]), first=None)
    yield from twice_findings("projects", frame, "project_id")
    yield from owner_findings("projects", frame, "project_id")
    yield from _outlying_findings(frame)
    is_located = (frame["location_basis"] != "none").any()
    for row in frame.to_dict("records"):
        yield from _year_findings(row, tables)
        yield from _invest_findings(row)
        yield from _funding_findings(row)
        yield from _part_findings(row)
        told = "\n".join((row["name"], row["content"], row["funding"]))
        yield from date_findings("projects", row["project_id"], row["name"], told)
        words = f"{row['name']}{row['content']}"
        is_nowhere = row["location_basis"] == "none" and not str(row["place"]).strip()
        if is_nowhere and (is_located or not _PLACE.search(words)):
            subject = _shown(row)
            message = Text(f"{subject.zh}的文字没有写明地点", f"{subject.en} names no place")
            yield _finding("names_no_place", Severity.NOTE, row, message)


def _shown(row: Row) -> Text:
    return Text(f"项目 {row['project_id']}“{row['name']}”", f"project {row['project_id']} ({row['name']})")


def _finding(check: str, severity: Severity, row: Row, message: Text) -> AuditFinding:
    return AuditFinding(check, severity, "projects", row["project_id"], message)


def _year_findings(row: Row, tables: PlanTables) -> Iterator[AuditFinding]:
    """Find a project that ends before it starts, or whose years are not those of the plan.

    One under way (续建) may have begun before the plan; a new one that did is worth a look.
    """
    start, end = _year(row["start_year"]), _year(row["end_year"])
    period, subject = period_of(tables), _shown(row)
    if start is not None and end is not None and end < start:
        message = Text(f"{subject.zh}{start} 年开始、{end} 年结束", f"{subject.en} runs from {start} to {end}")
        yield _finding("ends_before_it_starts", Severity.FAULT, row, message)
        return
    if period is None:
        return
    years = [year for year in (start, end) if year is not None]
    told, plan = "-".join(str(year) for year in dict.fromkeys(years)), f"{period[0]}-{period[1]}"
    if years and (max(years) < period[0] or min(years) > period[1]):
        message = Text(
            f"{subject.zh}的年限 {told} 全部在规划期 {plan} 年之外",
            f"{subject.en} runs {told}, wholly outside the plan's {plan}",
        )
        yield _finding("years_outside_plan", Severity.WARNING, row, message)
    elif end is not None and end > period[1]:
        message = Text(
            f"{subject.zh}的年限 {told} 超出规划期 {plan} 年末", f"{subject.en} runs {told}, beyond the plan's {plan}"
        )
        yield _finding("years_outside_plan", Severity.WARNING, row, message)
    elif (
        start is not None
        and start < period[0]
        and not (_UNDER_WAY.search(row["nature"] + row["name"]) or _CARRIED_OVER.search(row["content"]))
    ):
        nature = row["nature"] or "性质未写"
        message = Text(
            f"{subject.zh}（{nature}）的年限 {told} 早于规划期 {plan} 年开始",
            f"{subject.en} ({row['nature'] or 'nature not told'}) runs {told} and starts before the plan's {plan}",
        )
        yield _finding("starts_before_plan", Severity.NOTE, row, message)


def _invest_findings(row: Row) -> Iterator[AuditFinding]:
    """Find a total investment in a project's words that is not the one of its cell."""
    found = _CONTENT_INVEST.findall(head_word(row["content"]))
    cell = _invested(row)
    if len(found) != 1 or cell is None:
        return
    value, unit = found[0]
    said, step = _wan_yuan(value, unit), _step(value) * _WAN_YUAN[unit]
    if abs(said - cell) > max(step / 2, _CLOSE):
        subject = _shown(row)
        message = Text(
            f"{subject.zh}内容写投资 {value}{unit}，投资栏为 {cell:f} 万元",
            f"{subject.en}: its content says {value} {unit}, its cell {cell:f} 万元",
        )
        yield _finding("invest_differs_from_content", Severity.WARNING, row, message)


def _outlying_findings(frame: pd.DataFrame) -> Iterator[AuditFinding]:
    """Find a project that costs far more than the next largest, or more than any project does: its unit is in doubt."""
    priced = frame[frame["invest_wan_yuan"].map(isfinite) & (frame["invest_wan_yuan"] > 0)]
    costs = sorted(float(cost) for cost in priced["invest_wan_yuan"])
    for row in priced.to_dict("records"):
        cost = float(row["invest_wan_yuan"])
        next_one = costs[-2] if len(costs) > _FEWEST and cost == costs[-1] else None
        is_outlying = next_one is not None and cost >= max(_TIMES_THE_NEXT * next_one, _LARGE_WAN_YUAN)
        if not is_outlying and cost < _MOST_WAN_YUAN:
            continue
        subject = _shown(row)
        ratio = cost / next_one if next_one else 0
        times = (
            Text(f"，是次大项目的 {ratio:.0f} 倍", f", {ratio:.0f} times the next largest") if ratio else Text("", "")
        )
        message = Text(
            f"{subject.zh}投资 {cost:.15g} 万元（{cost / 10_000:.15g} 亿元）{times.zh}，单位可能有误",
            f"{subject.en} costs {cost:.15g} 万元{times.en}: its unit may be wrong",
        )
        yield _finding("invest_out_of_line", Severity.WARNING, row, message)


def _funding_findings(row: Row) -> Iterator[AuditFinding]:
    """Find sources of money that do not add up to the investment: a cell of nothing else, or central and local."""
    cell = _invested(row)
    if cell is None:
        return
    for column in ("funding", "content"):
        text = _OF_AMOUNT.sub("", head_word(row[column]))
        parts = list(_SOURCE.finditer(text))
        if len(parts) < 2:
            continue
        names = [part["name"] for part in parts]
        rest = _BETWEEN.sub("", _SOURCE.sub("", text))
        is_all = column == "funding" and not rest
        is_split = len(parts) == 2 and any(map(_CENTRAL.search, names)) and any(map(_LOCAL.search, names))
        added = sum((_wan_yuan(part["value"], part["unit"]) for part in parts), Decimal(0))
        step = max(_step(part["value"]) * _WAN_YUAN[part["unit"]] for part in parts)
        if not (is_all or is_split or (column == "funding" and added > cell)):
            continue
        if abs(added - cell) > max(step * len(parts) / 2, _CLOSE):
            subject, shown = _shown(row), "＋".join(part[0] for part in parts)
            message = Text(
                f"{subject.zh}资金“{shown}”合计 {added.normalize():f} 万元，投资栏为 {cell:f} 万元",
                f"{subject.en}: its funding “{shown}” adds up to {added.normalize():f} 万元, its cell is {cell:f}",
            )
            yield _finding("funding_does_not_add_up", Severity.FAULT, row, message)
            return


def _part_findings(row: Row) -> Iterator[AuditFinding]:
    """Find a whole in a project's words that is less than one of its parts; of money, than all of them together.

    Lengths are left alone, as both banks of one river are twice its length; areas are not added up, as one ground may
    serve twice.
    """
    text = f"{head_word(row['content'])}。{head_word(row['funding'])}"
    for whole in _WHOLE.finditer(text):
        measure = dimensions(whole["unit"])
        if not measure or measure[0] == "length":
            continue
        total = Fraction(whole["value"].replace(",", ""))
        parts: list[tuple[str, Fraction]] = []
        for part in _PART.finditer(whole["parts"]):
            factor = conversion(part["unit"], whole["unit"]) if part["unit"] else None
            if factor is not None and sum((size for _, size in parts), Fraction(0)) != total:
                parts.append((part[0], Fraction(part["value"].replace(",", "")) * factor))
        sizes = [size for _, size in parts]
        least = sum(sizes, Fraction(0)) if measure == ("money",) else max(sizes, default=Fraction(0))
        if least > total + Fraction(_step(whole["value"])) / 2 * max(len(parts), 1):
            subject, shown = _shown(row), "＋".join(word for word, _ in parts)
            message = Text(
                f"{subject.zh}写 {whole['value']}{whole['unit']}，其中“{shown}”却更多",
                f"{subject.en} says {whole['value']} {whole['unit']}, its parts “{shown}” are more",
            )
            yield _finding("parts_do_not_add_up", Severity.WARNING, row, message)
    yield from _converted_findings(row, text)


def _converted_findings(row: Row, text: str) -> Iterator[AuditFinding]:
    """Find a measure given in two units that are not the same: 12.4公顷（合286亩）."""
    for found in _CONVERTED.finditer(text):
        factor = conversion(found["unit"], found["other_unit"])
        if factor is None or not dimensions(found["unit"]) or not dimensions(found["other_unit"]):
            continue
        said, other = (Fraction(found[name].replace(",", "")) for name in ("value", "other"))
        allowed = Fraction(_step(found["value"])) / 2 * factor + Fraction(_step(found["other"]))
        if abs(said * factor - other) > max(allowed, other / 200):
            subject = _shown(row)
            message = Text(
                f"{subject.zh}写“{found[0]}”，按换算应为 {float(said * factor):.6g}{found['other_unit']}",
                f"{subject.en} says “{found[0]}”; converted it is {float(said * factor):.6g} {found['other_unit']}",
            )
            yield _finding("conversion_differs", Severity.WARNING, row, message)


def _year(cell: float) -> int | None:
    return None if pd.isna(cell) else int(cell)


def _invested(row: Row) -> Decimal | None:
    """Return the investment of a project, 万元, without noise."""
    money = float(row["invest_wan_yuan"])
    return None if isnan(money) else Decimal(repr(money)).normalize()


def _wan_yuan(value: str, unit: str) -> Decimal:
    return Decimal(value.replace(",", "")) * _WAN_YUAN[unit]


def _step(value: str) -> Decimal:
    """Return one unit of the last digit printed."""
    return Decimal(1).scaleb(-len(value.partition(".")[2]))
