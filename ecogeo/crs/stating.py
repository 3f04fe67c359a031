"""Coordinates in the CRS the file names, or that a person names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.china_offset import bd09_to_wgs84, gcj02_to_wgs84
from ecogeo.crs.assuming import Assumption
from ecogeo.crs.inferring import inferred
from ecogeo.crs.placement import NEAR_DEG, Placement, UnclearCrsError, listed, middle_of, turned_if
from ecogeo.formats.reading import CrsHint
from ecogeo.gauss import Box, candidates, is_in, zone_text
from ecogeo.wording import Text


def as_stated(
    geometries: geodesy.Geometries, stated: pyproj.CRS, county: Box | None, *, is_county_sure: bool
) -> Placement:
    """Take a file's own CRS, unless it leads elsewhere and another reading leads into the county."""
    lonlat = geodesy.to_lonlat(geometries, stated)
    middle = middle_of(lonlat)
    if middle is None or county is None or is_in(middle, county, NEAR_DEG):
        return Placement(stated, False, lonlat, "stated")
    is_impossible = not (abs(middle[0]) <= 180 and abs(middle[1]) <= 90)
    others = [
        other
        for other in candidates(geometries)
        if is_in((other.lon, other.lat), county, NEAR_DEG) and (other.is_swapped or other.crs != stated)
    ]
    there = "无效坐标" if is_impossible else f"{middle[0]:.4f}°E {middle[1]:.4f}°N"
    there_en = "invalid coordinates" if is_impossible else there
    if is_impossible or (others and is_county_sure):
        raise UnclearCrsError(
            [
                Text(
                    f"按文件所写坐标系（{zone_text(stated).zh}）落在 {there}，不在本县，疑似带号错误或 XY 颠倒",
                    f"in its own CRS ({zone_text(stated).en}) it lies at {there_en}, outside the county: "
                    "a wrong zone or swapped axes?",
                ),
                *listed(others),
                Text("确实如此请用 --assume as-stated", "if it is right, give --assume as-stated"),
            ]
        )
    doubts = [Text(f"位于 {there}，不在本县范围", f"it lies at {there_en}, outside the county"), *listed(others)]
    return Placement(stated, False, lonlat, "stated", tuple(doubts))


def as_assumed(
    geometries: geodesy.Geometries, stated: pyproj.CRS | None, hint: CrsHint, county: Box | None, assumption: Assumption
) -> Placement:
    """Read coordinates as a person says, and say so."""
    turned = turned_if(geometries, is_swapped=assumption.is_swapped)
    crs = assumption.crs or stated or inferred(turned, hint, county).crs
    placement = Placement(
        crs=crs,
        is_swapped=assumption.is_swapped,
        lonlat=geodesy.to_lonlat(turned, crs),
        source="assumed",
        doubts=(
            Text(f"按指定读取：{zone_text(crs).zh}", f"read as told: {zone_text(crs).en}"),
            *((Text("XY 按颠倒处理", "axes taken as swapped"),) if assumption.is_swapped else ()),
        ),
    )
    middle = middle_of(placement.lonlat)
    if middle is None or county is None or is_in(middle, county, NEAR_DEG):
        return placement
    if not is_in(middle, (-180.0, -90.0, 180.0, 90.0)) or (crs.is_projected and _are_degrees(turned)):
        raise UnclearCrsError(
            Text(
                f"按指定的 {zone_text(crs).zh} 读不通：坐标与该坐标系不符",
                f"it cannot be read as {zone_text(crs).en}: the coordinates do not fit",
            )
        )
    there = f"{middle[0]:.4f}°E {middle[1]:.4f}°N"
    far = Text(f"位于 {there}，不在本县范围", f"it lies at {there}, outside the county")
    return replace(placement, doubts=(*placement.doubts, far))


def _are_degrees(geometries: geodesy.Geometries) -> bool:
    """Tell whether coordinates are so small that they are degrees and no metres."""
    return bool(np.abs(shapely.total_bounds(geometries)).max() <= 360.0)


def without_offset(placement: Placement, assumption: Assumption) -> Placement:
    """Undo the offset of a web map where a person asks for it."""
    if not assumption.offset:
        return placement
    undo = gcj02_to_wgs84 if assumption.offset == "GCJ-02" else bd09_to_wgs84
    moved = shapely.transform(placement.lonlat, undo)
    told = Text(
        f"按 {assumption.offset} 坐标处理，已去除偏移（近似，误差可达数米）",
        f"taken for {assumption.offset} and moved back (approximate, to some metres)",
    )
    return replace(placement, lonlat=moved, source="assumed", doubts=(*placement.doubts, told))
