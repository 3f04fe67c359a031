"""Stretches of banks that are no shore, since the water goes on there, and those around islands that borders cut."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.nearness import around, clipped, distance_m
from ecogeo.overlay import Positions, overlap_area
from ecogeo.shoreline.banks import Banks, Drawn, Side
from ecogeo.shoreline.claims import Claims, claimed_by_ground
from ecogeo.shoreline.ruler import Ruler

_SAME_WATER = 0.5
"""A body of water that holds half of a reach is that reach's own water, not another one."""

_PATCH_OF_RIVER = 0.1
"""Bodies that together hold half of a reach are its water in patches: each of which the reach's river fills a tenth."""

_OUTSIDE_M = 1_000.0

_EXACT_M = 0.01
"""Outlines drawn along one line lie no farther apart: the rounding of coordinates."""

_TOUCH_M = 0.5
"""Water set off from centre lines, and the parts of one river's outline, adjoin where they lie no farther apart."""

_ALONG, _LEANING = 2.0, 0.3
"""A bank beside other water for less than two tolerances, from which it leads away by more than 3 m in 10, meets it at
an angle: only its corner is near."""


def in_other_water(  # noqa: PLR0917  what a bank may lie in, each by itself
    ruler: Ruler,
    banks: Banks,
    rivers: npt.NDArray[np.object_],
    water_bodies: Layer | None,
    coverage: shapely.Geometry | None,
    snap_m: float,
) -> Claims:
    """Find the stretches of banks that lie in other water, in another part of their own, or beyond the coverage.

    Parameters
    ----------
    ruler, banks
        The banks.
    rivers
        Shape of the reaches: the river each belongs to.
    water_bodies
        Polygons of other water; None for none.
    coverage
        What the layer of reaches covers; None where nobody knows.
    snap_m
        How far the outline of another water may lie from an outline that runs along it, metres. Where the two are the
        same line, and where they meet at an angle, the stretch ends where that line ends.

    Returns
    -------
    The stretches. Drawn banks lie in the water of other reaches alone.
    """
    bodies = polygons_of(water_bodies)
    beyond = _beyond(coverage)
    parts, part_reach, part_number = _parts_of_outlines(banks)
    grounds = np.concatenate([banks.water, bodies, beyond, parts])
    reaches, first_part = len(banks.water), len(grounds) - len(parts)
    own = set(zip(*_own_bodies(banks.water, rivers, bodies), strict=True))

    def is_other(bank: Positions, ground: Positions) -> npt.NDArray[np.bool_]:
        reach = banks.reach[bank]
        is_own = np.array([(r, g - reaches) in own for r, g in zip(reach.tolist(), ground.tolist(), strict=True)], bool)
        is_drawn = banks.drawn[reach] == Drawn.BANKS
        other: npt.NDArray[np.bool_] = (ground != reach) & ~is_own & ((ground < reaches) | ~is_drawn)
        of_part = np.flatnonzero(ground >= first_part)
        part = ground[of_part] - first_part
        other[of_part] = (part_reach[part] == reach[of_part]) & (part_number[part] != banks.part[bank[of_part]])
        return other

    def of_kind(*, is_outline: bool) -> Claims:
        kind = (banks.drawn[banks.reach] == Drawn.OUTLINE) == is_outline
        is_centre = banks.drawn[banks.reach] == Drawn.CENTRE_LINE

        def may(bank: Positions, ground: Positions) -> npt.NDArray[np.bool_]:
            right: npt.NDArray[np.bool_] = kind[bank] & is_other(bank, ground)
            return right

        def may_touch(bank: Positions, ground: Positions) -> npt.NDArray[np.bool_]:
            right: npt.NDArray[np.bool_] = is_centre[bank] & is_other(bank, ground)
            return right

        if is_outline:
            wide = claimed_by_ground(ruler, grounds, snap_m=snap_m, may=may)
            exact = claimed_by_ground(ruler, grounds, snap_m=min(_EXACT_M, snap_m), may=may)
            return _along(ruler, grounds, wide, exact, snap_m)
        inside = claimed_by_ground(ruler, grounds, snap_m=0.0, may=may)
        wide = claimed_by_ground(ruler, grounds, snap_m=min(_TOUCH_M, snap_m), may=may_touch)
        return together(inside, _along(ruler, grounds, wide, inside, min(_TOUCH_M, snap_m)))

    return together(of_kind(is_outline=True), of_kind(is_outline=False))


def together(*several: Claims) -> Claims:
    """Return several claims as one."""
    fields = ([getattr(one, name) for one in several] for name in ("line", "start_m", "end_m", "claimant"))
    return Claims(*(np.concatenate(values) for values in fields))


def _along(ruler: Ruler, grounds: geodesy.Geometries, wide: Claims, exact: Claims, snap_m: float) -> Claims:
    """Return the exact claims, and of those within a tolerance the ones that run along, where no exact one does."""
    if not len(wide.line) or not snap_m > _EXACT_M:
        return together(wide, exact)
    run = _runs(wide)
    inside = pd.DataFrame({"line": exact.line, "claimant": exact.claimant, "low": exact.start_m, "high": exact.end_m})
    length_m = (run["high"] - run["low"]).to_numpy()
    pairs = run.reset_index(names="run").merge(inside, on=["line", "claimant"], suffixes=("", "_in"))
    low, high, low_in, high_in = (pairs[name].to_numpy(dtype=float) for name in ("low", "high", "low_in", "high_in"))
    shared = np.minimum(high, high_in) - np.maximum(low, low_in)
    exact_m = np.bincount(pairs["run"], weights=np.maximum(shared, 0.0), minlength=len(run))
    kept = run[exact_m < length_m / 2]
    line, claimant = (kept[name].to_numpy(dtype=np.intp) for name in ("line", "claimant"))
    low, high = (kept[name].to_numpy(dtype=float) for name in ("low", "high"))
    is_along = high - low > _ALONG * snap_m
    short = np.flatnonzero(~is_along)
    ends_m = [
        distance_m(
            np.asarray(shapely.points(ruler.point_at(line[short], at_m[short])), dtype=object), grounds[claimant[short]]
        )
        for at_m in (low, high)
    ]
    is_along[short] = np.abs(ends_m[1] - ends_m[0]) <= _LEANING * (high - low)[short]
    found = Claims(line[is_along], low[is_along], high[is_along], claimant[is_along])
    return together(found, exact)


def _runs(claims: Claims) -> pd.DataFrame:
    """Join the claims of one ground that follow one another on a bank."""
    rows = pd.DataFrame(
        {"line": claims.line, "claimant": claims.claimant, "low": claims.start_m, "high": claims.end_m}
    ).sort_values(["line", "claimant", "low"], kind="stable", ignore_index=True)
    reached = rows.groupby(["line", "claimant"])["high"].cummax().shift()
    is_same = (rows[["line", "claimant"]] == rows[["line", "claimant"]].shift()).all(axis=1)
    number = (~(is_same & (rows["low"] <= reached + _EXACT_M))).cumsum()
    joined = rows.groupby(number.to_numpy(), sort=True).agg(
        {"line": "first", "claimant": "first", "low": "min", "high": "max"}
    )
    return joined.reset_index(drop=True)


def _parts_of_outlines(banks: Banks) -> tuple[geodesy.Geometries, Positions, Positions]:
    """Return the parts of outlines that come in several, their reaches, and their numbers in them."""
    outlines = np.flatnonzero(banks.drawn == Drawn.OUTLINE)
    parts, owner = shapely.get_parts(banks.water[outlines], return_index=True)
    many = np.bincount(owner, minlength=len(outlines))[owner] > 1
    number = np.arange(len(owner)) - np.searchsorted(owner, owner)
    return parts[many], outlines[owner[many]], number[many]


def around_shared_islands(ruler: Ruler, banks: Banks) -> Claims:
    """Find the stretches of outlines around islands that the border of two outlines cuts: they are shores of islands.

    Parameters
    ----------
    ruler, banks
        The banks.
    """
    outlines = np.flatnonzero(banks.drawn == Drawn.OUTLINE)
    islands = shared_islands(shapely.get_parts(banks.water[outlines]))
    is_shore = (banks.side == Side.SHORE) & (banks.drawn[banks.reach] == Drawn.OUTLINE)
    return claimed_by_ground(ruler, islands, snap_m=2 * _TOUCH_M, may=lambda bank, _island: is_shore[bank])


def shared_islands(waters: geodesy.Geometries) -> geodesy.Geometries:
    """Return the islands that lie in several waters that adjoin, and whole in none.

    Parameters
    ----------
    waters
        Shape (n,), polygons, longitude and latitude in degrees.

    Examples
    --------
    Two squares that adjoin; an island of 200 m × 100 m is cut by their border:

    >>> plane = geodesy.local_plane(109.0)
    >>> island = shapely.box(900, 400, 1100, 500)
    >>> squares = [shapely.difference(shapely.box(x, 0, x + 1000, 1000), island) for x in (0, 1000)]
    >>> geodesy.area_m2(shared_islands(plane.to_lonlat(np.array(squares)))).round(-2).tolist()
    [20000.0]
    """
    tree = shapely.STRtree(waters)
    boxes = around(waters, np.full(len(waters), _TOUCH_M))
    one, other = tree.query(boxes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    near = distance_m(waters[one], waters[other]) <= _TOUCH_M if len(one) else np.zeros(0, dtype=bool)
    one, other = one[near], other[near]
    if not len(one):
        return np.empty(0, dtype=object)
    own = np.unique(np.concatenate([one, other]))
    seams = [_seam(waters[a], waters[b]) for a, b in zip(one, other, strict=True)]
    joined = shapely.get_parts(shapely.union_all(np.concatenate([waters[own], np.array(seams, dtype=object)])))
    holes = [shapely.Polygon(hole) for water in joined for hole in water.interiors]
    if not holes:
        return np.empty(0, dtype=object)
    islands: geodesy.Geometries = np.empty(len(holes), dtype=object)
    islands[:] = holes
    island, _ = shapely.STRtree(waters[own]).query(islands, predicate="intersects")
    in_several = np.bincount(island, minlength=len(islands)) > 1
    return islands[in_several]


def _seam(one: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    """Return the ground between two waters that adjoin but for a crack."""
    pair = np.array([one, other], dtype=object)
    near = clipped(pair, around(pair, np.full(2, 2.0 * _TOUCH_M))[::-1])
    if shapely.is_empty(near).any():
        return shapely.Polygon()
    plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(near[0]))))
    wide = shapely.buffer(plane.to_plane(near), _TOUCH_M, join_style="mitre", quad_segs=2)
    between = plane.to_lonlat(np.array([shapely.intersection(*wide)], dtype=object))
    seam: shapely.Geometry = shapely.make_valid(between, method="structure", keep_collapsed=False)[0]
    return seam


def _own_bodies(
    waters: geodesy.Geometries, rivers: npt.NDArray[np.object_], bodies: geodesy.Geometries
) -> tuple[list[int], list[int]]:
    """Return the pairs of reach and body of water that are one water.

    A body that holds half of a reach is the reach's own. So are the patches that hold half of it together, where a
    river is cut at the borders of villages; a lake it runs into is filled by the river to a small part only.
    """
    pairs = overlap_area(waters, bodies)
    reach, body, shared = (pairs[name].to_numpy() for name in ("site", "zone", "area_m2"))
    whole, own = geodesy.area_m2(waters)[reach], geodesy.area_m2(bodies)[body]
    in_bodies = np.bincount(reach, weights=shared, minlength=len(waters))[reach]
    told = pd.DataFrame({"river": [rivers[r] or r for r in reach], "body": body, "shared": shared})
    of_river = told.groupby(["river", "body"])["shared"].transform("sum").to_numpy()
    is_patch = (shared > 0) & (in_bodies > _SAME_WATER * whole) & (of_river > _PATCH_OF_RIVER * own)
    is_own = (shared > _SAME_WATER * whole) | is_patch
    return reach[is_own].tolist(), body[is_own].tolist()


def polygons_of(layer: Layer | None) -> geodesy.Geometries:
    """Return the polygons of a layer; none of none."""
    if layer is None:
        return np.empty(0, dtype=object)
    shapes = layer.geometries
    polygons: geodesy.Geometries = shapes[shapely.get_dimensions(shapes) == 2]
    return polygons


def _beyond(coverage: shapely.Geometry | None) -> geodesy.Geometries:
    """Return the ground about what a layer covers, as far as matters."""
    if coverage is None or shapely.is_empty(coverage):
        return np.empty(0, dtype=object)
    boxes = around(np.array([coverage], dtype=object), np.array([_OUTSIDE_M]))
    return np.array([shapely.difference(boxes[0], coverage)], dtype=object)
