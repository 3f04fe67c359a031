"""A project site must not lie in a nature reserve (自然保护区) unless a rule allows it.

Source: 自然保护区条例（国务院令第830号，2026-03-15 起施行）第26至29条; 自然资发〔2022〕142号.
From the builders' field notes, not checked against the issuer's own copy: unverified.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.hits import Cases, screen_role
from ecogeo.layer import Layer
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地涉及自然保护区", "project site in a nature reserve"))
def site_in_reserve(cases: Cases, reserves: Layer, *, least_m2: float = 1.0, least_width_m: float = 0.1) -> Outcome:
    """Answer for every project whether it touches a nature reserve, by core and general control zone.

    Answers, sums and thresholds as in `ecogeo.checks.site_in_redline.site_in_redline`.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    reserves
        Polygons; ``zone`` tells 核心保护区 or 一般控制区.
    least_m2, least_width_m
        Pieces of a smaller area or mean width are ledgered, not counted.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.
    """
    yield from screen_role(cases, reserves, least_m2=least_m2, least_width_m=least_width_m, is_hard=True)
