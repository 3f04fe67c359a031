"""Nature reserves must not lose area (自然保护地面积不减少); what was taken out and put in is listed.

Source: 自然生态空间, 面积不减少: 国家生态文明建设示范区建设指标（2021修订版）, indicator 15, as printed in plans.
How two versions are compared, and what is survey noise, is the builders' own method.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.layer import Layer
from ecogeo.reductions import Theme, reductions
from ecogeo.rounding import Rounding
from ecogeo.wording import Text

_RESERVES = Theme("reserves", "reserve", Text("自然保护地", "nature reserves"), Text("保护地", "reserves"))


@check(family="redlines", title=Text("自然保护地面积减少", "reserves reduced"))
def reserve_reduced(
    reserves: Layer,
    earlier_reserves: Layer,
    rounding: Rounding,
    towns: Layer | None = None,
    *,
    noise_width_m: float = 5.0,
    least_m2: float = 1.0,
) -> Outcome:
    """Compare two versions of the reserves: area, pieces taken out and put in, and what only the survey moved.

    See `ecogeo.reductions.reductions` for what counts, and `ecogeo.versions.compare_versions` for what is noise. Units
    are reserves by name.

    Parameters
    ----------
    reserves, earlier_reserves
        Polygons: the version in force and the one before, declared as ``earlier`` of the layer.
    rounding
        How the figures in sentences are rounded.
    towns
        Polygons, for the sums of towns; None leaves them out.
    noise_width_m
        Strips along the earlier outline narrower than this are survey noise. The builders' choice, no law.
    least_m2
        Smaller pieces of noise are listed as one row together.

    Yields
    ------
    Findings for a smaller area and for every piece taken out or put in; tables ``reserve_changes`` (pieces) and
    ``reserve_balance`` (county, reserves by name, towns).
    """
    yield from reductions(
        _RESERVES, reserves, earlier_reserves, towns, rounding, noise_width_m=noise_width_m, least_m2=least_m2
    )
