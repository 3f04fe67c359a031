"""GeoParquet: columns with geometry, for large layers."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from ecogeo.formats.reading import Reading


def read_geoparquet(path: Path, layer: str = "") -> Reading:
    """Read a GeoParquet file.

    Parameters
    ----------
    path
        The file.
    layer
        Only kept: a GeoParquet file holds one layer.
    """
    frame = gpd.read_parquet(path).reset_index(drop=True)
    return Reading(frame, "GeoParquet", layer=layer or path.stem, encoding="UTF-8")
