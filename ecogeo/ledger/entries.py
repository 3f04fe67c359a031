"""One entry of the ledger, and the chain of digests that shows when somebody changed what was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecogeo.wording import Text

FIRST = "0" * 64
"""What the first entry follows."""

LINE_COLUMNS = (
    *("site_id", "site_name", "layer", "answer", "overlap_m2", "length_m", "share", "distance_m", "verdict"),
    *("rule_id", "clause", "layer_version", "coverage", "zones", "project_type", "answers", "reviewed"),
    *("site_m2", "site_sha256"),
)
"""What is kept of one answer of a run: one site and one layer. All text, as the files of the run have it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be written.

    Parameters
    ----------
    kind
        ``run``, ``answers``, ``types`` or ``reviews``.
    at
        When it is recorded, ISO 8601 with its offset; told by the caller.
    body
        What it says, as JSON can hold it.
    lines
        Of a run, one row per answer with the cells of `LINE_COLUMNS`; they are read once.
    """

    kind: str
    at: str
    body: Mapping[str, Any]
    lines: Iterable[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written.

    Parameters
    ----------
    seq
        Its number, from 1 without a gap.
    county
        Whose it is, where several counties share a ledger; else empty.
    kind, at, body
        As drafted; ``lines`` and ``lines_sha256`` of the body were added when it was written.
    previous, sha256
        Digest of the entry before it, and its own, which hangs on that one.
    """

    seq: int
    county: str
    kind: str
    at: str
    body: Mapping[str, Any]
    previous: str
    sha256: str


class LineDigest:
    """The digest of lines as they go by."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.count = 0

    def passing(self, lines: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
        """Yield the lines as they are, and count them in."""
        for line in lines:
            self._hash.update(json.dumps(list(line), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            self.count += 1
            yield line

    @property
    def sha256(self) -> str:
        """The digest of the lines so far."""
        return self._hash.hexdigest()


def body_text(body: Mapping[str, Any]) -> str:
    """Return a body as the text that is stored and digested.

    Examples
    --------
    >>> body_text({"b": 1, "a": "不涉及"})
    '{"a":"不涉及","b":1}'
    """
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def link(*parts: object) -> str:
    """Return the digest of an entry from ``seq, county, kind, at, body, previous``: it hangs on all of them."""
    return hashlib.sha256(json.dumps(list(parts), ensure_ascii=False).encode()).hexdigest()


def entry_problems(rows: Iterable[tuple[int, str, str, str, str, str, str]]) -> Iterator[Text]:
    """Yield where the chain of entries is broken.

    Parameters
    ----------
    rows
        ``seq, county, kind, at, body, previous, sha256`` in the order of the numbers.
    """
    before, expected = FIRST, 1
    for seq, county, kind, at, body, previous, sha256 in rows:
        if seq != expected:
            yield Text(f"第 {expected} 条至第 {seq - 1} 条缺失", f"the entries {expected} to {seq - 1} are missing")
        elif previous != before:
            yield Text(f"第 {seq} 条与前一条不相接", f"entry {seq} does not follow the one before it")
        if link(seq, county, kind, at, body, previous) != sha256:
            yield Text(f"第 {seq} 条被改动过", f"entry {seq} was changed after it was written")
        before, expected = sha256, seq + 1
