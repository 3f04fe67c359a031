"""Why there is a sliver of overlap: two drawings of one boundary, or a chip where outlines cross."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy
from ecogeo.nearness import around, clipped

SHARED_BOUNDARY = "shared boundary"
DIGITISING = "digitising"

SAME_LINE_M = 5.0
"""How far two drawings of one line lie apart at most: half a millimetre on a map of 1:10 000. The builders' choice."""

_LEAST_RUN = 10.0
"""Outlines run alongside each other where they do so over ten times the distance they may lie apart."""

_NEXT_TO_M = 0.01


def run_alongside(
    pieces: gpd.GeoDataFrame, sites: geodesy.Geometries, zones: geodesy.Geometries, *, least_width_m: float
) -> npt.NDArray[np.bool_]:
    """Tell which pieces of overlap lie along a boundary that site and zone share, drawn twice.

    At such a piece the outline of the site stays within a tolerance of the outline of the zone, and that of the zone
    within it of the site's, each over an unbroken stretch of at least ten times the tolerance that touches the piece.
    Outlines that go their own ways leave the tolerance sooner: two lines that cross at more than 12° are alongside for
    less. Two tolerances are tried: the threshold of width (or twice the piece's mean width, which is that of a lens at
    its widest, where that is more), and `SAME_LINE_M` for boundaries digitised from different maps.

    Parameters
    ----------
    pieces
        Polygons in longitude and latitude, with positions ``site`` and ``zone`` and ``width_m``, the mean width.
    sites, zones
        The polygons they were cut from.
    least_width_m
        The layer's threshold of width, metres.

    Returns
    -------
    Shape of the pieces.
    """
    shapes = np.asarray(pieces.geometry.array, dtype=object)
    own_m = np.maximum(least_width_m, 2.0 * pieces["width_m"].to_numpy(float))
    site, zone = pieces["site"].to_numpy(), pieces["zone"].to_numpy()
    runs = _alongside(shapes, sites[site], zones[zone], own_m)
    again = np.flatnonzero(~runs & (own_m < SAME_LINE_M))
    wider_m = np.full(len(again), SAME_LINE_M)
    runs[again] = _alongside(shapes[again], sites[site[again]], zones[zone[again]], wider_m)
    return runs


def _alongside(
    shapes: geodesy.Geometries, sites: geodesy.Geometries, zones: geodesy.Geometries, within_m: geodesy.Floats
) -> npt.NDArray[np.bool_]:
    """Measure the stretches next to each piece in a plane of its own place."""
    windows = around(shapes, 2.0 * _LEAST_RUN * within_m)
    site_edges = clipped(shapely.boundary(sites), windows)
    zone_edges = clipped(shapely.boundary(zones), windows)
    is_alongside = np.zeros(len(shapes), dtype=bool)
    meridian = np.round(shapely.get_x(shapely.centroid(windows)), 1)
    for longitude in np.unique(meridian):
        rows = np.flatnonzero(meridian == longitude)
        plane = geodesy.local_plane(float(longitude))
        piece, one, other = (plane.to_plane(part[rows]) for part in (shapes, site_edges, zone_edges))
        run_m = np.minimum(_run_m(one, other, piece, within_m[rows]), _run_m(other, one, piece, within_m[rows]))
        is_alongside[rows] = run_m >= _LEAST_RUN * within_m[rows]
    return is_alongside


def _run_m(
    edges: geodesy.Geometries, others: geodesy.Geometries, pieces: geodesy.Geometries, within_m: geodesy.Floats
) -> geodesy.Floats:
    """Return the longest stretch of each outline, next to its piece, that stays near the other outline."""
    near = shapely.line_merge(shapely.intersection(edges, shapely.buffer(others, within_m)))
    runs, row = shapely.get_parts(near, return_index=True)
    is_next = shapely.dwithin(runs, pieces[row], _NEXT_TO_M)
    longest: geodesy.Floats = np.zeros(len(edges))
    np.maximum.at(longest, row[is_next], shapely.length(runs[is_next]))
    return longest
