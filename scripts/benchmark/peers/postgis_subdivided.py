"""PostGIS with subdivided zones: load both layers by COPY, index, join; its server starts and ends with the program."""

import psycopg
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from psycopg import sql

from benchmark.postgis_server import running_server
from benchmark.question import Question

_MOST_VERTICES = 128
_AMOUNT = {"area_m2": "ST_Area", "length_m": "ST_Length"}


def answer(question: Question, *, most_vertices: int | None = _MOST_VERTICES) -> None:
    """Answer with a join on parts of zones, or on whole zones; a site that a part covers is not cut."""
    with running_server() as database:
        database.execute("CREATE EXTENSION postgis")
        _load(database, "site", question.sites)
        _load(database, "zone", question.zones)
        if most_vertices is None:
            database.execute("ALTER TABLE zone RENAME TO part")
        else:
            parts = sql.SQL("CREATE UNLOGGED TABLE part AS SELECT id, ST_Subdivide(shape, {}) AS shape FROM zone")
            database.execute(parts.format(most_vertices))
        for table in ("site", "part"):
            database.execute(sql.SQL("CREATE INDEX ON {} USING gist (shape)").format(sql.Identifier(table)))
            database.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
        join = sql.SQL("""
            COPY (SELECT s.id AS site, p.id AS zone, sum({measure}((CASE WHEN ST_CoveredBy(s.shape, p.shape)
                THEN s.shape ELSE ST_Intersection(s.shape, p.shape) END)::geography)) AS {amount}
            FROM site s JOIN part p ON ST_Intersects(s.shape, p.shape) GROUP BY 1, 2) TO STDOUT (FORMAT csv, HEADER)
        """).format(measure=sql.SQL(_AMOUNT[question.measure]), amount=sql.Identifier(question.measure))
        pq.write_table(_fetched(database, join), question.answer)


def _load(database: psycopg.Connection, table: str, path: str) -> None:
    """Copy the shapes of a file into a table of their numbers and shapes."""
    name = sql.Identifier(table)
    database.execute(sql.SQL("CREATE UNLOGGED TABLE {} (id bigint, shape geometry(geometry, 4326))").format(name))
    with (
        pq.ParquetFile(path) as file,
        database.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy,
    ):
        for batch in file.iter_batches(columns=[table, "geometry"]):
            rows = zip(batch[table].to_pylist(), batch["geometry"].to_pylist(), strict=True)
            copy.write("".join(f"{number}\tSRID=4326;{shape.hex()}\n" for number, shape in rows))


def _fetched(database: psycopg.Connection, query: sql.Composed) -> pa.Table:
    """Return what a COPY gives."""
    with database.cursor() as cursor, cursor.copy(query) as copy:
        return pyarrow.csv.read_csv(pa.py_buffer(b"".join(bytes(block) for block in copy)))


if __name__ == "__main__":
    answer(Question.asked())
