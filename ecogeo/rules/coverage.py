"""What a pack of rules leaves open, and where its rules contradict each other."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

from ecogeo.finding import Finding, Severity
from ecogeo.project_types import ProjectType
from ecogeo.rules.conditions import Condition, holds, names_in
from ecogeo.rules.pack import ANY, Clash, Gap, Rule, RulePack
from ecogeo.wording import Text, list_en, list_zh

Span = tuple[dt.date | None, dt.date | None]
"""First and last day; None for from ever and for ever."""

_ONE_DAY = dt.timedelta(days=1)


def find_gaps(rules: Sequence[Rule], types: Sequence[ProjectType]) -> tuple[Gap, ...]:
    """Find the zones, project types and days without a rule.

    Parameters
    ----------
    rules
        The pack's rules. The zones are those the rules of each role name, or ``*`` where they name none.
    types
        The project types; those that take no ground need no rule.

    Returns
    -------
    Gaps whatever the answers, and those under some answers only; zones and types that share a gap are one entry.
    """
    kinds = [kind.type_id for kind in types if kind.takes_ground]
    found: dict[tuple[str, Span, str], dict[str, list[str]]] = {}
    spans_of = functools.cache(_open_spans)
    for role in dict.fromkeys(rule.layer_role for rule in rules):
        own = [rule for rule in rules if rule.layer_role == role]
        zones = list(dict.fromkeys(zone for rule in own for zone in rule.zones if zone != ANY)) or [ANY]
        for zone, kind in itertools.product(zones, kinds):
            fitting = tuple(rule for rule in own if rule.fits(zone) and rule.concerns(kind))
            for span, when in spans_of(fitting):
                found.setdefault((role, span, when), {}).setdefault(zone, []).append(kind)
    return tuple(
        Gap(role, zones, (ANY,) if list(shared) == kinds else shared, *span, when)
        for (role, span, when), by_zone in found.items()
        for zones, shared in _same_types(by_zone)
    )


def find_clashes(rules: Sequence[Rule], types: Sequence[ProjectType]) -> tuple[Clash, ...]:
    """Find pairs of rules of one rank that can apply to one hit on one day and say different things.

    Parameters
    ----------
    rules
        The pack's rules.
    types
        The project types.
    """
    kinds = [kind.type_id for kind in types if kind.takes_ground]
    return tuple(
        Clash((one.rule_id, other.rule_id), when)
        for one, other in itertools.combinations(rules, 2)
        if _can_meet(one, other, kinds) and (when := _both(one.condition, other.condition)) is not None
    )


def pack_findings(pack: RulePack) -> Iterator[Finding]:
    """Yield what the pack leaves open or contradicts as findings: gaps as notes, clashes as warnings."""
    for gap in pack.gaps:
        days = _days(gap)
        where = f"{gap.layer_role} {list_zh(gap.zones)}"
        where_en = f"{gap.layer_role} {list_en(gap.zones)}"
        case, case_en = (f"当 {gap.when} 时", f" when {gap.when}") if gap.when else ("", "")
        yield Finding(
            Text(
                f"{days.zh}{case}没有规则：{where}，项目类型 {list_zh(gap.project_types, most=40)}",
                f"no rule{days.en}{case_en}: {where_en}, project types {list_en(gap.project_types, most=40)}",
            ),
            Severity.NOTE,
            layer=gap.layer_role,
        )
    for clash in pack.clashes:
        ids = " ".join(clash.rule_ids)
        case, case_en = (f"（当 {clash.when}）", f" (when {clash.when})") if clash.when else ("", "")
        yield Finding(
            Text(
                f"规则 {ids} 同级同时适用而结论不同{case}；取最严",
                f"rules {ids} of one level apply together and differ{case_en}; the gravest counts",
            ),
            Severity.WARNING,
            layer=pack.rule(clash.rule_ids[0]).layer_role,
            rule_id=clash.rule_ids[0],
        )


def _open_spans(rules: tuple[Rule, ...]) -> tuple[tuple[Span, str], ...]:
    """Return the longest spans of days on which no rule applies, with the answers under which none does."""
    spans = _spans(rules)
    holes = [_holes([rule for rule in rules if rule.is_in_force(_day_in(span))]) for span in spans]
    found: list[tuple[Span, str]] = []
    for when in dict.fromkeys(hole for those in holes for hole in those):
        for is_open, run in itertools.groupby(zip(spans, holes, strict=True), key=lambda pair: when in pair[1]):
            if is_open:
                days = [span for span, _ in run]
                found.append(((days[0][0], days[-1][1]), when))
    return tuple(found)


def _spans(rules: Iterable[Rule]) -> list[Span]:
    """Cut time where a rule begins or has ended."""
    begins = {rule.starts for rule in rules if rule.starts is not None}
    cuts = sorted(begins | {rule.ends + _ONE_DAY for rule in rules if rule.ends is not None})
    return list(zip([None, *cuts], [*(cut - _ONE_DAY for cut in cuts), None], strict=True))


def _day_in(span: Span) -> dt.date:
    """Return a day of a span that begins and ends where rules do."""
    first, last = span
    return first or last or dt.date.max


def _holes(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return the answers under which none of the rules applies, as conditions; one empty one where none ever does."""
    names = sorted({name for rule in rules for name in rule.questions})
    ways = _ways_that(names, lambda answers: not any(holds(rule.condition, answers) for rule in rules))
    described: list[str] = []
    left = set(ways)
    while left:
        fixed = _widened(max(left), ways)
        left = {values for values in left if not _agrees(values, fixed)}
        described.append(_described(names, fixed))
    return tuple(described)


def _widened(values: tuple[bool, ...], ways: set[tuple[bool, ...]]) -> dict[int, bool]:
    """Return the fewest answers, by place, that already leave every way of answering the rest among these."""
    fixed = dict(enumerate(values))
    for place in range(len(values)):
        fewer = {other: value for other, value in fixed.items() if other != place}
        if sum(_agrees(way, fewer) for way in ways) == 2 ** (len(values) - len(fewer)):
            fixed = fewer
    return fixed


def _agrees(values: tuple[bool, ...], fixed: dict[int, bool]) -> bool:
    return all(values[place] == value for place, value in fixed.items())


def _same_types(by_zone: dict[str, list[str]]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield zones of the same project types together."""
    together: dict[tuple[str, ...], list[str]] = {}
    for zone, kinds in by_zone.items():
        together.setdefault(tuple(kinds), []).append(zone)
    for kinds_of_zones, zones in together.items():
        yield tuple(zones), kinds_of_zones


def _can_meet(one: Rule, other: Rule, kinds: Sequence[str]) -> bool:
    """Whether two rules differ in verdict, are of one rank, and share a role, a zone, a project type and a day."""
    if one.verdict is other.verdict or one.rank != other.rank or one.layer_role != other.layer_role:
        return False
    zones = any(other.fits(zone) for zone in one.zones) or any(one.fits(zone) for zone in other.zones)
    begins = max(one.starts or dt.date.min, other.starts or dt.date.min)
    ends = min(one.ends or dt.date.max, other.ends or dt.date.max)
    return zones and begins <= ends and any(one.concerns(kind) and other.concerns(kind) for kind in kinds)


def _both(one: Condition, other: Condition) -> str | None:
    """Return answers under which both conditions hold, as a condition; None where there are none."""
    names = sorted(names_in(one) | names_in(other))
    ways = _ways_that(names, lambda answers: holds(one, answers) and holds(other, answers))
    return _described(names, _widened(max(ways), ways)) if ways else None


def _ways_that(names: Sequence[str], is_met: Callable[[dict[str, bool]], bool]) -> set[tuple[bool, ...]]:
    """Return the ways of answering that meet something."""
    ways = itertools.product((False, True), repeat=len(names))
    return {values for values in ways if is_met(dict(zip(names, values, strict=True)))}


def _described(names: Sequence[str], fixed: dict[int, bool]) -> str:
    """Write answers as a condition."""
    return " and ".join(name if fixed[place] else f"not {name}" for place, name in enumerate(names) if place in fixed)


def _days(gap: Gap) -> Text:
    """Say on which days a gap is open; nothing where it always is."""
    if gap.since is None:
        return Text("", "") if gap.until is None else Text(f"{gap.until} 及以前", f" until {gap.until}")
    if gap.until is None:
        return Text(f"自 {gap.since} 起", f" since {gap.since}")
    return Text(f"{gap.since} 至 {gap.until}", f" from {gap.since} to {gap.until}")
