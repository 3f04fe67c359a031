"""One case, several programs, a few rounds: what each took, and whether all say the same."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.agreement import Agreement, compare
from benchmark.cases import Case, make_files
from benchmark.raster_cases import RasterCase
from benchmark.registry import GEODESIC_REFERENCE, PEERS, REFERENCES, Peer
from benchmark.running import Run, run_program

SCRIPTS = Path(__file__).resolve().parent.parent

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """What one program did in all rounds.

    Parameters
    ----------
    title
        What the table calls it.
    version
        Of what it stands for.
    seconds
        Of each round, from start to exit; empty where it gave no result.
    peak_mib
        The most memory it held in any round.
    cpu_s
        The middle of the times the processors worked for it.
    agreement
        How its answer compares with the reference; None where there is none to compare.
    trouble
        Why it gave no result.
    """

    title: str
    version: str = ""
    seconds: tuple[float, ...] = ()
    peak_mib: float = float("nan")
    cpu_s: float = float("nan")
    agreement: Agreement | None = None
    trouble: str = ""

    @property
    def median_s(self) -> float:
        """The middle of its times."""
        return statistics.median(self.seconds) if self.seconds else float("nan")


def row_of(title: str, version: str, runs: Sequence[Run], agreement: Agreement | None = None) -> Row:
    """Put the rounds of one program into a row; one that failed in any round has no time."""
    trouble = next((run.trouble for run in runs if run.trouble), "")
    seconds = () if trouble else tuple(run.seconds for run in runs)
    peak_mib, cpu_s = max(run.peak_mib for run in runs), statistics.median(run.cpu_s for run in runs)
    return Row(title, version, seconds, peak_mib, cpu_s, agreement, trouble)


def compare_peers(
    case: Case | RasterCase, programs: Sequence[str], folder: Path, *, repeat: int, limit_s: float, say: Say
) -> list[Row]:
    """Let programs answer the same question in turn, round by round, so that a busy minute hits all alike.

    Parameters
    ----------
    case
        The question.
    programs
        Names of `PEERS`.
    folder
        Where files are kept.
    repeat
        How many rounds.
    limit_s
        A program that takes longer is ended.
    say
        Told of every run.

    Returns
    -------
    One row per program, in the order given. Before the first round each answers a tiny case, so that what is compiled
    or unpacked at first use is so, and its answer to that is compared like any other.
    """
    rows = {name: Row(PEERS[name].title, trouble=PEERS[name].why_absent(case.measure)) for name in programs}
    present = [PEERS[name] for name, row in rows.items() if not row.trouble]
    warm = _rounds(case.tiny, present, folder, repeat=1, limit_s=limit_s, say=say)
    unfit = {name: row for name, row in warm.items() if row.trouble or not (row.agreement and row.agreement.is_same)}
    for name, row in unfit.items():
        rows[name] = Row(row.title, row.version, trouble=row.trouble or "its answer to the tiny case differs")
    fit = [peer for peer in present if peer.program not in unfit]
    rows |= _rounds(case, fit, folder, repeat=repeat, limit_s=limit_s, say=say)
    return list(rows.values())


def _warm_up(files: Sequence[Path]) -> None:
    """Read files to their end, so that the system has them at hand for the first program too."""
    for path in files:
        with path.open("rb") as file:
            while file.read(1 << 24):
                continue


def _rounds(
    case: Case | RasterCase, peers: Sequence[Peer], folder: Path, *, repeat: int, limit_s: float, say: Say
) -> dict[str, Row]:
    """Run every program as often as asked, then hold their answers against the references."""
    files = make_files(case, folder)
    _warm_up(files)
    answers = {peer.program: files[0].parent / f"{peer.program}.answer.parquet" for peer in peers}
    runs: dict[str, list[Run]] = {peer.program: [] for peer in peers}
    for number in range(repeat):
        for peer in peers:
            if any(run.trouble for run in runs[peer.program]):
                continue
            answers[peer.program].unlink(missing_ok=True)
            run = _answered(peer.program, case, files, answers[peer.program], limit_s)
            runs[peer.program].append(run)
            say(f"{case.stem} {number + 1}/{repeat} {peer.title}: {run.trouble or f'{run.seconds:.2f} s'}")
    well = [peer for peer in peers if not any(run.trouble for run in runs[peer.program])]
    agreements = _agreements(case, well, answers, folder, say)
    return {
        peer.program: row_of(peer.title, peer.version, runs[peer.program], agreements.get(peer.program))
        for peer in peers
    }


def _agreements(
    case: Case | RasterCase, peers: Sequence[Peer], answers: dict[str, Path], folder: Path, say: Say
) -> dict[str, Agreement]:
    """Compare answers with one whose edges are seen alike; a reference that nobody gave is worked out, untimed."""
    files = make_files(case, folder)
    given = {peer.program for peer in peers}
    known = REFERENCES[case.measure]
    straight = next((name for name in known if name in given), known[0])
    references = {
        "straight": straight,
        "cells": straight,
        "geodesic": GEODESIC_REFERENCE,
        "geodesic, cut": GEODESIC_REFERENCE,
    }
    found = {}
    for peer in peers:
        reference = references[peer.edges]
        path = files[0].parent / f"{reference}.answer.parquet"
        if reference not in given and not path.exists():
            say(f"{case.stem} reference {reference}, untimed")
            run = _answered(reference, case, files, path, None)
            if run.trouble:
                raise RuntimeError(f"the reference {reference} {run.trouble}")
        found[peer.program] = compare(answers[peer.program], path, case.measure, peer.edges)
    return found


def _answered(
    program: str, case: Case | RasterCase, files: tuple[Path, Path], answer: Path, limit_s: float | None
) -> Run:
    """Run one program from the files to its answer."""
    words = ["-m", f"benchmark.peers.{program}", *files, answer, case.measure]
    return run_program([sys.executable, *(str(word) for word in words)], cwd=SCRIPTS, limit_s=limit_s)
