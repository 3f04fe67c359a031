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

from benchmark import outlines, page  # noqa: E402
from benchmark.agreement import compare  # noqa: E402
from benchmark.cases import CASES, draw_sites, draw_zones, make_files  # noqa: E402
from benchmark.comparing import Row, compare_peers, row_of  # noqa: E402
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
    assert PEERS["ecogeo_kernel"].why_absent("length_m") == "does not measure length_m"
    assert ours_for(list(PEERS), "length_m") == PEERS["ecogeo_overlay"].title
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
    for case in [*CASES, "reading", "start"]:
        assert case == "tiny" or f"<!-- {case} -->" in text
