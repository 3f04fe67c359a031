"""Lines and points against zones, compared with shapely."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_kernel import Shapes, placed, scales, scene, shapes, valid_shapes

from ecogeo import geodesy
from ecogeo.kernel import Lines, Polygons, Stretches, ZoneIndex, covers, length_m, overlap_length

corner = st.tuples(st.integers(0, 8), st.integers(0, 8))


def measured(lines: Shapes, zones: Shapes, *, threads: int = 1) -> Stretches:
    return overlap_length(Lines.of(lines), ZoneIndex.build(Polygons.of(zones)), threads=threads)


def as_dict(found: Stretches) -> dict[tuple[int, int], float]:
    pairs = zip(found.line.tolist(), found.zone.tolist(), strict=True)
    return dict(zip(pairs, found.length_m.tolist(), strict=True))


def check_equal_to_overlay(lines: Shapes, zones: Shapes) -> dict[tuple[int, int], float]:
    line, zone = np.divmod(np.arange(len(lines) * len(zones)), len(zones))
    length = geodesy.length_m(shapely.intersection(lines[line], zones[zone]))
    theirs = {(int(a), int(b)): float(c) for a, b, c in zip(line, zone, length, strict=True) if c > 0.0}
    ours = as_dict(measured(lines, zones))
    for pair in ours.keys() | theirs.keys():
        assert ours.get(pair, 0.0) == pytest.approx(theirs.get(pair, 0.0), rel=1e-6, abs=1e-5), pair
    return ours


def test_half_of_a_meridian() -> None:
    line, zone = shapely.LineString([(109.0, 24.0), (109.0, 24.02)]), shapely.box(108.9, 24.01, 109.1, 25.0)
    half = geodesy.length_m(shapes(shapely.LineString([(109.0, 24.01), (109.0, 24.02)])))[0]
    assert as_dict(measured(shapes(line), shapes(zone))) == pytest.approx({(0, 0): half}, rel=1e-9)


def test_a_line_along_the_boundary_is_inside() -> None:
    zone = shapely.Polygon([(109.0, 24.0), (109.02, 24.005), (109.02, 24.02), (109.0, 24.02)])
    beside = shapely.Polygon([(109.0, 24.0), (109.02, 24.005), (109.02, 23.9), (109.0, 23.9)])
    for start, end in ([0, 1], [1, 2], [2, 3], [3, 4]):
        line = shapely.LineString(zone.exterior.coords[start : end + 1])
        ours = check_equal_to_overlay(shapes(line), shapes(zone, beside))
        assert ours[0, 0] == pytest.approx(geodesy.length_m(shapes(line))[0], rel=1e-9)


def test_what_is_no_line_or_only_touches_has_no_length() -> None:
    zone = shapely.box(109.0, 24.0, 109.01, 24.01)
    touching = shapely.LineString([(108.99, 24.01), (109.01, 24.03), (109.01, 24.01)])
    assert not as_dict(measured(shapes(None, zone, shapely.Point(109.005, 24.005), touching), shapes(zone)))
    assert not as_dict(measured(shapes(), shapes(zone)))


@settings(max_examples=100, deadline=None)
@given(
    paths=st.lists(st.lists(corner, min_size=2, max_size=6), min_size=1, max_size=3),
    zones=st.lists(valid_shapes(), min_size=1, max_size=3),
    scale=scales.filter(lambda scale: scale < 0.01),
    shift=st.sampled_from([0.0, 0.25]),
)
def test_lengths_equal_the_overlay(
    paths: list[list[tuple[int, int]]], zones: list[shapely.Geometry], scale: float, shift: float
) -> None:
    drawings = shapes(*(shapely.LineString(path) for path in paths))
    assume(shapely.is_simple(drawings).all() and (shapely.length(drawings) > 0).all())
    lines = shapes(*(placed(drawing, scale) for drawing in drawings))
    theirs = shapes(*(placed(zone, scale, (109.3 + shift * scale, 24.2 + shift * scale / 3)) for zone in zones))
    assume(shapely.is_valid(theirs).all())
    check_equal_to_overlay(lines, theirs)


def test_the_outlines_of_a_county_and_two_threads() -> None:
    sites, zones = scene()
    lines = shapely.boundary(sites)
    assert len(check_equal_to_overlay(lines, zones)) > 300
    one, two = measured(np.tile(lines, 5), zones), measured(np.tile(lines, 5), zones, threads=2)
    assert one.length_m.tobytes() == two.length_m.tobytes()


@settings(max_examples=100, deadline=None)
@given(
    points=st.lists(st.tuples(st.integers(-2, 20), st.integers(-2, 20)), min_size=1, max_size=20),
    zones=st.lists(valid_shapes(), min_size=1, max_size=3),
    scale=scales,
)
def test_points_lie_where_shapely_says(
    points: list[tuple[int, int]], zones: list[shapely.Geometry], scale: float
) -> None:
    theirs = shapes(*(placed(zone, scale) for zone in zones))
    assume(shapely.is_valid(theirs).all())
    where = np.array([placed(shapely.Point(x / 2, y / 2), scale).coords[0] for x, y in points] + [(np.nan, 24.0)])
    point, zone = covers(where, ZoneIndex.build(Polygons.of(theirs)))
    expected = shapely.intersects(shapely.points(where)[:, None], theirs[None, :])
    assert np.column_stack([point, zone]).tolist() == np.argwhere(expected).tolist()


def along_m(path: geodesy.Floats) -> float:
    """Return the metres along edges straight in longitude and latitude, by the radii of curvature at 8 Gauss points."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    (d_lon, d_lat), middle = np.radians(np.diff(path, axis=0)).T, np.radians(path[1:, 1] + path[:-1, 1]) / 2
    latitude = middle[:, None] + d_lat[:, None] * nodes / 2
    w = 1 - geodesy.E2 * np.sin(latitude) ** 2
    meridian, normal = geodesy.SEMI_MAJOR_M * (1 - geodesy.E2) / w**1.5, geodesy.SEMI_MAJOR_M / np.sqrt(w)
    return float((np.hypot(meridian * d_lat[:, None], normal * np.cos(latitude) * d_lon[:, None]) * weights / 2).sum())


@settings(max_examples=100, deadline=None)
@given(
    steps=st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=30),
    scale=st.sampled_from([1e-6, 1e-4, 1.9e-3, 3e-3, 1e-2, 0.09, 0.3]),
    south=st.floats(-80.0, 80.0),
)
def test_lengths_of_whole_layers(steps: list[tuple[float, float]], scale: float, south: float) -> None:
    """Along edges as drawn, of every length beside one another."""
    path = np.cumsum([(109.0, south), *(np.array(steps) * np.resize([scale, 1e-3, scale / 2], len(steps))[:, None])], 0)
    line = shapely.LineString(path)
    lines = shapes(line, None, shapely.MultiLineString([line, line]))
    whole = along_m(path)
    np.testing.assert_allclose(length_m(Lines.of(lines)), [whole, 0, 2 * whole], rtol=1e-10, atol=1e-8)


def test_lengths_along_short_edges_and_geodesics_are_the_same_to_the_last_bit() -> None:
    path = np.cumsum(np.random.default_rng(4).uniform(-0.0019, 0.0019, (3000, 2)), axis=0) + np.array([109.0, 24.0])
    lines = shapes(shapely.LineString(path), shapely.LineString(path[:2]))
    assert length_m(Lines.of(lines)).tobytes() == geodesy.length_m(lines).tobytes()
