"""Zones beside narrow streams: what lies within reach of both banks claims the nearer one.

Source: the builders' choice.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.nearness import distance_m
from ecogeo.overlay import Positions
from ecogeo.shoreline.banks import Banks, Side
from ecogeo.shoreline.claims import Claims
from ecogeo.shoreline.ruler import Ruler, places_beside

_OPPOSITE = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
_ALIKE_M = 0.01
_MOSTLY = 0.9
_NARROW, _ELSEWHERE = 10.0, 2.0
"""In tolerances: how wide water may be whose far side is looked at, and how far along an outline is another stretch."""


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
    is_round = _round_narrow_water(ruler, banks, step_m)[claims.line]
    is_rival = _rivals(banks, claims) | is_round
    steps = np.where(is_rival, np.maximum(np.ceil((claims.end_m - claims.start_m) / step_m), 1), 1).astype(int)
    claim = np.repeat(np.arange(len(steps)), steps)
    number = np.arange(len(claim)) - np.repeat(np.cumsum(steps) - steps, steps)
    piece_m = ((claims.end_m - claims.start_m) / steps)[claim]
    start_m = claims.start_m[claim] + number * piece_m
    pieces = Claims(claims.line[claim], start_m, start_m + piece_m, claims.claimant[claim])
    keep = np.ones(len(claim), dtype=bool)
    middle_m = start_m + piece_m / 2
    for of_ring in (False, True):
        doubtful = np.flatnonzero(is_rival[claim] & (is_round[claim] == of_ring))
        if len(doubtful):
            lines, ground = pieces.line[doubtful], grounds[pieces.claimant[doubtful]]
            places: geodesy.Geometries = np.asarray(
                shapely.points(ruler.point_at(lines, middle_m[doubtful])), dtype=object
            )
            own_m = distance_m(places, ground)
            if of_ring:
                keep[doubtful] = ~_is_nearer_across(ruler, lines, middle_m[doubtful], places, ground, own_m, step_m)
            else:
                across = _opposite_places(banks, lines, places)
                keep[doubtful] = own_m <= distance_m(across, ground) + _ALIKE_M
    return Claims(pieces.line[keep], pieces.start_m[keep], pieces.end_m[keep], pieces.claimant[keep])


def _round_narrow_water(ruler: Ruler, banks: Banks, step_m: float) -> npt.NDArray[np.bool_]:
    """Tell the outlines of water whose mean width is no more than some tolerances: their far side may be as near."""
    is_round = (banks.side == Side.SHORE) & ruler.is_closed
    width_m = np.full(len(banks.lines), np.inf)
    if is_round.any():
        corners, ring = shapely.get_coordinates(banks.lines[is_round], return_index=True)
        water: geodesy.Geometries = np.asarray(
            shapely.polygons(shapely.linearrings(corners, indices=ring)), dtype=object
        )
        width_m[is_round] = 2.0 * geodesy.area_m2(water) / ruler.line_m[is_round]
    narrow: npt.NDArray[np.bool_] = width_m < _NARROW * step_m
    return narrow


def _is_nearer_across(  # noqa: PLR0917  one place each of everything
    ruler: Ruler,
    lines: Positions,
    at_m: geodesy.Floats,
    places: geodesy.Geometries,
    grounds: geodesy.Geometries,
    own_m: geodesy.Floats,
    step_m: float,
) -> npt.NDArray[np.bool_]:
    """Tell the places of outlines whose ground lies nearer to another stretch of the same outline, such as across."""
    nearest = shapely.get_point(shapely.shortest_line(places, grounds), 1)
    beside = places_beside(ruler, shapely.get_coordinates(nearest), step_m)
    beside = beside[beside["line"].to_numpy() == lines[beside["point"]]]
    point = beside["point"].to_numpy()
    apart_m = np.abs(beside["at_m"].to_numpy() - at_m[point])
    apart_m = np.minimum(apart_m, ruler.line_m[lines[point]] - apart_m)
    is_across = (beside["distance_m"].to_numpy() + _ALIKE_M < own_m[point]) & (apart_m > _ELSEWHERE * step_m)
    found = np.zeros(len(lines), dtype=bool)
    found[point[is_across]] = True
    return found


def of_nearer_side(banks: Banks, places: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell the places of zone lines that are on the side of a reach their line runs along.

    Parameters
    ----------
    banks
        The banks.
    places
        ``part`` (a stretch of a line), ``point``, ``line`` (the bank) and ``distance_m``.

    Returns
    -------
    Shape of the places. Where nine tenths of the points of a stretch that lie beside both banks of a reach lie nearer
    to one, the other bank has none of them, nor any that lies farther from it than those from the nearer bank, such as
    where the nearer bank has a gap. A line drawn round a source lies on both sides, and keeps both.
    """
    line = places["line"].to_numpy()
    side = banks.side[line]
    told = pd.DataFrame(
        {
            "part": places["part"].to_numpy(),
            "reach": banks.reach[line],
            "point": places["point"].to_numpy(),
            "left_m": np.where(side == Side.LEFT, places["distance_m"], np.inf),
            "right_m": np.where(side == Side.RIGHT, places["distance_m"], np.inf),
        }
    )
    stretch = ["part", "reach"]
    both = told.groupby([*stretch, "point"], sort=True)[["left_m", "right_m"]].min().reset_index()
    both = both[np.isfinite(both["left_m"]) & np.isfinite(both["right_m"])]
    both = both.assign(is_left=both["left_m"] < both["right_m"], near_m=both[["left_m", "right_m"]].min(axis=1))
    of_stretch = both.groupby(stretch, sort=True).agg(left=("is_left", "mean"), most_m=("near_m", "max")).reset_index()
    row = told[stretch].merge(of_stretch, on=stretch, how="left")
    left = row["left"].to_numpy()
    is_far = (side == Side.RIGHT) & (left >= _MOSTLY) | (side == Side.LEFT) & (left <= 1.0 - _MOSTLY)
    beside_both = pd.MultiIndex.from_frame(told[[*stretch, "point"]]).isin(
        pd.MultiIndex.from_frame(both[[*stretch, "point"]])
    )
    is_farther = places["distance_m"].to_numpy() > row["most_m"].to_numpy() + _ALIKE_M
    keep: npt.NDArray[np.bool_] = ~(is_far & (beside_both | is_farther))
    return keep


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
