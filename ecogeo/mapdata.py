"""What a map draws: the features of a layer made light, told apart by class, and counted for the legend.

Shapes are simplified for display only; every figure shown is measured on the shapes as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.finding import Answer
from ecogeo.layer import Layer
from ecogeo.mapshapes import bounds_of, exact_shapes, light_shapes, number_features
from ecogeo.palette import LAYER_STYLES
from ecogeo.style import LayerClass, LayerStyle
from ecogeo.tiles.asking import shapes_within
from ecogeo.tiles.pack import KEY, NAME, TilePack
from ecogeo.tiles.packing import shown
from ecogeo.wording import Lang, Text

MOST_SVG_FEATURES = 2000
MOST_SVG_BYTES = 2_000_000
"""Layers of more features or bytes are drawn on a canvas, which cannot hatch."""

MOST_CANVAS_FEATURES = 10_000
MOST_CANVAS_BYTES = 6_000_000
"""Layers of more are drawn by the server, in tiles: measured, a browser takes seconds for them and hundreds of MB."""

TILE_FORMAT = "1"
"""Raised when tiles are drawn otherwise, so that kept ones are drawn anew."""

_BYTES_PER_VERTEX = 22
_BYTES_PER_FEATURE = 110

_SITES = "project_sites"

Drawing = Literal["svg", "canvas", "tiles"]


@dataclass(frozen=True, slots=True)
class DrawnClass:
    """One entry of the legend of a map, with the number of features drawn under it."""

    entry: LayerClass
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class DrawnLayer:
    """A layer as a map draws it.

    Parameters
    ----------
    name
        Its declared name.
    title
        Its name for people.
    style
        How its role is drawn.
    classes
        The classes that occur, in the order of the style.
    shapes
        Shape (n,), longitude and latitude, light enough for a page.
    class_of
        Shape (n,), the position of each feature's class in `classes`.
    ids, names
        Key of each feature, and what people call it.
    facts
        Labels and, per feature, values of what a popup shows.
    aside
        How many features of the file cannot be drawn.
    source
        Data date and version as declared.
    pack
        Where its features lie if it is too large for a page; it then has no shapes, ids, names or facts of its own.
    is_kept_back
        Whether it is fetched after the page though it is on, so that the page stays light.
    """

    name: str
    title: Text
    style: LayerStyle
    classes: tuple[DrawnClass, ...]
    shapes: geodesy.Geometries
    class_of: npt.NDArray[np.intp]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    facts: tuple[tuple[Text, tuple[str, ...]], ...]
    aside: int
    source: str
    pack: TilePack | None = None
    is_kept_back: bool = False

    @property
    def count(self) -> int:
        """How many features are drawn."""
        return len(self.class_of)

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of what is drawn, degrees; None where nothing is."""
        return bounds_of(self.shapes) if self.pack is None else self.pack.bounds

    @property
    def page_bytes(self) -> int:
        """About how many bytes it takes in a page."""
        words = sum(map(len, (*self.ids, *self.names, *(value for _, values in self.facts for value in values))))
        vertices = int(shapely.get_num_coordinates(self.shapes).sum())
        return _BYTES_PER_VERTEX * vertices + _BYTES_PER_FEATURE * self.count + 3 * words

    @property
    def drawing(self) -> Drawing:
        """How it is drawn: as elements of the page, on a canvas of it, or by the server."""
        if self.pack is not None:
            return "tiles"
        return "canvas" if self.count > MOST_SVG_FEATURES or self.page_bytes > MOST_SVG_BYTES else "svg"

    @property
    def is_canvas(self) -> bool:
        """Whether it is too large for single elements of the page."""
        return self.drawing == "canvas"

    @property
    def dimension(self) -> int:
        """0 for points, 1 for lines, 2 for areas: the highest that occurs."""
        if self.pack is not None:
            return self.pack.dimension
        return int(shapely.get_dimensions(self.shapes).max(initial=0))

    @property
    def is_inline(self) -> bool:
        """Whether its features come with the page; else they are fetched when it is switched on."""
        return self.style.is_on and self.drawing == "svg" and not self.is_kept_back

    @property
    def drawn_from(self) -> str:
        """Digest of all its tiles are drawn from: features, classes and paints; empty where it has no tiles."""
        if self.pack is None:
            return ""
        told = hashlib.sha256(f"{self.pack.digest}{TILE_FORMAT}".encode())
        told.update(repr(tuple(drawn.entry.paint for drawn in self.classes)).encode())
        told.update(np.ascontiguousarray(self.class_of, dtype=np.int64).tobytes())
        return told.hexdigest()[:16]

    def features(self) -> list[dict[str, Any]]:
        """Return GeoJSON features that hold numbers only: ``id`` and the position of the class."""
        features = number_features(self.shapes)
        for feature, kind in zip(features, self.class_of, strict=True):
            feature["properties"]["class"] = int(kind)
        return features

    def records(self, lang: Lang) -> list[dict[str, Any]]:
        """Return the words of each feature, in the order of `features`: key, name and facts that are not empty."""
        columns = [(label.say(lang), values) for label, values in self.facts]
        return [
            {"key": key, "name": name, "facts": [[label, values[row]] for label, values in columns if values[row]]}
            for row, (key, name) in enumerate(zip(self.ids, self.names, strict=True))
        ]


def drawn_layer(
    layer: Layer,
    *,
    answers: Mapping[str, Answer] | None = None,
    window: shapely.Geometry | None = None,
    is_exact: bool = False,
    style: LayerStyle | None = None,
) -> DrawnLayer:
    """Prepare a layer for a map.

    Parameters
    ----------
    layer
        The layer.
    answers
        Answer by key of the feature, by which project sites are told apart; a site without one is left out.
    window
        Longitude and latitude: features that do not meet it are left out. None keeps all.
    is_exact
        Whether shapes are drawn as they are, not simplified.
    style
        How it is drawn; None for the palette of the project.
    """
    style = style or LAYER_STYLES[layer.declaration.role]
    is_wanted = np.ones(len(layer.sound), dtype=bool)
    if window is not None:
        is_wanted &= shapely.intersects(layer.geometries, window)
    if answers is not None:
        is_wanted &= layer.ids.isin(list(answers)).to_numpy()
    rows = np.flatnonzero(is_wanted)
    values = _class_values(layer, style, answers)[rows]
    kinds = np.array([style.class_of(value) for value in values], dtype=np.intp)
    present, class_of = np.unique(kinds, return_inverse=True)
    counts = np.bincount(class_of, minlength=len(present))
    shapes = layer.geometries[rows]
    return DrawnLayer(
        name=layer.name,
        title=layer.title,
        style=style,
        classes=tuple(DrawnClass(style.classes[kind], int(count)) for kind, count in zip(present, counts, strict=True)),
        shapes=exact_shapes(shapes) if is_exact else light_shapes(shapes),
        class_of=class_of.astype(np.intp),
        ids=tuple(layer.ids.iloc[rows]),
        names=tuple(layer.names.iloc[rows]),
        facts=tuple(
            (label, tuple(shown(layer.sound[field].iloc[rows])))
            for meaning, label in style.facts
            if (field := layer.declaration.fields.get(meaning, meaning)) in layer.sound.columns
        ),
        aside=len(layer.set_aside),
        source=source_of(layer.declaration),
    )


def tiled_layer(
    name: str,
    declaration: LayerDeclaration,
    pack: TilePack,
    *,
    style: LayerStyle | None = None,
    answers: Mapping[str, Answer] | None = None,
) -> DrawnLayer:
    """Prepare a layer that the server draws.

    Parameters
    ----------
    name
        Its declared name.
    declaration
        What the county declares of it.
    pack
        Its features.
    style
        How it is drawn; None for the palette of the project.
    answers
        Answer by key of the feature, by which project sites are told apart.
    """
    style = style or LAYER_STYLES[declaration.role]
    if style.role == _SITES:
        known = answers or {}
        keys = pack.words()[KEY].to_pylist()
        kinds = np.array([style.class_of(str(known.get(key, Answer.UNDETERMINED))) for key in keys], dtype=np.intp)
    else:
        of_value = np.array([style.class_of(value) for value in pack.class_values], dtype=np.intp)
        kinds = of_value[pack.class_of] if pack.count else np.empty(0, dtype=np.intp)
    counts = np.bincount(kinds, minlength=len(style.classes))
    present = np.flatnonzero(counts)
    title = declaration.title or name
    place = np.full(len(style.classes), -1, dtype=np.intp)
    place[present] = np.arange(len(present))
    return DrawnLayer(
        name=name,
        title=Text(title, declaration.title_en or title),
        style=style,
        classes=tuple(DrawnClass(style.classes[kind], int(counts[kind])) for kind in present),
        shapes=np.empty(0, dtype=object),
        class_of=place[kinds],
        ids=(),
        names=(),
        facts=(),
        aside=pack.aside,
        source=source_of(declaration),
        pack=pack,
    )


def part_of_pack(
    name: str,
    declaration: LayerDeclaration,
    pack: TilePack,
    window: shapely.Geometry,
    *,
    style: LayerStyle | None = None,
) -> DrawnLayer:
    """Prepare what meets a window of a layer too large to hold, with shapes for the page (to 2 cm).

    Parameters
    ----------
    name
        Its declared name.
    declaration
        What the county declares of it.
    pack
        Its features.
    window
        Longitude and latitude.
    style
        How it is drawn; None for the palette of the project.
    """
    whole = tiled_layer(name, declaration, pack, style=style)
    rows, shapes = shapes_within(pack, window)
    words = pack.words().take(pa.array(rows)).to_pydict()
    counts = np.bincount(whole.class_of[rows], minlength=len(whole.classes))
    present = np.flatnonzero(counts)
    return replace(
        whole,
        pack=None,
        shapes=exact_shapes(shapes),
        classes=tuple(DrawnClass(whole.classes[kind].entry, int(counts[kind])) for kind in present),
        class_of=np.searchsorted(present, whole.class_of[rows]).astype(np.intp),
        ids=tuple(words[KEY]),
        names=tuple(words[NAME]),
        facts=tuple((label, tuple(words[f"fact{place}"])) for place, label in enumerate(pack.labels)),
    )


def source_of(declaration: LayerDeclaration) -> str:
    """Return the date and version of a layer's data, as declared."""
    return " · ".join(part for part in (declaration.date, declaration.version) if part)


def _class_values(layer: Layer, style: LayerStyle, answers: Mapping[str, Answer] | None) -> npt.NDArray[np.object_]:
    """Return the value that tells each feature's class."""
    if style.role == _SITES:
        known = answers or {}
        return np.array([str(known.get(key, Answer.UNDETERMINED)) for key in layer.ids], dtype=object)
    field = layer.declaration.fields.get(style.class_by, style.class_by)
    if field not in layer.sound.columns:
        return np.full(len(layer.sound), "", dtype=object)
    return layer.text(field).str.strip().to_numpy(dtype=object)
