"""The ground of a line: its corridor, against length times width, and what a screening says of it."""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.check import choose_checks, run_checks
from ecogeo.corridor import corridors
from ecogeo.errors import UsageError
from ecogeo.finding import Report
from ecogeo.layer import Layer
from ecogeo.nearness import distance_m
from ecogeo.screening import Screened, screen_sites
from ecogeo.workspace import open_workspace

GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)


def ground(line: shapely.LineString, width_m: float) -> shapely.Geometry:
    return corridors(np.array([line], dtype=object), np.array([width_m]))[0]


def area_m2(shape: shapely.Geometry) -> float:
    return abs(float(GEOD.geometry_area_perimeter(shapely.orient_polygons(shapely.segmentize(shape, 0.0005)))[0]))


@pytest.mark.parametrize(
    "ends",
    [
        [(109, 24), (110, 24)],
        [(109, 24), (109, 25)],
        [(109.05, 24.3), (110.3, 25.1)],
        [(-2.5, 60), (2.5, 60.4)],
        [(-1, -75), (3, -74)],
        [(20, -0.3), (20.5, 0.4)],
    ],
)
def test_a_long_corridor_is_its_length_times_its_width(ends: list[tuple[float, float]]) -> None:
    """100 km and more, along and across meridians: 5 km² right to a few m², which is 2e-7."""
    line = shapely.LineString(ends)
    corridor = ground(line, 50.0)
    assert corridor.geom_type == "Polygon"
    assert corridor.is_valid
    length_m = GEOD.geometry_length(shapely.segmentize(line, 0.001))
    assert area_m2(corridor) == pytest.approx(length_m * 50.0, rel=2e-7)
    assert geodesy.area_m2(np.array([corridor]))[0] == pytest.approx(length_m * 50.0, rel=2e-7)


def test_ends_are_flat_and_bends_are_round() -> None:
    """Two legs of 100 m at a right angle, 20 m wide: 2 × 100 × 20 less the inner 10 × 10 plus a quarter circle."""
    plane = geodesy.local_plane(109.0)
    bend = shapely.LineString([(0, 2_680_100), (0, 2_680_000), (100, 2_680_000)])
    line = plane.to_lonlat(np.array([bend], dtype=object))[0]
    assert area_m2(ground(line, 20.0)) == pytest.approx(4000 - 100 + np.pi * 25, abs=0.1)
    halves = shapely.MultiLineString([line.coords[:2], line.coords[1:]])
    assert area_m2(ground(halves, 20.0)) == pytest.approx(4000 - 100 + np.pi * 25, abs=0.1)


@given(
    x=st.floats(-179, 178),
    y=st.floats(-75, 75),
    seed=st.integers(0, 9999),
    width_m=st.floats(5.0, 500.0),
)
def test_every_place_within_half_the_width_is_in_the_corridor(x: float, y: float, seed: int, width_m: float) -> None:
    """Places beside a wandering line, by azimuth and distance: inside to 1 % and 2 cm, and outside."""
    random = np.random.default_rng(seed)
    steps = random.uniform(0.02, 0.08, (6, 2)) * [1, random.choice([-1, 1])]
    line = shapely.LineString(np.vstack([[x, y], [x, y] + np.cumsum(steps, axis=0) * [1, 0.5]]))
    corridor = ground(line, width_m)
    along = random.uniform(0.02, 0.98, 20)
    feet = shapely.get_coordinates(shapely.line_interpolate_point(line, along, normalized=True))
    near = GEOD.fwd(*feet.T, random.uniform(0, 360, 20), np.full(20, width_m / 2 * 0.99 - 0.02))
    assert shapely.intersects_xy(corridor, near[0], near[1]).all()
    far = GEOD.fwd(*feet.T, random.uniform(0, 360, 20), np.full(20, width_m * 2))
    plane = distance_m(shapely.points(far[0], far[1]), np.array([line] * 20, dtype=object))
    is_in = shapely.intersects_xy(corridor, far[0], far[1])
    assert not is_in[plane > width_m / 2 * 1.001 + 0.02].any()


def screened(line: shapely.Geometry, width_m: float, *zones: shapely.Geometry) -> Screened:
    frame = gpd.GeoDataFrame({"id": range(len(zones))}, geometry=gpd.GeoSeries(list(zones), crs=4490))
    layer = Layer(
        "z",
        LayerDeclaration(role="redlines", path="x", key="id"),
        frame,
        frame,
        coverage=shapely.box(100, 20, 120, 30),
    )
    return screen_sites(
        np.array([line], dtype=object),
        np.array([0.0]),
        layer,
        least_m2=1.0,
        least_width_m=0.1,
        corridor_width_m=np.array([width_m]),
    )


LINE = shapely.LineString([(109.0, 24.0), (109.1, 24.0)])


def test_a_corridor_gives_area_share_and_crossed_length() -> None:
    """Half the line lies in two zones that overlap: 50 m of width times half its length, once."""
    one, two = shapely.box(109.05, 23.99, 109.09, 24.01), shapely.box(109.07, 23.99, 109.2, 24.01)
    result = screened(LINE, 50.0, one, two)
    row = result.rows.iloc[0]
    half_m = GEOD.inv(109.05, 24, 109.1, 24)[2]
    assert row["answer"] == "involved"
    assert row["length_m"] == pytest.approx(half_m, abs=0.01)
    assert row["overlap_m2"] == pytest.approx(half_m * 50, rel=1e-5)
    assert row["share"] == pytest.approx(0.5, abs=1e-5)
    assert result.kept.groupby("zone")["length_m"].sum().to_dict() == pytest.approx(
        {0: GEOD.inv(109.05, 24, 109.09, 24)[2], 1: GEOD.inv(109.07, 24, 109.1, 24)[2]}, abs=0.01
    )


def test_a_zone_beside_the_line_is_in_the_corridor() -> None:
    """20 m beside the centre line: in a corridor of 50 m by 5 m, not in the line."""
    beside = shapely.box(109.02, 24.0 + 20 / 110_764, 109.03, 24.01)
    row = screened(LINE, 50.0, beside).rows.iloc[0]
    assert row["answer"] == "involved"
    assert row["length_m"] == 0
    assert row["overlap_m2"] == pytest.approx(5 * GEOD.inv(109.02, 24, 109.03, 24)[2], rel=0.01)
    assert row["distance_m"] == 0
    alone = screened(LINE, 0.0, beside).rows.iloc[0]
    assert (alone["answer"], alone["overlap_m2"]) == ("clear", 0)
    assert alone["distance_m"] == pytest.approx(20, abs=0.1)


def test_a_line_nobody_knows_how_wide_is_never_clear() -> None:
    beside, across = shapely.box(109.02, 24.001, 109.03, 24.01), shapely.box(109.02, 23.99, 109.03, 24.01)
    row = screened(LINE, np.nan, beside).rows.iloc[0]
    assert row["answer"] == "undetermined"
    assert np.isnan(row["overlap_m2"])
    row = screened(LINE, np.nan, across).rows.iloc[0]
    assert row["answer"] == "involved", "whatever its width, the line itself lies in it"
    assert row["length_m"] == pytest.approx(GEOD.inv(109.02, 24, 109.03, 24)[2], abs=0.01)
    assert np.isnan(row["share"])


def judged(root: Path, widths: dict[str, object]) -> Report:
    path = root / "layers" / "sites.gpkg"
    frame = gpd.read_file(path)
    frame["corridor_width_m"] = frame["site_id"].map(widths)
    frame.to_file(path)
    return run_checks(open_workspace(root), choose_checks(["site_in_redline", "site_not_surely_placed"]))


def test_findings_say_area_and_crossed_length(county_folder: Path) -> None:
    report = judged(county_folder, {"pipeline": 40.0})
    (message,) = (one.message.en for _, one in report.findings if one.feature_id == "pipeline")
    found = re.search(r"([\d.]+) ha, 33.33% of the site, ([\d.]+) m crossed", message)
    assert found is not None
    assert float(found[1]) == pytest.approx(4.0, rel=1e-3)
    assert float(found[2]) == pytest.approx(1000, rel=3e-4)
    row = report.tables["screening"].set_index("site_id").loc["pipeline"]
    zone = report.tables["screening_zones"].set_index("site_id").loc["pipeline"]
    assert zone["overlap_m2"] == pytest.approx(row["overlap_m2"], abs=1e-6)
    assert zone["length_m"] == pytest.approx(row["length_m"], abs=1e-6)


@pytest.mark.parametrize("width", ["-5", "宽约8米", "inf"])
def test_a_width_that_is_none_is_named(county_folder: Path, width: str) -> None:
    report = judged(county_folder, {"pipeline": width, "half": "12"})
    told = {one.feature_id: one.message.en for name, one in report.findings if name == "site_not_surely_placed"}
    assert "taken as a line nobody knows how wide" in told["pipeline"]
    assert width in told["pipeline"]
    assert "is for lines alone and was not used" in told["half"]
    assert set(told) == {"pipeline", "half"}
    assert report.tables["screening"].set_index("site_id").loc["pipeline", "answer"] == "involved"


def test_lines_of_a_file_take_the_width_given(tmp_path: Path) -> None:
    from ecogeo.inspection import inspect_file
    from ecogeo.placing import corridor_widths_m
    from ecogeo.sites import sites_of

    path = tmp_path / "sites.geojson"
    shapes = [LINE, shapely.box(109.0, 24.0, 109.01, 24.01)]
    gpd.GeoDataFrame({"name": ["line", "field"]}, geometry=shapes, crs=4326).to_file(path)
    found = inspect_file(path)
    assert corridor_widths_m(sites_of(found, path, corridor_width_m=30.0)).tolist() == [30.0, 0.0]
    assert corridor_widths_m(sites_of(found, path)).tolist() == [0.0, 0.0]
    with pytest.raises(UsageError, match="a corridor's width is metres from 0 up, not -1"):
        sites_of(found, path, corridor_width_m=-1.0)
