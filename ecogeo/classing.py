"""Classes of figures for a map: equal counts, equal widths, natural breaks, or breaks a person chose.

Source: natural breaks are those of Fisher (1958), "On grouping for maximum homogeneity", of least squared deviations
within classes; Jenks (1977) brought them to maps. Dynamic programming finds the best there are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from ecogeo.errors import UsageError
from ecogeo.wording import Text

Method = Literal["quantile", "equal", "natural", "own"]
METHODS: dict[Method, Text] = {
    "quantile": Text("等数量", "equal counts"),
    "equal": Text("等间距", "equal widths"),
    "natural": Text("自然断点", "natural breaks"),
    "own": Text("自定", "own breaks"),
}
LEAST_CLASSES, MOST_CLASSES = 2, 7
_MOST_OWN = 12


@dataclass(frozen=True, slots=True)
class Band:
    """A class, from one bound up to the next; the first takes its lower bound too.

    Parameters
    ----------
    above
        Its lower bound.
    up_to
        Its upper bound, which is in it.
    count
        How many figures it holds.
    """

    above: float
    up_to: float
    count: int


def breaks(values: Sequence[float], method: Method, classes: int = 5) -> tuple[float, ...]:
    """Return the inner bounds of classes, ascending; fewer where there are fewer different figures.

    Parameters
    ----------
    values
        The figures, in any order.
    method
        Any but ``own``.
    classes
        How many classes are wanted.

    Raises
    ------
    UsageError
        Where the number of classes is none of 2 to 7.

    Examples
    --------
    >>> breaks([1, 2, 3, 4, 5, 6, 7, 8, 9, 100], "equal", 3)
    (34.0, 67.0)
    >>> breaks([1, 2, 3, 4, 5, 6], "quantile", 3)
    (2.0, 4.0)
    >>> breaks([1, 2, 10, 11, 20, 21], "natural", 3)
    (2.0, 11.0)
    """
    if not LEAST_CLASSES <= classes <= MOST_CLASSES:
        raise UsageError(
            Text(
                f"分级数应为 {LEAST_CLASSES} 到 {MOST_CLASSES}",
                f"the number of classes is {LEAST_CLASSES} to {MOST_CLASSES}",
            )
        )
    ordered = np.sort(np.asarray(values, dtype=float))
    distinct = np.unique(ordered)
    wanted = min(classes, len(distinct))
    if wanted < LEAST_CLASSES:
        return ()
    if method == "equal":
        low, high = float(ordered[0]), float(ordered[-1])
        inner = [low + (high - low) * place / wanted for place in range(1, wanted)]
    elif method == "natural":
        inner = _natural(ordered, wanted)
    else:
        inner = [float(ordered[math.ceil(len(ordered) * place / wanted) - 1]) for place in range(1, wanted)]
    return tuple(sorted({bound for bound in inner if bound < distinct[-1]}))


def own_breaks(text: str) -> tuple[float, ...]:
    """Read inner bounds a person wrote, parted by commas, semicolons or blanks, half or full width.

    Raises
    ------
    UsageError
        Where one is no number, they do not rise, there is none, or there are too many.

    Examples
    --------
    >>> own_breaks("10，20.5; 30")
    (10.0, 20.5, 30.0)
    """
    words = text.translate(str.maketrans("，；、", ",;,")).replace(";", " ").replace(",", " ").split()
    try:
        bounds = tuple(float(word) for word in words)
    except ValueError:
        bounds = ()
    is_rising = all(one < other for one, other in pairwise(bounds))
    if not bounds or not is_rising or not all(map(math.isfinite, bounds)) or len(bounds) > _MOST_OWN:
        raise UsageError(
            Text(
                f"分级界线应为 1 到 {_MOST_OWN} 个由小到大的数，用逗号隔开",
                f"breaks are 1 to {_MOST_OWN} rising numbers parted by commas",
            )
        )
    return bounds


def bands(values: Sequence[float], inner: Sequence[float]) -> tuple[Band, ...]:
    """Return the classes that inner bounds make, also those that hold nothing.

    Examples
    --------
    >>> [(one.above, one.up_to, one.count) for one in bands([1, 2, 3, 9], (2, 5))]
    [(1, 2, 2), (2, 5, 1), (5, 9, 1)]
    """
    if not values:
        return ()
    low, high = min([*values, *inner]), max([*values, *inner])
    edges = [low, *inner, *([high] if not inner or high > inner[-1] else [])]
    places = [band_of(value, inner) for value in values]
    return tuple(Band(one, other, places.count(at)) for at, (one, other) in enumerate(pairwise(edges)))


def band_of(value: float, inner: Sequence[float]) -> int:
    """Return the place of the class a figure is in: a bound belongs to the class below it."""
    return sum(value > bound for bound in inner)


def _natural(ordered: np.ndarray, wanted: int) -> list[float]:
    """Return the upper bounds of the classes of least squared deviation but the last; equal figures stay together."""
    distinct, counts = np.unique(ordered, return_counts=True)
    weight = np.concatenate([[0], np.cumsum(counts)])
    total = np.concatenate([[0.0], np.cumsum(distinct * counts)])
    square = np.concatenate([[0.0], np.cumsum(distinct**2 * counts)])

    def deviation(start: np.ndarray, end: int) -> np.ndarray:
        inside = weight[end] - weight[start]
        spread: np.ndarray = square[end] - square[start] - (total[end] - total[start]) ** 2 / inside
        return spread

    best = np.full((wanted + 1, len(distinct) + 1), np.inf)
    cut = np.zeros((wanted + 1, len(distinct) + 1), dtype=int)
    best[0, 0] = 0.0
    for part in range(1, wanted + 1):
        for end in range(part, len(distinct) + 1):
            starts = np.arange(part - 1, end)
            cost = best[part - 1, starts] + deviation(starts, end)
            chosen = int(np.argmin(cost))
            best[part, end], cut[part, end] = cost[chosen], starts[chosen]
    bounds, end = [], len(distinct)
    for part in range(wanted, 1, -1):
        end = int(cut[part, end])
        bounds.append(float(distinct[end - 1]))
    return bounds[::-1]
