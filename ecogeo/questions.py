"""Questions that geometry cannot answer, and the answers people gave, with who gave them.

A question has no default: unanswered, or answered 未知, it stays open, and a rule that hangs on it says 待补充. Some
are answered by the project's type (`ecogeo.project_types`); an answer of a person goes before that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecogeo.handkept import (
    at,
    backdated,
    column_problems,
    duplicate_problems,
    is_day,
    numbered,
    read_decisions,
    refuse,
    superseded,
)
from ecogeo.layer import digest
from ecogeo.ledger import append_decision
from ecogeo.table import read_cells
from ecogeo.wording import Text

QUESTION_COLUMNS = ("question_id", "zh", "en")
ANSWER_COLUMNS = ("question_id", "answer", "by", "on", "reason")
SUBJECT_COLUMNS = ("project_id", "site_id")
EVERY_PROJECT = "*"
"""In place of a project: an answer for all projects that have none of their own."""

YES_NO_UNKNOWN: dict[str, bool | None] = {
    "yes": True,
    "no": False,
    "unknown": None,
    "是": True,
    "否": False,
    "未知": None,
}
"""Words an answer may be; of two for one thing the last is the one that is written."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = frozenset({"and", "or", "not"})


@dataclass(frozen=True, slots=True)
class Question:
    """One thing a rule has to know and no map shows.

    Parameters
    ----------
    question_id
        The name conditions use; lower case.
    text
        The question as officers are asked it: yes or no.
    """

    question_id: str
    text: Text


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What a person answered.

    Parameters
    ----------
    project_id, site_id
        Whom it is about: a site, a project (``*`` for all); the other is empty.
    question_id
        The question.
    value
        Yes or no; None where the person knows that nobody knows (未知).
    by, on
        Who answered, and when (ISO).
    reason
        Why; may be empty.
    """

    project_id: str
    site_id: str
    question_id: str
    value: bool | None
    by: str
    on: str
    reason: str = ""

    @property
    def subject(self) -> tuple[str, str, str]:
        """What it answers and for whom: the last answer on a subject counts."""
        return self.project_id, self.site_id, self.question_id


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers of a file, in its order.

    Parameters
    ----------
    given
        Every row; of several on one subject the last one counts, and the others are its history.
    sha256
        Digest of the file.
    """

    given: tuple[GivenAnswer, ...] = ()
    sha256: str = ""

    @property
    def superseded(self) -> tuple[GivenAnswer, ...]:
        """The answers that a later one replaces."""
        return superseded(self.given, lambda one: one.subject)

    @property
    def backdated(self) -> tuple[GivenAnswer, ...]:
        """The answers dated before an earlier one on the same subject."""
        return backdated(self.given, lambda one: one.subject, lambda one: one.on)

    def about(self, project_id: str, site_id: str = "") -> dict[str, GivenAnswer]:
        """Return the answers that hold for a site, by question.

        Parameters
        ----------
        project_id, site_id
            The project, and its site where one is judged; empty where there is none.

        Returns
        -------
        The site's own answer before the project's, the project's before that for all projects; of several the last.
        """
        found: dict[str, GivenAnswer] = {}
        if project_id:
            found |= {one.question_id: one for one in self.given if one.project_id == EVERY_PROJECT}
            found |= {one.question_id: one for one in self.given if one.project_id == project_id}
        if site_id:
            found |= {one.question_id: one for one in self.given if one.site_id == site_id}
        return found

    def values(self, project_id: str, site_id: str = "") -> dict[str, bool | None]:
        """Return the same as plain values, as `ecogeo.rules.judge` takes them."""
        return {question_id: one.value for question_id, one in self.about(project_id, site_id).items()}

    def strangers(self, project_ids: Iterable[str], site_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the projects and sites that were answered for and are not among these, in the order of the file."""
        projects, sites = {*project_ids, EVERY_PROJECT, ""}, {*site_ids, ""}
        lost = (
            one.project_id if one.project_id not in projects else one.site_id
            for one in self.given
            if one.project_id not in projects or one.site_id not in sites
        )
        return tuple(dict.fromkeys(lost))


def read_questions(path: Path) -> tuple[Question, ...]:
    """Read the table of questions.

    Parameters
    ----------
    path
        CSV with ``question_id, zh, en``.

    Raises
    ------
    UnusableFileError
        With everything that is wrong: columns missing, names that no condition could use, names twice, empty wording.
    """
    cells = read_cells(path)
    refuse(path.name, column_problems(cells, QUESTION_COLUMNS))
    problems = list(duplicate_problems(cells["question_id"], "question_id"))
    for row, entry in numbered(cells):
        name = entry["question_id"]
        if not _NAME.fullmatch(name) or name in _RESERVED:
            problem = Text(f"问题编号“{name}”应为小写英文名", f"“{name}” is no lower-case name")
            problems.append(at(row, problem))
        if not entry["zh"] or not entry["en"]:
            problems.append(at(row, Text(f"问题 {name} 缺少中文或英文", f"the question {name} lacks its zh or en")))
    refuse(path.name, problems)
    return tuple(Question(entry["question_id"], Text(entry["zh"], entry["en"])) for _, entry in numbered(cells))


def read_answers(path: Path, questions: Sequence[Question]) -> Answers:
    """Read a file of answers.

    Parameters
    ----------
    path
        CSV with ``project_id`` or ``site_id`` or both, and ``question_id, answer, by, on, reason``. ``answer`` is 是,
        否 or 未知; ``by`` and ``on`` must be filled: an answer nobody stands for is no answer.
    questions
        The questions there are.

    Raises
    ------
    UnusableFileError
        With everything that is wrong: columns missing, unknown questions and answers, bad dates, no one who answered,
        no subject or two.
    """
    cells = read_decisions(path)
    problems = column_problems(cells, ANSWER_COLUMNS)
    if not set(SUBJECT_COLUMNS) & set(cells.columns):
        problems.append(Text("缺少列 project_id 或 site_id", "there is no column project_id or site_id"))
    refuse(path.name, problems)
    for column in SUBJECT_COLUMNS:
        if column not in cells.columns:
            cells[column] = ""
    known = {question.question_id for question in questions}
    problems = [at(row, problem) for row, entry in numbered(cells) for problem in _answer_problems(entry, known)]
    refuse(path.name, problems)
    return Answers(tuple(_given(entry) for _, entry in numbered(cells)), digest(path))


def append_answer(path: Path, answer: GivenAnswer, questions: Sequence[Question]) -> None:
    """Append an answer to a file of answers, where it counts from now on.

    Parameters
    ----------
    path
        The file; made where there is none.
    answer
        The answer.
    questions
        The questions there are.

    Raises
    ------
    EcogeoError
        With everything that is wrong with the answer or the file; nothing is written then.
    """
    words = {value: word for word, value in YES_NO_UNKNOWN.items()}
    row = {
        "project_id": answer.project_id,
        "site_id": answer.site_id,
        "question_id": answer.question_id,
        "answer": words[answer.value],
        "by": answer.by.strip(),
        "on": answer.on,
        "reason": answer.reason,
    }
    problems = list(_answer_problems(row, {question.question_id for question in questions}))
    columns = (*SUBJECT_COLUMNS, *ANSWER_COLUMNS)
    append_decision(path, "answers", columns, row, problems, require=lambda kept: read_answers(kept, questions))


def _given(entry: Mapping[str, str]) -> GivenAnswer:
    return GivenAnswer(
        entry["project_id"],
        entry["site_id"],
        entry["question_id"],
        YES_NO_UNKNOWN[entry["answer"]],
        entry["by"],
        entry["on"],
        entry["reason"],
    )


def _answer_problems(entry: Mapping[str, str], known: set[str]) -> Iterator[Text]:
    project_id, site_id, question_id = entry["project_id"], entry["site_id"], entry["question_id"]
    answer, by, on = entry["answer"], entry["by"], entry["on"]
    if bool(project_id) == bool(site_id):
        yield Text("应填 project_id 或 site_id 之一", "fill either project_id or site_id")
    if question_id not in known:
        yield Text(f"没有问题“{question_id}”", f"there is no question “{question_id}”")
    if answer not in YES_NO_UNKNOWN:
        yield Text(
            f"答案“{answer}”应为 是、否 或 未知", f"the answer “{answer}” must be 是 (yes), 否 (no) or 未知 (unknown)"
        )
    if not by:
        yield Text("缺少作答人（by）", "nobody answered: by is empty")
    if not is_day(on):
        yield Text(f"日期“{on}”应为 YYYY-MM-DD", f"the date “{on}” must be YYYY-MM-DD")
