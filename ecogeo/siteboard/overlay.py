"""A surface of suitability as a picture to lay over a map: graded where ground is free, patterned where it is not."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import rasterio.warp
from affine import Affine
from PIL import Image
from rasterio.crs import CRS
from rasterio.enums import Resampling

from ecogeo.siting.surface import BLOCKED, FREE, UNKNOWN, Surface

STEPS = 5
COLOURS = ("#5e3c99", "#2c7fb8", "#41b6a6", "#a6d96a", "#fde725")
"""From worst to best: dark to light as well, so that they stay apart without colour."""

BLOCKED_COLOUR, UNKNOWN_COLOUR = "#7f1d1d", "#374151"
"""Blocked ground is hatched, unknown ground dotted; free ground is plain."""

_MOST_PX = 1400
_WEB_MERCATOR = CRS.from_epsg(3857)
_OUTSIDE = 255
_PERIOD_PX = 8

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Overlay:
    """A picture of a surface.

    Parameters
    ----------
    png
        In Web Mercator; clear outside the ground that was searched.
    bounds
        West, south, east, north in degrees.
    classes
        Least score of each grade, from worst to best; the grades are fifths of the ground that is free, by rank, so
        that they tell places apart also where all of them are good.
    """

    png: bytes
    bounds: Bounds
    classes: tuple[float, ...]


def surface_overlay(surface: Surface) -> Overlay:
    """Draw a surface.

    Parameters
    ----------
    surface
        The surface, by its own weights.

    Returns
    -------
    The picture. Free cells are painted by score in five grades of about the same size, blocked ones hatched, unknown
    ones dotted. Large surfaces are thinned out to the cell nearest to each pixel: a picture
    clears no ground.
    """
    grid = surface.grid
    west, south, east, north = grid.box
    left, bottom, right, top = rasterio.warp.transform_bounds(
        grid.raster_crs, _WEB_MERCATOR, west, south, east, north, densify_pts=21
    )
    pixel = max(right - left, top - bottom) / min(_MOST_PX, max(400, *grid.shape))
    size = (max(2, round((top - bottom) / pixel)), max(2, round((right - left) / pixel)))
    transform = Affine(pixel, 0.0, left, 0.0, -pixel, top)
    scores = surface.scores()
    edges = _edges(scores)
    codes = np.full(grid.shape, _OUTSIDE, dtype=np.uint8)
    codes[surface.state == BLOCKED] = STEPS
    codes[surface.state == UNKNOWN] = STEPS + 1
    for row in range(grid.rows):  # row by row, so that a province takes no more memory than its surface
        free = surface.state[row] == FREE
        codes[row][free] = np.searchsorted(edges[1:], scores[row][free], side="right")
    drawn = np.full(size, _OUTSIDE, dtype=np.uint8)
    rasterio.warp.reproject(
        codes,
        drawn,
        src_transform=grid.transform,
        src_crs=grid.raster_crs,
        dst_transform=transform,
        dst_crs=_WEB_MERCATOR,
        src_nodata=_OUTSIDE,
        dst_nodata=_OUTSIDE,
        resampling=Resampling.nearest,
    )
    drawn_box = (left, top - size[0] * pixel, left + size[1] * pixel, top)
    bounds = rasterio.warp.transform_bounds(_WEB_MERCATOR, CRS.from_epsg(4326), *drawn_box)
    return Overlay(_png(drawn), bounds, tuple(round(float(one), 4) for one in edges))


def _edges(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the least score of each grade; grades that would be empty begin where the next one does."""
    free = scores[~np.isnan(scores)]
    if not len(free):
        return np.linspace(0.0, 1.0, STEPS, endpoint=False)
    shares = np.linspace(0.0, 1.0, STEPS, endpoint=False)
    edges: npt.NDArray[np.float64] = np.quantile(free[:: max(len(free) // 500_000, 1)].astype(np.float64), shares)
    return edges


def _png(codes: npt.NDArray[np.uint8]) -> bytes:
    pixels = np.zeros((*codes.shape, 4), dtype=np.uint8)
    for code, colour in enumerate(COLOURS):
        pixels[codes == code] = (*_rgb(colour), 190)
    rows, columns = np.indices(codes.shape)
    is_hatch = (rows + columns) % _PERIOD_PX < 2
    pixels[codes == STEPS] = (*_rgb("#fca5a5"), 70)
    pixels[(codes == STEPS) & is_hatch] = (*_rgb(BLOCKED_COLOUR), 190)
    is_dot = (rows % _PERIOD_PX < 2) & (columns % _PERIOD_PX < 2)
    pixels[codes == STEPS + 1] = (*_rgb("#e5e7eb"), 60)
    pixels[(codes == STEPS + 1) & is_dot] = (*_rgb(UNKNOWN_COLOUR), 210)
    content = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(content, "PNG", optimize=False)
    return content.getvalue()


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
