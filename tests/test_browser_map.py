"""The county map in a real browser: its tools as a person uses them, by mouse and by keyboard, at any size of layer."""

# ruff: noqa: F811  fixtures of another file are parameters here

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from many_parcels import write_parcels
from poisoned import FLAG, PAYLOAD, poison
from test_browser import CHROMIUM, Visit, accessibility, browser, sample, served, visiting  # noqa: F401  fixtures
from test_cells import two_dates
from test_viewer_map import FARMLAND

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="the system's Chromium is not installed (apt install chromium)"),
]


@pytest.fixture
def visit(browser: Any, sample: str) -> Iterator[Visit]:
    with visiting(browser, sample, locale="zh-CN", reduced_motion="reduce") as opened:
        opened.go("/")
        opened.page.wait_for_load_state("networkidle")
        yield opened


def state(visit: Visit) -> str:
    """Return the part of the address that holds the view, once it has been written."""
    visit.page.wait_for_timeout(300)
    return str(visit.page.evaluate("decodeURIComponent(location.hash)"))


def test_filters_drive_map_table_and_figures(visit: Visit) -> None:
    page = visit.page
    signs = page.locator(".site-sign").count()
    page.keyboard.press("t")
    page.locator("#filters summary").click()
    page.get_by_label("判断", exact=True).select_option("involved")
    rows = page.locator("#drawer-table tbody tr:visible")
    assert rows.count() == 6
    assert all("涉及" in text for text in rows.all_inner_texts())
    assert page.locator("[data-tally=possible]").inner_text() == "0"
    assert page.locator("[data-tally=involved]").inner_text() == "6"
    assert page.locator(".site-sign").count() < signs
    assert page.locator(".site-sign.answer-possible").count() == 0
    assert "符合条件 6 个" in page.locator("#figures").inner_text()
    assert "f-answer=involved" in state(visit)
    page.get_by_role("button", name="清除筛选").click()
    page.wait_for_timeout(100)
    assert rows.count() > 60
    assert "项目表" in page.locator("#figures").inner_text()


def test_the_table_leads_to_the_map_and_back(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="项目一览").click()
    page.get_by_role("button", name=re.compile("在地图上查看示例用地 03")).click()
    popup = page.locator(".leaflet-popup-content")
    popup.wait_for()
    assert "DEMO-03" in popup.inner_text()
    assert "DEMO-03" in page.locator("tr.marked").inner_text()
    assert "site=DEMO-03" in state(visit)
    assert accessibility(page) == []


def test_a_search_finds_projects_features_and_places(visit: Visit) -> None:
    page = visit.page
    page.keyboard.press("/")
    page.keyboard.type("示例用地 03")
    page.locator(".finder-hit").first.wait_for()
    page.keyboard.press("Enter")
    page.locator(".finder-hit:focus").wait_for()
    page.keyboard.press("Enter")
    page.locator(".leaflet-popup-content", has_text="DEMO-03").wait_for()
    page.locator("#finder").fill("百朋镇")
    page.locator(".finder-hit", has_text="乡镇").first.click()
    page.locator(".leaflet-popup-content .card-title", has_text="百朋镇").wait_for()
    page.locator("#finder").fill("109.3, 24.2")
    page.locator(".finder-hit", has_text="坐标位置").click()
    assert "c=24.20000,109.30000" in state(visit)
    page.locator("#finder").fill("没有这个名字")
    page.locator("#finder-told", has_text="没有找到").wait_for()


def test_the_view_comes_back_by_its_link(visit: Visit) -> None:
    page = visit.page
    page.locator("input[data-layer=redlines]").uncheck()
    page.locator("input[data-layer=villages]").check()
    page.get_by_role("button", name="调整透明度与次序").click()
    page.locator("#opacity-towns").fill("40")
    page.get_by_role("button", name="水域上移一层").click()
    page.locator("#graticule").check()
    page.locator("#theme summary").click()
    page.locator("#theme-figure").select_option(index=1)
    page.locator("#theme-key li").first.wait_for()
    page.locator("#theme-method").select_option("equal")
    page.locator("#theme-classes").select_option("3")
    page.evaluate("void window.ecogeoMap.map.setView([24.2, 109.2], 12, {animate: false})")
    before = state(visit)
    page.goto("about:blank")
    page.goto(visit.base + "/" + page.evaluate("text => '#' + encodeURI(text)", before[1:]))
    page.locator("#theme-key li").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert state(visit) == before
    assert not page.locator("input[data-layer=redlines]").is_checked()
    assert page.locator("#opacity-towns").input_value() == "40"
    assert page.evaluate("window.ecogeoMap.map.getPane('pane-towns').style.opacity") == "0.4"
    assert page.locator(".net-label").count() >= 4


def test_towns_are_coloured_with_the_breaks_a_person_chose(visit: Visit) -> None:
    page = visit.page
    page.locator("#theme summary").click()
    page.locator("#theme-figure").select_option("projects.count")
    page.locator("#theme-key li").first.wait_for()
    painted = page.locator(".leaflet-pane-towns-pane path[fill-opacity='0.8']:not([fill=none])")
    assert painted.count() >= 5
    page.locator("#theme-method").select_option("own")
    page.locator("#theme-breaks").fill("5，12")
    page.keyboard.press("Enter")
    page.locator("#theme-key", has_text="> 5 – 12").wait_for()
    assert len(set(painted.evaluate_all("all => all.map((one) => one.getAttribute('fill'))"))) <= 3
    page.locator("#filters summary").click()
    page.locator("#filter-system").select_option(index=2)
    filtered = page.locator("#theme-key", has_text="只计筛选出的项目")
    filtered.wait_for()
    page.locator("#filter-town").select_option(index=1)
    page.locator("#theme-key", has_text="未选的乡镇").wait_for()
    assert painted.count() == 1, "the chosen town alone"
    page.get_by_role("button", name="清除筛选").click()
    filtered.wait_for(state="detached")
    page.locator("#theme-figure").select_option("")
    page.locator("#theme-key").wait_for(state="hidden")
    assert painted.count() == 0


def test_the_server_measures_what_is_drawn_by_keyboard(visit: Visit) -> None:
    page = visit.page
    page.evaluate("void window.ecogeoMap.map.setView([24.2, 109.2], 12, {animate: false})")
    page.get_by_role("button", name="量面积").focus()
    page.keyboard.press("Enter")
    for lat, lon in ((24.2, 109.2), (24.2, 109.3), (24.3, 109.3)):
        page.evaluate(f"void window.ecogeoMap.map.setView([{lat}, {lon}], 12, {{animate: false}})")
        page.keyboard.press("Space")
    page.locator("#measured", has_text="公顷").wait_for()
    # 10.157 km along 24.233 degrees by 11.076 km, halved: 5,625 ha; the map's centre is known to half a pixel of 35 m
    area = float(re.search(r"([\d,.]+) 公顷", page.locator("#measured").inner_text()).group(1).replace(",", ""))
    assert area == pytest.approx(5625, rel=0.005)
    page.keyboard.press("Escape")
    assert page.locator("#measured").is_hidden()


def test_two_versions_stand_side_by_side(visit: Visit) -> None:
    page = visit.page
    page.locator("#compare summary").click()
    page.locator("#compare-layer").select_option("redlines")
    page.locator("#swipe-range").wait_for()
    page.locator(".leaflet-pane-redlines-earlier-pane path").nth(20).wait_for(state="attached")
    clip = "document.querySelector('.leaflet-pane-redlines-earlier-pane').style.clip"
    half = page.evaluate(clip)
    page.locator("#swipe-range").focus()
    page.keyboard.press("End")
    assert page.evaluate(clip) != half
    assert "swipe=redlines:1000" in state(visit)
    assert "sample-0" in page.locator("#swipe-left").inner_text()


def test_two_dates_of_a_raster_stand_side_by_side(browser: Any, county_folder: Path) -> None:
    two_dates(county_folder)
    with served(county_folder) as base, visiting(browser, base, locale="zh-CN", reduced_motion="reduce") as visit:
        visit.go("/#swipe=landcover:250")
        page = visit.page
        for pane in ("landcover", "landcover-earlier"):
            page.locator(f".leaflet-pane-{pane}-pane img").wait_for()
        legend = page.locator("[data-cells=landcover] li")
        assert legend.all_inner_texts() == ["耕地", "林地", "森林"]
        assert page.locator("#swipe-left").inner_text() == "旧版 2020-01-01 · v0"
        clip = "document.querySelector('.leaflet-pane-{}-pane').style.clip"  # whichever came first to the map
        right, left = (
            re.findall(r"-?[\d.]+", page.evaluate(clip.format(pane))) for pane in ("landcover", "landcover-earlier")
        )
        assert left[1] == right[3], "they meet at the line, a quarter from the left"
        page.get_by_label("土地覆盖", exact=True).uncheck()
        page.locator(".leaflet-pane-landcover-pane img").wait_for(state="detached")
        assert accessibility(page) == []


def test_the_help_opens_by_its_key(visit: Visit) -> None:
    page = visit.page
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    assert accessibility(page) == []
    page.keyboard.press("?")
    assert page.locator("#help").is_hidden()


def test_everything_is_open_and_accessible(visit: Visit) -> None:
    page = visit.page
    for fold in page.locator(".fold summary").all():
        fold.click()
    page.get_by_role("button", name="调整透明度与次序").click()
    page.keyboard.press("t")
    page.locator("#theme-figure").select_option(index=1)
    page.locator("#theme-key li").first.wait_for()
    assert accessibility(page) == []
    sizes = page.locator(".toolbar button, .adjust button").evaluate_all("all => all.map((one) => one.offsetHeight)")
    assert min(sizes) >= 24


@pytest.mark.parametrize("size", [(683, 384), (390, 844)])
def test_the_map_at_twice_the_size_and_on_a_phone(
    browser: Any,
    sample: str,
    size: tuple[int, int],
) -> None:
    with visiting(browser, sample, viewport={"width": size[0], "height": size[1]}) as opened:
        opened.go("/")
        page = opened.page
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.get_by_role("button", name="项目一览").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.locator("#map-frame").bounding_box()["height"] >= 200
        assert accessibility(page) == []


def test_a_layer_too_large_for_the_page_is_drawn_and_answered_by_the_server(
    browser: Any,
    county_folder: Path,
) -> None:
    write_parcels(county_folder / "layers" / "farmland.gpkg", 120, 100, west=109.18, south=24.22, side_deg=0.0008)
    with (county_folder / "layers" / "layers.toml").open("a", encoding="utf-8") as file:
        file.write(FARMLAND)
    (county_folder / "layers" / "styles.toml").write_text("[farmland]\nis_on = true\n", "utf-8")
    with served(county_folder) as base, visiting(browser, base) as opened:
        opened.go("/")
        page = opened.page
        page.locator(".leaflet-pane-farmland-pane img.leaflet-tile-loaded").first.wait_for()
        page.locator("#finder").fill("00000042")
        page.locator(".finder-hit", has_text="45020600000042").click()
        page.locator(".leaflet-popup-content .card", has_text="45020600000042").wait_for()
        page.wait_for_load_state("networkidle")
        page.keyboard.press("Escape")
        page.locator("input[data-layer=farmland]").uncheck()
        assert page.locator(".leaflet-pane-farmland-pane img").count() == 0


def test_the_tools_write_no_markup(browser: Any, county_folder: Path) -> None:
    poison(county_folder)
    with served(county_folder) as base, visiting(browser, base) as opened:
        opened.go("/")
        page = opened.page
        page.wait_for_load_state("networkidle")
        page.keyboard.press("t")
        page.locator("#finder").fill("onerror")
        page.locator(".finder-hit").first.wait_for()
        assert PAYLOAD[:30] in page.locator("#finder-list").inner_text()
        page.locator(".finder-hit").first.click()
        page.locator("#theme summary").click()
        page.locator("#theme-figure").select_option(index=1)
        page.locator("#theme-key li").first.wait_for()
        for path in ("/layers/towns", "/layers/redlines"):
            opened.go(path)
            assert "onerror" in page.locator("table").inner_text()
        assert page.evaluate(f"window.{FLAG}") is None
        assert page.locator("main img:not(.leaflet-image-layer)").count() == 0


def test_a_measure_is_a_layer_with_its_legend_and_a_way_to_its_table(visit: Visit) -> None:
    """The sheet of a mine leads to its parts on the map; a click tells what they are, and the legend leads back."""
    page = visit.page
    visit.go("/mines/K02")
    page.get_by_role("link", name="在县域地图上看").click()
    parts = page.locator(".leaflet-pane-measure-mine-parts-pane path")
    parts.first.wait_for(state="attached")
    assert parts.count() == 23
    box = page.locator("input[data-layer=measure-mine-parts]")
    assert box.is_checked()
    legend = page.locator("li", has=box)
    assert legend.locator(".legend-title", has_text="已修复").is_visible()
    page.evaluate("ecogeoMap.openFeature('measure-mine-parts', 'K02', ecogeoMap.map.getCenter())")
    page.locator(".leaflet-popup-content", has_text="示意矿山 2").wait_for()
    assert "measure-mine-parts" in state(visit)
    page.keyboard.press("Escape")
    box.uncheck()
    assert parts.count() == 0
    box.check()
    legend.get_by_role("link", name="矿山扰动与修复的表和图").click()
    page.wait_for_url("**/mines")
