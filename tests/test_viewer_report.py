"""The page of documents: one at once, many in the background; and the runs on record."""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from conftest import block
from flask import Flask
from flask.testing import FlaskClient
from poisoned import FLAG, PAYLOAD, poison
from test_counter import HALF_INSIDE
from two_rules import write_rules
from werkzeug.test import TestResponse

from ecogeo.bundle import verify_bundle
from ecogeo.jobs import Job, KeptJobs, State, bench
from ecogeo.ledger import entries, ledger_of
from ecogeo.workspace import open_workspace
from viewer import create_app

pytestmark = pytest.mark.usefixtures("warm_viewer")

SAME_ORIGIN = {"Origin": "http://localhost"}
Run = Callable[..., tuple[int, str, str]]


def opened(root: Path) -> Iterator[Flask]:
    """Give an application, and end its jobs afterwards."""
    made = create_app(open_workspace(root))
    yield made
    made.extensions["ecogeo_jobs"].close()
    made.extensions["ecogeo_reader"].close()


@pytest.fixture
def app(county_folder: Path) -> Iterator[Flask]:
    write_rules(county_folder)
    yield from opened(county_folder)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def jobs_of(client: FlaskClient) -> KeptJobs:
    held = client.application.extensions["ecogeo_jobs"]
    assert isinstance(held, KeptJobs)
    return held


def token(client: FlaskClient) -> str:
    found = re.search(r'name="token" value="([^"]+)"', client.get("/report").text)
    assert found is not None
    return found[1]


def post(client: FlaskClient, path: str, **entries: str | list[str]) -> TestResponse:
    return client.post(path, data={"token": token(client), **entries}, headers=SAME_ORIGIN)


def ordered(client: FlaskClient, **entries: str | list[str]) -> str:
    """Order documents and return the number of the job."""
    answer = post(client, "/report", **{"kind": ["xlsx", "docx"], "paper": "A4", "lang": "zh", **entries})
    assert answer.status_code == 303, words(answer.text)
    return answer.headers["Location"].rpartition("/")[2]


def over(client: FlaskClient, number: str) -> Job:
    """Wait until a job is over."""
    for _ in range(1200):
        job = jobs_of(client).get(number)
        assert job is not None
        if not job.state.is_under_way:
            return job
        time.sleep(0.1)
    pytest.fail("the job never ended")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL))


def fetched(client: FlaskClient, number: str) -> tuple[str, bytes]:
    """Return the result of a job and how it is called."""
    with client.get(f"/report/{number}/result.zip") as answer:
        assert answer.status_code == 200
        return answer.headers["Content-Disposition"], answer.data


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_documents_of_ticked_projects_are_made_in_the_background(client: FlaskClient, tmp_path: Path) -> None:
    chosen: dict[str, str | list[str]] = {
        "scope": "ticked",
        "id": ["P1", "P2"],
        "kind": ["xlsx", "docx", "bundle"],
    }
    number = ordered(client, **chosen)
    assert client.get(f"/report/{number}").status_code == 200
    told = client.get(f"/report/{number}/state.json").get_json()
    assert set(told) == {"state", "doing", "done", "of", "ahead"}
    job = over(client, number)
    assert job.told.problems == ()
    assert job.state == State.DONE
    page = client.get(f"/report/{number}").text
    assert "P2 没有用地图形，不做证据包" in words(page)
    name, content = fetched(client, number)
    assert name == "attachment; filename=ecogeo-documents.zip"
    files = members(content)
    assert set(files) == {
        *("index.html", "index.csv", "套合分析成果.xlsx", "情况说明.docx", "bundle_0001.zip"),
        *("P1/套合分析成果.xlsx", "P1/情况说明.docx", "P2/情况说明.docx"),
    }
    rows = list(csv.DictReader(io.StringIO(files["index.csv"].decode("utf-8-sig"))))
    assert {row["file"] for row in rows} == set(files) - {"index.html", "index.csv"}
    assert [row["case_id"] for row in rows if row["file"] == "bundle_0001.zip"] == ["P1"]
    assert b'href="bundle_0001.zip"' in files["index.html"]
    (tmp_path / "bundle.zip").write_bytes(files["bundle_0001.zip"])
    found = verify_bundle(tmp_path / "bundle.zip", is_run_again=False)
    assert (found.tampered, found.differing, found.lacking) == ((), (), ())
    again = ordered(client, **chosen)
    over(client, again)
    assert fetched(client, again)[1] == content, "the same inputs give the same bytes"
    listed = client.get("/report").text
    assert listed.count(f"/report/{number}/result.zip") == 1
    post(client, f"/report/{number}", form="remove")
    assert client.get(f"/report/{number}").status_code == 404
    assert client.get(f"/report/{number}/result.zip").status_code == 404


def test_a_broken_layer_is_named(client: FlaskClient, county_folder: Path) -> None:
    client.get("/report")
    (county_folder / "layers" / "redlines.gpkg").write_bytes(b"nothing")
    job = over(client, ordered(client))
    assert job.state == State.FAILED
    page = client.get(f"/report/{job.number}").text
    assert "redlines.gpkg" in words(page)
    assert 'name="form" value="resume"' in page


@pytest.fixture
def idle(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A viewer whose jobs wait for ever."""
    jobs = jobs_of(client)
    monkeypatch.setattr(jobs, "_enqueue", jobs._waiting.append)
    return client


def test_an_order_takes_what_the_filter_leaves_or_all(idle: FlaskClient) -> None:
    records = idle.application.extensions["ecogeo"].board().records
    every = jobs_of(idle).get(ordered(idle, scope="every"))
    assert every is not None
    assert every.parameters["ids"] == []
    some = jobs_of(idle).get(ordered(idle, scope="every", town="东镇", id=["P1"]))
    assert some is not None
    expected = [one.record_id for one in records if "东镇" in one.towns]
    assert expected
    assert len(expected) < len(records)
    assert some.parameters["ids"] == expected
    assert some.parameters["with_coordinates"] is True


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"kind": []}, "请至少选一种成果"),
        ({"kind": ["exe"]}, "请至少选一种成果"),
        ({"scope": "ticked"}, "请至少选一个项目"),
        ({"scope": "ticked", "id": ["P1", "nobody"]}, "勾选的项目中有的已不存在"),
        ({"scope": "every", "words": "没有这样的项目"}, "请至少选一个项目"),
        ({"paper": "A0"}, "请选择纸张和语言"),
        ({"kind": ["maps"], "without_coordinates": "1"}, "脱敏成果不含附图"),
    ],
)
def test_an_order_that_is_wrong_says_so_and_starts_nothing(
    idle: FlaskClient, entries: dict[str, str | list[str]], said: str
) -> None:
    answer = post(idle, "/report", **{"kind": ["xlsx"], "paper": "A4", "lang": "zh", **entries})
    assert answer.status_code == 400
    assert said in words(answer.text)
    assert jobs_of(idle).every() == ()


def test_a_waiting_job_says_so_and_is_cancelled_and_continued(idle: FlaskClient) -> None:
    ordered(idle)
    second = ordered(idle)
    assert "前面还有 1 个任务" in words(idle.get(f"/report/{second}").text)
    assert idle.get(f"/report/{second}/state.json").get_json()["state"] == "waiting"
    post(idle, f"/report/{second}", form="cancel")
    page = idle.get(f"/report/{second}").text
    assert "任务被取消" in words(page)
    post(idle, f"/report/{second}", form="resume")
    assert idle.get(f"/report/{second}/state.json").get_json()["state"] == "waiting"
    assert post(idle, f"/report/{second}", form="anything").status_code == 400


def test_a_full_disk_is_said_on_the_page(idle: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "LEAST_FREE_BYTES", 1 << 62)
    answer = post(idle, "/report", kind=["xlsx"], paper="A4", lang="zh")
    assert answer.status_code == 409
    assert "磁盘只剩" in words(answer.text)


def test_jobs_outlive_the_server_and_are_listed_as_interrupted(idle: FlaskClient, county_folder: Path) -> None:
    number = ordered(idle)
    for again in opened(county_folder):
        page = again.test_client().get("/report").text
        assert f"/report/{number}" in page
        assert "已中断" in words(page)


@pytest.mark.parametrize(("path", "entries"), [("/report", {}), ("/report/one", {"project": "P1", "kind": "xlsx"})])
def test_forms_of_elsewhere_are_refused(idle: FlaskClient, path: str, entries: dict[str, str]) -> None:
    own = token(idle)
    for headers, sent in (
        ({"Origin": "http://elsewhere.example"}, own),
        (SAME_ORIGIN, "guessed"),
        ({}, own),
        ({"Sec-Fetch-Site": "cross-site"}, own),
    ):
        answer = idle.post(path, data={"token": sent, "kind": "xlsx", **entries}, headers=headers)
        assert answer.status_code == 403
    assert jobs_of(idle).every() == ()


@pytest.mark.parametrize("number", ["0123456789abcdef", "x", "..%2f..%2fetc", "one"])
def test_there_is_no_job_nobody_ordered(client: FlaskClient, number: str) -> None:
    for path in (f"/report/{number}", f"/report/{number}/state.json", f"/report/{number}/result.zip"):
        assert client.get(path).status_code == 404


def test_one_workbook_is_handed_out_at_once(client: FlaskClient) -> None:
    answer = post(client, "/report/one", project="inside", kind="xlsx")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=workbook.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert any("红线内项目" in cell for cell in cells)
    assert jobs_of(client).every() == ()


def test_one_statement_is_handed_out_at_once(client: FlaskClient) -> None:
    answer = post(client, "/report/one", project="P2", kind="docx")
    assert answer.headers["Content-Disposition"] == "attachment; filename=statement.docx"
    assert "word/document.xml" in members(answer.data)


def test_map_sheets_of_one_project_are_handed_out_at_once(client: FlaskClient) -> None:
    answer = post(client, "/report/one", project="P1", kind="maps")
    assert answer.headers["Content-Disposition"] == "attachment; filename=sheets.zip"
    sheets = members(answer.data)
    assert "位置图_A4.pdf" in sheets
    assert all(name.endswith("_A4.pdf") and content[:5] == b"%PDF-" for name, content in sheets.items())


def test_what_has_no_geometry_says_so(client: FlaskClient) -> None:
    assert 'value="xlsx"' not in client.get("/projects/P2").text
    answer = post(client, "/report/one", project="P2", kind="maps")
    assert answer.status_code == 409
    assert "没有用地图形" in words(answer.text)
    assert post(client, "/report/one", project="nobody", kind="docx").status_code == 404
    assert post(client, "/report/one", project="P1", kind="exe").status_code == 404


def test_a_bundle_of_one_project_becomes_a_job(idle: FlaskClient) -> None:
    answer = post(idle, "/report/one", project="inside", kind="bundle")
    assert answer.status_code == 303
    (job,) = jobs_of(idle).every()
    assert (job.parameters["ids"], job.parameters["kinds"]) == (["P1"], ["bundle"])
    assert answer.headers["Location"] == f"/report/{job.number}"


def test_poisoned_names_are_nothing_but_text(county_folder: Path) -> None:
    poison(county_folder)
    for app in opened(county_folder):
        client = app.test_client()
        record = app.extensions["ecogeo"].board().records[0]
        assert PAYLOAD in record.record_id
        answer = post(client, "/report/one", project=record.record_id, kind="docx")
        assert answer.headers["Content-Disposition"] == "attachment; filename=statement.docx"
        job = over(client, ordered(client, scope="ticked", id=[record.record_id], kind=["docx"]))
        assert job.told.problems == ()
        for path in ("/report", f"/report/{job.number}", f"/projects/{record.record_id}"):
            page = client.get(path.replace("?", "%3F").replace("#", "%23")).text
            assert "<img src=x" not in page
            assert f"<svg onload=window.{FLAG}" not in page
        files = members(fetched(client, job.number)[1])
        for name in files:
            assert not re.search(r'[<>:"\\|?*]|\.\.', name)
            assert name.count("/") <= 1
        assert b"<img src=x" not in files["index.html"]


def test_every_word_of_the_pages_is_english_when_english_is_asked(idle: FlaskClient) -> None:
    number = ordered(idle)
    for path in ("/report", f"/report/{number}", "/runs"):
        page = idle.get(f"{path}?lang=en").text
        assert '<html lang="en">' in page
        assert not re.search("已|任务|成果|运行", words(page)), path


@pytest.fixture
def with_ledger(county_folder: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Path:
    """A county with two runs on record, between which site ``half`` got out of its red line."""
    monkeypatch.delenv("ECOGEO_LEDGER")
    checked = ("check", "site_in_redline", "-w", county_folder, "-o", county_folder / "out", "-q", "--exit-zero")
    assert run(*checked)[0] == 0
    path = county_folder / "layers" / "redlines.gpkg"
    frame = gpd.read_file(path)
    frame.loc[frame["redline_id"] == "A", "geometry"] = block(1000, 1000, 800, 1000)
    path.unlink()
    frame.to_file(path)
    assert run(*checked)[0] == 0
    return county_folder


def test_runs_are_listed_and_what_changed_since_supersedes_them(with_ledger: Path) -> None:
    for app in opened(with_ledger):
        client = app.test_client()
        said = words(client.get("/runs").text)
        assert re.search(
            r"\b2 \d{4}-\d\d-\d\d \d\d:\d\d 全县检查 .*? 现行 .*?\b1 \d{4}.*已被取代 .*redlines\.gpkg", said
        )
        first, second = words(client.get("/runs/1").text), words(client.get("/runs/2").text)
        assert "已被取代" in first
        assert "已被取代" not in second
        assert "生态保护红线" in first
        assert client.get("/runs/3").status_code == 404
        assert client.get(f"/runs/{10**30}").status_code == 404


def test_the_difference_of_two_runs_is_shown_and_handed_out(with_ledger: Path, tmp_path: Path, run: Run) -> None:
    assert run("diff", "1", "2", "-w", with_ledger, "-o", tmp_path / "diff.csv", "-q")[0] == 0
    for app in opened(with_ledger):
        client = app.test_client()
        page = client.get("/runs/diff?a=2&b=1").text
        said = words(page)
        assert "比较第 1 次与第 2 次运行" in said
        assert "用地 half" in said
        assert "涉及 → 不涉及" in said
        half = re.search(r"用地 half .*? ([\d.]+) → 0\.00 -\1", said)
        assert half is not None
        assert float(half[1]) == pytest.approx(100 * 100, rel=1e-3), "a square of 100 m lay inside"
        table = client.get("/runs/diff.csv?a=1&b=2")
        assert table.headers["Content-Disposition"] == "attachment; filename=diff.csv"
        assert table.data == (tmp_path / "diff.csv").read_bytes()
        assert "两次运行没有差别" in words(client.get("/runs/diff?a=1&b=1").text)
        for query in ("", "?a=1", "?a=0&b=1", "?a=1&b=99", "?a=x&b=1", f"?a=1&b={10**30}"):
            assert client.get(f"/runs/diff{query}").status_code == 404


def test_what_is_screened_at_the_counter_is_on_record(
    client: FlaskClient, county_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECOGEO_LEDGER")
    entries_sent = {"token": token(client), "corners": HALF_INSIDE, "shape": "polygon", "name": "某用地"}
    assert client.post("/screen", data=entries_sent, headers=SAME_ORIGIN).status_code == 303
    ledger = ledger_of(county_folder / "data")
    assert ledger is not None
    (entry,) = entries(ledger)
    assert (entry.kind, entry.body["command"]) == ("run", "screen")
    assert entry.body["answers"]["redlines"]["involved"] == 1
    assert "用地核查" in words(client.get("/runs").text)


def test_a_county_without_a_ledger_says_so(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "台账已关闭" in words(client.get("/runs").text)
    assert client.get("/runs/1").status_code == 404
    monkeypatch.delenv("ECOGEO_LEDGER")
    assert "台账中还没有运行记录" in words(client.get("/runs").text)
