"""The indicators of the county's plans."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from ecogeo.board.indicators import WantedIndicators, chosen_indicators, kind_counts, status_counts
from viewer.prepared import board

pages = Blueprint("indicators", __name__)


@pages.get("/indicators")
def table() -> str:
    """Show the indicators that meet the query: ``domain, department, status, kind``."""
    plans = board().indicators
    every = [indicator for indicators in plans.values() for indicator in indicators]
    parts = ("domain", "department", "status", "kind")
    wanted = WantedIndicators(**{part: request.args.get(part, "").strip() for part in parts})
    chosen = {title: chosen_indicators(indicators, wanted) for title, indicators in plans.items()}
    return render_template(
        "indicators.html",
        plans=chosen,
        total=len(every),
        shown=sum(len(indicators) for indicators in chosen.values()),
        wanted=wanted,
        domains=list(dict.fromkeys(indicator.head.domain for indicator in every)),
        departments=list(dict.fromkeys(part for indicator in every for part in indicator.head.departments)),
        status_counts=status_counts(every),
        kind_counts=kind_counts(every),
    )
