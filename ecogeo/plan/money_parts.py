"""Columns of a project table that split the investment by who pays: 中央资金（万元）, 地方配套, 企业自筹.

Their amounts are kept as words in the funding of the project (中央资金800万元、地方配套300万元), so that an audit can
add them up; columns that split it by time (近期投资) are none of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ecogeo.plan.cells import head_word, one_line
from ecogeo.plan.plain_text import is_blank

_UNIT = re.compile(r"\((亿元|万元|千元|元)\)")
_PAYER = (
    "(?:申请|争取)?(?:中央|国家|上级|自治区|省级?|市级?|县级?|区级?|本级|镇级?|地方|财政|预算内|专项债?券?|政府债券|债券"
    "|银行|社会|企业|业主|自筹|群众|其他)"
)
_PART = re.compile(
    r"(?:投资|资金|资金来源|资金筹措|筹资|其中|及来源|构成|[:：])*"
    rf"(?P<name>{_PAYER}+(?:财政|预算内|专项|政策性)*(?:资金|补助|投资|投入|配套|拨款|贷款|资本|自筹|债券|筹集|筹措|出资|及其他)*)"
)
_AMOUNT = re.compile(r"(?P<number>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)(?P<unit>亿元|万元|千元|元)?")


def part_name(word: str) -> str:
    """Return who pays by the head of a column; empty where it tells nobody.

    Examples
    --------
    >>> part_name("中央资金（万元）"), part_name("近期投资（万元）"), part_name("资金来源")
    ('中央资金', '', '')
    """
    found = _PART.fullmatch(_UNIT.sub("", head_word(word)))
    return found["name"] if found else ""


def money_parts(words: Sequence[str], cells: Sequence[str], used: Collection[int], unit: str) -> str:
    """Return what a row has in columns of payers, in words.

    Parameters
    ----------
    words
        The head.
    cells
        The row, as wide.
    used
        The places of the columns that are something else.
    unit
        The unit of money of the table, for a column that names none.

    Examples
    --------
    >>> money_parts(("总投资（万元）", "中央", "地方配套"), ("1200", "800", "300"), [0], "万元")
    '中央800万元、地方配套300万元'
    """
    parts = []
    for place, (word, cell) in enumerate(zip(words, cells, strict=False)):
        name, amount = part_name(word), _AMOUNT.fullmatch(head_word(cell))
        own = _UNIT.search(head_word(word))
        of = (amount["unit"] if amount else None) or (own[1] if own else unit)
        if place in used or not name or is_blank(cell):
            continue
        parts.append(f"{name}{amount['number']}{of}" if amount else f"{name}{one_line(cell)}")
    return "、".join(parts)
