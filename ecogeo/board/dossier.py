"""A project's hits as the rules see them, the questions still open, and what people decided."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from ecogeo.board.records import GRAVEST_FIRST, ProjectRecord
from ecogeo.decisions import Kind
from ecogeo.finding import Answer, Report
from ecogeo.law import Law
from ecogeo.project_types import ProjectType, classify
from ecogeo.questions import EVERY_PROJECT, GivenAnswer, Question
from ecogeo.reviews import Review, Reviews
from ecogeo.rules import Judgement
from ecogeo.rules.judging import PROJECT_TYPE
from ecogeo.wording import Text

Row = TypeVar("Row")

ANSWER_TEXTS = {True: Text("是", "yes"), False: Text("否", "no"), None: Text("未知", "unknown")}
"""What can be answered to a question, for people."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A site in one zone of a layer, with what the rules say of it."""

    site_id: str
    site_name: str
    title: Text
    answer: Answer
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a project.

    Parameters
    ----------
    question
        The question.
    hits
        The hits that hang on it; none where it is settled.
    given
        The answers that hold, of each site its own where they differ.
    """

    question: Question
    hits: tuple[Hit, ...]
    given: tuple[GivenAnswer, ...]

    @property
    def is_about_involved(self) -> bool:
        """Whether it matters for a hit that is sure."""
        return any(hit.answer is Answer.INVOLVED for hit in self.hits)

    @property
    def layers(self) -> tuple[Text, ...]:
        """The layers it matters for."""
        return tuple(dict.fromkeys(hit.title for hit in self.hits))


@dataclass(frozen=True, slots=True)
class TypeTold:
    """What a project was taken for, why, and what else its words tell."""

    kind: ProjectType
    why: Text
    alternatives: tuple[ProjectType, ...]
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of a file of decisions.

    Parameters
    ----------
    kind, row
        The file, and the row's number in it as a spreadsheet shows it.
    about
        The question, layer or type it is about, with the site where one is meant.
    said
        What was decided.
    by, on, reason
        Who, when and why.
    is_current
        Whether no later row replaces it.
    """

    kind: Kind
    row: int
    about: Text
    said: Text
    by: str
    on: str
    reason: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """All of it for one project, the sure hits first; without rules there is no type, no hit and no question."""

    hits: tuple[Hit, ...]
    told: TypeTold | None
    open_questions: tuple[Asked, ...]
    settled: tuple[Asked, ...]
    decisions: tuple[Decision, ...]


def project_dossier(record: ProjectRecord, report: Report, law: Law | None, reviews: Reviews) -> Dossier:
    """Put together what the rules say of a project, what they still ask, and what people decided.

    Parameters
    ----------
    record
        The project.
    report
        The outcome of the checks by that law.
    law
        What the hits were judged by; None where the county has no rules.
    reviews
        All reviews of the county.
    """
    decisions = [] if law is None else [*_type_decisions(record, law), *_answer_decisions(record, law)]
    decisions += _review_decisions(record, reviews)
    decisions.sort(key=lambda one: (one.on, one.row), reverse=True)
    if law is None:
        return Dossier((), None, (), (), tuple(decisions))
    hits = tuple(sorted(_hits(record, report, law), key=lambda hit: GRAVEST_FIRST.index(hit.answer)))
    asked = _asked(record, hits, law)
    return Dossier(
        hits=hits,
        told=_told(record, hits, law),
        open_questions=tuple(one for one in asked if one.hits),
        settled=tuple(one for one in asked if not one.hits),
        decisions=tuple(decisions),
    )


def _hits(record: ProjectRecord, report: Report, law: Law) -> Iterator[Hit]:
    """Yield the hits of a project's sites, each judged as it was in the run."""
    sites = {site.site_id: site for site in record.sites}
    entries = {(entry.site_id, entry.layer): entry for entry in record.answers}
    rows = report.tables.get("judgements", pd.DataFrame(columns=["site_id", "layer", "zone"]))
    for site_id, role, zone in rows.loc[rows["site_id"].isin(sites), ["site_id", "layer", "zone"]].itertuples(
        index=False, name=None
    ):
        site, entry = sites[site_id], entries[site_id, role]
        judgement = law.judge(role=role, zone=zone, site_id=site_id, project_id=site.project_id)
        yield Hit(site_id, site.name, entry.title, entry.answer, judgement)


def _told(record: ProjectRecord, hits: Sequence[Hit], law: Law) -> TypeTold:
    """Tell the type of a project, with the other types its words tell."""
    project_id = record.sites[0].project_id if record.sites else record.subject_id
    type_id, why = law.type_of(record.subject_id, project_id)
    others = classify(record.name, record.undertaking.content, law.pack.types)
    names = dict.fromkeys((others.type_id, *others.alternatives))
    return TypeTold(
        kind=law.pack.type(type_id),
        why=why,
        alternatives=tuple(law.pack.type(other) for other in names if other != type_id),
        is_asked=any(PROJECT_TYPE in hit.judgement.open_questions for hit in hits),
    )


def _asked(record: ProjectRecord, hits: Sequence[Hit], law: Law) -> list[Asked]:
    """Return the questions that are open or answered, in the order of the county's table."""
    given: dict[str, dict[GivenAnswer, None]] = {}
    subjects = [(site.project_id, site.site_id) for site in record.sites] or [(record.subject_id, "")]
    for project_id, site_id in subjects:
        for question_id, answer in law.answers.about(project_id, site_id).items():
            given.setdefault(question_id, {})[answer] = None
    open_hits = {
        question.question_id: tuple(hit for hit in hits if question.question_id in hit.judgement.open_questions)
        for question in law.pack.questions
    }
    return [
        Asked(question, open_hits[question.question_id], tuple(given.get(question.question_id, ())))
        for question in law.pack.questions
        if open_hits[question.question_id] or question.question_id in given
    ]


def _answer_decisions(record: ProjectRecord, law: Law) -> Iterator[Decision]:
    """Yield the answers about a project and its sites, those for all projects with them."""
    questions = {one.question_id: one.text for one in law.pack.questions}
    site_names = {site.site_id: site.name if len(record.sites) > 1 else "" for site in record.sites}
    projects = {EVERY_PROJECT, *(site.project_id for site in record.sites), record.subject_id if record.in_plan else ""}
    for row, one, is_current in _numbered(law.answers.given, lambda one: one.subject):
        if one.site_id in site_names or (one.project_id and one.project_id in projects):
            about = _with_site(questions[one.question_id], site_names.get(one.site_id, ""))
            if one.project_id == EVERY_PROJECT:
                about = Text(f"{about.zh}（对所有项目）", f"{about.en} (for all projects)")
            said = ANSWER_TEXTS[one.value]
            yield Decision("answers", row, about, said, one.by, one.on, one.reason, is_current)


def _type_decisions(record: ProjectRecord, law: Law) -> Iterator[Decision]:
    for row, one, is_current in _numbered(law.choices.given, lambda one: one.project_id):
        if one.project_id == record.subject_id:
            said, about = law.pack.type(one.type_id).text, Text("项目类型", "project type")
            yield Decision("types", row, about, said, one.by, one.on, one.reason, is_current)


def _review_decisions(record: ProjectRecord, reviews: Reviews) -> Iterator[Decision]:
    entries = {(entry.site_id, entry.layer): entry for entry in record.answers}
    for row, one, is_current in _numbered(reviews.given, lambda one: one.subject):
        if (entry := entries.get(one.subject)) is not None:
            about = _with_site(entry.title, entry.site_name if len(record.sites) > 1 else "")
            yield Decision("reviews", row, about, _reviewed(one), one.by, one.on, one.reason, is_current)


def _reviewed(review: Review) -> Text:
    """Return what a reviewer found: the answer, behind what he makes of the computed one."""
    answer, outcome = review.answer.text, review.outcome
    if outcome is None:
        return answer
    return Text(f"{outcome.text.zh}（{answer.zh}）", f"{outcome.text.en} ({answer.en})")


def _numbered(rows: Sequence[Row], subject: Callable[[Row], Hashable]) -> Iterator[tuple[int, Row, bool]]:
    """Yield rows with their number as a spreadsheet shows it, and whether they are the last on their subject."""
    last = {subject(row): place for place, row in enumerate(rows)}
    for place, row in enumerate(rows):
        yield place + 2, row, last[subject(row)] == place


def _with_site(about: Text, site_name: str) -> Text:
    return Text(f"{about.zh}（{site_name}）", f"{about.en} ({site_name})") if site_name else about
