"""A polygon inside a rectangle, as signed ground below short straight pieces.

The winding number of an oriented outline is, at a point p = (x, y) of a cell with node n,

    W(p) = W(n) + Σ t_e [e crosses the cell's bottom line east of n and west of x] + Σ s_e [e runs below p],

going from n along the bottom line to x and up to y. t_e is −1 for an edge going north and +1 for one going south, s_e
is +1 for an edge going east and −1 for one going west, and only the part of e above the bottom line counts. Each
bracket is the ground above a *piece*: an edge's part in the rectangle, or a stretch of its floor, for the terms that do
not depend on y. All of them change evenly with the coordinates, so a rounding error moves an area by as much as it
moves an edge; the one decision, east or west of n, is `grid.is_right_of`, shared with whoever computed W(n).

Coordinates in a rectangle are u, degrees east of its west end, and v, degrees south of its *north* end: a piece's
ground is then where v is less than its own.
"""

from __future__ import annotations

import numpy as np

from ecogeo.kernel.compiled import Floats, Ints32, compiled, lean
from ecogeo.kernel.grid import crosses_parallel, is_right_of

Rectangle = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@lean
def pieces_in(
    lonlat: Floats,
    edges: Ints32,
    winding: int,
    node: tuple[float, float],
    rectangle: Rectangle,
    sloping: Floats,
    floor: Floats,
) -> tuple[int, int, float, float]:
    """Cut a polygon to pieces in a rectangle of a cell.

    Parameters
    ----------
    lonlat
        Vertices in degrees.
    edges
        The first vertex of each edge. All edges that enter the cell are among them.
    winding
        Winding number at the node.
    node
        The cell's south-west corner, degrees.
    rectangle
        A part of the cell, degrees.
    sloping
        Written to, at least (edges, 5): u₁ < u₂, v₁, v₂ and the sign.
    floor
        Written to, at least (3 × edges + 1, 3): u₁ < u₂ and the sign.

    Returns
    -------
    How many sloping and floor pieces there are (without a sloping one, no edge enters the rectangle; one that runs due
    north is a piece without width), and the greatest extent in longitude and latitude of an edge that was
    cut, for the error bound.
    """
    west, south, east, north = rectangle
    width, depth = east - west, north - south
    node_u, node_v = node[0] - west, north - node[1]
    slopes, floors = 0, 0
    reach_x, reach_y = width, depth
    if winding != 0:
        floor[0, 0], floor[0, 1], floor[0, 2] = 0.0, width, winding
        floors = 1
    for k in range(len(edges)):
        i = edges[k]
        x1, y1, x2, y2 = lonlat[i, 0], lonlat[i, 1], lonlat[i + 1, 0], lonlat[i + 1, 1]
        sign = 1.0
        if x1 > x2:
            x1, y1, x2, y2, sign = x2, y2, x1, y1, -1.0
        is_crossing = crosses_parallel(node[1], y1, y2)
        if x1 >= east or (y1 <= node[1] and y2 <= node[1]):
            continue
        if not is_crossing and (x2 <= west or (y1 >= north and y2 >= north)):
            continue
        u1, u2, v1, v2 = x1 - west, x2 - west, north - y1, north - y2
        rise, run = (v2 - v1) / (u2 - u1), (u2 - u1) / (v2 - v1)
        if is_crossing:
            reach_x, reach_y = max(reach_x, u2 - u1), max(reach_y, abs(v2 - v1))
            u = min(max(u1 + (node_v - v1) * run, u1), u2)
            if is_right_of(node[0], node[1], x1, y1, x2, y2):
                u = min(u, node_u)
            else:
                u = max(u, node_u)
                floors = _add_floor(floor, floors, max(u, 0.0), width, -sign if y2 > y1 else sign)
            if y1 <= node[1]:
                u1, v1 = u, node_v
            else:
                u2, v2 = u, node_v
        if u2 <= 0.0 or u1 >= width or (v1 <= 0.0 and v2 <= 0.0):
            continue
        if u1 < 0.0 or u2 > width or min(v1, v2) < 0.0 or max(v1, v2) > depth:
            reach_x, reach_y = max(reach_x, u2 - u1), max(reach_y, abs(v2 - v1))
            if u1 < 0.0:
                u1, v1 = 0.0, v1 - u1 * rise
            if u2 > width:
                u2, v2 = width, v2 + (width - u2) * rise
            if v1 <= 0.0 and v2 <= 0.0:
                continue
            if v1 >= depth and v2 >= depth:
                floors = _add_floor(floor, floors, u1, u2, sign)
                continue
            if v1 < 0.0:
                u1, v1 = min(u1 - v1 * run, u2), 0.0
            elif v2 < 0.0:
                u2, v2 = max(u2 - v2 * run, u1), 0.0
            if v1 > depth:
                u = min(u1 + (depth - v1) * run, u2)
                floors = _add_floor(floor, floors, u1, u, sign)
                u1, v1 = u, depth
            elif v2 > depth:
                u = max(u2 + (depth - v2) * run, u1)
                floors = _add_floor(floor, floors, u, u2, sign)
                u2, v2 = u, depth
        sloping[slopes, 0], sloping[slopes, 1], sloping[slopes, 2] = u1, u2, v1
        sloping[slopes, 3], sloping[slopes, 4] = v2, sign
        slopes += 1
    return slopes, floors, reach_x, reach_y


@lean
def _add_floor(floor: Floats, floors: int, u1: float, u2: float, sign: float) -> int:
    """Add a stretch of floor, joined to the one before where they meet, and return how many there are."""
    if u1 >= u2:
        return floors
    if floors > 0 and floor[floors - 1, 2] == sign:
        if floor[floors - 1, 1] == u1:
            floor[floors - 1, 1] = u2
            return floors
        if floor[floors - 1, 0] == u2:
            floor[floors - 1, 0] = u1
            return floors
    floor[floors, 0], floor[floors, 1], floor[floors, 2] = u1, u2, sign
    return floors + 1


@compiled
def scratch(edges: int) -> tuple[Floats, Floats]:
    """Return room for the pieces of so many edges: sloping and floor."""
    return np.empty((edges + 1, 5)), np.empty((3 * edges + 2, 3))
