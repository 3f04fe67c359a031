"""Running checks: what runs, what does not and why, what breaks, and that nothing is changed."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from conftest import LAYERS_TOML

from ecogeo.check import Check, check, choose_checks, find_checks, run_checks
from ecogeo.errors import EcogeoError, UnusableCatalogError, UsageError
from ecogeo.finding import Finding, Severity
from ecogeo.layer import Layer, read_layer
from ecogeo.raster import Raster
from ecogeo.report.run_files import write_run
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace

TITLE = Text("检查", "check")


def test_every_file_holds_the_check_of_its_name() -> None:
    names = [found.name for found in find_checks()]
    assert names == sorted(names)
    assert {"site_in_redline", "shoreline_protection_rate"} <= set(names)


def test_unknown_check_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no check nonsense; there are .*site_in_redline"):
        choose_checks(["nonsense"])


def test_missing_layer_is_listed_as_not_run(county_folder: Path) -> None:
    text = LAYERS_TOML.replace('role = "shorelines"', 'role = "water_bodies"')
    (county_folder / "layers" / "layers.toml").write_text(text, "utf-8")
    report = run_checks(open_workspace(county_folder))
    states = {run.name: run.status for run in report.runs}
    assert states["shoreline_protection_rate"] == "not run"
    assert states["site_in_redline"] == "run"
    reasons = {run.name: run.not_run.en for run in report.runs if run.not_run is not None}
    assert reasons["shoreline_protection_rate"] == "the county has no layer for shorelines"
    assert "reserves" in reasons["site_in_reserve"]
    assert not report.has_crashed


def test_optional_layer_may_be_absent(county_folder: Path) -> None:
    text = LAYERS_TOML.replace('role = "towns"', 'role = "villages"')
    (county_folder / "layers" / "layers.toml").write_text(text, "utf-8")
    report = run_checks(open_workspace(county_folder), choose_checks(["site_in_redline"]))
    assert report.is_faulty
    assert {finding.town for _, finding in report.findings} == {""}


def test_the_county_sets_thresholds(county_folder: Path) -> None:
    """Two gaps of 100 m of the right bank's opposite: with least_gap_m = 200 none is listed."""
    toml = county_folder / "layers" / "layers.toml"
    text = toml.read_text("utf-8")
    chosen = choose_checks(["shoreline_protection_rate"])
    kinds = run_checks(open_workspace(county_folder), chosen).tables["shoreline_segments"]["kind"].tolist()
    toml.write_text(f"{text}\n[checks.shoreline_protection_rate]\nleast_gap_m = 200\n", "utf-8")
    assert sorted(kinds) == ["gap", "overlap"]
    assert run_checks(open_workspace(county_folder), chosen).tables["shoreline_segments"].empty


def test_thresholds_nobody_has_are_refused_all_at_once(county_folder: Path) -> None:
    toml = county_folder / "layers" / "layers.toml"
    wrong = "\n[checks.shoreline_protection_rate]\nleast_gap = 2\n[checks.no_such]\nleast_m2 = 1\n"
    toml.write_text(toml.read_text("utf-8") + wrong, "utf-8")
    with pytest.raises(UnusableCatalogError, match=r"no_such(.|\n)*shoreline_protection_rate\.least_gap"):
        run_checks(open_workspace(county_folder), choose_checks(["shoreline_protection_rate"]))


def test_broken_check_is_noted_and_the_others_go_on(county_folder: Path) -> None:
    @check(family="data", title=TITLE)
    def breaks(towns: Layer) -> Iterator[Finding]:
        yield Finding(TITLE, Severity.NOTE)
        raise ZeroDivisionError(len(towns.frame))

    county = open_workspace(county_folder)
    report = run_checks(county, [breaks, *choose_checks(["site_in_redline"])])
    assert [run.status for run in report.runs] == ["crashed", "run"]
    assert report.has_crashed
    assert report.runs[0].findings == ()
    assert report.runs[0].crash is not None
    assert "ZeroDivisionError: 2 (breaks" in report.runs[0].crash.en


def test_input_that_lacks_a_field_stops_only_its_check(county_folder: Path) -> None:
    import geopandas as gpd

    path = county_folder / "layers" / "shorelines.gpkg"
    gpd.read_file(path).drop(columns="zone").to_file(path)
    report = run_checks(open_workspace(county_folder))
    states = {run.name: run.status for run in report.runs}
    assert states["shoreline_protection_rate"] == "crashed"
    assert states["site_in_redline"] == "run"


def test_unusable_inputs_stop_the_run_before_it_begins(county_folder: Path) -> None:
    (county_folder / "layers" / "redlines.gpkg").unlink()
    (county_folder / "layers" / "reaches.gpkg").unlink()
    with pytest.raises(EcogeoError) as refused:
        run_checks(open_workspace(county_folder))
    assert len(refused.value.problems) == 2


def test_running_all_checks_changes_no_frame(county_folder: Path) -> None:
    county = open_workspace(county_folder)
    layers = [county.layer(name) for name in county.vector_names]
    before = [(layer.frame.copy(deep=True), layer.sound.copy(deep=True)) for layer in layers]
    projects = county.plan("plan").projects.copy(deep=True)
    run_checks(county)
    for layer, (frame, sound) in zip(layers, before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(layer.frame), pd.DataFrame(frame))
        pd.testing.assert_frame_equal(pd.DataFrame(layer.sound), pd.DataFrame(sound))
    pd.testing.assert_frame_equal(county.plan("plan").projects, projects)


def test_progress_and_sources(county_folder: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    chosen: tuple[Check, ...] = choose_checks(["site_in_redline"])
    report = run_checks(open_workspace(county_folder), chosen, progress=lambda *step: seen.append(step))
    assert seen == [("site_in_redline", 0, 1), ("", 1, 1)]
    assert [source.path for source in report.sources] == [
        *("data/plan/indicators.csv", "data/plan/plan.toml", "data/plan/projects.csv", "data/plan/tasks.csv"),
        *("data/tables.toml", "layers/layers.toml", "layers/redlines.gpkg", "layers/sites.gpkg", "layers/towns.gpkg"),
    ]
    assert all(len(source.sha256) == 64 for source in report.sources)


def test_any_number_of_jobs_gives_the_same_bytes(county_folder: Path, tmp_path: Path) -> None:
    seen: dict[int, list[tuple[str, int, int]]] = {}
    for jobs in (1, 2, 5):
        steps = seen.setdefault(jobs, [])
        report = run_checks(open_workspace(county_folder), jobs=jobs, progress=lambda *step, to=steps: to.append(step))
        write_run(report, tmp_path / str(jobs), "zh")
    names = {path.name for path in (tmp_path / "1").iterdir()}
    for jobs in ("2", "5"):
        assert {path.name for path in (tmp_path / jobs).iterdir()} == names
        for name in names:
            assert (tmp_path / jobs / name).read_bytes() == (tmp_path / "1" / name).read_bytes(), name
    assert seen[1] == seen[2] == seen[5]
    assert [step[1] for step in seen[1]] == list(range(len(find_checks()) + 1))
    with pytest.raises(UsageError, match="at least 1 job is needed, not 0"):
        run_checks(open_workspace(county_folder), jobs=0)


def test_side_by_side_a_broken_check_is_noted_too(county_folder: Path) -> None:
    @check(family="data", title=TITLE)
    def breaks(towns: Layer) -> Iterator[Finding]:
        raise ZeroDivisionError(len(towns.frame))
        yield

    report = run_checks(open_workspace(county_folder), [breaks, *choose_checks(["site_in_redline"])], jobs=2)
    assert [run.status for run in report.runs] == ["crashed", "run"]


def test_layers_are_read_once_however_many_ask(county_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def slowly(name: str, *arguments: object) -> Layer:
        read.append(name)
        time.sleep(0.05)
        return read_layer(name, *arguments)

    monkeypatch.setattr("ecogeo.workspace.read_layer", slowly)
    county = open_workspace(county_folder)
    with ThreadPoolExecutor(8) as pool:
        layers = list(pool.map(lambda _: county.layer("redlines"), range(8)))
    assert sorted(read) == ["county", "redlines"], "the county for the coverage"
    assert len({id(layer) for layer in layers}) == 1


def test_rasters_are_handed_over_and_listed(county_folder: Path) -> None:
    @check(family="data", title=TITLE)
    def looks(dem: Raster) -> Iterator[Finding]:
        yield Finding(Text(dem.name, f"{dem.shape} {dem.coverage is not None}"), Severity.NOTE)

    county = open_workspace(county_folder)
    assert run_checks(county, [looks]).runs[0].not_run is not None
    toml = '[layers.heights]\nrole = "dem"\npath = "h.tif"\ncoverage = "county"\nversion = "7"\n'
    (county_folder / "layers" / "layers.toml").write_text(f"{LAYERS_TOML}\n{toml}", "utf-8")
    with pytest.raises(EcogeoError, match="does not exist"):
        run_checks(open_workspace(county_folder), [looks])
    head = {"driver": "GTiff", "width": 3, "height": 2, "count": 1, "dtype": "int16", "crs": "EPSG:4545"}
    with rasterio.open(
        county_folder / "layers" / "h.tif", "w", transform=Affine(30, 0, 620_000, 0, -30, 2), **head
    ) as to:
        to.write(np.ones((1, 2, 3), dtype="int16"))
    report = run_checks(open_workspace(county_folder), [looks])
    assert [finding.message.en for _, finding in report.findings] == ["(2, 3) True"]
    (source,) = [source for source in report.sources if source.path == "layers/h.tif"]
    assert (source.name, source.version, len(source.sha256)) == ("heights", "7", 64)


def test_projects_without_a_site_are_undetermined_and_listed(county_folder: Path) -> None:
    chosen = choose_checks(["site_in_redline", "project_without_site"])
    report = run_checks(open_workspace(county_folder), chosen)
    screening = report.tables["screening"].set_index("site_id")
    assert screening.loc["P2", "answer"] == "undetermined"
    assert "P1" not in screening.index
    assert report.tables["unlocated"]["project_id"].tolist() == ["P2"]
    assert report.tables["unlocated"]["reason"].tolist() == ["没有用地图形"]


def test_rows_and_features_without_a_partner_are_listed(county_folder: Path) -> None:
    report = run_checks(open_workspace(county_folder), choose_checks(["row_without_partner"]))
    joins = report.tables["joins"]
    assert joins.columns.tolist() == ["join", "feature_id", "row_id", "basis"]
    assert joins[joins["basis"] == "code"][["feature_id", "row_id"]].to_numpy().tolist() == [["inside", "P1"]]
    assert joins[joins["feature_id"] == ""]["row_id"].tolist() == ["P2"]
    assert (joins["basis"] == "none").sum() == 10 + 1
    ((_, note),) = report.findings
    assert note.message.en.endswith("1 matched by code, 0 by name, 0 by alias; unmatched: 10 features, 1 rows")


def test_invalid_geometry_is_a_finding(county_folder: Path) -> None:
    import geopandas as gpd
    import shapely

    path = county_folder / "layers" / "towns.gpkg"
    tie = shapely.Polygon([(620_000, 2_680_000), (621_000, 2_681_000), (621_000, 2_680_000), (620_000, 2_681_000)])
    frame = gpd.read_file(path)
    gpd.GeoDataFrame(
        {"code": ["w", "n"], "name": ["西镇", "无"]}, geometry=gpd.GeoSeries([tie, None], crs=frame.crs)
    ).to_file(path)
    report = run_checks(open_workspace(county_folder), choose_checks(["geometry_not_valid"]))
    found = {finding.feature_id: finding for _, finding in report.findings}
    assert found["n"].severity is Severity.FAULT
    assert found["w"].severity is Severity.WARNING
    assert found["w"].value == pytest.approx(500_000, rel=1e-3)


def test_what_was_inferred_of_a_layer_is_told(county_folder: Path) -> None:
    from dataclasses import replace

    from ecogeo.checks.layer_read_with_doubts import layer_read_with_doubts

    layer = replace(open_workspace(county_folder).layer("redlines"), doubts=(Text("编码为推断", "encoding inferred"),))
    (finding,) = layer_read_with_doubts.function({"redlines": layer})
    assert finding.message.zh == "生态保护红线：编码为推断"
    assert finding.severity is Severity.NOTE
