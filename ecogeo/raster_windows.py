"""Which windows of a raster the ground about some features needs, so that it never has to be read whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely
from pyproj.enums import TransformDirection

from ecogeo import geodesy
from ecogeo.raster import Raster, Window

TILE_CELLS = 512
"""Side of the tiles a raster is worked through by: a quarter of a million cells at a time."""

_METRES_PER_DEGREE = 110_500.0
"""Less than any degree of latitude, and of longitude at the equator, so that what is enlarged by it is never short."""


def windows_about(raster: Raster, geometries: geodesy.Geometries, reach_m: geodesy.Floats) -> Iterator[Window]:
    """Yield the windows that hold geometries and the ground about them: at most one per tile, by row, then column.

    Parameters
    ----------
    raster
        The raster.
    geometries
        Shape (n,), longitude and latitude in degrees; missing ones need no cells. Of a line, the ground about each of
        its segments; of a polygon, that about its box.
    reach_m
        Shape (n,), metres about each geometry; at least two cells are added.

    Yields
    ------
    Windows inside the raster that do not overlap, each inside one tile of `TILE_CELLS`.
    """
    needed: dict[tuple[int, int], Window] = {}
    for top, bottom, left, right in _cell_boxes(raster, *_boxes(geometries, reach_m)).tolist():
        for row in range(top // TILE_CELLS, -(-bottom // TILE_CELLS)):
            for column in range(left // TILE_CELLS, -(-right // TILE_CELLS)):
                y, x = row * TILE_CELLS, column * TILE_CELLS
                held = needed.get((row, column), Window(y + TILE_CELLS, y, x + TILE_CELLS, x))
                needed[row, column] = Window(
                    min(held.top, max(top, y)),
                    max(held.bottom, min(bottom, y + TILE_CELLS)),
                    min(held.left, max(left, x)),
                    max(held.right, min(right, x + TILE_CELLS)),
                )
    yield from (needed[tile] for tile in sorted(needed))


def _boxes(geometries: geodesy.Geometries, reach_m: geodesy.Floats) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Return west, south, east, north of every part, and of every segment of a line, with the reach of each."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    is_line = shapely.get_dimensions(parts) == 1
    points, line = shapely.get_coordinates(parts[is_line], return_index=True)
    start, end = points[:-1][line[1:] == line[:-1]], points[1:][line[1:] == line[:-1]]
    segments = np.hstack([np.minimum(start, end), np.maximum(start, end)])
    boxes = np.vstack([shapely.bounds(parts[~is_line]), segments])
    reach = np.concatenate([reach_m[owner[~is_line]], reach_m[owner[is_line]][line[1:][line[1:] == line[:-1]]]])
    is_known = ~np.isnan(boxes).any(axis=1)
    return boxes[is_known], reach[is_known]


def _cell_boxes(raster: Raster, boxes: geodesy.Floats, reach_m: geodesy.Floats) -> npt.NDArray[np.intp]:
    """Return top, bottom, left and right of the cells that boxes in degrees need, two about them, cut to the raster."""
    if not len(boxes):
        return np.empty((0, 4), dtype=np.intp)
    up = reach_m / _METRES_PER_DEGREE
    farthest = np.minimum(np.abs(boxes[:, [1, 3]]).max(axis=1) + up, 89.0)
    aside = up / np.cos(np.radians(farthest))
    west, south, east, north = (boxes + np.column_stack([-aside, -up, aside, up])).T
    along = np.linspace(0.0, 1.0, 9)[:, None]
    lon = np.vstack([west + along * (east - west)] * 2 + [np.broadcast_to(west, (9, len(west))), east + 0 * along])
    lat = np.vstack([south + 0 * along, north + 0 * along] + [south + along * (north - south)] * 2)
    to_lonlat = geodesy.transformer_to_lonlat(raster.crs)
    x, y = (lon, lat) if to_lonlat is None else to_lonlat.transform(lon, lat, direction=TransformDirection.INVERSE)
    columns = (np.asarray(x) - raster.transform.c) / raster.transform.a
    rows = (np.asarray(y) - raster.transform.f) / raster.transform.e
    tall, wide = raster.shape
    found = [
        np.clip(np.floor(rows.min(axis=0)) - 2, 0, tall),
        np.clip(np.ceil(rows.max(axis=0)) + 2, 0, tall),
        np.clip(np.floor(columns.min(axis=0)) - 2, 0, wide),
        np.clip(np.ceil(columns.max(axis=0)) + 2, 0, wide),
    ]
    cells: npt.NDArray[np.intp] = np.column_stack(found).astype(np.intp)
    is_some = (cells[:, 0] < cells[:, 1]) & (cells[:, 2] < cells[:, 3])
    return cells[is_some]
