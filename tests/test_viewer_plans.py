"""Pages about plans: the board, the audit, figures by town, money and time, and the way values are reported."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from ecogeo.finding import Report
from ecogeo.plan.value_sheet import SHEET
from ecogeo.workspace import open_workspace
from viewer import create_app
from viewer.pages import values
from viewer.pending import MOST_WAITING, Waiting

pytestmark = pytest.mark.usefixtures("warm_viewer")

HOME = "http://localhost"
PLAN_PAGES = (
    "/indicators",
    "/indicators?plan=other",
    "/indicators/audit",
    "/indicators/values",
    "/indicators/towns",
    "/indicators/evidence?indicator=1",
    "/projects?plan=plan",
    "/projects?plan=other",
    "/projects?plan=other&view=money",
    "/projects?plan=other&view=timeline",
    "/projects?view=money",
    "/projects?view=money&by=department",
    "/projects?view=money&by=town",
    "/projects?view=money&by=year",
    "/projects?view=timeline",
)


@pytest.fixture
def app(county_folder: Path) -> Flask:
    other = county_folder / "data" / "other"
    other.mkdir()
    for path in (county_folder / "data" / "plan").iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    proof = county_folder / "data" / "plan" / "evidence" / "1"
    proof.mkdir(parents=True)
    (proof / "统计 公报.html").write_text("<script>alert(1)</script>", "utf-8")
    (county_folder / "data" / "plan" / "secret.txt").write_text("secret", "utf-8")
    return create_app(open_workspace(county_folder), report=Report("", ()), today=lambda: dt.date(2026, 3, 1))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token(client: FlaskClient) -> str:
    found = re.search(r'name="token" value="([^"]+)"', client.get("/indicators/values").text)
    assert found is not None
    return found[1]


def sheet(client: FlaskClient, cells: dict[str, object], year: int = 2025) -> bytes:
    """Return the sheet the server makes, filled in as an office would."""
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/indicators/plan/values.xlsx?year={year}").data))
    for place, value in cells.items():
        book[SHEET][place] = value
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def send(client: FlaskClient, content: bytes | None = None, *, origin: str = HOME, **fields: str) -> Any:
    """Send the form as a browser does."""
    data: dict[str, Any] = {"token": token(client), "form": "upload", "plan": "plan", "by": "张三", "why": "年报"}
    data |= {"source": "统计公报"} | fields
    if content is not None:
        data["file"] = (io.BytesIO(content), "../../x.xlsx")
    return client.post("/indicators/values", data=data, headers={"Origin": origin}, content_type="multipart/form-data")


def confirm(client: FlaskClient, page: str, **fields: str) -> Any:
    number = re.search(r'name="number" value="([^"]+)"', page)
    assert number is not None
    return send(client, form="confirm", **({"number": number[1]} | fields))


def figures(page: str, kind: str) -> list[Any]:
    """Return the figures of the charts of one kind that a page carries."""
    found = re.findall(rf'data-chart="{kind}".*?<script type="application/json">(.*?)</script>', page, re.DOTALL)
    return [json.loads(one) for one in found]


def values_csv(folder: Path) -> str:
    path = folder / "data" / "plan" / "values.csv"
    return path.read_text("utf-8-sig") if path.is_file() else ""


@pytest.mark.parametrize("path", PLAN_PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_answers_in_both_languages(client: FlaskClient, path: str, lang: str) -> None:
    answer = client.get(path, query_string=None if "?" in path else {"lang": lang})
    assert answer.status_code == 200
    assert client.get(path).text.count("<h1>") == 1


@pytest.mark.parametrize(
    "path",
    [
        "/indicators?plan=nope",
        "/indicators/audit?plan=nope",
        "/indicators/nope.xlsx",
        "/indicators/towns?figure=nope",
        "/projects?view=nope",
        "/projects?plan=nope",
        "/indicators/evidence",
        "/indicators/evidence?indicator=99",
        "/indicators/evidence?indicator=1&plan=nope",
        "/projects?view=money&by=nope",
        "/indicators/plan/evidence/1/nope",
        "/indicators/plan/evidence/../secret.txt",
        "/indicators/plan/evidence/1/..%2f..%2fsecret.txt",
        "/indicators/plan/evidence/..%2f/secret.txt",
        "/indicators/plan/evidence/../../plan/secret.txt",
    ],
)
def test_what_is_not_there_is_no_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.txt", "")


def test_evidence_is_handed_out_and_never_opened_in_the_page(client: FlaskClient) -> None:
    page = client.get("/indicators").text
    address = re.search(r'class="proof" href="([^"]+)"', page)
    assert address is not None
    with client.get(address[1]) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert b"alert" in answer.data


def test_the_board_is_exported_as_the_same_bytes(client: FlaskClient) -> None:
    first, second = client.get("/indicators/plan.xlsx"), client.get("/indicators/plan.xlsx")
    assert first.data == second.data
    assert first.headers["Content-Disposition"] == "attachment; filename=indicators-plan.xlsx"
    assert openpyxl.load_workbook(io.BytesIO(first.data)).worksheets[0]["D2"].value == "指标"


def test_the_audit_is_shown(client: FlaskClient) -> None:
    assert "项目 P2“无处项目”的文字没有写明地点" in client.get("/indicators/audit").text


def test_a_broken_plan_beside_is_told_and_stops_nothing(county_folder: Path) -> None:
    (county_folder / "data" / "broken").mkdir()
    (county_folder / "data" / "broken" / "plan.toml").write_text("", "utf-8")
    page = create_app(open_workspace(county_folder), report=Report("", ())).test_client().get("/indicators")
    assert page.status_code == 200
    assert "规划 broken 不能读取" in page.text


def test_a_county_without_plans_says_so(county_folder: Path) -> None:
    (county_folder / "data" / "tables.toml").write_text("", "utf-8")
    (county_folder / "data" / "plan" / "plan.toml").unlink()
    client = create_app(open_workspace(county_folder), report=Report("", ())).test_client()
    assert "没有登记规划" in client.get("/indicators").text
    assert client.get("/indicators/audit").status_code == 404


def test_phases_are_told_by_the_day_of_the_server(client: FlaskClient) -> None:
    page = client.get("/projects?view=timeline").text
    assert "按规划写的年限，2026 年" in page
    assert [bar["paint"] for bar in figures(page, "spans")[0]["bars"]].count("phase-after") == 2


def test_money_is_drawn_and_told_alike(client: FlaskClient) -> None:
    page = client.get("/projects?view=money").text
    (chart,) = figures(page, "stacked")
    assert chart["unit"] == "万元"
    for bar, end in zip(chart["bars"], chart["ends"], strict=True):
        row = re.search(rf"<tr>\s*<th scope=\"row\"><a [^>]*>{bar}</a></th>.*?</tr>", page, re.DOTALL)
        assert row is not None
        assert end in row[0]


def test_statuses_are_drawn_and_told_alike(client: FlaskClient) -> None:
    page = client.get("/indicators").text
    domains = figures(page, "stacked")[0]
    drawn = sum(size for one in domains["series"] for size in one["sizes"])
    assert drawn == int(re.search(r"共 (\d+) 项", page)[1])  # type: ignore[index]
    assert all(sum(one["sizes"]) > 0 for one in domains["series"]), "what nobody has is not in the key"


@pytest.mark.parametrize("path", ["/", "/projects", "/checks", "/indicators/towns"])
def test_pages_without_charts_do_not_load_the_library(client: FlaskClient, path: str) -> None:
    assert "echarts" not in client.get(path).text


def test_a_value_is_shown_before_it_is_saved(client: FlaskClient, county_folder: Path) -> None:
    preview = send(client, sheet(client, {"H2": 18}))
    assert preview.status_code == 200
    assert "将要保存 1 个数值" in preview.text
    assert "原为：达标" in preview.text
    assert values_csv(county_folder) == "", "nothing is saved unasked"
    answer = confirm(client, preview.text)
    assert answer.status_code == 303
    assert "已保存 1 个数值" in client.get(answer.headers["Location"]).text
    assert values_csv(county_folder).splitlines()[1] == "1,,2025,18,18,统计公报,张三,2026-03-01,年报"
    board = client.get("/indicators").text
    assert "有未达标指标的部门" in board
    assert 'href="/indicators?plan=plan&amp;department=' in board
    (course,) = figures(board, "course")
    assert course["trend"] == {"years": [2022, 2025], "values": [25, 18], "targets": [20, 20]}


def test_a_value_far_from_all_others_is_doubted_before_it_is_saved(client: FlaskClient) -> None:
    assert "是不是 25%" in send(client, sheet(client, {"H2": 0.25})).text
    assert "value-doubt" not in send(client, sheet(client, {"H2": 24})).text


def test_a_later_value_supersedes_and_both_are_kept(client: FlaskClient, county_folder: Path) -> None:
    confirm(client, send(client, sheet(client, {"H2": 18})).text)
    confirm(client, send(client, sheet(client, {"H2": 26}), by="李四", why="更正").text)
    assert len(values_csv(county_folder).splitlines()) == 3
    page = client.get("/indicators/values").text
    assert page.count("已被取代") == 1
    assert all(name in page for name in ("张三", "李四", "更正"))


def test_an_unchanged_sheet_changes_nothing(client: FlaskClient) -> None:
    assert "表中没有新的数值" in send(client, sheet(client, {})).text
    confirm(client, send(client, sheet(client, {"H2": 18})).text)
    assert send(client, sheet(client, {})).status_code == 400


def test_faults_of_a_sheet_are_all_named(client: FlaskClient, county_folder: Path) -> None:
    answer = send(client, sheet(client, {"H2": 18, "A2": "99", "G2": "x"}))
    assert answer.status_code == 400
    assert "x.xlsx：工作表" in answer.text, "by the name its sender knows it by, without folders"
    assert "values.xlsx：" not in answer.text
    assert "第 2 行 A 列" in answer.text
    assert "第 2 行 G 列" in answer.text
    assert 'value="张三"' in answer.text, "what was written is kept"
    assert values_csv(county_folder) == ""


@pytest.mark.parametrize(("field", "word"), [("by", ""), ("why", " "), ("by", "x" * 41), ("why", "a\u202eb")])
def test_name_and_reason_are_needed(client: FlaskClient, field: str, word: str) -> None:
    assert send(client, sheet(client, {"H2": 18}), **{field: word}).status_code == 400


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"<html>"])
def test_what_is_no_sheet_is_refused(client: FlaskClient, content: bytes | None) -> None:
    assert send(client, content).status_code == 400


def test_a_form_of_elsewhere_is_refused(client: FlaskClient, county_folder: Path) -> None:
    content = sheet(client, {"H2": 18})
    assert send(client, content, origin="http://evil.example").status_code == 403
    assert send(client, content, token="wrong").status_code == 403  # noqa: S106
    assert values_csv(county_folder) == ""


def test_an_upload_has_a_size(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MOST_UPLOAD_BYTES", 100_000)
    assert send(client, b"x" * 100_000).status_code == 413


def test_a_confirmation_counts_once_and_for_its_plan(client: FlaskClient, county_folder: Path) -> None:
    preview = send(client, sheet(client, {"H2": 18})).text
    assert confirm(client, preview, plan="other").status_code == 409
    assert confirm(client, preview).status_code == 409, "it was used up"
    again = send(client, sheet(client, {"H2": 18})).text
    assert confirm(client, again).status_code == 303
    assert confirm(client, again).status_code == 409
    assert len(values_csv(county_folder).splitlines()) == 2


def test_few_uploads_wait() -> None:
    held = Waiting()
    numbers = [held.keep("plan", ()) for _ in range(MOST_WAITING + 1)]
    assert held.take(numbers[0]) is None
    assert held.take(numbers[-1]) is not None
    assert held.take("") is None


def test_a_table_somebody_broke_meanwhile_is_told(client: FlaskClient, county_folder: Path) -> None:
    preview = send(client, sheet(client, {"H2": 18})).text
    (county_folder / "data" / "plan" / "values.csv").write_text("nothing\n", "utf-8-sig")
    answer = confirm(client, preview)
    assert answer.status_code == 409
    assert "缺少列" in answer.text


@pytest.mark.parametrize("year", ["", "25", "x", "3025", "2025.5"])
def test_a_sheet_is_for_a_year(client: FlaskClient, year: str) -> None:
    assert client.get(f"/indicators/plan/values.xlsx?year={year}").status_code == 400


def test_reported_words_stay_words(client: FlaskClient) -> None:
    evil = "<img src=x onerror=alert(1)>"
    refused = send(client, sheet(client, {"H2": evil}))
    assert refused.status_code == 400
    assert "<img src=x" not in refused.text
    assert "不是数字" in refused.text
    confirm(client, send(client, sheet(client, {"H2": 18}), why=evil, source=evil, by="=1+1").text)
    for path in ("/indicators", "/indicators/values"):
        assert "<img src=x" not in client.get(path).text
    exported = openpyxl.load_workbook(io.BytesIO(client.get("/indicators/plan.xlsx").data)).worksheets[1]
    assert exported["G2"].data_type == "s"
    assert exported["G2"].value == "=1+1"


def prove(client: FlaskClient, content: bytes = b"%PDF-1.7", name: str = "../统计公报.pdf", **fields: str) -> Any:
    """Send evidence as a browser does."""
    data: dict[str, Any] = {"token": token(client), "form": "attach", "plan": "plan", "indicator": "1"}
    data |= {"by": "张三", "why": "2025 年"} | fields
    if content:
        data["file"] = (io.BytesIO(content), name)
    sent = {"Origin": HOME}
    return client.post("/indicators/evidence", data=data, headers=sent, content_type="multipart/form-data")


def test_evidence_is_attached_listed_and_handed_out_under_its_title(client: FlaskClient, county_folder: Path) -> None:
    answer = prove(client)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "已保存这份佐证材料" in page
    address = re.search(r'href="([^"]+\.pdf)"', page)
    assert address is not None
    with client.get(address[1]) as handed:
        assert handed.data == b"%PDF-1.7"
        assert handed.headers["Content-Disposition"].startswith("attachment")
        assert "%E7%BB%9F%E8%AE%A1" in handed.headers["Content-Disposition"], "under the name it was given with"
        assert handed.mimetype == "application/octet-stream"
        assert handed.headers["X-Content-Type-Options"] == "nosniff"
    assert "佐证材料 2 份" in client.get("/indicators").text, "with the one laid there by hand"
    (kept,) = (county_folder / "data" / "plan" / "evidence" / "1").glob("*.pdf")
    assert re.fullmatch("[0-9a-f]{16}[.]pdf", kept.name)
    withdrawn = prove(client, b"", form="withdraw", file=kept.name, why="年份错了")
    assert withdrawn.status_code == 303
    assert "已撤回" in client.get(withdrawn.headers["Location"]).text
    assert "佐证材料 1 份" in client.get("/indicators").text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"by": ""}, 400),
        ({"why": ""}, 400),
        ({"form": "other"}, 400),
        ({"indicator": "99"}, 404),
        ({"plan": "nope"}, 404),
        ({"token": "wrong"}, 403),
        ({"name": "x.html"}, 400),
        ({"name": "x.png"}, 400),
        ({"form": "withdraw", "file": "../../secret.txt"}, 400),
    ],
)
def test_evidence_that_is_wrong_is_refused(
    client: FlaskClient, county_folder: Path, fields: dict[str, str], code: int
) -> None:
    assert prove(client, **fields).status_code == code
    assert not (county_folder / "data" / "plan" / "evidence" / "evidence.csv").exists()


def test_evidence_words_stay_words(client: FlaskClient) -> None:
    evil = "<img src=x onerror=alert(1)>"
    page = client.get(prove(client, name=f"{evil}.pdf", by=evil, why=evil).headers["Location"]).text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_projects_of_one_plan_are_its_own(client: FlaskClient) -> None:
    every, own, other = (client.get(f"/projects{query}").text for query in ("", "?plan=plan", "?plan=other"))
    counts = [re.search(r"显示 (\d+) / (\d+) 条，其中规划项目 (\d+) 个", page) for page in (every, own, other)]
    planned = [found and int(found[3]) for found in counts]
    assert planned[0] == planned[1] == planned[2] == int(counts[1][1] if counts[1] else 0)
    assert re.search(r'href="/projects/P2"', own)
    assert "外地规划" not in own
    assert "外地规划，供对照" in other
    assert not re.search(r'href="/projects/P2"', other), "only the county's own projects have a page"
    assert "P2" in other


def test_every_indicator_has_a_tile_with_its_status(client: FlaskClient) -> None:
    page = client.get("/indicators").text
    assert 'class="tile tile-met" href="#indicator-1"' in page
    assert 'id="indicator-1"' in page


def test_a_plan_without_projects_is_the_one_that_is_chosen(app: Flask, county_folder: Path) -> None:
    path = county_folder / "data" / "other" / "projects.csv"
    path.write_text(path.read_text("utf-8-sig").split("\n")[0] + "\n", "utf-8-sig")
    workspace = open_workspace(county_folder)
    client = create_app(workspace, report=Report("", ()), today=lambda: dt.date(2026, 3, 1)).test_client()
    page = client.get("/projects?plan=other").get_data(as_text=True)
    assert '<option value="other" selected>' in page
