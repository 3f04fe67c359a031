"""A case at the counter: judged as on the command line, again after each answer, and handed out as the same files."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from conftest import ORIGIN
from two_rules import write_rules

from ecogeo.board.pieces import pieces_of, slivers_of
from ecogeo.bundle import verify_bundle
from ecogeo.counter import (
    Asked,
    Case,
    answer_sheet,
    case_files,
    drawing_ground,
    evidence,
    judge_case,
    planes_near,
    zipped,
)
from ecogeo.errors import EcogeoError
from ecogeo.finding import Answer, Verdict
from ecogeo.inspection import Inspection, inspect_file
from ecogeo.intake import Part, typed_part
from ecogeo.layer import digest
from ecogeo.questions import GivenAnswer
from ecogeo.workspace import Workspace, open_workspace

DAY = dt.date(2026, 11, 22)


def corners(x: float, y: float, width: float, height: float) -> str:
    """Return the corners of a rectangle in metres from the county's corner, as a person types them."""
    west, south = ORIGIN[0] + x, ORIGIN[1] + y
    ring = [(west, south), (west + width, south), (west + width, south + height), (west, south + height)]
    return "\n".join(f"{east:.1f}, {north:.1f}" for east, north in ring)


HALF_INSIDE = corners(1500, 1000, 1000, 1000)
"""A square kilometre, the west half of which lies in the red line 甲."""


@pytest.fixture
def county(county_folder: Path) -> Workspace:
    write_rules(county_folder)
    return open_workspace(county_folder)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.geojson"
    path.write_bytes(typed_part(HALF_INSIDE, "polygon", name="某项目用地").content)
    return path


def understood(county: Workspace, path: Path) -> tuple[Inspection, str]:
    outline = county.of_role("county")
    assert outline is not None
    return inspect_file(path, county=outline.box, is_whole=True), digest(path)


def given(value: bool | None) -> GivenAnswer:
    return GivenAnswer("", "S1", "is_temporary", value, "张三", "2026-11-22", "现场看过")


def judged(county: Workspace, path: Path, *answers: GivenAnswer) -> Case:
    return judge_case(county, *understood(county, path), Asked(DAY, answers=answers))


def test_a_site_is_judged_with_figures_worked_out_by_hand(county: Workspace, site: Path) -> None:
    case = judged(county, site)
    (record,) = case.records
    entry = next(one for one in record.answers if one.layer == "redlines")
    assert (record.name, entry.answer) == ("某项目用地", Answer.INVOLVED)
    assert entry.share == pytest.approx(0.5, abs=1e-5)
    # 121.75 km east of the meridian a plane is enlarged by (y/R)² in area: 500,000 m² are 499,817 on the ellipsoid.
    assert entry.overlap_m2 == pytest.approx(500_000 / (1 + (121_750 / 6_371_000) ** 2), rel=2e-5)
    assert case.report.judged_on == "2026-11-22"


def test_an_answer_decides_what_the_rules_say(county: Workspace, site: Path) -> None:
    def verdict(*answers: GivenAnswer) -> tuple[Verdict, int]:
        case = judged(county, site, *answers)
        dossier = case.dossier(case.records[0])
        (hit,) = [one for one in dossier.hits if one.judgement.layer_role == "redlines"]
        return hit.judgement.verdict, len(dossier.open_questions)

    assert verdict() == (Verdict.UNDETERMINED, 1)
    assert verdict(given(True)) == (Verdict.CONDITIONAL, 0)
    assert verdict(given(False)) == (Verdict.PROHIBITED, 0)
    assert verdict(given(None)) == (Verdict.UNDETERMINED, 1)


def test_the_files_are_those_of_the_command_line(
    county: Workspace, site: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    case = judged(county, site, given(False))
    files = case_files(case, "zh", tmp_path / "scratch")
    answers = tmp_path / "answers.csv"
    answers.write_bytes(files["answers.csv"])
    out = tmp_path / "out"
    asked = ("screen", site, "-w", county.root, "--answers", answers, "--on", "2026-11-22", "-o", out, "-q")
    status, _, said = run(*asked)
    assert status == 1, said
    for name in ("screening.csv", "findings.csv", "judgements.csv", "dropped.csv", "inspection.json"):
        assert files[name] == (out / name).read_bytes(), name
    table = pd.read_csv(io.BytesIO(files["screening.csv"]), encoding="utf-8-sig").set_index("layer")
    assert table.loc["redlines", "verdict"] == "prohibited"


def proof(county: Workspace, case: Case, parts: list[Part], folder: Path) -> Path:
    """Return the evidence of a case."""
    (folder / "scratch").mkdir(parents=True)
    content = evidence(county, case, parts, layer="", assume="", lang="zh", scratch=folder / "scratch")
    path = folder / "evidence.zip"
    path.write_bytes(content)
    return path


def test_its_evidence_is_proven_by_judging_again(county: Workspace, site: Path, tmp_path: Path) -> None:
    path = proof(county, judged(county, site, given(False)), [Part(site.name, site.read_bytes())], tmp_path)
    assert verify_bundle(path).is_proven
    with zipfile.ZipFile(path) as archive:
        assert archive.read("inputs/sites/site.geojson") == site.read_bytes()
        assert "现场看过" in archive.read("inputs/data/decisions/answers.csv").decode("utf-8-sig")
        verdicts = pd.read_csv(io.BytesIO(archive.read("results/screening.csv")), encoding="utf-8-sig")
    assert verdicts.set_index("layer").loc["redlines", "verdict"] == "prohibited", "the answer at the counter counts"


def test_the_evidence_of_a_loose_shapefile_carries_its_parts(county: Workspace, tmp_path: Path) -> None:
    (tmp_path / "shp").mkdir()
    path = tmp_path / "shp" / "送审.shp"
    west, south = ORIGIN[0] + 1500, ORIGIN[1] + 1000
    ground = [shapely.box(west, south, west + 1000, south + 1000)]
    gpd.GeoDataFrame({"名称": ["甲地"]}, geometry=ground, crs=4545).to_file(path, encoding="GBK")
    parts = [Part(one.name, one.read_bytes()) for one in sorted(path.parent.iterdir())]
    made = proof(county, judged(county, path), parts, tmp_path / "made")
    assert verify_bundle(made).is_proven
    with zipfile.ZipFile(made) as archive:
        carried = {name for name in archive.namelist() if name.startswith("inputs/sites/")}
    assert carried == {f"inputs/sites/{part.name}" for part in parts}


def test_evidence_under_a_name_no_system_writes_is_refused(county: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "a:b.geojson"
    path.write_bytes(typed_part(HALF_INSIDE, "polygon", name="x").content)
    with pytest.raises(EcogeoError, match="rename the file"):
        proof(county, judged(county, path), [Part(path.name, path.read_bytes())], tmp_path / "made")


def test_the_same_case_gives_the_same_bytes(county: Workspace, site: Path, tmp_path: Path) -> None:
    first, second = (
        zipped(case_files(judged(county, site, given(True)), "zh", tmp_path / name)) for name in ("one", "two")
    )
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {"screening.csv", "findings.gpkg", "summary.json", "answers.csv"} <= set(archive.namelist())
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_the_countys_own_layers_are_read_once(county: Workspace, site: Path) -> None:
    before = county.of_role("redlines")
    first, second = judged(county, site), judged(county, site)
    assert first.county.of_role("redlines") is second.county.of_role("redlines") is before
    own = county.of_role("project_sites")
    assert own is not None
    assert "inside" in set(own.ids), "the county's own sites are not touched"


def test_each_finding_has_its_ground(county: Workspace, site: Path) -> None:
    case = judged(county, site)
    (record,) = case.records
    pieces = pieces_of(record)
    assert len(pieces) == len(record.findings)
    where = next(at for at, finding in enumerate(record.findings) if finding.layer == "redlines")
    piece = pieces[where]
    assert piece is not None
    assert piece["type"] == "Polygon"
    longitudes = [lon for lon, _ in piece["coordinates"][0]]
    assert max(longitudes) - min(longitudes) == pytest.approx(500 / 101_400, rel=0.02), "half a kilometre wide"


def test_slivers_are_listed(county: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "sliver.geojson"
    path.write_bytes(typed_part(corners(1999.9, 1000, 1000, 5), "polygon", name="窄条").content)
    case = judged(county, path)
    slivers, count = slivers_of(case.records[0], case.report, county.catalog.answer_title)
    assert count == len(slivers) == 1
    assert slivers[0].title.zh == "生态保护红线"
    assert slivers[0].area_m2 == pytest.approx(0.5, rel=0.01)
    assert slivers_of(judged(county, path).records[0], case.report, county.catalog.answer_title)[1] == 1


def test_nothing_that_can_be_measured_is_one_error(county: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "empty.geojson"
    path.write_text('{"type": "Feature", "properties": {}, "geometry": null}', "utf-8")
    inspection = inspect_file(path, is_whole=True, assumption=None)
    with pytest.raises(EcogeoError) as refused:
        judge_case(county, inspection, "0" * 64, Asked())
    assert "no usable geometry" in refused.value.say("en")


def test_a_county_without_rules_leaves_the_verdict_open(county_folder: Path, site: Path) -> None:
    case = judged(open_workspace(county_folder), site)
    assert case.law is None
    assert case.dossier(case.records[0]).told is None
    assert case.records[0].answer is Answer.INVOLVED


def test_the_planes_of_the_county_come_first(county: Workspace) -> None:
    codes = [code for code, _ in planes_near(county)]
    assert codes[0] == "EPSG:4490"
    assert {"EPSG:4545", "EPSG:4524"} <= set(codes)
    assert "EPSG:4534" not in codes, "zone 25 lies 33° further west"


def test_the_ground_names_no_feature(county: Workspace) -> None:
    ground = drawing_ground(county, "zh")
    assert len(ground["layers"]) == 3
    assert ground["layers"][0]["title"] == "生态保护红线"
    assert {one["name"] for one in ground["labels"]} == {"西镇", "东镇"}
    features = [feature for layer in ground["layers"] for feature in layer["shapes"]["features"]]
    assert {key for feature in features for key in feature["properties"]} == {"class"}


def test_answers_are_written_as_the_command_line_reads_them() -> None:
    text = answer_sheet((given(True),)).decode("utf-8-sig")
    assert text == "project_id,site_id,question_id,answer,by,on,reason\n,S1,is_temporary,是,张三,2026-11-22,现场看过\n"
