"""The law of a day applied to hits: dates, types, answers, regional rules, and what stays open."""

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from conftest import ORIGIN, block, write_layer
from hypothesis import given
from hypothesis import strategies as st

from ecogeo import geodesy
from ecogeo.check import choose_checks, run_checks
from ecogeo.china_offset import wgs84_to_gcj02
from ecogeo.finding import Report, Severity, Verdict
from ecogeo.law import JUDGEMENT_COLUMNS, Law, _subjects, judgement_rows, read_law
from ecogeo.project_types import read_project_types
from ecogeo.questions import Answers, GivenAnswer, read_questions
from ecogeo.rules import Judgement, RulePack
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace

Run = Callable[..., tuple[int, str, str]]
HOME = Path(__file__).parent.parent

MORE_LAYERS = """
[layers.reserves]
role = "reserves"
path = "reserves.gpkg"
key = "id"
coverage = "county"
fields = { zone = "gkqk" }

[layers.farmland]
role = "farmland"
path = "farmland.gpkg"
key = "id"
coverage = "county"
fields = { deduction = "kcxs" }

[layers.urban]
role = "urban_boundary"
path = "urban.gpkg"
key = "id"
coverage = "county"
"""


@pytest.fixture
def lawful(county_folder: Path) -> Path:
    """The small county with rules, a reserve around the site called inside, farmland and an urban boundary."""
    for name in ("questions.csv", "project_types.csv"):
        shutil.copy(HOME / "data" / name, county_folder / "data" / name)
    shutil.copytree(HOME / "data" / "rules", county_folder / "data" / "rules")
    toml = county_folder / "layers" / "layers.toml"
    toml.write_text(toml.read_text("utf-8") + MORE_LAYERS, "utf-8")
    zones = [block(1100, 1100, 300, 300), block(1800, 1400, 400, 400)]
    write_layer(county_folder, "reserves.gpkg", {"id": ["a", "b"], "gkqk": ["核心保护区", "一般控制区"]}, zones)
    fields = [block(1900, 1500, 100, 100), block(2000, 1500, 100, 50)]
    write_layer(county_folder, "farmland.gpkg", {"id": ["f", "g"], "kcxs": [0.1, 0.0]}, fields)
    write_layer(county_folder, "urban.gpkg", {"id": ["u"], "zone": ["城镇集中建设区"]}, [block(1950, 1500, 5000, 5000)])
    return county_folder


def judged(root: Path, *names: str, on: str = "", answers: str = "", types: str = "") -> Report:
    county = open_workspace(root)
    files = {}
    for name, content in (("answers", answers), ("types", types)):
        if content:
            files[name] = root / f"{name}.csv"
            files[name].write_text(content, "utf-8-sig")
    day = dt.date.fromisoformat(on) if on else None
    return run_checks(county, choose_checks(names), law=read_law(county, on=day, **files))


def row_of(report: Report, table: str, site: str, layer: str) -> "pd.Series[str]":
    frame = report.tables[table]
    (row,) = frame[(frame["site_id"] == site) & (frame["layer"] == layer)].to_dict("records")
    return pd.Series(row)


def test_the_day_decides_for_a_reserve(lawful: Path) -> None:
    """The old regulation ended on 2026-03-14; its articles on the outer zones are not on record."""
    before = row_of(judged(lawful, "site_in_reserve", on="2026-03-01"), "judgements", "half", "reserves")
    after = row_of(judged(lawful, "site_in_reserve", on="2026-04-01"), "judgements", "half", "reserves")
    assert (before["rule_id"], before["verdict"]) == ("E02-old", "undetermined")
    assert (after["rule_id"], after["verdict"]) == ("E02", "conditional")
    assert "第27至29条" in after["clause"]
    assert after["valid_from"] == "2026-03-15"


def test_the_day_is_kept_in_the_report(lawful: Path) -> None:
    assert judged(lawful, "site_in_reserve", on="2026-04-01").judged_on == "2026-04-01"
    assert judged(lawful, "site_in_reserve").judged_on == ""


def test_unverified_rules_say_so_wherever_they_are_used(lawful: Path) -> None:
    report = judged(lawful, "site_in_reserve", on="2026-04-01")
    screening = row_of(report, "screening", "half", "reserves")
    assert screening["rule_id"] == "E02"
    assert "未核实" in screening["clause"]
    (finding,) = [one for _, one in report.findings if one.feature_id == "half"]
    assert "未核实" in finding.clause
    assert row_of(report, "judgements", "half", "reserves")["standing"] in {"re-post", "recalled"}


ANSWERS_HEAD = "project_id,site_id,question_id,answer,by,on,reason\n"


def test_open_questions_are_never_guessed(lawful: Path) -> None:
    types = "project_id,project_type,by,on,reason\nP1,wind,张三,2026-05-01,核实\n"
    asked = row_of(judged(lawful, "site_in_redline", on="2026-04-01", types=types), "screening", "inside", "redlines")
    assert asked["verdict"] == "undetermined"
    assert asked["next_step"].startswith("待补充：")
    answers = ANSWERS_HEAD + "".join(
        f"P1,,{question},{answer},李四,2026-05-02,\n"
        for question, answer in (
            *(("is_limited_activity", "否"), ("is_national_major", "否"), ("is_temporary", "否")),
            *(("is_linear", "否"), ("crosses_without_land", "否")),
        )
    )
    report = judged(lawful, "site_in_redline", on="2026-04-01", types=types, answers=answers)
    told = row_of(report, "screening", "inside", "redlines")
    assert (told["verdict"], told["rule_id"]) == ("prohibited", "E07")
    judgement = row_of(report, "judgements", "inside", "redlines")
    assert judgement["project_type"] == "风电（wind）"
    assert judgement["type_reason"] == "由张三指定"
    assert [one.severity for _, one in report.findings if one.feature_id == "inside"] == [Severity.FAULT]


def test_farmland_is_measured_gross_and_net(lawful: Path) -> None:
    """half: 100 × 100 m with a deduction of 0.1 and 100 × 50 m with none: 15,000 gross, 14,000 net."""
    report = judged(lawful, "site_in_farmland")
    row = row_of(report, "screening_zones", "half", "farmland")
    scale = geodesy.area_m2(geodesy.to_lonlat(_array(block(1900, 1500, 100, 100)), _plane()))[0] / 10_000
    assert row["overlap_m2"] / scale == pytest.approx(15_000, rel=1e-4)
    assert row["net_m2"] / scale == pytest.approx(14_000, rel=1e-4)


def test_urban_boundary_inside_by_zone_and_outside(lawful: Path) -> None:
    report = judged(lawful, "site_outside_urban_boundary")
    zones = report.tables["screening_zones"]
    half = zones[zones["site_id"] == "half"].set_index("zone")["overlap_m2"]
    assert half["outside"] / half["城镇集中建设区"] == pytest.approx(1 / 3, rel=1e-4)
    assert row_of(report, "screening", "half", "urban_boundary")["share"] == pytest.approx(0.25, abs=1e-6)
    assert row_of(report, "screening", "inside", "urban_boundary")["share"] == pytest.approx(1.0)
    assert any("城镇开发边界以外" in finding.message.zh for _, finding in report.findings)


def test_without_rules_every_verdict_is_left_to_a_person(county_folder: Path) -> None:
    county = open_workspace(county_folder)
    assert read_law(county) is None
    report = run_checks(county, choose_checks(["site_in_redline"]), law=None)
    assert "judgements" not in report.tables
    screening = report.tables["screening"].set_index("site_id")
    assert screening.loc["inside", "verdict"] == "undetermined"
    assert screening.loc["outside", "verdict"] == ""


def test_the_gravest_zone_tells_the_site(lawful: Path) -> None:
    """A site over both zones of the reserve is told by the core."""
    both = shapely.union_all([block(1150, 1150, 900, 600)])
    frame = gpd.read_file(lawful / "layers" / "sites.gpkg")
    frame.loc[frame["site_id"] == "half", "geometry"] = both
    frame.to_file(lawful / "layers" / "sites.gpkg")
    answers = ANSWERS_HEAD + ",half,is_core_exempt,否,李四,2026-05-02,\n"
    report = judged(lawful, "site_in_reserve", on="2026-04-01", answers=answers)
    assert row_of(report, "screening", "half", "reserves")["rule_id"] == "E01"
    assert row_of(report, "screening", "half", "reserves")["verdict"] == "prohibited"
    judgements = report.tables["judgements"]
    assert set(judgements[judgements["site_id"] == "half"]["rule_id"]) == {"E01", "E02"}


def test_screen_a_file_that_is_in_no_table(lawful: Path, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "地块.geojson"
    shape = gpd.GeoSeries([block(1900, 1500, 200, 100)], crs=4545).to_crs(4326)
    gpd.GeoDataFrame({"name": ["甲地块"]}, geometry=shape).to_file(path)
    out = tmp_path / "out"
    status, output, said = run("screen", path, "-w", lawful, "-o", out, "--type", "ground_pv", "--on", "2026-04-01")
    assert status == 1
    assert "GeoJSON" in said, "how the file was read goes to standard error"
    screening = pd.read_csv(out / "screening.csv", encoding="utf-8-sig").set_index("layer")
    assert screening.loc["redlines", "site_name"] == "甲地块"
    assert screening.loc["redlines", "answer"] == "involved"
    assert screening.loc["redlines", "share"] == pytest.approx(0.5, abs=1e-5)
    assert (screening.loc["farmland", "rule_id"], screening.loc["farmland", "verdict"]) == ("F06", "prohibited")
    assert "永久基本农田" in output or "farmland" in output
    assert not (out / "unlocated.csv").exists(), "the plan's projects take no part"


def test_screen_warns_of_a_web_map_shift_and_keeps_the_doubt(lawful: Path, tmp_path: Path, run: Run) -> None:
    """The county's own outline, shifted as web maps shift it: said on the screen and beside the answers."""
    path = tmp_path / "county.geojson"
    outline = gpd.read_file(lawful / "layers" / "county.gpkg").to_crs(4326)
    outline.set_geometry(outline.geometry.transform(wgs84_to_gcj02)).to_file(path)
    said = run("screen", path, "-w", lawful, "-o", tmp_path / "out")[2]
    assert "像是 GCJ-02" in said
    assert "GCJ-02" in (tmp_path / "out" / "inspection.json").read_text("utf-8")


def test_screen_refuses_what_it_cannot_judge(lawful: Path, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "空.geojson"
    path.write_text('{"type":"FeatureCollection","features":[]}', "utf-8")
    assert run("screen", path, "-w", lawful, "-o", tmp_path / "out")[0] == 2
    shape = gpd.GeoSeries([block(1900, 1500, 200, 100)], crs=4545).to_crs(4326)
    gpd.GeoDataFrame(geometry=shape).to_file(path)
    status, _, message = run("screen", path, "-w", lawful, "-o", tmp_path / "out", "--type", "nonsense")
    assert status == 2
    assert "nonsense" in message
    assert run("screen", path, "-w", lawful, "-o", tmp_path / "out", "--on", "2026-13-01")[0] == 2


def _array(shape: shapely.Geometry) -> geodesy.Geometries:
    import numpy as np

    return np.array([shape], dtype=object)


def _plane() -> object:
    import pyproj

    assert ORIGIN[0] > 0
    return pyproj.CRS.from_epsg(4545)


PROJECTS, SITES = ["", "P1", "P2"], ["S1", "S2", "S3"]
GIVEN = st.builds(
    GivenAnswer,
    project_id=st.sampled_from(["", "*", "P1", "P2"]),
    site_id=st.sampled_from(["", "S1", "S2"]),
    question_id=st.sampled_from(["is_linear", "is_temporary"]),
    value=st.sampled_from([True, False, None]),
    by=st.just("张某"),
    on=st.just("2026-05-06"),
)


@given(
    given_answers=st.lists(GIVEN, max_size=6),
    sites=st.lists(st.tuples(st.sampled_from(SITES), st.sampled_from(PROJECTS))),
)
def test_many_sites_are_judged_by_their_own_answers(
    given_answers: list[GivenAnswer], sites: list[tuple[str, str]]
) -> None:
    types = {"P1": ("wind", Text("风", "wind")), "S2": ("roof_pv", Text("屋顶", "roof"))}
    law = Law(RulePack((), (), (), (), (), ()), None, types, Answers(tuple(given_answers)))
    found = _subjects(law, sites, range(len(sites)))
    for position, (site_id, project_id) in enumerate(sites):
        answers = tuple(sorted(law.answers.values(project_id, site_id).items()))
        assert found[position] == (law.type_of(site_id, project_id)[0], answers)


def test_each_row_of_judgements_is_of_its_own_site_and_judgement() -> None:
    questions = read_questions(HOME / "data" / "questions.csv")
    types = read_project_types(HOME / "data" / "project_types.csv", questions)
    told = {"S1": ("wind", Text("依据：甲", "by: 甲")), "S2": ("wind", Text("依据：乙", "by: 乙"))}
    law = Law(RulePack((), types, questions, (), (), ()), None, told, Answers())
    one, other = (Judgement("redlines", zone, "wind", "", Verdict.NOTICE) for zone in ("甲区", "乙区"))
    rows = judgement_rows(law, [("S1", "", one), ("S2", "", one), ("S1", "", other), ("S3", "", one)])
    assert list(rows.columns) == list(JUDGEMENT_COLUMNS)
    assert rows[["site_id", "zone", "type_reason"]].to_numpy().tolist() == [
        ["S1", "甲区", "依据：甲"],
        ["S2", "甲区", "依据：乙"],
        ["S1", "乙区", "依据：甲"],
        ["S3", "甲区", "没有可识别的词"],
    ]
    assert list(judgement_rows(law, []).columns) == list(JUDGEMENT_COLUMNS)
