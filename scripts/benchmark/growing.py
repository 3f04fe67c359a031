"""How cost grows with the number of sites: measured at powers of ten, fitted, and carried on to a nation."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmark.cases import CASES, Case, make_files
from benchmark.comparing import SCRIPTS, Say, row_of
from benchmark.running import Run, run_program

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
NATION = 295_000_000
"""Parcels of the national land survey."""

MACHINES = (1, 4, 16, 64)
WAYS = ("overlap", "screen")
"""The kernel on blocks of a file; the whole command, with every check of the sample county."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What so many sites took, medians of the rounds.

    Parameters
    ----------
    sites
        How many.
    seconds, cpu_s, peak_mib
        Wall time, time of the processors, most memory; NaN where it gave no result.
    trouble
        Why it gave none.
    """

    sites: int
    seconds: float
    cpu_s: float
    peak_mib: float
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """A straight line through costs: seconds = start_s + million_s × millions of sites.

    Parameters
    ----------
    start_s, million_s
        What it takes to begin, and a million of sites.
    worst
        The largest share by which a measured cost is off the line.
    """

    start_s: float
    million_s: float
    worst: float

    def seconds(self, sites: float) -> float:
        """Return what so many sites take."""
        return self.start_s + self.million_s * sites / 1e6


def measure_growth(
    way: str, folder: Path, *, sizes: Sequence[int], repeat: int, limit_s: float, say: Say
) -> list[Cost]:
    """Run one way at every size.

    Parameters
    ----------
    way
        Of `WAYS`.
    folder
        Where files are kept.
    sizes
        Numbers of sites, rising.
    repeat, limit_s, say
        As in `compare_peers`. After a size that gave no result no larger one is tried.
    """
    costs: list[Cost] = []
    for sites in sizes:
        if costs and costs[-1].trouble:
            costs.append(Cost(sites, math.nan, math.nan, math.nan, "not tried"))
            continue
        runs: list[Run] = []
        for number in range(repeat):
            runs.append(run_program(_command(way, sites, folder), cwd=SCRIPTS, limit_s=limit_s))
            say(f"{way} {sites:,} {number + 1}/{repeat}: {runs[-1].trouble or f'{runs[-1].seconds:.2f} s'}")
            if runs[-1].trouble:
                break
        row = row_of(way, "", runs)
        costs.append(Cost(sites, row.median_s, row.cpu_s, row.peak_mib, row.trouble))
    return costs


def _command(way: str, sites: int, folder: Path) -> list[str]:
    """Return the program and its words, its files drawn."""
    if way == "overlap":
        case = replace(CASES["province"], sites=sites)
        parcels, zones = make_files(case, folder)
        answer = parcels.parent / "ecogeo_kernel.answer.parquet"
        words: list[object] = ["-m", "benchmark.peers.ecogeo_kernel", parcels, zones, answer, case.measure]
    else:
        parcels, _ = make_files(county_parcels(sites), folder)
        out = parcels.parent / "out"
        shutil.rmtree(out, ignore_errors=True)  # a run goes on where an earlier one was ended
        words = ["-m", "ecogeo", "screen", parcels, "-w", SCRIPTS.parent, "-o", out, "-q", "--exit-zero"]
        words += ["--engine", "local", "--jobs", "2"]
    return [sys.executable, *(str(word) for word in words)]


def county_parcels(sites: int) -> Case:
    """Return parcels over about the ground of the sample county; its zones are not used."""
    return replace(CASES["province"], name="parcels", box=CASES["county"].box, sites=sites, zones=1)


def fitted(costs: Sequence[Cost]) -> Fit | None:
    """Fit a line, every size weighing alike by its share of error; None with fewer than two sizes, or if it falls.

    Examples
    --------
    >>> fitted([Cost(sites, 2.0 + sites / 1e5, 0.0, 0.0) for sites in (10_000, 100_000, 1_000_000)])
    Fit(start_s=2.0, million_s=10.0, worst=0.0)
    """
    known = [cost for cost in costs if not cost.trouble]
    if len(known) < 2:
        return None
    millions, seconds = np.array([cost.sites for cost in known]) / 1e6, np.array([cost.seconds for cost in known])
    start_s, million_s = np.linalg.lstsq(np.column_stack([1.0 / seconds, millions / seconds]), np.ones(len(known)))[0]
    if million_s <= 0.0:
        return None
    worst = np.abs((start_s + million_s * millions) / seconds - 1.0).max()
    return Fit(round(float(start_s), 6), round(float(million_s), 6), round(float(worst), 6))


def render_growth(costs: Sequence[Cost]) -> str:
    """Return costs, the line through them and what it says of a nation, in Markdown."""
    lines = ["| sites | seconds | × of a tenth of the sites | CPU s | peak MiB |", "| --- | --- | --- | --- | --- |"]
    seconds = {cost.sites: cost.seconds for cost in costs}
    for cost in costs:
        if cost.trouble:
            lines.append(f"| {cost.sites:,} | {cost.trouble.replace('|', '/')} | | | |")
            continue
        tenth = seconds.get(cost.sites // 10, math.nan)
        times = "" if math.isnan(tenth) else f"{cost.seconds / tenth:.2f}"
        lines.append(f"| {cost.sites:,} | {cost.seconds:.2f} | {times} | {cost.cpu_s:.2f} | {cost.peak_mib:.0f} |")
    fit = fitted(costs)
    if fit is None:
        return "\n".join([*lines, "", "No line is drawn through these: too few sizes, or cost hidden by other work."])
    lines += [
        "",
        f"Fitted: {fit.start_s:.2f} s to begin and {fit.million_s:.2f} s a million, off by {fit.worst:.0%} at most.",
        "",
        f"*Computed* for {NATION:,} parcels, shared evenly, reading from a disk of each machine's own:",
        "",
        "| machines | hours |",
        "| --- | --- |",
        *(f"| {machines} | {fit.seconds(NATION / machines) / 3600.0:.2f} |" for machines in MACHINES),
    ]
    return "\n".join(lines)
