"""Areas against the vectors of the survey rule, and against an independent geodesic."""

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ecogeo import geodesy, kernel
from ecogeo.errors import DatumError
from ecogeo.rounding import rounded

VECTORS = [
    (108.0, 4545, 1000, 999999.99),
    (109.3, 4545, 100, 9995.69),
    (109.3, 4545, 1000, 999566.52),
    (109.3, 4546, 1000, 999268.65),
    (109.3, 4545, 10_000, 99953638.70),
    (109.5, 4545, 1000, 999423.49),
    (109.5, 4546, 1000, 999431.01),
]


def shapes(*geometries: shapely.Geometry | None) -> geodesy.Geometries:
    return np.array(geometries, dtype=object)


@pytest.mark.parametrize(("lon", "epsg", "side", "expected_m2"), VECTORS)
def test_area_of_a_plane_square(lon: float, epsg: int, side: float, expected_m2: float) -> None:
    x, y = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform(lon, 24.26)
    square = shapely.box(round(x, 3), round(y, 3), round(x, 3) + side, round(y, 3) + side)
    lonlat = geodesy.to_lonlat(shapes(square), pyproj.CRS.from_epsg(epsg))
    assert geodesy.area_m2(lonlat)[0] == pytest.approx(expected_m2, abs=0.0051)


def test_area_of_the_exchange_format_sample() -> None:
    outer = [
        (36632017.749, 2684701.721),
        (36632217.749, 2684701.721),
        (36632217.749, 2684801.721),
        (36632017.749, 2684801.721),
    ]
    hole = [(36632100, 2684740), (36632100, 2684760), (36632120, 2684760), (36632120, 2684740)]
    lonlat = geodesy.to_lonlat(shapes(shapely.Polygon(outer, [hole])), pyproj.CRS.from_epsg(4524))
    area = float(geodesy.area_m2(lonlat)[0])
    assert area == pytest.approx(19591.56, abs=0.01)
    assert area == pytest.approx(
        abs(geodesy.GEOD.geometry_area_perimeter(shapely.orient_polygons(lonlat[0]))[0]), abs=1e-5
    )
    assert rounded(geodesy.hectares(area), 4) == 1.9592
    assert rounded(geodesy.mu(area), 4) == 29.3873


def test_zone_function_is_the_series_of_the_rule() -> None:
    """The rule prints A…E and multiple angles; the code evaluates powers of the sine."""
    e2 = geodesy.E2
    a = 1 + 3 / 6 * e2 + 30 / 80 * e2**2 + 35 / 112 * e2**3 + 630 / 2304 * e2**4
    b = 1 / 6 * e2 + 15 / 80 * e2**2 + 21 / 112 * e2**3 + 420 / 2304 * e2**4
    c = 3 / 80 * e2**2 + 7 / 112 * e2**3 + 180 / 2304 * e2**4
    d = 1 / 112 * e2**3 + 45 / 2304 * e2**4
    e = 5 / 2304 * e2**4
    assert (a, b) == pytest.approx((1.0033640898341927, 0.0011241893819271), rel=1e-12)
    latitude = np.radians(np.linspace(-80, 80, 33))
    angles = [np.sin(k * latitude) for k in (1, 3, 5, 7, 9)]
    series = geodesy.SEMI_MINOR_M**2 * (a * angles[0] - b * angles[1] + c * angles[2] - d * angles[3] + e * angles[4])
    np.testing.assert_allclose(geodesy.zone_area_m2_per_rad(latitude), series, rtol=1e-13)


@given(
    lon=st.floats(75, 135),
    lat=st.floats(5, 53),
    corners=st.lists(st.tuples(st.floats(0, 0.01), st.floats(0, 0.01)), min_size=3, max_size=12),
)
def test_area_agrees_with_the_geodesic(lon: float, lat: float, corners: list[tuple[float, float]]) -> None:
    polygon = shapely.convex_hull(shapely.MultiPoint([(lon + x, lat + y) for x, y in corners]))
    if polygon.geom_type != "Polygon" or polygon.area < 1e-9:
        return
    fine = shapely.segmentize(polygon, 0.0001)
    expected, _ = geodesy.GEOD.geometry_area_perimeter(fine)
    assert geodesy.area_m2(shapes(polygon))[0] == pytest.approx(abs(expected), rel=2e-8, abs=0.01)


@given(cut=st.floats(0.001, 0.009), turn=st.integers(0, 3), flip=st.booleans())
def test_area_is_additive_and_blind_to_start_and_direction(cut: float, turn: int, flip: bool) -> None:
    corners = [(109.3, 24.2), (109.31, 24.201), (109.312, 24.21), (109.301, 24.212)]
    whole = shapely.Polygon(corners)
    turned = corners[turn:] + corners[:turn]
    again = shapely.Polygon(turned[::-1] if flip else turned)
    west = shapely.intersection(whole, shapely.box(109, 24, 109.3 + cut, 25))
    east = shapely.difference(whole, west)
    area, same, one, other = geodesy.area_m2(shapes(whole, again, west, east))
    assert same == pytest.approx(area, rel=1e-12)
    assert one + other == pytest.approx(area, abs=1e-3)


def test_area_of_odd_geometries() -> None:
    square = shapely.box(109, 24, 109.01, 24.01)
    hole = shapely.box(109.004, 24.004, 109.006, 24.006)
    one, inner = geodesy.area_m2(shapes(square, hole))
    ring = shapely.Polygon(square.exterior.coords, [hole.exterior.coords])
    nested = shapely.GeometryCollection(
        [shapely.MultiPolygon([square]), shapely.Point(1, 1), shapely.GeometryCollection([hole])]
    )
    areas = geodesy.area_m2(shapes(None, shapely.Polygon(), shapely.Point(1, 1), ring, nested))
    np.testing.assert_allclose(areas, [0, 0, 0, one - inner, one + inner], rtol=1e-12)
    assert len(geodesy.area_m2(shapes())) == 0


def test_length_of_odd_geometries() -> None:
    meridian = shapely.LineString([(109, 24), (109, 25)])
    lengths = geodesy.length_m(
        shapes(meridian, shapely.MultiLineString([meridian, meridian]), shapely.box(0, 0, 1, 1), None)
    )
    expected = pyproj.Geod(ellps="GRS80").inv(109, 24, 109, 25)[2]
    np.testing.assert_allclose(lengths, [expected, 2 * expected, 0, 0], rtol=1e-9)


@pytest.mark.parametrize("epsg", [4610, 2381, 2360, 4214, 2433, 21419])
def test_old_datums_are_refused(epsg: int) -> None:
    with pytest.raises(DatumError, match="never a no-op"):
        geodesy.transformer_to_lonlat(pyproj.CRS.from_epsg(epsg))


def test_old_datum_by_name_only_is_refused() -> None:
    wkt = pyproj.CRS.from_epsg(2381).to_wkt("WKT1_ESRI")
    with pytest.raises(DatumError):
        geodesy.transformer_to_lonlat(pyproj.CRS.from_wkt(wkt))


@pytest.mark.parametrize("epsg", [4490, 4326, 4545, 4524, 4508, 3857, 32649, 27700])
def test_known_ways_to_lonlat(epsg: int) -> None:
    crs = pyproj.CRS.from_epsg(epsg)
    transformer = geodesy.transformer_to_lonlat(crs)
    assert (transformer is None) == crs.is_geographic


def test_invalid_shapes_are_not_repaired_on_the_way() -> None:
    tie = shapely.Polygon([(620_000, 2_680_000), (621_000, 2_681_000), (621_000, 2_680_000), (620_000, 2_681_000)])
    both = shapely.MultiPolygon([tie, shapely.box(630_000, 2_680_000, 631_000, 2_681_000)])
    moved = geodesy.to_lonlat(shapes(tie, both, shapely.GeometryCollection([tie])), pyproj.CRS.from_epsg(4545))
    assert not shapely.is_valid(moved).any()
    corners = pyproj.Transformer.from_crs(4545, 4490, always_xy=True).transform(*np.array(tie.exterior.coords).T)
    assert set(zip(*corners, strict=True)) <= set(moved[0].exterior.coords)
    assert len(moved[0].exterior.coords) == 21 + 15 + 21 + 15 + 1


def test_wgs84_stays_where_it_is() -> None:
    moved = geodesy.to_lonlat(shapes(shapely.Point(109.3, 24.26, 100.0)), pyproj.CRS.from_epsg(4326))[0]
    assert moved.equals(shapely.Point(109.3, 24.26))
    assert not moved.has_z


def test_units_of_the_plan_check() -> None:
    """The plan's own pairs of 平方米 and 亩."""
    assert rounded(geodesy.mu(10066.73), 2) == 15.10
    assert rounded(geodesy.mu(6666.32), 2) == 10.00


def test_areas_and_lengths_wake_numba_only_when_asked() -> None:
    told = "import sys, ecogeo.geodesy, ecogeo.cli; print('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "False\n"


def integrated_m2(ring: geodesy.Floats) -> float:
    """Return a ring's area by the zone function at three Gauss points on each edge, in long doubles."""
    lon, lat = np.radians(np.asarray(ring, dtype=np.longdouble)).T
    below = -geodesy.zone_area_m2_per_rad(lat[:1])
    middle, half = (lat[1:] + lat[:-1]) / 2, np.diff(lat) / 2
    mean = sum(
        weight / 18 * (geodesy.zone_area_m2_per_rad(middle + half * node) + below)
        for node, weight in ((-np.sqrt(0.6), 5), (0.0, 8), (np.sqrt(0.6), 5))
    )
    return float(abs(np.sum(np.diff(lon) * mean)))


def geodesic_m(path: geodesy.Floats) -> float:
    return float(np.sum(geodesy.GEOD.inv(*path[:-1].T, *path[1:].T)[2]))


corners = st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=3, max_size=9)
"""Rings of every kind: either way round, through a point or along an edge twice, over themselves, without area."""


def placed(ring: list[tuple[int, int]], scale: float, lon: float, lat: float) -> geodesy.Floats:
    return np.array([*ring, ring[0]]) * scale + (lon, lat)


@settings(max_examples=150, deadline=None)
@given(
    shell=corners,
    holes=st.lists(corners, max_size=2),
    scale=st.sampled_from([1e-9, 1e-6, 1e-4, 3e-3, 0.02, 0.2, 0.6]),
    lon=st.floats(-180.0, 200.0),
    lat=st.floats(-80.0, 80.0),
)
def test_areas_of_whole_layers_are_the_rule_integrated(
    shell: list[tuple[int, int]], holes: list[list[tuple[int, int]]], scale: float, lon: float, lat: float
) -> None:
    rings = [placed(ring, scale, lon, lat) for ring in (shell, *holes)]
    outer, *inner = (integrated_m2(ring) for ring in rings)
    polygon = shapely.Polygon(rings[0], rings[1:])
    tall = shapely.force_3d(shapely.MultiPolygon([polygon, shapely.Polygon(rings[0])]), 7.0)
    mixed = shapely.GeometryCollection([shapely.LineString(rings[0]), shapely.GeometryCollection([polygon])])
    measured = geodesy.area_m2(shapes(polygon, None, tall, shapely.LineString(rings[0]), mixed, shapely.Polygon()))
    rounding = max(1e-7, 1e-12 * (8 * scale * 111_000) ** 2)
    wanted = [outer - sum(inner), 0, 2 * outer - sum(inner), 0, outer - sum(inner), 0]
    np.testing.assert_allclose(measured, wanted, rtol=1e-9, atol=rounding)


@settings(max_examples=150, deadline=None)
@given(
    path=st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=12),
    steps=st.lists(
        st.sampled_from([0.0, 1e-7, 1e-4, 1.9e-3, 2.1e-3, 0.03, 0.099, 0.101, 2.0]), min_size=1, max_size=12
    ),
    lon=st.floats(-180.0, 200.0),
    lat=st.floats(-62.0, 62.0),
)
def test_lengths_of_whole_layers_are_the_geodesics(
    path: list[tuple[float, float]], steps: list[float], lon: float, lat: float
) -> None:
    by = np.resize(steps, len(path))[:, None] * np.array(path)
    line = np.cumsum([(lon, lat), *by], axis=0)
    assume(np.abs(line[:, 1]).max() <= 90.0)
    whole = geodesic_m(line)
    measured = geodesy.length_m(
        shapes(
            shapely.LineString(line),
            None,
            shapely.force_3d(shapely.MultiLineString([line, line[::-1]]), 7.0),
            shapely.GeometryCollection([shapely.Point(1, 1), shapely.box(0, 0, 1, 1), shapely.LineString(line)]),
            shapely.LineString(),
        )
    )
    np.testing.assert_allclose(measured, [whole, 0, 2 * whole, whole, 0], rtol=2e-10, atol=1e-8)


def strange_layer() -> geodesy.Geometries:
    """Shapes of every kind and size, short edges beside long ones, in an order that mixes them."""
    random = np.random.default_rng(20)
    made: list[shapely.Geometry | None] = [None, shapely.Polygon(), shapely.Point(109, 24)]
    for number in range(60):
        scale = (1e-5, 1e-3, 0.02, 0.3)[number % 4]
        path = np.cumsum(random.uniform(-scale, scale, (random.integers(3, 60), 2)), axis=0) + np.array([109.0, 24.0])
        ring = shapely.LinearRing(path)
        made += [shapely.Polygon(ring), ring, shapely.LineString(path), shapely.MultiLineString([path, path[:2]])]
        made.append(shapely.Polygon(ring, [path[:3]]))
    layer = np.array(made, dtype=object)
    return layer[random.permutation(len(layer))]


@pytest.mark.parametrize("vertices", [1, 50, 1 << 14])
@pytest.mark.parametrize("measure", [geodesy.area_m2, geodesy.length_m])
def test_a_measure_depends_on_its_own_feature_alone(
    measure: Callable[[geodesy.Geometries], geodesy.Floats], vertices: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = strange_layer()
    alone = np.array([measure(layer[[row]])[0] for row in range(len(layer))])
    monkeypatch.setattr(kernel.polygons, "VERTICES_AT_ONCE", vertices)
    monkeypatch.setattr(kernel.lines, "VERTICES_AT_ONCE", vertices)
    assert measure(layer).tobytes() == alone.tobytes()
    assert measure(layer[::-1]).tobytes() == alone[::-1].tobytes()
    assert np.count_nonzero(alone) > 100


def test_a_long_outline_is_the_sum_of_its_stretches() -> None:
    """More vertices than a loop takes at once, with a long edge among them."""
    angle = np.linspace(0.0, 2.0 * np.pi, 5_001)
    outline = np.column_stack([109.0 + 0.3 * np.cos(angle), 24.0 + 0.3 * np.sin(angle)])
    outline = np.concatenate([outline[:1000], outline[1300:]])
    stretches = shapes(*(shapely.LineString(outline[k : k + 2]) for k in range(len(outline) - 1)))
    (whole,) = geodesy.length_m(shapes(shapely.LineString(outline)))
    assert whole == pytest.approx(float(geodesy.length_m(stretches).sum()), rel=1e-13)
    assert whole == pytest.approx(geodesic_m(outline), rel=1e-10)
    (area,) = geodesy.area_m2(shapes(shapely.Polygon(outline)))
    halves = shapes(shapely.Polygon(outline[:2000]), shapely.Polygon(outline[1999:]))
    assert float(geodesy.area_m2(halves).sum()) == pytest.approx(area, rel=1e-12)


def test_a_needle() -> None:
    """5 km long and 0.35 m wide: every edge has four thousand times its area under it."""
    needle = shapely.Polygon([(109.0, 24.0), (109.05, 24.02), (109.05, 24.0200032), (109.0, 24.0000032)])
    expected = integrated_m2(shapely.get_coordinates(needle))
    assert geodesy.area_m2(shapes(needle))[0] == pytest.approx(expected, abs=1e-8)


def test_shapes_that_reach_far_or_off_the_earth() -> None:
    octant = shapely.Polygon([(0.0, 0.0), (90.0, 0.0), (90.0, 90.0), (0.0, 90.0)])
    metres, arctic = shapely.box(620_000, 2_680_000, 620_100, 2_680_100), shapely.LineString([(0, 84), (0.001, 84)])
    with np.errstate(invalid="ignore"):
        nowhere = shapely.from_wkt(["POLYGON ((0 0, 1 nan, 1 1, 0 0))", "LINESTRING (0 0, nan 1)"])
    eighth = geodesy.zone_area_m2_per_rad(np.array([np.pi / 2]))[0] * np.pi / 2
    areas = geodesy.area_m2(shapes(octant, metres, nowhere[0], octant))
    np.testing.assert_allclose(areas[[0, 3]], eighth, rtol=1e-11)
    assert np.isfinite(areas[1])
    assert np.isnan(areas[2])
    lengths = geodesy.length_m(shapes(arctic, nowhere[1], arctic))
    assert np.isnan(lengths[1])
    np.testing.assert_allclose(lengths[[0, 2]], geodesy.GEOD.inv(0, 84, 0.001, 84)[2], rtol=1e-9)


def test_an_empty_hole_is_none() -> None:
    odd = shapely.from_wkt("POLYGON ((109 24, 109.01 24, 109.01 24.01, 109 24), EMPTY)")
    plain = shapely.from_wkt("POLYGON ((109 24, 109.01 24, 109.01 24.01, 109 24))")
    one, other, last = geodesy.area_m2(shapes(odd, plain, odd))
    assert one == other == last > 0
