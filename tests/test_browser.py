"""The viewer in a real browser without a network: every page walked as a person would."""

from __future__ import annotations

import contextlib
import io
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pytest
import waitress
from poisoned import FLAG, PAYLOAD, poison
from two_rules import write_rules

from ecogeo.finding import Report
from ecogeo.workspace import open_workspace
from viewer import create_app

CHROMIUM = Path("/usr/bin/chromium")
SAMPLE = Path(__file__).parent.parent
OVERVIEWS = (
    "/",
    "/projects",
    "/projects?view=money&by=department",
    "/projects?view=timeline",
    "/indicators",
    "/indicators/audit",
    "/indicators/values",
    "/indicators/towns",
    "/checks",
    "/report",
    "/runs",
    "/shorelines",
    "/mines",
    "/land",
    "/land?show=protected",
)
"""Pages every county has."""

PAGES = (*OVERVIEWS, "/mines/K02", "/projects/P2-01", "/projects/P1-01", "/projects/DEMO-03", "/indicators?plan=guilin")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists() and not os.environ.get("ECOGEO_REQUIRE_BROWSER"),
        reason="the system's Chromium is not installed (apt install chromium)",
    ),
]


@dataclass
class Visit:
    """A browser tab, and everything that went wrong in it."""

    page: Any
    base: str
    problems: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)


@contextlib.contextmanager
def served(root: Path, report: Report | None = None) -> Iterator[str]:
    """Serve a county on a free port of the loopback, its board made before anybody waits for a page."""
    app = create_app(open_workspace(root), report=report)
    app.extensions["ecogeo"].board()
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)

    def work() -> None:
        with contextlib.suppress(OSError):
            server.run()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(timeout=5)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def sample(sample_report: Report) -> Iterator[str]:
    with served(SAMPLE, sample_report) as base:
        yield base


@contextlib.contextmanager
def visiting(browser: Any, base: str, **options: Any) -> Iterator[Visit]:
    """Open a tab in which nothing but the loopback is reachable; whatever goes wrong fails the test."""
    context = browser.new_context(**{"viewport": {"width": 1366, "height": 768}, **options})
    page = context.new_page()
    visit = Visit(page, base)

    def guard(route: Any) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            visit.problems.append(f"foreign request: {route.request.url}")
            route.abort()

    def note(message: Any) -> None:
        if message.type in {"error", "warning"}:
            visit.problems.append(f"console: {message.text}")

    def answered(response: Any) -> None:
        if response.status >= 400:
            visit.problems.append(f"{response.status}: {response.url}")

    context.route(re.compile("^(?!data:)"), guard)
    page.on("console", note)
    page.on("pageerror", lambda error: visit.problems.append(f"page error: {error}"))
    page.on("response", answered)
    yield visit
    context.close()
    assert visit.problems == []


@pytest.fixture
def visit(browser: Any, sample: str) -> Iterator[Visit]:
    with visiting(browser, sample, locale="zh-CN") as opened:
        yield opened


def in_lang(path: str, lang: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={lang}"


def hrefs(links: Any) -> set[str]:
    """Return the addresses of links as they are at this moment."""
    return set(links.evaluate_all("links => links.map((link) => link.getAttribute('href'))"))


def shapes(visit: Visit, role: str) -> int:
    return int(visit.page.locator(f".leaflet-pane-{role}-pane path").count())


def test_a_layer_goes_off_and_on(visit: Visit) -> None:
    visit.go("/")
    at_first = shapes(visit, "redlines")
    assert at_first > 20
    box = visit.page.locator("input[data-layer=redlines]")
    box.uncheck()
    assert shapes(visit, "redlines") == 0
    box.check()
    assert shapes(visit, "redlines") == at_first


def test_layers_are_fetched_when_switched_on(visit: Visit) -> None:
    visit.go("/")
    assert visit.page.locator(".leaflet-pane-farmland-pane canvas").count() == 0
    with visit.page.expect_response("**/api/layers/farmland.geojson") as fetched:
        visit.page.locator("input[data-layer=farmland]").check()
    assert fetched.value.ok
    visit.page.locator(".leaflet-pane-farmland-pane canvas").wait_for()
    with visit.page.expect_response("**/api/layers/villages.geojson"):
        visit.page.locator("input[data-layer=villages]").check()
    visit.page.locator(".leaflet-pane-villages-pane path").first.wait_for()
    assert shapes(visit, "villages") == 118


def test_the_terrain_lies_under_the_map(visit: Visit) -> None:
    visit.go("/")
    image = visit.page.locator(".leaflet-pane-relief-pane img")
    visit.page.wait_for_function("document.querySelector('.leaflet-pane-relief-pane img').naturalWidth > 500")
    visit.page.locator("input[data-relief]").uncheck()
    assert image.count() == 0


def test_a_sign_opens_by_keyboard_and_leads_to_the_project(visit: Visit) -> None:
    visit.go("/#site=DEMO-03")
    popup = visit.page.locator(".leaflet-popup-content")
    popup.get_by_text("DEMO-03", exact=True).wait_for()
    assert "涉及" in popup.inner_text()
    visit.page.keyboard.press("Escape")
    popup.wait_for(state="detached")
    sign = visit.page.get_by_role("button", name=re.compile("示例用地 03"))
    sign.focus()
    visit.page.keyboard.press("Enter")
    popup.wait_for()
    visit.page.keyboard.press("Enter")  # the link to the page has the focus
    visit.page.wait_for_url("**/projects/DEMO-03")
    assert "示例用地 03" in visit.page.locator("h1").inner_text()
    assert visit.page.locator("#answers + .scroll td").first.inner_text().strip() == "✕ 涉及"
    assert shapes(visit, "overlap") == 2


def test_a_feature_says_what_it_is(visit: Visit) -> None:
    visit.go("/")
    visit.page.locator(".leaflet-pane-mines-pane path").first.dispatch_event("click")
    popup = visit.page.locator(".leaflet-popup-content")
    popup.wait_for()
    assert "示意矿山" in popup.inner_text()
    assert visit.page.get_by_role("button", name="关闭窗口").count() == 1


def test_a_project_without_a_place_is_on_no_map(visit: Visit) -> None:
    visit.go("/projects/P1-01")
    assert visit.page.locator(".folium-map").count() == 0
    assert "没有用地图形" in visit.page.locator(".why").inner_text()


def test_the_language_is_kept(visit: Visit) -> None:
    visit.go("/projects")
    visit.page.get_by_role("link", name="English").click()
    assert visit.page.locator("html").get_attribute("lang") == "en"
    visit.page.get_by_role("link", name="Indicators").click()
    assert visit.page.locator("h1").inner_text() == "Indicators of the plans"
    assert visit.page.get_by_role("link", name="中文").count() == 1


def test_the_table_is_filtered_as_a_person_would(visit: Visit) -> None:
    visit.go("/projects")
    visit.page.get_by_label("乡镇").select_option("穿山镇")
    visit.page.get_by_label("判断").select_option("possible")
    visit.page.get_by_role("button", name="筛选").click()
    rows = visit.page.locator("tbody tr")
    assert 0 < rows.count() < 20
    assert all("可能涉及" in text for text in rows.all_inner_texts())
    assert "town=" in visit.page.url


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_sound_and_accessible(visit: Visit, lang: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for path in PAGES:
        visit.go(in_lang(path, lang))
        visit.page.wait_for_load_state("networkidle")
        grave = [
            (found["id"], [node["html"][:120] for node in found["nodes"]][:3])
            for found in Axe().run(visit.page).response["violations"]
            if found["impact"] in {"serious", "critical"}
        ]
        assert grave == [], path


@pytest.mark.parametrize("width", [390, 1366, 1920])
def test_no_page_is_wider_than_the_screen(browser: Any, sample: str, width: int) -> None:
    with visiting(browser, sample, viewport={"width": width, "height": 844}) as opened:
        for lang in ("zh", "en"):
            for path in PAGES:
                opened.go(in_lang(path, lang))
                assert opened.page.evaluate("document.documentElement.scrollWidth") <= width, (path, lang)


def test_an_officer_fills_in_the_sheet_and_confirms(browser: Any, county_folder: Path, tmp_path: Path) -> None:
    with served(county_folder) as base, visiting(browser, base, locale="zh-CN") as opened:
        page = opened.page
        opened.go("/indicators/values")
        page.get_by_label("年份").fill("2025")
        with page.expect_download() as download:
            page.get_by_role("button", name="下载 Excel").click()
        book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
        book["填报"]["H2"] = 18
        book.save(tmp_path / "filled.xlsx")
        page.get_by_label("Excel 文件").set_input_files(tmp_path / "filled.xlsx")
        page.get_by_label("填报人").fill("张三")
        page.get_by_label("说明").fill("年报")
        page.get_by_role("button", name="上传并预览").click()
        page.get_by_role("heading", name="将要保存 1 个数值").wait_for()
        assert accessibility(page) == []
        page.get_by_role("button", name="确认保存").click()
        page.wait_for_url("**saved=1")
        page.get_by_role("link", name="指标看板").click()
        page.locator("figure[data-chart=course] svg").wait_for()
        assert "未达标" in page.locator(".grid .status").first.inner_text()
        assert accessibility(page) == []


CHARTS = {
    "/projects?view=money": 1,
    "/projects?view=money&by=department": 1,
    "/projects?view=money&by=town": 1,
    "/projects?view=money&by=year": 1,
    "/projects?view=timeline": 1,
    "/indicators": 3,
}
"""How many charts are on which page."""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_charts_are_drawn_large_enough_and_beside_a_table(visit: Visit, lang: str) -> None:
    for path, count in CHARTS.items():
        visit.go(in_lang(path, lang))
        drawn = visit.page.locator("figure[data-chart]:visible [role=img] svg")
        assert drawn.count() == count, path
        assert visit.page.locator("main table").count() >= count, path
        sizes = drawn.locator("text").evaluate_all(
            "all => all.map((text) => parseFloat(getComputedStyle(text).fontSize))"
        )
        assert len(sizes) > 5, path
        assert min(sizes) >= 14, path
        for name in visit.page.locator("[role=img][aria-label]").evaluate_all("all => all.map((one) => one.ariaLabel)"):
            assert ("数字见旁边的表" if lang == "zh" else "in the table beside it") in name


def test_a_bar_tells_its_figures_and_leads_to_the_project(visit: Visit) -> None:
    visit.go("/projects?view=timeline")
    bar = visit.page.locator("figure[data-chart] svg text", has_text="2020–2030").first
    bar.hover(force=True)
    visit.page.locator("figure[data-chart] svg text", has_text="实施期内").wait_for()
    box = bar.bounding_box()
    visit.page.mouse.click(box["x"] + 3, box["y"] + box["height"] / 2)
    visit.page.wait_for_url("**/projects/P5-06")
    assert "农村生活污水治理" in visit.page.locator("h1").inner_text()


def test_charts_are_printed_whole(visit: Visit) -> None:
    visit.go("/projects?view=timeline")
    visit.page.emulate_media(media="print")
    visit.page.set_viewport_size({"width": 720, "height": 1000})
    box = visit.page.locator("figure[data-chart] svg").bounding_box()
    assert box["width"] <= 720
    assert box["height"] > 500


def test_without_scripts_the_tables_of_the_charts_are_open(browser: Any, sample: str) -> None:
    with visiting(browser, sample, java_script_enabled=False) as opened:
        for path in CHARTS:
            opened.go(path)
            assert opened.page.locator("figure[data-chart]:visible").count() == 0, path
            tables = opened.page.locator("main table")
            assert tables.count() == opened.page.locator("main table:visible").count() > 0, path


def test_tables_work_without_scripts(browser: Any, sample: str) -> None:
    with visiting(browser, sample, java_script_enabled=False) as opened:
        opened.go("/projects?answer=involved")
        assert opened.page.locator("tbody tr").count() == 6, (
            "four in red lines, one in farmland and by a river, one on a steep slope"
        )
        opened.go("/")
        assert "地图需要浏览器脚本" in opened.page.locator(".map-off").inner_text()


def accessibility(page: Any) -> list[str]:
    """Return the serious faults of a page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [fault["id"] for fault in found if fault["impact"] in {"serious", "critical"}]


@pytest.fixture
def recording(browser: Any, county_folder: Path) -> Iterator[Visit]:
    """A tab on a project of a county of its own, whose verdict hangs on one question."""
    write_rules(county_folder)
    with served(county_folder) as base, visiting(browser, base, locale="zh-CN") as opened:
        opened.go("/projects/P1")
        yield opened


def verdict(visit: Visit) -> str:
    return str(visit.page.locator("#rules-said + .scroll .verdict").first.inner_text())


def test_an_officer_answers_by_keyboard_and_sees_the_verdict(recording: Visit) -> None:
    page = recording.page
    assert verdict(recording) == "待补充"
    question = page.get_by_role("group", name="是否临时用地？")
    question.get_by_label("是", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert question.get_by_label("否", exact=True).is_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("长期使用")
    page.keyboard.press("Tab")
    page.keyboard.type("张三")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/P1?saved=answers-2#recorded")
    notice = page.locator("#recorded")
    assert "是否临时用地？ — 否 张三" in notice.inner_text()
    assert notice.evaluate("notice => notice === document.activeElement")
    assert notice.evaluate("notice => notice.getBoundingClientRect().top") >= 0
    assert verdict(recording) == "禁止"
    assert accessibility(page) == []
    page.reload()
    assert verdict(recording) == "禁止"
    assert page.locator(".history tbody tr").count() == 1, "a reload saves nothing again"


def test_an_officer_chooses_a_type_and_reviews(recording: Visit) -> None:
    page = recording.page
    page.get_by_text("改定类型").click()
    page.get_by_label("改为").select_option("road")
    types = page.get_by_role("form", name="项目类型")
    types.get_by_label("理由").fill("实为公路")
    types.get_by_label("改定人").fill("张三")
    page.get_by_role("button", name="保存类型").click()
    page.locator("#recorded").wait_for()
    assert "由张三指定" in page.locator(".type-now").inner_text()
    page.get_by_text("填写复核意见").click()
    reviews = page.get_by_role("form", name="复核")
    reviews.get_by_label("图层与计算结果").select_option("redlines|inside")
    reviews.get_by_label("不涉及", exact=True).check()
    reviews.get_by_label("理由").fill("现场核实")
    reviews.get_by_label("复核人").fill("李四")
    page.get_by_role("button", name="保存复核").click()
    page.wait_for_url("**saved=reviews-2#recorded")
    row = page.locator("#answers + .scroll tbody tr").filter(has_text="生态保护红线")
    assert row.locator(".answer").all_inner_texts() == ["✕ 涉及", "✓ 不涉及"]
    recording.go("/#site=P1")
    card = page.locator(".leaflet-popup-content .card:has(.review)")
    card.wait_for()
    assert card.locator(".answer").inner_text() == "✕ 涉及"
    assert card.locator(".review").inner_text() == "复核 生态保护红线：不涉及（李四）"


def test_a_form_that_is_refused_keeps_what_was_written(recording: Visit) -> None:
    page = recording.page
    page.get_by_text("改定类型").click()
    types = page.get_by_role("form", name="项目类型")
    types.get_by_label("改为").select_option("road")
    types.get_by_label("理由").fill("实为公路")
    types.get_by_label("改定人").fill("   ")
    page.get_by_role("button", name="保存类型").click()
    refused = page.locator("#refused")
    refused.wait_for()
    assert refused.evaluate("box => box === document.activeElement")
    assert types.get_by_label("理由").input_value() == "实为公路"
    assert accessibility(page) == []
    page.get_by_role("link", name=re.compile("请填写姓名")).click()
    page.keyboard.type("张三")
    page.keyboard.press("Enter")
    page.locator("#recorded").wait_for()
    assert all("400" in problem for problem in recording.problems), "a refusal is an answer of 400"
    recording.problems.clear()


def test_what_officers_write_stays_inert(recording: Visit) -> None:
    page = recording.page
    page.get_by_role("group", name="是否临时用地？").get_by_label("未知").check()
    page.locator("#answers-reason-is_temporary").fill(PAYLOAD)
    page.get_by_label("作答人").fill(PAYLOAD[:40])
    page.get_by_role("button", name="保存作答").click()
    page.locator("#recorded").wait_for()
    page.get_by_text("填写复核意见").click()
    page.get_by_label("图层与计算结果").select_option("redlines|inside")
    page.get_by_label("可能涉及", exact=True).check()
    page.locator("#reviews-reason").fill(PAYLOAD)
    page.get_by_label("复核人").fill(PAYLOAD[:40])
    page.get_by_role("button", name="保存复核").click()
    page.wait_for_url("**saved=reviews-2#recorded")
    assert PAYLOAD in page.locator(".history").inner_text()
    for path in ("/projects/P1", "/projects/P1?lang=en", "/projects", "/checks", "/#site=P1"):
        recording.go(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(f"window.{FLAG}") is None, path
        assert page.locator("main img:not(.leaflet-image-layer)").count() == 0, path
    assert PAYLOAD[:40] in page.locator(".leaflet-popup-content .review").inner_text()


def test_a_poisoned_county_stays_inert(
    browser: Any, county_folder: Path, check_every_page: Callable[[Visit], None]
) -> None:
    poison(county_folder)
    with served(county_folder) as base, visiting(browser, base) as opened:
        check_every_page(opened)
        assert opened.page.evaluate(f"window.{FLAG}") is None


@pytest.fixture
def check_every_page() -> Callable[[Visit], None]:
    """Return what opens every page, popup and switch of a county and looks for anything that ran."""

    def check(opened: Visit) -> None:
        page = opened.page
        for lang in ("zh", "en"):
            for path in OVERVIEWS:
                opened.go(in_lang(path, lang))
                assert page.evaluate(f"window.{FLAG}") is None, path
                assert page.locator("main img, main svg[onload]").count() == 0, path
        opened.go("/?lang=zh")
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        for box in page.locator("input[data-layer]").all():
            box.uncheck()
            box.check()
        for role in ("towns", "redlines", "river_reaches", "shorelines"):
            for shape in page.locator(f".leaflet-pane-{role}-pane path").all():
                shape.dispatch_event("click")
                page.locator(".leaflet-popup-content").first.wait_for()
                assert page.evaluate(f"window.{FLAG}") is None, role
        assert page.locator(".site-sign").count() > 3
        addresses: set[str] = set()
        for sign in page.locator(".leaflet-marker-icon[role=button]").all():
            sign.dispatch_event("click")
            page.locator(".leaflet-popup-content .card-link").first.wait_for()
            addresses |= hrefs(page.locator(".leaflet-popup-content .card-link"))
        assert addresses
        opened.go("/projects")
        addresses |= hrefs(page.locator("tbody a"))
        for address in sorted(addresses):
            opened.go(address)
            assert page.evaluate(f"window.{FLAG}") is None, address
            assert "onerror" in page.locator("h1").inner_text(), "the text itself is shown"

    return check
