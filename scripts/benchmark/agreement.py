"""Whether two answers say the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.registry import Edges

RELATIVE = 1e-6
LEAST = {"area_m2": 0.01, "length_m": 0.001, "share": 1e-6}
"""Two figures are the same within that share of them, or that many square metres or metres, or that share of ground."""

CUT_RELATIVE = 1e-3
CUT_LEAST = {"area_m2": 1.0, "length_m": 0.1}
"""The same for geodesics cut in parts, which bulge less than whole ones: the longer the edge, the more (its cube)."""


CELLS_LEAST = 0.02
"""The same for a program that takes whole cells for parts of them, of a share: on small polygons it is off by much."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How an answer compares with the reference.

    Parameters
    ----------
    pairs
        How many pairs it has.
    total
        Sum of its measure.
    odd_pairs
        Pairs that only one of the two has, and whose measure is not as good as none.
    worst
        The largest difference.
    is_same
        No odd pair, and every difference within the bounds.
    """

    pairs: int
    total: float
    odd_pairs: int
    worst: float
    is_same: bool


def compare(answer: Path, reference: Path, measure: str, edges: Edges) -> Agreement:
    """Hold an answer against the reference.

    Parameters
    ----------
    answer, reference
        Parquet files with ``site``, ``zone`` and the measure.
    measure
        ``area_m2``, ``length_m`` or ``share`` (of a polygon's ground; the zone is a class).
    edges
        How the answer sees an edge; it decides how far it may differ.
    """
    given, wanted = (pd.read_parquet(path).set_index(["site", "zone"])[measure] for path in (answer, reference))
    both = pd.concat([given, wanted], axis=1, keys=["given", "wanted"])
    odd = both.isna().any(axis=1) & (both.max(axis=1) > (CELLS_LEAST if edges == "cells" else LEAST[measure]))
    known = both.fillna(0.0)
    difference = (known["given"] - known["wanted"]).abs()
    relative, least = RELATIVE, LEAST[measure]
    if edges == "geodesic, cut":
        relative, least = CUT_RELATIVE, CUT_LEAST[measure]
    elif edges == "cells":
        relative, least = 0.0, CELLS_LEAST
    allowed = np.maximum(least, relative * known["wanted"].abs())
    return Agreement(
        pairs=len(given),
        total=float(given.sum()),
        odd_pairs=int(odd.sum()),
        worst=float(difference.max()) if len(difference) else 0.0,
        is_same=not odd.any() and bool((difference <= allowed).all()),
    )
