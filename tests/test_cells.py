"""Land cover in cells on the map: colours where the cells are, versions, and what is refused."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from conftest import ORIGIN
from flask.testing import FlaskClient
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from PIL import Image
from test_landcover import COUNTY, COVER, declare, quarters
from test_zonal import write_classes

from ecogeo.board.projects import project_records
from ecogeo.cells import cell_layers, draw_cells
from ecogeo.check import choose_checks, run_checks
from ecogeo.errors import UnusableFileError
from ecogeo.export.page import export_page
from ecogeo.palette import COVER_COLOURS, UNNAMED_COVER
from ecogeo.present.handout_map import paint_step_layers
from ecogeo.present.steps import Step
from ecogeo.report.mapsheet.page import Box, view_of
from ecogeo.wording import Text
from ecogeo.workspace import Workspace, open_workspace
from viewer import create_app

pytestmark = pytest.mark.usefixtures("warm_viewer")

EARLIER = '[layers.landcover.earlier]\npath = "before.tif"\ndate = "2020-01-01"\nversion = "v0"\n'


def two_dates(folder: Path) -> Workspace:
    """Declare a county's land cover in four upright strips, now and before."""
    declare(folder, COVER.rstrip() + '\nversion = "v1"\n', EARLIER)
    named = {"CLASS_1": "耕地", "CLASS_3": "林地", "CLASS_4": "森林", "CLASS_9": "未分类"}
    for name, codes in (("landcover", quarters(1, 3, 4, 0)), ("before", quarters(1, 1, 9, 5))):
        write_classes(folder / "layers" / f"{name}.tif", codes, transform=COUNTY, **named)
    return open_workspace(folder)


def colours_at(png: bytes, *places: float) -> list[str | None]:
    """Return the colours half-way up at shares of the width; None where the picture is clear."""
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    found = [image.getpixel((int(place * image.width), image.height // 2)) for place in places]
    return [None if one[3] == 0 else "#{:02X}{:02X}{:02X}".format(*one[:3]) for one in found]  # type: ignore[index]


def test_colours_lie_where_the_cells_are(county_folder: Path) -> None:
    county = two_dates(county_folder)
    now, before = cell_layers(county)
    assert [(one.name, one.source) for one in (now, before)] == [
        ("landcover", "v1"),
        ("landcover.earlier", "2020-01-01 · v0"),
    ]
    made = draw_cells(county, now)
    cropland, forest = COVER_COLOURS["cropland"][1], COVER_COLOURS["forest"][1]
    strips = colours_at(made.png, 0.125, 0.375, 0.625, 0.875)
    assert strips[:2] == [cropland, forest]
    assert strips[2] not in {cropland, forest, None}, "another forest, in another shade"
    assert strips[3] is None, "no data is clear"
    assert [one.label.zh for one in made.classes] == ["耕地", "林地", "森林"]
    assert len({one.colour for one in made.classes}) == len({one.label.en for one in made.classes}) == 3
    assert made.cell_m == pytest.approx(100, rel=0.02)
    assert made.pixel_m == pytest.approx(made.cell_m, rel=0.05)
    # the county is 10 km wide some 100 km off its meridian: 0.0985 degrees at 24.25 N
    west, south, east, north = made.bounds
    assert east - west == pytest.approx(10_000 / 101_600, rel=0.02)
    assert north - south == pytest.approx(10_000 / 110_760, rel=0.02)
    assert draw_cells(county, now) == made


def test_what_nobody_names_is_said_to_be(county_folder: Path) -> None:
    county = two_dates(county_folder)
    made = draw_cells(county, cell_layers(county)[1])
    assert colours_at(made.png, 0.25, 0.875) == [COVER_COLOURS["cropland"][1], UNNAMED_COVER]
    assert [one.label.zh for one in made.classes] == ["耕地", "值 5（未说明）", "未分类"]


def test_measures_and_damaged_files_are_refused(county_folder: Path) -> None:
    county = two_dates(county_folder)
    path = county_folder / "layers" / "landcover.tif"
    write_classes(path, quarters(1, 2, 3, 4).astype(np.float32), transform=COUNTY)
    assert len(draw_cells(open_workspace(county_folder), cell_layers(county)[0]).classes) == 4, "whole numbers are"
    with pytest.raises(UnusableFileError):
        write_classes(path, quarters(1, 2, 3, 4) + np.float32(0.5), transform=COUNTY)  # it opens what it wrote
    with pytest.raises(UnusableFileError):
        draw_cells(open_workspace(county_folder), cell_layers(county)[0])
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(UnusableFileError):
        draw_cells(open_workspace(county_folder), cell_layers(county)[0])


@pytest.fixture
def client(county_folder: Path) -> FlaskClient:
    return create_app(two_dates(county_folder)).test_client()


def test_the_page_offers_both_dates(client: FlaskClient, county_folder: Path) -> None:
    page = client.get("/").text
    assert 'data-layer="landcover"' in page
    assert '<option value="landcover">土地覆盖 · 2020-01-01 · v0</option>' in page
    told = client.get("/api/cells/landcover.earlier?lang=en").json
    assert [one["label"] for one in told["classes"]] == ["cropland", "value 5 (not explained)", "not classified"]
    picture = client.get(told["url"])
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert client.get("/api/cells/redlines").status_code == 404
    (county_folder / "layers" / "before.tif").write_bytes(b"no raster")
    other = create_app(open_workspace(county_folder)).test_client()
    refused = other.get("/api/cells/landcover.earlier")
    assert refused.status_code == 409
    assert "before.tif" in refused.json["error"]


def test_the_steps_of_a_meeting_show_it(client: FlaskClient) -> None:
    page = client.get("/present").text
    block = re.search(r'<script type="application/json" id="present-data">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    layers = {one["name"]: one for one in json.loads(block[1])["map"]["layers"]}
    assert layers["landcover.earlier"]["url"] == "/present/layers/landcover.earlier.json"
    assert min(one["order"] for name, one in layers.items() if not name.startswith("landcover")) >= 0
    told = client.get(layers["landcover"]["url"]).json
    assert told["image"]["url"] == "/api/cells/landcover.png"
    assert [one["label"][0] for one in told["classes"]] == ["耕地", "林地", "森林"]


def test_a_sheet_shows_what_lies_in_its_frame(county_folder: Path) -> None:
    county = two_dates(county_folder)
    west, south = ORIGIN
    crs = pyproj.CRS.from_epsg(4545)
    view = view_of(shapely.box(west, south, west + 5000, south + 10_000), crs, Box(0, 0, 100, 200))
    axes = Figure().add_axes((0, 0, 1, 1))
    font = FontProperties(size=8)
    painted = paint_step_layers(axes, county, ("landcover", "landcover.earlier"), (), view, font=font)
    assert painted.left_out == ()
    now, before = axes.images
    for picture, strips in ((now, ("cropland", "forest")), (before, ("cropland", "cropland"))):
        left, right, bottom, top = picture.get_extent()
        assert (left, top) == pytest.approx((view.west, view.north))
        cells = np.asarray(picture.get_array())
        row = int((top - south - 5000) / (top - bottom) * len(cells))
        for east, kind in zip((west + 1250, west + 3750), strips, strict=True):
            red, green, blue, opacity = cells[row, int((east - left) / (right - left) * cells.shape[1])]
            assert (f"#{red:02X}{green:02X}{blue:02X}", opacity) == (COVER_COLOURS[kind][1], 255)
    assert "土地覆盖：林地" in {entry.label.zh for entry in painted.entries}


def test_the_one_file_holds_it(county_folder: Path) -> None:
    county = two_dates(county_folder)
    report = run_checks(county, choose_checks(["site_in_redline"]))
    records, steps = project_records(county, report), (Step(Text("一", "one")),)
    static = Path(__file__).parent.parent / "viewer" / "static"
    made = export_page(county, report, records, (), steps, static=static)
    assert made.page.count(b'"image":{"url":"data:image/png;base64,') == 2
    assert any(note.zh.startswith("土地覆盖 v1：图上每像素约 ") for note in made.notes)
    (county_folder / "layers" / "before.tif").write_bytes(b"no raster")
    broken = export_page(open_workspace(county_folder), report, records, (), steps, static=static)
    assert broken.page.count(b'"image":{"url":"data:image/png;base64,') == 1
    assert any("before.tif" in note.zh for note in broken.notes)
