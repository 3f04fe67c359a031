"""The nearest points of edges, held against every corner and edge one by one on the ellipsoid, and against shapely."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.affinity import affine_transform, translate

from ecogeo import cgcs2000, geodesy
from ecogeo.kernel.apart import APART, CROSSING, DOUBTFUL, least_m
from ecogeo.kernel.near import near
from ecogeo.kernel.runs import FAN, EdgeTree, runs_of
from ecogeo.nearness import distance_m, nearest, touching, within_distance

Shapes = geodesy.Geometries
DEGREE_M = 111319.49079327357
"""Of longitude on the equator: 6378137 m · π ÷ 180."""


def shapes(*geometries: shapely.Geometry | None) -> Shapes:
    found: Shapes = np.array(geometries, dtype=object)
    return found


def edges_of(shape: shapely.Geometry) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return every edge, a point as one from itself to itself."""
    found = []
    for atom in cgcs2000.atoms_of(shapes(shape))[0]:
        for line in shapely.get_parts(shapely.boundary(atom)) if atom.geom_type == "Polygon" else [atom]:
            corners = [(x, y) for x, y, *_ in line.coords]
            found += list(pairwise(corners)) or [(corners[0], corners[0])]
    return found


def one_by_one_m(a: shapely.Geometry, b: shapely.Geometry) -> float:
    """Return the least distance of a corner of one from an edge of the other, by ever finer steps along the edge."""
    best = np.inf
    for corners, edges in ((a, b), (b, a)):
        for x, y in shapely.get_coordinates(corners):
            for start, end in edges_of(edges):
                low, high = 0.0, 1.0
                for _ in range(20):
                    share = np.linspace(low, high, 9)
                    lon, lat = (start[k] + share * (end[k] - start[k]) for k in (0, 1))
                    metres = geodesy.GEOD.inv(np.full(9, x), np.full(9, y), lon, lat)[2]
                    at = int(metres.argmin())
                    low, high = share[max(at - 1, 0)], share[min(at + 1, 8)]
                best = min(best, float(metres.min()))
    return best


corner = st.tuples(st.integers(0, 12), st.integers(0, 12))


@st.composite
def any_shape(draw: st.DrawFn) -> shapely.Geometry:
    corners = draw(st.lists(corner, min_size=1, max_size=7))
    kind = draw(st.sampled_from(["points", "line", "ground", "ring", "several"]))
    if kind == "points" or len(corners) < 3:
        return shapely.MultiPoint(corners) if len(corners) > 1 else shapely.Point(corners[0])
    if kind == "line":
        assume(len(set(corners)) > 1)
        return shapely.LineString(corners)
    ground = shapely.make_valid(shapely.Polygon(corners))
    if kind == "ring":
        return ground.buffer(1.0, quad_segs=2).difference(ground.buffer(0.5, quad_segs=1))
    if kind == "several":
        return shapely.union_all([ground, translate(ground, 4.0, 3.0), shapely.Point(13, 1)])
    return ground


@given(
    sites=st.lists(any_shape(), min_size=1, max_size=4),
    zones=st.lists(any_shape(), min_size=1, max_size=4),
    place=st.sampled_from([(109.3, 24.2), (-70.0, -47.0), (12.0, 62.0), (0.0, 0.0)]),
    step_deg=st.sampled_from([1e-5, 1e-3, 0.02]),
)
@settings(max_examples=40)
def test_distances_are_those_of_every_corner_and_edge(
    sites: list[shapely.Geometry], zones: list[shapely.Geometry], place: tuple[float, float], step_deg: float
) -> None:
    turn = 0.3  # degrees of angle, so that edges do not lie along meridians
    matrix = [step_deg, -turn * step_deg, turn * step_deg, step_deg, *place]
    ours, theirs = (shapes(*(affine_transform(shape, matrix) for shape in some)) for some in (sites, zones))
    found = {(site, zone): metres for site, zone, metres in within_distance(ours, theirs, 1e6).itertuples(index=False)}
    assert len(found) == len(sites) * len(zones)
    for (site, zone), metres in found.items():
        if shapely.intersects(ours[site], theirs[zone]):
            assert metres == 0.0
        else:
            assert metres == pytest.approx(one_by_one_m(ours[site], theirs[zone]), rel=1e-8, abs=1e-6)
    one, other = (np.array(positions) for positions in zip(*found, strict=True))
    assert distance_m(ours[one], theirs[other]).tolist() == list(found.values())
    best = nearest(ours, theirs)
    for site in range(len(sites)):
        every = [found[site, zone] for zone in range(len(zones))]
        first = next(zone for zone, metres in enumerate(every) if metres <= min(every) + 1e-6)
        assert best["zone"][site] == first
        assert best["distance_m"][site] == every[first]


def test_a_degree_of_the_equator_and_a_corner_beside_an_edge() -> None:
    """Above an edge along the equator the nearest point is the foot: 0.01° of the meridian, 1105.743 m."""
    edge = shapely.LineString([(100.0, 0.0), (101.0, 0.0)])
    found = nearest(shapes(shapely.Point(102.0, 0.0), shapely.Point(100.5, 0.01)), shapes(edge))
    assert found["distance_m"].tolist() == pytest.approx([DEGREE_M, 1105.7427], abs=1e-3)


def test_along_a_long_edge_the_foot_is_where_the_geodesic_is_shortest() -> None:
    """An edge of 10° along the parallel of 60° is no great circle: from a point far north the middle is not nearest."""
    edge, point = shapely.LineString([(100.0, 60.0), (110.0, 60.0)]), shapely.Point(103.0, 64.0)
    metres = nearest(shapes(point), shapes(edge))["distance_m"][0]
    assert metres == pytest.approx(one_by_one_m(point, edge), rel=1e-9)
    assert metres == pytest.approx(geodesy.GEOD.inv(103.0, 64.0, 103.0, 60.0)[2], rel=1e-9)


def test_inside_is_touching_however_far_the_outline_is() -> None:
    large, small = shapely.box(109, 24, 110, 25), shapely.box(109.4, 24.4, 109.41, 24.41)
    yard = large.difference(shapely.box(109.3, 24.3, 109.6, 24.6))
    found = within_distance(shapes(small, large), shapes(large, small, yard), 1.0)
    assert found.to_numpy().tolist() == [[0, 0, 0.0], [0, 1, 0.0], [1, 0, 0.0], [1, 1, 0.0], [1, 2, 0.0]]
    metres = nearest(shapes(small), shapes(yard))["distance_m"][0]
    assert metres == pytest.approx(one_by_one_m(small, yard), rel=1e-9)


def test_a_part_inside_counts_where_others_are_far() -> None:
    ground = shapely.box(109, 24, 110, 25)
    spots = shapely.MultiPoint([(111, 24.5), (109.5, 24.5)])
    islands = shapely.MultiPolygon([shapely.box(112, 24, 112.1, 24.1), shapely.box(109.5, 24.5, 109.6, 24.6)])
    assert nearest(shapes(spots, islands), shapes(ground))["distance_m"].tolist() == [0.0, 0.0]
    assert nearest(shapes(ground), shapes(islands))["distance_m"].tolist() == [0.0]


def test_the_first_of_several_equally_near_is_told() -> None:
    apex, post = (109.2, 24.1), shapely.box(109.0, 24.0, 109.1, 24.1)
    wedges = shapes(*(shapely.Polygon([apex, (109.3, 24.1 + k / 100), (109.3, 24.11 + k / 100)]) for k in range(3)))
    point = shapes(shapely.Point(109.15, 24.1))
    assert nearest(point, wedges)["zone"].tolist() == [0]
    assert nearest(point, shapes(post, *wedges[::-1])[1:])["zone"].tolist() == [0]
    touching = shapes(translate(post, 0.1, 0.0), translate(post, 0.05, 0.0), post)
    assert nearest(shapes(post), touching)["zone"].tolist() == [0]


def test_pair_by_pair() -> None:
    box = shapely.box(109.0, 24.0, 109.1, 24.1)
    near, inside, nothing = distance_m(
        shapes(shapely.Point(109.2, 24.05), shapely.Point(109.05, 24.05), None), shapes(box, box, box)
    )
    assert near == pytest.approx(geodesy.GEOD.inv(109.1, 24.05, 109.2, 24.05)[2], rel=1e-6)
    assert inside == 0
    assert np.isnan(nothing)


def test_what_is_missing_or_empty_is_near_nothing() -> None:
    point = shapely.Point(109.0, 24.0)
    nothing = shapes(None, shapely.Polygon(), shapely.GeometryCollection())
    found = nearest(shapes(None, point, shapely.Point()), shapes(*nothing, point))
    assert found["zone"].tolist() == [-1, 3, -1]
    assert nearest(shapes(point), nothing)["distance_m"].isna().all()
    assert within_distance(shapes(*nothing, point), shapes(*nothing), 10.0).empty
    assert within_distance(shapes(point), shapes(point), np.nan).empty
    assert within_distance(shapes(point), shapes(point), -1.0).empty
    assert np.isnan(
        distance_m(shapes(*nothing, point, point), shapes(point, point, point, None, shapely.Point()))
    ).all()


def test_one_among_many_is_answered_as_alone() -> None:
    random = np.random.default_rng(5)
    zones = shapely.buffer(shapely.points(random.uniform((109, 24), (110, 25), (60, 2))), 0.01)
    sites = shapely.buffer(shapely.points(random.uniform((109, 24), (110, 25), (400, 2))), 0.002, quad_segs=1)
    every = nearest(sites, zones)
    alone = [nearest(sites[k : k + 1], zones).to_numpy().tolist()[0] for k in range(0, 400, 40)]
    assert every[::40].to_numpy().tolist() == alone


def test_collections_with_an_empty_part_do_no_harm() -> None:
    """GEOS 3.14 ends the process where the two squares' common edge is asked about and the empty part is left in."""
    squares = [shapely.box(109, 24, 110, 25), shapely.box(110, 24, 111, 25)]
    torn = shapely.GeometryCollection([shapely.Polygon(), *squares])
    nested = shapely.GeometryCollection([torn, shapely.Point(120, 24)])
    point = shapely.Point(110, 24.5)
    for shape in (torn, nested):
        assert nearest(shapes(point), shapes(shape))["distance_m"].tolist() == [0.0]
        assert nearest(shapes(shape), shapes(point))["distance_m"].tolist() == [0.0]
        assert distance_m(shapes(point, shape), shapes(shape, point)).tolist() == [0.0, 0.0]
        assert [len(found) for found in touching(shapes(shape), shapes(point))] == [1, 1]


def test_what_is_no_number_is_near_nothing() -> None:
    with np.errstate(invalid="ignore"):
        broken, nowhere = shapely.from_wkt(["LINESTRING (109 24, nan 25, 110 26)", "POINT (nan nan)"])
    point = shapely.Point(109, 25)
    assert np.isnan(distance_m(shapes(nowhere), shapes(point))).all()
    found = nearest(shapes(nowhere, point), shapes(shapely.Point(110, 25), broken))
    assert found["zone"].tolist()[0] == -1
    assert found["zone"].tolist()[1] in (0, 1)
    assert found["distance_m"][1] <= geodesy.GEOD.inv(109, 25, 110, 25)[2]


def test_exactly_as_far_is_within() -> None:
    box = shapely.box(109, 24, 109.1, 24.1)
    for metres in (0.05, 50.0, 1000.0, 20_000.0):
        lon, lat, _ = geodesy.GEOD.fwd(109.1, 24.05, 90.0, metres)
        point = shapes(shapely.Point(lon, lat))
        assert len(within_distance(point, shapes(box), metres)) == 1
        assert within_distance(point, shapes(box), metres - 1e-5).empty


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("POINT (71.27 74.06)", "LINESTRING (-53.8 75.4, 102.5 89.99)"),
        ("LINESTRING (37.8 61.6, 108.3 82.0)", "LINESTRING (153.2 44.6, 117.8 63.4)"),
        ("POINT (-121.3 83.0)", "LINESTRING (-85.6 85.0, -88.9 85.9)"),
    ],
)
def test_long_edges_far_north_bend(a: str, b: str) -> None:
    one, other = shapely.from_wkt(a), shapely.from_wkt(b)
    found = distance_m(shapes(one), shapes(other))
    fine = [shapely.get_coordinates(shapely.segmentize(shape, 0.02)) for shape in (one, other)]
    pairs = [np.meshgrid(fine[0][:, k], fine[1][:, k]) for k in (0, 1)]
    every = geodesy.GEOD.inv(pairs[0][0].ravel(), pairs[1][0].ravel(), pairs[0][1].ravel(), pairs[1][1].ravel())[2]
    assert found[0] == pytest.approx(every.min(), rel=1e-5)
    assert found[0] <= every.min() * (1 + 1e-6)


def test_across_the_pole_is_near() -> None:
    over = within_distance(shapes(shapely.Point(0, 89.95)), shapes(shapely.Point(179, 89.95)), 20_000.0)
    assert over["distance_m"].tolist() == pytest.approx([geodesy.GEOD.inv(0, 89.95, 179, 89.95)[2]], rel=1e-9)


def test_infinitely_far_is_anywhere() -> None:
    points = shapes(shapely.Point(109, 24), shapely.Point(-60, -30))
    assert within_distance(points, points, np.inf)["site"].tolist() == [0, 0, 1, 1]


def test_across_the_180th_meridian_nothing_is_the_nearest() -> None:
    east, west = shapely.box(179.98, 0.0, 179.99, 0.01), shapely.box(-179.99, 0.0, -179.98, 0.01)
    assert nearest(shapes(east), shapes(west))["zone"].tolist() == [-1]
    site, zones = runs_of(shapes(east)), EdgeTree.of(shapes(west, shapely.Point(170.0, 0.0)))
    found = near(site, zones, np.array([np.inf]), is_nearest=True)
    assert found.zone.tolist() == [0]
    assert found.chord_m[0] == pytest.approx(0.02 * DEGREE_M, rel=1e-6)


def test_what_rounding_leaves_open_is_told() -> None:
    third = shapely.LineString([(109.0, 24.0), (110.0, 24.0 + 1 / 3)])
    on_it = shapely.LineString([(109.3, 24.1), (109.3, 25.0)])  # begins on the line, or beside it: who knows
    across = shapely.LineString([(109.3, 24.0), (109.3, 25.0)])
    tree = EdgeTree.of(shapes(on_it, across, translate(across, 2.0, 0.0)))
    found = near(runs_of(shapes(third)), tree, np.array([1e6]), is_nearest=False)
    assert found.state.tolist() == [DOUBTFUL, CROSSING, APART]
    assert within_distance(shapes(third), shapes(on_it), 1.0)["distance_m"][0] < 1e-8


@given(
    seed=st.integers(0, 2**32 - 1),
    extent=st.sampled_from([0.01, 1.0, 40.0]),
    count=st.sampled_from([1, FAN, FAN + 1, 200]),
)
@settings(max_examples=25)
def test_the_tree_passes_over_nothing_that_matters(seed: int, extent: float, count: int) -> None:
    random = np.random.default_rng(seed)
    zones = shapely.points(random.uniform((60.0, -20.0), (60.0 + extent, -20.0 + extent), (count, 2)))
    sites = shapely.points(random.uniform((60.0, -20.0), (60.0 + extent, -20.0 + extent), (20, 2)))
    a, b = np.repeat(shapely.get_coordinates(sites), count, axis=0), np.tile(shapely.get_coordinates(zones), (20, 1))
    metres = geodesy.GEOD.inv(*a.T, *b.T)[2].reshape(20, count)
    assert nearest(sites, zones)["distance_m"].to_numpy() == pytest.approx(metres.min(axis=1), rel=1e-9)
    reach_m = float(np.median(metres))
    site, zone = np.nonzero(metres <= reach_m)
    found = within_distance(sites, zones, reach_m)
    assert found["site"].tolist() == site.tolist()
    assert found["zone"].tolist() == zone.tolist()


@given(
    a=st.tuples(st.floats(-180, 179), st.floats(-89, 88), st.floats(0, 1), st.floats(0, 1)),
    b=st.tuples(st.floats(-180, 179), st.floats(-89, 88), st.floats(0, 1), st.floats(0, 1)),
    share=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_two_points_of_two_boxes_are_never_nearer_than_said(
    a: tuple[float, ...], b: tuple[float, ...], share: tuple[float, ...]
) -> None:
    boxes = [np.array([x, y, x + width, y + height]) for x, y, width, height in (a, b)]
    points = [
        (x + s * width, y + t * height)
        for (x, y, width, height), s, t in zip((a, b), share[::2], share[1::2], strict=True)
    ]
    metres = geodesy.GEOD.inv(*points[0], *points[1])[2]
    assert least_m(*boxes) <= metres * (1 + 1e-12) + 1e-6


def test_a_shape_of_many_runs_is_told_as_of_one() -> None:
    """A route of 1,000 edges past a yard: the distance is that of the edge beside it, whichever run it is in."""
    steps = np.linspace(0.0, 1.0, 1001)
    route = shapely.LineString(np.column_stack([109.0 + steps, 24.0 + 0.01 * np.sin(40.0 * steps)]))
    yards = shapes(*(shapely.box(x, 24.02, x + 0.001, 24.021) for x in np.linspace(109.05, 109.95, 19)))
    found = within_distance(shapes(route), yards, 5_000.0)
    wanted = [
        one_by_one_m(yard, shapely.LineString(shapely.get_coordinates(route)[k - 30 : k + 31]))
        for yard, k in ((yard, round((shapely.bounds(yard)[0] - 109.0) * 1000) + 1) for yard in yards[:3])
    ]
    assert found["zone"].tolist() == list(range(19))
    assert found["distance_m"][:3].tolist() == pytest.approx(wanted, rel=1e-9)
