"""Accounts: a name, a password, and a role in each county."""

from __future__ import annotations

import contextlib
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ecogeo.accounts.opening import PEOPLE_ID, PEOPLE_TABLES, held
from ecogeo.accounts.passwords import hashed_password, leaked_problems, password_problems
from ecogeo.accounts.places import AccountBook
from ecogeo.errors import UsageError
from ecogeo.wording import Text

ROLES: Mapping[str, Text] = {
    "viewer": Text("浏览", "viewer"),
    "reviewer": Text("复核", "reviewer"),
    "admin": Text("管理", "admin"),
}
"""What people may do: see; decide too; manage people and read the log too. Each may what those before it may."""

EVERY_COUNTY = "*"
MOST_LETTERS = 40


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may use the server.

    Parameters
    ----------
    name
        The name decisions are signed with.
    grants
        The role by county; ``*`` stands for every county of the server.
    must_change
        Whether somebody else has seen the password, so that another must be chosen before anything else.
    """

    name: str
    grants: Mapping[str, str]
    must_change: bool = False

    def role_in(self, county: str) -> str | None:
        """Return the role in a county, the higher where two apply; None where it is none of theirs.

        Examples
        --------
        >>> someone = Account("张三", {"450206": "reviewer", "*": "viewer"})
        >>> someone.role_in("450206"), someone.role_in("450221"), Account("李四", {}).role_in("450206")
        ('reviewer', 'viewer', None)
        """
        held_roles = {self.grants.get(county), self.grants.get(EVERY_COUNTY)}
        return next((role for role in reversed(tuple(ROLES)) if role in held_roles), None)


FIRST_PASSWORD_S = 7 * 24 * 3600.0


def add_account(
    book: AccountBook, name: str, password: str, grants: Mapping[str, str], at: float, *, is_first: bool = False
) -> Account:
    """Add an account.

    Parameters
    ----------
    book
        Where accounts are kept.
    name
        Letters of any script, up to 40; capitals do not tell two names apart.
    password
        See `password_problems`.
    grants
        The role by county.
    at
        The time, seconds since 1970.
    is_first
        Whether somebody else has seen the password: it is taken for seven days, and must be changed.

    Raises
    ------
    UsageError
        Where the name is taken, was taken once, or something of it is not fit.
    UnusableFileError
        Where the file cannot be written.
    """
    name = plain_name(name)
    of_password = [*password_problems(password, name), *leaked_problems(password, book.known_passwords_path)]
    if problems := [*_name_problems(name), *_grant_problems(grants), *of_password]:
        raise UsageError(problems)
    kept = hashed_password(password)
    with _held(book, to_write=True) as connection:
        row = connection.execute("SELECT password FROM account WHERE folded = ?", (name.casefold(),)).fetchone()
        if row is not None:
            raise UsageError(
                Text(f"账户“{name}”已存在", f"there is an account “{name}” already")
                if row[0] is not None
                else Text(
                    f"“{name}”曾是别人的账户名，记录中仍有其署名，请另取一个",
                    f"“{name}” was the name of an account that was removed, and records bear it: take another",
                )
            )
        fit_until = at + FIRST_PASSWORD_S if is_first else None
        connection.execute("INSERT INTO account VALUES (?, ?, ?, ?, ?)", (name, name.casefold(), kept, at, fit_until))
        _write_grants(connection, name, grants)
    return Account(name, dict(grants), must_change=is_first)


def change_password(book: AccountBook, name: str, password: str, *, first_at: float | None = None) -> None:
    """Give an account another password; all its sessions end.

    Parameters
    ----------
    book
        Where accounts are kept.
    name
        Whose.
    password
        See `password_problems`.
    first_at
        The time, seconds since 1970, where it is a first password as in `add_account`; None for one's own.

    Raises
    ------
    UsageError
        Where there is no such account, or the password is not fit.
    """
    found = password_problems(password, plain_name(name))
    if problems := [*found, *leaked_problems(password, book.known_passwords_path)]:
        raise UsageError(problems)
    kept = hashed_password(password)
    with _held(book, to_write=True) as connection:
        known = _require(connection, name)
        fit_until = None if first_at is None else first_at + FIRST_PASSWORD_S
        connection.execute("UPDATE account SET password = ?, fit_until = ? WHERE name = ?", (kept, fit_until, known))
        connection.execute("DELETE FROM session WHERE name = ?", (known,))


def set_grants(book: AccountBook, name: str, grants: Mapping[str, str]) -> None:
    """Give an account other roles than it had; they hold from the next request on.

    Raises
    ------
    UsageError
        Where there is no such account or role.
    """
    if problems := tuple(_grant_problems(grants)):
        raise UsageError(problems)
    with _held(book, to_write=True) as connection:
        known = _require(connection, name)
        connection.execute("DELETE FROM grants WHERE name = ?", (known,))
        _write_grants(connection, known, grants)


def remove_account(book: AccountBook, name: str) -> None:
    """Remove an account; all its sessions end, and its name is not given again.

    Raises
    ------
    UsageError
        Where there is no such account.
    """
    with _held(book, to_write=True) as connection:
        known = _require(connection, name)
        connection.execute("DELETE FROM session WHERE name = ?", (known,))
        connection.execute("DELETE FROM grants WHERE name = ?", (known,))
        connection.execute("UPDATE account SET password = NULL WHERE name = ?", (known,))


def list_accounts(book: AccountBook) -> tuple[Account, ...]:
    """Return every account by name; none where there is no file yet."""
    if not book.accounts_path.exists():
        return ()
    with _held(book, to_write=False) as connection:
        names = connection.execute("SELECT name FROM account WHERE password IS NOT NULL ORDER BY name").fetchall()
        return tuple(account_in(connection, name) for (name,) in names)


def find_account(book: AccountBook, name: str) -> Account | None:
    """Return an account; None where there is none of that name."""
    with _held(book, to_write=False) as connection:
        known = known_name(connection, name)
        return None if known is None else account_in(connection, known)


def has_admin(book: AccountBook, county: str) -> bool:
    """Tell whether anybody manages a county."""
    return any(account.role_in(county) == "admin" for account in list_accounts(book))


def account_in(connection: sqlite3.Connection, name: str) -> Account:
    """Return an account of an open file that is known to be there."""
    fit_until = connection.execute("SELECT fit_until FROM account WHERE name = ?", (name,)).fetchone()[0]
    return Account(name, _grants(connection, name), must_change=fit_until is not None)


def known_name(connection: sqlite3.Connection, name: str) -> str | None:
    """Return the name as it was given, whatever its capitals; None where there is no such account."""
    query = "SELECT name FROM account WHERE folded = ? AND password IS NOT NULL"
    row = connection.execute(query, (plain_name(name).casefold(),)).fetchone()
    return None if row is None else str(row[0])


def plain_name(name: str) -> str:
    """Return a name in one form: full-width letters as others, blanks as one."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


@contextlib.contextmanager
def _held(book: AccountBook, *, to_write: bool) -> Iterator[sqlite3.Connection]:
    with held(book.accounts_path, PEOPLE_ID, PEOPLE_TABLES, book.wait_s, to_write=to_write) as connection:
        yield connection


def _require(connection: sqlite3.Connection, name: str) -> str:
    known = known_name(connection, name)
    if known is None:
        raise UsageError(
            Text(
                f"没有账户“{plain_name(name)}”；用 ecogeo users list 查看",
                f"there is no account “{plain_name(name)}”: see ecogeo users list",
            )
        )
    return known


def _grants(connection: sqlite3.Connection, name: str) -> dict[str, str]:
    return dict(
        connection.execute("SELECT county, role FROM grants WHERE name = ? ORDER BY county", (name,)).fetchall()
    )


def _write_grants(connection: sqlite3.Connection, name: str, grants: Mapping[str, str]) -> None:
    rows = [(name, county, role) for county, role in sorted(grants.items())]
    connection.executemany("INSERT INTO grants VALUES (?, ?, ?)", rows)


def _name_problems(name: str) -> Iterator[Text]:
    if not name:
        yield Text("请给出账户名", "an account needs a name")
    if len(name) > MOST_LETTERS:
        yield Text(f"账户名最多 {MOST_LETTERS} 个字", f"a name has at most {MOST_LETTERS} letters")
    if any(not (letter.isalnum() or letter in " -_.·") for letter in name):
        yield Text("账户名只能用文字、数字和 - _ . ·", "a name holds letters, digits and - _ . · alone")


def _grant_problems(grants: Mapping[str, str]) -> Iterator[Text]:
    if not grants or not all(grants):
        yield Text("请说明账户可用于哪个县", "say in which county the account may be used")
    for role in sorted(set(grants.values()) - set(ROLES)):
        yield Text(f"没有角色“{role}”：可用 {'、'.join(ROLES)}", f"there is no role “{role}”: take {', '.join(ROLES)}")
