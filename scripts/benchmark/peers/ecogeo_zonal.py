"""ecogeo's zonal shares: the covered fraction of every cell, with the cell's own ground, by compiled loops."""

from pathlib import Path

import pyarrow.parquet as pq
import shapely

from benchmark.answer import write_answer
from benchmark.question import Question
from ecogeo.catalog import LayerDeclaration
from ecogeo.raster import read_raster
from ecogeo.zonal import zonal_shares


def answer(question: Question) -> None:
    """Answer with the share of each class in each polygon."""
    polygons = shapely.from_wkb(pq.ParquetFile(question.sites).read(["geometry"])["geometry"].to_numpy())
    path = Path(question.zones)
    raster = read_raster("landcover", LayerDeclaration(role="landcover", path=path.name), path.parent)
    shares = zonal_shares(polygons, raster).dropna()
    position, code = shares["position"].to_numpy(), shares["code"].to_numpy("int64")
    write_answer(question, position, code, shares["share"].to_numpy())


if __name__ == "__main__":
    answer(Question.asked())
