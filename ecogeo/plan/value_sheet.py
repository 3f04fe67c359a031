"""The sheet in which values of a later year are filled in: made from a plan, and read back."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ecogeo.errors import UnusableFileError
from ecogeo.formats.text_tables import RawTable
from ecogeo.formats.workbooks import Sheet
from ecogeo.formats.xlsx_tables import read_book
from ecogeo.plan.targets import parse_value
from ecogeo.plan.value_rules import ValueRule, value_rules
from ecogeo.plan.values import Key, ReportedValue, by_indicator, length_problems, year_problem
from ecogeo.wording import Lang, Text, list_en, list_zh

SHEET = "填报"
_SHEET_NAME = Text(SHEET, "values")
COLUMNS = {
    "indicator_no": Text("序号", "No."),
    "sub_no": Text("分项", "sub-item"),
    "name": Text("指标", "indicator"),
    "unit": Text("单位", "unit"),
    "target": Text("指标值", "target"),
    "last": Text("最近值", "last value"),
    "year": Text("年份", "year"),
    "text": Text("实际值", "value"),
    "source": Text("数据来源", "source"),
    "why": Text("说明", "reason"),
}
"""What the columns of the sheet are called; a sheet in either language is read."""

_NEEDED = ("indicator_no", "sub_no", "year", "text")
_WIDTHS = (7, 7, 36, 12, 26, 26, 8, 22, 26, 30)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Signed:
    """Who fills in a sheet.

    Parameters
    ----------
    by, on
        Name and day (ISO).
    source, why
        What stands for rows that give no source or reason of their own.
    """

    by: str
    on: str
    source: str
    why: str


def value_sheet(indicators: pd.DataFrame, given: Sequence[ReportedValue], year: int, lang: Lang = "zh") -> Sheet:
    """Return the sheet to fill in for a year; values already reported for it stand in it.

    Parameters
    ----------
    indicators
        The plan's indicators.
    given
        What was reported before.
    year
        The year.
    lang
        Language of the heads; the words of the plan stay as it has them.
    """
    reported = by_indicator(given)
    rows = []
    for row in indicators.to_dict("records"):
        values = reported.get((row["indicator_no"], row["sub_no"]), ())
        now = next((one for one in values if one.year == year), None)
        before = [f"{one.text}（{one.year}）" for one in values if one.year < year]
        base = f"{row['current_text']}（{row['current_year']}）" if not pd.isna(row["current_year"]) else ""
        last = before[-1] if before else base if row["current_text"] else ""
        told = (row["indicator_no"], row["sub_no"], row["name"], row["unit"], row["target_text"], last, year)
        rows.append((*told, now.text if now else "", now.source if now else "", ""))
    head = [text.say(lang) for text in COLUMNS.values()]
    return Sheet(_SHEET_NAME.say(lang), head, rows, _WIDTHS, open_columns=(7, 8, 9))


def read_value_sheet(path: Path, indicators: pd.DataFrame, signed: Signed) -> tuple[ReportedValue, ...]:
    """Read a sheet that was filled in; rows without a value are left out.

    Parameters
    ----------
    path
        The workbook.
    indicators
        The plan's indicators.
    signed
        Who filled it in.

    Raises
    ------
    UnusableFileError
        With everything that is wrong, by sheet, row and column, formulas whose result was never saved among it; where
        the archive is suspect or no workbook.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            book = read_book(path, archive)
    except zipfile.BadZipFile as error:
        problem = Text("不是 .xlsx 文件，请上传填好的模板", "it is no .xlsx file: upload the template, filled in")
        raise UnusableFileError(path.name, problem) from error
    table = next((one for one in book.tables if _places(one).keys() >= set(_NEEDED)), None)
    if table is None:
        raise UnusableFileError(path.name, [*book.losses, _no_sheet(book.tables)])
    rules = value_rules(indicators)
    printed = {(row["indicator_no"], row["sub_no"]): row for row in indicators.to_dict("records")}
    problems: list[Text] = [*book.losses]
    found: list[ReportedValue] = []
    seen: dict[tuple[Key, str], int] = {}
    for line, cells in _rows(table):
        if not cells["text"]:
            continue
        key = (cells["indicator_no"], cells["sub_no"]), cells["year"]
        wrong = [*_row_problems(cells, rules, signed), *_other_plan(cells, printed.get(key[0], {}))]
        if key in seen:
            row = seen[key]
            wrong.append(("text", Text(f"与第 {row} 行重复", f"row {row} is about the same indicator and year")))
        seen.setdefault(key, line)
        problems += [_at(table, line, column, problem) for column, problem in wrong]
        if not wrong:
            found.append(_value(cells, signed))
    if problems:
        raise UnusableFileError(path.name, problems)
    return tuple(found)


def changes(values: Sequence[ReportedValue], given: Sequence[ReportedValue]) -> tuple[ReportedValue, ...]:
    """Return the values that say other than what counts now."""
    now = {(one.key, one.year): one.text for ones in by_indicator(given).values() for one in ones}
    return tuple(one for one in values if now.get((one.key, one.year)) != one.text)


def _places(table: RawTable) -> dict[str, int]:
    """Return the places of the columns by meaning."""
    head = ["".join(cell.split()) for cell in table.rows[0]]
    found: dict[str, int] = {}
    for meaning, text in COLUMNS.items():
        words = {"".join(word.split()) for word in (text.zh, text.en)}
        if (place := next((place for place, word in enumerate(head) if word in words), None)) is not None:
            found[meaning] = place
    return found


def _rows(table: RawTable) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows below the head by meaning, each cell on one line."""
    places = _places(table)
    for line, row in zip(table.row_lines[1:], table.rows[1:], strict=True):
        cells = {meaning: " ".join(row[places[meaning]].split()) if meaning in places else "" for meaning in COLUMNS}
        yield line, cells


def _row_problems(
    cells: Mapping[str, str], rules: Mapping[Key, ValueRule], signed: Signed
) -> Iterator[tuple[str, Text]]:
    """Yield what is wrong with a row, with the column."""
    rule = rules.get((cells["indicator_no"], cells["sub_no"]))
    if rule is None:
        shown = f"{cells['indicator_no']}-{cells['sub_no']}".removesuffix("-")
        yield "indicator_no", Text(f"规划中没有指标“{shown}”", f"the plan has no indicator “{shown}”")
    if (problem := year_problem(cells["year"])) is not None:
        yield "year", problem
    elif cells["year"] > signed.on[:4]:
        year = cells["year"]
        yield "year", Text(f"年份 {year} 还没有到", f"the year {year} has not come yet")
    yield from (("text", problem) for problem in (rule.problems(cells["text"]) if rule is not None else ()))
    for meaning in ("text", "source", "why"):
        alone = dict.fromkeys(("text", "source", "by", "why"), "") | {meaning: cells[meaning]}
        yield from ((meaning, problem) for problem in length_problems(alone))


def _other_plan(cells: Mapping[str, str], printed: Mapping[Any, Any]) -> Iterator[tuple[str, Text]]:
    """Yield where a row names another indicator, or another unit, than the plan has under its number."""
    for meaning, word in (("name", Text("指标", "the indicator")), ("unit", Text("单位", "the unit"))):
        told, known = "".join(cells[meaning].split()), "".join(str(printed.get(meaning, "")).split())
        if printed and told and known and told != known:
            yield (
                meaning,
                Text(
                    f"本规划该序号的{word.zh}是“{known}”，表中是“{told}”：是不是另一个规划的模板？",
                    f"under this number the plan has “{known}” as {word.en}, the sheet “{told}”: is it the template of "
                    "another plan?",
                ),
            )


def _value(cells: Mapping[str, str], signed: Signed) -> ReportedValue:
    text = cells["text"]
    source, why = cells["source"] or signed.source, cells["why"] or signed.why
    key = cells["indicator_no"], cells["sub_no"]
    return ReportedValue(*key, int(cells["year"]), parse_value(text), text, source, signed.by, signed.on, why)


def _at(table: RawTable, line: int, meaning: str, problem: Text) -> Text:
    """Say in which sheet, row and column a problem is."""
    place = _places(table).get(meaning, 0)
    letter, word = _LETTERS[place] if place < len(_LETTERS) else str(place + 1), COLUMNS[meaning]
    return Text(
        f"工作表“{table.title}”第 {line} 行 {letter} 列（{word.zh}）：{problem.zh}",
        f"sheet “{table.title}”, row {line}, column {letter} ({word.en}): {problem.en}",
    )


def _no_sheet(tables: Sequence[RawTable]) -> Text:
    """Say that no sheet has the columns of the template, and which are missing."""
    if not tables:
        return Text("工作簿是空的", "the workbook is empty")
    needed = [COLUMNS[meaning] for meaning in _NEEDED]
    parts = [(one.title, [COLUMNS[name] for name in _NEEDED if name not in _places(one)]) for one in tables]
    zh = "；".join(f"工作表“{title}”第 1 行缺 {list_zh(one.zh for one in lacking)}" for title, lacking in parts)
    en = "; ".join(f"sheet “{title}” row 1 lacks {list_en(one.en for one in lacking)}" for title, lacking in parts)
    return Text(
        f"没有表头含 {list_zh(one.zh for one in needed)} 的工作表；{zh}",
        f"no sheet has the columns {list_en(one.en for one in needed)}; {en}",
    )
