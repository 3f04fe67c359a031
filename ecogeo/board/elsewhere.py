"""The projects of a plan that lies beside the county's own: its words alone, as none is on the county's map."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from ecogeo.board.plans import PlanBoard
from ecogeo.board.records import ProjectRecord, Undertaking
from ecogeo.finding import Answer
from ecogeo.plan import split_units

_APART = re.compile(r"[、，,；;\s]|[和及与]")
_TOWN = re.compile("(?:[一-鿿]*?[县市区旗])?(?P<town>[一-鿿]{1,6}?(?:镇|乡|街道))(?![村办])")


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
        towns=_towns(str(row["place"])),
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


def _towns(place: str) -> tuple[str, ...]:
    """Return the towns that a project's place names in words, each once.

    Examples
    --------
    >>> _towns("甲县白沙镇、庚江乡坡脚村")
    ('白沙镇', '庚江乡')
    """
    found = (_TOWN.match(part) for part in _APART.split(place))
    return tuple(dict.fromkeys(one["town"] for one in found if one is not None))
