"""A copy of a ledger, and back: nothing that was recorded is ever lost on the way."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from pathlib import Path

from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.ledger.entries import LINE_COLUMNS
from ecogeo.ledger.opening import Open, reading, writing
from ecogeo.ledger.places import Ledger
from ecogeo.ledger.store import held_problems
from ecogeo.wording import Text

_ENTRIES = "SELECT seq, county, kind, at, body, previous, sha256 FROM entry ORDER BY seq"
_LINES = f"SELECT seq, number, {', '.join(LINE_COLUMNS)} FROM answer ORDER BY seq, number"  # noqa: S608
_STEP = 1000


def backup(ledger: Ledger, path: Path) -> int:
    """Copy a ledger into a file, whole and checked, while others may go on working with it.

    Parameters
    ----------
    ledger
        The ledger; one on PostgreSQL is copied into an SQLite file, with the entries of every county.
    path
        The copy; it must not be there yet.

    Returns
    -------
    How many entries the copy holds.

    Raises
    ------
    UsageError
        Where the copy is there already, or there is no ledger yet.
    UnusableFileError
        Where the ledger is damaged or was changed, or the copy cannot be written.
    """
    if path.exists():
        raise UsageError(Text(f"{path} 已存在，备份不会覆盖它", f"{path} is there already and is not replaced"))
    part = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    try:
        count = _copied(ledger, Ledger(str(part)))
        part.replace(path)
    finally:
        for left in (part, *(part.with_name(f"{part.name}{end}") for end in ("-wal", "-shm", "-journal"))):
            left.unlink(missing_ok=True)
    return count


def restore(ledger: Ledger, path: Path, *, is_forced: bool = False) -> tuple[int, Path | None]:
    """Bring a copy back in the place of a ledger.

    Parameters
    ----------
    ledger
        Where to.
    path
        The copy.
    is_forced
        Whether the ledger may be set aside although it holds entries the copy has not, or cannot be read.

    Returns
    -------
    How many entries there are now, and where the ledger that was there lies; None where there was none.

    Raises
    ------
    UsageError
        Where entries would be lost from sight and it is not forced; on PostgreSQL wherever the ledger holds any.
    UnusableFileError
        Where the copy is damaged or was changed.
    """
    copy = Ledger(str(path))
    if not path.is_file():
        raise UnusableFileError(path.name, Text("文件不存在", "the file does not exist"))
    with reading(copy) as held:
        if held is None:
            raise UnusableFileError(path.name, Text("其中没有台账", "it holds no ledger"))
        _require_whole(held)
        kept = [str(row[6]) for row in held.ask(_ENTRIES)]
    if ledger.is_server:
        return _restored_to_server(copy, ledger), None
    fresh = _aside(ledger.path, "restored")
    _copied(copy, Ledger(str(fresh)))
    lost = _entries_beyond(ledger, kept)
    if lost and not is_forced:
        fresh.unlink()
        raise UsageError(
            Text(
                f"现有台账{lost.zh}，备份里没有；确要恢复请加 --force（现有台账会改名保留）",
                f"the ledger {lost.en} that the copy has not: add --force to go on, it is set aside under another name",
            )
        )
    aside = None
    if ledger.path.exists():
        aside = _aside(ledger.path, "before-restore")
        for end in ("-wal", "-shm"):
            companion = ledger.path.with_name(f"{ledger.path.name}{end}")
            if companion.exists():
                companion.replace(aside.with_name(f"{aside.name}{end}"))
        ledger.path.replace(aside)
    fresh.replace(ledger.path)
    return len(kept), aside


def _copied(source: Ledger, target: Ledger) -> int:
    """Copy a ledger into a new file, check the copy, and return how many entries it holds."""
    with reading(source) as held:
        if held is None:
            raise UsageError(Text("还没有台账可备份", "there is no ledger to copy yet"))
        if source.is_server:
            with writing(target) as into:
                _pour(held, into)
        else:
            _paged(source, target)
    with reading(target) as copy:
        if copy is None:
            raise UnusableFileError(target.shown, Text("副本是空的", "the copy is empty"))
        _require_whole(copy)
        count = copy.ask("SELECT count(*) FROM entry ").fetchone()
    # One file alone, without a log beside it, and on the disk.
    with contextlib.closing(sqlite3.connect(target.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return int(count[0]) if count else 0


def _paged(source: Ledger, target: Ledger) -> None:
    """Copy an SQLite ledger page by page, as it is at one moment."""
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{source.path.absolute().as_uri()}?mode=ro", uri=True)) as held,
            contextlib.closing(sqlite3.connect(target.path)) as into,
        ):
            held.backup(into)
    except sqlite3.Error as error:
        problem = Text(f"备份写不成：{error}", f"the copy could not be written: {error}")
        raise UnusableFileError(target.shown, problem) from error


def _pour(held: Open, into: Open) -> None:
    """Copy rows from one ledger to an empty one; answers go before their entries."""
    lines = list(held.ask(_LINES))
    marks = ", ".join("?" * (len(LINE_COLUMNS) + 2))
    query = into.as_spoken(f"INSERT INTO answer (seq, number, {', '.join(LINE_COLUMNS)}) VALUES ({marks})")  # noqa: S608
    for start in range(0, len(lines), _STEP):
        into.cursor.executemany(query, lines[start : start + _STEP])
    into.cursor.executemany(into.as_spoken("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)"), list(held.ask(_ENTRIES)))


def _restored_to_server(copy: Ledger, ledger: Ledger) -> int:
    with writing(ledger) as into:
        if into.ask("SELECT 1 FROM entry LIMIT 1").fetchone() is not None:
            raise UsageError(
                Text(
                    "数据库里的台账不是空的；请恢复到一个新的数据库",
                    "the ledger in the database is not empty: restore into a new database",
                )
            )
        with reading(copy) as held:
            if held is not None:
                _pour(held, into)
        count = into.ask("SELECT count(*) FROM entry ").fetchone()
    return int(count[0]) if count else 0


def _entries_beyond(ledger: Ledger, kept: list[str]) -> Text | None:
    """Say what a ledger holds that is not among these digests; None for nothing."""
    try:
        with reading(replace(ledger, county="")) as held:
            own = [] if held is None else [str(row[6]) for row in held.ask(_ENTRIES)]
    except UnusableFileError:
        return Text("无法读取，也许还有记录", "cannot be read and may hold entries")
    more = len(set(own) - set(kept))
    return Text(f"有 {more} 条记录", f"holds {more} entries") if more else None


def _require_whole(held: Open) -> None:
    if problems := held_problems(held):
        raise UnusableFileError(held.ledger.shown, problems)


def _aside(path: Path, word: str) -> Path:
    """Return a name beside a ledger that nothing has yet."""
    names = (
        path.with_name(f"{path.stem}.{word}{f'-{number}' if number else ''}{path.suffix}") for number in range(999)
    )
    return next(name for name in names if not name.exists())
