"""Banks cut where what claims them begins and ends, each stretch counted once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogeo import geodesy
from ecogeo.overlay import Positions
from ecogeo.shoreline.claims import Claims
from ecogeo.shoreline.ruler import Ruler
from ecogeo.shoreline.zones import UNZONED, ZONES

_STEP_M = 1e-6
"""Marks nearer than a micrometre are one."""

_SAME = ["line", "zone", "zones", "is_overlap", "in_water", "on_island", "town"]


def cut_stretches(
    ruler: Ruler,
    zoned: Claims,
    zones: Sequence[str],
    *,
    water: Claims | None = None,
    towns: Claims | None = None,
    islands: Claims | None = None,
) -> pd.DataFrame:
    """Cut banks where zones, other waters and towns begin and end; where zones overlap the stricter wins.

    Parameters
    ----------
    ruler
        The banks.
    zoned
        What each zone claims.
    zones
        The zone of each claimant, one of `ZONES`.
    water
        What lies in the water of another reach.
    towns
        What lies in each town; of two towns that claim one stretch the first in order along the bank has it.
    islands
        What of an outer bank goes round an island.

    Returns
    -------
    One row per stretch, by bank, then along it: ``line`` (the bank), ``from_m`` and ``to_m`` along it, ``length_m``
    (ellipsoidal; they add up to the bank's length), ``zone`` (the strictest of `ZONES`, or `UNZONED`), ``zones`` (all
    that claim it, joined by ``;``), ``is_overlap`` (several claimants do, of one zone or of several), ``in_water``,
    ``on_island``, and ``town`` (position, -1 for none).

    Examples
    --------
    A bank of 1000 m, two zones that overlap by 100 m:

    >>> import shapely
    >>> from ecogeo.shoreline.ruler import ruler_of
    >>> bank = ruler_of(np.array([shapely.LineString([(109, 24), (109, 24.009028)])]))
    >>> own = np.array([0, 0])
    >>> claims = Claims(own, np.array([0.0, 500.0]), np.array([600.0, 900.0]), np.array([0, 1]))
    >>> rows = cut_stretches(bank, claims, ["保留区", "保护区"])
    >>> [(zone, round(length)) for zone, length in zip(rows["zone"], rows["length_m"])]
    [('保留区', 500), ('保护区', 100), ('保护区', 300), ('unzoned', 100)]
    """
    marks = _marks(ruler, [claims for claims in (zoned, water, towns, islands) if claims is not None])
    low, high = marks[:-1], marks[1:]
    line = np.clip(np.searchsorted(ruler.offset_m, (low + high) / 2, side="right") - 1, 0, len(ruler.line_m) - 1)
    rank = np.array([ZONES.index(zone) for zone in zones], dtype=np.intp)
    covers = np.array([_covered(ruler, zoned, rank[zoned.claimant] == number, marks) for number in range(len(ZONES))])
    strictest = np.where(covers.any(axis=0), covers.argmax(axis=0), len(ZONES))
    names = [";".join(zone for zone, is_there in zip(ZONES, row, strict=True) if is_there) for row in covers.T]
    rows = pd.DataFrame(
        {
            "line": line,
            "from_m": low - ruler.offset_m[line],
            "to_m": high - ruler.offset_m[line],
            "zone": np.array([*ZONES, UNZONED], dtype=object)[strictest],
            "zones": np.array(names, dtype=object),
            "is_overlap": _claimants(ruler, zoned, marks) > 1,
            "in_water": np.zeros(len(low), dtype=bool) if water is None else _covered(ruler, water, None, marks),
            "on_island": np.zeros(len(low), dtype=bool) if islands is None else _covered(ruler, islands, None, marks),
            "town": np.full(len(low), -1) if towns is None else _owner(ruler, towns, marks),
        }
    )
    run = (rows[_SAME] != rows[_SAME].shift()).any(axis=1).cumsum()
    joined = rows.groupby(run, sort=True).agg({name: "last" if name == "to_m" else "first" for name in rows.columns})
    joined["length_m"] = joined["to_m"] - joined["from_m"]
    return joined.reset_index(drop=True)


def _marks(ruler: Ruler, claims: Sequence[Claims]) -> geodesy.Floats:
    """Return every place where something begins or ends, all banks laid end to end."""
    ends = [ruler.offset_m, *(ruler.offset_m[one.line] + at_m for one in claims for at_m in (one.start_m, one.end_m))]
    marks = np.unique(np.concatenate(ends))
    keep = np.concatenate([[True], np.diff(marks) > _STEP_M])
    kept: geodesy.Floats = np.union1d(marks[keep], ruler.offset_m)
    return kept


def _span(ruler: Ruler, claims: Claims, marks: geodesy.Floats) -> tuple[Positions, Positions]:
    """Return the positions among the marks at which claims begin and end."""
    offset_m = ruler.offset_m[claims.line]
    ends = (offset_m + claims.start_m, offset_m + claims.end_m)
    first, last = (np.searchsorted(marks, at_m - _STEP_M, side="left") for at_m in ends)
    return first, last


def _covered(
    ruler: Ruler, claims: Claims, which: npt.NDArray[np.bool_] | None, marks: geodesy.Floats
) -> npt.NDArray[np.bool_]:
    """Tell which stretches between marks one of the chosen claims holds."""
    first, last = _span(ruler, claims, marks)
    if which is not None:
        first, last = first[which], last[which]
    change = np.bincount(first, minlength=len(marks)) - np.bincount(last, minlength=len(marks))
    covered: npt.NDArray[np.bool_] = np.cumsum(change)[:-1] > 0
    return covered


def _claimants(ruler: Ruler, claims: Claims, marks: geodesy.Floats) -> Positions:
    """Count the claimants of each stretch between marks; what one claims twice counts once."""
    first, last = _span(ruler, claims, marks)
    order = np.lexsort((first, claims.claimant))
    first, last, claimant = first[order], last[order], claims.claimant[order]
    shift = claimant * (len(marks) + 1)
    reached = np.maximum.accumulate(np.concatenate([[-1], (last + shift)[:-1]])) if len(first) else last
    first = np.maximum(first, np.minimum(reached - shift, last))
    change = np.bincount(first, minlength=len(marks)) - np.bincount(last, minlength=len(marks))
    count: Positions = np.cumsum(change)[:-1]
    return count


def _owner(ruler: Ruler, claims: Claims, marks: geodesy.Floats) -> Positions:
    """Return who claims each stretch between marks, where claims do not overlap one another; -1 where nobody does."""
    first, last = _span(ruler, claims, marks)
    order = np.lexsort((claims.claimant, first))
    first, last, claimant = first[order], last[order], claims.claimant[order]
    stretch = np.arange(len(marks) - 1)
    if not len(first):
        return np.full(len(stretch), -1, dtype=np.intp)
    at = np.searchsorted(first, stretch, side="right") - 1
    is_held = (at >= 0) & (stretch < last[at])
    owner: Positions = np.where(is_held, claimant[at], -1)
    return owner
