"""The jobs of a county: ordered here, done one after the other in processes of their own, kept for some days."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ecogeo.errors import UsageError
from ecogeo.jobs.kept import (
    CANCEL,
    LOCK,
    LOG,
    ORDER,
    RESULT,
    TOLD,
    Job,
    Order,
    is_number,
    last_words,
    read_job,
    read_order,
    read_told,
    write_order,
)
from ecogeo.jobs.kinds import KINDS
from ecogeo.locking import is_held
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

KEPT_DAYS = 14
MOST_JOBS = 30
MOST_BYTES = 10 << 30
"""Of all jobs that are kept together; the oldest go first."""

LEAST_FREE_BYTES = 200 << 20
_MOST_ENDING_S = 10.0
_PACKAGE = Path(__file__).resolve().parents[1]

_DIED = Text(
    "处理进程意外结束（可能内存不足），没有做完；已做好的文件还在，可以点“继续”",
    "its process ended unexpectedly (there may be too little memory); what was made is kept, and it can be continued",
)


def jobs_folder(workspace: Workspace) -> Path:
    """Return where a county's jobs are kept: in ``out/jobs``, or for this run only where its folder is closed."""
    own = workspace.root.absolute() / "out" / "jobs"
    there = next(path for path in (own, *own.parents) if path.exists())
    is_installed = _PACKAGE in own.resolve().parents
    return own if os.access(there, os.W_OK) and not is_installed else _for_this_run(own)


class KeptJobs:
    """The jobs of one county, in the order they were ordered; one is done at a time.

    A job goes on when the page that ordered it is closed. When the server ends, so does the process of its job, which
    is listed as interrupted from then on and can be continued.

    Parameters
    ----------
    root
        The county's folder.
    home
        Where they are kept; made with the first of them, open to this user alone.
    """

    def __init__(self, root: Path, home: Path) -> None:
        self._root, self._home = root.absolute(), home.absolute()
        self._lock = threading.Condition()
        self._waiting: list[str] = []
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._end = weakref.finalize(self, _end, self._running)

    def start(self, kind: str, parameters: Mapping[str, Any], *, at: datetime, by: str = "") -> str:
        """Order a job and return its number; it begins at once or after those ordered before it.

        Parameters
        ----------
        kind
            Of `KINDS`.
        parameters
            What JSON can hold.
        at
            When it is ordered; jobs that are too old by then are removed, and the oldest where there are too many.
        by
            The account that orders it; empty where nobody has to sign in.

        Raises
        ------
        UsageError
            Where there is no such kind, or the disk is all but full.
        OSError
            Where it cannot be written down.
        """
        if kind not in KINDS:
            raise UsageError(Text(f"没有这种任务：{kind}", f"there is no job of the kind {kind}"))
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.clear(at)
        self._require_room()
        number = secrets.token_hex(8)
        (self._home / number).mkdir(mode=0o700)
        write_order(self._home / number, Order(kind, parameters, at.isoformat(timespec="seconds"), by))
        self._enqueue(number)
        return number

    def get(self, number: str) -> Job | None:
        """Return a job; None where there is none of that number any more."""
        if not is_number(number):
            return None
        with self._lock:
            is_waiting, is_started = number in self._waiting, number in self._running
        return read_job(self._home / number, is_waiting=is_waiting, is_started=is_started)

    def every(self) -> tuple[Job, ...]:
        """Return all jobs, the newest first."""
        folders = self._home.iterdir() if self._home.is_dir() else ()
        found = [job for folder in folders if (job := self.get(folder.name)) is not None]
        return tuple(sorted(found, key=lambda job: (datetime.fromisoformat(job.at), job.number), reverse=True))

    def ahead_of(self, number: str) -> int:
        """Return how many jobs come before one that waits."""
        with self._lock:
            before = self._waiting.index(number) if number in self._waiting else 0
            return before + len(self._running)

    def result(self, number: str) -> Path | None:
        """Return the result of a job, a ZIP; None where there is none."""
        path = self._home / number / RESULT
        return path if is_number(number) and path.is_file() else None

    def cancel(self, number: str) -> None:
        """End a job; what it made is kept, so that it can be continued."""
        job = self.get(number)
        if job is None or not job.state.is_under_way:
            return
        (self._home / number / CANCEL).touch()
        with self._lock:
            if number in self._waiting:
                self._waiting.remove(number)
            if number in self._running:
                self._running[number].kill()
                self._lock.wait_for(lambda: number not in self._running, timeout=_MOST_ENDING_S)

    def resume(self, number: str) -> None:
        """Go on with a job that was cancelled, was interrupted or has failed.

        Raises
        ------
        UsageError
            Where the disk is all but full.
        """
        job = self.get(number)
        if job is None or job.state.is_under_way or job.state == "done":
            return
        self._require_room()
        folder = self._home / number
        for name in (TOLD, CANCEL):
            (folder / name).unlink(missing_ok=True)
        self._enqueue(number)

    def remove(self, number: str) -> None:
        """Remove a job and its result; one that is under way is ended first."""
        self.cancel(number)
        if self.get(number) is None:
            return
        _remove(self._home / number)

    def clear(self, now: datetime) -> tuple[str, ...]:
        """Remove jobs that are too old, and the oldest where they are too many or too large; return their numbers.

        Parameters
        ----------
        now
            Holds what too old means.
        """
        gone, kept, size = [], 0, 0
        for job in self.every():
            kept, size = kept + 1, size + job.size
            is_old = now - datetime.fromisoformat(job.at) > timedelta(days=KEPT_DAYS)
            is_over = kept >= MOST_JOBS or size > MOST_BYTES
            if (is_old or is_over) and not job.state.is_under_way:
                _remove(self._home / job.number)
                gone.append(job.number)
                kept, size = kept - 1, size - job.size
        for folder in self._home.iterdir() if self._home.is_dir() else ():  # remains of what could not be removed
            if is_number(folder.name) and read_order(folder) is None and not is_held(folder / LOCK):
                shutil.rmtree(folder, ignore_errors=True)
        return tuple(gone)

    def close(self) -> None:
        """End the running job, as the end of the server does; those that wait are not begun."""
        with self._lock:
            self._is_closed = True
            self._waiting.clear()
            thread = self._thread
        _end(self._running)
        if thread is not None:
            thread.join(timeout=10)

    def _require_room(self) -> None:
        free = shutil.disk_usage(self._home).free
        if free < LEAST_FREE_BYTES:
            raise UsageError(
                Text(
                    f"磁盘只剩 {free >> 20} MB，不足 {LEAST_FREE_BYTES >> 20} MB：请清出空间，或删除旧的结果",
                    f"only {free >> 20} MB are free on the disk, {LEAST_FREE_BYTES >> 20} MB are needed: make room, or "
                    "remove old results",
                )
            )

    def _enqueue(self, number: str) -> None:
        with self._lock:
            if self._is_closed:
                return
            self._waiting.append(number)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()

    def _work(self) -> None:
        """Do what waits, one job after the other, until nothing does."""
        while True:
            with self._lock:
                if not self._waiting or self._is_closed:
                    self._thread = None
                    return
                number = self._waiting.pop(0)
                folder = self._home / number
                if not (folder / ORDER).exists():
                    continue
                process = _process(self._root, folder)
                self._running[number] = process
            status = process.wait()
            if process.stdin is not None:
                process.stdin.close()
            is_told = read_told(folder).outcome or (folder / CANCEL).exists() or self._is_closed
            if status and not is_told and folder.is_dir():
                last_words(folder, [_DIED])
            with self._lock:
                del self._running[number]
                self._lock.notify_all()


def _process(root: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start the process of a job; it ends when nobody holds the other end of its standard input."""
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(  # noqa: S603  this very interpreter on our own module
            [sys.executable, "-m", "ecogeo.jobs.worker", str(root), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=_PACKAGE.parent,
        )


def _end(running: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for process in list(running.values()):
        process.kill()
        process.wait()


def _remove(folder: Path) -> None:
    """Remove a job; without its order it is none, even where some file cannot be removed now."""
    (folder / ORDER).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


@cache
def _for_this_run(own: Path) -> Path:
    """Return a folder of this run's own: nobody else can have put anything there."""
    del own
    return Path(tempfile.mkdtemp(prefix="ecogeo-jobs-"))
