"""Disturbed and restored ground as the fields of a mine layer state it, where its parts are not drawn.

Source: the builders' own reading. Which of the figures is the whole ground to restore, and in which unit a bare figure
is, the mine's own outline decides; where it does not, nobody knows, and it is told.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.mines.words import read_area_m2, read_figure, says_nothing
from ecogeo.stated_area import UNITS, split_name
from ecogeo.wording import Text

RESTORED, STILL, WHOLE, DISTURBED = "restored_area", "unrestored_area", "to_restore_area", "disturbed_area"
EXTENT = "stated_area"
_NAMES = {
    RESTORED: (
        *("XFMJ", "YXFMJ", "ZLMJ", "YZLMJ", "FKMJ", "YFKMJ", "修复面积", "已修复面积", "生态修复面积", "完成修复面积"),
        *("治理面积", "已治理面积", "恢复治理面积", "修复治理面积", "已修复治理面积", "复垦面积", "已复垦面积"),
        *("RESTORED_AREA", "RESTORED", "AREA_RESTORED"),
    ),
    STILL: (
        *("WXFMJ", "DXFMJ", "WZLMJ", "DZLMJ", "未修复面积", "待修复面积", "未治理面积", "待治理面积", "尚未修复面积"),
        *("剩余面积", "未复垦面积", "待复垦面积", "UNRESTORED_AREA"),
    ),
    WHOLE: (
        *("应修复面积", "需修复面积", "应治理面积", "需治理面积", "累计扰动面积", "累计损毁面积", "扰动总面积"),
        *("损毁总面积", "总扰动面积", "总损毁面积", "应复垦面积", "TO_RESTORE_AREA"),
    ),
    DISTURBED: (
        *("RDMJ", "SHMJ", "PHMJ", "扰动面积", "损毁面积", "破坏面积", "扰动土地面积", "损毁土地面积", "破坏土地面积"),
        *("占用损毁面积", "DISTURBED_AREA", "DISTURBED", "AREA_DISTURBED"),
    ),
    EXTENT: ("STATED_AREA", "KQMJ", "KSMJ", "矿区面积", "矿山面积", "采矿权面积", "登记面积"),
}
_NEAR = 0.1
"""An area within a tenth of a mine's outline is that of the outline."""

_BELOW_NOUGHT = re.compile(r"[-−]\s*\d")
_NOUGHT = re.compile(r"0+(?:\.0*)?")


@dataclass(frozen=True, slots=True, eq=False)
class Attributes:
    """What the fields of a layer say of the ground of its mines.

    Parameters
    ----------
    fields
        The fields read, by meaning.
    disturbed_m2, restored_m2
        Shape of the mines; NaN where the fields do not tell.
    why
        Shape of the mines: why nobody can tell; None where the fields do.
    """

    fields: dict[str, str]
    disturbed_m2: geodesy.Floats
    restored_m2: geodesy.Floats
    why: tuple[Text | None, ...]


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure and its unit, empty where it names none."""

    value: float
    unit: str

    def m2(self, unit: str) -> float:
        return self.value * UNITS.get(self.unit or unit, math.nan) if self.value else 0.0


def attribute_fields(layer: Layer) -> dict[str, str]:
    """Return the fields that state disturbed or restored ground: as declared, else by their names.

    Returns
    -------
    The field of each meaning that was found: ``restored_area``, ``unrestored_area`` (disturbed still),
    ``to_restore_area`` (both together), ``disturbed_area`` (which of the two, the outline must tell), and
    ``stated_area`` (the mine itself). A field of a known name counts even where the county declares none.
    """
    found = {}
    for meaning, names in _NAMES.items():
        declared = layer.declaration.fields.get(meaning)
        fields = [str(field) for field in layer.sound.columns if split_name(str(field))[0] in names]
        if declared in layer.sound.columns or fields:
            found[meaning] = declared if declared is not None else fields[0]
    return found


def attributes_of(layer: Layer, mine: npt.NDArray[np.intp], ground_m2: geodesy.Floats) -> Attributes | None:
    """Read what the fields say of disturbed and restored ground, mine by mine.

    A figure is in the unit written beside it, else in the one its field's name ends with, else in the one in which the
    figures of its mine, or the mine's own stated area, make up its outline, else in the one most other mines are in.
    One that all features of a mine repeat is the mine's; others are added up. The ground disturbed still is what is
    stated as such; else the whole less what is restored, where the whole is stated, or 扰动面积 is that of the outline
    or more; else the outline less what is restored.

    Parameters
    ----------
    layer
        The mines.
    mine
        Shape of the features: the row of the mine of each.
    ground_m2
        Shape of the mines: the area of the outline of each.

    Returns
    -------
    The figures, square metres; None where the layer has no such field.
    """
    fields = attribute_fields(layer)
    if not fields.keys() - {EXTENT}:
        return None
    rows = [_figures(layer, fields, np.flatnonzero(mine == number)) for number in range(len(ground_m2))]
    units = [_unit(row, float(area)) for row, area in zip(rows, ground_m2, strict=True)]
    counted = Counter(unit for unit in units if unit)
    usual = min(counted, key=lambda unit: (-counted[unit], unit)) if counted else ""
    told = [
        _read({meaning: figure.m2(unit or usual) for meaning, figure in row.items()}, float(area))
        for row, unit, area in zip(rows, units, ground_m2, strict=True)
    ]
    disturbed = np.array([one[0] for one in told], dtype=float)
    restored = np.array([one[1] for one in told], dtype=float)
    why = (one[2] and (_unread(layer, fields, np.flatnonzero(mine == row)) or one[2]) for row, one in enumerate(told))
    return Attributes(fields, disturbed, restored, tuple(why))


def _figures(layer: Layer, fields: dict[str, str], own: npt.NDArray[np.intp]) -> dict[str, _Figure]:
    """Return the figure of each meaning for one mine."""
    return {
        meaning: _together([_figure(word, split_name(field)[1]) for word in layer.text(field).iloc[own]])
        for meaning, field in fields.items()
    }


def _figure(word: str, unit: str) -> _Figure:
    written_m2 = read_area_m2(word)
    if written_m2 is not None:
        return _Figure(written_m2, "m2")
    is_nought = bool(_NOUGHT.fullmatch(unicodedata.normalize("NFKC", word).strip()))
    return _Figure(0.0 if is_nought else read_figure(word), unit)


def _unread(layer: Layer, fields: dict[str, str], own: npt.NDArray[np.intp]) -> Text | None:
    """Name the cells of one mine that hold no area: a text that is none, a figure below 0; None where all do."""
    cells = [
        (field, word) for meaning, field in fields.items() if meaning != EXTENT for word in layer.text(field).iloc[own]
    ]
    unread = [(field, word) for field, word in cells if not says_nothing(word) and math.isnan(_figure(word, "").value)]
    if not unread:
        return None
    below = {word for _, word in unread if _BELOW_NOUGHT.match(unicodedata.normalize("NFKC", word).strip())}
    return Text(
        "、".join(f"{field}“{word}”{'小于 0' if word in below else '无法识别'}" for field, word in unread),
        ", ".join(f"{field} “{word}” {'is below 0' if word in below else 'cannot be read'}" for field, word in unread),
    )


def _together(figures: Sequence[_Figure]) -> _Figure:
    """Return the figure of a mine: what its features repeat, else their sum; none where units are mixed."""
    if len(set(figures)) == 1:
        return figures[0]
    units = {figure.unit for figure in figures if figure.value}
    return _Figure(sum(figure.value for figure in figures), units.pop()) if len(units) == 1 else _Figure(math.nan, "")


def _unit(row: dict[str, _Figure], ground_m2: float) -> str:
    """Return the unit in which the bare figures of a mine make up its outline; empty where they do in none."""
    value = {meaning: row[meaning].m2 if meaning in row else None for meaning in _NAMES}
    if ground_m2 <= 0 or all(figure.unit or not figure.value for figure in row.values()):
        return ""
    sums = ((WHOLE,), (RESTORED, STILL), (RESTORED, DISTURBED), (DISTURBED,), (STILL,), (RESTORED,))
    for together in sums:
        of_sum = [value[meaning] for meaning in together]
        for unit in UNITS:
            area_m2 = sum(math.nan if read is None else read(unit) for read in of_sum)
            if abs(area_m2 / ground_m2 - 1.0) <= _NEAR:
                return unit
    extent = row.get(EXTENT)
    for unit in UNITS if extent is not None and not extent.unit else ():
        is_within = all(not figure.m2(unit) > (1 + _NEAR) * ground_m2 for figure in row.values())
        if extent is not None and abs(extent.m2(unit) / ground_m2 - 1.0) <= _NEAR and is_within:
            return unit
    return ""


def _read(stated: dict[str, float], ground_m2: float) -> tuple[float, float, Text | None]:
    """Return the ground disturbed still and the ground restored, and why nobody can tell them."""
    restored, still, whole, either = (stated.get(meaning, math.nan) for meaning in (RESTORED, STILL, WHOLE, DISTURBED))
    if math.isnan(whole) and not math.isnan(either):
        kind = _kind_of(either, restored, still, ground_m2)
        whole, still = (either, still) if kind == WHOLE else (whole, either) if kind == STILL else (whole, still)
        if not kind and math.isnan(still):
            return math.nan, math.nan, _OPEN
    if math.isnan(restored):
        whole = ground_m2 if math.isnan(whole) and ground_m2 > 0 else whole
        restored = whole - still
    elif math.isnan(still):
        whole = ground_m2 if math.isnan(whole) and ground_m2 > 0 else whole
        still = whole - restored
    elif not math.isnan(whole) and abs(restored + still - whole) > _NEAR * whole:
        return math.nan, math.nan, _CONTRADICTING
    if math.isnan(still) or math.isnan(restored):
        return math.nan, math.nan, _NOT_STATED
    slack_m2 = 0.01 * (still + restored)
    if min(still, restored) < -slack_m2:
        return math.nan, math.nan, _CONTRADICTING
    return max(still, 0.0), max(restored, 0.0), None


def _kind_of(either: float, restored: float, still: float, ground_m2: float) -> str:
    """Tell whether a stated 扰动面积 is the whole ground to restore or what is disturbed still; empty for neither."""
    if not math.isnan(still):
        return WHOLE
    if math.isnan(restored):
        return ""
    off_whole, off_still = abs(either - ground_m2), abs(either + restored - ground_m2)
    if ground_m2 > 0 and min(off_whole, off_still) <= _NEAR * ground_m2:
        return WHOLE if off_whole < off_still and restored <= either else STILL
    if restored > either:
        return STILL
    return WHOLE if 0 < ground_m2 * (1 + _NEAR) < either + restored else ""


_NOT_STATED = Text(
    "已修复、扰动面积没有填写、无法识别，或没有单位且不合图形",
    "no restored or disturbed area is stated that can be read, or one without a unit that fits the geometry in none",
)
_CONTRADICTING = Text(
    "登记的已修复、未修复、应修复面积与图形互相矛盾",
    "the restored, unrestored and whole areas it states, and its geometry, contradict one another",
)
_OPEN = Text(
    "登记的扰动面积是否含已修复部分，按图形无法判断",
    "the geometry does not tell whether the disturbed area it states includes what is restored",
)
