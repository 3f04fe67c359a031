"""The law of a day applied to the projects of a run: each hit is judged by type, answers and date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import pandas as pd

from ecogeo.decisions import shown_decisions
from ecogeo.errors import UsageError
from ecogeo.finding import SourceFile
from ecogeo.layer import Layer
from ecogeo.project_types import OTHER, TypeChoice, TypeChoices, classify_projects, classify_texts, read_type_choices
from ecogeo.questions import Answers, read_answers
from ecogeo.rules import GRAVEST_FIRST, Judgement, RulePack, judge
from ecogeo.screening import Screened
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

_CHOSEN_BY_USER = Text("由操作人指定", "chosen by the user")


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """What hits are judged by.

    Parameters
    ----------
    pack
        The rules, with project types and questions.
    on
        The day whose law is applied; None where none was given.
    types
        Type of each project and site, by id, with why it was taken for that.
    answers
        What people answered.
    choices
        The types that people chose.
    decided_in
        The files of answers and choices, with their digests.
    otherwise
        Type of a site that `types` does not name, and why.
    """

    pack: RulePack
    on: dt.date | None
    types: Mapping[str, tuple[str, Text]]
    answers: Answers
    choices: TypeChoices = field(default_factory=TypeChoices)
    decided_in: tuple[SourceFile, ...] = ()
    otherwise: tuple[str, Text] = (OTHER, Text("没有可识别的词", "no word that tells"))

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """The files hits are judged by."""
        return (*self.pack.sources, *self.decided_in)

    def type_of(self, site_id: str, project_id: str) -> tuple[str, Text]:
        """Return the type of a site and why; the project's where the site belongs to one."""
        return self.types.get(project_id) or self.types.get(site_id) or self.otherwise

    def judge(self, *, role: str, zone: str, site_id: str, project_id: str) -> Judgement:
        """Judge a hit of a site in a zone of a layer."""
        type_id, _ = self.type_of(site_id, project_id)
        given = self.answers.values(project_id, site_id)
        return judge(self.pack, role=role, zone=zone, project_type=type_id, answers=given, on=self.on)


def read_law(
    workspace: Workspace,
    *,
    on: dt.date | None = None,
    answers: Path | None = None,
    types: Path | None = None,
    chosen_type: str = "",
) -> Law | None:
    """Make ready what hits are judged by.

    Parameters
    ----------
    workspace
        The county; its rules stand in ``data/rules``.
    on
        The day whose law is applied.
    answers
        A file of answers to questions; None for none.
    types
        A file of project types that people chose; None for none.
    chosen_type
        One type for every site, whatever its words; empty for none.

    Returns
    -------
    None where the county has no rules.

    Raises
    ------
    EcogeoError
        Where the rules, answers or types cannot be used, or answers or types are given to a county without rules.
    """
    pack = workspace.rules()
    if pack is None:
        if answers or types or chosen_type:
            zh = "给了问题答案或项目类型，但本县没有规则库（data/rules），它们不起作用"
            en = "answers or project types were given, but without rules (data/rules) they decide nothing"
            raise UsageError(Text(zh, en))
        return None
    if chosen_type:
        pack.type(chosen_type)
    choices = read_type_choices(types, pack.types) if types is not None else TypeChoices()
    given = read_answers(answers, pack.questions) if answers is not None else Answers()
    decided_in = [SourceFile("answers", shown_decisions(answers, "answers"), given.sha256)] if answers else []
    decided_in += [SourceFile("types", shown_decisions(types, "types"), choices.sha256)] if types else []
    chosen = choices.current
    told: dict[str, tuple[str, Text]] = {}
    for row in classify_projects(workspace.projects(), pack.types, chosen).to_dict("records"):
        by = str(row["chosen_by"])
        why = _chosen_by(by) if by else Text(f"依据：{row['why']}", f"by: {row['why']}")
        told[str(row["project_id"])] = (str(row["project_type"]), why)
    sites = workspace.of_role("project_sites")
    if sites is not None:
        told = {**_types_of_sites(sites, pack, chosen_type, chosen), **told}
    law = Law(pack, on, told, given, choices, tuple(decided_in))
    return replace(law, otherwise=(chosen_type, _CHOSEN_BY_USER)) if chosen_type else law


def _types_of_sites(
    sites: Layer, pack: RulePack, chosen_type: str, chosen: Mapping[str, TypeChoice]
) -> dict[str, tuple[str, Text]]:
    """Tell the type of each site: chosen by a person for it, else for all, else by its own name."""
    keys, names = sites.ids.tolist(), sites.names.tolist()
    if chosen_type:
        found = dict.fromkeys(keys, (chosen_type, _CHOSEN_BY_USER))
    else:
        classified = classify_texts(((name, "") for name in names), pack.types)
        told = {one: (one.type_id, Text(f"依据：{one.text.zh}", f"by: {one.text.en}")) for one in set(classified)}
        found = {key: told[one] for key, one in zip(keys, classified, strict=True)}
    named = found.keys() & chosen.keys()
    return {**found, **{key: (chosen[key].type_id, _chosen_by(chosen[key].by)) for key in named}}


def _chosen_by(person: str) -> Text:
    return Text(f"由{person}指定", f"chosen by {person}")


def gravest(judgements: Iterable[Judgement]) -> Judgement | None:
    """Return the judgement that weighs most: an open question before a note, a prohibition before all."""
    return min(judgements, key=lambda one: (GRAVEST_FIRST.index(one.verdict), one.rule_id, one.zone), default=None)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The judgements of the hits of one layer.

    Parameters
    ----------
    by_zone
        By position of the site and value of the zone.
    sites
        Id and project of each site, in their order.
    zones
        Value of each zone, in their order.
    law
        What they were judged by; None where nothing was.
    gravest
        By position of the site, the judgement that weighs most.
    """

    by_zone: Mapping[tuple[int, str], Judgement]
    sites: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]
    law: Law | None
    gravest: Mapping[int, Judgement] = field(default_factory=dict)

    @classmethod
    def of(cls, screened: Screened, sites: Layer, zones: Layer, law: Law | None) -> Self:
        """Judge every zone value each site touches or may touch."""
        known = tuple(zip(sites.ids.tolist(), projects_of(sites), strict=True))
        if law is None:
            return cls({}, known, (), None)
        values = tuple(zone_values(zones))
        pairs = zip(screened.concerned["site"].tolist(), screened.concerned["zone"].tolist(), strict=True)
        wanted = dict.fromkeys((site, values[zone]) for site, zone in pairs)
        subjects = _subjects(law, known, dict.fromkeys(site for site, _ in wanted))
        role = zones.declaration.role
        alike: dict[object, Judgement] = {}  # of many sites most have the same type, zone and answers
        by_zone = {}
        of_site: dict[int, list[Judgement]] = {}
        for site, zone in wanted:
            case = (zone, subjects[site])
            judgement = alike.get(case)
            if judgement is None:
                site_id, project_id = known[site]
                judgement = alike[case] = law.judge(role=role, zone=zone, site_id=site_id, project_id=project_id)
            by_zone[site, zone] = judgement
            of_site.setdefault(site, []).append(judgement)
        weighed = {site: some[0] if len(some) == 1 else gravest(some) for site, some in of_site.items()}
        return cls(by_zone, known, values, law, {site: one for site, one in weighed.items() if one is not None})

    def listed(self) -> Iterator[tuple[str, str, Judgement]]:
        """Yield site, project and judgement, in the order of sites and zones."""
        for (site, _), judgement in self.by_zone.items():
            yield (*self.sites[site], judgement)

    def of_pair(self, site: int, zone: int) -> Judgement | None:
        """Return the judgement of a site in one zone; None where nothing was judged."""
        return None if self.law is None else self.by_zone.get((site, self.zones[zone]))

    def gravest_of(self, site: int) -> Judgement | None:
        """Return the judgement that weighs most for a site; None where nothing was judged."""
        return self.gravest.get(site)

    def next_step(self, judgement: Judgement) -> str:
        """Return what is to be done next: the questions to answer, else the rule's own next step."""
        if judgement.open_questions and self.law is not None:
            return "待补充：" + "；".join(question_text(self.law, one) for one in judgement.open_questions)
        return judgement.next_step


def _subjects(law: Law, known: Sequence[tuple[str, str]], wanted: Iterable[int]) -> dict[int, object]:
    """Return by position of a site what the law looks at: its type, and the answers people gave for it."""
    answered = {one.site_id for one in law.answers.given}
    given: dict[tuple[str, str], object] = {}
    subjects: dict[int, object] = {}
    for site in wanted:
        site_id, project_id = known[site]
        whose = (project_id, site_id if site_id in answered else "")
        if whose not in given:
            given[whose] = tuple(sorted(law.answers.values(*whose).items()))
        subjects[site] = (law.type_of(site_id, project_id)[0], given[whose])
    return subjects


def projects_of(sites: Layer) -> list[str]:
    """Return the project each sound site belongs to; ``""`` where it is of none, or the layer has no such field."""
    field = sites.declaration.fields.get("project_id", "project_id")
    return sites.text(field).tolist() if field in sites.sound.columns else [""] * len(sites.sound)


def zone_values(zones: Layer) -> list[str]:
    """Return what each sound feature of a layer is to the rules; ``""`` where the layer tells no zones."""
    field = zones.declaration.fields.get("zone", "zone")
    return zones.text(field).tolist() if field in zones.sound.columns else [""] * len(zones.sound)


JUDGEMENT_COLUMNS = (
    *("site_id", "layer", "zone", "project_type", "type_reason", "verdict", "rule_id", "clause", "level"),
    *("valid_from", "valid_to", "standing", "next_step", "issuer", "open_questions", "overridden", "notes"),
)


def judgement_rows(law: Law, judged: Iterable[tuple[str, str, Judgement]]) -> pd.DataFrame:
    """Lay judgements out as rows of ``judgements.csv``: one per site, layer and zone, with all an auditor asks.

    Parameters
    ----------
    law
        What they were judged by.
    judged
        Site, project and judgement.
    """
    listed = list(judged)
    rows: list[int] = []
    known: dict[object, int] = {}  # of many hits most are judged alike, by one and the same judgement
    cells: list[dict[str, str]] = []
    for site_id, project_id, one in listed:
        type_id, why = law.type_of(site_id, project_id)
        case = (id(one), type_id, why)
        if case not in known:
            known[case] = len(cells)
            cells.append(_judgement_cells(law, one, type_id, why))
        rows.append(known[case])
    frame = pd.DataFrame(cells, columns=list(JUDGEMENT_COLUMNS[1:]), dtype=str).take(rows).reset_index(drop=True)
    frame.insert(0, "site_id", pd.Series([site_id for site_id, _, _ in listed], dtype=str))
    return frame


def _judgement_cells(law: Law, one: Judgement, type_id: str, why: Text) -> dict[str, str]:
    """Return what stands in a row of ``judgements.csv`` beside the site."""
    kind, rule = law.pack.type(type_id), one.rule
    return {
        "layer": one.layer_role,
        "zone": one.zone,
        "project_type": f"{kind.text.zh}（{type_id}）",
        "type_reason": why.zh,
        "verdict": str(one.verdict),
        "rule_id": one.rule_id,
        "clause": one.clause,
        "level": rule.level if rule else "",
        "valid_from": rule.valid_from if rule else "",
        "valid_to": rule.valid_to if rule else "",
        "standing": str(one.standing) if one.standing else "",
        "next_step": one.next_step,
        "issuer": one.issuer,
        "open_questions": "；".join(question_text(law, question) for question in one.open_questions),
        "overridden": "；".join(f"{below.rule_id} {below.clause}" for below in one.overridden),
        "notes": "；".join(note.zh for note in one.notes),
    }


def question_text(law: Law, question: str) -> str:
    """Return a question as officers are asked it; ``project_type`` asks for the type itself."""
    known = {one.question_id: one.text.zh for one in law.pack.questions}
    return known.get(question, "项目类型")


def cited(judgement: Judgement) -> str:
    """Return the clause of a judgement with how far it was checked, as every output shows it.

    A clause that was not compared with the issuer's own text never stands without saying so.
    """
    standing = judgement.standing
    return (
        f"{judgement.clause}〔{standing.text.zh}〕" if judgement.clause and standing is not None else judgement.clause
    )
