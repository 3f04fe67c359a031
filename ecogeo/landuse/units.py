"""The grounds that land is measured for: the county, its towns, control units, red lines and sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer

UNIT_COLUMNS = ("unit_kind", "unit_id", "unit_name")
_KINDS = {
    "county": "county",
    "towns": "town",
    "control_units": "control_unit",
    "redlines": "redline",
    "project_sites": "site",
}


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Grounds, each with a kind, a key and a name.

    Parameters
    ----------
    names
        One row per ground, columns `UNIT_COLUMNS`.
    shapes
        Shape (n,), polygons, longitude and latitude in degrees.
    area_m2
        Shape (n,), on the ellipsoid.
    """

    names: pd.DataFrame
    shapes: geodesy.Geometries
    area_m2: geodesy.Floats


def units_of(layers: Mapping[str, Layer | None]) -> Units:
    """Return the polygons of layers as grounds; points and lines have no land to share out, and are left out.

    Parameters
    ----------
    layers
        By role; None where the county has none.
    """
    frames = [pd.DataFrame(columns=list(UNIT_COLUMNS), dtype=object)]
    shapes: list[geodesy.Geometries] = [np.empty(0, dtype=object)]
    for role, layer in layers.items():
        if layer is None:
            continue
        is_ground = shapely.get_dimensions(layer.geometries) == 2
        named = pd.DataFrame({"unit_kind": _KINDS[role], "unit_id": layer.ids, "unit_name": layer.names})
        frames.append(named[is_ground])
        shapes.append(layer.geometries[is_ground])
    grounds = np.concatenate(shapes)
    return Units(pd.concat(frames, ignore_index=True), grounds, geodesy.area_m2(grounds))
