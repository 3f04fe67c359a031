"""A case at the counter: sites somebody brought, judged against the whole county at once, and again after each answer.

Nothing of a case is kept anywhere but in memory; its files are made when somebody asks for them.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from ecogeo.board.dossier import Dossier, project_dossier
from ecogeo.board.projects import project_records
from ecogeo.board.records import ProjectRecord
from ecogeo.catalog import RASTER_ROLES, ROLES
from ecogeo.check import find_checks
from ecogeo.errors import UnusableFileError
from ecogeo.finding import Report, SourceFile
from ecogeo.gauss import CGCS2000, CHINA, FAMILIES, zone_text
from ecogeo.inspection import Inspection
from ecogeo.judging import judge_county
from ecogeo.law import Law, read_law
from ecogeo.mapdata import drawn_layer
from ecogeo.mappaths import line_options, path_options
from ecogeo.mapsigns import town_labels
from ecogeo.questions import ANSWER_COLUMNS, SUBJECT_COLUMNS, YES_NO_UNKNOWN, Answers, GivenAnswer
from ecogeo.report.run_files import write_inspection, write_run
from ecogeo.reviews import Reviews
from ecogeo.sites import SiteBlock, sites_of
from ecogeo.style_file import styles_of
from ecogeo.tiles.nearby import county_near, large_local_layers, make_rows
from ecogeo.webmap import WebMap, project_map
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace

MOST_REASONS = 20
GROUND_ROLES = ("water_bodies", "urban_boundary", "redlines", "reserves", "towns", "county")
"""What is drawn below a site that is being drawn, the lowest first."""

ZIP_DAY = (1980, 1, 1, 0, 0, 0)
"""The same case gives the same bytes: the oldest day a ZIP knows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How sites are to be judged.

    Parameters
    ----------
    on
        The day whose law is applied; None where none was given.
    type_id
        One project type for every site, whatever its words; empty tells it by their names.
    accuracy_m
        How far from where they are drawn the sites may really lie, metres.
    corridor_m
        Full width of the ground that lines take up, metres; None for lines without a corridor.
    answers
        What was answered, each about one site.
    """

    on: dt.date | None = None
    type_id: str = ""
    accuracy_m: float = 0.0
    corridor_m: float | None = None
    answers: tuple[GivenAnswer, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Sites as they were understood and judged.

    Parameters
    ----------
    inspection, sha256
        How the file was read, and its digest.
    asked
        How they were to be judged.
    county
        The county with these sites in the place of its own.
    law
        What they were judged by; None where the county has no rules.
    report
        The outcome of the checks.
    records
        The sites with their answers, as pages show them.
    """

    inspection: Inspection
    sha256: str
    asked: Asked
    county: Workspace
    law: Law | None
    report: Report
    records: tuple[ProjectRecord, ...]
    by_id: Mapping[str, ProjectRecord] = field(default_factory=dict)

    def dossier(self, record: ProjectRecord) -> Dossier:
        """Return what the rules say of a site, and what they still ask."""
        return project_dossier(record, self.report, self.law, Reviews())


def judge_case(county: Workspace, inspection: Inspection, sha256: str, asked: Asked) -> Case:
    """Judge sites against every constraint layer of a county.

    Parameters
    ----------
    county
        The county; nothing in it is changed, and its layers are read once for all cases.
    inspection, sha256
        How their file was read, and its digest.
    asked
        How they are to be judged.

    Raises
    ------
    EcogeoError
        Where not one feature can be measured, or something of the county cannot be used.
    """
    if not any(shape is not None for shape in inspection.sound.geometries):
        reasons = [Text(f"第 {key} 个要素：{why.zh}", f"feature {key}: {why.en}") for key, why in inspection.set_aside]
        nothing = Text("没有一个可用的图形", "it holds no usable geometry")
        raise UnusableFileError(inspection.file, [nothing, *reasons[:MOST_REASONS]])
    chosen = [one for one in find_checks() if one.family == "screening"]
    make_ready(county)
    workspace = county_of_case(county, inspection, sha256, asked)
    law = _law(workspace, asked)
    report = judge_county(workspace, chosen, law=law)
    records = project_records(workspace, report)
    return Case(
        inspection, sha256, asked, workspace, law, report, records, {record.record_id: record for record in records}
    )


def county_of_case(county: Workspace, inspection: Inspection, sha256: str, asked: Asked) -> Workspace:
    """Return a county with the sites of a case in the place of its own; of layers too large to hold what lies near.

    Parameters
    ----------
    county
        The county, made ready by `make_ready`, here or in another process.
    inspection, sha256, asked
        As `judge_case` takes them.
    """
    count = len(inspection.sound.geometries)
    sites = sites_of(
        inspection,
        Path(inspection.file),
        accuracy_m=asked.accuracy_m,
        corridor_width_m=asked.corridor_m,
        block=SiteBlock(np.arange(1, count + 1, dtype=np.int64), count, sha256),
    )
    return county_near(county, sites).with_sites(sites)


def make_ready(county: Workspace) -> None:
    """Have a county read, once for all cases, every layer that sites are screened against.

    Layers too large to hold are laid out on disk instead (`ecogeo.tiles.nearby`).

    Parameters
    ----------
    county
        The county.

    Raises
    ------
    EcogeoError
        With everything that cannot be used.
    """
    wanted = {use for one in find_checks() if one.family == "screening" for use in one.uses} | {"county", "towns"}
    large = {county.catalog.layers[name].role for name in large_local_layers(county)}
    roles = sorted(wanted & set(ROLES) - {"project_sites"} - large)
    make_rows(county)
    county.require([partial(county.raster_of_role if role in RASTER_ROLES else county.of_role, role) for role in roles])


def planes_near(county: Workspace) -> tuple[tuple[str, Text], ...]:
    """Return the CGCS2000 systems a file of this county may be in, its own zones first, each with its EPSG code."""
    outline = county.of_role("county")
    if outline is None:
        west, east = CHINA[0], CHINA[2]
    else:
        west, _, east, _ = outline.box
    codes = [CGCS2000]
    for family in sorted(FAMILIES, key=lambda one: (one.width, one.is_prefixed)):
        half = family.width / 2
        near = [zone for zone in family.zones if west - half <= family.meridian(zone) <= east + half]
        codes += [family.code(zone) for zone in near]
    return tuple((f"EPSG:{code}", zone_text(pyproj.CRS.from_epsg(code))) for code in codes)


def case_map(case: Case, record: ProjectRecord, assets: Mapping[str, str]) -> WebMap | None:
    """Return the map of one site of a case, or None where it has no usable geometry."""
    return project_map(case.county, record, assets)


def case_files(case: Case, lang: Lang, scratch: Path) -> dict[str, bytes]:
    """Return the files of a case's run by name, with how its file was read and what was answered.

    Parameters
    ----------
    case
        The case.
    lang
        Language of the messages.
    scratch
        An empty folder to make them in; the caller removes it.
    """
    written = [*write_run(case.report, scratch, lang), write_inspection(case.inspection, scratch, lang)]
    files = {path.name: path.read_bytes() for path in written}
    if case.asked.answers:
        files["answers.csv"] = answer_sheet(case.asked.answers)
    return dict(sorted(files.items()))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as a ZIP, always the same bytes for the same files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, ZIP_DAY)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return stream.getvalue()


def answer_sheet(answers: tuple[GivenAnswer, ...]) -> bytes:
    """Return answers as the file that ``ecogeo screen --answers`` takes."""
    words = {value: word for word, value in YES_NO_UNKNOWN.items()}
    stream = io.StringIO(newline="")
    sheet = csv.writer(stream, lineterminator="\n")
    sheet.writerow([*SUBJECT_COLUMNS, *ANSWER_COLUMNS])
    for one in answers:
        sheet.writerow([one.project_id, one.site_id, one.question_id, words[one.value], one.by, one.on, one.reason])
    return stream.getvalue().encode("utf-8-sig")


def _law(workspace: Workspace, asked: Asked) -> Law | None:
    """Return the county's law with the answers given at the counter."""
    law = read_law(workspace, on=asked.on, chosen_type=asked.type_id) if workspace.rules() is not None else None
    if law is None or not asked.answers:
        return law
    sha256 = hashlib.sha256(answer_sheet(asked.answers)).hexdigest()
    source = SourceFile("answers", "answers.csv", sha256)
    return replace(law, answers=Answers(asked.answers, sha256), decided_in=(*law.decided_in, source))


def drawing_ground(county: Workspace, lang: Lang) -> dict[str, Any]:
    """Return what lies under the map on which a site is drawn: plain shapes, their paints, and names as data.

    Parameters
    ----------
    county
        The county.
    lang
        Language of the titles.

    Raises
    ------
    EcogeoError
        Where a layer cannot be used.
    """
    styles = styles_of(county.layer_folder)
    layers = []
    for role in GROUND_ROLES:
        layer = county.of_role(role)
        if layer is None:
            continue
        drawn = drawn_layer(layer, style=styles[role])
        layers.append(
            {
                "title": drawn.title.say(lang),
                "paints": [path_options(one.entry.paint) for one in drawn.classes],
                "linePaints": [line_options(one.entry.paint) for one in drawn.classes],
                "classes": [one.entry.label.say(lang) for one in drawn.classes],
                "dimension": drawn.dimension,
                "shapes": {"type": "FeatureCollection", "features": drawn.features()},
            }
        )
    outline = county.of_role("county")
    labels = [{"name": name, "point": [lat, lon]} for name, lon, lat in town_labels(county.of_role("towns"))]
    return {"layers": layers, "labels": labels, "box": CHINA if outline is None else outline.box}
