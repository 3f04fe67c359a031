"""The words that head the columns of indicator, project and task tables, and what each column is.

Heads are compared in half-width forms without blanks (`ecogeo.plan.cells.head_word`); a nested head is its upper cell
and its lower one in a row, or, where that is no head word, the lower or the upper alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ecogeo.plan.cells import head_word
from ecogeo.wording import Text

Kind = Literal["indicators", "projects", "tasks"]

KIND_NAMES: dict[Kind, Text] = {
    "indicators": Text("指标表", "indicator table"),
    "projects": Text("项目表", "project table"),
    "tasks": Text("任务表", "task table"),
}
YEAR = "20[0-9]{2}"
_NUMBER = "序号?|编号|项目编号|指标序号"
_UNITS = "(?:部门|单位|机构)(?:和单位|及单位)?"
_WANTED = "(?:指标|目标|规划|预期|考核|任务|控制)(?:目标|要求|任务)?值?|标准值?|目标任务|考核要求"
_TERM = "(?:[近中远]期|规划期?末|期末)"
_FIVE_YEARS = '[“”"]?十[三四五六]五[“”"]?'
_LAST_YEARS = {"十三五": 2020, "十四五": 2025, "十五五": 2030, "十六五": 2035}
_STAND = "(?:现状|基期|基准|基础|实际|完成|实现)(?:值|年|情况|数)?"
HEADS: dict[Kind, dict[str, str]] = {
    "indicators": {
        "domain": "领域|类别|方面|一级指标|指标类别",
        "task": "任务|二级指标",
        "indicator_no": _NUMBER,
        "name": "指标名称|(?:具体|主要|三级)?指标|指标项目?|指标内容",
        "unit": "(?:计量|指标)?单位",
        "target": f"(?:国家|自治区|省级?)?(?:{_WANTED})|指标要求|考核指标",
        "current": rf"(?:{YEAR}年?)?{_STAND}|{_STAND}\(?{YEAR}年?\)?(?:年|值)?",
        "status_reported": "是否达标|达标情况|是否完成",
        "target_later": rf"{_TERM}(?:{_WANTED})?\(?{YEAR}年?\)?(?:{_WANTED})?|{YEAR}年?\(?{_TERM}\)?(?:{_WANTED})?"
        rf"|{_FIVE_YEARS}(?:期?末)?(?:{_WANTED})"
        rf"|(?:.*\()?{YEAR}年?\)?.*(?:{_WANTED})|(?:{_WANTED})\(?{YEAR}年?\)?",
        "year": rf"{YEAR}年?",
        "kind": "(?:指标)?(?:属性|性质|类型)",
        "lead_departments": "(?:牵头|主管|主责|主要负责)" + _UNITS,
        "departments": "(?:责任|负责|实施|落实|承接)" + _UNITS,
        "other_departments": "(?:配合|协同|协助|参与)" + _UNITS,
        "deadline": "(?:完成|达标)?(?:时限|期限|时间)",
    },
    "projects": {
        "system": "(?:项目|工程)?(?:类别|类型|领域|大类)|重点领域",
        "project_no": _NUMBER,
        "name": "(?:重点)?(?:项目|工程)(?:\\(工程\\))?名称|重点工程|重点项目|建设项目",
        "nature": "(?:项目|建设|工程)性质",
        "content": "(?:主要|项目|工程)?(?:建设)?内容(?:[及与和]规模)?|建设规模(?:[及与和](?:主要)?(?:建设)?内容)?",
        "years": "(?:建设|实施|项目)?(?:起止)?(?:年限|期限|年月|年份|时间|时限|周期)",
        "invest": r"(?:计划|项目|估算|预计)?总?投资(?:额|估算|规模)?\((?P<unit>亿元|万元|元)\)",
        "funding": "资金(?:来源|渠道|筹措)(?:方式)?",
        "lead_departments": "(?:牵头|主管|主责)" + _UNITS,
        "departments": "(?:责任|负责|实施|建设|承办|项目)" + _UNITS + "|项目业主|业主单位",
        "other_departments": "(?:配合|协同|协助|参与)" + _UNITS,
    },
    "tasks": {
        "task_no": _NUMBER,
        "name": "(?:工作|重点|主要|具体|年度)*任务(?:名称|事项)?|(?:工作|重点)事项|重点工作|措施名称",
        "content": "(?:主要|工作|任务|具体|重点|建设)*(?:内容|措施|要求|举措)",
        "deadline": "(?:完成|实施)?(?:时限|期限|时间)(?:要求)?",
        "lead_departments": "(?:牵头|主管|主责)" + _UNITS,
        "departments": "(?:责任|负责|实施|落实)" + _UNITS,
        "other_departments": "(?:配合|协同|协助|参与)" + _UNITS,
    },
}
REQUIRED: dict[Kind, tuple[tuple[tuple[str, ...], str], ...]] = {
    "indicators": ((("name",), "指标名称"), (("target", "target_later"), "指标值")),
    "projects": ((("name",), "项目名称"), (("content", "invest"), "主要建设内容及规模")),
    "tasks": ((("name",), "任务名称"), (("content",), "主要内容")),
}
NESTED = "\x1f"
"""Stands between the upper and the lower cell of a nested head."""

_LEAST_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Columns:
    """What the cells of a head stand for.

    Parameters
    ----------
    kind
        What its rows are.
    words
        The head cells as compared.
    places
        Logical column to the places of its cells; more than one where the head cell is merged over several.
    years
        Logical column to the year its head names.
    unknown
        The head cells that name no known column, or one that came before.
    """

    kind: Kind
    words: tuple[str, ...]
    places: dict[str, tuple[int, ...]]
    years: dict[str, int]
    unknown: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns without which the table says nothing."""
        have = {"target_later" if name.startswith("target_") else name for name in self.places}
        return tuple(word for names, word in REQUIRED[self.kind] if have.isdisjoint(names))


def read_head(row: Sequence[str]) -> Columns | None:
    """Read a row as the head of the kind of table that most of its cells speak for; ``None`` where it is none.

    Parameters
    ----------
    row
        The cells.
    """
    words = tuple(NESTED.join(head_word(part) for part in cell.split(NESTED)) for cell in row)
    heads = [_columns(kind, words) for kind in HEADS]
    best = max(heads, key=lambda head: len(head.places))
    return best if "name" in best.places and len(best.places) >= _LEAST_COLUMNS else None


def _columns(kind: Kind, words: tuple[str, ...]) -> Columns:
    """Read a head as that of one kind of table."""
    places: dict[str, tuple[int, ...]] = {}
    years: dict[str, int] = {}
    unknown: list[str] = []
    last = ""
    for place, word in enumerate(words):
        if not word and last:
            places[last] += (place,)
            continue
        upper, _, lower = word.rpartition(NESTED)
        known = (column_of(kind, part) for part in (upper + lower, lower, upper))
        name, year = next((found for found in known if found[0]), ("", 0))
        if not name or name in places:
            unknown.append(upper + lower)
            last = ""
            continue
        places[name], last = (place,), name
        if year:
            years[name] = year
    plain = tuple(word.replace(NESTED, "") for word in words)
    return _with_bare_years(Columns(kind, plain, places, years, tuple(word for word in unknown if word)))


def _with_bare_years(columns: Columns) -> Columns:
    """Tell which columns headed by a year alone are values and which targets; name the first target.

    The first of several such columns holds current values, unless a column is headed as such; the others hold targets.
    """
    places, years = columns.places, columns.years
    bare = sorted(name for name in places if name.startswith("year_"))
    for name in bare:
        year = years.pop(name)
        is_current = name == bare[0] and "current" not in places and (len(bare) > 1 or _has_target(places))
        renamed = "current" if is_current else f"target_{year}"
        if renamed not in places:
            places[renamed], years[renamed] = places.pop(name), year
    dated = sorted(name for name in places if name.startswith("target_") and name in years)
    if columns.kind == "indicators" and "target" not in places and dated:
        places["target"] = places[dated[0]]
    return columns


def _has_target(places: dict[str, tuple[int, ...]]) -> bool:
    """Whether a head names a target."""
    return any(name.startswith("target") for name in places)


def column_of(kind: Kind, word: str) -> tuple[str, int]:
    """Name the logical column of a head cell, ``""`` for none, with the year it names, 0 for none.

    Examples
    --------
    >>> column_of("indicators", "2025年规划值"), column_of("indicators", "2022年现状值")
    (('target_2025', 2025), ('current', 2022))
    """
    dated = re.search(YEAR, word)
    last_years = [year for name, year in _LAST_YEARS.items() if name in word]
    year = int(dated[0]) if dated else next(iter(last_years), 0)
    for name, pattern in HEADS[kind].items():
        if re.fullmatch(pattern, word):
            names = {"target_later": f"target_{year}", "year": f"year_{year}"}
            return names.get(name, name), year
    return "", 0
