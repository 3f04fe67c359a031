"""The four answers on a county of squares, and their rule held against many placements."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.certainty import covered, stays
from ecogeo.finding import Answer, Severity
from ecogeo.hit_findings import towns_of
from ecogeo.layer import Layer
from ecogeo.nearness import nearest
from ecogeo.overlay import merged_pieces, overlap_pieces
from ecogeo.screening import Screened, screen_sites
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace


def zones_of(*polygons: shapely.Geometry, coverage: shapely.Geometry | None = None) -> Layer:
    import geopandas as gpd

    frame = gpd.GeoDataFrame({"id": [str(n) for n in range(len(polygons))]}, geometry=gpd.GeoSeries(polygons, crs=4490))
    return Layer("zones", LayerDeclaration(role="redlines", path="x.gpkg", key="id"), frame, frame, coverage=coverage)


def screened(
    sites: list[shapely.Geometry | None], accuracy_m: list[float], zones: Layer, **thresholds: float
) -> Screened:
    thresholds = {"least_m2": 1.0, "least_width_m": 0.1, **thresholds}
    return screen_sites(np.array(sites, dtype=object), np.array(accuracy_m, dtype=float), zones, **thresholds)


@pytest.fixture(scope="module")
def small(square_county: Path) -> pd.DataFrame:
    county = open_workspace(square_county)
    sites, redlines = county.layer("sites"), county.layer("redlines")
    result = screen_sites(sites.geometries, sites.numbers("accuracy_m"), redlines, least_m2=1.0, least_width_m=0.1)
    return result.rows.set_index(sites.ids.to_numpy())


@pytest.mark.parametrize(
    ("site", "answer", "coverage"),
    [
        ("inside", "involved", "full"),
        ("half", "involved", "full"),
        ("outside", "clear", "full"),
        ("touching", "clear", "full"),
        ("sliver", "possible", "full"),
        ("in_hole", "clear", "full"),
        ("abroad", "undetermined", "none"),
        ("astride", "undetermined", "partial"),
        ("near", "possible", "full"),
        ("deep", "involved", "full"),
        ("pipeline", "involved", "full"),
    ],
)
def test_answers_of_the_small_county(small: pd.DataFrame, site: str, answer: str, coverage: str) -> None:
    assert (small.loc[site, "answer"], small.loc[site, "coverage"]) == (answer, coverage)


def test_measures_of_the_small_county(small: pd.DataFrame) -> None:
    """The plane figures times the scale of the zone there: 1000 m of plane are 999.78 m of ground."""
    assert small.loc["inside", "overlap_m2"] == pytest.approx(10_000, rel=6e-4)
    assert small.loc["inside", "share"] == pytest.approx(1.0)
    assert small.loc["half", "overlap_m2"] == pytest.approx(10_000, rel=6e-4)
    assert small.loc["half", "share"] == pytest.approx(0.5, abs=1e-6)
    assert small.loc["pipeline", "length_m"] == pytest.approx(1000, rel=3e-4)
    assert small.loc["pipeline", "share"] == pytest.approx(1 / 3, abs=1e-6)
    assert small.loc["near", "distance_m"] == pytest.approx(50, rel=3e-4)
    assert small.loc["touching", "distance_m"] == pytest.approx(0, abs=1e-6)
    assert small.loc["sliver", "overlap_m2"] == 0


def test_sliver_is_in_the_ledger_and_nothing_is_lost() -> None:
    zone = shapely.box(109, 24, 109.01, 24.01)
    site = shapely.box(109.0099995, 24.002, 109.02, 24.004)  # 0.05 m wide strip inside the zone
    result = screened([site], [0.0], zones_of(zone))
    assert list(result.rows["answer"]) == [Answer.POSSIBLE]
    (reason,) = result.dropped["reason"]
    assert reason == "mean width under 0.1 m; shared boundary"
    raw = float(geodesy.area_m2(np.array([shapely.intersection(site, zone)]))[0])
    assert raw == pytest.approx(0.05 * 221, rel=0.02)
    assert result.kept["area_m2"].sum() + result.dropped["area_m2"].sum() == pytest.approx(raw, abs=1e-6)
    kept = screened([site], [0.0], zones_of(zone), least_width_m=0.0)
    assert list(kept.rows["answer"]) == [Answer.INVOLVED]


def test_ground_under_two_zones_counts_once() -> None:
    one, two = shapely.box(109, 24, 109.01, 24.01), shapely.box(109.005, 24, 109.015, 24.01)
    site = shapely.box(109.004, 24.002, 109.012, 24.004)
    result = screened([site], [0.0], zones_of(one, two))
    assert result.rows["share"].iloc[0] == pytest.approx(1.0)
    assert len(result.kept) == 2
    assert result.kept["area_m2"].sum() > result.rows["overlap_m2"].iloc[0]


def test_a_line_under_two_zones_counts_once() -> None:
    line = shapely.LineString([(108.9 + k * 0.01, 24 + 0.003 * np.sin(k)) for k in range(30)])
    one = shapely.Point(109.0, 24).buffer(0.05)
    two = shapely.Point(109.03, 24.001).buffer(0.05)
    row = screened([line], [0.0], zones_of(one, two)).rows.iloc[0]
    expected = geodesy.length_m(np.array([line.intersection(one.union(two))]))[0]
    assert row["length_m"] == pytest.approx(expected, abs=1e-6)


def test_no_coverage_never_clears() -> None:
    zone, away = shapely.box(109, 24, 109.01, 24.01), shapely.box(109.1, 24, 109.11, 24.01)
    county = shapely.box(108, 23, 110, 25)
    assert screened([away], [0.0], zones_of(zone)).rows["answer"].tolist() == ["undetermined"]
    assert screened([away], [0.0], zones_of(zone, coverage=county)).rows["answer"].tolist() == ["clear"]
    assert screened([away], [np.nan], zones_of(zone, coverage=county)).rows["answer"].tolist() == ["undetermined"]
    assert screened([None], [0.0], zones_of(zone, coverage=county)).rows["answer"].tolist() == ["undetermined"]


def test_coverage_counts_with_the_accuracy() -> None:
    """A site 1 km inside the edge of what the layer covers is covered to 900 m, not to 1100 m."""
    zone, county = shapely.box(109, 24, 109.01, 24.01), shapely.box(108, 23, 110, 25)
    site = shapely.Point(109.5, 25 - 1000 / 110_770)
    rows = screened([site, site], [900.0, 1100.0], zones_of(zone, coverage=county)).rows
    assert rows["answer"].tolist() == ["clear", "undetermined"]
    assert rows["coverage"].tolist() == ["full", "partial"]


def test_a_layer_that_cannot_be_believed_clears_nobody() -> None:
    """Features nobody could measure, or none where the layer says it covers: who knows where they really lie?"""
    zone, county = shapely.box(109, 24, 109.01, 24.01), shapely.box(108, 23, 110, 25)
    away, sure = shapely.box(109.1, 24, 109.11, 24.01), zones_of(zone, coverage=county)
    assert screened([away], [0.0], sure).rows["answer"].tolist() == ["clear"]
    damaged = replace(sure, set_aside=(("7", Text("图形为空", "empty geometry")),))
    assert screened([away], [0.0], damaged).rows["answer"].tolist() == ["undetermined"]
    assert screened([zone], [0.0], damaged).rows["answer"].tolist() == ["involved"]
    elsewhere = zones_of(shapely.box(1, 1, 2, 2), coverage=county)
    assert screened([away], [0.0], elsewhere).rows["answer"].tolist() == ["undetermined"]


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["point", "line", "polygon"]),
    x=st.floats(-900, 900),
    y=st.floats(-900, 900),
    reach=st.floats(1, 600),
    seed=st.integers(0, 2**16),
)
def test_answers_hold_for_every_placement(kind: str, x: float, y: float, reach: float, seed: int) -> None:
    """Move the site about within its accuracy: involved must always overlap, clear never may."""
    plane = geodesy.local_plane(109.3)
    centre = plane.to_plane(np.array([shapely.Point(109.3, 24.26)]))[0]

    def at(shape: shapely.Geometry, dx: float, dy: float) -> shapely.Geometry:
        return shapely.transform(shape, lambda xy: np.add(xy, (centre.x + dx, centre.y + dy)))

    zones = [
        shapely.box(-400, -400, 400, 400).difference(shapely.box(-50, -50, 50, 50)),
        shapely.box(400, -100, 700, 100),
    ]
    shape = {
        "point": shapely.Point(0, 0),
        "line": shapely.LineString([(-120, 0), (120, 60)]),
        "polygon": shapely.box(-150, -40, 150, 40),
    }[kind]
    ground = shapely.union_all([at(zone, 0, 0) for zone in zones])
    lonlat = plane.to_lonlat(np.array([at(zone, 0, 0) for zone in zones], dtype=object))
    site = plane.to_lonlat(np.array([at(shape, x, y)], dtype=object))
    layer = zones_of(*lonlat, coverage=shapely.box(108, 23, 110, 25))
    answer = screened(list(site), [reach], layer).rows["answer"].iloc[0]
    random = np.random.default_rng(seed)
    angle, far = random.uniform(0, 2 * np.pi, 300), reach * np.sqrt(random.uniform(0, 1, 300))
    angle[:64], far[:64] = np.linspace(0, 2 * np.pi, 64), reach
    wanted = shapely.get_dimensions(shape)
    placed = np.array([at(shape, x + r * np.cos(a), y + r * np.sin(a)) for a, r in zip(angle, far, strict=True)])
    common = shapely.intersection(placed, ground)
    overlaps = ~shapely.is_empty(common) & (shapely.get_dimensions(common) == wanted)
    slack = max(0.02, reach * 0.002)
    grown, shrunk = shapely.buffer(ground, slack), shapely.buffer(ground, -slack)
    if answer == Answer.INVOLVED:
        assert shapely.intersects(placed, grown).all()
    if answer == Answer.CLEAR:
        assert not shapely.intersects(placed, shrunk).any()
    if kind == "point" and answer == Answer.POSSIBLE:
        here = at(shape, x, y)
        assert here.distance(ground) <= reach + slack, "some placement overlaps"
        inside = ground.covers(here) and here.distance(ground.boundary) > reach + slack
        assert not inside, "for a point the answer is exact"
    assert answer != Answer.UNDETERMINED
    assert overlaps.any() or answer != Answer.INVOLVED


def test_pieces_agree_with_exact_overlay() -> None:
    random = np.random.default_rng(7)
    centres = random.uniform([109, 24], [109.2, 24.2], (40, 2))
    sites = shapely.buffer(shapely.points(centres[:20]), random.uniform(0.005, 0.03, 20))
    zones = shapely.buffer(shapely.points(centres[20:]), random.uniform(0.005, 0.03, 20))
    pieces = overlap_pieces(sites, zones)
    expected = {
        (i, j): abs(geodesy.GEOD.geometry_area_perimeter(shapely.segmentize(cut, 0.0001))[0])
        for i, site in enumerate(sites)
        for j, zone in enumerate(zones)
        if (cut := site.intersection(zone)).area > 0
    }
    found = pieces.groupby(["site", "zone"])["area_m2"].sum().to_dict()
    assert set(found) == set(expected)
    for pair, area in expected.items():
        assert found[pair] == pytest.approx(area, rel=1e-6, abs=0.01)
    joined = merged_pieces(pieces, sites, zones)
    union = shapely.union_all(zones)
    np.testing.assert_allclose(
        geodesy.area_m2(joined), geodesy.area_m2(shapely.intersection(sites, union)), rtol=1e-9, atol=1e-3
    )


def test_pieces_on_lines() -> None:
    """A square over a shore keeps the stretch inside; a pipeline over it keeps the crossing; a point on it itself."""
    shore = np.array([shapely.LineString([(109, 24), (109.1, 24)])], dtype=object)
    square, pipe = shapely.box(109.02, 23.99, 109.03, 24.01), shapely.LineString([(109.05, 23.9), (109.05, 24.1)])
    along, beside = shapely.LineString([(109.06, 24), (109.07, 24)]), shapely.box(109.02, 24, 109.03, 24.01)
    sites = np.array([square, pipe, shapely.Point(109.01, 24), along, beside], dtype=object)
    pieces = overlap_pieces(sites, shore).set_index("site")
    hundredth = geodesy.GEOD.inv(109.02, 24, 109.03, 24)[2]
    assert pieces["length_m"].round(3).to_dict() == {
        0: round(hundredth, 3),
        1: 0.0,
        2: 0.0,
        3: round(hundredth, 3),
        4: round(hundredth, 3),
    }
    assert pieces.geometry[1].equals(shapely.Point(109.05, 24))
    assert (pieces["area_m2"] == 0).all()


def test_nearest_of_nothing() -> None:
    rows = nearest(np.array([shapely.Point(109, 24), None], dtype=object), np.array([], dtype=object))
    assert rows["zone"].tolist() == [-1, -1]
    assert rows["distance_m"].isna().all()


def test_severity_of_hits(county_folder: Path) -> None:
    from ecogeo.check import choose_checks, run_checks

    report = run_checks(open_workspace(county_folder), choose_checks(["site_in_redline"]))
    severity = {finding.feature_id: finding.severity for _, finding in report.findings}
    assert severity == {
        "inside": Severity.FAULT,
        "half": Severity.FAULT,
        "deep": Severity.FAULT,
        "pipeline": Severity.FAULT,
        "sliver": Severity.WARNING,
        "near": Severity.WARNING,
        "abroad": Severity.WARNING,
        "astride": Severity.WARNING,
        "touching": Severity.NOTE,
    }
    towns = {finding.feature_id: finding.town for _, finding in report.findings if finding.severity is Severity.FAULT}
    assert set(towns.values()) == {"西镇"}


COUNTY = shapely.box(108, 23, 110, 25)


def test_a_point_inside_has_distance_0_and_says_so(county_folder: Path) -> None:
    from ecogeo.check import choose_checks, run_checks

    report = run_checks(open_workspace(county_folder), choose_checks(["site_in_redline"]))
    row = report.tables["screening"].set_index("site_id").loc["deep"]
    assert (row["distance_m"], row["overlap_m2"], row["length_m"]) == (0, 0, 0)
    (message,) = (one.message.en for _, one in report.findings if one.feature_id == "deep")
    assert "the point lies inside" in message


def test_several_points_of_one_site() -> None:
    zone = shapely.box(109, 24, 109.01, 24.01)
    points = shapely.MultiPoint([(109.005, 24.005), (109.008, 24.002), (109.5, 24.5), (109.6, 24.5)])
    row = screened([points], [0.0], zones_of(zone, zone, coverage=COUNTY)).rows.iloc[0]
    assert (row["answer"], row["distance_m"], row["share"]) == ("involved", 0, 0.5)
    away = shapely.MultiPoint([(109.5, 24.005), (109.02, 24.005)])
    row = screened([away], [0.0], zones_of(zone, coverage=COUNTY)).rows.iloc[0]
    assert row["answer"] == "clear"
    assert row["distance_m"] == pytest.approx(geodesy.GEOD.inv(109.02, 24.005, 109.01, 24.005)[2], abs=1e-3)
    near, far = screened([points] * 2, [100.0, 600.0], zones_of(zone, coverage=COUNTY)).rows["answer"]
    assert (near, far) == ("involved", "possible"), "one point lies 500 m deep, none lies 600 m deep"


def test_a_layer_that_covers_half_of_a_site() -> None:
    """What is known to overlap is involved and may be more; what is not may lie in the other half."""
    half = shapely.box(108, 23, 109.5, 25)
    astride = shapely.box(109.4, 24, 109.6, 24.1)
    hit = screened([astride], [0.0], zones_of(shapely.box(109.4, 24, 109.45, 24.1), coverage=half)).rows.iloc[0]
    assert (hit["answer"], hit["coverage"]) == ("involved", "partial")
    assert hit["share"] == pytest.approx(0.25, abs=1e-6)
    missed = screened([astride], [0.0], zones_of(shapely.box(109.1, 24, 109.2, 24.1), coverage=half)).rows.iloc[0]
    assert (missed["answer"], missed["coverage"]) == ("undetermined", "partial")


def test_a_site_larger_than_a_zone_and_a_zone_in_a_hole() -> None:
    """A zone deep in a site is met wherever the site lies within 400 m, as drawn; in a hole of the site it is not."""
    zone = shapely.box(109.29, 24.24, 109.31, 24.26)
    wide = shapely.box(109.2, 24.15, 109.4, 24.35)
    ring = wide.difference(shapely.box(109.28, 24.23, 109.32, 24.27))
    rows = screened([wide, ring], [400.0, 400.0], zones_of(zone, coverage=COUNTY)).rows
    assert rows["answer"].tolist() == ["involved", "clear"]
    assert rows["share"].tolist() == pytest.approx([0.01, 0.0], abs=1e-5)
    assert rows["distance_m"].iloc[1] == pytest.approx(1014, abs=2)
    reached = screened([ring], [1100.0], zones_of(zone, coverage=COUNTY)).rows
    assert reached["answer"].tolist() == ["possible"]


@pytest.mark.parametrize("longitude", [100.0, 109.9, 119.99])
@pytest.mark.parametrize("latitude", [-70.0, 0.5, 30.0, 70.0])
def test_accuracy_is_in_metres_of_the_ground_all_over_a_wide_layer(longitude: float, latitude: float) -> None:
    """Zones 20 degrees apart in one layer: a point 1000 m deep stays within 998 m of accuracy, not within 1002 m."""
    metre_deg = 1 / geodesy.GEOD.inv(longitude, latitude, longitude + 1, latitude)[2]
    zone = shapely.box(longitude, latitude - 0.1, longitude + 0.3, latitude + 0.1)
    ends = [shapely.box(x, latitude, x + 0.01, latitude + 0.01) for x in (95, 125)]
    layer = zones_of(zone, *ends, coverage=shapely.box(90, -80, 130, 80))
    deep, near = (shapely.Point(longitude + metres * metre_deg, latitude) for metres in (1000, -1000))
    rows = screened([deep, deep, near, near], [998.0, 1002.0, 998.0, 1002.0], layer).rows
    assert rows["answer"].tolist() == ["involved", "possible", "clear", "possible"]
    assert rows["distance_m"].tolist() == pytest.approx([0, 0, 1000, 1000], abs=0.1)


def test_the_nearest_is_right_all_over_a_wide_layer() -> None:
    """East 100 km, north 100.2 km: in a plane true at 109.5 the eastern one seems the farther at 119."""
    site = shapely.Point(119.0, 30.0)
    east = shapely.Point(geodesy.GEOD.fwd(119.0, 30.0, 90, 100_000)[:2])
    north = shapely.Point(geodesy.GEOD.fwd(119.0, 30.0, 0, 100_200)[:2])
    ends = [shapely.Point(100, 30), shapely.Point(119.0, 20.0)]
    rows = nearest(np.array([site]), np.array([north, east, *ends], dtype=object))
    assert rows["zone"].tolist() == [1]
    assert rows["distance_m"].tolist() == pytest.approx([100_000], abs=0.01)


def test_nothing_is_clear_across_the_180th_meridian() -> None:
    """Neighbours across it are not found, so nobody is told that there are none."""
    beyond, before = shapely.box(-180, 0, -179.99, 0.1), shapely.box(178, 0, 178.1, 0.1)
    layer = zones_of(beyond, before, coverage=shapely.box(177, -1, 180, 1))
    sites = [shapely.Point(179.999, 0.05), shapely.box(179.9, 0, 180.1, 0.1), shapely.Point(179, 0.05)]
    rows = screened(sites, [500.0, 0.0, 500.0], layer).rows
    assert rows["answer"].tolist() == ["undetermined", "undetermined", "clear"]
    assert np.isnan(rows["distance_m"].iloc[0]) or rows["distance_m"].iloc[0] < 2000
    assert rows["distance_m"].iloc[2] == pytest.approx(geodesy.GEOD.inv(179, 0.05, 178.1, 0.05)[2], abs=1)


def test_the_version_carries_the_date() -> None:
    from ecogeo.screening_tables import layer_version

    layer = zones_of(shapely.box(109, 24, 109.01, 24.01))
    told = [
        replace(layer, declaration=layer.declaration.model_copy(update={"version": version, "date": date}))
        for version, date in (("sample-1", "2026-01-01"), ("v2", ""), ("", "2025-06-30"), ("", ""))
    ]
    assert [layer_version(one) for one in told] == ["sample-1 2026-01-01", "v2", "2025-06-30", ""]


def test_net_ground_under_two_zones_counts_once() -> None:
    """Two zones over the same half of a site, 10 % and 30 % deducted: the ground counts once, less 10 %."""
    from ecogeo.screening_tables import zone_rows

    site, ground = shapely.box(109, 24, 109.02, 24.01), shapely.box(109, 24, 109.01, 24.01)
    layer = zones_of(ground, ground)
    layer = replace(layer, sound=layer.sound.assign(deduction=[0.3, 0.1], zone="基本农田"))
    sites = replace(zones_of(site), declaration=LayerDeclaration(role="project_sites", path="x", key="id"))
    (row,) = zone_rows(screened([site], [0.0], layer), sites, layer).to_dict("records")
    area = float(geodesy.area_m2(np.array([ground]))[0])
    assert row["overlap_m2"] == pytest.approx(area, abs=0.01)
    assert row["net_m2"] == pytest.approx(0.9 * area, abs=0.01)


def test_a_site_smaller_than_the_thresholds_is_involved_where_it_lies_in_a_zone() -> None:
    zone, county = shapely.box(109, 24, 109.01, 24.01), shapely.box(108, 23, 110, 25)
    pole = shapely.box(109.005, 24.005, 109.005 + 0.8 / 101_700, 24.005 + 0.8 / 110_770)
    rows = screened([pole], [0.0], zones_of(zone, coverage=county)).rows
    assert rows["answer"].tolist() == ["involved"]
    assert rows["share"].iloc[0] == pytest.approx(1.0)
    assert rows["overlap_m2"].iloc[0] == pytest.approx(0.64, rel=0.01)


def test_a_narrow_corridor_through_a_zone_is_involved() -> None:
    zone, county = shapely.box(109, 24, 109.01, 24.01), shapely.box(108, 23, 110, 25)
    line = np.array([shapely.LineString([(108.99, 24.005), (109.02, 24.005)])], dtype=object)
    result = screen_sites(
        line,
        np.zeros(1),
        zones_of(zone, coverage=county),
        least_m2=1.0,
        least_width_m=0.1,
        corridor_width_m=np.array([0.05]),
    )
    assert result.rows["answer"].tolist() == ["involved"]
    assert result.rows["length_m"].iloc[0] == pytest.approx(1017, rel=1e-3)


def test_pieces_side_by_side_count_together() -> None:
    """Ten zones of 0.9 m2 in a row make 9 m2; spread apart they make ten slivers."""
    county, step = shapely.box(108, 23, 110, 25), 0.95 / 101_700
    row = [shapely.box(109 + k * step, 24, 109 + (k + 1) * step, 24 + 0.95 / 110_770) for k in range(10)]
    apart = [shapely.affinity.translate(zone, xoff=k * 1e-4) for k, zone in enumerate(row)]
    site = shapely.box(108.9, 23.9, 109.1, 24.1)
    together = screened([site], [0.0], zones_of(*row, coverage=county)).rows
    assert together["answer"].tolist() == ["involved"]
    assert together["overlap_m2"].iloc[0] == pytest.approx(10 * 0.95**2, rel=0.01)
    spread = screened([site], [0.0], zones_of(*apart, coverage=county))
    assert spread.rows["answer"].tolist() == ["possible"]
    assert len(spread.dropped) == 10


def test_seams_between_neighbours_are_no_boundary() -> None:
    """Two halves of a zone, open by 1e-12 degrees in their middle: a point upon the seam stays in the zone."""
    county = shapely.box(108, 23, 110, 25)
    west = shapely.Polygon([(108.9, 23.9), (109, 23.9), (109 - 1e-12, 24), (109, 24.1), (108.9, 24.1)])
    east = shapely.box(109, 23.9, 109.1, 24.1)
    rows = screened([shapely.Point(109.0005, 24)], [1000.0], zones_of(west, east, coverage=county)).rows
    assert rows["answer"].tolist() == ["involved"]


def test_seams_in_a_coverage_are_no_edge_of_it() -> None:
    """The coverage is made of two halves, open by 1e-12 degrees: what lies upon the seam is covered."""
    west = shapely.Polygon([(108, 23), (109, 23), (109 - 1e-12, 24), (109, 25), (108, 25)])
    coverage = shapely.union_all([west, shapely.box(109, 23, 110, 25)])
    zone = shapely.box(109.5, 24, 109.51, 24.01)
    rows = screened([shapely.Point(109.0005, 24)], [1000.0], zones_of(zone, coverage=coverage)).rows
    assert rows[["answer", "coverage"]].to_numpy().tolist() == [["clear", "full"]]


def part_stays(part: shapely.Geometry, reach_m: float, ground: shapely.Geometry) -> bool:
    """Tell of one part by itself whether it overlaps the ground in every placement: the rule of `ecogeo.certainty`."""
    west, _, east, _ = part.bounds
    site, area = geodesy.local_plane((west + east) / 2).to_plane(np.array([part, ground], dtype=object))
    area = area.buffer(0.0005, join_style="mitre").buffer(-0.0005, join_style="mitre")
    if shapely.get_dimensions(site) == 0:
        return any(area.covers(point) and point.distance(area.boundary) >= reach_m for point in shapely.get_parts(site))
    core, heart = (shape.buffer(-reach_m * 1.0013, quad_segs=16) for shape in (area, site))
    return bool(site.intersects(core) or heart.intersects(area))


PLACES = st.tuples(st.integers(0, 24), st.integers(0, 24))


def at_place(kind: str, place: tuple[int, int]) -> shapely.Geometry:
    """Put a shape of about 300 m on a net of 100 m, across the seam between two planes."""
    x, y = 109.24 + place[0] * 0.001, 24.2 + place[1] * 0.001
    return {
        "point": shapely.Point(x, y),
        "points": shapely.MultiPoint([(x, y), (x + 0.003, y)]),
        "line": shapely.LineString([(x, y), (x + 0.003, y + 0.001)]),
        "polygon": shapely.box(x, y, x + 0.003, y + 0.002),
    }[kind]


@settings(max_examples=50, deadline=None)
@given(
    sites=st.lists(
        st.tuples(st.sampled_from(["point", "points", "line", "polygon"]), PLACES, st.sampled_from([5.0, 60.0, 150.0])),
        min_size=1,
        max_size=6,
    ),
    zones=st.lists(PLACES, max_size=3),
)
def test_many_sites_stay_as_they_do_one_by_one(
    sites: list[tuple[str, tuple[int, int], float]], zones: list[tuple[int, int]]
) -> None:
    shapes = np.array([at_place(kind, place) for kind, place, _ in sites], dtype=object)
    reach = np.array([metres for *_, metres in sites])
    grounds = np.array([at_place("polygon", place) for place in zones], dtype=object)
    whole = shapely.union_all(grounds)
    expected = [part_stays(one, float(metres), whole) for one, metres in zip(shapes, reach, strict=True)]
    assert stays(shapes, reach, grounds).tolist() == expected


@settings(max_examples=50, deadline=None)
@given(
    sites=st.lists(
        st.tuples(st.sampled_from(["point", "line", "polygon"]), PLACES, st.sampled_from([0.0, np.nan, 60.0]))
    ),
    corner=PLACES,
)
def test_coverage_of_many_sites_is_that_of_each(
    sites: list[tuple[str, tuple[int, int], float]], corner: tuple[int, int]
) -> None:
    west, south = 109.24 + corner[0] * 0.001, 24.2 + corner[1] * 0.001
    coverage = shapely.box(west, south, 110.0, 25.0)
    shapes = np.array([*(at_place(kind, place) for kind, place, _ in sites), None], dtype=object)
    reach = np.array([*(metres for *_, metres in sites), 0.0])
    expected = []
    for shape, metres in zip(shapes[:-1], np.nan_to_num(reach), strict=False):
        near, far = shapely.box(west - 1e-8, south - 1e-8, 111, 26), shape.distance(coverage.boundary) * 100_000
        is_full = near.covers(shape) and not (metres > 0 and far <= metres)
        is_met = coverage.intersects(shape) or (metres > 0 and far <= metres)
        expected.append("full" if is_full else "partial" if is_met else "none")
    assert covered(shapes, reach, coverage).tolist() == [*expected, "unknown"]


CELLS = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 3), st.integers(1, 3))


@given(pieces=st.lists(CELLS, max_size=6), towns=st.lists(CELLS, max_size=4))
def test_a_piece_is_in_every_town_it_shares_ground_with(
    pieces: list[tuple[int, int, int, int]], towns: list[tuple[int, int, int, int]]
) -> None:
    def box(cell: tuple[int, int, int, int]) -> shapely.Geometry:
        x, y, wide, high = cell
        return shapely.box(109 + x / 64, 24 + y / 64, 109 + (x + wide) / 64, 24 + (y + high) / 64)

    def overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
        return all(one[n] < other[n] + other[n + 2] and other[n] < one[n] + one[n + 2] for n in (0, 1))

    named = [";".join(str(n) for n, town in enumerate(towns) if overlap(piece, town)) for piece in pieces]
    shapes = np.array([box(piece) for piece in pieces], dtype=object)
    assert towns_of(shapes, zones_of(*map(box, towns))) == named
    assert towns_of(shapes, None) == [""] * len(pieces)
