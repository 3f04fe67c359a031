"""勘测定界界址点 exchange text (.txt): parcels as lists of corner points, read in any dialect without options.

The head names datum, width and number of the zone; each parcel is a line of attributes and its points. X is north and
Y east. Areas are stated in 公顷. See `ecogeo.formats.boundary.parsing` for the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ecogeo.errors import UnusableFileError
from ecogeo.formats.boundary.doubts import count_doubts, crs_hint, dialect_doubts, remark_doubts, stated_areas_ha
from ecogeo.formats.boundary.file import BoundaryFile, Parcel, positions
from ecogeo.formats.boundary.parsing import parse_boundary
from ecogeo.formats.boundary.rings import build_shapes, refusals
from ecogeo.formats.coordinates import (
    Axes,
    Floats,
    magnitude_doubts,
    odd_magnitudes,
    packed_problem,
    recognise_axes,
)
from ecogeo.formats.plain_text import decode_text
from ecogeo.formats.reading import Reading
from ecogeo.wording import Text, list_en, list_zh

_CRS_KEYS = ("坐标系", "几度分带", "带号")
_COUNT = re.compile("[0-9]{1,9}")


def read_boundary_txt(path: Path, layer: str = "") -> Reading:
    """Read the parcels of a 勘测定界界址点 text.

    Parcels of which no shape can be built are set aside with the line and the reason. Rings are drawn as they are
    written: nothing is repaired.

    Parameters
    ----------
    path
        The file.
    layer
        Only kept: such a file holds one layer.

    Returns
    -------
    One row per parcel: parcel_no, parcel_name, stated_area_ha, stated_points, shape (点, 线, 面), sheet, purpose,
    land_class, extra (the further attributes, joined by commas), geometry. East before north in the unit of the file;
    the zone's number stays in front of the east coordinate.

    Raises
    ------
    UnusableFileError
        Where it is no text of this kind, or none of its parcels can be read; every reason is named.
    """
    return boundary_reading(read_boundary_file(path.read_bytes(), path.name), path.name, layer or path.stem)


def read_boundary_file(content: bytes, name: str) -> BoundaryFile:
    """Read the bytes of a file into a value that `write_boundary` brings back.

    Parameters
    ----------
    content
        The whole file.
    name
        Its name, for the message.

    Raises
    ------
    UnusableFileError
        Where the bytes are no text.
    """
    decoded = decode_text(content, name)
    file = parse_boundary(decoded.text)
    return replace(file, dialect=replace(file.dialect, encoding=decoded.encoding, has_bom=decoded.has_bom))


def boundary_reading(file: BoundaryFile, name: str, layer: str) -> Reading:
    """Turn a file into features with everything that was inferred.

    Parameters
    ----------
    file
        The file.
    name
        The file's name, for the message.
    layer
        The layer's name.

    Raises
    ------
    UnusableFileError
        See `read_boundary_txt`.
    """
    corners = [corner for parcel in file.parcels for corner in parcel.corners if corner.is_read]
    xy = positions(corners)
    axes = recognise_axes(xy[:, 1], xy[:, 0])
    problems = _problems(file, axes)
    if problems:
        raise UnusableFileError(name, problems)
    parcels, shapes, set_aside, shape_doubts = build_shapes(file.parcels)
    if not parcels:
        raise UnusableFileError(name, refusals(set_aside))
    areas_ha, area_doubts = stated_areas_ha(parcels, shapes, axes)
    hint, hint_doubts = crs_hint(file, xy[:, 0])
    odd = [(corners[at].name, corners[at].line) for at in odd_magnitudes(xy[:, 1], xy[:, 0], axes)]
    doubts = [
        *file.notes,
        *dialect_doubts(file),
        *magnitude_doubts(axes, odd),
        *hint_doubts,
        *remark_doubts(parcels),
        *count_doubts(parcels),
        *shape_doubts,
        *area_doubts,
    ]
    return Reading(
        gpd.GeoDataFrame(_columns(parcels, areas_ha), geometry=shapes),
        "勘测定界 TXT",
        layer=layer,
        encoding=file.dialect.encoding,
        doubts=tuple(doubts),
        hint=hint,
        stated_area_ha=float(np.nansum(areas_ha)) if np.isfinite(areas_ha).any() else None,
        set_aside=tuple(set_aside),
    )


def _problems(file: BoundaryFile, axes: Axes) -> list[Text]:
    """Return everything that makes the whole file unusable."""
    problems = []
    if not any(corner.is_read for parcel in file.parcels for corner in parcel.corners):
        problems.append(
            Text(
                "没有界址点坐标；应为勘测定界界址点文本：[地块坐标] 下每个地块一行属性，其后每行“点号,圈号,X,Y”",
                "it holds no corner points; expected the 界址点 text: under [地块坐标] a line of attributes for each "
                "parcel, then lines of 点号,圈号,X,Y",
            )
        )
        unread = [corner.line for parcel in file.parcels for corner in parcel.corners]
        if unread:
            problems.append(Text(f"第 {list_zh(unread)} 行读不出坐标", f"line {list_en(unread)} cannot be read"))
    if axes.kind == "packed":
        problems.append(packed_problem())
    for key in _CRS_KEYS:
        values = {value for known, value in file.head if known == key and value}
        if len(values) > 1:
            problems.append(
                Text(
                    f"“{key}”出现 {len(values)} 个不同的值，是多个坐标系的文件拼接而成；请拆成各自的文件",
                    f"“{key}” has {len(values)} different values: files of several CRS were joined; split them",
                )
            )
    return problems


def _columns(parcels: Sequence[Parcel], areas_ha: Floats) -> dict[str, object]:
    counts = [int(text) if _COUNT.fullmatch(text) else None for text in (parcel.stated_points for parcel in parcels)]
    return {
        "parcel_no": [parcel.parcel_no for parcel in parcels],
        "parcel_name": [parcel.parcel_name for parcel in parcels],
        "stated_area_ha": areas_ha,
        "stated_points": pd.array(counts, dtype="Int64"),
        "shape": [parcel.shape for parcel in parcels],
        "sheet": [parcel.after_shape(1) for parcel in parcels],
        "purpose": [parcel.after_shape(2) for parcel in parcels],
        "land_class": [parcel.after_shape(3) for parcel in parcels],
        "extra": [",".join(parcel.further) for parcel in parcels],
    }
