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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ecogeo.formats.document import Paragraph
from ecogeo.formats.text_tables import RawTable, caption_above
from ecogeo.plan.cells import head_word, one_line
from ecogeo.plan.departments import split_units
from ecogeo.plan.drafts import KINDS
from ecogeo.plan.flowed_cells import DOUBTFUL, WRONG, gap_cost, share_out
from ecogeo.plan.heads import TOTAL
from ecogeo.plan.unused import Unused
from ecogeo.plan.vocabulary import HEADS, YEAR, Kind, column_of, read_head
from ecogeo.wording import Text

_LEAST_COLUMNS = 4
_MOST_HEAD_LINES = 40
_LONGEST_WORD = 16
_LONGEST_HEAD = 120
_BEGIN = {kind: re.compile("|".join(f"(?:{word})" for word in words.values())) for kind, words in HEADS.items()}
_NUMBERS: dict[Kind, str] = {"indicators": "indicator_no", "projects": "project_no", "tasks": "task_no"}
_MOST_WORDS = 80
_HEADING = re.compile(
    r"第[一二三四五六七八九十]+[章节]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|注[：:]"
)
_TASK = re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]")
_PAGE_NUMBER = re.compile(r"[-—–－]*\s*[0-9]{1,4}\s*[-—–－]+|[-—–－]+\s*[0-9]{1,4}")
_GROUP = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)、.．]")
_LONGEST_TAIL = 30
_OFFICE = re.compile(r"(?:[局委办府院部队所会厅处镇乡社厂村]|中心|公司|等|街道|单位|各县区?|银行|大学|学校|[)）])$")
_FIGURE = re.compile(r"[0-9](?:\.[0-9]+)?(?!个|[)）])")
_NO_OFFICE = re.compile(r"率|比例|浓度|面积|[%％≥≤]")
_HALF_SPAN = re.compile(r"20[0-9]{2}年?[-—–~～]$")


@dataclass(frozen=True, slots=True)
class _Word:
    """A run of signs without a blank."""

    line: int
    text: str
    is_first: bool


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
        kind, found = _any_head(lines, at)
        count = len(doubts)
        rows = _rows(lines[at + found[0] :], found[1], kind, doubts) if found else []
        if not found or not rows:
            at += 1
            continue
        words = found[1]
        last = rows[-1][2]
        if kind != "indicators" and any(_is_debris(cells, words, kind) for _, cells, _ in rows):
            del doubts[count:]
            at = next((place for place, item in enumerate(lines) if item.line > last), len(lines))
            continue
        grid = (words, *(cells for _, cells, _ in rows))
        numbers = (lines[at].line, *(line for line, _, _ in rows))
        title, unit = caption_above(item.text for item in reversed(lines[max(at - 2, 0) : at]))
        tables.append(RawTable(title, grid, numbers, last, money_unit=unit))
        at = next((place for place, item in enumerate(lines) if item.line > last), len(lines))
    return tuple(tables), tuple(doubts)


def _is_debris(cells: Sequence[str], head: Sequence[str], kind: Kind) -> bool:
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


def unread_heads(paragraphs: Sequence[Paragraph]) -> list[Unused]:
    """List the heads of project and task tables in such lines: what stands under them cannot be told apart.

    Parameters
    ----------
    paragraphs
        The lines outside all tables.
    """
    lines = [item for item in paragraphs if item.text.strip()]
    unread: list[Unused] = []
    at = 0
    while at < len(lines):
        kinds: tuple[Kind, ...] = ("projects", "tasks")
        found = next((head for kind in kinds if (head := _head(lines, at, kind))), None)
        if found:
            words = "、".join(found[1])
            reason = Text(
                f"像是表头（{words}），但单元格之间没有分隔，表格未能读取；请用 Word 或 Excel 文件",
                f"it looks like a head ({words}), but nothing sets the cells apart: the table was not read; use the "
                "Word or Excel file",
            )
            unread.append(Unused("", lines[at].line, lines[at + found[0] - 1].line, reason, is_loss=True))
        at += found[0] if found else 1
    return unread


def _any_head(lines: Sequence[Paragraph], at: int) -> tuple[Kind, tuple[int, tuple[str, ...]] | None]:
    """Return the kind of table whose head begins on a line, with that head; ``None`` where none does."""
    for kind in _NUMBERS:
        if found := _head(lines, at, kind):
            return kind, found
    return "indicators", None


def _head(lines: Sequence[Paragraph], at: int, kind: Kind) -> tuple[int, tuple[str, ...]] | None:
    """Return how many lines from one on make a head, and its words; ``None`` where none do."""
    if not _BEGIN[kind].match(head_word("".join(item.text for item in lines[at : at + 8]))):
        return None
    for count in range(min(_MOST_HEAD_LINES, len(lines) - at), 0, -1):
        text = head_word("".join(item.text for item in lines[at : at + count]))
        for flat in sorted(_head_words(text, kind), key=len) if len(text) <= _LONGEST_HEAD else ():
            words = _with_years(flat, kind)
            columns = read_head(words)
            if columns and columns.kind == kind and not columns.missing and not columns.unknown:
                return (count, words) if len(words) >= _LEAST_COLUMNS and _NUMBERS[kind] in columns.places else None
    return None


def _with_years(words: tuple[str, ...], kind: Kind) -> tuple[str, ...]:
    """Return the words of a head of two rows in the order of the columns: years at its end stand under their heads.

    Examples
    --------
    >>> _with_years(("序号", "指标名称", "现状值", "目标值", "属性", "2025年", "2027年", "2030年"), "indicators")
    ('序号', '指标名称', '现状值2025年', '目标值2027年', '目标值2030年', '属性')
    """
    count = next((at for at, word in enumerate(reversed(words)) if not re.fullmatch(f"{YEAR}年?", word)), len(words))
    upper, years = words[: len(words) - count], words[len(words) - count :]
    heads = [word for word in upper if column_of(kind, word)[0] in ("current", "target") and not re.search(YEAR, word)]
    if kind != "indicators" or not heads or len(years) < len(heads):
        return words
    shares = [years[at : at + 1] for at in range(len(heads) - 1)] + [years[len(heads) - 1 :]]
    under = dict(zip(heads, shares, strict=True))
    return tuple(
        name for word in upper for name in ([word + year for year in under[word]] if word in under else [word])
    )


def _head_words(text: str, kind: Kind, known: frozenset[str] = frozenset()) -> Iterator[tuple[str, ...]]:
    """Yield every way to split a text into head words, each of another column."""
    if not text:
        yield ()
    for length in range(1, min(_LONGEST_WORD, len(text)) + 1):
        name, _ = column_of(kind, text[:length])
        if name and name not in known and len(re.findall(YEAR, text[:length])) <= 1:
            for rest in _head_words(text[length:], kind, known | {name}):
                yield (text[:length], *rest)


def _rows(
    lines: Sequence[Paragraph], head: tuple[str, ...], kind: Kind, doubts: list[Unused]
) -> list[tuple[int, tuple[str, ...], int]]:
    """Read the rows under a head: where each begins, its cells, and where it ends; add those that want checking."""
    words = [
        _Word(item.line, word, place == 0) for item in lines[:4000] for place, word in enumerate(item.text.split())
    ]
    names = [column_of(kind, word)[0] for word in head]
    found: list[tuple[int, tuple[str, ...], int]] = []
    groups: dict[str, str] = {}
    at, number = 0, 1
    while True:
        start, number = _next_start(words, at, number, kind)
        row = None if start is None else _read_row(words, start, number, names, kind)
        if row is None or start is None:
            break
        between = _without_head(words[at:start], head)
        groups |= {name: text for name, text in _groups(between, names).items() if text}
        if between and not {"domain", "task"} & set(names):
            found.append((words[at].line, (between,), words[start - 1].line))
        whole = row.cells | groups | {_NUMBERS[kind]: str(number)}
        groups = {} if row.cells else groups
        shown = tuple(whole.get(name, "") for name in names) if row.cells else (_text(words[start : row.end]),)
        found.append((words[start].line, shown, words[row.end - 1].line))
        if row.is_doubtful or _NO_OFFICE.search(row.cells.get("departments", "")):
            doubts.append(_doubt(number, kind, words[start].line, words[row.end - 1].line))
        at, number = row.end, number + 1
    ahead = words[at : _heading(words, at)]
    if found and (last := _kind_end(ahead, 0)) is not None:
        found.append((ahead[0].line, (_text(ahead[:last]),), ahead[last - 1].line))
    return found


def _next_start(words: Sequence[_Word], at: int, number: int, kind: Kind) -> tuple[int | None, int]:
    """Return where the next row begins, and its number: the next, or, behind a heading, the first again."""
    start = _start(words, at, number)
    if kind == "indicators" or number == 1:
        return start, number
    again = _start(words, at, 1)
    is_anew = again is not None and again > at and _GROUP.match(words[at].text) and (start is None or again < start)
    return (again, 1) if is_anew else (start, number)


def _doubt(number: int, kind: Kind, first_line: int, last_line: int) -> Unused:
    """Ask to look at a row whose cells can be told apart in more than one way."""
    what = {"indicators": Text("指标", "indicator"), "projects": Text("项目", "project"), "tasks": Text("任务", "task")}
    reason = Text(
        f"{what[kind].zh} {number} 的单元格没有分隔，可能读错，请核对",
        f"nothing sets the cells of {what[kind].en} {number} apart: they may be read wrongly, please check",
    )
    return Unused("", first_line, last_line, reason, is_loss=True)


def _read_row(words: Sequence[_Word], start: int, number: int, names: Sequence[str], of: Kind) -> _ReadRow | None:
    """Read the row whose number stands at a place; ``None`` where it does not end."""
    columns = names[names.index(_NUMBERS[of]) + 1 :]
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
    shared = share_out([word.text for word in words[start + 1 : latest]], shown)
    ends = [end for end in range(min(least, latest), latest + 1) if end - start - 1 in shared]
    gaps = {end: "" if following is None else "".join(word.text for word in words[end:following]) for end in ends}
    costs = {end: shared[end - start - 1].cost + gap_cost(gaps[end]) for end in ends}
    end = min(costs, key=lambda place: (costs[place], place), default=latest)
    if end not in costs or costs[end] >= WRONG:
        return _without_kind(words, start, number, columns) or _ReadRow({}, latest)
    cells = dict(zip(columns, shared[end - start - 1].cells, strict=True))
    return _ReadRow(cells, end, is_doubtful=costs[end] >= DOUBTFUL)


def _without_kind(words: Sequence[_Word], start: int, number: int, columns: Sequence[str]) -> _ReadRow | None:
    """Read a row that lacks the word for its kind, as where that was merged with another's; ``None`` where it fails."""
    following = _start(words, start + len(columns), number + 1)
    kind = _kind_end(words, start + 1)
    if "kind" not in columns or following is None or (kind is not None and kind <= following):
        return None
    others = [name for name in columns if name != "kind"]
    shared = share_out([word.text for word in words[start + 1 : following]], others).get(following - start - 1)
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


def _groups(between: str, names: Sequence[str]) -> dict[str, str]:
    """Share out what stands between two rows: a task begins with a numeral in brackets, the domain stands before it."""
    columns = [name for name in ("domain", "task") if name in names]
    if len(columns) < 2:
        return dict.fromkeys(columns, between)
    task = _TASK.search(between)
    at = task.start() if task else len(between)
    return {"domain": between[:at], "task": between[at:]}


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
        (place for place in places if words[place].is_first and head_word(words[place].text) == str(number)), None
    )
