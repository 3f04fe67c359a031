"""What running text states of a plan's tables, read into statements (`ecogeo.plan.statements`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pandas as pd

from ecogeo.plan.cells import head_word
from ecogeo.plan.drafts import KINDS
from ecogeo.plan.passages import Passage
from ecogeo.plan.prose_tasks import ProseTask
from ecogeo.plan.statements import Statement

_AMOUNT = r"(?P<value>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)"
_COUNTED = "(?P<noun>项目|指标|任务)"
_TOTALS = (
    re.compile(rf"{_COUNTED}(?:共计?|合计|总计)(?:有|为)?(?P<value>[0-9]+)(?P<unit>项|个)"),
    re.compile(
        rf"(?:共|合计|总计)[^。；]{{0,20}}?(?<![0-9.])(?P<value>[0-9]+)(?P<unit>项|个)[^，。；0-9]{{0,8}}?{_COUNTED}"
    ),
)
_OF_THE_PLAN = re.compile("本规划|本方案|本计划|[附下]表|指标体系|建设指标|工程建设|总投资")
_INVESTED = re.compile(rf"总?投资(?:额|约|为|共|合计|估算)*{_AMOUNT}(?P<unit>亿元|万元|元)")
_TOTAL_INVESTED = re.compile(rf"(?:总投资|投资(?:总额|合计|共计))(?:约|为|额|估算)*{_AMOUNT}(?P<unit>亿元|万元|元)")
_BEGIN = "(?:(?<![一-鿿])|(?<=其中)|(?<=包括)|(?<=包含)|(?<=含)|(?<=分为))"
_NOUNS = {"项目": "projects", "指标": "indicators", "任务": "tasks"}
_AFTER, _EXCERPT = 4, 30


def read_statements(passages: Sequence[Passage], indicators: pd.DataFrame, projects: pd.DataFrame) -> list[Statement]:
    """Find what running text states of the indicator and project tables.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    indicators, projects
        The tables.
    """
    subjects = [
        *((name, name, "projects") for name in projects["system"].unique() if name),
        *((name, name, "indicators") for name in indicators["domain"].unique() if name),
        *((word, kind, "indicators") for word, kind in KINDS.items() if (indicators["kind"] == kind).any()),
    ]
    tables = {"projects": projects, "indicators": indicators}
    found: list[Statement] = []
    for passage in passages:
        text = passage.text
        for word, subject, about in subjects:
            found += _of_subject(passage, word, subject, about)
        totals = [
            (noun, match)
            for pattern in _TOTALS
            for match in pattern.finditer(text)
            if (noun := _NOUNS[match["noun"]]) in tables and len(tables[noun]) and _OF_THE_PLAN.search(text)
        ]
        found += [_statement(noun, "", "count", match, passage) for noun, match in totals]
        if any(noun == "projects" for noun, _ in totals):
            amounts = _TOTAL_INVESTED.finditer(text)
            found += [_statement("projects", "", "invest", match, passage) for match in amounts]
    return found


def read_figures(passages: Sequence[Passage], indicators: pd.DataFrame) -> list[Statement]:
    """Find the percentages that running text gives for indicators by their full names.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    indicators
        The table; names of fewer than five characters are not looked for.
    """
    names = dict(zip(indicators["name"], indicators["indicator_no"], strict=True))
    patterns = {
        number: re.compile(rf"{re.escape(name)}(?:稳定|保持|达到|达|为|是|在|不低于|≥|持续)*{_AMOUNT}(?P<unit>%)")
        for name, number in names.items()
        if len(name) > 4 and (indicators["name"] == name).sum() == 1
    }
    return [
        _statement("indicators", number, "figure", match, passage)
        for passage in passages
        for number, pattern in patterns.items()
        for match in pattern.finditer(passage.text)
    ]


def task_statements(prose: Sequence[ProseTask], tasks: pd.DataFrame) -> list[Statement]:
    """Take what running text says of tasks that a table lists too: their figures and the units responsible.

    Parameters
    ----------
    prose
        The tasks of running text.
    tasks
        The tasks of the table; a task is the same where its number is.
    """
    numbers = set(tasks["task_no"])
    found: list[Statement] = []
    for task in prose:
        if task.number not in numbers:
            continue
        for value, words in figures_of(task.content):
            wording = f"{value:g}{words}"
            found.append(Statement("tasks", task.number, "figure", value, words, "text", task.line, wording))
        units = task.units.departments
        found.append(Statement("tasks", task.number, "departments", None, "", "text", task.line, units))
    return found


def figures_of(text: str) -> tuple[tuple[float, str], ...]:
    """Return the numbers of a text, each with the few words that follow it.

    Examples
    --------
    >>> figures_of("确保在2023年6月前上传至平台")
    ((2023.0, '年'), (6.0, '月前上传'))
    """
    pattern = re.compile(rf"(?<![0-9.]){_AMOUNT}(?P<words>[^0-9，。；、）)]{{0,{_AFTER}}})")
    return tuple((_number(found["value"]), found["words"]) for found in pattern.finditer(text))


def _of_subject(passage: Passage, word: str, subject: str, about: str) -> Iterator[Statement]:
    """Yield count and investment stated right behind a subject."""
    counted = re.compile(
        rf"{_BEGIN}{re.escape(word)}(?:类?(?:项目|工程|指标))?(?:共计?|有|为)?(?P<value>[0-9]+)(?P<unit>项|个)"
    )
    for match in counted.finditer(passage.text):
        yield _statement(about, subject, "count", match, passage)
        clause = re.split("[；。]", passage.text[match.end() :])[0]
        if about == "projects" and (amount := _INVESTED.search(clause)):
            yield _statement(about, subject, "invest", amount, passage)


def _statement(about: str, subject: str, measure: str, match: re.Match[str], passage: Passage) -> Statement:
    """Make a statement of words that were found."""
    words = match[0] if len(match[0]) <= _EXCERPT else f"…{match[0][-_EXCERPT:]}"
    unit = match["unit"] if measure != "count" else ""
    return Statement(about, subject, measure, _number(match["value"]), unit, "text", passage.line, words)


def _number(digits: str) -> float:
    """Read a number with or without thousands separators."""
    return float(head_word(digits).replace(",", ""))
