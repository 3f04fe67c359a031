"""From the old datums (1980西安, 1954北京) to CGCS2000 by parameters a person gives.

Such parameters may be classified: they are read from a file of the user's own, used, and never shown, logged or
written.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pydantic
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.errors import DatumError, UnusableFileError
from ecogeo.gauss import BEIJING_1954, CGCS2000, XIAN_1980, twin
from ecogeo.wording import Text


class _SevenParameters(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    convention: str = pydantic.Field(pattern="^(position_vector|coordinate_frame)$")
    dx_m: float
    dy_m: float
    dz_m: float
    rx_sec: float
    ry_sec: float
    rz_sec: float
    scale_ppm: float


class _FourParameters(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    north_m: float
    east_m: float
    rotation_sec: float
    scale_ppm: float


@dataclass(frozen=True, slots=True)
class DatumShift:
    """Parameters from one old datum to CGCS2000; its text form shows none of them.

    Parameters
    ----------
    parameters
        Seven (between geocentric axes) or four (within one plane).
    """

    parameters: _SevenParameters | _FourParameters = field(repr=False)

    @property
    def count(self) -> int:
        """Four or seven."""
        return 7 if isinstance(self.parameters, _SevenParameters) else 4


def read_shift(path: Path) -> DatumShift:
    """Read parameters from a TOML file of the user's own.

    Parameters
    ----------
    path
        A file with ``convention`` (``position_vector`` or ``coordinate_frame``), ``dx_m dy_m dz_m rx_sec ry_sec rz_sec
        scale_ppm``; or with ``north_m east_m rotation_sec scale_ppm`` for a plane.

    Raises
    ------
    UnusableFileError
        Where it is missing or holds anything else. The message repeats no value.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problem = Text("参数文件不存在或不是 TOML（UTF-8）", "the parameter file is missing or not TOML in UTF-8")
        raise UnusableFileError(path.name, problem) from error
    model = _SevenParameters if "dx_m" in values else _FourParameters
    try:
        return DatumShift(model.model_validate(values))
    except pydantic.ValidationError as error:
        names = sorted({".".join(map(str, fault["loc"])) for fault in error.errors()})
        problem = Text(f"参数缺失或无效：{'、'.join(names)}", f"parameters missing or wrong: {', '.join(names)}")
    raise UnusableFileError(path.name, problem)


def old_datum_of(crs: pyproj.CRS) -> int | None:
    """Return the EPSG code of the old datum a CRS is on, or None.

    Examples
    --------
    >>> old_datum_of(pyproj.CRS.from_epsg(2381)), old_datum_of(pyproj.CRS.from_epsg(4545))
    (4610, None)
    """
    geodetic = crs.geodetic_crs
    names = f"{crs.name} {geodetic.name if geodetic is not None else ''}".lower().replace("_", " ")
    if "xian" in names or "西安" in names:
        return XIAN_1980
    return BEIJING_1954 if "beijing" in names or "北京" in names else None


def shift_to_cgcs2000(geometries: geodesy.Geometries, crs: pyproj.CRS, shift: DatumShift) -> geodesy.Geometries:
    """Bring geometries on an old datum to longitude and latitude on CGCS2000.

    Parameters
    ----------
    geometries
        Shape (n,), east before north, in `crs`.
    crs
        Geographic or plane, on 1980西安 or 1954北京.
    shift
        The parameters.

    Raises
    ------
    DatumError
        Where four parameters, which hold in one plane, are given for a CRS that is none of the Gauss planes.
    """
    if isinstance(shift.parameters, _FourParameters):
        plane = twin(crs, CGCS2000)
        if plane is None:
            raise DatumError(
                Text(
                    f"四参数只适用于高斯平面坐标，“{crs.name}”请用七参数",
                    f"four parameters hold in a Gauss plane; for “{crs.name}” give seven",
                )
            )
        return geodesy.to_lonlat(shapely.transform(geometries, _four(crs, shift.parameters)), plane)
    geodetic = crs.geodetic_crs
    lonlat = geometries
    if geodetic is not None and not crs.is_geographic:
        step = pyproj.Transformer.from_crs(crs, geodetic, always_xy=True)
        dense = shapely.segmentize(geometries, geodesy.SURVEY_STEP_M)
        lonlat = shapely.transform(dense, lambda xy: np.column_stack(step.transform(xy[:, 0], xy[:, 1])))
    return shapely.transform(lonlat, _seven(crs, shift.parameters))


def _four(crs: pyproj.CRS, given: _FourParameters) -> geodesy.Moving:
    """Return the similarity of the plane: north' = north₀ + k (north cos α − east sin α), east' likewise."""
    angle, scale = np.radians(given.rotation_sec / 3600.0), 1.0 + given.scale_ppm * 1e-6
    operation = crs.coordinate_operation
    eastings = [float(part.value) for part in operation.params if part.name == "False easting"] if operation else []
    offset = eastings[0] - 500_000.0 if eastings else 0.0  # the zone's prefix takes no part in the turning

    def move(xy: geodesy.Floats) -> geodesy.Floats:
        east, north = xy[:, 0] - offset, xy[:, 1]
        turned_north = scale * (north * np.cos(angle) - east * np.sin(angle)) + given.north_m
        turned_east = scale * (north * np.sin(angle) + east * np.cos(angle)) + given.east_m
        return np.column_stack([turned_east + offset, turned_north])

    return move


def _seven(crs: pyproj.CRS, given: _SevenParameters) -> geodesy.Moving:
    """Return the Helmert transformation between the two ellipsoids, at height 0."""
    ellipsoid = crs.ellipsoid
    old = f"+a={ellipsoid.semi_major_metre!r} +rf={ellipsoid.inverse_flattening!r}" if ellipsoid is not None else ""
    pipeline = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart {old} "
        f"+step +proj=helmert +x={given.dx_m!r} +y={given.dy_m!r} +z={given.dz_m!r} "
        f"+rx={given.rx_sec!r} +ry={given.ry_sec!r} +rz={given.rz_sec!r} +s={given.scale_ppm!r} "
        f"+convention={given.convention} "
        f"+step +inv +proj=cart +a={geodesy.SEMI_MAJOR_M!r} +rf={geodesy.INVERSE_FLATTENING!r} "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )

    def move(xy: geodesy.Floats) -> geodesy.Floats:
        lon, lat, _ = pipeline.transform(xy[:, 0], xy[:, 1], np.zeros(len(xy)))
        return np.column_stack([lon, lat])

    return move
