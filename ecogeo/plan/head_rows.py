"""Heads of several rows joined into one, by what the file says of merged cells, else by what stands under what.

A cell that spans columns stands above the cells under it; one that spans rows down to the last row of the head goes
alone. Where the file marks merged cells they tell how many rows a head takes, whatever its words are. In a text the
cells of the lower row are words of lower rows, or stand all under wide cells and none is a figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from ecogeo.formats.text_tables import RawTable
from ecogeo.plan.cells import head_word
from ecogeo.plan.targets import is_figure
from ecogeo.plan.vocabulary import NESTED

_MOST_ROWS = 4
_GROUP = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}(?:[)）、.]|$)")
_LOWER = re.compile(
    r"^(?=.{1,20}$).*(?:20[0-9]{2}|值|目标|现状|单位|部门|科室|主体|指标|[近中远]期|内容|投资|年限|完成|资金|财政|自筹|名称|类别"
    r"|时间|年份|[开完竣]工)|^\((?:[百千]?万元|亿元|千元|元|%|‰|[万亿]?(?:亩|公顷|平方公里|平方米|公里|吨))\)$|^(?:合计|总计|小计|总额|中央|自治区|省级?|市级?|县级?|区级?|地方|社会|其他|其中|[起止]|开始|结束|建成)$"
)


def merged_head(table: RawTable, at: int) -> tuple[int, tuple[str, ...]] | None:
    r"""Join the rows that cells merged downwards bind to the row of a head; ``None`` where none are.

    Parameters
    ----------
    table
        A table whose merged cells are known.
    at
        The row the head would begin with.

    Returns
    -------
    How many rows the head takes, and its cells, upper and lower words set apart by `NESTED`.

    Examples
    --------
    >>> rows = (("指标", "投资", ""), ("", "上级", "本级"), ("甲", "8", "4"))
    >>> merged_head(RawTable("", rows, (1, 2, 3), 3, frozenset({(0, 2)}), frozenset({(1, 0)})), 0)
    (2, ('指标', '投资\x1f上级', '投资\x1f本级'))
    """
    width = len(table.rows[at])
    bound = [_depth(table, at, column) for column in range(width)]
    height = max(bound, default=1)
    rows = table.rows[at : at + height]
    if not 1 < height <= _MOST_ROWS or any(len(row) != width for row in rows) or min(bound) == height:
        return None
    return height, tuple(_over(table, at, height, column) for column in range(width))


def _depth(table: RawTable, at: int, column: int) -> int:
    """Return how many rows the cell at a place takes."""
    end = at + 1
    while (end, column) in table.below:
        end += 1
    return end - at


def _over(table: RawTable, at: int, height: int, column: int) -> str:
    """Return the words of a column of a head from the top down, each cell's once."""
    words: list[str] = []
    own = False
    for row in range(at, at + height):
        if (row, column) in table.below:
            continue
        place = column
        while (row, place) in table.merged:
            place -= 1
        own = own or place == column
        if word := head_word(table.rows[row][place]):
            words.append(word)
    return NESTED.join(words) if own else ""


def join_heads(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...] | None:
    r"""Join the two rows of a nested head into one; ``None`` where the lower row does not go on from the upper.

    A cell merged to the right is followed by empty cells, or, in a text, by nothing: the upper row is then as many
    cells short as the lower fills more than one under it. A cell merged downwards is empty in the lower row.

    Examples
    --------
    >>> join_heads(("指标", "目标值", "", "属性"), ("", "2025年", "2030年", ""))
    ('指标', '目标值\x1f2025年', '目标值\x1f2030年', '属性')
    >>> join_heads(("指标", "目标值", "属性"), ("", "2025年", "2030年", ""))
    ('指标', '目标值\x1f2025年', '目标值\x1f2030年', '属性')
    """
    top, sub = [head_word(cell) for cell in upper], [head_word(cell) for cell in lower]
    if len(top) == len(sub) and top != sub:
        sub = ["" if word == above else word for word, above in zip(sub, top, strict=True)]
        top = ["" if place and word == top[place - 1] and sub[place] else word for place, word in enumerate(top)]
    if any(_GROUP.match(word) for word in sub):
        return None
    runs = [len(list(run)) for is_filled, run in groupby(sub, key=bool) if is_filled]
    if len(sub) > len(top) and len(sub) - len(top) == sum(length - 1 for length in runs):
        top = _spread(top, sub)
    if len(top) != len(sub) or all(sub) or not any(sub):
        return None
    if not all(_LOWER.search(word) for word in sub if word) and not _is_under_wide(top, sub):
        return None
    joined, above = [], ""
    for word, below in zip(top, sub, strict=True):
        above = word or (above if below else "")
        joined.append(f"{above}{NESTED}{below}" if below and above else word + below)
    return tuple(joined)


def _is_under_wide(top: Sequence[str], sub: Sequence[str]) -> bool:
    """Whether the filled cells of a row are words, and all stand under cells that span more than one of them."""
    wide = False
    for place, word in enumerate(sub):
        if not word:
            continue
        goes_on = place + 1 < len(sub) and not top[place + 1] and bool(sub[place + 1])
        wide = goes_on if top[place] else wide
        if not wide or is_figure(word) or (place and not top[place] and not sub[place - 1]):
            return False
    return not sub[0]


def _spread(top: Sequence[str], sub: Sequence[str]) -> list[str]:
    """Follow each upper cell that stands over several lower ones with empty cells."""
    wide: list[str] = []
    cells = iter(top)
    for place, below in enumerate(sub):
        wide.append("" if below and place and sub[place - 1] else next(cells, ""))
    return wide
