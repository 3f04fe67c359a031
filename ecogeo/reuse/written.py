"""The report of a check as a file, to the last bit: what cannot be written so is not written at all."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import shapely

from ecogeo.finding import CheckRun, Finding, Report, Severity, SourceFile, Verdict
from ecogeo.rounding import Rounding
from ecogeo.wording import Text

_TYPES = {"str": str, "object": object, "float64": np.float64, "int64": np.int64, "bool": np.bool_}
_WORDS = ("layer", "feature_id", "feature_name", "town", "unit", "rule_id", "clause")


class NotWritableError(ValueError):
    """A report holds what a file would not give back the same."""


def write_report(path: Path, report: Report, told: Mapping[str, Any]) -> None:
    """Write a report with what names it, replaced only once it is whole; the same report gives the same bytes.

    Parameters
    ----------
    path
        The file; its folder is there.
    report
        The report.
    told
        What is kept beside it.

    Raises
    ------
    NotWritableError
        Where it holds what `read_report` would not give back the same.
    OSError
        Where the file cannot be written.
    """
    content = json.dumps({**told, "report": _as_object(report)}, ensure_ascii=False, sort_keys=True).encode()
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(gzip.compress(content, compresslevel=5, mtime=0))
    part.replace(path)


def read_told(path: Path) -> dict[str, Any] | None:
    """Return what `write_report` wrote; None where there is none, or none that is whole."""
    try:
        told = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError):  # none, or not whole
        return None
    return told if isinstance(told, dict) else None


def read_report(told: Mapping[str, Any]) -> Report | None:
    """Return the report of what `read_told` gave; None where it is none."""
    try:
        return _as_report(told["report"])
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError):
        return None


def _as_object(report: Report) -> dict[str, Any]:
    if report.decisions:
        raise NotWritableError("decisions are counted anew")
    return {
        "judged_on": report.judged_on,
        "runs": [_run(run) for run in report.runs],
        "tables": {name: _frame(frame) for name, frame in report.tables.items()},
        "sources": [asdict(source) for source in report.sources],
        "notice": _text(report.notice),
        "rounding": report.rounding,
    }


def _as_report(told: Mapping[str, Any]) -> Report:
    if told["rounding"] not in get_args(Rounding):
        raise ValueError(told["rounding"])
    return Report(
        judged_on=str(told["judged_on"]),
        runs=tuple(_as_run(run) for run in told["runs"]),
        tables={name: _as_frame(frame) for name, frame in told["tables"].items()},
        sources=tuple(SourceFile(**source) for source in told["sources"]),
        notice=_as_text(told["notice"]),
        rounding=told["rounding"],
    )


def _run(run: CheckRun) -> dict[str, Any]:
    return {
        "name": run.name,
        "family": run.family,
        "title": _text(run.title),
        "findings": [_finding(finding) for finding in run.findings],
        "not_run": _text(run.not_run),
        "crash": _text(run.crash),
    }


def _as_run(told: Mapping[str, Any]) -> CheckRun:
    return CheckRun(
        told["name"],
        told["family"],
        Text(*told["title"]),
        tuple(_as_finding(finding) for finding in told["findings"]),
        _as_text(told["not_run"]),
        _as_text(told["crash"]),
    )


def _finding(finding: Finding) -> dict[str, Any]:
    value = finding.value
    if value is not None and not isinstance(value, int | float):
        raise NotWritableError(f"a value of the type {type(value).__name__}")
    words = {name: getattr(finding, name) for name in _WORDS}
    if strange := [word for word in words.values() if not isinstance(word, str)]:
        raise NotWritableError(f"a word of the type {type(strange[0]).__name__}")
    return {
        **{name: str(word) for name, word in words.items()},
        "message": _text(finding.message),
        "severity": str(finding.severity),
        "value": float(value) if isinstance(value, float) else value,
        "verdict": None if finding.verdict is None else str(finding.verdict),
        "geometry": None if finding.geometry is None else shapely.to_wkb(finding.geometry, hex=True),
    }


def _as_finding(told: Mapping[str, Any]) -> Finding:
    geometry, verdict = told["geometry"], told["verdict"]
    return Finding(
        message=Text(*told["message"]),
        severity=Severity(told["severity"]),
        value=told["value"],
        verdict=None if verdict is None else Verdict(verdict),
        geometry=None if geometry is None else shapely.from_wkb(geometry),
        **{name: told[name] for name in _WORDS},
    )


def _frame(frame: pd.DataFrame) -> dict[str, Any]:
    """Return a table column by column, each with its type."""
    if frame.index.tolist() != list(range(len(frame))) or not frame.columns.is_unique:
        raise NotWritableError("rows or columns that are not simply numbered and named")
    columns = []
    for name in frame.columns:
        kind, cells = str(frame[name].dtype), frame[name].tolist()
        if kind not in _TYPES or not isinstance(name, str):
            raise NotWritableError(f"a column of the type {kind}")
        if kind == "object" and (strange := [one for one in cells if type(one) not in _KEPT]):
            raise NotWritableError(f"a cell of the type {type(strange[0]).__name__}")
        if kind == "str":
            cells = [None if isinstance(one, float) else str(one) for one in cells]
        columns.append([name, kind, cells])
    return {"rows": len(frame), "columns": columns}


_KEPT = (str, int, float, bool, type(None))
"""What a cell of a mixed column may be; JSON gives each back as it was, NaN too."""


def _as_frame(told: Mapping[str, Any]) -> pd.DataFrame:
    made = {}
    for name, kind, cells in told["columns"]:
        if len(cells) != told["rows"]:
            raise ValueError(name)
        given = [math.nan if one is None else one for one in cells] if kind == "str" else cells
        made[name] = pd.Series(given, dtype=_TYPES[kind] if kind != "str" else "str")
    return pd.DataFrame(made, index=pd.RangeIndex(told["rows"]), columns=[name for name, *_ in told["columns"]])


def _text(text: Text | None) -> list[str] | None:
    return None if text is None else [text.zh, text.en]


def _as_text(told: list[str] | None) -> Text | None:
    return None if told is None else Text(*told)
