"""A project told in words: what stands in its statement, and what a county's own template may use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.board.records import LOCATION_BASES, NO_SITE
from ecogeo.report.area_sheets import reason_text
from ecogeo.report.law_story import LawStory, candidate_rules, law_stories, open_questions
from ecogeo.report.layer_story import LayerStory, decided_by, layer_story
from ecogeo.report.material import Case, Material
from ecogeo.report.occupation import WHOLE, totals_of
from ecogeo.report.sentences import Sentences
from ecogeo.report.story_figures import number_text
from ecogeo.rounding import Rounding, rounded
from ecogeo.wording import Lang, Text


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
    decided = decided_by(material, case)
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
            layer_story(case, entry, decided.get((entry.site_id, entry.layer), {}), sentences, law=law, lang=lang)
            for entry in record.answers
        ),
        laws=tuple(law_stories(material, case, lang)),
        questions=tuple(open_questions(material, case, lang)),
        candidates=tuple(candidate_rules(material, case, lang)),
        land=tuple(_land(case, lang)),
        slivers=tuple(_slivers(material, case, law, lang)),
    )


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
        ha, mu = number_text(geodesy.hectares(area), 4, law).zh, number_text(geodesy.mu(area), 4, law).zh
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
