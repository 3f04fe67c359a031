"""A project on top of a mining right (采矿权) needs leave for covering mineral resources (压覆矿产).

Source: 用地报批关于压覆重要矿产资源的要求.
From the builders' field notes, not checked against the issuer's own copy: unverified.
"""

from __future__ import annotations

import pandas as pd

from ecogeo.check import Outcome, check
from ecogeo.hits import screen_role
from ecogeo.law import Law
from ecogeo.layer import Layer
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地涉及矿山", "project site on a mine"))
def site_in_mine(
    project_sites: Layer,
    mines: Layer,
    projects: pd.DataFrame,
    law: Law | None = None,
    towns: Layer | None = None,
    *,
    least_m2: float = 1.0,
    least_width_m: float = 0.1,
) -> Outcome:
    """Answer for every project whether it touches a mine, by the mine's state.

    Answers, sums and thresholds as in `ecogeo.checks.site_in_redline.site_in_redline`.

    Parameters
    ----------
    project_sites
        Polygons, lines or points with ``project_id`` and ``accuracy_m``.
    mines
        Polygons; ``zone`` tells the state.
    projects
        The projects of every plan; those without a site are undetermined.
    law
        What hits are judged by; None leaves every verdict to a person.
    towns
        Polygons, to name the town of each hit.
    least_m2, least_width_m
        Pieces of a smaller area or mean width are ledgered, not counted.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.
    """
    yield from screen_role(
        project_sites,
        mines,
        projects,
        law,
        towns,
        least_m2=least_m2,
        least_width_m=least_width_m,
    )
