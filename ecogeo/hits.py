"""What a screening says, as findings for people and rows for the files of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.errors import UnusableFileError
from ecogeo.finding import Answer, Finding, ResultTable, Severity, Verdict
from ecogeo.law import Judged, Law, cited, judgement_rows
from ecogeo.layer import Layer
from ecogeo.overlay import touching
from ecogeo.placing import placed_within_m
from ecogeo.rounding import rounded
from ecogeo.rules import Judgement
from ecogeo.screening import SHARED_BOUNDARY, Screened, can_clear, screen_sites
from ecogeo.screening_tables import (
    dropped_rows,
    screening_rows,
    undetermined_rows,
    zone_rows,
)
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
    """

    sites: Layer
    projects: pd.DataFrame
    law: Law | None = None
    towns: Layer | None = None


def screen_role(
    cases: Cases,
    zones: Layer,
    *,
    least_m2: float,
    least_width_m: float,
    is_hard: bool = False,
    dimension: int = 2,
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
        What the zones must be: 2 polygons, 1 lines or polygons.

    Yields
    ------
    Findings, and the tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.

    Raises
    ------
    UnusableFileError
        Where a feature of the zones is of a lesser dimension, such as a red line held as a point.
    """
    _require_dimension(zones, dimension)
    sites = cases.sites
    if not can_clear(zones) and zones.coverage is not None:
        yield _cannot_clear(zones)
    screened = screen_sites(
        sites.geometries, placed_within_m(sites), zones, least_m2=least_m2, least_width_m=least_width_m
    )
    judged = Judged.of(screened, sites, zones, cases.law)
    yield from pair_findings(screened, cases, zones, judged, is_hard=is_hard)
    yield from open_findings(screened, sites, zones, judged)
    rows = [screening_rows(screened, sites, zones, judged), *undetermined_rows(sites, cases.projects, zones)]
    yield ResultTable("screening", pd.concat([frame for frame in rows if len(frame)], ignore_index=True))
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


def pair_findings(
    screened: Screened, cases: Cases, zones: Layer, judged: Judged, *, is_hard: bool
) -> Iterator[Finding]:
    """Yield a finding for each pair of site and zone that overlap in a piece that counts.

    Parameters
    ----------
    screened
        Answers and pieces, in the order of the sites.
    cases
        The sites, and the towns that name the town of each hit.
    zones
        The constraint.
    judged
        The judgements.
    is_hard
        Whether a hit that nobody has judged yet is a fault.
    """
    sites = cases.sites
    areas, lengths = geodesy.area_m2(sites.geometries), geodesy.length_m(sites.geometries)
    site_ids, site_names = sites.ids.to_numpy(), sites.names.to_numpy()
    zone_ids, zone_names = zones.ids.to_numpy(), zones.names.to_numpy()
    answers = screened.rows["answer"].to_numpy()
    for (site, zone), pieces in screened.kept.groupby(["site", "zone"], sort=True):
        ground = shapely.union_all(np.asarray(pieces.geometry.array, dtype=object))
        area, length = float(pieces["area_m2"].sum()), float(pieces["length_m"].sum())
        extent_zh, extent_en, value, unit = _extent(area, length, float(areas[site]), float(lengths[site]))
        answer, judgement = Answer(answers[site]), judged.of_pair(int(site), int(zone))
        verdict = judgement.text if judgement is not None else Verdict.UNDETERMINED.text
        name, hit = site_names[site], f"{zone_names[zone]}（{zone_ids[zone]}）"
        yield Finding(
            message=Text(
                f"{name} {answer.text.zh}{hit}：{extent_zh}；{verdict.zh}",
                f"{name}: {answer.text.en}, {hit}: {extent_en}; {verdict.en}",
            ),
            severity=_severity(answer, judgement, is_hard=is_hard),
            layer=zones.declaration.role,
            feature_id=str(site_ids[site]),
            feature_name=str(site_names[site]),
            town=_towns_of(ground, cases.towns),
            value=value,
            unit=unit,
            verdict=Verdict.UNDETERMINED if judgement is None else judgement.verdict,
            rule_id="" if judgement is None else judgement.rule_id,
            clause="" if judgement is None else cited(judgement),
            geometry=ground,
        )


def _severity(answer: Answer, judgement: Judgement | None, *, is_hard: bool) -> Severity:
    """Weigh a hit: a prohibition, or an unjudged hit of a hard line, is a fault where the site is surely in it."""
    verdict = Verdict.UNDETERMINED if judgement is None else judgement.verdict
    if verdict is Verdict.NOTICE:
        return Severity.NOTE
    is_grave = verdict is Verdict.PROHIBITED or (verdict is Verdict.UNDETERMINED and is_hard)
    return Severity.FAULT if is_grave and answer is Answer.INVOLVED else Severity.WARNING


def _extent(area: float, length: float, site_area: float, site_length: float) -> tuple[str, str, float | None, str]:
    """Put the overlap of a polygon, a line or a point into words, with the figure and its unit."""
    if site_area > 0:
        ha, pct = rounded(geodesy.hectares(area), 4), rounded(area / site_area * 100, 2)
        words = f"{ha:.4f} 公顷，占用地 {pct:.2f}%", f"{ha:.4f} ha, {pct:.2f}% of the site"
        return *words, rounded(area, 2), "m2"
    if site_length > 0:
        metres, pct = rounded(length, 2), rounded(length / site_length * 100, 2)
        return f"穿越 {metres:.2f} 米，占全长 {pct:.2f}%", f"{metres:.2f} m crossed, {pct:.2f}% of it", metres, "m"
    return "点位在其内", "the point lies inside", None, ""


def open_findings(screened: Screened, sites: Layer, zones: Layer, judged: Judged) -> Iterator[Finding]:
    """Yield a finding for each site without a counted overlap that cannot be cleared, or is clear but touches.

    Parameters
    ----------
    screened
        Answers and pieces, in the order of the sites.
    sites, zones
        The two layers.
    judged
        The judgements.
    """
    hits = set(screened.kept["site"])
    below = screened.dropped[screened.dropped["reason"] != SHARED_BOUNDARY]
    slivers = below.groupby("site")["area_m2"].sum().to_dict()
    rows = screened.rows
    columns = (
        rows["answer"],
        rows["certainty_m"].to_numpy(float),
        rows["distance_m"].to_numpy(float),
        rows["coverage"],
    )
    for site, (said, reach, distance, coverage) in enumerate(zip(*columns, strict=True)):
        answer = Answer(said)
        touches = answer is Answer.CLEAR and distance < geodesy.COORDINATE_STEP_M
        if site in hits or (answer is Answer.CLEAR and not touches):
            continue
        if touches:
            why = Text("与其相接，重叠面积为 0", "it touches along an edge or at a point, with no overlap")
        elif site in slivers:
            why = Text(
                f"重叠部分都小于阈值，共 {slivers[site]:.2f} 平方米，见 dropped.csv",
                f"it overlaps in pieces below the threshold, {slivers[site]:.2f} m² in all, see dropped.csv",
            )
        elif answer is Answer.POSSIBLE:
            why = Text(
                f"位置精度 {reach:.0f} 米，相距 {distance:.0f} 米",
                f"placed to {reach:.0f} m, {distance:.0f} m away",
            )
        elif np.isnan(reach):
            why = Text("位置精度不明", "nobody knows how surely it is placed")
        elif not can_clear(zones) and zones.coverage is not None:
            why = Text("图层本身不完整，见数据问题", "the layer itself is not whole, see its fault")
        else:
            state = _COVERAGE[str(coverage)]
            why = Text(f"图层{state.zh}该用地范围（含位置精度）", f"the layer {state.en} the site and its accuracy")
        name, title = str(sites.names.iloc[site]), zones.title
        judgement = judged.gravest_of(site)
        yield Finding(
            message=Text(
                f"{name} {answer.text.zh}{title.zh}：{why.zh}", f"{name}: {answer.text.en}, {title.en}: {why.en}"
            ),
            severity=Severity.NOTE if touches else Severity.WARNING,
            layer=zones.declaration.role,
            feature_id=str(sites.ids.iloc[site]),
            feature_name=name,
            value=None if np.isnan(distance) else rounded(distance, 2),
            unit="" if np.isnan(distance) else "m",
            verdict=None if touches else Verdict.UNDETERMINED if judgement is None else judgement.verdict,
            rule_id="" if judgement is None else judgement.rule_id,
            clause="" if judgement is None else cited(judgement),
            geometry=sites.geometries[site],
        )


_COVERAGE = {
    "full": Text("覆盖", "covers"),
    "partial": Text("只部分覆盖", "covers only part of"),
    "none": Text("未覆盖", "does not cover"),
    "unknown": Text("未声明是否覆盖", "does not say whether it covers"),
}


def _towns_of(ground: shapely.Geometry, towns: Layer | None) -> str:
    """Return the names of the towns a piece of ground lies in, in the towns' order."""
    if towns is None:
        return ""
    _, found = touching(np.array([ground], dtype=object), towns.geometries)
    inside = shapely.intersection(ground, towns.geometries[found])
    return ";".join(towns.names.to_numpy()[found[shapely.get_dimensions(inside) == shapely.get_dimensions(ground)]])
