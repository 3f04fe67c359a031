"""Every plan of a county folder: its indicators, its audit, what was reported and what proves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecogeo.board.indicators import Indicator, indicator_list
from ecogeo.errors import EcogeoError
from ecogeo.plan import AuditFinding, PlanTables, audit_plan, read_plan
from ecogeo.plan.folders import plan_folders
from ecogeo.plan.values import ReportedValue, read_values
from ecogeo.wording import Text
from ecogeo.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class PlanBoard:
    """One plan.

    Parameters
    ----------
    name
        Its name in addresses and commands.
    folder
        Where its tables are.
    is_own
        Whether the county declares it; others only lie beside it.
    tables
        Its tables.
    indicators
        Its indicators with what was reported of them.
    findings
        What its audit found.
    values
        Everything that was reported, in that order.
    """

    name: str
    folder: Path
    is_own: bool
    tables: PlanTables
    indicators: tuple[Indicator, ...]
    findings: tuple[AuditFinding, ...]
    values: tuple[ReportedValue, ...]

    @property
    def title(self) -> str:
        """Its title; of a plan that tells none, its area or name."""
        return str(self.tables.plan.get("title") or self.tables.plan.get("area") or self.name)

    @property
    def next_year(self) -> int | None:
        """The year values are most likely wanted for: the one after the newest value; None where nothing tells."""
        years = [row.last.year or 0 for one in self.indicators for row in one.rows if row.last is not None]
        period = self.tables.plan.get("period")
        starts = [int(period[0])] if isinstance(period, tuple) else []
        return max([*(year + 1 for year in years if year), *starts], default=None)


@dataclass(frozen=True, slots=True)
class BrokenPlan:
    """A plan whose files cannot be used, and why."""

    name: str
    problems: tuple[Text, ...]


def plan_boards(workspace: Workspace) -> tuple[tuple[PlanBoard, ...], tuple[BrokenPlan, ...]]:
    """Read every plan of a county folder.

    Parameters
    ----------
    workspace
        The county.

    Returns
    -------
    The plans, those the county declares first; and those that cannot be read.

    Raises
    ------
    EcogeoError
        Where a declared plan cannot be used.
    """
    declared = {name: one.path for name, one in workspace.catalog.plans.items()}
    boards, broken = [], []
    for name, folder in plan_folders(workspace.data_folder, declared).items():
        try:
            tables = workspace.plan(name) if name in declared else read_plan(folder)
            boards.append(plan_board(name, folder, tables, is_own=name in declared))
        except EcogeoError as error:
            if name in declared:
                raise
            broken.append(BrokenPlan(name, error.problems))
    return tuple(boards), tuple(broken)


def plan_board(name: str, folder: Path, tables: PlanTables, *, is_own: bool) -> PlanBoard:
    """Put together what is known of a plan.

    Parameters
    ----------
    name, folder
        The plan and where its tables are.
    tables
        Its tables.
    is_own
        Whether the county declares it.

    Raises
    ------
    UnusableFileError
        Where its ``values.csv`` cannot be used.
    """
    values = read_values(folder, tables.indicators)
    indicators = indicator_list(tables.indicators, values)
    return PlanBoard(name, folder, is_own, tables, indicators, audit_plan(tables), values)


def measured_rows(table: pd.DataFrame | None, plan: str) -> dict[tuple[str, str], tuple[dict[str, object], ...]]:
    """Return what was measured of a plan's indicators, by number and sub-item; nothing where no map was measured.

    Parameters
    ----------
    table
        The run's table ``indicators``, if it has one.
    plan
        Name of the plan.
    """
    needed = ("plan", "indicator_no", "sub_no", "definition", "measured_value", "unit")
    if table is None or not set(needed) <= set(table.columns):
        return {}
    rows = table[(table["plan"] == plan) & table["measured_value"].notna()]
    found: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in rows.to_dict("records"):
        found.setdefault((str(row["indicator_no"]), str(row["sub_no"])), []).append(
            {str(column): None if pd.isna(value) else value for column, value in row.items()}
        )
    return {key: tuple(entries) for key, entries in found.items()}


def units_of(indicators: Sequence[Indicator]) -> tuple[str, ...]:
    """Return the departments that are responsible for indicators, in the order first met."""
    return tuple(dict.fromkeys(unit for one in indicators for unit in one.head.departments))
