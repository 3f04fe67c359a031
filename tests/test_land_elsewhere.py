"""Land of the sample measured by other tools: cover and steep cropland by exactextract and GDAL's own slope."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from ecogeo.finding import Report
from ecogeo.workspace import open_workspace

exactextract = pytest.importorskip("exactextract")
ROOT = Path(__file__).parent.parent
LAYERS = ROOT / "layers"
UNITS = {
    "control_unit": ("control_units", slice(None)),
    "redline": ("redlines", slice(0, None, 7)),
    "site": ("project_sites", slice(None)),
    "town": ("towns", slice(None)),
}


@pytest.fixture
def report(sample_report: Report) -> Report:
    return sample_report


def drawn(kind: str) -> gpd.GeoDataFrame:
    """Return the sound grounds of a layer in the plane of the rasters, their edges straight in degrees."""
    name, some = UNITS[kind]
    layer = open_workspace(ROOT).of_role(name)
    assert layer is not None
    is_ground = shapely.get_dimensions(layer.geometries) == 2
    shapes = shapely.segmentize(layer.geometries[is_ground], 0.001)
    frame = gpd.GeoDataFrame({"unit_id": layer.ids[is_ground].to_numpy()}, geometry=shapes, crs="EPSG:4490")
    return frame.iloc[some].to_crs("EPSG:4545").reset_index(drop=True)


@pytest.mark.parametrize("kind", sorted(UNITS))
def test_land_cover_as_exactextract_tells_it(report: Report, kind: str) -> None:
    grounds = drawn(kind)
    theirs = exactextract.exact_extract(
        str(LAYERS / "landcover.tif"), grounds, ["unique", "frac"], include_cols=["unit_id"], output="pandas"
    )
    rows = report.tables["landcover"].query("unit_kind == @kind and definition == '' and `class` != 'nodata'")
    ours = rows.set_index(["unit_id", "class"])["share"]
    nodata = report.tables["landcover"].query("unit_kind == @kind and definition == ''")
    unknown = nodata.groupby("unit_id")["nodata_share"].first()
    assert len(theirs) > 5
    assert (unknown < 0.01).sum() > 5
    for unit_id, classes, fractions in theirs[["unit_id", "unique", "frac"]].itertuples(index=False):
        known = 1.0 - unknown[unit_id]
        expected = {str(int(one)): fraction * known for one, fraction in zip(classes, fractions, strict=True)}
        own = ours[ours.index.get_level_values(0) == unit_id].droplevel(0)
        found = {str(one): float(share) for one, share in own.items()}
        assert found == pytest.approx({one: share for one, share in expected.items() if share > 0}, abs=3e-5)


@pytest.mark.skipif(shutil.which("gdaldem") is None, reason="gdaldem (gdal-bin) is not installed: not compared with it")
def test_steep_cropland_as_gdal_and_exactextract_tell_it(report: Report, tmp_path: Path) -> None:
    """Cells of cropland whose slope by gdaldem is over 25°, weighted by exactextract; 30 m cells of the plane."""
    subprocess.run(["gdaldem", "slope", "-alg", "Horn", "-q", LAYERS / "dem.tif", tmp_path / "slope.tif"], check=True)
    with rasterio.open(tmp_path / "slope.tif") as file, rasterio.open(LAYERS / "landcover.tif") as cover:
        slope, codes, profile = file.read(1, masked=True), cover.read(1), cover.profile
    steep = slope.filled(0) > 25
    profile.update(dtype="uint8", nodata=None, count=1)
    with rasterio.open(tmp_path / "both.tif", "w", **profile) as target:
        target.write((steep * 2 + (codes == 1)).astype(np.uint8), 1)
    grounds = drawn("town")
    theirs = exactextract.exact_extract(
        str(tmp_path / "both.tif"), grounds, ["unique", "frac"], include_cols=["unit_id"], output="pandas"
    )
    ours = report.tables["slope"].query("unit_kind == 'town' and cropland_source == 'landcover'").set_index("unit_id")
    assert (ours["steep_cropland_m2"] > 0).sum() > 3
    for unit_id, kinds, fractions in theirs[["unit_id", "unique", "frac"]].itertuples(index=False):
        parts = pd.Series(fractions, index=kinds).reindex(range(4), fill_value=0.0)
        area_m2 = float(ours.loc[unit_id, "area_m2"])
        assert ours.loc[unit_id, "steep_cropland_m2"] == pytest.approx(parts[3] * area_m2, rel=2e-3, abs=200)
        assert ours.loc[unit_id, "steep_share"] == pytest.approx(parts[2] + parts[3], rel=1e-3, abs=1e-6)
