"""SedonaDB: the join and the cut in SQL, the measure on what comes back, for its own area is of a sphere."""

import numpy as np
import pyarrow as pa
import shapely
from sedonadb.context import connect

from benchmark.answer import write_answer
from benchmark.question import Question
from benchmark.vectorised import measured


def answer(question: Question) -> None:
    """Answer with one join."""
    database = connect()
    database.read_parquet(question.sites).to_view("sites")
    database.read_parquet(question.zones).to_view("zones")
    pieces = pa.table(
        database.sql("""
            SELECT s.site, z.zone, ST_AsBinary(ST_Intersection(s.geometry, z.geometry)) AS piece
            FROM sites s JOIN zones z ON ST_Intersects(s.geometry, z.geometry)
        """)
    )
    amounts = measured(shapely.from_wkb(np.asarray(pieces["piece"].to_numpy(), dtype=object)), question.measure)
    write_answer(question, pieces["site"].to_numpy(), pieces["zone"].to_numpy(), amounts)


if __name__ == "__main__":
    answer(Question.asked())
