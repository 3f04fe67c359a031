"""A project told in words: what stands in its statement, and what a county's own template may use."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.board.records import COVERAGE, COVERAGE_STATES, LOCATION_BASES, NO_SITE, LayerAnswer
from ecogeo.finding import Answer, Verdict
from ecogeo.report.area_sheets import reason_text
from ecogeo.report.material import Case, Material
from ecogeo.report.occupation import WHOLE, totals_of
from ecogeo.report.sentences import UNTOLD, Sentences, filled
from ecogeo.rounding import Rounding, rounded
from ecogeo.rules.pack import Standing
from ecogeo.wording import Lang, Text

_MAY_APPLY = "视答案可能适用"
"""How the note of a judgement begins that lists the rules an answer would decide between."""


_OPTIONAL = frozenset({"nearest", "opinion"})
"""Clauses of their own, which are empty where there is nothing to tell."""


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


@dataclass(frozen=True, slots=True)
class LawStory:
    """A rule that decided a hit: clause, when in force, how far it was checked, what is to be done and by whom."""

    layer: str
    zone: str
    rule_id: str
    clause: str
    in_force: str
    standing: str
    is_verified: bool
    verdict: str
    next_step: str
    issuer: str


@dataclass(frozen=True, slots=True)
class CaseStory:
    """A project in words; empty texts and lists where there is nothing to tell.

    ``land`` has rows of town, land class, 公顷 and 亩 (or metres) of the whole site, ``questions`` what is still open,
    ``candidates`` the rules that may apply once it is answered, ``slivers`` what was not counted.
    """

    case_id: str
    name: str
    kind: str
    answer: str
    is_drawn: bool
    placed: str
    towns: str
    area: str
    plan: tuple[tuple[str, str], ...]
    layers: tuple[LayerStory, ...]
    laws: tuple[LawStory, ...]
    questions: tuple[str, ...]
    candidates: tuple[str, ...]
    land: tuple[tuple[str, str, str, str], ...]
    slivers: tuple[str, ...]


def case_story(material: Material, case: Case, sentences: Sentences, lang: Lang) -> CaseStory:
    """Tell a project in words; every figure is one of the results.

    Parameters
    ----------
    material
        Of the run.
    case
        The project.
    sentences
        The county's sentences.
    lang
        Language of the words; those of the data are as they are.
    """
    record = case.record
    law = material.report.rounding
    decided = _decided(material, case)
    return CaseStory(
        case_id=case.case_id,
        name=case.name,
        kind=case.kind.say(lang),
        answer=record.answer.text.say(lang),
        is_drawn=bool(case.grounds),
        placed=_placed(case).say(lang) if record.sites else NO_SITE.say(lang),
        towns=Text("、".join(record.towns), ", ".join(record.towns)).say(lang),
        area=_whole(case, law, lang),
        plan=tuple(_plan(case, lang)),
        layers=tuple(
            _layer_story(case, entry, decided.get((entry.site_id, entry.layer), {}), sentences, law=law, lang=lang)
            for entry in record.answers
        ),
        laws=tuple(_laws(material, case, lang)),
        questions=tuple(_questions(material, case, lang)),
        candidates=tuple(_candidates(material, case, lang)),
        land=tuple(_land(case, lang)),
        slivers=tuple(_slivers(material, case, law, lang)),
    )


def _decided(material: Material, case: Case) -> dict[tuple[str, str], Mapping[str, str]]:
    """Return rule and issuer of the judgement that weighs most, by site and layer, as the screening has them."""
    rows = material.report.tables.get("screening", pd.DataFrame(columns=["site_id", "layer", "rule_id", "issuer"]))
    own = rows[rows["site_id"].isin({entry.site_id for entry in case.record.answers})]
    columns = own[["site_id", "layer", "rule_id", "issuer"]].fillna("").astype(str)
    return {(site, role): {"rule_id": rule, "issuer": who} for site, role, rule, who in columns.itertuples(index=False)}


def _layer_story(
    case: Case, entry: LayerAnswer, decided: Mapping[str, str], sentences: Sentences, *, law: Rounding, lang: Lang
) -> LayerStory:
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
    distance, accuracy = (_metres(value, law) for value in (entry.distance_m, entry.certainty_m))
    told = {
        "layer": entry.title,
        "extent": extent,
        "area_ha": _number(entry.overlap_ha, 4, law),
        "area_mu": _number(None if entry.overlap_m2 is None else geodesy.mu(entry.overlap_m2), 4, law),
        "share_pct": _number(None if entry.share is None else entry.share * 100, 2, law),
        "length_m": _number(entry.length_m, 2, law),
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


def _basis(case: Case, entry: LayerAnswer, rule_id: str) -> Text:
    """Name the clause that decided, and say so where nobody compared it with the issuer's text."""
    own = case.judgements
    if not rule_id or own.empty:
        return Text("", "")
    rows = own[(own["site_id"] == entry.site_id) & (own["layer"] == entry.layer) & (own["rule_id"] == rule_id)]
    if rows.empty:
        return Text("", "")
    clause, standing = str(rows.iloc[0]["clause"]), _standing(rows.iloc[0]["standing"])
    zh, en = "，".join(filter(None, (clause, f"规则 {rule_id}"))), ", ".join(filter(None, (clause, f"rule {rule_id}")))
    if standing is Standing.VERIFIED:
        return Text(f"（依据：{zh}）", f" (by {en})")
    return Text(f"（依据：{zh}，未核实）", f" (by {en}, unverified)")


def _with_basis(sentence: str, basis: str) -> str:
    """Return a sentence with the clause that decided before its last stop."""
    stop = sentence[-1:] if sentence[-1:] in {"。", ".", "？", "?"} else ""
    return f"{sentence.removesuffix(stop)}{basis}{stop}" if basis else sentence


def _standing(cell: object) -> Standing:
    return Standing(str(cell)) if cell else Standing.RECALLED


def _extent(entry: LayerAnswer, shape: shapely.Geometry | None, law: Rounding) -> Text:
    """Say how much of a site is in a layer: area with share, length crossed, or how else it touches it."""
    parts: list[Text] = []
    if entry.overlap_m2 and entry.overlap_ha is not None:
        ha, mu = _number(entry.overlap_ha, 4, law).zh, _number(geodesy.mu(entry.overlap_m2), 4, law).zh
        share = "" if entry.share is None else f"{rounded(entry.share * 100, 2, law):.2f}%"
        zh = f"面积 {ha} 公顷（{mu} 亩）" + (f"，占用地 {share}" if share else "")
        parts.append(Text(zh, f"{ha} ha ({mu} mu)" + (f", {share} of it" if share else "")))
    if entry.length_m:
        length = f"{rounded(entry.length_m, 2, law):,.2f}"
        parts.append(Text(f"长度 {length} 米", f"{length} m"))
    if not parts and entry.answer is Answer.INVOLVED:
        is_point = shape is not None and int(shapely.get_dimensions(shape)) == 0
        metres = _metres(entry.distance_m, law)
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


def _placed(case: Case) -> Text:
    """Say how the sites are placed, and how surely."""
    bases = list(dict.fromkeys(site.basis for site in case.record.sites))
    texts = [LOCATION_BASES.get(basis, Text(basis, basis)) for basis in bases if basis]
    metres = case.record.accuracy_m
    sure = (
        Text("精度不明", "nobody knows how surely")
        if metres is None
        else Text(f"精度 {metres:g} 米", f"to {metres:g} m")
    )
    zh, en = "、".join(one.zh for one in texts), ", ".join(one.en for one in texts)
    return Text("，".join(filter(None, (zh, sure.zh))), ", ".join(filter(None, (en, sure.en))))


def _whole(case: Case, law: Rounding, lang: Lang) -> str:
    """Say how large the sites are together."""
    shapes: geodesy.Geometries = np.array(list(case.grounds.values()), dtype=object)
    if not len(shapes):
        return ""
    area = float(np.nan_to_num(geodesy.area_m2(shapes)).sum())
    length = float(np.nan_to_num(geodesy.length_m(shapes[shapely.get_dimensions(shapes) == 1])).sum())
    parts = []
    if area > 0:
        ha, mu = _number(geodesy.hectares(area), 4, law).zh, _number(geodesy.mu(area), 4, law).zh
        parts.append(Text(f"{ha} 公顷（{mu} 亩）", f"{ha} ha ({mu} mu)"))
    if length > 0:
        metres = f"{rounded(length, 2, law):,.2f}"
        parts.append(Text(f"线路长 {metres} 米", f"{metres} m long"))
    if not parts:
        parts.append(Text("点位，无用地面积", "points, without an area"))
    return Text("，".join(one.zh for one in parts), ", ".join(one.en for one in parts)).say(lang)


def _plan(case: Case, lang: Lang) -> Iterator[tuple[str, str]]:
    """Yield what the plan says of the project, in its own words."""
    told = case.record.undertaking
    years = "—".join(str(year) for year in dict.fromkeys((told.start_year, told.end_year)) if year is not None)
    money = "" if told.invest_wan_yuan is None else f"{told.invest_wan_yuan:,.2f}"
    rows = (
        (Text("工程类别", "system"), told.system),
        (Text("建设性质", "nature"), told.nature),
        (Text("建设内容", "content"), told.content),
        (Text("建设年限", "years"), years),
        (Text("投资（万元）", "investment (10⁴ yuan)"), money),
        (Text("责任单位", "departments"), "、".join(told.departments)),
    )
    yield from ((head.say(lang), value) for head, value in rows if value)


def _laws(material: Material, case: Case, lang: Lang) -> Iterator[LawStory]:
    """Yield the rules that decided, each once per layer and zone."""
    seen = set()
    for row in case.judgements.to_dict("records"):
        key = (row["layer"], row["zone"], row["rule_id"])
        if not row["rule_id"] or key in seen:
            continue
        seen.add(key)
        start, end = str(row["valid_from"]), str(row["valid_to"])
        standing = _standing(row["standing"])
        yield LawStory(
            layer=material.workspace.catalog.answer_title(str(row["layer"])).say(lang),
            zone=Text("边界以外", "outside").say(lang) if row["zone"] == "outside" else str(row["zone"]),
            rule_id=str(row["rule_id"]),
            clause=str(row["clause"]),
            in_force=_in_force(start, end).say(lang),
            standing=standing.text.say(lang),
            is_verified=standing is Standing.VERIFIED,
            verdict=Verdict(str(row["verdict"])).text.say(lang),
            next_step=str(row["next_step"]),
            issuer=str(row["issuer"]),
        )


def _in_force(start: str, end: str) -> Text:
    since = Text(f"{start} 起", f"from {start}") if start else Text("施行日期不明", "since when is unknown")
    return Text(f"{since.zh}，至 {end}", f"{since.en}, to {end}") if end else since


def _questions(material: Material, case: Case, lang: Lang) -> Iterator[str]:
    if not case.judgements.empty:
        cells = case.judgements["open_questions"]
        told = dict.fromkeys(one for cell in cells for one in _asked(str(cell), material.questions))
        yield from (material.questions.get(one, _OTHER_QUESTIONS.get(one, Text(one, one))).say(lang) for one in told)


_OTHER_QUESTIONS = {"项目类型": Text("项目类型", "the type of the project")}


def _asked(cell: str, known: Container[str]) -> Iterator[str]:
    """Part the questions of a judgement, some of which hold a semicolon themselves."""
    parts = cell.split("；")
    while parts:
        taken = next((n for n in range(len(parts), 0, -1) if "；".join(parts[:n]) in known), 1)
        if parts[0]:
            yield "；".join(parts[:taken])
        parts = parts[taken:]


def _candidates(material: Material, case: Case, lang: Lang) -> Iterator[str]:
    """Yield the rules that may apply, by the answers still to come, once per layer; in the rules' own words."""
    columns = ["layer", "zone", "notes"]
    rows = case.judgements[columns] if len(case.judgements) else pd.DataFrame(columns=columns)
    colon = Text("：", ": ").say(lang)
    told = {
        f"{_zone_title(material, str(layer), str(zone), lang)}{colon}{note}": None
        for layer, zone, notes in rows.itertuples(index=False)
        for note in str(notes).split("；")
        if note.startswith(_MAY_APPLY)
    }
    yield from told


def _zone_title(material: Material, role: str, zone: str, lang: Lang) -> str:
    title = material.workspace.catalog.answer_title(role).say(lang)
    return f"{title}（{zone}）" if zone and zone != "outside" else title


def _land(case: Case, lang: Lang) -> Iterator[tuple[str, str, str, str]]:
    """Yield the land classes of the sites by town: areas, or lengths of lines."""
    rows = case.occupation[case.occupation["layer"] == WHOLE] if len(case.occupation) else case.occupation
    if rows.empty:
        return
    for part in totals_of(rows, ["town", "class", "class_name"]).to_dict("records"):
        name = f"{part['class_name']}（{part['class']}）" if part["class"] else str(part["class_name"])
        if pd.isna(part["area_ha"]):
            yield str(part["town"]), name, Text(f"{part['length_m']:.2f} 米", f"{part['length_m']:.2f} m").say(lang), ""
        else:
            yield str(part["town"]), name, f"{part['area_ha']:.4f}", f"{part['area_mu']:.4f}"


def _slivers(material: Material, case: Case, law: Rounding, lang: Lang) -> Iterator[str]:
    for part in case.dropped.to_dict("records"):
        title = material.workspace.catalog.answer_title(str(part["layer"]))
        area, why = f"{rounded(float(part['area_m2']), 2, law):.2f}", reason_text(str(part["reason"]))
        yield Text(
            f"{title.zh}（{part['zone_id']}）：{area} 平方米，{why.zh}",
            f"{title.en} ({part['zone_id']}): {area} m², {why.en}",
        ).say(lang)


def _number(value: float | None, decimals: int, law: Rounding) -> Text:
    if value is None:
        return Text("", "")
    text = f"{rounded(value, decimals, law):.{decimals}f}"
    return Text(text, text)


def _metres(value: float | None, law: Rounding) -> Text:
    if value is None:
        return Text("", "")
    text = f"{rounded(value, 2, law):,.2f}"
    return Text(f" {text} 米", f"{text} m")
