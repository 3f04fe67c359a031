"""How much a drawing grows when its blocks are taken apart: told from its text, before anything is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

_REFERRING = (b"INSERT", b"DIMENSION", b"ACAD_TABLE", b"ARC_DIMENSION", b"LARGE_RADIAL_DIMENSION")
_DRAWING = b""
_LONGEST_NUMBER = 9


def count_expanded(lines: Iterable[bytes], most: int) -> int:
    """Return how many entities a drawing holds once every insertion of a block is replaced by its content.

    Parameters
    ----------
    lines
        The lines of a text DXF: group code and value by turns.
    most
        Where to stop counting.

    Returns
    -------
    The number, at most `most`.

    Examples
    --------
    Two insertions of a block that holds one line:

    >>> block = [b"0", b"BLOCK", b"2", b"a", b"0", b"LINE", b"0", b"ENDBLK"]
    >>> count_expanded(block + [b"0", b"INSERT", b"2", b"a"] * 2, most=100)
    4
    """
    own, references = _tally(lines)
    sizes: dict[bytes, int] = {}
    waiting = [_DRAWING]
    open_blocks: set[bytes] = set()
    while waiting:
        block = waiting[-1]
        inside = references[block]
        unknown = [name for name in inside if name not in sizes and name not in open_blocks]
        if unknown and block not in open_blocks:
            open_blocks.add(block)
            waiting += unknown
            continue
        total = own[block] + sum(sizes.get(name, 0) * times for name, times in inside.items())
        sizes[block] = min(total, most)
        waiting.pop()
    return sizes[_DRAWING]


def _tally(lines: Iterable[bytes]) -> tuple[Counter[bytes], Mapping[bytes, Counter[bytes]]]:
    """Return, by block, how many entities it holds itself and how often it refers to other blocks."""
    own: Counter[bytes] = Counter()
    references: defaultdict[bytes, Counter[bytes]] = defaultdict(Counter)
    block, kind, name, copies = _DRAWING, b"", b"", 1
    pairs = iter(lines)
    for code_line, value_line in zip(pairs, pairs, strict=False):
        code = code_line.strip()
        if code == b"0":
            if kind in _REFERRING and name:
                references[block][name] += copies
            kind, name, copies = value_line.strip(), b"", 1
            if kind == b"ENDBLK":
                block = _DRAWING
            elif kind != b"BLOCK":
                own[block] += 1
        elif code == b"2" and kind in _REFERRING:
            name = value_line.strip().upper()
        elif code == b"2" and kind == b"BLOCK":
            block, kind = value_line.strip().upper(), b""
        elif code in (b"70", b"71") and kind == b"INSERT":
            copies *= max(_number(value_line), 1)
    if kind in _REFERRING and name:
        references[block][name] += copies
    return own, references


def _number(text: bytes) -> int:
    """Return a whole number, 0 where a text is none."""
    digits = text.strip()
    return int(digits[:_LONGEST_NUMBER]) if digits.isdigit() else 0
