"""Shapefile: geometry in .shp, text in .dbf, often without .prj or .cpg."""

from __future__ import annotations

from pathlib import Path

import pyogrio

from ecogeo.errors import UnusableFileError
from ecogeo.formats.reading import Reading
from ecogeo.wording import Text

_NEEDED = (".shx", ".dbf")


def read_shapefile(path: Path, layer: str = "") -> Reading:
    """Read a shapefile; without a .cpg its text is taken as UTF-8 where all of it is, else as GB18030.

    Parameters
    ----------
    path
        The .shp file.
    layer
        Only kept: a shapefile holds one layer.

    Raises
    ------
    UnusableFileError
        Where a companion file is missing, or the text is in neither encoding.
    """
    companions = {child.suffix.lower() for child in path.parent.glob(f"{path.stem}.*")}
    missing = [suffix for suffix in _NEEDED if suffix not in companions]
    if missing:
        problem = Text(f"缺少配套文件 {'、'.join(missing)}", f"its companion {', '.join(missing)} is missing")
        raise UnusableFileError(path.name, problem)
    if ".cpg" in companions:
        return Reading(pyogrio.read_dataframe(path), "ESRI Shapefile", layer=layer or path.stem)
    for encoding in ("UTF-8", "GB18030"):
        try:
            frame = pyogrio.read_dataframe(path, encoding=encoding)
        except UnicodeDecodeError:
            continue
        inferred = Text(f"没有 .cpg，文字按 {encoding} 读取", f"there is no .cpg; its text was read as {encoding}")
        return Reading(frame, "ESRI Shapefile", layer=layer or path.stem, encoding=encoding, doubts=(inferred,))
    raise UnusableFileError(
        path.name, Text("属性文字既不是 UTF-8 也不是 GB18030", "its text is neither UTF-8 nor GB18030")
    )
