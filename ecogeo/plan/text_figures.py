"""The figures that running text gives for a plan's indicators and projects, read into statements.

Only what the text says of the plan's own area and years is taken: a sentence that speaks of the whole country, of
another county or of one town, or of a year the table has nothing for, says nothing about the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecogeo.plan.cells import head_word
from ecogeo.plan.columns import later_years
from ecogeo.plan.facts import read_facts
from ecogeo.plan.passages import Passage
from ecogeo.plan.statements import Statement
from ecogeo.plan.target_words import UNIT

_AMOUNT_FREE = "[0-9年月底末初上半下、]"
_AMOUNT = r"(?P<value>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)"
_GLUE = (
    "(?:已经?|均|全部|基本|稳定|保持|维持|力争|达|为|是|在|到|至|不低于|不少于|不高于|不超过|大于|超过|持续|提高|提升|增加|上升"
    "|降低|下降|控制|大?约|[≥≤﹥＞>])*"
)
_MONEY = rf"[^。；;\n]{{0,20}}?(?:计划|估算|概算)?总?投资(?:额|约|为|共|合计|估算|概算)*{_AMOUNT}(?P<unit>亿元|万元|元)"
_YEAR = re.compile(r"((?:19|20)[0-9]{2})年?")
_FIVE_YEARS = re.compile("十(?P<ordinal>[一二三四五六])五")
_FIRST_YEAR = {"一": 2006, "二": 2011, "三": 2016, "四": 2021, "五": 2026, "六": 2031}
_SENTENCE, _CLAUSE = re.compile(r"[。；;\n]"), re.compile(r"[，,。；;\n]")
_WIDER = re.compile("全国|我国|世界|全球|全省|省内|周边|去年|上年|往年|此前|历史上|过去|同期")
_NARROWER = re.compile("平均|部分|个别|其他|同类|高于|低于|超过")
_NAMED = (
    "[一-鿿]{2,8}?自治[区州县]|[一-鿿]{1,4}?(?:(?:市|县)(?![场政民容域级委郊直辖内])|(?:省|区|旗|镇|乡)(?![政域级域内外镇村])|街道)"
    "|[一-鿿]{2,3}?(?:社区|园区|流域|村(?![庄民委镇屯]))"
)
_IN_FRONT = re.compile(rf"(?:截至|截止|到|至|在|年[底末]?|其中|{_AMOUNT_FREE})*(?P<place>{_NAMED})")
_JUST_BEFORE = re.compile(rf"(?P<place>{_NAMED})(?:的|境内|全域|辖区内?|范围内)?$")
_NO_PLACE = re.compile(
    "设区的?城?市|郊区|城乡|城市|建成区|城区|市区|县城|中心城区|农村|乡村|村镇|城镇|行政村|设区市|地区|区域|小区|景区|园区|辖区"
)
_BEGINS = re.compile(
    "(?:^|[^一-鿿]|[省市县区州旗镇乡个座处年末底的使和与及并且]|境内|全域|辖区内?|范围内|实现|保障|保证|确保|其中|争取|力争|保持|提高|提升"
    "|推动|促进|要求|目前|现有|现状|期间|时期|到期)$"
)
"""What may stand in front of a name; behind any other word it is the end of a longer name (城镇 + 污水处理率)."""

_BRACKETED = re.compile("（[^（）]*）|《[^《》]*》")
_OTHERS = re.compile(
    "上一?轮|前一?轮|上级|国家级?(?:考核|下达)?(?:的|规定的)?(?:建设)?指标|(?:国家|省级?|自治区|中央)(?:下达|预算|考核|安排|层面)|省级"
    "|累计|近[年几]|过去|以来|已(?:经)?(?:实施|完成|建成|安排)|(?:近|中|远|先|一|二|三)期"
)
"""Words that make a count or a sum one of another plan, of somebody above, of the past or of a part of the period."""

_SHORTEST_NAME, _SHORTEST_PROJECT, _EXCERPT = 4, 6, 30


@dataclass(frozen=True, slots=True)
class Scope:
    """What a plan is about: its area, the years it has figures for, and whether 全区 may mean a whole region."""

    area: str
    years: frozenset[int]
    is_in_region: bool


def read_figures(passages: Sequence[Passage], indicators: pd.DataFrame, projects: pd.DataFrame) -> list[Statement]:
    """Find the figures that running text gives for indicators and for the money of projects, by their full names.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    indicators, projects
        The tables; names that are short, or that several rows share, are not looked for.
    """
    scope = scope_of(passages, indicators)
    names = _names(indicators, "indicator_no", _SHORTEST_NAME)
    measured = [
        ("indicators", number, re.compile(rf"{re.escape(name)}{_GLUE}{_AMOUNT}(?P<unit>{UNIT})"))
        for name, number in names.items()
    ]
    paid = [
        ("projects", number, re.compile(rf"{re.escape(name)}(?:项目|工程)?[”》]?{_MONEY}"))
        for name, number in _names(projects, "project_id", _SHORTEST_PROJECT).items()
    ]
    found: list[Statement] = []
    for passage in passages:
        for about, number, pattern in [*measured, *paid]:
            found += [
                _statement(about, number, match, passage)
                for match in pattern.finditer(passage.text)
                if match["unit"] and (about == "projects" or _is_own(passage.text, match.start(), scope))
            ]
    return found


def _names(frame: pd.DataFrame, key: str, shortest: int) -> dict[str, str]:
    """Return the keys of rows by names that one row alone has."""
    rows: list[dict[Any, Any]] = frame.to_dict("records")
    names = [row["name"] for row in rows]
    return {
        row["name"]: row[key]
        for row in rows
        if len(row["name"]) >= shortest and names.count(row["name"]) == 1 and not row.get("sub_no")
    }


def scope_of(passages: Sequence[Passage], indicators: pd.DataFrame) -> Scope:
    """Return what the plan is about."""
    text = "\n".join(passage.text for passage in passages)
    current = {int(year) for year in indicators["current_year"].dropna()}
    facts: Mapping[str, object] = read_facts(text, "", current_years=sorted(current))
    base = facts.get("base_year")
    years = current | set(later_years(list(indicators.columns))) | ({base} if isinstance(base, int) else set())
    return Scope(str(facts.get("area", "")), frozenset(years), "自治区" in text)


def _is_own(text: str, start: int, scope: Scope) -> bool:
    """Whether what stands in front of a name in its sentence speaks of the plan's own area and years."""
    sentence = _SENTENCE.split(text[:start])[-1]
    if not _BEGINS.search(sentence):
        return False
    told = {int(year) for year in _YEAR.findall(sentence[-60:])}
    for found in _FIVE_YEARS.finditer(sentence):
        first = _FIRST_YEAR[found["ordinal"]]
        told |= set(range(first, first + 5)) & scope.years or {first}
    if told and scope.years and not (_last_told(sentence, told) & scope.years):
        return False
    if _NARROWER.search(_CLAUSE.split(sentence)[-1]):
        return False
    told_places = sorted(_places(sentence, scope))
    return not told_places or told_places[-1][1]


def is_of_others(text: str, start: int, scope: Scope) -> bool:
    """Whether a count or a sum is that of another plan, another body, one town, a part of the period or the past.

    Parameters
    ----------
    text
        The paragraph.
    start
        Where the figure stands in it.
    scope
        What the plan is about.

    Examples
    --------
    >>> own = Scope("甲县", frozenset({2022}), False)
    >>> said = "“十三五”期间，全县共实施重点项目86个。本规划共设置重点项目20个"
    >>> is_of_others(said, said.index("86"), own), is_of_others(said, said.index("20"), own)
    (True, False)
    """
    sentence = _SENTENCE.split(text[:start])[-1]
    if _OTHERS.search(_CLAUSE.split(sentence)[-1]):
        return True
    plain = _BRACKETED.sub("", sentence)
    told = {int(year) for year in _YEAR.findall(plain)}
    for found in _FIVE_YEARS.finditer(plain):
        first = _FIRST_YEAR[found["ordinal"]]
        told |= set(range(first, first + 5))
    if told and scope.years and max(told) <= min(scope.years):
        return True
    place, is_own = max(_places(sentence, scope), default=(0, True))
    return not is_own and sentence[place] not in "全我本"


def _last_told(sentence: str, told: set[int]) -> set[int]:
    """Return the year told last in a sentence; of a sentence that tells a period alone, all of them."""
    years = _YEAR.findall(sentence)
    return {int(years[-1])} if years else told


def _places(sentence: str, scope: Scope) -> Iterator[tuple[int, bool]]:
    """Yield where a sentence names a place, at the head of a clause or at its own end, and whether it is the area."""
    plain = _NO_PLACE.sub(lambda found: "，" * len(found[0]), sentence)
    yield from ((found.start(), False) for found in _WIDER.finditer(plain))
    heads = [0, *(found.end() for found in _CLAUSE.finditer(plain))]
    found_places = [*(_IN_FRONT.match(plain, head) for head in heads), _JUST_BEFORE.search(plain)]
    yield from ((one.start("place"), _is_own_place(one["place"], scope)) for one in found_places if one is not None)
    if scope.area:
        yield from ((found.start(), True) for found in re.finditer(re.escape(scope.area), plain))


def _is_own_place(place: str, scope: Scope) -> bool:
    """Whether a name of a place is the plan's own area, or says *the whole of it*."""
    if place[0] in "各每该此":
        return True
    whole = re.search("[全我本](区|县|市|州|省)$", place)
    if whole is not None:
        is_doubtful = whole[1] == "区" and scope.is_in_region and not scope.area.endswith("自治区")
        return bool(scope.area) and scope.area.endswith(whole[1]) and not is_doubtful
    return bool(scope.area) and (place.endswith(scope.area) or scope.area.startswith(place))


def _statement(about: str, subject: str, match: re.Match[str], passage: Passage) -> Statement:
    """Make a statement of words that were found."""
    words = match[0] if len(match[0]) <= _EXCERPT else f"…{match[0][-_EXCERPT:]}"
    value = float(head_word(match["value"]).replace(",", ""))
    return Statement(about, subject, "figure", value, head_word(match["unit"]), "text", passage.line, words)
