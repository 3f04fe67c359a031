"""Read mutated files of every format and count what happens: ``python tests/fuzz_formats.py --runs 1000 --seed 1``.

GDAL, pyarrow and GEOS are C: each file is read in a worker process that may crash or hang and leave the count alone.
Exit status 1 where a worker crashed, hung over ten seconds, or met an error that is no refusal.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from format_samples import copy_of, mixed, write_every_format

LIMIT_S = 10
FEWER = "fewer features, unsaid"
MOST_MEMORY_BYTES = 4 << 30
EXTREMES = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\0\0\0\x80", b"\1\0\0\0")


def mutated(content: bytes, other: bytes, random: np.random.Generator) -> bytes:
    """Return bytes with one fault, seldom more, of the kinds that damage or malice leave."""
    changed = bytearray(content)
    for _ in range(min(random.geometric(0.7), 4)):
        size = len(changed)
        if not size:
            break
        at = int(random.integers(size)) if random.random() < 0.6 else int(random.integers(min(size, 512)))
        match random.integers(6):
            case 0:
                for position in random.integers(size, size=random.integers(1, 5)):
                    changed[position] ^= 1 << int(random.integers(8))
            case 1:
                del changed[at:]
            case 2:
                start = int(random.integers(max(len(other), 1)))
                piece = other[start : start + int(random.integers(1, 256))]
                changed[at : at + len(piece) * int(random.integers(2))] = piece
            case 3:
                changed[at : at + 4] = EXTREMES[random.integers(len(EXTREMES))]
            case 4:
                del changed[at : at + int(random.integers(1, 64))]
            case 5:
                length = int(random.integers(1, 64))
                changed[at:at] = changed[at : at + length] * int(random.integers(1, 4))
    return bytes(changed)


def write_mutation(samples: dict[str, Path], kind: str, folder: Path, random: np.random.Generator) -> Path:
    """Write a mutated copy of a sample; of several files one is changed."""
    target = copy_of(samples[kind], folder / samples[kind].name)
    parts = sorted(target.iterdir()) if target.is_dir() else sorted(folder.iterdir())
    part = parts[random.integers(len(parts))]
    other = samples[list(samples)[random.integers(len(samples))]]
    donor = other if other.is_file() else part
    part.write_bytes(mutated(part.read_bytes(), donor.read_bytes(), random))
    return target


def work(jobs: Connection) -> None:
    """Read the files whose paths come in, and answer what happened."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    except ImportError:
        pass
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    from ecogeo.errors import EcogeoError
    from ecogeo.formats import read_features

    while path := jobs.recv():
        try:
            reading = read_features(Path(path))
            said = [doubt.en for doubt in reading.doubts] + [reason.en for _, reason in reading.set_aside]
            jobs.send(("ok", f"{len(reading.frame)} {said or ''}"))
        except EcogeoError as error:
            is_silent = not error.say("zh").strip() or not error.say("en").strip()
            jobs.send(("other exception" if is_silent else "refused", error.say("en")))
        except BaseException:  # noqa: BLE001 (whatever else comes is what is being looked for)
            jobs.send(("other exception", traceback.format_exc()))


class Worker:
    """A process that reads, and is started anew when it is lost."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def read(self, path: Path) -> tuple[str, str]:
        """Return what became of a file."""
        self._pipe.send(str(path))
        try:
            if self._pipe.poll(LIMIT_S + 20 * (not self._process.is_alive())):
                return self._pipe.recv()
            fate = "hang", ""
        except (EOFError, ConnectionError):
            self._process.join()
            fate = "crash", f"exit code {self._process.exitcode}"
        self._process.kill()
        self._process.join()
        self._start()
        return fate


def main() -> int:
    """Run the count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="say what became of every file")
    parser.add_argument("--keep", type=Path, help="folder for the files that crashed, hung or raised")
    given = parser.parse_args()
    fates: Counter[tuple[str, str]] = Counter()
    worker = Worker()
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "samples").mkdir()
        samples = write_every_format(Path(scratch) / "samples", mixed())
        whole = {kind: worker.read(path)[1] for kind, path in samples.items()}
        for run in range(given.runs):
            random = np.random.default_rng([given.seed, run])
            kind = list(samples)[run % len(samples)]
            folder = Path(scratch) / "run"
            folder.mkdir()
            path = write_mutation(samples, kind, folder, random)
            fate, said = worker.read(path)
            fates[kind, fate] += 1
            if fate == "ok" and said.endswith(" ") and int(said) < int(whole[kind].split()[0]):
                fates[kind, FEWER] += 1
                sys.stdout.write(f"run {run} {kind}: {FEWER} {said}\n")
            if given.verbose:
                sys.stdout.write(f"{kind}: {fate} {said}\n")
            if fate not in ("ok", "refused"):
                sys.stdout.write(f"run {run} {kind}: {fate} {said}\n")
                if given.keep:
                    shutil.copytree(folder, given.keep / f"{given.seed}_{run}", dirs_exist_ok=True)
            shutil.rmtree(folder)
    columns = ("ok", "refused", "crash", "hang", "other exception", FEWER)
    for kind in samples:
        counts = "  ".join(f"{column} {fates[kind, column]}" for column in columns)
        sys.stdout.write(f"{kind:10}{counts}\n")
    totals = {column: sum(count for (_, fate), count in fates.items() if fate == column) for column in columns}
    sys.stdout.write(f"{'all':10}{'  '.join(f'{column} {count}' for column, count in totals.items())}\n")
    return int(sum(totals[column] for column in columns[2:5]) > 0)


if __name__ == "__main__":
    sys.exit(main())
