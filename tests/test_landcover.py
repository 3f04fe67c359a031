"""Land cover and steep land: shares worked by hand, classes that say nothing, definitions, against GDAL's slope."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from conftest import LAYERS_TOML, ORIGIN, block, write_layer
from test_zonal import write_classes

from ecogeo.check import choose_checks, run_checks
from ecogeo.errors import EcogeoError, UnusableCatalogError, UnusableFileError
from ecogeo.finding import Report, Severity
from ecogeo.landuse.book import read_land_book
from ecogeo.workspace import open_workspace, sample_root

COUNTY = Affine(100, 0, ORIGIN[0], 0, -100, ORIGIN[1] + 10_000)
"""Cells of one hectare: the square county is 100 by 100 of them."""

COVER = """
[layers.landcover]
role = "landcover"
path = "landcover.tif"
title = "土地覆盖"
title_en = "Land cover"
"""
DEM = """
[layers.dem]
role = "dem"
path = "dem.tif"
title = "高程"
title_en = "Terrain"
"""
LANDUSE = """
[layers.landuse]
role = "landuse"
path = "landuse.gpkg"
key = "BSM"
"""


def declare(folder: Path, *layers: str) -> None:
    (folder / "layers" / "layers.toml").write_text(LAYERS_TOML + "".join(layers), "utf-8")


def checked(folder: Path, name: str) -> Report:
    report = run_checks(open_workspace(folder), choose_checks([name]))
    assert [(run.status, run.crash) for run in report.runs] == [("run", None)]
    return report


def by_class(report: Report, unit: str) -> dict[str, float]:
    rows = report.tables["landcover"]
    rows = rows[(rows["unit_name"] == unit) & (rows["definition"] == "")]
    return dict(zip(rows["class"], rows["share"], strict=True))


def cover(report: Report, table: str, unit: str, wording: str) -> tuple[float, float]:
    rows = report.tables[table].query("unit_name == @unit and definition.str.startswith(@wording)", engine="python")
    assert len(rows) == 1
    return float(rows["share"].iloc[0]), float(rows["nodata_share"].iloc[0])


def messages(report: Report) -> str:
    return "\n".join(finding.message.en for _, finding in report.findings)


def quarters(*values: int) -> np.ndarray:
    """Return the county in four upright strips of a quarter each."""
    return np.repeat(np.array([values], dtype=np.uint8).repeat(25, axis=1), 100, axis=0)


def test_shares_worked_by_hand(county_folder: Path) -> None:
    declare(county_folder, COVER)
    tags = {"CLASS_1": "耕地", "CLASS_3": "林地", "CLASS_4": "草地", "CLASS_7": "水域"}
    write_classes(county_folder / "layers" / "landcover.tif", quarters(1, 3, 4, 7), transform=COUNTY, **tags)
    report = checked(county_folder, "land_cover_share")
    assert by_class(report, "方县") == pytest.approx({"1": 0.25, "3": 0.25, "4": 0.25, "7": 0.25}, abs=1e-4)
    assert by_class(report, "西镇") == pytest.approx({"1": 0.5, "3": 0.5}, abs=1e-4)
    assert cover(report, "landcover", "方县", "林地＋灌木＋草地（") == pytest.approx((0.5, 0.0), abs=1e-4)
    assert cover(report, "landcover", "西镇", "林地＋灌木＋草地＋绿地") == pytest.approx((0.5, 0.0), abs=1e-4)
    assert cover(report, "landcover", "东镇", "林地＋灌木＋草地＋绿地") == pytest.approx((1.0, 0.0), abs=1e-4)
    assert not report.findings
    kinds = report.tables["landcover"]["unit_kind"].unique().tolist()
    assert kinds == ["county", "town", "redline", "site"]
    sites = report.tables["landcover"].query("unit_kind == 'site'")["unit_id"].unique()
    assert "pipeline" not in sites
    assert "near" not in sites, "a point has no land"


def test_what_says_nothing_is_no_data(county_folder: Path) -> None:
    """A quarter is nodata of the file, a quarter 未分类, a quarter has no name and counts nowhere."""
    declare(county_folder, COVER + '[layers.landcover.classes]\n"3" = "Tree_cover"\n"9" = "未分类"\n')
    write_classes(county_folder / "layers" / "landcover.tif", quarters(3, 9, 0, 5), transform=COUNTY, CLASS_3="草地")
    report = checked(county_folder, "land_cover_share")
    assert by_class(report, "方县") == pytest.approx({"3": 0.25, "5": 0.25, "nodata": 0.5}, abs=1e-4)
    assert cover(report, "landcover", "方县", "林地（") == pytest.approx((0.25, 0.75), abs=1e-4)
    said = messages(report)
    assert "the values 5 have no name" in said
    assert "the classes 9 未分类 say nothing" in said
    assert "50.00% of 方县 has no data" in said
    assert {finding.severity for _, finding in report.findings} == {Severity.WARNING, Severity.NOTE}


def test_a_name_nobody_knows_counts_nowhere(county_folder: Path) -> None:
    declare(county_folder, COVER)
    path = county_folder / "layers" / "landcover.tif"
    write_classes(path, quarters(1, 1, 1, 2), transform=COUNTY, CLASS_1="耕地", CLASS_2="月海")
    report = checked(county_folder, "land_cover_share")
    assert cover(report, "landcover", "方县", "耕地") == pytest.approx((0.75, 0.25), abs=1e-4)
    assert "2 月海 are not in data/land_classes.csv" in messages(report)


def test_shares_add_up_to_one(county_folder: Path) -> None:
    declare(county_folder, COVER)
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 9, (333, 290)).astype(np.uint8)
    at = Affine(31.7, 0, ORIGIN[0] - 50, 0, -31.7, ORIGIN[1] + 10_050)
    write_classes(county_folder / "layers" / "landcover.tif", codes, transform=at)
    rows = checked(county_folder, "land_cover_share").tables["landcover"].query("definition == ''")
    np.testing.assert_allclose(rows.groupby(["unit_kind", "unit_id"])["share"].sum(), 1.0, atol=1e-6)


def test_values_that_are_no_classes_stop_the_run_before_it_begins(county_folder: Path) -> None:
    declare(county_folder, COVER)
    path = county_folder / "layers" / "landcover.tif"
    head = {"width": 10, "height": 10, "count": 1, "dtype": "float32", "crs": "EPSG:4545", "transform": COUNTY}
    with rasterio.open(path, "w", driver="GTiff", **head) as target:
        target.write(np.full((10, 10), 0.5, dtype=np.float32), 1)
    with pytest.raises(EcogeoError, match="measures, not classes"):
        run_checks(open_workspace(county_folder), choose_checks(["land_cover_share"]))


def test_classes_held_as_fractions_of_whole_value_are_classes(county_folder: Path) -> None:
    declare(county_folder, COVER)
    codes = quarters(1, 1, 3, 3).astype(np.float32)
    codes[:, :10] = np.nan
    tags = {"CLASS_1": "耕地", "CLASS_3": "林地"}
    write_classes(county_folder / "layers" / "landcover.tif", codes, transform=COUNTY, nodata=None, **tags)
    shares = by_class(checked(county_folder, "land_cover_share"), "方县")
    assert shares == pytest.approx({"1": 0.4, "3": 0.5, "nodata": 0.1}, abs=1e-4)


@pytest.mark.parametrize("word", ["无", "其他", "0", "空", "null", "未分类", "Unclassified", " 未知 ", "—", "<Null>"])
def test_a_class_that_means_nothing_is_no_class(county_folder: Path, word: str) -> None:
    """A quarter of the county is called something that says nothing: it is unknown ground, and told."""
    declare(county_folder, COVER)
    tags = {"CLASS_1": "耕地", "CLASS_3": "林地", "CLASS_9": word}
    write_classes(county_folder / "layers" / "landcover.tif", quarters(1, 3, 3, 9), transform=COUNTY, **tags)
    report = checked(county_folder, "land_cover_share")
    assert by_class(report, "方县") == pytest.approx({"1": 0.25, "3": 0.5, "nodata": 0.25}, abs=1e-4)
    assert cover(report, "landcover", "方县", "林地＋草地，不含灌木") == pytest.approx((0.5, 0.25), abs=1e-4)
    assert "say nothing of the ground: they count as no data" in messages(report)


def test_declared_values_are_whole_numbers(county_folder: Path) -> None:
    declare(county_folder, COVER + '[layers.landcover.classes]\n"林地" = "3"\n')
    with pytest.raises(UnusableCatalogError, match="classes"):
        open_workspace(county_folder)


def test_a_land_book_names_all_its_faults(tmp_path: Path) -> None:
    (tmp_path / "land_classes.csv").write_text(
        "scheme,code,name,name_en,kind,source,checked\ndlbm,0101,水田,,crops,,\ndlbm,0101,水田,,cropland,,\nx,,,,water,,\n",
        "utf-8",
    )
    with pytest.raises(UnusableFileError) as caught:
        read_land_book(tmp_path, sample_root() / "data")
    said = caught.value.say("en")
    assert all(words in said for words in ("not x", "not crops", "0101"))


# --- steep land


def write_dem(folder: Path, heights: np.ndarray, transform: Affine, crs: str = "EPSG:4545") -> Path:
    path = folder / "layers" / "dem.tif"
    head = {"driver": "GTiff", "height": heights.shape[0], "width": heights.shape[1], "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", crs=crs, transform=transform, nodata=-9999, **head) as file:
        file.write(heights.astype(np.float32), 1)
        file.units = ["m"]
    return path


def steep_west(rows: int, columns: int) -> np.ndarray:
    """Return a slope of 45° in the western half of cells of 100 m, flat in the east; the foot is 26.57° (1 : 2)."""
    x = np.arange(columns) * 100.0
    foot = x[columns // 2]
    return np.repeat([np.maximum(foot - x, 0.0)], rows, axis=0)


def slope_rows(report: Report, unit: str) -> dict[str, float]:
    rows = report.tables["slope"]
    row = rows[rows["unit_name"] == unit].to_dict("records")
    assert len(row) == 1
    return {str(key): value for key, value in row[0].items()}


def test_steep_land_and_cropland_worked_by_hand(county_folder: Path) -> None:
    """The model reaches one cell beyond the county; west of cell 50, the foot, ground rises 100 m each 100 m."""
    declare(county_folder, COVER, DEM)
    at = Affine(100, 0, ORIGIN[0] - 100, 0, -100, ORIGIN[1] + 10_100)
    write_dem(county_folder, steep_west(102, 102), at)
    tags = {"CLASS_1": "耕地", "CLASS_3": "林地"}
    write_classes(county_folder / "layers" / "landcover.tif", quarters(3, 1, 1, 3), transform=COUNTY, **tags)
    report = checked(county_folder, "steep_land_share")
    county, east = slope_rows(report, "方县"), slope_rows(report, "东镇")
    assert county["steep_share"] == pytest.approx(51 / 100, abs=1e-4), "cells 0 to 49 and the foot"
    assert county["unknown_share"] == 0
    assert county["cropland_m2"] == pytest.approx(0.5 * county["area_m2"], rel=1e-4)
    assert county["steep_cropland_share"] == pytest.approx(26 / 50, abs=1e-4), "25 of its 50 strips, and the foot"
    assert east["steep_share"] == pytest.approx(1 / 50, abs=1e-4)
    assert "东镇: 99.9" in messages(report), "one strip of 100 cells, a little less than 100 ha on the ellipsoid"


def test_ground_without_a_slope_is_unknown(county_folder: Path) -> None:
    """A model that ends with the county has no slope along its rim: 396 of 10,000 cells; one height is impossible."""
    declare(county_folder, DEM)
    heights = np.zeros((100, 100))
    heights[50, 50] = 32767
    write_dem(county_folder, heights, COUNTY)
    report = checked(county_folder, "steep_land_share")
    county = slope_rows(report, "方县")
    assert county["steep_share"] == 0
    assert county["unknown_share"] == pytest.approx((396 + 9) / 10_000, abs=1e-4)
    assert np.isnan(county["cropland_m2"])
    assert county["cropland_source"] == ""
    assert "1 cells hold heights outside" in messages(report)


def test_cropland_by_patches(county_folder: Path) -> None:
    declare(county_folder, DEM, LANDUSE)
    at = Affine(100, 0, ORIGIN[0] - 100, 0, -100, ORIGIN[1] + 10_100)
    write_dem(county_folder, steep_west(102, 102), at)
    shapes: list[object] = [block(4000, 0, 2000, 1000), block(0, 2000, 1000, 1000)]
    write_layer(county_folder, "landuse.gpkg", {"BSM": ["1", "2"], "DLBM": ["0101", "0301"]}, shapes)
    county = slope_rows(checked(county_folder, "steep_land_share"), "方县")
    assert county["cropland_source"] == "landuse"
    assert county["cropland_m2"] == pytest.approx(2_000_000, rel=1e-3)
    assert county["steep_cropland_share"] == pytest.approx(11 / 20, abs=1e-4), "10 strips of 20, and the foot"


def test_cropland_of_other_cells_goes_by_the_middle_of_terrain_cells(county_folder: Path) -> None:
    declare(county_folder, COVER, DEM)
    at = Affine(100, 0, ORIGIN[0] - 100, 0, -100, ORIGIN[1] + 10_100)
    write_dem(county_folder, steep_west(102, 102), at)
    west, north = 109.17, 24.32
    degrees = Affine(0.0005, 0, west, 0, -0.0005, north)
    codes = np.full((240, 280), 1, dtype=np.uint8)
    write_classes(county_folder / "layers" / "landcover.tif", codes, crs="EPSG:4490", transform=degrees, CLASS_1="耕地")
    county = slope_rows(checked(county_folder, "steep_land_share"), "方县")
    assert county["steep_cropland_share"] == pytest.approx(51 / 100, abs=1e-4)
    assert county["cropland_unknown_m2"] == pytest.approx(0, abs=1)


@pytest.mark.skipif(shutil.which("gdaldem") is None, reason="GDAL's gdaldem is not installed")
def test_steep_share_as_gdal_sees_it(county_folder: Path, tmp_path: Path) -> None:
    """GDAL's slope (Horn) of the same model, counted cell by cell: the county is whole cells."""
    declare(county_folder, DEM)
    rng = np.random.default_rng(7)
    heights = rng.normal(0, 40, (102, 102)).cumsum(axis=0).cumsum(axis=1) / 10
    at = Affine(100, 0, ORIGIN[0] - 100, 0, -100, ORIGIN[1] + 10_100)
    path = write_dem(county_folder, np.clip(heights, -400, 8000), at)
    subprocess.run(["gdaldem", "slope", path, tmp_path / "slope.tif", "-q"], check=True)
    with rasterio.open(tmp_path / "slope.tif") as file:
        slope = file.read(1)[1:-1, 1:-1]
    county = slope_rows(checked(county_folder, "steep_land_share"), "方县")
    assert 0.05 < (slope > 25).mean() < 0.95
    assert county["steep_share"] == pytest.approx((slope > 25).mean(), abs=2e-4)


def test_nothing_is_measured_without_grounds(county_folder: Path) -> None:
    text = LAYERS_TOML.split("[layers.river_reaches]")[0].replace('role = "county"', 'role = "villages"')
    (county_folder / "layers" / "layers.toml").write_text(
        text.replace('coverage = "county"\n', "").replace('role = "towns"', 'role = "reserves"') + DEM, "utf-8"
    )
    write_dem(county_folder, np.zeros((10, 10)), COUNTY)
    assert isinstance(checked(county_folder, "steep_land_share").tables["slope"], pd.DataFrame)
