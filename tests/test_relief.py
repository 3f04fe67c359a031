"""Terrain as a shade under the map."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from ecogeo.errors import UnusableFileError
from ecogeo.relief import MOST_PX, read_relief, shade
from ecogeo.workspace import open_workspace
from viewer import create_app

pytestmark = pytest.mark.usefixtures("warm_viewer")

ROWS, COLUMNS = 40, 60


def write_dem(path: Path, *, crs: str | None = "EPSG:4545") -> None:
    """Write a slope that falls eastwards by 30 m in 30 m, its western third without data."""
    heights = np.tile(3000 - 30 * np.arange(COLUMNS, dtype="int16"), (ROWS, 1))
    heights[:, : COLUMNS // 3] = -9999
    grid = Affine(30.0, 0.0, 620_000.0, 0.0, -30.0, 2_681_200.0)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=COLUMNS,
        height=ROWS,
        count=1,
        dtype="int16",
        crs=crs,
        transform=grid,
        nodata=-9999,
    ) as out:
        out.write(heights, 1)


def opacities(png: bytes) -> np.ndarray:
    """Return the alpha band of a PNG written as grey and alpha, unfiltered."""
    columns, rows = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    start = png.index(b"IDAT") + 4
    raw = np.frombuffer(zlib.decompress(png[start:]), dtype=np.uint8).reshape(rows, 1 + 2 * columns)
    assert (raw[:, 0] == 0).all()
    return raw[:, 2::2]


def test_a_slope_away_from_the_light_is_darker() -> None:
    east, west = np.tile(np.arange(5.0) * -30, (5, 1)), np.tile(np.arange(5.0) * 30, (5, 1))
    flat = np.zeros((5, 5))
    assert shade(east, 30.0)[2, 2] < shade(flat, 30.0)[2, 2]
    assert shade(east, 30.0)[2, 2] < shade(west, 30.0)[2, 2], "the lights stand in the west and north"


def test_cells_without_data_are_transparent(tmp_path: Path) -> None:
    write_dem(tmp_path / "dem.tif")
    relief = read_relief(tmp_path / "dem.tif", shown="dem.tif")
    alpha = opacities(relief.png)
    assert (alpha[:, :15] == 0).all()
    assert alpha[20, 45] > 0
    west, south, east, north = relief.bounds
    assert 109.1 < west < east < 109.3
    assert 24.2 < south < north < 24.3
    assert max(alpha.shape) <= MOST_PX


def test_the_same_terrain_gives_the_same_bytes(tmp_path: Path) -> None:
    write_dem(tmp_path / "dem.tif")
    assert read_relief(tmp_path / "dem.tif", shown="x") == read_relief(tmp_path / "dem.tif", shown="x")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_an_unusable_terrain_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("no raster", "utf-8")
    write_dem(tmp_path / "nowhere.tif", crs=None)
    for name in ("text.tif", "nowhere.tif", "absent.tif"):
        with pytest.raises(UnusableFileError, match=name) as refused:
            read_relief(tmp_path / name, shown=name)
        assert str(tmp_path) not in str(refused.value)


def test_the_viewer_serves_it_where_there_is_one(county_folder: Path) -> None:
    without = create_app(open_workspace(county_folder)).test_client()
    assert without.get("/api/relief.png").status_code == 404
    assert "data-relief" not in without.get("/").text
    write_dem(county_folder / "layers" / "dem.tif")
    with (county_folder / "layers" / "layers.toml").open("a", encoding="utf-8") as catalogue:
        catalogue.write('\n[layers.dem]\nrole = "dem"\npath = "dem.tif"\n')
    client = create_app(open_workspace(county_folder)).test_client()
    assert client.get("/api/relief.png").data.startswith(b"\x89PNG")
    assert '"url": "/api/relief.png"' in client.get("/").text
