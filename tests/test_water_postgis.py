"""Shorelines, red lines, mines, distances of the sample against PostGIS, which measures with GeographicLib."""

import os
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import psycopg
import pytest
import shapely
from postgres import running_server, why_absent

from ecogeo.check import choose_checks, run_checks
from ecogeo.finding import Report
from ecogeo.workspace import open_workspace

ABSENT = why_absent()
pytestmark = pytest.mark.skipif(bool(ABSENT) and "ECOGEO_REQUIRE_POSTGIS" not in os.environ, reason=ABSENT)
ROOT = Path(__file__).parent.parent
KEYS = {
    "river_reaches": "reach_id",
    "shorelines": "shore_id",
    "redlines": "redline_id",
    "redlines_earlier": "redline_id",
    "mines": "mine_id",
    "receptors": "receptor_id",
    "pollution_sources": "source_id",
}
CHECKS = ("shoreline_protection_rate", "redline_reduced", "mine_on_protected_ground", "source_near_receptor")


@pytest.fixture(scope="module")
def postgis() -> Iterator[psycopg.Connection]:
    with running_server() as server, server.connect() as connection:
        connection.execute("CREATE EXTENSION postgis")
        for name, key in KEYS.items():
            layer = gpd.read_file(ROOT / "layers" / f"{name}.gpkg")
            connection.execute(f"CREATE TABLE {name} (id text, kind text, geom geometry(Geometry, 4490))")
            kind = next((field for field in ("zone", "kind", "mine_state") if field in layer), key)
            with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as rows:
                for one, what, shape in zip(layer[key], layer[kind], layer.geometry, strict=True):
                    text = shapely.to_wkb(shapely.set_srid(shape, 4490), hex=True, include_srid=True)
                    rows.write_row((one, what, text))
        yield connection


@pytest.fixture(scope="module")
def report() -> Report:
    return run_checks(open_workspace(ROOT), choose_checks(CHECKS))


def test_both_banks_of_every_reach(postgis: psycopg.Connection, report: Report) -> None:
    lengths = dict(postgis.execute("SELECT id, ST_Length(geom::geography) FROM river_reaches").fetchall())
    assert report.tables["shoreline"].set_index("reach_id")["bank_m"].to_dict() == pytest.approx(lengths, rel=1e-8)


def test_zones_of_the_county(postgis: psycopg.Connection, report: Report) -> None:
    """Every zone lies on its bank; where two overlap (R05) the stricter one keeps its whole length."""
    query = "SELECT kind, sum(ST_Length(geom::geography)) FROM shorelines GROUP BY kind"
    lengths = dict(postgis.execute(query).fetchall())
    county = report.tables["shoreline"]
    assert county["protected_m"].sum() == pytest.approx(lengths["保护区"], rel=2e-6)
    overlap = report.tables["shoreline_segments"].query("kind == 'overlap'")["length_m"].sum()
    rest = county[["reserved_m", "controlled_m", "developed_m"]].to_numpy().sum() + overlap
    assert rest == pytest.approx(sum(lengths.values()) - lengths["保护区"], rel=2e-6)


def test_red_lines_of_two_versions(postgis: psycopg.Connection, report: Report) -> None:
    query = """
        WITH before AS (SELECT ST_Union(geom) AS g FROM redlines_earlier),
             after AS (SELECT ST_Union(geom) AS g FROM redlines)
        SELECT ST_Area(before.g::geography), ST_Area(after.g::geography),
               ST_Area(ST_Difference(before.g, after.g)::geography),
               ST_Area(ST_Difference(after.g, before.g)::geography)
        FROM before, after"""
    earlier, now, removed, added = postgis.execute(query).fetchone()
    county = report.tables["redline_balance"].iloc[0]
    assert [county["earlier_m2"], county["now_m2"]] == pytest.approx([earlier, now], rel=1e-7)
    assert county["removed_m2"] + county["noise_removed_m2"] == pytest.approx(removed, abs=0.5)
    assert county["added_m2"] + county["noise_added_m2"] == pytest.approx(added, abs=0.5)


def test_mines_in_red_lines(postgis: psycopg.Connection, report: Report) -> None:
    query = """
        SELECT m.id, r.id, sum(ST_Area(ST_Intersection(m.geom, r.geom)::geography))
        FROM mines m JOIN redlines r ON ST_Intersects(m.geom, r.geom) GROUP BY m.id, r.id"""
    areas = {(mine, line): area for mine, line, area in postgis.execute(query).fetchall()}
    rows = report.tables["mine_overlaps"].query("layer == 'redlines'").set_index(["mine_id", "zone_id"])
    assert rows["overlap_m2"].to_dict() == pytest.approx(areas, abs=0.5)


def test_sources_and_receptors(postgis: psycopg.Connection, report: Report) -> None:
    query = """
        SELECT s.id, r.id, ST_Distance(s.geom::geography, r.geom::geography)
        FROM pollution_sources s JOIN receptors r ON ST_DWithin(s.geom::geography, r.geom::geography, 500)"""
    distances = {(source, target): metres for source, target, metres in postgis.execute(query).fetchall()}
    rows = report.tables["source_distances"].query("is_within == 'yes' and layer == 'receptors'")
    found = rows.set_index(["source_id", "target_id"])["distance_m"].to_dict()
    assert len(found) > 5
    assert found == pytest.approx(distances, abs=1e-3)
