"""The ground a line takes up: its corridor (线性工程用地), built true to scale however long the line is."""

from __future__ import annotations

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.nearness import around

_COLUMN_DEG = 0.1
_QUAD_SEGS = 32
_EDGE_M = 500.0


def corridors(lines: geodesy.Geometries, width_m: geodesy.Floats) -> geodesy.Geometries:
    """Build the corridor of lines: the ground within half the width of the centre line.

    The ends are flat: a line ends where the works end, and land is asked for along the line, not beyond it; round ends
    would add ground nobody asks for. Bends are round outside. Parts of a line that meet end to end are joined first, so
    that no wedge is missing between them.

    Parameters
    ----------
    lines
        Shape (n,), longitude and latitude in degrees; their edges are straight in longitude and latitude.
    width_m
        Shape (n,), full width in metres, above 0.

    Returns
    -------
    Polygons, shape (n,), longitude and latitude. Each 0.1° of longitude is buffered in a plane of its own: a straight
    corridor's area is its length times its width to 2e-7. At bends the outline is right to 1 % of half the width.

    Examples
    --------
    A kilometre of 50 m along the meridian, 5 ha:

    >>> line = shapely.LineString([(109, 24), (109, 24.009028)])
    >>> round(float(geodesy.area_m2(corridors(np.array([line]), np.array([50.0])))[0]), -1)
    50000.0
    """
    built: geodesy.Geometries = np.full(len(lines), None, dtype=object)
    for row, (line, width) in enumerate(zip(shapely.line_merge(lines), width_m, strict=True)):
        built[row] = _corridor(line, float(width))
    return built


def _corridor(line: shapely.Geometry, width_m: float) -> shapely.Geometry:
    """Buffer one line column by column, each with what of its neighbours reaches into it."""
    west, south, east, north = shapely.bounds(around(np.array([line], dtype=object), np.array([width_m])))[0]
    if east - west <= _COLUMN_DEG:
        return _buffered(line, width_m, float(west + east) / 2)
    meridians = np.arange(np.floor(west / _COLUMN_DEG), np.ceil(east / _COLUMN_DEG) + 1) * _COLUMN_DEG
    edges = np.append(meridians - _COLUMN_DEG / 2, meridians[-1] + _COLUMN_DEG / 2)
    columns: geodesy.Geometries = shapely.box(edges[:-1], south, edges[1:], north)
    rooms = shapely.bounds(around(columns, np.full(len(columns), width_m)))
    pieces = [
        _buffered(shapely.clip_by_rect(line, *room), width_m, meridian)
        for room, meridian in zip(rooms, meridians.tolist(), strict=True)
    ]
    return shapely.union_all(shapely.intersection(np.array(pieces, dtype=object), columns))


def _buffered(line: shapely.Geometry, width_m: float, meridian: float) -> shapely.Geometry:
    """Buffer a line in the plane of a meridian; edges are bent every 500 m, as the ellipsoid bends them."""
    plane = geodesy.local_plane(meridian)
    flat = shapely.buffer(
        plane.to_plane(np.array([line], dtype=object)), width_m / 2, quad_segs=_QUAD_SEGS, cap_style="flat"
    )
    ground: shapely.Geometry = plane.to_lonlat(shapely.segmentize(flat, _EDGE_M))[0]
    return ground
