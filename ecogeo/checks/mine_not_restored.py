"""Ground that mines disturbed is to be restored (矿山生态修复): by state, against the rates a plan sets.

Source: the plan of 桂林市 (data/guilin): 历史遗留矿山生态修复面积比 ≥ 70 %, 有责任主体 ≥ 60 %, 闭坑矿山治理 100 %,
绿色矿山建成 90 %, each for 2025. They are that city's targets, not law: they stand in where no plan
of the county sets one.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecogeo import geodesy
from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.layer import Layer
from ecogeo.mines import (
    UNTOLD,
    Mines,
    MineTarget,
    State,
    Stated,
    faults_of_overlaps,
    faults_of_parts,
    faults_of_stated,
    faults_of_words,
    mines_of,
    planned_targets,
    rate_bounds_pct,
    restoration_pct,
    state_rows,
    stated_areas_of,
    told_met,
    unknown_m2,
)
from ecogeo.overlay import overlap_pieces
from ecogeo.plan import PlanTables
from ecogeo.rounding import Rounding, rounded
from ecogeo.shortfall import shown_below
from ecogeo.spatial_indicators import own_plans_of
from ecogeo.wording import Text

_ROLE = "mines"
_STATES_EN = {
    State.LEGACY: "legacy",
    State.LIABLE: "with a liable owner",
    State.CLOSED: "closed",
    State.PRODUCING: "producing",
}


@check(family="mines", title=Text("矿山生态修复", "mines not restored"))
def mine_not_restored(
    mines: Layer,
    rounding: Rounding,
    towns: Layer | None = None,
    county: Layer | None = None,
    plans: Mapping[str, PlanTables] | None = None,
    *,
    legacy_target_pct: float = 70.0,
    liable_target_pct: float = 60.0,
    closed_target_pct: float = 100.0,
    green_target_pct: float = 90.0,
    least_m2: float = 1.0,
) -> Outcome:
    """Measure disturbed and restored ground per mine and per state, and hold the rates against targets.

    The rate is restored ÷ (disturbed + restored): of the drawn parts, or, where the layer draws none, of the areas its
    fields state (`ecogeo.mines.attributes`). Ground called both counts as disturbed. A mine whose state nobody
    knows, and a part that is called neither disturbed nor restored, are told and are in no rate. Producing mines have
    no target of restoration, but one of green mines: the share of their number.

    Parameters
    ----------
    mines
        Polygons; ``mine``, ``zone`` (the state), ``part``, ``is_green``; ``stated_area`` where the layer has an area in
        words with units.
    rounding
        How the figures in sentences are rounded.
    towns
        Polygons, to name the town of each mine; None leaves it empty.
    county, plans
        To find the county's own plans: their targets (`ecogeo.mines.planned_targets`) go before those below.
    legacy_target_pct, liable_target_pct, closed_target_pct
        Least restored share of the ground, per cent.
    green_target_pct
        Least share of producing mines that are green mines, per cent.
    least_m2
        Smaller overlaps are not told.

    Yields
    ------
    Findings; tables ``mines`` (per mine: the rows of its sheet 一矿一策) and ``mine_states`` (per state).
    """
    found = mines_of(mines)
    own_plans = {} if county is None or plans is None else own_plans_of(plans, county)
    targets = {
        State.LEGACY: MineTarget(legacy_target_pct, ""),
        State.LIABLE: MineTarget(liable_target_pct, ""),
        State.CLOSED: MineTarget(closed_target_pct, ""),
        State.PRODUCING: MineTarget(green_target_pct, ""),
    } | planned_targets(own_plans)
    yield from faults_of_parts(found)
    yield from faults_of_words(found, rounding)
    yield from faults_of_overlaps(found, least_m2, rounding)
    drawn_m2 = geodesy.area_m2(mines.geometries)
    stated = stated_areas_of(mines, drawn_m2, has_parts=found.has_parts)
    yield from faults_of_stated(mines, stated, drawn_m2, rounding)
    states = state_rows(found.rows, targets)
    yield from _missed(states, rounding)
    yield ResultTable("mines", _mine_rows(found, targets, _towns_of(found, towns), _stated_m2(stated, found)))
    yield ResultTable("mine_states", states)


def _stated_m2(stated: Stated | None, found: Mines) -> geodesy.Floats:
    """Add up the stated areas of each mine; NaN where one of its parts states none that can be read."""
    if stated is None:
        return np.full(len(found.rows), np.nan)
    sums = np.bincount(found.mine, weights=stated.area_m2, minlength=len(found.rows)).astype(np.float64)
    return np.where(np.bincount(found.mine, minlength=len(sums)) > 0, sums, np.nan)


def _towns_of(found: Mines, towns: Layer | None) -> list[str]:
    """Return the towns of each mine, joined by ``;``, the largest share first."""
    if towns is None:
        return [""] * len(found.rows)
    pieces = overlap_pieces(found.shapes, towns.geometries)
    sums = pieces.groupby(["site", "zone"])["area_m2"].sum().reset_index()
    sums = sums[sums["area_m2"] > 0].sort_values(["site", "area_m2", "zone"], ascending=[True, False, True])
    names = pd.Series(towns.names.to_numpy()[sums["zone"]], index=sums["site"], dtype=object)
    joined: list[str] = names.groupby(level=0).agg(";".join).reindex(range(len(found.rows)), fill_value="").tolist()
    return joined


def _mine_rows(
    found: Mines, targets: Mapping[State, MineTarget], towns: list[str], stated_m2: geodesy.Floats
) -> pd.DataFrame:
    """Return one row per mine, the rows its sheet is made from."""
    rows = found.rows
    rate = restoration_pct(rows["disturbed_m2"].to_numpy(), rows["restored_m2"].to_numpy())
    rate = np.where(rows["basis"] == UNTOLD, np.nan, rate)
    of_ground = {str(state): target.least_pct for state, target in targets.items() if state is not State.PRODUCING}
    target = np.array([of_ground.get(state, np.nan) for state in rows["state"]])
    disturbed_m2, restored_m2 = (rows[name].to_numpy(dtype=float) for name in ("disturbed_m2", "restored_m2"))
    met = told_met(*rate_bounds_pct(disturbed_m2, restored_m2, unknown_m2(rows)), target)
    green = rows["is_green"].map(lambda value: {True: "yes", False: "no"}.get(value, ""))
    return pd.DataFrame(
        {
            "mine_id": rows["mine_id"],
            "mine_name": rows["mine_name"],
            "state": rows["state"],
            "is_green": green.where(rows["state"] == State.PRODUCING, ""),
            "town": towns,
            "to_restore_ha": (rows["disturbed_m2"] + rows["restored_m2"]) / geodesy.M2_PER_HA,
            "disturbed_ha": rows["disturbed_m2"] / geodesy.M2_PER_HA,
            "restored_ha": rows["restored_m2"] / geodesy.M2_PER_HA,
            "unclear_ha": rows["unclear_m2"] / geodesy.M2_PER_HA,
            "stated_ha": stated_m2 / geodesy.M2_PER_HA,
            "ground_ha": rows["ground_m2"] / geodesy.M2_PER_HA,
            "basis": rows["basis"],
            "restoration_pct": rate,
            "target_pct": target,
            "met": np.where(np.isnan(rate), "", met),
        }
    )


def _missed(states: pd.DataFrame, law: Rounding) -> Outcome:
    """Tell of targets that are not met: a fault where a plan of the county sets them, else those of another city."""
    for row in states[states["target_pct"].notna() & states["reached_pct"].notna()].to_dict("records"):
        if row["met"] == "yes":
            continue
        state, plan = State(row["state"]), row["target_plan"]
        what = (
            Text("绿色矿山占在产矿山", "green mines among producing ones")
            if row["measure"] == "green mines"
            else Text(f"{state}矿山修复率", f"restored ground of mines {_STATES_EN[state]}")
        )
        whose = (
            Text(f"本县规划 {plan} 的目标", f"the target of the county's plan {plan}")
            if plan
            else Text("桂林市规划的目标，本县未设", "the target of 桂林市, the county has set none")
        )
        if row["met"] == "":
            yield _open(row, what, whose, law)
            continue
        rate = shown_below(row["reached_pct"], row["target_pct"], 2, law)
        yield Finding(
            message=Text(
                f"{what.zh} {rate}%，低于 {row['target_pct']:g}%（{whose.zh}）",
                f"{what.en}: {rate}%, below {row['target_pct']:g}% ({whose.en})",
            ),
            severity=Severity.FAULT if plan else Severity.WARNING,
            layer=_ROLE,
            feature_name=str(state),
            value=float(rate),
            unit="%",
        )


def _open(row: Mapping[Hashable, Any], what: Text, whose: Text, law: Rounding) -> Finding:
    """Say that ground nobody tells of decides whether a target is met."""
    rate, untold_ha = rounded(row["reached_pct"], 2, law), rounded(row["untold_ha"], 4, law)
    return Finding(
        message=Text(
            f"{what.zh}：已说明的部分 {rate:.2f}%；另有 {untold_ha:.4f} 公顷或面积不明的部分未说明是否修复，"
            f"不能判断是否达到 {row['target_pct']:g}%（{whose.zh}）",
            f"{what.en}: {rate:.2f}% of what is told; nobody tells of {untold_ha:.4f} ha, or of parts of unknown area, "
            f"so it is open whether {row['target_pct']:g}% are reached ({whose.en})",
        ),
        severity=Severity.WARNING,
        layer=_ROLE,
        feature_name=row["state"],
        value=rate,
        unit="%",
    )
