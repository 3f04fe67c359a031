"""The protected share of the shore, per reach and added up."""

from __future__ import annotations

import pandas as pd
from flask import Blueprint, render_template

from viewer.prepared import board

pages = Blueprint("shorelines", __name__)

_CHECK = "shoreline_protection_rate"


@pages.get("/shorelines")
def table() -> str:
    """Show the tables of the shoreline check, or why there are none."""
    report = board().report
    run = next((run for run in report.runs if run.name == _CHECK), None)
    return render_template(
        "shorelines.html",
        run=run,
        reaches=_rows(report.tables.get("shoreline")),
        totals=_rows(report.tables.get("shoreline_totals")),
    )


def _rows(frame: pd.DataFrame | None) -> list[dict[str, object]]:
    """Return rows with missing figures as None."""
    if frame is None:
        return []
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(column): value for column, value in row.items()} for row in rows]
