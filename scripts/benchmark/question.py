"""The question every program is given, on its command line: which files, where the answer goes, what to measure."""

from __future__ import annotations

import sys
from typing import NamedTuple


class Question(NamedTuple):
    """By how much each site overlaps each zone.

    Parameters
    ----------
    sites, zones
        GeoParquet files with the columns ``site`` or ``zone`` (0, 1, …) and ``geometry``.
    answer
        Parquet file to write: ``site``, ``zone`` and the measure, one row per pair that overlaps, in any order.
    measure
        ``area_m2`` or ``length_m``, on the ellipsoid; or ``share``: then `zones` is a raster, and a zone one of its
        classes.
    """

    sites: str
    zones: str
    answer: str
    measure: str

    @classmethod
    def asked(cls) -> Question:
        """Return the question on the command line."""
        return cls(*sys.argv[1:5])
