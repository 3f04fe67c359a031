"""Land cover in 30 m cells, in step with the drawn layers."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import shapely

from sample.frame import Bools, Grid, Shapes
from sample.noise import blurred, fractal, refined
from sample.relief import Relief, burnt

CLASSES = MappingProxyType(
    {1: "耕地", 2: "园地", 3: "林地", 4: "草地", 5: "湿地", 6: "建设用地", 7: "水域", 8: "裸岩石"}
)
CROP, ORCHARD, FOREST, GRASS, WETLAND, BUILT, WATER, ROCK = CLASSES
NODATA = 0
_LANE_M = 12.0


def draw_landcover(
    grid: Grid,
    inside: Bools,
    relief: Relief,
    *,
    parcels: Shapes,
    urban: Shapes,
    villages: Shapes,
    quarries: Shapes,
    water: Shapes,
) -> npt.NDArray[np.uint8]:
    """Return the class of each cell, 0 outside the county.

    Parameters
    ----------
    grid, inside
        The cells and which of them are the county's.
    relief
        The land in the same cells.
    parcels, urban, villages, quarries, water
        What is drawn as cropland, built-up ground, built-up ground, bare or built ground, and water.
    """
    x, y = grid.draft().centres()
    patchy = refined(fractal(x, y, scale_m=1_500, octaves=5, seed=1_101), grid.shape)
    grown = refined(fractal(x, y, scale_m=2_600, octaves=5, seed=1_103, gain=0.6), grid.shape)
    steep = np.clip(blurred(np.hypot(*np.gradient(relief.height_m, grid.cell_m)), 1.5), 0.0, 1.0)
    plain = 0.5 * relief.hilly + 0.9 * steep
    cover = np.full(grid.shape, FOREST, dtype=np.uint8)
    cover[plain + 0.42 * grown < 0.10] = CROP
    cover[(plain + 0.42 * grown < 0.19) & (patchy > 0.22) & (relief.hilly < 0.5)] = ORCHARD
    cover[(cover == FOREST) & (grown < -0.30) & (patchy < 0.15)] = GRASS
    cover[(cover == FOREST) & (steep > 0.42) & (patchy > 0.42)] = ROCK
    cover[burnt(shapely.buffer(parcels, _LANE_M), grid, touched=False)] = CROP
    wet = burnt(water, grid)
    shore = (blurred(wet.astype(np.float64), 2.0) > 0.12) & (patchy > 0.12)
    cover[shore] = WETLAND
    cover[burnt(urban, grid, touched=False) & ((patchy < 0.28) | (cover == CROP))] = BUILT
    cover[burnt(villages, grid, touched=False)] = BUILT
    dug = burnt(quarries, grid, touched=False)
    cover[dug] = np.where(patchy > 0, ROCK, BUILT)[dug]
    cover[wet] = WATER
    cover[~inside] = NODATA
    return cover
