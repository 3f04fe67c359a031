"""Paints as the browser's map takes them: panes, patterns, and the options of a Leaflet path."""

from __future__ import annotations

from typing import Any

from ecogeo.style import Paint


def pane_of(role: str) -> str:
    """Return the name of the pane a role is drawn in."""
    return f"pane-{role}"


def hatch_id(role: str, place: int) -> str:
    """Return the identifier of the pattern a class of a layer is filled with."""
    return f"hatch-{role}-{place}"


def path_options(paint: Paint, hatch: str = "") -> dict[str, Any]:
    """Return a paint as the options of a Leaflet path.

    Parameters
    ----------
    paint
        The paint.
    hatch
        Identifier of the pattern to fill with, if the paint is hatched; empty fills with the plain colour.
    """
    options: dict[str, Any] = {"color": paint.edge, "weight": paint.edge_px, "fill": paint.fill_opacity > 0}
    if paint.dash:
        options["dashArray"] = paint.dash
    if paint.hatch and hatch:
        options |= {"fillColor": f"url(#{hatch})", "fillOpacity": 1}
    elif paint.fill_opacity > 0:
        options |= {"fillColor": paint.fill, "fillOpacity": paint.fill_opacity}
    return {**options, "radius": paint.radius_px}


def line_options(paint: Paint) -> dict[str, Any]:
    """Return what differs where the shape is a line: it is not filled, and may be wider than an outline."""
    return {"fill": False, "weight": paint.line_px or paint.edge_px}
