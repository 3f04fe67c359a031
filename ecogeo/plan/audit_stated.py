"""What a document states of its tables, held against the tables: counts, sums, shares, figures and departments.

Sums are compared to the last printed digit. Of shares one unit of the last digit is allowed, as parts are forced to
their total. A figure of an indicator is right where its row, or one of its sub-items', has that number anywhere, in
whatever unit (公顷 and 亩, 亿元 and 万元), to the last digit printed; so is the investment of a project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import isfinite

import pandas as pd

from ecogeo.finding import Severity
from ecogeo.plan.audit_finding import AuditFinding, TableName
from ecogeo.plan.columns import later_years
from ecogeo.plan.departments import split_units
from ecogeo.plan.drafts import KINDS
from ecogeo.plan.measures import conversion
from ecogeo.plan.stated import figures_of
from ecogeo.plan.statements import Statement, statements_of
from ecogeo.plan.tables import PlanTables
from ecogeo.plan.targets import parse_target, unit_of_value
from ecogeo.wording import Text, list_en, list_zh

_WAN_YUAN = {"亿元": Decimal(10_000), "万元": Decimal(1), "元": Decimal("0.0001")}
_NAMES: dict[str, Text] = {
    "indicators": Text("指标", "indicators"),
    "projects": Text("项目", "projects"),
    "tasks": Text("任务", "tasks"),
}
_KIND_WORDS = {kind: word for word, kind in KINDS.items()}
_LIKE = (Decimal("0.5"), Decimal(2))


def stated_findings(tables: PlanTables) -> Iterator[AuditFinding]:
    """Yield every statement that the tables do not bear out.

    Parameters
    ----------
    tables
        The tables, with what the document states of them.
    """
    compare = {
        "count": _count_findings,
        "invest": _invest_findings,
        "share": _share_findings,
        "figure": _figure_findings,
        "departments": _department_findings,
    }
    statements = statements_of(tables.stated)
    for statement in statements:
        if statement.measure in compare:
            yield from compare[statement.measure](tables, statement)
    yield from _share_sums([item for item in statements if item.measure == "share"])


def _count_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare a number of rows."""
    rows = _rows(tables, stated)
    count, said = len(rows), int(stated.value or 0)
    is_kind_open = stated.subject in _KIND_WORDS and (tables.indicators["kind"] == "").any()
    if count == said or is_kind_open:
        return
    what, subject = _NAMES[stated.about], _subject(stated)
    message = Text(
        f"{_where(stated).zh}写“{stated.wording}”，即{subject.zh} {said} 个；{what.zh}表中有 {count} 个",
        f"{_where(stated).en} states {said} ({subject.en}: {stated.wording}); the table of {what.en} has {count}",
    )
    yield AuditFinding("stated_count_differs", Severity.FAULT, _table(stated), "", message)


def _invest_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare a sum of money."""
    total, printed = _invested(_rows(tables, stated)), _printed(stated)
    said = printed * _WAN_YUAN.get(stated.unit, Decimal(1))
    step = _step(stated) * _WAN_YUAN.get(stated.unit, Decimal(1))
    if abs(total - said) < step / 2 or abs(total - said) < Decimal("0.005"):
        return
    subject = _subject(stated)
    unpriced = int(_rows(tables, stated)["invest_wan_yuan"].isna().sum())
    if unpriced and total < said:
        message = Text(
            f"{_where(stated).zh}写{subject.zh}“{stated.wording}{_unit(stated)}”；项目表合计 {total:f} 万元，"
            f"另有 {unpriced} 个项目没有投资数，不能核对",
            f"{_where(stated).en} states {printed:f} {stated.unit} for {subject.en}; the projects sum to {total:f} "
            f"万元, and {unpriced} have no amount, so nobody can tell",
        )
        yield AuditFinding("stated_sum_open", Severity.NOTE, "projects", "", message)
        return
    is_unit_doubtful = stated.unit == "元" and total and _LIKE[0] < printed / total < _LIKE[1]
    doubt = Text("；单位疑应为“万元”", "; the unit should probably be 万元") if is_unit_doubtful else Text("", "")
    message = Text(
        f"{_where(stated).zh}写{subject.zh}“{stated.wording}{_unit(stated)}”；项目表合计 {total:f} 万元{doubt.zh}",
        f"{_where(stated).en} states {printed:f} {stated.unit} for {subject.en}; the projects sum to {total:f} 万元"
        f"{doubt.en}",
    )
    yield AuditFinding("stated_sum_differs", Severity.FAULT, "projects", "", message)


def _share_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare a share of the investment, in percent."""
    whole = _invested(tables.projects)
    if not whole or tables.projects["invest_wan_yuan"].isna().any():
        return
    share = _invested(_rows(tables, stated)) / whole * 100
    if abs(share - _printed(stated)) <= _step(stated):
        return
    digits, subject = max(-int(_step(stated).as_tuple().exponent), 0), _subject(stated)
    message = Text(
        f"{_where(stated).zh}写{subject.zh}占投资 {_printed(stated):f}%；按项目表为 {share:.{digits}f}%",
        f"{_where(stated).en} states {_printed(stated):f} % for {subject.en}; "
        f"by the projects it is {share:.{digits}f} %",
    )
    yield AuditFinding("stated_share_differs", Severity.FAULT, "projects", "", message)


def _share_sums(shares: Sequence[Statement]) -> Iterator[AuditFinding]:
    """Add up the shares of each table that sums others up."""
    for place in dict.fromkeys(item.place for item in shares):
        parts = [item for item in shares if item.place == place and item.subject]
        totals = [item for item in shares if item.place == place and not item.subject]
        if not parts or not totals:
            continue
        added, said = sum((_printed(item) for item in parts), Decimal(0)), _printed(totals[0])
        if abs(added - said) > max(_step(item) for item in parts) * len(parts) / 2:
            message = Text(
                f"{place}：各类比例之和为 {added:f}%，合计写 {said:f}%",
                f"{place}: the shares add up to {added:f} %, the total says {said:f} %",
            )
            yield AuditFinding("shares_do_not_add_up", Severity.FAULT, "projects", "", message)


def _figure_findings(tables: PlanTables, stated: Statement) -> Iterator[AuditFinding]:
    """Compare a figure the text gives for an indicator, a project or a task."""
    if stated.about == "tasks":
        contents = tables.tasks.loc[tables.tasks["task_no"] == stated.subject, "content"]
        found = [value for text in contents for value, words in figures_of(text) if words == stated.unit]
        shown, is_borne_out = [f"{value:g}{stated.unit}" for value in dict.fromkeys(found)], stated.value in found
    else:
        figures = _invested_figure(tables, stated) if stated.about == "projects" else _indicator_figures(tables, stated)
        is_borne_out = any(_bears_out(figure, stated) for figure in figures)
        shown = [f"{number:g}{unit}" for number, unit in dict.fromkeys(figures)]
    if not shown or is_borne_out:
        return
    table = _table(stated)
    message = Text(
        f"{_where(stated).zh}写“{stated.wording}”；{_NAMES[table].zh} {stated.subject} 的表格中为 {list_zh(shown)}",
        f"{_where(stated).en} states “{stated.wording}”; the table has {list_en(shown)} ({table} {stated.subject})",
    )
    yield AuditFinding("stated_figure_differs", Severity.WARNING, table, stated.subject, message)


def _indicator_figures(tables: PlanTables, stated: Statement) -> list[tuple[float, str]]:
    """Return every number of an indicator and its sub-items, with the unit it is in."""
    rows = tables.indicators[tables.indicators["indicator_no"] == stated.subject].to_dict("records")
    years = later_years(list(tables.indicators.columns))
    found = []
    for row in rows:
        unit = row["unit"] or rows[0]["unit"]
        cells = [(row["current_text"], row["current_value"], unit_of_value(row["current_text"]))]
        for suffix in ("", *(f"_{year}" for year in years)):
            target = parse_target(row[f"target_text{suffix}"])
            cells += [(target.text, row[f"target_value{suffix}"], target.unit)]
            cells += [(target.text, target.upper, target.unit)] if target.upper is not None else []
        found += [(float(value), own or unit) for _, value, own in cells if not pd.isna(value) and isfinite(value)]
    return found


def _invested_figure(tables: PlanTables, stated: Statement) -> list[tuple[float, str]]:
    """Return the investment of a project."""
    money = tables.projects.loc[tables.projects["project_id"] == stated.subject, "invest_wan_yuan"].dropna()
    return [(float(value), "万元") for value in money]


def _bears_out(figure: tuple[float, str], stated: Statement) -> bool:
    """Whether a figure of the table is what the text states, to the last digit printed; of two units, of either.

    A figure of which nothing tells that it is of the same measure proves nothing.
    """
    factor = conversion(figure[1], stated.unit)
    if factor is None:
        return True
    number = Decimal(repr(figure[0])).normalize()
    step = Fraction(_step(stated))
    if factor != 1:
        step = max(step, Fraction(Decimal(1).scaleb(int(number.as_tuple().exponent))) * factor)
    return abs(Fraction(number) * factor - Fraction(_printed(stated))) <= step / 2


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
        f"任务 {stated.subject} 的责任单位在{_where(stated).zh}与表格中不同：{'；'.join(zh)}",
        f"task {stated.subject}: departments differ between {_where(stated).en} and the table: {'; '.join(en)}",
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


def _printed(stated: Statement) -> Decimal:
    """Return a number as printed."""
    return Decimal(repr(stated.value or 0.0)).normalize()


def _step(stated: Statement) -> Decimal:
    """Return one unit of the last digit printed."""
    digits = re.findall(r"[0-9]+\.([0-9]+)", stated.wording)
    return Decimal(1).scaleb(-len(digits[-1])) if digits else Decimal(1)


def _unit(stated: Statement) -> str:
    """Return the unit of a number whose wording does not tell it."""
    return "" if stated.unit in stated.wording else stated.unit


def _table(stated: Statement) -> TableName:
    """Return the table a statement speaks of."""
    return "tasks" if stated.about == "tasks" else "projects" if stated.about == "projects" else "indicators"


def _subject(stated: Statement) -> Text:
    """Return what a statement speaks of, in words."""
    if not stated.subject:
        return Text(f"{_NAMES[stated.about].zh}总数", f"all {_NAMES[stated.about].en}")
    word = _KIND_WORDS.get(stated.subject, stated.subject)
    return Text(f"“{word}”", f"“{word}”")


def _where(stated: Statement) -> Text:
    """Return where a statement stands, in words."""
    if stated.place == "text":
        return Text(f"正文（第 {stated.line} 行）", f"the text (line {stated.line})")
    return Text(f"{stated.place}（第 {stated.line} 行）", f"{stated.place} (line {stated.line})")
