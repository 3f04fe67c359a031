"""Write a bundle: one ZIP that holds what a case was judged by and what came of it, each member with its digest."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ecogeo import __version__
from ecogeo.bundle.case import Case, Sent, as_object, decisions_of, run_case, subjects_of
from ecogeo.bundle.inputs import DECLARATIONS, Input, holds_address, inputs_of
from ecogeo.bundle.masking import without_coordinates
from ecogeo.check import Progress
from ecogeo.decisions import DecisionFiles
from ecogeo.errors import UsageError
from ecogeo.finding import Report
from ecogeo.layer import digest
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

FORMAT = 1
MANIFEST = "manifest.json"
Carry = Literal["none", "small", "all"]
SMALL_BYTES = 20 << 20
MOST_BYTES = 200 << 20
"""Of what counts as small: one input, and all that are carried."""

_LAW = ("data/rules/", "data/questions.csv", "data/project_types.csv")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was written.

    Parameters
    ----------
    path
        The ZIP.
    sha256
        Digest of its manifest: who knows it can tell whether a bundle is this one, whoever packed it.
    left_out
        Inputs it names by digest and does not carry, each with the reason.
    report
        What came of the case.
    """

    path: Path
    sha256: str
    left_out: tuple[tuple[str, Text], ...]
    report: Report


def write_bundle(
    workspace: Workspace,
    case: Case,
    path: Path,
    *,
    file: Path | Sent | None = None,
    decisions: DecisionFiles | None = None,
    carry: Carry = "small",
    is_county_sure: bool = True,
    progress: Progress = lambda _name, _done, _of: None,
) -> Bundle:
    """Judge a case and pack the evidence.

    Parameters
    ----------
    workspace
        The county.
    case
        What is judged, and how.
    path
        The ZIP; replaced only once it is whole.
    file
        The file of sites, where one is screened; or how it was read before, so that a stranger's file is not opened
        here. Its bundle is the same, byte for byte.
    decisions
        What people decided; of a few sites only the rows that concern them are packed and judged by.
    carry
        Whether inputs are packed: ``none``, ``small`` ones (20 MB each, 200 MB together), or ``all``. Each is named by
        its digest in any case. Without coordinates none is but the rules.
    is_county_sure
        Whether somebody said that the sites lie in this county.
    progress
        As `ecogeo.check.run_checks` calls it.

    Returns
    -------
    Where it is, its fingerprint and what it leaves out. The same inputs give the same bytes.

    Raises
    ------
    UsageError
        Where the bytes of a file that was read before are not those that were read.
    EcogeoError
        With everything that is unusable among the inputs.
    """
    name, place = _sent_file(file)
    case = replace(case, file_name=name)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        out = work / "results"
        subjects = subjects_of(workspace, case.ids) if case.ids else None
        given = decisions_of(decisions or DecisionFiles(None, None, None), work / "county", subjects)
        report = run_case(
            workspace, case, out, file=file, decisions=given, is_county_sure=is_county_sure, progress=progress
        )
        places = {f"data/decisions/{kept.name}": kept for kept in _paths(given)}
        inputs = inputs_of(workspace, report.sources, places, (name, place))
        carried, left_out = _chosen(inputs, workspace, case, carry)
        members = _results(out, case, work)
        rows = []
        for one in inputs:
            packed = _packed(one) if one.source.path in carried else {}
            members |= packed
            rows.append(_row(one, packed, dict(left_out).get(one.source.path)))
        if case.without_coordinates:
            members |= _masked_decisions(_paths(given), work)
        told = {
            "format": FORMAT,
            "software": "ecogeo",
            "version": __version__,
            "county": {"code": workspace.county.code, "name": workspace.county.name},
            "notice": workspace.county.notice,
            "is_county_sure": is_county_sure,
            "case": as_object(case),
            "inputs": rows,
        }
        members |= _written({"README.txt": _README}, work)
        digest = _pack(path, members, told)
    return Bundle(path, digest, tuple(left_out), report)


def _sent_file(file: Path | Sent | None) -> tuple[str, Path | None]:
    """Return the name and place of the screened file; the name empty where there is none."""
    if not isinstance(file, Sent):
        return ("", None) if file is None else (file.name, file)
    if file.file is not None and digest(file.file) != file.sha256:
        name = file.inspection.file
        raise UsageError(Text(f"{name} 与读取时不同", f"{name} is not what was read"))
    return file.inspection.file, file.file


def kept_results(out: Path, case: Case) -> dict[str, bytes]:
    """Return the files of a run as a bundle of the case holds them, by name."""
    found = {}
    for path in sorted(out.iterdir()):
        content: bytes | None = path.read_bytes()
        if case.without_coordinates:
            content = without_coordinates(path.name, path.read_bytes())
        if content is not None:
            found[path.name] = content
    return found


def _results(out: Path, case: Case, work: Path) -> dict[str, Path]:
    return _written({f"results/{name}": content for name, content in kept_results(out, case).items()}, work)


def _written(files: Mapping[str, bytes], work: Path) -> dict[str, Path]:
    """Write what is made for the bundle into the folder of work, and return where it lies by its member's name."""
    places = {}
    for name, content in files.items():
        target = work / "made" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        places[name] = target
    return places


def _masked_decisions(paths: tuple[Path, ...], work: Path) -> dict[str, Path]:
    kept = {f"decisions/{path.name}": without_coordinates(path.name, path.read_bytes()) or b"" for path in paths}
    return _written(kept, work)


def _paths(given: DecisionFiles) -> tuple[Path, ...]:
    return tuple(path for path in (given.answers, given.types, given.reviews) if path is not None)


def _chosen(
    inputs: tuple[Input, ...], workspace: Workspace, case: Case, carry: Carry
) -> tuple[frozenset[str], list[tuple[str, Text]]]:
    """Return which inputs are carried, and why each of the others is not."""
    carried, left_out, total = set(), [], 0
    for one in inputs:
        path, size = one.source.path, one.bytes_count
        reason: Text | None = None
        if one.files is None:
            reason = Text("在数据库中", "it lies in a database")
        elif not one.files:
            reason = Text("没有保存文件本身，只有摘要", "the file itself was not kept, its digest alone")
        elif path in DECLARATIONS and holds_address(workspace):
            reason = Text("其中有数据库地址", "it names the address of a database")
        elif case.without_coordinates and not path.startswith(_LAW):
            reason = Text("脱敏：不含能说明位置的数据", "without coordinates: nothing that tells where things lie")
        elif carry == "none":
            reason = Text("按要求不带", "left out as asked")
        elif carry == "small" and (size > SMALL_BYTES or total + size > MOST_BYTES):
            reason = Text(f"过大（{size >> 20} MB）", f"too large ({size >> 20} MB)")
        if reason is None:
            carried.add(path)
            total += size
        else:
            left_out.append((path, reason))
    return frozenset(carried), left_out


def member_of(path: str) -> str:
    """Return the member that holds a file of an input, by its place in the county folder."""
    return f"inputs/{path}"


def _packed(one: Input) -> dict[str, Path]:
    return {member_of(shown): place for shown, place in (one.files or {}).items()}


def _row(one: Input, packed: Mapping[str, Path], reason: Text | None) -> dict[str, Any]:
    source = one.source
    told = {
        "name": source.name,
        "path": source.path,
        "sha256": source.sha256,
        "version": source.version,
        "date": source.date,
        "role": one.role,
        "coverage": one.coverage,
        "origin": one.origin,
        "licence": one.licence,
        "bytes": one.bytes_count,
        "members": sorted(packed),
        "left_out": "" if reason is None else reason.zh,
    }
    return {name: value for name, value in told.items() if value or name in ("path", "sha256", "members")}


def _pack(path: Path, members: Mapping[str, Path], told: Mapping[str, Any]) -> str:
    """Write the ZIP, its members sorted, and return the digest of its manifest."""
    digests = {}
    for name, place in sorted(members.items()):
        with place.open("rb") as stream:
            digests[name] = {"sha256": hashlib.file_digest(stream, "sha256").hexdigest(), "bytes": place.stat().st_size}
    manifest = json.dumps({**told, "members": digests}, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with zipfile.ZipFile(part, "w") as archive:
        with archive.open(_info(MANIFEST), "w") as target:
            target.write(manifest)
        for name, place in sorted(members.items()):
            with place.open("rb") as source, archive.open(_info(name), "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, _BLOCK)
    part.replace(path)
    return hashlib.sha256(manifest).hexdigest()


def _info(name: str) -> zipfile.ZipInfo:
    """Return the head of a member: no clock, no user, no system in it."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
    return info


_README = """证据包 / evidence bundle

manifest.json  案件、输入（含摘要、版本、日期、覆盖范围）、每个成员的 sha256
results/       计算结果：screening.csv、judgements.csv（规则与日期）、findings、summary.json 等
inputs/        随包携带的输入：图层、规则、规划表、人工意见（decisions）

核对：ecogeo verify 本文件.zip
      （输入没有全带时加 -w 县域文件夹；送审文件没有带时加 --file 文件）

manifest.json  the case, its inputs (digest, version, date, coverage), sha256 of every member
results/       what was computed: screening.csv, judgements.csv (rules and their dates), findings, summary.json …
inputs/        the inputs carried: layers, rules, plan tables, what people decided (decisions)

Check it by: ecogeo verify THIS.zip
             (-w COUNTY where inputs are not carried, --file FILE where the screened file is not)
""".encode()
