"""Who asks: the account behind a session's cookie, or behind a name and password for programs such as QGIS."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from flask import Response, current_app, g
from werkzeug.wrappers import Request

from ecogeo.accounts import (
    EVERY_COUNTY,
    Account,
    AccountBook,
    Refused,
    find_account,
    find_session,
    sign_in,
)
from ecogeo.accounts.sessions import LONGEST_S
from ecogeo.wording import Text

_COOKIE, _SECURE_COOKIE = "ecogeo", "__Host-ecogeo"
_BASIC_S = 60.0


@dataclass(frozen=True, slots=True)
class CountyPlace:
    """A county of this server.

    Parameters
    ----------
    county_id
        Its code, else its name: what accounts are tied to.
    prefix
        The first part of its addresses; empty where the server has one county alone.
    title
        What it is called.
    """

    county_id: str
    prefix: str
    title: Text


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks.

    Parameters
    ----------
    account
        The account.
    key
        What the server knows the session by; empty for a program that signs in with every request.
    """

    account: Account
    key: str = ""

    @property
    def name(self) -> str:
        """The name decisions are signed with."""
        return self.account.name


@dataclass(slots=True)
class _Known:
    """Programs that signed in a moment ago, by digest: looking at a password takes a while, and they ask often."""

    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    until: dict[bytes, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """The accounts of a server and its counties.

    Parameters
    ----------
    book
        Where accounts are kept.
    counties
        The counties of the server.
    now
        Tells the time, seconds since 1970.
    """

    book: AccountBook
    counties: tuple[CountyPlace, ...]
    now: Callable[[], float] = time.time
    known: _Known = field(default_factory=_Known, repr=False)

    def person(self, request: Request, *, with_password: bool) -> Person | None:
        """Return who asks; None where nobody signed in.

        Parameters
        ----------
        request
            The request.
        with_password
            Whether a name and password sent with the request count, as programs send them.

        Raises
        ------
        UnusableFileError
            Where accounts cannot be read.
        """
        session = find_session(self.book, token_of(request), self.now())
        if session is not None:
            return Person(session.account, session.key)
        return self._program(request) if with_password else None

    def _program(self, request: Request) -> Person | None:
        told = request.authorization
        if told is None or told.type != "basic" or not told.username or told.password is None:
            return None
        now, address = self.now(), request.remote_addr or ""
        digest = hashlib.sha256(self.known.salt + f"{told.username}\0{told.password}".encode()).digest()
        with self.known.lock:
            self.known.until = {one: until for one, until in self.known.until.items() if now <= until <= now + _BASIC_S}
            is_known = digest in self.known.until
        if is_known:
            account = find_account(self.book, told.username)
            return None if account is None or account.must_change else Person(account)
        found = sign_in(self.book, told.username, told.password, address, now)
        if isinstance(found, Refused) or found.must_change:
            return None
        with self.known.lock:
            self.known.until[digest] = now + _BASIC_S
        return Person(found)

    def forget_programs(self) -> None:
        """Look at every program's password anew: one was changed, or an account removed."""
        with self.known.lock:
            self.known.until = {}

    def managed_by(self, account: Account) -> tuple[CountyPlace, ...]:
        """Return the counties somebody manages."""
        return tuple(one for one in self.counties if account.role_in(one.county_id) == "admin")

    def manages_all(self, account: Account) -> bool:
        """Whether somebody manages the server as a whole."""
        return account.grants.get(EVERY_COUNTY) == "admin"


def token_of(request: Request) -> str:
    """Return what the browser holds of its session; empty where it holds nothing."""
    return request.cookies.get(_SECURE_COOKIE if request.is_secure else _COOKIE, "")


def give_token(response: Response, request: Request, token: str) -> None:
    """Have the browser hold a session, out of the reach of scripts and of other servers."""
    name = _SECURE_COOKIE if request.is_secure else _COOKIE
    response.set_cookie(
        name, token, max_age=int(LONGEST_S), path="/", httponly=True, samesite="Strict", secure=request.is_secure
    )


def take_token(response: Response, request: Request) -> None:
    """Have the browser forget its session."""
    name = _SECURE_COOKIE if request.is_secure else _COOKIE
    response.delete_cookie(name, path="/", httponly=True, samesite="Strict", secure=request.is_secure)


def access() -> Access | None:
    """Return the accounts of the server; None where it has none and serves whoever sits at the machine."""
    return cast("Access | None", current_app.extensions.get("ecogeo_access"))


def current_person() -> Person | None:
    """Return who asks; None where nobody signed in or the server has no accounts."""
    return cast("Person | None", g.get("person"))


def current_county() -> str:
    """Return the id of the county of this application; empty for the page in front of several."""
    return str(current_app.config.get("ECOGEO_COUNTY", ""))


def current_name() -> str:
    """Return the account of whoever asks; empty where nobody has to sign in."""
    person = current_person()
    return "" if person is None else person.name


def current_role() -> str | None:
    """Return the role of whoever asks in this county; without accounts everybody may do everything."""
    if access() is None:
        return "admin"
    person = current_person()
    return None if person is None else person.account.role_in(current_county())
