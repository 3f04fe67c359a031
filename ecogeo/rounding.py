"""Figures as a form demands them: rounded by a named law, and parts that add up to their total."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Literal

import numpy as np
import numpy.typing as npt

Rounding = Literal["half-up", "half-even"]
Floats = npt.NDArray[np.float64]

_POWERS = tuple(float(10**digits) for digits in range(23))
"""Powers of ten that a float holds exactly."""

_WHOLE = 2.0**53
"""From here on every float is a whole number, and more digits than a decimal number carries would follow the point."""

_LARGEST, _NEAR_A_TIE = 2.0**49, 2.0**-50
"""Of a figure times a power of ten: up to where its whole part is sure, and how near to a tie it is looked at exactly.

The product is at most 2⁻⁵³ of itself off, and so is the figure's shortest decimal form from the figure. What lies
further than 2⁻⁵⁰ of itself from a tie is therefore on the same side of it as its decimal form, whatever the law; and
a whole number below 2⁵³ over a power of ten is the float that is nearest to the decimal number.
"""


def rounded(value: float, decimals: int, law: Rounding = "half-up") -> float:
    """Round a measure the way a form demands.

    Parameters
    ----------
    value
        The figure, taken by its shortest decimal form, so that 0.12345 is what it looks like.
    decimals
        Digits kept: m² 2, 公顷 and 亩 4, shares 6.
    law
        ``half-up`` as in the area software, or ``half-even`` (四舍六入五成双, GB/T 8170; wording unverified).

    Examples
    --------
    >>> rounded(0.12345, 4), rounded(0.12345, 4, "half-even")
    (0.1235, 0.1234)
    """
    value = float(value)
    if not math.isfinite(value):
        return math.nan
    if 0 <= decimals < len(_POWERS):
        if abs(value) >= _WHOLE:
            return value
        product = abs(value) * _POWERS[decimals]
        if product < _LARGEST:
            whole = math.floor(product)
            beyond = product - whole - 0.5
            if abs(beyond) > product * _NEAR_A_TIE:
                return math.copysign((whole + (beyond > 0)) / _POWERS[decimals], value) + 0.0
    return float(_quantized(value, decimals, law)) + 0.0


def rounded_all(values: Floats, decimals: int, law: Rounding = "half-up") -> Floats:
    """Round many measures, each as `rounded` does.

    Parameters
    ----------
    values
        Shape (n,), the figures.
    decimals
        Digits kept.
    law
        As for `rounded`.

    Examples
    --------
    >>> rounded_all(np.array([0.12345, 0.99996, -0.00001]), 4).tolist()
    [0.1235, 1.0, 0.0]
    """
    values = np.asarray(values, dtype=np.float64)
    if not 0 <= decimals < len(_POWERS):
        return np.array([rounded(value, decimals, law) for value in values.tolist()], dtype=np.float64)
    product = np.abs(np.where(np.abs(values) < _LARGEST, values, np.nan)) * _POWERS[decimals]
    whole = np.floor(product)
    beyond = product - whole - 0.5
    near: Floats = np.copysign((whole + (beyond > 0)) / _POWERS[decimals], values) + 0.0
    is_sure = (product < _LARGEST) & (np.abs(beyond) > product * _NEAR_A_TIE)
    for place in np.flatnonzero(~is_sure & np.isfinite(values)).tolist():
        near[place] = rounded(float(values[place]), decimals, law)
    return near


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Parts that add up to a controlled total.

    Parameters
    ----------
    parts
        The rounded parts, in their order; their sum is the rounded total, exactly.
    adjustments
        What was added to each rounded part, a whole number of last digits; 0 for most.
    """

    parts: tuple[float, ...]
    adjustments: tuple[float, ...]


def forced_to_total(
    parts: Sequence[float], decimals: int, total: float | None = None, law: Rounding = "half-up"
) -> Adjusted:
    """Round parts so that they add up to the rounded total (强制调平), by largest remainder.

    Parameters
    ----------
    parts
        The figures.
    decimals
        Digits kept.
    total
        The controlled total; None takes the sum of the parts.
    law
        How the total and the parts are rounded before the rest is shared out.

    Returns
    -------
    The parts and what was added to each. The rest goes, one last digit at a time, to the parts whose rounding lost the
    most (or gained the most, where the rest is negative); ties go to the earlier part.

    Notes
    -----
    Source: 二调数据库面积汇总统计规定 (convert units, then force the rounding rest), read in a re-post: unverified.

    Examples
    --------
    >>> forced_to_total([1.00004, 2.00004, 3.00004], 4)
    Adjusted(parts=(1.0001, 2.0, 3.0), adjustments=(0.0001, 0.0, 0.0))
    """
    exact = [Decimal(repr(float(part))) for part in parts]
    whole = sum(exact, Decimal(0)) if total is None else Decimal(repr(float(total)))
    unit = Decimal(1).scaleb(-decimals)
    mode = ROUND_HALF_UP if law == "half-up" else ROUND_HALF_EVEN
    near = [part.quantize(unit, rounding=mode) for part in exact]
    rest = int((whole.quantize(unit, rounding=mode) - sum(near, Decimal(0))) / unit)
    step = 1 if rest > 0 else -1
    losses = sorted(range(len(exact)), key=lambda row: (-step * (exact[row] - near[row]), row))
    adjustments = [Decimal(0)] * len(exact)
    for turn in range(abs(rest) if exact else 0):
        adjustments[losses[turn % len(exact)]] += step * unit
    forced = tuple(float(part + change) for part, change in zip(near, adjustments, strict=True))
    return Adjusted(forced, tuple(float(change) for change in adjustments))


def _quantized(value: float, decimals: int, law: Rounding) -> Decimal:
    mode = ROUND_HALF_UP if law == "half-up" else ROUND_HALF_EVEN
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=mode)
