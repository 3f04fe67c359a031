"""All projects against all layers, and what somebody has to draw first."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
from conftest import SITES, block
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.catalog import ROLES, ZONING_ROLES
from ecogeo.check import choose_checks
from ecogeo.finding import Answer, Verdict
from ecogeo.judging import judge_county
from ecogeo.matrix import HEAD_COLUMNS, NEEDS_GEOMETRY_COLUMNS, Subject, gravest_answer, matrix_rows
from ecogeo.rules import GRAVEST_FIRST
from ecogeo.workspace import open_workspace

Run = Callable[..., tuple[int, str, str]]


def rows(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").set_index("id")


def test_one_row_per_project_and_single_site(county_folder: Path, tmp_path: Path, run: Run) -> None:
    run("check", "-w", county_folder, "-o", tmp_path, "-q")
    matrix = rows(tmp_path / "matrix.csv")
    alone = [name for name, (_, _, project) in SITES.items() if not project]
    assert matrix.index.tolist() == ["P1", "P2", *alone], "the only site of P1 is P1's row"
    layers = ["redlines", "shorelines"]
    assert matrix.columns.tolist() == [*HEAD_COLUMNS[1:], *layers, "gravest_answer", "gravest_verdict"]
    assert matrix.loc["P1", ["redlines", "shorelines", "gravest_answer"]].tolist() == ["involved", "clear", "involved"]
    assert matrix.loc["P2", ["needs_geometry", "redlines", "gravest_answer"]].tolist() == ["yes", *["undetermined"] * 2]
    assert matrix.loc["near", ["needs_geometry", "accuracy_m", "gravest_answer"]].tolist() == [
        "no",
        "100.00",
        "possible",
    ]
    assert matrix.loc["outside", "gravest_answer"] == "clear"
    needs = rows(tmp_path / "needs_geometry.csv")
    assert needs.columns.tolist() == list(NEEDS_GEOMETRY_COLUMNS[1:])
    assert needs["reason"].to_dict() == {"P2": "没有用地图形"}
    assert json.loads((tmp_path / "summary.json").read_text("utf-8"))["needs_geometry"] == 1


def test_a_project_of_several_sites_has_the_gravest_answer_and_its_sites_beneath(
    county_folder: Path, tmp_path: Path, run: Run
) -> None:
    path = county_folder / "layers" / "sites.gpkg"
    sites = gpd.read_file(path)
    own = sites["site_id"].isin(["inside", "outside", "near"])
    sites.loc[own, "project_id"] = "P1"
    sites.loc[sites["site_id"] == "near", "location_basis"] = "village"
    sites.to_file(path)
    _, output, _ = run("check", "-w", county_folder, "-o", tmp_path, "-q", "--lang", "en")
    matrix = rows(tmp_path / "matrix.csv")
    assert matrix.index.tolist()[:5] == ["P1", "inside", "outside", "near", "P2"]
    assert matrix.loc["P1", ["redlines", "accuracy_m", "needs_geometry"]].tolist() == ["involved", "100.00", "no"]
    assert matrix.loc["P1", "location_basis"] == "drawn polygon；village"
    assert matrix.loc["near", ["project", "needs_geometry"]].tolist() == ["P1", "yes"]
    assert rows(tmp_path / "needs_geometry.csv")["reason"].to_dict() == {"near": "位置只到村", "P2": "没有用地图形"}
    assert "2 of 13 projects and sites need a geometry" in output


def test_what_cannot_be_measured_needs_geometry(county_folder: Path, tmp_path: Path, run: Run) -> None:
    path = county_folder / "layers" / "sites.gpkg"
    sites = gpd.read_file(path)
    sites.loc[sites["site_id"] == "inside", "geometry"] = None
    sites.loc[sites["site_id"] == "half", "accuracy_m"] = None
    sites.to_file(path)
    run("check", "-w", county_folder, "-o", tmp_path, "-q")
    reasons = rows(tmp_path / "needs_geometry.csv")["reason"].to_dict()
    assert reasons == {"P1": "图形不能使用", "P2": "没有用地图形", "half": "位置精度不明"}
    assert rows(tmp_path / "matrix.csv").loc["P1", "gravest_answer"] == "undetermined"


def test_no_sites_no_matrix(county_folder: Path, tmp_path: Path, run: Run) -> None:
    run("check", "shoreline_protection_rate", "-w", county_folder, "-o", tmp_path, "-q")
    assert not (tmp_path / "matrix.csv").exists()


def test_order_of_answers() -> None:
    assert gravest_answer([Answer.CLEAR, Answer.POSSIBLE, Answer.UNDETERMINED]) is Answer.POSSIBLE
    assert gravest_answer([Answer.CLEAR, Answer.POSSIBLE, Answer.INVOLVED]) is Answer.INVOLVED
    assert gravest_answer([]) is Answer.UNDETERMINED


def test_screened_files_have_a_matrix_too(county_folder: Path, tmp_path: Path, run: Run) -> None:
    gpd.GeoSeries([block(1200, 1200, 10, 10)], crs="EPSG:4545").to_file(tmp_path / "sent.gpkg")
    run("screen", tmp_path / "sent.gpkg", "-w", county_folder, "-o", tmp_path / "out", "-q")
    matrix = rows(tmp_path / "out" / "matrix.csv")
    assert matrix.loc["S1", ["redlines", "gravest_answer", "needs_geometry"]].tolist() == ["involved", "involved", "no"]


def test_projects_alone_have_every_column(county_folder: Path) -> None:
    """A county whose layer of sites is empty still has a project to answer for: undetermined, with no verdict."""
    county = open_workspace(county_folder)
    sites = county.of_role("project_sites")
    assert sites is not None
    none = replace(sites, frame=sites.frame.iloc[:0], sound=sites.sound.iloc[:0], set_aside=())
    report = judge_county(county.with_layer(none), choose_checks(["site_in_redline"]), law=None)
    assert set(report.tables["screening"]["answer"]) == {"undetermined"}
    assert "verdict" in report.tables["screening"].columns
    assert set(report.tables["matrix"]["gravest_answer"]) == {"undetermined"}


LAYERS = ["redlines", "farmland", "control_units", "urban_boundary", "not_a_role"]


def by_hand(screening: pd.DataFrame, subjects: list[Subject]) -> list[dict[str, str]]:
    """Lay subjects out one by one: the gravest answer by layer, over the layers that count, and the gravest verdict."""
    known = set(screening["layer"])
    layers = [role for role in ROLES if role in known]
    counting = [layer for layer in layers if layer not in ZONING_ROLES] or layers
    rows = []
    for subject in subjects:
        own = screening[screening["site_id"].isin(subject.screened_as)]
        of_layer = {
            layer: gravest_answer(map(Answer, own.loc[own["layer"] == layer, "answer"].tolist())) for layer in layers
        }
        verdicts = [one for one in GRAVEST_FIRST if str(one) in set(own["verdict"])]
        row = {layer: str(answer) for layer, answer in of_layer.items()}
        row["gravest_answer"] = str(gravest_answer(of_layer[layer] for layer in counting))
        row["gravest_verdict"] = str(verdicts[0]) if verdicts else ""
        rows.append(row)
    return rows


@given(
    answered=st.lists(
        st.tuples(
            st.sampled_from("ABCDE"),
            st.sampled_from(LAYERS),
            st.sampled_from(list(Answer)).map(str),
            st.sampled_from([*map(str, Verdict), "", None]),
        ),
        max_size=25,
    ),
    screened_as=st.lists(st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=3, unique=True), max_size=6),
)
def test_many_are_laid_out_as_one(answered: list[tuple[str, str, str, str]], screened_as: list[list[str]]) -> None:
    screening = pd.DataFrame(answered, columns=["site_id", "layer", "answer", "verdict"])
    subjects = [Subject(f"P{place}", "", "", (), "", 0.0, tuple(keys), None) for place, keys in enumerate(screened_as)]
    frame = matrix_rows(screening, subjects, None, None)
    found = frame.drop(columns=list(HEAD_COLUMNS)).to_dict("records")
    assert found == by_hand(screening, subjects)
    assert frame["id"].tolist() == [subject.subject_id for subject in subjects]
