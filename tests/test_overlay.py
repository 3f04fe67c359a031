"""The four questions of `ecogeo.overlay`, and what long edges mean."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from ecogeo import geodesy
from ecogeo.guarded import joined, shared, without
from ecogeo.overlay import _intersection, covers, overlap_area, overlap_length, within_distance

Shapes = geodesy.Geometries
WEST, SOUTH = 109.0, 24.0


def shapes(*geometries: shapely.Geometry | None) -> Shapes:
    found: Shapes = np.array(geometries, dtype=object)
    return found


def pairs_of(frame) -> list[tuple[int, int]]:
    return list(zip(frame["site"].tolist(), frame["zone"].tolist(), strict=True))


def square(x: float, y: float, side: float = 0.1) -> shapely.Polygon:
    return shapely.box(WEST + x, SOUTH + y, WEST + x + side, SOUTH + y + side)


def test_a_line_and_a_polygon_are_measured_each_by_its_own() -> None:
    sites = shapes(square(0, 0), shapely.LineString([(WEST, SOUTH + 0.05), (WEST + 0.4, SOUTH + 0.05)]), None)
    zones = shapes(square(0.05, 0), square(0.5, 0.5))
    area, length = overlap_area(sites, zones), overlap_length(sites, zones)
    assert pairs_of(area) == [(0, 0)]
    assert pairs_of(length) == [(1, 0)]
    assert area["area_m2"][0] == pytest.approx(geodesy.area_m2(sites[:1])[0] / 2, rel=1e-9)
    assert length["length_m"][0] == pytest.approx(geodesy.length_m(sites[1:2])[0] / 4, rel=1e-6)


def test_covered_are_sites_of_every_kind_that_lie_wholly_inside() -> None:
    zones = shapes(square(0, 0), square(0.1, 0), square(-1, -1, 3))
    inside = square(0.02, 0.02, 0.05)
    sites = shapes(
        inside,
        square(0.05, 0.02, 0.1),  # half in each of two zones: in neither, in the large one
        shapely.LineString([(WEST, SOUTH + 0.05), (WEST + 0.1, SOUTH + 0.05)]),
        shapely.boundary(inside),
        shapely.LineString([(WEST, SOUTH), (WEST + 0.2, SOUTH)]),  # along the edge of two zones
        shapely.Point(WEST + 0.1, SOUTH + 0.05),  # on the edge of two zones
        shapely.MultiPoint([(WEST + 0.01, SOUTH + 0.01), (WEST + 0.15, SOUTH + 0.01)]),
        shapely.Polygon(),
        None,
    )
    wanted = [(0, 0), (0, 2), (1, 2), (2, 0), (2, 2), (3, 0), (3, 2), (4, 2), (5, 0), (5, 1), (5, 2), (6, 2)]
    assert pairs_of(covers(sites, zones)) == wanted


def test_a_large_site_is_covered_by_itself_and_by_what_is_larger() -> None:
    random = np.random.default_rng(3)
    turn = np.linspace(0.0, 2.0 * np.pi, 400, endpoint=False)
    out = 0.5 * (1.0 + 0.1 * random.random((6, 400)))
    rings = 109.0 + np.arange(6)[:, None] * 0.1 + out * np.cos(turn), 24.0 + out * np.sin(turn)
    sites: Shapes = np.array([shapely.Polygon(np.column_stack(ring)) for ring in zip(*rings, strict=True)])
    zones = shapely.buffer(sites, 0.01)
    assert [(k, k) in pairs_of(covers(sites, sites)) for k in range(6)] == [True] * 6
    assert [(k, k) in pairs_of(covers(sites, zones)) for k in range(6)] == [True] * 6


def test_a_stretch_run_twice_counts_twice_whatever_else_is_in_the_layer() -> None:
    zone, other = shapely.box(109, 24, 109.2, 24.1), shapely.box(109.03, 23.9, 109.3, 24.06)
    there_and_back = shapes(shapely.LineString([(109, 24), (109.1, 24), (109.05, 24)]))
    stammering = shapes(shapely.LineString([(109, 24), (109, 24), (109.1, 24), (109.1, 24), (109, 24), (109, 24)]))
    whole = geodesy.length_m(np.concatenate([there_and_back, stammering]))
    for zones in (shapes(zone), shapes(zone, other)):
        for line, metres in zip((there_and_back, stammering), whole, strict=True):
            found = overlap_length(line, zones)
            assert found["length_m"][0] == pytest.approx(metres, rel=1e-7)
            assert (0, 0) in pairs_of(covers(line, zones))


coordinates = st.integers(0, 8)
boxes = st.tuples(coordinates, coordinates, st.integers(1, 5), st.integers(1, 5)).map(
    lambda at: shapely.box(
        WEST + at[0] / 100, SOUTH + at[1] / 100, WEST + (at[0] + at[2]) / 100, SOUTH + (at[1] + at[3]) / 100
    )
)


@settings(max_examples=100, deadline=None)
@given(sites=st.lists(boxes, min_size=1, max_size=5), zones=st.lists(boxes, min_size=1, max_size=5))
def test_covered_is_what_shapely_says_is_covered(sites: list[shapely.Polygon], zones: list[shapely.Polygon]) -> None:
    for drawn in (shapes(*sites), shapely.boundary(shapes(*sites)), shapely.centroid(shapes(*sites))):
        wanted = [(i, j) for i, site in enumerate(drawn) for j, zone in enumerate(zones) if zone.covers(site)]
        assert pairs_of(covers(drawn, shapes(*zones))) == wanted


def test_one_distance_for_all_or_one_for_each() -> None:
    points = shapely.points([[WEST, SOUTH], [WEST, SOUTH + 0.01], [WEST, SOUTH + 0.03]])
    degree = geodesy.GEOD.inv(WEST, SOUTH, WEST, SOUTH + 0.01)[2]
    assert pairs_of(within_distance(points, points, degree + 1e-6)) == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2)]
    each = within_distance(points, points, np.array([0.0, np.nan, 5_000.0]))
    assert pairs_of(each) == [(0, 0), (2, 0), (2, 1), (2, 2)]
    assert each["distance_m"].tolist() == pytest.approx([0.0, 3 * degree, 2 * degree, 0.0], rel=1e-5)


@pytest.mark.parametrize(
    ("side_m", "northing_m", "wanted_m2"),
    [(10_000.0, 2_684_701.721, 4.2), (10_000.0, 4_500_000.0, 15.1), (1_000.0, 2_684_701.721, 0.0004)],
)
def test_what_an_edge_costs_that_is_not_divided(side_m: float, northing_m: float, wanted_m2: float) -> None:
    """A square of the Gauss plane 1.3° from its meridian, against its four corners joined in degrees."""
    plane = pyproj.CRS.from_epsg(4545)
    drawn = translate(shapely.box(0, 0, side_m, side_m), 632_017.749, northing_m)
    corners = pyproj.Transformer.from_crs(plane, 4490, always_xy=True).transform(*np.array(drawn.exterior.coords).T)
    plain, divided = shapes(shapely.Polygon(np.column_stack(corners))), geodesy.to_lonlat(shapes(drawn), plane)
    region = shapes(square(-3, -3, 30))
    cost_m2 = abs(overlap_area(divided, region)["area_m2"][0] - overlap_area(plain, region)["area_m2"][0])
    assert cost_m2 == pytest.approx(wanted_m2, rel=0.06)


def test_ground_that_geos_loses_is_found_again() -> None:
    """A zone inside a site, both cut along one line: GEOS 3.14 finds 28.4 of the 66.3 square degrees they share."""
    site = shapely.from_wkt(
        "MULTIPOLYGON (((9 0, 5.9595918663481395 -2.303936846413424, 8 0, 5.404791595445249 2.9303922919941052, 9 0)), "
        "((-7.9999999999999964 13.85640646055102, -0.3905774589714225 7.654097539458613, -4.242640687119285 "
        "4.242640687119286, -7.488880528385364 0.5771330569363653, -7.9999999999999964 13.85640646055102)), "
        "((-7.000000000000006 -12.124355652982137, -7.43113596038672 -0.92311482758516, -4.949747468305834 "
        "-4.949747468305832, -9.184850993605148e-16 -5, 3.141848469429971 -4.439144539105792, -7.000000000000006 "
        "-12.124355652982137)))"
    )
    zone = shapely.from_wkt(
        "MULTIPOLYGON (((-7.9999999999999964 13.85640646055102, -1.1760090718976315 8.294289285086363, "
        "-4.951047228746463 4.9510472287464635, -7.544517263087298 2.02261782600108, -7.9999999999999964 "
        "13.85640646055102)), ((-7.000000000000006 -12.124355652982137, -7.3528819908231124 -2.9562125952569294, "
        "-5.511617423212739 -5.944094594308566, 0.0835170994416772 -6.000899446825428, 1.388220446540016 "
        "-5.767995153640398, -7.000000000000006 -12.124355652982137)))"
    )
    shapes = np.array([site], dtype=object), np.array([zone], dtype=object)
    true_m2 = geodesy.area_m2(shapes[1])
    found_m2 = geodesy.area_m2(_intersection(*shapes, true_m2))
    assert found_m2 == pytest.approx(true_m2, rel=1e-7)
    assert geodesy.area_m2(shared(*shapes)) == pytest.approx(true_m2, rel=1e-7)
    site_m2 = geodesy.area_m2(shapes[0])
    assert geodesy.area_m2(without(*shapes)) == pytest.approx(site_m2 - true_m2, rel=1e-7)
    assert geodesy.area_m2(np.array([joined(np.concatenate(shapes))])) == pytest.approx(site_m2, rel=1e-7)
