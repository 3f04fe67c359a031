"""Take the pictures of the documents: pages of the sample county in a Chromium that reaches nothing else.

Run by hand when a page changes; the result is committed. It needs the system's Chromium and the development tools.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import waitress
from playwright.sync_api import Browser, Page, Route, sync_playwright

from ecogeo.workspace import open_workspace
from viewer import create_app

HOME = Path(__file__).resolve().parent.parent
PICTURES = HOME / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
WIDE, PHONE = (1366, 768), (390, 844)
DAY = dt.date(2026, 1, 1)
"""The day the forms of the pictures bear, so that they come out the same."""

PAGES = {
    "map": ("/?lang=zh", WIDE),
    "map-en": ("/?lang=en", WIDE),
    "project": ("/projects/DEMO-03?lang=zh", WIDE),
    "shorelines": ("/shorelines?lang=zh", WIDE),
    "indicators": ("/indicators?lang=zh", WIDE),
    "audit": ("/indicators/audit?lang=zh", WIDE),
    "present": ("/present?lang=zh", WIDE),
    "phone": ("/?lang=zh", PHONE),
}
"""Pages as they open: the picture's name, the address, the size of the window."""

SHOTS = (*PAGES, "counter")
"""Every picture."""

PARCEL = "109.3000, 24.2800\n109.3100, 24.2800\n109.3100, 24.2900\n109.3000, 24.2900"
"""A site in the sample county, as somebody would type it at the counter."""


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Serve a county on a free port of the loopback."""
    app = create_app(open_workspace(root), today=lambda: DAY)
    app.extensions["ecogeo"].board()
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)

    def work() -> None:
        with suppress(OSError):
            server.run()

    threading.Thread(target=work, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()


@contextmanager
def opened(browser: Browser, address: str, size: tuple[int, int]) -> Iterator[Page]:
    """Open a page of the server in a window of a size, all else unreachable."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="zh-CN", reduced_motion="reduce")

    def pass_or_refuse(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            route.abort()

    page.route("**/*", pass_or_refuse)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    yield page
    page.close()


def draw() -> None:
    """Take every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with served(HOME) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (path, size) in PAGES.items():
            with opened(browser, base + path, size) as page:
                page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
        with opened(browser, f"{base}/screen?lang=zh", WIDE) as page:
            page.locator("#counter-corners").fill(PARCEL)
            page.locator("#counter-go").click()
            page.wait_for_url("**/screen/*")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / "counter.png", animations="disabled")
        browser.close()


if __name__ == "__main__":
    draw()
