"""Tiles: what is drawn, kept, asked and written for other programs, held to figures worked out by hand."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from many_parcels import parcels, write_parcels
from PIL import Image

from ecogeo import geodesy
from ecogeo.board.projects import project_records
from ecogeo.catalog import LayerDeclaration
from ecogeo.check import choose_checks, run_checks
from ecogeo.errors import EcogeoError, UnusableFileError
from ecogeo.finding import Answer
from ecogeo.layer import Layer, digest, read_layer
from ecogeo.mapdata import tiled_layer
from ecogeo.maptiles import draw_ahead, search, table_rows
from ecogeo.palette import LAYER_STYLES
from ecogeo.style import LayerClass, Paint
from ecogeo.tiles import TilePack, TileShelf, features_at, features_named, pack_blocks, pack_layer, tile_mvt, tile_png
from ecogeo.tiles.apart import Bounds, checked_apart
from ecogeo.tiles.asking import shapes_within
from ecogeo.tiles.grid import WORLD, Tile, tiles_over, to_lonlat, to_units
from ecogeo.tiles.pack import open_pack
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace

PLAIN = [LayerClass(Text("x", "x"), Paint("#000000", 0.0, "#FF0000", 1.0))]
"""Fill alone, without an outline."""

TILE = Tile(12, 3287, 1760)
PIXEL = TILE.units // 256


def box(left: float, top: float, right: float, bottom: float) -> shapely.Polygon:
    """Return a rectangle by pixels of `TILE`, as longitude and latitude."""
    return drawn(shapely.box(left, top, right, bottom))


def drawn(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape in pixels of `TILE` as longitude and latitude; whole units, so that nothing is rounded."""

    def placed(points: np.ndarray) -> np.ndarray:
        units = np.round(points * PIXEL + [TILE.x * TILE.units, TILE.y * TILE.units]).astype(np.int32)
        return to_lonlat(units)

    moved: shapely.Geometry = shapely.transform(shape, placed)
    return moved


def layer_of(*shapes: shapely.Geometry, role: str = "farmland") -> Layer:
    frame = gpd.GeoDataFrame(
        {"key": [f"k{row}" for row in range(len(shapes))], "name": [f"地块 {row}" for row in range(len(shapes))]},
        geometry=list(shapes),
        crs=geodesy.LONLAT,
    )
    declaration = LayerDeclaration(role=role, path="x.gpkg", key="key", name="name")  # type: ignore[arg-type]
    return Layer("parcels", declaration, frame, frame)


def packed(folder: Path, *shapes: shapely.Geometry, role: str = "farmland") -> TilePack:
    return pack_layer(layer_of(*shapes, role=role), LAYER_STYLES[role], folder)


def picture(pack: TilePack, classes: list[LayerClass] = PLAIN, tile: Tile = TILE) -> np.ndarray:
    """Return the pixels of a tile; nothing where it is empty."""
    data = tile_png(pack, classes, np.zeros(pack.count, dtype=np.int64), tile)
    return np.asarray(Image.open(io.BytesIO(data))) if data else np.zeros((256, 256, 4), np.uint8)


@given(st.floats(-180, 179.9), st.floats(-85, 85))
def test_units_lead_back_to_where_they_came_from(lon: float, lat: float) -> None:
    back = to_lonlat(to_units(np.array([[lon, lat]])))[0]
    assert abs(back[0] - lon) < 2e-7
    assert abs(back[1] - lat) < 2e-7


def test_tiles_of_a_box() -> None:
    assert tiles_over((0, 0, WORLD - 1, WORLD - 1), 1) == [Tile(1, 0, 0), Tile(1, 1, 0), Tile(1, 0, 1), Tile(1, 1, 1)]
    assert not Tile(2, 4, 0).is_there


def test_a_rectangle_covers_the_pixels_it_covers(tmp_path: Path) -> None:
    pixels = picture(packed(tmp_path, box(10, 20, 30.5, 40)))
    assert (pixels[20:40, 10:30] == [255, 0, 0, 255]).all()
    assert (pixels[20:40, 30, 3] == 128).all(), "half a pixel is half covered"
    assert pixels[..., 3].sum() == 20 * (20 * 255 + 128)


def test_a_hole_is_cut_out(tmp_path: Path) -> None:
    ring = shapely.difference(box(10, 10, 60, 60), box(20, 20, 30, 30))
    alpha = picture(packed(tmp_path, ring))[..., 3]
    assert alpha[25, 25] == 0
    assert alpha[35, 35] == 255
    assert alpha.sum() == 255 * (2500 - 100)


def test_neighbours_show_no_seam(tmp_path: Path) -> None:
    cut = [(0, 0), (100, 0), (63.3, 50), (71.7, 100), (0, 100)]
    left = drawn(shapely.Polygon(cut))
    right = drawn(shapely.Polygon([(100, 0), (200, 0), (200, 100), (71.7, 100), (63.3, 50)]))
    alpha = picture(packed(tmp_path, left, right))[:100, :200, 3]
    assert alpha.min() >= 254


points = st.tuples(st.floats(-300, 500), st.floats(-300, 500))


@given(st.lists(points, min_size=3, max_size=3))
def test_a_triangle_covers_its_area(
    tmp_path_factory: pytest.TempPathFactory, corners: list[tuple[float, float]]
) -> None:
    shape = shapely.Polygon(corners)
    inside = shapely.intersection(shape, shapely.box(0, 0, 256, 256)).area
    if shape.area < 4 or np.ptp(shapely.bounds(shape)) < 2:
        return
    alpha = picture(packed(tmp_path_factory.mktemp("pack"), drawn(shape)))[..., 3]
    assert alpha.sum() / 255 == pytest.approx(inside, abs=0.5 + 0.002 * inside)


def test_what_is_smaller_than_a_pixel_still_counts(tmp_path: Path) -> None:
    small = [box(x + 0.25, 50.25, x + 0.75, 50.75) for x in range(100)]
    alpha = picture(packed(tmp_path, *small))[..., 3]
    assert alpha[50, :100] == pytest.approx(np.full(100, 64), abs=1), "a quarter of each pixel"


def test_a_line_is_as_wide_as_its_style_says_and_dashed(tmp_path: Path) -> None:
    pack = packed(tmp_path, drawn(shapely.LineString([(0, 50), (200, 50)])), role="river_reaches")
    solid = picture(pack, [LayerClass(Text("x", "x"), Paint("#00FF00", 4.0))])
    assert (solid[48:52, 20:180] == [0, 255, 0, 255]).all()
    assert solid[:46, 20:180, 3].sum() == solid[54:, 20:180, 3].sum() == 0
    dashed = picture(pack, [LayerClass(Text("x", "x"), Paint("#00FF00", 4.0, dash="10 10"))])[50, :, 3]
    assert (dashed[2:8] == 255).all()
    assert (dashed[12:18] == 0).all()
    assert (dashed[22:28] == 255).all()


def test_a_point_is_a_disc(tmp_path: Path) -> None:
    pack = packed(tmp_path, drawn(shapely.Point(100, 100)), role="villages")
    alpha = picture(pack, [LayerClass(Text("x", "x"), Paint("#000000", 0.0, "#FF0000", 1.0, radius_px=8))])[..., 3]
    assert alpha.sum() / 255 == pytest.approx(np.pi * 64, rel=0.03)


def test_hatches_and_lines_run_on_in_the_next_tile(tmp_path: Path) -> None:
    pack = packed(tmp_path, box(-100, 10, 400, 200))
    style = [LayerClass(Text("x", "x"), Paint("#000000", 3.0, "#FFFFFF", 0.5, hatch="falling"))]
    here, beyond = picture(pack, style), picture(pack, style, Tile(TILE.z, TILE.x + 1, TILE.y))
    assert (here[10, :, 3] == 255).all()
    assert (beyond[10, :140, 3] == 255).all()
    assert (here[50:149, 255] == beyond[51:150, 0]).all(), "along a line of 45 degrees: one column, one row"
    assert here[50:150, 255, 3].std() > 10, "there are lines to compare"


def test_an_empty_tile_is_nothing(tmp_path: Path) -> None:
    assert tile_png(packed(tmp_path, box(10, 10, 20, 20)), PLAIN, np.zeros(1, np.int64), Tile(12, 5, 5)) == b""


def test_the_same_features_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = (packed(tmp_path / name, box(10, 20, 30, 40)) for name in ("a", "b"))
    assert one.digest == other.digest
    assert tile_png(one, PLAIN, np.zeros(1, np.int64), TILE) == tile_png(other, PLAIN, np.zeros(1, np.int64), TILE)


# Asking ------------------------------------------------------------------------------------------------------------


def lonlat(x: float, y: float) -> tuple[float, float]:
    lon, lat = shapely.get_coordinates(drawn(shapely.Point(x, y)))[0]
    return float(lon), float(lat)


def test_a_click_finds_what_it_lies_in(tmp_path: Path) -> None:
    ring = shapely.difference(box(10, 10, 60, 60), box(20, 20, 30, 30))
    pack = packed(tmp_path, ring, box(60, 10, 90, 60))
    assert [hit.key for hit in features_at(pack, *lonlat(15, 15), 12)] == ["k0"]
    assert [hit.key for hit in features_at(pack, *lonlat(70, 30), 12)] == ["k1"]
    assert features_at(pack, *lonlat(25, 25), 12) == (), "in the hole"
    assert features_at(pack, *lonlat(95, 30), 12) == ()


def test_a_click_finds_lines_and_points_near_it(tmp_path: Path) -> None:
    line = drawn(shapely.LineString([(0, 50), (100, 50)]))
    pack = packed(tmp_path, line, drawn(shapely.Point(200, 200)), role="receptors")
    assert [hit.key for hit in features_at(pack, *lonlat(50, 54), 12)] == ["k0"]
    assert features_at(pack, *lonlat(50, 60), 12) == ()
    assert [hit.key for hit in features_at(pack, *lonlat(203, 203), 12)] == ["k1"]


def test_words_find_features_and_the_exact_one_first(tmp_path: Path) -> None:
    pack = packed(tmp_path, *(box(x, 0, x + 1, 1) for x in range(120)))
    found, total = features_named(pack, "K1", most=5)
    assert total == 1 + 10 + 20
    assert found[0].key == "k1"
    assert features_named(pack, "地块 7")[0][0].name == "地块 7"
    assert features_named(pack, "  ") == ((), 0)


def test_a_hit_lies_in_its_feature(tmp_path: Path) -> None:
    bent = drawn(shapely.Polygon([(0, 0), (100, 0), (100, 100), (90, 100), (90, 10), (0, 10)]))
    hit = features_named(packed(tmp_path, bent), "k0")[0][0]
    assert shapely.contains(bent, shapely.Point(hit.lon, hit.lat))


def test_shapes_of_a_window_are_those_of_the_layer(tmp_path: Path) -> None:
    ring = shapely.difference(box(10, 10, 60, 60), box(20, 20, 30, 30))
    pack = packed(tmp_path, ring, box(100, 100, 120, 120))
    rows, shapes = shapes_within(pack, box(0, 0, 50, 50))
    assert rows == [0]
    assert shapely.symmetric_difference(shapes[0], ring).area == pytest.approx(0.0, abs=1e-12)


# Packs -------------------------------------------------------------------------------------------------------------


def test_a_file_in_blocks_gives_the_pack_of_the_whole(tmp_path: Path) -> None:
    write_parcels(tmp_path / "p.gpkg", 30, 20)
    declaration = LayerDeclaration(
        role="farmland", path="p.gpkg", key="parcel_id", name="parcel_name", fields={"town": "town_name"}
    )
    style = LAYER_STYLES["farmland"]
    whole = pack_layer(read_layer("p", declaration, tmp_path), style, tmp_path / "a")
    blocks = pack_blocks(tmp_path / "p.gpkg", declaration, style, tmp_path / "b", digest(tmp_path / "p.gpkg"))
    assert whole.digest == blocks.digest
    for name in ("xy", "part_start", "part_kind", "feature_start", "boxes", "class_of"):
        assert (getattr(whole, name) == getattr(blocks, name)).all(), name
    assert whole.words().equals(blocks.words())
    assert blocks.words()["fact0"][0].as_py() == "拉堡镇"


def test_what_cannot_be_drawn_is_counted(tmp_path: Path) -> None:
    shapes = [shapely.box(109, 24, 109.1, 24.1), None, shapely.Polygon()]
    gpd.GeoDataFrame({"key": ["a", "b", "c"]}, geometry=shapes, crs="EPSG:4490").to_file(tmp_path / "p.gpkg")
    declaration = LayerDeclaration(role="farmland", path="p.gpkg", key="key")
    pack = pack_blocks(tmp_path / "p.gpkg", declaration, LAYER_STYLES["farmland"], tmp_path / "a", "x")
    assert (pack.count, pack.aside) == (1, 2)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_everything_missing_is_named_at_once(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.box(0, 0, 1, 1)]).to_file(tmp_path / "p.gpkg")
    declaration = LayerDeclaration(role="farmland", path="p.gpkg", key="key", name="nm")
    with pytest.raises(UnusableFileError, match=r"key, nm(.|\n)*CRS"):
        pack_blocks(tmp_path / "p.gpkg", declaration, LAYER_STYLES["farmland"], tmp_path / "a", "x")
    assert not (tmp_path / "a").exists()


def test_a_pack_that_is_not_whole_is_made_anew(tmp_path: Path) -> None:
    pack = packed(tmp_path, box(10, 20, 30, 40))
    (pack.folder / "boxes.npy").write_bytes(b"")
    assert open_pack(pack.folder) is None
    assert packed(tmp_path, box(10, 20, 30, 40)).count == 1
    assert [path.name for path in tmp_path.iterdir()] == [pack.digest], "nothing half made is left"


def test_an_interrupted_pack_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_lonlat: np.ndarray) -> np.ndarray:
        raise KeyboardInterrupt

    monkeypatch.setattr("ecogeo.tiles.packing.to_units", stop)
    with pytest.raises(KeyboardInterrupt):
        packed(tmp_path, shapely.box(109, 24, 109.1, 24.1))
    assert list(tmp_path.iterdir()) == []


def test_tiles_are_kept_by_what_they_are_drawn_from(tmp_path: Path) -> None:
    shelf = TileShelf(tmp_path / "tiles.sqlite")
    assert shelf.tile("a", "png", TILE, lambda: b"one") == b"one"
    assert shelf.tile("a", "png", TILE, lambda: b"two") == b"one"
    assert shelf.tile("b", "png", TILE, lambda: b"two") == b"two"
    (tmp_path / "broken.sqlite").write_bytes(b"no database" * 100)
    assert TileShelf(tmp_path / "broken.sqlite").tile("a", "png", TILE, lambda: b"drawn") == b"drawn"
    assert TileShelf(None).tile("a", "png", TILE, lambda: b"drawn") == b"drawn"


def test_low_zooms_are_drawn_ahead(tmp_path: Path) -> None:
    layer = layer_of(*parcels(10, 10))
    style = LAYER_STYLES["farmland"]
    tiled = tiled_layer("parcels", layer.declaration, pack_layer(layer, style, tmp_path))
    assert draw_ahead([tiled], TileShelf(tmp_path / "tiles.sqlite")) >= 8
    assert tiled.drawing == "tiles"
    assert tiled.count == 100
    heads, rows = table_rows(tiled, 98, 5, "zh")
    assert (heads, [row[:2] for row in rows]) == ([], [["k98", "地块 98"], ["k99", "地块 99"]])
    assert search([tiled], "地块 42", "zh")[0][0].key == "k42"


# Other programs ----------------------------------------------------------------------------------------------------


def read_by_gdal(folder: Path, data: bytes) -> gpd.GeoDataFrame:
    """Return a vector tile as GDAL reads it, its coordinates those of the tile's grid."""
    path = folder / "tile.mvt"
    path.write_bytes(data)
    return pyogrio.read_dataframe(path)


def test_gdal_reads_a_vector_tile(tmp_path: Path) -> None:
    ring = shapely.difference(box(10, 10, 60, 60), box(20, 20, 30, 30))
    parts = shapely.MultiPolygon([box(100, 100, 110, 110), box(120, 120, 130, 130)])
    data, left_out = tile_mvt(packed(tmp_path, ring, parts, box(-50, 200, 300, 210), box(5, 5, 5.01, 5.01)), "p", TILE)
    frame = read_by_gdal(tmp_path, data)
    assert left_out == 1, "smaller than the grid"
    assert frame["key"].tolist() == ["k0", "k1", "k2"]
    assert frame["name"].tolist() == ["地块 0", "地块 1", "地块 2"]
    areas = (frame.area / 16**2).round(3).tolist()
    assert areas == [2400.0, 200.0, 256 * 10.0], "cut at the tile's edges"
    assert frame.is_valid.all()


def test_gdal_reads_lines_and_points(tmp_path: Path) -> None:
    line = drawn(shapely.LineString([(10, 10), (50, 10), (50, 40)]))
    data, _ = tile_mvt(packed(tmp_path / "a", line, role="river_reaches"), "p", TILE)
    assert (read_by_gdal(tmp_path, data).length / 16).round(3).tolist() == [70.0]
    points = shapely.MultiPoint([drawn(shapely.Point(10, 10)), drawn(shapely.Point(20, 30))])
    data, _ = tile_mvt(packed(tmp_path / "b", points, role="villages"), "p", TILE)
    assert shapely.get_num_geometries(read_by_gdal(tmp_path, data).geometry.iloc[0]) == 2


def test_the_largest_are_kept_of_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecogeo.tiles.vector.MOST_FEATURES", 2)
    pack = packed(tmp_path, box(0, 0, 5, 5), box(10, 10, 11, 11), box(20, 20, 30, 30))
    data, left_out = tile_mvt(pack, "p", TILE)
    assert left_out == 1
    assert read_by_gdal(tmp_path, data)["key"].tolist() == ["k0", "k2"]


def test_checks_apart_say_what_checks_say(county_folder: Path) -> None:
    county = open_workspace(county_folder)
    names = ("geometry_not_valid", "site_in_redline", "steep_land_share")
    told = run_checks(county, choose_checks(names))
    apart = checked_apart(county, None, names=names)
    assert [(run.name, run.status, len(run.findings)) for run in apart.runs] == [
        (run.name, run.status, len(run.findings)) for run in told.runs
    ]
    assert [finding.message for _, finding in apart.findings] == [finding.message for _, finding in told.findings]
    assert (apart.sources, apart.notice, sorted(apart.tables)) == (told.sources, told.notice, sorted(told.tables))


def test_a_check_that_takes_too_much_is_not_run_and_the_others_go_on(county_folder: Path) -> None:
    county = open_workspace(county_folder)
    names = ("geometry_not_valid", "site_in_redline")
    short = checked_apart(county, None, names=names, bounds=Bounds(most_s=0.01))
    assert [run.status for run in short.runs] == ["not run", "not run"]
    reason = short.runs[1].not_run
    assert reason is not None
    assert "ecogeo check site_in_redline" in reason.zh
    assert "0.01" in reason.en
    assert short.sources == ()
    records = project_records(
        county, replace(run_checks(county, choose_checks(["site_on_shoreline"])), runs=short.runs)
    )
    told = {entry.layer: entry.answer for record in records for entry in record.answers}
    assert told["redlines"] is Answer.UNDETERMINED, "a screening that was stopped never leaves a site clear"
    assert {record.answer for record in records} & {Answer.CLEAR} == set()
    if Path("/proc/self/statm").exists():
        small = checked_apart(county, None, names=names[:1], bounds=Bounds(most_bytes=1 << 20))
        assert small.runs[0].not_run is not None
        assert "0.000977 GB" in small.runs[0].not_run.en


def test_what_is_unusable_for_several_checks_is_told_once_and_all(county_folder: Path) -> None:
    for name in ("redlines", "shorelines"):
        (county_folder / "layers" / f"{name}.gpkg").write_bytes(b"none")
    with pytest.raises(EcogeoError) as refused:
        checked_apart(open_workspace(county_folder), None, names=("site_in_redline", "site_on_shoreline"))
    told = [problem.en for problem in refused.value.problems]
    assert len(told) == len(set(told))
    assert any("redlines.gpkg" in one for one in told)
    assert any("shorelines.gpkg" in one for one in told)
