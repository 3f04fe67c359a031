"""Which table is which: indicator, project and task tables are known by their head cells, wherever they stand.

A row is a head where it names the subject (指标名称, 项目名称, 任务名称) and at least two more columns of that kind; a
head of two rows (指标值 above 2025年 and 2030年) is read as one. Rows above the first head, tables without one, head
cells and rows that fit nowhere are listed as not understood, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ecogeo.formats.text_tables import RawTable, caption_of, money_unit
from ecogeo.plan.cells import head_word, one_line, unnumbered
from ecogeo.plan.head_rows import join_heads, merged_head
from ecogeo.plan.money_parts import part_name
from ecogeo.plan.passages import Passage
from ecogeo.plan.unused import Unused
from ecogeo.plan.vocabulary import HEADS, KIND_NAMES, Columns, Kind, read_head, year_named
from ecogeo.wording import Text, list_en, list_zh

TOTAL = re.compile(r".{0,12}(?:合计|总计|小计|共计)(?:[(:（：].*)?$|总投资(?:合计)?$")
_GROUP = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}(?:[)）、.]|$)")
_NOTE = re.compile(r"(?:<p>)?\s*(?:注|备注|说明)[：:]|[①-⑳]")
_NUMBERED_NOTE = re.compile(r"[0-9]{1,2}[.．、]")
_WAN_YUAN = {
    "亿元": Decimal(10_000),
    "千万元": Decimal(1000),
    "百万元": Decimal(100),
    "万元": Decimal(1),
    "千元": Decimal("0.1"),
    "元": Decimal("0.0001"),
}
_VALUES = ("current", "target")
_FIGURES = ("current", "target", "invest", "years", "start", "end")
_FILLED = (
    "departments", "lead_departments", "other_departments", "deadline", "kind", "unit", "nature", "funding", "place",
    "years", "start", "end", "category", "status_reported",
)  # fmt: skip
_PAGE_END = 2
_SHORT_BY = 2
_CAPTION_CELLS = 2
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
            rows, misfits = _body(table, range(len(table.rows)), sections[-1].columns)
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
            rows, misfits = _body(table, range(at + height, end), columns)
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


def invest_unit(section: Section) -> str:
    """Return the unit of the section's investments: the head's, else that written above; empty where none is."""
    place = section.columns.places.get("invest", (0,))[0]
    found = re.fullmatch(HEADS["projects"]["invest"], section.columns.words[place])
    return (found["unit"] or found["lower_unit"] or section.money_unit) if found else section.money_unit


def invest_factor(unit: str) -> Decimal | None:
    """Return what turns an amount of a unit of money into 万元; ``None`` where the unit is not known."""
    return _WAN_YUAN.get(unit)


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


def _body(table: RawTable, places: range, columns: Columns) -> tuple[tuple[Row, ...], list[Unused]]:
    """Take the rows as wide as their head, and narrower ones that head a group (一、); list the others."""
    rows: list[Row] = []
    misfits: list[Unused] = []
    width = len(columns.words)
    open_columns, refused = _not_one(table, places, columns)
    misfits += refused
    for at in places:
        cells = table.rows[at]
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) == 1 and _NOTE.match(filled[0]):
            misfits.append(note(table.title, table.row_lines[at], filled[0]))
        elif len(cells) == width or (len(cells) < width and cells and _is_short(cells, columns)):
            whole = (*cells, *[""] * (width - len(cells)))
            row = {name: cell_of(name, [whole[place] for place in where]) for name, where in columns.places.items()}
            row |= _spread_values(table, at, columns) | _filled_down(table, at, columns)
            row = {name: cell for name, cell in row.items() if name not in open_columns}
            rows.append(Row(table.row_lines[at], row, whole))
            if len(cells) < width and not _GROUP.match(cells[0]) and not TOTAL.match(head_word(cells[0])):
                misfits.append(_padded(table, at, width))
        elif filled:
            misfits.append(_misfit(table, at, width))
    return tuple(rows), misfits


def cell_of(name: str, cells: Sequence[str]) -> str:
    """Return the cells under a head that spans several as one; units are set apart, figures are never put together.

    Examples
    --------
    >>> cell_of("name", ["甲", "乙"]), cell_of("departments", ["甲局", "乙局"]), cell_of("invest", ["", "8"])
    ('甲乙', '甲局、乙局', '8')
    """
    filled = [cell for cell in cells if cell.strip()]
    if name.endswith("departments"):
        return "、".join(filled)
    if name == "content":
        return "\n".join(filled)
    return "".join(dict.fromkeys(filled) if name.startswith(_FIGURES) else filled)


def _not_one(table: RawTable, places: range, columns: Columns) -> tuple[frozenset[str], list[Unused]]:
    """Name the columns of figures under whose one head word several cells of a row are filled, and list them."""
    refused: dict[str, Unused] = {}
    wide = {name: where for name, where in columns.places.items() if len(where) > 1 and name.startswith(_FIGURES)}
    for at in places:
        for name, where in wide.items():
            row = table.rows[at]
            cells = [one_line(row[place]) for place in where if place < len(row) and row[place].strip()]
            if name in refused or len(set(cells)) < 2:
                continue
            word = columns.words[where[0]]
            reason = Text(
                f"表头“{word}”下有 {len(where)} 列，没有写明各是什么，没有读入；例如 {list_zh(cells)}",
                f'{len(where)} columns stand under the head "{word}" and nothing says what each is: they were not '
                f"taken over; as {list_en(cells)}",
            )
            refused[name] = Unused(table.title, table.row_lines[at], table.last_line, reason, is_loss=True)
    return frozenset(refused), list(refused.values())


def _is_short(cells: Sequence[str], columns: Columns) -> bool:
    """Whether a row lacks but empty cells at its end: a group's heading, a total, or a row whose number is there."""
    numbers = [columns.places[name][0] for name in ("indicator_no", "project_no", "task_no") if name in columns.places]
    is_numbered = bool(numbers) and numbers[0] < len(cells) and bool(unnumbered(cells[numbers[0]]))
    is_little = len(columns.words) - len(cells) <= _SHORT_BY and columns.places["name"][0] < len(cells)
    return bool(_GROUP.match(cells[0]) or TOTAL.match(head_word(cells[0]))) or (is_numbered and is_little)


def _padded(table: RawTable, at: int, width: int) -> Unused:
    """Ask to look at a row that was filled up with empty cells."""
    count = len(table.rows[at])
    reason = Text(
        f"这一行只有 {count} 个单元格，表头有 {width} 个：末尾按空格补齐，请核对",
        f"the row has only {count} cells where the head has {width}: empty ones were added at its end, please check",
    )
    return Unused(table.title, table.row_lines[at], table.row_lines[at], reason, is_loss=True)


def _filled_down(table: RawTable, at: int, columns: Columns) -> dict[str, str]:
    """Return the cells merged into those above that hold for each row; values only of a row with a name of its own."""
    found: dict[str, str] = {}
    row = table.rows[at]
    has_name = any(row[place].strip() for place in columns.places["name"] if place < len(row))
    for name, where in columns.places.items():
        if not (name in _FILLED or (has_name and name.startswith(_VALUES))) or (at, where[0]) not in table.below:
            continue
        above = at
        while (above, where[0]) in table.below:
            above -= 1
        if above >= 0:
            found[name] = cell_of(name, [table.rows[above][place] for place in where])
    return found


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


def _unknown_column(table: RawTable, at: int, word: str, columns: Columns) -> Unused:
    """Describe a head cell that names no known column, or one that came before; money or targets are then lost."""
    line = table.row_lines[at]
    is_yearly = bool(year_named(word))
    is_loss = columns.kind == "projects" and ("invest" not in columns.places or is_yearly) and "投资" in word
    reason = Text(f"不认识或重复的列：{word}", f"a column not known, or twice: {word}")
    is_target = "目标值" in word or year_named(word) > columns.years.get("current", 0)
    return Unused(table.title, line, line, reason, is_loss=is_loss or (columns.kind == "indicators" and is_target))
