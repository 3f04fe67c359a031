"""What looks odd in a 勘测定界界址点 file, or had to be inferred: counts, areas, zones, columns.

No sentence quotes a line of the head or of a further section: they may hold classified transformation parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.formats.boundary.file import BoundaryFile, Parcel, is_closed, rings_of
from ecogeo.formats.coordinates import Axes, Floats, clean, zones_of
from ecogeo.formats.reading import CrsHint
from ecogeo.geodesy import M2_PER_HA, MU_PER_HA
from ecogeo.wording import Text, list_en, list_zh

_AREA = re.compile(r"([0-9]{1,15}(?:\.[0-9]*)?)\s*(.*)")
_UNITS_PER_HA = {"公顷": 1.0, "hm2": 1.0, "ha": 1.0, "平方米": M2_PER_HA, "m2": M2_PER_HA, "亩": MU_PER_HA}
_UNIT_TOLERANCE = 0.05
_DATUM = re.compile(
    r"CGCS\s?2000|(?:2000|1980|80|1954|54)\s*(?:国家大地|西安|北京)(?:国家大地)?坐标系|(?:西安|北京)\s*(?:19)?(?:80|54)|"
    r"WGS[-_ ]?(?:19)?84",
    re.IGNORECASE,
)
_ZONES = range(13, 46)
_LAST_6_DEGREE_ZONE = 23


def dialect_doubts(file: BoundaryFile) -> list[Text]:
    """Tell where the file departs from the order a reader of it expects.

    Parameters
    ----------
    file
        The file.
    """
    doubts = []
    if file.dialect.is_east_first:
        doubts.append(
            Text(
                "坐标列的顺序是先东后北（X、Y 颠倒），已按数值认定并以东、北放置",
                "the columns stand east before north (X and Y exchanged); recognised by their magnitude",
            )
        )
    if not any(parcel.fields for parcel in file.parcels):
        doubts.append(
            Text(
                "没有地块属性行，只有坐标，按面读取", "there are no attribute lines, only coordinates; read as polygons"
            )
        )
    corners = [corner for parcel in file.parcels for corner in parcel.corners if corner.is_read]
    if any(corner.rest for corner in corners):
        doubts.append(
            Text(
                "坐标之后还有其他列（如高程），未用于图形",
                "further cells follow the coordinates (such as heights) and are not part of the shapes",
            )
        )
    rounded = [corner.line for corner in corners if "e" in f"{corner.north}{corner.east}".lower()]
    if rounded:
        doubts.append(
            Text(
                f"第 {list_zh(rounded)} 行的坐标是科学计数法，精度可能已经丢失",
                f"line {list_en(rounded)} writes coordinates with an exponent; digits may be lost",
            )
        )
    return doubts


def remark_doubts(parcels: Iterable[Parcel]) -> list[Text]:
    """Tell of lines among the points that hold no figure and were passed over.

    Parameters
    ----------
    parcels
        The parcels.
    """
    lines = [corner.line for parcel in parcels for corner in parcel.corners if corner.is_remark]
    if not lines:
        return []
    return [
        Text(
            f"第 {list_zh(lines)} 行不是坐标，已略过",
            f"line {list_en(lines)} holds no coordinates and was passed over",
        )
    ]


def count_doubts(parcels: Iterable[Parcel]) -> list[Text]:
    """Tell of 界址点数 that is the number of points neither with nor without the closing ones.

    Parameters
    ----------
    parcels
        The parcels; a count of 0 or none at all states nothing.
    """
    doubts = []
    for parcel in parcels:
        stated = parcel.stated_points
        if not stated or not stated.strip("0"):
            continue
        rings = rings_of(parcel)
        total = sum(map(len, rings))
        if stated not in (str(total), str(total - sum(map(is_closed, rings)))):
            doubts.append(
                Text(
                    f"地块“{parcel.label}”写明界址点数 {stated}，实有 {total} 行坐标",
                    f"parcel “{parcel.label}” states {stated} points and has {total} lines of coordinates",
                )
            )
    return doubts


def stated_areas_ha(parcels: Sequence[Parcel], shapes: Sequence[BaseGeometry], axes: Axes) -> tuple[Floats, list[Text]]:
    """Return the areas the parcels state, in 公顷; an area written in another unit is converted and told.

    Parameters
    ----------
    parcels
        The parcels.
    shapes
        Their shapes in the unit of the file; where that is metres they show whether an area without a unit is in
        平方米 or 亩 (within 5 %).
    axes
        What the coordinates were recognised as.

    Returns
    -------
    公顷, shape (n,), NaN where no area is stated; and what was inferred.
    """
    drawn_ha = shapely.area(np.array(shapes, dtype=object)) / M2_PER_HA
    areas_ha = np.full(len(parcels), np.nan)
    doubts = []
    for at, parcel in enumerate(parcels):
        match = _AREA.fullmatch(clean(parcel.stated_area))
        unit = match[2].lower() if match else ""
        if not match or (unit and unit not in _UNITS_PER_HA):
            if parcel.stated_area:
                doubts.append(
                    Text(
                        f"地块“{parcel.label}”的面积“{parcel.stated_area}”读不出数值",
                        f"the area “{parcel.stated_area}” of parcel “{parcel.label}” is no figure",
                    )
                )
            continue
        value = float(match[1])
        if not unit and axes.kind == "plane" and drawn_ha[at] > 0:
            unit = _unit_by_size(value / drawn_ha[at])
            if unit:
                doubts.append(
                    Text(
                        f"地块“{parcel.label}”的面积 {match[1]} 与图形相比是{unit}，不是公顷，已折算",
                        f"the area {match[1]} of parcel “{parcel.label}” is in {unit} by its shape, not in hectares; "
                        "converted",
                    )
                )
        areas_ha[at] = value / _UNITS_PER_HA.get(unit, 1.0)
    return areas_ha, doubts


def _unit_by_size(ratio: float) -> str:
    """Return the unit other than 公顷 in which an area would fit its shape; empty where none does."""
    return next((unit for unit in ("平方米", "亩") if abs(ratio / _UNITS_PER_HA[unit] - 1) < _UNIT_TOLERANCE), "")


def crs_hint(file: BoundaryFile, east: Floats) -> tuple[CrsHint, list[Text]]:
    """Return what the head says of the CRS, and where the coordinates contradict it.

    Parameters
    ----------
    file
        The file.
    east
        The east coordinates as in the file, shape (n,).
    """
    doubts = []
    preamble = "\n".join(line for _, lines in file.sections for line in lines)
    datum = file.stated("坐标系") or stated_datum(preamble)
    width = next((int(sign) for sign in clean(file.stated("几度分带", "分带")) if sign in "36"), None)
    written = re.findall(r"[0-9]{1,3}", clean(file.stated("带号")))
    zone = int(written[0]) if written else None
    if zone is not None and zone not in _ZONES:
        doubts.append(
            Text(
                f"带号 {zone} 不是中国的分带号（13–45），未采用；若为中央经线请核对",
                f"zone {zone} is no zone of China (13–45) and was not used; it may be a central meridian",
            )
        )
        zone = None
    if zone is not None and width is not None and (zone <= _LAST_6_DEGREE_ZONE) != (width == 6):
        doubts.append(
            Text(
                f"文件头写 {width} 度分带，带号 {zone} 却属于 {9 - width} 度带",
                f"the head says {width}-degree zones, but zone {zone} is one of {9 - width} degrees",
            )
        )
    in_front = sorted({int(number) for number in zones_of(east)} - {0})
    if len(in_front) > 1:
        doubts.append(
            Text(
                f"Y 坐标前的带号不止一个：{list_zh(in_front)}",
                f"the east coordinates bear several zones: {list_en(in_front)}",
            )
        )
    if zone is not None and in_front and in_front != [zone]:
        doubts.append(
            Text(
                f"文件头的带号 {zone} 与 Y 坐标前的带号 {list_zh(in_front)} 矛盾",
                f"the head says zone {zone}, the east coordinates say {list_en(in_front)}",
            )
        )
    return CrsHint(datum, width, zone), doubts


def stated_datum(text: str) -> str:
    """Return the datum named in running text, as it is worded; empty where there is none.

    Parameters
    ----------
    text
        Any text, such as the title of a sheet.

    Examples
    --------
    >>> stated_datum("界址点成果表（1980西安坐标系）")
    '1980西安坐标系'
    """
    match = _DATUM.search(clean(text))
    return match[0] if match else ""
