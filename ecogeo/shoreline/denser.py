"""More places on zone lines: where a line drawn with few vertices passes a vertex of a bank.

Source: the builders' choice.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy
from ecogeo.nearness import around
from ecogeo.overlay import Positions
from ecogeo.shoreline.ruler import Ruler, metres_per_degree, places_beside

_SAME_PLACE_M = 0.01


def with_feet(
    ruler: Ruler, points: geodesy.Floats, part: Positions, within_m: float
) -> tuple[geodesy.Floats, Positions]:
    """Add, to lines, the places that lie square to the vertices of banks.

    Parameters
    ----------
    ruler
        The banks.
    points, part
        Shapes (n, 2) and (n,): the vertices of lines, degrees, and the line of each.
    within_m
        How far a vertex of a bank may lie from a line, metres.

    Returns
    -------
    The vertices and the places added, in the order they come along each line, and the line of each. Places are added
    beside the ends of banks, and beside other vertices unless one end of the edge alone lies on a bank: it leaves the
    bank from there.

    Examples
    --------
    A line of two vertices beside a bank of three:

    >>> from ecogeo.shoreline.ruler import ruler_of
    >>> bank = ruler_of(np.array([shapely.LineString([(109, 24), (109.01, 24), (109.02, 24)])]))
    >>> zone = np.array([[109.0, 24.00001], [109.02, 24.00001]])
    >>> with_feet(bank, zone, np.array([0, 0]), 5.0)[0][:, 0].round(6).tolist()
    [109.0, 109.01, 109.02]
    """
    edge = np.flatnonzero(part[1:] == part[:-1])
    corners = np.unique(shapely.get_coordinates(ruler.lines), axis=0)
    if not len(edge) or not len(corners):
        return points, part
    edges: geodesy.Geometries = np.asarray(shapely.linestrings(np.stack([points[edge], points[edge + 1]], axis=1)))
    boxes = around(edges, np.full(len(edge), within_m))
    places: geodesy.Geometries = np.asarray(shapely.points(corners), dtype=object)
    own, corner = shapely.STRtree(places).query(boxes)
    start, end = points[edge[own]], points[edge[own] + 1]
    per_degree = metres_per_degree(corners[corner, 1])
    along, to_corner = (end - start) * per_degree, (corners[corner] - start) * per_degree
    length = np.hypot(*along.T)
    share = np.divide((to_corner * along).sum(axis=1), length**2, out=np.zeros(len(own)), where=length > 0)
    apart = np.hypot(*(to_corner - share[:, None] * along).T)
    is_on = np.zeros(len(points), dtype=bool)
    is_on[places_beside(ruler, points, within_m)["point"]] = True
    leaves = is_on[edge] != is_on[edge + 1]
    may = ~leaves[own] | _is_end(ruler, corners)[corner]
    is_new = may & (apart <= within_m) & (share * length > _SAME_PLACE_M) & ((1.0 - share) * length > _SAME_PLACE_M)
    return _added(points, part, edge[own[is_new]], share[is_new])


def _is_end(ruler: Ruler, corners: geodesy.Floats) -> npt.NDArray[np.bool_]:
    """Tell which vertices of banks are the first or the last of an open one."""
    is_open = ~ruler.is_closed
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(ruler.lines[is_open], at)) for at in (0, -1)])
    known = {(float(x), float(y)) for x, y in ends}
    return np.array([(float(x), float(y)) in known for x, y in corners], dtype=bool)


def _added(
    points: geodesy.Floats, part: Positions, edge: Positions, share: geodesy.Floats
) -> tuple[geodesy.Floats, Positions]:
    """Put places at shares of edges between the vertices."""
    new = points[edge] + share[:, None] * (points[edge + 1] - points[edge])
    at = np.concatenate([np.arange(len(points), dtype=float), edge + np.clip(share, 0.0, 1.0)])
    order = np.argsort(at, kind="stable")
    return np.concatenate([points, new])[order], np.concatenate([part, part[edge]])[order]
