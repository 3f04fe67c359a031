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
    BY_FIELDS,
    EXTENT,
    UNTOLD,
    Mines,
    MineTarget,
    State,
    Stated,
    mines_of,
    planned_targets,
    rate_bounds_pct,
    restoration_pct,
    says_nothing,
    state_of,
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
from ecogeo.stated_area import UNIT_NAMES
from ecogeo.wording import Text, list_en, list_zh

_ROLE = "mines"
_STATES_EN = {
    State.LEGACY: "legacy",
    State.LIABLE: "with a liable owner",
    State.CLOSED: "closed",
    State.PRODUCING: "producing",
}
_STATED_OFF_PCT = 10.0
"""A stated area farther off its geometry is told: the threshold of public quality checks of parcels."""


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
    yield from _without_parts(found)
    yield from _dirty_words(found)
    yield from _overlaps(found, least_m2, rounding)
    drawn_m2 = geodesy.area_m2(mines.geometries)
    stated = stated_areas_of(mines, drawn_m2, has_parts=found.has_parts)
    yield from _misstated(mines, stated, drawn_m2, rounding)
    states = state_rows(found.rows, targets)
    yield from _missed(states, rounding)
    yield ResultTable("mines", _mine_rows(found, targets, _towns_of(found, towns), _stated_m2(stated, found)))
    yield ResultTable("mine_states", states)


def _without_parts(found: Mines) -> Outcome:
    """Tell where restoration is told by fields instead of drawn parts, and where by nothing."""
    if found.has_parts or not len(found.rows):
        return
    if not found.fields.keys() - {EXTENT}:
        yield Finding(
            message=Text(
                "矿山图层没有区分扰动与已修复的字段（part），也没有修复面积字段（restored_area）：全部面积按扰动列出，修复率无法计算",
                "the mines have no field that tells disturbed from restored ground (part), nor one of restored areas "
                "(restored_area): all of it is listed as disturbed, and there is no rate of restoration",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            value=float(len(found.rows)),
            unit="count",
        )
        return
    names = [field for meaning, field in sorted(found.fields.items()) if meaning != EXTENT]
    yield Finding(
        message=Text(
            f"矿山图层没有区分扰动与已修复的字段（part），两者面积取自属性字段 {list_zh(names)}，未在图上核实",
            f"the mines have no field that tells disturbed from restored ground (part): both areas are those stated in "
            f"{list_en(names)}, and nobody saw them on the map",
        ),
        severity=Severity.NOTE,
        layer=_ROLE,
        value=float((found.rows["basis"] == BY_FIELDS).sum()),
        unit="count",
    )
    rows = zip(found.rows.to_dict("records"), found.why_untold, strict=True)
    for row, why in rows:
        if why is not None:
            yield _warning(
                Text(
                    f"{row['mine_name']}：{why.zh}，修复率不明，全部面积按扰动列出",
                    f"{row['mine_name']}: {why.en}; its rate is unknown, and all of it is listed as disturbed",
                ),
                row["mine_id"],
                row["mine_name"],
            )


def _dirty_words(found: Mines) -> Outcome:
    """Tell of states, parts and marks of green mines that nobody can count."""
    for number, (mine_id, name, words) in enumerate(
        zip(found.rows["mine_id"], found.rows["mine_name"], found.has_states, strict=True)
    ):
        row = found.rows.iloc[number]
        if not row["state"]:
            kinds = {state_of(word) for word in words}
            shown = "、".join(word or "（空）" for word in words)
            why = (
                Text(f"各部分状态不一：{shown}", f"its parts name different states: {shown}")
                if len(kinds) > 1
                else Text(f"状态“{shown}”等于没有填写", f"its state “{shown}” says nothing")
                if all(says_nothing(word) for word in words)
                else Text(
                    f"状态“{shown}”不在 {'、'.join(State)} 之内", f"its state “{shown}” is none of {', '.join(State)}"
                )
            )
            yield _warning(
                Text(f"{name}：{why.zh}，不计入任何一类的修复率", f"{name}: {why.en}; it is in no rate"), mine_id, name
            )
        if row["state"] == State.PRODUCING and row["is_green"] is None:
            yield _warning(
                Text(
                    f"{name}：是否绿色矿山没有填明，按未建成计",
                    f"{name}: not told whether it is a green mine; counted as none",
                ),
                mine_id,
                name,
            )
        if row["groundless"]:
            yield _warning(
                Text(
                    f"{name}：有 {row['groundless']} 个要素不是面，没有面积，不计入",
                    f"{name}: {row['groundless']} features are no polygons: they have no area and count nowhere",
                ),
                mine_id,
                name,
            )
        if row["lost"]:
            yield _warning(
                Text(
                    f"{name}：有 {row['lost']} 个要素没有可用的图形，面积不明，修复与否未说明",
                    f"{name}: {row['lost']} features have no geometry that can be used: their ground is unknown, and "
                    "nobody tells whether it is restored",
                ),
                mine_id,
                name,
            )
        if row["unclear_m2"] > 0:
            area_ha = rounded(row["unclear_m2"] / geodesy.M2_PER_HA, 4)
            yield _warning(
                Text(
                    f"{name}：{area_ha:.4f} 公顷未写明是扰动还是已修复，不计入",
                    f"{name}: {area_ha:.4f} ha are called neither disturbed nor restored, and count nowhere",
                ),
                mine_id,
                name,
            )


def _warning(message: Text, mine_id: str, name: str) -> Finding:
    return Finding(message=message, severity=Severity.WARNING, layer=_ROLE, feature_id=mine_id, feature_name=name)


def _overlaps(found: Mines, least_m2: float, law: Rounding) -> Outcome:
    """Tell of ground that is called both, and of ground that two mines claim."""
    for row in found.rows[found.rows["overlap_m2"] >= least_m2].to_dict("records"):
        area_ha = rounded(row["overlap_m2"] / geodesy.M2_PER_HA, 4, law)
        yield _warning(
            Text(
                f"{row['mine_name']}：{area_ha:.4f} 公顷既记为扰动又记为已修复，按扰动计",
                f"{row['mine_name']}: {area_ha:.4f} ha are called disturbed and restored, counted as disturbed",
            ),
            row["mine_id"],
            row["mine_name"],
        )
    pairs = overlap_pieces(found.shapes, found.shapes)
    pairs = pairs[pairs["site"] < pairs["zone"]].groupby(["site", "zone"])["area_m2"].sum().reset_index()
    for site, zone, area_m2 in pairs[pairs["area_m2"] >= least_m2].itertuples(index=False):
        one, other = (found.rows.iloc[int(position)] for position in (site, zone))
        area_ha = rounded(area_m2 / geodesy.M2_PER_HA, 4, law)
        yield _warning(
            Text(
                f"{one['mine_name']} 与 {other['mine_name']} 重叠 {area_ha:.4f} 公顷，两矿各计一次",
                f"{one['mine_name']} and {other['mine_name']} overlap by {area_ha:.4f} ha, counted for each",
            ),
            one["mine_id"],
            one["mine_name"],
        )


def _stated_m2(stated: Stated | None, found: Mines) -> geodesy.Floats:
    """Add up the stated areas of each mine; NaN where one of its parts states none that can be read."""
    if stated is None:
        return np.full(len(found.rows), np.nan)
    sums = np.bincount(found.mine, weights=stated.area_m2, minlength=len(found.rows)).astype(np.float64)
    return np.where(np.bincount(found.mine, minlength=len(sums)) > 0, sums, np.nan)


def _misstated(mines: Layer, stated: Stated | None, drawn_m2: geodesy.Floats, law: Rounding) -> Outcome:
    """Tell of stated areas that cannot be read or name no unit, or that differ from the geometry."""
    if stated is None:
        return
    yield from _without_unit(mines, stated)
    rows = zip(mines.ids, mines.names, stated.words, stated.area_m2, drawn_m2, strict=True)
    for part_id, name, word, stated_m2, drawn in rows:
        why = _why_misstated(word, float(stated_m2), float(drawn), law)
        if why is not None:
            yield _warning(
                Text(
                    f"{name} {part_id}：登记面积“{word}”{why.zh}",
                    f"{name} {part_id}: the stated area “{word}” {why.en}",
                ),
                part_id,
                name,
            )


def _without_unit(mines: Layer, stated: Stated) -> Outcome:
    """Tell of the figures without a unit that were taken to be in the one that fits their geometry."""
    rows = zip(mines.ids, stated.words, stated.fitted_unit, strict=True)
    told = [(part_id, word, unit) for part_id, word, unit in rows if unit]
    if told:
        shown = [f"{part_id}（{word} {UNIT_NAMES[unit]}）" for part_id, word, unit in told]
        shown_en = [f"{part_id} ({word} {unit})" for part_id, word, unit in told]
        yield Finding(
            message=Text(
                f"{len(told)} 个登记面积没有写单位，各按与其图形相符的单位计：{list_zh(shown)}",
                f"{len(told)} stated areas have no unit; each is taken to be in the one that fits its geometry: "
                f"{list_en(shown_en)}",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            feature_id=told[0][0] if len(told) == 1 else "",
            value=float(len(told)),
            unit="count",
        )


def _why_misstated(word: str, stated_m2: float, drawn_m2: float, law: Rounding) -> Text | None:
    """Say what is wrong with a stated area; None where nothing is."""
    if np.isnan(stated_m2):
        return (
            Text("没有填写", "is not given")
            if says_nothing(word)
            else Text("没有单位且不合图形，或无法识别", "has no unit and fits the geometry in none, or cannot be read")
        )
    if drawn_m2 <= 0:
        return Text("没有图形面积可比", "has no ground to be compared with")
    if abs(stated_m2 / drawn_m2 - 1.0) * 100 > _STATED_OFF_PCT:
        told, measured = (rounded(area_m2 / geodesy.M2_PER_HA, 4, law) for area_m2 in (stated_m2, drawn_m2))
        return Text(
            f"（{told:.4f} 公顷）与图形 {measured:.4f} 公顷相差超过 {_STATED_OFF_PCT:g}%",
            f"({told:.4f} ha) is over {_STATED_OFF_PCT:g} % off the {measured:.4f} ha of the geometry",
        )
    return None


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
