"""A project site must not lie in an ecological red line (生态保护红线) unless a rule allows it.

Source: 厅字〔2019〕48号; 自然资发〔2022〕142号（生态保护红线管理）. Both from the builders' field notes and
not checked against the issuers' own copies: unverified.
This check measures; it applies no rule, so the verdict of every hit is left to a person.
"""

from __future__ import annotations

import pandas as pd

from ecogeo.check import Outcome, check
from ecogeo.finding import Answer, ResultTable
from ecogeo.hits import dropped_rows, open_findings, pair_findings, screening_rows
from ecogeo.layer import Layer
from ecogeo.screening import screen_sites
from ecogeo.wording import Text

UNLOCATED_COLUMNS = ("project_id", "name", "system", "location_basis", "place", "accuracy_m", "reason")


@check(family="screening", title=Text("项目用地涉及生态保护红线", "project site in an ecological red line"))
def site_in_redline(
    project_sites: Layer,
    redlines: Layer,
    projects: pd.DataFrame,
    towns: Layer | None = None,
    *,
    least_m2: float = 1.0,
    least_width_m: float = 0.1,
) -> Outcome:
    """Answer for every project whether it touches a red line, with ellipsoidal overlap, share and town of each pair.

    Ground in several red lines counts once in a site's total and under each in the findings. A site that only shares an
    edge overlaps nothing. Sites set aside when the layer was read, and projects without a site, are undetermined.

    Parameters
    ----------
    project_sites
        Polygons, lines or points; ``project_id`` names the project of the plan, ``accuracy_m`` how surely it is placed.
    redlines
        Polygons.
    projects
        The projects of every plan; those without a site go to ``unlocated.csv`` and are undetermined.
    towns
        Polygons, to name the town of each hit.
    least_m2
        Pieces of a smaller area are ledgered, not counted: the least that 公顷 to four decimals can show.
    least_width_m
        Pieces of a smaller mean width likewise: the builders' choice, no law.

    Yields
    ------
    One finding per pair of site and red line, per site that may lie in one, and per site the layer does not cover;
    tables ``screening``, ``dropped`` and ``unlocated``.
    """
    screened = screen_sites(
        project_sites.geometries,
        project_sites.numbers("accuracy_m"),
        redlines,
        least_m2=least_m2,
        least_width_m=least_width_m,
    )
    yield from pair_findings(screened, project_sites, redlines, towns)
    yield from open_findings(screened, project_sites, redlines)
    rows = screening_rows(screened, project_sites.ids, project_sites.names, redlines)
    unlocated = _unlocated(project_sites, projects)
    yield ResultTable("screening", pd.concat([rows, _undetermined(unlocated, redlines)], ignore_index=True))
    yield ResultTable("dropped", dropped_rows(screened, project_sites.ids, redlines))
    yield ResultTable("unlocated", unlocated)


def _unlocated(sites: Layer, projects: pd.DataFrame) -> pd.DataFrame:
    """Return the projects that have no site to judge, with what is known of where they are."""
    placed = set(sites.text(sites.field("project_id")))
    aside = dict(sites.set_aside)
    drawn = sites.frame[sites.field("project_id")].astype(str)
    ids = sites.frame[sites.declaration.key].astype(str)
    aside_of = {project: aside[key] for project, key in zip(drawn, ids, strict=True) if key in aside}
    left = projects[~projects["project_id"].isin(placed)]
    reasons = [str(aside_of.get(project, _NO_SITE)) for project in left["project_id"]]
    return left[list(UNLOCATED_COLUMNS[:-1])].assign(reason=reasons).reset_index(drop=True)


_NO_SITE = Text("没有用地图形", "no site geometry")


def _undetermined(unlocated: pd.DataFrame, zones: Layer) -> pd.DataFrame:
    """Return screening rows of projects without a site: nobody can say whether they touch the layer."""
    return pd.DataFrame(
        {
            "site_id": unlocated["project_id"],
            "site_name": unlocated["name"],
            "layer": zones.declaration.role,
            "answer": str(Answer.UNDETERMINED),
            "layer_version": zones.declaration.version,
            "coverage": "unknown",
        }
    )
