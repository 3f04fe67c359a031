"""What lies on a zoned shoreline (河湖岸线) must fit the zone.

Source: 水利部关于加强河湖水域岸线空间管控的指导意见（水河湖〔2022〕216号）.
From the builders' field notes, not checked against the issuer's own copy: unverified.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.hits import Cases, screen_role
from ecogeo.layer import Layer
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地涉及河湖岸线功能区", "project site on a zoned shoreline"))
def site_on_shoreline(cases: Cases, shorelines: Layer, *, least_m2: float = 1.0, least_width_m: float = 0.1) -> Outcome:
    """Answer for every project whether it touches a zoned shoreline, with the length of shore inside it.

    Answers, sums and thresholds as in `ecogeo.checks.site_in_redline.site_in_redline`.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    shorelines
        Lines; ``zone`` tells the shoreline zone.
    least_m2, least_width_m
        Pieces of a smaller area or mean width are ledgered, not counted.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.
    """
    yield from screen_role(cases, shorelines, least_m2=least_m2, least_width_m=least_width_m, dimension=1)
