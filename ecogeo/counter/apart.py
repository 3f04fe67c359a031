"""Cases judged in processes of their own, at low priority, so that whoever only looks does not wait for them."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path

from ecogeo.counter.case import Asked, Case, county_of_case
from ecogeo.counter.worker import Judged, Request, Start, receive, send
from ecogeo.errors import EcogeoError, UsageError
from ecogeo.inspection import Inspection
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

SECONDS_PER_CASE = 300.0
SECONDS_TO_START = 300.0
"""Also for reading the layers of a large county."""

MOST_WAITING = 8
"""Cases that wait or are being judged; the next is asked to come later, so that pages keep their threads."""

IDLE_SECONDS = 900.0
"""After so long without a case a process ends, and what it held of the layers goes."""

_PACKAGE_HOME = Path(__file__).resolve().parents[2]
_BUSY = Text("正在核查的用地太多，请稍后再试", "too many sites are being judged: try again later")
_DIED = Text("核查进程意外结束（可能内存不足），请重试", "the judging process ended unexpectedly (memory?): try again")
_LATE = Text(
    f"{SECONDS_PER_CASE:.0f} 秒内没有核查完，已中止；请用命令行 ecogeo screen",
    f"it was not judged within {SECONDS_PER_CASE:.0f} s and was stopped: use the command ecogeo screen",
)
_STOPPING = Text("服务正在停止", "the server is stopping")


class JudgesApart:
    """Judges cases in processes apart, each started when first needed and used for case after case.

    Parameters
    ----------
    hands
        How many cases may be judged at the same time; None takes one for every two processors.
    """

    def __init__(self, *, hands: int | None = None) -> None:
        count = max(1, (os.cpu_count() or 1) // 2) if hands is None else hands
        self._free: queue.LifoQueue[_Hand] = queue.LifoQueue()
        self._hands = [_Hand() for _ in range(count)]
        for hand in self._hands:
            self._free.put(hand)
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._is_closed = False
        self._end = weakref.finalize(self, _end, self._hands)

    def warm_up(self, county: Workspace) -> None:
        """Start a process ahead of the first case, unless all are busy."""
        with contextlib.suppress(queue.Empty):
            hand = self._free.get_nowait()
            try:
                if not self._is_closed:
                    hand.start(county)
            finally:
                self._free.put(hand)

    def judge(
        self, county: Workspace, inspection: Inspection, sha256: str, asked: Asked, *, layer: str, assume: str, at: str
    ) -> tuple[Case, tuple[Text, ...]]:
        """Judge and record a case, as `ecogeo.counter.judge_case` and `ecogeo.counter.record_case` do.

        Returns
        -------
        The case, and why it is not in the county's ledger where it should be.

        Raises
        ------
        EcogeoError
            As `judge_case`; where it takes too long or its process dies; where too many cases wait.
        """
        if not self._places.acquire(blocking=False):
            raise UsageError(_BUSY)
        try:
            try:
                hand = self._free.get(timeout=SECONDS_PER_CASE)
            except queue.Empty:
                raise UsageError(_BUSY) from None
            try:
                if self._is_closed:
                    raise EcogeoError(_STOPPING)
                judged = hand.ask(county, Request(inspection, sha256, asked, layer, assume, at))
            finally:
                self._free.put(hand)
        finally:
            self._places.release()
        if judged.report is None:
            raise EcogeoError(judged.problems)
        return _case(county, inspection, sha256, asked, judged), judged.unrecorded

    def close(self) -> None:
        """End the processes."""
        self._is_closed = True
        _end(self._hands)


class _Hand:
    """One judging process, and the county it has open."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._county: Workspace | None = None
        self._idle: threading.Timer | None = None
        self._lock = threading.RLock()

    def start(self, county: Workspace) -> None:
        """Start the process where it is not running or has another county open."""
        with self._lock:
            if self._process is not None and self._process.poll() is None and self._county is county:
                return
            self.stop()
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from ecogeo.counter.worker import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=_PACKAGE_HOME,
            )
            self._county = county
            self._told(Start(county.root.absolute(), county.catalog), SECONDS_TO_START)

    def ask(self, county: Workspace, request: Request) -> Judged:
        """Have a case judged; a process that fails is ended."""
        with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            self.start(county)
            judged = self._told(request, SECONDS_PER_CASE)
            self._idle = threading.Timer(IDLE_SECONDS, self._rest)
            self._idle.daemon = True
            self._idle.start()
        return judged

    def _rest(self) -> None:
        """End the process where nothing was asked of it since the timer was set."""
        with self._lock:
            if self._idle is threading.current_thread():
                self.stop()

    def stop(self) -> None:
        """End the process, whatever it does."""
        process, self._process, self._county = self._process, None, None
        if self._idle is not None:
            self._idle.cancel()
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _told(self, message: object, seconds: float) -> Judged:
        """Send a message and return the answer.

        Raises
        ------
        EcogeoError
            Where none comes in time, or the process dies.
        """
        process, is_late = self._process, threading.Event()
        if process is None or process.stdin is None or process.stdout is None:
            raise EcogeoError(_DIED)

        def end() -> None:
            is_late.set()
            process.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            send(process.stdin, message)
            told: Judged = receive(process.stdout)
        except (OSError, ValueError, EOFError):
            self.stop()
            raise EcogeoError(_LATE if is_late.is_set() else _DIED) from None
        finally:
            timer.cancel()
        return told


def _end(hands: Sequence[_Hand]) -> None:
    for hand in hands:
        hand.stop()


def _case(county: Workspace, inspection: Inspection, sha256: str, asked: Asked, judged: Judged) -> Case:
    """Put a case together from what was judged apart, on the county as it is open here."""
    if judged.report is None:
        raise EcogeoError(judged.problems)
    by_id = {record.record_id: record for record in judged.records}
    workspace = county_of_case(county, inspection, sha256, asked)
    return Case(inspection, sha256, asked, workspace, judged.law, judged.report, judged.records, by_id)
