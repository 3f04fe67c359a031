"""How an indicator came along: what was read of it year by year, and how the last reading stands to each target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecogeo.plan.standing import Status, judge
from ecogeo.plan.targets import parse_target


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
        Target less last reading, in the unit of the indicator; None where it is met or words are compared.
    progress
        Share of the way from the first reading to the target; None where there is only one reading.
    """

    year: int | None
    text: str
    value: float | None
    status: Status
    gap: float | None = None
    progress: float | None = None


def milestone(year: int | None, text: str, readings: Sequence[Reading], unit: str) -> Milestone:
    """Hold the readings of an indicator against one of its targets.

    Where the target is that a value must not fall or rise (不降低, 不增加), the first reading is what it must keep.

    Parameters
    ----------
    year, text
        The target.
    readings
        By year, the last one last.
    unit
        The unit of both.

    Examples
    --------
    >>> found = milestone(2030, "≥50", [Reading(2022, "30", 30.0), Reading(2025, "45", 45.0)], "%")
    >>> found.status, found.gap, found.progress
    ('not_met', 5.0, 0.75)
    """
    target = parse_target(text)
    status = judge(target, readings[-1].text if readings else "", unit)
    numbers = [reading.value for reading in readings if reading.value is not None]
    if target.comparator in {"no_decrease", "no_increase"} and len(numbers) > 1 and readings[-1].value is not None:
        change = numbers[-1] - numbers[0]
        is_kept = change >= 0 if target.comparator == "no_decrease" else change <= 0
        return Milestone(year, text, target.value, "met" if is_kept else "not_met")
    if target.value is None or not numbers or readings[-1].value is None:
        return Milestone(year, text, target.value, status)
    if status == "met":
        return Milestone(year, text, target.value, status, progress=1.0 if len(numbers) > 1 else None)
    first, last = numbers[0], numbers[-1]
    has_way = len(numbers) > 1 and target.value != first
    share = min(max((last - first) / (target.value - first), 0.0), 1.0) if has_way else None
    return Milestone(year, text, target.value, status, round(target.value - last, 9), share)
