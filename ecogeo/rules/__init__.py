"""Dated rules: zone × project type × date → verdict, clause, next step."""

from ecogeo.rules.conditions import Condition, holds, names_in, parse_condition, render_condition
from ecogeo.rules.coverage import pack_findings
from ecogeo.rules.judging import PROJECT_TYPE, Judgement, judge
from ecogeo.rules.pack import GRAVEST_FIRST, RULE_ROLES, Clash, Gap, Rule, RulePack, Standing
from ecogeo.rules.reading import RULE_COLUMNS, read_rules

__all__ = [
    "GRAVEST_FIRST",
    "PROJECT_TYPE",
    "RULE_COLUMNS",
    "RULE_ROLES",
    "Clash",
    "Condition",
    "Gap",
    "Judgement",
    "Rule",
    "RulePack",
    "Standing",
    "holds",
    "judge",
    "names_in",
    "pack_findings",
    "parse_condition",
    "read_rules",
    "render_condition",
]
