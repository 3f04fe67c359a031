"""Screening in blocks: the same files to the byte, however sites are cut, ordered, interrupted or shared out."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from conftest import ZONE_36, block, line, point
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecogeo.crs import read_assumption
from ecogeo.decisions import DecisionFiles
from ecogeo.engine import Crew, check_in_pieces, is_large, screen_in_blocks
from ecogeo.engine import parts as engine_parts
from ecogeo.engine import screening as engine_screening
from ecogeo.engine.crew import work
from ecogeo.engine.fragments import AFTER_SITES, BEFORE_SITES, Merged, merge_fragments, render_fragment
from ecogeo.engine.job import ScreeningOptions, screening_checks
from ecogeo.errors import EcogeoError, UnusableFileError, UsageError
from ecogeo.inspection import inspect_file
from ecogeo.judging import judge_county
from ecogeo.law import read_law
from ecogeo.partition import partition_file
from ecogeo.report.cells import as_cells, write_csv
from ecogeo.report.run_files import write_inspection, write_run
from ecogeo.reviews import read_reviews
from ecogeo.sites import sites_of
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace, sample_root

GROUNDS: list[shapely.Geometry | None] = [
    block(1200, 1200, 100, 100),
    block(1900, 1500, 200, 100),
    block(8000, 8000, 100, 100),
    None,
    block(2000, 1000, 100, 100),
    block(1000 - 99.95, 1300, 100, 200),
    shapely.Polygon([(0, 0), (1, 1)] * 2),
    point(1500, 1500),
    line((0, 1500), (3000, 1500)),
    block(20_000, 0, 100, 100),
    block(9900, 5000, 200, 100),
    shapely.Polygon([(621_100, 2_681_100), (621_300, 2_681_300), (621_300, 2_681_100), (621_100, 2_681_300)]),
    block(4400, 4400, 700, 700),
    block(500, 500, 5000, 5000),
    shapely.Polygon(),
    block(100, 6900, 300, 300),
]
NAMES = ["养殖场", "", "a,b", "x", 'say "so"', "two\nlines", "=1+1", None]


def write_sites(path: Path, crs: str | None = ZONE_36) -> Path:
    names = [NAMES[number % len(NAMES)] for number in range(len(GROUNDS))]
    frame = gpd.GeoDataFrame({"name": names}, geometry=gpd.GeoSeries(GROUNDS, crs=crs))
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_file(path)
    return path


def in_memory(file: Path, out: Path, root: Path, options: ScreeningOptions) -> None:
    """Screen a file as `ecogeo screen` does what is small: whole."""
    county = open_workspace(root)
    outline = county.of_role("county")
    assert outline is not None
    found = inspect_file(file, county=outline.box, outline=outline.coverage, is_whole=True)
    county = county.with_sites(sites_of(found, file, accuracy_m=options.accuracy_m))
    files = options.decisions
    law = read_law(county, on=options.on, answers=files.answers, types=files.types, chosen_type=options.chosen_type)
    reviews = None if files.reviews is None else read_reviews(files.reviews)
    write_run(judge_county(county, screening_checks(), law=law, reviews=reviews), out, options.lang)
    write_inspection(found, out, options.lang)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def sorted_lines(content: bytes) -> list[bytes]:
    return sorted(content.splitlines())


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> ScreeningOptions:
    """Decisions about sites of several blocks, of none, and about a layer the file is not screened against."""
    folder = tmp_path_factory.mktemp("decisions")
    (folder / "answers.csv").write_text(
        "project_id,site_id,question_id,answer,by,on,reason\n"
        ",S2,is_linear,否,张三,2026-01-02,\n,S14,is_linear,是,张三,2026-01-02,\n,S99,is_linear,否,李四,2026-01-02,\n"
    )
    (folder / "types.csv").write_text(
        "project_id,project_type,by,on,reason\nS1,wind,张三,2026-01-02,x\nS14,ground_pv,张三,2026-01-02,x\n"
    )
    (folder / "reviews.csv").write_text(
        "site_id,layer,answer,reason,by,on\nS14,redlines,clear,现场核实,王五,2026-01-03\n"
        "S2,redlines,clear,现场核实,王五,2026-01-03\nS14,farmland,clear,现场核实,王五,2026-01-03\n"
        "S77,redlines,clear,现场核实,王五,2026-01-03\nS1,landuse,clear,现场核实,王五,2026-01-03\n"
    )
    files = DecisionFiles(folder / "answers.csv", folder / "types.csv", folder / "reviews.csv")
    return ScreeningOptions(accuracy_m=3.0, decisions=files)


@pytest.mark.parametrize("suffix", [".parquet", ".gpkg"])
def test_any_block_gives_the_bytes_of_the_whole(county_folder: Path, tmp_path: Path, suffix: str) -> None:
    file = write_sites(tmp_path / f"sites{suffix}")
    in_memory(file, tmp_path / "whole", county_folder, ScreeningOptions())
    whole = files_of(tmp_path / "whole")
    for rows in (1, 7, 100, None):
        screening = screen_in_blocks(file, tmp_path / f"rows-{rows}", root=county_folder, rows=rows)
        found = files_of(tmp_path / f"rows-{rows}")
        assert set(found) == set(whole) == {path.name for path in screening.written}
        for name in sorted(set(whole) - {"findings.csv", "findings.gpkg"}):
            assert found[name] == whole[name], (rows, name)
        assert sorted_lines(found["findings.csv"]) == sorted_lines(whole["findings.csv"])
        assert found["findings.csv"] == files_of(tmp_path / "rows-1")["findings.csv"]
        assert found["findings.gpkg"] == files_of(tmp_path / "rows-1")["findings.gpkg"]
        assert screening.is_faulty
        assert not screening.has_crashed


def test_the_sample_county_with_decisions_of_people(tmp_path: Path, decided: ScreeningOptions) -> None:
    west, south, east, north = open_workspace(sample_root()).of_role("county").box  # type: ignore[union-attr]
    rng = np.random.default_rng(3)
    x, y, size = rng.uniform(west, east, 30), rng.uniform(south, north, 30), rng.uniform(0.0005, 0.02, 30)
    shapes = shapely.box(x, y, x + size, y + size)
    shapes[4] = None
    file = tmp_path / "sites.parquet"
    frame = gpd.GeoDataFrame({"name": ["光伏", "养猪场", ""] * 10}, geometry=gpd.GeoSeries(shapes, crs="EPSG:4490"))
    frame.to_parquet(file)
    in_memory(file, tmp_path / "whole", sample_root(), decided)
    screen_in_blocks(file, tmp_path / "blocks", root=sample_root(), options=decided, rows=11)
    screen_in_blocks(file, tmp_path / "one", root=sample_root(), options=decided)
    partition_file(file, tmp_path / "parts", rows_per_part=8)
    screen_in_blocks(tmp_path / "parts", tmp_path / "parted", root=sample_root(), options=decided, rows=13)
    whole, blocks, one, parted = (files_of(tmp_path / name) for name in ("whole", "blocks", "one", "parted"))
    assert blocks == one
    assert {name for name in one if parted[name] != one[name]} <= {"inspection.json"}
    assert "第一块" in json.loads(parted["inspection.json"])["doubts"][0]
    different = {name for name in whole if whole[name] != blocks[name]}
    assert different <= {"findings.csv", "findings.gpkg"}, "there the order is by site"
    assert sorted_lines(whole["findings.csv"]) == sorted_lines(blocks["findings.csv"])
    summary = json.loads(blocks["summary.json"])
    assert summary["reviews"]["count"] >= 3
    assert [entry["kind"] for entry in summary["decisions"]] == ["answers", "types", "reviews"]
    assert "S99" in blocks["findings.csv"].decode(), "an answer about no site of the file is said, once"
    assert blocks["findings.csv"].decode().count("S99") == 1


@given(order=st.permutations(range(len(GROUNDS))), per_part=st.integers(1, 9), rows=st.integers(1, 9))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sites_in_any_order_come_back_in_that_of_the_file(
    county_folder: Path, tmp_path_factory: pytest.TempPathFactory, order: list[int], per_part: int, rows: int
) -> None:
    tmp_path = tmp_path_factory.mktemp("parted")
    shapes = [GROUNDS[number] for number in order]
    gpd.GeoDataFrame({"name": [f"n{one}" for one in order]}, geometry=gpd.GeoSeries(shapes, crs=ZONE_36)).to_parquet(
        tmp_path / "sites.parquet"
    )
    partition_file(tmp_path / "sites.parquet", tmp_path / "parts", rows_per_part=per_part)
    screen_in_blocks(tmp_path / "sites.parquet", tmp_path / "one", root=county_folder)
    screen_in_blocks(tmp_path / "parts", tmp_path / "parted", root=county_folder, rows=rows)
    one, parted = files_of(tmp_path / "one"), files_of(tmp_path / "parted")
    assert {name for name in one if one[name] != parted[name]} <= {"inspection.json"}


class KilledError(Exception):
    """Stands for a power cut."""


def killed_after(blocks: int) -> Callable[[str, int, int], None]:
    def progress(_name: str, done: int, _of: int) -> None:
        if done + 1 >= blocks:
            raise KilledError

    return progress


def test_a_killed_run_goes_on_where_it_stopped(
    county_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = write_sites(tmp_path / "sites.parquet"), tmp_path / "out"
    screen_in_blocks(file, tmp_path / "unbroken", root=county_folder, rows=3)
    with pytest.raises(KilledError):
        screen_in_blocks(file, out, root=county_folder, rows=3, progress=killed_after(4))
    (parts,) = out.iterdir()
    assert re.fullmatch(r"parts-[0-9a-f]{16}", parts.name)
    assert len(list(parts.glob("*.json"))) == 4
    (parts / "screening" / "000000004.arrow.part").write_bytes(b"half a block")
    judged = []
    really = engine_screening.judge_block

    def counted(task: engine_screening.Task) -> engine_screening.JudgedBlock:
        judged.append(task.number)
        return really(task)

    monkeypatch.setattr(engine_screening, "judge_block", counted)
    screen_in_blocks(file, out, root=county_folder, rows=3)
    assert judged == [4, 5]
    assert files_of(out) == files_of(tmp_path / "unbroken"), "and nothing of the parts is left"


def test_blocks_whose_parts_are_not_whole_are_judged_again(county_folder: Path, tmp_path: Path) -> None:
    file, out = write_sites(tmp_path / "sites.parquet"), tmp_path / "out"
    screen_in_blocks(file, tmp_path / "unbroken", root=county_folder, rows=3)
    with pytest.raises(KilledError):
        screen_in_blocks(file, out, root=county_folder, rows=3, progress=killed_after(5))
    (parts,) = out.iterdir()
    (parts / "screening" / "000000001.arrow").unlink()
    (parts / "findings" / "000000002.arrow").write_bytes(b"")
    (parts / "000000003.json").write_bytes(b"")
    earlier = json.loads((parts / "000000004.json").read_bytes())
    del earlier["fragments"]
    (parts / "000000004.json").write_text(json.dumps(earlier))
    assert engine_parts.done_blocks(parts) == {0}
    screen_in_blocks(file, out, root=county_folder, rows=3)
    assert files_of(out) == files_of(tmp_path / "unbroken")


def test_a_run_killed_while_its_parts_are_removed_leaves_none_to_go_on_from(
    county_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = write_sites(tmp_path / "sites.parquet"), tmp_path / "out"

    def killed_half_way(folder: Path, *, ignore_errors: bool = False) -> None:
        for inside in [path for path in folder.iterdir() if path.is_dir()] if not ignore_errors else ():
            shutil.rmtree(inside)
        if not ignore_errors:
            raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(engine_parts, "shutil", SimpleNamespace(rmtree=killed_half_way))
        with pytest.raises(KilledError):
            screen_in_blocks(file, out, root=county_folder, rows=3)
    (left,) = (path for path in out.iterdir() if path.is_dir())
    assert re.fullmatch(r"parts-[0-9a-f]{16}-removed", left.name)
    assert list(left.glob("*.json")), "the blocks still say that they are done"
    screen_in_blocks(file, tmp_path / "unbroken", root=county_folder, rows=3)
    screen_in_blocks(file, out, root=county_folder, rows=3)
    assert files_of(out) == files_of(tmp_path / "unbroken"), "and what was left is gone"


def test_a_summary_is_never_beside_tables_of_another_run(
    county_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = write_sites(tmp_path / "sites.parquet"), tmp_path / "out"
    screen_in_blocks(file, out, root=county_folder, rows=7, options=ScreeningOptions(accuracy_m=50.0))
    (out / "mines.csv").write_text("of a run with more tables")
    before = files_of(out)
    really = Merged.write_csv

    def disk_full(merged: Merged, path: Path) -> None:
        if path.name == "matrix.csv":
            raise OSError(28, "No space left on device", str(path))
        really(merged, path)

    with monkeypatch.context() as patched:
        patched.setattr(Merged, "write_csv", disk_full)
        with pytest.raises(OSError, match="No space left"):
            screen_in_blocks(file, out, root=county_folder, rows=7)
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before
    assert not (out / ".unfinished").exists()
    (out / "matrix.csv").unlink()
    (out / "matrix.csv").mkdir()  # no file can be put there
    with pytest.raises(OSError, match=r"matrix\.csv"):
        screen_in_blocks(file, out, root=county_folder, rows=7)
    assert not (out / "summary.json").exists()
    (out / "matrix.csv").rmdir()
    screen_in_blocks(file, out, root=county_folder, rows=7)
    screen_in_blocks(file, tmp_path / "fresh", root=county_folder, rows=7)
    assert files_of(out) == files_of(tmp_path / "fresh")


def test_two_programs_do_not_screen_into_one_folder(tmp_path: Path) -> None:
    one, other = "0" * 16, "1" * 16
    with engine_parts.own_parts(tmp_path, one) as parts:
        (parts / "000000000.json").write_text("{}")
        for fingerprint in (one, other):
            with (
                pytest.raises(UsageError, match="another program is screening"),
                engine_parts.own_parts(tmp_path, fingerprint),
            ):
                pass
        assert [path.name for path in tmp_path.iterdir()] == [f"parts-{one}"]
        assert (parts / "000000000.json").exists()
    with engine_parts.own_parts(tmp_path, other):
        assert [path.name for path in tmp_path.iterdir()] == [f"parts-{other}"], "of a job that was never finished"


def test_a_file_is_no_folder_for_results(
    county_folder: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    file, taken = write_sites(tmp_path / "sites.parquet"), tmp_path / "taken"
    taken.write_text("kept")
    with pytest.raises(UsageError, match="taken exists, and is a file"):
        screen_in_blocks(file, taken, root=county_folder)
    for more in ((), ("--engine", "local")):
        status, _, message = run("screen", file, "-w", county_folder, "-o", taken, "--lang", "en", *more)
        assert (status, "taken' is a file" in message) == (2, True)
        message = run("screen", file, "-w", county_folder, "-o", taken, *more)[2]
        assert "应为文件夹" in message
    assert taken.read_text() == "kept"


@pytest.mark.parametrize("change", ["file", "county", "options", "rows"])
def test_parts_of_another_job_are_not_used(county_folder: Path, tmp_path: Path, change: str) -> None:
    file, out = write_sites(tmp_path / "sites.parquet"), tmp_path / "out"
    with pytest.raises(KilledError):
        screen_in_blocks(file, out, root=county_folder, rows=3, progress=killed_after(4))
    options, rows = ScreeningOptions(), 3
    if change == "file":
        gpd.read_parquet(file).iloc[::-1].to_parquet(file)
    elif change == "county":
        frame = gpd.read_file(county_folder / "layers" / "redlines.gpkg")
        frame.iloc[:1].to_file(county_folder / "layers" / "redlines.gpkg")
    elif change == "options":
        options = ScreeningOptions(accuracy_m=50.0)
    else:
        rows = 5
    screen_in_blocks(file, out, root=county_folder, rows=rows, options=options)
    screen_in_blocks(file, tmp_path / "fresh", root=county_folder, options=options)
    assert files_of(out) == files_of(tmp_path / "fresh")


def test_a_check_that_breaks_in_one_block_leaves_nothing(
    county_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecogeo.checks import site_in_redline as module

    file = write_sites(tmp_path / "sites.parquet")
    really = module.screen_role

    def broken(cases: object, *rest: object, **others: object) -> object:
        if "S8" in set(cases.sites.ids):  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return really(cases, *rest, **others)

    monkeypatch.setattr(module, "screen_role", broken)
    screening = screen_in_blocks(file, tmp_path / "out", root=county_folder, rows=3)
    assert screening.has_crashed
    entry = next(one for one in screening.summary["checks"] if one["name"] == "site_in_redline")
    assert (entry["status"], entry["findings"]) == ("crashed", 0)
    assert "ZeroDivisionError" in entry["reason"]
    assert set(screening.summary["answers"]) == {"shorelines"}
    assert b"redlines" not in (tmp_path / "out" / "screening.csv").read_bytes()
    assert b"site_in_redline" not in (tmp_path / "out" / "findings.csv").read_bytes()
    assert not (tmp_path / "out" / "matrix.csv").exists(), "no row of it would be whole"


def test_two_processes_give_the_same_bytes(county_folder: Path, tmp_path: Path) -> None:
    file = write_sites(tmp_path / "sites.parquet")
    screen_in_blocks(file, tmp_path / "one", root=county_folder, rows=5)
    screen_in_blocks(file, tmp_path / "two", root=county_folder, rows=5, crew=Crew(jobs=2))
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_a_file_without_a_crs_is_not_streamed_on_a_guess(county_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "sites.parquet"
    gpd.GeoDataFrame({"name": ["a"] * 6}, geometry=gpd.GeoSeries(GROUNDS[:6])).set_crs(None).to_parquet(file)
    with pytest.raises(UnusableFileError, match="--assume"):
        screen_in_blocks(file, tmp_path / "guessed", root=county_folder, rows=5)
    told = read_assumption("EPSG:4545")
    screen_in_blocks(file, tmp_path / "told", root=county_folder, rows=5, assumption=told)
    screen_in_blocks(file, tmp_path / "whole", root=county_folder, assumption=told)
    assert files_of(tmp_path / "told") == files_of(tmp_path / "whole")
    screen_in_blocks(file, tmp_path / "inferred", root=county_folder)
    assert (tmp_path / "inferred" / "screening.csv").read_bytes() == (tmp_path / "told" / "screening.csv").read_bytes()


def test_what_cannot_be_screened_is_refused_before_any_block(county_folder: Path, tmp_path: Path) -> None:
    file = write_sites(tmp_path / "sites.parquet")
    with pytest.raises(UnusableFileError, match="does not exist"):
        screen_in_blocks(tmp_path / "none.parquet", tmp_path / "out", root=county_folder)
    gpd.GeoDataFrame({"name": ["a"] * 5}, geometry=gpd.GeoSeries([None] * 5, crs=ZONE_36)).to_parquet(
        tmp_path / "empty.parquet"
    )
    for rows in (None, 2):
        with pytest.raises(UnusableFileError, match=r"no usable geometry.*feature 5: no geometry"):
            screen_in_blocks(tmp_path / "empty.parquet", tmp_path / "out", root=county_folder, rows=rows)
    (county_folder / "layers" / "redlines.gpkg").unlink()
    with pytest.raises(EcogeoError, match=r"redlines\.gpkg"):
        screen_in_blocks(file, tmp_path / "gone", root=county_folder, rows=3)
    assert not (tmp_path / "gone").exists()


def test_which_files_are_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_sites(tmp_path / "sites.parquet")
    assert not is_large(file)
    monkeypatch.setattr(engine_screening, "LARGE_FEATURES", 10)
    assert is_large(file)
    partition_file(file, tmp_path / "parts")
    assert is_large(tmp_path / "parts")
    shapefile = tmp_path / "sites.shp"
    gpd.read_parquet(file).iloc[:1].to_file(shapefile)
    assert not is_large(shapefile)
    assert not is_large(tmp_path / "none.parquet")


@given(
    texts=st.lists(st.text(st.sampled_from('a,"\n=镇 '), max_size=5), min_size=1, max_size=30),
    blocks=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_fragments_give_the_file_written_at_once(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], blocks: int, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("fragments")
    frame = pd.DataFrame({"site_id": np.arange(len(texts)), "message": texts, "share": np.linspace(0, 1, len(texts))})
    write_csv(frame, folder / "whole.csv")
    owner = np.random.default_rng(seed).integers(0, blocks, len(texts))
    paths = []
    for number in range(blocks):
        own = frame[owner == number]
        site = own["site_id"].to_numpy(np.int64)
        path = folder / f"{number}.arrow"
        path.write_bytes(render_fragment(as_cells(own), np.zeros(len(own), np.int64), site))
        paths.append(path)
    merge_fragments(paths).write_csv(folder / "merged.csv")
    assert (folder / "merged.csv").read_bytes() == (folder / "whole.csv").read_bytes()


def test_rows_of_no_site_are_written_once_and_sections_in_their_order(tmp_path: Path) -> None:
    for number, sites in enumerate(([1, 2], [3])):
        rows = [("first", BEFORE_SITES, 0), ("last", AFTER_SITES, 0)]
        rows += [(f"a{site}", site, 0) for site in sites] + [(f"b{site}", site, 1) for site in sites]
        cells = pa.table({"text": pa.array([text for text, *_ in rows], pa.large_string())})
        section, site = (np.array([row[at] for row in rows], dtype=np.int64) for at in (2, 1))
        (tmp_path / f"{number}.arrow").write_bytes(render_fragment(cells, section, site))
    paths = sorted(tmp_path.glob("*.arrow"))
    merge_fragments(paths).write_csv(tmp_path / "merged.csv")
    written = (tmp_path / "merged.csv").read_text("utf-8-sig").split()
    assert written == ["text", "first", "a1", "a2", "a3", "last", "b1", "b2", "b3"]
    merged = merge_fragments(paths, without=frozenset({1}))
    assert pa.concat_tables(merged.tables()).column("line").to_pylist()[-1] == b"last\n"


def test_a_block_that_knows_fewer_columns_is_filled_up(tmp_path: Path) -> None:
    nothing = np.zeros(1, dtype=np.int64)
    known = [{"id": "1", "name": 'a,"b"\nc'}, {"id": "2", "layer": "x", "name": ""}]
    for number, cells in enumerate(known):
        rendered = render_fragment(as_cells(pd.DataFrame([cells])), nothing, nothing + number)
        (tmp_path / f"{number}.arrow").write_bytes(rendered)
    merge_fragments(sorted(tmp_path.glob("*.arrow"))).write_csv(tmp_path / "merged.csv")
    assert (tmp_path / "merged.csv").read_text("utf-8-sig") == 'id,name,layer\n1,"a,""b""\nc",\n2,,x\n'


def test_crews_that_make_no_sense() -> None:
    with pytest.raises(UsageError, match="at least 1 job"):
        Crew(jobs=0)
    with pytest.raises(UsageError, match="--engine dask"):
        Crew(scheduler="tcp://127.0.0.1:8786")


def refuse_odd(number: int) -> int:
    if number % 2:
        raise UnusableFileError("a.gpkg", Text("坏", "it is bad"))
    return number * number


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_a_worker_is_told_whole(jobs: int) -> None:
    assert sorted(work(Crew(jobs=jobs), refuse_odd, [2, 4, 6])) == [4, 16, 36]
    with pytest.raises(EcogeoError, match=r"a\.gpkg: it is bad") as caught:
        list(work(Crew(jobs=jobs), refuse_odd, range(2, 9)))
    assert caught.value.say("zh") == "a.gpkg：坏"


def leave(_task: int) -> int:
    os._exit(3)


def test_a_worker_process_that_is_gone_is_told() -> None:
    with pytest.raises(EcogeoError, match="fewer --jobs"):
        list(work(Crew(jobs=2), leave, [1]))


def interrupt(task: int) -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return task


@pytest.mark.skipif(os.name == "nt", reason="there SIGINT cannot be sent to one process")
def test_worker_processes_leave_ctrl_c_to_the_one_that_started_them() -> None:
    assert list(work(Crew(jobs=2), interrupt, [5])) == [5]


@pytest.mark.parametrize("jobs", [1, 2])
def test_checks_in_pieces_give_the_report_of_all_at_once(county_folder: Path, tmp_path: Path, jobs: int) -> None:
    county = open_workspace(county_folder)
    write_run(judge_county(county, law=read_law(county)), tmp_path / "whole", "zh")
    seen: list[str] = []
    report = check_in_pieces(county_folder, crew=Crew(jobs=jobs), progress=lambda name, _done, _of: seen.append(name))
    write_run(report, tmp_path / "pieces", "zh")
    assert files_of(tmp_path / "pieces") == files_of(tmp_path / "whole")
    assert "site_in_redline" in seen


def test_checks_in_pieces_refuse_what_cannot_be_used(county_folder: Path) -> None:
    (county_folder / "layers" / "redlines.gpkg").write_bytes(b"SQLite format 3\0")
    with pytest.raises(EcogeoError, match=r"redlines\.gpkg"):
        check_in_pieces(county_folder, ["site_in_redline"])
    with pytest.raises(UsageError, match="nonsense"):
        check_in_pieces(county_folder, ["nonsense"])


def test_the_command_line_screens_in_blocks_and_parts(
    county_folder: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, common = write_sites(tmp_path / "sites.parquet"), ("-w", county_folder, "--lang", "en")
    status, output, _ = run("screen", file, *common, "-o", tmp_path / "blocks", "--engine", "local")
    assert status == 1
    assert "Red lines: involved 7  possibly involved 1  clear 3  undetermined 5" in output, "worked out by hand"
    assert run("partition", file, *common, "--rows", "5", "-o", tmp_path / "parts")[0] == 0
    status, _, progress = run("screen", tmp_path / "parts", *common, "-o", tmp_path / "parted", "--exit-zero")
    assert status == 0
    assert "[1/1] S1–S16" in progress
    blocks, parted = files_of(tmp_path / "blocks"), files_of(tmp_path / "parted")
    assert {name for name in blocks if blocks[name] != parted[name]} <= {"inspection.json"}
    monkeypatch.setattr(engine_screening, "LARGE_FEATURES", 10)
    run("screen", file, *common, "-o", tmp_path / "large", "-q")
    assert files_of(tmp_path / "large") == blocks
    status, *_ = run("check", "site_in_redline", *common, "-o", tmp_path / "check", "--engine", "local")
    assert status == 1
    status, _, message = run("screen", file, *common, "--engine", "local", "--scheduler", "tcp://127.0.0.1:1")
    assert (status, "--engine dask" in message) == (2, True)
