"""What a pack of rules says of one hit.

Every rule in force for the zone and the project type is considered. Those whose condition holds apply; of these, the
ones of the highest level count and those below are overridden, and both are kept. Of several that count, the gravest
verdict is the verdict.

A missing answer is never guessed: all ways of answering are gone through. If one rule decides whatever the missing
answers, the hit is judged; if not, the verdict is undetermined (待补充), with the questions that make a difference, and
no others. A project of an unknown type is gone through for every type likewise.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ecogeo.finding import Verdict
from ecogeo.project_types import OTHER, ProjectType
from ecogeo.rules import notes
from ecogeo.rules.conditions import holds
from ecogeo.rules.pack import GRAVEST_FIRST, Rule, RulePack, Standing
from ecogeo.wording import Text

PROJECT_TYPE = "project_type"
"""Stands among the open questions where the project's type is not known and makes a difference."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of one hit.

    Parameters
    ----------
    layer_role, zone, project_type
        The hit.
    on
        The day whose law was applied, ISO; empty where none was given.
    verdict
        Undetermined where no rule applies, where answers are missing, or where the rule itself says so.
    rule
        The rule that decides, or None.
    also
        Other rules of its level that apply.
    overridden
        Rules of a lower level that would apply.
    considered
        Every rule in force for the zone and the type, whether it applies or not; the state's first.
    may_decide
        Where answers are missing: the rules that would decide, by how they are answered.
    open_questions
        Questions whose answer is missing and makes a difference; ``project_type`` for the type itself.
    notes
        What must be said with the verdict: standing, unknown dates, overriding, facts taken from the type.
    """

    layer_role: str
    zone: str
    project_type: str
    on: str
    verdict: Verdict
    rule: Rule | None = None
    also: tuple[Rule, ...] = ()
    overridden: tuple[Rule, ...] = ()
    considered: tuple[Rule, ...] = ()
    may_decide: tuple[Rule, ...] = ()
    open_questions: tuple[str, ...] = ()
    notes: tuple[Text, ...] = field(default=())

    @property
    def text(self) -> Text:
        """The verdict in words: 待补充 where answers are missing."""
        return Text("待补充", "answers needed") if self.open_questions else self.verdict.text

    @property
    def rule_id(self) -> str:
        """The deciding rule's id; empty where there is none."""
        return self.rule.rule_id if self.rule else ""

    @property
    def clause(self) -> str:
        """The deciding rule's clause."""
        return self.rule.clause if self.rule else ""

    @property
    def next_step(self) -> str:
        """What is to be done next."""
        return self.rule.next_step if self.rule else ""

    @property
    def issuer(self) -> str:
        """Who issues the opinion or approval."""
        return self.rule.issuer if self.rule else ""

    @property
    def standing(self) -> Standing | None:
        """How far the deciding rule was checked."""
        return self.rule.standing if self.rule else None


@dataclass(frozen=True, slots=True)
class Applied:
    """The rules whose condition holds: those of the highest level, and those they override."""

    counting: tuple[Rule, ...]
    overridden: tuple[Rule, ...]

    @property
    def deciding(self) -> frozenset[str]:
        """Ids of the rules of the gravest verdict among those that count."""
        gravest = min((GRAVEST_FIRST.index(rule.verdict) for rule in self.counting), default=0)
        return frozenset(rule.rule_id for rule in self.counting if GRAVEST_FIRST.index(rule.verdict) == gravest)


@dataclass(frozen=True, slots=True)
class _Case:
    """One project type gone through: what applies for each way of answering the open questions."""

    kind: ProjectType
    questions: tuple[str, ...]
    outcomes: Mapping[tuple[bool, ...], Applied]

    @property
    def deciding(self) -> frozenset[frozenset[str]]:
        return frozenset(outcome.deciding for outcome in self.outcomes.values())

    @property
    def that_matter(self) -> tuple[str, ...]:
        """The open questions of which a different answer makes a different rule decide."""
        return tuple(
            question
            for place, question in enumerate(self.questions)
            if any(
                outcome.deciding != self.outcomes[*given[:place], not given[place], *given[place + 1 :]].deciding
                for given, outcome in self.outcomes.items()
            )
        )


def applying(rules: Iterable[Rule], answers: Mapping[str, bool]) -> Applied:
    """Return the rules whose condition holds, by whether they count.

    Parameters
    ----------
    rules
        In force for the zone and the type.
    answers
        To every question of their conditions.
    """
    met = [rule for rule in rules if holds(rule.condition, answers)]
    highest = max((rule.rank for rule in met), default=0)
    return Applied(
        tuple(rule for rule in met if rule.rank == highest), tuple(rule for rule in met if rule.rank < highest)
    )


def judge(
    pack: RulePack,
    *,
    role: str,
    zone: str,
    project_type: str,
    answers: Mapping[str, bool | None],
    on: dt.date | None,
) -> Judgement:
    """Judge one hit.

    Parameters
    ----------
    pack
        The rules.
    role, zone
        The constraint layer's role, and the value of its zone field where the hit is; ``outside`` for ground outside
        the urban boundary; empty where the layer tells no zones.
    project_type
        A type of the pack.
    answers
        By question; None for 未知. They go before what the type answers of itself.
    on
        The day whose law is applied; None for the rules whose end is open.

    Raises
    ------
    UsageError
        Where the type or a question is unknown to the pack.
    """
    kind = pack.type(project_type)
    for question in answers:
        pack.question(question)
    day = on.isoformat() if on else ""
    if not kind.takes_ground:
        no_ground = (notes.takes_no_ground(kind),)
        return Judgement(role, zone, project_type, day, Verdict.UNDETERMINED, notes=no_ground)
    rules = [rule for rule in pack.rules if rule.layer_role == role and rule.fits(zone) and rule.is_in_force(on)]
    kinds = [one for one in pack.types if one.takes_ground] if project_type == OTHER else [kind]
    cases = [_gone_through(one, rules, answers) for one in kinds]
    outcomes = [outcome for case in cases for outcome in case.outcomes.values()]
    sure = frozenset.intersection(*(outcome.deciding for outcome in outcomes))
    considered = tuple(rule for rule in rules if any(rule.concerns(one.type_id) for one in kinds))
    said = [] if on else [notes.no_day()]
    if sure:
        rule = min((rule for rule in rules if rule.rule_id in sure), key=_preference)
        also = tuple(one for one in considered if one is not rule and all(one in it.counting for it in outcomes))
        below = tuple(one for one in considered if all(one in it.overridden for it in outcomes))
        said += [*notes.of_rule(rule, on), *notes.of_others(rule, also, below)]
        said += notes.of_facts(kind, considered, answers)
        return Judgement(role, zone, project_type, day, rule.verdict, rule, also, below, considered, notes=tuple(said))
    may_decide = tuple(rule for rule in considered if any(rule.rule_id in it.deciding for it in outcomes))
    asked = _open_questions(pack, cases) if may_decide else ()
    if asked:
        may_be_none = any(not it.deciding for it in outcomes)
        said += notes.open_questions(pack, asked, may_decide, may_be_none=may_be_none)
    else:
        said += notes.no_rule(pack, role, zone, kind, on)
    said += notes.of_facts(kind, considered, answers)
    return Judgement(
        role,
        zone,
        project_type,
        day,
        Verdict.UNDETERMINED,
        considered=considered,
        may_decide=may_decide,
        open_questions=asked,
        notes=tuple(said),
    )


def _gone_through(kind: ProjectType, rules: Sequence[Rule], answers: Mapping[str, bool | None]) -> _Case:
    """Apply the rules under every way of answering what is not answered."""
    concerned = [rule for rule in rules if rule.concerns(kind.type_id)]
    given = {**kind.facts, **answers}
    known = {question: value for question, value in given.items() if value is not None}
    asked = tuple(sorted({question for rule in concerned for question in rule.questions} - set(known)))
    outcomes = {
        values: applying(concerned, {**known, **dict(zip(asked, values, strict=True))}) for values in _ways(len(asked))
    }
    return _Case(kind, asked, outcomes)


def _ways(count: int) -> Iterator[tuple[bool, ...]]:
    """Yield every way of answering so many questions."""
    return itertools.product((False, True), repeat=count)


def _open_questions(pack: RulePack, cases: Sequence[_Case]) -> tuple[str, ...]:
    """Return what has to be known first: the type where types differ, else the questions that matter."""
    if len({case.deciding for case in cases}) > 1:
        return (PROJECT_TYPE,)
    matter = {question for case in cases for question in case.that_matter}
    return tuple(question.question_id for question in pack.questions if question.question_id in matter)


def _preference(rule: Rule) -> tuple[int, bool, str]:
    """Order of rules that say the same: the best checked first, then one of a known date."""
    return list(Standing).index(rule.standing), not rule.valid_from, rule.rule_id
