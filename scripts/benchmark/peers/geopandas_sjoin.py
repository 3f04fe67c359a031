"""The other way of geopandas: join by position, then cut pair by pair."""

import geopandas as gpd
import numpy as np
import shapely

from benchmark.answer import write_answer
from benchmark.question import Question
from benchmark.vectorised import measured


def answer(question: Question) -> None:
    """Answer with a spatial join and one intersection per pair."""
    sites, zones = gpd.read_parquet(question.sites), gpd.read_parquet(question.zones)
    pairs = gpd.sjoin(sites, zones, predicate="intersects")
    site, zone = pairs["site"].to_numpy(), pairs["zone"].to_numpy()
    pieces = shapely.intersection(np.asarray(sites.geometry)[site], np.asarray(zones.geometry)[zone])
    write_answer(question, site, zone, measured(pieces, question.measure))


if __name__ == "__main__":
    answer(Question.asked())
