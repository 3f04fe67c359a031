"""DuckDB with its spatial extension: one join in SQL."""

from pathlib import Path

import duckdb
import duckdb_extension_spatial

from benchmark.question import Question

_AMOUNT = {"area_m2": "ST_Area_Spheroid", "length_m": "ST_Length_Spheroid"}


def answer(question: Question) -> None:
    """Answer with the spatial join; its measures want latitude first."""
    piece = "ST_FlipCoordinates(ST_Intersection(s.geometry, z.geometry))"
    with duckdb.connect() as database:
        database.execute(f"LOAD '{_extension()}'")
        database.read_parquet(question.sites).create_view("sites")
        database.read_parquet(question.zones).create_view("zones")
        join = f"""
            SELECT site, zone, {_AMOUNT[question.measure]}({piece}) AS {question.measure}
            FROM sites s JOIN zones z ON ST_Intersects(s.geometry, z.geometry)
        """  # noqa: S608  words of this file
        database.sql(join).write_parquet(question.answer)


def _extension() -> Path:
    """Return the extension's file, brought by a package so that none is fetched; DuckDB checks its signature."""
    folder = Path(duckdb_extension_spatial.__path__[0])
    return next(folder.glob("extensions/*/spatial.duckdb_extension"))


if __name__ == "__main__":
    answer(Question.asked())
