"""The four answers: whether each site touches a constraint layer, and how surely.

With an accuracy of r metres a site may really lie anywhere within r of where it is drawn. It is

- *involved* if every placement within r overlaps a zone;
- *possible* if some placement does, or if it overlaps only in pieces below the layer's thresholds;
- *clear* if no placement does **and** the layer is complete over the site enlarged by r;
- *undetermined* otherwise: the layer does not cover the ground, has features nobody could measure, or nobody knows
  where the site is, or how wide.

For points this is exact; `ecogeo.certainty` gives the rule for lines and polygons. Where it does not decide, the answer
is *possible*, never a false *involved*. Many slivers stay *possible* however large their sum: each is below what the
layer's thresholds call an overlap, and the sum is told.

Pieces narrower than 1 mm are a boundary both layers share, written twice: they are listed, and count as touching.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogeo import geodesy
from ecogeo.certainty import Words, can_clear, covered, stays
from ecogeo.corridor import corridors
from ecogeo.finding import Answer
from ecogeo.layer import Layer
from ecogeo.nearness import SAME_M, nearest
from ecogeo.overlay import crossed_m, groups_of, merged_pieces, overlap_pieces, within_distance
from ecogeo.slivers import DIGITISING, SAME_LINE_M, SHARED_BOUNDARY, run_alongside

Flags = npt.NDArray[np.bool_]

NARROW = 10.0
"""Pieces up to this many times the threshold of width are looked at: do they lie along a shared boundary?"""


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """Sites against one layer.

    Parameters
    ----------
    rows
        One row per site, in the order of the sites: ``answer, certainty_m, overlap_m2, length_m, share, distance_m,
        coverage``.
        Overlap counts ground under several zones once and leaves out the dropped pieces; share is overlap over the
        area of the site or of a line's corridor (over its length for a line without one, the part of its points for
        points; none for points not surely placed). ``overlap_m2`` and ``share`` are NaN for a line of unknown width.
    kept, dropped
        The pieces of overlap above and below the thresholds (`ecogeo.overlay.overlap_pieces`): together, all of them.
        In the first piece of each zone a corridor overlaps, ``length_m`` is how much of the centre line lies in the
        zone. ``is_strip`` marks kept pieces of up to ten times the least width that lie along a shared boundary,
        ``reason`` says which threshold a dropped piece is under and why there is such a piece, ``is_seam`` that it is
        narrower than 1 mm.
    concerned
        Positions ``site`` and ``zone`` of every zone a site touches or, within its accuracy, may touch.
    grounds
        Shape of the sites: the site, or the corridor of a line that has one.
    """

    rows: pd.DataFrame
    kept: gpd.GeoDataFrame
    dropped: gpd.GeoDataFrame
    concerned: pd.DataFrame
    grounds: geodesy.Geometries


def screen_sites(
    sites: geodesy.Geometries,
    accuracy_m: geodesy.Floats,
    zones: Layer,
    *,
    least_m2: float,
    least_width_m: float,
    corridor_width_m: geodesy.Floats | None = None,
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
        A piece of overlap of a smaller area or mean width is dropped from the sums and listed, unless it is most of a
        site that is itself as small, or makes up enough together with pieces beside it. The layer's own thresholds win
        over these.
    corridor_width_m
        Shape (n,), the full width of the ground a line takes up, metres; 0 for none, NaN where nobody knows how wide:
        such a line is judged by itself and never clear. None gives no line a corridor. What is no line has none.

    Returns
    -------
    The answers, with every piece of overlap.
    """
    positions = np.flatnonzero(shapely.get_dimensions(zones.geometries) >= 1)
    shapes = zones.geometries[positions]
    declared = zones.declaration
    least_m2 = least_m2 if declared.least_m2 is None else declared.least_m2
    least_width_m = least_width_m if declared.least_width_m is None else declared.least_width_m
    width_m = np.zeros(len(sites)) if corridor_width_m is None else corridor_width_m
    is_line = shapely.get_dimensions(sites) == 1
    has_corridor, has_unknown_width = is_line & (width_m > 0), is_line & np.isnan(width_m)
    grounds: geodesy.Geometries = np.array(sites, dtype=object)
    grounds[has_corridor] = corridors(sites[has_corridor], width_m[has_corridor])

    pieces = overlap_pieces(grounds, shapes, folder=zones.folder)
    kept, dropped = _parted(pieces, grounds, shapes, least_m2=least_m2, least_width_m=least_width_m)
    kept["length_m"] += _crossed_per_pair(kept, sites, has_corridor, shapes)
    ground_hit = merged_pieces(kept, grounds, shapes)
    overlap_m2, length_m = geodesy.area_m2(ground_hit), geodesy.length_m(ground_hit)
    of_corridors = kept[has_corridor[kept["site"]] & (kept["area_m2"] > 0)]
    length_m += crossed_m(sites, of_corridors, shapes)
    overlap_m2[has_unknown_width] = np.nan

    distance = nearest(grounds, shapes)["distance_m"].to_numpy()
    is_hit = np.isin(np.arange(len(sites)), kept["site"])
    is_sliver = np.isin(np.arange(len(sites)), dropped.loc[~dropped["is_seam"], "site"])
    coverage = covered(grounds, accuracy_m, zones.coverage if can_clear(zones) else None)
    is_reached = np.isfinite(accuracy_m) & (accuracy_m > 0) & (distance <= accuracy_m + SAME_M)

    answer: Words = np.full(len(sites), str(Answer.UNDETERMINED), dtype=object)
    answer[(coverage == "full") & np.isfinite(accuracy_m) & ~has_unknown_width] = str(Answer.CLEAR)
    answer[is_hit | is_sliver | is_reached] = str(Answer.POSSIBLE)
    sure = is_hit & (accuracy_m == 0)
    unsure = np.flatnonzero(is_hit & np.isfinite(accuracy_m) & (accuracy_m > 0))
    sure[unsure] = stays(grounds[unsure], accuracy_m[unsure], shapes)
    answer[sure] = str(Answer.INVOLVED)
    answer[shapely.is_missing(sites)] = str(Answer.UNDETERMINED)
    rows = pd.DataFrame(
        {
            "answer": answer,
            "certainty_m": accuracy_m,
            "overlap_m2": overlap_m2,
            "length_m": length_m,
            "share": _share(grounds, accuracy_m, overlap_m2, length_m, ground_hit),
            "distance_m": distance,
            "coverage": coverage,
        }
    )
    reached = within_distance(grounds, shapes, np.where(answer == str(Answer.POSSIBLE), accuracy_m, np.nan))
    touched = pd.concat([kept[["site", "zone"]], dropped[["site", "zone"]], reached[["site", "zone"]]])
    concerned = pd.DataFrame(touched.drop_duplicates().sort_values(["site", "zone"], ignore_index=True))
    for pairs in (kept, dropped, concerned):
        pairs["zone"] = positions[pairs["zone"]]
    return Screened(rows, kept, dropped, concerned, grounds)


def _parted(
    pieces: gpd.GeoDataFrame,
    grounds: geodesy.Geometries,
    zones: geodesy.Geometries,
    *,
    least_m2: float,
    least_width_m: float,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Part the pieces of overlap that count from those under a threshold, with what they are."""
    is_area = shapely.get_dimensions(np.asarray(pieces.geometry.array)) == 2
    width_m, area_m2 = pieces["width_m"].to_numpy(float), pieces["area_m2"].to_numpy(float)
    site, of_site = np.unique(pieces["site"].to_numpy(), return_inverse=True)
    site_m2, site_width_m = (figure[of_site] for figure in _size(grounds[site]))
    is_seam = is_area & (width_m < np.minimum(geodesy.COORDINATE_STEP_M, site_width_m / 2))
    is_small = is_area & (area_m2 < np.minimum(least_m2, site_m2 / 2))
    is_narrow = is_area & (width_m < np.minimum(least_width_m, site_width_m / 2))
    is_kept = ~(is_seam | is_small | is_narrow)
    is_kept |= _large_together(pieces, is_kept, is_seam, least_m2=least_m2, least_width_m=least_width_m)
    is_doubtful = is_area & (~is_kept | (width_m < max(NARROW * least_width_m, SAME_LINE_M)))
    is_shared = np.zeros(len(pieces), dtype=bool)
    is_shared[is_doubtful] = run_alongside(pieces[is_doubtful], grounds, zones, least_width_m=least_width_m)
    threshold = np.select(
        [is_seam, is_small, is_narrow],
        ["mean width under 1 mm", f"area under {least_m2:g} m2", f"mean width under {least_width_m:g} m"],
        "",
    )
    cause = np.where(is_shared, SHARED_BOUNDARY, DIGITISING)
    reason = [f"{under}; {why}" for under, why in zip(threshold, cause, strict=True)]
    kept = pieces.assign(is_strip=is_shared)[is_kept].reset_index(drop=True)
    dropped = pieces.assign(reason=reason, is_seam=is_seam)[~is_kept].reset_index(drop=True)
    return kept, dropped


def _size(grounds: geodesy.Geometries) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Return area and mean width of each site: a threshold above them would drop the site itself."""
    area_m2 = geodesy.area_m2(grounds)
    polygons: geodesy.Geometries = np.full(len(grounds), None, dtype=object)
    polygons[area_m2 > 0] = grounds[area_m2 > 0]
    perimeter_m = geodesy.length_m(shapely.boundary(polygons))
    return area_m2, np.divide(2.0 * area_m2, perimeter_m, out=np.zeros_like(area_m2), where=perimeter_m > 0)


def _large_together(
    pieces: gpd.GeoDataFrame, is_kept: Flags, is_seam: Flags, *, least_m2: float, least_width_m: float
) -> Flags:
    """Tell which pieces under a threshold lie side by side, so that together they are above it.

    Only of sites none of whose pieces counts: beside ground that counts, a sliver of the next zone is one all the same.
    """
    site = pieces["site"].to_numpy()
    is_open = ~is_kept & ~is_seam & ~np.isin(site, site[is_kept])
    is_large = np.zeros(len(pieces), dtype=bool)
    rows = np.flatnonzero(is_open)
    shapes = np.asarray(pieces.geometry.array, dtype=object)
    for _, places in groups_of(site[rows]):
        own = rows[places]
        if len(own) > 1:
            whole = shapely.get_parts(shapely.union_all(shapes[own]))
            area_m2, width_m = _size(whole)
            enough = whole[(area_m2 >= least_m2) & (width_m >= least_width_m)]
            is_large[own] = shapely.intersects(shapes[own], shapely.union_all(enough))
    return is_large


def _crossed_per_pair(
    kept: gpd.GeoDataFrame, sites: geodesy.Geometries, has_corridor: Flags, zones: geodesy.Geometries
) -> geodesy.Floats:
    """Return, at the first piece of area of each pair, how much of a corridor's centre line lies in the zone."""
    crossed: geodesy.Floats = np.zeros(len(kept))
    is_first = ~kept.duplicated(["site", "zone"]).to_numpy() & (kept["area_m2"] > 0).to_numpy()
    rows = np.flatnonzero(is_first & has_corridor[kept["site"]])
    pairs = kept.iloc[rows]
    crossed[rows] = geodesy.length_m(shapely.intersection(sites[pairs["site"]], zones[pairs["zone"]]))
    return crossed


def _share(
    grounds: geodesy.Geometries,
    accuracy_m: geodesy.Floats,
    overlap_m2: geodesy.Floats,
    length_m: geodesy.Floats,
    ground_hit: geodesy.Geometries,
) -> geodesy.Floats:
    """Return the part of each site that overlaps: of its area, else of its length, else of its points."""
    share: geodesy.Floats = np.zeros(len(grounds))
    rows = np.flatnonzero((overlap_m2 > 0) | (length_m > 0))
    area, length = geodesy.area_m2(grounds[rows]), geodesy.length_m(grounds[rows])
    share[rows] = np.divide(length_m[rows], length, out=np.zeros(len(rows)), where=length > 0)
    share[rows] = np.divide(overlap_m2[rows], area, out=share[rows], where=area > 0)
    is_point = shapely.get_dimensions(grounds) == 0
    points = shapely.get_num_coordinates(grounds[is_point])
    share[is_point] = shapely.get_num_coordinates(ground_hit[is_point]) / points
    share[shapely.is_missing(grounds) | (is_point & ~(accuracy_m == 0)) | np.isnan(overlap_m2)] = np.nan
    capped: geodesy.Floats = np.minimum(share, 1.0)
    return capped
