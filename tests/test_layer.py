"""Layers: what is refused, what is set aside, what is repaired and said."""

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from ecogeo.catalog import LayerDeclaration
from ecogeo.errors import UnusableFileError
from ecogeo.layer import Layer, read_layer

BOW_TIE = shapely.Polygon([(109, 24), (109.01, 24.01), (109.01, 24), (109, 24.01)])
SQUARE = shapely.box(109, 24, 109.01, 24.01)


def written(
    folder: Path, columns: dict[str, list[object]], shapes: list[object], crs: str | None = "EPSG:4490"
) -> Path:
    path = folder / "layer.gpkg"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")
        gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=crs)).to_file(path)
    return path


def read(folder: Path, **declared: object) -> Layer:
    declaration = LayerDeclaration.model_validate({"role": "redlines", "path": "layer.gpkg", "key": "id", **declared})
    return read_layer("redlines", declaration, folder)


def test_sound_features_are_lonlat_and_the_frame_stays(tmp_path: Path) -> None:
    plane = gpd.GeoSeries([shapely.box(620_000, 2_680_000, 621_000, 2_681_000)], crs="EPSG:4545")
    written(tmp_path, {"id": ["a"]}, list(plane), "EPSG:4545")
    layer = read(tmp_path)
    assert layer.frame.crs.to_epsg() == 4545
    assert layer.frame.geometry.iloc[0].equals(plane.iloc[0])
    assert layer.sound.crs.to_epsg() == 4490
    assert layer.sound.total_bounds == pytest.approx(plane.to_crs(4490).total_bounds, abs=1e-6)
    assert len(shapely.get_coordinates(layer.geometries)) > 50, "edges of the plane are curved onto the ellipsoid"
    assert len(layer.sha256) == 64


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    written(tmp_path, {"id": ["a", "a"], "other": [1, 2]}, [SQUARE, SQUARE], crs=None)
    with pytest.raises(UnusableFileError) as refused:
        read(tmp_path, name="title", fields={"zone": "kind"})
    message = refused.value.say("en")
    for part in ("title, kind are missing", "occurs more than once: a", "no CRS"):
        assert part in message
    assert "缺少字段 title、kind" in refused.value.say("zh")


def test_empty_keys_are_refused(tmp_path: Path) -> None:
    written(tmp_path, {"id": ["a", None, " "]}, [SQUARE] * 3)
    with pytest.raises(UnusableFileError, match="is empty in 2 features"):
        read(tmp_path)


def test_declared_crs_fills_in_but_never_overrides(tmp_path: Path) -> None:
    written(tmp_path, {"id": ["a"]}, [SQUARE], crs=None)
    assert read(tmp_path, crs="EPSG:4490").sound.crs.to_epsg() == 4490
    written(tmp_path, {"id": ["a"]}, [SQUARE], crs="EPSG:4490")
    with pytest.raises(UnusableFileError, match=r"not the one layers\.toml gives"):
        read(tmp_path, crs="EPSG:4545")
    with pytest.raises(UnusableFileError, match="is not known"):
        read(tmp_path, crs="EPSG:nonsense")


def test_old_datum_is_refused(tmp_path: Path) -> None:
    written(tmp_path, {"id": ["a"]}, [shapely.box(620_000, 2_680_000, 621_000, 2_681_000)], crs="EPSG:2381")
    with pytest.raises(UnusableFileError, match="never a no-op"):
        read(tmp_path)


@pytest.mark.parametrize("size", [0, 100, 5000])
def test_truncated_file_is_refused(tmp_path: Path, size: int) -> None:
    path = written(tmp_path, {"id": ["a"]}, [SQUARE])
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(UnusableFileError, match=r"layer\.gpkg: (it cannot be read|the file is empty)"):
        read(tmp_path)


def test_missing_file_and_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="does not exist"):
        read(tmp_path)
    with pytest.raises(UnusableFileError, match="kind is not supported"):
        read(tmp_path, path="layer.vrt")


def test_unusable_geometry_is_set_aside_and_named(tmp_path: Path) -> None:
    flat = shapely.Polygon([(109, 24), (109.01, 24), (109, 24)])
    far = shapely.box(300, 24, 301, 25)
    written(tmp_path, {"id": list("abcde")}, [SQUARE, None, shapely.Polygon(), flat, far])
    layer = read(tmp_path)
    assert list(layer.ids) == ["a"]
    assert [(key, reason.en) for key, reason in layer.set_aside] == [
        ("b", "no geometry"),
        ("c", "empty geometry"),
        ("d", "degenerate: no area or length"),
        ("e", "coordinates beyond longitude and latitude"),
    ]
    assert len(layer.frame) == 5


def test_repair_is_recorded_with_both_areas(tmp_path: Path) -> None:
    written(tmp_path, {"id": ["tie", "ok"]}, [BOW_TIE, SQUARE])
    layer = read(tmp_path)
    (repair,) = layer.repairs
    assert repair.feature_id == "tie"
    assert "Self-intersection" in repair.reason
    assert repair.area_before_m2 == pytest.approx(0, abs=200), "the two halves of a bow-tie cancel as drawn"
    half = repair.area_after_m2
    assert half == pytest.approx(0.5 * 1107_000 * 1016_900 / 1e6, rel=0.02)
    assert shapely.is_valid(layer.geometries).all()
    assert np.array_equal(layer.frame.geometry.is_valid, [False, True])


def test_field_by_meaning(tmp_path: Path) -> None:
    written(tmp_path, {"id": ["a"], "LX": ["水源"]}, [SQUARE])
    layer = read(tmp_path, fields={"zone": "LX"})
    assert layer.field("zone") == "LX"
    with pytest.raises(UnusableFileError, match=r"name it in layers\.redlines\.fields"):
        layer.field("accuracy_m")
    assert np.isnan(layer.numbers("accuracy_m", is_needed=False)).all()


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
def test_shapefile_without_cpg(tmp_path: Path, encoding: str) -> None:
    frame = gpd.GeoDataFrame({"id": ["水源河", "大桥河"]}, geometry=gpd.GeoSeries([SQUARE, SQUARE], crs="EPSG:4490"))
    frame.to_file(tmp_path / "layer.shp", encoding=encoding)
    (tmp_path / "layer.cpg").unlink()
    layer = read(tmp_path, path="layer.shp")
    assert list(layer.ids) == ["水源河", "大桥河"]
    (doubt,) = layer.doubts
    assert {"UTF-8": "UTF-8", "GBK": "GB18030"}[encoding] in doubt.en


@pytest.mark.parametrize("suffix", ["geojson", "parquet", "shp", "gpkg"])
def test_every_format_gives_the_same_feature(tmp_path: Path, suffix: str) -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.GeoSeries([SQUARE], crs="EPSG:4326"))
    path = tmp_path / f"layer.{suffix}"
    frame.to_parquet(path) if suffix == "parquet" else frame.to_file(path)
    assert read(tmp_path, path=path.name).geometries[0].equals(SQUARE)


def test_geopackage_with_several_layers_wants_a_name(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.GeoSeries([SQUARE], crs="EPSG:4490"))
    for name in ("one", "two"):
        frame.to_file(tmp_path / "layer.gpkg", layer=name)
    with pytest.raises(UnusableFileError, match="it holds 2 layers"):
        read(tmp_path)
    with pytest.raises(UnusableFileError, match="no layer “three”"):
        read(tmp_path, layer="three")
    assert len(read(tmp_path, layer="two").sound) == 1


def test_digest_of_a_shapefile_counts_its_companions(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.GeoSeries([SQUARE], crs="EPSG:4490"))
    frame.to_file(tmp_path / "layer.shp", encoding="UTF-8")
    before = read(tmp_path, path="layer.shp").sha256
    assert read(tmp_path, path="layer.shp").sha256 == before
    table = tmp_path / "layer.dbf"
    table.write_bytes(table.read_bytes().replace(b"a   ", b"b   "))
    assert read(tmp_path, path="layer.shp").sha256 != before


def test_a_county_may_have_none_of_a_kind(tmp_path: Path) -> None:
    written(tmp_path, {"id": []}, [])
    with pytest.raises(UnusableFileError, match="has_none = true"):
        read(tmp_path)
    assert len(read(tmp_path, has_none=True).sound) == 0
    written(tmp_path, {"id": ["a"]}, [SQUARE])
    with pytest.raises(UnusableFileError, match="yet it holds 1 features"):
        read(tmp_path, has_none=True)


def test_another_datum_is_moved_by_the_best_operation_for_its_ground_and_says_so(tmp_path: Path) -> None:
    """Prague on S-JTSK: the operation made for Slovakia lies ten metres off."""
    import pyproj

    here = shapely.Point(14.42, 50.08)
    direct = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:5514", always_xy=True)
    x, y = direct.transform(here.x, here.y)
    written(tmp_path, {"id": ["a"]}, [shapely.box(x - 50, y - 50, x + 50, y + 50)], crs="EPSG:5514")
    layer = read(tmp_path)
    middle = shapely.centroid(layer.geometries[0])
    metres = pyproj.Geod(ellps="GRS80").inv(here.x, here.y, middle.x, middle.y)[2]
    assert metres < 1.0
    (doubt,) = layer.doubts
    assert "good to" in doubt.en
    assert "标称精度" in doubt.zh


def test_what_counts_as_cgcs2000_is_moved_without_a_doubt(tmp_path: Path) -> None:
    written(tmp_path, {"id": ["a"]}, [SQUARE], crs="EPSG:4326")
    assert read(tmp_path).doubts == ()


def reaches(folder: Path, rivers: list[str], **declared: object) -> Layer:
    """Write reach R1, drawn as a feature for each bank, 60 m apart, and a reach R2, and read them."""
    left, right = shapely.LineString([(109, 24), (109.01, 24)]), shapely.LineString([(109, 24.0006), (109.01, 24.0006)])
    other = shapely.LineString([(109.1, 24), (109.11, 24)])
    frame = gpd.GeoDataFrame(
        {"reach_id": ["R1", "R1", "R2"], "river": rivers, "bank": ["左岸", "右岸", ""]},
        geometry=[left, right, other],
        crs="EPSG:4490",
    )
    frame.to_file(folder / "reaches.gpkg")
    declaration = LayerDeclaration(role="river_reaches", path="reaches.gpkg", key="reach_id", name="river", **declared)
    return read_layer("river_reaches", declaration, folder)


def test_a_reach_drawn_bank_by_bank_is_one_reach_and_says_so(tmp_path: Path) -> None:
    layer = reaches(tmp_path, ["甲河", "甲河", "乙河"])
    assert layer.ids.tolist() == ["R1", "R2"]
    assert shapely.get_num_geometries(layer.geometries).tolist() == [2, 1]
    assert layer.doubts[0].en == "1 reaches are drawn in several features each, joined by their key: R1"


def test_features_of_one_key_that_say_different_things_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="occurs more than once: R1"):
        reaches(tmp_path, ["甲河", "丙河", "乙河"])
