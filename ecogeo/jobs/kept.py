"""A job on the disk: what was ordered, how far it came, and what is told of it."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ecogeo.locking import is_held
from ecogeo.wording import Text

ORDER, TOLD, CANCEL, LOCK, LOG, RESERVE = "order.json", "told.json", "cancel", "lock", "log.txt", "reserve"
WORK, RESULT = "work", "result.zip"
RESERVE_BYTES = 1 << 18
"""Kept free for the last words of a job that filled the disk."""

DISK_FULL = Text(
    "磁盘已满，没有做完；已做好的文件还在，请清出空间后点“继续”",
    "the disk is full, so it was not finished; what was made is kept: make room, then continue",
)
_NOTHING = Text("", "")
_NUMBER = re.compile(r"[0-9a-f]{16}")
_OLDEST_DAY = (1980, 1, 1, 0, 0, 0)
"""The same files give the same ZIP: the oldest day a ZIP knows."""
_PACKED_ALREADY = {".zip", ".pdf", ".png", ".docx", ".xlsx", ".gpkg", ".parquet"}


class State(StrEnum):
    """How far a job came."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_under_way(self) -> bool:
        """Whether it is running or will."""
        return self in {State.WAITING, State.RUNNING}


@dataclass(frozen=True, slots=True)
class Told:
    """What the process of a job told last.

    Parameters
    ----------
    outcome
        ``done`` or ``failed``; empty while it is at work.
    doing, done, of
        What it was at, how much of that was done, and of how much.
    problems
        Why it failed.
    notes, facts
        As in `ecogeo.jobs.Made`.
    files
        Names and sizes in bytes of what is in the result.
    """

    outcome: str = ""
    doing: Text = _NOTHING
    done: int = 0
    of: int = 0
    problems: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A job, as pages show it.

    Parameters
    ----------
    number
        Its number, 16 hexadecimal digits.
    kind, parameters
        What was ordered.
    at
        When, ISO 8601.
    state
        How far it came.
    told
        What its process told last.
    size
        Bytes it takes on the disk.
    by
        The account that ordered it; empty where nobody had to sign in.
    """

    number: str
    kind: str
    parameters: Mapping[str, Any]
    at: str
    state: State
    told: Told
    size: int
    by: str = ""


def is_number(text: str) -> bool:
    """Tell whether a text could be the number of a job: nothing else ever becomes part of a path."""
    return _NUMBER.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered; see `Job`."""

    kind: str
    parameters: Mapping[str, Any]
    at: str
    by: str = ""


def write_order(folder: Path, order: Order) -> None:
    """Write down what is to be done."""
    content = {"kind": order.kind, "parameters": dict(order.parameters), "at": order.at, "by": order.by}
    _write(folder / ORDER, content)


def read_order(folder: Path) -> Order | None:
    """Return what a job is; None where it was not ordered in full."""
    try:
        order = json.loads((folder / ORDER).read_text("utf-8"))
        datetime.fromisoformat(order["at"])
        return Order(str(order["kind"]), dict(order["parameters"]), str(order["at"]), str(order.get("by", "")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_told(folder: Path, told: Told) -> None:
    """Write down how far a job came."""
    _write(
        folder / TOLD,
        {
            "outcome": told.outcome,
            "doing": [told.doing.zh, told.doing.en],
            "done": told.done,
            "of": told.of,
            "problems": [[one.zh, one.en] for one in told.problems],
            "notes": [[one.zh, one.en] for one in told.notes],
            "facts": dict(told.facts),
            "files": [list(one) for one in told.files],
        },
    )


def read_told(folder: Path) -> Told:
    """Return how far a job came; nothing where it has not begun, or where what it told cannot be read."""
    try:
        told = json.loads((folder / TOLD).read_text("utf-8"))
        return Told(
            outcome=str(told["outcome"]),
            doing=Text(*map(str, told["doing"])),
            done=int(told["done"]),
            of=int(told["of"]),
            problems=tuple(Text(*map(str, one)) for one in told["problems"]),
            notes=tuple(Text(*map(str, one)) for one in told["notes"]),
            facts=dict(told["facts"]),
            files=tuple((str(name), int(size)) for name, size in told["files"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Told()


def read_job(folder: Path, *, is_waiting: bool = False, is_started: bool = False) -> Job | None:
    """Return a job by its folder; None where there is none.

    Parameters
    ----------
    folder
        Its folder.
    is_waiting, is_started
        What the program that asks knows of it: that it is in its queue, or that its process lives.
    """
    order = read_order(folder)
    if order is None:
        return None
    is_cancelled = (folder / CANCEL).exists()
    is_alive = is_started or is_held(folder / LOCK)
    told = read_told(folder)
    if told.outcome:
        state = State(told.outcome)
    elif is_alive:
        state = State.RUNNING  # also one that was cancelled and has not ended yet
    elif is_cancelled:
        state = State.CANCELLED
    else:
        state = State.WAITING if is_waiting else State.INTERRUPTED
    return Job(folder.name, order.kind, order.parameters, order.at, state, told, _size(folder), order.by)


def pack(folder: Path) -> tuple[tuple[str, int], ...]:
    """Pack the work of a job into its result and return names and sizes; then the work itself goes.

    Raises
    ------
    OSError
        Where it cannot be written; the work stays.
    """
    work, part = folder / WORK, folder / f"{RESULT}.part"
    files = []
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in work.rglob("*") if one.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(work).as_posix(), _OLDEST_DAY)
            entry.external_attr = 0o644 << 16
            is_packed = path.suffix.lower() in _PACKED_ALREADY
            entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)
            files.append((entry.filename, path.stat().st_size))
    part.replace(folder / RESULT)
    shutil.rmtree(work, ignore_errors=True)
    return tuple(files)


def is_disk_full(error: OSError) -> bool:
    """Tell whether an error says that there is no room left, on the disk or for this user."""
    return error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)} or getattr(error, "winerror", 0) == 112


def last_words(folder: Path, problems: Sequence[Text]) -> None:
    """Write down why a job failed, also on a disk it has filled."""
    (folder / RESERVE).unlink(missing_ok=True)
    before = read_told(folder)
    write_told(folder, Told("failed", before.doing, before.done, before.of, tuple(problems)))


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file, whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(content, ensure_ascii=False, sort_keys=True), "utf-8", newline="\n")
    part.replace(path)


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # it went while we looked
            continue
    return total
