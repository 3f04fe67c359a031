"""What running text states of a plan's tables, read into statements (`ecogeo.plan.statements`)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from ecogeo.plan.passages import Passage
from ecogeo.plan.prose_tasks import ProseTask
from ecogeo.plan.scope import headings_of, scope_of
from ecogeo.plan.statements import Statement
from ecogeo.plan.text_counts import counts_of, subjects_of
from ecogeo.plan.text_money import money_of

_AMOUNT = r"(?P<value>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)"
_AFTER = 4


def read_statements(
    passages: Sequence[Passage],
    indicators: pd.DataFrame,
    projects: pd.DataFrame,
    tasks: pd.DataFrame | None = None,
) -> list[Statement]:
    """Find what running text states of the tables: counts, sums and shares.

    Parameters
    ----------
    passages
        The paragraphs outside tables.
    indicators, projects, tasks
        The tables; of tasks only those of a table, as those of the text itself are not counted by it.
    """
    subjects = subjects_of(indicators, projects)
    systems = [subject for _, subject, about in subjects if about == "projects"]
    frames = {"projects": projects, "indicators": indicators} | ({"tasks": tasks} if tasks is not None else {})
    scope, headings = scope_of(passages, indicators), headings_of(passages)
    found: list[Statement] = []
    for passage in passages:
        counts = list(counts_of(passage, subjects, frames, scope))
        found += counts
        is_counted = any(item.about == "projects" and item.measure == "count" and not item.subject for item in counts)
        if len(projects):
            heading = headings.get(passage.line, "")
            found += money_of(passage, heading, systems, projects, scope, is_counted=is_counted)
    return found


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
    return tuple((float(found["value"].replace(",", "")), found["words"]) for found in pattern.finditer(text))
