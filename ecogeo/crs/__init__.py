"""Which CRS a file's coordinates are in, from what it says, from their size, and from where the county lies.

Without the zone's prefix the same numbers fit any zone, 3° apart, and only the county tells which is meant. Where two
readings are possible, or the file says one thing and the county another, nothing is guessed: the candidates are named.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.crs.assuming import Assumption, read_assumption
from ecogeo.crs.inferring import inferred
from ecogeo.crs.old_datums import old_datum, refuse_old_datum, shifted
from ecogeo.crs.placement import NEAR_DEG, Placement, UnclearCrsError
from ecogeo.crs.stating import as_assumed, as_stated, without_offset
from ecogeo.datum_shift import DatumShift, old_datum_of
from ecogeo.formats.reading import CrsHint
from ecogeo.gauss import Box
from ecogeo.wording import Text, list_en, list_zh

__all__ = ["Assumption", "Placement", "UnclearCrsError", "place_geometries", "read_assumption"]


def place_geometries(
    geometries: geodesy.Geometries,
    *,
    stated: pyproj.CRS | None,
    hint: CrsHint | None = None,
    county: Box | None = None,
    is_county_sure: bool = True,
    assumption: Assumption | None = None,
    shift: DatumShift | None = None,
) -> Placement:
    """Find out where coordinates lie.

    Parameters
    ----------
    geometries
        Shape (n,), as the file holds them.
    stated
        The CRS the file names, or None.
    hint
        What it says short of a CRS.
    county
        Box of the county the file should belong to; None where nobody knows.
    is_county_sure
        Whether a file that says it lies elsewhere is refused (the user named the county) or only doubted.
    assumption
        What a person says.
    shift
        Parameters for coordinates on an old datum; without them such coordinates are refused.

    Raises
    ------
    UnclearCrsError
        Where no reading, or more than one, fits; where the file's own CRS leads elsewhere and another reading leads
        into the county. The candidates are named with what to give as ``--assume``.
    DatumError
        On an old datum, stated or hinted at.
    """
    hint, assumption = hint or CrsHint(), assumption or Assumption()
    if shift is not None and (old := old_datum(stated, hint, assumption)) is not None:
        return shifted(geometries, datum=old, stated=stated, county=county, assumption=assumption, shift=shift)
    refuse_old_datum(hint)
    if stated is not None and old_datum_of(stated) is not None:
        geodesy.transformer_to_lonlat(stated)  # refuses: what a person assumes overrules a zone, never a datum
    if assumption.crs is not None or assumption.is_swapped or assumption.is_as_stated:
        placement = as_assumed(geometries, stated, hint, county, assumption)
    elif stated is not None:
        placement = as_stated(geometries, stated, county, is_county_sure=is_county_sure)
    else:
        placement = inferred(geometries, hint, county)
    placement = without_offset(placement, assumption)
    return replace(placement, doubts=(*placement.doubts, *_strays(placement.lonlat, county)))


def _strays(lonlat: geodesy.Geometries, county: Box | None) -> list[Text]:
    """Name the features that reach out of the county's surroundings where others lie in it: corners gone astray."""
    if county is None or not len(lonlat):
        return []
    boxes = shapely.bounds(lonlat).reshape(-1, 4)
    west, south, east, north = county
    room = (west - NEAR_DEG, south - NEAR_DEG, east + NEAR_DEG, north + NEAR_DEG)
    is_out = (boxes[:, 0] < room[0]) | (boxes[:, 1] < room[1]) | (boxes[:, 2] > room[2]) | (boxes[:, 3] > room[3])
    touches = (boxes[:, 2] > west) & (boxes[:, 0] < east) & (boxes[:, 3] > south) & (boxes[:, 1] < north)
    if not touches.any() or not is_out.any():
        return []
    numbers = (np.flatnonzero(is_out) + 1).tolist()
    return [
        Text(
            f"第 {list_zh(numbers)} 个要素伸出本县以外很远，请核对角点、带号或 XY 是否写错",
            f"features {list_en(numbers)} reach far out of the county: check their corners, zone and axes",
        )
    ]
