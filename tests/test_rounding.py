"""Rounding laws, and parts that add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.rounding import Rounding, forced_to_total, rounded


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
