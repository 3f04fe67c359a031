"""One block of sites through every screening check, rendered as the text of the files it belongs to."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, islice
from operator import not_
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from ecogeo.check import Check, run_checks
from ecogeo.engine.fragments import AFTER_SITES, BEFORE_SITES, SET_ASIDE, Places, render_fragment
from ecogeo.engine.job import Job, screening_checks
from ecogeo.engine.siting import sites_of_block
from ecogeo.finding import CheckRun, Finding, Report, ResultTable
from ecogeo.formats.blocks import Block
from ecogeo.judging import DOUBTED, REVIEWED, completed
from ecogeo.layer import Layer
from ecogeo.report.balance import balanced_dropped, balanced_zones
from ecogeo.report.cells import as_cells
from ecogeo.report.run_files import FINDING_COLUMNS, findings_frame, summarise
from ecogeo.wording import Lang

FINDINGS = "findings"
GEOMETRY = "geometry"

SCREENING_COLUMNS = (
    *("site_id", "site_name", "layer", "answer", "certainty_m", "overlap_m2", "overlap_ha", "overlap_mu", "length_m"),
    *("share", "distance_m", "verdict", "rule_id", "clause", "next_step", "issuer", "layer_version", "coverage"),
)
"""A block may hold nothing but sites set aside, whose rows have fewer columns."""

_STEP = 1 << 20
"""Room for the sections of one check, or of one column of adjustments."""

FINDING_SCHEMA = pa.schema(
    [(name, pa.float64() if name == "value" else pa.string()) for name in FINDING_COLUMNS] + [(GEOMETRY, pa.binary())]
)


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is handed: a job, and some of its sites as the file holds them or already placed."""

    job: Job
    number: int
    sites: Block | Layer


@dataclass(frozen=True, slots=True)
class JudgedBlock:
    """What came of a block.

    Parameters
    ----------
    number
        Which block.
    fragments
        By the name of the file, what the block adds to it (`ecogeo.engine.fragments`).
    told
        What the summary needs to know: figures by check, features set aside, how many sites can be measured.
    """

    number: int
    fragments: Mapping[str, bytes]
    told: Mapping[str, Any]


def judge_block(task: Task) -> JudgedBlock:
    """Screen a block of sites by every check.

    Parameters
    ----------
    task
        The block and the job it belongs to.

    Raises
    ------
    EcogeoError
        With everything that is unusable among the inputs.
    """
    job, lang = task.job, task.job.options.lang
    sites = task.sites if isinstance(task.sites, Layer) else sites_of_block(job, task.sites)
    county = job.county().with_sites(sites)
    law, reviews = job.law(county), job.reviews()
    numbered = run_checks(county, [_numbered(one) for one in screening_checks()], law=law)
    tables, sections = _put_together(numbered.tables)
    report = completed(replace(numbered, tables=tables), county, law=law, reviews=reviews)
    report = replace(report, runs=tuple(run for run in report.runs if run.name != DOUBTED), decisions=())
    places = _SitePlaces.of(sites)
    frames, sections = _balanced(report, sections)
    fragments = {
        name: render_fragment(
            as_cells(frame, report.rounding),
            sections.get(name, np.zeros(len(frame), dtype=np.int64)),
            places.of_rows(frame, is_in_order=name in ("matrix", "needs_geometry")),
        )
        for name, frame in frames.items()
    }
    section, site = _finding_places(report, places, frames, sections)
    fragments[FINDINGS] = render_findings(report, (section, site), lang)
    own, common = _told_apart(report, site)
    told = {
        "figures": [_figures(own, run, frames, sections, lang) for run in own.runs],
        "common": [[name, str(one.severity), one.layer, one.message.say(lang), one.value] for name, one in common],
        "report": summarise(replace(report, runs=(), tables={}), lang),
        "needs_geometry": len(frames.get("needs_geometry", ())),
        "reviews": _reviewed(report, frames, sections, places, lang),
        "sound": len(sites.sound),
        "set_aside": [[key, why.zh, why.en] for key, why in sites.set_aside],
        "repairs": [[one.feature_id, one.reason, one.area_before_m2, one.area_after_m2] for one in sites.repairs],
    }
    return JudgedBlock(task.number, fragments, told)


def _balanced(report: Report, sections: dict[str, Places]) -> tuple[dict[str, pd.DataFrame], dict[str, Places]]:
    """Return the tables as they are written, parts by zone forced to their totals, with the section of each row."""
    frames = dict(report.tables)
    if "screening_zones" not in frames or "screening" not in frames:
        return frames, sections
    zones, adjustments = balanced_zones(frames["screening_zones"], frames["screening"], report.rounding)
    dropped, of_dropped = balanced_dropped(frames["dropped"], report.rounding)
    places = [
        _sections_of_adjustments(adjustments, zones, sections["screening_zones"]),
        _sections_of_adjustments(of_dropped, dropped, sections["dropped"], after=len(zones.columns)),
    ]
    both = pd.concat([adjustments, of_dropped], ignore_index=True)
    told = {"screening_zones": zones, "dropped": dropped, "adjustments": both}
    return {**frames, **told}, {**sections, "adjustments": np.concatenate(places)}


def _numbered(one: Check) -> Check:
    """Return a check whose tables bear its name and the order in which it yields them."""

    @functools.wraps(one.function)
    def function(*args: object, **inputs: object) -> Iterator[Finding | ResultTable]:
        yielded: dict[str, int] = {}
        for outcome in one.function(*args, **inputs):
            if isinstance(outcome, ResultTable):
                turn = yielded[outcome.name] = yielded.get(outcome.name, -1) + 1
                yield ResultTable(f"{outcome.name}/{section_of(one.name, turn):012d}", outcome.frame)
            else:
                yield outcome

    return replace(one, function=function)


def section_of(name: str, turn: int = 0) -> int:
    """Return the section of what a check yields in its n-th table of a name; what is no check comes after all."""
    places = _places_of_checks()
    return places.get(name, len(places) + 1) * _STEP + turn


@functools.cache
def _places_of_checks() -> Mapping[str, int]:
    """Return the place of each screening check among them, from 1 on."""
    return {one.name: place for place, one in enumerate(screening_checks(), start=1)}


def is_of(sections: Places, name: str) -> npt.NDArray[np.bool_]:
    """Tell which sections are of a check."""
    own: npt.NDArray[np.bool_] = sections // _STEP == section_of(name) // _STEP
    return own


def _put_together(numbered: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], dict[str, Places]]:
    """Return the tables as a run has them, with the section of each row."""
    parts: dict[str, list[tuple[int, pd.DataFrame]]] = {}
    for name, frame in sorted(numbered.items()):
        table, _, section = name.rpartition("/")
        parts.setdefault(table, []).append((int(section), frame))
    tables = {name: pd.concat([frame for _, frame in some], ignore_index=True) for name, some in parts.items()}
    if "screening" in tables:
        known = tables["screening"].columns
        further = [column for column in known if column not in SCREENING_COLUMNS]
        tables["screening"] = tables["screening"].reindex(columns=[*SCREENING_COLUMNS, *further])
    return tables, {
        name: np.repeat([section for section, _ in some], [len(frame) for _, frame in some]).astype(np.int64)
        for name, some in parts.items()
    }


@dataclass(frozen=True, slots=True)
class _SitePlaces:
    """Where rows stand by the site they are of.

    Parameters
    ----------
    numbers
        Number of each site, by its key.
    apart
        The same, those set aside after all others.
    """

    numbers: Mapping[str, int]
    apart: Mapping[str, int]

    @staticmethod
    def of(sites: Layer) -> _SitePlaces:
        numbers = {key: int(key[1:]) for key in sites.frame[sites.declaration.key].tolist()}
        aside = {key: int(key[1:]) for key, _ in sites.set_aside if key[1:].isdigit()}
        return _SitePlaces(
            {**numbers, **aside}, {**numbers, **{key: number + SET_ASIDE for key, number in aside.items()}}
        )

    def of_rows(self, frame: pd.DataFrame, *, is_in_order: bool) -> Places:
        """Return the place of each row by its first key column; those set aside after the others, unless in order."""
        column = next((name for name in ("site_id", "id") if name in frame.columns), None)
        if column is None:
            return np.full(len(frame), BEFORE_SITES, dtype=np.int64)
        places = self.numbers if is_in_order else self.apart
        return np.array([places[key] for key in frame[column].tolist()], dtype=np.int64)

    def of_findings(self, findings: Sequence[Finding], *, without: int) -> Places:
        """Return the place of each finding by the site it is of; of those of no site, the one given."""
        return np.array([self.apart.get(finding.feature_id, without) for finding in findings], dtype=np.int64)


def _sections_of_adjustments(
    adjustments: pd.DataFrame, zones: pd.DataFrame, sections: Places, *, after: int = 0
) -> Places:
    """Return where adjustments stand: by column, then where their site and layer first appear among the zones."""
    first: dict[tuple[str, str], int] = {}
    for key, section in zip(_site_layers(zones), sections.tolist(), strict=True):
        first.setdefault(key, section)
    columns = {column: after + place for place, column in enumerate(zones.columns)}
    keys = zip(adjustments["column"], adjustments["site_id"], adjustments["layer"], strict=True)
    return np.array([(columns[column] << 40) + first[site, layer] for column, site, layer in keys], dtype=np.int64)


def _site_layers(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield site and layer of each row."""
    yield from zip(frame["site_id"].tolist(), frame["layer"].tolist(), strict=True)


def _finding_places(
    report: Report, places: _SitePlaces, frames: Mapping[str, pd.DataFrame], sections: Mapping[str, Places]
) -> tuple[Places, Places]:
    """Return section and site of each finding; reviews stand in the order of the answers they are of."""
    section, site = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for run in report.runs:
        base = section_of(run.name)
        if run.name == REVIEWED:
            steps = (sections["screening"] // _STEP).tolist()
            of_layer = dict(zip(frames["screening"]["layer"].tolist(), steps, strict=True))
            section.append(
                np.array([base + of_layer.get(one.layer, _STEP - 2) for one in run.findings], dtype=np.int64)
            )
            site.append(places.of_findings(run.findings, without=AFTER_SITES))
        else:
            section.append(np.full(len(run.findings), base, dtype=np.int64))
            site.append(places.of_findings(run.findings, without=BEFORE_SITES))
    return np.concatenate(section), np.concatenate(site)


def _told_apart(report: Report, site: Places) -> tuple[Report, list[tuple[str, Finding]]]:
    """Return a report with the findings on its own sites alone, and those of no site, which every block may bring."""
    is_common = iter(np.isin(site, (BEFORE_SITES, AFTER_SITES)).tolist())
    runs, common = [], []
    for run in report.runs:
        flags = list(islice(is_common, len(run.findings)))
        common += [(run.name, one) for one in compress(run.findings, flags)]
        runs.append(replace(run, findings=tuple(compress(run.findings, map(not_, flags)))))
    return replace(report, runs=tuple(runs)), common


def doubted_places(count: int) -> tuple[Places, Places]:
    """Return where doubts about decisions stand: after everything else."""
    section = np.full(count, section_of(DOUBTED, _STEP - 1), dtype=np.int64)
    return section, np.arange(1, count + 1, dtype=np.int64)


def render_findings(report: Report, places: tuple[Places, Places], lang: Lang) -> bytes:
    """Render findings, with what the GeoPackage holds of them beside the text."""
    frame = findings_frame(report, lang)
    plain = pd.DataFrame(frame.drop(columns=GEOMETRY))
    extra = {
        field.name: pa.array(plain[field.name], field.type, from_pandas=True)
        for field in FINDING_SCHEMA
        if field.name != GEOMETRY
    }
    # Overlaps are drawn from the same corner whichever sites were cut beside them.
    shapes = shapely.normalize(np.asarray(frame.geometry.array, dtype=object))
    extra[GEOMETRY] = pa.array(shapely.to_wkb(shapes), pa.binary(), from_pandas=True)
    return render_fragment(as_cells(plain, report.rounding), *places, extra)


def _figures(
    report: Report, run: CheckRun, frames: Mapping[str, pd.DataFrame], sections: Mapping[str, Places], lang: Lang
) -> dict[str, Any]:
    """Return what the summary says of one check alone, so that the figures of blocks add up."""
    tables = {}
    if "screening" in frames:
        answers = frames["screening"][["layer", "answer", "verdict"]]
        tables["screening"] = answers[is_of(sections["screening"], run.name)]
    whole = summarise(replace(report, runs=(run,), tables=tables), lang)
    return {name: whole[name] for name in ("answers", "verdicts", "findings", "checks")}


def _reviewed(
    report: Report,
    frames: Mapping[str, pd.DataFrame],
    sections: Mapping[str, Places],
    places: _SitePlaces,
    lang: Lang,
) -> dict[str, Any]:
    """Return what the summary says of reviews, each difference with its place."""
    found: dict[str, Any] = summarise(replace(report, runs=()), lang)["reviews"]
    screening = frames.get("screening")
    if screening is None or not found["count"]:
        return {"count": 0, "differing": []}
    rows = zip(sections["screening"].tolist(), places.of_rows(screening, is_in_order=False).tolist(), strict=True)
    place_of = dict(zip(_site_layers(screening), rows, strict=True))
    placed = [[*place_of[one["site_id"], one["layer"]], one] for one in found["differing"]]
    return {"count": found["count"], "differing": placed}
