"""Who answers, what each needs, and how each sees an edge."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.postgis_programs import server_programs

Edges = Literal["straight", "geodesic", "geodesic, cut", "cells"]
"""Straight in longitude and latitude; geodesics between the corners; geodesics between the corners of parts; none, for
whole cells count."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program of `benchmark.peers`.

    Parameters
    ----------
    program
        Its module there, which is its name on the command line too.
    title
        What the table calls it.
    packages
        What has to be installed; the first one's version is told.
    edges
        What its areas and lengths take an edge for.
    measures
        What it can measure.
    """

    program: str
    title: str
    packages: tuple[str, ...]
    edges: Edges = "straight"
    measures: tuple[str, ...] = ("area_m2", "length_m")

    @property
    def version(self) -> str:
        """The version of what it stands for; of PostGIS that of its server."""
        if self.program.startswith("postgis"):
            programs = server_programs()
            return f"on PostgreSQL {programs.parent.name}" if programs else ""
        return importlib.metadata.version(self.packages[0])

    def why_absent(self, measure: str) -> str:
        """Say what is not installed, or that it cannot measure that, or return an empty text."""
        if measure not in self.measures:
            return f"does not measure {measure}"
        missing = [name for name in self.packages if importlib.util.find_spec(name.replace("-", "_")) is None]
        if missing:
            return f"not installed: {', '.join(missing)}"
        if self.program.startswith("postgis") and server_programs() is None:
            return "not installed: PostgreSQL with PostGIS"
        return ""


OURS = ("ecogeo_kernel", "ecogeo_zonal", "ecogeo_overlay")
"""The first of them that can answer is what the others are divided by."""

REFERENCES = {
    **dict.fromkeys(("area_m2", "length_m"), ("geopandas_sjoin", "sedonadb_join", "shapely_expert")),
    "share": ("exactextract_shares", "exactextract_raster"),
}
"""By measure: the first of them that answered is what the others are held against."""

GEODESIC_REFERENCE = "geodesic_reference"

_SHARE = ("share",)

PEERS = {
    peer.program: peer
    for peer in (
        Peer("ecogeo_kernel", "ecogeo, kernel", ("ecogeo",)),
        Peer("ecogeo_overlay", "ecogeo, pieces", ("ecogeo",)),
        Peer("shapely_expert", "an expert's shapely (index, prepared, subdivided, two threads)", ("shapely",)),
        Peer("geopandas_sjoin", "geopandas sjoin + intersection", ("geopandas",)),
        Peer("geopandas_overlay", "geopandas overlay", ("geopandas",)),
        Peer("duckdb_spatial", "DuckDB spatial", ("duckdb", "duckdb-extension-spatial"), "geodesic"),
        Peer("sedonadb_join", "SedonaDB", ("sedonadb",)),
        Peer("postgis_subdivided", "PostGIS, zones subdivided", ("psycopg",), "geodesic, cut"),
        Peer("postgis_plain", "PostGIS, zones whole", ("psycopg",), "geodesic"),
        Peer("ecogeo_zonal", "ecogeo, zonal shares", ("ecogeo",), measures=_SHARE),
        Peer("exactextract_shares", "exactextract, by polygon", ("exactextract",), measures=_SHARE),
        Peer("exactextract_raster", "exactextract, by block", ("exactextract",), measures=_SHARE),
        Peer("rasterstats_shares", "rasterstats, cells by their centre", ("rasterstats",), "cells", measures=_SHARE),
    )
}


def ours_for(programs: Sequence[str], measure: str) -> str:
    """Return the title of the program of ecogeo that the others are divided by; empty for none."""
    fit = (name for name in OURS if name in programs and not PEERS[name].why_absent(measure))
    return next((PEERS[name].title for name in fit), "")
