"""Tables written as HTML inside a text, as programs that turn pages into Markdown leave them.

Only rows, cells, their spans and line breaks mean anything; scripts, styles and addresses are never looked at.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from ecogeo.formats.text_tables import RawTable, caption_above

_TABLE = re.compile(r"<table\b.*?</table\s*>", re.IGNORECASE | re.DOTALL)
_MOST_SPAN = 200


class _Rows(HTMLParser):
    """Gathers the cells of one table, with how many columns and rows each spans."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[tuple[list[str], int, int]]] = []
        self.lines: list[int] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
            self.lines.append(self.getpos()[0])
            self._is_open = False
        elif tag in ("td", "th") and self.rows:
            spans = {name: value for name, value in attrs if value and value.isdecimal()}
            wide, high = (min(max(int(spans.get(name) or 1), 1), _MOST_SPAN) for name in ("colspan", "rowspan"))
            self.rows[-1].append(([], wide, high))
            self._is_open = True
        elif tag in ("br", "p") and self._is_open:
            self.rows[-1][-1][0].append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._is_open = False

    def handle_data(self, data: str) -> None:
        if self._is_open:
            self.rows[-1][-1][0].append(" ".join(data.split()))


def split_html(text: str) -> tuple[RawTable, ...]:
    r"""Find the tables between ``<table>`` and ``</table>`` in a text.

    Parameters
    ----------
    text
        The whole text, lines ended by a line feed.

    Examples
    --------
    >>> (table,) = split_html("表1 甲\n<table><tr><td colspan=2>甲</td></tr><tr><td>1</td><td>2</td></tr></table>")
    >>> table.title, table.rows, sorted(table.merged)
    ('表1 甲', (('甲', ''), ('1', '2')), [(0, 1)])
    """
    lines = text.split("\n")
    tables: list[RawTable] = []
    for found in _TABLE.finditer(text):
        first = text.count("\n", 0, found.start())
        parser = _Rows()
        parser.feed(found[0])
        parser.close()
        if not any(parser.rows):
            continue
        grid, merged, below = _grid(parser.rows)
        title, unit = caption_above(reversed(lines[:first]))
        numbers = tuple(first + line for line in parser.lines)
        last = first + found[0].count("\n") + 1
        tables.append(RawTable(title, grid, numbers, last, merged, below, unit))
    return tuple(tables)


def _grid(
    rows: list[list[tuple[list[str], int, int]]],
) -> tuple[tuple[tuple[str, ...], ...], frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    """Lay cells out in a full grid; return it with the places merged into their left and into those above."""
    cells: dict[tuple[int, int], str] = {}
    merged: set[tuple[int, int]] = set()
    below: set[tuple[int, int]] = set()
    for at, row in enumerate(rows):
        place = 0
        for words, wide, high in row:
            while (at, place) in cells:
                place += 1
            for down in range(min(high, len(rows) - at)):
                for right in range(wide):
                    cells[at + down, place + right] = "".join(words).strip() if not (down or right) else ""
                    merged |= {(at + down, place + right)} if right else set()
                    below |= {(at + down, place + right)} if down else set()
            place += wide
    width = max(place for _, place in cells) + 1 if cells else 0
    grid = tuple(tuple(cells.get((at, place), "") for place in range(width)) for at in range(len(rows)))
    return grid, frozenset(merged), frozenset(below)
