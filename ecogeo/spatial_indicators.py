"""Indicators that a map can tell, measured by every definition the layers allow, beside what a plan reports of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.plan import PlanTables
from ecogeo.spatial_measures import Maps, Measured, measured_by_all
from ecogeo.spatial_names import Measure, measures_of
from ecogeo.wording import Text

COLUMNS = (
    *("plan", "indicator_no", "sub_no", "name", "unit", "definition", "definition_en", "definition_checked"),
    *("numerator_layer", "data_year", "numerator_m2"),
    *("denominator_m2", "denominator_source", "geometry_m2", "numerator_m", "denominator_m", "measured_value"),
    *("by_geometry_value", "most_value", "reported_value", "reported_year", "difference_value", "target_text"),
    *("threshold_value", "threshold_source", "threshold_checked", "reported_met", "met", "note"),
)
_TEXTS = (
    *("definition", "definition_en", "definition_checked", "numerator_layer", "data_year", "threshold_source"),
    *("threshold_checked", "reported_met", "met", "note"),
)
_UNITS_M2 = {
    **dict.fromkeys(("平方公里", "平方千米", "km2"), 1e6),
    "万公顷": 1e8,
    **dict.fromkeys(("公顷", "ha", "hm2"), 1e4),
    "千公顷": 1e7,
    "万亩": 1e8 / 15,
    **dict.fromkeys(("亩", "mu"), 1e4 / 15),
    "万平方米": 1e4,
    **dict.fromkeys(("平方米", "m2"), 1.0),
}
IN_LAYER = Text("县域图层所记面积", "recorded in the county layer")
IN_PLAN = Text("规划所记面积", "recorded in the plan")
OF_GEOMETRY = Text("图形面积（无在册面积）", "geometry: nothing is on record")
OTHER_AREA = Text("规划的区域不是本县，未作比较", "the plan is of another area: not compared")


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
    ``reported_met`` and ``met`` tell whether the reported and the measured value reach the target; the latter only
    where unknown ground cannot change it.
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
                    found[measure.key] = list(measured_by_all(measure, maps))
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
        return float(recorded.sum()) * 1e6, IN_LAYER
    planned = None if tables is None else tables.plan.get("area_km2")
    if isinstance(planned, int | float) and planned > 0:
        return float(planned) * 1e6, IN_PLAN
    return geometry_m2, OF_GEOMETRY


def own_plans_of(plans: Mapping[str, PlanTables], county: Layer) -> dict[str, PlanTables]:
    """Return the plans that are about the county, by name."""
    return {name: tables for name, tables in plans.items() if _is_own(tables, county)}


def _is_own(tables: PlanTables, county: Layer) -> bool:
    """Tell whether a plan is about the county: its area names it, or it names none."""
    area = str(tables.plan.get("area", ""))
    return not area or any(area in name or name in area for name in county.names)


def _beside(
    measure: Measure, measured: Measured, indicator: Mapping[Any, Any], told: Mapping[str, Any], *, is_own: bool
) -> dict[str, Any]:
    """Set a measure beside the reported value."""
    written = unicodedata.normalize("NFKC", indicator["unit"]).strip()
    unit = written or ("km2" if measure.form == "area" else "%")
    value, by_geometry, most = _values(measure, measured, unit, told)
    least = _least(measure, measured, value)
    reported = float(indicator["current_value"]) if pd.notna(indicator["current_value"]) else np.nan
    whole = {"denominator_m2": measured.whole_m2, "denominator_source": measured.whole}
    is_in_unit = written.lower() in _UNITS_M2 if measure.form == "area" else written == "%"
    is_comparable = is_own and is_in_unit and not measure.aside
    note = "；".join(filter(None, (measured.note, measure.aside)))
    if measure.form == "rate":
        whole = {"denominator_m2": np.nan, "denominator_source": "岸线总长（两岸）", "geometry_m2": np.nan}
    return (whole if measure.form in {"part", "rate"} else {}) | {
        "unit": unit,
        "definition": measured.definition.zh,
        "definition_en": measured.definition.en,
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
        "reported_met": _met(indicator, told.get("threshold_value"), reported, reported) if is_comparable else "",
        "met": _met(indicator, told.get("threshold_value"), least, most) if is_own and not measure.aside else "",
        "note": note if is_own else OTHER_AREA.zh,
    }


def _values(measure: Measure, measured: Measured, unit: str, told: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return a measure in the indicator's unit: by the area on record, by the geometry's, and what it is at most.

    Examples
    --------
    60 km² of a county of 100 km² on record, drawn with 120, and 10 km² more that nobody knows of:

    >>> share, wood = Measure("", "share", ""), Measured(Text("", ""), "", "", "", numerator_m2=6e7, unknown_m2=1e7)
    >>> _values(share, wood, "%", {"denominator_m2": 1e8, "geometry_m2": 1.2e8})
    (60.0, 50.0, 70.0)
    >>> _values(Measure("", "area", ""), wood, "公顷", {})
    (6000.0, 6000.0, 7000.0)
    """
    if measure.form in {"rate", "part"}:
        counted, whole, unknown = _of_whole(measure, measured)
        share = counted / whole * 100 if whole else np.nan
        most = 100.0 if np.isinf(unknown) else (counted + unknown) / (whole + unknown) * 100 if whole else np.nan
        return share, share, most
    least_m2, most_m2 = measured.numerator_m2, measured.numerator_m2 + measured.unknown_m2
    if measure.form == "share":
        recorded_m2, geometry_m2 = told["denominator_m2"], told["geometry_m2"]
        return least_m2 / recorded_m2 * 100, least_m2 / geometry_m2 * 100, most_m2 / recorded_m2 * 100
    size_m2 = _UNITS_M2.get(unit.lower(), np.nan)
    return least_m2 / size_m2, least_m2 / size_m2, most_m2 / size_m2


def _of_whole(measure: Measure, measured: Measured) -> tuple[float, float, float]:
    """Return what counts, of what, and what nobody knows of: lengths of a rate, ground of a part."""
    if measure.form == "rate":
        return measured.numerator_m, measured.denominator_m, measured.unknown_m
    return measured.numerator_m2, measured.whole_m2, measured.unknown_m2


def _least(measure: Measure, measured: Measured, value: float) -> float:
    """Return what a measure is at least: a share of a whole of its own falls where unknown ground does not count.

    Examples
    --------
    70 of 100 ha, and 40 ha that nobody knows of: 50 %.

    >>> mines = Measured(Text("", ""), "", "", "", numerator_m2=7e5, whole_m2=1e6, unknown_m2=4e5)
    >>> _least(Measure("", "part", ""), mines, 70.0), _values(Measure("", "part", ""), mines, "%", {})[2]
    (50.0, 78.57142857142857)
    """
    if measure.form not in {"rate", "part"} or np.isnan(value):
        return value
    counted, whole, unknown = _of_whole(measure, measured)
    return counted / (whole + unknown) * 100


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
