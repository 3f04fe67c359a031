"""The pages of siting: a search ordered, watched, looked at, weighed anew, and its candidates sent to the counter."""

from __future__ import annotations

import datetime as dt
import errno
import io
import json
import re
import zipfile
from pathlib import Path
from unittest import mock

import pytest
from conftest import ORIGIN, write_layer
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from shapely import Point
from two_rules import write_rules
from werkzeug.test import TestResponse

from ecogeo.errors import UsageError
from ecogeo.intake import typed_part
from ecogeo.jobs import KeptJobs, worker
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace
from viewer import create_app

pytestmark = pytest.mark.usefixtures("warm_viewer")

SAME_ORIGIN = {"Origin": "http://localhost"}
HEAD = "criterion,title,title_en,measure,source,worst,best,weight\n"
NEAR, FAR = "near,近村,near,distance_m,villages,4000,0,3\n", "far,离红线,far,distance_m,redlines,0,6000,1\n"
VILLAGES = (
    '\n[layers.villages]\nrole = "villages"\npath = "villages.gpkg"\nkey = "code"\nname = "name"\ncoverage = "county"\n'
)


@pytest.fixture
def app(county_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return the viewer of the small county with a village at (6000, 3000); its jobs are done at once."""
    write_rules(county_folder)
    place = Point(ORIGIN[0] + 6000, ORIGIN[1] + 3000)
    write_layer(county_folder, "villages.gpkg", {"code": ["v"], "name": ["村"]}, [place])
    toml = county_folder / "layers" / "layers.toml"
    toml.write_text(toml.read_text("utf-8") + VILLAGES, "utf-8")
    (county_folder / "data" / "siting").mkdir()
    (county_folder / "data" / "siting" / "criteria.csv").write_text(HEAD + NEAR + FAR, "utf-8-sig")

    def done_at_once(jobs: KeptJobs, number: str) -> None:
        worker.work(county_folder, jobs._home / number)

    monkeypatch.setattr(KeptJobs, "_enqueue", done_at_once)
    return create_app(open_workspace(county_folder), today=lambda: dt.date(2026, 11, 22))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token(client: FlaskClient) -> str:
    found = re.search(r'name="token" value="([^"]+)"', client.get("/siting").text)
    assert found is not None
    return found[1]


def order(client: FlaskClient, **entries: str | list[str]) -> TestResponse:
    form = {"area": "5", "count": "2", "cell": "100", "layer": ["redlines", "shorelines"], **entries}
    return client.post(
        "/siting", data={"token": token(client), **form}, headers=SAME_ORIGIN, content_type="multipart/form-data"
    )


def found(client: FlaskClient, answer: TestResponse) -> tuple[str, str]:
    """Return address and page of a search that was done."""
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)
    address = answer.headers["Location"]
    return address, client.get(address).text


def ranking(page: str) -> list[str]:
    return re.findall(r'<tr data-id="(C\d+)"', page)


def test_a_search_shows_surface_candidates_sheets_and_what_decides(client: FlaskClient) -> None:
    address, page = found(client, order(client))
    assert ranking(page) == ["C1", "C2"]
    for words in ("受限，不可选", "无法判断，不当作可选", "得分拆开", "各图层的答案", "哪些权重起决定作用", "送去核查"):
        assert words in page
    picture = Image.open(io.BytesIO(client.get(f"{address}/surface.png").data))
    assert picture.mode == "RGBA"
    state = client.get(f"{address}/state.json").get_json()
    assert state["state"] == "done"
    english = client.get(f"{address}?lang=en").text
    assert "The score taken apart" in english
    assert "得分拆开" not in english


def test_the_parts_shown_add_up_to_the_score(client: FlaskClient) -> None:
    _, page = found(client, order(client))
    sheet = page.partition('id="sheet-C1"')[2].partition('id="sheet-C2"')[0]
    score = float(re.findall(r'sheet-score">([\d.]+)<', sheet)[0])
    parts = [float(part) for part in re.findall(r'contribution">([\d.]+)<', sheet)]
    assert len(parts) == 2
    assert sum(parts) == pytest.approx(score, abs=1e-4)
    assert re.findall(r'share">([\d.]+)%<', sheet) == ["75.0", "25.0"]


def test_other_weights_rank_anew_and_a_search_again_is_held_against_the_first(client: FlaskClient) -> None:
    address, page = found(client, order(client, count="4"))
    other = client.get(f"{address}?w0=0&w1=1").text
    assert sorted(ranking(other)) == sorted(ranking(page))
    scores = [float(one) for one in re.findall(r'class="number score">([\d.]+)<', other)]
    assert scores == sorted(scores, reverse=True)
    assert "至少要有一项权重大于 0" in client.get(f"{address}?w0=0&w1=0").text
    assert "权重应为 0 至 1000 的数" in client.get(f"{address}?w0=-1").text
    number = address.rpartition("/")[2]
    again = order(client, **{"from": number, "weight-0": "3", "weight-1": "1"})
    _, page = found(client, again)
    assert "与上一次选址比" in page
    assert page.partition('id="moved"')[2].count("不变") >= 4  # the same search finds the same ground


def test_a_layer_switched_off_is_told_and_asked_for(client: FlaskClient) -> None:
    _, page = found(client, order(client, layer=["shorelines"]))
    assert "没有考虑" in page


def test_a_candidate_sent_to_the_counter_is_clear(client: FlaskClient) -> None:
    _, page = found(client, order(client))
    sheet = page.partition('id="sheet-C1"')[2]
    corners = re.findall(r'<textarea name="corners" hidden>([^<]+)</textarea>', sheet)[0]
    part = typed_part(corners, "polygon", name="C1")
    assert b"Polygon" in part.content
    answer = client.post(
        "/screen",
        data={"token": token(client), "corners": corners, "shape": "polygon", "name": "C1", "on": "2026-11-22"},
        headers=SAME_ORIGIN,
        content_type="multipart/form-data",
    )
    shown = client.get(answer.headers["Location"]).text
    assert re.findall(r'class="answer answer-(\w+)"', shown.partition('class="title-line"')[2])[0] == "clear"


def test_a_drawn_area_limits_the_search_and_a_route_needs_two_ends(client: FlaskClient) -> None:
    west = "109.19,24.23\n109.19,24.25\n109.21,24.25\n109.21,24.23"
    address, page = found(client, order(client, shape="polygon", corners=west))
    assert "限定范围" in page
    assert all(109.18 < float(lon) < 109.22 for lon in re.findall(r">([\d.]+)°E", page))
    assert "109.21" in client.get(f"/siting?from={address.rpartition('/')[2]}").text
    one = order(client, shape="line", corners="109.19,24.23\n109.20,24.23")
    _, page = found(client, one)
    assert "穿越次数" in page
    assert order(client, shape="line").status_code == 400


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ({"area": "much"}, "不是数"),
        ({"area": "-1"}, "大于 0 公顷"),
        ({"count": "1.5"}, "不是数"),
        ({"count": "4000"}, "备选数为"),
        ({"cell": "1"}, "格网太细"),  # 100 km² are 100 million cells of a metre
        ({"cell": "nan"}, "不是数"),
        ({"weight-0": "0", "weight-1": "0"}, "至少要有一项权重"),
        ({"weight-0": "many"}, "权重应为"),
        ({"type": "castle"}, "请选择项目类型"),
        ({"on": "tomorrow"}, "日期应写作"),
        ({"corners": "here"}, "读不出两个坐标"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_begins(
    client: FlaskClient, county_folder: Path, entries: dict[str, str], says: str
) -> None:
    answer = order(client, **entries)
    assert answer.status_code == 400
    assert says in answer.text
    assert not list((county_folder / "out").glob("jobs/*/order.json"))


def test_a_search_that_finds_nothing_says_so(client: FlaskClient) -> None:
    _, page = found(client, order(client, area="9900"))
    assert "没有足够大的可选地块" in page
    assert "只找到 0 处" in page


def test_forms_of_elsewhere_and_strange_numbers_are_refused(client: FlaskClient) -> None:
    form = {"token": token(client), "area": "5"}
    assert client.post("/siting", data=form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/siting", data={"area": "5"}, headers=SAME_ORIGIN).status_code == 403
    for number in ("0" * 16, "..", "x"):
        assert client.get(f"/siting/{number}").status_code == 404
    assert order(client, **{"from": "0" * 16}).status_code == 404


def test_a_name_is_never_markup_and_in_no_file_name(client: FlaskClient) -> None:
    address, page = found(client, order(client, name="<b>烫</b>"))
    assert "<b>烫</b>" not in page
    assert "&lt;b&gt;烫&lt;/b&gt;" in page
    with client.get(f"/report/{address.rpartition('/')[2]}/result.zip") as answer:
        names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert {"siting.csv", "siting.gpkg", "suitability.tif", "surface.png", "told.json"} <= set(names)
    assert all(re.fullmatch(r"[a-z_]+\.\w+", name) for name in names)


def test_a_search_is_removed(client: FlaskClient) -> None:
    address, _ = found(client, order(client))
    answer = client.post(address, data={"token": token(client), "form": "remove"}, headers=SAME_ORIGIN)
    assert answer.status_code == 303
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("what", ["cancel", "resume", "remove"])
def test_a_search_that_cannot_be_changed_says_why_and_stays(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    address, _ = found(client, order(client))
    form = {"token": token(client), "form": what}
    for error, code, says in (
        (OSError(errno.EROFS, "Read-only file system"), 503, "结果文件夹写不进去"),
        (UsageError(Text("磁盘只剩 1 MB", "only 1 MB are free")), 409, "磁盘只剩 1 MB"),
    ):
        with monkeypatch.context() as broken:
            broken.setattr(KeptJobs, what, mock.Mock(side_effect=error))
            answer = client.post(address, data=form, headers=SAME_ORIGIN)
        assert (answer.status_code, says in answer.text) == (code, True)
    assert client.get(address).status_code == 200
    assert client.post(address, data={**form, "form": "anything"}, headers=SAME_ORIGIN).status_code == 400


def test_an_area_whose_crs_is_an_address_is_refused_and_nobody_called(
    client: FlaskClient, calls: tuple[str, list[str]]
) -> None:
    address, asked = calls
    ring = [[109.19, 24.23], [109.20, 24.23], [109.20, 24.24], [109.19, 24.23]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    crs = {"type": "link", "properties": {"href": f"{address}/a"}}
    sent = json.dumps({"type": "FeatureCollection", "features": [feature], "crs": crs}).encode()
    form = {"token": token(client), "area": "5", "count": "2", "cell": "100", "layer": ["redlines"]}
    answer = client.post(
        "/siting",
        data={**form, "file": (io.BytesIO(sent), "a.geojson")},
        headers=SAME_ORIGIN,
        content_type="multipart/form-data",
    )
    assert answer.status_code == 400
    assert "文件不得让 ecogeo 访问别的地址" in answer.text
    assert asked == []
