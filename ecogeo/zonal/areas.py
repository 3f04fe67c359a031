"""Ground of each class under each polygon, read window by window, so that no raster has to fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj.enums import TransformDirection

from ecogeo import geodesy
from ecogeo.errors import UnusableFileError
from ecogeo.kernel import Polygons
from ecogeo.raster import Raster, Window
from ecogeo.raster_classes import read_codes
from ecogeo.wording import Text
from ecogeo.zonal.cell_area import block_cells, cell_areas_m2
from ecogeo.zonal.coverage import Ground, Outlines, add_window, code_range, mark_codes

ReadCodes = Callable[[Window], npt.NDArray[np.int32]]

_ROWS, _COLUMNS = 512, 4_096
"""Cells of a window: blocks of a file are mostly 256 or 512 high, and are read once."""

_MOST_CODES = 65_536
_LONGEST_DEG = 0.002
"""Longer edges are divided before they are bent into a plane; what is left is below 1 mm."""

_NOISE_SHARE = 1e-6
"""A smaller share of a polygon beyond the raster is the difference of two ways to measure it."""


def class_areas(polygons: geodesy.Geometries, raster: Raster, read: ReadCodes | None = None) -> pd.DataFrame:
    """Measure the ground of each class of a raster under each polygon, cells weighted by the exact fraction covered.

    Parameters
    ----------
    polygons
        Shape (n,), valid, longitude and latitude in degrees; lines, points, empty and missing ones have no ground. They
        may overlap one another.
    raster
        Cells in any CRS, an equal-area plane or not: every cell counts with its own ground on the ellipsoid.
    read
        What gives the class of each cell of a window, `ecogeo.raster_classes.NO_CODE` where unknown; None takes the
        raster's own values.

    Returns
    -------
    One row per polygon and class, by polygon, then class, unknown ground last: ``position``, ``code`` (missing where
    unknown: no data, or beyond the raster) and ``area_m2``. Classes a polygon has no part of have no row. The rows of a
    polygon add up to its own area, to 1e-6 of it.

    Raises
    ------
    UnusableFileError
        Where the file is damaged, or holds measures instead of classes.

    Notes
    -----
    Source: the covered fraction of a cell is that of the exact intersection of polygon and cell, as in exactextract (D.
    Baston); a part of a cell counts with that part of the ground the cell covers.

    Examples
    --------
    A square in the middle of four cells covers a quarter of each; those in the south are of one class:

    >>> from pathlib import Path
    >>> from affine import Affine
    >>> from ecogeo.catalog import LayerDeclaration
    >>> at = Affine(0.1, 0.0, 109.0, 0.0, -0.1, 24.2)
    >>> four = Raster("", LayerDeclaration(role="landcover", path="-"), Path(), geodesy.LONLAT, at, (2, 2))
    >>> square = shapely.box(109.05, 24.05, 109.15, 24.15)
    >>> rows = class_areas(np.array([square]), four, lambda window: np.array([[1, 2], [3, 3]], dtype=np.int32))
    >>> rows["code"].tolist(), (rows["area_m2"] / rows["area_m2"].sum()).round(3).tolist()
    ([1, 2, 3], [0.25, 0.25, 0.5])
    """
    read = read or partial(read_codes, raster)
    outlines = _in_cells(polygons, raster)
    windows = _windows(outlines.boxes, raster)
    found = [_window_areas(outlines, chosen, window, raster, read) for window, chosen in windows]
    measured = pd.concat(found, ignore_index=True) if found else _rows(np.empty(0, np.intp), np.empty(0), np.empty(0))
    total_m2 = geodesy.area_m2(polygons)
    covered_m2 = np.bincount(measured["position"], weights=measured["area_m2"], minlength=len(polygons))
    beyond_m2 = total_m2 - covered_m2
    beyond = np.flatnonzero((beyond_m2 > _NOISE_SHARE * total_m2) & ~_lies_within(outlines.boxes, raster))
    measured = pd.concat([measured, _rows(beyond, np.full(len(beyond), np.nan), beyond_m2[beyond])], ignore_index=True)
    sums = measured.groupby(["position", "code"], dropna=False, sort=True)["area_m2"].sum().reset_index()
    return sums.astype({"code": "Int64"})


def zonal_shares(polygons: geodesy.Geometries, raster: Raster) -> pd.DataFrame:
    """Measure what share of each polygon every class of a raster has.

    Parameters
    ----------
    polygons
        See `class_areas`.
    raster
        Classes.

    Returns
    -------
    The rows of `class_areas` with ``share`` of the polygon's whole ground: what is unknown is a share of its own.
    """
    areas = class_areas(polygons, raster)
    total_m2 = areas.groupby("position")["area_m2"].transform("sum")
    return areas.assign(share=areas["area_m2"] / total_m2)


def _in_cells(polygons: geodesy.Geometries, raster: Raster) -> Outlines:
    """Lay polygons out in columns and rows of the raster."""
    to_lonlat = geodesy.transformer_to_lonlat(raster.crs)
    laid = Polygons.of(polygons if to_lonlat is None else shapely.segmentize(polygons, _LONGEST_DEG))
    x, y = laid.lonlat.T
    if to_lonlat is not None:
        x, y = to_lonlat.transform(x, y, direction=TransformDirection.INVERSE)
    at = raster.transform
    cells = np.column_stack([(np.asarray(x) - at.c) / at.a, (np.asarray(y) - at.f) / at.e])
    return Outlines(cells, laid.ring_start, laid.feature_start, _boxes(cells, laid))


def _boxes(cells: geodesy.Floats, laid: Polygons) -> geodesy.Floats:
    """Return least and greatest column, least and greatest row of each feature; NaN of one without a ring."""
    boxes = np.full((len(laid), 4), np.nan)
    vertices = laid.ring_start[laid.feature_start]
    has_ring = np.flatnonzero(np.diff(vertices))
    if len(has_ring):
        starts = vertices[has_ring]
        boxes[has_ring, 0::2] = np.minimum.reduceat(cells, starts)
        boxes[has_ring, 1::2] = np.maximum.reduceat(cells, starts)
    return boxes


def _lies_within(boxes: geodesy.Floats, raster: Raster) -> npt.NDArray[np.bool_]:
    tall, wide = raster.shape
    within: npt.NDArray[np.bool_] = (boxes >= 0.0).all(axis=1) & (boxes[:, 1] <= wide) & (boxes[:, 3] <= tall)
    return within


def _windows(boxes: geodesy.Floats, raster: Raster) -> Iterator[tuple[Window, npt.NDArray[np.int64]]]:
    """Yield the windows polygons reach into, no larger than these need, with the positions of the polygons."""
    tall, wide = raster.shape
    for top in range(0, tall, _ROWS):
        for left in range(0, wide, _COLUMNS):
            bottom, right = min(top + _ROWS, tall), min(left + _COLUMNS, wide)
            reaches = (boxes[:, 0] < right) & (boxes[:, 1] > left) & (boxes[:, 2] < bottom) & (boxes[:, 3] > top)
            chosen = np.flatnonzero(reaches)
            if len(chosen):
                west, north = boxes[chosen][:, [0, 2]].min(axis=0)
                east, south = boxes[chosen][:, [1, 3]].max(axis=0)
                yield (
                    Window(
                        max(top, int(np.floor(north))),
                        min(bottom, int(np.ceil(south))),
                        max(left, int(np.floor(west))),
                        min(right, int(np.ceil(east))),
                    ),
                    chosen,
                )


def _window_areas(
    outlines: Outlines, chosen: npt.NDArray[np.int64], window: Window, raster: Raster, read: ReadCodes
) -> pd.DataFrame:
    """Measure the ground of chosen polygons in one window."""
    codes = read(window)
    low, known = _codes_met(codes, raster)
    slots = np.zeros(known[-1] - low + 1 if len(known) else 1, dtype=np.int32)
    slots[known - low] = np.arange(len(known))
    area_m2, step = cell_areas_m2(raster, window), block_cells(raster)
    way = 1.0 if raster.transform.a * raster.transform.e < 0 else -1.0
    sums_m2 = np.zeros((len(chosen), len(known) + 1))
    ground = Ground(window.top, window.left, codes, low, slots, len(known), area_m2, step)
    add_window(outlines, chosen, way, ground, sums_m2)
    at, slot = np.nonzero(sums_m2)
    return _rows(chosen[at], np.append(known.astype(float), np.nan)[slot], sums_m2[at, slot])


def _codes_met(codes: npt.NDArray[np.int32], raster: Raster) -> tuple[int, npt.NDArray[np.int64]]:
    """Return the least code of a window, and all its codes in order."""
    lowest, highest = code_range(codes)
    if lowest > highest:
        return 0, np.empty(0, dtype=np.int64)
    if highest - lowest >= _MOST_CODES:
        many = Text("类别编码相差过大，不像地类栅格", "its codes are too far apart to be classes")
        raise UnusableFileError(raster.declaration.shown_path, many)
    is_met = np.zeros(highest - lowest + 1, dtype=np.bool_)
    mark_codes(codes, lowest, is_met)
    return lowest, np.flatnonzero(is_met) + lowest


def _rows(position: npt.NDArray[np.intp], code: geodesy.Floats, area_m2: geodesy.Floats) -> pd.DataFrame:
    return pd.DataFrame({"position": position, "code": code, "area_m2": area_m2})
