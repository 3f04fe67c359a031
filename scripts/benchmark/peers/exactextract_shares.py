"""exactextract: the covered fraction of every cell; in a plane where all cells cover the same ground."""

import importlib

import geopandas as gpd
import numpy as np
import rasterio

from benchmark.answer import write_answer
from benchmark.question import Question

exact_extract = importlib.import_module("exactextract").exact_extract  # it has no types


def answer(question: Question, *, strategy: str = "feature-sequential") -> None:
    """Answer with its own shares; polygons are brought to the plane of the raster."""
    with rasterio.open(question.zones) as raster:
        polygons = gpd.read_parquet(question.sites).to_crs(raster.crs)
    found = exact_extract(
        question.zones, polygons, ["unique", "frac"], include_cols=["site"], output="pandas", strategy=strategy
    )
    counts = found["unique"].map(len).to_numpy()
    site = np.repeat(found["site"].to_numpy(), counts)
    code, share = np.concatenate(found["unique"].to_numpy()), np.concatenate(found["frac"].to_numpy())
    write_answer(question, site, code.astype(np.int64), share.astype(np.float64))


if __name__ == "__main__":
    answer(Question.asked())
