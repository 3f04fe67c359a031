"""The counter's pages: a file or corners in, answers out; one owner, a day, and nothing of a stranger's trusted."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from format_samples import zip_of
from poisoned import FLAG, PAYLOAD
from test_counter import HALF_INSIDE
from two_rules import write_rules
from werkzeug.test import TestResponse

from ecogeo.counter import Asked
from ecogeo.intake import Part, Reader, typed_part
from ecogeo.workspace import open_workspace
from viewer import create_app
from viewer.casebook import KEPT_SECONDS, MOST_BYTES, MOST_CASES_EACH, Casebook, Held
from viewer.counter_forms import readings_named

pytestmark = pytest.mark.usefixtures("warm_viewer")

SAME_ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    opened = Reader(hands=1)
    yield opened
    opened.close()


@pytest.fixture
def app(county_folder: Path, reader: Reader) -> Flask:
    write_rules(county_folder)
    made = create_app(open_workspace(county_folder), today=lambda: dt.date(2026, 11, 22))
    made.extensions["ecogeo_reader"] = reader  # its process serves every test
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token(client: FlaskClient) -> str:
    found = re.search(r'name="token" value="([^"]+)"', client.get("/screen").text)
    assert found is not None
    return found[1]


def send(client: FlaskClient, *files: tuple[str, bytes], **entries: str) -> TestResponse:
    """Send what a person filled in at the counter."""
    sent = [(io.BytesIO(content), name) for name, content in files]
    return client.post(
        "/screen",
        data={"token": token(client), "file": sent, "on": "2026-11-22", **entries},
        headers=SAME_ORIGIN,
        content_type="multipart/form-data",
    )


def opened(client: FlaskClient, answer: TestResponse) -> tuple[str, str]:
    """Follow an answer to its case; return address and page."""
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)
    address = answer.headers["Location"].partition("#")[0]
    page = client.get(address)
    assert page.status_code == 200
    return address, page.text


def change(client: FlaskClient, address: str, **entries: str) -> TestResponse:
    path, _, query = address.partition("?")
    del query
    return client.post(path, data={"token": token(client), **entries}, headers=SAME_ORIGIN)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL))


def test_typed_corners_are_answered_at_once(client: FlaskClient) -> None:
    _, page = opened(client, send(client, corners=HALF_INSIDE, shape="polygon", name="某项目用地"))
    said = words(page)
    assert "某项目用地" in said
    assert "CGCS2000 3°带第 36 带" in said
    assert "推断" in said
    assert "49.9817" in said, "hectares of overlap, worked out by hand in test_counter"
    assert "待补充" in said
    assert "结果供内部核对" in said
    assert "按 2026-11-22 施行的规则判断" in said
    assert "2020 起施行" in said


def test_a_file_is_answered_and_its_questions_in_place(client: FlaskClient) -> None:
    content = typed_part(HALF_INSIDE, "polygon", name="某项目用地").content
    address, page = opened(client, send(client, ("C:\\fakepath\\送审.geojson", content)))
    assert "送审.geojson" in words(page)
    assert 'name="answer-is_temporary"' in page
    done = change(client, address, form="answers", site="S1", by="张三", **{"answer-is_temporary": "no"})
    _, page = opened(client, done)
    assert "避让" in words(page)
    assert '<span class="verdict verdict-prohibited">禁止</span>' in page
    _, page = opened(
        client, change(client, address, form="answers", site="S1", by="张三", **{"answer-is_temporary": "yes"})
    )
    assert "办理临时用地" in words(page)
    with zipfile.ZipFile(io.BytesIO(client.get(f"{address}/files/screening.zip").data)) as archive:
        assert archive.read("answers.csv").decode("utf-8-sig").splitlines()[1:] == [
            ",S1,is_temporary,是,张三,2026-11-22,"
        ]


def test_an_answer_without_a_name_is_refused_and_kept_on_the_page(client: FlaskClient) -> None:
    address, _ = opened(client, send(client, corners=HALF_INSIDE))
    refused = change(
        client,
        address,
        form="answers",
        site="S1",
        by="",
        **{"answer-is_temporary": "no", "reason-is_temporary": "看过"},
    )
    assert refused.status_code == 400
    assert "没有署名的意见不作数" in words(refused.text)
    assert 'value="看过"' in refused.text


def test_a_type_can_be_chosen(client: FlaskClient) -> None:
    address, page = opened(client, send(client, corners=HALF_INSIDE))
    assert "其他" in words(page)
    _, page = opened(client, change(client, address, form="type", site="S1", type="road"))
    assert "由操作人指定" in words(page)
    assert change(client, address, form="type", site="S1", type="nonsense").status_code == 400


def test_several_sites_are_a_list(client: FlaskClient) -> None:
    places = {"甲地": [109.2, 24.24], "乙地": [109.25, 24.28], "丙地": None}
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": at and {"type": "Point", "coordinates": at}}
        for name, at in places.items()
    ]
    collection = json.dumps({"type": "FeatureCollection", "features": features})
    address, page = opened(client, send(client, ("a.geojson", collection.encode())))
    assert [name in words(page) for name in ("甲地", "乙地", "丙地")] == [True, True, True]
    assert "没有图形" in words(page)
    second = client.get(address, query_string={"site": "S2"})
    assert "<h1>乙地</h1>" in second.text
    assert client.get(address, query_string={"site": "S9"}).status_code == 404


def test_a_file_that_is_not_understood_can_be_read_otherwise(client: FlaskClient) -> None:
    # 36 as prefix and 37 in the coordinates without: the file says zone 37, where the county does not lie
    content = typed_part(HALF_INSIDE, "polygon", name="x").content.replace(
        b'"features"', b'"crs": {"type": "name", "properties": {"name": "EPSG:4546"}}, "features"'
    )
    address, page = opened(client, send(client, ("a.geojson", content)))
    assert "这个文件不能核查" in words(page)
    assert 'name="assume" value="EPSG:4545"' in page
    _, page = opened(client, change(client, address, form="reading", assume="EPSG:4545", accuracy="0", on="2026-11-22"))
    assert "按指定" in words(page)
    assert "49.9817" in words(page)
    forged = change(client, address, form="reading", assume="+proj=longlat +nadgrids=/etc/passwd")
    assert forged.status_code == 400


def test_accuracy_and_width_are_used(client: FlaskClient) -> None:
    line = "\n".join(HALF_INSIDE.splitlines()[:2])
    address, page = opened(client, send(client, corners=line, shape="line", accuracy="50", corridor="20"))
    assert "可能涉及" in words(page)
    changed = change(client, address, form="reading", accuracy="0", corridor="20", on="2026-11-22")
    _, page = opened(client, changed)
    assert 'value="20"' in page
    refused = change(client, address, form="reading", accuracy="-1", corridor="x", on="gestern")
    assert refused.status_code == 400
    for field in ("位置精度应为", "廊道宽度应为", "日期应写作"):
        assert field in words(refused.text)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({}, "请选择文件"),
        ({"corners": "abc"}, "第 1 行读不出两个坐标"),
        ({"corners": "1,1\n2,2\n3,1", "shape": "circle"}, "请选择面、线或点"),
        ({"corners": HALF_INSIDE, "crs": "other", "code": "x"}, "请填写 EPSG 代码"),
        ({"corners": HALF_INSIDE, "crs": "+init=file:x"}, "请选择坐标系"),
        ({"corners": HALF_INSIDE, "type": "nonsense"}, "请选择项目类型"),
    ],
)
def test_what_is_filled_in_wrongly_is_told_and_kept(client: FlaskClient, entries: dict[str, str], said: str) -> None:
    answer = send(client, **entries)
    assert answer.status_code == 400
    assert said in words(answer.text)
    assert entries.get("corners", "") in answer.text


def test_forms_of_elsewhere_and_too_large_ones_are_refused(client: FlaskClient) -> None:
    known = token(client)
    entries = {"corners": HALF_INSIDE, "token": known}
    assert client.post("/screen", data={**entries, "token": "x"}, headers=SAME_ORIGIN).status_code == 403
    assert client.post("/screen", data=entries, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/screen", data=entries).status_code == 403
    kind = {"content_type": "multipart/form-data; boundary=x"}
    assert client.post("/screen", data=bytes(53 << 20), headers=SAME_ORIGIN, **kind).status_code == 413
    many = {f"entry{number}": "x" for number in range(60)}
    assert client.post("/screen", data={**many, "token": known}, headers=SAME_ORIGIN, **kind).status_code == 413


def test_a_case_is_its_owners_alone(app: Flask, client: FlaskClient) -> None:
    answer = send(client, corners=HALF_INSIDE, name="我的用地")
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Max-Age=86400"))
    address, _ = opened(client, answer)
    stranger = app.test_client()
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"{address}/files/screening.csv").status_code == 404
    assert "我的用地" not in stranger.get("/screen").text
    assert "我的用地" in client.get("/screen").text
    assert change(stranger, address, form="forget").status_code == 404
    assert change(client, address, form="forget").status_code == 303
    assert client.get(address).status_code == 404


def test_a_mark_chosen_by_the_browser_is_never_adopted(app: Flask, client: FlaskClient) -> None:
    client.set_cookie("counter", "a")
    address, _ = opened(client, send(client, corners=HALF_INSIDE, name="我的用地"))
    other = app.test_client()
    other.set_cookie("counter", "a")
    assert other.get(address).status_code == 404
    given = client.get_cookie("counter")
    assert given is not None
    assert given.value != "a"
    opened(client, send(client, corners=HALF_INSIDE, name="又一用地"))
    kept = client.get_cookie("counter")
    assert kept is not None
    assert kept.value == given.value, "a mark of ours is kept, and with it the earlier case"
    assert client.get(address).status_code == 200


def test_a_file_whose_crs_is_an_address_is_refused_and_nobody_called(
    client: FlaskClient, calls: tuple[str, list[str]]
) -> None:
    address, asked = calls
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [109.3, 24.3]}}
    for crs in (
        {"type": "link", "properties": {"href": f"{address}/a"}},
        {"type": "URL", "properties": {"url": f"{address}/a"}},
    ):
        sent = json.dumps({"type": "FeatureCollection", "features": [feature], "crs": crs}).encode()
        _, page = opened(client, send(client, ("a.geojson", sent)))
        assert "文件不得让 ecogeo 访问别的地址" in words(page)
    assert asked == []


def test_what_was_drawn_is_not_said_to_be_stated_by_a_file(client: FlaskClient) -> None:
    corners = "109.300,24.280\n109.304,24.280\n109.304,24.284"
    _, page = opened(client, send(client, corners=corners, shape="polygon", name="某项目用地"))
    assert "在地图上画出或键入" in words(page)
    assert "文件所写" not in words(page).replace("就按文件所写", "")


def test_downloads_are_files_nobody_keeps(client: FlaskClient) -> None:
    address, _ = opened(client, send(client, corners=HALF_INSIDE))
    for name, start in (
        ("screening.csv", b"\xef\xbb\xbfsite_id"),
        ("findings.gpkg", b"SQLite"),
        ("screening.zip", b"PK"),
        ("evidence.zip", b"PK"),
    ):
        answer = client.get(f"{address}/files/{name}")
        assert answer.status_code == 200
        assert answer.data.startswith(start)
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"{address}/files/..%2f..%2fsummary.json").status_code == 404
    assert client.get(f"{address}/files/nothing.csv").status_code == 404


def test_nothing_of_a_site_is_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        opened(client, send(client, corners=HALF_INSIDE, name="秘密用地"))
    assert re.search(r"counter: [0-9a-f]{64}, \d+ bytes, GeoJSON, 1 sites", caplog.text)
    for secret in ("秘密", "621500", "109.1", "24.2"):
        assert secret not in caplog.text


def test_poisoned_names_stay_text(client: FlaskClient) -> None:
    point = {"type": "Point", "coordinates": [109.2, 24.24]}
    content = json.dumps({"type": "Feature", "properties": {"name": PAYLOAD}, "geometry": point})
    _, page = opened(client, send(client, (f"{PAYLOAD[:60]}.geojson", content.encode())))
    assert FLAG in page, "the text itself is shown"
    for raw in ("<img src=x", "<svg onload", "</script><script>window"):
        assert raw not in page


def test_a_bomb_is_told_on_a_page(client: FlaskClient) -> None:
    _, page = opened(client, send(client, ("炸弹.zip", zip_of({"a.kml": bytes(60 << 20)}))))
    assert "疑似压缩炸弹" in words(page)
    assert "炸弹.zip" in words(page)


def test_the_page_speaks_english(client: FlaskClient) -> None:
    assert "Check a site" in client.get("/screen?lang=en").text
    _, page = opened(client, send(client, corners=HALF_INSIDE, name="Some site"))
    assert "How the file was read" in page
    assert re.search(r"[\u4e00-\u9fff]", words(page).replace("中文", "")) is not None, "clauses stay in Chinese"


# The cases -------------------------------------------------------------------------------------------------------


def held(name: str = "a", size: int = 1) -> Held:
    return Held((Part(name, bytes(size)),), name, asked=Asked())


def test_a_case_is_forgotten_after_a_day() -> None:
    now = 0.0
    book = Casebook(lambda: now)
    number = book.keep("me", held())
    now = KEPT_SECONDS
    assert book.get("me", number) is not None
    now = KEPT_SECONDS + 1
    assert book.get("me", number) is None
    assert book.own("me") == ()


def test_the_oldest_cases_go_where_there_are_too_many() -> None:
    book = Casebook()
    mine = [book.keep("me", held(str(number))) for number in range(MOST_CASES_EACH + 2)]
    other = book.keep("other", held())
    assert [book.get("me", number) is not None for number in mine] == [False, False] + [True] * MOST_CASES_EACH
    assert book.get("other", other) is not None
    assert [one.shown for _, one in book.own("me")][:2] == [str(MOST_CASES_EACH + 1), str(MOST_CASES_EACH)]


def test_the_bytes_kept_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.casebook.MOST_BYTES", 10)
    assert MOST_BYTES > 10
    book = Casebook()
    first, second = book.keep("a", held(size=6)), book.keep("b", held(size=6))
    assert (book.get("a", first), book.get("b", second) is not None) == (None, True)


def test_nobody_else_changes_a_case() -> None:
    book = Casebook()
    number = book.keep("me", held("mine"))
    book.replace("other", number, held("theirs"))
    book.forget("other", number)
    found = book.get("me", number)
    assert found is not None
    assert found.shown == "mine"


def test_only_readings_that_name_no_file_are_offered() -> None:
    said = [
        "（--assume EPSG:4545）",
        "（--assume EPSG:4524,swapped）",
        "--assume as-stated",
        "--assume file:x",
        "--assume a,b",
    ]
    assert readings_named(said, []) == ("EPSG:4545", "EPSG:4524,swapped", "as-stated")
