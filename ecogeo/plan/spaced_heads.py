"""Heads of tables that are set with blanks: the words above each column, and wide cells above several columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecogeo.plan.cells import head_word
from ecogeo.plan.spaced_columns import Line, Span, Word, columns_of
from ecogeo.plan.vocabulary import KIND_NAMES, NESTED, Columns, column_of, read_head


@dataclass(frozen=True, slots=True)
class SpacedHead:
    """A head: how many lines it takes, its words by column, what they mean, and where the columns stand.

    How loosely the words of columns stand below each other is 0 where each column is as wide as its widest cell. Where
    the columns are those of the head's own words, those of the rows are told by their order alone.
    """

    height: int
    words: tuple[str, ...]
    columns: Columns
    spans: tuple[Span, ...]
    looseness: float
    is_by_order: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words of a head's line that stand together, and the columns they stand above."""

    line: int
    start: int
    end: int
    text: str
    above: tuple[int, ...]


def find_spaced_heads(lines: Sequence[Line], body: Sequence[Line], height: int) -> list[SpacedHead]:
    """Read the first lines of a region as a head, in every way that gives one.

    Parameters
    ----------
    lines
        The lines of the region.
    body
        The lines below the head that do not run across columns.
    height
        How many lines the head takes.
    """
    head = lines[:height]
    ways = [(_spans(head, body, are_joined=are_joined), False) for are_joined in (True, False)]
    found: list[SpacedHead] = []
    for spans, is_by_order in (*ways, (_own_spans(head), True)):
        words = _words(head, spans)
        columns = read_head(words) if words and all(words) else None
        if columns and not columns.missing and len(columns.places) > len(words) // 2:
            looseness = 0.0 if is_by_order else _looseness(body, spans)
            found.append(SpacedHead(height, words, columns, spans, looseness, is_by_order))
    return found


def _own_spans(head: Sequence[Line]) -> tuple[Span, ...]:
    """Return where the words of a head stand, those left out that stand above several words of a line below."""
    kept: list[Line] = []
    for at, line in enumerate(head):
        below = [columns_of([other]) for other in head[at + 1 :]]
        words = tuple(word for word in line.words if all(len(_under(word, spans)) < 2 for spans in below))
        kept.append(Line(line.number, words, line.is_behind_gap, line.is_on_new_page))
    return columns_of(kept)


def _under(word: Word, spans: Sequence[Span]) -> list[Span]:
    """Return the spans a word stands above."""
    return [span for span in spans if word.start < span[1] and span[0] < word.end]


def _looseness(body: Sequence[Line], spans: Sequence[Span]) -> float:
    """Return how much wider columns are than their widest cells, as a share of all their widths."""
    widest = [1] * len(spans)
    for line in body:
        for column, (begin, end) in enumerate(spans):
            words = [word for word in line.words if word.start < end and begin < word.end]
            widest[column] = max(widest[column], words[-1].end - words[0].start if words else 0)
    widths = [end - begin for begin, end in spans]
    return sum(max(width - most, 0) for width, most in zip(widths, widest, strict=True)) / sum(widths)


def _spans(head: Sequence[Line], body: Sequence[Line], *, are_joined: bool) -> tuple[Span, ...]:
    """Return where columns stand: those of the body, and those that only the head has."""
    base = columns_of(body, are_joined=are_joined)
    kept: list[Line] = []
    for at, line in enumerate(head):
        words = tuple(word for word in line.words if not _is_wide(word, at, head, base))
        tried = Line(line.number, words, line.is_behind_gap, line.is_on_new_page)
        if len(columns_of([*body, *kept, tried], are_joined=are_joined)) >= len(base):
            kept.append(tried)
    return columns_of([*body, *kept], are_joined=are_joined)


def _is_wide(word: Word, at: int, head: Sequence[Line], base: Sequence[Span]) -> bool:
    """Whether a word of a head stands above several columns, or above the gap between two that have words below."""
    inside = _under(word, base)
    if inside:
        return len(inside) > 1
    left = max((span for span in base if span[1] <= word.start), default=None)
    right = min((span for span in base if span[0] >= word.end), default=None)
    return (
        left is not None
        and right is not None
        and any(_has_word(line, left) and _has_word(line, right) for line in head[at + 1 :])
    )


def _has_word(line: Line, span: Span) -> bool:
    return any(word.start < span[1] and span[0] < word.end for word in line.words)


def _words(head: Sequence[Line], spans: Sequence[Span]) -> tuple[str, ...]:
    """Return the words above each column, those of a wide cell set apart by `NESTED`."""
    pieces = [piece for at, line in enumerate(head) for piece in _pieces(at, line, spans)]
    upper: dict[int, str] = {}
    own: dict[int, list[str]] = {column: [] for column in range(len(spans))}
    for piece in pieces:
        reach = _reach(piece, pieces, spans)
        if len(reach) > 1:
            upper |= {column: upper.get(column, "") + piece.text for column in reach}
        else:
            for column in piece.above[:1]:
                own[column].append(piece.text)
    return tuple(
        f"{upper[column]}{NESTED}{_joined(words)}" if column in upper and words else _joined(words)
        for column, words in own.items()
    )


def _joined(words: Sequence[str]) -> str:
    """Return the lines of a head's cell as one; the first set apart by `NESTED` where only the others are a head."""
    whole, rest = "".join(words), "".join(words[1:])
    is_rest = any(column_of(kind, rest)[0] for kind in KIND_NAMES)
    is_whole = any(column_of(kind, whole)[0] for kind in KIND_NAMES)
    return f"{words[0]}{NESTED}{rest}" if is_rest and not is_whole else whole


def _pieces(at: int, line: Line, spans: Sequence[Span]) -> list[_Piece]:
    """Return the pieces of a line; words of one piece in different columns are different pieces."""
    found: list[_Piece] = []
    for word in line.words:
        above = tuple(
            column for column, (start, end) in enumerate(spans) if word.start < end and start < word.end
        ) or _neighbours(word, spans)
        text = head_word(word.text)
        if found and word.is_glued and found[-1].above == above:
            found[-1] = _Piece(at, found[-1].start, word.end, found[-1].text + text, above)
        else:
            found.append(_Piece(at, word.start, word.end, text, above))
    return found


def _neighbours(word: Word, spans: Sequence[Span]) -> tuple[int, ...]:
    """Return the columns on both sides of a word that stands above none."""
    left = [column for column, (_, end) in enumerate(spans) if end <= word.start]
    right = [column for column, (start, _) in enumerate(spans) if start >= word.end]
    return (*left[-1:], *right[:1])


def _reach(piece: _Piece, pieces: Sequence[_Piece], spans: Sequence[Span]) -> range:
    """Return the columns a piece heads: those whose own words begin on one line below it, evenly on both sides."""
    firsts: dict[int, int] = {}
    for other in pieces:
        if other is not piece and len(other.above) == 1:
            firsts[other.above[0]] = min(other.line, firsts.get(other.above[0], other.line))
    below = [line for column in piece.above if (line := firsts.get(column, -1)) > piece.line]
    single = range(piece.above[0], piece.above[0] + 1)
    if not below:
        return single
    line = min(below)
    under = [column for column, first in firsts.items() if first == line]
    ranges = [
        range(left, right + 1)
        for left in under
        for right in under
        if left <= piece.above[0] and piece.above[-1] <= right and all(at in under for at in range(left, right + 1))
    ]
    middle = (piece.start + piece.end) / 2
    away = {one: abs((spans[one[0]][0] + spans[one[-1]][1]) / 2 - middle) for one in ranges}
    if not ranges:
        return single
    least = min(away.values())
    return max((one for one in ranges if away[one] <= least + 1), key=len)
