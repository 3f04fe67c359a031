"""A meeting, and the one file on a machine with nothing else, in a real browser: every request elsewhere fails."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from poisoned import FLAG, poison
from test_browser import SAMPLE, accessibility, browser, pytestmark, served, visiting
from two_rules import write_rules

from ecogeo.board.plans import plan_boards
from ecogeo.board.projects import project_records
from ecogeo.export.page import export_page
from ecogeo.finding import Report
from ecogeo.judging import judge_county
from ecogeo.law import read_law
from ecogeo.present.default_steps import default_steps
from ecogeo.workspace import open_workspace

__all__ = ["browser", "pytestmark"]

Run = Callable[..., tuple[int, str, str]]
STATIC = SAMPLE / "viewer" / "static"


@pytest.fixture(scope="module")
def sample(sample_report: Report) -> Iterator[str]:
    with served(SAMPLE, sample_report) as base:
        yield base


@pytest.fixture(scope="module")
def sample_file(tmp_path_factory: pytest.TempPathFactory, sample_report: Report) -> Path:
    return write_page(SAMPLE, tmp_path_factory.mktemp("stick") / "county.html", sample_report)


def write_page(root: Path, file: Path, report: Report | None = None) -> Path:
    county = open_workspace(root)
    report = report or judge_county(county, law=read_law(county, on=None))
    records = project_records(county, report)
    plans, _ = plan_boards(county)
    steps = default_steps(county, report, records, plans)
    file.write_bytes(export_page(county, report, records, plans, steps, static=STATIC).page)
    return file


class Stick:
    """A file opened from a stick: whatever it asks for but itself is refused and noted."""

    def __init__(self, browser: Any, file: Path, **options: Any) -> None:
        self.context = browser.new_context(
            **{"viewport": {"width": 1366, "height": 768}, "locale": "zh-CN", "offline": True, **options}
        )
        self.page = self.context.new_page()
        self.problems: list[str] = []
        self.address = file.as_uri()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on("request", self._asked)
        self.page.goto(self.address)

    def _note(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        if request.url.partition("#")[0] != self.address and not request.url.startswith("data:"):
            self.problems.append(f"asked for {request.url}")

    def open(self, name: str) -> None:
        self.page.locator(f"nav a[href='#{name}']").click()
        self.page.locator(f"section.export-{name}:visible").wait_for()

    def close(self) -> None:
        self.context.close()
        assert self.problems == []


@pytest.fixture
def stick(browser: Any, sample_file: Path) -> Iterator[Stick]:
    opened = Stick(browser, sample_file)
    yield opened
    opened.close()


def number_of(page: Any) -> int:
    found = re.search(r"\d+", page.locator(".present-count").inner_text())
    assert found is not None
    return int(found[0])


def walk(page: Any, steps: list[dict[str, Any]]) -> None:
    """Walk ten steps by keyboard and find on each what it is to say and show."""
    for number in range(1, 11):
        page.locator(".present-count", has_text=re.compile(rf"第 {number} 步")).wait_for()
        step = steps[number - 1]
        assert page.locator(".present-title").inner_text() == zh(step["title"])
        assert page.locator(".present-words p").all_inner_texts() == [zh(one) for one in step["words"]]
        for name in set(step.get("layers") or []) - {"project_sites"}:
            drawn = page.locator(f".leaflet-pane-{name}-pane :is(path, canvas)")
            drawn.first.wait_for(state="attached")
        assert page.locator(".site-sign").count() > 0
        page.keyboard.press(("ArrowRight", "PageDown", " ")[number % 3])


def zh(told: Any) -> str:
    return told["zh"] if isinstance(told, dict) else str(told)


def steps_of(page: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(
        "JSON.parse(document.querySelector('#present-data, #county-data').textContent).steps"
    )
    return found


def test_a_meeting_of_ten_steps_by_keyboard(browser: Any, sample: str) -> None:
    with visiting(browser, sample, locale="zh-CN") as visit:
        visit.go("/present")
        page = visit.page
        steps = steps_of(page)
        assert len(steps) > 10
        walk(page, steps)
        page.keyboard.press("End")
        assert number_of(page) == len(steps)
        page.keyboard.press("ArrowRight")
        assert number_of(page) == len(steps)
        page.keyboard.press("Home")
        assert number_of(page) == 1
        page.keyboard.press("PageUp")
        assert number_of(page) == 1
        for selector, least in ((".present-words p", 22), (".present .town-label", 20), (".present .site-sign", 20)):
            size = page.locator(selector).first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
            assert size >= least, selector


def test_lines_are_thicker_than_on_the_desk(browser: Any, sample: str) -> None:
    with visiting(browser, sample) as visit:
        visit.go("/present")
        there = visit.page.locator(".leaflet-pane-county-pane path").first
        there.wait_for()
        data = json.loads(visit.page.locator("#present-data").inner_text())
        paint = next(layer for layer in data["map"]["layers"] if layer["role"] == "county")["classes"][0]["paint"]
        assert float(there.get_attribute("stroke-width")) == pytest.approx(1.6 * paint["weight"])


def test_the_rest_is_dimmed_around_a_spotlight(browser: Any, sample: str) -> None:
    with visiting(browser, sample, reduced_motion="reduce") as visit:
        visit.go("/present")
        steps = steps_of(visit.page)
        lit = next(number for number, step in enumerate(steps, start=1) if step.get("spotlight"))
        visit.go(f"/present#step={lit}")
        visit.page.locator(".leaflet-pane-dim-pane path").wait_for()
        assert visit.page.locator(".site-sign.lit").count() == 1
        visit.page.keyboard.press("Home")
        visit.page.locator(".leaflet-pane-dim-pane path").wait_for(state="detached")


def test_before_and_after(browser: Any, sample: str) -> None:
    with visiting(browser, sample, reduced_motion="reduce", locale="zh-CN") as visit:
        visit.go("/present")
        steps = steps_of(visit.page)
        place, step = next((number, one) for number, one in enumerate(steps, start=1) if one.get("comparison"))
        visit.go(f"/present#step={place}")
        page, compared = visit.page, step["comparison"]
        before, after = (compared[side][0] for side in ("before", "after"))
        for name in (before, after):
            page.locator(f".leaflet-pane-{name.replace('.', chr(92) + '.')}-pane path").first.wait_for(state="attached")
        edges = {side: page.locator(f".present-state[data-state={side}]") for side in ("before", "after")}
        for side, edge in edges.items():
            assert zh(compared[f"{side}_title"]) in edge.inner_text()
        middle = page.locator(".present-map").bounding_box()["width"] / 2

        def seen(name: str) -> tuple[float, float]:
            """Return left and right of what is not cut off of a layer, pixels of the frame."""
            clip = page.locator(f".leaflet-pane-{name.replace('.', chr(92) + '.')}-pane").evaluate(
                "one => one.style.clip"
            )
            return tuple(float(part) for part in re.findall(r"-?[\d.]+", clip))[3:0:-2]

        assert seen(before)[1] == pytest.approx(seen(after)[0]), "they meet at the line"
        assert seen(before)[1] - seen(before)[0] == pytest.approx(middle, abs=1)
        slider = page.get_by_role("slider", name="前后分界线的位置")
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert seen(before)[1] - seen(before)[0] == pytest.approx(1.02 * middle, abs=1)
        page.keyboard.press("b")
        assert edges["after"].is_hidden()
        assert seen(after)[0] == pytest.approx(seen(after)[1])
        page.keyboard.press("b")
        assert edges["before"].is_hidden()
        assert seen(before)[0] == pytest.approx(seen(before)[1])
        page.keyboard.press("PageDown")
        assert number_of(page) == place + 1, "the keys of a meeting turn the page from the slider too"
        page.keyboard.press("Tab")
        page.keyboard.press("Home")
        page.locator(".present-swipe").wait_for(state="hidden")


def test_the_theme_is_chosen_and_kept(browser: Any, sample: str) -> None:
    with visiting(browser, sample) as visit:
        visit.go("/present")
        root = visit.page.locator(".present")
        assert root.get_attribute("data-theme") == "light"
        visit.page.keyboard.press("t")
        assert accessibility(visit.page) == []
        visit.page.reload()
        assert root.get_attribute("data-theme") == "dark"


def test_steps_are_edited_saved_and_shown_again(browser: Any, county_folder: Path) -> None:
    write_rules(county_folder)
    with served(county_folder) as base, visiting(browser, base, locale="zh-CN") as visit:
        visit.go("/present")
        page = visit.page
        total = len(steps_of(page))
        page.get_by_role("button", name="编辑步骤").click()
        page.get_by_label("标题").fill("开场 <b>白</b>")
        page.get_by_label("文字（一行一段）").fill("第一段\n第二段 ${1}")
        page.get_by_role("button", name="按当前地图加一步").click()
        page.get_by_label("标题").fill("第二步")
        assert accessibility(page) == []
        page.get_by_role("button", name="保存", exact=True).click()
        page.get_by_text("已保存", exact=True).wait_for()
        page.reload()
        assert page.locator(".present-title").inner_text() == "第二步", "the link keeps the step"
        assert len(steps_of(page)) == total + 1
        page.keyboard.press("Home")
        assert page.locator(".present-title").inner_text() == "开场 <b>白</b>"
        assert page.locator(".present-words p").all_inner_texts() == ["第一段", "第二段 ${1}"]
        page.get_by_role("button", name="编辑步骤").click()
        page.get_by_role("button", name="删除本步").click()
        page.get_by_role("button", name="保存", exact=True).click()
        page.get_by_text("已保存", exact=True).wait_for()
        with page.expect_download() as got:
            page.get_by_role("button", name="下载 A3 讲义（PDF）").click()
        assert Path(got.value.path()).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844), (683, 384)])
def test_the_meeting_fits_the_screen(browser: Any, sample: str, size: tuple[int, int]) -> None:
    width, height = size
    with visiting(browser, sample, viewport={"width": width, "height": height}) as visit:
        for lang in ("zh", "en"):
            visit.go(f"/present?lang={lang}")
            visit.page.locator(".leaflet-pane-county-pane path").first.wait_for()
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
            assert accessibility(visit.page) == []
            if width >= 1366:
                assert visit.page.evaluate("document.documentElement.scrollHeight") <= height


def test_the_file_from_a_stick(stick: Stick, sample_file: Path) -> None:
    page = stick.page
    assert sample_file.stat().st_size < 3_000_000
    page.locator(".leaflet-pane-redlines-pane path").first.wait_for()
    for name in ("present", "projects", "findings", "indicators", "shorelines", "about", "map"):
        stick.open(name)
        assert accessibility(page) == [], name
    page.get_by_role("button", name="中文").or_(page.get_by_role("button", name="English")).click()
    assert page.locator("html").get_attribute("lang") == "en"
    stick.open("projects")
    heads = page.locator(".export-projects thead th").all_inner_texts()
    assert heads[:2] == ["No.", "Name"]
    assert not re.search("[一-鿿]", " ".join(heads))


def test_its_tables_are_searched_and_lead_to_the_map(stick: Stick) -> None:
    page = stick.page
    stick.open("projects")
    total = page.locator(".export-projects tbody tr:not(.row-details)").count()
    assert total == 70
    page.get_by_label("查找", exact=True).fill("DEMO-03")
    assert page.locator(".export-projects tbody tr:not(.row-details)").count() == 1
    page.get_by_role("button", name=re.compile("各图层判断")).click()
    assert "涉及" in page.locator(".row-details td").first.inner_text()
    page.get_by_role("button", name=re.compile("在地图上看")).click()
    popup = page.locator(".leaflet-popup-content")
    popup.wait_for()
    assert "DEMO-03" in popup.inner_text()
    page.keyboard.press("Escape")
    page.get_by_label("查找项目、图斑、地名").fill("RL013")
    page.get_by_role("button", name=re.compile("RL013")).first.click()
    page.locator(".leaflet-popup-content").get_by_text("RL013").wait_for()


def test_its_steps_are_walked(stick: Stick) -> None:
    stick.open("present")
    steps = steps_of(stick.page)
    assert len(steps) >= 10
    walk(stick.page, steps)


def test_a_poisoned_county_is_inert(browser: Any, county_folder: Path, tmp_path: Path) -> None:
    write_rules(county_folder)
    bad = tmp_path / "bad"
    shutil.copytree(county_folder, bad)
    poison(bad)
    opened = Stick(browser, write_page(bad, tmp_path / "bad.html"))
    page = opened.page
    page.locator(".leaflet-pane-county-pane path").first.wait_for()
    for name in ("present", "projects", "findings", "indicators", "shorelines", "about", "map"):
        opened.open(name)
    opened.open("present")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("l")
    page.keyboard.press("Escape")
    opened.open("projects")
    for button in page.get_by_role("button", name=re.compile("各图层判断")).all():
        button.click()
    opened.open("map")
    page.get_by_label("查找项目、图斑、地名").fill("镇")
    for sign in page.locator(".leaflet-marker-icon.leaflet-interactive").all()[:3]:
        sign.dispatch_event("click")
    assert page.evaluate(f"window.{FLAG}") is None
    assert page.locator("img[src=x], svg[onload], #export script").count() == 0
    opened.close()
    with served(bad) as base, visiting(browser, base) as visit:
        visit.go("/present")
        for _ in range(6):
            visit.page.keyboard.press("ArrowRight")
        visit.page.get_by_role("button", name="编辑步骤").click()
        assert visit.page.evaluate(f"window.{FLAG}") is None
