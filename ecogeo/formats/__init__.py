"""Outside formats, one file each: a function from a path to a frame, plus the inferences it made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.formats.geojson import read_geojson
from ecogeo.formats.geopackage import read_geopackage
from ecogeo.formats.geoparquet import read_geoparquet
from ecogeo.formats.reading import Reading
from ecogeo.formats.shapefile import read_shapefile
from ecogeo.wording import Text

_READERS: dict[str, Callable[[Path, str], Reading]] = {
    ".gpkg": read_geopackage,
    ".shp": read_shapefile,
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".parquet": read_geoparquet,
}


def read_features(path: Path, layer: str = "") -> Reading:
    """Read a vector layer by the kind of its file; only the kinds listed here are ever opened.

    Parameters
    ----------
    path
        A file on this machine.
    layer
        The layer inside it; empty takes the only one.

    Raises
    ------
    UnusableFileError
        Where the file is missing, empty, of another kind, truncated or damaged.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        kinds = " ".join(_READERS)
        problem = Text(f"不支持的文件类型，可用：{kinds}", f"its kind is not supported; use {kinds}")
        raise UnusableFileError(path.name, problem)
    if not path.is_file():
        raise UnusableFileError(path.name, Text("文件不存在", "the file does not exist"))
    if path.stat().st_size == 0:
        raise UnusableFileError(path.name, Text("文件是空的（0 字节）", "the file is empty (0 bytes)"))
    try:
        return reader(path, layer)
    except EcogeoError:
        raise
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        cause = str(error).replace(str(path), path.name).splitlines()[0][:200]
        problem = Text(
            f"无法读取，文件可能被截断或损坏，请重新拷贝（{cause}）",
            f"it cannot be read and may be truncated or damaged: copy it again ({cause})",
        )
        raise UnusableFileError(path.name, problem) from error
