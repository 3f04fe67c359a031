"""Tables set with blanks, as `pdftotext -layout` writes them: cells stand below their heads, and break over lines.

A table is known by its head, its columns by the gaps that run through it (`ecogeo.plan.spaced_columns`), its rows by
their numbers, or, without such, by a column that every row fills once (`ecogeo.plan.spaced_rows`). It goes on over
pages, whose places may be others. What cannot be told apart for certain is not read, and that is said.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence, Set

from ecogeo.formats.document import Paragraph
from ecogeo.formats.text_tables import RawTable, caption_above, caption_of
from ecogeo.plan.body_rows import TOTAL
from ecogeo.plan.cells import head_word
from ecogeo.plan.drafts import KINDS
from ecogeo.plan.flowed_tables import is_debris
from ecogeo.plan.item_lists import split_numbered
from ecogeo.plan.plain_text import is_blank
from ecogeo.plan.spaced_columns import Line, Metric, in_signs, in_widths, words_of
from ecogeo.plan.spaced_grid import GROUP, LONE, Grid, is_row, sorted_grid
from ecogeo.plan.spaced_heads import SpacedHead, find_spaced_heads
from ecogeo.plan.spaced_rows import Extent, Place, cell_text, extents_of, owners_of
from ecogeo.plan.target_words import LABEL_END
from ecogeo.plan.targets import is_figure
from ecogeo.plan.unused import Unused
from ecogeo.plan.vocabulary import KIND_NAMES, Kind, column_of
from ecogeo.plan.years import parse_years
from ecogeo.wording import Text

_NAMED = re.compile("名称|指标|项目|工程|任务")
_MOST_HEAD_LINES = 7
_LONGEST_HEAD = 24
_INSET, _LEAST_PIECES = 8, 3
_NEAR_HEAD, _LEAST_KNOWN, _MOST_LINES = 4, 2, 3000
_STOP = re.compile(
    r"第[一二三四五六七八九十]+[章节]|(?:注|备注|说明|资料来源)\s*[：:]|专栏\s*[0-9一二三四五六七八九十]"
)
_PAGE_NUMBER = re.compile(r"[-—–－]*\s*[0-9]{1,4}\s*[-—–－]*|第?\s*[0-9]{1,4}\s*页.*")
_SENTENCE = re.compile("[，。；]")
_LONGEST_LONE = 24
_ALIKE = 0.02
_NUMBERS = ("indicator_no", "project_no", "task_no")
_LOOSE = ("domain", "task", "system", "category")
_VALUES = ("current", "target", "invest")
_WORDS = re.compile("[一-鿿]{2}")
_NAME_ENDS: dict[Kind, re.Pattern[str]] = {
    "indicators": re.compile(rf"(?:{LABEL_END})(?:\([^()]*\))?$"),
    "projects": re.compile(
        r"(?:项目|工程|建设|治理|整治|修复|改造|扩建|提升|保护|监测|行动|体系|平台|中心|基地)(?:\([^()]*\))?$"
    ),
}
_FIGURE = re.compile("[0-9]")
_MIXED = re.compile("(?=.*[0-9—])(?=.*[一-鿿]{2})")
_SLIPPED = re.compile(r"(?<!PM)(?<![0-9])[0-9]+\.[0-9]+(?![0-9.]*[%)])|[一-鿿][—≥≤][一-鿿]|[≥≤]")
_DATED = re.compile("20[0-9]{2}年?")
_ANCHORS = ("kind", "target", "current", "invest", "years", "start", "end", "deadline", "unit")


def split_spaced(paragraphs: Sequence[Paragraph]) -> tuple[tuple[RawTable, ...], tuple[Unused, ...]]:
    """Find the tables of a text whose columns are set with blanks.

    Parameters
    ----------
    paragraphs
        The lines outside all other tables, blank ones too.

    Returns
    -------
    The tables; and what looks like one and cannot be read, or wants checking.
    """
    tables: list[RawTable] = []
    doubts: list[Unused] = []
    at = 0
    while at < len(paragraphs):
        found = _table_at(paragraphs, at) if _may_begin(paragraphs, at) else None
        if found is None:
            at += 1
            continue
        table, said = found
        tables += [table] if table else []
        doubts += said
        last = table.last_line if table else said[0].last_line
        at = next((place for place in range(at, len(paragraphs)) if paragraphs[place].line > last), len(paragraphs))
    return tuple(tables), tuple(doubts)


def _may_begin(paragraphs: Sequence[Paragraph], at: int) -> bool:
    """Whether a head may begin on a line: it has several short pieces, or one far from the edge above such a line."""
    text = paragraphs[at].text
    following = next((item.text for item in paragraphs[at + 1 : at + 3] if item.text.strip()), "")
    is_inset = len(text) - len(text.lstrip()) >= _INSET and len(_pieces(following)) >= _LEAST_PIECES
    pieces = _pieces(text)
    is_short = bool(pieces) and max(map(len, pieces)) <= _LONGEST_HEAD
    is_apart = len(text.split()) > 1 and "  " in text.strip()
    return (
        "\t" not in text and is_short and (is_apart or is_inset) and _has_head_words(paragraphs[at : at + _NEAR_HEAD])
    )


def _has_head_words(lines: Sequence[Paragraph]) -> bool:
    """Whether lines hold whole words of a head, those of several columns of one kind of table."""
    words = [head_word(piece) for item in lines for piece in _pieces(item.text.replace("\f", ""))]
    return bool(_NAMED.search("".join(words))) and any(
        len({name for word in words if (name := column_of(kind, word)[0])}) >= _LEAST_KNOWN for kind in KIND_NAMES
    )


def _pieces(text: str) -> list[str]:
    """Return what two blanks and more set apart in a line."""
    return re.split(r"\s{2,}", text.strip()) if text.strip() else []


def _table_at(
    paragraphs: Sequence[Paragraph], at: int
) -> tuple[RawTable, list[Unused]] | tuple[None, list[Unused]] | None:
    """Read the table whose head begins on a line; ``None`` where none does."""
    ways = [
        (lines, head)
        for measure in (in_signs, in_widths)
        for lines in [_region(paragraphs, at, measure)]
        for head in _heads(lines)
    ]
    if not ways:
        return None
    title, unit = caption_above(item.text for item in reversed(paragraphs[max(at - 6, 0) : at]))
    best = min(_rank(head) for _, head in ways)
    ways = [way for way in ways if _rank(way[1]) == best]
    reads = [(head.looseness, read) for lines, head in ways if (read := _read(lines, head, title, unit))]
    least = min((looseness for looseness, _ in reads), default=0.0)
    grids = {read[0].rows: read for looseness, read in reads if looseness - least < _ALIKE}
    return next(iter(grids.values())) if len(grids) == 1 else (None, [_refused(*ways[0], title)])


def _rank(head: SpacedHead) -> tuple[int, int]:
    """Rank a reading of a head: by the words it leaves unknown, then by the columns it names."""
    return len(head.columns.unknown), -len(head.columns.places)


def _refused(lines: Sequence[Line], head: SpacedHead, title: str) -> Unused:
    """Say that a table was found and its rows and columns cannot be told apart."""
    kind = KIND_NAMES[head.columns.kind]
    reason = Text(
        f"用空格排列的{kind.zh}：行或列不能确定，没有读入；请用原来的 .docx 或 .xlsx",
        f"an {kind.en} set with blanks, whose rows or columns cannot be told apart for certain: it was not read; use "
        "the .docx or .xlsx it was made from".replace("an project", "a project").replace("an task", "a task"),
    )
    return Unused(title, lines[0].number, lines[-1].number, reason, is_loss=True)


def _region(paragraphs: Sequence[Paragraph], at: int, measure: Metric) -> list[Line]:
    """Return the lines from a head on that may be its table's; page numbers and blank lines left out."""
    found: list[Line] = []
    is_behind_gap, is_new_page = False, False
    left = len(paragraphs[at].text) - len(paragraphs[at].text.lstrip())
    for place, item in enumerate(paragraphs[at : at + _MOST_LINES], start=at):
        is_new_page = is_new_page or (item.text.startswith("\f") and bool(found))
        text = item.text.replace("\f", "").rstrip()
        words = words_of(text, measure, left=left)
        if not words:
            is_behind_gap = True
            continue
        if _is_page_number(text.strip(), paragraphs, place):
            continue
        line = Line(item.line, words, is_behind_gap, is_new_page)
        if "\t" in text or (found and _ends(line, text, left)):
            break
        found.append(line)
        is_behind_gap = is_new_page = False
    return found


def _is_page_number(text: str, paragraphs: Sequence[Paragraph], place: int) -> bool:
    """Whether a line is the number of its page: the last before a new one, or marked as such."""
    if not _PAGE_NUMBER.fullmatch(text):
        return False
    following = next(
        (item.text for item in paragraphs[place + 1 : place + 4] if item.text.strip() or "\f" in item.text), "\f"
    )
    return following.startswith("\f") or not text.isdecimal()


def _ends(line: Line, text: str, left: int) -> bool:
    """Whether a line stands below a table: a heading, a note, the caption of the next, or running text."""
    plain = line.text
    if line.pieces > 1:
        return False
    if _STOP.match(plain) or (caption_of(plain) and not plain.startswith("续")):
        return True
    is_left = len(text) - len(text.lstrip()) <= left + 4
    return is_left and len(plain) > _LONGEST_LONE and bool(_SENTENCE.search(plain)) and not GROUP.match(plain)


def _heads(lines: Sequence[Line]) -> list[SpacedHead]:
    """Return every reading of the first lines as a head."""
    heads: list[SpacedHead] = []
    for height in range(1, min(_MOST_HEAD_LINES, len(lines) - 1) + 1):
        body = _first_rows(lines[height:])
        if body:
            heads += find_spaced_heads(lines, body, height)
    return heads


def _first_rows(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of the first page with rows that show where columns are."""
    rows: list[Line] = []
    for line in lines:
        if rows and line.is_on_new_page:
            break
        rows += [line] if is_row(line) else []
    return rows


def _read(lines: Sequence[Line], head: SpacedHead, title: str, unit: str) -> tuple[RawTable, list[Unused]] | None:
    """Read the rows below a head; ``None`` where they cannot be told apart."""
    grid = sorted_grid(lines, head)
    if grid is None:
        return None
    anchors = _anchors(grid.cells, head)
    grid = _cut(grid, anchors)
    anchors = [at for at in anchors if at < len(grid.cells)]
    places = head.columns.places
    loose = {column for name in _LOOSE for column in places.get(name, ())}
    core = [at for at, cells in enumerate(grid.cells) if cells.keys() - loose]
    within = {at: place for place, at in enumerate(core)}
    if not set(anchors) <= within.keys():
        return None
    pages = [bisect_left(core, page) for page in grid.pages]
    below = [grid.cells[at] for at in core]
    found = extents_of(below, [within[at] for at in anchors], pages, loose, lambda rows: _sense(below, rows, head))
    if found is None:
        return None
    extents, place = [Extent(core[row.first], core[row.anchor], core[row.last]) for row in found[0]], found[1]
    if not _are_kinds(grid.cells, extents, head) or _has_empty_columns(grid.cells, head):
        return None
    first_line = lines[0].number
    rows = _rows(grid, extents, head, loose)
    if any(_is_shifted(cells, head) for cells in rows):
        return None
    doubts = [
        doubt for column in sorted(loose) for doubt in _add_loose(rows, column, (grid, extents, place), head, title)
    ]
    numbers = (first_line, *(grid.lines[row.first].number for row in extents))
    table = RawTable(title, (head.words, *map(tuple, rows)), numbers, grid.lines[-1].number, money_unit=unit)
    return table, doubts


def _anchors(cells: Sequence[dict[int, str]], head: SpacedHead) -> list[int]:
    """Return the lines that hold what every row has once: its number, or else a kind or value; and lone texts."""
    places = head.columns.places
    number = next((places[name][0] for name in _NUMBERS if name in places), None)
    if number is not None:
        return [at for at, line in enumerate(cells) if number in line or LONE in line]
    for name in _ANCHORS:
        columns = [place for known, where in places.items() if known.startswith(name) for place in where]
        filled = [[at for at, line in enumerate(cells) if column in line] for column in dict.fromkeys(columns)]
        is_once = filled and filled[0] and all(one == filled[0] for one in filled)
        if is_once and all(_fits(name, cells[at][column]) for column in columns for at in filled[0]):
            return sorted({*filled[0], *(at for at, line in enumerate(cells) if LONE in line)})
    return []


def _fits(name: str, text: str) -> bool:
    """Whether a text is a whole cell of a column."""
    return head_word(text) in KINDS if name == "kind" else name not in _VALUES or is_figure(text)


def _cut(grid: Grid, anchors: Sequence[int]) -> Grid:
    """Take off what stands behind a blank line below the last row, where no row has one; and headings at the end."""
    end = len(grid.cells)
    rows = [at for at in anchors if LONE not in grid.cells[at] and not GROUP.match(grid.lines[at].text)]
    if not rows:
        return grid
    end = next((at for at in anchors if at > rows[-1]), end)
    inside = [at for at in range(rows[0] + 1, rows[-1]) if grid.lines[at].is_behind_gap and at not in anchors]
    if not inside:
        end = next((at for at in range(rows[-1] + 1, end) if grid.lines[at].is_behind_gap), end)
    return Grid(grid.cells[:end], [page for page in grid.pages if page < end], grid.lines[:end])


def _are_kinds(cells: Sequence[dict[int, str]], extents: Sequence[Extent], head: SpacedHead) -> bool:
    """Whether the cells below the head of kinds are kinds; else the columns are not what they seem."""
    for column in head.columns.places.get("kind", ()):
        for row in extents:
            words = "".join(cells[at].get(column, "") for at in range(row.first, row.last + 1))
            if head_word(words) not in ("", "—", "-", "/", *KINDS):
                return False
    return True


def _sense(cells: Sequence[dict[int, str]], rows: Sequence[Extent], head: SpacedHead) -> int:
    """Count the rows whose names end as those of indicators or projects do."""
    ends = _NAME_ENDS.get(head.columns.kind)
    where = head.columns.places["name"]
    names = (
        "".join(cells[at].get(place, "") for at in range(row.first, row.last + 1) for place in where) for row in rows
    )
    return sum(bool(ends.search(head_word(name))) for name in names) if ends else 0


def _has_empty_columns(cells: Sequence[dict[int, str]], head: SpacedHead) -> bool:
    """Whether a column that is known has no cell at all: then words of it may stand in another."""
    filled = set().union(*cells)
    return any(filled.isdisjoint(where) for where in head.columns.places.values())


def _is_shifted(cells: Sequence[str], head: SpacedHead) -> bool:
    """Whether cells of a row do not read as their heads say, as where words slipped into the column beside theirs."""
    if sum(map(bool, cells)) < 2 or GROUP.match(cells[0]):
        return False
    kind = head.columns.kind
    for name, where in head.columns.places.items():
        text = head_word("".join(cells[place] for place in where))
        if not text:
            continue
        is_wrong = {
            "name": not _WORDS.search(text) or bool(_SLIPPED.search(text)),
            "unit": is_figure(text) and not is_blank(text),
            "current": _is_mixed(text) or text in KINDS,
            "target": _is_mixed(text) or text in KINDS,
            "nature": bool(_FIGURE.search(text)),
            "years": parse_years(text) is None and not is_blank(text),
            "start": parse_years(text) is None and not is_blank(text),
            "end": parse_years(text) is None and not is_blank(text),
            "invest": not _FIGURE.search(text) and not is_blank(text),
        }
        if is_wrong.get(name.partition("_")[0], False):
            return True
    return kind != "indicators" and not TOTAL.match(head_word(cells[0])) and is_debris(cells, head.columns.words, kind)


def _is_mixed(text: str) -> bool:
    """Whether a value is a figure, or a dash, among words that are no wording of values."""
    return bool(_MIXED.match(_DATED.sub("", text))) and not is_figure(text) and not split_numbered(text)[1]


def _rows(grid: Grid, extents: Sequence[Extent], head: SpacedHead, loose: Set[int]) -> list[list[str]]:
    """Put the cells of every row together; those of loose columns stay open."""
    names = {column: name for name, where in head.columns.places.items() for column in where}
    rows: list[list[str]] = []
    for row in extents:
        lines = grid.cells[row.first : row.last + 1]
        lone = "".join(line[LONE] for line in lines if LONE in line)
        cells = [
            cell_text(
                [] if column in loose else [line[column] for line in lines if column in line],
                is_value=names.get(column, "").startswith(_VALUES),
            )
            for column in range(len(head.words))
        ]
        rows.append([lone, *cells[1:]] if lone else cells)
    return rows


def _add_loose(
    rows: Sequence[list[str]],
    column: int,
    laid: tuple[Grid, Sequence[Extent], Place],
    head: SpacedHead,
    title: str,
) -> list[Unused]:
    """Add to the rows the texts of a column whose cells may be merged over several; say where that is not certain."""
    grid, extents, place = laid
    owners = owners_of(column, grid.cells, extents, place)
    if owners is not None:
        for at, text in owners.items():
            rows[at][column] = text
        return []
    word = head.columns.words[column]
    reason = Text(
        f"“{word}”一列的文字不能确定属于哪些行，没有读入",
        f'which rows the texts of the column "{word}" belong to is not certain: they were not read',
    )
    return [Unused(title, grid.lines[0].number, grid.lines[-1].number, reason, is_loss=True)]
