"""Spatial indicators beside what a plan reports: worked by hand, by several definitions, areas on record."""

from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from conftest import INDICATOR_HEAD, LAYERS_TOML, ORIGIN, block, write_layer
from test_landcover import COUNTY, COVER, DEM, LANDUSE, checked, declare, messages, quarters, write_dem
from test_zonal import lonlat, write_classes

from ecogeo import geodesy
from ecogeo.finding import Report
from ecogeo.spatial_names import measures_of

RESERVES = """
[layers.reserves]
role = "reserves"
path = "reserves.gpkg"
key = "reserve_id"
name = "name"
"""
OWN = 'title = "方县规划"\narea = "方县"\n'


def plan(folder: Path, *rows: str, about: str = OWN) -> None:
    """Write the indicators of the small county: number, name, unit, target, comparator, its value, the current."""
    lines = []
    for row in rows:
        number, name, unit, text, comparator, target, current = row.split(",")
        year = "2022" if current else ""
        lines.append(
            f"{number},,领域,任务,{name},{unit},{text},{comparator},{target},{current},{current},{year},,,binding,某局,"
        )
    head = "\n".join([INDICATOR_HEAD, *lines]) + "\n"
    (folder / "data" / "plan" / "indicators.csv").write_text(head, "utf-8-sig")
    (folder / "data" / "plan" / "plan.toml").write_text(about, "utf-8")


def figures(report: Report, name: str) -> list[dict[str, object]]:
    rows = report.tables["indicators"]
    return rows[rows["name"].str.startswith(name)].to_dict("records")


def green_county(folder: Path) -> None:
    """Half forest and grass, an eighth without data."""
    declare(folder, COVER + 'date = "2024-07-01"\n')
    codes = quarters(3, 4, 1, 1)
    codes[:, 88:] = 0
    tags = {"CLASS_1": "耕地", "CLASS_3": "林地", "CLASS_4": "草地"}
    write_classes(folder / "layers" / "landcover.tif", codes, transform=COUNTY, **tags)


def test_measured_beside_reported(county_folder: Path) -> None:
    """50 of 100 km² of the geometry are 40 % of the 125 km² on record; the plan says 62."""
    green_county(county_folder)
    about = 'title = "方县规划"\narea = "方县"\narea_km2 = 125\n'
    plan(county_folder, "10,林草覆盖率（丘陵地区）,%,≥40,>=,40,62", about=about)
    report = checked(county_folder, "spatial_indicator")
    first, second = figures(report, "林草")
    assert first["measured_value"] == pytest.approx(40.0, abs=0.05)
    assert first["by_geometry_value"] == pytest.approx(50.0, abs=0.01)
    assert first["most_value"] == pytest.approx(40.0 + 12 / 125 * 100, abs=0.05)
    assert first["reported_value"] == 62
    assert first["reported_year"] == 2022
    assert first["data_year"] == "2024"
    assert first["difference_value"] == pytest.approx(-22.0, abs=0.05)
    assert first["denominator_m2"] == 125e6
    assert first["denominator_source"] == "规划所记面积"
    assert first["threshold_value"] == 40
    assert first["met"] == "", "39.98 % for sure, up to 49.6 % if what has no data were forest"
    assert "不含灌木" in str(second["definition"])
    said = messages(report)
    assert "62% reported, 39.9" in said
    assert "geometry is 99.9" in said
    assert "125 km² are on record" in said


def test_near_by_one_definition_is_no_finding(county_folder: Path) -> None:
    """By land cover 50 %, by patches 25 %, and 24 reported: the nearest counts."""
    green_county(county_folder)
    declare(county_folder, COVER, LANDUSE)
    write_layer(county_folder, "landuse.gpkg", {"BSM": ["1"], "DLBM": ["0301"]}, [block(0, 0, 5000, 5000)])
    plan(county_folder, "7,林草覆盖率,%,≥20,>=,20,24")
    report = checked(county_folder, "spatial_indicator")
    values = [row["measured_value"] for row in figures(report, "林草")]
    assert values == pytest.approx([50, 50, 25, 25, 25], abs=0.01)
    assert {row["met"] for row in figures(report, "林草")} == {"yes"}
    assert not report.findings


def test_thresholds_of_the_terrain_where_the_plan_sets_none(county_folder: Path) -> None:
    green_county(county_folder)
    plan(
        county_folder,
        "1,林草覆盖率（平原地区）,%,完成上级任务,assigned,,50",
        "2,林草覆盖率（山区）,%,完成上级任务,assigned,,50",
        "3,林草覆盖率,%,完成上级任务,assigned,,50",
        "4,森林覆盖率,%,﹥24,>,24,",
    )
    report = checked(county_folder, "spatial_indicator")
    told = {str(row["name"]): (row["met"], row["threshold_value"]) for row in figures(report, "林草覆盖率（")}
    assert told == {"林草覆盖率（平原地区）": ("yes", 18.0), "林草覆盖率（山区）": ("", 60.0)}, "up to 62 % of 60"
    assert [row["met"] for row in figures(report, "林草覆盖率")][-1] == ""
    assert [row["met"] for row in figures(report, "森林")] == ["yes"]


def test_areas_in_the_units_of_plans(county_folder: Path) -> None:
    declare(county_folder)
    red_m2 = float(geodesy.area_m2(lonlat(block(1000, 1000, 1000, 1000), block(4000, 4000, 1000, 1000))).sum())
    red_m2 -= float(geodesy.area_m2(lonlat(block(4300, 4300, 300, 300)))[0])
    plan(
        county_folder,
        "1,生态保护红线面积,平方公里,不减少,no_decrease,,1.9",
        "2,生态保护红线面积,万公顷,不减少,no_decrease,,1.9",
        "3,生态保护红线占国土面积比例,%,≥1,>=,1,1.9",
        "4,自然保护地,,不减少,no_decrease,,",
    )
    report = checked(county_folder, "spatial_indicator")
    rows = {str(row["indicator_no"]): row for row in report.tables["indicators"].to_dict("records")}
    assert rows["1"]["measured_value"] == pytest.approx(red_m2 / 1e6, rel=1e-9)
    assert rows["2"]["measured_value"] == pytest.approx(red_m2 / 1e8, rel=1e-9)
    assert rows["3"]["measured_value"] == pytest.approx(1.91, abs=0.001)
    assert rows["3"]["met"] == "yes"
    assert rows["4"]["note"] == "没有可量算的图层"
    assert "indicator 2 生态保护红线面积: 1.9万公顷 reported, 0.02万公顷 measured" in messages(report)
    assert len(report.findings) == 1


def test_the_rate_of_the_shoreline_is_that_of_its_own_check(county_folder: Path) -> None:
    """The small river: 900 of 2,000 m protected or reserved."""
    declare(county_folder)
    plan(county_folder, "16,河湖岸线保护率,%,≥50,>=,50,55")
    report = checked(county_folder, "spatial_indicator")
    (row,) = figures(report, "河湖")
    totals = checked(county_folder, "shoreline_protection_rate").tables["shoreline_totals"]
    own = totals[totals["level"] == "county"]["protection_pct"].iloc[0]
    assert row["measured_value"] == pytest.approx(own, rel=1e-12)
    assert row["measured_value"] == pytest.approx(45.0, abs=0.01)
    assert row["met"] == "no"
    assert "-10.0" in messages(report)


def test_plans_of_other_places_are_not_compared(county_folder: Path) -> None:
    declare(county_folder)
    plan(county_folder, "1,生态保护红线面积,平方公里,≥9,>=,9,8470.93", about='title = "某市规划"\narea = "某市"\n')
    report = checked(county_folder, "spatial_indicator")
    (row,) = figures(report, "生态保护红线")
    assert row["note"] == "规划的区域不是本县，未作比较"
    assert row["met"] == ""
    assert not report.findings


def test_the_area_recorded_in_the_layer_comes_first(county_folder: Path) -> None:
    text = LAYERS_TOML.replace('path = "county.gpkg"', 'path = "county.gpkg"\nfields = { recorded_area_km2 = "zmj" }')
    (county_folder / "layers" / "layers.toml").write_text(text, "utf-8")
    columns: dict[str, list[object]] = {"code": ["c"], "name": ["方县"], "zmj": [200.0]}
    write_layer(county_folder, "county.gpkg", columns, [block(0, 0, 10_000, 10_000)])
    plan(county_folder, "3,生态保护红线占比,%,≥1,>=,1,0.95")
    report = checked(county_folder, "spatial_indicator")
    (row,) = figures(report, "生态保护红线")
    assert row["denominator_source"] == "县域图层所记面积"
    assert row["measured_value"] == pytest.approx(0.955, abs=0.001)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("陆域生态保护红线面积", "redlines"),
        ("生态保护红线占国土面积比例", "redlines"),
        ("25度以上坡耕地面积", "steep_cropland:25"),
        ("15°以上陡坡耕地", "steep_cropland:15"),
        ("湿地保护率", "wetland_protected"),
        ("受保护地区占国土面积比例", "protected"),
        ("林草植被综合覆盖度", "林草覆盖率"),
        ("林草植被覆盖率（%）", "林草覆盖率"),
        ("永久基本农田保护面积", "farmland"),
        ("河湖生态岸线自然化率", "bank_naturalness"),
    ],
)
def test_names_of_plans(name: str, key: str) -> None:
    assert [one.key for one in measures_of(name)] == [key]


def test_steep_cropland_wetlands_and_protected_ground(county_folder: Path) -> None:
    """Of 25 strips of cropland 11 are steep, 1 km² each; 1 km² of wetland lies in the reserve, 1 in a red line."""
    declare(county_folder, COVER, DEM, RESERVES)
    tags = {"CLASS_1": "耕地", "CLASS_3": "林地", "CLASS_5": "湿地"}
    write_classes(county_folder / "layers" / "landcover.tif", quarters(5, 1, 3, 3), transform=COUNTY, **tags)
    at = Affine(100, 0, ORIGIN[0] - 100, 0, -100, ORIGIN[1] + 10_100)
    write_dem(county_folder, np.maximum(0, np.arange(36, -66, -1))[None].repeat(102, axis=0) * 100.0, at)
    reserve = [block(2000, 8000, 3000, 2000)]
    write_layer(county_folder, "reserves.gpkg", {"reserve_id": ["N"], "name": ["保护地"]}, reserve)
    plan(
        county_folder,
        "1,25度以上坡耕地面积,KM2,≤9,<=,9,12",
        "2,湿地保护率,%,≥30,>=,30,",
        "3,受保护地区占国土面积比例,%,≥5,>=,5,6",
        "4,林草植被综合覆盖度,%,≥20,>=,20,80",
    )
    report = checked(county_folder, "spatial_indicator")
    (steep,) = figures(report, "25度")
    assert steep["measured_value"] == pytest.approx(11, rel=2e-3), "strips 25 to 34 of 45°, and the foot of 26.6°"
    assert steep["difference_value"] == pytest.approx(-1, abs=0.02), "KM2 is a unit"
    wetland = figures(report, "湿地")
    assert [row["measured_value"] for row in wetland] == pytest.approx([4.0, 8.0], rel=2e-3)
    protected = figures(report, "受保护")
    assert [row["numerator_layer"] for row in protected] == ["reserves", "reserves;redlines"]
    assert [row["measured_value"] for row in protected] == pytest.approx([6.0, 7.91], abs=2e-2)
    assert {row["met"] for row in figures(report, "林草")} == {""}
    assert all(np.isnan(row["difference_value"]) for row in figures(report, "林草"))
    assert "只作参照" in str(figures(report, "林草")[0]["note"])


@pytest.mark.parametrize("name", ["森林蓄积量", "大陆自然岸线保有率", "市区蓝绿空间占比", "受污染耕地安全利用率", ""])
def test_names_that_are_something_else(name: str) -> None:
    assert measures_of(name) == ()


def test_no_spatial_indicator_gives_an_empty_table(county_folder: Path) -> None:
    declare(county_folder)
    report = checked(county_folder, "spatial_indicator")
    assert len(report.tables["indicators"]) == 0
    assert not report.findings


def test_small_shares_and_targets_between_the_two_values(county_folder: Path) -> None:
    """50 % of the geometry: 47 is 6 % off, and so is told; 49.9 is near, but only 50 reaches a target of 49.95."""
    green_county(county_folder)
    declare(county_folder, COVER)
    plan(county_folder, "1,林草覆盖率,%,≥20,>=,20,47", "2,林草覆盖率,%,≥20,>=,20,49.9")
    assert [finding.feature_id for _, finding in checked(county_folder, "spatial_indicator").findings] == ["1"]
    plan(county_folder, "2,林草覆盖率,%,≥49.95,>=,49.95,49.9")
    report = checked(county_folder, "spatial_indicator")
    assert [row["reported_met"] for row in figures(report, "林草")] == ["no", "no"]
    assert "the measured value reaches the target, the reported does not" in messages(report)


def test_net_farmland_and_water(county_folder: Path) -> None:
    """100 ha of farmland with a tenth deducted are 90 ha net; a patch of a river of 100 ha is water."""
    declare(county_folder, LANDUSE, '\n[layers.farmland]\nrole = "farmland"\npath = "farm.gpkg"\nkey = "id"\n')
    write_layer(county_folder, "farm.gpkg", {"id": ["1"], "KCXS": [0.1]}, [block(0, 0, 1000, 1000)])
    write_layer(county_folder, "landuse.gpkg", {"BSM": ["1"], "DLBM": ["1101"]}, [block(0, 0, 1000, 1000)])
    plan(county_folder, "1,永久基本农田保护面积,公顷,≥90,>=,90,90", "2,水域面积,公顷,≥90,>=,90,100")
    report = checked(county_folder, "spatial_indicator")
    assert [row["measured_value"] for row in figures(report, "永久")] == pytest.approx([100, 90], rel=1e-3)
    assert [row["measured_value"] for row in figures(report, "水域")] == pytest.approx([100], rel=1e-3)
