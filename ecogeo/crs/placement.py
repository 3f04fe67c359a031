"""How coordinates were understood, and what every way of reading them shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.errors import EcogeoError
from ecogeo.gauss import Candidate, feature_centres
from ecogeo.wording import Text

NEAR_DEG = 0.5
"""How far from the county's box a site may lie and still be taken for one of its own; zones are 3° apart."""


class UnclearCrsError(EcogeoError):
    """Coordinates that fit no CRS, or more than one; the candidates are named."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """How coordinates were understood.

    Parameters
    ----------
    crs
        The CRS they are in, east before north.
    is_swapped
        Whether they came north before east.
    lonlat
        Shape (n,), longitude and latitude on CGCS2000.
    source
        What decided: ``stated``, ``inferred`` or ``assumed``; ``drawn`` of a site that came from no file.
    doubts
        What was inferred or looks odd.
    """

    crs: pyproj.CRS
    is_swapped: bool
    lonlat: geodesy.Geometries
    source: str
    doubts: tuple[Text, ...] = field(default=())


def turned_if(geometries: geodesy.Geometries, *, is_swapped: bool) -> geodesy.Geometries:
    """Return shapes without heights, east before north where they came the other way round."""
    flat = shapely.force_2d(geometries)
    return shapely.transform(flat, lambda xy: xy[:, ::-1]) if is_swapped else flat


def middle_of(lonlat: geodesy.Geometries) -> tuple[float, float] | None:
    """Return the median of the features' middles: where most of a file lies."""
    centres = feature_centres(lonlat)
    if not len(centres):
        return None
    lon, lat = np.median(centres, axis=0)
    return float(lon), float(lat)


def listed(found: Sequence[Candidate]) -> list[Text]:
    """Return candidates as sentences, with what to give as ``--assume``."""
    return [one.text for one in found]
