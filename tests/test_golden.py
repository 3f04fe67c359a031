"""The headline numbers of the sample county, worked out a second way from the committed files.

The oracle shares no code with the library: shapely's exact overlay in longitude and latitude, edges cut to 10 m, and
the geodesic areas and lengths of GeographicLib (through pyproj).
"""

import json
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely

from ecogeo.cli import main

HOME = Path(__file__).parent.parent
GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)


def layer(name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(HOME / "layers" / f"{name}.gpkg")


def area_m2(shape: shapely.Geometry) -> float:
    return abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(shapely.segmentize(shape, 0.0001)))[0])


def length_m(shape: shapely.Geometry) -> float:
    return float(GEOD.geometry_length(shape))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    with pytest.raises(SystemExit) as stopped:
        main(["check", "-w", str(HOME), "-o", str(folder), "-q"])
    assert stopped.value.code == 1
    return folder


def rows(out: Path, name: str, key: str, layer: str = "redlines") -> pd.DataFrame:
    frame = pd.read_csv(out / f"{name}.csv", encoding="utf-8-sig")
    return (frame[frame["layer"] == layer] if name in {"screening", "dropped"} else frame).set_index(key)


CONSTRAINTS = {
    "site_in_redline": "redlines",
    "site_in_reserve": "reserves",
    "site_in_farmland": "farmland",
    "site_in_water_source": "water_sources",
    "site_in_river_management": "river_management",
    "site_in_mine": "mines",
    "site_in_control_unit": "control_units",
    "site_on_shoreline": "shorelines",
}


@pytest.mark.parametrize(("check", "role"), CONSTRAINTS.items())
def test_every_overlap_with_a_constraint(out: Path, check: str, role: str) -> None:
    screening = rows(out, "screening", "site_id", role)
    dropped = rows(out, "dropped", "site_id", role)["area_m2"].groupby("site_id").sum()
    ground = shapely.union_all(shapely.make_valid(layer(role).geometry.to_numpy()))
    measured = 0
    for site in layer("project_sites").itertuples(index=False):
        row = screening.loc[site.site_id]
        cut = site.geometry.intersection(ground)
        dimension = min(shapely.get_dimensions(site.geometry), shapely.get_dimensions(ground))
        raw = dict.fromkeys((1, 2), 0.0)
        if shapely.get_dimensions(cut) == dimension:
            raw |= {1: length_m(cut)} if dimension == 1 else {2: area_m2(cut)} if dimension == 2 else {}
        assert row["overlap_m2"] + dropped.get(site.site_id, 0.0) == pytest.approx(raw[2], rel=1e-6, abs=0.011)
        assert row["length_m"] == pytest.approx(raw[1], rel=1e-6, abs=0.011)
        measured += raw[1] + raw[2] > 0
    assert measured or role in {"mines", "water_sources", "shorelines"}, f"{check} measures nothing on the sample"


def test_ground_outside_the_urban_boundary(out: Path) -> None:
    screening = rows(out, "screening", "site_id", "urban_boundary")
    ground = shapely.difference(
        layer("county").geometry[0], shapely.union_all(layer("urban_boundary").geometry.to_numpy())
    )
    for site in layer("project_sites").itertuples(index=False):
        if shapely.get_dimensions(site.geometry) == 2:
            expected = area_m2(site.geometry.intersection(ground))
            assert screening.loc[site.site_id, "overlap_m2"] == pytest.approx(expected, rel=1e-6, abs=0.011)


def test_ground_steeper_than_25_degrees(out: Path) -> None:
    """The oracle takes the slope cell by cell and cuts each site by the cells' own outlines."""
    screening = rows(out, "screening", "site_id", "dem")
    with rasterio.open(HOME / "layers" / "dem.tif") as source:
        heights, at, nodata, crs = source.read(1).astype(float), source.transform, source.nodata, source.crs
    to_lonlat = pyproj.Transformer.from_crs(crs, "EPSG:4490", always_xy=True)
    measured = 0.0
    for site in layer("project_sites").itertuples(index=False):
        if shapely.get_dimensions(site.geometry) != 2:
            continue
        west, south, east, north = to_lonlat.transform_bounds(*site.geometry.bounds, direction="INVERSE")
        steep, is_known = 0.0, True
        for row in range(int((at.f - north) / 30) - 1, int((at.f - south) / 30) + 2):
            for column in range(int((west - at.c) / 30) - 1, int((east - at.c) / 30) + 2):
                x, y = at.c + column * 30, at.f - row * 30
                corners = [(x, y), (x + 30, y), (x + 30, y - 30), (x, y - 30)]
                cut = site.geometry.intersection(shapely.Polygon([to_lonlat.transform(*corner) for corner in corners]))
                if cut.area == 0:
                    continue
                if not (0 < row < len(heights) - 1 and 0 < column < heights.shape[1] - 1):
                    is_known = False
                    continue
                (a, b, c), (d, e, f), (g, h, i) = heights[row - 1 : row + 2, column - 1 : column + 2]
                if nodata in (a, b, c, d, e, f, g, h, i):
                    is_known = False
                    continue
                x_rise, y_rise = (c + 2 * f + i - a - 2 * d - g) / 240, (g + 2 * h + i - a - 2 * b - c) / 240
                if math.degrees(math.atan(math.hypot(x_rise, y_rise))) > 25:
                    steep += area_m2(cut)
        answer = screening.loc[site.site_id, "answer"]
        assert screening.loc[site.site_id, "overlap_m2"] == pytest.approx(steep, rel=1e-6, abs=0.011)
        assert answer == ("involved" if steep else "clear" if is_known else "undetermined")
        measured += steep
    assert measured > 1000


def test_distances_to_receptors(out: Path) -> None:
    screening = rows(out, "screening", "site_id", "receptors")
    listed = pd.read_csv(out / "receptors.csv", encoding="utf-8-sig")
    receptors = layer("receptors")
    for site in layer("project_sites").itertuples(index=False):
        outline = shapely.get_coordinates(shapely.segmentize(site.geometry, 0.0001))
        distance = pd.Series(
            [
                GEOD.inv(*outline.T, np.full(len(outline), one.x), np.full(len(outline), one.y))[2].min()
                for one in receptors.geometry
            ],
            index=receptors["receptor_id"],
        )
        assert screening.loc[site.site_id, "distance_m"] == pytest.approx(distance.min(), abs=0.2)
        pairs = listed[listed["site_id"] == site.site_id].set_index("receptor_id")["distance_m"]
        assert set(pairs.index) == set(distance.index[distance <= 200])
        assert pairs.to_dict() == pytest.approx(distance[pairs.index].to_dict(), abs=0.2)
    assert len(listed) > 20


def test_every_project_has_an_answer(out: Path) -> None:
    screening = rows(out, "screening", "site_id")
    sites, projects = (
        layer("project_sites"),
        pd.read_csv(HOME / "data" / "liujiang" / "projects.csv", encoding="utf-8-sig"),
    )
    assert len(projects) == 58
    assert set(screening.index) == {*sites["site_id"], *projects["project_id"]}
    unlocated = rows(out, "unlocated", "project_id")
    assert set(unlocated.index) == set(projects["project_id"]) - set(sites["project_id"].dropna())
    assert set(screening.loc[unlocated.index, "answer"]) == {"undetermined"}
    vague = sites[sites["accuracy_m"] > 0].set_index("site_id")
    assert "clear" not in set(screening.loc[vague.index, "answer"]), "no vaguely placed project is declared clear here"


def test_answers_of_the_built_in_cases(out: Path) -> None:
    answers = rows(out, "screening", "site_id")["answer"]
    expected = {
        "involved": ["DEMO-01", "DEMO-03", "DEMO-10", "DEMO-11"],
        "clear": ["DEMO-02", "DEMO-04", "DEMO-06", "DEMO-09"],
        "possible": ["DEMO-05", "DEMO-12"],
        "undetermined": ["DEMO-07", "DEMO-08"],
    }
    assert {
        answer: [case for case in sorted(answers.index) if case.startswith("DEMO") and answers[case] == answer]
        for answer in expected
    } == expected


def test_shoreline_lengths(out: Path) -> None:
    shoreline = rows(out, "shoreline", "reach_id")
    zones, reaches = layer("shorelines"), layer("river_reaches").set_index("reach_id")
    columns = {
        "保护区": "protected_m",
        "保留区": "reserved_m",
        "控制利用区": "controlled_m",
        "开发利用区": "developed_m",
    }
    for reach_id, row in shoreline.iterrows():
        assert row["bank_m"] == pytest.approx(length_m(reaches.geometry[reach_id]), rel=1e-6, abs=0.02)
        mine = zones[zones["reach_id"] == reach_id]
        lengths = {column: sum(map(length_m, mine[mine["zone"] == zone].geometry)) for zone, column in columns.items()}
        if reach_id != "R05":  # the one reach where two zones claim the same bank
            assert row[list(columns.values())].to_dict() == pytest.approx(lengths, rel=1e-5, abs=0.05)
        else:
            assert sum(lengths.values()) - row[list(columns.values())].sum() > 1
            assert row["protected_m"] == pytest.approx(lengths["protected_m"], rel=1e-5, abs=0.05), "the stricter wins"
        assert row["bank_m"] == pytest.approx(row[[*columns.values(), "unzoned_m"]].sum(), abs=0.05)
        if reach_id == "R09":  # the one reach nobody zoned: no data is no rate
            assert pd.isna(row["protection_pct"])
            assert pd.isna(row["met"])
        else:
            rate = 100 * (row["protected_m"] + row["reserved_m"]) / row["bank_m"]
            assert row["protection_pct"] == pytest.approx(rate, abs=0.01)
    totals, zoned = rows(out, "shoreline_totals", "name"), shoreline.drop(index="R09")
    assert totals.loc["county", "bank_m"] == pytest.approx(zoned["bank_m"].sum(), abs=0.2)
    rate = 100 * (zoned["protected_m"] + zoned["reserved_m"]).sum() / zoned["bank_m"].sum()
    assert totals.loc["county", "protection_pct"] == pytest.approx(rate, abs=0.01)
    assert totals.loc["county", ["reaches", "reaches_unzoned"]].tolist() == [len(reaches) - 1, 1]


def test_summary_counts_what_the_files_hold(out: Path) -> None:
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    counts = rows(out, "screening", "site_id")["answer"].value_counts().to_dict()
    assert summary["answers"]["redlines"] == {"involved": 4, "clear": 4, **counts}
    assert sum(map(sum, (one.values() for one in summary["answers"].values()))) == 70 * 11, (
        "sites and projects × layers"
    )
    assert sum(summary["findings"].values()) == len(rows(out, "findings", "check"))
    assert {run["status"] for run in summary["checks"]} == {"run"}
    assert summary["notice"] == "示意数据，不作为法定依据"
