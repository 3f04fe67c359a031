"""ecogeo's kernel: no overlay is built, areas come from pairs of edges; on two threads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmark.answer import write_answer
from benchmark.question import Question
from ecogeo.kernel import ZoneIndex, overlap_area
from ecogeo.kernel.parquet import read_polygons

_THREADS = 2


def answer(question: Question) -> None:
    """Answer with an index of the zones, taken straight from the file's WKB."""
    with ThreadPoolExecutor(_THREADS) as pool:
        sites, zones = pool.map(read_polygons, (Path(question.sites), Path(question.zones)))
    pairs = overlap_area(sites, ZoneIndex.build(zones, threads=_THREADS), threads=_THREADS)
    write_answer(question, pairs.site, pairs.zone, pairs.area_m2)


if __name__ == "__main__":
    answer(Question.asked())
