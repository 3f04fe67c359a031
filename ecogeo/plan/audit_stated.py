"""What a document states of its tables, held against the tables: counts, sums, shares, figures and departments.

Sums are compared to the last printed digit, those that are 约 to the last that is not 0. Of shares one unit of the
last digit is allowed, as parts are forced to their total. Figures of indicators are held to the numbers of their year
(`ecogeo.plan.audit_figures`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

import pandas as pd

from ecogeo.finding import Severity
from ecogeo.plan.audit_figures import figure_findings, printed, step_of, table_of, where
from ecogeo.plan.audit_finding import AuditFinding
from ecogeo.plan.audit_rows import BOXED
from ecogeo.plan.departments import split_units
from ecogeo.plan.drafts import KINDS
from ecogeo.plan.standing import reported_status
from ecogeo.plan.statements import Statement, statements_of
from ecogeo.plan.tables import PlanTables
from ecogeo.wording import Text, list_en, list_zh

_WAN_YUAN = {
    "亿元": Decimal(10_000),
    "亿": Decimal(10_000),
    "万元": Decimal(1),
    "万": Decimal(1),
    "千元": Decimal("0.1"),
    "元": Decimal("0.0001"),
}
_NAMES: dict[str, Text] = {
    "indicators": Text("指标", "indicators"),
    "projects": Text("项目", "projects"),
    "tasks": Text("任务", "tasks"),
}
_KIND_WORDS = {kind: word for word, kind in KINDS.items()}
_STATUS_WORDS = {"met": "达标", "not_met": "未达标"}
_LIKE = (Decimal("0.5"), Decimal(2))
_PARTS = re.compile(r"(?<![0-9,.])([0-9][0-9,]*(?:\.[0-9]+)?)(亿元|亿|万元|万|千元|元)")
_CLOSE = Decimal("0.005")
_ABOUT = re.compile("约|左右|近|[余多]")


def stated_findings(tables: PlanTables) -> Iterator[AuditFinding]:
    """Yield every statement that the tables do not bear out.

    Parameters
    ----------
    tables
        The tables, with what the document states of them.
    """
    compare = {
        "count": _count_findings,
        "groups": _group_findings,
        "invest": _invest_findings,
        "funding": _added_findings,
        "stages": _added_findings,
        "share": _share_findings,
        "count_share": _count_share_findings,
        "figure": figure_findings,
        "change": figure_findings,
        "departments": _department_findings,
    }
    statements = statements_of(tables.stated)
    for statement in statements:
        if statement.measure in compare:
            yield from compare[statement.measure](tables, statement)
    yield from _share_sums([item for item in statements if item.measure == "share"])


def _count_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare a number of rows."""
    said = int(stated.value or 0)
    counts = _status_counts(tables, stated.subject) if stated.subject in _STATUS_WORDS else {len(_rows(tables, stated))}
    if not counts or said in counts or _is_kind_open(tables, stated) or _has_boxes(tables, stated):
        return
    count = min(counts)
    what, subject = _NAMES[stated.about], _subject(stated)
    message = Text(
        f"{where(stated).zh}写“{stated.wording}”，即{subject.zh} {said} 个；{what.zh}表中有 {count} 个",
        f"{where(stated).en} states {said} ({subject.en}: {stated.wording}); the table of {what.en} has {count}",
    )
    yield AuditFinding("stated_count_differs", Severity.FAULT, table_of(stated), "", message)


def _status_counts(tables: PlanTables, status: str) -> set[int]:
    """Return how many indicators are met or missed, as reported and as recomputed; nothing where any is open."""
    whole = tables.indicators[tables.indicators["sub_no"] == ""]
    reported = [reported_status(text) for text in whole["status_reported"]]
    lists: list[list[str | None]] = [[*reported], list(whole["status"])]
    return {one.count(status) for one in lists if all(item in _STATUS_WORDS for item in one)}


def _has_boxes(tables: PlanTables, stated: Statement) -> bool:
    """Whether the projects are, or some of them, programmes of boxes: a paragraph may stand for many there."""
    return stated.about == "projects" and bool(tables.projects["project_id"].str.fullmatch(BOXED).any())


def _is_kind_open(tables: PlanTables, stated: Statement) -> bool:
    return stated.subject in _KIND_WORDS and bool((tables.indicators["kind"] == "").any())


def _group_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare a number of domains or systems; of indicators those of the second level will do, too."""
    rows = _rows(tables, stated)
    columns = {"indicators": ["domain", "task"], "projects": ["system"]}.get(stated.about, [])
    groups = {column: list(dict.fromkeys(rows[column])) for column in columns}
    if not columns or "" in groups[columns[0]] or any(len(names) == stated.value for names in groups.values()):
        return
    names = groups[columns[0]]
    if _has_boxes(tables, stated):
        return
    what, table = _NAMES[stated.about], table_of(stated)
    message = Text(
        f"{where(stated).zh}写“{stated.wording}”，即 {stated.value:g} 类；"
        f"{what.zh}表分为 {len(names)} 类：{list_zh(names)}",
        f"{where(stated).en} states {stated.value:g} groups ({stated.wording}); the table of {what.en} has "
        f"{len(names)}: {list_en(names)}",
    )
    yield AuditFinding("stated_groups_differ", Severity.WARNING, table, "", message)


def _count_share_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare a share of the number of rows, in percent."""
    whole = len(_rows(tables, Statement(stated.about, "", "count", None, "", "", 0, "")))
    if not whole or _is_kind_open(tables, stated):
        return
    share = Decimal(len(_rows(tables, stated))) / whole * 100
    if abs(share - printed(stated)) <= step_of(stated):
        return
    digits, subject = max(-int(step_of(stated).as_tuple().exponent), 0), _subject(stated)
    message = Text(
        f"{where(stated).zh}写{subject.zh}占 {printed(stated):f}%；按表格个数为 {share:.{digits}f}%",
        f"{where(stated).en} states {printed(stated):f} % for {subject.en}; by the rows of the table it is "
        f"{share:.{digits}f} %",
    )
    yield AuditFinding("stated_share_differs", Severity.FAULT, table_of(stated), "", message)


def _invest_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare a sum of money."""
    total, number = _invested(_rows(tables, stated)), printed(stated)
    factor = _WAN_YUAN.get(stated.unit, Decimal(1))
    said, step = number * factor, _money_step(stated) * factor
    if abs(total - said) < step / 2 or abs(total - said) < Decimal("0.005"):
        return
    if _ABOUT.search(stated.wording) and abs(total - said) <= step / 2:
        return
    subject = _subject(stated)
    unpriced = int(_rows(tables, stated)["invest_wan_yuan"].isna().sum())
    if unpriced and total < said:
        message = Text(
            f"{where(stated).zh}写{subject.zh}“{stated.wording}{_unit(stated)}”；项目表合计 {total:f} 万元，"
            f"另有 {unpriced} 个项目没有投资数，不能核对",
            f"{where(stated).en} states {number:f} {stated.unit} for {subject.en}; the projects sum to {total:f} "
            f"万元, and {unpriced} have no amount, so nobody can tell",
        )
        yield AuditFinding("stated_sum_open", Severity.NOTE, "projects", "", message)
        return
    doubt = _unit_doubt(number, stated.unit, total)
    message = Text(
        f"{where(stated).zh}写{subject.zh}“{stated.wording}{_unit(stated)}”；项目表合计 {total:f} 万元{doubt.zh}",
        f"{where(stated).en} states {number:f} {stated.unit} for {subject.en}; the projects sum to {total:f} 万元"
        f"{doubt.en}",
    )
    yield AuditFinding("stated_sum_differs", Severity.FAULT, "projects", "", message)


def _added_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare amounts that are told one by one with the projects: those of all stages, or of those who pay.

    Of those who pay less is right, as one may be left out.
    """
    total, said = _invested(tables.projects), printed(stated)
    parts = _PARTS.findall(stated.wording)
    allowed = sum((_digit(number) * _WAN_YUAN[unit] for number, unit in parts), Decimal(0)) / 2
    is_less = stated.measure == "funding" and said < total
    if tables.projects["invest_wan_yuan"].isna().any() or is_less or abs(said - total) <= max(allowed, _CLOSE):
        return
    is_funding = stated.measure == "funding"
    what = Text("资金来源", "the sources") if is_funding else Text("各阶段投资", "the money of the stages")
    message = Text(
        f"{where(stated).zh}写{what.zh}“{stated.wording}”，合计 {said:f} 万元；项目表合计 {total:f} 万元",
        f"{where(stated).en} states {what.en} “{stated.wording}”, {said:f} 万元 together; the projects sum to "
        f"{total:f} 万元",
    )
    check = "funding_does_not_add_up" if is_funding else "stated_sum_differs"
    yield AuditFinding(check, Severity.FAULT, "projects", "", message)


def _digit(number: str) -> Decimal:
    """Return one unit of the last digit printed."""
    return Decimal(1).scaleb(-len(number.partition(".")[2]))


def _money_step(stated: Statement) -> Decimal:
    """Return one unit of the last digit printed; of an amount that is 约 of the last that is not 0."""
    number = printed(stated).normalize()
    is_about = bool(_ABOUT.search(stated.wording)) and number
    return Decimal(1).scaleb(int(number.as_tuple().exponent)) if is_about else step_of(stated)


def _unit_doubt(number: Decimal, unit: str, total: Decimal) -> Text:
    """Say which other unit would bring a number near the total of the table, where its own does not."""
    if not total or _LIKE[0] < number * _WAN_YUAN.get(unit, Decimal(1)) / total < _LIKE[1]:
        return Text("", "")
    near = [other for other in ("元", "万元", "亿元") if _LIKE[0] < number * _WAN_YUAN[other] / total < _LIKE[1]]
    if not near or near[0] == unit:
        return Text("", "")
    return Text(f"；单位疑应为“{near[0]}”", f"; the unit should probably be {near[0]}")


def _share_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare a share of the investment, in percent."""
    whole = _invested(tables.projects)
    if not whole or tables.projects["invest_wan_yuan"].isna().any():
        return
    share = _invested(_rows(tables, stated)) / whole * 100
    if abs(share - printed(stated)) <= step_of(stated):
        return
    digits, subject = max(-int(step_of(stated).as_tuple().exponent), 0), _subject(stated)
    message = Text(
        f"{where(stated).zh}写{subject.zh}占投资 {printed(stated):f}%；按项目表为 {share:.{digits}f}%",
        f"{where(stated).en} states {printed(stated):f} % for {subject.en}; by the projects it is {share:.{digits}f} %",
    )
    yield AuditFinding("stated_share_differs", Severity.FAULT, "projects", "", message)


def _share_sums(shares: Sequence[Statement]) -> Iterator[AuditFinding]:
    """Add up the shares of each table that sums others up."""
    for place in dict.fromkeys(item.place for item in shares):
        parts = [item for item in shares if item.place == place and item.subject]
        totals = [item for item in shares if item.place == place and not item.subject]
        if not parts or not totals:
            continue
        added, said = sum((printed(item) for item in parts), Decimal(0)), printed(totals[0])
        if abs(added - said) > max(step_of(item) for item in parts) * len(parts) / 2:
            message = Text(
                f"{place}：各类比例之和为 {added:f}%，合计写 {said:f}%",
                f"{place}: the shares add up to {added:f} %, the total says {said:f} %",
            )
            yield AuditFinding("shares_do_not_add_up", Severity.FAULT, "projects", "", message)


def _department_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare the departments the text names for a task."""
    cells = tables.tasks.loc[tables.tasks["task_no"] == stated.subject, "departments"]
    listed, said = split_units("、".join(cells)), split_units(stated.wording)
    if set(listed) == set(said):
        return
    more, less = [unit for unit in said if unit not in listed], [unit for unit in listed if unit not in said]
    zh = [f"正文多出 {list_zh(more)}"] * bool(more) + [f"表格多出 {list_zh(less)}"] * bool(less)
    en = [f"the text adds {list_en(more)}"] * bool(more) + [f"the table adds {list_en(less)}"] * bool(less)
    message = Text(
        f"任务 {stated.subject} 的责任单位在{where(stated).zh}与表格中不同：{'；'.join(zh)}",
        f"task {stated.subject}: departments differ between {where(stated).en} and the table: {'; '.join(en)}",
    )
    yield AuditFinding("stated_departments_differ", Severity.WARNING, "tasks", stated.subject, message)


def _rows(tables: PlanTables, stated: Statement) -> pd.DataFrame:
    """Return the rows a statement speaks of; of indicators without their sub-items."""
    if stated.about == "tasks":
        return tables.tasks
    if stated.about == "projects":
        projects = tables.projects
        return projects[projects["system"] == stated.subject] if stated.subject else projects
    whole = tables.indicators[tables.indicators["sub_no"] == ""]
    column = "kind" if stated.subject in _KIND_WORDS else "domain"
    return whole[whole[column] == stated.subject] if stated.subject else whole


def _invested(projects: pd.DataFrame) -> Decimal:
    """Sum investments without noise, in 万元."""
    amounts = (Decimal(repr(float(value))) for value in projects["invest_wan_yuan"].dropna())
    return sum(amounts, Decimal(0)).normalize()


def _unit(stated: Statement) -> str:
    """Return the unit of a number whose wording does not tell it."""
    return "" if stated.unit in stated.wording else stated.unit


def _subject(stated: Statement) -> Text:
    """Return what a statement speaks of, in words."""
    if not stated.subject:
        return Text(f"{_NAMES[stated.about].zh}总数", f"all {_NAMES[stated.about].en}")
    word = (_KIND_WORDS | _STATUS_WORDS).get(stated.subject, stated.subject)
    return Text(f"“{word}”", f"“{word}”")
