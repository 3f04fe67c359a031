"""Layers of any number of parcels drawn as surveys draw them: crooked borders, each shared by its two neighbours."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

STEPS = 8
"""Vertices on each of the four sides: a ring has 4 x 8 + 1 = 33."""


def parcels(
    columns: int, rows: int, *, west: float = 109.0, south: float = 24.0, side_deg: float = 0.002
) -> np.ndarray:
    """Return ``columns * rows`` quadrangles with crooked sides; a side is drawn once, neighbours share it to the bit.

    Returns
    -------
    Shape (columns * rows,), longitude and latitude, row by row from the south-west.
    """
    noise = np.random.default_rng(1)
    along = np.arange(STEPS) / STEPS
    nodes = np.stack(np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0)), axis=-1)
    nodes[1:-1, 1:-1] += noise.uniform(-0.18, 0.18, (rows - 1, columns - 1, 2))
    shake = np.where(along > 0, 0.06, 0.0)[:, None]

    def sides(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        straight = start[..., None, :] + (end - start)[..., None, :] * along[:, None]
        return straight + shake * noise.uniform(-1, 1, straight.shape)

    across, up = sides(nodes[:, :-1], nodes[:, 1:]), sides(nodes[:-1], nodes[1:])
    right_end, top_end = nodes[:, 1:, None], nodes[1:, :, None]
    bottom, right = across[:-1], up[:, 1:]
    top = np.concatenate([across[1:], right_end[1:]], axis=2)[:, :, :0:-1]
    left = np.concatenate([up[:, :-1], top_end[:, :-1]], axis=2)[:, :, :0:-1]
    rings = np.concatenate([bottom, right, top, left, bottom[:, :, :1]], axis=2).reshape(-1, 4 * STEPS + 1, 2)
    return np.asarray(shapely.polygons(np.round(rings * side_deg + [west, south], 8)), dtype=object)


def write_parcels(path: Path, columns: int, rows: int, **where: float) -> None:
    """Write parcels with the words such layers have: number, village, class and area."""
    shapes = parcels(columns, rows, **where)
    count = np.arange(len(shapes))
    gpd.GeoDataFrame(
        {
            "parcel_id": [f"450206{number:08d}" for number in count],
            "parcel_name": [f"第{number // 977 % 300 + 1}村民小组{number % 977 + 1}号地块" for number in count],
            "town_name": np.array(["拉堡镇", "百朋镇", "成团镇", "穿山镇"])[count % 4],
            "land_class": np.array(["0101", "0102", "0103"])[count % 3],
            "stated_area_ha": np.round(4.4 + count % 100 / 1000, 4),
        },
        geometry=gpd.GeoSeries(shapes, crs="EPSG:4490"),
    ).to_file(path)
