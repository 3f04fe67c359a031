"""The columns of a plan's tables, with their types: text, whole numbers or numbers.

Text is never missing, only empty. Missing numbers are ``<NA>`` or ``NaN``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

INDICATOR_COLUMNS = (
    "indicator_no",
    "sub_no",
    "domain",
    "task",
    "name",
    "unit",
    "target_text",
    "comparator",
    "target_value",
    "current_text",
    "current_value",
    "current_year",
    "status_reported",
    "status",
    "kind",
    "departments",
    "deadline",
)
PROJECT_COLUMNS = (
    "project_id",
    "system",
    "project_no",
    "name",
    "nature",
    "content",
    "start_year",
    "end_year",
    "invest_wan_yuan",
    "funding",
    "departments",
    "location_basis",
    "place",
    "accuracy_m",
)
TASK_COLUMNS = ("task_no", "name", "content", "deadline", "departments")
STATED_COLUMNS = ("about", "subject", "measure", "value", "unit", "place", "line", "wording")
YEAR_COLUMN = "stated_year"
"""Behind `STATED_COLUMNS`; a file written before there was one is read all the same."""
LEAD_COLUMN = "lead_departments"
"""Present only where a document tells the units that lead from the others."""

_WHOLE = frozenset({"current_year", "start_year", "end_year", "line", "stated_year"})
_NUMBER = re.compile(r"target_value(_[0-9]{4})?|current_value|invest_wan_yuan|accuracy_m|value")
_LATER = re.compile(r"target_(?:text|value)_([0-9]{4})")


def is_whole(column: str) -> bool:
    """Whether a column holds whole numbers."""
    return column in _WHOLE


def is_number(column: str) -> bool:
    """Whether a column holds numbers of any kind."""
    return is_whole(column) or bool(_NUMBER.fullmatch(column))


def later_columns(years: Sequence[int]) -> tuple[str, ...]:
    """Return the columns for the targets of later years.

    Examples
    --------
    >>> later_columns([2030])
    ('target_text_2030', 'target_value_2030')
    """
    return tuple(f"target_{what}_{year}" for year in years for what in ("text", "value"))


def later_years(columns: Sequence[str]) -> tuple[int, ...]:
    """Return the years for which columns hold later targets, in order."""
    return tuple(sorted({int(found[1]) for column in columns if (found := _LATER.fullmatch(column))}))


def typed_frame(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a frame with these columns and their types.

    Parameters
    ----------
    rows
        Cells by column; a column that a row lacks is empty there.
    columns
        The columns, in order.
    """
    return pd.DataFrame({column: _typed(column, [row.get(column) for row in rows]) for column in columns})


def _typed(column: str, cells: Sequence[object]) -> pd.Series:
    """Return the cells of one column with its type."""
    if is_whole(column):
        return pd.Series(cells, dtype="Int64")
    if is_number(column):
        return pd.Series(cells, dtype="float64")
    return pd.Series(["" if cell is None else cell for cell in cells], dtype="object")
