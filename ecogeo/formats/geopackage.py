"""GeoPackage: an SQLite file that may hold several layers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pyogrio

from ecogeo.errors import UnusableFileError
from ecogeo.formats.reading import Reading
from ecogeo.wording import Text, list_en, list_zh


def read_geopackage(path: Path, layer: str = "") -> Reading:
    """Read one layer of a GeoPackage.

    Parameters
    ----------
    path
        An existing file.
    layer
        The layer's name; empty takes the only one.

    Raises
    ------
    UnusableFileError
        Where there is no such layer, or several and none was named.
    """
    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if layer and layer not in names:
        problem = Text(
            f"没有图层“{layer}”，只有 {list_zh(names)}", f"there is no layer “{layer}”, only {list_en(names)}"
        )
        raise UnusableFileError(path.name, problem)
    if not layer and len(names) != 1:
        problem = Text(
            f"有 {len(names)} 个图层（{list_zh(names)}），请指明 layer",
            f"it holds {len(names)} layers ({list_en(names)}): name one as layer",
        )
        raise UnusableFileError(path.name, problem)
    chosen = layer or names[0]
    return Reading(pyogrio.read_dataframe(path, layer=chosen), "GPKG", layer=chosen)


def write_geopackage(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    """Write a frame as the only layer of a new GeoPackage whose bytes depend on nothing but the frame.

    Parameters
    ----------
    frame
        Features to write; an existing file is replaced.
    path
        The file.
    layer
        The layer's name.
    """
    path.unlink(missing_ok=True)
    with _without_clock():
        pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", geometry_type="Unknown")


@contextmanager
def _without_clock() -> Iterator[None]:
    """Have GDAL stamp the file with a fixed time instead of the time of writing."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "1970-01-01T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
