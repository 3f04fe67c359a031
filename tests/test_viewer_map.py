"""The county map's routes: tiles, clicks, words, figures, measuring; no online map is asked unless switched on."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import block, write_layer
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from many_parcels import write_parcels
from PIL import Image

from ecogeo.basemap import Basemap, basemap_tile, read_basemap
from ecogeo.board.choropleth import choropleth
from ecogeo.board.towns import TownFigure
from ecogeo.check import choose_checks, run_checks
from ecogeo.classing import METHODS, bands, breaks, own_breaks
from ecogeo.errors import EcogeoError, UnusableFileError, UsageError
from ecogeo.mapexport import portable_data, portable_map
from ecogeo.measuring import measured
from ecogeo.palette import LAYER_STYLES
from ecogeo.style_file import style_note, styles_of
from ecogeo.tiles.grid import Tile, to_units
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace
from viewer import create_app

pytestmark = pytest.mark.usefixtures("warm_viewer")

FARMLAND = """
[layers.farmland]
role = "farmland"
path = "farmland.gpkg"
key = "parcel_id"
name = "parcel_name"
coverage = "county"
fields = { town = "town_name" }
"""


@pytest.fixture
def app(county_folder: Path) -> Flask:
    """A county with 10,100 parcels: one hundred more than a page takes."""
    write_parcels(county_folder / "layers" / "farmland.gpkg", 101, 100, west=109.18, south=24.22, side_deg=0.0008)
    with (county_folder / "layers" / "layers.toml").open("a", encoding="utf-8") as file:
        file.write(FARMLAND)
    county = open_workspace(county_folder)
    return create_app(county, report=run_checks(county, choose_checks(["site_in_redline", "site_in_farmland"])))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def data_of(client: FlaskClient, block_id: str, path: str = "/") -> Any:
    """Return a block of data of a page."""
    found = re.search(rf'id="{block_id}">(.*?)</script>', client.get(path).text, re.DOTALL)
    assert found
    return json.loads(found.group(1))


def tile_at(lon: float, lat: float, zoom: int) -> Tile:
    x, y = (int(value) >> 31 - zoom for value in to_units(np.array([[lon, lat]]))[0])
    return Tile(zoom, x, y)


def test_a_large_layer_comes_in_tiles_and_leaves_the_page_light(client: FlaskClient) -> None:
    page = client.get("/")
    assert len(page.data) < 1_500_000
    layer = next(one for one in data_of(client, "map-data")["layers"] if one["role"] == "farmland")
    assert (layer["records"], layer["url"]) == (None, None)
    tile = tile_at(109.2, 24.25, 14)
    address = layer["tiles"].format(z=tile.z, x=tile.x, y=tile.y)
    answer = client.get(address)
    assert answer.mimetype == "image/png"
    assert Image.open(io.BytesIO(answer.data)).size == (256, 256)
    assert answer.cache_control.immutable
    assert client.get("/api/layers/farmland.geojson").status_code == 413


@pytest.mark.parametrize("path", ["/tiles/none/5/1/1.png", "/tiles/farmland/5/99/1.png", "/tiles/farmland/25/1/1.mvt"])
def test_there_is_no_such_tile(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_every_layer_has_vector_tiles(client: FlaskClient) -> None:
    tile = tile_at(109.2, 24.24, 12)
    for layer in ("farmland", "redlines", "towns"):
        answer = client.get(f"/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt")
        assert (answer.status_code, answer.mimetype) == (200, "application/vnd.mapbox-vector-tile"), layer
        assert answer.headers["X-Left-Out"] == "0"
        assert layer.encode() in answer.data
    assert client.get("/tiles/farmland/12/0/0.mvt").status_code == 204


def test_tiles_of_an_old_address_are_asked_for_anew(client: FlaskClient) -> None:
    tile = tile_at(109.2, 24.25, 14)
    assert client.get(f"/tiles/farmland/{tile.z}/{tile.x}/{tile.y}.png?v=old").cache_control.no_cache


def test_a_click_is_answered_with_the_words_of_the_feature(client: FlaskClient) -> None:
    (hit,) = client.get("/api/identify?lon=109.1804&lat=24.2204&zoom=16&layers=farmland").json
    assert hit["key"] == "45020600000000"
    assert hit["facts"] == [["乡镇", "拉堡镇"], ["地类编码", "0101"], ["填报面积（公顷）", "4.4"]]
    assert client.get("/api/identify?lon=109.1804&lat=24.2204&zoom=16&layers=redlines").json == []


@pytest.mark.parametrize(
    "query", ["", "lon=109", "lon=x&lat=24&zoom=5", "lon=nan&lat=24&zoom=5", "lon=999&lat=24&zoom=5"]
)
def test_a_click_nowhere_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/identify?{query}").status_code == 400


def test_words_find_features_of_any_layer(client: FlaskClient) -> None:
    told = client.get("/api/search?q=00000042").json
    assert told["found"][0]["key"] == "45020600000042"
    assert told["found"][0]["layer"] == "farmland"
    assert client.get("/api/search?q=").json == {"found": [], "total": 0}


def test_features_are_read_as_a_table_too(client: FlaskClient) -> None:
    first, last = client.get("/layers/farmland"), client.get("/layers/farmland?page=51")
    assert "45020600000000" in first.text
    assert "45020600010099" in last.text
    assert first.text.count("<tr>") == 201
    assert last.text.count("<tr>") == 101
    assert client.get("/layers/none").status_code == 404


# Measuring ---------------------------------------------------------------------------------------------------------


def test_a_degree_along_the_equator(client: FlaskClient) -> None:
    told = client.post("/api/measure", json={"kind": "line", "points": [[109, 0], [110, 0]]}).json
    assert told["length_m"] == pytest.approx(2 * np.pi * 6378137 / 360, abs=0.01)
    assert told["area_m2"] is None


def test_an_area_has_hectares_and_mu(client: FlaskClient) -> None:
    square = [[109.0, 24.0], [109.01, 24.0], [109.01, 24.01], [109.0, 24.01]]
    told = client.post("/api/measure", json={"kind": "area", "points": square}).json
    assert told["area_ha"] == round(told["area_m2"] / 10000, 4)
    assert told["area_mu"] == pytest.approx(told["area_ha"] * 15, abs=0.001)
    # (pi/18000)^2 * cos(24.005 deg) * M * N for CGCS2000: M = 6346011, N = 6381670
    assert told["area_m2"] == pytest.approx(
        (np.pi / 18000) ** 2 * np.cos(np.radians(24.005)) * 6346011 * 6381670, rel=1e-4
    )


@pytest.mark.parametrize(
    "asked",
    [
        None,
        [],
        {"kind": "volume", "points": [[1, 1], [2, 2]]},
        {"kind": "line", "points": [[1, 1]]},
        {"kind": "area", "points": [[1, 1], [2, 2]]},
        {"kind": "line", "points": "x"},
        {"kind": "line", "points": [[1, 1], [2, 200]]},
        {"kind": "line", "points": [[1, 1], [2, True]]},
        {"kind": "line", "points": [[1, 1], [2]]},
        {"kind": "line", "points": [[1, 1]] * 3000},
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(client: FlaskClient, asked: Any) -> None:
    answer = client.post("/api/measure", json=asked)
    assert answer.status_code == 400
    assert answer.json["problems"]


def test_another_page_may_not_let_us_work(client: FlaskClient) -> None:
    asked = {"kind": "line", "points": [[109, 0], [110, 0]]}
    assert client.post("/api/measure", json=asked, headers={"Origin": "http://127.0.0.1:9"}).status_code == 403
    assert client.post("/api/measure", json=asked, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_an_outline_that_crosses_itself_is_said_to() -> None:
    bow = measured("area", [(109, 24), (109.01, 24.01), (109.01, 24), (109, 24.01)])
    assert bow.note is not None
    half = measured("area", [(109, 24), (109.01, 24), (109.01, 24.01), (109, 24.01)])
    assert bow.area_m2 == pytest.approx((half.area_m2 or 0.0) / 2, rel=1e-3)


# Towns by a figure -------------------------------------------------------------------------------------------------

FIGURE = TownFigure("x", Text("值", "value"), "ha", Text("表", "table"), {"甲": 1.0, "乙": 2.0, "丙": 10.0, "丁": 11.5})


def test_towns_are_divided_as_asked() -> None:
    made = choropleth(FIGURE, method="natural", classes=2)
    assert made.breaks == (2.0,)
    assert [band.count for band in made.bands] == [2, 2]
    assert made.towns["丁"] == (1, Text("11.50 ha", "11.50 ha"))
    assert len(set(made.colours)) == 2
    assert choropleth(FIGURE, method="own", own="5 10.5").labels == ("1 – 5", "> 5 – 10.50", "> 10.50 – 11.50")
    for bad in ({"method": "x"}, {"method": "own"}, {"method": "own", "own": "3,1"}, {"classes": 99}):
        with pytest.raises(UsageError):
            choropleth(FIGURE, **bad)  # type: ignore[arg-type]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.sampled_from(["quantile", "equal", "natural"]))
def test_every_figure_is_in_one_class(values: list[float], method: Any) -> None:
    inner = breaks(values, method, 5)
    found = bands(values, inner)
    assert sum(band.count for band in found) == len(values)
    assert list(inner) == sorted(set(inner))
    assert len(found) <= 5


@given(st.lists(st.integers(0, 40), min_size=4, max_size=9, unique=True))
def test_natural_breaks_are_the_best_there_are(values: list[int]) -> None:
    def deviation(cuts: tuple[float, ...]) -> float:
        edges = [-np.inf, *cuts, np.inf]
        parts = [[v for v in values if low < v <= high] for low, high in pairwise(edges)]
        return sum(float(np.var(part) * len(part)) for part in parts if part)

    ordered = sorted(values)
    every = [(float(a), float(b)) for i, a in enumerate(ordered[:-1]) for b in ordered[i + 1 : -1]]
    assert deviation(breaks(values, "natural", 3)) == pytest.approx(min(map(deviation, every)), abs=1e-6)


def test_own_breaks_are_read_in_any_width() -> None:
    assert own_breaks("1，2；3") == (1.0, 2.0, 3.0)
    for bad in ("", "a", "2,1", "1,1", "nan"):
        with pytest.raises(UsageError):
            own_breaks(bad)
    assert set(METHODS) == {"quantile", "equal", "natural", "own"}


def test_the_page_and_the_route_know_the_same_figures(client: FlaskClient) -> None:
    page = client.get("/").text
    figures = re.search(r'id="theme-figure".*?</select>', page, re.DOTALL)
    assert figures
    for figure in re.findall(r'option value="([^"]+)"', figures.group(0)):
        assert client.get(f"/api/choropleth?figure={figure}").status_code == 200, figure
    assert client.get("/api/choropleth?figure=none").status_code == 404


def test_figures_of_projects_follow_the_filters(county_folder: Path) -> None:
    """P1 lies in 西镇, is under way in 2024 and 2025 and costs 100.5; P2 lies in no town."""
    client = create_app(open_workspace(county_folder)).test_client()

    def values(figure: str = "count", **asked: str) -> dict[str, str]:
        told = client.get(
            "/api/choropleth", query_string={"figure": f"projects.{figure}", "classes": "2", **asked}
        ).json
        assert told["isFiltered"]
        return {town: one["text"] for town, one in told["towns"].items()}

    assert values() == values(year="2024") == values(system="甲系统") == values(answer="involved") == {"西镇": "1"}
    for without in ({"year": "2026"}, {"town": "-"}, {"answer": "clear"}, {"verdict": "none"}, {"department": "他局"}):
        assert values(**without) == {"西镇": "0"}, without
    assert values("invest", year="2025", town="西镇") == {"西镇": "100.50 万元"}
    assert values("invest", year="2023") == {"西镇": "0.00 万元"}


# The online basemap ------------------------------------------------------------------------------------------------

KEY = "0123456789abcdef0123456789abcdef"


def test_no_basemap_is_offered_unless_switched_on(client: FlaskClient) -> None:
    assert client.get("/basemap/vec/5/1/1").status_code == 404
    assert data_of(client, "atlas-data")["basemap"] is None
    assert "data-basemap" not in client.get("/").text


def test_the_key_reaches_no_page(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOGEO_TIANDITU_KEY", KEY)
    page = client.get("/").text
    assert "data-basemap" in page
    assert KEY not in page
    assert "tianditu.gov.cn" not in page
    asked: list[str] = []

    def fetch(basemap: Basemap, sheet: str, tile: Tile) -> tuple[str, bytes]:
        asked.append(basemap.address(sheet, tile))
        return "image/png", b"picture"

    monkeypatch.setattr("viewer.pages.measuring.basemap_tile", fetch)
    answer = client.get("/basemap/cva/12/3287/1760")
    assert (answer.data, answer.mimetype) == (b"picture", "image/png")
    assert "TILEMATRIX=12&TILEROW=1760&TILECOL=3287" in asked[0]
    assert asked[0].endswith(f"tk={KEY}")
    monkeypatch.setattr("viewer.pages.measuring.basemap_tile", lambda *_: None)
    assert client.get("/basemap/cva/12/3287/1760").status_code == 502


@pytest.mark.parametrize("kind", ["gaode", "高德", "amap-vec", "tencent", "baidu", "Google", "GCJ-02"])
def test_shifted_maps_are_refused(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    with pytest.raises(UsageError, match="shifted"):
        read_basemap({"ECOGEO_BASEMAP": kind, "ECOGEO_TIANDITU_KEY": KEY})
    monkeypatch.setenv("ECOGEO_BASEMAP", kind)
    page = client.get("/").text
    assert "坐标有偏移" in page
    assert "data-basemap" not in page


def test_faults_of_the_settings_are_named_together() -> None:
    with pytest.raises(EcogeoError) as caught:
        read_basemap({"ECOGEO_BASEMAP": "osm", "ECOGEO_TIANDITU_KEY": "no key!"})
    assert len(caught.value.problems) == 2
    assert read_basemap({}) is None
    assert KEY not in repr(read_basemap({"ECOGEO_TIANDITU_KEY": KEY}))


def test_only_pictures_are_passed_on() -> None:
    basemap = Basemap("tianditu-img", KEY)
    tile = Tile(3, 6, 3)
    assert basemap_tile(basemap, "img", tile, fetch=lambda *_: ("text/html", b"<b>no</b>")) is None
    assert basemap_tile(basemap, "img", tile, fetch=lambda *_: ("image/jpeg", b"x")) == ("image/jpeg", b"x")
    assert basemap_tile(basemap, "vec", tile, fetch=lambda *_: ("image/jpeg", b"x")) is None

    def broken(_address: str, _seconds: float) -> tuple[str, bytes]:
        raise OSError

    assert basemap_tile(basemap, "img", tile, fetch=broken) is None


# Styles ------------------------------------------------------------------------------------------------------------


def test_a_county_brings_its_own_styles(county_folder: Path) -> None:
    path = county_folder / "layers" / "styles.toml"
    path.write_text('palette = "gh2021"\n[redlines]\nedge = "#FF0000"\nis_on = false\n', "utf-8")
    styles = styles_of(county_folder / "layers")
    assert styles["redlines"].classes[0].paint.edge == "#FF0000"
    assert not styles["redlines"].is_on
    assert styles["farmland"] == LAYER_STYLES["farmland"]
    assert styles["landuse"].classes[0].paint.fill == "#F5F8DC", "245, 248, 220"
    assert styles["landuse"].classes[styles["landuse"].class_of("0301")].label.zh == "林地"
    assert LAYER_STYLES["landuse"].class_of("0103") == 0, "a code is of the class it begins with"
    assert LAYER_STYLES["landuse"].class_of("9") == len(LAYER_STYLES["landuse"].classes) - 1
    assert LAYER_STYLES["mines"].class_of("在产x") == len(LAYER_STYLES["mines"].classes) - 1, "names are whole"
    note = style_note(county_folder / "layers")
    assert note is not None
    page = create_app(open_workspace(county_folder)).test_client().get("/").text
    assert "未与原文核对" in page


def test_every_fault_of_a_style_file_is_named(county_folder: Path) -> None:
    path = county_folder / "layers" / "styles.toml"
    path.write_text('palette = "x"\n[redlinez]\n[mines]\nfill_opacity = 3\nedge = "red"\n', "utf-8")
    with pytest.raises(UnusableFileError) as caught:
        styles_of(county_folder / "layers")
    assert len(caught.value.problems) == 4
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UnusableFileError, match="TOML"):
        styles_of(county_folder / "layers")


def test_the_version_before_is_on_the_map(county_folder: Path) -> None:
    write_layer(county_folder, "before.gpkg", {"redline_id": ["r0"], "name": ["旧"]}, [block(1000, 1000, 500, 500)])
    path = county_folder / "layers" / "layers.toml"
    path.write_text(
        path.read_text("utf-8") + '\n[layers.redlines.earlier]\npath = "before.gpkg"\nversion = "v0"\n', "utf-8"
    )
    client = create_app(open_workspace(county_folder)).test_client()
    (earlier,) = data_of(client, "map-data")["earlier"]
    assert (earlier["source"], earlier["pane"]) == ("v0", "pane-redlines-earlier")
    assert len(client.get(earlier["url"]).json["features"]) == 1


def test_a_map_for_one_file_says_what_it_leaves_out(app: Flask) -> None:
    held = app.extensions["ecogeo"]
    assets = {"leaflet": "/v/leaflet.js", "leaflet_css": "/v/leaflet.css"}
    made = portable_map(held.workspace, held.board().records, assets, near_km=0.5)
    farmland = made.web_map.drawn("farmland")
    assert farmland is not None
    assert 0 < farmland.count < 10_100
    assert any(f"其余 {10_100 - farmland.count} 个未放入" in text.zh for text in made.left_out)
    data = portable_data(made, "zh")
    entry = next(one for one in data["layers"] if one["role"] == "farmland")
    assert (entry["tiles"], len(entry["features"]["features"])) == (None, farmland.count)
    tiny = portable_map(held.workspace, held.board().records, assets, most_bytes=2000)
    assert len(tiny.web_map.layers) < len(made.web_map.layers)
    assert len(tiny.left_out) > len(made.left_out)


def test_a_project_map_holds_what_is_near_of_a_large_layer(app: Flask, county_folder: Path) -> None:
    frame = gpd.read_file(county_folder / "layers" / "sites.gpkg")
    app.test_client().get("/")
    held = app.extensions["ecogeo"]
    record = next(one for one in held.board().records if any(site.site_id == "inside" for site in one.sites))
    drawn = {layer.style.role: layer for layer in held.project_map(record).layers}
    if "farmland" in {entry.layer for entry in record.answers}:
        assert 0 < drawn["farmland"].count < 10_100
        assert shapely.is_valid(drawn["farmland"].shapes).all()
    assert len(frame)
