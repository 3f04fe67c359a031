"""Sites against one layer: answered, judged, and laid out as findings for people and rows for the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ecogeo.certainty import can_clear
from ecogeo.errors import UnusableFileError
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.hit_findings import open_findings, pair_findings
from ecogeo.law import Judged, Law, judgement_rows
from ecogeo.layer import Layer
from ecogeo.placing import corridor_widths_m, placed_within_m
from ecogeo.rounding import Rounding
from ecogeo.screening import Screened, screen_sites
from ecogeo.screening_tables import dropped_rows, screening_rows, undetermined_rows, zone_rows
from ecogeo.setback import answered_by_distance, enlarged, in_the_zones
from ecogeo.wording import Text, list_en, list_zh


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """What is screened, and what is needed to tell of it.

    Parameters
    ----------
    sites
        Polygons, lines or points; ``project_id`` names the project of the plan, ``accuracy_m`` how surely it is placed.
    projects
        The projects of every plan; those without a site are undetermined.
    law
        What hits are judged by; None leaves every verdict to a person.
    towns
        Polygons, to name the town of each hit; None leaves it empty.
    rounding
        How the figures in sentences are rounded.
    """

    sites: Layer
    projects: pd.DataFrame
    law: Law | None = None
    towns: Layer | None = None
    rounding: Rounding = "half-up"


def screen_role(
    cases: Cases,
    zones: Layer,
    *,
    least_m2: float,
    least_width_m: float,
    is_hard: bool = False,
    dimension: int = 2,
    buffer_m: float = 0.0,
    amend: Callable[[Screened], Screened] | None = None,
) -> Iterator[Finding | ResultTable]:
    """Answer for every site whether it touches a layer, judge every hit, and lay both out.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    zones
        Polygons or lines of the constraint; ``zone`` tells what each is to the rules.
    least_m2, least_width_m
        Thresholds of `ecogeo.screening.screen_sites`.
    is_hard
        Whether a hit that nobody has judged yet is a fault: so for the lines nothing may cross unexamined.
    dimension
        What the zones must be: 2 polygons, 1 lines or polygons, 0 anything, which takes a distance above 0.
    buffer_m
        How near to a zone counts as touching it, metres; what the layer declares wins. Above 0 exact distances decide:
        `ecogeo.setback.answered_by_distance`. Rules then judge only what lies in a zone itself, unless zones may be
        points.
    amend
        What a layer knows better than the overlay, such as how far it was looked for; None for nothing.

    Yields
    ------
    Findings, and the tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.

    Raises
    ------
    UnusableFileError
        Where a feature of the zones is of a lesser dimension, such as a red line held as a point.
    """
    within_m = buffer_m if zones.declaration.buffer_m is None else zones.declaration.buffer_m
    _require_dimension(zones, dimension if within_m > 0 else max(dimension, 1))
    sites, origins = cases.sites, zones
    if within_m > 0:
        zones = enlarged(origins, within_m)
    if not can_clear(zones) and zones.coverage is not None:
        yield _cannot_clear(zones)
    screened = screen_sites(
        sites.geometries,
        placed_within_m(sites),
        zones,
        least_m2=least_m2,
        least_width_m=least_width_m,
        corridor_width_m=corridor_widths_m(sites),
    )
    if within_m > 0:
        screened = answered_by_distance(screened, origins, within_m=within_m)
        screened = in_the_zones(screened, origins) if dimension else screened
    if amend is not None:
        screened = amend(screened)
    judged = Judged.of(screened, sites, zones, cases.law)
    rounding = cases.rounding
    told = pair_findings(screened, sites, zones, judged, towns=cases.towns, rounding=rounding, is_hard=is_hard)
    findings = [*told, *open_findings(screened, sites, zones, judged, rounding=rounding)]
    place = {key: position for position, key in enumerate(sites.ids.tolist())}
    yield from sorted(findings, key=lambda finding: place[finding.feature_id])
    answered, undrawn = screening_rows(screened, sites, zones, judged), undetermined_rows(sites, cases.projects, zones)
    rows = pd.concat([frame for frame in (answered, *undrawn) if len(frame)] or [answered], ignore_index=True)
    yield ResultTable("screening", rows.reindex(columns=answered.columns))
    yield ResultTable("screening_zones", zone_rows(screened, sites, zones))
    yield ResultTable("dropped", dropped_rows(screened, sites.ids, zones))
    if cases.law is not None:
        yield ResultTable("judgements", judgement_rows(cases.law, judged.listed()))


def _require_dimension(zones: Layer, dimension: int) -> None:
    lesser = np.flatnonzero(shapely.get_dimensions(zones.geometries) < dimension)
    if len(lesser):
        keys = zones.ids.iloc[lesser].tolist()
        kind = Text("面", "polygons") if dimension == 2 else Text("线或面", "lines or polygons")
        raise UnusableFileError(
            zones.declaration.shown_path,
            Text(
                f"应为{kind.zh}，但 {len(keys)} 个要素不是：{list_zh(keys)}",
                f"{kind.en} are expected, and {len(keys)} features are none: {list_en(keys)}",
            ),
        )


def _cannot_clear(zones: Layer) -> Finding:
    """Say that a layer clears nobody although it declares to cover the county."""
    why = (
        Text(f"有 {len(zones.set_aside)} 个要素不能量算", f"{len(zones.set_aside)} of its features cannot be measured")
        if zones.set_aside
        else Text("所有要素都不在声明的覆盖范围内", "none of its features lies in the ground it declares to cover")
    )
    return Finding(
        message=Text(
            f"{zones.title.zh}：{why.zh}，因此不能给出“不涉及”", f"{zones.title.en}: {why.en}, so it clears no site"
        ),
        severity=Severity.FAULT,
        layer=zones.declaration.role,
    )
