"""The tiles of the web: a square of the world in Web Mercator, halved at every zoom, 256 pixels a tile.

Coordinates are whole numbers, the world being 2^31 wide: a step is 1.9 cm at the equator, less than any screen shows.
The datum is CGCS2000; within centimetres it is the one such tiles are made for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

TILE_PX = 256
MOST_ZOOM = 19
WORLD_BITS = 31
WORLD = 1 << WORLD_BITS

MOST_LATITUDE = 85.0511
"""Beyond it the square of the world has no ground."""

Units = npt.NDArray[np.int32]
Box = tuple[int, int, int, int]
"""West, north, east, south in units: the second axis runs to the south."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile by zoom, column from the west and row from the north."""

    z: int
    x: int
    y: int

    @property
    def is_there(self) -> bool:
        """Whether there is such a tile."""
        return 0 <= self.z <= MOST_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def units(self) -> int:
        """Width in units."""
        return WORLD >> self.z

    def box(self, margin: float = 0.0) -> Box:
        """Return its edges, widened by a part of its width."""
        wide = math.ceil(self.units * margin)
        west, north = self.x * self.units, self.y * self.units
        return west - wide, north - wide, west + self.units + wide, north + self.units + wide


def to_units(lonlat: npt.NDArray[np.float64]) -> Units:
    """Return longitudes and latitudes as units of the world's square.

    Parameters
    ----------
    lonlat
        Shape (n, 2), degrees; latitudes beyond `MOST_LATITUDE` are put there.

    Examples
    --------
    The middle of the world is half its width, and a quarter turn east three quarters:

    >>> (to_units(np.array([[0.0, 0.0], [90.0, 0.0]])) / WORLD).tolist()
    [[0.5, 0.5], [0.75, 0.5]]
    """
    latitude = np.radians(np.clip(lonlat[:, 1], -MOST_LATITUDE, MOST_LATITUDE))
    x = lonlat[:, 0] / 360.0 + 0.5
    y = 0.5 - np.arcsinh(np.tan(latitude)) / (2.0 * np.pi)
    units = np.round(np.stack([x, y], axis=1) * WORLD)
    return np.clip(units, 0, WORLD - 1).astype(np.int32)


def to_lonlat(units: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Return units as longitudes and latitudes in degrees, the way back of `to_units`."""
    share = units.astype(np.float64) / WORLD
    latitude = np.degrees(np.arctan(np.sinh((0.5 - share[:, 1]) * 2.0 * np.pi)))
    return np.stack([(share[:, 0] - 0.5) * 360.0, latitude], axis=1)


def tiles_over(box: Box, zoom: int) -> list[Tile]:
    """Return the tiles of a zoom that a box touches, row by row."""
    shift = WORLD_BITS - zoom
    west, north, east, south = (max(0, min(edge, WORLD - 1)) >> shift for edge in box)
    return [Tile(zoom, x, y) for y in range(north, south + 1) for x in range(west, east + 1)]
