"""ecogeo's kernel: no overlay is built, areas and lengths come from pairs of edges; on two threads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely

from benchmark.answer import write_answer
from benchmark.question import Question
from ecogeo.kernel import Lines, ZoneIndex, overlap_area, overlap_length
from ecogeo.kernel.parquet import read_polygons

_THREADS = 2


def answer(question: Question) -> None:
    """Answer with an index of the zones, taken straight from the file's WKB."""
    with ThreadPoolExecutor(_THREADS) as pool:
        zones = pool.submit(read_polygons, Path(question.zones))
        if question.measure == "length_m":
            lines = _lines(question.sites)
            stretches = overlap_length(lines, ZoneIndex.build(zones.result(), threads=_THREADS), threads=_THREADS)
            write_answer(question, stretches.line, stretches.zone, stretches.length_m)
            return
        sites = read_polygons(Path(question.sites))
    pairs = overlap_area(sites, ZoneIndex.build(zones.result(), threads=_THREADS), threads=_THREADS)
    write_answer(question, pairs.site, pairs.zone, pairs.area_m2)


def _lines(path: str) -> Lines:
    column = pq.ParquetFile(path).read(["geometry"])["geometry"].to_pylist()  # its own arrays would import pandas first
    return Lines.of(shapely.from_wkb(np.array(column, dtype=object)))


if __name__ == "__main__":
    answer(Question.asked())
