"""Cases of the counter, in memory alone: a number nobody can guess, one owner, a day."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from ecogeo.counter import Asked, Case
from ecogeo.intake import Part, Received
from ecogeo.wording import Text

KEPT_SECONDS = 24 * 3600.0
MOST_CASES = 64
MOST_CASES_EACH = 12
MOST_BYTES = 512 << 20
"""Of all that was sent and is kept; the oldest goes when more comes."""


_SECRET = secrets.token_bytes(32)
"""Of this process, as are the cases: after a restart nobody's mark is known, and no case is there."""


def new_mark() -> str:
    """Return a mark for a browser whose person is not known, which nobody else can write."""
    chosen = secrets.token_urlsafe(32)
    return f"{chosen}.{_signed(chosen)}"


def is_mark(mark: str) -> bool:
    """Tell whether a mark was given out by this process.

    Parameters
    ----------
    mark
        What a browser brings.
    """
    chosen, _, signature = mark.rpartition(".")
    return hmac.compare_digest(signature.encode(), _signed(chosen).encode())


def _signed(chosen: str) -> str:
    return hmac.new(_SECRET, chosen.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What is kept of a case.

    Parameters
    ----------
    parts
        What was sent, to read it again in another way.
    shown
        What it is called.
    layer, assume
        How it was read.
    asked
        How its sites are judged.
    received
        How it was understood; None where it could not be.
    case
        The outcome; None where there is none.
    problems
        Why there is none.
    unrecorded
        Why the outcome is not in the county's ledger, where it should be.
    is_drawn
        Whether it was drawn on the map or typed in, and no file.
    """

    parts: tuple[Part, ...]
    shown: str
    layer: str = ""
    assume: str = ""
    asked: Asked = field(default_factory=Asked)
    received: Received | None = None
    case: Case | None = None
    problems: tuple[Text, ...] = ()
    unrecorded: tuple[Text, ...] = ()
    is_drawn: bool = False

    @property
    def size(self) -> int:
        """Bytes that were sent."""
        return sum(len(part.content) for part in self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    owner: bytes
    since: float
    held: Held


class Casebook:
    """Cases by number; nobody but their owner is told that they exist.

    Parameters
    ----------
    clock
        Tells seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, owner: str, held: Held) -> str:
        """Keep a case and return its number; the oldest go where there are too many."""
        number = secrets.token_urlsafe(16)
        with self._lock:
            self._forget_old()
            self._entries[number] = _Entry(_hashed(owner), self._clock(), held)
            own = [other for other, entry in self._entries.items() if entry.owner == _hashed(owner)]
            for other in own[:-MOST_CASES_EACH]:
                del self._entries[other]
            while len(self._entries) > 1 and self._is_too_much():
                self._entries.popitem(last=False)
        return number

    def get(self, owner: str, number: str) -> Held | None:
        """Return a case; None where its owner has none of that number any more."""
        with self._lock:
            self._forget_old()
            entry = self._entries.get(number)
            return entry.held if entry is not None and entry.owner == _hashed(owner) else None

    def replace(self, owner: str, number: str, held: Held) -> None:
        """Put another state of a case in its place; nothing happens where it is gone."""
        with self._lock:
            entry = self._entries.get(number)
            if entry is not None and entry.owner == _hashed(owner):
                self._entries[number] = _Entry(entry.owner, entry.since, held)

    def forget(self, owner: str, number: str) -> None:
        """Forget a case of an owner."""
        with self._lock:
            entry = self._entries.get(number)
            if entry is not None and entry.owner == _hashed(owner):
                del self._entries[number]

    def own(self, owner: str) -> tuple[tuple[str, Held], ...]:
        """Return the cases of an owner with their numbers, the newest first."""
        with self._lock:
            self._forget_old()
            mine = [(number, entry.held) for number, entry in self._entries.items() if entry.owner == _hashed(owner)]
        return tuple(reversed(mine))

    def _is_too_much(self) -> bool:
        return len(self._entries) > MOST_CASES or sum(entry.held.size for entry in self._entries.values()) > MOST_BYTES

    def _forget_old(self) -> None:
        now = self._clock()
        for number in [one for one, entry in self._entries.items() if now - entry.since > KEPT_SECONDS]:
            del self._entries[number]


def _hashed(owner: str) -> bytes:
    return hashlib.sha256(owner.encode()).digest()
