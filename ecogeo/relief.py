"""Terrain as a muted shade to lay under a map: three lights from the north-west, darkness as transparency."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

from ecogeo.errors import UnusableFileError
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

MOST_PX = 1100
"""Longer side of the image: enough for a screen, small enough for a page."""

_LIGHTS_DEG = ((315.0, 45.0), (270.0, 55.0), (0.0, 55.0))
"""Azimuth and height of each light."""

_EXAGGERATION = 2.0
_DARKEST = 0.45
_LEVELS = 24
_WEB_MERCATOR = "EPSG:3857"

Bounds = tuple[float, float, float, float]
Heights = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Relief:
    """A shade of the terrain.

    Parameters
    ----------
    png
        The image in Web Mercator: black, the less transparent the darker the slope; flat ground is clear.
    bounds
        West, south, east, north in degrees.
    """

    png: bytes
    bounds: Bounds


def county_relief(workspace: Workspace) -> Relief | None:
    """Shade the county's terrain, or return None where it has no terrain model.

    Raises
    ------
    UnusableFileError
        Where the declared file cannot be used.
    """
    name = workspace.catalog.of_role("dem")
    if name is None:
        return None
    declared = workspace.catalog.layers[name].path
    return read_relief(workspace.layer_folder / declared, shown=declared)


def read_relief(path: Path, *, shown: str) -> Relief:
    """Shade a terrain model.

    Parameters
    ----------
    path
        One band of heights in metres, with a CRS; cells without data stay transparent.
    shown
        The path as people know it, for messages.

    Raises
    ------
    UnusableFileError
        Where the file is missing, not a raster or without a CRS.
    """
    if not path.is_file():
        raise UnusableFileError(shown, Text("文件不存在", "the file does not exist"))
    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                raise UnusableFileError(shown, Text("没有坐标系", "it has no CRS"))
            west, south, east, north = transform_bounds(source.crs, _WEB_MERCATOR, *source.bounds)
            cell = max(east - west, north - south) / min(MOST_PX, max(source.width, source.height))
            grid = {
                "transform": Affine(cell, 0.0, west, 0.0, -cell, north),
                "width": max(2, round((east - west) / cell)),
                "height": max(2, round((north - south) / cell)),
            }
            with WarpedVRT(source, crs=_WEB_MERCATOR, resampling=Resampling.average, **grid) as warped:
                heights = warped.read(1, masked=True).astype(float)
                bounds = transform_bounds(_WEB_MERCATOR, "EPSG:4326", *warped.bounds)
    except rasterio.errors.RasterioError as error:
        raise UnusableFileError(shown, Text("不能作为栅格读取", "not readable as a raster")) from error
    cell_m = cell * float(np.cos(np.radians((bounds[1] + bounds[3]) / 2)))
    flat = float(np.mean(np.sin(np.radians([altitude for _, altitude in _LIGHTS_DEG]))))
    darkness = np.clip(1.0 - shade(heights.filled(np.nan), cell_m) / flat, 0.0, 1.0)
    levels = np.round(np.nan_to_num(darkness) * _LEVELS) / _LEVELS
    return Relief(_png(np.round(levels * _DARKEST * 255).astype(np.uint8)), bounds)


def shade(heights_m: Heights, cell_m: float) -> Heights:
    """Return how bright the ground is, 0 to 1, under three lights.

    Parameters
    ----------
    heights_m
        Shape (rows, columns), north at the top; NaN where unknown.
    cell_m
        Size of a cell.

    Examples
    --------
    Flat ground is as bright as the mean sine of the lights' heights:

    >>> round(float(shade(np.zeros((3, 3)), 30.0)[1, 1]), 3)
    0.782
    """
    down, right = np.gradient(heights_m * _EXAGGERATION, cell_m)
    slope = np.arctan(np.hypot(down, right))
    aspect = np.arctan2(-right, down)
    bright = np.zeros_like(slope)
    for azimuth, altitude in np.radians(_LIGHTS_DEG):
        bright += np.sin(altitude) * np.cos(slope) + np.cos(altitude) * np.sin(slope) * np.cos(azimuth - aspect)
    lit: Heights = np.clip(bright / len(_LIGHTS_DEG), 0.0, 1.0)
    return lit


def _png(opacity: npt.NDArray[np.uint8]) -> bytes:
    """Write black of the given opacity as a PNG of grey and alpha."""
    rows, columns = opacity.shape
    pixels = np.zeros((rows, 1 + 2 * columns), dtype=np.uint8)
    pixels[:, 2::2] = opacity
    head = struct.pack(">IIBBBBB", columns, rows, 8, 4, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(pixels.tobytes(), 9)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
