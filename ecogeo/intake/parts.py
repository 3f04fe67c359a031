"""What was dropped, laid down under names of our own: one file, or the loose parts of one shapefile."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ecogeo.errors import UnusableFileError
from ecogeo.formats.sniffing import SUFFIXES
from ecogeo.wording import Text, list_en, list_zh

MOST_BYTES = 50 << 20
MOST_PARTS = 20
MOST_LETTERS = 100
"""Longest name that is shown."""

OWN_STEM = "ecogeo-upload"
"""What every upload is called on disk, whatever its own name."""

_NAMELESS = "未命名"
_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_BESIDE = (".sbn", ".sbx", ".xml", ".qix", ".qpj", ".fix", ".atx", ".ain", ".aih", ".ixs", ".mxs")
"""Companions of a shapefile that say nothing of its features."""

_KNOWN = {suffix for suffixes in SUFFIXES.values() for suffix in suffixes} - {".gdb"}


@dataclass(frozen=True, slots=True)
class Part:
    """One file as it was sent.

    Parameters
    ----------
    name
        Its own name; shown, never opened.
    content
        Its bytes.
    """

    name: str
    content: bytes

    @property
    def suffix(self) -> str:
        """What its name ends in, lower case: a hint at most."""
        stem, dot, ending = shown_name(self.name).rpartition(".")
        return f".{ending.lower()}" if stem and dot else ""

    @property
    def stem(self) -> str:
        """Its name without that ending."""
        shown = shown_name(self.name)
        return shown[: len(shown) - len(self.suffix)]


@dataclass(frozen=True, slots=True)
class LaidDown:
    """An upload on disk.

    Parameters
    ----------
    path
        The file to read, under a name of our own.
    shown
        How people know it.
    doubts
        What came with it and is not read.
    """

    path: Path
    shown: str
    doubts: tuple[Text, ...] = ()


def shown_name(name: str) -> str:
    r"""Return a name fit to be shown: the last part of a path, without signs nobody sees, not too long.

    Examples
    --------
    >>> shown_name("C:\\fakepath\\地块.shp"), shown_name("../../etc/passwd")
    ('地块.shp', 'passwd')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(letter for letter in last if unicodedata.category(letter) not in {"Cc", "Cf", "Cs"})
    visible = visible.strip()
    if len(visible) > MOST_LETTERS:
        stem, dot, ending = visible.rpartition(".")
        kept = f"{dot}{ending}" if stem and len(ending) <= 10 else ""
        visible = visible[: MOST_LETTERS - len(kept) - 1] + "…" + kept
    return visible or _NAMELESS


def lay_down(parts: Sequence[Part], folder: Path) -> LaidDown:
    """Write what was sent into an empty folder of our own.

    Parameters
    ----------
    parts
        One file, or the loose parts of one shapefile.
    folder
        Where to.

    Raises
    ------
    UnusableFileError
        Where nothing or too much was sent, parts of a shapefile do not belong together, or several files came that are
        no such parts; with everything that is wrong.
    """
    shown, problems = _main_name(parts), list(_size_problems(parts))
    shapes = [part for part in parts if part.suffix == ".shp"]
    if len(parts) > 1 and not problems:
        problems += _loose_problems(parts, shapes)
    if problems:
        raise UnusableFileError(shown, problems)
    if len(parts) == 1:
        (only,) = parts
        path = folder / f"{OWN_STEM}{only.suffix if only.suffix in _KNOWN else ''}"
        path.write_bytes(only.content)
        return LaidDown(path, shown)
    for part in parts:
        if part.suffix in _SHAPEFILE:
            (folder / f"{OWN_STEM}{part.suffix}").write_bytes(part.content)
    unread = [shown_name(part.name) for part in parts if part.suffix not in _SHAPEFILE]
    doubt = Text(f"同时收到、未读取：{list_zh(unread)}", f"sent with it and not read: {list_en(unread)}")
    return LaidDown(folder / f"{OWN_STEM}.shp", shown, (doubt,) if unread else ())


def _main_name(parts: Sequence[Part]) -> str:
    """Return the name an upload goes by: its .shp, else its first file."""
    shapes = [part for part in parts if part.suffix == ".shp"]
    first = next(iter(shapes or parts), None)
    return _NAMELESS if first is None else shown_name(first.name)


def _size_problems(parts: Sequence[Part]) -> list[Text]:
    problems = []
    if not parts:
        problems.append(Text("没有收到文件", "no file was received"))
    if len(parts) > MOST_PARTS:
        problems.append(
            Text(f"一次最多 {MOST_PARTS} 个文件，收到 {len(parts)} 个", f"at most {MOST_PARTS} files, not {len(parts)}")
        )
    size = sum(len(part.content) for part in parts)
    if size > MOST_BYTES:
        most = MOST_BYTES >> 20
        problems.append(Text(f"共 {size >> 20} MB，最多 {most} MB", f"{size >> 20} MB in all, at most {most} MB"))
    return problems


def _loose_problems(parts: Sequence[Part], shapes: Sequence[Part]) -> list[Text]:
    """Tell why several files are not the parts of one shapefile."""
    names = [shown_name(part.name) for part in parts]
    others = [shown_name(part.name) for part in parts if part.suffix not in (*_SHAPEFILE, *_BESIDE)]
    if others or not {part.suffix for part in parts} & set(_SHAPEFILE):
        return [
            Text(
                f"一次只能核查一个数据；收到 {len(parts)} 个文件（{list_zh(names)}），请分别上传或放进一个 ZIP",
                f"one dataset at a time; {len(parts)} files came ({list_en(names)}): send them one by one",
            )
        ]
    problems = []
    if len(shapes) != 1:
        problems.append(
            Text(
                f"Shapefile 的各部分应有且只有一个 .shp，收到 {len(shapes)} 个（{list_zh(names)}）",
                f"the parts of a shapefile have one .shp; there are {len(shapes)} ({list_en(names)})",
            )
        )
    elif lost := [
        shown_name(part.name)
        for part in parts
        if part.suffix in _SHAPEFILE and part.stem.casefold() != shapes[0].stem.casefold()
    ]:
        problems.append(
            Text(
                f"与 {shown_name(shapes[0].name)} 不同名，不是它的一部分：{list_zh(lost)}",
                f"not part of {shown_name(shapes[0].name)}, since they have another name: {list_en(lost)}",
            )
        )
    suffixes = [part.suffix for part in parts if part.suffix in _SHAPEFILE]
    if twice := sorted({suffix for suffix in suffixes if suffixes.count(suffix) > 1 and suffix != ".shp"}):
        problems.append(Text(f"同类部分不止一个：{list_zh(twice)}", f"more than one of a kind: {list_en(twice)}"))
    return problems
