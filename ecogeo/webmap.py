"""Layers and findings as a Folium map; the only module that imports Folium.

Folium gets geometry, styles and numbers, never a word of the data: it would write words into scripts. Names and facts
travel beside it as data (`page_data`) and are written by the page's own script as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import folium
import numpy as np
import shapely
from folium.map import CustomPane

from ecogeo import geodesy
from ecogeo.board.records import ProjectRecord
from ecogeo.catalog import ZONING_ROLES
from ecogeo.finding import Answer
from ecogeo.mapdata import (
    DrawnLayer,
    bounds_of,
    drawn_layer,
    exact_shapes,
    hatch_id,
    line_options,
    number_features,
    pane_of,
    path_options,
)
from ecogeo.mapsigns import SiteSign, TownLabel, site_signs, town_labels
from ecogeo.offline import FigureParts, OfflineFigure
from ecogeo.style import LAYER_STYLES, OVERLAP, REACH, LayerClass, Paint, draw_order
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

Named = TypeVar("Named", bound=Any)
Bounds = tuple[float, float, float, float]

_SITES = "project_sites"
_BACKGROUND = ("county", "towns", "water_bodies")

_LEAST_MARGIN_DEG = 0.008
"""Least ground around a project's sites, some 800 m: the builders' choice."""

_M_PER_DEG = 100_000.0
"""Fewer metres than a degree has anywhere in the county, so that no accuracy is cut off."""

_BASE_Z = 400
_HIGHLIGHT_PX = 2.0
_FIT_PX = (16, 16)


@dataclass(frozen=True, slots=True, eq=False)
class Extra:
    """Shapes drawn beside the layers, such as pieces of overlap; they take no clicks.

    Parameters
    ----------
    name
        What stands where a layer's role stands.
    entry
        Their entry in the legend.
    shapes
        Longitude and latitude.
    z_index
        Height of their pane.
    """

    name: str
    entry: LayerClass
    shapes: geodesy.Geometries
    z_index: int


@dataclass(frozen=True, slots=True, eq=False)
class WebMap:
    """A map, ready to be laid into a page.

    Parameters
    ----------
    map_name
        The variable of the page that holds the map.
    parts
        What Folium built.
    layers
        What it draws, top first; layers that are off at first are fetched when they are switched on.
    signs
        The sites' signs.
    labels
        Names of towns with longitude and latitude.
    absent
        Names of the roles the county has no layer for.
    extras
        What is drawn beside the layers.
    """

    map_name: str
    parts: FigureParts
    layers: tuple[DrawnLayer, ...]
    signs: tuple[SiteSign, ...]
    labels: tuple[TownLabel, ...]
    absent: tuple[Text, ...] = ()
    extras: tuple[Extra, ...] = ()

    @property
    def hatches(self) -> tuple[tuple[str, Paint], ...]:
        """Identifier and paint of every hatch the map may draw with."""
        entries = [
            (hatch_id(layer.style.role, place), drawn.entry.paint)
            for layer in self.layers
            for place, drawn in enumerate(layer.classes)
        ]
        entries += [(hatch_id(extra.name, 0), extra.entry.paint) for extra in self.extras]
        return tuple((name, paint) for name, paint in entries if paint.hatch)


def county_map(workspace: Workspace, records: Sequence[ProjectRecord], assets: Mapping[str, str]) -> WebMap:
    """Build the map of the whole county.

    Parameters
    ----------
    workspace
        The county.
    records
        Its projects and sites, for their answers and signs.
    assets
        Addresses of vendored files (see `ecogeo.offline`).

    Raises
    ------
    EcogeoError
        Where a declared layer cannot be used.
    """
    found = {role: layer for role in LAYER_STYLES if (layer := workspace.of_role(role)) is not None}
    answers = _answers(records)
    frame = found.get("county") or next(iter(found.values()), None)
    return _build(
        "county",
        tuple(
            drawn_layer(layer, answers=answers, is_exact=True) if role == _SITES else drawn_layer(layer)
            for role, layer in found.items()
        ),
        assets,
        bounds=None if frame is None else bounds_of(frame.geometries),
        signs=site_signs(records),
        labels=town_labels(found.get("towns")),
        absent=tuple(style.title for role, style in LAYER_STYLES.items() if role not in found),
    )


def project_map(workspace: Workspace, record: ProjectRecord, assets: Mapping[str, str]) -> WebMap | None:
    """Build the small map of one project: its sites, where they overlap a constraint, and what lies around.

    Constraints near the sites are drawn as they are, not simplified.

    Returns
    -------
    None where the project has no site: it is never put on a map by guess.

    Raises
    ------
    EcogeoError
        Where a layer cannot be used.
    """
    shapes = [site.geometry for site in record.sites if site.geometry is not None]
    if not shapes:
        return None
    window = _window(shapes, max((site.accuracy_m or 0.0 for site in record.sites), default=0.0))
    constraints = {entry.layer for entry in record.answers}
    roles = {_SITES, *_BACKGROUND, *constraints}
    found = {role: workspace.of_role(role) for role in LAYER_STYLES if role in roles}
    return _build(
        "project",
        tuple(
            drawn_layer(
                layer,
                answers=_answers([record]) if role == _SITES else None,
                window=window,
                is_exact=role not in _BACKGROUND,
            )
            for role, layer in found.items()
            if layer is not None
        ),
        assets,
        bounds=bounds_of([window]),
        signs=site_signs([record]),
        labels=town_labels(found["towns"]),
        extras=(
            Extra("reach", REACH, _reaches(record), _BASE_Z - 1),
            Extra("overlap", OVERLAP, _overlaps(record), _BASE_Z + len(LAYER_STYLES)),
        ),
    )


class _Map(folium.Map):
    """A Folium map that asks for Leaflet alone: no popups, icons or fonts of others."""

    default_js = [("leaflet", "")]  # noqa: RUF012  Folium declares it so
    default_css = [("leaflet_css", "")]  # noqa: RUF012


def _build(
    name: str,
    layers: tuple[DrawnLayer, ...],
    assets: Mapping[str, str],
    *,
    bounds: Bounds | None,
    signs: tuple[SiteSign, ...],
    labels: tuple[TownLabel, ...],
    extras: Sequence[Extra] = (),
    absent: tuple[Text, ...] = (),
) -> WebMap:
    """Let Folium build the map, bottom layer first, with identifiers that are the same on every run."""
    chart = _named(_Map(tiles=None, zoom_control=False, attribution_control=False, zoom_snap=0.25, max_zoom=19), name)
    figure = OfflineFigure(assets)
    figure.add_child(chart)
    for layer in reversed(layers):
        role = layer.style.role
        chart.add_child(_named(CustomPane(pane_of(role), _BASE_Z + draw_order(role), pointer_events=True), role))
        if layer.is_inline and (features := _drawable(layer)):
            chart.add_child(_geojson(features, [drawn.entry for drawn in layer.classes], role))
    drawn = tuple(extra for extra in extras if len(extra.shapes))
    for extra in drawn:
        chart.add_child(_named(CustomPane(pane_of(extra.name), extra.z_index, pointer_events=False), extra.name))
        chart.add_child(_geojson(number_features(exact_shapes(extra.shapes)), [extra.entry], extra.name))
    if bounds is not None:
        west, south, east, north = bounds
        chart.fit_bounds([[south, west], [north, east]], padding=_FIT_PX)
    return WebMap(chart.get_name(), figure.parts(), layers, signs, labels, absent, drawn)


def _geojson(features: list[dict[str, Any]], classes: Sequence[LayerClass], role: str) -> folium.GeoJson:
    """Return features as Folium draws them, each painted by its class."""
    paints = [
        {**path_options(entry.paint, hatch_id(role, place)), "pane": pane_of(role)}
        for place, entry in enumerate(classes)
    ]

    def style(feature: Mapping[str, Any]) -> dict[str, Any]:
        kind = feature["properties"]["class"]
        is_line = "Line" in feature["geometry"]["type"]
        return {**paints[kind], **(line_options(classes[kind].paint) if is_line else {})}

    def emphasis(feature: Mapping[str, Any]) -> dict[str, Any]:
        return {"weight": style(feature)["weight"] + _HIGHLIGHT_PX}

    drawn = folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=style,
        highlight_function=emphasis,
        marker=folium.CircleMarker(),
        pane=pane_of(role),
        control=False,
    )
    return _named(drawn, role)


def _drawable(layer: DrawnLayer) -> list[dict[str, Any]]:
    """Return the features Folium draws: a site known as a point is shown by its sign alone, not by a confident dot."""
    features = layer.features()
    if layer.style.role != _SITES:
        return features
    return [feature for feature in features if "Point" not in feature["geometry"]["type"]]


def _named(element: Named, name: str) -> Named:
    """Give an element a name of its own, in place of the random one."""
    element._id = name
    return element


def _window(shapes: Sequence[shapely.Geometry], accuracy_m: float) -> shapely.Geometry:
    """Return the ground a project's map shows: its sites with their accuracy, and some of what lies around."""
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
    margin = max(_LEAST_MARGIN_DEG, accuracy_m / _M_PER_DEG, 0.3 * (east - west), 0.3 * (north - south))
    window: shapely.Geometry = shapely.box(west - margin, south - margin, east + margin, north + margin)
    return window


def _reaches(record: ProjectRecord) -> geodesy.Geometries:
    """Return the ground on which each site may really lie, where it is not sure."""
    placed = [site for site in record.sites if site.geometry is not None and site.accuracy_m]
    shapes = np.array([site.geometry for site in placed], dtype=object)
    if not len(shapes):
        return shapes
    plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(shapes[0]))))
    return plane.to_lonlat(shapely.buffer(plane.to_plane(shapes), [site.accuracy_m or 0.0 for site in placed]))


def _overlaps(record: ProjectRecord) -> geodesy.Geometries:
    """Return the pieces of overlap found with constraints; a unit every site lies in is none."""
    counting = (entry for entry in record.answers if entry.layer not in ZONING_ROLES and (entry.share or 0.0) > 0)
    overlapping = {(entry.site_id, entry.layer) for entry in counting}
    pieces = [
        finding.geometry
        for finding in record.findings
        if finding.geometry is not None and (finding.feature_id, finding.layer) in overlapping
    ]
    return np.array(pieces, dtype=object)


def _answers(records: Iterable[ProjectRecord]) -> dict[str, Answer]:
    return {site.site_id: site.answer for record in records for site in record.sites}
