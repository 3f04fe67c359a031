"""FlatGeobuf: one layer, written to be read in a stream."""

from __future__ import annotations

from pathlib import Path

from ecogeo.formats.ogr import read_ogr, require_driver
from ecogeo.formats.reading import Reading


def read_flatgeobuf(path: Path, layer: str = "") -> Reading:
    """Read a FlatGeobuf file.

    Parameters
    ----------
    path
        The file.
    layer
        Only kept: a FlatGeobuf file holds one layer.
    """
    require_driver(path, "FlatGeobuf")
    read = read_ogr(path)
    return Reading(read.frame, "FlatGeobuf", layer or path.stem, "UTF-8", read.doubts, set_aside=read.set_aside)
