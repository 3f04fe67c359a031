"""Values that were read from an upload and wait for a person to confirm them."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from ecogeo.plan.values import ReportedValue

MOST_WAITING = 32
"""How many uploads may wait; the oldest goes when one more comes."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What one upload would change in one plan."""

    plan: str
    values: tuple[ReportedValue, ...]


class Waiting:
    """Uploads by a number nobody can guess."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Upload] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, plan: str, values: Sequence[ReportedValue]) -> str:
        """Keep an upload and return its number."""
        number = secrets.token_urlsafe(16)
        with self._lock:
            self._held[number] = Upload(plan, tuple(values))
            while len(self._held) > MOST_WAITING:
                self._held.popitem(last=False)
        return number

    def take(self, number: str) -> Upload | None:
        """Return an upload and forget it; None where there is none of that number."""
        with self._lock:
            return self._held.pop(number, None)
