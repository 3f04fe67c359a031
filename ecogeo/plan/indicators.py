"""Indicator tables as a typed frame: one row per indicator, and one per sub-item.

The row of an indicator has an empty ``sub_no`` and keeps every cell as printed. Where its name numbers sub-items
（1）（2）…, each becomes a row of its own that shares domain, task, kind, departments and deadline. A cell of unit,
target, value or later target is split onto the sub-items where the document splits it
(`ecogeo.plan.targets.split_items`); its number then stands with the sub-items and not with the indicator. Where the
document gives one text for all, it stays with the indicator alone, and each sub-item is judged by it. The status of an
indicator with sub-items is the worst of theirs; the reported status is the document's for the indicator as a whole.

Domain and task cells that were merged downwards are filled down.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

import pandas as pd

from ecogeo.plan.cells import head_word, one_line, paragraphs
from ecogeo.plan.columns import INDICATOR_COLUMNS, later_columns, typed_frame
from ecogeo.plan.heads import Row, Section, Unused
from ecogeo.plan.targets import Status, judge, parse_target, parse_value, split_items, split_numbered, worst
from ecogeo.wording import Text

KINDS = {"约束性": "binding", "参考性": "reference", "预期性": "expected"}


def build_indicators(sections: Sequence[Section]) -> tuple[pd.DataFrame, tuple[Unused, ...]]:
    """Turn indicator tables into one frame with the columns of the contract.

    Parameters
    ----------
    sections
        The rows under each head of an indicator table.

    Returns
    -------
    The frame, and the rows and cells that fit nowhere.
    """
    rows: list[dict[str, object]] = []
    unused: list[Unused] = []
    years = sorted({year for section in sections for year in _later_years(section)})
    for section in sections:
        domain, task = "", ""
        for row in section.rows:
            domain = one_line(row.cells.get("domain", "")) or domain
            task = one_line(row.cells.get("task", "")) or task
            unused += _doubts(section, row)
            if head_word(row.cells["indicator_no"]).isdecimal():
                rows += _indicator(row, section, years, {"domain": domain, "task": task})
    return typed_frame(rows, [*INDICATOR_COLUMNS, *later_columns(years)]), tuple(unused)


def _later_years(section: Section) -> list[int]:
    """Return the years for which a section's head gives targets."""
    return [year for name, year in section.years.items() if name.startswith("target_")]


def _doubts(section: Section, row: Row) -> list[Unused]:
    """List what of a row is not taken over, or not understood."""
    number, kind = head_word(row.cells["indicator_no"]), head_word(row.cells["kind"])
    if not number.isdecimal():
        words = " ".join(one_line(cell) for cell in row.cells.values() if cell.strip())
        reason = Text(f"没有指标序号的行：{words}", f"a row without an indicator number: {words}")
    elif kind not in KINDS:
        reason = Text(f"指标 {number} 的属性不明：“{kind}”", f'indicator {number} is of an unknown kind: "{kind}"')
    else:
        return []
    return [Unused(section.title, row.line, row.line, reason, is_loss=True)]


def _indicator(row: Row, section: Section, years: Sequence[int], place: Mapping[str, str]) -> list[dict[str, object]]:
    """Make the rows of one indicator: its own, then those of its sub-items."""
    name, items = split_numbered(row.cells["name"])
    fields = ["unit", "target", "current", *(f"target_{year}" for year in years)]
    whole = {field: paragraphs(row.cells.get(field, "")) for field in fields}
    split = {field: parts for field in fields if (parts := split_items(row.cells.get(field, ""), len(items)))}
    own = [
        {field: paragraphs(split[field][at]) if field in split else "" for field in fields} for at in range(len(items))
    ]
    statuses = [_status(texts, whole) for texts in own] or [_status(whole, whole)]
    shared: dict[str, object] = {
        **place,
        "indicator_no": head_word(row.cells["indicator_no"]),
        "current_year": section.years.get("current"),
        "kind": KINDS.get(head_word(row.cells["kind"]), ""),
        "departments": one_line(row.cells["departments"]),
        "deadline": one_line(row.cells.get("deadline", "")),
    }
    reported = one_line(row.cells.get("status_reported", ""))
    parent = {"sub_no": "", "name": one_line(name), "status_reported": reported, "status": worst(statuses)}
    children = [
        shared | {"sub_no": str(at + 1), "name": one_line(item), "status": statuses[at]} | _typed(own[at], years)
        for at, item in enumerate(items)
    ]
    return [shared | parent | _typed(whole, years, split), *children]


def _typed(texts: Mapping[str, str], years: Sequence[int], split: Container[str] = ()) -> dict[str, object]:
    """Add to the wordings their comparator and numbers; a wording split onto sub-items has its numbers there."""
    target = parse_target("" if "target" in split else texts["target"])
    cells: dict[str, object] = {
        "unit": texts["unit"],
        "target_text": texts["target"],
        "comparator": target.comparator,
        "target_value": target.value,
        "current_text": texts["current"],
        "current_value": None if "current" in split else parse_value(texts["current"]),
    }
    for year in years:
        field = f"target_{year}"
        cells[f"target_text_{year}"] = texts[field]
        cells[f"target_value_{year}"] = None if field in split else parse_target(texts[field]).value
    return cells


def _status(own: Mapping[str, str], whole: Mapping[str, str]) -> Status:
    """Judge a sub-item by its own target and value, else by those of its indicator."""
    target, current, unit = (own[field] or whole[field] for field in ("target", "current", "unit"))
    return judge(parse_target(target), current, unit)
