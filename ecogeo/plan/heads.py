"""Which table is which: indicator, project and task tables are known by their head cells, wherever they stand.

A row is a head where it names the subject (指标名称, 项目名称, 任务名称) and at least two more columns of that kind; a
head of two rows (指标值 above 2025年 and 2030年) is read as one. Rows above the first head, tables without one, head
cells and rows that fit nowhere are listed as not understood, never left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ecogeo.formats.text_tables import RawTable, caption_of, money_unit
from ecogeo.plan.body_rows import Row, rows_under
from ecogeo.plan.cells import head_word, one_line, unnumbered
from ecogeo.plan.head_rows import join_heads, merged_head
from ecogeo.plan.money_parts import part_name
from ecogeo.plan.unused import Unused
from ecogeo.plan.vocabulary import KIND_NAMES, Columns, Kind, read_head, year_named
from ecogeo.wording import Text, list_en, list_zh

_PAGE_END = 2
_CAPTION_CELLS = 2
_EXCERPT = 40


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
    money_unit
        The unit of money written above the table.
    """

    title: str
    columns: Columns
    rows: tuple[Row, ...]
    money_unit: str = ""

    @property
    def kind(self) -> Kind:
        """What the rows are."""
        return self.columns.kind

    @property
    def years(self) -> dict[str, int]:
        """Logical column to the year its head names."""
        return self.columns.years


def split_sections(
    tables: Sequence[RawTable], *, before: int = 0
) -> tuple[tuple[Section, ...], tuple[RawTable, ...], tuple[Unused, ...], tuple[Unused, ...]]:
    """Find the heads in all tables.

    A head that is repeated in the same table or in the next (续表), as on a new page, begins nothing new; a table right
    behind another, without a caption and a head of its own but as wide, goes on with it.

    Parameters
    ----------
    tables
        The tables as printed.
    before
        The last year that lies before the plan; 0 where it is not known.

    Returns
    -------
    The rows under each head; the tables without one; what was not understood; and the heads that are unusable.
    """
    sections: list[Section] = []
    unknown: list[RawTable] = []
    unused: list[Unused] = []
    unusable: list[Unused] = []
    last: RawTable | None = None
    for table in tables:
        heads = _heads(table, before)
        is_joined = last is not None and bool(sections) and _is_joined(last, table)
        last = table
        if not heads and is_joined and _goes_on(sections[-1], table):
            rows, misfits = rows_under(table, range(len(table.rows)), sections[-1].columns)
            sections[-1] = replace(sections[-1], rows=(*sections[-1].rows, *rows))
            unused += [_continued(table), *misfits]
            continue
        if not heads:
            unknown.append(table)
            last = None
            continue
        title, unit, words = _above(table, heads[0][0])
        if words:
            reason = Text(f"表头以上的行：{words}", f"rows above the head: {words}")
            unused.append(Unused(table.title, table.first_line, table.row_lines[heads[0][0]] - 1, reason))
        ends = [at - bool(_caption_over(table, at)) for at, _, _ in heads[1:]] + [len(table.rows)]
        for (at, height, columns), end in zip(heads, ends, strict=True):
            if own := _caption_over(table, at):
                title, unit, is_joined = own, money_unit(own), False
            if columns.missing:
                unusable.append(_missing(table, at, columns))
                is_joined = False
                continue
            rows, misfits = rows_under(table, range(at + height, end), columns)
            if is_joined and columns.words == sections[-1].columns.words:
                sections[-1] = replace(sections[-1], rows=(*sections[-1].rows, *rows))
            else:
                unused += [
                    _unknown_column(table, at, word, columns)
                    for word in columns.unknown
                    if columns.kind != "projects" or not part_name(word)
                ]
                sections.append(Section(title, columns, rows, unit))
            unused += misfits
            is_joined = True
    return tuple(sections), tuple(unknown), tuple(unused), tuple(unusable)


def _caption_over(table: RawTable, at: int) -> str:
    """Return the caption in the row right above a later head of a table, as where no line parts two tables."""
    words = [one_line(cell) for cell in (table.rows[at - 1] if at else ()) if cell.strip()]
    return caption_of(" ".join(words)) if at > 1 and 0 < len(words) <= _CAPTION_CELLS else ""


def _is_joined(before: RawTable, table: RawTable) -> bool:
    """Whether a table may go on with the one before it: nothing but a page's end, or 续表, stands between."""
    is_near = not table.is_apart or 0 < table.first_line - before.last_line <= _PAGE_END
    return table.title.startswith("续") or (is_near and table.title in ("", before.title))


def _goes_on(section: Section, table: RawTable) -> bool:
    """Whether the rows of a table without a head read as further rows of a section."""
    places = section.columns.places
    width = len(section.columns.words)
    numbers = places.get("indicator_no") or places.get("project_no") or places.get("task_no")
    if not numbers or any(len(row) != width for row in table.rows):
        return False
    return any(unnumbered(row[numbers[0]]) and row[places["name"][0]].strip() for row in table.rows)


def _continued(table: RawTable) -> Unused:
    """Say that a table without a head was read as the rest of the one above."""
    reason = Text(
        "没有表头的表格，列数与上一个表相同，已接上表读取",
        "a table without a head, as wide as the one above, was read as its continuation",
    )
    return Unused(table.title, table.first_line, table.last_line, reason)


def _above(table: RawTable, at: int) -> tuple[str, str, str]:
    """Return the title of a table, its unit of money, and what else stands in its rows above the head."""
    title = table.title
    unit = table.money_unit or money_unit(title)
    left: list[str] = []
    for row in table.rows[:at]:
        words = [one_line(cell) for cell in row if cell.strip()]
        if len(words) == 1 and not title and caption_of(words[0]):
            title, unit = words[0], unit or money_unit(words[0])
        elif len(words) == 1 and money_unit(words[0]):
            unit = money_unit(words[0])
        else:
            left += words
    return title, unit, head_word("".join(left))[:_EXCERPT]


def _heads(table: RawTable, before: int) -> list[tuple[int, int, Columns]]:
    """Find the heads of a table: where each begins, how many rows it takes, and its columns."""
    found: list[tuple[int, int, Columns]] = []
    rows = table.rows
    for at, row in enumerate(rows):
        if found and at < found[-1][0] + found[-1][1]:
            continue
        if (bound := merged_head(table, at)) and (columns := read_head(bound[1], before=before)):
            found.append((at, bound[0], columns))
            continue
        nested = join_heads(row, rows[at + 1]) if at + 1 < len(rows) else None
        two, one = read_head(nested, before=before) if nested else None, read_head(row, before=before)
        if two and (one is None or len(two.places) >= len(one.places)):
            found.append((at, 2, two))
        elif one:
            found.append((at, 1, one))
    return found


def _missing(table: RawTable, at: int, columns: Columns) -> Unused:
    """Name all columns a head lacks, in one sentence."""
    line, what = table.row_lines[at], KIND_NAMES[columns.kind]
    names, seen = columns.missing, [word for word in columns.words if word]
    reason = Text(
        f"第 {line} 行的{what.zh}缺少列 {list_zh(names, most=20)}；现有 {list_zh(seen, most=20)}",
        f"the {what.en} on line {line} lacks the columns {list_en(names, most=20)}; it has {list_en(seen, most=20)}",
    )
    return Unused(table.title, line, table.last_line, reason, is_loss=True)


def unknown_table(table: RawTable) -> Unused:
    """Describe a table without a head that is known."""
    words = [head_word(cell) for cell in table.rows[0]]
    reason = Text(
        f"表头不是指标表、项目表或任务表：{list_zh(words, most=20)}",
        f"its head is that of no indicator, project or task table: {list_en(words, most=20)}",
    )
    return Unused(table.title, table.first_line, table.last_line, reason)


def _unknown_column(table: RawTable, at: int, word: str, columns: Columns) -> Unused:
    """Describe a head cell that names no known column, or one that came before; money or targets are then lost."""
    line = table.row_lines[at]
    is_yearly = bool(year_named(word))
    is_loss = columns.kind == "projects" and ("invest" not in columns.places or is_yearly) and "投资" in word
    reason = Text(f"不认识或重复的列：{word}", f"a column not known, or twice: {word}")
    is_target = "目标值" in word or year_named(word) > columns.years.get("current", 0)
    return Unused(table.title, line, line, reason, is_loss=is_loss or (columns.kind == "indicators" and is_target))
