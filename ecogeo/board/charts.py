"""What is drawn of one indicator: its value beside its targets, and its course over the years."""

from __future__ import annotations

from dataclasses import dataclass

from ecogeo.board.indicators import IndicatorRow
from ecogeo.board.standings import Reading, number_of

_ROOM = 1.08
"""How far a scale goes beyond its largest value."""


@dataclass(frozen=True, slots=True)
class Bullet:
    """A value as a bar, its targets as marks; places are 0 to 100 across.

    Parameters
    ----------
    value_x
        Where the bar ends.
    marks
        Where the targets are.
    """

    value_x: float
    marks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Values and targets over the years, in the unit of the indicator.

    Parameters
    ----------
    years
        Every year with a value or a target, in order.
    values, targets
        What was read and what is wanted in each of them; None where a year has none. A target without a year is wanted
        in all of them where no target bears one.
    """

    years: tuple[int, ...]
    values: tuple[float | None, ...]
    targets: tuple[float | None, ...]


def bullet(row: IndicatorRow) -> Bullet | None:
    """Return the bar of an indicator's last value among its targets; None where either is no number.

    Parameters
    ----------
    row
        The indicator. Shares of which one is at least half of 100 % have a scale to 100.
    """
    targets = [one.aim for one in row.milestones if one.aim is not None]
    value = _number(row, row.last)
    if value is None or not targets or min(value, *targets) < 0:
        return None
    most = max(value, *targets)
    scale = 100.0 if "%" in row.unit and 50 <= most <= 100 else most * _ROOM
    if not scale:
        return None
    return Bullet(_place(value, scale), tuple(dict.fromkeys(_place(target, scale) for target in targets)))


def trend(row: IndicatorRow) -> Trend | None:
    """Return the course of an indicator with values of several years; None for others."""
    numbers = {one.year: _number(row, one) for one in row.readings if one.year is not None}
    values = {year: number for year, number in numbers.items() if number is not None}
    targets = {one.year: one.aim for one in row.milestones if one.year is not None and one.aim is not None}
    if len(values) < 2:
        return None
    years = tuple(sorted({*values, *targets}))
    timeless = next((one.aim for one in row.milestones if one.year is None), None)
    if not targets and timeless is not None:
        targets = dict.fromkeys(years, timeless)
    return Trend(years, tuple(map(values.get, years)), tuple(map(targets.get, years)))


def _number(row: IndicatorRow, reading: Reading | None) -> float | None:
    """Return the number of a reading in the unit of its indicator."""
    number = None if reading is None else number_of(reading, row.unit)
    return None if number is None else float(number)


def _place(value: float, scale: float) -> float:
    return round(value / scale * 100, 2)
