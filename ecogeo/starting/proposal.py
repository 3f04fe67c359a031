"""Look through a folder of a county's files and propose a role for each layer, leaving out none."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ecogeo.catalog import ROLES
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.recognise import RoleGuess, recognise, recognise_raster
from ecogeo.starting.heads import LayerHead, is_layer_file, read_heads
from ecogeo.wording import Text, list_en, list_zh

_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_COMPANIONS = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".shp.xml", ".fix", ".ain", ".aih"),
    ".tif": (".tfw", ".tif.aux.xml", ".tif.ovr", ".tif.xml", ".prj", ".tif.vat.dbf", ".tif.vat.cpg"),
    ".tiff": (".tfw", ".tiff.aux.xml", ".tiff.ovr", ".tiff.xml", ".prj", ".tiff.vat.dbf", ".tiff.vat.cpg"),
    ".gpkg": (".gpkg-wal", ".gpkg-shm", ".gpkg-journal"),
}
_ARCHIVES = frozenset({".zip", ".rar", ".7z", ".tar", ".gz", ".tgz"})
_KNOWN_KINDS = {
    **dict.fromkeys((".txt", ".csv", ".tsv", ".xlsx", ".xls"), Text("文字或表格", "a text or a table")),
    **dict.fromkeys(
        (".kml", ".kmz", ".gpx", ".dxf"), Text("单个地块的交换格式", "an exchange format for single sites")
    ),
    **dict.fromkeys((".dwg", ".mdb", ".mxd", ".aprx", ".qgz"), Text("专有格式", "a proprietary format")),
    **dict.fromkeys((".doc", ".docx", ".pdf", ".wps", ".et"), Text("文档", "a document")),
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".img"), Text("图片或其他栅格", "a picture or other raster")),
}
_COUNTY_CODE = re.compile(r"\d{6}(0{3}|0{6})?")
_DATUM_NUMBERS = re.compile(r"(?i)cgcs[_ ]?2000|国家[_ ]?2000|2000[_ ]?国家|2000[_ ]?坐标")
_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})"
    r"(?:[-_.年]?(?P<month>0[1-9]|1[0-2])(?:[-_.月]?(?P<day>0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A layer with its role.

    Parameters
    ----------
    head
        What its file announces.
    guess
        Its role and the fields to use.
    shown
        How a message names it: its path below the folder, with the layer inside the file.
    date_in_name
        Date its path gives (``2023``, ``2023-06`` or ``2023-06-30``); empty where it gives none.
    """

    head: LayerHead
    guess: RoleGuess
    shown: str
    date_in_name: str = ""

    @property
    def role(self) -> str:
        """Its role."""
        return self.guess.role or ""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A file or layer without a role.

    Parameters
    ----------
    shown
        How a message names it.
    reasons
        Why it has none.
    """

    shown: str
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was found in a folder.

    Parameters
    ----------
    folder
        The folder.
    chosen
        One layer a role at most, in the order of the roles.
    rivals
        Further layers of the same roles, best first: for a person to weigh.
    unplaced
        Everything else, folder by folder.
    """

    folder: Path
    chosen: tuple[Found, ...] = ()
    rivals: tuple[Found, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()

    @property
    def county_name(self) -> str:
        """The county's name as its own layer gives it; empty where that is not one feature or has no name."""
        return self._of_county("name")

    @property
    def county_code(self) -> str:
        """The county's administrative code as its own layer gives it; empty where it holds none."""
        code = self._of_county("key")
        return code[:6] if _COUNTY_CODE.fullmatch(code) else ""

    def summary(self) -> tuple[Text, ...]:
        """Return what was found as sentences, one a line."""
        lines = [_chosen_line(found) for found in self.chosen]
        lines += [
            Text(
                f"备选 {found.role}：{found.shown}（{_signs(found).zh}）",
                f"also {found.role}: {found.shown} ({_signs(found).en})",
            )
            for found in self.rivals
        ]
        lines += [
            Text(
                f"未归类：{unplaced.shown}：{'；'.join(reason.zh for reason in unplaced.reasons)}",
                f"not placed: {unplaced.shown}: {'; '.join(reason.en for reason in unplaced.reasons)}",
            )
            for unplaced in self.unplaced
        ]
        if name := self.county_name:
            lines.append(Text(f"县域名称取自其图层：{name}", f"the county's name, from its own layer: {name}"))
        roles = {found.role for found in self.chosen}
        if absent := [role for role in ROLES if role not in roles]:
            lines.append(
                Text(f"没有找到的角色：{list_zh(absent, most=30)}", f"roles not found: {list_en(absent, most=30)}")
            )
        return tuple(lines)

    def _of_county(self, use: Literal["name", "key"]) -> str:
        county = next((found for found in self.chosen if found.role == "county"), None)
        if county is None or county.head.features != 1:
            return ""
        column = county.guess.name_field if use == "name" else county.guess.key
        return next(iter(county.head.values.get(column, ())), "")


def propose(folder: Path) -> Proposal:
    """Look through a folder and its subfolders and propose a role for every layer.

    Parameters
    ----------
    folder
        A folder of a county's files. Hidden and system files are left out; links to folders are not followed.

    Returns
    -------
    Every other file and every layer in it exactly once: chosen, rival or unplaced; companions of a file go with it.
    Where several layers have one role, the one with more points is chosen, then the one with the later date in its
    path, then the first by path.

    Raises
    ------
    UsageError
        Where it is no folder.
    """
    if not folder.is_dir():
        raise UsageError(Text(f"{folder} 不是文件夹", f"{folder} is no folder"))
    files = list(_files(folder))
    placed: list[Found] = []
    unplaced: list[Unplaced] = []
    for path in _without_companions(files):
        shown = _printable(path.relative_to(folder).as_posix())
        if not _is_text(path.as_posix()):
            reason = Text("文件名无法用 UTF-8 表示，请改名", "its name cannot be written in UTF-8: rename it")
            unplaced.append(Unplaced(shown, (reason,)))
        elif path.is_symlink() and path.is_dir():
            reason = Text("链接到别的文件夹，没有进入", "a link to another folder, not followed")
            unplaced.append(Unplaced(shown, (reason,)))
        elif is_layer_file(path):
            _place(path, shown, placed, unplaced)
        else:
            unplaced.append(Unplaced(shown, (_why_no_layer(path),)))
    placed.sort(key=lambda found: found.shown)
    placed.sort(key=lambda found: found.date_in_name, reverse=True)
    placed.sort(key=lambda found: (ROLES.index(found.role), -found.guess.score))
    chosen = {found.role: found for found in reversed(placed)}
    return Proposal(
        folder=folder,
        chosen=tuple(found for found in placed if chosen[found.role] is found),
        rivals=tuple(found for found in placed if chosen[found.role] is not found),
        unplaced=tuple(unplaced),
    )


def companions(path: Path) -> tuple[Path, ...]:
    """Return the files that belong to a file and are of no use without it, such as the .dbf of a .shp; sorted.

    Parameters
    ----------
    path
        An existing file.
    """
    endings = _COMPANIONS.get(path.suffix.lower(), ())
    return tuple(
        sibling
        for sibling in sorted(path.parent.iterdir())
        if sibling != path
        and sibling.name.lower().startswith(path.stem.lower())
        and sibling.name[len(path.stem) :].lower() in endings
    )


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and its subfolders in the order of their paths; a FileGDB counts as a file."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_system(name))
        inside = [Path(place, name) for name in folders]
        as_files = [path for path in inside if path.suffix.lower() == ".gdb" or path.is_symlink()]
        folders[:] = [path.name for path in inside if path not in as_files]
        yield from sorted([*as_files, *(Path(place, name) for name in files if not _is_system(name))])


def _is_system(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _SYSTEM_FILES


def _without_companions(files: Iterable[Path]) -> list[Path]:
    listed = list(files)
    belonging = {companion for path in listed if path.suffix.lower() in _COMPANIONS for companion in companions(path)}
    return [path for path in listed if path not in belonging]


def _printable(name: str) -> str:
    """Return a name fit for a line of a message: a control character in it shows as a question mark."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _is_text(name: str) -> bool:
    """Tell whether a name is text; on Linux it may be any bytes, such as GBK."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _place(path: Path, shown: str, placed: list[Found], unplaced: list[Unplaced]) -> None:
    """Give each layer of a file a role, or note why it has none."""
    try:
        heads = read_heads(path)
    except UnusableFileError as error:
        prefix = f"{path.name}：", f"{path.name}: "
        reasons = [
            Text(problem.zh.removeprefix(prefix[0]), problem.en.removeprefix(prefix[1])) for problem in error.problems
        ]
        unplaced.append(Unplaced(shown, tuple(reasons)))
        return
    if not heads:
        unplaced.append(Unplaced(shown, (Text("文件中没有图层", "it holds no layer"),)))
    for head in heads:
        named = f"{shown}:{_printable(head.layer)}" if head.layer else shown
        if head.raster is None and not head.geometry_type:
            reason = Text("没有图形，是属性表", "a table without geometry")
            unplaced.append(Unplaced(named, (reason,)))
            continue
        guess = _guess(head)
        if guess.role is None:
            unplaced.append(Unplaced(named, guess.reasons))
        else:
            placed.append(Found(head, guess, named, _date_in(named)))


def _guess(head: LayerHead) -> RoleGuess:
    if head.raster is not None:
        return recognise_raster(head.name, head.raster)
    return recognise(head.name, head.fields, head.geometry_type, values=head.values)


def _date_in(shown: str) -> str:
    """Return the last date in a file's name, else in its folders' from the inside out; empty where there is none."""
    for part in reversed(shown.split("/")):
        dates = list(_DATE.finditer(_DATUM_NUMBERS.sub(" ", part)))
        if dates:
            return "-".join(number for number in dates[-1].groups() if number)
    return ""


def _why_no_layer(path: Path) -> Text:
    suffix = path.suffix.lower()
    if suffix in _ARCHIVES:
        return Text("压缩包，请先解压", "an archive: unpack it first")
    if suffix == ".gdb":
        return Text("不是 FileGDB 文件夹", "no folder of a FileGDB")
    kind = _KNOWN_KINDS.get(suffix)
    if kind is None:
        return Text(f"不认识的文件类型 {suffix}", f"an unknown kind of file {suffix}")
    return Text(f"{kind.zh}，不作为县域图层", f"{kind.en}, no layer of the county")


def _chosen_line(found: Found) -> Text:
    """Return what was chosen for a role, by which signs, and what it still lacks."""
    zh = f"{found.role}：{found.shown}（{_signs(found).zh}）"
    en = f"{found.role}: {found.shown} ({_signs(found).en})"
    if found.head.raster is None:
        zh += f"，主键 {found.guess.key}" if found.guess.key else "，没有可用的主键，请补 key"
        en += f", key {found.guess.key}" if found.guess.key else ", no key: give it one"
    if not found.head.crs:
        zh, en = f"{zh}，没有坐标系，请补 crs", f"{en}, no CRS: give it one"
    return Text(zh, en)


def _signs(found: Found) -> Text:
    reasons = found.guess.reasons
    return Text("；".join(reason.zh for reason in reasons), "; ".join(reason.en for reason in reasons))
