"""Protected ground: red lines, the nature reserve, control units and water-source zones."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely

from sample.facts import REDLINE_UNITS, RESERVOIRS, SUMMIT_LONLAT
from sample.frame import PLANE_EPSG, Shape, Shapes, plane_point, shapes_of
from sample.noise import blob, displaced
from sample.partition import Partition
from sample.rivers import Reach
from sample.trace import united

_LEAST_PIECE_M2 = 20_000.0
_GROUPED_BELOW_M2 = 700_000.0
_GROUPED_WITHIN_M = 2_400.0
_UNIT_CLASSES = ("优先保护单元", "重点管控单元", "一般管控单元")
GRADES = ("一级", "二级", "准保护区")


def redlines_layer(partition: Partition) -> gpd.GeoDataFrame:
    """Return the layer of red lines; some small pieces near each other form one feature of several parts."""
    rows: list[tuple[str, Shape]] = []
    for number, unit in enumerate(REDLINE_UNITS, start=1):
        pieces = shapely.get_parts(united(partition.faces, partition.redline, number))
        pieces = pieces[shapely.area(pieces) >= _LEAST_PIECE_M2]
        rows += [(unit, feature) for feature in _grouped(pieces)]
    return gpd.GeoDataFrame(
        {
            "redline_id": [f"RL{number + 1:03d}" for number in range(len(rows))],
            "unit_name": [unit for unit, _ in rows],
            "redline_type": [REDLINE_UNITS[unit] for unit, _ in rows],
        },
        geometry=[feature for _, feature in rows],
        crs=PLANE_EPSG,
    )


def earlier_redlines(redlines: gpd.GeoDataFrame, county: shapely.Polygon) -> gpd.GeoDataFrame:
    """Return the version before: every outline surveyed a little otherwise, two pieces more, one feature less.

    Parameters
    ----------
    redlines
        The red lines in force. The smallest feature of one part is new in them; of the earlier ones, ground beside the
        largest feature and a piece by itself were taken out.
    county
        What was taken out ends at its border.
    """
    shapes = redlines.geometry.to_numpy()
    areas = np.where(shapely.get_num_geometries(shapes) == 1, shapely.area(shapes), np.inf)
    new, largest = int(np.argmin(areas)), int(np.argmax(shapely.area(shapes)))
    surveyed = shapely.transform(shapes, lambda xy: displaced(xy, by_m=0.6, scale_m=400.0, octaves=2, seed=840))
    others = shapely.union_all(np.delete(surveyed, largest))
    corner = shapely.get_coordinates(surveyed[largest])[0]
    bulge = shapely.difference(shapely.intersection(blob(corner, 160.0, seed=841, vertices=48), county), others)
    surveyed[largest] = shapely.union(surveyed[largest], bulge)
    outside = shapely.get_coordinates(shapely.centroid(surveyed[new]))[0] - 900.0
    apart = shapely.difference(blob(outside, 110.0, seed=842, vertices=40), shapely.union_all(surveyed))
    kept = np.delete(np.arange(len(redlines)), new)
    rows = redlines.iloc[[*kept, new]]
    return gpd.GeoDataFrame(
        {
            "redline_id": [f"RLE{number + 1:03d}" for number in range(len(rows))],
            "unit_name": rows["unit_name"].to_numpy(),
            "redline_type": rows["redline_type"].to_numpy(),
        },
        geometry=[*surveyed[kept], apart],
        crs=PLANE_EPSG,
    )


def _grouped(pieces: Shapes) -> list[Shape]:
    """Return pieces as features, every second small one together with its nearest small neighbours."""
    ordered = pieces[np.lexsort(shapely.get_coordinates(shapely.centroid(pieces)).T)]
    small = shapely.area(ordered) < _GROUPED_BELOW_M2
    free = np.ones(len(ordered), dtype=bool)
    features = []
    for number in np.flatnonzero(small)[::2]:
        if not free[number]:
            continue
        near = small & free & (shapely.distance(ordered, ordered[number]) < _GROUPED_WITHIN_M)
        if near.sum() > 1:
            features.append(shapely.MultiPolygon(list(ordered[near])))
            free &= ~near
    return [*ordered[free], *features]


def reserves_layer(redlines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the layer of the reserve around the summit: a core inside the red lines and the general zone round it."""
    centre = plane_point(SUMMIT_LONLAT)
    near = redlines.geometry[redlines.geometry.distance(shapely.Point(centre)) < 6_000].to_numpy()
    protected = shapely.buffer(shapely.union_all(near), -150.0)
    core = shapely.intersection(blob(centre, 1_900.0, seed=801, roughness=0.35, vertices=180), protected)
    core = max(shapely.get_parts(core), key=shapely.area)
    core = shapely.Polygon(core.exterior)
    whole = blob(centre, 3_300.0, seed=802, roughness=0.30, vertices=220)
    general = shapely.difference(shapely.union(whole, shapely.buffer(core, 250.0)), core)
    return gpd.GeoDataFrame(
        {
            "reserve_id": ["NR01-1", "NR01-2"],
            "reserve_name": ["示意自然保护区"] * 2,
            "zone": ["核心保护区", "一般控制区"],
        },
        geometry=[core, general],
        crs=PLANE_EPSG,
    )


def earlier_reserves(reserves: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the version before: every outline surveyed a little otherwise, and a piece more in the general zone.

    Parameters
    ----------
    reserves
        The reserves in force; beside the largest of them ground was taken out since.
    """
    shapes = reserves.geometry.to_numpy()
    largest = int(np.argmax(shapely.area(shapes)))
    surveyed = shapely.transform(shapes, lambda xy: displaced(xy, by_m=0.6, scale_m=400.0, octaves=2, seed=850))
    others = shapely.union_all(np.delete(surveyed, largest))
    corner = shapely.get_coordinates(shapely.get_exterior_ring(surveyed[largest]))[0]
    bulge = shapely.difference(blob(corner, 140.0, seed=851, vertices=44), others)
    surveyed[largest] = shapely.union(surveyed[largest], bulge)
    return reserves[["reserve_id", "reserve_name", "zone"]].set_geometry(gpd.GeoSeries(surveyed, crs=PLANE_EPSG))


def control_units_layer(partition: Partition) -> gpd.GeoDataFrame:
    """Return the layer of control units, which divide the county without rest."""
    names = [*REDLINE_UNITS, "示意重点管控单元（城镇）", "示意重点管控单元（工业园）", "示意一般管控单元"]
    return gpd.GeoDataFrame(
        {
            "unit_id": [f"CU{number + 1:02d}" for number in range(len(names))],
            "unit_name": names,
            "unit_class": [_UNIT_CLASSES[number] for number in (0, 0, 0, 1, 1, 2)],
        },
        geometry=partition.units(),
        crs=PLANE_EPSG,
    )


def water_sources_layer(lakes: Shapes, intake: Reach, county: shapely.Polygon) -> gpd.GeoDataFrame:
    """Return the layer of water-source zones: rings round two reservoirs, stretches along one river.

    Parameters
    ----------
    lakes
        The reservoirs' outlines, of which the first two are sources.
    intake
        The reach with the intake, in its middle.
    county
        Zones end at its border.
    """
    rows: list[tuple[int, str, Shape]] = []
    for number, lake in enumerate(lakes[:2]):
        rings = [_uneven(shapely.buffer(lake, beyond_m), seed=820 + number) for beyond_m in (200.0, 1_000.0, 2_200.0)]
        rows += [(number, grade, ring) for grade, ring in zip(GRADES, _nested(rings), strict=True)]
    middle = len(intake.left) // 2
    stretches = []
    for upstream, downstream, beyond_m in ((50, 5, 50.0), (150, 15, 600.0), (240, 30, 1_200.0)):
        part = slice(max(0, middle - upstream), middle + downstream + 1)
        surface = shapely.Polygon(np.vstack([intake.left[part], intake.right[part][::-1]]))
        stretches.append(shapely.buffer(surface, beyond_m))
    rows += [(2, grade, ring) for grade, ring in zip(GRADES, _nested(stretches), strict=True)]
    names = (
        *(f"示意水源地{number + 1}（{lake.name}）" for number, lake in enumerate(RESERVOIRS[:2])),
        f"示意水源地3（{intake.river.name}）",
    )
    return gpd.GeoDataFrame(
        {
            "source_id": [f"WS{number + 1:02d}-{GRADES.index(grade) + 1}" for number, grade, _ in rows],
            "source_name": [names[number] for number, _, _ in rows],
            "grade": [grade for _, grade, _ in rows],
        },
        geometry=shapely.intersection(shapes_of([zone for _, _, zone in rows]), county),
        crs=PLANE_EPSG,
    )


def _nested(zones: Sequence[Shape]) -> list[Shape]:
    """Return zones from the inside out, each without the ones inside it."""
    inner, middle, outer = zones
    return [inner, shapely.difference(middle, inner), shapely.difference(outer, shapely.union(middle, inner))]


def _uneven(zone: shapely.Polygon, *, seed: int) -> shapely.Polygon:
    """Return a zone with a slightly uneven border."""
    ring = shapely.get_coordinates(shapely.segmentize(zone, 60.0).exterior)
    return shapely.Polygon(displaced(ring, by_m=45.0, scale_m=700.0, octaves=3, seed=seed))
