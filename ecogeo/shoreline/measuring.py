"""A county's shoreline: every stretch of every bank with its reach, side, zone and town."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.overlay import Positions
from ecogeo.shoreline.banks import Banks, Drawn, Side, banks_of
from ecogeo.shoreline.claims import Claims, claimed_by_ground, claimed_by_lines
from ecogeo.shoreline.figures import figures_of, read_width_m
from ecogeo.shoreline.held import without_held_by_others
from ecogeo.shoreline.nearer import of_nearer_bank, of_nearer_side
from ecogeo.shoreline.ruler import Ruler, ruler_of
from ecogeo.shoreline.stretches import cut_stretches
from ecogeo.shoreline.waters import around_shared_islands, in_other_water, together
from ecogeo.shoreline.zones import zone_name

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
    other_ids: Mapping[str, str] | None = None,
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
    other_ids
        Other ids by which zones may name a reach, and the reach's own.
    """
    banks = banks_of(river_reaches.geometries, figures_of(river_reaches, "width_m", read_width_m))
    ruler = ruler_of(banks.lines)
    zones = shorelines.text(shorelines.field("zone")).map(zone_name).to_numpy(dtype=object)
    reach_of = _reach_of(shorelines, river_reaches, other_ids or {})
    told = _told_sides(shorelines)
    is_usable = (zones != "") & (reach_of != _LOST)
    zoned, is_off, is_partly_off = _zoned(
        ruler, banks, shorelines.geometries, is_usable=is_usable, reach_of=reach_of, told=told, snap_m=snap_m
    )
    rivers = river_reaches.text(river_reaches.field("river")).to_numpy()
    in_water = in_other_water(ruler, banks, rivers, water_bodies, river_reaches.coverage, snap_m)
    in_towns = None if towns is None else _in_towns(ruler, towns)
    stretches = cut_stretches(
        ruler,
        zoned,
        [zone or "保护区" for zone in zones],
        water=in_water,
        towns=in_towns,
        islands=around_shared_islands(ruler, banks),
    )
    names = np.array([*([] if towns is None else towns.names), ""], dtype=object)
    line = stretches["line"].to_numpy()
    side = np.where(stretches.pop("on_island"), Side.ISLAND, banks.side[line])
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


def _reach_of(shorelines: Layer, river_reaches: Layer, other_ids: Mapping[str, str]) -> Positions:
    """Return the position of the reach each zone names; `_LOST` where it is not there, `_ANY` where it names none."""
    field = next(
        (name for name in _REACH_FIELDS if shorelines.declaration.fields.get(name, name) in shorelines.sound), ""
    )
    if not field:
        return np.full(len(shorelines.sound), _ANY)
    at = {"": _ANY} | {_plain(reach_id): number for number, reach_id in enumerate(river_reaches.ids)}
    at |= {_plain(other): at[_plain(own)] for other, own in other_ids.items() if _plain(own) in at}
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
    zoned = together(_of(lines, as_lines), _of(ground, as_ground))
    is_off = is_usable.copy()
    is_off[zoned.claimant] = False
    is_partly_off = np.zeros(len(shapes), dtype=bool)
    is_partly_off[as_lines] = off > 0
    return zoned, is_off, is_partly_off & ~is_off


def _of(claims: Claims, rows: Positions) -> Claims:
    """Return claims with the claimants' positions in the whole layer."""
    return Claims(claims.line, claims.start_m, claims.end_m, rows[claims.claimant])


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
