"""Which table is which: indicator, project and task tables are known by their head cells, wherever they stand.

A row is a head where it names the subject (指标名称, 项目名称, 任务名称) and at least two more columns of that kind; a
head of two rows (指标值 above 2025年 and 2030年) is read as one. Rows above the first head, tables without one, head
cells and rows that fit nowhere are listed as not understood, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from ecogeo.formats.text_tables import RawTable
from ecogeo.plan.cells import head_word, one_line
from ecogeo.plan.passages import Passage
from ecogeo.plan.unused import Unused
from ecogeo.plan.vocabulary import HEADS, KIND_NAMES, NESTED, Columns, Kind, read_head
from ecogeo.wording import Text, list_en, list_zh

_GROUP = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}(?:[)）、.]|$)")
_NOTE = re.compile(r"(?:<p>)?\s*(?:注|备注|说明)[：:]|[①-⑳]")
_NUMBERED_NOTE = re.compile(r"[0-9]{1,2}[.．、]")
_WAN_YUAN = {"亿元": Decimal(10_000), "万元": Decimal(1), "元": Decimal("0.0001")}
_LOWER = re.compile(r"^(?=.{1,20}$).*(?:20[0-9]{2}|值|目标|现状|单位|部门|指标|[近中远]期|内容|投资|年限|完成)")
_VALUES = ("current", "target")
_EXCERPT = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One row under a head.

    Parameters
    ----------
    line
        Where it begins.
    cells
        Its text by logical column; of a column with several places, joined.
    raw
        Its cells as printed.
    """

    line: int
    cells: dict[str, str]
    raw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The rows under one head.

    Parameters
    ----------
    title
        The caption of the table.
    columns
        What its head says.
    rows
        The rows, each as wide as the head.
    """

    title: str
    columns: Columns
    rows: tuple[Row, ...]

    @property
    def kind(self) -> Kind:
        """What the rows are."""
        return self.columns.kind

    @property
    def years(self) -> dict[str, int]:
        """Logical column to the year its head names."""
        return self.columns.years


def split_sections(
    tables: Sequence[RawTable],
) -> tuple[tuple[Section, ...], tuple[RawTable, ...], tuple[Unused, ...], tuple[Text, ...]]:
    """Find the heads in all tables.

    Parameters
    ----------
    tables
        The tables as printed.

    Returns
    -------
    The rows under each head; the tables without one; what was not understood; and what makes heads unusable.
    """
    sections: list[Section] = []
    unknown: list[RawTable] = []
    unused: list[Unused] = []
    problems: list[Text] = []
    for table in tables:
        heads = _heads(table.rows)
        if not heads:
            unknown.append(table)
            continue
        if heads[0][0] > 0:
            words = "".join(head_word(cell) for row in table.rows[: heads[0][0]] for cell in row)[:_EXCERPT]
            reason = Text(f"表头以上的行：{words}", f"rows above the head: {words}")
            unused.append(Unused(table.title, table.first_line, table.row_lines[heads[0][0]] - 1, reason))
        ends = [*(at for at, _, _ in heads[1:]), len(table.rows)]
        for (at, height, columns), end in zip(heads, ends, strict=True):
            if columns.missing:
                problems.append(_missing(table, at, columns))
                continue
            rows, misfits = _body(table, range(at + height, end), columns)
            unused += [_unknown_column(table, at, word) for word in columns.unknown]
            unused += misfits
            sections.append(Section(table.title, columns, rows))
    return tuple(sections), tuple(unknown), tuple(unused), tuple(problems)


def invest_unit(section: Section) -> str:
    """Return the unit the head names for the section's investments."""
    place = section.columns.places.get("invest", (0,))[0]
    found = re.fullmatch(HEADS["projects"]["invest"], section.columns.words[place])
    return found["unit"] if found else "万元"


def invest_factor(section: Section) -> Decimal:
    """Return what turns the section's investments into 万元, from the unit its head names."""
    return _WAN_YUAN[invest_unit(section)]


def _heads(rows: Sequence[tuple[str, ...]]) -> list[tuple[int, int, Columns]]:
    """Find the heads among rows: where each begins, how many rows it takes, and its columns."""
    found: list[tuple[int, int, Columns]] = []
    for at, row in enumerate(rows):
        if found and at < found[-1][0] + found[-1][1]:
            continue
        nested = join_heads(row, rows[at + 1]) if at + 1 < len(rows) else None
        two, one = read_head(nested) if nested else None, read_head(row)
        if two and (one is None or len(two.places) >= len(one.places)):
            found.append((at, 2, two))
        elif one:
            found.append((at, 1, one))
    return found


def join_heads(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...] | None:
    r"""Join the two rows of a nested head into one; ``None`` where the lower row does not go on from the upper.

    A cell merged to the right is followed by empty cells, or, in a text, by nothing: the upper row is then as many
    cells short as the lower fills more than one under it. A cell merged downwards is empty in the lower row.

    Examples
    --------
    >>> join_heads(("指标", "目标值", "", "属性"), ("", "2025年", "2030年", ""))
    ('指标', '目标值\x1f2025年', '目标值\x1f2030年', '属性')
    >>> join_heads(("指标", "目标值", "属性"), ("", "2025年", "2030年", ""))
    ('指标', '目标值\x1f2025年', '目标值\x1f2030年', '属性')
    """
    top, sub = [head_word(cell) for cell in upper], [head_word(cell) for cell in lower]
    runs = [len(list(run)) for is_filled, run in groupby(sub, key=bool) if is_filled]
    if len(sub) > len(top) and len(sub) - len(top) == sum(length - 1 for length in runs):
        top = _spread(top, sub)
    if len(top) != len(sub) or all(sub) or not any(sub) or not all(_LOWER.search(word) for word in sub if word):
        return None
    joined, above = [], ""
    for word, below in zip(top, sub, strict=True):
        above = word or (above if below else "")
        joined.append(f"{above}{NESTED}{below}" if below and above else word + below)
    return tuple(joined)


def _spread(top: Sequence[str], sub: Sequence[str]) -> list[str]:
    """Follow each upper cell that stands over several lower ones with empty cells."""
    wide: list[str] = []
    cells = iter(top)
    for place, below in enumerate(sub):
        wide.append("" if below and place and sub[place - 1] else next(cells, ""))
    return wide


def _missing(table: RawTable, at: int, columns: Columns) -> Text:
    """Name all columns a head lacks, in one sentence."""
    line, what = table.row_lines[at], KIND_NAMES[columns.kind]
    names, seen = columns.missing, [word for word in columns.words if word]
    return Text(
        f"第 {line} 行的{what.zh}缺少列 {list_zh(names, most=20)}；现有 {list_zh(seen, most=20)}",
        f"the {what.en} on line {line} lacks the columns {list_en(names, most=20)}; it has {list_en(seen, most=20)}",
    )


def _body(table: RawTable, places: range, columns: Columns) -> tuple[tuple[Row, ...], list[Unused]]:
    """Take the rows as wide as their head, and narrower ones that head a group (一、); list the others."""
    rows: list[Row] = []
    misfits: list[Unused] = []
    width = len(columns.words)
    for at in places:
        cells = table.rows[at]
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) == 1 and _NOTE.match(filled[0]):
            misfits.append(note(table.title, table.row_lines[at], filled[0]))
        elif len(cells) == width or (len(cells) < width and cells and _GROUP.match(cells[0])):
            whole = (*cells, *[""] * (width - len(cells)))
            row = {name: "".join(whole[place] for place in where) for name, where in columns.places.items()}
            row |= _spread_values(table, at, columns)
            rows.append(Row(table.row_lines[at], row, whole))
        elif filled:
            misfits.append(_misfit(table, at, width))
    return tuple(rows), misfits


def _spread_values(table: RawTable, at: int, columns: Columns) -> dict[str, str]:
    """Return the cells of values and targets that one cell, merged to the right, gives for several columns."""
    found: dict[str, str] = {}
    for name, where in columns.places.items():
        place = where[0]
        while (at, place) in table.merged:
            place -= 1
        if place != where[0] and name.startswith(_VALUES):
            found[name] = table.rows[at][place]
    return found


def note(title: str, line: int, text: str) -> Unused:
    """Describe a note below a table."""
    words = one_line(re.sub("<[^>]*>", "", text))[:_EXCERPT]
    return Unused(title, line, line, Text(f"表下的注：{words}…", f"a note below the table: {words}…"))


def notes_below(tables: Sequence[RawTable], passages: Sequence[Passage]) -> list[Unused]:
    """List the notes that stand right below tables: from 注： or a footnote mark on, numbered ones behind it too."""
    found: list[Unused] = []
    for table in tables:
        is_begun = False
        for passage in (item for item in passages if item.line > table.last_line):
            if not _NOTE.match(passage.text) and not (is_begun and _NUMBERED_NOTE.match(passage.text)):
                break
            is_begun = True
            found.append(note(table.title, passage.line, passage.text))
    return found


def _misfit(table: RawTable, at: int, width: int) -> Unused:
    """Describe a row that is not as wide as its head."""
    words = [head_word(cell) for cell in table.rows[at] if cell.strip()]
    end = table.row_lines[at + 1] - 1 if at + 1 < len(table.rows) else table.last_line
    reason = Text(
        f"这一行有 {len(table.rows[at])} 个单元格，表头有 {width} 个：{list_zh(words)}",
        f"the row has {len(table.rows[at])} cells where the head has {width}: {list_en(words)}",
    )
    return Unused(table.title, table.row_lines[at], end, reason, is_loss=True)


def unknown_table(table: RawTable) -> Unused:
    """Describe a table without a head that is known."""
    words = [head_word(cell) for cell in table.rows[0]]
    reason = Text(
        f"表头不是指标表、项目表或任务表：{list_zh(words, most=20)}",
        f"its head is that of no indicator, project or task table: {list_en(words, most=20)}",
    )
    return Unused(table.title, table.first_line, table.last_line, reason)


def _unknown_column(table: RawTable, at: int, word: str) -> Unused:
    """Describe a head cell that names no known column, or one that came before."""
    line = table.row_lines[at]
    return Unused(table.title, line, line, Text(f"不认识或重复的列：{word}", f"a column not known, or twice: {word}"))
