"""What a check would need of a county, and how that is declared."""

from __future__ import annotations

from dataclasses import dataclass

from ecogeo.catalog import RASTER_ROLES, ROLES
from ecogeo.check import EARLIER, choose_checks
from ecogeo.palette import LAYER_STYLES
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

_RASTERS = {"landcover": Text("土地覆盖", "land cover"), "dem": Text("数字高程", "terrain model")}


@dataclass(frozen=True, slots=True)
class Missing:
    """A layer a county lacks.

    Parameters
    ----------
    title
        For people.
    lines
        What is to be written into ``layers/layers.toml``.
    """

    title: Text
    lines: str


def role_words(role: str) -> Text:
    """Return what the layer of a role is called."""
    if role in LAYER_STYLES:
        return LAYER_STYLES[role].title
    return _RASTERS.get(role, Text(role, role))


def missing_layers(workspace: Workspace, check: str) -> tuple[Missing, ...]:
    """Return the layers a check cannot do without and the county does not have.

    Parameters
    ----------
    workspace
        The county.
    check
        Name of the check.
    """
    (found,) = choose_checks([check])
    return tuple(one for name in found.needs if (one := _missing(workspace, name)) is not None)


def _missing(workspace: Workspace, name: str) -> Missing | None:
    catalog = workspace.catalog
    role = name.removeprefix(EARLIER)
    if role not in ROLES:
        return None
    declared = catalog.of_role(role)
    if name == role:
        return None if declared is not None else Missing(role_words(role), _table(role, role))
    if declared is not None and catalog.layers[declared].earlier is not None:
        return None
    title = role_words(role)
    told = Text(f"{title.zh}的上一版", f"{title.en}: the version before")
    return Missing(told, f'[layers.{declared or role}.earlier]\npath = "{role}_earlier.gpkg"')


def _table(name: str, role: str) -> str:
    if role in RASTER_ROLES:
        return f'[layers.{name}]\nrole = "{role}"\npath = "{role}.tif"'
    return f'[layers.{name}]\nrole = "{role}"\npath = "{role}.gpkg"\nkey = "…"\nname = "…"'
