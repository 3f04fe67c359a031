"""What reviewers answered: it stands beside the computed answer in every output, and never in its place."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecogeo.catalog import ROLES
from ecogeo.decisions import shown_decisions
from ecogeo.finding import Answer, Finding, Severity
from ecogeo.handkept import (
    at,
    backdated,
    column_problems,
    is_day,
    latest,
    numbered,
    read_decisions,
    refuse,
    superseded,
)
from ecogeo.layer import digest
from ecogeo.ledger import append_decision
from ecogeo.wording import Text, list_en, list_zh

REVIEW_COLUMNS = ("site_id", "layer", "answer", "reason", "by", "on")
COMPUTED_COLUMN = "computed_answer"
"""Optional column: what was computed when the reviewer looked."""

OUTCOME_COLUMN = "outcome"
"""Optional column: what the reviewer makes of the computed answer."""

ALL_REVIEW_COLUMNS = (*REVIEW_COLUMNS, COMPUTED_COLUMN, OUTCOME_COLUMN)

REVIEW_COLUMNS_ADDED = ("reviewed_answer", "review_reason", "reviewed_by", "reviewed_on", "review_outcome")


class Outcome(enum.StrEnum):
    """What a reviewer makes of a computed answer."""

    CONFIRMED = "confirmed"
    FALSE_HIT = "false_hit"
    EXEMPTED = "exempted"
    TO_BE_MOVED = "to_be_moved"

    @property
    def text(self) -> Text:
        """The outcome as officers say it."""
        return _OUTCOMES[self]

    def answer(self, computed: Answer) -> Answer:
        """Return the answer that goes with it: a false hit is clear, all others leave the computed answer standing."""
        return Answer.CLEAR if self is Outcome.FALSE_HIT else computed


_OUTCOMES = {
    Outcome.CONFIRMED: Text("属实", "confirmed"),
    Outcome.FALSE_HIT: Text("误报", "false hit"),
    Outcome.EXEMPTED: Text("豁免", "exempted"),
    Outcome.TO_BE_MOVED: Text("拟移位", "to be moved"),
}


@dataclass(frozen=True, slots=True)
class Review:
    """A reviewer's answer for one site and one layer.

    Parameters
    ----------
    site_id, layer
        The site, or the project that has none, and the role of the layer.
    answer
        What the reviewer found.
    reason, by, on
        Why, who, and when (ISO).
    computed
        What was computed when the reviewer looked; None where nobody wrote it down.
    outcome
        What the reviewer makes of the computed answer; None where the review says no more than its answer.
    """

    site_id: str
    layer: str
    answer: Answer
    reason: str
    by: str
    on: str
    computed: Answer | None = None
    outcome: Outcome | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """What it is about: the last review of a site and layer counts."""
        return self.site_id, self.layer


@dataclass(frozen=True, slots=True)
class Reviews:
    """All reviews of a file, in its order.

    Parameters
    ----------
    given
        Every row; of several on one site and layer the last one counts, and the others are its history.
    sha256
        Digest of the file.
    shown
        How outputs name the file.
    """

    given: tuple[Review, ...] = ()
    sha256: str = ""
    shown: str = "reviews"

    @property
    def current(self) -> dict[tuple[str, str], Review]:
        """The reviews that count, by site and layer."""
        return latest(self.given, lambda one: one.subject)

    @property
    def superseded(self) -> tuple[Review, ...]:
        """The reviews that a later one replaces."""
        return superseded(self.given, lambda one: one.subject)

    @property
    def backdated(self) -> tuple[Review, ...]:
        """The reviews dated before an earlier one on the same site and layer."""
        return backdated(self.given, lambda one: one.subject, lambda one: one.on)

    def strangers(self, site_ids: Iterable[str]) -> tuple[str, ...]:
        """Return what was reviewed and is no site of these, or no layer at all, in the order of the file."""
        sites = set(site_ids)
        lost = (site if site not in sites else layer for site, layer in self.current if _is_lost(site, layer, sites))
        return tuple(dict.fromkeys(lost))


def read_reviews(path: Path) -> Reviews:
    """Read a file of reviews.

    Parameters
    ----------
    path
        CSV with ``site_id, layer, answer, reason, by, on`` and, if they are known, ``computed_answer`` and
        ``outcome``. Answers are ``involved``, ``possible``, ``clear`` or ``undetermined``, or the same in Chinese
        (涉及, 可能涉及, 不涉及, 无法判断); outcomes are those of `Outcome`, or in Chinese (属实, 误报, 豁免, 拟移位).

    Raises
    ------
    UnusableFileError
        With everything that is wrong: columns missing, unknown answers, no site, layer, reason or name, bad dates.
    """
    cells = read_decisions(path)
    refuse(path.name, column_problems(cells, REVIEW_COLUMNS))
    for column in (COMPUTED_COLUMN, OUTCOME_COLUMN):
        if column not in cells.columns:
            cells[column] = ""
    refuse(path.name, [at(row, problem) for row, entry in numbered(cells) for problem in _review_problems(entry)])
    rows = tuple(_review(entry) for _, entry in numbered(cells))
    return Reviews(rows, digest(path), shown_decisions(path, "reviews"))


def append_review(path: Path, review: Review) -> None:
    """Append a review to a file of reviews, where it counts from now on.

    Parameters
    ----------
    path
        The file; made where there is none.
    review
        The review.

    Raises
    ------
    EcogeoError
        With everything that is wrong with the review or the file; nothing is written then.
    """
    row = {
        "site_id": review.site_id,
        "layer": review.layer,
        "answer": str(review.answer),
        "reason": review.reason.strip(),
        "by": review.by.strip(),
        "on": review.on,
        COMPUTED_COLUMN: "" if review.computed is None else str(review.computed),
        OUTCOME_COLUMN: "" if review.outcome is None else str(review.outcome),
    }
    columns = ALL_REVIEW_COLUMNS if review.outcome is not None else (*REVIEW_COLUMNS, COMPUTED_COLUMN)
    append_decision(path, "reviews", columns, row, list(_review_problems(row)), require=read_reviews)


def beside_computed(frame: pd.DataFrame, reviews: Reviews) -> pd.DataFrame:
    """Return rows with what reviewers answered in `REVIEW_COLUMNS_ADDED` at the end; empty where nobody did.

    Parameters
    ----------
    frame
        With ``site_id`` and ``layer``; no other column is touched.
    reviews
        The reviews.
    """
    current = reviews.current
    found = [current.get(key) for key in zip(frame["site_id"], frame["layer"], strict=True)]
    cells = [
        ("",) * len(REVIEW_COLUMNS_ADDED)
        if one is None
        else (str(one.answer), one.reason, one.by, one.on, "" if one.outcome is None else str(one.outcome))
        for one in found
    ]
    return frame.join(pd.DataFrame(cells, columns=list(REVIEW_COLUMNS_ADDED), index=frame.index, dtype=str))


def review_findings(screening: pd.DataFrame, reviews: Reviews, title_of: Callable[[str], Text]) -> Iterator[Finding]:
    """Yield where a review differs from what is computed, or was made of an older state of things.

    Parameters
    ----------
    screening
        Rows of ``screening.csv``.
    reviews
        The reviews.
    title_of
        Name of a layer for people, by its role.

    Yields
    ------
    A warning for each, and one note on how many are of layers this run did not screen.
    """
    current = reviews.current
    for site_id, name, layer, answer in zip(
        *(screening[column] for column in ("site_id", "site_name", "layer", "answer")), strict=True
    ):
        review = current.get((site_id, layer))
        if review is None:
            continue
        for message in _messages(review, str(name), title_of(layer), Answer(answer)):
            yield Finding(message, Severity.WARNING, layer=layer, feature_id=site_id, feature_name=str(name))
    screened = set(screening["layer"])
    unscreened = [layer for _, layer in current if layer in ROLES and layer not in screened]
    if unscreened:
        titles = [title_of(layer) for layer in sorted(set(unscreened))]
        yield Finding(
            Text(
                f"{len(unscreened)} 条复核意见的图层本次没有对照：{list_zh(title.zh for title in titles)}",
                f"reviews of layers this run did not screen, {len(unscreened)}: "
                f"{list_en(title.en for title in titles)}",
            ),
            Severity.NOTE,
        )


def _messages(review: Review, name: str, title: Text, computed: Answer) -> Iterator[Text]:
    """Say what differs: the review from what is computed now, and that from what was computed then."""
    if review.answer is not computed:
        yield Text(
            f"{name} {title.zh}：计算为“{computed.text.zh}”，复核为“{review.answer.text.zh}”"
            f"（{review.by}，{review.on}，理由：{review.reason}）；两者并列，计算结果不变",
            f"{name}, {title.en}: computed “{computed.text.en}”, reviewed “{review.answer.text.en}” "
            f"({review.by}, {review.on}, because: {review.reason}); both stand, the computed answer is unchanged",
        )
    if review.computed not in (None, computed):
        then = review.computed.text
        yield Text(
            f"{name} {title.zh}：{review.by}于 {review.on} 复核时计算结果为“{then.zh}”，现为“{computed.text.zh}”，"
            "请重新复核",
            f"{name}, {title.en}: when {review.by} reviewed it on {review.on}, “{then.en}” was computed, now it is "
            f"“{computed.text.en}”: review it again",
        )


def _is_lost(site_id: str, layer: str, sites: set[str]) -> bool:
    return site_id not in sites or layer not in ROLES


def _answer(cell: str) -> Answer | None:
    return next((answer for answer in Answer if cell in (str(answer), answer.text.zh)), None)


def _outcome(cell: str) -> Outcome | None:
    return next((outcome for outcome in Outcome if cell in (str(outcome), outcome.text.zh)), None)


def _review(entry: Mapping[str, str]) -> Review:
    answer = _answer(entry["answer"]) or Answer.UNDETERMINED
    computed = _answer(entry[COMPUTED_COLUMN])
    outcome = _outcome(entry[OUTCOME_COLUMN])
    return Review(
        entry["site_id"], entry["layer"], answer, entry["reason"], entry["by"], entry["on"], computed, outcome
    )


def _review_problems(entry: Mapping[str, str]) -> Iterator[Text]:
    if empty := [column for column in ("site_id", "layer", "reason", "by") if not entry[column]]:
        yield Text(f"{list_zh(empty)} 不能为空", f"{list_en(empty)} must be filled")
    known_zh, known_en = list_zh(answer.text.zh for answer in Answer), list_en(Answer)
    for column in ("answer", COMPUTED_COLUMN):
        cell = entry[column]
        if _answer(cell) is None and (cell or column == "answer"):
            yield Text(
                f"{column}“{cell}”应为 {known_zh} 之一（或 {known_en}）",
                f"the {column} “{cell}” must be one of {known_en}",
            )
    if entry[OUTCOME_COLUMN] and _outcome(entry[OUTCOME_COLUMN]) is None:
        zh, en = list_zh(outcome.text.zh for outcome in Outcome), list_en(Outcome)
        yield Text(
            f"{OUTCOME_COLUMN}“{entry[OUTCOME_COLUMN]}”应为 {zh} 之一（或 {en}）",
            f"the {OUTCOME_COLUMN} “{entry[OUTCOME_COLUMN]}” must be one of {en}",
        )
    if not is_day(entry["on"]):
        yield Text(f"日期“{entry['on']}”应为 YYYY-MM-DD", f"the date “{entry['on']}” must be YYYY-MM-DD")
