"""What every reader of a vector format hands over."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd

from ecogeo.wording import Text


@dataclass(frozen=True, slots=True)
class Reading:
    """A layer as a file holds it, with what had to be inferred.

    Parameters
    ----------
    frame
        The features as read, in the file's own CRS (None where it carries none), index 0…n-1.
    driver
        Name of the format.
    layer
        Name of the layer inside the file.
    encoding
        Encoding of its text; empty where the format fixes it.
    doubts
        What was inferred or looks odd.
    """

    frame: gpd.GeoDataFrame
    driver: str
    layer: str = ""
    encoding: str = ""
    doubts: tuple[Text, ...] = ()
