"""Layers read through GDAL, with the driver fixed beforehand, and nothing GDAL says or leaves out lost."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from pyogrio.util import vsi_path

from ecogeo.errors import UnusableFileError
from ecogeo.wording import Text, list_en, list_zh

ARC_STEP_DEG = "0.5"
"""Angle of one straight piece of a stroked arc: a circle then measures 1.3e-5 of its area too little."""

STROKED = Text(
    f"文件含圆弧，已按 {ARC_STEP_DEG}° 一段化为折线", f"it holds arcs, stroked into pieces of {ARC_STEP_DEG}°"
)

_NESTED = (list, dict, np.ndarray)
_EXACT_INTEGERS = 2.0**53


@dataclass(frozen=True, slots=True)
class OgrLayer:
    """What GDAL handed over of one layer.

    Parameters
    ----------
    frame
        The features, index 0…n-1; a geometry that could not be built is missing.
    feature_ids
        GDAL's number of each feature, shape (n,).
    doubts
        What GDAL remarked while reading.
    set_aside
        Features whose geometry could not be built, by their number in the file, and why.
    """

    frame: gpd.GeoDataFrame
    feature_ids: np.ndarray[tuple[int], np.dtype[np.int64]]
    doubts: tuple[Text, ...]
    set_aside: tuple[tuple[str, Text], ...]


def local_source(path: Path, *, prefix: str = "") -> str:
    """Return the one spelling of a path under which GDAL can take it for nothing but a local file.

    Parameters
    ----------
    path
        An existing file or folder.
    prefix
        Name of a driver that accepts being forced by a prefix; empty for none.

    Raises
    ------
    UnusableFileError
        Where the path reads as one of GDAL's virtual file systems, as an archive, or as something inside one.
    """
    absolute = path.absolute()
    source = f"{prefix}:{absolute}" if prefix else str(absolute)
    if absolute.as_posix().startswith("/vsi") or vsi_path(source) != source:
        problem = Text(
            "路径中有“!”“;”、以 /vsi 开头或扩展名与内容不符，无法安全打开，请换一个文件夹或文件名",
            "its path holds “!” or “;”, begins with /vsi or ends wrongly: move or rename it, so that it opens safely",
        )
        raise UnusableFileError(path.name, problem)
    return source


def require_driver(path: Path, driver: str, *, encoding: str | None = None) -> None:
    """Make sure that GDAL takes a file for what its first bytes say.

    Parameters
    ----------
    path
        An existing file or folder.
    driver
        The driver that has to answer.
    encoding
        Encoding to force on the names of its fields.

    Raises
    ------
    UnusableFileError
        Where another driver answers.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pyogrio.read_info(local_source(path), layer=0, encoding=encoding)["driver"]
    except IndexError:
        problem = Text("无法读取，其中没有图层", "it cannot be read: no layer is in it")
        raise UnusableFileError(path.name, problem) from None
    if found != driver:
        problem = Text(f"内容不是 {driver}（GDAL 识别为 {found}）", f"it is no {driver}: GDAL takes it for {found}")
        raise UnusableFileError(path.name, problem)


def read_ogr(
    path: Path,
    *,
    prefix: str = "",
    layer: str | None = None,
    encoding: str | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> OgrLayer:
    """Read one layer as drawn: nothing is repaired, and what cannot be built is named.

    Parameters
    ----------
    path
        An existing file or folder whose content was recognised.
    prefix
        Name of the driver to force, where it accepts a prefix.
    layer
        Name of the layer; None takes the first.
    encoding
        Encoding to force on its text; None leaves it to GDAL.
    settings
        What to tell GDAL beside how finely it strokes arcs.
    """
    source = local_source(path, prefix=prefix)
    doubts: list[Text] = []
    with _configured({"OGR_ARC_STEPSIZE": ARC_STEP_DEG, **settings}), _remarks(path, doubts):
        try:
            frame = pyogrio.read_dataframe(
                source, layer=layer, encoding=encoding, fid_as_index=True, on_invalid="ignore"
            )
        except pyproj.exceptions.CRSError as error:
            frame = _without_crs(source, layer, encoding)
            doubts.append(not_understood(error))
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), index=frame.index))
    feature_ids = frame.index.to_numpy(dtype=np.int64)
    set_aside = _unbuilt(source, layer, frame)
    frame = _with_exact_integers(_with_plain_values(frame.reset_index(drop=True)), source, layer, encoding)
    return OgrLayer(frame, feature_ids, tuple(dict.fromkeys(doubts)), set_aside)


def only_layer(path: Path, features: Mapping[str, int], layer: str) -> str:
    """Choose the layer that is meant: the named one, else the only one that holds features.

    Parameters
    ----------
    path
        The file, for the message.
    features
        Number of features of every layer with geometry.
    layer
        The wanted name; empty takes the only layer.

    Raises
    ------
    UnusableFileError
        Where there is no such layer, none at all, or several and none was named.

    Examples
    --------
    >>> only_layer(Path("a.gpkg"), {"full": 3, "empty": 0}, "")
    'full'
    """
    names = list(features)
    if layer:
        if layer in features:
            return layer
        problem = Text(
            f"没有图层“{layer}”，只有 {list_zh(names)}", f"there is no layer “{layer}”, only {list_en(names)}"
        )
        raise UnusableFileError(path.name, problem)
    if not names:
        raise UnusableFileError(path.name, Text("没有任何带图形的图层", "it holds no layer with geometry"))
    filled = [name for name in names if features[name]] or names
    if len(filled) != 1:
        problem = Text(
            f"有 {len(filled)} 个图层（{list_zh(filled)}），请指明 layer",
            f"it holds {len(filled)} layers ({list_en(filled)}): name one as layer",
        )
        raise UnusableFileError(path.name, problem)
    return filled[0]


def empty_layers(features: Mapping[str, int], chosen: str) -> tuple[Text, ...]:
    """Tell which layers were passed over because they hold no feature.

    Parameters
    ----------
    features
        Number of features of every layer with geometry.
    chosen
        The layer that is read.
    """
    empty = [name for name, count in features.items() if not count and name != chosen]
    if not empty:
        return ()
    return (Text(f"没有要素的图层：{list_zh(empty)}", f"layers without any feature: {list_en(empty)}"),)


def layers_with_geometry(path: Path, *, prefix: str = "") -> dict[str, int]:
    """Return the number of features of every layer that has geometry, in the file's order.

    Parameters
    ----------
    path
        An existing file or folder whose content was recognised.
    prefix
        Name of the driver to force, where it accepts a prefix.
    """
    source = local_source(path, prefix=prefix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]
        return {
            name: int(pyogrio.read_info(source, layer=name, force_feature_count=True)["features"]) for name in names
        }


@contextmanager
def _configured(settings: Mapping[str, str]) -> Iterator[None]:
    """Have GDAL read with settings that are put back afterwards."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in settings}
    pyogrio.set_gdal_config_options(dict(settings))
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


@contextmanager
def _remarks(path: Path, doubts: list[Text]) -> Iterator[None]:
    """Collect what GDAL warns of, without the machine's paths."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    folder = re.compile(re.escape(str(path.absolute().parent)) + r"[/\\]?")
    for warning in caught:
        remark = " ".join(folder.sub("", str(warning.message)).split())[:200]
        doubts.append(Text(f"读取时提示：{remark}", f"said while reading: {remark}"))


def not_understood(error: pyproj.exceptions.CRSError) -> Text:
    """Return the doubt that a file's own CRS cannot be understood."""
    cause = (str(error).splitlines() or [""])[0][:80]
    return Text(f"文件写的坐标系无法识别（{cause}）", f"the CRS it states could not be understood ({cause})")


def _without_crs(source: str, layer: str | None, encoding: str | None) -> gpd.GeoDataFrame:
    """Read a layer whose CRS is nonsense, leaving that out."""
    frame = pyogrio.read_dataframe(source, layer=layer, encoding=encoding, fid_as_index=True, read_geometry=False)
    *_, blobs, _ = pyogrio.raw.read(source, layer=layer, columns=[])
    return gpd.GeoDataFrame(frame, geometry=shapely.from_wkb(blobs, on_invalid="ignore"))


def _unbuilt(source: str, layer: str | None, frame: gpd.GeoDataFrame) -> tuple[tuple[str, Text], ...]:
    """Name the features that have a geometry in the file but none in the frame."""
    missing = np.flatnonzero(frame.geometry.isna())
    if not len(missing):
        return ()
    *_, blobs, _ = pyogrio.raw.read(source, layer=layer, columns=[], fids=frame.index[missing].to_numpy())
    if blobs is None:
        return ()
    rows = zip(missing, blobs, strict=True)
    return tuple((str(row + 1), reason_not_built(blob)) for row, blob in rows if blob is not None)


def reason_not_built(blob: bytes) -> Text:
    """Return why no geometry can be built of a well-known binary."""
    try:
        shapely.from_wkb(blob)
    except shapely.errors.ShapelyError as error:
        cause = str(error).partition(": ")[2] or str(error)
        return Text(f"图形无法构成（{cause}）", f"no geometry can be built of it ({cause})")
    return Text("没有图形", "no geometry")


def _with_plain_values(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with lists and objects inside fields written as JSON text."""
    for name in frame.columns.drop(frame.geometry.name):
        if frame[name].dtype == object and frame[name].map(lambda value: isinstance(value, _NESTED)).any():
            frame[name] = frame[name].map(_plain)
    return frame


def _plain(value: object) -> object:
    """Return a list or an object as JSON text, any other value as it is."""
    if not isinstance(value, _NESTED):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=lambda array: array.tolist())


def _with_exact_integers(
    frame: gpd.GeoDataFrame, source: str, layer: str | None, encoding: str | None
) -> gpd.GeoDataFrame:
    """Read anew, as whole numbers, columns whose gaps made them floats that are too short for their digits."""
    floats = [name for name in frame.columns if pd.api.types.is_float_dtype(frame[name].dtype)]
    long = [name for name in floats if (frame[name].abs() >= _EXACT_INTEGERS).any()]
    if not long:
        return frame
    _, table = pyogrio.raw.read_arrow(source, layer=layer, encoding=encoding, columns=long, read_geometry=False)
    exact = table.to_pandas(integer_object_nulls=True)
    for name in long:
        if exact[name].dtype == object:
            frame[name] = exact_integers(exact[name])
    return frame


def exact_integers(column: pd.Series) -> pd.Series:
    """Return whole numbers with gaps as floats, unless those are too short for their digits.

    Examples
    --------
    >>> exact_integers(pd.Series([1, None], dtype=object)).dtype, exact_integers(
    ...     pd.Series([450221000000000123, None], dtype=object)
    ... ).dtype
    (dtype('float64'), Int64Dtype())
    """
    floats = column.astype(float)
    return floats if not (floats.abs() >= _EXACT_INTEGERS).any() else column.astype("Int64")
