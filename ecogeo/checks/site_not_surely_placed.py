"""A site must say how surely it is placed; where it does not, or cannot be believed, nothing can clear it.

Source: own rule of honest answers; the words of ``location_basis`` are those of the contract of this project.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, Severity
from ecogeo.layer import Layer
from ecogeo.placing import unsure_sites
from ecogeo.wording import Text


@check(family="data", title=Text("用地位置精度不可信", "sites whose accuracy cannot be believed"))
def site_not_surely_placed(project_sites: Layer) -> Outcome:
    """Find sites whose accuracy is missing, negative, no number, or 0 m on a basis that cannot give it.

    Parameters
    ----------
    project_sites
        With ``accuracy_m`` and, where the county has it, ``location_basis``.

    Yields
    ------
    One warning per site; it is undetermined or possible for every layer, never clear or involved.
    """
    for position, reason in unsure_sites(project_sites):
        site_id, name = str(project_sites.ids.iloc[position]), str(project_sites.names.iloc[position])
        yield Finding(
            message=Text(
                f"{name}（{site_id}）：{reason.zh}，按位置精度不明处理",
                f"{name} ({site_id}): {reason.en}; taken as placed nobody knows how surely",
            ),
            severity=Severity.WARNING,
            layer="project_sites",
            feature_id=site_id,
            feature_name=name,
            geometry=project_sites.geometries[position],
        )
