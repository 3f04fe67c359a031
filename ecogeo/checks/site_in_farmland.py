"""A project site must not take permanent basic farmland (永久基本农田) unless a rule allows it.

Source: 土地管理法第35条; 永久基本农田保护红线管理办法（令第17号，2025-10-01 起施行）.
From the builders' field notes, not checked against the issuer's own copy: unverified.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.hits import Cases, screen_role
from ecogeo.layer import Layer
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地占用永久基本农田", "project site on permanent basic farmland"))
def site_in_farmland(cases: Cases, farmland: Layer, *, least_m2: float = 1.0, least_width_m: float = 0.1) -> Outcome:
    """Answer for every project whether it takes permanent basic farmland, gross and net of the deduction (扣除系数).

    Answers, sums and thresholds as in `ecogeo.checks.site_in_redline.site_in_redline`.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    farmland
        Polygons; ``deduction`` (0–1) gives the net area in ``screening_zones``.
    least_m2, least_width_m
        Pieces of a smaller area or mean width are ledgered, not counted.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.
    """
    yield from screen_role(cases, farmland, least_m2=least_m2, least_width_m=least_width_m, is_hard=True)
