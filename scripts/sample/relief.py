"""The lie of the land: where it is hilly, and how high.

West high with tower karst, flat centre, lower hills in the south-east; one summit of known height, drawn in a place of
its own. The same field of hilliness steers the red lines, the farmland and the land cover, so that they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import shapely
from rasterio import features

from sample.facts import SUMMIT_LONLAT, SUMMIT_M
from sample.frame import Bools, Floats, Grid, Shapes, plane_point
from sample.noise import blurred, fractal, refined, slabs, smoothstep

LOWEST_M = 72.0
_TOWERS = 128
_SHOULDER_M = SUMMIT_M - 30.0

# Centre (lon, lat), half-width in metres west-east and south-north, weight: hills beside the western upland.
_HILLS = (
    ((109.225, 24.305), 6_000.0, 3_000.0, 0.55),
    ((109.475, 24.105), 3_200.0, 6_500.0, 0.75),
    ((109.470, 23.975), 5_500.0, 4_500.0, 0.85),
    ((109.345, 24.020), 4_000.0, 4_500.0, 0.80),
    ((109.205, 24.050), 4_500.0, 3_500.0, 0.70),
    ((109.300, 24.190), 2_500.0, 2_000.0, 0.35),
)


def hilliness(x: Floats, y: Floats) -> Floats:
    """Return how hilly each place is, from 0 (plain) to 1 (mountain): an upland with basins, a plain with hills."""
    seam_x, seam_y = plane_point((109.128, 24.2))
    stray = fractal(x, y, scale_m=12_000, octaves=5, seed=101)
    hilly = smoothstep((seam_x - x) + 6_500 * stray - 0.10 * (y - seam_y), -7_500, 9_500)
    basins = fractal(x, y, scale_m=6_500, octaves=4, seed=103)
    hilly = hilly * (1 - 0.75 * smoothstep(basins, 0.22, 0.62))
    for place, wide_m, high_m, weight in _HILLS:
        cx, cy = plane_point(place)
        hill = weight * np.exp(-(((x - cx) / wide_m) ** 2) - ((y - cy) / high_m) ** 2)
        hilly = np.maximum(hilly, hill * (1 + 0.9 * stray))
    lone = fractal(x, y, scale_m=4_200, octaves=4, seed=105, gain=0.6)
    hilly = np.maximum(hilly, 0.62 * smoothstep(lone, 0.18, 0.75))
    return np.clip(hilly + 0.07 * fractal(x, y, scale_m=1_800, octaves=3, seed=106), 0.0, 1.0)


def towers(x: Floats, y: Floats, *, spacing_m: float, seed: int) -> Floats:
    """Return isolated karst towers, one in most cells of a jittered grid: 0 between them, up to 1 on top.

    A tower is a steep cone with a rounded head, so that the plain between towers stays flat.
    """
    rng = np.random.default_rng(seed)
    jitter = rng.uniform(0.1, 0.9, (2, _TOWERS, _TOWERS))
    size = rng.uniform(0.25, 1.0, (_TOWERS, _TOWERS))
    highest = np.zeros(x.shape)
    for rows in slabs(x.shape):
        u, v = x[rows] / spacing_m, y[rows] / spacing_m
        i, j = np.floor(u).astype(np.intp), np.floor(v).astype(np.intp)
        for di, dj in product((-1, 0, 1), repeat=2):
            a, b = (i + di) % _TOWERS, (j + dj) % _TOWERS
            away = np.hypot(u - (i + di) - jitter[0][a, b], v - (j + dj) - jitter[1][a, b])
            highest[rows] = np.maximum(highest[rows], size[a, b] * smoothstep(-away, -0.62, -0.05))
    return highest


@dataclass(frozen=True, slots=True)
class Relief:
    """The lie of the land in cells: how hilly, and how high in metres."""

    hilly: Floats
    height_m: Floats


def draw_relief(grid: Grid, courses: Shapes, lakes: Shapes) -> Relief:
    """Draw the land, valleys carved along the rivers and reservoirs level.

    Parameters
    ----------
    grid
        The cells.
    courses
        Centre lines of rivers.
    lakes
        Polygons of reservoirs.
    """
    draft = grid.draft()
    x, y = draft.centres()
    hilly = hilliness(x, y)
    swell = fractal(x, y, scale_m=7_000, octaves=6, seed=111, gain=0.55)
    ridges = 1 - np.abs(fractal(x, y, scale_m=3_200, octaves=4, seed=112)) / 0.7
    wooded = smoothstep(hilly, 0.12, 0.6)
    broad = 88 + 8 * swell + 170 * hilly**1.3 * (1 + 0.5 * swell) + 110 * wooded * hilly * ridges
    towering = 135 * wooded * smoothstep(swell, -0.55, 0.45) + 60 * (1 - wooded) * smoothstep(swell, 0.25, 0.6)
    height = _with_karst(grid, *(refined(field, grid.shape) for field in (broad, towering, wooded)))
    height = _with_valleys(draft, burnt(courses, draft), hilly, height)
    height = _with_summit(grid, np.maximum(height, LOWEST_M))
    for lake in lakes:
        surface = burnt(np.array([lake]), grid)
        height[surface] = np.percentile(height[surface], 20)
    return Relief(refined(hilly, grid.shape), height)


def _with_karst(grid: Grid, broad: Floats, towering: Floats, wooded: Floats) -> Floats:
    """Return broad heights with towers of two sizes and fine texture on them."""
    x, y = grid.centres()
    coarse_x, coarse_y = grid.draft().centres()
    bent = [
        refined(150 * fractal(coarse_x, coarse_y, scale_m=700, octaves=2, seed=seed), grid.shape) for seed in (118, 119)
    ]
    east, north = x + bent[0], y + bent[1]
    karst = np.maximum(
        towers(east, north, spacing_m=1_050, seed=115), 0.75 * towers(east, north, spacing_m=560, seed=117)
    )
    fine = fractal(x, y, scale_m=420, octaves=3, seed=113)
    return broad + towering * karst + (3 + 9 * wooded) * fine


def _with_valleys(draft: Grid, wet: Bools, hilly: Floats, height: Floats) -> Floats:
    """Return heights lowered towards the rivers, in valleys of uneven width."""
    x, y = draft.centres()
    river = wet.astype(np.float64)
    uneven = 1 + 0.8 * fractal(x, y, scale_m=1_500, octaves=4, seed=125)
    near = blurred(river, 3.0) * 5 + blurred(river, 9.0) * 11 * uneven
    lowered = refined(smoothstep(near, 0.1, 1.1), height.shape)
    floor = refined(82 + 55 * hilly, height.shape)
    return height + (np.minimum(floor, height) - height) * lowered


def _with_summit(grid: Grid, height: Floats) -> Floats:
    """Return heights pressed below the summit's shoulder, and the summit put on top."""
    x, y = grid.centres()
    coarse_x, coarse_y = grid.draft().centres()
    pressed = np.where(height > 520, 520 + (_SHOULDER_M - 520) * np.tanh((height - 520) / 260), height)
    cx, cy = plane_point(SUMMIT_LONLAT)
    away = np.hypot(x - cx, y - cy)
    spurs = away * (1 + 0.8 * refined(fractal(coarse_x, coarse_y, scale_m=1_900, octaves=5, seed=121), grid.shape))
    mountain = 400 + (SUMMIT_M - 410) * np.exp(-((spurs / 1_700) ** 1.2))
    massif = smoothstep(-spurs, -4_600, -500)
    raised: Floats = np.minimum(pressed + (np.maximum(mountain, pressed) - pressed) * massif, SUMMIT_M - 1.0)
    raised[np.unravel_index(np.argmin(away), away.shape)] = SUMMIT_M
    return raised


def burnt(shapes: Shapes, grid: Grid, *, touched: bool = True) -> Bools:
    """Return the cells that shapes lie on."""
    usable = [shape for shape in shapes if not shapely.is_empty(shape)]
    if not usable:
        return np.zeros(grid.shape, dtype=bool)
    burnt_in: Bools = features.rasterize(
        usable, out_shape=grid.shape, transform=grid.affine, all_touched=touched
    ).astype(bool)
    return burnt_in
