"""Numbers that a document gives twice: each row keeps one of its own, and the document's mistake is listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from ecogeo.plan.unused import Unused
from ecogeo.wording import Text, list_en, list_zh


def distinct(numbers: Iterable[str]) -> list[str]:
    """Mark every number that came before with how often it has come.

    Examples
    --------
    >>> distinct(["1", "2", "1", "1"])
    ['1', '2', '1.2', '1.3']
    """
    seen: Counter[str] = Counter()
    marked = []
    for number in numbers:
        seen[number] += 1
        marked.append(number if seen[number] == 1 else f"{number}.{seen[number]}")
    return marked


def with_distinct_numbers(frame: pd.DataFrame, column: str) -> tuple[pd.DataFrame, tuple[Unused, ...]]:
    """Give each row a number of its own; a sub-item has its indicator's.

    Parameters
    ----------
    frame
        Indicators, projects or tasks.
    column
        Their number.

    Returns
    -------
    The frame, and what was numbered otherwise than in the document.
    """
    is_whole = frame["sub_no"] == "" if "sub_no" in frame.columns else pd.Series(True, index=frame.index)
    numbers = distinct(frame.loc[is_whole, column])
    if numbers == list(frame.loc[is_whole, column]):
        return frame, ()
    marked = pd.Series(numbers, index=frame.index[is_whole]).reindex(frame.index).ffill()
    changed = [number for number, old in zip(numbers, frame.loc[is_whole, column], strict=True) if number != old]
    reason = Text(
        f"编号在文件中重复，改记为 {list_zh(changed)}",
        f"numbers occur more than once in the document; they became {list_en(changed)}",
    )
    return frame.assign(**{column: marked}), (Unused("", 0, 0, reason),)
