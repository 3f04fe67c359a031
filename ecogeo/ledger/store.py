"""Writing to a ledger and reading it: all of what is written together counts, or nothing of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import cast

from ecogeo.errors import UsageError
from ecogeo.ledger.entries import FIRST, LINE_COLUMNS, Draft, Entry, LineDigest, body_text, entry_problems, link
from ecogeo.ledger.opening import Open, Row, reading, writing
from ecogeo.ledger.places import Ledger
from ecogeo.wording import Text

_ENTRY = "seq, county, kind, at, body, previous, sha256"


def append(ledger: Ledger, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
    """Write entries, all of them or none; when this returns they are on the disk.

    Parameters
    ----------
    ledger
        Where to; made if need be. Other processes wait for their turn.
    drafts
        What to write, in this order.

    Raises
    ------
    UnusableFileError
        Where it is no ledger, cannot be written, is locked for too long, or the disk is full: nothing is written then.
    """
    with writing(ledger) as held:
        return append_held(held, drafts)


def append_held(held: Open, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
    """Write entries to a ledger held by `writing`."""
    last = held.ask("SELECT seq, sha256 FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = (0, FIRST) if last is None else (int(last[0]), str(last[1]))
    marks = ", ".join("?" * (len(LINE_COLUMNS) + 2))
    into = held.as_spoken(f"INSERT INTO answer (seq, number, {', '.join(LINE_COLUMNS)}) VALUES ({marks})")  # noqa: S608
    written = []
    for draft in drafts:
        seq += 1
        lines = LineDigest()
        rows = ((seq, number, *line) for number, line in enumerate(lines.passing(draft.lines), start=1))
        held.cursor.executemany(into, rows)
        body = {**draft.body, "lines": lines.count, "lines_sha256": lines.sha256}
        text, county = body_text(body), held.ledger.county
        sha256 = link(seq, county, draft.kind, draft.at, text, previous)
        held.ask(
            f"INSERT INTO entry ({_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (seq, county, draft.kind, draft.at, text, previous, sha256),
        )
        written.append(Entry(seq, county, draft.kind, draft.at, body, previous, sha256))
        previous = sha256
    return tuple(written)


def entries(ledger: Ledger, kind: str = "") -> tuple[Entry, ...]:
    """Return the entries of the ledger's county, oldest first; none where there is no ledger yet.

    Parameters
    ----------
    ledger
        The ledger.
    kind
        Of which kind; empty for all.

    Raises
    ------
    UnusableFileError
        Where it is no ledger or cannot be read.
    """
    with reading(ledger) as held:
        return () if held is None else entries_held(held, kind)


def entries_held(held: Open, kind: str = "") -> tuple[Entry, ...]:
    """Return the entries of a ledger held open."""
    query = f"SELECT {_ENTRY} FROM entry WHERE county = ? AND (kind = ? OR ? = '') ORDER BY seq"  # noqa: S608
    return tuple(_entry(row) for row in held.ask(query, (held.ledger.county, kind, kind)))


def entry_of(ledger: Ledger, seq: int) -> Entry:
    """Return one entry of the ledger's county.

    Raises
    ------
    UsageError
        Where there is no such entry.
    """
    with reading(ledger) as held:
        query = f"SELECT {_ENTRY} FROM entry WHERE seq = ? AND county = ?"  # noqa: S608
        row = None if held is None else held.ask(query, (seq, ledger.county)).fetchone()
    if row is None:
        raise UsageError(
            Text(f"台账中没有第 {seq} 条；用 ecogeo runs 查看已有的", f"the ledger has no entry {seq}: see ecogeo runs")
        )
    return _entry(row)


def lines_of(ledger: Ledger, seq: int) -> Iterator[dict[str, str]]:
    """Yield the answers of a run by column, in the order they were written."""
    with reading(ledger) as held:
        if held is not None:
            columns = ", ".join(LINE_COLUMNS)
            for row in held.ask(f"SELECT {columns} FROM answer WHERE seq = ? ORDER BY number", (seq,)):  # noqa: S608
                yield dict(zip(LINE_COLUMNS, map(str, row), strict=True))


def lines_about(ledger: Ledger, site_ids: Sequence[str]) -> tuple[tuple[int, dict[str, str]], ...]:
    """Return every recorded answer on some sites with the number of its run, oldest first.

    Raises
    ------
    UnusableFileError
        Where it is no ledger or cannot be read.
    """
    with reading(ledger) as held:
        if held is None or not site_ids:
            return ()
        marks = ", ".join("?" * len(site_ids))
        query = (
            f"SELECT seq, {', '.join(LINE_COLUMNS)} FROM answer WHERE site_id IN ({marks}) "  # noqa: S608
            "AND seq IN (SELECT seq FROM entry WHERE county = ?) ORDER BY seq, number"
        )
        found = list(held.ask(query, (*site_ids, ledger.county)))
        return tuple((int(row[0]), dict(zip(LINE_COLUMNS, map(str, row[1:]), strict=True))) for row in found)


def chain_problems(ledger: Ledger, *, with_lines: bool = True) -> tuple[Text, ...]:
    """Return everything that shows that a ledger is not as it was written; none where it is whole.

    Parameters
    ----------
    ledger
        The ledger.
    with_lines
        Whether the answers of every run are held against its digest too, which takes its time in a long ledger.

    Raises
    ------
    UnusableFileError
        Where it is no ledger or cannot be read.
    """
    with reading(ledger) as held:
        return () if held is None else held_problems(held, with_lines=with_lines)


def held_problems(held: Open, *, with_lines: bool = True) -> tuple[Text, ...]:
    """Return what shows that an open ledger is not as it was written."""
    rows = list(held.ask(f"SELECT {_ENTRY} FROM entry ORDER BY seq"))  # noqa: S608
    problems = list(entry_problems([cast("tuple[int, str, str, str, str, str, str]", tuple(row)) for row in rows]))
    if not with_lines:
        return tuple(problems)
    known = set()
    for row in rows:
        seq, body = int(row[0]), json.loads(row[4])
        known.add(seq)
        query = f"SELECT {', '.join(LINE_COLUMNS)} FROM answer WHERE seq = ? ORDER BY number"  # noqa: S608
        digest = LineDigest()
        for _ in digest.passing(held.ask(query, (seq,))):
            pass
        if (digest.count, digest.sha256) != (body.get("lines"), body.get("lines_sha256")):
            problems.append(
                Text(f"第 {seq} 条的结果行被改动过", f"the answers of entry {seq} were changed after they were written")
            )
    stray = [int(row[0]) for row in held.ask("SELECT DISTINCT seq FROM answer ORDER BY seq") if row[0] not in known]
    problems += [Text(f"有不属于任何条目的结果行（{one}）", f"there are answers of no entry ({one})") for one in stray]
    return tuple(problems)


def _entry(row: Row) -> Entry:
    seq, county, kind, at, body, previous, sha256 = row
    return Entry(int(seq), county, kind, at, json.loads(body), previous, sha256)
