"""Which table is which: indicator and project tables are known by their head cells, wherever they stand.

A row is a head where it names the subject (指标名称, 项目名称) and at least two more columns of that kind. Rows above
the first head, tables without one, head cells and rows that fit nowhere are listed as not understood, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ecogeo.formats.text_tables import RawTable
from ecogeo.plan.cells import head_word
from ecogeo.wording import Text, list_en, list_zh

Kind = Literal["indicators", "projects"]

_YEAR = "20[0-9]{2}"
_HEADS: dict[Kind, dict[str, str]] = {
    "indicators": {
        "domain": "领域|类别",
        "task": "任务",
        "indicator_no": "序号|编号",
        "name": "指标名称|指标",
        "unit": "单位|计量单位",
        "target": "指标值|目标值|考核指标|指标要求",
        "current": rf"(?:{_YEAR}年)?现状值?|现状值?\({_YEAR}年?\)",
        "status_reported": "是否达标|达标情况",
        "target_later": rf"(?:.*\()?{_YEAR}年?\)?.*(?:指标值|目标值?)",
        "kind": "指标属性|属性",
        "departments": "(?:责任|牵头|负责)(?:部门|单位)",
        "deadline": "(?:完成)?(?:时限|期限)",
    },
    "projects": {
        "project_no": "序号|编号",
        "name": "项目名称|工程名称",
        "nature": "项目性质|建设性质",
        "content": "(?:主要)?建设内容(?:及规模)?|建设规模及内容",
        "years": "建设起止年限|起止年限|建设年限|建设期限|建设起止年月",
        "invest": r"(?:计划)?总?投资(?:额|估算)?\((?P<unit>亿元|万元|元)\)",
        "funding": "资金来源",
        "departments": "(?:责任|牵头|负责)(?:部门|单位)",
    },
}
_REQUIRED: dict[Kind, dict[str, str]] = {
    "indicators": {
        "indicator_no": "序号",
        "name": "指标名称",
        "target": "指标值",
        "kind": "指标属性",
        "departments": "责任部门",
    },
    "projects": {
        "project_no": "序号",
        "name": "项目名称",
        "nature": "项目性质",
        "content": "主要建设内容及规模",
        "years": "建设起止年限",
        "invest": "计划总投资（万元）",
        "funding": "资金来源",
        "departments": "责任单位",
    },
}
_GROUP = re.compile(r"[一二三四五六七八九十]{1,3}、")
_WAN_YUAN = {"亿元": Decimal(10_000), "万元": Decimal(1), "元": Decimal("0.0001")}
_KIND_NAMES: dict[Kind, Text] = {
    "indicators": Text("指标表", "indicator table"),
    "projects": Text("项目表", "project table"),
}


@dataclass(frozen=True, slots=True)
class Unused:
    """Something that was seen in a document and not understood.

    Parameters
    ----------
    title
        The caption of its table; may be empty.
    first_line, last_line
        The lines of the file it stands on, counted from 1.
    reason
        What it is and why it was not taken over.
    is_loss
        Whether it belongs to an indicator or project table, so that something of the plan is missing from the result.
    """

    title: str
    first_line: int
    last_line: int
    reason: Text
    is_loss: bool = False

    @property
    def message(self) -> Text:
        """The whole in one sentence: where it stands, and why it was not taken over."""
        lines = f"{self.first_line}-{self.last_line}" if self.last_line > self.first_line else f"{self.first_line}"
        title_zh, title_en = (f"（{self.title}）", f" ({self.title})") if self.title else ("", "")
        return Text(f"第 {lines} 行{title_zh}：{self.reason.zh}", f"line {lines}{title_en}: {self.reason.en}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row under a head, its cells by logical column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """The rows under one head.

    Parameters
    ----------
    kind
        What the rows are.
    title
        The caption of the table.
    head
        Logical column to the head cell as compared.
    years
        Logical column to the year its head names.
    rows
        The rows, each as wide as the head.
    """

    kind: Kind
    title: str
    head: dict[str, str]
    years: dict[str, int]
    rows: tuple[Row, ...]


def split_sections(tables: Sequence[RawTable]) -> tuple[tuple[Section, ...], tuple[Unused, ...], tuple[Text, ...]]:
    """Find the heads in all tables; return the rows under each, what was not understood, and what makes heads unusable.

    Parameters
    ----------
    tables
        The tables as printed.
    """
    sections: list[Section] = []
    unused: list[Unused] = []
    problems: list[Text] = []
    for table in tables:
        heads = [(at, kind) for at, row in enumerate(table.rows) if (kind := _kind_of(row))]
        if not heads:
            unused.append(_unknown_table(table))
            continue
        if heads[0][0] > 0:
            reason = Text("表头以上的行", "rows above the head")
            unused.append(Unused(table.title, table.first_line, table.row_lines[heads[0][0]] - 1, reason))
        ends = [*(at for at, _ in heads[1:]), len(table.rows)]
        for (at, kind), end in zip(heads, ends, strict=True):
            columns, years, unknown = _columns(kind, table.rows[at])
            problems += _missing(kind, table, at, columns)
            unused += [_unknown_column(table, at, word) for word in unknown]
            rows, misfits = _body(table, range(at + 1, end), columns, len(table.rows[at]))
            unused += misfits
            head = {name: head_word(table.rows[at][place]) for name, place in columns.items()}
            sections.append(Section(kind, table.title, head, years, rows))
    return tuple(sections), tuple(unused), tuple(problems)


def invest_factor(section: Section) -> Decimal:
    """Return what turns the section's investments into 万元, from the unit its head names."""
    found = re.fullmatch(_HEADS["projects"]["invest"], section.head["invest"])
    return _WAN_YUAN[found["unit"] if found else "万元"]


def _kind_of(row: Sequence[str]) -> Kind | None:
    """Tell what kind of table a row heads, if any."""
    for kind in _HEADS:
        columns, _, _ = _columns(kind, row)
        if "name" in columns and len(columns) >= 3:
            return kind
    return None


def _columns(kind: Kind, row: Sequence[str]) -> tuple[dict[str, int], dict[str, int], list[str]]:
    """Read a head: the place of each logical column, the years named, and the cells not understood."""
    columns: dict[str, int] = {}
    years: dict[str, int] = {}
    unknown: list[str] = []
    for place, cell in enumerate(row):
        word = head_word(cell)
        name, year = _column_of(kind, word)
        if not name or name in columns:
            unknown.append(word)
            continue
        columns[name] = place
        if year:
            years[name] = year
    dated = sorted(name for name in columns if name.startswith("target_") and name in years)
    if kind == "indicators" and "target" not in columns and dated:
        columns["target"] = columns[dated[0]]
    return columns, years, unknown


def _column_of(kind: Kind, word: str) -> tuple[str, int]:
    """Name the logical column of a head cell, ``""`` for none, with the year it names, 0 for none."""
    dated = re.search(_YEAR, word)
    year = int(dated[0]) if dated else 0
    for name, pattern in _HEADS[kind].items():
        if re.fullmatch(pattern, word):
            return (f"target_{year}" if name == "target_later" else name), year
    return "", 0


def _missing(kind: Kind, table: RawTable, at: int, columns: dict[str, int]) -> list[Text]:
    """Name all columns a head lacks, in one sentence."""
    names = [word for name, word in _REQUIRED[kind].items() if name not in columns]
    if not names:
        return []
    line, what = table.row_lines[at], _KIND_NAMES[kind]
    seen = [head_word(cell) for cell in table.rows[at]]
    return [
        Text(
            f"第 {line} 行的{what.zh}缺少列 {list_zh(names, most=20)}；现有 {list_zh(seen, most=20)}",
            f"the {what.en} on line {line} lacks the columns {list_en(names, most=20)}; "
            f"it has {list_en(seen, most=20)}",
        )
    ]


def _body(table: RawTable, places: range, columns: dict[str, int], width: int) -> tuple[tuple[Row, ...], list[Unused]]:
    """Take the rows as wide as their head, and narrower ones that head a group (一、); list the others."""
    rows: list[Row] = []
    misfits: list[Unused] = []
    for at in places:
        cells = table.rows[at]
        if len(cells) == width or (len(cells) < width and _GROUP.match(cells[0])):
            whole = (*cells, *[""] * (width - len(cells)))
            rows.append(Row(table.row_lines[at], {name: whole[place] for name, place in columns.items()}))
        elif any(cell.strip() for cell in cells):
            misfits.append(_misfit(table, at, width))
    return tuple(rows), misfits


def _misfit(table: RawTable, at: int, width: int) -> Unused:
    """Describe a row that is not as wide as its head."""
    words = [head_word(cell) for cell in table.rows[at] if cell.strip()]
    end = table.row_lines[at + 1] - 1 if at + 1 < len(table.rows) else table.last_line
    reason = Text(
        f"这一行有 {len(table.rows[at])} 个单元格，表头有 {width} 个：{list_zh(words)}",
        f"the row has {len(table.rows[at])} cells where the head has {width}: {list_en(words)}",
    )
    return Unused(table.title, table.row_lines[at], end, reason, is_loss=True)


def _unknown_table(table: RawTable) -> Unused:
    """Describe a table without a head that is known."""
    words = [head_word(cell) for cell in table.rows[0]]
    reason = Text(
        f"表头不是指标表或项目表：{list_zh(words, most=20)}",
        f"its head is that of no indicator or project table: {list_en(words, most=20)}",
    )
    return Unused(table.title, table.first_line, table.last_line, reason)


def _unknown_column(table: RawTable, at: int, word: str) -> Unused:
    """Describe a head cell that names no known column, or one that came before."""
    line = table.row_lines[at]
    return Unused(table.title, line, line, Text(f"不认识或重复的列：{word}", f"a column not known, or twice: {word}"))
