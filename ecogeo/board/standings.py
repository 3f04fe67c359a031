"""How an indicator came along: what was read of it year by year, and how the last reading stands to each target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ecogeo.plan.standing import Base, Status, aim_of, in_unit, judge, units_clash
from ecogeo.plan.targets import Target, parse_target, unit_of_value


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of one year.

    Parameters
    ----------
    year
        The year; None where the plan does not say.
    text
        The value as it was written.
    value
        The number in it; None for words.
    by, on, source, why
        Who reported it, when, from what and why; empty for the plan's own value.
    """

    year: int | None
    text: str
    value: float | None
    by: str = ""
    on: str = ""
    source: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A target, and how the last reading stands to it.

    Parameters
    ----------
    year
        The year by which; None for the target the plan gives without one.
    text
        The target as it is written.
    value
        The number in it; None for words.
    status
        As `ecogeo.plan.standing.judge` has it.
    gap
        What is wanted less last reading, in the unit of the indicator; None where it is met, worded or cannot be told.
    progress
        Share of the way from the first reading to the target; None where there is only one reading.
    aim
        The number that is wanted, in the unit of the indicator: of a change the one it leads to. None where there is
        none.
    elapsed
        Share of the years from the first reading to the target that had passed at the last; None where there is only
        one reading, or a year is not known.
    """

    year: int | None
    text: str
    value: float | None
    status: Status
    gap: float | None = None
    progress: float | None = None
    aim: float | None = None
    elapsed: float | None = None


def milestone(year: int | None, text: str, readings: Sequence[Reading], unit: str, name: str = "") -> Milestone:
    """Hold the readings of an indicator against one of its targets, all of them in one unit.

    A change is counted from the reading of the year the target names, else from the first one, as long as that is not
    the last; so is what must not fall or rise (不降低, 不增加).

    Parameters
    ----------
    year, text
        The target.
    readings
        By year, the last one last.
    unit
        The unit of the indicator: that of every number that names none.
    name
        Name of the indicator, as it may tell which way is good.

    Examples
    --------
    >>> found = milestone(2030, "≥50", [Reading(2022, "30", 30.0), Reading(2025, "45", 45.0)], "%")
    >>> found.status, found.gap, found.progress, found.elapsed
    ('not_met', 5.0, 0.75, 0.375)
    """
    target = parse_target(text)
    last = readings[-1] if readings else None
    base = _base(target, readings)
    current_year = None if last is None else last.year
    status = judge(target, _words(last), unit, name=name, base=base, year=current_year)
    aim = aim_of(target, unit, base=base, year=current_year if target.comparator.endswith("yearly") else None)
    numbers = [(one.year, number) for one in readings if (number := number_of(one, unit)) is not None]
    found = Milestone(year, text, target.value, status, aim=None if aim is None else float(aim))
    if aim is None or last is None or not numbers or numbers[-1][0] != last.year or number_of(last, unit) is None:
        return found
    (first_year, first), now = numbers[0], numbers[-1][1]
    is_course = len(numbers) > 1
    elapsed = _elapsed(first_year, last.year, year if year is not None else target.year) if is_course else None
    if status == "met":
        return replace(found, progress=1.0 if is_course else None, elapsed=elapsed)
    if target.upper is not None:
        upper = in_unit(target.upper, target.unit, unit)
        aim = upper if upper is not None and now > upper else aim
    if status == "text" and (target.is_about or units_clash(target, last.text, unit)):
        return found
    way = float((now - first) / (aim - first)) if is_course and aim != first else None
    progress = None if way is None else min(max(way, 0.0), 1.0)
    return replace(found, gap=round(float(aim - now), 9), progress=progress, elapsed=elapsed)


def number_of(reading: Reading, unit: str) -> Fraction | None:
    """Return the number of a reading in the unit of its indicator; None for words and for units that do not convert."""
    return None if reading.value is None else in_unit(reading.value, unit_of_value(reading.text), unit)


def _words(reading: Reading | None) -> str:
    """Return a reading as it was written; of a number alone, the number."""
    if reading is None:
        return ""
    return reading.text or ("" if reading.value is None else f"{reading.value:.12g}")


def _base(target: Target, readings: Sequence[Reading]) -> Base | None:
    """Return the reading a change is counted from."""
    earlier = readings[:-1]
    wanted = [one for one in earlier if target.base_year in (None, one.year)]
    return Base(_words(wanted[0]), wanted[0].year) if wanted else None


def _elapsed(first: int | None, last: int | None, end: int | None) -> float | None:
    """Return the share of the years to the target that have passed."""
    if first is None or last is None or end is None or end <= first:
        return None
    return min(max((last - first) / (end - first), 0.0), 1.0)
