"""The screening against PostGIS, which measures with GeographicLib: areas, distances and containment, far from home."""

import os
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import psycopg
import pytest
import shapely
from postgres import running_server, why_absent

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.layer import Layer
from ecogeo.overlay import overlap_pieces, within_distance
from ecogeo.screening import screen_sites

ABSENT = why_absent()
pytestmark = pytest.mark.skipif(bool(ABSENT) and "ECOGEO_REQUIRE_POSTGIS" not in os.environ, reason=ABSENT)

REGIONS = {
    "Greenwich": (-5.0, 50.0, 5.0, 55.0),
    "60 degrees north": (10.0, 58.0, 30.0, 62.0),
    "far north": (0.0, 74.0, 20.0, 76.0),
    "far south": (-70.0, -76.0, -50.0, -74.0),
    "southern half": (15.0, -35.0, 35.0, -25.0),
    "the equator": (-2.0, -2.0, 18.0, 2.0),
}
"""West, south, east, north; most are 20 degrees wide."""


@pytest.fixture(scope="module")
def postgis() -> Iterator[psycopg.Connection]:
    with running_server() as server, server.connect() as connection:
        connection.execute("CREATE EXTENSION postgis")
        yield connection


Box = tuple[float, float, float, float]


def blobs(box: Box, count: int, *, radius_deg: tuple[float, float], step_deg: float, seed: int) -> geodesy.Geometries:
    """Draw wobbly rings, some with a hole, about random places.

    PostGIS takes an edge for the shortest line, ecogeo for one straight in longitude and latitude: over short edges
    both are the same.
    """
    west, south, east, north = box
    random = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    drawn = []
    for _ in range(count):
        centre = random.uniform([west, south], [east, north])
        stretch = 1 / np.cos(np.radians(centre[1]))
        radius = random.uniform(*radius_deg) * random.uniform(0.6, 1.4, len(angle))
        ring = np.column_stack([np.cos(angle) * stretch, np.sin(angle)]) * radius[:, None]
        holes = [centre + ring * 0.3] if random.random() < 0.5 else []
        drawn.append(shapely.Polygon(centre + ring, holes))
    return shapely.segmentize(np.array(drawn, dtype=object), step_deg)


def loaded(connection: psycopg.Connection, **sides: geodesy.Geometries) -> None:
    connection.execute("DROP TABLE IF EXISTS shapes")
    connection.execute("CREATE TABLE shapes (side text, number int, geom geometry(Geometry, 4490))")
    with connection.cursor() as cursor, cursor.copy("COPY shapes FROM STDIN") as rows:
        for side, shapes in sides.items():
            for number, shape in enumerate(shapes):
                text = shapely.to_wkb(shapely.set_srid(shape, 4490), hex=True, include_srid=True)
                rows.write_row((side, number, text))


def layer(zones: geodesy.Geometries) -> Layer:
    frame = gpd.GeoDataFrame({"id": range(len(zones))}, geometry=gpd.GeoSeries(zones, crs=4490))
    declared = LayerDeclaration(role="redlines", path="x", key="id")
    return Layer("zones", declared, frame, frame, coverage=shapely.box(-179, -89, 179, 89))


@pytest.mark.parametrize("region", REGIONS)
def test_overlaps_are_those_of_postgis(postgis: psycopg.Connection, region: str) -> None:
    """In the middle of each region, 0.6 by 0.3 degrees."""
    west, south, east, north = REGIONS[region]
    x, y = (west + east) / 2, (south + north) / 2
    box = (x - 0.3, y - 0.15, x + 0.3, y + 0.15)
    sites = blobs(box, 20, radius_deg=(0.02, 0.05), step_deg=0.0004, seed=1)
    zones = blobs(box, 20, radius_deg=(0.02, 0.05), step_deg=0.0004, seed=2)
    loaded(postgis, site=sites, zone=zones)
    told = postgis.execute(
        "SELECT s.number, z.number, ST_Area(ST_Intersection(s.geom, z.geom)::geography) FROM shapes s JOIN shapes z "
        "ON s.side = 'site' AND z.side = 'zone' AND ST_Intersects(s.geom, z.geom)"
    ).fetchall()
    measured = overlap_pieces(sites, zones).groupby(["site", "zone"])["area_m2"].sum()
    expected = {(site, zone): area for site, zone, area in told if area > 0}
    assert set(measured.index) == set(expected)
    assert len(expected) > 20
    for pair, area in expected.items():
        assert measured[pair] == pytest.approx(area, rel=1e-6, abs=0.01)
    once = postgis.execute(
        "SELECT s.number, ST_Area(ST_Intersection(s.geom, u.geom)::geography) FROM shapes s, "
        "(SELECT ST_Union(geom) AS geom FROM shapes WHERE side = 'zone') u WHERE s.side = 'site' ORDER BY 1"
    ).fetchall()
    result = screen_sites(sites, np.zeros(len(sites)), layer(zones), least_m2=0.0, least_width_m=0.0)
    totals = result.rows["overlap_m2"].to_numpy()
    np.testing.assert_allclose(totals, [area for _, area in once], rtol=1e-6, atol=0.01)


@pytest.mark.parametrize("region", REGIONS)
def test_distances_and_containment_are_those_of_postgis(postgis: psycopg.Connection, region: str) -> None:
    """Every point against its nearest zone over the whole layer, and every pair within 60 km.

    PostGIS seeks the nearest points on a sphere and measures between them on the ellipsoid, so that it may be a little
    long, never short.
    """
    west, south, east, north = REGIONS[region]
    points = shapely.points(np.random.default_rng(3).uniform([west, south], [east, north], (40, 2)))
    zones = blobs(REGIONS[region], 30, radius_deg=(0.05, 0.4), step_deg=0.01, seed=4)
    loaded(postgis, site=points, zone=zones)
    nearest = postgis.execute(
        "SELECT s.number, min(ST_Distance(s.geom::geography, z.geom::geography)), "
        "bool_or(ST_Intersects(s.geom, z.geom)) FROM shapes s, shapes z "
        "WHERE s.side = 'site' AND z.side = 'zone' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    rows = screen_sites(points, np.zeros(len(points)), layer(zones), least_m2=1.0, least_width_m=0.1).rows
    assert [answer == "involved" for answer in rows["answer"]] == [is_inside for *_, is_inside in nearest]
    told_m = np.array([metres for _, metres, _ in nearest])
    assert (rows["distance_m"] <= told_m + 0.05).all()
    assert (rows["distance_m"] >= told_m * (1 - 5e-5) - 0.05).all()
    within = postgis.execute(
        "SELECT s.number, z.number FROM shapes s, shapes z WHERE s.side = 'site' AND z.side = 'zone' "
        "AND ST_DWithin(s.geom::geography, z.geom::geography, 60000) ORDER BY 1, 2"
    ).fetchall()
    pairs = within_distance(points, zones, np.full(len(points), 60_000.0))
    assert list(zip(pairs["site"], pairs["zone"], strict=True)) == within
