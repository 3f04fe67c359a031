"""The figures that running text gives for a plan's indicators and projects, read into statements.

Only what the text says of the plan's own area (`ecogeo.plan.scope`) is taken, each figure with the year it is told for:
the last one named before it, in its sentence, its paragraph or the heading above; of a fall or rise the level it ends
at and the one it begins with; of several indicators or years listed with 分别 each its own. A change (提高 3 个百分点)
is no level, and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecogeo.plan.cells import head_word
from ecogeo.plan.passages import Passage
from ecogeo.plan.scope import Scope, headings_of, is_elsewhere, scope_of, years_spanned, years_told
from ecogeo.plan.statements import Statement
from ecogeo.plan.target_words import UNIT
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

_NUMBER = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_AMOUNT = rf"(?P<value>{_NUMBER})"
_WHEN = (
    r"(?:(?:到|至|在|于)?(?:(?P<year>(?:19|20)[0-9]{2})年(?:底|末)?(?:时|前|之前)?|“?十[三四五六]五”?期?末|规划期末))?"
    "[，,]?"
)
_CHANGED = "(?:提高|提升|增加|增长|上升|扩大|恢复|降低|下降|减少|压减|控制)"
_GLUE = (
    r"(?:的|[:：]|已经?|均|全部|基本|稳定|保持|维持|力争|争取|努力|确保|应当?|须|需|要|将|可|预计|实现|完成|达|为|是|在|到|至|目标(?!完成)值?|指标值|现状值?"
    rf"|不(?:得|应|能)?(?:低于|少于|小于|高于|超过|大于)|大于或?(?:等于)?|小于或?(?:等于)?|高于或?等于|低于或?等于|超过|突破|高达|至少|累计|{_CHANGED}(?:到|至)"
    "|控制在|大?约|[≥≤≧≦⩾⩽﹥＞>=])*"
)
_FROM = rf"(?:由|从)(?:(?P<from_year>(?:19|20)[0-9]{{2}})年底?的?|现状的?)?(?P<from>{_NUMBER})(?P<from_unit>{UNIT})"
_LEVEL = re.compile(
    rf"[”》]?(?:（(?:(?P<in_year>20[0-9]{{2}})年[^（）0-9]{{0,8}}|[^（）0-9]{{0,12}})）)?{_WHEN}{_GLUE}"
    rf"{_WHEN.replace('year', 'later_year')}{_GLUE}{_AMOUNT}(?P<unit>{UNIT})"
    r"(?:(?:以上|以下|以内|左右)?（(?P<after_year>20[0-9]{2})年[^（）0-9]{0,4}）)?"
)
_MOVED = re.compile(
    rf"[”》]?{_GLUE}{_FROM}[，,]?(?:逐步|稳步|进一步)?{_CHANGED}(?:到|至)"
    rf"(?:了?(?P<to_year>(?:19|20)[0-9]{{2}})年底?的?)?{_AMOUNT}(?P<unit>{UNIT})"
)
_BY = re.compile(
    r"(?:[：:，,]|总量|累计|较|比|相比|以|与|于|上年|基准年|基期|“?十[二三四]五”?期?末|(?:19|20)[0-9]{2}年?|的?水平|底|末|为基[数准]"
    rf"|分别|再|应|要|力争|实现|平均)*{_CHANGED}(?:率|幅度)?(?:了|达到?|为|约|不低于|≥)*{_AMOUNT}(?P<unit>{UNIT})"
)
_NEXT = re.compile(
    rf"(?:以上|以下|以内|左右)?[，,；;、](?:并|再|其后)?(?:到|至|在)?(?P<year>(?:19|20)[0-9]{{2}})年(?:底|末)?[，,]?(?:则|将|再)?{_GLUE}{_AMOUNT}(?P<unit>{UNIT})"
)
_EACH = re.compile(
    rf"(?P<others>(?:(?:[、，,和及与])[^，,。；、和及与]{{2,24}})*)分别{_GLUE}"
    rf"(?P<figures>{_NUMBER}{UNIT}(?:以上|以下)?(?:(?:[、，,]|和|及|与)+(?:≥|≤)?{_NUMBER}{UNIT}(?:以上|以下)?)+)"
)
_NEXT_BRACKETED = re.compile(
    rf"(?:[、，,；;]|和|及|与)+{_AMOUNT}(?P<unit>{UNIT})(?:以上|以下)?（(?P<year>20[0-9]{{2}})年[^（）0-9]{{0,4}}）"
)
_ONE = re.compile(rf"(?P<value>{_NUMBER})(?P<unit>{UNIT})")
_LIST = re.compile(rf"{_NUMBER}{UNIT}(?:(?:[、，,]|和|及|与)+{_NUMBER}{UNIT})+")
_MONEY = (
    r"[^。；;，\n]{0,20}?[，,：]?(?:计划|估算|概算|预计)?总?投资(?:额|约|为|共|合计|估算|概算|[:：])*"
    rf"{_AMOUNT}(?P<unit>亿元|万元|元)"
)
_SIZED = re.compile(rf"[，,：:]?(?:计划|规划|将|拟|共)*(?P<what>[一-鿿]{{2,10}}?)(?:约|共)?{_AMOUNT}(?P<unit>{UNIT})")
_CLAUSE = re.compile(r"[，,。；;\n]")
_NARROWER = re.compile("平均|部分|个别|其他|同类|高于|低于|超过|累计|新增|年均|每年")
_PART = re.compile(
    "(?:各[^，]{0,8}|城区|建成区|开发区|核心区|示范区|保护区|新区|镇区|园区|景区|库区|灌区|山区|丘陵区|平原区?|流域|县城|圩镇|集镇|农村|城市)的?$"
)
"""What makes a name in the same breath that of a part of the area."""

_DONE = re.compile("(?:完成|建成|治理|实施)$")
_BEGINS = re.compile(
    "(?:^|[^一-鿿]|[省市县区州旗镇乡个座处年末底的使和与及并且将时内把对]|境内|全域|辖区内?|范围内|实现|保障|保证|确保|其中|争取|力争|保持|提高|提升"
    "|推动|促进|要求|目前|现有|现状|期间|时期|到期|完成|达成|规划|预计|预期|计划|目标|当前|同时|要求)$"
)
"""What may stand in front of a name; behind any other word it is the end of a longer name (城镇 + 污水处理率)."""

_MEASURED = re.compile("(?:率|比例|比重|占比|面积|总量|浓度|指数|长度|规模|[^制程]度)$")
"""What the name of a sub-item ends with where it means something without that of its indicator."""

_UNITLESS = re.compile("(?:指数|系数)$")
_ENDS = re.compile("(?:以上|以下|左右)?(?:[，,；;。、）)]|$)")
"""What stands behind the number of an index without unit, so that it is not the number of something counted."""

_LATER = re.compile("规划期末|远期|中远期|中期|展望|力争|届时")
_PHASE = re.compile("近期|中期|远期|阶段|第[一二三]步|[一二三]期")
_RELATIVE = re.compile("百分点|倍|较|比|高于|低于|高出")
_UNREAD = re.compile(rf"[^。；;\n0-9]{{0,12}}?(?<![0-9.])(?P<value>{_NUMBER})(?P<unit>{UNIT})")
_UNTOLD = 0
"""In place of a year: that of a period or a phase nobody can tell."""

_SHORTEST_NAME, _SHORTEST_PROJECT, _EXCERPT, _OWN_PARAGRAPH = 4, 6, 30, 20


@dataclass(frozen=True, slots=True)
class _Figure:
    """One number with its unit, the year it is told for, where it ends, and whether it is a change."""

    value: str
    unit: str
    year: int | None
    end: int
    is_change: bool = False


def read_figures(passages: Sequence[Passage], indicators: pd.DataFrame, projects: pd.DataFrame) -> list[Statement]:
    """Find the figures that running text gives for indicators and for the money of projects, by their full names.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    indicators, projects
        The tables; names that are short, or that several rows share, are not looked for. A sub-item goes by the number
        of its indicator and its own (20-1).
    """
    scope, headings = scope_of(passages, indicators), headings_of(passages)
    names = _names(indicators, "indicator_no", _SHORTEST_NAME)
    named = _names(projects, "project_id", _SHORTEST_NAME)
    paid = [(number, re.compile(rf"{_project_words(name)}{_MONEY}")) for name, number in named.items()]
    contents = dict(zip(projects["project_id"], projects["content"], strict=True))
    sized = [(contents[number], number, re.compile(_project_words(name))) for name, number in named.items()]
    found: list[Statement] = []
    for passage in passages:
        heading = headings.get(passage.line, "")
        for name, number in names.items():
            if name not in passage.text:
                continue
            for at in _occurrences(passage.text, name, scope):
                found += [
                    _statement(number, figure, passage, at)
                    for figure in _figures_at(passage.text, at, name, _year_before(passage.text, at, heading, scope))
                ]
        for number, pattern in paid:
            found += [_money_statement(number, match, passage) for match in pattern.finditer(passage.text)]
        for content, number, pattern in sized:
            found += _size_statements(content, number, pattern, passage)
    return found


def _project_words(name: str) -> str:
    """Return the pattern of a project by name; a short one must be followed by what says that it is one."""
    return rf"{re.escape(name)}(?:项目|工程){'?' if len(name) >= _SHORTEST_PROJECT else ''}[”》]?"


def _size_statements(content: str, number: str, pattern: re.Pattern[str], passage: Passage) -> Iterator[Statement]:
    """Yield a size told behind the name of a project with the very words its content has in front of one."""
    if content[:_OWN_PARAGRAPH] in passage.text:
        return  # the paragraph its content was read from
    for at in pattern.finditer(passage.text):
        match = _SIZED.match(passage.text, at.end())
        unit = head_word(match["unit"]) if match else ""
        same = re.search(rf"{re.escape(match['what'])}(?:约|共)?{_NUMBER}(?P<unit>{UNIT})", content) if match else None
        if match and same and unit and "元" not in unit and head_word(same["unit"]) == unit:
            wording, value = passage.text[at.start() : match.end()], float(match["value"].replace(",", ""))
            yield Statement("projects", number, "figure", value, unit, "text", passage.line, wording[-_EXCERPT:])


def unread_figures(
    passages: Sequence[Passage], indicators: pd.DataFrame, statements: Sequence[Statement]
) -> list[Unused]:
    """List what running text of the plan's own area says of an indicator in figures, and was not understood.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    indicators
        The table.
    statements
        What was read of the text.
    """
    scope = scope_of(passages, indicators)
    read = {(item.line, item.subject) for item in statements if item.measure in ("figure", "change")}
    headings = headings_of(passages)
    found: list[Unused] = []
    for passage in passages:
        for name, number in _names(indicators, "indicator_no", _SHORTEST_NAME).items():
            if name not in passage.text or (passage.line, number) in read:
                continue
            for at in _occurrences(passage.text, name, scope):
                match = _UNREAD.match(passage.text, at + len(name))
                year = _year_before(passage.text, at, headings.get(passage.line, ""), scope)
                is_own = year is None or year in scope.years
                if match and match["unit"] and is_own and not _RELATIVE.search(match[0]):
                    words = passage.text[at : match.end()]
                    reason = Text(
                        f"正文中关于指标 {number} 的数字没有读懂，未与表格核对：{words}",
                        f"a figure the text gives for indicator {number} was not understood, nor compared: {words}",
                    )
                    found.append(Unused("", passage.line, passage.last_line, reason))
                    break
    return found


def _names(frame: pd.DataFrame, key: str, shortest: int) -> dict[str, str]:
    """Return the keys of rows by names that one row alone has; of a sub-item with its own number behind."""
    rows: list[dict[Any, Any]] = frame.to_dict("records")
    names = [row["name"] for row in rows]
    return {
        row["name"]: f"{row[key]}-{row.get('sub_no', '')}".removesuffix("-")
        for row in rows
        if len(row["name"]) >= shortest
        and names.count(row["name"]) == 1
        and (not row.get("sub_no") or _MEASURED.search(row["name"]))
    }


def _occurrences(text: str, name: str, scope: Scope) -> Iterator[int]:
    """Yield where a text names an indicator in full and speaks of the plan's own area."""
    for match in re.finditer(re.escape(name), text):
        sentence = re.split(r"[。；;\n]", text[: match.start()])[-1]
        clause = _CLAUSE.split(sentence)[-1]
        is_part = _NARROWER.search(clause) or _PART.search(clause)
        if _BEGINS.search(sentence) and not is_part and not is_elsewhere(sentence, scope):
            yield match.start()


def _figures_at(text: str, at: int, name: str, year: int | None) -> Iterator[_Figure]:
    """Yield the levels told behind a name, with their years; none where the year cannot be told."""
    behind = at + len(name)
    if year == _UNTOLD:
        return
    each = _EACH.match(text, behind)
    if each is not None:
        yield from _each(text, at, each, year)
        return
    moved = _MOVED.match(text, behind)
    if moved is not None:
        start = int(moved["from_year"]) if moved["from_year"] else None
        if start is not None:
            yield _Figure(moved["from"], moved["from_unit"] or moved["unit"], start, moved.end("from_unit"))
        if moved["unit"]:
            yield _Figure(moved["value"], moved["unit"], _year_of(moved["to_year"]) or year, moved.end())
        return
    changed = _BY.match(text, behind)
    if changed is not None and "分别" in changed[0]:
        years = [told for _, told in years_told(re.split(r"[。；;\n]", text[:at])[-1])]
        listed = _LIST.match(text, changed.start("value"))
        figures = list(_ONE.finditer(listed[0])) if listed else []
        if len(figures) == len(years):
            for told, figure in zip(years, figures, strict=True):
                yield _Figure(figure["value"], figure["unit"], told, behind + len(changed[0]), is_change=True)
        return
    if changed is not None:
        yield _Figure(changed["value"], changed["unit"], year, changed.end(), is_change=True)
        return
    level = _LEVEL.match(text, behind)
    if level is None or not _is_level(text, name, level):
        return
    own = (
        _year_of(level["after_year"])
        or _year_of(level["later_year"])
        or _year_of(level["year"])
        or _year_of(level["in_year"])
    )
    yield _Figure(level["value"], level["unit"], own or year, level.end())
    further = _further(text, level.end())
    while further is not None and further["unit"] and not further["unit"].endswith(("百分点", "倍")):
        yield _Figure(further["value"], further["unit"], int(further["year"]), further.end())
        further = _further(text, further.end())


def _is_level(text: str, name: str, level: re.Match[str]) -> bool:
    """Whether a number behind a name is a level: with a unit that is no change, or without one that of an index."""
    if level["unit"]:
        return not level["unit"].endswith(("百分点", "倍"))
    return bool(_UNITLESS.search(name) and _ENDS.match(text, level.end()))


def _further(text: str, at: int) -> re.Match[str] | None:
    """Return the next level of a list of years: ，到2030年达到63.5% or 、63.5%（2030年）."""
    return _NEXT.match(text, at) or _NEXT_BRACKETED.match(text, at)


def _each(text: str, at: int, each: re.Match[str], year: int | None) -> Iterator[_Figure]:
    """Yield the figure of one indicator of several (A、B分别达到x、y), or those of several years."""
    figures = list(_ONE.finditer(each["figures"]))
    clause = _CLAUSE.split(re.split(r"[。；;\n]", text[:at])[-1])[-1]
    ahead = len(re.findall("[、和及与]", clause))
    count = ahead + 1 + len(re.findall("[、，,和及与]", each["others"]))
    sentence = re.split(r"[。；;\n]", text[:at])[-1]
    years = [told for _, told in years_told(sentence)]
    unit = figures[-1]["unit"]
    if count == len(figures) and not (ahead and len(years) > 1):
        yield _Figure(figures[ahead]["value"], figures[ahead]["unit"] or unit, year, each.end())
    elif count == 1 and len(years) == len(figures):
        for told, figure in zip(years, figures, strict=True):
            yield _Figure(figure["value"], figure["unit"] or unit, told, each.end())


def _year_before(text: str, at: int, heading: str, scope: Scope) -> int | None:
    """Return the year that is told last before a place: in its sentence, its paragraph, or the heading above it.

    ``None`` where nothing tells any, 0 where it is that of a period or a phase nobody can tell, or what was done in one
    year (2022年完成…面积).
    """
    said = text[:at].rpartition("。")[2]
    for words in (re.split("[；;\n]", said)[-1], said):
        if told := years_told(words):
            place, year = told[-1]
            is_done_in = _DONE.search(words) and not re.search("[到至止]$", words[:place])
            return _UNTOLD if is_done_in else year
    if spanned := years_spanned(said):
        return None if spanned & scope.years or not scope.years else _UNTOLD
    if _LATER.search(said):
        return None
    earlier = text[: max(at - len(said), 0)]
    if ahead := [year for place, year in years_told(earlier) if earlier[place - 1 : place] in ("到", "至")]:
        return ahead[-1]
    if of_heading := {year for _, year in years_told(heading)}:
        return max(of_heading) if len(of_heading) == 1 else None
    return _UNTOLD if _PHASE.search(f"{heading}{said}") else None


def _year_of(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _statement(number: str, figure: _Figure, passage: Passage, at: int) -> Statement:
    """Make a statement of a figure of an indicator."""
    wording = passage.text[at : figure.end]
    words = wording if len(wording) <= _EXCERPT else f"…{wording[-_EXCERPT:]}"
    value, unit = float(head_word(figure.value).replace(",", "")), head_word(figure.unit)
    measure = "change" if figure.is_change else "figure"
    return Statement("indicators", number, measure, value, unit, "text", passage.line, words, figure.year)


def _money_statement(number: str, match: re.Match[str], passage: Passage) -> Statement:
    """Make a statement of the money of a project."""
    words = match[0] if len(match[0]) <= _EXCERPT else f"…{match[0][-_EXCERPT:]}"
    value = float(head_word(match["value"]).replace(",", ""))
    return Statement("projects", number, "figure", value, head_word(match["unit"]), "text", passage.line, words)
