"""Areas a file states in its fields, beside those of its geometry."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogeo import geodesy
from ecogeo.wording import Text, list_en, list_zh

_FIELDS = (
    *("MJ", "DKMJ", "TBMJ", "QYMJ", "YDMJ", "ZMJ", "JSMJ", "DCMJ", "YJJBNTMJ", "YJJBNTTBMJ", "BHQMJ", "XMMJ", "GHQMJ"),
    *("HXMJ", "MIANJI", "AREA", "SHAPE_AREA", "STATED_AREA", "面积", "总面积", "地块面积", "用地面积", "图斑面积"),
    *("红线面积", "保护地面积", "登记面积", "图形面积"),
)
"""Names under which areas were seen in the county's layers; the unit differs from one dialect to the next."""

UNITS = {"m2": 1.0, "ha": 1e4, "mu": 2000.0 / 3.0, "km2": 1e6}
"""Square metres of each unit of area."""

AREA_UNITS = {
    **dict.fromkeys(("平方米", "平米", "m2", "㎡", "m²"), "m2"),
    **dict.fromkeys(("公顷", "ha", "hm2", "hm²"), "ha"),
    **dict.fromkeys(("亩", "mu"), "mu"),
    **dict.fromkeys(("平方公里", "平方千米", "km2", "km²"), "km2"),
}
"""Words for units of area, in lower case, and the unit of `UNITS` each means."""

_UNIT_WORDS = "|".join(sorted(map(re.escape, AREA_UNITS), key=len, reverse=True))
_NAME = re.compile(rf"(?P<core>.+?)(?:[_\s(\[]*(?P<unit>{_UNIT_WORDS}))?[)\]]*")

UNIT_NAMES = {"m2": "平方米", "ha": "公顷", "mu": "亩", "km2": "平方千米", "": "单位不明"}


@dataclass(frozen=True, slots=True)
class StatedArea:
    """What one field says of the features' areas.

    Parameters
    ----------
    field
        The field.
    unit
        The unit its name tells, else the one in which it fits the geometry: ``m2``, ``ha``, ``mu`` or ``km2``; empty
        where it fits in none.
    total_ha
        Its sum, hectares; NaN where the unit is not known.
    differing
        Positions of the features whose stated area differs from that of the geometry by more than 1 %.
    """

    field: str
    unit: str
    total_ha: float
    differing: tuple[int, ...]

    @property
    def doubt(self) -> Text | None:
        """The difference in a sentence, or None where there is none."""
        if not self.differing:
            return None
        numbers = [position + 1 for position in self.differing]
        count, unit = len(numbers), UNIT_NAMES[self.unit]
        return Text(
            f"字段 {self.field}（{unit}）有 {count} 个要素与图形面积相差超过 1%：第 {list_zh(numbers)} 个",
            f"{self.field} ({self.unit or 'unit unknown'}) is over 1 % off the geometry in {count} features: "
            f"no. {list_en(numbers)}",
        )


_NEAR = 0.1
"""A figure within a tenth of its geometry is in that unit: the units lie a factor of 15 apart at the least."""


def unit_of_each(
    figures: geodesy.Floats, area_m2: geodesy.Floats, *, unit: str = "", near: float = _NEAR
) -> npt.NDArray[np.object_]:
    """Tell the unit of each of some figures that name none, each by its own geometry.

    Parameters
    ----------
    figures
        Shape (n,), as written; NaN for none.
    area_m2
        Shape (n,), ellipsoidal area of each geometry.
    unit
        The unit of the field they stand in; empty where nobody knows it.
    near
        How far a figure may lie from its geometry to be in a unit, a share.

    Returns
    -------
    Shape (n,): the unit in which a figure lies near its geometry, else the field's.

    Examples
    --------
    Four fields of 3 ha each, in m², ha, 亩 and km², and a figure that fits none:

    >>> figures = np.array([30_000.0, 3.0, 45.0, 0.03, 700.0])
    >>> unit_of_each(figures, np.full(5, 30_000.0), unit="ha").tolist()
    ['m2', 'ha', 'mu', 'km2', 'ha']
    """
    names = sorted(UNITS, key=lambda name: name != unit)
    sizes = np.array([UNITS[name] for name in names])
    ground = np.where(area_m2 > 0, area_m2, np.nan)
    with np.errstate(invalid="ignore"):
        fits = np.abs(figures[:, None] * sizes / ground[:, None] - 1.0) <= near
    units: npt.NDArray[np.object_] = np.array(names, dtype=object)[fits.argmax(axis=1)]
    units[~fits.any(axis=1)] = unit
    return units


def split_name(field: str) -> tuple[str, str]:
    """Return the name of a field in capitals without the unit it ends with, and that unit; empty for none.

    Examples
    --------
    >>> split_name("修复面积（公顷）"), split_name("xfmj_mu"), split_name("XFMJ")
    (('修复面积', 'ha'), ('XFMJ', 'mu'), ('XFMJ', ''))
    """
    plain = unicodedata.normalize("NFKC", field).strip().lower()
    found = _NAME.fullmatch(plain)
    if found is None:
        return plain.upper(), ""
    return found["core"].strip().upper(), AREA_UNITS.get(found["unit"] or "", "")


def area_fields(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Return the fields of a known name for areas, whatever they hold."""
    return tuple(str(column) for column in frame.columns if split_name(str(column))[0] in _FIELDS)


def stated_areas(frame: gpd.GeoDataFrame, area_m2: geodesy.Floats) -> tuple[StatedArea, ...]:
    """Read the areas a layer states of itself.

    Parameters
    ----------
    frame
        The features.
    area_m2
        Shape (n,), ellipsoidal area of each geometry.

    Returns
    -------
    One entry per field of a known name that holds numbers. The worse a field contradicts the geometry, the more it has
    to be said: one that fits in no unit is told too.
    """
    found = []
    for column in area_fields(frame):
        stated = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float)
        known = np.isfinite(stated) & (stated > 0) & (area_m2 > 0)
        if not known.any():
            continue
        told = split_name(column)[1]
        sizes = {told: UNITS[told]} if told else UNITS
        errors = {unit: np.abs(stated * size / np.where(known, area_m2, 1.0) - 1.0) for unit, size in sizes.items()}
        unit = min(errors, key=lambda name: float(np.median(errors[name][known])))
        differing = tuple(np.flatnonzero(known & (errors[unit] > 0.01)).tolist())
        is_guess = not told and float(np.median(errors[unit][known])) > 0.2
        total_ha = float(np.nansum(np.where(known, stated, 0.0)) * UNITS[unit] / geodesy.M2_PER_HA)
        found.append(StatedArea(column, "" if is_guess else unit, np.nan if is_guess else total_ha, differing))
    return tuple(found)
