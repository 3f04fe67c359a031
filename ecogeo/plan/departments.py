"""Who is responsible: lead and other units in one list, the lead first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ecogeo.plan.cells import one_line

_ROLE = re.compile(r"(?P<role>牵头|责任|负责|配合|实施|主管|协同|参与)(?P<what>单位|部门|[市县区]?领导)?[：:]")
_BETWEEN = re.compile(r"[、，,；;](?![^（(]*[）)])")
_ENDS = "、，,；;。 "


@dataclass(frozen=True, slots=True)
class Units:
    """The units responsible.

    Parameters
    ----------
    departments
        All of them as written, the lead first, joined by 、.
    lead
        Those that lead, where the document tells them from the others; else empty.
    """

    departments: str
    lead: str


def split_units(words: str) -> tuple[str, ...]:
    """Split a list of units at 、，； outside brackets.

    Examples
    --------
    >>> split_units("市水利局，各县（市、区）人民政府")
    ('市水利局', '各县（市、区）人民政府')
    """
    parts = (part.strip(_ENDS) for part in _BETWEEN.split(words))
    return tuple(part for part in parts if part)


def units_of_cells(cells: Mapping[str, str]) -> Units:
    r"""Join the units of a table's row, whose lead and others may have columns of their own.

    Examples
    --------
    >>> units_of_cells({"lead_departments": "甲局", "departments": "乙局、\n丙局"})
    Units(departments='甲局、乙局、丙局', lead='甲局')
    """
    names = ("lead_departments", "departments", "other_departments")
    parts = [one_line(cells[name]).strip(_ENDS) for name in names if one_line(cells.get(name, ""))]
    return Units("、".join(parts), one_line(cells.get("lead_departments", "")).strip(_ENDS))


def units_of_words(words: str) -> Units:
    """Read the units out of words in brackets behind a task; persons (责任领导) are no units.

    Examples
    --------
    >>> units_of_words("牵头单位：甲局；责任单位：乙局、丙局，各县人民政府")
    Units(departments='甲局、乙局、丙局，各县人民政府', lead='甲局')
    >>> units_of_words("责任单位：甲局、乙局")
    Units(departments='甲局、乙局', lead='')
    """
    marks = list(_ROLE.finditer(words))
    ends = [*(mark.start() for mark in marks[1:]), len(words)]
    parts = [
        (mark["role"], words[mark.end() : end].strip(_ENDS))
        for mark, end in zip(marks, ends, strict=True)
        if not (mark["what"] or "").endswith("领导")
    ]
    lead = "、".join(part for role, part in parts if role == "牵头")
    others = "、".join(part for role, part in parts if role != "牵头")
    return Units("、".join(filter(None, (lead, others))), lead)
