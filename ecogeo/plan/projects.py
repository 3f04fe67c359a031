"""Project tables as a typed frame: one row per project, under the system it belongs to.

A system is named by a heading row above its projects, which begins with a Chinese numeral (一、), gives the name behind
it or in the second cell, and has no other cell filled but that of the investment; how many projects it counts
（3个） and its investment are statements of the system; in a column of its own, merged downwards; or, of several tables
without either, by the caption of each. A project's id is ``P<system>-<number>``, both as the document numbers them;
where it does not, they are counted. The ground a column names (建设地点) is kept as its place. An investment is read in
the unit of its own cell, else of the head, else of the line above the table; where none is written it stays open. Rows
of totals (合计) are statements and no projects.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from ecogeo.plan.body_rows import TOTAL, Row
from ecogeo.plan.boxes import Programme
from ecogeo.plan.cells import (
    COUNT,
    NUMERALS,
    counted,
    has_several,
    head_word,
    numeral_value,
    one_line,
    paragraphs,
    unnumbered,
)
from ecogeo.plan.columns import LEAD_COLUMN, PROJECT_COLUMNS, typed_frame
from ecogeo.plan.departments import units_of_cells
from ecogeo.plan.drafts import unnumbered_rows
from ecogeo.plan.heads import Section
from ecogeo.plan.money_parts import money_parts
from ecogeo.plan.money_units import invest_factor, invest_unit
from ecogeo.plan.plain_text import is_blank
from ecogeo.plan.prose_projects import told_invest
from ecogeo.plan.statements import Statement
from ecogeo.plan.unused import Unused
from ecogeo.plan.years import parse_years
from ecogeo.wording import Text

_HEADING = re.compile(rf"\(?(?P<numeral>[{NUMERALS}]{{1,3}})[、.)]?(?P<name>.*)")
_COUNT = re.compile(rf"[(（](?:共计?)?(?P<count>{COUNT})(?P<unit>个|项)(?:[一-鿿]{{0,4}}(?:项目|工程))?[)）]$")
_CAPTION = re.compile("^(?:续?附?表|附件|附录)\\s*[-–—0-9一二三四五六七八九十.]+[：:]?\\s*")
"""What numbers the caption of a table, and is no part of what it is called."""

_ORDINAL = re.compile(rf"第[{NUMERALS}]{{1,3}}[类部分章]+[、：:.．]?")
_GROUP_END = re.compile(
    r"^[^，。；]{2,30}(?:类|工程|项目|体系|领域|建设|治理|修复|保护|整治|防治|提升|方面|行动)(?:[（(][^（）()]*[）)])?$|^第[一二三四五六七八九十]+类"
)
_IN_BRACKETS = re.compile(r"(?P<name>[^()]+)\((?P<unit>[^()]*)\)")
_NOTE = re.compile(r"\s*(?:注|备注|说明)\s*[：:]")
_AMOUNT = re.compile(
    r"(?P<about>大?约)?(?P<number>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)(?P<unit>亿元?|[百千]?万元?|千元|元)?(?P<more>左右|上下)?"
    r"(?P<parts>\((?:其中|含|包括|中央|省级?|市级?|县级?|财政|专项|企业|自筹|社会)[^()]*\))?"
)


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
        is_counted = not any(_number(row) for row in section.rows)
        has_projects = any(is_project(row, is_counted=is_counted) for row in section.rows)
        if is_counted and has_projects and "project_no" in section.columns.places:
            unused.append(unnumbered_rows(section))
        if section.title and len(sections) > 1 and not any(_heading(row) for part in sections for row in part.rows):
            system, count = _System(system.number + 1, _CAPTION.sub("", section.title) or section.title), 0
        for row in section.rows:
            if _is_total(row):
                totals += _total(row, system, section)
                unused += _untold(row, section)
                continue
            if heading := (has_projects and _heading(row, system.number)) or _named_system(row, system):
                system, count = heading, 0
            if has_projects and (heading := _heading(row, system.number - 1)):
                totals += _stated_of(row, heading, section)
                continue
            if _ends_group(row, is_counted=is_counted):
                system, count = _System(system.number + 1), 0
            doubts = _doubts(row, section, is_counted=is_counted)
            unused += [Unused(section.title, row.line, row.line, reason, is_loss=True) for reason in doubts]
            if is_project(row, is_counted=is_counted):
                count += 1
                rows.append(_project(row, system, _number(row) or str(count), section))
    lead = (LEAD_COLUMN,) if any(row[LEAD_COLUMN] for row in rows) else ()
    return typed_frame(rows, [*PROJECT_COLUMNS, *lead]), tuple(unused), tuple(totals)


def with_programmes(projects: pd.DataFrame, programmes: Sequence[Programme]) -> pd.DataFrame:
    """Add the programmes of boxes to the projects of tables; their ids are ``B<box>-<number>``.

    Parameters
    ----------
    projects
        The projects of tables.
    programmes
        The programmes; a box numbers none, so they are counted. The one amount a programme gives behind 投资 is its
        investment.
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
                "invest_wan_yuan": told_invest(item.content)[0],
                "location_basis": "none",
            }
        )
    added = typed_frame(rows, list(projects.columns))
    return pd.concat([projects, added], ignore_index=True) if rows and len(projects) else added if rows else projects


def is_project(row: Row, *, is_counted: bool = False) -> bool:
    """Whether a row is a project: it has a name, and a number where its table numbers them."""
    return bool(is_counted or "project_no" not in row.cells or _number(row)) and bool(row.cells["name"].strip())


def _number(row: Row) -> str:
    """Return the number a row is printed with; empty where it has none."""
    return unnumbered(row.cells.get("project_no", ""))


def _heading(row: Row, number: int = 0) -> _System | None:
    """Return the system a row is the heading of, if it is one; one without a numeral comes behind that number."""
    words = head_word(next((cell for cell in row.raw if cell.strip()), ""))
    found = _HEADING.fullmatch(words)
    others = [cell for cell in row.raw if cell.strip() and head_word(cell) != words and not _is_amount(cell)]
    if not found and not others and _is_group_name(words, row):
        return _System(number + 1, _COUNT.sub("", _ORDINAL.sub("", words)))
    if not found or len(others) > (0 if found["name"] else 1):
        return None
    name = found["name"] or "".join(one_line(cell) for cell in others)
    return _System(numeral_value(found["numeral"]), _COUNT.sub("", name)) if _COUNT.sub("", name) else None


def _is_group_name(words: str, row: Row) -> bool:
    """Whether a lone word that fills the first cell of a row, in a table that numbers its projects, names a group."""
    is_first = bool(row.raw[0].strip()) and "project_no" in row.cells
    is_numbered = bool(_number(row))
    return is_first and not is_numbered and bool(_GROUP_END.search(_COUNT.sub("", words)))


def _ends_group(row: Row, *, is_counted: bool) -> bool:
    """Whether a row that is no project and was not read stands where a group's heading does: nothing goes on past it.

    A row whose first cell and name are empty goes on with the row above, and ends nothing.
    """
    is_begun = bool(row.raw[0].strip() or row.cells["name"].strip())
    return is_begun and not is_project(row, is_counted=is_counted) and not _NOTE.match(row.raw[0])


def _is_amount(cell: str) -> bool:
    """Whether a cell holds an amount, or a dash."""
    return bool(_AMOUNT.fullmatch(head_word(cell))) or is_blank(cell)


def _stated_of(row: Row, system: _System, section: Section) -> list[Statement]:
    """Return how many projects and what investment the heading row of a system states."""
    place = section.title or "table"
    amount, unit_of_money = _in_usual(_amount(row), invest_unit(section))
    counts = [count for cell in row.raw if (count := _COUNT.search(one_line(cell)))]
    found = [("count", float(counted(count["count"])), count["unit"], count[0]) for count in counts[:1]]
    if amount is not None:
        found.append(("invest", float(amount), unit_of_money, f"{amount}"))
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


def _is_total(row: Row) -> bool:
    """Whether a row is a total (合计), or a system's subtotal (小计)."""
    words = [head_word(cell) for cell in row.raw if cell.strip()]
    numbered = bool(_number(row)) and "project_no" in row.cells
    return not numbered and any(TOTAL.fullmatch(word) for word in words[:2])


def _total(row: Row, system: _System, section: Section) -> list[Statement]:
    """Return what the row of a total states of the investment."""
    amount, unit = _in_usual(_amount(row), _unit(row, invest_unit(section)))
    if amount is None or not unit:
        return []
    words = [head_word(cell) for cell in row.raw if cell.strip()]
    subject = system.name if any("小计" in word for word in words) else ""
    return [
        Statement("projects", subject, "invest", float(amount), unit, section.title or "table", row.line, f"{amount}")
    ]


def _in_usual(amount: Decimal | None, unit: str) -> tuple[Decimal | None, str]:
    """Return an amount in 百万元 or 千万元 in 万元, any other as it is."""
    factor = invest_factor(unit)
    is_odd = amount is not None and factor is not None and unit in ("百万元", "千万元")
    return (amount * factor, "万元") if is_odd and amount is not None and factor is not None else (amount, unit)


def _untold(row: Row, section: Section) -> list[Unused]:
    """List a total without an investment that can be read."""
    if _amount(row) is not None and _unit(row, invest_unit(section)):
        return []
    words = " ".join(one_line(cell) for cell in row.raw if cell.strip())
    return [Unused(section.title, row.line, row.line, Text(f"合计行：{words}", f"a row of totals: {words}"))]


def _doubts(row: Row, section: Section, *, is_counted: bool) -> list[Text]:
    """Say what of a row cannot be taken over: the whole row, or single cells."""
    if not is_project(row, is_counted=is_counted):
        words = " ".join(one_line(cell) for cell in row.raw if cell.strip())
        if not words:
            return []
        return [Text(f"既不是项目也不是分类标题的行：{words}", f"a row that is no project and no heading: {words}")]
    number = _number(row) or one_line(row.cells["name"])
    doubts = []
    for name in ("years", "start", "end"):
        if name in row.cells and parse_years(row.cells[name]) is None:
            years = one_line(row.cells[name])
            doubts.append(
                Text(f"项目 {number} 的起止年限不明：“{years}”", f'project {number}: years not understood: "{years}"')
            )
    if "invest" in row.cells and _amount(row) is None:
        amount = one_line(row.cells["invest"])
        doubts.append(
            Text(f"项目 {number} 的投资不是数字：“{amount}”", f'project {number}: investment is no number: "{amount}"')
        )
    elif "invest" in row.cells and not _unit(row, invest_unit(section)):
        amount = one_line(row.cells["invest"])
        doubts.append(
            Text(
                f"项目 {number} 的投资“{amount}”没有写明单位（表头、表上方和单元格中都没有），没有读入",
                f'project {number}: the investment "{amount}" has no unit, in the head, above it or in the cell; '
                "it was not taken over",
            )
        )
    found = _AMOUNT.fullmatch(head_word(row.cells.get("invest", "")))
    if found and (found["about"] or found["more"]) and _unit(row, invest_unit(section)):
        doubts.append(
            Text(
                f"项目 {number} 的投资“{found[0]}”是约数，按 {found['number']} 读入",
                f'project {number}: the investment "{found[0]}" is a rough one; {found["number"]} was taken over',
            )
        )
    return doubts


def _amount(row: Row) -> Decimal | None:
    """Return the investment as printed, in the unit of its cell or its table."""
    found = (
        None if has_several(row.cells.get("invest", "")) else _AMOUNT.fullmatch(head_word(row.cells.get("invest", "")))
    )
    return Decimal(found["number"].replace(",", "")) if found else None


def _unit(row: Row, of_table: str) -> str:
    """Return the unit of a row's investment: its own, else its table's."""
    found = _AMOUNT.fullmatch(head_word(row.cells.get("invest", "")))
    unit = (found["unit"] if found else "") or ""
    return f"{unit.removesuffix('元')}元" if unit else of_table


def _span(row: Row) -> tuple[int | None, int | None]:
    """Return the first and the last year of a row, from one column or two."""
    start, end = parse_years(row.cells.get("years", "")) or (None, None)
    if first := parse_years(row.cells.get("start", "")):
        start = first[0] or first[1]
    if last := parse_years(row.cells.get("end", "")):
        end = last[1] or last[0]
    return start, end


def _parts(row: Row) -> str:
    """Return what brackets behind an investment say of its parts: 1200（含中央资金800）."""
    found = _AMOUNT.fullmatch(head_word(row.cells.get("invest", "")))
    return found["parts"].strip("()") if found and found["parts"] else ""


def _content(row: Row, section: Section) -> str:
    """Return the content of a project, with its scale and the unit of it where they have columns of their own."""
    content, unit = paragraphs(row.cells.get("content", "")), one_line(row.cells.get("scale_unit", ""))
    scale = one_line(row.cells.get("scale", ""))
    if is_blank(scale):
        return f"{content}{unit}" if unit and _AMOUNT.fullmatch(head_word(content)) else content
    word = section.columns.words[section.columns.places["scale"][0]]
    named = _IN_BRACKETS.fullmatch(word)
    told = f"{named['name']}{scale}{unit or named['unit']}" if named else f"{word}{scale}{unit}"
    return "\n".join(filter(None, (content, told)))


def _project(row: Row, system: _System, number: str, section: Section) -> dict[str, object]:
    """Make the row of one project."""
    unit = invest_unit(section)
    amount, factor = _amount(row), invest_factor(_unit(row, unit))
    places = section.columns.places
    payers = money_parts(section.columns.words, row.raw, {at for where in places.values() for at in where}, unit)
    start, end = _span(row)
    units = units_of_cells(row.cells)
    return {
        "project_id": f"P{system.number}-{int(number):02d}" if number.isdecimal() else f"P{system.number}-{number}",
        "system": system.name,
        "project_no": number,
        "name": one_line(row.cells["name"]),
        "nature": one_line(row.cells.get("nature", "")),
        "content": _content(row, section),
        "start_year": start,
        "end_year": end,
        "invest_wan_yuan": None if amount is None or factor is None else float(amount * factor),
        "funding": "；".join(filter(None, (one_line(row.cells.get("funding", "")), payers, _parts(row)))),
        "departments": units.departments,
        LEAD_COLUMN: units.lead,
        "location_basis": "none",
        "place": one_line(row.cells.get("place", "")),
        "accuracy_m": None,
    }
