"""Sites from a file somebody sent, as a layer the checks can take."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.errors import UnusableFileError
from ecogeo.inspection import Inspection
from ecogeo.layer import Layer, as_text, digest
from ecogeo.wording import Text

_NAMES = ("parcel_name", "site_name", "name", "XMMC", "DKMC", "MC", "项目名称", "地块名称", "名称", "Name")
"""Fields that were seen to hold the name of a site, the likelier first."""


def sites_of(inspection: Inspection, path: Path, *, accuracy_m: float = 0.0) -> Layer:
    """Take what a file holds as sites, one per feature, in their order.

    Parameters
    ----------
    inspection
        How the file was read.
    path
        The file, for its digest.
    accuracy_m
        How far from where they are drawn the sites may really lie, metres.

    Returns
    -------
    A layer of the role ``project_sites``: ``site_id`` is ``S1``, ``S2`` …, ``site_name`` the feature's own name where a
    field of a usual name holds one, ``project_id`` empty. Features without a usable geometry are set aside.

    Raises
    ------
    UnusableFileError
        Where not one feature can be measured.
    """
    geometries = inspection.sound.geometries
    kept = np.flatnonzero(~shapely.is_missing(geometries))
    if not len(kept):
        reasons = [Text(f"第 {key} 个要素：{why.zh}", f"feature {key}: {why.en}") for key, why in inspection.set_aside]
        problem = Text("没有一个可用的图形", "it holds no usable geometry")
        raise UnusableFileError(inspection.file, [problem, *reasons[:20]])
    ids = np.array([f"S{number}" for number in range(1, len(geometries) + 1)], dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "site_id": ids,
            "site_name": _names(inspection, ids),
            "project_id": "",
            "accuracy_m": accuracy_m,
            "location_basis": "surveyed polygon",
        },
        geometry=gpd.GeoSeries(geometries, crs=geodesy.LONLAT),
    )
    declaration = LayerDeclaration(
        role="project_sites",
        path=inspection.file,
        key="site_id",
        name="site_name",
        title="送审用地",
        title_en="sites screened",
    )
    return Layer(
        name="project_sites",
        declaration=declaration,
        frame=frame,
        sound=frame.iloc[kept],
        set_aside=tuple((f"S{key}" if key.isdigit() else key, why) for key, why in inspection.set_aside),
        repairs=inspection.sound.repairs,
        doubts=inspection.doubts,
        sha256=digest(path),
    )


def _names(inspection: Inspection, ids: np.ndarray) -> list[str]:
    """Return each feature's own name, or the file's name and its number."""
    frame = inspection.reading.frame
    stem = inspection.file.rpartition(".")[0] or inspection.file
    fallback = [stem if len(ids) == 1 else f"{stem} {one}" for one in ids]
    field = next((field for field in _NAMES if field in frame.columns), None)
    if field is None:
        return fallback
    return [name or other for name, other in zip(as_text(frame[field]), fallback, strict=True)]
