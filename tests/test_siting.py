"""Where a project could go: a small county whose best places can be told by hand, and routes."""

import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from conftest import ORIGIN, block, write_layer
from hypothesis import given
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.errors import UsageError
from ecogeo.siting import Criterion, SearchOptions, find_route, read_criteria, search_sites, touched
from ecogeo.siting.criteria import weighted
from ecogeo.siting.ground import in_plane
from ecogeo.siting.weighing import sensitivity_rows
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace

NEAR_TOWN = Criterion("towns", Text("距城", "to town"), "distance_m", "villages", 4000.0, 0.0, 1.0)
VILLAGES = (
    '\n[layers.villages]\nrole = "villages"\npath = "villages.gpkg"\nkey = "code"\nname = "name"\ncoverage = "county"\n'
)


@pytest.fixture
def county(county_folder):
    """Return the small county with one village, at (6000, 3000)."""
    write_layer(
        county_folder,
        "villages.gpkg",
        {"code": ["v"], "name": ["村"]},
        [shapely.Point(ORIGIN[0] + 6000, ORIGIN[1] + 3000)],
    )
    toml = county_folder / "layers" / "layers.toml"
    toml.write_text(toml.read_text("utf-8") + VILLAGES, "utf-8")
    return open_workspace(county_folder)


def placed(county, search):
    """Return the candidates in metres from the county's corner."""
    shapes = in_plane(np.array([one.site for one in search.candidates], dtype=object), search.surface.grid.crs)
    return shapely.transform(shapes, lambda xy: xy - np.array(ORIGIN))


def test_the_best_site_lies_at_the_village(county):
    """Ten hectares as near as can be to (6000, 3000), where nothing blocks: the first site holds the village itself."""
    search = search_sites(county, None, [NEAR_TOWN], SearchOptions(1e5, count=4, cell_m=25))
    first = placed(county, search)[0]
    assert len(search.candidates) == 4
    assert first.contains(shapely.Point(6000, 3000))
    assert [one.score for one in search.candidates] == sorted((one.score for one in search.candidates), reverse=True)
    assert all(1e5 <= one.area_m2 <= 1.6e5 for one in search.candidates)
    assert all(one.compactness > 0.5 for one in search.candidates)
    assert search.candidates[0].score > 0.95  # within 180 m of the village of 4,000 m that count
    assert not len(touched(search))
    pairs = [(a, b) for a in search.candidates for b in search.candidates if a.site_id < b.site_id]
    assert all(a.site.intersection(b.site).area == 0 for a, b in pairs)


def test_only_the_gap_between_what_blocks_is_found(county_folder, county):
    """Red lines everywhere but a gap of 500 m × 400 m at (7000, 7000): the one site of 15 ha lies in it."""
    gap = block(7000, 7000, 500, 400)
    shape = shapely.difference(block(-500, -500, 11_000, 11_000), gap)
    write_layer(county_folder, "redlines.gpkg", {"redline_id": ["A"], "name": ["甲"]}, [shape])
    search = search_sites(open_workspace(county_folder), None, [NEAR_TOWN], SearchOptions(15e4, count=3, cell_m=25))
    (site,) = placed(county, search)
    assert shapely.box(7000, 7000, 7500, 7400).buffer(0.01).contains(site)
    assert search.candidates[0].area_m2 >= 15e4
    assert any("只找到 1 处" in note.zh for note in search.notes)


def test_ground_a_layer_does_not_cover_is_never_suitable(county_folder):
    """The layer of red lines is complete in the west alone: no candidate lies east of x = 5000."""
    write_layer(county_folder, "west.gpkg", {"code": ["w"]}, [block(0, 0, 5000, 10_000)])
    toml = county_folder / "layers" / "layers.toml"
    text = toml.read_text("utf-8").replace(
        'title_en = "Red lines"\ncoverage = "county"', 'title_en = "Red lines"\ncoverage = "west.gpkg"'
    )
    toml.write_text(text, "utf-8")
    land = Criterion("water", Text("水", "water"), "distance_m", "river_reaches", 20_000.0, 0.0, 1.0)
    search = search_sites(open_workspace(county_folder), None, [land], SearchOptions(5e4, count=6, cell_m=50))
    assert len(search.candidates) == 6
    assert max(shape.bounds[2] for shape in placed(None, search)) < 5000
    assert not len(touched(search))


def test_a_boundary_moved_moves_the_candidates(county_folder, county):
    """The county now ends at x = 5500: the village at 6000 still draws, from outside, to the new line."""
    write_layer(county_folder, "county.gpkg", {"code": ["c"], "name": ["方县"]}, [block(0, 0, 5500, 10_000)])
    search = search_sites(open_workspace(county_folder), None, [NEAR_TOWN], SearchOptions(1e5, count=1, cell_m=25))
    (site,) = placed(county, search)
    assert 5100 < site.centroid.x < 5500
    assert site.bounds[2] <= 5500.01
    assert 2800 < site.centroid.y < 3200


def test_a_drawn_area_limits_the_search(county):
    within = in_lonlat(block(8000, 8000, 1000, 1000))
    search = search_sites(county, None, [NEAR_TOWN], SearchOptions(5e4, count=2, cell_m=25), within=within)
    assert all(shapely.box(8000, 8000, 9000, 9000).buffer(0.1).contains(shape) for shape in placed(county, search))
    with pytest.raises(UsageError, match="outside the county"):
        search_sites(county, None, [NEAR_TOWN], SearchOptions(5e4), within=in_lonlat(block(20_000, 0, 10, 10)))


def in_lonlat(shape):
    return geodesy.to_lonlat(np.array([shape], dtype=object), pyproj.CRS.from_epsg(4545))[0]


def test_the_parts_of_a_score_add_up_and_the_files_are_the_same_twice(county_folder, county, tmp_path, run):
    arguments = (
        "siting",
        "-w",
        county_folder,
        "--area-ha",
        "5",
        "--count",
        "2",
        "--cell-m",
        "50",
        "-q",
    )
    (county_folder / "data" / "siting").mkdir()
    (county_folder / "data" / "siting" / "criteria.csv").write_text(
        "criterion,title,title_en,measure,source,worst,best,weight\n"
        "a,近村,near,distance_m,villages,4000,0,3\nb,离红线,far,distance_m,redlines,0,2000,1\n",
        "utf-8-sig",
    )
    for name in ("one", "two"):
        status, out, err = run(*arguments, "-o", tmp_path / name)
        assert status == 0, out + err
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    sites = pd.read_csv(tmp_path / "one" / "siting.csv", encoding="utf-8-sig").set_index("site_id")
    parts = pd.read_csv(tmp_path / "one" / "siting_scores.csv", encoding="utf-8-sig")
    assert parts.groupby("site_id")["contribution"].sum().tolist() == pytest.approx(sites["score"].tolist(), abs=2e-6)
    with rasterio.open(tmp_path / "one" / "suitability.tif") as surface:
        assert surface.nodata == -1
        scores = surface.read(1, masked=True)
    assert 0 <= scores.min() <= scores.max() <= 1
    status, out, _ = run(
        "screen", tmp_path / "one" / "siting.gpkg", "-w", county_folder, "-o", tmp_path / "again", "-q"
    )
    answers = pd.read_csv(tmp_path / "again" / "screening.csv", encoding="utf-8-sig")
    assert set(answers["answer"]) == {"clear"}


def test_weights_that_decide_are_named():
    """C1 leads by the first criterion, C2 by the second: without the first, C2 comes first."""
    criteria = [
        Criterion("a", Text("甲", "a"), "distance_m", "villages", 1.0, 0.0, 2.0),
        Criterion("b", Text("乙", "b"), "distance_m", "towns", 1.0, 0.0, 1.0),
    ]
    rows = sensitivity_rows([(0.9, 0.1), (0.5, 0.7)], criteria).set_index(["criterion", "factor"])
    assert rows.loc[("a", 0.0), ["first", "first_changed", "kendall_tau"]].tolist() == ["C2", True, -1.0]
    assert rows.loc[("b", 0.0), ["first", "first_changed", "kendall_tau"]].tolist() == ["C1", False, 1.0]
    assert rows.loc[("b", 2.0), "first"] == "C2"  # 2·0.9 + 2·0.1 = 2.0 < 2·0.5 + 2·0.7 = 2.4


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 10)), min_size=1, max_size=6).filter(
        lambda rows: any(w for _, w in rows)
    )
)
def test_a_weighted_score_lies_between_its_parts(rows):
    scores, weights = [np.array([score]) for score, _ in rows], [weight for _, weight in rows]
    counted = [score for score, weight in rows if weight > 0]
    assert min(counted) - 1e-9 <= weighted(scores, weights)[0] <= max(counted) + 1e-9


def test_a_table_of_criteria_names_every_fault(tmp_path):
    path = tmp_path / "criteria.csv"
    path.write_text(
        "criterion,title,title_en,measure,source,worst,best,weight\n"
        "a,,,speed,dem,1,0,1\nb,,,slope_deg,towns,1,1,-2\nc,,,class,landcover,,x,1\nc,,,distance_m,nowhere,1,0,1\n",
        "utf-8",
    )
    with pytest.raises(Exception, match="row 2") as caught:
        read_criteria(path)
    message = str(caught.value)
    for part in (
        "row 2",
        "row 3",
        "weight is a number",
        "two different numbers",
        "row 4",
        "code=score",
        "row 5",
        "nowhere",
    ):
        assert part in message
    path.write_bytes("准则".encode("gbk"))
    with pytest.raises(Exception, match="no CSV in UTF-8"):
        read_criteria(path)


def test_a_route_goes_round_what_blocks_and_counts_what_it_crosses(county_folder, county):
    """From (500, 1500) to (2500, 1500) red line A, a square kilometre, stands in the way: round its corners it takes
    at least 2 · √(500² + 500²) + 1000 m = 2,414 m.
    """
    ends = [in_lonlat(shapely.Point(ORIGIN[0] + x, ORIGIN[1] + 1500)) for x in (500, 2500)]
    route = find_route(county, None, [NEAR_TOWN], tuple((end.x, end.y) for end in ends), cell_m=25)
    assert 2414 < route.length_m < 2700
    assert route.straight_m == pytest.approx(2000, rel=1e-3)
    line = in_plane(np.array([route.line], dtype=object), pyproj.CRS.from_epsg(4545))[0]
    assert not line.intersects(block(1000, 1000, 1000, 1000))
    assert route.crossings.set_index("layer")["crossings"].to_dict() == {"redlines": 0, "shorelines": 0}
    inside = in_lonlat(shapely.Point(ORIGIN[0] + 1500, ORIGIN[1] + 1500))
    with pytest.raises(UsageError, match="the end lies on ground"):
        find_route(county, None, [NEAR_TOWN], ((ends[0].x, ends[0].y), (inside.x, inside.y)), cell_m=25)


def test_walled_in_there_is_no_route(county_folder, county):
    wall = shapely.difference(block(4000, 1000, 2000, 2000), block(4100, 1100, 1800, 1800))
    write_layer(county_folder, "redlines.gpkg", {"redline_id": ["A"], "name": ["甲"]}, [wall])
    ends = [in_lonlat(shapely.Point(ORIGIN[0] + x, ORIGIN[1] + 2000)) for x in (5000, 8000)]
    with pytest.raises(UsageError, match="no route"):
        find_route(open_workspace(county_folder), None, [NEAR_TOWN], tuple((e.x, e.y) for e in ends), cell_m=25)


def test_the_command_says_what_it_needs(county_folder, run, tmp_path):
    status, _, err = run("siting", "-w", county_folder, "--type", "road", "-o", tmp_path)
    assert status == 2
    assert "--area-ha" in err
    status, _, err = run(
        "siting", "-w", county_folder, "--type", "road", "--area-ha", "1", "--leave-out", "moon", "-o", tmp_path
    )
    assert status == 2
    assert "moon" in err


def test_ground_without_terrain_is_never_suitable(county_folder):
    """Terrain is known west of x = 5000 alone, and its slope counts: no candidate reaches beyond."""
    heights = np.full((100, 100), 200.0, dtype=np.float32)
    heights[:, 50:] = -9999
    cells = rasterio.Affine(100.0, 0.0, ORIGIN[0], 0.0, -100.0, ORIGIN[1] + 10_000)
    options = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:4545", "nodata": -9999}
    with rasterio.open(
        county_folder / "layers" / "dem.tif", "w", height=100, width=100, transform=cells, **options
    ) as dem:
        dem.write(heights, 1)
    toml = county_folder / "layers" / "layers.toml"
    toml.write_text(toml.read_text("utf-8") + '\n[layers.dem]\nrole = "dem"\npath = "dem.tif"\n', "utf-8")
    slope = Criterion("slope", Text("坡度", "slope"), "slope_deg", "dem", 25.0, 0.0, 1.0)
    search = search_sites(open_workspace(county_folder), None, [slope], SearchOptions(5e4, count=5, cell_m=50))
    assert len(search.candidates) == 5
    assert max(shape.bounds[2] for shape in placed(None, search)) <= 5000
    assert not len(touched(search))
