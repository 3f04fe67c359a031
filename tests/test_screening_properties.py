"""What must hold of the screening for any shapes, anywhere: nothing lost, nothing twice, whatever the order."""

import itertools

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.layer import Layer
from ecogeo.nearness import nearest
from ecogeo.overlay import overlap_pieces, within_distance
from ecogeo.screening import Screened, screen_sites

GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
STEP_DEG = 0.001
"""The side of a cell: about 100 m."""

FEW = settings(max_examples=settings().max_examples * 3 // 10)

WITHIN = {"rel": 1e-6, "abs": 0.01}

Corners = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


def cells(draw_from: st.SearchStrategy[int]) -> st.SearchStrategy[Corners]:
    corner = st.tuples(draw_from, draw_from)
    return st.tuples(corner, corner, corner)


@st.composite
def grounds(draw: st.DrawFn) -> shapely.Geometry:
    """Draw ground on a grid: boxes and triangles added to and taken from one another.

    So come holes, islands in holes, parts that meet in a corner, needles, and edges shared from shape to shape.
    """
    whole = shapely.box(*draw(st.sampled_from([(0, 0, 12, 12), (3, 2, 9, 14), (-4, 4, 16, 6), (0, 0, 1, 12)])))
    for is_added, is_box, corners in draw(
        st.lists(st.tuples(st.booleans(), st.booleans(), cells(st.integers(-6, 18))), max_size=5)
    ):
        (x, y), (other_x, other_y), _ = corners
        part = shapely.box(min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y))
        part = part if is_box else shapely.Polygon(corners)
        if part.area > 0:
            whole = whole.union(part) if is_added else whole.difference(part)
    assume(whole.area > 0 and whole.geom_type in {"Polygon", "MultiPolygon"})
    return whole


PLACES = st.sampled_from(
    [(109.3, 24.26), (-0.006, 51.48), (24.9, 60.2), (-0.005, -33.4), (100.0, 74.98), (-70.0, -74.99), (37.0, -0.005)]
)
"""Home; both sides of Greenwich, north and south; far north and far south; both sides of the equator."""


def at(place: tuple[float, float], *shapes: shapely.Geometry) -> geodesy.Geometries:
    """Put shapes of the grid on the ground."""
    placed = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy * STEP_DEG + place)
    assume(bool(shapely.is_valid(placed).all()))
    return placed


def layer(zones: geodesy.Geometries, coverage: shapely.Geometry | None = None) -> Layer:
    frame = gpd.GeoDataFrame({"id": [str(n) for n in range(len(zones))]}, geometry=gpd.GeoSeries(zones, crs=4490))
    return Layer("zones", LayerDeclaration(role="redlines", path="x", key="id"), frame, frame, coverage=coverage)


def screened(sites: geodesy.Geometries, zones: geodesy.Geometries) -> Screened:
    world = shapely.box(-179, -89, 179, 89)
    return screen_sites(sites, np.zeros(len(sites)), layer(zones, world), least_m2=1.0, least_width_m=0.1)


def overlap_m2(sites: geodesy.Geometries, zones: geodesy.Geometries) -> float:
    return float(overlap_pieces(sites, zones)["area_m2"].sum())


def karney_m2(shape: shapely.Geometry) -> float:
    """Measure the polygons among the parts of a shape; edges are straight in longitude and latitude."""
    parts = shapely.get_parts(shape)
    dense = shapely.orient_polygons(shapely.segmentize(parts[shapely.get_dimensions(parts) == 2], STEP_DEG / 4))
    return sum(float(GEOD.geometry_area_perimeter(part)[0]) for part in dense)


def ring_m2(corners: np.ndarray) -> float:
    """Measure a ring of corners; edges are straight in longitude and latitude."""
    along = np.linspace(0.0, 1.0, 40, endpoint=False)[:, None, None]
    dense = (corners + along * (np.roll(corners, -1, axis=0) - corners)).swapaxes(0, 1).reshape(-1, 2)
    return abs(float(GEOD.polygon_area_perimeter(*dense.T)[0]))


def triangles(shape: shapely.Geometry) -> list[np.ndarray]:
    parts = shapely.get_parts(shapely.constrained_delaunay_triangles(shape))
    return [np.array(part.exterior.coords)[:3] for part in shapely.orient_polygons(parts)]


def lie_apart(one: np.ndarray, other: np.ndarray) -> bool:
    return bool((one.max(axis=0) <= other.min(axis=0)).any() or (other.max(axis=0) <= one.min(axis=0)).any())


def cut(subject: np.ndarray, clip: np.ndarray) -> np.ndarray:
    """Cut one convex polygon by another, edge by edge (Sutherland and Hodgman); both run counter-clockwise."""
    for start, end in zip(clip, np.roll(clip, -1, axis=0), strict=True):
        if not len(subject):
            break
        along = end - start
        side = along[0] * (subject[:, 1] - start[1]) - along[1] * (subject[:, 0] - start[0])
        corners = []
        for here, there, left, next_left in zip(subject, np.roll(subject, -1, 0), side, np.roll(side, -1), strict=True):
            if left >= 0:
                corners.append(here)
            if (left > 0 > next_left) or (left < 0 < next_left):
                corners.append(here + (there - here) * left / (left - next_left))
        subject = np.array(corners)
    return subject


@FEW
@given(site=grounds(), zone=grounds(), place=PLACES)
def test_the_area_is_that_of_an_independent_overlay(
    site: shapely.Geometry, zone: shapely.Geometry, place: tuple[float, float]
) -> None:
    """Triangle by triangle, cut without GEOS, measured by GeographicLib."""
    pairs = itertools.product(triangles(site), triangles(zone))
    pieces = [cut(one, other) for one, other in pairs if not lie_apart(one, other)]
    expected = sum(ring_m2(xy * STEP_DEG + place) for xy in pieces if len(xy) >= 3)
    assert overlap_m2(at(place, site), at(place, zone)) == pytest.approx(expected, **WITHIN)


@FEW
@given(site=grounds(), zone=grounds(), place=PLACES, cut_at=st.floats(-6, 18), is_upright=st.booleans())
def test_parts_add_up(
    site: shapely.Geometry, zone: shapely.Geometry, place: tuple[float, float], cut_at: float, is_upright: bool
) -> None:
    west, south, east, north = (-10, -10, cut_at, 30) if is_upright else (-10, -10, 30, cut_at)
    half = shapely.box(west, south, east, north)
    parts = [part for part in (site.intersection(half), site.difference(half)) if part.area > 0]
    whole = overlap_m2(at(place, site), at(place, zone))
    assert overlap_m2(at(place, *parts), at(place, zone)) == pytest.approx(whole, **WITHIN)
    assert overlap_m2(at(place, zone), at(place, *parts)) == pytest.approx(whole, **WITHIN)


@FEW
@given(site=grounds(), zone=grounds(), place=PLACES)
def test_neither_side_comes_first(site: shapely.Geometry, zone: shapely.Geometry, place: tuple[float, float]) -> None:
    one, other = at(place, site), at(place, zone)
    assert overlap_m2(one, other) == pytest.approx(overlap_m2(other, one), abs=1e-6)


@FEW
@given(site=grounds(), zones=st.lists(grounds(), min_size=1, max_size=4), place=PLACES)
def test_ground_counts_once_and_nothing_is_lost(
    site: shapely.Geometry, zones: list[shapely.Geometry], place: tuple[float, float]
) -> None:
    sites, shapes = at(place, site), at(place, *zones)
    result = screened(sites, shapes)
    row = result.rows.iloc[0]
    dropped_m2 = float(result.dropped["area_m2"].sum())
    together = karney_m2(shapely.intersection(sites[0], shapely.union_all(shapes)))
    assert row["overlap_m2"] <= together + 0.01 + 1e-6 * together
    assert row["overlap_m2"] >= together * (1 - 1e-6) - 0.01 - dropped_m2
    assert row["overlap_m2"] <= float(geodesy.area_m2(sites)[0]) + 0.01
    assert 0 <= row["share"] <= 1
    for number, shape in enumerate(shapes):
        raw = karney_m2(shapely.intersection(sites[0], shape))
        parts = (pieces.loc[pieces["zone"] == number, "area_m2"].sum() for pieces in (result.kept, result.dropped))
        assert sum(parts) == pytest.approx(raw, rel=1e-9, abs=0.01)


@FEW
@given(
    sites=st.lists(grounds(), min_size=2, max_size=4),
    zones=st.lists(grounds(), min_size=2, max_size=4),
    place=PLACES,
    seed=st.integers(0, 99),
)
def test_the_order_does_not_matter(
    sites: list[shapely.Geometry], zones: list[shapely.Geometry], place: tuple[float, float], seed: int
) -> None:
    ground, shapes = at(place, *sites), at(place, *zones)
    shuffled, others = (np.random.default_rng(seed + n).permutation(len(one)) for n, one in enumerate((sites, zones)))
    rows = screened(ground, shapes).rows.iloc[shuffled].reset_index(drop=True)
    again = screened(ground[shuffled], shapes[others]).rows
    for column in ("answer", "coverage"):
        assert rows[column].tolist() == again[column].tolist()
    for column in ("overlap_m2", "length_m", "share", "distance_m"):
        np.testing.assert_allclose(again[column], rows[column], rtol=1e-9, atol=1e-4)


@FEW
@given(site=grounds(), zone=grounds(), place=PLACES, turn=st.integers(0, 40))
def test_rings_may_start_anywhere_and_run_either_way(
    site: shapely.Geometry, zone: shapely.Geometry, place: tuple[float, float], turn: int
) -> None:
    def turned(ring: shapely.LinearRing) -> np.ndarray:
        return np.roll(np.array(ring.coords)[:-1], turn, axis=0)[::-1]

    def redrawn(shape: shapely.Geometry) -> shapely.Geometry:
        parts = [
            shapely.Polygon(turned(part.exterior), [turned(hole) for hole in part.interiors])
            for part in shapely.get_parts(shape)
        ]
        return shapely.MultiPolygon(parts)

    expected = screened(at(place, site), at(place, zone)).rows.iloc[0]
    found = screened(at(place, redrawn(site)), at(place, redrawn(zone))).rows.iloc[0]
    assert found["answer"] == expected["answer"]
    assert found["overlap_m2"] == pytest.approx(expected["overlap_m2"], abs=1e-4)
    assert found["distance_m"] == pytest.approx(expected["distance_m"], abs=1e-6)


@FEW
@given(
    place=PLACES,
    spread_deg=st.sampled_from([0.02, 1.0, 20.0]),
    seed=st.integers(0, 9999),
    reach_m=st.floats(1.0, 50_000.0),
)
def test_the_nearest_and_all_within_reach_of_a_point(
    place: tuple[float, float], spread_deg: float, seed: int, reach_m: float
) -> None:
    """Small triangles over up to 20°: every distance against GeographicLib's to their edges, taken to 1 m."""
    random = np.random.default_rng(seed)
    size_deg = 2e-3

    def somewhere(count: int) -> np.ndarray:
        x, y = random.uniform(-spread_deg / 2, spread_deg / 2, (2, count))
        return np.column_stack([place[0] + x, np.clip(place[1] + y, -80, 80)])

    sites = shapely.points(somewhere(4))
    zones = np.array([shapely.Polygon(c + random.uniform(0, size_deg, (3, 2))) for c in somewhere(30)], dtype=object)
    xy, owner = shapely.get_coordinates(shapely.segmentize(zones, 1e-5), return_index=True)
    rows, pairs = nearest(sites, zones), within_distance(sites, zones, np.full(4, reach_m))
    for number, site in enumerate(sites):
        to_each = GEOD.inv(np.full(len(xy), site.x), np.full(len(xy), site.y), *xy.T)[2]
        expected = np.full(len(zones), np.inf)
        np.minimum.at(expected, owner, to_each)
        expected[shapely.intersects(zones, site)] = 0.0
        slack = 0.3 + 1e-5 * expected.min()
        assert rows["distance_m"].iloc[number] == pytest.approx(expected.min(), abs=slack)
        assert expected[rows["zone"].iloc[number]] == pytest.approx(expected.min(), abs=slack)
        found = set(pairs.loc[pairs["site"] == number, "zone"])
        sure, may = (np.flatnonzero(expected <= limit) for limit in (reach_m - 1.0, reach_m * (1 + 1e-4) + 1.0))
        assert set(sure) <= found <= set(may)


@given(x=st.floats(0.2, 0.8), y=st.floats(0.2, 0.8), reach_m=st.sampled_from([0.0, 6000.0]))
def test_a_zone_just_outside_the_county_counts(x: float, y: float, reach_m: float) -> None:
    """The zone lies 500 m beyond the county's edge; within 6 km of it there is no ground that is clear."""
    county = shapely.box(109.0, 24.0, 109.04, 24.04)
    outside = shapely.box(109.045, 23.9, 109.3, 24.2)
    inside = shapely.box(109.0, 24.0, 109.0001, 24.0001)
    sites = np.array([shapely.Point(109.0 + 0.04 * x, 24.0 + 0.04 * y)], dtype=object)
    zones = layer(np.array([outside, inside], dtype=object), county)
    row = screen_sites(sites, np.array([reach_m]), zones, least_m2=1.0, least_width_m=0.1).rows.iloc[0]
    edge_m = GEOD.inv(sites[0].x, sites[0].y, 109.045, sites[0].y)[2]
    assert row["distance_m"] == pytest.approx(
        min(edge_m, GEOD.inv(sites[0].x, sites[0].y, 109.0001, 24.0001)[2]), rel=1e-6
    )
    assert row["answer"] == ("clear" if reach_m == 0 else "possible")


def test_no_answer_is_clear_where_the_layer_ends_within_reach() -> None:
    """No zone within 2 km, but the layer ends 1 km away: beyond, nobody knows."""
    county, zone = shapely.box(109.0, 24.0, 109.4, 24.4), shapely.box(109.0, 24.0, 109.01, 24.01)
    near_edge = shapely.Point(109.4 - 1000 / 101_400, 24.2)
    zones = layer(np.array([zone], dtype=object), county)
    sites = np.array([near_edge, near_edge, shapely.Point(109.2, 24.2)], dtype=object)
    rows = screen_sites(sites, np.array([900.0, 2000.0, 2000.0]), zones, least_m2=1.0, least_width_m=0.1).rows
    assert rows["answer"].tolist() == ["clear", "undetermined", "clear"]
