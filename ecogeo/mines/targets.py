"""The targets that plans set for mines, told by the names of their indicators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ecogeo.mines.words import State
from ecogeo.plan import PlanTables

_SHARE = r"(?:面积)?(?:比|比例|占比|率)"
_NAMES = {
    State.LEGACY: rf"历史遗留(?:废弃)?矿山(?:生态)?(?:修复|治理)(?:治理)?{_SHARE}",
    State.LIABLE: rf"有责任主体(?:的)?矿山(?:生态)?(?:修复|治理)(?:治理)?{_SHARE}",
    State.CLOSED: rf"闭坑矿山(?:生态)?(?:修复|治理)(?:治理)?{_SHARE}",
    State.PRODUCING: rf"绿色矿山(?:建成|建设)?{_SHARE}",
}


@dataclass(frozen=True, slots=True)
class MineTarget:
    """A least share that a plan sets: of restored ground, or of green mines among the producing ones.

    Parameters
    ----------
    least_pct
        Per cent.
    plan
        Name of the plan.
    """

    least_pct: float
    plan: str


def state_of_indicator(name: str) -> State | None:
    """Return the state of the mines an indicator is about; None where it is none of mines.

    Examples
    --------
    >>> state_of_indicator("历史遗留矿山生态修复面积比").value, state_of_indicator("绿色矿山建成率").value
    ('历史遗留', '在产')
    >>> state_of_indicator("矿山数量") is None
    True
    """
    plain = re.sub(r"[（(].*?[）)]", "", name).strip()
    return next((state for state, pattern in _NAMES.items() if re.fullmatch(pattern, plain)), None)


def planned_targets(plans: Mapping[str, PlanTables]) -> dict[State, MineTarget]:
    """Return the targets of mines that plans set as a least share in per cent, the highest where several do.

    Parameters
    ----------
    plans
        The county's own, by name.
    """
    found: dict[State, MineTarget] = {}
    for plan, tables in sorted(plans.items()):
        for row in tables.indicators.to_dict("records"):
            state = state_of_indicator(str(row["name"]))
            is_share = str(row["unit"]).strip() in {"%", "％"} and row["comparator"] in {">=", "="}
            if state is None or not is_share or pd.isna(row["target_value"]):
                continue
            target = MineTarget(float(row["target_value"]), plan)
            if state not in found or found[state].least_pct < target.least_pct:
                found[state] = target
    return found
