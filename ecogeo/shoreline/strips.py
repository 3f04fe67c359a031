"""Strips of land along banks (河道缓冲带), on the landward side."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.corridor import corridors
from ecogeo.guarded import joined, shared, without
from ecogeo.layer import Layer
from ecogeo.rounding import Rounding, rounded
from ecogeo.shoreline.banks import Banks, Drawn, Side, banks_of
from ecogeo.shoreline.claims import Claims
from ecogeo.shoreline.figures import figures_of, read_width_m
from ecogeo.shoreline.ruler import ruler_of
from ecogeo.shoreline.stretches import cut_stretches
from ecogeo.shoreline.waters import around_shared_islands, in_other_water
from ecogeo.wording import Text


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """Strips along the shore of reaches, within what their layer covers.

    Parameters
    ----------
    shapes
        Shape (n,) of the reaches, longitude and latitude; empty for one without shore.
    beyond_m2
        Ground of the strips that was cut off, since the layer does not cover it.
    idle_m
        Length of banks that are no shore, and so have no strip: in other water, or beyond the coverage.
    """

    shapes: geodesy.Geometries
    beyond_m2: float
    idle_m: float


def strips_of(
    river_reaches: Layer, width_m: geodesy.Floats, *, water_bodies: Layer | None = None, snap_m: float = 5.0
) -> Strips:
    """Return the land within a distance of the shore of each reach, as far as the layer covers it.

    Parameters
    ----------
    river_reaches
        The reaches, banks paired.
    width_m
        Shape (n,), metres.
    water_bodies, snap_m
        As of `ecogeo.shoreline.measure_shoreline`: a bank that does not count there has no strip.
    """
    banks = banks_of(river_reaches.geometries, figures_of(river_reaches, "width_m", read_width_m))
    shore, idle_m = _shore(banks, river_reaches, water_bodies, snap_m)
    strips = river_strips(shore, width_m)
    if river_reaches.coverage is None or shapely.is_empty(river_reaches.coverage):
        return Strips(strips, 0.0, idle_m)
    whole_m2 = geodesy.area_m2(strips)
    is_cut = ~shapely.covers(river_reaches.coverage, strips)
    coverage = np.full(int(is_cut.sum()), river_reaches.coverage, dtype=object)
    strips[is_cut] = shared(strips[is_cut], coverage)
    return Strips(strips, float((whole_m2 - geodesy.area_m2(strips)).sum()), idle_m)


def _shore(banks: Banks, river_reaches: Layer, water_bodies: Layer | None, snap_m: float) -> tuple[Banks, float]:
    """Return the banks without the stretches that are no shore, and the length of those."""
    ruler = ruler_of(banks.lines)
    rivers = np.array(river_reaches.text(river_reaches.field("river")), dtype=object)
    water = in_other_water(ruler, banks, rivers, water_bodies, river_reaches.coverage, snap_m)
    none = Claims(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0), np.empty(0, dtype=np.intp))
    rows = cut_stretches(ruler, none, [], water=water, islands=around_shared_islands(ruler, banks))
    is_drawn = banks.drawn[banks.reach[rows["line"]]] == Drawn.BANKS
    is_bank = banks.side[rows["line"]] != Side.ISLAND
    is_idle = is_bank & (rows["on_island"] | (rows["in_water"] & ~is_drawn)).to_numpy()
    lines = banks.lines.copy()
    for line in np.unique(rows["line"][is_idle]):
        kept = rows[(rows["line"] == line) & ~is_idle]
        ends = zip(kept["from_m"], kept["to_m"], strict=True)
        lines[line] = shapely.multilinestrings([ruler.segment(int(line), *pair) for pair in ends])
    return replace(banks, lines=lines), float(rows["length_m"][is_idle].sum())


def told_cut(strips: Strips, law: Rounding) -> Text | None:
    """Say what strips leave out; None where that is nothing."""
    beyond_ha, idle_m = rounded(strips.beyond_m2 / geodesy.M2_PER_HA, 4, law), rounded(strips.idle_m, 2, law)
    if beyond_ha <= 0 and idle_m <= 0:
        return None
    return Text(
        f"岸边带只沿计入岸线总长的岸，并裁到河段图层的覆盖范围：{idle_m:.2f} 米岸（其他水面内或覆盖范围外）没有岸边带，"
        f"另裁去 {beyond_ha:.4f} 公顷",
        "strips lie along banks that count as shore, within what the layer of reaches covers: "
        f"{idle_m:.2f} m of banks (in other water or beyond) have none, and {beyond_ha:.4f} ha were cut off",
    )


def river_strips(banks: Banks, width_m: geodesy.Floats) -> geodesy.Geometries:
    """Return the land within a distance of the banks of each reach.

    Parameters
    ----------
    banks
        The banks; islands have no strip.
    width_m
        Shape (n,) of the reaches, how far the strip reaches from the bank, metres.

    Returns
    -------
    Shape (n,), longitude and latitude; empty for a reach without banks. The water of every reach is left out; of a
    reach whose banks enclose none, the strip lies on both sides of its banks. Strips end square where banks end.

    Examples
    --------
    Two banks of 1000 m, 100 m apart, and strips of 20 m: 4 ha.

    >>> from ecogeo.shoreline.banks import banks_of
    >>> plane = geodesy.local_plane(109.0)
    >>> river = shapely.MultiLineString([[(0, 0), (1000, 0)], [(0, 100), (1000, 100)]])
    >>> banks = banks_of(plane.to_lonlat(np.array([river])), np.array([np.nan]))
    >>> round(float(geodesy.area_m2(river_strips(banks, np.array([20.0])))[0]), -1)
    40000.0
    """
    is_bank = np.array([side is not Side.ISLAND for side in banks.side], dtype=bool)
    is_bank &= ~shapely.is_empty(banks.lines)
    lines, reach = banks.lines[is_bank], banks.reach[is_bank]
    along = shapely.make_valid(corridors(lines, 2.0 * width_m[reach]), method="structure", keep_collapsed=False)
    waters = shapely.make_valid(banks.water[~shapely.is_missing(banks.water)], method="structure", keep_collapsed=False)
    water = np.array([joined(waters)], dtype=object)
    strips: geodesy.Geometries = np.full(len(banks.drawn), shapely.Polygon(), dtype=object)
    for row in np.unique(reach):
        strips[row] = without(np.array([joined(along[reach == row])], dtype=object), water)[0]
    return strips
