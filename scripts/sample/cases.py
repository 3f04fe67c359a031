"""Demonstration sites: one for each way a site can meet a red line, a zone limit or the end of a layer.

Each is built from the drawn red lines and measured while it is built; `purpose` says which case it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely.affinity import translate

from sample.facts import TOWNS
from sample.frame import PLANE_EPSG, Floats, Shape, Shapes, plane_point, shapes_of, to_plane
from sample.noise import blob
from sample.trace import stretch

ZONE_LIMIT_LON = 109.5
SLIVER_M = 0.05
SLIVER_LENGTH_M = 120.0
NEAR_M = 25.0
NEAR_ACCURACY_M = 30.0


@dataclass(frozen=True, slots=True)
class Case:
    """One demonstration site."""

    name: str
    purpose: str
    shape: Shape
    accuracy_m: float = 0.0


def demonstration_sites(redlines: Shapes, county: shapely.Polygon, towns: Shapes) -> gpd.GeoDataFrame:
    """Return the demonstration sites as rows of the layer of project sites.

    Parameters
    ----------
    redlines
        Features of the red lines.
    county
        The county.
    towns
        Polygons in the order of `facts.TOWNS`, for the name of the place.
    """
    cases = list(_cases(redlines, county))
    middles = shapely.centroid(shapes_of([case.shape for case in cases]))
    names = []
    for middle in middles:
        inside = np.flatnonzero(shapely.contains(towns, middle))
        names.append(TOWNS[inside[0]].name if len(inside) else "县域外")
    return gpd.GeoDataFrame(
        {
            "site_id": [f"DEMO-{number + 1:02d}" for number in range(len(cases))],
            "project_id": [""] * len(cases),
            "site_name": [f"示例用地 {number + 1:02d}（{case.name}）" for number, case in enumerate(cases)],
            "location_basis": ["drawn polygon"] * len(cases),
            "place": names,
            "accuracy_m": [case.accuracy_m for case in cases],
            "purpose": [case.purpose for case in cases],
        },
        geometry=[case.shape for case in cases],
        crs=PLANE_EPSG,
    )


def _cases(redlines: Shapes, county: shapely.Polygon) -> Iterator[Case]:
    """Yield the cases in the order of their numbers."""
    pieces = shapely.get_parts(redlines)
    pieces = pieces[np.argsort(-shapely.area(pieces), kind="stable")]
    whole = shapely.union_all(pieces)
    middle, radius_m = _roomiest(pieces[0])
    yield Case(
        "红线内", "全部位于一块生态保护红线内", blob(middle, min(0.5 * radius_m, 220.0), seed=1_201, roughness=0.25)
    )
    away, room_m = _roomiest(shapely.difference(shapely.buffer(county, -900.0), shapely.buffer(whole, 300.0)))
    yield Case("红线外", "全部位于生态保护红线外", blob(away, min(0.5 * room_m, 260.0), seed=1_202, roughness=0.25))
    yield Case("压占两块红线", "部分压占相邻两块生态保护红线", _bridge(pieces))
    runs = list(_open_runs(pieces, whole, county))
    yield Case("与红线相接", "与生态保护红线共用一段边界，重叠面积为零", _sharing_edge(runs[0], whole))
    yield Case("细长重叠", "沿红线边界有约0.05米宽、约120米长的细长重叠", _sliver(runs[1], whole))
    yield Case("跨109.5°E", "跨越109.5°E，即3度带第36、37带分界", _across_zone_limit(county))
    edge = shapely.line_interpolate_point(county.exterior, 0.12, normalized=True)
    yield Case(
        "部分在县域外", "部分位于县域外，超出各图层覆盖范围", blob(shapely.get_coordinates(edge)[0], 240.0, seed=1_207)
    )
    yield Case("县域外", "全部位于县域外", blob(plane_point((109.60, 24.20)), 260.0, seed=1_208))
    hole, hole_radius_m = max((_roomiest(shapely.Polygon(ring)) for ring in _holes(pieces)), key=lambda found: found[1])
    yield Case(
        "红线孔洞内",
        "位于生态保护红线的孔洞内",
        blob(hole, min(0.45 * hole_radius_m, 160.0), seed=1_209, roughness=0.2),
    )
    yield Case("管线", "线状用地，多次穿越生态保护红线", _pipeline(whole, county))
    point, _ = _roomiest(pieces[1])
    yield Case("点", "点状用地，位于生态保护红线内", shapely.Point(point))
    near = _beside(runs[2], whole)
    yield Case("红线旁25米", "距生态保护红线25米，位置精度30米", near, NEAR_ACCURACY_M)


def _roomiest(ground: Shape) -> tuple[Floats, float]:
    """Return the middle and the radius of the largest circle in some ground."""
    circle = shapely.get_coordinates(shapely.maximum_inscribed_circle(shapes_of([ground]), tolerance=5.0))
    return circle[0], float(np.hypot(*(circle[-1] - circle[0])))


def _holes(pieces: Shapes) -> Shapes:
    """Return the inner rings of polygons."""
    return shapes_of([ring for piece in pieces for ring in piece.interiors])


def _bridge(pieces: Shapes) -> shapely.Polygon:
    """Return a strip between the two largest pieces that lie 100 to 600 m apart, reaching 150 m into both."""
    for number, piece in enumerate(pieces):
        others = pieces[number + 1 :]
        apart = shapely.distance(others, piece)
        fitting = np.flatnonzero((apart > 100.0) & (apart < 600.0))
        if len(fitting):
            gap = shapely.get_coordinates(shapely.shortest_line(piece, others[fitting[0]]))
            along = (gap[1] - gap[0]) / np.hypot(*(gap[1] - gap[0]))
            return shapely.buffer(
                shapely.LineString([gap[0] - 150 * along, gap[1] + 150 * along]), 90.0, cap_style="flat"
            )
    raise ValueError("no two red-line pieces lie 100 to 600 m apart")


def _open_runs(pieces: Shapes, whole: Shape, county: shapely.Polygon) -> Iterator[Floats]:
    """Yield stretches of red-line border, four vertices each, with open ground of 200 m before them and gentle bends.

    Stretches run so that the red line lies on the right hand.
    """
    ground = shapely.buffer(county, -300.0)
    for piece in pieces:
        ring = shapely.get_coordinates(shapely.force_2d(shapely.orient_polygons(piece, exterior_cw=True)).exterior)
        for start in range(0, len(ring) - 4, 11):
            run = ring[start : start + 4]
            steps = np.diff(run, axis=0)
            length = np.hypot(*steps.T)
            turn = np.abs(np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))))
            if not (length.sum() > 1.25 * SLIVER_LENGTH_M and length.max() < 120.0 and turn.max() < 0.25):
                continue
            before = shapely.Polygon(np.vstack([run[[0, -1]], _outward(run, 200.0)[::-1]]))
            if before.within(ground) and before.intersection(whole).area < 0.04 * before.area:
                yield run
                break


def _outward(run: Floats, by_m: float) -> Floats:
    """Return the ends of a stretch moved to its left, away from the red line."""
    along = (run[-1] - run[0]) / np.hypot(*(run[-1] - run[0]))
    return run[[0, -1]] + by_m * np.array([-along[1], along[0]])


def _sharing_edge(run: Floats, whole: Shape) -> shapely.Polygon:
    """Return a site that has a stretch of border in common with the red line, vertex by vertex, and no ground."""
    site = shapely.Polygon(np.vstack([run, _outward(run, 110.0)[::-1]]))
    if not site.is_valid or site.intersection(whole).area > 0.0:
        raise ValueError("the stretch chosen for the touching site does not keep clear of the red line")
    return site


def _sliver(run: Floats, whole: Shape) -> shapely.Polygon:
    """Return a site beside the red line that reaches over it by `SLIVER_M` along `SLIVER_LENGTH_M`."""
    line = shapely.LineString(run)
    start = (line.length - SLIVER_LENGTH_M) / 2
    border = stretch(line, start, start + SLIVER_LENGTH_M)
    strip = shapely.buffer(border, SLIVER_M, cap_style="flat", join_style="mitre")
    ground = shapely.difference(shapely.buffer(border, 80.0, cap_style="flat", single_sided=True), whole)
    site = max(
        shapely.get_parts(shapely.union(max(shapely.get_parts(ground), key=shapely.area), strip)), key=shapely.area
    )
    return shapely.Polygon(site.exterior)


def _across_zone_limit(county: shapely.Polygon) -> shapely.Polygon:
    """Return a site halfway along the limit's course through the county."""
    meridian = to_plane(shapes_of([shapely.LineString([(ZONE_LIMIT_LON, 23.8 + 0.01 * n) for n in range(70)])]))[0]
    inside = max(shapely.get_parts(shapely.intersection(meridian, county)), key=shapely.length)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(inside, 0.5, normalized=True))[0]
    return blob(middle, 230.0, seed=1_206, roughness=0.25)


def _pipeline(whole: Shape, county: shapely.Polygon) -> shapely.LineString:
    """Return a pipeline of four bends across the western upland."""
    ends = [(108.985, 24.275), (109.02, 24.262), (109.055, 24.256), (109.09, 24.235), (109.14, 24.222)]
    line = shapely.segmentize(shapely.LineString([plane_point(place) for place in ends]), 100.0)
    if not county.contains(line) or len(shapely.get_parts(shapely.intersection(line, whole))) < 2:
        raise ValueError("the pipeline must cross red lines at least twice inside the county")
    return line


def _beside(run: Floats, whole: Shape) -> shapely.Polygon:
    """Return a square site whose least distance from the red line is `NEAR_M`."""
    middle = run[[0, -1]].mean(axis=0)
    outward = _outward(run, 1.0)[0] - run[0]
    site: shapely.Polygon = shapely.box(*(middle - 60.0), *(middle + 60.0))
    for _ in range(60):
        step_m = NEAR_M - site.distance(whole) if site.disjoint(whole) else 20.0
        site = translate(site, *(step_m * outward))
    return site
