"""GeoJSON: features as text, longitude and latitude on WGS 84."""

from __future__ import annotations

from pathlib import Path

import pyogrio

from ecogeo.formats.reading import Reading


def read_geojson(path: Path, layer: str = "") -> Reading:
    """Read the features of a GeoJSON file.

    Parameters
    ----------
    path
        The file.
    layer
        Only kept: a GeoJSON file holds one layer.
    """
    return Reading(pyogrio.read_dataframe(path), "GeoJSON", layer=layer or path.stem, encoding="UTF-8")
