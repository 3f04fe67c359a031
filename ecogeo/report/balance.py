"""Parts of a form forced to the total printed beside them, with every adjustment listed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ecogeo.report.cells import decimals_of, number_text
from ecogeo.rounding import Rounding, forced_to_total, rounded_all

ADJUSTMENT_COLUMNS = ("site_id", "layer", "zone", "column", "rounded", "adjusted", "by_how_much")

_BALANCED = {"overlap_m2": 0.005, "overlap_ha": 5e-7, "length_m": 0.005}
"""Columns whose parts by zone add up to a total of the same name in ``screening.csv``, each with what the sum of parts
that do not overlap may differ from it by floating-point arithmetic: 0.005 m² or m."""

_KEYS = ["site_id", "layer"]


def balanced_zones(zones: pd.DataFrame, screening: pd.DataFrame, law: Rounding) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Force the parts of each site in each layer to its printed total (强制调平), where they are parts of it.

    Parameters
    ----------
    zones
        Rows of ``screening_zones.csv``, unrounded.
    screening
        Rows of ``screening.csv``, unrounded: the totals.
    law
        How parts and totals are rounded.

    Returns
    -------
    The zones with balanced figures, and the adjustments (`ADJUSTMENT_COLUMNS`), the figures in the column's own unit.
    Where zones of several values overlap each other within a site, their sum is rightly more than the total: such parts
    are left as they are, and so are net areas, whose total is printed nowhere.
    """
    forced = zones.copy()
    adjusted: list[tuple[str, ...]] = []
    totals = screening.drop_duplicates(_KEYS).set_index(_KEYS)
    index = pd.MultiIndex.from_frame(zones[_KEYS])
    groups = zones.groupby(_KEYS, sort=False).indices
    for column, slack in _BALANCED.items():
        decimals = decimals_of(column) or 0
        figures = zones[_KEYS].assign(
            exact=zones[column].to_numpy(float), total=totals[column].reindex(index).to_numpy(float)
        )
        figures["near"] = rounded_all(figures["exact"].to_numpy(), decimals, law)
        figures["whole"] = rounded_all(figures["total"].to_numpy(), decimals, law)
        written = figures["near"].to_numpy(copy=True)
        for key in _unbalanced(figures, slack):
            rows = np.asarray(groups[key])
            exact, total = figures["exact"].to_numpy()[rows], float(figures["total"].iloc[rows[0]])
            parts = forced_to_total(exact.tolist(), decimals, total, law)
            written[rows] = parts.parts
            for row, change in zip(rows.tolist(), parts.adjustments, strict=True):
                if change:
                    figure = (float(figures["near"].iloc[row]), float(written[row]), change)
                    who = (str(zones[name].iloc[row]) for name in (*_KEYS, "zone"))
                    adjusted.append((*who, column, *(number_text(column, one, law) for one in figure)))
        forced[column] = written
    return forced, pd.DataFrame(adjusted, columns=list(ADJUSTMENT_COLUMNS), dtype=str)


def balanced_dropped(dropped: pd.DataFrame, law: Rounding) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Force the pieces dropped of each site in each layer to their rounded sum.

    Many small roundings would add up to more than 0.01 m², and what was dropped must add up with what was kept.

    Parameters
    ----------
    dropped
        Rows of ``dropped.csv``, unrounded.
    law
        How pieces and sums are rounded.

    Returns
    -------
    The pieces with balanced areas, and the adjustments (`ADJUSTMENT_COLUMNS`; ``zone`` is the zone's key).
    """
    forced, adjusted = dropped.copy(), []
    exact = dropped["area_m2"].to_numpy(float)
    written = rounded_all(exact, 2, law)
    for places in dropped.groupby(_KEYS, sort=False).indices.values():
        rows = np.asarray(places)
        if len(rows) == 1:
            continue
        near = written[rows]
        parts = forced_to_total(exact[rows].tolist(), 2, None, law)
        written[rows] = parts.parts
        for row, before, change in zip(rows.tolist(), near, parts.adjustments, strict=True):
            if change:
                figures = (number_text("area_m2", float(one), law) for one in (before, written[row], change))
                who = (str(dropped[name].iloc[row]) for name in (*_KEYS, "zone_id"))
                adjusted.append((*who, "area_m2", *figures))
    forced["area_m2"] = written
    return forced, pd.DataFrame(adjusted, columns=list(ADJUSTMENT_COLUMNS), dtype=str)


def _unbalanced(figures: pd.DataFrame, slack: float) -> list[Any]:
    """Return site and layer of parts that are parts of their total, but whose rounded sum misses the rounded total."""
    groups = figures.groupby(_KEYS, sort=False)
    sums = groups.agg(exact=("exact", "sum"), near=("near", "sum"), total=("total", "first"), whole=("whole", "first"))
    is_partition = (sums["exact"] - sums["total"]).abs() < slack
    misses = (sums["near"] - sums["whole"]).abs() > slack
    return list(sums.index[is_partition & misses])
