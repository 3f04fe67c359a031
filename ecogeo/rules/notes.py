"""What must be said together with a verdict, in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

from ecogeo.finding import Verdict
from ecogeo.project_types import OTHER, ProjectType
from ecogeo.rules.pack import ANY, GRAVEST_FIRST, Rule, RulePack, last_day
from ecogeo.wording import Text, list_en, list_zh


def no_day() -> Text:
    """Say that no day was given to judge by."""
    return Text("未给出判定日期：按没有截止日期的规则判断", "no date was given: judged by the rules whose end is open")


def takes_no_ground(kind: ProjectType) -> Text:
    """Say that no rule was applied to a type that takes no ground."""
    return Text(
        f"项目类型“{kind.text.zh}”不另占土地，未适用规则；若另有用地，请改项目类型",
        f"a project of the type “{kind.text.en}” takes no ground of its own, so no rule was applied; "
        "choose another type if it does",
    )


def of_rule(rule: Rule, on: dt.date | None) -> Iterator[Text]:
    """Say how far the deciding rule can be trusted: its standing, its dates, an issuer that is not on record."""
    if not rule.is_verified:
        source = f"（{rule.checked_by}）" if rule.checked_by else ""
        source_en = f" ({rule.checked_by})" if rule.checked_by else ""
        standing = rule.standing.text
        yield Text(f"规则 {rule.rule_id} {standing.zh}{source}", f"rule {rule.rule_id}: {standing.en}{source_en}")
    if not rule.valid_from:
        yield Text(
            f"规则 {rule.rule_id} 的施行日期不明，按已施行处理",
            f"it is unknown since when rule {rule.rule_id} is in force: taken as in force",
        )
    elif on is not None and on < last_day(rule.valid_from):
        yield Text(
            f"规则 {rule.rule_id} 的施行日期只知为 {rule.valid_from}，判定日期在其中，按已施行处理",
            f"rule {rule.rule_id} is in force since some day of {rule.valid_from}, which holds the date judged: "
            "taken as in force",
        )
    if rule.verdict is Verdict.CONDITIONAL and not rule.issuer:
        yield Text(
            f"规则 {rule.rule_id} 的出具单位未收录", f"who issues the opinion of rule {rule.rule_id} is not on record"
        )


def of_others(rule: Rule, also: Sequence[Rule], overridden: Sequence[Rule]) -> Iterator[Text]:
    """Say what else applies, and what is overridden."""
    if also:
        zh = list_zh([_cited(one).zh for one in also])
        en = list_en([_cited(one).en for one in also])
        yield Text(f"同级规则同时适用：{zh}；取最严", f"rules of the same level apply too: {en}; the gravest counts")
    for below in overridden:
        laxer = GRAVEST_FIRST.index(rule.verdict) > GRAVEST_FIRST.index(below.verdict)
        cited = _cited(below)
        yield Text(
            f"{rule.level}规则 {rule.rule_id} 优先于{below.level}规则 {cited.zh}"
            + ("，且较之为宽，请核对" if laxer else ""),
            f"rule {rule.rule_id} ({rule.level}) goes before {cited.en} ({below.level})"
            + (" and is laxer: have it checked" if laxer else ""),
        )


def of_facts(kind: ProjectType, considered: Sequence[Rule], answers: Mapping[str, bool | None]) -> Iterator[Text]:
    """Say which questions the project's type answered."""
    asked = {question for rule in considered for question in rule.questions}
    used = {question: value for question, value in kind.facts.items() if question in asked - set(answers)}
    if used:
        zh = list_zh([f"{question} = {'是' if value else '否'}" for question, value in used.items()], most=20)
        en = list_en([f"{question} = {'yes' if value else 'no'}" for question, value in used.items()], most=20)
        basis = kind.basis or "nature"
        yield Text(
            f"由项目类型“{kind.text.zh}”得出：{zh}（依据：{basis}）",
            f"answered by the project type “{kind.text.en}”: {en} (basis: {basis})",
        )


def open_questions(
    pack: RulePack, asked: Sequence[str], may_decide: Sequence[Rule], *, may_be_none: bool
) -> Iterator[Text]:
    """Say which answers are missing, and what they decide between; `may_be_none`: or no rule may apply at all."""
    known = {question.question_id: question.text for question in pack.questions}
    for question in asked:
        text = known.get(question, Text("项目属于哪一类型？", "of which type is the project?"))
        yield Text(f"待补充 {question}：{text.zh}", f"answer needed, {question}: {text.en}")
    none_zh, none_en = ("，或没有适用的规则", ", or no rule may apply") if may_be_none else ("", "")
    zh = list_zh([_cited(rule).zh for rule in may_decide], most=20)
    en = list_en([_cited(rule).en for rule in may_decide], most=20)
    yield Text(f"视答案可能适用：{zh}{none_zh}", f"by the answers one of these may decide: {en}{none_en}")


def no_rule(pack: RulePack, role: str, zone: str, kind: ProjectType, on: dt.date | None) -> Iterator[Text]:
    """Say why no rule applies: the first of role, zone, date, type and condition at which the rules end."""
    steps: tuple[tuple[Callable[[Rule], bool], Text], ...] = (
        (lambda rule: rule.layer_role == role, Text(f"规则库没有 {role} 的规则", f"no rule is about {role}")),
        (lambda rule: rule.fits(zone), _no_zone(pack, role, zone)),
        (lambda rule: rule.is_in_force(on), _not_in_force(pack, role, zone, on)),
        (
            lambda rule: kind.type_id == OTHER or rule.concerns(kind.type_id),
            Text(
                f"{role} 的规则都不涉及项目类型“{kind.text.zh}”",
                f"no rule about {role} concerns the project type “{kind.text.en}”",
            ),
        ),
    )
    left: Sequence[Rule] = pack.rules
    for keeps, reason in steps:
        left = [rule for rule in left if keeps(rule)]
        if not left:
            yield _undetermined(reason)
            return
    ids = [rule.rule_id for rule in left]
    yield _undetermined(
        Text(f"规则 {list_zh(ids)} 的条件都不成立", f"the condition of none of the rules {list_en(ids)} holds")
    )


def _cited(rule: Rule) -> Text:
    """Name a rule with its verdict, and say if it is unverified."""
    mark, mark_en = ("", "") if rule.is_verified else ("，未核实", ", unverified")
    verdict = rule.verdict.text
    return Text(f"{rule.rule_id}（{verdict.zh}{mark}）", f"{rule.rule_id} ({verdict.en}{mark_en})")


def _undetermined(reason: Text) -> Text:
    return Text(f"没有适用的规则：{reason.zh}，须由人判断", f"no rule applies: {reason.en}; a person must judge")


def _no_zone(pack: RulePack, role: str, zone: str) -> Text:
    known = dict.fromkeys(
        value for rule in pack.rules if rule.layer_role == role for value in rule.zones if value != ANY
    )
    return Text(
        f"{role} 的规则不认识分区“{zone}”（已有：{list_zh(known, most=20)}）",
        f"the rules about {role} do not know the zone “{zone}” (known: {list_en(known, most=20)})",
    )


def _not_in_force(pack: RulePack, role: str, zone: str, on: dt.date | None) -> Text:
    dated = [rule for rule in pack.rules if rule.layer_role == role and rule.fits(zone)]
    ids = [f"{rule.rule_id}（{rule.valid_from or '?'} – {rule.valid_to or '…'}）" for rule in dated]
    day_zh, day_en = (f"{on} ", f"on {on}") if on else ("现在", "with an open end")
    return Text(f"{day_zh}没有施行的规则：{list_zh(ids)}", f"none is in force {day_en}: {list_en(ids)}")
