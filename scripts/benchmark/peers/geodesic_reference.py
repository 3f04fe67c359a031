"""No peer, but what peers with geodesic edges on WGS 84 are held against: pyproj's Geod on the pieces of shapely."""

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from benchmark.answer import write_answer
from benchmark.question import Question


def answer(question: Question) -> None:
    """Answer piece by piece with the geodesic library; it is not timed."""
    sites, zones = (
        np.asarray(gpd.read_parquet(path).geometry.array, dtype=object) for path in (question.sites, question.zones)
    )
    site, zone = shapely.STRtree(zones).query(sites, predicate="intersects")
    site, zone = np.asarray(site), np.asarray(zone)
    geod = pyproj.Geod(ellps="WGS84")
    pieces = shapely.orient_polygons(shapely.intersection(sites[site], zones[zone]))
    if question.measure == "length_m":
        amounts = [geod.geometry_length(piece) for piece in pieces]
    else:
        amounts = [geod.geometry_area_perimeter(piece)[0] for piece in pieces]
    write_answer(question, site, zone, np.array(amounts))


if __name__ == "__main__":
    answer(Question.asked())
