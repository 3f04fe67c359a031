"""Indicator tables as a typed frame: one row per indicator, and one per sub-item.

The row of an indicator has an empty ``sub_no`` and keeps every cell as printed. Where its name numbers sub-items
（1）（2）…, or its row is split by labels (`ecogeo.plan.drafts`), each becomes a row of its own that shares the domain,
task, kind, departments and deadline. A cell of unit, target, value or later target is split onto the sub-items where
the document splits it (`ecogeo.plan.item_lists`); its number then stands with the sub-items and not with the
indicator. Where the document gives one text for all, it stays with the indicator alone, and each sub-item is judged by
it. The status of an indicator with sub-items is the worst of theirs; the reported status is the document's for the
indicator as a whole.

A table without a column of units has them in brackets behind the names or behind the targets' numbers; the brackets
are taken off the name, the targets keep their wording.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from ecogeo.plan.body_rows import Row
from ecogeo.plan.cells import has_several, head_word, one_line, paragraphs
from ecogeo.plan.columns import INDICATOR_COLUMNS, LEAD_COLUMN, later_columns, typed_frame
from ecogeo.plan.departments import units_of_cells
from ecogeo.plan.directions import judged_name
from ecogeo.plan.drafts import KINDS, Draft, drafts_of
from ecogeo.plan.heads import Section
from ecogeo.plan.item_lists import in_brackets, split_items, split_numbered
from ecogeo.plan.plain_text import is_blank, strip_marks
from ecogeo.plan.standing import Status, judge, worst
from ecogeo.plan.statements import Statement
from ecogeo.plan.targets import Target, lists_figures, parse_target, parse_value, unit_of
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text, list_en, list_zh

_BRACKETED = re.compile(r"[\[〔【［]")
_DATED = re.compile(r"[0-9%％‰]\s*[（(](?P<year>20[0-9]{2})\s*年?[底末]?[^（）()0-9]{0,4}[）)]\s*$")
_MARKS = re.compile(r"(?<=\S)[*＊]+$|(?<=[一-鿿）)])(?:[¹²³⁰⁴-⁹]+|\^[a-zA-Z])$")


def build_indicators(
    sections: Sequence[Section],
) -> tuple[pd.DataFrame, tuple[Unused, ...], tuple[Statement, ...]]:
    """Turn indicator tables into one frame with the columns of the contract.

    Parameters
    ----------
    sections
        The rows under each head of an indicator table.

    Returns
    -------
    The frame, with ``lead_departments`` where a table tells them from the others; the rows and cells that fit nowhere;
    and how many indicators the headings of groups say there are.
    """
    rows: list[dict[str, object]] = []
    unused: list[Unused] = []
    stated: list[Statement] = []
    years = sorted({year for section in sections for year in _later_years(section)})
    for section in map(_with_kind, sections):
        drafts, doubts, counts = drafts_of(section)
        unused += doubts
        stated += counts
        for draft in drafts:
            unused += _take_cumulative(draft, section)
            made = _indicator(draft, section, years)
            rows += made
            unused += _several(made, draft, section)
    lead = (LEAD_COLUMN,) if any(row[LEAD_COLUMN] for row in rows) else ()
    return typed_frame(rows, [*INDICATOR_COLUMNS, *later_columns(years), *lead]), tuple(unused), tuple(stated)


def _take_cumulative(draft: Draft, section: Section) -> list[Unused]:
    """Take as the target what is counted over the whole period (［累计］), where that is in a column of its own.

    Under 年均/［累计］ a number without brackets is a yearly rate: as the target it stays in words, and that is said.
    """
    text = draft.cells.get("cumulative", "")
    if is_blank(text) or "年均" in text or not is_blank(draft.cells.get("target", "")):
        return []
    later = sorted(name for name in draft.cells if name.startswith("target_"))
    is_rate = "年均" in section.columns.words[section.columns.places["cumulative"][0]] and not _BRACKETED.search(text)
    wording = f"年均{one_line(text)}" if is_rate else text
    draft.cells |= {name: wording for name in ("target", *later[:1]) if is_blank(draft.cells.get(name, ""))}
    if not is_rate:
        return []
    reason = Text(
        f"指标 {draft.number} 的“{one_line(text)}”没有方括号，是年均值，不是累计值：没有读成数",
        f'indicator {draft.number}: "{one_line(text)}" has no square brackets, so it is a yearly mean and no sum: it '
        "was not read as a number",
    )
    return [Unused(section.title, draft.line, draft.line, reason, is_loss=True)]


def _with_kind(section: Section) -> Section:
    """Return a section whose column of domains holds nothing but kinds (约束性) with that column as its kind.

    So is one with a column for each kind, of which a mark (√) fills one.
    """
    places = section.columns.places
    if "kind_binding" in places and "kind" not in places:
        renamed = {"kind" if name == "kind_binding" else name: where for name, where in places.items()}
        rows = tuple(replace(row, cells=row.cells | {"kind": _marked_kind(row, section)}) for row in section.rows)
        return replace(section, columns=replace(section.columns, places=renamed), rows=rows)
    words = {head_word(row.cells["domain"]) for row in section.rows if row.cells.get("domain", "").strip()}
    if "kind" in places or not words or not words <= KINDS.keys():
        return section
    renamed = {"kind" if name == "domain" else name: where for name, where in places.items()}
    rows = tuple(
        replace(row, cells={"kind" if name == "domain" else name: cell for name, cell in row.cells.items()})
        for row in section.rows
    )
    return replace(section, columns=replace(section.columns, places=renamed), rows=rows)


def _marked_kind(row: Row, section: Section) -> str:
    """Return the kind whose column a row fills; both words where it fills both, nothing where none."""
    places = section.columns.places
    names = [name for name in ("kind_binding", "kind_expected") if not is_blank(row.cells.get(name, ""))]
    return "、".join(section.columns.words[places[name][0]].removesuffix("指标") for name in names)


def _several(rows: Sequence[Mapping[str, object]], draft: Draft, section: Section) -> list[Unused]:
    """List the cells of an indicator with several figures that nothing assigns to sub-items."""
    cells = [
        one_line(str(text).replace("\n", " / "))
        for row in rows
        for column, text in row.items()
        if column.startswith(("target_text", "current_text")) and _is_open(str(text), len(rows))
    ]
    if not cells:
        return []
    shown = list(dict.fromkeys(cells))
    reason = Text(
        f"指标 {draft.number} 一格中有几个数，没有写明各属哪一项，没有读成数：{list_zh(shown)}",
        f"indicator {draft.number}: a cell holds several figures and nothing says what each is of; they were "
        f"not read as numbers: {list_en(shown)}",
    )
    return [Unused(section.title, draft.line, draft.line, reason, is_loss=True)]


def _is_open(text: str, rows: int) -> bool:
    """Whether a cell holds several figures, and no sub-items that could share them."""
    return _holds_several(text) and (rows == 1 or split_items(text, rows - 1) is None)


def _holds_several(text: str) -> bool:
    """Whether a cell holds several figures, on lines of their own or between signs."""
    return has_several(text) or lists_figures(text)


def _target(text: str) -> Target:
    """Read a target; several figures are words."""
    return Target("wording", None, text) if _holds_several(text) else parse_target(text)


def _value(text: str) -> float | None:
    """Read a current value; several figures are none."""
    return None if _holds_several(text) else parse_value(text)


def _later_years(section: Section) -> list[int]:
    """Return the years for which a section's head gives targets."""
    return [year for name, year in section.years.items() if name.startswith("target_")]


def _indicator(draft: Draft, section: Section, years: Sequence[int]) -> list[dict[str, object]]:
    """Make the rows of one indicator: its own, then those of its sub-items."""
    fields = ["unit", "target", "current", *(f"target_{year}" for year in years)]
    name, bracketed = unit_of(draft.name)
    split_cells = draft.cells
    lead, items = split_numbered(name)
    if not items and (renumbered := split_numbered(in_brackets(name)))[1][1:]:
        lead, items = renumbered
        split_cells = {field: in_brackets(text) for field, text in draft.cells.items()}
    whole = {field: paragraphs(draft.cells.get(field, "")) for field in fields}
    whole["unit"] = strip_marks(whole["unit"])
    if draft.parts:
        labels = [unit_of(part.label) for part in draft.parts]
        items = tuple(label for label, _ in labels)
        own = [{field: paragraphs(part.cells.get(field, "")) for field in fields} for part in draft.parts]
        own = [texts | {"unit": texts["unit"] or unit} for texts, (_, unit) in zip(own, labels, strict=True)]
        whole |= {
            field: _joined([(unit_of(part.label)[0], part.cells.get(field, "")) for part in draft.parts])
            for field in fields
        }
        split = {field for field in fields if field != "unit" and any(texts[field] for texts in own)}
    else:
        parts = {field: texts for field in fields if (texts := split_items(split_cells.get(field, ""), len(items)))}
        own = [
            {field: paragraphs(parts[field][at]) if field in parts else "" for field in fields}
            for at in range(len(items))
        ]
        split = set(parts)
    if bracketed and is_blank(whole["unit"]):
        whole["unit"] = bracketed
    if not whole["unit"]:
        whole["unit"] = bracketed or ("" if "target" in split else _target(whole["target"]).unit)
        if not bracketed and "target" in split:
            own = [texts | {"unit": texts["unit"] or parse_target(texts["target"]).unit} for texts in own]
    named = [judged_name(item, lead) for item in items]
    statuses = [_status(texts, whole, one) for texts, one in zip(own, named, strict=True)]
    statuses = statuses or [_status(whole, whole, lead)]
    units = units_of_cells(draft.cells)
    shared: dict[str, object] = {
        "domain": draft.domain,
        "task": draft.task,
        "indicator_no": draft.number,
        "kind": KINDS.get(head_word(draft.cells.get("kind", "")), ""),
        "departments": units.departments,
        LEAD_COLUMN: units.lead,
        "deadline": one_line(draft.cells.get("deadline", "")),
    }
    parent = {
        "sub_no": "",
        "name": _unmarked(lead),
        "status_reported": one_line(draft.cells.get("status_reported", "")),
        "status": worst(statuses),
    }
    children = [
        shared
        | {"sub_no": str(at + 1), "name": _unmarked(item), "status": statuses[at]}
        | _typed(own[at], years)
        | _year_of(own[at]["current"], section)
        for at, item in enumerate(items)
    ]
    return [shared | parent | _typed(whole, years, split) | _year_of(whole["current"], section), *children]


def _year_of(current: str, section: Section) -> dict[str, object]:
    """Return the year of a current value: the one in brackets behind it, 75.2（2019年）, else its column's."""
    found = _DATED.search(current)
    return {"current_year": int(found["year"]) if found else section.years.get("current")}


def _unmarked(name: str) -> str:
    """Return a name without footnote marks."""
    return _MARKS.sub("", strip_marks(one_line(name)))


def _joined(parts: Sequence[tuple[str, str]]) -> str:
    """Join the cells of labelled parts into the cell of the whole; one text for all stands once."""
    texts = [paragraphs(text) for _, text in parts]
    if len(set(texts)) == 1:
        return texts[0]
    return "\n".join(f"{label}：{text}" for (label, _), text in zip(parts, texts, strict=True) if text)


def _typed(texts: Mapping[str, str], years: Sequence[int], split: set[str] | None = None) -> dict[str, object]:
    """Add to the wordings their comparator and numbers; a wording split onto sub-items has its numbers there."""
    split = split or set()
    target = _target("" if "target" in split else texts["target"])
    cells: dict[str, object] = {
        "unit": texts["unit"],
        "target_text": texts["target"],
        "comparator": target.comparator,
        "target_value": target.value,
        "current_text": texts["current"],
        "current_value": None if "current" in split else _value(texts["current"]),
    }
    for year in years:
        field = f"target_{year}"
        cells[f"target_text_{year}"] = texts[field]
        cells[f"target_value_{year}"] = None if field in split else _target(texts[field]).value
    return cells


def _status(own: Mapping[str, str], whole: Mapping[str, str], name: str) -> Status:
    """Judge a sub-item by its own target and value, else by those of its indicator."""
    target, current, unit = (own[field] or whole[field] for field in ("target", "current", "unit"))
    return judge(_target(target), "" if has_several(current) else current, unit, name=name)
