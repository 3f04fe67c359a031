"""A county's shoreline: every stretch of every bank with its reach, side, zone and town."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.nearness import around
from ecogeo.overlay import Positions, touching
from ecogeo.shoreline.banks import Banks, Drawn, Side, banks_of
from ecogeo.shoreline.claims import Claims, claimed_by_ground, claimed_by_lines
from ecogeo.shoreline.figures import figures_of, read_width_m
from ecogeo.shoreline.held import without_held_by_others
from ecogeo.shoreline.nearer import of_nearer_bank, of_nearer_side
from ecogeo.shoreline.ruler import Ruler, ruler_of
from ecogeo.shoreline.stretches import cut_stretches
from ecogeo.shoreline.zones import zone_name

_SAME_WATER = 0.5
"""A body of water that holds half of a reach is that reach's own water, not another one."""

_PATCH_OF_RIVER = 0.1
"""Bodies that together hold half of a reach are its water in patches: each of which the reach's river fills a tenth."""

_OUTSIDE_M = 1_000.0

_HELD_M = 0.01
"""A bank that lies no farther outside a polygon lies in it: the rounding of coordinates drawn along one line."""

_SIDE_OF = {
    **dict.fromkeys(("左岸", "左", "left", "L"), Side.LEFT),
    **dict.fromkeys(("右岸", "右", "right", "R"), Side.RIGHT),
}


@dataclass(frozen=True, slots=True, eq=False)
class Shoreline:
    """The measured shoreline of a county.

    Parameters
    ----------
    banks, ruler
        The banks, and the measure along them.
    stretches
        Rows of `ecogeo.shoreline.cut_stretches` with ``reach`` (position), ``side``, ``town`` (name) and ``counts``:
        whether the stretch is part of the shoreline's length. Islands never are; what lies in the water of another
        reach or beyond the layer's coverage is none where banks were derived, and counts where they were drawn.
    zones
        Shape of the zone features: the zone each names, empty for none.
    is_lost
        Zone features that name a reach that is not there.
    is_off, is_partly_off
        Zone features that lie on no bank of theirs, and those of which a part does.
    is_other_side
        Zone features whose field tells another bank than the one they lie on.
    """

    banks: Banks
    ruler: Ruler
    stretches: pd.DataFrame
    zones: npt.NDArray[np.object_]
    is_lost: npt.NDArray[np.bool_]
    is_off: npt.NDArray[np.bool_]
    is_partly_off: npt.NDArray[np.bool_]
    is_other_side: npt.NDArray[np.bool_]


def measure_shoreline(
    river_reaches: Layer,
    shorelines: Layer,
    *,
    towns: Layer | None = None,
    water_bodies: Layer | None = None,
    snap_m: float,
) -> Shoreline:
    """Measure the banks of every reach and what zone each stretch lies in.

    Parameters
    ----------
    river_reaches
        See `ecogeo.shoreline.banks_of`.
    shorelines
        Zones as lines or polygons; ``zone``, and, where there are such fields, ``reach_id`` and ``bank``: a zone then
        claims nothing of another reach.
    towns
        Polygons; None leaves the towns empty.
    water_bodies
        Polygons of other water, where an outline of water is no shore; nor is it where the reaches' coverage ends.
    snap_m
        How far a zone, or another water, may lie from a bank, metres.
    """
    banks = banks_of(river_reaches.geometries, figures_of(river_reaches, "width_m", read_width_m))
    ruler = ruler_of(banks.lines)
    zones = shorelines.text(shorelines.field("zone")).map(zone_name).to_numpy(dtype=object)
    reach_of = _reach_of(shorelines, river_reaches)
    told = _told_sides(shorelines)
    is_usable = (zones != "") & (reach_of != _LOST)
    zoned, is_off, is_partly_off = _zoned(
        ruler, banks, shorelines.geometries, is_usable=is_usable, reach_of=reach_of, told=told, snap_m=snap_m
    )
    rivers = river_reaches.text(river_reaches.field("river")).to_numpy()
    in_water = _in_water(ruler, banks, rivers, water_bodies, river_reaches.coverage, snap_m)
    in_towns = None if towns is None else _in_towns(ruler, towns)
    stretches = cut_stretches(ruler, zoned, [zone or "保护区" for zone in zones], water=in_water, towns=in_towns)
    names = np.array([*([] if towns is None else towns.names), ""], dtype=object)
    line = stretches["line"].to_numpy()
    side = banks.side[line]
    is_drawn = banks.drawn[banks.reach[line]] == Drawn.BANKS
    stretches = stretches.assign(
        reach=banks.reach[line],
        side=side,
        town=names[stretches["town"].to_numpy()],
        counts=(side != Side.ISLAND) & (is_drawn | ~stretches["in_water"].to_numpy()),
    )
    is_other_side = _other_side(zoned, banks, told, len(zones))
    return Shoreline(banks, ruler, stretches, zones, reach_of == _LOST, is_off, is_partly_off, is_other_side)


_LOST, _ANY = -2, -1


def _reach_of(shorelines: Layer, river_reaches: Layer) -> Positions:
    """Return the position of the reach each zone names; `_LOST` where it is not there, `_ANY` where it names none."""
    field = next(
        (name for name in _REACH_FIELDS if shorelines.declaration.fields.get(name, name) in shorelines.sound), ""
    )
    if not field:
        return np.full(len(shorelines.sound), _ANY)
    at = {"": _ANY} | {_plain(reach_id): number for number, reach_id in enumerate(river_reaches.ids)}
    named = shorelines.text(shorelines.field(field))
    positions: Positions = named.map(lambda name: at.get(_plain(name), _LOST)).to_numpy(int)
    return positions


def _plain(key: str) -> str:
    """Return a key in half-width forms and without blanks: two files seldom write it alike.

    Examples
    --------
    >>> _plain(" 甲－1 ")
    '甲-1'
    """
    return "".join(unicodedata.normalize("NFKC", key).split())


_REACH_FIELDS = ("reach_id", "reach")


def _told_sides(shorelines: Layer) -> npt.NDArray[np.object_]:
    """Return the bank each zone's own field tells, empty where it tells none."""
    if shorelines.declaration.fields.get("bank", "bank") not in shorelines.sound:
        return np.full(len(shorelines.sound), "", dtype=object)
    return np.array(
        [_SIDE_OF.get(text.strip(), "") for text in shorelines.text(shorelines.field("bank"))], dtype=object
    )


def _zoned(
    ruler: Ruler,
    banks: Banks,
    shapes: geodesy.Geometries,
    *,
    is_usable: npt.NDArray[np.bool_],
    reach_of: Positions,
    told: npt.NDArray[np.object_],
    snap_m: float,
) -> tuple[Claims, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Lay the zones on the banks; return the claims, which zones lie off, and which do so in part."""
    dimensions = shapely.get_dimensions(shapes)
    as_lines, as_ground = (np.flatnonzero(is_usable & (dimensions == wanted)) for wanted in (1, 2))

    def is_of(rows: Positions, bank: Positions, claimant: Positions) -> npt.NDArray[np.bool_]:
        wanted = reach_of[rows[claimant]]
        right: npt.NDArray[np.bool_] = (wanted == _ANY) | (wanted == banks.reach[bank])
        return right

    def is_on_side(bank: Positions, claimant: Positions) -> npt.NDArray[np.bool_]:
        wanted = told[as_ground[claimant]]
        free = (wanted == "") | ~np.isin(banks.side[bank], (Side.LEFT, Side.RIGHT))
        right: npt.NDArray[np.bool_] = is_of(as_ground, bank, claimant) & (free | (wanted == banks.side[bank]))
        return right

    lines, off = claimed_by_lines(
        ruler,
        shapes[as_lines],
        snap_m=snap_m,
        may=lambda bank, claimant: is_of(as_lines, bank, claimant),
        choose=lambda places: of_nearer_side(banks, places),
    )
    beside = claimed_by_ground(ruler, shapes[as_ground], snap_m=snap_m, may=is_on_side)
    held = claimed_by_ground(ruler, shapes[as_ground], snap_m=min(_HELD_M, snap_m), may=is_on_side)
    beside = without_held_by_others(ruler, beside, held, shapes[as_ground])
    ground = of_nearer_bank(ruler, banks, beside, shapes[as_ground], step_m=snap_m)
    zoned = _together(_of(lines, as_lines), _of(ground, as_ground))
    is_off = is_usable.copy()
    is_off[zoned.claimant] = False
    is_partly_off = np.zeros(len(shapes), dtype=bool)
    is_partly_off[as_lines] = off > 0
    return zoned, is_off, is_partly_off & ~is_off


def _of(claims: Claims, rows: Positions) -> Claims:
    """Return claims with the claimants' positions in the whole layer."""
    return Claims(claims.line, claims.start_m, claims.end_m, rows[claims.claimant])


def _together(*several: Claims) -> Claims:
    fields = ([getattr(one, name) for one in several] for name in ("line", "start_m", "end_m", "claimant"))
    return Claims(*(np.concatenate(values) for values in fields))


def _in_water(  # noqa: PLR0917  what a bank may lie in, each by itself
    ruler: Ruler,
    banks: Banks,
    rivers: npt.NDArray[np.object_],
    water_bodies: Layer | None,
    coverage: shapely.Geometry | None,
    snap_m: float,
) -> Claims:
    """Find the stretches of banks that lie in other water, or beyond what the layer covers."""
    bodies = _polygons(water_bodies)
    beyond = _beyond(coverage)
    grounds = np.concatenate([banks.water, bodies, beyond])
    reaches = len(banks.water)
    own = set(zip(*_own_bodies(banks.water, rivers, bodies), strict=True))

    def is_other(bank: Positions, ground: Positions) -> npt.NDArray[np.bool_]:
        reach = banks.reach[bank]
        is_own = np.array([(r, g - reaches) in own for r, g in zip(reach.tolist(), ground.tolist(), strict=True)], bool)
        is_drawn = banks.drawn[reach] == Drawn.BANKS
        other: npt.NDArray[np.bool_] = (ground != reach) & ~is_own & ((ground < reaches) | ~is_drawn)
        return other

    def of_kind(*, is_outline: bool) -> Claims:
        kind = (banks.drawn[banks.reach] == Drawn.OUTLINE) == is_outline

        def may(bank: Positions, ground: Positions) -> npt.NDArray[np.bool_]:
            right: npt.NDArray[np.bool_] = kind[bank] & is_other(bank, ground)
            return right

        return claimed_by_ground(ruler, grounds, snap_m=snap_m if is_outline else 0.0, may=may)

    return _together(of_kind(is_outline=True), of_kind(is_outline=False))


def _own_bodies(
    waters: geodesy.Geometries, rivers: npt.NDArray[np.object_], bodies: geodesy.Geometries
) -> tuple[list[int], list[int]]:
    """Return the pairs of reach and body of water that are one water.

    A body that holds half of a reach is the reach's own. So are the patches that hold half of it together, where a
    river is cut at the borders of villages; a lake it runs into is filled by the river to a small part only.
    """
    reach, body = touching(waters, bodies)
    shared = shapely.area(shapely.intersection(waters[reach], bodies[body]))
    whole, own = shapely.area(waters[reach]), shapely.area(bodies[body])
    in_bodies = np.bincount(reach, weights=shared, minlength=len(waters))[reach]
    pairs = pd.DataFrame({"river": [rivers[r] or r for r in reach], "body": body, "shared": shared})
    of_river = pairs.groupby(["river", "body"])["shared"].transform("sum").to_numpy()
    is_patch = (shared > 0) & (in_bodies > _SAME_WATER * whole) & (of_river > _PATCH_OF_RIVER * own)
    is_own = (shared > _SAME_WATER * whole) | is_patch
    return reach[is_own].tolist(), body[is_own].tolist()


def _polygons(layer: Layer | None) -> geodesy.Geometries:
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


def _in_towns(ruler: Ruler, towns: Layer) -> Claims:
    """Find the stretches of banks in each town."""
    shapes = towns.geometries.copy()
    shapes[shapely.get_dimensions(shapes) != 2] = None
    return claimed_by_ground(ruler, shapes, snap_m=0.0, may=lambda bank, _town: np.ones(len(bank), dtype=bool))


def _other_side(zoned: Claims, banks: Banks, told: npt.NDArray[np.object_], count: int) -> npt.NDArray[np.bool_]:
    """Tell the zones that say left of what is the right bank, or the reverse."""
    side, wanted = banks.side[zoned.line], told[zoned.claimant]
    is_told = (wanted != "") & np.isin(side, (Side.LEFT, Side.RIGHT))
    is_other: npt.NDArray[np.bool_] = np.zeros(count, dtype=bool)
    is_other[zoned.claimant[is_told & (side != wanted)]] = True
    return is_other
