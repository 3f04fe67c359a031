"""Mines: what their fields say of state, part and area, and how much of their ground is restored."""

from ecogeo.mines.attributes import EXTENT, attribute_fields
from ecogeo.mines.faults import faults_of_overlaps, faults_of_parts, faults_of_stated, faults_of_words
from ecogeo.mines.ground import BY_FIELDS, BY_PARTS, UNTOLD, Mines, mines_of, unknown_m2
from ecogeo.mines.restoration import rate_bounds_pct, restoration_pct, told_met
from ecogeo.mines.stated import Stated, stated_areas_of
from ecogeo.mines.states import state_rows
from ecogeo.mines.targets import MineTarget, planned_targets, state_of_indicator
from ecogeo.mines.words import Part, State, is_green, part_of, read_area_m2, read_figure, says_nothing, state_of

__all__ = [
    "BY_FIELDS",
    "BY_PARTS",
    "EXTENT",
    "UNTOLD",
    "MineTarget",
    "Mines",
    "Part",
    "State",
    "Stated",
    "attribute_fields",
    "faults_of_overlaps",
    "faults_of_parts",
    "faults_of_stated",
    "faults_of_words",
    "is_green",
    "mines_of",
    "part_of",
    "planned_targets",
    "rate_bounds_pct",
    "read_area_m2",
    "read_figure",
    "restoration_pct",
    "says_nothing",
    "state_of",
    "state_of_indicator",
    "state_rows",
    "stated_areas_of",
    "told_met",
    "unknown_m2",
]
