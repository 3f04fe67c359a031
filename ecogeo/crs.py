"""Which CRS a file's coordinates are in, from what it says, from their size, and from where the county lies.

Without the zone's prefix the same numbers fit any zone, 3° apart, and only the county tells which is meant. Where two
readings are possible, or the file says one thing and the county another, nothing is guessed: the candidates are named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.china_offset import bd09_to_wgs84, gcj02_to_wgs84
from ecogeo.datum_shift import DatumShift, old_datum_of, shift_to_cgcs2000
from ecogeo.errors import DatumError, EcogeoError, UsageError
from ecogeo.formats.reading import CrsHint
from ecogeo.gauss import (
    BEIJING_1954,
    DATUMS,
    XIAN_1980,
    Box,
    Candidate,
    candidates,
    feature_centres,
    is_in,
    meridian_of,
    odd_ones,
    twin,
    zone_text,
)
from ecogeo.wording import Text, list_en, list_zh

_NEAR_DEG = 0.5
"""How far from the county's box a site may lie and still be taken for one of its own; zones are 3° apart."""

_OLD_WORDS = {"80": XIAN_1980, "西安": XIAN_1980, "54": BEIJING_1954, "北京": BEIJING_1954}
_MODERN_WORDS = ("2000", "CGCS", "WGS")


class UnclearCrsError(EcogeoError):
    """Coordinates that fit no CRS, or more than one; the candidates are named."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a person says of a file's coordinates, against or beyond what it says itself.

    Parameters
    ----------
    crs
        The CRS to read it in.
    is_swapped
        Whether north stands before east.
    is_as_stated
        Whether the file's own CRS is right although it leads outside the county.
    offset
        ``GCJ-02`` or ``BD-09``, to be undone; empty for none.
    """

    crs: pyproj.CRS | None = None
    is_swapped: bool = False
    is_as_stated: bool = False
    offset: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """How coordinates were understood.

    Parameters
    ----------
    crs
        The CRS they are in, east before north.
    is_swapped
        Whether they came north before east.
    lonlat
        Shape (n,), longitude and latitude on CGCS2000.
    source
        What decided: ``stated``, ``inferred`` or ``assumed``.
    doubts
        What was inferred or looks odd.
    """

    crs: pyproj.CRS
    is_swapped: bool
    lonlat: geodesy.Geometries
    source: str
    doubts: tuple[Text, ...] = field(default=())


def read_assumption(text: str) -> Assumption:
    """Read what a person gave as ``--assume``.

    Parameters
    ----------
    text
        Words parted by commas: ``EPSG:4545``, ``swapped``, ``as-stated``, ``GCJ-02``, ``BD-09``.

    Raises
    ------
    UsageError
        For any other word.

    Examples
    --------
    >>> read_assumption("swapped").is_swapped
    True
    """
    assumption = Assumption()
    for word in filter(None, (part.strip() for part in text.split(","))):
        if word.lower() == "swapped":
            assumption = replace(assumption, is_swapped=True)
        elif word.lower() == "as-stated":
            assumption = replace(assumption, is_as_stated=True)
        elif word.upper() in ("GCJ-02", "BD-09"):
            assumption = replace(assumption, offset=word.upper())
        else:
            try:
                assumption = replace(assumption, crs=pyproj.CRS.from_user_input(word))
            except pyproj.exceptions.CRSError as error:
                raise UsageError(
                    Text(
                        f"--assume 不认识“{word}”，可用：EPSG:代码、swapped、as-stated、GCJ-02、BD-09",
                        f"--assume does not know “{word}”; use EPSG:code, swapped, as-stated, GCJ-02, BD-09",
                    )
                ) from error
    return assumption


def place_geometries(
    geometries: geodesy.Geometries,
    *,
    stated: pyproj.CRS | None,
    hint: CrsHint | None = None,
    county: Box | None = None,
    is_county_sure: bool = True,
    assumption: Assumption | None = None,
    shift: DatumShift | None = None,
) -> Placement:
    """Find out where coordinates lie.

    Parameters
    ----------
    geometries
        Shape (n,), as the file holds them.
    stated
        The CRS the file names, or None.
    hint
        What it says short of a CRS.
    county
        Box of the county the file should belong to; None where nobody knows.
    is_county_sure
        Whether a file that says it lies elsewhere is refused (the user named the county) or only doubted.
    assumption
        What a person says.
    shift
        Parameters for coordinates on an old datum; without them such coordinates are refused.

    Raises
    ------
    UnclearCrsError
        Where no reading, or more than one, fits; where the file's own CRS leads elsewhere and another reading leads
        into the county. The candidates are named with what to give as ``--assume``.
    DatumError
        On an old datum, stated or hinted at.
    """
    hint, assumption = hint or CrsHint(), assumption or Assumption()
    if shift is not None and (old := _old_datum(stated, hint, assumption)) is not None:
        return _shifted(geometries, datum=old, stated=stated, county=county, assumption=assumption, shift=shift)
    _refuse_old_datum(hint)
    if stated is not None and old_datum_of(stated) is not None:
        geodesy.transformer_to_lonlat(stated)  # refuses: what a person assumes overrules a zone, never a datum
    if assumption.crs is not None or assumption.is_swapped or assumption.is_as_stated:
        placement = _assumed(geometries, stated, hint, county, assumption)
    elif stated is not None:
        placement = _stated(geometries, stated, county, is_county_sure=is_county_sure)
    else:
        placement = _inferred(geometries, hint, county)
    placement = _without_offset(placement, assumption)
    return replace(placement, doubts=(*placement.doubts, *_strays(placement.lonlat, county)))


def _strays(lonlat: geodesy.Geometries, county: Box | None) -> list[Text]:
    """Name the features that reach out of the county's surroundings where others lie in it: corners gone astray."""
    if county is None or not len(lonlat):
        return []
    boxes = shapely.bounds(lonlat).reshape(-1, 4)
    west, south, east, north = county
    room = (west - _NEAR_DEG, south - _NEAR_DEG, east + _NEAR_DEG, north + _NEAR_DEG)
    is_out = (boxes[:, 0] < room[0]) | (boxes[:, 1] < room[1]) | (boxes[:, 2] > room[2]) | (boxes[:, 3] > room[3])
    touches = (boxes[:, 2] > west) & (boxes[:, 0] < east) & (boxes[:, 3] > south) & (boxes[:, 1] < north)
    if not touches.any() or not is_out.any():
        return []
    numbers = (np.flatnonzero(is_out) + 1).tolist()
    return [
        Text(
            f"第 {list_zh(numbers)} 个要素伸出本县以外很远，请核对角点、带号或 XY 是否写错",
            f"features {list_en(numbers)} reach far out of the county: check their corners, zone and axes",
        )
    ]


def _hinted_datum(hint: CrsHint) -> int | None:
    """Return the EPSG code of the old datum a file's own words name, or None."""
    words = hint.datum.upper()
    if any(modern in words for modern in _MODERN_WORDS):
        return None
    return next((code for word, code in _OLD_WORDS.items() if word in words), None)


def _old_datum(stated: pyproj.CRS | None, hint: CrsHint, assumption: Assumption) -> int | None:
    """Return the old datum the coordinates are on, by what a person says, the file states, or its head hints at."""
    said = assumption.crs or stated
    return old_datum_of(said) if said is not None else _hinted_datum(hint)


def _shifted(
    geometries: geodesy.Geometries,
    *,
    datum: int,
    stated: pyproj.CRS | None,
    county: Box | None,
    assumption: Assumption,
    shift: DatumShift,
) -> Placement:
    """Read coordinates on an old datum with the parameters a person gave; the parameters are not repeated."""
    turned = _swapped(geometries, is_swapped=assumption.is_swapped)
    crs = assumption.crs or stated
    if crs is None:
        modern = _inferred(turned, CrsHint(), county)
        crs, turned = (
            twin(modern.crs, datum) or pyproj.CRS.from_epsg(datum),
            _swapped(turned, is_swapped=modern.is_swapped),
        )
    told = Text(
        f"{DATUMS[datum]}，按所给{shift.count}参数转换到 CGCS2000",
        f"on {crs.name}, brought to CGCS2000 with the {shift.count} parameters given",
    )
    return Placement(crs, assumption.is_swapped, shift_to_cgcs2000(turned, crs, shift), "stated", (told,))


def _refuse_old_datum(hint: CrsHint) -> None:
    if _hinted_datum(hint) is not None:
        raise DatumError(
            Text(
                f"文件注明坐标系为“{hint.datum}”，转换到2000国家大地坐标系需要四参数或七参数（--parameters）",
                f"it is on “{hint.datum}”; CGCS2000 needs 4 or 7 parameters (--parameters), never a no-op",
            )
        )


def _swapped(geometries: geodesy.Geometries, *, is_swapped: bool) -> geodesy.Geometries:
    flat = shapely.force_2d(geometries)
    return shapely.transform(flat, lambda xy: xy[:, ::-1]) if is_swapped else flat


def _assumed(
    geometries: geodesy.Geometries, stated: pyproj.CRS | None, hint: CrsHint, county: Box | None, assumption: Assumption
) -> Placement:
    """Read coordinates as a person says, and say so."""
    turned = _swapped(geometries, is_swapped=assumption.is_swapped)
    crs = assumption.crs or stated or _inferred(turned, hint, county).crs
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
    middle = _middle(placement.lonlat)
    if middle is None or county is None or is_in(middle, county, _NEAR_DEG):
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


def _stated(
    geometries: geodesy.Geometries, stated: pyproj.CRS, county: Box | None, *, is_county_sure: bool
) -> Placement:
    """Take a file's own CRS, unless it leads elsewhere and another reading leads into the county."""
    lonlat = geodesy.to_lonlat(geometries, stated)
    middle = _middle(lonlat)
    if middle is None or county is None or is_in(middle, county, _NEAR_DEG):
        return Placement(stated, False, lonlat, "stated")
    is_impossible = not (abs(middle[0]) <= 180 and abs(middle[1]) <= 90)
    others = [
        other
        for other in candidates(geometries)
        if is_in((other.lon, other.lat), county, _NEAR_DEG) and (other.is_swapped or other.crs != stated)
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
                *_listed(others),
                Text("确实如此请用 --assume as-stated", "if it is right, give --assume as-stated"),
            ]
        )
    doubts = [Text(f"位于 {there}，不在本县范围", f"it lies at {there_en}, outside the county"), *_listed(others)]
    return Placement(stated, False, lonlat, "stated", tuple(doubts))


def _inferred(geometries: geodesy.Geometries, hint: CrsHint, county: Box | None) -> Placement:
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
    near = [one for one in every if county is not None and is_in((one.lon, one.lat), county, _NEAR_DEG)]
    hinted = [one for one in every if _fits_hint(one, hint)]
    if near:
        fitting = near if len(near) == 1 else [one for one in near if one in hinted] or near
    else:
        fitting = list(every) if len(every) == 1 else hinted
    if len(fitting) != 1:
        raise UnclearCrsError(_unclear(geometries, every if len(fitting) == 0 else fitting, county))
    (found,) = fitting
    turned = _swapped(geometries, is_swapped=found.is_swapped)
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
        *_listed(found),
    ]


def _listed(found: Sequence[Candidate]) -> list[Text]:
    return [one.text for one in found]


def _middle(lonlat: geodesy.Geometries) -> tuple[float, float] | None:
    """Return the median of the features' middles: where most of a file lies."""
    centres = feature_centres(lonlat)
    if not len(centres):
        return None
    lon, lat = np.median(centres, axis=0)
    return float(lon), float(lat)


def _without_offset(placement: Placement, assumption: Assumption) -> Placement:
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
