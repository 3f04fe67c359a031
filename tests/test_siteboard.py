"""Searches on a page and on record: ranks by other weights, the same ground found twice, the picture of a surface."""

import io
import json

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from conftest import ORIGIN, block, write_layer
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ecogeo.errors import UsageError
from ecogeo.ledger import Ledger, entries, ledger_of
from ecogeo.runs.found import ranks_moved, weights_of
from ecogeo.siteboard import Wanted, compare_found, parameters_of, ranked, read_wanted, surface_overlay
from ecogeo.siting import Criterion
from ecogeo.siting.grid import Grid
from ecogeo.siting.surface import BLOCKED, FREE, OUTSIDE, UNKNOWN, Surface
from ecogeo.wording import Text

VILLAGES = (
    '\n[layers.villages]\nrole = "villages"\npath = "villages.gpkg"\nkey = "code"\nname = "name"\ncoverage = "county"\n'
)
ANY = Criterion("near", Text("近", "near"), "distance_m", "villages", 1.0, 0.0, 1.0)


def squares(*lefts, size=1.0):
    """Return candidates that are squares in degrees, by rank."""
    return [
        {
            "id": f"C{rank}",
            "score": 1 - rank / 10,
            "geometry": json.loads(shapely.to_geojson(shapely.box(x, 0, x + size, 1))),
        }
        for rank, x in enumerate(lefts, start=1)
    ]


def test_the_same_ground_is_found_again_whatever_it_is_called():
    """C1 at 0 stays first; C2 at 5 comes third, shifted by 0.3; C3 at 9 shares only 0.4 with the new one at 9.6."""
    moved = compare_found(squares(0, 5, 9), squares(0, 20, 5.3, 9.6))
    told = [(one.before, one.after, one.ranks_moved, one.share) for one in moved]
    assert told == [
        ("C1", "C1", 0, 1.0),
        ("", "C2", None, None),
        ("C2", "C3", -1, 0.7),
        ("", "C4", None, None),
        ("C3", "", None, None),
    ]


@given(st.lists(st.integers(0, 40), unique=True, max_size=8), st.lists(st.integers(0, 40), unique=True, max_size=8))
def test_every_candidate_is_told_once(before, after):
    moved = compare_found(squares(*before, size=2.0), squares(*after, size=2.0))
    assert sorted(one.before for one in moved if one.before) == [f"C{n}" for n in range(1, len(before) + 1)]
    assert sorted(one.after for one in moved if one.after) == [f"C{n}" for n in range(1, len(after) + 1)]


def test_ranks_by_other_weights_are_weighted_means():
    """(0.9·1 + 0.1·3) / 4 = 0.3; (0.5·1 + 0.7·3) / 4 = 0.65; a part nobody knows scores 0: 0.6 / 4 = 0.15."""
    facts = {"candidates": [{"id": "C1", "parts": [0.9, 0.1]}, {"id": "C2", "parts": [0.5, 0.7]}]}
    facts["candidates"].append({"id": "C3", "parts": [0.6, None]})
    told = [(one.site_id, one.score, one.moved) for one in ranked(facts, [1, 3])]
    assert told == [("C2", pytest.approx(0.65), 1), ("C1", pytest.approx(0.3), -1), ("C3", pytest.approx(0.15), 0)]


def test_a_surface_is_drawn_with_what_is_free_blocked_unknown_and_outside_apart():
    """Quarters of 100 × 100 cells: north-west free, north-east blocked, south-west unknown, south-east outside."""
    state = np.empty((100, 100), dtype=np.uint8)
    state[:50, :50], state[:50, 50:], state[50:, :50], state[50:, 50:] = FREE, BLOCKED, UNKNOWN, OUTSIDE
    grid = Grid(pyproj.CRS.from_epsg(4545), ORIGIN[0], ORIGIN[1] + 10_000, 100, 100, 100.0)
    levels = np.full((1, 100, 100), 250, dtype=np.uint8)
    overlay = surface_overlay(Surface(grid, state, (ANY,), levels, ()))
    pixels = np.asarray(Image.open(io.BytesIO(overlay.png)))
    rows, columns = pixels.shape[:2]
    quarter = [
        pixels[a : a + rows // 4, b : b + columns // 4]
        for a in (rows // 8, rows * 5 // 8)
        for b in (columns // 8, columns * 5 // 8)
    ]
    free, blocked, unknown, outside = quarter
    assert len(np.unique(free.reshape(-1, 4), axis=0)) == 1
    assert len(np.unique(blocked.reshape(-1, 4), axis=0)) == 2  # hatched, so told apart without colour
    assert len(np.unique(unknown.reshape(-1, 4), axis=0)) == 2
    assert not outside[..., 3].any()
    assert free[0, 0, 3] > 0
    west, south, east, north = overlay.bounds
    assert (west, south) == (pytest.approx(109.18, abs=0.02), pytest.approx(24.22, abs=0.02))
    assert (east - west, north - south) == (pytest.approx(0.0984, abs=0.003), pytest.approx(0.0903, abs=0.003))


def test_parameters_come_back_as_they_went_and_strange_ones_are_refused():
    wanted = Wanted(type_id="wind", weights={"b": 1.0, "a": 0.0}, left_out=("mines",), ends=((1.0, 2.0), (3.0, 4.0)))
    assert read_wanted(json.loads(json.dumps(parameters_of(wanted)))) == wanted
    for change in ({"left_out": ["moon"]}, {"cell_m": float("nan")}, {"count": 0}, {"mode": "x"}, {"weights": []}):
        with pytest.raises(UsageError):
            read_wanted({**parameters_of(wanted), **change})
    with pytest.raises(UsageError):
        read_wanted({"count": 1})


@pytest.fixture
def villages(county_folder, monkeypatch):
    """Give the small county two villages and a ledger."""
    monkeypatch.setenv("ECOGEO_LEDGER", str(county_folder / "ledger.sqlite"))
    places = [shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y) for x, y in ((6000, 3000), (3000, 8500))]
    write_layer(county_folder, "villages.gpkg", {"code": ["v", "w"], "name": ["东村", "西村"]}, places)
    toml = county_folder / "layers" / "layers.toml"
    toml.write_text(toml.read_text("utf-8") + VILLAGES, "utf-8")
    (county_folder / "data" / "siting").mkdir()
    table = county_folder / "data" / "siting" / "criteria.csv"
    table.write_text(
        "criterion,title,title_en,measure,source,worst,best,weight\n"
        "near,近村,near,distance_m,villages,4000,0,3\nfar,离红线,far,distance_m,redlines,0,6000,1\n",
        "utf-8-sig",
    )
    return county_folder


def held(folder) -> Ledger:
    ledger = ledger_of(folder / "data")
    assert ledger is not None
    return ledger


def test_searches_are_recorded_and_two_of_them_compared(villages, tmp_path, run):
    arguments = ("siting", "-w", villages, "--area-ha", "5", "--count", "3", "--cell-m", "100", "-q")
    assert run(*arguments, "-o", tmp_path / "a")[0] == 0
    table = tmp_path / "other.csv"
    kept = (villages / "data" / "siting" / "criteria.csv").read_text("utf-8-sig")
    table.write_text(kept.replace(",4000,0,3", ",4000,0,1"), "utf-8")
    assert run(*arguments, "--weights", table, "-o", tmp_path / "b")[0] == 0
    first, second = entries(held(villages), "run")
    assert (first.body["command"], weights_of(first)) == ("siting", {"near": 3.0, "far": 1.0})
    moved = ranks_moved(first, second)
    assert moved is not None
    assert sorted(one.after for one in moved if one.after) == ["C1", "C2", "C3"]
    status, out, _ = run("diff", "-w", villages, "1", "2", "--lang", "en")
    assert status == 0
    assert "weight near: 3.0 → 1.0" in out
    told = json.loads(run("diff", "-w", villages, "1", "2", "--json")[1])
    assert told["weights"]["after"] == {"near": 1.0, "far": 1.0}
    assert [one["after"] for one in told["ranks"] if one["after"]] == ["C1", "C2", "C3"]
    status, out, _ = run("runs", "-w", villages, "1")
    assert "geometry" not in out
    same = json.loads(run("diff", "-w", villages, "1", "1", "--json")[1])
    assert same["differences"] == []
    assert [one["ranks_moved"] for one in same["ranks"]] == [0, 0, 0]


def test_a_route_and_a_change_of_a_site_are_recorded_too(villages, tmp_path, run):
    import geopandas as gpd

    path = tmp_path / "site.gpkg"
    gpd.GeoDataFrame({"name": ["甲地"]}, geometry=[block(1900, 1500, 200, 100)], crs="EPSG:4545").to_file(path)
    assert run("avoid", path, "-w", villages, "-o", tmp_path / "out", "-q")[0] == 1
    ends = ("--from", "109.186,24.230", "--to", "109.215,24.240")
    status, out, err = run("siting", "-w", villages, *ends, "--cell-m", "100", "-o", tmp_path / "route", "-q")
    assert status == 0, out + err
    avoided, routed = entries(held(villages), "run")
    (site,) = avoided.body["parameters"]["found"]["sites"]
    assert site["move_east_m"] == 101.0
    assert routed.body["parameters"]["found"]["crossings"]["redlines"] == 0
    assert ranks_moved(avoided, routed) is None
    with Image.open(tmp_path / "out" / "avoid_1.png") as picture:
        size = picture.size
    assert size in ((1754, 1240), (1753, 1240))  # A4 across at 150 dpi
    before = (tmp_path / "out" / "avoid_1.png").read_bytes()
    run("avoid", path, "-w", villages, "-o", tmp_path / "out", "-q")
    assert (tmp_path / "out" / "avoid_1.png").read_bytes() == before
    run("avoid", path, "-w", villages, "-o", tmp_path / "out", "-q", "--no-maps", "--verdict", "prohibited")
    assert pd.read_csv(tmp_path / "out" / "avoid.csv", encoding="utf-8-sig")["kept_share"].tolist() == [1.0]


def test_a_criterion_without_data_counts_nothing_and_is_told(villages, tmp_path, run):
    table = villages / "data" / "siting" / "criteria.csv"
    table.write_text(
        table.read_text("utf-8-sig") + "road,近路,near a road,distance_m,roads.gpkg,2000,0,2\n", "utf-8-sig"
    )
    arguments = ("siting", "-w", villages, "--area-ha", "5", "--count", "1", "--cell-m", "100", "-q", "--lang", "en")
    status, out, err = run(*arguments, "-o", tmp_path / "a")
    assert status == 0, out + err
    assert "“near a road” was not scored: the county lacks roads.gpkg" in out
    road = shapely.LineString([(ORIGIN[0], ORIGIN[1] + 9000), (ORIGIN[0] + 10_000, ORIGIN[1] + 9000)])
    write_layer(villages, "roads.gpkg", {"name": ["路"]}, [road])
    status, out, _ = run(*arguments, "-o", tmp_path / "b")
    assert "was not scored" not in out
    parts = pd.read_csv(tmp_path / "b" / "siting_scores.csv", encoding="utf-8-sig").set_index("criterion")
    site = pd.read_csv(tmp_path / "b" / "siting.csv", encoding="utf-8-sig").iloc[0]
    to_plane = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4545", always_xy=True)
    north_m = to_plane.transform(site["lon"], site["lat"])[1] - ORIGIN[1]
    assert parts.loc["road", "criterion_score"] == pytest.approx(
        np.clip(1 - abs(9000 - north_m) / 2000, 0, 1), abs=0.12
    )
    only = tmp_path / "only.csv"
    only.write_text("criterion,title,title_en,measure,source,worst,best,weight\nx,坡度,slope,slope_deg,dem,25,0,1\n")
    status, _, err = run(*arguments, "--weights", only, "-o", tmp_path / "c")
    assert status == 2
    assert "no criterion can be measured" in err
