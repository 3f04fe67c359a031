"""Areas against the vectors of the survey rule, and against an independent geodesic."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ecogeo import geodesy
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


def test_distance() -> None:
    box = shapely.box(109.0, 24.0, 109.1, 24.1)
    near, inside, nothing = geodesy.distance_m(
        shapes(shapely.Point(109.2, 24.05), shapely.Point(109.05, 24.05), None), shapes(box, box, box)
    )
    assert near == pytest.approx(pyproj.Geod(ellps="GRS80").inv(109.1, 24.05, 109.2, 24.05)[2], rel=1e-6)
    assert inside == 0
    assert np.isnan(nothing)


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
