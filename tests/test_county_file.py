"""A file somebody brings is held against the outline of the county it is brought to."""

from pathlib import Path

import geopandas as gpd
import pyproj
import pytest
from conftest import ZONE_36, block

from ecogeo.county_file import inspect_for_county
from ecogeo.errors import EcogeoError
from ecogeo.inspection import inspect_file
from ecogeo.workspace import open_workspace


def brought(folder: Path, crs: str, name: str) -> Path:
    path = folder / name
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[block(100, 100, 50, 50)], crs=crs).to_file(path)
    return path


def test_the_county_tells_where_a_file_without_a_system_lies(square_county: Path, tmp_path: Path) -> None:
    path = brought(tmp_path, ZONE_36, "site.shp")
    path.with_suffix(".prj").unlink()
    found = inspect_for_county(open_workspace(square_county), path)
    assert found.placement.crs == pyproj.CRS.from_user_input(ZONE_36)
    assert found.features == 1
    with pytest.raises(EcogeoError, match="no county is given"):
        inspect_file(path)


def test_a_file_that_lies_elsewhere_is_refused_or_doubted(square_county: Path, tmp_path: Path) -> None:
    county, path = open_workspace(square_county), brought(tmp_path, "EPSG:4549", "elsewhere.gpkg")
    with pytest.raises(EcogeoError):
        inspect_for_county(county, path)
    assert inspect_for_county(county, path, is_county_sure=False).doubts
