"""Kills writers of a ledger at random moments, in a process of its own: argument 1 is the file, 2 how many times.

Each child writes entries as fast as it can and says so only when one is confirmed; it is killed in the middle. What was
confirmed is printed at the end, one digest a line.
"""

import os
import random
import signal
import sys
import time

from ecogeo.ledger.entries import LINE_COLUMNS, Draft
from ecogeo.ledger.places import Ledger
from ecogeo.ledger.store import append


def write(address: str, told: int, child: int) -> None:
    """Write until killed."""
    number = 0
    while True:
        number += 1
        lines = [[f"{child}-{number}-{row}"] * len(LINE_COLUMNS) for row in range(40)]
        (entry,) = append(Ledger(address), [Draft("run", "2026-05-06", {"child": child, "number": number}, lines)])
        os.write(told, f"{entry.sha256}\n".encode())


def write_some(address: str, writer: int) -> list[str]:
    """Write fifteen entries and return their digests."""
    ledger, lines = Ledger(address), [["x"] * len(LINE_COLUMNS)]
    drafts = [Draft("run", "2026-05-06", {"w": writer, "n": number}, lines) for number in range(15)]
    return [append(ledger, [draft])[0].sha256 for draft in drafts]


def _seconds_of_one(address: str) -> float:
    """Return how long an entry takes here and now, so that a busy machine confirms some before the kill too."""
    lines = [["x"] * len(LINE_COLUMNS)] * 40
    append(Ledger(address), [Draft("run", "2026-05-06", {}, lines)])
    began = time.perf_counter()
    append(Ledger(address), [Draft("run", "2026-05-06", {}, lines)])
    return time.perf_counter() - began


def main() -> None:
    """Fork, wait a little, kill, and collect what was confirmed, two children at a time."""
    address, times = sys.argv[1], int(sys.argv[2])
    chance = random.Random(7)  # noqa: S311  moments, no secrets
    heard, told = os.pipe()
    longest = max(0.06, 8 * _seconds_of_one(f"{address}.scratch"))
    for turn in range(0, times, 2):
        children = []
        for child in (turn, turn + 1):
            pid = os.fork()
            if pid == 0:
                os.close(heard)
                write(address, told, child)
            children.append(pid)
        for pid in children:
            time.sleep(chance.uniform(0.001, longest))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.set_blocking(heard, False)
        try:
            while block := os.read(heard, 1 << 16):
                sys.stdout.write(block.decode())
        except BlockingIOError:
            continue


if __name__ == "__main__":
    main()
