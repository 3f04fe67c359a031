"""Rounding laws, and parts that add up."""

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecogeo.rounding import Rounding, forced_to_total, rounded, rounded_all

TIES = st.builds(
    lambda whole, digits, step: (
        float(np.nextafter((whole + 0.5) / 10**digits, step * math.inf)) if step else whole + 0.5
    ),
    st.integers(-(10**9), 10**9),
    st.integers(0, 9),
    st.sampled_from([-1, 0, 1]),
) | st.builds(lambda whole, digits: (whole + 0.5) / 10**digits, st.integers(-(10**9), 10**9), st.integers(0, 9))
"""Figures as near to a tie as floats come, to either side of it and on it."""

FIGURES = TIES | st.floats() | st.floats(-1e6, 1e6) | st.sampled_from([-0.0, 1e16, 1e-7, 2.0**49, 2.0**53, 5e-324])


def by_hand(value: float, decimals: int, law: Rounding) -> float:
    """Round a figure as the laws are written: its shortest decimal form, digit by digit."""
    if not math.isfinite(value):
        return math.nan
    with localcontext() as context:
        context.prec = 400
        mode = ROUND_HALF_UP if law == "half-up" else ROUND_HALF_EVEN
        return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=mode)) + 0.0


@pytest.mark.parametrize(
    ("value", "law", "expected"),
    [
        (0.12345, "half-up", 0.1235),
        (0.12345, "half-even", 0.1234),
        (0.12355, "half-even", 0.1236),
        (-0.00001, "half-up", 0.0),
    ],
)
def test_rounding(value: float, law: Rounding, expected: float) -> None:
    assert rounded(value, 4, law) == expected


@given(values=st.lists(FIGURES, max_size=20), decimals=st.integers(0, 9), law=st.sampled_from(["half-up", "half-even"]))
@example(values=[0.125, 0.375, -0.125, 2.675, 1e22, 1e300, -1e-300], decimals=2, law="half-even")
def test_many_are_rounded_as_one_and_as_by_hand(values: list[float], decimals: int, law: Rounding) -> None:
    wanted = [repr(by_hand(value, decimals, law)) for value in values]
    assert list(map(repr, rounded_all(np.array(values, dtype=float), decimals, law).tolist())) == wanted
    assert [repr(rounded(value, decimals, law)) for value in values] == wanted


def test_the_rest_goes_to_the_largest_remainder() -> None:
    """0.00004 thrice is 0.00012: one last digit is missing, and the first of equals gets it."""
    forced = forced_to_total([1.00004, 2.00004, 3.00004], 4)
    assert forced.parts == (1.0001, 2.0, 3.0)
    forced = forced_to_total([1.00002, 2.00004, 3.00003], 4)
    assert forced.parts == (1.0, 2.0001, 3.0)
    assert forced.adjustments == (0.0, 0.0001, 0.0)


def test_too_much_is_taken_where_rounding_gained_most() -> None:
    forced = forced_to_total([1.00006, 2.00007, 3.00009], 4)
    assert forced.parts == (1.0, 2.0001, 3.0001)
    assert forced.adjustments == (-0.0001, 0.0, 0.0)


def test_a_controlled_total_wins() -> None:
    assert forced_to_total([1.0, 1.0], 1, total=2.3).parts == (1.2, 1.1)
    assert forced_to_total([], 2, total=1.0).parts == ()


@given(
    parts=st.lists(st.floats(0, 1e7), min_size=1, max_size=30),
    decimals=st.integers(0, 4),
    law=st.sampled_from(["half-up", "half-even"]),
)
def test_parts_always_add_up(parts: list[float], decimals: int, law: Rounding) -> None:
    forced = forced_to_total(parts, decimals, law=law)
    total = sum((Decimal(repr(part)) for part in parts), Decimal(0))
    unit = Decimal(1).scaleb(-decimals)
    assert abs(sum(map(Decimal, map(repr, forced.parts)), Decimal(0)) - total) <= unit / 2
    for part, kept in zip(parts, forced.parts, strict=True):
        assert abs(Decimal(repr(kept)) - Decimal(repr(part))) <= unit
