"""The files of a run: tables as CSV, findings as CSV and GeoPackage, and a summary that proves what was judged."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ecogeo import __version__, geodesy
from ecogeo.finding import Answer, Finding, Report, Severity, Verdict
from ecogeo.formats.geopackage import write_geopackage
from ecogeo.inspection import Inspection, as_object
from ecogeo.report.balance import balanced_dropped, balanced_zones
from ecogeo.report.cells import write_csv
from ecogeo.rounding import Floats, Rounding, rounded_all
from ecogeo.wording import Lang

TABLES = (
    *("adjustments", "dropped", "indicators", "joins", "judgements", "landcover", "landuse", "matrix"),
    *("bank_naturalness", "river_strip_uses"),
    *("mine_overlaps", "mine_states", "mine_views", "mines", "source_distances"),
    *("needs_geometry", "receptors", "screening", "slope"),
    *("redline_areas", "redline_balance", "redline_changes", "redline_construction"),
    *("screening_zones", "shoreline", "shoreline_banks", "shoreline_segments", "shoreline_totals", "unlocated"),
)
"""Every table a run can have."""

SUMMARY = "summary.json"
_UNFINISHED = ".unfinished"
"""Where a run is written until it is whole, in its own folder."""

_VALUE_DECIMALS = {"m2": 2, "ha": 4, "mu": 4, "m": 2, "km": 4, "%": 2}
"""Digits kept of a finding's value, by its unit."""

FINDING_COLUMNS = (
    *("check", "severity", "layer", "feature_id", "feature_name", "town", "message", "value", "unit"),
    *("verdict", "rule_id", "clause"),
)


def write_run(report: Report, folder: Path, lang: Lang) -> tuple[Path, ...]:
    """Write the files of a run.

    Parameters
    ----------
    report
        The run.
    folder
        Where to; it is made if need be. Files of an earlier run are replaced once all of this one are whole; tables
        this run has not are removed, so that nothing of another run stands beside its summary.
    lang
        Language of the messages.

    Returns
    -------
    The files written, in a fixed order. The same report gives the same bytes.
    """
    tables = _balanced(report)
    findings = findings_frame(report, lang)
    fresh = folder / _UNFINISHED
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        named = [*tables.items(), ("findings", pd.DataFrame(findings.drop(columns="geometry")))]
        for name, frame in named:
            write_csv(frame, fresh / f"{name}.csv", report.rounding)
        write_geopackage(findings, fresh / "findings.gpkg", "findings")
        told = json.dumps(summarise(report, lang), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        (fresh / SUMMARY).write_text(told, "utf-8", newline="\n")
        (folder / SUMMARY).unlink(missing_ok=True)  # from here on there is no whole run until the new one is
        for name in TABLES:
            if name not in tables:
                (folder / f"{name}.csv").unlink(missing_ok=True)
        names = [*(f"{name}.csv" for name, _frame in named), "findings.gpkg", SUMMARY]
        return tuple((fresh / name).replace(folder / name) for name in names)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _balanced(report: Report) -> dict[str, pd.DataFrame]:
    """Return the tables, parts by zone forced to the totals printed beside them, with the adjustments."""
    tables = dict(report.tables)
    if "screening_zones" in tables and "screening" in tables:
        zones, adjustments = balanced_zones(tables["screening_zones"], tables["screening"], report.rounding)
        dropped, of_dropped = balanced_dropped(tables["dropped"], report.rounding)
        both = pd.concat([adjustments, of_dropped], ignore_index=True)
        tables |= {"screening_zones": zones, "dropped": dropped, "adjustments": both}
    return dict(sorted(tables.items()))


def write_inspection(inspection: Inspection, folder: Path, lang: Lang) -> Path:
    """Write how the screened file was read beside the results: ``inspection.json``, with every doubt.

    Parameters
    ----------
    inspection
        What was found out about the file.
    folder
        The folder of the run.
    lang
        Language of the sentences.
    """
    path, part = folder / "inspection.json", folder / "inspection.json.part"
    part.write_text(json.dumps(as_object(inspection, lang), ensure_ascii=False, indent=2) + "\n", "utf-8", newline="\n")
    part.replace(path)
    return path


def findings_frame(report: Report, lang: Lang) -> gpd.GeoDataFrame:
    """Return the findings as rows with geometry (EPSG:4490), in the order of the checks."""
    named = report.findings
    findings = [finding for _, finding in named]
    columns = {
        "check": [check for check, _ in named],
        "severity": [finding.severity.value for finding in findings],
        "layer": [finding.layer for finding in findings],
        "feature_id": [finding.feature_id for finding in findings],
        "feature_name": [finding.feature_name for finding in findings],
        "town": [finding.town for finding in findings],
        "message": [finding.message.say(lang) for finding in findings],
        "value": _values(findings, report.rounding),
        "unit": [finding.unit for finding in findings],
        "verdict": ["" if finding.verdict is None else finding.verdict.value for finding in findings],
        "rule_id": [finding.rule_id for finding in findings],
        "clause": [finding.clause for finding in findings],
    }
    frame = pd.DataFrame(columns, columns=list(FINDING_COLUMNS))
    shapes = [finding.geometry for finding in findings]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=geodesy.LONLAT))


def _values(findings: Sequence[Finding], law: Rounding) -> Floats:
    """Return the measures behind findings, each rounded by its unit."""
    values = np.array([np.nan if finding.value is None else finding.value for finding in findings], dtype=float)
    decimals = np.array([_VALUE_DECIMALS.get(finding.unit, 6) for finding in findings], dtype=int)
    for digits in np.unique(decimals).tolist():
        values[decimals == digits] = rounded_all(values[decimals == digits], digits, law)
    return values


def summarise(report: Report, lang: Lang) -> dict[str, Any]:
    """Return the run in figures: answers, verdicts, checks, inputs with digests, version. No clock, host or path."""
    screening = report.tables.get("screening", pd.DataFrame({"layer": [], "answer": [], "verdict": []}))
    answers = {
        str(layer): {str(answer): int((rows["answer"] == str(answer)).sum()) for answer in Answer}
        for layer, rows in screening.groupby("layer")
    }
    severities = Counter(finding.severity for _, finding in report.findings)
    return {
        "answers": answers,
        "verdicts": {str(verdict): int((screening["verdict"] == str(verdict)).sum()) for verdict in Verdict},
        "findings": {str(severity): severities[severity] for severity in Severity},
        "checks": [
            {
                "name": run.name,
                "status": run.status,
                "findings": len(run.findings),
                "reason": next((text.say(lang) for text in (run.crash, run.not_run) if text is not None), ""),
            }
            for run in report.runs
        ],
        "inputs": [
            {
                "name": source.name,
                "path": source.path,
                "sha256": source.sha256,
                "version": source.version,
                "date": source.date,
            }
            for source in report.sources
        ],
        "judged_on": report.judged_on or None,
        "rounding": report.rounding,
        "decisions": [{"kind": one.kind, "rows": one.rows, "superseded": one.superseded} for one in report.decisions],
        "reviews": _reviews(screening),
        "needs_geometry": len(report.tables.get("needs_geometry", ())),
        "rule_packs": sorted({source.path for source in report.sources if source.path.startswith("data/rules/")}),
        "notice": "" if report.notice is None else report.notice.say(lang),
        "version": __version__,
    }


def _reviews(screening: pd.DataFrame) -> dict[str, Any]:
    """Return how many answers were reviewed, and those the reviewer saw otherwise."""
    if "reviewed_answer" not in screening.columns:
        return {"count": 0, "differing": []}
    reviewed = screening[screening["reviewed_answer"] != ""]
    differing = reviewed[reviewed["reviewed_answer"] != reviewed["answer"]]
    columns = ["site_id", "layer", "answer", "reviewed_answer", "review_reason", "reviewed_by", "reviewed_on"]
    return {"count": len(reviewed), "differing": differing[columns].to_dict("records")}
