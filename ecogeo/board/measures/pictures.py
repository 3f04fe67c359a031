"""Steep ground, and other measures in cells, as pictures: each pixel shows what lies at its middle."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from affine import Affine
from rasterio.features import geometry_mask

from ecogeo import geodesy
from ecogeo.board.measures.drawn import Picture
from ecogeo.landuse.cover import meanings_of
from ecogeo.raster import Raster, Window
from ecogeo.raster_classes import NO_CODE, read_codes
from ecogeo.raster_windows import windows_about
from ecogeo.style import Paint
from ecogeo.terrain import read_slope_deg
from ecogeo.workspace import Workspace

Pixels = npt.NDArray[np.uint8]

MOST_PX = 1400
"""Longer side of a picture: enough for a screen."""

_OPACITY = 190
_R_M = 6378137.0
_STEEP, _STEEP_CROPLAND, _UNKNOWN = 1, 2, 3

Read = Callable[[Window], npt.NDArray[np.int32]]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The pixels of a picture in Web Mercator.

    Parameters
    ----------
    bounds
        West, south, east and north, degrees.
    transform
        From column and row to metres of Web Mercator.
    shape
        Rows and columns.
    ground
        What is shown, longitude and latitude; pixels outside are clear.
    """

    bounds: tuple[float, float, float, float]
    transform: Affine
    shape: tuple[int, int]
    ground: shapely.Geometry

    @property
    def middles(self) -> tuple[geodesy.Floats, geodesy.Floats]:
        """Longitudes and latitudes of the middles of all pixels, row by row."""
        rows, columns = self.shape
        pixel, _, west, _, _, north = self.transform[:6]
        x, y = west + pixel * (np.arange(columns) + 0.5), north - pixel * (np.arange(rows) + 0.5)
        return np.tile(_lon_deg(x), rows), np.repeat(_lat_deg(y), columns)

    @property
    def is_outside(self) -> npt.NDArray[np.bool_]:
        """Shape of the grid: whether each pixel lies outside of the ground."""
        mask: npt.NDArray[np.bool_] = geometry_mask([mercator(self.ground)], self.shape, self.transform)
        return mask


def mercator(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape of longitude and latitude in metres of Web Mercator."""

    def placed(points: geodesy.Floats) -> geodesy.Floats:
        lon, lat = np.radians(points.T)
        return np.column_stack([_R_M * lon, _R_M * np.log(np.tan(np.pi / 4 + lat / 2))])

    made: shapely.Geometry = shapely.transform(shape, placed)
    return made


def _lon_deg(x: geodesy.Floats) -> geodesy.Floats:
    lon: geodesy.Floats = np.degrees(x / _R_M)
    return lon


def _lat_deg(y: geodesy.Floats) -> geodesy.Floats:
    lat: geodesy.Floats = np.degrees(2.0 * np.arctan(np.exp(y / _R_M)) - np.pi / 2)
    return lat


def _degrees(x: float, y: float) -> tuple[float, float]:
    return float(_lon_deg(np.array([x]))[0]), float(_lat_deg(np.array([y]))[0])


def grid_of(ground: shapely.Geometry) -> Grid:
    """Return the pixels of a picture that holds some ground, longitude and latitude.

    Examples
    --------
    >>> grid_of(shapely.box(109, 24, 109.2, 24.1)).shape
    (767, 1400)
    """
    west, south, east, north = shapely.total_bounds(mercator(ground))
    pixel = max(east - west, north - south) / MOST_PX
    rows, columns = (max(1, int(np.ceil(round(side / pixel, 6)))) for side in (north - south, east - west))
    bottom, right = north - rows * pixel, west + columns * pixel
    box = (*_degrees(west, bottom), *_degrees(right, north))
    return Grid(box, Affine(pixel, 0, west, 0, -pixel, north), (rows, columns), ground)


def sampled(raster: Raster, grid: Grid, read: Read, *, otherwise: int) -> npt.NDArray[np.int32]:
    """Return what a raster holds at the middle of each pixel, read window by window.

    Parameters
    ----------
    raster
        The raster.
    grid
        The pixels.
    read
        Returns whole numbers of a window.
    otherwise
        Stands where the raster has no cell.
    """
    turn = pyproj.Transformer.from_crs(geodesy.LONLAT, raster.crs, always_xy=True)
    x, y = turn.transform(*grid.middles)
    a, _, c, _, e, f = raster.transform[:6]
    column = np.floor((np.asarray(x) - c) / a).astype(np.intp)
    row = np.floor((np.asarray(y) - f) / e).astype(np.intp)
    codes = np.full(len(row), otherwise, dtype=np.int32)
    for window in windows_about(raster, np.array([grid.ground], dtype=object), np.zeros(1)):
        inside = (row >= window.top) & (row < window.bottom) & (column >= window.left) & (column < window.right)
        if inside.any():
            codes[inside] = read(window)[row[inside] - window.top, column[inside] - window.left]
    return codes.reshape(grid.shape)


def steep_picture(workspace: Workspace, grid: Grid, over_deg: float) -> Pixels | None:
    """Return steep ground as 1, steep cropland by land cover as 2, no slope as 3; None without a terrain model."""
    dem = workspace.raster_of_role("dem")
    if dem is None:
        return None

    def steepness(window: Window) -> npt.NDArray[np.int32]:
        slope, _ = read_slope_deg(dem, window)
        told = np.where(np.isnan(slope), _UNKNOWN, np.where(slope > over_deg, _STEEP, 0))
        return told.astype(np.int32)

    steep = sampled(dem, grid, steepness, otherwise=_UNKNOWN)
    cover = workspace.raster_of_role("landcover")
    if cover is not None:
        meanings = meanings_of(cover, workspace.land_book())
        cropland = [code for code, one in meanings.items() if one.kind == "cropland"]
        codes = sampled(cover, grid, lambda window: read_codes(cover, window), otherwise=NO_CODE)
        steep[(steep == _STEEP) & np.isin(codes, cropland)] = _STEEP_CROPLAND
    return steep.astype(np.uint8)


def picture(pixels: Pixels, paints: Mapping[int, Paint], grid: Grid) -> Picture:
    """Paint pixels by their numbers; 0, what has no paint, and what lies outside of the ground are clear."""
    colours = np.zeros((256, 4), dtype=np.uint8)
    for number, paint in paints.items():
        colours[number] = [*bytes.fromhex(paint.fill.lstrip("#")), _OPACITY]
    pixels = np.where(grid.is_outside, 0, pixels).astype(np.uint8)
    return Picture(_png(pixels, colours), grid.bounds)


def _png(pixels: Pixels, colours: Pixels) -> bytes:
    """Write pixels as a PNG with a palette."""
    rows, columns = pixels.shape
    lines = np.zeros((rows, 1 + columns), dtype=np.uint8)
    lines[:, 1:] = pixels
    head = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    parts = (
        (b"IHDR", head),
        (b"PLTE", colours[:, :3].tobytes()),
        (b"tRNS", colours[:, 3].tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
