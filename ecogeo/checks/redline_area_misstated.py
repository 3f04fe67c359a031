"""The area a red line states in its fields must be that of its geometry.

Source: 国土调查办发〔2008〕32号 (ellipsoidal area). The units of the fields differ from one dialect to the next
(平方千米, 公顷, 平方米): the unit is the one written beside a figure, else the one the field's name tells, else the one
in which the field fits the geometry.
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
from ecogeo.mines.words import read_area_m2
from ecogeo.rounding import Rounding, rounded
from ecogeo.stated_area import UNITS, area_fields, stated_areas
from ecogeo.wording import Text, list_en, list_zh

_ROLE = "redlines"
_MOST_PCT = 1.0
_COLUMNS = ["redline_id", "unit_name", "field", "stated", "stated_unit", "stated_ha", "area_ha", "difference_pct"]


@check(family="redlines", title=Text("生态保护红线登记面积与图形不符", "red line area misstated"))
def redline_area_misstated(redlines: Layer, rounding: Rounding) -> Outcome:
    """Find red lines whose stated area differs from that of their geometry by more than 1 %.

    Parameters
    ----------
    redlines
        Polygons; every field of a known name (QYMJ, MJ, TBMJ, area_ha …) is read.
    rounding
        How the figures in sentences are rounded.

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
        if one is not None and one.doubt is not None:
            yield Finding(message=one.doubt, severity=Severity.NOTE, layer=_ROLE)
        yield from _unreadable(rows, field)
        is_off = (rows["difference_pct"].abs() > _MOST_PCT).to_numpy()
        for row, shape in zip(rows[is_off].to_dict("records"), redlines.geometries[is_off], strict=True):
            yield _misstated(row, shape, rounding)
    yield ResultTable(
        "redline_areas", pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_COLUMNS)
    )


def _rows(redlines: Layer, area_m2: geodesy.Floats, field: str, unit: str) -> pd.DataFrame:
    """Return what a field states of each red line: in the unit written beside the figure, else in that of the field."""
    words = redlines.text(field)
    written_m2 = np.array([read_area_m2(word) for word in words], dtype=float)
    numbers = pd.to_numeric(words, errors="coerce").to_numpy(dtype=float)
    figures_m2 = np.where(np.isfinite(numbers) & (numbers > 0), numbers, np.nan) * UNITS.get(unit, np.nan)
    has_unit = np.isfinite(written_m2)
    stated_m2 = np.where(has_unit, written_m2, figures_m2)
    ground_m2 = np.where(area_m2 > 0, area_m2, np.nan)
    return pd.DataFrame(
        {
            "redline_id": redlines.ids.to_numpy(),
            "unit_name": redlines.names.to_numpy(),
            "field": field,
            "stated": words.to_numpy(),
            "stated_unit": np.where(has_unit, "as written", unit or "unknown"),
            "stated_ha": stated_m2 / geodesy.M2_PER_HA,
            "area_ha": area_m2 / geodesy.M2_PER_HA,
            "difference_pct": (stated_m2 / ground_m2 - 1.0) * 100,
        }
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
