"""Indicators that a map can tell, measured by every definition the layers allow, beside what a plan reports of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.landuse.book import CHOICE, LandBook
from ecogeo.landuse.cover import cover_shares
from ecogeo.landuse.patches import read_patches
from ecogeo.landuse.units import Units
from ecogeo.landuse.use import use_shares
from ecogeo.layer import Layer
from ecogeo.mines import State, mines_of, state_of_indicator
from ecogeo.plan import PlanTables
from ecogeo.raster import Raster
from ecogeo.shoreline import measure_shoreline
from ecogeo.shoreline.tables import reach_rows, total_rows
from ecogeo.wording import Text

COLUMNS = (
    *("plan", "indicator_no", "sub_no", "name", "unit", "definition", "definition_checked", "numerator_layer"),
    *("data_year", "numerator_m2"),
    *("denominator_m2", "denominator_source", "geometry_m2", "numerator_m", "denominator_m", "measured_value"),
    *("by_geometry_value", "most_value", "reported_value", "reported_year", "difference_value", "target_text"),
    *("threshold_value", "threshold_source", "threshold_checked", "met", "note"),
)
_TEXTS = (
    *("definition", "definition_checked", "numerator_layer", "data_year", "threshold_source", "threshold_checked"),
    *("met", "note"),
)
_UNITS_M2 = {
    **dict.fromkeys(("平方公里", "平方千米", "km2"), 1e6),
    "万公顷": 1e8,
    "公顷": 1e4,
    "ha": 1e4,
    "万亩": 1e8 / 15,
    "亩": 1e4 / 15,
    "平方米": 1.0,
    "m2": 1.0,
}
OTHER_AREA = Text("规划的区域不是本县，未作比较", "the plan is of another area: not compared")

Form = Literal["share", "area", "rate", "restored"]


@dataclass(frozen=True, slots=True)
class Measure:
    """An indicator that a map can tell.

    Parameters
    ----------
    pattern
        What its name is in plans, without brackets.
    form
        ``share`` of the county in per cent, ``area``, ``rate`` of lengths in per cent, or ``restored`` share of mines.
    key
        Measure of the land book, role of the layer whose ground it is, or state of mines.
    """

    pattern: str
    form: Form
    key: str


MEASURES = (
    Measure(r"(?:林草|森林和草原|林草植被)覆盖率", "share", "林草覆盖率"),
    Measure(r"森林覆盖率", "share", "森林覆盖率"),
    Measure(r"蓝绿空间(?:占比|比例)", "share", "蓝绿空间占比"),
    Measure(r"湿地(?:保有量|面积)", "area", "湿地占比"),
    Measure(r"耕地(?:保有量|面积)", "area", "耕地占比"),
    Measure(r"(?:.*、)?生态保护红线(?:面积)?(?:、.*)?", "area", "redlines"),
    Measure(r"生态保护红线.*(?:占比|比例|比重)", "share", "redlines"),
    Measure(r"(?:.*、)?自然保护地(?:面积)?(?:、.*)?", "area", "reserves"),
    Measure(r"自然保护地.*(?:占比|比例|比重)", "share", "reserves"),
    Measure(r"(?:河湖)?岸线保护率", "rate", "shorelines"),
)
"""Indicators are told by their names; numbers differ from plan to plan. 市区… and the like are not of the county."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure by one definition.

    Parameters
    ----------
    definition, checked
        What counts, and how far that was checked.
    layer
        Role of the layer it was measured on.
    data_year
        Year of the layer's data, as declared; empty where it declares none.
    numerator_m2, unknown_m2
        Ground that counts, and ground that might.
    whole_m2
        What the ground is a share of, where that is not the county.
    numerator_m, denominator_m
        For a rate, the lengths instead.
    note
        What the figure leaves out; Chinese, as it stands in the table.
    """

    definition: Text
    checked: str
    layer: str
    data_year: str
    numerator_m2: float = float("nan")
    unknown_m2: float = 0.0
    whole_m2: float = float("nan")
    numerator_m: float = float("nan")
    denominator_m: float = float("nan")
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """The layers measures are taken on, each None where the county has none; `snap_m` as the shoreline check has it."""

    county: Layer
    book: LandBook
    landcover: Raster | None = None
    landuse: Layer | None = None
    redlines: Layer | None = None
    reserves: Layer | None = None
    river_reaches: Layer | None = None
    shorelines: Layer | None = None
    water_bodies: Layer | None = None
    mines: Layer | None = None
    snap_m: float = 5.0


def measures_of(name: str) -> tuple[Measure, ...]:
    """Return the measures an indicator's name stands for; none for most.

    Examples
    --------
    >>> [measure.key for measure in measures_of("林草覆盖率（丘陵地区）")]
    ['林草覆盖率']
    >>> [measure.key for measure in measures_of("生态保护红线、自然保护地")]
    ['redlines', 'reserves']
    >>> measures_of("市区蓝绿空间占比"), measures_of("大陆自然岸线保有率")
    ((), ())
    """
    plain = re.sub(r"[（(].*?[）)]", "", name).strip()
    state = state_of_indicator(name)
    if state is not None and state is not State.PRODUCING:
        return (Measure(re.escape(plain), "restored", str(state)),)
    return tuple(one for one in MEASURES if re.fullmatch(one.pattern, plain))


def indicator_rows(plans: Mapping[str, PlanTables], maps: Maps) -> pd.DataFrame:
    """Measure every spatial indicator of some plans by every definition, and set the reported value beside it.

    Parameters
    ----------
    plans
        By name.
    maps
        The layers.

    Returns
    -------
    One row per indicator and definition, one with a ``note`` where nothing could be measured:
    `COLUMNS`. Shares are of the area on record (``denominator_m2``; of the geometry in ``by_geometry_value``), in per
    cent; areas in the indicator's unit. ``most_value`` is what it could be at most, were all unknown ground to count.
    """
    geometry_m2 = float(geodesy.area_m2(maps.county.geometries).sum())
    found: dict[str, list[Measured]] = {}
    rows: list[dict[str, Any]] = []
    for plan, tables in sorted(plans.items()):
        is_own = _is_own(tables, maps.county)
        recorded_m2, source = _recorded(tables if is_own else None, maps.county, geometry_m2)
        for indicator in tables.indicators.to_dict("records"):
            for measure in measures_of(str(indicator["name"])):
                if measure.key not in found:
                    found[measure.key] = list(_measured(measure, maps))
                told = {
                    "plan": plan,
                    **{column: indicator[column] for column in ("indicator_no", "sub_no", "name", "unit")},
                }
                told |= {"denominator_m2": recorded_m2, "denominator_source": source.zh, "geometry_m2": geometry_m2}
                threshold = maps.book.least_pct(measure.key, str(indicator["name"]))
                if threshold is not None:
                    told |= {"threshold_value": threshold.least_pct, "threshold_source": threshold.source}
                    told |= {"threshold_checked": threshold.checked}
                rows += [told | _beside(measure, one, indicator, told, is_own=is_own) for one in found[measure.key]]
                if not found[measure.key]:
                    rows.append(told | {"target_text": indicator["target_text"], "note": "没有可量算的图层"})
    return pd.DataFrame([dict.fromkeys(_TEXTS, "") | row for row in rows], columns=list(COLUMNS))


def _recorded(tables: PlanTables | None, county: Layer, geometry_m2: float) -> tuple[float, Text]:
    """Return the county's area on record, and who recorded it; the geometry's where nobody did."""
    recorded = county.numbers("recorded_area_km2", is_needed=False)
    if (recorded > 0.0).all():
        return float(recorded.sum()) * 1e6, Text("县域图层所记面积", "recorded in the county layer")
    planned = None if tables is None else tables.plan.get("area_km2")
    if isinstance(planned, int | float) and planned > 0:
        return float(planned) * 1e6, Text("规划所记面积", "recorded in the plan")
    return geometry_m2, Text("图形面积（无在册面积）", "geometry: nothing is on record")


def own_plans_of(plans: Mapping[str, PlanTables], county: Layer) -> dict[str, PlanTables]:
    """Return the plans that are about the county, by name."""
    return {name: tables for name, tables in plans.items() if _is_own(tables, county)}


def _is_own(tables: PlanTables, county: Layer) -> bool:
    """Tell whether a plan is about the county: its area names it, or it names none."""
    area = str(tables.plan.get("area", ""))
    return not area or any(area in name or name in area for name in county.names)


def _measured(measure: Measure, maps: Maps) -> Iterator[Measured]:
    """Take a measure by every definition the layers allow."""
    if measure.key == "shorelines":
        yield from _shoreline(maps)
    elif measure.key in {"redlines", "reserves"}:
        layer = maps.redlines if measure.key == "redlines" else maps.reserves
        if layer is not None:
            yield _union(layer, maps.county)
    elif measure.form == "restored":
        if maps.mines is not None:
            yield _restored(measure.key, maps.mines)
    else:
        yield from _cover(measure.key, maps)


def _shoreline(maps: Maps) -> Iterator[Measured]:
    """Take the county's rate from the shoreline's own totals."""
    if maps.river_reaches is None or maps.shorelines is None:
        return
    shore = measure_shoreline(maps.river_reaches, maps.shorelines, water_bodies=maps.water_bodies, snap_m=maps.snap_m)
    totals = total_rows(shore, reach_rows(shore, maps.river_reaches))
    for row in totals[totals["level"] == "county"].to_dict("records"):
        yield Measured(
            Text("（保护区＋保留区）÷岸线总长，沿两岸", "protected and reserved over all shoreline, along both banks"),
            CHOICE,
            "shorelines",
            maps.shorelines.declaration.date[:4],
            numerator_m=float(row["protected_m"] + row["reserved_m"]),
            denominator_m=float(row["bank_m"]),
            note=f"另有 {row['reaches_unzoned']} 个河段未划功能区，未计入" if row["reaches_unzoned"] else "",
        )


def _union(layer: Layer, county: Layer) -> Measured:
    """Measure the ground of a layer within the county, ground under several features once."""
    ground = shapely.intersection(shapely.union_all(layer.geometries), shapely.union_all(county.geometries))
    return Measured(
        Text("图层在县域内的椭球面积，重叠处计一次", "ground of the layer within the county, overlaps once"),
        CHOICE,
        layer.declaration.role,
        layer.declaration.date[:4],
        numerator_m2=float(geodesy.area_m2(np.array([ground], dtype=object))[0]),
    )


def _restored(state: str, mines: Layer) -> Measured:
    """Measure the restored ground of the mines of a state."""
    rows = mines_of(mines).rows
    own = rows[rows["state"] == state]
    restored_m2, disturbed_m2, unclear_m2 = own[["restored_m2", "disturbed_m2", "unclear_m2"]].sum()
    return Measured(
        Text(
            "已修复÷（扰动＋已修复），两者重叠处计为扰动",
            "restored over all; ground called both is disturbed",
        ),
        CHOICE,
        mines.declaration.role,
        mines.declaration.date[:4],
        numerator_m2=float(restored_m2),
        whole_m2=float(restored_m2 + disturbed_m2),
        note=f"另有 {unclear_m2 / geodesy.M2_PER_HA:.4f} 公顷未写明扰动或已修复，未计入" if unclear_m2 > 0 else "",
    )


def _cover(key: str, maps: Maps) -> Iterator[Measured]:
    """Take a cover of the county by land cover and by patches."""
    county = shapely.union_all(maps.county.geometries)
    ground = np.array([county], dtype=object)
    names = pd.DataFrame({"unit_kind": ["county"], "unit_id": [""], "unit_name": [""]})
    unit = Units(names, ground, geodesy.area_m2(ground))
    covers = []
    if maps.landcover is not None:
        declared = maps.landcover.declaration
        covers.append((declared, cover_shares(unit, maps.landcover, maps.book).covers, "cover"))
    if maps.landuse is not None:
        declared = maps.landuse.declaration
        covers.append((declared, use_shares(unit, read_patches(maps.landuse, maps.book), maps.book).covers, "dlbm"))
    for declaration, rows, scheme in covers:
        definitions = {one.wording.zh: one for one in maps.book.definitions_of(scheme)}
        for row in rows[rows["class_name"] == key].to_dict("records"):
            yield Measured(
                definitions[row["definition"]].wording,
                definitions[row["definition"]].checked,
                declaration.role,
                declaration.date[:4],
                numerator_m2=float(row["area_m2"]),
                unknown_m2=float(row["nodata_share"] * unit.area_m2[0]),
            )


def _beside(
    measure: Measure, measured: Measured, indicator: Mapping[Any, Any], told: Mapping[str, Any], *, is_own: bool
) -> dict[str, Any]:
    """Set a measure beside the reported value."""
    written = unicodedata.normalize("NFKC", indicator["unit"]).strip()
    unit = written or ("km2" if measure.form == "area" else "%")
    value, by_geometry, most = _values(measure, measured, unit, told)
    reported = float(indicator["current_value"]) if pd.notna(indicator["current_value"]) else np.nan
    whole = {"denominator_m2": measured.whole_m2, "denominator_source": "矿山图层中应修复的面积"}
    is_comparable = is_own and (written in _UNITS_M2 if measure.form == "area" else written == "%")
    return (whole if measure.form == "restored" else {}) | {
        "unit": unit,
        "definition": measured.definition.zh,
        "definition_checked": measured.checked,
        "numerator_layer": measured.layer,
        "data_year": measured.data_year,
        "numerator_m2": measured.numerator_m2,
        "numerator_m": measured.numerator_m,
        "denominator_m": measured.denominator_m,
        "measured_value": value,
        "by_geometry_value": by_geometry,
        "most_value": most,
        "reported_value": reported,
        "reported_year": indicator["current_year"],
        "difference_value": value - reported if is_comparable else np.nan,
        "target_text": indicator["target_text"],
        "met": _met(indicator, told.get("threshold_value"), value, most) if is_own else "",
        "note": measured.note if is_own else OTHER_AREA.zh,
    }


def _values(measure: Measure, measured: Measured, unit: str, told: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return a measure in the indicator's unit: by the area on record, by the geometry's, and what it is at most."""
    if measure.form == "rate":
        rate = measured.numerator_m / measured.denominator_m * 100 if measured.denominator_m else np.nan
        return rate, rate, rate
    if measure.form == "restored":
        share = measured.numerator_m2 / measured.whole_m2 * 100 if measured.whole_m2 else np.nan
        return share, share, share
    least_m2, most_m2 = measured.numerator_m2, measured.numerator_m2 + measured.unknown_m2
    if measure.form == "share":
        recorded_m2, geometry_m2 = told["denominator_m2"], told["geometry_m2"]
        return least_m2 / recorded_m2 * 100, least_m2 / geometry_m2 * 100, most_m2 / recorded_m2 * 100
    size_m2 = _UNITS_M2.get(unit, np.nan)
    return least_m2 / size_m2, least_m2 / size_m2, most_m2 / size_m2


def _met(indicator: Mapping[Any, Any], threshold: float | None, value: float, most: float) -> str:
    """Tell whether a least value is reached: yes, no, or nothing where none is set or unknown ground decides."""
    target = indicator["target_value"] if indicator["comparator"] in {">=", ">"} else None
    least = target if target is not None and pd.notna(target) else threshold
    if least is None or np.isnan(value):
        return ""
    bar = float(least)
    if value > bar or (value == bar and indicator["comparator"] != ">"):
        return "yes"
    return "no" if most < bar else ""
