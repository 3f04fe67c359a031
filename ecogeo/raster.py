"""Rasters of the county: whether a file can be read at all."""

from __future__ import annotations

from pathlib import Path

import rasterio
from rasterio.errors import RasterioError

from ecogeo.errors import UnusableFileError
from ecogeo.wording import Text


def require_raster(path: Path, *, shown: str) -> None:
    """Refuse a raster that is missing, is none, or ends too early: its first and last blocks are read.

    Parameters
    ----------
    path
        The file.
    shown
        How a message names it.

    Raises
    ------
    UnusableFileError
        With what is wrong.
    """
    if not path.is_file():
        raise UnusableFileError(shown, Text("文件不存在", "the file does not exist"))
    try:
        with rasterio.open(path) as raster:
            windows = [window for _, window in raster.block_windows(1)]
            for window in (windows[0], windows[-1]):
                raster.read(1, window=window)
    except (RasterioError, OSError) as error:
        raise UnusableFileError(
            shown,
            Text(
                "无法读取，文件可能被截断或损坏，请重新拷贝", "it cannot be read: truncated or damaged, copy it again"
            ),
        ) from error
