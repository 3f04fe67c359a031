"""Mines in view of a town (可视范围): how far each lies from the urban boundary, and whether the terrain hides it.

Source: no clause. Which distance counts as view is the builders' own choice; the sight is over the bare terrain.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.layer import Layer
from ecogeo.mines import Mines, mines_of
from ecogeo.nearness import nearest
from ecogeo.raster import Raster
from ecogeo.rounding import Rounding, rounded
from ecogeo.sight import is_seen
from ecogeo.wording import Text


@check(family="mines", title=Text("城镇可视范围内的矿山", "mines in view of a town"))
def mine_in_view_of_town(
    mines: Layer, urban_boundary: Layer, rounding: Rounding, dem: Raster | None = None, *, view_m: float = 3000.0
) -> Outcome:
    """Tell how far each mine with disturbed ground lies from the urban boundary, and whether it can be seen from there.

    The eye stands at the nearest point of the urban boundary, the sight goes to a point inside the disturbed ground:
    one line, so that "no" does not prove that nothing of the mine is seen. Mines beyond `view_m` are not looked for.
    Without a terrain model only the distance is told.

    Parameters
    ----------
    mines, urban_boundary
        Polygons.
    rounding
        How the figures in sentences are rounded.
    dem
        Heights in metres; None where the county has none.
    view_m
        How far a mine is looked for, metres; the builders' choice.

    Yields
    ------
    A note per mine that is seen; table ``mine_views``.
    """
    found = mines_of(mines)
    disturbed = found.rows["disturbed_m2"].to_numpy() > 0
    near = nearest(found.shapes, urban_boundary.geometries)
    distance_m = near["distance_m"].to_numpy()
    seen = _seen(found, urban_boundary.geometries, near["zone"].to_numpy(), disturbed & (distance_m <= view_m), dem)
    names = np.array([*urban_boundary.ids, ""], dtype=object)
    rows = pd.DataFrame(
        {
            "mine_id": found.rows["mine_id"],
            "mine_name": found.rows["mine_name"],
            "state": found.rows["state"],
            "boundary_id": names[near["zone"]],
            "distance_m": distance_m,
            "is_disturbed": np.where(disturbed, "yes", "no"),
            "is_seen": seen,
        }
    )
    for row, shape in zip(rows.to_dict("records"), found.shapes, strict=True):
        if row["is_seen"] == "yes":
            metres = rounded(row["distance_m"], 2, rounding)
            yield Finding(
                message=Text(
                    f"{row['mine_name']}：距城镇开发边界 {metres} 米，按地形可以看见（不计房屋和树木）",
                    f"{row['mine_name']}: {metres} m from the urban boundary, in sight over the terrain (houses and "
                    "trees left out)",
                ),
                severity=Severity.NOTE,
                layer="mines",
                feature_id=row["mine_id"],
                feature_name=row["mine_name"],
                value=metres,
                unit="m",
                geometry=shape,
            )
    yield ResultTable("mine_views", rows)


def _seen(
    found: Mines, boundary: geodesy.Geometries, zone: np.ndarray, is_looked_for: np.ndarray, dem: Raster | None
) -> list[str]:
    """Return ``yes`` or ``no`` per mine; empty where it was not looked for or the terrain is not known."""
    words = [""] * len(found.shapes)
    if dem is None:
        return words
    for row in np.flatnonzero(is_looked_for):
        target = shapely.point_on_surface(found.disturbed[row])
        eye = shapely.get_point(shapely.shortest_line(boundary[zone[row]], target), 0)
        answer = is_seen(dem, (eye.x, eye.y), (target.x, target.y))
        words[row] = "" if answer is None else "yes" if answer else "no"
    return words
