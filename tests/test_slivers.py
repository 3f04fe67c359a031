"""Slivers between two drawings of one boundary: every one listed, each with its cause, none turned into a case."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import ORIGIN, block

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.check import choose_checks, run_checks
from ecogeo.layer import Layer
from ecogeo.overlay import overlap_pieces
from ecogeo.screening import Screened, screen_sites
from ecogeo.slivers import SAME_LINE_M, _alongside, run_alongside
from ecogeo.workspace import open_workspace

PLANE = geodesy.local_plane(109.3)
CORNER = shapely.get_coordinates(PLANE.to_plane(shapely.points([[109.3, 24.2]])))[0]


def on_ground(*shapes: shapely.Geometry) -> geodesy.Geometries:
    """Put shapes drawn in metres on the ground."""
    return PLANE.to_lonlat(shapely.transform(np.array(shapes, dtype=object), lambda xy: xy + CORNER))


def screened(site: shapely.Geometry, *zones: shapely.Geometry, **thresholds: float) -> Screened:
    shapes = on_ground(site, *zones)
    frame = gpd.GeoDataFrame({"id": range(len(zones))}, geometry=gpd.GeoSeries(shapes[1:], crs=4490))
    coverage = shapely.box(108, 23, 110, 25)
    declared = LayerDeclaration(role="redlines", path="x", key="id")
    layer = Layer("zones", declared, frame, frame, coverage=coverage)
    return screen_sites(shapes[:1], np.zeros(1), layer, **{"least_m2": 1.0, "least_width_m": 0.1, **thresholds})


def twice_digitised(noise_m: float, *, step_m: float = 10.0, length_m: float = 5000.0, seed: int = 3) -> list:
    """Draw a boundary of 5 km twice, each vertex off by some noise: a site south of it, a zone north of it."""
    random = np.random.default_rng(seed)
    x = np.arange(0, length_m + step_m, step_m)
    true_y = 40 * np.sin(x / 300)
    lines = [np.column_stack([x, true_y + random.uniform(-noise_m, noise_m, len(x))]) for _ in range(2)]
    corners = [[(length_m, -500), (0, -500)], [(length_m, 500), (0, 500)]]
    return [shapely.Polygon(np.vstack([line, ends])) for line, ends in zip(lines, corners, strict=True)]


@pytest.mark.parametrize("noise_m", [0.02, 0.3, 2.0])
def test_two_drawings_of_one_boundary(noise_m: float) -> None:
    """Hundreds of slivers, up to metres wide; a threshold as wide as the noise leaves none of them a case."""
    site, zone = twice_digitised(noise_m)
    result = screened(site, zone, least_width_m=2 * noise_m)
    assert len(result.kept) == 0
    assert len(result.dropped) > 100
    assert result.rows["answer"].tolist() == ["possible"]
    assert result.rows["overlap_m2"].tolist() == [0.0]
    raw = float(geodesy.area_m2(np.array([shapely.intersection(*on_ground(site, zone))]))[0])
    assert result.dropped["area_m2"].sum() == pytest.approx(raw, abs=0.01)
    causes = result.dropped["reason"].str.rpartition("; ")[2]
    assert (causes == "shared boundary").all()


def test_noise_above_the_threshold_is_kept_and_called_a_strip() -> None:
    """0.3 m of noise against a threshold of 0.1 m: a case by the thresholds, and told for what it is."""
    result = screened(*twice_digitised(0.3))
    assert result.rows["answer"].tolist() == ["involved"]
    assert len(result.kept) > 50
    assert result.kept["is_strip"].all()
    solid = screened(shapely.box(0, 0, 300, 300), shapely.box(100, 100, 400, 400))
    assert not solid.kept["is_strip"].any()


CHIPS = {
    "a corner pushed in": (shapely.box(0, 0, 100, 100), shapely.Polygon([(99.2, 99.2), (140, 99.2), (120, 150)])),
    "a needle across an edge": (shapely.box(0, 0, 100, 100), shapely.Polygon([(90, 50), (150, 49.9), (150, 50.1)])),
    "a corner in a corner": (shapely.box(0, 0, 100, 100), shapely.box(99.5, 99.5, 200, 200)),
}


@pytest.mark.parametrize("name", CHIPS)
def test_chips_of_outlines_that_go_their_own_ways(name: str) -> None:
    result = screened(*CHIPS[name])
    assert len(result.dropped) == 1
    assert result.dropped["reason"].iloc[0].endswith("; digitising")
    assert result.rows["answer"].tolist() == ["possible"]


def test_a_strip_along_the_whole_edge() -> None:
    """5 cm over 200 m: 10 m², narrow, and along both edges."""
    result = screened(shapely.box(0, 0, 200, 100), shapely.box(0, 99.95, 200, 300))
    assert result.dropped["reason"].tolist() == ["mean width under 0.1 m; shared boundary"]
    assert result.dropped["area_m2"].iloc[0] == pytest.approx(10, rel=0.01)


def test_the_same_line_written_twice_is_only_a_touch() -> None:
    result = screened(shapely.box(0, 0, 200, 100), shapely.box(0, 99.9995, 200, 300))
    assert result.dropped["reason"].tolist() == ["mean width under 1 mm; shared boundary"]
    assert result.rows["answer"].tolist() == ["clear"]


def test_the_finding_tells_count_and_sum(county_folder: Path) -> None:
    """Red line A ends at x = 2000 m: a site whose edge meanders about it by 8 cm every 5 m."""
    y = np.arange(1200.0, 1701.0, 5.0)
    edge = np.column_stack([2000.0 + np.where(np.arange(len(y)) % 2, 0.08, -0.08), y])
    site = shapely.transform(shapely.Polygon(np.vstack([edge, [(2300, 1700), (2300, 1200)]])), lambda xy: xy + ORIGIN)
    path = county_folder / "layers" / "sites.gpkg"
    frame = gpd.read_file(path)
    frame.loc[frame["site_id"] == "sliver", "geometry"] = site
    frame.to_file(path)
    report = run_checks(open_workspace(county_folder), choose_checks(["site_in_redline"]))
    dropped = report.tables["dropped"].query("site_id == 'sliver'")
    area = shapely.intersection(site, block(1000, 1000, 1000, 1000)).area
    assert len(dropped) == 51
    assert dropped["area_m2"].sum() == pytest.approx(area, rel=6e-4)
    assert dropped["reason"].str.endswith("shared boundary").all()
    (message,) = (one.message.en for _, one in report.findings if one.feature_id == "sliver")
    assert f"it overlaps in 51 pieces below the threshold, {dropped['area_m2'].sum():.2f} m² in all" in message
    assert report.tables["screening"].set_index("site_id").loc["sliver", "answer"] == "possible"


@pytest.mark.parametrize("least_width_m", [0.1, 2.0, 8.0])
def test_the_wider_tolerance_is_tried_where_the_narrower_one_does_not_tell(least_width_m: float) -> None:
    drawn = [*twice_digitised(2.0, length_m=400.0), *(shape for pair in CHIPS.values() for shape in pair)]
    shapes = on_ground(*drawn)
    pieces = overlap_pieces(shapes[::2], shapes[1::2])
    outlines = shapes[::2][pieces["site"]], shapes[1::2][pieces["zone"]]
    own_m = np.maximum(least_width_m, 2.0 * pieces["width_m"].to_numpy())
    ground = np.asarray(pieces.geometry.array, dtype=object)
    either = _alongside(ground, *outlines, own_m) | _alongside(ground, *outlines, np.maximum(own_m, SAME_LINE_M))
    found = run_alongside(pieces, shapes[::2], shapes[1::2], least_width_m=least_width_m)
    assert found.tolist() == either.tolist()
    assert 0 < found.sum() < len(pieces)
