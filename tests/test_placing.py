"""How surely a site is placed, and what must never be cleared."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import LAYERS_TOML, block, write_layer
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.catalog import LayerDeclaration
from ecogeo.check import choose_checks, run_checks
from ecogeo.errors import EcogeoError
from ecogeo.finding import Report
from ecogeo.layer import Layer
from ecogeo.placing import (
    EXACT_BASES,
    VAGUE_BASES,
    corridor_widths_m,
    doubtful_corridors,
    placed_within_m,
    unsure_sites,
)
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


ACCURACIES = st.sampled_from([0.0, 30.0, -1.0, float("nan"), float("inf")])
BASES = st.sampled_from([*EXACT_BASES, *VAGUE_BASES, "survey", "", None])
WIDTHS = st.sampled_from(["", "0", "20", "-3", "宽", "inf", None])
SHAPES = st.sampled_from(
    [shapely.Point(109, 24), shapely.LineString([(109, 24), (109.1, 24)]), shapely.box(109, 24, 110, 25)]
)


@given(rows=st.lists(st.tuples(ACCURACIES, BASES, WIDTHS, SHAPES), max_size=8), has_bases=st.booleans())
def test_sites_are_doubted_as_they_are_one_by_one(
    rows: list[tuple[float, str, str, shapely.Geometry]], has_bases: bool
) -> None:
    accuracy, bases, widths, shapes = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    told = {"id": [str(n) for n in range(len(rows))], "accuracy_m": accuracy, "corridor_width_m": widths}
    told |= {"location_basis": bases} if has_bases else {}
    frame = gpd.GeoDataFrame(told, geometry=gpd.GeoSeries(shapes, crs=4490))
    sites = Layer("s", LayerDeclaration(role="project_sites", path="s.gpkg", key="id"), frame, frame)

    unsure, doubtful = {}, {}
    for position, (metres, basis, width, shape) in enumerate(rows):
        word = basis or ""
        if np.isnan(metres):
            unsure[position] = "accuracy_m is no number (“”)"
        elif metres < 0:
            unsure[position] = f"accuracy_m is negative ({sites.text('accuracy_m').iloc[position]})"
        elif has_bases and word not in (*EXACT_BASES, *VAGUE_BASES):
            unsure[position] = f"location_basis “{word}” is not known"
        elif has_bases and word in VAGUE_BASES and metres == 0:
            unsure[position] = f"placed by {word}, yet to 0 m"
        is_line = isinstance(shape, shapely.LineString)
        if is_line and width in {"-3", "宽", "inf"}:
            doubtful[position] = f"corridor_width_m is no width (“{width}”); taken as a line nobody knows how wide"
        elif not is_line and width not in {"", "0", None}:
            doubtful[position] = f"corridor_width_m is for lines alone and was not used (“{width}”)"
    assert [(position, why.en) for position, why in unsure_sites(sites)] == list(unsure.items())
    assert [(position, why.en) for position, why in doubtful_corridors(sites)] == list(doubtful.items())
    assert set(np.flatnonzero(np.isnan(placed_within_m(sites)))) == set(unsure)
    assert set(np.flatnonzero(np.isnan(corridor_widths_m(sites)))) == {
        position for position in doubtful if isinstance(rows[position][3], shapely.LineString)
    }
