"""Shorelines along both banks: which zone each stretch of bank lies in, measured on the ellipsoid."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.ops import substring

from ecogeo import geodesy

ZONES = ("保护区", "保留区", "控制利用区", "开发利用区")
"""The four shoreline zones, the strictest first (水利部 河湖岸线保护与利用规划, names as in public reports)."""

UNZONED = "unzoned"


def zone_name(text: str) -> str:
    """Return the zone a text names, empty where it names none.

    Examples
    --------
    >>> zone_name("岸线保护区"), zone_name("待定")
    ('保护区', '')
    """
    return next((zone for zone in ZONES if text.strip().removeprefix("岸线") == zone), "")


def lay_on_banks(lines: geodesy.Geometries, banks: geodesy.Geometries, *, snap_m: float) -> npt.NDArray[np.intp]:
    """Tell which bank each zone line lies on.

    Parameters
    ----------
    lines
        Shape (n,), single lines, longitude and latitude in degrees on CGCS2000.
    banks
        Shape (m,), single lines likewise.
    snap_m
        How far, in metres, any vertex of a line may lie from its bank.

    Returns
    -------
    Shape (n,): the position of the bank whose farthest vertex distance is the least; -1 where all are beyond `snap_m`.
    """
    if not len(lines):
        return np.empty(0, dtype=np.intp)
    plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(banks[0]))))
    coordinates, owner = shapely.get_coordinates(plane.to_plane(lines), return_index=True)
    first = np.searchsorted(owner, np.arange(len(lines)))
    vertices = shapely.points(coordinates)
    farthest = np.array(
        [np.maximum.reduceat(shapely.distance(vertices, axis), first) for axis in plane.to_plane(banks)]
    )
    return np.where(farthest.min(axis=0) <= snap_m, farthest.argmin(axis=0), -1)


def cut_bank(bank: shapely.Geometry, lines: geodesy.Geometries, zones: Sequence[str]) -> pd.DataFrame:
    """Cut one bank where zones begin and end; where zones overlap the stricter wins.

    Parameters
    ----------
    bank
        One line, longitude and latitude in degrees on CGCS2000.
    lines
        Shape (n,), single zone lines that lie on it; each claims the bank between its outermost points.
    zones
        The zone of each line, one of `ZONES`.

    Returns
    -------
    One row per stretch from the bank's start to its end: ``zone`` (one of `ZONES`, or `UNZONED`), ``is_overlap``
    (several zones claim it), ``length_m`` (ellipsoidal; they add up to the bank's length) and ``geometry``.
    """
    plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(bank))))
    axis = plane.to_plane(np.array([bank], dtype=object))[0]
    spans: list[tuple[float, float, str]] = []
    for line, zone in zip(plane.to_plane(lines), zones, strict=True):
        along = shapely.line_locate_point(axis, shapely.points(shapely.get_coordinates(line)))
        spans.append((float(along.min()), float(along.max()), zone))
    marks = np.unique([0.0, axis.length, *(mark for start, end, _ in spans for mark in (start, end))])
    claims = [{zone for low, high, zone in spans if low <= start and end <= high} for start, end in pairwise(marks)]
    parts = [substring(axis, start, end) for start, end in pairwise(marks)]
    stretches = plane.to_lonlat(np.array(parts, dtype=object))
    return pd.DataFrame(
        {
            "zone": [next((zone for zone in ZONES if zone in claim), UNZONED) for claim in claims],
            "is_overlap": [len(claim) > 1 for claim in claims],
            "length_m": geodesy.length_m(stretches),
            "geometry": stretches,
        }
    )
