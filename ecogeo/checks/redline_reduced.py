"""The ecological red lines must not lose area (生态保护红线面积不减少); what was taken out and put in is listed.

Source: 自然生态空间, 面积不减少: 国家生态文明建设示范区建设指标（2021修订版）, indicator 15, as printed in plans.
How two versions are compared, and what is survey noise, is the builders' own method.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.layer import Layer
from ecogeo.reductions import Theme, reductions
from ecogeo.rounding import Rounding
from ecogeo.wording import Text

_REDLINES = Theme("redlines", "redline", Text("生态保护红线", "ecological red lines"), Text("红线", "red lines"))


@check(family="redlines", title=Text("生态保护红线面积减少", "red lines reduced"))
def redline_reduced(
    redlines: Layer,
    earlier_redlines: Layer,
    rounding: Rounding,
    towns: Layer | None = None,
    *,
    noise_width_m: float = 5.0,
    least_m2: float = 1.0,
) -> Outcome:
    """Compare two versions of the red lines: area, pieces taken out and put in, and what only the survey moved.

    See `ecogeo.reductions.reductions` for what counts, and `ecogeo.versions.compare_versions` for what is noise.

    Parameters
    ----------
    redlines, earlier_redlines
        Polygons: the version in force and the one before, declared as ``earlier`` of the layer.
    rounding
        How the figures in sentences are rounded.
    towns
        Polygons, for the sums of towns; None leaves them out.
    noise_width_m
        Strips along the earlier outline narrower than this are survey noise: half a millimetre on a map of 1:10 000.
        The builders' choice, no law.
    least_m2
        Smaller pieces of noise are listed as one row together.

    Yields
    ------
    Findings for a smaller area and for every piece taken out or put in; tables ``redline_changes`` (pieces) and
    ``redline_balance`` (county, units by name, towns).
    """
    yield from reductions(
        _REDLINES, redlines, earlier_redlines, towns, rounding, noise_width_m=noise_width_m, least_m2=least_m2
    )
