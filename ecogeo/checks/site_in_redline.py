"""A project site must not lie in an ecological red line (生态保护红线) unless a rule allows it.

Source: 厅字〔2019〕48号; 自然资发〔2022〕142号（生态保护红线管理）. Both from the builders' field notes and
not checked against the issuers' own copies: unverified.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.hits import Cases, screen_role
from ecogeo.layer import Layer
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地涉及生态保护红线", "project site in an ecological red line"))
def site_in_redline(cases: Cases, redlines: Layer, *, least_m2: float = 1.0, least_width_m: float = 0.1) -> Outcome:
    """Answer for every project whether it touches a red line, with ellipsoidal overlap, share and town of each pair.

    Ground in several red lines counts once in a site's total and under each in the findings. A site that only shares an
    edge overlaps nothing. Sites set aside when the layer was read, and projects without a site, are undetermined.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    redlines
        Polygons.
    least_m2
        Pieces of a smaller area are ledgered, not counted: the least that 公顷 to four decimals can show.
    least_width_m
        Pieces of a smaller mean width likewise: the builders' choice, no law.

    Yields
    ------
    One finding per pair of site and red line, per site that may lie in one, and per site the layer does not cover;
    tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.
    """
    yield from screen_role(cases, redlines, least_m2=least_m2, least_width_m=least_width_m, is_hard=True)
