"""Where a county keeps the steps of its meetings: each save is one more line, the last one counts, none is changed."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.present.steps import Step, read_steps, steps_object
from ecogeo.wording import Text

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Deck:
    """The steps that count.

    Parameters
    ----------
    steps
        Empty where nobody saved any, or the last save went back to the computed ones.
    number
        How many times steps were saved.
    is_torn
        Whether the last line was cut off while it was written; the one before counts then.
    """

    steps: tuple[Step, ...] = ()
    number: int = 0
    is_torn: bool = False


def deck_path(data_folder: Path) -> Path:
    """Return where a county keeps its steps, whether the file is there yet or not.

    Examples
    --------
    >>> deck_path(Path("data")).as_posix()
    'data/present/steps.jsonl'
    """
    return data_folder / "present" / "steps.jsonl"


def read_deck(path: Path) -> Deck:
    """Read the steps that count.

    Parameters
    ----------
    path
        The file; one that is not there holds nothing.

    Raises
    ------
    UnusableFileError
        Where the last whole line is no list of steps.
    """
    if not path.is_file():
        return Deck()
    content = path.read_bytes()
    *whole, last = content.split(b"\n")
    lines = [line for line in whole if line.strip()]
    is_torn = bool(last.strip())
    if not lines:
        return Deck(is_torn=is_torn)
    shown = f"{path.parent.name}/{path.name}"
    try:
        told = json.loads(lines[-1].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        zh, en = f"第 {len(lines)} 行不是有效的 JSON", f"line {len(lines)} is no valid JSON"
        raise UnusableFileError(shown, Text(zh, en)) from error
    if isinstance(told, dict) and told.get("steps") == [] and told.get("is_computed") is True:
        return Deck((), len(lines), is_torn)
    try:
        return Deck(read_steps(told), len(lines), is_torn)
    except UsageError as error:
        raise UnusableFileError(shown, error.problems) from error


def save_deck(path: Path, steps: Sequence[Step], *, after: int, on: str) -> Deck:
    """Append steps to the file, so that they count from now on.

    Parameters
    ----------
    path
        The file; made with its folder where it is not there.
    steps
        The steps; none goes back to the computed ones.
    after
        The number of the deck they were made from.
    on
        Day, ISO.

    Raises
    ------
    UsageError
        Where somebody else saved in between; nothing is written then.
    UnusableFileError
        Where the file, as somebody left it, cannot be read.
    OSError
        Where the file cannot be written.
    """
    with _ONE_AT_A_TIME:
        held = read_deck(path)
        if held.number != after:
            raise UsageError(
                Text(
                    "没有保存：别人在此期间保存过步骤；请下载自己的步骤，重新打开页面后再导入",
                    "nothing was saved: somebody else saved steps meanwhile; download yours, open the page anew and "
                    "load them",
                )
            )
        row = {"on": on, **steps_object(steps), **({} if steps else {"is_computed": True})}
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            if held.is_torn:
                _cut_torn(path)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        return read_deck(path)


def _cut_torn(path: Path) -> None:
    """Take away the part of a line that was never written to its end; no reader ever took it for steps."""
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(content.rfind(b"\n") + 1)
