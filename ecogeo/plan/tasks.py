"""Task tables as a typed frame: one row per task."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from ecogeo.plan.body_rows import Row
from ecogeo.plan.cells import one_line, paragraphs, unnumbered
from ecogeo.plan.columns import LEAD_COLUMN, TASK_COLUMNS, typed_frame
from ecogeo.plan.departments import units_of_cells
from ecogeo.plan.drafts import unnumbered_rows
from ecogeo.plan.heads import Section
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

_CATEGORY = "category"
_EXCERPT = 40
_HEADING = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)、.．](?P<name>.{2,40})")
_COUNT = re.compile(r"[（(](?:共计?)?[0-9]{1,3}(?:项|个)[^（）()]{0,6}[）)]$")


def build_tasks(sections: Sequence[Section]) -> tuple[pd.DataFrame, tuple[Unused, ...]]:
    """Turn task tables into one frame with the columns of the contract.

    A task is numbered as printed, or, in a table without numbers, as it comes. A deadline merged downwards is filled
    down; so is a category, which may also be a heading (一、) above its tasks. A numbered row without a name has that
    of the row above. A row without a number and a name goes on with the task above: it is a row of its own (1.2) where
    it names who or by when, else a further paragraph of the content.

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
        own: int | None = None
        further = 1
        is_counted = not any(unnumbered(row.cells.get("task_no", "")) for row in section.rows)
        if is_counted and section.rows and "task_no" in section.columns.places:
            unused.append(unnumbered_rows(section))
        for row in section.rows:
            deadline = one_line(row.cells.get("deadline", "")) or deadline
            category = one_line(row.cells.get("category", "")) or category
            number = str(len(rows) + 1) if is_counted else unnumbered(row.cells["task_no"])
            if number and row.cells["name"].strip():
                rows.append(_task(row, number, deadline, category))
                own, further = len(rows) - 1, 1
            elif own is not None and row.cells.get("content", "").strip() and _is_under(row, number):
                unused.append(_under(row, section, str(rows[own]["task_no"]), number))
                if not number and not _names_own(row):
                    rows[-1]["content"] = f"{rows[-1]['content']}\n{paragraphs(row.cells['content'])}"
                    continue
                further = 1 if number else further + 1
                label = number or f"{rows[own]['task_no']}.{further}"
                rows.append(_task(row, label, deadline, category) | {"name": rows[own]["name"]})
                own = len(rows) - 1 if number else own
            elif heading := _heading(row):
                category, own = heading, None
            elif words := " ".join(one_line(cell) for cell in row.raw if cell.strip()):
                reason = Text(f"没有序号或名称的行：{words}", f"a row without a number or a name: {words}")
                unused.append(Unused(section.title, row.line, row.line, reason, is_loss=True))
    return task_frame(rows), tuple(unused)


def _is_under(row: Row, number: str) -> bool:
    """Whether a row goes on with the task above: neither its number nor its name holds anything else."""
    return not row.cells["name"].strip() and bool(number or not row.cells.get("task_no", "").strip())


def _names_own(row: Row) -> bool:
    """Whether a row says itself who or by when."""
    return any(row.cells.get(name, "").strip() for name in ("lead_departments", "departments", "deadline"))


def _under(row: Row, section: Section, above: str, number: str) -> Unused:
    """Say that a row without a name was read as part of the task above."""
    words = one_line(row.cells["content"])[:_EXCERPT]
    reason = Text(
        f"没有序号和名称的行，归入上面的任务 {above}：{words}",
        f"a row without a number and a name was read as part of task {above} above it: {words}",
    )
    if number:
        reason = Text(
            f"任务 {number} 没有名称，用上面任务 {above} 的名称：{words}",
            f"task {number} has no name and was given that of task {above} above it: {words}",
        )
    return Unused(section.title, row.line, row.line, reason)


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
