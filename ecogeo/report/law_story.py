"""The law of a project, told in words: the rules that decided, those that may apply, and the questions still open."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

import pandas as pd

from ecogeo.finding import Verdict
from ecogeo.report.material import Case, Material
from ecogeo.rules.pack import Standing
from ecogeo.wording import Lang, Text

_MAY_APPLY = "视答案可能适用"
"""How the note of a judgement begins that lists the rules an answer would decide between."""

_OTHER_QUESTIONS = {"项目类型": Text("项目类型", "the type of the project")}


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


def standing_of(cell: object) -> Standing:
    """Return how far a rule was checked; one that does not say was taken from memory."""
    return Standing(str(cell)) if cell else Standing.RECALLED


def law_stories(material: Material, case: Case, lang: Lang) -> Iterator[LawStory]:
    """Yield the rules that decided, each once per layer and zone."""
    seen = set()
    for row in case.judgements.to_dict("records"):
        key = (row["layer"], row["zone"], row["rule_id"])
        if not row["rule_id"] or key in seen:
            continue
        seen.add(key)
        start, end = str(row["valid_from"]), str(row["valid_to"])
        standing = standing_of(row["standing"])
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


def open_questions(material: Material, case: Case, lang: Lang) -> Iterator[str]:
    """Yield what is still to be answered, each question once."""
    if not case.judgements.empty:
        cells = case.judgements["open_questions"]
        told = dict.fromkeys(one for cell in cells for one in questions_in(str(cell), material.questions))
        yield from (material.questions.get(one, _OTHER_QUESTIONS.get(one, Text(one, one))).say(lang) for one in told)


def questions_in(cell: str, known: Container[str]) -> Iterator[str]:
    """Part the questions of a judgement, some of which hold a semicolon themselves."""
    parts = cell.split("；")
    while parts:
        taken = next((n for n in range(len(parts), 0, -1) if "；".join(parts[:n]) in known), 1)
        if parts[0]:
            yield "；".join(parts[:taken])
        parts = parts[taken:]


def candidate_rules(material: Material, case: Case, lang: Lang) -> Iterator[str]:
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
