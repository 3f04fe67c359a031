"""Shoreline zones: pieces of the banks, with gaps, one overlap and one reach without any zone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from sample.frame import PLANE_EPSG, Floats
from sample.rivers import Reach

ZONES = ("保护区", "保留区", "控制利用区", "开发利用区")
_WEIGHTS = (0.42, 0.25, 0.22, 0.11)
_GAP_SHARE = 0.07
_PIECE_VERTICES = (18, 70)


def draw_shorelines(reaches: tuple[Reach, ...], *, unzoned_reach: str, overlap_reach: str) -> gpd.GeoDataFrame:
    """Cut the banks into zones, from vertex to vertex, so that every piece lies exactly on its bank.

    Parameters
    ----------
    reaches
        All reaches.
    unzoned_reach
        The reach that gets no zone at all.
    overlap_reach
        The reach on whose left bank part of one zone is claimed by a stricter one, 保护区, as well.
    """
    rng = np.random.default_rng(600)
    rows: list[tuple[str, str, str, shapely.LineString]] = []
    for reach in reaches:
        for bank, points in (("左岸", reach.left), ("右岸", reach.right)):
            pieces = _pieces(points, rng)
            if reach.reach_id != unzoned_reach:
                rows += [(reach.reach_id, bank, zone, piece) for zone, piece in pieces]
    claimed = next(row[3] for row in rows if row[:2] == (overlap_reach, "左岸") and row[2] != ZONES[0])
    rows.append((overlap_reach, "左岸", ZONES[0], shapely.LineString(claimed.coords[: len(claimed.coords) // 2 + 1])))
    return gpd.GeoDataFrame(
        {
            "shore_id": [f"S{number + 1:03d}" for number in range(len(rows))],
            "reach_id": [row[0] for row in rows],
            "bank": [row[1] for row in rows],
            "zone": [row[2] for row in rows],
        },
        geometry=[row[3] for row in rows],
        crs=PLANE_EPSG,
    )


def _pieces(points: Floats, rng: np.random.Generator) -> list[tuple[str, shapely.LineString]]:
    """Return the zoned pieces of one bank in order; some stretches stay without a zone."""
    found = []
    start = 0
    while start < len(points) - 1:
        end = min(start + int(rng.integers(*_PIECE_VERTICES)), len(points) - 1)
        if len(points) - 1 - end < 6:
            end = len(points) - 1
        zone = ZONES[rng.choice(4, p=_WEIGHTS)]
        if rng.random() >= _GAP_SHARE:
            found.append((zone, shapely.LineString(points[start : end + 1])))
        start = end
    return found
