"""What officers record on a project's page: saved once and whole, shown beside the computed, refused in plain words."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from flask import Flask
from flask.testing import FlaskClient
from two_rules import write_rules
from werkzeug.test import TestResponse

from ecogeo.check import run_checks
from ecogeo.finding import Verdict
from ecogeo.law import read_law
from ecogeo.ledger import entries, ledger_of
from ecogeo.workspace import open_workspace
from viewer import create_app
from viewer.prepared import Prepared

pytestmark = pytest.mark.usefixtures("warm_viewer")

HOME = Path(__file__).parent.parent
DAY = dt.date(2026, 11, 22)
SAME_ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture
def county(county_folder: Path) -> Path:
    write_rules(county_folder)
    return county_folder


@pytest.fixture
def app(county: Path) -> Flask:
    return create_app(open_workspace(county), today=lambda: DAY)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token(client: FlaskClient, path: str = "/projects/P1") -> str:
    found = re.search(r'name="token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def send(client: FlaskClient, form: str, path: str = "/projects/P1", **entries: str) -> TestResponse:
    """Send a form as the page does."""
    fields = {name.replace("answer_", "answer-").replace("reason_", "reason-"): cell for name, cell in entries.items()}
    return client.post(path, data={"token": token(client, path), "form": form, **fields}, headers=SAME_ORIGIN)


def rows(county: Path, name: str) -> list[dict[str, str]]:
    path = county / "data" / "decisions" / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def said(client: FlaskClient, path: str = "/projects/P1") -> str:
    """Return the rule's verdict on the red line, as the page shows it."""
    section = client.get(path).text.split('id="rules-said"')[1]
    found = re.search(r'class="verdict verdict-[a-z]+">([^<]+)<', section)
    assert found is not None
    return found[1]


def test_an_answer_turns_an_open_question_into_a_verdict(client: FlaskClient, county: Path) -> None:
    assert said(client) == "待补充"
    assert "是否临时用地？" in client.get("/projects/P1").text
    answer = send(client, "answers", by=" 张三 ", answer_is_temporary="no", reason_is_temporary="长期使用")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/projects/P1?saved=answers-2#recorded"
    assert rows(county, "answers") == [
        {
            "project_id": "P1",
            "site_id": "",
            "question_id": "is_temporary",
            "answer": "否",
            "by": "张三",
            "on": "2026-11-22",
            "reason": "长期使用",
        }
    ]
    assert said(client) == "禁止"
    page = client.get(answer.headers["Location"]).text
    assert 'id="recorded" tabindex="-1"' in page
    assert "某办法第二条" in page
    assert "已与原文核对" in page


def test_a_later_answer_replaces_an_earlier_one_and_both_are_shown(client: FlaskClient, county: Path) -> None:
    send(client, "answers", by="张三", answer_is_temporary="no")
    send(client, "answers", by="李四", answer_is_temporary="yes")
    assert said(client) == "有条件"
    assert [row["answer"] for row in rows(county, "answers")] == ["否", "是"]
    history = client.get("/projects/P1").text.split('id="history"')[1]
    assert '<tr class="superseded">' in history
    assert "<s>否</s>" in history
    assert "已被后来的记录取代" in history
    assert "李四" in history
    send(client, "answers", by="王五", answer_is_temporary="unknown")
    assert said(client) == "待补充", "a person may know that nobody knows"


def test_the_notice_tells_only_rows_of_this_project(client: FlaskClient) -> None:
    send(client, "answers", by="张三", answer_is_temporary="no")
    assert 'id="recorded"' in client.get("/projects/P1?saved=answers-2").text
    assert 'id="recorded"' not in client.get("/projects/P1?saved=answers-3").text
    assert 'id="recorded"' not in client.get("/projects/half?saved=answers-2").text


def test_a_chosen_type_is_shown_with_who_chose_it(client: FlaskClient, county: Path) -> None:
    assert "名称中有“项目”" in client.get("/projects/P1").text
    answer = send(client, "types", by="张三", project_type="road", reason="实为公路")
    assert answer.status_code == 303
    assert rows(county, "types") == [
        {"project_id": "P1", "project_type": "road", "by": "张三", "on": "2026-11-22", "reason": "实为公路"}
    ]
    assert "由张三指定" in client.get("/projects/P1").text
    assert "chosen by 张三" in client.get("/projects/P1?lang=en").text


def test_a_site_of_no_project_has_answers_and_a_type_of_its_own(client: FlaskClient, county: Path) -> None:
    send(client, "answers", "/projects/half", by="张三", answer_is_temporary="yes")
    send(client, "types", "/projects/half", by="张三", project_type="works", reason="厂房")
    assert rows(county, "answers")[0]["site_id"] == "half"
    assert rows(county, "types")[0]["project_id"] == "half"
    assert said(client, "/projects/half") == "有条件"
    assert said(client) == "待补充", "another project's question stays open"


def test_a_review_stands_beside_the_computed_answer(client: FlaskClient, county: Path) -> None:
    answer = send(client, "reviews", layer="redlines|inside", answer="clear", by="张三", reason="现场核实")
    assert answer.status_code == 303
    assert rows(county, "reviews") == [
        {
            "site_id": "inside",
            "layer": "redlines",
            "answer": "clear",
            "reason": "现场核实",
            "by": "张三",
            "on": "2026-11-22",
            "computed_answer": "involved",
        }
    ]
    page = client.get("/projects/P1").text
    assert "复核 生态保护红线：不涉及（张三）" in page
    assert '<span class="sign" aria-hidden="true">✕</span> 涉及' in page
    listed = client.get("/projects?words=P1").text
    assert "复核 生态保护红线：不涉及（张三）" in listed
    assert "✕</span> 涉及" in listed
    assert '"reviews": ["复核 生态保护红线：不涉及（张三）"]' in client.get("/").text
    told = client.get("/api/projects").json[0]
    assert (told["answer"], told["reviews"][0]["answer"]) == ("involved", "clear")


def test_a_project_without_a_site_can_be_reviewed(client: FlaskClient, county: Path) -> None:
    assert "需补图形" in client.get("/projects/P2").text
    answer = send(client, "reviews", "/projects/P2", layer="redlines|P2", answer="clear", by="张三", reason="已踏勘")
    assert answer.status_code == 303
    assert rows(county, "reviews")[0]["site_id"] == "P2"
    assert client.get("/api/projects").json[1]["answer"] == "undetermined"


def test_decisions_are_kept_for_the_next_start(client: FlaskClient, county: Path) -> None:
    send(client, "answers", by="张三", answer_is_temporary="no")
    send(client, "reviews", layer="redlines|inside", answer="possible", by="李四", reason="界线待定")
    again = create_app(open_workspace(county)).test_client()
    assert said(again) == "禁止"
    assert "复核 生态保护红线：可能涉及（李四）" in again.get("/projects/P1").text


def test_what_is_rejudged_is_what_a_new_run_says(app: Flask, county: Path) -> None:
    client = app.test_client()
    send(client, "answers", by="张三", answer_is_temporary="no")
    send(client, "types", "/projects/half", by="张三", project_type="road", reason="公路")
    send(client, "reviews", layer="redlines|inside", answer="clear", by="张三", reason="现场核实")
    held: Prepared = app.extensions["ecogeo"]
    fresh = create_app(open_workspace(county)).extensions["ecogeo"]
    mine, whole = held.board().report, fresh.board().report
    assert sorted(mine.tables) == sorted(whole.tables)
    for name, table in whole.tables.items():
        assert mine.tables[name].astype(str).to_csv() == table.astype(str).to_csv(), name
    assert [run.name for run in mine.runs] == [run.name for run in whole.runs]
    assert [one.message for _, one in mine.findings] == [one.message for _, one in whole.findings]
    assert mine.sources == whole.sources
    assert Verdict.PROHIBITED in {one.verdict for _, one in mine.findings}


def test_only_the_sites_concerned_are_screened_again(app: Flask) -> None:
    client = app.test_client()
    key = token(client)
    with mock.patch("ecogeo.board.rejudging.run_checks", wraps=run_checks) as run:
        client.post(
            "/projects/P1",
            data={"token": key, "form": "answers", "by": "张三", "answer-is_temporary": "no"},
            headers=SAME_ORIGIN,
        )
    screened = [len(call.args[0].of_role("project_sites").sound) for call in run.call_args_list]
    assert min(screened) == 1


@pytest.mark.parametrize(
    ("form", "entries", "problem"),
    [
        ("answers", {"by": "", "answer-is_temporary": "no"}, "请填写姓名"),
        ("answers", {"by": "张三"}, "没有回答任何问题"),
        ("answers", {"by": "张三", "answer-is_temporary": "maybe"}, "没有选是、否或未知"),
        ("answers", {"by": "张三", "reason-is_temporary": "因为"}, "没有选是、否或未知"),
        ("answers", {"by": "张三", "answer-is_linear": "yes"}, "没有回答任何问题"),
        ("answers", {"by": "张三", "answer-is_temporary": "no", "site": "half"}, "没有这宗用地"),
        ("answers", {"by": "张" * 41, "answer-is_temporary": "no"}, "不能超过 40 个字，现有 41 个"),
        ("answers", {"by": "张\u202e三", "answer-is_temporary": "no"}, "看不见的控制字符"),
        ("types", {"by": "张三", "reason": "实为公路", "project_type": "castle"}, "请选择项目类型"),
        ("types", {"by": "张三", "reason": " ", "project_type": "road"}, "请填写理由"),
        ("types", {"by": "", "reason": "实为公路", "project_type": "road"}, "请填写姓名"),
        ("reviews", {"by": "张三", "reason": "", "layer": "redlines|inside", "answer": "clear"}, "请填写理由"),
        ("reviews", {"by": "", "reason": "看过", "layer": "redlines|inside", "answer": "clear"}, "请填写姓名"),
        (
            "reviews",
            {"by": "张三", "reason": "看过", "layer": "redlines|half", "answer": "clear"},
            "请选择要复核的图层",
        ),
        ("reviews", {"by": "张三", "reason": "看过", "layer": "../x", "answer": "clear"}, "请选择要复核的图层"),
        ("reviews", {"by": "张三", "reason": "看过", "layer": "redlines|inside", "answer": "no"}, "请选择复核意见"),
        (
            "reviews",
            {"by": "张三", "reason": "长" * 401, "layer": "redlines|inside", "answer": "clear"},
            "不能超过 400",
        ),
    ],
)
def test_what_is_wrong_is_told_and_nothing_saved(
    client: FlaskClient, county: Path, form: str, entries: dict[str, str], problem: str
) -> None:
    answer = client.post("/projects/P1", data={"token": token(client), "form": form, **entries}, headers=SAME_ORIGIN)
    assert answer.status_code == 400
    assert 'id="refused" tabindex="-1" role="alert" autofocus' in answer.text
    assert problem in answer.text
    assert not (county / "data" / "decisions").exists()
    for cell in filter(str.strip, (entries.get("reason", ""), entries.get("reason-is_temporary", ""))):
        assert cell in answer.text, "what was written is not lost"
    english = client.post(
        "/projects/P1?lang=en", data={"token": token(client), "form": form, **entries}, headers=SAME_ORIGIN
    )
    assert "Nothing was saved" in english.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.invalid"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "null"},
        {"Origin": "http://[localhost"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Referer": "http://evil.invalid/projects/P1"},
    ],
)
def test_a_form_from_elsewhere_is_refused(client: FlaskClient, county: Path, headers: dict[str, str]) -> None:
    entries = {"token": token(client), "form": "answers", "by": "张三", "answer-is_temporary": "no"}
    answer = client.post("/projects/P1", data=entries, headers=headers)
    assert answer.status_code == 403
    assert "这次提交没有被接受" in answer.text
    assert not (county / "data" / "decisions").exists()


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Referer": "http://localhost/projects/P1"}])
def test_browsers_that_say_it_otherwise_are_heard(client: FlaskClient, headers: dict[str, str]) -> None:
    entries = {"token": token(client), "form": "answers", "by": "张三", "answer-is_temporary": "no"}
    assert client.post("/projects/P1", data=entries, headers=headers).status_code == 303


@pytest.mark.parametrize("key", ["", "0" * 43, "密"])
def test_a_form_without_the_token_is_refused(client: FlaskClient, county: Path, key: str) -> None:
    entries = {"token": key, "form": "answers", "by": "张三", "answer-is_temporary": "no"}
    answer = client.post("/projects/P1", data=entries, headers=SAME_ORIGIN)
    assert answer.status_code == 403
    assert "页面已经过期" in answer.text
    assert "out of date" in client.post("/projects/P1?lang=en", data=entries, headers=SAME_ORIGIN).text
    assert not (county / "data" / "decisions").exists()


def test_a_token_ends_with_its_server(client: FlaskClient, county: Path) -> None:
    entries = {"token": token(client), "form": "answers", "by": "张三", "answer-is_temporary": "no"}
    later = create_app(open_workspace(county)).test_client()
    assert later.post("/projects/P1", data=entries, headers=SAME_ORIGIN).status_code == 403


def test_other_forms_addresses_and_ways_are_refused(client: FlaskClient, county: Path) -> None:
    key = token(client)
    unknown = client.post("/projects/P1", data={"token": key, "form": "../../x"}, headers=SAME_ORIGIN)
    assert (unknown.status_code, "这个请求无法处理" in unknown.text) == (400, True)
    assert client.post("/projects/nope", data={"token": key, "form": "types"}, headers=SAME_ORIGIN).status_code == 404
    assert client.put("/projects/P1", headers=SAME_ORIGIN).status_code == 405
    assert client.get("/projects/P1?form=answers&by=a&answer-is_temporary=no").status_code == 200
    large = client.post("/projects/P1", data={"token": key, "reason": "长" * 40_000}, headers=SAME_ORIGIN)
    assert (large.status_code, "提交的内容太长" in large.text) == (413, True)
    assert not (county / "data" / "decisions").exists()


def test_nothing_is_saved_where_the_folder_cannot_be_written(client: FlaskClient, county: Path) -> None:
    key = token(client)
    with mock.patch("os.access", return_value=False):
        page = client.get("/projects/P1").text
        answer = client.post(
            "/projects/P1",
            data={"token": key, "form": "answers", "by": "张三", "answer-is_temporary": "no"},
            headers=SAME_ORIGIN,
        )
    assert "县域资料夹不可写" in page
    assert page.count('<fieldset class="whole" disabled>') == 3
    assert answer.status_code == 403
    assert "县域资料夹不可写" in answer.text
    assert not (county / "data" / "decisions").exists()


def test_nothing_is_saved_in_the_sample_that_was_installed(county: Path, tmp_path: Path) -> None:
    package = tmp_path / "ecogeo"
    shutil.copytree(county, package / "sample")
    with mock.patch("viewer.deciding._PACKAGE", package.resolve()):
        client = create_app(open_workspace(package / "sample")).test_client()
        assert "随软件安装的样例县" in client.get("/projects/P1").text
        answer = send(client, "types", by="张三", project_type="road", reason="公路")
    assert answer.status_code == 403
    assert not (package / "sample" / "data" / "decisions").exists()


def test_a_file_that_is_open_elsewhere_is_told(client: FlaskClient, county: Path) -> None:
    with mock.patch.object(Path, "replace", side_effect=PermissionError):
        answer = send(client, "types", by="张三", project_type="road", reason="公路")
    assert answer.status_code == 503
    assert "data/decisions/types.csv 写不进去" in answer.text
    assert "公路" in answer.text
    assert rows(county, "types") == []


def test_with_a_ledger_what_cannot_be_written_is_kept_and_counts_later(
    county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECOGEO_LEDGER")
    client = create_app(open_workspace(county), today=lambda: DAY).test_client()
    assert said(client) == "待补充"
    key = token(client)
    filled = {"token": key, "form": "answers", "by": "张三", "answer-is_temporary": "no"}
    with mock.patch.object(Path, "replace", side_effect=PermissionError):
        answer = client.post("/projects/P1", data=filled, headers=SAME_ORIGIN)
        assert answer.status_code == 202
        assert "已记入台账，不必重填" in answer.text
        assert "没有保存" not in answer.text
        assert said(client) == "待补充", "the rules have not been asked again"
        again = client.post("/projects/P1", data=filled | {"by": "李四"}, headers=SAME_ORIGIN)
        assert again.status_code == 409, "nothing more is taken until the table is as the ledger"
        assert "没有保存" in again.text
    assert rows(county, "answers") == []
    assert said(client) == "禁止", "the table can be written again"
    assert [row["by"] for row in rows(county, "answers")] == ["张三"]


def test_rows_written_by_hand_come_into_the_ledger_when_the_viewer_starts(
    county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECOGEO_LEDGER")
    path = county / "data" / "decisions" / "answers.csv"
    path.parent.mkdir()
    row = "project_id,site_id,question_id,answer,by,on,reason\nP1,,is_temporary,否,张三,2026-11-20,\n"
    path.write_text(row, "utf-8-sig")
    assert said(create_app(open_workspace(county), today=lambda: DAY).test_client()) == "禁止"
    ledger = ledger_of(county / "data")
    assert ledger is not None
    assert [(one.kind, one.at, one.body["row"]["by"]) for one in entries(ledger)] == [("answers", "2026-11-22", "张三")]
    path.unlink()
    assert said(create_app(open_workspace(county), today=lambda: DAY).test_client()) == "禁止", "put back"
    assert [row["by"] for row in rows(county, "answers")] == ["张三"]


def test_a_file_somebody_broke_is_told_and_left_alone(client: FlaskClient, county: Path) -> None:
    client.get("/projects/P1")
    path = county / "data" / "decisions" / "types.csv"
    path.parent.mkdir()
    path.write_bytes(b'project_id,project_type\n"P1')
    answer = send(client, "types", by="张三", project_type="road", reason="公路")
    assert answer.status_code == 409
    assert "types.csv" in answer.text
    assert path.read_bytes() == b'project_id,project_type\n"P1'


def test_several_answers_are_saved_together(county: Path) -> None:
    for path, old, new in (
        (county / "data" / "rules" / "national.csv", "not is_temporary", "not is_temporary and is_linear"),
        (county / "data" / "project_types.csv", "works,厂房,works,site", "works,厂房,works,mixed"),
    ):
        path.write_text(path.read_text("utf-8-sig").replace(old, new), "utf-8-sig")
    client = create_app(open_workspace(county), today=lambda: DAY).test_client()
    answer = send(client, "answers", by="张三", answer_is_temporary="no", answer_is_linear="yes")
    assert answer.headers["Location"] == "/projects/P1?saved=answers-2&saved=answers-3#recorded"
    notice = client.get(answer.headers["Location"]).text.split('id="recorded"')[1].split("</section>")[0]
    assert notice.count("<li>") == 2


def test_officers_who_save_at_once_lose_nothing(app: Flask, county: Path) -> None:
    key = token(app.test_client())
    statuses = []

    def save(number: int) -> None:
        entries = {"token": key, "form": "answers", "by": f"第{number}人", "answer-is_temporary": "no"}
        statuses.append(app.test_client().post("/projects/P1", data=entries, headers=SAME_ORIGIN).status_code)

    officers = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for officer in officers:
        officer.start()
    for officer in officers:
        officer.join()
    assert statuses == [303] * 6
    assert {row["by"] for row in rows(county, "answers")} == {f"第{number}人" for number in range(6)}
    assert said(app.test_client()) == "禁止"


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "＝1＋1"])
def test_no_cell_becomes_a_formula(client: FlaskClient, county: Path, cell: str) -> None:
    send(client, "types", by=cell, project_type="road", reason=cell)
    assert rows(county, "types")[0]["reason"] == f"'{cell}"
    assert f'<td class="prose">{cell}</td>' in client.get("/projects/P1").text


POISON = "<img src=x onerror=alert(1)>{{7*7}}\"'`${1}</script>"


def test_text_is_never_markup(client: FlaskClient) -> None:
    send(client, "answers", by=POISON[:40], answer_is_temporary="no", reason_is_temporary=POISON)
    send(client, "reviews", layer="redlines|inside", answer="clear", by=POISON[:40], reason=POISON)
    send(client, "types", by=POISON[:40], project_type="road", reason=POISON)
    refused = send(client, "types", by="", project_type="road", reason=POISON)
    pages = [client.get(path).text for path in ("/projects/P1", "/projects", "/", "/checks")]
    for page in (*pages, refused.text):
        outside = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
        assert "<img" not in outside
        assert "49" not in re.findall(r"onerror=alert\(1\)&gt;(\d*)", outside)
    assert "&lt;img" in pages[0]


def test_a_county_without_rules_is_reviewed_all_the_same(county_folder: Path) -> None:
    client = create_app(open_workspace(county_folder), today=lambda: DAY).test_client()
    assert "本县没有规则表" in client.get("/projects/P1").text
    assert send(client, "types", by="张三", project_type="road", reason="公路").status_code == 400
    assert send(client, "reviews", layer="redlines|inside", answer="clear", by="张三", reason="看过").status_code == 303
    assert "复核 生态保护红线：不涉及（张三）" in client.get("/projects/P1").text


def test_a_given_outcome_is_judged_anew_from_the_first_save(county: Path) -> None:
    workspace = open_workspace(county)
    report = run_checks(workspace, law=read_law(workspace, on=dt.date(2026, 3, 1)))
    app = create_app(workspace, report=report, today=lambda: DAY)
    client = app.test_client()
    held: Prepared = app.extensions["ecogeo"]
    held.get_ready_to_save()
    assert said(client) == "待补充"
    send(client, "answers", by="张三", answer_is_temporary="yes")
    assert said(client) == "有条件"
    assert held.board().report.judged_on == "2026-03-01"


def test_what_another_file_lacks_comes_up_before_the_save(client: FlaskClient, county: Path) -> None:
    client.get("/projects/P1")
    folder = county / "data" / "decisions"
    folder.mkdir()
    (folder / "reviews.csv").write_text("site_id\ninside\n", "utf-8-sig")
    assert send(client, "types", by="张三", project_type="road", reason="公路").status_code == 409
    assert rows(county, "types") == []


@pytest.fixture
def frozen_clock() -> Iterator[None]:
    with mock.patch("viewer.app.dt.datetime") as clock:
        clock.now.return_value.astimezone.return_value.date.return_value = dt.date(2030, 1, 2)
        yield


@pytest.mark.usefixtures("frozen_clock")
def test_a_row_bears_the_day_of_saving(county: Path) -> None:
    client = create_app(open_workspace(county)).test_client()
    send(client, "types", by="张三", project_type="road", reason="公路")
    assert rows(county, "types")[0]["on"] == "2030-01-02"
