"""Sources and receptors: distances of the small county, and lines of sight over drawn terrain."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from affine import Affine
from conftest import ORIGIN, ZONE_36, block, point, write_layer
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.catalog import LayerDeclaration
from ecogeo.check import choose_checks, run_checks
from ecogeo.errors import EcogeoError
from ecogeo.finding import Report, Severity
from ecogeo.raster import Raster, read_raster
from ecogeo.sight import is_seen
from ecogeo.workspace import open_workspace

GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
TO_LONLAT = pyproj.Transformer.from_crs(ZONE_36, "EPSG:4490", always_xy=True)
LAYERS = """
[layers.pollution_sources]
role = "pollution_sources"
path = "sources.gpkg"
key = "source_id"
name = "name"

[layers.receptors]
role = "receptors"
path = "receptors.gpkg"
key = "receptor_id"
"""
SOURCES = [point(1000, 1000), block(3000, 1000, 100, 100)]
RECEPTORS = [point(1300, 1400), point(1000, 1499), point(9000, 9000), point(3050, 1050)]


def with_sources(root: Path, buffer_m: str = "") -> None:
    kinds = {"source_id": ["M1", "M2"], "name": ["甲厂", "乙场"], "kind": ["重工业", "规模化养殖"]}
    write_layer(root, "sources.gpkg", kinds, SOURCES)
    columns = {"receptor_id": ["E1", "E2", "E3", "E4"], "kind": ["学校", "居民点", "卫生院", "居民点"]}
    write_layer(root, "receptors.gpkg", columns, RECEPTORS)
    path = root / "layers" / "layers.toml"
    text = LAYERS.replace('name = "name"', f'name = "name"\n{buffer_m}')
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def checked(root: Path, name: str = "source_near_receptor") -> Report:
    return run_checks(open_workspace(root), choose_checks([name]))


def test_nearest_of_each_kind_and_all_within_the_band(county_folder: Path) -> None:
    """甲厂: school at 500 m (300, 400), home at 499 m, clinic far; 乙场: a home inside it."""
    with_sources(county_folder, "buffer_m = 499.5")
    report = checked(county_folder)
    rows = report.tables["source_distances"].set_index(["source_id", "target_id"])
    assert rows.loc[("M1", "E1"), "distance_m"] == pytest.approx(500, abs=0.2)
    assert rows.loc[("M1", "E2"), "is_within"] == "yes"
    assert rows.loc[("M1", "E1"), "is_within"] == "no"
    assert rows.loc[("M2", "E4"), "distance_m"] == 0
    assert (rows["is_nearest"] == "yes").sum() == 6, "three kinds for each of two sources"
    warned = [finding.feature_id for _, finding in report.findings if finding.severity is Severity.WARNING]
    assert warned == ["M1", "M2"]
    assert "declared in layers.toml" in report.findings[0][1].message.en
    assert any("no layer for water_sources" in finding.message.en for _, finding in report.findings)


def test_the_default_band_says_whose_it_is(county_folder: Path) -> None:
    with_sources(county_folder)
    report = checked(county_folder)
    assert "no law" in report.findings[0][1].message.en
    assert set(report.tables["source_distances"]["band_m"]) == {500.0}


HEAD = (
    "distance_id,source_kinds,target_layer,target_kinds,distance_m,clause,level,valid_from,valid_to,source_url,"
    "checked_by,checked_on\n"
)


def test_distances_of_the_law_go_first(county_folder: Path) -> None:
    """600 m to schools by a checked rule, 100 m to homes by one nobody checked; an ended one of 9 km is passed over."""
    with_sources(county_folder, "buffer_m = 10")
    rows = [
        "D1,重工业,receptors,学校,600,某标准（试例）第3条,国家,2020,,,张三,2026-01-01",
        "D2,*,receptors,居民点,100,某办法（试例）,国家,,,,recalled,",
        "D3,*,receptors,*,9000,旧办法（试例）,国家,2000,2010,,张三,2026-01-01",
    ]
    (county_folder / "data" / "distances.csv").write_text(HEAD + "\n".join(rows) + "\n", "utf-8-sig")
    report = checked(county_folder)
    table = report.tables["source_distances"].set_index(["source_id", "target_id"])
    told = table[["band_m", "band_source", "is_within"]]
    assert told.loc[("M1", "E1")].tolist() == [600, "D1", "yes"]
    assert told.loc[("M1", "E2")].tolist() == [100, "D2", "no"]
    assert told.loc[("M1", "E3")].tolist() == [10, "layers.toml buffer_m", "no"]
    assert told.loc[("M2", "E4")].tolist() == [100, "D2", "yes"]
    found = [(one.severity, one.clause) for _, one in report.findings if one.severity is not Severity.NOTE]
    assert found == [(Severity.FAULT, "某标准（试例）第3条"), (Severity.WARNING, "某办法（试例）")]
    assert any(source.path == "data/distances.csv" for source in report.sources)


def test_kinds_that_meet_nothing_are_told(county_folder: Path) -> None:
    """D1 knows 养殖场, the layer writes 规模化养殖; D2 names an unknown target; 卫生院 and 规模化养殖 are in no row."""
    with_sources(county_folder, "buffer_m = 10")
    rows = [
        "D1,养殖场,receptors,居民点,500,某办法（试例）,国家,,,,,",
        "D2,重 工业,receptors,学校|医院,600,某标准（试例）,国家,,,,,",
    ]
    (county_folder / "data" / "distances.csv").write_text(HEAD + "\n".join(rows) + "\n", "utf-8-sig")
    found = [one for _, one in checked(county_folder).findings]
    idle = {one.feature_name: one for one in found if one.feature_name in {"D1", "D2"}}
    assert idle["D1"].severity is Severity.WARNING
    assert "pollution_sources: 养殖场" in idle["D1"].message.en
    assert "规模化养殖" in idle["D1"].message.en
    assert idle["D2"].severity is Severity.NOTE
    assert "receptors: 医院" in idle["D2"].message.en
    assert "重" not in idle["D2"].message.en.partition("(")[0]
    unnamed = {one.layer: one.message.en for one in found if "no row of" in one.message.en}
    assert "1 of 规模化养殖" in unnamed["pollution_sources"]
    assert "1 of 卫生院" in unnamed["receptors"]


def test_a_table_of_distances_names_all_its_faults(county_folder: Path) -> None:
    with_sources(county_folder)
    rows = ["D1,*,farms,*,很远,条,国家,,,,,", "D1,*,receptors,*,500,条,县外,2020-13,,,,"]
    (county_folder / "data" / "distances.csv").write_text(HEAD + "\n".join(rows) + "\n", "utf-8-sig")
    with pytest.raises(EcogeoError) as refused:
        checked(county_folder)
    assert len(refused.value.problems) == 5


def test_distances_agree_with_the_geodesic_library(county_folder: Path) -> None:
    with_sources(county_folder)
    rows = checked(county_folder).tables["source_distances"].query("source_id == 'M1'").set_index("target_id")
    start = TO_LONLAT.transform(SOURCES[0].x, SOURCES[0].y)
    for number, target in enumerate(RECEPTORS[:3]):
        metres = GEOD.inv(*start, *TO_LONLAT.transform(target.x, target.y))[2]
        assert rows.loc[f"E{number + 1}", "distance_m"] == pytest.approx(metres, abs=1e-3)


def terrain(folder: Path, heights: np.ndarray) -> Raster:
    """Write heights of 30 m cells from the county's corner eastwards, and open them."""
    transform = Affine(30.0, 0.0, ORIGIN[0], 0.0, -30.0, ORIGIN[1] + 30.0 * len(heights))
    profile = {"driver": "GTiff", "height": heights.shape[0], "width": heights.shape[1], "count": 1, "crs": ZONE_36}
    with rasterio.open(folder / "dem.tif", "w", dtype="float32", transform=transform, nodata=-9999, **profile) as file:
        file.write(heights.astype("float32"), 1)
    return read_raster("dem", LayerDeclaration(role="dem", path="dem.tif"), folder)


def place(x: float) -> tuple[float, float]:
    lon, lat = TO_LONLAT.transform(ORIGIN[0] + x, ORIGIN[1] + 45)
    return lon, lat


def test_a_hill_hides_what_lies_behind_it(tmp_path: Path) -> None:
    """A wall of 10 m half-way of 1500 m hides level ground, and not a mountain of 40 m."""
    heights = np.zeros((3, 60))
    assert is_seen(terrain(tmp_path, heights), place(15), place(1515)) is True
    heights[:, 25] = 10
    assert is_seen(terrain(tmp_path, heights), place(15), place(1515)) is False
    heights[:, 50] = 40
    assert is_seen(terrain(tmp_path, heights), place(15), place(1515)) is True


def test_unknown_ground_on_the_way_is_no_answer(tmp_path: Path) -> None:
    heights = np.zeros((3, 60))
    heights[:, 25] = -9999
    assert is_seen(terrain(tmp_path, heights), place(15), place(1515)) is None
    assert is_seen(terrain(tmp_path, np.zeros((3, 20))), place(15), place(1515)) is None


def test_the_earth_is_round(tmp_path: Path) -> None:
    """Over level ground an eye at 1.7 m sees some 5 km far: √(2 · 6371 km · 1.7 m / 0.87) = 4990 m."""
    dem = terrain(tmp_path, np.zeros((3, 400)))
    assert is_seen(dem, place(15), place(4515)) is True
    assert is_seen(dem, place(15), place(5715)) is False


@pytest.mark.skipif(
    shutil.which("gdal_viewshed") is None, reason="gdal_viewshed is not installed: not compared with it"
)
def test_the_view_is_that_of_gdal(tmp_path: Path) -> None:
    """Hills of some 200 m about an eye 1.7 m above the middle; GDAL looks from cell to cell, so a few edges differ."""
    size, cell_m = 101, 30.0
    rows, columns = np.mgrid[:size, :size]
    waves = [(3, 1, 60), (-2, 4, 30), (5, -3, 8)]
    heights = 200 - sum(high * np.cos((one * (rows - 50) + other * (columns - 50)) / 60) for one, other, high in waves)
    dem = terrain(tmp_path, heights)
    eye_x, eye_y = ORIGIN[0] + 50.5 * cell_m, ORIGIN[1] + 50.5 * cell_m
    options = ["-ox", str(eye_x), "-oy", str(eye_y), "-oz", "1.7", "-tz", "0", "-cc", "0.87", "-vv", "1", "-iv", "0"]
    seen = tmp_path / "seen.tif"
    subprocess.run(["gdal_viewshed", *options, "-q", tmp_path / "dem.tif", seen], check=True)
    with rasterio.open(seen) as file:
        theirs = file.read(1).astype(bool)
    eye = TO_LONLAT.transform(eye_x, eye_y)
    cells = [(row, column) for row in range(2, size, 9) for column in range(2, size, 9)]
    ours = [
        is_seen(dem, eye, TO_LONLAT.transform(ORIGIN[0] + (c + 0.5) * cell_m, ORIGIN[1] + (size - r - 0.5) * cell_m))
        for r, c in cells
    ]
    expected = [bool(theirs[cell]) for cell in cells]
    assert 20 < sum(expected) < len(cells) - 20
    assert sum(one is other for one, other in zip(ours, expected, strict=True)) >= 0.98 * len(cells)


@given(seed=st.integers(0, 100))
def test_lifting_the_target_never_hides_it(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    heights = np.random.default_rng(seed).uniform(0, 30, (3, 60))
    folder = tmp_path_factory.mktemp("dem")
    low = is_seen(terrain(folder, heights), place(15), place(1515))
    heights[:, 50] += 50
    high = is_seen(terrain(folder, heights), place(15), place(1515))
    assert high or not low


def test_view_of_a_town(county_folder: Path) -> None:
    """甲 lies 1 km from the urban boundary over level ground; 乙 is restored, 丙 4 km off."""
    shapes = [block(1500, 0, 100, 90), block(1700, 0, 100, 90), block(4600, 0, 100, 90)]
    columns = {
        "part_id": ["1", "2", "3"],
        "name": ["甲", "乙", "丙"],
        "mine_state": ["闭坑"] * 3,
        "part": ["扰动", "已修复", "扰动"],
    }
    write_layer(county_folder, "mines.gpkg", columns, shapes)
    write_layer(county_folder, "urban.gpkg", {"id": ["U"]}, [block(0, 0, 500, 90)])
    terrain(county_folder / "layers", np.zeros((3, 400)))
    path = county_folder / "layers" / "layers.toml"
    text = "".join(
        f'\n[layers.{role}]\nrole = "{role}"\npath = "{file}"\nkey = "{key}"\n{name}'
        for role, file, key, name in (
            ("mines", "mines.gpkg", "part_id", 'name = "name"\n'),
            ("urban_boundary", "urban.gpkg", "id", ""),
            ("dem", "dem.tif", "", ""),
        )
    )
    path.write_text(path.read_text("utf-8") + text, "utf-8")
    rows = checked(county_folder, "mine_in_view_of_town").tables["mine_views"]
    assert rows["is_seen"].tolist() == ["yes", "", ""]
    assert rows["distance_m"].tolist() == pytest.approx([1000, 1200, 4100], rel=1e-3)
