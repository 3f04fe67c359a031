"""The projects of a plan that lies beside the county's own: its words alone, as none is on the county's map."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecogeo.board.plans import PlanBoard
from ecogeo.board.records import ProjectRecord, Undertaking
from ecogeo.finding import Answer
from ecogeo.plan import split_units


def plan_records(plan: PlanBoard) -> tuple[ProjectRecord, ...]:
    """Return the projects of a plan in its order, none of them held against a layer.

    Parameters
    ----------
    plan
        The plan.
    """
    rows: list[dict[Any, Any]] = plan.tables.projects.to_dict("records")
    return tuple(_record(row, plan.name) for row in rows)


def _record(row: dict[Any, Any], plan: str) -> ProjectRecord:
    told = Undertaking(
        plan=plan,
        departments=split_units(row["departments"]),
        start_year=_whole(row["start_year"]),
        end_year=_whole(row["end_year"]),
        invest_wan_yuan=_number(row["invest_wan_yuan"]),
        **{name: str(row[name]) for name in ("project_no", "system", "nature", "content", "funding")},
    )
    return ProjectRecord(
        record_id=str(row["project_id"]),
        subject_id=str(row["project_id"]),
        name=str(row["name"]),
        undertaking=told,
        basis=str(row["location_basis"]),
        place=str(row["place"]),
        accuracy_m=_number(row["accuracy_m"]),
        towns=(),
        sites=(),
        answers=(),
        answer=Answer.UNDETERMINED,
        findings=(),
        in_plan=True,
    )


def _whole(cell: float) -> int | None:
    return None if pd.isna(cell) else int(cell)


def _number(cell: float) -> float | None:
    return None if pd.isna(cell) else float(cell)
