"""Indicators of the plans that a map can tell: measured by every definition, beside what the plan reports.

Source: 国家生态文明建设示范区建设指标（2021修订版）, indicators 10 (林草覆盖率), 15 (生态保护红线、自然保护地) and 16
(河湖岸线保护率), as printed in the county's plan; definitions in data/cover_definitions.csv and thresholds by terrain
in data/cover_thresholds.csv, each with its own source. Which difference is large is the builders' choice.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.landuse.book import LandBook
from ecogeo.layer import Layer
from ecogeo.plan import PlanTables
from ecogeo.raster import Raster
from ecogeo.rounding import Rounding, rounded
from ecogeo.spatial_indicators import IN_LAYER, IN_PLAN, OF_GEOMETRY, OTHER_AREA, indicator_rows
from ecogeo.spatial_measures import Maps
from ecogeo.wording import Text

_RECORDED = [one.zh for one in (IN_LAYER, IN_PLAN, OF_GEOMETRY)]
"""What shares of the county are of; others are parts of a whole of their own."""


@check(family="land", title=Text("空间指标：量算值与上报值", "spatial indicators, measured and reported"))
def spatial_indicator(  # noqa: PLR0917  layers are handed over by name
    plans: Mapping[str, PlanTables],
    county: Layer,
    land_book: LandBook,
    rounding: Rounding,
    landcover: Raster | None = None,
    landuse: Layer | None = None,
    redlines: Layer | None = None,
    reserves: Layer | None = None,
    river_reaches: Layer | None = None,
    shorelines: Layer | None = None,
    water_bodies: Layer | None = None,
    mines: Layer | None = None,
    farmland: Layer | None = None,
    urban_boundary: Layer | None = None,
    water_sources: Layer | None = None,
    dem: Raster | None = None,
    *,
    most_points: float = 5.0,
    most_share: float = 0.05,
    most_area_share: float = 0.01,
    snap_m: float = 5.0,
    within_m: float = 50.0,
) -> Outcome:
    """Measure what a map can tell of the plans' indicators, and say where it is far from what they report.

    Indicators are told by their names. A difference is a finding only where no definition comes near the reported
    value: the nearest one is named. Targets count as met or missed only where unknown ground cannot change it.

    Parameters
    ----------
    plans
        The plans' indicators.
    county
        The ground; its ``recorded_area_km2``, else the plan's area, is what shares are of.
    land_book
        Definitions and thresholds.
    rounding
        How the figures in sentences are rounded.
    landcover, landuse, redlines, reserves, river_reaches, shorelines, water_bodies, mines, farmland, urban_boundary, \
    water_sources, dem
        What is measured; an indicator without its layer is listed as not measured.
    most_points
        A larger difference in percentage points is a finding.
    most_share
        Likewise a difference of a larger share of the reported value. Where one of the two values reaches the target
        and the other does not, any difference is.
    most_area_share
        How far the county's geometry may lie from its area on record, a share.
    snap_m
        As of `shoreline_protection_rate`.
    within_m
        As of `bank_naturalness_rate`.

    Yields
    ------
    Findings; table ``indicators``.
    """
    maps = Maps(
        county,
        land_book,
        landcover,
        landuse,
        redlines,
        reserves,
        river_reaches,
        shorelines,
        water_bodies,
        mines,
        farmland,
        urban_boundary,
        water_sources,
        dem,
        snap_m,
        within_m,
    )
    rows = indicator_rows(plans, maps)
    yield from _county_area(rows, most_area_share, rounding)
    yield from _large_differences(rows, most_points, most_share, rounding)
    yield ResultTable("indicators", rows)


def _county_area(rows: pd.DataFrame, most_share: float, law: Rounding) -> Outcome:
    """Say where the county's geometry is far from its area on record."""
    of_county = rows[rows["denominator_m2"].notna() & rows["denominator_source"].isin(_RECORDED)]
    for plan, own in of_county.groupby("plan", sort=True):
        recorded_m2, geometry_m2 = float(own["denominator_m2"].iloc[0]), float(own["geometry_m2"].iloc[0])
        if own["note"].eq(OTHER_AREA.zh).all() or abs(geometry_m2 / recorded_m2 - 1.0) <= most_share:
            continue
        recorded, drawn = (rounded(area / 1e6, 4, law) for area in (recorded_m2, geometry_m2))
        yield Finding(
            message=Text(
                f"{plan}：县域图形 {drawn:g} 平方千米，在册 {recorded:g} 平方千米，占比按在册面积计算",
                f"{plan}: the county's geometry is {drawn:g} km², {recorded:g} km² are on record; shares are of those",
            ),
            severity=Severity.WARNING,
            layer="county",
            value=drawn - recorded,
            unit="km2",
        )


def _large_differences(rows: pd.DataFrame, most_points: float, most_share: float, law: Rounding) -> Outcome:
    """List the indicators that no definition brings near the reported value."""
    compared = rows[rows["difference_value"].notna()]
    order = compared["difference_value"].abs().argsort(kind="stable")
    nearest = compared.iloc[order].drop_duplicates(["plan", "indicator_no", "sub_no", "name"]).sort_index()
    for row in nearest.to_dict("records"):
        difference, reported, unit = row["difference_value"], row["reported_value"], row["unit"]
        bound = most_share * abs(reported)
        is_large = abs(difference) > (min(most_points, bound) if unit == "%" else bound)
        is_crossed = {row["reported_met"], row["met"]} == {"yes", "no"}
        if not is_large and not is_crossed:
            continue
        if is_crossed and row["met"] == "no":
            crossed = Text(
                "；上报值达到目标，量算值没有达到", "; the reported value reaches the target, the measured does not"
            )
        else:
            crossed = Text(
                "；上报值没有达到目标，量算值达到", "; the measured value reaches the target, the reported does not"
            )
        crossed = crossed if is_crossed else Text("", "")
        measured, apart = f"{rounded(row['measured_value'], 2, law):.2f}{unit}", f"{rounded(difference, 2, law):+.2f}"
        number = f"{row['indicator_no']}-{row['sub_no']}" if row["sub_no"] else row["indicator_no"]
        yield Finding(
            message=Text(
                f"{row['plan']} 指标 {number} {row['name']}：上报 {reported:g}{unit}，量算 {measured}，相差 {apart}；"
                f"这是最接近的口径：{row['definition']}{crossed.zh}",
                f"{row['plan']}, indicator {number} {row['name']}: {reported:g}{unit} reported, {measured} measured, "
                f"{apart}; that is by the nearest definition: {row['definition_en']}{crossed.en}",
            ),
            severity=Severity.WARNING,
            layer=row["numerator_layer"],
            feature_id=number,
            feature_name=row["name"],
            value=difference,
            unit=unit,
        )
