"""The auditor of a plan's tables: it holds them against themselves and against what the document states of them.

It needs no document, only the tables as `ecogeo.plan.tables.read_plan` reads them, so that it also serves after they
were edited. Each kind of finding has one name that says what is wrong:

- ``period_differs``, ``base_year_differs`` (`ecogeo.plan.audit_facts`);
- ``stated_count_differs``, ``stated_groups_differ``, ``stated_sum_differs``, ``stated_sum_open``,
  ``stated_share_differs``, ``shares_do_not_add_up``, ``stated_departments_differ`` (`ecogeo.plan.audit_stated`),
  ``stated_figure_differs`` (`ecogeo.plan.audit_figures`);
- ``number_missing``, ``number_twice``, ``name_twice``, ``owner_missing``, ``years_outside_plan``,
  ``date_impossible`` of any table (`ecogeo.plan.audit_rows`);
- ``units_differ``, ``bases_differ``, ``unit_unfit``, ``index_in_percent``, ``percentage_over_100``,
  ``later_target_weaker``, ``status_differs``, ``kind_missing`` (`ecogeo.plan.audit_indicators`);
- ``ends_before_it_starts``, ``starts_before_plan``, ``years_outside_plan``, ``invest_differs_from_content``,
  ``invest_out_of_line``, ``funding_does_not_add_up``, ``parts_do_not_add_up``,
  ``conversion_differs``, ``names_no_place``
  (`ecogeo.plan.audit_projects`).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ecogeo.plan.audit_facts import fact_findings
from ecogeo.plan.audit_finding import AuditFinding
from ecogeo.plan.audit_indicators import indicator_findings
from ecogeo.plan.audit_projects import project_findings
from ecogeo.plan.audit_rows import task_findings
from ecogeo.plan.audit_stated import stated_findings
from ecogeo.plan.tables import PlanTables

AUDIT_COLUMNS = ("check", "severity", "table", "row", "message", "message_en")


def audit_plan(tables: PlanTables) -> tuple[AuditFinding, ...]:
    """Find what in a plan's tables contradicts itself or the document, is out of bounds or missing.

    Parameters
    ----------
    tables
        The tables; nothing of them is changed.

    Returns
    -------
    The findings: those on the plan as a whole and on the document's own statements first, then by table, in the order
    of its rows.
    """
    return (
        *fact_findings(tables),
        *stated_findings(tables),
        *indicator_findings(tables),
        *project_findings(tables),
        *task_findings(tables),
    )


def audit_frame(findings: Sequence[AuditFinding]) -> pd.DataFrame:
    """Return findings as a frame of text, one row each, both languages beside each other."""
    rows = [
        (item.check, str(item.severity), item.table, item.row, item.message.zh, item.message.en) for item in findings
    ]
    return pd.DataFrame(rows, columns=list(AUDIT_COLUMNS), dtype="object")
