"""Run a program as a process of its own and say how long it took and how much memory it held."""

from __future__ import annotations

import math
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

_SAMPLE_S = 0.02
_GRACE_S = 30.0
_LONGEST_TROUBLE = 200
_PROC = Path("/proc")
_PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took.

    Parameters
    ----------
    seconds
        From start to exit, of the whole process.
    peak_mib
        The most memory it and its children held; NaN where the system does not tell.
    cpu_s
        The time the processors worked for it and its children; NaN where the system does not tell.
    trouble
        Why it gave no result; empty where it did.
    """

    seconds: float
    peak_mib: float
    cpu_s: float = math.nan
    trouble: str = ""


def run_program(command: Sequence[str], *, cwd: Path, limit_s: float | None = None) -> Run:
    """Run a command to its end, or to the limit.

    Parameters
    ----------
    command
        The program and its words.
    cwd
        Where it runs.
    limit_s
        After so many seconds it is asked to end, and soon after made to; None: it may take as long as it likes.
    """
    with TemporaryFile() as said:
        worked_s, began = _children_cpu_s(), time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=_surroundings(), stdout=subprocess.DEVNULL, stderr=said)  # noqa: S603
        memory = _Memory(process.pid)
        memory.start()
        # Popen.wait with a limit of its own looks only every 50 ms, which is too coarse for the short runs.
        limits = [] if limit_s is None else [(limit_s, process.terminate), (limit_s + _GRACE_S, process.kill)]
        timers = [threading.Timer(after_s, end) for after_s, end in limits]
        for timer in timers:
            timer.start()
        status = process.wait()
        seconds = time.perf_counter() - began
        for timer in timers:
            timer.cancel()
        memory.stop()
        said.seek(0)
        words = said.read().decode("utf-8", "replace").strip().splitlines()
    trouble = ""
    if limit_s is not None and seconds >= limit_s:
        trouble = f"ended after {limit_s:.0f} s"
    elif status:
        trouble = f"failed with status {status}: {words[-1][:_LONGEST_TROUBLE] if words else 'it said nothing'}"
    peak_mib = memory.peak_bytes / (1 << 20) if memory.peak_bytes else math.nan
    return Run(seconds, peak_mib, (_children_cpu_s() - worked_s) or math.nan, trouble)


def _surroundings() -> dict[str, str]:
    """Return the environment, without what keeps Python from keeping compiled modules: installed programs have them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _children_cpu_s() -> float:
    """Return the time the processors worked for all children that have ended; 0 where the system does not tell."""
    so_far = os.times()
    return so_far.children_user + so_far.children_system


class _Memory(threading.Thread):
    """Watches a process and its children; counts memory that several share once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self.peak_bytes = 0

    def run(self) -> None:
        while not self._done.wait(_SAMPLE_S):
            tree = _tree(self._pid)
            resident = [_resident_bytes(pid) for pid in tree]
            private = sum(whole - shared for whole, shared in resident)
            most_shared = max((shared for _, shared in resident), default=0)
            self.peak_bytes = max(self.peak_bytes, private + most_shared, _high_water_bytes(self._pid))

    def stop(self) -> None:
        """Stop watching."""
        self._done.set()
        self.join()


def _tree(pid: int) -> list[int]:
    """Return a process and all its children, as far as the system tells."""
    found = [pid]
    for parent in found:
        try:
            for task in (_PROC / str(parent) / "task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _resident_bytes(pid: int) -> tuple[int, int]:
    """Return what a process holds in memory, and how much of that it shares."""
    try:
        pages = (_PROC / str(pid) / "statm").read_text().split()
    except OSError:
        return 0, 0
    return int(pages[1]) * _PAGE_BYTES, int(pages[2]) * _PAGE_BYTES


def _high_water_bytes(pid: int) -> int:
    """Return the most a process alone has held so far."""
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
