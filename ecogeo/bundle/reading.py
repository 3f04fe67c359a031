"""Read a bundle somebody sent: its directory is judged before anything is unpacked, then every byte is held to it."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecogeo.bundle.writing import FORMAT, MANIFEST
from ecogeo.errors import UnusableFileError
from ecogeo.wording import Text, list_en, list_zh

MOST_MEMBERS = 5000
MOST_BYTES = 4 << 30
MOST_MANIFEST = 16 << 20
MOST_RATIO = 300
SMALL_BYTES = 10 << 20

_BLOCK = 1 << 20
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle whose directory is sound.

    Parameters
    ----------
    path
        The ZIP.
    manifest
        What it says of itself.
    sha256
        Digest of the manifest.
    """

    path: Path
    manifest: Mapping[str, Any]
    sha256: str

    @property
    def members(self) -> Mapping[str, Mapping[str, Any]]:
        """Digest and size of every member, as the manifest has them."""
        members: Mapping[str, Mapping[str, Any]] = self.manifest["members"]
        return members


def open_bundle(path: Path) -> Opened:
    """Judge the directory of a bundle and read its manifest.

    Raises
    ------
    UnusableFileError
        Where it is no bundle, or its directory is suspect in any way: too many or too large members, packed out of
        proportion, encrypted, links, unsafe names, a name twice.
    """
    if not path.is_file():
        raise UnusableFileError(path.name, Text("文件不存在", "the file does not exist"))
    try:
        with zipfile.ZipFile(path) as archive:
            if problems := [*_directory_problems(archive)]:
                raise UnusableFileError(path.name, problems)
            content = _read(path, archive, archive.getinfo(MANIFEST), MOST_MANIFEST)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise UnusableFileError(path.name, _broken(error)) from error
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError) as error:
        problem = Text("manifest.json 不是有效的 JSON", "manifest.json is not valid JSON")
        raise UnusableFileError(path.name, problem) from error
    if problems := [*_manifest_problems(manifest)]:
        raise UnusableFileError(path.name, problems)
    return Opened(path, manifest, hashlib.sha256(content).hexdigest())


def member_problems(opened: Opened, target: Path | None = None) -> tuple[Text, ...]:
    """Return every difference between a bundle and its manifest; what is as it says is unpacked.

    Parameters
    ----------
    opened
        The bundle.
    target
        Where the members are unpacked; None only looks.
    """
    problems: list[Text] = []
    try:
        with zipfile.ZipFile(opened.path) as archive:
            there = {entry.filename: entry for entry in archive.infolist() if entry.filename != MANIFEST}
            if added := sorted(there.keys() - opened.members.keys()):
                problems.append(Text(f"多出 {list_zh(added)}", f"{list_en(added)} was added"))
            if missing := sorted(opened.members.keys() - there.keys()):
                problems.append(Text(f"缺少 {list_zh(missing)}", f"{list_en(missing)} is missing"))
            if archive.comment:
                problems.append(Text("压缩包带有附注", "the archive has a comment, which was added"))
            both = sorted(there.keys() & opened.members.keys())
            other = [name for name in both if not _unpacked(archive, there[name], opened.members[name], target)]
            problems += [Text(f"{name} 的内容与清单不符", f"{name} is not what the manifest says") for name in other]
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        problems.append(_broken(error))
    return tuple(problems)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, told: Mapping[str, Any], target: Path | None) -> bool:
    """Unpack a member as far as the manifest says it goes, and tell whether it is what it says."""
    digest, left = hashlib.sha256(), int(told["bytes"])
    if entry.file_size != left:
        return False
    place = None if target is None else target / entry.filename
    if place is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(entry) as source:
            stream = None if place is None else place.open("wb")
            try:
                while block := source.read(min(_BLOCK, left + 1)):
                    left -= len(block)
                    if left < 0:
                        return False
                    digest.update(block)
                    if stream is not None:
                        stream.write(block)
            finally:
                if stream is not None:
                    stream.close()
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return False
    return left == 0 and digest.hexdigest() == told["sha256"]


def _read(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(entry) as source:
        content = source.read(most + 1)
    if len(content) > most:
        raise UnusableFileError(path.name, Text(f"{entry.filename} 过大", f"{entry.filename} is too large"))
    return content


def _directory_problems(archive: zipfile.ZipFile) -> Iterator[Text]:
    entries = archive.infolist()
    names = [entry.orig_filename for entry in entries]
    if MANIFEST not in names:
        yield Text("不是证据包：没有 manifest.json", "it is no evidence bundle: there is no manifest.json")
    if len(entries) > MOST_MEMBERS:
        yield Text(
            f"有 {len(entries)} 个文件，最多 {MOST_MEMBERS} 个",
            f"it holds {len(entries)} files, at most {MOST_MEMBERS}",
        )
    declared, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if declared > MOST_BYTES:
        yield Text(f"解压后 {declared >> 20} MB，过大", f"it unpacks to {declared >> 20} MB, which is too large")
    heavy = [e.filename for e in entries if e.file_size > SMALL_BYTES and e.file_size > MOST_RATIO * e.compress_size]
    if heavy or (declared > SMALL_BYTES and declared > MOST_RATIO * packed):
        yield Text(f"压缩比超过 {MOST_RATIO}，疑似压缩炸弹", f"it is packed more than {MOST_RATIO}-fold, as bombs are")
    suspects = {
        Text("加密", "encrypted"): [e.filename for e in entries if e.flag_bits & 0x1],
        Text("链接", "a link"): [e.filename for e in entries if stat.S_ISLNK(e.external_attr >> 16)],
        Text("路径越出文件夹或不合法", "an unsafe path"): [name for name in names if is_unsafe(name)],
        Text("重名", "a name twice"): sorted(
            name for name, count in Counter(map(str.lower, names)).items() if count > 1
        ),
    }
    for reason, found in suspects.items():
        if found:
            yield Text(f"{reason.zh}：{list_zh(found)}", f"{reason.en}: {list_en(found)}")


def is_unsafe(name: str) -> bool:
    """Whether a path could lead out of a folder, or trouble Windows.

    Examples
    --------
    >>> is_unsafe("inputs/../x"), is_unsafe("inputs/layers/redlines.gpkg")
    (True, False)
    """
    return (
        not name
        or name.startswith("/")
        or "\\" in name
        or ":" in name
        or any(part in ("", ".", "..") or _RESERVED.fullmatch(part) is not None for part in name.split("/"))
        or any(character < " " for character in name)
    )


def _manifest_problems(manifest: object) -> Iterator[Text]:
    """Yield what keeps a manifest from being one."""
    if not isinstance(manifest, dict) or manifest.get("software") != "ecogeo":
        yield Text("manifest.json 不是证据包的清单", "manifest.json is no manifest of an evidence bundle")
        return
    if manifest.get("format") != FORMAT:
        yield Text(
            f"清单格式 {manifest.get('format')} 不认识", f"the manifest's format {manifest.get('format')} is not known"
        )
        return
    members, inputs, case = (manifest.get(name) for name in ("members", "inputs", "case"))
    is_sound = isinstance(members, dict) and isinstance(case, dict) and isinstance(manifest.get("version"), str)
    is_sound = is_sound and isinstance(inputs, list) and all(isinstance(one, dict) for one in inputs)
    if not is_sound or not isinstance(members, dict) or not isinstance(inputs, list):
        yield Text("清单缺少案件、输入或成员", "the manifest lacks its case, inputs or members")
        return
    for name, told in members.items():
        digest, size = (told.get("sha256"), told.get("bytes")) if isinstance(told, dict) else (None, None)
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest) or not isinstance(size, int) or size < 0:
            yield Text(f"清单中 {name} 没有摘要或大小", f"the manifest has no digest or size of {name}")
    for one in inputs:
        path, digest, inside = one.get("path"), one.get("sha256"), one.get("members")
        is_listed = isinstance(inside, list) and all(isinstance(name, str) and name in members for name in inside)
        if not isinstance(path, str) or not isinstance(digest, str) or not is_listed:
            yield Text(f"清单中的输入 {path} 不完整", f"the input {path} of the manifest is not complete")
        elif "://" not in path and is_unsafe(path):
            yield Text(f"清单中的输入路径不合法：{path}", f"the manifest names an unsafe path: {path}")


def _broken(error: Exception) -> Text:
    return Text(f"压缩包已损坏或不是 ZIP：{error}", f"the archive is damaged or no ZIP: {error}")
