"""Small tables a county keeps by hand: their rows by number, and everything that is wrong with them at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from ecogeo.errors import UnusableFileError
from ecogeo.wording import Text, list_en, list_zh


def is_day(text: str) -> bool:
    """Whether a text is a day, written YYYY-MM-DD.

    Examples
    --------
    >>> is_day("2026-02-29"), is_day("20260228")
    (False, False)
    """
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def column_problems(cells: pd.DataFrame, columns: Sequence[str]) -> list[Text]:
    """Return the problem that columns are missing, if they are; all in one sentence."""
    missing = [column for column in columns if column not in cells.columns]
    if not missing:
        return []
    zh, en = list_zh(missing, most=40), list_en(missing, most=40)
    return [Text(f"缺少列 {zh}", f"the columns {en} are missing")]


def duplicate_problems(keys: pd.Series[str], name: str) -> Iterator[Text]:
    """Yield the problem that keys occur twice, if they do; all in one sentence."""
    if twice := sorted(set(keys[keys.duplicated()])):
        yield Text(f"{name} 重复：{list_zh(twice)}", f"{name} occurs more than once: {list_en(twice)}")


def numbered(cells: pd.DataFrame) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows by column, each with its number as a spreadsheet shows it."""
    rows = cells.to_dict("records")
    yield from enumerate(({str(column): cell for column, cell in row.items()} for row in rows), start=2)


def at(row: int, problem: Text) -> Text:
    """Say in which row a problem is."""
    return Text(f"第 {row} 行：{problem.zh}", f"row {row}: {problem.en}")


def refuse(name: str, problems: Sequence[Text]) -> None:
    """Raise where there are problems.

    Raises
    ------
    UnusableFileError
        With all of them.
    """
    if problems:
        raise UnusableFileError(name, problems)
