"""Tables that sum others up: a row per system with its number of projects, its investment, its share, and a total."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from ecogeo.formats.text_tables import RawTable, money_unit
from ecogeo.plan.cells import head_word
from ecogeo.plan.statements import Statement
from ecogeo.plan.unused import Unused
from ecogeo.wording import Text

_COLUMNS = {
    "count": r"(?:项目|工程)?(?:数量|个数|项数|总数|数)(?:\((?P<unit>个|项)\))?",
    "invest": r"(?:估算|计划|总)*投资(?:额|估算|金额|合计)?(?:\((?P<unit>亿元|万元|元)\))?",
    "share": r"(?:占)?(?:总)?(?:投资)?(?:比例|占比|比重)(?:\((?P<unit>%)\))?",
}
_TOTAL = re.compile(r"合计|总计|小计|共计")
_OF_PART = re.compile(r".*(?:投资|资金)(?:额|估算|金额|合计)?(?:\(.{1,3}元\))?")
_NUMBER = re.compile(r"([0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)%?")


def read_summaries(
    tables: Sequence[RawTable], projects: pd.DataFrame
) -> tuple[list[Statement], tuple[RawTable, ...], list[Unused]]:
    """Read the tables that sum up the projects.

    Parameters
    ----------
    tables
        Tables that are no indicator, project or task tables.
    projects
        The projects.

    Returns
    -------
    What they state; the tables that are none; and rows of theirs that name no system and no total.
    """
    systems = [name for name in projects["system"].unique() if name]
    statements: list[Statement] = []
    others: list[RawTable] = []
    unused: list[Unused] = []
    for table in tables:
        columns = _columns(table)
        if not systems or not {"count", "invest"} & columns.keys():
            others.append(table)
            continue
        unused += _parts(table, columns)
        for line, row in zip(table.row_lines[1:], table.rows[1:], strict=True):
            subject = _subject(row, systems)
            if subject is None:
                words = " ".join(head_word(cell) for cell in row if cell.strip())
                reason = Text(f"汇总表中不认识的行：{words}", f"a row of a summary that is not known: {words}")
                unused.append(Unused(table.title, line, line, reason))
                continue
            statements += _of_row(row, columns, subject, line, table)
    return statements, tuple(others), unused


def _columns(table: RawTable) -> dict[str, tuple[int, str]]:
    """Return the places of the columns that count or sum, from the right, with their units."""
    found: dict[str, tuple[int, str]] = {}
    for place, cell in enumerate(reversed(table.rows[0]), start=1):
        for name, pattern in _COLUMNS.items():
            if match := re.fullmatch(pattern, head_word(cell)):
                unit = match["unit"] or (table.money_unit or money_unit(table.title) if name == "invest" else "")
                found[name] = (place, unit)
    return found


def _parts(table: RawTable, columns: dict[str, tuple[int, str]]) -> list[Unused]:
    """List the columns with parts of the investment (近期投资), and an investment whose unit nobody names."""
    width = len(table.rows[0])
    read = {width - place for place, _ in columns.values()}
    words = [head_word(cell) for cell in table.rows[0]]
    parts = [word for at, word in enumerate(words) if at not in read and _OF_PART.fullmatch(word)]
    reasons = [
        Text(f"汇总表中不认识的列：{word}", f"a column of a summary that is not known: {word}") for word in parts
    ]
    if "invest" in columns and not columns["invest"][1]:
        word = words[width - columns["invest"][0]]
        reasons.append(Text(f"汇总表的“{word}”没有写明单位", f'the "{word}" of a summary has no unit'))
    return [Unused(table.title, table.first_line, table.first_line, reason) for reason in reasons]


def _subject(row: Sequence[str], systems: Sequence[str]) -> str | None:
    """Return the system of a row, empty for a total, ``None`` for neither."""
    words = [head_word(cell) for cell in row]
    if any(_TOTAL.fullmatch(word) for word in words):
        return ""
    return next((system for system in systems if head_word(system) in words), None)


def _of_row(
    row: Sequence[str], columns: dict[str, tuple[int, str]], subject: str, line: int, table: RawTable
) -> list[Statement]:
    """Return what one row states; its cells are counted from the right, as a total's first cells may be merged."""
    found = []
    for measure, (place, unit) in columns.items():
        cell = head_word(row[-place]) if place <= len(row) else ""
        if number := _NUMBER.fullmatch(cell):
            value = float(number[1].replace(",", ""))
            if measure == "invest" and not unit:
                continue
            shown = "%" if measure == "share" else unit if measure == "invest" else ""
            place_of = table.title or "table"
            found.append(Statement("projects", subject, measure, value, shown, place_of, line, cell))
    return found
