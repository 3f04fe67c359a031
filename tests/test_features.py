"""Features for other programs: every one of them, in pages, within a box, as files, by OGC API - Features."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from conftest import ZONE_36, block, write_layer
from hypothesis import given
from hypothesis import strategies as st

from ecogeo.errors import UsageError
from ecogeo.features import CRS84, Asked, Collection, features_asked, read_asked
from ecogeo.geodesy import area_m2
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace
from viewer import create_app

pytestmark = pytest.mark.usefixtures("warm_viewer")

GRID = [shapely.box(x, y, x + 0.5, y + 0.5) for x in range(10) for y in range(5)]


def grid() -> Collection:
    frame = gpd.GeoDataFrame({"kind": ["a", "b"] * 25, "n": range(50)}, geometry=GRID, crs="EPSG:4490")
    return Collection("grid", Text("格", "grid"), Text("", ""), tuple(map(str, range(50))), frame)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, list(range(50))),
        ({"bbox": "0,0,0.6,1.2"}, [0, 1]),
        ({"bbox": "0,0,-5,0.6,1.2,5"}, [0, 1]),
        ({"bbox": "0.5,0.5,1,1"}, [0, 1, 5, 6]),
        ({"bbox": "9.2,0,0.9,0.6"}, [0, 45]),
        ({"bbox": "100,0,101,1"}, []),
        ({"kind": "a", "bbox": "0,0,0.6,2.2"}, [0, 2]),
        ({"n": "7"}, [7]),
        ({"kind": "nobody"}, []),
        ({"datetime": "2020-01-01T00:00:00Z/..", "crs": CRS84, "bbox-crs": CRS84, "n": "7"}, [7]),
    ],
)
def test_a_box_and_properties_choose_features(told: dict[str, str], expected: list[int]) -> None:
    held = grid()
    page = features_asked(held, read_asked({**told, "limit": "1000"}, held.fields))
    assert page.places.tolist() == expected
    assert page.matched == len(expected)


@given(limit=st.integers(1, 60), offset=st.integers(0, 70))
def test_pages_together_are_all_features_once(limit: int, offset: int) -> None:
    held, found = grid(), list[int]()
    page = features_asked(held, Asked(limit=limit, offset=offset))
    assert page.places.tolist() == list(range(50))[offset : offset + limit]
    at = 0
    while at < page.matched:
        found += features_asked(held, Asked(limit=limit, offset=at)).places.tolist()
        at += limit
    assert found == list(range(50))


@pytest.mark.parametrize(
    "told",
    [
        {"bbox": "1,2,3"},
        {"bbox": "a,b,c,d"},
        {"bbox": "0,5,1,4"},
        {"bbox": "nan,0,1,1"},
        {"bbox": "0,0,inf,1"},
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "1e3"},
        {"limit": "99999999999"},
        {"offset": "x"},
        {"offset": "²"},
        {"crs": "http://www.opengis.net/def/crs/EPSG/0/3857"},
        {"nothing": "1"},
    ],
)
def test_what_is_not_understood_is_refused(told: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        read_asked(told, grid().fields)


@given(text=st.text(max_size=40))
def test_no_box_breaks_the_reading(text: str) -> None:
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    with contextlib.suppress(UsageError):
        boxes = read_asked({"bbox": text}, ()).boxes
    assert all(south <= north and west <= east for west, south, east, north in boxes)


def test_more_than_the_most_is_cut_to_it() -> None:
    assert read_asked({"limit": "50000"}, ()).limit == 10_000


@pytest.fixture
def client(county_folder: Path) -> Any:
    return create_app(open_workspace(county_folder)).test_client()


def test_the_entrance_leads_to_every_answer(client: Any) -> None:
    landing = client.get("/ogc").json
    by_rel = {link["rel"]: link["href"] for link in landing["links"]}
    assert set(by_rel) == {"self", "service-desc", "conformance", "data"}
    for address in by_rel.values():
        assert client.get(address).status_code == 200
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
        in client.get(by_rel["conformance"]).json["conformsTo"]
    )
    described = client.get(by_rel["service-desc"])
    assert described.headers["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert set(described.json["paths"]) >= {"/collections/{collectionId}/items"}
    found = client.get(by_rel["data"]).json["collections"]
    assert [one["id"] for one in found] == [
        "county", "towns", "redlines", "sites", "river_reaches", "shorelines", "findings",
    ]  # fmt: skip
    for one in found:
        links = {link["rel"]: link["href"] for link in one["links"]}
        assert client.get(links["self"]).json["id"] == one["id"]
        assert client.get(links["items"]).json["type"] == "FeatureCollection"


def test_features_are_the_file_s_own_on_the_ellipsoid(client: Any, county_folder: Path) -> None:
    answer = client.get("/ogc/collections/redlines/items")
    assert answer.headers["Content-Type"] == "application/geo+json"
    page = answer.json
    assert (page["numberMatched"], page["numberReturned"]) == (2, 2)
    first = page["features"][0]
    assert first["id"] == "A"
    assert first["properties"] == {"redline_id": "A", "name": "甲"}
    own = shapely.from_geojson(json.dumps(first["geometry"]))
    expected = gpd.GeoSeries([block(1000, 1000, 1000, 1000)], crs=ZONE_36).to_crs("EPSG:4490")
    assert (
        shapely.hausdorff_distance(own, expected[0]) < 1e-7
    )  # a centimetre: long edges are given more corners, so that they lie as on the plane
    assert shapely.is_ccw(shapely.get_exterior_ring(own))


def test_pages_are_linked(client: Any) -> None:
    seen, address = [], "/ogc/collections/sites/items?limit=4"
    for _turn in range(9):
        page = client.get(address).json
        seen += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        (address,) = following
    assert len(seen) == len(set(seen)) == 11
    back = [link["href"] for link in page["links"] if link["rel"] == "prev"]
    assert "offset=4" in back[0]


def test_one_feature_by_its_key(client: Any) -> None:
    found = client.get("/ogc/collections/sites/items/half").json
    assert (found["type"], found["id"], found["properties"]["name"]) == ("Feature", "half", "用地 half")
    assert client.get("/ogc/collections/sites/items/none").status_code == 404
    assert client.get("/ogc/collections/nothing/items").status_code == 404


def test_a_property_chooses_and_what_is_unknown_is_refused(client: Any) -> None:
    found = client.get("/ogc/collections/sites/items?project_id=P1").json
    assert [one["id"] for one in found["features"]] == ["inside"]
    refused = client.get("/ogc/collections/sites/items?projekt=P1&bbox=1&lang=en")
    assert refused.status_code == 400
    assert "bbox is west,south,east,north" in refused.json["description"]
    assert "projekt" in refused.json["description"]


def test_the_findings_are_features_too(client: Any) -> None:
    page = client.get("/ogc/collections/findings/items?check=site_in_redline").json
    assert {one["properties"]["feature_id"] for one in page["features"]} >= {"inside", "half"}
    whole = client.get("/ogc/collections/findings/items?limit=1000").json
    assert whole["numberMatched"] == len(client.get("/api/findings").json)


def test_a_feature_that_cannot_be_drawn_is_there_without_its_shape(county_folder: Path) -> None:
    write_layer(
        county_folder,
        "redlines.gpkg",
        {
            "redline_id": ["A", "B"],
            "name": ["甲", None],
            "when": list(pd.to_datetime(["2024-05-01", None])),
            "n": [np.nan, 2.5],
        },
        [block(1000, 1000, 1000, 1000), None],
    )
    client = create_app(open_workspace(county_folder)).test_client()
    page = client.get("/ogc/collections/redlines/items").json
    assert [one["geometry"] is None for one in page["features"]] == [False, True]
    assert page["features"][0]["properties"]["n"] is None
    assert page["features"][0]["properties"]["when"].startswith("2024-05-01")
    assert page["features"][1]["properties"] == {"redline_id": "B", "name": None, "when": None, "n": 2.5}
    assert "1 geometries cannot be used" in client.get("/ogc/collections/redlines?lang=en").json["description"]
    for ending in ("csv", "geojson", "gpkg"):
        assert client.get(f"/downloads/redlines.{ending}").status_code == 200


def test_files_hold_every_feature_and_are_the_same_each_time(client: Any, tmp_path: Path) -> None:
    for ending in ("csv", "geojson", "gpkg"):
        answer, again = (client.get(f"/downloads/sites.{ending}") for _each in range(2))
        assert answer.data == again.data
        assert answer.headers["Content-Disposition"] == f"attachment; filename=sites.{ending}"
        path = tmp_path / f"sites.{ending}"
        path.write_bytes(answer.data)
        if ending != "csv":
            frame = pyogrio.read_dataframe(path)
            assert sorted(frame["site_id"]) == sorted(pyogrio.read_dataframe(tmp_path / "sites.geojson")["site_id"])
            assert len(frame) == 11
    rows = list(csv.DictReader(io.StringIO((tmp_path / "sites.csv").read_text("utf-8-sig"))))
    inside = next(row for row in rows if row["site_id"] == "inside")
    expected = gpd.GeoSeries([block(1200, 1200, 100, 100)], crs=ZONE_36).to_crs("EPSG:4490")
    assert float(inside["area_m2"]) == pytest.approx(area_m2(np.array(expected))[0], abs=0.006)
    assert abs(float(inside["lon"]) - expected[0].centroid.x) < 0.001
    assert {row["length_m"] != "" for row in rows if row["site_id"] == "pipeline"} == {True}
    assert {row["length_m"] for row in rows if row["site_id"] == "inside"} == {""}


def test_the_page_of_files_names_every_collection(client: Any) -> None:
    page = client.get("/downloads").text
    for name in ("county", "redlines", "findings"):
        for ending in ("csv", "geojson", "gpkg"):
            assert f'/downloads/{name}.{ending}"' in page
    assert "http://localhost/ogc" in page
    assert client.get("/downloads/redlines.exe").status_code == 404
    assert client.get("/downloads/..%2Flayers.csv").status_code == 404


def test_a_layer_that_cannot_be_read_keeps_no_other_back(county_folder: Path) -> None:
    client = create_app(open_workspace(county_folder)).test_client()
    client.get("/")  # the checks have run
    (county_folder / "layers" / "shorelines.gpkg").write_bytes(b"gone")
    fresh = create_app(open_workspace(county_folder)).test_client()
    answer = fresh.get("/ogc/collections/redlines/items")
    assert answer.json["numberMatched"] == 2
    assert fresh.get("/ogc/collections/shorelines/items").status_code == 500
    assert "shorelines.gpkg" in fresh.get("/ogc/collections/shorelines/items").json["problems"][0]
