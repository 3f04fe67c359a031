"""The four answers: whether each site touches a constraint layer, and how surely.

With an accuracy of r metres a site may really lie anywhere within r of where it is drawn. It is

- *involved* if every placement within r overlaps a zone;
- *possible* if some placement does, or if it overlaps only in pieces below the layer's thresholds;
- *clear* if no placement does **and** the layer is complete over the site enlarged by r;
- *undetermined* otherwise: the layer does not cover the ground, has features nobody could measure, or nobody knows
  where the site is.

Pieces narrower than 1 mm are a boundary both layers share, written twice: they are listed, and count as touching.

For points this is exact. For lines and polygons, "every placement" is decided by a sufficient condition: some point of
the site stays in a zone however it is moved (the site meets the zones shrunk by r), or some point of a zone stays in
the site (the zones meet the site shrunk by r). Where neither holds the answer is *possible*, never a false *involved*.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.finding import Answer
from ecogeo.layer import Layer
from ecogeo.overlay import merged_pieces, nearest, overlap_pieces

# A polygonal buffer of 64 sides lies inside the true circle by at most 0.121 %: shrinking by a little more is safe.
_SAFE_SHRINK = 1.0013

_COORDINATE_STEP_DEG = geodesy.COORDINATE_STEP_M / 111_000
SHARED_BOUNDARY = "shared boundary: mean width under 1 mm"

Words = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """Sites against one layer.

    Parameters
    ----------
    rows
        One row per site, in the order of the sites: ``answer, certainty_m, overlap_m2, length_m, share, distance_m,
        coverage``.
        Overlap counts ground under several zones once and leaves out the dropped pieces; share is overlap over the
        area of the site (over its length for a line, 1 for a point inside; none for a point not surely placed).
    kept, dropped
        The pieces of overlap above and below the thresholds (`ecogeo.overlay.overlap_pieces`): together, all of them.
    concerned
        Positions ``site`` and ``zone`` of every zone a site touches or, within its accuracy, may touch.
    """

    rows: pd.DataFrame
    kept: gpd.GeoDataFrame
    dropped: gpd.GeoDataFrame
    concerned: pd.DataFrame


def screen_sites(
    sites: geodesy.Geometries,
    accuracy_m: geodesy.Floats,
    zones: Layer,
    *,
    least_m2: float,
    least_width_m: float,
) -> Screened:
    """Answer for each site whether it touches a layer.

    Parameters
    ----------
    sites
        Shape (n,), valid, longitude and latitude in degrees on CGCS2000; None where nobody knows where the site is.
    accuracy_m
        Shape (n,), metres within which the site may really lie; NaN where unknown, which makes a site without an
        overlap undetermined and one with an overlap possible.
    zones
        Polygons or lines of the constraint; its points are left out.
    least_m2, least_width_m
        A piece of overlap of a smaller area or mean width is dropped from the sums and listed. The layer's own
        thresholds win over these.

    Returns
    -------
    The answers, with every piece of overlap.
    """
    positions = np.flatnonzero(shapely.get_dimensions(zones.geometries) >= 1)
    shapes = zones.geometries[positions]
    declared = zones.declaration
    least_m2 = least_m2 if declared.least_m2 is None else declared.least_m2
    least_width_m = least_width_m if declared.least_width_m is None else declared.least_width_m
    pieces = overlap_pieces(sites, shapes)
    pieces["zone"] = positions[pieces["zone"]]
    is_area = shapely.get_dimensions(np.asarray(pieces.geometry.array)) == 2
    is_shared = is_area & (pieces["width_m"] < geodesy.COORDINATE_STEP_M).to_numpy()
    is_small = is_area & (pieces["area_m2"] < least_m2).to_numpy()
    is_narrow = is_area & (pieces["width_m"] < least_width_m).to_numpy()
    pieces["reason"] = np.select(
        [is_shared, is_small, is_narrow],
        [SHARED_BOUNDARY, f"area under {least_m2:g} m2", f"mean width under {least_width_m:g} m"],
        "",
    )
    is_kept = ~(is_shared | is_small | is_narrow)
    kept = pieces[is_kept].drop(columns="reason").reset_index(drop=True)
    dropped = pieces[~is_kept].reset_index(drop=True)

    covered = merged_pieces(kept, sites, zones.geometries)
    overlap_m2, length_m = geodesy.area_m2(covered), geodesy.length_m(covered)
    longitude = _middle(sites, shapes)
    near = nearest(sites, shapes, longitude=longitude)
    distance = near["distance_m"].to_numpy()
    is_hit = np.isin(np.arange(len(sites)), kept["site"])
    is_sliver = np.isin(np.arange(len(sites)), dropped.loc[dropped["reason"] != SHARED_BOUNDARY, "site"])
    reach = np.nan_to_num(accuracy_m, nan=np.inf)
    coverage = _coverage(sites, accuracy_m, zones.coverage if can_clear(zones) else None)

    answer: Words = np.full(len(sites), str(Answer.UNDETERMINED), dtype=object)
    answer[(coverage == "full") & np.isfinite(accuracy_m)] = str(Answer.CLEAR)
    answer[is_hit | is_sliver | (np.isfinite(reach) & (reach > 0) & (distance < reach))] = str(Answer.POSSIBLE)
    sure = is_hit & (accuracy_m == 0)
    unsure = np.flatnonzero(is_hit & np.isfinite(accuracy_m) & (accuracy_m > 0))
    sure[unsure] = _stays(sites[unsure], accuracy_m[unsure], shapes, longitude)
    answer[sure] = str(Answer.INVOLVED)
    answer[shapely.is_missing(sites)] = str(Answer.UNDETERMINED)
    rows = pd.DataFrame(
        {
            "answer": answer,
            "certainty_m": accuracy_m,
            "overlap_m2": overlap_m2,
            "length_m": length_m,
            "share": _share(sites, accuracy_m, overlap_m2, length_m, is_hit),
            "distance_m": distance,
            "coverage": coverage,
        }
    )
    reached = _reached(sites, np.where(answer == str(Answer.POSSIBLE), accuracy_m, np.nan), shapes, longitude)
    reached["zone"] = positions[reached["zone"]]
    touched = pd.concat([kept[["site", "zone"]], dropped[["site", "zone"]], reached])
    concerned = pd.DataFrame(touched.drop_duplicates().sort_values(["site", "zone"], ignore_index=True))
    return Screened(rows, kept, dropped, concerned)


def can_clear(zones: Layer) -> bool:
    """Tell whether a layer's declared coverage can be believed, so that the layer may clear a site.

    Not where features of it could not be measured, nor where it declares to cover ground that none of its features
    comes near: who knows where they really lie?
    """
    if zones.set_aside or zones.coverage is None:
        return False
    return bool(shapely.intersects(zones.coverage, zones.geometries).any())


def _reached(
    sites: geodesy.Geometries, reach_m: geodesy.Floats, zones: geodesy.Geometries, longitude: float
) -> pd.DataFrame:
    """Return the zones within reach of each site that has a finite reach."""
    rows = np.flatnonzero(np.isfinite(reach_m) & (reach_m > 0) & ~shapely.is_missing(sites))
    if not len(rows) or not len(zones):
        return pd.DataFrame({"site": np.empty(0, dtype=int), "zone": np.empty(0, dtype=int)})
    plane = geodesy.local_plane(longitude)
    tree = shapely.STRtree(plane.to_plane(zones))
    site, zone = tree.query(plane.to_plane(sites[rows]), predicate="dwithin", distance=reach_m[rows])
    return pd.DataFrame({"site": rows[site], "zone": zone})


def _middle(sites: geodesy.Geometries, zones: geodesy.Geometries) -> float:
    """Return the longitude about which everything lies; 0 where there is nothing."""
    box = shapely.total_bounds(np.concatenate([sites, zones]))
    return 0.0 if np.isnan(box[0]) else float(box[0] + box[2]) / 2


def _share(
    sites: geodesy.Geometries,
    accuracy_m: geodesy.Floats,
    overlap_m2: geodesy.Floats,
    length_m: geodesy.Floats,
    is_hit: npt.NDArray[np.bool_],
) -> geodesy.Floats:
    """Return the part of each site that overlaps: of its area, else of its length, else 1 for a point surely placed."""
    area, length = geodesy.area_m2(sites), geodesy.length_m(sites)
    share = is_hit.astype(float)
    np.divide(length_m, length, out=share, where=length > 0)
    np.divide(overlap_m2, area, out=share, where=area > 0)
    is_vague_point = (shapely.get_dimensions(sites) == 0) & ~(accuracy_m == 0)
    share[shapely.is_missing(sites) | is_vague_point] = np.nan
    capped: geodesy.Floats = np.minimum(share, 1.0)
    return capped


def _coverage(sites: geodesy.Geometries, accuracy_m: geodesy.Floats, coverage: shapely.Geometry | None) -> Words:
    """Tell whether a layer is complete over each site enlarged by its accuracy: full, partial, none or unknown."""
    state = np.full(len(sites), "unknown", dtype=object)
    if coverage is None or shapely.is_empty(coverage):
        return state
    rows = np.flatnonzero(~shapely.is_missing(sites))
    is_inside = shapely.covers(shapely.buffer(coverage, _COORDINATE_STEP_DEG), sites[rows])
    edge: geodesy.Geometries = np.array([shapely.boundary(coverage)] * len(rows), dtype=object)
    room_m = geodesy.distance_m(sites[rows], edge)
    reach = np.nan_to_num(accuracy_m[rows], nan=0.0)
    is_full = is_inside & ((reach == 0) | (room_m >= reach))
    meets = shapely.intersects(coverage, sites[rows]) | (room_m < reach)
    state[rows] = np.select([is_full, meets], ["full", "partial"], "none")
    return state


def _stays(
    sites: geodesy.Geometries, accuracy_m: geodesy.Floats, zones: geodesy.Geometries, longitude: float
) -> npt.NDArray[np.bool_]:
    """Tell which sites overlap the zones in every placement within their accuracy (see the module's rule)."""
    stays = np.zeros(len(sites), dtype=bool)
    plane = geodesy.local_plane(longitude)
    placed, grounds = plane.to_plane(sites), plane.to_plane(zones)
    tree = shapely.STRtree(grounds)
    for row, (site, reach) in enumerate(zip(placed, accuracy_m, strict=True)):
        near = np.sort(tree.query(site, predicate="dwithin", distance=reach))
        ground = shapely.union_all(grounds[near])
        if shapely.get_dimensions(site) == 0:
            points = shapely.get_parts(site)
            is_deep = shapely.distance(points, shapely.boundary(ground)) >= reach
            stays[row] = bool((shapely.covers(ground, points) & is_deep).any())
        else:
            core = shapely.buffer(ground, -reach * _SAFE_SHRINK, quad_segs=16)
            heart = shapely.buffer(site, -reach * _SAFE_SHRINK, quad_segs=16)
            stays[row] = bool(shapely.intersects(site, core) or shapely.intersects(heart, ground))
    return stays
