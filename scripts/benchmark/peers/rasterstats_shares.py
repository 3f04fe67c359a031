"""rasterstats: cells count whole, by their centre."""

import importlib

import geopandas as gpd
import numpy as np
import rasterio

from benchmark.answer import write_answer
from benchmark.question import Question

zonal_stats = importlib.import_module("rasterstats").zonal_stats  # it has no types


def answer(question: Question) -> None:
    """Answer with the counts of cells of each class in each polygon, brought to the plane of the raster."""
    with rasterio.open(question.zones) as raster:
        polygons = gpd.read_parquet(question.sites).to_crs(raster.crs)
    counted = zonal_stats(polygons.geometry, question.zones, categorical=True)
    rows = [
        (site, code, cells / sum(counts.values()))
        for site, counts in zip(polygons["site"].tolist(), counted, strict=True)
        for code, cells in counts.items()
    ]
    site, code, share = (np.array(column) for column in zip(*rows, strict=True))
    write_answer(question, site, code.astype(np.int64), share.astype(np.float64))


if __name__ == "__main__":
    answer(Question.asked())
