"""ecogeo's kernel: no overlay is built, areas and lengths come from pairs of edges; on two threads.

Zones are indexed once, sites read, measured and written block by block: a file of any size in the same memory.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely

from benchmark.answer import answer_table, write_answer
from benchmark.question import Question
from ecogeo.kernel import Lines, Polygons, ZoneIndex, overlap_area, overlap_length
from ecogeo.kernel.parquet import polygon_blocks, read_polygons

_THREADS = 2


def answer(question: Question) -> None:
    """Answer with an index of the zones, taken straight from the file's WKB; the next block is read meanwhile."""
    with ThreadPoolExecutor(_THREADS) as pool:
        zones = pool.submit(read_polygons, Path(question.zones))
        if question.measure == "length_m":
            lines = _lines(question.sites)
            stretches = overlap_length(lines, ZoneIndex.build(zones.result(), threads=_THREADS), threads=_THREADS)
            write_answer(question, stretches.line, stretches.zone, stretches.length_m)
            return
        blocks = _read_ahead(polygon_blocks(Path(question.sites)), pool)
        _areas(question, blocks, ZoneIndex.build(zones.result(), threads=_THREADS))


def _areas(question: Question, blocks: Iterator[Polygons], index: ZoneIndex) -> None:
    """Measure and write block by block."""
    none = np.empty(0, np.int64)
    first, writer = 0, pq.ParquetWriter(question.answer, answer_table(question, none, none, np.empty(0)).schema)
    with writer:
        for sites in blocks:
            pairs = overlap_area(sites, index, threads=_THREADS)
            writer.write_table(answer_table(question, pairs.site + first, pairs.zone, pairs.area_m2))
            first += len(sites)


def _read_ahead(blocks: Iterator[Polygons], pool: ThreadPoolExecutor) -> Iterator[Polygons]:
    """Begin to read at once, and yield blocks, the one after each already being read."""
    coming = pool.submit(next, blocks, None)

    def yielded() -> Iterator[Polygons]:
        following = coming
        while (block := following.result()) is not None:
            following = pool.submit(next, blocks, None)
            yield block

    return yielded()


def _lines(path: str) -> Lines:
    column = pq.ParquetFile(path).read(["geometry"])["geometry"].to_pylist()  # its own arrays would import pandas first
    return Lines.of(shapely.from_wkb(np.array(column, dtype=object)))


if __name__ == "__main__":
    answer(Question.asked())
