"""The investment of projects by system, department, town and year, and when they are planned to be under way."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ecogeo.board.choosing import NONE
from ecogeo.board.records import ProjectRecord

Grouping = Literal["system", "department", "town", "year"]
GROUPINGS: tuple[Grouping, ...] = ("system", "department", "town", "year")
Phase = Literal["before", "during", "after", "reversed", "unknown"]
PHASES: tuple[Phase, ...] = ("during", "before", "after", "reversed", "unknown")


@dataclass(frozen=True, slots=True)
class Bar:
    """The investment of one group.

    Parameters
    ----------
    label
        The group; those without one stand under `NONE`.
    sizes
        What each series adds to it, 万元.
    """

    label: str
    sizes: Mapping[str, float]

    @property
    def total(self) -> float:
        """All of it, 万元."""
        return math.fsum(self.sizes.values())


@dataclass(frozen=True, slots=True)
class Money:
    """Investments as stacked bars.

    Parameters
    ----------
    series
        What the bars are stacked of.
    bars
        One per group.
    total
        All of it counted once, 万元: less than the bars together where projects are shared.
    unpriced
        How many projects state no investment.
    counts
        How many projects each bar counts.
    """

    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    total: float
    unpriced: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Span:
    """A project on the timeline: its first and last year, both counted, and where it stands."""

    record: ProjectRecord
    first_year: int
    last_year: int
    phase: Phase


@dataclass(frozen=True, slots=True)
class Timeline:
    """Projects by their years.

    Parameters
    ----------
    years
        The years the timeline spans.
    spans
        The projects with a year, by start, then end.
    reversed
        Those that end before they start: nobody can tell when they are under way.
    undated
        Those that state no year.
    counts
        How many projects are in each phase.
    """

    years: tuple[int, ...]
    spans: tuple[Span, ...]
    reversed: tuple[ProjectRecord, ...]
    undated: tuple[ProjectRecord, ...]
    counts: Mapping[Phase, int]


def money_by(records: Sequence[ProjectRecord], grouping: Grouping) -> Money:
    """Add up investments by group, stacked by system; the systems themselves by the year their projects start.

    Parameters
    ----------
    records
        The projects. One with several departments or towns counts in full in each of them; by year it counts in the
        year it starts.
    grouping
        What the bars stand for.
    """
    planned = [record for record in records if record.in_plan]
    stack = _GROUPS["year"] if grouping == "system" else _GROUPS["system"]
    sizes: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    counts: dict[str, int] = defaultdict(int)
    for record in planned:
        for group in _GROUPS[grouping](record):
            counts[group] += 1
            sizes[group][stack(record)[0]].append(record.undertaking.invest_wan_yuan or 0.0)
    sums = {group: {part: math.fsum(money) for part, money in parts.items()} for group, parts in sizes.items()}
    series = _ordered({part for parts in sums.values() for part in parts}, planned, stack)
    if grouping == "year":
        order = sorted(sums)
    else:
        order = sorted(sums, key=lambda group: (group == NONE, -sum(sums[group].values())))
    money = [record.undertaking.invest_wan_yuan for record in planned]
    return Money(
        series=series,
        bars=tuple(Bar(group, sums[group]) for group in order),
        total=math.fsum(one for one in money if one is not None),
        unpriced=sum(one is None for one in money),
        counts=dict(counts),
    )


def timeline(records: Sequence[ProjectRecord], this_year: int) -> Timeline:
    """Lay projects out by their planned years.

    Parameters
    ----------
    records
        The projects.
    this_year
        The year phases are told by: what the plan foresees, not what was done.
    """
    planned = [record for record in records if record.in_plan]
    dated = [record for record in planned if _years(record)]
    ends = [year for record in dated for year in _years(record)]
    years = tuple(range(min(ends), max(ends) + 1)) if ends else ()
    dated.sort(key=lambda record: (_years(record), record.record_id))
    counts = dict.fromkeys(PHASES, 0)
    for record in planned:
        counts[_phase(record, this_year)] += 1
    return Timeline(
        years=years,
        spans=tuple(_span(record, this_year) for record in dated),
        reversed=tuple(record for record in planned if _is_reversed(record)),
        undated=tuple(record for record in planned if not _years(record) and not _is_reversed(record)),
        counts=counts,
    )


def _span(record: ProjectRecord, this_year: int) -> Span:
    years = _years(record)
    return Span(record, years[0], years[-1], _phase(record, this_year))


def _years(record: ProjectRecord) -> tuple[int, ...]:
    """Return the first and last year of a project; nothing where it states neither, or ends before it starts."""
    if _is_reversed(record):
        return ()
    stated = [year for year in (record.undertaking.start_year, record.undertaking.end_year) if year is not None]
    return (min(stated), max(stated)) if stated else ()


def _is_reversed(record: ProjectRecord) -> bool:
    start, end = record.undertaking.start_year, record.undertaking.end_year
    return start is not None and end is not None and end < start


def _phase(record: ProjectRecord, this_year: int) -> Phase:
    years = _years(record)
    if _is_reversed(record):
        return "reversed"
    if not years:
        return "unknown"
    return "before" if this_year < years[0] else "after" if this_year > years[-1] else "during"


def _start(record: ProjectRecord) -> Sequence[str]:
    years = _years(record)
    return (str(years[0]) if years else NONE,)


_GROUPS: Mapping[Grouping, Callable[[ProjectRecord], Sequence[str]]] = {
    "system": lambda record: (record.undertaking.system or NONE,),
    "department": lambda record: record.undertaking.departments or (NONE,),
    "town": lambda record: record.towns or (NONE,),
    "year": _start,
}


def _ordered(
    names: set[str], records: Iterable[ProjectRecord], of: Callable[[ProjectRecord], Sequence[str]]
) -> tuple[str, ...]:
    """Return names in order: years by time, others as first met; what has none comes last."""
    met = [name for name in dict.fromkeys(of(record)[0] for record in records) if name in names]
    if all(name.isdigit() or name == NONE for name in met):
        met.sort()
    return (*(name for name in met if name != NONE), *(name for name in met if name == NONE))
