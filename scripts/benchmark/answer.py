"""Answers of the programs written in Python: the table they write."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.question import Question
from ecogeo import cgcs2000

Positions = npt.NDArray[np.integer]


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
