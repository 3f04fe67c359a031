"""What a county has to offer other programs: every layer with features, and the findings of its checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.finding import Report
from ecogeo.layer import Layer, as_text
from ecogeo.report.run_files import findings_frame
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
    """

    name: str
    title: Text
    description: Text
    ids: tuple[str, ...]
    frame: gpd.GeoDataFrame
    licence: str = ""

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
    if name in workspace.vector_names:
        return _of_layer(workspace.layer(name), workspace)
    return _of_findings(name, report(), lang, workspace)


def _of_layer(layer: Layer, workspace: Workspace) -> Collection:
    drawn = gpd.GeoSeries(layer.sound.geometry.reindex(layer.frame.index), crs=geodesy.LONLAT)
    frame = layer.frame.set_geometry(drawn)
    declared = layer.declaration
    facts = [declared.origin, declared.date, declared.version]
    told = "，".join(fact for fact in facts if fact)
    zh, en = [told + "。"] if told else [], [told + "."] if told else []
    if layer.set_aside:
        zh.append(f"{len(layer.set_aside)} 个图形无法使用，没有几何。")
        en.append(f"{len(layer.set_aside)} geometries cannot be used and are left out.")
    if layer.repairs:
        zh.append(f"{len(layer.repairs)} 个图形经修复。")
        en.append(f"{len(layer.repairs)} geometries were repaired.")
    notice = workspace.county.mark
    return Collection(
        name=layer.name,
        title=layer.title,
        description=_description(zh, en, notice),
        ids=_ids(as_text(layer.frame[declared.key]).tolist()),
        frame=frame,
        licence=declared.licence,
    )


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
