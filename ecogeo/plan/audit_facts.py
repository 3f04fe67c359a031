"""What a document says of itself, held against its own title and tables: its period and its base year."""

from __future__ import annotations

from collections.abc import Iterator

from ecogeo.finding import Severity
from ecogeo.plan.audit_finding import AuditFinding, TableName
from ecogeo.plan.audit_rows import period_of
from ecogeo.plan.facts import period_in
from ecogeo.plan.tables import PlanTables
from ecogeo.wording import Text, list_en, list_zh


def fact_findings(tables: PlanTables) -> Iterator[AuditFinding]:
    """Yield where the period a document tells is not that of its title, or its base year not that of its values.

    Parameters
    ----------
    tables
        The tables. Values of several years, one of them the base year, are right.
    """
    table: TableName = "indicators" if len(tables.indicators) or not len(tables.projects) else "projects"
    title = str(tables.plan.get("title", ""))
    told, titled = period_of(tables), period_in(title)
    if told is not None and titled is not None and told != titled:
        message = Text(
            f"正文写的规划期限为 {told[0]}-{told[1]} 年，标题“{title}”为 {titled[0]}-{titled[1]} 年",
            f"the text tells the plan's period as {told[0]}-{told[1]}, its title ({title}) as {titled[0]}-{titled[1]}",
        )
        yield AuditFinding("period_differs", Severity.WARNING, table, "", message)
    base = tables.plan.get("base_year")
    years = sorted({int(year) for year in tables.indicators["current_year"].dropna()})
    if isinstance(base, int) and years and base not in years:
        message = Text(
            f"正文写的规划基准年为 {base} 年，指标表的现状值为 {list_zh(years)} 年",
            f"the text tells {base} as the base year, the values of the indicator table are of {list_en(years)}",
        )
        yield AuditFinding("base_year_differs", Severity.WARNING, "indicators", "", message)
