"""A plan's indicators with their sub-items and what was reported of them, and how many stand where."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ecogeo.board.standings import Milestone, Reading, milestone
from ecogeo.plan import split_units
from ecogeo.plan.columns import later_years
from ecogeo.plan.directions import judged_name
from ecogeo.plan.plain_text import is_blank
from ecogeo.plan.standing import worst
from ecogeo.plan.values import Key, ReportedValue, by_indicator
from ecogeo.wording import Text

STATUSES = {
    "not_met": Text("未达标", "not met"),
    "met": Text("达标", "met"),
    "set_from_above": Text("由上级下达", "set from above"),
    "no_data": Text("无数据", "no data"),
    "text": Text("须人工判读", "needs a reader"),
}
"""What the recomputed status of an indicator says."""

KINDS = {
    "binding": Text("约束性", "binding"),
    "reference": Text("参考性", "reference"),
    "expected": Text("预期性", "expected"),
}
_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}
_KIND_ORDER = (*KINDS, "")


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator or sub-item, worded as the plan words it.

    Parameters
    ----------
    readings
        Its values by year, the plan's own first.
    milestones
        Its targets: the one without a year first, then by year.
    status
        How the last value stands to the first target.
    """

    indicator_no: str
    sub_no: str
    domain: str
    task: str
    name: str
    unit: str
    readings: tuple[Reading, ...]
    milestones: tuple[Milestone, ...]
    reported: str
    status: str
    kind: str
    departments: tuple[str, ...]
    deadline: str

    @property
    def last(self) -> Reading | None:
        """The newest value."""
        return self.readings[-1] if self.readings else None

    @property
    def own(self) -> tuple[Reading, ...]:
        """The values that were reported after the plan."""
        return tuple(reading for reading in self.readings if reading.by)

    @property
    def targets(self) -> tuple[tuple[str, tuple[Milestone, ...]], ...]:
        """The targets, those of one wording together."""
        found: dict[str, list[Milestone]] = {}
        for one in self.milestones:
            found.setdefault(one.text, []).append(one)
        return tuple((text, tuple(ones)) for text, ones in found.items())


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator with its sub-items."""

    head: IndicatorRow
    parts: tuple[IndicatorRow, ...]

    @property
    def rows(self) -> tuple[IndicatorRow, ...]:
        """The indicator, then its sub-items."""
        return (self.head, *self.parts)


@dataclass(frozen=True, slots=True)
class WantedIndicators:
    """What is looked for; an empty part takes all."""

    domain: str = ""
    department: str = ""
    status: str = ""
    kind: str = ""


def indicator_list(frame: pd.DataFrame, given: Sequence[ReportedValue] = ()) -> tuple[Indicator, ...]:
    """Return the indicators of a plan in its order.

    Parameters
    ----------
    frame
        The columns of ``indicators.csv``. A sub-item whose indicator has no row of its own stands for itself.
    given
        What was reported of them for later years.
    """
    years = later_years([str(column) for column in frame.columns])
    reported = by_indicator(given)
    grouped: dict[str, list[Mapping[Hashable, object]]] = {}
    for row in frame.to_dict("records"):
        grouped.setdefault(_text(row, "indicator_no"), []).append(row)
    return tuple(_indicator(rows, years, reported) for rows in grouped.values())


def by_domain(indicators: Iterable[Indicator]) -> dict[str, tuple[Indicator, ...]]:
    """Return indicators by domain, in the order first met; of each the binding ones first."""
    found: dict[str, list[Indicator]] = {}
    for indicator in indicators:
        found.setdefault(indicator.head.domain, []).append(indicator)
    return {domain: tuple(sorted(entries, key=_kind_place)) for domain, entries in found.items()}


def chosen_indicators(indicators: Iterable[Indicator], wanted: WantedIndicators) -> tuple[Indicator, ...]:
    """Return the indicators that meet every part of what is wanted; the status is that of the whole indicator."""
    return tuple(
        indicator
        for indicator in indicators
        if wanted.domain in {"", indicator.head.domain}
        and (not wanted.department or wanted.department in indicator.head.departments)
        and wanted.status in {"", indicator.head.status}
        and wanted.kind in {"", indicator.head.kind}
    )


def status_counts(indicators: Iterable[Indicator]) -> dict[str, int]:
    """Return how many indicators have each status, sub-items not counted."""
    counts = Counter(indicator.head.status for indicator in indicators)
    return {status: counts[status] for status in dict.fromkeys((*STATUSES, *sorted(counts)))}


def kind_counts(indicators: Iterable[Indicator]) -> dict[str, int]:
    """Return how many indicators are of each kind, sub-items not counted."""
    counts = Counter(indicator.head.kind for indicator in indicators)
    return {kind: counts[kind] for kind in dict.fromkeys((*KINDS, *sorted(counts))) if counts[kind]}


def milestone_counts(indicators: Iterable[Indicator]) -> dict[int, dict[str, int]]:
    """Return, for every year targets are set for, how many indicators have reached them and stand otherwise."""
    found: dict[int, Counter[str]] = {}
    for indicator in indicators:
        for one in indicator.head.milestones:
            if one.year is not None:
                found.setdefault(one.year, Counter())[one.status] += 1
    return {year: {status: found[year][status] for status in STATUSES} for year in sorted(found)}


def units_behind(indicators: Sequence[Indicator]) -> dict[str, dict[str, int]]:
    """Return how the indicators of every department stand that has one not met, the most of them first.

    An indicator of several departments counts with each.
    """
    units = dict.fromkeys(unit for indicator in indicators for unit in indicator.head.departments)
    counts = {unit: status_counts(chosen_indicators(indicators, WantedIndicators(department=unit))) for unit in units}
    behind = [unit for unit in units if counts[unit]["not_met"]]
    return {unit: counts[unit] for unit in sorted(behind, key=lambda unit: -counts[unit]["not_met"])}


def _kind_place(indicator: Indicator) -> int:
    kind = indicator.head.kind
    return _KIND_ORDER.index(kind) if kind in _KIND_ORDER else len(_KIND_ORDER)


def _indicator(
    rows: Sequence[Mapping[Hashable, object]], years: Sequence[int], reported: Mapping[Key, tuple[ReportedValue, ...]]
) -> Indicator:
    """Make an indicator of its rows; a sub-item without a target or value of its own has those of the whole."""
    whole = rows[0]
    parts = tuple(_row(row, whole, years, reported) for row in rows[1:])
    head = _row(whole, whole, years, reported)
    if parts:
        statuses = [[one.status for one in part.milestones] for part in parts]
        merged = tuple(
            replace(one, status=worst([status[at] for status in statuses])) for at, one in enumerate(head.milestones)
        )
        head = replace(head, milestones=merged, status=merged[0].status)
    return Indicator(head, parts)


def _row(
    row: Mapping[Hashable, object],
    whole: Mapping[Hashable, object],
    years: Sequence[int],
    reported: Mapping[Key, tuple[ReportedValue, ...]],
) -> IndicatorRow:
    unit, name = _text(row, "unit"), judged_name(_text(row, "name"), _text(whole, "name"))
    judged_unit = unit or _text(whole, "unit")
    readings = _readings(row, reported.get((_text(row, "indicator_no"), _text(row, "sub_no")), ()))
    judged = readings or _readings(whole, reported.get((_text(whole, "indicator_no"), _text(whole, "sub_no")), ()))
    milestones = [
        milestone(year, _target(row, year) or _target(whole, year), judged, judged_unit, name)
        for year in (None, *years)
    ]
    return IndicatorRow(
        **{name: _text(row, name) for name in ("indicator_no", "sub_no", "domain", "task", "name", "kind", "deadline")},
        unit=unit,
        readings=readings,
        milestones=tuple(milestones),
        reported=_text(row, "status_reported"),
        status=milestones[0].status,
        departments=split_units(_text(row, "departments")),
    )


def _readings(row: Mapping[Hashable, object], reported: Sequence[ReportedValue]) -> tuple[Reading, ...]:
    """Return the plan's value and those reported since; one reported for the plan's own year takes its place."""
    year, number = _number(row, "current_year"), _number(row, "current_value")
    text = _text(row, "current_text") or ("" if number is None else f"{number:.12g}")
    base = [Reading(None if year is None else int(year), text, number)] if not is_blank(text) else []
    later = [Reading(one.year, one.text, one.value, one.by, one.on, one.source, one.why) for one in reported]
    kept = [one for one in base if one.year is None or one.year not in {reading.year for reading in later}]
    return tuple(sorted((*kept, *later), key=lambda one: one.year or 0))


def _target(row: Mapping[Hashable, object], year: int | None) -> str:
    """Return a target as it is worded; one that was entered as a number alone with the sign of its comparator."""
    suffix = "" if year is None else f"_{year}"
    if text := _text(row, f"target_text{suffix}"):
        return text
    value = _number(row, f"target_value{suffix}")
    return "" if value is None else f"{_SIGNS.get(_text(row, 'comparator'), '')}{value:.12g}"


def _number(row: Mapping[Hashable, object], column: str) -> float | None:
    number = float(pd.to_numeric(_text(row, column), errors="coerce")) if column in row else math.nan
    return None if math.isnan(number) else number


def _text(row: Mapping[Hashable, object], column: str) -> str:
    value = row[column]
    return "" if value is None or value is pd.NA or value != value else str(value).strip()  # noqa: PLR0124  NaN
