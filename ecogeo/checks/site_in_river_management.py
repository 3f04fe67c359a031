"""What lies in a river's management area (河道管理范围) needs leave of the river authority.

Source: 河道管理条例第20、24、25条; 防洪法第27条.
From the builders' field notes, not checked against the issuer's own copy: unverified.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.hits import Cases, screen_role
from ecogeo.layer import Layer
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地涉及河道管理范围", "project site in a river management area"))
def site_in_river_management(
    cases: Cases, river_management: Layer, *, least_m2: float = 1.0, least_width_m: float = 0.1
) -> Outcome:
    """Answer for every project whether it touches a river's management area.

    Answers, sums and thresholds as in `ecogeo.checks.site_in_redline.site_in_redline`.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    river_management
        Polygons.
    least_m2, least_width_m
        Pieces of a smaller area or mean width are ledgered, not counted.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.
    """
    yield from screen_role(cases, river_management, least_m2=least_m2, least_width_m=least_width_m)
