"""Columns of text on their way into a file, worked on whole: figures in decimal form, and rows as lines of CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecogeo.rounding import Floats

TEXT = pa.large_string()
"""Of any length together: the cells of a column may be more than 2 GiB."""

_BOM = b"\xef\xbb\xbf"
_MOST_DIGITS = 1e15
"""Whole numbers below it are exact in a float, as are the digits of a float that was one, over a power of ten."""

_QUOTED_FOR = ',"\n\r'


def decimal_texts(figures: Floats, decimals: int) -> pa.Array:
    """Write rounded figures with a number of digits after the point, as Python's ``f"{figure:.2f}"`` does.

    Parameters
    ----------
    figures
        Shape (n,), already rounded to that many digits (`ecogeo.rounding.rounded_all`).
    decimals
        The digits, 6 at most.
    """
    is_short = np.abs(figures) < _MOST_DIGITS / 10.0**decimals
    whole = np.rint(np.where(is_short, figures, 0.0) * 10.0**decimals).astype(np.int64)
    # A decimal number of Arrow is a whole number of 128 bits: the upper half repeats the sign.
    numbers = pa.py_buffer(np.stack([whole, whole >> 63], axis=1))
    decimal = pa.Array.from_buffers(pa.decimal128(18, decimals), len(whole), [None, numbers])
    others = [f"{figure:.{decimals}f}" for figure in figures[~is_short].tolist()]
    return pc.replace_with_mask(decimal.cast(TEXT), pa.array(~is_short), pa.array(others, TEXT))


def changed(texts: pa.Array, pattern: str, change: Callable[[str], str]) -> pa.Array:
    """Change the texts a pattern is found in, and leave all others as they are.

    Parameters
    ----------
    texts
        Shape (n,), none null.
    pattern
        A regular expression (RE2).
    change
        What becomes of a text it is found in.
    """
    is_found = pc.match_substring_regex(texts, pattern)
    found = texts.filter(is_found)
    if not len(found):
        return texts
    distinct = found.dictionary_encode()
    news = pa.array([change(text) for text in distinct.dictionary.to_pylist()], TEXT)
    return pc.replace_with_mask(texts, is_found, news.take(distinct.indices))


def changed_with(marks: str, texts: pa.Array, change: Callable[[str], str]) -> pa.Array:
    """Change the texts that hold one of some ASCII characters; a column that holds none costs one quick look."""
    whole = bytes(text_bytes(texts))
    held = [mark for mark in marks if mark.encode() in whole]
    return changed(texts, f"[{''.join(held)}]", change) if held else texts


def csv_lines(cells: pa.Table) -> pa.Array:
    """Return each row as a line of CSV with its end, in UTF-8; only what has to be is put in quotation marks."""
    if not cells.num_columns:
        return pa.array([], pa.large_binary())
    columns = [changed_with(_QUOTED_FOR, column.combine_chunks(), _quoted) for column in cells.columns]
    if len(columns) == 1:
        columns = [changed(columns[0], r"^$", _quoted)]
    ended = _joined([columns.pop(), pa.scalar("\n", TEXT)], "")
    return (_joined([*columns, ended], ",") if columns else ended).cast(pa.large_binary())


def csv_head(names: Iterable[str]) -> bytes:
    """Return what a file begins with: the mark Excel knows UTF-8 by, and the names of the columns."""
    head = io.StringIO()
    csv.writer(head, lineterminator="\n").writerow(names)
    return _BOM + head.getvalue().encode()


def text_bytes(texts: pa.Array) -> memoryview:
    """Return texts or lines (large_string, large_binary) as they are in a file, one after the other, without a copy."""
    if not len(texts):
        return memoryview(b"")
    _, ends, held = texts.buffers()
    first, last = np.frombuffer(ends, np.int64)[[texts.offset, texts.offset + len(texts)]].tolist()
    return memoryview(b"" if held is None else held).cast("B")[first:last]


def _joined(columns: list[pa.Array], between: str) -> pa.Array:
    return pc.binary_join_element_wise(*columns, pa.scalar(between, TEXT))


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
