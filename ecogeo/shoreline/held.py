"""Zones that adjoin: a tolerance does not widen ground onto a bank that lies inside its neighbour.

Source: the builders' choice.
"""

from __future__ import annotations

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.nearness import distance_m
from ecogeo.overlay import Positions
from ecogeo.shoreline.claims import Claims
from ecogeo.shoreline.ruler import Ruler

_INSIDE_M = 0.05
"""Ground that reaches no farther into its neighbour adjoins it."""


def without_held_by_others(ruler: Ruler, claims: Claims, held: Claims, grounds: geodesy.Geometries) -> Claims:
    """Take away what ground claims by the tolerance alone where a neighbour that it does not overlap holds the bank.

    Parameters
    ----------
    ruler
        The banks.
    claims
        What polygons claim within the tolerance.
    held
        What the same polygons claim of the banks inside them.
    grounds
        Shape (n,), the polygons, longitude and latitude in degrees; claimants are positions in it.

    Returns
    -------
    The claims, cut where holdings begin and end. Ground that holds a stretch keeps it, whoever else holds it too; a
    stretch that nobody holds stays with all who claim it, and so does one beside which the ground overlaps its holder.

    Examples
    --------
    A bank of 1000 m; ground 0 holds it to 500 m, ground 1 from there, and both claim 5 m more:

    >>> from ecogeo.shoreline.ruler import ruler_of
    >>> bank = ruler_of(np.array([shapely.LineString([(109, 24), (109, 24.009028)])]))
    >>> line, ground = np.array([0, 0]), np.array([0, 1])
    >>> claims = Claims(line, np.array([0.0, 495.0]), np.array([505.0, 900.0]), ground)
    >>> held = Claims(line, np.array([0.0, 500.0]), np.array([500.0, 900.0]), ground)
    >>> grounds = np.array([shapely.box(108.9, 24, 109, 24.004514), shapely.box(108.9, 24.004514, 109, 24.01)])
    >>> kept = without_held_by_others(bank, claims, held, grounds)
    >>> kept.start_m.tolist(), kept.end_m.tolist()
    ([0.0, 500.0], [500.0, 900.0])
    """
    if not len(held.line):
        return claims
    claim, start_m, end_m = _cut(ruler, claims, held)
    line, claimant = claims.line[claim], claims.claimant[claim]
    middle_m = (start_m + end_m) / 2
    piece, holding = _holdings(ruler, held, line, middle_m)
    holder = held.claimant[holding]
    is_held = np.bincount(piece[holder == claimant[piece]], minlength=len(claim)) > 0
    is_rival = ~is_held[piece]
    piece, holder = piece[is_rival], holder[is_rival]
    spots: geodesy.Geometries = np.asarray(shapely.points(ruler.point_at(line[piece], middle_m[piece])), dtype=object)
    nearest: geodesy.Geometries = np.asarray(
        shapely.get_point(shapely.shortest_line(spots, grounds[claimant[piece]]), 1), dtype=object
    )
    reaches_in = shapely.covers(grounds[holder], nearest)
    reaches_in[reaches_in] = distance_m(nearest[reaches_in], shapely.boundary(grounds[holder[reaches_in]])) > _INSIDE_M
    keep = np.ones(len(claim), dtype=bool)
    keep[piece] = False
    keep[piece[reaches_in]] = True
    return Claims(line[keep], start_m[keep], end_m[keep], claimant[keep])


def _cut(ruler: Ruler, claims: Claims, held: Claims) -> tuple[Positions, geodesy.Floats, geodesy.Floats]:
    """Cut claims where holdings begin and end: the claim of each piece, and its ends in metres along its bank."""
    ends = (ruler.offset_m[held.line] + at_m for at_m in (held.start_m, held.end_m))
    cuts = np.append(np.unique(np.concatenate(list(ends))), np.inf)
    low, high = (ruler.offset_m[claims.line] + at_m for at_m in (claims.start_m, claims.end_m))
    first, last = np.searchsorted(cuts, low, side="right"), np.searchsorted(cuts, high, side="left")
    pieces = np.maximum(last - first, 0) + 1
    claim = np.repeat(np.arange(len(low)), pieces)
    number = np.arange(len(claim)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    offset = ruler.offset_m[claims.line[claim]]
    begins, ends_at = cuts[np.maximum(first[claim] + number - 1, 0)], cuts[first[claim] + number]
    start_m = np.where(number == 0, claims.start_m[claim], begins - offset)
    end_m = np.where(number == pieces[claim] - 1, claims.end_m[claim], ends_at - offset)
    return claim, start_m, end_m


def _holdings(ruler: Ruler, held: Claims, line: Positions, at_m: geodesy.Floats) -> tuple[Positions, Positions]:
    """Return the pairs of a place of a bank and a holding it lies in, all banks laid end to end as one axis."""
    start, end = (ruler.offset_m[held.line] + along for along in (held.start_m, held.end_m))
    tree = shapely.STRtree(shapely.box(start, np.zeros(len(start)), end, np.ones(len(end))))
    place, holding = tree.query(shapely.points(ruler.offset_m[line] + at_m, 0.5), predicate="intersects")
    return place, holding
