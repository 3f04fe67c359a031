"""One site against one layer, told in words: how much of it lies there, the clause that decided, and what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.board.records import COVERAGE, COVERAGE_STATES, NO_SITE, LayerAnswer
from ecogeo.finding import Answer
from ecogeo.report.law_story import standing_of
from ecogeo.report.material import Case, Material
from ecogeo.report.sentences import UNTOLD, Sentences, filled
from ecogeo.report.story_figures import metres_text, number_text
from ecogeo.rounding import Rounding, rounded
from ecogeo.rules.pack import Standing
from ecogeo.wording import Lang, Text

_OPTIONAL = frozenset({"nearest", "opinion"})
"""Clauses of their own, which are empty where there is nothing to tell."""

_POINT_INSIDE = Text("点位在其内", "the point lies inside")
_POINT_OUTSIDE = Text("点位在边界以外", "the point lies outside it")
_UNCOVERED = {
    "partial": Text(
        "该图层只覆盖用地的一部分，未覆盖的部分无法判断。",
        " The layer covers only part of the site; nobody can judge the rest.",
    ),
    "none": Text(
        "该图层未覆盖用地，其余部分无法判断。", " The layer does not cover the site; nobody can judge the rest."
    ),
    "unknown": Text(
        "该图层未声明覆盖范围，其余部分无法判断。",
        " The layer does not declare what it covers; nobody can judge the rest.",
    ),
}


@dataclass(frozen=True, slots=True)
class LayerStory:
    """One site against one layer, in words; the sentence names the clause that decided, marked where unverified."""

    site_id: str
    site_name: str
    layer: str
    answer: str
    extent: str
    coverage: str
    version: str
    verdict: str
    sentence: str
    review: str


def decided_by(material: Material, case: Case) -> dict[tuple[str, str], Mapping[str, str]]:
    """Return rule and issuer of the judgement that weighs most, by site and layer, as the screening has them."""
    rows = material.report.tables.get("screening", pd.DataFrame(columns=["site_id", "layer", "rule_id", "issuer"]))
    own = rows[rows["site_id"].isin({entry.site_id for entry in case.record.answers})]
    columns = own[["site_id", "layer", "rule_id", "issuer"]].fillna("").astype(str)
    return {(site, role): {"rule_id": rule, "issuer": who} for site, role, rule, who in columns.itertuples(index=False)}


def layer_story(
    case: Case, entry: LayerAnswer, decided: Mapping[str, str], sentences: Sentences, *, law: Rounding, lang: Lang
) -> LayerStory:
    """Tell one answer of a site: with the sentence the county's file chooses, filled with the figures of the results.

    Parameters
    ----------
    case
        The project.
    entry
        The answer.
    decided
        Rule and issuer of the judgement that weighs most, as `decided_by` has them.
    sentences
        The county's sentences.
    law
        How figures are rounded.
    lang
        Language of the words.
    """
    verdict = "" if entry.verdict is None else str(entry.verdict)
    chosen = sentences.choose(
        role=entry.layer, answer=str(entry.answer), rule_id=decided.get("rule_id", ""), verdict=verdict
    )
    extent = _extent(entry, case.grounds.get(entry.site_id), law)
    zones = [] if case.zones.empty else case.zones.loc[
        (case.zones["site_id"] == entry.site_id) & (case.zones["layer"] == entry.layer), "zone"
    ].tolist()  # fmt: skip
    by = decided.get("issuer", "").replace("；", "、")
    issuer = Text(by, by)
    distance, accuracy = (metres_text(value, law) for value in (entry.distance_m, entry.certainty_m))
    told = {
        "layer": entry.title,
        "extent": extent,
        "area_ha": number_text(entry.overlap_ha, 4, law),
        "area_mu": number_text(None if entry.overlap_m2 is None else geodesy.mu(entry.overlap_m2), 4, law),
        "share_pct": number_text(None if entry.share is None else entry.share * 100, 2, law),
        "length_m": number_text(entry.length_m, 2, law),
        "distance": distance,
        "nearest": Text("", "")
        if not distance.zh
        else Text(f"，最近距离{distance.zh}", f"; the nearest is {distance.en} away"),
        "accuracy": accuracy,
        "zones": Text("、".join(map(str, zones)), ", ".join(map(str, zones))),
        "verdict": Text("", "") if entry.verdict is None else entry.verdict.text,
        "clause": Text(entry.clause, entry.clause),
        "next_step": Text(entry.next_step, entry.next_step),
        "issuer": issuer,
        "opinion": Text(f"，由{issuer.zh}出具意见", f"; opinion by {issuer.en}") if issuer.zh else Text("", ""),
        "reason": _reason(case, entry),
        "version": Text(entry.layer_version, entry.layer_version),
    }
    values = {name: (text if text.zh or name in _OPTIONAL else UNTOLD).say(lang) for name, text in told.items()}
    is_hit = entry.answer in {Answer.INVOLVED, Answer.POSSIBLE}
    basis = _basis(case, entry, decided.get("rule_id", "")).say(lang) if is_hit else ""
    sentence, review = _with_basis(filled(chosen.text.say(lang), values), basis), ""
    if is_hit and entry.coverage in {"partial", "none", "unknown"}:
        sentence = f"{sentence}{_UNCOVERED[entry.coverage].say(lang)}"
    if (one := entry.review) is not None:
        review = Text(
            f"复核意见：{one.answer.text.zh}（{one.by}，{one.on}，{one.reason}）",
            f"reviewed: {one.answer.text.en} ({one.by}, {one.on}, {one.reason})",
        ).say(lang)
    return LayerStory(
        site_id=entry.site_id,
        site_name=entry.site_name,
        layer=entry.title.say(lang),
        answer=entry.answer.text.say(lang),
        extent=extent.say(lang) if entry.answer is Answer.INVOLVED else "",
        coverage=COVERAGE_STATES[entry.coverage].say(lang) if entry.coverage in COVERAGE_STATES else "",
        version=entry.layer_version,
        verdict=values["verdict"] if is_hit and entry.verdict is not None else "",
        sentence=sentence,
        review=review,
    )


def _basis(case: Case, entry: LayerAnswer, rule_id: str) -> Text:
    """Name the clause that decided, and say so where nobody compared it with the issuer's text."""
    own = case.judgements
    if not rule_id or own.empty:
        return Text("", "")
    rows = own[(own["site_id"] == entry.site_id) & (own["layer"] == entry.layer) & (own["rule_id"] == rule_id)]
    if rows.empty:
        return Text("", "")
    clause, standing = str(rows.iloc[0]["clause"]), standing_of(rows.iloc[0]["standing"])
    zh, en = "，".join(filter(None, (clause, f"规则 {rule_id}"))), ", ".join(filter(None, (clause, f"rule {rule_id}")))
    if standing is Standing.VERIFIED:
        return Text(f"（依据：{zh}）", f" (by {en})")
    return Text(f"（依据：{zh}，未核实）", f" (by {en}, unverified)")


def _with_basis(sentence: str, basis: str) -> str:
    """Return a sentence with the clause that decided before its last stop."""
    stop = sentence[-1:] if sentence[-1:] in {"。", ".", "？", "?"} else ""
    return f"{sentence.removesuffix(stop)}{basis}{stop}" if basis else sentence


def _extent(entry: LayerAnswer, shape: shapely.Geometry | None, law: Rounding) -> Text:
    """Say how much of a site is in a layer: area with share, length crossed, or how else it touches it."""
    parts: list[Text] = []
    if entry.overlap_m2 and entry.overlap_ha is not None:
        ha, mu = number_text(entry.overlap_ha, 4, law).zh, number_text(geodesy.mu(entry.overlap_m2), 4, law).zh
        share = "" if entry.share is None else f"{rounded(entry.share * 100, 2, law):.2f}%"
        zh = f"面积 {ha} 公顷（{mu} 亩）" + (f"，占用地 {share}" if share else "")
        parts.append(Text(zh, f"{ha} ha ({mu} mu)" + (f", {share} of it" if share else "")))
    if entry.length_m:
        length = f"{rounded(entry.length_m, 2, law):,.2f}"
        parts.append(Text(f"长度 {length} 米", f"{length} m"))
    if not parts and entry.answer is Answer.INVOLVED:
        is_point = shape is not None and int(shapely.get_dimensions(shape)) == 0
        metres = metres_text(entry.distance_m, law)
        if entry.distance_m:
            parts.append(Text(f"相距{metres.zh}，在规定距离内", f"{metres.en} away, within the distance set"))
        else:
            inside = _POINT_OUTSIDE if entry.layer == "urban_boundary" else _POINT_INSIDE
            parts.append(inside if is_point else Text("与其相交", "it crosses it"))
    return Text("，".join(one.zh for one in parts), ", ".join(one.en for one in parts))


def _reason(case: Case, entry: LayerAnswer) -> Text:
    site = next((one for one in case.record.sites if one.site_id == entry.site_id), None)
    if site is None:
        return NO_SITE
    if entry.answer is Answer.POSSIBLE:
        slivers = case.dropped
        is_sliver = len(slivers) and ((slivers["site_id"] == site.site_id) & (slivers["layer"] == entry.layer)).any()
        if is_sliver:
            return Text("重叠碎片均小于阈值，见细碎图斑台账", "it overlaps in slivers alone, see their ledger")
        if entry.certainty_m:
            return Text(f"现有位置精度 {entry.certainty_m:g} 米", f"it is placed to {entry.certainty_m:g} m only")
        if entry.certainty_m is None:
            return Text("位置精度不明", "nobody knows how surely it is placed")
    return site.aside or COVERAGE.get(entry.coverage, UNTOLD)
