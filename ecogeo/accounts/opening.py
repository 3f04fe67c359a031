"""Open the files of a server's accounts; what goes wrong is said in one sentence, and nothing is half written."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from ecogeo.errors import UnusableFileError
from ecogeo.wording import Text

PEOPLE_ID = 0x45434F50
AUDIT_ID = 0x45434F41

PEOPLE_TABLES = (
    (
        "CREATE TABLE account (name TEXT PRIMARY KEY, folded TEXT NOT NULL UNIQUE, password TEXT, since REAL NOT NULL, "
        "fit_until REAL)"
    ),
    (
        "CREATE TABLE grants (name TEXT NOT NULL REFERENCES account(name), county TEXT NOT NULL, role TEXT NOT NULL, "
        "PRIMARY KEY (name, county))"
    ),
    (
        "CREATE TABLE session (id TEXT PRIMARY KEY, name TEXT NOT NULL REFERENCES account(name), began REAL NOT NULL, "
        "seen REAL NOT NULL)"
    ),
    "CREATE TABLE attempt (number INTEGER PRIMARY KEY, who TEXT NOT NULL, at REAL NOT NULL)",
    "CREATE INDEX attempt_who ON attempt (who, at)",
)
"""``account.password`` is NULL once an account was removed: its name is never given to anybody else.
``account.fit_until`` is when a first password, which somebody else has seen, stops being taken; NULL for one's own."""

AUDIT_TABLES = (
    (
        "CREATE TABLE deed (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, address TEXT NOT NULL, "
        "county TEXT NOT NULL, what TEXT NOT NULL, about TEXT NOT NULL, outcome TEXT NOT NULL, previous TEXT NOT NULL, "
        "sha256 TEXT NOT NULL)"
    ),
    "CREATE INDEX deed_county ON deed (county, seq)",
    "CREATE TRIGGER deed_stays BEFORE UPDATE ON deed BEGIN SELECT RAISE(ABORT, 'only ever appended to'); END",
    "CREATE TRIGGER deed_remains BEFORE DELETE ON deed BEGIN SELECT RAISE(ABORT, 'only ever appended to'); END",
)


@contextlib.contextmanager
def held(
    path: Path, application: int, tables: Sequence[str], wait_s: float, *, to_write: bool, is_lasting: bool = True
) -> Iterator[sqlite3.Connection]:
    """Hold a file; what is written in the block counts when it ends, or nothing of it.

    Parameters
    ----------
    path
        The file; made if need be, readable by its owner alone.
    application
        What marks the file as ours.
    tables
        What makes its tables.
    wait_s
        How long to wait for another process, seconds.
    to_write
        Whether others that write wait meanwhile.
    is_lasting
        Whether what was written is on the disk when the block ends; else a loss of power may take the last of it.

    Raises
    ------
    UnusableFileError
        Where it cannot be read or written, is none of ours, or the disk is full: nothing is written then.
    """
    try:
        _make_private(path)
        connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None)
        with contextlib.closing(connection):
            _prepare(connection, path, application, tables, is_lasting=is_lasting)
            connection.execute("BEGIN IMMEDIATE" if to_write else "BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
    except sqlite3.Error as error:
        raise UnusableFileError(path.name, _reason(str(error))) from error
    except OSError as error:
        raise UnusableFileError(path.name, _reason(error.strerror or str(error))) from error


def _make_private(path: Path) -> None:
    """Make the file and its folder so that nobody else on the machine reads them."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, mode=0o700)
    if not path.exists():
        path.touch(mode=0o600)


def _prepare(
    connection: sqlite3.Connection, path: Path, application: int, tables: Sequence[str], *, is_lasting: bool
) -> None:
    found = connection.execute("PRAGMA application_id").fetchone()[0]
    if found == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:  # nobody was faster
            for statement in tables:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {application}")
        connection.execute("COMMIT")
    elif found != application:
        raise UnusableFileError(path.name, Text("不是本软件的账户文件", "it is no file of accounts of this software"))
    connection.execute(f"PRAGMA synchronous = {'FULL' if is_lasting else 'NORMAL'}")
    connection.execute("PRAGMA foreign_keys = ON")


def _reason(said: str) -> Text:
    lower = said.lower()
    if "locked" in lower or "busy" in lower:
        return Text(
            "另一个程序正在写，等了很久仍未轮到；没有写入任何内容，请稍后再试",
            "another program is writing and did not finish in time: nothing was written, try again later",
        )
    if "full" in lower or "no space" in lower or "disk i/o" in lower:
        return Text(
            "磁盘已满或写入出错，没有写入任何内容；请腾出空间后重做",
            "the disk is full or failed, nothing was written: free some space and do it again",
        )
    if "readonly" in lower or "read-only" in lower or "unable to open" in lower or "permission" in lower:
        return Text(
            "没有读写权限，没有写入任何内容；请让管理员把该文件夹交给运行服务的用户",
            "it may not be read or written, nothing was written: give its folder to the user that runs the server",
        )
    if "not a database" in lower or "malformed" in lower:
        return Text("文件已损坏；请从备份恢复", "the file is damaged: bring a backup back")
    return Text(f"读写失败：{said}", f"it could not be read or written: {said}")
