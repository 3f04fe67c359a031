"""The files of a run put together from the blocks it was judged in."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from ecogeo.engine.fragments import Merged, merge_fragments
from ecogeo.engine.judging import FINDING_SCHEMA, FINDINGS, GEOMETRY, section_of
from ecogeo.formats.geopackage import write_geopackage_batches
from ecogeo.report.run_files import SUMMARY, TABLES

MATRIX = "matrix"
_UNFINISHED = ".unfinished"
"""The name `ecogeo.report.run_files.write_run` has for it: whoever writes next clears away what a killed run left."""

Told = Mapping[str, Any]


@contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """Make the folder inside a run's own where its files are put together; nothing of it is left behind.

    Parameters
    ----------
    out
        The folder of the run.
    """
    fresh = out / _UNFINISHED
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def put_in_place(files: Sequence[Path], out: Path) -> tuple[Path, ...]:
    """Move the files of a run, whole, to where they belong; the summary goes first and comes last.

    Parameters
    ----------
    files
        The files, with ``summary.json`` among them.
    out
        The folder of the run; tables this run has not are removed, and a summary is never beside tables not its own.

    Returns
    -------
    The files in their places, in the order given.
    """
    (out / SUMMARY).unlink(missing_ok=True)
    names = {file.name for file in files}
    for name in TABLES:
        if f"{name}.csv" not in names:
            (out / f"{name}.csv").unlink(missing_ok=True)
    for file in sorted(files, key=lambda file: file.name == SUMMARY):
        file.replace(out / file.name)
    return tuple(out / file.name for file in files)


def write_files(parts: Path, told: Sequence[Told], folder: Path) -> tuple[Path, ...]:
    """Write the tables and findings of a run from its fragments.

    Parameters
    ----------
    parts
        The folder of the fragments: a folder per file.
    told
        What the blocks told; a check that broke in one of them leaves no rows, and then there is no matrix either.
    folder
        Where to.

    Returns
    -------
    The files written, in a fixed order.
    """
    broken = [name for name, entry in _checks(told).items() if entry["status"] == "crashed"]
    without = frozenset(section_of(name) for name in broken)
    names = sorted(folder.name for folder in parts.iterdir() if folder.is_dir() and folder.name != FINDINGS)
    names = [name for name in names if name != MATRIX or not broken]
    written = []
    for name in [*names, FINDINGS]:
        merged = merge_fragments(sorted((parts / name).glob("*.arrow")), without=without)
        path = folder / f"{name}.csv"
        merged.write_csv(path)
        written.append(path)
        if name == FINDINGS:
            written.append(_write_findings(merged, folder / "findings.gpkg"))
    return tuple(written)


def _write_findings(merged: Merged, path: Path) -> Path:
    def batches() -> Iterator[pa.RecordBatch]:
        for table in merged.tables():
            yield from table.select(FINDING_SCHEMA.names).cast(FINDING_SCHEMA).combine_chunks().to_batches()

    part = path.with_name("findings.part.gpkg")
    reader = pa.RecordBatchReader.from_batches(FINDING_SCHEMA, batches())
    write_geopackage_batches(reader, part, FINDINGS, geometry=GEOMETRY)
    part.replace(path)
    return path


def summed(told: Sequence[Told], doubted: Told | None) -> dict[str, Any]:
    """Return the summary of a run from what its blocks told.

    Parameters
    ----------
    told
        One entry per block.
    doubted
        The summary of what is said of people's decisions; None where no file of decisions was given.
    """
    checks = _checks(told)
    answers: dict[str, Counter[str]] = {}
    verdicts: Counter[str] = Counter()
    severities: Counter[str] = Counter()
    for figures in (one for block in told for one in block["figures"]):
        (entry,) = figures["checks"]
        if checks[entry["name"]]["status"] == "crashed":
            continue
        for layer, counts in figures["answers"].items():
            answers.setdefault(layer, Counter()).update(counts)
        verdicts.update(figures["verdicts"])
        severities.update(figures["findings"])
    for name, severity in _common(told, checks):
        severities[severity] += 1
        checks[name]["findings"] += 1
    summary = dict(told[0]["report"])
    summary |= {
        "answers": {layer: dict(counts) for layer, counts in answers.items()},
        "verdicts": dict(verdicts),
        "findings": dict(severities),
        "checks": list(checks.values()),
        "needs_geometry": sum(block["needs_geometry"] for block in told),
        "reviews": _reviews(told),
    }
    if doubted is not None:
        severities.update(doubted["findings"])
        summary |= {"decisions": doubted["decisions"], "findings": dict(severities)}
        summary["checks"] += doubted["checks"]
    return summary


def _common(told: Sequence[Told], checks: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield check and severity of each finding of no site, once, whichever blocks brought it."""
    for name, severity, *_ in dict.fromkeys(tuple(one) for block in told for one in block["common"]):
        if checks[name]["status"] != "crashed":
            yield name, severity


def _checks(told: Sequence[Told]) -> dict[str, dict[str, Any]]:
    """Return the entry of each check in the summary; one that broke in a block broke, and found nothing."""
    checks: dict[str, dict[str, Any]] = {}
    for entry in (figures["checks"][0] for block in told for figures in block["figures"]):
        known = checks.setdefault(entry["name"], {**entry, "findings": 0})
        if entry["status"] == "crashed" and known["status"] != "crashed":
            checks[entry["name"]] = {**entry, "findings": 0}
        elif known["status"] != "crashed":
            known["findings"] += entry["findings"]
    return checks


def _reviews(told: Sequence[Told]) -> dict[str, Any]:
    differing = sorted((one for block in told for one in block["reviews"]["differing"]), key=lambda one: one[:2])
    return {
        "count": sum(block["reviews"]["count"] for block in told),
        "differing": [review for *_, review in differing],
    }


def write_json(found: Mapping[str, Any], path: Path, *, is_sorted: bool) -> Path:
    """Write an object as the reports write theirs; the file is replaced only once it is whole."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(found, ensure_ascii=False, indent=2, sort_keys=is_sorted) + "\n", "utf-8", newline="\n")
    part.replace(path)
    return path
