"""File geodatabase: a folder ending in .gdb that may hold many layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ecogeo.errors import UnusableFileError
from ecogeo.formats.ogr import STROKED, empty_layers, layers_with_geometry, only_layer, read_ogr, require_driver
from ecogeo.formats.reading import Reading
from ecogeo.formats.vertices import has_stroked_arcs
from ecogeo.wording import Text

_CATALOGUE = "a00000001.gdbtable"


def is_filegdb(path: Path) -> bool:
    """Whether a folder is a file geodatabase."""
    return path.is_dir() and path.suffix.lower() == ".gdb" and (path / _CATALOGUE).is_file()


def read_filegdb(path: Path, layer: str = "") -> Reading:
    """Read one layer of a file geodatabase; its arcs are stroked, and said.

    Parameters
    ----------
    path
        The folder.
    layer
        The layer's name; empty takes the only one with features.

    Raises
    ------
    UnusableFileError
        Where the folder is no geodatabase, there is no such layer, or several and none was named.
    """
    if not is_filegdb(path):
        problem = Text(
            f"文件夹不是 FileGDB（应以 .gdb 结尾，内有 {_CATALOGUE}）",
            f"the folder is no file geodatabase (its name should end in .gdb, with {_CATALOGUE} inside)",
        )
        raise UnusableFileError(path.name, problem)
    require_driver(path, "OpenFileGDB")
    features = layers_with_geometry(path)
    chosen = only_layer(path, features, layer)
    read = read_ogr(path, layer=chosen)
    is_stroked = has_stroked_arcs(np.asarray(read.frame.geometry.array, dtype=object))
    if len(read.frame) != features[chosen]:
        lost = Text(
            f"表头记有 {features[chosen]} 个要素，读到 {len(read.frame)} 个",
            f"its table states {features[chosen]} features, {len(read.frame)} were read",
        )
        read = replace(read, doubts=(lost, *read.doubts))
    doubts = (*([STROKED] if is_stroked else []), *empty_layers(features, chosen), *read.doubts)
    return Reading(read.frame, "OpenFileGDB", chosen, "UTF-8", doubts, set_aside=read.set_aside)
