"""Heads of tables in lines whose cells nothing marks: the words of all cells in a row, each of another column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from itertools import accumulate

from ecogeo.formats.document import Paragraph
from ecogeo.plan.cells import head_word
from ecogeo.plan.unused import Unused
from ecogeo.plan.vocabulary import HEADS, YEAR, Kind, column_of, read_head
from ecogeo.wording import Text

NUMBERS: dict[Kind, str] = {"indicators": "indicator_no", "projects": "project_no", "tasks": "task_no"}
"""The column of numbers of each kind of table."""
_LEAST_COLUMNS = 4
_MOST_HEAD_LINES = 40
_LONGEST_WORD = 16
_LONGEST_HEAD = 120
_BEGIN = {kind: re.compile("|".join(f"(?:{word})" for word in words.values())) for kind, words in HEADS.items()}


def unread_heads(paragraphs: Sequence[Paragraph]) -> list[Unused]:
    """List the heads in such lines under which no table was read: what stands there cannot be told apart.

    Parameters
    ----------
    paragraphs
        The lines outside all tables.
    """
    lines = [item for item in paragraphs if item.text.strip()]
    unread: list[Unused] = []
    at = 0
    while at < len(lines):
        heads = (_head(lines, at, kind, is_numbered=False) for kind in NUMBERS)
        found = next(filter(None, heads), None)
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


def find_head(lines: Sequence[Paragraph], at: int) -> tuple[Kind, tuple[int, tuple[str, ...]] | None]:
    """Return the kind of table whose head begins on a line, with that head; ``None`` where none does."""
    for kind in NUMBERS:
        if found := _head(lines, at, kind):
            return kind, found
    return "indicators", None


def _head(
    lines: Sequence[Paragraph], at: int, kind: Kind, *, is_numbered: bool = True
) -> tuple[int, tuple[str, ...]] | None:
    """Return how many lines from one on make a head, and its words; ``None`` where none do.

    Of several ways to split it the one is taken whose words begin where words of the text do, then the one of the
    fewest words, then that whose words are most even, and longest at its beginning.
    """
    if not _BEGIN[kind].match(head_word("".join(item.text for item in lines[at : at + 8]))):
        return None
    for count in range(min(_MOST_HEAD_LINES, len(lines) - at), 0, -1):
        words_of_text = [head_word(word) for item in lines[at : at + count] for word in item.text.split()]
        text = "".join(words_of_text)
        if len(text) > _LONGEST_HEAD:
            continue
        begins = {0, *accumulate(map(len, words_of_text))}
        ways = sorted(_head_words(text, kind), key=lambda flat: _oddness(flat, begins))
        for flat in ways:
            words = _with_years(flat, kind)
            columns = read_head(words)
            if columns and columns.kind == kind and not columns.missing and not columns.unknown:
                has_number = NUMBERS[kind] in columns.places or not is_numbered
                return (count, words) if len(words) >= _LEAST_COLUMNS and has_number else None
    return None


def _oddness(flat: Sequence[str], begins: Set[int]) -> tuple[int, int, int, tuple[int, ...]]:
    """Rank a way to split a head: its words that begin inside a word of the text, how many they are, and how long.

    Examples
    --------
    >>> _oddness(("2020年基期值", "2025年"), {0, 8, 13}), _oddness(("2020年", "基期值2025年"), {0, 8, 13})
    ((0, 2, 8, (-8, -5)), (1, 2, 8, (-5, -8)))
    """
    inside = sum(begin not in begins for begin in accumulate(map(len, flat)))
    return inside, len(flat), max(map(len, flat), default=0), tuple(-len(word) for word in flat)


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
