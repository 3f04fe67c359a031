"""Measure what a person drew: on the ellipsoid of CGCS2000, by geodesics between the corners."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.errors import UsageError
from ecogeo.wording import Text

MOST_POINTS = 2000


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of a line or an area.

    Parameters
    ----------
    length_m
        Length of the line, or around the area.
    area_m2
        Area; None for a line.
    note
        What makes the figure doubtful; None where nothing does.
    """

    length_m: float
    area_m2: float | None
    note: Text | None = None


def measured(kind: Literal["line", "area"], points: Sequence[Sequence[float]]) -> Measured:
    """Measure a line or an area.

    Parameters
    ----------
    kind
        Which.
    points
        Longitude and latitude of each corner, degrees; an area closes by itself.

    Raises
    ------
    UsageError
        With everything that is wrong with the corners.

    Examples
    --------
    A degree along the equator is 111.32 km:

    >>> round(measured("line", [(109.0, 0.0), (110.0, 0.0)]).length_m / 1000, 2)
    111.32
    """
    least = 2 if kind == "line" else 3
    problems = []
    if not least <= len(points) <= MOST_POINTS:
        problems.append(Text(f"需要 {least} 到 {MOST_POINTS} 个点", f"{least} to {MOST_POINTS} points are needed"))
    if not all(len(point) == 2 and all(map(math.isfinite, point)) for point in points):
        problems.append(Text("每个点是经度和纬度两个数", "every point is two numbers, longitude and latitude"))
    elif not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in points):
        problems.append(Text("坐标不在经纬度范围内", "coordinates beyond longitude and latitude"))
    if problems:
        raise UsageError(problems)
    corners = np.asarray(points, dtype=float)
    if kind == "line":
        return Measured(float(geodesy.length_m(np.array([shapely.LineString(corners)], dtype=object))[0]), None)
    shape: shapely.Geometry = shapely.Polygon(corners)
    around = float(geodesy.length_m(np.array([shapely.LineString([*corners, corners[0]])], dtype=object))[0])
    note = None
    if not shapely.is_valid(shape):
        note = Text("边线自相交：只计被围住的部分", "the outline crosses itself: only what it encloses counts")
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    return Measured(around, float(geodesy.area_m2(np.array([shape], dtype=object))[0]), note)
