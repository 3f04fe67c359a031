"""Columns of a table that is set with blanks, as `pdftotext -layout` writes one: found by the gaps that run through it.

Words with one blank between them are of one cell unless other lines set them apart. Places are counted in signs, or in
the widths of a terminal, where a Chinese sign takes two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"[(（]?[0-9]{1,3}[)）]?[.、]?|序号?|编号")
_APART = 2
_NEAR = 3

Metric = Callable[[str], int]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Word:
    """A run of signs without a blank, and whether but one blank parts it from the word before."""

    start: int
    end: int
    text: str
    is_glued: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: its number in the file, its words, whether a blank line or a new page stands in front of it."""

    number: int
    words: tuple[Word, ...]
    is_behind_gap: bool
    is_on_new_page: bool

    @property
    def pieces(self) -> int:
        """How many pieces two blanks and more part it into."""
        return sum(not word.is_glued for word in self.words)

    @property
    def text(self) -> str:
        """Its words with one blank between them."""
        return " ".join(word.text for word in self.words)


def in_signs(text: str) -> int:
    """Return the length of a text in signs."""
    return len(text)


def in_widths(text: str) -> int:
    """Return the width of a text on a terminal.

    Examples
    --------
    >>> in_widths("指标 1")
    6
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def words_of(text: str, measure: Metric, *, left: int = 0) -> tuple[Word, ...]:
    """Return the words of a line and where they stand; a row's number at the left edge is a piece of its own.

    Examples
    --------
    >>> [(word.start, word.text, word.is_glued) for word in words_of("1 林地  95 以上", in_signs)]
    [(0, '1', False), (2, '林地', False), (6, '95', False), (9, '以上', True)]
    """
    found: list[Word] = []
    behind = 0
    for match in _WORD.finditer(text):
        is_glued = bool(found) and match.start() - behind < _APART
        if len(found) == 1 and found[0].start <= left + _NEAR and _NUMBER.fullmatch(found[0].text):
            is_glued = False
        found.append(Word(measure(text[: match.start()]), measure(text[: match.end()]), match[0], is_glued))
        behind = match.end()
    return tuple(found)


def columns_of(lines: Sequence[Line], *, are_joined: bool = True) -> tuple[tuple[int, int], ...]:
    """Return where the columns of some lines begin and end.

    Parameters
    ----------
    lines
        Lines of a table, none of which runs across columns.
    are_joined
        Whether columns that no line sets apart by two blanks are one.
    """
    spans: list[list[int]] = []
    for word in sorted((word for line in lines for word in line.words), key=lambda word: (word.start, word.end)):
        if spans and word.start < spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], word.end)
        else:
            spans.append([word.start, word.end])
    if not are_joined:
        return tuple((start, end) for start, end in spans)
    begun = {at for line in lines for word in line.words if not word.is_glued for at in _at(word, spans)}
    joined: list[list[int]] = []
    for at, (start, end) in enumerate(spans):
        if joined and at not in begun:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    return tuple((start, end) for start, end in joined)


def merged_to(
    count: int, columns: Sequence[tuple[int, int]], lines: Sequence[Line]
) -> tuple[tuple[int, int], ...] | None:
    """Return as many columns, close neighbours that no line fills both made one; ``None`` where that is not clear.

    Examples
    --------
    >>> lines = [Line(1, words_of(text, in_signs), False, False) for text in ("甲      10", "乙    %")]
    >>> merged_to(2, columns_of(lines), lines)
    ((0, 1), (5, 9))
    """
    filled = [{at for word in line.words for at in _at(word, columns)} for line in lines]
    near = [
        at
        for at in range(len(columns) - 1)
        if columns[at + 1][0] - columns[at][1] < _NEAR and not any({at, at + 1} <= places for places in filled)
    ]
    if len(columns) != count and len(columns) - count != len(near):
        return None
    kept: list[list[int]] = []
    for at, (start, end) in enumerate(columns):
        if kept and len(columns) > count and at - 1 in near:
            kept[-1][1] = end
        else:
            kept.append([start, end])
    return tuple((start, end) for start, end in kept)


def _at(word: Word, spans: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return the spans a word stands in."""
    return tuple(at for at, (start, end) in enumerate(spans) if word.start < end and start < word.end)
