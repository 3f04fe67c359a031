"""What the documents of a run are made of: every project with its answers, hits and ground, put together once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.board.projects import project_records
from ecogeo.board.records import ProjectRecord
from ecogeo.corridor import corridors
from ecogeo.errors import UsageError
from ecogeo.finding import Report
from ecogeo.landuse.patches import read_patches
from ecogeo.law import Law
from ecogeo.layer import Layer
from ecogeo.placing import corridor_widths_m
from ecogeo.report.occupation import Ground, occupation_rows
from ecogeo.report.outlines import Outline, outlines_of
from ecogeo.reviews import Reviews
from ecogeo.wording import Text, list_en, list_zh
from ecogeo.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One project, or one site of none, as the documents tell it.

    Parameters
    ----------
    record
        Its words, sites and answers.
    kind
        Its type as the rules take it; empty where there are no rules.
    judgements, zones, dropped, occupation
        Its rows of ``judgements.csv``, ``screening_zones.csv``, ``dropped.csv`` and of `occupation_rows`.
    grounds
        What its sites take up, by key, longitude and latitude: polygons, corridors of lines that have one, lines,
        points. Sites that were set aside have none.
    outlines
        Its sites as their file has them, by key, in their plane: with the points that were surveyed and no others.
    """

    record: ProjectRecord
    kind: Text
    judgements: pd.DataFrame
    zones: pd.DataFrame
    dropped: pd.DataFrame
    occupation: pd.DataFrame
    grounds: dict[str, shapely.Geometry]
    outlines: dict[str, Outline]

    @property
    def case_id(self) -> str:
        """Its address: the project's number, or the site's key."""
        return self.record.record_id

    @property
    def name(self) -> str:
        """Its name."""
        return self.record.name

    @property
    def shape(self) -> shapely.Geometry | None:
        """All its ground together; None where nothing is drawn."""
        return shapely.union_all(list(self.grounds.values())) if self.grounds else None


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What documents are made of.

    Parameters
    ----------
    workspace
        The county.
    report
        The outcome of the checks.
    cases
        Every project, then every site of none.
    questions
        What officers are asked, by its Chinese, which is how the results name it.
    """

    workspace: Workspace
    report: Report
    cases: tuple[Case, ...]
    questions: Mapping[str, Text] = field(default_factory=dict)

    @property
    def notice(self) -> Text | None:
        """What must stand wherever the results are shown."""
        return self.report.notice

    def chosen(self, ids: Sequence[str]) -> tuple[Case, ...]:
        """Return the cases of some ids, of projects or of their sites, in their own order; all where no id is given.

        Raises
        ------
        UsageError
            With every id there is no project of.
        """
        names = {case.case_id: {case.case_id, *(site.site_id for site in case.record.sites)} for case in self.cases}
        known = set().union(*names.values())
        if strange := [one for one in ids if one not in known]:
            raise UsageError(
                Text(
                    f"没有编号为 {list_zh(strange)} 的项目或用地；已有：{list_zh(sorted(known), most=80)}",
                    f"there is no project or site {list_en(strange)}; there are {list_en(sorted(known), most=80)}",
                )
            )
        return tuple(case for case in self.cases if not ids or names[case.case_id] & set(ids))


def material_of(
    workspace: Workspace, report: Report, *, law: Law | None = None, reviews: Reviews | None = None
) -> Material:
    """Put together what documents are made of.

    Parameters
    ----------
    workspace
        The county, or one with the sites of a file in the place of its own (`Workspace.with_sites`).
    report
        The outcome of at least the checks of the screening on it.
    law
        What the hits were judged by; None where the county has no rules.
    reviews
        What reviewers answered; it stands beside the computed answers.

    Raises
    ------
    EcogeoError
        Where a layer or plan cannot be used.
    """
    records = project_records(workspace, report, reviews)
    sites = workspace.of_role("project_sites")
    grounds, outlines = _grounds(sites), {} if sites is None else outlines_of(sites)
    landuse, book = workspace.of_role("landuse"), workspace.land_book()
    patches = None if landuse is None else read_patches(landuse, book)
    occupied = occupation_rows(report, grounds, Ground(workspace.of_role("towns"), patches, book))
    return Material(
        workspace,
        report,
        tuple(_case(record, report, law, grounds=grounds, outlines=outlines, occupied=occupied) for record in records),
        {} if law is None else {one.text.zh: one.text for one in law.pack.questions},
    )


def _grounds(sites: Layer | None) -> dict[str, shapely.Geometry]:
    """Return what each sound site takes up: lines of a known width their corridor."""
    if sites is None:
        return {}
    shapes: geodesy.Geometries = np.array(sites.geometries, dtype=object)
    widths = corridor_widths_m(sites)
    has_corridor = (shapely.get_dimensions(shapes) == 1) & (widths > 0)
    shapes[has_corridor] = corridors(shapes[has_corridor], widths[has_corridor])
    return dict(zip(sites.ids, shapes, strict=True))


def _case(
    record: ProjectRecord,
    report: Report,
    law: Law | None,
    *,
    grounds: dict[str, shapely.Geometry],
    outlines: dict[str, Outline],
    occupied: pd.DataFrame,
) -> Case:
    ids = [site.site_id for site in record.sites] or [record.subject_id]

    def own(name: str, frame: pd.DataFrame | None = None) -> pd.DataFrame:
        rows = report.tables.get(name) if frame is None else frame
        if rows is None:
            return pd.DataFrame(columns=["site_id", "layer"])
        return rows[rows["site_id"].isin(ids)].reset_index(drop=True)

    project_id = record.sites[0].project_id if record.sites else record.subject_id
    kind = Text("", "") if law is None else law.pack.type(law.type_of(record.subject_id, project_id)[0]).text
    return Case(
        record=record,
        kind=kind,
        judgements=own("judgements"),
        zones=own("screening_zones"),
        dropped=own("dropped"),
        occupation=own("", occupied),
        grounds={one: grounds[one] for one in ids if one in grounds},
        outlines={one: outlines[one] for one in ids if one in outlines},
    )
