"""Targets written as running text, clause by clause: 确保…率达到100%, 争取…面积≥15平方米/人, 使…完成上级考核目标.

A clause holds a target where it ends with a figure behind a word that can be measured (率, 比例, 面积 …), or with one
of the fixed wordings, and is asked for: it begins with 确保, 争取, 力争, 保证, 实现, 使 or 到2025年, or follows one
that does, or stands in a task or under a heading of aims (主要目标). What a sentence reports of the past (2024年…达到,
已, 目前, 较上年提高了) is no target. A subject that lists several measures (…幅度、…比例) gives one indicator each. A
clause of nothing but 保持稳定或持续改善 or 性质不改变 belongs to the target before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from ecogeo.plan.columns import INDICATOR_COLUMNS, LEAD_COLUMN, later_columns, typed_frame
from ecogeo.plan.passages import Passage
from ecogeo.plan.prose_tasks import ProseTask, unowned
from ecogeo.plan.standing import judge
from ecogeo.plan.statements import Statement
from ecogeo.plan.targets import parse_target
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

_WHEN = "(?:(?:到|在|于)?(?:20[0-9]{2}年)?(?:年?[底末])?(?:之?前)?)"
_ASKED = re.compile(
    rf"(?:并|逐步|努力|全面|从而|以)?(?:确保|争取|力争|保证|实现|使得?){_WHEN}"
    rf"|(?:[到至]|力争到)(?:20[0-9]{{2}}年[底末]?|[“”]?十[三四五六]五[“”]?(?:期?末|时期末)|规划期?末)[，,]?"
)
_PAST = re.compile(
    r"目前|现状|截至|截止|已[经达建完实累]|同比|上年|去年|历史|提高了|下降了|增长了|增加了|减少了|提升了|分别为|“?十[二三四]五”?(?:以来|期间)"
)
_YEAR_AHEAD = re.compile(r"(?<![到至自前])(?P<year>20[0-9]{2})年(?![底末前])")
_AIMS = re.compile(r"目标|指标|任务|要求")
_HEADING = re.compile(
    r"(?:第[一二三四五六七八九十]+[章节]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|[0-9]{1,2}[.．、])"
)
_LONGEST_HEADING = 30
_ABOVE = "(?:上级|国家|自治区|[省市县]级?)"
_MEASURED = "(?:率|比例|占比|比重|面积|指数|幅度|度|浓度|总量|量|数|强度|水平|能耗|水耗|电耗|消耗|排放|长度|规模|里程)"
_INNER = re.compile(rf"(?P<target>完成{_ABOVE}[^的]{{0,6}}的(?P<subject>.+)的[一-鿿]{{0,6}}(?:任务|目标|要求|指标))")
_WORDED = re.compile(
    rf"(?P<subject>.+?)(?P<target>(?:完成|达到|符合){_ABOVE}[一-鿿]*"
    r"|完成[一-鿿]{0,8}(?:计划|任务|目标)|保持稳定(?:或持续改善)?|持续改善"
    r"|(?:面积|数量|质量|功能)?不(?:明显|降低|减少|下降|退化|增加|上升|改变))"
)
_MORE = re.compile(r"(?:并)?保持稳定(?:或持续改善)?|(?:并)?持续改善|[一-鿿]{0,6}不(?:改变|降低|减少|下降|退化)")
_FIGURE = re.compile(
    r"(?:[≥≤≧⩾⩽≦><＞＜﹥﹤]|不(?:低于|少于|小于|高于|超过|大于|多于)|达到?|超过|[高低大小]于|至少|(?:控制|保持|稳定)在"
    r"|提高到)\s*[0-9]|[0-9]\s*[%％‰]"
)
_BY = re.compile("(?:到)?(?P<year>20[0-9]{2})年[底末]?(?:之?前)?[，,]?(?=.{2})")
_BASE = re.compile(r"(?:较|比|相比|以|与)于?20[0-9]{2}年")
_FIRST_YEAR = {"三": 2016, "四": 2021, "五": 2026, "六": 2031}
_NO_YEAR = 9999
_TOO_VAGUE = ("steady_or_better", "wording", "in_place")
"""What is a target only where a word asks for it."""
_ALL = re.compile(r"(?:.*(?:各项|所有|全部|[0-9一二三四五六七八九十]项))?.{0,8}指标(?:均|全部|都)*")
"""What stands for the indicators as a whole, and is none of them."""
_SHORTEST, _LONGEST, _LONGEST_LIST = 2, 40, 80


@dataclass(frozen=True, slots=True)
class ProseTarget:
    """A target in running text.

    Parameters
    ----------
    subject
        What is measured.
    text
        The target as worded.
    year
        The year its clause, or one before it in the sentence, asks for it by; 0 where none is named.
    """

    subject: str
    text: str
    year: int = 0


def find_targets(text: str, *, is_asked: bool = False, since: int = 0) -> tuple[ProseTarget, ...]:
    """Find the targets of a paragraph.

    Parameters
    ----------
    text
        The paragraph.
    is_asked
        Whether it stands where targets are set, so that no word need ask for each.
    since
        The first year of the plan; what a sentence gives for a year before it is no target. 0 where it is not known.

    Examples
    --------
    >>> [(item.subject, item.text) for item in find_targets("加强管理，确保垃圾处理率≥95%，处理村占比≥80%。")]
    [('垃圾处理率', '≥95%'), ('处理村占比', '≥80%')]
    >>> find_targets("确保林草覆盖率完成上级考核目标，保持稳定或持续改善。")
    (ProseTarget(subject='林草覆盖率', text='完成上级考核目标，保持稳定或持续改善', year=0),)
    """
    found: list[ProseTarget] = []
    for sentence in re.split("[。；]", text):
        goes_on, in_clause = is_asked and not _is_past(sentence, since), 0
        is_set, year = goes_on, 0
        for clause in sentence.split("，"):
            asked = _ASKED.match(clause)
            if asked and _last_year(asked[0]) < since:
                break
            named = _last_year(asked[0]) if asked else _NO_YEAR
            year = named if named != _NO_YEAR else year
            if in_clause and _MORE.fullmatch(clause):
                found[-in_clause:] = [replace(item, text=f"{item.text}，{clause}") for item in found[-in_clause:]]
                continue
            targets = list(_targets_of(clause[asked.end() :] if asked else clause)) if asked or goes_on else []
            if is_set and not asked:
                targets = [item for item in targets if parse_target(item.text).comparator not in _TOO_VAGUE]
            found += [_dated(item, year) for item in targets]
            is_only_when = asked is not None and asked.end() == len(clause)
            goes_on, in_clause = is_set or is_only_when or bool(targets), len(targets)
    return tuple(found)


def _dated(item: ProseTarget, year: int) -> ProseTarget:
    """Return a target with the year it is asked for by, which may stand in front of its subject (2025年底前新增…)."""
    own = _BY.match(item.subject)
    if not own:
        return replace(item, year=year)
    return replace(item, subject=item.subject[own.end() :], year=int(own["year"]))


def _last_year(words: str) -> int:
    """Return the year by which words ask for something; that of no plan where they name none."""
    years = [int(year) for year in re.findall("20[0-9]{2}", words)]
    fives = [_FIRST_YEAR[ordinal] + 4 for ordinal in re.findall("十([三四五六])五", words)]
    return max([*years, *fives], default=_NO_YEAR)


def _is_past(sentence: str, since: int) -> bool:
    """Whether a sentence reports what was, or gives figures for a year before the plan."""
    years = [int(found["year"]) for found in _YEAR_AHEAD.finditer(_BASE.sub("", sentence))]
    return bool(_PAST.search(sentence)) or any(year < since for year in years)


def set_apart(passages: Sequence[Passage]) -> frozenset[int]:
    """Return the lines of the paragraphs that stand under a heading of aims (主要目标, 工作任务)."""
    lines: set[int] = set()
    is_under = False
    for passage in passages:
        text = _HEADING.sub("", passage.text)
        if _HEADING.match(passage.text) and len(text) <= _LONGEST_HEADING:
            is_under = bool(_AIMS.search(text))
        elif is_under:
            lines.add(passage.line)
    return frozenset(lines)


def unread_targets(
    passages: Sequence[Passage], indicators: pd.DataFrame, statements: Sequence[Statement]
) -> list[Unused]:
    """List every sentence with a figure that looks like a target and became none.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    indicators
        The targets that were read of them.
    statements
        What was read of them about the plan's tables; a sentence that holds such a statement is read.
    """
    texts = [column for column in indicators.columns if column.startswith("target_text")]
    read = {pair for column in texts for pair in zip(indicators["name"], indicators[column], strict=True)}
    found: list[Unused] = []
    for passage in passages:
        targets = [item for item in find_targets(passage.text, is_asked=True) if (item.subject, item.text) in read]
        stated = [item.wording for item in statements if item.line == passage.line]
        for sentence in filter(None, re.split("[。；]", passage.text)):
            left = sentence
            for item in targets:
                left = left.replace(f"{item.subject}{item.text}", "")
            if _FIGURE.search(left) and not any(wording in sentence for wording in stated):
                reason = Text(
                    f"含有数字、可能是目标而未读出的句子：{sentence}",
                    f"a sentence with a figure that may be a target and was not read: {sentence}",
                )
                found.append(Unused("", passage.line, passage.last_line, reason, is_loss=True))
    return found


def targets_beside(passages: Sequence[Passage], indicators: pd.DataFrame, *, since: int = 0) -> list[Unused]:
    """List the targets with a figure that running text sets and the indicator table does not have.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    indicators
        The table; a target is its own where one name ends with the other.
    since
        The first year of the plan; 0 where it is not known.
    """
    names = [name for name in indicators["name"] if name]
    found: list[Unused] = []
    for passage in passages:
        for item in find_targets(passage.text, since=since):
            is_known = any(item.subject.endswith(name) or name.endswith(item.subject) for name in names)
            if is_known or parse_target(item.text).value is None:
                continue
            reason = Text(
                f"正文中的目标，指标表中没有：{item.subject}{item.text}",
                f"a target of the running text that the indicator table does not have: {item.subject}{item.text}",
            )
            found.append(Unused("", passage.line, passage.last_line, reason))
    return found


class _Dated(NamedTuple):
    """The row of a target with the year it is set for."""

    year: int
    row: dict[str, object]


def prose_indicators(tasks: Sequence[ProseTask], passages: Sequence[Passage] = (), *, since: int = 0) -> pd.DataFrame:
    """Return the targets of running text as indicators, numbered as they come, owned as their tasks are.

    The year by which a target is asked for is its deadline; another target of the same subject for another year stands
    in that year's columns.

    Parameters
    ----------
    tasks
        The tasks of running text; the heading of a task is the domain.
    passages
        All paragraphs; those outside the tasks give the targets that no task has.
    since
        The first year of the plan; 0 where it is not known.
    """
    rows: list[dict[str, object]] = []
    own: dict[str, _Dated] = {}
    years: set[int] = set()
    aims, owned = set_apart(passages), {task.line for task in tasks}
    others = [task for task in unowned(passages) if task.line not in owned]
    known = {item.subject for task in tasks for item in find_targets(task.content, is_asked=True, since=since)}
    for task in sorted((*tasks, *others), key=lambda task: task.line):
        is_owned = task.line in owned
        for item in find_targets(task.content, is_asked=is_owned or task.line in aims, since=since):
            target = parse_target(item.text)
            units, first = task.units.departments, own.get(item.subject)
            if first and item.year and item.year != first.year and (not is_owned or first.row["departments"] == units):
                later = {f"target_text_{item.year}": item.text, f"target_value_{item.year}": target.value}
                first.row.update({column: cell for column, cell in later.items() if column not in first.row})
                years.add(item.year)
                continue
            if not is_owned and item.subject in known:
                continue
            known.add(item.subject)
            rows.append(
                {
                    "indicator_no": str(len(rows) + 1),
                    "domain": task.heading,
                    "task": task.name,
                    "name": item.subject,
                    "unit": target.unit,
                    "target_text": item.text,
                    "comparator": target.comparator,
                    "target_value": target.value,
                    "status": judge(target, ""),
                    "departments": task.units.departments,
                    LEAD_COLUMN: task.units.lead,
                    "deadline": f"{item.year}年" if item.year else "",
                }
            )
            if item.year:
                own.setdefault(item.subject, _Dated(item.year, rows[-1]))
    lead = (LEAD_COLUMN,) if any(row[LEAD_COLUMN] for row in rows) else ()
    return typed_frame(rows, [*INDICATOR_COLUMNS, *later_columns(sorted(years)), *lead])


def _targets_of(clause: str) -> Iterator[ProseTarget]:
    """Yield the targets of one clause, the word that asks for them taken off."""
    for pattern in (_INNER, _WORDED):
        found = pattern.fullmatch(clause)
        if found and _ALL.fullmatch(found["subject"]):
            return
        if found and _SHORTEST <= len(found["subject"]) <= _LONGEST_LIST:
            for subject in _subjects(found["subject"]):
                yield ProseTarget(subject, found["target"])
            return
    parts = [_measured(part) for part in clause.split("、")]
    whole = _measured(clause)
    if all(parts):
        yield from filter(None, parts)
    elif whole and not _FIGURE.search(whole.subject):
        yield whole


def _measured(clause: str) -> ProseTarget | None:
    """Return the target of a clause that ends with a figure behind a word that can be measured."""
    for end in reversed([found.end() for found in re.finditer(_MEASURED, clause)]):
        subject, figure = clause[:end], clause[end:]
        if _SHORTEST <= end <= _LONGEST and parse_target(figure, labelled=False).value is not None:
            return ProseTarget(subject, figure)
    return None


def _subjects(words: str) -> tuple[str, ...]:
    """Split a list of measures; anything else stays whole."""
    parts = tuple(re.split("、|及|和", words))
    return parts if all(re.search(f"{_MEASURED}$", part) for part in parts) else (words,)
