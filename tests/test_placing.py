"""How surely a site is placed, and what must never be cleared."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from conftest import LAYERS_TOML, block, write_layer

from ecogeo.check import choose_checks, run_checks
from ecogeo.errors import EcogeoError
from ecogeo.finding import Report
from ecogeo.workspace import open_workspace


def judged(root: Path, *names: str) -> Report:
    return run_checks(open_workspace(root), choose_checks(names or ("site_in_redline", "site_not_surely_placed")))


def answers(report: Report) -> dict[str, str]:
    frame = report.tables["screening"]
    return dict(zip(frame["site_id"], frame["answer"], strict=True))


def with_sites(root: Path, **columns: object) -> None:
    path = root / "layers" / "sites.gpkg"
    gpd.read_file(path).assign(**columns).to_file(path)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"accuracy_m": -1.0}, "accuracy_m is negative (-1)"),
        ({"accuracy_m": "约30米"}, "accuracy_m is no number (“约30米”)"),
        ({"accuracy_m": None}, "accuracy_m is no number"),
        ({"location_basis": "town", "accuracy_m": 0.0}, "placed by town, yet to 0 m"),
        ({"location_basis": "survey"}, "location_basis “survey” is not known"),
        ({"location_basis": None}, "location_basis “” is not known"),
    ],
)
def test_an_accuracy_that_cannot_be_believed_clears_and_convicts_nobody(
    county_folder: Path, columns: dict[str, object], words: str
) -> None:
    with_sites(county_folder, **columns)
    report = judged(county_folder)
    assert set(answers(report).values()) == {"possible", "undetermined"}
    told = [finding.message.en for _, finding in report.findings]
    assert sum(words in message for message in told) == 11, "each site is named with its reason"


def test_a_town_known_to_some_kilometres_is_believed(county_folder: Path) -> None:
    with_sites(county_folder, location_basis="town", accuracy_m=300.0)
    report = judged(county_folder)
    assert answers(report)["outside"] == "clear"
    assert not any("taken as placed" in finding.message.en for _, finding in report.findings)


def test_a_red_line_nobody_can_measure_clears_nobody(county_folder: Path) -> None:
    path = county_folder / "layers" / "redlines.gpkg"
    frame = gpd.read_file(path)
    frame.loc[1, "geometry"] = None
    frame.to_file(path)
    report = judged(county_folder, "site_in_redline")
    found = answers(report)
    assert found["inside"] == "involved"
    assert "clear" not in found.values()
    assert any(
        "1 of its features cannot be measured, so it clears no site" in one.message.en for _, one in report.findings
    )
    assert report.is_faulty


def test_red_lines_held_as_points_are_refused(county_folder: Path) -> None:
    path = county_folder / "layers" / "redlines.gpkg"
    frame = gpd.read_file(path)
    frame.set_geometry(frame.geometry.centroid).to_file(path)
    report = judged(county_folder, "site_in_redline")
    (crash,) = [run.crash for run in report.runs]
    assert crash is not None
    assert "polygons are expected, and 2 features are none: A, B" in crash.en
    assert "screening" not in report.tables


def test_red_lines_far_from_what_they_cover_clear_nobody(county_folder: Path) -> None:
    path = county_folder / "layers" / "redlines.gpkg"
    frame = gpd.read_file(path)
    frame.set_geometry(frame.geometry.translate(300_000, 0)).to_file(path)
    report = judged(county_folder, "site_in_redline")
    assert set(answers(report).values()) == {"undetermined"}
    assert any("none of its features lies in the ground it declares" in one.message.en for _, one in report.findings)


def test_a_layer_without_one_usable_geometry_is_refused(county_folder: Path) -> None:
    write_layer(county_folder, "redlines.gpkg", {"redline_id": ["A"], "name": ["甲"]}, [shapely.Polygon()])
    with pytest.raises(EcogeoError, match="it holds no usable geometry"):
        judged(county_folder, "site_in_redline")


def test_sites_set_aside_keep_their_rows(county_folder: Path) -> None:
    path = county_folder / "layers" / "sites.gpkg"
    frame = gpd.read_file(path)
    frame.loc[frame["site_id"].isin(["inside", "half"]), "geometry"] = None
    frame.to_file(path)
    report = judged(county_folder, "site_in_redline", "project_without_site")
    found = answers(report)
    assert (found["inside"], found["half"], len(found)) == ("undetermined", "undetermined", 12)
    unlocated = report.tables["unlocated"].set_index("name")["reason"].to_dict()
    assert unlocated == {"无处项目": "没有用地图形", "用地 inside": "没有图形", "用地 half": "没有图形"}


def test_a_county_without_plans_is_screened(county_folder: Path) -> None:
    (county_folder / "data" / "tables.toml").unlink()
    report = judged(county_folder, "site_in_redline", "project_without_site")
    assert {run.status for run in report.runs} == {"run"}
    assert len(answers(report)) == 11


def test_a_missing_or_torn_raster_is_named(county_folder: Path) -> None:
    toml = LAYERS_TOML + '\n[layers.dem]\nrole = "dem"\npath = "dem.tif"\n'
    (county_folder / "layers" / "layers.toml").write_text(toml, "utf-8")
    with pytest.raises(EcogeoError, match=r"dem\.tif: the file does not exist"):
        judged(county_folder, "geometry_not_valid")
    (county_folder / "layers" / "dem.tif").write_bytes(b"II*\0 and no more")
    with pytest.raises(EcogeoError, match="truncated or damaged"):
        judged(county_folder, "geometry_not_valid")
    assert block(0, 0, 1, 1).area == 1
