"""Who did what and when: only ever appended to, each entry bound to the one before it. No geometry, no password."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ecogeo.accounts.opening import AUDIT_ID, AUDIT_TABLES, held
from ecogeo.accounts.places import AccountBook
from ecogeo.wording import Text

FIRST = "0" * 64
_COLUMNS = "seq, at, who, address, county, what, about, outcome, previous, sha256"
_MOST_LETTERS = 500


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did.

    Parameters
    ----------
    at
        When, ISO, UTC.
    who
        The account; empty before anybody signed in.
    address
        Where the request came from.
    county
        In which county; empty for the server as a whole.
    what
        ``looked``, ``uploaded``, ``decided``, ``exported``, ``managed``, ``signed in``, ``refused`` …
    about
        What it was about, in words of addresses and forms.
    outcome
        ``begun``, ``done``, ``refused`` or ``failed``.
    seq
        Its number in the log; 0 before it is written.
    """

    at: str
    who: str
    address: str
    county: str
    what: str
    about: str
    outcome: str = "done"
    seq: int = 0


def write_deed(book: AccountBook, deed: Deed, *, is_lasting: bool = True) -> int:
    """Append a deed and return its number.

    Parameters
    ----------
    book
        Where the log is.
    deed
        What was done.
    is_lasting
        Whether it is on the disk when this returns; else a loss of power may take the last ones.

    Raises
    ------
    UnusableFileError
        Where it cannot be written: nothing is written then.
    """
    told = [deed.at, deed.who, deed.address, deed.county, deed.what, deed.about, deed.outcome]
    told = [_plain(word) for word in told]
    with held(book.audit_path, AUDIT_ID, AUDIT_TABLES, book.wait_s, to_write=True, is_lasting=is_lasting) as connection:
        last = connection.execute("SELECT seq, sha256 FROM deed ORDER BY seq DESC LIMIT 1").fetchone()
        seq, previous = (1, FIRST) if last is None else (int(last[0]) + 1, str(last[1]))
        marks = ", ".join("?" * 10)
        row = (seq, *told, previous, _link(seq, told, previous))
        connection.execute(f"INSERT INTO deed ({_COLUMNS}) VALUES ({marks})", row)  # noqa: S608  our own columns
    return seq


def deeds(
    book: AccountBook, counties: Sequence[str] | None, *, most: int = 500, before: int | None = None
) -> tuple[Deed, ...]:
    """Return deeds, the newest first.

    Parameters
    ----------
    book
        Where the log is.
    counties
        Of which counties (empty stands for the server as a whole); None for all.
    most
        How many at most.
    before
        Only those with a smaller number.
    """
    if not book.audit_path.exists():
        return ()
    where, values = ["1 = 1"], list[object]()
    if counties is not None:
        where.append(f"county IN ({', '.join('?' * len(counties))})")
        values += counties
    if before is not None:
        where.append("seq < ?")
        values.append(before)
    query = f"SELECT {_COLUMNS} FROM deed WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT ?"  # noqa: S608
    with held(book.audit_path, AUDIT_ID, AUDIT_TABLES, book.wait_s, to_write=False) as connection:
        rows = connection.execute(query, (*values, most)).fetchall()
    return tuple(
        Deed(seq=seq, at=at, who=who, address=address, county=county, what=what, about=about, outcome=outcome)
        for seq, at, who, address, county, what, about, outcome, _previous, _sha256 in rows
    )


def log_problem(book: AccountBook) -> Text | None:
    """Return what shows that the log is not as it was written; None where it is whole.

    It tells changed, lost and inserted entries. Whoever may write the file can still cut its newest entries off, or
    write all of it anew: keep copies elsewhere.
    """
    previous, expected = FIRST, 1
    if not book.audit_path.exists():
        return None
    with held(book.audit_path, AUDIT_ID, AUDIT_TABLES, book.wait_s, to_write=False) as connection:
        for row in connection.execute(f"SELECT {_COLUMNS} FROM deed ORDER BY seq"):  # noqa: S608  our own columns
            seq, told = int(row[0]), [str(word) for word in row[1:8]]
            if seq != expected or row[8] != previous or row[9] != _link(seq, told, previous):
                return Text(
                    f"日志第 {expected} 条与写入时不同", f"entry {expected} of the log is not as it was written"
                )
            previous, expected = str(row[9]), seq + 1
    return None


def _link(seq: int, told: Sequence[str], previous: str) -> str:
    return hashlib.sha256(json.dumps([seq, *told, previous], ensure_ascii=False).encode()).hexdigest()


def _plain(word: str) -> str:
    """Return a word on one line and not too long; what cannot be written is shown by its code."""
    kept = word.encode("utf-8", "backslashreplace").decode("utf-8")[:_MOST_LETTERS]
    return "".join(letter if letter.isprintable() else "�" for letter in kept)
