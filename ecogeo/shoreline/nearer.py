"""Zones beside narrow streams: ground within reach of both banks claims the nearer one, place by place.

Source: the builders' choice.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy
from ecogeo.overlay import Positions
from ecogeo.shoreline.banks import Banks, Side
from ecogeo.shoreline.claims import Claims
from ecogeo.shoreline.ruler import Ruler

_OPPOSITE = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
_ALIKE_M = 0.01


def of_nearer_bank(ruler: Ruler, banks: Banks, claims: Claims, grounds: geodesy.Geometries, *, step_m: float) -> Claims:
    """Take away what ground claims of a bank where it lies nearer to the opposite bank of the same reach.

    Parameters
    ----------
    ruler, banks
        The banks.
    claims
        What polygons claim.
    grounds
        Shape (n,), the polygons, longitude and latitude in degrees; claimants are positions in it.
    step_m
        The claims that rival on both banks are looked at in steps of this length at most, metres.

    Returns
    -------
    The claims, those in doubt in pieces. Ground that holds a bank, or is as near to both, keeps its claim.
    """
    if not step_m > 0:
        return claims
    is_rival = _rivals(banks, claims)
    steps = np.where(is_rival, np.maximum(np.ceil((claims.end_m - claims.start_m) / step_m), 1), 1).astype(int)
    claim = np.repeat(np.arange(len(steps)), steps)
    number = np.arange(len(claim)) - np.repeat(np.cumsum(steps) - steps, steps)
    piece_m = ((claims.end_m - claims.start_m) / steps)[claim]
    start_m = claims.start_m[claim] + number * piece_m
    pieces = Claims(claims.line[claim], start_m, start_m + piece_m, claims.claimant[claim])
    keep = np.ones(len(claim), dtype=bool)
    doubtful = np.flatnonzero(is_rival[claim])
    if len(doubtful):
        lines, ground = pieces.line[doubtful], grounds[pieces.claimant[doubtful]]
        middle = ruler.point_at(lines, start_m[doubtful] + piece_m[doubtful] / 2)
        places: geodesy.Geometries = np.asarray(shapely.points(middle), dtype=object)
        across = _opposite_places(banks, lines, places)
        own_m, other_m = geodesy.distance_m(places, ground), geodesy.distance_m(across, ground)
        keep[doubtful] = own_m <= other_m + _ALIKE_M
    return Claims(pieces.line[keep], pieces.start_m[keep], pieces.end_m[keep], pieces.claimant[keep])


def _rivals(banks: Banks, claims: Claims) -> npt.NDArray[np.bool_]:
    """Tell the claims whose ground claims something of the opposite bank, too."""
    side, reach = banks.side[claims.line], banks.reach[claims.line]
    claimed = set(zip(reach.tolist(), side.tolist(), claims.claimant.tolist(), strict=True))
    rivals = [
        (where, _OPPOSITE.get(one), ground) in claimed
        for where, one, ground in zip(reach.tolist(), side.tolist(), claims.claimant.tolist(), strict=True)
    ]
    return np.array(rivals, dtype=bool)


def _opposite_places(banks: Banks, lines: Positions, places: geodesy.Geometries) -> geodesy.Geometries:
    """Return the place of the opposite bank that is nearest to each place of a bank, in a plane at the reach."""
    found: geodesy.Geometries = np.full(len(places), None, dtype=object)
    for line in np.unique(lines):
        rows = np.flatnonzero(lines == line)
        is_across = (banks.reach == banks.reach[line]) & (banks.side == _OPPOSITE[banks.side[line]])
        plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(banks.lines[line]))))
        bank = shapely.union_all(plane.to_plane(banks.lines[is_across]))
        shapely.prepare(bank)
        nearest = shapely.shortest_line(plane.to_plane(places[rows]), bank)
        found[rows] = plane.to_lonlat(np.asarray(shapely.get_point(nearest, 1), dtype=object))
    return found
