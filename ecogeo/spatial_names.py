"""Which measures the indicators of plans stand for, told by their names.

Source: names as plans print them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from ecogeo.mines import State, state_of_indicator
from ecogeo.shoreline.naturalness import NATURALNESS

Form = Literal["share", "area", "rate", "part"]


@dataclass(frozen=True, slots=True)
class Measure:
    """An indicator that a map can tell.

    Parameters
    ----------
    pattern
        What its name is in plans, without brackets.
    form
        ``share`` of the county in per cent, ``area``, ``rate`` of lengths in per cent, or ``part`` of a whole of its
        own in per cent, such as restored ground of mines.
    key
        Measure of the land book, role of the layer whose ground it is, state of mines, or one of the keys below.
    aside
        Why the measured value only stands beside the reported one and is not compared; empty where it is.
    """

    pattern: str
    form: Form
    key: str
    aside: str = ""


STEEP_CROPLAND, WETLAND, PROTECTED, SHORELINES = "steep_cropland", "wetland_protected", "protected", "shorelines"
WATER = "water"


_SHARE = r"(?:占.*)?(?:占比|比例|比重)"
MEASURES = (
    Measure(r"(?:林草|森林和草原|森林草原)(?:植被)?覆盖率", "share", "林草覆盖率"),
    Measure(
        r"(?:林草|草原)(?:植被)?综合(?:植被)?(?:覆盖度|盖度)|林草植被覆盖度",
        "share",
        "林草覆盖率",
        "指标按植被盖度计，量算值是林草地面积占比，只作参照，未作比较",
    ),
    Measure(r"森林覆盖率", "share", "森林覆盖率"),
    Measure(r"蓝绿空间(?:面积)?(?:占比|比例)", "share", "蓝绿空间占比"),
    Measure(r"湿地(?:保有量|(?:总)?面积)", "area", "湿地占比"),
    Measure(r"湿地保护率", "part", WETLAND),
    Measure(r"水(?:域|面)(?:空间)?(?:保有量|(?:总)?面积)", "area", WATER),
    Measure(r"耕地(?:保有量|面积)", "area", "耕地占比"),
    Measure(r"永久基本农田(?:保护)?(?:面积|目标|任务)", "area", "farmland"),
    Measure(r"城镇开发边界(?:规模|面积)", "area", "urban_boundary"),
    Measure(r"(?:.*、)?(?:陆域)?生态保护红线(?:划定|保护|管控)?(?:面积|规模)?(?:、.*)?", "area", "redlines"),
    Measure(r"(?:陆域)?生态保护红线(?:面积)?" + _SHARE, "share", "redlines"),
    Measure(r"(?:.*、)?自然保护地(?:面积)?(?:、.*)?", "area", "reserves"),
    Measure(r"自然保护地(?:面积)?" + _SHARE, "share", "reserves"),
    Measure(r"受保护(?:地区?|区域)(?:面积)?" + _SHARE, "share", PROTECTED),
    Measure(r"(?:河湖)?岸线保护率", "rate", SHORELINES),
    Measure(r"(?:河湖|河流|河道|水体)?(?:生态)?岸线自然化率", "part", NATURALNESS),
)
"""Indicators are told by their names; numbers differ from plan to plan. 市区… and the like are not of the county."""


def measures_of(name: str) -> tuple[Measure, ...]:
    """Return the measures an indicator's name stands for; none for most.

    Examples
    --------
    >>> [measure.key for measure in measures_of("林草覆盖率（丘陵地区）")]
    ['林草覆盖率']
    >>> [measure.key for measure in measures_of("生态保护红线、自然保护地")]
    ['redlines', 'reserves']
    >>> [measure.key for measure in measures_of("25度以上坡耕地面积")]
    ['steep_cropland:25']
    >>> measures_of("市区蓝绿空间占比"), measures_of("大陆自然岸线保有率")
    ((), ())
    """
    plain = re.sub(r"[（(].*?[）)]", "", unicodedata.normalize("NFKC", name)).strip()
    state = state_of_indicator(name)
    if state is not None and state is not State.PRODUCING:
        return (Measure(re.escape(plain), "part", str(state)),)
    steep = _STEEP.fullmatch(plain)
    if steep is not None:
        return (Measure(re.escape(plain), "area", f"{STEEP_CROPLAND}:{steep[1]}"),)
    return tuple(one for one in MEASURES if re.fullmatch(one.pattern, plain))


_STEEP = re.compile(r"(\d+(?:\.\d+)?)(?:度|°)(?:以上)?(?:的)?(?:陡)?坡(?:地)?耕地(?:面积)?")
