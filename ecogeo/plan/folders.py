"""Which plans a county folder holds: those it declares, and those of other places that only lie beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ecogeo.errors import EcogeoError, merged
from ecogeo.plan.tables import PlanTables, read_plan
from ecogeo.plan.values import read_values

_MARK = "plan.toml"


def plan_folders(data: Path, declared: Mapping[str, str]) -> dict[str, Path]:
    """Return the folders of all plans by name: the declared ones first, then every other folder with a plan.toml.

    Parameters
    ----------
    data
        The county's data folder.
    declared
        Folders of the declared plans by name, relative to `data`.
    """
    found = {name: data / path for name, path in declared.items()}
    taken = {folder.resolve() for folder in found.values()}
    others = sorted(path.parent for path in data.glob(f"*/{_MARK}") if path.parent.resolve() not in taken)
    return found | {folder.name: folder for folder in others if folder.name not in found}


def read_plans(folders: Mapping[str, Path]) -> dict[str, PlanTables]:
    """Read several plans.

    Parameters
    ----------
    folders
        Their folders by name.

    Raises
    ------
    EcogeoError
        With everything that makes any of them unusable, their ``values.csv`` included.
    """
    found: dict[str, PlanTables] = {}
    errors: list[EcogeoError] = []
    for name, folder in folders.items():
        try:
            found[name] = read_plan(folder)
            read_values(folder, found[name].indicators)
        except EcogeoError as error:
            errors.append(error)
    if errors:
        raise merged(errors)
    return found
