"""Targets written as running text, clause by clause: 确保…率达到100%, 争取…面积≥15平方米/人, 使…完成上级考核目标.

A clause holds a target where it begins with 确保, 争取, 力争, 保证, 实现, 使 or 到2025年, or goes on after one that
does, and ends with a figure behind a word that can be measured (率, 比例, 面积 …), or with one of the fixed wordings. A
subject that lists several measures (…幅度、…幅度、…比例) gives one indicator each. A clause of nothing but
保持稳定或持续改善 or 性质不改变 belongs to the target before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from ecogeo.plan.columns import INDICATOR_COLUMNS, LEAD_COLUMN, typed_frame
from ecogeo.plan.passages import Passage
from ecogeo.plan.prose_tasks import ProseTask
from ecogeo.plan.standing import judge
from ecogeo.plan.statements import Statement
from ecogeo.plan.targets import parse_target
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

_WHEN = "(?:(?:到|在|于)?(?:20[0-9]{2}年)?(?:年?[底末])?(?:之?前)?)"
_ASKED = re.compile(rf"(?:并|逐步|努力|全面|从而|以)?(?:确保|争取|力争|保证|实现|使得?){_WHEN}|到20[0-9]{{2}}年[底末]?")
_ABOVE = "(?:上级|国家|自治区|[省市县]级?)"
_MEASURED = "(?:率|比例|占比|比重|面积|指数|幅度|度|浓度|总量|量|数|强度|水平)"
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
    """

    subject: str
    text: str


def find_targets(text: str) -> tuple[ProseTarget, ...]:
    """Find the targets of a paragraph.

    Examples
    --------
    >>> [(item.subject, item.text) for item in find_targets("加强管理，确保垃圾处理率≥95%，处理村占比≥80%。")]
    [('垃圾处理率', '≥95%'), ('处理村占比', '≥80%')]
    >>> find_targets("确保林草覆盖率完成上级考核目标，保持稳定或持续改善。")
    (ProseTarget(subject='林草覆盖率', text='完成上级考核目标，保持稳定或持续改善'),)
    """
    found: list[ProseTarget] = []
    for sentence in re.split("[。；]", text):
        is_asked, in_clause = False, 0
        for clause in sentence.split("，"):
            asked = _ASKED.match(clause)
            if in_clause and _MORE.fullmatch(clause):
                found[-in_clause:] = [
                    ProseTarget(item.subject, f"{item.text}，{clause}") for item in found[-in_clause:]
                ]
                continue
            targets = list(_targets_of(clause[asked.end() :] if asked else clause)) if asked or is_asked else []
            found += targets
            is_only_when = asked is not None and asked.end() == len(clause)
            is_asked, in_clause = is_only_when or bool(targets), len(targets)
    return tuple(found)


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
    read = set(zip(indicators["name"], indicators["target_text"], strict=True))
    found: list[Unused] = []
    for passage in passages:
        targets = [item for item in find_targets(passage.text) if (item.subject, item.text) in read]
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


def prose_indicators(tasks: Sequence[ProseTask]) -> pd.DataFrame:
    """Return the targets of prose tasks as indicators, numbered as they come, owned as their tasks are.

    Parameters
    ----------
    tasks
        The tasks of running text; the heading of a task is the domain.
    """
    rows: list[dict[str, object]] = []
    for task in tasks:
        for item in find_targets(task.content):
            target = parse_target(item.text)
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
                }
            )
    lead = (LEAD_COLUMN,) if any(row[LEAD_COLUMN] for row in rows) else ()
    return typed_frame(rows, [*INDICATOR_COLUMNS, *lead])


def _targets_of(clause: str) -> Iterator[ProseTarget]:
    """Yield the targets of one clause, the word that asks for them taken off."""
    for pattern in (_INNER, _WORDED):
        found = pattern.fullmatch(clause)
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
    for end in (found.end() for found in re.finditer(_MEASURED, clause)):
        subject, figure = clause[:end], clause[end:]
        if _SHORTEST <= end <= _LONGEST and parse_target(figure).value is not None:
            return ProseTarget(subject, figure)
    return None


def _subjects(words: str) -> tuple[str, ...]:
    """Split a list of measures; anything else stays whole."""
    parts = tuple(re.split("、|及|和", words))
    return parts if all(re.search(f"{_MEASURED}$", part) for part in parts) else (words,)
