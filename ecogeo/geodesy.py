"""Areas, lengths and planes on CGCS2000, and the guard against silent changes of datum."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable

import numpy as np
import pyproj
import shapely
from pyproj.enums import TransformDirection
from pyproj.transformer import AreaOfInterest, TransformerGroup
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry

from ecogeo.cgcs2000 import (
    E2,
    INVERSE_FLATTENING,
    SEMI_MAJOR_M,
    SEMI_MINOR_M,
    Floats,
    Geometries,
    zone_area_m2_per_rad,
)
from ecogeo.errors import DatumError
from ecogeo.wording import Text

__all__ = [
    "E2",
    "INVERSE_FLATTENING",
    "SEMI_MAJOR_M",
    "SEMI_MINOR_M",
    "Floats",
    "Geometries",
    "area_m2",
    "zone_area_m2_per_rad",
]

Box = tuple[float, float, float, float]
Moving = Callable[[Floats], Floats]
"""From coordinates, shape (n, 2), to coordinates."""

LONLAT = pyproj.CRS.from_epsg(4490)
"""CGCS2000 geographic; coordinates are always held as longitude, latitude in degrees."""

GEOD = pyproj.Geod(a=SEMI_MAJOR_M, rf=INVERSE_FLATTENING)

SURVEY_STEP_M = 70.0
"""Longest edge, in metres of the Gauss plane, before it is curved onto the ellipsoid (implementations of 32号)."""

COORDINATE_STEP_M = 0.001
"""The finest step of coordinates in the exchange formats; what is narrower is the same line written twice."""

M2_PER_HA = 10_000.0
MU_PER_HA = 15.0

_PLANE_STEP_DEG = 0.01

# Datums of the old plane systems: PROJ offers only an identity ("ballpark") from them to CGCS2000.
_OLD_DATUMS = ("xian 1980", "xian1980", "beijing 1954", "beijing1954", "西安", "北京")
_MODERN_DATUMS = (
    *("cgcs2000", "china geodetic coordinate system 2000", "china 2000"),
    *("wgs 84", "wgs84", "wgs 1984", "world geodetic system 1984"),
)


def area_m2(geometries: Geometries) -> Floats:
    """Measure polygons on the ellipsoid.

    Parameters
    ----------
    geometries
        Shape (n,), longitude and latitude in degrees on CGCS2000. Holes are subtracted whatever their direction, parts
        of multiparts and collections are added. Points, lines, empty and missing geometries measure 0. Parts that
        overlap count twice and self-crossing rings are wrong: validate first.

    Returns
    -------
    Square metres, shape (n,). Edges are straight in longitude and latitude, and the area under them is a closed form
    (see `ecogeo.kernel.ellipsoid`) that leaves out less than 4e-13 of what lies between an edge and the parallel of its
    ring's first vertex, where that is up to 2° away: of a needle 5 km long and 0.35 m wide the error is below 1e-8 m².
    A ring that reaches further is measured by three Gauss points on each degree of an edge, to 1e-11 of that.

    Examples
    --------
    One map sheet of 3′45″ × 2′30″ north of 24°15′:

    >>> sheet = shapely.box(109.25, 24.25, 109.25 + 3.75 / 60, 24.25 + 2.5 / 60)
    >>> round(float(area_m2(np.array([sheet], dtype=object))[0]), 2)
    29287846.23
    """
    from ecogeo.kernel.polygons import areas_m2  # noqa: PLC0415  numba is slow to wake up

    return areas_m2(geometries)


def length_m(geometries: Geometries) -> Floats:
    """Measure lines on the ellipsoid, vertex to vertex along the geodesic.

    Parameters
    ----------
    geometries
        Shape (n,), longitude and latitude in degrees on CGCS2000. Only lines count; points, polygons, empty and missing
        geometries measure 0.

    Returns
    -------
    Metres, shape (n,). An edge of up to 0.1° is measured by series about its middle latitude, which are the geodesic to
    1.2e-10 of its length, 0.1 mm on 1,000 km (see `ecogeo.kernel.lines`); a longer one by PROJ's geodesic.

    Examples
    --------
    A quarter of the equator:

    >>> quarter = shapely.LineString([(0, 0), (90, 0)])
    >>> round(float(length_m(np.array([quarter], dtype=object))[0]), 3)
    10018754.171
    """
    from ecogeo.kernel.lines import lengths_m  # noqa: PLC0415  numba is slow to wake up

    return lengths_m(geometries, _geodesics_m)


def _geodesics_m(start: Floats, end: Floats) -> Floats:
    metres: Floats = GEOD.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2]
    return metres


class Plane:
    """A transverse Mercator plane in metres, true to scale along one meridian, for buffers.

    Parameters
    ----------
    central_meridian
        Longitude in degrees along which the scale is 1. The scale error is 2e-5 at 0.4° and 1e-4 at 0.9° from it.
    """

    def __init__(self, central_meridian: float) -> None:
        self.central_meridian = central_meridian
        self._transformer = pyproj.Transformer.from_crs(
            LONLAT,
            pyproj.CRS.from_proj4(f"+proj=tmerc +lat_0=0 +lon_0={central_meridian!r} +k=1 +ellps=GRS80 +units=m"),
            always_xy=True,
        )

    def to_plane(self, geometries: Geometries) -> Geometries:
        """Project longitude, latitude into the plane (metres); edges over 0.01° are bent, to 1 cm, as they should."""
        return shapely.transform(
            shapely.segmentize(geometries, _PLANE_STEP_DEG),
            functools.partial(_moved, self._transformer, TransformDirection.FORWARD),
        )

    def to_lonlat(self, geometries: Geometries) -> Geometries:
        """Bring geometries of the plane back to longitude, latitude (degrees)."""
        return shapely.transform(geometries, functools.partial(_moved, self._transformer, TransformDirection.INVERSE))


@functools.lru_cache(maxsize=64)
def _plane(central_meridian: float) -> Plane:
    return Plane(central_meridian)


def local_plane(longitude: float) -> Plane:
    """Return the plane whose meridian is the nearest tenth of a degree to a longitude."""
    return _plane(round(float(longitude), 1))


def _moved(transformer: pyproj.Transformer, direction: TransformDirection, coordinates: Floats) -> Floats:
    x, y = transformer.transform(coordinates[:, 0], coordinates[:, 1], direction=direction)
    return np.column_stack([x, y])


def transformer_to_lonlat(crs: pyproj.CRS, about: Box | None = None) -> pyproj.Transformer | None:
    """Return the way from a CRS to longitude, latitude on CGCS2000, or refuse it.

    Parameters
    ----------
    crs
        Any CRS. WGS 84 counts as CGCS2000 (they differ by centimetres).
    about
        West, south, east, north of the ground it is wanted for, degrees: of a datum with several ways the best there is
        taken; None takes the best for the area the CRS is meant for.

    Returns
    -------
    A transformer (x, y order), or None where the coordinates already are longitude and latitude.

    Raises
    ------
    DatumError
        For 西安80, 北京54 and for any datum from which PROJ knows no way but an identity: the numbers would not move,
        and lie about 100 m off.
    """
    geodetic = crs.geodetic_crs
    names = _datum_names(crs)
    if geodetic is None or any(old in names for old in _OLD_DATUMS):
        raise DatumError(
            Text(
                f"坐标系为“{crs.name}”，转换到2000国家大地坐标系需要四参数或七参数；不会当作相同坐标系直接使用",
                f"the coordinates are on “{crs.name}”; going to CGCS2000 needs 4 or 7 parameters, never a no-op",
            )
        )
    if _is_modern(crs):
        return None if crs.is_geographic else pyproj.Transformer.from_crs(crs, geodetic, always_xy=True)
    ground = about if about is not None else None if crs.area_of_use is None else crs.area_of_use.bounds
    for target in (LONLAT, pyproj.CRS.from_epsg(4326)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PROJ names grids it lacks; the next best operation is judged below
            area = None if ground is None else AreaOfInterest(*ground)
            group = TransformerGroup(crs, target, always_xy=True, area_of_interest=area)
        if group.transformers and "ballpark" not in group.transformers[0].description.lower():
            return group.transformers[0]
    if "unknown based on" in names:
        raise DatumError(
            Text(
                f"坐标系“{crs.name}”只写了椭球、没有写大地基准（如只有 +ellps=GRS80），无法确定是否为"
                "2000国家大地坐标系，未作转换：若确是，请给文件重新指定参数相同、以 CGCS2000（EPSG:4490）为基准的"
                "坐标系",
                f"“{crs.name}” names an ellipsoid and no datum (such as +ellps=GRS80 alone), so nobody can tell "
                "whether it is on CGCS2000, and nothing was reprojected: if it is, assign the file a CRS of the same "
                "projection on the datum of CGCS2000 (EPSG:4490)",
            )
        )
    raise DatumError(
        Text(
            f"坐标系“{crs.name}”到2000国家大地坐标系没有可靠的转换，未作转换",
            f"there is no sound way from “{crs.name}” to CGCS2000, so nothing was reprojected",
        )
    )


def datum_doubt(crs: pyproj.CRS, lonlat: Geometries) -> Text | None:
    """Say by which operation coordinates of another datum were moved, and how far it can be trusted.

    Parameters
    ----------
    crs
        The CRS they came in.
    lonlat
        Where they were moved to.

    Returns
    -------
    None for CGCS2000 and what counts as it, and for the old datums, which take parameters that a person gives.
    """
    if _is_modern(crs) or any(old in _datum_names(crs) for old in _OLD_DATUMS):
        return None
    operation = transformer_to_lonlat(crs, _box(lonlat))
    accuracy = -1.0 if operation is None else operation.accuracy
    name = crs.name if operation is None else operation.description
    known = Text(f"标称精度 {accuracy:g} 米", f"said to be good to {accuracy:g} m")
    trust = known if accuracy >= 0 else Text("精度不明", "nobody says how good it is")
    return Text(
        f"坐标系“{crs.name}”按“{name}”转换到2000国家大地坐标系，{trust.zh}：边界附近的结论不会比这更准",
        f"moved from “{crs.name}” to CGCS2000 by “{name}”, {trust.en}: near a boundary no answer is surer than that",
    )


def _is_modern(crs: pyproj.CRS) -> bool:
    names = _datum_names(crs)
    return any(modern in names for modern in _MODERN_DATUMS) and not any(old in names for old in _OLD_DATUMS)


def _box(lonlat: Geometries) -> Box | None:
    """Return the box of longitudes and latitudes, None where there is none on earth."""
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(lonlat))
    is_on_earth = -180.0 <= west <= east <= 180.0 and -90.0 <= south <= north <= 90.0
    return (west, south, east, north) if is_on_earth else None


def _datum_names(crs: pyproj.CRS) -> str:
    """Return the names of a CRS, its geographic CRS and its datum, in small letters, also for WKT without a code."""
    geodetic = crs.geodetic_crs
    datum = geodetic.datum.name if geodetic is not None and geodetic.datum is not None else ""
    return f"{crs.name}|{geodetic.name if geodetic is not None else ''}|{datum}".lower().replace("_", " ")


def to_lonlat(geometries: Geometries, crs: pyproj.CRS) -> Geometries:
    """Bring geometries to longitude and latitude on CGCS2000, in degrees, fit to measure.

    Parameters
    ----------
    geometries
        Shape (n,), in the coordinates of `crs`, x (east) before y (north). Z and M are left behind.
    crs
        The CRS they are in. Edges of a plane CRS are straight in that plane: they are divided every 70 m first.

    Raises
    ------
    DatumError
        See `transformer_to_lonlat`.
    """
    flat = shapely.force_2d(np.asarray(geometries, dtype=object))
    transformer = transformer_to_lonlat(crs)
    if transformer is None:
        return flat
    if crs.is_projected:
        step = SURVEY_STEP_M / crs.axis_info[0].unit_conversion_factor
        flat = _densified(flat, step)
    if not _is_modern(crs):
        first = shapely.transform(flat, functools.partial(_moved, transformer, TransformDirection.FORWARD))
        transformer = transformer_to_lonlat(crs, _box(first)) or transformer
    return shapely.transform(flat, functools.partial(_moved, transformer, TransformDirection.FORWARD))


def _densified(geometries: Geometries, step: float) -> Geometries:
    """Divide edges longer than a step, leaving shapes as drawn: GEOS by itself would repair an invalid one unasked."""
    dense: Geometries = np.array(geometries, dtype=object)
    is_valid = shapely.is_valid(dense)
    dense[is_valid] = shapely.segmentize(dense[is_valid], step)
    for row in np.flatnonzero(~is_valid & ~shapely.is_missing(dense)):
        dense[row] = _densified_as_drawn(dense[row], step)
    return dense


def _densified_as_drawn(shape: BaseGeometry, step: float) -> BaseGeometry:
    if isinstance(shape, shapely.Polygon) and not shape.is_empty:
        shell, *holes = (
            shapely.segmentize(shapely.LineString(ring.coords), step) for ring in (shape.exterior, *shape.interiors)
        )
        return shapely.Polygon(shell.coords, [hole.coords for hole in holes])
    if isinstance(shape, BaseMultipartGeometry):
        whole: Callable[[list[BaseGeometry]], BaseGeometry] = type(shape)
        return whole([_densified_as_drawn(part, step) for part in shape.geoms])
    return shapely.segmentize(shape, step)


def hectares(area: float) -> float:
    """Turn m² into 公顷.

    Examples
    --------
    >>> hectares(10_000.0)
    1.0
    """
    return area / M2_PER_HA


def mu(area: float) -> float:
    """Turn m² into 亩: 15 to the hectare, 2000/3 m² each, exactly.

    Examples
    --------
    >>> mu(10_000.0)
    15.0
    """
    return area * MU_PER_HA / M2_PER_HA
