"""What every reader of a vector format hands over."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd

from ecogeo.wording import Text


@dataclass(frozen=True, slots=True)
class CrsHint:
    """What a file says of its coordinates without naming a whole CRS, such as the head of a 界址点 text.

    Parameters
    ----------
    datum
        The datum as the file words it; empty where it says nothing.
    zone_width
        3 or 6 degrees; None where it says nothing.
    zone
        Number of the zone; None where it says nothing.
    """

    datum: str = ""
    zone_width: int | None = None
    zone: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A layer as a file holds it, with what had to be inferred.

    Parameters
    ----------
    frame
        The features as read, east before north, in the file's own CRS (None where it names none), index 0…n-1.
    driver
        Name of the format.
    layer
        Name of the layer inside the file.
    encoding
        Encoding of its text; empty where the format fixes it.
    doubts
        What was inferred or looks odd.
    hint
        What it says of its coordinates short of a CRS.
    stated_area_ha
        Sum of the areas it states itself; None where it states none.
    set_aside
        Features no geometry could be built of: their number or name, and why.
    """

    frame: gpd.GeoDataFrame
    driver: str
    layer: str = ""
    encoding: str = ""
    doubts: tuple[Text, ...] = ()
    hint: CrsHint = CrsHint()
    stated_area_ha: float | None = None
    set_aside: tuple[tuple[str, Text], ...] = ()
