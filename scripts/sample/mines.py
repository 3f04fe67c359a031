"""Mines: disturbed and restored ground, in four states of liability."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sample.frame import PLANE_EPSG, Bools, Floats, Shape, Shapes
from sample.noise import blob
from sample.trace import faces

_STATES = ("历史遗留",) * 6 + ("有责任主体",) * 3 + ("闭坑",) * 2 + ("在产",) * 3
_RESTORED_SHARES = (0.0, 0.25, 1.0, 0.6, 0.8, 0.45, 0.5, 0.0, 0.7, 1.0, 0.9, 0.15, 0.3, 0.0)
_GREEN = {11: True, 12: True, 13: False}
_AT_REDLINE = (1, 5, 7, 11)
_APART_M = 2_500.0


def draw_mines(county: shapely.Polygon, redlines: Shapes, kept_clear: Shapes) -> gpd.GeoDataFrame:
    """Return the layer of mine parts, four mines on the border of a red line.

    Parameters
    ----------
    county
        Mines lie inside it.
    redlines
        Some mines lie on their borders, the others away from them.
    kept_clear
        Towns and water, where no mine is drawn.
    """
    rng = np.random.default_rng(1_001)
    allowed = shapely.difference(shapely.buffer(county, -1_500.0), shapely.union_all(shapely.buffer(kept_clear, 500.0)))
    protected = shapely.union_all(redlines)
    taken: list[shapely.Point] = []
    rows: list[tuple[int, str, Shape]] = []
    for number, share in enumerate(_RESTORED_SHARES):
        place = _place(allowed, protected, taken, rng, is_at_redline=number in _AT_REDLINE)
        taken.append(place)
        site = blob(
            shapely.get_coordinates(place)[0], float(rng.uniform(130.0, 420.0)), seed=1_010 + number, vertices=72
        )
        disturbed, restored = _divided(site, share, float(rng.uniform(0, np.pi)))
        rows += [
            (number, part, shape) for part, shape in (("扰动", disturbed), ("已修复", restored)) if not shape.is_empty
        ]
    mine_of = [number for number, _, _ in rows]
    return gpd.GeoDataFrame(
        {
            "part_id": [f"K{number + 1:02d}-{'1' if part == '扰动' else '2'}" for number, part, _ in rows],
            "mine_id": [f"K{number + 1:02d}" for number in mine_of],
            "mine_name": [f"示意矿山 {number + 1}" for number in mine_of],
            "mine_state": [_STATES[number] for number in mine_of],
            "part": [part for _, part, _ in rows],
            "is_green": pd.array([_GREEN.get(number) for number in mine_of], dtype="boolean"),
        },
        geometry=[shape for _, _, shape in rows],
        crs=PLANE_EPSG,
    )


def _place(
    allowed: Shape,
    protected: Shape,
    taken: list[shapely.Point],
    rng: np.random.Generator,
    *,
    is_at_redline: bool,
) -> shapely.Point:
    """Return the first random place that is allowed, apart from the others and where it should be."""
    west, south, east, north = allowed.bounds
    while True:
        place = shapely.Point(rng.uniform((west, south), (east, north)))
        if is_at_redline:
            place = shapely.get_point(shapely.shortest_line(shapely.boundary(protected), place), 0)
        is_right = is_at_redline or shapely.distance(protected, place) > 900.0
        is_apart = not taken or float(np.min(shapely.distance(np.array(taken, dtype=object), place))) > _APART_M
        if is_right and is_apart and allowed.contains(place):
            return place


def _divided(site: shapely.Polygon, share: float, turn: float) -> tuple[Shape, Shape]:
    """Return the disturbed and the restored part of a site, cut by a straight line: `share` of it is restored."""
    if share in {0.0, 1.0}:
        return (site, shapely.Polygon()) if share == 0.0 else (shapely.Polygon(), site)
    across = np.array([-np.sin(turn), np.cos(turn)])
    low, high = np.sort(shapely.get_coordinates(site) @ across)[[0, -1]]
    for _ in range(40):
        middle = (low + high) / 2
        pieces, is_restored = _cut(site, across, middle)
        restored_m2 = shapely.area(pieces[is_restored]).sum()
        low, high = (low, middle) if restored_m2 > share * site.area else (middle, high)
    pieces, is_restored = _cut(site, across, low)
    return shapely.coverage_union_all(pieces[~is_restored]), shapely.coverage_union_all(pieces[is_restored])


def _cut(site: shapely.Polygon, across: Floats, offset_m: float) -> tuple[Shapes, Bools]:
    """Return the pieces of a site cut by the line at an offset in a direction, and which lie before it."""
    along = np.array([across[1], -across[0]])
    foot = offset_m * across + (shapely.get_coordinates(site.centroid)[0] @ along) * along
    pieces = faces([shapely.LineString([foot - 3e3 * along, foot + 3e3 * along])], site)
    is_before: Bools = shapely.get_coordinates(shapely.point_on_surface(pieces)) @ across < offset_m
    return pieces, is_before
