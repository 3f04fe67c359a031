"""The rows of an indicator table gathered to indicators, before their cells are read.

Domain and task cells that were merged downwards are filled down; one repeated because a page broke inside it is taken
once. A table without a column of numbers has them in front of the names (6. …), else its indicators are numbered as
they come. A row without a name whose cells hold values is a further part of the indicator above, under the label it
bears (县级); so is a row with a name of its own whose number was merged with the one above. A text export moves the
cells of a first such row to the right by the label's width: where the last cell is no kind and the first value is a
word, they are moved back, and the kind, which fell off, stays open. A lone word in a row goes on with a label, or
heads those that follow; rows numbered 7.1 or （1） below an indicator without values are its sub-items; how many it
says there are （6项） is a statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from ecogeo.plan.body_rows import TOTAL, Row
from ecogeo.plan.cells import COUNT, NUMERALS, counted, head_word, one_line, unnumbered
from ecogeo.plan.heads import Section
from ecogeo.plan.plain_text import is_blank
from ecogeo.plan.statements import Statement
from ecogeo.plan.targets import is_figure, parse_target, unit_of
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

KINDS = {"约束性": "binding", "参考性": "reference", "预期性": "expected"}
_NUMBERED = re.compile(
    r"\s*(?:(?P<number>[0-9０-９]{1,3})\s*[.．、]|[（(](?P<bracketed>[0-9０-９]{1,3})[）)])(?![0-9])\s*(?P<name>\S.*)",
    re.DOTALL,
)
_LONGEST_LABEL = 12
_LONGEST_GROUP = 40
_GROUP = re.compile(
    rf"(?:[（(]?[{NUMERALS}]{{1,3}}[）)、.．]|[（(]?[{NUMERALS}]{{1,3}}[）)、.．]?(?=[^{NUMERALS}]))\s*"
)
_COUNT = re.compile(rf"\s*[（(](?:共计?)?(?P<count>{COUNT})\s*(?P<unit>个|项|类|条)(?:[一-鿿]{{0,4}}指标)?[）)]\s*$")


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


def drafts_of(section: Section) -> tuple[list[Draft], list[Unused], list[Statement]]:
    """Gather the rows of one indicator table.

    Parameters
    ----------
    section
        The rows under its head.

    Returns
    -------
    The indicators in order; the rows and cells that fit nowhere; and how many the headings of groups say there are.
    """
    drafts: list[Draft] = []
    unused: list[Unused] = []
    stated: list[Statement] = []
    domain, task, is_label_open = "", "", False
    numbers_in = _numbers_in(section)
    if numbers_in == "order" and "indicator_no" in section.columns.places and section.rows:
        unused.append(unnumbered_rows(section))
    for row in section.rows:
        cells, label = _realigned(row, section)
        name = cells.get("name", "").strip()
        lone = _lone_word(row)
        if drafts and is_label_open and lone and not _GROUP.match(lone):
            drafts[-1].parts[-1].label += lone
        elif lone and (group := _group(lone, row, section)):
            domain, task = group, ""
            stated += _counts(lone, domain, row, section)
            is_label_open = False
        elif drafts and not name and _has_values(cells):
            drafts[-1].parts.append(Part(label or _first_word(cells), cells))
            is_label_open = False
        elif drafts and (inner := _inner(cells, drafts[-1])):
            drafts[-1].parts.append(Part(inner, cells))
        elif drafts and numbers_in == "column" and _is_further(cells):
            if not drafts[-1].parts:
                drafts[-1].parts.append(Part(one_line(drafts[-1].name), drafts[-1].cells))
                drafts[-1].name = unit_of(one_line(drafts[-1].name))[0]
            drafts[-1].name = f"{drafts[-1].name}、{unit_of(one_line(name))[0]}"
            drafts[-1].parts.append(Part(one_line(name), cells))
        elif found := _numbered(cells, numbers_in, len(drafts)):
            if printed := undoubled(one_line(cells.get("domain", ""))):
                task = task if _COUNT.sub("", printed) == domain else ""
                domain = _COUNT.sub("", printed)
                stated += _counts(printed, domain, row, section)
            task = undoubled(one_line(cells.get("task", ""))) or task
            drafts.append(Draft(row.line, *found, domain, task, cells, [Part(label, cells)] if label else []))
            is_label_open = bool(label)
        else:
            words = " ".join(one_line(cell) for cell in cells.values() if cell.strip())
            reason = Text(f"没有指标序号的行：{words}", f"a row without an indicator number: {words}")
            unused.append(Unused(section.title, row.line, row.line, reason, is_loss=True))
    return drafts, unused + [doubt for draft in drafts for doubt in _kind_doubts(draft, section)], stated


def unnumbered_rows(section: Section) -> Unused:
    """Say that the numbers of a table are not in its text, and its rows were counted."""
    reason = Text(
        "序号列是空的（可能由 Word 自动编号），已按出现的顺序编号",
        "the column of numbers is empty (Word may number the rows itself): they were numbered as they come",
    )
    return Unused(section.title, section.rows[0].line, section.rows[-1].line, reason)


def _group(lone: str, row: Row, section: Section) -> str:
    """Return the domain that a row of one word heads; empty where it heads none."""
    name = _COUNT.sub("", lone)
    plain = name[found.end() :] if (found := _GROUP.match(name)) else name
    if TOTAL.match(head_word(lone)) or not plain:
        return ""
    is_marked = plain != lone and len(plain) <= _LONGEST_GROUP
    places = section.columns.places
    is_first = bool(row.raw[0].strip())
    if is_marked and is_first:
        return plain
    return lone if "domain" not in places and len(lone) <= _LONGEST_LABEL else ""


def _counts(words: str, domain: str, row: Row, section: Section) -> list[Statement]:
    """Return how many indicators the heading of a domain says there are."""
    found = _COUNT.search(words)
    if not found:
        return []
    place, count = section.title or "table", float(counted(found["count"]))
    return [Statement("indicators", domain, "count", count, "", place, row.line, found[0].strip())]


def _numbers_in(section: Section) -> Literal["column", "name", "order"]:
    """Tell where the numbers of the indicators are: in a column, in front of the names, or nowhere."""
    if any(unnumbered(row.cells.get("indicator_no", "")) for row in section.rows):
        return "column"
    names = [row.cells["name"] for row in section.rows if row.cells["name"].strip()]
    return "name" if any(_NUMBERED.fullmatch(name) for name in names) else "order"


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


def _numbered(cells: dict[str, str], numbers_in: str, count: int) -> tuple[str, str] | None:
    """Return number and name of an indicator's row; ``None`` where the row is none."""
    name = cells["name"].strip()
    if numbers_in == "column":
        number = unnumbered(cells["indicator_no"])
        return (number, name) if number and name else None
    if numbers_in == "name" and (found := _NUMBERED.fullmatch(name)):
        return head_word(found["number"] or found["bracketed"]), found["name"]
    if TOTAL.match(head_word(name)):
        return None
    return (str(count + 1), name) if name and _has_values(cells) else None


def _inner(cells: dict[str, str], draft: Draft) -> str:
    """Return the name of a row that is a sub-item of an indicator without values of its own; else nothing.

    Such rows are numbered behind the indicator (7.1), or （1）, （2） … without a number of the table.
    """
    if any(not is_blank(cell) for name, cell in draft.cells.items() if name.startswith(("target", "current"))):
        return ""
    name, number = one_line(cells.get("name", "")), unnumbered(cells.get("indicator_no", ""))
    count = len(draft.parts) + 1
    if number and name:
        return name if re.fullmatch(rf"{re.escape(draft.number)}[-–—.]{count}", number) else ""
    found = _NUMBERED.fullmatch(name)
    is_next = found is not None and head_word(found["bracketed"] or "") == str(count)
    if found is None or not is_next or number:
        return ""
    draft.name = draft.name.rstrip("：: ")
    return found["name"]


def _is_further(cells: dict[str, str]) -> bool:
    """Whether a row is a further part of an indicator: it has a name and values, and shares the number above."""
    return (
        bool(cells["name"].strip())
        and not cells["indicator_no"].strip()
        and _has_values(cells)
        and not TOTAL.match(head_word(cells["name"]))
    )


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
