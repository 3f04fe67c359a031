"""Sites from a file somebody sent, as a layer the checks can take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.inspection import Inspection
from ecogeo.layer import Layer, as_text, digest
from ecogeo.wording import Text

_NAMES = ("parcel_name", "site_name", "name", "XMMC", "DKMC", "MC", "项目名称", "地块名称", "名称", "Name")
"""Fields that were seen to hold the name of a site, the likelier first."""


@dataclass(frozen=True, slots=True, eq=False)
class SiteBlock:
    """Which features of a file a block holds.

    Parameters
    ----------
    numbers
        Shape (n,), the number of each in the file, from 1; features set aside are named by theirs.
    features
        How many the file holds.
    sha256
        Digest of the file.
    """

    numbers: np.ndarray[tuple[int], np.dtype[np.int64]]
    features: int
    sha256: str


def sites_of(
    inspection: Inspection,
    path: Path,
    *,
    accuracy_m: float = 0.0,
    corridor_width_m: float | None = None,
    block: SiteBlock | None = None,
) -> Layer:
    """Take what a file holds as sites, one per feature, in their order.

    Parameters
    ----------
    inspection
        How the file was read.
    path
        The file, for its digest.
    accuracy_m
        How far from where they are drawn the sites may really lie, metres.
    corridor_width_m
        Full width of the ground the lines take up, metres; None for lines without a corridor. Other sites have none.
    block
        Which features of a larger file these are; None where they are all of them.

    Returns
    -------
    A layer of the role ``project_sites``: ``site_id`` is ``S1``, ``S2`` …, ``site_name`` the feature's own name where a
    field of a usual name holds one, ``project_id`` empty. Features without a usable geometry are set aside.

    Raises
    ------
    UnusableFileError
        Where not one feature can be measured; a block may be without any.
    UsageError
        Where the width is negative or no number.
    """
    if corridor_width_m is not None and not 0 <= corridor_width_m < np.inf:
        raise UsageError(
            Text(
                f"廊道宽度应为不小于 0 的米数，收到 {corridor_width_m:g}",
                f"a corridor's width is metres from 0 up, not {corridor_width_m:g}",
            )
        )
    geometries = inspection.sound.geometries
    kept = np.flatnonzero(~shapely.is_missing(geometries))
    if not len(kept) and block is None:
        reasons = [Text(f"第 {key} 个要素：{why.zh}", f"feature {key}: {why.en}") for key, why in inspection.set_aside]
        problem = Text("没有一个可用的图形", "it holds no usable geometry")
        raise UnusableFileError(inspection.file, [problem, *reasons[:20]])
    numbers = range(1, len(geometries) + 1) if block is None else block.numbers.tolist()
    ids = np.array([f"S{number}" for number in numbers], dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "site_id": ids,
            "site_name": _names(inspection, ids, is_only=(len(ids) if block is None else block.features) == 1),
            "project_id": "",
            "accuracy_m": accuracy_m,
            "corridor_width_m": np.where(shapely.get_dimensions(geometries) == 1, corridor_width_m or np.nan, np.nan),
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
        sha256=digest(path) if block is None else block.sha256,
    )


def _names(inspection: Inspection, ids: np.ndarray, *, is_only: bool) -> list[str]:
    """Return each feature's own name, or the file's name and its number."""
    frame = inspection.reading.frame
    stem = inspection.file.rpartition(".")[0] or inspection.file
    fallback = [stem if is_only else f"{stem} {one}" for one in ids]
    field = next((field for field in _NAMES if field in frame.columns), None)
    if field is None:
        return fallback
    return [name or other for name, other in zip(as_text(frame[field]), fallback, strict=True)]
