"""The files: GeoPackages in longitude and latitude, GeoTIFFs on the plane, the same bytes on every run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyogrio
import rasterio

from sample.facts import DATA_DATE, NOTICE, NOTICE_EN
from sample.frame import LONLAT_EPSG, PLANE_EPSG, Grid, to_lonlat

_STAMP = f"{DATA_DATE}T00:00:00.000Z"


def write_layer(drawn: gpd.GeoDataFrame, role: str, folder: Path) -> Path:
    """Write one drawn layer as `<role>.gpkg`, the notice on every feature.

    Parameters
    ----------
    drawn
        A frame on the plane.
    role
        The layer's name and the file's.
    folder
        Where to; a file of that name is replaced.
    """
    layer = gpd.GeoDataFrame(
        drawn.drop(columns="geometry").assign(note=NOTICE),
        geometry=to_lonlat(drawn.geometry.to_numpy()),
        crs=LONLAT_EPSG,
    )
    path = folder / f"{role}.gpkg"
    path.unlink(missing_ok=True)
    kinds = set(drawn.geom_type)
    kind = kinds.pop() if len(kinds) == 1 else _common_kind(kinds)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    pyogrio.write_dataframe(
        layer,
        path,
        layer=role,
        driver="GPKG",
        geometry_type=kind,
        promote_to_multi=kind.startswith("Multi"),
        VERSION="1.3",
    )
    return path


def _common_kind(kinds: set[str]) -> str:
    """Return the geometry type that holds several: the multipart one of a family, else any."""
    families = {kind.removeprefix("Multi") for kind in kinds}
    return f"Multi{families.pop()}" if len(families) == 1 else "Unknown"


def write_raster(
    cells: npt.NDArray[Any], grid: Grid, path: Path, *, nodata: int, tags: dict[str, str], predictor: int
) -> Path:
    """Write one band as a GeoTIFF with the notice in its tags.

    Parameters
    ----------
    cells
        Rows from north to south, of the type to be stored.
    grid
        Where they lie.
    path
        The file, replaced if it is there.
    nodata
        The value outside the county.
    tags
        What the values mean.
    predictor
        1 for classes, 2 for heights.
    """
    path.unlink(missing_ok=True)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=grid.rows,
        width=grid.columns,
        count=1,
        dtype=cells.dtype,
        crs=f"EPSG:{PLANE_EPSG}",
        transform=grid.affine,
        nodata=nodata,
        compress="deflate",
        zlevel=9,
        predictor=predictor,
        tiled=True,
        blockxsize=512,
        blockysize=512,
        num_threads=1,
    ) as file:
        file.write(np.ascontiguousarray(cells), 1)
        file.update_tags(NOTICE=NOTICE, NOTICE_EN=NOTICE_EN, DATA_DATE=DATA_DATE, **tags)
    return path
