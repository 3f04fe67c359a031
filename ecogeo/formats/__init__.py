"""Outside formats, one file each: a function from a path to a frame, plus the inferences it made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.formats.archive import DATASET, unpacked
from ecogeo.formats.boundary_txt import read_boundary_txt
from ecogeo.formats.corner_sheet import read_corner_sheet
from ecogeo.formats.dxf import read_dxf
from ecogeo.formats.filegdb import read_filegdb
from ecogeo.formats.flatgeobuf import read_flatgeobuf
from ecogeo.formats.geojson import read_geojson
from ecogeo.formats.geopackage import read_geopackage
from ecogeo.formats.geoparquet import read_geoparquet
from ecogeo.formats.gpx import read_gpx
from ecogeo.formats.kml import read_kml
from ecogeo.formats.reading import Reading
from ecogeo.formats.refusing import refused_when_damaged, renamed
from ecogeo.formats.shapefile import read_shapefile
from ecogeo.formats.sniffing import SUFFIXES, not_supported, sniff_kind
from ecogeo.wording import Text

Reader = Callable[[Path, str], Reading]

_READERS: dict[str, Reader] = {
    "Shapefile": read_shapefile,
    "GeoPackage": read_geopackage,
    "GeoParquet": read_geoparquet,
    "FlatGeobuf": read_flatgeobuf,
    "FileGDB": read_filegdb,
    "GeoJSON": read_geojson,
    "KML": read_kml,
    "GPX": read_gpx,
    "DXF": read_dxf,
    "XLSX": read_corner_sheet,
    "CSV": read_corner_sheet,
    "TXT": read_boundary_txt,
}


def read_features(path: Path, layer: str = "") -> Reading:
    """Read a vector layer of any kind in `ecogeo.formats.sniffing.SUFFIXES`; the content decides which it is.

    Parameters
    ----------
    path
        A file, or the folder of a file geodatabase, on this machine.
    layer
        The layer inside it; empty takes the only one. In an archive: the dataset, or ``dataset/layer``.

    Raises
    ------
    UnusableFileError
        Where the file is missing, empty, of another kind, truncated or damaged, with everything that is wrong.
    """
    with refused_when_damaged(path):
        _require_content(path)
        kind = sniff_kind(path)
        reading = _read_archive(path, layer) if kind == "ZIP" else _READERS[kind](path, layer)
    doubts = list(reading.doubts)
    if path.suffix.lower() not in SUFFIXES[kind]:
        doubts.insert(
            0,
            Text(
                f"扩展名是 {path.suffix or '（无）'}，内容是 {kind}，按 {kind} 读取",
                f"its name ends in {path.suffix or 'nothing'}, its content is {kind}: read as {kind}",
            ),
        )
    if reading.frame.empty:
        doubts.append(Text("没有任何要素", "it holds no feature"))
    return replace(reading, doubts=tuple(doubts))


def _require_content(path: Path) -> None:
    """Refuse what is missing, empty, or a folder of another kind."""
    if not path.exists():
        problems = [Text("文件不存在", "the file does not exist")]
        if all(path.suffix.lower() not in suffixes for suffixes in SUFFIXES.values()):
            usual = " ".join(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
            problems.append(Text(f"不支持的文件类型，可用：{usual}", f"its kind is not supported; use {usual}"))
        raise UnusableFileError(path.name, problems)
    if path.is_file() and path.stat().st_size == 0:
        raise UnusableFileError(path.name, Text("文件是空的（0 字节）", "the file is empty (0 bytes)"))
    if not path.is_file() and not path.is_dir():
        raise UnusableFileError(path.name, Text("不是普通文件", "it is no ordinary file"))


def _read_archive(path: Path, layer: str) -> Reading:
    """Read the dataset of an archive that is meant; an archive inside it is not followed."""
    with unpacked(path, layer) as unzipped:
        dataset = unzipped.dataset
        try:
            with refused_when_damaged(unzipped.path):
                kind = sniff_kind(unzipped.path)
                if kind == "ZIP":
                    raise not_supported(unzipped.path, Text("压缩包中的压缩包", "an archive in the archive"))
                reading = _READERS[kind](unzipped.path, unzipped.layer)
        except EcogeoError as error:
            raise renamed(error, unzipped.path.name, f"{path.name}/{dataset.name}{dataset.suffix}") from error
    name = dataset.stem if reading.layer == DATASET else reading.layer
    return replace(reading, layer=name, doubts=(*unzipped.doubts, *reading.doubts))
