"""The benchmark: the same files from the same seed, answers that agree, and a page that says what was measured."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from ecogeo import geodesy

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import bench  # noqa: E402
from benchmark import cases, growing, outlines, page  # noqa: E402
from benchmark.agreement import compare  # noqa: E402
from benchmark.cases import CASES, draw_sites, draw_zones, make_files  # noqa: E402
from benchmark.comparing import Row, compare_peers, row_of  # noqa: E402
from benchmark.engines import time_engines  # noqa: E402
from benchmark.geodesy_case import time_geodesy  # noqa: E402
from benchmark.growing import NATION, WAYS, Cost, fitted, measure_growth, render_growth  # noqa: E402
from benchmark.raster_cases import RASTER_CASES, RasterCase  # noqa: E402
from benchmark.registry import PEERS, ours_for  # noqa: E402
from benchmark.running import Run, run_program  # noqa: E402

TINY = CASES["tiny"]
IN_THE_DEV_ENVIRONMENT = ["ecogeo_overlay", "shapely_expert", "geopandas_sjoin", "geopandas_overlay"]


@pytest.mark.parametrize("case", [TINY, TINY.tiny, CASES["shorelines"].tiny], ids=lambda case: case.name)
def test_the_same_seed_draws_the_same(case) -> None:
    for draw in (draw_sites, draw_zones):
        first, second = draw(case), draw(case)
        assert (shapely.to_wkb(first) == shapely.to_wkb(second)).all()
        assert shapely.is_valid(first).all()


def test_files_are_written_once_and_the_same_in_any_folder(tmp_path: Path) -> None:
    files = make_files(TINY, tmp_path / "a")
    written = [path.read_bytes() for path in files]
    assert written == [path.read_bytes() for path in make_files(TINY, tmp_path / "b")]
    files[0].write_bytes(b"kept")
    assert make_files(TINY, tmp_path / "a")[0].read_bytes() == b"kept"
    assert make_files(replace(TINY, cover=0.2), tmp_path / "a")[0].parent != files[0].parent


def test_layers_have_their_numbers_and_the_declared_crs(tmp_path: Path) -> None:
    sites, zones = (gpd.read_parquet(path) for path in make_files(TINY, tmp_path))
    assert (len(sites), len(zones)) == (TINY.sites, TINY.zones)
    assert sites["site"].tolist() == list(range(TINY.sites))
    assert zones.crs.to_epsg() == 4490
    assert (shapely.get_num_coordinates(np.asarray(zones.geometry)) == TINY.zone_vertices + 1).all()


def test_polygons_are_about_as_large_as_asked_valid_and_rough() -> None:
    random = np.random.default_rng(1)
    polygons = outlines.fractal_polygons(random, np.full((50, 2), (109.0, 24.0)), np.full(50, 1e6), 1_000)
    assert shapely.is_valid(polygons).all()
    assert geodesy.area_m2(polygons) == pytest.approx(np.full(50, 1e6), rel=0.02)
    degrees = shapely.length(polygons) / np.sqrt(shapely.area(polygons))
    assert degrees.min() > 2 * math.sqrt(math.pi), "no outline is shorter than a circle's"
    assert np.median(degrees) > 1.5 * 2 * math.sqrt(math.pi)


def test_meanders_are_about_as_long_as_asked() -> None:
    lines = outlines.meanders(np.random.default_rng(1), np.full((20, 2), (109.0, 24.0)), 5_000.0, 200)
    assert geodesy.length_m(lines) == pytest.approx(np.full(20, 5_000.0), rel=0.02)


def test_the_countys_zones_cover_its_ground_three_times() -> None:
    case = replace(CASES["county"], zone_vertices=200)
    covered = geodesy.area_m2(draw_zones(case)).sum() / geodesy.area_m2(np.array([shapely.box(*case.box)]))[0]
    assert 2.5 < covered < 3.5


def test_a_share_of_the_sites_touches_a_zone_where_zones_are_sparse() -> None:
    case = replace(CASES["county-sparse"], zone_vertices=200)
    zones = draw_zones(case)
    touching = np.unique(shapely.STRtree(zones).query(draw_sites(case), predicate="intersects")[0])
    assert 0.03 < len(touching) / case.sites < 0.35
    pairs = shapely.STRtree(zones).query(zones, predicate="intersects")
    assert (pairs[0] < pairs[1]).sum() < case.zones / 20, "zones seldom overlap"


@pytest.mark.parametrize("case", [TINY, CASES["shorelines"].tiny], ids=lambda case: case.name)
def test_programs_agree_on_the_tiny_case(case, tmp_path: Path) -> None:
    rows = compare_peers(case, IN_THE_DEV_ENVIRONMENT, tmp_path, repeat=1, limit_s=600.0, say=lambda words: None)
    assert [row.title for row in rows] == [PEERS[name].title for name in IN_THE_DEV_ENVIRONMENT]
    for row in rows:
        assert row.trouble == ""
        assert row.agreement is not None
        assert row.agreement.is_same
        assert row.agreement.pairs > 10
        assert row.seconds[0] > 0
        assert row.peak_mib > 10 or math.isnan(row.peak_mib)


@pytest.mark.parametrize("program", ["ecogeo_kernel", "duckdb_spatial", "sedonadb_join", "postgis_subdivided"])
def test_other_peers_agree_where_they_are_installed(program: str, tmp_path: Path) -> None:
    if reason := PEERS[program].why_absent("area_m2"):
        pytest.skip(reason)
    (row,) = compare_peers(TINY, [program], tmp_path, repeat=1, limit_s=600.0, say=lambda words: None)
    assert row.trouble == ""
    assert row.agreement is not None
    assert row.agreement.is_same


def test_a_peer_that_is_not_installed_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = replace(PEERS["duckdb_spatial"], packages=("no-such-package",))
    monkeypatch.setitem(PEERS, "duckdb_spatial", absent)
    (row,) = compare_peers(TINY, ["duckdb_spatial"], tmp_path, repeat=1, limit_s=600.0, say=lambda words: None)
    assert row.trouble == "not installed: no-such-package"
    assert "not installed" in page.render_table(page.Result("tiny", "", "area_m2", (row,)))


def test_what_cannot_measure_lengths_says_so_and_is_no_base() -> None:
    assert PEERS["ecogeo_zonal"].why_absent("length_m") == "does not measure length_m"
    assert ours_for(list(PEERS), "length_m") == PEERS["ecogeo_kernel"].title
    assert ours_for(list(PEERS), "share") == PEERS["ecogeo_zonal"].title
    assert ours_for(["geopandas_sjoin"], "area_m2") == ""


def answers(tmp_path: Path, given: list[tuple[int, int, float]], wanted: list[tuple[int, int, float]]) -> list[Path]:
    """Write two answers; return their files."""
    paths = [tmp_path / "given.parquet", tmp_path / "wanted.parquet"]
    for path, rows in zip(paths, (given, wanted), strict=True):
        pd.DataFrame(rows, columns=["site", "zone", "area_m2"]).to_parquet(path)
    return paths


def test_answers_are_compared_pair_by_pair(tmp_path: Path) -> None:
    wanted = [(0, 0, 100.0), (0, 1, 2e6), (1, 0, 5.0)]
    same = [(1, 0, 5.0), (0, 0, 100.009), (0, 1, 2e6 + 1.9), (2, 0, 0.009)]
    found = compare(*answers(tmp_path, same, wanted), "area_m2", "straight")
    assert (found.pairs, found.odd_pairs, found.is_same) == (4, 0, True)
    assert found.worst == pytest.approx(1.9)
    for other in ([*wanted, (2, 0, 0.02)], wanted[:2], [*wanted[:2], (1, 0, 5.02)]):
        assert not compare(*answers(tmp_path, other, wanted), "area_m2", "straight").is_same
    near = [(0, 0, 100.9), (0, 1, 2e6 + 1_999.0), (1, 0, 5.0)]
    assert not compare(*answers(tmp_path, near, wanted), "area_m2", "geodesic").is_same
    assert compare(*answers(tmp_path, near, wanted), "area_m2", "geodesic, cut").is_same


def test_no_answer_at_all_equals_no_answer_at_all(tmp_path: Path) -> None:
    assert compare(*answers(tmp_path, [], []), "area_m2", "straight").is_same


def test_a_program_that_fails_or_takes_too_long_says_why(tmp_path: Path) -> None:
    failed = run_program([sys.executable, "-c", "raise SystemExit('no such file')"], cwd=tmp_path)
    assert failed.trouble == "failed with status 1: no such file"
    slow = run_program([sys.executable, "-c", "import time; time.sleep(60)"], cwd=tmp_path, limit_s=0.3)
    assert slow.trouble == "ended after 0 s"
    assert slow.seconds < 20
    row = row_of("slow", "1", [Run(1.0, 2.0), slow])
    assert row.seconds == ()
    assert math.isnan(row.median_s)


def test_the_processors_work_for_children_too(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.4: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    assert 0.4 <= run_program([sys.executable, "-c", parent], cwd=tmp_path).cpu_s < 2.0


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell memory by /proc")
def test_memory_of_children_counts(tmp_path: Path) -> None:
    hold = "import time; held = bytearray(60 << 20); time.sleep(0.3)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    run = run_program([sys.executable, "-c", parent], cwd=tmp_path)
    assert 60 < run.peak_mib < 160


def test_the_table_divides_by_ecogeo_and_the_page_keeps_the_rest(tmp_path: Path) -> None:
    rows = (Row("ecogeo", "0.1", (2.0, 1.0, 9.0), 100.4, 3.12), Row("other", "3", (5.0,), float("nan")))
    result = page.Result("county", "2 sites against 3 zones.", "area_m2", rows, "ecogeo")
    table = page.render_table(result).splitlines()
    assert table[2] == "| ecogeo 0.1 | 2.00 | 1.00 – 9.00 | 3.12 | 100 | 1.00 |  |  |  |"
    assert table[3] == "| other 3 | 5.00 | 5.00 – 5.00 |  |  | 2.50 |  |  |  |"
    assert (
        page.render_table(replace(result, measure="")).splitlines()[2]
        == "| ecogeo 0.1 | 2.00 | 1.00 – 9.00 | 3.12 | 100 |"
    )
    assert "one round; load 0.3 before the first run." in page.render_section(replace(result, load=0.3), 1)
    shown = page.as_object(result)
    assert [row["median_s"] for row in shown["rows"]] == [2.0, 5.0]
    assert shown["rows"][1]["peak_mib"] is None
    written = tmp_path / "page.md"
    written.write_text("before\n<!-- county -->\nold\n<!-- end of county -->\nafter\n", "utf-8")
    page.write_section(written, "county", r"new \1")
    assert written.read_text("utf-8") == "before\n<!-- county -->\nnew \\1\n<!-- end of county -->\nafter\n"
    with pytest.raises(ValueError, match="no marks"):
        page.write_section(written, "province", "new")


def test_the_page_has_a_place_for_every_case() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    for case in [
        *CASES,
        *RASTER_CASES,
        "reading",
        "start",
        "engines",
        "geodesy-area",
        "geodesy-length",
        "steps-county",
        "steps-province",
    ]:
        assert case == "tiny" or f"<!-- {case} -->" in text
    scale = (ROOT / "docs" / "scale.md").read_text("utf-8")
    for way in WAYS:
        assert f"<!-- scale-{way} -->" in scale


def test_sites_too_many_to_be_drawn_at_once_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = make_files(replace(TINY, sites=2_500), tmp_path / "whole")
    monkeypatch.setattr(cases, "_MOST_AT_ONCE", 1_000)
    monkeypatch.setattr(cases, "_ROW_GROUP", 1_000)
    parts, _ = make_files(replace(TINY, sites=2_500), tmp_path / "parts")
    assert gpd.read_parquet(parts).equals(gpd.read_parquet(whole))


def test_shares_of_a_raster_agree_with_exactextract(tmp_path: Path) -> None:
    pytest.importorskip("exactextract")
    small = RasterCase("small", 5, 1, 400, 1_000, site_ha=500.0, cell_m=100.0)
    rows = compare_peers(
        small, ["exactextract_shares", "ecogeo_zonal"], tmp_path, repeat=1, limit_s=600.0, say=lambda words: None
    )
    assert [row.trouble for row in rows] == ["", ""]
    assert all(row.agreement and row.agreement.is_same for row in rows)


def test_whole_cells_are_held_to_less(tmp_path: Path) -> None:
    wanted, given = tmp_path / "wanted.parquet", tmp_path / "given.parquet"
    columns = ["site", "zone", "share"]
    pd.DataFrame([(0, 1, 0.5), (0, 2, 0.49), (0, 3, 0.01)], columns=columns).to_parquet(wanted)
    pd.DataFrame([(0, 1, 0.51), (0, 2, 0.49)], columns=columns).to_parquet(given)
    assert compare(given, wanted, "share", "cells").is_same
    assert not compare(given, wanted, "share", "straight").is_same


def test_cost_is_fitted_and_carried_on() -> None:
    costs = [Cost(sites, 3.0 + 4.0 * sites / 1e6, 1.0, 100.0) for sites in (10_000, 100_000, 1_000_000)]
    fit = fitted(costs)
    assert fit is not None
    assert (fit.start_s, fit.million_s, fit.worst) == pytest.approx((3.0, 4.0, 0.0), abs=1e-6)
    assert fit.seconds(NATION) == pytest.approx(1_183.0)
    lines = render_growth(costs).splitlines()
    assert lines[2] == "| 10,000 | 3.04 |  | 1.00 | 100 |"
    assert lines[4] == "| 1,000,000 | 7.00 | 2.06 | 1.00 | 100 |"
    assert lines[-4] == "| 1 | 0.33 |"
    failed = Cost(10_000_000, math.nan, math.nan, math.nan, "ended after 9 s")
    assert "| 10,000,000 | ended after 9 s |" in render_growth([*costs, failed])
    assert fitted([*costs, failed]) == fit
    assert fitted(costs[:1]) is None
    falling = [replace(cost, seconds=9.0 - number) for number, cost in enumerate(costs)]
    assert fitted(falling) is None
    assert "No line is drawn" in render_growth(falling)


def test_no_larger_size_is_tried_after_one_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        growing, "_command", lambda way, sites, folder: [sys.executable, "-c", "raise SystemExit('no')"]
    )
    costs = measure_growth("overlap", tmp_path, sizes=[10, 100], repeat=2, limit_s=60.0, say=lambda words: None)
    assert [cost.trouble for cost in costs] == ["failed with status 1: no", "not tried"]


@pytest.mark.parametrize("measure", ["area_m2", "length_m"])
def test_whole_layers_are_measured_as_by_the_loop(measure: str) -> None:
    rows = time_geodesy(measure, sites=40, repeat=1, say=lambda words: None)
    assert len(rows) == 3
    assert all(row.agreement and row.agreement.is_same for row in rows)


def test_engines_that_write_the_same_are_compared(tmp_path: Path) -> None:
    rows = time_engines(tmp_path, sites=30, repeat=1, limit_s=600.0, say=lambda words: None)
    assert [row.trouble for row in rows] == ["", ""]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--repeat", "0"), ("--repeat", "two"), ("--sites", "-3"), ("--timeout", "0"), ("--timeout", "nan")),
        *(("--sizes", "10,0"), ("--sizes", "1.5"), ("--sizes", "1e400")),
    ],
)
def test_numbers_that_measure_nothing_are_refused(
    option: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench.py", option, value])
    with pytest.raises(SystemExit) as ended:
        bench.main()
    assert ended.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert option in last
    assert "of at least 1" in last or "whole number" in last


def test_the_help_tells_of_every_case(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bench.py", "--help"])
    with pytest.raises(SystemExit):
        bench.main()
    _, _, listed = capsys.readouterr().out.partition("cases:\n")
    told = dict(line.split(maxsplit=1) for line in listed.splitlines() if line.strip())
    assert {*CASES, *RASTER_CASES, *(f"scale-{way}" for way in WAYS)} <= set(told)
    assert len(set(told.values())) == len(told), "no two are told in the same words"
