"""`ecogeo inspect`: what was understood of a file, said in full."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from conftest import block

from ecogeo.china_offset import wgs84_to_gcj02
from ecogeo.errors import EcogeoError
from ecogeo.inspection import as_object, inspect_file, page

Run = Callable[..., tuple[int, str, str]]
LIUJIANG = (108.92, 23.91, 109.55, 24.41)
KEYS = [
    *("file", "driver", "layer", "encoding", "crs", "zone", "axis_order", "geometry_type", "features", "set_aside"),
    *("area_m2", "planar_area_m2", "stated_area_ha", "repairs", "doubts", "fields"),
]


def written(folder: Path, shapes: list[object], crs: object = "EPSG:4545", **columns: list[object]) -> Path:
    path = folder / "site.gpkg"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")
        gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=crs)).to_file(path)
    return path


def test_object_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    path = written(tmp_path, [block(0, 0, 1000, 1000)], id=["a"])
    found = as_object(inspect_file(path, county=LIUJIANG), "zh")
    assert list(found) == KEYS
    assert found["crs"] == "EPSG:4545"
    assert found["planar_area_m2"] == 1_000_000.0
    assert found["area_m2"] == pytest.approx(999_650, abs=200), "the plane is larger than the ground away from 108°E"
    assert (found["features"], found["geometry_type"], found["fields"]) == (1, "Polygon", ["id"])
    assert (found["axis_order"], found["stated_area_ha"], found["doubts"]) == ("east, north", None, [])


def test_missing_crs_is_inferred_and_said(tmp_path: Path) -> None:
    path = written(tmp_path, [block(0, 0, 100, 100)], crs=None)
    found = as_object(inspect_file(path, county=LIUJIANG), "en")
    assert found["crs"] == "EPSG:4545"
    assert found["zone"] == "CGCS2000 3-degree zone 36, meridian 108°E, no prefix"
    assert "no whole CRS: taken for" in found["doubts"][0]


def test_planar_area_of_degrees_is_that_of_their_zone(tmp_path: Path) -> None:
    plane = gpd.GeoSeries([shapely.segmentize(block(0, 0, 1000, 1000), 10)], crs=4545)
    path = written(tmp_path, list(plane.to_crs(4490)), crs="EPSG:4490")
    assert as_object(inspect_file(path), "en")["planar_area_m2"] == pytest.approx(1e6, abs=0.05)


def test_stated_areas_in_any_unit(tmp_path: Path) -> None:
    """0.9997 ha of ground: stated as 亩 for one, and wrongly for the other."""
    shapes = [block(0, 0, 100, 100), block(200, 0, 100, 100), block(400, 0, 100, 100)]
    path = written(tmp_path, shapes, MJ=[14.995, 14.995, 20.0], other=[1, 2, 3])
    found = as_object(inspect_file(path), "en")
    assert found["stated_area_ha"] == pytest.approx((14.995 * 2 + 20) / 15, abs=1e-4)
    assert found["doubts"] == ["MJ (mu) is over 1 % off the geometry in 1 features: no. 3"]


def test_a_field_that_fits_no_unit_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, [block(0, 0, 100, 100)], MJ=[77.0])
    told = as_object(inspect_file(path), "en")
    assert told["stated_area_ha"] is None
    assert told["doubts"] == ["MJ (unit unknown) is over 1 % off the geometry in 1 features: no. 1"]


def test_the_worse_the_contradiction_the_less_it_is_hidden(tmp_path: Path) -> None:
    """A corner 100 km astray: the stated hectare and the county both speak."""
    astray = shapely.Polygon([(620_000, 2_680_000), (620_100, 2_680_000), (620_100, 2_780_100), (620_000, 2_680_100)])
    path = written(tmp_path, [block(0, 0, 100, 100), astray], area_ha=[1.0, 1.0])
    doubts = as_object(inspect_file(path, county=LIUJIANG), "en")["doubts"]
    assert any("features 2 reach far out of the county" in doubt for doubt in doubts)
    assert any("area_ha (ha) is over 1 % off the geometry in 1 features: no. 2" in doubt for doubt in doubts)


def test_repairs_and_set_aside_by_number(tmp_path: Path) -> None:
    tie = shapely.Polygon([(620_000, 2_680_000), (621_000, 2_681_000), (621_000, 2_680_000), (620_000, 2_681_000)])
    path = written(tmp_path, [block(0, 0, 10, 10), tie, None])
    found = as_object(inspect_file(path, county=LIUJIANG), "en")
    assert found["features"] == 3
    assert found["set_aside"] == [{"feature": "3", "reason": "no geometry"}]
    assert len(found["repairs"]) == 1
    assert found["repairs"][0].startswith("feature 2 is not valid (Self-intersection")
    assert found["area_m2"] == pytest.approx(100 + 500_000, rel=1e-3)


def test_oddities_are_said(tmp_path: Path) -> None:
    spike = shapely.Polygon([(0, 0), (100, 0), (100, 100), (50, 100), (50, 300), (50, 100), (0, 100)])
    high = shapely.force_3d(shapely.transform(spike, lambda xy: np.add(xy, (620_000, 2_680_000))), 5.0)
    path = written(tmp_path, [high])
    said = " ".join(as_object(inspect_file(path, county=LIUJIANG), "en")["doubts"])
    assert "1 features have heights" in said
    assert "1 spikes" in said


def test_web_map_shift_is_recognised_against_the_county(tmp_path: Path) -> None:
    county = shapely.Polygon(
        [(108.92, 24.26), (109.04, 24.41), (109.42, 24.22), (109.52, 24.07), (109.29, 24.04), (109.03, 24.13)]
    )
    path = written(tmp_path, [shapely.transform(county, wgs84_to_gcj02)], crs="EPSG:4326")
    found = inspect_file(path, county=LIUJIANG, outline=county)
    assert "--assume GCJ-02" in found.doubts[-1].en
    assert inspect_file(written(tmp_path, [county], crs="EPSG:4326"), county=LIUJIANG, outline=county).doubts == ()


def test_command_page_and_json(tmp_path: Path, county_folder: Path, run: Run) -> None:
    path = written(tmp_path, [block(0, 0, 100, 100)], name=["甲"])
    status, output, _ = run("inspect", path, "-w", county_folder)
    assert status == 0
    assert "椭球面积" in output
    assert "CGCS2000 3°带第 36 带" in output
    status, output, _ = run("inspect", path, "-w", county_folder, "--json")
    assert status == 0
    assert list(json.loads(output)) == KEYS


def test_wrong_zone_is_refused_in_a_named_county_and_doubted_otherwise(
    tmp_path: Path, county_folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = pyproj.Transformer.from_crs(4490, 4546, always_xy=True).transform(109.2, 24.25)
    path = written(tmp_path, [shapely.Point(x, y).buffer(10)], crs="EPSG:4545")
    status, output, message = run("inspect", path, "-w", county_folder)
    assert (status, output) == (2, "")
    assert "--assume EPSG:4546" in message
    status, output, _ = run("inspect", path, "-w", county_folder, "--assume", "EPSG:4546")
    assert (status, "按指定读取" in output) == (0, True)
    monkeypatch.chdir(county_folder)
    status, output, _ = run("inspect", path)
    assert status == 0
    assert "不在本县范围" in output


def test_old_datum_with_and_without_parameters(tmp_path: Path, county_folder: Path, run: Run) -> None:
    path = written(tmp_path, [block(0, 0, 100, 100)], crs="EPSG:2381")
    assert run("inspect", path, "-w", county_folder)[0] == 2
    (tmp_path / "p.toml").write_text("north_m = 3.25\neast_m = 1\nrotation_sec = 0\nscale_ppm = 0\n", "utf-8")
    status, output, message = run("inspect", path, "-w", county_folder, "--parameters", tmp_path / "p.toml")
    assert status == 0
    assert "3.25" not in output + message
    assert "四参数" in output or "4参数" in output


def test_page_is_a_page(tmp_path: Path) -> None:
    lines = page(inspect_file(written(tmp_path, [block(0, 0, 100, 100)], MJ=[1.0])))
    assert [line.en.split(" ")[0] for line in lines] == ["site.gpkg:", "CRS:", "1", "ellipsoidal", "it", "fields:"]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(EcogeoError, match="does not exist"):
        inspect_file(tmp_path / "no.gpkg")


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "shp", "parquet"])
def test_a_large_file_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    frame = gpd.GeoDataFrame(
        {"name": ["水源河"] * 50}, geometry=gpd.GeoSeries([block(i, 0, 1, 1) for i in range(50)], crs=4545)
    )
    path = tmp_path / f"large.{suffix}"
    frame.to_parquet(path) if suffix == "parquet" else frame.to_file(path)
    monkeypatch.setattr("ecogeo.inspection.LARGE_BYTES", 100)
    monkeypatch.setattr("ecogeo.inspection.HEAD_FEATURES", 7)
    found = inspect_file(path, county=LIUJIANG)
    told = as_object(found, "en")
    assert (told["features"], told["area_m2"], told["fields"]) == (50, None, ["name"])
    assert told["crs"] == "EPSG:4545"
    assert len(found.reading.frame) == 7
    assert set(found.reading.frame["name"]) == {"水源河"}
    assert "only the first 7 of 50 features" in told["doubts"][0]
    assert not any("area" in line.en for line in page(found) if not line.en.startswith("note"))


def test_screening_never_takes_a_part_for_the_whole(
    tmp_path: Path, county_folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, [block(i * 200, 0, 100, 100) for i in range(20)])
    monkeypatch.setattr("ecogeo.inspection.LARGE_BYTES", 100)
    monkeypatch.setattr("ecogeo.inspection.HEAD_FEATURES", 7)
    run("screen", path, "-w", county_folder, "-o", tmp_path / "out", "-q")
    text = (tmp_path / "out" / "screening.csv").read_text("utf-8-sig")
    assert text.count(",redlines,") == 20
