"""The tables of a measured shoreline: per reach, per bank, added up, and the stretches worth a look."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.shoreline.figures import figures_of, read_target_pct, words_of
from ecogeo.shoreline.measuring import Shoreline
from ecogeo.shoreline.zones import UNZONED, ZONES

COLUMN_OF = {
    **dict(zip(ZONES, ("protected_m", "reserved_m", "controlled_m", "developed_m"), strict=True)),
    UNZONED: "unzoned_m",
}
LENGTHS = ["bank_m", *COLUMN_OF.values()]


def reach_rows(shore: Shoreline, river_reaches: Layer) -> pd.DataFrame:
    """Return one row per reach with the lengths of its shoreline, the rate and whether the target is met.

    Parameters
    ----------
    shore
        The measured shoreline.
    river_reaches
        The reaches; ``river``, ``basin``, and ``target_pct`` where one is set.

    Returns
    -------
    ``reach_id, river, basin, bank_m … unzoned_m, protection_pct, target_pct, met``. A reach that was not measured has
    no lengths; one that no zone claims any stretch of has no rate: nobody zoned it yet.
    """
    reaches = pd.RangeIndex(len(river_reaches.ids))
    counted = shore.stretches[shore.stretches["counts"]]
    lengths = _lengths(counted, "reach").reindex(reaches)
    measured = np.unique(shore.banks.reach)
    lengths.loc[measured] = lengths.loc[measured].fillna(0.0)
    target_pct = figures_of(river_reaches, "target_pct", read_target_pct)
    rivers = river_reaches.text(river_reaches.field("river")).to_numpy()
    told = pd.DataFrame({"river": rivers, "basin": words_of(river_reaches, "basin")})
    rows = pd.concat([told, lengths], axis=1)
    rows.insert(0, "reach_id", river_reaches.ids.to_numpy())
    rate = _rate(rows)
    known = rate.notna() & ~np.isnan(target_pct)
    met = np.where(known, np.where(rate >= target_pct, "yes", "no"), "")
    return rows.assign(protection_pct=rate, target_pct=target_pct, met=met)


def _lengths(stretches: pd.DataFrame, by: str | list[str]) -> pd.DataFrame:
    """Add stretches up by zone, metres."""
    sums = stretches.pivot_table(index=by, columns="zone", values="length_m", aggfunc="sum", fill_value=0.0, sort=True)
    sums = sums.reindex(columns=list(COLUMN_OF), fill_value=0.0).rename(columns=COLUMN_OF)
    sums.insert(0, "bank_m", sums.sum(axis=1))
    return sums.rename_axis(columns=None)


def protection_pct(protected_m: geodesy.Floats, reserved_m: geodesy.Floats, bank_m: geodesy.Floats) -> geodesy.Floats:
    """Return the protected and reserved share of shores, per cent; NaN where there is no shore.

    Parameters
    ----------
    protected_m, reserved_m, bank_m
        Shape (n,), lengths along both banks, metres: 保护区, 保留区, and all of it.

    Notes
    -----
    Source: 河湖岸线保护率 = (岸线保护区长度 + 岸线保留区长度) ÷ 岸线总长, as provinces report it.

    Examples
    --------
    600 m protected and 300 m reserved of two banks of 1000 m each:

    >>> protection_pct(np.array([600.0, 0.0]), np.array([300.0, 0.0]), np.array([2000.0, 0.0])).tolist()
    [45.0, nan]
    """
    protected = (protected_m + reserved_m) * 100
    rate: geodesy.Floats = np.divide(protected, bank_m, out=np.full(len(bank_m), np.nan), where=bank_m > 0)
    return rate


def _rate(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the rate in per cent; none where nothing was measured or zoned: no data is not a rate of nothing."""
    lengths = (rows[name].to_numpy(dtype=float) for name in ("protected_m", "reserved_m", "bank_m"))
    rate = pd.Series(protection_pct(*lengths), index=rows.index)
    return rate.where(rows["unzoned_m"] < rows["bank_m"])


def bank_rows(shore: Shoreline, river_reaches: Layer) -> pd.DataFrame:
    """Return one row per reach and side, islands too: ``reach_id, side, drawn, counts``, the lengths and the rate."""
    stretches = shore.stretches
    if stretches.empty:
        return pd.DataFrame(columns=["reach_id", "side", "drawn", "counts", *LENGTHS, "protection_pct"])
    sums = _lengths(stretches.assign(side=stretches["side"].map(str)), ["reach", "side", "counts"]).reset_index()
    rows = sums.assign(
        reach_id=river_reaches.ids.to_numpy()[sums["reach"]],
        drawn=[str(shore.banks.drawn[reach]) for reach in sums["reach"]],
        counts=np.where(sums["counts"], "yes", "no"),
        protection_pct=_rate(sums),
    )
    return rows[["reach_id", "side", "drawn", "counts", *LENGTHS, "protection_pct"]]


def total_rows(shore: Shoreline, reaches: pd.DataFrame) -> pd.DataFrame:
    """Add the zoned reaches up by river, basin and town, and for the county; those without any zone are counted only.

    Parameters
    ----------
    shore
        The measured shoreline.
    reaches
        The rows of `reach_rows`.
    """
    is_zoned = reaches["protection_pct"].notna().to_numpy()
    counted = shore.stretches[shore.stretches["counts"]]
    places = counted["reach"].to_numpy()
    stretches = counted.assign(
        river=reaches["river"].to_numpy()[places],
        basin=reaches["basin"].to_numpy()[places],
        county="county",
        is_zoned=is_zoned[places],
    )
    frames = []
    for level in ("river", "basin", "town", "county"):
        rows = stretches[stretches[level] != ""] if level in {"basin", "town"} else stretches
        seen = rows.drop_duplicates([level, "reach"]).groupby(level, sort=True)["is_zoned"].agg(["sum", "size"])
        sums = _lengths(rows[rows["is_zoned"]], level).reindex(seen.index, fill_value=0.0).reset_index(names="name")
        sums.insert(0, "level", level)
        sums.insert(2, "reaches", seen["sum"].to_numpy(dtype=int))
        sums.insert(3, "reaches_unzoned", (seen["size"] - seen["sum"]).to_numpy(dtype=int))
        frames.append(sums.assign(protection_pct=_rate(sums)))
    return pd.concat(frames, ignore_index=True)


def segment_rows(shore: Shoreline, river_reaches: Layer, *, least_m: float) -> pd.DataFrame:
    """List the stretches worth a look: unzoned, doubly zoned, and those in other water.

    Parameters
    ----------
    shore
        The measured shoreline.
    river_reaches
        The reaches.
    least_m
        Shorter stretches are counted, not listed, metres.

    Returns
    -------
    ``reach_id, river, side, kind`` (``gap``, ``overlap`` or ``in water``), ``zones, town, counts``, ``from_m, to_m,
    length_m`` (from the start of the bank as drawn), longitude and latitude of both ends, and ``line``, the bank.
    """
    rows = shore.stretches
    frames = [
        rows[rows["zone"] == UNZONED].assign(kind="gap"),
        rows[rows["is_overlap"]].assign(kind="overlap"),
        rows[rows["in_water"]].assign(kind="in water"),
    ]
    listed = pd.concat(frames, ignore_index=True)
    keep = (listed["length_m"] >= least_m) & ~((listed["kind"] == "gap") & ~listed["counts"])
    listed = listed[keep].sort_values(["line", "from_m", "kind"], kind="stable", ignore_index=True)
    reach = listed["reach"].to_numpy(dtype=int)
    listed["reach_id"] = river_reaches.ids.to_numpy()[reach]
    listed["river"] = river_reaches.text(river_reaches.field("river")).to_numpy()[reach]
    listed["counts"] = np.where(listed["counts"], "yes", "no")
    listed["side"] = listed["side"].map(str)
    for end, at in (("start", "from_m"), ("end", "to_m")):
        places = shore.ruler.point_at(listed["line"].to_numpy(dtype=int), listed[at].to_numpy(float))
        listed[f"{end}_lon"], listed[f"{end}_lat"] = ([f"{value:.7f}" for value in column] for column in places.T)
    return listed[[*SEGMENT_COLUMNS, "line"]]


SEGMENT_COLUMNS = [
    *("reach_id", "river", "side", "kind", "zones", "town", "counts", "from_m", "to_m", "length_m"),
    *("start_lon", "start_lat", "end_lon", "end_lat"),
]
