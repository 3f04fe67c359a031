"""Project tables as a typed frame: one row per project, under the system whose heading row stands above it.

A heading row begins with a Chinese numeral (一、), gives the system's name behind it or in the second cell, and has no
other cell filled. A project's id is ``P<system>-<number>``, both as the document numbers them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from ecogeo.plan.cells import head_word, one_line, paragraphs
from ecogeo.plan.columns import PROJECT_COLUMNS, typed_frame
from ecogeo.plan.heads import Row, Section, Unused, invest_factor
from ecogeo.wording import Text

_NUMERALS = "一二三四五六七八九十"
_HEADING = re.compile(rf"(?P<numeral>[{_NUMERALS}]{{1,3}})[、.]?(?P<name>.*)")
_YEARS = re.compile(r"(?P<start>20[0-9]{2})年?(?:[-—–―−－~～至到]+(?P<end>20[0-9]{2})年?)?")
_AMOUNT = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class _System:
    """The heading a project stands under; number 0 and no name before the first heading."""

    number: int = 0
    name: str = ""


def build_projects(sections: Sequence[Section]) -> tuple[pd.DataFrame, tuple[Unused, ...]]:
    """Turn project tables into one frame with the columns of the contract.

    Parameters
    ----------
    sections
        The rows under each head of a project table.

    Returns
    -------
    The frame (``invest_wan_yuan`` in 万元; ``location_basis`` is ``none`` throughout), and the rows and cells that fit
    nowhere.
    """
    rows: list[dict[str, object]] = []
    unused: list[Unused] = []
    system = _System()
    for section in sections:
        factor = invest_factor(section)
        for row in section.rows:
            if heading := _heading(row):
                system = heading
                continue
            doubts = _doubts(row)
            unused += [Unused(section.title, row.line, row.line, reason, is_loss=True) for reason in doubts]
            if _number(row):
                rows.append(_project(row, system, factor))
    return typed_frame(rows, PROJECT_COLUMNS), tuple(unused)


def numeral_value(numeral: str) -> int:
    """Return the value of a Chinese numeral from 一 to 九十九.

    Examples
    --------
    >>> numeral_value("六"), numeral_value("十二"), numeral_value("二十一")
    (6, 12, 21)
    """
    tens, has_tens, ones = numeral.rpartition("十")
    digit = {character: value for value, character in enumerate(_NUMERALS[:9], start=1)}
    return (digit.get(tens, 1) * 10 if has_tens else 0) + digit.get(ones, 0)


def parse_years(text: str) -> tuple[int, int] | None:
    """Read the first and last year of a span; a single year is both.

    Examples
    --------
    >>> parse_years("2021—2025年")
    (2021, 2025)
    """
    found = _YEARS.fullmatch(head_word(text))
    return (int(found["start"]), int(found["end"] or found["start"])) if found else None


def _heading(row: Row) -> _System | None:
    """Return the system a row is the heading of, if it is one."""
    found = _HEADING.fullmatch(head_word(row.cells["project_no"]))
    others = (cell for name, cell in row.cells.items() if name not in ("project_no", "name"))
    if not found or any(cell.strip() for cell in others):
        return None
    name = found["name"] or one_line(row.cells["name"])
    return _System(numeral_value(found["numeral"]), name) if name else None


def _number(row: Row) -> str:
    """Return the number of a project row; empty where the row is none."""
    number = head_word(row.cells["project_no"])
    return number if number.isdecimal() and row.cells["name"].strip() else ""


def _doubts(row: Row) -> list[Text]:
    """Say what of a row cannot be taken over: the whole row, or single cells."""
    number = _number(row)
    if not number:
        words = " ".join(one_line(cell) for cell in row.cells.values() if cell.strip())
        return [Text(f"既不是项目也不是分类标题的行：{words}", f"a row that is no project and no heading: {words}")]
    doubts = []
    if parse_years(row.cells["years"]) is None:
        years = one_line(row.cells["years"])
        doubts.append(
            Text(f"项目 {number} 的起止年限不明：“{years}”", f'project {number}: years not understood: "{years}"')
        )
    if _amount(row) is None:
        amount = one_line(row.cells["invest"])
        doubts.append(
            Text(f"项目 {number} 的投资不是数字：“{amount}”", f'project {number}: investment is no number: "{amount}"')
        )
    return doubts


def _amount(row: Row) -> Decimal | None:
    """Return the investment as printed, in the unit of the head."""
    amount = head_word(row.cells["invest"])
    return Decimal(amount.replace(",", "")) if _AMOUNT.fullmatch(amount) else None


def _project(row: Row, system: _System, factor: Decimal) -> dict[str, object]:
    """Make the row of one project."""
    number, amount = _number(row), _amount(row)
    start, end = parse_years(row.cells["years"]) or (None, None)
    return {
        "project_id": f"P{system.number}-{int(number):02d}",
        "system": system.name,
        "project_no": number,
        "name": one_line(row.cells["name"]),
        "nature": one_line(row.cells["nature"]),
        "content": paragraphs(row.cells["content"]),
        "start_year": start,
        "end_year": end,
        "invest_wan_yuan": None if amount is None else float(amount * factor),
        "funding": one_line(row.cells["funding"]),
        "departments": one_line(row.cells["departments"]),
        "location_basis": "none",
        "place": "",
        "accuracy_m": None,
    }
