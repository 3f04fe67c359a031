"""The two engines of the command line on the same file: processes of this machine, and Dask."""

from __future__ import annotations

import hashlib
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from benchmark.cases import make_files
from benchmark.comparing import SCRIPTS, Row, Say, row_of
from benchmark.growing import county_parcels
from benchmark.running import Run, run_program

SITES = 1_000_000
LOCAL = "ecogeo screen, two processes"
_ENGINES = {"local": LOCAL, "dask": "ecogeo screen, two workers of Dask"}


def time_engines(folder: Path, *, sites: int | None, repeat: int, limit_s: float, say: Say) -> list[Row]:
    """Time the screening of one file in blocks by each engine, in turn.

    Parameters
    ----------
    folder
        Where files are kept.
    sites
        How many; None for 1,000,000.
    repeat, limit_s, say
        As in `compare_peers`.

    Returns
    -------
    One row per engine; the second has no time where its files are not byte for byte those of the first.
    """
    parcels, _ = make_files(county_parcels(sites or SITES), folder)
    runs: dict[str, list[Run]] = {engine: [] for engine in _ENGINES}
    written: dict[str, str] = {}
    for number in range(repeat):
        for engine, title in _ENGINES.items():
            out = parcels.parent / f"out-{engine}-{number}"
            words = ["-m", "ecogeo", "screen", parcels, "-w", SCRIPTS.parent, "-o", out, "-q", "--exit-zero"]
            command = [sys.executable, *(str(word) for word in words), "--engine", engine, "--jobs", "2"]
            shutil.rmtree(out, ignore_errors=True)  # what a run that was ended left would be gone on with
            run = run_program(command, cwd=SCRIPTS, limit_s=limit_s)
            runs[engine].append(run)
            written[engine] = _digest(out)
            say(f"{number + 1}/{repeat} {title}: {run.trouble or f'{run.seconds:.2f} s'}")
    rows = {engine: row_of(title, "", runs[engine]) for engine, title in _ENGINES.items()}
    if not rows["dask"].trouble and written["dask"] != written["local"]:
        rows["dask"] = replace(rows["dask"], seconds=(), trouble="its files differ from those of the local engine")
    return list(rows.values())


def _digest(folder: Path) -> str:
    """Return a digest of the names and bytes of all files of a run, and remove them."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    shutil.rmtree(folder, ignore_errors=True)
    return digest.hexdigest()
