"""A vector layer fit to be judged: unusable files are refused, faulty features are set aside and named."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.errors import DatumError, UnusableFileError
from ecogeo.formats import read_features
from ecogeo.wording import Text, list_en, list_zh


@dataclass(frozen=True, slots=True)
class Repair:
    """A feature whose geometry was not valid, measured before and after it was made so.

    Parameters
    ----------
    feature_id
        Key of the feature.
    reason
        What was wrong, as GEOS words it.
    area_before_m2, area_after_m2
        Ellipsoidal area of the rings as drawn and of the valid shape; of a self-crossing ring the first is not
        a real area.
    """

    feature_id: str
    reason: str
    area_before_m2: float
    area_after_m2: float


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One theme with geometry.

    Parameters
    ----------
    name
        Its declared name.
    declaration
        What the county declares of it.
    frame
        The features as read, in the file's own CRS; never changed.
    sound
        The features that can be measured: longitude and latitude on CGCS2000 (EPSG:4490), valid, 2D, in the order and
        with the index of `frame`. Those set aside are not in it.
    set_aside
        Key and reason of each feature that cannot be measured.
    repairs
        Features of `sound` that were made valid.
    doubts
        What was inferred when the file was read.
    sha256
        Digest of the file.
    coverage
        Where the layer is complete, longitude and latitude; None where nobody knows.
    """

    name: str
    declaration: LayerDeclaration
    frame: gpd.GeoDataFrame
    sound: gpd.GeoDataFrame
    set_aside: tuple[tuple[str, Text], ...] = ()
    repairs: tuple[Repair, ...] = ()
    doubts: tuple[Text, ...] = ()
    sha256: str = ""
    coverage: shapely.Geometry | None = None

    @property
    def geometries(self) -> geodesy.Geometries:
        """The sound geometries as an array, longitude and latitude."""
        return np.asarray(self.sound.geometry.array, dtype=object)

    @property
    def ids(self) -> pd.Series[str]:
        """Keys of the sound features."""
        return self.text(self.declaration.key)

    @property
    def names(self) -> pd.Series[str]:
        """Names of the sound features; their keys where the county declares no name field."""
        return self.text(self.declaration.name or self.declaration.key)

    def text(self, field: str) -> pd.Series[str]:
        """Return a field of the sound features as text, missing values as ``""``."""
        return as_text(self.sound[field])

    def numbers(self, meaning: str, *, is_needed: bool = True) -> geodesy.Floats:
        """Return a field of the sound features, by its meaning, as numbers; what is none becomes NaN.

        Raises
        ------
        UnusableFileError
            Where the layer has no such field and it is needed.
        """
        if not is_needed and self.declaration.fields.get(meaning, meaning) not in self.sound.columns:
            return np.full(len(self.sound), np.nan)
        values: geodesy.Floats = pd.to_numeric(self.sound[self.field(meaning)], errors="coerce").to_numpy(dtype=float)
        return values

    @property
    def title(self) -> Text:
        """The layer's name for people."""
        title = self.declaration.title or self.name
        return Text(title, self.declaration.title_en or title)

    def field(self, meaning: str) -> str:
        """Return the file's own name of a field a check asks for by meaning.

        Raises
        ------
        UnusableFileError
            Where the layer has no such field, with what to declare.
        """
        name = self.declaration.fields.get(meaning, meaning)
        if name not in self.sound.columns:
            raise UnusableFileError(
                self.declaration.path,
                Text(
                    f"没有字段“{name}”（含义：{meaning}），请在 layers.{self.name}.fields 中指明",
                    f"there is no field “{name}” ({meaning}): name it in layers.{self.name}.fields",
                ),
            )
        return name


def read_layer(name: str, declaration: LayerDeclaration, folder: Path) -> Layer:
    """Read a declared vector layer and make it fit to be judged.

    Parameters
    ----------
    name
        Its declared name.
    declaration
        What the county declares of it.
    folder
        The folder its path is relative to (``layers/``).

    Returns
    -------
    The layer, its coverage still unknown: that may depend on other layers (see `ecogeo.workspace`).

    Raises
    ------
    UnusableFileError
        With everything that makes the file unusable: missing, truncated, without a CRS, on an old datum, without the
        key or name field, a key twice or empty, not one feature.
    """
    path = folder / declaration.path
    reading = read_features(path, declaration.layer)
    frame = reading.frame
    problems = [*_field_problems(frame, declaration), *_crs_problems(frame, declaration)]
    if frame.empty:
        problems.append(Text("没有任何要素", "it holds no feature"))
    if not problems:
        crs = pyproj.CRS.from_user_input(frame.crs if frame.crs is not None else declaration.crs)
        try:
            lonlat = geodesy.to_lonlat(np.asarray(frame.geometry.array, dtype=object), crs)
        except DatumError as error:
            problems += error.problems
    if problems:
        raise UnusableFileError(declaration.path, problems)
    keys = frame[declaration.key].astype(str).to_numpy()
    sound, set_aside, repairs = _sound(lonlat, keys)
    kept = np.flatnonzero(~shapely.is_missing(sound))
    return Layer(
        name=name,
        declaration=declaration,
        frame=frame,
        sound=frame.iloc[kept].set_geometry(gpd.GeoSeries(sound[kept], index=frame.index[kept], crs=geodesy.LONLAT)),
        set_aside=set_aside,
        repairs=repairs,
        doubts=reading.doubts,
        sha256=digest(path),
    )


def as_text(column: pd.Series[Any]) -> pd.Series[str]:
    """Return a column as text: missing values as ``""``, whole numbers without a decimal point.

    Examples
    --------
    >>> as_text(pd.Series([450206.0, None])).tolist()
    ['450206', '']
    """
    present = column.notna()
    if pd.api.types.is_float_dtype(column) and (column[present] % 1 == 0).all():
        column = column.astype("Int64")
    words: pd.Series[str] = column.astype(object).where(present, "").astype(str)
    return words


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _field_problems(frame: gpd.GeoDataFrame, declaration: LayerDeclaration) -> list[Text]:
    """Name every declared field that is absent, and keys that are empty or not unique."""
    wanted = [declaration.key, declaration.name, *declaration.fields.values()]
    missing = [field for field in dict.fromkeys(wanted) if field and field not in frame.columns]
    problems = []
    if missing:
        present = [str(column) for column in frame.columns if column != frame.geometry.name]
        problems.append(
            Text(
                f"缺少字段 {list_zh(missing)}；文件中有 {list_zh(present, most=20)}",
                f"the fields {list_en(missing)} are missing; it has {list_en(present, most=20)}",
            )
        )
    if declaration.key in frame.columns:
        keys = frame[declaration.key]
        if empty := int((keys.isna() | (keys.astype(str).str.strip() == "")).sum()):
            problems.append(
                Text(
                    f"主键 {declaration.key} 有 {empty} 个空值",
                    f"the key {declaration.key} is empty in {empty} features",
                )
            )
        if twice := sorted(keys[keys.duplicated() & keys.notna()].astype(str).unique()):
            problems.append(
                Text(
                    f"主键 {declaration.key} 重复：{list_zh(twice)}",
                    f"the key {declaration.key} occurs more than once: {list_en(twice)}",
                )
            )
    return problems


def _crs_problems(frame: gpd.GeoDataFrame, declaration: LayerDeclaration) -> list[Text]:
    """Tell whether the file's CRS is known, and not other than the declared one."""
    declared = None
    if declaration.crs:
        try:
            declared = pyproj.CRS.from_user_input(declaration.crs)
        except pyproj.exceptions.CRSError:
            return [
                Text(
                    f"layers.toml 中的 crs = “{declaration.crs}” 无法识别，可写 EPSG:4490、EPSG:4545 等",
                    f"crs = “{declaration.crs}” in layers.toml is not known; write EPSG:4490, EPSG:4545 …",
                )
            ]
    if frame.crs is None and declared is None:
        return [
            Text(
                "文件没有坐标系，请补 .prj，或在 layers.toml 中写明 crs（如 EPSG:4490、EPSG:4545）",
                "it has no CRS: add its .prj, or give crs in layers.toml (such as EPSG:4490 or EPSG:4545)",
            )
        ]
    if frame.crs is not None and declared is not None and frame.crs != declared:
        return [
            Text(
                f"文件的坐标系（{frame.crs.name}）与 layers.toml 所写（{declared.name}）不同",
                f"its CRS ({frame.crs.name}) is not the one layers.toml gives ({declared.name})",
            )
        ]
    return []


def _sound(
    lonlat: geodesy.Geometries, keys: npt.NDArray[np.object_]
) -> tuple[geodesy.Geometries, tuple[tuple[str, Text], ...], tuple[Repair, ...]]:
    """Set aside what cannot be measured and make the rest valid, keeping each feature's dimension."""
    sound = lonlat.copy()
    reasons: dict[int, Text] = {}

    def put_aside(rows: npt.NDArray[np.intp], reason: Text) -> None:
        reasons.update({int(row): reason for row in rows})
        sound[rows] = None

    put_aside(np.flatnonzero(shapely.is_missing(sound)), Text("没有图形", "no geometry"))
    put_aside(np.flatnonzero(shapely.is_empty(sound)), Text("图形为空", "empty geometry"))
    bounds = shapely.bounds(sound)
    present = ~shapely.is_missing(sound)
    outside = present & ~(
        (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
    )
    put_aside(np.flatnonzero(outside), Text("坐标不在经纬度范围内", "coordinates beyond longitude and latitude"))

    broken = np.flatnonzero(~shapely.is_missing(sound) & ~shapely.is_valid(sound))
    before, why = sound[broken], shapely.is_valid_reason(sound[broken])
    after = shapely.make_valid(before)
    same = np.array(
        [_of_dimension(shape, int(shapely.get_dimensions(old))) for shape, old in zip(after, before, strict=True)]
    )
    sound[broken] = same if len(same) else sound[broken]
    areas = zip(geodesy.area_m2(before), geodesy.area_m2(sound[broken]), strict=True)
    repairs = tuple(
        Repair(str(keys[row]), str(reason), float(was), float(now))
        for row, reason, (was, now) in zip(broken, why, areas, strict=True)
        if not shapely.is_empty(sound[row])
    )
    put_aside(
        np.flatnonzero(shapely.is_empty(sound)), Text("图形退化，没有面积或长度", "degenerate: no area or length")
    )
    return sound, tuple((str(keys[row]), reasons[row]) for row in sorted(reasons)), repairs


def _of_dimension(geometry: shapely.Geometry, dimension: int) -> shapely.Geometry:
    """Return the parts of a geometry that have a dimension, such as the polygons of a collection."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == dimension])
