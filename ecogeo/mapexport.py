"""The county map for one file that asks nobody: layers made light, and everything left out said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from ecogeo.board.records import ProjectRecord
from ecogeo.mapdata import DrawnLayer, part_of_pack
from ecogeo.mappage import layer_geojson, page_data
from ecogeo.mapshapes import DISPLAY_TOLERANCE_DEG, light_shapes
from ecogeo.webmap import WebMap, county_map
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace

MOST_BYTES = 1_800_000
"""What the layers of one file take at most, so that the whole stays below 3 MB: the builders' choice."""

NEAR_KM = 3.0
_KM_PER_DEG = 111.0


@dataclass(frozen=True, slots=True, eq=False)
class PortableMap:
    """A map for one file.

    Parameters
    ----------
    web_map
        The map; no layer of it is drawn by a server.
    left_out
        What was simplified or left out, for people.
    """

    web_map: WebMap
    left_out: tuple[Text, ...]


def portable_map(
    workspace: Workspace,
    records: Sequence[ProjectRecord],
    assets: Mapping[str, str],
    *,
    most_bytes: int = MOST_BYTES,
    near_km: float = NEAR_KM,
) -> PortableMap:
    """Build the county map for one file.

    Of a layer too large for a page, what lies near a project's site is kept. Where all together are too much, layers
    that are off at first are left out, the largest first, then those that are on.

    Parameters
    ----------
    workspace
        The county.
    records
        Its projects and sites.
    assets
        Addresses of vendored files, see `ecogeo.offline`.
    most_bytes
        What the layers may take.
    near_km
        How near is near, kilometres.

    Raises
    ------
    EcogeoError
        Where a declared layer cannot be used.
    """
    whole = county_map(workspace, records, assets)
    metres = round(DISPLAY_TOLERANCE_DEG * _KM_PER_DEG * 1000, 1)
    left_out = [
        Text(
            f"图形已简化（约 {metres:g} 米），只供显示；判断和量算用原图形",
            f"shapes are simplified (some {metres:g} m) for display; answers and figures use them as they are",
        )
    ]
    near = _near(records, near_km)
    layers = []
    for layer in whole.layers:
        if layer.pack is None:
            layers.append(layer)
            continue
        part = _part(workspace, layer, near)
        layers.append(part)
        left_out.append(
            Text(
                f"{layer.title.zh}：只含项目用地周边 {near_km:g} 千米内的 {part.count} 个要素，其余 "
                f"{layer.count - part.count} 个未放入",
                f"{layer.title.en}: the {part.count} features within {near_km:g} km of a project's site; "
                f"{layer.count - part.count} are left out",
            )
        )
    kept, dropped = _within(layers, most_bytes)
    left_out += [
        Text(
            f"{layer.title.zh}：{layer.count} 个要素太大，没有放入",
            f"{layer.title.en}: {layer.count} features, left out",
        )
        for layer in dropped
    ]
    earlier = tuple(layer for layer in whole.earlier if layer.pack is None)
    return PortableMap(replace(whole, layers=tuple(kept), earlier=earlier), tuple(left_out))


def portable_data(portable: PortableMap, lang: Lang) -> dict[str, Any]:
    """Return what the page's script needs, with the features of every layer Folium did not draw beside it.

    Parameters
    ----------
    portable
        The map.
    lang
        Language of labels.
    """
    data = page_data(portable.web_map, lang, lambda _name: "")
    drawn = {layer.name: layer for layer in (*portable.web_map.layers, *portable.web_map.earlier)}
    for entry in (*data["layers"], *data["earlier"]):
        if entry["variable"] is None:
            entry["features"] = layer_geojson(drawn[entry["name"]], lang)
    return data


def _part(workspace: Workspace, layer: DrawnLayer, near: shapely.Geometry) -> DrawnLayer:
    if layer.pack is None:
        return layer
    declared = workspace.catalog.layers[layer.name]
    part = part_of_pack(layer.name, declared, layer.pack, near, style=layer.style)
    return replace(part, shapes=light_shapes(part.shapes)) if part.count else part


def _near(records: Sequence[ProjectRecord], near_km: float) -> shapely.Geometry:
    """Return the ground near the projects' sites, by degrees: it only chooses what is shown."""
    shapes = [site.geometry for record in records for site in record.sites if site.geometry is not None]
    around = shapely.buffer(np.array(shapes, dtype=object), near_km / _KM_PER_DEG, quad_segs=4)
    return shapely.union_all(around)


def _within(layers: Sequence[DrawnLayer], most_bytes: int) -> tuple[list[DrawnLayer], list[DrawnLayer]]:
    """Divide layers into those that fit and those left out; the order of the legend stays."""
    kept, dropped = list(layers), []
    while kept and sum(layer.page_bytes for layer in kept) > most_bytes:
        heaviest = max(kept, key=lambda layer: (not layer.style.is_on, layer.page_bytes))
        kept.remove(heaviest)
        dropped.append(heaviest)
    return kept, dropped
