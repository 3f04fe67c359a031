"""Who is responsible: lead and other units in one list, the lead first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ecogeo.plan.cells import one_line
from ecogeo.plan.plain_text import is_blank

_ROLE = re.compile(r"(?P<role>牵头|责任|负责|配合|实施|主管|协同|参与)(?P<what>单位|部门|[市县区]?领导)?[：:]")
_BETWEEN = re.compile(r"[、，,；;](?![^（(]*[）)])")
_LISTED = re.compile(
    r"(?<=[局委办府部厅处镇乡])(?:\s*\n\s*|\t+|[ \u3000]{2,})(?=[一-鿿])"
    r"(?!(?:办公|组织|宣传|统战|政法|纪检|党校|机构|督查|编)|.(?:\n|$))"
)
_ONE_BLANK = re.compile(
    r"(?<=[局委办府部厅处镇乡院])[ \u3000]"
    r"(?=[省市县区镇乡][一-鿿]{1,10}[局委办府部厅处镇乡院会](?:[ \u3000、，；\n]|$))"
)
_MARKED = re.compile(r"[（(]牵头(?:单位|部门)?[）)]")
_WHEN = re.compile(
    r"[。；;，,、\s]*(?:完成|办结)?(?:时限|期限|时间)(?:要求)?[：:]\s*(?P<when>[^。；;（）()]+).*", re.DOTALL
)
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
    >>> units_of_cells({"departments": "甲局（牵头）、乙局"}), units_of_cells({"departments": "县甲局 县乙局"})
    (Units(departments='甲局、乙局', lead='甲局'), Units(departments='县甲局、县乙局', lead=''))
    """
    names = ("lead_departments", "departments", "other_departments")
    words = {
        name: one_line(_LISTED.sub("、", _ONE_BLANK.sub("、", cells.get(name, "")))).strip(_ENDS) for name in names
    }
    words = {name: "" if is_blank(text) or text == "无" else text for name, text in words.items()}
    if not words["lead_departments"] and not words["other_departments"]:
        return _by_role(words["departments"])
    return Units("、".join(part for part in words.values() if part), words["lead_departments"])


def _by_role(words: str) -> Units:
    """Read the units of one cell, which may say who leads: 牵头：甲局；配合：乙局, or 甲局（牵头）、乙局."""
    if _ROLE.match(words):
        return units_of_words(words)
    units = split_units(words)
    lead = [_MARKED.sub("", unit) for unit in units if _MARKED.search(unit)]
    if not lead:
        return Units(words, "")
    others = [unit for unit in units if not _MARKED.search(unit)]
    return Units("、".join([*lead, *others]), "、".join(lead))


def without_when(words: str) -> tuple[str, str]:
    """Split words about who is responsible from the time by which (完成时限：2024年12月) behind them.

    Examples
    --------
    >>> without_when("责任单位：甲局。完成时限：2024年12月"), without_when("责任单位：甲局")
    (('责任单位：甲局', '2024年12月'), ('责任单位：甲局', ''))
    """
    found = _WHEN.search(words)
    return (words[: found.start()], found["when"].strip()) if found else (words, "")


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
