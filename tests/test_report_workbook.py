"""The workbook: figures held against an independent geodesic, formulas recalculated, text that stays text."""

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyproj
import pytest
import shapely
from conftest import block, write_layer
from report_county import TWO_PATCHES, material, metres, with_landuse

from ecogeo.inspection import inspect_file
from ecogeo.report.area_sheets import reason_text
from ecogeo.report.corner_sheet import is_surely_placed, rings_of
from ecogeo.report.occupation import NO_PATCH, NO_TOWN, TWICE
from ecogeo.report.outlines import outlines_of, without_added_points
from ecogeo.report.sheet_writer import Column, Formula, Sheet, render_workbook
from ecogeo.report.workbook import workbook_bytes
from ecogeo.sites import sites_of
from ecogeo.wording import Text
from ecogeo.workspace import open_workspace

GEOD = pyproj.Geod(ellps="GRS80")
TO_LONLAT = pyproj.Transformer.from_crs(4545, 4490, always_xy=True)


def geodesic_m2(x: float, y: float, width: float, height: float) -> float:
    """Measure a rectangle of the small county by an independent tool: geodesics between its corners."""
    corners = [metres(x, y), metres(x + width, y), metres(x + width, y + height), metres(x, y + height)]
    lon, lat = zip(*(TO_LONLAT.transform(*corner) for corner in corners), strict=True)
    return abs(GEOD.polygon_area_perimeter(lon, lat)[0])


def rows_of(content: bytes, sheet: str, *, values: bool = True) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=values)
    return list(book[sheet].iter_rows(min_row=4, values_only=True))


@pytest.fixture
def county(county_folder: Path) -> Path:
    with_landuse(county_folder)
    return county_folder


def test_a_hit_is_parted_by_town_and_class_and_adds_up(county: Path) -> None:
    # "half" is 200 m × 100 m from x = 1900; red line A ends at x = 2000, forest at x = 1950.
    case = material(county).chosen(["half"])[0]
    rows = case.occupation
    whole, hit = rows[rows["layer"] == ""], rows[rows["layer"] == "redlines"]
    assert list(zip(whole["town"], whole["class"], strict=True)) == [("西镇", "0103"), ("西镇", "0301")]
    assert whole["area_m2"].sum() == pytest.approx(geodesic_m2(1900, 1500, 200, 100), abs=0.01)
    assert list(whole["area_m2"]) == pytest.approx(
        [geodesic_m2(1950, 1500, 150, 100), geodesic_m2(1900, 1500, 50, 100)], abs=0.01
    )
    assert list(hit["area_m2"]) == pytest.approx(
        [geodesic_m2(1950, 1500, 50, 100), geodesic_m2(1900, 1500, 50, 100)], abs=0.01
    )
    # 扣除系数 0.06 leaves 94 % of the cropland, all of the forest
    assert list(hit["net_m2"] / hit["area_m2"]) == pytest.approx([0.94, 1.0], abs=1e-5)


def test_ground_in_no_town_and_no_patch_is_told(county: Path) -> None:
    # "astride" is 200 m × 100 m, half of it east of the county
    rows = material(county).chosen(["astride"])[0].occupation
    outside = rows[rows["town"] == NO_TOWN.zh]
    assert list(outside["class_name"]) == [NO_PATCH.zh]
    assert float(outside["area_m2"].iloc[0]) == pytest.approx(geodesic_m2(10_000, 5000, 100, 100), abs=0.01)
    assert rows["area_m2"].sum() == pytest.approx(geodesic_m2(9900, 5000, 200, 100), abs=0.02)


def test_patches_that_overlap_are_counted_and_taken_back(county_folder: Path) -> None:
    with_landuse(county_folder, {**TWO_PATCHES, "3": (block(1900, 1500, 20, 100), "0201", "0")})
    rows = material(county_folder).chosen(["half"])[0].occupation
    whole = rows[rows["layer"] == ""].set_index("class_name")["area_m2"]
    twice = geodesic_m2(1900, 1500, 20, 100)
    assert whole[TWICE.zh] == pytest.approx(-twice, abs=0.01)
    assert whole.sum() == pytest.approx(geodesic_m2(1900, 1500, 200, 100), abs=0.01)


def test_a_line_is_parted_by_length(county: Path) -> None:
    # the pipeline runs 3000 m along y = 1500, 1000 m of it in red line A
    rows = material(county).chosen(["pipeline"])[0].occupation
    whole, hit = rows[rows["layer"] == ""], rows[rows["layer"] == "redlines"]
    assert whole["length_m"].sum() == pytest.approx(3000, abs=1.2)
    assert list(hit["class"]) == ["0103", "0301"]
    assert list(hit["length_m"]) == pytest.approx([50.0, 950.0], abs=0.4)
    assert rows["area_m2"].isna().all()


def test_totals_are_formulas_that_agree_with_the_screening(county: Path) -> None:
    made = material(county)
    content = workbook_bytes(made, made.chosen(["half"]))
    values, formulas = rows_of(content, "占用汇总"), rows_of(content, "占用汇总", values=False)
    assert len(values) == 1
    assert values[0][-1] == "相符"
    assert str(formulas[0][6]).startswith("=SUM('套合分析表'!I")
    assert float(str(values[0][6])) == pytest.approx(geodesic_m2(1900, 1500, 100, 100), abs=0.01)
    assert float(str(values[0][9])) == pytest.approx(0.5, abs=1e-4)
    screening = made.report.tables["screening"].set_index(["site_id", "layer"])
    assert float(str(values[0][6])) == pytest.approx(screening.loc[("half", "redlines"), "overlap_m2"], abs=0.005)


def test_the_same_inputs_give_the_same_bytes(county: Path) -> None:
    first, second = material(county), material(county)
    assert workbook_bytes(first, first.cases) == workbook_bytes(second, second.cases)


def test_text_that_looks_like_a_formula_stays_text(county: Path) -> None:
    name = '=HYPERLINK("http://x","y")'
    columns: dict[str, list[object]] = {
        "site_id": ["=1+1"],
        "name": [name],
        "accuracy_m": [0.0],
        "project_id": [""],
        "location_basis": ["drawn polygon"],
    }
    write_layer(county, "sites.gpkg", columns, [block(1200, 1200, 100, 100)])
    made = material(county)
    content = workbook_bytes(made, made.chosen(["=1+1"]))
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = {cell.value: cell.data_type for row in book["套合分析表"].iter_rows(min_row=4, max_col=3) for cell in row}
    assert cells == {"=1+1": "s", name: "s"}


def test_boundary_points_are_those_of_the_plane(county: Path) -> None:
    made = material(county)
    content = workbook_bytes(made, made.chosen(["inside"]))
    rows = rows_of(content, "界址点成果表")
    assert [row[4] for row in rows] == ["J1", "J2", "J3", "J4", "J1"]
    # drawn at 1200 m from the corner, 100 m wide: north-west first, clockwise, X north and Y east
    assert [(row[5], row[6]) for row in rows] == [
        *((2681300.0, 621200.0), (2681300.0, 621300.0), (2681200.0, 621300.0), (2681200.0, 621200.0)),
        (2681300.0, 621200.0),
    ]
    assert [row[7] for row in rows] == [None, 100.0, 100.0, 100.0, 100.0]
    assert "第 36 带" in str(rows[0][8])


def test_holes_go_the_other_way_round() -> None:
    shape = shapely.difference(shapely.box(0, 0, 10, 10), shapely.box(4, 4, 6, 6))
    outer, hole = rings_of(shape)
    assert (outer.kind, hole.kind, hole.first) == ("outer", "hole", 5)
    turn = [
        sum(ring.east[one] * ring.north[(one + 1) % 4] - ring.east[(one + 1) % 4] * ring.north[one] for one in range(4))
        for ring in (outer, hole)
    ]
    assert turn[0] < 0 < turn[1]


def test_points_added_on_the_way_are_no_boundary_points() -> None:
    surveyed = shapely.Polygon([(0, 0), (300, 0), (300, 20), (150, 20), (140, 20), (0, 20)])
    parted = shapely.segmentize(surveyed, 70)
    assert shapely.get_num_coordinates(parted) > 12
    kept = without_added_points(parted)
    # the two points on the long edge stay: they do not part it evenly
    assert shapely.get_coordinates(kept).tolist() == shapely.get_coordinates(surveyed).tolist()
    other = shapely.box(0, 100, 30, 130)
    two = without_added_points(shapely.MultiPolygon([parted, other]))
    assert shapely.equals_exact(two, shapely.MultiPolygon([surveyed, other]))
    straight = shapely.segmentize(shapely.LineString([(0, 0), (500, 0)]), 70)
    assert shapely.get_coordinates(without_added_points(straight)).tolist() == [[0, 0], [500, 0]]


def test_a_file_from_outside_has_the_points_of_the_survey(county: Path) -> None:
    """The sites of a file in a plane go through degrees, with points added; the sheet shows the four surveyed."""
    path = county / "parcel.geojson.gpkg"
    gpd.GeoDataFrame({"name": ["外来"]}, geometry=[block(1200, 1200, 500, 300)], crs=4545).to_file(path)
    found = inspect_file(path, is_whole=True)
    screened = open_workspace(county).with_sites(sites_of(found, path))
    outline = outlines_of(screened.layer("project_sites"))["S1"]
    points = [(round(x, 3), round(y, 3)) for x, y in shapely.get_coordinates(outline.shape)[:-1]]
    assert sorted(points) == [
        *((621200.0, 2681200.0), (621200.0, 2681500.0), (621700.0, 2681200.0), (621700.0, 2681500.0)),
    ]


def test_a_site_that_is_not_surely_placed_has_no_boundary_points(county: Path) -> None:
    made = material(county)
    case = made.chosen(["near"])[0]
    assert not is_surely_placed(case.record.sites[0])
    rows = rows_of(workbook_bytes(made, [case]), "界址点成果表")
    assert len(rows) == 1
    assert rows[0][5] is None
    assert "精度 100 米" in str(rows[0][8])


def test_without_coordinates_no_coordinate_is_in_the_file(county: Path) -> None:
    made = material(county)
    inside = made.chosen(["inside"])

    def numbers(content: bytes) -> str:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return "".join(package.read(name).decode("utf-8") for name in package.namelist())

    assert "621200" in numbers(workbook_bytes(made, inside))
    assert "621200" not in numbers(workbook_bytes(made, inside, with_coordinates=False))


def test_every_sliver_is_in_the_ledger(county: Path) -> None:
    # "sliver" overlaps red line A in a strip 0.05 m wide and 200 m long
    made = material(county)
    rows = rows_of(workbook_bytes(made, made.chosen(["sliver"])), "细碎图斑台账")
    assert [row[2] for row in rows] == ["sliver"]
    assert float(str(rows[0][5])) == pytest.approx(10.0, abs=0.02)
    assert "平均宽度小于 0.1 米" in str(rows[0][7])
    assert reason_text("area under 1 m2; digitising").zh == "面积小于 1 平方米；数字化误差"


def test_projects_without_a_site_are_undetermined_in_one_row(county: Path) -> None:
    made = material(county)
    content = workbook_bytes(made, made.cases)
    rows = [row for row in rows_of(content, "占用汇总") if row[0] == "P2"]
    assert len(rows) == 1
    assert rows[0][4] == "无法判断"
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert {"判断矩阵", "指标表", "项目表", "审计清单", "依据与来源"} <= set(book.sheetnames)
    total = [row for row in rows_of(content, "项目表") if row[3] == "合计"]
    assert total[0][8] == 120.5  # 100.5 + 20


def test_pages_are_ready_to_print(county: Path) -> None:
    made = material(county)
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(made, made.cases)))
    for sheet in book.worksheets:
        assert sheet.freeze_panes is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert int(sheet.page_setup.fitToHeight) == 0
        assert sheet.print_title_rows == "$3:$3"
        assert str(sheet.page_setup.paperSize) in {"8", "9"}
    assert book["套合分析表"]["I4"].number_format == "#,##0.00"
    assert book["套合分析表"]["J4"].number_format == "#,##0.0000"


def test_cells_a_sheet_cannot_hold_are_written_as_they_can(tmp_path: Path) -> None:
    columns = (Column(Text("文", "text"), 10), Column(Text("数", "figure"), 10, "m2"))
    rows = [["x" * 40_000, float("nan")], ["a\x07b", Formula("1+1", 2)]]
    content = render_workbook(
        [Sheet(Text("表", "sheet"), Text("表", "sheet"), columns, rows)],
        title=Text("表", "t"),
        mark=Text("&", "&"),
        lang="zh",
    )
    written = rows_of(content, "表")
    assert str(written[0][0]).endswith("…（已截断）")
    assert len(str(written[0][0])) <= 32_767
    assert written[0][1] is None
    assert written[1][1] == 2


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed: formulas are not recalculated"
)
def test_formulas_recalculated_by_another_program_come_to_the_same(county: Path, tmp_path: Path) -> None:
    made = material(county)
    content = workbook_bytes(made, made.cases)
    wiped = _without_values(content)
    (tmp_path / "in.xlsx").write_bytes(wiped)
    profile = tmp_path / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, "utf-8")
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(tmp_path / "in.xlsx")],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    mine = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(content))
    theirs = openpyxl.load_workbook(tmp_path / "out" / "in.xlsx", data_only=True)
    compared = 0
    for sheet in formulas.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    own, other = mine[sheet.title][cell.coordinate].value, theirs[sheet.title][cell.coordinate].value
                    assert other == (own if isinstance(own, str) else pytest.approx(own, abs=1e-9)), cell.coordinate
                    compared += 1
    assert compared > 50


def _without_values(content: bytes) -> bytes:
    """Take the stored values out of the formula cells, so that whoever shows them must have recalculated them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(out, "w") as emptied:
        for name in package.namelist():
            text = package.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", text)
            emptied.writestr(name, text)
    return out.getvalue()


_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def test_a_county_without_towns_or_land_use_has_one_row_per_hit(county_folder: Path) -> None:
    toml = county_folder / "layers" / "layers.toml"
    text = toml.read_text("utf-8")
    start = text.index("[layers.towns]")
    toml.write_text(text[:start] + text[text.index("[layers.redlines]") :], "utf-8")
    rows = material(county_folder).chosen(["half"])[0].occupation
    assert list(rows["layer"]) == ["", "redlines"]
    assert list(rows["town"]) == ["", ""]
    assert isinstance(rows, pd.DataFrame)
