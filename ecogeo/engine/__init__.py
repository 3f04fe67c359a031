"""Large work in pieces: blocks of sites, on one machine or on a Dask cluster, with the same bytes as in one go."""

from ecogeo.engine.checking import check_in_pieces
from ecogeo.engine.crew import Crew
from ecogeo.engine.screening import LARGE_FEATURES, Screening, is_large, screen_in_blocks

__all__ = ["LARGE_FEATURES", "Crew", "Screening", "check_in_pieces", "is_large", "screen_in_blocks"]
