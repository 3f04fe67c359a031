"""Task tables as a typed frame: one row per task."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from ecogeo.plan.cells import one_line, paragraphs, unnumbered
from ecogeo.plan.columns import LEAD_COLUMN, TASK_COLUMNS, typed_frame
from ecogeo.plan.departments import units_of_cells
from ecogeo.plan.drafts import unnumbered_rows
from ecogeo.plan.heads import Row, Section
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

_CATEGORY = "category"
_HEADING = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)、.．](?P<name>.{2,40})")
_COUNT = re.compile(r"[（(](?:共计?)?[0-9]{1,3}(?:项|个)[^（）()]{0,6}[）)]$")


def build_tasks(sections: Sequence[Section]) -> tuple[pd.DataFrame, tuple[Unused, ...]]:
    """Turn task tables into one frame with the columns of the contract.

    A task is numbered as printed, or, in a table without numbers, as it comes. A deadline merged downwards is filled
    down; so is a category, which may also be a heading (一、) above its tasks.

    Parameters
    ----------
    sections
        The rows under each head of a task table.

    Returns
    -------
    The frame, with ``lead_departments`` where a table tells them from the others; and the rows that fit nowhere.
    """
    rows: list[dict[str, object]] = []
    unused: list[Unused] = []
    for section in sections:
        deadline, category = "", ""
        is_counted = not any(unnumbered(row.cells.get("task_no", "")) for row in section.rows)
        if is_counted and section.rows and "task_no" in section.columns.places:
            unused.append(unnumbered_rows(section))
        for row in section.rows:
            deadline = one_line(row.cells.get("deadline", "")) or deadline
            category = one_line(row.cells.get("category", "")) or category
            number = str(len(rows) + 1) if is_counted else unnumbered(row.cells["task_no"])
            if number and row.cells["name"].strip():
                rows.append(_task(row, number, deadline, category))
            elif heading := _heading(row):
                category = heading
            elif words := " ".join(one_line(cell) for cell in row.raw if cell.strip()):
                reason = Text(f"没有序号或名称的行：{words}", f"a row without a number or a name: {words}")
                unused.append(Unused(section.title, row.line, row.line, reason, is_loss=True))
    return task_frame(rows), tuple(unused)


def _heading(row: Row) -> str:
    """Return the category that a row of one word, marked as a heading (一、), stands above; empty where it is none."""
    words = [one_line(cell) for cell in row.raw if cell.strip()]
    found = _HEADING.fullmatch(words[0]) if len(words) == 1 else None
    return _COUNT.sub("", found["name"]) if found else ""


def task_frame(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Return tasks as a frame; ``lead_departments`` and ``category`` are columns where any task has some."""
    more = [column for column in (LEAD_COLUMN, _CATEGORY) if any(row.get(column) for row in rows)]
    return typed_frame(rows, [*TASK_COLUMNS, *more])


def _task(row: Row, number: str, deadline: str, category: str) -> dict[str, object]:
    """Make the row of one task."""
    units = units_of_cells(row.cells)
    return {
        "task_no": number,
        "name": one_line(row.cells["name"]),
        "content": paragraphs(row.cells.get("content", "")),
        "deadline": deadline,
        "departments": units.departments,
        LEAD_COLUMN: units.lead,
        _CATEGORY: category,
    }
