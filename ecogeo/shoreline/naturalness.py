"""How natural the land along the banks of reaches is (岸线自然化率), by land cover within a distance.

Source: no clause read by the builders defines it. Which ground is natural, and the distance, are the builders' choice.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecogeo import geodesy
from ecogeo.landuse.book import NOTHING, LandBook
from ecogeo.landuse.cover import meanings_of
from ecogeo.layer import Layer
from ecogeo.raster import Raster
from ecogeo.zonal import class_areas

NATURALNESS = "bank_naturalness"

NATURAL = ("forest", "grass", "shrub", "wetland", "water", "bare", "snow")
"""Kinds of land cover that count as natural; the builders' choice."""


def bank_naturalness(
    river_reaches: Layer, landcover: Raster, book: LandBook, strips: geodesy.Geometries, *, within_m: float
) -> pd.DataFrame:
    """Measure the natural ground within a distance of the banks of each reach.

    Parameters
    ----------
    river_reaches
        See `ecogeo.shoreline.banks_of`; ``river``, and ``width_m`` of centre lines.
    landcover
        Classes in cells.
    book
        What the classes count as.
    strips
        Shape of the reaches, of `ecogeo.shoreline.strips.strips_of`.
    within_m
        Width of the strip, landward of the banks, metres.

    Returns
    -------
    One row per reach: ``reach_id, river, within_m, strip_ha, natural_ha, unknown_ha, natural_pct`` (of known ground;
    NaN where nothing is known). Cells count by the fraction of them in the strip, their ground on the ellipsoid.
    """
    meanings = meanings_of(landcover, book)
    kinds = {code: meaning.kind for code, meaning in meanings.items() if meaning.kind not in {"", NOTHING}}
    areas = class_areas(strips, landcover)
    kind = areas["code"].map(kinds)
    areas = areas.assign(
        natural_m2=areas["area_m2"].where(kind.isin(NATURAL), 0.0), known_m2=areas["area_m2"].where(kind.notna(), 0.0)
    )
    sums = areas.groupby("position")[["natural_m2", "known_m2"]].sum().reindex(range(len(strips)), fill_value=0.0)
    strip_m2 = geodesy.area_m2(strips)
    natural, known = sums["natural_m2"].to_numpy(), sums["known_m2"].to_numpy()
    return pd.DataFrame(
        {
            "reach_id": river_reaches.ids.to_numpy(),
            "river": river_reaches.text(river_reaches.field("river")).to_numpy(),
            "within_m": within_m,
            "strip_ha": strip_m2 / geodesy.M2_PER_HA,
            "natural_ha": natural / geodesy.M2_PER_HA,
            "unknown_ha": np.maximum(strip_m2 - known, 0.0) / geodesy.M2_PER_HA,
            "natural_pct": natural_pct(natural, known),
        }
    )


def natural_pct(natural_m2: geodesy.Floats, known_m2: geodesy.Floats) -> geodesy.Floats:
    """Return the natural share of the known ground of strips, per cent; NaN where nothing is known.

    Parameters
    ----------
    natural_m2, known_m2
        Shape (n,), square metres.

    Examples
    --------
    A strip of 10 ha, 0.5 ha without data, 7 ha of the rest natural; and one of which nothing is known:

    >>> natural_pct(np.array([70_000.0, 0.0]), np.array([95_000.0, 0.0])).round(3).tolist()
    [73.684, nan]
    """
    share: geodesy.Floats = np.divide(
        natural_m2 * 100, known_m2, out=np.full(len(known_m2), np.nan), where=known_m2 > 0
    )
    return share
