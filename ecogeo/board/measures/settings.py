"""What the checks of a county measured with, so that their layers draw the same."""

from __future__ import annotations

from typing import Any

from ecogeo.check import choose_checks
from ecogeo.layer import Layer
from ecogeo.workspace import Workspace


def threshold(workspace: Workspace, check: str, name: str) -> Any:  # noqa: ANN401  a figure, or what the check takes
    """Return a threshold of a check: the county's own (``[checks.<name>]`` of layers.toml), else its default."""
    (found,) = choose_checks([check])
    return workspace.catalog.checks.get(check, {}).get(name, found.thresholds[name])


def layer_of(workspace: Workspace, role: str) -> Layer:
    """Return the layer of a role, of a county that has one.

    Raises
    ------
    LookupError
        Where it has none.
    """
    layer = workspace.of_role(role)
    if layer is None:
        msg = f"no layer of role {role}"
        raise LookupError(msg)
    return layer
