"""The share of the shoreline that is protected or reserved (河湖岸线保护率), along both banks.

Source: 河湖岸线保护率 = (岸线保护区长度 + 岸线保留区长度) ÷ 岸线总长, along both banks, as provinces report it (public
reports of 湖北 and 四川). Target 完成上级管控目标: 国家生态文明建设示范区建设指标（2021修订版）, indicator 16.
That islands do not count, and how ends and confluences are told, is the builders' choice.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.layer import Layer
from ecogeo.rounding import Rounding, rounded
from ecogeo.shoreline import (
    ZONES,
    Drawn,
    Paired,
    Shoreline,
    Side,
    measure_shoreline,
    read_target_pct,
    read_width_m,
    with_banks_paired,
    words_of,
)
from ecogeo.shoreline.tables import SEGMENT_COLUMNS, bank_rows, reach_rows, segment_rows, total_rows
from ecogeo.shortfall import shown_below
from ecogeo.wording import Text, list_en, list_zh

_ROLE = "river_reaches"


@check(family="water", title=Text("河湖岸线保护率", "shoreline protection rate"))
def shoreline_protection_rate(
    river_reaches: Layer,
    shorelines: Layer,
    rounding: Rounding,
    towns: Layer | None = None,
    water_bodies: Layer | None = None,
    *,
    snap_m: float = 5.0,
    least_gap_m: float = 1.0,
) -> Outcome:
    """Measure the protected share of every reach's banks, and of every river, basin and town and the county.

    Stretches claimed by two zones count once, in the stricter; stretches in none count in the total only, as unzoned. A
    reach no zone claims any stretch of has no rate: nobody zoned it yet. Totals have no part of it either; their column
    ``reaches_unzoned`` says how many were left out. Shores of islands are measured and listed by themselves; they are
    not part of the two banks and count in no rate.

    Parameters
    ----------
    river_reaches
        Each feature the two banks of a reach, side by side, each in one part or in several, of which what is drawn
        counts (closed lines beside them are islands); or the water as a
        polygon, whose outline is shore where it touches neither other water nor the end of the layer's coverage; or a
        centre line with ``width_m`` (of every arm, where it parts around an island). ``river``, ``basin``, and
        ``target_pct`` where one is set; ``boundary`` tells which line was drawn as bank (临水边界线, 外缘边界线).
    shorelines
        Lines or polygons of the zones; ``zone``, and ``reach_id`` and ``bank`` where there are such fields.
    rounding
        How the figures in sentences are rounded.
    towns
        Polygons, for the rates of towns; None leaves them out.
    water_bodies
        Polygons, to tell the ends of outlines of water.
    snap_m
        How far a zone may lie from its bank: the builders' choice, no law.
    least_gap_m
        Shorter unzoned or doubly zoned stretches are counted but not listed.

    Yields
    ------
    A note with the definition; findings for rates below target, gaps, overlaps, zones off their bank, on the other one
    or of no known zone or reach, and reaches without banks; tables ``shoreline`` (per reach), ``shoreline_banks`` (per
    reach and side), ``shoreline_totals`` (per river, basin, town, county) and ``shoreline_segments`` (gaps, overlaps,
    stretches in other water).
    """
    paired = with_banks_paired(river_reaches)
    river_reaches = paired.reaches
    shore = measure_shoreline(
        river_reaches,
        shorelines,
        towns=towns,
        water_bodies=water_bodies,
        snap_m=snap_m,
        other_ids=paired.other_id,
    )
    reaches = reach_rows(shore, river_reaches)
    segments = segment_rows(shore, river_reaches, least_m=least_gap_m)
    yield _definition(shore, river_reaches, rounding)
    yield from _lost_zones(shorelines, shore, snap_m)
    yield from _unread_figures(river_reaches)
    yield from _not_measured(shore, river_reaches)
    yield from _paired(paired)
    yield from _braided(shore, river_reaches)
    yield from _swallowed(shore, river_reaches)
    yield from _without_zones(river_reaches, reaches, rounding)
    yield from _segment_findings(shore, segments, reaches, rounding)
    yield from _below_target(reaches, river_reaches, rounding)
    yield ResultTable("shoreline", reaches)
    yield ResultTable("shoreline_banks", bank_rows(shore, river_reaches))
    yield ResultTable("shoreline_totals", total_rows(shore, reaches))
    yield ResultTable("shoreline_segments", segments[SEGMENT_COLUMNS])


def _definition(shore: Shoreline, river_reaches: Layer, law: Rounding) -> Finding:
    """State boundary, datum and definition: the length depends on them."""
    kinds = [kind for kind in Drawn if (shore.banks.drawn == kind).any() and kind is not Drawn.UNUSABLE]
    counts = [int((shore.banks.drawn == kind).sum()) for kind in kinds]
    crs = river_reaches.frame.crs
    datum = river_reaches.declaration.crs if crs is None else crs.name
    stretches = shore.stretches
    island_m, water_m = (
        rounded(float(stretches.loc[rows, "length_m"].sum()), 2, law)
        for rows in (stretches["side"] == Side.ISLAND, stretches["in_water"] & ~stretches["counts"])
    )
    field = river_reaches.declaration.fields.get("boundary", "boundary")
    stated = sorted(set(river_reaches.text(field)) - {""}) if field in river_reaches.sound else []
    boundary = Text(list_zh(stated), list_en(stated)) if stated else Text("图层未写明", "not told by the layer")
    drawn_zh = "、".join(f"{kind.text.zh} {count} 段" for kind, count in zip(kinds, counts, strict=True))
    drawn_en = ", ".join(f"{kind.text.en} ({count})" for kind, count in zip(kinds, counts, strict=True))
    return Finding(
        message=Text(
            f"量算口径：岸线总长为两岸长度之和，逐点大地线，2000国家大地坐标系椭球面（文件坐标系 {datum}）；"
            f"岸线来源：{drawn_zh}；岸线边界（临水或外缘）：{boundary.zh}；岛岸 {island_m} 米另列、不计入；"
            f"水面轮廓伸入其他水面或在覆盖范围外的 {water_m} 米不计入",
            "definition: both banks, geodesics from vertex to vertex on the ellipsoid of CGCS2000 "
            f"(the file is in {datum}); banks are from {drawn_en}; line drawn as bank: {boundary.en}; {island_m} m of "
            f"islands are listed apart and do not count, nor do {water_m} m of outlines in other water or beyond the "
            "layer's coverage",
        ),
        severity=Severity.NOTE,
        layer=_ROLE,
    )


def _lost_zones(shorelines: Layer, shore: Shoreline, snap_m: float) -> Outcome:
    """Find zones that cannot count: of no known zone, of a reach that is not there, off their bank; or on another."""
    field = next((name for name in ("reach_id", "reach") if name in shorelines.sound), "")
    reaches = shorelines.text(field).to_numpy() if field else np.full(len(shore.zones), "", dtype=object)
    is_doubtful = shore.is_lost | shore.is_off | shore.is_partly_off | shore.is_other_side | (shore.zones == "")
    for number in np.flatnonzero(is_doubtful):
        shore_id = shorelines.ids.iloc[number]
        yield Finding(
            message=_doubt(shore, int(number), shore_id, reaches[number], snap_m),
            severity=Severity.WARNING,
            layer=shorelines.declaration.role,
            feature_id=shore_id,
            geometry=shorelines.geometries[number],
        )


def _doubt(shore: Shoreline, number: int, shore_id: str, reach_id: str, snap_m: float) -> Text:
    """Say why a zone does not count, or not as it is told."""
    if not shore.zones[number]:
        why = Text(f"功能区不在 {'、'.join(ZONES)} 之内", f"its zone is none of {', '.join(ZONES)}")
    elif shore.is_lost[number]:
        why = Text(f"河段 {reach_id} 不存在", f"there is no reach {reach_id}")
    elif shore.is_off[number]:
        why = Text(f"离岸线超过 {snap_m:g} 米", f"it lies more than {snap_m:g} m off its bank")
    elif shore.is_partly_off[number] and reach_id:
        return Text(
            f"岸线 {shore_id} 有一部分不在所填河段 {reach_id} 的岸上（在相邻河段的岸上，或离岸超过 {snap_m:g} 米），"
            "该部分未计入",
            f"a part of shoreline {shore_id} lies off the bank of {reach_id}, the reach it names (on the bank of "
            f"another reach, or more than {snap_m:g} m off), and does not count",
        )
    elif shore.is_partly_off[number]:
        return Text(
            f"岸线 {shore_id} 有一部分离岸线超过 {snap_m:g} 米，该部分未计入",
            f"a part of shoreline {shore_id} lies more than {snap_m:g} m off its bank and does not count",
        )
    else:
        return Text(
            f"岸线 {shore_id} 登记的岸别与所在岸不符（按河段首条线的绘制方向为下游判断左右岸），按所在岸计",
            f"shoreline {shore_id} lies on the other bank than it says (downstream is the way the reach's first line "
            "is drawn); it counts where it lies",
        )
    return Text(f"岸线 {shore_id} 未计入：{why.zh}", f"shoreline {shore_id} does not count: {why.en}")


_FIGURES = (
    (
        "target_pct",
        read_target_pct,
        Text("目标", "target"),
        Text(
            "0 至 100，如 ≥60%（小于 1 而不带 % 的，分不清是比例还是百分数）",
            "0 to 100, as in ≥60% (below 1 without %, it may be a fraction or per cent)",
        ),
    ),
    ("width_m", read_width_m, Text("宽度", "width"), Text("大于 0 的米数", "metres above 0")),
)


def _unread_figures(river_reaches: Layer) -> Outcome:
    """List the targets and widths that cannot be read, and so are not used."""
    names = river_reaches.text(river_reaches.field("river"))
    for field, read, what, wanted in _FIGURES:
        for river, reach_id, word in zip(names, river_reaches.ids, words_of(river_reaches, field), strict=True):
            if word and np.isnan(read(word)):
                yield Finding(
                    message=Text(
                        f"{river} {reach_id}：{what.zh}“{word}”无法识别，未采用；应为{wanted.zh}",
                        f"{river} {reach_id}: the {what.en} “{word}” cannot be read and is not used; "
                        f"expected: {wanted.en}",
                    ),
                    severity=Severity.WARNING,
                    layer=_ROLE,
                    feature_id=reach_id,
                    feature_name=river,
                )


def _not_measured(shore: Shoreline, river_reaches: Layer) -> Outcome:
    """List the reaches whose banks cannot be told."""
    rivers = river_reaches.text(river_reaches.field("river")).to_numpy()
    for row in np.flatnonzero(shore.banks.drawn == Drawn.UNUSABLE):
        river, reach_id = rivers[row], river_reaches.ids.iloc[row]
        yield Finding(
            message=Text(
                f"{river} {reach_id} 未量算：应为并行的左右两岸、水面多边形，或带宽度 width_m 的一条"
                "中心线（可分段，首尾相接，间断不大于宽度；绕岛分汊须两头各余一段干流）",
                f"{river} {reach_id} was not measured: two banks are expected as lines side by side, or the water as a "
                "polygon, or one centre line with width_m (in parts that follow one another, no gap above the width; "
                "where it parts around an island, with a stretch of the undivided river at both ends)",
            ),
            severity=Severity.FAULT,
            layer=_ROLE,
            feature_id=reach_id,
            feature_name=river,
            geometry=river_reaches.geometries[row],
        )


def _paired(paired: Paired) -> Outcome:
    """Say which features were put together as the two banks of one reach, and which banks have no partner."""
    pairs = [f"{left} + {right}" for right, left in paired.other_id.items()]
    if pairs:
        yield Finding(
            message=Text(
                f"{len(pairs)} 个河段的左右岸各为一个要素、各有编号，已按河名、岸别和位置并为一个河段，取左岸的编号："
                f"{list_zh(pairs)}",
                f"the two banks of {len(pairs)} reaches are features with ids of their own; they were put together by "
                f"river, side and place under the id of the left one: {list_en(pairs)}",
            ),
            severity=Severity.NOTE,
            layer=_ROLE,
            value=float(len(pairs)),
            unit="count",
        )
    if paired.single:
        yield Finding(
            message=Text(
                f"{list_zh(paired.single)} 标为单独一岸，旁边没有唯一的另一岸与之相配：请给同一河段的左右岸填同一编号",
                f"{list_en(paired.single)} are called one bank, and no single other bank lies beside them: give the "
                "two banks of a reach one and the same id",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            value=float(len(paired.single)),
            unit="count",
        )


def _braided(shore: Shoreline, river_reaches: Layer) -> Outcome:
    """Say by which rule the centre lines that part around islands were measured."""
    ids = river_reaches.ids[shore.banks.is_braided].tolist()
    if ids:
        yield Finding(
            message=Text(
                f"{len(ids)} 段中心线绕岛分汊后汇合，每一汊都按所填宽度 width_m 推出：外侧为两岸，岛岸另列、不计入："
                f"{list_zh(ids)}",
                f"{len(ids)} centre lines part around islands and meet again; every arm is taken to be width_m wide: "
                f"the outer sides are the two banks, shores of islands are listed apart and do not count: "
                f"{list_en(ids)}",
            ),
            severity=Severity.NOTE,
            layer=_ROLE,
            feature_id=ids[0] if len(ids) == 1 else "",
            value=float(len(ids)),
            unit="count",
        )


def _swallowed(shore: Shoreline, river_reaches: Layer) -> Outcome:
    """List the centre lines whose stated width leaves one of the banks no room."""
    rivers = river_reaches.text(river_reaches.field("river")).to_numpy()
    for row in np.flatnonzero(shore.banks.is_swallowed):
        river, reach_id = rivers[row], river_reaches.ids.iloc[row]
        yield Finding(
            message=Text(
                f"{river} {reach_id}：宽度 width_m 相对中心线的弯曲过大，一侧岸线画不出或不到中心线的一半，"
                "或两汊之间的岛容不下，岸线总长偏小：请核对宽度，或改用左右岸线、水面多边形",
                f"{river} {reach_id}: width_m is too large for the bends of the centre line: one bank has no room, or "
                "for less than half of the line, or an island between two arms has none, and the shore comes out "
                "short; check the width, or draw both banks or the water",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            feature_id=reach_id,
            feature_name=river,
            geometry=river_reaches.geometries[row],
        )


def _without_zones(river_reaches: Layer, reaches: pd.DataFrame, law: Rounding) -> Outcome:
    """Tell of a reach without any zone in one sentence."""
    for row in np.flatnonzero(reaches["bank_m"].notna() & reaches["protection_pct"].isna()):
        river, reach_id = str(reaches["river"].iloc[row]), str(reaches["reach_id"].iloc[row])
        metres = rounded(float(reaches["bank_m"].iloc[row]), 2, law)
        yield Finding(
            message=Text(
                f"{river} {reach_id}：两岸 {metres} 米都未划功能区，不能计算保护率",
                f"{river} {reach_id}: no zone on either bank ({metres} m), so there is no rate",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            feature_id=reach_id,
            feature_name=river,
            value=metres,
            unit="m",
            geometry=river_reaches.geometries[row],
        )


def _segment_findings(shore: Shoreline, segments: pd.DataFrame, reaches: pd.DataFrame, law: Rounding) -> Outcome:
    """List the stretches no zone claims, those several do, and those in other water."""
    is_zoned = set(reaches.loc[reaches["protection_pct"].notna(), "reach_id"])
    for row in segments.to_dict("records"):
        if row["kind"] == "gap" and row["reach_id"] not in is_zoned:
            continue
        metres = rounded(row["length_m"], 2, law)
        what = _what(row["kind"], row["zones"], row["counts"])
        side = Side(row["side"]).text
        where = f"{row['river']} {row['reach_id']}"
        yield Finding(
            message=Text(
                f"{where}{side.zh}：{metres} 米岸线{what.zh}", f"{where}, {side.en}: {metres} m of shore: {what.en}"
            ),
            severity=Severity.NOTE if row["kind"] == "in water" else Severity.WARNING,
            layer=_ROLE,
            feature_id=row["reach_id"],
            feature_name=row["river"],
            town=row["town"],
            value=metres,
            unit="m",
            geometry=shore.ruler.segment(row["line"], row["from_m"], row["to_m"]),
        )


def _what(kind: str, zones: str, counts: str) -> Text:
    """Say what a listed stretch is."""
    if kind == "gap":
        return Text("未划功能区", "no zone")
    if kind == "overlap":
        strictest, is_mixed, _ = zones.partition(";")
        if not is_mixed:
            return Text(f"多个{strictest}重叠，只计一次", f"several zones of {strictest} overlap, counted once")
        return Text(f"多个功能区重叠，按较严的{strictest}计", f"several zones overlap, counted as {strictest}")
    if counts == "yes":
        return Text(
            "在其他河段的水面内（汇合口），按所绘岸线计入", "in the water of another reach, counted as it is drawn"
        )
    return Text("在其他水面内或覆盖范围外，不计入", "in other water or beyond the layer's coverage, not counted")


def _below_target(reaches: pd.DataFrame, river_reaches: Layer, law: Rounding) -> Outcome:
    """List the reaches whose rate is below their target."""
    is_below: npt.NDArray[np.bool_] = (reaches["met"] == "no").to_numpy()
    for position in np.flatnonzero(is_below):
        row = reaches.iloc[position]
        reach_id, river = row["reach_id"], row["river"]
        target = row["target_pct"]
        rate = shown_below(row["protection_pct"], target, 2, law)
        yield Finding(
            message=Text(
                f"{river} {reach_id}：岸线保护率 {rate}%，低于目标 {target:g}%",
                f"{river} {reach_id}: {rate}% of the shore is protected, below the target of {target:g}%",
            ),
            severity=Severity.FAULT,
            layer=_ROLE,
            feature_id=reach_id,
            feature_name=river,
            value=float(rate),
            unit="%",
            geometry=river_reaches.geometries[position],
        )
