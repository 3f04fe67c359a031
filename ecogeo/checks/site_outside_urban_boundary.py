"""Urban building belongs inside the urban development boundary (城镇开发边界); what lies outside needs a ground.

Source: 自然资发〔2023〕193号; 厅字〔2019〕48号.
From the builders' field notes, not checked against the issuers' own copies: unverified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import shapely

from ecogeo import geodesy
from ecogeo.check import Outcome, check
from ecogeo.errors import UnusableFileError
from ecogeo.finding import Finding, ResultTable
from ecogeo.hits import Cases, screen_role
from ecogeo.layer import Layer
from ecogeo.wording import Text

OUTSIDE = "outside"
_SHOWN = "shown_name"


@check(family="screening", title=Text("项目用地在城镇开发边界外", "project site outside the urban boundary"))
def site_outside_urban_boundary(
    cases: Cases, urban_boundary: Layer, *, least_m2: float = 1.0, least_width_m: float = 0.1
) -> Outcome:
    """Tell for every project how much of it lies outside the urban boundary, and inside by zone.

    The answer is about the ground outside: *involved* is a site that lies, at least in part, outside. Outside is what
    the layer covers and no zone of it holds; a layer without a declared coverage has no outside. The rows of
    ``screening_zones`` give the ground inside by zone as well. Most sites of a rural county lie outside: that is no hit
    by itself.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    urban_boundary
        Polygons; ``zone`` tells 城镇集中建设区, 弹性发展区 or 特别用途区.
    least_m2, least_width_m
        Pieces of a smaller area or mean width are ledgered, not counted.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.

    Raises
    ------
    UnusableFileError
        Where the layer's coverage is not declared.
    """
    if urban_boundary.coverage is None:
        raise UnusableFileError(
            urban_boundary.declaration.shown_path,
            Text(
                "未声明 coverage，无法判断边界以外的范围",
                "its coverage is not declared: nobody knows what lies outside",
            ),
        )

    def screened(zones: Layer) -> Iterator[Finding | ResultTable]:
        return screen_role(cases, zones, least_m2=least_m2, least_width_m=least_width_m)

    yield from screened(_outside(urban_boundary))
    for outcome in screened(urban_boundary):
        if isinstance(outcome, ResultTable) and outcome.name in {"screening_zones", "judgements"}:
            yield outcome


def _outside(urban: Layer) -> Layer:
    """Return the ground a layer covers and none of its zones holds, as a layer of one zone."""
    shapes = urban.geometries
    ground = shapely.difference(urban.coverage, shapely.union_all(shapes[shapely.get_dimensions(shapes) == 2]))
    key, zone = urban.declaration.key, urban.declaration.fields.get("zone", "zone")
    row = {key: OUTSIDE, zone: OUTSIDE, _SHOWN: "城镇开发边界以外"}
    frame = gpd.GeoDataFrame([row], geometry=gpd.GeoSeries([ground], crs=geodesy.LONLAT))
    told = {"name": _SHOWN, "title": "城镇开发边界以外", "title_en": "outside the urban boundary"}
    outside = urban.declaration.model_copy(update=told)
    return replace(urban, frame=frame, sound=frame, declaration=outside, folder=None)
