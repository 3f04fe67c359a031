"""A site must say how surely it is placed, and a line how wide; where that cannot be believed, nothing clears it.

Source: own rule of honest answers; the words of ``location_basis`` are those of the contract of this project.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, Severity
from ecogeo.layer import Layer
from ecogeo.placing import doubtful_corridors, unsure_sites
from ecogeo.wording import Text


@check(family="data", title=Text("用地位置精度不可信", "sites whose accuracy cannot be believed"))
def site_not_surely_placed(project_sites: Layer) -> Outcome:
    """Find sites whose accuracy is missing, negative, no number, or 0 m on a basis that cannot give it, or whose width.

    A width of corridor that is negative or no number leaves the ground of a line unknown: the line itself is judged, so
    that what it crosses is told, and no layer clears it.

    Parameters
    ----------
    project_sites
        With ``accuracy_m`` and, where the county has them, ``location_basis`` and ``corridor_width_m``.

    Yields
    ------
    One warning per site and fault. A site of unknown accuracy is undetermined or possible for every layer, never clear
    or involved; a line of unknown width is never clear.
    """
    for position, reason in unsure_sites(project_sites):
        taken = Text(f"{reason.zh}，按位置精度不明处理", f"{reason.en}; taken as placed nobody knows how surely")
        yield _warning(project_sites, position, taken)
    for position, reason in doubtful_corridors(project_sites):
        yield _warning(project_sites, position, reason)


def _warning(sites: Layer, position: int, reason: Text) -> Finding:
    site_id, name = str(sites.ids.iloc[position]), str(sites.names.iloc[position])
    return Finding(
        message=Text(f"{name}（{site_id}）：{reason.zh}", f"{name} ({site_id}): {reason.en}"),
        severity=Severity.WARNING,
        layer="project_sites",
        feature_id=site_id,
        feature_name=name,
        geometry=sites.geometries[position],
    )
