"""Units of money: what a table's investments are in, and what turns them into 万元."""

from __future__ import annotations

import re
from decimal import Decimal

from ecogeo.plan.heads import Section
from ecogeo.plan.vocabulary import HEADS

_WAN_YUAN = {
    "亿元": Decimal(10_000),
    "千万元": Decimal(1000),
    "百万元": Decimal(100),
    "万元": Decimal(1),
    "千元": Decimal("0.1"),
    "元": Decimal("0.0001"),
}


def invest_unit(section: Section) -> str:
    """Return the unit of the section's investments: the head's, else that written above; empty where none is."""
    place = section.columns.places.get("invest", (0,))[0]
    found = re.fullmatch(HEADS["projects"]["invest"], section.columns.words[place])
    return (found["unit"] or found["lower_unit"] or section.money_unit) if found else section.money_unit


def invest_factor(unit: str) -> Decimal | None:
    """Return what turns an amount of a unit of money into 万元; ``None`` where the unit is not known."""
    return _WAN_YUAN.get(unit)
