"""The one reading of coordinates that fits their size, what the file hints at, and where the county lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.crs.placement import NEAR_DEG, Placement, UnclearCrsError, listed, turned_if
from ecogeo.formats.reading import CrsHint
from ecogeo.gauss import Box, Candidate, candidates, is_in, meridian_of, odd_ones, zone_text
from ecogeo.wording import Text, list_en, list_zh


def inferred(geometries: geodesy.Geometries, hint: CrsHint, county: Box | None) -> Placement:
    """Find the one reading by size, what the file hints at, and where the county lies."""
    if odd := odd_ones(geometries):
        numbers = [position + 1 for position in odd]
        raise UnclearCrsError(
            Text(
                f"没有坐标系，第 {list_zh(numbers)} 个要素与其余写法不同（带号、XY 次序或单位），请拆开或改正",
                f"no CRS, and features {list_en(numbers)} are written otherwise than the rest (zone, prefix, axes or "
                "units): part them or put them right",
            )
        )
    every = candidates(geometries)
    near = [one for one in every if county is not None and is_in((one.lon, one.lat), county, NEAR_DEG)]
    hinted = [one for one in every if _fits_hint(one, hint)]
    if near:
        fitting = near if len(near) == 1 else [one for one in near if one in hinted] or near
    else:
        fitting = list(every) if len(every) == 1 else hinted
    if len(fitting) != 1:
        raise UnclearCrsError(_unclear(geometries, every if len(fitting) == 0 else fitting, county))
    (found,) = fitting
    turned = turned_if(geometries, is_swapped=found.is_swapped)
    where, where_en = ("和县域位置", " and where the county lies") if near else ("", "")
    told, told_en = ("文件头、", "its head, ") if found in hinted else ("", "")
    is_told = found in hinted and hint.zone_width is not None and bool(hint.datum) and not found.is_swapped
    if is_told and near:
        return Placement(found.crs, False, geodesy.to_lonlat(turned, found.crs), "stated")
    doubts = [
        Text(
            f"文件没有完整的坐标系，按{told}坐标数值{where}判断为 {zone_text(found.crs).zh}",
            f"no whole CRS: taken for {zone_text(found.crs).en} by {told_en}the size of its coordinates{where_en}",
        )
    ]
    if found.crs.is_geographic and _may_be_packed(turned):
        doubts.append(
            Text(
                "所有数值都可读作 度.分分秒秒（如 109.1800 = 109°18′00″），现按十进制度读取，请核对",
                "every value could be degrees, minutes and seconds (ddd.mmss); they were read as decimal degrees",
            )
        )
    if found.is_swapped:
        doubts.append(Text("坐标先北后东（XY 颠倒），已调整", "north came before east (axes swapped); put right"))
    if hint.zone is not None and hinted and found not in hinted:
        doubts.append(Text(f"与文件所写带号 {hint.zone} 不一致", f"it contradicts the zone {hint.zone} the file gives"))
    if not near and county is not None:
        doubts.append(
            Text(
                f"位于 {found.lon:.4f}°E {found.lat:.4f}°N，不在本县范围",
                f"it lies at {found.lon:.4f}°E {found.lat:.4f}°N, outside the county",
            )
        )
    return Placement(found.crs, found.is_swapped, geodesy.to_lonlat(turned, found.crs), "inferred", tuple(doubts))


def _may_be_packed(geometries: geodesy.Geometries) -> bool:
    """Tell whether all of at least four degree values have minutes and seconds below 60 behind the point, and no more.

    Decimal degrees with few digits may do so by chance: it is a doubt, no reading.
    """
    values = np.unique(shapely.get_coordinates(geometries))
    packed = np.round((values % 1.0) * 1e4, 6)
    seconds = packed % 100.0
    is_time = (packed // 100.0 < 60) & (seconds < 60) & (np.abs(seconds * 100 - np.round(seconds * 100)) < 1e-3)
    return len(values) >= 4 and bool(is_time.all() and (seconds > 0).mean() > 0.3)


def _fits_hint(candidate: Candidate, hint: CrsHint) -> bool:
    """Tell whether a reading is in the zone a file hints at."""
    if hint.zone is None:
        return False
    width = hint.zone_width or (6 if hint.zone <= 23 else 3)
    return meridian_of(candidate.crs) == (3 * hint.zone if width == 3 else 6 * hint.zone - 3)


def _unclear(geometries: geodesy.Geometries, found: Sequence[Candidate], county: Box | None) -> list[Text]:
    if not len(geometries):
        return [Text("没有任何要素", "it holds no feature")]
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(geometries))
    extent = f"{west:.3f} {south:.3f} {east:.3f} {north:.3f}"
    if not found:
        return [
            Text(
                f"没有坐标系，坐标（{extent}）也不像中国的经纬度或高斯坐标，请确认数据或用 --assume EPSG:代码 指定",
                f"no CRS, and its coordinates ({extent}) are neither degrees nor Gauss metres in China: "
                "check the data, or give --assume EPSG:code",
            )
        ]
    where = "与县域位置都不符" if county is not None else "缺少县域范围"
    where_en = "none leads into the county" if county is not None else "no county is given"
    return [
        Text(
            f"没有坐标系，坐标（{extent}）可有 {len(found)} 种读法，{where}，请指定其一：",
            f"no CRS, and its coordinates ({extent}) can be read in {len(found)} ways ({where_en}): choose one",
        ),
        *listed(found),
    ]
