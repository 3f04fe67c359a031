"""Indicator tables as a typed frame: one row per indicator, and one per sub-item.

The row of an indicator has an empty ``sub_no`` and keeps every cell as printed. Where its name numbers sub-items
（1）（2）…, or its row is split by labels (`ecogeo.plan.drafts`), each becomes a row of its own that shares the domain,
task, kind, departments and deadline. A cell of unit, target, value or later target is split onto the sub-items where
the document splits it (`ecogeo.plan.targets.split_items`); its number then stands with the sub-items and not with the
indicator. Where the document gives one text for all, it stays with the indicator alone, and each sub-item is judged by
it. The status of an indicator with sub-items is the worst of theirs; the reported status is the document's for the
indicator as a whole.

A table without a column of units has them in brackets behind the names or behind the targets' numbers; the brackets
are taken off the name, the targets keep their wording.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from ecogeo.plan.cells import head_word, one_line, paragraphs
from ecogeo.plan.columns import INDICATOR_COLUMNS, LEAD_COLUMN, later_columns, typed_frame
from ecogeo.plan.departments import units_of_cells
from ecogeo.plan.drafts import KINDS, Draft, drafts_of
from ecogeo.plan.heads import Section
from ecogeo.plan.standing import Status, judge, worst
from ecogeo.plan.targets import parse_target, parse_value, split_items, split_numbered, strip_marks, unit_of
from ecogeo.plan.unused import Unused


def build_indicators(sections: Sequence[Section]) -> tuple[pd.DataFrame, tuple[Unused, ...]]:
    """Turn indicator tables into one frame with the columns of the contract.

    Parameters
    ----------
    sections
        The rows under each head of an indicator table.

    Returns
    -------
    The frame, with ``lead_departments`` where a table tells them from the others; and the rows and cells that fit
    nowhere.
    """
    rows: list[dict[str, object]] = []
    unused: list[Unused] = []
    years = sorted({year for section in sections for year in _later_years(section)})
    for section in sections:
        drafts, doubts = drafts_of(section)
        unused += doubts
        for draft in drafts:
            rows += _indicator(draft, section, years)
    lead = (LEAD_COLUMN,) if any(row[LEAD_COLUMN] for row in rows) else ()
    return typed_frame(rows, [*INDICATOR_COLUMNS, *later_columns(years), *lead]), tuple(unused)


def _later_years(section: Section) -> list[int]:
    """Return the years for which a section's head gives targets."""
    return [year for name, year in section.years.items() if name.startswith("target_")]


def _indicator(draft: Draft, section: Section, years: Sequence[int]) -> list[dict[str, object]]:
    """Make the rows of one indicator: its own, then those of its sub-items."""
    fields = ["unit", "target", "current", *(f"target_{year}" for year in years)]
    name, bracketed = unit_of(draft.name)
    lead, items = split_numbered(name)
    whole = {field: paragraphs(draft.cells.get(field, "")) for field in fields}
    if draft.parts:
        items = tuple(part.label for part in draft.parts)
        own = [{field: paragraphs(part.cells.get(field, "")) for field in fields} for part in draft.parts]
        whole |= {field: _joined([(part.label, part.cells.get(field, "")) for part in draft.parts]) for field in fields}
        split = {field for field in fields if field != "unit" and any(texts[field] for texts in own)}
    else:
        parts = {field: texts for field in fields if (texts := split_items(draft.cells.get(field, ""), len(items)))}
        own = [
            {field: paragraphs(parts[field][at]) if field in parts else "" for field in fields}
            for at in range(len(items))
        ]
        split = set(parts)
    if not whole["unit"]:
        whole["unit"] = bracketed or ("" if "target" in split else parse_target(whole["target"]).unit)
        if not bracketed and "target" in split:
            own = [texts | {"unit": parse_target(texts["target"]).unit} for texts in own]
    statuses = [_status(texts, whole) for texts in own] or [_status(whole, whole)]
    units = units_of_cells(draft.cells)
    shared: dict[str, object] = {
        "domain": draft.domain,
        "task": draft.task,
        "indicator_no": draft.number,
        "current_year": section.years.get("current"),
        "kind": KINDS.get(head_word(draft.cells.get("kind", "")), ""),
        "departments": units.departments,
        LEAD_COLUMN: units.lead,
        "deadline": one_line(draft.cells.get("deadline", "")),
    }
    parent = {
        "sub_no": "",
        "name": strip_marks(one_line(lead)),
        "status_reported": one_line(draft.cells.get("status_reported", "")),
        "status": worst(statuses),
    }
    children = [
        shared | {"sub_no": str(at + 1), "name": one_line(item), "status": statuses[at]} | _typed(own[at], years)
        for at, item in enumerate(items)
    ]
    return [shared | parent | _typed(whole, years, split), *children]


def _joined(parts: Sequence[tuple[str, str]]) -> str:
    """Join the cells of labelled parts into the cell of the whole; one text for all stands once."""
    texts = [paragraphs(text) for _, text in parts]
    if len(set(texts)) == 1:
        return texts[0]
    return "\n".join(f"{label}：{text}" for (label, _), text in zip(parts, texts, strict=True) if text)


def _typed(texts: Mapping[str, str], years: Sequence[int], split: set[str] | None = None) -> dict[str, object]:
    """Add to the wordings their comparator and numbers; a wording split onto sub-items has its numbers there."""
    split = split or set()
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
