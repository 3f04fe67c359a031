"""Project tables as a typed frame: one row per project, under the system it belongs to.

A system is named by a heading row above its projects, which begins with a Chinese numeral (一、), gives the name behind
it or in the second cell, and has no other cell filled but that of the investment; how many projects it counts
（3个） and its investment are statements of the system; in a column of its own, merged downwards; or, of several tables
without either, by the caption of each. A project's id is ``P<system>-<number>``, both as the document numbers them;
where it does not, they are counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from ecogeo.plan.boxes import Programme
from ecogeo.plan.cells import NUMERALS, head_word, numeral_value, one_line, paragraphs
from ecogeo.plan.columns import LEAD_COLUMN, PROJECT_COLUMNS, typed_frame
from ecogeo.plan.departments import units_of_cells
from ecogeo.plan.heads import Row, Section, invest_factor, invest_unit
from ecogeo.plan.statements import Statement
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

_HEADING = re.compile(rf"\(?(?P<numeral>[{NUMERALS}]{{1,3}})[、.)]?(?P<name>.*)")
_YEARS = re.compile(r"(?P<start>20[0-9]{2})年?(?:[-—–―−－~～至到]+(?P<end>20[0-9]{2})年?)?")
_COUNT = re.compile(r"[(（](?:共计?)?(?P<count>[0-9]{1,4})(?P<unit>个|项)(?:项目|工程)?[)）]$")
_TOTAL = re.compile(r"(?:合计|总计|小计|共计)(?:[(:（：].*)?")
_AMOUNT = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class _System:
    """The heading a project stands under; number 0 and no name before the first heading."""

    number: int = 0
    name: str = ""


def build_projects(sections: Sequence[Section]) -> tuple[pd.DataFrame, tuple[Unused, ...], tuple[Statement, ...]]:
    """Turn project tables into one frame with the columns of the contract.

    Parameters
    ----------
    sections
        The rows under each head of a project table.

    Returns
    -------
    The frame (``invest_wan_yuan`` in 万元; ``location_basis`` is ``none`` throughout); the rows and cells that fit
    nowhere; and the totals and subtotals that rows give.
    """
    rows: list[dict[str, object]] = []
    unused: list[Unused] = []
    totals: list[Statement] = []
    system, count = _System(), 0
    for section in sections:
        factor = invest_factor(section)
        has_projects = any(map(is_project, section.rows))
        if section.title and len(sections) > 1 and not any(_heading(row) for part in sections for row in part.rows):
            system, count = _System(system.number + 1, section.title), 0
        for row in section.rows:
            if heading := (has_projects and _heading(row)) or _named_system(row, system):
                system, count = heading, 0
            if has_projects and (heading := _heading(row)):
                totals += _stated_of(row, heading, section)
                continue
            if total := _total(row, system, section):
                totals.append(total)
                continue
            doubts = _doubts(row)
            unused += [Unused(section.title, row.line, row.line, reason, is_loss=True) for reason in doubts]
            if is_project(row):
                count += 1
                rows.append(_project(row, system, head_word(row.cells.get("project_no", "")) or str(count), factor))
    lead = (LEAD_COLUMN,) if any(row[LEAD_COLUMN] for row in rows) else ()
    return typed_frame(rows, [*PROJECT_COLUMNS, *lead]), tuple(unused), tuple(totals)


def with_programmes(projects: pd.DataFrame, programmes: Sequence[Programme]) -> pd.DataFrame:
    """Add the programmes of boxes to the projects of tables; their ids are ``B<box>-<number>``.

    Parameters
    ----------
    projects
        The projects of tables.
    programmes
        The programmes; a box numbers none, so they are counted.
    """
    counts: Counter[str] = Counter()
    rows: list[dict[str, object]] = []
    for item in programmes:
        counts[item.box_number] += 1
        number = str(counts[item.box_number])
        rows.append(
            {
                "project_id": f"B{item.box_number}-{int(number):02d}",
                "system": item.box_title,
                "project_no": number,
                "name": item.name,
                "content": item.content,
                "location_basis": "none",
            }
        )
    added = typed_frame(rows, list(projects.columns))
    return pd.concat([projects, added], ignore_index=True) if rows and len(projects) else added if rows else projects


def parse_years(text: str) -> tuple[int, int] | None:
    """Read the first and last year of a span; a single year is both.

    Examples
    --------
    >>> parse_years("2021—2025年")
    (2021, 2025)
    """
    found = _YEARS.fullmatch(head_word(text))
    return (int(found["start"]), int(found["end"] or found["start"])) if found else None


def is_project(row: Row) -> bool:
    """Whether a row is a project: it has a name, and a number where its table numbers them."""
    number = head_word(row.cells.get("project_no", "1"))
    return number.isdecimal() and bool(row.cells["name"].strip())


def _heading(row: Row) -> _System | None:
    """Return the system a row is the heading of, if it is one."""
    words = head_word(next((cell for cell in row.raw if cell.strip()), ""))
    found = _HEADING.fullmatch(words)
    amount = row.cells.get("invest", "") if _amount(row) is not None else ""
    others = [cell for cell in row.raw if cell.strip() and head_word(cell) != words and cell != amount]
    if not found or len(others) > (0 if found["name"] else 1):
        return None
    name = found["name"] or "".join(one_line(cell) for cell in others)
    return _System(numeral_value(found["numeral"]), _COUNT.sub("", name)) if _COUNT.sub("", name) else None


def _stated_of(row: Row, system: _System, section: Section) -> list[Statement]:
    """Return how many projects and what investment the heading row of a system states."""
    place, amount = section.title or "table", _amount(row)
    counts = [count for cell in row.raw if (count := _COUNT.search(one_line(cell)))]
    found = [("count", float(count["count"]), count["unit"], count[0]) for count in counts[:1]]
    if amount is not None:
        found.append(("invest", float(amount), invest_unit(section), f"{amount}"))
    return [
        Statement("projects", system.name, measure, value, unit, place, row.line, wording)
        for measure, value, unit, wording in found
    ]


def _named_system(row: Row, system: _System) -> _System | None:
    """Return the system a row names in a column of its own, where it is another than the one before."""
    name = one_line(row.cells.get("system", ""))
    if not name or name == system.name or not is_project(row):
        return None
    return _System(system.number + 1, name)


def _total(row: Row, system: _System, section: Section) -> Statement | None:
    """Return what a row of a total (合计), or of a system's subtotal (小计), states of the investment."""
    words = [head_word(cell) for cell in row.raw if cell.strip()]
    amount = _amount(row)
    if amount is None or not any(_TOTAL.fullmatch(word) for word in words):
        return None
    subject = system.name if any(word.startswith("小计") for word in words) else ""
    place, unit = section.title or "table", invest_unit(section)
    return Statement("projects", subject, "invest", float(amount), unit, place, row.line, f"{amount}")


def _doubts(row: Row) -> list[Text]:
    """Say what of a row cannot be taken over: the whole row, or single cells."""
    if not is_project(row):
        words = " ".join(one_line(cell) for cell in row.raw if cell.strip())
        return [Text(f"既不是项目也不是分类标题的行：{words}", f"a row that is no project and no heading: {words}")]
    number = head_word(row.cells.get("project_no", "")) or one_line(row.cells["name"])
    doubts = []
    if "years" in row.cells and parse_years(row.cells["years"]) is None:
        years = one_line(row.cells["years"])
        doubts.append(
            Text(f"项目 {number} 的起止年限不明：“{years}”", f'project {number}: years not understood: "{years}"')
        )
    if "invest" in row.cells and _amount(row) is None:
        amount = one_line(row.cells["invest"])
        doubts.append(
            Text(f"项目 {number} 的投资不是数字：“{amount}”", f'project {number}: investment is no number: "{amount}"')
        )
    return doubts


def _amount(row: Row) -> Decimal | None:
    """Return the investment as printed, in the unit of the head."""
    amount = head_word(row.cells.get("invest", ""))
    return Decimal(amount.replace(",", "")) if _AMOUNT.fullmatch(amount) else None


def _project(row: Row, system: _System, number: str, factor: Decimal) -> dict[str, object]:
    """Make the row of one project."""
    amount = _amount(row)
    start, end = parse_years(row.cells.get("years", "")) or (None, None)
    units = units_of_cells(row.cells)
    return {
        "project_id": f"P{system.number}-{int(number):02d}",
        "system": system.name,
        "project_no": number,
        "name": one_line(row.cells["name"]),
        "nature": one_line(row.cells.get("nature", "")),
        "content": paragraphs(row.cells.get("content", "")),
        "start_year": start,
        "end_year": end,
        "invest_wan_yuan": None if amount is None else float(amount * factor),
        "funding": one_line(row.cells.get("funding", "")),
        "departments": units.departments,
        LEAD_COLUMN: units.lead,
        "location_basis": "none",
        "place": "",
        "accuracy_m": None,
    }
