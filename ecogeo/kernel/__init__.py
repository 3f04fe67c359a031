"""The overlap kernel: by how much each of N sites overlaps each of M zones, on the ellipsoid, with no overlay built.

Start at ``overlap`` for what is measured, ``pieces`` and ``sums`` for how, ``index`` for what is kept of the zones.
"""

from ecogeo.kernel.index import ZoneIndex
from ecogeo.kernel.kept import LEAST_VERTICES, kept_index
from ecogeo.kernel.lengths import Stretches, overlap_length
from ecogeo.kernel.lines import Lines, length_m
from ecogeo.kernel.overlap import Pairs, overlap_area
from ecogeo.kernel.points import covers
from ecogeo.kernel.polygons import Polygons
from ecogeo.kernel.simple import area_m2

__all__ = [
    "LEAST_VERTICES",
    "Lines",
    "Pairs",
    "Polygons",
    "Stretches",
    "ZoneIndex",
    "area_m2",
    "covers",
    "kept_index",
    "length_m",
    "overlap_area",
    "overlap_length",
]
