"""A run as the ledger keeps it: what was judged, by what, and every answer, taken from the files it wrote."""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.decisions import DecisionFiles
from ecogeo.errors import EcogeoError
from ecogeo.finding import Report
from ecogeo.law import projects_of
from ecogeo.layer import Layer, digest
from ecogeo.ledger import LINE_COLUMNS, Draft, Entry, Ledger, append
from ecogeo.questions import Answers, read_answers
from ecogeo.report.run_files import write_run
from ecogeo.rules import Rule
from ecogeo.workspace import Workspace

RUN = "run"
SENT = ("screen", "avoid", "siting")
"""Commands that judge sites of a file, or that they found, and not the county's own."""
_MOST_BYTES = 64 << 20
"""Of a larger table of judgements the zones and types are not kept beside every answer; it is named by its digest."""

_Facts = Mapping[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a run was asked for.

    Parameters
    ----------
    command
        ``check``, ``screen`` or ``demo``.
    parameters
        Everything that could change an answer, and is no file: checks, project type, accuracy, corridor …
    decisions
        The files of decisions it took.
    """

    command: str
    parameters: Mapping[str, Any]
    decisions: DecisionFiles


def record_run(
    ledger: Ledger, workspace: Workspace, out: Path, asked: Asked, *, at: str, sites: Layer | None = None
) -> Entry:
    """Record a run whose files are written.

    Parameters
    ----------
    ledger
        Where to.
    workspace
        The county, as it was judged.
    out
        The folder of the run's files.
    asked
        How it was asked for.
    at
        When it is recorded, ISO 8601.
    sites
        What was screened, so that a change of one boundary can be told from a change of another; None where the file
        was read in blocks.

    Raises
    ------
    EcogeoError
        Where the ledger cannot be written; nothing is recorded then.
    """
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    body = {
        "command": asked.command,
        "county": workspace.county.name,
        "version": summary["version"],
        "judged_on": summary["judged_on"] or "",
        "parameters": {**asked.parameters, "rounding": summary["rounding"]},
        "inputs": [described(one, workspace) for one in summary["inputs"]],
        "declared": declared_digests(workspace),
        "rules": rules_kept(workspace),
        "checks": {one["name"]: one["status"] for one in summary["checks"]},
        "answers": summary["answers"],
        "verdicts": summary["verdicts"],
        "decisions": summary["decisions"],
        "files": {path.name: digest(path) for path in sorted(out.iterdir()) if path.name in _written(out)},
    }
    lines = _lines(out, workspace, asked.decisions, sites)
    return append(ledger, [Draft(RUN, at, body, lines)])[0]


def record_report(
    ledger: Ledger, workspace: Workspace, report: Report, asked: Asked, *, at: str, sites: Layer | None
) -> Entry:
    """Record a run whose files nobody asked for, such as one at the counter; as `record_run` does.

    Raises
    ------
    EcogeoError
        Where the ledger cannot be written; nothing is recorded then.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_run(report, Path(folder), "zh")
        return record_run(ledger, workspace, Path(folder), asked, at=at, sites=sites)


def described(source: Mapping[str, str], workspace: Workspace) -> dict[str, str]:
    """Return an input with its role, and where its layer is complete, as the county declares it."""
    declared = workspace.catalog.layers.get(source["name"])
    told = {key: str(value) for key, value in source.items() if value}
    if declared is not None:
        told["role"] = declared.role
        told |= {"coverage": declared.coverage} if declared.coverage else {}
    return told


def declared_digests(workspace: Workspace) -> dict[str, str]:
    """Return by role what each layer is declared to be, without its file, version and words for people, as a digest."""
    return {
        layer.role: _short(_what_decides(layer))
        for layer in sorted(workspace.catalog.layers.values(), key=lambda one: one.role)
    }


def _what_decides(declared: LayerDeclaration) -> dict[str, Any]:
    words = {"path", "earlier", "title", "title_en", "origin", "date", "licence", "version"}
    return declared.model_dump(mode="json", exclude=words)


def rules_kept(workspace: Workspace) -> dict[str, list[str]]:
    """Return by rule its digest, and from and to when it is in force; empty where the rules cannot be used."""
    try:
        pack = workspace.rules()
    except EcogeoError:
        return {}
    return {} if pack is None else {rule.rule_id: _rule(rule) for rule in pack.rules}


def _rule(rule: Rule) -> list[str]:
    return [_short({name: str(value) for name, value in asdict(rule).items()}), rule.valid_from, rule.valid_to]


def _short(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def _written(out: Path) -> set[str]:
    """Return which files of a folder are files of a run."""
    kinds = (".csv", ".json", ".gpkg")
    return {path.name for path in out.iterdir() if path.is_file() and path.suffix in kinds}


def _lines(out: Path, workspace: Workspace, decisions: DecisionFiles, sites: Layer | None) -> Iterator[Sequence[str]]:
    """Yield what is kept of each answer, in the order of ``screening.csv``."""
    path = out / "screening.csv"
    if not path.is_file():
        return
    judged, outlines = _judged(out / "judgements.csv"), _outlines(sites)
    projects = {} if sites is None else dict(zip(sites.ids, projects_of(sites), strict=True))
    given = _answers(workspace, decisions)
    answered: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            site_id = row["site_id"]
            if site_id not in answered:
                answered[site_id] = _answered(given, projects.get(site_id, site_id), site_id)
            zones, kind = judged.get((site_id, row["layer"]), ("", ""))
            area_m2, sha256 = outlines.get(site_id, ("", ""))
            own = {
                "zones": zones,
                "project_type": kind,
                "answers": answered[site_id],
                "reviewed": row.get("reviewed_answer", ""),
                "site_m2": area_m2,
                "site_sha256": sha256,
            }
            yield [own[column] if column in own else row[column] for column in LINE_COLUMNS]


def _judged(path: Path) -> _Facts:
    """Return by site and layer the zones it was judged in, and its project type."""
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return {}
    zones: dict[tuple[str, str], set[str]] = {}
    kinds: dict[tuple[str, str], str] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            key = row["site_id"], row["layer"]
            zones.setdefault(key, set()).add(row["zone"])
            kinds[key] = row["project_type"]
    return {key: ("；".join(sorted(found)), kinds[key]) for key, found in zones.items()}


def _outlines(sites: Layer | None) -> dict[str, tuple[str, str]]:
    """Return by site its area, m² to 2 decimals, and a digest of its outline, whichever corner it begins at."""
    if sites is None or not len(sites.sound):
        return {}
    areas = geodesy.area_m2(sites.geometries)
    shapes = shapely.to_wkb(shapely.normalize(sites.geometries), byte_order=1)
    digests = [hashlib.sha256(shape).hexdigest() for shape in np.asarray(shapes, dtype=object)]
    return {
        site_id: (f"{area_m2:.2f}", sha256) for site_id, area_m2, sha256 in zip(sites.ids, areas, digests, strict=True)
    }


def _answers(workspace: Workspace, decisions: DecisionFiles) -> Answers:
    pack = workspace.rules() if decisions.answers is not None else None
    return Answers() if pack is None or decisions.answers is None else read_answers(decisions.answers, pack.questions)


def _answered(given: Answers, project_id: str, site_id: str) -> str:
    """Return what persons answered for a site, as ``question=yes``, sorted."""
    words = {True: "yes", False: "no", None: "unknown"}
    values = sorted(given.values(project_id, site_id).items())
    return "；".join(f"{question}={words[value]}" for question, value in values)
