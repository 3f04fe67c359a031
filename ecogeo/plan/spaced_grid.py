"""The words of a table set with blanks, sorted into its columns, page by page.

Columns stand where pieces of lines begin; on each page anew, for a page may be set at other places. A word goes to the
column it stands in or next to; one behind a single blank may belong to the column on its left or on its right: no cell
is wider than the widest that stands alone in its column. What can be sorted in two ways is not sorted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecogeo.plan.body_rows import TOTAL
from ecogeo.plan.cells import head_word
from ecogeo.plan.spaced_columns import Line, Span, Word, columns_of, in_widths, merged_to
from ecogeo.plan.spaced_heads import SpacedHead, find_spaced_heads

GROUP = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)、.．]")
_NEAR, _CROSSED, _PARTED, _CLOSE, _APART = 4, 1.0, 0.5, 0.5, 2
LONE = -1
"""The column of a text that stands alone in its line, across columns."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines below a head by column; the places where pages begin; and the lines."""

    cells: list[dict[int, str]]
    pages: list[int]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to sort the first words of a line: how badly they fit, and the column of each."""

    cost: float
    columns: tuple[int, ...]


def is_row(line: Line) -> bool:
    """Whether a line shows where columns are: it has several pieces and is no group's heading and no total."""
    first = line.words[0].text
    return line.pieces > 1 and not GROUP.match(first) and not TOTAL.match(head_word(first))


def sorted_grid(lines: Sequence[Line], head: SpacedHead) -> Grid | None:
    """Sort the words of all lines below a head into columns; ``None`` where some cannot be.

    Parameters
    ----------
    lines
        The lines of the region, the head's first; heads repeated on further pages are left out.
    head
        The head.
    """
    grid = Grid([], [], [])
    head_text = _joined(lines[: head.height])
    spans: tuple[Span, ...] | None = None
    for number, page in enumerate(_pages(lines)):
        is_headed = number == 0 or _joined(page[: head.height]) == head_text
        body = page[head.height :] if is_headed else page
        grid.pages.append(len(grid.cells))
        for part in _parts(body):
            spans = _spans_of(page, part, head, spans or head.spans, is_headed=is_headed)
            spans, widths = _widened(part, spans) if spans else (None, {})
            placed = [_placed(line, spans, widths) if spans else None for line in part]
            if spans is None or any(cells is None for cells in placed):
                return None
            grid.cells.extend(cells for cells in placed if cells is not None)
            grid.lines.extend(part)
    return grid


def _parts(lines: Sequence[Line]) -> list[list[Line]]:
    """Split the lines of a page at headings of groups, which are set across: what stands below may stand elsewhere."""
    parts: list[list[Line]] = [[]]
    for line in lines:
        if line.pieces == 1 and GROUP.match(line.text) and any(map(is_row, parts[-1])):
            parts.append([])
        parts[-1].append(line)
    return [part for part in parts if part]


def _joined(lines: Sequence[Line]) -> str:
    return "".join(word.text for line in lines for word in line.words)


def _pages(lines: Sequence[Line]) -> list[list[Line]]:
    """Split lines by pages."""
    pages: list[list[Line]] = [[]]
    for line in lines:
        if line.is_on_new_page:
            pages.append([])
        pages[-1].append(line)
    return pages


def _spans_of(
    page: Sequence[Line], body: Sequence[Line], head: SpacedHead, before: Sequence[Span], *, is_headed: bool
) -> tuple[Span, ...] | None:
    """Return where the columns stand on a page; ``None`` where they are not those of the head."""
    rows = [line for line in body if is_row(line)]
    count = len(head.spans)
    firsts = [Line(line.number, tuple(word for word in line.words if not word.is_glued), False, False) for line in rows]
    ways = (columns_of(firsts), columns_of(rows), columns_of(rows, are_joined=False))
    own = next((way for way in ways if len(way) == count), None) or merged_to(count, ways[0], firsts)
    if own is not None or (is_headed and head.is_by_order):
        return own
    if is_headed:
        again = [one for one in find_spaced_heads(page, rows, head.height) if one.words == head.words]
        return next((one.spans for one in again if not one.is_by_order), None)
    is_alike = all(_is_mostly_in(span, before) for span in columns_of(body))
    return tuple(before) if is_alike else None


def _is_mostly_in(span: Span, spans: Sequence[Span]) -> bool:
    """Whether a column of a page stands where just one of another page does, by half of it or more."""
    shared = [min(span[1], end) - max(span[0], start) for start, end in spans]
    return [share > 0 for share in shared].count(True) == 1 and 2 * max(shared) >= span[1] - span[0]


def _widened(lines: Sequence[Line], spans: Sequence[Span]) -> tuple[tuple[Span, ...], dict[int, int]]:
    """Return columns as wide as the pieces that stand well before the next, and the width of the widest of each."""
    ends = [end for _, end in spans]
    widths: dict[int, int] = {}
    for line in lines:
        for piece in _pieces(line):
            inside = _inside(piece[0], spans)
            if len(inside) != 1:
                continue
            column = inside[0]
            is_last = column + 1 == len(spans)
            if is_last or piece[-1].end + _APART <= spans[column + 1][0]:
                ends[column] = max(ends[column], piece[-1].end)
                widths[column] = max(widths.get(column, 0), sum(in_widths(word.text) for word in piece))
    return tuple((start, end) for (start, _), end in zip(spans, ends, strict=True)), widths


def _pieces(line: Line) -> list[list[Word]]:
    """Return the words of a line by what two blanks and more set apart."""
    pieces: list[list[Word]] = []
    for word in line.words:
        if pieces and word.is_glued:
            pieces[-1].append(word)
        else:
            pieces.append([word])
    return pieces


def _inside(word: Word, spans: Sequence[Span]) -> list[int]:
    """Return the columns a word stands in."""
    return [at for at, (start, end) in enumerate(spans) if word.start < end and start < word.end]


def _placed(line: Line, spans: Sequence[Span], widths: dict[int, int]) -> dict[int, str] | None:
    """Sort the words of a line into columns, a lone text across several under `LONE`; ``None`` where that fails."""
    if line.pieces == 1 and (GROUP.match(line.text) or any(len(_inside(word, spans)) > 1 for word in line.words)):
        return {LONE: line.text}
    ways = [_Way(0.0, ())]
    for word in line.words:
        reached = [
            _Way(way.cost + cost, (*way.columns, column))
            for way in ways
            for column in range(len(spans))
            if (cost := _cost(word, column, way, spans)) is not None
        ]
        ways = sorted((way for way in reached if _fits(line, way, widths)), key=lambda way: way.cost)[:40]
    if not ways or (len(ways) > 1 and ways[1].cost - ways[0].cost < _CLOSE):
        return {LONE: line.text} if GROUP.match(line.text) else None
    found: dict[int, str] = {}
    for word, column in zip(line.words, ways[0].columns, strict=True):
        found[column] = f"{found[column]} {word.text}" if column in found else word.text
    return found


def _cost(word: Word, column: int, way: _Way, spans: Sequence[Span]) -> float | None:
    """Tell how badly a word fits a column behind those before it; ``None`` where it does not at all."""
    start, end = spans[column]
    away = max(start - word.end, word.start - end, 0)
    last = way.columns[-1] if way.columns else -1
    if away > _NEAR or column < last or (column == last and not word.is_glued):
        return None
    crossed = sum(other != column for other in _inside(word, spans))
    return away + _CROSSED * crossed + (_PARTED if word.is_glued and column != last else 0.0)


def _fits(line: Line, way: _Way, widths: dict[int, int]) -> bool:
    """Whether the cell a word was put into last is no wider than the widest that surely is one of its column."""
    column = way.columns[-1]
    cell = [word for word, place in zip(line.words, way.columns, strict=False) if place == column]
    width = sum(in_widths(word.text) for word in cell)
    return len(cell) == 1 or column not in widths or width <= widths[column]
