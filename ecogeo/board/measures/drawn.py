"""What a layer of a measure draws: shapes with words, or a picture of cells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy
from ecogeo.board.vocabulary import in_both
from ecogeo.mapshapes import DISPLAY_TOLERANCE_DEG
from ecogeo.rounding import rounded
from ecogeo.wording import Lang, Text

Bounds = tuple[float, float, float, float]
Fact = tuple[Text, Sequence[Text | str]]

_DECIMALS = 6
"""A decimetre."""


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Shapes of a measure.

    Parameters
    ----------
    shapes
        Shape (n,), longitude and latitude in degrees.
    class_of
        Shape (n,), the position of each one's class in those of its layer.
    keys, names
        What each stands for, and what people call it.
    facts
        Labels and, per shape, what a popup says.
    is_thin
        Whether they are narrower than what display may be off by: they are then drawn as they are.
    note
        What is not drawn; None where everything is.
    """

    shapes: geodesy.Geometries
    class_of: npt.NDArray[np.intp]
    keys: Sequence[str]
    names: Sequence[Text | str]
    facts: tuple[Fact, ...] = ()
    is_thin: bool = False
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """Cells as a picture to lay over a map in Web Mercator; ground that is not told is clear."""

    png: bytes
    bounds: Bounds


def as_geojson(drawn: Shapes, lang: Lang, words: Mapping[str, Text]) -> dict[str, Any]:
    """Return shapes as GeoJSON with their words; light enough for a page unless they are thin.

    Parameters
    ----------
    drawn
        The shapes; an empty one is left out.
    lang
        Language of labels and of the words of `words`.
    words
        Words of tables in both languages, as `ecogeo.board.vocabulary.vocabulary` has them.
    """
    light = drawn.shapes if drawn.is_thin else shapely.simplify(drawn.shapes, DISPLAY_TOLERANCE_DEG)
    light = np.where(shapely.is_valid(light) & ~shapely.is_empty(light), light, drawn.shapes)
    rounded = shapely.transform(light, lambda points: np.round(points, _DECIMALS))
    features = []
    for row in np.flatnonzero(~(shapely.is_missing(rounded) | shapely.is_empty(rounded))).tolist():
        facts = [[label.say(lang), _said(values[row], lang, words)] for label, values in drawn.facts]
        features.append(
            {
                "type": "Feature",
                "id": row,
                "geometry": json.loads(shapely.to_geojson(rounded[row])),
                "properties": {
                    "class": int(drawn.class_of[row]),
                    "key": str(drawn.keys[row]),
                    "name": _said(drawn.names[row], lang, words),
                    "facts": [fact for fact in facts if fact[1]],
                },
            }
        )
    note = {} if drawn.note is None else {"note": drawn.note.say(lang)}
    return {"type": "FeatureCollection", **note, "features": features}


def _said(value: Text | str, lang: Lang, words: Mapping[str, Text]) -> str:
    return (value if isinstance(value, Text) else in_both(str(value), words)).say(lang)


def held(shapes: Sequence[shapely.Geometry | None]) -> geodesy.Geometries:
    """Return shapes as an array, one each, however many parts they have."""
    array: geodesy.Geometries = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def figures(values: npt.ArrayLike, decimals: int) -> list[str]:
    """Return figures as people read them; empty for none.

    Examples
    --------
    >>> figures([1234.5, float("nan")], 1)
    ['1,234.5', '']
    """
    known = np.asarray(values, dtype=float)
    return ["" if np.isnan(value) else f"{rounded(float(value), decimals):,.{decimals}f}" for value in known]
