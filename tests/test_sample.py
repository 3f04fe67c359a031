"""The sample county: its facts, its topology, and that every case on purpose is what it says, measured anew."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ROOT / "layers"
TABLES = ROOT / "data" / "liujiang"
sys.path.insert(0, str(ROOT / "scripts"))

from sample import facts, trace  # noqa: E402
from sample.frame import Grid, plane_point, shapes_of, to_lonlat, to_plane  # noqa: E402
from sample.places import places_to_sites  # noqa: E402

NOTICE = "示意数据，不作为法定依据"
KEYS = {
    "county": "county_code",
    "towns": "town_code",
    "villages": "village_code",
    "redlines": "redline_id",
    "redlines_earlier": "redline_id",
    "reserves": "reserve_id",
    "reserves_earlier": "reserve_id",
    "farmland": "parcel_id",
    "farmland_coverage": "coverage_id",
    "urban_boundary": "boundary_id",
    "control_units": "unit_id",
    "water_sources": "source_id",
    "river_reaches": "reach_id",
    "water_bodies": "body_id",
    "shorelines": "shore_id",
    "river_management": "strip_id",
    "mines": "part_id",
    "receptors": "receptor_id",
    "pollution_sources": "source_id",
    "project_sites": "site_id",
    "landuse": "BSM",
    "landuse_earlier": "BSM",
}
GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)


def km2(shape: shapely.Geometry) -> float:
    """Measure with the geodesic library, which the drawing does not use."""
    return abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0]) / 1e6


@pytest.fixture(scope="module")
def layers() -> dict[str, gpd.GeoDataFrame]:
    return {role: gpd.read_file(LAYERS / f"{role}.gpkg", engine="pyogrio") for role in KEYS}


@pytest.fixture(scope="module")
def plane(layers) -> dict[str, np.ndarray]:
    return {role: to_plane(layer.geometry.to_numpy()) for role, layer in layers.items()}


@pytest.fixture(scope="module")
def sites(layers, plane) -> dict[str, shapely.Geometry]:
    return dict(zip(layers["project_sites"]["site_id"], plane["project_sites"], strict=True))


@pytest.fixture(scope="module")
def redline(plane) -> shapely.Geometry:
    return shapely.union_all(plane["redlines"])


# The files


def test_two_builds_are_the_same_bytes_and_the_repository_holds_such_files(tmp_path):
    command = [sys.executable, str(ROOT / "scripts" / "build_sample.py"), "--out"]
    runs = [subprocess.Popen([*command, str(tmp_path / name)], stdout=subprocess.DEVNULL) for name in ("a", "b")]
    assert [run.wait(timeout=240) for run in runs] == [0, 0]
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted([*(f"{role}.gpkg" for role in KEYS), "dem.tif", "landcover.tif"])
    for name in names:
        first, second = ((tmp_path / run / name).read_bytes() for run in ("a", "b"))
        assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest(), name
    for role in KEYS:
        drawn, kept = (pyogrio.read_info(folder / f"{role}.gpkg") for folder in (tmp_path / "a", LAYERS))
        assert drawn["features"] == kept["features"], role
        assert drawn["fields"].tolist() == kept["fields"].tolist(), role
        np.testing.assert_allclose(drawn["total_bounds"], kept["total_bounds"], atol=1e-9, err_msg=role)


def test_layers_are_small():
    assert sum(path.stat().st_size for path in LAYERS.iterdir()) < 12_000_000


def test_every_layer_is_named_by_its_role_in_cgcs2000_with_a_unique_text_key(layers):
    for role, key in KEYS.items():
        layer = layers[role]
        assert pyogrio.list_layers(LAYERS / f"{role}.gpkg")[:, 0].tolist() == [role]
        assert layer.crs.to_epsg() == 4490, role
        assert layer[key].map(type).eq(str).all(), role
        assert layer[key].is_unique, role
        assert (layer[key] != "").all(), role


def test_every_feature_and_raster_carries_the_notice(layers):
    for role, layer in layers.items():
        assert (layer["note"] == NOTICE).all(), role
    for name in ("landcover.tif", "dem.tif"):
        with rasterio.open(LAYERS / name) as raster:
            assert raster.tags()["NOTICE"] == NOTICE
            assert raster.crs.to_epsg() == 4545
            assert raster.res == (30.0, 30.0)


def test_all_shapes_are_valid_but_one_parcel_that_crosses_itself(layers):
    invalid = [
        (role, layer.loc[index, KEYS[role]]) for role, layer in layers.items() for index in layer.index[~layer.is_valid]
    ]
    assert [role for role, _ in invalid] == ["farmland"]
    bow_tie = layers["farmland"].set_index("parcel_id").geometry[invalid[0][1]]
    assert shapely.is_valid_reason(bow_tie).startswith("Self-intersection")
    assert not any(layer.geometry.is_empty.any() for layer in layers.values())


def test_nothing_is_drawn_far_off(layers):
    for role, layer in layers.items():
        west, south, east, north = layer.total_bounds
        assert west > 108.85, role
        assert south > 23.85, role
        assert east < 109.65, role
        assert north < 24.46, role


# County and towns


def test_county_measures_1773_km2(layers):
    county = layers["county"]
    assert km2(county.geometry[0]) == pytest.approx(1773.0, abs=0.005)
    assert county.loc[0, ["county_code", "county_name"]].tolist() == ["450206", "柳江区"]
    assert county.loc[0, "area_km2"] == pytest.approx(1773.0, abs=0.005)


def test_county_reaches_across_the_zone_limit(layers):
    east = layers["county"].geometry[0].intersection(shapely.box(109.5, 23.0, 110.0, 25.0))
    assert km2(east) > 1.0


@pytest.mark.parametrize("role", ["towns", "control_units"])
def test_partitions_cover_the_county_without_gap_or_overlap(layers, role):
    pieces = layers[role].geometry.to_numpy()
    assert shapely.coverage_is_valid(pieces)
    assert shapely.coverage_union_all(pieces).equals(layers["county"].geometry[0])


def test_towns_have_the_areas_on_record_and_hold_their_seats(layers):
    towns = layers["towns"].set_index("town_name")
    recorded = towns["recorded_area_km2"].dropna().to_dict()
    assert recorded == {"拉堡镇": 39.5, "穿山镇": 463.2}
    assert 408 <= km2(towns.geometry["土博镇"]) <= 416, "the range on record"
    for name, area_km2 in recorded.items():
        assert km2(towns.geometry[name]) == pytest.approx(area_km2, rel=0.01)
    gazetteer = pd.read_csv(TABLES / "gazetteer.csv", encoding="utf-8-sig")
    seats = gazetteer[gazetteer["kind"] == "town_seat"]
    assert set(seats["name"]) == set(towns.index)
    for name, lon, lat in seats[["name", "lon", "lat"]].itertuples(index=False):
        assert towns.geometry[name].contains(shapely.Point(lon, lat)), name


def test_facts_agree_with_the_tables(layers):
    rivers = pd.read_csv(TABLES / "river_works.csv", encoding="utf-8-sig")
    drawn = {river.name: (river.basin, river.length_km) for river in facts.RIVERS}
    for name, basin, length_km in rivers[["river", "basin", "works_length_km"]].itertuples(index=False):
        assert drawn[name] == (basin, None if np.isnan(length_km) else length_km)
    towns = pd.read_csv(TABLES / "towns.csv", encoding="utf-8-sig").set_index("town_code")["town_name"]
    assert towns.to_dict() == {town.code: town.name for town in facts.TOWNS}
    assert sum(town.drawn_km2 for town in facts.TOWNS) == pytest.approx(1773.0)


def test_villages_are_all_there_and_only_known_ones_are_placed_by_the_gazetteer(layers):
    villages = layers["villages"]
    listed = pd.read_csv(TABLES / "villages.csv", encoding="utf-8-sig")
    assert len(villages) == len(listed) == 118
    assert set(zip(villages["town_name"], villages["village_name"], strict=True)) == set(
        listed.itertuples(index=False, name=None)
    )
    known = villages[villages["is_placed_by_gazetteer"]].set_index("village_name")
    assert sorted(known.index) == ["六道村", "屯兵村", "怀洪村", "板塘村"]
    assert known.geometry["屯兵村"].distance(shapely.Point(109.02, 24.27)) < 1e-9
    assert known["accuracy_m"].to_dict() == {"六道村": 7000.0, "怀洪村": 7000.0, "屯兵村": 1500.0, "板塘村": 9000.0}


def test_a_drawn_village_lies_in_its_town_and_owns_up_to_the_whole_town(layers, plane):
    towns = dict(zip(layers["towns"]["town_name"], plane["towns"], strict=True))
    villages = layers["villages"]
    for row, point in zip(villages.itertuples(), plane["villages"], strict=True):
        town = towns[row.town_name]
        if not row.is_placed_by_gazetteer:
            assert town.contains(point)
            farthest_m = max(shapely.distance(shapely.points(shapely.get_coordinates(town)), point))
            assert row.accuracy_m == pytest.approx(farthest_m, abs=1.0)


# Protection


def test_redlines_are_many_intricate_pieces_without_overlap(layers, plane):
    redlines = layers["redlines"]
    shapes = plane["redlines"]
    assert 60 <= len(redlines) <= 120
    assert redlines.geometry.count_coordinates().sum() >= 8_000
    assert (redlines.geometry.geom_type == "MultiPolygon").all()
    assert (shapely.get_num_geometries(shapes) > 1).sum() >= 3
    assert shapely.get_num_interior_rings(shapely.get_parts(shapes)).sum() >= 5
    assert set(zip(redlines["unit_name"], redlines["redline_type"], strict=True)) == set(facts.REDLINE_UNITS.items())
    assert shapely.union_all(shapes).area == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)
    share = sum(km2(shape) for shape in redlines.geometry) / 1773.0
    assert 0.20 < share < 0.28
    assert layers["county"].geometry[0].buffer(1e-9).covers(shapely.union_all(redlines.geometry))


def test_priority_units_follow_the_redlines(layers, plane):
    units = dict(zip(layers["control_units"]["unit_name"], plane["control_units"], strict=True))
    for unit, shape in zip(layers["redlines"]["unit_name"], plane["redlines"], strict=True):
        assert shape.difference(units[unit]).area < 0.02 * shape.area
    classes = layers["control_units"].groupby("unit_class").size().to_dict()
    assert classes == {"优先保护单元": 3, "重点管控单元": 2, "一般管控单元": 1}


def test_reserve_lies_mostly_in_the_redlines_its_core_wholly(layers, plane, redline):
    zone = dict(zip(layers["reserves"]["zone"], plane["reserves"], strict=True))
    assert zone["核心保护区"].difference(redline).area == pytest.approx(0.0, abs=1.0)
    assert zone["一般控制区"].intersection(redline).area > 0.6 * zone["一般控制区"].area
    assert zone["核心保护区"].intersection(zone["一般控制区"]).area == pytest.approx(0.0, abs=1e-3)


def test_water_source_zones_are_nested_and_apart(layers, plane):
    sources = layers["water_sources"].assign(shape=plane["water_sources"])
    assert sources["source_name"].nunique() == 3
    for _, zones in sources.groupby("source_name"):
        shape = zones.set_index("grade")["shape"]
        assert set(shape.index) == {"一级", "二级", "准保护区"}
        assert shapely.union_all(shape).area == pytest.approx(shapely.area(shape.to_numpy()).sum(), rel=1e-9)
        outer = shapely.get_parts(shape["二级"])
        assert shapely.union_all([shapely.Polygon(part.exterior) for part in outer]).covers(shape["一级"].buffer(-0.01))


def test_farmland_is_in_the_plain_with_the_faults_built_in(layers, plane, redline):
    farmland = layers["farmland"]
    assert 1_500 <= len(farmland) <= 2_500
    assert set(farmland["dlbm"]) == {"0101", "0103"}
    assert farmland["kcxs"].between(0.0, 0.12).all()
    assert set(farmland["town_name"]) == {town.name for town in facts.TOWNS} - {"土博镇"}
    sound = farmland[farmland.is_valid]
    measured_ha = np.array([100.0 * km2(shape) for shape in sound.geometry])
    off = np.abs(sound["area_ha"] / measured_ha - 1.0)
    assert (off > 0.10).sum() == 2
    assert (off[off <= 0.10] < 1e-4).all()
    shapes = to_plane(sound.geometry.to_numpy())
    shapely.prepare(redline)
    assert not shapely.intersects(redline, shapes).any()
    assert shapely.union_all(shapes).area == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)


def test_farmland_says_what_it_covers(layers):
    towns = layers["towns"].set_index("town_name").geometry
    covered = layers["farmland_coverage"].geometry[0]
    assert km2(covered) == pytest.approx(1773.0 - km2(towns["土博镇"]), abs=0.001)
    assert shapely.covers(covered.buffer(1e-9), layers["farmland"].geometry.buffer(0)).all()


def test_urban_zones_do_not_overlap(layers, plane):
    assert set(layers["urban_boundary"]["zone"]) == {"城镇集中建设区", "弹性发展区", "特别用途区"}
    shapes = plane["urban_boundary"]
    assert shapely.union_all(shapes).area == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)


# Rivers


def test_reaches_have_two_banks_and_join(layers, plane):
    reaches = layers["river_reaches"]
    assert 12 <= len(reaches) <= 20
    assert (shapely.get_num_geometries(plane["river_reaches"]) == 2).all()
    assert dict(reaches.groupby("river")["basin"].first()) == {river.name: river.basin for river in facts.RIVERS}
    for _, group in reaches.groupby("river"):
        banks = [reaches.geometry[index].geoms for index in group.index]
        for above, below in pairwise(banks):
            assert [bank.coords[-1] for bank in above] == [bank.coords[0] for bank in below]


def test_left_bank_is_on_the_left_and_widths_are_true(layers, plane):
    for width_m, shape in zip(layers["river_reaches"]["width_m"], plane["river_reaches"], strict=True):
        left, right = (shapely.get_coordinates(bank) for bank in shape.geoms)
        along = np.diff((left + right) / 2, axis=0)
        across = (left - right)[:-1]
        assert (along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0] > 0).all()
        assert 15.0 <= width_m <= 80.0
        assert np.hypot(*(left - right).T).mean() == pytest.approx(width_m, abs=0.01)


@pytest.mark.parametrize(
    ("river", "length_km"), [("三千河", 35.903), ("九曲河", 3.862), ("保村河", 2.19), ("进德河", 1.63)]
)
def test_rivers_of_the_works_have_the_works_length(layers, river, length_km):
    reaches = layers["river_reaches"]
    length_m = 0.0
    for shape in reaches.geometry[reaches["river"] == river]:
        left, right = (shapely.get_coordinates(bank) for bank in shape.geoms)
        length_m += GEOD.geometry_length(shapely.LineString((left + right) / 2))
    assert length_m / 1_000 == pytest.approx(length_km, rel=0.002)


def test_rivers_run_out_of_the_upland_and_to_the_border_or_into_each_other(layers, plane):
    county = plane["county"][0]
    reaches = layers["river_reaches"]
    surface = dict(zip(layers["water_bodies"]["name"], plane["water_bodies"], strict=True))
    for river in facts.RIVERS:
        last = plane["river_reaches"][reaches.index[reaches["river"] == river.name][-1]]
        mouth = shapely.MultiPoint([bank.coords[-1] for bank in last.geoms]).centroid
        if river.into is None:
            assert mouth.distance(county.exterior) < 100.0
        else:
            assert mouth.distance(surface[river.into]) < 30.0


def test_water_lies_between_the_banks_and_bodies_do_not_overlap(layers, plane):
    shapes = plane["water_bodies"]
    assert shapely.union_all(shapes).area == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)
    assert plane["county"][0].buffer(0.01).covers(shapely.union_all(shapes))
    assert set(layers["water_bodies"]["kind"]) == {"河流水面", "水库水面"}


def test_managed_land_holds_the_water_of_its_river(layers, plane):
    managed = shapely.union_all(plane["river_management"])
    rivers = plane["water_bodies"][layers["water_bodies"]["kind"] == "河流水面"]
    assert all(managed.buffer(0.01).covers(river) for river in rivers)


def test_shorelines_lie_exactly_on_their_banks(layers):
    banks = {
        (row.reach_id, bank): set(line.coords)
        for row in layers["river_reaches"].itertuples()
        for bank, line in zip(("左岸", "右岸"), row.geometry.geoms, strict=True)
    }
    for row in layers["shorelines"].itertuples():
        assert set(row.geometry.coords) <= banks[row.reach_id, row.bank]
        assert row.zone in {"保护区", "保留区", "控制利用区", "开发利用区"}


def test_shorelines_have_gaps_one_overlap_and_one_reach_without_zones(layers, plane):
    zoned = shapely.length(plane["shorelines"])
    shores = layers["shorelines"].assign(length_m=zoned, shape=plane["shorelines"])
    reaches = layers["river_reaches"].assign(length_m=shapely.length(plane["river_reaches"]))
    assert len(set(reaches["reach_id"]) - set(shores["reach_id"])) == 1
    share = shores.groupby("reach_id")["length_m"].sum() / reaches.set_index("reach_id")["length_m"]
    assert (share < 0.999).sum() >= 3
    assert share.mean() > 0.8
    overlaps = {
        (row.reach_id, row.bank)
        for row in shores.itertuples()
        for other in shores[(shores["reach_id"] == row.reach_id) & (shores["bank"] == row.bank)].itertuples()
        if row.shore_id < other.shore_id and row.zone != other.zone and row.shape.intersection(other.shape).length > 1.0
    }
    assert len(overlaps) == 1


# Mines and people


def test_mines_have_every_state_and_parts_that_do_not_overlap(layers, plane, redline):
    mines = layers["mines"].assign(shape=plane["mines"])
    assert mines["mine_id"].nunique() == 14
    assert set(mines["mine_state"]) == {"历史遗留", "有责任主体", "闭坑", "在产"}
    assert set(mines["part"]) == {"扰动", "已修复"}
    producing = mines["mine_state"] == "在产"
    assert mines.loc[producing, "is_green"].notna().all()
    assert mines.loc[~producing, "is_green"].isna().all()
    assert shapely.union_all(mines["shape"]).area == pytest.approx(
        shapely.area(mines["shape"].to_numpy()).sum(), rel=1e-9
    )
    at_redline = mines[shapely.intersects(mines["shape"].to_numpy(), redline)]["mine_id"].nunique()
    assert 2 <= at_redline <= 6


def test_receptors_lie_in_the_county(layers, plane):
    assert set(layers["receptors"]["kind"]) == {"学校", "卫生院", "居民点"}
    assert plane["county"][0].covers(shapely.union_all(plane["receptors"]))
    assert layers["receptors"]["receptor_name"].str.startswith("示意").all()


# The cases on purpose, measured


def test_purposes_are_told_apart(layers):
    demo = layers["project_sites"][layers["project_sites"]["site_id"].str.startswith("DEMO-")]
    assert len(demo) == 12
    assert demo["purpose"].is_unique
    assert (demo["project_id"] == "").all()
    assert demo["accuracy_m"].tolist() == [0.0] * 11 + [30.0]


def test_site_inside_a_redline(sites, redline):
    assert redline.contains(sites["DEMO-01"])


def test_site_outside_the_redlines(sites, redline, plane):
    assert sites["DEMO-02"].distance(redline) > 100.0
    assert plane["county"][0].contains(sites["DEMO-02"])


def test_site_on_two_redline_pieces(sites, plane):
    site = sites["DEMO-03"]
    pieces = shapely.get_parts(plane["redlines"])
    area_m2 = shapely.area(shapely.intersection(pieces, site))
    assert (area_m2 > 1_000.0).sum() == 2
    assert area_m2.sum() < 0.9 * site.area


def test_site_that_touches_a_redline(layers):
    by_id = layers["project_sites"].set_index("site_id").geometry
    site = by_id["DEMO-04"]
    touched = [shape for shape in layers["redlines"].geometry if shape.intersects(site)]
    assert len(touched) == 1
    assert touched[0].touches(site)
    assert touched[0].intersection(site).area == 0.0
    assert GEOD.geometry_length(touched[0].intersection(site)) > 100.0


def test_site_with_a_sliver_over_a_redline(sites, redline):
    sliver = sites["DEMO-05"].intersection(redline)
    assert sliver.area == pytest.approx(0.05 * 120.0, rel=0.15)
    length_m = sliver.length / 2
    assert length_m == pytest.approx(120.0, rel=0.05)
    assert sliver.area / length_m == pytest.approx(0.05, rel=0.15)
    assert sites["DEMO-05"].area > 5_000.0


def test_site_across_the_zone_limit(layers):
    site = layers["project_sites"].set_index("site_id").geometry["DEMO-06"]
    assert site.bounds[0] < 109.5 < site.bounds[2]
    assert layers["county"].geometry[0].contains(site)


def test_sites_beyond_the_county(sites, plane):
    county = plane["county"][0]
    inside = sites["DEMO-07"].intersection(county).area / sites["DEMO-07"].area
    assert 0.1 < inside < 0.9
    assert sites["DEMO-08"].distance(county) > 1_000.0


def test_site_in_a_hole(sites, redline):
    site = sites["DEMO-09"]
    assert site.disjoint(redline)
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(redline) for ring in part.interiors]
    assert any(hole.contains(site) for hole in holes)


def test_pipeline_and_point(sites, redline):
    assert sites["DEMO-10"].geom_type == "LineString"
    assert len(shapely.get_parts(sites["DEMO-10"].intersection(redline))) >= 2
    assert sites["DEMO-11"].geom_type == "Point"
    assert redline.contains(sites["DEMO-11"])


def test_site_25_m_from_a_redline(layers, sites, redline):
    gap = to_lonlat(shapes_of([shapely.shortest_line(sites["DEMO-12"], redline)]))[0]
    assert GEOD.geometry_length(gap) == pytest.approx(25.0, abs=0.1)


# Real projects


def test_real_projects_have_no_outline_and_only_where_their_words_name_a_place(layers):
    projects = pd.read_csv(TABLES / "projects.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False)
    placed = projects[~projects["location_basis"].isin(["county", "none"])].set_index("project_id")
    real = layers["project_sites"][layers["project_sites"]["project_id"] != ""].set_index("site_id")
    assert sorted(real.index) == sorted(placed.index)
    assert real["place"].to_dict() == placed["place"].to_dict()
    assert not real.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).any()
    assert (real["accuracy_m"] >= 1_000.0).all()
    stated = pd.to_numeric(placed["accuracy_m"].replace("", "0"))
    assert (real["accuracy_m"] >= stated[real.index]).all()


def _square_towns() -> np.ndarray:
    """Eight squares of 2 km around the seats."""
    return shapes_of(
        [shapely.Point(plane_point(town.seat)).buffer(1_000.0, cap_style="square") for town in facts.TOWNS]
    )


GAZETTEER = pd.DataFrame(
    [(town.name, *town.seat, 0.5) for town in facts.TOWNS]
    + [("板塘村(穿山镇)", 109.47, 23.99, 9.0), ("三千河(进德镇三千村)", 109.38, 24.19, 8.0)],
    columns=["name", "lon", "lat", "precision_km"],
)
COURSES = {"三千河": shapely.LineString([(0.0, 0.0), (10.0, 0.0)])}


def _projects(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [(f"P{number}", f"项目{number}", basis, place) for number, (basis, place) in enumerate(rows)],
        columns=["project_id", "name", "location_basis", "place"],
    )


def test_places_to_sites_by_hand():
    rows = [
        ("village", "穿山镇板塘村"),
        ("town", "三都镇"),
        ("town", "三都镇;里高镇"),
        ("line", "三千河"),
        ("county", "柳江区"),
        ("none", ""),
        ("village", "进德镇乐山村;进德镇白山村"),
    ]
    sites = places_to_sites(_projects(*rows), GAZETTEER, _square_towns(), COURSES).set_index("site_id")
    assert sites.index.tolist() == ["P0", "P1", "P2", "P3", "P6"]
    assert sites.geometry.geom_type.tolist() == ["Point", "Point", "MultiPoint", "LineString", "Point"]
    corner_m = np.ceil(np.sqrt(2.0) * 1_000.0)
    assert sites["accuracy_m"].tolist() == [9_000.0, corner_m, corner_m, 8_000.0, corner_m]
    assert sites["location_basis"].tolist() == ["village", "town", "town", "line", "town"]
    assert sites.geometry["P0"].distance(shapely.Point(plane_point((109.47, 23.99)))) == 0.0


def test_places_nobody_knows_are_all_named_at_once():
    rows = [("town", "无名镇"), ("line", "水源河"), ("village", "无名镇某村")]
    with pytest.raises(ValueError, match=r"P0: 无名镇; P1: 水源河; P2: 无名镇某村"):
        places_to_sites(_projects(*rows), GAZETTEER, _square_towns(), COURSES)


# Rasters


def test_rasters_cover_the_county_and_agree_with_the_layers(plane):
    with rasterio.open(LAYERS / "landcover.tif") as raster:
        cover, tags = raster.read(1), raster.tags()
    with rasterio.open(LAYERS / "dem.tif") as raster:
        height_m, nodata = raster.read(1), raster.nodata
        grid = Grid(raster.bounds.left, raster.bounds.top, 30.0, *raster.shape)
    inside = cover != 0
    assert ((height_m != nodata) == inside).all()
    assert inside.sum() * 900.0 == pytest.approx(plane["county"][0].area, rel=1e-4)
    assert {f"CLASS_{value}" for value in np.unique(cover[inside])} <= set(tags)
    assert height_m[inside].max() == 712
    assert (height_m == 712).sum() == 1
    assert height_m[inside].min() >= 70
    share = np.isin(cover[inside], (3, 4)).mean()
    assert 0.52 < share < 0.72
    assert (cover[grid.cells_at(shapely.centroid(plane["farmland"]))] == 1).mean() > 0.97


def test_summit_is_in_tubo_and_the_west_is_higher(plane, layers):
    with rasterio.open(LAYERS / "dem.tif") as raster:
        height_m = raster.read(1, masked=True)
        row, column = np.unravel_index(np.argmax(height_m), height_m.shape)
        summit = shapely.Point(raster.xy(row, column))
    town = layers["towns"].index[layers["towns"]["town_name"] == "土博镇"][0]
    assert plane["towns"][town].contains(summit)
    quarter = height_m.shape[1] // 4
    assert height_m[:, :quarter].mean() > 2.0 * height_m[:, quarter : 3 * quarter].mean()


# Drawing tools


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), min_size=5, max_size=5), min_size=5, max_size=5))
def test_traced_labels_divide_the_ground_without_rest(coarse):
    labels = np.kron(np.array(coarse), np.ones((6, 6))).astype(np.int32)
    grid = Grid(0.0, 300.0, 10.0, 30, 30)
    frame = shapely.box(5.0, 5.0, 295.0, 295.0)
    pieces = trace.faces(trace.borders(labels, grid), frame)
    assert shapely.area(pieces).sum() == pytest.approx(frame.area, rel=1e-9)
    assert shapely.coverage_is_valid(pieces)


def test_stretch_cuts_a_line_by_distance():
    line = shapely.LineString([(0, 0), (10, 0), (10, 10)])
    assert shapely.get_coordinates(trace.stretch(line, 5.0, 12.0)).tolist() == [[5, 0], [10, 0], [10, 2]]


def test_plane_and_lonlat_undo_each_other():
    place = shapes_of([shapely.Point(109.3, 24.26)])
    east, north = shapely.get_coordinates(to_plane(place))[0]
    assert (east, north) == pytest.approx((632017.749, 2684701.721), abs=0.001)
    assert shapely.get_coordinates(to_lonlat(to_plane(place)))[0] == pytest.approx([109.3, 24.26], abs=1e-11)


# The description


def test_readme_names_every_file_field_and_class(layers):
    text = (LAYERS / "README.md").read_text(encoding="utf-8")
    assert text.splitlines()[0].endswith(NOTICE)
    for role, layer in layers.items():
        line = next(line for line in text.splitlines() if line.startswith(f"| `{role}.gpkg` |"))
        for field in layer.columns.drop(["geometry", "note"]):
            assert f"`{field}`" in line, (role, field)
    with rasterio.open(LAYERS / "landcover.tif") as raster:
        for tag, name in raster.tags().items():
            if tag.startswith("CLASS_"):
                assert f"| {tag.removeprefix('CLASS_')} | {name} |" in text


def test_declarations_fit_the_files(layers):
    declared = tomllib.loads((LAYERS / "layers.toml").read_text(encoding="utf-8"))
    assert declared["county"]["notice"] == NOTICE
    for name, entry in declared["layers"].items():
        assert (LAYERS / entry["path"]).is_file(), name
        if entry["path"].endswith(".gpkg"):
            fields = set(layers[entry["role"]].columns)
            assert {entry["key"], entry["name"], *entry.get("fields", {}).values()} <= fields, name
            assert entry["key"] == KEYS[entry["role"]]
