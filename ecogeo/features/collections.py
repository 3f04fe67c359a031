"""What a county has to offer other programs: every layer with features, and the findings of its checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.finding import Report
from ecogeo.layer import Layer, as_text
from ecogeo.report.run_files import findings_frame
from ecogeo.tiles.apart import LARGE_FEATURES
from ecogeo.tiles.laying import laid_out
from ecogeo.tiles.opening import features_declared
from ecogeo.tiles.rows import RowStore
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace

FINDINGS = "findings"

_ABOUT_COORDINATES = Text(
    "坐标为 CGCS2000 经纬度（EPSG:4490），未转换；与 WGS 84 之差在一米以内，本接口按 CRS84 给出。",
    "Coordinates are longitude and latitude on CGCS2000 (EPSG:4490), not transformed; they differ from WGS 84 by less "
    "than a metre and are given here as CRS84.",
)


@dataclass(frozen=True, eq=False)
class Collection:
    """Features of one kind.

    Parameters
    ----------
    name
        What addresses call it.
    title, description
        What people call it, and what must be known of it.
    ids
        What each feature is called by, in the order of the features; each occurs once.
    frame
        The features, longitude and latitude on CGCS2000 (EPSG:4490); a feature that cannot be drawn has no geometry.
    licence
        Under which terms it may be used, as the county declares.
    rows
        Where the features lie if they are too many to be held: `ids` and `frame` are then without any.
    key
        The field of `rows` that tells what each feature is called by.
    """

    name: str
    title: Text
    description: Text
    ids: tuple[str, ...]
    frame: gpd.GeoDataFrame
    licence: str = ""
    rows: RowStore | None = None
    key: str = ""

    @property
    def count(self) -> int:
        """How many features it has."""
        return len(self.ids) if self.rows is None else len(self.rows)

    def part(self, places: npt.NDArray[np.intp]) -> tuple[list[str], gpd.GeoDataFrame]:
        """Return features by their places, sorted: what they are called by, and themselves."""
        if self.rows is None:
            return [self.ids[place] for place in places], self.frame.iloc[places]
        frame = self.rows.take(places)
        return as_text(frame[self.key]).tolist(), frame

    def place(self, feature_id: str) -> int | None:
        """Return where a feature stands; None where there is none of that id."""
        if self.rows is None:
            return self.place_of.get(feature_id)
        found = np.flatnonzero(self.rows.having({self.key: feature_id}))
        return int(found[0]) if len(found) else None

    @property
    def shapes(self) -> geodesy.Geometries:
        """The geometries, None where there is none."""
        return np.asarray(self.frame.geometry.array, dtype=object)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the properties."""
        return tuple(str(column) for column in self.frame.columns if column != self.frame.geometry.name)

    @cached_property
    def box(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of all features, degrees; None where no feature has a geometry."""
        if self.rows is not None:
            boxes = self.rows.boxes
            low, high = np.nanmin(boxes[:, :2], axis=0).tolist(), np.nanmax(boxes[:, 2:], axis=0).tolist()
            return low[0], low[1], high[0], high[1]
        drawn = self.shapes[~(shapely.is_missing(self.shapes) | shapely.is_empty(self.shapes))]
        return None if not len(drawn) else tuple(float(edge) for edge in shapely.total_bounds(drawn))  # type: ignore[return-value]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """An index of the geometries."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def place_of(self) -> dict[str, int]:
        """The place of each feature by its id."""
        return {one: place for place, one in enumerate(self.ids)}

    @cached_property
    def words(self) -> pd.DataFrame:
        """The properties as text, to compare them with what is asked for."""
        return pd.DataFrame({name: as_text(self.frame[name]) for name in self.fields})


def collection_names(workspace: Workspace) -> tuple[str, ...]:
    """Return the names of all collections: the layers with features as declared, then the findings."""
    own = workspace.vector_names
    return (*own, FINDINGS if FINDINGS not in own else f"{FINDINGS}_of_checks")


def collection(workspace: Workspace, name: str, report: Callable[[], Report], lang: Lang) -> Collection | None:
    """Return a collection by name; None where there is none.

    Every feature of a layer's file is in it: one that cannot be drawn has no geometry, and the description counts them.

    Parameters
    ----------
    workspace
        The county.
    name
        One of `collection_names`.
    report
        Gives the outcome of the checks where the findings are asked for.
    lang
        Language of the findings' messages.

    Raises
    ------
    EcogeoError
        Where a file cannot be used.
    """
    if name not in collection_names(workspace):
        return None
    if name in workspace.vector_names and (features_declared(workspace, name) or 0) > LARGE_FEATURES:
        return _of_rows(workspace, name)
    if name in workspace.vector_names:
        return _of_layer(workspace.layer(name), workspace)
    return _of_findings(name, report(), lang, workspace)


def _of_layer(layer: Layer, workspace: Workspace) -> Collection:
    drawn = gpd.GeoSeries(layer.sound.geometry.reindex(layer.frame.index), crs=geodesy.LONLAT)
    frame = layer.frame.set_geometry(drawn)
    return Collection(
        name=layer.name,
        title=layer.title,
        description=_of_file(layer.declaration, len(layer.set_aside), len(layer.repairs), workspace),
        ids=_ids(as_text(layer.frame[layer.declaration.key]).tolist()),
        frame=frame,
        licence=layer.declaration.licence,
    )


def _of_rows(workspace: Workspace, name: str) -> Collection:
    """Return a layer that is too large to be held."""
    declared, rows = workspace.catalog.layers[name], laid_out(workspace, name)
    title = declared.title or name
    return Collection(
        name=name,
        title=Text(title, declared.title_en or title),
        description=_of_file(declared, len(rows.set_aside), len(rows.repairs), workspace),
        ids=(),
        frame=rows.take(np.empty(0, dtype=np.intp)),
        licence=declared.licence,
        rows=rows,
        key=declared.key,
    )


def _of_file(declared: LayerDeclaration, aside: int, repaired: int, workspace: Workspace) -> Text:
    """Say where a layer comes from, and which of its geometries are not as its file has them."""
    told = "，".join(fact for fact in (declared.origin, declared.date, declared.version) if fact)
    zh, en = [told + "。"] if told else [], [told + "."] if told else []
    if aside:
        zh.append(f"{aside} 个图形无法使用，没有几何。")
        en.append(f"{aside} geometries cannot be used and are left out.")
    if repaired:
        zh.append(f"{repaired} 个图形经修复。")
        en.append(f"{repaired} geometries were repaired.")
    return _description(zh, en, workspace.county.mark)


def _of_findings(name: str, report: Report, lang: Lang, workspace: Workspace) -> Collection:
    frame = findings_frame(report, lang)
    return Collection(
        name=name,
        title=Text("检查发现", "Findings of the checks"),
        description=_description([], [], workspace.county.mark),
        ids=tuple(str(number) for number in range(1, len(frame) + 1)),
        frame=frame,
    )


def _description(zh: list[str], en: list[str], notice: Text | None) -> Text:
    marks = ([notice.zh + "。"], [notice.en + "."]) if notice is not None else ([], [])
    return Text("".join([*marks[0], *zh, _ABOUT_COORDINATES.zh]), " ".join([*marks[1], *en, _ABOUT_COORDINATES.en]))


def _ids(keys: list[str]) -> tuple[str, ...]:
    """Return what each feature is called by; a key is unique, or the layer would have been refused."""
    return tuple(keys)
