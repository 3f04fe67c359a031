"""The words of mine layers: states, parts, areas with units, and the many ways to say nothing."""

from __future__ import annotations

import enum
import re
import unicodedata
from decimal import Decimal

from ecogeo.stated_area import AREA_UNITS, UNITS


class State(enum.StrEnum):
    """Who answers for a mine's ground, as the layer of the county says it."""

    LEGACY = "历史遗留"
    LIABLE = "有责任主体"
    CLOSED = "闭坑"
    PRODUCING = "在产"


class Part(enum.StrEnum):
    """What a piece of a mine's ground is."""

    DISTURBED = "扰动"
    RESTORED = "已修复"


_STATES = {
    State.LEGACY: (
        "历史遗留",
        "历史遗留废弃",
        "遗留",
        "废弃",
        "无主",
        "无责任主体",
        "责任主体灭失",
        "legacy",
        "abandoned",
    ),
    State.LIABLE: ("有责任主体", "有主体", "liable", "liableowner", "withaliableowner"),
    State.CLOSED: ("闭坑", "已闭坑", "关闭闭坑", "关闭", "已关闭", "closed"),
    State.PRODUCING: ("在产", "生产", "正常生产", "正在生产", "生产中", "producing", "active"),
}
_PARTS = {
    Part.DISTURBED: (
        "扰动",
        "损毁",
        "破坏",
        "未修复",
        "未治理",
        "待修复",
        "待治理",
        *("露天采场", "采场", "采坑", "露天采坑", "矿坑", "排土场", "废石场", "尾矿库", "工业广场", "工业场地"),
        "disturbed",
        "damaged",
        "unrestored",
    ),
    Part.RESTORED: ("已修复", "修复", "已治理", "已复垦", "修复完成", "治理完成", "restored"),
}
_NOTHING = frozenset(
    {
        "",
        "无",
        "没有",
        "空",
        "未知",
        "不详",
        "不明",
        "待定",
        "待查",
        "未分类",
        "未填",
        "未定",
        "0",
        "暂无",
        "其他",
        "/",
        "\\",
        "-",
        "--",
        "—",
        "——",
        "?",
        "？",
    }
    | {"null", "none", "nan", "na", "n/a", "unknown", "<null>", "<空>", "unclassified", "other", "others"}
)
_YES, _NO = (
    frozenset({"是", "true", "1", "y", "yes", "绿色矿山"}),
    frozenset({"否", "false", "0", "n", "no", "非绿色矿山"}),
)
_FIGURE = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|\d+\.?\d*e[+-]?\d+")
_AREA = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)(万)?([^\d.,].*)")


def says_nothing(text: str) -> bool:
    """Tell whether a cell only says that nothing is known.

    Examples
    --------
    >>> says_nothing(" ／ "), says_nothing("无"), says_nothing("闭坑")
    (True, True, False)
    """
    return _plain(text) in _NOTHING


def state_of(text: str) -> State | None:
    """Return the state a text names; None where it names none that is known.

    Examples
    --------
    >>> state_of("历史遗留矿山").value, state_of("正常生产").value, state_of("停产"), state_of("政策性关闭")
    ('历史遗留', '在产', None, None)
    """
    word = _plain(text).removesuffix("矿山").removesuffix("矿")
    return next((state for state, words in _STATES.items() if word in words), None)


def part_of(text: str) -> Part | None:
    """Return the part a text names; None where it names none that is known.

    Examples
    --------
    >>> part_of("已治理").value, part_of("排土场").value, part_of("在建")
    ('已修复', '扰动', None)
    """
    word = _plain(text).removesuffix("区").removesuffix("面积")
    return next((part for part, words in _PARTS.items() if word in words), None)


def is_green(text: str) -> bool | None:
    """Return whether a text says that a mine is a green mine (绿色矿山); None where it does not tell.

    Examples
    --------
    >>> is_green("是"), is_green("False"), is_green("创建中")
    (True, False, None)
    """
    word = _plain(text)
    return True if word in _YES else False if word in _NO else None


def read_area_m2(text: str) -> float | None:
    """Read an area that names its unit.

    Parameters
    ----------
    text
        Such as ``12.5公顷``, ``187 亩`` or ``0.35km²``; a figure without a unit is no area: nobody knows its unit.

    Returns
    -------
    Square metres; None where the text is no such area.

    Examples
    --------
    >>> read_area_m2("1.5 公顷"), read_area_m2("15亩"), read_area_m2("1.2万平方米")
    (15000.0, 10000.0, 12000.0)
    >>> read_area_m2("12.5") is None
    True
    """
    found = _AREA.fullmatch(_plain(text).removeprefix("约"))
    if found is None:
        return None
    unit = AREA_UNITS.get(found[3])
    if unit is None:
        return None
    figure = Decimal(found[1].replace(",", "")) * (10_000 if found[2] else 1)
    return float(figure) * 2000.0 / 3.0 if unit == "mu" else float(figure) * UNITS[unit]


def read_figure(text: str) -> float:
    """Read a figure above 0 that names no unit; NaN where the text is none.

    Examples
    --------
    >>> read_figure("12,000.5"), read_figure(" １２ "), read_figure("12公顷"), read_figure("0"), read_figure("无")
    (12000.5, 12.0, nan, nan, nan)
    """
    word = _plain(text).removeprefix("约")
    value = float(word.replace(",", "")) if _FIGURE.fullmatch(word) else 0.0
    return value if value > 0.0 else float("nan")


def _plain(text: str) -> str:
    """Return a text without differences of width, case and space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
