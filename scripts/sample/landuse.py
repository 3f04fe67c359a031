"""Patches of land use, coarser than the land cover they are drawn from, with the faults built in on purpose."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from rasterio import features

from sample.frame import PLANE_EPSG, Grid, Ints, Shape, Shapes, ellipsoidal_m2, shapes_of
from sample.landcover import BUILT, CROP, FOREST, GRASS, NODATA, ORCHARD, ROCK, WATER, WETLAND
from sample.noise import displaced

BLOCK_CELLS = 10
"""Cells of land cover along a side of the blocks that patches are made of."""

_CODES = {
    CROP: ("0103", "旱地"),
    ORCHARD: ("0201", "果园"),
    FOREST: ("0301", "乔木林地"),
    GRASS: ("0404", "其他草地"),
    WETLAND: ("1106", "内陆滩涂"),
    BUILT: ("0702", "农村宅基地"),
    WATER: ("1101", "河流水面"),
    ROCK: ("1207", "裸岩石砾地"),
}
_DEDUCTION = 0.06
UNKNOWN_CODE, ADJUSTABLE_CODE = "0000", "0201K"
MISSTATED_FACTOR = 1.15


def draw_landuse(cover: npt.NDArray[np.uint8], grid: Grid, county: Shape) -> gpd.GeoDataFrame:
    """Return the layer of patches, an exact partition of the county.

    One patch has a code that does not exist, one is orchard on land fit for crops (可调整), one states its area in
    hectares, one states an area off by more than a tenth, and one has its deduction in per cent, all on purpose.

    Parameters
    ----------
    cover
        The class of each cell, `landcover.NODATA` outside the county.
    grid
        Where the cells lie.
    county
        Its outline.
    """
    classes = _grown(_grown(_commonest(cover)))
    blocks = Grid(grid.west_m, grid.north_m, grid.cell_m * BLOCK_CELLS, *classes.shape)
    traced = [
        (shapely.geometry.shape(outline), int(value))
        for outline, value in features.shapes(classes.astype(np.int32), connectivity=4, transform=blocks.affine)
    ]
    outlines = shapely.segmentize(shapes_of([outline for outline, _ in traced]), blocks.cell_m)
    pieces, owner = shapely.get_parts(shapely.intersection(outlines, county), return_index=True)
    is_ground = (shapely.get_dimensions(pieces) == 2) & ~shapely.is_empty(pieces)
    pieces, kinds = pieces[is_ground], np.array([value for _, value in traced])[owner[is_ground]]
    return _with_fields(pieces, kinds)


def earlier_landuse(landuse: gpd.GeoDataFrame, redlines: Shapes) -> gpd.GeoDataFrame:
    """Return the version before: every outline surveyed a little otherwise, one patch inside a red line not built yet.

    Parameters
    ----------
    landuse
        The patches in force. Of the built ones that lie in a red line, the one with the most ground there was cropland.
    redlines
        The red lines, in the plane.
    """
    surveyed = shapely.transform(
        landuse.geometry.to_numpy(), lambda xy: displaced(xy, by_m=0.6, scale_m=400.0, octaves=2, seed=860)
    )
    inside = shapely.area(shapely.intersection(landuse.geometry.to_numpy(), shapely.union_all(redlines)))
    turned = int(np.argmax(np.where(landuse["DLBM"] == _CODES[BUILT][0], inside, 0.0)))
    earlier = landuse[["BSM", "DLBM", "DLMC", "KCXS", "TBMJ"]].set_geometry(gpd.GeoSeries(surveyed, crs=PLANE_EPSG))
    code, name = _CODES[CROP]
    earlier.loc[earlier.index[turned], ["DLBM", "DLMC", "KCXS"]] = [code, name, _DEDUCTION]
    return earlier.assign(TBMJ=np.round(ellipsoidal_m2(shapes_of(list(surveyed))), 2))


def _commonest(cover: npt.NDArray[np.uint8]) -> Ints:
    """Return the commonest class of each block that has any, the lower of two as common."""
    rows, columns = (-(-size // BLOCK_CELLS) for size in cover.shape)
    padded = np.full((rows * BLOCK_CELLS, columns * BLOCK_CELLS), NODATA)
    padded[: cover.shape[0], : cover.shape[1]] = cover
    blocks = padded.reshape(rows, BLOCK_CELLS, columns, BLOCK_CELLS)
    counts = np.stack([(blocks == value).sum(axis=(1, 3)) for value in _CODES])
    commonest = np.array(list(_CODES))[counts.argmax(axis=0)]
    found: Ints = np.where(counts.any(axis=0), commonest, NODATA).astype(np.int32)
    return found


def _grown(classes: Ints) -> Ints:
    """Return the classes grown by one block: the county's rim is covered, corners too, by two such steps."""
    grown = np.pad(classes, 1)
    around = [grown[1:-1, :-2], grown[1:-1, 2:], grown[:-2, 1:-1], grown[2:, 1:-1]]
    filled: Ints = np.where(classes == NODATA, np.maximum.reduce(around), classes).astype(np.int32)
    return filled


def _with_fields(pieces: Shapes, kinds: Ints) -> gpd.GeoDataFrame:
    """Number the patches and give them codes, deductions and stated areas, some of them wrong on purpose."""
    codes = np.array([_CODES[kind][0] for kind in kinds], dtype=object)
    names = np.array([_CODES[kind][1] for kind in kinds], dtype=object)
    stated_m2 = np.round(ellipsoidal_m2(pieces), 2)
    deduction = np.where(kinds == CROP, _DEDUCTION, 0.0)
    by_size = np.argsort(-stated_m2, kind="stable")
    orchards, crops = (by_size[kinds[by_size] == kind] for kind in (ORCHARD, CROP))
    codes[by_size[40]] = UNKNOWN_CODE
    codes[orchards[3]] = ADJUSTABLE_CODE
    stated_m2[orchards[4]] = np.round(stated_m2[orchards[4]] / 1e4, 4)
    stated_m2[orchards[5]] = np.round(stated_m2[orchards[5]] * MISSTATED_FACTOR, 2)
    deduction[crops[5]] = _DEDUCTION * 100
    return gpd.GeoDataFrame(
        {
            "BSM": [f"LJTB{number:05d}" for number in range(1, len(pieces) + 1)],
            "DLBM": codes,
            "DLMC": names,
            "KCXS": deduction,
            "TBMJ": stated_m2,
        },
        geometry=pieces,
        crs=PLANE_EPSG,
    )
