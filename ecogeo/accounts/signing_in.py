"""Signing in: the password is looked at only where not too many were tried, and what was wrong is never told apart."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

from ecogeo.accounts.opening import PEOPLE_ID, PEOPLE_TABLES, held
from ecogeo.accounts.passwords import is_password
from ecogeo.accounts.people import Account, account_in, known_name, plain_name
from ecogeo.accounts.places import AccountBook

WINDOW_S = 15 * 60.0
MOST_TRIES = {"pair": 5, "name": 30, "address": 60}
"""Failed attempts within the window: of a name from one address, of a name from anywhere, from an address on any name.

A name nobody has counts like any other, so that waiting tells nothing either."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An attempt that failed.

    Parameters
    ----------
    wait_s
        How long to wait before the next, seconds; 0 where another may be made at once.
    """

    wait_s: float = 0.0


def sign_in(book: AccountBook, name: str, password: str, address: str, at: float) -> Account | Refused:
    """Return the account of a name and password, or that they were refused.

    The attempt is counted before the password is looked at: many at once are counted like one after the other.

    Parameters
    ----------
    book
        Where accounts are kept.
    name, password
        As typed.
    address
        Where the request came from.
    at
        The time, seconds since 1970.

    Raises
    ------
    UnusableFileError
        Where the attempt cannot be counted; nobody is let in then.
    """
    whos = _whos(name, address)
    with held(book.accounts_path, PEOPLE_ID, PEOPLE_TABLES, book.wait_s, to_write=True, is_lasting=False) as connection:
        connection.execute("DELETE FROM attempt WHERE abs(at - ?) > ?", (at, WINDOW_S))
        if wait := max(_wait(connection, who, MOST_TRIES[kind], at) for kind, who in whos.items()):
            return Refused(wait)
        numbers = [_note(connection, who, at) for who in whos.values()]
        known = known_name(connection, name)
        kept = None
        if known is not None:
            query = "SELECT password FROM account WHERE name = ? AND coalesce(fit_until, ?) >= ?"
            kept = (connection.execute(query, (known, at, at)).fetchone() or (None,))[0]
    if not is_password(kept, password):
        return Refused()
    with held(book.accounts_path, PEOPLE_ID, PEOPLE_TABLES, book.wait_s, to_write=True) as connection:
        connection.execute("DELETE FROM attempt WHERE who = ?", (whos["pair"],))
        connection.executemany("DELETE FROM attempt WHERE number = ?", [(number,) for number in numbers])
        known = known_name(connection, name)
        return Refused() if known is None else account_in(connection, known)


def _whos(name: str, address: str) -> dict[str, str]:
    """Return what attempts are counted by, as digests: what was typed as a name may be a password."""
    folded = plain_name(name).casefold()
    parts = {"pair": f"pair\0{folded}\0{address}", "name": f"name\0{folded}", "address": f"address\0{address}"}
    return {kind: hashlib.sha256(part.encode("utf-8", "surrogatepass")).hexdigest() for kind, part in parts.items()}


def _wait(connection: sqlite3.Connection, who: str, most: int, at: float) -> float:
    query = "SELECT at FROM attempt WHERE who = ? ORDER BY at DESC LIMIT 1 OFFSET ?"
    row = connection.execute(query, (who, most - 1)).fetchone()
    return 0.0 if row is None else max(1.0, float(row[0]) + WINDOW_S - at)


def _note(connection: sqlite3.Connection, who: str, at: float) -> int:
    return int(connection.execute("INSERT INTO attempt (who, at) VALUES (?, ?)", (who, at)).lastrowid or 0)
