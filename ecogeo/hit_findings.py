"""What a screening says, as findings for people: each hit, and each site that could not be cleared."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from math import isfinite, isnan

import geopandas as gpd
import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.certainty import can_clear
from ecogeo.finding import Answer, Finding, Severity, Verdict
from ecogeo.law import Judged, cited
from ecogeo.layer import Layer
from ecogeo.overlay import Positions, merged_pieces
from ecogeo.rounding import Rounding, rounded, rounded_all
from ecogeo.rules import Judgement
from ecogeo.screening import Screened
from ecogeo.wording import Text


def pair_findings(
    screened: Screened,
    sites: Layer,
    zones: Layer,
    judged: Judged,
    *,
    towns: Layer | None,
    rounding: Rounding,
    is_hard: bool,
) -> Iterator[Finding]:
    """Yield a finding for each pair of site and zone that overlap in a piece that counts.

    Parameters
    ----------
    screened
        Answers and pieces, in the order of the sites.
    sites
        The sites.
    zones
        The constraint.
    judged
        The judgements.
    towns
        Polygons, to name the town of each hit; None leaves it empty.
    rounding
        How the figures are rounded.
    is_hard
        Whether a hit that nobody has judged yet is a fault.
    """
    grounds = screened.grounds
    site_ids, site_names = sites.ids.tolist(), sites.names.tolist()
    hit_names = [f"{name}（{key}）" for name, key in zip(zones.names, zones.ids, strict=True)]
    answers, coverages = screened.rows["answer"].tolist(), screened.rows["coverage"].tolist()
    pairs = _pairs(screened, zones)
    shapes = np.asarray(pairs.geometry.array, dtype=object)
    strip_m = np.where(pairs["is_strip"], pairs["width_m"], np.nan)
    rows = zip(
        pairs["site"].tolist(),
        pairs["zone"].tolist(),
        shapes,
        strip_m.tolist(),
        _extents(pairs, grounds, sites.geometries, rounding),
        towns_of(shapes, towns),
        strict=True,
    )
    for site, zone, ground, width_m, (extent_zh, extent_en, value, unit), town in rows:
        remark = _remark(width_m, coverages[site])
        answer, judgement = Answer(answers[site]), judged.of_pair(site, zone)
        verdict = judgement.text if judgement is not None else Verdict.UNDETERMINED.text
        name, hit = site_names[site], hit_names[zone]
        yield Finding(
            message=Text(
                f"{name} {answer.text.zh}{hit}：{extent_zh}{remark.zh}；{verdict.zh}",
                f"{name}: {answer.text.en}, {hit}: {extent_en}{remark.en}; {verdict.en}",
            ),
            severity=_severity(answer, judgement, is_hard=is_hard),
            layer=zones.declaration.role,
            feature_id=site_ids[site],
            feature_name=name,
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


_Extent = tuple[str, str, float | None, str]


def _extents(
    pairs: gpd.GeoDataFrame, grounds: geodesy.Geometries, sites: geodesy.Geometries, law: Rounding
) -> Iterator[_Extent]:
    """Put the overlap of each pair into words, with the figure and its unit."""
    site, area_m2, length_m = (pairs[name].to_numpy() for name in ("site", "area_m2", "length_m"))
    own, shapes = grounds[site], np.asarray(pairs.geometry.array, dtype=object)
    site_m2, site_m = geodesy.area_m2(own), geodesy.length_m(sites[site])
    share = np.full(len(pairs), np.nan)
    np.divide(length_m, site_m, out=share, where=site_m > 0)
    np.divide(area_m2, site_m2, out=share, where=site_m2 > 0)
    is_point, is_ground = shapely.get_dimensions(own) == 0, site_m2 > 0
    figures = (
        rounded_all(area_m2 / geodesy.M2_PER_HA, 4, law),
        rounded_all(area_m2, 2, law),
        rounded_all(length_m, 2, law),
        rounded_all(share * 100, 2, law),
    )
    inside, count = shapely.get_num_coordinates(shapes), shapely.get_num_coordinates(own)
    columns = (is_point, is_ground, length_m > 0, *figures, inside, count)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for point, ground, crosses, ha, m2, m, pct, some, all_points in rows:
        if point:
            yield _points_inside(some, all_points)
        elif ground:
            crossed = (f"，穿越 {m:.2f} 米", f", {m:.2f} m crossed") if crosses else ("", "")
            zh, en = f"{ha:.4f} 公顷，占用地 {pct:.2f}%{crossed[0]}", f"{ha:.4f} ha, {pct:.2f}% of the site{crossed[1]}"
            yield zh, en, m2, "m2"
        else:
            yield f"穿越 {m:.2f} 米，占全长 {pct:.2f}%", f"{m:.2f} m crossed, {pct:.2f}% of it", m, "m"


def _points_inside(inside: int, count: int) -> _Extent:
    """Say that a point lies inside, or how many of several do."""
    if count == 1:
        return "点位在其内", "the point lies inside", None, ""
    return f"{count} 个点位中 {inside} 个在其内", f"{inside} of {count} points lie inside", float(inside), ""


def _remark(strip_width_m: float, coverage: str) -> Text:
    """Add what a reader of the figure must know: it may be two drawings of one boundary, or less than the whole."""
    remark = _PARTLY if coverage in {"partial", "none"} else _NOTHING
    if isnan(strip_width_m):
        return remark
    return Text(
        f"，系沿共同边界的窄条，平均宽度至多 {strip_width_m:.2f} 米，宜核对两图边界{remark.zh}",
        f", strips along a shared boundary, at most {strip_width_m:.2f} m wide on average: compare both drawings of it"
        f"{remark.en}",
    )


_NOTHING = Text("", "")
_PARTLY = Text(
    "，图层未全部覆盖该用地，实际可能更多", ", and the layer does not cover the whole site, so it may be more"
)


def open_findings(
    screened: Screened, sites: Layer, zones: Layer, judged: Judged, *, rounding: Rounding
) -> Iterator[Finding]:
    """Yield a finding for each site without a counted overlap that cannot be cleared, or is clear but touches.

    Parameters
    ----------
    screened
        Answers and pieces, in the order of the sites.
    sites
        The sites.
    zones
        The constraint.
    judged
        The judgements.
    rounding
        How the figures are rounded.
    """
    rows, title = screened.rows, zones.title
    is_clear = (rows["answer"] == str(Answer.CLEAR)).to_numpy(bool)
    distance_m = rows["distance_m"].to_numpy(float)
    touches = is_clear & (distance_m < geodesy.COORDINATE_STEP_M)
    is_open = ~is_clear | touches
    is_open[screened.kept["site"].to_numpy()] = False
    opens = np.flatnonzero(is_open)
    is_wide_unknown = rows["overlap_m2"].isna().to_numpy(bool) & ~shapely.is_missing(screened.grounds)
    of_slivers = screened.dropped[~screened.dropped["is_seam"]].groupby("site")["area_m2"].agg(["size", "sum"])
    slivers = {int(site): (int(count), float(area_m2)) for site, count, area_m2 in of_slivers.itertuples()}
    is_broken = zones.coverage is not None and not can_clear(zones)

    @functools.cache  # most sites of a layer are open for one reason
    def told(said: str, why: Text) -> Text:
        answer = Answer(said).text
        return Text(f" {answer.zh}{title.zh}：{why.zh}", f": {answer.en}, {title.en}: {why.en}")

    columns = (
        *(opens, rows["answer"].to_numpy(object)[opens], rows["coverage"].to_numpy(object)[opens]),
        *(rows["certainty_m"].to_numpy(float)[opens], distance_m[opens], rounded_all(distance_m[opens], 2, rounding)),
        *(touches[opens], is_wide_unknown[opens]),
        *(sites.ids.to_numpy(object)[opens], sites.names.to_numpy(object)[opens]),
        shapely.normalize(screened.grounds[opens]),
    )
    for site, said, coverage, reach, distance, shown_m, is_touching, is_wide, key, name, ground in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        if is_touching:
            why = _TOUCHES
        elif site in slivers:
            why = _of_slivers(*slivers[site], rounding)
        elif said == Answer.INVOLVED:
            why = Text(f"相距 {distance:.2f} 米", f"{distance:.2f} m away")
        elif said == Answer.POSSIBLE and isfinite(reach):
            why = Text(
                f"位置精度 {reach:.0f} 米，相距 {distance:.0f} 米",
                f"placed to {reach:.0f} m, {distance:.0f} m away",
            )
        elif isnan(reach):
            why = _NO_ACCURACY
        elif is_wide:
            why = _NO_WIDTH
        else:
            why = _NOT_WHOLE if is_broken else _COVERAGE[coverage]
        tail, judgement, is_far = told(said, why), judged.gravest_of(site), not isnan(distance)
        yield Finding(
            message=Text(f"{name}{tail.zh}", f"{name}{tail.en}"),
            severity=Severity.NOTE if is_touching else Severity.WARNING,
            layer=zones.declaration.role,
            feature_id=key,
            feature_name=name,
            value=shown_m if is_far else None,
            unit="m" if is_far else "",
            verdict=None if is_touching else Verdict.UNDETERMINED if judgement is None else judgement.verdict,
            rule_id="" if judgement is None else judgement.rule_id,
            clause="" if judgement is None else cited(judgement),
            geometry=ground,
        )


def _of_slivers(count: int, area_m2: float, law: Rounding) -> Text:
    """Say that all there is of an overlap are pieces below the thresholds."""
    area = rounded(area_m2, 2, law)
    return Text(
        f"重叠部分都小于阈值，{count} 处共 {area:.2f} 平方米，见 dropped.csv",
        f"it overlaps in {count} pieces below the threshold, {area:.2f} m² in all, see dropped.csv",
    )


_TOUCHES = Text("与其相接，重叠面积为 0", "it touches along an edge or at a point, with no overlap")
_NO_ACCURACY = Text("位置精度不明", "nobody knows how surely it is placed")
_NO_WIDTH = Text("廊道宽度不明", "nobody knows how wide the corridor is")
_NOT_WHOLE = Text("图层本身不完整，见数据问题", "the layer itself is not whole, see its fault")
_COVERAGE = {
    name: Text(f"图层{zh}该用地范围（含位置精度）", f"the layer {en} the site and its accuracy")
    for name, zh, en in (
        ("full", "覆盖", "covers"),
        ("partial", "只部分覆盖", "covers only part of"),
        ("none", "未覆盖", "does not cover"),
        ("unknown", "未声明是否覆盖", "does not say whether it covers"),
    )
}


def towns_of(grounds: geodesy.Geometries, towns: Layer | None) -> list[str]:
    """Return, for each piece of ground, the names of the towns it lies in, in the towns' order, joined by ``;``.

    Parameters
    ----------
    grounds
        Shape (n,), longitude and latitude in degrees. To share no more than a boundary is not to lie in a town.
    towns
        Polygons; None leaves every name empty.
    """
    named: list[list[str]] = [[] for _ in grounds]
    if towns is not None:
        piece, town = _shared(grounds, towns.geometries)
        for position, name in zip(piece.tolist(), towns.names.to_numpy()[town], strict=True):
            named[position].append(name)
    return [";".join(names) for names in named]


def _shared(grounds: geodesy.Geometries, towns: geodesy.Geometries) -> tuple[Positions, Positions]:
    """Return every piece of ground and town that share more than a boundary, by piece, then town.

    What lies wholly in a town is in it; only the rest is cut.
    """
    pieces = shapely.STRtree(grounds)
    town, piece = pieces.query(towns, predicate="intersects")
    order = np.lexsort((town, piece))
    piece, town = piece[order], town[order]
    holding, held = pieces.query(towns, predicate="covers")
    is_in = np.isin(piece * len(towns) + town, held * len(towns) + holding)
    other = np.flatnonzero(~is_in)
    cut = shapely.intersection(grounds[piece[other]], towns[town[other]])
    is_in[other] = shapely.get_dimensions(cut) == shapely.get_dimensions(grounds[piece[other]])
    return piece[is_in], town[is_in]
