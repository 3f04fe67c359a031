"""The headline numbers of the sample county, worked out a second way from the committed files.

The oracle shares no code with the library: shapely's exact overlay in longitude and latitude, edges cut to 10 m, and
the geodesic areas and lengths of GeographicLib (through pyproj).
"""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
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


def rows(out: Path, name: str, key: str) -> pd.DataFrame:
    return pd.read_csv(out / f"{name}.csv", encoding="utf-8-sig").set_index(key)


def test_every_overlap_with_a_red_line(out: Path) -> None:
    screening = rows(out, "screening", "site_id")
    dropped = rows(out, "dropped", "site_id")["area_m2"].groupby("site_id").sum()
    ground = shapely.union_all(layer("redlines").geometry.to_numpy())
    measured = 0
    for site in layer("project_sites").itertuples(index=False):
        row = screening.loc[site.site_id]
        cut = site.geometry.intersection(ground)
        if shapely.get_dimensions(site.geometry) == 2:
            raw = area_m2(cut) if shapely.get_dimensions(cut) == 2 else 0.0
            assert row["overlap_m2"] + dropped.get(site.site_id, 0.0) == pytest.approx(raw, rel=1e-6, abs=0.011)
            measured += raw > 0
        elif shapely.get_dimensions(site.geometry) == 1:
            expected = length_m(cut) if shapely.get_dimensions(cut) == 1 else 0.0
            assert row["length_m"] == pytest.approx(expected, rel=1e-6, abs=0.011)
            measured += expected > 0
    assert measured >= 4


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
        assert row["protection_pct"] == pytest.approx(
            100 * (row["protected_m"] + row["reserved_m"]) / row["bank_m"], abs=0.01
        )
    totals = rows(out, "shoreline_totals", "name")
    assert totals.loc["county", "bank_m"] == pytest.approx(shoreline["bank_m"].sum(), abs=0.2)
    assert totals.loc["county", "reaches"] == len(reaches)


def test_summary_counts_what_the_files_hold(out: Path) -> None:
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    counts = rows(out, "screening", "site_id")["answer"].value_counts().to_dict()
    assert summary["answers"]["redlines"] == {"involved": 4, "clear": 4, **counts}
    assert sum(summary["findings"].values()) == len(rows(out, "findings", "check"))
    assert {run["status"] for run in summary["checks"]} == {"run"}
    assert summary["notice"] == "示意数据，不作为法定依据"
