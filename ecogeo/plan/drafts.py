"""The rows of an indicator table gathered to indicators, before their cells are read.

Domain and task cells that were merged downwards are filled down; one repeated because a page broke inside it is taken
once. A table without a column of numbers has them in front of the names (6. …), else its indicators are numbered as
they come. A row without a name whose cells hold values is a further part of the indicator above, under the label it
bears (县级). A text export moves the cells of a first such row to the right by the label's width: where the last cell
is no kind and the first value is a word, they are moved back, and the kind, which fell off, stays open. A lone word in
a row goes on with a label, or, in a table without domains, heads those that follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ecogeo.plan.cells import head_word, one_line
from ecogeo.plan.heads import Row, Section
from ecogeo.plan.targets import is_figure, parse_target
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

KINDS = {"约束性": "binding", "参考性": "reference", "预期性": "expected"}
_NUMBERED = re.compile(r"\s*(?P<number>[0-9０-９]{1,3})\s*[.．、]\s*(?P<name>\S.*)", re.DOTALL)
_LONGEST_LABEL = 12


@dataclass(slots=True)
class Part:
    """A labelled part of an indicator."""

    label: str
    cells: dict[str, str]


@dataclass(slots=True)
class Draft:
    """An indicator as its rows give it.

    Parameters
    ----------
    line
        Where it begins.
    number, name, domain, task
        As printed, the number taken off the name.
    cells
        Its cells by logical column.
    parts
        The parts its row is split into by labels, if it is.
    """

    line: int
    number: str
    name: str
    domain: str
    task: str
    cells: dict[str, str]
    parts: list[Part] = field(default_factory=list)


def drafts_of(section: Section) -> tuple[list[Draft], list[Unused]]:
    """Gather the rows of one indicator table.

    Parameters
    ----------
    section
        The rows under its head.

    Returns
    -------
    The indicators in order, and the rows and cells that fit nowhere.
    """
    drafts: list[Draft] = []
    unused: list[Unused] = []
    domain, task, is_label_open = "", "", False
    for row in section.rows:
        cells, label = _realigned(row, section)
        name = cells.get("name", "").strip()
        lone = _lone_word(row)
        if drafts and is_label_open and lone:
            drafts[-1].parts[-1].label += lone
        elif drafts and not name and _has_values(cells):
            drafts[-1].parts.append(Part(label or _first_word(cells), cells))
            is_label_open = False
        elif lone and "domain" not in section.columns.places and len(lone) <= _LONGEST_LABEL:
            domain = lone
        elif found := _numbered(cells, section, len(drafts)):
            domain = undoubled(one_line(cells.get("domain", ""))) or domain
            task = undoubled(one_line(cells.get("task", ""))) or task
            drafts.append(Draft(row.line, *found, domain, task, cells, [Part(label, cells)] if label else []))
            is_label_open = bool(label)
        else:
            words = " ".join(one_line(cell) for cell in cells.values() if cell.strip())
            reason = Text(f"没有指标序号的行：{words}", f"a row without an indicator number: {words}")
            unused.append(Unused(section.title, row.line, row.line, reason, is_loss=True))
    return drafts, unused + [doubt for draft in drafts for doubt in _kind_doubts(draft, section)]


def undoubled(text: str) -> str:
    """Return a text that is one and the same twice over once.

    Examples
    --------
    >>> undoubled("生态安全生态安全"), undoubled("生态安全")
    ('生态安全', '生态安全')
    """
    half, odd = divmod(len(text), 2)
    return text[:half] if half > 1 and not odd and text[:half] == text[half:] else text


def _realigned(row: Row, section: Section) -> tuple[dict[str, str], str]:
    """Return a row's cells by column and the label that splits it, moved back where the label moved them."""
    places = section.columns.places
    cells = dict(row.cells)
    where = places["name"]
    if len(where) > 1:
        cells["name"] = row.raw[where[0]]
        return cells, one_line("".join(row.raw[place] for place in where[1:]))
    after, kind = where[0] + 1, head_word(cells.get("kind", ""))
    is_moved = (
        kind
        and kind not in KINDS
        and after < len(row.raw)
        and parse_target(kind).comparator not in ("", "wording")
        and not is_figure(row.raw[after])
        and 0 < len(head_word(row.raw[after])) <= _LONGEST_LABEL
        and any(is_figure(cell) for cell in row.raw[after + 1 :])
    )
    if not is_moved:
        return cells, ""
    moved = (*row.raw[:after], *row.raw[after + 1 :], "")
    return {name: "".join(moved[at] for at in where) for name, where in places.items()}, one_line(row.raw[after])


def _numbered(cells: dict[str, str], section: Section, count: int) -> tuple[str, str] | None:
    """Return number and name of an indicator's row; ``None`` where the row is none."""
    name = cells["name"].strip()
    if "indicator_no" in section.columns.places:
        number = head_word(cells["indicator_no"])
        return (number, name) if number.isdecimal() and name else None
    if found := _NUMBERED.fullmatch(name):
        return head_word(found["number"]), found["name"]
    return (str(count + 1), name) if name and _has_values(cells) else None


def _has_values(cells: dict[str, str]) -> bool:
    """Whether a row holds a current value or a target."""
    return any(cell.strip() for name, cell in cells.items() if name.startswith(("target", "current")))


def _lone_word(row: Row) -> str:
    """Return the one word of a row that has no other; empty where there are several."""
    words = [one_line(cell) for cell in row.raw if cell.strip()]
    return words[0] if len(words) == 1 else ""


def _first_word(cells: dict[str, str]) -> str:
    """Return the first word of a row that has no name."""
    return next(
        (one_line(cells[name]) for name in ("domain", "task", "indicator_no") if cells.get(name, "").strip()), ""
    )


def _kind_doubts(draft: Draft, section: Section) -> list[Unused]:
    """Say where the kind of an indicator is not known."""
    kind = head_word(draft.cells.get("kind", ""))
    if "kind" not in section.columns.places or kind in KINDS:
        return []
    number = draft.number
    reason = Text(f"指标 {number} 的属性不明：“{kind}”", f'indicator {number} is of an unknown kind: "{kind}"')
    return [Unused(section.title, draft.line, draft.line, reason, is_loss=True)]
