"""ZIP archives: the directory is judged before anything is unpacked, then one dataset under names of our own."""

from __future__ import annotations

import re
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ecogeo.errors import UnusableFileError
from ecogeo.formats.dbf_encoding import ASCII, CHINESE, judge_encoding, plausibility
from ecogeo.wording import Text, list_en, list_zh

MOST_MEMBERS = 200
MOST_BYTES = 300 << 20
MOST_RATIO = 100
SMALL_BYTES = 10 << 20
DATASET = "dataset"
"""Name every unpacked dataset is given, with its own suffix."""

_SINGLE = (".gpkg", ".geojson", ".topojson", ".kml", ".gpx", ".dxf", ".fgb", ".parquet", ".geoparquet")
_LESSER = (".json", ".txt", ".csv", ".xlsx")
_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_GDB_CATALOGUE = "a00000001.gdbtable"
_GDB_MEMBER = re.compile(r"(?:a[0-9a-f]{8}\.[a-z0-9_]{2,16}|gdb|timestamps)", re.IGNORECASE)
_NESTED = (".zip", ".kmz", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_ENCRYPTED, _UTF8_FLAG = 0x1, 0x800
_PLAUSIBLE = 0.6
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset inside an archive.

    Parameters
    ----------
    name
        Its path in the archive, without suffix.
    suffix
        What its unpacked file or folder ends in.
    members
        The archive's entries that belong to it, by the name each is unpacked under.
    """

    name: str
    suffix: str
    members: dict[str, zipfile.ZipInfo]

    @property
    def stem(self) -> str:
        """The last part of its name."""
        return PurePosixPath(self.name).name


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A dataset that lies unpacked in a folder which is about to vanish.

    Parameters
    ----------
    path
        Where it lies, under a name of our own.
    dataset
        What it is in the archive.
    layer
        The layer wanted inside it; empty for the only one.
    doubts
        What else the archive holds that was not read.
    """

    path: Path
    dataset: Dataset
    layer: str
    doubts: tuple[Text, ...]


@contextmanager
def unpacked(path: Path, layer: str = "") -> Iterator[Unpacked]:
    """Unpack the one dataset that is meant into a folder that is removed afterwards.

    Parameters
    ----------
    path
        The archive.
    layer
        A dataset of it, ``dataset/layer`` inside one, or a layer of the only dataset; empty takes the only one.

    Raises
    ------
    UnusableFileError
        Where the directory of the archive is suspect in any way, it holds no dataset that can be read, or several and
        none was named.
    """
    with zipfile.ZipFile(path) as archive:
        members = list_members(path, archive)
        dataset, inner, others = _chosen(path, members, layer)
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder)
            if dataset.suffix == ".gdb":
                target = target / f"{DATASET}.gdb"
                target.mkdir()
            _extract(path, archive, dataset, target)
            place = target if dataset.suffix == ".gdb" else target / f"{DATASET}{dataset.suffix}"
            yield Unpacked(place, dataset, inner, others)


def list_members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the files of an archive by their right names, folders left out.

    Parameters
    ----------
    path
        The archive, for the message.
    archive
        The open archive.

    Raises
    ------
    UnusableFileError
        With everything that is suspect: too many entries, too large, packed out of proportion, encrypted, nested
        archives, links, names that lead out of the folder or that Windows reserves, a name twice.
    """
    entries = archive.infolist()
    names = _right_names(entries)
    suspects = {
        Text("加密", "encrypted"): [n for n, e in zip(names, entries, strict=True) if e.flag_bits & _ENCRYPTED],
        Text("链接", "a link"): [n for n, e in zip(names, entries, strict=True) if stat.S_ISLNK(e.external_attr >> 16)],
        Text("路径越出文件夹或不合法", "an unsafe path"): [name for name in names if _is_unsafe(name)],
        Text("压缩包中的压缩包", "an archive in the archive"): [n for n in names if n.lower().endswith(_NESTED)],
        Text("重名", "a name twice"): _twice(names),
    }
    problems = _size_problems(entries)
    for reason, found in suspects.items():
        if found:
            problems.append(Text(f"{reason.zh}：{list_zh(found)}", f"{reason.en}: {list_en(found)}"))
    if problems:
        raise UnusableFileError(path.name, problems)
    return {name: entry for name, entry in zip(names, entries, strict=True) if not name.endswith("/")}


def _right_names(entries: list[zipfile.ZipInfo]) -> list[str]:
    """Return the names of entries; those not marked as UTF-8, or marked so after being garbled, are judged."""
    names = [entry.orig_filename for entry in entries]
    raw = [_raw_name(entry) for entry in entries]
    encoding = judge_encoding((name, 0) for name in raw if name is not None)
    codec = "utf-8" if encoding == ASCII else encoding
    right = [
        name if bytes_ is None else bytes_.decode(codec, errors="replace")
        for name, bytes_ in zip(names, raw, strict=True)
    ]
    return [name.replace("\\", "/") for name in right]


def _raw_name(entry: zipfile.ZipInfo) -> bytes | None:
    """Return the bytes of a name whose encoding is to be judged; None where it is rightly said to be UTF-8."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8_FLAG:
        return name.encode("cp437", errors="replace")
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return None
    garbled = judge_encoding([(raw, 0)])
    is_chinese = garbled != ASCII and plausibility(raw.decode(garbled, errors="replace"), CHINESE) >= _PLAUSIBLE
    return raw if is_chinese else None


def _size_problems(entries: list[zipfile.ZipInfo]) -> list[Text]:
    """Tell where an archive is larger, or packed more tightly, than data are."""
    problems = []
    declared, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if len(entries) > MOST_MEMBERS:
        problems.append(
            Text(
                f"有 {len(entries)} 个文件，最多 {MOST_MEMBERS} 个",
                f"it holds {len(entries)} files, at most {MOST_MEMBERS}",
            )
        )
    if declared > MOST_BYTES:
        found, most = declared >> 20, MOST_BYTES >> 20
        problems.append(Text(f"解压后 {found} MB，最多 {most} MB", f"it unpacks to {found} MB, at most {most} MB"))
    if declared > SMALL_BYTES and declared > MOST_RATIO * packed:
        problems.append(
            Text(f"压缩比超过 {MOST_RATIO}，疑似压缩炸弹", f"it is packed more than {MOST_RATIO}-fold, as bombs are")
        )
    return problems


def _is_unsafe(name: str) -> bool:
    """Whether a member's name could lead out of a folder or trouble Windows."""
    parts = name.rstrip("/").split("/")
    return (
        not name
        or name.startswith("/")
        or ":" in name
        or any(part in ("", "..") or _RESERVED.fullmatch(part) for part in parts)
        or any(character < " " for character in name)
    )


def _twice(names: list[str]) -> list[str]:
    """Return the names that differ from another in nothing but capitals."""
    seen: set[str] = set()
    return [name for name in names if name.lower() in seen or seen.add(name.lower())]  # type: ignore[func-returns-value]


def list_datasets(members: dict[str, zipfile.ZipInfo], archive_stem: str) -> tuple[list[Dataset], list[Dataset]]:
    """Return the datasets of an archive: spatial ones, and those that are data only where there is no spatial one.

    Parameters
    ----------
    members
        The files by name.
    archive_stem
        Name of a geodatabase whose files lie at the top of the archive.
    """
    paths = {PurePosixPath(name): entry for name, entry in members.items() if not _is_litter(name)}
    datasets, lesser = [], []
    for path, entry in sorted(paths.items()):
        suffix = path.suffix.lower()
        name = str(path.with_suffix(""))
        if path.name.lower() == _GDB_CATALOGUE:
            inside = {
                other.name: info
                for other, info in paths.items()
                if other.parent == path.parent and _GDB_MEMBER.fullmatch(other.name)
            }
            folder = str(path.parent.with_suffix("")) if path.parent.name else archive_stem
            datasets.append(Dataset(folder, ".gdb", inside))
        elif suffix == ".shp":
            parts = {
                f"{DATASET}{other.suffix.lower()}": info
                for other, info in paths.items()
                if str(other.with_suffix("")) == name and other.suffix.lower() in _SHAPEFILE
            }
            datasets.append(Dataset(name, suffix, parts))
        elif suffix in _SINGLE:
            datasets.append(Dataset(name, suffix, {f"{DATASET}{suffix}": entry}))
        elif suffix in _LESSER:
            lesser.append(Dataset(name, suffix, {f"{DATASET}{suffix}": entry}))
    return datasets, lesser


def _is_litter(name: str) -> bool:
    """Whether a member is what macOS leaves in archives."""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith("._")


def _chosen(path: Path, members: dict[str, zipfile.ZipInfo], layer: str) -> tuple[Dataset, str, tuple[Text, ...]]:
    """Return the dataset that is meant, the layer wanted inside it, and what stays unread."""
    spatial, lesser = list_datasets(members, path.stem.removesuffix(".gdb"))
    datasets = _main_document(spatial) if path.suffix.lower() == ".kmz" else spatial or lesser
    if not datasets:
        problem = Text("压缩包里没有可读取的数据", "the archive holds no data that can be read")
        raise UnusableFileError(path.name, problem)
    dataset, inner = _named(datasets, layer)
    if dataset is None:
        names = [dataset.name for dataset in datasets]
        problem = Text(
            f"压缩包里有 {len(names)} 个数据（{list_zh(names)}），请指明 layer",
            f"the archive holds {len(names)} datasets ({list_en(names)}): name one as layer",
        )
        raise UnusableFileError(path.name, problem)
    unread = [f"{other.name}{other.suffix}" for other in (*spatial, *lesser) if other is not dataset]
    if not unread:
        return dataset, inner, ()
    doubt = Text(
        f"压缩包中还有 {list_zh(unread)}，未读取", f"the archive also holds {list_en(unread)}, which was not read"
    )
    return dataset, inner, (doubt,)


def _main_document(datasets: list[Dataset]) -> list[Dataset]:
    """Return the main document of a KMZ: doc.kml, else its first KML."""
    documents = [dataset for dataset in datasets if dataset.suffix == ".kml"]
    return sorted(documents, key=lambda document: (document.name.lower() != "doc", "/" in document.name))[:1]


def _named(datasets: list[Dataset], layer: str) -> tuple[Dataset | None, str]:
    """Return the dataset a layer's name points at, and what is left of that name for inside it."""
    for dataset in datasets:
        for name in (dataset.name, dataset.stem, f"{dataset.name}{dataset.suffix}", f"{dataset.stem}{dataset.suffix}"):
            if layer == name:
                return dataset, ""
            if layer.startswith(f"{name}/"):
                return dataset, layer.removeprefix(f"{name}/")
    return (datasets[0], layer) if len(datasets) == 1 else (None, layer)


def _extract(path: Path, archive: zipfile.ZipFile, dataset: Dataset, target: Path) -> None:
    """Unpack the members of a dataset, counting the bytes that really come out."""
    left = MOST_BYTES
    for name, entry in dataset.members.items():
        with archive.open(entry) as source, (target / name).open("wb") as copy:
            while block := source.read(min(_BLOCK_BYTES, left + 1)):
                left -= len(block)
                if left < 0:
                    problem = Text("解压出的数据超过声明的大小", "more comes out of it than it declares")
                    raise UnusableFileError(path.name, problem)
                copy.write(block)
