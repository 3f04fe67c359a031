"""Task tables as a typed frame: one row per task."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ecogeo.plan.cells import head_word, one_line, paragraphs
from ecogeo.plan.columns import LEAD_COLUMN, TASK_COLUMNS, typed_frame
from ecogeo.plan.departments import units_of_cells
from ecogeo.plan.heads import Row, Section
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text


def build_tasks(sections: Sequence[Section]) -> tuple[pd.DataFrame, tuple[Unused, ...]]:
    """Turn task tables into one frame with the columns of the contract.

    A task is numbered as printed, or, in a table without numbers, as it comes. A deadline merged downwards is filled
    down.

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
        deadline = ""
        for row in section.rows:
            deadline = one_line(row.cells.get("deadline", "")) or deadline
            number = head_word(row.cells.get("task_no", str(len(rows) + 1)))
            if number and row.cells["name"].strip():
                rows.append(_task(row, number, deadline))
            elif words := " ".join(one_line(cell) for cell in row.raw if cell.strip()):
                reason = Text(f"没有序号或名称的行：{words}", f"a row without a number or a name: {words}")
                unused.append(Unused(section.title, row.line, row.line, reason, is_loss=True))
    return task_frame(rows), tuple(unused)


def task_frame(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Return tasks as a frame; ``lead_departments`` is a column where any task has some."""
    lead = (LEAD_COLUMN,) if any(row[LEAD_COLUMN] for row in rows) else ()
    return typed_frame(rows, [*TASK_COLUMNS, *lead])


def _task(row: Row, number: str, deadline: str) -> dict[str, object]:
    """Make the row of one task."""
    units = units_of_cells(row.cells)
    return {
        "task_no": number,
        "name": one_line(row.cells["name"]),
        "content": paragraphs(row.cells["content"]),
        "deadline": deadline,
        "departments": units.departments,
        LEAD_COLUMN: units.lead,
    }
