"""The pages as a browser without scripts would get them: contents, filters, languages, headers, errors."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from english_pages import left_in_chinese
from flask import Flask
from flask.testing import FlaskClient
from poisoned import FLAG, poison

from ecogeo.finding import CheckRun, Report
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace
from viewer import create_app

pytestmark = pytest.mark.usefixtures("warm_viewer")

PAGES = (
    "/",
    "/projects",
    "/projects/P1",
    "/projects/P2",
    "/projects/inside",
    "/indicators",
    "/checks",
    "/shorelines",
    "/mines",
    "/land",
)
SAMPLE = Path(__file__).parent.parent


@pytest.fixture
def app(county_folder: Path, square_report: Report) -> Flask:
    catalogue = county_folder / "layers" / "layers.toml"
    text = catalogue.read_text("utf-8")
    noticed = text.replace("[county]\n", '[county]\nnotice = "仅为示意"\nnotice_en = "schematic"\n')
    catalogue.write_text(noticed, "utf-8")
    return create_app(open_workspace(county_folder), report=square_report)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def sample_app(sample_report: Report) -> Flask:
    return create_app(open_workspace(SAMPLE), report=sample_report)


@pytest.fixture
def sample(sample_app: Flask) -> FlaskClient:
    """Return a visitor who has chosen no language yet, whatever another test chose."""
    return sample_app.test_client()


def without_nonce(page: str) -> str:
    return re.sub(r'nonce="[^"]+"', "", page)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("lang", "html_lang", "notice"), [("zh", "zh-CN", "仅为示意"), ("en", "en", "schematic")])
def test_every_page_speaks_both_languages_and_bears_the_notice(
    client: FlaskClient, path: str, lang: str, html_lang: str, notice: str
) -> None:
    answer = client.get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    assert f'<html lang="{html_lang}">' in answer.text
    assert f'role="note">{notice}<' in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_the_same_page_twice_is_the_same_but_for_the_nonce(client: FlaskClient, path: str) -> None:
    one, two = client.get(path), client.get(path)
    assert without_nonce(one.text) == without_nonce(two.text)
    assert one.headers["Content-Security-Policy"] != two.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/nope", "/static/app/map.js"])
def test_every_answer_is_guarded(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'nonce-")
    assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
    assert "frame-ancestors 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_no_script_is_inline_without_the_nonce(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    scripts = re.findall(r"<script\b([^>]*)>", page)
    assert all("nonce=" in script or "application/json" in script for script in scripts)
    assert not re.search(r"\son\w+=", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))


def test_pages_point_to_nothing_foreign(sample: FlaskClient) -> None:
    for path in ("/", "/projects", "/projects/DEMO-03", "/indicators", "/checks", "/shorelines"):
        page = sample.get(path).text
        assert not re.search(r"""(?:src|href|action)=["'](?:[a-z]+:|//)""", page), path


def test_an_english_page_says_nothing_in_chinese_but_what_the_data_say(sample: FlaskClient) -> None:
    assert left_in_chinese(sample, SAMPLE) == {}


def test_the_language_is_remembered(client: FlaskClient) -> None:
    assert "Projects and sites" in client.get("/projects?lang=en").text
    assert "Projects and sites" in client.get("/projects").text
    assert "项目与用地" in client.get("/projects?lang=zh").text
    assert "项目与用地" in client.get("/projects?lang=xx").text


def test_the_switch_keeps_what_was_asked(client: FlaskClient) -> None:
    page = client.get("/projects?town=东镇&words=outside").text
    assert 'href="/projects?town=%E4%B8%9C%E9%95%87&amp;words=outside&amp;lang=en"' in page


def test_the_default_language_is_a_choice(county_folder: Path) -> None:
    page = create_app(open_workspace(county_folder), lang="en").test_client().get("/projects").text
    assert "Projects and sites" in page


def rows(page: str) -> list[str]:
    return re.findall(r'class="code">([^<]+)</td>\s*<th scope="row" data-label', page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 12),
        ("town=东镇", 2),
        ("department=某局", 2),
        ("department=-", 10),
        ("system=甲系统&answer=undetermined", 1),
        ("words=PIPELINE", 1),
        ("words=没有", 0),
    ],
)
def test_the_table_is_filtered_by_the_address(client: FlaskClient, query: str, expected: int) -> None:
    page = client.get(f"/projects?{query}").text
    assert len(rows(page)) == expected
    assert ("没有符合条件的项目" in page) == (expected == 0)


def test_figures_of_the_table(client: FlaskClient) -> None:
    page = client.get("/projects?words=P1").text
    # 1 ha of a plane 120 km off its meridian: the scale there is 1 + 120² / (2 × 6371²), squared 1.00036
    assert re.search(r'class="number">0\.999[67]</td>\s*<td[^>]*class="number">100\.50</td>', page)
    assert "其中规划项目 1 个，投资合计 100.50 万元" in page


def test_a_project_is_found_by_its_number_and_by_its_site(client: FlaskClient) -> None:
    by_number, by_site = client.get("/projects/P1").text, client.get("/projects/inside").text
    assert without_nonce(by_number).split("<main")[1] == without_nonce(by_site).split("<main")[1]
    assert "红线内项目" in by_number
    assert "生态保护红线" in by_number
    assert '<span class="sign" aria-hidden="true">✕</span> 涉及' in by_number


def test_a_hit_nobody_judged_is_said_to_be_open(client: FlaskClient) -> None:
    assert re.search(r"<td[^>]*>待判定</td>", client.get("/projects/P1").text)
    assert "待判定" not in client.get("/projects/outside").text


def test_what_the_rules_say_is_shown(county_folder: Path, square_report: Report) -> None:
    county = open_workspace(county_folder)
    found = square_report
    judged = found.tables["screening"].assign(verdict="prohibited", clause="某法第一条", next_step="避让")
    report = Report("2026-01-01", found.runs, {**found.tables, "screening": judged})
    page = create_app(county, report=report).test_client().get("/projects/P1").text
    assert all(words in page for words in ("禁止", "某法第一条", "避让"))


def test_a_project_without_a_site_is_undetermined_and_on_no_map(client: FlaskClient) -> None:
    page = client.get("/projects/P2").text
    assert "无法判断的原因：没有用地图形" in page
    assert "folium-map" not in page
    assert "map-data" not in page


def test_indicators_by_status(client: FlaskClient) -> None:
    assert "≥20" in client.get("/indicators").text
    assert "没有符合条件的指标" in client.get("/indicators?status=not_met").text


def test_the_sample_says_what_the_plan_says(sample: FlaskClient) -> None:
    projects = sample.get("/projects").text
    assert "其中规划项目 58 个，投资合计 4,988,555.07 万元" in projects
    indicators = sample.get("/indicators").text
    assert "显示 35 / 35 项指标" in indicators
    assert re.search(r"<strong>19</strong> <span class=\"status\">约束性", indicators)
    assert "示意数据，不作为法定依据" in projects


def test_checks_tell_what_ran_and_what_did_not(county_folder: Path, square_report: Report) -> None:
    county = open_workspace(county_folder)
    found = square_report
    runs = (
        *found.runs,
        CheckRun("absent_check", "data", Text("缺图层的检查", "absent"), not_run=Text("本县没有图层：dem", "no dem")),
        CheckRun("broken_check", "data", Text("坏掉的检查", "broken"), crash=Text("除以零", "division by zero")),
    )
    report = Report("", runs, found.tables, found.sources)
    page = create_app(county, report=report).test_client().get("/checks").text
    for words in ("已运行", "未运行", "出错", "本县没有图层：dem", "除以零", "site_in_redline"):
        assert words in page
    assert "redlines.gpkg" in page


def test_long_lists_of_findings_are_cut_openly(county_folder: Path, square_report: Report) -> None:
    county = open_workspace(county_folder)
    found = square_report
    many = next(run for run in found.runs if run.findings).findings[:1] * 250
    run = CheckRun("many", "data", Text("很多", "many"), many)
    client = create_app(county, report=Report("", (run,), found.tables)).test_client()
    page = client.get("/checks").text
    assert "先列出 200 条，共 250 条" in page
    assert client.get("/checks?check=many").text.count('class="severity"') == 250


def test_shorelines_add_up(client: FlaskClient) -> None:
    # Both banks of 1 km: 600 m protected, 300 m reserved, 1000 m developed, 100 m in no zone: 900 of 2000 m.
    # The reach, the river, the basin, the town and the county, and the ends of the bars of river and town.
    page = client.get("/shorelines").text
    assert page.count("45.00") == 7
    assert "达标" in page


def test_shorelines_that_were_not_measured_say_why(county_folder: Path) -> None:
    county = open_workspace(county_folder)
    page = create_app(county, report=Report("", ())).test_client().get("/shorelines").text
    assert "没有岸线结果：这次没有要求做这项检查" in page


def test_health_is_told_without_reading_the_county(app: Flask) -> None:
    assert app.test_client().get("/healthz").json == {"status": "ok"}
    assert app.extensions["ecogeo"]._board is None


def test_the_data_behind_the_pages(client: FlaskClient) -> None:
    layer = client.get("/api/layers/redlines.geojson").json
    assert [feature["properties"]["name"] for feature in layer["features"]] == ["甲", "乙"]
    projects = client.get("/api/projects").json
    assert (projects[0]["id"], projects[0]["answer"], projects[0]["towns"]) == ("P1", "involved", ["西镇"])
    findings = client.get("/api/findings?lang=en").json
    assert any(finding["check"] == "site_in_redline" and "involved" in finding["message"] for finding in findings)
    assert client.get("/api/layers/nope.geojson").status_code == 404
    assert client.get("/api/layers/nope.geojson").json["error"]


@pytest.mark.parametrize("path", ["/nope", "/projects/nope", "/static/", "/static/vendor/", "/static/../app.py"])
def test_what_is_not_there_is_a_page_of_ours(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "没有这个页面或项目" in answer.text
    assert "There is no such page" in client.get(f"{path}?lang=en").text


def test_a_slash_too_many_does_no_harm(client: FlaskClient) -> None:
    assert client.get("/projects/").status_code == client.get("/indicators/").status_code == 200


def test_what_was_asked_stays_in_the_form(client: FlaskClient) -> None:
    page = client.get("/projects?town=他镇&words=某").text
    assert '<option value="他镇" selected>他镇</option>' in page
    assert 'name="words" value="某"' in page


def test_an_unknown_check_is_not_there(client: FlaskClient) -> None:
    assert client.get("/checks?check=nope").status_code == 404
    assert client.get("/checks?check=site_in_redline").status_code == 200


def test_other_ways_of_asking_are_refused(client: FlaskClient) -> None:
    answer = client.post("/projects")
    assert answer.status_code == 405
    assert "不接受这种请求" in answer.text


@pytest.mark.parametrize("host", ["evil.invalid", "127.0.0.1.evil.invalid", "localhost.evil.invalid:8000"])
def test_other_names_are_refused(client: FlaskClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "<" not in answer.text
    assert client.get("/healthz", headers={"Host": "127.0.0.1:8123"}).status_code == 200


def test_an_unusable_county_is_told_in_sentences(county_folder: Path) -> None:
    (county_folder / "layers" / "redlines.gpkg").write_bytes(b"not a geopackage")
    (county_folder / "layers" / "towns.gpkg").unlink()
    client = create_app(open_workspace(county_folder)).test_client()
    answer = client.get("/")
    assert answer.status_code == 500
    assert "县域资料无法使用" in answer.text
    assert "redlines.gpkg" in answer.text
    assert "towns.gpkg" in answer.text
    assert "Traceback" not in answer.text
    assert str(county_folder) not in answer.text


def test_a_fault_of_the_server_shows_no_insides(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        msg = "secret detail"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr(app.extensions["ecogeo"], "board", fail)
    answer = app.test_client().get("/projects")
    assert answer.status_code == 500
    assert "服务器内部出错" in answer.text
    assert "secret" not in answer.text


def test_text_is_never_markup(county_folder: Path, every_address: Callable[[FlaskClient], list[str]]) -> None:
    poison(county_folder)
    client = create_app(open_workspace(county_folder)).test_client()
    addresses = every_address(client)
    assert len(addresses) > 10
    for path in addresses:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert FLAG in answer.text
        outside = re.sub(r'<script type="application/json".*?</script>', "", answer.text, flags=re.DOTALL)
        assert "<img" not in outside
        assert "<svg onload" not in outside
        assert "<script>" not in outside
        assert "</script><script>window" not in answer.text
        assert "49&amp;" not in outside, "the payload is no template"


@pytest.fixture
def every_address() -> Callable[[FlaskClient], list[str]]:
    """Return what lists the pages of a county, with every project the table links to."""

    def collect(client: FlaskClient) -> list[str]:
        table = client.get("/projects").text
        linked = re.findall(r'<a href="(/projects/[^"]+)"', table)
        return ["/", "/projects", "/indicators", "/checks", "/shorelines", *map(html.unescape, linked)]

    return collect


def test_keys_with_slashes_keep_their_page(county_folder: Path) -> None:
    projects = county_folder / "data" / "plan" / "projects.csv"
    projects.write_text(projects.read_text("utf-8-sig").replace("P2,", "柳江//2/补 a?b#c,"), "utf-8-sig")
    client = create_app(open_workspace(county_folder)).test_client()
    address = re.search(r'<a href="(/projects/%E6%9F%B3[^"]+)"', client.get("/projects").text)
    assert address is not None
    assert "无处项目" in client.get(address[1]).text


def test_a_county_of_nothing_has_all_its_pages(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "layers.toml").write_text('[county]\nname = "空县"\n[layers]\n', "utf-8")
    client = create_app(open_workspace(tmp_path)).test_client()
    assert [client.get(path).status_code for path in ("/", "/projects", "/checks", "/shorelines")] == [200] * 4
    assert "本县没有登记规划" in client.get("/indicators").text
    assert "本县没有的图层：项目用地" in client.get("/").text
