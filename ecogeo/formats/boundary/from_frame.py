"""Sites of a frame as a 勘测定界界址点 file, to be written in any dialect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.errors import UsageError
from ecogeo.formats.boundary.file import HEAD_SECTION, PARCEL_SECTION, BoundaryFile, Corner, Dialect, Parcel, positions
from ecogeo.formats.coordinates import Floats, zones_of
from ecogeo.geodesy import M2_PER_HA, Geometries, area_m2, to_lonlat
from ecogeo.rounding import rounded
from ecogeo.wording import Text, list_en, list_zh

_SHAPE_WORDS = {"Point": "点", "LineString": "线", "Polygon": "面"}
_FIELDS_BEHIND_SHAPE = ("sheet", "purpose", "land_class")


def boundary_from_frame(
    frame: gpd.GeoDataFrame, head: Sequence[tuple[str, str]], *, decimals: int = 3, dialect: Dialect | None = None
) -> BoundaryFile:
    """Make a file of sites, to be written with `write_boundary`.

    Parameters
    ----------
    frame
        Sites, east before north, in metres of a Gauss plane or degrees; parcel_no, parcel_name, sheet, purpose,
        land_class and extra are taken where they are there, and stated_area_ha; without it the ellipsoidal area is
        stated. Z is left out.
    head
        Keys and values of 属性描述, such as ``("坐标系", "2000国家大地坐标系")``.
    decimals
        Decimals the coordinates are rounded to.
    dialect
        How to write it; empty takes the standard.

    Raises
    ------
    UsageError
        Where a geometry is missing, empty or a collection (all rows are named), or an area has to be measured and the
        frame has no CRS.
    """
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    bad = [str(row) for row, shape in enumerate(shapes, start=1) if _shape_word(shape) is None]
    if bad:
        raise UsageError(
            Text(
                f"第 {list_zh(bad)} 个图形为空或是混合图形，不能写成界址点",
                f"feature {list_en(bad)} is empty or a collection and has no corner points",
            )
        )
    areas_ha = _areas_ha(frame, shapes)
    chosen = replace(dialect or Dialect(), decimals=decimals)
    parcels = []
    for row, (shape, area_ha) in enumerate(zip(shapes, areas_ha, strict=True)):
        corners = _corners_of(shape, decimals)
        texts = [_cell(frame, row, column) for column in ("parcel_no", "parcel_name")]
        behind = [_cell(frame, row, column) for column in _FIELDS_BEHIND_SHAPE]
        extra = _cell(frame, row, "extra")
        stated = "" if np.isnan(area_ha) else f"{rounded(float(area_ha), 4):.4f}"
        fields = (str(len(corners)), stated, *texts, str(_shape_word(shape)), *behind)
        parcels.append(Parcel((*fields, *(extra.split(",") if extra else ())), corners))
    sections = ((HEAD_SECTION, ()), (PARCEL_SECTION, ()))
    zones = {int(zone) for parcel in parcels for zone in zones_of(positions(parcel.corners)[:, 0])}
    prefix = zones.pop() if len(zones) == 1 and 0 not in zones else None
    return BoundaryFile(tuple(head), sections, tuple(parcels), replace(chosen, zone_prefix=prefix))


def _areas_ha(frame: gpd.GeoDataFrame, shapes: Geometries) -> Floats:
    if "stated_area_ha" in frame.columns:
        return np.asarray(frame["stated_area_ha"], dtype=np.float64)
    if frame.crs is None:
        raise UsageError(Text("没有坐标系，无法计算地块面积", "without a CRS the areas cannot be measured"))
    return area_m2(to_lonlat(shapes, frame.crs)) / M2_PER_HA


def _cell(frame: gpd.GeoDataFrame, row: int, column: str) -> str:
    value = frame[column].iloc[row] if column in frame.columns else None
    return "" if pd.isna(value) else " ".join(str(value).split())


def _shape_word(shape: BaseGeometry | None) -> str | None:
    if shape is None or shape.is_empty:
        return None
    return _SHAPE_WORDS.get(shape.geom_type.removeprefix("Multi"))


def _corners_of(shape: BaseGeometry, decimals: int) -> tuple[Corner, ...]:
    """Return the points of a shape, rings in sequence, numbered through, closing points under the first one's name."""
    corners: list[Corner] = []
    number = 0
    for ring, xy in enumerate(_drawn_rings(shape), start=1):
        first = number + 1
        is_ring = len(xy) > 3 and np.array_equal(xy[0], xy[-1])
        for at, (east, north) in enumerate(xy):
            number += not (is_ring and at == len(xy) - 1)
            name = f"J{first if is_ring and at == len(xy) - 1 else number}"
            corners.append(Corner(name, str(ring), f"{north:.{decimals}f}", f"{east:.{decimals}f}"))
    return tuple(corners)


def _drawn_rings(shape: BaseGeometry) -> list[Floats]:
    parts = shapely.get_parts(shape)
    if shape.geom_type.endswith("Polygon"):
        parts = shapely.get_rings(parts)
    if shape.geom_type.endswith("Point"):
        return [shapely.get_coordinates(parts)]
    return [shapely.get_coordinates(part) for part in parts]
