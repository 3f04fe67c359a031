"""Small tables a county keeps by hand: their rows by number, and everything that is wrong with them at once.

What persons decided (answers, types, reviews) is only ever appended to: the last row on a subject counts, and the
earlier ones stay where they are, so that anyone can see what was thought before.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import sys
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pandas as pd

from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.locking import holding
from ecogeo.table import read_cells
from ecogeo.wording import Text, list_en, list_zh

Row = TypeVar("Row")
Subject = TypeVar("Subject", bound=Hashable)

_FORMULA = re.compile(r"'*(?!-[0-9]+(\.[0-9]+)?$)[=+\-@\t\r＝＋－＠]")
"""How a text begins that a spreadsheet would take for a formula, with the apostrophes that keep it from that.

A negative number is none.
"""

LOCK_NAME = ".lock"
"""Beside the tables of a folder: whoever holds it writes, whichever program it is."""

_ONE_AT_A_TIME = threading.Lock()
_WAIT_S = 30.0


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


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that begins like it gets an apostrophe in front.

    Examples
    --------
    >>> safe_text("=HYPERLINK(1)"), safe_text("三千河")
    ("'=HYPERLINK(1)", '三千河')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def plain_text(cell: str) -> str:
    """Return what `safe_text` was given.

    Examples
    --------
    >>> plain_text("'=HYPERLINK(1)"), plain_text("'三千河'")
    ('=HYPERLINK(1)', "'三千河'")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def latest(rows: Sequence[Row], subject: Callable[[Row], Subject]) -> dict[Subject, Row]:
    """Return the row that counts of each subject: the last one; subjects in the order they first occur."""
    return {subject(row): row for row in rows}


def superseded(rows: Sequence[Row], subject: Callable[[Row], Hashable]) -> tuple[Row, ...]:
    """Return the rows that a later row on the same subject replaces, in their order."""
    last = {subject(row): place for place, row in enumerate(rows)}
    return tuple(row for place, row in enumerate(rows) if last[subject(row)] != place)


def backdated(rows: Sequence[Row], subject: Callable[[Row], Hashable], day: Callable[[Row], str]) -> tuple[Row, ...]:
    """Return the rows dated before an earlier row on the same subject."""
    newest: dict[Hashable, str] = {}
    found = []
    for row in rows:
        if day(row) < newest.get(subject(row), ""):
            found.append(row)
        newest[subject(row)] = max(day(row), newest.get(subject(row), ""))
    return tuple(found)


def read_decisions(path: Path) -> pd.DataFrame:
    """Read every cell of a table of decisions as it was meant: on one line, without the apostrophe of `safe_text`.

    Raises
    ------
    UnusableFileError
        As `ecogeo.table.read_cells`.
    """
    return read_cells(path).map(lambda cell: plain_text(as_kept(cell)))


def append_row(path: Path, columns: Sequence[str], row: Mapping[str, str], problems: Sequence[Text]) -> None:
    """Append one row to a table of decisions, whole or not at all.

    Parameters
    ----------
    path
        The table; where there is none it is made, with its folder, head and BOM. Rows that are there stay as they are.
    columns
        Columns of the row; those an older table lacks are added to it, empty.
    row
        Cells by column. Line breaks and what cannot be printed become blanks; what a spreadsheet would take for a
        formula gets an apostrophe in front.
    problems
        What is wrong with the row.

    Raises
    ------
    UsageError
        With the problems, if there are any: nothing is written then.
    UnusableFileError
        Where the table that is there cannot be read.
    """
    if problems:
        raise UsageError(problems)
    with one_who_writes(path):
        cells = read_cells(path) if path.is_file() else pd.DataFrame(columns=list(columns), dtype=str)
        added = {column: safe_text(as_kept(row[column])) for column in columns}
        write_whole(path, pd.concat([cells, pd.DataFrame([added])], ignore_index=True).fillna(""))


@contextlib.contextmanager
def one_who_writes(path: Path) -> Iterator[None]:
    """Hold the tables of a folder; whoever else would write one of them, in this program or another, waits.

    Raises
    ------
    UnusableFileError
        Where another program did not let go of them in time.
    OSError
        Where nothing can be written there.
    """
    with _ONE_AT_A_TIME, holding(path.with_name(LOCK_NAME), shown=path.name, wait_s=_WAIT_S):
        yield


def write_whole(path: Path, table: pd.DataFrame) -> None:
    """Put a table in the place of the one that is there; it is on the disk when this returns, or nothing has changed.

    Parameters
    ----------
    path
        The table; only one may write it meanwhile.
    table
        Its cells, as they are to stand there.

    Raises
    ------
    OSError
        Where it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as stream:
            table.to_csv(stream, index=False, lineterminator="\n")
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Have a folder's new entry on the disk too; Windows does so by itself and opens no folders."""
    if sys.platform != "win32":
        held = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(held)
        finally:
            os.close(held)


def as_kept(text: str) -> str:
    """Return a text as a cell keeps it: on one line, line breaks and what cannot be printed as blanks."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
