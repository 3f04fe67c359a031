"""ecogeo's kernel on a file of any size: zones indexed once, sites read, measured and written block by block."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmark.answer import answer_table
from benchmark.question import Question
from ecogeo.kernel import Polygons, ZoneIndex, overlap_area
from ecogeo.kernel.parquet import polygon_blocks, read_polygons

_THREADS = 2


def answer(question: Question) -> None:
    """Answer block by block; the next one is read while one is measured."""
    index = ZoneIndex.build(read_polygons(Path(question.zones)), threads=_THREADS)
    first, writer = 0, None
    for sites in _read_ahead(polygon_blocks(Path(question.sites))):
        pairs = overlap_area(sites, index, threads=_THREADS)
        table = answer_table(question, pairs.site + first, pairs.zone, pairs.area_m2)
        writer = writer or pq.ParquetWriter(question.answer, table.schema)
        writer.write_table(table)
        first += len(sites)
    if writer is None:
        none = np.empty(0, np.int64)
        pq.write_table(answer_table(question, none, none, np.empty(0)), question.answer)
    else:
        writer.close()


def _read_ahead(blocks: Iterator[Polygons]) -> Iterator[Polygons]:
    """Yield blocks, the one after each already being read."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = reader.submit(next, blocks, None)
            yield block


if __name__ == "__main__":
    answer(Question.asked())
