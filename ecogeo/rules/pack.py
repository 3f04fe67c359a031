"""A rule, and a pack of them: zone × project type × date → verdict, next step, clause."""

from __future__ import annotations

import calendar
import datetime as dt
import enum
import re
from dataclasses import dataclass
from typing import TypeVar

from ecogeo.catalog import ROLES
from ecogeo.errors import UsageError
from ecogeo.finding import SourceFile, Verdict
from ecogeo.project_types import ProjectType
from ecogeo.questions import Question
from ecogeo.rules.conditions import Condition, names_in
from ecogeo.wording import Text

Held = TypeVar("Held", "Rule", ProjectType, Question)

ANY = "*"
"""Every zone, or every project type."""

THEMES_WITHOUT_LAYER = ("livestock_bans", "geohazards")
"""Themes there are rules for and no layer role yet: 畜禽禁养区, 地质灾害易发区."""

RULE_ROLES = (*ROLES, *THEMES_WITHOUT_LAYER)

_DATE = re.compile(r"[12][0-9]{3}(-[0-9]{2}(-[0-9]{2})?)?")

LEVELS = {"国家": 0, "自治区": 1, "省": 1, "市": 2, "县": 2}
"""Ranks: a rule of a higher rank goes before those below it."""

GRAVEST_FIRST = (
    Verdict.PROHIBITED,
    Verdict.UNDETERMINED,
    Verdict.CONDITIONAL,
    Verdict.RESTRICTED,
    Verdict.NOTICE,
)


class Standing(enum.StrEnum):
    """How far a rule was checked against its issuer's own text."""

    VERIFIED = "verified"
    REPOST = "re-post"
    RECALLED = "recalled"

    @property
    def text(self) -> Text:
        """The standing, as every output that uses the rule has to say it."""
        return _STANDINGS[self]


_STANDINGS = {
    Standing.VERIFIED: Text("已与原文核对", "checked against the issuer's text"),
    Standing.REPOST: Text(
        "未核实：据转载，未与发文机关原文核对", "unverified: from a re-post, not the issuer's own text"
    ),
    Standing.RECALLED: Text("未核实：凭记忆记录，未见原文", "unverified: recalled, the text was not seen"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a rule table.

    Parameters
    ----------
    rule_id
        Unique within the pack.
    layer_role
        The constraint it is about.
    zones
        The zone values it is about; ``*`` for all.
    project_types
        Type ids, ``*`` for all, ``-`` in front of one that is left out.
    condition
        On the answers to questions.
    verdict, next_step, issuer, clause
        What it says of a hit; next step and issuer may be empty.
    level
        国家, 自治区, 省, 市 or 县.
    valid_from, valid_to
        ISO day, month or year, as far as known; empty for unknown and for open.
    replaced_by
        The rule that follows it, or empty.
    source_url
        Where its text was seen.
    checked_by, checked_on
        Who compared it with the issuer's text, and when.
    """

    rule_id: str
    layer_role: str
    zones: tuple[str, ...]
    project_types: tuple[str, ...]
    condition: Condition
    verdict: Verdict
    next_step: str
    issuer: str
    clause: str
    level: str
    valid_from: str = ""
    valid_to: str = ""
    replaced_by: str = ""
    source_url: str = ""
    checked_by: str = ""
    checked_on: str = ""

    @property
    def rank(self) -> int:
        """Rank of its level: 0 for the state."""
        return LEVELS[self.level]

    @property
    def standing(self) -> Standing:
        """Verified only where a person is named; a row recalled in part counts as recalled."""
        if not self.checked_by or "recalled" in self.checked_by:
            return Standing.RECALLED
        return Standing.REPOST if self.checked_by.startswith("re-post") else Standing.VERIFIED

    @property
    def is_verified(self) -> bool:
        """Whether a person compared it with the issuer's text."""
        return self.standing is Standing.VERIFIED

    @property
    def starts(self) -> dt.date | None:
        """First day it may be in force; None where unknown."""
        return first_day(self.valid_from) if self.valid_from else None

    @property
    def ends(self) -> dt.date | None:
        """Last day it may be in force; None where open."""
        return last_day(self.valid_to) if self.valid_to else None

    @property
    def questions(self) -> frozenset[str]:
        """The questions its condition hangs on."""
        return names_in(self.condition)

    def fits(self, zone: str) -> bool:
        """Whether it is about a zone."""
        return ANY in self.zones or zone in self.zones

    def concerns(self, type_id: str) -> bool:
        """Whether it is about a project type."""
        if f"-{type_id}" in self.project_types:
            return False
        return ANY in self.project_types or type_id in self.project_types

    def is_in_force(self, on: dt.date | None) -> bool:
        """Whether it is in force on a day (of unknown beginning: it is); without a day, whether its end is open."""
        if on is None:
            return self.ends is None
        return (self.starts is None or self.starts <= on) and (self.ends is None or on <= self.ends)


@dataclass(frozen=True, slots=True)
class Gap:
    """Zones and project types for which the pack has no rule.

    Parameters
    ----------
    layer_role, zones, project_types
        What is left without a rule.
    since, until
        The days on which it is; None for from ever and for ever.
    when
        The answers under which no rule applies, as a condition; empty where none does whatever the answers.
    """

    layer_role: str
    zones: tuple[str, ...]
    project_types: tuple[str, ...]
    since: dt.date | None
    until: dt.date | None
    when: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """Two rules of one rank that can apply to the same hit and say different things.

    Parameters
    ----------
    rule_ids
        The two.
    when
        Answers under which both apply, as a condition; empty where they always do.
    """

    rule_ids: tuple[str, str]
    when: str


@dataclass(frozen=True, slots=True)
class RulePack:
    """Every rule of a county, with the project types and questions the rules speak of.

    Parameters
    ----------
    rules
        The state's first, then by file and row.
    types, questions
        The tables the rules refer to.
    gaps, clashes
        What the rules leave open, and where they contradict each other: findings, no errors.
    sources
        The files, sorted by name, with their digests.
    """

    rules: tuple[Rule, ...]
    types: tuple[ProjectType, ...]
    questions: tuple[Question, ...]
    gaps: tuple[Gap, ...]
    clashes: tuple[Clash, ...]
    sources: tuple[SourceFile, ...]

    def rule(self, rule_id: str) -> Rule:
        """Return a rule by its id.

        Raises
        ------
        UsageError
            Where there is none.
        """
        return _chosen(rule_id, {rule.rule_id: rule for rule in self.rules}, Text("规则", "rule"))

    def type(self, type_id: str) -> ProjectType:
        """Return a project type by its id.

        Raises
        ------
        UsageError
            Where there is none.
        """
        return _chosen(type_id, {kind.type_id: kind for kind in self.types}, Text("项目类型", "project type"))

    def question(self, question_id: str) -> Question:
        """Return a question by its id.

        Raises
        ------
        UsageError
            Where there is none.
        """
        return _chosen(question_id, {one.question_id: one for one in self.questions}, Text("问题", "question"))

    def needing(self, question_id: str) -> tuple[str, ...]:
        """Return the rules whose condition hangs on a question."""
        return tuple(rule.rule_id for rule in self.rules if question_id in rule.questions)


def first_day(date: str) -> dt.date:
    """Return the first day of a day, month or year.

    Raises
    ------
    ValueError
        Where it is none of these.

    Examples
    --------
    >>> first_day("2022-08").isoformat(), last_day("2024-02").isoformat()
    ('2022-08-01', '2024-02-29')
    """
    if not _DATE.fullmatch(date):
        raise ValueError(date)
    return dt.date.fromisoformat(date + "-01-01"[len(date) - len("YYYY") :])


def last_day(date: str) -> dt.date:
    """Return the last day of a day, month or year.

    Raises
    ------
    ValueError
        Where it is none of these.
    """
    first = first_day(date)
    month = first.month if len(date) > len("YYYY") else 12
    day = first.day if len(date) > len("YYYY-MM") else calendar.monthrange(first.year, month)[1]
    return dt.date(first.year, month, day)


def _chosen(name: str, known: dict[str, Held], kind: Text) -> Held:
    if name not in known:
        listed = " ".join(known)
        raise UsageError(
            Text(f"没有{kind.zh}“{name}”，已有：{listed}", f"there is no {kind.en} “{name}”; there are {listed}")
        )
    return known[name]
