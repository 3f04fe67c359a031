"""A project site must not lie in a drinking-water source zone (饮用水水源保护区) unless a rule allows it.

Source: 水污染防治法第64至67条 (article numbers may change with the 生态环境法典).
From the builders' field notes, not checked against the issuer's own copy: unverified.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.hits import Cases, screen_role
from ecogeo.layer import Layer
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地涉及饮用水水源保护区", "project site in a water-source zone"))
def site_in_water_source(
    cases: Cases, water_sources: Layer, *, least_m2: float = 1.0, least_width_m: float = 0.1
) -> Outcome:
    """Answer for every project whether it touches a water-source zone, by grade.

    Answers, sums and thresholds as in `ecogeo.checks.site_in_redline.site_in_redline`.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    water_sources
        Polygons; ``zone`` tells 一级, 二级 or 准保护区.
    least_m2, least_width_m
        Pieces of a smaller area or mean width are ledgered, not counted.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.
    """
    yield from screen_role(cases, water_sources, least_m2=least_m2, least_width_m=least_width_m, is_hard=True)
