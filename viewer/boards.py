"""What the pages of a county draw from: one value, never changed, made anew after each save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ecogeo.board.plans import BrokenPlan, PlanBoard
from ecogeo.board.records import ProjectRecord
from ecogeo.finding import Report
from ecogeo.law import Law
from ecogeo.project_types import TypeChoice
from ecogeo.questions import GivenAnswer
from ecogeo.relief import Relief
from ecogeo.reviews import Review, Reviews
from ecogeo.webmap import WebMap
from viewer.forms import Decided


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """Everything the pages draw from.

    Parameters
    ----------
    report
        The outcome of the checks.
    records
        Projects, then sites that belong to none.
    by_id
        The same by address; a site's own key leads to its project.
    plans
        Every plan of the county's folder by name, its own first.
    broken_plans
        Plans beside its own that cannot be read.
    county
        The map of the county.
    relief
        The shade of its terrain; None where it has no terrain model.
    law
        What the hits were judged by; None where the county has no rules.
    reviews
        What reviewers answered.
    """

    report: Report
    records: tuple[ProjectRecord, ...]
    by_id: Mapping[str, ProjectRecord]
    plans: Mapping[str, PlanBoard]
    broken_plans: tuple[BrokenPlan, ...]
    county: WebMap
    relief: Relief | None
    law: Law | None
    reviews: Reviews


def digests_decided(law: Law | None, reviews: Reviews) -> tuple[str, ...]:
    """Return the digests of what people decided."""
    return reviews.sha256, *(() if law is None else (law.answers.sha256, law.choices.sha256))


def last_rows(board: Board, decided: Sequence[Decided]) -> range:
    """Return the numbers of the rows written last, of a file whose head is row 1."""
    kind = type(decided[0])
    kept: dict[type[Decided], int] = {Review: len(board.reviews.given)}
    if board.law is not None:
        kept |= {GivenAnswer: len(board.law.answers.given), TypeChoice: len(board.law.choices.given)}
    return range(kept[kind] - len(decided) + 2, kept[kind] + 2)


def by_address(records: Sequence[ProjectRecord]) -> dict[str, ProjectRecord]:
    """Return projects by their ids and by those of their sites."""
    by_site = {site.site_id: record for record in records for site in record.sites}
    return {**by_site, **{record.record_id: record for record in records}}
