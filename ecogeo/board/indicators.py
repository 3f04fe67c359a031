"""A plan's indicators with their sub-items, and how many stand where."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

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

_LATER = re.compile(r"target_text_([0-9]{4})")
_SEPARATORS = re.compile(r"[、，,;；\s]+")


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator or sub-item, worded as the plan words it; `later` holds the targets of later years."""

    indicator_no: str
    sub_no: str
    domain: str
    task: str
    name: str
    unit: str
    target: str
    current: str
    current_year: str
    later: tuple[tuple[str, str], ...]
    reported: str
    status: str
    kind: str
    departments: tuple[str, ...]
    deadline: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator with its sub-items."""

    head: IndicatorRow
    parts: tuple[IndicatorRow, ...]


@dataclass(frozen=True, slots=True)
class WantedIndicators:
    """What is looked for; an empty part takes all."""

    domain: str = ""
    department: str = ""
    status: str = ""
    kind: str = ""


def indicator_list(frame: pd.DataFrame) -> tuple[Indicator, ...]:
    """Return the indicators of a plan in its order.

    Parameters
    ----------
    frame
        The columns of ``indicators.csv``. A sub-item whose indicator has no row of its own stands for itself.
    """
    later = [str(column) for column in frame.columns if _LATER.fullmatch(str(column))]
    grouped: dict[str, list[IndicatorRow]] = {}
    for row in frame.to_dict("records"):
        entry = _row(row, later)
        grouped.setdefault(entry.indicator_no, []).append(entry)
    return tuple(Indicator(rows[0], tuple(rows[1:])) for rows in grouped.values())


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


def _row(row: Mapping[Hashable, object], later: Iterable[str]) -> IndicatorRow:
    def text(column: str) -> str:
        value = row[column]
        return "" if value is None or value is pd.NA or value != value else str(value).strip()  # noqa: PLR0124  NaN

    return IndicatorRow(
        indicator_no=text("indicator_no"),
        sub_no=text("sub_no"),
        domain=text("domain"),
        task=text("task"),
        name=text("name"),
        unit=text("unit"),
        target=text("target_text"),
        current=text("current_text"),
        current_year=text("current_year").removesuffix(".0"),
        later=tuple((column[-4:], text(column)) for column in later),
        reported=text("status_reported"),
        status=text("status"),
        kind=text("kind"),
        departments=tuple(part for part in _SEPARATORS.split(text("departments")) if part),
        deadline=text("deadline"),
    )
