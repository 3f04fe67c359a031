"""Permanent basic farmland: parcels in the plain, with the faults built in on purpose."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from sample.facts import FARMLAND_MISSING_TOWN, TOWNS
from sample.frame import PLANE_EPSG, Bools, Floats, Grid, Ints, Shape, Shapes, ellipsoidal_m2, shapes_of
from sample.noise import fractal
from sample.relief import burnt, hilliness
from sample.trace import polygons_of

FARMLAND_SHARE = 0.20
_SEED_SPACING_M = 460.0
_LANE_M = 4.0
_LEAST_PARCEL_M2 = 18_000.0
_KINDS = {"0101": "水田", "0103": "旱地"}
MISSTATED_FACTORS = (1.18, 0.84)


def farmland_cells(grid: Grid, inside: Bools, redlines: Shapes, occupied: Shapes) -> Bools:
    """Return the cells fit for farmland: flat ground away from red lines and from what already has a use."""
    x, y = grid.centres()
    patchy = fractal(x, y, scale_m=3_400, octaves=5, seed=901)
    fit = 0.5 * patchy - 2.2 * hilliness(x, y)
    free = inside & ~burnt(shapely.buffer(redlines, 90.0), grid) & ~burnt(occupied, grid)
    fields: Bools = free & (fit > np.quantile(fit[free], 1 - FARMLAND_SHARE * inside.sum() / free.sum()))
    return fields


def draw_farmland(grid: Grid, cells: Bools, redlines: Shapes, occupied: Shapes, towns: Shapes) -> gpd.GeoDataFrame:
    """Return the layer of parcels.

    One parcel is a bow-tie that crosses itself, and two state an area off by more than a tenth, all on purpose; one
    town has no parcel because its sheet was "not delivered".

    Parameters
    ----------
    grid, cells
        Where farmland fits.
    redlines, occupied
        What parcels keep clear of.
    towns
        Polygons in the order of `facts.TOWNS`.
    """
    fields = polygons_of(cells.astype(np.int32), grid, least_m2=40_000.0)
    open_ground = shapely.difference(
        fields, shapely.union_all([*shapely.buffer(redlines, 15.0), *shapely.buffer(occupied, 10.0)])
    )
    plots = _plots(shapely.unary_union(open_ground))
    rows: list[tuple[int, shapely.Polygon]] = []
    for number, town in enumerate(towns):
        if TOWNS[number].name == FARMLAND_MISSING_TOWN:
            continue
        here = plots[shapely.intersects(plots, town)]
        pieces = shapely.get_parts(shapely.intersection(shapely.buffer(town, -_LANE_M), here))
        rows += [(number, piece) for piece in pieces if piece.geom_type == "Polygon" and piece.area >= _LEAST_PARCEL_M2]
    town_of = np.array([number for number, _ in rows], dtype=np.int32)
    return _with_attributes(town_of, shapes_of([shape for _, shape in rows]))


def _plots(ground: Shape) -> Shapes:
    """Return ground cut into field-like plots: Voronoi cells of a jittered grid, with lanes between them."""
    west, south, east, north = ground.bounds
    rng = np.random.default_rng(905)
    x, y = np.meshgrid(np.arange(west, east, _SEED_SPACING_M * 1.25), np.arange(south, north, _SEED_SPACING_M * 0.8))
    x = x + _SEED_SPACING_M * (0.5 * (np.arange(len(x)) % 2)[:, np.newaxis] + rng.uniform(-0.3, 0.3, x.shape))
    y = y + _SEED_SPACING_M * rng.uniform(-0.22, 0.22, y.shape)
    seeds = shapely.MultiPoint(np.column_stack([x.ravel(), y.ravel()]))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(west, south, east, north)))
    shapely.prepare(ground)
    cells = cells[shapely.intersects(ground, cells)]
    whole = shapely.contains(ground, cells)
    cut = shapely.get_parts(shapely.intersection(cells[~whole], ground))
    plots = shapely.buffer(np.concatenate([cells[whole], cut]), -_LANE_M, join_style="mitre", mitre_limit=2.0)
    parts: Shapes = shapely.simplify(shapely.get_parts(plots), 2.0)
    return parts


def _with_attributes(town_of: Ints, shapes: Shapes) -> gpd.GeoDataFrame:
    """Return parcels with their fields, the faults included."""
    xy: Floats = shapely.get_coordinates(shapely.centroid(shapes))
    order = np.lexsort((-xy[:, 1].round(3), xy[:, 0].round(3), town_of))
    town_of, shapes, xy = town_of[order], shapes[order], xy[order]
    wet = fractal(xy[:, 0], xy[:, 1], scale_m=2_500, octaves=3, seed=907)
    dlbm = np.where(wet > -0.12, "0101", "0103")
    rng = np.random.default_rng(910)
    slope = hilliness(xy[:, 0], xy[:, 1])
    kcxs = np.round(np.clip(0.02 + 0.14 * slope + 0.02 * rng.standard_normal(len(shapes)), 0.0, 0.12), 4)
    area_ha = ellipsoidal_m2(shapes) / 1e4
    misstated = len(shapes) // 3, 2 * len(shapes) // 3
    for number, factor in zip(misstated, MISSTATED_FACTORS, strict=True):
        area_ha[number] *= factor
    crossing = len(shapes) // 2
    shapes[crossing], area_ha[crossing] = _bow_tie(shapes[crossing])
    return gpd.GeoDataFrame(
        {
            "parcel_id": [f"F{number + 1:05d}" for number in range(len(shapes))],
            "town_name": [TOWNS[number].name for number in town_of],
            "dlbm": dlbm,
            "dlmc": [_KINDS[code] for code in dlbm],
            "kcxs": kcxs,
            "area_ha": np.round(area_ha, 4),
        },
        geometry=shapes,
        crs=PLANE_EPSG,
    )


def _bow_tie(parcel: shapely.Polygon) -> tuple[shapely.Polygon, float]:
    """Return a self-crossing polygon inside a parcel's circle, and the hectares of its two wings."""
    circle = shapely.maximum_inscribed_circle(parcel, tolerance=1.0)
    (cx, cy), (edge_x, edge_y) = shapely.get_coordinates(circle)[0], shapely.get_coordinates(circle)[-1]
    half = 0.65 * float(np.hypot(edge_x - cx, edge_y - cy))
    crossing = shapely.Polygon(
        [(cx - half, cy - half), (cx + half, cy + half), (cx + half, cy - half), (cx - half, cy + half)]
    )
    return crossing, float(ellipsoidal_m2(shapes_of([shapely.make_valid(crossing)]))[0]) / 1e4


def farmland_coverage(towns: Shapes) -> gpd.GeoDataFrame:
    """Return the ground that the farmland layer speaks for: all towns but the one not delivered."""
    delivered = [shape for town, shape in zip(TOWNS, towns, strict=True) if town.name != FARMLAND_MISSING_TOWN]
    return gpd.GeoDataFrame(
        {"coverage_id": ["C01"], "coverage_name": [f"永久基本农田数据覆盖范围（缺{FARMLAND_MISSING_TOWN}）"]},
        geometry=[shapely.coverage_union_all(delivered)],
        crs=PLANE_EPSG,
    )
