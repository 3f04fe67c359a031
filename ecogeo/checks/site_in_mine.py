"""A project on top of a mining right (采矿权) needs leave for covering mineral resources (压覆矿产).

Source: 用地报批关于压覆重要矿产资源的要求.
From the builders' field notes, not checked against the issuer's own copy: unverified.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.hits import Cases, screen_role
from ecogeo.layer import Layer
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地涉及矿山", "project site on a mine"))
def site_in_mine(cases: Cases, mines: Layer, *, least_m2: float = 1.0, least_width_m: float = 0.1) -> Outcome:
    """Answer for every project whether it touches a mine, by the mine's state.

    Answers, sums and thresholds as in `ecogeo.checks.site_in_redline.site_in_redline`.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    mines
        Polygons; ``zone`` tells the state.
    least_m2, least_width_m
        Pieces of a smaller area or mean width are ledgered, not counted.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.
    """
    yield from screen_role(cases, mines, least_m2=least_m2, least_width_m=least_width_m)
