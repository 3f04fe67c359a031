"""What the outcome of a check hangs on: the program, the declarations, and the files behind all it is handed."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

import ecogeo
from ecogeo.catalog import ROLES
from ecogeo.check import EARLIER, Check
from ecogeo.errors import EcogeoError
from ecogeo.formats.addresses import is_postgis
from ecogeo.landuse.book import BOOK_FILES
from ecogeo.workspace import Workspace, sample_root

Stamps = Mapping[Path, tuple[int, int]]

_PACKAGE = Path(ecogeo.__file__).parent
_DECIDED_HERE = ("decisions", "present")
"""Folders below ``data`` that the viewer writes: what people decided is handed over apart, steps judge nothing."""

_ALWAYS = ("layers/layers.toml", "data/tables.toml")
_MADE = (".pyc", ".nbi", ".nbc")
"""What Python and numba make of the program's files."""

_PASSING = (".lock", "-shm", ".part")


@functools.cache
def program_digest() -> str:
    """Return what names the program: its own files, and the versions of what measures for it."""
    told = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        inner = path.relative_to(_PACKAGE).parts
        if not path.is_file() or path.suffix in _MADE or inner[0] == "sample":
            continue
        told.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode())
        told.update(path.read_bytes())
    others = (shapely.geos_version, shapely.__version__, pyproj.proj_version_str, pyogrio.__gdal_version__)
    told.update(repr((others, np.__version__, pd.__version__)).encode())
    return told.hexdigest()


def watched_files(workspace: Workspace) -> dict[str, tuple[Path, ...]]:
    """Return the files of a county that checks read, by how they are shown, with their companions.

    Parameters
    ----------
    workspace
        The county.

    Returns
    -------
    Layers, their earlier versions and coverages, declarations, and every file below ``data`` but those of decisions and
    of meetings; layers held in a database are not among them.
    """
    found: dict[str, tuple[Path, ...]] = {}
    for shown in dict.fromkeys(_layer_paths(workspace, workspace.catalog.layers)):
        found[f"layers/{shown}"] = _with_companions(workspace.layer_folder / shown)
    found["layers/layers.toml"] = (workspace.layer_folder / "layers.toml",)
    data = workspace.data_folder
    for path in sorted(data.rglob("*")) if data.is_dir() else ():
        inner = path.relative_to(data)
        if path.is_file() and inner.parts[0] not in _DECIDED_HERE and not path.name.endswith(_PASSING):
            found[f"data/{inner.as_posix()}"] = (path,)
    return found


def file_stamps(workspace: Workspace) -> Stamps:
    """Return size and time of last change of every watched file: other stamps, and somebody has to look closer."""
    stamps = {}
    for path in (one for files in watched_files(workspace).values() for one in files):
        if (stamp := _stamp(path)) is not None:
            stamps[path] = stamp
    return stamps


def county_inputs(workspace: Workspace) -> dict[str, str]:
    """Return the digest of everything checks may read, by how it is shown; what is not there has none.

    Parameters
    ----------
    workspace
        The county.

    Returns
    -------
    Of a layer in a database the digest the database works out; such a layer that cannot be asked has the digest
    ``?``, with which nothing is ever the same.
    """
    told = {shown: _digest_of(files) for shown, files in watched_files(workspace).items()}
    for name, declared in workspace.catalog.layers.items():
        for place in (declared, declared.as_earlier):
            if place is not None and is_postgis(place.path):
                told[f"database/{name}/{place.layer}"] = _database_digest(place.path, place.layer)
    books = [sample_root() / "data" / name for name in BOOK_FILES]
    told["book"] = _digest_of(tuple(path for path in books if path.is_file()))
    return {shown: sha256 for shown, sha256 in told.items() if sha256}


def inputs_of(one: Check, workspace: Workspace, inputs: Mapping[str, str]) -> dict[str, str]:
    """Return those of a county's inputs that a check hangs on.

    Parameters
    ----------
    one
        The check: it is handed what its parameters name, and nothing else.
    workspace
        The county.
    inputs
        As `county_inputs`.
    """
    catalog = workspace.catalog
    names: set[str] = set()
    is_of_data = False
    for use in one.uses:
        role = use.removeprefix(EARLIER)
        if role in ROLES:
            names |= {catalog.of_role(role) or ""}
        elif use == "layers":
            names |= set(catalog.layers)
        elif use != "rounding":  # that stands in layers.toml
            is_of_data = True
            names |= {join.layer for join in catalog.joins.values()} if use == "joins" else set()
            names |= {catalog.of_role(own) or "" for own in ("project_sites", "towns")} if use == "cases" else set()
    wanted = {*_ALWAYS, "book", *(f"layers/{path}" for path in _layer_paths(workspace, names - {""}))}
    wanted |= {f"layers/{one.coverage}" for one in catalog.layers.values() if "." in one.coverage}
    databases = tuple(f"database/{name}/" for name in _with_coverage(workspace, names - {""}))
    return {
        shown: sha256
        for shown, sha256 in inputs.items()
        if shown in wanted or shown.startswith(databases) or (is_of_data and shown.startswith("data/"))
    }


def named(*told: object) -> str:
    """Return a digest of values that JSON can hold."""
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _with_coverage(workspace: Workspace, names: Iterable[str]) -> list[str]:
    """Return layers with those that say where they are complete, and so on."""
    found: list[str] = []
    left = sorted(names)
    while left:
        name = left.pop(0)
        if name in found:
            continue
        found.append(name)
        covering = workspace.catalog.of_role(workspace.catalog.layers[name].coverage)
        left += [covering] if covering else []
    return found


def _layer_paths(workspace: Workspace, names: Iterable[str]) -> list[str]:
    """Return the files of layers, of their earlier versions and of where they are complete, below ``layers``."""
    paths: list[str] = []
    for name in _with_coverage(workspace, names):
        declared = workspace.catalog.layers[name]
        places = [declared.path, *([declared.earlier.path] if declared.earlier else [])]
        places += [declared.coverage] if "." in declared.coverage else []
        paths += [path for path in places if not is_postgis(path)]
    return paths


def _with_companions(path: Path) -> tuple[Path, ...]:
    """Return a file with those of its name beside it, such as a shapefile's; of a folder every file in it."""
    if path.is_dir():
        found = [one for one in path.rglob("*") if one.is_file() and not one.name.endswith(_PASSING)]
    else:
        beside = path.parent.glob(f"{_plain(path.stem)}.*") if path.parent.is_dir() else ()
        found = [one for one in beside if one.is_file() and not one.name.endswith(_PASSING)]
        found = [one for one in found if not one.name.endswith("-wal") or one.stat().st_size]
    return tuple(sorted(found))


def _plain(stem: str) -> str:
    """Return a name with what a pattern would read otherwise put in brackets."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)


def _digest_of(files: tuple[Path, ...]) -> str:
    """Return the digest of files with their names; empty for none, or where one cannot be read."""
    told = [(path.name, _file_digest(path, _stamp(path))) for path in files]
    return "" if not told or any(not sha256 for _, sha256 in told) else named(told)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


@functools.lru_cache(maxsize=4096)
def _file_digest(path: Path, stamp: tuple[int, int] | None) -> str:
    """Return the digest of a file, read once for as long as its stamp is the same."""
    if stamp is None:
        return ""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _database_digest(source: str, table: str) -> str:
    try:
        from ecogeo.formats.postgis import fingerprint  # noqa: PLC0415  psycopg is an extra

        return fingerprint(source, table=table)
    except (EcogeoError, ModuleNotFoundError):
        return "?"
