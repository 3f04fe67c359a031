"""The way of geopandas' manual: overlay, then measure the pieces."""

import geopandas as gpd
import numpy as np

from benchmark.answer import write_answer
from benchmark.question import Question
from benchmark.vectorised import measured


def answer(question: Question) -> None:
    """Answer with one overlay of both layers."""
    sites, zones = gpd.read_parquet(question.sites), gpd.read_parquet(question.zones)
    pieces = gpd.overlay(sites, zones, how="intersection", keep_geom_type=True)
    amounts = measured(np.asarray(pieces.geometry.array, dtype=object), question.measure)
    write_answer(question, pieces["site"].to_numpy(), pieces["zone"].to_numpy(), amounts)


if __name__ == "__main__":
    answer(Question.asked())
