"""The Gauss planes of China: their zones, their codes, and which of them a pair of coordinates can be in.

A north coordinate in China has seven digits (1.9 to 6.0 million metres); an east coordinate has six, or eight when it
begins with the zone's number: 13–23 are 6-degree zones, 25–45 are 3-degree ones. Without that prefix the same numbers
fit any zone, 3° apart.

Source: the codes are those of the EPSG registry as PROJ holds them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.wording import Text

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

CHINA: Box = (73.0, 3.0, 136.0, 54.0)
_NORTH_M = (1.9e6, 6.0e6)
_EAST_M = (1.0e5, 1.0e6)

CGCS2000, XIAN_1980, BEIJING_1954 = 4490, 4610, 4214
DATUMS = {CGCS2000: "CGCS2000", XIAN_1980: "1980西安坐标系", BEIJING_1954: "1954北京坐标系"}


@dataclass(frozen=True, slots=True)
class Family:
    """Planes of one zone width and way of writing east, for each datum.

    Parameters
    ----------
    width
        Width of a zone, degrees.
    is_prefixed
        Whether east begins with the zone's number.
    zones
        Numbers of the zones.
    first_code
        EPSG code of the first zone, by the code of the datum's geographic CRS.
    """

    width: int
    is_prefixed: bool
    zones: range
    first_code: dict[int, int]

    def meridian(self, zone: int) -> int:
        """Return the central meridian of a zone: 3n, or 6n − 3."""
        return 3 * zone if self.width == 3 else 6 * zone - 3

    def code(self, zone: int, datum: int = CGCS2000) -> int:
        """Return the EPSG code of a zone's plane."""
        return self.first_code[datum] + zone - self.zones.start


FAMILIES = (
    Family(6, True, range(13, 24), {CGCS2000: 4491, XIAN_1980: 2327, BEIJING_1954: 21413}),
    Family(6, False, range(13, 24), {CGCS2000: 4502, XIAN_1980: 2338, BEIJING_1954: 21453}),
    Family(3, True, range(25, 46), {CGCS2000: 4513, XIAN_1980: 2349, BEIJING_1954: 2401}),
    Family(3, False, range(25, 46), {CGCS2000: 4534, XIAN_1980: 2370, BEIJING_1954: 2422}),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way of reading coordinates, and where that leads.

    Parameters
    ----------
    crs
        The CRS.
    is_swapped
        Whether north stands before east.
    lon, lat
        Where the middle of the file lies then, degrees.
    """

    crs: pyproj.CRS
    is_swapped: bool
    lon: float
    lat: float

    @property
    def assume(self) -> str:
        """What to give as ``--assume`` for this reading."""
        return f"EPSG:{self.crs.to_epsg()}" + (",swapped" if self.is_swapped else "")

    @property
    def text(self) -> Text:
        """The reading and where it leads, for people."""
        there, turned = f"{self.lon:.4f}°E {self.lat:.4f}°N", self.is_swapped
        return Text(
            f"{'XY 颠倒，' if turned else ''}{zone_text(self.crs).zh} → {there}（--assume {self.assume}）",
            f"{'axes swapped, ' if turned else ''}{zone_text(self.crs).en} → {there} (--assume {self.assume})",
        )


def plane_of(crs: pyproj.CRS) -> tuple[Family, int, int] | None:
    """Return the family, zone and datum of a Gauss plane of China; None for any other CRS.

    Examples
    --------
    >>> family, zone, datum = plane_of(pyproj.CRS.from_epsg(2381))
    >>> family.width, zone, datum
    (3, 36, 4610)
    """
    code = crs.to_epsg(min_confidence=60) or 0
    for family in FAMILIES:
        for datum, first in family.first_code.items():
            if first <= code < first + len(family.zones):
                return family, family.zones[code - first], datum
    return None


def twin(crs: pyproj.CRS, datum: int) -> pyproj.CRS | None:
    """Return the plane of another datum with the same zone and prefix; None for what is no Gauss plane of China.

    Examples
    --------
    >>> twin(pyproj.CRS.from_epsg(4545), XIAN_1980).to_epsg()
    2381
    """
    found = plane_of(crs)
    return None if found is None else pyproj.CRS.from_epsg(found[0].code(found[1], datum))


def meridian_of(crs: pyproj.CRS) -> int | None:
    """Return the central meridian of a Gauss plane of China, degrees; None for any other CRS."""
    found = plane_of(crs)
    return None if found is None else found[0].meridian(found[1])


def zone_text(crs: pyproj.CRS) -> Text:
    """Name a CRS as surveyors do: datum, width and number of the zone, its meridian, and whether east has the prefix.

    Examples
    --------
    >>> zone_text(pyproj.CRS.from_epsg(4545)).zh
    'CGCS2000 3°带第 36 带，中央经线 108°E，不带带号'
    """
    found = plane_of(crs)
    if found is None:
        name = DATUMS.get(crs.to_epsg() or 0, crs.name)
        return Text(f"{name}，经纬度", f"{name}, longitude and latitude") if crs.is_geographic else Text(name, name)
    family, zone, datum = found
    name, meridian = DATUMS[datum], family.meridian(zone)
    zh, en = ("带带号", "with prefix") if family.is_prefixed else ("不带带号", "no prefix")
    return Text(
        f"{name} {family.width}°带第 {zone} 带，中央经线 {meridian}°E，{zh}",
        f"{name} {family.width}-degree zone {zone}, meridian {meridian}°E, {en}",
    )


def zone_3_degree(longitude: float) -> int:
    """Return the number of the 3-degree zone of a longitude: n = round(L / 3), central meridian 3n.

    Examples
    --------
    >>> zone_3_degree(109.3), zone_3_degree(109.5)
    (36, 37)
    """
    return int(np.floor(longitude / 3.0 + 0.5))


def home_plane(longitude: float) -> pyproj.CRS:
    """Return the 3-degree plane of CGCS2000, without prefix, that a longitude in China belongs to.

    Examples
    --------
    >>> home_plane(109.3).to_epsg()
    4545
    """
    family = FAMILIES[3]
    zone = min(max(zone_3_degree(longitude), family.zones.start), family.zones.stop - 1)
    return pyproj.CRS.from_epsg(family.code(zone))


def candidates(geometries: geodesy.Geometries) -> tuple[Candidate, ...]:
    """Return every way of reading coordinates by their size alone, that leads to China.

    Parameters
    ----------
    geometries
        Shape (n,), as the file holds them. The median of the features' middles is what is looked at. A 6-degree plane
        without prefix is the 3-degree plane of the same meridian: it is given as the latter.
    """
    centres = feature_centres(geometries)
    if not len(centres):
        return ()
    x, y = (float(value) for value in np.median(centres, axis=0))
    found: list[Candidate] = []
    for is_swapped, (easting, northing) in ((False, (x, y)), (True, (y, x))):
        for code in _codes(easting, northing):
            crs = pyproj.CRS.from_epsg(code)
            lon, lat = _point_lonlat(easting, northing, crs)
            if is_in((lon, lat), CHINA):
                found.append(Candidate(crs, is_swapped, lon, lat))
    return tuple(found)


def feature_centres(geometries: geodesy.Geometries) -> geodesy.Floats:
    """Return the middle of the box of every feature that has one, shape (m, 2)."""
    boxes = shapely.bounds(geometries).reshape(-1, 4)
    boxes = boxes[~np.isnan(boxes[:, 0])]
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def odd_ones(geometries: geodesy.Geometries) -> tuple[int, ...]:
    """Return the positions of features whose coordinates are written otherwise than those of most features.

    Another zone in the prefix, a prefix where the others have none, north before east, or degrees among metres.
    """
    boxes = shapely.bounds(geometries).reshape(-1, 4)
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    ways = [
        None if np.isnan(east) else (tuple(_codes(east, north)), tuple(_codes(north, east)))
        for east, north in zip(x.tolist(), y.tolist(), strict=True)
    ]
    counts = Counter(way for way in ways if way is not None)
    if len(counts) < 2:
        return ()
    usual = counts.most_common(1)[0][0]
    return tuple(position for position, way in enumerate(ways) if way is not None and way != usual)


def is_in(point: tuple[float, float], box: Box, margin: float = 0.0) -> bool:
    """Tell whether a point (longitude, latitude) lies in a box widened by a margin, all in degrees."""
    lon, lat = point
    return box[0] - margin <= lon <= box[2] + margin and box[1] - margin <= lat <= box[3] + margin


def _codes(easting: float, northing: float) -> list[int]:
    """Return the EPSG codes a pair of this size can be in."""
    if CHINA[0] <= easting <= CHINA[2] and CHINA[1] <= northing <= CHINA[3]:
        return [CGCS2000]
    prefix, rest = divmod(easting, 1e6)
    if not (_NORTH_M[0] <= northing <= _NORTH_M[1] and _EAST_M[0] <= rest < _EAST_M[1]):
        return []
    if prefix == 0:
        return [FAMILIES[3].code(zone) for zone in FAMILIES[3].zones]
    return [family.code(int(prefix)) for family in FAMILIES if family.is_prefixed and prefix in family.zones]


def _point_lonlat(easting: float, northing: float, crs: pyproj.CRS) -> tuple[float, float]:
    transformer = geodesy.transformer_to_lonlat(crs)
    if transformer is None:
        return easting, northing
    lon, lat = transformer.transform(easting, northing)
    return float(lon), float(lat)
