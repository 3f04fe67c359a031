"""What claims which stretch of a bank: zone lines and zone polygons, laid on banks within a tolerance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.nearness import around, clipped, distance_m
from ecogeo.overlay import Positions, touching
from ecogeo.shoreline.denser import with_feet
from ecogeo.shoreline.ruler import Ruler, places_beside

Pairing = Callable[[Positions, Positions], npt.NDArray[np.bool_]]
"""Tells which pairs of a line (a bank) and a claimant may have to do with each other."""

Choice = Callable[[pd.DataFrame], npt.NDArray[np.bool_]]
"""Tells which places (``part``, ``point``, ``line``, ``distance_m``) of stretches of lines on banks may count."""

_CHUNK_EDGES = 64
_ALIKE_M = 0.01
"""A vertex as near to two banks, such as where one ends and the next begins, lies on both."""

_QUAD_SEGS = 4
_BESIDE = 1.05
"""The strip in which a polygon is looked for reaches a little beyond the tolerance, as its bends are drawn coarsely."""


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """Stretches of lines, each claimed by something.

    Parameters
    ----------
    line
        Shape (n,), position of the line (a bank).
    start_m, end_m
        Shape (n,), metres from the line's start; what runs over the start of a closed line is two claims.
    claimant
        Shape (n,), position of what claims it.
    """

    line: Positions
    start_m: geodesy.Floats
    end_m: geodesy.Floats
    claimant: Positions


def claimed_by_lines(
    ruler: Ruler, claimants: geodesy.Geometries, *, snap_m: float, may: Pairing, choose: Choice | None = None
) -> tuple[Claims, Positions]:
    """Lay lines on banks.

    Parameters
    ----------
    ruler
        The banks.
    claimants
        Shape (n,), lines of any number of parts, longitude and latitude in degrees.
    snap_m
        How far, in metres, any place of a claimant may lie from a bank: its vertices, and where it passes vertices of
        banks, so that a line of few vertices claims like one of many.
    may
        Which pairs of bank and claimant count.
    choose
        Which of the places found count; None takes all.

    Returns
    -------
    The claims, and for each claimant how many of its places lie off every bank. The stretches of a claimant that lie
    on banks claim, those off claim nothing. A stretch that lies along one bank from end to end claims that whose
    farthest vertex distance is the least, between its outermost points. One that runs on from one bank to the next
    claims, of each, the stretch next to which it lies.
    """
    parts, owner = shapely.get_parts(claimants, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    points, part = with_feet(ruler, points, part, snap_m)
    places, is_placed = _placed(ruler, points, owner[part], snap_m, may)
    begins = (np.diff(part, prepend=-1) != 0) | (np.diff(is_placed, prepend=False) != 0)
    run = np.cumsum(begins) - 1
    part_of = part[begins]
    places = places.assign(part=run[places["point"]])
    places = places if choose is None else places[choose(places)]
    chosen = _on_their_bank(places, np.bincount(run, minlength=len(part_of)))
    chosen = pd.concat([chosen, _ends_reached(ruler, chosen, parts[part_of], snap_m)], ignore_index=True)
    claims = _spans(ruler, chosen)
    off = np.bincount(owner[part[~is_placed]], minlength=len(claimants))
    return Claims(claims.line, claims.start_m, claims.end_m, owner[part_of[claims.claimant]]), off


def _placed(
    ruler: Ruler, points: geodesy.Floats, owner: Positions, snap_m: float, may: Pairing
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Return the places of points on banks that may be theirs, and which points have one."""
    places = places_beside(ruler, points, snap_m)
    places = places[may(places["line"].to_numpy(), owner[places["point"]])]
    is_placed = np.zeros(len(points), dtype=bool)
    is_placed[places["point"]] = True
    return places, is_placed


def _on_their_bank(places: pd.DataFrame, vertices: Positions) -> pd.DataFrame:
    """Choose the bank of each vertex: one for a whole part where there is one, else the nearest of each vertex."""
    by_bank = places.groupby(["part", "line"], sort=True)["distance_m"].agg(["size", "max"]).reset_index()
    whole = by_bank[by_bank["size"].to_numpy() == vertices[by_bank["part"]]]
    best = whole.sort_values(["part", "max", "line"]).drop_duplicates("part")[["part", "line"]]
    on_one = places.merge(best, on=["part", "line"]).assign(is_split=False)
    rest = places[~places["part"].isin(best["part"])].sort_values(["point", "distance_m", "line"])
    least_m = rest.groupby("point")["distance_m"].transform("min")
    on_several = rest[rest["distance_m"] <= least_m + _ALIKE_M].assign(is_split=True)
    return pd.concat([on_one, on_several], ignore_index=True)


def _ends_reached(ruler: Ruler, chosen: pd.DataFrame, parts: geodesy.Geometries, snap_m: float) -> pd.DataFrame:
    """Return the ends of banks that parts running on to another bank pass by."""
    pairs = chosen.loc[chosen["is_split"], ["part", "line"]].drop_duplicates()
    part, line = pairs["part"].to_numpy(), pairs["line"].to_numpy()
    reached = []
    for at_m in (np.zeros(len(line)), ruler.line_m[line]):
        ends: geodesy.Geometries = np.asarray(shapely.points(ruler.point_at(line, at_m)), dtype=object)
        near = distance_m(ends, parts[part]) <= snap_m
        reached.append(pd.DataFrame({"part": part[near], "line": line[near], "at_m": at_m[near], "point": -1}))
    return pd.concat(reached, ignore_index=True)


def _spans(ruler: Ruler, chosen: pd.DataFrame) -> Claims:
    """Return the stretch between the outermost places of each part on each line, the short way round closed lines."""
    rows = chosen.sort_values(["part", "line", "point"], kind="stable")
    group = rows.groupby(["part", "line"], sort=True).ngroup().to_numpy()
    at_m, line = rows["at_m"].to_numpy(dtype=float, copy=True), rows["line"].to_numpy()
    around_m = np.where(ruler.is_closed, ruler.line_m, np.inf)[line]
    step = np.diff(at_m, prepend=at_m[:1])
    is_first = np.diff(group, prepend=-1) != 0
    turns = np.where(np.isfinite(around_m) & ~is_first, np.round(step / around_m), 0.0)
    turned = np.cumsum(turns)
    turned -= turned[np.flatnonzero(is_first)][group] if len(group) else 0.0
    at_m -= np.where(np.isfinite(around_m), turned * np.where(np.isfinite(around_m), around_m, 0.0), 0.0)
    first = np.flatnonzero(is_first)
    if not len(first):
        none = np.empty(0, dtype=np.intp)
        return Claims(none, np.empty(0), np.empty(0), none)
    low, high = np.minimum.reduceat(at_m, first), np.maximum.reduceat(at_m, first)
    has_length = high > low
    first, low, high = first[has_length], low[has_length], high[has_length]
    return _unwound(ruler, line[first], low, high, rows["part"].to_numpy()[first])


def _unwound(ruler: Ruler, line: Positions, low: geodesy.Floats, high: geodesy.Floats, claimant: Positions) -> Claims:
    """Bring spans that run over the start of a closed line back onto it, in two pieces."""
    length = ruler.line_m[line]
    closed = ruler.is_closed[line]
    is_all = closed & (high - low >= length)
    low = np.where(is_all, 0.0, low)
    high = np.where(is_all, length, high)
    shift = np.where(closed & ~is_all, np.floor(low / length) * length, 0.0)
    low, high = low - shift, high - shift
    over = np.flatnonzero(closed & (high > length))
    return Claims(
        np.concatenate([line, line[over]]),
        np.concatenate([low, np.zeros(len(over))]),
        np.concatenate([np.minimum(high, length), high[over] - length[over]]),
        np.concatenate([claimant, claimant[over]]),
    )


def claimed_by_ground(ruler: Ruler, grounds: geodesy.Geometries, *, snap_m: float, may: Pairing) -> Claims:
    """Lay polygons on banks: what lies in one, or beside its outline within a tolerance.

    Parameters
    ----------
    ruler
        The banks.
    grounds
        Shape (n,), polygons, longitude and latitude in degrees.
    snap_m
        How far a bank may lie outside a polygon that claims it, metres; 0 takes only what lies inside.
    may
        Which pairs of bank and polygon count.

    Returns
    -------
    The claims. A stretch beside a polygon ends square to where the polygon ends, not a tolerance farther on.
    """
    chunks, line, at_m, length_m = _chunks(ruler)
    boxes = around(chunks, np.full(len(chunks), 2.0 * snap_m + 1.0))
    chunk, ground = touching(boxes, grounds)
    keep = may(line[chunk], ground)
    chunk, ground = chunk[keep], ground[keep]
    near = clipped(grounds[ground], boxes[chunk])
    found: list[pd.DataFrame] = []
    meridian = np.round(shapely.get_x(shapely.centroid(chunks)), 1)[chunk]
    for longitude in np.unique(meridian):
        rows = np.flatnonzero(meridian == longitude)
        plane = geodesy.local_plane(float(longitude))
        axis = plane.to_plane(chunks[chunk[rows]])
        pair, low, high = _shares(axis, _valid(plane.to_plane(near[rows])), snap_m)
        found.append(pd.DataFrame({"pair": rows[pair], "low": low, "high": high}))
    spans = pd.concat(found, ignore_index=True) if found else pd.DataFrame({"pair": [], "low": [], "high": []})
    pair = spans["pair"].to_numpy(dtype=np.intp)
    own = chunk[pair]
    return Claims(
        line[own],
        at_m[own] + spans["low"].to_numpy(float) * length_m[own],
        at_m[own] + spans["high"].to_numpy(float) * length_m[own],
        ground[pair],
    )


def _valid(grounds: geodesy.Geometries) -> geodesy.Geometries:
    """Return polygons made valid: projected, the outline of a sliver may touch itself."""
    valid: geodesy.Geometries = shapely.make_valid(grounds, method="structure", keep_collapsed=False)
    return valid


def _shares(
    axis: geodesy.Geometries, ground: geodesy.Geometries, snap_m: float
) -> tuple[Positions, geodesy.Floats, geodesy.Floats]:
    """Return the stretches of lines in or beside polygons, pair by pair, as shares of each line's length."""
    wide = shapely.buffer(ground, snap_m, quad_segs=_QUAD_SEGS) if snap_m > 0 else ground
    stretch, pair = shapely.get_parts(shapely.line_merge(shapely.intersection(axis, wide)), return_index=True)
    is_line = (shapely.get_dimensions(stretch) == 1) & ~shapely.is_empty(stretch)
    stretch, pair = stretch[is_line], pair[is_line]
    if not len(stretch):
        return pair, np.empty(0), np.empty(0)
    low, high = _outermost(axis[pair], stretch)
    if snap_m > 0:
        beside = shapely.intersection(
            ground[pair], shapely.buffer(stretch, snap_m * _BESIDE, cap_style="flat", quad_segs=_QUAD_SEGS)
        )
        is_beside = ~shapely.is_empty(beside)
        pair, low, high = pair[is_beside], low[is_beside], high[is_beside]
        near_low, near_high = _outermost(axis[pair], beside[is_beside])
        low, high = np.maximum(low, near_low), np.minimum(high, near_high)
    length = shapely.length(axis)[pair]
    keep = high > low
    return pair[keep], (low / length)[keep], (high / length)[keep]


def _outermost(axis: geodesy.Geometries, shapes: geodesy.Geometries) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Return the first and the last place along each line that a vertex of its shape lies beside."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    if not len(points):
        return np.empty(0), np.empty(0)
    along = shapely.line_locate_point(axis[owner], shapely.points(points))
    first = np.searchsorted(owner, np.arange(len(shapes)))
    return np.minimum.reduceat(along, first), np.maximum.reduceat(along, first)


def _chunks(ruler: Ruler) -> tuple[geodesy.Geometries, Positions, geodesy.Floats, geodesy.Floats]:
    """Cut lines into chunks of few edges: the chunks, their lines, where they begin and how long they are, metres.

    A closed line is cut in three at least: no chunk is closed, so that a place is at one distance from its start alone.
    """
    first_edge = np.searchsorted(ruler.line, np.arange(len(ruler.lines) + 1))
    third = np.where(ruler.is_closed, np.maximum(np.diff(first_edge) // 3, 1), _CHUNK_EDGES)
    number = (np.arange(len(ruler.line)) - first_edge[ruler.line]) // np.minimum(third, _CHUNK_EDGES)[ruler.line]
    begins = np.flatnonzero((np.diff(ruler.line, prepend=-1) != 0) | (np.diff(number, prepend=-1) != 0))
    edges = np.diff(np.append(begins, len(ruler.line)))
    owner = np.repeat(np.arange(len(begins)), edges + 1)
    vertex = np.arange(len(owner)) - owner
    is_last = np.diff(owner, append=-1) != 0
    coordinates = np.where(
        is_last[:, None], ruler.end[vertex - is_last], ruler.start[np.minimum(vertex, len(ruler.start) - 1)]
    )
    lines = shapely.linestrings(coordinates, indices=owner)
    length_m = np.add.reduceat(ruler.length_m, begins) if len(begins) else np.empty(0)
    return lines, ruler.line[begins], ruler.at_m[begins], length_m
