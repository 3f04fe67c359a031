"""What lies in an environmental control unit (生态环境分区管控单元) must meet the unit's list.

Source: 中办国办 2024-03-06 关于加强生态环境分区管控的意见; the units' own lists, which are not part of ecogeo.
From the builders' field notes, not checked against the issuer's own copy: unverified.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.hits import Cases, screen_role
from ecogeo.layer import Layer
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地所在管控单元", "control unit of a project site"))
def site_in_control_unit(
    cases: Cases, control_units: Layer, *, least_m2: float = 1.0, least_width_m: float = 0.1
) -> Outcome:
    """Tell for every project which control units it lies in. Every site lies in one: that is no hit by itself.

    Answers, sums and thresholds as in `ecogeo.checks.site_in_redline.site_in_redline`.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    control_units
        Polygons; ``zone`` tells the class of the unit.
    least_m2, least_width_m
        Pieces of a smaller area or mean width are ledgered, not counted.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.
    """
    yield from screen_role(cases, control_units, least_m2=least_m2, least_width_m=least_width_m)
