"""What is wrong with a layer of mines: words nobody can count, ground told twice, stated areas that are off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ecogeo import geodesy
from ecogeo.finding import Finding, Severity
from ecogeo.layer import Layer
from ecogeo.mines.attributes import EXTENT
from ecogeo.mines.ground import BY_FIELDS, Mines
from ecogeo.mines.stated import Stated
from ecogeo.mines.words import State, says_nothing, state_of
from ecogeo.overlay import overlap_pieces
from ecogeo.rounding import Rounding, rounded
from ecogeo.stated_area import UNIT_NAMES
from ecogeo.wording import Text, list_en, list_zh

_ROLE = "mines"
_STATED_OFF_PCT = 10.0
"""A stated area farther off its geometry is told: the threshold of public quality checks of parcels."""


def faults_of_parts(found: Mines) -> Iterator[Finding]:
    """Tell where restoration is told by fields instead of drawn parts, and where by nothing."""
    if found.has_parts or not len(found.rows):
        return
    if not found.fields.keys() - {EXTENT}:
        yield Finding(
            message=Text(
                "矿山图层没有区分扰动与已修复的字段（part），也没有修复面积字段（restored_area）：全部面积按扰动列出，修复率无法计算",
                "the mines have no field that tells disturbed from restored ground (part), nor one of restored areas "
                "(restored_area): all of it is listed as disturbed, and there is no rate of restoration",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            value=float(len(found.rows)),
            unit="count",
        )
        return
    names = [field for meaning, field in sorted(found.fields.items()) if meaning != EXTENT]
    yield Finding(
        message=Text(
            f"矿山图层没有区分扰动与已修复的字段（part），两者面积取自属性字段 {list_zh(names)}，未在图上核实",
            f"the mines have no field that tells disturbed from restored ground (part): both areas are those stated in "
            f"{list_en(names)}, and nobody saw them on the map",
        ),
        severity=Severity.NOTE,
        layer=_ROLE,
        value=float((found.rows["basis"] == BY_FIELDS).sum()),
        unit="count",
    )
    rows = zip(found.rows.to_dict("records"), found.why_untold, strict=True)
    for row, why in rows:
        if why is not None:
            yield _warning(
                Text(
                    f"{row['mine_name']}：{why.zh}，修复率不明，全部面积按扰动列出",
                    f"{row['mine_name']}: {why.en}; its rate is unknown, and all of it is listed as disturbed",
                ),
                row["mine_id"],
                row["mine_name"],
            )


def faults_of_words(found: Mines, law: Rounding) -> Iterator[Finding]:
    """Tell of states, parts and marks of green mines that nobody can count."""
    for number, (mine_id, name, words) in enumerate(
        zip(found.rows["mine_id"], found.rows["mine_name"], found.has_states, strict=True)
    ):
        row = found.rows.iloc[number]
        if not row["state"]:
            kinds = {state_of(word) for word in words}
            shown = "、".join(word or "（空）" for word in words)
            why = (
                Text(f"各部分状态不一：{shown}", f"its parts name different states: {shown}")
                if len(kinds) > 1
                else Text(f"状态“{shown}”等于没有填写", f"its state “{shown}” says nothing")
                if all(says_nothing(word) for word in words)
                else Text(
                    f"状态“{shown}”不在 {'、'.join(State)} 之内", f"its state “{shown}” is none of {', '.join(State)}"
                )
            )
            yield _warning(
                Text(f"{name}：{why.zh}，不计入任何一类的修复率", f"{name}: {why.en}; it is in no rate"), mine_id, name
            )
        if row["state"] == State.PRODUCING and row["is_green"] is None:
            yield _warning(
                Text(
                    f"{name}：是否绿色矿山没有填明，按未建成计",
                    f"{name}: not told whether it is a green mine; counted as none",
                ),
                mine_id,
                name,
            )
        if row["groundless"]:
            yield _warning(
                Text(
                    f"{name}：有 {row['groundless']} 个要素不是面，没有面积，不计入",
                    f"{name}: {row['groundless']} features are no polygons: they have no area and count nowhere",
                ),
                mine_id,
                name,
            )
        if row["lost"]:
            yield _warning(
                Text(
                    f"{name}：有 {row['lost']} 个要素没有可用的图形，面积不明，修复与否未说明",
                    f"{name}: {row['lost']} features have no geometry that can be used: their ground is unknown, and "
                    "nobody tells whether it is restored",
                ),
                mine_id,
                name,
            )
        if row["unclear_m2"] > 0:
            area_ha = rounded(row["unclear_m2"] / geodesy.M2_PER_HA, 4, law)
            yield _warning(
                Text(
                    f"{name}：{area_ha:.4f} 公顷未写明是扰动还是已修复，不计入",
                    f"{name}: {area_ha:.4f} ha are called neither disturbed nor restored, and count nowhere",
                ),
                mine_id,
                name,
            )


def _warning(message: Text, mine_id: str, name: str) -> Finding:
    return Finding(message=message, severity=Severity.WARNING, layer=_ROLE, feature_id=mine_id, feature_name=name)


def faults_of_overlaps(found: Mines, least_m2: float, law: Rounding) -> Iterator[Finding]:
    """Tell of ground that is called both, and of ground that two mines claim."""
    for row in found.rows[found.rows["overlap_m2"] >= least_m2].to_dict("records"):
        area_ha = rounded(row["overlap_m2"] / geodesy.M2_PER_HA, 4, law)
        yield _warning(
            Text(
                f"{row['mine_name']}：{area_ha:.4f} 公顷既记为扰动又记为已修复，按扰动计",
                f"{row['mine_name']}: {area_ha:.4f} ha are called disturbed and restored, counted as disturbed",
            ),
            row["mine_id"],
            row["mine_name"],
        )
    pairs = overlap_pieces(found.shapes, found.shapes)
    pairs = pairs[pairs["site"] < pairs["zone"]].groupby(["site", "zone"])["area_m2"].sum().reset_index()
    for site, zone, area_m2 in pairs[pairs["area_m2"] >= least_m2].itertuples(index=False):
        one, other = (found.rows.iloc[int(position)] for position in (site, zone))
        area_ha = rounded(area_m2 / geodesy.M2_PER_HA, 4, law)
        yield _warning(
            Text(
                f"{one['mine_name']} 与 {other['mine_name']} 重叠 {area_ha:.4f} 公顷，两矿各计一次",
                f"{one['mine_name']} and {other['mine_name']} overlap by {area_ha:.4f} ha, counted for each",
            ),
            one["mine_id"],
            one["mine_name"],
        )


def faults_of_stated(mines: Layer, stated: Stated | None, drawn_m2: geodesy.Floats, law: Rounding) -> Iterator[Finding]:
    """Tell of stated areas that cannot be read or name no unit, or that differ from the geometry."""
    if stated is None:
        return
    yield from _without_unit(mines, stated)
    rows = zip(mines.ids, mines.names, stated.words, stated.area_m2, drawn_m2, strict=True)
    for part_id, name, word, stated_m2, drawn in rows:
        why = _why_misstated(word, float(stated_m2), float(drawn), law)
        if why is not None:
            yield _warning(
                Text(
                    f"{name} {part_id}：登记面积“{word}”{why.zh}",
                    f"{name} {part_id}: the stated area “{word}” {why.en}",
                ),
                part_id,
                name,
            )


def _without_unit(mines: Layer, stated: Stated) -> Iterator[Finding]:
    """Tell of the figures without a unit that were taken to be in the one that fits their geometry."""
    rows = zip(mines.ids, stated.words, stated.fitted_unit, strict=True)
    told = [(part_id, word, unit) for part_id, word, unit in rows if unit]
    if told:
        shown = [f"{part_id}（{word} {UNIT_NAMES[unit]}）" for part_id, word, unit in told]
        shown_en = [f"{part_id} ({word} {unit})" for part_id, word, unit in told]
        yield Finding(
            message=Text(
                f"{len(told)} 个登记面积没有写单位，各按与其图形相符的单位计：{list_zh(shown)}",
                f"{len(told)} stated areas have no unit; each is taken to be in the one that fits its geometry: "
                f"{list_en(shown_en)}",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            feature_id=told[0][0] if len(told) == 1 else "",
            value=float(len(told)),
            unit="count",
        )


def _why_misstated(word: str, stated_m2: float, drawn_m2: float, law: Rounding) -> Text | None:
    """Say what is wrong with a stated area; None where nothing is."""
    if np.isnan(stated_m2):
        return (
            Text("没有填写", "is not given")
            if says_nothing(word)
            else Text("没有单位且不合图形，或无法识别", "has no unit and fits the geometry in none, or cannot be read")
        )
    if drawn_m2 <= 0:
        return Text("没有图形面积可比", "has no ground to be compared with")
    if abs(stated_m2 / drawn_m2 - 1.0) * 100 > _STATED_OFF_PCT:
        told, measured = (rounded(area_m2 / geodesy.M2_PER_HA, 4, law) for area_m2 in (stated_m2, drawn_m2))
        return Text(
            f"（{told:.4f} 公顷）与图形 {measured:.4f} 公顷相差超过 {_STATED_OFF_PCT:g}%",
            f"({told:.4f} ha) is over {_STATED_OFF_PCT:g} % off the {measured:.4f} ha of the geometry",
        )
    return None
