"""What a sentence of a planning document speaks of: the plan's own area and years, or somebody else's.

A sentence that speaks of the whole country, of another county or of one town, of an earlier plan, of one year of
several or of a part of the period says nothing about the plan's tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from ecogeo.plan.columns import later_years
from ecogeo.plan.facts import read_facts
from ecogeo.plan.passages import Passage

SENTENCE = re.compile(r"[。；;\n]")
_CLAUSE = re.compile(r"[，,。；;：:\n]")
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?=[年底末、和及，,]|$)")
_DASH = "(?:年?(?:[-—–―−－~～]+|至|到))"
_PERIOD = re.compile(rf"(?:19|20)[0-9]{{2}}{_DASH}(?:19|20)[0-9]{{2}}年?")
_AGAINST = re.compile(
    r"(?:较|比|相比于?|相对于?|以|与|按|同)(?:19|20)[0-9]{2}年?(?:为基[数准]|的?水平|(?:实际)?值|底|末)?(?:相比)?"
)
_FIVE_YEARS = re.compile("十(?P<ordinal>[一二三四五六])五”?(?P<end>期?末|时期末|期末)?")
_FIRST_YEAR = {"一": 2006, "二": 2011, "三": 2016, "四": 2021, "五": 2026, "六": 2031}
_WIDER = re.compile("全国|我国|世界|全球|全省|省内|周边|去年|上年|往年|此前|历史上|过去|同期")
_FREE = "[0-9年月底末初上半下、]"
_NAMED = (
    "[一-鿿]{2,8}?自治[区州县]|[一-鿿]{1,4}?(?:(?:市|县)(?![场政民容域级委郊直辖内])|(?:省|区|旗|镇|乡)(?![政域级域内外镇村])|街道)"
    "|[一-鿿]{2,3}?(?:社区|园区|流域|村(?![庄民委镇屯]))"
)
_IN_FRONT = re.compile(rf"(?:截至|截止|到|至|在|年[底末]?|其中|{_FREE}*[0-9]{_FREE}*)*(?P<place>{_NAMED})")
_JUST_BEFORE = re.compile(rf"(?P<place>{_NAMED})(?:的|境内|全域|辖区内?|范围内)?$")
_NO_PLACE = re.compile(
    "设区的?城?市|郊区|城乡|城市|建成区|城区|市区|县城|中心城区|农村|乡村|村镇|城镇|行政村|设区市|地区|区域|小区|景区|园区|辖区"
)
_BRACKETED = re.compile("（[^（）]*）|《[^《》]*》")
_IS_YEAR = re.compile("（(?:19|20)[0-9]{2}年）")
_OTHERS = re.compile(
    "上一?轮|前一?轮|上级|国家级?(?:考核|下达)?(?:的|规定的)?(?:建设)?指标|(?:国家|省级?|自治区|中央)(?:下达|预算|考核|安排|层面)|省级"
    "|累计|近[年几]|过去|以来|已(?:经)?(?:实施|完成|建成|安排)|(?:近|中|远|先|一|二|三)期|[每逐]年|年度|每[个县镇乡村]|各[县镇乡村部单]|首批|第[一二三四]批|试点"
    "|(?:财政|社会)(?:资金|资本|投[入资])|自筹|贷款|专项资金|新增|[一二三四]季度|上半年|下半年"
)
"""Words that make a count or a sum one of another plan, of somebody above, of the past or of a part of the whole."""

_ACTOR = re.compile(
    "(?:由)?[一-鿿]{1,10}?(?:局|部门|单位|企业|公司|中心|办公室|委员会|集团)(?:共)?(?:负责|牵头|承担|实施|安排|谋划|申报|计划|组织实施)"
)
_PART = re.compile(
    "上一?轮|前一?轮|累计|近[年几]|过去|以来|(?:近|中|远|先|一|二|三)期|[每逐]年|年度|首批|第[一二三四]批|试点|[一二三四]季度|上半年|下半年"
)
"""Of these words, those that hold for the next clause as well."""

_OWN = re.compile("本规划|本方案|本计划|规划共|规划期")
_AHEAD = re.compile("[到至]$")
_ISSUED = re.compile("[0-9月日]{0,6}[^，。；]{0,12}(?:编制|印发|发布|批复|批准|修订|制定|审议|通过)")
"""What is done to a plan in a year, which is not a year it is about."""

_LEVEL_PLAN = re.compile("(?P<level>国家|自治区|[省市州县区])级(?:[一-鿿]{0,8}?)(?:规划|方案|计划)")
_TITLED = re.compile(
    "《(?P<title>[^《》]*(?:规划|方案|计划)[^《》]*)》(?:共|中|的|内|拟)*(?:设|确定|提出|明确|部署|安排|包括|列|规划|有)"
)
_KIND_OF_PLAN = re.compile(
    "(?:实施|工作|行动|总体|专项)*(?P<kind>方案|行动计划)(?:共|中|内|拟)*(?:设|确定|提出|明确|部署|安排|包括|列|有)"
)
_BRACKETED_WORDS = re.compile(r"[（(][^（）()]*[）)]")
_LONGEST_HEADING, _ANY_YEAR, _SHORTEST_TITLE = 30, 9999, 3


@dataclass(frozen=True, slots=True)
class Scope:
    """What a plan is about.

    Parameters
    ----------
    area
        Its area; empty where the document names none.
    years
        The years it has figures for.
    is_in_region
        Whether 全区 may mean a whole autonomous region.
    period
        Its first and last year, where they are told.
    title
        Its title; empty where the document has none.
    current_year
        The year all its current values are of, where it is one.
    """

    area: str
    years: frozenset[int]
    is_in_region: bool
    period: tuple[int, int] | None = None
    title: str = ""
    current_year: int | None = None


def scope_of(passages: Sequence[Passage], indicators: pd.DataFrame) -> Scope:
    """Return what a plan is about.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    indicators
        The indicator table.
    """
    text = "\n".join(passage.text for passage in passages)
    current = {int(year) for year in indicators["current_year"].dropna()}
    facts: Mapping[str, object] = read_facts(text, "", current_years=sorted(current))
    base, period = facts.get("base_year"), facts.get("period")
    years = current | set(later_years(list(indicators.columns))) | ({base} if isinstance(base, int) else set())
    told = (period[0], period[1]) if isinstance(period, tuple) else None
    current_year = next(iter(current)) if len(current) == 1 else None
    title = str(facts.get("title", ""))
    return Scope(str(facts.get("area", "")), frozenset(years), "自治区" in text, told, title, current_year)


def years_told(words: str) -> tuple[tuple[int, int], ...]:
    """Return the single years words speak of, each with its place: no spans, no years compared with, none in titles.

    Examples
    --------
    >>> years_told("规划期2021—2030年，到2025年比2020年提高，“十四五”末")
    ((15, 2025), (30, 2025))
    """
    plain = _masked(words)
    found = [(match.start(), int(match[1])) for match in _YEAR.finditer(plain)]
    found += [
        (match.start(), _FIRST_YEAR[match["ordinal"]] + 4) for match in _FIVE_YEARS.finditer(plain) if match["end"]
    ]
    return tuple(sorted(found))


def years_spanned(words: str) -> frozenset[int]:
    """Return the years of the five-year periods that words name as a whole.

    Examples
    --------
    >>> sorted(years_spanned("“十三五”期间")), sorted(years_spanned("“十四五”末"))
    ([2016, 2017, 2018, 2019, 2020], [])
    """
    spans = [_FIRST_YEAR[found["ordinal"]] for found in _FIVE_YEARS.finditer(_masked(words)) if not found["end"]]
    return frozenset(year for first in spans for year in range(first, first + 5))


def _masked(words: str) -> str:
    """Return words with what tells no year of its own blanked, every place kept."""
    for pattern in (_BRACKETED, _PERIOD, _AGAINST):
        words = pattern.sub(lambda found: found[0] if _IS_YEAR.fullmatch(found[0]) else "．" * len(found[0]), words)
    return words


def is_elsewhere(sentence: str, scope: Scope) -> bool:
    """Whether the place a sentence names last is not the plan's area.

    Examples
    --------
    >>> own = Scope("甲县", frozenset({2022}), False)
    >>> is_elsewhere("2022年，全国", own), is_elsewhere("2022年，全县", own)
    (True, False)
    """
    told = sorted(_places(sentence, scope))
    return bool(told) and not told[-1][1]


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
    sentence = SENTENCE.split(text[:start])[-1]
    *earlier, clause = _CLAUSE.split(sentence)
    before = earlier[-1] if earlier and not _OWN.search(clause) else ""
    if _OTHERS.search(clause) or _ACTOR.match(clause) or _PART.search(before) or _ACTOR.match(before):
        return True
    told_by = [clause] if re.search("本规划|本方案|本计划|[全本我][省市县区州]", clause) else [*earlier, clause]
    if _is_of_one_year(sentence, scope) or any(_names_other_plan(one, scope) for one in told_by):
        return True
    plain = _BRACKETED.sub("", sentence)
    told = {year for _, year in years_told(sentence)} | years_spanned(sentence)
    told |= {int(year) for found in _PERIOD.finditer(plain) for year in re.findall("[0-9]{4}", found[0])}
    if told and max(told) <= _last_past_year(scope) and (not scope.period or max(told) < scope.period[1]):
        return True
    places = sorted(_places(sentence, scope))
    place, is_own = places[-1] if places else (0, True)
    return not is_own and sentence[place] not in "全我本"


def _names_other_plan(clause: str, scope: Scope) -> bool:
    """Whether a clause begins with a plan that is not this one: 市级规划设置, 《甲市规划》设置, 方案部署.

    Examples
    --------
    >>> own = Scope("甲县", frozenset(), False, None, "甲县生态文明建设规划（2022—2030年）")
    >>> [_names_other_plan(words, own) for words in ("市级规划设置", "《乙市规划》提出", "方案部署", "《规划》设置")]
    [True, True, True, False]
    """
    level = _LEVEL_PLAN.match(clause)
    if level is not None:
        return not scope.area.endswith(level["level"][-1])
    titled = _TITLED.match(clause)
    named = _BRACKETED_WORDS.sub("", titled["title"]) if titled else ""
    if not named:
        kind = _KIND_OF_PLAN.match(clause)
        return bool(kind and scope.title) and (kind["kind"] not in scope.title if kind else False)
    own = iter(_BRACKETED_WORDS.sub("", scope.title))
    return len(named) > _SHORTEST_TITLE and not all(letter in own for letter in named)


def _last_past_year(scope: Scope) -> int:
    """Return the year up to which counts and sums are of the past; of a plan that tells nothing every year."""
    if scope.years:
        return min(scope.years)
    return scope.period[0] - 1 if scope.period else _ANY_YEAR


def _is_of_one_year(sentence: str, scope: Scope) -> bool:
    """Whether a sentence speaks of one year, or some, of a plan of several."""
    if scope.period is None or scope.period[0] == scope.period[1]:
        return False
    plain = _masked(sentence)
    for found in _PERIOD.finditer(_BRACKETED.sub("", sentence)):
        first, last = (int(year) for year in re.findall("[0-9]{4}", found[0]))
        if (first, last) != scope.period and not first <= scope.period[0] <= scope.period[1] <= last:
            return True
    singles = [found for found in _YEAR.finditer(plain) if not _AHEAD.search(plain[: found.start()])]
    after = [plain[found.end() :] for found in singles]
    return any(rest.startswith("年") and not _ISSUED.match(rest[1:]) for rest in after)


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


def headings_of(passages: Sequence[Passage]) -> dict[int, str]:
    """Return the heading each paragraph stands under, by its line; the nearest short line above it that is no sentence.

    Examples
    --------
    >>> headings_of((Passage(1, 1, "二、近期目标"), Passage(2, 2, "森林覆盖率达到63%。")))
    {2: '二、近期目标'}
    """
    found: dict[int, str] = {}
    heading = ""
    for before, passage in pairwise((None, *passages)):
        if before is not None and len(before.text) <= _LONGEST_HEADING and not re.search("[。；，：:]$", before.text):
            heading = before.text
        if passage is not None and heading and passage.text != heading:
            found[passage.line] = heading
    return found
