"""Places along lines, in metres on the ellipsoid from their start, and where points lie beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.nearness import around
from ecogeo.overlay import Positions


@dataclass(frozen=True, slots=True, eq=False)
class Ruler:
    """Lines as edges, each with its place along the line; all lines laid end to end have one measure, too.

    Parameters
    ----------
    lines
        Shape (m,), single lines, longitude and latitude in degrees on CGCS2000.
    start, end
        Shape (k, 2), the ends of each edge, degrees.
    line
        Shape (k,), the line of each edge.
    at_m, length_m
        Shape (k,), how far from its line's start each edge begins, and its length, metres.
    along_m
        Shape (k,), where each edge begins once all lines are laid end to end.
    line_m
        Shape (m,), length of each line.
    offset_m
        Shape (m + 1,), where each line begins once all are laid end to end; the last entry is their sum.
    """

    lines: geodesy.Geometries
    start: geodesy.Floats
    end: geodesy.Floats
    line: Positions
    at_m: geodesy.Floats
    length_m: geodesy.Floats
    along_m: geodesy.Floats
    line_m: geodesy.Floats
    offset_m: geodesy.Floats

    @property
    def is_closed(self) -> npt.NDArray[np.bool_]:
        """Which lines end where they begin."""
        closed: npt.NDArray[np.bool_] = shapely.is_closed(self.lines)
        return closed

    def point_at(self, line: Positions, at_m: geodesy.Floats) -> geodesy.Floats:
        """Return the places at distances from the starts of lines: longitude and latitude, shape (n, 2)."""
        edge = np.searchsorted(self.along_m, self.offset_m[line] + at_m, side="right") - 1
        edge = np.clip(
            edge, np.searchsorted(self.line, line, side="left"), np.searchsorted(self.line, line, "right") - 1
        )
        share = np.divide(
            at_m - self.at_m[edge], self.length_m[edge], out=np.zeros(len(edge)), where=self.length_m[edge] > 0
        )
        places: geodesy.Floats = self.start[edge] + np.clip(share, 0.0, 1.0)[:, None] * (self.end - self.start)[edge]
        return places

    def segment(self, line: int, from_m: float, to_m: float) -> shapely.LineString:
        """Return the stretch of a line between two distances from its start."""
        ends = self.point_at(np.array([line, line]), np.array([from_m, to_m]))
        first, last = np.searchsorted(self.line, [line, line + 1])
        inner = (self.at_m[first:last] > from_m) & (self.at_m[first:last] < to_m)
        return shapely.LineString(np.vstack([ends[:1], self.start[first:last][inner], ends[1:]]))


def ruler_of(lines: geodesy.Geometries) -> Ruler:
    """Lay a ruler along lines.

    Parameters
    ----------
    lines
        Shape (m,), single lines, longitude and latitude in degrees.

    Examples
    --------
    >>> ruler = ruler_of(np.array([shapely.LineString([(109, 24), (109, 24.009028), (109, 24.018056)])]))
    >>> [round(float(at_m)) for at_m in ruler.at_m], round(float(ruler.line_m[0]))
    ([0, 1000], 2000)
    """
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    within = owner[1:] == owner[:-1]
    start, end, line = coordinates[:-1][within], coordinates[1:][within], owner[:-1][within]
    length_m = np.asarray(geodesy.GEOD.inv(*start.T, *end.T)[2], dtype=float).reshape(-1)
    total_m = np.concatenate([[0.0], np.cumsum(length_m)])
    first = np.searchsorted(line, np.arange(len(lines) + 1))
    offset_m = total_m[first]
    along_m = total_m[:-1]
    return Ruler(lines, start, end, line, along_m - offset_m[line], length_m, along_m, np.diff(offset_m), offset_m)


def places_beside(ruler: Ruler, points: geodesy.Floats, within_m: float) -> pd.DataFrame:
    """Find the lines near points, and where along them.

    Parameters
    ----------
    ruler
        The lines.
    points
        Shape (n, 2), longitude and latitude in degrees.
    within_m
        How far a point may lie from a line, metres.

    Returns
    -------
    One row per point and line within reach, by point, then line: ``point``, ``line``, ``distance_m`` and ``at_m``, the
    place of the line that is nearest. Distances are taken in the tangent plane at the point.
    """
    edges: geodesy.Geometries = np.asarray(shapely.linestrings(np.stack([ruler.start, ruler.end], axis=1)))
    spots: geodesy.Geometries = np.asarray(shapely.points(points))
    boxes = around(spots, np.full(len(points), within_m))
    point, edge = shapely.STRtree(edges).query(boxes)
    per_degree = metres_per_degree(points[point, 1])
    to_point = (points[point] - ruler.start[edge]) * per_degree
    along = (ruler.end - ruler.start)[edge] * per_degree
    square = (along**2).sum(axis=1)
    share = np.clip(np.divide((to_point * along).sum(axis=1), square, out=np.zeros(len(edge)), where=square > 0), 0, 1)
    distance_m = np.hypot(*(to_point - share[:, None] * along).T)
    found = pd.DataFrame(
        {
            "point": point,
            "line": ruler.line[edge],
            "distance_m": distance_m,
            "at_m": ruler.at_m[edge] + share * ruler.length_m[edge],
        }
    )
    near = found[found["distance_m"] <= within_m].sort_values(["point", "line", "distance_m", "at_m"], kind="stable")
    return near.drop_duplicates(["point", "line"]).reset_index(drop=True)


def metres_per_degree(latitude_deg: geodesy.Floats) -> geodesy.Floats:
    """Return the metres of a degree of longitude and of latitude, shape (n, 2), on the ellipsoid."""
    latitude = np.radians(latitude_deg)
    shrink = 1.0 - geodesy.E2 * np.sin(latitude) ** 2
    across = geodesy.SEMI_MAJOR_M / np.sqrt(shrink)
    upwards = across * (1.0 - geodesy.E2) / shrink
    return np.radians(np.column_stack([across * np.cos(latitude), upwards]))
