"""The same as data: layers that pages fetch, projects and findings, and a sign of life."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify

from ecogeo.finding import Finding
from ecogeo.mappage import layer_geojson
from ecogeo.reviews import Review
from viewer.languages import current_lang
from viewer.prepared import board

pages = Blueprint("api", __name__)


@pages.get("/healthz")
def health() -> Response:
    """Say that the server answers; nothing of the county is read for it."""
    return jsonify(status="ok")


@pages.get("/api/layers/<name>.geojson")
def layer(name: str) -> Response:
    """Return a layer as the map draws it; shapes are simplified for display."""
    drawn = board().county.drawn(name)
    if drawn is None:
        abort(404)
    if drawn.drawing == "tiles":
        abort(413)  # too large for a page: it comes in tiles
    return jsonify(layer_geojson(drawn, current_lang()))


@pages.get("/api/relief.png")
def relief() -> Response:
    """Return the shade of the county's terrain."""
    shade = board().relief
    if shade is None:
        abort(404)
    return Response(shade.png, mimetype="image/png")


@pages.get("/api/projects")
def projects() -> Response:
    """Return every project and lone site with its answer."""
    return jsonify(
        [
            {
                "id": record.record_id,
                "name": record.name,
                "system": record.undertaking.system,
                "departments": record.undertaking.departments,
                "towns": record.towns,
                "location_basis": record.basis,
                "place": record.place,
                "accuracy_m": record.accuracy_m,
                "needs_geometry": record.needs_geometry,
                "answer": str(record.answer),
                "reviews": [_review(entry.review) for entry in record.reviewed if entry.review is not None],
                "overlap_ha": record.overlap_ha,
                "invest_wan_yuan": record.undertaking.invest_wan_yuan,
                "sites": [site.site_id for site in record.sites],
            }
            for record in board().records
        ]
    )


@pages.get("/api/findings")
def findings() -> Response:
    """Return every finding, without its geometry."""
    return jsonify([_finding(check, finding) for check, finding in board().report.findings])


def _review(review: Review) -> dict[str, str]:
    return {
        "site_id": review.site_id,
        "layer": review.layer,
        "answer": str(review.answer),
        "reason": review.reason,
        "by": review.by,
        "on": review.on,
    }


def _finding(check: str, finding: Finding) -> dict[str, Any]:
    return {
        "check": check,
        "severity": str(finding.severity),
        "layer": finding.layer,
        "feature_id": finding.feature_id,
        "feature_name": finding.feature_name,
        "town": finding.town,
        "message": finding.message.say(current_lang()),
        "value": finding.value,
        "unit": finding.unit,
        "verdict": "" if finding.verdict is None else str(finding.verdict),
        "rule_id": finding.rule_id,
        "clause": finding.clause,
    }
