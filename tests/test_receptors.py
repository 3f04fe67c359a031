"""Receptors by distance, and any layer that counts within a distance: exact distances decide."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import hypothesis
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from conftest import LAYERS_TOML, block, point, write_layer
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.check import choose_checks, run_checks
from ecogeo.checks.site_near_receptor import near_pairs
from ecogeo.errors import UnusableCatalogError
from ecogeo.finding import Report
from ecogeo.layer import Layer
from ecogeo.screening import screen_sites
from ecogeo.setback import answered_by_distance, enlarged, ground_within, in_the_zones
from ecogeo.workspace import open_workspace

GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)
HOME = (109.3, 24.2)

RECEPTORS_TOML = (
    LAYERS_TOML
    + """
[layers.receptors]
role = "receptors"
path = "receptors.gpkg"
key = "receptor_id"
name = "name"
title = "敏感点"
title_en = "Receptors"
coverage = "county"
"""
)


def layer(
    shapes: list[shapely.Geometry], *, role: str = "receptors", coverage: shapely.Geometry | None = None
) -> Layer:
    """Return a layer of features A, B … given in longitude and latitude."""
    ids = [chr(ord("A") + number) for number in range(len(shapes))]
    frame = gpd.GeoDataFrame({"id": ids, "kind": "学校"}, geometry=gpd.GeoSeries(shapes, crs=geodesy.LONLAT))
    declaration = LayerDeclaration(role=role, path="made.gpkg", key="id")
    return Layer("made", declaration, frame, frame, coverage=coverage)


def away(metres: float, azimuth_deg: float, start: tuple[float, float] = HOME) -> shapely.Point:
    """Return the point so far from another along the geodesic."""
    lon, lat, _ = GEOD.fwd(*start, azimuth_deg, metres)
    return shapely.Point(lon, lat)


def answered(sites: list[shapely.Geometry], accuracy_m: list[float], zones: Layer, within_m: float) -> pd.DataFrame:
    shapes = np.array(sites, dtype=object)
    against = enlarged(zones, within_m)
    screened = screen_sites(shapes, np.array(accuracy_m), against, least_m2=0.0, least_width_m=0.0)
    return answered_by_distance(screened, zones, within_m=within_m).rows


WIDE = shapely.box(108.0, 23.0, 111.0, 25.0)


@settings(max_examples=40)
@given(
    st.floats(0, 360), st.floats(1, 3000), st.sampled_from([-0.001, 0.001]), st.sampled_from([24.2, 55.0, -33.0, 0.0])
)
def test_a_millimetre_either_side_of_the_distance(
    azimuth: float, metres: float, beyond: float, latitude: float
) -> None:
    start = (109.3, latitude)
    zones = layer([shapely.Point(start)], coverage=shapely.box(100, latitude - 5, 120, latitude + 5))
    row = answered([away(metres + beyond, azimuth, start)], [0.0], zones, metres).iloc[0]
    assert row["answer"] == ("clear" if beyond > 0 else "involved")
    assert row["distance_m"] == pytest.approx(metres + beyond, abs=1e-4)


@settings(max_examples=40)
@given(st.floats(0, 360), st.floats(0, 900), st.floats(0.01, 600))
def test_answers_of_a_point_under_uncertainty(azimuth: float, metres: float, accuracy: float) -> None:
    """About one receptor the rule is exact: nearest and farthest place are the distance less and more the accuracy."""
    zones = layer([shapely.Point(HOME)], coverage=WIDE)
    answer = answered([away(metres, azimuth)], [accuracy], zones, 300.0).loc[0, "answer"]
    hypothesis.assume(min(abs(metres - accuracy - 300), abs(metres + accuracy - 300)) > 0.001)
    if metres + accuracy < 300:
        assert answer == "involved"
    else:
        assert answer == ("possible" if metres - accuracy < 300 else "clear")


def test_a_site_between_two_receptors_stays_near_one_of_them() -> None:
    zones = layer([away(100, 90), away(100, 270)], coverage=WIDE)
    rows = answered([shapely.Point(HOME)], [60.0], zones, 150.0)
    assert rows.loc[0, "answer"] == "involved", "within 60 m no place is 150 m from both, though 100 + 60 > 150"


def test_nobody_knows_where_the_site_or_how_complete_the_layer_is() -> None:
    near, far = away(50, 10), away(5000, 10)
    rows = answered([near, far, None, far], [np.nan, np.nan, 0.0, 0.0], layer([shapely.Point(HOME)]), 100.0)
    assert rows["answer"].tolist() == ["possible", "undetermined", "undetermined", "undetermined"]


@pytest.mark.parametrize(("room_m", "answer"), [(299.0, "undetermined"), (301.0, "clear")])
def test_the_layer_must_cover_the_site_enlarged_by_accuracy_and_distance(room_m: float, answer: str) -> None:
    """The site may lie 100 m off, and a receptor 200 m from there counts: the layer must be complete for 300 m."""
    edge = away(room_m, 90).x
    zones = layer([away(9000, 270)], coverage=shapely.box(108, 23, edge, 25))
    rows = answered([shapely.Point(HOME)], [100.0], zones, 200.0)
    assert rows.loc[0, ["answer", "coverage"]].tolist() == [answer, "full" if answer == "clear" else "partial"]


def test_features_outside_the_county_count() -> None:
    """Toy case of glaes #30: what lies just outside, its distance covering the region, leaves nothing clear."""
    region = shapely.box(109.30, 24.20, 109.31, 24.21)
    outside = shapely.box(109.2995, 24.20, 109.2999, 24.21)
    site = shapely.box(109.302, 24.202, 109.308, 24.208)
    zones = layer([outside], role="water_bodies", coverage=region)
    rows = answered([site], [0.0], zones, 2000.0)
    assert rows.loc[0, "answer"] == "involved"
    assert rows.loc[0, "share"] == pytest.approx(1.0, abs=1e-9)


@given(st.floats(10, 2000), st.floats(-60, 60))
def test_ground_within_a_distance_lies_inside_it(metres: float, latitude: float) -> None:
    start = (109.34, latitude)
    circle = ground_within(np.array([shapely.Point(start)], dtype=object), metres)
    corners = shapely.get_coordinates(circle[0])
    distance = GEOD.inv(np.full(len(corners), start[0]), np.full(len(corners), start[1]), *corners.T)[2]
    assert (distance <= metres + 1e-6).all()
    assert (distance >= metres * (1 - 1e-6)).all()
    assert geodesy.area_m2(circle)[0] == pytest.approx(np.pi * metres**2, rel=2e-4)


def test_ground_within_a_distance_of_a_wide_zone_is_one_piece() -> None:
    strip = shapely.LineString([(107.3, 24.2), (111.8, 24.2)])
    ground = ground_within(np.array([strip], dtype=object), 100.0)
    expected = 200.0 * geodesy.length_m(np.array([shapely.segmentize(strip, 0.01)], dtype=object))[0] + np.pi * 100**2
    assert ground[0].geom_type == "Polygon"
    assert geodesy.area_m2(ground)[0] == pytest.approx(expected, rel=2e-4)


def test_pairs_are_listed_by_site_then_distance() -> None:
    places = [away(90, 0), away(30, 90), away(150, 180), away(120, 0)]
    sites, receptors = layer([shapely.Point(HOME), away(5000, 0)], role="project_sites"), layer(places)
    pairs = near_pairs(sites, receptors, 120.0001)
    assert pairs.columns.tolist() == ["site_id", "receptor_id", "receptor_name", "kind", "distance_m"]
    assert pairs["receptor_id"].tolist() == ["B", "A", "D"]
    np.testing.assert_allclose(pairs["distance_m"], [30, 90, 120], atol=1e-4)


def test_pairs_stand_in_the_order_of_the_sites_not_of_their_names() -> None:
    sites = layer([shapely.Point(HOME), away(10, 90), away(20, 90)], role="project_sites")
    named = sites.sound.assign(id=["S2", "S10", "S1"])
    receptors = layer([away(20, 90), away(20, 90), away(10, 90)])
    pairs = near_pairs(replace(sites, frame=named, sound=named), receptors, 15.0)
    assert pairs[["site_id", "receptor_id"]].to_numpy().tolist() == [
        *(["S2", "C"], ["S10", "C"], ["S10", "A"], ["S10", "B"]),
        *(["S1", "A"], ["S1", "B"], ["S1", "C"]),
    ]


def test_pairs_of_a_line_are_measured_from_its_corridor() -> None:
    line = shapely.LineString([away(500, 0), away(500, 180)])
    lines = layer([line, line], role="project_sites")
    wide = lines.sound.assign(corridor_width_m=[60.0, 0.0])
    pairs = near_pairs(replace(lines, frame=wide, sound=wide), layer([away(200, 90)]), 180.0)
    assert pairs["site_id"].tolist() == ["A"]
    assert pairs["distance_m"].tolist() == pytest.approx([170.0], abs=0.01)
    assert wide.geometry.geom_type.tolist() == ["LineString"] * 2, "nothing is changed"


def screened(
    root: Path, receptors: list[shapely.Geometry], extra: str = "", name: str = "site_near_receptor"
) -> Report:
    ids = [f"E{number}" for number in range(len(receptors))]
    columns = {"receptor_id": ids, "name": [f"学校{one}" for one in ids], "kind": ["学校"] * len(ids)}
    write_layer(root, "receptors.gpkg", columns, receptors)
    (root / "layers" / "layers.toml").write_text(RECEPTORS_TOML + extra, "utf-8")
    return run_checks(open_workspace(root), choose_checks([name]))


def test_sites_near_receptors_of_the_small_county(county_folder: Path) -> None:
    report = screened(county_folder, [point(1350, 1250), block(2200, 1480, 50, 50), point(8500, 8050)])
    rows = report.tables["screening"].set_index("site_id")
    assert set(rows["layer"]) == {"receptors"}
    assert rows["answer"].to_dict() == {
        "inside": "involved",  # 50 m
        "half": "involved",  # 100 m
        "outside": "clear",  # 400 m
        "touching": "clear",  # 394 m
        "sliver": "clear",  # 350 m
        "in_hole": "clear",
        "abroad": "undetermined",
        "astride": "undetermined",
        "near": "possible",  # 150 m, placed to 100 m
        "deep": "possible",  # 291 m, placed to 100 m
        "pipeline": "involved",  # on the second
        "P2": "undetermined",
    }
    assert rows.loc["half", "distance_m"] == pytest.approx(100, rel=1e-3)
    assert rows.loc["outside", "distance_m"] == pytest.approx(400, rel=1e-3)
    assert rows.loc["pipeline", "distance_m"] == 0
    assert rows.loc["inside", "overlap_m2"] == pytest.approx(10_000, rel=1e-3), "its farthest corner is 158 m away"
    pairs = report.tables["receptors"]
    assert pairs[["site_id", "receptor_id"]].to_numpy().tolist() == [
        *(["inside", "E0"], ["half", "E1"], ["near", "E1"], ["pipeline", "E1"])
    ]
    message = next(finding.message for _, finding in report.findings if finding.feature_id == "near")
    assert "学校E1周边200米" in message.zh


def test_distance_the_county_declares_wins(county_folder: Path) -> None:
    report = screened(county_folder, [point(1350, 1250)], "buffer_m = 49\n")
    rows = report.tables["screening"].set_index("site_id")
    assert rows.loc["inside", "answer"] == "clear", "50 m away"
    assert report.tables["receptors"].empty


def test_a_site_at_the_very_edge_of_the_distance_is_told_of(county_folder: Path) -> None:
    """Between the chords and the circle there is no ground to measure, yet the distance decides."""
    report = screened(county_folder, [point(1350, 1250)])
    distance_m = report.tables["screening"].set_index("site_id").loc["inside", "distance_m"]
    report = screened(county_folder, [point(1350, 1250)], f"buffer_m = {float(distance_m) + 1e-6!r}\n")
    row = report.tables["screening"].set_index("site_id").loc["inside"]
    assert (row["answer"], row["overlap_m2"] < 1.0) == ("involved", True)
    messages = [finding.message.en for _, finding in report.findings if finding.feature_id == "inside"]
    assert len(messages) == 1
    assert report.tables["receptors"]["site_id"].tolist() == ["inside"]


def test_any_layer_may_count_within_a_distance(county_folder: Path) -> None:
    """Red line A is the square kilometre from (1000, 1000); with 30 m about it, what touches it lies 0 m away."""
    toml = RECEPTORS_TOML.replace('title_en = "Red lines"\n', 'title_en = "Red lines"\nbuffer_m = 30\n')
    (county_folder / "layers" / "layers.toml").write_text(toml, "utf-8")
    write_layer(county_folder, "receptors.gpkg", {"receptor_id": ["E"], "name": ["E"]}, [point(0, 0)])
    report = run_checks(open_workspace(county_folder), choose_checks(["site_in_redline"]))
    rows = report.tables["screening"].set_index("site_id")
    assert rows.loc["touching", "answer"] == "involved"
    assert rows.loc["touching", "overlap_m2"] == pytest.approx(30 * 100, rel=1e-3)
    assert rows.loc["half", "overlap_m2"] == pytest.approx(13_000, rel=1e-3), "30 m more than the 100 m inside"
    assert rows.loc["half", "distance_m"] == 0
    assert rows.loc["in_hole", "answer"] == "clear", "100 m from the ring"
    assert rows.loc["in_hole", "distance_m"] == pytest.approx(100, rel=1e-3), "to the red line itself"


def test_rules_judge_what_lies_in_a_zone_not_what_lies_beside_it() -> None:
    zone = shapely.box(109.30, 24.20, 109.31, 24.21)
    beside, inside = shapely.box(109.3101, 24.202, 109.311, 24.203), shapely.box(109.302, 24.202, 109.303, 24.203)
    vague = away(60, 90, (109.31, 24.205))
    zones = layer([zone], role="redlines", coverage=shapely.box(108, 23, 110, 25))
    sites = np.array([beside, inside, vague], dtype=object)
    near = screen_sites(sites, np.array([0.0, 0.0, 100.0]), enlarged(zones, 300), least_m2=1.0, least_width_m=0.1)
    near = answered_by_distance(near, zones, within_m=300)
    assert near.rows["answer"].tolist() == ["involved"] * 3
    assert near.concerned["site"].tolist() == [0, 1, 2]
    assert in_the_zones(near, zones).concerned["site"].tolist() == [1, 2], "the third may lie in it"


def test_ground_within_a_distance_of_a_long_line_is_not_too_large() -> None:
    line = np.array([shapely.LineString([(109.3, 24.0), (109.3, 25.0)])], dtype=object)
    ring = np.pi * 1000**2 + 2000 * geodesy.length_m(line)[0]
    area = geodesy.area_m2(ground_within(line, 1000.0))[0]
    assert ring * (1 - 1e-5) < area < ring


def test_a_distance_about_what_divides_the_county_is_refused(county_folder: Path) -> None:
    toml = LAYERS_TOML + '\n[layers.dem]\nrole = "dem"\npath = "dem.tif"\nbuffer_m = 50\n'
    (county_folder / "layers" / "layers.toml").write_text(toml, "utf-8")
    with pytest.raises(UnusableCatalogError, match=r"layers\.dem\.buffer_m means nothing for the role dem"):
        open_workspace(county_folder)
