"""The ground of mines, part by part, one row per mine."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.guarded import joined, shared_m2
from ecogeo.layer import Layer
from ecogeo.mines.attributes import attributes_of
from ecogeo.mines.words import Part, is_green, part_of, says_nothing, state_of
from ecogeo.wording import Text

BY_PARTS, BY_FIELDS, UNTOLD = "drawn parts", "stated areas", "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Mines:
    """Mines and their ground.

    Parameters
    ----------
    rows
        One row per mine, by number: ``mine_id, mine_name, state`` (one of `ecogeo.mines.State`, or empty), ``is_green``
        (True, False or None), ``groundless`` (its features that are no polygons), ``lost`` (those without a geometry
        that can be used: a mine of nothing else stays, as `UNTOLD`), ``disturbed_m2, restored_m2,
        overlap_m2`` (ground called both; it counts as disturbed), ``unclear_m2`` (parts whose name tells neither:
        counted nowhere), ``ground_m2`` (all of it, as drawn) and ``basis``: `BY_PARTS` where disturbed and restored
        parts are drawn, `BY_FIELDS` where fields state their areas, `UNTOLD` where nothing tells them apart: all of the
        ground then stands under ``disturbed_m2``, and no rate can be told.
    shapes, disturbed
        Shape of the rows: all ground of each mine, and what of it is disturbed still.
    part
        Shape of the layer's features: the `Part` of each, or None.
    mine
        Shape of the layer's features: the row of its mine.
    has_states
        Shape of the rows: the different words the features of each mine have for its state.
    has_parts
        Whether the layer draws disturbed and restored ground apart.
    fields
        The fields that state their areas, by meaning, where it does not.
    why_untold
        Shape of the rows: why the fields of a mine do not tell; None where they do, or where there are none.
    """

    rows: pd.DataFrame
    shapes: geodesy.Geometries
    disturbed: geodesy.Geometries
    part: npt.NDArray[np.object_]
    mine: npt.NDArray[np.intp]
    has_states: tuple[tuple[str, ...], ...]
    has_parts: bool
    fields: dict[str, str]
    why_untold: tuple[Text | None, ...]


_COLUMNS = [
    *("mine_id", "mine_name", "state", "is_green", "groundless", "lost"),
    *("disturbed_m2", "restored_m2", "overlap_m2", "unclear_m2"),
]


def mines_of(layer: Layer) -> Mines:
    """Put the parts of mines together.

    Parameters
    ----------
    layer
        Polygons; ``mine`` (the number of the mine; without one each feature is a mine), ``zone`` (its state),
        ``part`` (without such a field see `ecogeo.mines.attributes`), ``is_green``.

    Returns
    -------
    The mines. A mine whose features name different states, or none that is known, has none; a feature that says nothing
    of the state has that of the others of its mine. What one feature calls
    disturbed and another restored is disturbed. Points and lines have no ground.
    """
    count = len(layer.sound)
    layer, is_lost = _with_lost(layer)
    ids = _text(layer, "mine", layer.ids)
    ids = np.where(ids == "", layer.ids.to_numpy(dtype=object), ids)
    has_ground = shapely.get_dimensions(layer.geometries) == 2
    grounds: geodesy.Geometries = layer.geometries.copy()
    grounds[~has_ground] = shapely.Polygon()
    known, mine = np.unique(ids, return_inverse=True)
    parts = _text(layer, "part", None)
    has_parts = layer.declaration.fields.get("part", "part") in layer.sound.columns
    part = np.array([Part.DISTURBED if word is None else part_of(word) for word in parts], dtype=object)
    words = _text(layer, "zone", pd.Series([""] * len(ids)))
    green = _text(layer, "is_green", pd.Series([""] * len(ids)))
    names = layer.names.to_numpy()
    rows, shapes, disturbed, states = [], [], [], []
    for number, mine_id in enumerate(known):
        own = np.flatnonzero(mine == number)
        said = tuple(dict.fromkeys(words[own]))
        state = {state_of(word) for word in said if not says_nothing(word)} or {None}
        green_words = {is_green(word) for word in green[own]}
        ground = _ground(grounds[own], part[own])
        rows.append(
            {
                "mine_id": mine_id,
                "mine_name": names[own[0]],
                "state": str(next(iter(state)) or "") if len(state) == 1 else "",
                "is_green": next(iter(green_words)) if len(green_words) == 1 else None,
                "groundless": int((~has_ground[own] & ~is_lost[own]).sum()),
                "lost": int(is_lost[own].sum()),
            }
            | ground
        )
        shapes.append(joined(grounds[own]))
        disturbed.append(joined(grounds[own][part[own] == Part.DISTURBED]))
        states.append(said)
    table = pd.DataFrame(rows, columns=_COLUMNS).astype({name: float for name in _COLUMNS if name.endswith("_m2")})
    ground_m2 = geodesy.area_m2(_held(shapes))
    table = table.assign(ground_m2=ground_m2, basis=BY_PARTS if has_parts else UNTOLD)
    is_nowhere = (table["lost"] > 0).to_numpy() & (ground_m2 == 0)
    table.loc[is_nowhere, "basis"] = UNTOLD
    told = None if has_parts else attributes_of(layer, mine, ground_m2)
    fields: dict[str, str] = {}
    why: tuple[Text | None, ...] = (None,) * len(table)
    if told is not None:
        fields = told.fields
        why = tuple(None if nowhere else one for nowhere, one in zip(is_nowhere, told.why, strict=True))
        is_told = np.isfinite(told.restored_m2) & ~is_nowhere
        table.loc[is_told, "disturbed_m2"] = told.disturbed_m2[is_told]
        table.loc[is_told, "restored_m2"] = told.restored_m2[is_told]
        table.loc[is_told, "basis"] = BY_FIELDS
    part, mine = part[:count], mine[:count]
    return Mines(table, _held(shapes), _held(disturbed), part, mine, tuple(states), has_parts, fields, why)


def _with_lost(layer: Layer) -> tuple[Layer, npt.NDArray[np.bool_]]:
    """Return a layer with the features that were set aside behind the sound ones, empty, and which those are."""
    lost = layer.frame[~layer.frame.index.isin(layer.sound.index)]
    is_lost = np.concatenate([np.zeros(len(layer.sound), dtype=bool), np.ones(len(lost), dtype=bool)])
    if lost.empty:
        return layer, is_lost
    empty = gpd.GeoSeries([shapely.Polygon()] * len(lost), index=lost.index, crs=geodesy.LONLAT)
    sound = pd.concat([layer.sound, lost.set_geometry(empty)])
    return dataclasses.replace(layer, sound=sound), is_lost


def unknown_m2(rows: pd.DataFrame) -> geodesy.Floats:
    """Return the ground of each mine of which nobody tells whether it is restored, square metres.

    Parameters
    ----------
    rows
        Of `Mines`.

    Returns
    -------
    All ground of a mine that is `UNTOLD`, else its parts called neither; infinite where a feature of it has no ground
    that could be measured.
    """
    told_m2 = np.where(rows["basis"] == UNTOLD, rows["ground_m2"], rows["unclear_m2"])
    unknown: geodesy.Floats = np.where((rows["lost"] > 0) | (rows["groundless"] > 0), np.inf, told_m2)
    return unknown


def _held(shapes: Sequence[shapely.Geometry]) -> geodesy.Geometries:
    held: geodesy.Geometries = np.empty(len(shapes), dtype=object)
    held[:] = shapes
    return held


def _text(layer: Layer, meaning: str, otherwise: pd.Series[str] | None) -> npt.NDArray[np.object_]:
    """Return a field by its meaning as text; something else where the layer has no such field."""
    field = layer.declaration.fields.get(meaning, _PLAIN_NAMES.get(meaning, meaning))
    if field in layer.sound.columns:
        return layer.text(field).to_numpy(dtype=object)
    return np.full(len(layer.sound), None, dtype=object) if otherwise is None else otherwise.to_numpy(dtype=object)


_PLAIN_NAMES = {"mine": "mine_id", "zone": "mine_state"}


def _ground(shapes: geodesy.Geometries, part: npt.NDArray[np.object_]) -> dict[str, float]:
    """Measure the ground of one mine by part."""
    disturbed, restored = (joined(shapes[part == kind]) for kind in (Part.DISTURBED, Part.RESTORED))
    unclear = joined(shapes[np.array([kind is None for kind in part], dtype=bool)])
    told, both = _held([disturbed, restored]), _held([restored, joined(_held([disturbed, restored]))])
    disturbed_m2, restored_m2 = geodesy.area_m2(told)
    overlap_m2, called_m2 = shared_m2(_held([disturbed, unclear]), both)
    unclear_m2 = geodesy.area_m2(_held([unclear]))[0]
    measured = np.array([disturbed_m2, restored_m2 - overlap_m2, overlap_m2, unclear_m2 - called_m2])
    names = ("disturbed_m2", "restored_m2", "overlap_m2", "unclear_m2")
    return dict(zip(names, np.maximum(measured, 0.0).tolist(), strict=True))
