"""A pack of rules must cover the county's layers: every hole in it leaves a hit without a verdict.

Source: own rule of honest answers: what no rule covers is never taken for allowed, so its holes are listed before
anybody relies on a verdict.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections import Counter
from collections.abc import Iterator, Mapping

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, Severity
from ecogeo.hits import Cases
from ecogeo.law import zone_values
from ecogeo.layer import Layer
from ecogeo.rules import RulePack, pack_findings
from ecogeo.rules.pack import ANY
from ecogeo.wording import Text, list_en, list_zh

_NO_CONSTRAINT = frozenset({"county", "towns", "villages", "project_sites", "river_reaches", "water_bodies", "landuse"})
"""Roles that no site is screened against."""


@check(family="data", title=Text("规则库的缺口", "holes in the rules"))
def rule_pack_incomplete(cases: Cases, layers: Mapping[str, Layer], *, ends_within_days: int = 365) -> Outcome:
    """Find what the rules leave open: on days, types, zones and layers without a rule, and rules that contradict.

    Parameters
    ----------
    cases
        Carries the law; a county without rules has one finding that says so.
    layers
        The county's layers, for their roles and zone values.
    ends_within_days
        Rules whose validity ends within so many days after the day judged are named: the builders' choice, no law.

    Yields
    ------
    Warnings: zone values of a layer that no rule about it names (a misspelt value is judged by no rule), rules of one
    level that clash. Notes: gaps by days, types and answers; constraint layers without any rule; rules about to end,
    where a day was given; the number of rules nobody has compared with the issuer's own text.
    """
    law = cases.law
    if law is None:
        message = Text("本县没有规则库，所有结论待判定", "the county has no rules: every verdict is left to a person")
        yield Finding(message, Severity.NOTE)
        return
    yield from _unverified(law.pack)
    if law.on is not None:
        yield from _ending(law.pack, law.on, ends_within_days)
    for layer in layers.values():
        if layer.declaration.role not in _NO_CONSTRAINT:
            yield from _uncovered(law.pack, layer)
    yield from pack_findings(law.pack)


def _unverified(pack: RulePack) -> Iterator[Finding]:
    """Say how many rules nobody has compared with the issuer's own text."""
    count, total = sum(not rule.is_verified for rule in pack.rules), len(pack.rules)
    if count:
        message = Text(
            f"{total} 条规则中有 {count} 条未与发文机关原文核对",
            f"{count} of {total} rules were not compared with the issuer's own text",
        )
        yield Finding(message, Severity.NOTE, value=float(count), unit="count")


def _ending(pack: RulePack, on: dt.date, within_days: int) -> Iterator[Finding]:
    """Name the rules in force on a day that end soon after it, with what follows them."""
    last = on + dt.timedelta(days=within_days)
    for rule in pack.rules:
        if rule.is_in_force(on) and rule.ends is not None and rule.ends <= last:
            then_zh, then_en = (
                (f"，由 {rule.replaced_by} 接替", f", then {rule.replaced_by}") if rule.replaced_by else ("", "")
            )
            yield Finding(
                Text(
                    f"规则 {rule.rule_id} 有效至 {rule.valid_to}{then_zh}",
                    f"rule {rule.rule_id} is valid until {rule.valid_to}{then_en}",
                ),
                Severity.NOTE,
                layer=rule.layer_role,
                rule_id=rule.rule_id,
                clause=rule.clause,
            )


def _uncovered(pack: RulePack, layer: Layer) -> Iterator[Finding]:
    """Say where a layer has no rule at all, or values that none of its rules is about."""
    role, title = layer.declaration.role, layer.title
    own = [rule for rule in pack.rules if rule.layer_role == role]
    if not own:
        yield Finding(
            Text(
                f"{title.zh}（{role}）没有任何规则，涉及时一律待判定",
                f"no rule is about {title.en} ({role}): its hits get no verdict",
            ),
            Severity.NOTE,
            layer=role,
        )
        return
    counts = Counter(sorted(zone_values(layer)))
    lost = {value: count for value, count in counts.items() if not any(rule.fits(value) for rule in own)}
    if not lost:
        return
    known = list(dict.fromkeys(zone for rule in own for zone in rule.zones if zone != ANY))
    listed_zh = list_zh(_value(value, count, known).zh for value, count in lost.items())
    listed_en = list_en(_value(value, count, known).en for value, count in lost.items())
    yield Finding(
        Text(
            f"{title.zh}（{role}）有分区值没有规则：{listed_zh}；规则所用的值：{list_zh(known, most=20)}",
            f"{title.en} ({role}) has zone values without a rule: {listed_en}; "
            f"the rules name {list_en(known, most=20)}",
        ),
        Severity.WARNING,
        layer=role,
        value=float(sum(lost.values())),
        unit="count",
    )


def _value(value: str, count: int, known: list[str]) -> Text:
    """Show a zone value with its features, and the value of the rules it may be a misspelling of."""
    near = difflib.get_close_matches(value, known, n=1)
    hint, hint_en = (f"，是否应为“{near[0]}”", f", is “{near[0]}” meant") if near else ("", "")
    return Text(f"“{value}”（{count} 个{hint}）", f"“{value}” ({count} features{hint_en})")
