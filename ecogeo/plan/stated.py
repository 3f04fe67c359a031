"""What running text states of a plan's tables, read into statements (`ecogeo.plan.statements`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import pandas as pd

from ecogeo.plan.cells import COUNT, NUMERALS, counted, head_word
from ecogeo.plan.drafts import KINDS
from ecogeo.plan.passages import Passage
from ecogeo.plan.prose_tasks import ProseTask
from ecogeo.plan.statements import Statement
from ecogeo.plan.text_figures import Scope, is_of_others, scope_of

_AMOUNT = r"(?P<value>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)"
_COUNTED = "(?P<noun>项目|指标|任务|工程)"
_N = rf"(?<![0-9.{NUMERALS}])(?P<value>{COUNT})(?P<unit>项|个)(?!方面|领域|体系|大?类)"
_SETS = (
    "(?:设置|设立|设定|设计|(?<!建)设|确定|提出|制定|安排|包括|包含|涵盖|涉及|列入|列出|列|纳入|谋划|规划|实施|分解|分为"
    "|有|为|计)"
)
_TOTALS = (
    re.compile(
        rf"{_COUNTED}(?:共计?|合计|总计|总数|数量|个数)(?:有|为|达)?(?:{COUNT}(?:个?大?类|大领域|个方面)[，、]?)?{_N}"
    ),
    re.compile(rf"{_SETS}了?(?:具体|主要|规划|建设|考核|重点|目标|核心)*{_COUNTED}(?:共|总计)?{_N}"),
    re.compile(rf"(?:共|合计|总计)[^。；]{{0,20}}?{_N}[^，。；0-9]{{0,8}}?{_COUNTED}"),
    re.compile(rf"(?:共|合计|总计){_SETS}*了?[^，。；0-9]{{0,6}}?{_COUNTED}{_N}"),
    re.compile(
        rf"{_SETS}了?(?:[一-鿿、]{{0,30}}?(?:领域|方面|大?类|体系))?{_N}(?:具体|主要|规划|建设|考核|重点|目标|核心)*{_COUNTED}"
    ),
)
_COMPOSED = (
    re.compile(rf"由{_N}[^，。；0-9]{{0,8}}?{_COUNTED}(?:组成|构成)"),
    re.compile(rf"(?:共|合计|总计){_SETS}*了?{_N}(?:具体|主要|规划|建设|考核|重点|目标|核心)*(?P<noun>指标)"),
    re.compile(rf"(?:共|合计|总计){_SETS}*了?(?:具体|主要|规划|建设|考核|目标|核心)*(?P<noun>指标){_N}"),
    re.compile(rf"(?P<noun>指标)(?:总数|共计?|合计)(?:有|为|达)*{_N}"),
)
"""Wordings that speak of the plan's table wherever they stand; the others need a word for the plan beside them."""
_OF_THE_PLAN = re.compile("本规划|本方案|本计划|规划共|[附下]表|指标体系|建设指标|工程建设|总投资")
_INVESTED = re.compile(rf"总?投资(?:额|约|为|共|合计|估算)*{_AMOUNT}(?P<unit>亿元|万元|元)")
_TOTAL_INVESTED = re.compile(
    rf"(?:总投资|投资(?:总额|合计|共计))(?:约|为|额|估算|达|需)*{_AMOUNT}(?P<unit>亿元|万元|元)"
)
_BEGIN = "(?:(?<![一-鿿])|(?<=其中)|(?<=包括)|(?<=包含)|(?<=含)|(?<=分为))"
_NOUNS = {"项目": "projects", "指标": "indicators", "任务": "tasks", "工程": "projects"}
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
    names = Counter(word for word, _, _ in subjects)
    shared = {word for word, times in names.items() if times > 1}
    tables = {"projects": projects, "indicators": indicators}
    found: list[Statement] = []
    scope = scope_of(passages, indicators)
    for passage in passages:
        text = passage.text
        for word, subject, about in subjects:
            is_shared = word in shared and not KINDS.get(word)
            found += _of_subject(passage, word, subject, about, scope, is_shared=is_shared)
        totals = [
            (noun, match)
            for pattern in (*_COMPOSED, *(_TOTALS if _OF_THE_PLAN.search(text) else ()))
            for match in pattern.finditer(text)
            if (noun := _NOUNS[match["noun"]]) in tables
            and len(tables[noun])
            and not is_of_others(text, match.start("value"), scope)
            and not _is_of_part(text, match, [word for word, _, _ in subjects])
        ]
        totals = list({(noun, match.start("value")): (noun, match) for noun, match in reversed(totals)}.values())
        found += [_statement(noun, "", "count", match, passage) for noun, match in totals]
        if any(noun == "projects" for noun, _ in totals):
            amounts = [one for one in _TOTAL_INVESTED.finditer(text) if not _is_of_project(text, one, projects)]
            found += [_statement("projects", "", "invest", match, passage) for match in amounts]
    return found


def _is_of_project(text: str, match: re.Match[str], projects: pd.DataFrame) -> bool:
    """Whether an amount is that of the one project its own clause names."""
    clause = re.split("[，。；]", text[: match.start()])[-1]
    return any(name in clause for name in projects["name"] if len(name) > _AFTER)


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


def _is_of_part(text: str, match: re.Match[str], words: Sequence[str]) -> bool:
    """Whether a count is that of the one domain, system or kind that its own clause names."""
    clause = re.split("[，。；：]", text[: match.start("value")])[-1] + text[match.start("value") : match.end()]
    named = {word for word in words if word in clause}
    return sum(not any(word in other and word != other for other in named) for word in named) == 1


def _other_table(text: str, match: re.Match[str], about: str) -> bool:
    """Whether the sentence of a count speaks of the other table alone."""
    sentence = re.split("。", text[: match.start()])[-1] + re.split("。", text[match.start() :])[0]
    has = {"indicators": "指标" in sentence, "projects": bool(re.search("项目|工程|投资", sentence))}
    return not has[about] and any(has.values())


def _of_subject(
    passage: Passage, word: str, subject: str, about: str, scope: Scope, *, is_shared: bool = False
) -> Iterator[Statement]:
    """Yield count and investment stated right behind a subject, or the count right in front of a kind.

    A name that indicators and projects share is that of the table its sentence speaks of.
    """
    name, nouns = re.escape(word), "项目|工程" if about == "projects" else "指标"
    behind = re.compile(
        rf"{'' if word in KINDS else _BEGIN}(?:(?<![{NUMERALS}])[（(]?[{NUMERALS}]{{1,3}}[）)、.])?{name}"
        rf"(?:体系|领域|方面)?(?:建设|治理)?类?(?:{nouns})?[（(]?(?:共计?|{_SETS})*{_N}"
    )
    ahead = re.compile(rf"{_N}(?:为|是|属于)?{name}指标")
    matches = [*behind.finditer(passage.text), *(ahead.finditer(passage.text) if word in KINDS else ())]
    for match in matches:
        if is_of_others(passage.text, match.start("value"), scope):
            continue
        if is_shared and _other_table(passage.text, match, about):
            continue
        yield _statement(about, subject, "count", match, passage)
        clause = re.split("[；。]", passage.text[match.end() :])[0]
        if about == "projects" and (amount := _INVESTED.search(clause)):
            yield _statement(about, subject, "invest", amount, passage)


def _statement(about: str, subject: str, measure: str, match: re.Match[str], passage: Passage) -> Statement:
    """Make a statement of words that were found."""
    words = match[0] if len(match[0]) <= _EXCERPT else f"…{match[0][-_EXCERPT:]}"
    unit = match["unit"] if measure != "count" else ""
    value = float(counted(match["value"])) if measure == "count" else _number(match["value"])
    return Statement(about, subject, measure, value, unit, "text", passage.line, words)


def _number(digits: str) -> float:
    """Read a number with or without thousands separators."""
    return float(head_word(digits).replace(",", ""))
