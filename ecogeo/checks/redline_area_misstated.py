"""The area a red line states in its fields must be that of its geometry.

Source: 国土调查办发〔2008〕32号 (ellipsoidal area). The units of the fields differ from one dialect to the next
(平方千米, 公顷, 平方米): the unit is the one a field's name tells, or in which it fits the geometry.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecogeo import geodesy
from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.layer import Layer
from ecogeo.rounding import Rounding, rounded
from ecogeo.stated_area import UNITS, stated_areas
from ecogeo.wording import Text

_ROLE = "redlines"
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
    A note per field, findings per red line; table ``redline_areas``.
    """
    area_m2 = geodesy.area_m2(redlines.geometries)
    stated = stated_areas(redlines.sound, area_m2)
    frames = []
    if not stated:
        yield Finding(
            message=Text(
                "红线图层没有登记面积的字段，只有图形面积",
                "no field of the red lines states an area: only the geometry has one",
            ),
            severity=Severity.NOTE,
            layer=_ROLE,
        )
    for one in stated:
        unit = one.unit or "unknown"
        values = pd.to_numeric(redlines.sound[one.field], errors="coerce").to_numpy(dtype=float)
        stated_m2 = values * UNITS.get(one.unit, np.nan)
        difference = (stated_m2 / area_m2 - 1.0) * 100
        frames.append(
            pd.DataFrame(
                {
                    "redline_id": redlines.ids.to_numpy(),
                    "unit_name": redlines.names.to_numpy(),
                    "field": one.field,
                    "stated": redlines.text(one.field).to_numpy(),
                    "stated_unit": unit,
                    "stated_ha": stated_m2 / geodesy.M2_PER_HA,
                    "area_ha": area_m2 / geodesy.M2_PER_HA,
                    "difference_pct": difference,
                }
            )
        )
        if one.doubt is not None:
            yield Finding(message=one.doubt, severity=Severity.NOTE, layer=_ROLE)
        for row in one.differing:
            area, told = (rounded(m2 / geodesy.M2_PER_HA, 4, rounding) for m2 in (area_m2[row], stated_m2[row]))
            yield Finding(
                message=Text(
                    f"{redlines.names.iloc[row]}：登记面积 {told} 公顷，图形面积 {area} 公顷",
                    f"{redlines.names.iloc[row]}: {told} ha are stated, the geometry has {area} ha",
                ),
                severity=Severity.WARNING,
                layer=_ROLE,
                feature_id=redlines.ids.iloc[row],
                feature_name=redlines.names.iloc[row],
                value=area,
                unit="ha",
                geometry=redlines.geometries[row],
            )
    columns = ["redline_id", "unit_name", "field", "stated", "stated_unit", "stated_ha", "area_ha", "difference_pct"]
    yield ResultTable(
        "redline_areas", pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    )
