"""Layers and findings as a Folium map; the only module that imports Folium.

Folium gets geometry, styles and numbers, never a word of the data: it would write words into scripts. Names and facts
travel beside it as data (`page_data`) and are written by the page's own script as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import folium
import numpy as np
import shapely
from folium.map import CustomPane

from ecogeo import geodesy
from ecogeo.board.records import ProjectRecord
from ecogeo.catalog import ZONING_ROLES
from ecogeo.finding import Answer
from ecogeo.mapdata import MOST_CANVAS_BYTES, MOST_CANVAS_FEATURES, DrawnLayer, drawn_layer, part_of_pack, tiled_layer
from ecogeo.mappaths import hatch_id, line_options, pane_of, path_options
from ecogeo.mapshapes import bounds_of, exact_shapes, number_features
from ecogeo.mapsigns import SiteSign, TownLabel, site_signs, town_labels
from ecogeo.offline import FigureParts, OfflineFigure
from ecogeo.palette import LAYER_STYLES, OVERLAP, REACH, draw_order
from ecogeo.style import LayerClass, LayerStyle, Paint
from ecogeo.style_file import styles_of
from ecogeo.tiles.opening import features_declared, held_pack, streamed_pack
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

_MOST_INLINE_BYTES = 1_200_000
"""What comes with the page; layers beyond it are fetched after it."""

_WHOLE = ("county", "towns", "villages", _SITES)
"""Roles the page needs in memory, whatever their size: for names, labels and answers."""


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
    earlier
        The version before of layers that have one, under the name of the layer and ``.earlier``.
    places
        Names of villages, shown from close by.
    bounds
        West, south, east and north of the county, degrees; None where nothing is drawn.
    """

    map_name: str
    parts: FigureParts
    layers: tuple[DrawnLayer, ...]
    signs: tuple[SiteSign, ...]
    labels: tuple[TownLabel, ...]
    absent: tuple[Text, ...] = ()
    extras: tuple[Extra, ...] = ()
    earlier: tuple[DrawnLayer, ...] = ()
    places: tuple[TownLabel, ...] = ()
    bounds: Bounds | None = None

    def drawn(self, name: str) -> DrawnLayer | None:
        """Return a layer by its name, an earlier version too; None where there is none."""
        return next((layer for layer in (*self.layers, *self.earlier) if layer.name == name), None)

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
    answers = _answers(records)
    styles = styles_of(workspace.layer_folder)
    drawn = [
        _drawn(workspace, name, style, answers)
        for role, style in styles.items()
        if (name := workspace.catalog.of_role(role)) is not None
    ]
    there = {layer.style.role for layer in drawn}
    frame = next((layer for layer in drawn if layer.style.role == "county"), next(iter(drawn), None))
    return _build(
        "county",
        _within_page(drawn),
        assets,
        bounds=None if frame is None else frame.bounds,
        signs=site_signs(records),
        labels=town_labels(workspace.of_role("towns")),
        places=town_labels(workspace.of_role("villages")),
        absent=tuple(style.title for role, style in styles.items() if role not in there),
        earlier=tuple(_earlier(workspace, styles)),
    )


def _drawn(workspace: Workspace, name: str, style: LayerStyle, answers: Mapping[str, Answer]) -> DrawnLayer:
    """Prepare a layer by its size: read whole, or, where that would be too much, in blocks for the server to draw."""
    declared = workspace.catalog.layers[name]
    told = answers if style.role == _SITES else None
    if style.role not in _WHOLE and (features_declared(workspace, name) or 0) > MOST_CANVAS_FEATURES:
        return tiled_layer(name, declared, streamed_pack(workspace, name, style), style=style)
    layer = workspace.layer(name)
    if len(layer.sound) <= MOST_CANVAS_FEATURES:
        drawn = drawn_layer(layer, answers=told, is_exact=style.role == _SITES, style=style)
        if drawn.page_bytes <= MOST_CANVAS_BYTES:
            return drawn
    return tiled_layer(name, declared, held_pack(workspace, layer, style), style=style, answers=told)


def _earlier(workspace: Workspace, styles: Mapping[str, LayerStyle]) -> Iterator[DrawnLayer]:
    """Yield the version before of every layer that has one."""
    for role, style in styles.items():
        if (layer := workspace.earlier_of_role(role)) is None:
            continue
        off = replace(style, is_on=False)
        drawn = drawn_layer(layer, style=off) if len(layer.sound) <= MOST_CANVAS_FEATURES else None
        if drawn is None or drawn.page_bytes > MOST_CANVAS_BYTES:
            drawn = tiled_layer(layer.name, layer.declaration, held_pack(workspace, layer, off), style=off)
        yield drawn


def _within_page(layers: Sequence[DrawnLayer]) -> tuple[DrawnLayer, ...]:
    """Return layers with the largest kept back, as far as they would make the page heavy."""
    left = _MOST_INLINE_BYTES
    kept_back: set[str] = set()
    for layer in sorted((one for one in layers if one.is_inline), key=lambda one: one.page_bytes):
        left -= layer.page_bytes
        if left < 0:
            kept_back.add(layer.name)
    return tuple(replace(layer, is_kept_back=layer.name in kept_back) for layer in layers)


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
    hit = {entry.layer for entry in record.answers if entry.answer in {Answer.INVOLVED, Answer.POSSIBLE}}
    drawn = []
    for role, style in styles_of(workspace.layer_folder).items():
        name = workspace.catalog.of_role(role)
        if name is None or role not in {_SITES, *_BACKGROUND, *constraints}:
            continue
        shown = replace(style, is_on=style.is_on or role in hit)
        if role not in _WHOLE and (features_declared(workspace, name) or 0) > MOST_CANVAS_FEATURES:
            pack = streamed_pack(workspace, name, style)
            drawn.append(part_of_pack(name, workspace.catalog.layers[name], pack, window, style=shown))
            continue
        answers = _answers([record]) if role == _SITES else None
        is_exact = role not in _BACKGROUND
        layer = workspace.layer(name)
        drawn.append(drawn_layer(layer, answers=answers, window=window, is_exact=is_exact, style=shown))
    return _build(
        "project",
        tuple(drawn),
        assets,
        bounds=bounds_of([window]),
        signs=site_signs([record]),
        labels=town_labels(workspace.of_role("towns")),
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
    earlier: tuple[DrawnLayer, ...] = (),
    places: tuple[TownLabel, ...] = (),
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
    return WebMap(chart.get_name(), figure.parts(), layers, signs, labels, absent, drawn, earlier, places, bounds)


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
