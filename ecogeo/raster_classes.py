"""Rasters of classes: the whole number of each cell, and the names the file itself gives them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioError

from ecogeo.errors import UnusableFileError
from ecogeo.raster import DRIVER, Raster, Window
from ecogeo.wording import Text

NO_CODE = -(2**31)
"""Stands for a cell without data."""

_NAME_TAG = re.compile(r"CLASS_(-?\d+)")


def read_codes(raster: Raster, window: Window) -> npt.NDArray[np.int32]:
    """Read the classes of a window.

    Parameters
    ----------
    raster
        The raster.
    window
        Cells inside it.

    Returns
    -------
    Shape of the window; `NO_CODE` without data.

    Raises
    ------
    UnusableFileError
        Where the file is damaged there, or holds values that are no whole numbers: measures, not classes.
    """
    rows, columns = (window.top, window.bottom), (window.left, window.right)
    try:
        with rasterio.open(raster.path, driver=DRIVER) as source:
            cells = source.read(1, window=(rows, columns), masked=True)
            is_scaled = source.scales[0] != 1.0 or source.offsets[0] != 0.0
    except (RasterioError, OSError) as error:
        broken = Text(
            "无法读取：文件可能被截断或损坏，请重新拷贝", "it cannot be read: truncated or damaged, copy it again"
        )
        raise UnusableFileError(raster.declaration.shown_path, broken) from error
    values, is_missing = cells.data, np.ma.getmaskarray(cells)
    is_sure = np.can_cast(values.dtype, np.int32)
    if not is_sure:
        is_missing = is_missing | np.isnan(values)
        values = np.where(is_missing, 0, values)
    if is_scaled or not (is_sure or _are_whole(values)):
        measures = Text(
            "格网值不是整数，是量值而不是地类编码", "its values are no whole numbers: measures, not classes"
        )
        raise UnusableFileError(raster.declaration.shown_path, measures)
    codes: npt.NDArray[np.int32] = values.astype(np.int32)
    codes[is_missing] = NO_CODE
    return codes


def _are_whole(values: npt.NDArray[Any]) -> bool:
    """Tell whether values are whole numbers that fit."""
    return bool(np.all((np.abs(values.astype(np.float64)) < -NO_CODE) & (values == np.trunc(values))))


def class_names(raster: Raster) -> dict[int, str]:
    """Return the names the file gives to its classes: tags ``CLASS_3 = 林地`` of the file or of its band."""
    with rasterio.open(raster.path, driver=DRIVER) as source:
        tags = {**source.tags(), **source.tags(1)}
    found = {tag: _NAME_TAG.fullmatch(tag) for tag in sorted(tags)}
    return {int(match[1]): tags[tag].strip() for tag, match in found.items() if match is not None}
