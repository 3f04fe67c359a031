"""Shorelines, strips, red lines, mines, land use, distances of the sample against PostGIS, which measures with
GeographicLib."""

import os
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import psycopg
import pytest
import shapely
from postgres import running_server, why_absent

from ecogeo.finding import Report

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
    "river_management": "strip_id",
    "landuse": "BSM",
    "landuse_earlier": "BSM",
    "towns": "town_code",
    "county": "county_code",
}
EDGES = 2e-5
"""The sides of patches are some 600 m long: geodesics in PostGIS, straight in longitude and latitude here."""

KINDS = {"mines": "part", "landuse": "DLBM", "landuse_earlier": "DLBM"}


@pytest.fixture(scope="module")
def postgis() -> Iterator[psycopg.Connection]:
    with running_server() as server, server.connect() as connection:
        connection.execute("CREATE EXTENSION postgis")
        for name, key in KEYS.items():
            layer = gpd.read_file(ROOT / "layers" / f"{name}.gpkg")
            connection.execute(f"CREATE TABLE {name} (id text, kind text, geom geometry(Geometry, 4490))")
            kind = KINDS.get(name) or next((field for field in ("zone", "kind") if field in layer), key)
            with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as rows:
                for one, what, shape in zip(layer[key], layer[kind], layer.geometry, strict=True):
                    text = shapely.to_wkb(shapely.set_srid(shape, 4490), hex=True, include_srid=True)
                    rows.write_row((one, what, text))
        yield connection


@pytest.fixture
def report(sample_report: Report) -> Report:
    return sample_report


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


def test_ground_of_mines(postgis: psycopg.Connection, report: Report) -> None:
    """Disturbed and restored parts of the sample do not overlap: sums of their areas, and the rate of all."""
    query = "SELECT kind, sum(ST_Area(geom::geography)) / 10000 FROM mines GROUP BY kind"
    areas = dict(postgis.execute(query).fetchall())
    rows = report.tables["mines"]
    assert rows["disturbed_ha"].sum() == pytest.approx(areas["扰动"], rel=1e-7)
    assert rows["restored_ha"].sum() == pytest.approx(areas["已修复"], rel=1e-7)


def test_uses_in_managed_areas(postgis: psycopg.Connection, report: Report) -> None:
    query = """
        SELECT l.id, sum(ST_Area(ST_Intersection(l.geom, r.geom)::geography))
        FROM landuse l JOIN river_management r ON ST_Intersects(l.geom, r.geom) GROUP BY l.id"""
    areas = {use: area for use, area in postgis.execute(query).fetchall() if area > 0.01}
    rows = report.tables["river_strip_uses"].query("ground == 'management area' and layer == 'landuse'")
    found = rows.groupby("use_id")["overlap_m2"].sum()
    assert len(areas) > 20
    assert found[found > 0.01].to_dict() == pytest.approx(areas, rel=EDGES, abs=0.02)


def test_strips_along_the_banks(postgis: psycopg.Connection, report: Report) -> None:
    """Both banks widened by 50 m in the Gauss plane, square at the ends, less the water between them.

    The plane's scale squared is within 4 in 10 000 of 1 over the sample. The zone's central meridian is 108°.
    """
    query = """
        WITH banks AS (SELECT id, ST_Transform(geom, 4545) AS g FROM river_reaches),
             wide AS (SELECT id, ST_Buffer(g, 50, 'endcap=flat join=round quad_segs=16') AS g FROM banks),
             rings AS (SELECT ST_MakeLine(ST_GeometryN(g, 1), ST_Reverse(ST_GeometryN(g, 2))) AS line FROM banks),
             hulls AS (SELECT ST_MakePolygon(ST_AddPoint(line, ST_StartPoint(line))) AS g FROM rings),
             water AS (SELECT ST_Union(ST_MakeValid(g)) AS g FROM hulls)
        SELECT wide.id, ST_Area(ST_Difference(wide.g, water.g)) / 10000 FROM wide, water"""
    areas = dict(postgis.execute(query).fetchall())
    rows = report.tables["bank_naturalness"].set_index("reach_id")["strip_ha"].to_dict()
    assert rows == pytest.approx(areas, rel=2e-3)


def test_land_use_of_towns(postgis: psycopg.Connection, report: Report) -> None:
    query = """
        SELECT t.id, l.kind, sum(ST_Area(ST_Intersection(l.geom, t.geom)::geography))
        FROM landuse l JOIN towns t ON ST_Intersects(l.geom, t.geom) GROUP BY t.id, l.kind"""
    areas = {(town, code): area for town, code, area in postgis.execute(query).fetchall() if area > 1.0}
    rows = report.tables["landuse"].query("unit_kind == 'town' and definition == '' and `class` != 'nodata'")
    found = rows.set_index(["unit_id", "class"])["area_m2"].to_dict()
    known = {key: area for key, area in areas.items() if key[1] != "0000"}
    assert len(known) > 30
    assert {key: found[key] for key in known} == pytest.approx(known, rel=EDGES, abs=0.05)


def test_land_turned_to_construction(postgis: psycopg.Connection, report: Report) -> None:
    """Built patches in red lines, and what of them the earlier patches call cropland; the rest is survey noise."""
    query = """
        WITH pieces AS (
            SELECT r.id AS line, l.id AS patch, ST_Intersection(l.geom, r.geom) AS g
            FROM landuse l JOIN redlines r ON ST_Intersects(l.geom, r.geom) WHERE l.kind LIKE '07%'
        )
        SELECT p.line, sum(ST_Area(ST_Intersection(p.g, e.geom)::geography))
        FROM pieces p JOIN landuse_earlier e ON ST_Intersects(p.g, e.geom) WHERE e.kind LIKE '01%' GROUP BY p.line"""
    turned = {line: area for line, area in postgis.execute(query).fetchall() if area > 100.0}
    rows = report.tables["redline_construction"].query("changed == 'yes'")
    assert rows.set_index("redline_id")["area_m2"].to_dict() == pytest.approx(turned, rel=EDGES, abs=50.0)
    assert len(turned) == 1
