"""The area a red line states in its fields must be that of its geometry.

Source: 国土调查办发〔2008〕32号 (ellipsoidal area). The units of the fields differ from one dialect to the next
(平方千米, 公顷, 平方米), and sometimes from row to row: the unit is the one written beside a figure; else, where the
figure lies near its own geometry in one unit, that unit; else the one the field's name tells or its other rows fit.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.layer import Layer
from ecogeo.mines.words import read_area_m2, read_figure
from ecogeo.rounding import Rounding, rounded
from ecogeo.stated_area import UNIT_NAMES, UNITS, area_fields, stated_areas, unit_of_each
from ecogeo.wording import Text, list_en, list_zh

_ROLE = "redlines"
_AS_WRITTEN, _UNKNOWN = "as written", "unknown"
_COLUMNS = ["redline_id", "unit_name", "field", "stated", "stated_unit", "stated_ha", "area_ha", "difference_pct"]


@check(family="redlines", title=Text("生态保护红线登记面积与图形不符", "red line area misstated"))
def redline_area_misstated(redlines: Layer, rounding: Rounding, *, most_difference_pct: float = 1.0) -> Outcome:
    """Find red lines whose stated area is not that of their geometry, and fields that mix units.

    Each figure is read by itself: 30000, 3公顷 and 45亩 may stand in one field. A figure without a unit that lies
    within a tenth of its geometry in another unit than the field's is taken to be in that unit, and told.

    Parameters
    ----------
    redlines
        Polygons; every field of a known name (QYMJ, MJ, TBMJ, area_ha …) is read.
    rounding
        How the figures in sentences are rounded.
    most_difference_pct
        A larger difference between stated area and geometry is a finding, per cent; the builders' choice.

    Yields
    ------
    Notes and findings per field, findings per red line; table ``redline_areas``.
    """
    area_m2 = geodesy.area_m2(redlines.geometries)
    fields = area_fields(redlines.sound)
    of_numbers = {one.field: one for one in stated_areas(redlines.sound, area_m2)}
    frames = []
    if not fields:
        yield Finding(
            message=Text(
                "红线图层没有登记面积的字段，只有图形面积",
                "no field of the red lines states an area: only the geometry has one",
            ),
            severity=Severity.NOTE,
            layer=_ROLE,
        )
    for field in fields:
        one = of_numbers.get(field)
        rows = _rows(redlines, area_m2, field, one.unit if one else "")
        frames.append(rows[_COLUMNS])
        is_mixed = len(set(rows["stated_unit"])) > 1
        if one is not None and one.doubt is not None and not is_mixed:
            yield Finding(message=one.doubt, severity=Severity.NOTE, layer=_ROLE)
        yield from _other_units(rows, field, one.unit if one else "")
        yield from _unreadable(rows, field)
        is_off = (rows["difference_pct"].abs() > most_difference_pct).to_numpy()
        for row, shape in zip(rows[is_off].to_dict("records"), redlines.geometries[is_off], strict=True):
            yield _misstated(row, shape, rounding)
    yield ResultTable(
        "redline_areas", pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)
    )


def _rows(redlines: Layer, area_m2: geodesy.Floats, field: str, unit: str) -> pd.DataFrame:
    """Return what a field states of each red line: in the unit written beside the figure, else in that of the field."""
    words = redlines.text(field)
    written_m2 = np.array([read_area_m2(word) for word in words], dtype=float)
    figures = np.array([read_figure(word) for word in words], dtype=float)
    units = unit_of_each(figures, area_m2, unit=unit)
    has_unit = np.isfinite(written_m2)
    stated_m2 = np.where(has_unit, written_m2, figures * np.array([UNITS.get(one, np.nan) for one in units]))
    ground_m2 = np.where(area_m2 > 0, area_m2, np.nan)
    return pd.DataFrame(
        {
            "redline_id": redlines.ids.to_numpy(),
            "unit_name": redlines.names.to_numpy(),
            "field": field,
            "stated": words.to_numpy(),
            "stated_unit": np.where(has_unit, _AS_WRITTEN, np.where(units == "", _UNKNOWN, units)),
            "stated_ha": stated_m2 / geodesy.M2_PER_HA,
            "area_ha": area_m2 / geodesy.M2_PER_HA,
            "difference_pct": (stated_m2 / ground_m2 - 1.0) * 100,
        }
    )


def _other_units(rows: pd.DataFrame, field: str, unit: str) -> Outcome:
    """Tell of bare figures that lie near their geometry in another unit than the field's."""
    is_other = ~rows["stated_unit"].isin({_AS_WRITTEN, _UNKNOWN, unit}) & rows["difference_pct"].notna()
    others = rows[is_other.to_numpy() & (unit != "" or len(set(rows["stated_unit"])) > 1)]
    if others.empty:
        return
    told = list(zip(others["redline_id"], others["stated"], others["stated_unit"], strict=True))
    ids = [f"{key}（{word} {UNIT_NAMES[one]}）" for key, word, one in told]
    ids_en = [f"{key} ({word} {one})" for key, word, one in told]
    usual = Text(f"（其余多为 {UNIT_NAMES[unit]}）", f" (most others are in {unit})") if unit else Text("", "")
    yield Finding(
        message=Text(
            f"字段 {field} 混用单位{usual.zh}：有 {len(ids)} 个数未写单位，各按与其图形相符的单位计：{list_zh(ids)}",
            f"{field} mixes units{usual.en}: {len(ids)} figures name none and are each taken to be in the one that "
            f"fits their geometry: {list_en(ids_en)}",
        ),
        severity=Severity.WARNING,
        layer=_ROLE,
        feature_id=str(told[0][0]) if len(told) == 1 else "",
        value=float(len(told)),
        unit="count",
    )


def _unreadable(rows: pd.DataFrame, field: str) -> Outcome:
    """Tell of red lines that cannot be compared: no area or no known unit in the field, or no ground."""
    open_rows = rows[rows["difference_pct"].isna()]
    if len(open_rows):
        ids = [
            f"{key}（{word or '空'}）" for key, word in zip(open_rows["redline_id"], open_rows["stated"], strict=True)
        ]
        ids_en = [
            f"{key} ({word or 'empty'})" for key, word in zip(open_rows["redline_id"], open_rows["stated"], strict=True)
        ]
        yield Finding(
            message=Text(
                f"字段 {field} 有 {len(ids)} 条红线无法与图形比较（不是面积、单位不明或没有图形面积）：{list_zh(ids)}",
                f"{len(ids)} red lines cannot be compared in {field} (no area, unit unknown, or no ground): "
                f"{list_en(ids_en)}",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            feature_id=str(open_rows["redline_id"].iloc[0]) if len(open_rows) == 1 else "",
            value=float(len(ids)),
            unit="count",
        )


def _misstated(row: Mapping[Hashable, Any], shape: shapely.Geometry, law: Rounding) -> Finding:
    """Tell of one red line whose stated area is not that of its geometry."""
    area, told = (rounded(row[column], 4, law) for column in ("area_ha", "stated_ha"))
    name = row["unit_name"]
    return Finding(
        message=Text(
            f"{name}：登记面积 {told} 公顷（{row['field']}：{row['stated']}），图形面积 {area} 公顷",
            f"{name}: {told} ha are stated ({row['field']}: {row['stated']}), the geometry has {area} ha",
        ),
        severity=Severity.WARNING,
        layer=_ROLE,
        feature_id=row["redline_id"],
        feature_name=name,
        value=area,
        unit="ha",
        geometry=shape,
    )
