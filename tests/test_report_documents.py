"""What is handed in, in a folder: taken up where it stopped, nothing of a person's overwritten, nothing mixed."""

import csv
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from conftest import block, write_layer
from report_county import material, with_landuse

from ecogeo.errors import UsageError
from ecogeo.report import documents
from ecogeo.report.document_index import INDEX_PAGE, INDEX_TABLE, JOURNAL, read_index
from ecogeo.report.documents import Wanted, safe_name, write_documents
from ecogeo.report.mapsheet import Paper, Sheet, SheetKind, draw_sheet
from ecogeo.report.material import Case, Material
from ecogeo.wording import Lang

SMALL = Wanted(kinds=("xlsx", "docx"))


@pytest.fixture
def county(county_folder: Path) -> Path:
    with_landuse(county_folder)
    return county_folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_case_has_all_its_documents_and_an_index(county: Path, tmp_path: Path) -> None:
    made = material(county)
    out = tmp_path / "out"
    written = write_documents(made, made.chosen(["half"]), out, Wanted(forms=("pdf",)))
    sheets = [f"half/{name}_A4.pdf" for name in ("位置图", "土地利用现状图", "管控要素套合图", "界址点图")]
    assert set(files_of(out)) == {INDEX_PAGE, INDEX_TABLE, "half/套合分析成果.xlsx", "half/情况说明.docx", *sheets}
    assert written.problems == ()
    page = (out / INDEX_PAGE).read_text("utf-8")
    assert "half/%E6%83%85%E5%86%B5%E8%AF%B4%E6%98%8E.docx" in page
    assert {path.name for path in written.paths} >= {"位置图_A4.pdf"}


def test_a_batch_has_a_workbook_and_a_statement_of_all(county: Path, tmp_path: Path) -> None:
    made = material(county)
    write_documents(made, made.chosen(["half", "P2"]), tmp_path / "out", SMALL)
    assert set(files_of(tmp_path / "out")) == {
        *(INDEX_PAGE, INDEX_TABLE, "套合分析成果.xlsx", "情况说明.docx"),
        *("half/套合分析成果.xlsx", "half/情况说明.docx", "P2/情况说明.docx"),
    }


class PlugPulledError(Exception):
    """Somebody pulled the plug."""


def test_a_run_that_was_broken_off_goes_on_and_comes_to_the_same(county: Path, tmp_path: Path) -> None:
    made = material(county)
    cases, out, fresh = made.chosen(["half", "sliver"]), tmp_path / "out", tmp_path / "fresh"

    def stop(name: str, done: int, of: int) -> None:
        if done == 3:
            raise PlugPulledError

    with pytest.raises(PlugPulledError):
        write_documents(made, cases, out, SMALL, stop)
    assert (out / JOURNAL).is_file()
    (out / JOURNAL).write_text((out / JOURNAL).read_text("utf-8") + '{"file": "torn', "utf-8")
    again = write_documents(material(county), cases, out, SMALL)
    assert again.kept == 3
    assert not (out / JOURNAL).exists()
    write_documents(made, cases, fresh, SMALL)
    assert files_of(out) == files_of(fresh)
    assert write_documents(made, cases, out, SMALL).kept == 6


def test_other_inputs_make_every_file_anew(county: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = material(county)
    write_documents(made, made.chosen(["half", "sliver"]), out, SMALL)
    write_layer(county, "redlines.gpkg", {"redline_id": ["A"], "name": ["甲"]}, [block(1000, 1000, 990, 1000)])
    changed = material(county)
    written = write_documents(changed, changed.chosen(["half"]), out, SMALL)
    assert written.kept == 0
    # what the earlier inputs gave of other projects is gone: nothing of another run stands beside the index
    assert set(files_of(out)) == {INDEX_PAGE, INDEX_TABLE, "half/套合分析成果.xlsx", "half/情况说明.docx"}


def test_one_project_does_not_take_the_others_away(county: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = material(county)
    write_documents(made, made.chosen(["half", "sliver"]), out, SMALL)
    write_documents(made, made.chosen(["sliver"]), out, SMALL)
    assert "half/情况说明.docx" in files_of(out)
    assert "half/情况说明.docx" in read_index(out).entries


def test_what_a_person_changed_is_put_aside(county: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = material(county)
    write_documents(made, made.chosen(["half"]), out, SMALL)
    statement = out / "half" / "情况说明.docx"
    statement.write_bytes(b"by hand")
    written = write_documents(made, made.chosen(["half"]), out, SMALL)
    assert [path.name for path in written.put_aside] == ["情况说明_人工改动1.docx"]
    assert written.put_aside[0].read_bytes() == b"by hand"
    assert statement.read_bytes().startswith(b"PK")


def test_files_with_and_without_coordinates_are_not_mixed(county: Path, tmp_path: Path) -> None:
    made = material(county)
    cases, out = made.chosen(["half"]), tmp_path / "out"
    write_documents(made, cases, out, Wanted(with_coordinates=False))
    assert set(files_of(out)) == {INDEX_PAGE, INDEX_TABLE, "half/套合分析成果.xlsx", "half/情况说明.docx"}
    with pytest.raises(UsageError, match="without coordinates"):
        write_documents(made, cases, out, SMALL)


def test_a_file_that_cannot_be_made_is_told_and_the_others_are_made(county: Path, tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "site_id": ["x", "y"], "name": ["甲\U000e0fff", "乙"], "accuracy_m": [0.0] * 2, "project_id": [""] * 2,
        "location_basis": ["drawn polygon"] * 2,
    }  # fmt: skip
    write_layer(county, "sites.gpkg", columns, [block(1200, 1200, 100, 100), block(3000, 3000, 100, 100)])
    made = material(county)
    out = tmp_path / "out"
    written = write_documents(made, made.cases, out, Wanted(kinds=("maps",), forms=("pdf",)))
    assert {file.split("/")[0] for file, _ in written.problems} == {"x"}
    assert len([name for name in files_of(out) if name.startswith("y/")]) == 4
    assert "未能生成" in (out / INDEX_PAGE).read_text("utf-8")


def test_an_index_that_was_edited_leads_to_no_file_outside(tmp_path: Path) -> None:
    head = "file,title,case_id,name,run,key,sha256,has_coordinates"
    (tmp_path / INDEX_TABLE).write_text(
        f"{head}\n../x,t,,n,r,k,s,yes\nC:/x,t,,n,r,k,s,yes\n/x,t,,n,r,k,s,yes\n", "utf-8-sig"
    )
    assert read_index(tmp_path).entries == {}


def test_names_fit_every_system() -> None:
    assert [safe_name(name) for name in ("a/b", "..", "NUL.txt", "a" * 200, "甲 ", "a\tb")] == [
        *("a_b", "_", "NUL.txt_", "a" * 80, "甲", "a_b"),
    ]


def test_the_command_writes_one_project(county: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    out = tmp_path / "out"
    status, said, _ = run("report", "half", "-w", county, "-o", out, "--only", "docx", "-q")
    assert status == 1  # an unjudged hit of a red line is a fault
    assert "成果 1 个文件" in said
    assert (out / "half" / "情况说明.docx").is_file()
    assert run("report", "half", "-w", county, "-o", out, "--only", "docx", "-q", "--exit-zero")[0] == 0


def test_the_command_takes_sites_from_a_file(
    county: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    path = tmp_path / "外来.gpkg"
    gpd.GeoDataFrame({"name": ["外来用地"]}, geometry=[block(1900, 1500, 200, 100)], crs=4545).to_file(path)
    out = tmp_path / "out"
    run("report", "--sites", path, "-w", county, "-o", out, "--only", "docx", "-q")
    with (out / INDEX_TABLE).open(encoding="utf-8-sig") as table:
        rows = list(csv.DictReader(table))
    assert [(row["case_id"], row["name"]) for row in rows] == [("S1", "外来用地")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody",), "没有编号为 nobody"),
        (("--layer", "x"), "--sites"),
        (("--font", "none.ttf"), "字体文件不存在"),
        (("--template", "none.docx", "--only", "docx"), "模板文件不存在"),
    ],
)
def test_bad_requests_end_with_status_2_and_a_sentence(
    county: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...], said: str
) -> None:
    status, _, errors = run("report", *arguments, "-w", county, "-o", tmp_path / "out", "-q")
    assert status == 2
    assert said in errors
    assert "Traceback" not in errors


def test_each_sheet_is_drawn_once_and_those_of_one_case_are_let_go_at_the_next(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[str, str]] = []
    alive: list[Sheet] = []

    def draw(made: Material, case: Case, kind: SheetKind, *, lang: Lang, paper: Paper, font: Path | None) -> Sheet:
        drawn.append((case.case_id, kind))
        alive.append(draw_sheet(made, case, kind, lang=lang, paper=paper, font=font))
        return alive[-1]

    monkeypatch.setattr(documents, "draw_sheet", draw)
    made = material(county)
    write_documents(made, made.chosen(["half", "outside"]), tmp_path, Wanted(kinds=("docx", "maps"), dpi=72))
    assert len(drawn) == len(set(drawn)) == 2 * 4
    assert [not sheet.figure.axes for sheet in alive] == [True] * 4 + [False] * 4
