"""Where the findings of a project lie, for a map that shows them one by one, and the pieces too small to count."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ecogeo.board.records import ProjectRecord
from ecogeo.finding import Report
from ecogeo.mapshapes import exact_shapes
from ecogeo.wording import Text

MOST_SLIVERS = 500
"""More rows than anybody reads on a page; the file of the run has them all."""


@dataclass(frozen=True, slots=True)
class Sliver:
    """A piece of overlap under a threshold.

    Parameters
    ----------
    site_id, title, zone_id
        The site, the layer, and the key of its feature.
    area_m2, width_m
        Ellipsoidal area, and its mean width.
    reason
        Which threshold it is under, and why there is such a piece.
    """

    site_id: str
    title: Text
    zone_id: str
    area_m2: float
    width_m: float
    reason: str


def pieces_of(record: ProjectRecord) -> list[dict[str, Any] | None]:
    """Return the ground of each finding of a project as a GeoJSON geometry, None where it has none."""
    shapes = np.array([finding.geometry for finding in record.findings], dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    texts = shapely.to_geojson(exact_shapes(shapes))
    return [None if text is None else json.loads(text) for text in texts]


def slivers_of(record: ProjectRecord, report: Report, title: Callable[[str], Text]) -> tuple[tuple[Sliver, ...], int]:
    """Return the pieces under a threshold of a project's sites, largest first, and how many there are.

    Parameters
    ----------
    record
        The project.
    report
        The outcome of the checks.
    title
        Gives the name of a layer by its role.

    Returns
    -------
    At most `MOST_SLIVERS` of them, and their whole number.
    """
    table = report.tables.get("dropped", pd.DataFrame(columns=["site_id"]))
    own = table[table["site_id"].isin([site.site_id for site in record.sites])]
    if own.empty:
        return (), 0
    shown = own.sort_values("area_m2", ascending=False, kind="stable").head(MOST_SLIVERS)
    rows = (
        Sliver(
            str(row["site_id"]),
            title(str(row["layer"])),
            str(row["zone_id"]),
            float(row["area_m2"]),
            float(row["width_m"]),
            str(row["reason"]),
        )
        for row in shown.to_dict("records")
    )
    return tuple(rows), len(own)
