"""Positions in the order of small whole numbers they have, such as cells or sites: counted, not compared."""

from __future__ import annotations

import numpy as np

from ecogeo.kernel.compiled import Ints, compiled


@compiled
def ordered(numbers: Ints, count: int) -> tuple[Ints, Ints]:
    """Sort positions by their numbers, keeping the order of those with the same one.

    Parameters
    ----------
    numbers
        Shape (n,), each from 0 to `count` − 1.
    count
        How many numbers there may be.

    Returns
    -------
    Where each number begins, shape (count + 1,), and the positions, shape (n,).
    """
    start = np.zeros(count + 1, np.int64)
    for k in range(len(numbers)):
        start[numbers[k] + 1] += 1
    for k in range(count):
        start[k + 1] += start[k]
    positions, filled = np.empty(len(numbers), np.int64), start[:-1].copy()
    for k in range(len(numbers)):
        positions[filled[numbers[k]]] = k
        filled[numbers[k]] += 1
    return start, positions
