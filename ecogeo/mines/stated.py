"""The areas that the parts of mines state of themselves: words with units, bare figures, and nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.mines.attributes import EXTENT, attribute_fields
from ecogeo.mines.words import read_area_m2, read_figure
from ecogeo.stated_area import UNITS, unit_of_each


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """Stated areas, one per feature.

    Parameters
    ----------
    words
        As they are written.
    area_m2
        Shape of the features; NaN where the words are no area, or a figure that fits its geometry in no unit.
    fitted_unit
        Shape of the features: the unit a figure without one was taken to be in (``m2``, ``ha``, ``mu``, ``km2``); empty
        for others.
    """

    words: pd.Series[str]
    area_m2: geodesy.Floats
    fitted_unit: npt.NDArray[np.object_]


def stated_areas_of(mines: Layer, drawn_m2: geodesy.Floats, *, has_parts: bool = True) -> Stated | None:
    """Read the areas the features of mines state.

    Parameters
    ----------
    mines
        ``stated_area``, in words or figures; without a field so declared or named, and without drawn parts, the mine's
        own area (KQMJ, 矿区面积 …).
    drawn_m2
        Shape of the features, the ellipsoidal area of each.
    has_parts
        Whether the features are parts of mines: a mine's own area is then none of theirs.

    Returns
    -------
    Each area by itself: 30000, 3公顷 and 45亩 may stand in one field. A figure without a unit is in the one in which it
    lies near its own geometry. None where the layer has no such field.
    """
    field = mines.declaration.fields.get(EXTENT, EXTENT)
    if field not in mines.sound.columns and not has_parts:
        field = attribute_fields(mines).get(EXTENT, field)
    if field not in mines.sound.columns:
        return None
    words = mines.text(field)
    written_m2 = np.array([read_area_m2(word) for word in words], dtype=float)
    figures = np.array([read_figure(word) for word in words], dtype=float)
    unit = unit_of_each(figures, drawn_m2)
    size_m2 = np.array([UNITS.get(one, np.nan) for one in unit])
    return Stated(words, np.where(np.isfinite(written_m2), written_m2, figures * size_m2), unit)
