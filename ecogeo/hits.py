"""What a screening says, as findings for people and rows for the files of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.certainty import can_clear
from ecogeo.errors import UnusableFileError
from ecogeo.finding import Answer, Finding, ResultTable, Severity, Verdict
from ecogeo.law import Judged, Law, cited, judgement_rows
from ecogeo.layer import Layer
from ecogeo.overlay import merged_pieces, touching
from ecogeo.placing import corridor_widths_m, placed_within_m
from ecogeo.rounding import Rounding, rounded
from ecogeo.rules import Judgement
from ecogeo.screening import Screened, screen_sites
from ecogeo.screening_tables import (
    dropped_rows,
    screening_rows,
    undetermined_rows,
    zone_rows,
)
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
    findings = [*pair_findings(screened, cases, zones, judged, is_hard=is_hard)]
    findings += open_findings(screened, cases, zones, judged)
    place = {key: position for position, key in enumerate(sites.ids)}
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
    grounds = screened.grounds
    areas, lengths = geodesy.area_m2(grounds), geodesy.length_m(sites.geometries)
    site_ids, site_names = sites.ids.to_numpy(), sites.names.to_numpy()
    zone_ids, zone_names = zones.ids.to_numpy(), zones.names.to_numpy()
    answers, coverages = screened.rows["answer"].to_numpy(), screened.rows["coverage"].to_numpy()
    pairs = _pairs(screened, zones)
    hit_towns = _towns_of(np.asarray(pairs.geometry.array, dtype=object), cases.towns)
    for pair, town in zip(pairs.itertuples(index=False), hit_towns, strict=True):
        site, zone, ground = int(pair.site), int(pair.zone), pair.geometry
        extent_zh, extent_en, value, unit = (
            _points_inside(ground, grounds[site])
            if shapely.get_dimensions(grounds[site]) == 0
            else _extent(pair.area_m2, pair.length_m, float(areas[site]), float(lengths[site]), law=cases.rounding)
        )
        remark = _remark(pair.width_m if pair.is_strip else None, str(coverages[site]))
        answer, judgement = Answer(answers[site]), judged.of_pair(site, zone)
        verdict = judgement.text if judgement is not None else Verdict.UNDETERMINED.text
        name, hit = site_names[site], f"{zone_names[zone]}（{zone_ids[zone]}）"
        yield Finding(
            message=Text(
                f"{name} {answer.text.zh}{hit}：{extent_zh}{remark.zh}；{verdict.zh}",
                f"{name}: {answer.text.en}, {hit}: {extent_en}{remark.en}; {verdict.en}",
            ),
            severity=_severity(answer, judgement, is_hard=is_hard),
            layer=zones.declaration.role,
            feature_id=str(site_ids[site]),
            feature_name=str(site_names[site]),
            town=town,
            value=value,
            unit=unit,
            verdict=Verdict.UNDETERMINED if judgement is None else judgement.verdict,
            rule_id="" if judgement is None else judgement.rule_id,
            clause="" if judgement is None else cited(judgement),
            geometry=ground,
        )


def _pairs(screened: Screened, zones: Layer) -> gpd.GeoDataFrame:
    """Join the pieces of each pair: sums, the widest piece, whether all are strips, and the ground they make."""
    grouped = screened.kept.groupby(["site", "zone"], sort=True)
    sums = grouped.agg(
        area_m2=("area_m2", "sum"),
        length_m=("length_m", "sum"),
        width_m=("width_m", "max"),
        is_strip=("is_strip", "all"),
    ).reset_index()
    pieces = screened.kept.assign(site=grouped.ngroup().to_numpy())
    ground = merged_pieces(pieces, screened.grounds[sums["site"].to_numpy(int)], zones.geometries)
    return gpd.GeoDataFrame(sums, geometry=gpd.GeoSeries(shapely.normalize(ground), crs=geodesy.LONLAT))


def _severity(answer: Answer, judgement: Judgement | None, *, is_hard: bool) -> Severity:
    """Weigh a hit: a prohibition, or an unjudged hit of a hard line, is a fault where the site is surely in it."""
    verdict = Verdict.UNDETERMINED if judgement is None else judgement.verdict
    if verdict is Verdict.NOTICE:
        return Severity.NOTE
    is_grave = verdict is Verdict.PROHIBITED or (verdict is Verdict.UNDETERMINED and is_hard)
    return Severity.FAULT if is_grave and answer is Answer.INVOLVED else Severity.WARNING


def _extent(
    area: float, length: float, site_area: float, site_length: float, *, law: Rounding
) -> tuple[str, str, float | None, str]:
    """Put the overlap of a polygon, a corridor or a line into words, with the figure and its unit."""
    crossed = rounded(length, 2, law)
    if site_area > 0:
        ha, pct = rounded(geodesy.hectares(area), 4, law), rounded(area / site_area * 100, 2, law)
        zh, en = f"{ha:.4f} 公顷，占用地 {pct:.2f}%", f"{ha:.4f} ha, {pct:.2f}% of the site"
        if length > 0:
            zh, en = f"{zh}，穿越 {crossed:.2f} 米", f"{en}, {crossed:.2f} m crossed"
        return zh, en, rounded(area, 2, law), "m2"
    pct = rounded(length / site_length * 100, 2, law)
    return f"穿越 {crossed:.2f} 米，占全长 {pct:.2f}%", f"{crossed:.2f} m crossed, {pct:.2f}% of it", crossed, "m"


def _points_inside(ground: shapely.Geometry, site: shapely.Geometry) -> tuple[str, str, float | None, str]:
    """Say that a point lies inside, or how many of several do."""
    inside, count = int(shapely.get_num_coordinates(ground)), int(shapely.get_num_coordinates(site))
    if count == 1:
        return "点位在其内", "the point lies inside", None, ""
    return f"{count} 个点位中 {inside} 个在其内", f"{inside} of {count} points lie inside", float(inside), ""


def _remark(strip_width_m: float | None, coverage: str) -> Text:
    """Add what a reader of the figure must know: it may be two drawings of one boundary, or less than the whole."""
    zh, en = "", ""
    if strip_width_m is not None:
        width_m = strip_width_m
        zh += f"，系沿共同边界的窄条，平均宽度至多 {width_m:.2f} 米，宜核对两图边界"
        en += f", strips along a shared boundary, at most {width_m:.2f} m wide on average: compare both drawings of it"
    if coverage in {"partial", "none"}:
        zh += "，图层未全部覆盖该用地，实际可能更多"
        en += ", and the layer does not cover the whole site, so it may be more"
    return Text(zh, en)


def open_findings(screened: Screened, cases: Cases, zones: Layer, judged: Judged) -> Iterator[Finding]:
    """Yield a finding for each site without a counted overlap that cannot be cleared, or is clear but touches.

    Parameters
    ----------
    screened
        Answers and pieces, in the order of the sites.
    cases
        The sites.
    zones
        The constraint.
    judged
        The judgements.
    """
    sites = cases.sites
    site_ids, site_names, clears = sites.ids.to_numpy(), sites.names.to_numpy(), can_clear(zones)
    hits = set(screened.kept["site"])
    slivers = screened.dropped[~screened.dropped["is_seam"]].groupby("site")["area_m2"].agg(["size", "sum"])
    rows = screened.rows
    is_wide_unknown = (rows["overlap_m2"].isna() & ~shapely.is_missing(screened.grounds)).to_numpy()
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
        elif site in slivers.index:
            count, area = slivers.loc[site, "size"], rounded(slivers.loc[site, "sum"], 2, cases.rounding)
            why = Text(
                f"重叠部分都小于阈值，{count:.0f} 处共 {area:.2f} 平方米，见 dropped.csv",
                f"it overlaps in {count:.0f} pieces below the threshold, {area:.2f} m² in all, see dropped.csv",
            )
        elif answer is Answer.INVOLVED:
            why = Text(f"相距 {distance:.2f} 米", f"{distance:.2f} m away")
        elif answer is Answer.POSSIBLE and np.isfinite(reach):
            why = Text(
                f"位置精度 {reach:.0f} 米，相距 {distance:.0f} 米",
                f"placed to {reach:.0f} m, {distance:.0f} m away",
            )
        elif np.isnan(reach):
            why = Text("位置精度不明", "nobody knows how surely it is placed")
        elif is_wide_unknown[site]:
            why = Text("廊道宽度不明", "nobody knows how wide the corridor is")
        elif not clears and zones.coverage is not None:
            why = Text("图层本身不完整，见数据问题", "the layer itself is not whole, see its fault")
        else:
            state = _COVERAGE[str(coverage)]
            why = Text(f"图层{state.zh}该用地范围（含位置精度）", f"the layer {state.en} the site and its accuracy")
        name, title = str(site_names[site]), zones.title
        judgement = judged.gravest_of(site)
        yield Finding(
            message=Text(
                f"{name} {answer.text.zh}{title.zh}：{why.zh}", f"{name}: {answer.text.en}, {title.en}: {why.en}"
            ),
            severity=Severity.NOTE if touches else Severity.WARNING,
            layer=zones.declaration.role,
            feature_id=str(site_ids[site]),
            feature_name=name,
            value=None if np.isnan(distance) else rounded(distance, 2, cases.rounding),
            unit="" if np.isnan(distance) else "m",
            verdict=None if touches else Verdict.UNDETERMINED if judgement is None else judgement.verdict,
            rule_id="" if judgement is None else judgement.rule_id,
            clause="" if judgement is None else cited(judgement),
            geometry=shapely.normalize(screened.grounds[site]),
        )


_COVERAGE = {
    "full": Text("覆盖", "covers"),
    "partial": Text("只部分覆盖", "covers only part of"),
    "none": Text("未覆盖", "does not cover"),
    "unknown": Text("未声明是否覆盖", "does not say whether it covers"),
}


def _towns_of(grounds: geodesy.Geometries, towns: Layer | None) -> list[str]:
    """Return, for each piece of ground, the names of the towns it lies in, in the towns' order."""
    named: list[list[str]] = [[] for _ in grounds]
    if towns is not None:
        piece, town = touching(grounds, towns.geometries)
        shared = shapely.intersection(grounds[piece], towns.geometries[town])
        is_in = shapely.get_dimensions(shared) == shapely.get_dimensions(grounds[piece])
        names = towns.names.to_numpy()
        for position, name in zip(piece[is_in].tolist(), names[town[is_in]], strict=True):
            named[position].append(name)
    return [";".join(names) for names in named]
