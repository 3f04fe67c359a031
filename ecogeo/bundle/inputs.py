"""The inputs of a run as files: which belong together, and whether they may be carried in a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ecogeo.catalog import LayerDeclaration
from ecogeo.finding import SourceFile
from ecogeo.formats.addresses import is_postgis
from ecogeo.layer import digest
from ecogeo.workspace import Workspace

_PARTED = (".shp", ".tab", ".mif", ".tif", ".tiff", ".img")
"""Formats whose data stand in several files of one name."""

SENT, SITES = "project_sites", "sites"
"""Name of the input that was screened, and the folder it goes into."""

DECLARATIONS = ("layers/layers.toml", "data/tables.toml")


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a case.

    Parameters
    ----------
    source
        Name, place in the county folder, digest, version and date.
    role, coverage, origin, licence
        As the county declares them; empty where it is no layer.
    files
        The files it consists of, by their place in the county folder; none for a database.
    """

    source: SourceFile
    role: str = ""
    coverage: str = ""
    origin: str = ""
    licence: str = ""
    files: Mapping[str, Path] | None = None

    @property
    def bytes_count(self) -> int:
        """How large it is, bytes."""
        return sum(path.stat().st_size for path in (self.files or {}).values())


def inputs_of(
    workspace: Workspace, sources: Sequence[SourceFile], places: Mapping[str, Path], sent_file: tuple[str, Path | None]
) -> tuple[Input, ...]:
    """Return the inputs of a run, with the layers that say where others are complete.

    Parameters
    ----------
    workspace
        The county.
    sources
        As the report names them.
    places
        Where sources lie that are not in the county folder, by the path the report shows.
    sent_file
        Name and place of the file that was screened instead of the county's own sites, which goes into a folder of its
        own; the name empty where there is none, the place None where nobody has its bytes any more.
    """
    name, file = sent_file
    sent = next((one for one in sources if name and one.name == SENT), None)
    named = {source.path: source for source in sources if source is not sent}
    for role in _covering(workspace, sources):
        source = _source(workspace, role)
        if source is not None:
            named.setdefault(source.path, source)
    inputs = [_input(workspace, source, places) for _, source in sorted(named.items())]
    if sent is not None:
        source = replace(sent, path=f"{SITES}/{name}")
        inputs.append(Input(source, role=SENT, files={} if file is None else _files(source.path, file)))
    return tuple(inputs)


def _covering(workspace: Workspace, sources: Sequence[SourceFile]) -> list[str]:
    """Return the roles whose features say where layers of a run are complete, and the county's outline."""
    layers = workspace.catalog.layers
    return [
        "county",
        *sorted({layers[one.name].coverage for one in sources if one.name in layers and layers[one.name].coverage}),
    ]


def _source(workspace: Workspace, role: str) -> SourceFile | None:
    name = workspace.catalog.of_role(role)
    if name is None:
        return None
    declared = workspace.catalog.layers[name]
    shown = declared.shown_path if is_postgis(declared.path) else f"layers/{declared.path}"
    sha256 = workspace.layer(name).sha256
    return SourceFile(name, shown, sha256, declared.version, declared.date)


def _input(workspace: Workspace, source: SourceFile, places: Mapping[str, Path]) -> Input:
    declared: LayerDeclaration | None = workspace.catalog.layers.get(source.name)
    files: dict[str, Path] | None = None
    if not is_postgis(source.path):
        place = places.get(source.path, workspace.root / source.path)
        files = _files(source.path, place)
    if declared is None:
        return Input(source, files=files)
    return Input(source, declared.role, declared.coverage, declared.origin, declared.licence, files)


def _files(shown: str, place: Path) -> dict[str, Path]:
    """Return the files an input consists of, by the path they have in the county folder."""
    folder = shown.rpartition("/")[0]
    head = f"{folder}/" if folder else ""
    if place.is_dir():
        inside = sorted(child for child in place.rglob("*") if child.is_file() and child.suffix.lower() != ".lock")
        return {f"{shown}/{child.relative_to(place).as_posix()}": child for child in inside}
    if place.suffix.lower() in _PARTED:
        parts = sorted(child for child in place.parent.glob(f"{place.stem}.*") if child.is_file())
        return {f"{head}{child.name}": child for child in parts if child.suffix.lower() != ".lock"}
    return {shown: place} if place.is_file() else {}


def holds_address(workspace: Workspace) -> bool:
    """Whether the county's declarations name a database, with a password perhaps."""
    paths = [layer.path for layer in workspace.catalog.layers.values()]
    paths += [layer.earlier.path for layer in workspace.catalog.layers.values() if layer.earlier is not None]
    return any(is_postgis(path) for path in paths)


def is_as_recorded(root: Path, path: str, sha256: str) -> bool:
    """Whether a county folder holds an input with the very bytes that were judged by."""
    place = root / path
    return place.exists() and digest(place) == sha256
