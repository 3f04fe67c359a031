"""The pages of the measures: mines with their sheets, land, shorelines; what was not run says why."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from conftest import block, point, write_layer
from flask.testing import FlaskClient
from poisoned import FLAG

from ecogeo.workspace import open_workspace
from viewer import create_app

SAMPLE = Path(__file__).parent.parent
LAND = tuple(f"/land?show={show}" for show in ("cover", "use", "slope", "protected", "distances"))
MINES = """
[layers.mines]
role = "mines"
path = "mines.gpkg"
key = "part_id"
name = "name"
fields = { mine = "mine_id", zone = "state", part = "part" }
"""


@pytest.fixture(scope="module")
def sample() -> FlaskClient:
    return create_app(open_workspace(SAMPLE)).test_client()


def charts(page: str) -> list[dict[str, object]]:
    drawn = re.findall(r'data-chart="stacked".*?<script type="application/json">(.*?)</script>', page, re.DOTALL)
    return [json.loads(one) for one in drawn]


def with_mines(root: Path, name: str = "甲矿") -> FlaskClient:
    columns: dict[str, list[object]] = {
        "part_id": ["a", "b", "c"],
        "mine_id": ["K1", "K1", "K/2"],
        "name": [name, name, "乙矿"],
        "state": ["历史遗留", "历史遗留", "闭坑"],
        "part": ["扰动", "已修复", "扰动"],
    }
    shapes: list[object] = [block(1200, 1200, 100, 100), block(1300, 1200, 300, 100), point(5000, 5000)]
    write_layer(root, "mines.gpkg", columns, shapes)
    path = root / "layers" / "layers.toml"
    path.write_text(path.read_text("utf-8") + MINES, "utf-8")
    return create_app(open_workspace(root)).test_client()


@pytest.mark.parametrize("path", ["/mines", "/shorelines", *LAND])
def test_every_figure_has_a_table_beside_it(sample: FlaskClient, path: str) -> None:
    page = sample.get(path).text
    drawn = charts(page)
    assert drawn, path
    for chart in drawn:
        for bar in chart["bars"]:  # type: ignore[attr-defined]
            assert page.count(html.escape(bar.split()[-1])) >= 2, f"{bar} is in no table"


@pytest.mark.parametrize("path", ["/mines", "/mines/K1", "/shorelines", *LAND])
def test_pages_speak_both_languages(county_folder: Path, path: str) -> None:
    client = with_mines(county_folder)
    english = client.get(f"{path}{'&' if '?' in path else '?'}lang=en")
    assert english.status_code == 200
    assert '<html lang="en">' in english.text
    assert '<html lang="zh-CN">' in client.get(f"{path}{'&' if '?' in path else '?'}lang=zh").text


def test_what_was_not_run_says_why(county_folder: Path) -> None:
    client = create_app(open_workspace(county_folder)).test_client()
    assert "本县没有图层：mines" in client.get("/mines").text
    assert "本县没有图层：landcover" in client.get("/land").text
    assert "本县没有图层：redlines.earlier" in client.get("/land?show=protected").text


def test_the_sheet_of_a_mine(county_folder: Path) -> None:
    """Of 4 ha 3 are restored, above the target of 70 %: nothing more is needed; it lies in red line A."""
    client = with_mines(county_folder)
    page = client.get("/mines/K1").text
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", page))
    assert facts["修复率（%）"] == "75.00"
    assert facts["达到目标还需修复（公顷）"] == "0.0000"
    assert page.count("<path class=") == 3, "two parts and the scale bar"
    assert "生态保护红线" in page
    row = client.get("/mines").text
    assert 'href="/mines/K1"' in row
    other = client.get("/mines/K/2").text
    assert "只有点或线" in other


def test_unknown_ones_are_not_found(county_folder: Path) -> None:
    client = with_mines(county_folder)
    assert client.get("/mines/K9").status_code == 404
    assert client.get("/land?show=everything").status_code == 404
    assert client.get("/land?level=galaxy").status_code == 404


def test_words_of_the_data_are_never_markup(county_folder: Path) -> None:
    wild = f"<img src={FLAG}>"
    client = with_mines(county_folder, wild)
    for path in ("/mines", "/mines/K1"):
        page = client.get(path).text
        assert "<img" not in page
        assert html.escape(wild) in page


def test_the_shore_of_a_river_adds_up(sample: FlaskClient) -> None:
    """The parts of a bar are the zones of its river in kilometres."""
    (rivers, *_) = charts(sample.get("/shorelines").text)
    totals = [sum(part["sizes"][place] for part in rivers["series"]) for place in range(len(rivers["bars"]))]  # type: ignore[attr-defined,arg-type]
    at = rivers["bars"].index("三千河")  # type: ignore[attr-defined]
    assert totals[at] == pytest.approx(71.78484, abs=1e-4)
