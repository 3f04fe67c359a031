"""Tables in the text of a PDF, where nothing marks the cells and each may be broken over several lines.

A table is known by its head: lines in a row that, put together, are head words of one kind of table and nothing else.
Its rows are told apart by their numbers, 1, 2, 3 … each at the beginning of a line, and end with the word for their
kind where the head has that column; what stands between two rows is the domain of those that follow. Inside a row the
words are shared out among the columns so that each cell reads best as what its head says: a value as a figure, a dash
or one of the fixed wordings, a name up to its unit in brackets, brackets closed where they were opened. Words that fit
no row become a row of one cell, which is then listed as not understood. The rows of a project table may be numbered
anew under each heading (一、); where its names and contents cannot be told apart for certain, that is said, and where
pieces of several cells fell into one, none of the table is taken over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecogeo.formats.document import Paragraph
from ecogeo.formats.text_tables import RawTable, caption_above
from ecogeo.plan.body_rows import TOTAL
from ecogeo.plan.cells import head_word, one_line
from ecogeo.plan.departments import split_units
from ecogeo.plan.drafts import KINDS
from ecogeo.plan.flowed_cells import CLOSE, DOUBTFUL, WRONG, gap_cost, share_out
from ecogeo.plan.flowed_heads import NUMBERS, find_head
from ecogeo.plan.targets import is_figure
from ecogeo.plan.unused import Unused
from ecogeo.plan.vocabulary import Kind, column_of
from ecogeo.wording import Text

_MOST_WORDS = 80
_HEADING = re.compile(
    r"第[一二三四五六七八九十]+[章节]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|注[：:]"
)
_TASK = re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]")
_PAGE_NUMBER = re.compile(r"(?!20[0-9]{2}\s*[-—–－])[-—–－]*\s*[0-9]{1,4}\s*[-—–－]+|[-—–－]+\s*[0-9]{1,4}")
_GROUP = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)、.．]")
_LONGEST_TAIL = 30
_GROUPS = ("domain", "task", "system", "category")
"""Columns whose cells are merged over rows: they stand between two of them."""
_OFFICE = re.compile(r"(?:[局委办府院部队所会厅处镇乡社厂村]|中心|公司|等|街道|单位|各县区?|银行|大学|学校|[)）])$")
_FIGURE = re.compile(r"[0-9](?:\.[0-9]+)?(?!个|[)）])")
_NO_OFFICE = re.compile(r"率|比例|浓度|面积|[%％≥≤]")
_ROWS: dict[Kind, Text] = {
    "indicators": Text("指标", "indicator"),
    "projects": Text("项目", "project"),
    "tasks": Text("任务", "task"),
}
_CHINESE = re.compile("[一-鿿]{2,}")
_MEASURE = re.compile("[个项处座家户人亩吨米万亿公平立千年月日%％条台套辆株]")
_AMOUNT = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?(?:亿元?|万元?)?")
_LONGEST_GROUP = 24
_VALUES = ("target", "current", "year")
_HALF_SPAN = re.compile(r"20[0-9]{2}年?[-—–~～]$")


@dataclass(frozen=True, slots=True)
class _Word:
    """A run of signs without a blank, and whether a row may begin with it."""

    line: int
    text: str
    is_first: bool
    is_begin: bool


@dataclass(frozen=True, slots=True)
class _ReadRow:
    """A row's cells by column, none where they cannot be told apart; the place behind it; whether it may be wrong."""

    cells: dict[str, str]
    end: int
    is_doubtful: bool = False


def split_flowed(paragraphs: Sequence[Paragraph]) -> tuple[tuple[RawTable, ...], tuple[Unused, ...]]:
    """Find the indicator tables in lines whose cells nothing marks.

    Parameters
    ----------
    paragraphs
        The lines outside all other tables.

    Returns
    -------
    Each with its head as first row, a domain with the first row it holds for; and the rows that want checking.
    """
    lines = [item for item in paragraphs if item.text.strip() and not _PAGE_NUMBER.fullmatch(item.text.strip())]
    tables: list[RawTable] = []
    doubts: list[Unused] = []
    at = 0
    while at < len(lines):
        kind, found = find_head(lines, at)
        count = len(doubts)
        rows = _rows(lines[at + found[0] :], found[1], kind, doubts) if found else []
        if not found or not rows:
            at += 1
            continue
        words = found[1]
        last = rows[-1][2]
        if kind != "indicators" and any(is_debris(cells, words, kind) for _, cells, _ in rows):
            del doubts[count:]
            at = next((place for place, item in enumerate(lines) if item.line > last), len(lines))
            continue
        if kind == "indicators" and _is_unparted([cells for _, cells, _ in rows], words):
            del doubts[count:]
            doubts.append(_refused(lines[at].line, last))
            at = next((place for place, item in enumerate(lines) if item.line > last), len(lines))
            continue
        grid = (words, *(cells for _, cells, _ in rows))
        numbers = (lines[at].line, *(line for line, _, _ in rows))
        title, unit = caption_above(item.text for item in reversed(lines[max(at - 2, 0) : at]))
        tables.append(RawTable(title, grid, numbers, last, money_unit=unit))
        at = next((place for place, item in enumerate(lines) if item.line > last), len(lines))
    return tuple(tables), tuple(doubts)


def _is_unparted(rows: Sequence[tuple[str, ...]], head: Sequence[str]) -> bool:
    """Whether more rows of an indicator table could not be parted into cells, one of them a figure, than could."""
    places = [at for at, word in enumerate(head) if column_of("indicators", word)[0].startswith(_VALUES)]
    whole = [cells for cells in rows if len(cells) == len(head)]
    groups = [at for at, word in enumerate(head) if column_of("indicators", word)[0] in _GROUPS]
    good = sum(
        any(is_figure(cells[at]) for at in places) and all(len(cells[at]) <= _LONGEST_GROUP for at in groups)
        for cells in whole
    )
    broken = sum(len(cells) != len(head) and cells[0][:1].isdecimal() for cells in rows)
    return broken + len(whole) - good > good


def _refused(first_line: int, last_line: int) -> Unused:
    """Say that nothing of a table was taken over."""
    reason = Text(
        "指标表多数行的单元格分不开，整个表没有读入；请用 Word 或 Excel 文件",
        "most rows of an indicator table could not be parted into cells: nothing of it was taken over; take a Word or "
        "Excel file",
    )
    return Unused("", first_line, last_line, reason, is_loss=True)


def is_debris(cells: Sequence[str], head: Sequence[str], kind: Kind) -> bool:
    """Whether the cells of a project's or task's row are pieces of several: then none of its table is taken over.

    Such are a row of one cell that heads no group and is no total, an office that does not end as one does, a figure
    in the cell of a place, and half a span of years outside the cell of years.
    """
    if len(cells) != len(head):
        plain = one_line(cells[0])
        return bool(plain) and not _GROUP.match(plain) and not TOTAL.match(head_word(plain))
    for word, cell in zip(head, cells, strict=True):
        name, plain = column_of(kind, word)[0], head_word(cell)
        is_office = name.endswith("departments") and bool(plain)
        if is_office and not all(_OFFICE.search(unit) and not _FIGURE.search(unit) for unit in split_units(cell)):
            return True
        if name == "place" and _FIGURE.search(plain):
            return True
        if name not in ("years", "start", "end", "deadline") and _HALF_SPAN.search(plain):
            return True
    return False


def _rows(
    lines: Sequence[Paragraph], head: tuple[str, ...], kind: Kind, doubts: list[Unused]
) -> list[tuple[int, tuple[str, ...], int]]:
    """Read the rows under a head: where each begins, its cells, and where it ends; add those that want checking."""
    names = [column_of(kind, word)[0] for word in head]
    words = _words(lines[:4000], is_grouped=names.index(NUMBERS[kind]) > 0)
    found: list[tuple[int, tuple[str, ...], int]] = []
    groups: dict[str, str] = {}
    at, number = 0, 1
    while True:
        start, number = _next_start(words, at, number, kind)
        row = None if start is None else _read_row(words, start, number, names, kind)
        if row is None or start is None:
            if start is not None and found and start < _heading(words, at):
                doubts.append(_broken_off(number, words[start].line, _ROWS[kind]))
            break
        between = _without_head(words[at:start], head)
        shared = _groups([word.text for word in words[at:start]], between, names)
        if shared.is_doubtful:
            doubts.append(_unparted(words[at].line, words[start - 1].line))
        groups |= {name: text for name, text in shared.cells.items() if text}
        if between and not set(_GROUPS) & set(names):
            found.append((words[at].line, (between,), words[start - 1].line))
        whole = row.cells | groups | {NUMBERS[kind]: str(number)}
        groups = {} if row.cells else groups
        shown = tuple(whole.get(name, "") for name in names) if row.cells else (_text(words[start : row.end]),)
        found.append((words[start].line, shown, words[row.end - 1].line))
        if row.is_doubtful or _NO_OFFICE.search(row.cells.get("departments", "")):
            doubts.append(_doubt(number, kind, words[start].line, words[row.end - 1].line))
        at, number = row.end, number + 1
    ahead = words[at : _heading(words, at)]
    if found and kind == "projects" and ahead and ahead[0].is_first and TOTAL.fullmatch(head_word(ahead[0].text)):
        amount = ahead[1] if len(ahead) > 1 and _AMOUNT.fullmatch(head_word(ahead[1].text)) else None
        cells = {names[0]: ahead[0].text} | ({"invest": amount.text} if amount else {})
        line = (amount or ahead[0]).line
        found.append((ahead[0].line, tuple(cells.get(name, "") for name in names), line))
        ahead = []
    if found and (last := _kind_end(ahead, 0)) is not None:
        found.append((ahead[0].line, (_text(ahead[:last]),), ahead[last - 1].line))
    return found


def _words(lines: Sequence[Paragraph], *, is_grouped: bool) -> list[_Word]:
    """Split lines into words; a row begins a line, or, where groups stand in front of numbers, may end one."""
    found: list[_Word] = []
    for item in lines:
        words = item.text.split()
        last = len(words) - 1
        found += [
            _Word(item.line, word, at == 0, at == 0 or (is_grouped and at == last and word.isdecimal()))
            for at, word in enumerate(words)
        ]
    return found


def _next_start(words: Sequence[_Word], at: int, number: int, kind: Kind) -> tuple[int | None, int]:
    """Return where the next row begins, and its number: the next, or, behind a heading, the first again."""
    start = _start(words, at, number)
    if start is None and kind != "indicators":
        start = _start_inside(words, at, number)
    if kind == "indicators" or number == 1:
        return start, number
    again = _start(words, at, 1)
    is_anew = again is not None and again > at and _GROUP.match(words[at].text) and (start is None or again < start)
    return (again, 1) if is_anew else (start, number)


def _start_inside(words: Sequence[_Word], at: int, number: int) -> int | None:
    """Return the place of a row's number behind the word of its group (固废处置 3 …); ``None`` for none."""
    for place in range(at + 1, min(at + _MOST_WORDS, len(words) - 1)):
        group, own, following = words[place - 1 : place + 2]
        is_placed = group.is_first and own.line == group.line == following.line and _CHINESE.fullmatch(group.text)
        if is_placed and own.text == str(number) and not _MEASURE.match(following.text):
            return place
    return None


def _broken_off(number: int, line: int, what: Text) -> Unused:
    """Say that a table breaks off before a row that could not be read."""
    reason = Text(
        f"表格从{what.zh} {number} 起不能读取，请核对",
        f"the table could not be read from {what.en} {number} on, please check",
    )
    return Unused("", line, line, reason, is_loss=True)


def _doubt(number: int, kind: Kind, first_line: int, last_line: int) -> Unused:
    """Ask to look at a row whose cells can be told apart in more than one way."""
    reason = Text(
        f"{_ROWS[kind].zh} {number} 的单元格没有分隔，可能读错，请核对",
        f"nothing sets the cells of {_ROWS[kind].en} {number} apart: they may be read wrongly, please check",
    )
    return Unused("", first_line, last_line, reason, is_loss=True)


def _read_row(words: Sequence[_Word], start: int, number: int, names: Sequence[str], of: Kind) -> _ReadRow | None:
    """Read the row whose number stands at a place; ``None`` where it does not end."""
    columns = names[names.index(NUMBERS[of]) + 1 :]
    least = start + 1 + (len(columns) if of == "indicators" else 2)
    kind = _kind_end(words, start + 1) if "kind" in columns else least
    if kind is None:
        return None
    least = max(least, kind)
    following = _start(words, least, number + 1)
    latest = kind if columns[-1] == "kind" else min(_heading(words, least), least + _LONGEST_TAIL)
    if of != "indicators":
        ahead = _heading(words, least)
        following = following if following is not None and following <= ahead else None
        latest = following if following is not None else ahead
    if following is not None and columns[-1] != "kind":
        latest = following
    shown = ["project_name" if name == "name" and of != "indicators" else name for name in columns]
    row = words[start + 1 : latest]
    shared = share_out([word.text for word in row], shown, [word.line for word in row])
    ends = [end for end in range(min(least, latest), latest + 1) if end - start - 1 in shared]
    gaps = {end: _gap(words, end, following) for end in ends}
    inside = {end: end < len(words) and not words[end].is_first for end in ends}
    costs = {end: shared[end - start - 1].cost + gap_cost(gaps[end]) + DOUBTFUL * inside[end] for end in ends}
    end = min(costs, key=lambda place: (costs[place], place), default=latest)
    if end not in costs or costs[end] >= WRONG:
        return _without_kind(words, start, number, columns) or _ReadRow({}, latest)
    cells = dict(zip(columns, shared[end - start - 1].cells, strict=True))
    is_close = shared[end - start - 1].rival - shared[end - start - 1].cost < CLOSE
    return _ReadRow(cells, end, is_doubtful=costs[end] >= DOUBTFUL or is_close)


def _gap(words: Sequence[_Word], end: int, following: int | None) -> str:
    """Return what a row leaves in front of the next; behind the last, a word that goes on with its last cell."""
    if following is not None:
        return "".join(word.text for word in words[end:following])
    rest = words[end].text if end < len(words) else ""
    return rest if rest.startswith(("、", "，", "；")) else ""


def _without_kind(words: Sequence[_Word], start: int, number: int, columns: Sequence[str]) -> _ReadRow | None:
    """Read a row that lacks the word for its kind, as where that was merged with another's; ``None`` where it fails."""
    following = _start(words, start + len(columns), number + 1)
    kind = _kind_end(words, start + 1)
    if "kind" not in columns or following is None or (kind is not None and kind <= following):
        return None
    others = [name for name in columns if name != "kind"]
    row = words[start + 1 : following]
    shared = share_out([word.text for word in row], others, [word.line for word in row]).get(following - start - 1)
    if shared is None or shared.cost >= WRONG:
        return None
    return _ReadRow(dict(zip(others, shared.cells, strict=True)), following, is_doubtful=True)


def _heading(words: Sequence[_Word], at: int) -> int:
    """Return the place of the next heading, at most a row's length away."""
    places = range(at, min(at + _MOST_WORDS, len(words)))
    last = min(at + _MOST_WORDS, len(words))
    return next((place for place in places if words[place].is_first and _HEADING.match(words[place].text)), last)


def _text(words: Sequence[_Word]) -> str:
    """Return words as one text."""
    return " ".join(word.text for word in words)


def _groups(words: Sequence[str], between: str, names: Sequence[str]) -> _ReadRow:
    """Share out what stands between two rows among domain and task.

    A task begins with a numeral in brackets, the domain stands before it. Without such a numeral a single word is the
    next task of the same domain; of several, the first is the domain, which is doubtful.
    """
    columns = [name for name in _GROUPS if name in names]
    if len(columns) < 2:
        return _ReadRow(dict.fromkeys(columns, between), 0)
    task = _TASK.search(between)
    if task is None and between and between == "".join(words) and len(words[0]) > 1:
        domain = words[0] if len(words) > 1 else ""
        return _ReadRow({"domain": domain, "task": between.removeprefix(domain)}, 0, is_doubtful=len(words) > 1)
    at = task.start() if task else len(between)
    return _ReadRow({"domain": between[:at], "task": between[at:]}, 0)


def _unparted(first_line: int, last_line: int) -> Unused:
    """Ask to look at a domain and a task that nothing sets apart."""
    reason = Text(
        "领域和任务的单元格没有分隔，可能读错，请核对",
        "nothing sets the cells of domain and task apart: they may be read wrongly, please check",
    )
    return Unused("", first_line, last_line, reason, is_loss=True)


def _without_head(words: Sequence[_Word], head: Sequence[str]) -> str:
    """Return what stands between two rows, a head repeated on a new page taken off."""
    text = one_line("".join(word.text for word in words))
    repeated = re.compile("(?:续表[0-9]*)?" + r"\s*".join(re.escape(sign) for sign in "".join(head)))
    return repeated.sub("", text).strip()


def _kind_end(words: Sequence[_Word], at: int) -> int | None:
    """Return the place behind the next word for a kind, which may be broken."""
    for place in range(at, min(at + _MOST_WORDS, len(words))):
        for length in (1, 2, 3):
            if "".join(word.text for word in words[place : place + length]) in KINDS:
                return place + length
    return None


def _start(words: Sequence[_Word], at: int, number: int) -> int | None:
    """Return the place of the row with a number; ``None`` where no line near begins with it."""
    places = range(at, min(at + _MOST_WORDS, len(words)))
    return next(
        (place for place in places if words[place].is_begin and head_word(words[place].text) == str(number)), None
    )
