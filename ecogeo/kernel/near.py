"""Which shapes are near others, and how near: runs of edges sought in a tree, the nearer boxes first.

How far two runs are apart, and what surely is farther than what is asked for, is told by ``apart``. A shape that lies
inside another without coming near its outline is found by its corners (`ecogeo.nearness`), not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ecogeo.kernel.apart import APART, Plane, Tally, begin, compare, least_m, nothing_known, plane
from ecogeo.kernel.compiled import Floats, Ints, compiled, lean
from ecogeo.kernel.runs import FAN, EdgeTree, Runs, Tree


@dataclass(frozen=True)
class Nearby:
    """Shapes and what is near them, by shape, then by the other.

    Parameters
    ----------
    site, zone
        Positions, shape (pairs,).
    ends
        Shape (pairs, 4): longitude and latitude of the point of the site and of that of the zone, nearest to each
        other; without meaning where outlines cross.
    chord_m
        Shape (pairs,): the straight line through space between the two, metres; 0 where outlines cross.
    state
        Shape (pairs,): `APART`, `DOUBTFUL` or `CROSSING`.
    """

    site: Ints
    zone: Ints
    ends: Floats
    chord_m: Floats
    state: Ints


class _Waiting(NamedTuple):
    """Boxes yet to be looked at: their places in their levels, the levels, and how far off they are at least."""

    box: Ints
    level: Ints
    least_m: Floats


def near(sites: Runs, zones: EdgeTree, reach_m: Floats, *, is_nearest: bool) -> Nearby:
    """Find the zones near sites.

    Parameters
    ----------
    sites
        Runs, feature by feature, as `runs_of` makes them.
    zones
        The zones.
    reach_m
        Shape (sites,), metres: how far to look, infinite for anywhere; nothing is found for NaN.
    is_nearest
        Whether the nearest zones of each site alone are wanted (several where they are equally near, and every one that
        crosses it or may), or all within reach.

    Returns
    -------
    Pairs whose chord is within reach; the geodesic is longer by a hair, for the caller to see to.
    """
    starts = np.searchsorted(sites.feature, np.arange(len(reach_m) + 1)).astype(np.int64)
    found = _walk(sites, starts, zones.runs, zones.tree, zones.features, np.asarray(reach_m, np.float64), is_nearest)
    return Nearby(*found)


def near_in_pairs(a: Runs, b: Runs, a_of: Ints, b_of: Ints) -> Nearby:
    """Find the nearest points of one shape and another, pair by pair.

    Parameters
    ----------
    a, b
        Runs, feature by feature, as `runs_of` makes them.
    a_of, b_of
        Shape (pairs,): which feature of each a pair is of.

    Returns
    -------
    The pairs of which neither shape is empty, in their order; ``site`` and ``zone`` are both the place in that order.
    """
    starts = [
        np.searchsorted(runs.feature, np.arange(of.max(initial=-1) + 2)).astype(np.int64)
        for runs, of in ((a, a_of), (b, b_of))
    ]
    ends, chord_m, state = _walk_pairs(a, starts[0], a_of, b, starts[1], b_of)
    there = np.flatnonzero(np.diff(starts[0])[a_of].astype(bool) & np.diff(starts[1])[b_of].astype(bool))
    return Nearby(there, there, ends[there], chord_m[there], state[there])


@compiled
def _walk(
    sites: Runs, starts: Ints, zones: Runs, tree: Tree, features: int, reach_m: Floats, is_nearest: bool
) -> tuple[Ints, Ints, Floats, Floats, Ints]:
    """Look from each run of each site; see `near`."""
    size, used = 1024, 0
    site, zone, state = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64)
    ends, chord = np.empty((size, 4)), np.empty(size)
    levels = len(tree.level_start) - 1
    tally, room = nothing_known(features, is_nearest), plane()
    most = levels * FAN + 1
    waiting = _Waiting(np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most))
    for feature in range(len(reach_m)):
        if not reach_m[feature] >= 0.0:
            continue
        begin(tally, reach_m[feature])
        for run in range(starts[feature], starts[feature + 1]):
            _look_around(sites, run, zones, tree, tally, room, waiting)
        met = tally.met[: tally.number[0]]
        met.sort()
        if used + len(met) > size:
            size = 2 * size + len(met)
            site, zone, state = _longer(site, size), _longer(zone, size), _longer(state, size)
            ends, chord = _longer_rows(ends, size), _longer(chord, size)
        for k in met:
            if tally.chord_m[k] <= tally.limit_m[0] or tally.state[k] != APART:
                site[used], zone[used], state[used], chord[used] = feature, k, tally.state[k], tally.chord_m[k]
                ends[used] = tally.ends[k]
                used += 1
            tally.chord_m[k], tally.state[k] = np.inf, APART
    return site[:used], zone[:used], ends[:used], chord[:used], state[:used]


@compiled
def _walk_pairs(
    a: Runs, a_starts: Ints, a_of: Ints, b: Runs, b_starts: Ints, b_of: Ints
) -> tuple[Floats, Floats, Ints]:
    """Hold the runs of each shape against those of its partner; what surely is farther than the best is passed over."""
    pairs = len(a_of)
    tally, room = nothing_known(1, True), plane()
    ends, chord, state = np.empty((pairs, 4)), np.empty(pairs), np.empty(pairs, np.int64)
    for pair in range(pairs):
        begin(tally, np.inf)
        tally.chord_m[0], tally.state[0] = np.inf, APART
        for run in range(a_starts[a_of[pair]], a_starts[a_of[pair] + 1]):
            for other in range(b_starts[b_of[pair]], b_starts[b_of[pair] + 1]):
                if least_m(a.boxes[run], b.boxes[other]) <= tally.limit_m[0]:
                    compare(a, run, b, other, 0, tally, room)
        ends[pair], chord[pair], state[pair] = tally.ends[0], tally.chord_m[0], tally.state[0]
    return ends, chord, state


@lean
def _look_around(sites: Runs, run: int, zones: Runs, tree: Tree, tally: Tally, room: Plane, waiting: _Waiting) -> None:
    """Go down the tree from one run of a site, nearer boxes first, past all that surely is too far."""
    if not len(zones.first):
        return
    top, number = len(tree.level_start) - 2, 1
    waiting.box[0], waiting.level[0] = 0, top
    waiting.least_m[0] = least_m(sites.boxes[run], tree.boxes[tree.level_start[top]])
    while number > 0:
        number -= 1
        box, level = waiting.box[number], waiting.level[number]
        if waiting.least_m[number] > tally.limit_m[0]:
            continue
        if level == 0:
            if waiting.least_m[number] > tally.chord_m[zones.feature[box]]:
                continue
            compare(sites, run, zones, box, zones.feature[box], tally, room)
            continue
        first, below = number, tree.level_start[level - 1]
        for child in range(FAN * box, min(FAN * (box + 1), tree.level_start[level] - below)):
            distance = least_m(sites.boxes[run], tree.boxes[below + child])
            if distance > tally.limit_m[0]:
                continue
            at = number
            while at > first and waiting.least_m[at - 1] < distance:
                waiting.box[at], waiting.level[at] = waiting.box[at - 1], level - 1
                waiting.least_m[at] = waiting.least_m[at - 1]
                at -= 1
            waiting.box[at], waiting.level[at], waiting.least_m[at] = child, level - 1, distance
            number += 1


@compiled
def _longer(array: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    larger = np.empty(room, array.dtype)
    larger[: len(array)] = array
    return larger


@compiled
def _longer_rows(array: Floats, room: int) -> Floats:
    larger = np.empty((room, 4))
    larger[: len(array)] = array
    return larger
