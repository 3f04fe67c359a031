"""Documents in a real browser: chosen, made in the background, fetched; and the runs on record."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from poisoned import FLAG, poison
from test_browser import (
    Visit,
    browser,
    pytestmark,
    served,
    visiting,
)
from two_rules import write_rules

__all__ = ["browser", "pytestmark"]

_MOST_MS = 400_000


@pytest.fixture
def county(county_folder: Path, browser: Any) -> Iterator[Visit]:
    write_rules(county_folder)
    with served(county_folder) as base, visiting(browser, base, locale="zh-CN") as visit:
        yield visit


def test_projects_are_ticked_made_and_fetched(county: Visit, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    page = county.page
    county.go("/report")
    page.get_by_role("checkbox", name="红线内项目").check()
    expect(page.get_by_role("radio", name=re.compile("只做勾选的"))).to_be_checked()
    expect(page.locator("#ticked-count")).to_have_text("(1)")
    page.locator('input[name=kind][value="maps"]').uncheck()
    page.get_by_role("button", name="开始制作").click()
    page.wait_for_url(re.compile("/report/[0-9a-f]{16}$"), timeout=_MOST_MS)
    expect(page.get_by_role("link", name="下载全部（ZIP）")).to_be_visible(timeout=_MOST_MS)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载全部（ZIP）").click()
    assert waiting.value.suggested_filename == "ecogeo-documents.zip"
    waiting.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert {"index.html", "P1/情况说明.docx"} <= set(archive.namelist())


def test_all_are_ticked_by_one_button_and_none_by_the_next(county: Visit) -> None:
    from playwright.sync_api import expect

    page = county.page
    county.go("/report?town=东镇")
    page.get_by_role("button", name="全部勾选").click()
    expect(page.locator("#ticked-count")).to_have_text("(2)")
    page.get_by_role("button", name="全部不勾").click()
    expect(page.locator("#ticked-count")).to_have_text("")
    expect(page.get_by_role("radio", name=re.compile("表中全部"))).to_be_checked()


def test_a_job_goes_on_without_its_tab_and_is_cancelled_from_another(county: Visit, browser: Any) -> None:
    from playwright.sync_api import expect

    county.go("/report")
    county.page.get_by_role("button", name="开始制作").click()
    county.page.wait_for_url(re.compile("/report/[0-9a-f]{16}$"), timeout=_MOST_MS)
    address = county.page.url.removeprefix(county.base)
    county.go("/projects")
    with visiting(browser, county.base, locale="zh-CN") as other:
        other.go("/report")
        expect(other.page.locator(f'a[href="{address}"]')).to_be_visible()
        expect(other.page.get_by_text("进行中")).to_be_visible()
        other.go(address)
        other.page.get_by_role("button", name="取消").click()
        expect(other.page.get_by_text("任务被取消")).to_be_visible(timeout=_MOST_MS)
        other.page.get_by_role("button", name="删除").click()
        expect(other.page.get_by_text("还没有任务。")).to_be_visible()


def test_a_workbook_is_fetched_without_leaving_the_page(county: Visit) -> None:
    from playwright.sync_api import expect

    page = county.page
    county.go("/projects/P1")
    with page.expect_download(timeout=_MOST_MS) as waiting:
        page.get_by_role("button", name="套合分析表（Excel）").click()
    assert waiting.value.suggested_filename == "workbook.xlsx"
    expect(page.get_by_text("已下载")).to_be_visible()
    assert page.url == f"{county.base}/projects/P1"


def test_nothing_of_a_poisoned_county_is_run(county_folder: Path, browser: Any) -> None:
    from playwright.sync_api import expect

    poison(county_folder)
    with served(county_folder) as base, visiting(browser, base, locale="zh-CN") as visit:
        visit.go("/report")
        visit.page.locator("input[name=id]").first.check()
        visit.page.locator('input[name=kind][value="maps"]').uncheck()
        visit.page.get_by_role("button", name="开始制作").click()
        expect(visit.page.get_by_role("link", name="下载全部（ZIP）")).to_be_visible(timeout=_MOST_MS)
        assert visit.page.evaluate(f"window.{FLAG}") is None
        visit.go("/report")
        assert visit.page.evaluate(f"window.{FLAG}") is None


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
def test_nothing_runs_over_the_edge(county_folder: Path, browser: Any, width: int, height: int) -> None:
    with served(county_folder) as base:
        options = {"locale": "zh-CN", "viewport": {"width": width, "height": height}}
        with visiting(browser, base, **options) as visit:
            for path in ("/report", "/runs", "/projects/P1"):
                visit.go(path)
                assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_pages_are_accessible(county: Visit, county_folder: Path, monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    monkeypatch.delenv("ECOGEO_LEDGER")
    for _ in range(2):
        run("check", "site_in_redline", "-w", county_folder, "-o", county_folder / "out", "-q", "--exit-zero")
    county.go("/report?town=东镇")  # two of twelve: the pages of a job are the same
    county.page.get_by_role("button", name="开始制作").click()
    county.page.wait_for_url(re.compile("/report/[0-9a-f]{16}$"), timeout=_MOST_MS)
    address = county.page.url.removeprefix(county.base)
    over = county.page.get_by_role("link", name="下载全部（ZIP）")
    for path in (address, "/report", "/runs", "/runs/1", "/runs/diff?a=1&b=2", "/projects/P1", address):
        county.go(path)
        if path == address and county.page.get_by_role("progressbar").count() == 0:
            over.wait_for(timeout=_MOST_MS)
        found = Axe().run(county.page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == [], path
    county.go(address)
    over.wait_for(timeout=_MOST_MS)
