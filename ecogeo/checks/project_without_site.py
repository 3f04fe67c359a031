"""A project whose plan gives it no place cannot be judged: it is listed with what its words say of where it is.

Source: own rule of honest answers: what has no place is never put at a centroid and then declared clear.
"""

from __future__ import annotations

import pandas as pd

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.layer import Layer
from ecogeo.screening_tables import unlocated_rows
from ecogeo.wording import Text


@check(family="data", title=Text("没有用地图形的项目", "projects without a site"))
def project_without_site(project_sites: Layer, projects: pd.DataFrame) -> Outcome:
    """List the projects that have no site to judge.

    Parameters
    ----------
    project_sites
        The sites; ``project_id`` names the project of the plan. A project whose only site was set aside counts as
        without.
    projects
        The projects of every plan.

    Yields
    ------
    One note with their number, if there are any; table ``unlocated``.
    """
    unlocated = unlocated_rows(project_sites, projects)
    if count := len(unlocated):
        yield Finding(
            message=Text(
                f"{count} 个项目或用地没有可用的图形，各图层均为无法判断，见 unlocated.csv",
                f"{count} projects or sites have no usable geometry and are undetermined everywhere, see unlocated.csv",
            ),
            severity=Severity.NOTE,
            layer="project_sites",
            value=float(count),
            unit="count",
        )
    yield ResultTable("unlocated", unlocated)
