"""The share of the shoreline that is protected or reserved (河湖岸线保护率), along both banks.

Source: 河湖岸线保护率 = (岸线保护区长度 + 岸线保留区长度) ÷ 岸线总长, along both banks, as provinces report it (public
reports of 湖北 and 四川). Target 完成上级管控目标: 国家生态文明建设示范区建设指标（2021修订版）, indicator 16.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.layer import Layer
from ecogeo.rounding import Rounding, rounded
from ecogeo.shoreline import UNZONED, ZONES, cut_bank, lay_on_banks, zone_name
from ecogeo.wording import Text

_COLUMNS = {
    **dict(zip(ZONES, ("protected_m", "reserved_m", "controlled_m", "developed_m"), strict=True)),
    UNZONED: "unzoned_m",
}
_LENGTHS = ["bank_m", *_COLUMNS.values()]
_ROLE = "river_reaches"


@check(family="water", title=Text("河湖岸线保护率", "shoreline protection rate"))
def shoreline_protection_rate(
    river_reaches: Layer, shorelines: Layer, rounding: Rounding, *, snap_m: float = 5.0, least_gap_m: float = 1.0
) -> Outcome:
    """Measure the protected share of every reach's two banks, and of every river, basin and the county.

    Stretches claimed by two zones count once, in the stricter; stretches in none count in the total only, as unzoned. A
    reach no zone claims any stretch of has no rate: nobody zoned it yet. Totals have no part of it either; their column
    ``reaches_unzoned`` says how many were left out.
    A reach that is not drawn as two banks is not measured: a centre line says nothing of the length of a shore.

    Parameters
    ----------
    river_reaches
        Each feature the two banks of a reach, as two lines; ``river``, ``basin``, and ``target_pct`` where one is set.
    shorelines
        Lines of the zones; ``reach_id`` and ``zone``.
    rounding
        How the figures in sentences are rounded.
    snap_m
        How far a zone line may lie from its bank: the builders' choice, no law.
    least_gap_m
        Shorter unzoned or doubly zoned stretches are counted but not listed as findings.

    Yields
    ------
    Findings for rates below target, gaps, overlaps, zone lines off their bank or of no known zone or reach, and reaches
    without two banks; tables ``shoreline`` (per reach) and ``shoreline_totals`` (per river, basin, county).
    """
    zones = shorelines.text(shorelines.field("zone")).map(zone_name).to_numpy()
    claimed = shorelines.text(shorelines.field("reach_id")).to_numpy()
    lines = shorelines.geometries
    yield from _lost_lines(shorelines, zones, claimed, set(river_reaches.ids))
    measured: list[dict[str, object]] = []
    rivers = river_reaches.text(river_reaches.field("river"))
    basins = river_reaches.text(river_reaches.field("basin"))
    targets = river_reaches.numbers("target_pct", is_needed=False)
    features = zip(river_reaches.ids, rivers, basins, targets, river_reaches.geometries, strict=True)
    for reach_id, river, basin, target_pct, geometry in features:
        row: dict[str, object] = {"reach_id": reach_id, "river": river, "basin": basin, "target_pct": target_pct}
        banks = shapely.get_parts(shapely.line_merge(geometry))
        if len(banks) == 2 and (shapely.get_type_id(banks) == shapely.GeometryType.LINESTRING).all():
            own = np.flatnonzero((claimed == reach_id) & (zones != ""))
            stretches, off_bank = _cut_banks(banks, lines[own], zones[own], snap_m)
            yield from _stretch_findings(reach_id, river, stretches, least_gap_m, law=rounding)
            yield from _off_bank_findings(shorelines, own[off_bank], snap_m)
            row |= _lengths(stretches)
        else:
            yield _not_two_banks(reach_id, river, len(banks), geometry)
        measured.append(row)
    reaches = _with_rate(pd.DataFrame(measured, columns=["reach_id", "river", "basin", *_LENGTHS, "target_pct"]))
    yield from _below_target(reaches, river_reaches, rounding)
    yield ResultTable("shoreline", reaches)
    yield ResultTable("shoreline_totals", _totals(reaches))


def _lost_lines(
    shorelines: Layer, zones: npt.NDArray[np.object_], claimed: npt.NDArray[np.object_], reaches: set[str]
) -> Outcome:
    """Find zone lines that cannot count: of no known zone, or of a reach that is not there."""
    for shore_id, zone, reach_id, geometry in zip(shorelines.ids, zones, claimed, shorelines.geometries, strict=True):
        if zone and reach_id in reaches:
            continue
        why = (
            Text(f"河段 {reach_id} 不存在", f"there is no reach {reach_id}")
            if zone
            else Text(f"功能区不在 {'、'.join(ZONES)} 之内", f"its zone is none of {', '.join(ZONES)}")
        )
        yield Finding(
            message=Text(f"岸线 {shore_id} 未计入：{why.zh}", f"shoreline {shore_id} does not count: {why.en}"),
            severity=Severity.WARNING,
            layer=shorelines.declaration.role,
            feature_id=shore_id,
            geometry=geometry,
        )


def _cut_banks(
    banks: geodesy.Geometries, lines: geodesy.Geometries, zones: npt.NDArray[np.object_], snap_m: float
) -> tuple[pd.DataFrame, list[int]]:
    """Return the stretches of both banks, and the positions of zone lines with a part that lies on neither."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    bank_of = lay_on_banks(parts, banks, snap_m=snap_m)
    cuts = [
        cut_bank(bank, parts[bank_of == side], list(zones[owner[bank_of == side]])) for side, bank in enumerate(banks)
    ]
    return pd.concat(cuts, ignore_index=True), sorted(set(owner[bank_of < 0].tolist()))


def _lengths(stretches: pd.DataFrame) -> dict[str, float]:
    """Add the stretches up by zone, metres."""
    by_zone = stretches.groupby("zone")["length_m"].sum()
    return {
        "bank_m": float(stretches["length_m"].sum()),
        **{column: float(by_zone.get(zone, 0.0)) for zone, column in _COLUMNS.items()},
    }


def _stretch_findings(
    reach_id: str, river: str, stretches: pd.DataFrame, least_gap_m: float, *, law: Rounding
) -> Outcome:
    """List the stretches no zone claims, and those several do; a reach without any zone is told in one sentence."""
    if (stretches["zone"] == UNZONED).all():
        metres = rounded(float(stretches["length_m"].sum()), 2, law)
        yield Finding(
            message=Text(
                f"{river} {reach_id}：两岸 {metres} 米都未划功能区，不能计算保护率",
                f"{river} {reach_id}: no zone on either bank ({metres} m), so there is no rate",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            feature_id=reach_id,
            feature_name=river,
            value=metres,
            unit="m",
            geometry=shapely.union_all(np.array(stretches["geometry"].tolist(), dtype=object)),
        )
        return
    long_enough = stretches[stretches["length_m"] >= least_gap_m]
    listed = long_enough[(long_enough["zone"] == UNZONED) | long_enough["is_overlap"]]
    for row in listed.to_dict("records"):
        metres = rounded(row["length_m"], 2, law)
        what = (
            Text(f"多个功能区重叠，按较严的{row['zone']}计", f"several zones overlap, counted as {row['zone']}")
            if row["is_overlap"]
            else Text("未划功能区", "no zone")
        )
        yield Finding(
            message=Text(
                f"{river} {reach_id}：{metres} 米岸线{what.zh}", f"{river} {reach_id}: {metres} m of shore: {what.en}"
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            feature_id=reach_id,
            feature_name=river,
            value=metres,
            unit="m",
            geometry=row["geometry"],
        )


def _off_bank_findings(shorelines: Layer, positions: npt.NDArray[np.intp], snap_m: float) -> Outcome:
    """List the zone lines that lie on neither bank of their reach."""
    for shore_id, geometry in zip(shorelines.ids.iloc[positions], shorelines.geometries[positions], strict=True):
        yield Finding(
            message=Text(
                f"岸线 {shore_id} 未计入：离岸线超过 {snap_m:g} 米",
                f"shoreline {shore_id} does not count: it lies more than {snap_m:g} m off its bank",
            ),
            severity=Severity.WARNING,
            layer=shorelines.declaration.role,
            feature_id=shore_id,
            geometry=geometry,
        )


def _not_two_banks(reach_id: str, river: str, count: int, geometry: shapely.Geometry) -> Finding:
    return Finding(
        message=Text(
            f"{river} {reach_id} 未量算：应有左右两岸两条线，实有 {count} 条",
            f"{river} {reach_id} was not measured: two banks are expected as two lines, it has {count}",
        ),
        severity=Severity.FAULT,
        layer=_ROLE,
        feature_id=reach_id,
        feature_name=river,
        geometry=geometry,
    )


def _with_rate(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the rate in per cent, and whether the target is met; empty where there is none or nothing was measured."""
    numbers = rows.astype(dict.fromkeys([*_LENGTHS, "target_pct"], float))
    rate = (numbers["protected_m"] + numbers["reserved_m"]) / numbers["bank_m"] * 100
    rate = rate.where(numbers["unzoned_m"] < numbers["bank_m"])  # no zone at all: no data, not a rate of nothing
    known = rate.notna() & numbers["target_pct"].notna()
    met = np.where(known, np.where(rate >= numbers["target_pct"], "yes", "no"), "")
    numbers.insert(list(numbers.columns).index("target_pct"), "protection_pct", rate)
    return numbers.assign(met=met)


def _totals(reaches: pd.DataFrame) -> pd.DataFrame:
    """Add the measured reaches up by river, by basin and for the county."""
    measured = reaches[reaches["bank_m"].notna()].assign(county="county")
    is_zoned = measured["protection_pct"].notna()
    frames = []
    for level in ("river", "basin", "county"):
        lengths = measured[_LENGTHS].where(is_zoned, 0.0).groupby(measured[level], sort=True).sum()
        sums = lengths.reset_index(names="name")
        sums.insert(0, "level", level)
        sums.insert(2, "reaches", is_zoned.groupby(measured[level], sort=True).sum().to_numpy())
        sums.insert(3, "reaches_unzoned", (~is_zoned).groupby(measured[level], sort=True).sum().to_numpy())
        sums["protection_pct"] = (sums["protected_m"] + sums["reserved_m"]) / sums["bank_m"] * 100
        frames.append(sums)
    return pd.concat(frames, ignore_index=True)


def _below_target(reaches: pd.DataFrame, river_reaches: Layer, law: Rounding) -> Outcome:
    """List the reaches whose rate is below their target."""
    shapes = dict(zip(river_reaches.ids, river_reaches.geometries, strict=True))
    for row in reaches[reaches["met"] == "no"].to_dict("records"):
        reach_id, river = row["reach_id"], row["river"]
        rate, target = rounded(row["protection_pct"], 2, law), row["target_pct"]
        yield Finding(
            message=Text(
                f"{river} {reach_id}：岸线保护率 {rate:.2f}%，低于目标 {target:g}%",
                f"{river} {reach_id}: {rate:.2f}% of the shore is protected, below the target of {target:g}%",
            ),
            severity=Severity.FAULT,
            layer=_ROLE,
            feature_id=reach_id,
            feature_name=river,
            value=rate,
            unit="%",
            geometry=shapes[reach_id],
        )
