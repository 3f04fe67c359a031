"""What the script of the charts draws: figures with their words in the language of the request, and no markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from ecogeo.board.charts import Trend, trend
from ecogeo.board.choosing import NONE
from ecogeo.board.indicators import STATUSES, Indicator
from ecogeo.board.money import Grouping, Money, Phase, Timeline
from viewer.phrases import coded, figure

SERIES_PAINTS = 10
"""How many colours the stylesheet has for series without a colour of their own."""


@dataclass(frozen=True, slots=True)
class Series:
    """One part of every bar: its name, the colour of the stylesheet it has, its size in each bar."""

    name: str
    paint: str
    sizes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Stacked:
    """Horizontal stacked bars.

    Parameters
    ----------
    bars
        What each bar stands for.
    ends
        What is written where each bar ends.
    unit
        Unit of the sizes; empty for counts.
    series
        The parts, in the order in which they are stacked.
    """

    bars: tuple[str, ...]
    ends: tuple[str, ...]
    unit: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A project on the drawn timeline; `first_year` and `last_year` are both counted."""

    name: str
    address: str
    first_year: int
    last_year: int
    paint: str
    phase: str


@dataclass(frozen=True, slots=True)
class Spans:
    """Projects as bars over the years, with the year that is marked as the present one."""

    first_year: int
    last_year: int
    this_year: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """An indicator over the years, with the names of its two lines."""

    title: str
    trend: Trend
    value_name: str
    target_name: str


def money_chart(money: Money, grouping: Grouping) -> Stacked:
    """Return the investment of each group as a bar, its parts in the order of the series."""
    return Stacked(
        bars=tuple(_group_name(bar.label, grouping) for bar in money.bars),
        ends=tuple(figure(bar.total, 2) for bar in money.bars),
        unit=_("万元"),
        series=tuple(
            Series(
                name=_series_name(name, grouping),
                paint=f"series-{place % SERIES_PAINTS}",
                sizes=tuple(bar.sizes.get(name, 0.0) for bar in money.bars),
            )
            for place, name in enumerate(money.series)
        ),
    )


def status_chart(counts: Mapping[str, Mapping[str, int]], told: str) -> Stacked:
    """Return how many indicators of each group have which status; a status nobody has is no series.

    Parameters
    ----------
    counts
        Per group, the count of each status; in the order of the bars.
    told
        The status of which every bar tells the count out of all.
    """
    return Stacked(
        bars=tuple(counts),
        ends=tuple(f"{coded(told, STATUSES)} {ones[told]} / {sum(ones.values())}" for ones in counts.values()),
        unit="",
        series=tuple(
            Series(coded(status, STATUSES), f"status-{status}", tuple(float(ones[status]) for ones in counts.values()))
            for status in STATUSES
            if any(ones[status] for ones in counts.values())
        ),
    )


def timeline_chart(
    timeline: Timeline, this_year: int, phases: Mapping[Phase, str], *, has_pages: bool = True
) -> Spans | None:
    """Return the projects with years as bars, each with the address of its page; None where there are none.

    Parameters
    ----------
    timeline
        The projects.
    this_year
        The year that is marked.
    phases
        What each phase is called.
    has_pages
        Whether the projects have pages of their own.
    """
    if not timeline.spans:
        return None
    bars = (
        Bar(
            name=f"{span.record.record_id} {span.record.name}",
            address=url_for("projects.one", record_id=span.record.record_id) if has_pages else "",
            first_year=span.first_year,
            last_year=span.last_year,
            paint=f"phase-{span.phase}",
            phase=phases[span.phase],
        )
        for span in timeline.spans
    )
    return Spans(timeline.years[0], timeline.years[-1], this_year, tuple(bars))


def trend_charts(indicators: Iterable[Indicator]) -> Sequence[Course]:
    """Return the course of every indicator and sub-item that has values of several years."""
    rows = (row for indicator in indicators for row in indicator.rows)
    return [
        Course(f"{row.name}（{row.unit}）" if row.unit else row.name, drawn, _("数值"), _("目标"))
        for row in rows
        if (drawn := trend(row)) is not None
    ]


def phase_names() -> dict[Phase, str]:
    """Return what the phases of a project are called."""
    return {
        "during": _("实施期内"),
        "before": _("未到开始年"),
        "after": _("已过结束年"),
        "reversed": _("起止年份颠倒"),
        "unknown": _("未写年份"),
    }


def _group_name(name: str, grouping: Grouping) -> str:
    if name != NONE:
        return name
    nowhere: Mapping[Grouping, str] = {
        "system": _("未分体系"),
        "department": _("无部门"),
        "town": _("未落在乡镇"),
        "year": _("未写年份"),
    }
    return nowhere[grouping]


def _series_name(name: str, grouping: Grouping) -> str:
    if grouping != "system":
        return str(_("未分体系")) if name == NONE else name
    return str(_("未写年份") if name == NONE else _("%(year)s 年开始", year=name))
