"""Zones that count within a distance: a home, a school, the strip along a water body.

Exact distances on the ellipsoid decide the answers (`answered_by_distance`). Only the ground that lies within the
distance is measured with polygons (`enlarged`): arcs of 256 chords to the circle and a plane that never shortens the
ground keep them inside the true outline, and their area falls short by less than 0.02 %.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.certainty import covered
from ecogeo.finding import Answer
from ecogeo.layer import Layer
from ecogeo.nearness import SAME_M, in_parts, nearest
from ecogeo.overlay import within_distance
from ecogeo.screening import Screened
from ecogeo.wording import Text

_CHORDS_PER_QUARTER = 64
_EDGE_M = 500.0
_SHOWN = "shown_name"


def enlarged(zones: Layer, within_m: float) -> Layer:
    """Return a layer whose zones reach out by a distance, named for it.

    Parameters
    ----------
    zones
        Points, lines or polygons.
    within_m
        Metres.

    Returns
    -------
    The layer with polygons in the place of its sound features; coverage and everything else is kept.
    """
    shapes, words = ground_within(zones.geometries, within_m), f"周边{within_m:g}米"
    named = zones.sound.assign(**{_SHOWN: (zones.names + words).to_numpy()})
    sound = named.set_geometry(gpd.GeoSeries(shapes, index=zones.sound.index, crs=geodesy.LONLAT))
    title = Text(f"{zones.title.zh}{words}", f"within {within_m:g} m of {zones.title.en}")
    told = {"name": _SHOWN, "title": title.zh, "title_en": title.en}
    return replace(zones, sound=sound, declaration=zones.declaration.model_copy(update=told), folder=None)


def ground_within(shapes: geodesy.Geometries, within_m: float) -> geodesy.Geometries:
    """Return the ground within a distance of each shape, as polygons that lie inside it.

    Parameters
    ----------
    shapes
        Shape (n,), longitude and latitude in degrees on CGCS2000.
    within_m
        Metres.

    Examples
    --------
    A circle of 100 m about a point, 31416 m² but for its chords:

    >>> circle = ground_within(np.array([shapely.Point(109.3, 24.2)]), 100.0)
    >>> round(float(geodesy.area_m2(circle)[0]), -1)
    31410.0
    """
    parts, owner = in_parts(shapes)
    west, _, east, _ = shapely.bounds(parts).T
    meridian = np.round((west + east) / 2, 1)
    grown: geodesy.Geometries = np.empty(len(parts), dtype=object)
    for longitude in np.unique(meridian):
        rows = np.flatnonzero(meridian == longitude)
        plane = geodesy.local_plane(float(longitude))
        circles = shapely.buffer(plane.to_plane(parts[rows]), within_m, quad_segs=_CHORDS_PER_QUARTER)
        grown[rows] = plane.to_lonlat(shapely.segmentize(circles, _EDGE_M))
    ground: geodesy.Geometries = np.full(len(shapes), None, dtype=object)
    part_count = np.bincount(owner, minlength=len(shapes))
    is_whole = part_count[owner] == 1
    ground[owner[is_whole]] = grown[is_whole]
    for row in np.flatnonzero(part_count > 1):
        ground[row] = shapely.union_all(grown[owner == row])
    is_bent = ~shapely.is_valid(ground)
    ground[is_bent] = shapely.make_valid(ground[is_bent])
    return ground


def answered_by_distance(screened: Screened, zones: Layer, *, within_m: float) -> Screened:
    """Let exact distances to the zones themselves decide what was screened against enlarged zones.

    A site is *involved* if it lies within the distance of a zone wherever in its accuracy it really is: the zone is
    nearer than the distance less the accuracy, or the site stays in the ground of several zones together. It is
    *possible* if some place in its accuracy lies within the distance, *clear* if none does and the layer is complete
    over the site enlarged by accuracy and distance. A site drawn within the distance whose accuracy nobody knows is
    possible; a line whose corridor nobody knows is never clear.

    Parameters
    ----------
    screened
        Sites against `enlarged` zones.
    zones
        The zones themselves.
    within_m
        The distance, metres; a site exactly this far away is within it.

    Returns
    -------
    The same pieces; answers and coverage for the distance, ``distance_m`` to the zones themselves, and all zones
    that may be within the distance as concerned.
    """
    rows, grounds = screened.rows.copy(), screened.grounds
    accuracy_m = rows["certainty_m"].to_numpy(float)
    reach_m = np.nan_to_num(accuracy_m) + within_m
    distance_m = nearest(grounds, zones.geometries)["distance_m"].to_numpy(float)
    is_unknown = (rows["coverage"] == "unknown").to_numpy(bool)
    coverage = np.where(is_unknown, "unknown", covered(grounds, reach_m, zones.coverage))

    is_within = distance_m <= within_m + SAME_M
    may_be = is_within | ((accuracy_m > 0) & (distance_m <= reach_m + SAME_M))
    stays = (rows["answer"] == str(Answer.INVOLVED)).to_numpy(bool)
    is_sure = is_within & (stays | (distance_m + accuracy_m <= within_m + SAME_M))
    is_clear = (coverage == "full") & np.isfinite(accuracy_m) & rows["overlap_m2"].notna().to_numpy(bool)
    answers = np.select(
        [is_sure, may_be, is_clear],
        [str(Answer.INVOLVED), str(Answer.POSSIBLE), str(Answer.CLEAR)],
        str(Answer.UNDETERMINED),
    )
    rows = rows.assign(answer=answers.astype(object), distance_m=distance_m, coverage=coverage)
    pairs = within_distance(grounds, zones.geometries, reach_m)[["site", "zone"]]
    concerned = pd.concat([screened.concerned, pairs]).drop_duplicates().sort_values(["site", "zone"])
    return replace(screened, rows=rows, concerned=concerned.reset_index(drop=True))


def in_the_zones(screened: Screened, zones: Layer) -> Screened:
    """Leave as concerned only the zones a site lies in, or within its accuracy may lie in.

    A rule about a zone says nothing of the ground beside it: what is merely within a distance stays for a person to
    judge.

    Parameters
    ----------
    screened
        Sites answered by distance.
    zones
        The zones themselves.
    """
    accuracy_m = np.nan_to_num(screened.rows["certainty_m"].to_numpy(float))
    pairs = within_distance(screened.grounds, zones.geometries, accuracy_m)[["site", "zone"]]
    return replace(screened, concerned=pairs.reset_index(drop=True))
