"""Real projects on the map, no better than their own words say: a village, a town or a river, never an outline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sample.facts import TOWNS
from sample.frame import PLANE_EPSG, Shape, Shapes, plane_point

_UNPLACED = ("county", "none")


@dataclass(frozen=True, slots=True)
class Place:
    """A named place: where it is drawn, and within what distance the truth may lie."""

    shape: Shape
    accuracy_m: float
    is_town: bool


def places_to_sites(
    projects: pd.DataFrame,
    gazetteer: pd.DataFrame,
    towns: Shapes,
    courses: dict[str, shapely.LineString],
) -> gpd.GeoDataFrame:
    """Return one site for each project whose words name a village, a town or a river.

    Projects known only to the county, or to nothing, get no feature: they stay in the table. A village that the
    gazetteer does not know stands at its town's seat, and the site's `location_basis` is then "town".

    Parameters
    ----------
    projects
        Columns `project_id`, `name`, `location_basis` (line, village, town, county, none), `place` (names joined
        by ";").
    gazetteer
        Columns `name`, `lon`, `lat`, `precision_km`; a village is named "<village>(<town>)".
    towns
        Polygons in the order of `facts.TOWNS`.
    courses
        Centre lines by river.

    Returns
    -------
    Points for villages and towns (a town's is its seat), lines for rivers. `accuracy_m` is the gazetteer's precision;
    for a town not less than the distance from its seat to its farthest point. Of several places, the largest.

    Raises
    ------
    ValueError
        Names every place that neither the gazetteer nor the towns nor the drawn rivers know.
    """
    known = _known_places(gazetteer, towns)
    reached = {name: replace(known[name], shape=line) for name, line in courses.items() if name in known}
    rows: list[tuple[str, str, str, str, float, Shape]] = []
    unknown: list[str] = []
    for project_id, name, basis, words in _placed(projects):
        names = words.split(";")
        found = [reached.get(one) if basis == "line" else known.get(one) or known.get(_town_of(one)) for one in names]
        places = [place for place in found if place is not None]
        if len(places) < len(names):
            strange = [one for one, place in zip(names, found, strict=True) if place is None]
            unknown.append(f"{project_id}: {', '.join(strange)}")
            continue
        is_village = basis == "village" and not any(place.is_town for place in places)
        drawn_basis = "town" if basis == "village" and not is_village else basis
        accuracy_m = max(place.accuracy_m for place in places)
        rows.append((project_id, name, drawn_basis, words, accuracy_m, _together(places)))
    if unknown:
        raise ValueError("places that neither the gazetteer nor the drawn rivers know: " + "; ".join(unknown))
    return gpd.GeoDataFrame(
        {
            "site_id": [row[0] for row in rows],
            "project_id": [row[0] for row in rows],
            "site_name": [row[1] for row in rows],
            "location_basis": [row[2] for row in rows],
            "place": [row[3] for row in rows],
            "accuracy_m": np.array([row[4] for row in rows], dtype=float),
            "purpose": [""] * len(rows),
        },
        geometry=[row[5] for row in rows],
        crs=PLANE_EPSG,
    )


def _placed(projects: pd.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    """Yield id, name, basis and place of the projects that are known to better than the county."""
    columns = projects[["project_id", "name", "location_basis", "place"]]
    yield from columns[~projects["location_basis"].isin(_UNPLACED)].itertuples(index=False, name=None)


def _known_places(gazetteer: pd.DataFrame, towns: Shapes) -> dict[str, Place]:
    """Return the places by the names projects use: "三千河", "穿山镇板塘村", "三都镇"."""
    known: dict[str, Place] = {}
    for name, lon, lat, precision_km in gazetteer[["name", "lon", "lat", "precision_km"]].itertuples(index=False):
        place = Place(shapely.Point(plane_point((lon, lat))), 1_000.0 * precision_km, is_town=False)
        bare, _, town = name.removesuffix(")").partition("(")
        for key in (name, bare, town + bare):
            known.setdefault(key, place)
    for facts, shape in zip(TOWNS, towns, strict=True):
        seat = known[facts.name]
        farthest_m = float(np.ceil(shapely.hausdorff_distance(seat.shape, shape)))
        known[facts.name] = Place(seat.shape, max(seat.accuracy_m, farthest_m), is_town=True)
    return known


def _town_of(name: str) -> str:
    """Return the town that a village's full name begins with, or nothing."""
    return next((town.name for town in TOWNS if name.startswith(town.name)), "")


def _together(places: list[Place]) -> Shape:
    """Return the shapes of places as one, a point that stands for two places only once."""
    together: Shape = shapely.union_all([place.shape for place in places])
    return together
