"""The counter in a real browser without a network: files dropped, sites drawn, everything by keyboard, names inert."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from format_samples import write_shapefile, zip_of
from poisoned import FLAG, PAYLOAD, poison
from test_browser import CHROMIUM, SAMPLE, Visit, served, visiting

from ecogeo.finding import Report

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="the system's Chromium is not installed (apt install chromium)"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def sample_county(sample_report: Report) -> Iterator[str]:
    with served(SAMPLE, sample_report) as base:
        yield base


@pytest.fixture
def counter(chromium: Any, sample_county: str) -> Iterator[Visit]:
    with visiting(chromium, sample_county, locale="zh-CN") as opened:
        opened.go("/screen")
        opened.page.wait_for_load_state("networkidle")
        yield opened


@pytest.fixture
def gbk_zip(tmp_path: Path) -> Path:
    """Return a shapefile in GBK, without .prj and .cpg, in a ZIP: what surveyors send."""
    frame = gpd.GeoDataFrame(
        {"项目名称": ["洛维厂区", "百朋仓库"]},
        geometry=[shapely.box(109.30, 24.28, 109.31, 24.29), shapely.box(109.33, 24.24, 109.332, 24.242)],
        crs="EPSG:4490",
    ).to_crs("EPSG:4545")
    shape = write_shapefile(tmp_path, "地块", frame=frame)
    members = {f"地块.{part}": shape.with_suffix(f".{part}").read_bytes() for part in ("shp", "shx", "dbf")}
    path = tmp_path / "送审 地块.zip"
    path.write_bytes(zip_of(members, encoding="gbk"))
    return path


def read(visit: Visit) -> str:
    return str(visit.page.locator("main").inner_text())


def check(visit: Visit) -> None:
    visit.page.locator("#counter-go").click()
    visit.page.wait_for_url("**/screen/*")
    visit.page.wait_for_load_state("networkidle")


def test_a_gbk_shapefile_without_prj_at_the_counter(counter: Visit, gbk_zip: Path) -> None:
    page = counter.page
    page.set_input_files("#counter-file", gbk_zip)
    assert "送审 地块.zip" in page.locator("#drop-status").inner_text()
    check(counter)
    said = read(counter)
    for words in ("GB18030", "EPSG:4545", "推断", "洛维厂区", "百朋仓库", "共 2 宗用地", "结果供内部核对"):
        assert words in said, words
    assert page.locator(".leaflet-pane-overlap-pane path").count() > 0
    page.get_by_role("link", name="百朋仓库").click()
    page.wait_for_url("**site=S2")
    assert page.locator("h1").inner_text() == "百朋仓库"


def test_loose_parts_are_dropped_together(counter: Visit, gbk_zip: Path) -> None:
    parts = [gbk_zip.with_name(f"地块.{part}") for part in ("shp", "shx", "dbf")]
    counter.page.set_input_files("#counter-file", parts)
    check(counter)
    assert "洛维厂区" in read(counter)


def test_a_hit_is_shown_on_the_map_and_downloads_come(counter: Visit, gbk_zip: Path) -> None:
    page = counter.page
    page.set_input_files("#counter-file", gbk_zip)
    check(counter)
    button = page.locator("button[data-piece]").first
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert page.locator(".leaflet-pane-piece-pane path").count() == 2, "a casing and a line"
    button.click()
    assert page.locator(".leaflet-pane-piece-pane path").count() == 0
    with page.expect_download() as coming:
        page.get_by_role("link", name="全部结果（ZIP）").click()
    assert coming.value.suggested_filename == "screening.zip"


def test_a_site_is_drawn_moved_and_checked(counter: Visit) -> None:
    page = counter.page
    box = page.locator("#draw-map").bounding_box()
    for across, down in ((0.45, 0.45), (0.55, 0.45), (0.5, 0.55)):
        page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
    lines = page.locator("#counter-corners").input_value().splitlines()
    assert len(lines) == 3
    assert all(re.fullmatch(r"109\.\d{7}, 24\.\d{7}", line) for line in lines)
    assert page.locator("#draw-map path.leaflet-interactive, #draw-map .leaflet-overlay-pane path").count() > 0
    page.get_by_role("button", name="第 2 点").focus()
    page.keyboard.press("Shift+ArrowRight")
    moved = page.locator("#counter-corners").input_value().splitlines()
    assert float(moved[1].split(",")[0]) == pytest.approx(float(lines[1].split(",")[0]) + 0.0001, abs=2e-7)
    page.get_by_label("用地名称（可不填）").fill("手画的地")
    check(counter)
    assert page.locator("h1").inner_text() == "手画的地"
    assert "CGCS2000，经纬度" in read(counter)


def test_the_whole_counter_by_keyboard(counter: Visit) -> None:
    page = counter.page
    page.locator("#counter-corners").focus()
    page.keyboard.type("109.300, 24.280\n109.304, 24.280\n109.304, 24.284\n109.300, 24.284")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "counter-name":
            break
    page.keyboard.type("键盘用地")
    page.keyboard.press("Enter")
    page.wait_for_url("**/screen/*")
    assert page.locator("h1").inner_text() == "键盘用地"
    choice = page.get_by_role("combobox", name="改为")
    choice.focus()
    choice.select_option("road")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("由操作人指定").wait_for()
    question = page.locator("fieldset.asked input[type=radio]").first
    question.focus()
    page.keyboard.press("Space")
    page.get_by_label("作答人").focus()
    page.keyboard.type("张三")
    page.keyboard.press("Enter")
    page.get_by_text("已答的问题（1 个），可以改答").wait_for()
    assert page.locator("details.settled .asked").count() == 1


def test_a_file_that_leads_elsewhere_is_corrected_by_a_button(counter: Visit, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.box(109.30, 24.28, 109.31, 24.29)], crs="EPSG:4490").to_crs("EPSG:4545")
    path = tmp_path / "错带.geojson"
    shape = json.loads(shapely.to_geojson(frame.geometry.iloc[0]))
    stated = {"type": "name", "properties": {"name": "EPSG:4546"}}
    feature = {"type": "Feature", "properties": {}, "geometry": shape}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": stated, "features": [feature]}), "utf-8")
    page = counter.page
    page.set_input_files("#counter-file", path)
    check(counter)
    assert "疑似带号错误" in read(counter)
    page.get_by_role("button", name="EPSG:4545", exact=True).click()
    page.get_by_text("按指定", exact=False).first.wait_for()
    assert "这个文件不能核查" not in read(counter)
    assert page.locator(".answer-involved").count() > 0


def test_what_cannot_be_read_is_told(counter: Visit, tmp_path: Path) -> None:
    path = tmp_path / "不是.kml"
    path.write_text('<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>', "utf-8")
    counter.page.set_input_files("#counter-file", path)
    check(counter)
    assert "不属于支持的格式" in read(counter)


def test_the_counter_is_accessible_and_fits(chromium: Any, sample_county: str, gbk_zip: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for lang, width in (("zh", 1366), ("en", 390)):
        with visiting(chromium, sample_county, viewport={"width": width, "height": 844}) as opened:
            for _ in ("form", "case"):
                if _ == "form":
                    opened.go(f"/screen?lang={lang}")
                else:
                    opened.page.set_input_files("#counter-file", gbk_zip)
                    check(opened)
                opened.page.wait_for_load_state("networkidle")
                grave = [
                    (found["id"], [node["html"][:120] for node in found["nodes"]][:3])
                    for found in Axe().run(opened.page).response["violations"]
                    if found["impact"] in {"serious", "critical"}
                ]
                assert grave == [], lang
                assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_poisoned_names_stay_inert(chromium: Any, county_folder: Path, tmp_path: Path) -> None:
    poison(county_folder)
    path = tmp_path / "poison.geojson"
    at = {"type": "Point", "coordinates": [109.2, 24.24]}
    features = [{"type": "Feature", "properties": {"name": PAYLOAD, PAYLOAD: PAYLOAD}, "geometry": at}] * 2
    path.write_text(json.dumps({"type": "FeatureCollection", "name": PAYLOAD, "features": features}), "utf-8")
    with served(county_folder) as base, visiting(chromium, base) as opened:
        opened.go("/screen?lang=zh")
        opened.page.wait_for_load_state("networkidle")
        opened.page.set_input_files(
            "#counter-file", {"name": f"{PAYLOAD[:50]}.geojson", "mimeType": "", "buffer": path.read_bytes()}
        )
        check(opened)
        for _ in range(2):
            assert opened.page.evaluate(f"window.{FLAG}") is None
            assert opened.page.locator("main img:not(.leaflet-image-layer), main svg[onload]").count() == 0
            assert "onerror" in opened.page.locator("h1").inner_text(), "the text itself is shown"
            opened.go("/screen")
            opened.page.locator(".own-cases a").first.click()
            opened.page.wait_for_load_state("networkidle")
