"""Answers of the programs written in Python: the table they write, and the ellipsoid they share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.question import Question
from ecogeo import cgcs2000

Positions = npt.NDArray[np.integer]


def measured(pieces: cgcs2000.Geometries, measure: str) -> cgcs2000.Floats:
    """Measure pieces on the ellipsoid of CGCS2000, by whole arrays: nothing in Python is faster."""
    if measure == "area_m2":
        from ecogeo.kernel.polygons import areas_m2  # noqa: PLC0415  as `geodesy.area_m2`, and PROJ is slow to wake up

        return areas_m2(pieces)
    from ecogeo.geodesy import length_m  # noqa: PLC0415

    return length_m(pieces)


def _column(numbers: Positions | cgcs2000.Floats) -> pa.Array:
    """Hand an array over as it lies in memory: pyarrow's own conversion would import pandas first."""
    flat = np.ascontiguousarray(numbers)
    return pa.Array.from_buffers(pa.from_numpy_dtype(flat.dtype), len(flat), [None, pa.py_buffer(flat)])


def answer_table(question: Question, site: Positions, zone: Positions, amounts: cgcs2000.Floats) -> pa.Table:
    """Return pairs as a table, without those that only touch."""
    overlaps = amounts > 0
    columns = [_column(each[overlaps]) for each in (site, zone, amounts)]
    return pa.Table.from_arrays(columns, ["site", "zone", question.measure])


def write_answer(question: Question, site: Positions, zone: Positions, amounts: cgcs2000.Floats) -> None:
    """Write pairs, without those that only touch."""
    pq.write_table(answer_table(question, site, zone, amounts), question.answer)
