"""River management areas, strips along banks and what grows on them: the small county's river of 50 m × 1000 m."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from conftest import ORIGIN, ZONE_36, block, line, point, write_layer

from ecogeo.check import choose_checks, run_checks
from ecogeo.finding import Report, Severity
from ecogeo.workspace import open_workspace

BANKS = shapely.MultiLineString([line((0, 7000), (1000, 7000)), line((0, 7050), (1000, 7050))])


def declare(root: Path, *layers: tuple[str, str, str, str]) -> None:
    path = root / "layers" / "layers.toml"
    told = "".join(
        f'\n[layers.{role}]\nrole = "{role}"\npath = "{file}"\nkey = "{key}"\n{more}\n'
        for role, file, key, more in layers
    )
    path.write_text(path.read_text("utf-8") + told, "utf-8")


def checked(root: Path, name: str) -> Report:
    return run_checks(open_workspace(root), choose_checks([name]))


def reaches(root: Path, **more: list[object]) -> None:
    columns: dict[str, list[object]] = {"reach_id": ["R1"], "river": ["方河"], "basin": ["柳江"], **more}
    write_layer(root, "reaches.gpkg", columns, [BANKS])


def sites(root: Path) -> None:
    shapes = [block(100, 7000, 50, 200), line((500, 6900), (500, 7200)), point(700, 7060), point(800, 7060)]
    columns = {
        "site_id": ["area", "line", "sure", "vague"],
        "name": ["甲", "乙", "丙", "丁"],
        "accuracy_m": [0.0, 0.0, 0.0, 300.0],
        "project_id": [""] * 4,
        "location_basis": ["drawn polygon", "line", "surveyed polygon", "village"],
    }
    write_layer(root, "sites.gpkg", columns, shapes)


def test_uses_in_a_strip_of_the_reach_s_own_width(county_folder: Path) -> None:
    """Strips of 20 m: 20 × 50 m of 甲 on one bank, 2 × 20 m of 乙; of the management area 50 + 2 × 30 m × 50 m."""
    reaches(county_folder, strip_m=[20.0])
    sites(county_folder)
    write_layer(county_folder, "managed.gpkg", {"id": ["M1"], "river": ["方河"]}, [block(0, 6970, 1000, 110)])
    declare(county_folder, ("river_management", "managed.gpkg", "id", 'name = "river"'))
    report = checked(county_folder, "use_in_river_strip")
    rows = report.tables["river_strip_uses"].set_index(["ground", "use_id"])
    assert rows.loc[("strip", "area"), "overlap_m2"] == pytest.approx(1000, rel=1e-3)
    assert rows.loc[("strip", "line"), "length_m"] == pytest.approx(40, rel=1e-3)
    assert rows.loc[("management area", "area"), "overlap_m2"] == pytest.approx(80 * 50, rel=1e-3)
    assert rows.loc[("management area", "line"), "length_m"] == pytest.approx(110, rel=1e-3)
    told = {
        (finding.feature_id, finding.unit) for _, finding in report.findings if finding.severity is Severity.WARNING
    }
    assert told == {("area", "ha"), ("line", "m"), ("sure", "count")}, "丁 may lie elsewhere: listed, not told"
    assert ("strip", "vague") in rows.index
    assert "1 reaches set their own" in report.findings[0][1].message.en


def test_land_use_by_its_standard_field(county_folder: Path) -> None:
    """A patch of cropland covers 50 m × 100 m of the strip; DLBM is not declared."""
    reaches(county_folder)
    write_layer(county_folder, "landuse.gpkg", {"BSM": ["1"], "DLBM": ["0101"]}, [block(100, 7050, 100, 200)])
    declare(county_folder, ("landuse", "landuse.gpkg", "BSM", ""))
    rows = checked(county_folder, "use_in_river_strip").tables["river_strip_uses"]
    assert rows["use_kind"].tolist() == ["0101"]
    assert rows["overlap_m2"].tolist() == pytest.approx([5000], rel=1e-3)


def test_mines_in_a_strip_of_the_default_width(county_folder: Path) -> None:
    """A mine of 100 m × 100 m begins 10 m beyond the bank: 40 m × 100 m lie in the strip of 50 m."""
    reaches(county_folder)
    write_layer(county_folder, "mines.gpkg", {"id": ["K1"], "name": ["甲矿"]}, [block(300, 7060, 100, 100)])
    declare(county_folder, ("mines", "mines.gpkg", "id", 'name = "name"'))
    report = checked(county_folder, "use_in_river_strip")
    rows = report.tables["river_strip_uses"].query("layer == 'mines'")
    assert rows["overlap_m2"].tolist() == pytest.approx([4000], rel=1e-3)
    assert rows["strip_m"].tolist() == [50.0]
    assert "no law" in report.findings[0][1].message.en


def test_naturalness_of_the_banks(county_folder: Path) -> None:
    """Strips of 50 m on both banks; the north bank is cropland for 500 m of 1000, 100 m have no data: 1400 of 1900."""
    reaches(county_folder)
    cells = np.full((30, 110), 3, dtype="uint8")  # 10 m cells from y = 7200 down to 6900; forest
    cells[10:15, 5:55] = 1
    cells[10:15, 95:105] = 0
    transform = Affine(10.0, 0.0, ORIGIN[0] - 50, 0.0, -10.0, ORIGIN[1] + 7200)
    profile = {"driver": "GTiff", "height": 30, "width": 110, "count": 1, "crs": ZONE_36, "transform": transform}
    with rasterio.open(county_folder / "layers" / "cover.tif", "w", dtype="uint8", nodata=0, **profile) as file:
        file.write(cells, 1)
        file.update_tags(CLASS_1="耕地", CLASS_3="林地")
    declare(county_folder, ("landcover", "cover.tif", "", ""))
    home = Path(__file__).parent.parent / "data"
    for name in ("land_classes.csv", "cover_definitions.csv", "cover_thresholds.csv"):
        (county_folder / "data" / name).write_bytes((home / name).read_bytes())
    report = checked(county_folder, "bank_naturalness_rate")
    row = report.tables["bank_naturalness"].iloc[0]
    assert row["strip_ha"] == pytest.approx(10, rel=1e-3)
    assert row["unknown_ha"] == pytest.approx(0.5, rel=1e-2)
    assert row["natural_pct"] == pytest.approx(100 * 1400 / 1900, abs=0.05)
    assert [finding.severity for _, finding in report.findings] == [Severity.NOTE]
    assert "some 10 m wide" in report.findings[0][1].message.en


@pytest.mark.parametrize(("word", "area_m2", "warnings"), [("20米", 1000, 0), ("约二十", 2500, 1)])
def test_width_of_a_strip_in_words(county_folder: Path, word: str, area_m2: float, warnings: int) -> None:
    """20米 is 20 m: 20 × 50 m of 甲; a word nobody can read is told, and 50 m stand in. No accuracy_m is unknown."""
    reaches(county_folder, strip_m=[word])
    shapes = {"site_id": ["area"], "name": ["甲"], "project_id": [""], "location_basis": ["drawn polygon"]}
    write_layer(county_folder, "sites.gpkg", shapes, [block(100, 7000, 50, 200)])
    report = checked(county_folder, "use_in_river_strip")
    rows = report.tables["river_strip_uses"]
    assert rows["overlap_m2"].tolist() == pytest.approx([area_m2], rel=1e-3)
    assert rows["accuracy_m"].isna().all()
    assert [finding.severity for _, finding in report.findings].count(Severity.WARNING) == warnings


def test_strips_end_where_the_county_does(county_folder: Path) -> None:
    """An outline of 100 m × 12 km crosses the county of 10 km: 2 × 50 m × 10 km of strip, none behind the cut ends."""
    columns: dict[str, list[object]] = {"reach_id": ["R1"], "river": ["方河"]}
    write_layer(county_folder, "reaches.gpkg", columns, [block(-1000, 5000, 12000, 100)])
    path = county_folder / "layers" / "layers.toml"
    path.write_text(
        path.read_text("utf-8").replace('path = "reaches.gpkg"', 'path = "reaches.gpkg"\ncoverage = "county"')
    )
    write_layer(county_folder, "landuse.gpkg", {"BSM": ["1"], "DLBM": ["0101"]}, [block(-2000, 0, 14000, 10000)])
    declare(county_folder, ("landuse", "landuse.gpkg", "BSM", ""))
    report = checked(county_folder, "use_in_river_strip")
    rows = report.tables["river_strip_uses"].query("layer == 'landuse'")
    assert rows["overlap_m2"].tolist() == pytest.approx([1_000_000], rel=1e-3)
    assert any("strips lie along banks that count" in finding.message.en for _, finding in report.findings)
