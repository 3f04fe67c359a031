"""What an officer fills in on a project's page, read and checked: answers, a project type, a review."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from ecogeo.board.dossier import Dossier
from ecogeo.board.records import LayerAnswer, ProjectRecord
from ecogeo.finding import Answer
from ecogeo.project_types import ProjectType, TypeChoice
from ecogeo.questions import GivenAnswer
from ecogeo.reviews import Outcome, Review
from viewer.languages import current_lang

MOST_LETTERS = {"by": 40, "reason": 400}
"""Longest name and reason, in letters: more is no name, and no cell anyone reads."""

YES_NO_UNKNOWN = {"yes": True, "no": False, "unknown": None}
WHOLE_PROJECT = ""

Decided = GivenAnswer | TypeChoice | Review


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an entry, and the name of its field."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in: what was decided, or what is wrong with it."""

    decided: tuple[Decided, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_answers_form(form: Mapping[str, str], record: ProjectRecord, dossier: Dossier, on: str) -> Filled:
    """Read the answers to the questions of a project; a question left alone is not answered.

    Parameters
    ----------
    form
        ``answer-…`` and ``reason-…`` by question, ``site`` (empty for the whole project) and ``by``.
    record, dossier
        The project and its questions.
    on
        The day, ISO.
    """
    by, site_id = _clean(form, "by"), form.get("site", WHOLE_PROJECT)
    problems = [*_name_problems(by)]
    if site_id not in {WHOLE_PROJECT, *(site.site_id for site in record.sites)}:
        problems.append(Problem("site", _("没有这宗用地")))
    subject = ("", site_id) if site_id else (record.subject_id, "") if record.in_plan else ("", record.subject_id)
    decided = []
    for asked in (*dossier.open_questions, *dossier.settled):
        question_id = asked.question.question_id
        chosen, reason = form.get(f"answer-{question_id}", ""), _clean(form, f"reason-{question_id}")
        problems += text_problems(f"reason-{question_id}", reason, MOST_LETTERS["reason"])
        if chosen in YES_NO_UNKNOWN:
            decided.append(GivenAnswer(*subject, question_id, YES_NO_UNKNOWN[chosen], by, on, reason))
        elif chosen or reason:
            problems.append(Problem(f"answer-{question_id}", _("填了依据，但没有选是、否或未知")))
    if not decided and not any(problem.field.startswith("answer-") for problem in problems):
        problems.append(Problem("answers", _("没有回答任何问题")))
    return Filled(tuple(decided), tuple(problems))


def read_type_form(form: Mapping[str, str], record: ProjectRecord, types: Mapping[str, ProjectType], on: str) -> Filled:
    """Read the type a person chose: ``project_type``, ``reason`` and ``by``.

    Parameters
    ----------
    form
        The entries.
    record
        The project.
    types
        The types there are, by id.
    on
        The day, ISO.
    """
    type_id, by, reason = form.get("project_type", ""), _clean(form, "by"), _clean(form, "reason")
    problems = [*_name_problems(by), *_reason_problems(reason)]
    if type_id not in types:
        problems.append(Problem("project_type", _("请选择项目类型")))
    return Filled((TypeChoice(record.subject_id, type_id, by, on, reason),), tuple(problems))


def read_review_form(form: Mapping[str, str], record: ProjectRecord, on: str) -> Filled:
    """Read what a reviewer answers for one layer: ``layer`` (see `review_key`), ``reason``, ``by``, and what he found.

    That is ``outcome`` (the computed answer is right, a false hit, exempted, to be moved), or where none of these fits
    an ``answer`` of his own.

    Parameters
    ----------
    form
        The entries.
    record
        The project, with the computed answers.
    on
        The day, ISO.
    """
    by, reason, chosen = _clean(form, "by"), _clean(form, "reason"), form.get("answer", "")
    problems = [*_name_problems(by), *_reason_problems(reason)]
    entry = next((one for one in record.answers if review_key(one) == form.get("layer")), None)
    if entry is None:
        problems.append(Problem("layer", _("请选择要复核的图层")))
    outcome = next((one for one in Outcome if one == form.get("outcome")), None)
    answer = next((one for one in Answer if one == chosen), None)
    if outcome is not None and entry is not None:
        said = outcome.answer(entry.answer)
        if answer not in (None, said):
            words = _("“%(outcome)s”与所选的判断不符，请只选一样", outcome=outcome.text.say(current_lang()))
            problems.append(Problem("answer", words))
        answer = said
    elif answer is None:
        problems.append(Problem("answer", _("请选择复核意见")))
    if entry is None or answer is None or problems:
        return Filled(problems=tuple(problems))
    review = Review(entry.site_id, entry.layer, answer, reason, by, on, entry.answer, outcome)
    return Filled((review,))


def review_key(entry: LayerAnswer) -> str:
    """Return what stands for an answer in a form: layer and site."""
    return f"{entry.layer}|{entry.site_id}"


def _clean(form: Mapping[str, str], field: str) -> str:
    """Return an entry as one line, without blanks at its ends."""
    return " ".join(form.get(field, "").split())


def _name_problems(by: str) -> Iterator[Problem]:
    if not by:
        yield Problem("by", _("请填写姓名：没有署名的意见不作数"))
    yield from text_problems("by", by, MOST_LETTERS["by"])


def _reason_problems(reason: str) -> Iterator[Problem]:
    if not reason:
        yield Problem("reason", _("请填写理由"))
    yield from text_problems("reason", reason, MOST_LETTERS["reason"])


def text_problems(field: str, text: str, most: int) -> Iterator[Problem]:
    """Yield what is wrong with free text; signs that cannot be seen could make it read other than it is."""
    if len(text) > most:
        yield Problem(field, _("不能超过 %(most)s 个字，现有 %(count)s 个", most=most, count=len(text)))
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in text):
        yield Problem(field, _("含有看不见的控制字符，请重新输入"))
