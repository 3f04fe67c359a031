"""ecogeo as its checks measure: pieces, then their sum per pair."""

import geopandas as gpd
import numpy as np

from benchmark.answer import write_answer
from benchmark.question import Question
from ecogeo.overlay import overlap_pieces


def answer(question: Question) -> None:
    """Answer with the pieces of every pair."""
    sites, zones = (
        np.asarray(gpd.read_parquet(path).geometry.array, dtype=object) for path in (question.sites, question.zones)
    )
    amounts = overlap_pieces(sites, zones).groupby(["site", "zone"])[question.measure].sum()
    site, zone = (amounts.index.get_level_values(name).to_numpy() for name in ("site", "zone"))
    write_answer(question, site, zone, amounts.to_numpy())


if __name__ == "__main__":
    answer(Question.asked())
