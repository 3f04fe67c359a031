"""What a document states of its own tables: how many, how much, which share, which figure, who.

Each statement is one row, so that an audit can be repeated on the tables alone, after they were edited too:

- ``about``: the table it speaks of, ``indicators``, ``projects`` or ``tasks``.
- ``subject``: a system, a domain, a kind (binding …), a status (``met``, ``not_met``), an indicator_no, project_id or
  task_no; empty for the whole table.
- ``measure``: ``count``, ``groups`` (how many domains or systems), ``invest``, ``share`` (of the investment),
  ``funding`` (what those who pay give together), ``stages`` (what all stages of the plan cost together), both in 万元,
  ``count_share`` (of the number of rows), ``figure`` (of an indicator, a project or a task), ``change`` (a rise or fall
  of an indicator), ``departments``.
- ``value``, ``unit``: the number as printed; a figure of a task has as unit the words that follow it.
- ``place``: ``text``, or the caption of the table that sums others up. ``line``: where it stands in the document.
- ``wording``: the words, cut short; of ``departments`` the units.
- ``stated_year``: the year a figure is told for; empty where it is told for none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from ecogeo.plan.columns import STATED_COLUMNS, YEAR_COLUMN, typed_frame


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; see the module."""

    about: str
    subject: str
    measure: str
    value: float | None
    unit: str
    place: str
    line: int
    wording: str
    stated_year: int | None = None


def stated_frame(statements: Sequence[Statement]) -> pd.DataFrame:
    """Return statements as a frame, in the order of the document."""
    ordered = sorted(statements, key=lambda item: item.line)
    return typed_frame([asdict(item) for item in ordered], [*STATED_COLUMNS, YEAR_COLUMN])


def statements_of(frame: pd.DataFrame) -> tuple[Statement, ...]:
    """Return the rows of a frame as statements."""
    return tuple(
        Statement(
            row["about"],
            row["subject"],
            row["measure"],
            None if pd.isna(row["value"]) else float(row["value"]),
            row["unit"],
            row["place"],
            0 if pd.isna(row["line"]) else int(row["line"]),
            row["wording"],
            None if pd.isna(row.get(YEAR_COLUMN, pd.NA)) else int(row[YEAR_COLUMN]),
        )
        for row in frame.to_dict("records")
    )
