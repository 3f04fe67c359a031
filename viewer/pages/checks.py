"""What the checks found, what was not run and why, and what was judged."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from viewer.kept_pages import kept
from viewer.prepared import board

pages = Blueprint("checks", __name__)

MOST_ROWS = 200
"""Findings listed of each check until its page of its own is asked for."""


@pages.get("/checks")
@kept
def table() -> str:
    """Show every check with its findings; ``?check=`` shows all of one."""
    shown = board()
    name = request.args.get("check", "")
    runs = [run for run in shown.report.runs if name in {"", run.name}]
    if name and not runs:
        abort(404)
    dropped = shown.report.tables.get("dropped")
    return render_template(
        "checks.html",
        report=shown.report,
        runs=runs,
        chosen=name,
        most=MOST_ROWS if not name else max((len(run.findings) for run in runs), default=0),
        known=shown.by_id,
        dropped=[] if dropped is None else dropped.to_dict("records"),
    )
