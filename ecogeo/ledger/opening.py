"""Open a ledger, in SQLite or PostgreSQL, to read or to write; what goes wrong is said in one sentence."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from ecogeo.errors import UnusableFileError
from ecogeo.faults import DRIVE_GONE, system_trouble
from ecogeo.ledger.places import Ledger
from ecogeo.ledger.tables import APPLICATION, FORMAT, POSTGRES, SQLITE
from ecogeo.wording import Text

Row = tuple[Any, ...]

_LOCK = 0x45434F47

_REASONS = (
    (
        ("locked", "busy"),
        Text(
            "另一个程序正在写台账，等了很久仍未轮到；稍后再试，没有写入任何内容",
            "another program is writing to the ledger and did not finish in time: try again later, nothing was written",
        ),
    ),
    (
        ("full", "no space"),
        Text("磁盘已满，没有写入任何内容；请腾出空间后重做", "the disk is full, nothing was written: free some space"),
    ),
    (("disk i/o",), DRIVE_GONE),
    (
        ("readonly", "read-only", "unable to open", "permission"),
        Text(
            "台账不可写，没有写入任何内容；请让管理员开放写入权限后重做",
            "the ledger cannot be written, nothing was written: have it opened for writing, then do it again",
        ),
    ),
    (
        ("not a database", "malformed"),
        Text(
            "文件已损坏或不是台账；用 ecogeo restore 从备份恢复",
            "the file is damaged or no ledger: bring a backup back by ecogeo restore",
        ),
    ),
    (("only ever appended",), Text("台账只能追加，不能修改", "the ledger is only ever appended to")),
)
"""What SQLite and servers say, by words in it, and what that means; the first that fits counts."""


class Cursor(Protocol):
    """What SQLite and psycopg have in common."""

    def execute(self, query: str, parameters: Sequence[object] = ..., /) -> object:
        """Run a query."""

    def executemany(self, query: str, rows: Any, /) -> object:  # noqa: ANN401  an iterable of rows
        """Run a query for each row."""

    def fetchone(self) -> Row | None:
        """Return the next row."""

    def __iter__(self) -> Iterator[Row]:
        """Iterate over the rows."""


@dataclass(frozen=True, slots=True)
class Open:
    """An open ledger inside a transaction.

    Parameters
    ----------
    cursor
        What runs queries.
    ledger
        Where it is.
    """

    cursor: Cursor
    ledger: Ledger

    def ask(self, query: str, parameters: Sequence[object] = ()) -> Cursor:
        """Run a query written for SQLite."""
        self.cursor.execute(self.as_spoken(query), tuple(parameters))
        return self.cursor

    def as_spoken(self, query: str) -> str:
        """Return a query in the words of the database."""
        if not self.ledger.is_server:
            return query
        for table in ("entry", "answer"):
            query = query.replace(f" {table} ", f" ecogeo_{table} ")
        return query.replace("?", "%s")


@contextlib.contextmanager
def writing(ledger: Ledger) -> Iterator[Open]:
    """Hold a ledger for writing: nobody else writes meanwhile, and all that is written counts at the end, or nothing.

    Raises
    ------
    UnusableFileError
        As `append`.
    """
    if ledger.is_server:
        with _server(ledger) as cursor:
            # Tables first, in a lock of their own: two that begin at once must not both make them.
            cursor.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            cursor.execute("SELECT to_regclass('ecogeo_entry')")
            if (cursor.fetchone() or (None,))[0] is None:
                for statement in POSTGRES:
                    cursor.execute(statement)
            yield Open(cursor, ledger)
        return
    with _told(ledger):
        ledger.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(ledger.path, timeout=ledger.wait_s, isolation_level=None)
        with contextlib.closing(connection):
            _require_ours(connection, ledger, may_be_empty=True)
            _use_wal(connection, ledger.wait_s)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                if not _has_tables(connection):
                    for statement in SQLITE:
                        connection.execute(statement)
                with contextlib.closing(connection.cursor()) as cursor:  # an open one would outlive its connection
                    yield Open(cast(Cursor, cursor), ledger)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


@contextlib.contextmanager
def reading(ledger: Ledger) -> Iterator[Open | None]:
    """Hold a ledger for reading, as it is at one moment; None where there is none yet.

    Raises
    ------
    UnusableFileError
        Where it is no ledger or cannot be read.
    """
    if ledger.is_server:
        with _server(ledger) as cursor:
            cursor.execute("SELECT to_regclass('ecogeo_entry')")
            is_there = (cursor.fetchone() or (None,))[0] is not None
            yield Open(cursor, ledger) if is_there else None
        return
    if not ledger.path.is_file():
        yield None
        return
    with _told(ledger):
        connection = _reader(ledger)
        with contextlib.closing(connection):
            _require_ours(connection, ledger, may_be_empty=True)
            connection.execute("BEGIN")
            with contextlib.closing(connection.cursor()) as cursor:
                yield Open(cast(Cursor, cursor), ledger) if _has_tables(connection) else None


def _reader(ledger: Ledger) -> sqlite3.Connection:
    """Open a file for reading alone; one in a folder nobody may write is read without its companions."""
    uri = ledger.path.absolute().as_uri()
    try:
        connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=ledger.wait_s, isolation_level=None)
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        if "unable to open" not in str(error) and "readonly" not in str(error):
            raise
        return sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
    return connection


def _has_tables(connection: sqlite3.Connection) -> bool:
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('entry', 'answer')"
    return bool(connection.execute(query).fetchone()[0] == 2)


def _require_ours(connection: sqlite3.Connection, ledger: Ledger, *, may_be_empty: bool) -> None:
    """Refuse an SQLite file that is no ledger, or of a later version."""
    is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if is_empty and may_be_empty:
        return
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise UnusableFileError(ledger.shown, Text("不是本软件的台账", "it is no ledger of this software"))
    if (found := connection.execute("PRAGMA user_version").fetchone()[0]) > FORMAT:
        raise UnusableFileError(
            ledger.shown,
            Text(
                f"台账格式 {found} 比本软件新，请升级软件", f"its format {found} is newer than this software: update it"
            ),
        )


def _use_wal(connection: sqlite3.Connection, wait_s: float) -> None:
    """Turn the write-ahead log on, where the file system can; whoever does it first makes others wait."""
    until = time.monotonic() + wait_s
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


@contextlib.contextmanager
def _told(ledger: Ledger) -> Iterator[None]:
    """Turn what SQLite and the system say of a file into one sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise UnusableFileError(ledger.shown, _reason(str(error))) from error
    except OSError as error:
        said = system_trouble(error)
        raise UnusableFileError(ledger.shown, said or _reason(error.strerror or str(error))) from error


def _reason(said: str) -> Text:
    lower = said.lower()
    for words, reason in _REASONS:
        if any(word in lower for word in words):
            return reason
    return Text(f"台账读写失败：{said}", f"the ledger could not be read or written: {said}")


@contextlib.contextmanager
def _server(ledger: Ledger) -> Iterator[Cursor]:
    """Hold a transaction on a PostgreSQL server; it counts at the end, or nothing of it."""
    try:
        import psycopg  # noqa: PLC0415  an extra: pip install "ecogeo[postgis]"
    except ImportError as error:
        problem = Text(
            'PostgreSQL 台账需要 psycopg：pip install "ecogeo[postgis]"',
            'a ledger on PostgreSQL needs psycopg: pip install "ecogeo[postgis]"',
        )
        raise UnusableFileError(ledger.shown, problem) from error
    try:
        with psycopg.connect(ledger.address, connect_timeout=10) as connection, connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {round(ledger.wait_s * 1000)}")
            yield cast(Cursor, cursor)
    except psycopg.errors.LockNotAvailable as error:
        raise UnusableFileError(ledger.shown, _reason("locked")) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise UnusableFileError(ledger.shown, _reason("permission")) from error
    except psycopg.errors.DiskFull as error:
        raise UnusableFileError(ledger.shown, _reason("full")) from error
    except psycopg.OperationalError as error:
        problem = Text(
            "连不上数据库，或连接中断；请让数据库恢复，用 ecogeo runs 看这一次是否已记入，没有再重做",
            "the database cannot be reached, or the connection broke: have it started, see by ecogeo runs whether this "
            "was recorded, and do it again if not",
        )
        raise UnusableFileError(ledger.shown, problem) from error
    except psycopg.Error as error:
        said = (error.diag.message_primary or type(error).__name__) if hasattr(error, "diag") else str(error)
        raise UnusableFileError(ledger.shown, _reason(said)) from error
