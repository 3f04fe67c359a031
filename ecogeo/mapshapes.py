"""Shapes for a map: made light for a page, or kept to the millimetre; their extent, and their GeoJSON.

Shapes are simplified for display only; every figure shown is measured on the shapes as they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from ecogeo import geodesy

DISPLAY_TOLERANCE_DEG = 5e-5
"""Shapes may be off by about this on the map (some 5 m): the builders' choice, a pixel at the largest scales in use."""

DISPLAY_DECIMALS = 5
EXACT_DECIMALS = 8
"""A millimetre, for shapes that are not simplified."""


def number_features(shapes: geodesy.Geometries) -> list[dict[str, Any]]:
    """Return shapes as GeoJSON features of class 0, with their positions as ``id``."""
    return [
        {"type": "Feature", "id": row, "properties": {"class": 0}, "geometry": json.loads(text)}
        for row, text in enumerate(shapely.to_geojson(shapes))
    ]


def light_shapes(shapes: geodesy.Geometries) -> geodesy.Geometries:
    """Return shapes light enough for a page: fewer vertices, shared borders still shared, five decimals.

    Parameters
    ----------
    shapes
        Shape (n,), longitude and latitude in degrees.

    Returns
    -------
    Shape (n,); a shape that would vanish or break is kept as it is.
    """
    light = shapes.copy()
    is_area = np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    if is_area.any():
        light[is_area] = shapely.coverage_simplify(shapes[is_area], DISPLAY_TOLERANCE_DEG)
    light[~is_area] = shapely.simplify(shapes[~is_area], DISPLAY_TOLERANCE_DEG)
    is_broken = shapely.is_missing(light) | shapely.is_empty(light) | ~shapely.is_valid(light)
    light[is_broken] = shapes[is_broken]
    return _rounded(light, DISPLAY_DECIMALS)


def exact_shapes(shapes: geodesy.Geometries) -> geodesy.Geometries:
    """Return shapes as they are, to the millimetre."""
    return _rounded(shapes, EXACT_DECIMALS)


def _rounded(shapes: geodesy.Geometries, decimals: int) -> geodesy.Geometries:
    return np.asarray(shapely.transform(shapes, lambda coordinates: np.round(coordinates, decimals)), dtype=object)


def bounds_of(shapes: Sequence[shapely.Geometry] | geodesy.Geometries) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north of shapes in degrees, or None where there is none."""
    if not len(shapes):
        return None
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(np.asarray(shapes, dtype=object)))
    return None if np.isnan(west) else (west, south, east, north)
