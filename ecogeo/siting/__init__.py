"""Where a project could go, and the least change that frees it.

What blocks a site is what the screening itself finds in its surroundings, judged by the same rules, so that no second
reading of a layer can differ from the first; every proposal is screened again before it is told.
"""

from __future__ import annotations

from ecogeo.siting.avoiding import Avoidance, AvoidOptions, Proposal, avoid_sites
from ecogeo.siting.candidates import Candidate, SearchOptions
from ecogeo.siting.criteria import Criterion, read_criteria
from ecogeo.siting.routing import Route, find_route
from ecogeo.siting.searching import Search, search_sites, touched
from ecogeo.siting.trimming import TrimOptions

__all__ = [
    "AvoidOptions",
    "Avoidance",
    "Candidate",
    "Criterion",
    "Proposal",
    "Route",
    "Search",
    "SearchOptions",
    "TrimOptions",
    "avoid_sites",
    "find_route",
    "read_criteria",
    "search_sites",
    "touched",
]
