"""What constrains ground: the layers that do, which of their zones block, and where each of them is complete."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.catalog import RASTER_ROLES, ROLES, ZONING_ROLES
from ecogeo.certainty import can_clear
from ecogeo.finding import Verdict
from ecogeo.law import Law, zone_values
from ecogeo.layer import Layer
from ecogeo.setback import enlarged
from ecogeo.siting.blocked import screening_checks
from ecogeo.siting.grid import Flags, Grid, Shelf
from ecogeo.siting.ground import in_plane
from ecogeo.wording import Text
from ecogeo.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class Constraint:
    """A layer in the plane: what of it blocks, and where it is complete."""

    blocking: Shelf
    coverage: BaseGeometry


def constraint_layers(county: Workspace) -> Iterator[tuple[Layer, Layer]]:
    """Yield the layers that constrain sites, each as declared and with the distance its check keeps."""
    roles = set(ROLES) - RASTER_ROLES - ZONING_ROLES
    for check in screening_checks():
        for role in check.uses:
            layer = county.of_role(role) if role in roles else None
            if layer is not None:
                within_m = layer.declaration.buffer_m
                within_m = float(check.thresholds.get("buffer_m", 0.0)) if within_m is None else within_m
                yield layer, enlarged(layer, within_m) if within_m > 0 else layer


def constraints_of(
    county: Workspace, grid: Grid, law: Law | None, allowed: Collection[Verdict], left_out: Collection[str]
) -> tuple[list[Constraint], tuple[Text, ...]]:
    """Bring what blocks of every constraint layer into the plane, and where each is complete."""
    found, blind = [], []
    for layer, zones in constraint_layers(county):
        if layer.declaration.role in left_out:
            blind.append(layer.title)
            continue
        shapes = in_plane(zones.geometries[blocking_zones(layer, law, allowed)], grid.crs)
        coverage = layer.coverage if layer.coverage is not None and can_clear(layer) else shapely.Polygon()
        found.append(Constraint(Shelf(shapes), in_plane(np.array([coverage], dtype=object), grid.crs)[0]))
    return found, tuple(blind)


def blocking_zones(layer: Layer, law: Law | None, allowed: Collection[Verdict]) -> Flags:
    """Tell which zones of a layer block a project of the law's type: all but those of an allowed verdict."""
    if law is None or not allowed:
        return np.ones(len(layer.sound), dtype=bool)
    values = zone_values(layer)
    role = layer.declaration.role
    verdicts = {
        value: law.judge(role=role, zone=value, site_id="", project_id="").verdict for value in dict.fromkeys(values)
    }
    return np.array([verdicts[value] not in allowed for value in values], dtype=bool)
