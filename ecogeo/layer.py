"""A vector layer fit to be judged: unusable files are refused, faulty features are set aside and named."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.errors import DatumError, UnusableFileError
from ecogeo.formats import read_features
from ecogeo.formats.addresses import is_postgis
from ecogeo.formats.reading import Reading
from ecogeo.formats.refusing import refused_when_damaged
from ecogeo.soundness import Repair, make_sound
from ecogeo.wording import Text, list_en, list_zh


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
    folder
        Where what is worked out of its features alone may be kept; None for a layer that is not as its file has it.
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
    folder: Path | None = None

    @property
    def geometries(self) -> geodesy.Geometries:
        """The sound geometries as an array, longitude and latitude."""
        return np.asarray(self.sound.geometry.array, dtype=object)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the sound features, degrees."""
        west, south, east, north = (float(edge) for edge in self.sound.total_bounds)
        return west, south, east, north

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
                self.declaration.shown_path,
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
    reading, sha256 = _read(declaration, folder)
    shown = declaration.shown_path
    frame, joined = _in_one_piece(reading.frame, declaration)
    problems = [*field_problems(frame, declaration), *crs_problems(frame, declaration)]
    if frame.empty and not declaration.has_none:
        none = "没有任何要素；若本县确实没有，请在 layers.toml 中写明 has_none = true"
        problems.append(Text(none, "it holds no feature; if the county truly has none, declare has_none = true"))
    if declaration.has_none and not frame.empty:
        problems.append(
            Text(
                f"声明 has_none = true，却有 {len(frame)} 个要素",
                f"has_none = true, yet it holds {len(frame)} features",
            )
        )
    if not problems:
        crs = pyproj.CRS.from_user_input(frame.crs if frame.crs is not None else declaration.crs)
        try:
            lonlat = geodesy.to_lonlat(np.asarray(frame.geometry.array, dtype=object), crs)
        except DatumError as error:
            problems += error.problems
    if problems:
        raise UnusableFileError(shown, problems)
    keys = frame[declaration.key].astype(str).to_numpy()
    made = make_sound(lonlat, keys)
    named = {key for key, _ in reading.set_aside}
    if shapely.is_missing(made.geometries).all() and not declaration.has_none:
        reasons = [Text(f"{key}：{why.zh}", f"{key}: {why.en}") for key, why in made.set_aside[:10]]
        unusable = Text("没有一个可用的图形", "it holds no usable geometry")
        raise UnusableFileError(shown, [unusable, *reasons])
    kept = np.flatnonzero(~shapely.is_missing(made.geometries))
    lonlat = gpd.GeoSeries(made.geometries[kept], index=frame.index[kept], crs=geodesy.LONLAT)
    return Layer(
        name=name,
        declaration=declaration,
        frame=frame,
        sound=frame.iloc[kept].set_geometry(
            gpd.GeoSeries(made.geometries[kept], index=frame.index[kept], crs=geodesy.LONLAT)
        ),
        set_aside=(*reading.set_aside, *(entry for entry in made.set_aside if entry[0] not in named)),
        repairs=made.repairs,
        doubts=(*reading.doubts, *joined, *filter(None, [geodesy.datum_doubt(crs, made.geometries)])),
        sha256=sha256,
        folder=folder / ".index",
    )


def _in_one_piece(frame: gpd.GeoDataFrame, declaration: LayerDeclaration) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Join the features of a reach that was drawn in several, such as one for each bank, where they say the same of it.

    Returns
    -------
    The frame, each joined reach in the place of its first feature, and what was joined. Features of one key that differ
    in a declared field stay apart: the key then occurs twice, and the file is refused.
    """
    key = declaration.key
    if declaration.role != "river_reaches" or key not in frame.columns or not frame[key].duplicated().any():
        return frame, ()
    said = [name for name in (declaration.name, *declaration.fields.values()) if name in frame.columns]
    alike = frame.groupby(key, dropna=False)[said].transform("nunique", dropna=False).le(1).all(axis=1)
    several = frame[alike & frame[key].notna() & frame[key].duplicated(keep=False) & frame.geometry.notna()]
    if several.empty:
        return frame, ()
    shapes = np.asarray(frame.geometry.array, dtype=object).copy()
    places = {label: place for place, label in enumerate(frame.index)}
    dropped = []
    for labels in several.groupby(key, sort=False).groups.values():
        rows = [places[label] for label in labels]
        parts = shapely.get_parts(shapes[rows])
        is_lines = (shapely.get_dimensions(parts) == 1).all()
        shapes[rows[0]] = shapely.multilinestrings(parts) if is_lines else shapely.union_all(parts)
        dropped += rows[1:]
    names = list(dict.fromkeys(several[key].astype(str)))
    told = Text(
        f"{len(names)} 个河段各由多个要素组成，已按主键合并：{list_zh(names)}",
        f"{len(names)} reaches are drawn in several features each, joined by their key: {list_en(names)}",
    )
    whole = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    return whole.drop(index=frame.index[dropped]), (told,)


def _read(declaration: LayerDeclaration, folder: Path) -> tuple[Reading, str]:
    """Read a layer from its file or its database; return it with the digest of what was read."""
    if not is_postgis(declaration.path):
        path = folder / declaration.path
        with refused_when_damaged(path):
            before = _stamp(path)
            reading, sha256 = read_features(path, declaration.layer), digest(path)
            if _stamp(path) != before:
                replaced = Text(
                    "读取时文件正在被替换或改写，请等写完后重做",
                    "it was replaced or written while it was read: wait until that is done, then do it again",
                )
                raise UnusableFileError(path.name, replaced)
        return reading, sha256
    try:
        from ecogeo.formats.postgis import read_with_fingerprint  # noqa: PLC0415  psycopg is an extra
    except ModuleNotFoundError as error:
        missing = Text("读取数据库需要安装 ecogeo[postgis]", "to read a database, install ecogeo[postgis]")
        raise UnusableFileError(declaration.shown_path, missing) from error
    return read_with_fingerprint(declaration.path, table=declaration.layer, key=declaration.key)


def _stamp(path: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Return what would change if a file, or one of those it is made of, were replaced; nothing where there is none."""
    told = [(one, one.stat()) for one in _parts(path)] if path.exists() else []
    return tuple((one.name, at.st_ino, at.st_size, at.st_mtime_ns) for one, at in told)


def _parts(path: Path) -> list[Path]:
    """Return the files that count as one: those of a folder, those of a shapefile, else the file itself."""
    if not path.is_dir() and path.suffix.lower() != ".shp":
        return [path]
    folder, pattern = (path, "*") if path.is_dir() else (path.parent, f"{path.stem}.*")
    return sorted(one for one in folder.glob(pattern) if one.is_file() and one.suffix.lower() != ".lock")


def as_text(column: pd.Series[Any]) -> pd.Series[str]:
    """Return a column as text: missing values as ``""``, whole numbers without a decimal point.

    Examples
    --------
    >>> as_text(pd.Series([450206.0, None])).tolist()
    ['450206', '']
    """
    if column.dtype == "str":
        return column.fillna("")
    present = column.notna()
    if pd.api.types.is_float_dtype(column) and (column[present] % 1 == 0).all():
        column = column.astype("Int64")
    words: pd.Series[str] = column.astype(object).where(present, "").astype(str)
    return words


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks; of a folder, that of its files' names and digests in order.

    The companions of a shapefile count with it: its text and its CRS stand in files of their own.
    """
    if path.is_dir() or path.suffix.lower() == ".shp":
        listed = "".join(f"{child.name}\0{_file_digest(child)}\n" for child in _parts(path))
        return hashlib.sha256(listed.encode()).hexdigest()
    return _file_digest(path)


def _file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def field_problems(frame: gpd.GeoDataFrame, declaration: LayerDeclaration) -> list[Text]:
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
            said = [name for name in (declaration.name, *declaration.fields.values()) if name in frame.columns]
            differing = frame.groupby(declaration.key)[said].nunique(dropna=False).gt(1).any() if said else pd.Series()
            fields = [str(name) for name in said if bool(differing[name])]
            is_reach = declaration.role == "river_reaches" and fields
            why = (
                Text(
                    f"；同一河段的各要素在字段 {list_zh(fields)} 中所填不同，未合并，请改为一致",
                    f"; features of one reach differ in {list_en(fields)}, so they were not joined: make them agree",
                )
                if is_reach
                else Text("", "")
            )
            problems.append(
                Text(
                    f"主键 {declaration.key} 重复：{list_zh(twice)}{why.zh}",
                    f"the key {declaration.key} occurs more than once: {list_en(twice)}{why.en}",
                )
            )
    return problems


def crs_problems(frame: gpd.GeoDataFrame, declaration: LayerDeclaration) -> list[Text]:
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
