"""Passwords: what they must be, and how they are kept (argon2id, never as they are)."""

from __future__ import annotations

import hashlib
import itertools
import secrets
import threading
import unicodedata
from functools import cache
from pathlib import Path

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from ecogeo.wording import Text

FEWEST_LETTERS = 12
MOST_LETTERS = 128
_FEWEST_KINDS = 5

_AT_ONCE = threading.BoundedSemaphore(2)
"""Each computation takes 64 MB: more than two at once would let a crowd of guesses fill the memory."""


def password_problems(password: str, name: str = "") -> tuple[Text, ...]:
    """Return everything that keeps a password from being taken; none where it is fit.

    No rule asks for capitals, digits or signs, and none for a change every few months: long and unguessable is enough.

    Parameters
    ----------
    password
        As typed.
    name
        The account it is for; it must not be part of it.

    Notes
    -----
    Source: OWASP ASVS 4.0.3, 2.1.1 (at least 12 letters), 2.1.2 (not above 128), 2.1.9 (no composition rules).

    Examples
    --------
    >>> [problem.en for problem in password_problems("short")]
    ['a password has at least 12 letters, this has 5']
    >>> password_problems("石榴 三月 河堤 灯塔 七个")
    ()
    """
    text = _normal(password)
    problems = []
    if len(text) < FEWEST_LETTERS:
        problems.append(
            Text(
                f"密码至少 {FEWEST_LETTERS} 个字符，现有 {len(text)} 个",
                f"a password has at least {FEWEST_LETTERS} letters, this has {len(text)}",
            )
        )
    if len(text) > MOST_LETTERS:
        problems.append(
            Text(
                f"密码最多 {MOST_LETTERS} 个字符，现有 {len(text)} 个",
                f"a password has at most {MOST_LETTERS} letters, this has {len(text)}",
            )
        )
    folded = text.casefold()
    if len(text) >= FEWEST_LETTERS and (len(set(folded)) < _FEWEST_KINDS or _is_run(folded)):
        problems.append(
            Text("密码太容易猜：全是重复或相连的字符", "too easy to guess: letters repeat or follow each other")
        )
    if any(len(word) > 2 and word in folded for word in (name.casefold(), "ecogeo", "password")):
        problems.append(
            Text(
                "密码不能含有账户名、ecogeo 或 password",
                "a password must not hold the name of the account, “ecogeo” or “password”",
            )
        )
    return tuple(problems)


def leaked_problems(password: str, known: Path) -> tuple[Text, ...]:
    """Return the problem that a password stands in a list of known ones; nothing where there is no such list.

    Parameters
    ----------
    password
        As typed.
    known
        A text file an office brings along: a password a line, or its SHA-1 in hexadecimal digits, which may be followed
        by a colon and a count.

    Raises
    ------
    OSError
        Where there is a list that cannot be read.

    Notes
    -----
    Source: OWASP ASVS 4.0.3, 2.1.7 (checked against known passwords, locally).
    """
    if not known.is_file():
        return ()
    text = password.encode("utf-8", "replace")
    forms = {text, _normal(password).encode("utf-8", "replace")}
    forms |= {one.lower() for one in forms}
    digests = {hashlib.sha1(one, usedforsecurity=False).hexdigest().encode() for one in forms}
    with known.open("rb") as lines:
        for line in lines:
            plain = line.strip(b"\r\n\xef\xbb\xbf")
            if plain in forms or plain.lower() in forms or plain[:40].lower() in digests:
                return (
                    Text(
                        "密码在已泄露的常用密码表中，请另选一个", "it is in the list of known passwords: choose another"
                    ),
                )
    return ()


def first_password() -> str:
    """Return a password for somebody else's first sign-in: 99 bits, in letters that are not mistaken for others."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _place in range(4)) for _group in range(5))


def hashed_password(password: str) -> str:
    """Return what is kept of a password: an argon2id hash with its salt and cost."""
    with _AT_ONCE:
        return _hasher().hash(_normal(password))


def is_password(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one a hash was made of; None takes as long as a wrong one.

    Parameters
    ----------
    kept
        The hash; None where there is no such account.
    password
        As typed.
    """
    with _AT_ONCE:
        try:
            return _hasher().verify(kept or _nobodys(), _normal(password)[: 4 * MOST_LETTERS]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _hasher() -> argon2.PasswordHasher:
    return argon2.PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this")


def _normal(password: str) -> str:
    """Return a password in one form, whatever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)


def _is_run(text: str) -> bool:
    """Whether every letter follows the one before it by the same step, as in 123456789012 or qponmlkjihgf."""
    steps = {(ord(second) - ord(first)) % 10 for first, second in itertools.pairwise(text)}
    return len(steps) == 1
