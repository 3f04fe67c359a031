"""A real PostgreSQL with PostGIS as the source of layers, and as a second opinion on areas."""

import os
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyproj
import pytest
import shapely
from postgres import PASSWORD, USER, Server, running_server, why_absent
from psycopg import sql

from ecogeo import geodesy
from ecogeo.errors import UnusableFileError
from ecogeo.formats import postgis, postgis_source
from ecogeo.formats.addresses import is_postgis, shown_source
from ecogeo.formats.postgis import fingerprint, read_postgis
from ecogeo.overlay import overlap_pieces

ABSENT = why_absent()
pytestmark = pytest.mark.skipif(bool(ABSENT) and "ECOGEO_REQUIRE_POSTGIS" not in os.environ, reason=ABSENT)

READER, READER_PASSWORD = "reader", "pa:ss/w@rd?密#%"

TABLES = """
CREATE TABLE redlines (
    bsm bigint PRIMARY KEY, name text, mj numeric(12, 2), big numeric(20, 0), share float8, pieces int, is_core boolean,
    surveyed date, at timestamptz, note jsonb, geom geometry(Geometry, 4545)
);
INSERT INTO redlines VALUES
    (10, '乙', 10000.50, 12345678901234567890, 0.5, 2, true, '2023-06-30', '2023-06-30 08:00+08', '{"a": 1}',
     'SRID=4545;POLYGON((632017.749 2684701.721, 632117.749 2684701.721, 632117.749 2684801.721,
                         632017.749 2684801.721, 632017.749 2684701.721))'),
    (9, '甲', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE curved (id text, geom geometry);
INSERT INTO curved VALUES
    ('circle', 'SRID=4545;CURVEPOLYGON(CIRCULARSTRING(500100 2684000, 500000 2684100, 499900 2684000,
                                                      500000 2683900, 500100 2684000))'),
    ('high', 'SRID=4545;POINT ZM (500000 2684000 81 7)'),
    ('solid', 'SRID=4545;TIN Z (((0 0 0, 0 1 0, 1 0 0, 0 0 0)))');
CREATE TABLE on_globe (id int, place geography(Point, 4490));
INSERT INTO on_globe VALUES (1, 'SRID=4490;POINT(109.3 24.26)');
CREATE TABLE nowhere (id int, geom geometry);
INSERT INTO nowhere VALUES (1, 'POINT(1 2)');
CREATE TABLE mixed (id int, geom geometry);
INSERT INTO mixed VALUES (1, 'SRID=4545;POINT(1 2)'), (2, 'SRID=4490;POINT(1 2)'), (3, 'SRID=4490;POINT(1 3)');
CREATE TABLE own_srid (id int, geom geometry);
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext)
    SELECT 990001, 'county', 1, replace(srtext, 'EPSG', 'county') FROM spatial_ref_sys WHERE srid = 4546;
INSERT INTO own_srid VALUES (1, 'SRID=990001;POINT(327354.390 2685138.849)');
CREATE TABLE no_geometry (id int, name text);
CREATE TABLE two_geometries (id int, outline geometry, centre geometry);
CREATE TABLE hidden (id int, geom geometry);
CREATE TABLE empty (id int, geom geometry(Point, 4490));
CREATE SCHEMA "三调";
CREATE TABLE "三调"."DLTB.""2023""; DROP TABLE redlines; --" ("Key" text, "geometry" text, t int, "Shape" geometry);
INSERT INTO "三调"."DLTB.""2023""; DROP TABLE redlines; --" VALUES ('001', 'x', 1, 'SRID=4490;POINT(109 24)');
CREATE TABLE marks (id int);
CREATE FUNCTION marked() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO public.marks VALUES (1) RETURNING id';
CREATE VIEW writing AS SELECT public.marked() AS id, 'SRID=4490;POINT(109 24)'::geometry AS geom;
CREATE VIEW slow AS SELECT pg_sleep(60)::text AS id, 'SRID=4490;POINT(109 24)'::geometry AS geom;
CREATE VIEW broken AS SELECT id, id / 0 AS ratio, geom FROM nowhere;
"""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as started:
        yield started


@pytest.fixture(scope="session")
def county(server: Server) -> Server:
    """Fill a database, with PostGIS in a schema of its own, and a user who may read all but one table."""
    with server.connect() as connection:
        connection.execute("CREATE DATABASE county")
        connection.execute("CREATE DATABASE plain")
        user = sql.SQL("CREATE USER {} PASSWORD {}").format(sql.Identifier(READER), sql.Literal(READER_PASSWORD))
        connection.execute(user)
    with server.connect("county") as connection:
        connection.execute("CREATE SCHEMA gis")
        connection.execute("CREATE EXTENSION postgis SCHEMA gis")
        connection.execute("SET search_path = public, gis")
        connection.execute(TABLES)
        for schema in ("public", "gis", "三调"):
            name = sql.Identifier(schema)
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO reader").format(name))
            connection.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO reader").format(name))
        connection.execute("REVOKE ALL ON hidden FROM reader")
        connection.execute("GRANT INSERT ON marks TO reader")
    return server


@pytest.fixture
def source(county: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the reader's address; the password comes from the environment."""
    monkeypatch.setenv("PGPASSWORD", READER_PASSWORD)
    return f"postgresql://{READER}@127.0.0.1:{county.port}/county"


def test_a_table_with_its_types_in_the_order_of_the_key(source: str) -> None:
    reading = read_postgis(source, table="redlines", key="bsm")
    frame = reading.frame
    assert frame["bsm"].tolist() == ["10", "9"], "the key is text, in its order as text"
    assert frame["name"].tolist() == ["乙", "甲"]
    assert frame["mj"].iloc[0] == 10000.5
    assert frame["pieces"].iloc[0] == 2
    assert np.isnan(frame["mj"].iloc[1])
    assert frame["is_core"].tolist() == [True, None]
    assert frame["surveyed"].iloc[0] == "2023-06-30"
    assert frame["at"].iloc[0] == "2023-06-30 00:00:00+00", "in UTC whatever the server's own zone"
    assert frame["note"].iloc[0] == '{"a": 1}'
    assert (reading.driver, reading.layer, reading.doubts) == ("PostGIS", "public.redlines", ())
    assert frame.crs == pyproj.CRS.from_epsg(4545)
    assert frame.geometry.iloc[1] is None
    lonlat = geodesy.to_lonlat(np.asarray(frame.geometry.array, dtype=object)[:1], frame.crs)
    assert round(float(geodesy.area_m2(lonlat)[0]), 2) == 9995.69
    assert frame.geometry.name == "geom"


def test_keys_of_twenty_digits_stay_whole(source: str) -> None:
    reading = read_postgis(source, table="redlines", key="big")
    assert "12345678901234567890" in reading.frame["big"].tolist()


def test_curves_heights_and_what_cannot_be_held(source: str) -> None:
    reading = read_postgis(source, table="curved", key="id")
    assert reading.frame["id"].tolist() == ["circle", "high", "solid"]
    circle, high, solid = reading.frame.geometry
    assert circle.geom_type == "Polygon"
    assert circle.area == pytest.approx(np.pi * 100**2, rel=2e-3)
    assert not high.has_z
    assert not shapely.has_m(high)
    assert solid is None
    assert [doubt.en for doubt in reading.doubts] == [
        "1 features hold curves, stroked into lines (32 a quarter circle)",
        "2 features hold Z or M, left behind",
    ]
    assert [(feature, reason.en) for feature, reason in reading.set_aside] == [
        ("solid", "unsupported kind of geometry ST_Tin")
    ]


def test_srids(source: str) -> None:
    globe = read_postgis(source, table="public.on_globe", key="id").frame
    assert (globe.crs, globe.geometry.iloc[0].x) == (pyproj.CRS.from_epsg(4490), 109.3)
    assert read_postgis(source, table="nowhere", key="id").frame.crs is None
    own = read_postgis(source, table="own_srid", key="id").frame
    (point,) = geodesy.to_lonlat(np.asarray(own.geometry.array, dtype=object), own.crs)
    assert (point.x, point.y) == (pytest.approx(109.3, abs=1e-8), pytest.approx(24.26, abs=1e-8))
    assert read_postgis(source, table="empty", key="id").frame.empty


def test_odd_names_are_names_and_nothing_else(source: str) -> None:
    table = '三调."DLTB.""2023""; DROP TABLE redlines; --"'
    frame = read_postgis(source, table=table, key="Key").frame
    assert frame["Key"].tolist() == ["001"]
    assert frame["geometry"].tolist() == ["x"]
    assert frame.geometry.name == "Shape"
    assert len(fingerprint(source, table=table)) == 64
    with pytest.raises(UnusableFileError, match="there is no such table"):
        read_postgis(source, table="redlines; DROP TABLE redlines", key="id")
    with pytest.raises(UnusableFileError, match="there is no key column"):
        read_postgis(source, table="redlines", key='bsm"; DROP TABLE redlines; --')
    assert len(read_postgis(source, table="redlines", key="bsm").frame) == 2


@pytest.mark.parametrize(
    ("table", "key", "message"),
    [
        ("red_lines", "id", "tables with geometry are"),
        ("Redlines", "id", "letter case counts"),
        ("no_geometry", "id", r"there is no geometry column \(it has id, name\)"),
        ("two_geometries", "id", r"2 geometry columns \(outline, centre\): make a view"),
        ("redlines", "BSM", "no key column “BSM”; it has bsm, name"),
        ("mixed", "id", r"several SRIDs \(4490 × 2, 4545 × 1\)"),
        ("hidden", "id", "have the administrator grant SELECT"),
        ("writing", "id", "read-only transaction"),
        ("broken", "id", "division by zero"),
        ("a.b.c", "id", "write the table as schema.table"),
        ("", "id", "write the table as schema.table"),
    ],
)
def test_what_cannot_be_used_is_said(source: str, table: str, key: str, message: str) -> None:
    with pytest.raises(UnusableFileError, match=message) as refused:
        read_postgis(source, table=table, key=key)
    assert refused.value.path.startswith("postgresql://reader@127.0.0.1:")


def test_a_database_without_postgis(county: Server, source: str) -> None:
    with pytest.raises(UnusableFileError, match="nor any table with geometry"):
        read_postgis(source.replace("/county", "/plain"), table="redlines", key="bsm")


def test_a_statement_that_takes_too_long(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgis_source._SETTINGS, "statement_timeout", "200")
    with pytest.raises(UnusableFileError, match="was given up"):
        read_postgis(source, table="slow", key="id")


def test_a_database_that_stops_in_the_middle_is_said(
    county: Server, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = postgis._Rows.add

    def stop(rows: postgis._Rows, block: Any) -> None:
        real(rows, block)
        if county.process is not None:
            county.stop()

    monkeypatch.setattr(postgis, "BLOCK_FEATURES", 1)
    monkeypatch.setattr(postgis._Rows, "add", stop)
    try:
        with pytest.raises(UnusableFileError) as broken:
            postgis.read_with_fingerprint(source, table="redlines", key="bsm")
        assert "before all was read: have it started, then do it again" in broken.value.say("en")
        assert "请让数据库恢复后重做" in broken.value.say("zh")
        with pytest.raises(UnusableFileError, match="cannot be reached"):
            read_postgis(source, table="redlines", key="bsm")
    finally:
        county.start()
    monkeypatch.undo()
    monkeypatch.setenv("PGPASSWORD", READER_PASSWORD)
    reading, digest = postgis.read_with_fingerprint(source, table="redlines", key="bsm")
    assert (len(reading.frame), digest) == (2, fingerprint(source, table="redlines"))


def test_a_table_replaced_while_it_is_read_is_read_as_it_was(
    county: Server, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint(source, table="redlines")
    real = postgis._fingerprint

    def meanwhile(*words: Any) -> str:
        with county.connect("county") as connection:
            connection.execute("UPDATE redlines SET name = name || '改'")
        return real(*words)

    monkeypatch.setattr(postgis, "_fingerprint", meanwhile)
    reading, digest = postgis.read_with_fingerprint(source, table="redlines", key="bsm")
    monkeypatch.undo()
    monkeypatch.setenv("PGPASSWORD", READER_PASSWORD)
    assert (reading.frame["name"].tolist(), digest) == (["乙", "甲"], before)
    assert fingerprint(source, table="redlines") != before
    with county.connect("county") as connection:
        connection.execute("UPDATE redlines SET name = left(name, 1)")


def test_blocks_join_without_loss(county: Server, source: str) -> None:
    with county.connect("county") as connection:
        connection.execute("SET search_path = public, gis")
        connection.execute("DROP TABLE IF EXISTS many")
        connection.execute(
            "CREATE TABLE many AS SELECT lpad(i::text, 6, '0') AS id, i AS number, "
            "ST_SetSRID(ST_MakePoint(109 + i * 1e-5, 24), 4490) AS geom FROM generate_series(1, 12001) AS i"
        )
        connection.execute("GRANT SELECT ON many TO reader")
    frame = read_postgis(source, table="many", key="id").frame
    assert frame["number"].tolist() == list(range(1, 12_002))
    assert np.allclose(frame.geometry.x, 109 + np.arange(1, 12_002) * 1e-5)
    assert frame.index.tolist() == list(range(12_001))


def test_the_fingerprint_follows_the_content_alone(county: Server, source: str) -> None:
    def changed(statement: str) -> str:
        with county.connect("county") as connection:
            connection.execute("SET search_path = public, gis")
            connection.execute(statement)
        return fingerprint(source, table="public.printed")

    first = changed(
        "CREATE TABLE printed AS SELECT i AS id, 1.5::float8 AS share, '2023-01-01 00:00+08'::timestamptz AS at, "
        "ST_SetSRID(ST_MakePoint(i, 24), 4490) AS geom FROM generate_series(1, 5) AS i; "
        "GRANT SELECT ON printed TO reader; ALTER DATABASE county SET timezone = 'Asia/Shanghai'; "
        "ALTER DATABASE county SET datestyle = 'German'"
    )
    assert len(first) == 64
    assert changed("UPDATE printed SET share = 1.5 WHERE id = 1") == first, "the row moved, its content did not"
    seen = [first]
    seen.append(changed("UPDATE printed SET geom = ST_Translate(geom, 1e-12, 0) WHERE id = 3"))
    seen.append(changed("UPDATE printed SET share = NULL WHERE id = 2"))
    seen.append(changed("INSERT INTO printed SELECT * FROM printed WHERE id = 1"))
    seen.append(changed("ALTER TABLE printed RENAME COLUMN share TO part"))
    seen.append(changed("DELETE FROM printed"))
    assert len(set(seen)) == len(seen)
    with pytest.raises(UnusableFileError, match="there is no such table"):
        fingerprint(source, table="public.nothing")


def test_a_password_is_used_and_never_shown(
    county: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    place = f"127.0.0.1:{county.port}/county"
    full = f"postgresql://{READER}:{quote(READER_PASSWORD, safe='')}@{place}"
    reading = read_postgis(full, table="redlines", key="bsm")
    assert len(reading.frame) == 2
    assert shown_source(full) == f"postgresql://{READER}@{place}"

    escaped = READER_PASSWORD.replace(":", "\\:")
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"127.0.0.1:{county.port}:county:{READER}:{escaped}\n", "utf-8")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    assert len(read_postgis(f"postgresql://{READER}@{place}", table="redlines", key="bsm").frame) == 2
    monkeypatch.delenv("PGPASSFILE")

    told = [repr(reading), caplog.text]
    wrong = [
        full.replace("/county", "/no_such_county"),
        full.replace(READER, "stranger"),
        full.replace(f":{county.port}", ":1"),
        full + "?sslmode=nonsense",
        full + "?nonsense",
        full.replace("%", "%zz", 1),
        f"postgresql://{READER}@{place}?password={quote(READER_PASSWORD, safe='')}&options=-c%20bad",
    ]
    for address in wrong:
        with pytest.raises(UnusableFileError) as refused:
            read_postgis(address, table="redlines", key="bsm")
        error = refused.value
        told += [error.say("zh"), error.say("en"), repr(error), "".join(traceback.format_exception(error))]
        told.append(shown_source(address))
    for secret in (READER_PASSWORD, quote(READER_PASSWORD, safe=""), quote(READER_PASSWORD)):
        assert not any(secret in words for words in told)
    assert "postgresql://user@host:port/database" in "".join(told)
    assert "PGPASSWORD" in "".join(told)


def test_a_wrong_password_is_said_as_such(county: Server) -> None:
    address = f"postgresql://{USER}:{quote('no' + PASSWORD)}@127.0.0.1:{county.port}/county"
    with pytest.raises(UnusableFileError, match="password authentication failed") as refused:
        read_postgis(address, table="redlines", key="bsm")
    assert "密码 %1" not in refused.value.say("zh")


def test_addresses() -> None:
    assert is_postgis("POSTGRES://x/y")
    assert not is_postgis("layers/postgresql.gpkg")
    assert shown_source("redlines.gpkg") == "redlines.gpkg"
    assert shown_source("postgresql://a:b@[broken") == "postgresql://…"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://a:geheim@[broken",
        "postgresql://a:ge@heim@127.0.0.1:1/county",
        "postgresql://a:ge/heim@127.0.0.1:1/county",
        "postgresql://a:geheim/county",
        "postgresql://a@127.0.0.1:1/county?password=ge@heim",
        "postgresql://a:ge%zzheim@127.0.0.1:1/county",
    ],
)
def test_a_password_with_signs_left_unescaped_does_not_leak_either(address: str) -> None:
    with pytest.raises(UnusableFileError, match="special characters as %xx") as refused:
        read_postgis(address, table="t", key="k")
    assert "heim" not in "".join(traceback.format_exception(refused.value))
    assert shown_source(address) == "postgresql://…"


def _random_polygons(count: int, seed: int) -> geodesy.Geometries:
    """Return star-shaped polygons around 柳江, a third of them with a hole, with edges of at most 0.0005°."""
    random = np.random.default_rng(seed)
    shapes = []
    for number in range(count):
        corners = int(random.integers(5, 40))
        angles = np.sort(random.uniform(0, 2 * np.pi, corners))
        radii = random.uniform(0.003, 0.012, corners)
        centre = np.array([109.2, 24.2]) + random.uniform(-0.03, 0.03, 2)
        spokes = np.column_stack([np.cos(angles), np.sin(angles)])
        ring = centre + spokes * radii[:, np.newaxis]
        shape = shapely.make_valid(shapely.Polygon(ring))
        if number % 3 == 0:
            shape = shapely.difference(shape, shapely.Point(centre).buffer(0.001))
        shapes.append(shape)
    polygons = np.array(shapes, dtype=object)
    is_area = np.isin(shapely.get_type_id(polygons), [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON])
    return shapely.segmentize(polygons[is_area], 0.0005)


def test_areas_and_overlaps_against_postgis(county: Server) -> None:
    """PostGIS measures with GeographicLib and cuts with its own GEOS: a second opinion on both kernels."""
    sites, zones = _random_polygons(100, seed=1), _random_polygons(100, seed=2)
    with county.connect("county") as connection, connection.cursor() as cursor:
        cursor.execute("SET search_path = public, gis")
        cursor.execute("CREATE TEMPORARY TABLE shapes (side text, number int, geom geometry(Geometry, 4490))")
        with cursor.copy("COPY shapes FROM STDIN") as rows:
            for side, shapes in (("site", sites), ("zone", zones)):
                for number, shape in enumerate(shapes):
                    rows.write_row(
                        (side, number, shapely.to_wkb(shapely.set_srid(shape, 4490), hex=True, include_srid=True))
                    )
        areas = cursor.execute("SELECT side, number, ST_Area(geom::geography) FROM shapes ORDER BY 1, 2").fetchall()
        overlaps = cursor.execute(
            "SELECT s.number, z.number, ST_Area(ST_Intersection(s.geom, z.geom)::geography) FROM shapes AS s "
            "JOIN shapes AS z ON s.side = 'site' AND z.side = 'zone' AND ST_Intersects(s.geom, z.geom)"
        ).fetchall()
    expected = np.array([area for *_, area in areas])
    own = np.concatenate([geodesy.area_m2(sites), geodesy.area_m2(zones)])
    assert len(own) > 190
    assert np.max(np.abs(own / expected - 1)) < 1e-6

    measured = overlap_pieces(sites, zones).groupby(["site", "zone"])["area_m2"].sum()
    told = {(site, zone): area for site, zone, area in overlaps if area > 0}
    assert set(measured.index) == set(told)
    assert len(told) > 500
    for pair, area in told.items():
        assert measured[pair] == pytest.approx(area, rel=1e-6, abs=1e-3)
