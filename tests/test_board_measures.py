"""The measures as layers of a map, what a county lacks for them, and the measured values beside the reported ones."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import block, line, point, write_layer
from test_versions import lonlat, with_earlier
from test_zonal import write_classes

from ecogeo import geodesy
from ecogeo.board.comparisons import by_number, comparisons
from ecogeo.board.measures import MEASURE_LAYERS, Picture, Shapes, as_geojson, measure_layer
from ecogeo.board.measures.pictures import grid_of, picture, sampled
from ecogeo.board.measures.places import feature_bounds
from ecogeo.board.mine_ground import absent_grounds, protected_grounds
from ecogeo.board.missing import missing_layers
from ecogeo.board.sheets import comparison_sheet
from ecogeo.check import choose_checks, run_checks
from ecogeo.finding import CheckRun, Finding, Report, Severity
from ecogeo.raster import Window
from ecogeo.raster_classes import read_codes
from ecogeo.spatial_indicators import COLUMNS
from ecogeo.style import Paint
from ecogeo.wording import Text
from ecogeo.workspace import Workspace, open_workspace

MINES = """
[layers.mines]
role = "mines"
path = "mines.gpkg"
key = "part_id"
name = "name"
fields = { mine = "mine_id", zone = "state", part = "part" }

[layers.pollution_sources]
role = "pollution_sources"
path = "sources.gpkg"
key = "id"
name = "name"

[layers.receptors]
role = "receptors"
path = "receptors.gpkg"
key = "id"
name = "name"
"""


def with_more(root: Path) -> Workspace:
    columns: dict[str, list[object]] = {
        "part_id": ["a", "b"],
        "mine_id": ["K1", "K1"],
        "name": ["甲矿", "甲矿"],
        "state": ["历史遗留", "历史遗留"],
        "part": ["扰动", "已修复"],
    }
    write_layer(root, "mines.gpkg", columns, [block(1200, 1200, 100, 100), block(1300, 1200, 300, 100)])
    write_layer(root, "sources.gpkg", {"id": ["p"], "name": ["厂"], "kind": ["重工业"]}, [point(3000, 3000)])
    write_layer(root, "receptors.gpkg", {"id": ["e"], "name": ["校"], "kind": ["学校"]}, [point(3000, 3300)])
    path = root / "layers" / "layers.toml"
    path.write_text(path.read_text("utf-8") + MINES, "utf-8")
    return open_workspace(root)


def drawn(workspace: Workspace, name: str) -> Shapes:
    layer = measure_layer(name)
    assert layer is not None
    report = run_checks(workspace, choose_checks([layer.check]))
    assert layer.is_there(report)
    made = layer.draw(workspace, report)
    assert isinstance(made, Shapes)
    assert set(made.class_of.tolist()) <= set(range(len(layer.classes)))
    return made


def length_by_class(made: Shapes) -> dict[int, float]:
    lengths = geodesy.length_m(made.shapes)
    return {int(kind): float(lengths[made.class_of == kind].sum()) for kind in np.unique(made.class_of)}


def area_by_class(made: Shapes) -> dict[int, float]:
    areas = geodesy.area_m2(made.shapes)
    return {int(kind): float(areas[made.class_of == kind].sum()) for kind in np.unique(made.class_of)}


def test_banks_are_drawn_by_the_zone_they_count_in(county_folder: Path) -> None:
    """600 m protected, 400 m reserved of which 100 m are protected too, 100 m in no zone, 1000 m developed."""
    workspace = open_workspace(county_folder)
    found = length_by_class(drawn(workspace, "banks"))
    assert found == pytest.approx({0: 600.0, 1: 300.0, 3: 1000.0, 4: 100.0}, rel=1e-3)
    segments = length_by_class(drawn(workspace, "bank-segments"))
    assert segments == pytest.approx({0: 100.0, 1: 100.0}, rel=1e-3)


def test_strips_are_as_wide_as_the_check_has_them(county_folder: Path) -> None:
    """Two banks of a kilometre with 50 m of land each: 10 ha; the county's own width counts."""
    assert area_by_class(drawn(open_workspace(county_folder), "strips"))[0] == pytest.approx(1e5, rel=1e-3)
    path = county_folder / "layers" / "layers.toml"
    path.write_text(path.read_text("utf-8") + "\n[checks.use_in_river_strip]\nstrip_m = 20\n", "utf-8")
    assert area_by_class(drawn(open_workspace(county_folder), "strips"))[0] == pytest.approx(4e4, rel=1e-3)


def test_parts_of_mines_and_what_they_touch(county_folder: Path) -> None:
    workspace = with_more(county_folder)
    assert area_by_class(drawn(workspace, "mine-parts")) == pytest.approx({0: 1e4, 1: 3e4}, rel=1e-3)
    assert area_by_class(drawn(workspace, "mine-overlaps")) == pytest.approx({0: 4e4}, rel=1e-3)


def test_a_line_joins_source_and_receptor(county_folder: Path) -> None:
    made = drawn(with_more(county_folder), "distances")
    assert length_by_class(made) == pytest.approx({0: 300.0}, rel=1e-3)
    words = as_geojson(made, "en", {"学校": Text("学校", "school")})["features"][0]["properties"]
    assert ["its kind", "school"] in words["facts"]


def test_pieces_of_two_versions_and_what_is_left_out(county_folder: Path) -> None:
    """The square was 100 m longer: 10 ha were taken out; noise below a square metre is counted, not drawn."""
    ring = shapely.difference(block(4000, 4000, 1000, 1000), block(4300, 4300, 300, 300))
    with_earlier(county_folder, [block(1000, 1000, 1000, 1100), ring], ["甲", "乙"])
    made = drawn(open_workspace(county_folder), "redline-changes")
    assert area_by_class(made)[0] == pytest.approx(1e5, rel=1e-3)
    told = as_geojson(made, "zh", {})
    assert len(told["features"]) == int((made.class_of == 0).sum()) + int((made.class_of == 2).sum())


def test_every_layer_has_a_check_a_page_and_a_legend() -> None:
    names = [one.name for one in MEASURE_LAYERS]
    assert len(set(names)) == len(names)
    for one in MEASURE_LAYERS:
        assert choose_checks([one.check])
        assert one.classes
        assert one.page[0] in {"shorelines.table", "mines.table", "land.table"}


def test_pixels_show_what_lies_at_their_middle(tmp_path: Path) -> None:
    """Four cells of 30 m, one class each: each fills a quarter of the picture; what lies outside is clear."""
    raster = write_classes(tmp_path / "four.tif", np.array([[1, 2], [3, 4]], dtype=np.uint8))
    (ground,) = lonlat(block(0, 9940, 60, 60))
    grid = grid_of(ground)
    codes = sampled(raster, grid, lambda window: read_codes(raster, window), otherwise=-1)
    rows, columns = grid.shape
    quarter = [codes[row, column] for row in (rows // 4, rows * 3 // 4) for column in (columns // 4, columns * 3 // 4)]
    assert quarter == [1, 2, 3, 4]
    paints = {1: Paint("#000000", 1.0, "#102030", 1.0), 2: Paint("#000000", 1.0, "#405060", 1.0)}
    made = picture(codes.astype(np.uint8), paints, grid)
    assert isinstance(made, Picture)
    shown = pixels_of(made.png)
    assert tuple(shown[rows // 4, columns // 4][:3]) == (0x10, 0x20, 0x30)
    assert shown[rows // 4, columns * 3 // 4][3] > 0
    assert shown[rows * 3 // 4, columns // 4][3] == 0, "a class without paint is clear"
    west, south, east, north = made.bounds
    assert shapely.bounds(ground).tolist() == pytest.approx([west, south, east, north], abs=1e-5)


def pixels_of(png: bytes) -> np.ndarray:
    """Return the colours of a PNG with a palette, read by hand."""
    stream = io.BytesIO(png[8:])
    parts: dict[bytes, bytes] = {}
    while size := stream.read(4):
        kind = stream.read(4)
        parts[kind] = parts.get(kind, b"") + stream.read(struct.unpack(">I", size)[0])
        stream.read(4)
    columns, rows = struct.unpack(">II", parts[b"IHDR"][:8])
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), dtype=np.uint8).reshape(rows, columns + 1)[:, 1:]
    palette = np.frombuffer(parts[b"PLTE"], dtype=np.uint8).reshape(-1, 3)
    alpha = np.frombuffer(parts[b"tRNS"], dtype=np.uint8)
    return np.dstack([palette[lines], alpha[lines]])


def test_a_cell_outside_the_raster_is_not_a_class(tmp_path: Path) -> None:
    raster = write_classes(tmp_path / "one.tif", np.array([[7]], dtype=np.uint8))
    (ground,) = lonlat(block(0, 9940, 60, 60))
    codes = sampled(raster, grid_of(ground), lambda window: read_codes(raster, window), otherwise=-1)
    assert set(np.unique(codes)) == {-1, 7}
    assert np.mean(codes == 7) == pytest.approx(0.25, abs=0.01)
    assert Window(0, 1, 0, 1).shape == raster.shape


def test_places_of_features(county_folder: Path) -> None:
    redlines = open_workspace(county_folder).of_role("redlines")
    boxes = feature_bounds(redlines)
    assert set(boxes) == {"A", "B"}
    assert set(feature_bounds(redlines, by_name=True)) == {"甲", "乙"}
    assert feature_bounds(None) == {}
    (square,) = lonlat(block(1000, 1000, 1000, 1000))
    assert boxes["A"] == pytest.approx(shapely.bounds(square).tolist(), abs=1e-5)


def test_no_layer_is_not_no_overlap(county_folder: Path) -> None:
    """Red lines cover the county, shorelines too; the other layers are not there."""
    workspace = with_more(county_folder)
    known = {one.role: one.known for one in protected_grounds(workspace, "K1")}
    assert known["redlines"] == "covered"
    assert known["reserves"] == known["water_sources"] == known["river_management"] == "no layer"
    assert {one.known for one in protected_grounds(workspace, "no such mine")} == {"not covered", "no layer"}
    assert len(absent_grounds(workspace)) == 3


def test_what_a_check_lacks_and_how_it_is_declared(county_folder: Path) -> None:
    workspace = open_workspace(county_folder)
    (mines,) = missing_layers(workspace, "mine_not_restored")
    assert mines.title.zh == "矿山"
    assert '[layers.mines]\nrole = "mines"' in mines.lines
    (earlier,) = missing_layers(workspace, "redline_reduced")
    assert earlier.lines.startswith("[layers.redlines.earlier]")
    (terrain,) = missing_layers(workspace, "steep_land_share")
    assert 'path = "dem.tif"' in terrain.lines
    assert missing_layers(workspace, "shoreline_protection_rate") == ()


def indicator(**told: object) -> dict[str, object]:
    blank = {**dict.fromkeys(COLUMNS, ""), **{name: np.nan for name in COLUMNS if name.endswith(("_m2", "_m"))}}
    values = {name: np.nan for name in COLUMNS if name.endswith("_value")}
    values["reported_year"] = np.nan
    return {**blank, **values, "plan": "p", "indicator_no": "10", "name": "森林覆盖率", "unit": "%", **told}


def test_the_measured_value_stands_beside_the_reported_one() -> None:
    """62 % reported of 2 km²; 50 % measured, 12 points less: large; the farther definition bears no finding."""
    rows = [
        indicator(definition="甲", definition_en="a", numerator_layer="landuse;dem", data_year="2024",
                  denominator_m2=2e6, denominator_source="规划所记面积", measured_value=50.0, most_value=51.0,
                  reported_value=62.0, reported_year=2022.0, difference_value=-12.0),
        indicator(definition="乙", definition_en="b", measured_value=40.0, reported_value=62.0, difference_value=-22.0),
        indicator(indicator_no="11", sub_no="2", note="没有可量算的图层"),
        indicator(plan="q", indicator_no="1"),
    ]  # fmt: skip
    far = Finding(
        Text("p 指标 10", "p, 10"), Severity.WARNING, feature_id="10", feature_name="森林覆盖率", value=-12.0, unit="%"
    )
    run = CheckRun("spatial_indicator", "land", Text("", ""), (far,))
    report = Report("", (run,), {"indicators": pd.DataFrame(rows, columns=list(COLUMNS))})
    near, other, unknown = comparisons(report, "p")
    assert (near.measured, near.reported, near.difference, near.reported_year) == (50.0, 62.0, -12.0, 2022)
    assert (near.layers, near.data_year, near.denominator) == (("landuse", "dem"), "2024", 2e6)
    assert near.definition == Text("甲", "a")
    assert near.finding is far
    assert other.finding is None
    assert (unknown.number, unknown.measured, unknown.note) == ("11-2", None, "没有可量算的图层")
    assert set(by_number([near, other, unknown])) == {("10", ""), ("11", "2")}
    (sheet,) = comparison_sheet([near, other, unknown], "en")
    assert len(sheet.rows) == 3
    assert "p, 10" in next(iter(sheet.rows))
    assert comparisons(Report("", ()), "p") == comparisons(report, "no such plan") == ()
    assert comparison_sheet([], "zh") == ()


def test_lines_of_the_bank_are_not_thinned_away() -> None:
    """A sliver narrower than display may be off by is drawn as it is where it says so."""
    sliver = lonlat(block(0, 0, 500, 1))
    words = ([""], [""])
    thick = as_geojson(Shapes(sliver, np.zeros(1, dtype=np.intp), *words, is_thin=True), "zh", {})
    assert len(thick["features"]) == 1
    bank = lonlat(line((0, 0), (10, 0)))
    assert len(as_geojson(Shapes(bank, np.zeros(1, dtype=np.intp), *words), "zh", {})["features"]) == 1
