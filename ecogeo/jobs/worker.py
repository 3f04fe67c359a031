"""The process of a job: does the work, tells how far it is, and ends when it is cancelled or its server ends.

Each file is written whole or not at all by what does the work, so that ending it at any moment loses no more than one.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from ecogeo.errors import EcogeoError
from ecogeo.jobs.kept import (
    CANCEL,
    DISK_FULL,
    LOCK,
    RESERVE,
    RESERVE_BYTES,
    WORK,
    Told,
    is_disk_full,
    last_words,
    pack,
    read_order,
    write_told,
)
from ecogeo.jobs.kinds import KINDS
from ecogeo.jobs.task import Task
from ecogeo.locking import is_taken
from ecogeo.priority import give_way
from ecogeo.wording import Text

STOPPED, FAILED = 3, 1
"""Exit status of a process that was told to stop, and of one that failed and said why."""

_BROKEN = Text(
    "程序内部出错，没有做完；详情在服务器的任务记录里，请联系管理员",
    "something broke inside the program, so it was not finished; the server keeps the details for its administrator",
)
_PACKING = Text("打包", "packing")
_TELL_EVERY_S, _LOOK_EVERY_S = 0.25, 0.5


@dataclass(slots=True)
class _Teller:
    """Writes down how far the work is, not more often than anybody looks."""

    folder: Path
    last: float = field(default=0.0)

    def __call__(self, doing: Text, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self.last >= _TELL_EVERY_S or done == of:
            self.last = now
            write_told(self.folder, Told(doing=doing, done=done, of=of))


def work(root: Path, folder: Path) -> int:
    """Do a job.

    Parameters
    ----------
    root
        The county's folder.
    folder
        The job's.

    Returns
    -------
    0 where it is done, else `FAILED`; why it failed is written down.
    """
    order = read_order(folder)
    if order is None or order.kind not in KINDS:
        last_words(folder, [Text("任务说明已损坏", "what was ordered cannot be read")])
        return FAILED
    try:
        (folder / RESERVE).write_bytes(bytes(RESERVE_BYTES))
        (folder / WORK).mkdir(exist_ok=True)
        tell = _Teller(folder)
        made = KINDS[order.kind].work()(Task(root, order.parameters, folder / WORK, tell))
        tell(_PACKING, 0, 1)
        files = pack(folder)
        write_told(folder, Told("done", _PACKING, 1, 1, notes=made.notes, facts=made.facts, files=files))
    except EcogeoError as error:
        last_words(folder, error.problems)
        return FAILED
    except MemoryError:
        last_words(folder, [Text("内存不足，没有做完", "there was not enough memory to finish it")])
        return FAILED
    except OSError as error:
        if not is_disk_full(error):
            last_words(folder, [_BROKEN])
            raise
        last_words(folder, [DISK_FULL])
        return FAILED
    except Exception:
        last_words(folder, [_BROKEN])
        raise
    finally:
        (folder / RESERVE).unlink(missing_ok=True)
    return 0


def _watch(folder: Path) -> None:
    """End this process when the job is cancelled, from whichever server."""
    while not (folder / CANCEL).exists():
        time.sleep(_LOOK_EVERY_S)
    os._exit(STOPPED)


def _follow_server() -> None:
    """End this process when the server is gone: then nobody holds the other end of the standard input."""
    while sys.stdin.buffer.read(1):
        continue
    os._exit(STOPPED)


def main(root: str, folder: str) -> int:
    """Do the job of a folder unless another process has it; return the exit status."""
    home = Path(folder)
    give_way()  # pages come first
    with (home / LOCK).open("wb") as lock:
        if not is_taken(lock):
            return STOPPED
        for watcher, arguments in ((_watch, (home,)), (_follow_server, ())):
            threading.Thread(target=watcher, args=arguments, daemon=True).start()
        return work(Path(root), home)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:3]))
