"""How a file was read, as bytes between two processes: numbers, texts and well-known binary, nothing that could run.

The reading process meets hostile files, so what it says is not trusted further than that: no pickle.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from ecogeo import geodesy
from ecogeo.crs import Placement
from ecogeo.errors import EcogeoError
from ecogeo.formats.reading import Reading
from ecogeo.inspection import Inspection
from ecogeo.layer import as_text
from ecogeo.soundness import Repair, Sound
from ecogeo.wording import Text

Arrays = Mapping[str, npt.NDArray[Any]]

_NOTHING = -1
_NONSENSE = (
    *(ValueError, KeyError, TypeError, OSError, EOFError, RuntimeError),
    *(shapely.errors.ShapelyError, zipfile.BadZipFile, zlib.error),
)


def packed(inspection: Inspection) -> bytes:
    """Return an inspection as bytes; every value of a field becomes text.

    Parameters
    ----------
    inspection
        How a file was read.
    """
    reading, placement, sound = inspection.reading, inspection.placement, inspection.sound
    frame = reading.frame
    names = [column for column in frame.columns if column != frame.geometry.name]
    said = {
        "file": inspection.file,
        "features": inspection.features,
        "stated_area_ha": inspection.stated_area_ha,
        "doubts": _pairs(inspection.doubts),
        "driver": reading.driver,
        "layer": reading.layer,
        "encoding": reading.encoding,
        "reading_doubts": _pairs(reading.doubts),
        "reading_aside": _aside(reading.set_aside),
        "columns": [str(name) for name in names],
        "cells": [list(as_text(frame[name])) for name in names],
        "crs": placement.crs.to_wkt(),
        "is_swapped": placement.is_swapped,
        "source": placement.source,
        "placement_doubts": _pairs(placement.doubts),
        "sound_aside": _aside(sound.set_aside),
        "repairs": [[one.feature_id, one.reason, one.area_before_m2, one.area_after_m2] for one in sound.repairs],
    }
    shapes = {
        **_as_bytes("raw", np.asarray(frame.geometry.array, dtype=object)),
        **_as_bytes("lonlat", placement.lonlat),
        **_as_bytes("sound", sound.geometries),
    }
    return _joined(said, {**shapes, "area_m2": inspection.area_m2, "planar_area_m2": inspection.planar_area_m2})


def unpacked(message: bytes) -> Inspection:
    """Return the inspection that `packed` wrote.

    Parameters
    ----------
    message
        What the reading process sent.

    Raises
    ------
    EcogeoError
        Where it is none: the other process broke in the middle, or was made to say something else.
    """
    try:
        said, arrays = _parted(message)
        frame = gpd.GeoDataFrame(
            dict(zip(said["columns"], said["cells"], strict=True)),
            geometry=gpd.GeoSeries(_as_shapes("raw", arrays)),
        )
        return Inspection(
            file=str(said["file"]),
            reading=Reading(
                frame,
                str(said["driver"]),
                str(said["layer"]),
                str(said["encoding"]),
                _texts(said["reading_doubts"]),
                set_aside=_from_aside(said["reading_aside"]),
            ),
            placement=Placement(
                pyproj.CRS.from_wkt(said["crs"]),
                bool(said["is_swapped"]),
                _as_shapes("lonlat", arrays),
                str(said["source"]),
                _texts(said["placement_doubts"]),
            ),
            sound=Sound(
                _as_shapes("sound", arrays),
                _from_aside(said["sound_aside"]),
                tuple(Repair(str(key), str(why), float(was), float(now)) for key, why, was, now in said["repairs"]),
            ),
            area_m2=arrays["area_m2"].astype(float),
            planar_area_m2=arrays["planar_area_m2"].astype(float),
            stated_area_ha=None if said["stated_area_ha"] is None else float(said["stated_area_ha"]),
            doubts=_texts(said["doubts"]),
            features=int(said["features"]),
        )
    except _NONSENSE as error:
        problem = Text("读取过程没有给出可用的结果", "the reading process gave nothing that can be used")
        raise EcogeoError(problem) from error


def _joined(said: Mapping[str, Any], arrays: Arrays) -> bytes:
    head = np.frombuffer(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"), dtype=np.uint8)
    stream = io.BytesIO()
    named: dict[str, Any] = {"head": head, **arrays}
    np.savez(stream, **named)
    return stream.getvalue()


def _parted(message: bytes) -> tuple[dict[str, Any], Arrays]:
    with np.load(io.BytesIO(message), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return json.loads(arrays["head"].tobytes()), arrays


def _as_bytes(name: str, shapes: geodesy.Geometries) -> dict[str, npt.NDArray[Any]]:
    blobs = shapely.to_wkb(shapes)
    sizes = np.array([_NOTHING if blob is None else len(blob) for blob in blobs], dtype=np.int64)
    whole = b"".join(blob for blob in blobs if blob is not None)
    return {f"{name}_wkb": np.frombuffer(whole, dtype=np.uint8), f"{name}_sizes": sizes}


def _as_shapes(name: str, arrays: Arrays) -> geodesy.Geometries:
    sizes, whole = arrays[f"{name}_sizes"].astype(np.int64), arrays[f"{name}_wkb"].astype(np.uint8).tobytes()
    ends = np.cumsum(np.maximum(sizes, 0))
    if len(whole) != (ends[-1] if len(ends) else 0):
        raise ValueError(name)
    blobs = np.empty(len(sizes), dtype=object)
    for row, (end, size) in enumerate(zip(ends.tolist(), sizes.tolist(), strict=True)):
        blobs[row] = None if size == _NOTHING else whole[end - size : end]
    shapes: geodesy.Geometries = shapely.from_wkb(blobs, on_invalid="ignore")
    return shapes


def _pairs(texts: Iterable[Text]) -> list[list[str]]:
    return [[text.zh, text.en] for text in texts]


def _texts(pairs: Iterable[tuple[str, str]]) -> tuple[Text, ...]:
    return tuple(Text(str(zh), str(en)) for zh, en in pairs)


def _aside(entries: Iterable[tuple[str, Text]]) -> list[list[str]]:
    return [[key, why.zh, why.en] for key, why in entries]


def _from_aside(entries: Iterable[tuple[str, str, str]]) -> tuple[tuple[str, Text], ...]:
    return tuple((str(key), Text(str(zh), str(en))) for key, zh, en in entries)
