"""A search for ground as a page orders and shows it: what was asked, what was found, its surface as a picture."""

from ecogeo.siteboard.comparing import Moved, compare_found
from ecogeo.siteboard.overlay import COLOURS, Overlay, surface_overlay
from ecogeo.siteboard.ranking import Ranked, ranked
from ecogeo.siteboard.telling import texts, told_route, told_search
from ecogeo.siteboard.wanted import (
    MOST_CANDIDATES,
    Wanted,
    constraint_titles,
    corners_of,
    criteria_table,
    ends_of,
    ground_of,
    ground_wkt,
    parameters_of,
    read_wanted,
    require_cells,
    shown_corners,
    wanted_problems,
    weighted_criteria,
)

__all__ = [
    "COLOURS",
    "MOST_CANDIDATES",
    "Moved",
    "Overlay",
    "Ranked",
    "Wanted",
    "compare_found",
    "constraint_titles",
    "corners_of",
    "criteria_table",
    "ends_of",
    "ground_of",
    "ground_wkt",
    "parameters_of",
    "ranked",
    "read_wanted",
    "require_cells",
    "shown_corners",
    "surface_overlay",
    "texts",
    "told_route",
    "told_search",
    "wanted_problems",
    "weighted_criteria",
]
