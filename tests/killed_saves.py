"""Kills a save of a decision at each of its steps, in a process of its own: argument 1 is an empty folder.

A child saves one review and is killed at its first step, the next one at its second, and so on until one ends by
itself; first without a ledger, then with one. Printed are the numbers of steps, then whatever was not as it should be.
"""

import os
import signal
import sys
from pathlib import Path

from ecogeo.finding import Answer
from ecogeo.ledger import Ledger, chain_problems, ledger_of, take_in_table
from ecogeo.reviews import COMPUTED_COLUMN, REVIEW_COLUMNS, Review, append_review, read_reviews

_STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "sqlite3.connect", "fcntl.flock"}


def save(path: Path, number: int, told: int) -> None:
    """Save a review, and say so; killed at the step of that number."""
    left = [number]

    def step(*_words: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sync = os.fsync

    def synced(stream: int) -> None:
        step()
        sync(stream)

    os.fsync = synced
    sys.addaudithook(lambda event, _arguments: step() if event in _STEPS else None)
    append_review(path, Review(f"S{number}", "redlines", Answer.CLEAR, "实测", "张三", "2026-05-06", Answer.INVOLVED))
    os.write(told, f"S{number}\n".encode())
    os._exit(0)


def problems(path: Path, ledger: Ledger | None, confirmed: list[str]) -> list[str]:
    """Return what is not as it should be after a kill."""
    found = []
    if ledger is not None:
        found += [one.en for one in chain_problems(ledger)]
        take_in_table(path.parent.parent, "reviews", (*REVIEW_COLUMNS, COMPUTED_COLUMN), at="2026-05-06")
    kept = [one.site_id for one in read_reviews(path).given] if path.is_file() else []
    found += [f"lost:{one}" for one in confirmed if one not in kept]
    found += [f"twice:{one}" for one in set(kept) if kept.count(one) > 1]
    return found


def main(root: Path) -> None:
    """Kill, look, and tell."""
    for name in ("off", "on"):
        os.environ.pop("ECOGEO_LEDGER", None)
        if name == "off":
            os.environ["ECOGEO_LEDGER"] = "off"
        path = root / name / "data" / "decisions" / "reviews.csv"
        ledger, confirmed, found = ledger_of(root / name / "data"), [], []
        for number in range(1, 200):
            heard, told = os.pipe()
            pid = os.fork()
            if pid == 0:
                save(path, number, told)
            os.close(told)
            status = os.waitpid(pid, 0)[1]
            confirmed += os.read(heard, 1 << 10).decode().split()
            os.close(heard)
            found += [f"step{number}:{one}" for one in problems(path, ledger, confirmed)]
            if status == 0:
                break
        sys.stdout.write("\n".join([str(number), *found]) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
