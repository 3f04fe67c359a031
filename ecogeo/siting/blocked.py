"""What blocks each site, in it and around it: the ground of the hits of a screening of its surroundings."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import cast

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy
from ecogeo.catalog import RASTER_ROLES, ROLES, ZONING_ROLES
from ecogeo.certainty import can_clear
from ecogeo.check import Check, find_checks
from ecogeo.errors import EcogeoError
from ecogeo.finding import CheckRun, Finding, Verdict
from ecogeo.judging import judge_county
from ecogeo.law import Law
from ecogeo.layer import Layer
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

_ROOM_M = 10.0
"""Ground looked at beyond what is asked for, so that no piece of a zone is cut to a sliver where the look ends."""


_NEAR_DEG = 0.2
"""More than 20 km anywhere in China: no distance a check or a rule keeps reaches so far."""

_LEAST_FEATURES = 2000
"""Smaller layers are looked at whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocker:
    """Ground around a site that a rule keeps it from, or that nobody knows enough of.

    Parameters
    ----------
    layer
        Role of the layer.
    verdict
        What the rules say of it; None for ground that the layer does not cover.
    rule_id, clause
        The rule.
    ground
        Polygons, longitude and latitude.
    """

    layer: str
    verdict: Verdict | None
    rule_id: str
    clause: str
    ground: BaseGeometry

    @property
    def name(self) -> str:
        """The layer, with a question mark where it does not cover the ground."""
        return self.layer if self.verdict is not None else f"{self.layer}?"


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What blocks each site of a file.

    Parameters
    ----------
    blockers
        By site, in the order in which the layers are screened; empty where nothing blocks.
    blind
        Layers that say nowhere where they are complete: they can never clear a site, and block none.
    """

    blockers: dict[str, tuple[Blocker, ...]]
    blind: tuple[Text, ...]


def screening_checks() -> list[Check]:
    """Return the checks that answer for sites."""
    return [one for one in find_checks() if one.family == "screening"]


def look_around(
    county: Workspace, sites: Layer, law: Law | None, *, reach_m: float, verdicts: Collection[Verdict]
) -> Surroundings:
    """Find what blocks sites, on their own ground and up to some metres around it.

    Parameters
    ----------
    county
        The county.
    sites
        Polygons, as `ecogeo.sites.sites_of` gives them.
    law
        What hits are judged by.
    reach_m
        How far around each site to look, metres.
    verdicts
        What blocks. Of the layers that divide the county, in some unit of which every site lies, only what is judged.

    Raises
    ------
    EcogeoError
        Where a check broke: what it would have found is not known.
    """
    around = _enlarged(sites, reach_m + _ROOM_M)
    report = judge_county(county.with_sites(around), screening_checks(), law=law)
    broken = [run for run in report.runs if run.crash is not None]
    if broken:
        raise EcogeoError(
            [Text(f"{run.name}：{run.crash.zh}", f"{run.name}: {run.crash.en}") for run in broken if run.crash]
        )
    found: dict[str, list[Blocker]] = {key: [] for key in sites.ids}
    for finding in _hits(report.runs):
        is_open = finding.verdict is Verdict.UNDETERMINED and finding.layer in ZONING_ROLES
        if finding.verdict in verdicts and not is_open and finding.geometry is not None:
            ground = cast(BaseGeometry, finding.geometry)
            found[finding.feature_id].append(
                Blocker(finding.layer, finding.verdict, finding.rule_id, finding.clause, ground)
            )
    blind = []
    for layer in _constraints(county):
        if layer.coverage is None or not can_clear(layer):
            blind.append(layer.title)
            continue
        for key, ground in zip(around.ids, around.geometries, strict=True):
            unknown = shapely.difference(ground, layer.coverage)
            if not unknown.is_empty:
                found[key].append(Blocker(layer.declaration.role, None, "", "", unknown))
    return Surroundings({key: tuple(blockers) for key, blockers in found.items()}, tuple(blind))


def only_near(county: Workspace, shapes: geodesy.Geometries) -> Workspace:
    """Return the county with those features of its constraint layers alone that lie within 20 km of some shapes.

    What blocks a shape is the same, and found at once also in a province; only distances to what lies farther away are
    not known. Each layer keeps one feature of its coverage, so that it is believed as before.
    """
    boxes = shapely.box(*(shapely.bounds(shapes) + np.array([-1, -1, 1, 1]) * _NEAR_DEG).T)
    near = county
    for layer in _constraints(county):
        if len(layer.sound) < _LEAST_FEATURES:
            continue
        rows = set(layer.sound.sindex.query(boxes)[1].tolist())
        if layer.coverage is not None:
            rows |= set(itertools.islice(_within(layer.geometries, layer.coverage), 1))
        chosen = layer.sound.iloc[sorted(rows)]
        near = near.with_layer(replace(layer, frame=chosen, sound=chosen, folder=None))
    return near


def _within(shapes: geodesy.Geometries, coverage: shapely.Geometry) -> Iterator[int]:
    """Yield the positions of the shapes that meet a coverage."""
    return (at for at, shape in enumerate(shapes) if shapely.intersects(coverage, shape))


def make_ready(county: Workspace) -> None:
    """Prepare where each constraint layer is complete, so that asking it of feature after feature takes no time."""
    for layer in _constraints(county):
        if layer.coverage is not None:
            shapely.prepare(layer.coverage)


def _hits(runs: Collection[CheckRun]) -> Iterator[Finding]:
    """Yield the findings that are the overlap of a site and a zone: of polygons, those alone measure square metres."""
    for run in runs:
        if run.family == "screening":
            yield from (one for one in run.findings if one.unit == "m2" and one.feature_id)


def _constraints(county: Workspace) -> Iterator[Layer]:
    """Yield the county's constraint layers, in the order of their checks; those that divide the county apart."""
    roles = set(ROLES) - RASTER_ROLES - ZONING_ROLES
    for role in dict.fromkeys(role for one in screening_checks() for role in one.uses if role in roles):
        layer = county.of_role(role)
        if layer is not None:
            yield layer


def _enlarged(sites: Layer, by_m: float) -> Layer:
    """Return the ground up to some metres around each site in its place, as surely placed as can be."""
    grown: geodesy.Geometries = np.array([_grown(shape, by_m) for shape in sites.geometries], dtype=object)
    frame = sites.sound.assign(accuracy_m=0.0).set_geometry(
        gpd.GeoSeries(grown, index=sites.sound.index, crs=geodesy.LONLAT)
    )
    return replace(sites, frame=frame, sound=frame, set_aside=())


def _grown(shape: BaseGeometry, by_m: float) -> BaseGeometry:
    plane = geodesy.local_plane(shapely.centroid(shape).x)
    grown: BaseGeometry = plane.to_lonlat(shapely.buffer(plane.to_plane(np.array([shape])), by_m))[0]
    return grown
