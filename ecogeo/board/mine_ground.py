"""What can be told of a mine and each kind of protected ground: no layer, or no coverage, is not the same as none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from ecogeo.mines import mines_of
from ecogeo.palette import LAYER_STYLES
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

PROTECTED_ROLES = ("redlines", "reserves", "water_sources", "river_management", "shorelines")
"""The layers a mine is held against, as the check ``mine_on_protected_ground`` has them."""

Known = Literal["covered", "not covered", "no layer"]


@dataclass(frozen=True, slots=True)
class ProtectedGround:
    """One kind of protected ground, and whether its layer can tell anything of a mine.

    Parameters
    ----------
    role
        Role of the layer.
    title
        For people.
    known
        ``covered``: the layer covers all of the mine; ``not covered``: it does not, or does not say what it covers;
        ``no layer``: the county has none.
    """

    role: str
    title: Text
    known: Known


def protected_grounds(workspace: Workspace, mine_id: str) -> tuple[ProtectedGround, ...]:
    """Return every kind of protected ground and what its layer can tell of a mine.

    Parameters
    ----------
    workspace
        The county.
    mine_id
        Number of the mine; of one that is not there nothing is covered.

    Raises
    ------
    EcogeoError
        Where a layer cannot be used.
    """
    shape = _ground(workspace, mine_id)
    found = []
    for role in PROTECTED_ROLES:
        layer = workspace.of_role(role)
        if layer is None:
            found.append(ProtectedGround(role, LAYER_STYLES[role].title, "no layer"))
            continue
        is_covered = shape is not None and layer.coverage is not None and bool(shapely.covers(layer.coverage, shape))
        found.append(ProtectedGround(role, layer.title, "covered" if is_covered else "not covered"))
    return tuple(found)


def absent_grounds(workspace: Workspace) -> tuple[Text, ...]:
    """Return the kinds of protected ground the county has no layer for."""
    return tuple(LAYER_STYLES[role].title for role in PROTECTED_ROLES if workspace.catalog.of_role(role) is None)


def _ground(workspace: Workspace, mine_id: str) -> shapely.Geometry | None:
    mines = workspace.of_role("mines")
    if mines is None:
        return None
    found = mines_of(mines)
    rows = np.flatnonzero(found.rows["mine_id"].to_numpy() == mine_id)
    return found.shapes[rows[0]] if len(rows) and not shapely.is_empty(found.shapes[rows[0]]) else None
