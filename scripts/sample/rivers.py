"""Rivers: winding centre lines, reaches with two banks, the water between them, and the land managed along them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely

from sample.facts import RESERVOIRS, RIVERS, River
from sample.frame import PLANE_EPSG, Floats, Shape, Shapes, ellipsoidal_length_m, plane_point, plane_points, shapes_of
from sample.noise import blob, displaced, fractal
from sample.trace import resampled, stretch

STEP_M = 20.0
_BORDER_STRIP_M = 90.0
_LEAST_LOOPS = 0.40
_TARGETS_PCT = (60.0, 75.0, 50.0, 85.0, 70.0, 65.0, 90.0)


@dataclass(frozen=True, slots=True)
class Reach:
    """A stretch of river: its banks as plane points in the direction of flow, the same number on each."""

    reach_id: str
    river: River
    left: Floats
    right: Floats
    width_m: float

    @property
    def surface(self) -> shapely.Polygon:
        """The water between the banks."""
        return shapely.Polygon(np.vstack([self.left, self.right[::-1]]))


def centre_lines(county: shapely.Polygon) -> dict[str, shapely.LineString]:
    """Return the centre line of every river in the direction of flow.

    A river with a length on record is cut at its upper end to that length, on the ellipsoid.
    """
    inner = shapely.buffer(county, -_BORDER_STRIP_M)
    drawn: dict[str, shapely.LineString] = {}
    for number, river in enumerate(RIVERS):
        receiver = drawn.get(river.into or "")
        line, length_m, loops = shapely.LineString(), 0.0, _LEAST_LOOPS
        while length_m < max(1_000 * (river.length_km or 0.0), 1.0):
            line = _within(_wound(river, loops, seed=300 + 10 * number), inner, receiver)
            length_m = float(ellipsoidal_length_m(shapes_of([line]))[0])
            loops += 0.04
        if river.length_km is not None:
            line = stretch(line, line.length * (1 - 1_000 * river.length_km / length_m), line.length)
        drawn[river.name] = line
    return drawn


def _ended_at(line: shapely.LineString, receiver: shapely.LineString) -> shapely.LineString:
    """Return a tributary up to where it first meets the receiving river; else turned to it where nearest."""
    meeting = shapely.get_parts(shapely.intersection(line, receiver))
    if not shapely.is_empty(meeting).all():
        return stretch(line, 0.0, float(shapely.line_locate_point(line, meeting).min()))
    leave, arrive = shapely.get_coordinates(shapely.shortest_line(line, receiver))
    upper = stretch(line, 0.0, float(shapely.line_locate_point(line, shapely.Point(leave))))
    return shapely.LineString([*upper.coords, arrive])


def _within(
    line: shapely.LineString, inner: shapely.Polygon, receiver: shapely.LineString | None
) -> shapely.LineString:
    """Return the longest stretch of a line inside the county, up to the receiving river if there is one."""
    inside = shapely.get_parts(shapely.intersection(line if receiver is None else _ended_at(line, receiver), inner))
    longest: shapely.LineString = inside[np.argmax(shapely.length(inside))]
    return longest


def _wound(river: River, loops: float, *, seed: int) -> shapely.LineString:
    """Return a river's course through its control points, in wide bends and in loops of a given strength."""
    course = _rounded(plane_points(river.course))
    length_m = shapely.length(shapely.LineString(course))
    bend_m, loop_m = min(2_400.0, length_m / 3), min(760.0, length_m / 9)
    swung = displaced(course, by_m=0.3 * bend_m, scale_m=bend_m, octaves=1, seed=seed)
    swung = resampled(swung, int(length_m / STEP_M))
    looped = displaced(swung, by_m=loops * loop_m, scale_m=loop_m, octaves=1, seed=seed + 2)
    return shapely.LineString(_rounded(resampled(looped, int(length_m / 60.0)), per_span=4))


def _rounded(control: Floats, *, per_span: int = 24) -> Floats:
    """Return points on a Catmull-Rom curve through control points."""
    padded = np.vstack([2 * control[0] - control[1], control, 2 * control[-1] - control[-2]])
    t = np.linspace(0.0, 1.0, per_span, endpoint=False)[:, np.newaxis]
    spans = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True)
    ]
    return np.vstack([*spans, control[-1:]])


def draw_reaches(lines: dict[str, shapely.LineString]) -> tuple[Reach, ...]:
    """Return the reaches of all rivers, widening downstream; a river's reaches join without a gap."""
    found: list[Reach] = []
    for number, river in enumerate(RIVERS):
        centre = shapely.get_coordinates(lines[river.name])
        centre = resampled(centre, round(lines[river.name].length / STEP_M))
        left, right = _banks(centre, river, seed=400 + number)
        cuts = np.linspace(0, len(centre) - 1, river.reaches + 1).round().astype(int)
        for start, end in pairwise(cuts):
            part = slice(start, end + 1)
            width_m = float(np.hypot(*(left[part] - right[part]).T).mean())
            found.append(Reach(f"R{len(found) + 1:02d}", river, left[part], right[part], width_m))
    return tuple(found)


def _banks(centre: Floats, river: River, *, seed: int) -> tuple[Floats, Floats]:
    """Return the left and right bank of a centre line, seen downstream."""
    share = np.linspace(0.0, 1.0, len(centre))
    width = river.width_m[0] + (river.width_m[1] - river.width_m[0]) * share
    width = width * (1 + 0.16 * fractal(centre[:, 0], centre[:, 1], scale_m=420.0, octaves=2, seed=seed))
    along = np.gradient(centre, axis=0)
    along /= np.hypot(*along.T)[:, np.newaxis]
    leftward = np.column_stack([-along[:, 1], along[:, 0]])
    half = np.clip(width, 15.0, 80.0)[:, np.newaxis] / 2
    return centre + leftward * half, centre - leftward * half


def river_reaches(reaches: tuple[Reach, ...]) -> gpd.GeoDataFrame:
    """Return the layer of reaches, each a line of exactly two parts: left bank, right bank."""
    return gpd.GeoDataFrame(
        {
            "reach_id": [reach.reach_id for reach in reaches],
            "river": [reach.river.name for reach in reaches],
            "basin": [reach.river.basin for reach in reaches],
            "width_m": [round(reach.width_m, 2) for reach in reaches],
            "target_pct": [_TARGETS_PCT[number % len(_TARGETS_PCT)] for number in range(len(reaches))],
        },
        geometry=[shapely.MultiLineString([reach.left, reach.right]) for reach in reaches],
        crs=PLANE_EPSG,
    )


def draw_reservoirs(reaches: tuple[Reach, ...]) -> Shapes:
    """Return the reservoirs' outlines, with arms, clear of the rivers."""
    rivers = shapely.union_all([reach.surface for reach in reaches])
    outlines = [
        shapely.Polygon(
            displaced(
                shapely.get_coordinates(
                    blob(plane_point(lake.centre), lake.radius_m, seed=500 + number, roughness=0.55, vertices=220)
                ),
                by_m=120.0,
                scale_m=480.0,
                octaves=3,
                seed=510 + number,
            )
        )
        for number, lake in enumerate(RESERVOIRS)
    ]
    largest = [max(shapely.get_parts(shapely.make_valid(outline)), key=shapely.area) for outline in outlines]
    return shapes_of([shapely.difference(outline, shapely.buffer(rivers, 150.0)) for outline in largest])


def water_bodies(reaches: tuple[Reach, ...], lakes: Shapes) -> gpd.GeoDataFrame:
    """Return the layer of water: one surface per river, a tributary's up to the receiving river's, and reservoirs."""
    surfaces: dict[str, Shape] = {}
    for river in RIVERS:
        water = shapely.coverage_union_all([reach.surface for reach in reaches if reach.river == river])
        surfaces[river.name] = water if river.into is None else shapely.difference(water, surfaces[river.into])
    names = [*surfaces, *(lake.name for lake in RESERVOIRS)]
    return gpd.GeoDataFrame(
        {
            "body_id": [f"W{number + 1:02d}" for number in range(len(names))],
            "name": names,
            "kind": ["河流水面"] * len(surfaces) + ["水库水面"] * len(RESERVOIRS),
        },
        geometry=[*surfaces.values(), *lakes],
        crs=PLANE_EPSG,
    )


def river_management(reaches: tuple[Reach, ...], county: shapely.Polygon) -> gpd.GeoDataFrame:
    """Return the layer of managed land: each reach's water and 20 to 50 m beyond its banks."""
    beyond_m = [20.0 + 30.0 * (reach.width_m - 15.0) / 65.0 for reach in reaches]
    strips = shapely.buffer(
        shapes_of([reach.surface for reach in reaches]), np.array(beyond_m), cap_style="flat", quad_segs=4
    )
    return gpd.GeoDataFrame(
        {
            "strip_id": [f"M{number + 1:02d}" for number in range(len(reaches))],
            "river": [reach.river.name for reach in reaches],
            "beyond_m": np.round(beyond_m, 1),
        },
        geometry=shapely.intersection(strips, county),
        crs=PLANE_EPSG,
    )
