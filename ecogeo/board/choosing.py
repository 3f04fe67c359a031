"""Choose among projects by town, department, system, answer and words, and count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ecogeo.board.records import GRAVEST_FIRST, ProjectRecord
from ecogeo.finding import Answer

NONE = "-"
"""Chosen in place of a town, department or system: the projects that have none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; an empty part takes all, `NONE` takes those without.

    A year takes the projects under way in it; a verdict those of which one hit or more has it.
    """

    town: str = ""
    department: str = ""
    system: str = ""
    answer: str = ""
    words: str = ""
    year: int | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list to choose from, with how many projects it holds."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Choices:
    """All there is to choose from."""

    towns: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    systems: tuple[Choice, ...]
    answers: tuple[Choice, ...]


def chosen_projects(records: Iterable[ProjectRecord], wanted: Wanted) -> tuple[ProjectRecord, ...]:
    """Return the projects that meet every part of what is wanted.

    Parameters
    ----------
    records
        The projects.
    wanted
        Every word, whatever its case, must occur somewhere in a project's words.
    """
    words = wanted.words.casefold().split()
    return tuple(
        record
        for record in records
        if _fits(wanted.town, record.towns)
        and _fits(wanted.department, record.undertaking.departments)
        and _fits(wanted.system, _system(record))
        and wanted.answer in {"", str(record.answer)}
        and (wanted.year is None or wanted.year in years_of(record))
        and wanted.verdict in {"", *(str(entry.verdict) for entry in record.answers if entry.verdict is not None)}
        and all(word in record.words for word in words)
    )


def project_choices(records: Sequence[ProjectRecord]) -> Choices:
    """Return what projects can be chosen by, in the order first met; answers gravest first, also those of none."""
    answers = Counter(str(record.answer) for record in records)
    return Choices(
        towns=_choices(records, lambda record: record.towns),
        departments=_choices(records, lambda record: record.undertaking.departments),
        systems=_choices(records, _system),
        answers=tuple(Choice(str(answer), answers[str(answer)]) for answer in GRAVEST_FIRST),
    )


def answer_counts(records: Iterable[ProjectRecord]) -> dict[Answer, int]:
    """Return how many projects have each answer, gravest first."""
    counts = Counter(record.answer for record in records)
    return {answer: counts[answer] for answer in GRAVEST_FIRST}


def years_of(record: ProjectRecord) -> range:
    """Return the years a project is under way, one where only its start or end is told; none where neither is."""
    told = record.undertaking
    start, end = told.start_year or told.end_year, told.end_year or told.start_year
    return range(0) if start is None or end is None else range(start, end + 1)


def _system(record: ProjectRecord) -> tuple[str, ...]:
    return (record.undertaking.system,) if record.undertaking.system else ()


def _fits(wanted: str, held: Sequence[str]) -> bool:
    return not held if wanted == NONE else not wanted or wanted in held


def _choices(records: Iterable[ProjectRecord], held: Callable[[ProjectRecord], Sequence[str]]) -> tuple[Choice, ...]:
    counts: Counter[str] = Counter()
    for record in records:
        counts.update(held(record) or (NONE,))
    without = counts.pop(NONE, 0)
    named = tuple(Choice(value, count) for value, count in counts.items())
    return (*named, Choice(NONE, without)) if without else named
