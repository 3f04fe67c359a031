"""The indicators of the plans: the board, the audit of the tables, figures by town, what proves a value, the sheet."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask_babel import gettext as _

from ecogeo.board.charts import bullet
from ecogeo.board.comparisons import by_number, comparisons
from ecogeo.board.evidence import evidence_list
from ecogeo.board.indicators import (
    STATUSES,
    WantedIndicators,
    by_domain,
    chosen_indicators,
    kind_counts,
    milestone_counts,
    status_counts,
    units_behind,
)
from ecogeo.board.plans import PlanBoard, measured_rows, units_of
from ecogeo.board.sheets import board_sheets, comparison_sheet
from ecogeo.board.towns import WIDTH, class_of, town_classes, town_figures, town_shapes
from ecogeo.board.vocabulary import vocabulary
from ecogeo.finding import Severity
from ecogeo.formats.workbooks import XLSX, render_workbook
from viewer.charts import status_chart, trend_charts
from viewer.comparing import compared
from viewer.languages import current_lang
from viewer.prepared import board, prepared

pages = Blueprint("indicators", __name__)

TILE_SIGNS = {"not_met": "✗", "met": "✓", "set_from_above": "↑", "no_data": "–", "text": "?"}
"""What stands on a tile beside its colour."""


@pages.get("/indicators")
def table() -> str:
    """Show the indicators of a plan that meet the query: ``plan, domain, department, status, kind``."""
    plan = chosen_plan()
    if plan is None:
        return render_template("no_plan.html", broken=board().broken_plans)
    parts = ("domain", "department", "status", "kind")
    wanted = WantedIndicators(**{part: request.args.get(part, "").strip() for part in parts})
    chosen = chosen_indicators(plan.indicators, wanted)
    domains = {domain: status_counts(ones) for domain, ones in by_domain(plan.indicators).items()}
    named = {domain or _("未分领域"): counts for domain, counts in domains.items()}
    years, behind = milestone_counts(plan.indicators), units_behind(plan.indicators)
    return render_template(
        "indicators.html",
        plan=plan,
        plans=board().plans,
        broken=board().broken_plans,
        groups=by_domain(chosen),
        shown=len(chosen),
        total=len(plan.indicators),
        wanted=wanted,
        domains=named,
        domain_names=[domain for domain in domains if domain],
        domain_chart=status_chart(named, "met"),
        departments=units_of(plan.indicators),
        status_counts=status_counts(plan.indicators),
        kind_counts=kind_counts(plan.indicators),
        behind=behind,
        behind_chart=status_chart(behind, "not_met"),
        milestone_counts=years,
        year_chart=status_chart({str(year): counts for year, counts in years.items()}, "met"),
        trends=trend_charts(plan.indicators),
        measured=by_number(comparisons(board().report, plan.name)),
        severities=Counter(finding.severity for finding in plan.findings),
        severity_order=list(Severity),
        evidence=lambda number: [one for one in evidence_list(plan.folder, number) if one.is_proof],
        bullet=bullet,
        tiles=by_domain(plan.indicators),
        tile_signs=TILE_SIGNS,
        everything=WantedIndicators(),
        status_order=list(STATUSES),
    )


@pages.get("/indicators/audit")
def audit() -> str:
    """Show what the audit of a plan's tables found; ``?plan=`` names the plan."""
    plan = chosen_plan()
    if plan is None:
        abort(404)
    order = {severity: place for place, severity in enumerate(Severity)}
    return render_template(
        "audit.html",
        plan=plan,
        plans=board().plans,
        findings=sorted(plan.findings, key=lambda finding: order[finding.severity]),
        severities=Counter(finding.severity for finding in plan.findings),
        severity_order=list(Severity),
    )


@pages.get("/indicators/measured")
def measured() -> str:
    """Show every indicator of a plan a map can tell, measured and reported; ``?plan=`` names the plan."""
    plan = chosen_plan()
    if plan is None:
        return render_template("no_plan.html", broken=board().broken_plans)
    return render_template("indicators_measured.html", plan=plan, plans=board().plans, **compared(plan))


@pages.get("/indicators/towns")
def towns() -> str:
    """Show a figure by town as a map and a table; ``?figure=`` names it."""
    shown, workspace = board(), prepared().workspace
    figures = town_figures(workspace, shown.report, shown.records)
    wanted = request.args.get("figure", "")
    chosen = next((one for one in figures if one.figure_id == wanted), None)
    if wanted and chosen is None:
        abort(404)
    chosen = chosen or max(figures, key=lambda one: len(one.values), default=None)
    shapes, height = town_shapes(workspace.of_role("towns"))
    classes = () if chosen is None else town_classes(list(chosen.values.values()))
    values = {} if chosen is None else chosen.values
    return render_template(
        "towns.html",
        figures=figures,
        chosen=chosen,
        shapes=shapes,
        size=(WIDTH, height),
        classes=classes,
        class_of={town: class_of(value, classes) for town, value in values.items()},
        names=[shape.name for shape in shapes],
    )


@pages.get("/indicators/<plan_name>.xlsx")
def export(plan_name: str) -> Response:
    """Return a plan's board as a workbook."""
    plan = known_plan(plan_name)
    measured = measured_rows(board().report.tables.get("indicators"), plan.name)
    sheets = board_sheets(plan, measured, current_lang())
    words = vocabulary(prepared().workspace.land_book())
    beside = comparison_sheet(comparisons(board().report, plan.name), current_lang(), words)
    return workbook(render_workbook([sheets[0], *beside, *sheets[1:]]), f"indicators-{plan.name}.xlsx")


def chosen_plan() -> PlanBoard | None:
    """Return the plan ``?plan=`` names, the first one where it names none; None where there is none at all."""
    plans = board().plans
    name = request.args.get("plan", "")
    return known_plan(name) if name else next(iter(plans.values()), None)


def known_plan(name: str) -> PlanBoard:
    """Return a plan by name; a name nobody knows is no page."""
    plan = board().plans.get(name)
    if plan is None:
        abort(404)
    return plan


def workbook(content: bytes, name: str) -> Response:
    """Return a workbook as a file to keep."""
    response = make_response(content)
    response.mimetype = XLSX
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
