"""What an expert does with shapely: cut the zones into small parts, index those, cut only what is not covered."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow.parquet as pq
import shapely

from benchmark.answer import Positions, write_answer
from benchmark.question import Question
from benchmark.vectorised import measured
from ecogeo.geodesy import Geometries

_MOST_VERTICES = 256
_THREADS = 2
_BLOCKS_A_THREAD = 8


def answer(question: Question) -> None:
    """Answer with parts of zones; prepared shapes are not for several threads, cutting is done on two."""
    sites, zones = (shapely.from_wkb(_column(path)) for path in (question.sites, question.zones))
    parts, zone_of_part = _subdivided(zones)
    site, part = shapely.STRtree(parts).query(sites, predicate="intersects")
    shapely.prepare(parts[np.unique(part)])
    shapely.prepare(sites[np.unique(site)])
    is_covered = shapely.covers(parts[part], sites[site])
    pieces = np.where(is_covered, sites[site], parts[part])
    cut = np.flatnonzero(~is_covered & ~shapely.covers(sites[site], parts[part]))
    pieces[cut] = _intersections(sites[site[cut]], parts[part[cut]])
    pairs, row = np.unique(np.column_stack([site, zone_of_part[part]]), axis=0, return_inverse=True)
    amounts = np.bincount(row, weights=measured(pieces, question.measure), minlength=len(pairs))
    write_answer(question, pairs[:, 0], pairs[:, 1], amounts.astype(np.float64))


def _column(path: str) -> Geometries:
    """Return the shapes of a file as WKB."""
    blobs: Geometries = pq.ParquetFile(path).read(["geometry"])["geometry"].to_numpy()
    return blobs


def _intersections(shapes: Geometries, others: Geometries) -> Geometries:
    """Cut pairs of shapes on several threads: shapely works without Python's lock."""
    blocks = (np.array_split(side, _THREADS * _BLOCKS_A_THREAD) for side in (shapes, others))
    with ThreadPoolExecutor(_THREADS) as pool:
        return np.concatenate(list(pool.map(shapely.intersection, *blocks)))


def _subdivided(zones: Geometries) -> tuple[Geometries, Positions]:
    """Halve zones across their longer side until each part has few vertices; return the zone of each part too."""
    done: list[Geometries] = []
    owners: list[Positions] = []
    parts, owner = shapely.get_parts(zones, return_index=True)
    while len(parts):
        small = shapely.get_num_coordinates(parts) <= _MOST_VERTICES
        done.append(parts[small])
        owners.append(owner[small])
        parts, owner = parts[~small], np.tile(owner[~small], 2)
        parts, half = shapely.get_parts(_halves(parts), return_index=True)
        areal = shapely.get_dimensions(parts) == 2
        parts, owner = parts[areal], owner[half[areal]]
    return np.concatenate(done), np.concatenate(owners)


def _halves(shapes: Geometries) -> Geometries:
    """Return the low halves of all shapes, then the high ones; clipping by boxes is far cheaper than intersecting."""
    west, south, east, north = shapely.bounds(shapes).T
    wide = east - west > north - south
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    low = (west, south, np.where(wide, middle_x, east), np.where(wide, north, middle_y))
    high = (np.where(wide, middle_x, west), np.where(wide, south, middle_y), east, north)
    halves = np.empty(2 * len(shapes), dtype=object)
    halves[:] = [
        shapely.clip_by_rect(shape, *box)
        for boxes in (low, high)
        for shape, box in zip(shapes, np.column_stack(boxes), strict=True)
    ]
    return halves


if __name__ == "__main__":
    answer(Question.asked())
