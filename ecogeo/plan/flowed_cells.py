"""How the words of a row without marks between its cells are shared out among its columns."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

from ecogeo.plan.cells import head_word, one_line
from ecogeo.plan.drafts import KINDS
from ecogeo.plan.item_lists import split_numbered
from ecogeo.plan.plain_text import is_blank
from ecogeo.plan.spaced_columns import in_widths
from ecogeo.plan.targets import is_figure, parse_target, parse_value, unit_of
from ecogeo.plan.years import parse_years

_UNITS_END = re.compile(r"[局委办府院部队所会厅处镇乡]|中心|公司|等|街道|单位|各县区?")
_WHOLE_ASSIGNED = re.compile(
    r"(?:完成|达到|以|按|符合|执行|上级|国家|自治区|省|市|控制).*(?:要求|目标|任务|指标|为准|计划|范围|标准|改善|规定|下达)(?:[内。]|以内)?"
)
_WHOLE_CHANGE = re.compile(r"(?:面积|数量|质量|功能|总量)?不[一-鿿]{2}")
_DEADLINE = re.compile(
    r"(?:20[0-9]{2}年(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?[-—至]?)+(?:年?[底末])?前?|长期|持续(?:推进|实施)?|每年"
)
_OPEN = 1.5
_MAY_BE_EMPTY = ("nature", "years", "start", "end", "invest", "funding", "place", "other_departments", "content")
_OF_PROJECTS = ("project_name", "nature", "years", "start", "end", "invest", "funding", "place", "content", "category")
_NATURE = re.compile(r"(?:新建|改建|扩建|续建|改扩建|技改|迁建|拟建|在建|已建|新增|维修|新、扩建|新改建|续、扩建)+")
_AMOUNT = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?(?:亿元|万元)?")
_NAME_END = re.compile(
    r"(?:项目|工程|建设|治理|整治|修复|改造|[扩新改续]建|完善|提升|体系|平台|中心|基地|[厂站园馆库]|行动|试点|监测|保护|处置)$"
)
_FUNDS = re.compile(r"资金|财政|自筹|贷款|债|投资|社会|中央|自治区|[省市县区]级|企业|融资|配套|PPP")
_PLACE_END = re.compile(r"[镇乡村县区市屯河库]$|街道|全[县区市]")
_LONGEST_NAME = 45
_CHINESE = re.compile("[一-鿿]{2}")
_ITEM_MARK = re.compile(r"\(([0-9]{1,2})\)")
_VALUES = ("target", "current", "year")
_FORBIDDEN, _UNLIKELY, _RAGGED = 100.0, 3.0, 0.1
DOUBTFUL, WRONG = 2.0, 20.0
"""What cells cost that read oddly, and cells that do not read as their head says."""
CLOSE = 0.35
"""How near the next best way to share words out may come before the best is doubtful."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Words shared out among columns: how badly the cells read, the cells, and how badly the next best way reads."""

    cost: float
    cells: tuple[str, ...]
    rival: float = math.inf


def gap_cost(text: str) -> float:
    """Tell how badly a text reads as what stands between two rows: nothing, or the domain of the next."""
    is_rest_of_cell = text.startswith(("、", "，", "；")) or bool(_UNITS_END.search(text[-2:]))
    return (DOUBTFUL if is_rest_of_cell else 0.5) if text else 0.0


def share_out(words: Sequence[str], columns: Sequence[str], lines: Sequence[int] = ()) -> dict[int, Shared]:
    """Share words out among the columns of a row so that the cells read best.

    Parameters
    ----------
    words
        The words, in order.
    columns
        Logical columns of an indicator, project or task table, in order.
    lines
        The line of each word; where it is not given every word is a line.

    Returns
    -------
    For each number of words taken from the beginning, the best way to share them out.

    Examples
    --------
    >>> share_out(["森林覆", "盖率（%）", "62.5", "不低", "于63"], ["name", "current", "target"])[5].cells
    ('森林覆盖率（%）', '62.5', '不低于63')
    """
    best: dict[int, list[Shared]] = {0: [Shared(0.0, ())]}
    for column in columns:
        reached: dict[int, list[Shared]] = {}
        for start, ways in best.items():
            for end in range(start, len(words) + 1):
                cost = _cost(column, tuple(words[start:end])) + _ragged_cost(_lines_of(words, lines, start, end))
                cells = _joined(column, words[start:end])
                reached.setdefault(end, []).extend(Shared(way.cost + cost, (*way.cells, cells)) for way in ways)
        best = {end: sorted(ways, key=lambda way: way.cost)[:2] for end, ways in reached.items()}
    return {
        end: Shared(ways[0].cost, ways[0].cells, ways[1].cost if len(ways) > 1 else math.inf)
        for end, ways in best.items()
    }


def _lines_of(words: Sequence[str], lines: Sequence[int], start: int, end: int) -> tuple[str, ...]:
    """Return the words of a cell line by line."""
    if not lines:
        return tuple(words[start:end])
    return tuple(
        "".join(words[at] for at in run) for _, run in groupby(range(start, end), key=lambda place: lines[place])
    )


@lru_cache(maxsize=20_000)
def _ragged_cost(words: tuple[str, ...]) -> float:
    """Tell how badly words read as the lines of one cell: each but the last is as wide as the widest, or nearly so."""
    widths = [in_widths(word) for word in words]
    return sum(min(1.0, _RAGGED * (max(widths) - width)) for width in widths[:-1] if max(widths) - width > 1)


def _joined(column: str, words: Sequence[str]) -> str:
    """Return the words of a cell as it read before it was broken; a value has no blanks."""
    return "".join(words) if column.startswith(_VALUES) else one_line(" ".join(words))


@lru_cache(maxsize=20_000)
def _cost(column: str, words: tuple[str, ...]) -> float:
    """Tell how badly words read as the cell of a column; 0 is as it should be."""
    if not words:
        return _OPEN if column in _MAY_BE_EMPTY else _FORBIDDEN / 2 if column != "name" else _FORBIDDEN
    text = "".join(words)
    if column in _OF_PROJECTS:
        return _project_cost(column, text)
    brackets = head_word(text)
    cost = 0.0 if brackets.count("(") == brackets.count(")") else WRONG
    cost += 0.0 if _is_numbered_well(text) else WRONG
    cost += WRONG * sum(_is_number(one) and _is_number(other) for one, other in pairwise(words))
    if column == "name":
        inner = ["".join(words[:count]) for count in range(1, len(words))]
        cost += 0.0 if _CHINESE.search(text) else WRONG
        return cost + WRONG * any(unit_of(name)[1] for name in inner) + _UNLIKELY * sum(map(_is_value, words))
    if column.startswith(_VALUES):
        return cost + _value_cost(text)
    is_unit = bool(_UNITS_END.search(text[-2:])) and not text.endswith(("、", "，")) and not re.search("[。%％]", text)
    fits = {
        "kind": head_word(text) in KINDS,
        "unit": is_blank(text) or bool(unit_of(f"值（{text}）")[1]),
        "departments": is_unit,
        "lead_departments": is_unit,
        "other_departments": is_unit or is_blank(text),
        "status_reported": head_word(text) in ("是", "否", "达标", "未达标"),
        "deadline": bool(_DEADLINE.fullmatch(head_word(text))),
    }
    return cost + (0.0 if fits.get(column, True) else WRONG)


def _project_cost(column: str, text: str) -> float:
    """Tell how badly a text reads as the cell of a project or task table."""
    plain = head_word(text)
    fits = {
        "nature": bool(_NATURE.fullmatch(plain)),
        "years": parse_years(plain) is not None,
        "start": parse_years(plain) is not None,
        "end": parse_years(plain) is not None,
        "invest": bool(_AMOUNT.fullmatch(plain)) or is_blank(plain),
    }
    if column in fits:
        return 0.0 if fits[column] else WRONG
    cost = 0.0 if plain.count("(") == plain.count(")") and not plain.endswith("、") else WRONG
    if _AMOUNT.fullmatch(plain) or _NATURE.fullmatch(plain) or parse_years(plain) is not None:
        return cost + WRONG / 2
    if column == "project_name":
        return cost + (0.0 if _NAME_END.search(plain) else 1.0) + (_UNLIKELY if len(plain) > _LONGEST_NAME else 0.0)
    if column == "funding":
        return cost + (0.0 if _FUNDS.search(plain) else _UNLIKELY)
    return cost + (0.0 if column == "content" or _PLACE_END.search(plain) else 1.0)


def _is_numbered_well(text: str) -> bool:
    """Whether the marks （1）（2） of a cell, if it has any, run from 1 on."""
    marks = _ITEM_MARK.findall(head_word(text))
    return not marks or [int(mark) for mark in marks] == list(range(1, len(marks) + 1))


def _value_cost(text: str) -> float:
    """Tell how badly a text reads as a value or a target; of numbered items, all of them."""
    lead, items = split_numbered(text)
    if items and not lead:
        return max(map(_value_cost, items))
    if not is_figure(text):
        return _UNLIKELY
    comparator = parse_target(text).comparator
    is_whole = {"assigned": _WHOLE_ASSIGNED, "no_decrease": _WHOLE_CHANGE, "no_increase": _WHOLE_CHANGE}.get(comparator)
    return _UNLIKELY - 1 if is_whole and not is_whole.fullmatch(text) else 0.0


def _is_number(word: str) -> bool:
    """Whether a word is a number by itself."""
    return parse_value(word) is not None or parse_target(word).value is not None


def _is_value(word: str) -> bool:
    """Whether a word is a number or a dash by itself."""
    return is_blank(word) or _is_number(word)
