"""Shorelines: the banks of reaches, what claims them, and the stretches that come of it, measured on the ellipsoid."""

from ecogeo.shoreline.banks import Banks, Drawn, Side, banks_of
from ecogeo.shoreline.claims import Claims, claimed_by_ground, claimed_by_lines
from ecogeo.shoreline.figures import read_target_pct, read_width_m, words_of
from ecogeo.shoreline.measuring import Shoreline, measure_shoreline
from ecogeo.shoreline.pairing import Paired, with_banks_paired
from ecogeo.shoreline.ruler import Ruler, ruler_of
from ecogeo.shoreline.stretches import cut_stretches
from ecogeo.shoreline.zones import UNZONED, ZONES, zone_name

__all__ = [
    "UNZONED",
    "ZONES",
    "Banks",
    "Claims",
    "Drawn",
    "Paired",
    "Ruler",
    "Shoreline",
    "Side",
    "banks_of",
    "claimed_by_ground",
    "claimed_by_lines",
    "cut_stretches",
    "measure_shoreline",
    "read_target_pct",
    "read_width_m",
    "ruler_of",
    "with_banks_paired",
    "words_of",
    "zone_name",
]
