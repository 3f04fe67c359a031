"""Mines by state: how much of their ground is restored, and whether targets are met whatever unknown ground is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecogeo import geodesy
from ecogeo.mines.ground import UNTOLD, unknown_m2
from ecogeo.mines.restoration import rate_bounds_pct, restoration_pct, told_met
from ecogeo.mines.targets import MineTarget
from ecogeo.mines.words import State

COLUMNS = (
    *("state", "measure", "mines", "mines_untold", "untold_ha", "green_mines", "to_restore_ha", "disturbed_ha"),
    *("restored_ha", "reached_pct", "target_pct", "target_plan", "met"),
)


def state_rows(mines: pd.DataFrame, targets: Mapping[State, MineTarget]) -> pd.DataFrame:
    """Add mines up by state.

    Parameters
    ----------
    mines
        The rows of `ecogeo.mines.Mines`.
    targets
        By state; that of producing mines is of green mines.

    Returns
    -------
    One row per state, one for mines of no known state, and one for green mines: `COLUMNS`. ``untold_ha`` is ground of
    which nobody tells whether it is restored; it is in no rate, and ``met`` is empty where it could change the answer.
    """
    rows = [_ground_row(mines[mines["state"] == state], state, targets) for state in State]
    stateless = mines[mines["state"] == ""]
    if len(stateless):
        rows.append(_ground_row(stateless, "", targets))
    producing = mines[mines["state"] == State.PRODUCING]
    green = int(producing["is_green"].map(lambda value: value is True).sum())
    share, target = green / len(producing) * 100 if len(producing) else np.nan, targets[State.PRODUCING]
    rows.append(
        {
            "state": str(State.PRODUCING),
            "measure": "green mines",
            "mines": len(producing),
            "green_mines": green,
            "reached_pct": share,
            **_told(target),
            "met": "" if np.isnan(share) else "yes" if share >= target.least_pct else "no",
        }
    )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _ground_row(own: pd.DataFrame, state: State | str, targets: Mapping[State, MineTarget]) -> dict[str, Any]:
    """Return the row of the ground of the mines of one state."""
    is_told = (own["basis"] != UNTOLD).to_numpy()
    disturbed, restored = (np.array([own.loc[is_told, name].sum()]) for name in ("disturbed_m2", "restored_m2"))
    unknown = unknown_m2(own)
    rate = float(restoration_pct(disturbed, restored)[0])
    target = None if state in {"", State.PRODUCING} else targets[State(state)]
    bounds = rate_bounds_pct(disturbed, restored, np.array([unknown.sum()]))
    least = np.array([np.nan if target is None or np.isnan(rate) else target.least_pct])
    untold_m2 = own["ground_m2"].where(~is_told, own["unclear_m2"])
    return {
        "state": str(state) or "unknown",
        "measure": "restored area",
        "mines": len(own),
        "mines_untold": int((~is_told).sum()),
        "untold_ha": float(untold_m2.sum()) / geodesy.M2_PER_HA,
        "to_restore_ha": float((disturbed + restored)[0]) / geodesy.M2_PER_HA,
        "disturbed_ha": float(disturbed[0]) / geodesy.M2_PER_HA,
        "restored_ha": float(restored[0]) / geodesy.M2_PER_HA,
        "reached_pct": rate if state else np.nan,
        **_told(target),
        "met": str(told_met(*bounds, least)[0]),
    }


def _told(target: MineTarget | None) -> dict[str, float | str]:
    """Return the columns of a target; the plan is empty where it is the default."""
    if target is None:
        return {"target_pct": np.nan, "target_plan": ""}
    return {"target_pct": target.least_pct, "target_plan": target.plan}
