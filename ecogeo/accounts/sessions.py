"""Sessions: what a browser holds is a number nobody can guess, and what it stands for lies with the server alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from ecogeo.accounts.opening import PEOPLE_ID, PEOPLE_TABLES, held
from ecogeo.accounts.people import Account, account_in, known_name
from ecogeo.accounts.places import AccountBook

IDLE_S = 30 * 60.0
LONGEST_S = 12 * 3600.0
"""A working day; then everybody signs in anew."""

_NOTED_EVERY_S = 60.0
_CLOCK_MAY_LAG_S = 120.0


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in.

    Parameters
    ----------
    key
        What the server knows the session by; it does not tell what the browser holds.
    account
        Who it is, with the roles of this moment.
    """

    key: str
    account: Account


def begin_session(book: AccountBook, name: str, at: float) -> str:
    """Begin a session and return what the browser is given; 256 bits, kept as a digest alone.

    Parameters
    ----------
    book
        Where accounts are kept.
    name
        Who has just shown a password.
    at
        The time, seconds since 1970.
    """
    token = secrets.token_urlsafe(32)
    with held(book.accounts_path, PEOPLE_ID, PEOPLE_TABLES, book.wait_s, to_write=True) as connection:
        connection.execute("DELETE FROM session WHERE began < ? OR seen < ?", (at - LONGEST_S, at - IDLE_S))
        connection.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?)", (_key(token), known_name(connection, name), at, at)
        )
    return token


def find_session(book: AccountBook, token: str, at: float) -> Session | None:
    """Return the session of what a browser holds; None where it ended: too long idle, too old, signed out.

    A clock that was set back ends sessions too: nobody can tell how old they are.

    Parameters
    ----------
    book
        Where accounts are kept.
    token
        What the browser holds.
    at
        The time, seconds since 1970.
    """
    if not token:
        return None
    key = _key(token)
    with held(book.accounts_path, PEOPLE_ID, PEOPLE_TABLES, book.wait_s, to_write=False) as connection:
        row = connection.execute("SELECT name, began, seen FROM session WHERE id = ?", (key,)).fetchone()
        if row is None:
            return None
        name, began, seen = str(row[0]), float(row[1]), float(row[2])
        account = account_in(connection, name)
    is_past = at - began > LONGEST_S or at - seen > IDLE_S
    if is_past or began > at + _CLOCK_MAY_LAG_S or seen > at + _CLOCK_MAY_LAG_S:
        end_session(book, token)
        return None
    if at - seen > _NOTED_EVERY_S:
        with held(
            book.accounts_path, PEOPLE_ID, PEOPLE_TABLES, book.wait_s, to_write=True, is_lasting=False
        ) as connection:
            connection.execute("UPDATE session SET seen = ? WHERE id = ?", (at, key))
    return Session(key, account)


def end_session(book: AccountBook, token: str) -> None:
    """End a session: what the browser holds is worth nothing from now on, also to whoever copied it."""
    with held(book.accounts_path, PEOPLE_ID, PEOPLE_TABLES, book.wait_s, to_write=True) as connection:
        connection.execute("DELETE FROM session WHERE id = ?", (_key(token),))


def end_sessions(book: AccountBook, name: str) -> None:
    """End every session of an account."""
    with held(book.accounts_path, PEOPLE_ID, PEOPLE_TABLES, book.wait_s, to_write=True) as connection:
        connection.execute("DELETE FROM session WHERE name = ?", (known_name(connection, name),))


def count_sessions(book: AccountBook, at: float) -> int:
    """Return how many sessions there are at a moment."""
    with held(book.accounts_path, PEOPLE_ID, PEOPLE_TABLES, book.wait_s, to_write=False) as connection:
        query = "SELECT count(*) FROM session WHERE began >= ? AND seen >= ?"
        return int(connection.execute(query, (at - LONGEST_S, at - IDLE_S)).fetchone()[0])


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
