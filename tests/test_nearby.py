"""Large layers cut to what lies near: sites are answered as against the whole layer, which nobody holds."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from many_parcels import parcels

from ecogeo.catalog import LayerDeclaration
from ecogeo.check import choose_checks, run_checks
from ecogeo.errors import UnusableFileError, UsageError
from ecogeo.features import collection, collections, features_asked, read_asked, render_file
from ecogeo.features.speaking import feature_objects
from ecogeo.finding import Report
from ecogeo.layer import Layer, read_layer
from ecogeo.palette import LAYER_STYLES
from ecogeo.tiles import laying, nearby, pack_layer, rows
from ecogeo.tiles.nearby import county_near, large_local_layers, make_rows
from ecogeo.tiles.opening import features_declared, streamed_pack
from ecogeo.tiles.packing import pack_rows
from ecogeo.tiles.places import known_digest
from ecogeo.tiles.rows import row_store
from ecogeo.workspace import Workspace, open_workspace

SIDE = 40
LAYERS = """
[county]
code = "000002"
name = "田县"

[layers.county]
role = "county"
path = "county.gpkg"
key = "code"

[layers.farmland]
role = "farmland"
path = "farmland.{kind}"
key = "parcel_id"
name = "parcel_name"
title = "永久基本农田"
coverage = "county"
"""


def write_county(root: Path, kind: str) -> Workspace:
    """Write a county of parcels, every eleventh of them missing, one crossing itself."""
    (root / "layers").mkdir(parents=True)
    (root / "layers" / "layers.toml").write_text(LAYERS.format(kind=kind), "utf-8")
    shapes = parcels(SIDE, SIDE)
    kept = np.flatnonzero(np.arange(len(shapes)) % 11 > 0)
    shapes = shapes[kept]
    shapes[7] = shapely.Polygon([(109.0, 24.0), (109.001, 24.001), (109.001, 24.0), (109.0, 24.001)])
    frame = gpd.GeoDataFrame(
        {"parcel_id": [f"{number:05d}" for number in kept], "parcel_name": "地块", "deduction": kept % 5 / 10},
        geometry=shapes,
        crs="EPSG:4490",
    )
    place = root / "layers" / f"farmland.{kind}"
    frame.to_parquet(place) if kind == "parquet" else frame.to_file(place)
    outline = gpd.GeoDataFrame({"code": ["c"]}, geometry=[shapely.box(108.98, 23.98, 109.2, 24.1)], crs="EPSG:4490")
    outline.to_file(root / "layers" / "county.gpkg")
    return open_workspace(root)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fields") / "county"
    write_county(root, "gpkg")
    return root


@pytest.fixture
def county(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(nearby, "LARGE_FEATURES", 1000)
    monkeypatch.setattr(rows, "_ROWS", 300)
    return open_workspace(folder)


def sites_of(county: Workspace, tmp_path: Path, shapes: list[shapely.Geometry], **columns: object) -> Layer:
    """Return shapes as sites of a county."""
    frame = gpd.GeoDataFrame(
        {"site_id": [f"S{number}" for number in range(len(shapes))], "accuracy_m": 0.0, **columns},
        geometry=shapes,
        crs="EPSG:4490",
    )
    frame.to_file(tmp_path / "sites.gpkg")
    declared = county.catalog.layers["farmland"].model_copy(
        update={
            "role": "project_sites",
            "path": "sites.gpkg",
            "key": "site_id",
            "name": "",
            "title": "",
            "coverage": "",
        }
    )
    return read_layer("sites", declared, tmp_path)


def many_sites() -> list[shapely.Geometry]:
    """Return sites of all kinds: in the fields, in gaps, over the edge, far away, points and lines."""
    noise = np.random.default_rng(7)
    west, south = noise.uniform(108.99, 109.09, 60), noise.uniform(23.99, 24.09, 60)
    wide, high = 10.0 ** noise.uniform(-5, -2.2, 60), 10.0 ** noise.uniform(-5, -2.2, 60)
    boxes = list(shapely.box(west, south, west + wide, south + high))
    far = [shapely.box(111.0, 25.0, 111.001, 25.001), shapely.Point(109.19, 24.09), shapely.Point(109.0301, 24.0407)]
    lines = [
        shapely.LineString([(109.001, 24.001), (109.07, 24.06)]),
        shapely.LineString([(109.1, 24.02), (109.19, 24.03)]),
    ]
    return [*boxes, *far, *lines]


def told(county: Workspace, sites: Layer) -> tuple[list[object], dict[str, pd.DataFrame]]:
    report = run_checks(county.with_sites(sites), choose_checks(["site_in_farmland"]))
    return [(one.message, one.value, one.severity) for _, one in report.findings], dict(report.tables)


def test_sites_are_answered_as_against_the_whole_layer(county: Workspace, folder: Path, tmp_path: Path) -> None:
    shapes = many_sites()
    accuracy = np.resize([0.0, 0.0, 30.0, np.nan, 150.0], len(shapes))
    widths = np.where(shapely.get_dimensions(shapes) == 1, 12.0, np.nan)
    sites = sites_of(county, tmp_path, shapes, accuracy_m=accuracy, corridor_width_m=widths)
    assert large_local_layers(county) == ("farmland",)
    near = county_near(county, sites)
    found, tables = told(near, sites)
    whole, whole_tables = told(open_workspace(folder), sites)
    assert found == whole
    for name, frame in whole_tables.items():
        pd.testing.assert_frame_equal(tables[name], frame, check_exact=True)
    assert ("layer", "farmland") not in county._held, "the layer itself was never read"


def test_one_site_takes_what_lies_near_it_alone(county: Workspace, folder: Path, tmp_path: Path) -> None:
    for shape in many_sites()[::6]:
        sites = sites_of(county, tmp_path, [shape])
        found, tables = told(county_near(county, sites), sites)
        whole, whole_tables = told(open_workspace(folder), sites)
        assert found == whole
        pd.testing.assert_frame_equal(tables["screening"], whole_tables["screening"], check_exact=True)
    sites = sites_of(county, tmp_path, [shapely.box(109.02, 24.02, 109.021, 24.021)])
    held = county_near(county, sites).layer("farmland")
    box = shapely.box(109.02, 24.02, 109.021, 24.021).buffer(0.02)
    assert 20 < len(held.sound) < 400
    assert shapely.intersects(box, held.geometries).all()
    wider = county_near(county, sites, room=3.0).layer("farmland")
    assert len(wider.sound) > len(held.sound)
    whole_layer = open_workspace(folder).layer("farmland")
    taken = whole_layer.sound.loc[held.sound.index]
    assert taken["parcel_id"].tolist() == held.sound["parcel_id"].tolist()
    assert taken["deduction"].tolist() == held.sound["deduction"].tolist()
    assert shapely.equals_exact(np.asarray(taken.geometry.array), held.geometries, 0.0).all()
    assert (held.set_aside, held.repairs, held.sha256) == (
        whole_layer.set_aside,
        whole_layer.repairs,
        whole_layer.sha256,
    )
    assert held.repairs[0].feature_id == "00008", "the parcel that crosses itself, wherever it lies"


def test_parquet_is_laid_out_as_a_geopackage_is(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_ROWS", 300)
    county, other = write_county(tmp_path / "county", "parquet"), open_workspace(folder)
    stores = []
    for one, kind in ((county, "parquet"), (other, "gpkg")):
        path = one.layer_folder / f"farmland.{kind}"
        stores.append(row_store(path, one.catalog.layers["farmland"], tmp_path / kind, known_digest(path)))
    left, right = (store.take(np.array([0, 299, 300, 899, 1453])) for store in stores)
    assert left["parcel_id"].tolist() == right["parcel_id"].tolist() == ["00001", "00329", "00331", "00989", "01599"]
    assert left.geometry.geom_equals_exact(right.geometry, 0.0).all()
    assert np.array_equal(stores[0].boxes, stores[1].boxes)


def test_a_kind_that_is_read_whole_is_laid_out_by_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = write_county(tmp_path / "county", "fgb")
    assert features_declared(county, "farmland") is None, "it is small"
    monkeypatch.setattr(nearby, "LARGE_FEATURES", 1000)
    monkeypatch.setattr(laying, "LARGE_BYTES", 1000)
    assert features_declared(county, "farmland") == 1454
    monkeypatch.setattr(laying.subprocess, "run", None)  # from now on nothing is read again
    style = LAYER_STYLES["farmland"]
    pack, whole = streamed_pack(county, "farmland", style), open_workspace(county.root).layer("farmland")
    held = pack_layer(whole, style, tmp_path / "packs")
    assert (pack.digest, pack.count, pack.repaired) == (held.digest, held.count, held.repaired)
    assert np.array_equal(pack.xy, held.xy)
    assert pack.words().equals(held.words())
    sites = sites_of(county, tmp_path, many_sites()[::7])
    found, tables = told(county_near(county, sites), sites)
    every, whole_tables = told(open_workspace(county.root), sites)
    assert found == every
    pd.testing.assert_frame_equal(tables["screening"], whole_tables["screening"], check_exact=True)
    assert ("layer", "farmland") not in county._held


def test_a_layer_that_would_be_refused_is_refused_with_everything(county: Workspace, tmp_path: Path) -> None:
    shapes = shapely.box(np.arange(1200) * 1e-4, 24.0, np.arange(1200) * 1e-4 + 1e-4, 24.001)
    frame = gpd.GeoDataFrame({"parcel_id": ["a"] * 2 + [str(n) for n in range(1198)]}, geometry=shapes)
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(tmp_path / "farmland.gpkg")
    declared = county.catalog.layers["farmland"]
    for changed in ({}, {"name": "parcel_id", "crs": "EPSG:4490"}):
        one = declared.model_copy(update=changed)
        with pytest.raises(UnusableFileError) as whole:
            read_layer("farmland", one, tmp_path)
        with pytest.raises(UnusableFileError) as laid_out:
            row_store(tmp_path / "farmland.gpkg", one, tmp_path / "rows", "x")
        assert set(laid_out.value.problems) <= set(whole.value.problems)
    assert [problem.en for problem in laid_out.value.problems] == [
        "farmland.gpkg: the key parcel_id occurs more than once: a"
    ]
    assert list((tmp_path / "rows").iterdir()) == [], "nothing is left of what was not finished"


def test_a_store_that_is_not_whole_is_made_anew(county: Workspace, tmp_path: Path) -> None:
    path, declared = county.layer_folder / "farmland.gpkg", county.catalog.layers["farmland"]
    made = row_store(path, declared, tmp_path, "x")
    (made.folder / "told.json").unlink()
    assert len(row_store(path, declared, tmp_path, "x")) == len(made) == 1454
    assert len(list(tmp_path.iterdir())) == 1


def test_a_layer_that_is_not_large_is_held_whole(folder: Path, tmp_path: Path) -> None:
    county = open_workspace(folder)
    make_rows(county)
    sites = sites_of(county, tmp_path, [shapely.Point(109.0, 24.0)])
    assert county_near(county, sites) is county


def test_other_programs_take_a_large_layer_in_pages(
    county: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = collection(open_workspace(folder), "farmland", lambda: Report("", ()), "zh")
    monkeypatch.setattr(collections, "LARGE_FEATURES", 1000)
    held = collection(county, "farmland", lambda: Report("", ()), "zh")
    assert held is not None
    assert whole is not None
    assert held.rows is not None
    assert (held.count, held.box, held.fields, held.description) == (
        whole.count,
        whole.box,
        whole.fields,
        whole.description,
    )
    for told in (
        {},
        {"limit": "7", "offset": "598"},
        {"bbox": "109.02,24.02,109.0303,24.0401"},
        {"bbox": "109.02,24.02,109.04,24.04", "deduction": "0.3", "limit": "5"},
        {"bbox": "170,24,-170,25"},
        {"parcel_id": "00331"},
    ):
        asked = read_asked(told, whole.fields)
        page, every = features_asked(held, asked), features_asked(whole, asked)
        assert (page.matched, page.places.tolist()) == (every.matched, every.places.tolist())
        assert feature_objects(held, page.places) == feature_objects(whole, every.places)
    assert (held.place("00331"), held.place("nobody")) == (whole.place("00331"), None)
    with pytest.raises(UsageError, match="1454 features are too many"):
        render_file(held, "geojson", folder)
    assert ("layer", "farmland") not in county._held


def test_what_cannot_be_measured_is_in_the_pages_without_geometry(tmp_path: Path) -> None:
    shapes = [shapely.box(0, 0, 1, 1), None, shapely.LineString([(0, 0), (1, 1)]), shapely.Polygon()]
    frame = gpd.GeoDataFrame({"parcel_id": list("abcd"), "parcel_name": "x"}, geometry=shapes, crs="EPSG:4490")
    frame.to_file(tmp_path / "farmland.gpkg")
    declared = open_declared(tmp_path)
    held = row_store(tmp_path / "farmland.gpkg", declared, tmp_path / "rows", "x")
    assert held.dimensions.tolist() == [2, rows.NO_GEOMETRY, 1, rows.NO_GEOMETRY]
    taken = held.take(np.arange(4))
    assert taken["parcel_id"].tolist() == list("abcd")
    assert taken.geometry.isna().tolist() == [False, True, False, True]
    assert [key for key, _ in held.set_aside] == ["b", "d"]
    layer = read_layer("farmland", declared, tmp_path)
    same = rows.keep_rows(layer, tmp_path / "other").take(np.arange(4))
    assert same["parcel_id"].tolist() == list("abcd")
    assert same.geometry.geom_equals(taken.geometry).tolist() == [True, False, True, False], "none equals none"
    assert pack_rows(held, declared, LAYER_STYLES["farmland"], tmp_path / "packs", "x").count == 2


def open_declared(folder: Path) -> LayerDeclaration:
    (folder / "layers").mkdir()
    (folder / "layers" / "layers.toml").write_text(LAYERS.format(kind="gpkg"), "utf-8")
    return open_workspace(folder).catalog.layers["farmland"]
