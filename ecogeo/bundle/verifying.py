"""Prove a bundle: every byte is as its manifest says, and the case judged again gives the same files."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from ecogeo import __version__
from ecogeo.bundle.case import KINDS, Case, decisions_of, from_object, run_case, subjects_of
from ecogeo.bundle.inputs import SITES, is_as_recorded
from ecogeo.bundle.reading import Opened, is_unsafe, member_problems, open_bundle
from ecogeo.bundle.writing import kept_results, member_of
from ecogeo.catalog import Catalog
from ecogeo.catalog_file import read_catalog
from ecogeo.check import Progress
from ecogeo.decisions import DecisionFiles, Kind, decision_files, decision_path
from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.formats.addresses import is_postgis
from ecogeo.layer import digest
from ecogeo.wording import Text, list_en, list_zh
from ecogeo.workspace import open_workspace

_RESULTS = "results/"


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of proving a bundle.

    Parameters
    ----------
    sha256
        Digest of its manifest.
    members
        How many members it holds.
    tampered
        Where it is not what its manifest says.
    lacking
        Why the case could not be judged again: inputs that are neither carried nor found; empty where it was.
    differing
        Files that came out otherwise when the case was judged again.
    notes
        What else there is to say, such as another version of the tool.
    """

    sha256: str
    members: int
    tampered: tuple[Text, ...] = ()
    lacking: tuple[Text, ...] = ()
    differing: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether everything was held against everything and nothing differs."""
        return not (self.tampered or self.lacking or self.differing)


def verify_bundle(
    path: Path,
    *,
    county: Path | None = None,
    file: Path | None = None,
    is_run_again: bool = True,
    progress: Progress = lambda _name, _done, _of: None,
) -> Verification:
    """Prove a bundle.

    Parameters
    ----------
    path
        The ZIP, by whomever it was sent.
    county
        A county folder whose inputs may stand in for those that are not carried, where their digests are the same.
    file
        The screened file, where it is not carried.
    is_run_again
        Whether the case is judged again, beside its digests.
    progress
        As `ecogeo.check.run_checks` calls it.

    Raises
    ------
    UnusableFileError
        Where it is no bundle, or its directory is suspect.
    EcogeoError
        Where the case cannot be judged at all.
    """
    opened = open_bundle(path)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        tampered = member_problems(opened, work / "bundle")
        found = Verification(opened.sha256, len(opened.members), tampered, notes=_notes(opened))
        if tampered or not is_run_again:
            return found
        return _run_again(opened, found, work, county=county, file=file, progress=progress)


def _run_again(
    opened: Opened, found: Verification, work: Path, *, county: Path | None, file: Path | None, progress: Progress
) -> Verification:
    try:
        case = from_object(opened.manifest["case"])
    except (TypeError, ValueError) as error:
        raise UnusableFileError(
            opened.path.name, Text("清单中的案件不完整", "the manifest's case is not complete")
        ) from error
    sent_paths = {one["path"] for one in opened.manifest["inputs"]}
    if case.file_name and f"{SITES}/{case.file_name}" not in sent_paths:
        problem = Text("清单中没有送审文件", "the screened file is not among the manifest's inputs")
        raise UnusableFileError(opened.path.name, problem)
    root = work / "county"
    lacking = _assemble(opened, work, case, county, file)
    found = replace(found, notes=(*found.notes, *_replaced(opened, county)))
    if lacking:
        return replace(found, lacking=tuple(lacking))
    if not (root / "layers" / "layers.toml").is_file():
        return replace(found, lacking=(Text("没有 layers.toml", "there is no layers.toml"),))
    if strange := _strange_paths(root, is_own=_is_own(opened, county)):
        raise UnusableFileError(opened.path.name, strange)
    (root / "data").mkdir(parents=True, exist_ok=True)
    sent = root / SITES / case.file_name if case.file_name else None
    is_sure = bool(opened.manifest.get("is_county_sure", True))
    out = work / "again"
    workspace = open_workspace(root)
    given = {kind: _kept(root, kind) for kind in KINDS}
    files = DecisionFiles(given["answers"], given["types"], given["reviews"])
    run_case(workspace, case, out, file=sent, decisions=files, is_county_sure=is_sure, progress=progress)
    return replace(found, differing=tuple(_differences(opened, case, work / "bundle", out)))


def _assemble(opened: Opened, work: Path, case: Case, county: Path | None, file: Path | None) -> list[Text]:
    """Lay a county folder out of what is carried and what stands in for the rest; return what is lacking."""
    unpacked, root = work / "bundle", work / "county"
    lacking = []
    for one in opened.manifest["inputs"]:
        path, sha256 = one["path"], one["sha256"]
        target = root / path
        if one["members"]:
            for member in one["members"]:
                place = root / member.removeprefix(member_of(""))
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(unpacked / member, place)
            if not target.exists() or digest(target) != sha256:
                lacking.append(Text(f"{path}：携带的内容与摘要不符", f"{path}: what is carried is not what was judged"))
        elif is_postgis(path):
            if county is None:
                lacking.append(
                    Text(
                        f"{path}：在数据库中，用 -w 指定县域文件夹", f"{path} lies in a database: name the county by -w"
                    )
                )
        elif path.startswith("data/decisions/") and county is not None and case.ids:
            # Of a few sites only an extract was judged by: the county's own table, cut the same way, may be it.
            lacking += _stand_in(
                path, sha256, _extracted(path, county, case, root.parent / "extract"), target, word="-w"
            )
        elif path.startswith(f"{SITES}/"):
            lacking += _stand_in(path, sha256, file, target, word="--file")
        else:
            place = None if county is None else county / path
            lacking += _stand_in(path, sha256, place, target, word="-w")
    return lacking


def _replaced(opened: Opened, county: Path | None) -> list[Text]:
    """Say which layers, rules and tables of the county named are others than those the case was judged by."""
    if county is None:
        return []
    inputs = [one for one in opened.manifest["inputs"] if one["members"] and not one["path"].startswith(f"{SITES}/")]
    own = [one for one in inputs if not one["path"].startswith("data/decisions/")]
    other = [one["path"] for one in own if not is_as_recorded(county, one["path"], one["sha256"])]
    if not other:
        return []
    return [
        Text(
            f"县域文件夹中以下文件已与当时不同，重算用的是随包携带的：{list_zh(other)}",
            f"the county's files are others by now, the case was judged again by those it carries: {list_en(other)}",
        )
    ]


def _extracted(path: str, county: Path, case: Case, folder: Path) -> Path:
    """Cut a county's table of decisions to what concerns a case, and return where that lies."""
    whole = open_workspace(county)
    decisions_of(decision_files(whole.data_folder), folder, subjects_of(whole, case.ids))
    return folder / path


def _stand_in(path: str, sha256: str, place: Path | None, target: Path, *, word: str) -> list[Text]:
    """Take a file from elsewhere where it has the same bytes; else say what is lacking."""
    if place is None:
        return [Text(f"{path}：没有携带，用 {word} 指定", f"{path} is not carried: name it by {word}")]
    if not place.exists():
        return [Text(f"{path}：没有携带，{word} 中也没有", f"{path} is not carried, and not there by {word} either")]
    if (found := digest(place)) != sha256:
        return [
            Text(
                f"{path}：与当时不同（现 {found[:16]}，当时 {sha256[:16]}）",
                f"{path} is not what was judged by (now {found[:16]}, then {sha256[:16]})",
            )
        ]
    target.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir():
        shutil.copytree(place, target, dirs_exist_ok=True)
        return []
    companions = [place] if place.suffix.lower() not in (".shp", ".tab", ".mif", ".tif", ".tiff", ".img") else []
    for one in companions or sorted(place.parent.glob(f"{place.stem}.*")):
        if one.is_file():
            shutil.copyfile(one, target.parent / (target.name if one == place else one.name))
    return []


def _is_own(opened: Opened, county: Path | None) -> bool:
    """Whether the declarations are those of the user's own county, whose databases may be asked."""
    declared = next((one for one in opened.manifest["inputs"] if one["path"] == "layers/layers.toml"), None)
    return county is not None and declared is not None and is_as_recorded(county, declared["path"], declared["sha256"])


def _strange_paths(root: Path, *, is_own: bool) -> list[Text]:
    """Name the declared paths that lead out of the folder, or to a database the user did not name."""
    try:
        catalog = read_catalog(root)
    except EcogeoError as error:
        return list(error.problems)
    strange = [path for path in _declared(catalog) if not (is_own and is_postgis(path)) and is_unsafe(path)]
    if not strange:
        return []
    return [
        Text(
            f"声明的路径越出文件夹或指向数据库：{list_zh(map(_shown, strange))}",
            f"it declares paths that lead elsewhere: {list_en(map(_shown, strange))}",
        )
    ]


def _shown(path: str) -> str:
    return "postgresql://…" if is_postgis(path) else path


def _declared(catalog: Catalog) -> list[str]:
    paths = [layer.path for layer in catalog.layers.values()]
    paths += [layer.earlier.path for layer in catalog.layers.values() if layer.earlier is not None]
    paths += [layer.coverage for layer in catalog.layers.values() if layer.coverage]
    paths += [one.path for one in catalog.tables.values()] + [one.path for one in catalog.plans.values()]
    return [*paths, catalog.gazetteer] if catalog.gazetteer else paths


def _kept(root: Path, kind: Kind) -> Path | None:
    path = decision_path(root / "data", kind)
    return path if path.is_file() else None


def _differences(opened: Opened, case: Case, unpacked: Path, out: Path) -> list[Text]:
    """Name the files that came out otherwise."""
    again = kept_results(out, case)
    told = {name.removeprefix(_RESULTS) for name in opened.members if name.startswith(_RESULTS)}
    found = [Text(f"{name}：重算后没有", f"{name} did not come out again") for name in sorted(told - again.keys())]
    found += [Text(f"{name}：重算后多出", f"{name} came out besides") for name in sorted(again.keys() - told)]
    for name in sorted(told & again.keys()):
        if (unpacked / _RESULTS / name).read_bytes() != again[name]:
            found.append(Text(f"{name}：重算结果不同", f"{name} came out otherwise"))
    return found


def _notes(opened: Opened) -> tuple[Text, ...]:
    then = str(opened.manifest["version"])
    if then == __version__:
        return ()
    return (
        Text(
            f"证据包由 {then} 版生成，现用 {__version__} 版核对",
            f"it was made by version {then}; this is {__version__}",
        ),
    )
