"""Figures below a bar, printed so that they look below it."""

from __future__ import annotations

from ecogeo.rounding import Rounding, rounded

_MOST_DECIMALS = 15


def shown_below(value: float, bar: float, decimals: int, law: Rounding = "half-up") -> str:
    """Return a figure below a bar with as many decimals as it takes not to be rounded up to the bar.

    Parameters
    ----------
    value, bar
        The figure, and what it is below, in the same unit.
    decimals
        Digits kept at least.
    law
        How figures are rounded.

    Examples
    --------
    >>> shown_below(69.9998, 70.0, 2), shown_below(45.0, 70.0, 2)
    ('69.9998', '45.00')
    """
    enough = next((more for more in range(decimals, _MOST_DECIMALS) if rounded(value, more, law) < bar), _MOST_DECIMALS)
    return f"{rounded(value, enough, law):.{enough}f}"
