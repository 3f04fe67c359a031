"""What a map draws, and that no word of the data reaches Folium."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import block, line, point, write_layer
from folium.plugins import HeatMap
from hypothesis import given
from hypothesis import strategies as st
from poisoned import FLAG, poison

from ecogeo import geodesy
from ecogeo.board.projects import project_records
from ecogeo.board.records import ProjectRecord
from ecogeo.catalog import RASTER_ROLES, ROLES, LayerDeclaration
from ecogeo.check import run_checks
from ecogeo.errors import UsageError
from ecogeo.finding import Answer, Report
from ecogeo.layer import Layer
from ecogeo.mapdata import MOST_SVG_FEATURES, drawn_layer
from ecogeo.mappage import layer_geojson, page_data
from ecogeo.mappaths import path_options
from ecogeo.mapshapes import DISPLAY_TOLERANCE_DEG, light_shapes
from ecogeo.mapsigns import anchors, site_signs
from ecogeo.offline import OfflineFigure, read_assets
from ecogeo.palette import ANSWER_MARKS, BASE_COLOUR, LAYER_STYLES, draw_order
from ecogeo.style import Paint
from ecogeo.webmap import WebMap, county_map, project_map
from ecogeo.workspace import Workspace, open_workspace

ASSETS = {"leaflet": "/v/leaflet.js", "leaflet_css": "/v/leaflet.css"}
VENDORED_ALL = {name: f"/v/{name}" for name, _ in folium.Map.default_js + folium.Map.default_css}


@pytest.fixture
def county(county_folder: Path) -> Workspace:
    return open_workspace(county_folder)


@pytest.fixture
def records(county: Workspace, square_report: Report) -> tuple[ProjectRecord, ...]:
    return project_records(county, square_report)


@pytest.fixture
def whole(county: Workspace, records: tuple[ProjectRecord, ...]) -> WebMap:
    return county_map(county, records, ASSETS)


def squares(count: int, role: str = "farmland") -> Layer:
    """Return a layer of squares of some 1 km in a row, every second one of another class."""
    frame = gpd.GeoDataFrame(
        {"key": [f"k{row}" for row in range(count)], "zone": ["a", ""] * (count // 2) + ["a"] * (count % 2)},
        geometry=[shapely.box(109 + 0.01 * row, 24, 109.01 + 0.01 * row, 24.01) for row in range(count)],
        crs=geodesy.LONLAT,
    )
    return Layer("squares", LayerDeclaration(role=role, path="x.gpkg", key="key"), frame, frame)  # type: ignore[arg-type]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_vector_role_has_a_style_and_every_answer_a_mark() -> None:
    assert set(LAYER_STYLES) == set(ROLES) - RASTER_ROLES
    assert set(ANSWER_MARKS) == set(Answer)
    assert len({mark.sign for mark in ANSWER_MARKS.values()}) == len({m.colour for m in ANSWER_MARKS.values()}) == 4


@pytest.mark.parametrize("role", LAYER_STYLES)
def test_edges_stand_out_from_the_base(role: str) -> None:
    for entry in LAYER_STYLES[role].classes:
        assert contrast(entry.paint.edge, BASE_COLOUR) >= 2.9, entry.label.en


def test_white_signs_are_readable_on_their_colours() -> None:
    assert all(contrast(mark.colour, "#FFFFFF") >= 4.5 for mark in ANSWER_MARKS.values())


def test_the_legend_is_in_drawing_order() -> None:
    assert draw_order("project_sites") > draw_order("redlines") > draw_order("farmland") > draw_order("landuse") == 0


def test_the_same_county_gives_the_same_map(
    county: Workspace, records: tuple[ProjectRecord, ...], whole: WebMap
) -> None:
    again = county_map(county, records, ASSETS)
    assert again.parts == whole.parts
    assert again.map_name == whole.map_name == "map_county"
    assert page_data(again, "zh", str) == page_data(whole, "zh", str)


def test_only_leaflet_is_asked_for_and_from_our_own_address(whole: WebMap) -> None:
    assert (whole.parts.stylesheets, whole.parts.scripts) == (("/v/leaflet.css",), ("/v/leaflet.js",))
    assert "://" not in whole.parts.script + whole.parts.body
    assert "viewport" not in whole.parts.body


def test_an_unknown_link_is_refused() -> None:
    figure = OfflineFigure(ASSETS)
    figure.add_child(folium.Map(tiles=None))
    with pytest.raises(UsageError, match=r"bootstrap.*awesome_markers"):
        figure.parts()


def test_a_plugin_that_is_not_vendored_is_refused() -> None:
    figure = OfflineFigure(VENDORED_ALL)
    chart = folium.Map(tiles=None)
    figure.add_child(chart)
    HeatMap([[24.0, 109.0]]).add_to(chart)
    with pytest.raises(UsageError, match="leaflet-heat"):
        figure.render()


def test_an_address_inside_a_script_is_refused() -> None:
    figure = OfflineFigure(VENDORED_ALL)
    figure.add_child(folium.Map(tiles="https://tiles.invalid/{z}/{x}/{y}.png", attr="x"))
    with pytest.raises(UsageError, match="not vendored"):
        figure.render()


def test_a_vendored_figure_renders_as_a_page_of_its_own() -> None:
    figure = OfflineFigure(VENDORED_ALL)
    figure.add_child(folium.Map(tiles=None))
    page = figure.render()
    assert '<script src="/v/leaflet"></script>' in page
    assert "://" not in page


def test_no_word_of_the_data_reaches_folium(county_folder: Path) -> None:
    poison(county_folder)
    poisoned = open_workspace(county_folder)
    found = project_records(poisoned, run_checks(poisoned))
    maps = [county_map(poisoned, found, ASSETS), *(project_map(poisoned, record, ASSETS) for record in found)]
    drawn = [web_map for web_map in maps if web_map is not None]
    assert len(drawn) > 5
    for web_map in drawn:
        assert FLAG not in web_map.parts.script + web_map.parts.body
        assert not re.search("[一-鿿]", web_map.parts.script)
        assert FLAG in json.dumps(page_data(web_map, "zh", str))


def test_the_legend_lists_exactly_what_is_drawn(whole: WebMap) -> None:
    shoreline = next(layer for layer in whole.layers if layer.style.role == "shorelines")
    assert [(drawn.entry.label.zh, drawn.count) for drawn in shoreline.classes] == [
        ("保护区", 1),
        ("保留区", 1),
        ("开发利用区", 1),
    ]
    assert [shoreline.classes[kind].entry.label.zh for kind in shoreline.class_of] == ["保护区", "保留区", "开发利用区"]
    sites = next(layer for layer in whole.layers if layer.style.role == "project_sites")
    assert sum(drawn.count for drawn in sites.classes) == len(sites.shapes) == 11
    assert "永久基本农田" in [title.zh for title in whole.absent]


def test_a_value_nobody_styled_is_drawn_as_other() -> None:
    drawn = drawn_layer(squares(4, "water_sources"))
    assert [(entry.entry.label.zh, entry.count) for entry in drawn.classes] == [("其他", 4)]


def test_layers_off_at_first_are_fetched(whole: WebMap) -> None:
    data = page_data(whole, "zh", "/api/{}".format)
    by_role = {layer["role"]: layer for layer in data["layers"]}
    assert by_role["river_reaches"]["url"] == "/api/river_reaches"
    assert by_role["river_reaches"]["records"] is None
    assert by_role["redlines"]["variable"] == "geo_json_redlines"
    assert "geo_json_redlines" in whole.parts.script
    assert "geo_json_river_reaches" not in whole.parts.script


def test_a_large_layer_goes_to_a_canvas_without_hatches() -> None:
    drawn = drawn_layer(squares(MOST_SVG_FEATURES + 1, "redlines"))
    assert drawn.is_canvas
    assert not drawn.is_inline
    assert not drawn_layer(squares(MOST_SVG_FEATURES, "redlines")).is_canvas


def test_geojson_carries_the_words_in_the_language_asked_for(whole: WebMap) -> None:
    lines = next(layer for layer in whole.layers if layer.style.role == "shorelines")
    first = layer_geojson(lines, "en")["features"][0]
    assert first["properties"] == {
        "class": 0,
        "key": "S1",
        "name": "S1",
        "facts": [["class", "岸线保护区"], ["reach", "R1"]],
    }
    assert first["geometry"]["type"] == "LineString"


def test_hatches_are_patterns_and_plain_fills_are_not() -> None:
    hatched, plain = Paint("#111111", 2.0, "#222222", 0.3, hatch="rising"), Paint("#111111", 1.0)
    assert path_options(hatched, "hatch-a-0")["fillColor"] == "url(#hatch-a-0)"
    assert path_options(hatched)["fillColor"] == "#222222"
    assert path_options(plain)["fill"] is False


def test_a_project_map_shows_its_site_and_what_it_overlaps(
    county: Workspace, records: tuple[ProjectRecord, ...]
) -> None:
    half = next(record for record in records if record.record_id == "half")
    drawn = project_map(county, half, ASSETS)
    assert drawn is not None
    overlap = next(extra for extra in drawn.extras if extra.name == "overlap")
    # 100 m of its 200 m lie in red line A: 100 m × 100 m of the plane, within 0.1 % on the ellipsoid
    assert geodesy.area_m2(overlap.shapes)[0] == pytest.approx(10_000, rel=1e-3)
    assert {name for name, _ in drawn.hatches} == {"hatch-redlines-0", "hatch-overlap-0"}
    assert [sign.site_id for sign in drawn.signs] == ["half"]


def test_a_vague_point_is_shown_with_its_reach(county: Workspace, records: tuple[ProjectRecord, ...]) -> None:
    near = next(record for record in records if record.record_id == "near")
    drawn = project_map(county, near, ASSETS)
    assert drawn is not None
    reach = next(extra for extra in drawn.extras if extra.name == "reach")
    assert geodesy.area_m2(reach.shapes)[0] == pytest.approx(np.pi * 100**2, rel=0.01)
    assert "geo_json_project_sites" not in drawn.parts.script


def test_a_project_without_a_site_has_no_map(county: Workspace, records: tuple[ProjectRecord, ...]) -> None:
    nowhere = next(record for record in records if record.record_id == "P2")
    assert nowhere.answer is Answer.UNDETERMINED
    assert project_map(county, nowhere, ASSETS) is None
    assert site_signs([nowhere]) == ()


def test_sites_are_drawn_as_they_are(whole: WebMap, county: Workspace) -> None:
    sites = next(layer for layer in whole.layers if layer.style.role == "project_sites")
    exact = county.layer("sites").geometries
    assert shapely.hausdorff_distance(sites.shapes, exact).max() < 1e-8


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (shapely.Point(109, 24), [(109.0, 24.0)]),
        (shapely.MultiPoint([(109, 24), (110, 25)]), [(109.0, 24.0), (110.0, 25.0)]),
        (shapely.MultiLineString([[(0, 0), (1, 0)], [(0, 5), (4, 5)]]), [(2.0, 5.0)]),
        (shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(10, 10, 14, 14)]), [(12.0, 12.0)]),
    ],
)
def test_signs_stand_on_their_sites(shape: shapely.Geometry, expected: list[tuple[float, float]]) -> None:
    assert anchors(shape) == expected


corner = st.tuples(st.floats(109, 109.1), st.floats(24, 24.1))


@given(st.lists(st.lists(corner, min_size=3, max_size=12), min_size=1, max_size=5))
def test_light_shapes_stay_near_and_never_vanish(clouds: list[list[tuple[float, float]]]) -> None:
    hulls = shapely.convex_hull(np.array([shapely.MultiPoint(cloud) for cloud in clouds], dtype=object))
    light = light_shapes(hulls)
    assert not shapely.is_empty(light).any()
    assert (shapely.get_dimensions(light) >= 0).all()
    # Area-weighted simplification may move a vertex of a needle further than its tolerance, never the shape's extent.
    assert shapely.hausdorff_distance(light, hulls).max() < 100 * DISPLAY_TOLERANCE_DEG


def test_shared_borders_stay_shared() -> None:
    seam = [(109.05 + 0.0001 * (at % 3), 24 + 0.001 * at) for at in range(51)]
    west = shapely.Polygon([(109, 24), *seam, (109, 24.05)])
    east = shapely.Polygon([(109.1, 24), *seam, (109.1, 24.05)])
    light = light_shapes(np.array([west, east], dtype=object))
    assert shapely.get_num_coordinates(light).sum() <= shapely.get_num_coordinates(np.array([west, east])).sum()
    assert shapely.area(shapely.intersection(light[0], light[1])) == pytest.approx(0, abs=1e-12)
    assert shapely.area(shapely.union_all(light)) == pytest.approx(shapely.area(light).sum(), abs=1e-12)


def test_set_aside_features_are_counted(county_folder: Path) -> None:
    write_layer(
        county_folder,
        "redlines.gpkg",
        {"redline_id": ["A", "B"], "name": ["甲", "乙"]},
        [block(1000, 1000, 1000, 1000), None],
    )
    county = open_workspace(county_folder)
    assert drawn_layer(county.layer("redlines")).aside == 1


def test_shapes_of_every_kind_are_drawn(county_folder: Path, draw: Callable[[], WebMap]) -> None:
    write_layer(
        county_folder,
        "towns.gpkg",
        {"code": ["a", "b", "c"], "name": ["点", "线", "面"]},
        [point(1, 1), line((0, 0), (9, 9)), block(0, 0, 9, 9)],
    )
    towns = next(layer for layer in draw().layers if layer.style.role == "towns")
    assert (towns.dimension, len(towns.features())) == (2, 3)


@pytest.fixture
def draw(county_folder: Path) -> Callable[[], WebMap]:
    """Return what draws the small county as it then is."""

    def build() -> WebMap:
        county = open_workspace(county_folder)
        return county_map(county, project_records(county, run_checks(county)), ASSETS)

    return build


def test_a_county_of_nothing_has_an_empty_map(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "layers.toml").write_text('[county]\nname = "空县"\n[layers]\n', "utf-8")
    county = open_workspace(tmp_path)
    drawn = county_map(county, project_records(county, run_checks(county)), ASSETS)
    assert drawn.layers == ()
    assert len(drawn.absent) == len(LAYER_STYLES)


def test_collections_are_kept() -> None:
    mixed = shapely.GeometryCollection([shapely.box(109, 24, 109.1, 24.1), shapely.LineString([(109, 24), (110, 25)])])
    light = light_shapes(np.array([mixed, shapely.box(109, 24, 109.1, 24.1)], dtype=object))
    assert shapely.get_num_geometries(light).tolist() == [2, 1]


def test_assets_are_found_by_the_names_folium_uses(tmp_path: Path) -> None:
    files = [{"path": "a/a.js", "sha256": "0", "link": "leaflet"}, {"path": "a/LICENSE", "sha256": "0"}]
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"packages": [{"files": files}]}), "utf-8")
    assert read_assets(manifest, "/static/vendor/") == {"leaflet": "/static/vendor/a/a.js"}
