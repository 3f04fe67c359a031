"""Land: cover, use, slopes, protected ground over time, and distances of sources to those they may harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _

from ecogeo.finding import Report
from viewer.kept_pages import kept
from viewer.land.distances import distance_sections
from viewer.land.protected import protected_sections
from viewer.land.shares import cover_sections, use_sections
from viewer.land.slope import slope_sections
from viewer.measured import Section, rows_of
from viewer.prepared import board

pages = Blueprint("land", __name__)

_LEVELS = ("town", "county", "control_unit", "redline", "site")
_WAYS: Mapping[str, Callable[[Report, str], list[Section]]] = {
    "cover": cover_sections,
    "use": use_sections,
    "slope": slope_sections,
    "protected": protected_sections,
    "distances": distance_sections,
}
_TABLES = {
    "cover": ("landcover",),
    "use": ("landuse",),
    "slope": ("slope",),
    "protected": ("redline_balance", "reserve_balance", "redline_construction", "redline_areas"),
    "distances": ("source_distances",),
}


@pages.get("/land")
@kept
def table() -> str:
    """Show one group of measures: ``?show=`` cover, use, slope, protected or distances; ``?level=`` of the cover.

    Without ``show`` it is the first that has results.
    """
    name, level = request.args.get("show") or _first_with_results(board().report), request.args.get("level", _LEVELS[0])
    if name not in _WAYS or level not in _LEVELS:
        abort(404)
    return render_template(
        "land.html",
        ways=_names(),
        current=name,
        measures_shown=_WAYS[name](board().report, level),
        levels=_level_names() if name == "cover" else {},
        level=level,
    )


def _first_with_results(report: Report) -> str:
    """Return the first group one of whose tables has a row; the cover where none has."""
    return next(
        (name for name, tables in _TABLES.items() if any(rows_of(report.tables.get(one)) for one in tables)), "cover"
    )


def _names() -> dict[str, str]:
    return {
        "cover": str(_("土地覆盖")),
        "use": str(_("地类图斑")),
        "slope": str(_("坡度")),
        "protected": str(_("红线与保护地变化")),
        "distances": str(_("距离")),
    }


def _level_names() -> dict[str, str]:
    return {
        "town": str(_("乡镇")),
        "county": str(_("全区")),
        "control_unit": str(_("管控单元")),
        "redline": str(_("生态保护红线")),
        "site": str(_("项目用地")),
    }
